# Hints change no register and no memory, whatever they are given; their base instructions still compute.
# Under any RV64 machine this program prints the same.
# stdout: ok
        .include "check.inc"

        begin
        li      a0, -5
        li      a1, 3
        check
        mj.obsv a0, 0
        mj.obsv a0, 4095
        mj.obst a0, 0
        mj.obst a1, 4095
        mj.phase 0
        mj.phase 15
        mj.roi  1
        mj.roi  0
        expect  a0, -5
        expect  a1, 3
        expect  x0, 0
        # With a destination they are comparisons.
        check
        slti    a2, a0, -4
        expect  a2, 1
        slti    a2, a0, -5
        expect  a2, 0
        sltiu   a2, a1, 4
        expect  a2, 1
        sltiu   a2, a0, 4
        expect  a2, 0
        sltiu   a2, a0, -1
        expect  a2, 1
        # The spellings are those of the base instructions.
        check
        lw      a3, obsv
        lw      a4, slti_spelling
        bne     a3, a4, check_failed
        lw      a3, mark
        lw      a4, sltiu_spelling
        bne     a3, a4, check_failed
        finish

        .balign 4
obsv:   mj.obsv a0, 1
slti_spelling:
        slti    x0, a0, 1
mark:   mj.roi  1
sltiu_spelling:
        sltiu   x0, x0, 1
