//! The cache of predecoded basic blocks, and what makes it follow the guest's writes to its own code.
//!
//! Invariants: every live block is in `by_pc` under its start and in `by_page` under each page that it
//! touches; the granules of its bytes are marked in guest memory, so that a write to them is reported. A
//! dropped block has `start == DEAD`, which no pc equals, so stale links and stale entries of the fast
//! table are harmless: they are checked against the pc when they are followed.

use super::counts::RetiredCounts;
use super::threaded::Code;
use crate::interp::Decoded;
use crate::isa::InsnSet;
use crate::memory::{PAGE, PAGE_SHIFT, Ram, granule_mask};
use crate::trap::Trap;
use rustc_hash::FxHashMap;

/// Start of a dropped block. Instructions are at even addresses.
pub const DEAD: u64 = 1;

/// Longest block, in instructions.
const MAX_OPS: usize = 128;

/// Blocks for which there is room from the start; pages are taken from the host as they are used.
const ROOM: usize = 1 << 16;

/// Entries of the direct-mapped table from pc to block.
const FAST: usize = 1 << 15;

/// Index of a block in the cache.
pub type BlockId = u32;

/// A straight run of instructions. What execution needs is in one line of the host's cache.
#[repr(align(64))]
pub struct Block {
    /// Address of the first instruction; [`DEAD`] when dropped.
    pub start: u64,
    /// The instructions; at least one in a live block.
    pub code: Code,
    /// Executions begun in the slot `slot`.
    runs: u64,
    /// Blocks that followed this one before; hints only.
    pub links: [BlockId; 2],
    /// Bytes of the instructions.
    len: u32,
    /// The slot (see `Hart::slot`) in which the block was executed first; [`NO_SLOT`] before.
    slot: u8,
    /// The slot for which there was translated code that begins here; [`NO_SLOT`]: none is known of.
    pub native: u8,
    rare: Option<Box<Rare>>,
}

/// What few blocks have.
#[derive(Default)]
struct Rare {
    /// Executions begun in other slots.
    runs: Vec<(u8, u64)>,
    /// Executions that ended before the last instruction, or with a failed guard.
    early: Vec<Early>,
}

/// No slot.
pub const NO_SLOT: u8 = u8::MAX;

/// Executions of a block that were left at the same place for the same reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Early {
    /// Instructions completed.
    pub completed: u32,
    /// Phase and region in which the block was entered.
    pub slot: u8,
    /// The last completed instruction is a guard that failed.
    pub guard_failed: bool,
    /// How often.
    pub count: u64,
}

impl Block {
    fn new(start: u64, end: u64, code: Code) -> Block {
        let len = (end - start) as u32;
        Block { start, code, runs: 0, links: [0; 2], len, slot: NO_SLOT, native: NO_SLOT, rare: None }
    }

    /// Address past the last instruction.
    pub fn end(&self) -> u64 {
        self.start + u64::from(self.len)
    }

    /// Whether it has not been executed.
    #[inline(always)]
    pub fn is_new(&self) -> bool {
        self.slot == NO_SLOT
    }

    /// Notes an execution that begins in this slot.
    #[inline(always)]
    pub fn begin(&mut self, slot: u8) {
        if self.slot == slot {
            self.runs += 1;
        } else {
            self.begin_elsewhere(slot);
        }
    }

    #[cold]
    #[inline(never)]
    fn begin_elsewhere(&mut self, slot: u8) {
        if self.slot == NO_SLOT {
            self.slot = slot;
            self.runs = 1;
            return;
        }
        let others = &mut self.rare.get_or_insert_default().runs;
        match others.iter_mut().find(|(other, _)| *other == slot) {
            Some((_, runs)) => *runs += 1,
            None => others.push((slot, 1)),
        }
    }

    /// Executions begun in this slot.
    #[inline(always)]
    pub fn runs(&self, slot: u8) -> u64 {
        if self.slot == slot { self.runs } else { self.runs_elsewhere(slot) }
    }

    fn runs_elsewhere(&self, slot: u8) -> u64 {
        let others = self.rare.iter().flat_map(|rare| &rare.runs);
        others.filter(|(other, _)| *other == slot).map(|(_, runs)| runs).sum()
    }

