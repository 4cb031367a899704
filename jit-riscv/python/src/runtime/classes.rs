//! Making classes and functions.

use jit_riscv::object::Ref;

use super::{Res, attributes, callback, calls, dict};
use crate::access;
use crate::code::Code;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// A class from its name (STR), bases (TUPLE), namespace (DICT) and MODULE; `capacity` is a hint how many attributes its
    /// instances will have beyond those of the bases.
    CLASS_NEW: Any, class_new(name: Ref, bases: Ref, namespace: Ref, module: Ref, capacity: i64) -> Res<Ref>;
    /// A function: address of the code, defaults (TUPLE or null), keyword defaults (DICT or null), closure (TUPLE or null).
    FUNCTION_NEW: Any, function_new(code: i64, defaults: Ref, kwdefaults: Ref, closure: Ref) -> Ref;
    /// `isinstance(object, class or tuple)`
    ISINSTANCE: Reads, isinstance(object: Ref, classes: Ref) -> Res<bool>;
    /// `issubclass(class, class or tuple)`
    ISSUBCLASS: Reads, issubclass(class: Ref, classes: Ref) -> Res<bool>;
    /// `type(object)`
    TYPE_OF: Reads, type_of(object: Ref) -> Ref;
    /// A new instance of a class without attributes (not of a built-in layout): what `object.__new__` does.
    INSTANCE_NEW: Any, instance_new(class: Ref) -> Ref;
}

pub fn class_new(vm: &mut Vm, name: Ref, bases: Ref, namespace: Ref, module: Ref, capacity: i64) -> Res<Ref> {
    let mut ids = Vec::new();
    for base in access::refs(bases) {
        if !access::is(*base, TYPE) {
            let message = format!(
                "bases must be types; '{}' object is not supported as a base class",
                vm.type_name(*base)
            );
            return Err(vm.type_error(&message));
        }
        let id = vm.type_id(*base);
        if ids.contains(&id) {
            let message = format!("duplicate base class {}", vm.class_name(id));
            return Err(vm.type_error(&message));
        }
        if vm.type_info(id).native == Native::Fixed {
            let message = format!("subclassing '{}' is not supported", vm.class_name(id));
            return Err(vm.not_implemented_error(&message));
        }
        ids.push(id);
    }
    let qualname = {
        let key = vm.symbol_object(symbols::QUALNAME);
        let given = dict::find_str(vm, namespace, key);
        if given.is_null() { name } else { given }
    };
    let module = vm.module_info(module).name;
    let id = match vm.new_type(name, qualname, module, &ids, capacity as usize) {
        Ok(id) => id,
        Err(message) => return Err(vm.type_error(&message)),
    };
    let class = vm.type_object(id);
    for (key, value) in dict::pairs(namespace) {
        if !access::is(key, STR) {
            continue;
        }
        let sym = vm.intern_object(key);
        if sym == symbols::QUALNAME || sym == symbols::MODULE {
            continue;
        }
        // These two are methods of the class although they are written as functions.
        let value = match sym {
            symbols::INIT_SUBCLASS if access::is(value, FUNCTION) => {
                let wrapped = vm.new_object(CLASSMETHOD);
                access::init_ref(wrapped, CLASSMETHOD_FUNC, value);
                wrapped
            }
            symbols::NEW if access::is(value, FUNCTION) => {
                let wrapped = vm.new_object(STATICMETHOD);
                access::init_ref(wrapped, STATICMETHOD_FUNC, value);
                wrapped
            }
            _ => value,
        };
        vm.type_info_mut(id).attrs.add(sym, value);
    }
    vm.class_changed(id);
    for (key, value) in dict::pairs(namespace) {
        if access::is(key, STR) && is_shape(access::class(value)) {
            let hook = attributes::special(vm, value, symbols::SET_NAME);
            if !hook.is_null() {
                callback(vm, hook, &[value, class, key])?;
            }
        }
    }
    let hook = vm.super_lookup(id, id, symbols::INIT_SUBCLASS);
    if !hook.is_null() && access::is(hook, CLASSMETHOD) {
        let function = access::get_ref(hook, CLASSMETHOD_FUNC);
        if !access::is(function, BUILTIN) {
            callback(vm, function, &[class])?;
        }
    }
    Ok(class)
}

pub fn function_new(vm: &mut Vm, code: i64, defaults: Ref, kwdefaults: Ref, closure: Ref) -> Ref {
    // SAFETY: the caller gives the address of a code object, which is never freed.
    let c = unsafe { &*(code as *const Code) };
    let r = vm.new_object(FUNCTION);
    access::set_int(r, FUNC_CODE, code);
    access::init_ref(r, FUNC_DEFAULTS, defaults);
    access::init_ref(r, FUNC_KWDEFAULTS, kwdefaults);
    access::init_ref(r, FUNC_CLOSURE, closure);
    access::init_ref(r, FUNC_MODULE, c.module.get());
    access::init_ref(r, FUNC_QUALNAME, c.qualname.get());
    if let Some(doc) = &c.spec.doc {
        let doc = vm.str(doc);
        access::init_ref(r, FUNC_DOC, doc);
    }
    r
}

pub fn isinstance(vm: &mut Vm, object: Ref, classes: Ref) -> Res<bool> {
    let id = vm.type_of(object);
    match_classes(vm, id, classes, "isinstance() arg 2 must be a type, a tuple of types, or a union")
}

pub fn issubclass(vm: &mut Vm, class: Ref, classes: Ref) -> Res<bool> {
    if !access::is(class, TYPE) {
        return Err(vm.type_error("issubclass() arg 1 must be a class"));
    }
    let id = vm.type_id(class);
    match_classes(vm, id, classes, "issubclass() arg 2 must be a class, a tuple of classes, or a union")
}

fn match_classes(vm: &mut Vm, id: TypeId, classes: Ref, message: &str) -> Res<bool> {
    match access::class(classes) {
        TYPE => Ok(vm.is_subclass(id, vm.type_id(classes))),
        TUPLE => {
            for class in access::refs(classes) {
                if match_classes(vm, id, *class, message)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        _ => Err(vm.type_error(message)),
    }
}

fn type_of(vm: &mut Vm, object: Ref) -> Ref {
    vm.type_object(vm.type_of(object))
}

fn instance_new(vm: &mut Vm, class: Ref) -> Ref {
    let id = vm.type_id(class);
    vm.new_instance(id)
}
