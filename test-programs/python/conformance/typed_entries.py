# Loops and functions that are entered again and again with numbers of one type, then with others; and what they rely on changes.
STEP = 3


def up_to(n, start):
    t = start
    while t < n:
        t += STEP
    return t


def twice(f, a, b):
    return f(a, b) + f(b, a)


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def main():
    global STEP
    total = 0
    for i in range(3000):
        total += up_to(i % 50, i % 7)
        if i == 2000:
            STEP = 5
        if i == 2500:
            STEP = 2.5
        if i % 500 == 499:
            print(i, total)
    for i in range(600):
        total = twice(up_to, i % 40, i % 11 if i < 400 else 0.5)
    print(total)
    print(fib(18), fib(17.0), fib(True))
    STEP = 7
    big = 2**62
    out = []
    for i in range(400):
        x = up_to(big + i, big - 40) if i > 300 else up_to(i, 0)
        out.append(x)
    print(out[299], out[399], sum(out))
    grid = [[0] * 12 for _ in range(12)]
    for k in range(300):
        for y in range(12):
            row = grid[y]
            acc = k if k < 200 else k * 0.5
            for x in range(12):
                acc += x
                row[x] = acc
    print(grid[3][4], grid[11][11], sum(map(sum, grid)))
    none = None
    for k in range(400):
        best = none
        for v in (5, 3, k, 9):
            if best is None or v < best:
                best = v
    print(best)


main()
