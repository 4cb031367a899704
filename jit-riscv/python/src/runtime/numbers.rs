//! Arithmetic on objects of any type: what the operators do when `step`'s fast paths do not apply.

use jit_riscv::object::{Call, Ref};
use num_bigint::BigInt;
use num_traits::{Pow, ToPrimitive};

use super::{Raised, Res, attributes, bigint, callback, calls, dict, format, list, sequence, set, text};
use crate::access;
use crate::bytecode::{BinaryOp, UnaryOp};
use crate::objects::*;
use crate::vm::Vm;

calls! {
    ADD: Any, add(left: Ref, right: Ref) -> Res<Ref>;
    SUB: Any, sub(left: Ref, right: Ref) -> Res<Ref>;
    MUL: Any, mul(left: Ref, right: Ref) -> Res<Ref>;
    MATMUL: Any, matmul(left: Ref, right: Ref) -> Res<Ref>;
    TRUEDIV: Any, truediv(left: Ref, right: Ref) -> Res<Ref>;
    FLOORDIV: Any, floordiv(left: Ref, right: Ref) -> Res<Ref>;
    MOD: Any, modulo(left: Ref, right: Ref) -> Res<Ref>;
    POW: Any, pow(left: Ref, right: Ref) -> Res<Ref>;
    LSHIFT: Any, lshift(left: Ref, right: Ref) -> Res<Ref>;
    RSHIFT: Any, rshift(left: Ref, right: Ref) -> Res<Ref>;
    AND: Any, and(left: Ref, right: Ref) -> Res<Ref>;
    OR: Any, or(left: Ref, right: Ref) -> Res<Ref>;
    XOR: Any, xor(left: Ref, right: Ref) -> Res<Ref>;
    /// `left op= right`; the number of the operator in [`BinaryOp`].
    INPLACE: Any, inplace(op: i64, left: Ref, right: Ref) -> Res<Ref>;
    NEG: Any, neg(operand: Ref) -> Res<Ref>;
    POS: Any, pos(operand: Ref) -> Res<Ref>;
    INVERT: Any, invert(operand: Ref) -> Res<Ref>;
    /// Sums, differences and products of integers that overflow an i64.
    INT_ADD: Elidable, int_add(left: i64, right: i64) -> Ref;
    INT_SUB: Elidable, int_sub(left: i64, right: i64) -> Ref;
    INT_MUL: Elidable, int_mul(left: i64, right: i64) -> Ref;
    /// `left ** right` of i64s; the exponent is not negative.
    INT_POW: Elidable, int_pow(left: i64, right: i64) -> Ref;
    /// `left << right`; the shift is not negative.
    INT_LSHIFT: Any, int_lshift(left: i64, right: i64) -> Res<Ref>;
    /// The correctly rounded quotient of two i64s, the divisor not 0.
    INT_TRUEDIV: Elidable, int_truediv(left: i64, right: i64) -> f64;
    /// `left ** right` of doubles.
    FLOAT_POW: Any, float_pow(left: f64, right: f64) -> Res<f64>;
    /// `left % right` and `left // right` of doubles; the divisor is not 0.
    FLOAT_MOD: Elidable, float_mod_call(left: f64, right: f64) -> f64;
    FLOAT_FLOORDIV: Elidable, float_floordiv_call(left: f64, right: f64) -> f64;
    /// The nearest double of a number that is not a FLOAT. TypeError for other objects.
    TO_FLOAT: Any, to_float(number: Ref) -> Res<f64>;
    /// The integer a double truncates to, as an object.
    FLOAT_TO_INT: Any, float_to_int(value: f64) -> Res<Ref>;
    /// An index as an i64: INT, BOOL or anything with `__index__`.
    INDEX: Any, index(object: Ref) -> Res<i64>;
}

/// The calls of the binary operators, by number in [`BinaryOp`].
pub static BINARY: [&Call; 13] =
    [&ADD, &SUB, &MUL, &MATMUL, &TRUEDIV, &FLOORDIV, &MOD, &POW, &LSHIFT, &RSHIFT, &AND, &OR, &XOR];

