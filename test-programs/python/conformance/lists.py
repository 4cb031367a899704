# Lists and tuples: strategies, methods, slices, comparison, sorting, copying.
a = [1, 2, 3]
a.append(4)
a.extend([5, 6])
a.insert(0, 0)
a.insert(-1, 55)
print(a, len(a), a.pop(), a.pop(0), a, a.index(55), a.count(2))
a.remove(55)
a.reverse()
print(a, a[::-1], a[1:3], a[-2:], a[::2], a[5:1:-1])
a[0] = "mixed"
a[1] = 2.5
print(a, [1, 2.5, "x", None, True])
b = [1.5, 2.5]
b.append(3)
print(b, b + [1], b * 2, [0] * 3, [[]] * 2)
b[0] = 10
print(b, 2.5 in b, 99 in b, 3 not in b)
c = [3, 1, 2]
c.sort()
print(c, sorted(c, reverse=True), sorted(["b", "A", "c"], key=str.lower), sorted([(2, "b"), (1, "z"), (2, "a")]))
c.sort(key=lambda x: -x)
print(c)
words = ["bb", "a", "ccc", "dd"]
words.sort(key=len)
print(words, sorted(words, key=lambda w: (-len(w), w)))
d = list(range(10))
d[2:5] = ["x", "y"]
print(d)
d[::2] = [0] * len(d[::2])
print(d)
del d[0]
del d[1:3]
print(d)
d[1:1] = [7, 8, 9]
print(d)
d.clear()
print(d, d == [], not d)
e = [1, [2, 3]]
f = e.copy()
f[1].append(4)
f[0] = 9
print(e, f, e[:] == e, e[:] is e)
print([1, 2] < [1, 3], [1, 2] < [1, 2, 0], [] < [0], [1, 2] == [1.0, 2.0], (1, 2) < (2,), (1, "a") == (1, "a"))
print([x for x in range(5)], [x * y for x in range(3) for y in range(3) if x != y], [[j for j in range(i)] for i in range(4)])
t = (1, 2, 3)
print(t, t[0], t[-1], t[1:], t + (4,), t * 2, len(t), 2 in t, t.index(3), t.count(1), (), (1,), tuple([1, 2]))
x, y = 1, 2
x, y = y, x
print(x, y)
(p, q), r = (1, 2), 3
first, *rest = [1, 2, 3, 4]
*init, last = "abc"
h, *m, l = range(6)
print(p, q, r, first, rest, init, last, h, m, l)
for i, (u, v) in enumerate([(1, 2), (3, 4)]):
    print(i, u, v, end="; ")
print()
print(list(zip([1, 2, 3], "abc")), list(map(lambda v: v * 2, [1, 2])), list(filter(None, [0, 1, "", "x"])), list(reversed([1, 2, 3])))
print(sum([1, 2.5]), min([3, 1, 2]), max("x", "y"), any([0, 1]), all([1, 0]), any([]), all([]), list(enumerate("ab", 1)))
print([*range(3), *"ab"], (*[1], 2), {*[1, 1, 2]}, max([1, 5, 3], key=lambda v: -v))
n = [1, 2, 3]
n += (4, 5)
n *= 2
print(n)
m = n
m += [0]
print(m is n, len(n))
big = [2 ** 70, 1]
big.append(2 ** 63)
print(big, sum(big))
stack = []
for i in range(20):
    stack.append(i)
    if i % 3 == 0:
        stack.pop()
print(stack)
grid = [[0] * 3 for _ in range(2)]
grid[1][2] = 5
print(grid)
print([1, 2, 3] == (1, 2, 3), [None] * 2, [i for i in "hello" if i not in "aeiou"])
