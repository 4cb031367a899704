//! Iterators.

use jit_riscv::object::{ClassId, Ref};

use super::{Raised, Res, attributes, callback, calls, compare, dict, list, set};
use crate::access;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// `iter(object)`
    ITER: Any, iter(object: Ref) -> Res<Ref>;
    /// The next item of an iterator; null without an exception where there is none.
    NEXT: Any, next_or_null(iterator: Ref) -> Res<Ref>;
    /// As NEXT for a DICT_KEY_ITER, DICT_VALUE_ITER or DICT_ITEM_ITER.
    DICT_NEXT: Any, dict_next_or_null(iterator: Ref) -> Res<Ref>;
    /// As NEXT for a STR_ITER.
    STR_NEXT: Any, str_next_or_null(iterator: Ref) -> Ref;
}

fn over(vm: &mut Vm, class: ClassId, source: Ref) -> Ref {
    let it = vm.new_object(class);
    access::init_ref(it, ITER_SOURCE, source);
    it
}

fn over_sized(vm: &mut Vm, class: ClassId, source: Ref) -> Ref {
    let it = over(vm, class, source);
    // DICT_SIZE, SET_SIZE and DEQUE_SIZE are at the same place.
    access::set_int(it, ITER_SIZE, access::get_int(source, DICT_SIZE));
    it
}

pub fn range_iter(vm: &mut Vm, start: i64, step: i64, count: i64) -> Ref {
    let it = vm.new_object(RANGE_ITER);
    access::set_int(it, RANGE_ITER_NEXT, start);
    access::set_int(it, RANGE_ITER_LEFT, count);
    access::set_int(it, RANGE_ITER_STEP, step);
    it
}

/// Is the class word one of a built-in iterator?
fn is_iterator(class: ClassId) -> bool {
    matches!(
        class,
        GENERATOR
            | RANGE_ITER
            | LIST_ITER
            | LIST_REVERSE_ITER
            | TUPLE_ITER
            | STR_ITER
            | BYTES_ITER
            | DICT_KEY_ITER
            | DICT_VALUE_ITER
            | DICT_ITEM_ITER
            | SET_ITER
            | ENUMERATE
            | ZIP
            | MAP
            | FILTER
            | CALL_ITER
            | SEQUENCE_ITER
            | DEQUE_ITER
            | FILE
    )
}

/// `iter(object)`
pub fn iter(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(match access::class(r) {
        class if is_list(class) => over(vm, LIST_ITER, r),
        TUPLE => over(vm, TUPLE_ITER, r),
        STR => over(vm, STR_ITER, r),
        BYTES => over(vm, BYTES_ITER, r),
        RANGE => range_iter(
            vm,
            access::get_int(r, RANGE_START),
            access::get_int(r, RANGE_STEP),
            access::get_int(r, RANGE_LENGTH),
        ),
        DICT | DEFAULTDICT => over_sized(vm, DICT_KEY_ITER, r),
        DICT_KEYS => over_sized(vm, DICT_KEY_ITER, access::get_ref(r, VIEW_DICT)),
        DICT_VALUES => over_sized(vm, DICT_VALUE_ITER, access::get_ref(r, VIEW_DICT)),
        DICT_ITEMS => over_sized(vm, DICT_ITEM_ITER, access::get_ref(r, VIEW_DICT)),
        SET | FROZENSET => over_sized(vm, SET_ITER, r),
        DEQUE => over_sized(vm, DEQUE_ITER, r),
        class if is_iterator(class) => r,
        _ => {
            let method = attributes::special(vm, r, symbols::ITER);
            if !method.is_null() && !access::is(method, NONE) {
                let it = callback(vm, method, &[r])?;
                let class = access::class(it);
                if !is_iterator(class) && attributes::special(vm, it, symbols::NEXT).is_null() {
                    let message = format!("iter() returned non-iterator of type '{}'", vm.type_name(it));
                    return Err(vm.type_error(&message));
                }
                return Ok(it);
            }
            if !access::is(r, TYPE) && !attributes::special(vm, r, symbols::GETITEM).is_null() {
                let it = over(vm, SEQUENCE_ITER, r);
                access::set_int(it, ITER_STEP, 1);
                return Ok(it);
            }
            let message = format!("'{}' object is not iterable", vm.type_name(r));
            return Err(vm.type_error(&message));
        }
    })
}

/// Would `iter(object)` find something to call?
pub fn is_iterable(vm: &mut Vm, r: Ref) -> bool {
    match access::class(r) {
        class if is_shape(class) => {
            !attributes::special(vm, r, symbols::ITER).is_null()
                || !attributes::special(vm, r, symbols::GETITEM).is_null()
        }
        class => {
            is_list(class)
                || is_iterator(class)
                || matches!(
                    class,
                    TUPLE
                        | STR
                        | BYTES
                        | RANGE
                        | DICT
                        | DEFAULTDICT
                        | DICT_KEYS
                        | DICT_VALUES
                        | DICT_ITEMS
                        | SET
                        | FROZENSET
                        | DEQUE
                )
        }
    }
}

