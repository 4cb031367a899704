# The table's CSRs: several ranges of a token, a full table, removal, clearing, and ranges that are refused.
# stdout: ok
        .include "check.inc"
        .include "guard/guard.inc"
        .include "watch/watch.inc"

        begin
        # Nothing is valid at first, and the edges of the token's range.
        invalid 0
        invalid 1
        invalid 4095
        popped  0
        watch   4095, object, 8
        valid   4095
        invalid 0
        watch   0, object + 8, 8
        valid   0
        # Both go with one store over both.
        la      a0, object
        sw      x0, 4(a0)
        invalid 4095
        valid   0
        li      a1, 1
        sd      a1, 12(a0)
        invalid 0
        popped  4096
        popped  1
        popped  0

        # Several ranges of a token: a store into any ends all.
        watch   7, object, 8
        watch   7, object + 64, 8
        watch   8, object + 64, 8
        check
        li      t5, 7
        csrw    mj.wtok, t5
        csrr    a1, mj.wlen
        expect  a1, 2
        la      a0, object
        sd      x0, 64(a0)
        invalid 7
        invalid 8
        check
        csrr    a1, mj.wlen
        expect  a1, 0
        sd      x0, 0(a0)
        popped  8
        popped  9
        popped  0

        # Ending a watch is no invalidation.
        watch   9, object, 8
        csrw    mj.wlen, x0
        invalid 9
        popped  0

        # A failed guard changes no CSR of the table.
        watch   10, object, 8
        invalid 11
        check
        csrr    a1, mj.wtok
        expect  a1, 10
        csrr    a1, mj.waddr
        expect  a1, object
        status  1
        valid   10

        # Refused: too long, past the address space, wrapping around.
        li      t5, 12
        csrw    mj.wtok, t5
        li      t5, 4097
        csrw    mj.wlen, t5
        status  0
        li      t5, 0x3fffffffff
        csrw    mj.waddr, t5
        li      t5, 2
        csrw    mj.wlen, t5
        status  0
        li      t5, -1
        csrw    mj.waddr, t5
        csrw    mj.wlen, t5
        status  0
        invalid 12
        valid   10

        # Full after 64 ranges; room again when one goes.
        csrw    mj.wclr, x0
        invalid 10
        li      a2, 64
        la      a3, object
1:      csrw    mj.wtok, a2
        csrw    mj.waddr, a3
        li      a1, 1
        csrw    mj.wlen, a1
        csrr    a1, mj.wstat
        beqz    a1, check_failed
        addi    a3, a3, 8
        addi    a2, a2, -1
        bnez    a2, 1b
        watch   65, object + 640, 1
        status  0
        invalid 65
        valid   64
        valid   1
        la      a0, object
        sb      x0, 0(a0)
        invalid 64
        watch   65, object + 640, 1
        status  1
        valid   65
        # A store over many.
        li      a7, 278                 # getrandom
        la      a0, object
        li      a1, 256
        li      a2, 0
        ecall
        invalid 63
        invalid 34
        csrw    mj.wclr, x0
        popped  0
        invalid 32
        check
        csrr    a1, mj.wclr
        expect  a1, 0

        # A range over two pages; a mapping that goes away.
        watch   3, page + 4088, 16
        valid   3
        la      a0, page + 4096
        sb      x0, 7(a0)
        invalid 3
        watch   3, page, 8
        watch   4, page + 4096, 8
        li      a7, 226                 # mprotect(page, 4096, PROT_READ)
        la      a0, page
        li      a1, 4096
        li      a2, 1
        ecall
        invalid 3
        valid   4
        finish

        .bss
        .balign 4096
page:   .space  8192
object: .space  1024
