# One program with every kind of statement, compared with GNU as byte by byte.
        .option norvc
        .text
        .globl  _start
        .type   _start, @function
_start:
        # li of every shape.
        li      a0, 0
        li      a0, -1
        li      a0, 2047
        li      a0, -2048
        li      a0, 2048
        li      a0, -2049
        li      a0, 0x12345
        li      a0, 0x7ffff000
        li      a0, 0x7fffffff
        li      a0, -0x80000000
        li      a0, 0x80000000
        li      a0, 0xffffffff
        li      a0, 0x123456789abcdef0
        li      a0, 0x8000000000000000
        li      a0, 0x7fffffffffffffff
        li      a0, -0x7fffffffffffffff
        li      a0, 0x100000000
        li      a0, 0xfffff000fffff
        li      a0, 1 << 40
        li      t6, 0xdeadbeefcafebabe
        li      a0, (3 + 4) * 2 - 1
        li      a0, ~0 ^ 0xff
        li      a0, 'A' + '\n'
        .equ    known, 77
        li      a1, known
        .set    counter, 1
        .set    counter, counter + 1
        li      a1, counter
        # Addresses.
1:      lla     a0, value
        la      a1, value + 8
        la      a2, _start
        lui     a3, %hi(value)
        addi    a3, a3, %lo(value)
        lw      a4, %lo(value)(a3)
        sd      a4, %lo(value + 8)(a3)
2:      auipc   a5, %pcrel_hi(value)
        ld      a6, %pcrel_lo(2b)(a5)
        sd      a6, %pcrel_lo(2b)(a5)
        lw      a7, value
        lbu     a7, value + 3
        sw      a7, value, t0
        fld     fa0, value, t0
        fsd     fa0, value, t1
        # Calls, jumps, branches.
        call    function
        tail    function
        jump    function, t2
        j       1b
        jal     function
        jal     t0, 3f
        jr      t0
        jalr    t0
        jalr    t0, t1
        jalr    t0, 4(t1)
        jalr    t0, t1, 4
        jalr    (t1)
        jr      8(t1)
        ret
3:      beqz    a0, 1b
        bnez    a0, 3b
        blez    a0, 3b
        bgez    a0, 3b
        bltz    a0, 3b
        bgtz    a0, 3b
        bgt     a0, a1, 3b
        ble     a0, a1, 3b
        bgtu    a0, a1, 3b
        bleu    a0, a1, 4f
        beq     a0, a1, far
        bltu    a0, a1, far
        bnez    a0, far
