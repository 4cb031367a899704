//! Looking into a running guest.
//!
//! | part | is |
//! |---|---|
//! | [`step`], [`observe`] | one instruction at a time, with the memory that it touches |
//! | [`gdb`] | a debugger at a socket, in GDB's remote protocol |

pub mod gdb;
pub mod observe;
pub mod step;
