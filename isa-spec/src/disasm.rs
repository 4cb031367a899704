//! Disassembler: text as GNU objdump writes it.
//!
//! ABI register names, decimal immediates, hexadecimal shift amounts and targets, aliases in the order in
//! which the instruction lists them, and no space after commas.

use std::fmt;

use crate::model::{Cond, Field, FieldKind, Insn, InsnId, Isa, Piece, Template, Values};
use crate::sem::fp_constant;

/// ABI names of x0..x31.
pub const XREGS: [&str; 32] = [
    "zero", "ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2", "a3", "a4", "a5", "a6",
    "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
];

/// ABI names of f0..f31.
pub const FREGS: [&str; 32] = [
    "ft0", "ft1", "ft2", "ft3", "ft4", "ft5", "ft6", "ft7", "fs0", "fs1", "fa0", "fa1", "fa2", "fa3", "fa4",
    "fa5", "fa6", "fa7", "fs2", "fs3", "fs4", "fs5", "fs6", "fs7", "fs8", "fs9", "fs10", "fs11", "ft8",
    "ft9", "ft10", "ft11",
];

/// Rounding modes by number; 5 and 6 are reserved.
pub const ROUNDING_MODES: [&str; 8] = ["rne", "rtz", "rdn", "rup", "rmm", "unknown", "unknown", "dyn"];

/// The constant of `fli` with this index as GNU writes it: `min`, `inf`, `nan`, or a hexadecimal number.
pub fn fp_constant_name(index: u8) -> String {
    match index & 31 {
        1 => "min".to_string(),
        30 => "inf".to_string(),
        31 => "nan".to_string(),
        n => {
            let bits = fp_constant(64, n);
            let sign = if bits >> 63 == 1 { "-" } else { "" };
            let power = (bits >> 52 & 0x7ff) as i32 - 1023;
            let digit = match bits >> 48 & 0xf {
                0 => String::new(),
                d => format!(".{d:x}"),
            };
            format!("{sign}0x1{digit}p{power:+}")
        }
    }
}

/// The index of a constant of `fli` from its name or from a decimal number.
pub fn fp_constant_index(text: &str) -> Option<u8> {
    let number: Option<f64> = text.parse().ok().filter(|n: &f64| n.is_finite());
    (0..32).find(|n| fp_constant_name(*n) == text).or_else(|| {
        let value = |n: &u8| Some(f64::from_bits(fp_constant(64, *n))) == number;
        (0..32).filter(|n| *n != 1).find(value)
    })
}

/// The number of an integer register from its ABI name or `xN`; `fp` is s0.
pub fn xreg(name: &str) -> Option<u8> {
    if name == "fp" {
        return Some(8);
    }
    XREGS.iter().position(|r| *r == name).map(|n| n as u8).or_else(|| numbered(name, 'x'))
}

/// The number of a floating-point register from its ABI name or `fN`.
pub fn freg(name: &str) -> Option<u8> {
    FREGS.iter().position(|r| *r == name).map(|n| n as u8).or_else(|| numbered(name, 'f'))
}

fn numbered(name: &str, prefix: char) -> Option<u8> {
    let digits = name.strip_prefix(prefix)?;
    let plain = digits == "0" || digits.starts_with(|c: char| ('1'..='9').contains(&c));
    digits.parse().ok().filter(|n| plain && *n < 32)
}

/// One instruction as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disasm {
    pub id: InsnId,
    /// Length in bytes.
    pub len: u8,
    pub mnemonic: String,
    /// Operands without spaces; empty if there are none.
    pub operands: String,
    /// Absolute address of a branch or jump target, which is the last operand.
    pub target: Option<u64>,
}

impl fmt::Display for Disasm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.operands.is_empty() {
            f.write_str(&self.mnemonic)
        } else {
            write!(f, "{}\t{}", self.mnemonic, self.operands)
        }
    }
}

