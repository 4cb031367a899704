//! Lists and their storage strategies.
//!
//! A list of ints or floats only keeps their values; anything else makes it a list of references for good (or until it is emptied). The
//! class word tells the strategy; storage has at least as many items as the list.

use jit_riscv::object::{ClassId, Ref};

use super::{Res, calls, compare, hash, iter, sequence};
use crate::access;
use crate::objects::*;
use crate::vm::Vm;

calls! {
    /// Appends to a list.
    LIST_APPEND: Any, append(list: Ref, item: Ref) -> ();
    /// Makes room for one item in a list whose storage is full, keeping its strategy; the size does not change.
    LIST_GROW: Any, grow_one(list: Ref) -> ();
    /// `list[index]` for any i64 index.
    LIST_GET: Reads, get_checked(list: Ref, index: i64) -> Res<Ref>;
    /// `list[index] = item`, index within bounds or not; changes the strategy where it must.
    LIST_SET: Any, set_checked(list: Ref, index: i64, item: Ref) -> Res<()>;
    /// A list of the items of a TUPLE.
    LIST_FROM_TUPLE: Any, from_tuple(tuple: Ref) -> Ref;
    /// A list of the items of any iterable.
    LIST_FROM: Any, from_iterable(iterable: Ref) -> Res<Ref>;
    /// `list.extend(iterable)`
    LIST_EXTEND: Any, extend(list: Ref, iterable: Ref) -> Res<()>;
    /// `list * n`
    LIST_REPEAT: Any, repeat_call(list: Ref, n: i64) -> Res<Ref>;
    /// `list.pop()` of the last item; the list is not empty.
    LIST_POP_LAST: Any, pop_last(list: Ref) -> Ref;
}

/// Lists do not get longer by one operation: the kernel would promise the memory and not have it.
const MAX_ITEMS: usize = 1 << 34;

/// Allocated size for a list of `n` items, as CPython grows lists.
fn room_for(n: usize) -> usize {
    (n + (n >> 3) + 6) & !3
}

/// An empty list.
pub fn new(vm: &mut Vm) -> Ref {
    vm.new_object(LIST_EMPTY)
}

/// A list of items.
pub fn from_items(vm: &mut Vm, items: &[Ref]) -> Ref {
    let r = new(vm);
    fill(vm, r, items);
    r
}

/// Gives a list (with any old contents) new items.
fn fill(vm: &mut Vm, r: Ref, items: &[Ref]) {
    let n = items.len();
    access::set_int(r, LIST_SIZE, n as i64);
    if n == 0 {
        access::set_class(r, LIST_EMPTY);
        vm.put(r, LIST_STORAGE, Ref::NULL);
    } else if items.iter().all(|i| access::is(*i, INT)) {
        let storage = vm.new_items(INT_ARRAY, n);
        for (w, item) in access::words(storage).iter_mut().zip(items) {
            *w = access::int_value(*item);
        }
        vm.put(r, LIST_STORAGE, storage);
        access::set_class(r, LIST_INT);
    } else if items.iter().all(|i| access::is(*i, FLOAT)) {
        let storage = vm.new_items(FLOAT_ARRAY, n);
        for (w, item) in access::floats(storage).iter_mut().zip(items) {
            *w = access::float_value(*item);
        }
        vm.put(r, LIST_STORAGE, storage);
        access::set_class(r, LIST_FLOAT);
    } else {
        let storage = vm.ref_array(n);
        for (i, item) in items.iter().enumerate() {
            access::init_item(storage, i, *item);
        }
        vm.put(r, LIST_STORAGE, storage);
        access::set_class(r, LIST_OBJECT);
    }
}

fn from_tuple(vm: &mut Vm, tuple: Ref) -> Ref {
    from_items(vm, access::refs(tuple))
}

/// Item `i` of a list; within bounds.
#[inline]
pub fn get(vm: &mut Vm, r: Ref, i: usize) -> Ref {
    let storage = access::list_storage(r);
    match access::class(r) {
        LIST_INT => vm.int(access::word(storage, i) as i64),
        LIST_FLOAT => vm.float(f64::from_bits(access::word(storage, i))),
        _ => access::item(storage, i),
    }
}

