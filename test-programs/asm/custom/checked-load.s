# my.ldx: a guard of an ISA file fails as the built-in ones do.
# isa-file: isa-spec/examples/checked-load.yaml
# stdout: ok
# count my.ldx: 6
# class guard: 6
# guard my.ldx: 3 failed
        .include "check.inc"
        .include "guard/guard.inc"

        begin
        la      a0, array
        li      a1, 0
        passes  my.ldx a2, a1(a0)
        expect  a2, 11
        li      a1, 2
        passes  my.ldx a2, a1(a0)
        expect  a2, -33
        li      a1, 3
        fails   3, my.ldx a2, a1(a0)
        expect  a2, -33
        li      a1, -1
        fails   -1, my.ldx a2, a1(a0)
        expect  a2, -33
        la      a0, empty
        li      a1, 0
        fails   0, my.ldx a2, a1(a0)
        # The destination may be a source.
        la      a0, array
        li      a1, 1
        passes  my.ldx a1, a1(a0)
        expect  a1, 22
        finish

        .data
        .balign 8
array:  .dword  5, 3, 11, 22, -33
empty:  .dword  5, 0, 99
