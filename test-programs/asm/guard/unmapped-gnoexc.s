# A reference to memory that is not there faults as a load would, guard vector or not: SIGSEGV, 128 + 11.
# status: 139
# stderr: SIGSEGV
        .globl  _start
_start: la      t0, vector
        csrw    mj.gvec, t0
        li      a0, 0x7fff0000
the_guard:
        mj.gnoexc 0(a0)
vector: li      a0, 0
        li      a7, 93
        ecall
