# rv64f: single precision fused multiply-add; want, flags, then operands.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        ffff    fmadd.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fmadd.s, 0xffffffff3f25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab
        ffff    fmadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, 0xffffffffff7fffff
        ffff    fmadd.s, 0xffffffffff800000, 0, 0xffffffff7f7fffff, 0xffffffff40200000, 0xffffffffff800000
        ffff    fmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff3f800000
        ffff    fmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff7fc00000
        ffff    fmadd.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff7f800000, 0xffffffff7f800001
        ffff    fmadd.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fmadd.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff7fc00000
        ffff    fmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000
        ffff    fmadd.s, 0xffffffff34800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000
        ffff    fmadd.s, 0xffffffff00000001, 3, 0xffffffff00000001, 0xffffffff00000001, 0xffffffff00000001
        ffff    fmadd.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff3f800000, 0xffffffff7f7fffff
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff3f800000, 0xffffffff00000000
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff3f800000, 0xffffffff80000000
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffffbf800000, 0xffffffff00000000, 0xffffffff00000000
        ffff    fmadd.s, 0xffffffffc00ccccd, 1, 0xffffffff3dcccccd, 0xffffffff40400000, 0xffffffffc0200000
        ffff    fmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffffff800000
        ffff    fmadd.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffff7f800000
        ffff    fmadd.s, 0xffffffff33000000, 0, 0xffffffff3eaaaaab, 0xffffffff40400000, 0xffffffffbf800000
        ffff    fmadd.s, 0xffffffff3f25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rne
        ffff    fmadd.s, 0xffffffff3f25c213, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rtz
        ffff    fmadd.s, 0xffffffff3f25c213, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rdn
        ffff    fmadd.s, 0xffffffff3f25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rup
        ffff    fmadd.s, 0xffffffff3f25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rmm
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rne
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rtz
        ffff    fmadd.s, 0xffffffff80000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rdn
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rup
        ffff    fmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rmm
        ffff    fmadd.s, 0xffffffff34800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rne
        ffff    fmadd.s, 0xffffffff34800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rtz
        ffff    fmadd.s, 0xffffffff34800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rdn
        ffff    fmadd.s, 0xffffffff34800001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rup
        ffff    fmadd.s, 0xffffffff34800001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rmm

        ffff    fmsub.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fmsub.s, 0xffffffffbc9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab
        ffff    fmsub.s, 0xffffffff7f800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, 0xffffffffff7fffff
        ffff    fmsub.s, 0xffffffff7f800000, 0, 0xffffffff7f7fffff, 0xffffffff40200000, 0xffffffffff800000
        ffff    fmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff3f800000
        ffff    fmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff7fc00000
        ffff    fmsub.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff7f800000, 0xffffffff7f800001
        ffff    fmsub.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fmsub.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff7fc00000
        ffff    fmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fmsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000
        ffff    fmsub.s, 0xffffffff40000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000
        ffff    fmsub.s, 0xffffffff80000001, 3, 0xffffffff00000001, 0xffffffff00000001, 0xffffffff00000001
        ffff    fmsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff3f800000, 0xffffffff7f7fffff
        ffff    fmsub.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff3f800000, 0xffffffff00000000
        ffff    fmsub.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff3f800000, 0xffffffff80000000
        ffff    fmsub.s, 0xffffffff80000000, 0, 0xffffffffbf800000, 0xffffffff00000000, 0xffffffff00000000
        ffff    fmsub.s, 0xffffffff40333333, 1, 0xffffffff3dcccccd, 0xffffffff40400000, 0xffffffffc0200000
        ffff    fmsub.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffffff800000
        ffff    fmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffff7f800000
        ffff    fmsub.s, 0xffffffff40000000, 1, 0xffffffff3eaaaaab, 0xffffffff40400000, 0xffffffffbf800000
        ffff    fmsub.s, 0xffffffffbc9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rne
        ffff    fmsub.s, 0xffffffffbc9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rtz
        ffff    fmsub.s, 0xffffffffbc9d12ee, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rdn
        ffff    fmsub.s, 0xffffffffbc9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rup
        ffff    fmsub.s, 0xffffffffbc9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rmm
        ffff    fmsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rne
        ffff    fmsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rtz
        ffff    fmsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rdn
        ffff    fmsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rup
        ffff    fmsub.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rmm
        ffff    fmsub.s, 0xffffffff40000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rne
        ffff    fmsub.s, 0xffffffff40000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rtz
        ffff    fmsub.s, 0xffffffff40000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rdn
        ffff    fmsub.s, 0xffffffff40000002, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rup
        ffff    fmsub.s, 0xffffffff40000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rmm

        ffff    fnmsub.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fnmsub.s, 0xffffffff3c9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab
        ffff    fnmsub.s, 0xffffffffff800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, 0xffffffffff7fffff
        ffff    fnmsub.s, 0xffffffffff800000, 0, 0xffffffff7f7fffff, 0xffffffff40200000, 0xffffffffff800000
        ffff    fnmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff3f800000
        ffff    fnmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff7fc00000
        ffff    fnmsub.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff7f800000, 0xffffffff7f800001
        ffff    fnmsub.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fnmsub.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff7fc00000
        ffff    fnmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fnmsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000
        ffff    fnmsub.s, 0xffffffffc0000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000
        ffff    fnmsub.s, 0xffffffff00000001, 3, 0xffffffff00000001, 0xffffffff00000001, 0xffffffff00000001
        ffff    fnmsub.s, 0xffffffff00000000, 0, 0xffffffff7f7fffff, 0xffffffff3f800000, 0xffffffff7f7fffff
        ffff    fnmsub.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff3f800000, 0xffffffff00000000
        ffff    fnmsub.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff3f800000, 0xffffffff80000000
        ffff    fnmsub.s, 0xffffffff00000000, 0, 0xffffffffbf800000, 0xffffffff00000000, 0xffffffff00000000
        ffff    fnmsub.s, 0xffffffffc0333333, 1, 0xffffffff3dcccccd, 0xffffffff40400000, 0xffffffffc0200000
        ffff    fnmsub.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffffff800000
        ffff    fnmsub.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffff7f800000
        ffff    fnmsub.s, 0xffffffffc0000000, 1, 0xffffffff3eaaaaab, 0xffffffff40400000, 0xffffffffbf800000
        ffff    fnmsub.s, 0xffffffff3c9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rne
        ffff    fnmsub.s, 0xffffffff3c9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rtz
        ffff    fnmsub.s, 0xffffffff3c9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rdn
        ffff    fnmsub.s, 0xffffffff3c9d12ee, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rup
        ffff    fnmsub.s, 0xffffffff3c9d12ed, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rmm
        ffff    fnmsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rne
        ffff    fnmsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rtz
        ffff    fnmsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rdn
        ffff    fnmsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rup
        ffff    fnmsub.s, 0xffffffff40000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rmm
        ffff    fnmsub.s, 0xffffffffc0000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rne
        ffff    fnmsub.s, 0xffffffffc0000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rtz
        ffff    fnmsub.s, 0xffffffffc0000002, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rdn
        ffff    fnmsub.s, 0xffffffffc0000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rup
        ffff    fnmsub.s, 0xffffffffc0000001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rmm

        ffff    fnmadd.s, 0xffffffffc0000000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fnmadd.s, 0xffffffffbf25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab
        ffff    fnmadd.s, 0xffffffffff800000, 5, 0xffffffff7f7fffff, 0xffffffff7f7fffff, 0xffffffffff7fffff
        ffff    fnmadd.s, 0xffffffff7f800000, 0, 0xffffffff7f7fffff, 0xffffffff40200000, 0xffffffffff800000
        ffff    fnmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff3f800000
        ffff    fnmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff00000000, 0xffffffff7fc00000
        ffff    fnmadd.s, 0xffffffff7fc00000, 16, 0xffffffff00000000, 0xffffffff7f800000, 0xffffffff7f800001
        ffff    fnmadd.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fnmadd.s, 0xffffffff7fc00000, 0, 0xffffffff3f800000, 0xffffffff3f800000, 0xffffffff7fc00000
        ffff    fnmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800001, 0xffffffff3f800000, 0xffffffff3f800000
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000
        ffff    fnmadd.s, 0xffffffffb4800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000
        ffff    fnmadd.s, 0xffffffff80000001, 3, 0xffffffff00000001, 0xffffffff00000001, 0xffffffff00000001
        ffff    fnmadd.s, 0xffffffffff800000, 5, 0xffffffff7f7fffff, 0xffffffff3f800000, 0xffffffff7f7fffff
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff3f800000, 0xffffffff00000000
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff3f800000, 0xffffffff80000000
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffffbf800000, 0xffffffff00000000, 0xffffffff00000000
        ffff    fnmadd.s, 0xffffffff400ccccd, 1, 0xffffffff3dcccccd, 0xffffffff40400000, 0xffffffffc0200000
        ffff    fnmadd.s, 0xffffffff7fc00000, 16, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffffff800000
        ffff    fnmadd.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffff3f800000, 0xffffffff7f800000
        ffff    fnmadd.s, 0xffffffffb3000000, 0, 0xffffffff3eaaaaab, 0xffffffff40400000, 0xffffffffbf800000
        ffff    fnmadd.s, 0xffffffffbf25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rne
        ffff    fnmadd.s, 0xffffffffbf25c213, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rtz
        ffff    fnmadd.s, 0xffffffffbf25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rdn
        ffff    fnmadd.s, 0xffffffffbf25c213, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rup
        ffff    fnmadd.s, 0xffffffffbf25c214, 1, 0xffffffff40490fdb, 0xffffffff3dcccccd, 0xffffffff3eaaaaab, rmm
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rne
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rtz
        ffff    fnmadd.s, 0xffffffff80000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rdn
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rup
        ffff    fnmadd.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffffbf800000, 0xffffffff3f800000, rmm
        ffff    fnmadd.s, 0xffffffffb4800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rne
        ffff    fnmadd.s, 0xffffffffb4800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rtz
        ffff    fnmadd.s, 0xffffffffb4800001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rdn
        ffff    fnmadd.s, 0xffffffffb4800000, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rup
        ffff    fnmadd.s, 0xffffffffb4800001, 1, 0xffffffff3f800001, 0xffffffff3f800001, 0xffffffffbf800000, rmm
        finish
