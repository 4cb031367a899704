//! A debugger at a socket: GDB's remote serial protocol (GDB manual, appendix "GDB Remote Serial Protocol"), spoken by
//! the crate `gdbstub`.
//!
//! The guest runs as it does without a debugger, in translated code too: breakpoints cost nothing until they are met.
//! Only while a thread steps, or something is watched, it is executed one instruction at a time.
//!
//! All threads stop when one does. A thread that is in a system call then counts as stopped, and stops in earnest when
//! it comes back: calls are not disturbed. A child that the guest forks goes on without the debugger.
//!
//! | part | is |
//! |---|---|
//! | [`session`] | what the guest's threads and the debugger's share; how threads stop and go on |
//! | [`thread`] | how a guest thread runs meanwhile |
//! | [`server`] | the debugger's thread: the connection |
//! | [`target`] | what the protocol asks of a target |
//! | [`registers`] | register numbers, and the target description |
//! | [`files`] | files that the debugger reads through the connection |
//! | [`signals`] | GDB's numbers of signals |

mod files;
mod registers;
mod server;
pub mod session;
mod signals;
mod target;
mod thread;

pub use server::{Address, Debugger};
pub use session::Session;
pub(crate) use thread::Debugged;
