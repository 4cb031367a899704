//! Directives that choose a section, and what they say about it.

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::Cursor;
use super::lex::Tok;
use super::section::*;

impl Assembler<'_> {
    /// Handles the section directives; false if `name` is none.
    pub(super) fn section_directive(&mut self, name: &str, start: usize, cur: &mut Cursor) -> Parsed<bool> {
        match name {
            ".text" | ".data" | ".bss" | ".rodata" => {
                let sub = if cur.done() { 0 } else { self.known(cur)? };
                let index = self.unit.section_index(name, &Attributes::default());
                self.unit.switch(index, sub);
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
            ".subsection" => {
                let sub = self.known(cur)?;
                let index = self.unit.current.0;
                self.unit.switch(index, sub);
            }
            ".ident" => {
                let Some(Tok::Str(text)) = cur.advance() else {
                    return Err(Fault::new(start, "`.ident` needs a string"));
                };
                self.ident(text);
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A section name: in quotes, or everything up to a comma or blank.
    fn section_name(&mut self, cur: &mut Cursor) -> Parsed<String> {
        if let Some(Tok::Str(s)) = cur.peek() {
            cur.at += 1;
            return Ok(String::from_utf8_lossy(s).into_owned());
        }
        let mut name = String::new();
        let mut end = cur.col();
        while let Some(token) = cur.toks.get(cur.at) {
            // Names go on as long as nothing separates their parts: `.note.GNU-stack`.
            if token.tok == Tok::Punct(",") || token.col != end {
                break;
            }
            match &token.tok {
                Tok::Ident(s) => name.push_str(s),
                Tok::Int(n) => name.push_str(&n.to_string()),
                Tok::Punct(p) => name.push_str(p),
                _ => break,
            }
            end = token.end;
            cur.at += 1;
        }
        if name.is_empty() {
            return cur.fault("a section needs a name");
        }
        Ok(name)
    }

    fn section(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let name = self.section_name(cur)?;
        let mut attributes = Attributes::default();
        let mut sub = 0;
        if cur.eat(",") {
            match cur.peek() {
                Some(Tok::Str(_)) => self.attributes(&name, cur, &mut attributes)?,
                _ => sub = self.known(cur)?,
            }
        }
        let index = self.unit.section_index(&name, &attributes);
        if let Some(flags) = attributes.flags {
            // The name's own flags hold where the directive repeats them in part, as for `.text`.
            let section = &mut self.unit.sections[index as usize];
            if section.frags().next().is_none() && !matches!(name.as_str(), ".text" | ".data" | ".bss") {
                section.flags |= flags;
            }
        }
        self.unit.switch(index, sub);
        Ok(())
    }

    /// `"flags"[, @type[, entry size][, group[, comdat]]]`
    fn attributes(&mut self, name: &str, cur: &mut Cursor, out: &mut Attributes) -> Parsed<()> {
        let col = cur.col();
        let Some(Tok::Str(letters)) = cur.advance() else { return Ok(()) };
        let (mut bits, mut group, mut linked, mut same_group) = (0, false, false, false);
        let mut number = String::new();
        for letter in letters {
            bits |= match letter {
                b'a' => SHF_ALLOC,
                b'w' => SHF_WRITE,
                b'x' => SHF_EXECINSTR,
                b'M' => SHF_MERGE,
                b'S' => SHF_STRINGS,
                b'T' => SHF_TLS,
                b'R' => SHF_GNU_RETAIN,
                b'e' => SHF_EXCLUDE,
                b'G' => {
                    group = true;
                    0
                }
                b'o' => {
                    linked = true;
                    SHF_LINK_ORDER
                }
                b'?' => {
                    same_group = true;
                    0
                }
                b'0'..=b'9' => {
                    number.push(char::from(*letter));
                    0
                }
                _ => {
                    let message = format!("unknown section flag `{}`", char::from(*letter));
                    return Err(Fault::new(col, message));
                }
            };
        }
        bits |= number.parse::<u64>().unwrap_or(0);
        let (implied, kind, entsize) = defaults(name);
        out.flags = Some(bits | implied);
        out.entsize = Some(entsize);
        out.kind = Some(kind);
        if kind == SHT_PROGBITS && bits & SHF_EXECINSTR == 0 && name.starts_with(".note") {
            out.kind = Some(SHT_PROGBITS);
        }
        if same_group {
            out.group = self.unit.section().group.clone();
        }
        if cur.eat(",") {
            if cur.eat("@") || cur.eat("%") || matches!(cur.peek(), Some(Tok::Str(_))) {
                out.kind = Some(self.section_type(cur)?);
            } else {
                // The type may be left out before the rest.
                cur.at -= 1;
            }
        }
        if bits & SHF_MERGE != 0 && cur.eat(",") {
            let col = cur.col();
            out.entsize = match self.known(cur)? {
                n @ 1..=65536 => Some(n as u64),
                _ => return Err(Fault::new(col, "the entry size must be 1 to 65536")),
            };
        } else if bits & SHF_STRINGS != 0 {
            out.entsize = Some(1);
        }
        if linked && cur.eat(",") {
            out.link = Some(self.section_name(cur)?);
        }
        if group {
            cur.expect(",")?;
            let signature = match cur.peek() {
                Some(Tok::Str(s)) => {
                    cur.at += 1;
                    String::from_utf8_lossy(s).into_owned()
                }
                _ => cur.ident()?.to_string(),
            };
            let mut comdat = false;
            if cur.eat(",") {
                let col = cur.col();
                if cur.ident()? != "comdat" {
                    return Err(Fault::new(col, "expected `comdat`"));
                }
                comdat = true;
            }
            out.group = Some(Group { signature, comdat });
        }
        if cur.eat(",") {
            // `unique, n` keeps sections of one name apart, which flags and groups do here.
            if matches!(cur.peek(), Some(Tok::Ident(s)) if s == "unique") {
                cur.at += 1;
                cur.expect(",")?;
                self.known(cur)?;
            } else {
                return cur.fault("unexpected text after the section's attributes");
            }
        }
        Ok(())
    }

    fn section_type(&mut self, cur: &mut Cursor) -> Parsed<u32> {
        let col = cur.col();
        let word = match cur.advance() {
            Some(Tok::Ident(s)) => s.clone(),
            Some(Tok::Str(s)) => String::from_utf8_lossy(s).trim_start_matches(['@', '%']).to_string(),
            Some(Tok::Int(n)) => return Ok(*n as u32),
            _ => return Err(Fault::new(col, "expected a section type")),
        };
        Ok(match word.as_str() {
            "progbits" => SHT_PROGBITS,
            "nobits" => SHT_NOBITS,
            "note" => SHT_NOTE,
            "init_array" => SHT_INIT_ARRAY,
            "fini_array" => SHT_FINI_ARRAY,
            "preinit_array" => SHT_PREINIT_ARRAY,
            _ => return Err(Fault::new(col, format!("unknown section type `{word}`"))),
        })
    }
}
