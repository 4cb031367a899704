//! A piece of translated code, and the counts that follow from how it was left.

use super::area::{Area, Areas, Counters};
use super::exits::{Exit, Incoming, Skip, Why};
use super::insns::Insns;
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

/// A translated superblock, or block.
pub struct Superblock {
    pub start: u64,
    pub slot: u8,
    pub insns: Insns,
    /// Where the guest is after the last of them, if it stays on the path.
    pub next_pc: u64,
    pub tier: Tier,
    /// Whether more was tried to be made of it.
    pub(super) tried: bool,
    pub exits: Box<[Exit]>,
    pub loops: bool,
    pub(super) counters: Counters,
    pub(super) entry: u64,
    pub(super) local_entry: u64,
    pub(super) leave: u64,
    /// See [`Emitted::own`](super::emit::Emitted::own).
    pub(super) own: Option<Box<Assignment>>,
    /// See [`Emitted::faults`](super::emit::Emitted::faults).
    pub(super) faults: Box<[(u32, u32)]>,
    pub(super) rare: Option<Box<Rare>>,
    /// The last of the exits that are linked to this superblock; each knows the one before.
    pub(super) incoming: Incoming,
    pub(super) live: bool,
}

impl Superblock {
    /// Whether it has become worth more by leaving through exit `n` once more, in the thread of this area; says so
    /// once.
    pub fn trips(&mut self, n: usize, area: &Area) -> bool {
        let trips = self.live
            && !self.tried
            && self.tier != Tier::Hot
            && !self.loops
            && self.exits[n].counter.is_some_and(|c| area.is_down(self.counters, usize::from(c)));
        self.tried |= trips;
        trips
    }

    /// How often its exit for `pc` was taken.
    pub fn taken(&self, pc: u64, areas: &Areas) -> u64 {
        let to = self.exits.iter().filter(|exit| exit.why == Why::Goto && exit.pc == pc);
        to.map(|exit| self.count(exit, areas)).sum()
    }

    /// How often it was left.
    pub fn left(&self, areas: &Areas) -> u64 {
        self.exits.iter().map(|exit| self.count(exit, areas)).sum()
    }

    fn count(&self, exit: &Exit, areas: &Areas) -> u64 {
        exit.counted_here + exit.counter.map_or(0, |c| areas.sum(self.counters, usize::from(c)))
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
    pub fn for_each_count(&self, areas: &Areas, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        let all = self.insns.len();
        // Executions that ended after exactly n instructions.
        let mut ended = vec![0u64; all + 1];
        for exit in &self.exits {
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
        for (n, (pc, word, _)) in self.insns.iter().enumerate() {
            let failed = rare.failures.get(&n).copied().unwrap_or(0);
            let executed = reached[n + 1] - passed[n];
            if executed != 0 {
                f(pc, word, self.slot, executed, failed);
            }
        }
    }

    /// Address of instruction `n`, or where the guest is after the last of them.
    pub fn pc_of(&self, n: usize) -> u64 {
        self.insns.iter().nth(n).map_or(self.next_pc, |i| i.0)
    }

    /// Tells guest memory that the instructions are translated. False: they are not there any more.
    pub fn mark(&self, ram: &Ram) -> bool {
        let others =
            self.insns.extents().fold(false, |others, (start, end)| ram.mark_code(start, end) || others);
        // What was written before it was marked was not reported.
        !others || self.insns.iter().all(|(pc, word, _)| fetch_word(ram, pc) == Ok(word))
    }
}

/// What few superblocks have.
#[derive(Default)]
pub struct Rare {
    /// Branches over a few of the instructions.
    pub(super) skips: Vec<Skip>,
    /// Instructions of whole rounds of the loop, as far as the code has not counted them.
    pub(super) looped: u64,
    /// Guards that failed, by the instructions completed before them.
    pub(super) failures: FxHashMap<usize, u64>,
    /// Executions that ended with a fault, by the instructions completed before it.
    pub(super) faulted: FxHashMap<usize, u64>,
}
