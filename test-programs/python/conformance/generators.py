# Generators: yield, send, return values, yield from, generator expressions, iterators of user classes.
def count(n):
    i = 0
    while i < n:
        yield i
        i += 1


print(list(count(4)), sum(count(5)), [x * 2 for x in count(3)], max(count(6)), tuple(count(2)), list(zip(count(3), "abc")))
g = count(2)
print(next(g), next(g), next(g, "done"))
try:
    next(g)
except StopIteration:
    print("stopped")


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


for f in fib():
    if f > 50:
        break
    print(f, end=" ")
print()


def echo():
    received = []
    while True:
        value = yield len(received)
        if value is None:
            return received
        received.append(value)


e = echo()
print(next(e), e.send("a"), e.send("b"))
try:
    e.send(None)
except StopIteration as s:
    print("returned", s.value)


def inner():
    x = yield 1
    print("inner got", x)
    yield 2
    return "result"


def outer():
    r = yield from inner()
    print("inner returned", r)
    yield from [10, 20]
    yield from (c for c in "xy")


o = outer()
print(next(o), o.send("hello"), list(o))


def walk(tree):
    if tree:
        left, value, right = tree
        yield from walk(left)
        yield value
        yield from walk(right)


print(list(walk(((None, 1, None), 2, ((None, 3, None), 4, None)))))
squares = (x * x for x in range(5) if x % 2)
print(list(squares), list(squares), sum(x for x in range(10)), ",".join(str(i) for i in range(3)))
print(sorted((b, a) for a, b in enumerate("cab")), dict((k, len(k)) for k in ("a", "bb")), any(x > 2 for x in count(5)))


def with_finally():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


for v in with_finally():
    print(v)


def failing():
    yield 1
    raise ValueError("in generator")


try:
    for v in failing():
        print(v)
except ValueError as error:
    print(error)


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n <= 0:
            raise StopIteration
        self.n -= 1
        return self.n + 1


print(list(Countdown(3)), [c for c in Countdown(2)], sum(Countdown(4)), 2 in Countdown(3))
for c in Countdown(2):
    print(c, end=" ")
print()
a, b = Countdown(2)
first, *others = Countdown(4)
print(a, b, first, others)


class Pages:
    def __getitem__(self, i):
        if i < 3:
            return i * 10
        raise IndexError


print(list(Pages()), [p for p in Pages()])


def early():
    return
    yield


print(list(early()))


def stops():
    yield 1
    raise StopIteration


try:
    list(stops())
except RuntimeError as error:
    print(error)


def pipeline(n):
    numbers = (i for i in range(n))
    evens = (i for i in numbers if i % 2 == 0)
    return (i * i for i in evens)


print(list(pipeline(10)))


def nested_loops():
    for i in range(3):
        for j in range(i):
            yield i, j


print(list(nested_loops()))
it = iter([1, 2, 3])
print(next(it), list(it), list(it))
print(list(map(lambda x, y: x + y, count(3), [10, 20, 30])), list(filter(lambda x: x % 2, count(6))))


def cleanup():
    try:
        while True:
            try:
                yield "item"
            except ValueError as error:
                print("got", error)
    finally:
        print("cleaning")


c = cleanup()
print(next(c), c.throw(ValueError("thrown")))
c.close()
print(list(c))
try:
    c.throw(KeyError("late"))
except KeyError as error:
    print("KeyError", error)


def wrapping():
    try:
        yield from cleanup()
    finally:
        print("outer cleaning")


w = wrapping()
next(w)
w.close()
n = count(3)
print(n.__next__(), n.__next__(), iter(n) is n)
try:
    count(1).send(5)
except TypeError as error:
    print(error)
