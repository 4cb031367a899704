//! Truth, comparison, membership.

use std::cmp::Ordering;

use jit_riscv::object::Ref;

use super::{
    Raised, Res, attributes, bigint, call, callback, calls, dict, hash, iter, list, sequence, set, text,
};
use crate::access;
use crate::bytecode::CompareOp;
use crate::objects::*;
use crate::symbols::{self, Sym};
use crate::vm::Vm;

calls! {
    /// `bool(object)`
    TRUTH: Any, truth(object: Ref) -> Res<bool>;
    /// `left < right` as an object, and so on.
    LT: Any, lt(left: Ref, right: Ref) -> Res<Ref>;
    LE: Any, le(left: Ref, right: Ref) -> Res<Ref>;
    EQ: Any, eq(left: Ref, right: Ref) -> Res<Ref>;
    NE: Any, ne(left: Ref, right: Ref) -> Res<Ref>;
    GT: Any, gt(left: Ref, right: Ref) -> Res<Ref>;
    GE: Any, ge(left: Ref, right: Ref) -> Res<Ref>;
    /// The truth of `left < right`, and so on.
    LT_TRUTH: Any, lt_truth(left: Ref, right: Ref) -> Res<bool>;
    LE_TRUTH: Any, le_truth(left: Ref, right: Ref) -> Res<bool>;
    EQ_TRUTH: Any, eq_truth(left: Ref, right: Ref) -> Res<bool>;
    NE_TRUTH: Any, ne_truth(left: Ref, right: Ref) -> Res<bool>;
    GT_TRUTH: Any, gt_truth(left: Ref, right: Ref) -> Res<bool>;
    GE_TRUTH: Any, ge_truth(left: Ref, right: Ref) -> Res<bool>;
    /// Are two STRs equal?
    STR_EQ: Elidable, str_equal(left: Ref, right: Ref) -> bool;
    /// −1, 0 or 1: the order of two STRs.
    STR_COMPARE: Elidable, str_compare(left: Ref, right: Ref) -> i64;
    /// `item in container`
    CONTAINS: Any, contains(container: Ref, item: Ref) -> Res<bool>;
}

fn lt(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    rich(vm, CompareOp::Lt, a, b)
}
fn le(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    rich(vm, CompareOp::Le, a, b)
}
fn eq(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    rich(vm, CompareOp::Eq, a, b)
}
fn ne(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    rich(vm, CompareOp::Ne, a, b)
}
fn gt(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    rich(vm, CompareOp::Gt, a, b)
}
fn ge(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    rich(vm, CompareOp::Ge, a, b)
}
fn lt_truth(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Lt, a, b)
}
fn le_truth(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Le, a, b)
}
fn eq_truth(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Eq, a, b)
}
fn ne_truth(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Ne, a, b)
}
fn gt_truth(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Gt, a, b)
}
fn ge_truth(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Ge, a, b)
}
fn str_equal(_: &mut Vm, a: Ref, b: Ref) -> bool {
    str_eq(a, b)
}
fn str_compare(_: &mut Vm, a: Ref, b: Ref) -> i64 {
    str_order(a, b) as i64
}

/// `bool(object)`.
pub fn truth(vm: &mut Vm, r: Ref) -> Res<bool> {
    Ok(match access::class(r) {
        BOOL | INT => access::int_value(r) != 0,
        NONE => false,
        FLOAT => access::float_value(r) != 0.0,
        STR | TUPLE | BYTES => access::length(r) != 0,
        LIST_EMPTY | LIST_INT | LIST_FLOAT | LIST_OBJECT | DICT | DEFAULTDICT | SET | FROZENSET | DEQUE => {
            access::get_int(r, LIST_SIZE) != 0
        }
        RANGE => access::get_int(r, RANGE_LENGTH) != 0,
        DICT_KEYS | DICT_VALUES | DICT_ITEMS => {
            access::get_int(access::get_ref(r, VIEW_DICT), DICT_SIZE) != 0
        }
        class if is_shape(class) => {
            let method = attributes::special(vm, r, symbols::BOOL);
            if !method.is_null() {
                let v = callback(vm, method, &[r])?;
                if access::is(v, BOOL) {
                    return Ok(v == vm.true_);
                }
                let message = format!("__bool__ should return bool, returned {}", vm.type_name(v));
                return Err(vm.type_error(&message));
            }
            if attributes::special(vm, r, symbols::LEN).is_null() {
                return Ok(true);
            }
            sequence::len(vm, r)? != 0
        }
        _ => true,
    })
}

