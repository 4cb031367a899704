# Every kind of guard takes its bridge and leaves its destination alone.
# stdout: ok
        .include "check.inc"

        .macro bridges guard:vararg
        check
        la      t5, 8f
        csrw    mj.bkey, t5
        la      t5, 9f
        csrw    mj.btgt, t5
        li      a0, 77
        fmv.d.x fa0, a0
8:      \guard
        j       check_failed
9:      expect  a0, 77
        fmv.x.d t5, fa0
        bne     t5, a0, check_failed
        csrw    mj.btgt, x0
        .endm

        begin
        la      t5, check_failed
        csrw    mj.gvec, t5
        la      a1, object
        li      a2, 0x7fffffffffffffff
        li      a3, -1
        bridges mj.gclass a1, 4
        bridges mj.gclassr a1, x0
        bridges mj.geqi a2, 4
        bridges mj.geq a1, a2
        bridges mj.addo a0, a2, a2
        bridges mj.subo a0, a2, a3
        bridges mj.mulo a0, a2, a2
        bridges mj.addio a0, a2, 1
        bridges mj.gnoexc 0(a1)
        bridges mj.gne0 x0
        bridges mj.cld a0, 8(a1), 4
        bridges mj.cfld fa0, 8(a1), 4
        finish

        .data
        .balign 8
object: .dword  5, 6
