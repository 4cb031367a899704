//! The superblocks that exist: found by address, linked to each other, counted, and dropped.

use super::baseline::{self, Baseline};
use super::code::{CodeMemory, Counters};
use super::emit::{self, Exit, Place, Skip, Why};
use super::family::Families;
use super::gate::Gate;
use super::habits::Habits;
use super::regs::Assignment;
use super::runtime::{Host, Runtime};
use super::table::{LEN, Table};
use super::template::Templates;
use super::trace::{self, End, Flow, Seen, Step, Trace};
use super::walk::{Written, for_each_expression, for_each_part, for_each_write};
use crate::engine::Thresholds;
use crate::engine::blocks::{Block, BlockCache};
use crate::engine::counts::SLOTS;
use crate::isa::InsnSet;
use crate::memory::{PAGE_SHIFT, Ram};
use isa_spec::sem::{Expr, ExprKind, Reg};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::io;

/// Index of a superblock.
pub type SbId = u32;

/// How much was made of code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// A block, see [`baseline`].
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
    /// Address, word and length of each instruction.
    pub insns: Vec<(u64, u32, u8)>,
    /// Where the guest is after the last of them, if it stays on the path.
    pub next_pc: u64,
    pub tier: Tier,
    /// Whether more was tried to be made of it.
    tried: bool,
    pub exits: Vec<Exit>,
    pub loops: bool,
    counters: Counters,
    entry: u64,
    local_entry: u64,
    leave: u64,
    /// See [`Emitted::own`](emit::Emitted::own).
    own: Option<Box<Assignment>>,
    /// See [`Emitted::faults`](emit::Emitted::faults).
    faults: Vec<(u32, u32)>,
    rare: Option<Box<Rare>>,
    /// Exits (by number) that are linked to this superblock, and whether through their far branch.
    incoming: Vec<(u32, bool)>,
    live: bool,
}

impl Superblock {
    /// Whether it has become worth more; says so once.
    pub fn trips(&mut self) -> bool {
        let trips = self.live
            && !self.tried
            && self.tier != Tier::Hot
            && !self.loops
            && self.exits.iter().any(|exit| exit.counter.is_some_and(|c| self.counters.is_down(c)));
        self.tried |= trips;
        trips
    }

    /// How often its exit for `pc` was taken.
    fn taken(&self, pc: u64) -> u64 {
        let to = self.exits.iter().filter(|exit| exit.why == Why::Goto(pc));
        to.map(|exit| self.count(exit)).sum()
    }

    /// How often it was left.
    fn left(&self) -> u64 {
        self.exits.iter().map(|exit| self.count(exit)).sum()
    }

    fn count(&self, exit: &Exit) -> u64 {
        exit.counted_here + exit.counter.map_or(0, |c| self.counters.get(c))
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
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        let all = self.insns.len();
        // Executions that ended after exactly n instructions.
        let mut ended = vec![0u64; all + 1];
        for exit in &self.exits {
            ended[exit.completed] += self.count(exit);
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
            let times = self.counters.get(skip.counter);
            passed[skip.first..skip.first + skip.count].iter_mut().for_each(|n| *n += times);
            not_executed += times * skip.count as u64;
        }
        if self.loops {
            let by_code = self.counters.get(self.counters.len() - 1);
            let looped = rare.looped.wrapping_add(by_code).wrapping_add(not_executed);
            ended[all] += looped / all as u64;
        }
        let mut reached = ended[all];
        for n in (0..all).rev() {
            let (pc, word, _) = self.insns[n];
            let failed = rare.failures.get(&n).copied().unwrap_or(0);
            let executed = reached - passed[n];
            if executed != 0 {
                f(pc, word, self.slot, executed, failed);
            }
            reached += ended[n];
        }
    }

    fn pages(&self) -> impl Iterator<Item = u64> {
        let mut pages: Vec<u64> = self
            .insns
            .iter()
            .flat_map(|&(pc, _, len)| [pc >> PAGE_SHIFT, (pc + u64::from(len) - 1) >> PAGE_SHIFT])
            .collect();
        pages.sort_unstable();
        pages.dedup();
        pages.into_iter()
    }