/// Equality of two STRs.
#[inline]
pub fn str_eq(a: Ref, b: Ref) -> bool {
    if a == b {
        return true;
    }
    if access::length(a) != access::length(b) {
        return false;
    }
    // Word by word: most strings are of one or two, and a call of memcmp costs more.
    access::str_words(a).iter().zip(access::str_words(b)).all(|(a, b)| a == b)
}

/// The order of two STRs: that of their code points, which is that of their bytes.
#[inline]
pub fn str_order(a: Ref, b: Ref) -> Ordering {
    for (x, y) in access::str_words(a).iter().zip(access::str_words(b)) {
        if x != y {
            return x.swap_bytes().cmp(&y.swap_bytes());
        }
    }
    // What follows a text in its last word is zero, the smallest code point.
    access::length(a).cmp(&access::length(b))
}

/// The order of an integer and a double, exactly; None for NaN.
pub fn int_float_order(i: i64, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    if f >= 9_223_372_036_854_775_808.0 {
        return Some(Ordering::Less);
    }
    if f < -9_223_372_036_854_775_808.0 {
        return Some(Ordering::Greater);
    }
    let whole = f.trunc();
    Some(match i.cmp(&(whole as i64)) {
        Ordering::Equal => 0.0f64.partial_cmp(&(f - whole)).unwrap_or(Ordering::Equal),
        order => order,
    })
}

/// The order of two numbers. None: one is NaN, or one is no number (then `Err`).
fn number_order(a: Ref, b: Ref) -> Result<Option<Ordering>, ()> {
    Ok(match (access::class(a), access::class(b)) {
        (INT | BOOL, INT | BOOL) => Some(access::int_value(a).cmp(&access::int_value(b))),
        (FLOAT, FLOAT) => access::float_value(a).partial_cmp(&access::float_value(b)),
        (INT | BOOL, FLOAT) => int_float_order(access::int_value(a), access::float_value(b)),
        (FLOAT, INT | BOOL) => {
            int_float_order(access::int_value(b), access::float_value(a)).map(Ordering::reverse)
        }
        (BIGINT, INT | BOOL | BIGINT) | (INT | BOOL, BIGINT) => Some(bigint::order(a, b)),
        (BIGINT, FLOAT) => bigint::float_order(a, access::float_value(b)),
        (FLOAT, BIGINT) => bigint::float_order(b, access::float_value(a)).map(Ordering::reverse),
        _ => return Err(()),
    })
}

fn holds(op: CompareOp, order: Option<Ordering>) -> bool {
    match (op, order) {
        (CompareOp::Ne, None) => true,
        (_, None) => false,
        (CompareOp::Lt, Some(o)) => o.is_lt(),
        (CompareOp::Le, Some(o)) => o.is_le(),
        (CompareOp::Eq, Some(o)) => o.is_eq(),
        (CompareOp::Ne, Some(o)) => o.is_ne(),
        (CompareOp::Gt, Some(o)) => o.is_gt(),
        (CompareOp::Ge, Some(o)) => o.is_ge(),
    }
}

