# mj.addo, mj.subo, mj.mulo, mj.addio: the result if it fits 64 signed bits, else a failing guard with
# the wrapped result and an unchanged destination.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        .equ    max, 0x7fffffffffffffff
        .equ    min, 0x8000000000000000

# The operation fits.
        .macro fits op, want, a, b
        li      a1, \a
        li      a2, \b
        passes  \op a0, a1, a2
        expect  a0, \want
        expect  a1, \a
        expect  a2, \b
        # Source and destination in one register.
        passes  \op a1, a1, a2
        expect  a1, \want
        li      a1, \a
        passes  \op a2, a1, a2
        expect  a2, \want
        .endm

# It overflows; `want` is the wrapped result.
        .macro overflows op, want, a, b
        li      a0, 0x0ddba11
        li      a1, \a
        li      a2, \b
        fails   \want, \op a0, a1, a2
        expect  a0, 0x0ddba11
        fails   \want, \op a1, a1, a2
        expect  a1, \a
        fails   \want, \op a2, a1, a2
        expect  a2, \b
        # Into x0, where only the check is left.
        fails   \want, \op x0, a1, a2
        .endm

        .macro fits_imm want, a, b
        li      a1, \a
        passes  mj.addio a0, a1, \b
        expect  a0, \want
        passes  mj.addio a1, a1, \b
        expect  a1, \want
        .endm

        .macro overflows_imm want, a, b
        li      a0, 0x0ddba11
        li      a1, \a
        fails   \want, mj.addio a0, a1, \b
        expect  a0, 0x0ddba11
        fails   \want, mj.addio a1, a1, \b
        expect  a1, \a
        .endm

        begin
        fits    mj.addo, 0, 0, 0
        fits    mj.addo, 3, 1, 2
        fits    mj.addo, -1, max, min
        fits    mj.addo, max, max, 0
        fits    mj.addo, min, min, 0
        fits    mj.addo, max, max - 1, 1
        fits    mj.addo, min, min + 1, -1
        fits    mj.addo, 0, 1, -1
        fits    mj.addo, 0x100000000, 0x80000000, 0x80000000
        overflows mj.addo, min, max, 1
        overflows mj.addo, min, 1, max
        overflows mj.addo, max, min, -1
        overflows mj.addo, -2, max, max
        overflows mj.addo, 0, min, min
        overflows mj.addo, min, 0x4000000000000000, 0x4000000000000000

        fits    mj.subo, 0, 0, 0
        fits    mj.subo, -1, 1, 2
        fits    mj.subo, max, max, 0
        fits    mj.subo, min, min, 0
        fits    mj.subo, min, -1, max
        fits    mj.subo, max, -1, min
        fits    mj.subo, 0, min, min
        overflows mj.subo, min, 0, min
        overflows mj.subo, max, min, 1
        overflows mj.subo, min, max, -1
        overflows mj.subo, -1, max, min
        overflows mj.subo, 1, min, max

        fits    mj.mulo, 0, 0, min
        fits    mj.mulo, 0, max, 0
        fits    mj.mulo, 42, 6, 7
        fits    mj.mulo, -42, -6, 7
        fits    mj.mulo, 42, -6, -7
        fits    mj.mulo, min, min, 1
        fits    mj.mulo, -max, max, -1
        fits    mj.mulo, min, 0x80000000, -0x100000000
        fits    mj.mulo, 0x3fffffff00000001, 0x7fffffff, 0x7fffffff
        fits    mj.mulo, 0x4000000000000000, -0x80000000, -0x80000000
        overflows mj.mulo, min, min, -1
        overflows mj.mulo, min, -1, min
        overflows mj.mulo, min, 0x80000000, 0x100000000
        overflows mj.mulo, 0, 0x100000000, 0x100000000
        overflows mj.mulo, 1, max, max
        overflows mj.mulo, 0, min, min
        overflows mj.mulo, -2, max, 2
        overflows mj.mulo, min, max, min

        fits_imm 5, 2, 3
        fits_imm -5, -2, -3
        fits_imm max, max, 0
        fits_imm max, max - 2047, 2047
        fits_imm min, min + 2048, -2048
        fits_imm max - 1, max, -1
        overflows_imm min, max, 1
        overflows_imm min + 2046, max, 2047
        overflows_imm max, min, -1
        overflows_imm max - 2047, min, -2048

        # x0 as a source.
        li      a1, -7
        passes  mj.subo a0, x0, a1
        expect  a0, 7
        passes  mj.addio a0, x0, -2048
        expect  a0, -2048
        finish
