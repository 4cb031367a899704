# Functions: parameters of all kinds, defaults, closures, lambdas, recursion, decorators, errors of calls.
def plain(a, b):
    return a, b


def defaults(a, b=2, c=None):
    return a, b, c


def star(*args, **kwargs):
    return args, sorted(kwargs.items())


def full(a, /, b, c=3, *rest, d, e=5, **others):
    return a, b, c, rest, d, e, sorted(others.items())


print(plain(1, 2), plain(b=1, a=2), plain(1, b=3))
print(defaults(1), defaults(1, 3), defaults(1, c=4), defaults(c=1, a=2))
print(star(), star(1, 2), star(x=1), star(1, y=2))
print(full(1, 2, d=4), full(1, 2, 3, 4, 5, d=6, z=7), full(1, b=2, d=3, a=9))
args = [1, 2]
kwargs = {"d": 4, "z": 1}
print(plain(*args), full(*args, **kwargs), star(*args, 3, *(4,), k=1, **{"m": 2}))


def errors(call):
    try:
        call()
    except TypeError as error:
        print("TypeError:", error)


errors(lambda: plain(1))
errors(lambda: plain())
errors(lambda: plain(1, 2, 3))
errors(lambda: plain(1, c=2))
errors(lambda: plain(1, a=2))
errors(lambda: defaults())
errors(lambda: defaults(1, 2, 3, 4))
errors(lambda: full(1, 2))
errors(lambda: (lambda x: x)())
errors(lambda: 5())
errors(lambda: len(1, 2))


def counter():
    n = 0

    def increment(by=1):
        nonlocal n
        n += by
        return n

    return increment


c1, c2 = counter(), counter()
print(c1(), c1(), c2(), c1(10), c2(5))


def make_adders():
    return [lambda x, i=i: x + i for i in range(3)], [lambda x: x + i for i in range(3)]


early, late = make_adders()
print([f(10) for f in early], [f(10) for f in late])


def mutable(x, acc=[]):
    acc.append(x)
    return acc


print(mutable(1), mutable(2), mutable(3, []))


def decorator(f):
    def wrapper(*args, **kwargs):
        return ("wrapped", f(*args, **kwargs))

    return wrapper


def with_argument(prefix):
    def deco(f):
        return lambda *a: prefix + str(f(*a))

    return deco


@decorator
def decorated(x):
    return x + 1


@with_argument("<")
@with_argument(">")
def twice(x):
    return x * 2


print(decorated(1), twice(4))


def outer():
    x = "outer"

    def middle():
        def inner():
            return x

        return inner

    x = "changed"
    return middle()()


print(outer())
g = 10


def use_global():
    global g
    g += 1
    return g


print(use_global(), use_global(), g)


def fact(n):
    return 1 if n <= 1 else n * fact(n - 1)


def ackermann(m, n):
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


print(fact(25), ackermann(2, 3))
print(list(map(lambda p: p[0] * p[1], [(1, 2), (3, 4)])), (lambda *a, **k: (a, k))(1, x=2), (lambda: None)())


def doc():
    """Docstring."""


print(doc.__doc__, doc.__name__, doc(), callable(doc), callable(5))


def even(n):
    return n == 0 or odd(n - 1)


def odd(n):
    return n != 0 and even(n - 1)


print(even(10), odd(7), even(7))


def unpack(a, b, *, key=None):
    return [a, b, key]


print(unpack(*"xy", key=1), unpack(*{"k1": 1, "k2": 2}))


def shadow(len):
    return len + 1


print(shadow(1), len([1]))


def unbound():
    print(later)
    later = 1


try:
    unbound()
except UnboundLocalError as error:
    print(error)
try:
    undefined_name
except NameError as error:
    print(error)


def deleted():
    x = 1
    del x
    try:
        return x
    except UnboundLocalError:
        return "gone"


print(deleted())
