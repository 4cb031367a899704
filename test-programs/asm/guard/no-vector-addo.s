# A guard that fails while mj.gvec is 0 is an illegal instruction: SIGILL, status 128 + 4.
# status: 132
# stderr: SIGILL
        .globl  _start
_start: li      a1, 0x7fffffffffffffff
        csrw    mj.gvec, x0
the_guard:
        mj.addo a0, a1, a1
        li      a0, 0
        li      a7, 93
        ecall
