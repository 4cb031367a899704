//! What all sequences share: length, items, slices; tuples and ranges.

use jit_riscv::object::Ref;

use super::{Raised, Res, attributes, callback, calls, dict, hash, iter, list, numbers, text};
use crate::access;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// `len(object)`
    LEN: Any, len(object: Ref) -> Res<i64>;
    /// `object[key]`
    GET_ITEM: Any, get_item(object: Ref, key: Ref) -> Res<Ref>;
    /// `object[key] = value`
    SET_ITEM: Any, set_item(object: Ref, key: Ref, value: Ref) -> Res<()>;
    /// `del object[key]`
    DELETE_ITEM: Any, delete_item(object: Ref, key: Ref) -> Res<()>;
    /// A slice object.
    SLICE_NEW: Any, slice_new(start: Ref, stop: Ref, step: Ref) -> Ref;
    /// A range object; the step is not 0.
    RANGE_NEW: Any, range_new(start: i64, stop: i64, step: i64) -> Ref;
    /// A tuple of the items of a list.
    LIST_TO_TUPLE: Any, tuple_from_list(list: Ref) -> Ref;
    /// A tuple of the items of any iterable.
    TUPLE_FROM: Any, tuple_from(iterable: Ref) -> Res<Ref>;
    /// A list of the items of any iterable, for `a, b = iterable`: TypeError "cannot unpack …" where it is none.
    UNPACK_LIST: Any, unpack_list(iterable: Ref) -> Res<Ref>;
    /// Raises the ValueError for a wrong number of items; `count` is what there is (of a list or tuple).
    UNPACK_ERROR: Any, unpack_error(expected: i64, count: i64) -> Res<()>;
}

/// An index into a sequence of `n` items, from the end where negative; None out of bounds.
#[inline(always)]
pub fn normalise(index: i64, n: usize) -> Option<usize> {
    let i = if index < 0 { index + n as i64 } else { index };
    (0 <= i && i < n as i64).then_some(i as usize)
}

pub fn len(vm: &mut Vm, r: Ref) -> Res<i64> {
    Ok(match access::class(r) {
        STR => access::get_int(r, STR_CHARS),
        TUPLE | BYTES => access::length(r) as i64,
        LIST_EMPTY | LIST_INT | LIST_FLOAT | LIST_OBJECT | DICT | DEFAULTDICT | SET | FROZENSET | DEQUE => {
            access::get_int(r, LIST_SIZE)
        }
        RANGE => access::get_int(r, RANGE_LENGTH),
        DICT_KEYS | DICT_VALUES | DICT_ITEMS => dict::size(access::get_ref(r, VIEW_DICT)) as i64,
        _ => {
            let method = attributes::special(vm, r, symbols::LEN);
            if method.is_null() {
                let message = format!("object of type '{}' has no len()", vm.type_name(r));
                return Err(vm.type_error(&message));
            }
            let v = callback(vm, method, &[r])?;
            if !matches!(access::class(v), INT | BOOL) {
                let message = format!("'{}' object cannot be interpreted as an integer", vm.type_name(v));
                return Err(vm.type_error(&message));
            }
            let n = access::int_value(v);
            if n < 0 {
                return Err(vm.value_error("__len__() should return >= 0"));
            }
            n
        }
    })
}

/// A slice of a sequence of `n` items: first index, step, number of items.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    pub start: i64,
    pub step: i64,
    pub count: usize,
}

fn slice_index(vm: &mut Vm, r: Ref) -> Res<i64> {
    if access::is(r, INT) {
        return Ok(access::int_value(r));
    }
    match numbers::integer(vm, r) {
        // Far out of bounds.
        Ok(v) if access::is(v, BIGINT) => {
            Ok(if access::get_int(v, BIGINT_SIGN) < 0 { i64::MIN / 2 } else { i64::MAX / 2 })
        }
        Ok(v) => Ok(access::int_value(v)),
        Err(Raised) => {
            if vm.clear_if(TYPE_ERROR) {
                return Err(
                    vm.type_error("slice indices must be integers or None or have an __index__ method")
                );
            }
            Err(Raised)
        }
    }
}

