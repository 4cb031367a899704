//! The superblocks that exist: found by address, linked to each other, counted, and dropped.

use super::baseline::{self, Baseline};
use super::code::{CodeMemory, Counters};
use super::emit::{self, Place};
use super::family::Families;
use super::gate::Gate;
use super::habits::Habits;
use super::regs::{Assignment, own};
use super::runtime::{Host, Runtime};
use super::superblock::{Rare, Superblock, Tier};
use super::table::{LEN, Table};
use super::template::Templates;
use super::trace::{self, End, Flow, Seen};
use crate::engine::Thresholds;
use crate::engine::blocks::{Block, BlockCache};
use crate::engine::counts::SLOTS;
use crate::isa::InsnSet;
use crate::memory::{PAGE_SHIFT, Ram};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::Cell;
use std::io;

/// Index of a superblock.
pub type SbId = u32;

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
const HOTTER: u64 = 8;

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
                    let next_pc = trace.end.next_pc(trace.start);
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