    /// Tells guest memory that the instructions are translated.
    fn mark(&self, ram: &Ram) {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for &(pc, _, len) in &self.insns {
            let end = pc + u64::from(len);
            match runs.last_mut() {
                Some(run) if run.1 == pc => run.1 = end,
                _ => runs.push((pc, end)),
            }
        }
        for (start, end) in runs {
            ram.mark_code(start, end);
        }
    }

    fn overlaps(&self, start: u64, end: u64) -> bool {
        self.insns.iter().any(|&(pc, _, len)| pc < end && start < pc + u64::from(len))
    }
}

/// What few superblocks have.
#[derive(Default)]
struct Rare {
    /// Branches over a few of the instructions.
    skips: Vec<Skip>,
    /// Instructions of whole rounds of the loop, as far as the code has not counted them.
    looped: u64,
    /// Guards that failed, by the instructions completed before them.
    failures: FxHashMap<usize, u64>,
    /// Executions that ended with a fault, by the instructions completed before it.
    faulted: FxHashMap<usize, u64>,
}

/// What is to be installed.
struct New {
    start: u64,
    slot: u8,
    insns: Vec<(u64, u32, u8)>,
    next_pc: u64,
    tier: Tier,
    loops: bool,
}

/// All superblocks of a hart.
pub struct Store {
    memory: CodeMemory,
    gate: Gate,
    host: Host,
    /// See [`Runtime::confine`]; for what is translated from now on.
    pub(super) confine: bool,
    superblocks: Vec<Superblock>,
    by_pc: FxHashMap<(u64, u8), SbId>,
    /// The baseline code of blocks, by where they begin, replaced ones included: what is known of their branches.
    profiles: FxHashMap<(u64, u8), SbId>,
    by_page: FxHashMap<u64, Vec<SbId>>,
    /// First host address of each superblock, ascending.
    by_host: Vec<(u64, SbId)>,
    /// The superblock of each exit, and its place there.
    exits: Vec<(SbId, u32)>,
    refused: FxHashSet<(u64, u8)>,
    habits: Habits,
    tables: [Option<Table>; SLOTS],
    templates: Templates,
    families: Families,
    /// See [`Thresholds`].
    pub(super) optimize_after: u64,
    full: bool,
    /// Of the last access that faulted: the instructions completed before it in the superblock.
    completed_at_fault: Cell<u32>,
    /// Blocks and superblocks translated so far.
    pub made: [u64; 2],
    /// Bytes of code written so far.
    pub bytes: u64,
}

/// Instructions of a superblock for which an assignment of its own is worth the moves at its edges.
const LONG: usize = 128;

/// Superblocks for which there is room from the start; pages are taken from the host as they are used.
const ROOM: usize = 1 << 16;

/// Executions of an exit after which more is made of a superblock, in those of a block's.
const HOTTER: u64 = 16;

/// Exits, and superblocks, are fewer.
const MAX_EXITS: usize = 1 << 30;

/// Bit of an exit's number that says that an access faulted; the others are the superblock then.
const FAULT: u32 = 1 << 31;

impl Store {
    /// An empty store. Errors: the host gives no memory.
    pub fn new() -> io::Result<Store> {
        let mut memory = CodeMemory::new()?;
        let gate = Gate::write(&mut memory)
            .ok_or_else(|| io::Error::other("the gate of the translator could not be written"))?;
        Ok(Store {
            memory,
            gate,
            host: Host::detect(),
            confine: false,
            superblocks: Vec::with_capacity(ROOM),
            by_pc: FxHashMap::default(),
            profiles: FxHashMap::default(),
            by_page: FxHashMap::default(),
            by_host: Vec::new(),
            exits: Vec::new(),
            refused: FxHashSet::default(),
            habits: Habits::default(),
            tables: [const { None }; SLOTS],
            templates: Templates::default(),
            families: Families::default(),
            optimize_after: Thresholds::default().optimize_after,
            full: false,
            completed_at_fault: Cell::new(0),
            made: [0; 2],
            bytes: 0,
        })
    }

