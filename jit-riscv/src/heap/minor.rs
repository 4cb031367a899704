//! The minor collection: copies what is reachable in the nursery to the old generation.
//!
//! Roots are those of the caller, and the references in remembered objects and dirty cards. Old objects are not looked
//! into otherwise. Young large objects do not move, but become old when they are reached, and are freed when not.

use super::layout::{ClassInfo, Scan};
use super::old::{self, CARD, Interval, MAX_CELL};
use super::{Heap, Roots, header, out_of_memory};
use crate::object::{LENGTH, Ref};
use crate::thread::Thread;

/// All plain values, so that the loop of [`Minor::drain`] can hold them in registers.
/// `LARGE`: there are young large objects, so that references out of the nursery matter.
#[derive(Clone, Copy)]
struct Minor<const LARGE: bool> {
    /// The nursery.
    start: usize,
    length: usize,
    infos: *const ClassInfo,
    /// Of the old generation, by bin.
    intervals: *mut Interval,
    /// Header bits of a promoted object in a cell.
    flags: u64,
    /// Promoted objects with references that are not scanned: `stack..top`, with room for every young object.
    stack: *mut Ref,
    top: *mut Ref,
    /// Only for the slow paths, and only they make a reference of it.
    heap: *mut Heap,
}

impl<const LARGE: bool> Minor<LARGE> {
    #[inline(always)]
    fn info(&self, class: usize) -> &'static ClassInfo {
        // SAFETY: class words are ids of registered classes. The table does not change during a collection, and the
        // reference is not kept.
        unsafe { &*self.infos.add(class) }
    }

    #[inline(always)]
    fn push(&mut self, object: Ref) {
        // SAFETY: see `top`.
        unsafe {
            *self.top = object;
            self.top = self.top.add(1);
        }
    }

    /// Makes the reference at `slot` point to an object that is not young.
    ///
    /// # Safety
    /// `slot` holds null or a live object.
    #[inline(always)]
    unsafe fn visit(&mut self, slot: *mut Ref) {
        // SAFETY: by the contract above, for the whole body. Intervals and cells are those of the old generation.
        unsafe {
            let object = *slot;
            if (object.0 as usize).wrapping_sub(self.start) >= self.length {
                if LARGE && !object.is_null() && object.word(0) & header::YOUNG_LARGE != 0 {
                    let info = self.info(object.class().0 as usize);
                    (*self.heap).keep_large(object, info);
                    if info.scan() != Scan::Leaf {
                        self.push(object);
                    }
                }
                return;
            }
            let header = object.word(0);
            if header >> 32 != 0 {
                *slot = if (header as i64) < 0 {
                    Ref(header & !header::FORWARDED)
                } else {
                    self.promote_other(object, header, self.info(header as u32 as usize))
                };
                return;
            }
            let info = self.info(header as usize);
            let words = info.quick as usize;
            if words == 0 {
                *slot = self.promote_other(object, header, info);
                return;
            }
            let interval = self.intervals.add(words);
            if (*interval).next == (*interval).end {
                refill(self.heap, words);
            }
            let to = Ref((*interval).next as u64);
            (*interval).next += words * 8;
            copy_words(object, to, words * 8);
            to.set_word(0, header | self.flags);
            object.set_word(0, to.0 | header::FORWARDED);
            *slot = to;
            if info.scan() != Scan::Leaf {
                self.push(to);
            }
        }
    }

    /// Promotes an object with items, a long one, or one with an identity.
    ///
    /// # Safety
    /// `header` is the object's, and no forwarding address; `info` that of its class.
    #[inline(always)]
    unsafe fn promote_other(&mut self, object: Ref, header: u64, info: &ClassInfo) -> Ref {
        // SAFETY: by the contract above; nothing else refers to the heap during the call.
        let to = unsafe { (*self.heap).promote_slow(object, header, info) };
        if info.scan() != Scan::Leaf {
            self.push(to);
        }
        to
    }

    /// Visits the words at addresses `at..end`.
    ///
    /// # Safety
    /// They are the references of a live object.
    #[inline(always)]
    unsafe fn range(&mut self, mut at: usize, end: usize) {
        while at < end {
            // SAFETY: by the contract above.
            unsafe { self.visit(at as *mut Ref) };
            at += 8;
        }
    }

    /// Visits all references in an object.
    #[inline(always)]
    fn scan(&mut self, object: Ref) {
        let at = object.0 as usize;
        // SAFETY: references are trusted, for the whole body; layouts say which words are references.
        unsafe {
            let info = self.info(object.class().0 as usize);
            if info.scan() == Scan::Run {
                self.range(at + info.run_start as usize, at + info.run_end as usize);
                return;
            }
            let mut bits = info.bits;
            let mut word = at;
            while bits != 0 {
                word += 8;
                if bits & 1 != 0 {
                    self.range(word, word + 8);
                }
                bits >>= 1;
            }
            if info.scan() == Scan::Items {
                let items = at + info.fixed_bytes();
                self.range(items, items + object.word(LENGTH.offset as usize) as usize * 8);
            }
        }
    }

    /// Visits the references of a large array that lie in a card.
    fn scan_card(&mut self, object: Ref, card: usize) {
        // SAFETY: references are trusted.
        let info = self.info(unsafe { object.class() }.0 as usize);
        let at = object.0 as usize;
        let (from, to) = (at + card * CARD, at + (card + 1) * CARD);
        for word in 1..64 {
            let slot = at + word * 8;
            if info.bits >> (word - 1) & 1 != 0 && (from..to).contains(&slot) {
                // SAFETY: the layout says that the word is a reference.
                unsafe { self.range(slot, slot + 8) };
            }
        }
        let items = at + info.fixed_bytes();
        // SAFETY: objects with cards have a length, and their items are references.
        unsafe {
            let end = items + object.word(LENGTH.offset as usize) as usize * 8;
            self.range(from.max(items), to.min(end));
        }
    }

    /// Scans promoted objects until there are no more.
    #[inline(never)]
    fn drain(&mut self) {
        let mut m = *self;
        while m.top != m.stack {
            // SAFETY: what lies above `stack` has been pushed.
            let object = unsafe {
                m.top = m.top.sub(1);
                *m.top
            };
            m.scan(object);
        }
        *self = m;
    }
}

