//! Raising and handling exceptions.

use jit_riscv::domain::{Next, Operand};
use jit_riscv::language::GuestCode;

use super::{Py, Step, generators, support};
use crate::bytecode::Op;
use crate::code::Code;
use crate::objects::*;
use crate::runtime::exceptions as runtime;
use crate::types::{ASSERTION_ERROR, STOP_ITERATION};

/// `[exception] → …` or `[exception, cause] → …`
pub fn raise<D: Py>(d: &mut D, n: u32) -> Step<D> {
    let cause = if n == 2 { Some(d.pop()) } else { None };
    let operand = d.pop();
    let exception = d.call_r(&runtime::RAISE_OPERAND, &[Operand::R(operand)])?;
    if let Some(cause) = cause {
        let none = super::none(d);
        let same = d.ptr_eq(cause, none);
        let cause =
            if d.branch(same) { cause } else { d.call_r(&runtime::RAISE_OPERAND, &[Operand::R(cause)])? };
        d.call_n(&runtime::SET_CAUSE, &[Operand::R(exception), Operand::R(cause)])?;
    }
    Err(exception)
}

/// `[exception, classes] → [exception]`
pub fn jump_if_no_match<D: Py>(d: &mut D, target: u32) -> Step<D> {
    let (exception, classes) = (d.peek(1), d.peek(0));
    // A class is decided on the host: what an exception's class derives from never changes.
    let matches = if d.class_of(classes) == TYPE {
        let wanted = d.promote_ref(classes);
        let class = d.class_of(exception);
        let vm = d.vm();
        let wanted = vm.type_id(wanted);
        if vm.is_subclass(wanted, crate::types::BASE_EXCEPTION) {
            Some(vm.is_subclass(vm.class_of_word(class), wanted))
        } else {
            None
        }
    } else {
        None
    };
    let matches = match matches {
        Some(matches) => matches,
        None => {
            let args = [Operand::R(exception), Operand::R(classes)];
            let matches = d.call_i(&runtime::EXCEPTION_MATCHES, &args)?;
            d.branch(matches)
        }
    };
    d.pop();
    if matches { Ok(Next::Fall) } else { Ok(Next::Jump(target)) }
}

/// `[handled, exception]`
pub fn set_context<D: Py>(d: &mut D) -> Step<D> {
    let (handled, exception) = (d.peek(1), d.peek(0));
    d.call_n(&runtime::SET_CONTEXT, &[Operand::R(exception), Operand::R(handled)])?;
    Ok(Next::Fall)
}

/// `[exception] → [exception, class]`
pub fn push_class<D: Py>(d: &mut D) {
    let exception = d.peek(0);
    let class = d.class_of(exception);
    let vm = d.vm();
    let type_ = vm.type_object(vm.class_of_word(class));
    let type_ = d.constant(type_);
    d.push(type_);
}

pub fn load_assertion_error<D: Py>(d: &mut D) {
    let class = d.vm().type_object(ASSERTION_ERROR);
    let class = d.constant(class);
    d.push(class);
}

/// See [`jit_riscv::language::Language::unwind`].
pub fn unwind<D: Py>(d: &mut D, exception: D::R) -> Option<u32> {
    let code = d.code();
    let pc = d.pc();
    let op = code.op(pc);
    if let Op::ForIter(target) | Op::Delegate(target) = op {
        let class = d.class_of(exception);
        let vm = d.vm();
        if vm.is_subclass(vm.class_of_word(class), STOP_ITERATION) {
            // The iterator is on the stack.
            d.pop();
            if let Op::Delegate(_) = op
                && let Ok(value) = d.call_r(&support::STOP_VALUE, &[Operand::R(exception)])
            {
                d.push(value);
            }
            return Some(target);
        }
    }
    if op != Op::Reraise {
        let address = d.int(code as *const Code as i64);
        let line = d.int(i64::from(code.line(pc)));
        let args = [Operand::R(exception), Operand::I(address), Operand::I(line)];
        // It raises nothing itself.
        let _ = d.call_n(&runtime::TRACEBACK_ADD, &args);
    }
    if let Some(handler) = code.handler(pc) {
        d.truncate(code.locals() + handler.depth as usize);
        d.push(exception);
        return Some(handler.target);
    }
    if let Some(slot) = code.generator {
        generators::abandon(d, slot);
    }
    None
}
