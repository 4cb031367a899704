//! Attributes and methods.
//!
//! What a name means for an object follows from its class word — or, for classes and modules, from the object itself — and is looked
//! up on the host, once for each place and class word while no class changes ([`Cache`]).

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::{ClassId, Ref};

use super::{Py, Step, calls, globals, name_object, support, tag};
use crate::access;
use crate::code::{Cache, Found};
use crate::objects::*;
use crate::runtime::attributes as runtime;
use crate::shapes::Slot;
use crate::symbols::{self, Sym};
use crate::types::{Native, TypeId};
use crate::vm::Vm;

/// Finds out what the name means for `object`, of class word `class`, and notes it in the cache of this place.
#[inline(always)]
fn find<D: Py>(
    d: &mut D,
    object: D::R,
    class: ClassId,
    name: u16,
    cache: u16,
    look_up: fn(&mut Vm, ClassId, Ref, Sym) -> Lookup,
) -> &'static Cache {
    let code = d.code();
    let cache = &code.caches[cache as usize];
    let receiver = if class == TYPE || class == MODULE { d.promote_ref(object) } else { Ref::NULL };
    let vm = d.vm();
    if cache.class.get() != class.0 || cache.epoch.get() != vm.epoch || cache.receiver.get() != receiver {
        let symbol = Sym(code.names[name as usize].symbol);
        miss(vm, cache, class, receiver, symbol, look_up);
    }
    if let Some(watch) = cache.watch.get() {
        d.assume(watch);
    }
    cache
}

/// The result of a look-up.
struct Lookup {
    found: Found,
    object: Ref,
}

const SLOW: Lookup = Lookup { found: Found::Slow, object: Ref::NULL };

#[cold]
#[inline(never)]
fn miss(
    vm: &mut Vm,
    cache: &Cache,
    class: ClassId,
    receiver: Ref,
    symbol: Sym,
    look_up: fn(&mut Vm, ClassId, Ref, Sym) -> Lookup,
) {
    let lookup = look_up(vm, class, receiver, symbol);
    cache.class.set(class.0);
    cache.epoch.set(vm.epoch);
    cache.receiver.set(receiver);
    cache.found.set(lookup.found);
    cache.object.set(lookup.object);
    let type_ = match class {
        TYPE => vm.type_id(receiver),
        _ => vm.class_of_word(class),
    };
    let changes = class == TYPE || is_shape(class);
    cache.watch.set(changes.then(|| vm.type_info(type_).watch));
}

/// Is an attribute of a class a descriptor of a user's making?
fn is_user_descriptor(vm: &mut Vm, attribute: Ref) -> bool {
    let class = access::class(attribute);
    if !is_shape(class) {
        return false;
    }
    let type_ = vm.class_of_word(class);
    [symbols::GET, symbols::SET, symbols::DELETE]
        .into_iter()
        .any(|symbol| !vm.type_lookup(type_, symbol).is_null())
}

fn look_up_load(vm: &mut Vm, class: ClassId, receiver: Ref, symbol: Sym) -> Lookup {
    match class {
        MODULE => {
            return match vm.module_find(receiver, symbol) {
                Some(global) => Lookup { found: Found::Variable(global), object: Ref::NULL },
                None => SLOW,
            };
        }
        TYPE => return look_up_class(vm, vm.type_id(receiver), symbol),
        _ => {}
    }
    let type_ = vm.class_of_word(class);
    let attribute = vm.type_lookup(type_, symbol);
    let shape = is_shape(class);
    if shape {
        if vm.type_info(type_).native == Native::Exception && support::is_exception_attribute(symbol) {
            return SLOW;
        }
        if support::has_user_method(vm, type_, symbols::GETATTRIBUTE) {
            return SLOW;
        }
        if !attribute.is_null() {
            if access::class(attribute) == PROPERTY {
                let getter = access::get_ref(attribute, PROPERTY_GET);
                if access::class(getter) == FUNCTION {
                    return Lookup { found: Found::Property, object: getter };
                }
                return SLOW;
            }
            if is_user_descriptor(vm, attribute) {
                return SLOW;
            }
        }
        match vm.shape_lookup(class, symbol) {
            Some(Slot::Field(field)) => {
                return Lookup { found: Found::Slot(field.offset), object: Ref::NULL };
            }
            Some(Slot::Overflow(index)) => {
                let found = u16::try_from(index).map_or(Found::Slow, Found::Overflow);
                return Lookup { found, object: Ref::NULL };
            }
            None => {}
        }
    }
    if attribute.is_null() {
        return SLOW;
    }
    match access::class(attribute) {
        FUNCTION | BUILTIN => Lookup { found: Found::Method, object: attribute },
        STATICMETHOD => {
            let object = access::get_ref(attribute, STATICMETHOD_FUNC);
            Lookup { found: Found::Value, object }
        }
        CLASSMETHOD | PROPERTY => SLOW,
        _ if shape => Lookup { found: Found::Value, object: attribute },
        _ => SLOW,
    }
}

