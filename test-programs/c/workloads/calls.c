/* Recursive calls, and calls through pointers. */
#include <stdio.h>
#include <stdlib.h>

static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

static long plus(long a, long b) { return a + b; }
static long minus(long a, long b) { return a - b; }
static long mix(long a, long b) { return (a << 1) ^ b; }
static long (*volatile table[4])(long, long) = { plus, minus, mix, plus };

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 38;
    printf("%d\n", fib(n));
    long x = 1;
    for (long i = 0; i < 100000000L; i++) x = table[i & 3](x, i);
    printf("%ld\n", x);
    return 0;
}
