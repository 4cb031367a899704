//! Subscripts.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::ClassId;

use super::{Py, Step, box_float, box_int, calls, support, tag};
use crate::objects::*;
use crate::runtime::{dict, list, sequence, text};
use crate::symbols;

/// The index, counted from the start: None where it is out of bounds.
#[inline(always)]
fn within<D: Py>(d: &mut D, index: D::I, size: D::I) -> Option<D::I> {
    let inside = d.uint_lt(index, size);
    if d.branch(inside) {
        return Some(index);
    }
    let index = d.int_add(index, size);
    let inside = d.uint_lt(index, size);
    if d.branch(inside) { Some(index) } else { None }
}

/// An item of a list of a strategy; `index` is within bounds.
#[inline(always)]
pub fn list_item<D: Py>(d: &mut D, list: D::R, class: ClassId, index: D::I) -> D::R {
    let storage = d.getfield_r(list, &LIST_STORAGE);
    match class {
        LIST_INT => {
            let value = d.getitem_i(storage, index, &LIST_INTS);
            box_int(d, value)
        }
        LIST_FLOAT => {
            let value = d.getitem_f(storage, index, &LIST_FLOATS);
            box_float(d, value)
        }
        _ => d.getitem_r(storage, index, &LIST_REFS),
    }
}

#[inline(always)]
pub fn load<D: Py>(d: &mut D) -> Step<D> {
    let index = d.peek(0);
    let object = d.peek(1);
    let class = d.class_of(object);
    if is_list(class) && class != LIST_EMPTY && d.class_of(index) == INT {
        let index = d.getfield_i(index, &INT_VALUE);
        let size = d.getfield_i(object, &LIST_SIZE);
        if let Some(index) = within(d, index, size) {
            let value = list_item(d, object, class, index);
            d.pop();
            d.set_peek(0, value);
            return Ok(Next::Fall);
        }
    }
    load_other(d, class)
}

#[inline(never)]
fn load_other<D: Py>(d: &mut D, class: ClassId) -> Step<D> {
    let index = d.peek(0);
    let object = d.peek(1);
    let value = match class {
        TUPLE if d.class_of(index) == INT => {
            let position = d.getfield_i(index, &INT_VALUE);
            let size = d.array_len(object);
            match within(d, position, size) {
                Some(position) => d.getitem_r(object, position, &TUPLE_ITEMS),
                None => runtime_load(d, object, index)?,
            }
        }
        STR if d.class_of(index) == INT => {
            let position = d.getfield_i(index, &INT_VALUE);
            d.call_r(&text::STR_ITEM, &[Operand::R(object), Operand::I(position)])?
        }
        DICT => {
            let call = match d.class_of(index) {
                STR => Some(&dict::DICT_FIND_STR),
                INT => Some(&dict::DICT_FIND_INT),
                _ => None,
            };
            let found = match call {
                Some(call) => {
                    let found = d.call_r(call, &[Operand::R(object), Operand::R(index)])?;
                    if d.is_null(found) { None } else { Some(found) }
                }
                None => None,
            };
            match found {
                Some(found) => found,
                None => d.call_r(&dict::DICT_GET, &[Operand::R(object), Operand::R(index)])?,
            }
        }
        _ => {
            if is_shape(class)
                && let Some(method) = support::method(d, class, symbols::GETITEM)
            {
                d.pop();
                d.pop();
                return calls::enter_method(d, method, &[object, index], tag::PLAIN);
            }
            runtime_load(d, object, index)?
        }
    };
    d.pop();
    d.set_peek(0, value);
    Ok(Next::Fall)
}

fn runtime_load<D: Py>(d: &mut D, object: D::R, index: D::R) -> Result<D::R, D::R> {
    d.call_r(&sequence::GET_ITEM, &[Operand::R(object), Operand::R(index)])
}

/// `[value, object, index] → []`
#[inline(always)]
pub fn store<D: Py>(d: &mut D) -> Step<D> {
    let index = d.peek(0);
    let object = d.peek(1);
    let class = d.class_of(object);
    if is_list(class) && class != LIST_EMPTY && d.class_of(index) == INT {
        let value = d.peek(2);
        let fits = match class {
            LIST_INT => d.class_of(value) == INT,
            LIST_FLOAT => d.class_of(value) == FLOAT,
            _ => true,
        };
        let index = d.getfield_i(index, &INT_VALUE);
        if fits {
            let size = d.getfield_i(object, &LIST_SIZE);
            if let Some(index) = within(d, index, size) {
                let storage = d.getfield_r(object, &LIST_STORAGE);
                match class {
                    LIST_INT => {
                        let value = d.getfield_i(value, &INT_VALUE);
                        d.setitem_i(storage, index, &LIST_INTS, value);
                    }
                    LIST_FLOAT => {
                        let value = d.getfield_f(value, &FLOAT_VALUE);
                        d.setitem_f(storage, index, &LIST_FLOATS, value);
                    }
                    _ => d.setitem_r(storage, index, &LIST_REFS, value),
                }
                d.pop();
                d.pop();
                d.pop();
                return Ok(Next::Fall);
            }
        }
        d.call_n(&list::LIST_SET, &[Operand::R(object), Operand::I(index), Operand::R(value)])?;
        d.pop();
        d.pop();
        d.pop();
        return Ok(Next::Fall);
    }
    store_other(d, class)
}

#[inline(never)]
fn store_other<D: Py>(d: &mut D, class: ClassId) -> Step<D> {
    let index = d.peek(0);
    let object = d.peek(1);
    let value = d.peek(2);
    let args = [Operand::R(object), Operand::R(index), Operand::R(value)];
    if class == DICT {
        let call = match d.class_of(index) {
            STR => &dict::DICT_SET_STR,
            INT => &dict::DICT_SET_INT,
            _ => &dict::DICT_SET,
        };
        d.call_n(call, &args)?;
    } else {
        if is_shape(class)
            && let Some(method) = support::method(d, class, symbols::SETITEM)
        {
            d.pop();
            d.pop();
            d.pop();
            return calls::enter_method(d, method, &[object, index, value], tag::DISCARD);
        }
        d.call_n(&sequence::SET_ITEM, &args)?;
    }
    d.pop();
    d.pop();
    d.pop();
    Ok(Next::Fall)
}

pub fn delete<D: Py>(d: &mut D) -> Step<D> {
    let index = d.pop();
    let object = d.pop();
    let class = d.class_of(object);
    if is_shape(class)
        && let Some(method) = support::method(d, class, symbols::DELITEM)
    {
        return calls::enter_method(d, method, &[object, index], tag::DISCARD);
    }
    d.call_n(&sequence::DELETE_ITEM, &[Operand::R(object), Operand::R(index)])?;
    Ok(Next::Fall)
}

/// `list.pop()`; None where the list is empty or none.
pub fn pop_last<D: Py>(d: &mut D, list: D::R) -> Option<D::R> {
    let class = d.class_of(list);
    if !is_list(class) || class == LIST_EMPTY {
        return None;
    }
    let size = d.getfield_i(list, &LIST_SIZE);
    let zero = d.int(0);
    let some = d.int_lt(zero, size);
    if !d.branch(some) {
        return None;
    }
    let one = d.int(1);
    let last = d.int_sub(size, one);
    let value = list_item(d, list, class, last);
    if class == LIST_OBJECT {
        let storage = d.getfield_r(list, &LIST_STORAGE);
        let null = d.null();
        d.setitem_r(storage, last, &LIST_REFS, null);
    }
    d.setfield_i(list, &LIST_SIZE, last);
    Some(value)
}