/// A new interval for the cells of `words` words. Memory exhaustion ends the process.
///
/// # Safety
/// `heap` is alive, and nothing else refers to it during the call.
#[cold]
#[inline(never)]
unsafe fn refill(heap: *mut Heap, words: usize) {
    // SAFETY: by the contract above.
    if let Err(e) = unsafe { (*heap).old.refill(words as u8) } {
        out_of_memory(e);
    }
}

/// Copies the words of an object of `bytes` bytes but its header.
///
/// # Safety
/// `from` and `to` have that many bytes and do not overlap.
#[inline(always)]
unsafe fn copy_words(from: Ref, to: Ref, bytes: usize) {
    // SAFETY: by the contract above, for the whole body.
    unsafe {
        let mut at = 8;
        if bytes & 8 == 0 {
            to.set_word(8, from.word(8));
            at = 16;
        }
        while at < bytes {
            let (a, b) = (from.word(at), from.word(at + 8));
            to.set_word(at, a);
            to.set_word(at + 8, b);
            at += 16;
        }
    }
}

impl Heap {
    /// Copies a young object that the quick path does not take, and leaves its new address in its header.
    ///
    /// # Safety
    /// `header` is the object's, and no forwarding address; `info` that of its class.
    #[inline(never)]
    unsafe fn promote_slow(&mut self, object: Ref, header: u64, info: &ClassInfo) -> Ref {
        // SAFETY: a live object of that class.
        let size = unsafe { info.object_size(object) };
        let chosen = if header & header::IDENTITY != 0 { self.identities.remove(&object.0) } else { None };
        let to = match chosen {
            Some(place) => Ok(Ref(place)),
            None => self.old.alloc(size),
        };
        let to = match to {
            Ok(to) => to,
            Err(e) => out_of_memory(e),
        };
        let mut flags = self.old.flags(size);
        if size > MAX_CELL && info.scan() == Scan::Items {
            flags = flags & !header::BARRIER_BITS | header::CARDS;
        }
        // SAFETY: an object of `size` bytes, and fresh room that is at least as large.
        unsafe {
            if size <= 256 {
                copy_words(object, to, size);
            } else {
                std::ptr::copy_nonoverlapping(object.0 as *const u64, to.0 as *mut u64, size / 8);
            }
            to.set_word(0, header & 0xffff_ffff | flags);
            object.set_word(0, to.0 | header::FORWARDED);
        }
        to
    }