/// The calls of the unary operators, by number in [`UnaryOp`].
pub static UNARY: [&Call; 3] = [&NEG, &POS, &INVERT];

fn int_add(vm: &mut Vm, a: i64, b: i64) -> Ref {
    bigint::from_i128(vm, a as i128 + b as i128)
}

fn int_sub(vm: &mut Vm, a: i64, b: i64) -> Ref {
    bigint::from_i128(vm, a as i128 - b as i128)
}

fn int_mul(vm: &mut Vm, a: i64, b: i64) -> Ref {
    bigint::from_i128(vm, a as i128 * b as i128)
}

fn int_pow(vm: &mut Vm, base: i64, exponent: i64) -> Ref {
    if let Ok(e) = u32::try_from(exponent)
        && let Some(v) = base.checked_pow(e)
    {
        return vm.int(v);
    }
    match base {
        0 => vm.int(i64::from(exponent == 0)),
        1 => vm.int(1),
        -1 => vm.int(if exponent & 1 == 0 { 1 } else { -1 }),
        _ => {
            let v = BigInt::from(base).pow(exponent as u64);
            bigint::object(vm, &v)
        }
    }
}

/// Bits of the largest integers that shifts and powers make.
const MAX_BITS: u64 = 1 << 32;

fn int_lshift(vm: &mut Vm, a: i64, b: i64) -> Res<Ref> {
    if a == 0 {
        return Ok(vm.int(0));
    }
    if b < 64 {
        return Ok(bigint::from_i128(vm, (a as i128) << b));
    }
    if b as u64 > MAX_BITS {
        return Err(vm.overflow_error("too many digits in integer"));
    }
    let v = BigInt::from(a) << b as usize;
    Ok(bigint::object(vm, &v))
}

fn int_truediv(_: &mut Vm, a: i64, b: i64) -> f64 {
    const EXACT: u64 = 1 << 53;
    if a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT {
        return a as f64 / b as f64;
    }
    bigint::true_quotient(&BigInt::from(a), &BigInt::from(b)).unwrap_or(f64::INFINITY)
}

/// x · 2^e.
pub fn ldexp(x: f64, e: i64) -> f64 {
    let mut x = x;
    let mut e = e.clamp(-4000, 4000);
    while e > 1000 {
        x *= f64::from_bits((1000 + 1023) << 52);
        e -= 1000;
    }
    while e < -1000 {
        // Only one of the steps may round: large steps first, while the value is far from the subnormal range.
        x *= f64::from_bits(((-969i64) + 1023) as u64 * (1 << 52));
        e += 969;
    }
    x * f64::from_bits(((e + 1023) as u64) << 52)
}

/// `a % b` of doubles: has the sign of b.
pub fn float_mod(a: f64, b: f64) -> f64 {
    let m = a % b;
    if m == 0.0 {
        return 0.0f64.copysign(b);
    }
    if (m < 0.0) != (b < 0.0) { m + b } else { m }
}

/// `a // b` of doubles.
pub fn float_floordiv(a: f64, b: f64) -> f64 {
    let m = a % b;
    let mut div = (a - m) / b;
    if m != 0.0 && ((m < 0.0) != (b < 0.0)) {
        div -= 1.0;
    }
    if div == 0.0 {
        return 0.0f64.copysign(a / b);
    }
    let floor = div.floor();
    if div - floor > 0.5 { floor + 1.0 } else { floor }
}

fn float_mod_call(_: &mut Vm, a: f64, b: f64) -> f64 {
    float_mod(a, b)
}

fn float_floordiv_call(_: &mut Vm, a: f64, b: f64) -> f64 {
    float_floordiv(a, b)
}

