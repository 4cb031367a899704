//! What an instruction word does, worked out once: a program has few different words.
//!
//! A meaning depends on the word, on what is known of the registers that it reads, and on the pc. Most often nothing
//! is known and the pc only matters for where a jump goes; then the word's own [`Meaning`] serves.

use super::atomic::is_atomic;
use super::bits::is_bits;
use super::int::low_register;
use super::meaning::{self, Known};
use super::nature::{Nature, Natures};
use super::simplify::{constant, even, narrow_if};
use super::walk::{Written, any, any_stmts, for_each_expression, for_each_part, for_each_write};
use crate::csr::FFLAGS;
use crate::isa::InsnSet;
use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, Reg, Stmt};
use isa_spec::{Insn, Inst};
use rustc_hash::FxHashMap;
use std::sync::Arc;

/// What an instruction does at a place.
#[derive(Clone, Debug, PartialEq)]
pub struct Meaning {
    /// Everything but the jump, which comes last.
    pub body: Arc<[Stmt]>,
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
    Computed(Arc<Expr>),
    /// There if the condition holds, to the next instruction otherwise.
    If { cond: Arc<Expr>, taken: u64 },
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
    /// See [`narrow_if`].
    pub narrow_if: Option<u32>,
    /// The register whose low 32 bits it sign-extends, if that is what it does.
    pub extends: Option<u8>,
}

impl Lone {
    /// What `body` is.
    pub fn of(body: &[Stmt]) -> Option<Lone> {
        let [Stmt::WriteX(Reg::Fixed(rd), e)] = body else { return None };
        let (mut arithmetic, mut parts, mut rereads) = (true, 0, 0);
        for_each_part(e, &mut |e| {
            use ExprKind as K;
            let more =
                matches!(e.kind, K::Load(_) | K::ReadCsr(_) | K::Call(..) | K::ReadF(_) | K::Select(..));
            arithmetic &= !more;
            parts += 1;
            rereads += usize::from(e.kind == K::ReadX(Reg::Fixed(*rd)));
        });
        Some(Lone {
            rd: *rd,
            movable: arithmetic && parts < 12,
            rereads: rereads == 1,
            narrow_if: narrow_if(e),
            extends: match &e.kind {
                ExprKind::SignExtend(low) if low.width == 32 => low_register(low),
                _ => None,
            },
        })
    }
}

