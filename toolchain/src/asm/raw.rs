//! `.insn`: an instruction given by its format and fields, or as a number (GNU as manual, "RISC-V Instruction Formats").

use isa_spec::{freg, xreg};

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::frag::{Field, Kind, Patch, Target};
use super::lex::Tok;
use super::operand::{How, Operand};
use super::reloc;
use super::section::Content;

/// Names of major opcodes (unprivileged manual, "RV32/64G Instruction Set Listings").
const OPCODES: [(&str, u32); 27] = [
    ("LOAD", 0x03),
    ("LOAD_FP", 0x07),
    ("CUSTOM_0", 0x0b),
    ("MISC_MEM", 0x0f),
    ("OP_IMM", 0x13),
    ("AUIPC", 0x17),
    ("OP_IMM_32", 0x1b),
    ("STORE", 0x23),
    ("STORE_FP", 0x27),
    ("CUSTOM_1", 0x2b),
    ("AMO", 0x2f),
    ("OP", 0x33),
    ("LUI", 0x37),
    ("OP_32", 0x3b),
    ("MADD", 0x43),
    ("MSUB", 0x47),
    ("NMSUB", 0x4b),
    ("NMADD", 0x4f),
    ("OP_FP", 0x53),
    ("CUSTOM_2", 0x5b),
    ("BRANCH", 0x63),
    ("JALR", 0x67),
    ("JAL", 0x6f),
    ("SYSTEM", 0x73),
    ("CUSTOM_3", 0x7b),
    ("C0", 0),
    ("C1", 1),
];

