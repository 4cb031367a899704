def matmul(a, b):
    n, m, p = len(a), len(b), len(b[0])
    bt = list(zip(*b))
    return [[sum(x * y for x, y in zip(row, col)) for col in bt] for row in a]
a = [[(i * j) % 7 + 0.5 for j in range(12)] for i in range(12)]
b = matmul(a, a)
print(sum(map(sum, b)), b[3][4])
grid = {(x, y): (x * y) % 5 for x in range(20) for y in range(20)}
def neigh(p):
    x, y = p
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        q = (x + dx, y + dy)
        if q in grid: yield q
def dijkstra(start, goal):
    import heapq
    dist = {start: 0}; heap = [(0, start)]; prev = {}
    while heap:
        d, p = heapq.heappop(heap)
        if p == goal: break
        if d > dist[p]: continue
        for q in neigh(p):
            nd = d + grid[q] + 1
            if nd < dist.get(q, float("inf")):
                dist[q] = nd; prev[q] = p
                heapq.heappush(heap, (nd, q))
    path = [goal]
    while path[-1] != start: path.append(prev[path[-1]])
    return dist[goal], path[::-1][:5]
print(dijkstra((0, 0), (19, 19)))
words = ("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod " * 20).split()
freq = {}
for w in words: freq[w] = freq.get(w, 0) + 1
for k, v in sorted(freq.items(), key=lambda kv: (-kv[1], kv[0]))[:4]: print(k, v)
idx = {}
for i, w in enumerate(words): idx.setdefault(w[0], set()).add(i)
print({k: len(v) for k, v in sorted(idx.items())})
d = dict.fromkeys("abc", 0); d.update(b=5, z=1); print(d, d.pop("a"), d.popitem(), list(d.items()), "b" in d, d.get("q"), len(d))
del d["b"]; print(d, list(d), d == {"c": 0}, d | {"x": 1})
recs = [("bob", 3, 2.5), ("al", 3, 1.5), ("cy", 1, 9.0)]
print(sorted(recs, key=lambda r: (r[1], -r[2])), sorted(recs, key=lambda r: r[0], reverse=True), min(recs, key=lambda r: r[2]))
big = 1
for i in range(1, 60): big = big * i + (big >> 3)
print(big, big % (10 ** 9 + 7), str(big)[:10], big.bit_length(), -big // 3 ** 40, hex(big)[:12])
def fib(n, memo={}):
    if n < 2: return n
    if n not in memo: memo[n] = fib(n - 1) + fib(n - 2)
    return memo[n]
print(fib(150))
def collatz(n):
    c = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        c += 1
    return c
print(max((collatz(i), i) for i in range(1, 2000)))
x = 0
for i in range(100000): x = (x * 1103515245 + 12345) & 0x7fffffff
print(x)
acc = 1
for i in range(200): acc = acc * 3 if i % 2 else acc - i
print(acc)
l = list(range(10)); l[2:5] = [99]; del l[0]; l.insert(1, -1); l.remove(99); l.extend([3, 1]); l.sort(); l.reverse(); print(l, l.index(3), l.count(3), l.pop(), l.pop(0), l[::2], l[-3:])
l2 = l.copy(); l2 *= 2; l2[::3] = [0] * len(l2[::3]); print(l2, l2 != l)
m = [[0] * 3 for _ in range(2)]; m[1][2] = 5; print(m)
