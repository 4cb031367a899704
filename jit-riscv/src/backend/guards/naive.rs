//! Guards as PyPy's RISC-V back end emits them: each is a branch, taken on success, over a jump to the exit's stub.

use super::*;
use crate::backend::asm::split;

pub struct Naive;

impl GuardStyle for Naive {
    fn branch(&self, e: &mut Emitter, at: usize, cond: Cond, a: Reg, b: Reg) {
        let stub = e.stub(at);
        e.asm.branch_over_jump(cond, a, b, stub);
    }

    fn value(&self, e: &mut Emitter, at: usize, value: Reg, expected: i64) {
        role(e, at, Role::Feeder);
        let expected = e.int_constant(expected, T6);
        role(e, at, Role::Guard);
        self.branch(e, at, Cond::Ne, value, expected);
    }

    fn class(&self, e: &mut Emitter, at: usize, object: Reg, class: u32, nullable: bool) {
        if nullable {
            self.branch(e, at, Cond::Eq, object, ZERO);
        }
        role(e, at, Role::Feeder);
        e.asm.put(enc::lwu(T6, 0, object));
        let (upper, lower) = split(class.into());
        e.asm.put(enc::lui(T5, upper));
        e.asm.put(enc::addiw(T5, T5, lower));
        role(e, at, Role::Guard);
        self.branch(e, at, Cond::Ne, T6, T5);
    }

    fn nonnull(&self, e: &mut Emitter, at: usize, object: Reg) {
        self.branch(e, at, Cond::Eq, object, ZERO);
    }

    fn isnull(&self, e: &mut Emitter, at: usize, object: Reg) {
        self.branch(e, at, Cond::Ne, object, ZERO);
    }

    fn no_exception(&self, e: &mut Emitter, at: usize) {
        role(e, at, Role::Feeder);
        let cell = e.unit.runtime.exception_cell;
        e.asm.pool_x(T6, cell);
        e.asm.put(enc::ld(T6, 0, T6));
        role(e, at, Role::Guard);
        self.branch(e, at, Cond::Ne, T6, ZERO);
    }

    fn overflow(&self, e: &mut Emitter, at: usize) {
        overflow_by_comparison(e, at);
    }
}
