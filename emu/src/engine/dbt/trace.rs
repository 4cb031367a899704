//! Chooses the instructions of a superblock: the path that the interpreter has seen most, from its start until it
//! comes back there, ends in an unknown place, or meets code that is translated already.

use super::bits::is_bits;
use super::meaning::{self, Known, any, any_stmts, constant, count, substitute, traps};
use crate::csr::FFLAGS;
use crate::engine::blocks::{BlockCache, fetch};
use crate::hart::{phase_slot, roi_slot};
use crate::isa::InsnSet;
use crate::memory::Ram;
use isa_spec::sem::{Builtin, Expr, ExprKind, Reg, Stmt};

/// Longest superblock, in instructions.
const MAX_STEPS: usize = 160;
/// Calls that are followed into at a time.
const MAX_DEPTH: usize = 6;

/// How a superblock goes on after a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Flow {
    /// With the next step.
    Fall,
    /// With the next step, if the condition is `expect`; elsewhere otherwise.
    Branch { cond: Expr, expect: bool, other: u64 },
    /// With the next step, if the target is `guess`.
    Guess { target: Expr, guess: u64 },
    /// Leaves the superblock for this target.
    Indirect { target: Expr },
}

/// Instructions that are translated as one: the first `count - 1` of them only compute what the last uses and
/// overwrites.
#[derive(Clone, Debug)]
pub struct Step {
    /// Number of the first instruction in the superblock.
    pub first: usize,
    /// Number of instructions.
    pub count: usize,
    /// What is done.
    pub body: Vec<Stmt>,
    /// What follows.
    pub flow: Flow,
}

/// How a superblock ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At its own start.
    Loop,
    /// Elsewhere.
    Goto(u64),
    /// With the last step's [`Flow::Indirect`].
    Indirect,
    /// Elsewhere, where executions count in another phase or region.
    Mark { pc: u64, slot: u8 },
    /// At an instruction for the interpreter.
    Interpret(u64),
}

/// The instructions of a superblock.
pub struct Trace {
    pub start: u64,
    pub steps: Vec<Step>,
    /// Address and word of each instruction.
    pub insns: Vec<(u64, u32, u8)>,
    pub end: End,
}

/// What the choice depends on besides the code.
pub trait Guide {
    /// How often the interpreter ran the block that begins here.
    fn runs(&self, pc: u64) -> u64;
    /// Where an indirect jump at the end of the block that contains `pc` went last.
    fn last_target(&self, block: u64) -> Option<u64>;
    /// Whether a superblock begins here already.
    fn translated(&self, pc: u64) -> bool;
}

/// Forms the superblock that begins at `start`. `None`: its first instruction is not for translation.
pub fn form(isa: &InsnSet, ram: &Ram, start: u64, slot: u8, guide: &dyn Guide) -> Option<Trace> {
    let mut known: Known = [None; 32];
    known[0] = Some(0);
    let mut steps: Vec<Step> = Vec::new();
    let mut insns: Vec<(u64, u32, u8)> = Vec::new();
    let mut pc = start;
    let mut block = start;
    let mut depth = 0usize;
    let end = loop {
        if !insns.is_empty() {
            if pc == start {
                break End::Loop;
            }
            let again = insns.iter().any(|&(at, _, _)| at == pc);
            let joins = depth == 0 && pc == block && guide.translated(pc);
            if again || joins || insns.len() >= MAX_STEPS {
                break End::Goto(pc);
            }
        }
        let Ok((word, op)) = fetch(isa, ram, pc) else { break End::Goto(pc) };
        let Some(inst) = isa.spec().decode(word) else { break End::Interpret(pc) };
        let next = pc.wrapping_add(u64::from(op.len));
        let insn = isa.spec().insn(inst.id);
        let Some(mut body) = meaning::instantiate(insn, &inst, pc, &known) else {
            break End::Interpret(pc);
        };
        if let Some(slot) = marks(&body, slot) {
            insns.push((pc, word, op.len));
            break End::Mark { pc: next, slot };
        }
        if !translatable(&body) {
            break End::Interpret(pc);
        }
        let first = insns.len();
        insns.push((pc, word, op.len));
        // The jump, if there is one, is the last thing that the instruction does.
        let mut flow = Flow::Fall;
        let mut goes = next;
        let mut calls = false;
        let mut over = None;
        match body.last() {
            Some(Stmt::Jump(target)) => {
                let target = target.clone();
                body.pop();
                calls = body.iter().any(|s| matches!(s, Stmt::WriteX(Reg::Fixed(1 | 5), _)));
                match constant(&target) {
                    Some(to) => goes = to,
                    None => match guide.last_target(block).filter(|_| insns.len() < MAX_STEPS) {
                        Some(guess) if depth < MAX_DEPTH => {
                            goes = guess;
                            flow = Flow::Guess { target, guess };
                        }
                        _ => {
                            flow = Flow::Indirect { target };
                            over = Some(End::Indirect);
                        }
                    },
                }
            }
            Some(Stmt::If { cond, then, otherwise })
                if otherwise.is_empty() && matches!(then[..], [Stmt::Jump(_)]) =>
            {
                let Stmt::Jump(target) = &then[0] else { break End::Interpret(pc) };
                let Some(taken) = constant(target) else { break End::Interpret(pc) };
                let cond = cond.clone();
                body.pop();
                let (a, b) = (guide.runs(taken), guide.runs(next));
                let follow = taken == start || a > b || (a == b && taken < pc);
                let follow = follow && next != start || taken == start;
                flow = Flow::Branch { cond, expect: follow, other: if follow { next } else { taken } };
                goes = if follow { taken } else { next };
            }
            _ if any_jump(&body) => {
                insns.pop();
                break End::Interpret(pc);
            }
            _ => {}
        }
        if calls {
            depth += 1;
        } else if !matches!(flow, Flow::Fall) && depth > 0 && matches!(flow, Flow::Guess { .. }) {
            depth -= 1;
        }
        if isa.ends_block(&op) {
            block = goes;
        }
        learn(&mut known, &body);
        push(&mut steps, Step { first, count: 1, body, flow });
        if let Some(end) = over {
            break end;
        }
        pc = goes;
    };
    if insns.is_empty() {
        return None;
    }
    Some(Trace { start, steps, insns, end })
}

