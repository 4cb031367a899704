# Sections, groups, symbols and data as compilers and people write them.
        .file   "sections.c"
        .option nopic
        .attribute stack_align, 16
        .text
        .align  1
        .globl  start
        .type   start, @function
start:  nop
        la      a0, message
        lla     a1, table
        la.tls.ie a2, thread
        la.tls.gd a3, thread
        call    helper
        call    helper@plt
        call    t0, helper
        tail    other
        jump    other, t2
        lw      a0, counter
        ld      a1, counter+8
        sw      a0, counter, t1
        fld     fa0, counter, t1
        fsd     fa0, counter, t1
        lui     a4, %hi(counter+4)
        lw      a4, %lo(counter+4)(a4)
        sw      a4, %lo(counter)(a4)
1:      auipc   a5, %got_pcrel_hi(counter)
        ld      a5, %pcrel_lo(1b)(a5)
        lui     a6, %tprel_hi(thread)
        add     a6, a6, tp, %tprel_add(thread)
        sw      zero, %tprel_lo(thread)(a6)
        beq     a0, a1, far
        beqz    a0, 1b
        bgtu    a0, a1, helper
        j       start
        jal     helper
        .size   start, .-start
        .word   start - 1b, . - start, end_of_text - start
        .dword  start, message + 4, end_of_text - start
        .half   end_of_text - start
        .byte   2f - start, 0
2:      .balign 8
        .p2align 4,,7
        .balign 4, 0x11
end_of_text:
        .space  5000
        nop
far:    nop
        .section .rodata.str1.8,"aMS",@progbits,1
        .align  3
message: .string "text\twith \"quotes\" and \101\x42\n"
        .ascii  "two", " parts"
        .section .rodata.cst8,"aM",@progbits,8
        .double 1.5, -0.1, 1e300
        .float  3.25
        .section .rodata
        .align  3
table:  .dword  start, helper
        .word   3f - table, start - table
3:      .zero   3
        .byte   1, 2 + 3 * 4, 'a', -1
        .fill   3, 2, 0x1234
        .octa   0x0123456789abcdef0123456789abcdef
        .uleb128 624485
        .sleb128 -123456
        .data
        .align  3
        .globl  counter
        .type   counter, @object
        .size   counter, 16
counter: .quad  1, 2
        .set    alias, counter
        .globl  alias
        .set    .LANCHOR0, . + 0
        .weak   maybe
        .dword  maybe, .LANCHOR0
        .hidden secret
        .globl  secret
        .dword  secret
        .equ    five, 5
        .word   five, five * 2 - 1
        .section .tdata,"awT",@progbits
thread: .word   7
        .section .tbss,"awT",@nobits
        .zero   8
        .bss
        .align  4
        .zero   17
        .comm   shared, 24, 8
        .local  mine
        .comm   mine, 12, 4
        .lcomm  also_mine, 3
        .section .init_array,"aw"
        .align  3
        .dword  start
        .section .text.unlikely,"ax",@progbits
        nop
        .pushsection .note.own, "a", @note
        .long   1f - 0f, 0, 1
0:      .asciz  "own"
1:      .balign 4
        .popsection
        ret
        .section .text.inline_one,"axG",@progbits,inline_one,comdat
        .weak   inline_one
        .type   inline_one, @function
inline_one:
        call    start
        ret
        .size   inline_one, .-inline_one
        .section .rodata.of_one,"aG",@progbits,inline_one,comdat
        .dword  inline_one
        .section .text.group,"axG",@progbits,nobody,comdat
        nop
        .text
        .subsection 1
        .word   0x12345678
        .previous
        .weakref through, weakly
        call    through
        .symver start, begin@VERS_1
        .ident  "a compiler"
        .ident  "of two strings"
        .macro  twice insn:req, reg=a0, more:vararg
        \insn   \reg, \more
        \insn   \reg, \more
        .endm
        twice   addi, a1, a1, 1
        twice   reg=a2, insn=mv, more=a3
        .rept   3
        c.nop
        .endr
        .irp    r, s0, s1, s2
        sd      \r, 8(sp)
        .endr
        .irpc   d, 123
        .byte   \d
        .endr
        .if     five == 5
        .byte   55
        .elseif five == 6
        .byte   66
        .else
        .byte   77
        .endif
        .ifdef  nothing
        .error  "not here"
        .endif
        .balign 2
        .insn   r 0x33, 0, 0, a0, a1, a2
        .insn   i 0x13, 0, a0, a1, -5
        .insn   i LOAD, 3, a0, 16(sp)
        .insn   s STORE, 3, a0, 16(sp)
        .insn   u LUI, a0, 0x12345
        .insn   r4 MADD, 0, 1, fa0, fa1, fa2, fa3
        .insn   ca 1, 0x23, 3, a0, a1
        .insn   ci 1, 2, a0, -3
        .insn   0x00000013
        .insn   4, 0x00100073
        jr      a0, 8
        jalr    a0, -8
        frsr    a0
        fssr    a0, a1
        wfi
        sfence.vma a0, a1
        csrr    a0, mstatus
        .section .note.GNU-stack,"",@progbits
# Names of sections are symbols at their beginnings.
	.section .named, "a"
	.word	1
	.word	.later + 4
	.dword	.named, .data
	.section .later, "a"
	.word	.text
