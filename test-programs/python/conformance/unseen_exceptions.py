def count(n):
    i = 0
    try:
        while i < n:
            got = yield i
            if got: i += got
            i += 1
        return "done"
    finally:
        print("closed", i)
g = count(5)
print(next(g), g.send(1), next(g))
g.close()
def delegate():
    r = yield from count(2)
    print("r", r)
    yield from [10, 20]
print(list(delegate()))
def primes():
    seen = []
    n = 2
    while True:
        if all(n % p for p in seen if p * p <= n):
            seen.append(n)
            yield n
        n += 1
import itertools
print(list(itertools.islice(primes(), 20)), sum(itertools.takewhile(lambda p: p < 500, primes())))
def tree(t):
    if t:
        l, v, r = t
        yield from tree(l)
        yield v
        yield from tree(r)
def insert(t, v):
    if not t: return (None, v, None)
    l, x, r = t
    return (insert(l, v), x, r) if v < x else (l, x, insert(r, v))
t = None
for v in [5, 2, 8, 1, 9, 3]: t = insert(t, v)
print(list(tree(t)))
class Ctx:
    def __init__(self, n): self.n = n
    def __enter__(self): print("enter", self.n); return self
    def __exit__(self, t, v, tb): print("exit", self.n, t.__name__ if t else None, v); return self.n == 2
with Ctx(1) as a, Ctx(2): 
    raise ValueError("x")
print("after")
def f(n):
    for i in range(n):
        try:
            if i == 1: continue
            if i == 3: break
            if i == 2: raise KeyError(i)
        except KeyError as e:
            print("caught", e, repr(e), e.args)
        else: print("else", i)
        finally: print("finally", i)
    else: print("no break")
    try: return "ret"
    finally: print("fin")
print(f(5)); print(f(1))
class MyErr(Exception):
    def __init__(self, code, msg="m"): super().__init__(msg); self.code = code
    def __str__(self): return f"{self.code}:{self.args[0]}"
class Sub(MyErr): pass
def chain():
    try:
        try: {}["k"]
        except KeyError as e: raise Sub(3) from e
    except MyErr as e: print(e, e.code, type(e.__cause__).__name__, isinstance(e, Exception)); raise
try: chain()
except (TypeError, Sub) as e: print("got", e)
try:
    try: raise ValueError("a")
    finally: print("cleanup")
except ValueError as e: print(e)
def nested():
    try: return 1
    finally:
        try: raise OSError("e")
        except OSError: pass
print(nested())
try: [1][5]
except IndexError as e: print(e)
try: {}[1]
except KeyError as e: print(e)
try: int("x")
except ValueError as e: print(e)
try: None.x
except AttributeError as e: print(e)
try: 1 + "a"
except TypeError as e: print(e)
try: 1 / 0
except ZeroDivisionError as e: print(e)
try: undefined
except NameError as e: print(e)
try: raise StopIteration(3)
except StopIteration as e: print(e.value)
try: assert 1 == 2, "no"
except AssertionError as e: print(e)
try: (lambda a: a)()
except TypeError as e: print(e)
try: a, b = 1, 2, 3
except ValueError as e: print(e)
try: a, b = [1]
except ValueError as e: print(e)
s = 0
for i in range(3000):
    try:
        if i % 3 == 0: raise ValueError(i)
        elif i % 3 == 1: raise MyErr(i)
        s += 1
    except ValueError as e: s += e.args[0]
    except MyErr as e: s -= e.code
print(s)
