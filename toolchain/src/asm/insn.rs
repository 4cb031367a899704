//! Instructions: operands parsed by the templates of `isa-spec`, encoded at once or left to a fix-up.

use isa_spec::{Class, Field, Form, Isa, MAX_FIELDS, Piece, Values, xreg};

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::frag::{Branch, Kind, Patch, Tail};
use super::lex::{self, Tok};
use super::operand::{How, Operand};
use super::reloc;
use super::section::{Content, SHT_NOBITS};

/// A form whose operands fit: what to emit.
struct Match {
    insn: usize,
    values: Values,
    word: u32,
    later: Option<(usize, How, Expr)>,
    /// No operand was written with `%hi` or its kin, which GNU as never compresses.
    plain: bool,
}

/// Why a form does not fit, and how far it came: text that fits with a bad value beats text that does not fit.
struct Misfit {
    encoded: bool,
    fault: Fault,
}

/// The operands found for a form's fields, each with its column.
type Found = [Option<(Operand, usize)>; MAX_FIELDS];

impl Assembler<'_> {
    /// Assembles the instruction or pseudo-instruction `name`; `start` is its column.
    pub(super) fn instruction(&mut self, name: &str, start: usize, cur: &mut Cursor) -> Parsed<()> {
        if self.unit.section().kind == SHT_NOBITS {
            return Err(Fault::new(start, "an instruction in a section without contents (.bss)"));
        }
        self.unit.mark(Content::Code);
        let lower;
        let name = if name.bytes().any(|b| b.is_ascii_uppercase()) {
            lower = name.to_ascii_lowercase();
            lower.as_str()
        } else {
            name
        };
        if self.pseudo(name, cur)? {
            return Ok(());
        }
        let isa = self.isa;
        let forms = isa.forms(name);
        if forms.is_empty() {
            return Err(Fault::new(start, unknown(isa, name)));
        }
        let mut worst: Option<Misfit> = None;
        for form in forms {
            let mut at = cur.clone();
            match self.try_form(form, &mut at) {
                Ok(found) => {
                    *cur = at;
                    return self.emit_match(found);
                }
                Err(misfit) => {
                    let rank = |m: &Misfit| (m.encoded, m.fault.col);
                    if worst.as_ref().is_none_or(|w| rank(&misfit) > rank(w)) {
                        worst = Some(misfit);
                    }
                }
            }
        }
        Err(worst.map_or_else(|| Fault::new(start, "no form fits"), |m| m.fault))
    }

    fn try_form(&mut self, form: &Form, cur: &mut Cursor) -> Result<Match, Misfit> {
        let insn = self.isa.insn(form.insn);
        let mut found: Found = Default::default();
        self.operands(form, cur, &mut found).map_err(|fault| Misfit { encoded: false, fault })?;
        cur.finish().map_err(|fault| Misfit { encoded: false, fault })?;
        let mut values = [None; MAX_FIELDS];
        let mut later = None;
        // GNU as compresses jumps where a register or target is all that is written.
        let jump = insn.class == Class::Jump;
        let mut plain = !jump || form.template.fields().len() <= 1;
        for (n, operand) in found.iter().enumerate() {
            match operand {
                Some((Operand::Known(v), _)) => values[n] = Some(*v),
                Some((Operand::Half(v), _)) => {
                    values[n] = Some(*v);
                    plain = false;
                }
                Some((Operand::Later(how, expr), _)) => {
                    values[n] = Some(0);
                    later = Some((n, *how, expr.clone()));
                }
                None => {}
            }
        }
        let end = cur.end;
        let fault = |col: usize, message: String| Misfit { encoded: true, fault: Fault::new(col, message) };
        let values = form
            .complete(self.isa, &values)
            .map_err(|m| fault(end, format!("the operand {} is missing", m.0)))?;
        // `add` with a number is short there only as an addition, not as a move or load of it.
        let zero = |name: &str| insn.field(name).is_some_and(|f| values[f] == 0);
        let adds = form.mnemonic == "add" && insn.field("imm").is_some();
        plain &= !(adds && (zero("imm") || zero("xs1")));
        // Likewise a move is one only from a register that is not x0.
        plain &= !(form.mnemonic == "mv" && zero("xs1"));
        let mut word = insn.bits;
        for (n, field) in insn.fields.iter().enumerate() {
            if later.as_ref().is_some_and(|(l, ..)| *l == n) {
                continue;
            }
            let col = found[n].as_ref().map_or(end, |(_, col)| *col);
            word |= field.insert(values[n]).map_err(|e| fault(col, e.to_string()))?;
        }
        Ok(Match { insn: usize::from(form.insn.0), values, word, later, plain })
    }

    fn operands(&mut self, form: &Form, cur: &mut Cursor, found: &mut Found) -> Parsed<()> {
        let insn = self.isa.insn(form.insn);
        let pieces = &form.template.pieces;
        let mut at = 0;
        while let Some(piece) = pieces.get(at) {
            match piece {
                Piece::Text(text) => {
                    if text.trim() == ","
                        && cur.done()
                        && let Some(Piece::Field(n)) = pieces.get(at + 1)
                        && insn.fields[*n].default.is_some()
                    {
                        at += 2;
                        continue;
                    }
                    literal(text, cur)?;
                }
                Piece::Field(n) => {
                    let field = &insn.fields[*n];
                    if cur.done() && at == 0 && field.default.is_some() {
                        at += 1;
                        // The comma behind an operand that is left out.
                        if matches!(pieces.get(at), Some(Piece::Text(t)) if t.trim() == ",") {
                            at += 1;
                        }
                        continue;
                    }
                    let col = cur.col();
                    let offset_left_out = field.kind == isa_spec::FieldKind::Imm
                        && matches!(pieces.get(at + 1), Some(Piece::Text(t)) if t.trim() == "(")
                        && is_base(cur);
                    let operand = if offset_left_out { Operand::Known(0) } else { self.operand(field, cur)? };
                    // A field that stands twice must be written alike.
                    if let Some((Operand::Known(before), _)) = &found[*n]
                        && !matches!(operand, Operand::Known(v) if v == *before)
                    {
                        return Err(Fault::new(col, "must be the same as the operand before"));
                    }
                    found[*n] = Some((operand, col));
                }
            }
            at += 1;
        }
        Ok(())
    }

    fn emit_match(&mut self, found: Match) -> Parsed<()> {
        let isa = self.isa;
        let insn = &isa.insns[found.insn];
        let len = usize::from(insn.len);
        self.line_row_here();
        let Some((var, how, expr)) = &found.later else {
            let short = if found.plain && len == 4 { self.short(found.insn, &found.values) } else { None };
            match short {
                Some((_, word)) => self.unit.emit(&word.to_le_bytes()[..2]),
                None => self.unit.emit(&found.word.to_le_bytes()[..len]),
            }
            return Ok(());
        };
        let (var, how) = (*var, *how);
        if how == How::PcRel && len == 4 && self.branch(&found, var, expr) {
            return Ok(());
        }
        let patch = Patch::Insn { insn: found.insn, var };
        let kind = match relocation(how, &insn.fields[var]) {
            Some(reloc) => Kind::Insn { reloc, patch: Some(patch) },
            None if how == How::Value => Kind::Number(patch),
            None => {
                let col = self.unit.span.col as usize;
                return Err(Fault::new(col, "there is no relocation for this operand"));
            }
        };
        let target = self.unit.target(expr);
        self.emit_insn_fixed(&found.word.to_le_bytes()[..len], kind, target);
        Ok(())
    }

    /// Emits an instruction with a fix-up, and begins a new fragment where a linker may shorten it.
    pub(super) fn emit_insn_fixed(&mut self, bytes: &[u8], kind: Kind, target: super::frag::Target) {
        let reloc = match kind {
            Kind::Insn { reloc, .. } => reloc,
            _ => reloc::NONE,
        };
        let relax = self.options.relax && reloc::relaxable(reloc);
        self.line_row_here();
        self.unit.emit_fixed(bytes, kind, target, relax);
        if reloc::ends_fragment(reloc) {
            self.unit.new_frag();
        }
    }

    /// The two-byte form, where `.option rvc` and the architecture allow it.
    fn short(&self, insn: usize, values: &Values) -> Option<super::compress::Short> {
        if !self.options.rvc {
            return None;
        }
        self.compressor.compress(self.isa, &self.options.arch, insn, values)
    }

    /// Emits a branch or jump that layout may lengthen or shorten; false if it is not of that kind.
    fn branch(&mut self, found: &Match, var: usize, target: &Expr) -> bool {
        let insn = &self.isa.insns[found.insn];
        let jump = insn.name == "jal";
        // funct3 bit 0 selects the inverted condition (unprivileged manual, "Conditional Branches").
        let inverse = (insn.class == Class::Branch).then_some(found.word ^ 0x1000).and_then(|word| {
            let twin = self.isa.insn(self.isa.decode(word)?.id);
            let same = twin.class == Class::Branch && twin.template == insn.template;
            same.then(|| (usize::from(twin.id.0), var, word))
        });
        if !jump && inverse.is_none() {
            return false;
        }
        let target_var = |(index, word): (usize, u32)| {
            let var =
                self.isa.insns[index].fields.iter().position(|f| f.kind == isa_spec::FieldKind::Target)?;
            Some((index, var, word))
        };
        let short = if found.plain { self.short(found.insn, &found.values) } else { None };
        let short = short.and_then(target_var);
        let short_inverse =
            inverse.and_then(|(index, ..)| self.short(index, &found.values)).and_then(target_var);
        let branch = Branch {
            insn: found.insn,
            var,
            word: found.word,
            inverse,
            short,
            short_inverse,
            target: self.unit.target(target),
            span: self.unit.span,
            relax: self.options.relax,
            near: self.near,
        };
        self.unit.tail(Tail::Branch(Box::new(branch)));
        true
    }

    /// Emits the instruction `name` with its operands in the order of its template.
    pub(super) fn emit_named(&mut self, name: &str, operands: &[Operand]) -> Parsed<()> {
        let col = self.unit.span.col as usize;
        let isa = self.isa;
        let insn =
            isa.by_name(name).ok_or_else(|| Fault::new(col, format!("the specification has no `{name}`")))?;
        let mut word = insn.bits;
        let mut later = None;
        let mut values = [0; MAX_FIELDS];
        let mut plain = true;
        let fields = insn.template.fields();
        for (n, field) in insn.fields.iter().enumerate() {
            let operand = fields.iter().position(|f| *f == n).and_then(|p| operands.get(p));
            values[n] = match operand {
                Some(Operand::Known(v)) => *v,
                Some(Operand::Half(v)) => {
                    plain = false;
                    *v
                }
                Some(Operand::Later(how, expr)) => {
                    later = Some((n, *how, expr.clone()));
                    continue;
                }
                None => field.default.unwrap_or(0),
            };
            word |= field.insert(values[n]).map_err(|e| Fault::new(col, e.to_string()))?;
        }
        self.emit_match(Match { insn: usize::from(insn.id.0), values, word, later, plain })
    }
}