    /// Executions begun, by slot.
    pub fn runs_by_slot(&self) -> impl Iterator<Item = (u8, u64)> {
        let others = self.rare.iter().flat_map(|rare| rare.runs.iter().copied());
        (self.runs != 0).then_some((self.slot, self.runs)).into_iter().chain(others)
    }

    /// Executions that ended before the last instruction, or with a failed guard.
    pub fn early(&self) -> &[Early] {
        self.rare.as_ref().map_or(&[], |rare| &rare.early)
    }

    /// Notes one early end.
    #[cold]
    #[inline(never)]
    pub fn note_early(&mut self, completed: usize, slot: u8, guard_failed: bool) {
        let completed = completed as u32;
        let same =
            |e: &&mut Early| e.completed == completed && e.slot == slot && e.guard_failed == guard_failed;
        let early = &mut self.rare.get_or_insert_default().early;
        match early.iter_mut().find(same) {
            Some(e) => e.count += 1,
            None => early.push(Early { completed, slot, guard_failed, count: 1 }),
        }
    }
}

/// The cache.
pub struct BlockCache {
    /// The instructions that blocks are made of.
    pub(super) isa: InsnSet,
    blocks: Vec<Block>,
    free: Vec<BlockId>,
    fast: Box<[BlockId]>,
    by_pc: FxHashMap<u64, BlockId>,
    by_page: FxHashMap<u64, Vec<BlockId>>,
    /// The instructions of the block that is being made.
    ops: Vec<(Decoded, u32)>,
    /// Counts of dropped blocks.
    pub retired: RetiredCounts,
    /// Blocks decoded so far.
    pub translated: u64,
    /// Blocks dropped so far.
    pub dropped: u64,
    /// Reported writes to code so far.
    pub code_writes: u64,
}

impl BlockCache {
    /// An empty cache for programs of these instructions.
    pub fn new(isa: InsnSet) -> BlockCache {
        // Block 0 is dead: the target of fresh links and fast entries.
        let dead = Block::new(DEAD, DEAD, Code::new(&isa, &[], true));
        let mut blocks = Vec::with_capacity(ROOM);
        blocks.push(dead);
        BlockCache {
            isa,
            blocks,
            free: Vec::new(),
            fast: vec![0; FAST].into_boxed_slice(),
            by_pc: FxHashMap::default(),
            by_page: FxHashMap::default(),
            ops: Vec::new(),
            retired: RetiredCounts::default(),
            translated: 0,
            dropped: 0,
            code_writes: 0,
        }
    }

    /// A block by its id.
    #[inline(always)]
    pub fn get(&mut self, id: BlockId) -> &mut Block {
        &mut self.blocks[id as usize]
    }