pub fn float_pow(vm: &mut Vm, a: f64, b: f64) -> Res<f64> {
    if a == 0.0 && b < 0.0 {
        return Err(vm.zero_division("0.0 cannot be raised to a negative power"));
    }
    if a < 0.0 && a.is_finite() && b.is_finite() && b.trunc() != b {
        return Err(vm.not_implemented_error("complex numbers are not supported"));
    }
    // Both of C and IEEE: pow(1, y) and pow(x, 0) are 1 even for NaN.
    let v = a.powf(b);
    if v.is_infinite() && a.is_finite() && b.is_finite() {
        let e = vm.int(34);
        let m = vm.str("Numerical result out of range");
        let args = vm.tuple(&[e, m]);
        let e = vm.exception_with(crate::types::OVERFLOW_ERROR, args);
        return Err(vm.raise_object(e));
    }
    Ok(v)
}

fn float_to_int(vm: &mut Vm, v: f64) -> Res<Ref> {
    bigint::from_float(vm, v)
}

/// See [`TO_FLOAT`].
pub fn to_float(vm: &mut Vm, r: Ref) -> Res<f64> {
    match access::class(r) {
        FLOAT => Ok(access::float_value(r)),
        INT | BOOL => Ok(access::int_value(r) as f64),
        BIGINT => bigint::to_float(vm, r),
        _ => {
            let method = attributes::special(vm, r, crate::symbols::FLOAT);
            if !method.is_null() {
                let v = callback(vm, method, &[r])?;
                if access::is(v, FLOAT) {
                    return Ok(access::float_value(v));
                }
            }
            let method = attributes::special(vm, r, crate::symbols::INDEX);
            if !method.is_null() {
                return Ok(index(vm, r)? as f64);
            }
            let message = format!("must be real number, not {}", vm.type_name(r));
            Err(vm.type_error(&message))
        }
    }
}

/// An integer of any size from INT, BOOL, BIGINT, or something with `__index__`.
pub fn integer(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        INT | BIGINT => Ok(r),
        BOOL => Ok(vm.int(access::int_value(r))),
        _ => {
            let method = attributes::special(vm, r, crate::symbols::INDEX);
            if !method.is_null() {
                let v = callback(vm, method, &[r])?;
                if bigint::is_integer(v) {
                    return Ok(v);
                }
                let message = format!("__index__ returned non-int (type {})", vm.type_name(v));
                return Err(vm.type_error(&message));
            }
            let message = format!("'{}' object cannot be interpreted as an integer", vm.type_name(r));
            Err(vm.type_error(&message))
        }
    }
}

/// See [`INDEX`]. OverflowError outside the range of an i64.
pub fn index(vm: &mut Vm, r: Ref) -> Res<i64> {
    match access::class(r) {
        INT | BOOL => Ok(access::int_value(r)),
        _ => {
            let v = integer(vm, r)?;
            if access::is(v, BIGINT) {
                return Err(vm.overflow_error("Python int too large to convert to C ssize_t"));
            }
            Ok(access::int_value(v))
        }
    }
}

