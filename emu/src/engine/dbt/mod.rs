//! The translator: guest code as x86-64 code.
//!
//! From the specification's own semantics ([`meaning`]), so an instruction that was defined at run time is translated
//! as a built-in one is; in steps, for code that runs a few times must not pay for what code that runs all the time
//! is worth ([`Thresholds`](super::Thresholds)):
//!
//! 1. the interpreter runs a block a few times;
//! 2. the block is translated by copying ([`baseline`]), with exits that count;
//! 3. *superblocks* are made of what runs often: straight paths with exits on the side, along the branches that were
//!    taken most ([`trace`]); of moderate length first ([`trace::WARM`]), and of what runs all the time long ones that
//!    take in what they call ([`trace::HOT`]).
//!
//! What the translator has no code for, and everything rare, is left to the interpreter: translated code goes to an
//! exit, the interpreter does a block, and if what follows is translated, translated code goes on.
//!
//! | part | is |
//! |---|---|
//! | [`baseline`], [`family`] | the first translation, in little time |
//! | [`trace`], [`template`], [`meaning`], [`simplify`], [`walk`], [`habits`] | what to translate |
//! | [`emit`], [`exits`], [`int`], [`arithmetic`], [`atomic`], [`condition`], [`bits`], [`float`], [`memory`], [`regs`], [`runtime`], [`x86`] | the code generator |
//! | [`code`], [`store`], [`superblock`], [`table`] | the translated code and what is known of it |
//! | [`gate`], [`fault`] | how translated code is entered, left, and interrupted by faults |
//!
//! Counting: a superblock's exits count themselves, and its loop counts by the instruction budget that it has used;
//! what each instruction did follows from that ([`superblock::Superblock::for_each_count`]). A superblock belongs to one
//! phase and region ([`Hart::slot`]), so those counts are apart.

mod arithmetic;
mod atomic;
mod baseline;
mod bits;
mod code;
mod condition;
mod emit;
mod exits;
mod family;
mod fault;
mod float;
mod gate;
mod habits;
mod int;
mod meaning;
mod memory;
mod regs;
mod runtime;
mod simplify;
mod store;
mod superblock;
mod table;
mod template;
mod trace;
mod walk;
mod x86;

use super::blocks::{BlockCache, BlockId};
use super::{Event, Thresholds, interpreter};
use crate::hart::Hart;
use crate::stats::EngineStats;
use exits::{Exit, Why};
use store::{SbId, Store};
use superblock::Tier;

/// The translator of one hart.
pub struct Dbt {
    store: Store,
    /// Runs of a block in the interpreter after which it is translated.
    hot: u64,
    process: i32,
    /// Guest instructions executed by translated code.
    executed: u64,
}

/// What to do after translated code was left.
enum After {
    /// Go on at the hart's pc.
    Continue,
    /// Go on at the hart's pc, with the interpreter first.
    Interpret,
    /// Give control back.
    Stop(Event),
}

impl Dbt {
    /// A translator with nothing translated. `None`: the host does not let us have executable memory.
    pub fn new() -> Option<Dbt> {
        let store = Store::new().map_err(|e| log::warn!("no translated code: {e}")).ok()?;
        fault::install();
        let hot = Thresholds::default().translate_after;
        Some(Dbt { store, hot, process: gate::process(), executed: 0 })
    }

    /// Runs from the hart's pc until an instruction traps or `Hart::stop_at` instructions have been retired.
    pub fn run(&mut self, cache: &mut BlockCache, hart: &mut Hart) -> Event {
        if self.process != gate::process() {
            // After a fork the code memory is still shared with the parent.
            self.flush(cache);
            match Store::new() {
                Ok(store) => {
                    let old = std::mem::replace(&mut self.store, store);
                    (self.store.confine, self.store.optimize_after) = (old.confine, old.optimize_after);
                }
                Err(_) => return interpreter::run(cache, hart),
            }
            self.process = gate::process();
        }
        let mut interpret = false;
        loop {
            self.drop_written(cache, hart);
            if hart.instret >= hart.stop_at || hart.interrupt.requested() {
                return Event::Slice;
            }
            let slot = hart.slot;
            // Translated code rounds to nearest.
            if !interpret
                && hart.frm == 0
                && let Some(sb) = self.store.find(hart.pc, slot)
            {
                match self.execute(cache, hart, sb) {
                    After::Continue => {}
                    After::Interpret => interpret = true,
                    After::Stop(event) => return event,
                }
                continue;
            }
            let forced = std::mem::take(&mut interpret);
            if let Some(event) = self.interpret(cache, hart, forced) {
                return event;
            }
        }
    }

    /// Interprets until code is met that is translated, or is now. `forced`: at least one block.
    fn interpret(&mut self, cache: &mut BlockCache, hart: &mut Hart, mut forced: bool) -> Option<Event> {
        let mut id = match interpreter::enter(cache, hart) {
            Ok(id) => id,
            Err(event) => return Some(event),
        };
        loop {
            if !std::mem::take(&mut forced) {
                let block = cache.get(id);
                let hot = block.runs(hart.slot) >= self.hot && hart.frm == 0;
                if block.native == hart.slot && hart.frm == 0 || hot && self.consider(cache, hart, id) {
                    return None;
                }
            }
            match interpreter::one(cache, hart, id) {
                None => {}
                Some(Event::CodeWritten) => return None,
                Some(event) => return Some(event),
            }
            if hart.instret >= hart.stop_at || hart.interrupt.requested() || hart.ram.has_dirty_code() {
                return None;
            }
            id = match interpreter::next(cache, hart, id) {
                Ok(id) => id,
                Err(event) => return Some(event),
            };
        }
    }

