# mj.gnoexc: a doubleword in memory is zero (no exception is pending).
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        la      a0, middle
        passes  mj.gnoexc 0(a0)
        passes  mj.gnoexc (a0)
        fails   0x1122334455667788, mj.gnoexc 8(a0)
        fails   0x8000000000000000, mj.gnoexc -8(a0)
        # One bit anywhere in the doubleword is an exception.
        fails   1, mj.gnoexc 16(a0)
        fails   0x100000000, mj.gnoexc 24(a0)
        # The offset's limits.
        la      a0, middle - 2047
        passes  mj.gnoexc 2047(a0)
        la      a0, middle + 2048
        passes  mj.gnoexc -2048(a0)
        la      a0, set - 2047
        fails   0x1122334455667788, mj.gnoexc 2047(a0)
        la      a0, set + 2048
        fails   0x1122334455667788, mj.gnoexc -2048(a0)
        # A misaligned address reads the bytes that are there.
        la      a0, middle
        fails   0x2233445566778800, mj.gnoexc 7(a0)
        passes  mj.gnoexc 0(a0)
        finish

        .data
        .balign 8
        .dword  0x8000000000000000
middle: .dword  0
set:    .dword  0x1122334455667788
        .dword  1
        .dword  0x100000000