    /// The code that enters and leaves.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The superblock that begins at `pc`, for this slot.
    #[inline]
    pub fn find(&self, pc: u64, slot: u8) -> Option<SbId> {
        self.by_pc.get(&(pc, slot)).copied()
    }

    /// Calls `f(guest pc, host address, bytes)` for all code, that of dropped superblocks too.
    pub fn for_each_code(&self, f: &mut dyn FnMut(u64, u64, u64)) {
        let ends = self.by_host.iter().skip(1).map(|&(start, _)| start).chain([self.memory.here()]);
        for (&(start, id), end) in self.by_host.iter().zip(ends) {
            f(self.superblocks[id as usize].start, start, end.saturating_sub(start));
        }
    }

    /// Whether the code at `pc` cannot be translated.
    pub fn is_refused(&self, pc: u64, slot: u8) -> bool {
        self.refused.contains(&(pc, slot))
    }

    /// Whether there is no room for more.
    pub fn is_full(&self) -> bool {
        self.full
    }

    /// Host address of the superblock's entry.
    pub fn entry(&self, sb: SbId) -> u64 {
        self.superblocks[sb as usize].entry
    }

    /// A superblock.
    pub fn get_mut(&mut self, sb: SbId) -> &mut Superblock {
        &mut self.superblocks[sb as usize]
    }

    /// The superblock of an exit, and the exit's place there.
    pub fn exit_of(&self, exit: u32) -> (SbId, usize) {
        let (sb, n) = self.exits[exit as usize];
        (sb, n as usize)
    }

    /// The exit for an access at host address `rip` that faulted, and where to go with it. Does not allocate.
    pub fn fault_at(&self, rip: u64) -> Option<(u32, u64)> {
        let n = self.by_host.partition_point(|&(start, _)| start <= rip);
        let (start, id) = *self.by_host.get(n.checked_sub(1)?)?;
        let sb = &self.superblocks[id as usize];
        let offset = u32::try_from(rip - start).ok()?;
        let n = sb.faults.binary_search_by_key(&offset, |&(at, _)| at).ok()?;
        self.completed_at_fault.set(sb.faults[n].1);
        Some((FAULT | id, sb.leave))
    }

    /// The superblock in which an access faulted, and the instructions completed before it, if that is what the exit's
    /// number says.
    pub fn fault_of(&self, exit: u32) -> Option<(SbId, usize)> {
        (exit & FAULT != 0).then(|| (exit & !FAULT, self.completed_at_fault.get() as usize))
    }

    /// What code for this slot refers to. `None`: there is no room.
    fn runtime(&mut self, ram: &Ram, slot: u8) -> Option<Runtime> {
        let Some(table) = self.table(slot) else {
            self.full = true;
            return None;
        };
        Some(Runtime {
            leave: self.gate.leave,
            table,
            constants: self.gate.constants,
            watch: ram.watch_bytes().as_ptr() as u64,
            host: self.host,
            confine: self.confine,
        })
    }

    /// Translates a block, quickly. False: it cannot be, or there is no room.
    pub fn translate_block(&mut self, isa: &InsnSet, block: &Block, ram: &Ram, slot: u8) -> bool {
        let Some(runtime) = self.runtime(ram, slot) else { return false };
        let Some(mut counters) = self.memory.counters(baseline::COUNTERS) else {
            self.full = true;
            return false;
        };
        counters.count_down(self.optimize_after);
        let mut known = baseline::Known {
            isa,
            families: &mut self.families,
            templates: &mut self.templates,
            faults: &|pc| self.habits.faults(pc),
        };
        let (base, exit_base) = (self.memory.here(), self.exits.len() as u32);
        let place = Place { base, exit_base, counters: &counters, trips: true };
        let made = baseline::emit(block, slot, &mut known, runtime, place);
        let Some(Baseline { insns, next_pc, code }) = made else {
            self.refused.insert((block.start, slot));
            return false;
        };
        if self.exits.len() + code.exits.len() > MAX_EXITS || !self.memory.push(&code.bytes) {
            self.full = true;
            return false;
        }
        let start = block.start;
        self.install(
            New { start, slot, insns, next_pc, tier: Tier::Baseline, loops: false },
            code,
            counters,
            ram,
        );
        true
    }

