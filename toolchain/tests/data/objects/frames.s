# Call frame information and line numbers.
        .file   "frames.c"
        .text
        .file 1 "dir/frames.c"
        .file 2 "/usr/include/other.h"
        .globl  first
        .type   first, @function
first:
        .loc 1 3 1
        .cfi_startproc
        .cfi_personality 0x9b, DW.ref.__gxx_personality_v0
        .cfi_lsda 0x1b, .LLSDA0
        .loc 1 4 5 prologue_end
        addi    sp, sp, -32
        .cfi_def_cfa_offset 32
        sd      ra, 24(sp)
        sd      s0, 16(sp)
        .cfi_offset ra, -8
        .cfi_offset s0, -16
        .loc 1 5 9 is_stmt 0 discriminator 3
        addi    s0, sp, 32
        .cfi_def_cfa s0, 0
        call    second
        .cfi_remember_state
        .loc 2 100
        beqz    a0, .L1
        .cfi_restore ra
        .cfi_restore s0
        .loc 2 70000 2
        nop
        .cfi_restore_state
        .space  300
.L1:    .loc 1 7 is_stmt 1 isa 1
        ld      s0, 16(sp)
        .cfi_restore 8
        .cfi_def_cfa sp, 32
        addi    sp, sp, 32
        .cfi_adjust_cfa_offset -32
        .space  70000
        ret
        .loc 1 9 epilogue_begin
        .cfi_same_value s1
        nop
        .cfi_endproc
        .size   first, .-first
second: .cfi_startproc
        nop
        .cfi_undefined fs0
        .cfi_register s2, s3
        .cfi_val_offset s4, -24
        .cfi_rel_offset s5, 8
        .cfi_escape 0x16, 1, 1
        .cfi_window_save
        ret
        .cfi_endproc
third:  .cfi_startproc simple
        .cfi_signal_frame
        .cfi_def_cfa sp, 0
        .cfi_return_column t0
        nop
        .cfi_endproc
        .section .text.more,"ax",@progbits
fourth: .cfi_startproc
        .loc 1 20
        j       fourth
        .cfi_endproc
        .section .gcc_except_table,"a",@progbits
.LLSDA0: .byte  0xff
        # GNU as writes debug information of its own where there is none.
        .section .debug_info,"",@progbits
        .byte   0
