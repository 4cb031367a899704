//! `list`.

use jit_riscv::object::Ref;

use super::{Builtin, Intrinsic, b, prelude};
use crate::access;
use crate::objects::*;
use crate::runtime::call::Arguments;
use crate::runtime::{Res, callback, compare, hash, iter, list, numbers, sequence};
use crate::vm::Vm;

pub static NEW: Builtin = b!("list", list_new, 1, 0).defers();

fn list_new(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    if iterable.is_null() {
        return Ok(list::new(vm));
    }
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "list", &[iterable]);
    }
    list::from_iterable(vm, iterable)
}

pub static METHODS: &[Builtin] = &[
    b!("append", append, 2).intrinsic(Intrinsic::ListAppend),
    b!("extend", extend, 2).defers(),
    b!("insert", insert, 3),
    b!("pop", pop, 2, 1).intrinsic(Intrinsic::ListPop),
    b!("remove", remove, 2),
    b!("clear", clear, 1),
    b!("index", index, 4, 2),
    b!("count", count, 2),
    b!("sort", sort, *, 1).defers(),
    b!("reverse", reverse, 1),
    b!("copy", copy, 1),
    b!("__len__", len, 1),
    b!("__getitem__", sequence::get_item, 2),
    b!("__setitem__", set_item, 3),
    b!("__contains__", contains, 2),
    b!("__iter__", iter::iter, 1),
    b!("__reversed__", super::iter::reversed, 1),
];

fn append(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    list::append(vm, r, item);
    Ok(vm.none)
}

fn extend(vm: &mut Vm, r: Ref, iterable: Ref) -> Res<Ref> {
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "extend", &[r, iterable]);
    }
    list::extend(vm, r, iterable)?;
    Ok(vm.none)
}

fn insert(vm: &mut Vm, r: Ref, at: Ref, item: Ref) -> Res<Ref> {
    let at = numbers::index(vm, at)?;
    let n = access::list_size(r) as i64;
    let at = (if at < 0 { at + n } else { at }).clamp(0, n);
    list::insert(vm, r, at as usize, item);
    Ok(vm.none)
}

fn pop(vm: &mut Vm, r: Ref, at: Ref) -> Res<Ref> {
    let n = access::list_size(r);
    if n == 0 {
        return Err(vm.index_error("pop from empty list"));
    }
    let at = if at.is_null() { -1 } else { numbers::index(vm, at)? };
    match sequence::normalise(at, n) {
        Some(i) => Ok(list::remove_at(vm, r, i)),
        None => Err(vm.index_error("pop index out of range")),
    }
}

fn remove(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    match list::index_of(vm, r, item, 0)? {
        Some(i) => {
            list::delete_range(vm, r, i, i + 1);
            Ok(vm.none)
        }
        None => Err(vm.value_error("list.remove(x): x not in list")),
    }
}

fn clear(vm: &mut Vm, r: Ref) -> Res<Ref> {
    list::clear(vm, r);
    Ok(vm.none)
}

fn index(vm: &mut Vm, r: Ref, item: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    let (from, to) = sequence::search_bounds(vm, start, stop, access::list_size(r))?;
    match list::index_of(vm, r, item, from)? {
        Some(i) if i < to => Ok(vm.usize(i)),
        _ => {
            let shown = crate::runtime::repr::repr_of(vm, item)?;
            let message = format!("{} is not in list", access::text(shown));
            Err(vm.value_error(&message))
        }
    }
}

fn count(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    let mut n = 0;
    let mut i = 0;
    while i < access::list_size(r) {
        let x = list::get(vm, r, i);
        n += hash::same_key(vm, x, item)? as i64;
        i += 1;
    }
    Ok(vm.int(n))
}

/// Sorts a list in place by the arguments `key` and `reverse`.
pub fn sort_with(vm: &mut Vm, r: Ref, args: &mut Arguments) -> Res<()> {
    args.check(vm, &["key", "reverse"])?;
    let reverse = match args.take(vm, "reverse") {
        Some(v) => compare::truth(vm, v)?,
        None => false,
    };
    let keys = match args.take(vm, "key") {
        Some(key) => {
            let keys = list::new(vm);
            let mut i = 0;
            while i < access::list_size(r) {
                let item = list::get(vm, r, i);
                let k = callback(vm, key, &[item])?;
                list::append(vm, keys, k);
                i += 1;
            }
            keys
        }
        None => Ref::NULL,
    };
    list::sort(vm, r, keys, reverse)
}

fn sort(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let mut args = Arguments::new("sort", args, names);
    if args.positional.len() > 1 {
        return Err(vm.type_error("sort() takes no positional arguments"));
    }
    let r = args.positional[0];
    args.check(vm, &["key", "reverse"])?;
    if let Some(key) = args.get("key")
        && prelude::is_guest(key)
    {
        let reverse = args.get("reverse").unwrap_or(vm.false_);
        return prelude::defer(vm, "sort", &[r, key, reverse]);
    }
    sort_with(vm, r, &mut args)?;
    Ok(vm.none)
}

fn reverse(vm: &mut Vm, r: Ref) -> Res<Ref> {
    list::reverse(vm, r);
    Ok(vm.none)
}

fn copy(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(list::copy(vm, r))
}

fn len(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.int(access::get_int(r, LIST_SIZE)))
}

fn set_item(vm: &mut Vm, r: Ref, key: Ref, value: Ref) -> Res<Ref> {
    sequence::set_item(vm, r, key, value)?;
    Ok(vm.none)
}

fn contains(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    compare::contains(vm, r, item).map(|v| vm.bool(v))
}
