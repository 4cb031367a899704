//! From block counts to instruction counts.
//!
//! An instruction of a live block was executed as often as the block was begun, less the executions that
//! ended before it. Blocks that are dropped leave their instructions' counts in [`RetiredCounts`], keyed by
//! address and word, because other code may come to the same address.

use super::blocks::{Block, BlockCache};
use crate::hart::PHASES;
use crate::isa::InsnSet;
use crate::stats::{PcCount, PhaseTally, RoiStats, Tally, phase_name};
use std::collections::BTreeMap;

/// Counters of a block: one for each value of `Hart::slot`, a phase outside or inside the region of interest.
pub const SLOTS: usize = 2 * PHASES;

/// Executions of one instruction in one slot.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    executed: u64,
    /// Guard failures among them.
    failed: u64,
}

/// Executions of an instruction at an address in one slot.
#[derive(Clone, Copy, Debug)]
struct Record {
    pc: u64,
    word: u32,
    slot: u8,
    count: Count,
}

impl Record {
    fn key(&self) -> (u64, u32, u8) {
        (self.pc, self.word, self.slot)
    }
}

/// What blocks counted that are gone, and threads that have ended. An instruction may be in it several times.
#[derive(Debug, Default)]
pub struct RetiredCounts {
    records: Vec<Record>,
    /// Records when instructions were last made to be in it once.
    once: usize,
}

impl RetiredCounts {
    /// Adds executions that were counted elsewhere.
    pub fn add(&mut self, pc: u64, word: u32, slot: u8, executed: u64, failed: u64) {
        self.records.push(Record { pc, word, slot, count: Count { executed, failed } });
        // Sums are made when they have become worth it: a program may run the same code in many threads, or write the
        // same code again and again.
        if self.records.len() > 2 * self.once + (1 << 18) {
            self.sum_up();
        }
    }

    fn sum_up(&mut self) {
        self.records.sort_unstable_by_key(Record::key);
        self.records.dedup_by(|next, sum| {
            let same = next.key() == sum.key();
            if same {
                sum.count.executed += next.count.executed;
                sum.count.failed += next.count.failed;
            }
            same
        });
        self.once = self.records.len();
    }

    /// Calls `f(pc, word, slot, executed, failed)` for all of it.
    pub fn for_each(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        for &Record { pc, word, slot, count } in &self.records {
            f(pc, word, slot, count.executed, count.failed);
        }
    }

    /// Takes over the counts of a block that is being dropped.
    pub fn retire(&mut self, block: &Block) {
        for_each(block, |pc, word, slot, count| self.add(pc, word, slot, count.executed, count.failed));
    }
}

/// Calls `f(pc, word, slot, count)` for every instruction and slot of a block that has executions.
fn for_each(block: &Block, mut f: impl FnMut(u64, u32, u8, Count)) {
    for (slot, runs) in block.runs_by_slot() {
        let mut pc = block.start;
        for (i, (op, word)) in block.code.ops().enumerate() {
            let i = i as u32;
            let early = || block.early().iter().filter(|e| e.slot == slot);
            let left_before: u64 = early().filter(|e| e.completed <= i).map(|e| e.count).sum();
            let failed = early().filter(|e| e.guard_failed && e.completed == i + 1).map(|e| e.count).sum();
            let executed = runs - left_before;
            if executed != 0 {
                f(pc, word, slot, Count { executed, failed });
            }
            pc += u64::from(op.len);
        }
    }
}

impl BlockCache {
    /// Calls `f(pc, word, slot, executed, failed)` for everything that was executed in blocks.
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        self.retired.for_each(f);
        for block in self.live() {
            for_each(block, |pc, word, slot, count| f(pc, word, slot, count.executed, count.failed));
        }
    }
}

/// All counts of a run so far.
#[derive(Debug, Default)]
pub struct Tallies {
    /// Everything.
    pub total: Tally,
    /// By phase.
    pub phases: Vec<PhaseTally>,
    /// The region of interest, if anything ran in it.
    pub roi: Option<RoiStats>,
    /// By address and word, in order; empty unless asked for.
    pub pc_counts: Vec<PcCount>,
}

/// Works the counts out from those that `each` calls its argument with: address, word, slot, executed, failed.
pub fn tally(
    isa: &InsnSet,
    with_pcs: bool,
    each: impl FnOnce(&mut dyn FnMut(u64, u32, u8, u64, u64)),
) -> Tallies {
    // By instruction id and slot first: that is what nearly everything needs, and it is small.
    let mut by_id = vec![[Count::default(); SLOTS]; isa.count()];
    let mut by_pc: BTreeMap<(u64, u32), u64> = BTreeMap::new();
    each(&mut |pc, word, slot, executed, failed| {
        if let Some(op) = isa.decode(word) {
            let c = &mut by_id[usize::from(op.id)][usize::from(slot)];
            c.executed += executed;
            c.failed += failed;
        }
        if with_pcs {
            *by_pc.entry((pc, word)).or_default() += executed;
        }
    });

    let mut total = Tally::default();
    let mut phases: Vec<Tally> = vec![Tally::default(); PHASES];
    let mut roi = Tally::default();
    let mut roi_phases: Vec<Tally> = vec![Tally::default(); PHASES];
    for (id, slots) in by_id.iter().enumerate() {
        let info = isa.info(id);
        for (slot, c) in slots.iter().enumerate().filter(|(_, c)| c.executed != 0) {
            let phase = slot % PHASES;
            let mut tallies = vec![&mut total, &mut phases[phase]];
            if slot >= PHASES {
                tallies.extend([&mut roi, &mut roi_phases[phase]]);
            }
            for tally in tallies {
                tally.add(&info, c.executed, c.failed);
            }
        }
    }
    let roi = (roi.instructions != 0).then(|| RoiStats { tally: roi, phases: named(roi_phases) });
    let pc_counts = by_pc.into_iter().map(|((pc, word), count)| PcCount { pc, word, count }).collect();
    Tallies { total, phases: named(phases), roi, pc_counts }
}

fn named(phases: Vec<Tally>) -> Vec<PhaseTally> {
    let ran = phases.into_iter().enumerate().filter(|(_, tally)| tally.instructions != 0);
    ran.map(|(n, tally)| PhaseTally { phase: n as u8, name: phase_name(n as u8), tally }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retired_counts_are_summed_up() {
        let mut counts = RetiredCounts::default();
        for n in 0..1_000_000 {
            counts.add(n % 1000 * 2, 0x13, (n % 2) as u8, 1, n % 2);
        }
        assert!(counts.records.len() < 300_000, "{}", counts.records.len());
        let (mut executed, mut failed) = (0, 0);
        counts.for_each(&mut |_, _, slot, e, f| {
            assert!(slot == 1 || f == 0);
            (executed, failed) = (executed + e, failed + f);
        });
        assert_eq!((executed, failed), (1_000_000, 500_000));
    }
}
