# rv64a: atomic read-modify-write, and load-reserved with store-conditional.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        # amo op, width, memory before, operand, memory after; the result is the memory before, sign-extended.
        amo     amoswap.w, 5, 3, 5, 3
        amo     amoswap.w, -1, 0xffffffff00000001, -1, 1
        amo     amoswap.w, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amoswap.w.aqrl, 0xffffffff80000000, 0x7fffffff, 0x80000000, 0x7fffffff
        amo     amoswap.w.aqrl, 0, 0x80000000ffffffff, 0x8000000000000000, -1
        amo     amoswap.w, 0xffffffff9abcdef0, 0x1234567876543210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoswap.w, 0, 0x80000000, 0, 0x80000000
        amo     amoswap.d, 5, 3, 5, 3
        amo     amoswap.d, -1, 1, -1, 1
        amo     amoswap.d, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amoswap.d.aqrl, 0x80000000, 0x7fffffff, 0x80000000, 0x7fffffff
        amo     amoswap.d.aqrl, 0x8000000000000000, -1, 0x8000000000000000, -1
        amo     amoswap.d, 0x123456789abcdef0, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoswap.d, 0, 0x80000000, 0, 0x80000000

        amo     amoadd.w, 5, 8, 5, 3
        amo     amoadd.w, -1, 0xffffffff00000000, -1, 1
        amo     amoadd.w, 0x7fffffff, 0x80000000, 0x7fffffff, 1
        amo     amoadd.w.aqrl, 0xffffffff80000000, 0xffffffff, 0x80000000, 0x7fffffff
        amo     amoadd.w.aqrl, 0, 0x80000000ffffffff, 0x8000000000000000, -1
        amo     amoadd.w, 0xffffffff9abcdef0, 0x1234567811111100, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoadd.w, 0, 0x80000000, 0, 0x80000000
        amo     amoadd.d, 5, 8, 5, 3
        amo     amoadd.d, -1, 0, -1, 1
        amo     amoadd.d, 0x7fffffff, 0x80000000, 0x7fffffff, 1
        amo     amoadd.d.aqrl, 0x80000000, 0xffffffff, 0x80000000, 0x7fffffff
        amo     amoadd.d.aqrl, 0x8000000000000000, 0x7fffffffffffffff, 0x8000000000000000, -1
        amo     amoadd.d, 0x123456789abcdef0, 0x1111111111111100, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoadd.d, 0, 0x80000000, 0, 0x80000000

        amo     amoxor.w, 5, 6, 5, 3
        amo     amoxor.w, -1, -2, -1, 1
        amo     amoxor.w, 0x7fffffff, 0x7ffffffe, 0x7fffffff, 1
        amo     amoxor.w.aqrl, 0xffffffff80000000, 0xffffffff, 0x80000000, 0x7fffffff
        amo     amoxor.w.aqrl, 0, 0x80000000ffffffff, 0x8000000000000000, -1
        amo     amoxor.w, 0xffffffff9abcdef0, 0x12345678ece8ece0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoxor.w, 0, 0x80000000, 0, 0x80000000
        amo     amoxor.d, 5, 6, 5, 3
        amo     amoxor.d, -1, -2, -1, 1
        amo     amoxor.d, 0x7fffffff, 0x7ffffffe, 0x7fffffff, 1
        amo     amoxor.d.aqrl, 0x80000000, 0xffffffff, 0x80000000, 0x7fffffff
        amo     amoxor.d.aqrl, 0x8000000000000000, 0x7fffffffffffffff, 0x8000000000000000, -1
        amo     amoxor.d, 0x123456789abcdef0, 0xece8ece0ece8ece0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoxor.d, 0, 0x80000000, 0, 0x80000000

        amo     amoand.w, 5, 1, 5, 3
        amo     amoand.w, -1, 0xffffffff00000001, -1, 1
        amo     amoand.w, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amoand.w.aqrl, 0xffffffff80000000, 0, 0x80000000, 0x7fffffff
        amo     amoand.w.aqrl, 0, 0x8000000000000000, 0x8000000000000000, -1
        amo     amoand.w, 0xffffffff9abcdef0, 0x1234567812141210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoand.w, 0, 0, 0, 0x80000000
        amo     amoand.d, 5, 1, 5, 3
        amo     amoand.d, -1, 1, -1, 1
        amo     amoand.d, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amoand.d.aqrl, 0x80000000, 0, 0x80000000, 0x7fffffff
        amo     amoand.d.aqrl, 0x8000000000000000, 0x8000000000000000, 0x8000000000000000, -1
        amo     amoand.d, 0x123456789abcdef0, 0x1214121812141210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoand.d, 0, 0, 0, 0x80000000

        amo     amoor.w, 5, 7, 5, 3
        amo     amoor.w, -1, -1, -1, 1
        amo     amoor.w, 0x7fffffff, 0x7fffffff, 0x7fffffff, 1
        amo     amoor.w.aqrl, 0xffffffff80000000, 0xffffffff, 0x80000000, 0x7fffffff
        amo     amoor.w.aqrl, 0, 0x80000000ffffffff, 0x8000000000000000, -1
        amo     amoor.w, 0xffffffff9abcdef0, 0x12345678fefcfef0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoor.w, 0, 0x80000000, 0, 0x80000000
        amo     amoor.d, 5, 7, 5, 3
        amo     amoor.d, -1, -1, -1, 1
        amo     amoor.d, 0x7fffffff, 0x7fffffff, 0x7fffffff, 1
        amo     amoor.d.aqrl, 0x80000000, 0xffffffff, 0x80000000, 0x7fffffff
        amo     amoor.d.aqrl, 0x8000000000000000, -1, 0x8000000000000000, -1
        amo     amoor.d, 0x123456789abcdef0, 0xfefcfef8fefcfef0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amoor.d, 0, 0x80000000, 0, 0x80000000

        amo     amomin.w, 5, 3, 5, 3
        amo     amomin.w, -1, -1, -1, 1
        amo     amomin.w, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amomin.w.aqrl, 0xffffffff80000000, 0x80000000, 0x80000000, 0x7fffffff
        amo     amomin.w.aqrl, 0, 0x80000000ffffffff, 0x8000000000000000, -1
        amo     amomin.w, 0xffffffff9abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amomin.w, 0, 0x80000000, 0, 0x80000000
        amo     amomin.d, 5, 3, 5, 3
        amo     amomin.d, -1, -1, -1, 1
        amo     amomin.d, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amomin.d.aqrl, 0x80000000, 0x7fffffff, 0x80000000, 0x7fffffff
        amo     amomin.d.aqrl, 0x8000000000000000, 0x8000000000000000, 0x8000000000000000, -1
        amo     amomin.d, 0x123456789abcdef0, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amomin.d, 0, 0, 0, 0x80000000

        amo     amomax.w, 5, 5, 5, 3
        amo     amomax.w, -1, 0xffffffff00000001, -1, 1
        amo     amomax.w, 0x7fffffff, 0x7fffffff, 0x7fffffff, 1
        amo     amomax.w.aqrl, 0xffffffff80000000, 0x7fffffff, 0x80000000, 0x7fffffff
        amo     amomax.w.aqrl, 0, 0x8000000000000000, 0x8000000000000000, -1
        amo     amomax.w, 0xffffffff9abcdef0, 0x1234567876543210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amomax.w, 0, 0, 0, 0x80000000
        amo     amomax.d, 5, 5, 5, 3
        amo     amomax.d, -1, 1, -1, 1
        amo     amomax.d, 0x7fffffff, 0x7fffffff, 0x7fffffff, 1
        amo     amomax.d.aqrl, 0x80000000, 0x80000000, 0x80000000, 0x7fffffff
        amo     amomax.d.aqrl, 0x8000000000000000, -1, 0x8000000000000000, -1
        amo     amomax.d, 0x123456789abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amomax.d, 0, 0x80000000, 0, 0x80000000

        amo     amominu.w, 5, 3, 5, 3
        amo     amominu.w, -1, 0xffffffff00000001, -1, 1
        amo     amominu.w, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amominu.w.aqrl, 0xffffffff80000000, 0x7fffffff, 0x80000000, 0x7fffffff
        amo     amominu.w.aqrl, 0, 0x8000000000000000, 0x8000000000000000, -1
        amo     amominu.w, 0xffffffff9abcdef0, 0x1234567876543210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amominu.w, 0, 0, 0, 0x80000000
        amo     amominu.d, 5, 3, 5, 3
        amo     amominu.d, -1, 1, -1, 1
        amo     amominu.d, 0x7fffffff, 1, 0x7fffffff, 1
        amo     amominu.d.aqrl, 0x80000000, 0x7fffffff, 0x80000000, 0x7fffffff
        amo     amominu.d.aqrl, 0x8000000000000000, 0x8000000000000000, 0x8000000000000000, -1
        amo     amominu.d, 0x123456789abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amominu.d, 0, 0, 0, 0x80000000

        amo     amomaxu.w, 5, 5, 5, 3
        amo     amomaxu.w, -1, -1, -1, 1
        amo     amomaxu.w, 0x7fffffff, 0x7fffffff, 0x7fffffff, 1
        amo     amomaxu.w.aqrl, 0xffffffff80000000, 0x80000000, 0x80000000, 0x7fffffff
        amo     amomaxu.w.aqrl, 0, 0x80000000ffffffff, 0x8000000000000000, -1
        amo     amomaxu.w, 0xffffffff9abcdef0, 0x123456789abcdef0, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amomaxu.w, 0, 0x80000000, 0, 0x80000000
        amo     amomaxu.d, 5, 5, 5, 3
        amo     amomaxu.d, -1, -1, -1, 1
        amo     amomaxu.d, 0x7fffffff, 0x7fffffff, 0x7fffffff, 1
        amo     amomaxu.d.aqrl, 0x80000000, 0x80000000, 0x80000000, 0x7fffffff
        amo     amomaxu.d.aqrl, 0x8000000000000000, -1, 0x8000000000000000, -1
        amo     amomaxu.d, 0x123456789abcdef0, 0xfedcba9876543210, 0x123456789abcdef0, 0xfedcba9876543210
        amo     amomaxu.d, 0, 0x80000000, 0, 0x80000000

        # A store-conditional after its load-reserved succeeds, once.
        la      s0, cell
        check
        li      a1, 0x1122334455667788
        sd      a1, 0(s0)
        lr.d    a0, (s0)
        expect  a0, 0x1122334455667788
        li      a1, 99
        sc.d    a2, a1, (s0)
        expect  a2, 0
        ld      a0, 0(s0)
        expect  a0, 99
        li      a1, 100
        sc.d    a2, a1, (s0)
        beqz    a2, check_failed
        ld      a0, 0(s0)
        expect  a0, 99
        check
        li      a1, 0xffffffff80000001
        sd      a1, 0(s0)
        lr.w.aq a0, (s0)
        expect  a0, 0xffffffff80000001
        li      a1, 7
        sc.w.rl a2, a1, (s0)
        expect  a2, 0
        ld      a0, 0(s0)
        expect  a0, 0xffffffff00000007
        # One for another address fails and stores nothing.
        check
        lr.d    a0, (s0)
        addi    s1, s0, 64
        sc.d    a2, a1, (s1)
        beqz    a2, check_failed
        ld      a0, 0(s1)
        expect  a0, 0
        # The register that holds the address may receive the result.
        check
        li      a1, 5
        sd      a1, 0(s0)
        mv      a0, s0
        amoadd.d a0, a1, (a0)
        expect  a0, 5
        ld      a0, 0(s0)
        expect  a0, 10
        mv      a0, s0
        lr.w    a0, (a0)
        expect  a0, 10
        # And x0 drops it.
        amoswap.d x0, a1, (s0)
        ld      a0, 0(s0)
        expect  a0, 5
        finish

        .data
        .balign 64
cell:   .dword  0
        .space  120
