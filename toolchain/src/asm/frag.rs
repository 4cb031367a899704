//! Fragments: the pieces a section is built of, and the fix-ups in them.
//!
//! A fragment is a run of bytes whose length is known, then at most one piece (its *tail*) whose size only layout
//! decides. Two places in one fragment have a distance that nothing can change: not layout, and not a linker that
//! relaxes, because a new fragment begins behind every instruction that a linker may shorten.

use super::diag::Span;
use super::expr::{Expr, SymId};

/// Index of a fragment in [`super::unit::Unit::frags`].
pub type FragId = u32;

/// A run of bytes and what follows it.
#[derive(Debug, Clone)]
pub struct Frag {
    pub section: u32,
    /// Offset in the section; set by layout.
    pub addr: u64,
    pub data: Vec<u8>,
    pub tail: Tail,
    /// Size of the tail in bytes; set by layout.
    pub size: u64,
}

impl Frag {
    pub fn new(section: u32) -> Self {
        Frag { section, addr: 0, data: Vec::new(), tail: Tail::None, size: 0 }
    }

    /// Offset of the tail in the section.
    pub fn tail_addr(&self) -> u64 {
        self.addr + self.data.len() as u64
    }
}

/// The piece of a fragment whose size is not known while reading.
#[derive(Debug, Clone)]
pub enum Tail {
    None,
    /// A branch or jump whose distance decides its form.
    Branch(Box<Branch>),
    /// Padding up to a multiple of `to` (a power of two), unless that takes more than `max` bytes.
    /// Without `fill` it is filled with instructions in code, with zeros elsewhere.
    Align {
        to: u64,
        fill: Option<Vec<u8>>,
        max: u64,
    },
    /// `count` copies of the low `size` bytes of `value`.
    Fill {
        count: Expr,
        size: u8,
        value: i64,
        span: Span,
    },
    /// Padding up to an offset from the section's beginning (`.org`).
    Org {
        to: Expr,
        fill: u8,
        span: Span,
    },
    /// A number in LEB128 whose value is not known while reading.
    Leb {
        value: Expr,
        signed: bool,
        span: Span,
    },
    /// Advance of the location in call frame information; nothing if the distance turns out to be zero.
    Advance {
        from: SymId,
        to: SymId,
    },
    /// A row of the line number program: lines to advance, `None` at the end of a sequence.
    Row {
        lines: Option<i64>,
        from: SymId,
        to: SymId,
    },
}

/// A branch or jump whose distance decides its form: two bytes, four, or an inverted branch over a jump.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Index in the instruction table, and of the offset variable.
    pub insn: usize,
    pub var: usize,
    /// Encoding with a zero offset.
    pub word: u32,
    /// The inverted conditional branch (index, variable, encoding); `None` for a jump, which has no longer form.
    pub inverse: Option<(usize, usize, u32)>,
    /// The two-byte form, where compression is on and the operands allow it.
    pub short: Option<(usize, usize, u32)>,
    /// The two-byte form of the inverted branch.
    pub short_inverse: Option<(usize, usize, u32)>,
    pub target: Target,
    pub span: Span,
    /// Whether a linker may relax here (`.option relax`).
    pub relax: bool,
    /// Whether a target that is a plain number is taken to be in reach: so where this assembler links itself.
    pub near: bool,
}

/// A value as relocations can express it: `add - sub + n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Target {
    pub add: Option<SymId>,
    pub sub: Option<SymId>,
    pub n: i64,
}

/// Immediate fields of the base formats, for `.insn` with a symbol as target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    I,
    S,
    B,
    J,
    Cb,
    Cj,
}

/// Where in the instruction a number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Patch {
    /// An instruction of the table, by index, and which of its variables.
    Insn { insn: usize, var: usize },
    /// A field of an instruction written by `.insn`.
    Raw(Field),
}

/// What becomes of a fix-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A little-endian integer of so many bytes.
    Data(u8),
    /// An instruction's relocation (`R_RISCV_*`); `patch` takes the tentative distance of a branch, or the number if
    /// it turns out to be known.
    Insn { reloc: u32, patch: Option<Patch> },
    /// An instruction's number, which must turn out to be absolute.
    Number(Patch),
    /// A relocation as it stands.
    Reloc(u32),
    /// A difference by two relocations: of `add`, and of `sub`.
    Pair(u32, u32),
}

/// A number to be stored, or relocated, once addresses are known.
#[derive(Debug, Clone)]
pub struct Fixup {
    pub frag: FragId,
    /// Byte offset in the fragment, tail included.
    pub at: u32,
    pub kind: Kind,
    pub target: Target,
    pub span: Span,
    /// Whether `R_RISCV_RELAX` goes with it.
    pub relax: bool,
}
