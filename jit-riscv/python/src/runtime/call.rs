//! Calling callables from the runtime.

use jit_riscv::object::Ref;

use super::{Raised, Res, attributes, calls};
use crate::access;
use crate::builtins::{Builtin, VARIADIC};
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// Calls anything with a tuple of arguments, the last of which belong to the names in a tuple (null: no names). For functions of
    /// the runtime, built-in classes and methods; a Python function runs nested, and then names must be null.
    CALL: Any, call(callable: Ref, args: Ref, names: Ref) -> Res<Ref>;
    /// Is the object callable?
    CALLABLE: Reads, callable(object: Ref) -> bool;
}

/// Bytes of the native stack that recursion in the runtime may use: the main thread has 8 MiB on Linux.
const STACK_ROOM: usize = 5 << 20;

/// Begins one more level of recursion on the native stack; the caller counts [`Vm::nesting`] down again when it ends.
///
/// # Errors
/// RecursionError when the stack is nearly used up.
pub fn enter_nested(vm: &mut Vm) -> Res<()> {
    let here = 0u8;
    let here = std::hint::black_box(&here) as *const u8 as usize;
    if vm.nesting == 0 {
        vm.stack_base = here;
    }
    if vm.stack_base.saturating_sub(here) > STACK_ROOM {
        return Err(vm.raise(RECURSION_ERROR, "maximum recursion depth exceeded"));
    }
    vm.nesting += 1;
    Ok(())
}

/// Calls a callable with positional arguments. The one way from the runtime into Python code; no collection happens meanwhile.
pub fn callback(vm: &mut Vm, callable: Ref, args: &[Ref]) -> Res<Ref> {
    match access::class(callable) {
        BUILTIN => {
            let result = invoke(vm, Builtin::of(callable), args, Ref::NULL)?;
            settle(vm, result)
        }
        BOUND_METHOD => {
            let mut all = Vec::with_capacity(args.len() + 1);
            all.push(access::get_ref(callable, METHOD_SELF));
            all.extend_from_slice(args);
            callback(vm, access::get_ref(callable, METHOD_FUNC), &all)
        }
        TYPE => {
            let result = call_class(vm, vm.type_id(callable), args, Ref::NULL)?;
            settle(vm, result)
        }
        STATICMETHOD => callback(vm, access::get_ref(callable, STATICMETHOD_FUNC), args),
        // Calling a generator resumes it.
        FUNCTION | GENERATOR => {
            enter_nested(vm)?;
            let result = (vm.nested_call)(vm, callable, args);
            vm.nesting -= 1;
            result.map_err(|e| vm.raise_object(e))
        }
        _ => {
            let method = attributes::special(vm, callable, symbols::CALL);
            if method.is_null() {
                return Err(not_callable(vm, callable));
            }
            let mut all = Vec::with_capacity(args.len() + 1);
            all.push(callable);
            all.extend_from_slice(args);
            callback(vm, method, &all)
        }
    }
}

/// Makes a call that a function of the runtime has put off.
pub fn settle(vm: &mut Vm, result: Ref) -> Res<Ref> {
    if !access::is(result, DEFERRED) {
        return Ok(result);
    }
    let args = access::refs(access::get_ref(result, DEFERRED_ARGS));
    callback(vm, access::get_ref(result, DEFERRED_FUNC), args)
}

#[cold]
fn not_callable(vm: &mut Vm, callable: Ref) -> Raised {
    let message = format!("'{}' object is not callable", vm.type_name(callable));
    vm.type_error(&message)
}

fn call(vm: &mut Vm, callable: Ref, args: Ref, names: Ref) -> Res<Ref> {
    let list = access::refs(args);
    if names.is_null() || access::length(names) == 0 {
        return callback(vm, callable, list);
    }
    match access::class(callable) {
        BUILTIN => invoke(vm, Builtin::of(callable), list, names),
        TYPE => call_class(vm, vm.type_id(callable), list, names),
        BOUND_METHOD => {
            let mut all = vec![access::get_ref(callable, METHOD_SELF)];
            all.extend_from_slice(list);
            let all = vm.tuple(&all);
            call(vm, access::get_ref(callable, METHOD_FUNC), all, names)
        }
        FUNCTION => {
            Err(vm.not_implemented_error("calling a Python function with keyword arguments from the runtime"))
        }
        _ => Err(not_callable(vm, callable)),
    }
}