impl Assembler<'_> {
    pub(super) fn insn_directive(&mut self, cur: &mut Cursor) -> Parsed<()> {
        self.unit.mark(Content::Code);
        let format = match cur.peek() {
            Some(Tok::Ident(s)) => s.to_ascii_lowercase(),
            _ => return self.insn_number(cur),
        };
        cur.at += 1;
        match format.as_str() {
            "r" | "r4" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                // Seven operands: the R4 form, with a two-bit function and a third source.
                let commas = cur.toks.iter().filter(|t| t.tok == Tok::Punct(",")).count();
                let four = commas == 6;
                let f = self.field(cur, if four { 2 } else { 7 })?;
                let (rd, rs1, rs2) = (self.reg(cur)?, self.reg(cur)?, self.reg(cur)?);
                let rs3 = if four { self.reg(cur)? << 27 } else { 0 };
                self.raw_word(op | f3 << 12 | f << 25 | rd << 7 | rs1 << 15 | rs2 << 20 | rs3);
            }
            "i" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                let rd = self.reg(cur)?;
                cur.expect(",")?;
                let (rs1, imm) = if let Some(rs1) = register(cur) {
                    cur.expect(",")?;
                    (rs1, self.operand_or_number(cur, How::Value)?)
                } else {
                    self.base_offset(cur)?
                };
                self.patched(op | f3 << 12 | rd << 7 | rs1 << 15, Field::I, imm)?;
            }
            "s" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                let rs2 = self.reg(cur)?;
                cur.expect(",")?;
                let (rs1, imm) = self.base_offset(cur)?;
                self.patched(op | f3 << 12 | rs2 << 20 | rs1 << 15, Field::S, imm)?;
            }
            "b" | "sb" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                let (rs1, rs2) = (self.reg(cur)?, self.reg(cur)?);
                cur.expect(",")?;
                let target = self.operand_or_number(cur, How::PcRel)?;
                self.patched(op | f3 << 12 | rs2 << 20 | rs1 << 15, Field::B, target)?;
            }
            "u" => {
                let op = self.opcode(cur, 7)?;
                let rd = self.reg(cur)?;
                if cur.toks.get(cur.at + 1).is_some_and(|t| t.tok == Tok::Punct("%")) {
                    cur.expect(",")?;
                    return self.upper(op | rd << 7, cur);
                }
                let imm = self.signed(cur, 20)?;
                self.raw_word(op | rd << 7 | imm << 12);
            }
            "j" | "uj" => {
                let op = self.opcode(cur, 7)?;
                let rd = self.reg(cur)?;
                cur.expect(",")?;
                let target = self.operand_or_number(cur, How::PcRel)?;
                self.patched(op | rd << 7, Field::J, target)?;
            }
            _ => self.compressed(&format, cur)?,
        }
        Ok(())
    }

    /// `.insn value` and `.insn length, value`; the two to six lowest bits say the length (unprivileged manual,
    /// "Expanded Instruction-Length Encoding").
    fn insn_number(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        let first = self.known_number(cur)?;
        let (length, value) =
            if cur.eat(",") { (Some(first), self.known_number(cur)?) } else { (None, first) };
        let natural = match value {
            v if v & 3 != 3 => 2,
            v if v & 0x1f != 0x1f => 4,
            v if v & 0x3f != 0x3f => 6,
            v if v & 0x7f != 0x7f => 8,
            _ => 0,
        };
        let fits = natural == 8 || value >> (8 * natural) == 0;
        if natural == 0 || length.is_some_and(|l| l != natural) || !fits {
            return Err(Fault::new(col, "the number does not fit the length that its lowest bits say"));
        }
        self.line_row_here();
        self.unit.emit(&value.to_le_bytes()[..natural as usize]);
        Ok(())
    }

    fn compressed(&mut self, format: &str, cur: &mut Cursor) -> Parsed<()> {
        let start = cur.col();
        if !matches!(format, "cr" | "ci" | "ciw" | "css" | "cl" | "cs" | "ca" | "cb" | "cj") {
            return Err(Fault::new(start, format!("unknown instruction format `{format}`")));
        }
        let op = self.opcode(cur, 2)?;
        let top = self.field(
            cur,
            match format {
                "cr" => 4,
                "ca" => 6,
                _ => 3,
            },
        )?;
        let word = match format {
            "cr" => op | top << 12 | self.reg(cur)? << 7 | self.reg(cur)? << 2,
            "ci" => {
                let rd = self.reg(cur)?;
                let imm = self.signed(cur, 6)?;
                op | top << 13 | rd << 7 | (imm & 0x1f) << 2 | (imm >> 5) << 12
            }
            "ciw" => op | top << 13 | self.short_reg(cur)? << 2 | self.field(cur, 8)? << 5,
            "css" => op | top << 13 | self.reg(cur)? << 2 | self.field(cur, 6)? << 7,
            "cl" | "cs" => {
                let reg = self.short_reg(cur)?;
                cur.expect(",")?;
                let col = cur.col();
                let (base, imm) = self.base_offset(cur)?;
                let imm = match &imm {
                    Operand::Later(How::Value, e) => self.unit.constant(e),
                    _ => None,
                };
                let imm = match imm {
                    Some(n @ 0..=31) => n as u32,
                    _ => return Err(Fault::new(col, "expected an offset of 0..31")),
                };
                let base = short(base).ok_or_else(|| Fault::new(col, SHORT))?;
                op | top << 13 | reg << 2 | base << 7 | (imm & 3) << 5 | (imm >> 2) << 10
            }
            "ca" => {
                let f2 = self.field(cur, 2)?;
                op | top << 10 | f2 << 5 | self.short_reg(cur)? << 7 | self.short_reg(cur)? << 2
            }
            _ => {
                let (reg, field) = match format {
                    "cb" => (self.short_reg(cur)? << 7, Field::Cb),
                    _ => (0, Field::Cj),
                };
                cur.expect(",")?;
                let target = self.expression(cur)?;
                let word = op | top << 13 | reg;
                let reloc = if field == Field::Cb { reloc::RVC_BRANCH } else { reloc::RVC_JUMP };
                let target: Target = self.unit.target(&target);
                let kind = Kind::Insn { reloc, patch: Some(Patch::Raw(field)) };
                self.emit_insn_fixed(&word.to_le_bytes()[..2], kind, target);
                return Ok(());
            }
        };
        self.line_row_here();
        self.unit.emit(&word.to_le_bytes()[..2]);
        Ok(())
    }

    fn raw_word(&mut self, word: u32) {
        self.line_row_here();
        self.unit.emit(&word.to_le_bytes());
    }

    /// A number, or `%lo(symbol)` and its kin.
    fn operand_or_number(&mut self, cur: &mut Cursor, how: How) -> Parsed<Operand> {
        match self.operator(cur)? {
            Some(operand) => Ok(operand),
            None => Ok(Operand::Later(how, self.expression(cur)?)),
        }
    }

    /// The rest of a `u` format: `%hi(symbol)` and its kin.
    fn upper(&mut self, word: u32, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        let (how, expr) = match self.operator(cur)? {
            Some(Operand::Later(how, expr)) => (how, expr),
            Some(Operand::Known(n) | Operand::Half(n)) => {
                self.raw_word(word | n as u32);
                return Ok(());
            }
            None => return Err(Fault::new(col, "expected a number or %hi(symbol)")),
        };
        let reloc = match how {
            How::Hi => reloc::HI20,
            How::PcrelHi => reloc::PCREL_HI20,
            How::GotHi => reloc::GOT_HI20,
            How::TlsIeHi => reloc::TLS_GOT_HI20,
            How::TlsGdHi => reloc::TLS_GD_HI20,
            How::TprelHi => reloc::TPREL_HI20,
            _ => return Err(Fault::new(col, "expected an operator for an upper part")),
        };
        let target = self.unit.target(&expr);
        self.emit_word_fixed(word, Kind::Insn { reloc, patch: None }, target);
        Ok(())
    }

    fn patched(&mut self, word: u32, field: Field, operand: Operand) -> Parsed<()> {
        let col = self.unit.span.col as usize;
        let (how, expr) = match operand {
            Operand::Known(n) | Operand::Half(n) => {
                let bits = immediate(field, n).map_err(|m| Fault::new(col, m))?;
                self.raw_word(word | bits);
                return Ok(());
            }
            Operand::Later(how, expr) => (how, expr),
        };
        if how == How::Value
            && let Some(n) = self.unit.constant(&expr)
        {
            let bits = immediate(field, n).map_err(|m| Fault::new(col, m))?;
            self.raw_word(word | bits);
            return Ok(());
        }
        let patch = Patch::Raw(field);
        let insn = |reloc| Kind::Insn { reloc, patch: Some(patch) };
        let kind = match (how, field) {
            (How::Value, _) => Kind::Number(patch),
            (How::PcRel, Field::B) => Kind::Insn { reloc: reloc::BRANCH, patch: Some(patch) },
            (How::PcRel, Field::J) => Kind::Insn { reloc: reloc::JAL, patch: Some(patch) },
            (How::Lo, Field::I) => insn(reloc::LO12_I),
            (How::Lo, Field::S) => insn(reloc::LO12_S),
            (How::PcrelLo, Field::I) => insn(reloc::PCREL_LO12_I),
            (How::PcrelLo, Field::S) => insn(reloc::PCREL_LO12_S),
            (How::TprelLo, Field::I) => insn(reloc::TPREL_LO12_I),
            (How::TprelLo, Field::S) => insn(reloc::TPREL_LO12_S),
            _ => return Err(Fault::new(col, "this operator cannot stand here")),
        };
        let target = self.unit.target(&expr);
        self.emit_word_fixed(word, kind, target);
        Ok(())
    }

    fn known_number(&mut self, cur: &mut Cursor) -> Parsed<i64> {
        let col = cur.col();
        let e = self.expression(cur)?;
        self.unit.constant(&e).ok_or_else(|| Fault::new(col, "needs a value that is known here"))
    }

    fn opcode(&mut self, cur: &mut Cursor, width: u32) -> Parsed<u32> {
        if let Some(Tok::Ident(name)) = cur.peek() {
            let upper = name.to_ascii_uppercase();
            let hit = OPCODES.iter().find(|(n, _)| *n == upper).map(|(_, v)| *v);
            let hit = hit.or((upper == "C2").then_some(2));
            if let Some(v) = hit.filter(|v| v >> width == 0) {
                cur.at += 1;
                return Ok(v);
            }
        }
        let col = cur.col();
        match self.known_number(cur)? {
            n if n >> width == 0 && (width == 2 || n & 3 == 3) => Ok(n as u32),
            _ => Err(Fault::new(col, format!("expected an opcode of {width} bits"))),
        }
    }

    /// `, n` with an unsigned number of `width` bits.
    fn field(&mut self, cur: &mut Cursor, width: u32) -> Parsed<u32> {
        cur.expect(",")?;
        let col = cur.col();
        match self.known_number(cur)? {
            n if n >> width == 0 => Ok(n as u32),
            n => Err(Fault::new(col, format!("{n} does not fit in {width} bits"))),
        }
    }

    /// `, n` with a number of `width` bits, signed or not, as that many bits.
    fn signed(&mut self, cur: &mut Cursor, width: u32) -> Parsed<u32> {
        cur.expect(",")?;
        let col = cur.col();
        let n = self.known_number(cur)?;
        if n >= 1 << width || n < -(1 << (width - 1)) {
            return Err(Fault::new(col, format!("{n} does not fit in {width} bits")));
        }
        Ok(n as u32 & ((1 << width) - 1))
    }

    /// `, register`
    fn reg(&mut self, cur: &mut Cursor) -> Parsed<u32> {
        cur.expect(",")?;
        match register(cur) {
            Some(r) => Ok(r),
            None => cur.fault("expected a register"),
        }
    }

    fn short_reg(&mut self, cur: &mut Cursor) -> Parsed<u32> {
        let col = cur.col();
        let r = self.reg(cur)?;
        short(r).ok_or_else(|| Fault::new(col, SHORT))
    }

    /// `offset(register)`
    fn base_offset(&mut self, cur: &mut Cursor) -> Parsed<(u32, Operand)> {
        let based = cur.is("(")
            && matches!(cur.toks.get(cur.at + 1).map(|t| &t.tok), Some(Tok::Ident(s)) if xreg(s).is_some());
        let offset = if based {
            Operand::Later(How::Value, Expr::Num(0))
        } else {
            self.operand_or_number(cur, How::Value)?
        };
        cur.expect("(")?;
        let Some(base) = register(cur) else { return cur.fault("expected a register") };
        cur.expect(")")?;
        Ok((base, offset))
    }
}