/// The slot after an instruction that is a mark, see [`Hart::slot`](crate::Hart::slot).
fn marks(body: &[Stmt], slot: u8) -> Option<u8> {
    let [Stmt::Effect(builtin, args)] = body else { return None };
    let number = args.first().and_then(constant)? as u32;
    match builtin {
        Builtin::Phase => Some(phase_slot(slot, number)),
        Builtin::Roi => Some(roi_slot(slot, number)),
        _ => None,
    }
}

/// Appends a step, joined with the one before if that computes just what this one uses and overwrites.
fn push(steps: &mut Vec<Step>, step: Step) {
    if let (Some(last), [Stmt::WriteX(Reg::Fixed(rd), e)]) = (steps.last_mut(), &step.body[..])
        && last.flow == Flow::Fall
        && step.flow == Flow::Fall
        && let [Stmt::WriteX(Reg::Fixed(before), value)] = &last.body[..]
        && before == rd
        && !traps(value)
        && cheap_to_move(value)
        && count(e, |e| e.kind == ExprKind::ReadX(Reg::Fixed(*rd))) == 1
    {
        let joined = substitute(e, *rd, value);
        last.body = vec![Stmt::WriteX(Reg::Fixed(*rd), joined)];
        last.count += 1;
        return;
    }
    steps.push(step);
}

/// Whether the value may be computed a little later: nothing in it but registers and arithmetic.
fn cheap_to_move(e: &Expr) -> bool {
    !any(e, &|e| matches!(e.kind, ExprKind::Call(..) | ExprKind::ReadF(_) | ExprKind::Select(..)))
        && count(e, |_| true) < 12
}

/// Notes which registers hold constants after the statements.
fn learn(known: &mut Known, body: &[Stmt]) {
    for s in body {
        match s {
            Stmt::WriteX(Reg::Fixed(n), e) if *n != 0 => known[usize::from(*n)] = constant(e),
            Stmt::If { then, otherwise, .. } => {
                forget_written(known, then);
                forget_written(known, otherwise);
            }
            _ => {}
        }
    }
}

fn forget_written(known: &mut Known, body: &[Stmt]) {
    for s in body {
        match s {
            Stmt::WriteX(Reg::Fixed(n), _) if *n != 0 => known[usize::from(*n)] = None,
            Stmt::If { then, otherwise, .. } => {
                forget_written(known, then);
                forget_written(known, otherwise);
            }
            _ => {}
        }
    }
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

/// The interpreter's experience as a guide.
pub struct Seen<'a> {
    pub cache: &'a BlockCache,
    pub slot: u8,
    pub translated: &'a dyn Fn(u64) -> bool,
}

impl Guide for Seen<'_> {
    fn runs(&self, pc: u64) -> u64 {
        self.cache.find(pc).map_or(0, |b| b.runs(self.slot))
    }

    fn last_target(&self, block: u64) -> Option<u64> {
        let b = self.cache.find(block)?;
        self.cache.successors(b, self.slot).max_by_key(|t| t.1).map(|t| t.0)
    }

    fn translated(&self, pc: u64) -> bool {
        (self.translated)(pc)
    }
}
