//! Binary and unary operators.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::{Call, ClassId};

use super::{Py, Step, box_float, box_int, calls, support, tag};
use crate::bytecode::{BinaryOp, UnaryOp};
use crate::objects::*;
use crate::runtime::{numbers, text};

/// Integers up to this magnitude are doubles exactly.
const EXACT: i64 = 1 << 53;

#[inline(always)]
pub fn binary<D: Py>(d: &mut D, op: BinaryOp) -> Step<D> {
    let b = d.peek(0);
    let a = d.peek(1);
    let (ca, cb) = (d.class_of(a), d.class_of(b));
    let result = if ca == INT && cb == INT {
        let (x, y) = (d.getfield_i(a, &INT_VALUE), d.getfield_i(b, &INT_VALUE));
        ints(d, op, x, y)?
    } else if ca == FLOAT && cb == FLOAT {
        let (x, y) = (d.getfield_f(a, &FLOAT_VALUE), d.getfield_f(b, &FLOAT_VALUE));
        floats(d, op, x, y)?
    } else {
        return binary_slow(d, op, ca, cb, false);
    };
    let Some(result) = result else { return runtime(d, op) };
    d.pop();
    d.set_peek(0, result);
    Ok(Next::Fall)
}

pub fn inplace<D: Py>(d: &mut D, op: BinaryOp) -> Step<D> {
    let b = d.peek(0);
    let a = d.peek(1);
    let (ca, cb) = (d.class_of(a), d.class_of(b));
    if (ca == INT && cb == INT) || (ca == FLOAT && cb == FLOAT) {
        return binary(d, op);
    }
    binary_slow(d, op, ca, cb, true)
}

/// Integers: None where only the runtime can do it.
#[inline(always)]
fn ints<D: Py>(d: &mut D, op: BinaryOp, x: D::I, y: D::I) -> Result<Option<D::R>, D::R> {
    let value = match op {
        BinaryOp::Add => match d.int_add_ovf(x, y) {
            Some(v) => v,
            None => return big(d, &numbers::INT_ADD, x, y),
        },
        BinaryOp::Sub => match d.int_sub_ovf(x, y) {
            Some(v) => v,
            None => return big(d, &numbers::INT_SUB, x, y),
        },
        BinaryOp::Mul => match d.int_mul_ovf(x, y) {
            Some(v) => v,
            None => return big(d, &numbers::INT_MUL, x, y),
        },
        BinaryOp::And => d.int_and(x, y),
        BinaryOp::Or => d.int_or(x, y),
        BinaryOp::Xor => d.int_xor(x, y),
        BinaryOp::FloorDiv | BinaryOp::Mod => {
            let zero = d.int(0);
            let by_zero = d.int_eq(y, zero);
            if d.branch(by_zero) {
                return Ok(None);
            }
            let minus_one = d.int(-1);
            let by_minus_one = d.int_eq(y, minus_one);
            if d.branch(by_minus_one) {
                return Ok(None);
            }
            if op == BinaryOp::Mod { d.int_floormod(x, y) } else { d.int_floordiv(x, y) }
        }
        BinaryOp::TrueDiv => return int_truediv(d, x, y),
        BinaryOp::LShift => {
            let limit = d.int(63);
            let small = d.uint_lt(y, limit);
            if !d.branch(small) {
                return Ok(None);
            }
            let shifted = d.int_lshift(x, y);
            let back = d.int_rshift(shifted, y);
            let fits = d.int_eq(back, x);
            if !d.branch(fits) {
                return Ok(None);
            }
            shifted
        }
        BinaryOp::RShift => {
            let limit = d.int(64);
            let small = d.uint_lt(y, limit);
            if !d.branch(small) {
                return Ok(None);
            }
            d.int_rshift(x, y)
        }
        BinaryOp::Pow => {
            let zero = d.int(0);
            let negative = d.int_lt(y, zero);
            if d.branch(negative) {
                return Ok(None);
            }
            return big(d, &numbers::INT_POW, x, y);
        }
        BinaryOp::MatMul => return Ok(None),
    };
    Ok(Some(box_int(d, value)))
}