/// The relocation for an operand of this kind in a field of this format, if there is one.
fn relocation(how: How, field: &Field) -> Option<u32> {
    let at: Vec<(u8, u8)> = field.location.iter().map(|r| (r.hi, r.lo)).collect();
    let upper = at == [(31, 12)];
    let (i, s) = (at == [(31, 20)], at == [(31, 25), (11, 7)]);
    let low = |of_i, of_s| if i { Some(of_i) } else { s.then_some(of_s) };
    match how {
        How::Value => None,
        How::PcRel => match at.as_slice() {
            [(31, 31), (7, 7), (30, 25), (11, 8)] => Some(reloc::BRANCH),
            [(31, 31), (19, 12), (20, 20), (30, 21)] => Some(reloc::JAL),
            [(12, 12), (6, 5), (2, 2), ..] => Some(reloc::RVC_BRANCH),
            [(12, 12), (8, 8), ..] => Some(reloc::RVC_JUMP),
            _ => None,
        },
        How::Hi => upper.then_some(reloc::HI20),
        How::PcrelHi => upper.then_some(reloc::PCREL_HI20),
        How::GotHi => upper.then_some(reloc::GOT_HI20),
        How::TlsIeHi => upper.then_some(reloc::TLS_GOT_HI20),
        How::TlsGdHi => upper.then_some(reloc::TLS_GD_HI20),
        How::TprelHi => upper.then_some(reloc::TPREL_HI20),
        How::Lo => low(reloc::LO12_I, reloc::LO12_S),
        How::PcrelLo => low(reloc::PCREL_LO12_I, reloc::PCREL_LO12_S),
        How::TprelLo => low(reloc::TPREL_LO12_I, reloc::TPREL_LO12_S),
    }
}

