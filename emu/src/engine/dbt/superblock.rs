//! A piece of translated code, and the counts that follow from how it was left.

use super::area::{Areas, Counters};
use super::exits::{Exit, Incoming, Skip, Why};
use super::insns::{Insns, Run};
use super::regs::Assignment;
use crate::engine::blocks::fetch_word;
use crate::memory::Ram;
use rustc_hash::FxHashMap;

/// How much was made of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A block, see [`super::baseline`].
    Baseline,
    /// A superblock of moderate length.
    Warm,
    /// A superblock as good as it can be.
    Hot,
}

/// Index of a superblock.
pub type SbId = u32;

/// No superblock.
pub const NONE: SbId = SbId::MAX;

/// A translated superblock, or block.
pub struct Superblock {
    pub start: u64,
    /// Where the guest is after the last instruction, if it stays on the path.
    pub next_pc: u64,
    pub(super) entry: u64,
    pub(super) local_entry: u64,
    pub(super) leave: u64,
    pub(super) counters: Counters,
    pub(super) parts: Spans,
    /// The last of the exits that are linked to this superblock; each knows the one before.
    pub(super) incoming: Incoming,
    pub slot: u8,
    pub tier: Tier,
    pub loops: bool,
    /// Whether more was tried to be made of it.
    pub(super) tried: bool,
    pub(super) live: bool,
    /// See [`Emitted::own`](super::emit::Emitted::own).
    pub(super) own: Option<Box<Assignment>>,
    pub(super) rare: Option<Box<Rare>>,
}

/// What superblocks have several of each: one superblock's behind the other's. Nothing is taken out.
#[derive(Default)]
pub struct Parts {
    pub exits: Vec<Exit>,
    /// Words of the instructions.
    pub words: Vec<u32>,
    /// See [`Emitter::faults`](super::emit::Emitter::faults).
    pub faults: Vec<(u32, u32)>,
}

/// Where the parts of one superblock end and the next one's begin.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ends {
    exits: u32,
    words: u32,
    faults: u32,
}

/// Where a superblock's parts are.
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    from: Ends,
    to: Ends,
}

impl Parts {
    /// Where they end now.
    pub fn ends(&self) -> Ends {
        let (exits, words, faults) = (self.exits.len(), self.words.len(), self.faults.len());
        Ends { exits: exits as u32, words: words as u32, faults: faults as u32 }
    }

    /// All since then.
    pub fn since(&self, from: Ends) -> Spans {
        Spans { from, to: self.ends() }
    }

    /// A superblock's exits.
    pub fn exits(&self, of: Spans) -> &[Exit] {
        &self.exits[of.from.exits as usize..of.to.exits as usize]
    }

    /// As [`Parts::exits`], to change them.
    pub fn exits_mut(&mut self, of: Spans) -> &mut [Exit] {
        &mut self.exits[of.from.exits as usize..of.to.exits as usize]
    }

    /// The words of a superblock's instructions.
    pub fn words(&self, of: Spans) -> &[u32] {
        &self.words[of.from.words as usize..of.to.words as usize]
    }

    /// A superblock's memory accesses.
    pub fn faults(&self, of: Spans) -> &[(u32, u32)] {
        &self.faults[of.from.faults as usize..of.to.faults as usize]
    }
}

impl Superblock {
    /// Its instructions.
    pub fn insns<'a>(&'a self, parts: &'a Parts) -> Insns<'a> {
        let runs = self.rare.as_ref().map_or(&[][..], |rare| &rare.runs);
        Insns { start: self.start, words: parts.words(self.parts), runs }
    }

    /// Whether more shall be made of it, now that one of its exits has been taken often; says so once.
    pub fn trips(&mut self) -> bool {
        self.live && !std::mem::replace(&mut self.tried, true)
    }

    /// How often its exit for `pc` was taken.
    pub fn taken(&self, pc: u64, parts: &Parts, areas: &Areas) -> u64 {
        let to = parts.exits(self.parts).iter().filter(|exit| exit.why == Why::Goto && exit.pc == pc);
        to.map(|exit| self.count(exit, areas)).sum()
    }

