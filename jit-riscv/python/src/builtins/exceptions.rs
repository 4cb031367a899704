//! Exceptions.

use jit_riscv::object::Ref;

use super::{Builtin, BuiltinKind, b};
use crate::access;
use crate::objects::*;
use crate::runtime::{Res, exceptions, repr};
use crate::symbols;
use crate::vm::Vm;

const G: BuiltinKind = BuiltinKind::Getter;

/// Stands for "makes an exception": [`crate::runtime::call`] knows the class.
pub static NEW: Builtin = b!("exception", new, *, 0);

fn new(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    Ok(vm.exception_with(crate::types::EXCEPTION, args))
}

pub static METHODS: &[Builtin] = &[
    b!("__init__", init, *, 1),
    b!("__str__", exceptions::exception_text, 1),
    b!("__repr__", exception_repr, 1),
    b!("args", args, 1).kind(G),
    b!("__traceback__", traceback, 1).kind(G),
    b!("__cause__", cause, 1).kind(G),
    b!("__context__", context, 1).kind(G),
    b!("__suppress_context__", suppress, 1).kind(G),
    b!("with_traceback", with_traceback, 2),
    b!("add_note", add_note, 2),
];

fn init(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let object = access::item(args, 0);
    let rest = vm.tuple(&access::refs(args)[1..]);
    vm.put(object, EXC_ARGS, rest);
    Ok(vm.none)
}

fn exception_repr(vm: &mut Vm, e: Ref) -> Res<Ref> {
    let name = vm.symbol_text(vm.type_info(vm.type_of(e)).name);
    let args = access::get_ref(e, EXC_ARGS);
    let shown = match access::refs(args) {
        [only] => {
            let only = repr::repr_of(vm, *only)?;
            format!("{name}({})", access::text(only))
        }
        _ => {
            let all = repr::repr_of(vm, args)?;
            format!("{name}{}", access::text(all))
        }
    };
    Ok(vm.str(&shown))
}

fn or_none(vm: &Vm, r: Ref) -> Ref {
    if r.is_null() { vm.none } else { r }
}

fn args(_: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(access::get_ref(e, EXC_ARGS))
}

fn traceback(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(or_none(vm, access::get_ref(e, EXC_TRACEBACK)))
}

fn cause(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(or_none(vm, access::get_ref(e, EXC_CAUSE)))
}

fn context(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(or_none(vm, access::get_ref(e, EXC_CONTEXT)))
}

fn suppress(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(vm.bool(access::get_int(e, EXC_SUPPRESS) != 0))
}

fn with_traceback(vm: &mut Vm, e: Ref, tb: Ref) -> Res<Ref> {
    exceptions::set_special(vm, e, symbols::TRACEBACK, tb)?;
    Ok(e)
}

fn add_note(vm: &mut Vm, _: Ref, _: Ref) -> Res<Ref> {
    Ok(vm.none)
}

/// Argument `i` of an exception, or None.
fn argument(vm: &Vm, e: Ref, i: usize) -> Ref {
    access::refs(access::get_ref(e, EXC_ARGS)).get(i).copied().unwrap_or(vm.none)
}

pub static STOP_ITERATION_METHODS: &[Builtin] = &[b!("value", first, 1).kind(G)];
pub static SYSTEM_EXIT_METHODS: &[Builtin] = &[b!("code", first, 1).kind(G)];
pub static KEY_ERROR_METHODS: &[Builtin] = &[];
pub static OS_ERROR_METHODS: &[Builtin] =
    &[b!("errno", first, 1).kind(G), b!("strerror", second, 1).kind(G), b!("filename", third, 1).kind(G)];

fn first(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(argument(vm, e, 0))
}

fn second(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(argument(vm, e, 1))
}

fn third(vm: &mut Vm, e: Ref) -> Res<Ref> {
    Ok(argument(vm, e, 2))
}
