//! Calls of the runtime's functions, and the short ways of some ([`Intrinsic`]).

use jit_riscv::domain::Operand;
use jit_riscv::object::Ref;

use super::calls::{self, Locals, tuple_of};
use super::{
    Py, Step, boolean, box_float, box_int, compare, containers, generators, items, iteration, support, tag,
};
use crate::access;
use crate::builtins::{Builtin, Intrinsic, VARIADIC};
use crate::bytecode::CompareOp;
use crate::objects::*;
use crate::runtime::{call as runtime, sequence};
use crate::symbols;

/// The entry of a BUILTIN.
#[inline(always)]
fn entry_of<D: Py>(d: &mut D, callable: D::R) -> &'static Builtin {
    let address = d.getfield_i(callable, &BUILTIN_ENTRY);
    let address = d.promote(address);
    // SAFETY: the field holds the address of a static entry.
    unsafe { &*(address as *const Builtin) }
}

/// `[BUILTIN, self|NULL, arguments…] → [result]`
pub fn call<D: Py>(d: &mut D, callable: D::R, n: usize) -> Step<D> {
    let entry = entry_of(d, callable);
    let this = d.peek(n);
    let mut args = Locals::new();
    if !d.is_null(this) {
        args.push(this);
    }
    for i in (0..n).rev() {
        let argument = d.peek(i);
        args.push(argument);
    }
    call_entry(d, callable, entry, args.as_slice(), n)
}

/// Calls an entry. `callable` is what the program called; it and the operands are replaced by the result.
pub fn call_entry<D: Py>(
    d: &mut D,
    callable: D::R,
    entry: &'static Builtin,
    args: &[D::R],
    n: usize,
) -> Step<D> {
    let result = match intrinsic(d, entry.intrinsic, args)? {
        Some(result) => result,
        None => {
            if let Some(next) = guest_call(d, entry.intrinsic, args, n) {
                return next;
            }
            invoke(d, callable, entry, args)?
        }
    };
    if entry.defers && d.class_of(result) == DEFERRED {
        return call_deferred(d, result, n);
    }
    calls::finish(d, n, result)
}

/// The runtime wants another call to be made in the place of this one.
fn call_deferred<D: Py>(d: &mut D, deferred: D::R, n: usize) -> Step<D> {
    let function = d.getfield_r(deferred, &DEFERRED_FUNC);
    let args = d.getfield_r(deferred, &DEFERRED_ARGS);
    let null = d.null();
    let class = d.class_of(function);
    if class == FUNCTION {
        return calls::call_function_ex(d, function, args, null, None, n + 2, tag::PLAIN);
    }
    if class == GENERATOR {
        let first = d.int(0);
        let sent = d.getitem_r(args, first, &TUPLE_ITEMS);
        let depth = d.depth();
        d.truncate(depth - n - 2);
        return generators::resume(d, function, sent);
    }
    let args = [Operand::R(function), Operand::R(args), Operand::R(null)];
    let result = d.call_r(&runtime::CALL, &args)?;
    calls::finish(d, n, result)
}

/// The runtime function itself.
fn invoke<D: Py>(d: &mut D, callable: D::R, entry: &'static Builtin, args: &[D::R]) -> Result<D::R, D::R> {
    let null = d.null();
    let fits = args.len() >= entry.min as usize && args.len() <= entry.max as usize;
    if entry.max == VARIADIC && fits {
        let args = tuple_of(d, args);
        return d.call_r(&entry.call, &[Operand::R(args), Operand::R(null)]);
    }
    if !fits {
        // The TypeError for it.
        let args = tuple_of(d, args);
        return d.call_r(&runtime::CALL, &[Operand::R(callable), Operand::R(args), Operand::R(null)]);
    }
    let at = |i: usize| Operand::R(args.get(i).copied().unwrap_or(null));
    match entry.max {
        0 => d.call_r(&entry.call, &[]),
        1 => d.call_r(&entry.call, &[at(0)]),
        2 => d.call_r(&entry.call, &[at(0), at(1)]),
        3 => d.call_r(&entry.call, &[at(0), at(1), at(2)]),
        _ => d.call_r(&entry.call, &[at(0), at(1), at(2), at(3)]),
    }
}

