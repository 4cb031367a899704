//! Built-in functions that are written in Python for arguments that run Python code: generators, user-defined iterators, key
//! functions.
//!
//! The runtime could run that code nested, but nested runs are never compiled, and nothing is collected in them. So a
//! built-in function that meets such an argument answers a DEFERRED call of the function here, which `step` makes in its
//! place: it is interpreted, traced and inlined like any other. Each function is compiled when it is first needed.

use jit_riscv::object::Ref;

use crate::access;
use crate::builtins::b;
use crate::code::Code;
use crate::compiler;
use crate::modules::NativeModule;
use crate::objects::*;
use crate::runtime::{Res, attributes, classes, compare, list};
use crate::symbols;
use crate::vm::Vm;

/// File name of the functions' code; tracebacks leave it out.
pub const FILE: &str = "<built-in>";

/// What the functions need besides the module `builtins`.
pub static MODULE: NativeModule = NativeModule {
    name: "_prelude",
    functions: &[b!("sort_by_keys", sort_by_keys, 3)],
    value: |_, _| None,
    names: &[],
};

/// Sorts a list by a list of keys.
fn sort_by_keys(vm: &mut Vm, items: Ref, keys: Ref, reverse: Ref) -> Res<Ref> {
    let reverse = compare::truth(vm, reverse)?;
    list::sort(vm, items, keys, reverse)?;
    Ok(vm.none)
}

/// The functions, one definition each.
static SOURCES: &[(&str, &str)] = &[
    ("list", "def list(iterable):\n    return [x for x in iterable]\n"),
    ("tuple", "def tuple_(iterable):\n    return tuple([x for x in iterable])\n"),
    ("set", "def set(iterable):\n    return {x for x in iterable}\n"),
    ("dict", "def dict(iterable):\n    return {k: v for k, v in iterable}\n"),
    ("extend", "def extend(items, iterable):\n    for x in iterable:\n        items.append(x)\n"),
    ("join", "def join(separator, iterable):\n    return separator.join([x for x in iterable])\n"),
    ("map", "def map(function, iterable):\n    for x in iterable:\n        yield function(x)\n"),
    (
        "filter",
        "def filter(function, iterable):\n    for x in iterable:\n        if function(x):\n            yield x\n",
    ),
    (
        "any",
        "def any(iterable):\n    for x in iterable:\n        if x:\n            return True\n    return False\n",
    ),
    (
        "all",
        "def all(iterable):\n    for x in iterable:\n        if not x:\n            return False\n    return True\n",
    ),
    (
        "sorted",
        "def sorted(iterable, key, reverse):
    items = [x for x in iterable]
    if key is None:
        items.sort(reverse=reverse)
    else:
        sort_by_keys(items, [key(x) for x in items], reverse)
    return items
",
    ),
    (
        "sort",
        "def sort(items, key, reverse):
    sort_by_keys(items, [key(x) for x in items[:]], reverse)
",
    ),
    (
        "min",
        "def min(iterable, key, has_default, default):
    found = False
    for x in iterable:
        k = x if key is None else key(x)
        if not found:
            found = True
            best = x
            least = k
        elif k < least:
            best = x
            least = k
    if found:
        return best
    if has_default:
        return default
    raise ValueError('min() iterable argument is empty')
",
    ),
    (
        "max",
        "def max(iterable, key, has_default, default):
    found = False
    for x in iterable:
        k = x if key is None else key(x)
        if not found:
            found = True
            best = x
            most = k
        elif k > most:
            best = x
            most = k
    if found:
        return best
    if has_default:
        return default
    raise ValueError('max() iterable argument is empty')
",
    ),
    // Sums of doubles keep what is lost in rounding, as CPython has it since 3.12.
    (
        "sum",
        "def sum(iterable, total):
    low = 0.0
    for x in iterable:
        if type(x) is float:
            if type(total) is int:
                total = float(total)
            if type(total) is float:
                t = total + x
                if abs(total) >= abs(x):
                    low += (total - t) + x
                else:
                    low += (x - t) + total
                total = t
                continue
        elif type(x) is int:
            if type(total) is int:
                total += x
                continue
            if type(total) is float:
                x = float(x)
                t = total + x
                if abs(total) >= abs(x):
                    low += (total - t) + x
                else:
                    low += (x - t) + total
                total = t
                continue
        total = total + x
    if low != 0.0 and low - low == 0.0:
        return total + low
    return total
",
    ),
];

/// Does iterating over the object run Python code?
pub fn is_lazy(vm: &mut Vm, iterable: Ref) -> bool {
    match access::class(iterable) {
        GENERATOR | MAP | FILTER | ZIP | ENUMERATE | CALL_ITER => true,
        class if is_shape(class) => !attributes::special(vm, iterable, symbols::ITER).is_null(),
        _ => false,
    }
}

/// Is the callable written in Python?
pub fn is_guest(callable: Ref) -> bool {
    matches!(access::class(callable), FUNCTION | BOUND_METHOD)
}

/// Answers a call of one of the functions, to be made in the place of the one under way.
pub fn defer(vm: &mut Vm, name: &str, args: &[Ref]) -> Res<Ref> {
    let function = function(vm, name);
    let args = vm.tuple(args);
    let deferred = vm.new_object(DEFERRED);
    access::init_ref(deferred, DEFERRED_FUNC, function);
    access::init_ref(deferred, DEFERRED_ARGS, args);
    Ok(deferred)
}

/// The FUNCTION with a name, made when it is first asked for.
fn function(vm: &mut Vm, name: &str) -> Ref {
    let module = vm.intern(MODULE.name);
    let module = match vm.find_module(module) {
        Some(module) => module,
        None => vm.modules.builtins(),
    };
    let slot = vm.intern(&format!("python {name}"));
    let known = vm.module_get(module, slot);
    if !known.is_null() {
        return known;
    }
    let source = SOURCES.iter().find(|s| s.0 == name).map_or("", |s| s.1);
    let code = match compiler::compile(source, FILE) {
        Ok(spec) => Code::link(spec, module, vm).codes.first().copied(),
        Err(_) => None,
    };
    let Some(code) = code else {
        // Unreachable: a test compiles all sources.
        return vm.none;
    };
    let null = Ref::NULL;
    let function = classes::function_new(vm, code as *const Code as i64, null, null, null);
    let global = vm.module_global(module, slot);
    vm.set_global(global, function);
    function
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_define_one_function_each() {
        for (name, source) in SOURCES {
            match compiler::compile(source, FILE) {
                Ok(spec) => assert!(!spec.codes.is_empty(), "{name}"),
                Err(e) => panic!("{name}: {e}"),
            }
        }
    }

    #[test]
    fn entries_that_defer_say_so() {
        let table = super::super::functions::FUNCTIONS;
        for name in ["sum", "any", "all", "min", "max", "sorted"] {
            let entry = table.iter().find(|e| e.name == name);
            assert!(entry.is_some_and(|e| e.defers), "{name}");
        }
    }
}
