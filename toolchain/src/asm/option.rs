//! `.option` and `.attribute`: what code is allowed to be, and what the object file says about it.

use std::collections::BTreeMap;

use super::Assembler;
use super::arch::Arch;
use super::data::leb128;
use super::diag::{Fault, Parsed};
use super::expr::Cursor;
use super::lex::Tok;

/// The state that `.option push` keeps.
#[derive(Debug, Clone)]
pub(super) struct CodeOptions {
    /// Instructions may be compressed; alignment counts in two bytes.
    pub rvc: bool,
    /// A linker may relax what is assembled.
    pub relax: bool,
    /// `la` goes through the global offset table.
    pub pic: bool,
    pub arch: Arch,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AttributeValue {
    Number(u64),
    Text(String),
}

/// Tags of `.riscv.attributes` (RISC-V ELF psABI, "Attributes").
const TAGS: [(&str, u64); 7] = [
    ("stack_align", 4),
    ("arch", 5),
    ("unaligned_access", 6),
    ("priv_spec", 8),
    ("priv_spec_minor", 10),
    ("priv_spec_revision", 12),
    ("atomic_abi", 14),
];
const TAG_ARCH: u64 = 5;
/// Privileged specification 1.11, to which CSR numbers belong, as two tags.
const PRIV_SPEC: [(u64, u64); 2] = [(8, 1), (10, 11)];

impl Assembler<'_> {
    pub(super) fn option(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        match cur.ident()? {
            "push" => self.option_stack.push(self.options.clone()),
            "pop" => {
                self.options = self
                    .option_stack
                    .pop()
                    .ok_or_else(|| Fault::new(col, "`.option pop` without `.option push`"))?;
            }
            "rvc" => {
                self.options.arch.add("c", None);
                self.options.rvc = true;
                self.rvc_flag = true;
            }
            "norvc" => {
                self.options.arch.remove("c");
                self.options.rvc = false;
            }
            "relax" => self.options.relax = self.may_relax,
            "norelax" => self.options.relax = false,
            "pic" => self.options.pic = true,
            "nopic" => self.options.pic = false,
            "csr-check" | "no-csr-check" | "csr" | "no" => cur.at = cur.toks.len(),
            "arch" => {
                cur.expect(",")?;
                let text = rest(cur);
                self.options.arch.change(&text).map_err(|m| Fault::new(col, m))?;
                self.arch_changed();
            }
            other => return Err(Fault::new(col, format!("unknown option `{other}`"))),
        }
        self.unit.arch = self.options.arch.name();
        Ok(())
    }

    /// Follows a change of the architecture as a whole.
    pub(super) fn arch_changed(&mut self) {
        self.options.rvc = self.options.arch.has("c") || self.options.arch.has("zca");
        self.rvc_flag |= self.options.rvc;
        self.unit.arch = self.options.arch.name();
    }

    /// `.attribute tag, value`; `.gnu_attribute` is read and has no effect.
    pub(super) fn attribute(&mut self, cur: &mut Cursor, riscv: bool) -> Parsed<()> {
        let col = cur.col();
        let tag = match cur.peek() {
            Some(Tok::Ident(name)) => {
                cur.at += 1;
                let short = name.strip_prefix("Tag_RISCV_").unwrap_or(name);
                let hit = TAGS.iter().find(|(n, _)| *n == short).map(|(_, tag)| *tag);
                hit.ok_or_else(|| Fault::new(col, format!("unknown attribute `{name}`")))?
            }
            _ => self.known(cur)? as u64,
        };
        cur.expect(",")?;
        let col = cur.col();
        let value = match cur.peek() {
            Some(Tok::Str(s)) => {
                cur.at += 1;
                AttributeValue::Text(String::from_utf8_lossy(s).into_owned())
            }
            _ => AttributeValue::Number(self.known(cur)? as u64),
        };
        if !riscv {
            return Ok(());
        }
        // Tags of odd number have text (psABI); `arch` is one, whatever else says.
        match (&value, tag % 2 == 1) {
            (AttributeValue::Text(text), true) => {
                if tag == TAG_ARCH {
                    self.options.arch = Arch::parse(text, self.isa_spec).map_err(|m| Fault::new(col, m))?;
                    self.arch_changed();
                    return Ok(());
                }
            }
            (AttributeValue::Number(_), false) => {}
            (_, text) => {
                let wanted = if text { "a string" } else { "a number" };
                return Err(Fault::new(col, format!("this attribute needs {wanted}")));
            }
        }
        self.attributes.insert(tag, value);
        Ok(())
    }

    /// The contents of `.riscv.attributes`.
    pub(super) fn attribute_bytes(&self) -> Vec<u8> {
        let mut all: BTreeMap<u64, AttributeValue> = self.attributes.clone();
        all.insert(TAG_ARCH, AttributeValue::Text(self.options.arch.name()));
        if self.csr_operand {
            for (tag, value) in PRIV_SPEC {
                all.entry(tag).or_insert(AttributeValue::Number(value));
            }
        }
        let mut list = Vec::new();
        for (tag, value) in &all {
            match value {
                AttributeValue::Number(0) => {}
                AttributeValue::Number(n) => {
                    list.extend(leb128(*tag as i64, false));
                    list.extend(leb128(*n as i64, false));
                }
                AttributeValue::Text(text) => {
                    list.extend(leb128(*tag as i64, false));
                    list.extend(text.bytes());
                    list.push(0);
                }
            }
        }
        // Format version; then the vendor's subsection; in it the attributes of the whole file (tag 1).
        let mut out = vec![b'A'];
        let file_size = 1 + 4 + list.len() as u32;
        out.extend((4 + 6 + file_size).to_le_bytes());
        out.extend(b"riscv\0");
        out.push(1);
        out.extend(file_size.to_le_bytes());
        out.extend(list);
        out
    }
}

/// The rest of the statement as text, without blanks.
fn rest(cur: &mut Cursor) -> String {
    let mut text = String::new();
    while let Some(tok) = cur.advance() {
        match tok {
            Tok::Ident(s) => text.push_str(s),
            Tok::Int(n) => text.push_str(&n.to_string()),
            Tok::Punct(p) => text.push_str(p),
            _ => {}
        }
    }
    text
}
