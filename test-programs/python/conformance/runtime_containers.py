# Lists, dictionaries, sets, deques, seeded random numbers, sorting, repr of containers.
l = [3,1,2]; l.append(5); l.extend([7,8]); l.insert(0,9); l.insert(100,10); l.insert(-1,11); print(l, l.pop(), l.pop(0), l, l.index(2), l.count(1)); l.remove(1); l.sort(); print(l); l.reverse(); print(l, l.copy(), len(l)); l.clear(); print(l)
l = [5,"a",2.5,None]; l[1] = 7; print(l, l[1:3], l[::-1], l[-1]); l[1:3] = [1,2,3,4]; print(l); l[::2] = [0]*3; print(l); del l[0]; del l[1:3]; print(l); del l[::2]; print(l)
print([1,2]+[3], [0]*3, [1,2]*2, [1,2]==[1,2], [1,2]<[1,3], [1]<[1,2], [1,[2]]==[1,[2]], [1.0,2]==[1,2.0], 2 in [1,2], "a" in [1,2])
l = [1,2,3]; l2 = l; l += [4]; print(l2, l is l2); l *= 2; print(l); l = [1.5,2.5]; l.append(3); print(l); l=[1]; l.append(1.5); print(l); l=[]; l.append("x"); l.append(1); print(l)
print(sorted([3,1,2]), sorted([3,1,2],reverse=True), sorted(["b","a"],key=lambda x:-ord(x)), sorted([(1,"b"),(1,"a"),(0,"z")]), sorted([(2,"x"),(1,"y"),(2,"a")],key=lambda t:t[0]), sorted([(2,"x"),(1,"y"),(2,"a")],key=lambda t:t[0],reverse=True), sorted([1.5,0.5,1]), sorted({3:1,1:2}))
import random
random.seed(42); print(random.random(), random.randint(1,100), random.choice("abc"), random.uniform(1,2), random.randrange(0,100,5), random.getrandbits(70), random.gauss(0,1), random.sample(range(100),5), random.sample(list(range(10)),8), random.choices([1,2,3],k=5), random.expovariate(1.5)); x=list(range(10)); random.shuffle(x); print(x)
r = random.Random(7); print(r.random(), r.randint(0,5)); random.seed(12345678901234567890); print(random.random()); random.seed(0); print(random.random(), [random.randrange(1000) for _ in range(5)])
big = [random.randrange(1000) for _ in range(200)]; b2 = sorted(big); print(b2[:10], b2 == sorted(big, key=lambda v: v), sorted(big,key=str)[:5], sorted(big, reverse=True)[:5]); big.sort(key=lambda v:(v%10,-v)); print(big[:10])
d = {"a":1,"b":2}; d["c"]=3; print(d, d["a"], d.get("z"), d.get("z",5), "a" in d, len(d), list(d), list(d.keys()), list(d.values()), list(d.items())); del d["a"]; print(d, d.pop("b"), d.pop("q",None), d.setdefault("x",[]), d); d.update({"y":1},z=2); print(d); print(d.popitem(), d); print({**d,"k":1}, dict(a=1), dict([(1,2)]), dict.fromkeys([1,2],0), {1:2}|{3:4}); d.clear(); print(d)
d = {}
for i in range(1000): d[i]=i*i
for i in range(0,1000,2): del d[i]
print(len(d), d[999], 500 in d, 501 in d, sum(d), list(d)[:5]); d[0]=1; print(list(d)[-1])
d = {1:"a",1.0:"b",True:"c"}; print(d); d={(1,2):3,None:4,2.5:6}; print(d[(1,2)], d[None], d[2.5], d)
for k in {"x":1,"y":2}: print(k)
for k,v in {"x":1,"y":2}.items(): print(k,v)
try:
    d={1:1,2:2}
    for k in d: d[k+10]=1
