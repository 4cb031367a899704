//! The old generation: blocks of equal cells, and large objects apart. Nothing moves.
//!
//! Sweeping is lazy and needs no free lists: a cell is free if the epoch in its header is not that of the last major
//! collection. Each bin allocates from an *interval* of free cells by bumping, and looks for the next one, between cells
//! of the current epoch, when it is used up. A cell is looked at once between two major collections.
//!
//! Live objects always have the epoch of the last collection, or the one of the running mark. A free cell may hold any epoch:
//! that of an object that died long ago, or what was in the pages before. If that happens to be the current one, the cell
//! is lost until the next major collection, and nothing else.

use super::OutOfMemory;
use super::header;
use super::os::PAGE;
use super::pages::Pages;
use crate::object::Ref;

/// Bytes of a block.
pub const BLOCK: usize = 32 << 10;

/// Cell sizes of the bins from 257 bytes on; below there is one for every multiple of 8.
const COARSE: [usize; 21] = [
    320, 384, 448, 512, 640, 768, 896, 1024, 1280, 1536, 1792, 2048, 2728, 3272, 4096, 4680, 5456, 6552,
    8192, 10920, 16384,
];
/// Objects of at most this many bytes have cells of exactly their size: bin n those of n words.
pub const FINE: usize = 256;
const BINS: usize = FINE / 8 + 1 + COARSE.len();

/// Largest cell; larger objects have runs of pages of their own.
pub const MAX_CELL: usize = COARSE[COARSE.len() - 1];

/// Bytes of a large array that share a card.
pub const CARD: usize = 1024;

const fn cell_size(bin: usize) -> usize {
    if bin <= FINE / 8 { bin * 8 } else { COARSE[bin - FINE / 8 - 1] }
}

/// Bin of objects of 257..=16384 bytes, by (bytes − 1) / 64.
static COARSE_BIN: [u8; MAX_CELL / 64] = {
    let mut table = [0; MAX_CELL / 64];
    let mut i = 0;
    let mut bin = 0;
    while i < table.len() {
        // The largest size of the step must fit. A few sizes could do with the bin below.
        while bin < BINS && cell_size(bin) < (i + 1) * 64 {
            bin += 1;
        }
        table[i] = bin as u8;
        i += 1;
    }
    table
};

/// Bin for objects of `bytes` bytes, a multiple of 8, at most [`MAX_CELL`].
#[inline(always)]
pub fn bin_of(bytes: usize) -> u8 {
    if bytes <= FINE { (bytes / 8) as u8 } else { COARSE_BIN[(bytes - 1) / 64] }
}

/// Free cells of a bin, to be allocated in order.
#[derive(Clone, Copy, Default, Debug)]
pub struct Interval {
    /// The next one.
    pub next: usize,
    pub end: usize,
}

/// All cells of one size.
#[derive(Debug)]
struct Bin {
    /// Cells of the current block that were not looked at lie between the interval's end and this.
    block_end: usize,
    /// Bytes of a cell.
    cell: usize,
    /// Index of the block to look at next.
    block: usize,
    /// Addresses of the blocks.
    blocks: Vec<usize>,
    /// Bytes of all intervals since the last major collection.
    handed_out: usize,
}

impl Bin {
    /// Bytes of a block that cells take.
    fn used(&self) -> usize {
        BLOCK / self.cell * self.cell
    }

    /// The next interval in the blocks that there are, after the one that ends at `at`.
    fn next_interval(&mut self, mut at: usize, epoch: u8) -> Option<Interval> {
        loop {
            while at < self.block_end && header::epoch(at) == epoch {
                at += self.cell;
            }
            if at < self.block_end {
                let next = at;
                at += self.cell;
                while at < self.block_end && header::epoch(at) != epoch {
                    at += self.cell;
                }
                return Some(Interval { next, end: at });
            }
            at = *self.blocks.get(self.block)?;
            self.block += 1;
            self.block_end = at + self.used();
        }
    }

    /// A block without any cell of the epoch.
    fn is_empty(&self, block: usize, epoch: u8) -> bool {
        let end = block + self.used();
        let mut at = block;
        while at < end {
            if header::epoch(at) == epoch {
                return false;
            }
            at += self.cell;
        }
        true
    }
}

/// Lies before a large object.
#[repr(C)]
struct LargeHead {
    /// Bytes of the run of pages.
    run: usize,
    /// Address of the cards: one byte each, 1 for dirty.
    cards: usize,
    /// Slow barriers since the last minor collection.
    stores: u32,
    /// The object is in the list of objects with dirty cards.
    listed: u32,
    unused: u64,
}

const HEAD: usize = size_of::<LargeHead>();

