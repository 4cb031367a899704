//! Global variables, names in class bodies, imports.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::Ref;

use super::{Py, Step, name_object, support, tag};
use crate::access;
use crate::code::{Global, GlobalState};
use crate::objects::*;

/// The value of a variable, null where it is unbound.
#[inline(always)]
pub fn value<D: Py>(d: &mut D, global: &'static Global) -> Option<D::R> {
    match global.state.get() {
        GlobalState::Once => {
            d.assume(&global.watch);
            Some(d.constant(access::get_ref(global.cell.get(), CELL_VALUE)))
        }
        GlobalState::Unbound => {
            d.assume(&global.watch);
            None
        }
        GlobalState::Variable => {
            let cell = d.constant(global.cell.get());
            let value = d.getfield_r(cell, &CELL_VALUE);
            if d.is_null(value) { None } else { Some(value) }
        }
    }
}

#[inline(always)]
pub fn load<D: Py>(d: &mut D, index: u32) -> Step<D> {
    let global = d.code().globals[index as usize];
    let found = match value(d, global.module) {
        Some(found) => found,
        None => match value(d, global.builtin) {
            Some(found) => found,
            None => return undefined(d, global.module),
        },
    };
    d.push(found);
    Ok(Next::Fall)
}

/// NameError.
#[cold]
#[inline(never)]
fn undefined<D: Py>(d: &mut D, global: &'static Global) -> Step<D> {
    let global = d.int(global as *const _ as i64);
    d.call_n(&support::UNDEFINED_NAME, &[Operand::I(global)])?;
    Ok(Next::Fall)
}

pub fn store<D: Py>(d: &mut D, index: u32) -> Step<D> {
    let global = d.code().globals[index as usize].module;
    let value = d.pop();
    assign(d, global, value)?;
    Ok(Next::Fall)
}

/// Null unbinds the variable.
pub fn assign<D: Py>(d: &mut D, global: &'static Global, value: D::R) -> Result<(), D::R> {
    if global.state.get() == GlobalState::Variable {
        let cell = d.constant(global.cell.get());
        d.setfield_r(cell, &CELL_VALUE, value);
        Ok(())
    } else {
        // What is known about the variable changes with it.
        let global = d.int(global as *const _ as i64);
        d.call_n(&support::STORE_GLOBAL, &[Operand::I(global), Operand::R(value)])
    }
}

pub fn delete<D: Py>(d: &mut D, index: u32) -> Step<D> {
    let global = d.code().globals[index as usize].module;
    if value(d, global).is_none() {
        return undefined(d, global);
    }
    let null = d.null();
    assign(d, global, null)?;
    Ok(Next::Fall)
}

pub fn load_name<D: Py>(d: &mut D, name: u16, global: u16) -> Step<D> {
    let key = name_object(d, name);
    let namespace = d.local(0);
    let key = d.constant(key);
    let found = d.call_r(&support::NAMESPACE_GET, &[Operand::R(namespace), Operand::R(key)])?;
    if !d.is_null(found) {
        d.push(found);
        return Ok(Next::Fall);
    }
    load(d, global as u32)
}

pub fn store_name<D: Py>(d: &mut D, name: u16) -> Step<D> {
    let key = name_object(d, name);
    let value = d.pop();
    let namespace = d.local(0);
    let key = d.constant(key);
    let args = [Operand::R(namespace), Operand::R(key), Operand::R(value)];
    d.call_n(&support::NAMESPACE_SET, &args)?;
    Ok(Next::Fall)
}

pub fn delete_name<D: Py>(d: &mut D, name: u16) -> Step<D> {
    let key = name_object(d, name);
    let namespace = d.local(0);
    let key = d.constant(key);
    d.call_n(&support::NAMESPACE_DELETE, &[Operand::R(namespace), Operand::R(key)])?;
    Ok(Next::Fall)
}

pub fn import<D: Py>(d: &mut D, name: u16) -> Step<D> {
    let key = name_object(d, name);
    let key = d.constant(key);
    let module = d.call_r(&support::IMPORT, &[Operand::R(key)])?;
    d.push(module);
    // A module in Python source whose body has not been executed.
    let body = d.call_i(&support::MODULE_BODY, &[Operand::R(module)])?;
    let body = d.promote(body);
    if body != 0 {
        // SAFETY: MODULE_BODY answers the address of a code object, which is never freed.
        let body = unsafe { &*(body as *const crate::code::Code) };
        return super::calls::enter(d, body, &[], tag::DISCARD);
    }
    Ok(Next::Fall)
}

pub fn import_from<D: Py>(d: &mut D, name: u16) -> Step<D> {
    let key = name_object(d, name);
    let module = d.peek(0);
    let key: D::R = d.constant(Ref(key.0));
    let value = d.call_r(&support::IMPORT_FROM, &[Operand::R(module), Operand::R(key)])?;
    d.push(value);
    Ok(Next::Fall)
}
