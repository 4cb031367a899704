# mj.obsv and mj.obst: the pattern table's verdicts, its queue, its finiteness, and clearing it.
# stdout: ok
        .include "check.inc"

        .equ    confirm, 32             # the defaults of the hardware's parameters
        .equ    varying_after, 8
        .equ    entries, 128

        .macro verdict site, want_verdict, want_kind, want_count
        check
        li      t5, \site
        csrw    mj.hsel, t5
        csrr    t4, mj.hstat
        expect  t4, ((\want_count) << 8) + ((\want_kind) << 2) + (\want_verdict)
        .endm

        .macro value site, want
        check
        li      t5, \site
        csrw    mj.hsel, t5
        csrr    t4, mj.hval
        expect  t4, \want
        .endm

        begin
        li      t5, -1
        csrw    mj.hclr, t5
        verdict 7, 0, 0, 0
        value   7, 0
        check
        csrr    a0, mj.hpop
        expect  a0, 0

        # The same value `confirm` times: constant, at the last one.
        li      a0, 0x1234567890
        .rept   confirm - 1
        mj.obsv a0, 7
        .endr
        expect  a0, 0x1234567890
        verdict 7, 0, 0, confirm - 1
        mj.obsv a0, 7
        verdict 7, 1, 0, confirm
        value   7, 0x1234567890
        # It is in the queue once, as site + 1.
        check
        csrr    a1, mj.hpop
        expect  a1, 8
        csrr    a1, mj.hpop
        expect  a1, 0
        # More of the same changes nothing but the count.
        mj.obsv a0, 7
        verdict 7, 1, 0, confirm + 1
        # Another value: varying for good.
        li      a0, 1
        mj.obsv a0, 7
        verdict 7, 2, 0, confirm + 2
        .rept   confirm + 1
        mj.obsv a0, 7
        .endr
        verdict 7, 2, 0, 2 * confirm + 3

        # Changes while learning: varying after `varying_after` of them.
        .set    n, 0
        .rept   varying_after
        li      a0, n
        mj.obsv a0, 4095
        .set    n, n + 1
        .endr
        verdict 4095, 0, 0, varying_after
        li      a0, -1
        mj.obsv a0, 4095
        verdict 4095, 2, 0, varying_after + 1
        check
        csrr    a1, mj.hpop
        expect  a1, 0

        # Types: the class word counts, not the address.
        la      a0, first
        la      a1, second
        .rept   confirm / 2
        mj.obst a0, 0
        mj.obst a1, 0
        .endr
        verdict 0, 1, 1, confirm
        value   0, 0xfffffff5
        check
        csrr    a2, mj.hpop
        expect  a2, 1
        # Null shows 0; an address that is not mapped is ignored.
        li      a0, 0
        .rept   confirm
        mj.obst a0, 1
        .endr
        verdict 1, 1, 1, confirm
        value   1, 0
        li      a0, 0x7fff0000
        mj.obst a0, 1
        mj.obst a0, 2
        verdict 1, 1, 1, confirm
        verdict 2, 0, 0, 0

        # Freeing one entry forgets the site.
        li      a0, 1
        csrw    mj.hclr, a0
        csrr    a1, mj.hclr
        expect  a1, 0
        verdict 1, 0, 0, 0
        verdict 0, 1, 1, confirm

        # The table is finite: sites beyond its entries stay unobserved until one is freed.
        li      t5, -1
        csrw    mj.hclr, t5
        verdict 0, 0, 0, 0
        .set    site, 100
        .rept   entries
        mj.obsv a0, site
        .set    site, site + 1
        .endr
        verdict 100 + entries - 1, 0, 0, 1
        mj.obsv a0, 100 + entries
        verdict 100 + entries, 0, 0, 0
        li      t5, 100
        csrw    mj.hclr, t5
        mj.obsv a0, 100 + entries
        verdict 100 + entries, 0, 0, 1
        verdict 100, 0, 0, 0
        finish

        .data
        .balign 8
first:  .word   0xfffffff5, 1
second: .word   0xfffffff5, 2