    /// Makes a superblock of what follows from `pc`. False: it cannot be, or there is no room.
    pub fn translate(
        &mut self,
        isa: &InsnSet,
        cache: &mut BlockCache,
        ram: &Ram,
        (pc, slot): (u64, u8),
        tier: Tier,
    ) -> bool {
        let profile = |pc: u64| self.profiles.get(&(pc, slot)).map(|&id| &self.superblocks[id as usize]);
        let guide = Seen {
            cache,
            slot,
            translated: &|pc| {
                let id = self.by_pc.get(&(pc, slot));
                id.is_some_and(|&id| self.superblocks[id as usize].tier >= tier)
            },
            runs: &|pc| profile(pc).map_or(0, Superblock::left),
            edges: &|block, [a, b]| profile(block).map(|sb| [sb.taken(a), sb.taken(b)]),
            habits: &self.habits,
        };
        let extent = if tier == Tier::Hot { trace::HOT } else { trace::WARM };
        let Some(mut trace) = trace::form(isa, &mut self.templates, ram, pc, slot, extent, &guide) else {
            self.refused.insert((pc, slot));
            return false;
        };
        let Some(runtime) = self.runtime(ram, slot) else { return false };
        loop {
            // One counter for each exit on the side, one for the end, and one for the loop.
            let sides = trace.steps.iter().filter(|step| step.flow != Flow::Fall).count();
            let Some(mut counters) = self.memory.counters(sides + 2) else {
                self.full = true;
                return false;
            };
            let loops = trace.end == End::Loop;
            let trips = tier != Tier::Hot && !loops;
            if trips {
                counters.count_down(self.optimize_after.saturating_mul(HOTTER));
            }
            let own = (loops || trace.insns.len() >= LONG)
                .then(|| own(&trace, &self.templates))
                .filter(|own| own != Assignment::convention())
                .map(Box::new);
            let (base, exit_base) = (self.memory.here(), self.exits.len() as u32);
            let place = Place { base, exit_base, counters: &counters, trips };
            match emit::emit(&trace, &mut self.templates, own, runtime, place) {
                Ok(code) => {
                    if self.exits.len() + code.exits.len() > MAX_EXITS || !self.memory.push(&code.bytes) {
                        self.full = true;
                        return false;
                    }
                    let next_pc = match trace.end {
                        End::Goto(pc) | End::Interpret(pc) | End::Mark { pc, .. } => pc,
                        End::Loop | End::Indirect => trace.start,
                    };
                    if let Some(&old) = self.by_pc.get(&(pc, slot)) {
                        self.drop_superblock(old, cache);
                    }
                    let (start, insns) = (trace.start, trace.insns);
                    let new = New { start, slot, insns, next_pc, tier, loops };
                    self.install(new, code, counters, ram);
                    return true;
                }
                // Up to there, then.
                Err(step) => {
                    if !trace.truncate(step) {
                        self.refused.insert((pc, slot));
                        return false;
                    }
                }
            }
        }
    }

    fn table(&mut self, slot: u8) -> Option<u64> {
        let place = &mut self.tables[usize::from(slot)];
        if place.is_none() {
            let counters = self.memory.counters(2 * LEN)?;
            // SAFETY: fresh memory of that size, which the code memory keeps.
            *place = Some(unsafe { Table::new(counters.address(0)) });
        }
        place.as_ref().map(Table::address)
    }

