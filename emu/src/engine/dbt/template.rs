//! What an instruction word does, worked out once: a program has few different words.
//!
//! A meaning depends on the word, on what is known of the registers that it reads, and on the pc. Most often nothing
//! is known and the pc only matters for where a jump goes; then the word's own [`Meaning`] serves.

use super::bits::is_bits;
use super::meaning::{self, Known, any, any_stmts, constant, count, for_each_read, traps};
use crate::csr::FFLAGS;
use crate::isa::InsnSet;
use isa_spec::sem::{Builtin, Expr, ExprKind, Reg, Stmt};
use isa_spec::{Insn, Inst};
use rustc_hash::FxHashMap;
use std::rc::Rc;

/// What an instruction does at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// Everything but the jump, which comes last.
    pub body: Rc<[Stmt]>,
    /// The jump.
    pub goes: Goes,
    /// What the body is, if it only computes a register.
    pub lone: Option<Lone>,
}

/// Where an instruction goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Goes {
    /// To the next instruction.
    Next,
    /// There.
    To(u64),
    /// To an address that only its execution knows.
    Computed(Rc<Expr>),
    /// There if the condition holds, to the next instruction otherwise.
    If { cond: Rc<Expr>, taken: u64 },
    /// To the next instruction, where executions count elsewhere.
    Mark(Builtin, u32),
}

/// A body that computes one integer register and does nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lone {
    /// The register.
    pub rd: u8,
    /// It may be computed a little later: there is nothing in it but registers and arithmetic.
    pub movable: bool,
    /// It reads the register's old value, once.
    pub rereads: bool,
}

impl Lone {
    /// What `body` is.
    pub fn of(body: &[Stmt]) -> Option<Lone> {
        let [Stmt::WriteX(Reg::Fixed(rd), e)] = body else { return None };
        let unmovable =
            |e: &Expr| matches!(e.kind, ExprKind::Call(..) | ExprKind::ReadF(_) | ExprKind::Select(..));
        Some(Lone {
            rd: *rd,
            movable: !traps(e) && !any(e, &unmovable) && count(e, |_| true) < 12,
            rereads: count(e, |e| e.kind == ExprKind::ReadX(Reg::Fixed(*rd))) == 1,
        })
    }
}

impl Meaning {
    /// `None`: it is not for translation.
    fn of(insn: &Insn, inst: &Inst, pc: u64, known: &Known) -> Option<Meaning> {
        let mut body = meaning::instantiate(insn, inst, pc, known)?;
        if let Some((builtin, number)) = mark(&body) {
            return Some(Meaning { body: Rc::new([]), goes: Goes::Mark(builtin, number), lone: None });
        }
        if !translatable(&body) {
            return None;
        }
        let goes = match body.last() {
            Some(Stmt::Jump(target)) => {
                constant(target).map_or_else(|| Goes::Computed(Rc::new(target.clone())), Goes::To)
            }
            Some(Stmt::If { cond, then, otherwise }) if otherwise.is_empty() => match &then[..] {
                [Stmt::Jump(target)] => Goes::If { cond: Rc::new(cond.clone()), taken: constant(target)? },
                _ => Goes::Next,
            },
            _ => Goes::Next,
        };
        if goes != Goes::Next {
            body.pop();
        }
        (!any_jump(&body)).then(|| Meaning { lone: Lone::of(&body), body: body.into(), goes })
    }

    /// The same with the jump `by` further.
    fn moved(&self, by: u64) -> Meaning {
        let mut moved = self.clone();
        match &mut moved.goes {
            Goes::To(to) | Goes::If { taken: to, .. } => *to = to.wrapping_add(by),
            _ => {}
        }
        moved
    }

    fn jumps_to_address(&self) -> bool {
        matches!(self.goes, Goes::To(_) | Goes::If { .. })
    }
}

/// What is known of a word.
pub struct Template {
    /// Length in bytes.
    pub len: u8,
    /// Whether blocks end with it.
    pub ends_block: bool,
    inst: Inst,
    general: General,
    /// The integer registers that it reads, as far as that matters.
    reads: u32,
}

/// The meaning while nothing is known of the registers.
enum General {
    /// It is not for translation.
    None,
    /// The same everywhere.
    Same(Meaning),
    /// Jumps are as far from the pc as these are from 0.
    Relative(Meaning),
    /// It must be worked out at each place.
    Placed,
}

