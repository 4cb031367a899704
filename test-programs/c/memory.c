// The heap, mappings and sorting: brk, mmap, mremap, munmap, qsort.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

int main(void) {
    uint32_t seed = 1, n = 50000;
    uint32_t *v = malloc(n * sizeof *v);
    for (uint32_t i = 0; i < n; i++) v[i] = seed = seed * 1664525 + 1013904223;
    qsort(v, n, sizeof *v, by_value);
    int sorted = 1;
    for (uint32_t i = 1; i < n; i++) sorted &= v[i - 1] <= v[i];
    printf("sorted %d, least %u, greatest %u\n", sorted, v[0], v[n - 1]);

    // Many blocks of many sizes, freed in another order.
    char *blocks[1000];
    for (int i = 0; i < 1000; i++) {
        blocks[i] = malloc(16 + (i * 37) % 5000);
        memset(blocks[i], i, 16);
    }
    int good = 1;
    for (int i = 0; i < 1000; i++) {
        int k = (i * 619) % 1000;
        for (int j = 0; j < 16; j++) good &= blocks[k][j] == (char)k;
        free(blocks[k]);
    }
    printf("blocks %d\n", good);

    size_t page = sysconf(_SC_PAGESIZE);
    char *m = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    m[0] = 1;
    m[4 * page - 1] = 2;
    m = mremap(m, 4 * page, 64 * page, MREMAP_MAYMOVE);
    printf("map %d %d %d\n", m[0], m[4 * page - 1], m[64 * page - 1]);
    printf("protect %d\n", mprotect(m, page, PROT_READ));
    printf("unmap %d\n", munmap(m, 64 * page));
    char *huge = malloc(200 << 20);
    huge[0] = huge[(200 << 20) - 1] = 5;
    printf("huge %d\n", huge[0] + huge[(200 << 20) - 1]);
    free(huge);
    free(v);
    return 0;
}
