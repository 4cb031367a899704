//! What the collector knows of a class: how large its objects are and where their references lie.

use super::old;
use crate::object::{LENGTH, Ref};

/// The smallest object: a header. (It can be forwarded: the forwarding address replaces the header.)
pub const MIN_SIZE: usize = 8;

/// What follows the fixed part of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Items {
    None,
    /// Unsigned bytes.
    Bytes,
    /// 64-bit words that are not references.
    Words,
    /// References.
    Refs,
}

/// The layout of a class. Objects consist of `size` fixed bytes and, behind them, the items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    pub name: &'static str,
    /// Bytes of the fixed part: a multiple of 8, with the 8-byte header and, if there are items, the 8-byte length at offset 8.
    /// At most 16 KiB.
    pub size: usize,
    /// Bit n: the word at offset 8 × n of the fixed part is a reference. Words from number 64 on are not.
    pub refs: u64,
    pub items: Items,
}

impl Layout {
    /// A layout without items.
    pub const fn fixed(name: &'static str, size: usize, refs: u64) -> Layout {
        Layout { name, size, refs, items: Items::None }
    }

    /// A layout of a header, a length and items.
    pub const fn array(name: &'static str, items: Items) -> Layout {
        Layout { name, size: 16, refs: 0, items }
    }
}

/// How the references of an object are found.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Scan {
    /// There are none.
    Leaf,
    /// The words at bytes `run_start..run_end`.
    Run,
    /// `bits`: bit n for word n + 1.
    Bits,
    /// `bits`, then all items.
    Items,
}

/// A layout as the collector's loops want it: 16 bytes.
#[repr(C, align(16))]
#[derive(Clone, Copy, Debug)]
pub(super) struct ClassInfo {
    /// See [`Scan::Bits`].
    pub bits: u64,
    /// See [`Scan::Run`]: at most 512.
    pub run_start: u16,
    pub run_end: u16,
    /// Words of the fixed part.
    pub words: u16,
    /// Words of an object without items that is at most [`QUICK`] words long; otherwise 0.
    pub quick: u8,
    /// Bits 1:0 a [`Scan`]; bits 7:4 0 for a class without items, otherwise 1 + log2 of the bytes of an item.
    kind: u8,
}

/// Words of the largest object that the quick paths of the collector take; its bins are exact.
pub(super) const QUICK: usize = old::FINE / 8;

/// Largest fixed part.
const MAX_FIXED: usize = 16 << 10;

impl ClassInfo {
    /// Class 0: no object has it.
    pub const NONE: ClassInfo =
        ClassInfo { bits: 0, run_start: 0, run_end: 0, words: 1, quick: 1, kind: Scan::Leaf as u8 };

    /// # Panics
    /// See [`super::Heap::add_class`].
    pub fn new(layout: &Layout) -> ClassInfo {
        let least = if layout.items == Items::None { MIN_SIZE } else { LENGTH.offset as usize + 8 };
        assert!(
            layout.size.is_multiple_of(8) && (least..=MAX_FIXED).contains(&layout.size),
            "class {}: bad size {}",
            layout.name,
            layout.size
        );
        let words = layout.size / 8;
        let room = if words >= 64 { u64::MAX } else { (1 << words) - 1 };
        assert!(layout.refs & !room == 0, "class {}: references outside the fixed part", layout.name);
        assert!(
            layout.refs & ((1 << (least / 8)) - 1) == 0,
            "class {}: header or length as reference",
            layout.name
        );
        let first = layout.refs.trailing_zeros();
        let count = layout.refs.count_ones();
        let contiguous = count > 0 && (layout.refs >> first).trailing_ones() == count;
        let scan = match layout.items {
            Items::Refs => Scan::Items,
            _ if count == 0 => Scan::Leaf,
            _ if contiguous => Scan::Run,
            _ => Scan::Bits,
        };
        let items = match layout.items {
            Items::None => 0,
            Items::Bytes => 1,
            Items::Words | Items::Refs => 4,
        };
        ClassInfo {
            bits: layout.refs >> 1,
            run_start: if count > 0 { first as u16 * 8 } else { 0 },
            run_end: if count > 0 { (first + count) as u16 * 8 } else { 0 },
            words: words as u16,
            quick: if items == 0 && words <= QUICK { words as u8 } else { 0 },
            kind: items << 4 | scan as u8,
        }
    }

    #[inline(always)]
    pub fn scan(&self) -> Scan {
        match self.kind & 3 {
            0 => Scan::Leaf,
            1 => Scan::Run,
            2 => Scan::Bits,
            _ => Scan::Items,
        }
    }

    /// Bytes of the fixed part.
    #[inline(always)]
    pub fn fixed_bytes(&self) -> usize {
        self.words as usize * 8
    }

    #[inline(always)]
    pub fn has_items(&self) -> bool {
        self.kind >= 0x10
    }

    /// Bytes of an object with `n` items, rounded up to whole words; saturates.
    #[inline(always)]
    pub fn size_with(&self, n: usize) -> usize {
        debug_assert!(self.has_items(), "a class without items");
        let shift = (self.kind as u32 >> 4) - 1;
        if n > usize::MAX >> 8 {
            return usize::MAX >> 4;
        }
        self.fixed_bytes() + (((n << shift) + 7) & !7)
    }

    /// Bytes of a live object of this class.
    ///
    /// # Safety
    /// It is one.
    #[inline(always)]
    pub unsafe fn object_size(&self, object: Ref) -> usize {
        if !self.has_items() {
            return self.fixed_bytes();
        }
        // SAFETY: objects with items have a length word.
        self.size_with(unsafe { object.word(LENGTH.offset as usize) } as usize)
    }
}
