/* Copies, scales and adds large arrays of doubles: memory bandwidth. */
#include <stdio.h>
#include <stdlib.h>

#define N 2000000
static double a[N], b[N], c[N];

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 30;
    for (long i = 0; i < N; i++) { a[i] = 1; b[i] = 2; c[i] = 0; }
    for (int r = 0; r < rounds; r++) {
        for (long i = 0; i < N; i++) c[i] = a[i];
        for (long i = 0; i < N; i++) b[i] = 3 * c[i];
        for (long i = 0; i < N; i++) c[i] = a[i] + b[i];
        for (long i = 0; i < N; i++) a[i] = b[i] + 0.25 * c[i] - 3;
    }
    printf("%g %g %g\n", a[7], b[N / 2], c[N - 1]);
    return 0;
}
