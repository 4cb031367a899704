# rv64i: branches and jumps, their links and targets.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        taken     beq, 0, 0
        not_taken beq, 0, 1
        not_taken beq, 1, 0
        taken     beq, 0xffffffffffffffff, 0xffffffffffffffff
        not_taken beq, 0xffffffffffffffff, 0
        not_taken beq, 0, 0xffffffffffffffff
        not_taken beq, 0xffffffffffffffff, 1
        not_taken beq, 1, 0xffffffffffffffff
        not_taken beq, 0x8000000000000000, 0x7fffffffffffffff
        not_taken beq, 0x7fffffffffffffff, 0x8000000000000000
        not_taken beq, 0x80000000, 0x7fffffff
        not_taken beq, 0x100000000, 0
        not_taken beq, 0xffffffff00000000, 0

        not_taken bne, 0, 0
        taken     bne, 0, 1
        taken     bne, 1, 0
        not_taken bne, 0xffffffffffffffff, 0xffffffffffffffff
        taken     bne, 0xffffffffffffffff, 0
        taken     bne, 0, 0xffffffffffffffff
        taken     bne, 0xffffffffffffffff, 1
        taken     bne, 1, 0xffffffffffffffff
        taken     bne, 0x8000000000000000, 0x7fffffffffffffff
        taken     bne, 0x7fffffffffffffff, 0x8000000000000000
        taken     bne, 0x80000000, 0x7fffffff
        taken     bne, 0x100000000, 0
        taken     bne, 0xffffffff00000000, 0

        not_taken blt, 0, 0
        taken     blt, 0, 1
        not_taken blt, 1, 0
        not_taken blt, 0xffffffffffffffff, 0xffffffffffffffff
        taken     blt, 0xffffffffffffffff, 0
        not_taken blt, 0, 0xffffffffffffffff
        taken     blt, 0xffffffffffffffff, 1
        not_taken blt, 1, 0xffffffffffffffff
        taken     blt, 0x8000000000000000, 0x7fffffffffffffff
        not_taken blt, 0x7fffffffffffffff, 0x8000000000000000
        not_taken blt, 0x80000000, 0x7fffffff
        not_taken blt, 0x100000000, 0
        taken     blt, 0xffffffff00000000, 0

        taken     bge, 0, 0
        not_taken bge, 0, 1
        taken     bge, 1, 0
        taken     bge, 0xffffffffffffffff, 0xffffffffffffffff
        not_taken bge, 0xffffffffffffffff, 0
        taken     bge, 0, 0xffffffffffffffff
        not_taken bge, 0xffffffffffffffff, 1
        taken     bge, 1, 0xffffffffffffffff
        not_taken bge, 0x8000000000000000, 0x7fffffffffffffff
        taken     bge, 0x7fffffffffffffff, 0x8000000000000000
        taken     bge, 0x80000000, 0x7fffffff
        taken     bge, 0x100000000, 0
        not_taken bge, 0xffffffff00000000, 0

        not_taken bltu, 0, 0
        taken     bltu, 0, 1
        not_taken bltu, 1, 0
        not_taken bltu, 0xffffffffffffffff, 0xffffffffffffffff
        not_taken bltu, 0xffffffffffffffff, 0
        taken     bltu, 0, 0xffffffffffffffff
        not_taken bltu, 0xffffffffffffffff, 1
        taken     bltu, 1, 0xffffffffffffffff
        not_taken bltu, 0x8000000000000000, 0x7fffffffffffffff
        taken     bltu, 0x7fffffffffffffff, 0x8000000000000000
        not_taken bltu, 0x80000000, 0x7fffffff
        not_taken bltu, 0x100000000, 0
        not_taken bltu, 0xffffffff00000000, 0

        taken     bgeu, 0, 0
        not_taken bgeu, 0, 1
        taken     bgeu, 1, 0
        taken     bgeu, 0xffffffffffffffff, 0xffffffffffffffff
        taken     bgeu, 0xffffffffffffffff, 0
        not_taken bgeu, 0, 0xffffffffffffffff
        taken     bgeu, 0xffffffffffffffff, 1
        not_taken bgeu, 1, 0xffffffffffffffff
        taken     bgeu, 0x8000000000000000, 0x7fffffffffffffff
        not_taken bgeu, 0x7fffffffffffffff, 0x8000000000000000
        taken     bgeu, 0x80000000, 0x7fffffff
        taken     bgeu, 0x100000000, 0
        taken     bgeu, 0xffffffff00000000, 0

        # A branch on one register.
        check
        li      a1, 5
        beq     a1, a1, 1f
        j       check_failed
1:      blt     a1, a1, check_failed
        bgeu    a1, a1, 1f
        j       check_failed
1:
        # Farther than a conditional branch reaches: the assembler goes around.
        check
        li      a1, 1
        bnez    a1, far
        j       check_failed
back:
        # jal and its link.
        check
        jal     a0, 1f
link1:  j       check_failed
1:      expect  a0, link1
        jal     x0, 1f
        j       check_failed
1:      expect  x0, 0
        # jalr: offset, link, the lowest bit dropped.
        check
        la      a1, 1f - 8
        jalr    a0, 8(a1)
link2:  j       check_failed
1:      expect  a0, link2
        la      a1, 1f + 2047 + 1
        jalr    a0, -2047(a1)
link3:  j       check_failed
1:      expect  a0, link3
        # The target is read before the link is written.
        la      a0, 1f
        jalr    a0, 0(a0)
link4:  j       check_failed
1:      expect  a0, link4
        # Calls and returns.
        check
        li      a0, 1
        call    double
        call    double
        expect  a0, 4
        la      t1, double
        jalr    t1
        expect  a0, 8
        # A loop back.
        check
        li      a0, 0
        li      a1, 100
1:      add     a0, a0, a1
        addi    a1, a1, -1
        bnez    a1, 1b
        expect  a0, 5050
        # auipc is relative to itself.
        check
here:   auipc   a0, 0
        expect  a0, here
        j       end

double: slli    a0, a0, 1
        ret

end:    finish

        .space  8192
far:    check
        beqz    x0, back
        j       check_failed
