//! Typed access to the fields and items of objects: the one place where the runtime touches object memory.
//!
//! **References are trusted** here, as they are in [`jit_riscv::heap`]: each is a live object of a class that has the field. Slices
//! borrow object memory, which stays where it is until the next safe point; runtime functions contain none. A slice
//! must not be kept over a call that may store to the same object.

use jit_riscv::object::{ClassId, Field, LENGTH, Ref};

use crate::objects::*;

/// The class word.
#[inline(always)]
pub fn class(r: Ref) -> ClassId {
    // SAFETY: references are trusted.
    unsafe { r.class() }
}

#[inline(always)]
pub fn is(r: Ref, c: ClassId) -> bool {
    class(r) == c
}

#[inline(always)]
pub fn get_int(r: Ref, field: Field) -> i64 {
    // SAFETY: references are trusted.
    unsafe { r.word(field.offset as usize) as i64 }
}

#[inline(always)]
pub fn set_int(r: Ref, field: Field, v: i64) {
    // SAFETY: references are trusted.
    unsafe { r.set_word(field.offset as usize, v as u64) }
}

#[inline(always)]
pub fn get_ref(r: Ref, field: Field) -> Ref {
    Ref(get_int(r, field) as u64)
}

/// Stores a reference into an object that was allocated just now (no write barrier).
#[inline(always)]
pub fn init_ref(r: Ref, field: Field, v: Ref) {
    set_int(r, field, v.0 as i64);
}

#[inline(always)]
pub fn int_value(r: Ref) -> i64 {
    get_int(r, INT_VALUE)
}

#[inline(always)]
pub fn float_value(r: Ref) -> f64 {
    f64::from_bits(get_int(r, FLOAT_VALUE) as u64)
}

/// Number of items of a variable-sized object.
#[inline(always)]
pub fn length(r: Ref) -> usize {
    get_int(r, LENGTH) as usize
}

/// The items of a TUPLE or REF_ARRAY.
#[inline(always)]
pub fn refs<'a>(r: Ref) -> &'a [Ref] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts((r.0 + 16) as *const Ref, length(r)) }
}

/// Stores an item of a fresh TUPLE or REF_ARRAY (no write barrier).
#[inline(always)]
pub fn init_item(r: Ref, index: usize, v: Ref) {
    debug_assert!(index < length(r));
    // SAFETY: see the module; the caller keeps within the length.
    unsafe { r.set_word(16 + 8 * index, v.0) }
}

/// Item of a TUPLE or REF_ARRAY; the index is within bounds.
#[inline(always)]
pub fn item(r: Ref, index: usize) -> Ref {
    debug_assert!(index < length(r));
    // SAFETY: as above.
    Ref(unsafe { r.word(16 + 8 * index) })
}

/// The items of an INT_ARRAY.
#[inline(always)]
pub fn words<'a>(r: Ref) -> &'a mut [i64] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts_mut((r.0 + 16) as *mut i64, length(r)) }
}

/// The items of a FLOAT_ARRAY.
#[inline(always)]
pub fn floats<'a>(r: Ref) -> &'a mut [f64] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts_mut((r.0 + 16) as *mut f64, length(r)) }
}

/// Word `index` of an INT_ARRAY; within bounds.
#[inline(always)]
pub fn word(r: Ref, index: usize) -> u64 {
    debug_assert!(index < length(r));
    // SAFETY: as above.
    unsafe { r.word(16 + 8 * index) }
}

#[inline(always)]
pub fn set_word(r: Ref, index: usize, v: u64) {
    debug_assert!(index < length(r));
    // SAFETY: as above.
    unsafe { r.set_word(16 + 8 * index, v) }
}

/// UTF-8 of a STR.
#[inline(always)]
pub fn bytes<'a>(r: Ref) -> &'a [u8] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts((r.0 + STR_BYTES.base as u64) as *const u8, length(r)) }
}

/// The text of a STR.
#[inline(always)]
pub fn text<'a>(r: Ref) -> &'a str {
    // SAFETY: a STR contains valid UTF-8.
    unsafe { std::str::from_utf8_unchecked(bytes(r)) }
}

