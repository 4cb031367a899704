# mj.cfld: class guard and load of a double in one.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        la      a1, object
        passes  mj.cfld fa0, 8(a1), 5
        fmv.x.d a0, fa0
        expect  a0, 0x3ff8000000000000
        passes  mj.cfld ft11, 248(a1), 5
        fmv.x.d a0, ft11
        expect  a0, 0xc008000000000000
        # Any bits are loaded as they are, a signalling NaN too, and no flag is raised.
        fsflags x0
        passes  mj.cfld ft0, 16(a1), 5
        fmv.x.d a0, ft0
        expect  a0, 0x7ff0000000000001
        frflags a0
        expect  a0, 0
        # On failure the register keeps what it held.
        fails   5, mj.cfld fa0, 8(a1), 6
        fmv.x.d a0, fa0
        expect  a0, 0x3ff8000000000000
        fails   0, mj.cfld fa0, 8(x0), 5
        fails   0, mj.cfld fa0, 0(x0), 0
        fmv.x.d a0, fa0
        expect  a0, 0x3ff8000000000000
        # A misaligned object.
        la      a1, odd + 1
        passes  mj.cfld fs0, 8(a1), 127
        fmv.x.d a0, fs0
        expect  a0, 0x4000000000000000
        fails   127, mj.cfld fs0, 8(a1), 63
        finish

        .data
        .balign 8
object: .word   5, 0
        .double 1.5
        .dword  0x7ff0000000000001
        .space  224
        .double -3.0
odd:    .byte   0
        .word   127, 0
        .double 2.0