/// All items as references.
pub fn items(vm: &mut Vm, r: Ref) -> Vec<Ref> {
    let n = access::list_size(r);
    match access::class(r) {
        LIST_OBJECT => access::refs(access::list_storage(r))[..n].to_vec(),
        _ => (0..n).map(|i| get(vm, r, i)).collect(),
    }
}

fn get_checked(vm: &mut Vm, r: Ref, index: i64) -> Res<Ref> {
    match sequence::normalise(index, access::list_size(r)) {
        Some(i) => Ok(get(vm, r, i)),
        None => Err(vm.index_error("list index out of range")),
    }
}

/// Makes the list one of references.
pub fn generalise(vm: &mut Vm, r: Ref) {
    let n = access::list_size(r);
    let room = access::length_or_zero(access::list_storage(r)).max(n);
    let storage = vm.ref_array(room);
    for i in 0..n {
        let item = get(vm, r, i);
        access::init_item(storage, i, item);
    }
    vm.put(r, LIST_STORAGE, storage);
    access::set_class(r, LIST_OBJECT);
}

/// The strategy that a list of one item would have.
fn strategy_of(item: Ref) -> ClassId {
    match access::class(item) {
        INT => LIST_INT,
        FLOAT => LIST_FLOAT,
        _ => LIST_OBJECT,
    }
}

/// Sees to it that `item` can be put into the list: changes the strategy where it must. An empty list takes the item's.
#[inline]
fn admit(vm: &mut Vm, r: Ref, item: Ref) {
    let class = access::class(r);
    if class == LIST_OBJECT {
        return;
    }
    let wanted = strategy_of(item);
    if class == wanted {
        return;
    }
    if class == LIST_EMPTY || access::list_size(r) == 0 {
        vm.put(r, LIST_STORAGE, Ref::NULL);
        access::set_class(r, wanted);
        reserve(vm, r, 4);
    } else {
        generalise(vm, r);
    }
}

/// Makes the storage at least `room` items long. The list is not LIST_EMPTY.
fn reserve(vm: &mut Vm, r: Ref, room: usize) {
    let old = access::list_storage(r);
    if access::length_or_zero(old) >= room {
        return;
    }
    let n = access::list_size(r);
    let class = match access::class(r) {
        LIST_INT => INT_ARRAY,
        LIST_FLOAT => FLOAT_ARRAY,
        _ => REF_ARRAY,
    };
    let storage = vm.new_array(class, room, n);
    if !old.is_null() {
        access::copy_items(old, 0, storage, 0, n);
    }
    vm.put(r, LIST_STORAGE, storage);
}

fn grow_one(vm: &mut Vm, r: Ref) {
    let n = access::list_size(r);
    reserve(vm, r, room_for(n + 1));
}

/// Stores an item that the strategy admits, within the storage.
#[inline]
fn store(vm: &mut Vm, r: Ref, i: usize, item: Ref) {
    let storage = access::list_storage(r);
    match access::class(r) {
        LIST_OBJECT => vm.put_item(storage, i, item),
        // The values of INT and FLOAT are at the same place.
        _ => access::set_word(storage, i, access::int_value(item) as u64),
    }
}

pub fn append(vm: &mut Vm, r: Ref, item: Ref) {
    admit(vm, r, item);
    let n = access::list_size(r);
    if n == access::length(access::list_storage(r)) {
        reserve(vm, r, room_for(n + 1));
    }
    store(vm, r, n, item);
    access::set_int(r, LIST_SIZE, n as i64 + 1);
}

/// `list[i] = item`; within bounds.
pub fn set(vm: &mut Vm, r: Ref, i: usize, item: Ref) {
    admit(vm, r, item);
    store(vm, r, i, item);
}

fn set_checked(vm: &mut Vm, r: Ref, index: i64, item: Ref) -> Res<()> {
    match sequence::normalise(index, access::list_size(r)) {
        Some(i) => {
            set(vm, r, i, item);
            Ok(())
        }
        None => Err(vm.index_error("list assignment index out of range")),
    }
}

fn pop_last(vm: &mut Vm, r: Ref) -> Ref {
    remove_at(vm, r, access::list_size(r) - 1)
}

/// Removes and gives the item; within bounds.
pub fn remove_at(vm: &mut Vm, r: Ref, i: usize) -> Ref {
    let item = get(vm, r, i);
    remove_range(vm, r, i, i + 1);
    item
}