/// Compares built-in values. None: the operator is not defined for them.
fn native(vm: &mut Vm, op: CompareOp, a: Ref, b: Ref) -> Res<Option<bool>> {
    if let Ok(order) = number_order(a, b) {
        return Ok(Some(holds(op, order)));
    }
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    let negate = op == CompareOp::Ne;
    match (access::class(a), access::class(b)) {
        (STR, STR) => {
            if equality {
                return Ok(Some(str_eq(a, b) != negate));
            }
            Ok(Some(holds(op, Some(str_order(a, b)))))
        }
        (BYTES, BYTES) => {
            let order = access::bytes_contents(a).cmp(access::bytes_contents(b));
            Ok(Some(holds(op, Some(order))))
        }
        (x, y) if is_list(x) && is_list(y) => sequences(vm, op, a, b),
        (TUPLE, TUPLE) | (DEQUE, DEQUE) => sequences(vm, op, a, b),
        (SET | FROZENSET, SET | FROZENSET) => set::compare(vm, op, a, b).map(Some),
        (DICT | DEFAULTDICT, DICT | DEFAULTDICT) if equality => Ok(Some(dict::equal(vm, a, b)? != negate)),
        (DICT_KEYS | DICT_ITEMS, DICT_KEYS | DICT_ITEMS | SET | FROZENSET)
        | (SET | FROZENSET, DICT_KEYS | DICT_ITEMS) => {
            let a = set::from_iterable(vm, a, SET)?;
            let b = set::from_iterable(vm, b, SET)?;
            set::compare(vm, op, a, b).map(Some)
        }
        (RANGE, RANGE) if equality => {
            let (n, m) = (access::get_int(a, RANGE_LENGTH), access::get_int(b, RANGE_LENGTH));
            let same = n == m
                && (n == 0
                    || access::get_int(a, RANGE_START) == access::get_int(b, RANGE_START)
                        && (n == 1 || access::get_int(a, RANGE_STEP) == access::get_int(b, RANGE_STEP)));
            Ok(Some(same != negate))
        }
        (SLICE, SLICE) if equality => {
            for field in [SLICE_START, SLICE_STOP, SLICE_STEP] {
                if !equal(vm, access::get_ref(a, field), access::get_ref(b, field))? {
                    return Ok(Some(negate));
                }
            }
            Ok(Some(!negate))
        }
        (BOUND_METHOD, BOUND_METHOD) if equality => {
            let same = access::get_ref(a, METHOD_SELF) == access::get_ref(b, METHOD_SELF)
                && equal(vm, access::get_ref(a, METHOD_FUNC), access::get_ref(b, METHOD_FUNC))?;
            Ok(Some(same != negate))
        }
        (BUILTIN, BUILTIN) if equality => {
            let same = access::get_int(a, BUILTIN_ENTRY) == access::get_int(b, BUILTIN_ENTRY);
            Ok(Some(same != negate))
        }
        _ => Ok(None),
    }
}

/// Lexicographic comparison of lists, tuples, deques.
fn sequences(vm: &mut Vm, op: CompareOp, a: Ref, b: Ref) -> Res<Option<bool>> {
    let size = |r: Ref| match access::class(r) {
        TUPLE => access::length(r),
        _ => access::get_int(r, LIST_SIZE) as usize,
    };
    let get = |vm: &mut Vm, r: Ref, i: usize| match access::class(r) {
        TUPLE => access::item(r, i),
        DEQUE => crate::builtins::deque::get(r, i),
        _ => list::get(vm, r, i),
    };
    if matches!(op, CompareOp::Eq | CompareOp::Ne) && size(a) != size(b) {
        return Ok(Some(op == CompareOp::Ne));
    }
    call::enter_nested(vm)?;
    let mut i = 0;
    let mut result = Ok(None);
    while i < size(a).min(size(b)) {
        let (x, y) = (get(vm, a, i), get(vm, b, i));
        match hash::same_key(vm, x, y) {
            Ok(true) => i += 1,
            Ok(false) => {
                result = match op {
                    CompareOp::Eq => Ok(Some(false)),
                    CompareOp::Ne => Ok(Some(true)),
                    _ => rich_truth(vm, op, x, y).map(Some),
                };
                break;
            }
            Err(e) => {
                result = Err(e);
                break;
            }
        }
    }
    vm.nesting -= 1;
    match result {
        Ok(None) => Ok(Some(holds(op, Some(size(a).cmp(&size(b)))))),
        other => other,
    }
}

pub fn method_symbols(op: CompareOp) -> (Sym, Sym) {
    match op {
        CompareOp::Lt => (symbols::LT, symbols::GT),
        CompareOp::Le => (symbols::LE, symbols::GE),
        CompareOp::Eq => (symbols::EQ, symbols::EQ),
        CompareOp::Ne => (symbols::NE, symbols::NE),
        CompareOp::Gt => (symbols::GT, symbols::LT),
        CompareOp::Ge => (symbols::GE, symbols::LE),
    }
}

