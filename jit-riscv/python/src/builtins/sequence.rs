//! `tuple`, `range`, `slice`.

use jit_riscv::object::Ref;

use super::{Builtin, BuiltinKind, Intrinsic, b, prelude};
use crate::access;
use crate::objects::*;
use crate::runtime::{Res, hash, numbers, sequence};
use crate::vm::Vm;

const G: BuiltinKind = BuiltinKind::Getter;

pub static TUPLE_NEW: Builtin = b!("tuple", tuple_new, 1, 0).defers();

fn tuple_new(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    if iterable.is_null() {
        return Ok(vm.empty_tuple);
    }
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "tuple", &[iterable]);
    }
    sequence::tuple_from(vm, iterable)
}

pub static TUPLE_METHODS: &[Builtin] = &[
    b!("count", tuple_count, 2),
    b!("index", tuple_index, 4, 2),
    b!("__len__", len, 1),
    b!("__getitem__", sequence::get_item, 2),
];

fn len(vm: &mut Vm, r: Ref) -> Res<Ref> {
    sequence::len(vm, r).map(|n| vm.int(n))
}

fn tuple_count(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    let mut n = 0;
    for i in 0..access::length(r) {
        n += hash::same_key(vm, access::item(r, i), item)? as i64;
    }
    Ok(vm.int(n))
}

fn tuple_index(vm: &mut Vm, r: Ref, item: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    let (from, to) = sequence::search_bounds(vm, start, stop, access::length(r))?;
    match sequence::tuple_index(vm, r, item, from, to)? {
        Some(i) => Ok(vm.usize(i)),
        None => Err(vm.value_error("tuple.index(x): x not in tuple")),
    }
}

pub static RANGE_NEW: Builtin = b!("range", range_new, 3, 1).intrinsic(Intrinsic::Range);

fn range_new(vm: &mut Vm, a: Ref, b: Ref, c: Ref) -> Res<Ref> {
    let first = numbers::index(vm, a)?;
    if b.is_null() {
        return Ok(sequence::range_new(vm, 0, first, 1));
    }
    let stop = numbers::index(vm, b)?;
    let step = if c.is_null() { 1 } else { numbers::index(vm, c)? };
    if step == 0 {
        return Err(vm.value_error("range() arg 3 must not be zero"));
    }
    Ok(sequence::range_new(vm, first, stop, step))
}

pub static RANGE_METHODS: &[Builtin] = &[
    b!("start", range_start, 1).kind(G),
    b!("stop", range_stop, 1).kind(G),
    b!("step", range_step, 1).kind(G),
    b!("count", range_count, 2),
    b!("index", range_index, 2),
    b!("__len__", len, 1),
];

fn range_start(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.int(access::get_int(r, RANGE_START)))
}

fn range_stop(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.int(access::get_int(r, RANGE_STOP)))
}

fn range_step(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.int(access::get_int(r, RANGE_STEP)))
}

fn place(r: Ref, item: Ref) -> Option<i64> {
    match access::class(item) {
        INT | BOOL => sequence::range_index(r, access::int_value(item)),
        _ => None,
    }
}

fn range_count(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    Ok(vm.int(place(r, item).is_some() as i64))
}

fn range_index(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    match place(r, item) {
        Some(i) => Ok(vm.int(i)),
        None => {
            let shown = crate::runtime::repr::repr_of(vm, item)?;
            let message = format!("{} is not in range", access::text(shown));
            Err(vm.value_error(&message))
        }
    }
}

pub static SLICE_NEW: Builtin = b!("slice", slice_new, 3, 1);

fn slice_new(vm: &mut Vm, a: Ref, b: Ref, c: Ref) -> Res<Ref> {
    let none = vm.none;
    if b.is_null() {
        return Ok(sequence::slice_new(vm, none, a, none));
    }
    Ok(sequence::slice_new(vm, a, b, if c.is_null() { none } else { c }))
}

pub static SLICE_METHODS: &[Builtin] = &[
    b!("start", slice_start, 1).kind(G),
    b!("stop", slice_stop, 1).kind(G),
    b!("step", slice_step, 1).kind(G),
    b!("indices", slice_indices, 2),
];

fn slice_start(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, SLICE_START))
}

fn slice_stop(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, SLICE_STOP))
}

fn slice_step(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, SLICE_STEP))
}

fn slice_indices(vm: &mut Vm, r: Ref, n: Ref) -> Res<Ref> {
    let n = numbers::index(vm, n)?;
    if n < 0 {
        return Err(vm.value_error("length should not be negative"));
    }
    let b = sequence::bounds(vm, r, n as usize)?;
    let stop = if b.count == 0 { b.start } else { b.start + b.count as i64 * b.step };
    let stop = if b.step < 0 { stop.max(-1) } else { stop.min(n) };
    let parts = [vm.int(b.start), vm.int(stop), vm.int(b.step)];
    Ok(vm.tuple(&parts))
}
