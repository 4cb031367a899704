# The Mandelbrot set as a checksum of its picture: float arithmetic in local variables, loops that end at different times.
# bench-args: small=40 large=300
import sys


def escape(cr, ci, limit):
    zr = 0.0
    zi = 0.0
    n = 0
    while n < limit:
        zr2 = zr * zr
        zi2 = zi * zi
        if zr2 + zi2 > 4.0:
            return n
        zi = 2.0 * zr * zi + ci
        zr = zr2 - zi2 + cr
        n += 1
    return limit


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    limit = 50
    inside = 0
    checksum = 0
    for y in range(size):
        ci = 2.0 * y / size - 1.0
        for x in range(size):
            n = escape(2.0 * x / size - 1.5, ci, limit)
            if n == limit:
                inside += 1
            checksum = (checksum * 31 + n) % 1000000007
    print("%d of %d points, checksum %d" % (inside, size * size, checksum))


main()