/// Asks a class written in Python. Null: it does not define the operator, or answered NotImplemented.
fn ask(vm: &mut Vm, method: Sym, a: Ref, b: Ref) -> Res<Ref> {
    if !is_shape(access::class(a)) {
        return Ok(Ref::NULL);
    }
    let found = attributes::special(vm, a, method);
    if found.is_null() || access::is(found, BUILTIN) {
        // `!=` is the opposite of `==` where only that is defined.
        if method == symbols::NE {
            let found = attributes::special(vm, a, symbols::EQ);
            if !found.is_null() && !access::is(found, BUILTIN) {
                let v = callback(vm, found, &[a, b])?;
                if v != vm.not_implemented {
                    let v = truth(vm, v)?;
                    return Ok(vm.bool(!v));
                }
            }
        }
        return Ok(Ref::NULL);
    }
    let v = callback(vm, found, &[a, b])?;
    Ok(if v == vm.not_implemented { Ref::NULL } else { v })
}

/// `a op b` as an object.
pub fn rich(vm: &mut Vm, op: CompareOp, a: Ref, b: Ref) -> Res<Ref> {
    if let Some(v) = native(vm, op, a, b)? {
        return Ok(vm.bool(v));
    }
    let (method, reflected) = method_symbols(op);
    let (ta, tb) = (vm.type_of(a), vm.type_of(b));
    let right_first = ta != tb && vm.is_subclass(tb, ta);
    if right_first {
        let v = ask(vm, reflected, b, a)?;
        if !v.is_null() {
            return Ok(v);
        }
    }
    let v = ask(vm, method, a, b)?;
    if !v.is_null() {
        return Ok(v);
    }
    if !right_first {
        let v = ask(vm, reflected, b, a)?;
        if !v.is_null() {
            return Ok(v);
        }
    }
    match op {
        CompareOp::Eq => Ok(vm.bool(a == b)),
        CompareOp::Ne => Ok(vm.bool(a != b)),
        _ => Err(unsupported(vm, op, a, b)),
    }
}

#[cold]
pub fn unsupported(vm: &mut Vm, op: CompareOp, a: Ref, b: Ref) -> Raised {
    let message = format!(
        "'{}' not supported between instances of '{}' and '{}'",
        op.symbol(),
        vm.type_name(a),
        vm.type_name(b)
    );
    vm.type_error(&message)
}

/// The truth of `a op b`.
pub fn rich_truth(vm: &mut Vm, op: CompareOp, a: Ref, b: Ref) -> Res<bool> {
    if let Some(v) = native(vm, op, a, b)? {
        return Ok(v);
    }
    let v = rich(vm, op, a, b)?;
    truth(vm, v)
}

/// The truth of `a == b`.
pub fn equal(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Eq, a, b)
}

/// The truth of `a < b`.
#[inline]
pub fn less(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    rich_truth(vm, CompareOp::Lt, a, b)
}

/// `item in container`.
pub fn contains(vm: &mut Vm, container: Ref, item: Ref) -> Res<bool> {
    match access::class(container) {
        DICT | DEFAULTDICT => Ok(!dict::find(vm, container, item)?.is_null()),
        DICT_KEYS => Ok(!dict::find(vm, access::get_ref(container, VIEW_DICT), item)?.is_null()),
        SET | FROZENSET => set::contains(vm, container, item),
        STR => {
            if !access::is(item, STR) {
                let message =
                    format!("'in <string>' requires string as left operand, not {}", vm.type_name(item));
                return Err(vm.type_error(&message));
            }
            Ok(text::find_bytes(access::bytes(container), access::bytes(item)).is_some())
        }
        TUPLE => {
            for i in 0..access::length(container) {
                if hash::same_key(vm, access::item(container, i), item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        class if is_list(class) => Ok(list::index_of(vm, container, item, 0)?.is_some()),
        RANGE => match access::class(item) {
            INT | BOOL => Ok(sequence::range_index(container, access::int_value(item)).is_some()),
            FLOAT if access::float_value(item).trunc() == access::float_value(item) => {
                let v = access::float_value(item) as i64;
                Ok(sequence::range_index(container, v).is_some())
            }
            _ => Ok(false),
        },
        class => {
            if is_shape(class) {
                let method = attributes::special(vm, container, symbols::CONTAINS);
                if !method.is_null() {
                    let v = callback(vm, method, &[container, item])?;
                    return truth(vm, v);
                }
            }
            let Ok(iterator) = iter::iter(vm, container) else {
                if vm.clear_if(crate::types::TYPE_ERROR) {
                    let message = format!("argument of type '{}' is not iterable", vm.type_name(container));
                    return Err(vm.type_error(&message));
                }
                return Err(Raised);
            };
            while let Some(x) = iter::next(vm, iterator)? {
                if hash::same_key(vm, x, item)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}
