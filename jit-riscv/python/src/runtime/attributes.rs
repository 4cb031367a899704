//! Attributes of all kinds of objects: lookup, binding, assignment.

use jit_riscv::object::Ref;

use super::{Raised, Res, callback, calls, dict, exceptions, text};
use crate::access;
use crate::objects::*;
use crate::symbols::{self, Sym};
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// `object.name`; the name is a STR.
    GET_ATTR: Any, get_named(object: Ref, name: Ref) -> Res<Ref>;
    /// `object.name = value`
    SET_ATTR: Any, set_named(object: Ref, name: Ref, value: Ref) -> Res<()>;
    /// `del object.name`
    DELETE_ATTR: Any, delete_named(object: Ref, name: Ref) -> Res<()>;
    /// Raises AttributeError: the object has no such attribute.
    NO_ATTRIBUTE: Any, raise_missing(object: Ref, name: Ref) -> Res<Ref>;
    /// Adds an attribute that the instance's shape does not have, by symbol number.
    INSTANCE_ADD: Any, instance_add(object: Ref, symbol: i64, value: Ref) -> ();
    /// What `super(class, object).name` gives, bound.
    SUPER_GET: Any, super_get(class: Ref, object: Ref, name: Ref) -> Res<Ref>;
    /// An attribute of a class, as `object` sees it: functions become bound methods.
    BIND: Any, bind(attribute: Ref, object: Ref) -> Res<Ref>;
    /// A bound method.
    METHOD_NEW: Any, bound_method(function: Ref, object: Ref) -> Ref;
}

fn get_named(vm: &mut Vm, r: Ref, name: Ref) -> Res<Ref> {
    let sym = vm.intern_object(name);
    get(vm, r, sym)
}

fn set_named(vm: &mut Vm, r: Ref, name: Ref, value: Ref) -> Res<()> {
    let sym = vm.intern_object(name);
    set(vm, r, sym, value)
}

fn delete_named(vm: &mut Vm, r: Ref, name: Ref) -> Res<()> {
    let sym = vm.intern_object(name);
    delete(vm, r, sym)
}

fn raise_missing(vm: &mut Vm, r: Ref, name: Ref) -> Res<Ref> {
    Err(exceptions::no_attribute(vm, r, name))
}

fn instance_add(vm: &mut Vm, r: Ref, symbol: i64, value: Ref) {
    vm.instance_set(r, Sym(symbol as u32), value);
}

/// A method of an object's class, not bound; null where there is none.
#[inline]
pub fn special(vm: &mut Vm, r: Ref, sym: Sym) -> Ref {
    let id = vm.type_of(r);
    vm.type_lookup(id, sym)
}

pub fn bound_method(vm: &mut Vm, function: Ref, object: Ref) -> Ref {
    let r = vm.new_object(BOUND_METHOD);
    access::init_ref(r, METHOD_FUNC, function);
    access::init_ref(r, METHOD_SELF, object);
    r
}

/// See [`BIND`].
pub fn bind(vm: &mut Vm, attribute: Ref, object: Ref) -> Res<Ref> {
    Ok(match access::class(attribute) {
        FUNCTION | BUILTIN => bound_method(vm, attribute, object),
        STATICMETHOD => access::get_ref(attribute, STATICMETHOD_FUNC),
        CLASSMETHOD => {
            let class = vm.type_object(vm.type_of(object));
            bound_method(vm, access::get_ref(attribute, CLASSMETHOD_FUNC), class)
        }
        PROPERTY => {
            let getter = access::get_ref(attribute, PROPERTY_GET);
            if getter == vm.none || getter.is_null() {
                return Err(vm.raise(ATTRIBUTE_ERROR, "property has no getter"));
            }
            return callback(vm, getter, &[object]);
        }
        class if is_shape(class) => {
            let get = special(vm, attribute, symbols::GET);
            if get.is_null() {
                return Ok(attribute);
            }
            let class = vm.type_object(vm.type_of(object));
            return callback(vm, get, &[attribute, object, class]);
        }
        _ => attribute,
    })
}

/// Does assignment go through the class attribute?
fn is_data_descriptor(vm: &mut Vm, attribute: Ref) -> bool {
    match access::class(attribute) {
        PROPERTY => true,
        class => is_shape(class) && !special(vm, attribute, symbols::SET).is_null(),
    }
}

