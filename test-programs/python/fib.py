# Fibonacci numbers by plain recursion: nothing but calls, comparisons and small integers.
# bench-args: small=18 large=27
import sys


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 27
    print("fib(%d) = %d" % (n, fib(n)))


main()
