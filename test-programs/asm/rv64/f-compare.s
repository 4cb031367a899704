# rv64f: single precision comparison, minimum, sign, class and moves; want, flags, then operands.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fmin.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fmin.s, 0xffffffff3eaaaaab, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fmin.s, 0xffffffffc0200000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fmin.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fmin.s, 0xffffffffff7fffff, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff00000001, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fmin.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fmin.s, 0xffffffff80000001, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fmin.s, 0xffffffff00000001, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fmin.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fmin.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fmin.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fmin.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fmin.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fmin.s, 0xffffffffff800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fmin.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fmin.s, 0xffffffff00000000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fmin.s, 0xffffffff00000000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fmin.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fmin.s, 0xffffffff3f800000, 16, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff3f800000, 16, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fmin.s, 0xffffffff7fc00000, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fmin.s, 0xffffffff7fc00000, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff3f800001, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fmin.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fmin.s, 0xffffffff40200000, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fmin.s, 0xffffffff00800000, 0, 0xffffffff00800000, 0xffffffff40200000
        fff     fmin.s, 0xffffffffbf800000, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fmin.s, 0xffffffff3f800000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fmin.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff3f800000
        fff     fmin.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000001
        fff     fmin.s, 0xffffffff7fc00000, 16, 0xffffffffffc00123, 0xffffffff7f800001

        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fmax.s, 0xffffffff40400000, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fmax.s, 0xffffffff3fc00000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fmax.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fmax.s, 0xffffffff7f7fffff, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fmax.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff00800000, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fmax.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fmax.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fmax.s, 0xffffffff007fffff, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fmax.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fmax.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fmax.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fmax.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fmax.s, 0xffffffff00000000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fmax.s, 0xffffffff3f800000, 16, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff3f800000, 16, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fmax.s, 0xffffffff7fc00000, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fmax.s, 0xffffffff7fc00000, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fmax.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff3f800001, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fmax.s, 0xffffffff7f800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fmax.s, 0xffffffff3dcccccd, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fmax.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fmax.s, 0xffffffff40200000, 0, 0xffffffff00800000, 0xffffffff40200000
        fff     fmax.s, 0xffffffff80000001, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fmax.s, 0xffffffff3f800000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fmax.s, 0xffffffff3f800000, 0, 0xffffffffbf800000, 0xffffffff3f800000
        fff     fmax.s, 0xffffffff00000001, 0, 0xffffffff80000000, 0xffffffff00000001
        fff     fmax.s, 0xffffffff7fc00000, 16, 0xffffffffffc00123, 0xffffffff7f800001

        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fsgnj.s, 0xffffffff3eaaaaab, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fsgnj.s, 0xffffffffbfc00000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fsgnj.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fsgnj.s, 0xffffffff7f7fffff, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fsgnj.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff00800000, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fsgnj.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fsgnj.s, 0xffffffff80000001, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fsgnj.s, 0xffffffff007fffff, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fsgnj.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fsgnj.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fsgnj.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fsgnj.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fsgnj.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fsgnj.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fsgnj.s, 0xffffffff7f800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fsgnj.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fsgnj.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fsgnj.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fsgnj.s, 0xffffffff7f800001, 0, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fsgnj.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fsgnj.s, 0xffffffff7fc00123, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fsgnj.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff3f800001, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fsgnj.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fsgnj.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fsgnj.s, 0xffffffff00800000, 0, 0xffffffff00800000, 0xffffffff40200000
        fff     fsgnj.s, 0xffffffff80000001, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fsgnj.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fsgnj.s, 0xffffffff3f800000, 0, 0xffffffffbf800000, 0xffffffff3f800000
        fff     fsgnj.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff00000001
        fff     fsgnj.s, 0xffffffff7fc00123, 0, 0xffffffffffc00123, 0xffffffff7f800001

        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fsgnjn.s, 0xffffffffbeaaaaab, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fsgnjn.s, 0xffffffff3fc00000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fsgnjn.s, 0xffffffffff7fffff, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fsgnjn.s, 0xffffffffff7fffff, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fsgnjn.s, 0xffffffffff7fffff, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffff80800000, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fsgnjn.s, 0xffffffff80000001, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fsgnjn.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fsgnjn.s, 0xffffffff807fffff, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fsgnjn.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fsgnjn.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fsgnjn.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fsgnjn.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fsgnjn.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fsgnjn.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fsgnjn.s, 0xffffffffff800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fsgnjn.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fsgnjn.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fsgnjn.s, 0xffffffffffc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fsgnjn.s, 0xffffffffff800001, 0, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fsgnjn.s, 0xffffffffffc00000, 0, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fsgnjn.s, 0xffffffffffc00123, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fsgnjn.s, 0xffffffffcb800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffffbf800001, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fsgnjn.s, 0xffffffff80000001, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fsgnjn.s, 0xffffffffff7fffff, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fsgnjn.s, 0xffffffff80800000, 0, 0xffffffff00800000, 0xffffffff40200000
        fff     fsgnjn.s, 0xffffffff00000001, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fsgnjn.s, 0xffffffffffc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fsgnjn.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff3f800000
        fff     fsgnjn.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000001
        fff     fsgnjn.s, 0xffffffffffc00123, 0, 0xffffffffffc00123, 0xffffffff7f800001

        fff     fsgnjx.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffffbf800000, 0, 0xffffffff3f800000, 0xffffffffbf800000
        fff     fsgnjx.s, 0xffffffff3eaaaaab, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        fff     fsgnjx.s, 0xffffffffbfc00000, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        fff     fsgnjx.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        fff     fsgnjx.s, 0xffffffffff7fffff, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        fff     fsgnjx.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff00800000, 0, 0xffffffff00800000, 0xffffffff00000001
        fff     fsgnjx.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff00000001
        fff     fsgnjx.s, 0xffffffff80000001, 0, 0xffffffff00000001, 0xffffffff80000001
        fff     fsgnjx.s, 0xffffffff007fffff, 0, 0xffffffff007fffff, 0xffffffff00000001
        fff     fsgnjx.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff00000000
        fff     fsgnjx.s, 0xffffffff80000000, 0, 0xffffffff00000000, 0xffffffff80000000
        fff     fsgnjx.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000000
        fff     fsgnjx.s, 0xffffffff00000000, 0, 0xffffffff80000000, 0xffffffff80000000
        fff     fsgnjx.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff7f800000
        fff     fsgnjx.s, 0xffffffffff800000, 0, 0xffffffff7f800000, 0xffffffffff800000
        fff     fsgnjx.s, 0xffffffffff800000, 0, 0xffffffffff800000, 0xffffffff7f800000
        fff     fsgnjx.s, 0xffffffff00000000, 0, 0xffffffff00000000, 0xffffffff7f800000
        fff     fsgnjx.s, 0xffffffff7f800000, 0, 0xffffffff7f800000, 0xffffffff00000000
        fff     fsgnjx.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff00000000
        fff     fsgnjx.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff00000000
        fff     fsgnjx.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        fff     fsgnjx.s, 0xffffffff7f800001, 0, 0xffffffff7f800001, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7f800001
        fff     fsgnjx.s, 0xffffffff7fc00000, 0, 0xffffffff7fc00000, 0xffffffff7f800001
        fff     fsgnjx.s, 0xffffffffffc00123, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        fff     fsgnjx.s, 0xffffffff4b800000, 0, 0xffffffff4b800000, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff3f800001, 0, 0xffffffff3f800001, 0xffffffff3f800001
        fff     fsgnjx.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0xffffffff7f800000
        fff     fsgnjx.s, 0xffffffff00000001, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        fff     fsgnjx.s, 0xffffffff7f7fffff, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        fff     fsgnjx.s, 0xffffffff00800000, 0, 0xffffffff00800000, 0xffffffff40200000
        fff     fsgnjx.s, 0xffffffff00000001, 0, 0xffffffff80000001, 0xffffffffbf800000
        fff     fsgnjx.s, 0xffffffff7fc00000, 0, 0x3f800000, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff3f800000, 0, 0xffffffff3f800000, 0x7fffffff40000000
        fff     fsgnjx.s, 0xffffffffbf800000, 0, 0xffffffffbf800000, 0xffffffff3f800000
        fff     fsgnjx.s, 0xffffffff80000000, 0, 0xffffffff80000000, 0xffffffff00000001
        fff     fsgnjx.s, 0xffffffffffc00123, 0, 0xffffffffffc00123, 0xffffffff7f800001

        xff     feq.s, 1, 0, 0xffffffff3f800000, 0xffffffff3f800000
        xff     feq.s, 0, 0, 0xffffffff3f800000, 0xffffffffbf800000
        xff     feq.s, 0, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        xff     feq.s, 0, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        xff     feq.s, 1, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        xff     feq.s, 0, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        xff     feq.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        xff     feq.s, 0, 0, 0xffffffff00800000, 0xffffffff00000001
        xff     feq.s, 1, 0, 0xffffffff00000001, 0xffffffff00000001
        xff     feq.s, 0, 0, 0xffffffff00000001, 0xffffffff80000001
        xff     feq.s, 0, 0, 0xffffffff007fffff, 0xffffffff00000001
        xff     feq.s, 1, 0, 0xffffffff00000000, 0xffffffff00000000
        xff     feq.s, 1, 0, 0xffffffff00000000, 0xffffffff80000000
        xff     feq.s, 1, 0, 0xffffffff80000000, 0xffffffff00000000
        xff     feq.s, 1, 0, 0xffffffff80000000, 0xffffffff80000000
        xff     feq.s, 0, 0, 0xffffffff7f800000, 0xffffffff3f800000
        xff     feq.s, 1, 0, 0xffffffff7f800000, 0xffffffff7f800000
        xff     feq.s, 0, 0, 0xffffffff7f800000, 0xffffffffff800000
        xff     feq.s, 0, 0, 0xffffffffff800000, 0xffffffff7f800000
        xff     feq.s, 0, 0, 0xffffffff00000000, 0xffffffff7f800000
        xff     feq.s, 0, 0, 0xffffffff7f800000, 0xffffffff00000000
        xff     feq.s, 0, 0, 0xffffffff3f800000, 0xffffffff00000000
        xff     feq.s, 0, 0, 0xffffffffbf800000, 0xffffffff00000000
        xff     feq.s, 0, 0, 0xffffffff7fc00000, 0xffffffff3f800000
        xff     feq.s, 0, 0, 0xffffffff3f800000, 0xffffffff7fc00000
        xff     feq.s, 0, 16, 0xffffffff7f800001, 0xffffffff3f800000
        xff     feq.s, 0, 16, 0xffffffff3f800000, 0xffffffff7f800001
        xff     feq.s, 0, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        xff     feq.s, 0, 0, 0xffffffffffc00123, 0xffffffff7fc00000
        xff     feq.s, 0, 0, 0xffffffff4b800000, 0xffffffff3f800000
        xff     feq.s, 1, 0, 0xffffffff3f800001, 0xffffffff3f800001
        xff     feq.s, 0, 0, 0xffffffff3f800000, 0xffffffff7f800000
        xff     feq.s, 0, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        xff     feq.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        xff     feq.s, 0, 0, 0xffffffff00800000, 0xffffffff40200000
        xff     feq.s, 0, 0, 0xffffffff80000001, 0xffffffffbf800000
        xff     feq.s, 0, 0, 0x3f800000, 0xffffffff3f800000
        xff     feq.s, 0, 0, 0xffffffff3f800000, 0x7fffffff40000000
        xff     feq.s, 0, 0, 0xffffffffbf800000, 0xffffffff3f800000
        xff     feq.s, 0, 0, 0xffffffff80000000, 0xffffffff00000001
        xff     feq.s, 0, 16, 0xffffffffffc00123, 0xffffffff7f800001

        xff     flt.s, 0, 0, 0xffffffff3f800000, 0xffffffff3f800000
        xff     flt.s, 0, 0, 0xffffffff3f800000, 0xffffffffbf800000
        xff     flt.s, 1, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        xff     flt.s, 0, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        xff     flt.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        xff     flt.s, 1, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        xff     flt.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        xff     flt.s, 0, 0, 0xffffffff00800000, 0xffffffff00000001
        xff     flt.s, 0, 0, 0xffffffff00000001, 0xffffffff00000001
        xff     flt.s, 0, 0, 0xffffffff00000001, 0xffffffff80000001
        xff     flt.s, 0, 0, 0xffffffff007fffff, 0xffffffff00000001
        xff     flt.s, 0, 0, 0xffffffff00000000, 0xffffffff00000000
        xff     flt.s, 0, 0, 0xffffffff00000000, 0xffffffff80000000
        xff     flt.s, 0, 0, 0xffffffff80000000, 0xffffffff00000000
        xff     flt.s, 0, 0, 0xffffffff80000000, 0xffffffff80000000
        xff     flt.s, 0, 0, 0xffffffff7f800000, 0xffffffff3f800000
        xff     flt.s, 0, 0, 0xffffffff7f800000, 0xffffffff7f800000
        xff     flt.s, 0, 0, 0xffffffff7f800000, 0xffffffffff800000
        xff     flt.s, 1, 0, 0xffffffffff800000, 0xffffffff7f800000
        xff     flt.s, 1, 0, 0xffffffff00000000, 0xffffffff7f800000
        xff     flt.s, 0, 0, 0xffffffff7f800000, 0xffffffff00000000
        xff     flt.s, 0, 0, 0xffffffff3f800000, 0xffffffff00000000
        xff     flt.s, 1, 0, 0xffffffffbf800000, 0xffffffff00000000
        xff     flt.s, 0, 16, 0xffffffff7fc00000, 0xffffffff3f800000
        xff     flt.s, 0, 16, 0xffffffff3f800000, 0xffffffff7fc00000
        xff     flt.s, 0, 16, 0xffffffff7f800001, 0xffffffff3f800000
        xff     flt.s, 0, 16, 0xffffffff3f800000, 0xffffffff7f800001
        xff     flt.s, 0, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        xff     flt.s, 0, 16, 0xffffffffffc00123, 0xffffffff7fc00000
        xff     flt.s, 0, 0, 0xffffffff4b800000, 0xffffffff3f800000
        xff     flt.s, 0, 0, 0xffffffff3f800001, 0xffffffff3f800001
        xff     flt.s, 1, 0, 0xffffffff3f800000, 0xffffffff7f800000
        xff     flt.s, 1, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        xff     flt.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        xff     flt.s, 1, 0, 0xffffffff00800000, 0xffffffff40200000
        xff     flt.s, 0, 0, 0xffffffff80000001, 0xffffffffbf800000
        xff     flt.s, 0, 16, 0x3f800000, 0xffffffff3f800000
        xff     flt.s, 0, 16, 0xffffffff3f800000, 0x7fffffff40000000
        xff     flt.s, 1, 0, 0xffffffffbf800000, 0xffffffff3f800000
        xff     flt.s, 1, 0, 0xffffffff80000000, 0xffffffff00000001
        xff     flt.s, 0, 16, 0xffffffffffc00123, 0xffffffff7f800001

        xff     fle.s, 1, 0, 0xffffffff3f800000, 0xffffffff3f800000
        xff     fle.s, 0, 0, 0xffffffff3f800000, 0xffffffffbf800000
        xff     fle.s, 1, 0, 0xffffffff3eaaaaab, 0xffffffff40400000
        xff     fle.s, 0, 0, 0xffffffff3fc00000, 0xffffffffc0200000
        xff     fle.s, 1, 0, 0xffffffff7f7fffff, 0xffffffff7f7fffff
        xff     fle.s, 1, 0, 0xffffffffff7fffff, 0xffffffff7f7fffff
        xff     fle.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff3f800000
        xff     fle.s, 0, 0, 0xffffffff00800000, 0xffffffff00000001
        xff     fle.s, 1, 0, 0xffffffff00000001, 0xffffffff00000001
        xff     fle.s, 0, 0, 0xffffffff00000001, 0xffffffff80000001
        xff     fle.s, 0, 0, 0xffffffff007fffff, 0xffffffff00000001
        xff     fle.s, 1, 0, 0xffffffff00000000, 0xffffffff00000000
        xff     fle.s, 1, 0, 0xffffffff00000000, 0xffffffff80000000
        xff     fle.s, 1, 0, 0xffffffff80000000, 0xffffffff00000000
        xff     fle.s, 1, 0, 0xffffffff80000000, 0xffffffff80000000
        xff     fle.s, 0, 0, 0xffffffff7f800000, 0xffffffff3f800000
        xff     fle.s, 1, 0, 0xffffffff7f800000, 0xffffffff7f800000
        xff     fle.s, 0, 0, 0xffffffff7f800000, 0xffffffffff800000
        xff     fle.s, 1, 0, 0xffffffffff800000, 0xffffffff7f800000
        xff     fle.s, 1, 0, 0xffffffff00000000, 0xffffffff7f800000
        xff     fle.s, 0, 0, 0xffffffff7f800000, 0xffffffff00000000
        xff     fle.s, 0, 0, 0xffffffff3f800000, 0xffffffff00000000
        xff     fle.s, 1, 0, 0xffffffffbf800000, 0xffffffff00000000
        xff     fle.s, 0, 16, 0xffffffff7fc00000, 0xffffffff3f800000
        xff     fle.s, 0, 16, 0xffffffff3f800000, 0xffffffff7fc00000
        xff     fle.s, 0, 16, 0xffffffff7f800001, 0xffffffff3f800000
        xff     fle.s, 0, 16, 0xffffffff3f800000, 0xffffffff7f800001
        xff     fle.s, 0, 16, 0xffffffff7fc00000, 0xffffffff7f800001
        xff     fle.s, 0, 16, 0xffffffffffc00123, 0xffffffff7fc00000
        xff     fle.s, 0, 0, 0xffffffff4b800000, 0xffffffff3f800000
        xff     fle.s, 1, 0, 0xffffffff3f800001, 0xffffffff3f800001
        xff     fle.s, 1, 0, 0xffffffff3f800000, 0xffffffff7f800000
        xff     fle.s, 1, 0, 0xffffffff00000001, 0xffffffff3dcccccd
        xff     fle.s, 0, 0, 0xffffffff7f7fffff, 0xffffffff40200000
        xff     fle.s, 1, 0, 0xffffffff00800000, 0xffffffff40200000
        xff     fle.s, 0, 0, 0xffffffff80000001, 0xffffffffbf800000
        xff     fle.s, 0, 16, 0x3f800000, 0xffffffff3f800000
        xff     fle.s, 0, 16, 0xffffffff3f800000, 0x7fffffff40000000
        xff     fle.s, 1, 0, 0xffffffffbf800000, 0xffffffff3f800000
        xff     fle.s, 1, 0, 0xffffffff80000000, 0xffffffff00000001
        xff     fle.s, 0, 16, 0xffffffffffc00123, 0xffffffff7f800001

        xf      fclass.s, 0x10, 0, 0xffffffff00000000
        xf      fclass.s, 8, 0, 0xffffffff80000000
        xf      fclass.s, 0x40, 0, 0xffffffff3f800000
        xf      fclass.s, 2, 0, 0xffffffffbf800000
        xf      fclass.s, 0x40, 0, 0xffffffff3fc00000
        xf      fclass.s, 0x40, 0, 0xffffffff40200000
        xf      fclass.s, 2, 0, 0xffffffffc0200000
        xf      fclass.s, 0x40, 0, 0xffffffff40490fdb
        xf      fclass.s, 0x40, 0, 0xffffffff3dcccccd
        xf      fclass.s, 0x40, 0, 0xffffffff3eaaaaab
        xf      fclass.s, 0x40, 0, 0xffffffff7f7fffff
        xf      fclass.s, 2, 0, 0xffffffffff7fffff
        xf      fclass.s, 0x40, 0, 0xffffffff00800000
        xf      fclass.s, 0x20, 0, 0xffffffff007fffff
        xf      fclass.s, 0x20, 0, 0xffffffff00000001
        xf      fclass.s, 4, 0, 0xffffffff80000001
        xf      fclass.s, 0x80, 0, 0xffffffff7f800000
        xf      fclass.s, 1, 0, 0xffffffffff800000
        xf      fclass.s, 0x200, 0, 0xffffffff7fc00000
        xf      fclass.s, 0x100, 0, 0xffffffff7f800001
        xf      fclass.s, 0x200, 0, 0xffffffffffc00123
        xf      fclass.s, 0x40, 0, 0xffffffff4b800000
        xf      fclass.s, 0x40, 0, 0xffffffff3f800001
        xf      fclass.s, 0x40, 0, 0xffffffff40400000
        xf      fclass.s, 0x200, 0, 0x3f800000
        xf      fclass.s, 0x200, 0, 0x7fffffff40000000

        xf      fmv.x.w, 0x3f800000, 0, 0xffffffff3f800000
        xf      fmv.x.w, 0xffffffff80000000, 0, 0xffffffff80000000
        xf      fmv.x.w, 0x12345678, 0, 0x1234567812345678
        xf      fmv.x.w, 0xffffffffffffffff, 0, 0xffffffff

        fx      fmv.w.x, 0xffffffff00000000, 0, 0
        fx      fmv.w.x, 0xffffffff3f800000, 0, 0x3f800000
        fx      fmv.w.x, 0xffffffff80000000, 0, 0x80000000
        fx      fmv.w.x, 0xffffffff12345678, 0, 0x1234567812345678
        fx      fmv.w.x, 0xffffffffffffffff, 0, 0xffffffffffffffff
        finish
