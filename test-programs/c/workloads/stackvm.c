/* A stack machine with computed gotos: an indirect jump for each of its few simple instructions. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { PUSH, ADD, SUB, OVER, SWAP, JNZ, DUP, HALT };

int main(int argc, char **argv) {
    long rounds = argc > 1 ? atol(argv[1]) : 10000000;
    /* Stack: sum, counter. Adds the counter to the sum and counts down until it is zero. */
    const long code[] = { SWAP, OVER, ADD, SWAP, PUSH, 1, SUB, DUP, JNZ, 0, HALT };
    static void *const targets[] = { &&push, &&add, &&sub, &&over, &&swap, &&jnz, &&dup, &&halt };
    long stack[32], *sp = stack, t;
    const long *pc = code;
    *sp++ = 0;
    *sp++ = rounds;
    uint64_t steps = 0;
#define NEXT do { steps++; goto *targets[*pc++]; } while (0)
    NEXT;
push: *sp++ = *pc++; NEXT;
add: sp--; sp[-1] += sp[0]; NEXT;
sub: sp--; sp[-1] -= sp[0]; NEXT;
over: sp[0] = sp[-2]; sp++; NEXT;
swap: t = sp[-1]; sp[-1] = sp[-2]; sp[-2] = t; NEXT;
jnz: t = *pc++; if (*--sp != 0) pc = code + t; NEXT;
dup: sp[0] = sp[-1]; sp++; NEXT;
halt:
    printf("%ld %ld %lu\n", stack[0], stack[1], (unsigned long)steps);
    return 0;
}