impl Isa {
    /// The instruction at `pc` as text, aliases preferred; `None` if `word` is not an instruction.
    pub fn disassemble(&self, word: u32, pc: u64) -> Option<Disasm> {
        self.text(word, pc, true)
    }

    /// As [`Isa::disassemble`], but always with the instruction's own mnemonic and all operands' fields.
    pub fn disassemble_plain(&self, word: u32, pc: u64) -> Option<Disasm> {
        self.text(word, pc, false)
    }

    fn text(&self, word: u32, pc: u64, aliases: bool) -> Option<Disasm> {
        let inst = self.decode(word)?;
        let insn = self.insn(inst.id);
        let alias = insn
            .aliases
            .iter()
            .find(|a| aliases && a.print && a.when.iter().all(|c| holds(*c, &inst.values)));
        let (mut mnemonic, template) = match alias {
            Some(a) => (a.mnemonic.clone(), &a.template),
            None => (insn.name.clone(), &insn.template),
        };
        let bit = |name: &str| insn.field(name).is_some_and(|f| inst.values[f] != 0);
        match (insn.has_aqrl(), bit("aq"), bit("rl")) {
            (true, true, true) => mnemonic.push_str(".aqrl"),
            (true, true, false) => mnemonic.push_str(".aq"),
            (true, false, true) => mnemonic.push_str(".rl"),
            _ => {}
        }
        let (operands, target) = self.operands(insn, template, &inst.values, pc);
        Some(Disasm { id: inst.id, len: inst.len, mnemonic, operands, target })
    }

    fn operands(&self, insn: &Insn, template: &Template, values: &Values, pc: u64) -> (String, Option<u64>) {
        let mut out = String::new();
        let mut target = None;
        for piece in &template.pieces {
            match piece {
                Piece::Text(text) => out.push_str(text),
                Piece::Field(n) => {
                    let (field, value) = (&insn.fields[*n], values[*n]);
                    let trailing = matches!(field.kind, FieldKind::Rm | FieldKind::FenceSet);
                    if trailing && field.default == Some(value) && out.ends_with(',') {
                        out.pop();
                        continue;
                    }
                    if field.kind == FieldKind::Target {
                        target = Some(pc.wrapping_add(value as u64));
                    }
                    out.push_str(&self.operand(field, value, pc));
                }
            }
        }
        (out, target)
    }

    fn operand(&self, field: &Field, value: i64, pc: u64) -> String {
        match field.kind {
            FieldKind::XReg => XREGS[value as usize & 31].to_string(),
            FieldKind::FReg => FREGS[value as usize & 31].to_string(),
            FieldKind::Imm | FieldKind::AqRl | FieldKind::Hidden => value.to_string(),
            FieldKind::Hex => format!("{value:#x}"),
            FieldKind::Upper => format!("{:#x}", value >> 12 & 0xf_ffff),
            FieldKind::Target => format!("{:x}", pc.wrapping_add(value as u64)),
            FieldKind::Csr => match self.csr(value as u16) {
                Some(csr) => csr.name.clone(),
                None => format!("{value:#x}"),
            },
            FieldKind::Rm => ROUNDING_MODES[value as usize & 7].to_string(),
            FieldKind::FenceSet => fence_set(value),
            FieldKind::FpConstant => fp_constant_name(value as u8),
        }
    }
}

fn holds(cond: Cond, values: &Values) -> bool {
    match cond {
        Cond::Is(field, value) => values[field] == value,
        Cond::Same(a, b) => values[a] == values[b],
    }
}

/// `iorw` letters of a fence set; `unknown` for the empty one, as GNU has it.
fn fence_set(value: i64) -> String {
    let set: String =
        "iorw".chars().zip([8, 4, 2, 1]).filter(|(_, bit)| value & bit != 0).map(|(c, _)| c).collect();
    if set.is_empty() { "unknown".to_string() } else { set }
}
