# rv64i: loads and stores of every width, sign extension, offsets, misaligned addresses.
# stdout: ok
        .include "check.inc"
        .include "rv64/tables.inc"

        begin
        load    lb, 0xfffffffffffffff0, 0, bytes
        load    lb, 0xffffffffffffff80, 1, bytes
        load    lb, 0x7f, 2, bytes
        load    lb, 0x12, 7, bytes
        load    lbu, 0xf0, 0, bytes
        load    lbu, 0x80, 1, bytes
        load    lbu, 0x7f, 2, bytes
        load    lh, 0xffffffffffff80f0, 0, bytes
        load    lh, 0x347f, 2, bytes
        load    lh, 0x1256, 6, bytes
        load    lhu, 0x80f0, 0, bytes
        load    lhu, 0x347f, 2, bytes
        load    lw, 0x347f80f0, 0, bytes
        load    lw, 0x12569abc, 4, bytes
        load    lw, 0xffffffff89abcdef, 8, bytes
        load    lwu, 0x347f80f0, 0, bytes
        load    lwu, 0x89abcdef, 8, bytes
        load    ld, 0x12569abc347f80f0, 0, bytes
        load    ld, 0xfedcba9889abcdef, 8, bytes
        # Behind the base, too.
        load    lb, 0x12, -1, bytes + 8
        load    ld, 0x12569abc347f80f0, -8, bytes + 8
        # Misaligned: the bytes that are there.
        load    lh, 0x7f80, 1, bytes
        load    lhu, 0x9abc, 4, bytes
        load    lhu, 0xef12, 7, bytes
        load    lw, 0xffffffffbc347f80, 1, bytes
        load    lwu, 0xbc347f80, 1, bytes
        load    lw, 0xffffffffabcdef12, 7, bytes
        load    ld, 0xef12569abc347f80, 1, bytes
        load    ld, 0xba9889abcdef1256, 6, bytes

        store   sb, 0xffffffffffffff12, 0x3412, 0
        store   sb, 0xffffffffff12ffff, 0x12, 2
        store   sb, 0x00ffffffffffffff, 0xff00, 7
        store   sh, 0xffffffffffff3412, 0x563412, 0
        store   sh, 0x3412ffffffffffff, 0x3412, 6
        store   sh, 0xffffffff3412ffff, 0x3412, 2
        store   sw, 0xffffffff12345678, 0x9012345678, 0
        store   sw, 0x12345678ffffffff, 0x12345678, 4
        store   sd, 0x123456789abcdef0, 0x123456789abcdef0, 0
        store   sh, 0xffffff3412ffffff, 0x3412, 3
        store   sw, 0xffff12345678ffff, 0x12345678, 2
        store   sd, 0xadbeefcafef00dff, 0xdeadbeefcafef00d, 1
        store   sh, 0x12ffffffffffffff, 0x3412, 7

        # What spilled over the cell's end.
        check
        la      a1, cell
        lbu     a0, 8(a1)
        expect  a0, 0x34
        # Offsets at their limits.
        check
        la      a1, cell - 2047
        li      a2, 0x55
        sb      a2, 2047(a1)
        la      a1, cell + 2048
        lb      a0, -2048(a1)
        expect  a0, 0x55
        # Loads into x0 are loads all the same.
        check
        lw      x0, 0(sp)
        expect  x0, 0

        # Floating-point loads and stores move bits; a single is boxed.
        check
        la      a1, floats
        fsflags x0
        flw     fa0, 0(a1)
        fmv.x.d a0, fa0
        expect  a0, 0xffffffff7f800001
        fld     fa1, 8(a1)
        fmv.x.d a0, fa1
        expect  a0, 0xfff0000000000001
        la      a2, cell
        li      a3, -1
        sd      a3, 0(a2)
        fsw     fa1, 0(a2)
        ld      a0, 0(a2)
        expect  a0, 0xffffffff00000001
        fsd     fa0, 0(a2)
        ld      a0, 0(a2)
        expect  a0, 0xffffffff7f800001
        fsd     fa1, 3(a2)
        fld     fa2, 3(a2)
        fmv.x.d a0, fa2
        expect  a0, 0xfff0000000000001
        frflags a0
        expect  a0, 0
        finish

        .data
        .balign 8
bytes:  .byte   0xf0, 0x80, 0x7f, 0x34, 0xbc, 0x9a, 0x56, 0x12
        .dword  0xfedcba9889abcdef
floats: .dword  0x7f800001
        .dword  0xfff0000000000001
cell:   .dword  0, 0
        .space  4096
