# A watched range on a page of the running code: both kinds of slow store are told apart.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"
        .include "watch/watch.inc"

        begin
        li      a7, 226                 # mprotect(page of the code, 4096, all)
        la      a0, cell
        li      a1, -4096
        and     a0, a0, a1
        li      a1, 8192
        li      a2, 7
        ecall
        check
        expect  a0, 0
        watch   5, cell, 8
        li      a0, 0
        call    patched
        check
        expect  a0, 1
        # Patching the function is no hit; it has its effect.
        la      a1, patched
        la      a2, other
        lw      a2, 0(a2)
        sw      a2, 0(a1)
        fence.i
        valid   5
        call    patched
        check
        expect  a0, 3
        # A store to the cell is a hit, and the code stays.
        la      a1, cell
        sd      a0, 0(a1)
        invalid 5
        call    patched
        check
        expect  a0, 5
        finish

        .text
        .balign 8
cell:   .dword  0
        .option norvc
patched:
        addi    a0, a0, 1
        ret
other:  addi    a0, a0, 2
