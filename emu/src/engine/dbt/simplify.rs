//! Expressions made as simple as they can be: constants folded, and forms for which the code generator has good code.

use super::walk::has_effects;
use crate::csr::{FCSR, FFLAGS, FRM};
use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, Reg, UnOp};

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

/// Replaces reads of integer register `n` by `with`, and simplifies.
pub fn substitute(e: &Expr, n: u8, with: &Expr) -> Expr {
    replace(e, &x(n), with)
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

/// Integer register `n`.
pub fn x(n: u8) -> Expr {
    Expr { kind: ExprKind::ReadX(Reg::Fixed(n)), width: 64 }
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
            (B::And | B::Mul, 0) if !has_effects(&a) => return konst(0, w),
            (B::Shl | B::Shr, _) if c >= u64::from(w) && !has_effects(&a) => return konst(0, w),
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
