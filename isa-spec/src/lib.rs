//! The RISC-V ISA as data.
