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
//! | [`trace`], [`rotate`], [`unseen`], [`template`], [`meaning`], [`nature`], [`simplify`], [`walk`], [`habits`] | what to translate |
//! | [`emit`], [`exits`], [`int`], [`arithmetic`], [`atomic`], [`condition`], [`bits`], [`float`], [`memory`], [`regs`], [`runtime`], [`x86`], [`held`] | the code generator |
//! | [`code`], [`store`], [`superblock`], [`insns`] | the translated code and what is known of it |
//! | [`shared`], [`area`], [`table`], [`visits`] | what the threads of a process share, and what each has for itself |
//! | [`gate`], [`fault`] | how translated code is entered, left, and interrupted by faults |
//!
//! Counting: a superblock's exits count themselves, and its loop counts by the instruction budget that it has used;
//! what each instruction did follows from that ([`superblock::Superblock::for_each_count`]). A superblock belongs to one
//! phase and region ([`Hart::slot`]), so those counts are apart.

mod area;
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
mod held;
mod insns;
mod int;
mod meaning;
mod memory;
mod nature;
mod regs;
mod rotate;
mod runtime;
pub mod shared;
mod simplify;
mod store;
mod superblock;
mod table;
mod template;
mod trace;
mod unseen;
mod visits;
mod walk;
mod x86;

use super::blocks::{BlockCache, BlockId, NO_SLOT};
use super::{Event, Thresholds, interpreter};
use crate::hart::Hart;
use crate::linux::lock;
use exits::{Exit, Why};
use shared::{Part, Shared, try_lock};
use std::sync::{Arc, Once};
use store::{Left, Store, Target};
use superblock::{SbId, Tier};

/// The translator of one hart. It shares what it makes with those of the process's other harts.
pub struct Dbt {
    shared: Arc<Shared>,
    /// The hart's part in the store, once it runs.
    part: Option<Part>,
    /// Runs of a block in the interpreter after which it is translated.
    hot: u64,
    process: i32,
    /// Guest instructions executed by translated code.
    executed: u64,
}

/// What to do after translated code was left.
enum After {
    /// Go on at the hart's pc, where this superblock begins, if one does.
    Continue(Option<Target>),
    /// Go on at the hart's pc, with the interpreter first.
    Interpret,
    /// There is no translated code for the hart's pc.
    NotTranslated,
    /// Give control back.
    Stop(Event),
}

impl Dbt {
    /// A translator.
    pub fn new(shared: Arc<Shared>) -> Dbt {
        fault::install();
        let hot = Thresholds::default().translate_after;
        Dbt { shared, part: None, hot, process: gate::process(), executed: 0 }
    }

    /// Runs from the hart's pc until an instruction traps or `Hart::stop_at` instructions have been retired.
    pub fn run(&mut self, cache: &mut BlockCache, hart: &mut Hart) -> Event {
        if self.process != gate::process() {
            self.shared.forget_parent(self.part.take());
            self.process = gate::process();
        }
        if !self.join(hart) {
            return interpreter::run(cache, hart);
        }
        let mut interpret = false;
        loop {
            self.drop_written(cache, hart);
            if hart.instret >= hart.stop_at || hart.interrupt.requested() {
                return Event::Slice;
            }
            if !interpret {
                match self.execute(cache, hart) {
                    After::Continue(_) => continue,
                    After::Interpret => interpret = true,
                    After::NotTranslated => {}
                    After::Stop(event) => return event,
                }
            }
            let forced = std::mem::take(&mut interpret);
            if let Some(event) = self.interpret(cache, hart, forced) {
                return event;
            }
        }
    }

    /// Takes part in the store. False: the host does not let us have memory for code.
    fn join(&mut self, hart: &Hart) -> bool {
        if self.part.is_none() {
            match self.shared.join(&hart.ram) {
                Ok(part) => self.part = Some(part),
                Err(e) => {
                    static TOLD: Once = Once::new();
                    TOLD.call_once(|| log::warn!("no translated code, the interpreter does it all: {e}"));
                }
            }
        }
        self.part.is_some()
    }

