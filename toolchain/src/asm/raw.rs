//! `.insn`: an instruction given by its format and fields, or as a number (GNU as manual, "RISC-V Instruction Formats").

use isa_spec::{freg, xreg};

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::lex::Tok;
use super::unit::{Field, How, Target};

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
        self.unit.mark(false);
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
                self.word(op | f3 << 12 | f << 25 | rd << 7 | rs1 << 15 | rs2 << 20 | rs3);
            }
            "i" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                let rd = self.reg(cur)?;
                cur.expect(",")?;
                let (rs1, imm) = if let Some(rs1) = register(cur) {
                    cur.expect(",")?;
                    (rs1, self.expression(cur)?)
                } else {
                    self.base_offset(cur)?
                };
                self.patched(op | f3 << 12 | rd << 7 | rs1 << 15, Field::I, How::Value, imm);
            }
            "s" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                let rs2 = self.reg(cur)?;
                cur.expect(",")?;
                let (rs1, imm) = self.base_offset(cur)?;
                self.patched(op | f3 << 12 | rs2 << 20 | rs1 << 15, Field::S, How::Value, imm);
            }
            "b" | "sb" => {
                let op = self.opcode(cur, 7)?;
                let f3 = self.field(cur, 3)?;
                let (rs1, rs2) = (self.reg(cur)?, self.reg(cur)?);
                cur.expect(",")?;
                let target = self.expression(cur)?;
                self.patched(op | f3 << 12 | rs2 << 20 | rs1 << 15, Field::B, How::PcRel, target);
            }
            "u" => {
                let op = self.opcode(cur, 7)?;
                let rd = self.reg(cur)?;
                let imm = self.signed(cur, 20)?;
                self.word(op | rd << 7 | imm << 12);
            }
            "j" | "uj" => {
                let op = self.opcode(cur, 7)?;
                let rd = self.reg(cur)?;
                cur.expect(",")?;
                let target = self.expression(cur)?;
                self.patched(op | rd << 7, Field::J, How::PcRel, target);
            }
            _ => self.compressed(&format, cur)?,
        }
        Ok(())
    }

    /// `.insn value` and `.insn length, value`.
    fn insn_number(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        let first = self.known_number(cur)?;
        let (length, value) = if cur.eat(",") {
            (first, self.known_number(cur)?)
        } else {
            (if first & 3 == 3 { 4 } else { 2 }, first)
        };
        let natural = if value & 3 == 3 { 4 } else { 2 };
        if length != natural || value < 0 || value >> (8 * natural) != 0 {
            return Err(Fault::new(
                col,
                "the number does not fit the length that its two lowest bits say (2 or 4 bytes)",
            ));
        }
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
                let imm = match self.unit.constant(&imm) {
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
                let word = u64::from(op | top << 13 | reg);
                self.unit.emit_fixed(word, 2, Target::Raw(field), How::PcRel, target);
                return Ok(());
            }
        };
        self.unit.emit(&word.to_le_bytes()[..2]);
        Ok(())
    }

    fn word(&mut self, word: u32) {
        self.unit.emit(&word.to_le_bytes());
    }

    fn patched(&mut self, word: u32, field: Field, how: How, expr: Expr) {
        self.unit.emit_fixed(u64::from(word), 4, Target::Raw(field), how, expr);
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
    fn base_offset(&mut self, cur: &mut Cursor) -> Parsed<(u32, Expr)> {
        let offset = if cur.is("(") { Expr::Num(0) } else { self.expression(cur)? };
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
