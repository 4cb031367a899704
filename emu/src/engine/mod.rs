//! Engines execute guest code. This one interprets ([`interpreter`]) basic blocks of threaded code ([`threaded`]); they are kept
//! in [`blocks`] and counted in [`counts`].
//!
//! Counting is free: a block counts its executions once, for each phase and region apart, and what happened
//! to its instructions is worked out afterwards. A block that is left early (trap, failed guard, write to
//! its own code) notes where, so that the counts stay exact.

pub mod blocks;
pub mod counts;
pub mod interpreter;
pub mod threaded;

use crate::trap::Trap;

/// Why an engine gave control back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An instruction trapped. The hart's pc is at it, or past it when the trap [retires](Trap::retires).
    Trap(Trap),
    /// `Hart::stop_at` was reached, or `Hart::interrupt` requested; the pc is at the next instruction.
    Slice,
}
