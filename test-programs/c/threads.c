// Threads: contended atomics, LR/SC, mutexes, condition variables, thread-local storage, joining, exit of the main thread.
// run: 8 100000
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long adds;
static atomic_int words;
static _Atomic(uint8_t) byte_count;
static long under_mutex;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static __thread long local;
static long rounds;

struct node { struct node *next; };
static _Atomic(struct node *) list;

static void *count(void *arg) {
    struct node *nodes = malloc(rounds / 10 * sizeof *nodes);
    for (long i = 0; i < rounds; i++) {
        atomic_fetch_add(&adds, 1);
        int old = atomic_load(&words);
        while (!atomic_compare_exchange_weak(&words, &old, old + 3)) {}
        if (i % 16 == 0) atomic_fetch_add(&byte_count, 1);
        if (i % 10 == 0) {
            struct node *n = &nodes[i / 10];
            n->next = atomic_load(&list);
            while (!atomic_compare_exchange_weak(&list, &n->next, n)) {}
            pthread_mutex_lock(&mutex);
            under_mutex++;
            pthread_mutex_unlock(&mutex);
        }
        local++;
    }
    return (void *)(local + (long)arg);
}

static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn;

static void *ping(void *arg) {
    int me = (int)(long)arg;
    for (int i = 0; i < 2000; i++) {
        pthread_mutex_lock(&mutex);
        while (turn != me) pthread_cond_wait(&turn_changed, &mutex);
        turn = !me;
        pthread_cond_signal(&turn_changed);
        pthread_mutex_unlock(&mutex);
    }
    return NULL;
}

static pthread_mutex_t robust;

static void *hold(void *arg) {
    pthread_mutex_lock(&robust);
    return arg;
}

static void *last(void *arg) {
    pthread_join(*(pthread_t *)arg, NULL);
    printf("the main thread is over\n");
    return NULL;
}

int main(int argc, char **argv) {
    int n = argc > 1 ? atoi(argv[1]) : 8;
    rounds = argc > 2 ? atol(argv[2]) : 100000;
    pthread_t t[64];
    for (long i = 0; i < n; i++)
        if (pthread_create(&t[i], NULL, count, (void *)i)) return 1;
    long sum = 0;
    for (int i = 0; i < n; i++) {
        void *r;
        pthread_join(t[i], &r);
        sum += (long)r;
    }
    long length = 0;
    for (struct node *p = list; p; p = p->next) length++;
    printf("%d %d %d %d %d %d\n", adds == n * rounds, words == (int)(3 * n * rounds), length == n * (rounds / 10),
           under_mutex == n * (rounds / 10), sum == n * rounds + n * (n - 1) / 2,
           byte_count == (uint8_t)(n * ((rounds + 15) / 16)));

    pthread_create(&t[0], NULL, ping, (void *)0);
    pthread_create(&t[1], NULL, ping, (void *)1);
    pthread_join(t[0], NULL);
    pthread_join(t[1], NULL);
    printf("ping-pong %d\n", turn);

    pthread_mutexattr_t attr;
    pthread_mutexattr_init(&attr);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &attr);
    pthread_create(&t[0], NULL, hold, NULL);
    pthread_join(t[0], NULL);
    printf("robust %s\n", pthread_mutex_lock(&robust) == EOWNERDEAD ? "EOWNERDEAD" : "?");

    pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
    pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_STALLED);
    pthread_mutex_t pi;
    pthread_mutex_init(&pi, &attr);
    printf("priority inheritance %d", pthread_mutex_lock(&pi));
    printf(" %d\n", pthread_mutex_unlock(&pi));

    struct timespec soon;
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 20000000;
    if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
    pthread_mutex_lock(&mutex);
    printf("timed wait %s\n", strerror(pthread_cond_timedwait(&turn_changed, &mutex, &soon)));
    fflush(stdout);
    static pthread_t self;
    self = pthread_self();
    pthread_create(&t[0], NULL, last, &self);
    pthread_exit(NULL);
}
