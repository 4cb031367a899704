//! The state that machine code, the interpreter and the runtime share.
//!
//! Machine code holds a pointer to it in `s11`; the offsets below are part of the code generator's contract. A language's VM
//! struct is `#[repr(C)]` and starts with a `Thread`, so that the same pointer serves runtime functions as `&mut Vm`.

use crate::frame::Frame;
use crate::object::Ref;

/// See the module. All fields are 8 bytes wide, so a field's offset is 8 × its index.
#[repr(C)]
pub struct Thread {
    /// Next free byte of the nursery. Machine code keeps it in `s10` and stores it here around calls and at exits.
    pub bump: u64,
    /// `bump > limit` asks for a collection at the next safe point. Machine code keeps it in `s9`.
    pub limit: u64,
    /// End of the nursery. At every safe point that passed its poll, and after every runtime call, at least
    /// [`crate::heap::RESERVE`] bytes lie between `bump` and `end`: what a trace may allocate inline without a check.
    pub end: u64,
    /// The pending exception of the last runtime call, or null.
    pub exception: Ref,
    /// The innermost frame. Machine code keeps its root frame in `s8`.
    pub frame: *mut Frame,
    /// Frames must not reach past this address.
    pub frame_limit: u64,
    /// Set by the common exit code: number of the exit that was taken.
    pub exit: u64,
    /// Registers at an exit: `x{n}` at index n (x0 is not stored), and `f{n}` likewise.
    pub saved_x: [u64; 32],
    pub saved_f: [u64; 32],
    /// Spill slots of traces.
    pub spill: [u64; SPILL_SLOTS],
}

/// 64-bit spill slots that traces share (traces never nest).
pub const SPILL_SLOTS: usize = 1024;