impl Meaning {
    /// `None`: it is not for translation.
    fn of(insn: &Insn, simple: bool, inst: &Inst, pc: u64, known: &Known) -> Option<Meaning> {
        let mut body = meaning::instantiate(insn, inst, Some(pc), known)?;
        if let Some((builtin, number)) = mark(&body) {
            return Some(Meaning { body: Arc::new([]), goes: Goes::Mark(builtin, number), lone: None });
        }
        if !simple && !translatable(&body) {
            return None;
        }
        let goes = match body.last() {
            Some(Stmt::Jump(target)) => {
                let target = even(target.clone());
                constant(&target).map_or_else(|| Goes::Computed(Arc::new(target)), Goes::To)
            }
            Some(Stmt::If { cond, then, otherwise }) if otherwise.is_empty() => match &then[..] {
                [Stmt::Jump(target)] => {
                    Goes::If { cond: Arc::new(cond.clone()), taken: constant(target)? & !1 }
                }
                _ => Goes::Next,
            },
            _ => Goes::Next,
        };
        if goes != Goes::Next {
            body.pop();
        }
        let cond = if let Goes::If { cond, .. } = &goes { Some(&**cond) } else { None };
        let fit = simple || meaning::may_begin_again(&body, cond) && !any_jump(&body);
        fit.then(|| Meaning { lone: Lone::of(&body), body: body.into(), goes })
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

/// Index of a word's template.
pub type TemplateId = u32;

/// What is known of a word. What translation most often needs is in one line of the host's cache.
#[repr(align(64))]
pub struct Template {
    /// Length in bytes.
    pub len: u8,
    /// Whether blocks end with it.
    pub ends_block: bool,
    general: General,
    /// What the body of the general meaning is, if it only computes a register.
    pub lone: Option<Lone>,
    /// The constant that it computes.
    pub constant: Option<u64>,
    /// The integer registers that the general meaning reads.
    reads: u32,
    /// The integer registers that the general meaning may write.
    pub writes: u32,
    /// Host code for the body, if it has been made.
    code: Snippet,
    rest: Box<Rest>,
}

/// What is needed more rarely.
struct Rest {
    inst: Inst,
    /// See [`Nature::simple`].
    simple: bool,
    /// The meaning while nothing is known of the registers, for the places that `general` names.
    meaning: Option<Meaning>,
}

/// Where the meaning while nothing is known of the registers is the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum General {
    /// Everywhere: it is not for translation.
    Refused,
    /// Everywhere, and it goes on with the next instruction.
    Plain,
    /// Everywhere.
    Same,
    /// Jumps are as far from the pc as these are from 0.
    Relative,
    /// It must be worked out at each place.
    Placed,
}

/// Bytes of host code in [`Templates`].
#[derive(Clone, Copy)]
struct Snippet {
    at: u32,
    /// [`UNTRIED`], [`UNFIT`], or how many.
    len: u8,
    /// Where guest memory is accessed; [`NO_ACCESS`] where there are fewer accesses.
    accesses: [u8; 2],
}

const UNTRIED: u8 = u8::MAX;
const UNFIT: u8 = u8::MAX - 1;
const NO_ACCESS: u8 = u8::MAX;

impl Template {
    fn of(isa: &InsnSet, natures: &mut Natures, word: u32) -> Option<Template> {
        let op = isa.decode(word)?;
        let insn = isa.insn(op.id)?;
        let inst = insn.operands(word);
        let Nature { simple, mentions_pc } = natures.of(insn);
        let unknown: Known = [None; 32];
        let at = |pc| Meaning::of(insn, simple, &inst, pc, &unknown);
        let same = |here: Meaning| {
            (if here.goes == Goes::Next { General::Plain } else { General::Same }, Some(here))
        };
        // What depends on the pc still has it while it is not known.
        let is_pc = |e: &Expr| matches!(e.kind, ExprKind::Pc);
        let unplaced = if mentions_pc { meaning::instantiate(insn, &inst, None, &unknown) } else { None };
        let dependent = mentions_pc && unplaced.as_ref().is_none_or(|body| any_stmts(body, &is_pc));
        let relative = unplaced.is_some_and(|mut body| {
            let jump = match body.pop() {
                Some(Stmt::If { cond, mut then, otherwise }) if otherwise.is_empty() && then.len() == 1 => {
                    if any(&cond, &is_pc) {
                        None
                    } else {
                        then.pop()
                    }
                }
                last => last,
            };
            let by_constant = |e: &Expr| match &e.kind {
                ExprKind::Binary(BinOp::Add, a, b) => is_pc(a) && constant(b).is_some(),
                _ => is_pc(e),
            };
            !any_stmts(&body, &is_pc) && matches!(jump, Some(Stmt::Jump(e)) if by_constant(&e))
        });
        let (general, meaning) = match at(0) {
            Some(here) if !dependent => same(here),
            Some(here) if relative && here.jumps_to_address() => (General::Relative, Some(here)),
            None if !any_stmts(&insn.body.stmts, &|e| matches!(e.kind, ExprKind::ReadX(_))) => {
                (General::Refused, None)
            }
            _ => (General::Placed, None),
        };
        let (mut reads, mut writes) = (0u32, 0u32);
        let mut floats = false;
        if let Some(m) = &meaning {
            for_each_write(&m.body, &mut |r, _| match r {
                Written::X(n) => writes |= 1 << n,
                Written::F(_) => floats = true,
            });
            let mut note = |e: &Expr| match e.kind {
                ExprKind::ReadX(Reg::Fixed(n)) => reads |= 1 << n,
                ExprKind::ReadF(_) => floats = true,
                _ => {}
            };
            for_each_expression(&m.body, &mut |e| for_each_part(e, &mut note));
            if let Goes::Computed(e) | Goes::If { cond: e, .. } = &m.goes {
                for_each_part(e, &mut note);
            }
        }
        let lone = meaning.as_ref().and_then(|m| m.lone);
        let body = meaning.as_ref().map_or(&[][..], |m| &m.body);
        let constant = match body {
            [Stmt::WriteX(_, e)] => constant(e),
            _ => None,
        };
        // The code for floating point depends on what the registers are known to hold.
        let fit = general == General::Plain && !floats;
        Some(Template {
            len: op.len,
            ends_block: isa.ends_block(&op),
            general,
            lone,
            constant,
            reads,
            writes,
            code: Snippet { at: 0, len: if fit { UNTRIED } else { UNFIT }, accesses: [NO_ACCESS; 2] },
            rest: Box::new(Rest { inst, simple, meaning }),
        })
    }

    /// Whether it goes on with the next instruction and does at every place what its body says, if these integer
    /// registers are those whose contents are known.
    pub fn is_plain(&self, known: u32) -> bool {
        self.general == General::Plain && self.reads & known == 0
    }

    /// Whether it goes on with the next instruction and does the same at every place.
    pub fn goes_on(&self) -> bool {
        self.general == General::Plain
    }

    /// The statements of a plain one.
    pub fn body(&self) -> &[Stmt] {
        self.rest.meaning.as_ref().map_or(&[], |m| &m.body)
    }

