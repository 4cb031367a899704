# mj.gne0: a reference that is not null. The register is not used as an address.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        li      a0, 1
        passes  mj.gne0 a0
        li      a0, -1
        passes  mj.gne0 a0
        li      a0, 0x8000000000000000
        passes  mj.gne0 a0
        li      a0, 0x100000000
        passes  mj.gne0 a0
        li      a0, 0
        fails   0, mj.gne0 a0
        fails   0, mj.gne0 x0
        expect  a0, 0
        finish
