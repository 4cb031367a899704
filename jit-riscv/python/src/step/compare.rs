//! Comparisons, truth, identity and membership.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::ClassId;

use super::{Py, Step, arithmetic, boolean, calls, skip_next, support, tag};
use crate::bytecode::CompareOp;
use crate::objects::*;
use crate::runtime::compare as runtime;
use crate::symbols;

/// What the short ways of a comparison have found.
enum Outcome<I> {
    Known(bool),
    Condition(I),
    /// Nothing.
    Open,
}

#[inline(always)]
fn ints<D: Py>(d: &mut D, op: CompareOp, x: D::I, y: D::I) -> D::I {
    match op {
        CompareOp::Lt => d.int_lt(x, y),
        CompareOp::Le => d.int_le(x, y),
        CompareOp::Eq => d.int_eq(x, y),
        CompareOp::Ne => d.int_ne(x, y),
        CompareOp::Gt => d.int_lt(y, x),
        CompareOp::Ge => d.int_le(y, x),
    }
}

#[inline(always)]
fn floats<D: Py>(d: &mut D, op: CompareOp, x: D::F, y: D::F) -> D::I {
    match op {
        CompareOp::Lt => d.float_lt(x, y),
        CompareOp::Le => d.float_le(x, y),
        CompareOp::Eq => d.float_eq(x, y),
        CompareOp::Ne => d.float_ne(x, y),
        CompareOp::Gt => d.float_lt(y, x),
        CompareOp::Ge => d.float_le(y, x),
    }
}

#[inline(always)]
fn quick<D: Py>(d: &mut D, op: CompareOp, ca: ClassId, cb: ClassId) -> Outcome<D::I> {
    let (a, b) = (d.peek(1), d.peek(0));
    if ca == INT && cb == INT {
        let (x, y) = (d.getfield_i(a, &INT_VALUE), d.getfield_i(b, &INT_VALUE));
        Outcome::Condition(ints(d, op, x, y))
    } else if ca == FLOAT && cb == FLOAT {
        let (x, y) = (d.getfield_f(a, &FLOAT_VALUE), d.getfield_f(b, &FLOAT_VALUE));
        Outcome::Condition(floats(d, op, x, y))
    } else {
        less_quick(d, op, ca, cb)
    }
}

#[inline(never)]
fn less_quick<D: Py>(d: &mut D, op: CompareOp, ca: ClassId, cb: ClassId) -> Outcome<D::I> {
    let (a, b) = (d.peek(1), d.peek(0));
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if ca == FLOAT && cb == INT {
        let y = d.getfield_i(b, &INT_VALUE);
        if let Some(y) = arithmetic::exact_float(d, y) {
            let x = d.getfield_f(a, &FLOAT_VALUE);
            return Outcome::Condition(floats(d, op, x, y));
        }
    } else if ca == INT && cb == FLOAT {
        let x = d.getfield_i(a, &INT_VALUE);
        if let Some(x) = arithmetic::exact_float(d, x) {
            let y = d.getfield_f(b, &FLOAT_VALUE);
            return Outcome::Condition(floats(d, op, x, y));
        }
    } else if ca == STR && cb == STR && equality {
        let same = d.ptr_eq(a, b);
        if d.branch(same) {
            return Outcome::Known(op == CompareOp::Eq);
        }
        if let Ok(equal) = d.call_i(&runtime::STR_EQ, &[Operand::R(a), Operand::R(b)]) {
            if op == CompareOp::Eq {
                return Outcome::Condition(equal);
            }
            let zero = d.int(0);
            return Outcome::Condition(d.int_eq(equal, zero));
        }
    } else if ca == STR && cb == STR {
        if let Ok(order) = d.call_i(&runtime::STR_COMPARE, &[Operand::R(a), Operand::R(b)]) {
            let zero = d.int(0);
            return Outcome::Condition(ints(d, op, order, zero));
        }
    } else if equality && (ca == NONE || cb == NONE) && !is_shape(ca) && !is_shape(cb) {
        return Outcome::Known((ca == cb) == (op == CompareOp::Eq));
    } else if equality && is_shape(ca) && is_shape(cb) {
        let (equal, unequal) = (symbols::EQ, symbols::NE);
        let plain = [(ca, equal), (ca, unequal), (cb, equal), (cb, unequal)];
        if plain.into_iter().all(|(class, symbol)| support::is_objects_own(d, class, symbol)) {
            let same = d.ptr_eq(a, b);
            if op == CompareOp::Eq {
                return Outcome::Condition(same);
            }
            let zero = d.int(0);
            return Outcome::Condition(d.int_eq(same, zero));
        }
    }
    Outcome::Open
}