/// An operator on two integers of any size.
fn integers(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Res<Ref> {
    let (x, y) = match (bigint::to_i128(a), bigint::to_i128(b)) {
        (Some(x), Some(y)) => (x, y),
        _ => return large_integers(vm, op, a, b),
    };
    let v = match op {
        BinaryOp::Add => x.checked_add(y),
        BinaryOp::Sub => x.checked_sub(y),
        BinaryOp::Mul => x.checked_mul(y),
        BinaryOp::FloorDiv if y == 0 => {
            return Err(vm.zero_division("integer division or modulo by zero"));
        }
        BinaryOp::Mod if y == 0 => return Err(vm.zero_division("integer modulo by zero")),
        BinaryOp::FloorDiv => Some(floor_i128(x, y).0),
        BinaryOp::Mod => Some(floor_i128(x, y).1),
        BinaryOp::And => Some(x & y),
        BinaryOp::Or => Some(x | y),
        BinaryOp::Xor => Some(x ^ y),
        BinaryOp::RShift if y >= 0 => Some(x >> y.min(127)),
        _ => None,
    };
    match v {
        Some(v) => Ok(bigint::from_i128(vm, v)),
        None => large_integers(vm, op, a, b),
    }
}

fn floor_i128(x: i128, y: i128) -> (i128, i128) {
    if let (Ok(x), Ok(y)) = (i64::try_from(x), i64::try_from(y))
        && let (Some(q), Some(r)) = (x.checked_div(y), x.checked_rem(y))
    {
        let fix = r != 0 && ((r < 0) != (y < 0));
        return if fix { (q as i128 - 1, (r + y) as i128) } else { (q as i128, r as i128) };
    }
    let (q, r) = (x / y, x % y);
    if r != 0 && ((r < 0) != (y < 0)) { (q - 1, r + y) } else { (q, r) }
}

fn large_integers(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Res<Ref> {
    let (x, y) = (bigint::value(a), bigint::value(b));
    let zero = BigInt::from(0);
    let v = match op {
        BinaryOp::Add => x + y,
        BinaryOp::Sub => x - y,
        BinaryOp::Mul => x * y,
        BinaryOp::FloorDiv | BinaryOp::Mod => {
            if y == zero {
                return Err(vm.zero_division("integer modulo by zero"));
            }
            let mut q = &x / &y;
            let mut r = x - &q * &y;
            if r != zero && (r.sign() != y.sign()) {
                q -= 1;
                r += y;
            }
            if op == BinaryOp::FloorDiv { q } else { r }
        }
        BinaryOp::And => x & y,
        BinaryOp::Or => x | y,
        BinaryOp::Xor => x ^ y,
        BinaryOp::LShift | BinaryOp::RShift => {
            if y < zero {
                return Err(vm.value_error("negative shift count"));
            }
            match (op, y.to_u64()) {
                (BinaryOp::RShift, None) => BigInt::from(if x < zero { -1 } else { 0 }),
                (BinaryOp::RShift, Some(n)) => x >> n,
                (_, Some(n)) if n <= MAX_BITS || x == zero => {
                    if x == zero {
                        zero
                    } else {
                        x << n
                    }
                }
                _ => return Err(vm.overflow_error("too many digits in integer")),
            }
        }
        BinaryOp::Pow => {
            let Some(e) = y.to_u64() else {
                if y < zero {
                    let (x, y) = (bigint::to_float(vm, a)?, bigint::to_float(vm, b)?);
                    let v = float_pow(vm, x, y)?;
                    return Ok(vm.float(v));
                }
                return match access::class(a) {
                    BIGINT => Err(vm.overflow_error("too many digits in integer")),
                    _ => match access::int_value(a) {
                        v @ (0 | 1) => Ok(vm.int(v)),
                        _ => Err(vm.overflow_error("too many digits in integer")),
                    },
                };
            };
            if let Some(x) = x.to_i64() {
                return Ok(int_pow(vm, x, e as i64));
            }
            if x.bits().saturating_mul(e) > MAX_BITS {
                return Err(vm.overflow_error("too many digits in integer"));
            }
            x.pow(e)
        }
        BinaryOp::TrueDiv => {
            if y == zero {
                return Err(vm.zero_division("division by zero"));
            }
            return match bigint::true_quotient(&x, &y) {
                Some(v) => Ok(vm.float(v)),
                None => Err(vm.overflow_error("integer division result too large for a float")),
            };
        }
        BinaryOp::MatMul => return Err(unsupported(vm, op.symbol(), a, b)),
    };
    Ok(bigint::object(vm, &v))
}

fn float_op(vm: &mut Vm, op: BinaryOp, a: f64, b: f64) -> Option<Res<Ref>> {
    let v = match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::TrueDiv if b == 0.0 => {
            return Some(Err(vm.zero_division("float division by zero")));
        }
        BinaryOp::TrueDiv => a / b,
        BinaryOp::FloorDiv if b == 0.0 => {
            return Some(Err(vm.zero_division("float floor division by zero")));
        }
        BinaryOp::FloorDiv => float_floordiv(a, b),
        BinaryOp::Mod if b == 0.0 => return Some(Err(vm.zero_division("float modulo"))),
        BinaryOp::Mod => float_mod(a, b),
        BinaryOp::Pow => match float_pow(vm, a, b) {
            Ok(v) => v,
            Err(e) => return Some(Err(e)),
        },
        _ => return None,
    };
    Some(Ok(vm.float(v)))
}

/// The operator on two numbers; None where one is not a number or the operator is not defined for them.
fn number_op(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Option<Res<Ref>> {
    let is_number = |r| matches!(access::class(r), INT | BOOL | BIGINT | FLOAT);
    if !is_number(a) || !is_number(b) {
        return None;
    }
    if access::is(a, FLOAT) || access::is(b, FLOAT) {
        let (x, y) = match (to_float(vm, a), to_float(vm, b)) {
            (Ok(x), Ok(y)) => (x, y),
            _ => return Some(Err(Raised)),
        };
        return float_op(vm, op, x, y);
    }
    if access::is(a, BOOL)
        && access::is(b, BOOL)
        && matches!(op, BinaryOp::And | BinaryOp::Or | BinaryOp::Xor)
    {
        let (x, y) = (a == vm.true_, b == vm.true_);
        let v = match op {
            BinaryOp::And => x & y,
            BinaryOp::Or => x | y,
            _ => x ^ y,
        };
        return Some(Ok(vm.bool(v)));
    }
    let small = !access::is(a, BIGINT) && !access::is(b, BIGINT);
    if small {
        let (x, y) = (access::int_value(a), access::int_value(b));
        match op {
            BinaryOp::TrueDiv if y == 0 => {
                return Some(Err(vm.zero_division("division by zero")));
            }
            BinaryOp::TrueDiv => {
                let v = int_truediv(vm, x, y);
                return Some(Ok(vm.float(v)));
            }
            BinaryOp::Pow if y >= 0 => {
                if x.unsigned_abs() > 1 && y as u64 > MAX_BITS {
                    return Some(Err(vm.overflow_error("too many digits in integer")));
                }
                return Some(Ok(int_pow(vm, x, y)));
            }
            BinaryOp::Pow => {
                if x == 0 {
                    return Some(Err(vm.zero_division("0.0 cannot be raised to a negative power")));
                }
                return Some(float_pow(vm, x as f64, y as f64).map(|v| vm.float(v)));
            }
            BinaryOp::LShift if y >= 0 => return Some(int_lshift(vm, x, y)),
            _ => {}
        }
    }
    if op == BinaryOp::MatMul {
        return None;
    }
    Some(integers(vm, op, a, b))
}

/// The operator on built-in objects that are not both numbers. None: not defined.
fn other_op(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Option<Res<Ref>> {
    let (x, y) = (access::class(a), access::class(b));
    let integral = |c| matches!(c, INT | BOOL);
    match op {
        BinaryOp::Add => match (x, y) {
            (STR, STR) => Some(Ok(text::concat(vm, a, b))),
            (TUPLE, TUPLE) => Some(sequence::tuple_concat(vm, a, b)),
            (BYTES, BYTES) => {
                let all = [access::bytes_contents(a), access::bytes_contents(b)].concat();
                Some(Ok(vm.bytes(&all)))
            }
            (STR, _) => {
                let message = format!("can only concatenate str (not \"{}\") to str", vm.type_name(b));
                Some(reflected_or(vm, op, a, b, &message))
            }
            _ if is_list(x) && is_list(y) => Some(list::concat(vm, a, b)),
            _ if is_list(x) => {
                let message = format!("can only concatenate list (not \"{}\") to list", vm.type_name(b));
                Some(reflected_or(vm, op, a, b, &message))
            }
            (TUPLE, _) => {
                let message = format!("can only concatenate tuple (not \"{}\") to tuple", vm.type_name(b));
                Some(reflected_or(vm, op, a, b, &message))
            }
            _ => None,
        },
        BinaryOp::Mul => {
            let is_sequence = |c| matches!(c, STR | TUPLE | BYTES) || is_list(c);
            let (sequence, count) = match (x, y) {
                _ if is_sequence(x) && integral(y) => (a, b),
                _ if integral(x) && is_sequence(y) => (b, a),
                _ if is_sequence(x) && !is_shape(y) => {
                    let message = format!("can't multiply sequence by non-int of type '{}'", vm.type_name(b));
                    return Some(Err(vm.type_error(&message)));
                }
                _ if is_sequence(y) && !is_shape(x) => {
                    let message = format!("can't multiply sequence by non-int of type '{}'", vm.type_name(a));
                    return Some(Err(vm.type_error(&message)));
                }
                _ => return None,
            };
            let n = access::int_value(count).max(0) as usize;
            Some(match access::class(sequence) {
                STR => text::repeat(vm, sequence, n),
                TUPLE => sequence::tuple_repeat(vm, sequence, n),
                BYTES => {
                    let contents = access::bytes_contents(sequence);
                    match contents.len().checked_mul(n) {
                        Some(total) if total < 1 << 40 => {
                            let all = contents.repeat(n);
                            Ok(vm.bytes(&all))
                        }
                        _ => Err(vm.memory_error()),
                    }
                }
                _ => list::repeat(vm, sequence, n),
            })
        }
        BinaryOp::Mod if x == STR => Some(format::percent(vm, a, b)),
        BinaryOp::Or | BinaryOp::And | BinaryOp::Sub | BinaryOp::Xor => {
            let is_set = |c| matches!(c, SET | FROZENSET | DICT_KEYS | DICT_ITEMS);
            let is_dict = |c| matches!(c, DICT | DEFAULTDICT);
            if is_set(x) && is_set(y) {
                Some(set::operator(vm, op, a, b))
            } else if op == BinaryOp::Or && is_dict(x) && is_dict(y) {
                let result = dict::copy(vm, a);
                Some(dict::update(vm, result, b).map(|()| result))
            } else {
                None
            }
        }
        _ => None,
    }
}

/// Asks the right operand's class, which may know what to do with a sequence; otherwise TypeError with the message.
fn reflected_or(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref, message: &str) -> Res<Ref> {
    let v = ask(vm, op.methods().1, b, a)?;
    if v.is_null() { Err(vm.type_error(message)) } else { Ok(v) }
}

/// Asks the class of `a`, written in Python. Null: it does not define the operator for `b`.
fn ask(vm: &mut Vm, method: &str, a: Ref, b: Ref) -> Res<Ref> {
    if !is_shape(access::class(a)) {
        return Ok(Ref::NULL);
    }
    let method = vm.intern(method);
    let found = attributes::special(vm, a, method);
    if found.is_null() {
        return Ok(Ref::NULL);
    }
    let v = callback(vm, found, &[a, b])?;
    Ok(if v == vm.not_implemented { Ref::NULL } else { v })
}

/// TypeError: unsupported operand types.
#[cold]
pub fn unsupported(vm: &mut Vm, symbol: &str, a: Ref, b: Ref) -> Raised {
    let message =
        format!("unsupported operand type(s) for {symbol}: '{}' and '{}'", vm.type_name(a), vm.type_name(b));
    vm.type_error(&message)
}

/// The operator on anything. Null: not defined for these operands.
pub fn try_binary(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Res<Ref> {
    if let Some(v) = number_op(vm, op, a, b) {
        return v;
    }
    if let Some(v) = other_op(vm, op, a, b) {
        return v;
    }
    let (method, reflected, _) = op.methods();
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let right_first = ta != tb && vm.is_subclass(tb, ta);
    if right_first {
        let v = ask(vm, reflected, b, a)?;
        if !v.is_null() {
            return Ok(v);
        }
    }
    let v = ask(vm, method, a, b)?;
    if !v.is_null() || right_first || ta == tb {
        return Ok(v);
    }
    ask(vm, reflected, b, a)
}

/// `a op b` for any objects.
pub fn binary(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Res<Ref> {
    let v = try_binary(vm, op, a, b)?;
    if v.is_null() { Err(unsupported(vm, op.symbol(), a, b)) } else { Ok(v) }
}

pub fn add(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    match (access::class(a), access::class(b)) {
        (STR, STR) => Ok(text::concat(vm, a, b)),
        _ => binary(vm, BinaryOp::Add, a, b),
    }
}
pub fn sub(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::Sub, a, b)
}
pub fn mul(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::Mul, a, b)
}
fn matmul(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::MatMul, a, b)
}
pub fn truediv(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::TrueDiv, a, b)
}
pub fn floordiv(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::FloorDiv, a, b)
}
pub fn modulo(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    match access::class(a) {
        STR => format::percent(vm, a, b),
        _ => binary(vm, BinaryOp::Mod, a, b),
    }
}
pub fn pow(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::Pow, a, b)
}
fn lshift(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::LShift, a, b)
}
fn rshift(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::RShift, a, b)
}
fn and(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::And, a, b)
}
fn or(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::Or, a, b)
}
fn xor(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    binary(vm, BinaryOp::Xor, a, b)
}

