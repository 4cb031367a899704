//! The specification in other forms: for other tools, and to be read.
//!
//! | format | for |
//! |---|---|
//! | [`riscv_opcodes`] | `riscv-opcodes`, and what is made from it (Spike, proxies, documentation) |
//! | [`udb`] | the RISC-V Unified DB |
//! | [`coredsl`] | CoreDSL 2 tools |
//! | [`c_header`] | C and C++ programs that use custom instructions, with any compiler that knows `.insn` |
//! | [`decodetree`] | QEMU's decoder generator |
//! | [`page`] | people: a reference in HTML or Markdown |

pub mod c_header;
pub mod coredsl;
pub mod decodetree;
pub mod page;
pub mod riscv_opcodes;
pub mod udb;

use crate::model::{Csr, Field, Insn, Isa, Piece, Template};

/// A part of an instruction set: what is exported.
pub struct Selection<'a> {
    /// What it was selected from.
    pub isa: &'a Isa,
    pub insns: Vec<&'a Insn>,
    pub csrs: Vec<&'a Csr>,
}

impl<'a> Selection<'a> {
    /// The instructions and CSRs of these extensions (in any case); all of them if none is named.
    pub fn new(isa: &'a Isa, extensions: &[String]) -> Selection<'a> {
        let wanted = |e: &str| extensions.is_empty() || extensions.iter().any(|x| x.eq_ignore_ascii_case(e));
        Selection {
            isa,
            insns: isa.insns.iter().filter(|i| wanted(&i.extension)).collect(),
            csrs: isa.csrs.iter().filter(|c| wanted(&c.extension)).collect(),
        }
    }

    /// The extensions in the order in which they first occur.
    pub fn extensions(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        let all = self.insns.iter().map(|i| &i.extension).chain(self.csrs.iter().map(|c| &c.extension));
        for name in all {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }
}

/// What a run of instruction bits is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Part<'a> {
    /// These bits are always so.
    Fixed { hi: u8, lo: u8, value: u32 },
    /// Bits `from + hi - lo ..= from` of a field's contents (before shift and sign extension).
    Field { hi: u8, lo: u8, field: &'a Field, from: u8 },
}

impl Part<'_> {
    pub fn hi(&self) -> u8 {
        match self {
            Part::Fixed { hi, .. } | Part::Field { hi, .. } => *hi,
        }
    }

    pub fn lo(&self) -> u8 {
        match self {
            Part::Fixed { lo, .. } | Part::Field { lo, .. } => *lo,
        }
    }

    pub fn width(&self) -> u8 {
        self.hi() - self.lo() + 1
    }
}

/// The parts of an encoding from the highest bit down.
pub(crate) fn parts(insn: &Insn) -> Vec<Part<'_>> {
    let mut out = Vec::new();
    for field in &insn.fields {
        let mut from = field.width();
        for r in &field.location {
            from -= r.width();
            out.push(Part::Field { hi: r.hi, lo: r.lo, field, from });
        }
    }
    let mut bit = insn.len * 8;
    while bit > 0 {
        let hi = bit - 1;
        let mut lo = hi;
        if insn.mask >> hi & 1 == 1 {
            while lo > 0 && insn.mask >> (lo - 1) & 1 == 1 {
                lo -= 1;
            }
            let value = (u64::from(insn.bits) >> lo & ((1u64 << (hi - lo + 1)) - 1)) as u32;
            out.push(Part::Fixed { hi, lo, value });
        }
        bit = lo;
    }
    out.sort_by_key(|p| std::cmp::Reverse(p.hi()));
    out
}

/// Fixed runs cut at the borders of the manual's fields: funct7, rs2, rs1, funct3, rd and opcode.
pub(crate) fn usual_parts(insn: &Insn) -> Vec<Part<'_>> {
    let borders: &[u8] = if insn.compressed() { &[13, 2] } else { &[25, 20, 15, 12, 7] };
    let mut out = Vec::new();
    for part in parts(insn) {
        let Part::Fixed { mut hi, lo, value } = part else {
            out.push(part);
            continue;
        };
        let top = hi;
        for &border in borders.iter().filter(|b| lo < **b && **b <= top) {
            let upper = value >> (border - lo) & ((1u64 << (hi - border + 1)) - 1) as u32;
            out.push(Part::Fixed { hi, lo: border, value: upper });
            hi = border - 1;
        }
        let rest = (u64::from(value) & ((1u64 << (hi - lo + 1)) - 1)) as u32;
        out.push(Part::Fixed { hi, lo, value: rest });
    }
    out
}

/// An operand list with the names of the manual: `rd, imm(rs1)`.
pub(crate) fn operands(insn: &Insn, template: &Template) -> String {
    let piece = |p: &Piece| match p {
        Piece::Text(t) if t == "," => ", ".to_string(),
        Piece::Text(t) => t.clone(),
        Piece::Field(n) => manual_name(&insn.fields[*n]),
    };
    template.pieces.iter().map(piece).collect()
}

/// The manual's name of a variable: `rd` for `xd` and `fd`, `rs1` for `xs1`.
pub(crate) fn manual_name(field: &Field) -> String {
    match field.name.strip_prefix(['x', 'f']) {
        Some(rest) if field.is_reg() => format!("r{rest}"),
        _ => field.name.clone(),
    }
}
