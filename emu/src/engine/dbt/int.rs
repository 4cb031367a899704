//! Integer expressions: registers, constants, parts and extensions; [`super::arithmetic`] and [`super::condition`] have
//! the operations.
//!
//! A value of fewer than 64 bits may have anything above them in its host register; what needs clean upper bits
//! cleans them ([`Emitter::clean`]).

use super::arithmetic::alu;
use super::condition::condition;
use super::emit::{Emitter, Gen, Unsupported, immediate, register};
use super::regs::Gpr;
use super::runtime::x_slot;
use super::simplify::constant;
use super::walk::{accesses_late, reads_x};
use iced_x86::{Code, MemoryOperand};
use isa_spec::sem::{BinOp, Expr, ExprKind, Reg, UnOp};

/// An operand of an instruction.
#[derive(Clone, Copy)]
pub enum Operand {
    Imm(i32),
    Reg(Gpr),
    Mem(MemoryOperand),
}

impl Emitter {
    /// `X[g] = e`
    pub(super) fn write_x(&mut self, g: u8, e: &Expr) -> Gen {
        if let Some(home) = self.home(g) {
            if accesses_late(e) {
                // If that faults, the register must be what it was.
                let t = self.temp()?;
                self.into(e, t)?;
                self.mov(home, t);
                self.release(t);
                return Ok(());
            }
            return self.into(e, home);
        }
        let slot = x_slot(g);
        if let Some(value) = immediate(e) {
            self.asm.mi(Code::Mov_rm64_imm32, slot, value);
            return Ok(());
        }
        // `x += …` on a register in memory.
        if let ExprKind::Binary(op @ (BinOp::Add | BinOp::And | BinOp::Or | BinOp::Xor), a, b) = &e.kind
            && register(a) == Some(g)
            && let Some(code) = alu(*op)
        {
            if let Some(value) = immediate(b) {
                self.asm.mi(code.imm(1, value), slot, value);
                return Ok(());
            }
            if let Some(home) = register(b).and_then(|r| self.home(r)) {
                self.asm.mr(code.mr[1], slot, home.r64());
                return Ok(());
            }
        }
        if let Some(home) = register(e).and_then(|r| self.home(r)) {
            self.asm.mr(Code::Mov_rm64_r64, slot, home.r64());
            return Ok(());
        }
        let t = self.temp()?;
        self.into(e, t)?;
        self.asm.mr(Code::Mov_rm64_r64, slot, t.r64());
        self.release(t);
        Ok(())
    }

    /// An operand with the value of `e`, perhaps with a dirty upper part.
    pub(super) fn operand(&mut self, e: &Expr) -> Gen<Operand> {
        if let Some(value) = immediate(e) {
            return Ok(Operand::Imm(value));
        }
        match &e.kind {
            ExprKind::ReadX(Reg::Fixed(g)) => {
                return Ok(match self.home(*g) {
                    Some(home) => Operand::Reg(home),
                    None => Operand::Mem(x_slot(*g)),
                });
            }
            ExprKind::Local(_) => return self.kept.map(Operand::Reg).ok_or(Unsupported),
            ExprKind::Slice(a, 7.., 0) if register(a).is_some() => return self.operand(a),
            _ => {}
        }
        let t = self.temp()?;
        self.into(e, t)?;
        Ok(Operand::Reg(t))
    }

    /// As [`Emitter::operand`], in a register.
    pub(super) fn in_register(&mut self, e: &Expr) -> Gen<Gpr> {
        match self.operand(e)? {
            Operand::Reg(r) => Ok(r),
            Operand::Imm(value) => {
                let t = self.temp()?;
                self.number(t, i64::from(value) as u64);
                Ok(t)
            }
            Operand::Mem(m) => {
                let t = self.temp()?;
                self.asm.rm(Code::Mov_r64_rm64, t.r64(), m);
                Ok(t)
            }
        }
    }

    /// Gives back what an operand took.
    pub(super) fn done(&mut self, operand: Operand) {
        if let Operand::Reg(r) = operand {
            self.release(r);
        }
    }

    /// `dst = value`; the flags stay.
    pub(super) fn number(&mut self, dst: Gpr, value: u64) {
        if let Ok(small) = u32::try_from(value) {
            self.asm.ri(Code::Mov_r32_imm32, dst.r32(), small as i32);
        } else if let Ok(small) = i32::try_from(value as i64) {
            self.asm.ri(Code::Mov_rm64_imm32, dst.r64(), small);
        } else {
            self.asm.ri64(Code::Mov_r64_imm64, dst.r64(), value);
        }
    }

