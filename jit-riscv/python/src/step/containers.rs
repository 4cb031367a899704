//! Displays, comprehensions' appends, unpacking, f-strings.

use jit_riscv::domain::{Next, Operand};

use super::calls::tuple_of;
use super::{Py, Step, items, none, skip_next, support};
use crate::bytecode::Conversion;
use crate::objects::*;
use crate::runtime::{dict, format, list, repr, sequence, set, text};

pub fn build_slice<D: Py>(d: &mut D, n: u32) {
    let step = if n == 3 { d.pop() } else { none(d) };
    let stop = d.pop();
    let start = d.pop();
    let slice = d.new(SLICE);
    d.setfield_r(slice, &SLICE_START, start);
    d.setfield_r(slice, &SLICE_STOP, stop);
    d.setfield_r(slice, &SLICE_STEP, step);
    d.push(slice);
}

/// A tuple of the topmost `n` operands, which are popped.
fn tuple_of_top<D: Py>(d: &mut D, n: usize) -> D::R {
    let tuple = if n == 0 {
        tuple_of(d, &[])
    } else {
        let tuple = d.new_array(TUPLE, n);
        for i in 0..n {
            let item = d.peek(n - 1 - i);
            let index = d.int(i as i64);
            d.setitem_r(tuple, index, &TUPLE_ITEMS, item);
        }
        tuple
    };
    let depth = d.depth();
    d.truncate(depth - n);
    tuple
}

pub fn build_tuple<D: Py>(d: &mut D, n: usize) {
    let tuple = tuple_of_top(d, n);
    d.push(tuple);
}

pub fn build_list<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let result = if n == 0 {
        d.new(LIST_EMPTY)
    } else {
        let items = tuple_of_top(d, n);
        d.call_r(&list::LIST_FROM_TUPLE, &[Operand::R(items)])?
    };
    d.push(result);
    Ok(Next::Fall)
}

pub fn build_set<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let result = d.call_r(&set::SET_NEW, &[])?;
    for i in (0..n).rev() {
        let item = d.peek(i);
        d.call_n(&set::SET_ADD, &[Operand::R(result), Operand::R(item)])?;
    }
    let depth = d.depth();
    d.truncate(depth - n);
    d.push(result);
    Ok(Next::Fall)
}

pub fn build_map<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let result = d.call_r(&dict::DICT_NEW, &[])?;
    for i in (0..n).rev() {
        let (key, value) = (d.peek(2 * i + 1), d.peek(2 * i));
        let args = [Operand::R(result), Operand::R(key), Operand::R(value)];
        d.call_n(&dict::DICT_SET, &args)?;
    }
    let depth = d.depth();
    d.truncate(depth - 2 * n);
    d.push(result);
    Ok(Next::Fall)
}

pub fn build_string<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let parts = tuple_of_top(d, n);
    let result = d.call_r(&text::STR_BUILD, &[Operand::R(parts)])?;
    d.push(result);
    Ok(Next::Fall)
}

pub fn list_to_tuple<D: Py>(d: &mut D) -> Step<D> {
    let items = d.peek(0);
    let tuple = d.call_r(&sequence::LIST_TO_TUPLE, &[Operand::R(items)])?;
    d.set_peek(0, tuple);
    Ok(Next::Fall)
}

/// `[list, iterable] → [list]`
pub fn list_extend<D: Py>(d: &mut D) -> Step<D> {
    let iterable = d.peek(0);
    let target = d.peek(1);
    d.call_n(&list::LIST_EXTEND, &[Operand::R(target), Operand::R(iterable)])?;
    d.pop();
    skip_next(d)
}

/// `list.append(item)`
#[inline(always)]
pub fn append<D: Py>(d: &mut D, target: D::R, item: D::R) -> Result<(), D::R> {
    let class = d.class_of(target);
    let fits = match class {
        LIST_INT => d.class_of(item) == INT,
        LIST_FLOAT => d.class_of(item) == FLOAT,
        LIST_OBJECT => true,
        _ => false,
    };
    if fits {
        let size = d.getfield_i(target, &LIST_SIZE);
        let storage = d.getfield_r(target, &LIST_STORAGE);
        let capacity = d.array_len(storage);
        let room = d.int_lt(size, capacity);
        if d.branch(room) {
            match class {
                LIST_INT => {
                    let value = d.getfield_i(item, &INT_VALUE);
                    d.setitem_i(storage, size, &LIST_INTS, value);
                }
                LIST_FLOAT => {
                    let value = d.getfield_f(item, &FLOAT_VALUE);
                    d.setitem_f(storage, size, &LIST_FLOATS, value);
                }
                _ => d.setitem_r(storage, size, &LIST_REFS, item),
            }
            let one = d.int(1);
            let size = d.int_add(size, one);
            d.setfield_i(target, &LIST_SIZE, size);
            return Ok(());
        }
    }
    d.call_n(&list::LIST_APPEND, &[Operand::R(target), Operand::R(item)])
}

