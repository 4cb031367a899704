//! Instructions: operands parsed by the templates of `isa-spec`, encoded at once or left to a fix-up.

use isa_spec::{Class, Field, FieldKind, Form, Isa, MAX_FIELDS, Piece, ROUNDING_MODES, freg, xreg};

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::lex::{self, Tok};
use super::unit::{Branch, Frag, How, SHT_NOBITS, Target};

/// A parsed operand: a field's value, or an expression for a fix-up.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    Known(i64),
    Later(How, Expr),
}

/// A form whose operands fit: what to emit.
struct Match {
    insn: usize,
    word: u32,
    later: Option<(usize, How, Expr)>,
}

/// Why a form does not fit, and how far it came: text that fits with a bad value beats text that does not fit.
struct Misfit {
    encoded: bool,
    fault: Fault,
}

impl Assembler<'_> {
    /// Assembles the instruction or pseudo-instruction `name`; `start` is its column.
    pub(super) fn instruction(&mut self, name: &str, start: usize, cur: &mut Cursor) -> Parsed<()> {
        if self.unit.section().kind == SHT_NOBITS {
            return Err(Fault::new(start, "an instruction in a section without contents (.bss)"));
        }
        self.unit.mark(false);
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
                    self.emit_match(found);
                    return Ok(());
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
        let mut found: [Option<(Operand, usize)>; MAX_FIELDS] = Default::default();
        self.operands(form, cur, &mut found).map_err(|fault| Misfit { encoded: false, fault })?;
        cur.finish().map_err(|fault| Misfit { encoded: false, fault })?;
        let mut values = [None; MAX_FIELDS];
        let mut later = None;
        for (n, operand) in found.iter().enumerate() {
            match operand {
                Some((Operand::Known(v), _)) => values[n] = Some(*v),
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
        let mut word = insn.bits;
        for (n, field) in insn.fields.iter().enumerate() {
            if later.as_ref().is_some_and(|(l, ..)| *l == n) {
                continue;
            }
            let col = found[n].as_ref().map_or(end, |(_, col)| *col);
            word |= field.insert(values[n]).map_err(|e| fault(col, e.to_string()))?;
        }
        Ok(Match { insn: usize::from(form.insn.0), word, later })
    }

    fn operands(
        &mut self,
        form: &Form,
        cur: &mut Cursor,
        found: &mut [Option<(Operand, usize)>; MAX_FIELDS],
    ) -> Parsed<()> {
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
                    let offset_left_out = field.kind == FieldKind::Imm
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

    fn operand(&mut self, field: &Field, cur: &mut Cursor) -> Parsed<Operand> {
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
                // Named constants, and integers; `fp_constant_index` knows the other ways to write them.
                let text = match cur.peek() {
                    Some(Tok::Int(n)) => n.to_string(),
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
                if let Some(csr) = word.and_then(|w| self.isa.csr_by_name(w)) {
                    cur.at += 1;
                    return Ok(Operand::Known(i64::from(csr.address)));
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
            FieldKind::Upper => match self.relocation(cur)? {
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
                if let Some(operand) = self.relocation(cur)? {
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
    fn relocation(&mut self, cur: &mut Cursor) -> Parsed<Option<Operand>> {
        if !cur.is("%") {
            return Ok(None);
        }
        let col = cur.col();
        cur.at += 1;
        let how = match cur.ident()? {
            "hi" => How::Hi,
            "lo" => How::Lo,
            "pcrel_hi" => How::PcrelHi,
            "pcrel_lo" => How::PcrelLo,
            other => return Err(Fault::new(col, format!("`%{other}` is not supported in a static program"))),
        };
        cur.expect("(")?;
        let e = self.expression(cur)?;
        cur.expect(")")?;
        // A constant's halves are known now.
        if let (How::Hi | How::Lo, Some(n)) = (how, self.unit.constant(&e)) {
            return Ok(Some(Operand::Known(if how == How::Hi { high(n) } else { low(n) })));
        }
        Ok(Some(Operand::Later(how, e)))
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

    fn emit_match(&mut self, found: Match) {
        let insn = &self.isa.insns[found.insn];
        let Some((var, how, expr)) = found.later else {
            self.unit.emit(&found.word.to_le_bytes()[..usize::from(insn.len)]);
            return;
        };
        if insn.class == Class::Branch
            && insn.len == 4
            && let Some(branch) = self.branch(&found.word, found.insn, var, &expr)
        {
            self.unit.push_frag(Frag::Branch(Box::new(branch)));
            return;
        }
        let target = Target::Insn { insn: found.insn, var };
        self.unit.emit_fixed(u64::from(found.word), insn.len, target, how, expr);
    }

    /// The relaxable form of a conditional branch, unless its target is known to be near.
    fn branch(&mut self, word: &u32, insn: usize, var: usize, target: &Expr) -> Option<Branch> {
        // funct3 bit 0 selects the inverted condition (unprivileged manual, "Conditional Branches").
        let inverse = word ^ 0x1000;
        let twin = self.isa.insn(self.isa.decode(inverse)?.id);
        if twin.class != Class::Branch || twin.template != self.isa.insns[insn].template {
            return None;
        }
        let here = super::expr::Names::here(&mut self.unit);
        let distance = Expr::Bin(super::expr::Op::Sub, Box::new(target.clone()), Box::new(here));
        if self.unit.constant(&distance).is_some_and(|d| (-4096..4095).contains(&d)) {
            return None;
        }
        let jal = self.isa.by_name("jal")?;
        let jal_var = jal.fields.iter().position(|f| f.kind == FieldKind::Target)?;
        Some(Branch {
            insn,
            var,
            word: *word,
            inverse,
            jal: (usize::from(jal.id.0), jal_var, jal.bits),
            target: target.clone(),
            span: self.unit.span,
            long: false,
        })
    }

    /// Emits the instruction `name` with its operands in the order of its template.
    pub(super) fn emit_named(&mut self, name: &str, operands: &[Operand]) -> Parsed<()> {
        let col = self.unit.span.col as usize;
        let isa = self.isa;
        let insn =
            isa.by_name(name).ok_or_else(|| Fault::new(col, format!("the specification has no `{name}`")))?;
        let mut word = insn.bits;
        let mut later = None;
        let fields = insn.template.fields();
        for (n, field) in insn.fields.iter().enumerate() {
            let operand = fields.iter().position(|f| *f == n).and_then(|p| operands.get(p));
            let value = match operand {
                Some(Operand::Known(v)) => *v,
                Some(Operand::Later(how, expr)) => {
                    later = Some((n, *how, expr.clone()));
                    continue;
                }
                None => field.default.unwrap_or(0),
            };
            word |= field.insert(value).map_err(|e| Fault::new(col, e.to_string()))?;
        }
        self.emit_match(Match { insn: usize::from(insn.id.0), word, later });
        Ok(())
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
    for (i, ca) in a.chars().enumerate() {
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
