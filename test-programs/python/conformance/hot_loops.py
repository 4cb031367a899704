# Loops that run long enough to be compiled and then meet something new: other types, overflow, exceptions, changed globals and classes.
def overflow():
    x = 1
    out = []
    for i in range(200):
        x = x * 3 + i
        if i % 40 == 0:
            out.append(x)
    return out


def sums(values):
    total = 0
    for v in values:
        total = total + v
    return total


def mixed_types():
    out = [sums(range(500)), sums([0.5] * 500), sums([1] * 300 + [2.5] * 300), sums([True] * 400)]
    out.append(sums([2 ** 62] * 300))
    return out


def exceptions_in_loop():
    caught = 0
    total = 0
    d = {i: i for i in range(0, 600, 3)}
    for i in range(600):
        try:
            total += d[i]
        except KeyError:
            caught += 1
        try:
            total += 10 // (i % 7)
        except ZeroDivisionError as e:
            caught += len(str(e))
    return caught, total


counter = 0


def bump(n):
    global counter
    for _ in range(n):
        counter += 1
    return counter


def helper(x):
    return x + 1


def calls_helper(n):
    total = 0
    for i in range(n):
        total += helper(i)
    return total


class Shape:
    factor = 2

    def __init__(self, n):
        self.n = n

    def area(self):
        return self.n * self.factor


class Square(Shape):
    def area(self):
        return self.n * self.n


class Odd(Shape):
    def __init__(self, n):
        self.extra = "first"
        super().__init__(n)


def areas(shapes):
    total = 0
    for s in shapes:
        total += s.area()
    return total


def polymorphic():
    global helper
    out = [areas([Shape(i) for i in range(300)])]
    out.append(areas([Square(i) if i % 3 else Shape(i) for i in range(300)]))
    out.append(areas([Odd(i) for i in range(300)]))
    Shape.factor = 5
    out.append(areas([Shape(i) for i in range(300)]))
    Shape.area = lambda self: 1000
    out.append(areas([Shape(i) for i in range(300)] + [Square(3)]))
    s = Shape(1)
    s.area = lambda: 7
    out.append(areas([s] * 200))
    out.append(calls_helper(300))
    helper = lambda x: x * 2
    out.append(calls_helper(300))
    return out


def strategies():
    a = []
    for i in range(400):
        a.append(i)
    a.append("s")
    for i in range(400):
        a.append(float(i))
    b = [0] * 300
    for i in range(300):
        b[i] = i
        if i == 250:
            b[i] = None
    c = [1.0] * 300
    for i in range(300):
        c[i] = c[i - 1] * 1.01
    c[0] = 3
    d = list(range(300))
    total = 0
    for i in range(-300, 300):
        total += d[i]
    try:
        for i in range(1000):
            total += d[i]
    except IndexError as e:
        total += len(str(e))
    return len(a), a[399:403], b[248:253], c[0], round(c[299], 9), total


def nested_loops():
    count = 0
    for i in range(60):
        j = 0
        while j < i:
            k = i ^ j
            while k:
                count += k & 1
                k >>= 1
            j += 1
    return count


def recursion(n):
    return 0 if n == 0 else 1 + recursion(n - 1)


def closures():
    fs = []
    for i in range(300):
        def f(x, i=i):
            return x + i

        fs.append(f)
    total = 0
    for f in fs:
        total += f(1)
    state = 0

    def step():
        nonlocal state
        state += 2
        return state

    for _ in range(300):
        step()
    return total, state


def strings():
    s = ""
    for i in range(300):
        s += chr(97 + i % 26)
    vowels = 0
    for c in s:
        if c in "aeiou":
            vowels += 1
    words = []
    for i in range(300):
        words.append(f"{i:03d}" if i % 2 else "%x" % i)
    return len(s), vowels, s[100:110], "".join(words)[:30], s.upper()[:5]


def tuples():
    a, b = 0, 1
    for _ in range(300):
        a, b = b, (a + b) % 1000007
    pairs = [(i, i * i) for i in range(300)]
    total = 0
    for i, (x, y) in enumerate(pairs):
        total += i * x - y
    first, *rest = range(300)
    return a, b, total, first, len(rest)


