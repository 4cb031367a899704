# mj.gclass: the class word against an immediate; null, misaligned and extreme operands.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        la      a0, five
        passes  mj.gclass a0, 5
        expect  a0, five
        fails   5, mj.gclass a0, 6
        fails   5, mj.gclass a0, 0
        fails   5, mj.gclass a0, 131071
        # Null fails whatever the class is, and shows 0.
        fails   0, mj.gclass x0, 5
        fails   0, mj.gclass x0, 0
        li      a1, 0
        fails   0, mj.gclass a1, 0
        # An object may have class 0.
        la      a0, zero
        passes  mj.gclass a0, 0
        fails   0, mj.gclass a0, 1
        # The largest class, and one that differs only above the immediate's 17 bits.
        la      a0, widest
        passes  mj.gclass a0, 131071
        fails   131071, mj.gclass a0, 65535
        la      a0, wide
        fails   0x20005, mj.gclass a0, 5
        # The class word is read without its sign.
        la      a0, high
        fails   0xffffffff, mj.gclass a0, 131071
        # Only the first 32 bits count.
        la      a0, crowded
        passes  mj.gclass a0, 7
        # A misaligned reference reads the word where it points.
        la      a0, five + 2
        fails   0x00090000, mj.gclass a0, 5
        la      a0, odd + 1
        passes  mj.gclass a0, 0x1234
        # Other registers, as fields.
        la      t6, five
        passes  mj.gclass t6, 5
        la      ra, five
        passes  mj.gclass ra, 5
        fails   5, mj.gclass ra, 4
        # No register changes when a guard fails.
        la      a0, five
        li      a1, 11
        li      a7, 17
        fails   5, mj.gclass a0, 17
        expect  a0, five
        expect  a1, 11
        expect  a7, 17
        expect  x0, 0
        finish

        .data
        .balign 8
five:   .word   5, 9
zero:   .word   0, 1
widest: .word   131071, 0
wide:   .word   0x20005, 0
high:   .word   0xffffffff, 0
crowded:
        .word   7, 0xffffffff
odd:    .byte   0
        .word   0x1234
