//! Guest memory: host memory through the segment register gs, whose base is where the guest's address 0 is.
//!
//! The host's page tables say what the guest may do. What they refuse faults, and the engine's signal handler sends
//! the code to the exit that [`Emitter::may_fault`] noted. A wild address can be one of the emulator's own, though: where code is
//! to be confined ([`Runtime::confine`](super::runtime::Runtime::confine)), the base of each address is compared with the size of the space
//! first. Displacements need no check: as much as they can add lies around the space, without access.

use super::emit::{Emitter, Gen, Unsupported, immediate, register};
use super::int::Operand;
use super::regs::{Gpr, TEMPS};
use super::runtime::{SPACE_AT, rip};
use super::simplify::{constant, x};
use super::x86::Cc;
use crate::memory::SPACE;
use iced_x86::{Code, MemoryOperand, Register};
use isa_spec::sem::{BinOp, Expr, ExprKind, Reg};

/// An address and the temporary registers in it.
pub struct Address {
    pub operand: MemoryOperand,
    temps: [Option<Gpr>; 2],
}

impl Emitter {
    /// The operand for a guest address. Changes the host's flags where code is confined.
    pub(super) fn address(&mut self, e: &Expr) -> Gen<Address> {
        let address = self.unchecked_address(e)?;
        if !self.runtime.confine {
            return Ok(address);
        }
        let operand = address.operand;
        let (base, index) = (operand.base, operand.index);
        if base == Register::None || constant(e).is_some_and(|c| c < SPACE) {
            return Ok(address);
        }
        if index == Register::None {
            let known = base_register(e).map_or(0, |g| 1u32 << g);
            if self.confined & known == 0 {
                self.confine(base);
                self.confined |= known;
            }
            return Ok(address);
        }
        let whole = match address.temps.into_iter().flatten().find(|t| TEMPS.contains(t)) {
            Some(t) => t,
            None => self.temp()?,
        };
        let sum = MemoryOperand { segment_prefix: Register::None, ..operand };
        self.asm.rm(Code::Lea_r64_m, whole.r64(), sum);
        address.temps.into_iter().flatten().filter(|t| *t != whole).for_each(|t| self.release(t));
        self.confine(whole.r64());
        Ok(guest(whole.r64(), Register::None, 1, 0, [Some(whole), None]))
    }

    /// As [`Emitter::confine`], for a guest register, before instruction number `n`.
    pub(super) fn confine_base(&mut self, g: u8, n: usize) -> Gen {
        if self.confined >> g & 1 == 1 {
            return Ok(());
        }
        (self.completed, self.deopt) = (n, None);
        let base = self.in_register(&x(g))?;
        self.confine(base.r64());
        self.release(base);
        self.confined |= 1 << g;
        Ok(())
    }

    /// Leaves the current step to the interpreter if the register is not in the guest's space, where code is confined.
    pub(super) fn confine(&mut self, register: Register) {
        if self.runtime.confine {
            let out = self.deopt();
            self.asm.rm(Code::Cmp_r64_rm64, register, rip(self.runtime.constants + SPACE_AT));
            self.asm.jcc(Cc::Ae, out);
        }
    }

    /// The operand for a guest address, which may be anywhere.
    fn unchecked_address(&mut self, e: &Expr) -> Gen<Address> {
        let (base, displacement) = match &e.kind {
            ExprKind::Binary(BinOp::Add, a, b) if immediate(b).is_some() => (&**a, immediate(b).unwrap_or(0)),
            _ => (e, 0),
        };
        if let Some(c) = constant(e) {
            if let Ok(small) = i32::try_from(c) {
                return Ok(guest(Register::None, Register::None, 1, small, [None; 2]));
            }
            let t = self.temp()?;
            self.number(t, c);
            return Ok(guest(t.r64(), Register::None, 1, 0, [Some(t), None]));
        }
        // base + index << scale
        if let ExprKind::Binary(BinOp::Add, a, b) = &base.kind {
            let (a, b) = if matches!(a.kind, ExprKind::Binary(BinOp::Shl, ..)) { (b, a) } else { (a, b) };
            let (index, scale) = match &b.kind {
                ExprKind::Binary(BinOp::Shl, x, k) => match constant(k) {
                    Some(k @ 0..=3) => (x, 1 << k),
                    _ => (b, 1),
                },
                _ => (b, 1),
            };
            let i = self.in_register(index)?;
            let b = self.in_register(a)?;
            return Ok(guest(b.r64(), i.r64(), scale, displacement, [Some(b), Some(i)]));
        }
        let b = self.in_register(base)?;
        Ok(guest(b.r64(), Register::None, 1, displacement, [Some(b), None]))
    }