/// `[BUILTIN, self|NULL, arguments…]`, the last of which belong to `names`.
pub fn call_kw<D: Py>(d: &mut D, callable: D::R, n: usize, names: Ref) -> Step<D> {
    let entry = entry_of(d, callable);
    let this = d.peek(n);
    let mut args = Locals::new();
    if !d.is_null(this) {
        args.push(this);
    }
    for i in (0..n).rev() {
        let argument = d.peek(i);
        args.push(argument);
    }
    call_entry_kw(d, callable, entry, args.as_slice(), n, names)
}

pub fn call_entry_kw<D: Py>(
    d: &mut D,
    callable: D::R,
    entry: &'static Builtin,
    args: &[D::R],
    n: usize,
    names: Ref,
) -> Step<D> {
    let positional = args.len() - access::length(names);
    let args = tuple_of(d, args);
    let names = d.constant(names);
    let result = if entry.max == VARIADIC && positional >= entry.min as usize {
        d.call_r(&entry.call, &[Operand::R(args), Operand::R(names)])?
    } else {
        let args = [Operand::R(callable), Operand::R(args), Operand::R(names)];
        d.call_r(&runtime::CALL, &args)?
    };
    if entry.defers && d.class_of(result) == DEFERRED {
        return call_deferred(d, result, n);
    }
    calls::finish(d, n, result)
}

/// Intrinsics that push a frame.
fn guest_call<D: Py>(d: &mut D, intrinsic: Intrinsic, args: &[D::R], n: usize) -> Option<Step<D>> {
    let [object] = *args else { return None };
    match intrinsic {
        Intrinsic::Len => {
            let class = d.class_of(object);
            if !is_shape(class) {
                return None;
            }
            let method = support::method(d, class, symbols::LEN)?;
            let depth = d.depth();
            d.truncate(depth - n - 2);
            Some(calls::enter_method(d, method, &[object], tag::LENGTH))
        }
        Intrinsic::Next => {
            let class = d.class_of(object);
            if class == GENERATOR {
                let depth = d.depth();
                d.truncate(depth - n - 2);
                let sent = super::none(d);
                return Some(generators::resume(d, object, sent));
            }
            if !is_shape(class) {
                return None;
            }
            let method = support::method(d, class, symbols::NEXT)?;
            let depth = d.depth();
            d.truncate(depth - n - 2);
            Some(calls::enter_method(d, method, &[object], tag::PLAIN))
        }
        Intrinsic::Iter => {
            let class = d.class_of(object);
            if !is_shape(class) {
                return None;
            }
            let method = support::method(d, class, symbols::ITER)?;
            let depth = d.depth();
            d.truncate(depth - n - 2);
            Some(calls::enter_method(d, method, &[object], tag::PLAIN))
        }
        _ => None,
    }
}

