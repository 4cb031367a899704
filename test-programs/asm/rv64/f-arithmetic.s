# rv64f: single precision arithmetic with flags and rounding modes; want, flags, then operands.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        fff     fadd.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fadd.s, 0xffffffff404f7641, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd
        fff     fadd.s, 0xffffffff40555555, 1, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fadd.s, 0xffffffffbf800000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fadd.s, 0xffffffff00000000, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fadd.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff00800001, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fadd.s, 0xffffffff00000002, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fadd.s, 0xffffffff00000000, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fadd.s, 0xffffffff00800000, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fadd.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fadd.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fadd.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fadd.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fadd.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffffff800000
        fff     fadd.s, 0xffffffff7fc00000, 16, 0xffffffffff800000, 0xffffffff7f800000
        fff     fadd.s, 0xffffffff7f800000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fadd.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fadd.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fadd.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fadd.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff7fc00000, 16, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fadd.s, 0xffffffff7fc00000, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fadd.s, 0xffffffff7fc00000, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fadd.s, 0xffffffff4b800000, 1, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff40000001, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fadd.s, 0xffffffff7f800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fadd.s, 0xffffffff3dcccccd, 1, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fadd.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fadd.s, 0xffffffff40200000, 1, 0xffffffff00800000, 0xffffffff40200000
        fff     fadd.s, 0xffffffffbf800000, 1, 0xffffffff80000001, 0xffffffffbf800000
        fff     fadd.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fadd.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fadd.s, 0xffffffff404f7641, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rne
        fff     fadd.s, 0xffffffff404f7641, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rtz
        fff     fadd.s, 0xffffffff404f7641, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rdn
        fff     fadd.s, 0xffffffff404f7642, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rup
        fff     fadd.s, 0xffffffff404f7641, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rmm
        fff     fadd.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rne
        fff     fadd.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rtz
        fff     fadd.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rdn
        fff     fadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rup
        fff     fadd.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rmm
        fff     fadd.s, 0xffffffff40800000, 0, 0xffffffff3f800000, 0xffffffff40400000, rne
        fff     fadd.s, 0xffffffff40800000, 0, 0xffffffff3f800000, 0xffffffff40400000, rtz
        fff     fadd.s, 0xffffffff40800000, 0, 0xffffffff3f800000, 0xffffffff40400000, rdn
        fff     fadd.s, 0xffffffff40800000, 0, 0xffffffff3f800000, 0xffffffff40400000, rup
        fff     fadd.s, 0xffffffff40800000, 0, 0xffffffff3f800000, 0xffffffff40400000, rmm
        fff     fadd.s, 0xffffffff3eaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rne
        fff     fadd.s, 0xffffffff3eaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rtz
        fff     fadd.s, 0xffffffff3eaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rdn
        fff     fadd.s, 0xffffffff3eaaaaac, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rup
        fff     fadd.s, 0xffffffff3eaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rmm
        fff     fadd.s, 0xffffffff3fc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rne
        fff     fadd.s, 0xffffffff3fbfffff, 1, 0xffffffff80000001, 0xffffffff3fc00000, rtz
        fff     fadd.s, 0xffffffff3fbfffff, 1, 0xffffffff80000001, 0xffffffff3fc00000, rdn
        fff     fadd.s, 0xffffffff3fc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rup
        fff     fadd.s, 0xffffffff3fc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rmm
        fff     fadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rne
        fff     fadd.s, 0xffffffff7f7fffff, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rtz
        fff     fadd.s, 0xffffffff7f7fffff, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rdn
        fff     fadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rup
        fff     fadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rmm
        fff     fadd.s, 0xffffffff4b800000, 1, 0xffffffff4b800000, 0xffffffff3f800000, rne
        fff     fadd.s, 0xffffffff4b800000, 1, 0xffffffff4b800000, 0xffffffff3f800000, rtz
        fff     fadd.s, 0xffffffff4b800000, 1, 0xffffffff4b800000, 0xffffffff3f800000, rdn
        fff     fadd.s, 0xffffffff4b800001, 1, 0xffffffff4b800000, 0xffffffff3f800000, rup
        fff     fadd.s, 0xffffffff4b800001, 1, 0xffffffff4b800000, 0xffffffff3f800000, rmm
        fff     fadd.s, 0xffffffffbf2aaaaa, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rne
        fff     fadd.s, 0xffffffffbf2aaaaa, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rtz
        fff     fadd.s, 0xffffffffbf2aaaab, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rdn
        fff     fadd.s, 0xffffffffbf2aaaaa, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rup
        fff     fadd.s, 0xffffffffbf2aaaab, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rmm

        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fsub.s, 0xffffffff4042a975, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd
        fff     fsub.s, 0xffffffffc02aaaab, 1, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fsub.s, 0xffffffff40800000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fsub.s, 0xffffffffff800000, 5, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fsub.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff007fffff, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fsub.s, 0xffffffff00000002, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fsub.s, 0xffffffff007ffffe, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fsub.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fsub.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fsub.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fsub.s, 0xffffffffff800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fsub.s, 0xffffffffff800000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fsub.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fsub.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fsub.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fsub.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff7fc00000, 16, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fsub.s, 0xffffffff7fc00000, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fsub.s, 0xffffffff7fc00000, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fsub.s, 0xffffffff4b7fffff, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fsub.s, 0xffffffffff800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fsub.s, 0xffffffffbdcccccd, 1, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fsub.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fsub.s, 0xffffffffc0200000, 1, 0xffffffff00800000, 0xffffffff40200000
        fff     fsub.s, 0xffffffff3f800000, 1, 0xffffffff80000001, 0xffffffffbf800000
        fff     fsub.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fsub.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fsub.s, 0xffffffff4042a975, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rne
        fff     fsub.s, 0xffffffff4042a974, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rtz
        fff     fsub.s, 0xffffffff4042a974, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rdn
        fff     fsub.s, 0xffffffff4042a975, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rup
        fff     fsub.s, 0xffffffff4042a975, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rmm
        fff     fsub.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rne
        fff     fsub.s, 0xffffffff7f7ffffe, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rtz
        fff     fsub.s, 0xffffffff7f7ffffe, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rdn
        fff     fsub.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rup
        fff     fsub.s, 0xffffffff7f7fffff, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rmm
        fff     fsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffff40400000, rne
        fff     fsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffff40400000, rtz
        fff     fsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffff40400000, rdn
        fff     fsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffff40400000, rup
        fff     fsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffff40400000, rmm
        fff     fsub.s, 0xffffffffbeaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rne
        fff     fsub.s, 0xffffffffbeaaaaaa, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rtz
        fff     fsub.s, 0xffffffffbeaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rdn
        fff     fsub.s, 0xffffffffbeaaaaaa, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rup
        fff     fsub.s, 0xffffffffbeaaaaab, 1, 0xffffffff00000001, 0xffffffff3eaaaaab, rmm
        fff     fsub.s, 0xffffffffbfc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rne
        fff     fsub.s, 0xffffffffbfc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rtz
        fff     fsub.s, 0xffffffffbfc00001, 1, 0xffffffff80000001, 0xffffffff3fc00000, rdn
        fff     fsub.s, 0xffffffffbfc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rup
        fff     fsub.s, 0xffffffffbfc00000, 1, 0xffffffff80000001, 0xffffffff3fc00000, rmm
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rne
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rtz
        fff     fsub.s, 0xffffffff80000000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rdn
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rup
        fff     fsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rmm
        fff     fsub.s, 0xffffffff4b7fffff, 0, 0xffffffff4b800000, 0xffffffff3f800000, rne
        fff     fsub.s, 0xffffffff4b7fffff, 0, 0xffffffff4b800000, 0xffffffff3f800000, rtz
        fff     fsub.s, 0xffffffff4b7fffff, 0, 0xffffffff4b800000, 0xffffffff3f800000, rdn
        fff     fsub.s, 0xffffffff4b7fffff, 0, 0xffffffff4b800000, 0xffffffff3f800000, rup
        fff     fsub.s, 0xffffffff4b7fffff, 0, 0xffffffff4b800000, 0xffffffff3f800000, rmm
        fff     fsub.s, 0xffffffffbfaaaaab, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rne
        fff     fsub.s, 0xffffffffbfaaaaaa, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rtz
        fff     fsub.s, 0xffffffffbfaaaaab, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rdn
        fff     fsub.s, 0xffffffffbfaaaaaa, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rup
        fff     fsub.s, 0xffffffffbfaaaaab, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rmm

        fff     fmul.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fmul.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fmul.s, 0xffffffff3ea0d97c, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd
        fff     fmul.s, 0xffffffff3f800000, 1, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fmul.s, 0xffffffffc0700000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fmul.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fmul.s, 0xffffffffff800000, 5, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fmul.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00800000, 0xffffffff00000001
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00000001, 0xffffffff00000001
        fff     fmul.s, 0xffffffff80000000, 3, 0xffffffff00000001, 0xffffffff80000001
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff007fffff, 0xffffffff00000001
        fff     fmul.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fmul.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fmul.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fmul.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fmul.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fmul.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fmul.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fmul.s, 0xffffffffff800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fmul.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff7f800000
        fff     fmul.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000
        fff     fmul.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fmul.s, 0xffffffff80000000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fmul.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fmul.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fmul.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fmul.s, 0xffffffff7fc00000, 16, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fmul.s, 0xffffffff7fc00000, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fmul.s, 0xffffffff7fc00000, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fmul.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fmul.s, 0xffffffff3f800002, 1, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fmul.s, 0xffffffff7f800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fmul.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fmul.s, 0xffffffff01200000, 0, 0xffffffff00800000, 0xffffffff40200000
        fff     fmul.s, 0xffffffff00000001, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fmul.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fmul.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fmul.s, 0xffffffff3ea0d97c, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rne
        fff     fmul.s, 0xffffffff3ea0d97c, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rtz
        fff     fmul.s, 0xffffffff3ea0d97c, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rdn
        fff     fmul.s, 0xffffffff3ea0d97d, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rup
        fff     fmul.s, 0xffffffff3ea0d97c, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rmm
        fff     fmul.s, 0xffffffff7dcccccc, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rne
        fff     fmul.s, 0xffffffff7dcccccc, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rtz
        fff     fmul.s, 0xffffffff7dcccccc, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rdn
        fff     fmul.s, 0xffffffff7dcccccd, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rup
        fff     fmul.s, 0xffffffff7dcccccc, 1, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rmm
        fff     fmul.s, 0xffffffff40400000, 0, 0xffffffff3f800000, 0xffffffff40400000, rne
        fff     fmul.s, 0xffffffff40400000, 0, 0xffffffff3f800000, 0xffffffff40400000, rtz
        fff     fmul.s, 0xffffffff40400000, 0, 0xffffffff3f800000, 0xffffffff40400000, rdn
        fff     fmul.s, 0xffffffff40400000, 0, 0xffffffff3f800000, 0xffffffff40400000, rup
        fff     fmul.s, 0xffffffff40400000, 0, 0xffffffff3f800000, 0xffffffff40400000, rmm
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rne
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rtz
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rdn
        fff     fmul.s, 0xffffffff00000001, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rup
        fff     fmul.s, 0xffffffff00000000, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rmm
        fff     fmul.s, 0xffffffff80000002, 3, 0xffffffff80000001, 0xffffffff3fc00000, rne
        fff     fmul.s, 0xffffffff80000001, 3, 0xffffffff80000001, 0xffffffff3fc00000, rtz
        fff     fmul.s, 0xffffffff80000002, 3, 0xffffffff80000001, 0xffffffff3fc00000, rdn
        fff     fmul.s, 0xffffffff80000001, 3, 0xffffffff80000001, 0xffffffff3fc00000, rup
        fff     fmul.s, 0xffffffff80000002, 3, 0xffffffff80000001, 0xffffffff3fc00000, rmm
        fff     fmul.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rne
        fff     fmul.s, 0xffffffff7f7fffff, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rtz
        fff     fmul.s, 0xffffffff7f7fffff, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rdn
        fff     fmul.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rup
        fff     fmul.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rmm
        fff     fmul.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rne
        fff     fmul.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rtz
        fff     fmul.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rdn
        fff     fmul.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rup
        fff     fmul.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rmm
        fff     fmul.s, 0xffffffffbeaaaaab, 0, 0xffffffffbf800000, 0xffffffff3eaaaaab, rne
        fff     fmul.s, 0xffffffffbeaaaaab, 0, 0xffffffffbf800000, 0xffffffff3eaaaaab, rtz
        fff     fmul.s, 0xffffffffbeaaaaab, 0, 0xffffffffbf800000, 0xffffffff3eaaaaab, rdn
        fff     fmul.s, 0xffffffffbeaaaaab, 0, 0xffffffffbf800000, 0xffffffff3eaaaaab, rup
        fff     fmul.s, 0xffffffffbeaaaaab, 0, 0xffffffffbf800000, 0xffffffff3eaaaaab, rmm

        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fdiv.s, 0xffffffff41fb53d2, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd
        fff     fdiv.s, 0xffffffff3de38e39, 1, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fdiv.s, 0xffffffffbf19999a, 1, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fdiv.s, 0xffffffffbf800000, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fdiv.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffff4b000000, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fdiv.s, 0xffffffffbf800000, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fdiv.s, 0xffffffff4afffffe, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff00000000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff80000000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff80000000, 0xffffffff00000000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff80000000, 0xffffffff80000000
        fff     fdiv.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffffff800000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffffff800000, 0xffffffff7f800000
        fff     fdiv.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fdiv.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fdiv.s, 0xffffffff7f800000, 8, 0xffffffff3f800000, 0xffffffff00000000
        fff     fdiv.s, 0xffffffffff800000, 8, 0xffffffffbf800000, 0xffffffff00000000
        fff     fdiv.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fdiv.s, 0xffffffff7fc00000, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fdiv.s, 0xffffffff7fc00000, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fdiv.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fdiv.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fdiv.s, 0xffffffff0000000a, 3, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fdiv.s, 0xffffffff7ecccccc, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fdiv.s, 0xffffffff00333333, 3, 0xffffffff00800000, 0xffffffff40200000
        fff     fdiv.s, 0xffffffff00000001, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fdiv.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fdiv.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fdiv.s, 0xffffffff41fb53d2, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rne
        fff     fdiv.s, 0xffffffff41fb53d1, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rtz
        fff     fdiv.s, 0xffffffff41fb53d1, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rdn
        fff     fdiv.s, 0xffffffff41fb53d2, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rup
        fff     fdiv.s, 0xffffffff41fb53d2, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, rmm
        fff     fdiv.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rne
        fff     fdiv.s, 0xffffffff7f7fffff, 5, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rtz
        fff     fdiv.s, 0xffffffff7f7fffff, 5, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rdn
        fff     fdiv.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rup
        fff     fdiv.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff3dcccccd, rmm
        fff     fdiv.s, 0xffffffff3eaaaaab, 1, 0xffffffff3f800000, 0xffffffff40400000, rne
        fff     fdiv.s, 0xffffffff3eaaaaaa, 1, 0xffffffff3f800000, 0xffffffff40400000, rtz
        fff     fdiv.s, 0xffffffff3eaaaaaa, 1, 0xffffffff3f800000, 0xffffffff40400000, rdn
        fff     fdiv.s, 0xffffffff3eaaaaab, 1, 0xffffffff3f800000, 0xffffffff40400000, rup
        fff     fdiv.s, 0xffffffff3eaaaaab, 1, 0xffffffff3f800000, 0xffffffff40400000, rmm
        fff     fdiv.s, 0xffffffff00000003, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rne
        fff     fdiv.s, 0xffffffff00000002, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rtz
        fff     fdiv.s, 0xffffffff00000002, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rdn
        fff     fdiv.s, 0xffffffff00000003, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rup
        fff     fdiv.s, 0xffffffff00000003, 3, 0xffffffff00000001, 0xffffffff3eaaaaab, rmm
        fff     fdiv.s, 0xffffffff80000001, 3, 0xffffffff80000001, 0xffffffff3fc00000, rne
        fff     fdiv.s, 0xffffffff80000000, 3, 0xffffffff80000001, 0xffffffff3fc00000, rtz
        fff     fdiv.s, 0xffffffff80000001, 3, 0xffffffff80000001, 0xffffffff3fc00000, rdn
        fff     fdiv.s, 0xffffffff80000000, 3, 0xffffffff80000001, 0xffffffff3fc00000, rup
        fff     fdiv.s, 0xffffffff80000001, 3, 0xffffffff80000001, 0xffffffff3fc00000, rmm
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rne
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rtz
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rdn
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rup
        fff     fdiv.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff, rmm
        fff     fdiv.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rne
        fff     fdiv.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rtz
        fff     fdiv.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rdn
        fff     fdiv.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rup
        fff     fdiv.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000, rmm
        fff     fdiv.s, 0xffffffffc0400000, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rne
        fff     fdiv.s, 0xffffffffc03fffff, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rtz
        fff     fdiv.s, 0xffffffffc0400000, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rdn
        fff     fdiv.s, 0xffffffffc03fffff, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rup
        fff     fdiv.s, 0xffffffffc0400000, 1, 0xffffffffbf800000, 0xffffffff3eaaaaab, rmm

        ff      fsqrt.s, 0xffffffff00000000, 0, 0xffffffff00000000
        ff      fsqrt.s, 0xffffffff80000000, 0, 0xffffffff80000000
        ff      fsqrt.s, 0xffffffff3f800000, 0, 0xffffffff3f800000
        ff      fsqrt.s, 0xffffffff3fca62c2, 1, 0xffffffff40200000
        ff      fsqrt.s, 0xffffffff3fe2dfc5, 1, 0xffffffff40490fdb
        ff      fsqrt.s, 0xffffffff7fc00000, 16, 0xffffffffbf800000
        ff      fsqrt.s, 0xffffffff7f800000, 0, 0xffffffff7f800000
        ff      fsqrt.s, 0xffffffff7fc00000, 16, 0xffffffffff800000
        ff      fsqrt.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000
        ff      fsqrt.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001
        ff      fsqrt.s, 0xffffffff1a3504f3, 1, 0xffffffff00000001
        ff      fsqrt.s, 0xffffffff5f7fffff, 1, 0xffffffff7f7fffff
        ff      fsqrt.s, 0xffffffff20000000, 0, 0xffffffff00800000
        ff      fsqrt.s, 0xffffffff3ea1e89b, 1, 0xffffffff3dcccccd
        ff      fsqrt.s, 0xffffffff7fc00000, 16, 0xffffffff80000001
        ff      fsqrt.s, 0xffffffff7fc00000, 0, 0x3f800000
        ff      fsqrt.s, 0xffffffff3fca62c2, 1, 0xffffffff40200000, rne
        ff      fsqrt.s, 0xffffffff3fca62c1, 1, 0xffffffff40200000, rtz
        ff      fsqrt.s, 0xffffffff3fca62c1, 1, 0xffffffff40200000, rdn
        ff      fsqrt.s, 0xffffffff3fca62c2, 1, 0xffffffff40200000, rup
        ff      fsqrt.s, 0xffffffff3fca62c2, 1, 0xffffffff40200000, rmm
        ff      fsqrt.s, 0xffffffff3f13cd3a, 1, 0xffffffff3eaaaaab, rne
        ff      fsqrt.s, 0xffffffff3f13cd3a, 1, 0xffffffff3eaaaaab, rtz
        ff      fsqrt.s, 0xffffffff3f13cd3a, 1, 0xffffffff3eaaaaab, rdn
        ff      fsqrt.s, 0xffffffff3f13cd3b, 1, 0xffffffff3eaaaaab, rup
        ff      fsqrt.s, 0xffffffff3f13cd3a, 1, 0xffffffff3eaaaaab, rmm
        ff      fsqrt.s, 0xffffffff5f7fffff, 1, 0xffffffff7f7fffff, rne
        ff      fsqrt.s, 0xffffffff5f7fffff, 1, 0xffffffff7f7fffff, rtz
        ff      fsqrt.s, 0xffffffff5f7fffff, 1, 0xffffffff7f7fffff, rdn
        ff      fsqrt.s, 0xffffffff5f800000, 1, 0xffffffff7f7fffff, rup
        ff      fsqrt.s, 0xffffffff5f7fffff, 1, 0xffffffff7f7fffff, rmm
        finish
