# The modules that are written in Python.
import itertools, functools, heapq, bisect, string
from collections import namedtuple, Counter, OrderedDict, deque, defaultdict
P = namedtuple("P", "x y"); p = P(1, y=2); print(p, p.x, p[1], tuple(p), p == (1,2), p == P(1,2), len(p), p._replace(x=5), p._asdict(), {p: 1}[P(1,2)], [*p], max(p)); a, b = p; print(a, b)
Q = namedtuple("Q", ["a","b","c"], defaults=[3]); print(Q(1,2), Q._fields, Q._make([1,2,3]), sorted([Q(2,1),Q(1,2)]))
try: p.x = 3
except AttributeError as e: print("AttributeError")
try: P(1)
except TypeError as e: print("TypeError")
c = Counter("hello world"); print(c.most_common(2), c["l"], c["z"], sum(c.values()), c, Counter(a=1)+Counter(a=2,b=3), sorted(c.elements())[:3], len(c), "h" in c); c["q"] += 1; c.update("qq"); print(c["q"], c == Counter("hello worldqqq"))
o = OrderedDict([("a",1),("b",2)]); o.move_to_end("a"); print(list(o), o.popitem(last=False))
print(list(itertools.islice(itertools.count(5,2),4)), list(itertools.chain([1],[2,3])), list(itertools.chain.from_iterable([[1],[2]])), list(itertools.product("ab",[1,2])), list(itertools.permutations([1,2,3],2)), list(itertools.combinations(range(4),2)), list(itertools.combinations_with_replacement("ab",2)), list(itertools.accumulate([1,2,3])), list(itertools.accumulate([1,2,3],lambda a,b:a*b)), list(itertools.zip_longest([1,2],[3])), [(k,list(g)) for k,g in itertools.groupby("aabbc")], list(itertools.takewhile(lambda x:x<3,range(9))), list(itertools.dropwhile(lambda x:x<3,range(5))), list(itertools.repeat(1,3)), list(itertools.islice(itertools.cycle("ab"),5)), list(itertools.starmap(pow,[(2,3),(3,2)])), list(itertools.pairwise([1,2,3])), list(itertools.compress("abc",[1,0,1])), list(itertools.product([0,1],repeat=3)), len(list(itertools.permutations(range(5)))), list(itertools.islice("abcdef",1,None,2)))
@functools.lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n-1)+fib(n-2)
print(fib(80), fib.cache_info(), fib.__name__)
@functools.lru_cache
def sq(x, y=1): return x*y
print(sq(2), sq(2), sq(2,y=3), sq.cache_info().hits)
@functools.wraps(sq)
def w(): pass
print(w.__name__, functools.partial(pow, 2)(5), functools.partial(int, base=2)("101"), functools.reduce(lambda a,b:a+b,[1,2,3]), sorted([3,1,2], key=functools.cmp_to_key(lambda a,b:b-a)))
@functools.total_ordering
class T:
    def __init__(s,v): s.v=v
    def __eq__(s,o): return s.v==o.v
    def __lt__(s,o): return s.v<o.v
print(T(1)<=T(2), T(2)>T(1), T(2)>=T(3))
h=[5,3,8,1,9,2]; heapq.heapify(h); print(h[0], [heapq.heappop(h) for _ in range(6)]); h=[]; [heapq.heappush(h,x) for x in (5,1,4)]; print(h, heapq.heappushpop(h,0), heapq.heapreplace(h,7), h, heapq.nsmallest(2,[3,1,2]), heapq.nlargest(2,[3,1,2]))
l=[1,3,5]; print(bisect.bisect(l,3), bisect.bisect_left(l,3)); bisect.insort(l,4); print(l, string.ascii_lowercase[:3], string.digits)