fn next_or_null(vm: &mut Vm, it: Ref) -> Res<Ref> {
    next(vm, it).map(|item| item.unwrap_or(Ref::NULL))
}

fn dict_next_or_null(vm: &mut Vm, it: Ref) -> Res<Ref> {
    dict_next(vm, it).map(|item| item.unwrap_or(Ref::NULL))
}

fn str_next_or_null(vm: &mut Vm, it: Ref) -> Ref {
    str_next(vm, it).unwrap_or(Ref::NULL)
}

#[inline]
fn dict_next(vm: &mut Vm, it: Ref) -> Res<Option<Ref>> {
    let d = access::get_ref(it, ITER_SOURCE);
    if d.is_null() {
        return Ok(None);
    }
    if access::get_int(it, ITER_SIZE) != access::get_int(d, DICT_SIZE) {
        access::set_int(it, ITER_SIZE, -1);
        return Err(vm.raise(RUNTIME_ERROR, "dictionary changed size during iteration"));
    }
    let Some((e, key, value)) = dict::next_entry(d, access::get_int(it, ITER_INDEX) as usize) else {
        vm.put(it, ITER_SOURCE, Ref::NULL);
        return Ok(None);
    };
    access::set_int(it, ITER_INDEX, e as i64 + 1);
    Ok(Some(match access::class(it) {
        DICT_KEY_ITER => key,
        DICT_VALUE_ITER => value,
        _ => vm.tuple(&[key, value]),
    }))
}

#[inline]
fn str_next(vm: &mut Vm, it: Ref) -> Option<Ref> {
    let s = access::get_ref(it, ITER_SOURCE);
    let at = access::get_int(it, ITER_INDEX) as usize;
    let byte = *access::bytes(s).get(at)?;
    if byte < 128 {
        access::set_int(it, ITER_INDEX, at as i64 + 1);
        return Some(vm.ascii_char(byte));
    }
    let c = access::text(s)[at..].chars().next()?;
    access::set_int(it, ITER_INDEX, (at + c.len_utf8()) as i64);
    Some(vm.char(c))
}

