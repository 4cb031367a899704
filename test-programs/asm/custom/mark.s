# my.mark and its CSRs: a HINT is counted and does nothing; a CSR of an ISA file is storage.
# isa-file: isa-spec/examples/mark.yaml
# stdout: ok
# count my.mark: 3
# count xori: 1
# class hint: 3
        .include "check.inc"

        begin
        check
        my.mark 0
        my.mark 4095
        xori    x0, x0, 5
        xori    a0, x0, 5
        expect  a0, 5
        expect  x0, 0
        check
        csrr    a0, my.scratch
        expect  a0, 0
        li      a0, 0x123456789abcdef0
        csrw    my.scratch, a0
        csrrs   a1, my.scratch, x0
        expect  a1, 0x123456789abcdef0
        csrsi   my.scratch, 15
        csrr    a1, 0x8c0
        expect  a1, 0x123456789abcdeff
        check
        csrr    a1, my.version
        expect  a1, 0
        finish