/// What a SLICE means for a sequence of `n` items.
pub fn bounds(vm: &mut Vm, slice: Ref, n: usize) -> Res<Bounds> {
    let (low, high) = (access::get_ref(slice, SLICE_START), access::get_ref(slice, SLICE_STOP));
    let none = vm.none;
    if access::get_ref(slice, SLICE_STEP) == none
        && (low == none || access::is(low, INT))
        && (high == none || access::is(high, INT))
    {
        // The common case: integers without a step.
        let n = n as i64;
        let place = |r: Ref, default: i64| {
            if r == none {
                return default;
            }
            let v = access::int_value(r);
            if v < 0 { v.saturating_add(n).max(0) } else { v.min(n) }
        };
        let (start, stop) = (place(low, 0), place(high, n));
        return Ok(Bounds { start, step: 1, count: (stop - start).max(0) as usize });
    }
    let part = |vm: &mut Vm, field| -> Res<Option<i64>> {
        let r = access::get_ref(slice, field);
        if r == vm.none { Ok(None) } else { slice_index(vm, r).map(Some) }
    };
    let step = part(vm, SLICE_STEP)?.unwrap_or(1);
    if step == 0 {
        return Err(vm.value_error("slice step cannot be zero"));
    }
    let step = step.max(-i64::MAX);
    let n = n as i64;
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let clamp = |v: i64| (if v < 0 { v.saturating_add(n) } else { v }).clamp(low, high);
    let start = part(vm, SLICE_START)?.map_or(if step > 0 { low } else { high }, clamp);
    let stop = part(vm, SLICE_STOP)?.map_or(if step > 0 { high } else { low }, clamp);
    let count = if step > 0 && start < stop {
        (stop - start - 1) / step + 1
    } else if step < 0 && stop < start {
        (start - stop - 1) / -step + 1
    } else {
        0
    };
    Ok(Bounds { start, step, count: count as usize })
}

/// An index for `what` ("list", "tuple", …).
fn item_index(vm: &mut Vm, key: Ref, what: &str) -> Res<i64> {
    if access::is(key, INT) {
        return Ok(access::int_value(key));
    }
    if access::is(key, BIGINT) {
        return Err(vm.index_error("cannot fit 'int' into an index-sized integer"));
    }
    match numbers::index(vm, key) {
        Ok(i) => Ok(i),
        Err(Raised) => {
            if vm.clear_if(TYPE_ERROR) {
                let message = match what {
                    "string" => {
                        format!("string indices must be integers, not '{}'", vm.type_name(key))
                    }
                    _ => format!("{what} indices must be integers or slices, not {}", vm.type_name(key)),
                };
                return Err(vm.type_error(&message));
            }
            Err(Raised)
        }
    }
}

/// `object[key]`
pub fn get_item(vm: &mut Vm, r: Ref, key: Ref) -> Res<Ref> {
    let slice = access::is(key, SLICE);
    match access::class(r) {
        DICT | DEFAULTDICT => dict::get_item(vm, r, key),
        class if is_list(class) => {
            if slice {
                let b = bounds(vm, key, access::list_size(r))?;
                return Ok(list::slice(vm, r, b.start, b.step, b.count));
            }
            let i = item_index(vm, key, "list")?;
            match normalise(i, access::list_size(r)) {
                Some(i) => Ok(list::get(vm, r, i)),
                None => Err(vm.index_error("list index out of range")),
            }
        }
        TUPLE => {
            if slice {
                let b = bounds(vm, key, access::length(r))?;
                if b.count == access::length(r) && b.step == 1 {
                    return Ok(r);
                }
                let items: Vec<Ref> =
                    (0..b.count as i64).map(|i| access::item(r, (b.start + i * b.step) as usize)).collect();
                return Ok(vm.tuple(&items));
            }
            let i = item_index(vm, key, "tuple")?;
            match normalise(i, access::length(r)) {
                Some(i) => Ok(access::item(r, i)),
                None => Err(vm.index_error("tuple index out of range")),
            }
        }
        STR => {
            if slice {
                let b = bounds(vm, key, access::get_int(r, STR_CHARS) as usize)?;
                return Ok(text::slice(vm, r, b.start, b.step, b.count));
            }
            let i = item_index(vm, key, "string")?;
            text::item(vm, r, i)
        }
        RANGE => {
            let n = access::get_int(r, RANGE_LENGTH);
            let (start, step) = (access::get_int(r, RANGE_START), access::get_int(r, RANGE_STEP));
            if slice {
                let b = bounds(vm, key, n as usize)?;
                let first = start.wrapping_add(b.start.wrapping_mul(step));
                let step = step.wrapping_mul(b.step);
                let stop = first.wrapping_add((b.count as i64).wrapping_mul(step));
                return Ok(range_new(vm, first, stop, step));
            }
            let i = item_index(vm, key, "range")?;
            match normalise(i, n as usize) {
                Some(i) => Ok(vm.int(start + i as i64 * step)),
                None => Err(vm.index_error("range object index out of range")),
            }
        }
        BYTES => {
            let contents = access::bytes_contents(r);
            if slice {
                let b = bounds(vm, key, contents.len())?;
                let part: Vec<u8> =
                    (0..b.count as i64).map(|i| contents[(b.start + i * b.step) as usize]).collect();
                return Ok(vm.bytes(&part));
            }
            let i = item_index(vm, key, "byte")?;
            match normalise(i, contents.len()) {
                Some(i) => Ok(vm.int(contents[i] as i64)),
                None => Err(vm.index_error("index out of range")),
            }
        }
        DEQUE => {
            let i = item_index(vm, key, "sequence")?;
            match normalise(i, access::get_int(r, DEQUE_SIZE) as usize) {
                Some(i) => Ok(crate::builtins::deque::get(r, i)),
                None => Err(vm.index_error("deque index out of range")),
            }
        }
        // `list[int]` in an annotation: the class stands for itself.
        TYPE => Ok(r),
        _ => {
            let method = attributes::special(vm, r, symbols::GETITEM);
            if method.is_null() {
                let message = format!("'{}' object is not subscriptable", vm.type_name(r));
                return Err(vm.type_error(&message));
            }
            callback(vm, method, &[r, key])
        }
    }
}

