/* The sieve of Eratosthenes over bytes: short loops with a stride. */
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv) {
    long n = argc > 1 ? atol(argv[1]) : 30000000;
    char *composite = calloc(n, 1);
    long count = 0;
    for (long i = 2; i < n; i++) {
        if (composite[i]) continue;
        count++;
        for (long j = i * i; j < n; j += i) composite[j] = 1;
    }
    printf("%ld\n", count);
    free(composite);
    return 0;
}
