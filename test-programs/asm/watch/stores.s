# Every kind of store into a watched range invalidates its token; loads and stores elsewhere do not.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"
        .include "watch/watch.inc"

# The store hits: it invalidates token 1, and is done.
        .macro  hits store:vararg
        watch   1, object, 16
        status  1
        valid   1
        la      a0, object
        li      a1, 0x5a
        \store
        invalid 1
        popped  2
        popped  0
        .endm

# The store does not hit.
        .macro  misses store:vararg
        watch   2, object, 16
        la      a0, object
        li      a1, 0x5a
        \store
        valid   2
        popped  0
        csrw    mj.wlen, x0
        invalid 2
        .endm

        begin
        hits    sb a1, 0(a0)
        hits    sb a1, 15(a0)
        hits    sh a1, 2(a0)
        hits    sw a1, 4(a0)
        hits    sd a1, 8(a0)
        hits    fsw fa0, 12(a0)
        hits    fsd fa0, 0(a0)
        hits    c.sw a1, 0(a0)
        hits    c.sd a1, 8(a0)
        # Misaligned, and only partly inside.
        hits    sd a1, -7(a0)
        hits    sd a1, 15(a0)
        hits    sw a1, -3(a0)
        # Atomics.
        hits    amoswap.w a2, a1, (a0)
        hits    amoadd.d a2, a1, (a0)
        .macro  reserved
        lr.d    a2, (a0)
        sc.d    a2, a1, (a0)
        .endm
        hits    reserved
        check
        expect  a2, 0
        # The block of 64 bytes around the object.
        .macro  zero
        addi    a2, a0, -32
        cbo.zero (a2)
        .endm
        hits    zero
        check
        la      a0, object
        ld      a1, 0(a0)
        expect  a1, 0
        # A system call that writes: clock_gettime(CLOCK_MONOTONIC, object).
        .macro  system
        li      a7, 113
        mv      a1, a0
        li      a0, 1
        ecall
        .endm
        hits    system
        # What is not a store into the range.
        misses  ld a1, 0(a0)
        misses  sb a1, -1(a0)
        misses  sb a1, 16(a0)
        misses  sd a1, -8(a0)
        misses  sd a1, 16(a0)
        misses  lr.d a2, (a0)
        misses  cbo.clean (a0)
        misses  mj.obst a0, 1
        # Compare-and-swap counts as a store even when it fails to compare; the value is as it was.
        .macro  compare
        li      a2, 12345
        amocas.d a2, a1, (a0)
        .endm
        hits    compare
        finish

        .bss
        .balign 64
        .space  32
object: .space  96
