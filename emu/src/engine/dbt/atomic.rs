//! Atomic memory operations, and load-reserved with store-conditional.
//!
//! The host's locked instructions are in one order with everything, so `aq` and `rl` ask for nothing more. A reservation
//! is the address and the value that was read ([`Reservation`]): the store is done if the value is still there.
//! Misaligned addresses are left to the interpreter, which traps.

use super::arithmetic::{alu, cmp};
use super::condition::CMOV;
use super::emit::{Emitter, Gen, Unsupported};
use super::int::Operand;
use super::memory::guest_at;
use super::regs::{Gpr, RAX, RCX, TEMPS};
use super::runtime::hart_member;
use super::x86::Cc;
use crate::hart::{Hart, Reservation};
use iced_x86::{Code, Register};
use isa_spec::sem::{AmoOp, BinOp, Builtin, Expr};
use std::mem::offset_of;

/// Whether there is code for the builtin here.
pub fn is_atomic(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::Amo(_, 32 | 64) | Builtin::LoadReserved(32 | 64) | Builtin::StoreConditional(32 | 64)
    )
}

/// The code for 32 or for 64 bits.
fn pick(codes: [Code; 2], wide: bool) -> Code {
    codes[usize::from(wide)]
}

impl Emitter {
    /// `dst` = the result of an atomic builtin, zeros above its width.
    pub(super) fn atomic(&mut self, builtin: Builtin, args: &[Expr], dst: Gpr) -> Gen {
        match (builtin, args) {
            (Builtin::Amo(op, width), [addr, value, ..]) => self.amo(op, width == 64, addr, value, dst),
            (Builtin::LoadReserved(width), [addr, ..]) => self.load_reserved(width == 64, addr, dst),
            (Builtin::StoreConditional(width), [addr, value, ..]) => {
                self.store_conditional(width == 64, addr, value, dst)
            }
            _ => Err(Unsupported),
        }
    }

    /// The address in a register, aligned: other addresses go to the interpreter. `dst` may be that register.
    fn aligned(&mut self, addr: &Expr, wide: bool, dst: Gpr) -> Gen<Gpr> {
        let at = if TEMPS.contains(&dst) && dst != RAX && dst != RCX {
            self.into(addr, dst)?;
            dst
        } else {
            self.in_register(addr)?
        };
        let deopt = self.deopt();
        self.asm.ri(Code::Test_rm8_imm8, at.r8(), if wide { 7 } else { 3 });
        self.asm.jcc(Cc::Ne, deopt);
        self.confine(at.r64());
        Ok(at)
    }

    fn amo(&mut self, op: AmoOp, wide: bool, addr: &Expr, value: &Expr, dst: Gpr) -> Gen {
        let at = self.aligned(addr, wide, dst)?;
        let cell = guest_at(at);
        let old = self.take(RAX)?;
        let sized = |r: Gpr| r.sized(wide);
        match op {
            AmoOp::Swap | AmoOp::Add => {
                self.into(value, old)?;
                self.may_fault();
                if op == AmoOp::Swap {
                    self.asm.mr(pick([Code::Xchg_rm32_r32, Code::Xchg_rm64_r64], wide), cell, sized(old));
                } else {
                    self.asm.locked(pick([Code::Xadd_rm32_r32, Code::Xadd_rm64_r64], wide), cell, sized(old));
                }
            }
            _ => {
                let new = self.take(RCX)?;
                // As it is: there may be no register left for it.
                let value = self.operand(value)?;
                self.may_fault();
                self.asm.rm(pick([Code::Mov_r32_rm32, Code::Mov_r64_rm64], wide), sized(old), cell);
                let again = self.asm.label();
                self.asm.bind(again);
                self.asm.rr(Code::Mov_r64_rm64, new.r64(), old.r64());
                // The new value replaces the old one if the comparison of the old with the new one says so.
                let (operation, replaced) = match op {
                    AmoOp::Xor => (alu(BinOp::Xor).ok_or(Unsupported)?, None),
                    AmoOp::And => (alu(BinOp::And).ok_or(Unsupported)?, None),
                    AmoOp::Or => (alu(BinOp::Or).ok_or(Unsupported)?, None),
                    AmoOp::Min => (cmp(), Some(Cc::G)),
                    AmoOp::Max => (cmp(), Some(Cc::L)),
                    AmoOp::Minu => (cmp(), Some(Cc::A)),
                    _ => (cmp(), Some(Cc::B)),
                };
                let n = usize::from(wide);
                match value {
                    Operand::Reg(r) => self.asm.rr(operation.rr[n], sized(new), sized(r)),
                    Operand::Mem(m) => self.asm.rm(operation.rm[n], sized(new), m),
                    Operand::Imm(v) => self.asm.ri(operation.imm(n, v), sized(new), v),
                }
                match (replaced, value) {
                    (None, _) => {}
                    (Some(cc), Operand::Reg(r)) => self.asm.rr(CMOV[cc as usize], new.r64(), r.r64()),
                    (Some(cc), Operand::Mem(m)) => self.asm.rm(CMOV[cc as usize], new.r64(), m),
                    (Some(_), Operand::Imm(_)) => return Err(Unsupported),
                }
                self.may_fault();
                self.asm.locked(
                    pick([Code::Cmpxchg_rm32_r32, Code::Cmpxchg_rm64_r64], wide),
                    cell,
                    sized(new),
                );
                self.asm.jcc(Cc::Ne, again);
                self.done(value);
                self.release(new);
            }
        }
        self.mov(dst, old);
        self.release(old);
        self.release_unless(at, dst);
        Ok(())
    }

