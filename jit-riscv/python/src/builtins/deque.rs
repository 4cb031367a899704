//! `collections.deque`: a ring in a REF_ARRAY.

use jit_riscv::object::Ref;

use super::{Builtin, BuiltinKind, b};
use crate::access;
use crate::objects::*;
use crate::runtime::{Res, hash, iter, numbers, sequence};
use crate::vm::Vm;

pub static NEW: Builtin = b!("deque", deque_new, 2, 0).names(&["iterable", "maxlen"]);

fn deque_new(vm: &mut Vm, iterable: Ref, maxlen: Ref) -> Res<Ref> {
    let d = vm.new_object(DEQUE);
    let maxlen = if maxlen.is_null() || maxlen == vm.none { -1 } else { numbers::index(vm, maxlen)? };
    if maxlen < -1 {
        return Err(vm.value_error("maxlen must be non-negative"));
    }
    access::set_int(d, DEQUE_MAXLEN, maxlen);
    let storage = vm.ref_array(8);
    access::init_ref(d, DEQUE_STORAGE, storage);
    if !iterable.is_null() {
        extend(vm, d, iterable)?;
    }
    Ok(d)
}

pub static METHODS: &[Builtin] = &[
    b!("append", append, 2),
    b!("appendleft", appendleft, 2),
    b!("pop", pop, 1),
    b!("popleft", popleft, 1),
    b!("extend", extend_method, 2),
    b!("extendleft", extendleft, 2),
    b!("clear", clear, 1),
    b!("rotate", rotate, 2, 1),
    b!("count", count, 2),
    b!("index", index, 2),
    b!("remove", remove, 2),
    b!("reverse", reverse, 1),
    b!("copy", copy, 1),
    b!("maxlen", maxlen, 1).kind(BuiltinKind::Getter),
    b!("__len__", len, 1),
    b!("__iter__", iter::iter, 1),
    b!("__getitem__", sequence::get_item, 2),
];

fn size(d: Ref) -> usize {
    access::get_int(d, DEQUE_SIZE) as usize
}

fn place(d: Ref, i: usize) -> usize {
    let n = access::length(access::get_ref(d, DEQUE_STORAGE));
    (access::get_int(d, DEQUE_START) as usize + i) & (n - 1)
}

/// Item `i`; within bounds.
pub fn get(d: Ref, i: usize) -> Ref {
    access::item(access::get_ref(d, DEQUE_STORAGE), place(d, i))
}

/// Replaces item `i`; within bounds.
pub fn set(vm: &mut Vm, d: Ref, i: usize, item: Ref) {
    vm.put_item(access::get_ref(d, DEQUE_STORAGE), place(d, i), item);
}

fn items(d: Ref) -> Vec<Ref> {
    (0..size(d)).map(|i| get(d, i)).collect()
}

fn make_room(vm: &mut Vm, d: Ref) {
    let storage = access::get_ref(d, DEQUE_STORAGE);
    let n = access::length(storage);
    if size(d) < n {
        return;
    }
    let larger = vm.ref_array(2 * n);
    for (i, item) in items(d).into_iter().enumerate() {
        access::init_item(larger, i, item);
    }
    access::set_int(d, DEQUE_START, 0);
    vm.put(d, DEQUE_STORAGE, larger);
}

/// A bounded deque that is full loses an item at the other end. False: it has no room at all.
fn drop_one(vm: &mut Vm, d: Ref, left: bool) -> bool {
    let maxlen = access::get_int(d, DEQUE_MAXLEN);
    if maxlen < 0 || (size(d) as i64) < maxlen {
        return true;
    }
    if maxlen == 0 {
        return false;
    }
    if left {
        take_left(vm, d)
    } else {
        take_right(vm, d)
    };
    true
}

fn push_right(vm: &mut Vm, d: Ref, item: Ref) {
    if !drop_one(vm, d, true) {
        return;
    }
    make_room(vm, d);
    let n = size(d);
    access::set_int(d, DEQUE_SIZE, n as i64 + 1);
    set(vm, d, n, item);
}

fn push_left(vm: &mut Vm, d: Ref, item: Ref) {
    if !drop_one(vm, d, false) {
        return;
    }
    make_room(vm, d);
    let n = access::length(access::get_ref(d, DEQUE_STORAGE));
    let start = (access::get_int(d, DEQUE_START) as usize + n - 1) & (n - 1);
    access::set_int(d, DEQUE_START, start as i64);
    access::set_int(d, DEQUE_SIZE, size(d) as i64 + 1);
    set(vm, d, 0, item);
}

fn take_right(vm: &mut Vm, d: Ref) -> Ref {
    let i = size(d) - 1;
    let item = get(d, i);
    set(vm, d, i, Ref::NULL);
    access::set_int(d, DEQUE_SIZE, i as i64);
    item
}

