//! Iterators and `for`.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::ClassId;

use super::{Py, Step, box_int, calls, generators, items, none, support, tag};
use crate::objects::*;
use crate::runtime::iter as runtime;
use crate::symbols;

/// What an iterator answered.
pub enum Item<R> {
    Value(R),
    Exhausted,
    /// Only guest code can tell.
    Guest,
}

/// The iterator of an object of the common kinds.
pub fn iterator<D: Py>(d: &mut D, object: D::R) -> Result<Option<D::R>, D::R> {
    let class = d.class_of(object);
    Ok(match class {
        RANGE => {
            let start = d.getfield_i(object, &RANGE_START);
            let length = d.getfield_i(object, &RANGE_LENGTH);
            let step = d.getfield_i(object, &RANGE_STEP);
            let iterator = d.new(RANGE_ITER);
            d.setfield_i(iterator, &RANGE_ITER_NEXT, start);
            d.setfield_i(iterator, &RANGE_ITER_LEFT, length);
            d.setfield_i(iterator, &RANGE_ITER_STEP, step);
            Some(iterator)
        }
        LIST_EMPTY | LIST_INT | LIST_FLOAT | LIST_OBJECT | TUPLE => {
            let iterator = d.new(if class == TUPLE { TUPLE_ITER } else { LIST_ITER });
            d.setfield_r(iterator, &ITER_SOURCE, object);
            Some(iterator)
        }
        RANGE_ITER | LIST_ITER | TUPLE_ITER | GENERATOR | ENUMERATE | ZIP => Some(object),
        _ if is_shape(class) => None,
        _ => Some(d.call_r(&runtime::ITER, &[Operand::R(object)])?),
    })
}

pub fn get_iter<D: Py>(d: &mut D) -> Step<D> {
    let object = d.peek(0);
    let iterator = match iterator(d, object)? {
        Some(iterator) => iterator,
        None => {
            let class = d.class_of(object);
            if let Some(method) = support::method(d, class, symbols::ITER) {
                d.pop();
                return calls::enter_method(d, method, &[object], tag::PLAIN);
            }
            d.call_r(&runtime::ITER, &[Operand::R(object)])?
        }
    };
    d.set_peek(0, iterator);
    Ok(Next::Fall)
}

#[inline(always)]
pub fn for_iter<D: Py>(d: &mut D, target: u32) -> Step<D> {
    let iterator = d.peek(0);
    let class = d.class_of(iterator);
    match next_item(d, iterator, class)? {
        Item::Value(value) => {
            d.push(value);
            Ok(Next::Fall)
        }
        Item::Exhausted => {
            d.pop();
            Ok(Next::Jump(target))
        }
        Item::Guest => next_by_guest(d, iterator, class, target),
    }
}

/// Generators and user classes.
fn next_by_guest<D: Py>(d: &mut D, iterator: D::R, class: ClassId, target: u32) -> Step<D> {
    if class == GENERATOR {
        let state = d.getfield_i(iterator, &GEN_STATE);
        let finished = d.int(generators::FINISHED);
        let is_finished = d.int_eq(state, finished);
        if d.branch(is_finished) {
            d.pop();
            return Ok(Next::Jump(target));
        }
        let sent = none(d);
        return generators::resume(d, iterator, sent);
    }
    if let Some(method) = support::method(d, class, symbols::NEXT) {
        return calls::enter_method(d, method, &[iterator], tag::PLAIN);
    }
    // TypeError, or a `__next__` that is no plain function.
    let value = d.call_r(&runtime::NEXT, &[Operand::R(iterator)])?;
    if d.is_null(value) {
        d.pop();
        return Ok(Next::Jump(target));
    }
    d.push(value);
    Ok(Next::Fall)
}

/// The next item of an iterator.
#[inline(always)]
pub fn next_item<D: Py>(d: &mut D, iterator: D::R, class: ClassId) -> Result<Item<D::R>, D::R> {
    if class == RANGE_ITER {
        let left = d.getfield_i(iterator, &RANGE_ITER_LEFT);
        let zero = d.int(0);
        let more = d.int_lt(zero, left);
        if !d.branch(more) {
            return Ok(Item::Exhausted);
        }
        let value = d.getfield_i(iterator, &RANGE_ITER_NEXT);
        let step = d.getfield_i(iterator, &RANGE_ITER_STEP);
        let next = d.int_add(value, step);
        let one = d.int(1);
        let left = d.int_sub(left, one);
        d.setfield_i(iterator, &RANGE_ITER_NEXT, next);
        d.setfield_i(iterator, &RANGE_ITER_LEFT, left);
        return Ok(Item::Value(box_int(d, value)));
    }
    next_other(d, iterator, class)
}

