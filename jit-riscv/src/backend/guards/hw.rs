//! Guards as Xmjguard instructions: one each, without a stub. Guards on comparisons and of the nursery's limit stay branches.

use super::soft::Soft;
use super::*;
use crate::backend::asm::fits12;

pub struct Hw;

/// Whether a constant fits the immediate of `mj.geqi`.
fn fits_geqi(v: i64) -> bool {
    (-(1 << 16)..1 << 16).contains(&v)
}

/// Emits the guard instruction of operation `at`.
fn put(e: &mut Emitter, at: usize, word: u32) {
    role(e, at, Role::Guard);
    e.hw_guard(at);
    e.asm.put(word);
}

impl GuardStyle for Hw {
    fn branch(&self, e: &mut Emitter, at: usize, cond: Cond, a: Reg, b: Reg) {
        Soft.branch(e, at, cond, a, b);
    }

    fn value(&self, e: &mut Emitter, at: usize, value: Reg, expected: i64) {
        if fits_geqi(expected) {
            return put(e, at, enc::mj_geqi(value, expected as i32));
        }
        role(e, at, Role::Feeder);
        let expected = e.int_constant(expected, T6);
        put(e, at, enc::mj_geq(value, expected));
    }

    fn class(&self, e: &mut Emitter, at: usize, object: Reg, class: u32, _nullable: bool) {
        if class < 1 << 17 {
            return put(e, at, enc::mj_gclass(object, class));
        }
        role(e, at, Role::Feeder);
        let class = e.int_constant(class.into(), T6);
        put(e, at, enc::mj_gclassr(object, class));
    }

    fn nonnull(&self, e: &mut Emitter, at: usize, object: Reg) {
        put(e, at, enc::mj_gne0(object));
    }

    fn isnull(&self, e: &mut Emitter, at: usize, object: Reg) {
        put(e, at, enc::mj_geqi(object, 0));
    }

    fn no_exception(&self, e: &mut Emitter, at: usize) {
        put(e, at, enc::mj_gnoexc(EXCEPTION_AT, THREAD));
    }

    fn overflow(&self, e: &mut Emitter, at: usize) {
        let op = &e.unit.trace.ops[at];
        let (mut a, mut b) = (op.args[0], op.args[1]);
        if op.code == Opcode::IntAddOvf && e.int_const(a).is_some() {
            (a, b) = (b, a);
        }
        let addend = match op.code {
            Opcode::IntAddOvf => e.int_const(b),
            Opcode::IntSubOvf => e.int_const(b).and_then(i64::checked_neg),
            _ => None,
        };
        let rd = e.int_result(at, T5);
        let word = match addend.filter(|&v| fits12(v)) {
            Some(v) => enc::mj_addio(rd, e.int(a, T5), v as i32),
            None => {
                let (a, b) = overflow_operands(e, at);
                match op.code {
                    Opcode::IntAddOvf => enc::mj_addo(rd, a, b),
                    Opcode::IntSubOvf => enc::mj_subo(rd, a, b),
                    _ => enc::mj_mulo(rd, a, b),
                }
            }
        };
        role(e, at, Role::Both);
        e.hw_guard(at);
        e.asm.put(word);
        e.asm.role(Role::Exec, "-");
        e.done(at, rd);
    }
}