#[cold]
#[inline(never)]
fn big<D: Py>(d: &mut D, call: &'static Call, x: D::I, y: D::I) -> Result<Option<D::R>, D::R> {
    d.call_r(call, &[Operand::I(x), Operand::I(y)]).map(Some)
}

fn int_truediv<D: Py>(d: &mut D, x: D::I, y: D::I) -> Result<Option<D::R>, D::R> {
    let zero = d.int(0);
    let by_zero = d.int_eq(y, zero);
    if d.branch(by_zero) {
        return Ok(None);
    }
    let quotient = match (exact_float(d, x), exact_float(d, y)) {
        (Some(a), Some(b)) => d.float_div(a, b),
        _ => d.call_f(&numbers::INT_TRUEDIV, &[Operand::I(x), Operand::I(y)])?,
    };
    Ok(Some(box_float(d, quotient)))
}

/// The integer as a double, where it is one exactly.
#[inline(always)]
pub fn exact_float<D: Py>(d: &mut D, x: D::I) -> Option<D::F> {
    let half = d.int(EXACT);
    let shifted = d.int_add(x, half);
    let whole = d.int(2 * EXACT);
    let exact = d.uint_lt(shifted, whole);
    if d.branch(exact) { Some(d.int_to_float(x)) } else { None }
}

#[inline(always)]
fn floats<D: Py>(d: &mut D, op: BinaryOp, x: D::F, y: D::F) -> Result<Option<D::R>, D::R> {
    let value = match op {
        BinaryOp::Add => d.float_add(x, y),
        BinaryOp::Sub => d.float_sub(x, y),
        BinaryOp::Mul => d.float_mul(x, y),
        BinaryOp::TrueDiv => {
            let zero = d.float(0.0);
            let by_zero = d.float_eq(y, zero);
            if d.branch(by_zero) {
                return Ok(None);
            }
            d.float_div(x, y)
        }
        BinaryOp::Pow => d.call_f(&numbers::FLOAT_POW, &[Operand::F(x), Operand::F(y)])?,
        BinaryOp::Mod | BinaryOp::FloorDiv => {
            let zero = d.float(0.0);
            let by_zero = d.float_eq(y, zero);
            if d.branch(by_zero) {
                return Ok(None);
            }
            let call = if op == BinaryOp::Mod { &numbers::FLOAT_MOD } else { &numbers::FLOAT_FLOORDIV };
            d.call_f(call, &[Operand::F(x), Operand::F(y)])?
        }
        _ => return Ok(None),
    };
    Ok(Some(box_float(d, value)))
}

/// Mixed numbers, strings, methods of user classes, and then the runtime.
#[inline(never)]
fn binary_slow<D: Py>(d: &mut D, op: BinaryOp, ca: ClassId, cb: ClassId, inplace: bool) -> Step<D> {
    let (a, b) = (d.peek(1), d.peek(0));
    // The nearest double of the integer is what CPython takes, too.
    if ca == INT && cb == FLOAT {
        let x = d.getfield_i(a, &INT_VALUE);
        let x = d.int_to_float(x);
        let y = d.getfield_f(b, &FLOAT_VALUE);
        return finish_floats(d, op, x, y);
    } else if ca == FLOAT && cb == INT {
        let y = d.getfield_i(b, &INT_VALUE);
        let y = d.int_to_float(y);
        let x = d.getfield_f(a, &FLOAT_VALUE);
        return finish_floats(d, op, x, y);
    } else if ca == STR && cb == STR && op == BinaryOp::Add {
        let result = d.call_r(&text::STR_CONCAT, &[Operand::R(a), Operand::R(b)])?;
        d.pop();
        d.set_peek(0, result);
        return Ok(Next::Fall);
    } else if (is_shape(ca) || is_shape(cb))
        && let Some(next) = user_operator(d, op, ca, cb, inplace)
    {
        return next;
    }
    if inplace {
        let number = d.int(op as i64);
        let result = d.call_r(&numbers::INPLACE, &[Operand::I(number), Operand::R(a), Operand::R(b)])?;
        d.pop();
        d.set_peek(0, result);
        return Ok(Next::Fall);
    }
    runtime(d, op)
}

fn finish_floats<D: Py>(d: &mut D, op: BinaryOp, x: D::F, y: D::F) -> Step<D> {
    let Some(result) = floats(d, op, x, y)? else { return runtime(d, op) };
    d.pop();
    d.set_peek(0, result);
    Ok(Next::Fall)
}