/// The list is `n` below the top after the item is popped.
pub fn list_append<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let item = d.peek(0);
    let target = d.peek(n + 1);
    append(d, target, item)?;
    d.pop();
    Ok(Next::Fall)
}

pub fn set_add<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let item = d.peek(0);
    let target = d.peek(n + 1);
    d.call_n(&set::SET_ADD, &[Operand::R(target), Operand::R(item)])?;
    d.pop();
    Ok(Next::Fall)
}

pub fn map_add<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let (key, value) = (d.peek(1), d.peek(0));
    let target = d.peek(n + 2);
    d.call_n(&dict::DICT_SET, &[Operand::R(target), Operand::R(key), Operand::R(value)])?;
    d.pop();
    d.pop();
    Ok(Next::Fall)
}

pub fn dict_update<D: Py>(d: &mut D) -> Step<D> {
    let (target, mapping) = (d.peek(1), d.peek(0));
    d.call_n(&dict::DICT_UPDATE, &[Operand::R(target), Operand::R(mapping)])?;
    d.pop();
    Ok(Next::Fall)
}

/// `[callable, self|NULL, arguments, dict, mapping] → [callable, self|NULL, arguments, dict]`
pub fn dict_merge<D: Py>(d: &mut D) -> Step<D> {
    let (callable, target, mapping) = (d.peek(4), d.peek(1), d.peek(0));
    let args = [Operand::R(target), Operand::R(mapping), Operand::R(callable)];
    d.call_n(&dict::DICT_MERGE, &args)?;
    d.pop();
    Ok(Next::Fall)
}

pub fn format_value<D: Py>(d: &mut D, conversion: Conversion, spec: bool) -> Step<D> {
    let specification = if spec { d.peek(0) } else { d.null() };
    let value = d.peek(usize::from(spec));
    let converted = match conversion {
        Conversion::None => value,
        Conversion::Str => d.call_r(&text::STR_OF, &[Operand::R(value)])?,
        Conversion::Repr => d.call_r(&repr::REPR, &[Operand::R(value)])?,
        Conversion::Ascii => d.call_r(&repr::ASCII, &[Operand::R(value)])?,
    };
    let class = d.class_of(converted);
    let result = if spec {
        d.call_r(&format::FORMAT, &[Operand::R(converted), Operand::R(specification)])?
    } else if class == STR {
        converted
    } else if class == INT {
        let value = d.getfield_i(converted, &INT_VALUE);
        d.call_r(&text::INT_TO_STR, &[Operand::I(value)])?
    } else {
        d.call_r(&format::FORMAT, &[Operand::R(converted), Operand::R(specification)])?
    };
    if spec {
        d.pop();
    }
    d.set_peek(0, result);
    Ok(Next::Fall)
}

/// `[sequence] → [last, …, first]`
pub fn unpack<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let mut sequence = d.peek(0);
    let mut class = d.class_of(sequence);
    if class != TUPLE && !is_list(class) {
        sequence = d.call_r(&sequence::UNPACK_LIST, &[Operand::R(sequence)])?;
        class = d.class_of(sequence);
    }
    let size = if class == TUPLE { d.array_len(sequence) } else { d.getfield_i(sequence, &LIST_SIZE) };
    let expected = d.int(n as i64);
    let fits = d.int_eq(size, expected);
    if !d.branch(fits) {
        d.call_n(&sequence::UNPACK_ERROR, &[Operand::I(expected), Operand::I(size)])?;
    }
    d.pop();
    for i in (0..n).rev() {
        let index = d.int(i as i64);
        let item = if class == TUPLE {
            d.getitem_r(sequence, index, &TUPLE_ITEMS)
        } else {
            items::list_item(d, sequence, class, index)
        };
        d.push(item);
    }
    skip_next(d)
}

/// `[sequence] → [after…, list, before…]`, the first on top.
pub fn unpack_ex<D: Py>(d: &mut D, before: usize, after: usize) -> Step<D> {
    let sequence = d.peek(0);
    let (b, a) = (d.int(before as i64), d.int(after as i64));
    let args = [Operand::R(sequence), Operand::I(b), Operand::I(a)];
    let parts = d.call_r(&support::UNPACK_STARRED, &args)?;
    d.pop();
    for i in (0..before + 1 + after).rev() {
        let index = d.int(i as i64);
        let item = d.getitem_r(parts, index, &TUPLE_ITEMS);
        d.push(item);
    }
    skip_next(d)
}