    /// All live blocks.
    pub fn live(&self) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(|b| b.start != DEAD)
    }

    /// The block that begins at `pc`, after `from`, which it is linked to. Errors: the first instruction
    /// cannot be fetched (with the address that faulted) or is illegal.
    #[inline(always)]
    pub fn after(&mut self, from: BlockId, pc: u64, ram: &Ram) -> Result<BlockId, (Trap, u64)> {
        let [a, b] = self.blocks[from as usize].links;
        if self.blocks[a as usize].start == pc {
            return Ok(a);
        }
        if self.blocks[b as usize].start == pc {
            return Ok(b);
        }
        self.after_slow(from, pc, ram)
    }

    fn after_slow(&mut self, from: BlockId, pc: u64, ram: &Ram) -> Result<BlockId, (Trap, u64)> {
        let id = self.at(pc, ram)?;
        let links = self.blocks[from as usize].links;
        let first_is_dead = self.blocks[links[0] as usize].start == DEAD;
        self.blocks[from as usize].links = if first_is_dead { [id, links[1]] } else { [links[0], id] };
        Ok(id)
    }

    /// The block that begins at `pc`, decoded if it is new. Errors as for [`BlockCache::after`].
    pub fn at(&mut self, pc: u64, ram: &Ram) -> Result<BlockId, (Trap, u64)> {
        let slot = (pc >> 1) as usize % FAST;
        let id = self.fast[slot];
        if self.blocks[id as usize].start == pc {
            return Ok(id);
        }
        let id = match self.by_pc.get(&pc) {
            Some(&id) => id,
            None => self.translate(pc, ram)?,
        };
        self.fast[slot] = id;
        Ok(id)
    }

    #[inline(never)]
    fn translate(&mut self, start: u64, ram: &Ram) -> Result<BlockId, (Trap, u64)> {
        loop {
            let end = self.decode(start, ram)?;
            // What was written before it was marked was not reported.
            if !ram.mark_code(start, end) || self.is_in_memory(start, ram) {
                return Ok(self.add(start, end));
            }
        }
    }

    /// Whether memory holds the words of `ops`, from `start` on.
    fn is_in_memory(&self, start: u64, ram: &Ram) -> bool {
        let mut pc = start;
        self.ops.iter().all(|(op, word)| {
            let same = fetch_word(ram, pc) == Ok(*word);
            pc += u64::from(op.len);
            same
        })
    }

    /// Decodes the block at `start` into `ops`, and returns where it ends.
    fn decode(&mut self, start: u64, ram: &Ram) -> Result<u64, (Trap, u64)> {
        self.ops.clear();
        let mut pc = start;
        let mut ends = false;
        while !ends && self.ops.len() < MAX_OPS {
            match fetch(&self.isa, ram, pc) {
                Ok((word, op)) => {
                    ends = self.isa.ends_block(&op);
                    pc += u64::from(op.len);
                    self.ops.push((op, word));
                }
                Err(trap) if self.ops.is_empty() => return Err(trap),
                Err(_) => break,
            }
        }
        Ok(pc)
    }

    /// Adds the block of `ops`.
    fn add(&mut self, start: u64, end: u64) -> BlockId {
        let ends = self.ops.last().is_some_and(|(op, _)| self.isa.ends_block(op));
        let block = Block::new(start, end, Code::new(&self.isa, &self.ops, !ends));
        let id = match self.free.pop() {
            Some(id) => {
                self.blocks[id as usize] = block;
                id
            }
            None => {
                self.blocks.push(block);
                (self.blocks.len() - 1) as BlockId
            }
        };
        self.translated += 1;
        self.by_pc.insert(start, id);
        for page in pages(start, end) {
            self.by_page.entry(page).or_default().push(id);
        }
        id
    }

    /// The id of the block that begins at `pc`, if it is decoded.
    pub fn find_id(&self, pc: u64) -> Option<BlockId> {
        self.by_pc.get(&pc).copied()
    }

    /// The block that begins at `pc`, if it is decoded.
    pub fn find(&self, pc: u64) -> Option<&Block> {
        self.by_pc.get(&pc).map(|&id| &self.blocks[id as usize])
    }

    /// Where the block has gone before, and how often the blocks there have been run.
    pub fn successors(&self, block: &Block, slot: u8) -> impl Iterator<Item = (u64, u64)> {
        let links = block.links.map(|id| &self.blocks[id as usize]);
        links.into_iter().filter(|b| b.start != DEAD).map(move |b| (b.start, b.runs(slot)))
    }

    /// Drops the blocks whose code the guest has written since the last call.
    pub fn drop_written(&mut self, ram: &Ram) {
        for (start, len) in ram.take_dirty_code() {
            self.code_writes += 1;
            self.drop_range(start, start.saturating_add(len), ram);
        }
    }

    /// Drops every block: the address space is a new one.
    pub fn drop_all(&mut self) {
        for id in 1..self.blocks.len() as BlockId {
            if self.blocks[id as usize].start != DEAD {
                self.drop_block(id);
            }
        }
        self.by_page.clear();
    }

    fn drop_range(&mut self, start: u64, end: u64, ram: &Ram) {
        // The pages of the range that have blocks, by the shorter way of finding out.
        let range = pages(start, end);
        let mut touched: Vec<u64> = if range.end() - range.start() < self.by_page.len() as u64 {
            range.filter(|page| self.by_page.contains_key(page)).collect()
        } else {
            self.by_page.keys().copied().filter(|page| range.contains(page)).collect()
        };
        let mut hit: Vec<BlockId> = touched
            .iter()
            .flat_map(|page| &self.by_page[page])
            .copied()
            .filter(|&id| {
                let b = &self.blocks[id as usize];
                b.start < end && start < b.end()
            })
            .collect();
        hit.sort_unstable();
        hit.dedup();
        for id in hit {
            let (first, last) = (self.blocks[id as usize].start, self.blocks[id as usize].end());
            touched.extend(pages(first, last));
            self.drop_block(id);
        }
        touched.sort_unstable();
        touched.dedup();
        for page in touched {
            self.refresh_granules(page, ram);
        }
    }

    fn drop_block(&mut self, id: BlockId) {
        let block = &mut self.blocks[id as usize];
        self.by_pc.remove(&block.start);
        for page in pages(block.start, block.end()) {
            if let Some(ids) = self.by_page.get_mut(&page) {
                ids.retain(|&other| other != id);
            }
        }
        self.retired.retire(block);
        *block = Block::new(DEAD, DEAD, Code::new(&self.isa, &[], true));
        self.free.push(id);
        self.dropped += 1;
    }

    /// Tells guest memory what is still translated on a page.
    fn refresh_granules(&mut self, page: u64, ram: &Ram) {
        let ids = self.by_page.get(&page).map_or(&[][..], Vec::as_slice);
        let bits = ids.iter().fold(0, |bits, &id| {
            let b = &self.blocks[id as usize];
            bits | granule_mask(page, b.start, b.end())
        });
        if ids.is_empty() {
            self.by_page.remove(&page);
        }
        ram.set_code_granules(page, bits);
    }
}

