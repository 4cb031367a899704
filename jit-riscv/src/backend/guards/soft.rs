//! Guards as well as RV64GC software can do them: branches straight to the exit's stub, constants from immediates or from
//! registers that the loop has to spare.

use super::*;
use crate::backend::asm::fits12;

pub struct Soft;

impl GuardStyle for Soft {
    fn branch(&self, e: &mut Emitter, at: usize, cond: Cond, a: Reg, b: Reg) {
        let stub = e.stub(at);
        e.asm.branch(cond, a, b, stub);
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
        let expected = e.int_constant(class.into(), T5);
        role(e, at, Role::Guard);
        self.branch(e, at, Cond::Ne, T6, expected);
    }

    fn nonnull(&self, e: &mut Emitter, at: usize, object: Reg) {
        self.branch(e, at, Cond::Eq, object, ZERO);
    }

    fn isnull(&self, e: &mut Emitter, at: usize, object: Reg) {
        self.branch(e, at, Cond::Ne, object, ZERO);
    }

    fn no_exception(&self, e: &mut Emitter, at: usize) {
        role(e, at, Role::Feeder);
        e.asm.put(enc::ld(T6, EXCEPTION_AT, THREAD));
        role(e, at, Role::Guard);
        self.branch(e, at, Cond::Ne, T6, ZERO);
    }

    /// With a constant whose sign is known, one comparison does.
    fn overflow(&self, e: &mut Emitter, at: usize) {
        let op = &e.unit.trace.ops[at];
        let (mut a, mut b) = (op.args[0], op.args[1]);
        let addend = match op.code {
            Opcode::IntAddOvf => {
                if e.int_const(a).is_some() {
                    (a, b) = (b, a);
                }
                e.int_const(b)
            }
            Opcode::IntSubOvf => e.int_const(b).and_then(i64::checked_neg),
            _ => None,
        };
        let Some(v) = addend.filter(|&v| fits12(v)) else {
            return overflow_by_comparison(e, at);
        };
        let x = e.int(a, T5);
        let rd = e.int_result(at, RA);
        e.asm.put(enc::addi(rd, x, v as i32));
        role(e, at, Role::Guard);
        let (less, more) = if v >= 0 { (rd, x) } else { (x, rd) };
        self.branch(e, at, Cond::Lt, less, more);
        e.asm.role(Role::Exec, "-");
        e.done(at, rd);
    }
}
