# Scopes: comprehensions, class bodies, nonlocal, global, closures over loop variables, del.
x = "global"


def f():
    x = "local"

    def g():
        return x

    class C:
        y = x
        x = "class"
        z = x

        def m(self):
            return x

    return g(), C.y if hasattr(C, "y") else None, C.z, C().m()


try:
    print(f())
except NameError as e:
    print(e)


def comp():
    x = 10
    r = [x for x in range(3)]
    fs = [lambda: i for i in range(3)]
    d = {x: x for x in "ab"}
    return x, r, [h() for h in fs], d


print(comp())


class K:
    items = [1, 2, 3]
    doubled = [i * 2 for i in items]
    count = len(items)

    def get(self):
        return [self.count + i for i in self.items]


print(K.doubled, K.count, K().get())


def chain():
    def level1():
        def level2():
            nonlocal value
            value += 1
            return value

        return level2

    value = 0
    inc = level1()
    return inc(), inc(), value


print(chain())


def maker():
    global made
    made = "by maker"


maker()
print(made)


def shared():
    data = []

    def add(v):
        data.append(v)

    def get():
        return data

    return add, get


add, get = shared()
add(1)
add(2)
print(get())


def loop_closures():
    fs = []
    for i in range(3):
        def h(j=i):
            return i, j

        fs.append(h)
    return [h() for h in fs]


print(loop_closures())


def param_cell(a, b=2, *args, c=3, **kw):
    def show():
        return a, b, args, c, sorted(kw)

    a += 1
    args += (9,)
    return show


print(param_cell(1, 5, 6, c=7, z=8)())


def nested_comp(n):
    return [[i * j for j in range(n)] for i in range(n)], {i: [k for k in range(i)] for i in range(n)}


print(nested_comp(3))


def recursive_closure():
    def fact(n):
        return 1 if n < 2 else n * fact(n - 1)

    return fact(10)


print(recursive_closure())


def delete_cell():
    v = 1

    def use():
        return v

    del v
    try:
        use()
    except NameError as e:
        return str(e)


print(delete_cell())
print([a + b for a, b in [(1, 2), (3, 4)]], [[y for y in range(v)] for v in range(3)])
k = [lambda: n for n in range(2)]
print([h() for h in k])


def gen_scope():
    base = 100
    return sum(base + i for i in range(3)), list(base for _ in range(2))


print(gen_scope())


class Meta:
    def __init__(self):
        self.handlers = {n: (lambda v, n=n: (n, v)) for n in ("a", "b")}


print(Meta().handlers["a"](1), Meta().handlers["b"](2))


def walrus_scope():
    total = 0
    parts = [total := total + i for i in range(4)]
    return parts, total


print(walrus_scope())
