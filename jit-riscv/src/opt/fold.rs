//! Constants, algebra, integer bounds, common subexpressions.

use super::state::{Optimizer, PureKey, Value};
use crate::domain::concrete::{floordiv, floormod};
use crate::ir::{Arg, Const, Descr, Op, Opcode};
use crate::object::Kind;

impl Optimizer<'_> {
    /// A pure operation on integers and doubles.
    pub fn pure(&mut self, op: &Op) -> Arg {
        let a = self.arg(op.args[0]);
        let b = if op.args.as_slice().len() > 1 { self.arg(op.args[1]) } else { Arg::NONE };
        self.pure_of(op.code, op.kind.unwrap_or(Kind::Int), a, b)
    }

    pub fn pure_of(&mut self, code: Opcode, kind: Kind, a: Arg, b: Arg) -> Arg {
        if let Some(c) = self.fold_constants(code, a, b) {
            return self.out.constant(c);
        }
        let (a, b) = canonical(self, code, a, b);
        if let Some(v) = self.simplify(code, a, b) {
            return v;
        }
        let key = PureKey { code, extra: 0, args: [a, b, Arg::NONE], more: Vec::new() };
        if let Some(&known) = self.s.pure.get(&key) {
            return match self.current(Value::Arg(known)) {
                Value::Arg(a) => a,
                Value::Virtual(_) => known,
            };
        }
        let args: &[Arg] = if b.is_none() { &[a] } else { &[a, b] };
        let result = self.emit_new(code, Some(kind), args, Descr::None);
        let (lo, hi) = self.result_bounds(code, a, b);
        if let Some(info) = self.info_mut(result) {
            (info.lo, info.hi) = (lo, hi);
        }
        self.s.pure.insert(key, result);
        result
    }

    /// int_add_ovf and its kin: plain where they cannot overflow.
    pub fn overflow(&mut self, op: &Op) -> Arg {
        let a = self.arg(op.args[0]);
        let b = self.arg(op.args[1]);
        let plain = match op.code {
            Opcode::IntAddOvf => Opcode::IntAdd,
            Opcode::IntSubOvf => Opcode::IntSub,
            _ => Opcode::IntMul,
        };
        let (lo, hi) = self.exact_bounds(plain, a, b);
        let fits = lo >= i64::MIN as i128 && hi <= i64::MAX as i128;
        if fits {
            return self.pure_of(plain, Kind::Int, a, b);
        }
        if lo > i64::MAX as i128 || hi < i64::MIN as i128 {
            self.always_fails(op);
            return self.const_int(0);
        }
        let (a, b) = canonical(self, plain, a, b);
        let key = PureKey { code: op.code, extra: 0, args: [a, b, Arg::NONE], more: Vec::new() };
        if let Some(&known) = self.s.pure.get(&key) {
            return known;
        }
        let exit = self.exit(op.exit);
        let result = self.emit_guard(Op::new(op.code, Some(Kind::Int), &[a, b], Descr::None), exit);
        if let Some(info) = self.info_mut(result) {
            info.lo = lo.max(i64::MIN as i128) as i64;
            info.hi = hi.min(i64::MAX as i128) as i64;
        }
        self.s.pure.insert(key, result);
        // The wrapped result is the same value.
        self.s
            .pure
            .insert(PureKey { code: plain, extra: 0, args: [a, b, Arg::NONE], more: Vec::new() }, result);
        result
    }

    /// Bounds of the result as if integers were unbounded.
    fn exact_bounds(&self, plain: Opcode, a: Arg, b: Arg) -> (i128, i128) {
        let ((alo, ahi), (blo, bhi)) = (self.bounds(a), self.bounds(b));
        let (alo, ahi, blo, bhi) = (alo as i128, ahi as i128, blo as i128, bhi as i128);
        match plain {
            Opcode::IntAdd => (alo + blo, ahi + bhi),
            Opcode::IntSub => (alo - bhi, ahi - blo),
            _ => {
                let corners = [alo * blo, alo * bhi, ahi * blo, ahi * bhi];
                (*corners.iter().min().unwrap_or(&0), *corners.iter().max().unwrap_or(&0))
            }
        }
    }

    fn result_bounds(&self, code: Opcode, a: Arg, b: Arg) -> (i64, i64) {
        let all = (i64::MIN, i64::MAX);
        match code {
            Opcode::IntAdd | Opcode::IntSub | Opcode::IntMul => {
                let (lo, hi) = self.exact_bounds(code, a, b);
                if lo >= i64::MIN as i128 && hi <= i64::MAX as i128 { (lo as i64, hi as i64) } else { all }
            }
            // With one operand not negative the result lies between 0 and it.
            Opcode::IntAnd => {
                let ((alo, ahi), (blo, bhi)) = (self.bounds(a), self.bounds(b));
                match (alo >= 0, blo >= 0) {
                    (true, true) => (0, ahi.min(bhi)),
                    (true, false) => (0, ahi),
                    (false, true) => (0, bhi),
                    _ => all,
                }
            }
            Opcode::IntRshift => match self.int_of(b) {
                Some(n @ 0..=63) => {
                    let (lo, hi) = self.bounds(a);
                    (lo >> n, hi >> n)
                }
                _ => all,
            },
            Opcode::IntFloorMod => match self.bounds(b) {
                (lo, hi) if lo > 0 => (0, hi - 1),
                _ => all,
            },
            Opcode::IntFloorDiv => match (self.bounds(a), self.int_of(b)) {
                ((lo, hi), Some(d)) if d > 0 => (floordiv(lo, d), floordiv(hi, d)),
                _ => all,
            },
            _ if super::guards::is_boolean(code) => (0, 1),
            _ => all,
        }
    }

    fn fold_constants(&self, code: Opcode, a: Arg, b: Arg) -> Option<Const> {
        let x = self.out.const_of(a)?;
        let y = if b.is_none() { x } else { self.out.const_of(b)? };
        Some(match (x, y) {
            (Const::Int(x), Const::Int(y)) => fold_int(code, x, y)?,
            (Const::Float(x), Const::Float(y)) => fold_float(code, f64::from_bits(x), f64::from_bits(y))?,
            (Const::Ref(x), Const::Ref(y)) => match code {
                Opcode::PtrEq => Const::Int((x == y) as i64),
                Opcode::PtrNe => Const::Int((x != y) as i64),
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Algebra, and comparisons that the bounds decide.
    fn simplify(&mut self, code: Opcode, a: Arg, b: Arg) -> Option<Arg> {
        let y = self.int_of(b);
        match (code, y) {
            (Opcode::IntAdd | Opcode::IntSub | Opcode::IntOr | Opcode::IntXor, Some(0)) => return Some(a),
            (Opcode::IntLshift | Opcode::IntRshift | Opcode::UintRshift, Some(0)) => return Some(a),
            (Opcode::IntMul | Opcode::IntFloorDiv, Some(1)) => return Some(a),
            (Opcode::IntAnd, Some(-1)) => return Some(a),
            (Opcode::IntMul | Opcode::IntAnd, Some(0)) => return Some(b),
            (Opcode::IntMul, Some(n)) if n > 1 && n.count_ones() == 1 => {
                let shift = self.const_int(n.trailing_zeros() as i64);
                return Some(self.pure_of(Opcode::IntLshift, Kind::Int, a, shift));
            }
            (Opcode::IntFloorDiv, Some(n)) if n > 1 && n.count_ones() == 1 => {
                let shift = self.const_int(n.trailing_zeros() as i64);
                return Some(self.pure_of(Opcode::IntRshift, Kind::Int, a, shift));
            }
            (Opcode::IntFloorMod, Some(n)) if n > 0 && n.count_ones() == 1 => {
                let mask = self.const_int(n - 1);
                return Some(self.pure_of(Opcode::IntAnd, Kind::Int, a, mask));
            }
            // A boolean compared with a constant is itself or its opposite.
            (Opcode::IntNe, Some(0)) if self.is_boolean_value(a) => return Some(a),
            (Opcode::IntEq, Some(1)) if self.is_boolean_value(a) => return Some(a),
            (Opcode::IntEq, Some(0)) | (Opcode::IntNe, Some(1)) if self.is_boolean_value(a) => {
                return self.negated(a);
            }
            _ => {}
        }
        if a == b {
            match code {
                Opcode::IntSub | Opcode::IntXor => return Some(self.const_int(0)),
                Opcode::IntAnd | Opcode::IntOr => return Some(a),
                Opcode::IntLt | Opcode::IntNe | Opcode::UintLt | Opcode::PtrNe => {
                    return Some(self.const_int(0));
                }
                Opcode::IntLe | Opcode::IntEq | Opcode::PtrEq => return Some(self.const_int(1)),
                _ => {}
            }
        }
        let ((alo, ahi), (blo, bhi)) = (self.bounds(a), self.bounds(b));
        let known = match code {
            Opcode::IntLt if ahi < blo => Some(1),
            Opcode::IntLt if alo >= bhi => Some(0),
            Opcode::IntLe if ahi <= blo => Some(1),
            Opcode::IntLe if alo > bhi => Some(0),
            Opcode::IntEq if ahi < blo || alo > bhi => Some(0),
            Opcode::IntNe if ahi < blo || alo > bhi => Some(1),
            Opcode::UintLt if alo >= 0 && blo >= 0 && ahi < blo => Some(1),
            _ => None,
        };
        if let Some(v) = known {
            return Some(self.const_int(v));
        }
        if matches!(code, Opcode::PtrEq | Opcode::PtrNe) {
            return self.simplify_pointers(code, a, b);
        }
        // 0 <= a is all that is left of a bounds check whose upper half is known.
        None
    }

    fn simplify_pointers(&mut self, code: Opcode, a: Arg, b: Arg) -> Option<Arg> {
        let null = |o: &Self, x: Arg| o.ref_of(x).is_some_and(|r| r.is_null());
        let differ = (null(self, a) && self.is_nonnull(Value::Arg(b)))
            || (null(self, b) && self.is_nonnull(Value::Arg(a)))
            || (self.ref_of(a).is_some() && self.ref_of(b).is_some());
        differ.then(|| self.const_int((code == Opcode::PtrNe) as i64))
    }

    fn is_boolean_value(&self, a: Arg) -> bool {
        a.as_op().is_some_and(|i| super::guards::is_boolean(self.out.ops[i].code))
    }

    /// The opposite comparison, where there is one.
    fn negated(&mut self, a: Arg) -> Option<Arg> {
        let op = &self.out.ops[a.as_op()?];
        let (code, args) = (op.code, op.args.as_slice().to_vec());
        let (&x, &y) = (args.first()?, args.get(1)?);
        Some(match code {
            Opcode::IntLt => self.pure_of(Opcode::IntLe, Kind::Int, y, x),
            Opcode::IntLe => self.pure_of(Opcode::IntLt, Kind::Int, y, x),
            Opcode::IntEq => self.pure_of(Opcode::IntNe, Kind::Int, x, y),
            Opcode::IntNe => self.pure_of(Opcode::IntEq, Kind::Int, x, y),
            Opcode::FloatEq => self.pure_of(Opcode::FloatNe, Kind::Int, x, y),
            Opcode::FloatNe => self.pure_of(Opcode::FloatEq, Kind::Int, x, y),
            Opcode::PtrEq => self.pure_of(Opcode::PtrNe, Kind::Int, x, y),
            Opcode::PtrNe => self.pure_of(Opcode::PtrEq, Kind::Int, x, y),
            _ => return None,
        })
    }
}

/// Constants second, where the order does not matter.
fn canonical(o: &Optimizer<'_>, code: Opcode, a: Arg, b: Arg) -> (Arg, Arg) {
    use Opcode::*;
    let commutes = matches!(
        code,
        IntAdd
            | IntMul
            | IntAnd
            | IntOr
            | IntXor
            | IntEq
            | IntNe
            | FloatAdd
            | FloatMul
            | FloatEq
            | FloatNe
            | PtrEq
            | PtrNe
    );
    if commutes && o.out.const_of(a).is_some() && o.out.const_of(b).is_none() { (b, a) } else { (a, b) }
}

fn fold_int(code: Opcode, x: i64, y: i64) -> Option<Const> {
    use Opcode::*;
    Some(Const::Int(match code {
        IntAdd => x.wrapping_add(y),
        IntSub => x.wrapping_sub(y),
        IntMul => x.wrapping_mul(y),
        IntAnd => x & y,
        IntOr => x | y,
        IntXor => x ^ y,
        IntLshift => x.wrapping_shl(y as u32),
        IntRshift => x.wrapping_shr(y as u32),
        UintRshift => (x as u64).wrapping_shr(y as u32) as i64,
        IntFloorDiv if y != 0 => floordiv(x, y),
        IntFloorMod if y != 0 => floormod(x, y),
        IntNeg => x.wrapping_neg(),
        IntInvert => !x,
        IntLt => (x < y) as i64,
        IntLe => (x <= y) as i64,
        IntEq => (x == y) as i64,
        IntNe => (x != y) as i64,
        UintLt => ((x as u64) < y as u64) as i64,
        IntToFloat => return Some(Const::Float((x as f64).to_bits())),
        BitsToFloat => return Some(Const::Float(x as u64)),
        _ => return None,
    }))
}

fn fold_float(code: Opcode, x: f64, y: f64) -> Option<Const> {
    use Opcode::*;
    let f = |v: f64| Some(Const::Float(v.to_bits()));
    let i = |v: bool| Some(Const::Int(v as i64));
    match code {
        FloatAdd => f(x + y),
        FloatSub => f(x - y),
        FloatMul => f(x * y),
        FloatDiv => f(x / y),
        FloatNeg => f(-x),
        FloatAbs => f(x.abs()),
        FloatSqrt => f(x.sqrt()),
        FloatLt => i(x < y),
        FloatLe => i(x <= y),
        FloatEq => i(x == y),
        FloatNe => i(x != y),
        FloatToInt => Some(Const::Int(x as i64)),
        FloatToBits => Some(Const::Int(x.to_bits() as i64)),
        _ => None,
    }
}
