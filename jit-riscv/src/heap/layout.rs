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
    /// `count` words from word `first` on.
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
    /// Bytes of the fixed part.
    pub size: u16,
    /// Bin of the old generation, where there are no items.
    pub bin: u8,
    pub scan: Scan,
    pub first: u8,
    pub count: u8,
    /// 0: none; otherwise 1 + log2 of the bytes of an item.
    pub items: u8,
}

/// Largest fixed part.
const MAX_FIXED: usize = 16 << 10;

impl ClassInfo {
    /// Class 0: no object has it.
    pub const NONE: ClassInfo =
        ClassInfo { bits: 0, size: MIN_SIZE as u16, bin: 0, scan: Scan::Leaf, first: 0, count: 0, items: 0 };

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
        ClassInfo {
            bits: layout.refs >> 1,
            size: layout.size as u16,
            bin: old::bin_of(layout.size),
            scan,
            first: if count > 0 { first as u8 } else { 0 },
            count: count as u8,
            items: match layout.items {
                Items::None => 0,
                Items::Bytes => 1,
                Items::Words | Items::Refs => 4,
            },
        }
    }

    /// Bytes of an object with `n` items, rounded up to whole words; saturates.
    #[inline(always)]
    pub fn size_with(&self, n: usize) -> usize {
        debug_assert!(self.items != 0, "a class without items");
        let shift = self.items.wrapping_sub(1) as u32;
        if n > usize::MAX >> 8 {
            return usize::MAX >> 4;
        }
        self.size as usize + (((n << shift) + 7) & !7)
    }

    /// Bytes of a live object of this class.
    ///
    /// # Safety
    /// It is one.
    #[inline(always)]
    pub unsafe fn object_size(&self, object: Ref) -> usize {
        if self.items == 0 {
            return self.size as usize;
        }
        // SAFETY: objects with items have a length word.
        self.size_with(unsafe { object.word(LENGTH.offset as usize) } as usize)
    }
}
