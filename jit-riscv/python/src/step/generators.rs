//! Generators: frames that are suspended in a heap object.
//!
//! A generator's frame is made anew whenever it is resumed: its first bytecode, [`StartGenerator`](crate::bytecode::Op::StartGenerator),
//! takes locals and operands out of the GENERATOR object and jumps to where it stopped.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::Ref;

use super::{Py, Step, calls, none, support, tag};
use crate::access;
use crate::code::Code;
use crate::objects::*;
use crate::runtime::{Res, exceptions, iter};
use crate::vm::Vm;

/// [`GEN_STATE`]: suspended; running; finished. 0 is a generator that has not begun.
const SUSPENDED: i64 = 1;
const RUNNING: i64 = 2;
pub const FINISHED: i64 = 3;

/// In [`GEN_PC`], the number of live slots is above the bytecode's index.
const SLOTS_SHIFT: u32 = 32;

pub fn start<D: Py>(d: &mut D, slot: usize) -> Step<D> {
    if d.code().tag == tag::RESUME {
        return restore(d, slot);
    }
    let code = d.code();
    let generator = d.new(GENERATOR);
    let address = d.int(code as *const Code as i64);
    d.setfield_i(generator, &GEN_CODE, address);
    let slots = d.new_array(REF_ARRAY, code.slots);
    for i in 0..slot {
        let value = d.local(i);
        let index = d.int(i as i64);
        d.setitem_r(slots, index, &GEN_SLOT_REFS, value);
    }
    d.setfield_r(generator, &GEN_SLOTS, slots);
    let pc = d.int(1 | (code.locals as i64) << SLOTS_SHIFT);
    d.setfield_i(generator, &GEN_PC, pc);
    Ok(Next::Return(Some(generator)))
}

/// Enters the frame of a generator with what is sent. Its next value is pushed, or StopIteration raised.
pub fn resume<D: Py>(d: &mut D, generator: D::R, sent: D::R) -> Step<D> {
    let state = d.getfield_i(generator, &GEN_STATE);
    let running = d.int(RUNNING);
    let ready = d.int_lt(state, running);
    if !d.branch(ready) {
        // Finished, or running: an exception.
        d.call_n(&support::NOT_RESUMABLE, &[Operand::R(generator)])?;
    }
    let address = d.getfield_i(generator, &GEN_CODE);
    let address = d.promote(address);
    // SAFETY: the field holds the address of a code object, which is never freed.
    let code = unsafe { &*(address as *const Code) };
    calls::enter(d, code, &[generator, sent], tag::RESUME)
}

/// The code of a generator that the runtime is to resume.
pub fn to_resume(vm: &mut Vm, generator: Ref) -> Res<&'static Code> {
    if access::get_int(generator, GEN_STATE) >= RUNNING {
        support::not_resumable(vm, generator)?;
    }
    // SAFETY: as in `resume`.
    Ok(unsafe { &*(access::get_int(generator, GEN_CODE) as *const Code) })
}

/// In the new frame: `[generator, sent]` are its first locals.
fn restore<D: Py>(d: &mut D, slot: usize) -> Step<D> {
    let code = d.code();
    let generator = d.local(0);
    let sent = d.local(1);
    let slots = d.getfield_r(generator, &GEN_SLOTS);
    let place = d.getfield_i(generator, &GEN_PC);
    let place = d.promote(place);
    let (pc, live) = (place as u32, (place >> SLOTS_SHIFT) as usize);
    for i in 0..live {
        let index = d.int(i as i64);
        let value = d.getitem_r(slots, index, &GEN_SLOT_REFS);
        if i >= code.locals {
            d.push(value);
        } else if i != slot {
            d.set_local(i, value);
        }
    }
    d.set_local(slot, generator);
    let running = d.int(RUNNING);
    d.setfield_i(generator, &GEN_STATE, running);
    let thrown = d.getfield_r(generator, &GEN_RESULT);
    if !d.is_null(thrown) {
        // The `yield` before this place raises it.
        d.push(thrown);
        return Ok(Next::Jump(pc - 1));
    }
    if pc != 1 {
        d.push(sent);
    }
    Ok(Next::Jump(pc))
}

/// `yield`
pub fn suspend<D: Py>(d: &mut D, slot: usize) -> Step<D> {
    let code = d.code();
    let generator = d.local(slot);
    let thrown = d.getfield_r(generator, &GEN_RESULT);
    if !d.is_null(thrown) {
        let null = d.null();
        d.setfield_r(generator, &GEN_RESULT, null);
        return Err(thrown);
    }
    let value = d.pop();
    let slots = d.getfield_r(generator, &GEN_SLOTS);
    let live = d.depth();
    for i in 0..live {
        if i == slot {
            continue;
        }
        let saved = if i < code.locals { d.local(i) } else { d.peek(live - 1 - i) };
        let index = d.int(i as i64);
        d.setitem_r(slots, index, &GEN_SLOT_REFS, saved);
    }
    let pc = i64::from(d.pc()) + 1;
    let place = d.int(pc | (live as i64) << SLOTS_SHIFT);
    d.setfield_i(generator, &GEN_PC, place);
    let suspended = d.int(SUSPENDED);
    d.setfield_i(generator, &GEN_STATE, suspended);
    Ok(Next::Return(Some(value)))
}

/// `return` in a generator.
pub fn finish<D: Py>(d: &mut D, slot: usize) -> Step<D> {
    let value = d.pop();
    abandon(d, slot);
    let exception = d.call_r(&exceptions::STOP_ITERATION_NEW, &[Operand::R(value)])?;
    Err(exception)
}

/// An exception leaves the generator: it is finished.
pub fn abandon<D: Py>(d: &mut D, slot: usize) {
    let generator = d.local(slot);
    if d.is_null(generator) {
        return;
    }
    let finished = d.int(FINISHED);
    d.setfield_i(generator, &GEN_STATE, finished);
}

/// `[exception] → [exception]`
pub fn stop_iteration_error<D: Py>(d: &mut D) -> Step<D> {
    let exception = d.peek(0);
    let converted = d.call_r(&support::STOP_ITERATION_ERROR, &[Operand::R(exception)])?;
    d.set_peek(0, converted);
    Ok(Next::Fall)
}

/// `yield from`: `[iterator, sent] → [iterator, value]`, or `[result]` and jumps.
pub fn delegate<D: Py>(d: &mut D, target: u32) -> Step<D> {
    let sent = d.pop();
    let iterator = d.peek(0);
    if d.class_of(iterator) == GENERATOR {
        return resume(d, iterator, sent);
    }
    let nothing = none(d);
    let plain = d.ptr_eq(sent, nothing);
    if !d.branch(plain) {
        let value = d.call_r(&support::SEND, &[Operand::R(iterator), Operand::R(sent)])?;
        d.push(value);
        return Ok(Next::Fall);
    }
    let value = d.call_r(&iter::NEXT, &[Operand::R(iterator)])?;
    if d.is_null(value) {
        d.pop();
        d.push(nothing);
        return Ok(Next::Jump(target));
    }
    d.push(value);
    Ok(Next::Fall)
}
