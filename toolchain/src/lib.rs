//! What a person types: the assembler, the disassembler, guest set-up, bench and reports behind the binary `mj`.
//!
//! [`commands`] holds the command line, one file a subcommand; the work is done in the modules beside it.

pub mod asm;
pub mod bench;
pub mod commands;
pub mod guest;
mod heap;
pub mod objdump;
pub mod setup;