fn remove_range(vm: &mut Vm, r: Ref, from: usize, to: usize) {
    let n = access::list_size(r);
    let storage = access::list_storage(r);
    if storage.is_null() || from >= to {
        return;
    }
    if to < n {
        if access::is(r, LIST_OBJECT) {
            vm.heap.barrier(storage);
        }
        access::copy_items(storage, to, storage, from, n - to);
    }
    let size = n - (to - from);
    if access::is(r, LIST_OBJECT) {
        (size..n).for_each(|i| access::init_item(storage, i, Ref::NULL));
    }
    access::set_int(r, LIST_SIZE, size as i64);
}

pub fn insert(vm: &mut Vm, r: Ref, i: usize, item: Ref) {
    let n = access::list_size(r);
    let i = i.min(n);
    append(vm, r, item);
    if i == n {
        return;
    }
    let storage = access::list_storage(r);
    if access::is(r, LIST_OBJECT) {
        vm.heap.barrier(storage);
    }
    access::copy_items(storage, i, storage, i + 1, n - i);
    store(vm, r, i, item);
}

pub fn clear(vm: &mut Vm, r: Ref) {
    access::set_int(r, LIST_SIZE, 0);
    vm.put(r, LIST_STORAGE, Ref::NULL);
    access::set_class(r, LIST_EMPTY);
}

/// Gives a list the contents of another one, which is not used any more.
pub fn assign(vm: &mut Vm, r: Ref, other: Ref) {
    access::set_int(r, LIST_SIZE, access::list_size(other) as i64);
    vm.put(r, LIST_STORAGE, access::list_storage(other));
    access::set_class(r, access::class(other));
}

/// A copy of the items `from..to` of a list with the same strategy.
pub fn copy_range(vm: &mut Vm, r: Ref, from: usize, to: usize) -> Ref {
    let result = new(vm);
    let class = access::class(r);
    if from >= to || class == LIST_EMPTY {
        return result;
    }
    let n = to - from;
    let storage = fresh_storage(vm, class, n);
    access::copy_items(access::list_storage(r), from, storage, 0, n);
    finish(result, class, storage, n);
    result
}

/// Storage of `n` items, all garbage, for a list of a strategy.
fn fresh_storage(vm: &mut Vm, class: ClassId, n: usize) -> Ref {
    let array = match class {
        LIST_INT => INT_ARRAY,
        LIST_FLOAT => FLOAT_ARRAY,
        _ => REF_ARRAY,
    };
    vm.new_array(array, n, n)
}

/// Gives a fresh list its storage.
fn finish(r: Ref, class: ClassId, storage: Ref, n: usize) {
    access::set_class(r, class);
    access::init_ref(r, LIST_STORAGE, storage);
    access::set_int(r, LIST_SIZE, n as i64);
}

pub fn copy(vm: &mut Vm, r: Ref) -> Ref {
    copy_range(vm, r, 0, access::list_size(r))
}

/// `list[start::step]`, `count` items within bounds.
pub fn slice(vm: &mut Vm, r: Ref, start: i64, step: i64, count: usize) -> Ref {
    if step == 1 || count == 0 {
        return copy_range(vm, r, start as usize, start as usize + count);
    }
    let result = new(vm);
    let class = access::class(r);
    let from = access::list_storage(r);
    let to = fresh_storage(vm, class, count);
    let mut at = start;
    for i in 0..count {
        // Words and references alike; the target is fresh.
        access::set_word(to, i, access::word(from, at as usize));
        at += step;
    }
    finish(result, class, to, count);
    result
}

/// `list[from:to] = items`
pub fn replace_range(vm: &mut Vm, r: Ref, from: usize, to: usize, items: &[Ref]) {
    let mut all = self::items(vm, r);
    all.splice(from..to.max(from), items.iter().copied());
    fill(vm, r, &all);
}

/// `del list[from:to]`
pub fn delete_range(vm: &mut Vm, r: Ref, from: usize, to: usize) {
    remove_range(vm, r, from, to);
}

/// `del list[start::step]`
pub fn delete_slice(vm: &mut Vm, r: Ref, start: i64, step: i64, count: usize) {
    if step == 1 {
        remove_range(vm, r, start as usize, start as usize + count);
        return;
    }
    let gone: Vec<usize> = (0..count as i64).map(|i| (start + i * step) as usize).collect();
    let kept: Vec<Ref> = self::items(vm, r)
        .into_iter()
        .enumerate()
        .filter(|(i, _)| !gone.contains(i))
        .map(|(_, item)| item)
        .collect();
    fill(vm, r, &kept);
}

