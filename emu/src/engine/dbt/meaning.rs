//! An instruction's meaning with its operands filled in, and made as simple as it can be.
//!
//! The lowering works on the specification's own expressions ([`isa_spec::sem`]); here encoding fields, the pc
//! and registers whose contents are known become constants, locals are replaced by what they stand for, and
//! expressions are rewritten to forms that the code generator has good code for ([`super::simplify`]). That an instruction is built in
//! or was defined at run time makes no difference.

use super::simplify::{constant, mask, simplify};
use super::walk::{any, any_stmts, count, for_each_expression, has_effects, is_atomic_call, may_leave};
use isa_spec::sem::{BinOp, Body, Builtin, Expr, ExprKind, LocalId, Reg, Stmt};
use isa_spec::{Insn, Inst};
use std::cell::Cell;

/// Most parts of a local's expression, which stands for each use of the local: uses of uses would grow without bound.
const MAX_PARTS: usize = 200;

/// What is known of the integer registers at a place in the code.
pub type Known = [Option<u64>; 32];

/// The statements of `inst`, which is at `pc`, with constants for all that is known. `None`: it uses a local in
/// a way that cannot be replaced.
pub fn instantiate(insn: &Insn, inst: &Inst, pc: Option<u64>, known: &Known) -> Option<Vec<Stmt>> {
    fill(insn, inst, pc, None, known)
}

/// As [`instantiate`], at an unknown place, and whatever the value of the field number `open` is.
pub fn instantiate_open(insn: &Insn, inst: &Inst, open: Option<usize>) -> Option<Vec<Stmt>> {
    fill(insn, inst, None, open, &[None; 32])
}

fn fill(insn: &Insn, inst: &Inst, pc: Option<u64>, open: Option<usize>, known: &Known) -> Option<Vec<Stmt>> {
    let n = insn.body.locals.len();
    let mut filler = Filler {
        insn,
        inst,
        pc,
        open,
        known: *known,
        locals: vec![None; n],
        at_start: vec![None; n],
        changed: false,
        level: 0,
        owed: vec![Cell::new(None); n],
        kept: worth_keeping(&insn.body),
    };
    let body = filler.block(&insn.body.stmts)?;
    filler.owed.iter().all(|o| o.get().is_none()).then_some(body)
}

struct Filler<'a> {
    insn: &'a Insn,
    inst: &'a Inst,
    /// `None`: it stays an unknown.
    pc: Option<u64>,
    /// A field that stays an unknown.
    open: Option<usize>,
    known: Known,
    locals: Vec<Option<Expr>>,
    /// The locals in terms of what the registers hold before the instruction, as far as they can be.
    at_start: Vec<Option<Expr>>,
    /// Whether something has been written.
    changed: bool,
    /// How many `if`s are around the statement.
    level: usize,
    /// For a local whose value cannot be left out (it may trap, or raise flags) and has not been used yet: the level at
    /// which it was set and must be used.
    owed: Vec<Cell<Option<usize>>>,
    /// The local that stays one, in a register, because it is used more than once; the others are replaced.
    kept: Option<LocalId>,
}