    fn install(&mut self, new: New, code: emit::Emitted, counters: Counters, ram: &Ram) {
        let New { start, slot, insns, next_pc, tier, loops } = new;
        let id = self.superblocks.len() as SbId;
        for exit in &code.exits {
            if let Some(end) = exit.patch {
                self.memory.patch_branch(end, exit.unlinked);
            }
            if let Some(end) = exit.far_patch {
                self.memory.patch_branch(end, exit.far_unlinked);
            }
        }
        self.exits.extend((0..code.exits.len() as u32).map(|n| (id, n)));
        self.made[usize::from(tier != Tier::Baseline)] += 1;
        self.bytes += code.bytes.len() as u64;
        let sb = Superblock {
            start,
            slot,
            insns,
            next_pc,
            tier,
            tried: false,
            exits: code.exits,
            loops,
            counters,
            entry: code.entry,
            local_entry: code.local_entry,
            leave: code.leave,
            own: code.own,
            faults: code.faults,
            rare: (!code.skips.is_empty()).then(|| Box::new(Rare { skips: code.skips, ..Rare::default() })),
            incoming: Vec::new(),
            live: true,
        };
        for page in sb.pages() {
            self.by_page.entry(page).or_default().push(id);
        }
        sb.mark(ram);
        self.by_host.push((sb.entry, id));
        self.by_pc.insert((start, slot), id);
        if tier == Tier::Baseline {
            self.profiles.insert((start, slot), id);
        }
        self.superblocks.push(sb);
    }

    /// Sends an exit straight to the superblock at `pc`, if there is one.
    pub fn link(&mut self, exit: u32, pc: u64) {
        let (from, n) = self.exit_of(exit);
        let slot = self.superblocks[from as usize].exits[n].slot;
        let Some(to) = self.find(pc, slot.unwrap_or(self.superblocks[from as usize].slot)) else { return };
        if !self.superblocks[from as usize].live {
            return;
        }
        let same = self.superblocks[from as usize].own == self.superblocks[to as usize].own;
        let info = &self.superblocks[from as usize].exits[n];
        let target = &self.superblocks[to as usize];
        let convention = info.far_patch.is_none();
        let (end, address, far) = match (same, info.patch, info.far_patch) {
            (true, Some(end), _) => (end, target.local_entry, false),
            (false, Some(end), None) if convention => (end, target.entry, false),
            (false, _, Some(end)) => (end, target.entry, true),
            _ => return,
        };
        self.memory.patch_branch(end, address);
        self.superblocks[to as usize].incoming.push((exit, far));
    }

    /// Notes the superblock at `pc` as a target of indirect jumps from code of the same slot as `from`.
    pub fn remember(&mut self, from: SbId, pc: u64) {
        let slot = self.superblocks[from as usize].slot;
        if let Some(to) = self.find(pc, slot) {
            let entry = self.superblocks[to as usize].entry;
            if let Some(table) = &mut self.tables[usize::from(slot)] {
                table.set(pc, entry);
            }
        }
    }

    /// The access at `pc` faulted. What faults often is left to the interpreter from then on.
    pub fn note_fault(&mut self, pc: u64, cache: &mut BlockCache, ram: &Ram) {
        if self.habits.note_fault(pc) {
            self.drop_superblocks(pc, pc + 1, cache, ram);
        }
    }

    /// Drops the superblocks with code in the range, which was written.
    pub fn drop_range(&mut self, start: u64, end: u64, cache: &mut BlockCache, ram: &Ram) {
        self.habits.note_write(start, end);
        self.drop_superblocks(start, end, cache, ram);
        // What was refused was for an instruction that begins in the range, or up to its last byte before it.
        self.refused.retain(|&(pc, _)| pc >= end || pc + 4 <= start);
    }

    fn drop_superblocks(&mut self, start: u64, end: u64, cache: &mut BlockCache, ram: &Ram) {
        // With their neighbours: blocks that were dropped may have reached there, and their books are made anew.
        let (first, last) =
            ((start >> PAGE_SHIFT).saturating_sub(1), (end.saturating_sub(1) >> PAGE_SHIFT) + 1);
        let ids: Vec<SbId> = if last - first < self.by_page.len() as u64 {
            (first..=last).filter_map(|page| self.by_page.get(&page)).flatten().copied().collect()
        } else {
            let inside = self.by_page.iter().filter(|(page, _)| (first..=last).contains(page));
            inside.flat_map(|(_, ids)| ids).copied().collect()
        };
        for id in ids {
            let sb = &self.superblocks[id as usize];
            if sb.live && sb.overlaps(start, end) {
                self.profiles.remove(&(sb.start, sb.slot));
                self.drop_superblock(id, cache);
            } else if sb.live {
                // The blocks' books on the page know only the blocks.
                sb.mark(ram);
            }
        }
    }

