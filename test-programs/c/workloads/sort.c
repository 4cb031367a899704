/* Sorting with a comparison function, and a hash over the result. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static int compare(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 3000000;
    uint32_t *v = malloc(n * sizeof *v), x = 1;
    for (int i = 0; i < n; i++) v[i] = x = x * 1664525 + 1013904223;
    qsort(v, n, sizeof *v, compare);
    uint64_t h = 0;
    for (int i = 0; i < n; i++) h = h * 31 + v[i];
    printf("%lu\n", (unsigned long)h);
    free(v);
    return 0;
}
