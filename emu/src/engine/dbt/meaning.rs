//! An instruction's meaning with its operands filled in, and made as simple as it can be.
//!
//! The lowering works on the specification's own expressions ([`isa_spec::sem`]); here encoding fields, the pc
//! and registers whose contents are known become constants, locals are replaced by what they stand for, and
//! expressions are rewritten to forms that the code generator has good code for. That an instruction is built in
//! or was defined at run time makes no difference.

use crate::csr::{FCSR, FFLAGS, FRM};
use isa_spec::sem::{BinOp, Body, Builtin, Expr, ExprKind, LocalId, Reg, Stmt, UnOp};
use isa_spec::{Insn, Inst};
use std::cell::Cell;

/// Most parts of a local's expression, which stands for each use of the local: uses of uses would grow without bound.
const MAX_PARTS: usize = 200;

/// What is known of the integer registers at a place in the code.
pub type Known = [Option<u64>; 32];

/// The statements of `inst`, which is at `pc`, with constants for all that is known. `None`: it uses a local in
/// a way that cannot be replaced.
pub fn instantiate(insn: &Insn, inst: &Inst, pc: Option<u64>, known: &Known) -> Option<Vec<Stmt>> {
    let n = insn.body.locals.len();
    let mut filler = Filler {
        insn,
        inst,
        pc,
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
                    if self.changed && constant(&e).is_none() {
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
        (!any_stmts(&out, &poisoned)).then_some(out)
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

/// A local of more than one operation that is used more than once, if the other operations leave a register for it.
fn worth_keeping(body: &Body) -> Option<LocalId> {
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

/// All ones in the low `width` bits.
pub fn mask(width: u8) -> u128 {
    if width >= 128 { u128::MAX } else { (1 << width) - 1 }
}

/// A constant's value, if it is one.
pub fn constant(e: &Expr) -> Option<u64> {
    match e.kind {
        ExprKind::Const(c) if e.width != 0 && e.width <= 64 => Some(c as u64),
        _ => None,
    }
}

/// Sign-extends the low `width` bits.
pub fn sign_extend(value: u64, width: u8) -> i64 {
    let unused = 64 - u32::from(width);
    ((value << unused) as i64) >> unused
}

/// Whether `f` holds for some part of `e`.
pub fn any(e: &Expr, f: &dyn Fn(&Expr) -> bool) -> bool {
    until(e, &mut |e| f(e))
}

/// Calls `f` for each part of `e`, itself first.
pub fn for_each_part(e: &Expr, f: &mut dyn FnMut(&Expr)) {
    until(e, &mut |e| {
        f(e);
        false
    });
}

/// Calls `f` for each integer register that `e` reads.
pub fn for_each_x(e: &Expr, f: &mut dyn FnMut(u8)) {
    for_each_part(e, &mut |e| {
        if let ExprKind::ReadX(Reg::Fixed(n)) = e.kind {
            f(n);
        }
    });
}

/// Calls `f` for each expression of the statements.
pub fn for_each_expression(body: &[Stmt], f: &mut dyn FnMut(&Expr)) {
    for s in body {
        match s {
            Stmt::Set(_, e)
            | Stmt::WriteX(_, e)
            | Stmt::WriteF(_, e)
            | Stmt::Jump(e)
            | Stmt::GuardFail(e) => f(e),
            Stmt::WriteCsr(a, b) | Stmt::Store { addr: a, value: b } => {
                f(a);
                f(b);
            }
            Stmt::If { cond, then, otherwise } => {
                f(cond);
                for_each_expression(then, f);
                for_each_expression(otherwise, f);
            }
            Stmt::Effect(_, args) => args.iter().for_each(&mut *f),
        }
    }
}

/// A register that a statement writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    X(u8),
    F(u8),
}

/// Calls `f` for each register that the statements may write, with the value.
pub fn for_each_write(body: &[Stmt], f: &mut dyn FnMut(Written, &Expr)) {
    for s in body {
        match s {
            Stmt::WriteX(Reg::Fixed(n), e) => f(Written::X(*n), e),
            Stmt::WriteF(Reg::Fixed(n), e) => f(Written::F(*n), e),
            Stmt::If { then, otherwise, .. } => {
                for_each_write(then, f);
                for_each_write(otherwise, f);
            }
            _ => {}
        }
    }
}

/// How many parts of `e` there are for which `f` holds.
pub fn count(e: &Expr, f: impl Fn(&Expr) -> bool) -> usize {
    let mut n = 0;
    for_each_part(e, &mut |e| n += usize::from(f(e)));
    n
}

/// Calls `f` for parts of `e` until it says true. Whether it did.
fn until(e: &Expr, f: &mut dyn FnMut(&Expr) -> bool) -> bool {
    use ExprKind as K;
    f(e) || match &e.kind {
        K::Const(_) | K::Local(_) | K::Field(_) | K::ReadX(_) | K::ReadF(_) | K::Pc => false,
        K::ReadCsr(a)
        | K::Load(a)
        | K::Unary(_, a)
        | K::Slice(a, _, _)
        | K::ZeroExtend(a)
        | K::SignExtend(a) => until(a, f),
        K::Binary(_, a, b) => until(a, f) || until(b, f),
        K::Select(a, b, c) => until(a, f) || until(b, f) || until(c, f),
        K::Concat(list) | K::Call(_, list) => list.iter().any(|a| until(a, f)),
    }
}

/// Whether `f` holds for some part of an expression in the statements.
pub fn any_stmts(stmts: &[Stmt], f: &dyn Fn(&Expr) -> bool) -> bool {
    stmts.iter().any(|s| match s {
        Stmt::Set(_, e) | Stmt::WriteX(_, e) | Stmt::WriteF(_, e) | Stmt::Jump(e) | Stmt::GuardFail(e) => {
            any(e, f)
        }
        Stmt::WriteCsr(a, b) | Stmt::Store { addr: a, value: b } => any(a, f) || any(b, f),
        Stmt::If { cond, then, otherwise } => any(cond, f) || any_stmts(then, f) || any_stmts(otherwise, f),
        Stmt::Effect(_, args) => args.iter().any(|a| any(a, f)),
    })
}

/// Whether evaluating the expression may trap.
pub fn traps(e: &Expr) -> bool {
    any(e, &|e| {
        matches!(
            e.kind,
            ExprKind::Load(_)
                | ExprKind::ReadCsr(_)
                | ExprKind::Call(
                    Builtin::LoadReserved(_) | Builtin::StoreConditional(_) | Builtin::Amo(..),
                    _
                )
        )
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

/// Whether it is the call of an atomic builtin.
fn is_atomic_call(e: &Expr) -> bool {
    matches!(
        e.kind,
        ExprKind::Call(Builtin::LoadReserved(_) | Builtin::StoreConditional(_) | Builtin::Amo(..), _)
    )
}

/// Whether the body can be begun again from the start wherever translated code may leave it: what may leave comes
/// before what changes anything. Stores that do not depend on memory may be repeated.
pub fn may_begin_again(body: &[Stmt], cond: Option<&Expr>) -> bool {
    fn leaves(e: &Expr) -> usize {
        use BinOp as B;
        count(e, |e| match &e.kind {
            ExprKind::Load(_) | ExprKind::Binary(B::DivU | B::DivS | B::RemU | B::RemS, ..) => true,
            ExprKind::Call(b, _) => !matches!(b, Builtin::NanBox),
            _ => false,
        })
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

/// Whether evaluating the expression may do more than give a value.
fn has_effects(e: &Expr) -> bool {
    traps(e)
        || any(
            e,
            &|e| matches!(e.kind, ExprKind::Call(b, _) if !matches!(b, Builtin::NanBox | Builtin::NanUnbox)),
        )
}

/// Whether the expression reads the integer register.
pub fn reads_x(e: &Expr, n: u8) -> bool {
    any(e, &|e| e.kind == ExprKind::ReadX(Reg::Fixed(n)))
}

/// Replaces reads of integer register `n` by `with`, and simplifies.
pub fn substitute(e: &Expr, n: u8, with: &Expr) -> Expr {
    replace(e, &Expr { kind: ExprKind::ReadX(Reg::Fixed(n)), width: 64 }, with)
}

/// Replaces each part that equals `what` by `with`, and simplifies.
pub fn replace(e: &Expr, what: &Expr, with: &Expr) -> Expr {
    use ExprKind as K;
    let child = |e: &Expr| Box::new(replace(e, what, with));
    if e == what {
        return with.clone();
    }
    let kind = match &e.kind {
        K::Const(_) | K::Local(_) | K::Field(_) | K::ReadX(_) | K::ReadF(_) | K::Pc => return e.clone(),
        K::ReadCsr(a) => K::ReadCsr(child(a)),
        K::Load(a) => K::Load(child(a)),
        K::Unary(op, a) => K::Unary(*op, child(a)),
        K::Binary(op, a, b) => K::Binary(*op, child(a), child(b)),
        K::Select(a, b, c) => K::Select(child(a), child(b), child(c)),
        K::Slice(a, hi, lo) => K::Slice(child(a), *hi, *lo),
        K::Concat(list) => K::Concat(list.iter().map(|e| replace(e, what, with)).collect()),
        K::ZeroExtend(a) => K::ZeroExtend(child(a)),
        K::SignExtend(a) => K::SignExtend(child(a)),
        K::Call(b, list) => K::Call(*b, list.iter().map(|e| replace(e, what, with)).collect()),
    };
    simplify(Expr { kind, width: e.width })
}

fn konst(value: u128, width: u8) -> Expr {
    Expr { kind: ExprKind::Const(value & mask(width)), width }
}

fn make(kind: ExprKind, width: u8) -> Expr {
    simplify(Expr { kind, width })
}

/// One step of rewriting at the root of an expression whose parts are simple already.
pub fn simplify(e: Expr) -> Expr {
    use ExprKind as K;
    let w = e.width;
    match e.kind {
        K::Unary(op, a) => match (op, constant(&a)) {
            (UnOp::Neg, Some(c)) => konst(u128::from(c.wrapping_neg()), w),
            (UnOp::Not, Some(c)) => konst(u128::from(!c), w),
            _ => Expr { kind: K::Unary(op, a), width: w },
        },
        K::Binary(op, a, b) => binary(op, *a, *b, w),
        K::Select(c, a, b) => match constant(&c) {
            Some(1) => *a,
            Some(_) => *b,
            None => Expr { kind: K::Select(c, a, b), width: w },
        },
        K::Slice(a, hi, lo) => slice(*a, hi, lo),
        K::ZeroExtend(a) => match (constant(&a), a.kind) {
            (Some(c), _) => konst(u128::from(c), w),
            (_, K::ZeroExtend(inner)) => make(K::ZeroExtend(inner), w),
            (_, kind) => Expr { kind: K::ZeroExtend(Box::new(Expr { kind, width: a.width })), width: w },
        },
        K::SignExtend(a) => match (constant(&a), a.kind) {
            (Some(c), _) => konst(sign_extend(c, a.width) as u64 as u128, w),
            (_, K::SignExtend(inner)) => make(K::SignExtend(inner), w),
            // Above a zero bit there are only zeros.
            (_, K::ZeroExtend(inner)) => make(K::ZeroExtend(inner), w),
            (_, kind @ K::Binary(BinOp::Shr, ..)) if shifts(&kind) => {
                Expr { kind: K::ZeroExtend(Box::new(Expr { kind, width: a.width })), width: w }
            }
            (_, kind) => Expr { kind: K::SignExtend(Box::new(Expr { kind, width: a.width })), width: w },
        },
        K::Concat(parts) => concat(parts, w),
        // Translated code runs only while the dynamic mode is to the nearest.
        K::ReadCsr(number) if constant(&number) == Some(u64::from(FRM)) => konst(0, w),
        K::ReadCsr(number) if constant(&number) == Some(u64::from(FCSR)) => {
            let flags = konst(u128::from(FFLAGS), number.width);
            Expr { kind: K::ReadCsr(Box::new(flags)), width: w }
        }
        K::Call(Builtin::RoundingMode, list) => match list.first().and_then(constant) {
            Some(7) => konst(0, w),
            Some(m @ 0..=4) => konst(u128::from(m), w),
            _ => Expr { kind: K::Call(Builtin::RoundingMode, list), width: w },
        },
        K::Call(Builtin::NanUnbox, mut list) => match list.pop() {
            Some(Expr { kind: K::Call(Builtin::NanBox, mut inner), .. }) if inner.len() == 1 => {
                inner.remove(0)
            }
            Some(a) => Expr { kind: K::Call(Builtin::NanUnbox, vec![a]), width: w },
            None => Expr { kind: K::Call(Builtin::NanUnbox, list), width: w },
        },
        kind => Expr { kind, width: w },
    }
}

/// The address with bit 0 clear, as the target of a jump is.
pub fn even(address: Expr) -> Expr {
    let is_even = |e: &Expr| constant(e).is_some_and(|c| c & 1 == 0);
    match &address.kind {
        ExprKind::Binary(BinOp::And, _, mask) if is_even(mask) => address,
        _ => binary(BinOp::And, address, konst(u128::from(!1u64), 64), 64),
    }
}

/// Whether it is a logical shift to the right that brings in a zero.
fn shifts(kind: &ExprKind) -> bool {
    matches!(kind, ExprKind::Binary(BinOp::Shr, _, by) if constant(by).is_some_and(|by| by != 0))
}

/// The integer registers that must hold sign-extended 32-bit numbers for the 64-bit value to be one. `None`: it need not
/// be one.
pub fn narrow_if(e: &Expr) -> Option<u32> {
    use ExprKind as K;
    let is_small = |e: &Expr| constant(e).is_some_and(|c| i32::try_from(c).is_ok());
    match &e.kind {
        K::Const(_) => i32::try_from(constant(e)? as i64).ok().map(|_| 0),
        K::ReadX(Reg::Fixed(n)) => Some(1 << n),
        K::SignExtend(a) if a.width <= 32 => Some(0),
        K::ZeroExtend(a) if a.width < 32 || a.width == 32 && shifts(&a.kind) => Some(0),
        K::Binary(BinOp::And, a, b) if is_small(a) || is_small(b) => Some(0),
        K::Binary(BinOp::And | BinOp::Or | BinOp::Xor, a, b) => Some(narrow_if(a)? | narrow_if(b)?),
        K::Select(_, a, b) => Some(narrow_if(a)? | narrow_if(b)?),
        _ => None,
    }
}

fn binary(op: BinOp, a: Expr, b: Expr, w: u8) -> Expr {
    use BinOp as B;
    use ExprKind as K;
    let commutes = matches!(op, B::Add | B::Mul | B::And | B::Or | B::Xor | B::Eq | B::Ne);
    // On the right side of these the left one is known.
    if matches!(op, B::AndAlso | B::OrElse) {
        match constant(&a) {
            Some(c) if (c == 1) == (op == B::AndAlso) => return b,
            Some(_) => return a,
            None => {}
        }
        let known = konst(u128::from(op == B::AndAlso), 1);
        let b = replace(&b, &a, &known);
        return Expr { kind: K::Binary(op, Box::new(a), Box::new(b)), width: w };
    }
    // Constants to the right.
    let (a, b) = if commutes && constant(&a).is_some() && constant(&b).is_none() { (b, a) } else { (a, b) };
    if let (Some(x), Some(y)) = (constant(&a), constant(&b))
        && let Some(v) = fold(op, x, y, a.width)
    {
        return konst(u128::from(v), w);
    }
    if let Some(c) = constant(&b) {
        match (op, c) {
            (B::Add | B::Sub | B::Or | B::Xor | B::Shl | B::Shr | B::Sra, 0) => return a,
            (B::And | B::Mul, 0) => return konst(0, w),
            (B::Sub, _) if w == 64 => return binary(B::Add, a, konst(u128::from(c.wrapping_neg()), w), w),
            _ => {}
        }
        if let K::Binary(inner, x, y) = &a.kind
            && let Some(d) = constant(y)
        {
            let same = |value: u64| binary(*inner, (**x).clone(), konst(u128::from(value), y.width), w);
            match (op, inner) {
                (B::Add, B::Add) => return same(c.wrapping_add(d)),
                (B::And, B::And) => return same(c & d),
                (B::Or, B::Or) => return same(c | d),
                (B::Xor, B::Xor) => return same(c ^ d),
                (B::Shl, B::Shl) | (B::Shr, B::Shr) if c + d < u64::from(w) => return same(c + d),
                // Shifting up and down again by as much or less takes the low bits.
                (B::Shr | B::Sra, B::Shl) if c >= d && w == 64 && c < 64 => {
                    let kept = 64 - d as u8;
                    let low = slice((**x).clone(), kept - 1, 0);
                    let extend = if op == B::Shr {
                        K::ZeroExtend(Box::new(low))
                    } else {
                        K::SignExtend(Box::new(low))
                    };
                    return binary(op, make(extend, 64), konst(u128::from(c - d), 6), 64);
                }
                // Shifting up further than down: the low bits, shifted up by the difference.
                (B::Shr, B::Shl) if c < d && d < 64 && w == 64 => {
                    let low = slice((**x).clone(), 63 - d as u8, 0);
                    let wide = make(K::ZeroExtend(Box::new(low)), 64);
                    return binary(B::Shl, wide, konst(u128::from(d - c), 6), 64);
                }
                _ => {}
            }
        }
    }
    Expr { kind: K::Binary(op, Box::new(a), Box::new(b)), width: w }
}

/// Parts from the most significant on. A sign bit made from the value's own is what floating-point code uses for
/// copies, negation and absolute values.
fn concat(parts: Vec<Expr>, w: u8) -> Expr {
    use ExprKind as K;
    if let [sign, Expr { kind: K::Slice(rest, hi, 0), .. }] = &parts[..]
        && sign.width == 1
        && *hi + 2 == w
        && rest.width == w
        && w <= 64
    {
        let is_own =
            |e: &Expr| matches!(&e.kind, K::Slice(x, h, l) if *h == w - 1 && *l == w - 1 && x == rest);
        let top = konst(1 << (w - 1), w);
        match &sign.kind {
            _ if is_own(sign) => return (**rest).clone(),
            K::Unary(UnOp::Not, x) if is_own(x) => return binary(BinOp::Xor, (**rest).clone(), top, w),
            K::Binary(BinOp::Xor, x, y) if is_own(x) && is_own(y) => {
                return binary(BinOp::And, (**rest).clone(), konst(mask(w - 1), w), w);
            }
            _ => {}
        }
    }
    Expr { kind: K::Concat(parts), width: w }
}

/// Bits `hi..=lo` of `a`.
fn slice(a: Expr, hi: u8, lo: u8) -> Expr {
    use BinOp as B;
    use ExprKind as K;
    let w = hi - lo + 1;
    if lo == 0 && w == a.width {
        return a;
    }
    if a.width <= 64
        && let Some(c) = constant(&a)
    {
        return konst(u128::from(c >> lo), w);
    }
    let whole = |a: Expr| Expr { kind: K::Slice(Box::new(a), hi, lo), width: w };
    match a.kind {
        K::Slice(inner, _, low) => slice(*inner, hi + low, lo + low),
        K::ZeroExtend(inner) | K::SignExtend(inner) if hi < inner.width => slice(*inner, hi, lo),
        K::Binary(B::MulWideS | B::MulWideU | B::MulWideSU, x, y) if hi < x.width => {
            let width = x.width;
            slice(Expr { kind: K::Binary(B::Mul, x, y), width }, hi, lo)
        }
        // The low bits of these depend on the low bits of the operands alone.
        K::Binary(op @ (B::Add | B::Sub | B::Mul | B::And | B::Or | B::Xor), x, y) if lo == 0 && w == 32 => {
            binary(op, slice(*x, hi, lo), slice(*y, hi, lo), w)
        }
        K::Binary(B::Shl, x, y) if lo == 0 && w == 32 && constant(&y).is_some_and(|c| c < 32) => {
            binary(B::Shl, slice(*x, hi, lo), *y, w)
        }
        kind => whole(Expr { kind, width: a.width }),
    }
}

/// The value of an operation on constants of `width` bits.
fn fold(op: BinOp, x: u64, y: u64, width: u8) -> Option<u64> {
    use BinOp as B;
    let (sx, sy) = (sign_extend(x, width), sign_extend(y, width));
    let in_range = y < u64::from(width);
    Some(match op {
        B::Add => x.wrapping_add(y),
        B::Sub => x.wrapping_sub(y),
        B::Mul => x.wrapping_mul(y),
        B::And | B::AndAlso => x & y,
        B::Or | B::OrElse => x | y,
        B::Xor => x ^ y,
        B::Shl => {
            if in_range {
                x << y
            } else {
                0
            }
        }
        B::Shr => {
            if in_range {
                x >> y
            } else {
                0
            }
        }
        B::Sra => (sx >> y.min(u64::from(width) - 1)) as u64,
        B::Eq => u64::from(x == y),
        B::Ne => u64::from(x != y),
        B::LtU => u64::from(x < y),
        B::LeU => u64::from(x <= y),
        B::LtS => u64::from(sx < sy),
        B::LeS => u64::from(sx <= sy),
        B::DivU | B::RemU | B::DivS | B::RemS | B::MulWideS | B::MulWideU | B::MulWideSU => return None,
    })
}