/// The object's own attribute, or null.
fn own(vm: &mut Vm, r: Ref, sym: Sym) -> Ref {
    match access::class(r) {
        class if is_shape(class) => vm.instance_get(r, sym),
        FUNCTION => {
            let d = access::get_ref(r, FUNC_DICT);
            if d.is_null() {
                return Ref::NULL;
            }
            let name = vm.symbol_object(sym);
            dict::find_str(vm, d, name)
        }
        _ => Ref::NULL,
    }
}

/// `object.name` without `__getattr__`; null where there is no such attribute.
pub fn find(vm: &mut Vm, r: Ref, sym: Sym) -> Res<Ref> {
    match access::class(r) {
        MODULE => {
            let v = vm.module_get(r, sym);
            if !v.is_null() {
                return Ok(v);
            }
        }
        TYPE => return find_in_class(vm, r, sym),
        SUPER => {
            let (class, object) = (access::get_ref(r, SUPER_TYPE), access::get_ref(r, SUPER_SELF));
            return super_find(vm, class, object, sym);
        }
        _ => {}
    }
    let id = vm.type_of(r);
    let attribute = vm.type_lookup(id, sym);
    if !attribute.is_null() && is_data_descriptor(vm, attribute) {
        return bind(vm, attribute, r);
    }
    let v = own(vm, r, sym);
    if !v.is_null() {
        return Ok(v);
    }
    if attribute.is_null() { Ok(Ref::NULL) } else { bind(vm, attribute, r) }
}

fn find_in_class(vm: &mut Vm, class: Ref, sym: Sym) -> Res<Ref> {
    let meta = vm.type_lookup(T_TYPE, sym);
    if !meta.is_null() && access::is(meta, PROPERTY) {
        return bind(vm, meta, class);
    }
    let id = vm.type_id(class);
    let attribute = vm.type_lookup(id, sym);
    if attribute.is_null() {
        return if meta.is_null() { Ok(meta) } else { bind(vm, meta, class) };
    }
    Ok(match access::class(attribute) {
        STATICMETHOD => access::get_ref(attribute, STATICMETHOD_FUNC),
        CLASSMETHOD => bound_method(vm, access::get_ref(attribute, CLASSMETHOD_FUNC), class),
        c if is_shape(c) => {
            let get = special(vm, attribute, symbols::GET);
            if get.is_null() {
                return Ok(attribute);
            }
            let none = vm.none;
            return callback(vm, get, &[attribute, none, class]);
        }
        _ => attribute,
    })
}

fn super_find(vm: &mut Vm, class: Ref, object: Ref, sym: Sym) -> Res<Ref> {
    let after = vm.type_id(class);
    let through_class = access::is(object, TYPE);
    let id = if through_class { vm.type_id(object) } else { vm.type_of(object) };
    let attribute = vm.super_lookup(id, after, sym);
    if attribute.is_null() {
        return Ok(attribute);
    }
    match access::class(attribute) {
        CLASSMETHOD => {
            let class = vm.type_object(id);
            let function = access::get_ref(attribute, CLASSMETHOD_FUNC);
            Ok(bound_method(vm, function, class))
        }
        FUNCTION | BUILTIN if through_class => Ok(attribute),
        _ => bind(vm, attribute, object),
    }
}

fn super_get(vm: &mut Vm, class: Ref, object: Ref, name: Ref) -> Res<Ref> {
    let sym = vm.intern_object(name);
    let v = super_find(vm, class, object, sym)?;
    if !v.is_null() {
        return Ok(v);
    }
    let message = format!("'super' object has no attribute '{}'", access::text(name));
    Err(vm.raise(ATTRIBUTE_ERROR, &message))
}

/// `object.name`
pub fn get(vm: &mut Vm, r: Ref, sym: Sym) -> Res<Ref> {
    let v = if is_shape(access::class(r)) {
        let hook = special(vm, r, symbols::GETATTRIBUTE);
        if hook.is_null() || access::is(hook, BUILTIN) {
            find(vm, r, sym)
        } else {
            let name = vm.symbol_object(sym);
            callback(vm, hook, &[r, name])
        }
    } else {
        find(vm, r, sym)
    };
    match v {
        Ok(v) if !v.is_null() => return Ok(v),
        Ok(_) => {}
        Err(Raised) if !vm.is_instance(vm.thread.exception, ATTRIBUTE_ERROR) => {
            return Err(Raised);
        }
        Err(Raised) => {
            let hook = special(vm, r, symbols::GETATTR);
            if hook.is_null() {
                return Err(Raised);
            }
            vm.take_exception();
        }
    }
    let name = vm.symbol_object(sym);
    if is_shape(access::class(r)) {
        let hook = special(vm, r, symbols::GETATTR);
        if !hook.is_null() {
            return callback(vm, hook, &[r, name]);
        }
    }
    Err(exceptions::no_attribute(vm, r, name))
}

