# mj.gclassr: the class word against a register's low 32 bits.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        la      a0, object
        li      a1, 0x12345678
        passes  mj.gclassr a0, a1
        # The upper half of the expected word does not count.
        li      a1, 0xffffffff12345678
        passes  mj.gclassr a0, a1
        li      a1, 0x12345679
        fails   0x12345678, mj.gclassr a0, a1
        fails   0x12345678, mj.gclassr a0, x0
        # Null fails although the expected class is 0.
        fails   0, mj.gclassr x0, x0
        fails   0, mj.gclassr x0, a1
        la      a0, high
        li      a1, -1
        passes  mj.gclassr a0, a1
        li      a1, 0x7fffffff
        fails   0xffffffff, mj.gclassr a0, a1
        la      a0, zero
        passes  mj.gclassr a0, x0
        # One register as both operands: an object whose class is its own address.
        la      a0, self
        sw      a0, 0(a0)
        passes  mj.gclassr a0, a0
        la      a0, object + 1
        li      a1, 0x00123456
        passes  mj.gclassr a0, a1
        finish

        .data
        .balign 8
object: .word   0x12345678, 0
high:   .word   0xffffffff, 0
zero:   .word   0, 0
self:   .dword  0
