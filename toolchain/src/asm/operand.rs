//! One operand: a register, a number, a name of its kind, or `%hi(symbol)` and its kin.

use isa_spec::{Field, FieldKind, ROUNDING_MODES, freg, xreg};

use super::Assembler;
use super::csr;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::lex::Tok;

/// How an expression becomes the number in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// The value itself.
    Value,
    /// The value minus the place.
    PcRel,
    /// Bits 31:12 of an absolute value, rounded for a sign-extended low part; and bits 11:0.
    Hi,
    Lo,
    /// The same of value minus place; the low part names the label of the high one.
    PcrelHi,
    PcrelLo,
    /// The place of the symbol's entry in the global offset table, relative to here.
    GotHi,
    TlsIeHi,
    TlsGdHi,
    /// The offset from the thread pointer.
    TprelHi,
    TprelLo,
}

/// A parsed operand: a field's value, or an expression for a fix-up.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Known(i64),
    /// A known number that was written with `%hi` or `%lo`.
    Half(i64),
    Later(How, Expr),
}

/// Operators on symbols (RISC-V Assembly Programmer's Manual, "Assembler Relocation Functions").
const OPERATORS: [(&str, How); 10] = [
    ("hi", How::Hi),
    ("lo", How::Lo),
    ("pcrel_hi", How::PcrelHi),
    ("pcrel_lo", How::PcrelLo),
    ("got_pcrel_hi", How::GotHi),
    ("tls_ie_pcrel_hi", How::TlsIeHi),
    ("tls_gd_pcrel_hi", How::TlsGdHi),
    ("tprel_hi", How::TprelHi),
    ("tprel_lo", How::TprelLo),
    ("got_hi", How::GotHi),
];

impl Assembler<'_> {
    /// The operand for `field` at the cursor.
    pub(super) fn operand(&mut self, field: &Field, cur: &mut Cursor) -> Parsed<Operand> {
        let col = cur.col();
        let word = match cur.peek() {
            Some(Tok::Ident(s)) => Some(s.as_str()),
            _ => None,
        };
        let named = |value: Option<i64>, what: &str| match value {
            Some(v) => Ok(Operand::Known(v)),
            None => Err(Fault::new(col, format!("expected {what}"))),
        };
        match field.kind {
            FieldKind::XReg => {
                let known = named(word.and_then(xreg).map(i64::from), "an integer register")?;
                cur.at += 1;
                Ok(known)
            }
            FieldKind::FReg => {
                let known = named(word.and_then(freg).map(i64::from), "a floating-point register")?;
                cur.at += 1;
                Ok(known)
            }
            FieldKind::Rm => {
                let mode = word.filter(|w| *w != "unknown");
                let mode = mode.and_then(|w| ROUNDING_MODES.iter().position(|m| *m == w));
                let known = named(mode.map(|m| m as i64), "a rounding mode (rne rtz rdn rup rmm dyn)")?;
                cur.at += 1;
                Ok(known)
            }
            FieldKind::FpConstant => {
                // Named constants and numbers; `fp_constant_index` knows the other ways to write them.
                let text = match cur.peek() {
                    Some(Tok::Int(n)) => n.to_string(),
                    Some(Tok::Float(text)) => text.clone(),
                    _ => word.unwrap_or("").to_string(),
                };
                let index = isa_spec::fp_constant_index(&text);
                let known = named(index.map(i64::from), "a constant of fli")?;
                cur.at += 1;
                Ok(known)
            }
            FieldKind::FenceSet => {
                if let Some(Tok::Int(0)) = cur.peek() {
                    cur.at += 1;
                    return Ok(Operand::Known(0));
                }
                let known = named(word.and_then(fence_set), "a set of the letters i o r w")?;
                cur.at += 1;
                Ok(known)
            }
            FieldKind::Csr => {
                self.csr_operand = true;
                let by_name = word.and_then(|w| {
                    let own = self.isa.csr_by_name(w).map(|c| i64::from(c.address));
                    own.or_else(|| csr::number(w).map(i64::from))
                });
                if let Some(address) = by_name {
                    cur.at += 1;
                    return Ok(Operand::Known(address));
                }
                let e = self.number_expression(cur)?;
                match self.unit.constant(&e) {
                    Some(n) => Ok(Operand::Known(n)),
                    None => Err(Fault::new(col, "expected the name or number of a CSR")),
                }
            }
            FieldKind::Target => {
                let e = self.number_expression(cur)?;
                Ok(Operand::Later(How::PcRel, e))
            }
            FieldKind::Upper => match self.operator(cur)? {
                Some(operand) => Ok(operand),
                None => {
                    let e = self.number_expression(cur)?;
                    match self.unit.constant(&e) {
                        Some(n @ 0..=0xf_ffff) => Ok(Operand::Known(i64::from((n << 12) as i32))),
                        Some(_) => Err(Fault::new(col, "an upper immediate must be 0..0xfffff")),
                        None => Err(Fault::new(col, "expected a number or %hi(symbol)")),
                    }
                }
            },
            FieldKind::Imm | FieldKind::Hex | FieldKind::AqRl | FieldKind::Hidden => {
                if let Some(operand) = self.operator(cur)? {
                    return Ok(operand);
                }
                let e = self.number_expression(cur)?;
                Ok(match self.unit.constant(&e) {
                    Some(n) => Operand::Known(n),
                    None => Operand::Later(How::Value, e),
                })
            }
        }
    }

    /// `%hi(x)` and its kin, if one is next.
    pub(super) fn operator(&mut self, cur: &mut Cursor) -> Parsed<Option<Operand>> {
        if !cur.is("%") {
            return Ok(None);
        }
        let col = cur.col();
        cur.at += 1;
        let word = cur.ident()?;
        let Some((_, how)) = OPERATORS.iter().find(|(name, _)| *name == word) else {
            let known: Vec<String> = OPERATORS.iter().map(|(name, _)| format!("%{name}")).collect();
            let message = format!("unknown operator `%{word}`; expected one of {}", known.join(" "));
            return Err(Fault::new(col, message));
        };
        cur.expect("(")?;
        let e = self.expression(cur)?;
        cur.expect(")")?;
        // A constant's halves are known now.
        Ok(Some(match (how, self.unit.constant(&e)) {
            (How::Hi, Some(n)) => Operand::Half(i64::from(high(n) as i32)),
            (How::Lo, Some(n)) => Operand::Half(low(n)),
            _ => Operand::Later(*how, e),
        }))
    }

    /// An expression that does not begin with a register.
    fn number_expression(&mut self, cur: &mut Cursor) -> Parsed<Expr> {
        if let Some(Tok::Ident(s)) = cur.peek()
            && (xreg(s).is_some() || freg(s).is_some())
            && self.unit.lookup(s).is_none()
        {
            return cur.fault("expected a number or a symbol, not a register");
        }
        self.expression(cur)
    }
}

fn fence_set(word: &str) -> Option<i64> {
    let mut set = 0;
    for c in word.chars() {
        let bit = match c {
            'i' => 8,
            'o' => 4,
            'r' => 2,
            'w' => 1,
            _ => return None,
        };
        set |= bit;
    }
    Some(set)
}

/// Bits 31:12 of `n` for `lui` or `auipc`, rounded for a sign-extended low part, as an upper field's value.
pub(super) fn high(n: i64) -> i64 {
    n.wrapping_add(0x800) & !0xfff
}

/// The sign-extended low 12 bits of `n`.
pub(super) fn low(n: i64) -> i64 {
    n << 52 >> 52
}
