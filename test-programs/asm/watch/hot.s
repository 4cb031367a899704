# A hot loop under a watched token: stores beside the range leave it alone, the one into it stops the loop at its next
# check, and each round was counted.
# stdout: ok
# count mj.gwatch: 60001
# guard mj.gwatch: 1 failed
        .include "check.inc"

        begin
        la      a0, object
        csrw    mj.waddr, a0
        li      t5, 77
        csrw    mj.wtok, t5
        li      t5, 8
        csrw    mj.wlen, t5
        la      t5, stopped
        csrw    mj.gvec, t5
        li      a1, 0
        li      a3, 100000
        li      a5, 60000
loop:   mj.gwatch 77
        sd      a1, 64(a0)
        addi    a1, a1, 1
        beq     a1, a3, check_failed
        bne     a1, a5, loop
        sw      a1, 4(a0)
        j       loop
stopped:
        check
        expect  a1, 60000
        check
        csrr    a4, mj.gval
        expect  a4, 77
        check
        csrr    a4, mj.gepc
        la      a5, loop
        bne     a4, a5, check_failed
        check
        csrr    a4, mj.wpop
        expect  a4, 78
        finish

        .bss
        .balign 8
object: .space  128