/// `object[key] = value`
pub fn set_item(vm: &mut Vm, r: Ref, key: Ref, value: Ref) -> Res<()> {
    match access::class(r) {
        DICT | DEFAULTDICT => dict::set_item(vm, r, key, value),
        class if is_list(class) => {
            if !access::is(key, SLICE) {
                let i = item_index(vm, key, "list")?;
                return match normalise(i, access::list_size(r)) {
                    Some(i) => {
                        list::set(vm, r, i, value);
                        Ok(())
                    }
                    None => Err(vm.index_error("list assignment index out of range")),
                };
            }
            let Ok(items) = list::from_iterable(vm, value) else {
                if vm.clear_if(TYPE_ERROR) {
                    return Err(vm.type_error("can only assign an iterable"));
                }
                return Err(Raised);
            };
            let items = list::items(vm, items);
            let b = bounds(vm, key, access::list_size(r))?;
            if b.step == 1 {
                let start = b.start as usize;
                list::replace_range(vm, r, start, start + b.count, &items);
                return Ok(());
            }
            if items.len() != b.count {
                let message = format!(
                    "attempt to assign sequence of size {} to extended slice of size {}",
                    items.len(),
                    b.count
                );
                return Err(vm.value_error(&message));
            }
            for (i, item) in items.iter().enumerate() {
                list::set(vm, r, (b.start + i as i64 * b.step) as usize, *item);
            }
            Ok(())
        }
        DEQUE => {
            let i = item_index(vm, key, "sequence")?;
            match normalise(i, access::get_int(r, DEQUE_SIZE) as usize) {
                Some(i) => {
                    crate::builtins::deque::set(vm, r, i, value);
                    Ok(())
                }
                None => Err(vm.index_error("deque index out of range")),
            }
        }
        _ => {
            let method = attributes::special(vm, r, symbols::SETITEM);
            if method.is_null() {
                let message = format!("'{}' object does not support item assignment", vm.type_name(r));
                return Err(vm.type_error(&message));
            }
            callback(vm, method, &[r, key, value]).map(|_| ())
        }
    }
}

/// `del object[key]`
pub fn delete_item(vm: &mut Vm, r: Ref, key: Ref) -> Res<()> {
    match access::class(r) {
        DICT | DEFAULTDICT => {
            if dict::remove(vm, r, key)?.is_null() {
                return Err(vm.key_error(key));
            }
            Ok(())
        }
        class if is_list(class) => {
            if access::is(key, SLICE) {
                let b = bounds(vm, key, access::list_size(r))?;
                list::delete_slice(vm, r, b.start, b.step, b.count);
                return Ok(());
            }
            let i = item_index(vm, key, "list")?;
            match normalise(i, access::list_size(r)) {
                Some(i) => {
                    list::delete_range(vm, r, i, i + 1);
                    Ok(())
                }
                None => Err(vm.index_error("list assignment index out of range")),
            }
        }
        _ => {
            let method = attributes::special(vm, r, symbols::DELITEM);
            if method.is_null() {
                let message = format!("'{}' object doesn't support item deletion", vm.type_name(r));
                return Err(vm.type_error(&message));
            }
            callback(vm, method, &[r, key]).map(|_| ())
        }
    }
}