/// An attribute of a class itself.
fn look_up_class(vm: &mut Vm, type_: TypeId, symbol: Sym) -> Lookup {
    let attribute = vm.type_lookup(type_, symbol);
    if attribute.is_null() {
        return SLOW;
    }
    match access::class(attribute) {
        FUNCTION => Lookup { found: Found::Value, object: attribute },
        STATICMETHOD => {
            let object = access::get_ref(attribute, STATICMETHOD_FUNC);
            Lookup { found: Found::Value, object }
        }
        CLASSMETHOD | PROPERTY => SLOW,
        // Names like __class__ and __doc__ may be attributes of classes' own class.
        _ if vm.symbol_text(symbol).starts_with("__") => SLOW,
        _ if is_user_descriptor(vm, attribute) => SLOW,
        _ => Lookup { found: Found::Value, object: attribute },
    }
}

fn look_up_store(vm: &mut Vm, class: ClassId, _receiver: Ref, symbol: Sym) -> Lookup {
    if !is_shape(class) {
        return SLOW;
    }
    let type_ = vm.class_of_word(class);
    if support::has_user_method(vm, type_, symbols::SETATTR) {
        return SLOW;
    }
    if vm.type_info(type_).native == Native::Exception && support::is_exception_attribute(symbol) {
        return SLOW;
    }
    let attribute = vm.type_lookup(type_, symbol);
    if !attribute.is_null() {
        if access::class(attribute) == PROPERTY {
            let setter = access::get_ref(attribute, PROPERTY_SET);
            if access::class(setter) == FUNCTION {
                return Lookup { found: Found::Property, object: setter };
            }
            return SLOW;
        }
        if is_user_descriptor(vm, attribute) {
            return SLOW;
        }
    }
    let found = match vm.shape_lookup(class, symbol) {
        Some(Slot::Field(field)) => Found::Slot(field.offset),
        Some(Slot::Overflow(_)) => Found::Slow,
        None if !runtime::may_have(vm, type_, symbol) => Found::Slow,
        None => match vm.shape_add(class, symbol) {
            (next, Slot::Field(field)) => Found::Transition(field.offset, next.0),
            (_, Slot::Overflow(_)) => Found::Slow,
        },
    };
    Lookup { found, object: Ref::NULL }
}

#[inline(always)]
pub fn load<D: Py>(d: &mut D, name: u16, cache: u16) -> Step<D> {
    let object = d.peek(0);
    let class = d.class_of(object);
    let cache = find(d, object, class, name, cache, look_up_load);
    let value = match cache.found.get() {
        Found::Slot(offset) => d.getfield_r(object, &slot_field(offset as usize)),
        _ => return load_other(d, object, cache, name),
    };
    d.set_peek(0, value);
    Ok(Next::Fall)
}

#[inline(never)]
fn load_other<D: Py>(d: &mut D, object: D::R, cache: &'static Cache, name: u16) -> Step<D> {
    let value = match cache.found.get() {
        Found::Overflow(index) => {
            let overflow = d.getfield_r(object, &INSTANCE_OVERFLOW);
            let index = d.int(index as i64);
            d.getitem_r(overflow, index, &OVERFLOW_ITEMS)
        }
        Found::Value => d.constant(cache.object.get()),
        Found::Method => {
            let method = d.new(BOUND_METHOD);
            let function = d.constant(cache.object.get());
            d.setfield_r(method, &METHOD_FUNC, function);
            d.setfield_r(method, &METHOD_SELF, object);
            method
        }
        Found::Variable(global) => match globals::value(d, global) {
            Some(value) => value,
            None => slow_load(d, object, name)?,
        },
        Found::Property => {
            d.pop();
            return calls::enter_method(d, cache.object.get(), &[object], tag::PLAIN);
        }
        _ => slow_load(d, object, name)?,
    };
    d.set_peek(0, value);
    Ok(Next::Fall)
}