/// Page numbers that `start..end` touches.
fn pages(start: u64, end: u64) -> std::ops::RangeInclusive<u64> {
    start >> PAGE_SHIFT..=end.saturating_sub(1) >> PAGE_SHIFT
}

/// The word of `c.ebreak`.
const C_EBREAK: u32 = 0x9002;

/// Reads and decodes the instruction at `pc`, which is `c.ebreak` where a debugger has a breakpoint. The upper half of a
/// compressed instruction's word is zero.
///
/// Error: what is wrong, and the address that could not be fetched (or `pc` when it was fetched and is
/// illegal).
fn fetch(isa: &InsnSet, ram: &Ram, pc: u64) -> Result<(u32, Decoded), (Trap, u64)> {
    let word = fetch_word(ram, pc)?;
    isa.decode(word).map(|op| (word, op)).ok_or((Trap::Illegal, pc))
}

/// As [`fetch`], whether there is a breakpoint or not.
pub fn fetch_unbroken(isa: &InsnSet, ram: &Ram, pc: u64) -> Result<(u32, Decoded), (Trap, u64)> {
    let word = word_at(ram, pc)?;
    isa.decode(word).map(|op| (word, op)).ok_or((Trap::Illegal, pc))
}

/// Reads the instruction at `pc`, as [`fetch`].
pub fn fetch_word(ram: &Ram, pc: u64) -> Result<u32, (Trap, u64)> {
    let word = word_at(ram, pc)?;
    Ok(if ram.is_breakpoint(pc) { C_EBREAK } else { word })
}

/// The instruction word in memory.
fn word_at(ram: &Ram, pc: u64) -> Result<u32, (Trap, u64)> {
    let mut bytes = [0; 4];
    let fault = |bad| (Trap::FetchFault, bad);
    // A compressed instruction at the end of a page does not need the next page.
    let wide = if pc % PAGE <= PAGE - 4 {
        ram.fetch(pc, &mut bytes).map_err(fault)?;
        bytes[0] & 3 == 3
    } else {
        ram.fetch(pc, &mut bytes[..2]).map_err(fault)?;
        let wide = bytes[0] & 3 == 3;
        if wide {
            ram.fetch(pc.wrapping_add(2), &mut bytes[2..]).map_err(fault)?;
        }
        wide
    };
    let word = u32::from_le_bytes(bytes);
    Ok(if wide { word } else { word & 0xffff })
}
