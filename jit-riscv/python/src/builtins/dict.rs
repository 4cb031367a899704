//! `dict`, its views, and `collections.defaultdict`.

use jit_riscv::object::{ClassId, Ref};

use super::{Builtin, BuiltinKind, b, prelude};
use crate::access;
use crate::objects::*;
use crate::runtime::call::Arguments;
use crate::runtime::{Res, compare, dict, iter, sequence, set};
use crate::vm::Vm;

pub static NEW: Builtin = b!("dict", dict_new, *, 0).defers();
pub static DEFAULTDICT_NEW: Builtin = b!("defaultdict", defaultdict_new, *, 0);

fn fill(vm: &mut Vm, d: Ref, from: &[Ref], args: &Arguments) -> Res<()> {
    match from {
        [] => {}
        [only] => dict::update(vm, d, *only)?,
        _ => {
            let message = format!("dict expected at most 1 argument, got {}", from.len());
            return Err(vm.type_error(&message));
        }
    }
    for (name, value) in args.pairs() {
        dict::set_item(vm, d, name, value)?;
    }
    Ok(())
}

fn dict_new(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let args = Arguments::new("dict", args, names);
    if let [only] = args.positional
        && names.is_null()
        && matches!(access::class(*only), GENERATOR | ZIP | MAP | FILTER)
    {
        return prelude::defer(vm, "dict", &[*only]);
    }
    let d = dict::new(vm);
    fill(vm, d, args.positional, &args)?;
    Ok(d)
}

fn defaultdict_new(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let args = Arguments::new("defaultdict", args, names);
    let d = vm.new_object(DEFAULTDICT);
    let (factory, rest) = match args.positional {
        [] => (vm.none, args.positional),
        [factory, rest @ ..] => (*factory, rest),
    };
    if factory != vm.none && !crate::runtime::call::callable(vm, factory) {
        return Err(vm.type_error("first argument must be callable or None"));
    }
    access::init_ref(d, DEFAULTDICT_FACTORY, factory);
    fill(vm, d, rest, &args)?;
    Ok(d)
}

pub static DEFAULTDICT_METHODS: &[Builtin] =
    &[b!("default_factory", default_factory, 1).kind(BuiltinKind::Getter)];

fn default_factory(_: &mut Vm, d: Ref) -> Res<Ref> {
    Ok(access::get_ref(d, DEFAULTDICT_FACTORY))
}

pub static METHODS: &[Builtin] = &[
    b!("get", get, 3, 2),
    b!("keys", keys, 1),
    b!("values", values, 1),
    b!("items", items, 1),
    b!("setdefault", setdefault, 3, 2),
    b!("pop", pop, 3, 2),
    b!("popitem", popitem, 1),
    b!("update", update, *, 1),
    b!("clear", clear, 1),
    b!("copy", copy, 1),
    b!("fromkeys", fromkeys, 3, 2).kind(BuiltinKind::Class),
    b!("__len__", len, 1),
    b!("__getitem__", dict::get_item, 2),
    b!("__setitem__", set_item, 3),
    b!("__delitem__", del_item, 2),
    b!("__contains__", contains, 2),
    b!("__iter__", iter::iter, 1),
    b!("__reversed__", super::iter::reversed, 1),
];

fn get(vm: &mut Vm, d: Ref, key: Ref, default: Ref) -> Res<Ref> {
    let v = dict::find(vm, d, key)?;
    Ok(if !v.is_null() {
        v
    } else if default.is_null() {
        vm.none
    } else {
        default
    })
}

fn view(vm: &mut Vm, d: Ref, class: ClassId) -> Res<Ref> {
    let r = vm.new_object(class);
    access::init_ref(r, VIEW_DICT, d);
    Ok(r)
}

fn keys(vm: &mut Vm, d: Ref) -> Res<Ref> {
    view(vm, d, DICT_KEYS)
}

fn values(vm: &mut Vm, d: Ref) -> Res<Ref> {
    view(vm, d, DICT_VALUES)
}

fn items(vm: &mut Vm, d: Ref) -> Res<Ref> {
    view(vm, d, DICT_ITEMS)
}

fn setdefault(vm: &mut Vm, d: Ref, key: Ref, default: Ref) -> Res<Ref> {
    let v = dict::find(vm, d, key)?;
    if !v.is_null() {
        return Ok(v);
    }
    let v = if default.is_null() { vm.none } else { default };
    dict::set_item(vm, d, key, v)?;
    Ok(v)
}

fn pop(vm: &mut Vm, d: Ref, key: Ref, default: Ref) -> Res<Ref> {
    let v = dict::remove(vm, d, key)?;
    if !v.is_null() {
        Ok(v)
    } else if default.is_null() {
        Err(vm.key_error(key))
    } else {
        Ok(default)
    }
}

fn popitem(vm: &mut Vm, d: Ref) -> Res<Ref> {
    match dict::pop_last(vm, d)? {
        Some((key, value)) => Ok(vm.tuple(&[key, value])),
        None => {
            let message = vm.str("popitem(): dictionary is empty");
            Err(vm.key_error(message))
        }
    }
}

fn update(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let args = Arguments::new("update", args, names);
    let d = args.positional[0];
    fill(vm, d, &args.positional[1..], &args)?;
    Ok(vm.none)
}

fn clear(vm: &mut Vm, d: Ref) -> Res<Ref> {
    dict::clear(vm, d);
    Ok(vm.none)
}

fn copy(vm: &mut Vm, d: Ref) -> Res<Ref> {
    Ok(dict::copy(vm, d))
}

fn fromkeys(vm: &mut Vm, _class: Ref, keys: Ref, value: Ref) -> Res<Ref> {
    let d = dict::new(vm);
    let value = if value.is_null() { vm.none } else { value };
    let iterator = iter::iter(vm, keys)?;
    while let Some(key) = iter::next(vm, iterator)? {
        dict::set_item(vm, d, key, value)?;
    }
    Ok(d)
}

fn len(vm: &mut Vm, d: Ref) -> Res<Ref> {
    sequence::len(vm, d).map(|n| vm.int(n))
}

fn set_item(vm: &mut Vm, d: Ref, key: Ref, value: Ref) -> Res<Ref> {
    dict::set_item(vm, d, key, value)?;
    Ok(vm.none)
}

fn del_item(vm: &mut Vm, d: Ref, key: Ref) -> Res<Ref> {
    sequence::delete_item(vm, d, key)?;
    Ok(vm.none)
}

fn contains(vm: &mut Vm, d: Ref, key: Ref) -> Res<Ref> {
    compare::contains(vm, d, key).map(|v| vm.bool(v))
}

pub static VIEW_METHODS: &[Builtin] = &[
    b!("isdisjoint", isdisjoint, 2),
    b!("__len__", len, 1),
    b!("__contains__", contains, 2),
    b!("__iter__", iter::iter, 1),
    b!("__reversed__", super::iter::reversed, 1),
];

fn isdisjoint(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    let a = set::from_iterable(vm, a, SET)?;
    let v = set::is_disjoint(vm, a, b)?;
    Ok(vm.bool(v))
}
