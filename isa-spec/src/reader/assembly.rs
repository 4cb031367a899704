//! `assembly:` and `pseudoinstructions:`: operand templates and aliases.

use super::{Reader, Result, get, parse_int};
use crate::disasm::{freg, xreg};
use crate::model::{Alias, Cond, Field, FieldKind, Piece, Template};
use crate::yaml::{Node, NodeKind, Pos};

impl Reader<'_> {
    pub(super) fn template(&self, text: &str, fields: &[Field], pos: Pos) -> Result<Template> {
        let mut pieces = Vec::new();
        let chars: Vec<char> = text.chars().collect();
        let mut i = 0;
        while i < chars.len() {
            let c = chars[i];
            if c.is_whitespace() {
                i += 1;
                continue;
            }
            if "(),".contains(c) {
                pieces.push(Piece::Text(c.to_string()));
                i += 1;
                continue;
            }
            let len = chars[i..].iter().take_while(|c| c.is_alphanumeric() || "_-.".contains(**c)).count();
            let word: String = chars[i..i + len].iter().collect();
            let piece = if let Some(n) = fields.iter().position(|f| f.name == word) {
                Piece::Field(n)
            } else if xreg(&word).is_some() || freg(&word).is_some() || parse_int(&word).is_some() {
                Piece::Text(word.clone())
            } else {
                return self.err(
                    pos,
                    format!(
                        "expected a variable of this encoding, a register or `,` `(` `)`, found `{}`",
                        if word.is_empty() { c.to_string() } else { word }
                    ),
                );
            };
            pieces.push(piece);
            i += len;
        }
        match out_of_place(&pieces) {
            Some(why) => self.err(pos, format!("`{text}`: {why}")),
            None => Ok(Template { pieces }),
        }
    }

    pub(super) fn all_operands_shown(&self, template: &Template, fields: &[Field], pos: Pos) -> Result<()> {
        let shown = template.fields();
        for (n, f) in fields.iter().enumerate() {
            let implied = match f.kind {
                FieldKind::AqRl => true,
                _ => f.default.is_some(),
            };
            if !implied && !shown.contains(&n) {
                return self
                    .err(pos, format!("assembly: `{}` is not shown and has no custom_default", f.name));
            }
        }
        Ok(())
    }

    pub(super) fn aliases(&self, node: &Node, fields: &[Field]) -> Result<Vec<Alias>> {
        let mut out = Vec::new();
        for item in self.seq(node, "pseudoinstructions")? {
            let map = self.map(item, "pseudoinstruction")?;
            self.keys(map, &["when", "to", "custom_use"])?;
            let when_node = self.need(map, "when", item.pos)?;
            let when = self.conditions(self.text(when_node, "when")?, fields, when_node.pos)?;
            let to = self.need(map, "to", item.pos)?;
            let text = self.text(to, "to")?;
            let (mnemonic, operands) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
            let word = NodeKind::Scalar { text: mnemonic.to_string(), literal: false };
            self.name(&Node { pos: to.pos, kind: word }, "to")?;
            let template = self.template(operands, fields, to.pos)?;
            let (print, assemble) = match get(map, "custom_use") {
                None => (true, true),
                Some(n) => match self.text(n, "custom_use")? {
                    "print" => (true, false),
                    "assemble" => (false, true),
                    other => {
                        return self
                            .err(n.pos, format!("custom_use: expected print or assemble, found `{other}`"));
                    }
                },
            };
            if assemble {
                let shown = template.fields();
                let known = |n: usize| {
                    shown.contains(&n)
                        || fields[n].default.is_some()
                        || when.iter().any(|c| matches!(c, Cond::Is(f, _) if *f == n))
                };
                let lost = (0..fields.len()).find(|n| {
                    !known(*n)
                        && !when.iter().any(|c| match c {
                            Cond::Same(a, b) => (a == n && known(*b)) || (b == n && known(*a)),
                            Cond::Is(..) => false,
                        })
                        && fields[*n].kind != FieldKind::AqRl
                });
                if let Some(n) = lost {
                    return self.err(
                        to.pos,
                        format!("`{mnemonic}` leaves `{}` open: show it, fix it in `when`, or say custom_use: print", fields[n].name),
                    );
                }
            }
            out.push(Alias { mnemonic: mnemonic.to_string(), template, when, print, assemble });
        }
        Ok(out)
    }

    /// `a == 1 && (b == c)`, or `true`.
    fn conditions(&self, text: &str, fields: &[Field], pos: Pos) -> Result<Vec<Cond>> {
        if text == "true" {
            return Ok(Vec::new());
        }
        let field = |name: &str| fields.iter().position(|f| f.name == name);
        text.split("&&")
            .map(|part| {
                let inner = part.trim().trim_start_matches('(').trim_end_matches(')');
                let sides = inner.split_once("==").map(|(a, b)| (a.trim(), b.trim()));
                match sides.map(|(a, b)| (field(a), field(b), parse_int(b))) {
                    Some((Some(a), Some(b), _)) => Ok(Cond::Same(a, b)),
                    Some((Some(a), None, Some(v))) => match fields[a].insert(v) {
                        Ok(_) => Ok(Cond::Is(a, v)),
                        Err(e) => self.err(pos, format!("when: {e}")),
                    },
                    _ => self.err(
                        pos,
                        format!("when: expected `variable == number` or `variable == variable`, joined by &&, found `{}`", part.trim()),
                    ),
                }
            })
            .collect()
    }
}

/// What is wrong with the order of pieces: operands are separated by commas, and one may be in parentheses behind another.
fn out_of_place(pieces: &[Piece]) -> Option<&'static str> {
    let kind = |p: Option<&Piece>| match p {
        None => ' ',
        Some(Piece::Text(t)) if [",", "(", ")"].contains(&t.as_str()) => t.chars().next().unwrap_or(' '),
        Some(_) => 'x',
    };
    let mut open = false;
    for n in 0..pieces.len() {
        let (this, next) = (kind(pieces.get(n)), kind(pieces.get(n + 1)));
        match (this, next) {
            ('x', 'x') => return Some("two operands have no comma between them"),
            (',', ' ' | ',' | ')') => return Some("an operand is missing after a comma"),
            ('(', ')' | ',' | ' ' | '(') => return Some("an operand is missing in the parentheses"),
            (')', 'x' | '(') => return Some("a comma is missing after the parentheses"),
            _ => {}
        }
        match this {
            '(' if open => return Some("parentheses inside each other"),
            '(' => open = true,
            ')' if !open => return Some("`)` without `(`"),
            ')' => open = false,
            ',' if open => return Some("a comma inside the parentheses"),
            ',' if n == 0 => return Some("an operand is missing before the comma"),
            _ => {}
        }
    }
    open.then_some("`(` without `)`")
}
