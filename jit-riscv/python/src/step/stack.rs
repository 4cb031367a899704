//! Constants, locals and cells.

use jit_riscv::domain::{Next, Operand};

use super::{Py, Step, support};
use crate::objects::*;

#[inline(always)]
pub fn load_const<D: Py>(d: &mut D, index: u32) {
    let value = d.code().constants[index as usize].get();
    let value = d.constant(value);
    d.push(value);
}

#[inline(always)]
pub fn load_fast_check<D: Py>(d: &mut D, slot: u32) -> Step<D> {
    let value = d.local(slot as usize);
    if d.is_null(value) {
        return unbound(d, slot);
    }
    d.push(value);
    Ok(Next::Fall)
}

/// UnboundLocalError, or NameError for a free variable.
#[cold]
#[inline(never)]
fn unbound<D: Py>(d: &mut D, slot: u32) -> Step<D> {
    let code = d.code() as *const crate::code::Code as i64;
    let code = d.int(code);
    let slot = d.int(slot as i64);
    d.call_n(&support::UNBOUND_LOCAL, &[Operand::I(code), Operand::I(slot)])?;
    Ok(Next::Fall)
}

pub fn delete_fast<D: Py>(d: &mut D, slot: u32) -> Step<D> {
    let value = d.local(slot as usize);
    if d.is_null(value) {
        return unbound(d, slot);
    }
    let null = d.null();
    d.set_local(slot as usize, null);
    Ok(Next::Fall)
}

pub fn make_cell<D: Py>(d: &mut D, slot: u32) {
    let value = d.local(slot as usize);
    let cell = d.new(CELL);
    d.setfield_r(cell, &CELL_VALUE, value);
    d.set_local(slot as usize, cell);
}

#[inline(always)]
pub fn load_deref<D: Py>(d: &mut D, slot: u32) -> Step<D> {
    let cell = d.local(slot as usize);
    let value = d.getfield_r(cell, &CELL_VALUE);
    if d.is_null(value) {
        return unbound(d, slot);
    }
    d.push(value);
    Ok(Next::Fall)
}

pub fn delete_deref<D: Py>(d: &mut D, slot: u32) -> Step<D> {
    let cell = d.local(slot as usize);
    let value = d.getfield_r(cell, &CELL_VALUE);
    if d.is_null(value) {
        return unbound(d, slot);
    }
    let null = d.null();
    d.setfield_r(cell, &CELL_VALUE, null);
    Ok(Next::Fall)
}