    /// A young large object becomes old.
    #[cold]
    #[inline(never)]
    fn keep_large(&mut self, object: Ref, info: &ClassInfo) {
        let barrier = if info.scan() == Scan::Items { header::CARDS } else { header::BARRIER };
        let epoch = (self.old.epoch() as u64) << header::EPOCH_SHIFT;
        let h = header::get(object) & 0xffff_ffff | header::LARGE | barrier | epoch;
        // SAFETY: a live object, whose class word does not change.
        unsafe { object.set_word(0, h) };
        self.old.add_large_bytes(old::large_bytes(object));
    }

    /// A remembered object is one no more.
    fn reset_barrier(&self, object: Ref) {
        let h = header::get(object);
        let cards = h & header::LARGE != 0 && self.infos[h as u32 as usize].scan() == Scan::Items;
        header::set_barrier(object, if cards { 2 } else { 1 });
    }

    /// A minor collection; the nursery is empty afterwards.
    pub(super) fn minor(&mut self, thread: &mut Thread, roots: Roots) {
        let used = thread.bump as usize - self.start;
        if self.young_large.is_empty() {
            self.evacuate::<false>(used, roots);
        } else {
            self.evacuate::<true>(used, roots);
            let freed = self.old.free_dead_large(|object| header::get(object) & header::YOUNG_LARGE != 0);
            self.stats.freed_bytes += freed as u64;
            self.young_large.clear();
            self.young_large_bytes = 0;
        }
        self.identities.clear();
        self.stats.minor += 1;
        self.stats.nursery_bytes += used as u64;
        if self.config.poison {
            // SAFETY: nothing in the nursery is alive.
            unsafe { std::ptr::write_bytes(self.start as *mut u8, 0xdb, used) };
        }
        let overflow = self.limit.max(self.start);
        if thread.bump as usize > overflow + (1 << 20) {
            // The overflow area is rarely used: its memory goes back.
            self.nursery.renew(overflow, thread.bump as usize - overflow);
        }
        thread.bump = self.start as u64;
        thread.limit = self.limit as u64;
    }

    fn evacuate<const LARGE: bool>(&mut self, used: usize, roots: Roots) {
        let objects = std::mem::take(&mut self.remembered().objects);
        let carded = std::mem::take(&mut self.remembered().carded);
        let (cells, bytes) = self.old.promoted();
        // Objects with references have 16 bytes or more.
        self.gray.clear();
        self.gray.reserve(used / 16 + self.young_large.len());
        objects.iter().for_each(|&object| self.reset_barrier(object));
        let stack = self.gray.as_mut_ptr();
        let mut minor = Minor::<LARGE> {
            start: self.start,
            length: self.end - self.start,
            infos: self.infos.as_ptr(),
            intervals: self.old.intervals(),
            flags: self.old.flags(0),
            stack,
            top: stack,
            heap: self,
        };
        objects.iter().for_each(|&object| minor.scan(object));
        for &object in &carded {
            old::take_cards(object, |card| minor.scan_card(object, card));
        }
        // SAFETY: roots are null or live objects.
        roots(&mut |root| unsafe { minor.visit(root) });
        minor.drain();
        let promoted = self.old.promoted();
        self.stats.promoted_objects += (promoted.0 - cells) as u64;
        self.stats.promoted_bytes += (promoted.1 - bytes) as u64;
        self.stats.remembered_objects += objects.len() as u64;
        self.return_lists(objects, carded);
    }

    /// The lists are kept for their capacity.
    fn return_lists(&mut self, mut objects: Vec<Ref>, mut carded: Vec<Ref>) {
        objects.clear();
        carded.clear();
        let lists = self.remembered();
        lists.objects = objects;
        lists.carded = carded;
    }
}
