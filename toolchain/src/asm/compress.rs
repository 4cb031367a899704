//! Compressed forms of instructions, chosen as GNU as chooses.
//!
//! The specification says of each compressed instruction what it stands for (`pseudoinstructions` with `to:`);
//! read backwards that is the rule by which a base instruction gets its two-byte form.

use isa_spec::model::Insn;
use isa_spec::sem::{BinOp, Expr, ExprKind, Reg, Stmt};
use isa_spec::{Cond, Isa, MAX_FIELDS, Piece, Values, freg, xreg};

use super::arch::Arch;

/// Where a base instruction's field comes from in the compressed one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Unknown,
    Field(usize),
    Const(i64),
}

/// One way in which a compressed instruction stands for a base instruction.
#[derive(Debug)]
struct Rule {
    compressed: usize,
    sources: [Source; MAX_FIELDS],
    when: Vec<Cond>,
    /// Conditions under which the compressed instruction is something else.
    unless: Vec<Vec<Cond>>,
}

/// A two-byte instruction: index in the table and encoding.
pub type Short = (usize, u32);

/// The rules of an instruction set.
#[derive(Debug)]
pub struct Compressor {
    /// By index of the base instruction.
    rules: Vec<Vec<Rule>>,
    /// For instructions whose two sources may change places: the fields.
    commutes: Vec<Option<(usize, usize)>>,
    add: Option<usize>,
    addi: Option<usize>,
}

impl Compressor {
    pub fn new(isa: &Isa) -> Self {
        let mut rules: Vec<Vec<Rule>> = isa.insns.iter().map(|_| Vec::new()).collect();
        for (index, insn) in isa.insns.iter().enumerate().filter(|(_, i)| i.len == 2) {
            let mut unless: Vec<Vec<Cond>> = Vec::new();
            if let Some(field) = zero_hint(insn) {
                unless.push(vec![Cond::Is(field, 0)]);
            }
            for alias in &insn.aliases {
                let found = isa
                    .forms(&alias.mnemonic)
                    .iter()
                    .filter(|f| isa.insn(f.insn).len == 4)
                    .find_map(|f| Some((f.insn.0, sources(isa, f, &alias.template.pieces)?)));
                match found {
                    Some((base, sources)) => rules[usize::from(base)].push(Rule {
                        compressed: index,
                        sources,
                        when: alias.when.clone(),
                        unless: unless.clone(),
                    }),
                    None => unless.push(alias.when.clone()),
                }
            }
        }
        let named = |name: &str| isa.by_name(name).map(|i| usize::from(i.id.0));
        Compressor {
            rules,
            commutes: isa.insns.iter().map(commuting).collect(),
            add: named("add"),
            addi: named("addi"),
        }
    }

    /// The two-byte form of instruction `insn` with these field values under `arch`, if there is one.
    pub fn compress(&self, isa: &Isa, arch: &Arch, insn: usize, values: &Values) -> Option<Short> {
        if let Some(short) = self.exact(isa, arch, insn, values) {
            return Some(short);
        }
        let (a, b) = self.commutes.get(insn).copied().flatten()?;
        let mut swapped = *values;
        swapped.swap(a, b);
        if let Some(short) = self.exact(isa, arch, insn, &swapped) {
            return Some(short);
        }
        self.move_of_add(isa, arch, insn, values)
    }

    /// An addition of a register to x0 on the left is a move.
    fn move_of_add(&self, isa: &Isa, arch: &Arch, insn: usize, values: &Values) -> Option<Short> {
        let (add, addi) = (self.add?, self.addi?);
        let (from, to) = (&isa.insns[add], &isa.insns[addi]);
        if insn != add || values[from.field("xs1")?] != 0 || values[from.field("xs2")?] == 0 {
            return None;
        }
        let mut moved = [0; MAX_FIELDS];
        moved[to.field("xd")?] = values[from.field("xd")?];
        moved[to.field("xs1")?] = values[from.field("xs2")?];
        self.exact(isa, arch, addi, &moved)
    }

