//! The superblocks that exist: found by address, linked to each other, counted, and dropped.
//!
//! One store serves all threads of a process, one thread at a time; translated code runs meanwhile. So what code is
//! linked to changes in one step, and what is dropped stays where it is: threads may still be in it.

use super::area::{Area, Areas, Counters, table_displacement};
use super::baseline::{self, Baseline};
use super::code::CodeMemory;
use super::emit::{self, Emitter, Place};
use super::exits::{Exit, Incoming, Why};
use super::family::Families;
use super::gate::Gate;
use super::habits::Habits;
use super::insns::runs;
use super::regs::{Assignment, own};
use super::rotate;
use super::runtime::{Host, Runtime};
use super::shared::Settings;
use super::superblock::{NONE, Parts, Rare, SbId, Spans, Superblock, Tier};
use super::template::Templates;
use super::trace::{self, End, Flow, Seen};
use super::unseen;
use crate::engine::blocks::{Block, BlockCache};
use crate::engine::counts::SLOTS;
use crate::isa::InsnSet;
use crate::memory::{PAGE_SHIFT, Ram, SPACE};
use crate::stats::EngineStats;
use rustc_hash::{FxHashMap, FxHashSet};
use std::io;

/// What is to be installed.
struct New {
    start: u64,
    slot: u8,
    next_pc: u64,
    tier: Tier,
    loops: bool,
    parts: Spans,
    rare: Option<Box<Rare>>,
}

/// All superblocks of a process.
pub struct Store {
    /// Guest memory, with the books on what is translated.
    ram: Ram,
    memory: CodeMemory,
    areas: Areas,
    gate: Gate,
    /// What code refers to, whatever the slot.
    runtime: Runtime,
    /// How code is translated from now on.
    pub(super) settings: Settings,
    superblocks: Vec<Superblock>,
    parts: Parts,
    by_pc: FxHashMap<Key, Found>,
    by_page: FxHashMap<u64, Vec<SbId>>,
    /// First host address of each superblock, ascending.
    by_host: Vec<(u64, SbId)>,
    refused: FxHashSet<(u64, u8)>,
    habits: Habits,
    /// A bit for each slot that code has been translated for.
    slots: u32,
    templates: Templates,
    families: Families,
    emitter: Emitter,
    full: bool,
    /// Blocks and superblocks translated so far.
    made: [u64; 2],
    /// Bytes of code written so far.
    bytes: u64,
}

/// A guest address that code can be at, which is below [`SPACE`], and a slot.
type Key = u64;

fn key(pc: u64, slot: u8) -> Key {
    const { assert!(SLOTS == 32 && SPACE <= 1 << 59) };
    debug_assert!(pc < SPACE, "code at {pc:#x}");
    pc << 5 | u64::from(slot)
}

/// Code to go to: all that must be known for that, so that the superblock need not be looked at.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    pub id: SbId,
    /// Host address of its entry.
    pub entry: u64,
}

/// What begins at a place.
struct Found {
    /// The code to run, or [`NONE`].
    code: SbId,
    /// Host address of its entry.
    entry: u64,
    /// The baseline code of the block, replaced or not, or [`NONE`]: what is known of its branches.
    profile: SbId,
}

/// What begins at any address that the guest may come up with.
fn found(by_pc: &FxHashMap<Key, Found>, pc: u64, slot: u8) -> Option<&Found> {
    if pc < SPACE { by_pc.get(&key(pc, slot)) } else { None }
}

/// The superblock, if it is one.
fn known(id: SbId) -> Option<SbId> {
    (id != NONE).then_some(id)
}

/// Instructions of a superblock for which an assignment of its own is worth the moves at its edges.
const LONG: usize = 128;

/// Superblocks for which there is room from the start; pages are taken from the host as they are used.
const ROOM: usize = 1 << 16;

/// Executions of an exit after which more is made of a superblock, in those of a block's.
const HOTTER: u64 = 8;

/// Exits, and superblocks, are fewer.
const MAX_EXITS: usize = 1 << 30;

/// Bit of an exit's number that says that an access faulted; the others are the superblock then, and the upper half is
/// the number of instructions completed before the access.
const FAULT: u32 = 1 << 31;

