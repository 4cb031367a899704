# Built-in functions over generators and user-defined iterators.
def g(n):
    for i in range(n): yield i*0.1
print(sorted("bca", key=lambda c: -ord(c)), sorted(g(3), reverse=True), min(g(3)), max(g(3)), min((x for x in []), default=7), max([3,1,2], key=lambda v: -v))
print(list(map(lambda x: x+1, [1,2,3])), list(filter(lambda x: x>1, [1,2,3])), tuple(x for x in "ab"), set(x%3 for x in range(9)), dict((x, x*x) for x in range(3)), dict(zip("ab", range(2))), ",".join(str(x) for x in range(5)))
l = [3,1,2]; l.sort(key=lambda v: -v); print(l); l.sort(key=lambda v: v, reverse=True); print(l); l.extend(x for x in range(2)); print(l)
class It:
    def __init__(s): s.n = 0
    def __iter__(s): return s
    def __next__(s):
        s.n += 1
        if s.n > 3: raise StopIteration
        return s.n
print(list(It()), sum(It()), max(It()), sorted(It()), any(It()), all(It()), tuple(It()), ".".join(map(str, It())))
def bad():
    yield 1
    raise KeyError("boom")
for f in (list, sum, tuple, sorted, max):
    try: f(bad())
    except KeyError as e: print(f.__name__, e)
print(next(map(lambda x: x*2, [5])), [*map(lambda a: a, "xy")], list(zip(map(lambda x:x, [1,2]), g(2))), list(enumerate(map(str,[1]))))
m = max; print(m((i for i in range(4)), key=lambda v: v % 3))
class Q:
    def __iter__(self):
        yield 1
        yield 2
print(list(Q()), sum(Q()), sorted(Q(), key=lambda v: -v), set(Q()))
print(list(map(int, "12")), sum(map(int, ["1","2"])), "".join(sorted("hello", key=str.upper)), sorted([(1,'b'),(0,'a')], key=lambda t: t[1]), sorted({"b":1,"a":2}.items(), key=lambda kv: kv[1]))
class S:
    def __init__(s, v): s.v = v
    def key(s, x): return -x
print(sorted([1,3,2], key=S(1).key), any(x > 2 for x in [1,2,3]), all(x > 2 for x in [1,2,3]))