    fn release_address(&mut self, address: &Address) {
        for t in address.temps.into_iter().flatten() {
            self.release(t);
        }
    }

    /// `dst = load`, zeros above.
    pub(super) fn load(&mut self, e: &Expr, dst: Gpr) -> Gen {
        let ExprKind::Load(addr) = &e.kind else { return Err(Unsupported) };
        let (code, to) = match e.width {
            8 => (Code::Movzx_r32_rm8, dst.r32()),
            16 => (Code::Movzx_r32_rm16, dst.r32()),
            32 => (Code::Mov_r32_rm32, dst.r32()),
            64 => (Code::Mov_r64_rm64, dst.r64()),
            _ => return Err(Unsupported),
        };
        self.load_with(code, addr, to)
    }

    /// Loads with this instruction.
    pub(super) fn load_with(&mut self, code: Code, addr: &Expr, to: Register) -> Gen {
        let address = self.address(addr)?;
        self.may_fault();
        self.asm.rm(code, to, address.operand);
        self.release_address(&address);
        Ok(())
    }

    /// Stores the low bits of `value`.
    pub(super) fn store(&mut self, addr: &Expr, value: &Expr) -> Gen {
        if let Some(f) = float_source(value) {
            let address = self.address(addr)?;
            let source = self.float_home(f)?;
            self.may_fault();
            let code = if value.width == 32 { Code::Movss_xmmm32_xmm } else { Code::Movsd_xmmm64_xmm };
            self.asm.mr(code, address.operand, source.reg());
            self.release_xmm(source);
            self.release_address(&address);
            return Ok(());
        }
        let operand = match self.operand(value)? {
            Operand::Mem(_) => Operand::Reg(self.in_register(value)?),
            operand => operand,
        };
        let address = self.address(addr)?;
        self.may_fault();
        match (operand, value.width) {
            (Operand::Imm(v), 8) => self.asm.mi(Code::Mov_rm8_imm8, address.operand, i32::from(v as i8)),
            (Operand::Imm(v), 16) => self.asm.mi(Code::Mov_rm16_imm16, address.operand, i32::from(v as i16)),
            (Operand::Imm(v), 32) => self.asm.mi(Code::Mov_rm32_imm32, address.operand, v),
            (Operand::Imm(v), 64) => self.asm.mi(Code::Mov_rm64_imm32, address.operand, v),
            (Operand::Reg(r), 8) => self.asm.mr(Code::Mov_rm8_r8, address.operand, r.r8()),
            (Operand::Reg(r), 16) => self.asm.mr(Code::Mov_rm16_r16, address.operand, r.r16()),
            (Operand::Reg(r), 32) => self.asm.mr(Code::Mov_rm32_r32, address.operand, r.r32()),
            (Operand::Reg(r), 64) => self.asm.mr(Code::Mov_rm64_r64, address.operand, r.r64()),
            _ => return Err(Unsupported),
        }
        self.release_address(&address);
        self.done(operand);
        Ok(())
    }

    /// The address of a floating-point load, for an instruction that is written next.
    pub(super) fn float_address(&mut self, addr: &Expr) -> Gen<MemoryOperand> {
        let address = self.address(addr)?;
        self.may_fault();
        self.release_address(&address);
        Ok(address.operand)
    }
}

/// The guest register that an address is relative to, if it is the sum of one and a displacement.
pub fn base_register(addr: &Expr) -> Option<u8> {
    match &addr.kind {
        ExprKind::Binary(BinOp::Add, a, b) if immediate(b).is_some() => register(a),
        _ => register(addr),
    }
}

/// The place at the guest address in a register.
pub fn guest_at(at: Gpr) -> MemoryOperand {
    guest(at.r64(), Register::None, 1, 0, [None; 2]).operand
}

fn guest(base: Register, index: Register, scale: u32, displacement: i32, temps: [Option<Gpr>; 2]) -> Address {
    let size = match (displacement, base) {
        (0, Register::None) => 8,
        (0, _) => 0,
        _ => 8,
    };
    let size = if size == 8 && base != Register::None { 1 } else { size };
    let operand = MemoryOperand::new(base, index, scale, i64::from(displacement), size, false, Register::GS);
    Address { operand, temps }
}

/// The floating-point register whose bits, or low half, are stored.
fn float_source(value: &Expr) -> Option<u8> {
    match &value.kind {
        ExprKind::ReadF(Reg::Fixed(f)) => Some(*f),
        ExprKind::Slice(a, 31, 0) => match a.kind {
            ExprKind::ReadF(Reg::Fixed(f)) => Some(f),
            _ => None,
        },
        _ => None,
    }
}
