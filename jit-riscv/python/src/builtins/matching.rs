//! What match statements ask the runtime (see [`crate::compiler`]): functions under names that programs do not use.

use jit_riscv::object::{Effect, Ref};

use super::{Builtin, b};
use crate::access;
use crate::objects::*;
use crate::runtime::{Raised, Res, attributes, classes, dict};
use crate::types::*;
use crate::vm::Vm;

pub static FUNCTIONS: &[Builtin] = &[
    b!("__match_sequence__", sequence, 3).effect(Effect::Reads),
    b!("__match_keys__", keys, 2),
    b!("__match_rest__", rest, 2),
    b!("__match_class__", class, 4),
];

/// Classes whose one positional sub-pattern is matched with the object itself.
const ITSELF: [TypeId; 10] =
    [T_BOOL, T_BYTES, T_DICT, T_FLOAT, T_FROZENSET, T_INT, T_LIST, T_SET, T_STR, T_TUPLE];

/// Is it a sequence (no string) of `n` items, or of that many at least?
fn sequence(vm: &mut Vm, subject: Ref, n: Ref, or_more: Ref) -> Res<Ref> {
    let class = access::class(subject);
    let is_sequence = is_list(class) || matches!(class, TUPLE | RANGE | DEQUE);
    if !is_sequence {
        return Ok(vm.false_);
    }
    let length = crate::runtime::sequence::len(vm, subject)?;
    let n = access::get_int(n, INT_VALUE);
    let fits = length == n || or_more == vm.true_ && length > n;
    Ok(vm.bool(fits))
}

fn is_mapping(r: Ref) -> bool {
    matches!(access::class(r), DICT | DEFAULTDICT)
}

/// The values of a mapping's keys as a tuple; None where one is missing, or where it is no mapping.
fn keys(vm: &mut Vm, subject: Ref, keys: Ref) -> Res<Ref> {
    if !is_mapping(subject) {
        return Ok(vm.none);
    }
    let mut values = Vec::new();
    for &key in access::refs(keys) {
        let value = dict::find(vm, subject, key)?;
        if value.is_null() {
            return Ok(vm.none);
        }
        values.push(value);
    }
    Ok(vm.tuple(&values))
}

/// A dict of the other items of a mapping.
fn rest(vm: &mut Vm, subject: Ref, keys: Ref) -> Res<Ref> {
    let rest = dict::copy(vm, subject);
    for &key in access::refs(keys) {
        dict::remove(vm, rest, key)?;
    }
    Ok(rest)
}

/// The values of the sub-patterns of a class pattern, `positional` of them by `__match_args__`, as a tuple; None where it does not match.
fn class(vm: &mut Vm, subject: Ref, class: Ref, positional: Ref, names: Ref) -> Res<Ref> {
    if !access::is(class, TYPE) {
        return Err(vm.type_error("called match pattern must be a class"));
    }
    if !classes::isinstance(vm, subject, class)? {
        return Ok(vm.none);
    }
    let positional = access::get_int(positional, INT_VALUE) as usize;
    let mut values = Vec::new();
    let mut attributes: Vec<Ref> = Vec::new();
    let id = vm.type_id(class);
    let itself = ITSELF.iter().any(|&known| vm.is_subclass(id, known));
    if positional > 0 {
        let sym = vm.intern("__match_args__");
        let args = match attributes::get(vm, class, sym) {
            Ok(args) if access::is(args, TUPLE) => args,
            Ok(args) => {
                let message = format!(
                    "{}.__match_args__ must be a tuple (got {})",
                    vm.class_name(id),
                    vm.type_name(args)
                );
                return Err(vm.type_error(&message));
            }
            Err(Raised) if vm.clear_if(ATTRIBUTE_ERROR) => Ref::NULL,
            Err(Raised) => return Err(Raised),
        };
        let known: &[Ref] = if args.is_null() { &[] } else { access::refs(args) };
        let most = if args.is_null() && itself { 1 } else { known.len() };
        if positional > most {
            let s = if most == 1 { "" } else { "s" };
            let name = vm.class_name(id);
            let message = format!("{name}() accepts {most} positional sub-pattern{s} ({positional} given)");
            return Err(vm.type_error(&message));
        }
        if args.is_null() {
            values.push(subject);
        }
        attributes.extend(known.iter().take(positional));
    }
    attributes.extend(access::refs(names));
    for name in attributes {
        if !access::is(name, STR) {
            let message = format!("__match_args__ elements must be strings (got {})", vm.type_name(name));
            return Err(vm.type_error(&message));
        }
        let sym = vm.intern_object(name);
        match attributes::get(vm, subject, sym) {
            Ok(value) => values.push(value),
            Err(Raised) if vm.clear_if(ATTRIBUTE_ERROR) => return Ok(vm.none),
            Err(Raised) => return Err(Raised),
        }
    }
    Ok(vm.tuple(&values))
}
