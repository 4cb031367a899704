//! Guards in three styles. What is the same in all of them is here: which register holds what, roles for the code map, and
//! the guards that are branches everywhere.

mod hw;
mod naive;
mod soft;

use super::Style;
use super::asm::Cond;
use super::codemap::Role;
use super::emit::Emitter;
use super::encoders as enc;
use super::regs::*;
use super::runtime::{EXCEPTION_AT, FRAME_LIMIT_AT};
use crate::ir::{Arg, Descr, Opcode};
use crate::object::Kind;

/// How one style does the guards that differ. `at` is the guard's operation; its stub is [`Emitter::stub`].
pub trait GuardStyle {
    /// Leaves if the condition holds.
    fn branch(&self, e: &mut Emitter, at: usize, cond: Cond, a: Reg, b: Reg);

    /// Leaves if `value` is not `expected`.
    fn value(&self, e: &mut Emitter, at: usize, value: Reg, expected: i64);

    /// Leaves if the object's class word is not `class`; `nullable`: or if the object is null.
    fn class(&self, e: &mut Emitter, at: usize, object: Reg, class: u32, nullable: bool);

    /// Leaves if the object is null.
    fn nonnull(&self, e: &mut Emitter, at: usize, object: Reg);

    /// Leaves if the object is not null.
    fn isnull(&self, e: &mut Emitter, at: usize, object: Reg);

    /// Leaves if an exception is pending.
    fn no_exception(&self, e: &mut Emitter, at: usize);

    /// `IntAddOvf`, `IntSubOvf`, `IntMulOvf` with its result.
    fn overflow(&self, e: &mut Emitter, at: usize);
}

/// The implementation of a style.
pub fn style(style: Style) -> &'static dyn GuardStyle {
    match style {
        Style::Naive => &naive::Naive,
        Style::Soft => &soft::Soft,
        Style::Hw => &hw::Hw,
    }
}

/// RPython's name of the guard that an operation is or holds.
fn kind(code: Opcode) -> &'static str {
    match code {
        Opcode::IntAddOvf | Opcode::IntSubOvf | Opcode::IntMulOvf => "guard_no_overflow",
        _ => code.name(),
    }
}

/// The role of the instructions that follow, for the guard that operation `at` is.
fn role(e: &mut Emitter, at: usize, role: Role) {
    let kind = kind(e.unit.trace.ops[at].code);
    e.asm.role(role, kind);
}

/// A guard's operand; what must be made for it is a feeder.
fn operand(e: &mut Emitter, at: usize, arg: Arg, scratch: Reg) -> Reg {
    role(e, at, Role::Feeder);
    let register = e.int(arg, scratch);
    role(e, at, Role::Guard);
    register
}