    /// What it does at `pc`; `which` are the registers that are known. `None`: it is not for translation.
    pub fn at(&self, isa: &InsnSet, pc: u64, known: &Known, which: u32) -> Option<Meaning> {
        match (self.general, &self.rest.meaning) {
            (General::Plain | General::Same, Some(meaning)) if self.reads & which == 0 => {
                Some(meaning.clone())
            }
            (General::Relative, Some(meaning)) if self.reads & which == 0 => Some(meaning.moved(pc)),
            (General::Refused, _) => None,
            _ => {
                let Rest { inst, simple, .. } = &*self.rest;
                Meaning::of(isa.spec().insn(inst.id), *simple, inst, pc, known)
            }
        }
    }
}

/// The words met so far.
#[derive(Default)]
pub struct Templates {
    by_word: FxHashMap<u32, Option<TemplateId>>,
    natures: Natures,
    templates: Vec<Template>,
    /// Host code of the snippets.
    code: Vec<u8>,
}

impl Templates {
    /// What is known of a word (of a compressed instruction: with zeros above). `None`: it is illegal.
    pub fn find(&mut self, isa: &InsnSet, word: u32) -> Option<TemplateId> {
        let Templates { templates, natures, .. } = self;
        *self.by_word.entry(word).or_insert_with(|| {
            templates.push(Template::of(isa, natures, word)?);
            Some((templates.len() - 1) as TemplateId)
        })
    }

    /// A template.
    pub fn get(&self, id: TemplateId) -> &Template {
        &self.templates[id as usize]
    }

    /// Host code for the body of a plain template, for registers as by the convention; with the places in it where guest
    /// memory is accessed. `None`: it has not been made.
    pub fn code(&self, id: TemplateId) -> Option<(&[u8], impl Iterator<Item = usize>)> {
        let Snippet { at, len, accesses } = self.templates[id as usize].code;
        let bytes = (len < UNFIT).then(|| &self.code[at as usize..at as usize + usize::from(len)])?;
        Some((bytes, accesses.into_iter().filter(|&at| at != NO_ACCESS).map(usize::from)))
    }

    /// Whether code for it can be kept and has not been.
    pub fn wants_code(&self, id: TemplateId) -> bool {
        self.templates[id as usize].code.len == UNTRIED
    }

    /// Keeps the code for the body of a plain template, which may run at any address. `None`: it depends on the
    /// place.
    pub fn keep_code(&mut self, id: TemplateId, code: Option<&[u8]>, accesses: &[usize]) {
        let kept = &mut self.templates[id as usize].code;
        kept.len = UNFIT;
        let Some(code) = code.filter(|c| c.len() < usize::from(UNFIT)) else { return };
        if accesses.len() > kept.accesses.len() {
            return;
        }
        for (to, &at) in kept.accesses.iter_mut().zip(accesses) {
            *to = at as u8;
        }
        kept.at = self.code.len() as u32;
        kept.len = code.len() as u8;
        self.code.extend(code);
    }
}

/// The builtin and its argument if the instruction is a mark, see [`Hart::slot`](crate::Hart::slot).
fn mark(body: &[Stmt]) -> Option<(Builtin, u32)> {
    let [Stmt::Effect(builtin @ (Builtin::Phase | Builtin::Roi), args)] = body else { return None };
    Some((*builtin, args.first().and_then(constant)? as u32))
}

/// Whether there is a jump among the statements.
pub fn any_jump(body: &[Stmt]) -> bool {
    body.iter().any(|s| match s {
        Stmt::Jump(_) => true,
        Stmt::If { then, otherwise, .. } => any_jump(then) || any_jump(otherwise),
        _ => false,
    })
}

/// Whether the code generator can do all of it. What it cannot, the interpreter does.
pub fn translatable(body: &[Stmt]) -> bool {
    fn stmts_ok(body: &[Stmt]) -> bool {
        body.iter().all(|s| match s {
            Stmt::WriteCsr(number, _) => constant(number) == Some(u64::from(FFLAGS)),
            Stmt::Effect(Builtin::Fence, args) => args.iter().all(|a| constant(a).is_some()),
            Stmt::Effect(b, _) => is_atomic(*b),
            Stmt::If { then, otherwise, .. } => stmts_ok(then) && stmts_ok(otherwise),
            _ => true,
        })
    }
    let bad = |e: &Expr| match &e.kind {
        ExprKind::ReadCsr(number) => constant(number) != Some(u64::from(FFLAGS)),
        ExprKind::Field(_) => true,
        ExprKind::Call(b, args) => match b {
            _ if is_half(*b) => true,
            _ if is_atomic(*b) => false,
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
