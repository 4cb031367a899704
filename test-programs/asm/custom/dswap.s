# my.dswap: bytes reversed by three delta swaps, and bits of each byte by three more.
# isa-file: isa-spec/examples/dswap.yaml
# stdout: ok
# count my.dswap: 8
# class alu: 8+
        .include "check.inc"

        .macro  stage mask, distance
        li      a1, \mask
        my.dswap a0, a0, a1, \distance
        .endm

        begin
        check
        li      a0, 0x0123456789abcdef
        stage   0x00ff00ff00ff00ff, 8
        stage   0x0000ffff0000ffff, 16
        stage   0x00000000ffffffff, 32
        expect  a0, 0xefcdab8967452301
        check
        stage   0x0f0f0f0f0f0f0f0f, 4
        stage   0x3333333333333333, 2
        stage   0x5555555555555555, 1
        expect  a0, 0xf7b3d591e6a2c480
        # An empty mask, and a distance of nothing.
        check
        stage   0, 63
        expect  a0, 0xf7b3d591e6a2c480
        check
        stage   -1, 0
        expect  a0, 0xf7b3d591e6a2c480
        finish