/// The short way of an intrinsic. None: it does not cover these arguments.
fn intrinsic<D: Py>(d: &mut D, intrinsic: Intrinsic, args: &[D::R]) -> Result<Option<D::R>, D::R> {
    Ok(match (intrinsic, args) {
        (Intrinsic::None, _) => None,
        (Intrinsic::Len, &[object]) => length(d, object).map(|v| box_int(d, v)),
        (Intrinsic::Abs, &[x]) => absolute(d, x),
        (Intrinsic::Min, &[a, b]) => lesser(d, a, b, CompareOp::Lt),
        (Intrinsic::Max, &[a, b]) => lesser(d, a, b, CompareOp::Gt),
        (Intrinsic::Ord, &[text]) => ord(d, text),
        (Intrinsic::Isinstance, &[object, class]) => isinstance(d, object, class),
        (Intrinsic::Type, &[object]) => {
            let class = d.class_of(object);
            let vm = d.vm();
            let type_ = vm.type_object(vm.class_of_word(class));
            Some(d.constant(type_))
        }
        (Intrinsic::Range, _) => range(d, args)?,
        (Intrinsic::Int, &[x]) => int(d, x),
        (Intrinsic::Float, &[x]) => match d.class_of(x) {
            FLOAT => Some(x),
            INT => {
                let v = d.getfield_i(x, &INT_VALUE);
                let v = d.int_to_float(v);
                Some(box_float(d, v))
            }
            _ => None,
        },
        (Intrinsic::Bool, &[x]) => {
            let class = d.class_of(x);
            let truth = compare::truth(d, x, class)?;
            Some(boolean(d, truth))
        }
        (Intrinsic::ListAppend, &[list, item]) => {
            containers::append(d, list, item)?;
            Some(super::none(d))
        }
        (Intrinsic::ListPop, &[list]) => items::pop_last(d, list),
        (Intrinsic::MathSqrt, &[x]) => {
            let Some(v) = as_float(d, x) else { return Ok(None) };
            let zero = d.float(0.0);
            let valid = d.float_le(zero, v);
            if !d.branch(valid) {
                return Ok(None);
            }
            let root = d.float_sqrt(v);
            Some(box_float(d, root))
        }
        (Intrinsic::MathFabs, &[x]) => {
            let Some(v) = as_float(d, x) else { return Ok(None) };
            let v = d.float_abs(v);
            Some(box_float(d, v))
        }
        (Intrinsic::Iter, &[x]) => iteration::iterator(d, x)?,
        (Intrinsic::Next, &[iterator]) => {
            let class = d.class_of(iterator);
            match iteration::next_item(d, iterator, class)? {
                iteration::Item::Value(value) => Some(value),
                // The runtime raises StopIteration; it may also be an iterator it knows.
                _ => None,
            }
        }
        _ => None,
    })
}

/// A FLOAT's value, or the nearest double of an INT's.
fn as_float<D: Py>(d: &mut D, x: D::R) -> Option<D::F> {
    match d.class_of(x) {
        FLOAT => Some(d.getfield_f(x, &FLOAT_VALUE)),
        INT => {
            let v = d.getfield_i(x, &INT_VALUE);
            Some(d.int_to_float(v))
        }
        _ => None,
    }
}

fn length<D: Py>(d: &mut D, object: D::R) -> Option<D::I> {
    let class = d.class_of(object);
    Some(match class {
        LIST_EMPTY | LIST_INT | LIST_FLOAT | LIST_OBJECT => d.getfield_i(object, &LIST_SIZE),
        TUPLE => d.array_len(object),
        STR => d.getfield_i(object, &STR_CHARS),
        DICT => d.getfield_i(object, &DICT_SIZE),
        SET => d.getfield_i(object, &SET_SIZE),
        RANGE => d.getfield_i(object, &RANGE_LENGTH),
        _ => return None,
    })
}

fn absolute<D: Py>(d: &mut D, x: D::R) -> Option<D::R> {
    match d.class_of(x) {
        INT => {
            let v = d.getfield_i(x, &INT_VALUE);
            let zero = d.int(0);
            let negative = d.int_lt(v, zero);
            if !d.branch(negative) {
                return Some(x);
            }
            let v = d.int_sub_ovf(zero, v)?;
            Some(box_int(d, v))
        }
        FLOAT => {
            let v = d.getfield_f(x, &FLOAT_VALUE);
            let v = d.float_abs(v);
            Some(box_float(d, v))
        }
        _ => None,
    }
}