/// Takes the literal text of a template: punctuation, a register, a number.
fn literal(text: &str, cur: &mut Cursor) -> Parsed<()> {
    for token in lex::tokens(text).unwrap_or_default() {
        let same = match (&token.tok, cur.peek()) {
            (Tok::Ident(a), Some(Tok::Ident(b))) => a == b || (xreg(a).is_some() && xreg(a) == xreg(b)),
            (Tok::Punct("("), Some(Tok::Int(0))) => {
                // `lr.w a0, 0(a1)` means `lr.w a0, (a1)`.
                let next = cur.toks.get(cur.at + 1).map(|t| &t.tok);
                let zero_offset = next == Some(&Tok::Punct("("));
                cur.at += usize::from(zero_offset);
                zero_offset
            }
            (a, Some(b)) => a == b,
            _ => false,
        };
        if !same {
            let text = text.trim();
            return cur.fault(if cur.done() {
                format!("expected `{text}` before the end of the line")
            } else {
                format!("expected `{text}`")
            });
        }
        cur.at += 1;
    }
    Ok(())
}

/// Whether `(register)` is next: a memory operand without an offset.
fn is_base(cur: &Cursor) -> bool {
    let tok = |n: usize| cur.toks.get(cur.at + n).map(|t| &t.tok);
    matches!(tok(0), Some(Tok::Punct("(")))
        && matches!(tok(1), Some(Tok::Ident(s)) if xreg(s).is_some())
        && matches!(tok(2), Some(Tok::Punct(")")))
}

fn unknown(isa: &Isa, name: &str) -> String {
    let mut best: Option<(usize, &str)> = None;
    for known in isa.mnemonics() {
        let d = distance(name, known);
        if best.is_none_or(|b| (d, known) < b) {
            best = Some((d, known));
        }
    }
    match best {
        Some((d, known)) if d <= 1 + name.len() / 5 => {
            format!("unknown instruction `{name}`; did you mean `{known}`?")
        }
        _ => format!("unknown instruction `{name}`"),
    }
}

/// Edit distance (insertions, deletions, replacements).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let above = row[j + 1];
            row[j + 1] = (diagonal + usize::from(ca != *cb)).min(above + 1).min(row[j] + 1);
            diagonal = above;
        }
    }
    row[b.len()]
}
