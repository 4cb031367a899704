//! The optimiser: one forward pass that rewrites a recorded trace, run a second time over a loop to peel it.
//!
//! | module | what |
//! |---|---|
//! | [`state`] | what the pass knows of every value |
//! | [`rewrite`] | the pass: one case per family of operations |
//! | [`fold`] | constants, algebra, integer bounds, common subexpressions |
//! | [`guards`] | guards that are known to hold disappear; what the others teach |
//! | [`heap`] | field and item cache, virtual objects, delayed stores |
//! | [`entry`] | typed entries: slots that are passed from trace to trace by their values |
//! | [`exits`] | what the interpreter needs where a guard fails |
//! | [`known`] | what exits know, for their bridges |
//! | [`label`] | what a label carries and assumes, and how a bridge gets back to it |
//! | [`patterns`] | hints for the pattern table, promotion of what it found |
//! | [`peel`] | loops: the first iteration becomes the preamble, the label carries what changes |
//! | [`sweep`] | dead operations, final numbering |

pub mod entry;
pub mod exits;
pub mod fold;
pub mod guards;
pub mod heap;
pub mod known;
pub mod label;
pub mod patterns;
pub mod peel;
pub mod rewrite;
pub mod state;
pub mod sweep;

#[cfg(test)]
mod tests;

use crate::domain::trace::{Ending, Recording};
use crate::ir::Trace;
use crate::object::{ClassId, Ref};

/// What the optimiser asks the language and the heap.
pub trait Oracle {
    /// Objects of the class never change their class word.
    fn class_is_final(&mut self, class: ClassId) -> bool;
    /// Immutable objects whose identity does not matter.
    fn is_value_class(&mut self, class: ClassId) -> bool;
    /// The class word of a constant object.
    fn class_of(&mut self, object: Ref) -> ClassId;
    /// The 64-bit word at `offset` of a constant object.
    fn word(&mut self, object: Ref, offset: usize) -> u64;
}

/// Why a trace is not worth compiling.
#[derive(Debug, PartialEq, Eq)]
pub enum Rejected {
    /// It allocates more between two safe points than machine code may.
    AllocatesTooMuch,
    /// A value that was promoted always takes it out of the recorded path.
    NeverCompletes,
}

/// What the back end compiles.
pub struct Optimised {
    pub trace: Trace,
    /// The label of a loop, for the bridges of its body.
    pub label: Option<label::Label>,
    /// For each exit inside that loop: which of its live values the label's `carried` are.
    pub carried: Vec<Option<Vec<u32>>>,
    /// Load of the recording → pattern site.
    pub sites: rustc_hash::FxHashMap<usize, u16>,
}

/// Rewrites a recording into what the back end compiles.
pub fn optimise(
    recording: &Recording,
    plan: &patterns::Plan,
    oracle: &mut dyn Oracle,
) -> Result<Optimised, Rejected> {
    let mut o = state::Optimizer::new(recording, plan, oracle);
    match &recording.end {
        Ending::Loop(slots) => o.run_loop(slots),
        Ending::Label(to, head) => o.run_to_label(to, head),
        Ending::Head(to) => o.run_to_head(to),
        Ending::Straight => o.run_straight(),
    }
    let wrong_types = !plan.typed.is_empty() && o.label_at == 0;
    if o.s.unreachable && (!plan.promote.is_empty() || wrong_types) {
        return Err(Rejected::NeverCompletes);
    }
    if o.allocated > crate::heap::RESERVE / 4 {
        return Err(Rejected::AllocatesTooMuch);
    }
    Ok(o.sweep())
}
