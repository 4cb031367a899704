//! Looking through expressions and statements.

use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, Reg, Stmt};

/// Whether `f` holds for some part of `e`.
pub fn any(e: &Expr, f: &impl Fn(&Expr) -> bool) -> bool {
    until(e, &mut |e| f(e))
}

/// Calls `f` for each part of `e`, itself first.
pub fn for_each_part(e: &Expr, f: &mut impl FnMut(&Expr)) {
    until(e, &mut |e| {
        f(e);
        false
    });
}

/// Calls `f` for each integer register that `e` reads.
pub fn for_each_x(e: &Expr, f: &mut impl FnMut(u8)) {
    for_each_part(e, &mut |e| {
        if let ExprKind::ReadX(Reg::Fixed(n)) = e.kind {
            f(n);
        }
    });
}

/// Calls `f` for each expression of the statements.
pub fn for_each_expression(body: &[Stmt], f: &mut impl FnMut(&Expr)) {
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

/// Calls `f` for the address of each load in `e`.
pub fn for_each_load(e: &Expr, f: &mut impl FnMut(&Expr)) {
    for_each_part(e, &mut |e| {
        if let ExprKind::Load(addr) = &e.kind {
            f(addr);
        }
    });
}

/// Calls `f` for the address of each load and store in the statements.
pub fn for_each_address(body: &[Stmt], f: &mut impl FnMut(&Expr)) {
    for_each_expression(body, &mut |e| for_each_load(e, f));
    for_each_store(body, f);
}

fn for_each_store(body: &[Stmt], f: &mut impl FnMut(&Expr)) {
    for s in body {
        match s {
            Stmt::Store { addr, .. } => f(addr),
            Stmt::If { then, otherwise, .. } => {
                for_each_store(then, f);
                for_each_store(otherwise, f);
            }
            _ => {}
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
pub fn for_each_write(body: &[Stmt], f: &mut impl FnMut(Written, &Expr)) {
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
fn until(e: &Expr, f: &mut impl FnMut(&Expr) -> bool) -> bool {
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
pub fn any_stmts(stmts: &[Stmt], f: &impl Fn(&Expr) -> bool) -> bool {
    stmts.iter().any(|s| match s {
        Stmt::Set(_, e) | Stmt::WriteX(_, e) | Stmt::WriteF(_, e) | Stmt::Jump(e) | Stmt::GuardFail(e) => {
            any(e, f)
        }
        Stmt::WriteCsr(a, b) | Stmt::Store { addr: a, value: b } => any(a, f) || any(b, f),
        Stmt::If { cond, then, otherwise } => any(cond, f) || any_stmts(then, f) || any_stmts(otherwise, f),
        Stmt::Effect(_, args) => args.iter().any(|a| any(a, f)),
    })
}

/// Whether the statement is a jump, perhaps under a condition, and nothing else.
pub fn is_jump(s: &Stmt) -> bool {
    match s {
        Stmt::Jump(_) => true,
        Stmt::If { then, otherwise, .. } => otherwise.is_empty() && matches!(then[..], [Stmt::Jump(_)]),
        _ => false,
    }
}

/// Whether it is the call of an atomic builtin.
pub fn is_atomic_call(e: &Expr) -> bool {
    use Builtin as B;
    matches!(e.kind, ExprKind::Call(B::LoadReserved(_) | B::StoreConditional(_) | B::Amo(..), _))
}

/// Whether evaluating the expression may trap.
pub fn traps(e: &Expr) -> bool {
    any(e, &|e| matches!(e.kind, ExprKind::Load(_) | ExprKind::ReadCsr(_)) || is_atomic_call(e))
}

/// Whether evaluating the expression may do more than give a value.
pub fn has_effects(e: &Expr) -> bool {
    traps(e)
        || any(
            e,
            &|e| matches!(e.kind, ExprKind::Call(b, _) if !matches!(b, Builtin::NanBox | Builtin::NanUnbox)),
        )
}

/// Whether memory is accessed in the expression after some of it may have been computed: it is more than a load, or an
/// atomic operation, and what becomes of its result.
pub fn accesses_late(e: &Expr) -> bool {
    use ExprKind as K;
    let accesses = |e: &Expr| matches!(e.kind, K::Load(_)) || is_atomic_call(e);
    match &e.kind {
        K::SignExtend(a) | K::ZeroExtend(a) | K::Load(a) => accesses_late(a),
        K::Call(Builtin::NanBox, args) => args.iter().any(accesses_late),
        K::Call(_, args) if is_atomic_call(e) => args.iter().any(|a| any(a, &accesses)),
        _ => any(e, &accesses),
    }
}

/// Whether translated code may be left where this part of an expression is computed: by a fault, or for a case that the
/// interpreter does.
pub fn may_leave(part: &Expr) -> bool {
    use BinOp as B;
    match &part.kind {
        ExprKind::Load(_) | ExprKind::Binary(B::DivU | B::DivS | B::RemU | B::RemS, ..) => true,
        ExprKind::Call(b, _) => !matches!(b, Builtin::NanBox),
        _ => false,
    }
}

/// Whether the expression reads the integer register.
pub fn reads_x(e: &Expr, n: u8) -> bool {
    any(e, &|e| e.kind == ExprKind::ReadX(Reg::Fixed(n)))
}
