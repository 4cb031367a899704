//! Puts a program into memory: static RV64 Linux ELF files, the initial stack, and the symbols for reports.

mod elf;
mod stack;
mod symbols;

pub use elf::{Image, load};
pub use stack::{StackInput, build as build_stack};
pub use symbols::Symbols;