fn inplace(vm: &mut Vm, op: i64, a: Ref, b: Ref) -> Res<Ref> {
    let op = BinaryOp::ALL[op as usize % BinaryOp::ALL.len()];
    match (op, access::class(a)) {
        (BinaryOp::Add, class) if is_list(class) => {
            list::extend(vm, a, b)?;
            return Ok(a);
        }
        (BinaryOp::Mul, class) if is_list(class) && matches!(access::class(b), INT | BOOL) => {
            let n = access::int_value(b).max(0) as usize;
            let repeated = list::repeat(vm, a, n)?;
            list::assign(vm, a, repeated);
            return Ok(a);
        }
        (BinaryOp::Or | BinaryOp::And | BinaryOp::Sub | BinaryOp::Xor, SET)
            if matches!(access::class(b), SET | FROZENSET | DICT_KEYS | DICT_ITEMS) =>
        {
            set::update_operator(vm, op, a, b)?;
            return Ok(a);
        }
        (BinaryOp::Or, DICT | DEFAULTDICT) => {
            dict::update(vm, a, b)?;
            return Ok(a);
        }
        (BinaryOp::Add, DEQUE) => {
            crate::builtins::deque::extend(vm, a, b)?;
            return Ok(a);
        }
        _ => {}
    }
    let v = ask(vm, op.methods().2, a, b)?;
    if !v.is_null() {
        return Ok(v);
    }
    let v = try_binary(vm, op, a, b)?;
    if v.is_null() {
        let symbol = match op {
            BinaryOp::Pow => "**=".to_string(),
            _ => format!("{}=", op.symbol()),
        };
        return Err(unsupported(vm, &symbol, a, b));
    }
    Ok(v)
}

