# Floats: repr, arithmetic, special values, rounding, comparisons, math functions.
import math

for x in (0.1, 1.0, 1e16, 1e15, 123456789.123, 1e-5, 0.0001, 1e22, 1.5e300, -0.0, 2.5, 1 / 3, 1e100, 5e-324, 1.7976931348623157e308):
    print(x, end=" ")
print()
print(0.1 + 0.2, 1.1 * 1.1, 1e308 * 10, -1e308 * 10, 3.0 // 2, -3.0 // 2, 3.5 % 2, -3.5 % 2, 3.5 % -2)
nan = float("nan")
inf = float("inf")
print(nan, inf, -inf, nan == nan, nan != nan, nan < 1, inf > 1e308, inf - inf, 0.0 == -0.0)
print(float("1.5"), float("  -2e3 "), float("inf"), float(7), float(True), float("1_000.5"))
print(round(2.5), round(3.5), round(-2.5), round(2.675, 2), round(1234.5678, -2), round(0.5), round(1e20))
print(int(1e20), int(-1.9), 2.0 ** 0.5, 2 ** 0.5, 4 ** -1, 2.0 ** 10, (-8.0) ** 2)
print(divmod(7.5, 2), divmod(-7.5, 2), abs(-2.5), -(-2.5), +1.5)
print(math.sqrt(2), math.pi, math.e, math.floor(2.7), math.ceil(2.1), math.floor(-2.7), math.trunc(-2.7))
print(math.sin(1), math.cos(1), math.atan2(1, 2), math.exp(1), math.log(10), math.log(8, 2), math.log2(8), math.log10(1000))
print(math.hypot(3, 4), math.fabs(-3), math.gcd(12, 18), math.isnan(nan), math.isinf(inf), math.factorial(20))
print(3.0 == 3, 3.0 < 4, 2.5 > 2, 1e20 == 10 ** 20, 0.1 + 0.2 == 0.3, 1 < 1.5 < 2)
print("%.3f %5.1f %e %g %g %g" % (3.14159, 2.25, 12345.678, 0.0001, 1e10, 100000.0))
print(f"{3.14159:.2f} {2.5:8.3f} {1e6:,.2f} {0.5:%} {1234.5:e} {1e-7:g} {3.0:.0f}")
print(str(1.0), repr(1e5), 1e5 .is_integer(), (2.5).is_integer(), (0.5).as_integer_ratio())
print(sum([0.5] * 10), max(1.5, 2), min(1, 0.5), sorted([2.5, 1, 3.0, -1.5]))
t = 0.0
for i in range(1000):
    t += i * 0.1
print(t)
print(1e16 + 1, 2 ** 53 + 1.0, 9007199254740993 * 1.0, 10 ** 400 > 1.0)
