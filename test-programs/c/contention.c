// Eight threads that fight for the same words: nothing is lost. With an argument, as many rounds in all.
// run: 40000
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { THREADS = 8, NODES = 64 };

static long rounds;
static uint64_t added, added32, reserved, maximum, taken[NODES];
static uint32_t word;

// The list's head: index of the first node plus one, and above it a tag that every change increments, so that a head that looks the
// same is the same.
static uint64_t head;
static uint32_t next[NODES + 1];

static uint64_t load_reserved(uint64_t *at) {
    uint64_t value;
    asm volatile("lr.d.aq %0, (%1)" : "=r"(value) : "r"(at) : "memory");
    return value;
}

static int store_conditional(uint64_t *at, uint64_t value) {
    int failed;
    asm volatile("sc.d.rl %0, %2, (%1)" : "=r"(failed) : "r"(at), "r"(value) : "memory");
    return !failed;
}

static void increment_reserved(uint64_t *at) {
    while (!store_conditional(at, load_reserved(at) + 1)) {}
}

static void increment_word(uint32_t *at) {
    uint32_t value, failed;
    do {
        asm volatile("lr.w %0, (%1)" : "=r"(value) : "r"(at) : "memory");
        asm volatile("sc.w %0, %2, (%1)" : "=r"(failed) : "r"(at), "r"(value + 1) : "memory");
    } while (failed);
}

static void push(uint32_t node) {
    uint64_t old = __atomic_load_n(&head, __ATOMIC_ACQUIRE), seen;
    do {
        seen = old;
        __atomic_store_n(&next[node], (uint32_t)seen, __ATOMIC_RELAXED);
        old = load_reserved(&head);
    } while (old != seen || !store_conditional(&head, ((seen >> 32) + 1) << 32 | node));
}

static uint32_t pop(void) {
    uint64_t old = __atomic_load_n(&head, __ATOMIC_ACQUIRE), seen;
    uint32_t after;
    do {
        seen = old;
        if (!(uint32_t)seen) return 0;
        after = __atomic_load_n(&next[(uint32_t)seen], __ATOMIC_RELAXED);
        old = load_reserved(&head);
    } while (old != seen || !store_conditional(&head, ((seen >> 32) + 1) << 32 | after));
    return (uint32_t)seen;
}

// A lock by exchange and by compare and swap, and a plain counter in it.
static int lock;
static uint64_t guarded;

static void *fight(void *argument) {
    long me = (long)argument;
    for (long n = 0; n < rounds / THREADS; n++) {
        __atomic_fetch_add(&added, 1, __ATOMIC_RELAXED);
        increment_reserved(&reserved);
        increment_word(&word);
        asm volatile("amoadd.w zero, %1, (%0)" ::"r"(&added32), "r"(1) : "memory");
        asm volatile("amomaxu.d zero, %1, (%0)" ::"r"(&maximum), "r"(n * THREADS + me) : "memory");
        uint32_t node = pop();
        if (node) {
            // Nobody else has it now.
            if (__atomic_exchange_n(&taken[node - 1], 1, __ATOMIC_RELAXED)) puts("a node was taken twice"), exit(1);
            __atomic_store_n(&taken[node - 1], 0, __ATOMIC_RELAXED);
            push(node);
        }
        if (n % 4 == 0) {
            if (n % 8) {
                while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE)) {}
            } else {
                for (int free = 0; !__atomic_compare_exchange_n(&lock, &free, 1, 1, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED); free = 0) {}
            }
            guarded++;
            __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
        }
    }
    return NULL;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turned = PTHREAD_COND_INITIALIZER;
static int turn;
static long passes;

static void *pass(void *argument) {
    int me = (int)(long)argument;
    for (long n = 0; n < rounds / 40 / THREADS; n++) {
        pthread_mutex_lock(&mutex);
        while (turn != me) pthread_cond_wait(&turned, &mutex);
        turn = (turn + 1) % THREADS;
        passes++;
        pthread_cond_broadcast(&turned);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static void all(void *(*run)(void *)) {
    pthread_t threads[THREADS];
    for (long n = 0; n < THREADS; n++) pthread_create(&threads[n], NULL, run, (void *)n);
    for (int n = 0; n < THREADS; n++) pthread_join(threads[n], NULL);
}

int main(int argc, char **argv) {
    rounds = argc > 1 ? atol(argv[1]) : 40000;
    for (uint32_t node = 1; node <= NODES; node++) push(node);
    all(fight);
    long expected = rounds / THREADS * THREADS;
    printf("amoadd %s\n", added == expected && added32 == (uint32_t)expected ? "exact" : "lost");
    printf("lr/sc %s\n", reserved == expected && word == (uint32_t)expected ? "exact" : "lost");
    printf("amomaxu %s\n", maximum == expected - 1 ? "exact" : "lost");
    printf("locks %s\n", guarded == (rounds / THREADS + 3) / 4 * THREADS ? "exact" : "lost");
    int seen[NODES + 1] = {0}, nodes = 0;
    for (uint32_t node; (node = pop()); nodes++) seen[node]++;
    for (int node = 1; node <= NODES; node++) nodes -= seen[node] != 1;
    printf("list %s\n", nodes == NODES ? "whole" : "broken");
    all(pass);
    printf("turns %s\n", passes == rounds / 40 / THREADS * THREADS ? "exact" : "lost");
    return 0;
}
