# linking: what a linker resolves: far sections, the global offset table, thread-local and common symbols.
# stdout: ok
        .include "check.inc"

        begin
        # The global offset table, and addresses relative to here and absolute.
        check
        lga     a0, word
        lla     a1, word
        la      a2, word
        lui     a3, %hi(word)
        addi    a3, a3, %lo(word)
        sub     a1, a1, a0
        expect  a1, 0
        sub     a2, a2, a0
        expect  a2, 0
        sub     a3, a3, a0
        expect  a3, 0
1:      auipc   a4, %got_pcrel_hi(word)
        ld      a4, %pcrel_lo(1b)(a4)
        sub     a4, a4, a0
        expect  a4, 0
        lw      a5, word
        expect  a5, 77
        lw      a5, word + 4
        expect  a5, 78
        li      a6, 79
        sw      a6, word, a7
        lui     a5, %hi(word)
        lw      a5, %lo(word)(a5)
        expect  a5, 79
        # Differences and addresses in data.
        check
        ld      a1, pointers
        sub     a1, a1, a0
        expect  a1, 4
        lw      a1, pointers + 8
        expect  a1, 4
        lbu     a1, pointers + 12
        expect  a1, 4
        # Common symbols begin at zero and are aligned.
        check
        la      a1, shared
        ld      a2, (a1)
        expect  a2, 0
        andi    a2, a1, 63
        expect  a2, 0
        la      a2, block
        andi    a2, a2, 7
        expect  a2, 0
        # Thread-local offsets, by the pointer to the block's beginning.
        check
        la      tp, block_of_threads
        lui     a1, %tprel_hi(second)
        add     a1, a1, tp, %tprel_add(second)
        lw      a1, %tprel_lo(second)(a1)
        expect  a1, 22
        la.tls.ie a1, second
        add     a1, a1, tp
        lw      a1, (a1)
        expect  a1, 22
        la.tls.ie a1, zeros
        expect  a1, 8
        la.tls.gd a1, second
        ld      a2, (a1)
        expect  a2, 1
        ld      a2, 8(a1)
        addi    a2, a2, 0x7ff
        expect  a2, 3
        # A call to a section of its own; a call over a register; a jump.
        check
        li      a0, 1
        call    far
        expect  a0, 2
        call    t0, far_by_t0
        expect  a0, 3
        jump    back, t1
        j       check_failed
back:
        # What is aligned, and what is set to another name.
        check
        la      a1, same
        la      a2, word
        sub     a1, a1, a2
        expect  a1, 0
        la      a1, aligned
        andi    a1, a1, 31
        expect  a1, 0
        finish

        .section .text.far,"ax",@progbits
far:    addi    a0, a0, 1
        ret
far_by_t0:
        addi    a0, a0, 1
        jr      t0
        .balign 32
aligned: nop
        .data
        .balign 8
word:   .word   77, 78
        .set    same, word
pointers:
        .dword  word + 4
        .word   2f - 1f
        .byte   2f - 1f
1:      .zero   4
2:
        .comm   shared, 24, 64
        .local  block
        .comm   block, 16, 8
        .section .tdata,"awT",@progbits
block_of_threads:
first:  .word   11
second: .word   22
        .section .tbss,"awT",@nobits
zeros:  .zero   8