fn head(object: Ref) -> *mut LargeHead {
    (object.0 as usize - HEAD) as *mut LargeHead
}

/// Bytes of the pages of a large object.
pub fn large_bytes(object: Ref) -> usize {
    // SAFETY: callers have a large object.
    unsafe { (*head(object)).run }
}

/// Marks the card of address `at` in a large object. The number of marks since [`take_cards`], and whether it is the first.
#[inline(always)]
pub fn mark_card(object: Ref, at: usize) -> (u32, bool) {
    // SAFETY: callers have a large object and an address in it; its head lies before it, its cards behind it.
    unsafe {
        let head = &mut *head(object);
        *((head.cards + (at - object.0 as usize) / CARD) as *mut u8) = 1;
        head.stores += 1;
        let first = head.listed == 0;
        head.listed = 1;
        (head.stores, first)
    }
}

/// Calls `visit` with the number of every dirty card of a large object; all are clean afterwards.
pub fn take_cards(object: Ref, mut visit: impl FnMut(usize)) {
    // SAFETY: callers have a large object; its cards lie between `cards` and the end of its run.
    let cards = unsafe {
        let head = &mut *head(object);
        head.stores = 0;
        head.listed = 0;
        let n = (head.cards - object.0 as usize).div_ceil(CARD);
        std::slice::from_raw_parts_mut(head.cards as *mut u8, n)
    };
    for (i, card) in cards.iter_mut().enumerate() {
        if *card != 0 {
            *card = 0;
            visit(i);
        }
    }
}

/// The old generation.
#[derive(Debug)]
pub struct Old {
    /// By bin.
    intervals: [Interval; BINS],
    bins: Vec<Bin>,
    pages: Pages,
    /// All large objects, young ones included.
    large: Vec<Ref>,
    /// 1..=255: what a live object's header holds.
    epoch: u8,
    /// Bytes of live objects that the last major collection found, and of large objects since.
    bytes: usize,
    /// Bytes beyond which the next major collection is due.
    threshold: usize,
}

impl Old {
    pub fn new() -> Old {
        let bin = |i| Bin { block_end: 0, cell: cell_size(i), block: 0, blocks: Vec::new(), handed_out: 0 };
        Old {
            intervals: [Interval::default(); BINS],
            bins: (0..BINS).map(bin).collect(),
            pages: Pages::default(),
            large: Vec::new(),
            epoch: 1,
            bytes: 0,
            threshold: 0,
        }
    }

    pub fn epoch(&self) -> u8 {
        self.epoch
    }

    /// Bytes of objects that the last major collection found, and of all since.
    pub fn bytes(&self) -> usize {
        self.bytes + self.promoted().1
    }

    /// Cells allocated since the last major collection, and their bytes.
    pub fn promoted(&self) -> (usize, usize) {
        let (mut cells, mut bytes) = (0, 0);
        for (bin, interval) in self.bins.iter().zip(&self.intervals) {
            if bin.handed_out != 0 {
                let used = bin.handed_out - (interval.end - interval.next);
                cells += used / bin.cell;
                bytes += used;
            }
        }
        (cells, bytes)
    }

