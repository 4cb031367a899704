// The custom instructions from C, through `.insn`: a handler in mj.gvec finds the guard that failed.
#include <stdint.h>
#include <stdio.h>

struct object {
    uint32_t class_word, hash;
    uint64_t field;
};

// mj.cld of offset 8 with class 5; -1 if the guard fails.
static int64_t checked_load(const struct object *o) {
    register int64_t result asm("a0") = -1;
    register const struct object *object asm("a1") = o;
    asm volatile(
        "la t0, 1f\n"
        "csrw 0x800, t0\n"
        // class 5 << 5 | offset 8 / 8, rs1 = a1, funct3 0, rd = a0, custom-1
        ".insn r CUSTOM_1, 0, 5, a0, a1, x1\n"
        "1:\n"
        : "+r"(result) : "r"(object) : "t0");
    return result;
}

static uint64_t failed_value(void) {
    uint64_t v;
    asm volatile("csrr %0, 0x802" : "=r"(v));
    return v;
}

int main(void) {
    struct object good = {5, 1, 42}, other = {6, 2, 43};
    printf("%ld\n", (long)checked_load(&good));
    printf("%ld, class %lu\n", (long)checked_load(&other), (unsigned long)failed_value());
    printf("%ld, class %lu\n", (long)checked_load(0), (unsigned long)failed_value());
    return 0;
}
