# mj.phase and mj.roi divide the counts: 10 instructions in phase 3, of which 6 in the region of interest.
# stdout: ok
# phase 3: 10
# roi: 6
        .include "check.inc"

        begin
        check
        mj.phase 3
        nop
        nop
        mj.roi  1
        nop
        nop
        nop
        nop
        nop
        mj.roi  0
        mj.phase 0
        finish
