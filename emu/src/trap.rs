//! Why an instruction did not simply fall through to the next one.
//!
//! A [`Trap`] is one byte, so that the interpreter's `Result<(), Trap>` travels in a register. What else is
//! known about the event (the faulting address, the value that failed a guard) is in the
//! [`Hart`](crate::Hart) fields named below.

/// The result of one instruction that does not go on to its successor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Trap {
    /// Illegal instruction (privileged manual, cause 2). Not retired. Linux: SIGILL.
    Illegal,
    /// Instruction fetch from a page that is unmapped or not executable; address in `Hart::fault_addr`.
    /// Linux: SIGSEGV.
    FetchFault,
    /// Load from a page that is unmapped or not readable; address in `Hart::fault_addr`. Linux: SIGSEGV.
    LoadFault,
    /// Store or AMO to a page that is unmapped or not writable; address in `Hart::fault_addr`. Linux:
    /// SIGSEGV.
    StoreFault,
    /// LR, SC or AMO at an address that is not a multiple of the access size; address in
    /// `Hart::fault_addr`. Linux: SIGBUS.
    Misaligned,
    /// `ebreak`. Not retired. Linux: SIGTRAP.
    Breakpoint,
    /// `ecall`. Counted as executed; the operating-system layer serves it and goes on after it.
    Ecall,
    /// A store wrote into translated code. The store is complete and the instruction retired; the block may
    /// be stale after it.
    CodeWrite,
    /// The engine's fast path cannot do this access; nothing has happened yet. Never leaves the engine.
    Retry,
}

impl Trap {
    /// True when the instruction that raised this counts as executed (it did all that it does).
    pub fn retires(self) -> bool {
        matches!(self, Trap::Ecall | Trap::CodeWrite)
    }
}