def generators():
    def squares(n):
        for i in range(n):
            yield i * i

    total = 0
    for v in squares(400):
        total += v
    nested = sum(x * y for x in range(30) for y in range(30) if x != y)

    def tree(n):
        if n:
            yield from tree(n - 1)
            yield n
            yield from tree(n - 1)

    return total, nested, sum(tree(8)), [v for v in squares(300) if v % 7 == 0][-1]


def floats():
    x = 0.5
    n = 0
    for i in range(500):
        x = 3.9 * x * (1 - x)
        if x > 0.5:
            n += 1
        if i == 400:
            x = 0.1
    nan = float("nan")
    hits = 0
    for i in range(300):
        if nan < i or nan > i or nan == i:
            hits += 1
        if nan != i:
            hits += 2
    return n, hits, round(x, 6), int(1e15) + n, 7.0 // 2 + -7.0 % 3


def divisions():
    total = 0
    for i in range(-300, 300):
        if i:
            total += 1000 // i + 1000 % i
    big = -(2 ** 63)
    for i in range(1, 300):
        total += big // i % 1000
    return total


def booleans():
    n = 0
    for i in range(400):
        flag = i % 3 == 0
        if flag and not i % 2 or (i > 390) is True:
            n += flag + 1
        n += (i < 10) == (i % 2 == 0)
    return n


def switch(x):
    if x is None:
        return 1
    if isinstance(x, str):
        return len(x)
    if isinstance(x, (list, tuple)):
        return sum(switch(y) for y in x)
    return x


def various():
    values = [None, "abc", [1, 2], (3, None), 4, 5.5, True]
    total = 0
    for i in range(350):
        total += switch(values[i % len(values)])
    return total


class Node:
    def __init__(self, value, next):
        self.value = value
        self.next = next


def linked():
    head = None
    for i in range(500):
        head = Node(i, head)
    total = 0
    node = head
    while node is not None:
        total += node.value
        if node.value == 100:
            node.extra = "late attribute"
        node = node.next
    node = head
    found = 0
    while node:
        if hasattr(node, "extra"):
            found += 1
        node = node.next
    return total, found


class Money:
    def __init__(self, v):
        self.v = v

    def __add__(self, o):
        if isinstance(o, Money):
            return Money(self.v + o.v)
        return NotImplemented

    def __radd__(self, o):
        return Money(self.v + o)

    def __lt__(self, o):
        return self.v < o.v

    def __eq__(self, o):
        if not isinstance(o, Money):
            return NotImplemented
        return self.v == o.v

    def __len__(self):
        return self.v % 5

    def __contains__(self, x):
        return x == self.v

    def __getitem__(self, i):
        return self.v * i

    def __call__(self, k=1):
        return self.v * k


def operators():
    total = Money(0)
    smaller = equal = truthy = inside = 0
    for i in range(300):
        m = Money(i)
        total = total + m
        total = 1 + total
        if m < Money(150):
            smaller += 1
        if m == Money(7) or m != Money(i):
            equal += 1
        if m == i:
            equal += 100
        if m:
            truthy += 1
        if i in m and i not in Money(-1):
            inside += m[2] + len(m) + m() + m(k=2)
    return total.v, smaller, equal, truthy, inside


def context():
    log = []

    class Manager:
        def __enter__(self):
            log.append(1)
            return self

        def __exit__(self, kind, value, tb):
            log.append(2)
            return kind is ValueError

    for i in range(200):
        with Manager():
            if i % 50 == 0:
                raise ValueError(i)
    return len(log), sum(log)


def keyword(a, b=2, *rest, c=3, **more):
    return a + b + c + sum(rest) + sum(more.values())


def keywords():
    total = 0
    for i in range(300):
        total += keyword(i) + keyword(i, 1) + keyword(b=i, a=1) + keyword(1, 2, 3, 4, c=i) + keyword(i, d=4, e=5)
        total += keyword(*(i, 1), **{"c": 2})
    return total


print(overflow())
print(mixed_types())
print(exceptions_in_loop())
print(bump(300), bump(300), counter)
print(polymorphic())
print(strategies())
print(nested_loops(), recursion(400), closures())
print(strings(), tuples())
print(generators(), floats(), divisions(), booleans(), various())
print(linked(), operators(), context(), keywords())
