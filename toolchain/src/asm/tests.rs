//! Tests of the assembler as a whole.
