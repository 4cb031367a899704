/* Follows pointers through a list in random order: cache misses. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    long steps = argc > 1 ? atol(argv[1]) : 20000000;
    enum { N = 1 << 21 };
    uint32_t *next = malloc(N * sizeof *next);
    for (uint32_t i = 0; i < N; i++) next[i] = i;
    /* One cycle through all, by Sattolo's shuffle. */
    uint64_t x = 88172645463325252u;
    for (uint32_t i = N - 1; i > 0; i--) {
        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        uint32_t j = (uint32_t)(x % i), t = next[i];
        next[i] = next[j];
        next[j] = t;
    }
    uint32_t at = 0;
    for (long i = 0; i < steps; i++) at = next[at];
    printf("%u\n", at);
    free(next);
    return 0;
}