/// The message of the AttributeError for a missing attribute.
pub fn missing_message(vm: &mut Vm, r: Ref, name: Ref) -> String {
    let name = access::text(name);
    match access::class(r) {
        TYPE => {
            let class = vm.class_name(vm.type_id(r));
            format!("type object '{class}' has no attribute '{name}'")
        }
        MODULE => {
            let module = vm.symbol_text(vm.module_info(r).name);
            format!("module '{module}' has no attribute '{name}'")
        }
        SUPER => format!("'super' object has no attribute '{name}'"),
        _ => format!("'{}' object has no attribute '{name}'", vm.type_name(r)),
    }
}

/// `object.name = value`
pub fn set(vm: &mut Vm, r: Ref, sym: Sym, value: Ref) -> Res<()> {
    let class = access::class(r);
    match class {
        TYPE => {
            let id = vm.type_id(r);
            if !vm.type_info(id).heap_type {
                let message = format!(
                    "cannot set '{}' attribute of immutable type '{}'",
                    vm.symbol_text(sym),
                    vm.class_name(id)
                );
                return Err(vm.type_error(&message));
            }
            if sym == symbols::NAME || sym == symbols::QUALNAME {
                let text = text::expect_str(vm, value, "__name__")?;
                let name = vm.intern(text);
                let info = vm.type_info_mut(id);
                info.qualname = value;
                if sym == symbols::NAME {
                    info.name = name;
                }
                return Ok(());
            }
            vm.type_set(id, sym, value);
            return Ok(());
        }
        MODULE => {
            let global = vm.module_global(r, sym);
            vm.set_global(global, value);
            return Ok(());
        }
        FUNCTION => {
            match sym {
                symbols::DOC => vm.put(r, FUNC_DOC, value),
                symbols::QUALNAME => vm.put(r, FUNC_QUALNAME, value),
                symbols::DICT => vm.put(r, FUNC_DICT, value),
                _ => {
                    let mut d = access::get_ref(r, FUNC_DICT);
                    if d.is_null() {
                        d = dict::new(vm);
                        vm.put(r, FUNC_DICT, d);
                    }
                    let name = vm.symbol_object(sym);
                    dict::set_item(vm, d, name, value)?;
                }
            }
            return Ok(());
        }
        class if is_shape(class) => {
            let hook = special(vm, r, symbols::SETATTR);
            if !hook.is_null() && !access::is(hook, BUILTIN) {
                let name = vm.symbol_object(sym);
                return callback(vm, hook, &[r, name, value]).map(|_| ());
            }
            return set_plain(vm, r, sym, value);
        }
        _ => {}
    }
    let name = vm.symbol_object(sym);
    let known = special(vm, r, sym);
    if known.is_null() {
        return Err(exceptions::no_attribute(vm, r, name));
    }
    let message = format!("'{}' object attribute '{}' is read-only", vm.type_name(r), access::text(name));
    Err(vm.raise(ATTRIBUTE_ERROR, &message))
}

/// What `object.__setattr__` does for instances.
pub fn set_plain(vm: &mut Vm, r: Ref, sym: Sym, value: Ref) -> Res<()> {
    let id = vm.type_of(r);
    let attribute = vm.type_lookup(id, sym);
    if !attribute.is_null() {
        if access::is(attribute, PROPERTY) {
            if vm.type_info(id).native == Native::Exception && exceptions::set_special(vm, r, sym, value)? {
                return Ok(());
            }
            let setter = access::get_ref(attribute, PROPERTY_SET);
            if setter == vm.none {
                if sym == symbols::DICT {
                    return replace_dict(vm, r, value);
                }
                let message = format!(
                    "property '{}' of '{}' object has no setter",
                    vm.symbol_text(sym),
                    vm.type_name(r)
                );
                return Err(vm.raise(ATTRIBUTE_ERROR, &message));
            }
            return callback(vm, setter, &[r, value]).map(|_| ());
        }
        if is_shape(access::class(attribute)) {
            let setter = special(vm, attribute, symbols::SET);
            if !setter.is_null() {
                return callback(vm, setter, &[attribute, r, value]).map(|_| ());
            }
        }
    }
    if id == T_OBJECT || !may_have(vm, id, sym) {
        let name = vm.symbol_object(sym);
        return Err(exceptions::no_attribute(vm, r, name));
    }
    vm.instance_set(r, sym, value);
    Ok(())
}