fn slow_load<D: Py>(d: &mut D, object: D::R, name: u16) -> Result<D::R, D::R> {
    let name = name_object(d, name);
    let name = d.constant(name);
    d.call_r(&runtime::GET_ATTR, &[Operand::R(object), Operand::R(name)])
}

#[inline(always)]
pub fn load_method<D: Py>(d: &mut D, name: u16, cache: u16) -> Step<D> {
    let object = d.peek(0);
    let class = d.class_of(object);
    let cache = find(d, object, class, name, cache, look_up_load);
    if let Found::Method = cache.found.get() {
        let method = d.constant(cache.object.get());
        d.set_peek(0, method);
        d.push(object);
        return Ok(Next::Fall);
    }
    let value = match cache.found.get() {
        Found::Slot(offset) => d.getfield_r(object, &slot_field(offset as usize)),
        Found::Property => {
            // The getter's result is pushed where the method belongs: NULL would have to follow it.
            slow_load(d, object, name)?
        }
        _ => {
            load_other(d, object, cache, name)?;
            d.peek(0)
        }
    };
    d.set_peek(0, value);
    let null = d.null();
    d.push(null);
    Ok(Next::Fall)
}

#[inline(always)]
pub fn store<D: Py>(d: &mut D, name: u16, cache: u16) -> Step<D> {
    let object = d.peek(0);
    let value = d.peek(1);
    let class = d.class_of(object);
    let cache = find(d, object, class, name, cache, look_up_store);
    match cache.found.get() {
        Found::Slot(offset) => d.setfield_r(object, &slot_field(offset as usize), value),
        Found::Transition(offset, next) => {
            d.setfield_r(object, &slot_field(offset as usize), value);
            d.set_class(object, ClassId(next));
        }
        Found::Property => {
            d.pop();
            d.pop();
            return calls::enter_method(d, cache.object.get(), &[object, value], tag::DISCARD);
        }
        _ => {
            let name = name_object(d, name);
            let name = d.constant(name);
            let args = [Operand::R(object), Operand::R(name), Operand::R(value)];
            d.call_n(&runtime::SET_ATTR, &args)?;
        }
    }
    d.pop();
    d.pop();
    Ok(Next::Fall)
}

pub fn delete<D: Py>(d: &mut D, name: u16) -> Step<D> {
    let object = d.pop();
    let name = name_object(d, name);
    let name = d.constant(name);
    d.call_n(&runtime::DELETE_ATTR, &[Operand::R(object), Operand::R(name)])?;
    Ok(Next::Fall)
}

/// `super().name`: `[class, object] → [value]`, or for a call `[function, object]` or `[value, NULL]`.
pub fn load_super<D: Py>(d: &mut D, name: u16, call: bool) -> Step<D> {
    let object = d.peek(0);
    let class = d.peek(1);
    let after = d.promote_ref(class);
    let word = d.class_of(object);
    let symbol = Sym(d.code().names[name as usize].symbol);
    if call && is_shape(word) && access::class(after) == TYPE {
        let vm = d.vm();
        let type_ = vm.class_of_word(word);
        let after = vm.type_id(after);
        let function = vm.super_lookup(type_, after, symbol);
        let watch = vm.type_info(type_).watch;
        let usable = !function.is_null() && matches!(access::class(function), FUNCTION | BUILTIN);
        d.assume(watch);
        if usable {
            let function = d.constant(function);
            d.set_peek(1, function);
            return Ok(Next::Fall);
        }
    }
    let name = name_object(d, name);
    let name = d.constant(name);
    let args = [Operand::R(class), Operand::R(object), Operand::R(name)];
    let value = d.call_r(&runtime::SUPER_GET, &args)?;
    if call {
        d.set_peek(1, value);
        let null = d.null();
        d.set_peek(0, null);
    } else {
        d.pop();
        d.set_peek(0, value);
    }
    Ok(Next::Fall)
}