pub fn concat(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    let result = copy(vm, a);
    extend_with_list(vm, result, b);
    Ok(result)
}

fn extend_with_list(vm: &mut Vm, r: Ref, other: Ref) {
    let (n, m) = (access::list_size(r), access::list_size(other));
    if m == 0 {
        return;
    }
    let class = access::class(other);
    if n == 0 {
        let copied = copy(vm, other);
        assign(vm, r, copied);
        return;
    }
    if access::class(r) == class || access::is(r, LIST_OBJECT) && class == LIST_OBJECT {
        if access::length(access::list_storage(r)) < n + m {
            reserve(vm, r, room_for(n + m));
        }
        let to = access::list_storage(r);
        if class == LIST_OBJECT {
            vm.heap.barrier(to);
        }
        access::copy_items(access::list_storage(other), 0, to, n, m);
        access::set_int(r, LIST_SIZE, (n + m) as i64);
        return;
    }
    for i in 0..m {
        let item = get(vm, other, i);
        append(vm, r, item);
    }
}

pub fn extend(vm: &mut Vm, r: Ref, iterable: Ref) -> Res<()> {
    match access::class(iterable) {
        class if is_list(class) => extend_with_list(vm, r, iterable),
        TUPLE => access::refs(iterable).iter().for_each(|item| append(vm, r, *item)),
        RANGE => {
            let other = from_range(vm, iterable)?;
            extend_with_list(vm, r, other);
        }
        _ => {
            let iterator = iter::iter(vm, iterable)?;
            while let Some(item) = iter::next(vm, iterator)? {
                append(vm, r, item);
            }
        }
    }
    Ok(())
}

fn from_range(vm: &mut Vm, range: Ref) -> Res<Ref> {
    let n = access::get_int(range, RANGE_LENGTH);
    let result = new(vm);
    if n == 0 {
        return Ok(result);
    }
    if n > MAX_ITEMS as i64 {
        return Err(vm.memory_error());
    }
    let storage = vm.heap.try_alloc_items(&mut vm.thread, INT_ARRAY, n as usize);
    let Ok(storage) = storage else { return Err(vm.memory_error()) };
    let (start, step) = (access::get_int(range, RANGE_START), access::get_int(range, RANGE_STEP));
    let mut v = start;
    for word in access::words(storage) {
        *word = v;
        v = v.wrapping_add(step);
    }
    access::set_class(result, LIST_INT);
    access::set_int(result, LIST_SIZE, n);
    access::init_ref(result, LIST_STORAGE, storage);
    Ok(result)
}

/// `list(iterable)`
pub fn from_iterable(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    match access::class(iterable) {
        class if is_list(class) => Ok(copy(vm, iterable)),
        TUPLE => Ok(from_tuple(vm, iterable)),
        RANGE => from_range(vm, iterable),
        _ => {
            let result = new(vm);
            extend(vm, result, iterable)?;
            Ok(result)
        }
    }
}

fn repeat_call(vm: &mut Vm, r: Ref, n: i64) -> Res<Ref> {
    repeat(vm, r, n.max(0) as usize)
}

/// `list * n`
pub fn repeat(vm: &mut Vm, r: Ref, n: usize) -> Res<Ref> {
    let size = access::list_size(r);
    let result = new(vm);
    if size == 0 || n == 0 {
        return Ok(result);
    }
    let Some(total) = size.checked_mul(n).filter(|t| *t < MAX_ITEMS) else {
        return Err(vm.memory_error());
    };
    let class = access::class(r);
    let from = access::list_storage(r);
    let array = match class {
        LIST_INT => INT_ARRAY,
        LIST_FLOAT => FLOAT_ARRAY,
        _ => REF_ARRAY,
    };
    let Ok(to) = vm.heap.try_alloc_items(&mut vm.thread, array, total) else {
        return Err(vm.memory_error());
    };
    if size == 1 {
        let w = access::word(from, 0);
        access::words(to).fill(w as i64);
    } else {
        (0..n).for_each(|k| access::copy_items(from, 0, to, k * size, size));
    }
    finish(result, class, to, total);
    Ok(result)
}

