# f-strings, format specifications, % formatting, print's arguments.
name, n, x = "Ann", 42, 3.14159
print(f"{name} {n} {x}", f"{n:5d}|{n:<5d}|{n:^5d}|{n:>5}|{n:05d}|{n:+d}|{-n: d}|{n:x}|{n:#x}|{n:b}|{n:o}|{n:,}|{1234567:_}")
print(f"{x:.2f}|{x:8.3f}|{x:<8.1f}|{x:+.1f}|{x:e}|{x:.3g}|{x:010.2f}|{123456789.0:,.1f}|{0.25:.1%}")
print(f"{name:>10}|{name:<10}|{name:^10}|{name:*^11}|{name:.2}|{name!r}|{name!s:>6}|{name!r:>8}")
width, prec = 10, 3
print(f"{x:{width}.{prec}f}|{name:{'>'}{width}}|{n:{width}}")
print(f"{n=}", f"{x = :.2f}", f"{name=!s}", f"{1 + 1=}", f"{{braces}} {{{n}}}")
print(f"{'nested ' + f'{n}'}", f"{[1, 2][0]}", f"{ {'a': 1}['a'] }", f"{(lambda v: v * 2)(4)}", f"{n if n > 1 else 0}", f"{None} {True}")
print("%d %5d|%-5d|%05d|%+d" % (n, n, n, n, n), "%s %r %10s|%-10s|" % ("a", "b", "c", "d"), "%.2f %8.3f %e %g" % (x, x, x, x))
print("%(k)s=%(v)d" % {"k": "key", "v": 3}, "%x %X %o %c %%" % (255, 255, 8, 65), "100%", "%s" % (1,), "%s" % [1, 2])
print("{:>5}|{:<5}|{:^5}|{:.1f}|{!r}|{:d}".format(1, 2, 3, 4.0, "q", 7), "{0}{1}{0}".format("a", "b"), "{a.real} {b[0]} {c[k]}".format(a=5, b=[6], c={"k": 7}))
print(1, "two", 3.0, None, sep=", ", end="!\n")
print("a", "b", sep="")
print()
print("x", end="")
print("y")
print(format(3.14159, ".3f"), format(42, "b"), format("s", ">4"), format(1234567, ","), format(True), format(None))
print(str(3.0), str(10 ** 20), repr(0.1), repr("q"), ascii("é"), repr([1.0, "x", None]), str((1,)), repr(()))
print(f"{1e10:.0f} {1e-10:.2e} {float('inf')} {-0.0:.1f} {1.5:.0f} {2.5:.0f}")
print(f"{'é':>3}|{'日本':5}|", len(f"{'x' * 3}"))
print("%5.1f|%-8.2f|%08.3f" % (2.25, 2.5, -1.5), "%3d%%" % 50, "%i" % 3.9)
print("{:%}".format(0.5), "{:08.3f}".format(-3.14159), "{:+,}".format(1000000), "{:<+8d}|".format(5))
print(f"{n!r:^7}", f"{'a' 'b'}", f'{"q"}', f"""{
    n
}""")
for row in [(1, "one", 1.0), (22, "twenty", 22.5)]:
    print("{:>4} | {:<8} | {:8.2f}".format(*row))
print(f"{10**30:,}", f"{2**70:x}", f"{-5:05d}", f"{255:08b}", f"{3:c}" if False else "ok")
