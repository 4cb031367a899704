# rv64d: double precision arithmetic with flags and rounding modes; want, flags, then operands.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        fff     fadd.d, 0x4000000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fadd.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fadd.d, 0x4009eec82110f9e5, 1, 0x400921fb54442d18, 0x3fb999999999999a
        fff     fadd.d, 0x400aaaaaaaaaaaab, 1, 0x3fd5555555555555, 0x4008000000000000
        fff     fadd.d, 0xbff0000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fadd.d, 0, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fadd.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fadd.d, 0x10000000000001, 0, 0x10000000000000, 1
        fff     fadd.d, 2, 0, 1, 1
        fff     fadd.d, 0, 0, 1, 0x8000000000000001
        fff     fadd.d, 0x10000000000000, 0, 0xfffffffffffff, 1
        fff     fadd.d, 0, 0, 0, 0
        fff     fadd.d, 0, 0, 0, 0x8000000000000000
        fff     fadd.d, 0, 0, 0x8000000000000000, 0
        fff     fadd.d, 0x8000000000000000, 0, 0x8000000000000000, 0x8000000000000000
        fff     fadd.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fadd.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0xfff0000000000000
        fff     fadd.d, 0x7ff8000000000000, 16, 0xfff0000000000000, 0x7ff0000000000000
        fff     fadd.d, 0x7ff0000000000000, 0, 0, 0x7ff0000000000000
        fff     fadd.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fadd.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0
        fff     fadd.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0
        fff     fadd.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fadd.d, 0x7ff8000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fadd.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fadd.d, 0x7ff8000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fadd.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fadd.d, 0x7ff8000000000000, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fadd.d, 0x4340000000000000, 1, 0x4340000000000000, 0x3ff0000000000000
        fff     fadd.d, 0x4000000000000001, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fadd.d, 0x7ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fadd.d, 0x3fb999999999999a, 1, 1, 0x3fb999999999999a
        fff     fadd.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x4004000000000000
        fff     fadd.d, 0x4004000000000000, 1, 0x10000000000000, 0x4004000000000000
        fff     fadd.d, 0xbff0000000000000, 1, 0x8000000000000001, 0xbff0000000000000
        fff     fadd.d, 0x4009eec82110f9e5, 1, 0x400921fb54442d18, 0x3fb999999999999a, rne
        fff     fadd.d, 0x4009eec82110f9e4, 1, 0x400921fb54442d18, 0x3fb999999999999a, rtz
        fff     fadd.d, 0x4009eec82110f9e4, 1, 0x400921fb54442d18, 0x3fb999999999999a, rdn
        fff     fadd.d, 0x4009eec82110f9e5, 1, 0x400921fb54442d18, 0x3fb999999999999a, rup
        fff     fadd.d, 0x4009eec82110f9e5, 1, 0x400921fb54442d18, 0x3fb999999999999a, rmm
        fff     fadd.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rne
        fff     fadd.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rtz
        fff     fadd.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rdn
        fff     fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3fb999999999999a, rup
        fff     fadd.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rmm
        fff     fadd.d, 0x4010000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rne
        fff     fadd.d, 0x4010000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rtz
        fff     fadd.d, 0x4010000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rdn
        fff     fadd.d, 0x4010000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rup
        fff     fadd.d, 0x4010000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rmm
        fff     fadd.d, 0x3fd5555555555555, 1, 1, 0x3fd5555555555555, rne
        fff     fadd.d, 0x3fd5555555555555, 1, 1, 0x3fd5555555555555, rtz
        fff     fadd.d, 0x3fd5555555555555, 1, 1, 0x3fd5555555555555, rdn
        fff     fadd.d, 0x3fd5555555555556, 1, 1, 0x3fd5555555555555, rup
        fff     fadd.d, 0x3fd5555555555555, 1, 1, 0x3fd5555555555555, rmm
        fff     fadd.d, 0x3ff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rne
        fff     fadd.d, 0x3ff7ffffffffffff, 1, 0x8000000000000001, 0x3ff8000000000000, rtz
        fff     fadd.d, 0x3ff7ffffffffffff, 1, 0x8000000000000001, 0x3ff8000000000000, rdn
        fff     fadd.d, 0x3ff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rup
        fff     fadd.d, 0x3ff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rmm
        fff     fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rne
        fff     fadd.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rtz
        fff     fadd.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rdn
        fff     fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rup
        fff     fadd.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rmm
        fff     fadd.d, 0x4340000000000000, 1, 0x4340000000000000, 0x3ff0000000000000, rne
        fff     fadd.d, 0x4340000000000000, 1, 0x4340000000000000, 0x3ff0000000000000, rtz
        fff     fadd.d, 0x4340000000000000, 1, 0x4340000000000000, 0x3ff0000000000000, rdn
        fff     fadd.d, 0x4340000000000001, 1, 0x4340000000000000, 0x3ff0000000000000, rup
        fff     fadd.d, 0x4340000000000001, 1, 0x4340000000000000, 0x3ff0000000000000, rmm
        fff     fadd.d, 0xbfe5555555555556, 1, 0xbff0000000000000, 0x3fd5555555555555, rne
        fff     fadd.d, 0xbfe5555555555555, 1, 0xbff0000000000000, 0x3fd5555555555555, rtz
        fff     fadd.d, 0xbfe5555555555556, 1, 0xbff0000000000000, 0x3fd5555555555555, rdn
        fff     fadd.d, 0xbfe5555555555555, 1, 0xbff0000000000000, 0x3fd5555555555555, rup
        fff     fadd.d, 0xbfe5555555555556, 1, 0xbff0000000000000, 0x3fd5555555555555, rmm

        fff     fsub.d, 0, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fsub.d, 0x4000000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fsub.d, 0x4008552e8777604b, 1, 0x400921fb54442d18, 0x3fb999999999999a
        fff     fsub.d, 0xc005555555555555, 1, 0x3fd5555555555555, 0x4008000000000000
        fff     fsub.d, 0x4010000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fsub.d, 0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fsub.d, 0xfff0000000000000, 5, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fsub.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fsub.d, 0xfffffffffffff, 0, 0x10000000000000, 1
        fff     fsub.d, 0, 0, 1, 1
        fff     fsub.d, 2, 0, 1, 0x8000000000000001
        fff     fsub.d, 0xffffffffffffe, 0, 0xfffffffffffff, 1
        fff     fsub.d, 0, 0, 0, 0
        fff     fsub.d, 0, 0, 0, 0x8000000000000000
        fff     fsub.d, 0x8000000000000000, 0, 0x8000000000000000, 0
        fff     fsub.d, 0, 0, 0x8000000000000000, 0x8000000000000000
        fff     fsub.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fsub.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fsub.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fsub.d, 0xfff0000000000000, 0, 0, 0x7ff0000000000000
        fff     fsub.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fsub.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0
        fff     fsub.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0
        fff     fsub.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fsub.d, 0x7ff8000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fsub.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fsub.d, 0x7ff8000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fsub.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fsub.d, 0x7ff8000000000000, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fsub.d, 0x433fffffffffffff, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fsub.d, 0, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fsub.d, 0xfff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fsub.d, 0xbfb999999999999a, 1, 1, 0x3fb999999999999a
        fff     fsub.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x4004000000000000
        fff     fsub.d, 0xc004000000000000, 1, 0x10000000000000, 0x4004000000000000
        fff     fsub.d, 0x3ff0000000000000, 1, 0x8000000000000001, 0xbff0000000000000
        fff     fsub.d, 0x4008552e8777604b, 1, 0x400921fb54442d18, 0x3fb999999999999a, rne
        fff     fsub.d, 0x4008552e8777604b, 1, 0x400921fb54442d18, 0x3fb999999999999a, rtz
        fff     fsub.d, 0x4008552e8777604b, 1, 0x400921fb54442d18, 0x3fb999999999999a, rdn
        fff     fsub.d, 0x4008552e8777604c, 1, 0x400921fb54442d18, 0x3fb999999999999a, rup
        fff     fsub.d, 0x4008552e8777604b, 1, 0x400921fb54442d18, 0x3fb999999999999a, rmm
        fff     fsub.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rne
        fff     fsub.d, 0x7feffffffffffffe, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rtz
        fff     fsub.d, 0x7feffffffffffffe, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rdn
        fff     fsub.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rup
        fff     fsub.d, 0x7fefffffffffffff, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rmm
        fff     fsub.d, 0xc000000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rne
        fff     fsub.d, 0xc000000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rtz
        fff     fsub.d, 0xc000000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rdn
        fff     fsub.d, 0xc000000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rup
        fff     fsub.d, 0xc000000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rmm
        fff     fsub.d, 0xbfd5555555555555, 1, 1, 0x3fd5555555555555, rne
        fff     fsub.d, 0xbfd5555555555554, 1, 1, 0x3fd5555555555555, rtz
        fff     fsub.d, 0xbfd5555555555555, 1, 1, 0x3fd5555555555555, rdn
        fff     fsub.d, 0xbfd5555555555554, 1, 1, 0x3fd5555555555555, rup
        fff     fsub.d, 0xbfd5555555555555, 1, 1, 0x3fd5555555555555, rmm
        fff     fsub.d, 0xbff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rne
        fff     fsub.d, 0xbff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rtz
        fff     fsub.d, 0xbff8000000000001, 1, 0x8000000000000001, 0x3ff8000000000000, rdn
        fff     fsub.d, 0xbff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rup
        fff     fsub.d, 0xbff8000000000000, 1, 0x8000000000000001, 0x3ff8000000000000, rmm
        fff     fsub.d, 0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rne
        fff     fsub.d, 0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rtz
        fff     fsub.d, 0x8000000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rdn
        fff     fsub.d, 0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rup
        fff     fsub.d, 0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rmm
        fff     fsub.d, 0x433fffffffffffff, 0, 0x4340000000000000, 0x3ff0000000000000, rne
        fff     fsub.d, 0x433fffffffffffff, 0, 0x4340000000000000, 0x3ff0000000000000, rtz
        fff     fsub.d, 0x433fffffffffffff, 0, 0x4340000000000000, 0x3ff0000000000000, rdn
        fff     fsub.d, 0x433fffffffffffff, 0, 0x4340000000000000, 0x3ff0000000000000, rup
        fff     fsub.d, 0x433fffffffffffff, 0, 0x4340000000000000, 0x3ff0000000000000, rmm
        fff     fsub.d, 0xbff5555555555555, 1, 0xbff0000000000000, 0x3fd5555555555555, rne
        fff     fsub.d, 0xbff5555555555555, 1, 0xbff0000000000000, 0x3fd5555555555555, rtz
        fff     fsub.d, 0xbff5555555555556, 1, 0xbff0000000000000, 0x3fd5555555555555, rdn
        fff     fsub.d, 0xbff5555555555555, 1, 0xbff0000000000000, 0x3fd5555555555555, rup
        fff     fsub.d, 0xbff5555555555555, 1, 0xbff0000000000000, 0x3fd5555555555555, rmm

        fff     fmul.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fmul.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fmul.d, 0x3fd41b2f769cf0e0, 1, 0x400921fb54442d18, 0x3fb999999999999a
        fff     fmul.d, 0x3ff0000000000000, 1, 0x3fd5555555555555, 0x4008000000000000
        fff     fmul.d, 0xc00e000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fmul.d, 0xfff0000000000000, 5, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fmul.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fmul.d, 0, 3, 0x10000000000000, 1
        fff     fmul.d, 0, 3, 1, 1
        fff     fmul.d, 0x8000000000000000, 3, 1, 0x8000000000000001
        fff     fmul.d, 0, 3, 0xfffffffffffff, 1
        fff     fmul.d, 0, 0, 0, 0
        fff     fmul.d, 0x8000000000000000, 0, 0, 0x8000000000000000
        fff     fmul.d, 0x8000000000000000, 0, 0x8000000000000000, 0
        fff     fmul.d, 0, 0, 0x8000000000000000, 0x8000000000000000
        fff     fmul.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fmul.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fmul.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fmul.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fmul.d, 0x7ff8000000000000, 16, 0, 0x7ff0000000000000
        fff     fmul.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0
        fff     fmul.d, 0, 0, 0x3ff0000000000000, 0
        fff     fmul.d, 0x8000000000000000, 0, 0xbff0000000000000, 0
        fff     fmul.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fmul.d, 0x7ff8000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fmul.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fmul.d, 0x7ff8000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fmul.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fmul.d, 0x7ff8000000000000, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fmul.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fmul.d, 0x3ff0000000000002, 1, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fmul.d, 0x7ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fmul.d, 0, 3, 1, 0x3fb999999999999a
        fff     fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x4004000000000000
        fff     fmul.d, 0x24000000000000, 0, 0x10000000000000, 0x4004000000000000
        fff     fmul.d, 1, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fmul.d, 0x3fd41b2f769cf0e0, 1, 0x400921fb54442d18, 0x3fb999999999999a, rne
        fff     fmul.d, 0x3fd41b2f769cf0e0, 1, 0x400921fb54442d18, 0x3fb999999999999a, rtz
        fff     fmul.d, 0x3fd41b2f769cf0e0, 1, 0x400921fb54442d18, 0x3fb999999999999a, rdn
        fff     fmul.d, 0x3fd41b2f769cf0e1, 1, 0x400921fb54442d18, 0x3fb999999999999a, rup
        fff     fmul.d, 0x3fd41b2f769cf0e0, 1, 0x400921fb54442d18, 0x3fb999999999999a, rmm
        fff     fmul.d, 0x7fb9999999999999, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rne
        fff     fmul.d, 0x7fb9999999999999, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rtz
        fff     fmul.d, 0x7fb9999999999999, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rdn
        fff     fmul.d, 0x7fb999999999999a, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rup
        fff     fmul.d, 0x7fb9999999999999, 1, 0x7fefffffffffffff, 0x3fb999999999999a, rmm
        fff     fmul.d, 0x4008000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rne
        fff     fmul.d, 0x4008000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rtz
        fff     fmul.d, 0x4008000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rdn
        fff     fmul.d, 0x4008000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rup
        fff     fmul.d, 0x4008000000000000, 0, 0x3ff0000000000000, 0x4008000000000000, rmm
        fff     fmul.d, 0, 3, 1, 0x3fd5555555555555, rne
        fff     fmul.d, 0, 3, 1, 0x3fd5555555555555, rtz
        fff     fmul.d, 0, 3, 1, 0x3fd5555555555555, rdn
        fff     fmul.d, 1, 3, 1, 0x3fd5555555555555, rup
        fff     fmul.d, 0, 3, 1, 0x3fd5555555555555, rmm
        fff     fmul.d, 0x8000000000000002, 3, 0x8000000000000001, 0x3ff8000000000000, rne
        fff     fmul.d, 0x8000000000000001, 3, 0x8000000000000001, 0x3ff8000000000000, rtz
        fff     fmul.d, 0x8000000000000002, 3, 0x8000000000000001, 0x3ff8000000000000, rdn
        fff     fmul.d, 0x8000000000000001, 3, 0x8000000000000001, 0x3ff8000000000000, rup
        fff     fmul.d, 0x8000000000000002, 3, 0x8000000000000001, 0x3ff8000000000000, rmm
        fff     fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rne
        fff     fmul.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rtz
        fff     fmul.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rdn
        fff     fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rup
        fff     fmul.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x7fefffffffffffff, rmm
        fff     fmul.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rne
        fff     fmul.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rtz
        fff     fmul.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rdn
        fff     fmul.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rup
        fff     fmul.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rmm
        fff     fmul.d, 0xbfd5555555555555, 0, 0xbff0000000000000, 0x3fd5555555555555, rne
        fff     fmul.d, 0xbfd5555555555555, 0, 0xbff0000000000000, 0x3fd5555555555555, rtz
        fff     fmul.d, 0xbfd5555555555555, 0, 0xbff0000000000000, 0x3fd5555555555555, rdn
        fff     fmul.d, 0xbfd5555555555555, 0, 0xbff0000000000000, 0x3fd5555555555555, rup
        fff     fmul.d, 0xbfd5555555555555, 0, 0xbff0000000000000, 0x3fd5555555555555, rmm

        fff     fdiv.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fdiv.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fdiv.d, 0x403f6a7a2955385e, 1, 0x400921fb54442d18, 0x3fb999999999999a
        fff     fdiv.d, 0x3fbc71c71c71c71c, 0, 0x3fd5555555555555, 0x4008000000000000
        fff     fdiv.d, 0xbfe3333333333333, 1, 0x3ff8000000000000, 0xc004000000000000
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fdiv.d, 0xbff0000000000000, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fdiv.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fdiv.d, 0x4330000000000000, 0, 0x10000000000000, 1
        fff     fdiv.d, 0x3ff0000000000000, 0, 1, 1
        fff     fdiv.d, 0xbff0000000000000, 0, 1, 0x8000000000000001
        fff     fdiv.d, 0x432ffffffffffffe, 0, 0xfffffffffffff, 1
        fff     fdiv.d, 0x7ff8000000000000, 16, 0, 0
        fff     fdiv.d, 0x7ff8000000000000, 16, 0, 0x8000000000000000
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x8000000000000000, 0
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x8000000000000000, 0x8000000000000000
        fff     fdiv.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x7ff0000000000000, 0xfff0000000000000
        fff     fdiv.d, 0x7ff8000000000000, 16, 0xfff0000000000000, 0x7ff0000000000000
        fff     fdiv.d, 0, 0, 0, 0x7ff0000000000000
        fff     fdiv.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fdiv.d, 0x7ff0000000000000, 8, 0x3ff0000000000000, 0
        fff     fdiv.d, 0xfff0000000000000, 8, 0xbff0000000000000, 0
        fff     fdiv.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fdiv.d, 0x7ff8000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fdiv.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fdiv.d, 0x7ff8000000000000, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fdiv.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fdiv.d, 0, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fdiv.d, 0xa, 3, 1, 0x3fb999999999999a
        fff     fdiv.d, 0x7fd9999999999999, 1, 0x7fefffffffffffff, 0x4004000000000000
        fff     fdiv.d, 0x6666666666666, 3, 0x10000000000000, 0x4004000000000000
        fff     fdiv.d, 1, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fdiv.d, 0x403f6a7a2955385e, 1, 0x400921fb54442d18, 0x3fb999999999999a, rne
        fff     fdiv.d, 0x403f6a7a2955385d, 1, 0x400921fb54442d18, 0x3fb999999999999a, rtz
        fff     fdiv.d, 0x403f6a7a2955385d, 1, 0x400921fb54442d18, 0x3fb999999999999a, rdn
        fff     fdiv.d, 0x403f6a7a2955385e, 1, 0x400921fb54442d18, 0x3fb999999999999a, rup
        fff     fdiv.d, 0x403f6a7a2955385e, 1, 0x400921fb54442d18, 0x3fb999999999999a, rmm
        fff     fdiv.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3fb999999999999a, rne
        fff     fdiv.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x3fb999999999999a, rtz
        fff     fdiv.d, 0x7fefffffffffffff, 5, 0x7fefffffffffffff, 0x3fb999999999999a, rdn
        fff     fdiv.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3fb999999999999a, rup
        fff     fdiv.d, 0x7ff0000000000000, 5, 0x7fefffffffffffff, 0x3fb999999999999a, rmm
        fff     fdiv.d, 0x3fd5555555555555, 1, 0x3ff0000000000000, 0x4008000000000000, rne
        fff     fdiv.d, 0x3fd5555555555555, 1, 0x3ff0000000000000, 0x4008000000000000, rtz
        fff     fdiv.d, 0x3fd5555555555555, 1, 0x3ff0000000000000, 0x4008000000000000, rdn
        fff     fdiv.d, 0x3fd5555555555556, 1, 0x3ff0000000000000, 0x4008000000000000, rup
        fff     fdiv.d, 0x3fd5555555555555, 1, 0x3ff0000000000000, 0x4008000000000000, rmm
        fff     fdiv.d, 3, 3, 1, 0x3fd5555555555555, rne
        fff     fdiv.d, 3, 3, 1, 0x3fd5555555555555, rtz
        fff     fdiv.d, 3, 3, 1, 0x3fd5555555555555, rdn
        fff     fdiv.d, 4, 3, 1, 0x3fd5555555555555, rup
        fff     fdiv.d, 3, 3, 1, 0x3fd5555555555555, rmm
        fff     fdiv.d, 0x8000000000000001, 3, 0x8000000000000001, 0x3ff8000000000000, rne
        fff     fdiv.d, 0x8000000000000000, 3, 0x8000000000000001, 0x3ff8000000000000, rtz
        fff     fdiv.d, 0x8000000000000001, 3, 0x8000000000000001, 0x3ff8000000000000, rdn
        fff     fdiv.d, 0x8000000000000000, 3, 0x8000000000000001, 0x3ff8000000000000, rup
        fff     fdiv.d, 0x8000000000000001, 3, 0x8000000000000001, 0x3ff8000000000000, rmm
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rne
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rtz
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rdn
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rup
        fff     fdiv.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x7fefffffffffffff, rmm
        fff     fdiv.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rne
        fff     fdiv.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rtz
        fff     fdiv.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rdn
        fff     fdiv.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rup
        fff     fdiv.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000, rmm
        fff     fdiv.d, 0xc008000000000000, 1, 0xbff0000000000000, 0x3fd5555555555555, rne
        fff     fdiv.d, 0xc008000000000000, 1, 0xbff0000000000000, 0x3fd5555555555555, rtz
        fff     fdiv.d, 0xc008000000000001, 1, 0xbff0000000000000, 0x3fd5555555555555, rdn
        fff     fdiv.d, 0xc008000000000000, 1, 0xbff0000000000000, 0x3fd5555555555555, rup
        fff     fdiv.d, 0xc008000000000000, 1, 0xbff0000000000000, 0x3fd5555555555555, rmm

        ff      fsqrt.d, 0, 0, 0
        ff      fsqrt.d, 0x8000000000000000, 0, 0x8000000000000000
        ff      fsqrt.d, 0x3ff0000000000000, 0, 0x3ff0000000000000
        ff      fsqrt.d, 0x3ff94c583ada5b53, 1, 0x4004000000000000
        ff      fsqrt.d, 0x3ffc5bf891b4ef6a, 1, 0x400921fb54442d18
        ff      fsqrt.d, 0x7ff8000000000000, 16, 0xbff0000000000000
        ff      fsqrt.d, 0x7ff0000000000000, 0, 0x7ff0000000000000
        ff      fsqrt.d, 0x7ff8000000000000, 16, 0xfff0000000000000
        ff      fsqrt.d, 0x7ff8000000000000, 0, 0x7ff8000000000000
        ff      fsqrt.d, 0x7ff8000000000000, 16, 0x7ff0000000000001
        ff      fsqrt.d, 0x1e60000000000000, 0, 1
        ff      fsqrt.d, 0x5fefffffffffffff, 1, 0x7fefffffffffffff
        ff      fsqrt.d, 0x2000000000000000, 0, 0x10000000000000
        ff      fsqrt.d, 0x3fd43d136248490f, 1, 0x3fb999999999999a
        ff      fsqrt.d, 0x7ff8000000000000, 16, 0x8000000000000001
        ff      fsqrt.d, 0x3ff94c583ada5b53, 1, 0x4004000000000000, rne
        ff      fsqrt.d, 0x3ff94c583ada5b52, 1, 0x4004000000000000, rtz
        ff      fsqrt.d, 0x3ff94c583ada5b52, 1, 0x4004000000000000, rdn
        ff      fsqrt.d, 0x3ff94c583ada5b53, 1, 0x4004000000000000, rup
        ff      fsqrt.d, 0x3ff94c583ada5b53, 1, 0x4004000000000000, rmm
        ff      fsqrt.d, 0x3fe279a74590331c, 1, 0x3fd5555555555555, rne
        ff      fsqrt.d, 0x3fe279a74590331c, 1, 0x3fd5555555555555, rtz
        ff      fsqrt.d, 0x3fe279a74590331c, 1, 0x3fd5555555555555, rdn
        ff      fsqrt.d, 0x3fe279a74590331d, 1, 0x3fd5555555555555, rup
        ff      fsqrt.d, 0x3fe279a74590331c, 1, 0x3fd5555555555555, rmm
        ff      fsqrt.d, 0x5fefffffffffffff, 1, 0x7fefffffffffffff, rne
        ff      fsqrt.d, 0x5fefffffffffffff, 1, 0x7fefffffffffffff, rtz
        ff      fsqrt.d, 0x5fefffffffffffff, 1, 0x7fefffffffffffff, rdn
        ff      fsqrt.d, 0x5ff0000000000000, 1, 0x7fefffffffffffff, rup
        ff      fsqrt.d, 0x5fefffffffffffff, 1, 0x7fefffffffffffff, rmm
        finish