/// The bytes of a fresh STR, to be filled with UTF-8.
#[inline(always)]
pub fn bytes_mut<'a>(r: Ref) -> &'a mut [u8] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts_mut((r.0 + STR_BYTES.base as u64) as *mut u8, length(r)) }
}

/// The UTF-8 of a STR as words; what follows the text in the last one is zero.
#[inline(always)]
pub fn str_words<'a>(r: Ref) -> &'a [u64] {
    // SAFETY: see the module; objects are whole words, and the runtime keeps the last one's rest zero.
    unsafe { std::slice::from_raw_parts((r.0 + STR_BYTES.base as u64) as *const u64, length(r).div_ceil(8)) }
}

/// Copies text into text of the same length. Most strings are short: those are not worth a call of memcpy.
#[inline(always)]
pub fn copy_text(to: &mut [u8], from: &[u8]) {
    debug_assert!(to.len() == from.len());
    if from.len() > 12 {
        return to.copy_from_slice(from);
    }
    for (to, from) in to.iter_mut().zip(from) {
        // SAFETY: a place of the slice. Volatile: the optimiser would make a call of memcpy out of this loop.
        unsafe { (to as *mut u8).write_volatile(*from) };
    }
}

#[inline(always)]
pub fn is_ascii(r: Ref) -> bool {
    get_int(r, STR_CHARS) as usize == length(r)
}

/// The contents of a BYTES object.
#[inline(always)]
pub fn bytes_contents<'a>(r: Ref) -> &'a [u8] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts((r.0 + BYTES_BYTES.base as u64) as *const u8, length(r)) }
}

/// The magnitude of a BIGINT.
#[inline(always)]
pub fn bigint_words<'a>(r: Ref) -> &'a [u64] {
    // SAFETY: see the module.
    unsafe { std::slice::from_raw_parts((r.0 + BIGINT_WORDS.base as u64) as *const u64, length(r)) }
}

#[inline(always)]
pub fn list_size(r: Ref) -> usize {
    get_int(r, LIST_SIZE) as usize
}

#[inline(always)]
pub fn list_storage(r: Ref) -> Ref {
    get_ref(r, LIST_STORAGE)
}

/// Makes an object of another class word of the same size.
#[inline(always)]
pub fn set_class(r: Ref, class: ClassId) {
    // SAFETY: references are trusted; the first 32 bits of an object are its class word.
    unsafe { *(r.0 as *mut u32) = class.0 }
}

/// Number of items of a variable-sized object; 0 for null.
#[inline(always)]
pub fn length_or_zero(r: Ref) -> usize {
    if r.is_null() { 0 } else { length(r) }
}

/// Copies items between two INT_ARRAYs, FLOAT_ARRAYs or REF_ARRAYs, which may be the same; within both. No write barrier.
#[inline]
pub fn copy_items(from: Ref, from_index: usize, to: Ref, to_index: usize, n: usize) {
    debug_assert!(from_index + n <= length(from) && to_index + n <= length(to));
    let from = (from.0 as usize + 16 + 8 * from_index) as *const u64;
    let to = (to.0 as usize + 16 + 8 * to_index) as *mut u64;
    // SAFETY: see the module; the caller keeps within the lengths. Few items are copied one by one, in the order that overlapping
    // ranges need.
    unsafe {
        if n > 16 {
            std::ptr::copy(from, to, n);
        } else if (to as *const u64) <= from {
            (0..n).for_each(|i| to.add(i).write_volatile(*from.add(i)));
        } else {
            (0..n).rev().for_each(|i| to.add(i).write_volatile(*from.add(i)));
        }
    }
}

/// Stores the last word of a fresh object of `bytes` bytes.
#[inline(always)]
pub fn set_last_word(r: Ref, bytes: usize, v: u64) {
    // SAFETY: see the module; the object has that many bytes.
    unsafe { r.set_word(bytes - 8, v) }
}