#[inline(never)]
fn next_other<D: Py>(d: &mut D, iterator: D::R, class: ClassId) -> Result<Item<D::R>, D::R> {
    match class {
        LIST_ITER => {
            let list = d.getfield_r(iterator, &ITER_SOURCE);
            if d.is_null(list) {
                return Ok(Item::Exhausted);
            }
            let strategy = d.class_of(list);
            let index = d.getfield_i(iterator, &ITER_INDEX);
            let size = d.getfield_i(list, &LIST_SIZE);
            let more = d.int_lt(index, size);
            if strategy == LIST_EMPTY || !d.branch(more) {
                // An exhausted iterator stays so even if the list grows.
                let null = d.null();
                d.setfield_r(iterator, &ITER_SOURCE, null);
                return Ok(Item::Exhausted);
            }
            let value = items::list_item(d, list, strategy, index);
            let one = d.int(1);
            let next = d.int_add(index, one);
            d.setfield_i(iterator, &ITER_INDEX, next);
            Ok(Item::Value(value))
        }
        TUPLE_ITER => {
            let tuple = d.getfield_r(iterator, &ITER_SOURCE);
            if d.is_null(tuple) {
                return Ok(Item::Exhausted);
            }
            let index = d.getfield_i(iterator, &ITER_INDEX);
            let size = d.array_len(tuple);
            let more = d.int_lt(index, size);
            if !d.branch(more) {
                return Ok(Item::Exhausted);
            }
            let value = d.getitem_r(tuple, index, &TUPLE_ITEMS);
            let one = d.int(1);
            let next = d.int_add(index, one);
            d.setfield_i(iterator, &ITER_INDEX, next);
            Ok(Item::Value(value))
        }
        ENUMERATE => {
            let inner = d.getfield_r(iterator, &ITER_SOURCE);
            let inner_class = d.class_of(inner);
            let value = match next_plain(d, inner, inner_class)? {
                Some(value) => value,
                None => return Ok(Item::Exhausted),
            };
            let index = d.getfield_i(iterator, &ITER_INDEX);
            let one = d.int(1);
            let next = d.int_add(index, one);
            d.setfield_i(iterator, &ITER_INDEX, next);
            let index = box_int(d, index);
            let pair = calls::tuple_of(d, &[index, value]);
            Ok(Item::Value(pair))
        }
        ZIP => {
            let inner = d.getfield_r(iterator, &ITER_SOURCE);
            let count = d.array_len(inner);
            let count = d.promote(count);
            let mut values = calls::Locals::new();
            if count == 0 {
                return Ok(Item::Exhausted);
            }
            for i in 0..count {
                let index = d.int(i);
                let source = d.getitem_r(inner, index, &TUPLE_ITEMS);
                let source_class = d.class_of(source);
                match next_plain(d, source, source_class)? {
                    Some(value) => values.push(value),
                    None => return Ok(Item::Exhausted),
                }
            }
            let tuple = calls::tuple_of(d, values.as_slice());
            Ok(Item::Value(tuple))
        }
        GENERATOR => Ok(Item::Guest),
        _ if is_shape(class) => Ok(Item::Guest),
        _ => {
            let call = match class {
                DICT_KEY_ITER | DICT_VALUE_ITER | DICT_ITEM_ITER => &runtime::DICT_NEXT,
                STR_ITER => &runtime::STR_NEXT,
                _ => &runtime::NEXT,
            };
            let value = d.call_r(call, &[Operand::R(iterator)])?;
            Ok(if d.is_null(value) { Item::Exhausted } else { Item::Value(value) })
        }
    }
}

/// The next item of an iterator inside another: guest code runs nested.
fn next_plain<D: Py>(d: &mut D, iterator: D::R, class: ClassId) -> Result<Option<D::R>, D::R> {
    match next_item(d, iterator, class)? {
        Item::Value(value) => Ok(Some(value)),
        Item::Exhausted => Ok(None),
        Item::Guest => {
            let value = d.call_r(&runtime::NEXT, &[Operand::R(iterator)])?;
            Ok(if d.is_null(value) { None } else { Some(value) })
        }
    }
}