    fn exact(&self, isa: &Isa, arch: &Arch, insn: usize, values: &Values) -> Option<Short> {
        self.rules.get(insn)?.iter().find_map(|rule| {
            let short = &isa.insns[rule.compressed];
            if !arch.enables(&short.extension) {
                return None;
            }
            let mut known: [Option<i64>; MAX_FIELDS] = [None; MAX_FIELDS];
            let count = isa.insns[insn].fields.len();
            for (source, value) in rule.sources.iter().zip(values).take(count) {
                match *source {
                    Source::Const(v) if v == *value => {}
                    Source::Field(f) if known[f].is_none_or(|v| v == *value) => known[f] = Some(*value),
                    _ => return None,
                }
            }
            for (n, field) in short.fields.iter().enumerate() {
                known[n] = known[n].or(field.default);
            }
            let holds = |c: &Cond| match *c {
                Cond::Is(f, v) => known[f] == Some(v),
                Cond::Same(a, b) => known[a] == known[b],
            };
            if !rule.when.iter().all(holds) || rule.unless.iter().any(|conds| conds.iter().all(holds)) {
                return None;
            }
            let mut word = short.bits;
            for (n, field) in short.fields.iter().enumerate() {
                word |= field.insert(known[n]?).ok()?;
            }
            Some((rule.compressed, word))
        })
    }
}

/// The field whose zero makes the compressed instruction a HINT (unprivileged manual, "C" chapter, "HINT
/// Instructions"), so that it must not stand for a base instruction that does something.
fn zero_hint(insn: &Insn) -> Option<usize> {
    match insn.name.as_str() {
        "c.addi" => insn.field("imm"),
        "c.slli" | "c.srli" | "c.srai" => insn.field("shamt"),
        _ => None,
    }
}

/// Where the fields of the form's instruction come from when it is written as `pieces`, if it can be.
fn sources(isa: &Isa, form: &isa_spec::Form, pieces: &[Piece]) -> Option<[Source; MAX_FIELDS]> {
    let insn = isa.insn(form.insn);
    let theirs = &form.template.pieces;
    let mut out = [Source::Unknown; MAX_FIELDS];
    let mut at = 0;
    for piece in theirs {
        let Some(ours) = pieces.get(at) else {
            // Operands with a default may be left out at the end.
            match piece {
                Piece::Text(t) if t.trim() == "," => continue,
                Piece::Field(n) if insn.fields[*n].default.is_some() => continue,
                _ => return None,
            }
        };
        at += 1;
        let source = match (piece, ours) {
            (Piece::Text(a), Piece::Text(b)) if a.trim() == b.trim() => continue,
            (Piece::Field(n), Piece::Field(f)) => (*n, Source::Field(*f)),
            (Piece::Field(n), Piece::Text(t)) => {
                let value = xreg(t).or_else(|| freg(t)).map(i64::from).or_else(|| t.parse().ok())?;
                (*n, Source::Const(value))
            }
            _ => return None,
        };
        out[source.0] = source.1;
    }
    if at != pieces.len() {
        return None;
    }
    for cond in &form.when {
        match *cond {
            Cond::Is(field, value) => out[field] = Source::Const(value),
            Cond::Same(a, b) if out[a] == Source::Unknown => out[a] = out[b],
            Cond::Same(a, b) => out[b] = out[a],
        }
    }
    for (n, field) in insn.fields.iter().enumerate() {
        if out[n] == Source::Unknown {
            out[n] = Source::Const(field.default?);
        }
    }
    Some(out)
}

/// The two source fields of an instruction whose meaning does not change when they change places.
fn commuting(insn: &Insn) -> Option<(usize, usize)> {
    let [Stmt::WriteX(_, value)] = insn.body.stmts.as_slice() else { return None };
    let ExprKind::Binary(op, l, r) = &bare(value).kind else { return None };
    let commutes = matches!(op, BinOp::Add | BinOp::And | BinOp::Or | BinOp::Xor | BinOp::Mul);
    match (&bare(l).kind, &bare(r).kind) {
        (ExprKind::ReadX(Reg::Field(a)), ExprKind::ReadX(Reg::Field(b))) if commutes && a != b => {
            Some((*a, *b))
        }
        _ => None,
    }
}

/// The expression without the conversions of width around it.
fn bare(e: &Expr) -> &Expr {
    match &e.kind {
        ExprKind::SignExtend(inner) | ExprKind::ZeroExtend(inner) | ExprKind::Slice(inner, _, 0) => {
            bare(inner)
        }
        _ => e,
    }
}
