//! Looking into a running guest.
//!
//! | part | is |
//! |---|---|
//! | [`step`], [`observe`] | one instruction at a time, with the memory that it touches |
//! | [`lockstep`] | the translator against the interpreter |
//! | [`log`] | what is executed, as text |
//! | [`perf`] | names of translated code for the host's `perf` |
//! | [`gdb`] | a debugger at a socket, in GDB's remote protocol |

pub mod gdb;
pub mod lockstep;
pub mod log;
pub mod observe;
pub(crate) mod perf;
pub mod step;
