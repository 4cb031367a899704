// A hand-written inline cache, in software and with a guard: the same work, the checks counted apart.
// Phase 3 is the loop with software checks, phase 4 the one with mj.cld, as toolchain/tests/c_programs.rs counts them.
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "mj.h"

enum { SQUARE = 5, CIRCLE = 6, COUNT = 1000, ROUNDS = 100 };

struct shape {
    uint32_t class_word, unused;
    int64_t size;
};

static struct shape shapes[COUNT];

static __attribute__((noinline)) int64_t size_by_class(const struct shape *s) {
    if (!s) return 0;
    return s->class_word == CIRCLE ? 3 * s->size : s->size;
}

// The cache at the one call site expects squares; anything else, null included, goes the slow way.
static __attribute__((noinline)) int64_t in_software(struct shape *const *list) {
    int64_t sum = 0;
    for (int i = 0; i < COUNT; i++) {
        const struct shape *s = list[i];
        if (__builtin_expect(s && s->class_word == SQUARE, 1))
            sum += s->size;
        else
            sum += size_by_class(s);
    }
    return sum;
}

static __attribute__((noinline)) int64_t with_guards(struct shape *const *list) {
    int64_t sum = 0, size;
    int i = 0;
    MJ_GUARDS_FAIL_TO(miss);
    for (; i < COUNT; i++) {
        // One instruction: the class, null and the load. A failure goes to `miss`.
        mj_cld_or(size, offsetof(struct shape, size), list[i], SQUARE, miss);
        sum += size;
        continue;
    miss:
        sum += size_by_class(list[i]);
    }
    MJ_CSR_WRITE(CSR_MJ_GVEC, 0);
    return sum;
}

int main(void) {
    static struct shape *list[COUNT];
    for (int i = 0; i < COUNT; i++) {
        shapes[i].class_word = i % 100 == 99 ? CIRCLE : SQUARE;
        shapes[i].size = i;
        list[i] = i % 250 == 7 ? 0 : &shapes[i];
    }
    int64_t software = 0, guards = 0;
    mj_phase(3);
    for (int n = 0; n < ROUNDS; n++) {
        software += in_software(list);
        __asm__ volatile("" : : : "memory");
    }
    mj_phase(4);
    for (int n = 0; n < ROUNDS; n++) {
        guards += with_guards(list);
        __asm__ volatile("" : : : "memory");
    }
    mj_phase(0);
    printf("%ld %ld\n", (long)software, (long)guards);
    return software != guards;
}
