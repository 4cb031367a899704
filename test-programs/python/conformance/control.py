# Control flow: loops with else, nested breaks, conditional expressions, chained comparisons, boolean operators, walrus.
for i in range(3):
    pass
else:
    print("for else", i)
while True:
    break
else:
    print("never")
n = 5
while n:
    n -= 1
    if n == 2:
        continue
    print(n, end=" ")
else:
    print("while else")
for i in range(5):
    for j in range(5):
        if i * j == 6:
            break
    else:
        continue
    print("found", i, j)
    break
print(list(range(5)), list(range(2, 8, 3)), list(range(5, 0, -2)), list(range(0)), range(10)[3], len(range(0, 10, 3)), 4 in range(0, 10, 2))
x = 7
print("small" if x < 5 else "big", 1 < x < 10, 1 < x > 5, 1 < 2 < 3 < 2, x == 7 != 8, (x > 5) == True)


def side(v, log=[]):
    log.append(v)
    return v


print(side(0) or side(5), side(1) and side(0), side("") or "default", None or 0 or [], 1 and 2 and 3, not 0, not "x")
print(side.__defaults__[0], 3 < side(2) < side(99))
print(side.__defaults__[0])
if (m := len("hello")) > 3:
    print("walrus", m)
print([y for v in range(5) if (y := v * v) > 3], y)
while (k := n) < 3:
    n += 1
print(k, n)
a = b = c = 3
a += 1
b -= 1
c *= 2
print(a, b, c)
a //= 2
b **= 3
c %= 4
a <<= 3
b >>= 1
c |= 8
a ^= 1
b &= 6
print(a, b, c)
z = 10
z /= 4
print(z)
if x < 0:
    r = "neg"
elif x == 0:
    r = "zero"
elif x < 10:
    r = "digit"
else:
    r = "many"
print(r)
print(None is None, x is not None, [] is [], 1 == 1.0, None == 0, "" == None)
result = []
for i in range(10):
    if i == 2:
        continue
    if i > 6:
        break
    result.append(i)
    i = 100
print(result, i)
d = {}
for d["key"] in range(3):
    pass
print(d)
t = [0, 0]
for t[1] in "ab":
    pass
print(t)
i = 0
while i < 3 and not (i == 2 or i > 5):
    i += 1
print(i)
print([(i, j) for i in range(3) for j in range(i)], [[c for c in w] for w in ("ab", "c")])
del a
try:
    a
except NameError as e:
    print(e)
lst = [1, 2, 3, 4]
for v in lst:
    if v == 2:
        lst.remove(v)
print(lst)
print(all(v > 0 for v in lst), any(v > 3 for v in lst), sum(v * v for v in lst), max(v for v in lst))