/// How translated code was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Through the exit with this number.
    Exit(u32),
    /// By an access that faulted: in this superblock, after so many of its instructions.
    Fault(SbId, usize),
}

impl From<u64> for Left {
    /// From what [`Gate::enter`] returns.
    fn from(number: u64) -> Left {
        let low = number as u32;
        if low & FAULT != 0 { Left::Fault(low & !FAULT, (number >> 32) as usize) } else { Left::Exit(low) }
    }
}

impl Store {
    /// An empty store of what is translated from this memory. Errors: the host gives no memory.
    pub fn new(ram: &Ram, settings: Settings) -> io::Result<Store> {
        let mut memory = CodeMemory::new()?;
        let gate = Gate::write(&mut memory)
            .ok_or_else(|| io::Error::other("the gate of the translator could not be written"))?;
        let runtime = Runtime {
            leave: gate.leave,
            table: 0,
            constants: gate.constants,
            watch: ram.watch_bytes().as_ptr() as u64,
            host: Host::detect(),
            confine: false,
        };
        Ok(Store {
            ram: ram.for_engines(),
            memory,
            areas: Areas::default(),
            gate,
            runtime,
            settings,
            superblocks: Vec::with_capacity(ROOM),
            by_pc: FxHashMap::default(),
            by_page: FxHashMap::default(),
            by_host: Vec::new(),
            parts: Parts::default(),
            refused: FxHashSet::default(),
            habits: Habits::default(),
            slots: 0,
            templates: Templates::default(),
            families: Families::default(),
            emitter: Emitter::new(runtime),
            full: false,
            made: [0; 2],
            bytes: 0,
        })
    }

    /// The code that enters and leaves.
    pub fn gate(&self) -> Gate {
        self.gate
    }

    /// Has this thread take part. Returns the number of its area. Error: the host gives no memory.
    pub fn join(&mut self) -> io::Result<usize> {
        let (number, fresh) = self.areas.take()?;
        if fresh {
            let area = self.areas.get(number);
            self.superblocks.iter().for_each(|sb| area.begin(sb.counters));
            (0..u32::BITS as u8).filter(|slot| self.slots & 1 << slot != 0).for_each(|s| area.begin_table(s));
        }
        Ok(number)
    }

    /// The thread with this area has ended.
    pub fn leave(&mut self, area: usize) {
        self.areas.give_back(area);
    }

    /// The area with this number.
    pub fn area(&self, number: usize) -> &Area {
        self.areas.get(number)
    }

    /// Whether it is about this memory.
    pub fn is_of(&self, ram: &Ram) -> bool {
        self.ram.is_same_memory(ram)
    }