    /// Translates the block `id` if it can be. True if it is translated now.
    #[inline(never)]
    fn consider(&mut self, cache: &mut BlockCache, hart: &mut Hart, id: BlockId) -> bool {
        let slot = hart.slot;
        let pc = cache.get(id).start;
        if self.store.is_refused(pc, slot) {
            return false;
        }
        if self.store.find(pc, slot).is_none() {
            if self.store.is_full() {
                self.flush(cache);
            }
            let translated = if self.store.optimize_after == 0 {
                self.store.translate(hart.isa(), cache, &hart.ram, (pc, slot), Tier::Hot)
            } else {
                self.store.translate_block(hart.isa(), cache.get(id), &hart.ram, slot)
            };
            if !translated {
                return false;
            }
        }
        cache.get(id).native = slot;
        true
    }

    /// Makes more of the code of this tier at an address, for a slot.
    #[inline(never)]
    fn optimize(&mut self, cache: &mut BlockCache, hart: &Hart, (pc, slot): (u64, u8), tier: Tier) {
        let next = if tier == Tier::Baseline { Tier::Warm } else { Tier::Hot };
        if self.store.translate(hart.isa(), cache, &hart.ram, (pc, slot), next)
            && let Some(id) = cache.find_id(pc)
        {
            cache.get(id).native = slot;
        }
    }

    /// Runs translated code from the superblock on, until it is left.
    fn execute(&mut self, cache: &mut BlockCache, hart: &mut Hart, sb: SbId) -> After {
        let stop_at = hart.stop_at;
        hart.budget = (stop_at - hart.instret) as i64;
        let exit = gate::enter(&self.store, hart, self.store.entry(sb));
        let fault = self.store.fault_of(exit);
        let (sb, why, completed, counted) = match fault {
            Some((sb, completed)) => {
                self.store.get_mut(sb).faulted_at(completed);
                (sb, Why::Interpret, completed, false)
            }
            None => {
                let (sb, n) = self.store.exit_of(exit);
                let block = self.store.get_mut(sb);
                let exit = &mut block.exits[n];
                let Exit { why, completed, counter, .. } = *exit;
                if counter.is_none() {
                    exit.counted_here += 1;
                }
                (sb, why, completed, counter.is_some())
            }
        };
        let block = self.store.get_mut(sb);
        if !counted {
            // The code has not taken it from the budget.
            if block.loops {
                block.note_loop((hart.loop_budget - hart.budget) as u64);
            }
            hart.budget -= completed as i64;
        }
        let pc_of = |n: usize| block.insns.get(n).map_or(block.next_pc, |i| i.0);
        let after = match why {
            Why::Goto(pc) => {
                hart.pc = pc;
                After::Continue
            }
            Why::LoopSlice => {
                hart.pc = block.start;
                After::Continue
            }
            Why::Indirect => After::Continue,
            Why::Interpret => {
                hart.pc = pc_of(completed);
                After::Interpret
            }
            Why::Guard => {
                let pc = pc_of(completed);
                match hart.hw.guard_fail(pc, hart.scratch) {
                    Some(target) => {
                        block.failed_at(completed);
                        hart.budget -= 1;
                        hart.pc = target;
                        After::Continue
                    }
                    None => {
                        hart.pc = pc;
                        After::Interpret
                    }
                }
            }
        };
        let before = hart.instret;
        hart.instret = (stop_at as i64 - hart.budget) as u64;
        self.executed += hart.instret - before;
        if matches!(after, After::Interpret) {
            if fault.is_some() {
                self.store.note_fault(hart.pc, cache, &hart.ram);
            }
            return after;
        }
        let (_, n) = self.store.exit_of(exit);
        let block = self.store.get_mut(sb);
        if block.trips(n) {
            let (place, tier) = ((block.start, block.slot), block.tier);
            self.optimize(cache, hart, place, tier);
        }
        if hart.instret >= stop_at {
            return After::Stop(Event::Slice);
        }
        match why {
            Why::Goto(pc) => self.store.link(exit, pc),
            Why::Indirect => self.store.remember(sb, hart.pc),
            _ => {}
        }
        after
    }

    /// Drops what the guest has written to.
    fn drop_written(&mut self, cache: &mut BlockCache, hart: &mut Hart) {
        if !hart.ram.has_dirty_code() {
            return;
        }
        for (start, end) in cache.drop_written(&hart.ram) {
            self.store.drop_range(start, end, cache, &hart.ram);
        }
    }

    /// Sets when code is translated from now on.
    pub fn set_thresholds(&mut self, thresholds: Thresholds) {
        self.hot = thresholds.translate_after;
        self.store.optimize_after = thresholds.optimize_after;
    }

    /// Translated code checks addresses before it uses them, from the first on.
    pub fn confine(&mut self) {
        self.store.confine = true;
    }

    /// Forgets all translated code; its counts stay.
    pub fn flush(&mut self, cache: &mut BlockCache) {
        self.store.flush(cache);
    }

    /// Calls `f(pc, word, slot, executed, failed)` for what translated code has executed.
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        self.store.for_each_count(f);
    }

    /// Calls `f(guest pc, host address, bytes)` for all code.
    pub fn for_each_code(&self, f: &mut dyn FnMut(u64, u64, u64)) {
        self.store.for_each_code(f);
    }

    /// What the translator did so far.
    pub fn statistics(&self) -> EngineStats {
        EngineStats {
            blocks_translated: self.store.made[0],
            superblocks: self.store.made[1],
            code_bytes: self.store.bytes,
            translated_instructions: self.executed,
            ..EngineStats::default()
        }
    }
}
