# mj.geq: two registers equal.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        li      a0, 0x123456789abcdef0
        mv      a1, a0
        passes  mj.geq a0, a1
        passes  mj.geq a0, a0
        passes  mj.geq x0, x0
        addi    a1, a1, 1
        fails   0x123456789abcdef0, mj.geq a0, a1
        fails   0x123456789abcdef1, mj.geq a1, a0
        fails   0x123456789abcdef0, mj.geq a0, x0
        fails   0, mj.geq x0, a0
        # Each half counts.
        li      a0, 0x100000001
        li      a1, 1
        fails   0x100000001, mj.geq a0, a1
        li      a1, 0x100000000
        fails   0x100000001, mj.geq a0, a1
        li      a0, 0x8000000000000000
        fails   0x8000000000000000, mj.geq a0, x0
        expect  a0, 0x8000000000000000
        expect  a1, 0x100000000
        finish
