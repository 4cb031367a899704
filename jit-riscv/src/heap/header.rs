//! The gc word: the upper half of an object's header.
//!
//! ```text
//! bits 31:0   class word
//! bits 39:32  barrier byte: nonzero exactly when a store of a reference must call the slow barrier
//! bits 47:40  epoch of the last major collection that marked the object (or in which it was promoted); 0: young
//! bit  48     large: apart from the blocks, see `old`
//! bit  49     young large: no collection has reached it yet
//! bit  50     identity: a young object whose place in the old generation is already chosen
//! bit  63     forwarded: bits 62:0 are the new address (only in the nursery, during a minor collection)
//! ```
//! A fresh object has gc word 0.

use crate::object::{ClassId, Ref};

/// Byte offset of the barrier byte in an object.
pub const BARRIER_OFFSET: usize = 4;
/// Barrier byte of an old object: the slow barrier remembers the whole object.
pub const BARRIER: u64 = 1 << 32;
/// Barrier byte of a large array of references: the slow barrier may mark a card.
pub const CARDS: u64 = 2 << 32;
/// The whole barrier byte.
pub const BARRIER_BITS: u64 = 0xff << 32;
/// First bit of the epoch.
pub const EPOCH_SHIFT: u32 = 40;
/// Byte offset of the epoch in an object.
pub const EPOCH_OFFSET: usize = 5;
pub const LARGE: u64 = 1 << 48;
pub const YOUNG_LARGE: u64 = 1 << 49;
pub const IDENTITY: u64 = 1 << 50;
pub const FORWARDED: u64 = 1 << 63;

/// Header of a fresh large object.
pub fn young_large(class: ClassId) -> u64 {
    class.0 as u64 | LARGE | YOUNG_LARGE
}

/// The barrier byte of a live object.
#[inline(always)]
pub fn barrier(object: Ref) -> u8 {
    // SAFETY: references are trusted.
    unsafe { *((object.0 as usize + BARRIER_OFFSET) as *const u8) }
}

/// Sets the barrier byte of a live object.
#[inline(always)]
pub fn set_barrier(object: Ref, value: u8) {
    // SAFETY: references are trusted.
    unsafe { *((object.0 as usize + BARRIER_OFFSET) as *mut u8) = value }
}

/// The epoch in the header at `at`, a live object or a free cell.
#[inline(always)]
pub fn epoch(at: usize) -> u8 {
    // SAFETY: `at` is a cell of the old generation or a live object.
    unsafe { *((at + EPOCH_OFFSET) as *const u8) }
}

/// Sets the epoch of a live object or a free cell.
#[inline(always)]
pub fn set_epoch(at: usize, value: u8) {
    // SAFETY: as for `epoch`.
    unsafe { *((at + EPOCH_OFFSET) as *mut u8) = value }
}

/// The whole header of a live object.
#[inline(always)]
pub fn get(object: Ref) -> u64 {
    // SAFETY: references are trusted.
    unsafe { object.word(0) }
}

/// Sets flags in the header of a live object.
pub fn set(object: Ref, flags: u64) {
    // SAFETY: references are trusted.
    unsafe { object.set_word(0, object.word(0) | flags) }
}
