//! Directives: which one is handled where; and the small ones.

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{self, Cursor, Expr};
use super::frag::{Kind, Target};
use super::lex::Tok;
use super::reloc;

/// Directives that carry nothing for the object file.
const IGNORED: [&str; 9] =
    [".addrsig", ".addrsig_sym", ".variant_cc", ".version", ".eject", ".list", ".nolist", ".title", ".sbttl"];

impl Assembler<'_> {
    /// Handles the directive `name`; `start` is its column.
    pub(super) fn directive(&mut self, name: &str, start: usize, cur: &mut Cursor) -> Parsed<()> {
        let lower = name.to_ascii_lowercase();
        if IGNORED.contains(&lower.as_str()) {
            return Ok(());
        }
        if let Some(word) = lower.strip_prefix(".cfi_") {
            self.cfi_directive(word, start, cur)?;
            return cur.finish();
        }
        if !(self.data_directive(&lower, cur)?
            || self.section_directive(&lower, start, cur)?
            || self.symbol_directive(&lower, cur)?)
        {
            self.other_directive(name, &lower, start, cur)?;
        }
        cur.finish()
    }

    fn other_directive(&mut self, name: &str, lower: &str, start: usize, cur: &mut Cursor) -> Parsed<()> {
        match lower {
            ".option" => self.option(cur)?,
            ".attribute" | ".gnu_attribute" => self.attribute(cur, lower == ".attribute")?,
            ".insn" => self.insn_directive(cur)?,
            ".file" => self.file_directive(cur)?,
            ".loc" => self.loc_directive(cur)?,
            ".loc_mark_labels" => cur.at = cur.toks.len(),
            ".reloc" => self.relocation(cur)?,
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
        Ok(())
    }

    pub(super) fn expression(&mut self, cur: &mut Cursor) -> Parsed<Expr> {
        expr::parse(cur, &mut self.unit)
    }

    /// An expression whose value is known here.
    pub(super) fn known(&mut self, cur: &mut Cursor) -> Parsed<i64> {
        let col = cur.col();
        let e = self.expression(cur)?;
        self.unit.constant(&e).ok_or_else(|| Fault::new(col, "needs a value that is known here"))
    }

    /// `.reloc offset, NAME [, expression]`: a relocation as it stands.
    fn relocation(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        let place = self.expression(cur)?;
        let place = self.unit.target(&place);
        let here = self.unit.here_now();
        let (frag, at) = match place {
            Target { add: None, sub: None, n } => {
                let first = self.unit.section().frags().next();
                (first.unwrap_or(here.0), n)
            }
            Target { add: Some(id), sub: None, n } => match &self.unit.symbols[id as usize].def {
                super::symbol::Def::Label(frag, at) => (*frag, (*at as i64).wrapping_add(n)),
                _ => return Err(Fault::new(col, "the place must be known here")),
            },
            _ => return Err(Fault::new(col, "the place must be a label or a number")),
        };
        let Ok(at) = u32::try_from(at) else { return Err(Fault::new(col, "the place is out of range")) };
        cur.expect(",")?;
        let col = cur.col();
        let word = cur.ident()?;
        let short = word.strip_prefix("R_RISCV_").or_else(|| word.strip_prefix("BFD_RELOC_RISCV_"));
        let short = short.or_else(|| word.strip_prefix("BFD_RELOC_")).unwrap_or(word);
        let Some((_, kind)) = reloc::NAMES.iter().find(|(n, _)| *n == short) else {
            return Err(Fault::new(col, format!("unknown relocation `{word}`")));
        };
        let target = if cur.eat(",") {
            let e = self.expression(cur)?;
            self.unit.target(&e)
        } else {
            Target::default()
        };
        let span = self.unit.span;
        let fixup = super::frag::Fixup { frag, at, kind: Kind::Reloc(*kind), target, span, relax: false };
        self.unit.section().fixups.push(fixup);
        Ok(())
    }
}