/// The next item of an iterator; None where there is none.
pub fn next(vm: &mut Vm, it: Ref) -> Res<Option<Ref>> {
    let class = access::class(it);
    match class {
        RANGE_ITER => {
            let left = access::get_int(it, RANGE_ITER_LEFT);
            if left <= 0 {
                return Ok(None);
            }
            let v = access::get_int(it, RANGE_ITER_NEXT);
            let step = access::get_int(it, RANGE_ITER_STEP);
            access::set_int(it, RANGE_ITER_LEFT, left - 1);
            access::set_int(it, RANGE_ITER_NEXT, v.wrapping_add(step));
            Ok(Some(vm.int(v)))
        }
        LIST_ITER => {
            let r = access::get_ref(it, ITER_SOURCE);
            let i = access::get_int(it, ITER_INDEX) as usize;
            if r.is_null() || i >= access::list_size(r) {
                vm.put(it, ITER_SOURCE, Ref::NULL);
                return Ok(None);
            }
            access::set_int(it, ITER_INDEX, i as i64 + 1);
            Ok(Some(list::get(vm, r, i)))
        }
        LIST_REVERSE_ITER => {
            let r = access::get_ref(it, ITER_SOURCE);
            let i = access::get_int(it, ITER_INDEX);
            if i < 0 || i as usize >= access::list_size(r) {
                access::set_int(it, ITER_INDEX, -1);
                return Ok(None);
            }
            access::set_int(it, ITER_INDEX, i - 1);
            Ok(Some(list::get(vm, r, i as usize)))
        }
        TUPLE_ITER => {
            let r = access::get_ref(it, ITER_SOURCE);
            let i = access::get_int(it, ITER_INDEX) as usize;
            if i >= access::length(r) {
                return Ok(None);
            }
            access::set_int(it, ITER_INDEX, i as i64 + 1);
            Ok(Some(access::item(r, i)))
        }
        STR_ITER => Ok(str_next(vm, it)),
        BYTES_ITER => {
            let i = access::get_int(it, ITER_INDEX);
            let source = access::get_ref(it, ITER_SOURCE);
            let Some(byte) = access::bytes_contents(source).get(i as usize) else {
                return Ok(None);
            };
            access::set_int(it, ITER_INDEX, i + 1);
            Ok(Some(vm.int(*byte as i64)))
        }
        DICT_KEY_ITER | DICT_VALUE_ITER | DICT_ITEM_ITER => dict_next(vm, it),
        SET_ITER => {
            let s = access::get_ref(it, ITER_SOURCE);
            if access::get_int(it, ITER_SIZE) != access::get_int(s, SET_SIZE) {
                access::set_int(it, ITER_SIZE, -1);
                return Err(vm.raise(RUNTIME_ERROR, "Set changed size during iteration"));
            }
            match set::next_entry(s, access::get_int(it, ITER_INDEX) as usize) {
                Some((at, key)) => {
                    access::set_int(it, ITER_INDEX, at as i64 + 1);
                    Ok(Some(key))
                }
                None => {
                    access::set_int(it, ITER_INDEX, i64::MAX >> 8);
                    Ok(None)
                }
            }
        }
        DEQUE_ITER => {
            let d = access::get_ref(it, ITER_SOURCE);
            let i = access::get_int(it, ITER_INDEX) as usize;
            let n = access::get_int(d, DEQUE_SIZE);
            if access::get_int(it, ITER_SIZE) != n {
                return Err(vm.raise(RUNTIME_ERROR, "deque mutated during iteration"));
            }
            if i >= n as usize {
                return Ok(None);
            }
            access::set_int(it, ITER_INDEX, i as i64 + 1);
            Ok(Some(crate::builtins::deque::get(d, i)))
        }
        ENUMERATE => {
            let Some(item) = next(vm, access::get_ref(it, ITER_SOURCE))? else { return Ok(None) };
            let i = access::get_int(it, ITER_INDEX);
            access::set_int(it, ITER_INDEX, i + 1);
            let i = vm.int(i);
            Ok(Some(vm.tuple(&[i, item])))
        }
        ZIP => {
            let sources = access::get_ref(it, ITER_SOURCE);
            Ok(next_of_all(vm, sources)?.map(|items| vm.tuple(&items)))
        }
        MAP => {
            let sources = access::get_ref(it, ITER_SOURCE);
            let Some(items) = next_of_all(vm, sources)? else { return Ok(None) };
            callback(vm, access::get_ref(it, ITER_FUNC), &items).map(Some)
        }
        FILTER => {
            let func = access::get_ref(it, ITER_FUNC);
            while let Some(item) = next(vm, access::get_ref(it, ITER_SOURCE))? {
                let verdict = if func == vm.none { item } else { callback(vm, func, &[item])? };
                if compare::truth(vm, verdict)? {
                    return Ok(Some(item));
                }
            }
            Ok(None)
        }
        CALL_ITER => {
            let callable = access::get_ref(it, ITER_SOURCE);
            if callable.is_null() {
                return Ok(None);
            }
            let v = callback(vm, callable, &[])?;
            if compare::equal(vm, v, access::get_ref(it, ITER_FUNC))? {
                vm.put(it, ITER_SOURCE, Ref::NULL);
                return Ok(None);
            }
            Ok(Some(v))
        }
        SEQUENCE_ITER => {
            let source = access::get_ref(it, ITER_SOURCE);
            let i = access::get_int(it, ITER_INDEX);
            if source.is_null() || i < 0 {
                return Ok(None);
            }
            let index = vm.int(i);
            match super::sequence::get_item(vm, source, index) {
                Ok(item) => {
                    access::set_int(it, ITER_INDEX, i + access::get_int(it, ITER_STEP));
                    Ok(Some(item))
                }
                Err(Raised) if vm.clear_if(INDEX_ERROR) || vm.clear_if(STOP_ITERATION) => {
                    vm.put(it, ITER_SOURCE, Ref::NULL);
                    Ok(None)
                }
                Err(Raised) => Err(Raised),
            }
        }
        FILE => crate::builtins::file::next_line(vm, it),
        GENERATOR => {
            super::call::enter_nested(vm)?;
            // Resuming a generator is calling it, for a nested run.
            let none = vm.none;
            let result = (vm.nested_call)(vm, it, &[none]);
            vm.nesting -= 1;
            let result = result.map_err(|e| vm.raise_object(e));
            stop_to_none(vm, result)
        }
        _ => {
            let method = attributes::special(vm, it, symbols::NEXT);
            if method.is_null() {
                let message = format!("'{}' object is not an iterator", vm.type_name(it));
                return Err(vm.type_error(&message));
            }
            let result = callback(vm, method, &[it]);
            stop_to_none(vm, result)
        }
    }
}

/// StopIteration is the end.
fn stop_to_none(vm: &mut Vm, result: Res<Ref>) -> Res<Option<Ref>> {
    match result {
        Ok(item) => Ok(Some(item)),
        Err(Raised) if vm.clear_if(STOP_ITERATION) => Ok(None),
        Err(Raised) => Err(Raised),
    }
}

fn next_of_all(vm: &mut Vm, sources: Ref) -> Res<Option<Vec<Ref>>> {
    let n = access::length(sources);
    let mut items = Vec::with_capacity(n);
    for i in 0..n {
        match next(vm, access::item(sources, i))? {
            Some(item) => items.push(item),
            None => return Ok(None),
        }
    }
    Ok(if n == 0 { None } else { Some(items) })
}
