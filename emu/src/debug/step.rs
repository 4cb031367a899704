//! One instruction at a time, exactly counted, and seen by whoever asks.

use super::observe::{Access, Observed};
use crate::engine::blocks::fetch_unbroken;
use crate::engine::{Engine, Event};
use crate::hart::Hart;
use crate::interp::{self, Leave, generated};
use crate::trap::Trap;

/// The instruction that a step executed, or tried to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stepped {
    /// Its address.
    pub pc: u64,
    /// Its word; the upper half is zero for a compressed one.
    pub word: u32,
    /// It was executed to its end (a call of the system counts as that).
    pub retired: bool,
}

/// Executes the instruction at the hart's pc, whether there is a breakpoint or not. Its accesses to memory are put behind
/// those in `accesses`.
///
/// The event is [`Event::Slice`] when there is nothing to do about it. No instruction: it cannot be fetched, or is none.
pub fn step(engine: &mut Engine, hart: &mut Hart, accesses: &mut Vec<Access>) -> (Option<Stepped>, Event) {
    let (pc, slot) = (hart.pc, hart.slot);
    let isa = hart.isa().clone();
    let (word, op) = match fetch_unbroken(&isa, &hart.ram, pc) {
        Ok(fetched) => fetched,
        Err((trap, addr)) => {
            hart.fault_addr = addr;
            return (None, Event::Trap(trap));
        }
    };
    let next = pc.wrapping_add(u64::from(op.len));
    // The instruction itself is retired before it is executed: that is what reading `instret` expects.
    hart.instret += 1;
    let mut observed = Observed::new(hart, accesses);
    let result = if usize::from(op.id) < generated::COUNT {
        interp::execute(&mut observed, &op, pc)
    } else {
        match isa.insn(op.id) {
            Some(insn) => interp::eval::run(&mut observed, insn, &op, pc),
            None => Err(Leave::Trap(Trap::Illegal)),
        }
    };
    let mut failed = false;
    let (retired, event) = match result {
        Ok(()) => {
            if !isa.ends_block(&op) {
                hart.pc = next;
            }
            (true, Event::Slice)
        }
        Err(Leave::Redirected) => {
            failed = true;
            (true, Event::Slice)
        }
        Err(Leave::Trap(trap)) if trap.retires() => {
            hart.pc = next;
            (true, if trap == Trap::CodeWrite { Event::Slice } else { Event::Trap(trap) })
        }
        Err(Leave::Trap(trap)) => {
            hart.pc = pc;
            hart.instret -= 1;
            (false, Event::Trap(trap))
        }
    };
    if retired {
        engine.count(pc, word, slot, failed);
    }
    (Some(Stepped { pc, word, retired }), event)
}