fn call_class(vm: &mut Vm, id: TypeId, args: &[Ref], names: Ref) -> Res<Ref> {
    let class = vm.type_object(id);
    let (new, native) = (vm.type_info(id).new, vm.type_info(id).native);
    let object = if native == Native::Exception {
        let args = vm.tuple(args);
        vm.exception_with(id, args)
    } else if !vm.type_info(id).heap_type {
        return match new {
            Some(entry) => invoke(vm, entry, args, names),
            None => {
                let message = format!("cannot create '{}' instances", vm.class_name(id));
                Err(vm.type_error(&message))
            }
        };
    } else {
        let new = vm.type_lookup(id, symbols::NEW);
        if !new.is_null() && !access::is(new, BUILTIN) {
            let function = match access::class(new) {
                STATICMETHOD => access::get_ref(new, STATICMETHOD_FUNC),
                _ => new,
            };
            if !access::is(function, BUILTIN) {
                let mut all = vec![class];
                all.extend_from_slice(args);
                let object = callback(vm, function, &all)?;
                if !vm.is_instance(object, id) {
                    return Ok(object);
                }
                object
            } else {
                vm.new_instance(id)
            }
        } else {
            vm.new_instance(id)
        }
    };
    let init = vm.type_lookup(id, symbols::INIT);
    if access::is(init, FUNCTION) {
        let mut all = vec![object];
        all.extend_from_slice(args);
        let result = callback(vm, init, &all)?;
        if result != vm.none {
            let message = format!("__init__() should return None, not '{}'", vm.type_name(result));
            return Err(vm.type_error(&message));
        }
    } else if !args.is_empty() && native == Native::Instance {
        let message = format!("{}() takes no arguments", vm.class_name(id));
        return Err(vm.type_error(&message));
    }
    Ok(object)
}

pub fn callable(vm: &mut Vm, object: Ref) -> bool {
    match access::class(object) {
        BUILTIN | BOUND_METHOD | TYPE | FUNCTION | STATICMETHOD => true,
        _ => !attributes::special(vm, object, symbols::CALL).is_null(),
    }
}

/// Calls a function of the runtime. `names` is a tuple, or null, of the names of the last arguments.
pub fn invoke(vm: &mut Vm, entry: &'static Builtin, args: &[Ref], names: Ref) -> Res<Ref> {
    let named = if names.is_null() { 0 } else { access::length(names) };
    let func = entry.call.func.0;
    let word = if entry.max == VARIADIC {
        if args.len() < entry.min as usize {
            return Err(wrong_count(vm, entry, args.len()));
        }
        let tuple = vm.tuple(args);
        let names = if named == 0 { Ref::NULL } else { names };
        // SAFETY: a variadic entry takes a tuple and names; see `b!`.
        let f: extern "C" fn(&mut Vm, Ref, Ref) -> u64 = unsafe { std::mem::transmute(func) };
        f(vm, tuple, names)
    } else {
        let mut all = [Ref::NULL; 4];
        let max = entry.max as usize;
        let given = args.len() - named;
        if given > max {
            return Err(wrong_count(vm, entry, given));
        }
        all[..given].copy_from_slice(&args[..given]);
        for i in 0..named {
            let name = access::text(access::item(names, i));
            let first = max - entry.names.len();
            let Some(at) = entry.names.iter().position(|n| *n == name).map(|p| p + first) else {
                let message = if entry.names.is_empty() {
                    format!("{}() takes no keyword arguments", entry.name)
                } else {
                    format!("{}() got an unexpected keyword argument '{name}'", entry.name)
                };
                return Err(vm.type_error(&message));
            };
            if !all[at].is_null() {
                let message = format!("{}() got multiple values for argument '{name}'", entry.name);
                return Err(vm.type_error(&message));
            }
            all[at] = args[given + i];
        }
        if all[..entry.min as usize].iter().any(|a| a.is_null()) {
            return Err(wrong_count(vm, entry, given));
        }
        let [a, b, c, d] = all;
        // SAFETY: the entry takes `max` references; see `b!`.
        unsafe {
            use std::mem::transmute as t;
            match max {
                0 => t::<*const (), extern "C" fn(&mut Vm) -> u64>(func)(vm),
                1 => t::<*const (), extern "C" fn(&mut Vm, Ref) -> u64>(func)(vm, a),
                2 => t::<*const (), extern "C" fn(&mut Vm, Ref, Ref) -> u64>(func)(vm, a, b),
                3 => t::<*const (), extern "C" fn(&mut Vm, Ref, Ref, Ref) -> u64>(func)(vm, a, b, c),
                _ => t::<*const (), extern "C" fn(&mut Vm, Ref, Ref, Ref, Ref) -> u64>(func)(vm, a, b, c, d),
            }
        }
    };
    if vm.thread.exception.is_null() { Ok(Ref(word)) } else { Err(Raised) }
}