impl Filler<'_> {
    fn block(&mut self, stmts: &[Stmt]) -> Option<Vec<Stmt>> {
        let mut out = Vec::with_capacity(stmts.len());
        for s in stmts {
            // An atomic operation in a local is done where that is used: nothing may come before.
            let pending = |f: &Filler| {
                f.owed.iter().zip(&f.locals).any(|(owed, local)| {
                    owed.get().is_some() && local.as_ref().is_some_and(|e| any(e, &is_atomic_call))
                })
            };
            let was_pending = pending(self);
            match s {
                Stmt::Set(local, e) => {
                    let e = self.expr(e);
                    if count(&e, |_| true) > MAX_PARTS {
                        return None;
                    }
                    if self.owed[local.0].get().is_some() {
                        return None;
                    }
                    if self.kept == Some(*local)
                        && self.level == 0
                        && !has_effects(&e)
                        && constant(&e).is_none()
                    {
                        self.locals[local.0] = Some(Expr { kind: ExprKind::Local(*local), width: e.width });
                        out.push(Stmt::Set(*local, e));
                        continue;
                    }
                    self.owed[local.0].set(has_effects(&e).then_some(self.level));
                    let pure = !self.changed && self.level == 0 && !has_effects(&e);
                    self.at_start[local.0] = pure.then(|| e.clone());
                    self.locals[local.0] = Some(e);
                }
                Stmt::WriteX(r, e) => {
                    let r = self.reg(*r);
                    let e = self.expr(e);
                    let Reg::Fixed(n) = r else { return None };
                    if n == 0 {
                        // The write is nothing, but what it reads may trap, or raise flags.
                        if let Some((builtin, args)) = atomic_call(&e) {
                            out.push(Stmt::Effect(builtin, args.to_vec()));
                            self.forbid(|e| matches!(e, ExprKind::Load(_)));
                            continue;
                        }
                        if has_effects(&e) {
                            return None;
                        }
                        continue;
                    }
                    if any(&e, &|e| is_atomic_call(e)) {
                        self.forbid(|e| matches!(e, ExprKind::Load(_)));
                    }
                    out.push(Stmt::WriteX(r, e));
                    self.known[usize::from(n)] = None;
                    // A local that was read from the register would now read the new value.
                    self.forbid(|e| *e == ExprKind::ReadX(r));
                }
                Stmt::WriteF(r, e) => {
                    let r = self.reg(*r);
                    let e = self.expr(e);
                    out.push(Stmt::WriteF(r, e));
                    self.forbid(|e| *e == ExprKind::ReadF(r));
                }
                Stmt::WriteCsr(a, b) => {
                    out.push(Stmt::WriteCsr(self.expr(a), self.expr(b)));
                    self.forbid(|e| matches!(e, ExprKind::ReadCsr(_)));
                }
                Stmt::Store { addr, value } => {
                    out.push(Stmt::Store { addr: self.expr(addr), value: self.expr(value) });
                    self.forbid(|e| matches!(e, ExprKind::Load(_)));
                }
                // The target is computed before the instruction writes anything (`jalr ra, ra`).
                Stmt::Jump(Expr { kind: ExprKind::Local(local), .. })
                    if self.level == 0 && self.at_start[local.0].is_some() =>
                {
                    out.extend(self.at_start[local.0].clone().map(Stmt::Jump));
                }
                Stmt::Jump(e) => {
                    let e = self.expr(e);
                    // Targets are computed before anything is written.
                    if self.changed && any(&e, &reads_state) {
                        return None;
                    }
                    out.push(Stmt::Jump(e));
                }
                Stmt::GuardFail(e) => out.push(Stmt::GuardFail(self.expr(e))),
                Stmt::If { cond, then, otherwise } => {
                    let cond = self.expr(cond);
                    if let ExprKind::Const(c) = cond.kind {
                        let chosen = if c == 1 { then } else { otherwise };
                        out.extend(self.block(chosen)?);
                        continue;
                    }
                    let before = (self.known, self.locals.clone());
                    self.level += 1;
                    let then = self.block(then)?;
                    let after = std::mem::replace(&mut self.locals, before.1);
                    let known_after = std::mem::replace(&mut self.known, before.0);
                    let otherwise = self.block(otherwise)?;
                    for (mine, other) in self.known.iter_mut().zip(known_after) {
                        if *mine != other {
                            *mine = None;
                        }
                    }
                    self.level -= 1;
                    // What differs after the two sides is not known any more.
                    for (mine, other) in self.locals.iter_mut().zip(after) {
                        if *mine != other {
                            *mine = None;
                        }
                    }
                    out.push(Stmt::If { cond, then, otherwise });
                }
                Stmt::Effect(b, args) => {
                    out.push(Stmt::Effect(*b, args.iter().map(|a| self.expr(a)).collect()));
                }
            }
            // It was not in this statement.
            if was_pending && pending(self) {
                return None;
            }
        }
        // A poisoned local that was used has left its mark.
        let poisoned = |e: &Expr| e.width == 0;
        (self.locals.is_empty() || !any_stmts(&out, &poisoned)).then_some(out)
    }

    /// Forgets the locals in which `f` holds for some part: something has been written.
    fn forbid(&mut self, f: impl Fn(&ExprKind) -> bool) {
        self.changed = true;
        for local in &mut self.locals {
            if local.as_ref().is_some_and(|e| any(e, &|e| f(&e.kind))) {
                *local = None;
            }
        }
    }

    fn reg(&self, r: Reg) -> Reg {
        match r {
            Reg::Field(n) => Reg::Fixed(self.inst.values[n] as u8 & 31),
            fixed => fixed,
        }
    }

    fn expr(&self, e: &Expr) -> Expr {
        use ExprKind as K;
        let w = e.width;
        let child = |e: &Expr| Box::new(self.expr(e));
        let kind = match &e.kind {
            K::Const(c) => K::Const(*c),
            // Width 0 marks a local that cannot be replaced.
            K::Local(l) => {
                if self.owed[l.0].get() == Some(self.level) {
                    self.owed[l.0].set(None);
                }
                return self.locals[l.0].clone().unwrap_or(Expr { kind: K::Const(0), width: 0 });
            }
            K::Field(n) if self.open == Some(*n) => K::Field(*n),
            K::Field(n) => {
                debug_assert!(*n < self.insn.fields.len());
                K::Const(self.inst.values[*n] as u64 as u128 & mask(w))
            }
            K::ReadX(r) => match self.reg(*r) {
                Reg::Fixed(0) => K::Const(0),
                Reg::Fixed(n) => match self.known[usize::from(n)] {
                    Some(v) => K::Const(u128::from(v)),
                    None => K::ReadX(Reg::Fixed(n)),
                },
                field => K::ReadX(field),
            },
            K::ReadF(r) => K::ReadF(self.reg(*r)),
            K::ReadCsr(a) => K::ReadCsr(child(a)),
            K::Pc => self.pc.map_or(K::Pc, |pc| K::Const(u128::from(pc))),
            K::Load(a) => K::Load(child(a)),
            K::Unary(op, a) => K::Unary(*op, child(a)),
            K::Binary(op, a, b) => K::Binary(*op, child(a), child(b)),
            K::Select(a, b, c) => K::Select(child(a), child(b), child(c)),
            K::Slice(a, hi, lo) => K::Slice(child(a), *hi, *lo),
            K::Concat(list) => K::Concat(list.iter().map(|e| self.expr(e)).collect()),
            K::ZeroExtend(a) => K::ZeroExtend(child(a)),
            K::SignExtend(a) => K::SignExtend(child(a)),
            K::Call(b, list) => K::Call(*b, list.iter().map(|e| self.expr(e)).collect()),
        };
        simplify(Expr { kind, width: w })
    }
}

