# Integers: limits of 64 bits, big integers, division, shifts, bit operations, conversions.
big = 2 ** 63
print(big, -big, big - 1, -big - 1)
a = 9223372036854775807
print(a + 1, a + a, a * a, -a - 2, a - (-a))
print((a + 1) - 1 == a, (a + 1) // 2, (a + 1) % 10, -(a + 1) // 7, -(a + 1) % 7)
b = -9223372036854775808
print(b, -b, b - 1, b // -1, b % -1, abs(b), b * -1)
for x in (7, -7):
    for y in (2, -2, 3, -3):
        print(x // y, x % y, divmod(x, y), end=" ")
print()
print(1 << 62, 1 << 63, 1 << 64, 1 << 100, (1 << 100) >> 98, -1 >> 5, -5 >> 1, 5 >> 70, -5 >> 70)
print(6 & 3, 6 | 3, 6 ^ 3, ~6, -6 & 255, -1 ^ 12345678901234567890)
print(10 ** 20, 2 ** 0, 0 ** 0, 7 ** 3, (-2) ** 3, 2 ** -1, 10 ** 18 * 10)
print(int("123"), int("-45"), int("  77  "), int("ff", 16), int("0b101", 0), int("zz", 36), int(3.99), int(-3.99), int(True))
print(int("123456789012345678901234567890") * 3)
print(0x1F, 0o17, 0b1011, 1_000_000, 0xFFFFFFFFFFFFFFFFFFFF)
print(bin(10), oct(64), hex(255), hex(-255), bin(-5))
print(7 / 2, -7 / 2, 1 / 3, 6 / 3, (2 ** 70) / (2 ** 69), 10 ** 25 / 10 ** 24)
print(True + True, True * 5, 3 - False, -True, ~True, True & False, True | 2, True ^ True)
print(1 == 1.0, 2 ** 53 == float(2 ** 53), 2 ** 53 + 1 == float(2 ** 53), 3 < 3.5, 10 ** 30 > 1e29, -1 < True)
print((5).bit_length(), (255).bit_length(), (2 ** 64).bit_length(), (0).bit_length())
print(round(15, -1), round(25, -1), round(7), pow(3, 4), pow(3, 4, 5), pow(2, 100, 1000000007))
print(min(3, 1, 2), max(3, 1, 2), sum([1, 2, 3]), sum(range(101)), abs(-5))
total = 0
for i in range(100):
    total = total * 31 + i
print(total, total % 1000000007, len(str(total)))
f = 1
for i in range(1, 31):
    f *= i
print(f, f // 10 ** 20, f % 97)
n = 12345678901234567890123
s = 0
while n:
    n, d = divmod(n, 10)
    s += d
print(s)
print(int.__name__, type(5), type(2 ** 100), isinstance(True, int), isinstance(2 ** 100, int))