/// A frame for the method of a user class. None: there is none that may be called in this way.
fn user_comparison<D: Py>(d: &mut D, op: CompareOp, ca: ClassId, cb: ClassId) -> Option<Step<D>> {
    if !is_shape(ca) {
        return None;
    }
    let vm = d.vm();
    let (ta, tb) = (vm.class_of_word(ca), vm.class_of_word(cb));
    if ta != tb && vm.is_subclass(tb, ta) {
        // The right operand's method comes first.
        return None;
    }
    if let Some(method) = support::method(d, ca, support::compare_symbol(op)) {
        return calls::enter_operator(d, method, false, tag::COMPARE + op as u64);
    }
    if op == CompareOp::Ne && support::is_objects_own(d, ca, symbols::NE) {
        // The default: the negation of `__eq__`.
        let method = support::method(d, ca, symbols::EQ)?;
        return calls::enter_operator(d, method, false, tag::NEGATED);
    }
    None
}

/// The runtime's comparison: an object.
fn slow<D: Py>(d: &mut D, op: CompareOp) -> Result<D::R, D::R> {
    let (a, b) = (d.peek(1), d.peek(0));
    let call = match op {
        CompareOp::Lt => &runtime::LT,
        CompareOp::Le => &runtime::LE,
        CompareOp::Eq => &runtime::EQ,
        CompareOp::Ne => &runtime::NE,
        CompareOp::Gt => &runtime::GT,
        CompareOp::Ge => &runtime::GE,
    };
    d.call_r(call, &[Operand::R(a), Operand::R(b)])
}

/// The runtime's comparison: its truth.
fn slow_truth<D: Py>(d: &mut D, op: CompareOp) -> Result<bool, D::R> {
    let (a, b) = (d.peek(1), d.peek(0));
    let call = match op {
        CompareOp::Lt => &runtime::LT_TRUTH,
        CompareOp::Le => &runtime::LE_TRUTH,
        CompareOp::Eq => &runtime::EQ_TRUTH,
        CompareOp::Ne => &runtime::NE_TRUTH,
        CompareOp::Gt => &runtime::GT_TRUTH,
        CompareOp::Ge => &runtime::GE_TRUTH,
    };
    let truth = d.call_i(call, &[Operand::R(a), Operand::R(b)])?;
    Ok(d.branch(truth))
}

pub fn compare<D: Py>(d: &mut D, op: CompareOp) -> Step<D> {
    let (a, b) = (d.peek(1), d.peek(0));
    let (ca, cb) = (d.class_of(a), d.class_of(b));
    let result = match quick(d, op, ca, cb) {
        Outcome::Known(value) => boolean(d, value),
        Outcome::Condition(condition) => {
            let value = d.branch(condition);
            boolean(d, value)
        }
        Outcome::Open => {
            if let Some(next) = user_comparison(d, op, ca, cb) {
                return next;
            }
            slow(d, op)?
        }
    };
    d.pop();
    d.set_peek(0, result);
    Ok(Next::Fall)
}

#[inline(always)]
pub fn compare_jump<D: Py>(d: &mut D, op: CompareOp, target: u32) -> Step<D> {
    let (a, b) = (d.peek(1), d.peek(0));
    let (ca, cb) = (d.class_of(a), d.class_of(b));
    let holds = match quick(d, op, ca, cb) {
        Outcome::Condition(condition) => d.branch(condition),
        Outcome::Known(value) => value,
        Outcome::Open => {
            if let Some(next) = user_comparison(d, op, ca, cb) {
                return next;
            }
            slow_truth(d, op)?
        }
    };
    d.pop();
    d.pop();
    if holds { skip_next(d) } else { Ok(Next::Jump(target)) }
}