    fn drop_superblock(&mut self, id: SbId, cache: &mut BlockCache) {
        let sb = &mut self.superblocks[id as usize];
        sb.live = false;
        let (start, slot) = (sb.start, sb.slot);
        for page in sb.pages().collect::<Vec<_>>() {
            if let Some(ids) = self.by_page.get_mut(&page) {
                ids.retain(|&other| other != id);
            }
        }
        self.by_pc.remove(&(start, slot));
        if let Some(table) = &mut self.tables[usize::from(slot)] {
            table.remove(start);
        }
        for (exit, far) in std::mem::take(&mut self.superblocks[id as usize].incoming) {
            let (from, n) = self.exit_of(exit);
            let info = &self.superblocks[from as usize].exits[n];
            let (end, back) =
                if far { (info.far_patch, info.far_unlinked) } else { (info.patch, info.unlinked) };
            if let Some(end) = end {
                self.memory.patch_branch(end, back);
            }
        }
        cache.forget_native(start, slot);
    }

    /// Forgets everything but the counts, which go to the cache.
    pub fn flush(&mut self, cache: &mut BlockCache) {
        self.for_each_count(&mut |pc, word, slot, executed, failed| {
            cache.retired.add(pc, word, slot, executed, failed);
        });
        for sb in std::mem::take(&mut self.superblocks) {
            cache.forget_native(sb.start, sb.slot);
        }
        self.by_pc.clear();
        self.profiles.clear();
        self.by_page.clear();
        self.by_host.clear();
        self.exits.clear();
        self.refused.clear();
        self.templates = Templates::default();
        self.families = Families::default();
        self.tables = [const { None }; SLOTS];
        self.memory.clear(self.gate.len);
        self.full = false;
    }

    /// Calls `f(pc, word, slot, executed, failed)` for all superblocks, dropped ones included.
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        for sb in &self.superblocks {
            sb.for_each_count(f);
        }
    }
}

/// The assignment for a loop: the registers that it uses.
fn own(trace: &Trace, templates: &Templates) -> Assignment {
    let (mut x, mut f) = ([0u32; 32], [0u32; 32]);
    let mut count = |e: &Expr| {
        for_each_part(e, &mut |e| match e.kind {
            ExprKind::ReadX(Reg::Fixed(n)) => x[usize::from(n)] += 1,
            ExprKind::ReadF(Reg::Fixed(n)) => f[usize::from(n)] += 1,
            _ => {}
        });
    };
    for step in &trace.steps {
        match &step.flow {
            Flow::Branch { cond, .. } | Flow::Skip { cond, .. } => count(cond),
            Flow::Guess { target, .. } | Flow::Indirect { target } => count(target),
            Flow::Fall => {}
        }
        for_each_expression(step.what.body(templates), &mut count);
    }
    for step in &trace.steps {
        for_each_write(step.what.body(templates), &mut |r, _| match r {
            Written::X(n) => x[usize::from(n)] += 1,
            Written::F(n) => f[usize::from(n)] += 1,
        });
    }
    Assignment::for_uses(&x, &f)
}

impl Trace {
    /// Ends the trace before step `n`, for the interpreter. False when nothing is left.
    pub fn truncate(&mut self, n: usize) -> bool {
        // Not inside of what a branch skips.
        let crossing =
            |s: &Step, first| matches!(s.flow, Flow::Skip { count, .. } if s.first + count >= first);
        let Some(first) = self.steps.get(n).map(|step| step.first) else { return false };
        let n = self.steps[..n].iter().position(|s| crossing(s, first)).unwrap_or(n);
        let first = self.steps[n].first;
        if first == 0 {
            return false;
        }
        let pc = self.insns[first].0;
        self.steps.truncate(n);
        self.insns.truncate(first);
        self.end = End::Interpret(pc);
        true
    }
}
