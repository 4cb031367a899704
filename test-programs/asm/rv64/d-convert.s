# rv64d: double precision conversions; want, flags, then operand.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        xf      fcvt.w.d, 0, 0, 0, rtz
        xf      fcvt.w.d, 0, 0, 0x8000000000000000, rtz
        xf      fcvt.w.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.w.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.w.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.w.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.w.d, 0xffffffffffffffff, 1, 0xbff8000000000000, rtz
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rtz
        xf      fcvt.w.d, 0, 1, 0x3fefae147ae147ae, rtz
        xf      fcvt.w.d, 0, 1, 0xbfefae147ae147ae, rtz
        xf      fcvt.w.d, 0x3e8, 0, 0x408f400000000000, rtz
        xf      fcvt.w.d, 0xfffffffffffffc18, 0, 0xc08f400000000000, rtz
        xf      fcvt.w.d, 0x7fffffff, 0, 0x41dfffffffc00000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x41e0000000000000, rtz
        xf      fcvt.w.d, 0xffffffff80000000, 0, 0xc1e0000000000000, rtz
        xf      fcvt.w.d, 0xffffffff80000000, 16, 0xc1e0000000200000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x41efffffffe00000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x41f0000000000000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x43e0000000000000, rtz
        xf      fcvt.w.d, 0xffffffff80000000, 16, 0xc3e0000000000000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x43f0000000000000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x46293e5939a08cea, rtz
        xf      fcvt.w.d, 0xffffffff80000000, 16, 0xc6293e5939a08cea, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x7ff0000000000000, rtz
        xf      fcvt.w.d, 0xffffffff80000000, 16, 0xfff0000000000000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x7ff8000000000000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0xfff8000000000123, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x7ff0000000000001, rtz
        xf      fcvt.w.d, 0, 1, 1, rtz
        xf      fcvt.w.d, 0, 1, 0x8000000000000001, rtz
        xf      fcvt.w.d, 0x7fffffff, 1, 0x41dfffffffe00000, rtz
        xf      fcvt.w.d, 0xffffffff80000000, 1, 0xc1e0000000100000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x41effffffff00000, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x43dfffffffffffff, rtz
        xf      fcvt.w.d, 0x7fffffff, 16, 0x43efffffffffffff, rtz
        xf      fcvt.w.d, 0, 1, 0x3fe0000000000000, rne
        xf      fcvt.w.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.w.d, 0, 1, 0x3fe0000000000000, rdn
        xf      fcvt.w.d, 1, 1, 0x3fe0000000000000, rup
        xf      fcvt.w.d, 1, 1, 0x3fe0000000000000, rmm
        xf      fcvt.w.d, 2, 1, 0x3ff8000000000000, rne
        xf      fcvt.w.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.w.d, 1, 1, 0x3ff8000000000000, rdn
        xf      fcvt.w.d, 2, 1, 0x3ff8000000000000, rup
        xf      fcvt.w.d, 2, 1, 0x3ff8000000000000, rmm
        xf      fcvt.w.d, 2, 1, 0x4004000000000000, rne
        xf      fcvt.w.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.w.d, 2, 1, 0x4004000000000000, rdn
        xf      fcvt.w.d, 3, 1, 0x4004000000000000, rup
        xf      fcvt.w.d, 3, 1, 0x4004000000000000, rmm
        xf      fcvt.w.d, 0, 1, 0xbfe0000000000000, rne
        xf      fcvt.w.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.w.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, rdn
        xf      fcvt.w.d, 0, 1, 0xbfe0000000000000, rup
        xf      fcvt.w.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, rmm
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, rne
        xf      fcvt.w.d, 0xffffffffffffffff, 1, 0xbff8000000000000, rtz
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, rdn
        xf      fcvt.w.d, 0xffffffffffffffff, 1, 0xbff8000000000000, rup
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, rmm
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rne
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rtz
        xf      fcvt.w.d, 0xfffffffffffffffd, 1, 0xc004000000000000, rdn
        xf      fcvt.w.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rup
        xf      fcvt.w.d, 0xfffffffffffffffd, 1, 0xc004000000000000, rmm
        xf      fcvt.w.d, 0, 1, 0xbfd0000000000000, rne
        xf      fcvt.w.d, 0, 1, 0xbfd0000000000000, rtz
        xf      fcvt.w.d, 0xffffffffffffffff, 1, 0xbfd0000000000000, rdn
        xf      fcvt.w.d, 0, 1, 0xbfd0000000000000, rup
        xf      fcvt.w.d, 0, 1, 0xbfd0000000000000, rmm
        xf      fcvt.w.d, 2, 1, 0x4004000000000000

        xf      fcvt.wu.d, 0, 0, 0, rtz
        xf      fcvt.wu.d, 0, 0, 0x8000000000000000, rtz
        xf      fcvt.wu.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.wu.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.wu.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.wu.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xbff8000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc004000000000000, rtz
        xf      fcvt.wu.d, 0, 1, 0x3fefae147ae147ae, rtz
        xf      fcvt.wu.d, 0, 1, 0xbfefae147ae147ae, rtz
        xf      fcvt.wu.d, 0x3e8, 0, 0x408f400000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc08f400000000000, rtz
        xf      fcvt.wu.d, 0x7fffffff, 0, 0x41dfffffffc00000, rtz
        xf      fcvt.wu.d, 0xffffffff80000000, 0, 0x41e0000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc1e0000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc1e0000000200000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 0, 0x41efffffffe00000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x41f0000000000000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x43e0000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc3e0000000000000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x43f0000000000000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x46293e5939a08cea, rtz
        xf      fcvt.wu.d, 0, 16, 0xc6293e5939a08cea, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x7ff0000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xfff0000000000000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x7ff8000000000000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0xfff8000000000123, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x7ff0000000000001, rtz
        xf      fcvt.wu.d, 0, 1, 1, rtz
        xf      fcvt.wu.d, 0, 1, 0x8000000000000001, rtz
        xf      fcvt.wu.d, 0x7fffffff, 1, 0x41dfffffffe00000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc1e0000000100000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 1, 0x41effffffff00000, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x43dfffffffffffff, rtz
        xf      fcvt.wu.d, 0xffffffffffffffff, 16, 0x43efffffffffffff, rtz
        xf      fcvt.wu.d, 0, 1, 0x3fe0000000000000, rne
        xf      fcvt.wu.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.wu.d, 0, 1, 0x3fe0000000000000, rdn
        xf      fcvt.wu.d, 1, 1, 0x3fe0000000000000, rup
        xf      fcvt.wu.d, 1, 1, 0x3fe0000000000000, rmm
        xf      fcvt.wu.d, 2, 1, 0x3ff8000000000000, rne
        xf      fcvt.wu.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.wu.d, 1, 1, 0x3ff8000000000000, rdn
        xf      fcvt.wu.d, 2, 1, 0x3ff8000000000000, rup
        xf      fcvt.wu.d, 2, 1, 0x3ff8000000000000, rmm
        xf      fcvt.wu.d, 2, 1, 0x4004000000000000, rne
        xf      fcvt.wu.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.wu.d, 2, 1, 0x4004000000000000, rdn
        xf      fcvt.wu.d, 3, 1, 0x4004000000000000, rup
        xf      fcvt.wu.d, 3, 1, 0x4004000000000000, rmm
        xf      fcvt.wu.d, 0, 1, 0xbfe0000000000000, rne
        xf      fcvt.wu.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xbfe0000000000000, rdn
        xf      fcvt.wu.d, 0, 1, 0xbfe0000000000000, rup
        xf      fcvt.wu.d, 0, 16, 0xbfe0000000000000, rmm
        xf      fcvt.wu.d, 0, 16, 0xbff8000000000000, rne
        xf      fcvt.wu.d, 0, 16, 0xbff8000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xbff8000000000000, rdn
        xf      fcvt.wu.d, 0, 16, 0xbff8000000000000, rup
        xf      fcvt.wu.d, 0, 16, 0xbff8000000000000, rmm
        xf      fcvt.wu.d, 0, 16, 0xc004000000000000, rne
        xf      fcvt.wu.d, 0, 16, 0xc004000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xc004000000000000, rdn
        xf      fcvt.wu.d, 0, 16, 0xc004000000000000, rup
        xf      fcvt.wu.d, 0, 16, 0xc004000000000000, rmm
        xf      fcvt.wu.d, 0, 1, 0xbfd0000000000000, rne
        xf      fcvt.wu.d, 0, 1, 0xbfd0000000000000, rtz
        xf      fcvt.wu.d, 0, 16, 0xbfd0000000000000, rdn
        xf      fcvt.wu.d, 0, 1, 0xbfd0000000000000, rup
        xf      fcvt.wu.d, 0, 1, 0xbfd0000000000000, rmm
        xf      fcvt.wu.d, 2, 1, 0x4004000000000000

        xf      fcvt.l.d, 0, 0, 0, rtz
        xf      fcvt.l.d, 0, 0, 0x8000000000000000, rtz
        xf      fcvt.l.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.l.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.l.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.l.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.l.d, 0xffffffffffffffff, 1, 0xbff8000000000000, rtz
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rtz
        xf      fcvt.l.d, 0, 1, 0x3fefae147ae147ae, rtz
        xf      fcvt.l.d, 0, 1, 0xbfefae147ae147ae, rtz
        xf      fcvt.l.d, 0x3e8, 0, 0x408f400000000000, rtz
        xf      fcvt.l.d, 0xfffffffffffffc18, 0, 0xc08f400000000000, rtz
        xf      fcvt.l.d, 0x7fffffff, 0, 0x41dfffffffc00000, rtz
        xf      fcvt.l.d, 0x80000000, 0, 0x41e0000000000000, rtz
        xf      fcvt.l.d, 0xffffffff80000000, 0, 0xc1e0000000000000, rtz
        xf      fcvt.l.d, 0xffffffff7fffffff, 0, 0xc1e0000000200000, rtz
        xf      fcvt.l.d, 0xffffffff, 0, 0x41efffffffe00000, rtz
        xf      fcvt.l.d, 0x100000000, 0, 0x41f0000000000000, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x43e0000000000000, rtz
        xf      fcvt.l.d, 0x8000000000000000, 0, 0xc3e0000000000000, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x43f0000000000000, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x46293e5939a08cea, rtz
        xf      fcvt.l.d, 0x8000000000000000, 16, 0xc6293e5939a08cea, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x7ff0000000000000, rtz
        xf      fcvt.l.d, 0x8000000000000000, 16, 0xfff0000000000000, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x7ff8000000000000, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0xfff8000000000123, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x7ff0000000000001, rtz
        xf      fcvt.l.d, 0, 1, 1, rtz
        xf      fcvt.l.d, 0, 1, 0x8000000000000001, rtz
        xf      fcvt.l.d, 0x7fffffff, 1, 0x41dfffffffe00000, rtz
        xf      fcvt.l.d, 0xffffffff80000000, 1, 0xc1e0000000100000, rtz
        xf      fcvt.l.d, 0xffffffff, 1, 0x41effffffff00000, rtz
        xf      fcvt.l.d, 0x7ffffffffffffc00, 0, 0x43dfffffffffffff, rtz
        xf      fcvt.l.d, 0x7fffffffffffffff, 16, 0x43efffffffffffff, rtz
        xf      fcvt.l.d, 0, 1, 0x3fe0000000000000, rne
        xf      fcvt.l.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.l.d, 0, 1, 0x3fe0000000000000, rdn
        xf      fcvt.l.d, 1, 1, 0x3fe0000000000000, rup
        xf      fcvt.l.d, 1, 1, 0x3fe0000000000000, rmm
        xf      fcvt.l.d, 2, 1, 0x3ff8000000000000, rne
        xf      fcvt.l.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.l.d, 1, 1, 0x3ff8000000000000, rdn
        xf      fcvt.l.d, 2, 1, 0x3ff8000000000000, rup
        xf      fcvt.l.d, 2, 1, 0x3ff8000000000000, rmm
        xf      fcvt.l.d, 2, 1, 0x4004000000000000, rne
        xf      fcvt.l.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.l.d, 2, 1, 0x4004000000000000, rdn
        xf      fcvt.l.d, 3, 1, 0x4004000000000000, rup
        xf      fcvt.l.d, 3, 1, 0x4004000000000000, rmm
        xf      fcvt.l.d, 0, 1, 0xbfe0000000000000, rne
        xf      fcvt.l.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.l.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, rdn
        xf      fcvt.l.d, 0, 1, 0xbfe0000000000000, rup
        xf      fcvt.l.d, 0xffffffffffffffff, 1, 0xbfe0000000000000, rmm
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, rne
        xf      fcvt.l.d, 0xffffffffffffffff, 1, 0xbff8000000000000, rtz
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, rdn
        xf      fcvt.l.d, 0xffffffffffffffff, 1, 0xbff8000000000000, rup
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xbff8000000000000, rmm
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rne
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rtz
        xf      fcvt.l.d, 0xfffffffffffffffd, 1, 0xc004000000000000, rdn
        xf      fcvt.l.d, 0xfffffffffffffffe, 1, 0xc004000000000000, rup
        xf      fcvt.l.d, 0xfffffffffffffffd, 1, 0xc004000000000000, rmm
        xf      fcvt.l.d, 0, 1, 0xbfd0000000000000, rne
        xf      fcvt.l.d, 0, 1, 0xbfd0000000000000, rtz
        xf      fcvt.l.d, 0xffffffffffffffff, 1, 0xbfd0000000000000, rdn
        xf      fcvt.l.d, 0, 1, 0xbfd0000000000000, rup
        xf      fcvt.l.d, 0, 1, 0xbfd0000000000000, rmm
        xf      fcvt.l.d, 2, 1, 0x4004000000000000

        xf      fcvt.lu.d, 0, 0, 0, rtz
        xf      fcvt.lu.d, 0, 0, 0x8000000000000000, rtz
        xf      fcvt.lu.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.lu.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.lu.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.lu.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xbff8000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc004000000000000, rtz
        xf      fcvt.lu.d, 0, 1, 0x3fefae147ae147ae, rtz
        xf      fcvt.lu.d, 0, 1, 0xbfefae147ae147ae, rtz
        xf      fcvt.lu.d, 0x3e8, 0, 0x408f400000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc08f400000000000, rtz
        xf      fcvt.lu.d, 0x7fffffff, 0, 0x41dfffffffc00000, rtz
        xf      fcvt.lu.d, 0x80000000, 0, 0x41e0000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc1e0000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc1e0000000200000, rtz
        xf      fcvt.lu.d, 0xffffffff, 0, 0x41efffffffe00000, rtz
        xf      fcvt.lu.d, 0x100000000, 0, 0x41f0000000000000, rtz
        xf      fcvt.lu.d, 0x8000000000000000, 0, 0x43e0000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc3e0000000000000, rtz
        xf      fcvt.lu.d, 0xffffffffffffffff, 16, 0x43f0000000000000, rtz
        xf      fcvt.lu.d, 0xffffffffffffffff, 16, 0x46293e5939a08cea, rtz
        xf      fcvt.lu.d, 0, 16, 0xc6293e5939a08cea, rtz
        xf      fcvt.lu.d, 0xffffffffffffffff, 16, 0x7ff0000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xfff0000000000000, rtz
        xf      fcvt.lu.d, 0xffffffffffffffff, 16, 0x7ff8000000000000, rtz
        xf      fcvt.lu.d, 0xffffffffffffffff, 16, 0xfff8000000000123, rtz
        xf      fcvt.lu.d, 0xffffffffffffffff, 16, 0x7ff0000000000001, rtz
        xf      fcvt.lu.d, 0, 1, 1, rtz
        xf      fcvt.lu.d, 0, 1, 0x8000000000000001, rtz
        xf      fcvt.lu.d, 0x7fffffff, 1, 0x41dfffffffe00000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc1e0000000100000, rtz
        xf      fcvt.lu.d, 0xffffffff, 1, 0x41effffffff00000, rtz
        xf      fcvt.lu.d, 0x7ffffffffffffc00, 0, 0x43dfffffffffffff, rtz
        xf      fcvt.lu.d, 0xfffffffffffff800, 0, 0x43efffffffffffff, rtz
        xf      fcvt.lu.d, 0, 1, 0x3fe0000000000000, rne
        xf      fcvt.lu.d, 0, 1, 0x3fe0000000000000, rtz
        xf      fcvt.lu.d, 0, 1, 0x3fe0000000000000, rdn
        xf      fcvt.lu.d, 1, 1, 0x3fe0000000000000, rup
        xf      fcvt.lu.d, 1, 1, 0x3fe0000000000000, rmm
        xf      fcvt.lu.d, 2, 1, 0x3ff8000000000000, rne
        xf      fcvt.lu.d, 1, 1, 0x3ff8000000000000, rtz
        xf      fcvt.lu.d, 1, 1, 0x3ff8000000000000, rdn
        xf      fcvt.lu.d, 2, 1, 0x3ff8000000000000, rup
        xf      fcvt.lu.d, 2, 1, 0x3ff8000000000000, rmm
        xf      fcvt.lu.d, 2, 1, 0x4004000000000000, rne
        xf      fcvt.lu.d, 2, 1, 0x4004000000000000, rtz
        xf      fcvt.lu.d, 2, 1, 0x4004000000000000, rdn
        xf      fcvt.lu.d, 3, 1, 0x4004000000000000, rup
        xf      fcvt.lu.d, 3, 1, 0x4004000000000000, rmm
        xf      fcvt.lu.d, 0, 1, 0xbfe0000000000000, rne
        xf      fcvt.lu.d, 0, 1, 0xbfe0000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xbfe0000000000000, rdn
        xf      fcvt.lu.d, 0, 1, 0xbfe0000000000000, rup
        xf      fcvt.lu.d, 0, 16, 0xbfe0000000000000, rmm
        xf      fcvt.lu.d, 0, 16, 0xbff8000000000000, rne
        xf      fcvt.lu.d, 0, 16, 0xbff8000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xbff8000000000000, rdn
        xf      fcvt.lu.d, 0, 16, 0xbff8000000000000, rup
        xf      fcvt.lu.d, 0, 16, 0xbff8000000000000, rmm
        xf      fcvt.lu.d, 0, 16, 0xc004000000000000, rne
        xf      fcvt.lu.d, 0, 16, 0xc004000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xc004000000000000, rdn
        xf      fcvt.lu.d, 0, 16, 0xc004000000000000, rup
        xf      fcvt.lu.d, 0, 16, 0xc004000000000000, rmm
        xf      fcvt.lu.d, 0, 1, 0xbfd0000000000000, rne
        xf      fcvt.lu.d, 0, 1, 0xbfd0000000000000, rtz
        xf      fcvt.lu.d, 0, 16, 0xbfd0000000000000, rdn
        xf      fcvt.lu.d, 0, 1, 0xbfd0000000000000, rup
        xf      fcvt.lu.d, 0, 1, 0xbfd0000000000000, rmm
        xf      fcvt.lu.d, 2, 1, 0x4004000000000000

        fx      fcvt.d.w, 0, 0, 0
        fx      fcvt.d.w, 0x3ff0000000000000, 0, 1
        fx      fcvt.d.w, 0xbff0000000000000, 0, 0xffffffffffffffff
        fx      fcvt.d.w, 0x41dfffffffc00000, 0, 0x7fffffff
        fx      fcvt.d.w, 0xc1e0000000000000, 0, 0x80000000
        fx      fcvt.d.w, 0xbff0000000000000, 0, 0xffffffff
        fx      fcvt.d.w, 0xc1e0000000000000, 0, 0xffffffff80000000
        fx      fcvt.d.w, 0xbff0000000000000, 0, 0x7fffffffffffffff
        fx      fcvt.d.w, 0, 0, 0x8000000000000000
        fx      fcvt.d.w, 0xc1d950c844000000, 0, 0x123456789abcdef0
        fx      fcvt.d.w, 0x3ff0000000000000, 0, 0x20000000000001
        fx      fcvt.d.w, 0x4170000010000000, 0, 0x1000001
        fx      fcvt.d.w, 0xc09ffc0000000000, 0, 0xfffffffffffff801

        fx      fcvt.d.wu, 0, 0, 0
        fx      fcvt.d.wu, 0x3ff0000000000000, 0, 1
        fx      fcvt.d.wu, 0x41efffffffe00000, 0, 0xffffffffffffffff
        fx      fcvt.d.wu, 0x41dfffffffc00000, 0, 0x7fffffff
        fx      fcvt.d.wu, 0x41e0000000000000, 0, 0x80000000
        fx      fcvt.d.wu, 0x41efffffffe00000, 0, 0xffffffff
        fx      fcvt.d.wu, 0x41e0000000000000, 0, 0xffffffff80000000
        fx      fcvt.d.wu, 0x41efffffffe00000, 0, 0x7fffffffffffffff
        fx      fcvt.d.wu, 0, 0, 0x8000000000000000
        fx      fcvt.d.wu, 0x41e3579bde000000, 0, 0x123456789abcdef0
        fx      fcvt.d.wu, 0x3ff0000000000000, 0, 0x20000000000001
        fx      fcvt.d.wu, 0x4170000010000000, 0, 0x1000001
        fx      fcvt.d.wu, 0x41efffff00200000, 0, 0xfffffffffffff801

        fx      fcvt.d.l, 0, 0, 0
        fx      fcvt.d.l, 0x3ff0000000000000, 0, 1
        fx      fcvt.d.l, 0xbff0000000000000, 0, 0xffffffffffffffff
        fx      fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff
        fx      fcvt.d.l, 0x41e0000000000000, 0, 0x80000000
        fx      fcvt.d.l, 0x41efffffffe00000, 0, 0xffffffff
        fx      fcvt.d.l, 0xc1e0000000000000, 0, 0xffffffff80000000
        fx      fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff
        fx      fcvt.d.l, 0xc3e0000000000000, 0, 0x8000000000000000
        fx      fcvt.d.l, 0x43b23456789abcdf, 1, 0x123456789abcdef0
        fx      fcvt.d.l, 0x4340000000000000, 1, 0x20000000000001
        fx      fcvt.d.l, 0x4170000010000000, 0, 0x1000001
        fx      fcvt.d.l, 0xc09ffc0000000000, 0, 0xfffffffffffff801
        fx      fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff, rne
        fx      fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff, rtz
        fx      fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff, rdn
        fx      fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff, rup
        fx      fcvt.d.l, 0x41dfffffffc00000, 0, 0x7fffffff, rmm
        fx      fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff, rne
        fx      fcvt.d.l, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, rtz
        fx      fcvt.d.l, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, rdn
        fx      fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff, rup
        fx      fcvt.d.l, 0x43e0000000000000, 1, 0x7fffffffffffffff, rmm
        fx      fcvt.d.l, 0xc340000000000000, 1, 0xffdfffffffffffff, rne
        fx      fcvt.d.l, 0xc340000000000000, 1, 0xffdfffffffffffff, rtz
        fx      fcvt.d.l, 0xc340000000000001, 1, 0xffdfffffffffffff, rdn
        fx      fcvt.d.l, 0xc340000000000000, 1, 0xffdfffffffffffff, rup
        fx      fcvt.d.l, 0xc340000000000001, 1, 0xffdfffffffffffff, rmm

        fx      fcvt.d.lu, 0, 0, 0
        fx      fcvt.d.lu, 0x3ff0000000000000, 0, 1
        fx      fcvt.d.lu, 0x43f0000000000000, 1, 0xffffffffffffffff
        fx      fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff
        fx      fcvt.d.lu, 0x41e0000000000000, 0, 0x80000000
        fx      fcvt.d.lu, 0x41efffffffe00000, 0, 0xffffffff
        fx      fcvt.d.lu, 0x43effffffff00000, 0, 0xffffffff80000000
        fx      fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff
        fx      fcvt.d.lu, 0x43e0000000000000, 0, 0x8000000000000000
        fx      fcvt.d.lu, 0x43b23456789abcdf, 1, 0x123456789abcdef0
        fx      fcvt.d.lu, 0x4340000000000000, 1, 0x20000000000001
        fx      fcvt.d.lu, 0x4170000010000000, 0, 0x1000001
        fx      fcvt.d.lu, 0x43efffffffffffff, 1, 0xfffffffffffff801
        fx      fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff, rne
        fx      fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff, rtz
        fx      fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff, rdn
        fx      fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff, rup
        fx      fcvt.d.lu, 0x41dfffffffc00000, 0, 0x7fffffff, rmm
        fx      fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff, rne
        fx      fcvt.d.lu, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, rtz
        fx      fcvt.d.lu, 0x43dfffffffffffff, 1, 0x7fffffffffffffff, rdn
        fx      fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff, rup
        fx      fcvt.d.lu, 0x43e0000000000000, 1, 0x7fffffffffffffff, rmm
        fx      fcvt.d.lu, 0x43effc0000000000, 1, 0xffdfffffffffffff, rne
        fx      fcvt.d.lu, 0x43effbffffffffff, 1, 0xffdfffffffffffff, rtz
        fx      fcvt.d.lu, 0x43effbffffffffff, 1, 0xffdfffffffffffff, rdn
        fx      fcvt.d.lu, 0x43effc0000000000, 1, 0xffdfffffffffffff, rup
        fx      fcvt.d.lu, 0x43effc0000000000, 1, 0xffdfffffffffffff, rmm

        ff      fcvt.s.d, 0xffffffff00000000, 0, 0
        ff      fcvt.s.d, 0xffffffff80000000, 0, 0x8000000000000000
        ff      fcvt.s.d, 0xffffffff3f800000, 0, 0x3ff0000000000000
        ff      fcvt.s.d, 0xffffffffbf800000, 0, 0xbff0000000000000
        ff      fcvt.s.d, 0xffffffff3fc00000, 0, 0x3ff8000000000000
        ff      fcvt.s.d, 0xffffffff40200000, 0, 0x4004000000000000
        ff      fcvt.s.d, 0xffffffffc0200000, 0, 0xc004000000000000
        ff      fcvt.s.d, 0xffffffff40490fdb, 1, 0x400921fb54442d18
        ff      fcvt.s.d, 0xffffffff3dcccccd, 1, 0x3fb999999999999a
        ff      fcvt.s.d, 0xffffffff3eaaaaab, 1, 0x3fd5555555555555
        ff      fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff
        ff      fcvt.s.d, 0xffffffffff800000, 5, 0xffefffffffffffff
        ff      fcvt.s.d, 0xffffffff00000000, 3, 0x10000000000000
        ff      fcvt.s.d, 0xffffffff00000000, 3, 0xfffffffffffff
        ff      fcvt.s.d, 0xffffffff00000000, 3, 1
        ff      fcvt.s.d, 0xffffffff80000000, 3, 0x8000000000000001
        ff      fcvt.s.d, 0xffffffff7f800000, 0, 0x7ff0000000000000
        ff      fcvt.s.d, 0xffffffffff800000, 0, 0xfff0000000000000
        ff      fcvt.s.d, 0xffffffff7fc00000, 0, 0x7ff8000000000000
        ff      fcvt.s.d, 0xffffffff7fc00000, 16, 0x7ff0000000000001
        ff      fcvt.s.d, 0xffffffff7fc00000, 0, 0xfff8000000000123
        ff      fcvt.s.d, 0xffffffff5a000000, 0, 0x4340000000000000
        ff      fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000000000001
        ff      fcvt.s.d, 0xffffffff40400000, 0, 0x4008000000000000
        ff      fcvt.s.d, 0xffffffff3eaaaaab, 1, 0x3fd5555555555555, rne
        ff      fcvt.s.d, 0xffffffff3eaaaaaa, 1, 0x3fd5555555555555, rtz
        ff      fcvt.s.d, 0xffffffff3eaaaaaa, 1, 0x3fd5555555555555, rdn
        ff      fcvt.s.d, 0xffffffff3eaaaaab, 1, 0x3fd5555555555555, rup
        ff      fcvt.s.d, 0xffffffff3eaaaaab, 1, 0x3fd5555555555555, rmm
        ff      fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff, rne
        ff      fcvt.s.d, 0xffffffff7f7fffff, 5, 0x7fefffffffffffff, rtz
        ff      fcvt.s.d, 0xffffffff7f7fffff, 5, 0x7fefffffffffffff, rdn
        ff      fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff, rup
        ff      fcvt.s.d, 0xffffffff7f800000, 5, 0x7fefffffffffffff, rmm
        ff      fcvt.s.d, 0xffffffff00000000, 3, 0x366244ce242c5561, rne
        ff      fcvt.s.d, 0xffffffff00000000, 3, 0x366244ce242c5561, rtz
        ff      fcvt.s.d, 0xffffffff00000000, 3, 0x366244ce242c5561, rdn
        ff      fcvt.s.d, 0xffffffff00000001, 3, 0x366244ce242c5561, rup
        ff      fcvt.s.d, 0xffffffff00000000, 3, 0x366244ce242c5561, rmm
        ff      fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000010000000, rne
        ff      fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000010000000, rtz
        ff      fcvt.s.d, 0xffffffff3f800000, 1, 0x3ff0000010000000, rdn
        ff      fcvt.s.d, 0xffffffff3f800001, 1, 0x3ff0000010000000, rup
        ff      fcvt.s.d, 0xffffffff3f800001, 1, 0x3ff0000010000000, rmm
        ff      fcvt.s.d, 0xffffffffbf800002, 1, 0xbff0000030000000, rne
        ff      fcvt.s.d, 0xffffffffbf800001, 1, 0xbff0000030000000, rtz
        ff      fcvt.s.d, 0xffffffffbf800002, 1, 0xbff0000030000000, rdn
        ff      fcvt.s.d, 0xffffffffbf800001, 1, 0xbff0000030000000, rup
        ff      fcvt.s.d, 0xffffffffbf800002, 1, 0xbff0000030000000, rmm
        ff      fcvt.s.d, 0xffffffff00800000, 1, 0x380ffffff0000000, rne
        ff      fcvt.s.d, 0xffffffff007fffff, 3, 0x380ffffff0000000, rtz
        ff      fcvt.s.d, 0xffffffff007fffff, 3, 0x380ffffff0000000, rdn
        ff      fcvt.s.d, 0xffffffff00800000, 1, 0x380ffffff0000000, rup
        ff      fcvt.s.d, 0xffffffff00800000, 1, 0x380ffffff0000000, rmm

        ff      fcvt.d.s, 0, 0, 0xffffffff00000000
        ff      fcvt.d.s, 0x8000000000000000, 0, 0xffffffff80000000
        ff      fcvt.d.s, 0x3ff0000000000000, 0, 0xffffffff3f800000
        ff      fcvt.d.s, 0xbff0000000000000, 0, 0xffffffffbf800000
        ff      fcvt.d.s, 0x3ff8000000000000, 0, 0xffffffff3fc00000
        ff      fcvt.d.s, 0x4004000000000000, 0, 0xffffffff40200000
        ff      fcvt.d.s, 0xc004000000000000, 0, 0xffffffffc0200000
        ff      fcvt.d.s, 0x400921fb60000000, 0, 0xffffffff40490fdb
        ff      fcvt.d.s, 0x3fb99999a0000000, 0, 0xffffffff3dcccccd
        ff      fcvt.d.s, 0x3fd5555560000000, 0, 0xffffffff3eaaaaab
        ff      fcvt.d.s, 0x47efffffe0000000, 0, 0xffffffff7f7fffff
        ff      fcvt.d.s, 0xc7efffffe0000000, 0, 0xffffffffff7fffff
        ff      fcvt.d.s, 0x3810000000000000, 0, 0xffffffff00800000
        ff      fcvt.d.s, 0x380fffffc0000000, 0, 0xffffffff007fffff
        ff      fcvt.d.s, 0x36a0000000000000, 0, 0xffffffff00000001
        ff      fcvt.d.s, 0xb6a0000000000000, 0, 0xffffffff80000001
        ff      fcvt.d.s, 0x7ff0000000000000, 0, 0xffffffff7f800000
        ff      fcvt.d.s, 0xfff0000000000000, 0, 0xffffffffff800000
        ff      fcvt.d.s, 0x7ff8000000000000, 0, 0xffffffff7fc00000
        ff      fcvt.d.s, 0x7ff8000000000000, 16, 0xffffffff7f800001
        ff      fcvt.d.s, 0x7ff8000000000000, 0, 0xffffffffffc00123
        ff      fcvt.d.s, 0x4170000000000000, 0, 0xffffffff4b800000
        ff      fcvt.d.s, 0x3ff0000020000000, 0, 0xffffffff3f800001
        ff      fcvt.d.s, 0x4008000000000000, 0, 0xffffffff40400000
        ff      fcvt.d.s, 0x7ff8000000000000, 0, 0x3f800000
        ff      fcvt.d.s, 0x7ff8000000000000, 0, 0x7fffffff40000000
        finish