/// Whether it reads something that the instruction may have written: all but constants, its operands and the pc.
fn reads_state(e: &Expr) -> bool {
    use ExprKind as K;
    matches!(e.kind, K::Local(_) | K::ReadX(_) | K::ReadF(_) | K::ReadCsr(_) | K::Load(_) | K::Call(..))
}

/// A local of more than one operation that is used more than once, if the other operations leave a register for it.
fn worth_keeping(body: &Body) -> Option<LocalId> {
    if body.locals.is_empty() {
        return None;
    }
    let needs_all = |e: &Expr| {
        use BinOp as B;
        let wide = matches!(
            e.kind,
            ExprKind::Binary(
                B::DivU | B::DivS | B::RemU | B::RemS | B::MulWideS | B::MulWideU | B::MulWideSU,
                ..
            )
        );
        wide || e.width > 64
    };
    if any_stmts(&body.stmts, &needs_all) {
        return None;
    }
    let uses = |l: LocalId| {
        let n = Cell::new(0);
        any_stmts(&body.stmts, &|e| {
            n.set(n.get() + usize::from(e.kind == ExprKind::Local(l)));
            false
        });
        n.get()
    };
    body.stmts.iter().find_map(|s| match s {
        Stmt::Set(l, e) if matches!(e.kind, ExprKind::Binary(..)) && uses(*l) > 1 => Some(*l),
        _ => None,
    })
}

/// The call of an atomic memory operation that an expression is, perhaps extended.
fn atomic_call(e: &Expr) -> Option<(Builtin, &[Expr])> {
    match &e.kind {
        ExprKind::SignExtend(inner) => atomic_call(inner),
        ExprKind::Call(builtin @ Builtin::Amo(..), args) => Some((*builtin, args)),
        _ => None,
    }
}

/// Whether the body can be begun again from the start wherever translated code may leave it: what may leave comes
/// before what changes anything. Stores that do not depend on memory may be repeated.
pub fn may_begin_again(body: &[Stmt], cond: Option<&Expr>) -> bool {
    fn leaves(e: &Expr) -> usize {
        count(e, may_leave)
    }
    fn walk(body: &[Stmt], changed: &mut bool) -> bool {
        body.iter().all(|s| {
            let (mut n, mut atomic, mut reads) = (0, false, false);
            let one = std::slice::from_ref(s);
            match s {
                Stmt::If { cond, then, otherwise } => {
                    if *changed && leaves(cond) != 0 || any(cond, &is_atomic_call) {
                        return false;
                    }
                    let mut other = *changed;
                    let fine = walk(then, changed) && walk(otherwise, &mut other);
                    *changed |= other;
                    return fine;
                }
                Stmt::GuardFail(_) => return !*changed,
                _ => for_each_expression(one, &mut |e| {
                    n += leaves(e);
                    atomic |= any(e, &is_atomic_call);
                    reads |= any(e, &|e| matches!(e.kind, ExprKind::Load(_)));
                }),
            }
            let store = matches!(s, Stmt::Store { .. });
            let effect = matches!(s, Stmt::Effect(Builtin::Amo(..) | Builtin::StoreConditional(_), _));
            if *changed && (n != 0 || store || effect) || atomic && n > 1 || effect && n != 0 {
                return false;
            }
            *changed |= match s {
                Stmt::Store { .. } => reads,
                Stmt::Set(..) => atomic,
                Stmt::Effect(Builtin::Fence, _) | Stmt::Jump(_) => false,
                _ => true,
            };
            true
        })
    }
    let mut changed = false;
    walk(body, &mut changed) && !(changed && cond.is_some_and(|e| leaves(e) != 0))
}
