# rv64f: single precision conversions; want, flags, then operand.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        xf      fcvt.w.s, 0, 0, 0xffffffff00000000, rtz
        xf      fcvt.w.s, 0, 0, 0xffffffff80000000, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.w.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.w.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.w.s, 0xffffffffffffffff, 1, 0xffffffffbfc00000, rtz
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffff3f7d70a4, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffffbf7d70a4, rtz
        xf      fcvt.w.s, 0x3e8, 0, 0xffffffff447a0000, rtz
        xf      fcvt.w.s, 0xfffffffffffffc18, 0, 0xffffffffc47a0000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff4f000000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff4f000000, rtz
        xf      fcvt.w.s, 0xffffffff80000000, 0, 0xffffffffcf000000, rtz
        xf      fcvt.w.s, 0xffffffff80000000, 0, 0xffffffffcf000000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff4f800000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff4f800000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff5f000000, rtz
        xf      fcvt.w.s, 0xffffffff80000000, 16, 0xffffffffdf000000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff5f800000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff7149f2ca, rtz
        xf      fcvt.w.s, 0xffffffff80000000, 16, 0xfffffffff149f2ca, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff7f800000, rtz
        xf      fcvt.w.s, 0xffffffff80000000, 16, 0xffffffffff800000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff7fc00000, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffffffc00123, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0xffffffff7f800001, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffff00000001, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffff80000001, rtz
        xf      fcvt.w.s, 0x7fffffff, 16, 0x3f800000, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffff3f000000, rne
        xf      fcvt.w.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.w.s, 0, 1, 0xffffffff3f000000, rdn
        xf      fcvt.w.s, 1, 1, 0xffffffff3f000000, rup
        xf      fcvt.w.s, 1, 1, 0xffffffff3f000000, rmm
        xf      fcvt.w.s, 2, 1, 0xffffffff3fc00000, rne
        xf      fcvt.w.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.w.s, 1, 1, 0xffffffff3fc00000, rdn
        xf      fcvt.w.s, 2, 1, 0xffffffff3fc00000, rup
        xf      fcvt.w.s, 2, 1, 0xffffffff3fc00000, rmm
        xf      fcvt.w.s, 2, 1, 0xffffffff40200000, rne
        xf      fcvt.w.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.w.s, 2, 1, 0xffffffff40200000, rdn
        xf      fcvt.w.s, 3, 1, 0xffffffff40200000, rup
        xf      fcvt.w.s, 3, 1, 0xffffffff40200000, rmm
        xf      fcvt.w.s, 0, 1, 0xffffffffbf000000, rne
        xf      fcvt.w.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.w.s, 0xffffffffffffffff, 1, 0xffffffffbf000000, rdn
        xf      fcvt.w.s, 0, 1, 0xffffffffbf000000, rup
        xf      fcvt.w.s, 0xffffffffffffffff, 1, 0xffffffffbf000000, rmm
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffbfc00000, rne
        xf      fcvt.w.s, 0xffffffffffffffff, 1, 0xffffffffbfc00000, rtz
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffbfc00000, rdn
        xf      fcvt.w.s, 0xffffffffffffffff, 1, 0xffffffffbfc00000, rup
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffbfc00000, rmm
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rne
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rtz
        xf      fcvt.w.s, 0xfffffffffffffffd, 1, 0xffffffffc0200000, rdn
        xf      fcvt.w.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rup
        xf      fcvt.w.s, 0xfffffffffffffffd, 1, 0xffffffffc0200000, rmm
        xf      fcvt.w.s, 0, 1, 0xffffffffbe800000, rne
        xf      fcvt.w.s, 0, 1, 0xffffffffbe800000, rtz
        xf      fcvt.w.s, 0xffffffffffffffff, 1, 0xffffffffbe800000, rdn
        xf      fcvt.w.s, 0, 1, 0xffffffffbe800000, rup
        xf      fcvt.w.s, 0, 1, 0xffffffffbe800000, rmm
        xf      fcvt.w.s, 2, 1, 0xffffffff40200000

        xf      fcvt.wu.s, 0, 0, 0xffffffff00000000, rtz
        xf      fcvt.wu.s, 0, 0, 0xffffffff80000000, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.wu.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.wu.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffbfc00000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffc0200000, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffff3f7d70a4, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffffbf7d70a4, rtz
        xf      fcvt.wu.s, 0x3e8, 0, 0xffffffff447a0000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffc47a0000, rtz
        xf      fcvt.wu.s, 0xffffffff80000000, 0, 0xffffffff4f000000, rtz
        xf      fcvt.wu.s, 0xffffffff80000000, 0, 0xffffffff4f000000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffcf000000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffcf000000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff4f800000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff4f800000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff5f000000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffdf000000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff5f800000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff7149f2ca, rtz
        xf      fcvt.wu.s, 0, 16, 0xfffffffff149f2ca, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff7f800000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffff800000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff7fc00000, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffffffc00123, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0xffffffff7f800001, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffff00000001, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffff80000001, rtz
        xf      fcvt.wu.s, 0xffffffffffffffff, 16, 0x3f800000, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffff3f000000, rne
        xf      fcvt.wu.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.wu.s, 0, 1, 0xffffffff3f000000, rdn
        xf      fcvt.wu.s, 1, 1, 0xffffffff3f000000, rup
        xf      fcvt.wu.s, 1, 1, 0xffffffff3f000000, rmm
        xf      fcvt.wu.s, 2, 1, 0xffffffff3fc00000, rne
        xf      fcvt.wu.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.wu.s, 1, 1, 0xffffffff3fc00000, rdn
        xf      fcvt.wu.s, 2, 1, 0xffffffff3fc00000, rup
        xf      fcvt.wu.s, 2, 1, 0xffffffff3fc00000, rmm
        xf      fcvt.wu.s, 2, 1, 0xffffffff40200000, rne
        xf      fcvt.wu.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.wu.s, 2, 1, 0xffffffff40200000, rdn
        xf      fcvt.wu.s, 3, 1, 0xffffffff40200000, rup
        xf      fcvt.wu.s, 3, 1, 0xffffffff40200000, rmm
        xf      fcvt.wu.s, 0, 1, 0xffffffffbf000000, rne
        xf      fcvt.wu.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffbf000000, rdn
        xf      fcvt.wu.s, 0, 1, 0xffffffffbf000000, rup
        xf      fcvt.wu.s, 0, 16, 0xffffffffbf000000, rmm
        xf      fcvt.wu.s, 0, 16, 0xffffffffbfc00000, rne
        xf      fcvt.wu.s, 0, 16, 0xffffffffbfc00000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffbfc00000, rdn
        xf      fcvt.wu.s, 0, 16, 0xffffffffbfc00000, rup
        xf      fcvt.wu.s, 0, 16, 0xffffffffbfc00000, rmm
        xf      fcvt.wu.s, 0, 16, 0xffffffffc0200000, rne
        xf      fcvt.wu.s, 0, 16, 0xffffffffc0200000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffc0200000, rdn
        xf      fcvt.wu.s, 0, 16, 0xffffffffc0200000, rup
        xf      fcvt.wu.s, 0, 16, 0xffffffffc0200000, rmm
        xf      fcvt.wu.s, 0, 1, 0xffffffffbe800000, rne
        xf      fcvt.wu.s, 0, 1, 0xffffffffbe800000, rtz
        xf      fcvt.wu.s, 0, 16, 0xffffffffbe800000, rdn
        xf      fcvt.wu.s, 0, 1, 0xffffffffbe800000, rup
        xf      fcvt.wu.s, 0, 1, 0xffffffffbe800000, rmm
        xf      fcvt.wu.s, 2, 1, 0xffffffff40200000

        xf      fcvt.l.s, 0, 0, 0xffffffff00000000, rtz
        xf      fcvt.l.s, 0, 0, 0xffffffff80000000, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.l.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.l.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.l.s, 0xffffffffffffffff, 1, 0xffffffffbfc00000, rtz
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffff3f7d70a4, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffffbf7d70a4, rtz
        xf      fcvt.l.s, 0x3e8, 0, 0xffffffff447a0000, rtz
        xf      fcvt.l.s, 0xfffffffffffffc18, 0, 0xffffffffc47a0000, rtz
        xf      fcvt.l.s, 0x80000000, 0, 0xffffffff4f000000, rtz
        xf      fcvt.l.s, 0x80000000, 0, 0xffffffff4f000000, rtz
        xf      fcvt.l.s, 0xffffffff80000000, 0, 0xffffffffcf000000, rtz
        xf      fcvt.l.s, 0xffffffff80000000, 0, 0xffffffffcf000000, rtz
        xf      fcvt.l.s, 0x100000000, 0, 0xffffffff4f800000, rtz
        xf      fcvt.l.s, 0x100000000, 0, 0xffffffff4f800000, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffff5f000000, rtz
        xf      fcvt.l.s, 0x8000000000000000, 0, 0xffffffffdf000000, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffff5f800000, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffff7149f2ca, rtz
        xf      fcvt.l.s, 0x8000000000000000, 16, 0xfffffffff149f2ca, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffff7f800000, rtz
        xf      fcvt.l.s, 0x8000000000000000, 16, 0xffffffffff800000, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffff7fc00000, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffffffc00123, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0xffffffff7f800001, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffff00000001, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffff80000001, rtz
        xf      fcvt.l.s, 0x7fffffffffffffff, 16, 0x3f800000, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffff3f000000, rne
        xf      fcvt.l.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.l.s, 0, 1, 0xffffffff3f000000, rdn
        xf      fcvt.l.s, 1, 1, 0xffffffff3f000000, rup
        xf      fcvt.l.s, 1, 1, 0xffffffff3f000000, rmm
        xf      fcvt.l.s, 2, 1, 0xffffffff3fc00000, rne
        xf      fcvt.l.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.l.s, 1, 1, 0xffffffff3fc00000, rdn
        xf      fcvt.l.s, 2, 1, 0xffffffff3fc00000, rup
        xf      fcvt.l.s, 2, 1, 0xffffffff3fc00000, rmm
        xf      fcvt.l.s, 2, 1, 0xffffffff40200000, rne
        xf      fcvt.l.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.l.s, 2, 1, 0xffffffff40200000, rdn
        xf      fcvt.l.s, 3, 1, 0xffffffff40200000, rup
        xf      fcvt.l.s, 3, 1, 0xffffffff40200000, rmm
        xf      fcvt.l.s, 0, 1, 0xffffffffbf000000, rne
        xf      fcvt.l.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.l.s, 0xffffffffffffffff, 1, 0xffffffffbf000000, rdn
        xf      fcvt.l.s, 0, 1, 0xffffffffbf000000, rup
        xf      fcvt.l.s, 0xffffffffffffffff, 1, 0xffffffffbf000000, rmm
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffbfc00000, rne
        xf      fcvt.l.s, 0xffffffffffffffff, 1, 0xffffffffbfc00000, rtz
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffbfc00000, rdn
        xf      fcvt.l.s, 0xffffffffffffffff, 1, 0xffffffffbfc00000, rup
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffbfc00000, rmm
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rne
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rtz
        xf      fcvt.l.s, 0xfffffffffffffffd, 1, 0xffffffffc0200000, rdn
        xf      fcvt.l.s, 0xfffffffffffffffe, 1, 0xffffffffc0200000, rup
        xf      fcvt.l.s, 0xfffffffffffffffd, 1, 0xffffffffc0200000, rmm
        xf      fcvt.l.s, 0, 1, 0xffffffffbe800000, rne
        xf      fcvt.l.s, 0, 1, 0xffffffffbe800000, rtz
        xf      fcvt.l.s, 0xffffffffffffffff, 1, 0xffffffffbe800000, rdn
        xf      fcvt.l.s, 0, 1, 0xffffffffbe800000, rup
        xf      fcvt.l.s, 0, 1, 0xffffffffbe800000, rmm
        xf      fcvt.l.s, 2, 1, 0xffffffff40200000

        xf      fcvt.lu.s, 0, 0, 0xffffffff00000000, rtz
        xf      fcvt.lu.s, 0, 0, 0xffffffff80000000, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.lu.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.lu.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffbfc00000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffc0200000, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffff3f7d70a4, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffffbf7d70a4, rtz
        xf      fcvt.lu.s, 0x3e8, 0, 0xffffffff447a0000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffc47a0000, rtz
        xf      fcvt.lu.s, 0x80000000, 0, 0xffffffff4f000000, rtz
        xf      fcvt.lu.s, 0x80000000, 0, 0xffffffff4f000000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffcf000000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffcf000000, rtz
        xf      fcvt.lu.s, 0x100000000, 0, 0xffffffff4f800000, rtz
        xf      fcvt.lu.s, 0x100000000, 0, 0xffffffff4f800000, rtz
        xf      fcvt.lu.s, 0x8000000000000000, 0, 0xffffffff5f000000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffdf000000, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0xffffffff5f800000, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0xffffffff7149f2ca, rtz
        xf      fcvt.lu.s, 0, 16, 0xfffffffff149f2ca, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0xffffffff7f800000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffff800000, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0xffffffff7fc00000, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0xffffffffffc00123, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0xffffffff7f800001, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffff00000001, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffff80000001, rtz
        xf      fcvt.lu.s, 0xffffffffffffffff, 16, 0x3f800000, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffff3f000000, rne
        xf      fcvt.lu.s, 0, 1, 0xffffffff3f000000, rtz
        xf      fcvt.lu.s, 0, 1, 0xffffffff3f000000, rdn
        xf      fcvt.lu.s, 1, 1, 0xffffffff3f000000, rup
        xf      fcvt.lu.s, 1, 1, 0xffffffff3f000000, rmm
        xf      fcvt.lu.s, 2, 1, 0xffffffff3fc00000, rne
        xf      fcvt.lu.s, 1, 1, 0xffffffff3fc00000, rtz
        xf      fcvt.lu.s, 1, 1, 0xffffffff3fc00000, rdn
        xf      fcvt.lu.s, 2, 1, 0xffffffff3fc00000, rup
        xf      fcvt.lu.s, 2, 1, 0xffffffff3fc00000, rmm
        xf      fcvt.lu.s, 2, 1, 0xffffffff40200000, rne
        xf      fcvt.lu.s, 2, 1, 0xffffffff40200000, rtz
        xf      fcvt.lu.s, 2, 1, 0xffffffff40200000, rdn
        xf      fcvt.lu.s, 3, 1, 0xffffffff40200000, rup
        xf      fcvt.lu.s, 3, 1, 0xffffffff40200000, rmm
        xf      fcvt.lu.s, 0, 1, 0xffffffffbf000000, rne
        xf      fcvt.lu.s, 0, 1, 0xffffffffbf000000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffbf000000, rdn
        xf      fcvt.lu.s, 0, 1, 0xffffffffbf000000, rup
        xf      fcvt.lu.s, 0, 16, 0xffffffffbf000000, rmm
        xf      fcvt.lu.s, 0, 16, 0xffffffffbfc00000, rne
        xf      fcvt.lu.s, 0, 16, 0xffffffffbfc00000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffbfc00000, rdn
        xf      fcvt.lu.s, 0, 16, 0xffffffffbfc00000, rup
        xf      fcvt.lu.s, 0, 16, 0xffffffffbfc00000, rmm
        xf      fcvt.lu.s, 0, 16, 0xffffffffc0200000, rne
        xf      fcvt.lu.s, 0, 16, 0xffffffffc0200000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffc0200000, rdn
        xf      fcvt.lu.s, 0, 16, 0xffffffffc0200000, rup
        xf      fcvt.lu.s, 0, 16, 0xffffffffc0200000, rmm
        xf      fcvt.lu.s, 0, 1, 0xffffffffbe800000, rne
        xf      fcvt.lu.s, 0, 1, 0xffffffffbe800000, rtz
        xf      fcvt.lu.s, 0, 16, 0xffffffffbe800000, rdn
        xf      fcvt.lu.s, 0, 1, 0xffffffffbe800000, rup
        xf      fcvt.lu.s, 0, 1, 0xffffffffbe800000, rmm
        xf      fcvt.lu.s, 2, 1, 0xffffffff40200000

        fx      fcvt.s.w, 0xffffffff00000000, 0, 0
        fx      fcvt.s.w, 0xffffffff3f800000, 0, 1
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0xffffffffffffffff
        fx      fcvt.s.w, 0xffffffff4f000000, 1, 0x7fffffff
        fx      fcvt.s.w, 0xffffffffcf000000, 0, 0x80000000
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0xffffffff
        fx      fcvt.s.w, 0xffffffffcf000000, 0, 0xffffffff80000000
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff
        fx      fcvt.s.w, 0xffffffff00000000, 0, 0x8000000000000000
        fx      fcvt.s.w, 0xffffffffceca8642, 1, 0x123456789abcdef0
        fx      fcvt.s.w, 0xffffffff3f800000, 0, 0x20000000000001
        fx      fcvt.s.w, 0xffffffff4b800000, 1, 0x1000001
        fx      fcvt.s.w, 0xffffffffc4ffe000, 0, 0xfffffffffffff801
        fx      fcvt.s.w, 0xffffffff4f000000, 1, 0x7fffffff, rne
        fx      fcvt.s.w, 0xffffffff4effffff, 1, 0x7fffffff, rtz
        fx      fcvt.s.w, 0xffffffff4effffff, 1, 0x7fffffff, rdn
        fx      fcvt.s.w, 0xffffffff4f000000, 1, 0x7fffffff, rup
        fx      fcvt.s.w, 0xffffffff4f000000, 1, 0x7fffffff, rmm
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, rne
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, rtz
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, rdn
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, rup
        fx      fcvt.s.w, 0xffffffffbf800000, 0, 0x7fffffffffffffff, rmm
        fx      fcvt.s.w, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rne
        fx      fcvt.s.w, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rtz
        fx      fcvt.s.w, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rdn
        fx      fcvt.s.w, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rup
        fx      fcvt.s.w, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rmm

        fx      fcvt.s.wu, 0xffffffff00000000, 0, 0
        fx      fcvt.s.wu, 0xffffffff3f800000, 0, 1
        fx      fcvt.s.wu, 0xffffffff4f800000, 1, 0xffffffffffffffff
        fx      fcvt.s.wu, 0xffffffff4f000000, 1, 0x7fffffff
        fx      fcvt.s.wu, 0xffffffff4f000000, 0, 0x80000000
        fx      fcvt.s.wu, 0xffffffff4f800000, 1, 0xffffffff
        fx      fcvt.s.wu, 0xffffffff4f000000, 0, 0xffffffff80000000
        fx      fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff
        fx      fcvt.s.wu, 0xffffffff00000000, 0, 0x8000000000000000
        fx      fcvt.s.wu, 0xffffffff4f1abcdf, 1, 0x123456789abcdef0
        fx      fcvt.s.wu, 0xffffffff3f800000, 0, 0x20000000000001
        fx      fcvt.s.wu, 0xffffffff4b800000, 1, 0x1000001
        fx      fcvt.s.wu, 0xffffffff4f7ffff8, 1, 0xfffffffffffff801
        fx      fcvt.s.wu, 0xffffffff4f000000, 1, 0x7fffffff, rne
        fx      fcvt.s.wu, 0xffffffff4effffff, 1, 0x7fffffff, rtz
        fx      fcvt.s.wu, 0xffffffff4effffff, 1, 0x7fffffff, rdn
        fx      fcvt.s.wu, 0xffffffff4f000000, 1, 0x7fffffff, rup
        fx      fcvt.s.wu, 0xffffffff4f000000, 1, 0x7fffffff, rmm
        fx      fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff, rne
        fx      fcvt.s.wu, 0xffffffff4f7fffff, 1, 0x7fffffffffffffff, rtz
        fx      fcvt.s.wu, 0xffffffff4f7fffff, 1, 0x7fffffffffffffff, rdn
        fx      fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff, rup
        fx      fcvt.s.wu, 0xffffffff4f800000, 1, 0x7fffffffffffffff, rmm
        fx      fcvt.s.wu, 0xffffffff4f7ffff8, 1, 0xfffffffffffff801, rne
        fx      fcvt.s.wu, 0xffffffff4f7ffff8, 1, 0xfffffffffffff801, rtz
        fx      fcvt.s.wu, 0xffffffff4f7ffff8, 1, 0xfffffffffffff801, rdn
        fx      fcvt.s.wu, 0xffffffff4f7ffff9, 1, 0xfffffffffffff801, rup
        fx      fcvt.s.wu, 0xffffffff4f7ffff8, 1, 0xfffffffffffff801, rmm

        fx      fcvt.s.l, 0xffffffff00000000, 0, 0
        fx      fcvt.s.l, 0xffffffff3f800000, 0, 1
        fx      fcvt.s.l, 0xffffffffbf800000, 0, 0xffffffffffffffff
        fx      fcvt.s.l, 0xffffffff4f000000, 1, 0x7fffffff
        fx      fcvt.s.l, 0xffffffff4f000000, 0, 0x80000000
        fx      fcvt.s.l, 0xffffffff4f800000, 1, 0xffffffff
        fx      fcvt.s.l, 0xffffffffcf000000, 0, 0xffffffff80000000
        fx      fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff
        fx      fcvt.s.l, 0xffffffffdf000000, 0, 0x8000000000000000
        fx      fcvt.s.l, 0xffffffff5d91a2b4, 1, 0x123456789abcdef0
        fx      fcvt.s.l, 0xffffffff5a000000, 1, 0x20000000000001
        fx      fcvt.s.l, 0xffffffff4b800000, 1, 0x1000001
        fx      fcvt.s.l, 0xffffffffc4ffe000, 0, 0xfffffffffffff801
        fx      fcvt.s.l, 0xffffffff4f000000, 1, 0x7fffffff, rne
        fx      fcvt.s.l, 0xffffffff4effffff, 1, 0x7fffffff, rtz
        fx      fcvt.s.l, 0xffffffff4effffff, 1, 0x7fffffff, rdn
        fx      fcvt.s.l, 0xffffffff4f000000, 1, 0x7fffffff, rup
        fx      fcvt.s.l, 0xffffffff4f000000, 1, 0x7fffffff, rmm
        fx      fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff, rne
        fx      fcvt.s.l, 0xffffffff5effffff, 1, 0x7fffffffffffffff, rtz
        fx      fcvt.s.l, 0xffffffff5effffff, 1, 0x7fffffffffffffff, rdn
        fx      fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff, rup
        fx      fcvt.s.l, 0xffffffff5f000000, 1, 0x7fffffffffffffff, rmm
        fx      fcvt.s.l, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rne
        fx      fcvt.s.l, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rtz
        fx      fcvt.s.l, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rdn
        fx      fcvt.s.l, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rup
        fx      fcvt.s.l, 0xffffffffc4ffe000, 0, 0xfffffffffffff801, rmm

        fx      fcvt.s.lu, 0xffffffff00000000, 0, 0
        fx      fcvt.s.lu, 0xffffffff3f800000, 0, 1
        fx      fcvt.s.lu, 0xffffffff5f800000, 1, 0xffffffffffffffff
        fx      fcvt.s.lu, 0xffffffff4f000000, 1, 0x7fffffff
        fx      fcvt.s.lu, 0xffffffff4f000000, 0, 0x80000000
        fx      fcvt.s.lu, 0xffffffff4f800000, 1, 0xffffffff
        fx      fcvt.s.lu, 0xffffffff5f800000, 1, 0xffffffff80000000
        fx      fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff
        fx      fcvt.s.lu, 0xffffffff5f000000, 0, 0x8000000000000000
        fx      fcvt.s.lu, 0xffffffff5d91a2b4, 1, 0x123456789abcdef0
        fx      fcvt.s.lu, 0xffffffff5a000000, 1, 0x20000000000001
        fx      fcvt.s.lu, 0xffffffff4b800000, 1, 0x1000001
        fx      fcvt.s.lu, 0xffffffff5f800000, 1, 0xfffffffffffff801
        fx      fcvt.s.lu, 0xffffffff4f000000, 1, 0x7fffffff, rne
        fx      fcvt.s.lu, 0xffffffff4effffff, 1, 0x7fffffff, rtz
        fx      fcvt.s.lu, 0xffffffff4effffff, 1, 0x7fffffff, rdn
        fx      fcvt.s.lu, 0xffffffff4f000000, 1, 0x7fffffff, rup
        fx      fcvt.s.lu, 0xffffffff4f000000, 1, 0x7fffffff, rmm
        fx      fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff, rne
        fx      fcvt.s.lu, 0xffffffff5effffff, 1, 0x7fffffffffffffff, rtz
        fx      fcvt.s.lu, 0xffffffff5effffff, 1, 0x7fffffffffffffff, rdn
        fx      fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff, rup
        fx      fcvt.s.lu, 0xffffffff5f000000, 1, 0x7fffffffffffffff, rmm
        fx      fcvt.s.lu, 0xffffffff5f800000, 1, 0xfffffffffffff801, rne
        fx      fcvt.s.lu, 0xffffffff5f7fffff, 1, 0xfffffffffffff801, rtz
        fx      fcvt.s.lu, 0xffffffff5f7fffff, 1, 0xfffffffffffff801, rdn
        fx      fcvt.s.lu, 0xffffffff5f800000, 1, 0xfffffffffffff801, rup
        fx      fcvt.s.lu, 0xffffffff5f800000, 1, 0xfffffffffffff801, rmm
        finish