/// May instances of a class have the attribute? Not where all its classes have `__slots__` that do not name it.
pub fn may_have(vm: &mut Vm, id: TypeId, sym: Sym) -> bool {
    if vm.type_lookup(id, symbols::SLOTS).is_null() {
        return true;
    }
    for i in 0..vm.type_info(id).mro.len() {
        let class = vm.type_info(id).mro[i];
        if class == T_OBJECT {
            continue;
        }
        let Some(slots) = vm.type_info(class).attrs.get(symbols::SLOTS).copied() else { return true };
        let names = match access::class(slots) {
            STR => vec![slots],
            TUPLE => access::refs(slots).to_vec(),
            class if is_list(class) => super::list::items(vm, slots),
            _ => return true,
        };
        let text = vm.symbol_text(sym);
        let named = |name: &Ref| {
            access::is(*name, STR) && {
                let name = access::text(*name);
                // Private names are mangled in the class body's code, but not in the strings.
                name == text || name == "__dict__" || name.starts_with("__") && text.ends_with(name)
            }
        };
        if names.iter().any(named) {
            return true;
        }
    }
    false
}

/// `object.__dict__ = value`
fn replace_dict(vm: &mut Vm, r: Ref, value: Ref) -> Res<()> {
    if !matches!(access::class(value), DICT | DEFAULTDICT) {
        let message = format!("__dict__ must be set to a dictionary, not a '{}'", vm.type_name(value));
        return Err(vm.type_error(&message));
    }
    let shape = vm.shape(access::class(r));
    for name in &shape.names {
        vm.instance_delete(r, *name);
    }
    for (key, item) in dict::pairs(value) {
        text::expect_str(vm, key, "attribute name")?;
        let sym = vm.intern_object(key);
        vm.instance_set(r, sym, item);
    }
    Ok(())
}

/// A new dictionary of an instance's own attributes.
pub fn instance_dict(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let d = dict::new(vm);
    let shape = vm.shape(access::class(r));
    for (i, name) in shape.names.iter().enumerate() {
        let value = vm.slot_get(r, shape.place(i));
        let name = vm.symbol_object(*name);
        dict::set_item(vm, d, name, value)?;
    }
    Ok(d)
}

/// `del object.name`
pub fn delete(vm: &mut Vm, r: Ref, sym: Sym) -> Res<()> {
    let name = vm.symbol_object(sym);
    match access::class(r) {
        TYPE => {
            let id = vm.type_id(r);
            let info = vm.type_info(id);
            let has = info.heap_type && info.attrs.get(sym).is_some_and(|v| !v.is_null());
            if has {
                vm.type_set(id, sym, Ref::NULL);
                return Ok(());
            }
        }
        MODULE if !vm.module_get(r, sym).is_null() => {
            let global = vm.module_global(r, sym);
            vm.set_global(global, Ref::NULL);
            return Ok(());
        }
        class if is_shape(class) => {
            let hook = special(vm, r, symbols::DELATTR);
            if !hook.is_null() && !access::is(hook, BUILTIN) {
                return callback(vm, hook, &[r, name]).map(|_| ());
            }
            let attribute = special(vm, r, sym);
            if !attribute.is_null() && access::is(attribute, PROPERTY) {
                let deleter = access::get_ref(attribute, PROPERTY_DEL);
                if deleter == vm.none {
                    let message = format!(
                        "property '{}' of '{}' object has no deleter",
                        access::text(name),
                        vm.type_name(r)
                    );
                    return Err(vm.raise(ATTRIBUTE_ERROR, &message));
                }
                return callback(vm, deleter, &[r]).map(|_| ());
            }
            if vm.instance_delete(r, sym) {
                return Ok(());
            }
        }
        FUNCTION => {
            let d = access::get_ref(r, FUNC_DICT);
            if !d.is_null() && !dict::remove(vm, d, name)?.is_null() {
                return Ok(());
            }
        }
        _ => {}
    }
    Err(exceptions::no_attribute(vm, r, name))
}
