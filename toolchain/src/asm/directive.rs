//! Directives: data, sections, symbols, alignment, options.

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{self, Cursor, Expr};
use super::lex::Tok;
use super::unit::{
    Frag, How, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, SHT_NOTE, SHT_PROGBITS, Target,
};

/// Directives that carry nothing this assembler keeps: debug and unwind information, and notes to linkers.
const IGNORED: [&str; 12] = [
    ".file",
    ".loc",
    ".ident",
    ".attribute",
    ".addrsig",
    ".addrsig_sym",
    ".hidden",
    ".protected",
    ".internal",
    ".variant_cc",
    ".altmacro",
    ".version",
];

impl Assembler<'_> {
    /// Handles the directive `name`; `start` is its column.
    pub(super) fn directive(&mut self, name: &str, start: usize, cur: &mut Cursor) -> Parsed<()> {
        let lower = name.to_ascii_lowercase();
        if IGNORED.contains(&lower.as_str()) || lower.starts_with(".cfi_") {
            return Ok(());
        }
        match lower.as_str() {
            ".byte" => self.data(cur, 1)?,
            ".half" | ".short" | ".2byte" | ".hword" => self.data(cur, 2)?,
            ".word" | ".long" | ".4byte" | ".int" => self.data(cur, 4)?,
            ".dword" | ".quad" | ".8byte" => self.data(cur, 8)?,
            ".float" | ".single" => self.floats(cur, 4)?,
            ".double" => self.floats(cur, 8)?,
            ".uleb128" | ".sleb128" => self.leb(cur, lower == ".sleb128")?,
            ".ascii" => self.strings(cur, false)?,
            ".string" | ".asciz" => self.strings(cur, true)?,
            ".zero" | ".skip" | ".space" => self.skip(cur)?,
            ".fill" => self.fill(cur)?,
            ".org" => self.org(cur)?,
            ".align" | ".p2align" => self.align(cur, true)?,
            ".balign" => self.align(cur, false)?,
            ".text" | ".data" | ".bss" | ".rodata" => {
                self.unit.switch(&lower, None, None);
                // A subsection number is accepted and has no effect but order within the file.
                cur.at = cur.toks.len();
            }
            ".section" => self.section(cur)?,
            ".pushsection" => {
                let now = (self.unit.current, self.unit.previous);
                self.section(cur)?;
                self.section_stack.push(now);
            }
            ".popsection" => {
                let (current, previous) = self
                    .section_stack
                    .pop()
                    .ok_or_else(|| Fault::new(start, "`.popsection` without `.pushsection`"))?;
                self.unit.current = current;
                self.unit.previous = previous;
            }
            ".previous" => {
                let unit = &mut self.unit;
                std::mem::swap(&mut unit.current, &mut unit.previous);
            }
            ".globl" | ".global" | ".weak" | ".local" => self.binding(cur, &lower)?,
            ".type" => self.symbol_type(cur)?,
            ".size" => {
                let name = cur.ident()?.to_string();
                cur.expect(",")?;
                let size = self.expression(cur)?;
                let id = self.unit.symbol(&name);
                self.unit.symbols[id as usize].size = Some(size);
            }
            ".equ" | ".set" | ".equiv" => {
                let col = cur.col();
                let name = cur.ident()?.to_string();
                cur.expect(",")?;
                let value = self.expression(cur)?;
                self.define(&name, col, value, lower != ".equiv")?;
            }
            ".comm" | ".lcomm" => self.common(cur, lower == ".lcomm")?,
            ".option" => self.option(cur)?,
            ".insn" => self.insn_directive(cur)?,
            ".error" | ".err" => {
                let text = match cur.advance() {
                    Some(Tok::Str(s)) => String::from_utf8_lossy(s).into_owned(),
                    _ => "`.error` met".to_string(),
                };
                return Err(Fault::new(start, text));
            }
            ".print" | ".warning" => cur.at = cur.toks.len(),
            ".end" => {
                self.ended = true;
                cur.at = cur.toks.len();
            }
            _ => return Err(Fault::new(start, format!("unknown directive `{name}`"))),
        }
        cur.finish()
    }

    pub(super) fn expression(&mut self, cur: &mut Cursor) -> Parsed<Expr> {
        expr::parse(cur, &mut self.unit)
    }

    /// An expression whose value is known here.
    fn known(&mut self, cur: &mut Cursor) -> Parsed<i64> {
        let col = cur.col();
        let e = self.expression(cur)?;
        self.unit.constant(&e).ok_or_else(|| Fault::new(col, "needs a value that is known here"))
    }

    /// Sets a symbol, folding a value that is known already.
    pub(super) fn define(&mut self, name: &str, col: usize, value: Expr, again: bool) -> Parsed<()> {
        let value = self.unit.constant(&value).map_or(value, Expr::Num);
        self.unit.set(name, value, again).map_err(|m| Fault::new(col, m))
    }

    fn holds_bytes(&mut self, cur: &Cursor) -> Parsed<()> {
        if self.unit.section().kind == SHT_NOBITS {
            return cur.fault("a section without contents (.bss) can hold only zeros");
        }
        self.unit.mark(true);
        Ok(())
    }

    fn data(&mut self, cur: &mut Cursor, size: u8) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let col = cur.col();
            let e = self.expression(cur)?;
            match self.unit.constant(&e) {
                Some(n) => {
                    let bits = u32::from(size) * 8;
                    if size < 8 && (n >= 1 << bits || n < -(1 << bits)) {
                        return Err(Fault::new(col, format!("{n} does not fit in {size} bytes")));
                    }
                    self.unit.emit(&n.to_le_bytes()[..usize::from(size)]);
                }
                None => self.unit.emit_fixed(0, size, Target::Data(size), How::Value, e),
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn floats(&mut self, cur: &mut Cursor, size: u8) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let negative = cur.eat("-");
            if !negative {
                cur.eat("+");
            }
            let value = match cur.advance() {
                Some(Tok::Float(v)) => *v,
                Some(Tok::Int(n)) => *n as f64,
                Some(Tok::Ident(s)) if s.eq_ignore_ascii_case("inf") => f64::INFINITY,
                Some(Tok::Ident(s)) if s.eq_ignore_ascii_case("infinity") => f64::INFINITY,
                Some(Tok::Ident(s)) if s.eq_ignore_ascii_case("nan") => f64::NAN,
                _ => return cur.fault("expected a floating-point number"),
            };
            let value = if negative { -value } else { value };
            if size == 4 {
                self.unit.emit(&(value as f32).to_le_bytes());
            } else {
                self.unit.emit(&value.to_le_bytes());
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn leb(&mut self, cur: &mut Cursor, signed: bool) -> Parsed<()> {
        self.holds_bytes(cur)?;
        loop {
            let mut n = self.known(cur)?;
            loop {
                let byte = (n & 0x7f) as u8;
                n = if signed { n >> 7 } else { ((n as u64) >> 7) as i64 };
                let last = if signed {
                    (n == 0 && byte & 0x40 == 0) || (n == -1 && byte & 0x40 != 0)
                } else {
                    n == 0
                };
                self.unit.emit(&[if last { byte } else { byte | 0x80 }]);
                if last {
                    break;
                }
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
            if terminate {
                self.unit.emit(&[0]);
            }
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
        if !(0..=8).contains(&size) {
            return cur.fault("the size must be 0 to 8");
        }
        self.fill_with(count, size as u8, value)
    }

    fn fill_with(&mut self, count: Expr, size: u8, value: i64) -> Parsed<()> {
        let span = self.unit.span;
        self.unit.mark(true);
        // Small known fills stay in the byte fragment, so that distances across them are known.
        if let Some(n @ 0..=4096) = self.unit.constant(&count)
            && self.unit.section().kind != SHT_NOBITS
        {
            for _ in 0..n {
                self.unit.emit(&value.to_le_bytes()[..usize::from(size)]);
            }
            return Ok(());
        }
        self.unit.push_frag(Frag::Fill { count, size, value, span });
        Ok(())
    }

    fn org(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let to = self.expression(cur)?;
        let fill = if cur.eat(",") { self.known(cur)? as u8 } else { 0 };
        let span = self.unit.span;
        self.unit.push_frag(Frag::Org { to, fill, span });
        Ok(())
    }

    fn align(&mut self, cur: &mut Cursor, power: bool) -> Parsed<()> {
        let col = cur.col();
        let n = if cur.done() { 0 } else { self.known(cur)? };
        let to = if power {
            u32::try_from(n).ok().and_then(|p| 1u64.checked_shl(p))
        } else {
            u64::try_from(n).ok()
        };
        let to = to.map(|t| t.max(1)).filter(|t| t.is_power_of_two() && *t <= 1 << 20);
        let Some(to) = to else {
            return Err(Fault::new(col, "the alignment must be a power of two, 1 MiB at most"));
        };
        let mut fill = None;
        let mut max = u64::MAX;
        if cur.eat(",") {
            if !cur.is(",") {
                fill = Some(self.known(cur)? as u8);
            }
            if cur.eat(",") {
                max = self.known(cur)? as u64;
            }
        }
        let section = self.unit.section();
        section.align = section.align.max(to);
        if to > 1 {
            self.unit.push_frag(Frag::Align { to, fill, max });
        }
        Ok(())
    }

    fn section(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let name = match cur.advance() {
            Some(Tok::Ident(s)) => {
                // `.note.GNU-stack` and the like: the name goes on after the minus.
                let mut name = s.clone();
                while cur.is("-") {
                    cur.at += 1;
                    name.push('-');
                    name.push_str(cur.ident()?);
                }
                name
            }
            Some(Tok::Str(s)) => String::from_utf8_lossy(s).into_owned(),
            _ => return cur.fault("a section needs a name"),
        };
        let (mut flags, mut kind) = (None, None);
        if cur.eat(",") {
            let col = cur.col();
            let Some(Tok::Str(letters)) = cur.advance() else {
                return Err(Fault::new(col, "expected the section's flags in quotes"));
            };
            let mut bits = 0;
            for letter in letters {
                bits |= match letter {
                    b'a' => SHF_ALLOC,
                    b'w' => SHF_WRITE,
                    b'x' => SHF_EXECINSTR,
                    // Merging, grouping and retention are the linker's affair.
                    b'M' | b'S' | b'G' | b'R' | b'o' | b'e' => 0,
                    b'T' => return Err(Fault::new(col, "thread-local sections are not supported")),
                    _ => {
                        return Err(Fault::new(
                            col,
                            format!("unknown section flag `{}`", char::from(*letter)),
                        ));
                    }
                };
            }
            flags = Some(bits);
            if cur.eat(",") {
                if !cur.eat("@") {
                    cur.eat("%");
                }
                kind = match cur.ident()? {
                    "progbits" => Some(SHT_PROGBITS),
                    "nobits" => Some(SHT_NOBITS),
                    "note" => Some(SHT_NOTE),
                    "init_array" | "fini_array" | "preinit_array" => Some(SHT_PROGBITS),
                    _ => return cur.fault("unknown section type"),
                };
            }
            // Entry size, group and the rest.
            cur.at = cur.toks.len();
        }
        self.unit.switch(&name, flags, kind);
        Ok(())
    }

    fn binding(&mut self, cur: &mut Cursor, word: &str) -> Parsed<()> {
        loop {
            let name = cur.ident()?.to_string();
            let id = self.unit.symbol(&name);
            let symbol = &mut self.unit.symbols[id as usize];
            match word {
                ".weak" => symbol.weak = true,
                ".local" => symbol.global = false,
                _ => symbol.global = true,
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn symbol_type(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let name = cur.ident()?.to_string();
        cur.eat(",");
        if !cur.eat("@") {
            cur.eat("%");
        }
        let col = cur.col();
        let kind = match cur.advance() {
            Some(Tok::Ident(s)) => s.clone(),
            Some(Tok::Str(s)) => String::from_utf8_lossy(s).into_owned(),
            _ => return Err(Fault::new(col, "expected a symbol type")),
        };
        let id = self.unit.symbol(&name);
        self.unit.symbols[id as usize].kind = match kind.as_str() {
            "notype" | "STT_NOTYPE" => 0,
            "object" | "STT_OBJECT" | "common" => 1,
            "function" | "STT_FUNC" => 2,
            "tls_object" => 6,
            _ => return Err(Fault::new(col, format!("unknown symbol type `{kind}`"))),
        };
        Ok(())
    }

    fn common(&mut self, cur: &mut Cursor, local: bool) -> Parsed<()> {
        let col = cur.col();
        let name = cur.ident()?.to_string();
        cur.expect(",")?;
        let size = self.known(cur)?;
        let align = if cur.eat(",") { self.known(cur)? } else { 8 };
        let (size, align) = match (u64::try_from(size), u64::try_from(align)) {
            (Ok(s), Ok(a)) if a.is_power_of_two() && a <= 1 << 20 => (s, a),
            _ => return Err(Fault::new(col, "needs a size, and an alignment that is a power of two")),
        };
        let now = (self.unit.current, self.unit.previous);
        self.unit.switch(".bss", None, None);
        let section = self.unit.section();
        section.align = section.align.max(align);
        self.unit.push_frag(Frag::Align { to: align, fill: None, max: u64::MAX });
        self.unit.label(&name).map_err(|m| Fault::new(col, m))?;
        let span = self.unit.span;
        self.unit.push_frag(Frag::Fill { count: Expr::Num(size as i64), size: 1, value: 0, span });
        (self.unit.current, self.unit.previous) = now;
        let id = self.unit.symbol(&name);
        let symbol = &mut self.unit.symbols[id as usize];
        symbol.kind = 1;
        symbol.global |= !local;
        symbol.size = Some(Expr::Num(size as i64));
        Ok(())
    }

    fn option(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        match cur.ident()? {
            "push" => self.option_stack.push(self.rvc),
            "pop" => {
                self.rvc = self
                    .option_stack
                    .pop()
                    .ok_or_else(|| Fault::new(col, "`.option pop` without `.option push`"))?;
            }
            "rvc" => self.rvc = true,
            "norvc" => self.rvc = false,
            // There is no linker here that could relax, and addresses are absolute.
            "relax" | "norelax" | "pic" | "nopic" | "csr-check" | "no-csr-check" => {
                cur.at = cur.toks.len();
            }
            "arch" => cur.at = cur.toks.len(),
            other => return Err(Fault::new(col, format!("unknown option `{other}`"))),
        }
        Ok(())
    }
}
