# Algorithms on lists: quicksort, mergesort, heaps, sieves, matrices, strings.
def quicksort(a):
    if len(a) <= 1:
        return a
    pivot = a[len(a) // 2]
    return (quicksort([v for v in a if v < pivot]) + [v for v in a if v == pivot] + quicksort([v for v in a if v > pivot]))


def mergesort(a):
    if len(a) < 2:
        return a[:]
    m = len(a) // 2
    left, right = mergesort(a[:m]), mergesort(a[m:])
    out, i, j = [], 0, 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            out.append(left[i])
            i += 1
        else:
            out.append(right[j])
            j += 1
    out.extend(left[i:])
    out.extend(right[j:])
    return out


def heapsort(a):
    a = a[:]

    def sift(start, end):
        root = start
        while 2 * root + 1 < end:
            child = 2 * root + 1
            if child + 1 < end and a[child] < a[child + 1]:
                child += 1
            if a[root] >= a[child]:
                return
            a[root], a[child] = a[child], a[root]
            root = child

    for start in range(len(a) // 2 - 1, -1, -1):
        sift(start, len(a))
    for end in range(len(a) - 1, 0, -1):
        a[0], a[end] = a[end], a[0]
        sift(0, end)
    return a


def numbers(n, seed=7):
    out = []
    for _ in range(n):
        seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
        out.append(seed % 1000)
    return out


data = numbers(300)
expected = sorted(data)
print(quicksort(data) == expected, mergesort(data) == expected, heapsort(data) == expected, expected[:5], expected[-5:])
floats = [v / 7 for v in data]
print(mergesort(floats) == sorted(floats), quicksort(floats)[0])
mixed = [v if v % 2 else v / 2 for v in data]
print(quicksort(mixed) == sorted(mixed))


def sieve(n):
    flags = [True] * (n + 1)
    flags[0] = flags[1] = False
    for i in range(2, int(n ** 0.5) + 1):
        if flags[i]:
            for j in range(i * i, n + 1, i):
                flags[j] = False
    return [i for i, p in enumerate(flags) if p]


primes = sieve(1000)
print(len(primes), primes[-1], sum(primes))


def matmul(a, b):
    return [[sum(a[i][k] * b[k][j] for k in range(len(b))) for j in range(len(b[0]))] for i in range(len(a))]


m = [[1, 2], [3, 4]]
p = [[1, 0], [0, 1]]
for _ in range(40):
    p = matmul(p, m)
print(p)


def collatz(n):
    steps = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        steps += 1
    return steps


print(max((collatz(i), i) for i in range(1, 1000)))


def levenshtein(a, b):
    row = list(range(len(b) + 1))
    for i, ca in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, cb in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (ca != cb))
    return row[-1]


print(levenshtein("kitten", "sitting"), levenshtein("a" * 30, "ab" * 20))


def permutations(items):
    if len(items) <= 1:
        yield items
        return
    for i in range(len(items)):
        for rest in permutations(items[:i] + items[i + 1:]):
            yield [items[i]] + rest


print(len(list(permutations([1, 2, 3, 4, 5]))), list(permutations("abc"[:2] and ["x", "y", "z"]))[:3])
hanoi_moves = []


def hanoi(n, a, b, c):
    if n:
        hanoi(n - 1, a, c, b)
        hanoi_moves.append((a, c))
        hanoi(n - 1, b, a, c)


hanoi(6, "A", "B", "C")
print(len(hanoi_moves), hanoi_moves[:3])