    /// How often it was left.
    pub fn left(&self, parts: &Parts, areas: &Areas) -> u64 {
        parts.exits(self.parts).iter().map(|exit| self.count(exit, areas)).sum()
    }

    fn count(&self, exit: &Exit, areas: &Areas) -> u64 {
        exit.counted_here + exit.counter.map_or(0, |c| areas.sum_of(self.counters, c))
    }

    /// Notes that the guard after `completed` instructions failed.
    pub fn failed_at(&mut self, completed: usize) {
        *self.rare().failures.entry(completed).or_default() += 1;
    }

    /// Notes that the access after `completed` instructions faulted.
    pub fn faulted_at(&mut self, completed: usize) {
        *self.rare().faulted.entry(completed).or_default() += 1;
    }

    /// Adds instructions of whole rounds of the loop. Negative while less was executed than was skipped.
    pub fn note_loop(&mut self, instructions: u64) {
        let rare = self.rare();
        rare.looped = rare.looped.wrapping_add(instructions);
    }

    fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    /// Calls `f(pc, word, slot, executed, failed)` for each instruction.
    pub fn for_each_count(&self, parts: &Parts, areas: &Areas, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        let insns = self.insns(parts);
        let all = insns.len();
        // Executions that ended after exactly n instructions.
        let mut ended = vec![0u64; all + 1];
        for exit in parts.exits(self.parts) {
            ended[exit.completed as usize] += self.count(exit, areas);
        }
        let none = Rare::default();
        let rare = self.rare.as_deref().unwrap_or(&none);
        for (&at, &count) in &rare.faulted {
            ended[at] += count;
        }
        for (&at, &count) in &rare.failures {
            // The guard itself was executed.
            ended[at] -= count;
            ended[at + 1] += count;
        }
        // Instructions that were passed over, and how often.
        let mut passed = vec![0u64; all];
        let mut not_executed = 0;
        for skip in &rare.skips {
            let times = areas.sum(self.counters, skip.counter);
            passed[skip.first..skip.first + skip.count].iter_mut().for_each(|n| *n += times);
            not_executed += times * skip.count as u64;
        }
        if self.loops {
            let by_code = areas.sum(self.counters, self.counters.len() - 1);
            let looped = rare.looped.wrapping_add(by_code).wrapping_add(not_executed);
            ended[all] += looped / all as u64;
        }
        // As often as it is reached: as often as execution ended after it.
        let mut reached = ended;
        for n in (0..all).rev() {
            reached[n] += reached[n + 1];
        }
        for (n, (pc, word, _)) in insns.iter().enumerate() {
            let failed = rare.failures.get(&n).copied().unwrap_or(0);
            let executed = reached[n + 1] - passed[n];
            if executed != 0 {
                f(pc, word, self.slot, executed, failed);
            }
        }
    }

    /// Address of instruction `n`, or where the guest is after the last of them.
    pub fn pc_of(&self, n: usize, parts: &Parts) -> u64 {
        self.insns(parts).iter().nth(n).map_or(self.next_pc, |i| i.0)
    }

    /// Tells guest memory that the instructions are translated. False: they are not there any more.
    pub fn mark(&self, parts: &Parts, ram: &Ram) -> bool {
        let insns = self.insns(parts);
        let others = insns.extents().fold(false, |others, (start, end)| ram.mark_code(start, end) || others);
        // What was written before it was marked was not reported.
        !others || insns.iter().all(|(pc, word, _)| fetch_word(ram, pc) == Ok(word))
    }
}

/// What few superblocks have.
#[derive(Default)]
pub struct Rare {
    /// See [`Insns::runs`].
    pub(super) runs: Vec<Run>,
    /// Branches over a few of the instructions.
    pub(super) skips: Vec<Skip>,
    /// Instructions of whole rounds of the loop, as far as the code has not counted them.
    pub(super) looped: u64,
    /// Guards that failed, by the instructions completed before them.
    pub(super) failures: FxHashMap<usize, u64>,
    /// Executions that ended with a fault, by the instructions completed before it.
    pub(super) faulted: FxHashMap<usize, u64>,
}