    pub(super) fn mov(&mut self, dst: Gpr, src: Gpr) {
        if dst != src {
            self.asm.rr(Code::Mov_r64_rm64, dst.r64(), src.r64());
        }
    }

    /// Whether computing `e` reads what is in `dst`.
    pub(super) fn uses(&self, e: &Expr, dst: Gpr) -> bool {
        (0..32).any(|g| self.home(g) == Some(dst) && reads_x(e, g))
    }

    /// `dst = e`. `dst` is written last, so `e` may read it.
    pub(super) fn into(&mut self, e: &Expr, dst: Gpr) -> Gen {
        let wide = e.width > 32;
        if let Some(c) = constant(e) {
            self.number(dst, c);
            return Ok(());
        }
        match &e.kind {
            ExprKind::ReadX(Reg::Fixed(g)) => match self.home(*g) {
                Some(home) => self.mov(dst, home),
                None => self.asm.rm(Code::Mov_r64_rm64, dst.r64(), x_slot(*g)),
            },
            ExprKind::Local(_) => {
                let kept = self.kept.ok_or(Unsupported)?;
                self.mov(dst, kept);
            }
            ExprKind::ReadF(Reg::Fixed(f)) => self.float_bits(*f, dst),
            ExprKind::Unary(op, a) => {
                self.into(a, dst)?;
                let n = usize::from(wide);
                match op {
                    UnOp::Not if e.width == 1 => self.asm.ri(Code::Xor_rm32_imm8, dst.r32(), 1),
                    UnOp::Not => self.asm.r([Code::Not_rm32, Code::Not_rm64][n], dst.sized(wide)),
                    UnOp::Neg => self.asm.r([Code::Neg_rm32, Code::Neg_rm64][n], dst.sized(wide)),
                }
            }
            ExprKind::Binary(op, a, b) => return self.binary(*op, a, b, e.width, dst),
            ExprKind::Select(c, a, b) => return self.select(c, a, b, dst),
            ExprKind::Slice(a, hi, lo) => return self.slice(a, *hi, *lo, dst),
            ExprKind::Concat(parts) => return self.concat(parts, dst),
            ExprKind::ZeroExtend(a) => {
                if matches!(a.kind, ExprKind::Load(_)) {
                    return self.load(a, dst);
                }
                return self.zero_extended(a, dst);
            }
            ExprKind::SignExtend(a) => {
                if let ExprKind::Load(addr) = &a.kind
                    && let Some(code) = match a.width {
                        8 => Some(Code::Movsx_r64_rm8),
                        16 => Some(Code::Movsx_r64_rm16),
                        32 => Some(Code::Movsxd_r64_rm32),
                        _ => None,
                    }
                {
                    return self.load_with(code, addr, dst.r64());
                }
                return self.sign_extended(a, dst);
            }
            ExprKind::ReadCsr(_) => return self.read_flags(dst),
            ExprKind::Load(_) => return self.load(e, dst),
            ExprKind::Call(builtin, args) => return self.call(*builtin, args, dst),
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    /// `dst = e`, zeros above its width.
    pub(super) fn zero_extended(&mut self, e: &Expr, dst: Gpr) -> Gen {
        if self.extended_part(e, false, dst)? {
            return Ok(());
        }
        self.into(e, dst)?;
        if !is_clean(e) {
            self.clean(dst, e.width);
        }
        Ok(())
    }

    /// Clears what is above the low `width` bits.
    pub(super) fn clean(&mut self, dst: Gpr, width: u8) {
        match width {
            64.. => {}
            32 => self.asm.rr(Code::Mov_r32_rm32, dst.r32(), dst.r32()),
            16 => self.asm.rr(Code::Movzx_r32_rm16, dst.r32(), dst.r16()),
            8 => self.asm.rr(Code::Movzx_r32_rm8, dst.r32(), dst.r8()),
            0..32 => self.asm.ri(Code::And_rm32_imm32, dst.r32(), ((1u32 << width) - 1) as i32),
            _ => {
                let unused = 64 - i32::from(width);
                self.asm.ri(Code::Shl_rm64_imm8, dst.r64(), unused);
                self.asm.ri(Code::Shr_rm64_imm8, dst.r64(), unused);
            }
        }
    }

    /// `dst` = the low 8, 16 or 32 bits of a register, extended in one instruction. False if `e` is not that.
    fn extended_part(&mut self, e: &Expr, signed: bool, dst: Gpr) -> Gen<bool> {
        let code = match (e.width, signed) {
            (8, false) => Code::Movzx_r32_rm8,
            (16, false) => Code::Movzx_r32_rm16,
            (32, false) => Code::Mov_r32_rm32,
            (8, true) => Code::Movsx_r64_rm8,
            (16, true) => Code::Movsx_r64_rm16,
            (32, true) => Code::Movsxd_r64_rm32,
            _ => return Ok(false),
        };
        if low_register(e).is_none() {
            return Ok(false);
        }
        let to = dst.sized(signed);
        match self.operand(e)? {
            Operand::Reg(r) => {
                let source = match e.width {
                    8 => r.r8(),
                    16 => r.r16(),
                    _ => r.r32(),
                };
                self.asm.rr(code, to, source);
                self.release(r);
            }
            Operand::Mem(m) => self.asm.rm(code, to, m),
            Operand::Imm(_) => return Err(Unsupported),
        }
        Ok(true)
    }

    /// `dst = e`, copies of its sign above its width.
    pub(super) fn sign_extended(&mut self, e: &Expr, dst: Gpr) -> Gen {
        if self.extended_part(e, true, dst)? {
            return Ok(());
        }
        self.into(e, dst)?;
        match e.width {
            64.. => {}
            32 => self.asm.rr(Code::Movsxd_r64_rm32, dst.r64(), dst.r32()),
            16 => self.asm.rr(Code::Movsx_r64_rm16, dst.r64(), dst.r16()),
            8 => self.asm.rr(Code::Movsx_r64_rm8, dst.r64(), dst.r8()),
            width => {
                let unused = 64 - i32::from(width);
                self.asm.ri(Code::Shl_rm64_imm8, dst.r64(), unused);
                self.asm.ri(Code::Sar_rm64_imm8, dst.r64(), unused);
            }
        }
        Ok(())
    }

    fn slice(&mut self, a: &Expr, hi: u8, lo: u8, dst: Gpr) -> Gen {
        if let ExprKind::Binary(op @ (BinOp::MulWideS | BinOp::MulWideU | BinOp::MulWideSU), x, y) = &a.kind
            && (hi, lo, x.width) == (127, 64, 64)
        {
            return self.multiply_high(*op, x, y, dst);
        }
        if a.width > 64 {
            return Err(Unsupported);
        }
        self.into(a, dst)?;
        if lo != 0 {
            self.asm.ri(Code::Shr_rm64_imm8, dst.r64(), i32::from(lo));
        }
        Ok(())
    }

    fn concat(&mut self, parts: &[Expr], dst: Gpr) -> Gen {
        let Some((first, rest)) = parts.split_first() else { return Err(Unsupported) };
        let clash = rest.iter().any(|p| self.uses(p, dst));
        let acc = if clash { self.temp()? } else { dst };
        self.into(first, acc)?;
        for part in rest {
            self.asm.ri(Code::Shl_rm64_imm8, acc.r64(), i32::from(part.width));
            if constant(part) == Some(0) {
                continue;
            }
            let t = self.temp()?;
            self.zero_extended(part, t)?;
            self.asm.rr(Code::Or_r64_rm64, acc.r64(), t.r64());
            self.release(t);
        }
        if clash {
            self.mov(dst, acc);
            self.release(acc);
        }
        Ok(())
    }
}

/// The register whose low bits the expression is.
pub fn low_register(e: &Expr) -> Option<u8> {
    match &e.kind {
        ExprKind::Slice(a, _, 0) => register(a),
        _ => None,
    }
}

/// Whether the expression is an operand as it is: a register, its low part, or a small constant.
pub fn is_simple(e: &Expr) -> bool {
    register(e).is_some() || low_register(e).is_some() || constant(e).is_some()
}

/// Whether [`Emitter::into`] leaves zeros above the expression's width.
fn is_clean(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Const(_) | ExprKind::Load(_) | ExprKind::ZeroExtend(_) => true,
        ExprKind::Binary(op, ..) => {
            condition(*op).is_some()
                || matches!(op, BinOp::AndAlso | BinOp::OrElse)
                || e.width == 32 && !matches!(op, BinOp::DivU | BinOp::RemU | BinOp::DivS | BinOp::RemS)
        }
        ExprKind::Select(..) => true,
        _ => e.width == 64,
    }
}