4:      nop
        # One-instruction pseudo-instructions.
        mv      a0, a1
        not     a0, a1
        neg     a0, a1
        negw    a0, a1
        sext.w  a0, a1
        sext.b  a0, a1
        sext.h  a0, a1
        zext.b  a0, a1
        zext.h  a0, a1
        zext.w  a0, a1
        seqz    a0, a1
        snez    a0, a1
        sltz    a0, a1
        sgtz    a0, a1
        sgt     a0, a1, a2
        sgtu    a0, a1, a2
        add     a0, a1, 5
        and     a0, a1, 5
        or      a0, a1, 5
        xor     a0, a1, 5
        sll     a0, a1, 5
        srl     a0, a1, 5
        sra     a0, a1, 5
        addw    a0, a1, 5
        slt     a0, a1, 5
        sltu    a0, a1, 5
        fmv.s   fa0, fa1
        fabs.s  fa0, fa1
        fneg.s  fa0, fa1
        fmv.d   fa0, fa1
        fabs.d  fa0, fa1
        fneg.d  fa0, fa1
        fgt.d   a0, fa0, fa1
        fge.d   a0, fa0, fa1
        fgt.s   a0, fa0, fa1
        fge.s   a0, fa0, fa1
        fmv.x.s a0, fa1
        fmv.s.x fa0, a1
        fcvt.d.w fa0, a1
        fcvt.w.d a0, fa1
        fcvt.w.d a0, fa1, rtz
        fadd.d  fa0, fa1, fa2
        fadd.d  fa0, fa1, fa2, rup
        fmadd.d fa0, fa1, fa2, fa3
        fmadd.d fa0, fa1, fa2, fa3, rne
        fsqrt.d fa0, fa1
        fcvt.s.d fa0, fa1
        fcvt.d.s fa0, fa1
        fcvt.l.d a0, fa0, rtz
        fcvt.d.l fa0, a0
        # CSRs.
        csrr    a0, fcsr
        csrw    fflags, a0
        csrs    frm, a0
        csrc    frm, a0
        csrwi   frm, 3
        csrsi   frm, 1
        csrci   frm, 1
        csrrw   a0, 0x800, a1
        csrrwi  a0, fcsr, 31
        csrrw   a0, fcsr, 31
        csrw    fcsr, 5
        rdcycle a0
        rdtime  a0
        rdinstret a0
        frcsr   a0
        fscsr   a0
        fscsr   a0, a1
        frrm    a0
        fsrm    a0
        fsrm    a0, a1
        frflags a0
        fsflags a0
        fsflags a0, a1
        fsflagsi 3
        fsrmi   a0, 2
        fence
        fence   rw, w
        fence   iorw, i
        fence.i
        fence.tso
        ecall
        ebreak
        unimp
        lr.d    a0, (a1)
        lr.w.aq a0, 0(a1)
        sc.d.rl a0, a2, (a1)
        amoadd.w.aqrl a0, a2, (a1)
        amomaxu.d a0, a2, 0(a1)
        lw      a0, (a1)
        sd      a0, (sp)
        # .insn in its formats.
        .insn   r CUSTOM_0, 2, 1, a0, a1, a2
        .insn   r 0x0b, 2, 127, x31, x1, f3
        .insn   r MADD, 1, 2, a0, a1, a2, a3
        .insn   r4 MADD, 1, 2, a0, a1, a2, a3
        .insn   i OP_IMM, 4, a0, a1, -7
        .insn   i LOAD, 3, a0, -8(sp)
        .insn   s STORE, 3, a0, 16(sp)
        .insn   sb BRANCH, 1, a0, a1, 3b
        .insn   b BRANCH, 0, a0, x0, 4b
        .insn   u LUI, a0, 0xfffff
        .insn   uj JAL, ra, 1b
        .insn   j JAL, x0, 4b
        .option push
        .option rvc
        .insn   ca C1, 0x23, 1, a0, a1
        .insn   cr 2, 8, a0, a1
        .insn   ci C1, 0, a0, -3
        .insn   ciw C0, 0, a0, 5
        .insn   css C2, 7, a0, 9
        .insn   cl C0, 2, a0, 5(a1)
        .insn   cs C0, 6, a0, 9(a1)
        .insn   cb C1, 6, a0, 5f
        .insn   cj C1, 5, 5f
        .option pop
5:      .insn   0x00150513
        .insn   4, 0x00150513
        # Compressed instructions by name.
        .option push
        .option rvc
        c.addi  a0, 1
        c.j     5b
        c.beqz  a0, 5b
        c.lui   a0, 31
        c.nop
        .option pop
        .balign 4
        # Macros, repetition, conditions.
        .macro  twice what, reg=a0, rest:vararg
        \what   \reg, \reg, \rest
        \what   \reg, \reg, \rest
        .endm
        twice   addi, a1, 3
        twice   what=add, rest=a3
        .rept   3
        addi    a0, a0, 1
        .endr
        .irp    r, s0, s1, s2
        mv      \r, x0
        .endr
        .if     known == 77
        nop
        .else
        unimp
        .endif
        .ifdef  unknown_symbol
        unimp
        .endif
        .ifndef unknown_symbol
        addi    x0, x0, 0
        .endif
        .size   _start, . - _start
        .align  4
        .p2align 3
        .space  5000
function:
far:    ret
        .word   _start - function, function - _start, . - far
        .balign 8
        .dword  function, _start + 8

        .data
        .balign 8
value:  .byte   1, -1, 255, 'x'
        .half   0x1234, -2
        .2byte  7
        .balign 4
        .word   0xdeadbeef, -5, (1 + 2) * 3
        .4byte  9
        .balign 8
        .dword  0x123456789abcdef0, -1
        .quad   value, value + 16, _start
        .8byte  end - value
        .ascii  "a\tb\"\\\x41\101"
        .asciz  "zero"
        .string "one", "two"
        .zero   5
        .skip   3, 0xaa
        .space  2
        .fill   3, 2, 0x1234
        .balign 16, 0xff
        .float  1.5, -0.1
        .double 3.141592653589793, -1e100
        .uleb128 624485
        .sleb128 -123456
end:    .balign 8