/// `min` (with `<`) or `max` (with `>`) of two numbers of one type.
fn lesser<D: Py>(d: &mut D, a: D::R, b: D::R, op: CompareOp) -> Option<D::R> {
    let (ca, cb) = (d.class_of(a), d.class_of(b));
    let condition = if ca == INT && cb == INT {
        let (x, y) = (d.getfield_i(a, &INT_VALUE), d.getfield_i(b, &INT_VALUE));
        if op == CompareOp::Lt { d.int_lt(y, x) } else { d.int_lt(x, y) }
    } else if ca == FLOAT && cb == FLOAT {
        let (x, y) = (d.getfield_f(a, &FLOAT_VALUE), d.getfield_f(b, &FLOAT_VALUE));
        if op == CompareOp::Lt { d.float_lt(y, x) } else { d.float_lt(x, y) }
    } else {
        return None;
    };
    Some(if d.branch(condition) { b } else { a })
}

/// `ord` of an ASCII character.
fn ord<D: Py>(d: &mut D, text: D::R) -> Option<D::R> {
    if d.class_of(text) != STR {
        return None;
    }
    let len = d.array_len(text);
    let one = d.int(1);
    let single = d.int_eq(len, one);
    if !d.branch(single) {
        return None;
    }
    let zero = d.int(0);
    let byte = d.getitem_i(text, zero, &STR_BYTES);
    Some(box_int(d, byte))
}

fn isinstance<D: Py>(d: &mut D, object: D::R, class: D::R) -> Option<D::R> {
    if d.class_of(class) != TYPE {
        return None;
    }
    let class = d.promote_ref(class);
    let word = d.class_of(object);
    let vm = d.vm();
    let result = vm.is_subclass(vm.class_of_word(word), vm.type_id(class));
    Some(boolean(d, result))
}

fn int<D: Py>(d: &mut D, x: D::R) -> Option<D::R> {
    match d.class_of(x) {
        INT => Some(x),
        BOOL => {
            let v = d.getfield_i(x, &BOOL_VALUE);
            Some(box_int(d, v))
        }
        FLOAT => {
            // 2^62: well within the range of an i64.
            const LIMIT: f64 = 4_611_686_018_427_387_904.0;
            let v = d.getfield_f(x, &FLOAT_VALUE);
            let magnitude = d.float_abs(v);
            let limit = d.float(LIMIT);
            let fits = d.float_lt(magnitude, limit);
            if !d.branch(fits) {
                return None;
            }
            let v = d.float_to_int(v);
            Some(box_int(d, v))
        }
        _ => None,
    }
}

/// `range` of INTs, with a step that is a constant or 1.
fn range<D: Py>(d: &mut D, args: &[D::R]) -> Result<Option<D::R>, D::R> {
    if args.is_empty() || args.len() > 3 {
        return Ok(None);
    }
    for argument in args {
        if d.class_of(*argument) != INT {
            return Ok(None);
        }
    }
    let (start, stop) = match *args {
        [stop] => (d.int(0), d.getfield_i(stop, &INT_VALUE)),
        [start, stop, ..] => (d.getfield_i(start, &INT_VALUE), d.getfield_i(stop, &INT_VALUE)),
        [] => return Ok(None),
    };
    if let [_, _, step] = *args {
        let step = d.getfield_i(step, &INT_VALUE);
        let zero = d.int(0);
        let invalid = d.int_eq(step, zero);
        if d.branch(invalid) {
            return Ok(None);
        }
        let args = [Operand::I(start), Operand::I(stop), Operand::I(step)];
        return d.call_r(&sequence::RANGE_NEW, &args).map(Some);
    }
    let some = d.int_lt(start, stop);
    let length = if d.branch(some) {
        match d.int_sub_ovf(stop, start) {
            Some(length) => length,
            None => return Ok(None),
        }
    } else {
        d.int(0)
    };
    let range = d.new(RANGE);
    d.setfield_i(range, &RANGE_START, start);
    d.setfield_i(range, &RANGE_STOP, stop);
    let one = d.int(1);
    d.setfield_i(range, &RANGE_STEP, one);
    d.setfield_i(range, &RANGE_LENGTH, length);
    Ok(Some(range))
}
