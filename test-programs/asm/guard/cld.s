# mj.cld: class guard and doubleword load in one.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        la      a1, object
        li      a0, 0
        passes  mj.cld a0, 8(a1), 5
        expect  a0, 0x1122334455667788
        passes  mj.cld a0, 248(a1), 5
        expect  a0, -31
        # Offset 0 loads the header itself.
        passes  mj.cld a0, 0(a1), 5
        expect  a0, 0x900000005
        # Every offset.
        .set    off, 16
        .rept   30
        passes  mj.cld a0, off(a1), 5
        expect  a0, -(off / 8)
        .set    off, off + 8
        .endr
        # The wrong class: nothing is loaded.
        li      a0, 77
        fails   5, mj.cld a0, 8(a1), 4
        expect  a0, 77
        fails   5, mj.cld a0, 8(a1), 0
        fails   5, mj.cld a0, 8(a1), 127
        # Null, of whatever class.
        fails   0, mj.cld a0, 8(x0), 5
        fails   0, mj.cld a0, 0(x0), 0
        expect  a0, 77
        li      a2, 0
        fails   0, mj.cld a0, 8(a2), 5
        # The object's register as destination: kept on failure, replaced on success.
        fails   5, mj.cld a1, 8(a1), 6
        expect  a1, object
        passes  mj.cld a1, 8(a1), 5
        expect  a1, 0x1122334455667788
        # A class beyond seven bits is never matched, and shown in full.
        la      a1, wide
        fails   0x85, mj.cld a0, 8(a1), 5
        la      a1, widest
        passes  mj.cld a0, 8(a1), 127
        expect  a0, 3
        # Into x0 it is a class guard.
        passes  mj.cld x0, 8(a1), 127
        expect  x0, 0
        fails   127, mj.cld x0, 8(a1), 126
        # A misaligned object.
        la      a1, odd + 1
        passes  mj.cld a0, 8(a1), 9
        expect  a0, 0x0102030405060708
        finish

        .data
        .balign 8
object: .word   5, 9
        .dword  0x1122334455667788
        .set    n, 2
        .rept   30
        .dword  -n
        .set    n, n + 1
        .endr
wide:   .word   0x85, 0
        .dword  1
widest: .word   127, 0
        .dword  3
odd:    .byte   0
        .word   9, 0
        .dword  0x0102030405060708