const SHORT: &str = "expected one of the registers 8 to 15";

fn short(r: u32) -> Option<u32> {
    (8..16).contains(&r).then(|| r - 8)
}

fn register(cur: &mut Cursor) -> Option<u32> {
    let Some(Tok::Ident(s)) = cur.peek() else { return None };
    let r = xreg(s).or_else(|| freg(s))?;
    cur.at += 1;
    Some(u32::from(r))
}

/// The instruction bits for `value` in an immediate field, or why it does not fit.
pub(super) fn immediate(field: Field, value: i64) -> Result<u32, String> {
    let (min, max, step) = match field {
        Field::I | Field::S => (-2048, 2047, 1),
        Field::B => (-4096, 4094, 2),
        Field::J => (-(1 << 20), (1 << 20) - 2, 2),
        Field::Cb => (-256, 254, 2),
        Field::Cj => (-2048, 2046, 2),
    };
    if !(min..=max).contains(&value) || value % step != 0 {
        return Err(format!("{value} is out of range, expected {min}..={max} in steps of {step}"));
    }
    let v = value as u32;
    let bits = |hi: u32, lo: u32, to: u32| (v >> lo & ((1 << (hi - lo + 1)) - 1)) << to;
    Ok(match field {
        Field::I => v << 20,
        Field::S => bits(11, 5, 25) | bits(4, 0, 7),
        Field::B => bits(12, 12, 31) | bits(10, 5, 25) | bits(4, 1, 8) | bits(11, 11, 7),
        Field::J => bits(20, 20, 31) | bits(10, 1, 21) | bits(11, 11, 20) | bits(19, 12, 12),
        Field::Cb => bits(8, 8, 12) | bits(4, 3, 10) | bits(7, 6, 5) | bits(2, 1, 3) | bits(5, 5, 2),
        Field::Cj => {
            bits(11, 11, 12)
                | bits(4, 4, 11)
                | bits(9, 8, 9)
                | bits(10, 10, 8)
                | bits(6, 6, 7)
                | bits(7, 7, 6)
                | bits(3, 1, 3)
                | bits(5, 5, 2)
        }
    })
}