/// The runtime's own operator.
fn runtime<D: Py>(d: &mut D, op: BinaryOp) -> Step<D> {
    let call = match op {
        BinaryOp::Add => &numbers::ADD,
        BinaryOp::Sub => &numbers::SUB,
        BinaryOp::Mul => &numbers::MUL,
        BinaryOp::MatMul => &numbers::MATMUL,
        BinaryOp::TrueDiv => &numbers::TRUEDIV,
        BinaryOp::FloorDiv => &numbers::FLOORDIV,
        BinaryOp::Mod => &numbers::MOD,
        BinaryOp::Pow => &numbers::POW,
        BinaryOp::LShift => &numbers::LSHIFT,
        BinaryOp::RShift => &numbers::RSHIFT,
        BinaryOp::And => &numbers::AND,
        BinaryOp::Or => &numbers::OR,
        BinaryOp::Xor => &numbers::XOR,
    };
    let (a, b) = (d.peek(1), d.peek(0));
    let result = d.call_r(call, &[Operand::R(a), Operand::R(b)])?;
    d.pop();
    d.set_peek(0, result);
    Ok(Next::Fall)
}

/// A frame for the method of a user class. None: there is none that may be called in this way.
fn user_operator<D: Py>(d: &mut D, op: BinaryOp, ca: ClassId, cb: ClassId, inplace: bool) -> Option<Step<D>> {
    let (plain, reflected, augmented) = support::operator_symbols(op);
    if inplace && is_shape(ca) {
        if let Some(method) = support::method(d, ca, augmented) {
            return calls::enter_operator(d, method, false, tag::INPLACE + op as u64);
        }
        if support::has_attribute(d, ca, augmented) {
            return None;
        }
    }
    let vm = d.vm();
    let (ta, tb) = (vm.class_of_word(ca), vm.class_of_word(cb));
    let precedes = ta != tb && vm.is_subclass(tb, ta);
    if is_shape(cb) && precedes && support::has_attribute(d, cb, reflected) {
        // The right operand's method comes first: the runtime knows how.
        return None;
    }
    if is_shape(ca) {
        if let Some(method) = support::method(d, ca, plain) {
            return calls::enter_operator(d, method, false, tag::BINARY + op as u64);
        }
        if support::has_attribute(d, ca, plain) {
            return None;
        }
    } else if ca != INT && ca != FLOAT {
        // What a built-in's own operator answers is the runtime's business.
        return None;
    }
    if is_shape(cb) && ta != tb {
        let method = support::method(d, cb, reflected)?;
        return calls::enter_operator(d, method, true, tag::REFLECTED + op as u64);
    }
    None
}

pub fn unary<D: Py>(d: &mut D, op: UnaryOp) -> Step<D> {
    let a = d.peek(0);
    let class = d.class_of(a);
    let result = if class == INT {
        let x = d.getfield_i(a, &INT_VALUE);
        match op {
            UnaryOp::Neg => {
                let zero = d.int(0);
                d.int_sub_ovf(zero, x)
            }
            UnaryOp::Pos => Some(x),
            UnaryOp::Invert => Some(d.int_invert(x)),
        }
        .map(|v| box_int(d, v))
    } else if class == FLOAT && op != UnaryOp::Invert {
        let x = d.getfield_f(a, &FLOAT_VALUE);
        let v = if op == UnaryOp::Neg { d.float_neg(x) } else { x };
        Some(box_float(d, v))
    } else {
        if is_shape(class) {
            let symbol = support::unary_symbol(op);
            if let Some(method) = support::method(d, class, symbol) {
                d.pop();
                return calls::enter_method(d, method, &[a], tag::PLAIN);
            }
        }
        None
    };
    let result = match result {
        Some(result) => result,
        None => {
            let call = match op {
                UnaryOp::Neg => &numbers::NEG,
                UnaryOp::Pos => &numbers::POS,
                UnaryOp::Invert => &numbers::INVERT,
            };
            d.call_r(call, &[Operand::R(a)])?
        }
    };
    d.set_peek(0, result);
    Ok(Next::Fall)
}