    fn load_reserved(&mut self, wide: bool, addr: &Expr, dst: Gpr) -> Gen {
        let at = self.aligned(addr, wide, dst)?;
        let value = self.take(RAX)?;
        self.may_fault();
        self.asm.rm(pick([Code::Mov_r32_rm32, Code::Mov_r64_rm64], wide), value.sized(wide), guest_at(at));
        self.asm.mr(Code::Mov_rm64_r64, reservation(offset_of!(Reservation, addr)), at.r64());
        self.asm.mr(Code::Mov_rm64_r64, reservation(offset_of!(Reservation, value)), value.r64());
        let width = if wide { 8 } else { 4 };
        self.asm.mi(Code::Mov_rm64_imm32, reservation(offset_of!(Reservation, width)), width);
        self.mov(dst, value);
        self.release(value);
        self.release_unless(at, dst);
        Ok(())
    }

    /// `dst` = 1 if the value was stored, else 0. That there is no reservation, or another one, is left to the
    /// interpreter.
    fn store_conditional(&mut self, wide: bool, addr: &Expr, value: &Expr, dst: Gpr) -> Gen {
        let at = self.aligned(addr, wide, dst)?;
        let expected = self.take(RAX)?;
        let value = self.in_register(value)?;
        let deopt = self.deopt();
        let width = reservation(offset_of!(Reservation, width));
        self.asm.rm(Code::Cmp_r64_rm64, at.r64(), reservation(offset_of!(Reservation, addr)));
        self.asm.jcc(Cc::Ne, deopt);
        self.asm.mi(Code::Cmp_rm64_imm8, width, if wide { 8 } else { 4 });
        self.asm.jcc(Cc::Ne, deopt);
        self.asm.rm(Code::Mov_r64_rm64, expected.r64(), reservation(offset_of!(Reservation, value)));
        self.may_fault();
        let exchange = pick([Code::Cmpxchg_rm32_r32, Code::Cmpxchg_rm64_r64], wide);
        self.asm.locked(exchange, guest_at(at), value.sized(wide));
        self.asm.mi(Code::Mov_rm64_imm32, width, 0);
        self.asm.r(Code::Sete_rm8, Register::AL);
        self.asm.rr(Code::Movzx_r32_rm8, dst.r32(), Register::AL);
        self.release(value);
        self.release(expected);
        self.release_unless(at, dst);
        Ok(())
    }
}

/// A member of the hart's reservation.
fn reservation(offset: usize) -> iced_x86::MemoryOperand {
    hart_member(offset_of!(Hart, reservation) + offset)
}
