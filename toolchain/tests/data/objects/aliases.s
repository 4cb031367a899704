# Local names that are set to each other, as the compiler merges constants: their order in the symbol table.
        .text
        lla     a0, .LC1
        lla     a1, .LC2
        lla     a2, .LC3
        lla     a3, .LC4
        lla     a4, .LC5
        .set    .LC1, .LC2
        .set    .LC3, .LC4 + 8
        .set    .LC6, .LC5 - .LC4
        .set    .LC7, .LC5
        .section .rodata.cst16, "aM", @progbits, 16
.LC5:   .dword  5, 6
.LC4:   .dword  3, 4
.LC2:   .dword  1, 2
        .text
        .set    .LC8, .LC9
        lla     a0, .LC9
.LC9:   lla     a1, .LC8
        .word   .LC6
        .section .note.GNU-stack,"",@progbits
