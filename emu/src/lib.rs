//! RV64 Linux user-mode emulator.
//!
//! Start at [`machine`]: it puts a program into a machine and runs it. Below it are the parts, each of which knows only those under it:
//!
//! | part | is |
//! |---|---|
//! | [`machine`], [`report`] | a program in a machine, and what became of it |
//! | [`stats`] | exact counts |
//! | [`hart`], [`csr`] | machine state |
//! | [`hardware`] | the proposed guard and pattern hardware |
//! | [`memory`] | the guest address space |

pub mod csr;
pub mod errno;
pub mod error;
pub mod hardware;
pub mod hart;
pub mod machine;
pub mod memory;
pub mod report;
pub mod stats;
pub mod trap;

pub use error::Error;
pub use hardware::HwParams;
pub use hart::Hart;
pub use machine::{Builder, Exit, Machine, Outcome};
pub use report::CrashReport;
pub use stats::Stats;
pub use trap::Trap;
