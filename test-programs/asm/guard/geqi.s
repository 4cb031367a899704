# mj.geqi: a register against a signed 17-bit immediate.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        li      a0, 42
        passes  mj.geqi a0, 42
        expect  a0, 42
        fails   42, mj.geqi a0, 41
        fails   42, mj.geqi a0, 0
        passes  mj.geqi x0, 0
        fails   0, mj.geqi x0, -1
        fails   0, mj.geqi x0, 1
        li      a0, -1
        passes  mj.geqi a0, -1
        fails   -1, mj.geqi a0, 65535
        # The immediate's limits.
        li      a0, 65535
        passes  mj.geqi a0, 65535
        fails   65535, mj.geqi a0, -1
        li      a0, -65536
        passes  mj.geqi a0, -65536
        fails   -65536, mj.geqi a0, 0
        li      a0, 65536
        fails   65536, mj.geqi a0, -65536
        # All 64 bits count.
        li      a0, 0x10000002a
        fails   0x10000002a, mj.geqi a0, 42
        li      a0, 0x800000000000002a
        fails   0x800000000000002a, mj.geqi a0, 42
        li      a0, 0xffffffff
        fails   0xffffffff, mj.geqi a0, -1
        # Every bit of the immediate.
        .set    bit, 1
        .rept   16
        li      a0, bit
        passes  mj.geqi a0, bit
        fails   bit, mj.geqi a0, 0
        .set    bit, bit << 1
        .endr
        finish