except RuntimeError as e: print(e)
s = {3,1,2}; s.add(5); s.discard(9); s.remove(1); print(s, len(s), 3 in s, s|{9}, s&{2,3}, s-{2}, s^{2,7}, s<={2,3,5,6}, s=={2,3,5}, s.union([8],[9]), s.intersection([2]), s.difference([2]), s.issubset({2,3,5}), s.isdisjoint({4}))
print({i for i in range(20)}, set(range(100,110)), {1000,2,30,99999,5}, set([5,4,3,2,1]), frozenset({8,1}), {i*7%101 for i in range(30)}, set("a"), {1,True,1.0}, {-1,-2,0}, {2**40,2**41,7}, set(range(5))|set(range(50,60)), set(range(30))-set(range(0,30,3)))
s=set(range(10)); s.pop(); s-={5}; s|={100}; s&=set(range(8)); s^={1,2,77}; print(s); s.update([3,4],[5]); s.difference_update([3]); s.intersection_update(range(6)); print(s, s.copy())
t=(1,2,3); print(t[0], t[1:], t+(4,), t*2, t.index(2), t.count(3), len(t), 2 in t, t<(1,3), t==(1,2,3), (), (1,), ((1,2),[3]), hash(t)==hash((1,2,3)), tuple([1,2]), tuple("ab"))
r=range(10,0,-3); print(list(r), len(r), r[1], r[-1], 7 in r, r[1:], list(reversed(r)), range(5)==range(0,5), r.index(4), range(0), bool(range(0)), range(10)[::2])
print(list(map(lambda x:x*2,[1,2])), list(filter(None,[0,1,2])), list(filter(lambda x:x>1,[1,2,3])), list(zip([1,2],[3,4],[5,6])), list(enumerate(["a","b"],1)), any([0,1]), all([1,0]), sum([1,2,3]), sum([1,2],10), min(3,1,2), max([1,5,2]), min([3,1],key=lambda x:-x), max([],default=0), list(reversed([1,2,3])), sum([[1],[2]],[]))
print(list(map(lambda a,b:a+b,[1,2],[3,4])), next(iter([1])), next(iter([]),"d"), list(iter([1,2])), [*range(3),*"ab"], (*[1],2), {*[1,2]}, dict(zip("ab",[1,2])))
from collections import deque, defaultdict
q=deque([1,2,3]); q.append(4); q.appendleft(0); print(q, q.pop(), q.popleft(), len(q), q[0], q[-1], list(q), 2 in q); q.rotate(1); print(q); q.extend([7,8]); q.extendleft([9]); print(q, deque([1,2,3,4],maxlen=2), deque(maxlen=3)); q.clear(); print(bool(q), q)
q=deque()
for i in range(100): q.append(i)
for i in range(50): q.popleft()
print(sum(q), len(q))
dd=defaultdict(list); dd["a"].append(1); dd["b"]; print(dd, dict(dd), len(dd), "c" in dd); di=defaultdict(int)
for c in "hello": di[c]+=1
print(di, sorted(di.items()), di.get("q"))
l=[1,2]; l.append(l); print(l); d={}; d["d"]=d; print(d)
a=[[0]*3 for _ in range(2)]; a[0][1]=5; print(a); m=[[1,2],[3,4]]; print([list(r) for r in zip(*m)], [x for r in m for x in r if x>1], {k:v for k,v in zip("ab",[1,2])}, {x%3 for x in range(10)})
print([1,2,3][True], [1,2,3,4][-3:-1], "abc"[True], [i for i in range(10)][2:8:3], list(range(20))[15:5:-3], "abcdef"[4:1:-1], [1,2,3][5:], [1,2,3][:-5])
print(list({"a":1}.items()), {"a":1}.keys()=={"a"}, {"a":1}.keys()&{"a","b"}, {"b":2}.items(), {"c":3}.values(), {1:1}=={1:1.0}, {1:2}!={1:3})
print(str(deque([deque()])), [(),[],{}], [None,True,...], [1.0,float("inf"),float("nan")], ("a",), {"k":{"n":None}}, [{1,2}], [b"x"], [range(3)])
import functools, operator, time, sys
print(functools.reduce(operator.add,[1,2,3]), functools.reduce(lambda a,b:a*b,[1,2,3],10), operator.mul(3,4), sys.maxsize, type(time.time()), time.perf_counter()>=0, sys.byteorder)
