//! Methods of generators.
//!
//! To throw into a generator its `yield` is executed again, which raises what [`GEN_RESULT`] holds
//! (see [`crate::step`]'s generators).

use jit_riscv::object::Ref;

use super::{Builtin, b};
use crate::access;
use crate::code::Code;
use crate::objects::*;
use crate::runtime::call::enter_nested;
use crate::runtime::{Raised, Res, exceptions};
use crate::types::{GENERATOR_EXIT, STOP_ITERATION};
use crate::vm::Vm;

pub static METHODS: &[Builtin] = &[
    b!("__iter__", same, 1),
    b!("__next__", next, 1).defers(),
    b!("send", send, 2).defers(),
    b!("throw", throw, 4, 2).defers(),
    b!("close", close, 1),
];

/// [`GEN_STATE`]s.
const NOT_BEGUN: i64 = 0;
const SUSPENDED: i64 = 1;
const FINISHED: i64 = 3;

fn same(_: &mut Vm, generator: Ref) -> Res<Ref> {
    Ok(generator)
}

/// Resuming is calling the generator with what is sent; `step` does it in the place of this call.
fn resume(vm: &mut Vm, generator: Ref, sent: Ref) -> Ref {
    let args = vm.tuple(&[sent]);
    let deferred = vm.new_object(DEFERRED);
    access::init_ref(deferred, DEFERRED_FUNC, generator);
    access::init_ref(deferred, DEFERRED_ARGS, args);
    deferred
}

fn next(vm: &mut Vm, generator: Ref) -> Res<Ref> {
    let none = vm.none;
    Ok(resume(vm, generator, none))
}

fn send(vm: &mut Vm, generator: Ref, value: Ref) -> Res<Ref> {
    if access::get_int(generator, GEN_STATE) == NOT_BEGUN && value != vm.none {
        return Err(vm.type_error("can't send non-None value to a just-started generator"));
    }
    Ok(resume(vm, generator, value))
}

/// The innermost generator that is suspended on behalf of this one, by `yield from`.
fn delegate(generator: Ref) -> Option<Ref> {
    if access::get_int(generator, GEN_STATE) != SUSPENDED {
        return None;
    }
    // SAFETY: the field holds the address of a code object, which is never freed.
    let code = unsafe { &*(access::get_int(generator, GEN_CODE) as *const Code) };
    let place = access::get_int(generator, GEN_PC);
    if !code.delegates(place as u32) {
        return None;
    }
    let top = (place >> 32) as usize - 1;
    Some(access::item(access::get_ref(generator, GEN_SLOTS), top))
}

fn throw(vm: &mut Vm, generator: Ref, exception: Ref, _value: Ref, _traceback: Ref) -> Res<Ref> {
    let exception = exceptions::raise_operand(vm, exception)?;
    match access::get_int(generator, GEN_STATE) {
        SUSPENDED => {
            if delegate(generator).is_some() {
                let what = "throwing into a generator that is in 'yield from'";
                return Err(vm.not_implemented_error(what));
            }
            vm.put(generator, GEN_RESULT, exception);
            let none = vm.none;
            Ok(resume(vm, generator, none))
        }
        NOT_BEGUN | FINISHED => {
            access::set_int(generator, GEN_STATE, FINISHED);
            Err(vm.raise_object(exception))
        }
        _ => Err(vm.value_error("generator already executing")),
    }
}

fn close(vm: &mut Vm, generator: Ref) -> Res<Ref> {
    let none = vm.none;
    match access::get_int(generator, GEN_STATE) {
        NOT_BEGUN | FINISHED => {
            access::set_int(generator, GEN_STATE, FINISHED);
            return Ok(none);
        }
        SUSPENDED => {}
        _ => return Err(vm.value_error("generator already executing")),
    }
    if let Some(inner) = delegate(generator)
        && access::is(inner, GENERATOR)
    {
        close(vm, inner)?;
    }
    let exit = vm.exception_with(GENERATOR_EXIT, vm.empty_tuple);
    vm.put(generator, GEN_RESULT, exit);
    enter_nested(vm)?;
    let result = (vm.nested_call)(vm, generator, &[none]);
    vm.nesting -= 1;
    match result {
        Ok(_) => Err(vm.raise(crate::types::RUNTIME_ERROR, "generator ignored GeneratorExit")),
        Err(exception) => {
            if vm.is_instance(exception, GENERATOR_EXIT) || vm.is_instance(exception, STOP_ITERATION) {
                return Ok(none);
            }
            let _: Raised = vm.raise_object(exception);
            Err(Raised)
        }
    }
}
