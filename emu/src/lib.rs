//! RV64 Linux user-mode emulator.
//!
//! Start at [`machine`]: it puts a program into a machine and runs it. Below it are the parts, each of
//! which knows only those under it:
//!
//! | part | is |
//! |---|---|
//! | [`machine`], [`runner`], [`report`] | a program in a machine, its threads, and what became of it |
//! | [`debug`] | looking into a running program |
//! | [`linux`] | the operating system: system calls, signals |
//! | [`loader`] | ELF files, the initial stack, symbols |
//! | [`engine`] | runs guest code and counts it |
//! | [`stats`] | exact counts, as data and as a table |
//! | [`isa`] | the instructions that a machine knows |
//! | [`interp`], [`fp`] | what each instruction does, generated from `isa-spec` |
//! | [`hart`], [`csr`], [`interrupt`] | machine state, and how to ask a hart to stop |
//! | [`hardware`] | the proposed guard and pattern hardware |
//! | [`memory`] | the guest address space |

mod builtins;
pub mod csr;
pub mod debug;
pub mod engine;
pub mod errno;
pub mod error;
pub mod fp;
pub mod hardware;
pub mod hart;
pub mod interp;
pub mod interrupt;
pub mod isa;
pub mod isa_string;
pub mod linux;
pub mod loader;
pub mod machine;
pub mod memory;
pub mod report;
pub mod runner;
pub mod stats;
pub mod trap;

pub use error::Error;
pub use hardware::HwParams;
pub use hart::Hart;
pub use interrupt::Interrupt;
pub use isa::InsnSet;
pub use linux::sandbox::Sandbox;
pub use machine::{Builder, Exit, Machine, Outcome};
pub use report::CrashReport;
pub use stats::Stats;
pub use trap::Trap;
