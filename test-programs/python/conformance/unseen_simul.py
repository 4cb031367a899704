# An event simulation with many classes, heapq, properties, class and static methods, operators.
import heapq
from collections import defaultdict, deque, Counter, namedtuple
from functools import reduce, partial
import itertools
Point = namedtuple("Point", "x y")
class Vec:
    count = 0
    def __init__(self, x=0, y=0):
        self.x, self.y = x, y
        Vec.count += 1
    def __add__(self, o): return Vec(self.x + o.x, self.y + o.y)
    def __sub__(self, o): return Vec(self.x - o.x, self.y - o.y)
    def __mul__(self, k): return Vec(self.x * k, self.y * k)
    __rmul__ = __mul__
    def __neg__(self): return self * -1
    def __eq__(self, o): return isinstance(o, Vec) and (self.x, self.y) == (o.x, o.y)
    def __hash__(self): return hash((self.x, self.y))
    def __bool__(self): return bool(self.x or self.y)
    def __iter__(self):
        yield self.x
        yield self.y
    def __getitem__(self, i): return (self.x, self.y)[i]
    def __len__(self): return 2
    def __contains__(self, v): return v in (self.x, self.y)
    def __call__(self, f): return Vec(f(self.x), f(self.y))
    def __repr__(self): return f"Vec({self.x}, {self.y})"
    def __lt__(self, o): return self.norm2 < o.norm2
    @property
    def norm2(self): return self.x ** 2 + self.y ** 2
    @norm2.setter
    def norm2(self, v): raise AttributeError("computed")
    @classmethod
    def unit(cls): return cls(1, 0)
    @staticmethod
    def dot(a, b): return a.x * b.x + a.y * b.y
class Event:
    seq = itertools.count()
    def __init__(self, at, what, *args, **kw):
        self.at, self.what, self.args, self.kw, self.n = at, what, args, kw, next(Event.seq)
    def __lt__(self, o): return (self.at, self.n) < (o.at, o.n)
class Simulator:
    def __init__(self): self.queue, self.now, self.log = [], 0, []
    def at(self, delay, what, *args, **kw): heapq.heappush(self.queue, Event(self.now + delay, what, *args, **kw))
    def run(self, until):
        while self.queue and self.queue[0].at <= until:
            e = heapq.heappop(self.queue)
            self.now = e.at
            e.what(*e.args, **e.kw)
class Base:
    registry = {}
    def __init_subclass__(cls, **kw):
        super().__init_subclass__(**kw)
        Base.registry[cls.__name__] = cls
    def __init__(self, sim, name): self.sim, self.name, self.served = sim, name, 0
    def serve(self, n=1, *, cost=1):
        self.served += n
        if self.served < 50: self.sim.at(cost * self.step(), self.serve, n, cost=cost)
        else: self.sim.log.append((self.sim.now, self.name))
class Fast(Base):
    def step(self): return 1
class Slow(Base):
    def step(self): return 3
    def serve(self, n=1, *, cost=1):
        super().serve(n + 1, cost=cost + 1)
class Both(Fast):
    def step(self): return super().step() * 2
sim = Simulator()
for i, (name, cls) in enumerate(Base.registry.items()):
    cls(sim, f"{name}{i}").serve()
sim.run(10 ** 6)
print(sim.log, sim.now)
a, b = Vec(1, 2), Vec(3, 4)
print(a + b, a - b, 3 * a, -a, a == Vec(1, 2), a != b, {a: 1}[Vec(1, 2)], bool(Vec()), list(a), a[1], len(a), 2 in a, a(lambda v: v * 10))
print(sorted([b, a, Vec.unit()]), max(a, b), Vec.dot(a, b), Vec.count, a.norm2)
try: a.norm2 = 3
except AttributeError as e: print("AttributeError", e)
x, *rest = range(5); print(x, rest)
p = Point(1, y=2); print(p, p.x + p.y, p._replace(x=9), p == (1, 2))
d = defaultdict(list)
for w in "the quick brown fox jumps over the lazy dog the end".split(): d[len(w)].append(w)
print(dict(d), Counter("mississippi").most_common(2))
print(reduce(lambda a, b: a * b, range(1, 21)), partial(pow, 2)(10), list(itertools.islice(itertools.chain("ab", [1, 2]), 3)))
q = deque([1, 2, 3], maxlen=3); q.append(4); q.appendleft(0); print(q, q.pop(), q.popleft(), list(q))
def outer():
    n = 0
    def inc(by=1):
        nonlocal n
        n += by
        return n
    return inc
f = outer(); f(); f(5); print(f())
def kw(a, b=2, *args, c, d=4, **rest): return (a, b, args, c, d, rest)
print(kw(1, c=3), kw(1, 2, 3, 4, c=5, e=6), kw(*[1, 2], **{"c": 1, "z": 0}))
def pos(a, /, b, *, c): return a, b, c
print(pos(1, b=2, c=3))
for bad in (lambda: kw(1), lambda: kw(1, c=1, a=2), lambda: pos(a=1, b=2, c=3), lambda: pos(1, 2, 3)):
    try: bad()
    except TypeError as e: print("TypeError:", e)
