//! Puts a program into memory: RV64 Linux ELF files, the initial stack, and the symbols for reports.

mod elf;
mod stack;
mod symbols;

pub use elf::{Image, PIE_BASE, Role, Source, check, load};
pub use stack::{Stack, StackInput, build as build_stack};
pub(crate) use symbols::{Function, Names};