/// The first index, from `start` on, of an equal item.
pub fn index_of(vm: &mut Vm, r: Ref, item: Ref, start: usize) -> Res<Option<usize>> {
    if access::is(r, LIST_INT) && access::is(item, INT) {
        let n = access::list_size(r);
        let v = access::int_value(item);
        let words = &access::words(access::list_storage(r))[..n];
        return Ok((start..n).find(|i| words[*i] == v));
    }
    let mut i = start;
    while i < access::list_size(r) {
        let x = get(vm, r, i);
        if hash::same_key(vm, x, item)? {
            return Ok(Some(i));
        }
        i += 1;
    }
    Ok(None)
}

pub fn reverse(vm: &mut Vm, r: Ref) {
    let n = access::list_size(r);
    if n > 1 {
        let storage = access::list_storage(r);
        if access::is(r, LIST_OBJECT) {
            vm.heap.barrier(storage);
        }
        access::words(storage)[..n].reverse();
    }
}

/// `list.sort()`: stable. `keys` is a list of as many keys, or null.
pub fn sort(vm: &mut Vm, r: Ref, keys: Ref, reverse: bool) -> Res<()> {
    let n = access::list_size(r);
    if n < 2 {
        return Ok(());
    }
    if keys.is_null() && access::is(r, LIST_INT) {
        let words = &mut access::words(access::list_storage(r))[..n];
        words.sort_unstable();
        if reverse {
            words.reverse();
        }
        return Ok(());
    }
    if !keys.is_null() && access::list_size(keys) != n {
        return Err(vm.value_error("list modified during sort"));
    }
    let values = items(vm, r);
    let sorted_by = if keys.is_null() { values.clone() } else { items(vm, keys) };
    let mut order: Vec<u32> = (0..n as u32).collect();
    // Equal items keep their order when reversed, too: reverse before and after.
    if reverse {
        order.reverse();
    }
    let class = access::class(sorted_by[0]);
    let uniform = sorted_by.iter().all(|k| access::class(*k) == class);
    let key = |i: &u32| sorted_by[*i as usize];
    match class {
        INT if uniform => order.sort_by_key(|i| access::int_value(key(i))),
        STR if uniform => order.sort_by(|a, b| compare::str_order(key(a), key(b))),
        FLOAT if uniform && !sorted_by.iter().any(|k| access::float_value(*k).is_nan()) => {
            order.sort_by(|a, b| {
                let (a, b) = (access::float_value(key(a)), access::float_value(key(b)));
                a.partial_cmp(&b).unwrap_or(std::cmp::Ordering::Equal)
            });
        }
        _ => merge_sort(vm, &mut order, &sorted_by)?,
    }
    if reverse {
        order.reverse();
    }
    let sorted: Vec<Ref> = order.iter().map(|i| values[*i as usize]).collect();
    fill(vm, r, &sorted);
    Ok(())
}

/// A stable merge sort whose comparison may raise: runs of 8 by insertion, then merges.
fn merge_sort(vm: &mut Vm, order: &mut Vec<u32>, keys: &[Ref]) -> Res<()> {
    let n = order.len();
    for start in (0..n).step_by(8) {
        let end = (start + 8).min(n);
        for i in start + 1..end {
            let x = order[i];
            let mut j = i;
            while j > start && compare::less(vm, keys[x as usize], keys[order[j - 1] as usize])? {
                order[j] = order[j - 1];
                j -= 1;
            }
            order[j] = x;
        }
    }
    let mut width = 8;
    let mut merged = Vec::with_capacity(n);
    while width < n {
        merged.clear();
        for start in (0..n).step_by(2 * width) {
            let (mid, end) = ((start + width).min(n), (start + 2 * width).min(n));
            let (mut i, mut j) = (start, mid);
            while i < mid && j < end {
                if compare::less(vm, keys[order[j] as usize], keys[order[i] as usize])? {
                    merged.push(order[j]);
                    j += 1;
                } else {
                    merged.push(order[i]);
                    i += 1;
                }
            }
            merged.extend_from_slice(&order[i..mid]);
            merged.extend_from_slice(&order[j..end]);
        }
        std::mem::swap(order, &mut merged);
        width *= 2;
    }
    Ok(())
}
