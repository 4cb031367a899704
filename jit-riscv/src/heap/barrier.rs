//! The write barrier.
//!
//! A store of a reference into an object tests the object's *barrier byte* (offset 4). It is nonzero in old objects
//! that are not yet remembered: the slow barrier then puts the object on the list that the next minor collection scans, and
//! clears the byte, so that further stores into it cost nothing. Objects in the nursery have byte 0 from the start.
//!
//! Large arrays of references have the byte [`header::CARDS`]: a slow barrier that knows the address of the store
//! only marks its card, and the next minor collection scans only that. An array that is stored into often between two collections
//! is remembered as a whole, to be rid of the slow path.
//!
//! The lists lie at `Thread::end`, where machine code's barrier finds them with nothing but the thread at hand.

use super::header;
use super::{Heap, old};
use crate::object::{LENGTH, Ref};
use crate::thread::Thread;

/// Objects that the next minor collection must scan.
#[derive(Default)]
pub(super) struct Remembered {
    /// As a whole.
    pub objects: Vec<Ref>,
    /// Large arrays: only dirty cards (or nothing, if the array is on the other list as well).
    pub carded: Vec<Ref>,
}

/// Makes empty lists at `end`.
///
/// # Safety
/// `end` is 8-byte aligned, and a page there is the caller's.
pub(super) unsafe fn init(end: usize) {
    // SAFETY: by the contract above.
    unsafe { (end as *mut Remembered).write(Remembered::default()) }
}

impl Remembered {
    #[cold]
    #[inline(never)]
    fn add(&mut self, object: Ref) {
        header::set_barrier(object, 0);
        self.objects.push(object);
    }

    #[cold]
    #[inline(never)]
    fn add_at(&mut self, object: Ref, address: usize) {
        if u64::from(header::barrier(object)) != header::CARDS >> 32 {
            return self.add(object);
        }
        let (stores, first) = old::mark_card(object, address);
        if first {
            self.carded.push(object);
        }
        // A slow barrier costs about as much as scanning 8 items.
        // SAFETY: references are trusted, and what has cards has a length.
        if stores as u64 * 8 > unsafe { object.word(LENGTH.offset as usize) } {
            self.add(object);
        }
    }
}

impl Heap {
    /// Stores a reference (or null) in the word at byte `offset` of an object.
    #[inline(always)]
    pub fn store_ref(&mut self, object: Ref, offset: usize, value: Ref) {
        // SAFETY: references are trusted, and the offset is that of a reference in it.
        unsafe { object.set_word(offset, value.0) };
        if header::barrier(object) != 0 {
            self.remembered().add_at(object, object.0 as usize + offset);
        }
    }

    /// Stores a reference (or null) as item `index` of an array whose items begin at byte `base`.
    #[inline(always)]
    pub fn store_item_ref(&mut self, array: Ref, base: usize, index: usize, value: Ref) {
        self.store_ref(array, base + index * 8, value);
    }

    /// What a store must call when the barrier byte of the object is not zero (before or after it).
    pub fn barrier_slow(&mut self, object: Ref) {
        self.remembered().add(object);
    }

    /// Before or after many references are stored into an object by other means than [`Heap::store_ref`] (e.g. moved within it).
    #[inline(always)]
    pub fn barrier(&mut self, object: Ref) {
        if header::barrier(object) != 0 {
            self.remembered().add(object);
        }
    }
}

/// The slow barrier for machine code; remembers the whole object.
///
/// # Safety
/// `thread` was set up by a [`Heap`] that is alive; `object` is an object of it whose barrier byte is not zero.
pub unsafe extern "C" fn barrier_slow(thread: *mut Thread, object: Ref) {
    // SAFETY: by the contract above the lists lie at `end`; machine code has no reference to them.
    unsafe { (*((*thread).end as *mut Remembered)).add(object) }
}

/// As [`barrier_slow`], when the address of the stored word is known: cheaper for large arrays.
///
/// # Safety
/// As for [`barrier_slow`]; `address` lies in the object.
pub unsafe extern "C" fn barrier_slow_at(thread: *mut Thread, object: Ref, address: u64) {
    // SAFETY: as above.
    unsafe { (*((*thread).end as *mut Remembered)).add_at(object, address as usize) }
}
