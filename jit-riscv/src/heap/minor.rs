//! The minor collection: copies what is reachable in the nursery to the old generation.
//!
//! Roots are those of the caller, and the references in remembered objects and dirty cards. Old objects are not looked
//! into otherwise. Young large objects do not move, but become old when they are reached, and are freed when not.

use std::collections::HashMap;

use super::layout::{ClassInfo, Scan};
use super::old::{self, CARD, MAX_CELL, Old};
use super::{Heap, OutOfMemory, Roots, header, out_of_memory};
use crate::object::{LENGTH, Ref};

/// `LARGE`: there are young large objects, so that references out of the nursery matter.
struct Minor<'h, const LARGE: bool> {
    /// The nursery.
    start: usize,
    length: usize,
    infos: *const ClassInfo,
    old: &'h mut Old,
    /// Header bits of a promoted object in a cell.
    flags: u64,
    /// Promoted objects with references that are not scanned: `stack..top`, with room for every young object.
    top: *mut Ref,
    identities: &'h mut HashMap<u64, u64>,
    objects: usize,
    bytes: usize,
    failure: Option<OutOfMemory>,
}

impl<const LARGE: bool> Minor<'_, LARGE> {
    #[inline(always)]
    fn info(&self, class: u32) -> ClassInfo {
        // SAFETY: class words are ids of registered classes.
        unsafe { *self.infos.add(class as usize) }
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
        // SAFETY: by the contract above, for the whole body.
        unsafe {
            let object = *slot;
            if (object.0 as usize).wrapping_sub(self.start) < self.length {
                let header = object.word(0);
                *slot = if (header as i64) < 0 {
                    Ref(header & !header::FORWARDED)
                } else {
                    self.promote(object, header)
                };
            } else if LARGE && !object.is_null() && object.word(0) & header::YOUNG_LARGE != 0 {
                self.keep_large(object);
            }
        }
    }

    /// Copies a young object and leaves its new address in its header.
    ///
    /// # Safety
    /// `header` is the object's, and no forwarding address.
    #[inline]
    unsafe fn promote(&mut self, object: Ref, header: u64) -> Ref {
        let info = self.info(header as u32);
        if info.items == 0 && header >> 32 == 0 {
            let Ok(to) = self.old.alloc_cell(info.bin) else {
                return self.fail(info.size as usize);
            };
            let size = info.size as usize;
            // SAFETY: a fixed-size object of `size` bytes, and a fresh cell that is at least as large.
            unsafe { copy_words(object, to, size) };
            return self.promoted(object, to, header | self.flags, size, info.scan);
        }
        // SAFETY: by the contract above.
        unsafe { self.promote_other(object, header, info) }
    }

    /// An object with items, or one with an identity.
    ///
    /// # Safety
    /// As for `promote`.
    #[inline(never)]
    unsafe fn promote_other(&mut self, object: Ref, header: u64, info: ClassInfo) -> Ref {
        // SAFETY: a live object of that class.
        let size = unsafe { info.object_size(object) };
        let chosen = if header & header::IDENTITY != 0 { self.identities.remove(&object.0) } else { None };
        let to = match chosen {
            Some(place) => Ok(Ref(place)),
            None if size <= MAX_CELL => self.old.alloc_cell(old::bin_of(size)),
            None => self.old.alloc_large(size, false),
        };
        let Ok(to) = to else {
            return self.fail(size);
        };
        let mut flags = self.old.flags(size);
        if size > MAX_CELL && info.scan == Scan::Items {
            flags = flags & !header::BARRIER_BITS | header::CARDS;
        }
        // SAFETY: an object of `size` bytes, and fresh room that is at least as large.
        unsafe {
            if size <= 256 {
                copy_words(object, to, size);
            } else {
                std::ptr::copy_nonoverlapping(object.0 as *const u64, to.0 as *mut u64, size / 8);
            }
        }
        self.promoted(object, to, header & 0xffff_ffff | flags, size, info.scan)
    }

    #[inline(always)]
    fn promoted(&mut self, object: Ref, to: Ref, header: u64, size: usize, scan: Scan) -> Ref {
        // SAFETY: the object has been copied; nothing but its header is read from now on.
        unsafe {
            to.set_word(0, header);
            object.set_word(0, to.0 | header::FORWARDED);
        }
        self.objects += 1;
        self.bytes += size;
        if scan != Scan::Leaf {
            self.push(to);
        }
        to
    }

    /// No memory to promote to: ends the process once the borrows are over; until then references are null.
    #[cold]
    fn fail(&mut self, bytes: usize) -> Ref {
        self.failure = Some(OutOfMemory { bytes });
        Ref::NULL
    }

    /// A young large object becomes old.
    #[cold]
    #[inline(never)]
    fn keep_large(&mut self, object: Ref) {
        let h = header::get(object);
        let info = self.info(h as u32);
        let barrier = if info.scan == Scan::Items { header::CARDS } else { header::BARRIER };
        let epoch = (self.old.epoch() as u64) << header::EPOCH_SHIFT;
        // SAFETY: a live object, whose class word does not change.
        unsafe { object.set_word(0, h & 0xffff_ffff | header::LARGE | barrier | epoch) };
        self.bytes += old::large_bytes(object);
        if info.scan != Scan::Leaf {
            self.push(object);
        }
    }

    /// Visits words `first..first + count` of an object.
    ///
    /// # Safety
    /// They are references.
    #[inline(always)]
    unsafe fn words(&mut self, object: Ref, first: usize, count: usize) {
        let mut at = object.0 as usize + first * 8;
        let end = at + count * 8;
        while at < end {
            // SAFETY: by the contract above.
            unsafe { self.visit(at as *mut Ref) };
            at += 8;
        }
    }

    /// Visits all references in an object.
    #[inline(always)]
    fn scan(&mut self, object: Ref) {
        // SAFETY: references are trusted, for the whole body; layouts say which words are references.
        unsafe {
            let info = self.info(object.class().0);
            if info.scan == Scan::Run {
                self.words(object, info.first as usize, info.count as usize);
            } else {
                self.scan_other(object, info);
            }
        }
    }

    /// # Safety
    /// `info` is that of the object.
    #[inline(never)]
    unsafe fn scan_other(&mut self, object: Ref, info: ClassInfo) {
        let mut bits = info.bits;
        let mut at = object.0 as usize;
        while bits != 0 {
            at += 8;
            if bits & 1 != 0 {
                // SAFETY: the layout says that the word is a reference.
                unsafe { self.visit(at as *mut Ref) };
            }
            bits >>= 1;
        }
        if info.scan == Scan::Items {
            // SAFETY: objects with items have a length word.
            unsafe {
                let n = object.word(LENGTH.offset as usize) as usize;
                self.words(object, info.size as usize / 8, n);
            }
        }
    }

    /// Visits the items of a large array that lie in a card, and its fixed part with card 0.
    fn scan_card(&mut self, object: Ref, card: usize) {
        let info = self.info(
            // SAFETY: references are trusted.
            unsafe { object.class().0 },
        );
        // SAFETY: objects with cards have a length.
        let n = unsafe { object.word(LENGTH.offset as usize) } as usize;
        let (first, end) = (info.size as usize / 8, info.size as usize / 8 + n);
        let (from, to) = (card * CARD / 8, (card + 1) * CARD / 8);
        for word in 1..first.min(64) {
            if info.bits >> (word - 1) & 1 != 0 && (from..to).contains(&word) {
                // SAFETY: the layout says that the word is a reference.
                unsafe { self.words(object, word, 1) };
            }
        }
        let (from, to) = (from.max(first), to.min(end));
        if from < to {
            // SAFETY: these are items.
            unsafe { self.words(object, from, to - from) };
        }
    }

    /// Scans promoted objects down to `stack`.
    #[inline(never)]
    fn drain(&mut self, stack: *mut Ref) {
        while self.top != stack {
            // SAFETY: what lies above `stack` has been pushed.
            let object = unsafe {
                self.top = self.top.sub(1);
                *self.top
            };
            self.scan(object);
        }
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
    /// A minor collection; the nursery is empty afterwards.
    pub(super) fn minor(&mut self, thread: &mut crate::thread::Thread, roots: Roots) {
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
        // Objects with references have 16 bytes or more.
        self.gray.reserve(used / 16 + self.young_large.len());
        let stack = self.gray.as_mut_ptr();
        let flags = self.old.flags(0);
        let mut minor = Minor::<LARGE> {
            start: self.start,
            length: self.end - self.start,
            infos: self.infos.as_ptr(),
            old: &mut self.old,
            flags,
            top: stack,
            identities: &mut self.identities,
            objects: 0,
            bytes: 0,
            failure: None,
        };
        for &object in &objects {
            minor.reset_barrier(object);
            minor.scan(object);
            minor.drain(stack);
        }
        for &object in &carded {
            old::take_cards(object, |card| {
                minor.scan_card(object, card);
                minor.drain(stack);
            });
        }
        roots(&mut |root| {
            // SAFETY: roots are null or live objects.
            unsafe { minor.visit(root) };
            minor.drain(stack);
        });
        let (promoted_objects, bytes, failure) = (minor.objects, minor.bytes, minor.failure);
        if let Some(e) = failure {
            out_of_memory(e);
        }
        self.old.add_bytes(bytes);
        self.stats.promoted_objects += promoted_objects as u64;
        self.stats.promoted_bytes += bytes as u64;
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

impl<const LARGE: bool> Minor<'_, LARGE> {
    /// A remembered object is one no more.
    fn reset_barrier(&mut self, object: Ref) {
        let h = header::get(object);
        let cards = h & header::LARGE != 0 && self.info(h as u32).scan == Scan::Items;
        header::set_barrier(object, if cards { 2 } else { 1 });
    }
}