pub fn slice_new(vm: &mut Vm, start: Ref, stop: Ref, step: Ref) -> Ref {
    let r = vm.new_object(SLICE);
    access::init_ref(r, SLICE_START, start);
    access::init_ref(r, SLICE_STOP, stop);
    access::init_ref(r, SLICE_STEP, step);
    r
}

/// Number of values of a range.
pub fn range_length(start: i64, stop: i64, step: i64) -> i64 {
    let n = if step > 0 && start < stop {
        (stop as i128 - start as i128 - 1) / step as i128 + 1
    } else if step < 0 && stop < start {
        (start as i128 - stop as i128 - 1) / -(step as i128) + 1
    } else {
        0
    };
    n.min(i64::MAX as i128) as i64
}

pub fn range_new(vm: &mut Vm, start: i64, stop: i64, step: i64) -> Ref {
    let r = vm.new_object(RANGE);
    access::set_int(r, RANGE_START, start);
    access::set_int(r, RANGE_STOP, stop);
    access::set_int(r, RANGE_STEP, step);
    access::set_int(r, RANGE_LENGTH, range_length(start, stop, step));
    r
}

/// The index of a value in a range.
pub fn range_index(r: Ref, v: i64) -> Option<i64> {
    let (start, step) = (access::get_int(r, RANGE_START), access::get_int(r, RANGE_STEP));
    let distance = v as i128 - start as i128;
    let i = distance / step as i128;
    (distance % step as i128 == 0 && i >= 0 && i < access::get_int(r, RANGE_LENGTH) as i128)
        .then_some(i as i64)
}

pub fn tuple_from_list(vm: &mut Vm, r: Ref) -> Ref {
    if access::is(r, TUPLE) {
        return r;
    }
    let items = list::items(vm, r);
    vm.tuple(&items)
}

pub fn tuple_from(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    match access::class(iterable) {
        TUPLE => Ok(iterable),
        class if is_list(class) => Ok(tuple_from_list(vm, iterable)),
        _ => {
            let items = list::from_iterable(vm, iterable)?;
            Ok(tuple_from_list(vm, items))
        }
    }
}

pub fn tuple_concat(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    if access::length(a) == 0 {
        return Ok(b);
    }
    let all = [access::refs(a), access::refs(b)].concat();
    Ok(vm.tuple(&all))
}

pub fn tuple_repeat(vm: &mut Vm, r: Ref, n: usize) -> Res<Ref> {
    match access::length(r).checked_mul(n) {
        Some(total) if total < 1 << 36 => {
            let all = access::refs(r).repeat(n);
            Ok(vm.tuple(&all))
        }
        _ => Err(vm.memory_error()),
    }
}

pub fn unpack_list(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    match list::from_iterable(vm, iterable) {
        Ok(v) => Ok(v),
        Err(Raised) => {
            let not_iterable =
                vm.is_instance(vm.thread.exception, TYPE_ERROR) && !iter::is_iterable(vm, iterable);
            if not_iterable {
                vm.take_exception();
                let message = format!("cannot unpack non-iterable {} object", vm.type_name(iterable));
                return Err(vm.type_error(&message));
            }
            Err(Raised)
        }
    }
}

fn unpack_error(vm: &mut Vm, expected: i64, count: i64) -> Res<()> {
    let message = if expected < 0 {
        format!("not enough values to unpack (expected at least {}, got {count})", -expected)
    } else if count < expected {
        format!("not enough values to unpack (expected {expected}, got {count})")
    } else {
        format!("too many values to unpack (expected {expected})")
    };
    Err(vm.value_error(&message))
}

/// `tuple.index` and `list.index`: the bounds of the search as they are given.
pub fn search_bounds(vm: &mut Vm, start: Ref, stop: Ref, n: usize) -> Res<(usize, usize)> {
    let mut limit = |r: Ref, default: usize| -> Res<usize> {
        if r.is_null() || r == vm.none {
            return Ok(default);
        }
        let v = slice_index(vm, r)?;
        Ok((if v < 0 { v.saturating_add(n as i64) } else { v }).clamp(0, n as i64) as usize)
    };
    Ok((limit(start, 0)?, limit(stop, n)?))
}

/// The first index of an equal item of a TUPLE.
pub fn tuple_index(vm: &mut Vm, r: Ref, item: Ref, from: usize, to: usize) -> Res<Option<usize>> {
    for i in from..to {
        if hash::same_key(vm, access::item(r, i), item)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}
