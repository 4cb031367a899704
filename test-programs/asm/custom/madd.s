# my.madd: an instruction of an ISA file.
# isa-file: isa-spec/examples/madd.yaml
# stdout: ok
# count my.madd: 15
# class mul: 15
# extension Xmymadd: 15
        .include "check.inc"

        begin
        check
        li      a0, 7
        li      a1, 6
        li      a2, 100
        my.madd a3, a0, a1, a2
        expect  a3, 142
        # The result wraps, and x0 stays 0.
        check
        li      a0, -1
        li      a1, 0x7fffffffffffffff
        li      a2, -5
        my.madd a0, a0, a1, a2
        expect  a0, 0x7ffffffffffffffc
        check
        my.madd x0, a1, a1, a1
        expect  x0, 0
        check
        my.madd t6, a1, x0, a2
        mv      a3, t6
        expect  a3, -5
        # A loop: 1 + 10 * (…) eleven times is eleven ones.
        check
        li      a0, 0
        li      a1, 10
        li      a2, 1
        li      a4, 11
1:      my.madd a0, a0, a1, a2
        addi    a4, a4, -1
        bnez    a4, 1b
        expect  a0, 11111111111
        finish
