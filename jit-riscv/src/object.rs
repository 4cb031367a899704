//! References, class words, and the descriptors that name what an operation touches.
//!
//! Every heap object starts with an 8-byte header: a 32-bit *class word* (type id or shape id; what `guard_class` and the
//! hardware guards compare) and a 32-bit *gc word* (see [`crate::heap`]). A fresh object has gc word 0, so one 64-bit store of
//! the zero-extended class word makes a header.

use std::fmt;

/// A reference to a heap object, or null. 8-byte aligned; 64 bits.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ref(pub u64);

impl Ref {
    pub const NULL: Ref = Ref(0);

    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.0 == 0
    }

    /// The class word of the object.
    ///
    /// # Safety
    /// `self` is a live object.
    #[inline(always)]
    pub unsafe fn class(self) -> ClassId {
        // SAFETY: a live object starts with its header.
        ClassId(unsafe { *(self.0 as *const u32) })
    }

    /// Loads the 64-bit word at `offset` bytes.
    ///
    /// # Safety
    /// `self` is a live object of more than `offset + 7` bytes; `offset` is a multiple of 8.
    #[inline(always)]
    pub unsafe fn word(self, offset: usize) -> u64 {
        // SAFETY: by the contract above.
        unsafe { *((self.0 as usize + offset) as *const u64) }
    }

    /// Stores the 64-bit word at `offset` bytes. No write barrier: see [`crate::heap::Heap::store_ref`].
    ///
    /// # Safety
    /// As for [`Ref::word`], and nothing else refers to that word as a Rust reference.
    #[inline(always)]
    pub unsafe fn set_word(self, offset: usize, value: u64) {
        // SAFETY: by the contract above.
        unsafe { *((self.0 as usize + offset) as *mut u64) = value }
    }
}

impl fmt::Debug for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// The first 32-bit word of an object. Ids below 128 fit `mj.cld`, ids below 2^17 fit `mj.gclass`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ClassId(pub u32);

/// The kind of a value, in a register or in memory.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// A 64-bit integer (also booleans 0/1 and raw addresses).
    Int,
    /// An IEEE double.
    Float,
    /// A [`Ref`].
    Ref,
}

/// A field at a fixed offset. Two fields alias only if their `id`s are equal.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Unique per aliasing class of fields in a language.
    pub id: u16,
    /// Bytes from the start of the object; a multiple of 8. All fields are 8 bytes wide.
    pub offset: u16,
    pub kind: Kind,
    /// Never stored to after the object has been initialised by the operations that follow its allocation.
    pub immutable: bool,
    pub name: &'static str,
}

impl PartialEq for Field {
    fn eq(&self, other: &Field) -> bool {
        self.id == other.id
    }
}

/// The items of a variable-sized object. Two descriptors alias only if their `id`s are equal.
#[derive(Clone, Copy, Debug)]
pub struct Array {
    /// Unique per aliasing class, in the same number space as [`Field::id`].
    pub id: u16,
    /// Bytes from the start of the object to item 0.
    pub base: u16,
    pub kind: Kind,
    /// log2 of the width of an item: 3, or 0 for unsigned bytes (kind Int).
    pub shift: u8,
    pub immutable: bool,
    pub name: &'static str,
}

impl PartialEq for Array {
    fn eq(&self, other: &Array) -> bool {
        self.id == other.id
    }
}

/// The length word of every variable-sized object: the number of items, at offset 8.
pub const LENGTH: Field = Field { id: 0, offset: 8, kind: Kind::Int, immutable: true, name: "length" };

/// What a residual call may do to the heap that traces know of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    /// The same result for the same arguments, for ever; no side effect (it may allocate its result).
    Elidable,
    /// Reads mutable state, has no side effect (it may allocate its result).
    Reads,
    /// Anything.
    Any,
}

/// The address of a runtime function; can be made in a constant: `CodePtr(f as *const ())`.
#[repr(transparent)]
#[derive(Clone, Copy, Debug)]
pub struct CodePtr(pub *const ());

// SAFETY: the address of code, never of data.
unsafe impl Sync for CodePtr {}
// SAFETY: as above.
unsafe impl Send for CodePtr {}

impl CodePtr {
    pub fn addr(self) -> usize {
        self.0 as usize
    }
}

/// A runtime function that machine code calls: `extern "C" fn(vm, a1, …) -> u64`, all in integer registers: integers and
/// references as they are, doubles as their bits. At most 7 arguments. It allocates freely: no collection happens inside it.
#[derive(Clone, Copy, Debug)]
pub struct Call {
    pub name: &'static str,
    /// Address of the function.
    pub func: CodePtr,
    pub args: &'static [Kind],
    pub result: Option<Kind>,
    pub effect: Effect,
    /// The function reports an exception by storing it to [`crate::thread::Thread::exception`]; its result is then ignored.
    pub can_raise: bool,
}
