//! `set` and `frozenset`.

use jit_riscv::object::{ClassId, Ref};

use super::{Builtin, b, prelude};
use crate::access;
use crate::objects::*;
use crate::runtime::{Res, compare, iter, sequence, set};
use crate::vm::Vm;

pub static NEW: Builtin = b!("set", set_new, 1, 0).defers();
pub static FROZENSET_NEW: Builtin = b!("frozenset", frozenset_new, 1, 0);

fn set_new(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    if iterable.is_null() {
        return Ok(set::new(vm, SET));
    }
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "set", &[iterable]);
    }
    set::from_iterable(vm, iterable, SET)
}

fn frozenset_new(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    if iterable.is_null() {
        return Ok(set::new(vm, FROZENSET));
    }
    if access::is(iterable, FROZENSET) {
        return Ok(iterable);
    }
    set::from_iterable(vm, iterable, FROZENSET)
}

/// Methods of sets alone.
pub static SET_METHODS: &[Builtin] = &[
    b!("add", add, 2),
    b!("remove", remove, 2),
    b!("discard", discard, 2),
    b!("pop", pop, 1),
    b!("clear", clear, 1),
    b!("update", update, *, 1),
    b!("intersection_update", intersection_update, *, 1),
    b!("difference_update", difference_update, *, 1),
    b!("symmetric_difference_update", symmetric_difference_update, 2),
];

/// Methods of both.
pub static METHODS: &[Builtin] = &[
    b!("copy", copy, 1),
    b!("union", union, *, 1),
    b!("intersection", intersection, *, 1),
    b!("difference", difference, *, 1),
    b!("symmetric_difference", symmetric_difference, 2),
    b!("issubset", issubset, 2),
    b!("issuperset", issuperset, 2),
    b!("isdisjoint", isdisjoint, 2),
    b!("__len__", len, 1),
    b!("__contains__", contains, 2),
    b!("__iter__", iter::iter, 1),
];

fn class_of(s: Ref) -> ClassId {
    access::class(s)
}

fn add(vm: &mut Vm, s: Ref, item: Ref) -> Res<Ref> {
    set::add(vm, s, item)?;
    Ok(vm.none)
}

fn remove(vm: &mut Vm, s: Ref, item: Ref) -> Res<Ref> {
    if set::remove(vm, s, item)? { Ok(vm.none) } else { Err(vm.key_error(item)) }
}

fn discard(vm: &mut Vm, s: Ref, item: Ref) -> Res<Ref> {
    set::remove(vm, s, item)?;
    Ok(vm.none)
}

fn pop(vm: &mut Vm, s: Ref) -> Res<Ref> {
    match set::pop(vm, s) {
        Some(item) => Ok(item),
        None => {
            let message = vm.str("pop from an empty set");
            Err(vm.key_error(message))
        }
    }
}

fn clear(vm: &mut Vm, s: Ref) -> Res<Ref> {
    set::clear(vm, s);
    Ok(vm.none)
}

fn update(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    for other in &all[1..] {
        set::update(vm, all[0], *other)?;
    }
    Ok(vm.none)
}

fn intersection_update(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    for other in &all[1..] {
        let kept = set::intersection(vm, all[0], *other, SET)?;
        set::replace(vm, all[0], kept);
    }
    Ok(vm.none)
}

fn difference_update(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    for other in &all[1..] {
        set::subtract(vm, all[0], *other)?;
    }
    Ok(vm.none)
}

fn symmetric_difference_update(vm: &mut Vm, s: Ref, other: Ref) -> Res<Ref> {
    set::toggle(vm, s, other)?;
    Ok(vm.none)
}

fn copy(vm: &mut Vm, s: Ref) -> Res<Ref> {
    set::copy(vm, s, class_of(s))
}

fn union(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    let result = set::copy(vm, all[0], class_of(all[0]))?;
    for other in &all[1..] {
        set::update(vm, result, *other)?;
    }
    Ok(result)
}

fn intersection(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    let class = class_of(all[0]);
    let mut result = all[0];
    if all.len() == 1 {
        return set::copy(vm, result, class);
    }
    for other in &all[1..] {
        result = set::intersection(vm, result, *other, class)?;
    }
    Ok(result)
}

fn difference(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    let class = class_of(all[0]);
    let mut result = all[0];
    if all.len() == 1 {
        return set::copy(vm, result, class);
    }
    for other in &all[1..] {
        result = set::difference(vm, result, *other, class)?;
    }
    Ok(result)
}

fn symmetric_difference(vm: &mut Vm, s: Ref, other: Ref) -> Res<Ref> {
    set::symmetric_difference(vm, s, other, class_of(s))
}

fn as_set(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if matches!(access::class(r), SET | FROZENSET) { Ok(r) } else { set::from_iterable(vm, r, SET) }
}

fn issubset(vm: &mut Vm, s: Ref, other: Ref) -> Res<Ref> {
    let other = as_set(vm, other)?;
    set::is_subset(vm, s, other).map(|v| vm.bool(v))
}

fn issuperset(vm: &mut Vm, s: Ref, other: Ref) -> Res<Ref> {
    let other = as_set(vm, other)?;
    set::is_subset(vm, other, s).map(|v| vm.bool(v))
}

fn isdisjoint(vm: &mut Vm, s: Ref, other: Ref) -> Res<Ref> {
    set::is_disjoint(vm, s, other).map(|v| vm.bool(v))
}

fn len(vm: &mut Vm, s: Ref) -> Res<Ref> {
    sequence::len(vm, s).map(|n| vm.int(n))
}

fn contains(vm: &mut Vm, s: Ref, item: Ref) -> Res<Ref> {
    compare::contains(vm, s, item).map(|v| vm.bool(v))
}