    /// Interprets until code is met that is translated, or is now. `forced`: at least one block; otherwise, what the hart is
    /// at is not translated.
    fn interpret(&mut self, cache: &mut BlockCache, hart: &mut Hart, mut forced: bool) -> Option<Event> {
        let mut id = match interpreter::enter(cache, hart) {
            Ok(id) => id,
            Err(event) => return Some(event),
        };
        if !forced && hart.frm == 0 {
            cache.get(id).native = NO_SLOT;
        }
        loop {
            if !std::mem::take(&mut forced) && hart.frm == 0 {
                let block = cache.get(id);
                let mut hot = block.runs(hart.slot) >= self.hot;
                if block.is_new()
                    && let Some(part) = self.part.as_ref().filter(|part| part.has_others())
                {
                    // What others have translated, or would have to, is translated for this one too.
                    hot |= part.visits.note(block.start, part.area);
                    if lock(&part.store).find(block.start, hart.slot).is_some() {
                        block.native = hart.slot;
                    }
                }
                if block.native == hart.slot || hot && self.consider(cache, hart, id) {
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

    /// Translates the block `id` if it can be, and if no other thread is at the store: there will be another time. True if
    /// it is translated now.
    #[inline(never)]
    fn consider(&mut self, cache: &mut BlockCache, hart: &mut Hart, id: BlockId) -> bool {
        let is_full = |part: &mut Part| try_lock(&part.store).is_some_and(|store| store.is_full());
        if let Some(full) = self.part.take_if(is_full) {
            self.shared.give_up(full);
        }
        if !self.join(hart) {
            return false;
        }
        let Some(part) = &self.part else { return false };
        let Some(mut store) = try_lock(&part.store) else { return false };
        let slot = hart.slot;
        let pc = cache.get(id).start;
        if store.is_refused(pc, slot) {
            return false;
        }
        if store.find(pc, slot).is_none() {
            let translated = if store.settings.optimize_after == 0 {
                store.translate(hart.isa(), cache, (pc, slot), Tier::Hot)
            } else {
                store.translate_block(hart.isa(), cache.get(id), slot)
            };
            if !translated {
                return false;
            }
        }
        cache.get(id).native = slot;
        true
    }

    /// Runs translated code from the hart's pc on, until it is left for something else.
    fn execute(&mut self, cache: &mut BlockCache, hart: &mut Hart) -> After {
        let Some(part) = &self.part else { return After::NotTranslated };
        // Another thread translates, or will be done in a moment: meanwhile there is something to do.
        let Some(mut store) = try_lock(&part.store) else { return After::Interpret };
        let gate = store.gate();
        // Translated code rounds to nearest.
        let mut next = if hart.frm == 0 { store.find(hart.pc, hart.slot) } else { None };
        loop {
            let Some(Target { entry, .. }) = next else { return After::NotTranslated };
            drop(store);
            hart.budget = (hart.stop_at - hart.instret) as i64;
            let left = gate.enter(&part.store, hart, entry, part.stack).into();
            store = lock(&part.store);
            let before = hart.instret;
            let after = account(&mut store, part.area, cache, hart, left);
            self.executed += hart.instret - before;
            match after {
                After::Continue(to) if !hart.interrupt.requested() && !hart.ram.has_dirty_code() => next = to,
                _ => return after,
            }
        }
    }

    /// Drops what the guest has written to.
    fn drop_written(&mut self, cache: &mut BlockCache, hart: &mut Hart) {
        if !hart.ram.has_dirty_code() {
            return;
        }
        cache.drop_written(&hart.ram);
        if let Some(part) = &self.part {
            lock(&part.store).drop_written();
        }
    }

    /// Sets when code is translated from now on.
    pub fn set_thresholds(&mut self, thresholds: Thresholds) {
        self.hot = thresholds.translate_after;
        self.shared.set(|settings| settings.optimize_after = thresholds.optimize_after);
    }

    /// Translated code checks addresses before it uses them, from the first on.
    pub fn confine(&mut self) {
        self.shared.set(|settings| settings.confine = true);
    }

    /// Forgets all translated code; its counts stay.
    pub fn drop_all(&mut self) {
        if let Some(part) = self.part.take() {
            self.shared.give_up(part);
        }
    }

    /// Guest instructions executed by translated code.
    pub fn executed(&self) -> u64 {
        self.executed
    }
}

impl Drop for Dbt {
    fn drop(&mut self) {
        if let Some(part) = self.part.take() {
            self.shared.leave(part);
        }
    }
}

/// Works out where the hart is after translated code was left, and what follows from that.
fn account(store: &mut Store, area: usize, cache: &mut BlockCache, hart: &mut Hart, left: Left) -> After {
    let stop_at = hart.stop_at;
    let (sb, why, pc, completed, counted) = match left {
        Left::Fault(sb, completed) => {
            store.get_mut(sb).faulted_at(completed);
            (sb, Why::Interpret, store.pc_of(sb, completed), completed, false)
        }
        Left::Exit(exit) => {
            let exit = store.exit_mut(exit);
            let Exit { of, why, pc, completed, counter, .. } = *exit;
            if counter.is_none() {
                exit.counted_here += 1;
            }
            (of, why, pc, completed as usize, counter.is_some())
        }
    };
    if !counted {
        let block = store.get_mut(sb);
        // The code has not taken it from the budget.
        if block.loops {
            block.note_loop((hart.loop_budget - hart.budget) as u64);
        }
        hart.budget -= completed as i64;
    }
    let mut interpret = false;
    match why {
        Why::Goto => hart.pc = pc,
        Why::LoopSlice => hart.pc = store.get_mut(sb).start,
        Why::Indirect => {}
        Why::Interpret => {
            hart.pc = pc;
            interpret = true;
        }
        Why::Guard => match hart.hw.guard_fail(pc, hart.scratch) {
            Some(target) => {
                store.get_mut(sb).failed_at(completed);
                hart.budget -= 1;
                hart.pc = target;
            }
            None => {
                hart.pc = pc;
                interpret = true;
            }
        },
    }
    hart.instret = (stop_at as i64 - hart.budget) as u64;
    let exit = match left {
        Left::Exit(exit) if !interpret => exit,
        Left::Exit(_) => return After::Interpret,
        Left::Fault(..) => {
            store.note_fault(hart.pc);
            return After::Interpret;
        }
    };
    if store.trips(exit, area) {
        optimize(store, cache, hart, sb);
    }
    if hart.instret >= stop_at {
        return After::Stop(Event::Slice);
    }
    let to = store.find(hart.pc, hart.slot);
    match (why, to) {
        (Why::Goto, Some(to)) => store.link(exit, to.id),
        (Why::Indirect, Some(to)) => store.remember((hart.pc, hart.slot), to, area),
        _ => {}
    }
    After::Continue(to)
}

/// Makes more of a superblock.
#[inline(never)]
fn optimize(store: &mut Store, cache: &BlockCache, hart: &Hart, sb: SbId) {
    let block = store.get_mut(sb);
    let next = if block.tier == Tier::Baseline { Tier::Warm } else { Tier::Hot };
    let place = (block.start, block.slot);
    store.translate(hart.isa(), cache, place, next);
}