impl Template {
    fn of(isa: &InsnSet, word: u32) -> Option<Template> {
        let op = isa.decode(word)?;
        let spec = isa.spec();
        let inst = spec.decode(word)?;
        let insn = spec.insn(inst.id);
        let unknown: Known = [None; 32];
        let at = |pc| Meaning::of(insn, &inst, pc, &unknown);
        // Two places that have no bits in common that an instruction could make disappear.
        const FAR: u64 = 0x2a_aaaa_aaa0;
        let general = match (at(0), at(FAR)) {
            (Some(here), Some(there)) if here == there => General::Same(here),
            (Some(here), Some(there)) if here.jumps_to_address() && here.moved(FAR) == there => {
                General::Relative(here)
            }
            (None, None) if !reads_x(insn) => General::None,
            _ => General::Placed,
        };
        let mut reads = 0;
        if let General::Same(m) | General::Relative(m) = &general {
            let mut note = |n: u8| reads |= 1 << n;
            m.body.iter().for_each(|s| for_each_read(s, &mut note));
            if let Goes::Computed(e) | Goes::If { cond: e, .. } = &m.goes {
                meaning::for_each_x(e, &mut note);
            }
        }
        Some(Template { len: op.len, ends_block: isa.ends_block(&op), inst, general, reads })
    }

    /// What it does at `pc`. `None`: it is not for translation.
    pub fn at(&self, isa: &InsnSet, pc: u64, known: &Known, which: u32) -> Option<Meaning> {
        match &self.general {
            General::Same(meaning) if self.reads & which == 0 => Some(meaning.clone()),
            General::Relative(meaning) if self.reads & which == 0 => Some(meaning.moved(pc)),
            General::None => None,
            _ => Meaning::of(isa.spec().insn(self.inst.id), &self.inst, pc, known),
        }
    }
}

/// The words met so far.
#[derive(Default)]
pub struct Templates {
    by_word: FxHashMap<u32, Option<Rc<Template>>>,
}

impl Templates {
    /// What is known of a word (of a compressed instruction: with zeros above). `None`: it is illegal.
    pub fn get(&mut self, isa: &InsnSet, word: u32) -> Option<Rc<Template>> {
        self.by_word.entry(word).or_insert_with(|| Template::of(isa, word).map(Rc::new)).clone()
    }
}

/// Whether the instruction reads integer registers.
fn reads_x(insn: &Insn) -> bool {
    any_stmts(&insn.body.stmts, &|e| matches!(e.kind, ExprKind::ReadX(_)))
}

/// The builtin and its argument if the instruction is a mark, see [`Hart::slot`](crate::Hart::slot).
fn mark(body: &[Stmt]) -> Option<(Builtin, u32)> {
    let [Stmt::Effect(builtin @ (Builtin::Phase | Builtin::Roi), args)] = body else { return None };
    Some((*builtin, args.first().and_then(constant)? as u32))
}

fn any_jump(body: &[Stmt]) -> bool {
    body.iter().any(|s| match s {
        Stmt::Jump(_) => true,
        Stmt::If { then, otherwise, .. } => any_jump(then) || any_jump(otherwise),
        _ => false,
    })
}

/// Whether the code generator can do all of it. What it cannot, the interpreter does.
fn translatable(body: &[Stmt]) -> bool {
    fn stmts_ok(body: &[Stmt]) -> bool {
        body.iter().all(|s| match s {
            Stmt::WriteCsr(number, _) => constant(number) == Some(u64::from(FFLAGS)),
            Stmt::Effect(b, args) => {
                matches!(b, Builtin::Fence) && args.iter().all(|a| constant(a).is_some())
            }
            Stmt::If { then, otherwise, .. } => stmts_ok(then) && stmts_ok(otherwise),
            _ => true,
        })
    }
    let bad = |e: &Expr| match &e.kind {
        ExprKind::ReadCsr(number) => constant(number) != Some(u64::from(FFLAGS)),
        ExprKind::Field(_) => true,
        ExprKind::Call(b, args) => match b {
            _ if is_half(*b) => true,
            _ if is_bits(*b, args) => false,
            Builtin::NanBox
            | Builtin::NanUnbox
            | Builtin::FpCompare(..)
            | Builtin::FpMin(_)
            | Builtin::FpMax(_) => false,
            Builtin::Fp(..)
            | Builtin::FpSqrt(_)
            | Builtin::FpMulAdd(_)
            | Builtin::FpWiden
            | Builtin::FpNarrow => args.last().and_then(constant) != Some(0),
            Builtin::IntToFp(..) => args.last().and_then(constant) != Some(0),
            Builtin::FpToInt(..) => !matches!(args.last().and_then(constant), Some(0 | 1)),
            _ => true,
        },
        _ => e.width > 64 && !matches!(e.kind, ExprKind::Binary(..)),
    };
    stmts_ok(body) && !any_stmts(body, &bad)
}

/// Whether the operation is on half-precision numbers, for which the host has no instructions.
fn is_half(b: Builtin) -> bool {
    matches!(
        b,
        Builtin::Fp(_, 16)
            | Builtin::FpSqrt(16)
            | Builtin::FpMulAdd(16)
            | Builtin::FpMin(16)
            | Builtin::FpMax(16)
            | Builtin::FpCompare(_, 16)
            | Builtin::FpToInt(16, _)
            | Builtin::IntToFp(_, 16)
    )
}
