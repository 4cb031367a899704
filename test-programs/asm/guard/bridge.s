# The bridge table: a guard with an entry goes to its bridge, and nothing else changes.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        # Without an entry: to the vector.
        la      t0, missed
        csrw    mj.gvec, t0
        li      t0, 123
        csrw    mj.gepc, t0
        csrw    mj.gval, t0
        li      s0, 0                   # how often the loop came to the guard
        check
        la      t0, guard
        csrw    mj.bkey, t0
        csrr    t1, mj.bkey
        bne     t0, t1, check_failed
        la      t0, bridge
        csrw    mj.btgt, t0
        csrr    a0, mj.bstat
        expect  a0, 1
again:  check
        li      a0, 9
guard:  mj.geqi a0, 8
        j       check_failed

bridge: # The CSRs of the vector are untouched.
        csrr    a1, mj.gepc
        expect  a1, 123
        csrr    a1, mj.gval
        expect  a1, 123
        expect  a0, 9
        addi    s0, s0, 1
        li      t0, 1
        bne     s0, t0, 1f
        # The same key again: the target is replaced.
        check
        la      t0, second
        csrw    mj.btgt, t0
        csrr    a0, mj.bstat
        expect  a0, 1
        j       again
1:      j       check_failed

second: expect  a0, 9
        addi    s0, s0, 1
        # Writing 0 removes the entry: the vector again.
        check
        la      t0, guard
        csrw    mj.bkey, t0
        csrw    mj.btgt, x0
        j       again

missed: check
        csrr    a1, mj.gepc
        la      t0, guard
        bne     a1, t0, check_failed
        csrr    a1, mj.gval
        expect  a1, 9
        expect  s0, 2
        # Removing what is not there is harmless.
        csrw    mj.btgt, x0
        # A guard that succeeds does not look at the table.
        check
        la      t0, same
        csrw    mj.bkey, t0
        la      t0, check_failed
        csrw    mj.btgt, t0
same:   mj.geq  a0, a0
        csrw    mj.btgt, x0

        # The table is finite: 64 entries by default. Keys need not be guards.
        check
        li      s1, 0                   # accepted
        li      s2, 0                   # tried
        li      s3, 0x40000000
2:      csrw    mj.bkey, s3
        csrw    mj.btgt, s3
        csrr    t0, mj.bstat
        add     s1, s1, t0
        addi    s3, s3, 4
        addi    s2, s2, 1
        li      t0, 100
        bne     s2, t0, 2b
        expect  s1, 64
        # Full: a new key is refused, a known one replaced, and after a removal there is room.
        check
        li      t0, 0x50000000
        csrw    mj.bkey, t0
        csrw    mj.btgt, t0
        csrr    a0, mj.bstat
        expect  a0, 0
        li      t1, 0x40000000
        csrw    mj.bkey, t1
        csrw    mj.btgt, t0
        csrr    a0, mj.bstat
        expect  a0, 1
        csrw    mj.btgt, x0
        csrw    mj.bkey, t0
        csrw    mj.btgt, t0
        csrr    a0, mj.bstat
        expect  a0, 1
        finish
