# rv64d: double precision comparison, minimum, sign, class and moves; want, flags, then operands.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        fff     fmin.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fmin.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fmin.d, 0x3fd5555555555555, 0, 0x3fd5555555555555, 0x4008000000000000
        fff     fmin.d, 0xc004000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fmin.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fmin.d, 0xffefffffffffffff, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fmin.d, 0x3ff0000000000000, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fmin.d, 1, 0, 0x10000000000000, 1
        fff     fmin.d, 1, 0, 1, 1
        fff     fmin.d, 0x8000000000000001, 0, 1, 0x8000000000000001
        fff     fmin.d, 1, 0, 0xfffffffffffff, 1
        fff     fmin.d, 0, 0, 0, 0
        fff     fmin.d, 0x8000000000000000, 0, 0, 0x8000000000000000
        fff     fmin.d, 0x8000000000000000, 0, 0x8000000000000000, 0
        fff     fmin.d, 0x8000000000000000, 0, 0x8000000000000000, 0x8000000000000000
        fff     fmin.d, 0x3ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fmin.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fmin.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fmin.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fmin.d, 0, 0, 0, 0x7ff0000000000000
        fff     fmin.d, 0, 0, 0x7ff0000000000000, 0
        fff     fmin.d, 0, 0, 0x3ff0000000000000, 0
        fff     fmin.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0
        fff     fmin.d, 0x3ff0000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fmin.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fmin.d, 0x3ff0000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fmin.d, 0x3ff0000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fmin.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fmin.d, 0x7ff8000000000000, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fmin.d, 0x3ff0000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fmin.d, 0x3ff0000000000001, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fmin.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fmin.d, 1, 0, 1, 0x3fb999999999999a
        fff     fmin.d, 0x4004000000000000, 0, 0x7fefffffffffffff, 0x4004000000000000
        fff     fmin.d, 0x10000000000000, 0, 0x10000000000000, 0x4004000000000000
        fff     fmin.d, 0xbff0000000000000, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fmin.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0x3ff0000000000000
        fff     fmin.d, 0x8000000000000000, 0, 0x8000000000000000, 1
        fff     fmin.d, 0x7ff8000000000000, 16, 0xfff8000000000123, 0x7ff0000000000001

        fff     fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fmax.d, 0x4008000000000000, 0, 0x3fd5555555555555, 0x4008000000000000
        fff     fmax.d, 0x3ff8000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fmax.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fmax.d, 0x7fefffffffffffff, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fmax.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fmax.d, 0x10000000000000, 0, 0x10000000000000, 1
        fff     fmax.d, 1, 0, 1, 1
        fff     fmax.d, 1, 0, 1, 0x8000000000000001
        fff     fmax.d, 0xfffffffffffff, 0, 0xfffffffffffff, 1
        fff     fmax.d, 0, 0, 0, 0
        fff     fmax.d, 0, 0, 0, 0x8000000000000000
        fff     fmax.d, 0, 0, 0x8000000000000000, 0
        fff     fmax.d, 0x8000000000000000, 0, 0x8000000000000000, 0x8000000000000000
        fff     fmax.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fmax.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fmax.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fmax.d, 0x7ff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fmax.d, 0x7ff0000000000000, 0, 0, 0x7ff0000000000000
        fff     fmax.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0
        fff     fmax.d, 0, 0, 0xbff0000000000000, 0
        fff     fmax.d, 0x3ff0000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fmax.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fmax.d, 0x3ff0000000000000, 16, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fmax.d, 0x3ff0000000000000, 16, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fmax.d, 0x7ff8000000000000, 16, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fmax.d, 0x7ff8000000000000, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fmax.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fmax.d, 0x3ff0000000000001, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fmax.d, 0x7ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fmax.d, 0x3fb999999999999a, 0, 1, 0x3fb999999999999a
        fff     fmax.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x4004000000000000
        fff     fmax.d, 0x4004000000000000, 0, 0x10000000000000, 0x4004000000000000
        fff     fmax.d, 0x8000000000000001, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fmax.d, 0x3ff0000000000000, 0, 0xbff0000000000000, 0x3ff0000000000000
        fff     fmax.d, 1, 0, 0x8000000000000000, 1
        fff     fmax.d, 0x7ff8000000000000, 16, 0xfff8000000000123, 0x7ff0000000000001

        fff     fsgnj.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fsgnj.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fsgnj.d, 0x3fd5555555555555, 0, 0x3fd5555555555555, 0x4008000000000000
        fff     fsgnj.d, 0xbff8000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fsgnj.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fsgnj.d, 0x7fefffffffffffff, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fsgnj.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fsgnj.d, 0x10000000000000, 0, 0x10000000000000, 1
        fff     fsgnj.d, 1, 0, 1, 1
        fff     fsgnj.d, 0x8000000000000001, 0, 1, 0x8000000000000001
        fff     fsgnj.d, 0xfffffffffffff, 0, 0xfffffffffffff, 1
        fff     fsgnj.d, 0, 0, 0, 0
        fff     fsgnj.d, 0x8000000000000000, 0, 0, 0x8000000000000000
        fff     fsgnj.d, 0, 0, 0x8000000000000000, 0
        fff     fsgnj.d, 0x8000000000000000, 0, 0x8000000000000000, 0x8000000000000000
        fff     fsgnj.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fsgnj.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fsgnj.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fsgnj.d, 0x7ff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fsgnj.d, 0, 0, 0, 0x7ff0000000000000
        fff     fsgnj.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fsgnj.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0
        fff     fsgnj.d, 0x3ff0000000000000, 0, 0xbff0000000000000, 0
        fff     fsgnj.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fsgnj.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fsgnj.d, 0x7ff0000000000001, 0, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fsgnj.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fsgnj.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fsgnj.d, 0x7ff8000000000123, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fsgnj.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fsgnj.d, 0x3ff0000000000001, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fsgnj.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fsgnj.d, 1, 0, 1, 0x3fb999999999999a
        fff     fsgnj.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x4004000000000000
        fff     fsgnj.d, 0x10000000000000, 0, 0x10000000000000, 0x4004000000000000
        fff     fsgnj.d, 0x8000000000000001, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fsgnj.d, 0x3ff0000000000000, 0, 0xbff0000000000000, 0x3ff0000000000000
        fff     fsgnj.d, 0, 0, 0x8000000000000000, 1
        fff     fsgnj.d, 0x7ff8000000000123, 0, 0xfff8000000000123, 0x7ff0000000000001

        fff     fsgnjn.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fsgnjn.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fsgnjn.d, 0xbfd5555555555555, 0, 0x3fd5555555555555, 0x4008000000000000
        fff     fsgnjn.d, 0x3ff8000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fsgnjn.d, 0xffefffffffffffff, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fsgnjn.d, 0xffefffffffffffff, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fsgnjn.d, 0xffefffffffffffff, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fsgnjn.d, 0x8010000000000000, 0, 0x10000000000000, 1
        fff     fsgnjn.d, 0x8000000000000001, 0, 1, 1
        fff     fsgnjn.d, 1, 0, 1, 0x8000000000000001
        fff     fsgnjn.d, 0x800fffffffffffff, 0, 0xfffffffffffff, 1
        fff     fsgnjn.d, 0x8000000000000000, 0, 0, 0
        fff     fsgnjn.d, 0, 0, 0, 0x8000000000000000
        fff     fsgnjn.d, 0x8000000000000000, 0, 0x8000000000000000, 0
        fff     fsgnjn.d, 0, 0, 0x8000000000000000, 0x8000000000000000
        fff     fsgnjn.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fsgnjn.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fsgnjn.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fsgnjn.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fsgnjn.d, 0x8000000000000000, 0, 0, 0x7ff0000000000000
        fff     fsgnjn.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fsgnjn.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0
        fff     fsgnjn.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0
        fff     fsgnjn.d, 0xfff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fsgnjn.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fsgnjn.d, 0xfff0000000000001, 0, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fsgnjn.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fsgnjn.d, 0xfff8000000000000, 0, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fsgnjn.d, 0xfff8000000000123, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fsgnjn.d, 0xc340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fsgnjn.d, 0xbff0000000000001, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fsgnjn.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fsgnjn.d, 0x8000000000000001, 0, 1, 0x3fb999999999999a
        fff     fsgnjn.d, 0xffefffffffffffff, 0, 0x7fefffffffffffff, 0x4004000000000000
        fff     fsgnjn.d, 0x8010000000000000, 0, 0x10000000000000, 0x4004000000000000
        fff     fsgnjn.d, 1, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fsgnjn.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0x3ff0000000000000
        fff     fsgnjn.d, 0x8000000000000000, 0, 0x8000000000000000, 1
        fff     fsgnjn.d, 0xfff8000000000123, 0, 0xfff8000000000123, 0x7ff0000000000001

        fff     fsgnjx.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x3ff0000000000000
        fff     fsgnjx.d, 0xbff0000000000000, 0, 0x3ff0000000000000, 0xbff0000000000000
        fff     fsgnjx.d, 0x3fd5555555555555, 0, 0x3fd5555555555555, 0x4008000000000000
        fff     fsgnjx.d, 0xbff8000000000000, 0, 0x3ff8000000000000, 0xc004000000000000
        fff     fsgnjx.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        fff     fsgnjx.d, 0xffefffffffffffff, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        fff     fsgnjx.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        fff     fsgnjx.d, 0x10000000000000, 0, 0x10000000000000, 1
        fff     fsgnjx.d, 1, 0, 1, 1
        fff     fsgnjx.d, 0x8000000000000001, 0, 1, 0x8000000000000001
        fff     fsgnjx.d, 0xfffffffffffff, 0, 0xfffffffffffff, 1
        fff     fsgnjx.d, 0, 0, 0, 0
        fff     fsgnjx.d, 0x8000000000000000, 0, 0, 0x8000000000000000
        fff     fsgnjx.d, 0x8000000000000000, 0, 0x8000000000000000, 0
        fff     fsgnjx.d, 0, 0, 0x8000000000000000, 0x8000000000000000
        fff     fsgnjx.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x3ff0000000000000
        fff     fsgnjx.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0x7ff0000000000000
        fff     fsgnjx.d, 0xfff0000000000000, 0, 0x7ff0000000000000, 0xfff0000000000000
        fff     fsgnjx.d, 0xfff0000000000000, 0, 0xfff0000000000000, 0x7ff0000000000000
        fff     fsgnjx.d, 0, 0, 0, 0x7ff0000000000000
        fff     fsgnjx.d, 0x7ff0000000000000, 0, 0x7ff0000000000000, 0
        fff     fsgnjx.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0
        fff     fsgnjx.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0
        fff     fsgnjx.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x3ff0000000000000
        fff     fsgnjx.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff8000000000000
        fff     fsgnjx.d, 0x7ff0000000000001, 0, 0x7ff0000000000001, 0x3ff0000000000000
        fff     fsgnjx.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000001
        fff     fsgnjx.d, 0x7ff8000000000000, 0, 0x7ff8000000000000, 0x7ff0000000000001
        fff     fsgnjx.d, 0xfff8000000000123, 0, 0xfff8000000000123, 0x7ff8000000000000
        fff     fsgnjx.d, 0x4340000000000000, 0, 0x4340000000000000, 0x3ff0000000000000
        fff     fsgnjx.d, 0x3ff0000000000001, 0, 0x3ff0000000000001, 0x3ff0000000000001
        fff     fsgnjx.d, 0x3ff0000000000000, 0, 0x3ff0000000000000, 0x7ff0000000000000
        fff     fsgnjx.d, 1, 0, 1, 0x3fb999999999999a
        fff     fsgnjx.d, 0x7fefffffffffffff, 0, 0x7fefffffffffffff, 0x4004000000000000
        fff     fsgnjx.d, 0x10000000000000, 0, 0x10000000000000, 0x4004000000000000
        fff     fsgnjx.d, 1, 0, 0x8000000000000001, 0xbff0000000000000
        fff     fsgnjx.d, 0xbff0000000000000, 0, 0xbff0000000000000, 0x3ff0000000000000
        fff     fsgnjx.d, 0x8000000000000000, 0, 0x8000000000000000, 1
        fff     fsgnjx.d, 0xfff8000000000123, 0, 0xfff8000000000123, 0x7ff0000000000001

        xff     feq.d, 1, 0, 0x3ff0000000000000, 0x3ff0000000000000
        xff     feq.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
        xff     feq.d, 0, 0, 0x3fd5555555555555, 0x4008000000000000
        xff     feq.d, 0, 0, 0x3ff8000000000000, 0xc004000000000000
        xff     feq.d, 1, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        xff     feq.d, 0, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        xff     feq.d, 0, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        xff     feq.d, 0, 0, 0x10000000000000, 1
        xff     feq.d, 1, 0, 1, 1
        xff     feq.d, 0, 0, 1, 0x8000000000000001
        xff     feq.d, 0, 0, 0xfffffffffffff, 1
        xff     feq.d, 1, 0, 0, 0
        xff     feq.d, 1, 0, 0, 0x8000000000000000
        xff     feq.d, 1, 0, 0x8000000000000000, 0
        xff     feq.d, 1, 0, 0x8000000000000000, 0x8000000000000000
        xff     feq.d, 0, 0, 0x7ff0000000000000, 0x3ff0000000000000
        xff     feq.d, 1, 0, 0x7ff0000000000000, 0x7ff0000000000000
        xff     feq.d, 0, 0, 0x7ff0000000000000, 0xfff0000000000000
        xff     feq.d, 0, 0, 0xfff0000000000000, 0x7ff0000000000000
        xff     feq.d, 0, 0, 0, 0x7ff0000000000000
        xff     feq.d, 0, 0, 0x7ff0000000000000, 0
        xff     feq.d, 0, 0, 0x3ff0000000000000, 0
        xff     feq.d, 0, 0, 0xbff0000000000000, 0
        xff     feq.d, 0, 0, 0x7ff8000000000000, 0x3ff0000000000000
        xff     feq.d, 0, 0, 0x3ff0000000000000, 0x7ff8000000000000
        xff     feq.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
        xff     feq.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
        xff     feq.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
        xff     feq.d, 0, 0, 0xfff8000000000123, 0x7ff8000000000000
        xff     feq.d, 0, 0, 0x4340000000000000, 0x3ff0000000000000
        xff     feq.d, 1, 0, 0x3ff0000000000001, 0x3ff0000000000001
        xff     feq.d, 0, 0, 0x3ff0000000000000, 0x7ff0000000000000
        xff     feq.d, 0, 0, 1, 0x3fb999999999999a
        xff     feq.d, 0, 0, 0x7fefffffffffffff, 0x4004000000000000
        xff     feq.d, 0, 0, 0x10000000000000, 0x4004000000000000
        xff     feq.d, 0, 0, 0x8000000000000001, 0xbff0000000000000
        xff     feq.d, 0, 0, 0xbff0000000000000, 0x3ff0000000000000
        xff     feq.d, 0, 0, 0x8000000000000000, 1
        xff     feq.d, 0, 16, 0xfff8000000000123, 0x7ff0000000000001

        xff     flt.d, 0, 0, 0x3ff0000000000000, 0x3ff0000000000000
        xff     flt.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
        xff     flt.d, 1, 0, 0x3fd5555555555555, 0x4008000000000000
        xff     flt.d, 0, 0, 0x3ff8000000000000, 0xc004000000000000
        xff     flt.d, 0, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        xff     flt.d, 1, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        xff     flt.d, 0, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        xff     flt.d, 0, 0, 0x10000000000000, 1
        xff     flt.d, 0, 0, 1, 1
        xff     flt.d, 0, 0, 1, 0x8000000000000001
        xff     flt.d, 0, 0, 0xfffffffffffff, 1
        xff     flt.d, 0, 0, 0, 0
        xff     flt.d, 0, 0, 0, 0x8000000000000000
        xff     flt.d, 0, 0, 0x8000000000000000, 0
        xff     flt.d, 0, 0, 0x8000000000000000, 0x8000000000000000
        xff     flt.d, 0, 0, 0x7ff0000000000000, 0x3ff0000000000000
        xff     flt.d, 0, 0, 0x7ff0000000000000, 0x7ff0000000000000
        xff     flt.d, 0, 0, 0x7ff0000000000000, 0xfff0000000000000
        xff     flt.d, 1, 0, 0xfff0000000000000, 0x7ff0000000000000
        xff     flt.d, 1, 0, 0, 0x7ff0000000000000
        xff     flt.d, 0, 0, 0x7ff0000000000000, 0
        xff     flt.d, 0, 0, 0x3ff0000000000000, 0
        xff     flt.d, 1, 0, 0xbff0000000000000, 0
        xff     flt.d, 0, 16, 0x7ff8000000000000, 0x3ff0000000000000
        xff     flt.d, 0, 16, 0x3ff0000000000000, 0x7ff8000000000000
        xff     flt.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
        xff     flt.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
        xff     flt.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
        xff     flt.d, 0, 16, 0xfff8000000000123, 0x7ff8000000000000
        xff     flt.d, 0, 0, 0x4340000000000000, 0x3ff0000000000000
        xff     flt.d, 0, 0, 0x3ff0000000000001, 0x3ff0000000000001
        xff     flt.d, 1, 0, 0x3ff0000000000000, 0x7ff0000000000000
        xff     flt.d, 1, 0, 1, 0x3fb999999999999a
        xff     flt.d, 0, 0, 0x7fefffffffffffff, 0x4004000000000000
        xff     flt.d, 1, 0, 0x10000000000000, 0x4004000000000000
        xff     flt.d, 0, 0, 0x8000000000000001, 0xbff0000000000000
        xff     flt.d, 1, 0, 0xbff0000000000000, 0x3ff0000000000000
        xff     flt.d, 1, 0, 0x8000000000000000, 1
        xff     flt.d, 0, 16, 0xfff8000000000123, 0x7ff0000000000001

        xff     fle.d, 1, 0, 0x3ff0000000000000, 0x3ff0000000000000
        xff     fle.d, 0, 0, 0x3ff0000000000000, 0xbff0000000000000
        xff     fle.d, 1, 0, 0x3fd5555555555555, 0x4008000000000000
        xff     fle.d, 0, 0, 0x3ff8000000000000, 0xc004000000000000
        xff     fle.d, 1, 0, 0x7fefffffffffffff, 0x7fefffffffffffff
        xff     fle.d, 1, 0, 0xffefffffffffffff, 0x7fefffffffffffff
        xff     fle.d, 0, 0, 0x7fefffffffffffff, 0x3ff0000000000000
        xff     fle.d, 0, 0, 0x10000000000000, 1
        xff     fle.d, 1, 0, 1, 1
        xff     fle.d, 0, 0, 1, 0x8000000000000001
        xff     fle.d, 0, 0, 0xfffffffffffff, 1
        xff     fle.d, 1, 0, 0, 0
        xff     fle.d, 1, 0, 0, 0x8000000000000000
        xff     fle.d, 1, 0, 0x8000000000000000, 0
        xff     fle.d, 1, 0, 0x8000000000000000, 0x8000000000000000
        xff     fle.d, 0, 0, 0x7ff0000000000000, 0x3ff0000000000000
        xff     fle.d, 1, 0, 0x7ff0000000000000, 0x7ff0000000000000
        xff     fle.d, 0, 0, 0x7ff0000000000000, 0xfff0000000000000
        xff     fle.d, 1, 0, 0xfff0000000000000, 0x7ff0000000000000
        xff     fle.d, 1, 0, 0, 0x7ff0000000000000
        xff     fle.d, 0, 0, 0x7ff0000000000000, 0
        xff     fle.d, 0, 0, 0x3ff0000000000000, 0
        xff     fle.d, 1, 0, 0xbff0000000000000, 0
        xff     fle.d, 0, 16, 0x7ff8000000000000, 0x3ff0000000000000
        xff     fle.d, 0, 16, 0x3ff0000000000000, 0x7ff8000000000000
        xff     fle.d, 0, 16, 0x7ff0000000000001, 0x3ff0000000000000
        xff     fle.d, 0, 16, 0x3ff0000000000000, 0x7ff0000000000001
        xff     fle.d, 0, 16, 0x7ff8000000000000, 0x7ff0000000000001
        xff     fle.d, 0, 16, 0xfff8000000000123, 0x7ff8000000000000
        xff     fle.d, 0, 0, 0x4340000000000000, 0x3ff0000000000000
        xff     fle.d, 1, 0, 0x3ff0000000000001, 0x3ff0000000000001
        xff     fle.d, 1, 0, 0x3ff0000000000000, 0x7ff0000000000000
        xff     fle.d, 1, 0, 1, 0x3fb999999999999a
        xff     fle.d, 0, 0, 0x7fefffffffffffff, 0x4004000000000000
        xff     fle.d, 1, 0, 0x10000000000000, 0x4004000000000000
        xff     fle.d, 0, 0, 0x8000000000000001, 0xbff0000000000000
        xff     fle.d, 1, 0, 0xbff0000000000000, 0x3ff0000000000000
        xff     fle.d, 1, 0, 0x8000000000000000, 1
        xff     fle.d, 0, 16, 0xfff8000000000123, 0x7ff0000000000001

        xf      fclass.d, 0x10, 0, 0
        xf      fclass.d, 8, 0, 0x8000000000000000
        xf      fclass.d, 0x40, 0, 0x3ff0000000000000
        xf      fclass.d, 2, 0, 0xbff0000000000000
        xf      fclass.d, 0x40, 0, 0x3ff8000000000000
        xf      fclass.d, 0x40, 0, 0x4004000000000000
        xf      fclass.d, 2, 0, 0xc004000000000000
        xf      fclass.d, 0x40, 0, 0x400921fb54442d18
        xf      fclass.d, 0x40, 0, 0x3fb999999999999a
        xf      fclass.d, 0x40, 0, 0x3fd5555555555555
        xf      fclass.d, 0x40, 0, 0x7fefffffffffffff
        xf      fclass.d, 2, 0, 0xffefffffffffffff
        xf      fclass.d, 0x40, 0, 0x10000000000000
        xf      fclass.d, 0x20, 0, 0xfffffffffffff
        xf      fclass.d, 0x20, 0, 1
        xf      fclass.d, 4, 0, 0x8000000000000001
        xf      fclass.d, 0x80, 0, 0x7ff0000000000000
        xf      fclass.d, 1, 0, 0xfff0000000000000
        xf      fclass.d, 0x200, 0, 0x7ff8000000000000
        xf      fclass.d, 0x100, 0, 0x7ff0000000000001
        xf      fclass.d, 0x200, 0, 0xfff8000000000123
        xf      fclass.d, 0x40, 0, 0x4340000000000000
        xf      fclass.d, 0x40, 0, 0x3ff0000000000001
        xf      fclass.d, 0x40, 0, 0x4008000000000000

        xf      fmv.x.d, 0, 0, 0
        xf      fmv.x.d, 0x8000000000000000, 0, 0x8000000000000000
        xf      fmv.x.d, 0x7ff0000000000001, 0, 0x7ff0000000000001
        xf      fmv.x.d, 0x1234567812345678, 0, 0x1234567812345678

        fx      fmv.d.x, 0, 0, 0
        fx      fmv.d.x, 0x8000000000000000, 0, 0x8000000000000000
        fx      fmv.d.x, 0x7ff0000000000001, 0, 0x7ff0000000000001
        fx      fmv.d.x, 0xffffffffffffffff, 0, 0xffffffffffffffff
        finish