/// The truth of the top of the stack.
#[inline(always)]
pub fn truth_of_top<D: Py>(d: &mut D) -> Result<bool, D::R> {
    let value = d.peek(0);
    let class = d.class_of(value);
    if class == BOOL {
        let truth = d.getfield_i(value, &BOOL_VALUE);
        return Ok(d.branch(truth));
    }
    truth(d, value, class)
}

/// The truth of an object of a class.
#[inline(never)]
pub fn truth<D: Py>(d: &mut D, value: D::R, class: ClassId) -> Result<bool, D::R> {
    let condition = if class == BOOL {
        d.getfield_i(value, &BOOL_VALUE)
    } else if class == NONE {
        return Ok(false);
    } else if class == INT {
        d.getfield_i(value, &INT_VALUE)
    } else if class == FLOAT {
        let v = d.getfield_f(value, &FLOAT_VALUE);
        let zero = d.float(0.0);
        d.float_ne(v, zero)
    } else if class == STR || class == TUPLE {
        d.array_len(value)
    } else if is_list(class) {
        d.getfield_i(value, &LIST_SIZE)
    } else if class == DICT {
        d.getfield_i(value, &DICT_SIZE)
    } else if class == SET {
        d.getfield_i(value, &SET_SIZE)
    } else if matches!(class, FUNCTION | BUILTIN | BOUND_METHOD | TYPE)
        || (is_shape(class)
            && !support::has_attribute(d, class, symbols::BOOL)
            && !support::has_attribute(d, class, symbols::LEN))
    {
        return Ok(true);
    } else {
        let truth = d.call_i(&runtime::TRUTH, &[Operand::R(value)])?;
        return Ok(d.branch(truth));
    };
    let zero = d.int(0);
    let truth = d.int_ne(condition, zero);
    Ok(d.branch(truth))
}

pub fn not<D: Py>(d: &mut D) -> Step<D> {
    let truth = truth_of_top(d)?;
    let result = boolean(d, !truth);
    d.set_peek(0, result);
    Ok(Next::Fall)
}

/// Pops; is it None?
#[inline(always)]
pub fn is_none<D: Py>(d: &mut D) -> bool {
    let value = d.peek(0);
    let none = super::none(d);
    let same = d.ptr_eq(value, none);
    let same = d.branch(same);
    d.pop();
    same
}

/// Identity. Numbers have none of their own, so that equal ones of a type are the same object.
pub fn is<D: Py>(d: &mut D, negated: bool) {
    let (a, b) = (d.peek(1), d.peek(0));
    let same = d.ptr_eq(a, b);
    let same = d.branch(same) || {
        let ca = d.class_of(a);
        if ca == INT || ca == FLOAT {
            let cb = d.class_of(b);
            ca == cb && {
                let condition = if ca == INT {
                    let (x, y) = (d.getfield_i(a, &INT_VALUE), d.getfield_i(b, &INT_VALUE));
                    d.int_eq(x, y)
                } else {
                    let (x, y) = (d.getfield_f(a, &FLOAT_VALUE), d.getfield_f(b, &FLOAT_VALUE));
                    d.float_eq(x, y)
                };
                d.branch(condition)
            }
        } else {
            false
        }
    };
    let result = boolean(d, same != negated);
    d.pop();
    d.set_peek(0, result);
}

pub fn contains<D: Py>(d: &mut D, negated: bool) -> Step<D> {
    let (item, container) = (d.peek(1), d.peek(0));
    let class = d.class_of(container);
    if is_shape(class)
        && let Some(method) = support::method(d, class, symbols::CONTAINS)
    {
        d.pop();
        d.pop();
        let tag = if negated { tag::NEGATED } else { tag::CONTAINS };
        return calls::enter_method(d, method, &[container, item], tag);
    }
    let found = d.call_i(&runtime::CONTAINS, &[Operand::R(container), Operand::R(item)])?;
    let found = d.branch(found);
    let result = boolean(d, found != negated);
    d.pop();
    d.set_peek(0, result);
    Ok(Next::Fall)
}