/// A unary operator on anything.
pub fn unary(vm: &mut Vm, op: UnaryOp, a: Ref) -> Res<Ref> {
    match (op, access::class(a)) {
        (UnaryOp::Neg, INT | BOOL) => {
            let v = -(access::int_value(a) as i128);
            return Ok(bigint::from_i128(vm, v));
        }
        (UnaryOp::Neg, BIGINT) => {
            let v = -bigint::value(a);
            return Ok(bigint::object(vm, &v));
        }
        (UnaryOp::Neg, FLOAT) => return Ok(vm.float(-access::float_value(a))),
        (UnaryOp::Pos, INT | BIGINT | FLOAT) => return Ok(a),
        (UnaryOp::Pos, BOOL) => return Ok(vm.int(access::int_value(a))),
        (UnaryOp::Invert, INT | BOOL) => return Ok(vm.int(!access::int_value(a))),
        (UnaryOp::Invert, BIGINT) => {
            let v = -bigint::value(a) - 1;
            return Ok(bigint::object(vm, &v));
        }
        _ => {}
    }
    let (symbol, name) = op.names();
    let sym = vm.intern(name);
    let method = attributes::special(vm, a, sym);
    if method.is_null() {
        let message = format!("bad operand type for unary {symbol}: '{}'", vm.type_name(a));
        return Err(vm.type_error(&message));
    }
    callback(vm, method, &[a])
}

fn neg(vm: &mut Vm, a: Ref) -> Res<Ref> {
    unary(vm, UnaryOp::Neg, a)
}
fn pos(vm: &mut Vm, a: Ref) -> Res<Ref> {
    unary(vm, UnaryOp::Pos, a)
}
fn invert(vm: &mut Vm, a: Ref) -> Res<Ref> {
    unary(vm, UnaryOp::Invert, a)
}