    /// The superblock that begins at `pc`, for this slot.
    #[inline]
    pub fn find(&self, pc: u64, slot: u8) -> Option<Target> {
        let found = found(&self.by_pc, pc, slot)?;
        known(found.code).map(|id| Target { id, entry: found.entry })
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

    /// A superblock.
    pub fn get_mut(&mut self, sb: SbId) -> &mut Superblock {
        &mut self.superblocks[sb as usize]
    }

    /// Whether the superblock of an exit has become worth more, see [`Superblock::trips`].
    pub fn trips(&mut self, exit: u32, area: usize) -> bool {
        let exit = &self.parts.exits[exit as usize];
        let is_down = |counter| self.areas.get(area).is_down(counter);
        exit.trips && exit.counter.is_some_and(is_down) && self.superblocks[exit.of as usize].trips()
    }

    /// An exit.
    pub fn exit_mut(&mut self, exit: u32) -> &mut Exit {
        &mut self.parts.exits[exit as usize]
    }

    /// Address of instruction `n` of a superblock, see [`Superblock::pc_of`].
    pub fn pc_of(&self, sb: SbId, n: usize) -> u64 {
        self.superblocks[sb as usize].pc_of(n, &self.parts)
    }

    /// For an access at host address `rip` that faulted: how code is left ([`Left`]), and where to go with that in rax.
    /// Does not allocate.
    pub fn fault_at(&self, rip: u64) -> Option<(u64, u64)> {
        let n = self.by_host.partition_point(|&(start, _)| start <= rip);
        let (start, id) = *self.by_host.get(n.checked_sub(1)?)?;
        let sb = &self.superblocks[id as usize];
        let offset = u32::try_from(rip - start).ok()?;
        let faults = self.parts.faults(sb.parts);
        let n = faults.binary_search_by_key(&offset, |&(at, _)| at).ok()?;
        let completed = u64::from(faults[n].1);
        Some((completed << 32 | u64::from(FAULT | id), sb.leave))
    }

    /// What code for this slot refers to.
    fn runtime(&mut self, slot: u8) -> Runtime {
        if self.slots & 1 << slot == 0 {
            self.slots |= 1 << slot;
            self.areas.iter().for_each(|area| area.begin_table(slot));
        }
        Runtime { table: table_displacement(slot), confine: self.settings.confine, ..self.runtime }
    }

    /// Translates a block, quickly. False: it cannot be, or there is no room.
    pub fn translate_block(&mut self, isa: &InsnSet, block: &Block, slot: u8) -> bool {
        let runtime = self.runtime(slot);
        let Some(mut counters) = self.areas.counters(baseline::COUNTERS) else {
            self.full = true;
            return false;
        };
        counters.count_down(self.settings.optimize_after);
        let mut known = baseline::Known {
            isa,
            families: &mut self.families,
            templates: &mut self.templates,
            faults: &|pc| self.habits.faults(pc),
        };
        let (base, exit_base) = (self.memory.here(), self.parts.exits.len() as u32);
        let place = Place { base, exit_base, counters, trips: true };
        let made = baseline::emit(&mut self.emitter, block, slot, &mut known, runtime, place);
        let Some(Baseline { len, next_pc, code }) = made else {
            self.refused.insert((block.start, slot));
            return false;
        };
        let words = block.code.ops().take(len).map(|(_, word)| word);
        let Some(parts) = self.add_code(words) else { return false };
        let (start, tier) = (block.start, Tier::Baseline);
        let new = New { start, slot, next_pc, tier, loops: false, parts, rare: None };
        self.install(new, code, counters)
    }

    /// Makes a superblock of what follows from `pc`. False: it cannot be, or there is no room.
    pub fn translate(
        &mut self,
        isa: &InsnSet,
        cache: &BlockCache,
        (pc, slot): (u64, u8),
        tier: Tier,
    ) -> bool {
        let profile = |pc: u64| {
            let found = found(&self.by_pc, pc, slot)?;
            known(found.profile).map(|id| &self.superblocks[id as usize])
        };
        let guide = Seen {
            cache,
            slot,
            translated: &|pc| {
                let id = found(&self.by_pc, pc, slot).and_then(|found| known(found.code));
                id.is_some_and(|id| self.superblocks[id as usize].tier >= tier)
            },
            runs: &|pc| profile(pc).map_or(0, |sb| sb.left(&self.parts, &self.areas)),
            edges: &|block, to| profile(block).map(|sb| to.map(|pc| sb.taken(pc, &self.parts, &self.areas))),
            habits: &self.habits,
        };
        let extent = if tier == Tier::Hot { trace::HOT } else { trace::WARM };
        let Some(mut trace) = trace::form(isa, &mut self.templates, &self.ram, pc, slot, extent, &guide)
        else {
            self.refused.insert((pc, slot));
            return false;
        };
        rotate::join(&mut trace.steps, &self.templates);
        let runtime = self.runtime(slot);
        loop {
            unseen::mark(&mut trace.steps, &self.templates);
            // One counter for each exit on the side, one for the end, and one for the loop.
            let sides = trace.steps.iter().filter(|step| step.flow != Flow::Fall).count();
            let Some(mut counters) = self.areas.counters(sides + 2) else {
                self.full = true;
                return false;
            };
            let loops = trace.end == End::Loop;
            let trips = tier != Tier::Hot && !loops;
            if trips {
                counters.count_down(self.settings.optimize_after.saturating_mul(HOTTER));
            }
            let own = (loops || trace.insns.len() >= LONG)
                .then(|| own(&trace, &self.templates))
                .filter(|own| own != Assignment::convention())
                .map(Box::new);
            let (base, exit_base) = (self.memory.here(), self.parts.exits.len() as u32);
            let place = Place { base, exit_base, counters, trips };
            match emit::emit(&mut self.emitter, &trace, &mut self.templates, own, runtime, place) {
                Ok(mut code) => {
                    let words = trace.insns.iter().map(|i| i.1);
                    let Some(parts) = self.add_code(words) else { return false };
                    let next_pc = trace.end.next_pc(trace.start);
                    if let Some(old) = self.find(pc, slot) {
                        self.drop_superblock(old.id);
                    }
                    let (runs, skips) = (runs(&trace.insns), std::mem::take(&mut code.skips));
                    let has_any = !runs.is_empty() || !skips.is_empty();
                    let rare = has_any.then(|| Box::new(Rare { runs, skips, ..Rare::default() }));
                    let new = New { start: trace.start, slot, next_pc, tier, loops, parts, rare };
                    return self.install(new, code, counters);
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

    /// Adds the code that the generator has, for instructions with these words. `None`: there is no room.
    fn add_code(&mut self, words: impl Iterator<Item = u32>) -> Option<Spans> {
        let (parts, code) = (&mut self.parts, &mut self.emitter);
        if parts.exits.len() + code.exits.len() > MAX_EXITS || !self.memory.push(code.bytes()) {
            self.full = true;
            return None;
        }
        let from = parts.ends();
        parts.exits.append(&mut code.exits);
        parts.faults.append(&mut code.faults);
        parts.words.extend(words);
        Some(parts.since(from))
    }

    /// Adds what was translated. False: another thread has written to the guest's code meanwhile.
    fn install(&mut self, new: New, code: emit::Emitted, counters: Counters) -> bool {
        let New { start, slot, next_pc, tier, loops, parts, rare } = new;
        let id = self.superblocks.len() as SbId;
        self.made[usize::from(tier != Tier::Baseline)] += 1;
        self.bytes += self.emitter.bytes().len() as u64;
        let sb = Superblock {
            start,
            next_pc,
            entry: code.entry,
            local_entry: code.local_entry,
            leave: code.leave,
            counters,
            parts,
            incoming: Incoming::NONE,
            slot,
            tier,
            loops,
            tried: false,
            live: true,
            own: code.own,
            rare,
        };
        let goes_on_here = |exit: &Exit| matches!(exit.why, Why::Interpret | Why::Guard);
        if self.parts.exits(parts).iter().any(goes_on_here) {
            let pcs: Vec<u64> = sb.insns(&self.parts).iter().map(|i| i.0).chain([next_pc]).collect();
            for exit in self.parts.exits_mut(parts).iter_mut().filter(|exit| goes_on_here(exit)) {
                exit.pc = pcs[exit.completed as usize];
            }
        }
        self.parts.exits_mut(parts).iter_mut().for_each(|exit| exit.of = id);
        for page in sb.insns(&self.parts).pages() {
            self.by_page.entry(page).or_default().push(id);
        }
        let still_there = sb.mark(&self.parts, &self.ram);
        self.areas.begin(counters);
        self.by_host.push((sb.entry, id));
        let nothing = Found { code: NONE, entry: 0, profile: NONE };
        let found = self.by_pc.entry(key(start, slot)).or_insert(nothing);
        (found.code, found.entry) = (id, code.entry);
        if tier == Tier::Baseline {
            found.profile = id;
        }
        self.superblocks.push(sb);
        if !still_there {
            self.drop_with_granules(&[id]);
        }
        still_there
    }

    /// Sends exit number `n` straight to the superblock where it goes on.
    pub fn link(&mut self, n: u32, to: SbId) {
        let exit = &mut self.parts.exits[n as usize];
        let source = &self.superblocks[exit.of as usize];
        // One that is linked is linked there already: when other code takes a place, all links to what was there go.
        if !source.live || exit.before.is_some() {
            return;
        }
        let target = &self.superblocks[to as usize];
        let convention = exit.far_patch == 0;
        let (end, address, far) = match source.own == target.own {
            true => (exit.patch, target.local_entry, false),
            false if convention => (exit.patch, target.entry, false),
            false => (exit.far_patch, target.entry, true),
        };
        if end != 0 {
            self.memory.patch_branch(source.entry + u64::from(end), address);
            let incoming = &mut self.superblocks[to as usize].incoming;
            exit.before = Some(std::mem::replace(incoming, Incoming::new(n, far)));
        }
    }

    /// Notes the code that begins at `pc` as the target of indirect jumps there, in the thread of this area.
    pub fn remember(&self, (pc, slot): (u64, u8), to: Target, area: usize) {
        self.areas.get(area).set_target(slot, pc, to.entry);
    }

    /// The access at `pc` faulted. What faults often is left to the interpreter from then on.
    pub fn note_fault(&mut self, pc: u64) {
        if self.habits.note_fault(pc) {
            self.drop_superblocks(pc, pc + 1);
        }
    }

    /// Drops the superblocks whose code was written.
    pub fn drop_written(&mut self) {
        for (start, len) in self.ram.take_dirty_code() {
            let end = start.saturating_add(len);
            self.habits.note_write(start, end);
            self.drop_superblocks(start, end);
            // What was refused was for an instruction that begins in the range, or up to its last byte before it.
            self.refused.retain(|&(pc, _)| pc >= end || pc + 4 <= start);
        }
    }

    /// Drops the superblocks with code in the range.
    fn drop_superblocks(&mut self, start: u64, end: u64) {
        let (first, last) = (start >> PAGE_SHIFT, end.saturating_sub(1) >> PAGE_SHIFT);
        let mut hit: Vec<SbId> = if last - first < self.by_page.len() as u64 {
            (first..=last).filter_map(|page| self.by_page.get(&page)).flatten().copied().collect()
        } else {
            let inside = self.by_page.iter().filter(|(page, _)| (first..=last).contains(page));
            inside.flat_map(|(_, ids)| ids).copied().collect()
        };
        hit.sort_unstable();
        hit.dedup();
        hit.retain(|&id| self.superblocks[id as usize].insns(&self.parts).overlap(start, end));
        self.drop_with_granules(&hit);
    }

    /// Drops superblocks that are not what the guest has there, and tells guest memory.
    fn drop_with_granules(&mut self, ids: &[SbId]) {
        let mut touched = Vec::new();
        for &id in ids {
            let sb = &self.superblocks[id as usize];
            let place = key(sb.start, sb.slot);
            touched.extend(sb.insns(&self.parts).pages());
            self.drop_superblock(id);
            self.by_pc.remove(&place);
        }
        touched.sort_unstable();
        touched.dedup();
        for page in touched {
            self.refresh_granules(page);
        }
    }

    /// Tells guest memory what is still translated on a page.
    fn refresh_granules(&mut self, page: u64) {
        let ids = self.by_page.get(&page).map_or(&[][..], Vec::as_slice);
        let granules = |id: SbId| self.superblocks[id as usize].insns(&self.parts).granules(page);
        let bits = ids.iter().fold(0, |bits, &id| bits | granules(id));
        if ids.is_empty() {
            self.by_page.remove(&page);
        }
        self.ram.set_code_granules(page, bits);
    }

    fn drop_superblock(&mut self, id: SbId) {
        let sb = &mut self.superblocks[id as usize];
        sb.live = false;
        let mut incoming = std::mem::replace(&mut sb.incoming, Incoming::NONE);
        let (start, slot) = (sb.start, sb.slot);
        for page in sb.insns(&self.parts).pages() {
            if let Some(ids) = self.by_page.get_mut(&page) {
                ids.retain(|&other| other != id);
            }
        }
        if let Some(found) = self.by_pc.get_mut(&key(start, slot)) {
            found.code = NONE;
        }
        self.areas.iter().for_each(|area| area.forget_target(slot, start));
        while let Some((exit, far)) = incoming.exit() {
            let exit = &mut self.parts.exits[exit as usize];
            incoming = exit.before.take().unwrap_or(Incoming::NONE);
            let end = self.superblocks[exit.of as usize].entry
                + u64::from(if far { exit.far_patch } else { exit.patch });
            self.memory.patch_branch(end, end);
        }
    }

    /// What was translated so far.
    pub fn statistics(&self) -> EngineStats {
        EngineStats {
            blocks_translated: self.made[0],
            superblocks: self.made[1],
            code_bytes: self.bytes,
            ..EngineStats::default()
        }
    }

    /// Calls `f(pc, word, slot, executed, failed)` for all superblocks, dropped ones included.
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        for sb in &self.superblocks {
            sb.for_each_count(&self.parts, &self.areas, f);
        }
    }
}