/// Emits a guard operation.
pub fn guard(e: &mut Emitter, at: usize) {
    use Opcode::*;
    let op = &e.unit.trace.ops[at];
    let style = e.style();
    match (op.code, op.descr) {
        (GuardTrue | GuardFalse, _) => {
            let comparison = e.unit.analysis.comparison(at);
            role(e, at, Role::Feeder);
            let (cond, a, b) = match comparison {
                Some(c) => e.condition(c),
                None => (Cond::Ne, e.int(op.args[0], T5), ZERO),
            };
            role(e, at, Role::Guard);
            let cond = if op.code == GuardTrue { cond.inverted() } else { cond };
            style.branch(e, at, cond, a, b);
        }
        (GuardValue, _) => {
            let value = operand(e, at, op.args[0], T5);
            let expected = e.int_const(op.args[1]).unwrap_or(0);
            style.value(e, at, value, expected);
        }
        (GuardClass | GuardNonnullClass, Descr::Class(class)) => {
            let object = operand(e, at, op.args[0], T5);
            match e.unit.analysis.load(at) {
                Some(load) => checked_load(e, at, load, object, class.0),
                None => style.class(e, at, object, class.0, op.code == GuardNonnullClass),
            }
        }
        (GuardNonnull, _) => {
            let object = operand(e, at, op.args[0], T5);
            style.nonnull(e, at, object);
        }
        (GuardIsnull, _) => {
            let object = operand(e, at, op.args[0], T5);
            style.isnull(e, at, object);
        }
        (GuardNoException, _) => style.no_exception(e, at),
        (GuardException, _) => {
            let rd = e.int_result(at, T5);
            e.asm.put(enc::ld(rd, EXCEPTION_AT, THREAD));
            role(e, at, Role::Guard);
            style.branch(e, at, Cond::Eq, rd, ZERO);
            e.asm.role(Role::Exec, "-");
            e.asm.put(enc::sd(ZERO, EXCEPTION_AT, THREAD));
            e.done(at, rd);
        }
        (GuardNotInvalidated, _) => {
            role(e, at, Role::Guard);
            e.patchable_nop(at);
        }
        (GuardNoCollect, _) => {
            role(e, at, Role::Guard);
            style.branch(e, at, Cond::Ltu, LIMIT, BUMP);
        }
        (GuardCountdown, Descr::Number(cell)) => {
            role(e, at, Role::Feeder);
            let lower = e.asm.upper(T5, cell as u64).unwrap_or_else(|| {
                e.asm.pool_x(T5, cell as u64);
                0
            });
            e.asm.put(enc::ld(T6, lower, T5));
            e.asm.put(enc::addi(T6, T6, -1));
            e.asm.put(enc::sd(T6, lower, T5));
            role(e, at, Role::Guard);
            style.branch(e, at, Cond::Eq, T6, ZERO);
        }
        (GuardFrameSpace, Descr::Number(bytes)) => {
            role(e, at, Role::Feeder);
            e.asm.put(enc::ld(T6, FRAME_LIMIT_AT, THREAD));
            let (base, offset) = e.offset(FRAME, bytes, T5);
            e.asm.put(enc::addi(T5, base, offset));
            role(e, at, Role::Guard);
            style.branch(e, at, Cond::Ltu, T6, T5);
        }
        (IntAddOvf | IntSubOvf | IntMulOvf, _) => style.overflow(e, at),
        _ => debug_assert!(false, "checked: {op:?}"),
    }
}

/// Class guard and field load in one instruction.
fn checked_load(e: &mut Emitter, at: usize, load: usize, object: Reg, class: u32) {
    let Descr::Field(field) = e.unit.trace.ops[load].descr else { return };
    role(e, at, Role::Both);
    e.hw_guard(at);
    if field.kind == Kind::Float {
        let rd = e.float_result(load);
        e.asm.put(enc::mj_cfld(rd, field.offset.into(), object, class));
        e.asm.role(Role::Exec, "-");
        e.float_done(load, rd);
    } else {
        let rd = e.int_result(load, T5);
        e.asm.put(enc::mj_cld(rd, field.offset.into(), object, class));
        e.asm.role(Role::Exec, "-");
        e.done(load, rd);
    }
}

/// The operands of an overflow operation in registers, without constants in immediates.
fn overflow_operands(e: &mut Emitter, at: usize) -> (Reg, Reg) {
    let op = &e.unit.trace.ops[at];
    let a = e.int(op.args[0], T5);
    let b = e.int(op.args[1], T6);
    (a, b)
}

/// Overflow operations by instructions of RV64GC: three after the operation itself. The result, which may be in ra, differs from
/// the operands.
fn overflow_by_comparison(e: &mut Emitter, at: usize) {
    let (a, b) = overflow_operands(e, at);
    let rd = e.int_result(at, RA);
    let code = e.unit.trace.ops[at].code;
    match code {
        Opcode::IntAddOvf => {
            // The sum is less than `a` exactly if `b` is negative.
            e.asm.put(enc::add(rd, a, b));
            role(e, at, Role::Guard);
            e.asm.put(enc::slt(T5, rd, a));
            e.asm.put(enc::slti(T6, b, 0));
        }
        Opcode::IntSubOvf => {
            // The difference is less than `a` exactly if `b` is positive.
            e.asm.put(enc::sub(rd, a, b));
            role(e, at, Role::Guard);
            e.asm.put(enc::slt(T5, rd, a));
            e.asm.put(enc::slt(T6, ZERO, b));
        }
        _ => {
            // The upper half of the product is the sign of the lower one.
            e.asm.put(enc::mul(rd, a, b));
            role(e, at, Role::Guard);
            e.asm.put(enc::mulh(T5, a, b));
            e.asm.put(enc::srai(T6, rd, 63));
        }
    }
    let style = e.style();
    style.branch(e, at, Cond::Ne, T5, T6);
    e.asm.role(Role::Exec, "-");
    e.done(at, rd);
}
