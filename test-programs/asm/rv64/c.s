# rv64c: every compressed instruction.
# stdout: ok
        .include "check.inc"

        begin
        # c.li, c.lui, c.addi, c.addiw, c.mv, c.add
        check
        c.li    a0, 31
        expect  a0, 31
        c.li    a0, -32
        expect  a0, -32
        c.li    a0, 0
        expect  a0, 0
        check
        c.lui   a0, 1
        expect  a0, 0x1000
        c.lui   a0, 31
        expect  a0, 0x1f000
        c.lui   a0, 0xfffff
        expect  a0, -4096
        c.lui   a0, 0xfffe0
        expect  a0, -131072
        check
        li      a0, 0x7fffffff
        c.addi  a0, 1
        expect  a0, 0x80000000
        c.addi  a0, -32
        expect  a0, 0x7fffffe0
        c.addi  a0, 31
        expect  a0, 0x7fffffff
        c.addiw a0, 1
        expect  a0, 0xffffffff80000000
        c.addiw a0, -1
        expect  a0, 0x7fffffff
        li      a0, 0x1234567890
        c.addiw a0, 0
        expect  a0, 0x34567890
        check
        li      a1, 0x1122334455667788
        c.mv    a0, a1
        expect  a0, 0x1122334455667788
        c.add   a0, a1
        expect  a0, 0x22446688aaccef10
        c.add   a0, a0
        expect  a0, 0x4488cd115599de20
        # The registers that only the wide fields can name.
        check
        c.li    t6, 5
        c.mv    s2, t6
        c.add   s2, s2
        expect  s2, 10

        # c.slli, c.srli, c.srai, c.andi
        check
        li      a0, 0x8000000000000001
        c.srli  a0, 1
        expect  a0, 0x4000000000000000
        c.slli  a0, 1
        expect  a0, 0x8000000000000000
        c.srai  a0, 63
        expect  a0, -1
        c.srli  a0, 63
        expect  a0, 1
        c.slli  a0, 63
        expect  a0, 0x8000000000000000
        c.srai  a0, 32
        expect  a0, 0xffffffff80000000
        c.slli  a0, 32
        expect  a0, 0x8000000000000000
        li      a0, 0x123456789abcdeff
        c.andi  a0, -16
        expect  a0, 0x123456789abcdef0
        c.andi  a0, 31
        expect  a0, 16
        c.andi  a0, 0
        expect  a0, 0

        # c.sub, c.xor, c.or, c.and, c.subw, c.addw
        check
        li      s0, 0xff00ff00ff00ff00
        li      a5, 0x0ff00ff00ff00ff0
        mv      a0, s0
        c.sub   a0, a5
        expect  a0, 0xef10ef10ef10ef10
        mv      a0, s0
        c.xor   a0, a5
        expect  a0, 0xf0f0f0f0f0f0f0f0
        mv      a0, s0
        c.or    a0, a5
        expect  a0, 0xfff0fff0fff0fff0
        mv      a0, s0
        c.and   a0, a5
        expect  a0, 0x0f000f000f000f00
        mv      a0, s0
        c.subw  a0, a5
        expect  a0, 0xffffffffef10ef10
        li      a0, 0x7fffffff
        li      a1, 1
        c.addw  a0, a1
        expect  a0, 0xffffffff80000000
        c.subw  a0, a0
        expect  a0, 0

        # Stack pointer forms.
        check
        mv      s0, sp
        c.addi16sp sp, -512
        sub     a0, s0, sp
        expect  a0, 512
        c.addi16sp sp, 496
        sub     a0, s0, sp
        expect  a0, 16
        c.addi16sp sp, 16
        bne     s0, sp, check_failed
        c.addi4spn a0, sp, 4
        sub     a0, a0, sp
        expect  a0, 4
        c.addi4spn a5, sp, 1020
        sub     a0, a5, sp
        expect  a0, 1020
        check
        addi    sp, sp, -528
        li      a0, 0x8899aabbccddeeff
        c.sdsp  a0, 0(sp)
        c.sdsp  a0, 504(sp)
        c.ldsp  a1, 0(sp)
        expect  a1, 0x8899aabbccddeeff
        c.ldsp  t6, 504(sp)
        bne     t6, a0, check_failed
        c.swsp  a0, 252(sp)
        c.lwsp  a1, 252(sp)
        expect  a1, 0xffffffffccddeeff
        c.lwsp  ra, 0(sp)
        expect  ra, 0xffffffffccddeeff
        fmv.d.x fa0, a0
        c.fsdsp fa0, 8(sp)
        c.fldsp ft11, 8(sp)
        fmv.x.d a1, ft11
        bne     a1, a0, check_failed
        c.fsdsp fa0, 496(sp)
        ld      a1, 496(sp)
        bne     a1, a0, check_failed
        addi    sp, sp, 528

        # c.lw, c.ld, c.sw, c.sd, c.fld, c.fsd at both ends of their offsets.
        check
        la      s1, cells
        li      a0, 0x8899aabbccddeeff
        c.sd    a0, 0(s1)
        c.ld    a1, 0(s1)
        bne     a0, a1, check_failed
        c.sd    a0, 248(s1)
        c.ld    a1, 248(s1)
        bne     a0, a1, check_failed
        c.sw    a0, 124(s1)
        c.lw    a1, 124(s1)
        expect  a1, 0xffffffffccddeeff
        c.lw    a1, 4(s1)
        expect  a1, 0xffffffff8899aabb
        c.fld   fa5, 0(s1)
        fmv.x.d a1, fa5
        bne     a0, a1, check_failed
        c.fsd   fa5, 240(s1)
        c.ld    a1, 240(s1)
        bne     a0, a1, check_failed
        # The base as destination.
        mv      a2, s1
        c.ld    a2, 0(a2)
        bne     a0, a2, check_failed

        # c.j, c.jr, c.jalr and their links.
        check
        c.j     1f
        j       check_failed
2:      c.j     3f
        j       check_failed
1:      c.j     2b
3:      la      a0, 1f
        c.jr    a0
        j       check_failed
1:      la      a0, 1f
        c.jalr  a0
link:   j       check_failed
1:      expect  ra, link
        la      ra, 1f
        c.jalr  ra
link2:  j       check_failed
1:      expect  ra, link2
        # The instruction is two bytes long: so is its link's distance.
        check
        .option push
        .option norvc
        auipc   a0, 0
        addi    a0, a0, 12
        .option pop
        c.nop
        c.jalr  a0
        expect  ra, .
        # c.beqz, c.bnez
        check
        li      a0, 0
        li      a1, 1
        c.beqz  a0, 1f
        j       check_failed
1:      c.bnez  a1, 1f
        j       check_failed
1:      c.beqz  a1, 1f
        c.bnez  a0, 1f
        c.j     2f
1:      j       check_failed
2:      li      a2, 0x100000000
        c.beqz  a2, 1b
        # A loop back.
        li      a0, 10
        li      a1, 0
1:      c.add   a1, a0
        c.addi  a0, -1
        c.bnez  a0, 1b
        expect  a1, 55
        c.nop
        # Four-byte instructions need only two-byte alignment.
        check
        .balign 4
        c.nop
        li      a0, 5
        expect  a0, 5
        finish

        .data
        .balign 8
cells:  .space  256