    /// Counts bytes of large objects.
    pub fn add_large_bytes(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    /// The intervals of all bins, for allocation without a call.
    pub fn intervals(&mut self) -> *mut Interval {
        self.intervals.as_mut_ptr()
    }

    pub fn threshold(&self) -> usize {
        self.threshold
    }

    pub fn set_threshold(&mut self, threshold: usize) {
        self.threshold = threshold;
    }

    /// The gc word bits (in a header) of an old object of `bytes` bytes without cards.
    #[inline(always)]
    pub fn flags(&self, bytes: usize) -> u64 {
        let large = if bytes > MAX_CELL { header::LARGE } else { 0 };
        large | header::BARRIER | (self.epoch as u64) << header::EPOCH_SHIFT
    }

    /// A cell of a bin; its content is garbage.
    #[inline]
    pub fn alloc_cell(&mut self, bin: u8) -> Result<Ref, OutOfMemory> {
        let interval = &mut self.intervals[bin as usize];
        if interval.next == interval.end {
            self.refill(bin)?;
        }
        let interval = &mut self.intervals[bin as usize];
        let at = interval.next;
        interval.next = at + self.bins[bin as usize].cell;
        Ok(Ref(at as u64))
    }

    /// Finds a new interval, of at least one cell, for a bin whose interval is used up.
    #[cold]
    #[inline(never)]
    pub fn refill(&mut self, bin: u8) -> Result<(), OutOfMemory> {
        let at = self.intervals[bin as usize].end;
        let bin_ref = &mut self.bins[bin as usize];
        let interval = match bin_ref.next_interval(at, self.epoch) {
            Some(interval) => interval,
            None => {
                let (next, _) = self.pages.alloc(BLOCK).map_err(|_| OutOfMemory { bytes: bin_ref.cell })?;
                bin_ref.blocks.push(next);
                bin_ref.block = bin_ref.blocks.len();
                bin_ref.block_end = next + bin_ref.used();
                Interval { next, end: bin_ref.block_end }
            }
        };
        bin_ref.handed_out += interval.end - interval.next;
        self.intervals[bin as usize] = interval;
        Ok(())
    }

    /// Room for an old object of `bytes` bytes. Its header is that of an old object, but without a class; the rest is
    /// garbage.
    pub fn alloc(&mut self, bytes: usize) -> Result<Ref, OutOfMemory> {
        let object = if bytes > MAX_CELL {
            self.bytes += bytes;
            self.alloc_large(bytes, false)?
        } else {
            self.alloc_cell(bin_of(bytes))?
        };
        // SAFETY: the room was just allocated.
        unsafe { object.set_word(0, self.flags(bytes)) };
        Ok(object)
    }

    /// Room for a large object, not counted in [`Old::bytes`]. All zero if `zero`, otherwise garbage.
    pub fn alloc_large(&mut self, bytes: usize, zero: bool) -> Result<Ref, OutOfMemory> {
        let fail = OutOfMemory { bytes };
        if bytes > isize::MAX as usize / 2 {
            return Err(fail);
        }
        let cards = bytes.div_ceil(CARD);
        let run = (HEAD + bytes + cards).next_multiple_of(PAGE);
        let (start, clean) = self.pages.alloc(run).map_err(|_| fail)?;
        let object = Ref((start + HEAD) as u64);
        let end = object.0 as usize + bytes;
        // SAFETY: the run of pages has room for head, object and cards, and nobody else uses it.
        unsafe {
            *head(object) = LargeHead { run, cards: end, stores: 0, listed: 0, unused: 0 };
            if !clean {
                let from = if zero { object.0 as usize } else { end };
                std::ptr::write_bytes(from as *mut u8, 0, end + cards - from);
            }
        }
        self.large.push(object);
        Ok(object)
    }

    /// A new epoch: every object counts as dead until it is marked.
    pub fn begin_mark(&mut self) {
        self.epoch = self.epoch % u8::MAX + 1;
    }

    /// After marking, which found `live` bytes of objects: frees large objects and blocks without any marked object, and starts
    /// allocation from the first block again.
    pub fn end_mark(&mut self, live: usize) {
        let epoch = self.epoch;
        let mut runs = Vec::new();
        for bin in &mut self.bins {
            let mut blocks = std::mem::take(&mut bin.blocks);
            blocks.retain(|&block| {
                let empty = bin.is_empty(block, epoch);
                if empty {
                    runs.push((block, BLOCK));
                }
                !empty
            });
            bin.blocks = blocks;
            (bin.block_end, bin.block, bin.handed_out) = (0, 0, 0);
        }
        self.intervals = [Interval::default(); BINS];
        self.bytes = live;
        self.free_large(runs, |object| header::epoch(object.0 as usize) != epoch);
    }

    /// Frees the large objects that `dead` names, and the bytes of their pages.
    pub fn free_dead_large(&mut self, dead: impl Fn(Ref) -> bool) -> usize {
        self.free_large(Vec::new(), dead)
    }

    fn free_large(&mut self, mut runs: Vec<(usize, usize)>, dead: impl Fn(Ref) -> bool) -> usize {
        let mut bytes = 0;
        self.large.retain(|&object| {
            let dead = dead(object);
            if dead {
                let run = large_bytes(object);
                bytes += run;
                runs.push((object.0 as usize - HEAD, run));
            }
            !dead
        });
        if !runs.is_empty() {
            self.pages.free(&runs);
        }
        bytes
    }

    /// Calls `visit` for every object of the current epoch; free cells are passed over.
    pub fn for_each(&self, mut visit: impl FnMut(Ref)) {
        for (bin, interval) in self.bins.iter().zip(&self.intervals) {
            for &block in &bin.blocks {
                for at in (block..block + bin.used()).step_by(bin.cell) {
                    // Cells of the interval hold what was freed before.
                    let free = interval.next <= at && at < interval.end;
                    if !free && header::epoch(at) == self.epoch {
                        visit(Ref(at as u64));
                    }
                }
            }
        }
        for &object in &self.large {
            if header::epoch(object.0 as usize) == self.epoch {
                visit(object);
            }
        }
    }
}