fn take_left(vm: &mut Vm, d: Ref) -> Ref {
    let item = get(d, 0);
    set(vm, d, 0, Ref::NULL);
    access::set_int(d, DEQUE_START, place(d, 1) as i64);
    access::set_int(d, DEQUE_SIZE, size(d) as i64 - 1);
    item
}

fn append(vm: &mut Vm, d: Ref, item: Ref) -> Res<Ref> {
    push_right(vm, d, item);
    Ok(vm.none)
}

fn appendleft(vm: &mut Vm, d: Ref, item: Ref) -> Res<Ref> {
    push_left(vm, d, item);
    Ok(vm.none)
}

fn pop(vm: &mut Vm, d: Ref) -> Res<Ref> {
    if size(d) == 0 {
        return Err(vm.index_error("pop from an empty deque"));
    }
    Ok(take_right(vm, d))
}

fn popleft(vm: &mut Vm, d: Ref) -> Res<Ref> {
    if size(d) == 0 {
        return Err(vm.index_error("pop from an empty deque"));
    }
    Ok(take_left(vm, d))
}

/// Appends all items of an iterable.
pub fn extend(vm: &mut Vm, d: Ref, iterable: Ref) -> Res<()> {
    if iterable == d {
        items(d).into_iter().for_each(|item| push_right(vm, d, item));
        return Ok(());
    }
    let iterator = iter::iter(vm, iterable)?;
    while let Some(item) = iter::next(vm, iterator)? {
        push_right(vm, d, item);
    }
    Ok(())
}

fn extend_method(vm: &mut Vm, d: Ref, iterable: Ref) -> Res<Ref> {
    extend(vm, d, iterable)?;
    Ok(vm.none)
}

fn extendleft(vm: &mut Vm, d: Ref, iterable: Ref) -> Res<Ref> {
    let iterator = iter::iter(vm, iterable)?;
    while let Some(item) = iter::next(vm, iterator)? {
        push_left(vm, d, item);
    }
    Ok(vm.none)
}

fn refill(vm: &mut Vm, d: Ref, all: &[Ref]) {
    access::set_int(d, DEQUE_SIZE, 0);
    access::set_int(d, DEQUE_START, 0);
    let storage = vm.ref_array(8);
    vm.put(d, DEQUE_STORAGE, storage);
    all.iter().for_each(|item| push_right(vm, d, *item));
}

fn clear(vm: &mut Vm, d: Ref) -> Res<Ref> {
    refill(vm, d, &[]);
    Ok(vm.none)
}

fn rotate(vm: &mut Vm, d: Ref, n: Ref) -> Res<Ref> {
    let n = if n.is_null() { 1 } else { numbers::index(vm, n)? };
    if size(d) > 1 {
        for _ in 0..n.rem_euclid(size(d) as i64) {
            let item = take_right(vm, d);
            push_left(vm, d, item);
        }
    }
    Ok(vm.none)
}

fn count(vm: &mut Vm, d: Ref, item: Ref) -> Res<Ref> {
    let mut n = 0;
    for x in items(d) {
        n += hash::same_key(vm, x, item)? as i64;
    }
    Ok(vm.int(n))
}

fn position(vm: &mut Vm, d: Ref, item: Ref) -> Res<Option<usize>> {
    for (i, x) in items(d).into_iter().enumerate() {
        if hash::same_key(vm, x, item)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

fn index(vm: &mut Vm, d: Ref, item: Ref) -> Res<Ref> {
    match position(vm, d, item)? {
        Some(i) => Ok(vm.usize(i)),
        None => {
            let shown = crate::runtime::repr::repr_of(vm, item)?;
            let message = format!("{} is not in deque", access::text(shown));
            Err(vm.value_error(&message))
        }
    }
}

fn remove(vm: &mut Vm, d: Ref, item: Ref) -> Res<Ref> {
    let Some(i) = position(vm, d, item)? else {
        return Err(vm.value_error("deque.remove(x): x not in deque"));
    };
    let mut all = items(d);
    all.remove(i);
    refill(vm, d, &all);
    Ok(vm.none)
}

fn reverse(vm: &mut Vm, d: Ref) -> Res<Ref> {
    let mut all = items(d);
    all.reverse();
    refill(vm, d, &all);
    Ok(vm.none)
}

fn copy(vm: &mut Vm, d: Ref) -> Res<Ref> {
    let maxlen = access::get_int(d, DEQUE_MAXLEN);
    let none = vm.none;
    let maxlen = if maxlen < 0 { none } else { vm.int(maxlen) };
    deque_new(vm, d, maxlen)
}

fn maxlen(vm: &mut Vm, d: Ref) -> Res<Ref> {
    let n = access::get_int(d, DEQUE_MAXLEN);
    Ok(if n < 0 { vm.none } else { vm.int(n) })
}

fn len(vm: &mut Vm, d: Ref) -> Res<Ref> {
    Ok(vm.usize(size(d)))
}
