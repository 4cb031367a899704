# Zicsr on the floating-point CSRs and the counters, and Zifencei.
# stdout: ok
        .include "check.inc"

        begin
        # fcsr = frm and fflags; upper bits are not kept.
        check
        li      a0, -1
        csrw    fcsr, a0
        csrr    a1, fcsr
        expect  a1, 0xff
        csrr    a1, fflags
        expect  a1, 0x1f
        csrr    a1, frm
        expect  a1, 7
        # csrrw gives the old value.
        check
        li      a0, 0x45
        csrrw   a1, fcsr, a0
        expect  a1, 0xff
        csrr    a1, fflags
        expect  a1, 5
        csrr    a1, frm
        expect  a1, 2
        # One register as both operands.
        check
        li      a0, 0x21
        csrrw   a0, fcsr, a0
        expect  a0, 0x45
        csrr    a0, fcsr
        expect  a0, 0x21
        # Set and clear bits.
        check
        li      a0, 0x12
        csrrs   a1, fflags, a0
        expect  a1, 1
        csrr    a1, fflags
        expect  a1, 0x13
        li      a0, 0x11
        csrrc   a1, fflags, a0
        expect  a1, 0x13
        csrr    a1, fcsr
        expect  a1, 0x22
        # With x0 nothing is written.
        check
        csrrs   a1, fcsr, x0
        expect  a1, 0x22
        csrrc   a1, fcsr, x0
        expect  a1, 0x22
        csrr    a1, fcsr
        expect  a1, 0x22
        # Immediate forms.
        check
        csrrwi  a1, fflags, 31
        expect  a1, 2
        csrrci  a1, fflags, 0b10101
        expect  a1, 31
        csrrsi  a1, fflags, 1
        expect  a1, 0b01010
        csrr    a1, fflags
        expect  a1, 0b01011
        csrrsi  a1, fflags, 0
        csrrci  a1, fflags, 0
        expect  a1, 0b01011
        csrwi   frm, 3
        csrr    a1, fcsr
        expect  a1, 0b01101011
        # Without a destination.
        check
        csrrw   x0, fcsr, x0
        csrsi   fflags, 4
        csrr    a1, fcsr
        expect  a1, 4
        # The named forms.
        check
        li      a0, 3
        fsrm    a1, a0
        expect  a1, 0
        frrm    a1
        expect  a1, 3
        li      a0, 9
        fsflags a1, a0
        expect  a1, 4
        frflags a1
        expect  a1, 9
        li      a0, 0x40
        fscsr   a1, a0
        expect  a1, 0x69
        frcsr   a1
        expect  a1, 0x40

        # frm rounds when the instruction says dyn.
        check
        li      a0, 1
        fcvt.d.l fa0, a0
        li      a0, 3
        fcvt.d.l fa1, a0
        li      a0, 2                   # down
        fsrm    a0
        fdiv.d  fa2, fa0, fa1
        fmv.x.d a1, fa2
        expect  a1, 0x3fd5555555555555
        li      a0, 3                   # up
        fsrm    a0
        fdiv.d  fa2, fa0, fa1
        fmv.x.d a1, fa2
        expect  a1, 0x3fd5555555555556
        # An instruction's own mode wins.
        fdiv.d  fa2, fa0, fa1, rdn
        fmv.x.d a1, fa2
        expect  a1, 0x3fd5555555555555
        csrw    fcsr, x0

        # The counters go forward.
        check
        rdinstret a0
        nop
        nop
        rdinstret a1
        bgeu    a0, a1, check_failed
        check
        rdcycle a0
        rdcycle a1
        bltu    a1, a0, check_failed
        check
        rdtime  a0
        rdtime  a1
        bltu    a1, a0, check_failed

        # Fences do nothing that a single hart could see.
        check
        li      a0, 1
        fence
        fence   rw, rw
        fence   r, w
        fence.i
        expect  a0, 1
        finish