/// The TypeError for a wrong number of arguments; `self` is not counted in methods.
#[cold]
pub fn wrong_count(vm: &mut Vm, entry: &'static Builtin, given: usize) -> Raised {
    let owner = method_owner(entry);
    let this = usize::from(owner.is_some());
    let name = entry.name;
    let qualified = owner.map_or(name.to_string(), |owner| format!("{owner}.{name}"));
    let given = given.saturating_sub(this);
    let min = (entry.min as usize).saturating_sub(this);
    let max = (entry.max as usize).saturating_sub(this);
    let plural = |n| if n == 1 { "" } else { "s" };
    let message = match (min, max) {
        (0, 0) => format!("{qualified}() takes no arguments ({given} given)"),
        (1, 1) => format!("{qualified}() takes exactly one argument ({given} given)"),
        _ if min == max => format!("{name} expected {max} arguments, got {given}"),
        _ if given < min => {
            format!("{name} expected at least {min} argument{}, got {given}", plural(min))
        }
        _ => format!("{name} expected at most {max} argument{}, got {given}", plural(max)),
    };
    vm.type_error(&message)
}

/// The arguments of a variadic function.
pub struct Arguments<'a> {
    pub positional: &'a [Ref],
    named: &'a [Ref],
    names: &'a [Ref],
    function: &'static str,
}

impl<'a> Arguments<'a> {
    pub fn new(function: &'static str, args: Ref, names: Ref) -> Arguments<'a> {
        let all = access::refs(args);
        let names: &[Ref] = if names.is_null() { &[] } else { access::refs(names) };
        let (positional, named) = all.split_at(all.len() - names.len());
        Arguments { positional, named, names, function }
    }

    /// The argument that was given by a name, unless it is None or missing; those not asked for are an error in [`Arguments::check`].
    pub fn take(&mut self, vm: &Vm, name: &str) -> Option<Ref> {
        let i = self.names.iter().position(|n| access::text(*n) == name)?;
        let value = self.named[i];
        (value != vm.none).then_some(value)
    }

    /// The argument that was given by a name.
    pub fn get(&self, name: &str) -> Option<Ref> {
        let i = self.names.iter().position(|n| access::text(*n) == name)?;
        Some(self.named[i])
    }

    /// Checks that only `known` names were given.
    pub fn check(&self, vm: &mut Vm, known: &[&str]) -> Res<()> {
        for name in self.names {
            let name = access::text(*name);
            if !known.contains(&name) {
                let message = format!("{}() got an unexpected keyword argument '{name}'", self.function);
                return Err(vm.type_error(&message));
            }
        }
        Ok(())
    }

    /// Name and value of every argument given by name.
    pub fn pairs(&self) -> impl Iterator<Item = (Ref, Ref)> {
        self.names.iter().copied().zip(self.named.iter().copied())
    }
}
