//! Directives that put bytes into a section, and alignment.

use std::path::PathBuf;

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::frag::{Kind, Tail};
use super::lex::Tok;
use super::reloc;
use super::section::{Content, SHT_NOBITS};

/// Longest constant fill that is stored as it is read, in bytes.
const SMALL_FILL: i64 = 4096;
/// Largest alignment, in bytes.
const MAX_ALIGN: u64 = 1 << 20;
/// Largest file that `.incbin` takes, in bytes.
const MAX_INCBIN: u64 = 1 << 28;

impl Assembler<'_> {
    /// Handles the data directives; false if `name` is none.
    pub(super) fn data_directive(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        match name {
            ".byte" | ".dc.b" => self.data(cur, 1)?,
            ".half" | ".short" | ".2byte" | ".hword" | ".dc.w" | ".dc" => self.data(cur, 2)?,
            ".word" | ".long" | ".4byte" | ".int" | ".dc.l" => self.data(cur, 4)?,
            ".dword" | ".quad" | ".8byte" | ".dc.a" => self.data(cur, 8)?,
            ".octa" => self.octa(cur)?,
            ".dtprelword" | ".dtpreldword" => self.dtprel(cur, if name == ".dtprelword" { 4 } else { 8 })?,
            ".float" | ".single" | ".dc.s" => self.floats(cur, 4)?,
            ".double" | ".dc.d" => self.floats(cur, 8)?,
            ".float16" => self.floats(cur, 2)?,
            ".uleb128" | ".sleb128" => self.leb(cur, name == ".sleb128")?,
            ".ascii" => self.strings(cur, false)?,
            ".string" | ".asciz" | ".string8" => self.strings(cur, true)?,
            ".base64" => self.base64(cur)?,
            ".zero" | ".skip" | ".space" => self.skip(cur)?,
            ".fill" => self.fill(cur)?,
            ".org" => self.org(cur)?,
            ".align" | ".p2align" => self.align(cur, true, 1)?,
            ".p2alignw" => self.align(cur, true, 2)?,
            ".p2alignl" => self.align(cur, true, 4)?,
            ".balign" => self.align(cur, false, 1)?,
            ".balignw" => self.align(cur, false, 2)?,
            ".balignl" => self.align(cur, false, 4)?,
            ".incbin" => self.incbin(cur)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn holds_bytes(&mut self, cur: &Cursor) -> Parsed<()> {
        if self.unit.section().kind == SHT_NOBITS {
            return cur.fault("a section without contents (.bss) can hold only zeros");
        }
        self.unit.mark(Content::Data);
        Ok(())
    }

    fn data(&mut self, cur: &mut Cursor, size: u8) -> Parsed<()> {
        if cur.done() {
            return Ok(());
        }
        // Zeros may stand in a section without contents.
        let nobits = self.unit.section().kind == SHT_NOBITS;
        if !nobits {
            self.holds_bytes(cur)?;
        }
        loop {
            let col = cur.col();
            if let Some(Tok::Str(text)) = cur.peek() {
                // A string stands for its characters, one number each.
                cur.at += 1;
                self.holds_bytes(cur)?;
                for c in text {
                    self.unit.emit(&u64::from(*c).to_le_bytes()[..usize::from(size)]);
                }
            } else {
                let e = self.expression(cur)?;
                self.datum(&e, size, col, nobits)?;
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn datum(&mut self, e: &Expr, size: u8, col: usize, nobits: bool) -> Parsed<()> {
        let target = self.unit.target(e);
        if target.add.is_some() || target.sub.is_some() {
            if nobits {
                return Err(Fault::new(col, "a section without contents (.bss) can hold only zeros"));
            }
            let zeros = [0; 8];
            self.unit.emit_fixed(&zeros[..usize::from(size)], Kind::Data(size), target, false);
            return Ok(());
        }
        let n = target.n;
        let bits = u32::from(size) * 8;
        if size < 8 && (n >= 1 << bits || n < -(1 << bits)) {
            return Err(Fault::new(col, format!("{n} does not fit in {bits} bits")));
        }
        if nobits && n != 0 {
            return Err(Fault::new(col, "a section without contents (.bss) can hold only zeros"));
        }
        self.unit.emit(&n.to_le_bytes()[..usize::from(size)]);
        Ok(())
    }

    /// 16-byte integers; those beyond 64 bits are written in hexadecimal or decimal without operators.
    fn octa(&mut self, cur: &mut Cursor) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            if let Some(Tok::Wide(n)) = cur.peek() {
                cur.at += 1;
                self.unit.emit(&n.to_le_bytes());
            } else {
                // A literal is unsigned, the value of an expression signed.
                let literal = matches!(cur.peek(), Some(Tok::Int(_)));
                let n = self.known(cur)?;
                let wide = if literal { u128::from(n as u64) } else { i128::from(n) as u128 };
                self.unit.emit(&wide.to_le_bytes());
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    /// An offset in the module's thread-local block, for debug information.
    fn dtprel(&mut self, cur: &mut Cursor, size: u8) -> Parsed<()> {
        self.holds_bytes(cur)?;
        let e = self.expression(cur)?;
        let target = self.unit.target(&e);
        // R_RISCV_TLS_DTPREL32 and R_RISCV_TLS_DTPREL64.
        let kind = if size == 4 { 8 } else { 9 };
        self.unit.emit_fixed(&[0; 8][..usize::from(size)], Kind::Reloc(kind), target, false);
        Ok(())
    }

    fn floats(&mut self, cur: &mut Cursor, size: u8) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let negative = cur.eat("-");
            if !negative {
                cur.eat("+");
            }
            let col = cur.col();
            let value = match cur.advance() {
                Some(Tok::Float(text)) => Number::Text(text.clone()),
                Some(Tok::Int(n)) => Number::Text(n.to_string()),
                Some(Tok::Ident(s)) => match s.to_ascii_lowercase().as_str() {
                    "inf" | "infinity" => Number::Value(f64::INFINITY),
                    "nan" => Number::Value(f64::NAN),
                    _ => return Err(Fault::new(col, "expected a floating-point number")),
                },
                _ => return Err(Fault::new(col, "expected a floating-point number")),
            };
            let sign = |bits: u64, top: u32| bits | u64::from(negative) << top;
            match size {
                // Each width is rounded from the text, not from a wider number.
                4 => {
                    let v: f32 = value.parse(|t| t.parse().ok(), |v| v as f32, col)?;
                    self.unit.emit(&sign(u64::from(v.to_bits()), 31).to_le_bytes()[..4]);
                }
                8 => {
                    let v: f64 = value.parse(|t| t.parse().ok(), |v| v, col)?;
                    self.unit.emit(&sign(v.to_bits(), 63).to_le_bytes());
                }
                _ => {
                    let v: f64 = value.parse(|t| t.parse().ok(), |v| v, col)?;
                    self.unit.emit(&sign(u64::from(half_bits(v)), 15).to_le_bytes()[..2]);
                }
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn leb(&mut self, cur: &mut Cursor, signed: bool) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let e = self.expression(cur)?;
            let target = self.unit.target(&e);
            if target.add.is_none() && target.sub.is_none() {
                self.unit.emit(&leb128(target.n, signed));
            } else {
                let span = self.unit.span;
                self.unit.tail(Tail::Leb { value: e, signed, span });
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn strings(&mut self, cur: &mut Cursor, terminate: bool) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let Some(Tok::Str(s)) = cur.peek() else {
                return cur.fault("expected a string in quotes");
            };
            cur.at += 1;
            self.unit.emit(s);
            // Strings side by side are one.
            if matches!(cur.peek(), Some(Tok::Str(_))) {
                continue;
            }
            if terminate {
                self.unit.emit(&[0]);
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn base64(&mut self, cur: &mut Cursor) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let Some(Tok::Str(s)) = cur.peek() else {
                return cur.fault("expected a string in quotes");
            };
            let Some(bytes) = decode_base64(s) else { return cur.fault("this is not base64") };
            cur.at += 1;
            self.unit.emit(&bytes);
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn skip(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let count = self.expression(cur)?;
        let value = if cur.eat(",") { self.known(cur)? } else { 0 };
        self.fill_with(count, 1, value)
    }

    fn fill(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let count = self.expression(cur)?;
        let size = if cur.eat(",") { self.known(cur)? } else { 1 };
        let value = if cur.eat(",") { self.known(cur)? } else { 0 };
        if size < 0 {
            return cur.fault("the size must be 0 to 8");
        }
        // Wider units are taken as 8 bytes, as GNU as does; and only 4 bytes of the value are used.
        self.fill_with(count, size.min(8) as u8, i64::from(value as u32))
    }

    fn fill_with(&mut self, count: Expr, size: u8, value: i64) -> Parsed<()> {
        let span = self.unit.span;
        self.unit.mark(Content::Data);
        if let Some(n @ 0..=SMALL_FILL) = self.unit.constant(&count)
            && self.unit.section().kind != SHT_NOBITS
        {
            for _ in 0..n {
                self.unit.emit(&value.to_le_bytes()[..usize::from(size)]);
            }
            self.unit.new_frag();
            return Ok(());
        }
        self.unit.tail(Tail::Fill { count, size, value, span });
        Ok(())
    }

    fn org(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let to = self.expression(cur)?;
        let fill = if cur.eat(",") { self.known(cur)? as u8 } else { 0 };
        let span = self.unit.span;
        self.unit.tail(Tail::Org { to, fill, span });
        Ok(())
    }

    fn align(&mut self, cur: &mut Cursor, power: bool, width: usize) -> Parsed<()> {
        let col = cur.col();
        let n = if cur.done() { 0 } else { self.known(cur)? };
        let to = if power {
            u32::try_from(n).ok().and_then(|p| 1u64.checked_shl(p))
        } else {
            u64::try_from(n).ok()
        };
        let to = to.map(|t| t.max(1)).filter(|t| t.is_power_of_two() && *t <= MAX_ALIGN);
        let Some(to) = to else {
            return Err(Fault::new(col, "the alignment must be a power of two, 1 MiB at most"));
        };
        let mut fill = None;
        let mut max = u64::MAX;
        if cur.eat(",") {
            if !cur.is(",") && !cur.done() {
                fill = Some(self.known(cur)?.to_le_bytes()[..width].to_vec());
            }
            if cur.eat(",") {
                max = match self.known(cur)? {
                    0 => u64::MAX,
                    n => n as u64,
                };
            }
        }
        self.align_to(to, fill, max);
        Ok(())
    }

    /// Aligns the current place. In code that a linker may relax, the most padding there can be is stored, and
    /// `R_RISCV_ALIGN` lets the linker take away what is too much.
    pub(super) fn align_to(&mut self, to: u64, fill: Option<Vec<u8>>, max: u64) {
        let section = self.unit.section();
        section.align = section.align.max(to);
        if to <= 1 {
            return;
        }
        if !self.unit.is_code() || fill.is_some() {
            self.unit.mark(Content::Data);
            self.unit.tail(Tail::Align { to, fill, max });
            return;
        }
        let unit = if self.options.rvc { 2 } else { 4 };
        if to <= unit {
            return;
        }
        let worst = to - unit;
        self.unit.mark(Content::Code);
        if self.options.relax {
            let target = super::frag::Target { n: worst as i64, ..Default::default() };
            self.unit.emit_fixed(&nops(worst as usize), Kind::Reloc(reloc::ALIGN), target, false);
            self.unit.new_frag();
        } else {
            self.unit.tail(Tail::Align { to, fill: None, max });
        }
    }

    /// `.incbin "file" [, skip [, count]]`
    fn incbin(&mut self, cur: &mut Cursor) -> Parsed<()> {
        self.holds_bytes(cur)?;
        let col = cur.col();
        let Some(Tok::Str(name)) = cur.advance() else {
            return Err(Fault::new(col, "expected a file name in quotes"));
        };
        let name = String::from_utf8_lossy(name).into_owned();
        let skip = if cur.eat(",") && !cur.is(",") { self.known(cur)? } else { 0 };
        let count = if cur.eat(",") { Some(self.known(cur)?) } else { None };
        let found = self.include_dirs.iter().map(|d| d.join(&name)).find(|p| p.is_file());
        let path = found.unwrap_or_else(|| PathBuf::from(&name));
        let fault = |e: String| Fault::new(col, format!("cannot read {}: {e}", path.display()));
        let size = std::fs::metadata(&path).map_err(|e| fault(e.to_string()))?;
        if !size.is_file() || size.len() > MAX_INCBIN {
            return Err(fault("not a file, or larger than 256 MiB".to_string()));
        }
        let bytes = std::fs::read(&path).map_err(|e| fault(e.to_string()))?;
        let from = usize::try_from(skip).ok().filter(|s| *s <= bytes.len());
        let rest =
            from.map(|s| &bytes[s..]).ok_or_else(|| Fault::new(col, "the file is shorter than that"))?;
        let part = match count.map(usize::try_from) {
            None => Some(rest),
            Some(Ok(n)) => rest.get(..n),
            Some(Err(_)) => None,
        };
        let part = part.ok_or_else(|| Fault::new(col, "the file is shorter than that"))?;
        self.unit.emit(part);
        Ok(())
    }
}

/// A floating-point constant as written.
enum Number {
    Text(String),
    Value(f64),
}

impl Number {
    fn parse<T>(
        &self,
        parse: impl Fn(&str) -> Option<T>,
        convert: impl Fn(f64) -> T,
        col: usize,
    ) -> Parsed<T> {
        match self {
            Number::Text(text) => {
                parse(text).ok_or_else(|| Fault::new(col, "expected a floating-point number"))
            }
            Number::Value(v) => Ok(convert(*v)),
        }
    }
}

/// The IEEE 754 half-precision number nearest to `v` (ties to even), without its sign.
fn half_bits(v: f64) -> u16 {
    let v = v.abs();
    if v.is_nan() {
        return 0x7e00;
    }
    if v >= 65520.0 {
        return 0x7c00;
    }
    // In units of the last place: 2^-24 below the normal range, else 2^(exponent - 10).
    let exponent = (((v.to_bits() >> 52) as i32) - 1023).max(-14);
    let scaled = v * 2f64.powi(10 - exponent);
    let rounded = scaled.round_ties_even() as u16;
    let biased = (exponent + 14) as u16;
    (biased << 10) + rounded
}

/// `n` in LEB128 (DWARF 5, section 7.6).
pub(super) fn leb128(n: i64, signed: bool) -> Vec<u8> {
    let mut out = Vec::new();
    let mut n = n;
    loop {
        let byte = (n & 0x7f) as u8;
        n = if signed { n >> 7 } else { ((n as u64) >> 7) as i64 };
        let last =
            if signed { (n == 0 && byte & 0x40 == 0) || (n == -1 && byte & 0x40 != 0) } else { n == 0 };
        out.push(if last { byte } else { byte | 0x80 });
        if last {
            return out;
        }
    }
}

/// Padding that executes as nothing: zeros for an odd byte, `c.nop` where two bytes are left, then `nop`.
pub(super) fn nops(size: usize) -> Vec<u8> {
    let mut out = vec![0; size % 2];
    if size % 4 >= 2 {
        out.extend([0x01, 0x00]);
    }
    while out.len() < size {
        out.extend([0x13, 0, 0, 0]);
    }
    out
}

fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    let body = text.strip_suffix(b"==").or_else(|| text.strip_suffix(b"=")).unwrap_or(text);
    for c in body {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings() {
        assert_eq!(leb128(624_485, false), vec![0xe5, 0x8e, 0x26]);
        assert_eq!(leb128(-123_456, true), vec![0xc0, 0xbb, 0x78]);
        assert_eq!(leb128(63, true), vec![0x3f]);
        assert_eq!(leb128(64, true), vec![0xc0, 0x00]);
        assert_eq!(nops(7), vec![0, 1, 0, 0x13, 0, 0, 0]);
        assert_eq!(half_bits(1.0), 0x3c00);
        assert_eq!(half_bits(65504.0), 0x7bff);
        assert_eq!(half_bits(5.960464477539063e-8), 1);
        assert_eq!(half_bits(0.0), 0);
        assert_eq!(half_bits(1e9), 0x7c00);
        assert_eq!(decode_base64(b"aGVsbG8="), Some(b"hello".to_vec()));
    }
}
