//! Floating point on the host's own unit.
//!
//! Host and guest agree in everything but NaNs that come out of arithmetic (the guest's are all the same one), the
//! sign of zero in minima, and what out-of-range conversions give. Results are checked for those cases, and the
//! interpreter does them. Translated code runs only while the dynamic rounding mode is to nearest; MXCSR collects the
//! exception flags.

use super::atomic::is_atomic;
use super::emit::{Emitter, Gen, Unsupported};
use super::regs::{Gpr, XMM_TEMPS, Xmm};
use super::runtime::{FLAGS_AT, MXCSR_AT, f_slot, hart_member, rip};
use super::simplify::constant;
use super::walk::{accesses_late, any};
use super::x86::{Cc, Label};
use crate::hart::Hart;
use iced_x86::{Code, MemoryOperand};
use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, FpArith, FpCompare, IntType, Reg};
use std::mem::offset_of;

impl Emitter {
    fn xmm(&mut self) -> Gen<Xmm> {
        self.free_xmm.pop().ok_or(Unsupported)
    }

    /// Gives a temporary vector register back; others are ignored.
    pub(super) fn release_xmm(&mut self, r: Xmm) {
        if XMM_TEMPS.contains(&r) && !self.free_xmm.contains(&r) {
            self.free_xmm.push(r);
        }
    }

    fn f_home(&self, f: u8) -> Option<Xmm> {
        self.assignment().f[usize::from(f)]
    }

    /// A vector register with guest register `f`: its own, or a temporary one.
    pub(super) fn float_home(&mut self, f: u8) -> Gen<Xmm> {
        if let Some(home) = self.f_home(f) {
            return Ok(home);
        }
        let t = self.xmm()?;
        self.asm.rm(Code::Movsd_xmm_xmmm64, t.reg(), f_slot(f));
        Ok(t)
    }

    /// `dst` = the bits of guest register `f`.
    pub(super) fn float_bits(&mut self, f: u8, dst: Gpr) {
        match self.f_home(f) {
            Some(home) => self.asm.rr(Code::Movq_rm64_xmm, dst.r64(), home.reg()),
            None => self.asm.rm(Code::Mov_r64_rm64, dst.r64(), f_slot(f)),
        }
    }

    /// `fflags` = the low bits of `value`; MXCSR begins anew.
    pub(super) fn write_flags(&mut self, value: &Expr) -> Gen {
        let t = self.temp()?;
        self.into(value, t)?;
        self.asm.ri(Code::And_rm32_imm8, t.r32(), 31);
        self.asm.mr(Code::Mov_rm32_r32, hart_member(offset_of!(Hart, fflags)), t.r32());
        self.release(t);
        self.asm.m(Code::Ldmxcsr_m32, rip(self.runtime.constants + MXCSR_AT));
        Ok(())
    }

    /// `dst` = `fflags`: what the hart has, and what MXCSR has collected since.
    pub(super) fn read_flags(&mut self, dst: Gpr) -> Gen {
        let (t, table) = (self.temp()?, self.temp()?);
        let scratch = hart_member(offset_of!(Hart, scratch));
        self.asm.m(Code::Stmxcsr_m32, scratch);
        self.asm.rm(Code::Mov_r32_rm32, t.r32(), scratch);
        self.asm.ri(Code::And_rm32_imm8, t.r32(), 63);
        self.asm.rm(Code::Lea_r64_m, table.r64(), rip(self.runtime.constants + FLAGS_AT));
        self.asm.rm(Code::Movzx_r32_rm8, t.r32(), MemoryOperand::with_base_index(table.r64(), t.r64()));
        self.asm.rm(Code::Or_r32_rm32, t.r32(), hart_member(offset_of!(Hart, fflags)));
        self.asm.rr(Code::Mov_r32_rm32, dst.r32(), t.r32());
        self.release(table);
        self.release(t);
        Ok(())
    }

    fn constant_vector(&self, n: u64) -> iced_x86::MemoryOperand {
        rip(self.runtime.constants + n * 16)
    }

    /// `f[g] = e`
    pub(super) fn write_f(&mut self, g: u8, e: &Expr) -> Gen {
        let bit = 1 << g;
        let home = self.f_home(g);
        let single = match &e.kind {
            ExprKind::Call(Builtin::NanBox, args) => Some(&args[0]),
            _ => None,
        };
        // Straight to its place, unless an exit, or the handler of a fault, could still need what is there.
        let direct = home.filter(|_| !reads_f(e, g) && !accesses_late(e));
        let to = match direct {
            Some(home) => home,
            None => self.xmm()?,
        };
        let boxed = match single {
            Some(value) => {
                if !self.single(value, to)? {
                    self.asm.rm(Code::Orps_xmm_xmmm128, to.reg(), self.constant_vector(4));
                }
                true
            }
            None => {
                self.double(e, to)?;
                matches!(&e.kind, ExprKind::ReadF(Reg::Fixed(f)) if self.boxed >> f & 1 == 1)
            }
        };
        match home {
            Some(home) if home != to => self.asm.rr(Code::Movaps_xmm_xmmm128, home.reg(), to.reg()),
            Some(_) => {}
            None => self.asm.mr(Code::Movsd_xmmm64_xmm, f_slot(g), to.reg()),
        }
        self.release_xmm(to);
        self.boxed = if boxed { self.boxed | bit } else { self.boxed & !bit };
        Ok(())
    }

    /// A vector register whose low half (or quarter) is `e`.
    fn float_operand(&mut self, e: &Expr) -> Gen<Xmm> {
        match &e.kind {
            ExprKind::ReadF(Reg::Fixed(f)) => self.float_home(*f),
            ExprKind::Call(Builtin::NanUnbox, args) => match &args[0].kind {
                ExprKind::ReadF(Reg::Fixed(f)) => {
                    let home = self.float_home(*f)?;
                    self.check_boxed(*f, home)?;
                    Ok(home)
                }
                _ => Err(Unsupported),
            },
            _ => {
                let t = self.xmm()?;
                if e.width == 64 {
                    self.double(e, t)?;
                } else {
                    self.single(e, t)?;
                }
                Ok(t)
            }
        }
    }

    /// The interpreter takes over if `f`, which is in `r`, is not a NaN-boxed single.
    fn check_boxed(&mut self, f: u8, r: Xmm) -> Gen {
        if self.boxed >> f & 1 == 1 {
            return Ok(());
        }
        let deopt = self.deopt();
        let t = self.temp()?;
        self.asm.rr(Code::Movq_rm64_xmm, t.r64(), r.reg());
        self.asm.ri(Code::Shr_rm64_imm8, t.r64(), 32);
        self.asm.ri(Code::Add_rm32_imm8, t.r32(), 1);
        self.asm.jcc(Cc::Ne, deopt);
        self.release(t);
        self.boxed |= 1 << f;
        Ok(())
    }

    /// `to` = a double (or 64 bits of any kind).
    fn double(&mut self, e: &Expr, to: Xmm) -> Gen {
        match &e.kind {
            ExprKind::ReadF(Reg::Fixed(f)) => match self.f_home(*f) {
                Some(home) if home == to => {}
                Some(home) => self.asm.rr(Code::Movaps_xmm_xmmm128, to.reg(), home.reg()),
                None => self.asm.rm(Code::Movsd_xmm_xmmm64, to.reg(), f_slot(*f)),
            },
            ExprKind::Load(addr) => {
                let from = self.float_address(addr)?;
                self.asm.rm(Code::Movsd_xmm_xmmm64, to.reg(), from);
            }
            ExprKind::Binary(BinOp::Xor, a, c) if constant(c) == Some(1 << 63) && is_float(a) => {
                self.sign_operation(Code::Xorps_xmm_xmmm128, a, 0, to)?;
            }
            ExprKind::Binary(BinOp::And, a, c) if constant(c) == Some(!(1 << 63)) && is_float(a) => {
                self.sign_operation(Code::Andps_xmm_xmmm128, a, 1, to)?;
            }
            ExprKind::Call(builtin, args) => return self.float_call(*builtin, args, to),
            _ => {
                let t = self.in_register(e)?;
                self.asm.rr(Code::Movq_xmm_rm64, to.reg(), t.r64());
                self.release(t);
            }
        }
        Ok(())
    }

    fn sign_operation(&mut self, code: Code, a: &Expr, mask: u64, to: Xmm) -> Gen {
        let source = self.float_operand(a)?;
        self.copy(to, source);
        self.release_unless_xmm(source, to);
        self.asm.rm(code, to.reg(), self.constant_vector(mask));
        Ok(())
    }

    fn copy(&mut self, to: Xmm, from: Xmm) {
        if to != from {
            self.asm.rr(Code::Movaps_xmm_xmmm128, to.reg(), from.reg());
        }
    }

    fn release_unless_xmm(&mut self, r: Xmm, kept: Xmm) {
        if r != kept {
            self.release_xmm(r);
        }
    }

    /// `to` = a single. True if the bits 63..32 of `to` are all ones.
    fn single(&mut self, e: &Expr, to: Xmm) -> Gen<bool> {
        match &e.kind {
            ExprKind::Load(addr) => {
                let from = self.float_address(addr)?;
                self.asm.rm(Code::Movss_xmm_xmmm32, to.reg(), from);
                Ok(false)
            }
            ExprKind::Call(Builtin::NanUnbox, _) => {
                let source = self.float_operand(e)?;
                self.copy(to, source);
                self.release_unless_xmm(source, to);
                Ok(true)
            }
            ExprKind::Binary(BinOp::Xor, a, c) if constant(c) == Some(1 << 31) && is_float(a) => {
                self.sign_operation(Code::Xorps_xmm_xmmm128, a, 2, to)?;
                Ok(true)
            }
            ExprKind::Binary(BinOp::And, a, c) if constant(c) == Some(0x7fff_ffff) && is_float(a) => {
                self.sign_operation(Code::Andps_xmm_xmmm128, a, 3, to)?;
                Ok(true)
            }
            ExprKind::Call(builtin, args) => {
                self.float_call(*builtin, args, to)?;
                let kept = matches!(
                    builtin,
                    Builtin::Fp(..) | Builtin::FpMulAdd(_) | Builtin::FpMin(_) | Builtin::FpMax(_)
                );
                // The upper part comes from the first operand, which is boxed if it is a register.
                Ok(kept && args.first().is_some_and(is_boxed_operand))
            }
            _ => {
                let t = self.in_register(e)?;
                self.asm.rr(Code::Movd_xmm_rm32, to.reg(), t.r32());
                self.release(t);
                Ok(false)
            }
        }
    }

    fn float_call(&mut self, builtin: Builtin, args: &[Expr], to: Xmm) -> Gen {
        match builtin {
            Builtin::Fp(op, w) => {
                let code = match (op, w) {
                    (FpArith::Add, 64) => Code::Addsd_xmm_xmmm64,
                    (FpArith::Sub, 64) => Code::Subsd_xmm_xmmm64,
                    (FpArith::Mul, 64) => Code::Mulsd_xmm_xmmm64,
                    (FpArith::Div, 64) => Code::Divsd_xmm_xmmm64,
                    (FpArith::Add, 32) => Code::Addss_xmm_xmmm32,
                    (FpArith::Sub, 32) => Code::Subss_xmm_xmmm32,
                    (FpArith::Mul, 32) => Code::Mulss_xmm_xmmm32,
                    (FpArith::Div, 32) => Code::Divss_xmm_xmmm32,
                    _ => return Err(Unsupported),
                };
                let a = self.float_operand(&args[0])?;
                let b = self.float_operand(&args[1])?;
                // `to` is never a register that the operands are in, by `write_f`; it may be a temporary.
                if b == to {
                    return Err(Unsupported);
                }
                self.copy(to, a);
                self.asm.rr(code, to.reg(), b.reg());
                self.release_unless_xmm(a, to);
                self.release_xmm(b);
                self.check_nan(to, w);
            }
            Builtin::FpSqrt(w) => {
                let a = self.float_operand(&args[0])?;
                let code = if w == 64 { Code::Sqrtsd_xmm_xmmm64 } else { Code::Sqrtss_xmm_xmmm32 };
                self.asm.rr(Code::Xorps_xmm_xmmm128, to.reg(), to.reg());
                if a == to {
                    return Err(Unsupported);
                }
                self.asm.rr(code, to.reg(), a.reg());
                self.release_xmm(a);
                self.check_nan(to, w);
            }
            Builtin::FpMulAdd(w) => return self.mul_add(w, args, to),
            Builtin::FpMin(w) => {
                return self.min_max(
                    w,
                    args,
                    to,
                    [Code::Minsd_xmm_xmmm64, Code::Minss_xmm_xmmm32],
                    Code::Orps_xmm_xmmm128,
                );
            }
            Builtin::FpMax(w) => {
                return self.min_max(
                    w,
                    args,
                    to,
                    [Code::Maxsd_xmm_xmmm64, Code::Maxss_xmm_xmmm32],
                    Code::Andps_xmm_xmmm128,
                );
            }
            Builtin::IntToFp(int, w) => return self.convert_integer(int, w, &args[0], to),
            Builtin::FpWiden => {
                let a = self.float_operand(&args[0])?;
                self.asm.rr(Code::Cvtss2sd_xmm_xmmm32, to.reg(), a.reg());
                self.release_unless_xmm(a, to);
                self.check_nan(to, 64);
            }
            Builtin::FpNarrow => {
                let a = self.float_operand(&args[0])?;
                self.asm.rr(Code::Xorps_xmm_xmmm128, to.reg(), to.reg());
                if a == to {
                    return Err(Unsupported);
                }
                self.asm.rr(Code::Cvtsd2ss_xmm_xmmm64, to.reg(), a.reg());
                self.release_xmm(a);
                self.check_nan(to, 32);
            }
            _ => return Err(Unsupported),
        }
        Ok(())
    }

    /// The interpreter takes over if the result is a NaN.
    fn check_nan(&mut self, r: Xmm, w: u8) {
        let deopt = self.deopt();
        let code = if w == 64 { Code::Ucomisd_xmm_xmmm64 } else { Code::Ucomiss_xmm_xmmm32 };
        self.asm.rr(code, r.reg(), r.reg());
        self.asm.jcc(Cc::P, deopt);
    }

    /// `to` = ±(a × b) ± c, rounded once.
    fn mul_add(&mut self, w: u8, args: &[Expr], to: Xmm) -> Gen {
        if !self.runtime.host.fma {
            return Err(Unsupported);
        }
        let (a, minus_a) = without_sign(&args[0], w);
        let (c, minus_c) = without_sign(&args[2], w);
        let code = match (minus_a, minus_c, w) {
            (false, false, 64) => Code::VEX_Vfmadd213sd_xmm_xmm_xmmm64,
            (false, true, 64) => Code::VEX_Vfmsub213sd_xmm_xmm_xmmm64,
            (true, false, 64) => Code::VEX_Vfnmadd213sd_xmm_xmm_xmmm64,
            (true, true, 64) => Code::VEX_Vfnmsub213sd_xmm_xmm_xmmm64,
            (false, false, 32) => Code::VEX_Vfmadd213ss_xmm_xmm_xmmm32,
            (false, true, 32) => Code::VEX_Vfmsub213ss_xmm_xmm_xmmm32,
            (true, false, 32) => Code::VEX_Vfnmadd213ss_xmm_xmm_xmmm32,
            (true, true, 32) => Code::VEX_Vfnmsub213ss_xmm_xmm_xmmm32,
            _ => return Err(Unsupported),
        };
        let x = self.float_operand(a)?;
        self.copy(to, x);
        self.release_unless_xmm(x, to);
        let y = self.float_operand(&args[1])?;
        let z = self.float_operand(c)?;
        if y == to || z == to {
            return Err(Unsupported);
        }
        self.asm.rrr(code, to.reg(), y.reg(), z.reg());
        self.release_xmm(y);
        self.release_xmm(z);
        self.check_nan(to, w);
        Ok(())
    }

    /// Minimum and maximum. Equal operands can differ in the sign of zero only: `equal` joins the signs.
    fn min_max(&mut self, w: u8, args: &[Expr], to: Xmm, codes: [Code; 2], equal: Code) -> Gen {
        let a = self.float_operand(&args[0])?;
        let b = self.float_operand(&args[1])?;
        if b == to {
            return Err(Unsupported);
        }
        let deopt = self.deopt();
        self.copy(to, a);
        self.release_unless_xmm(a, to);
        let n = usize::from(w == 32);
        self.asm.rr([Code::Ucomisd_xmm_xmmm64, Code::Ucomiss_xmm_xmmm32][n], to.reg(), b.reg());
        self.asm.jcc(Cc::P, deopt);
        let (differ, end) = (self.asm.label(), self.asm.label());
        self.asm.jcc(Cc::Ne, differ);
        self.asm.rr(equal, to.reg(), b.reg());
        self.asm.jmp(end);
        self.asm.bind(differ);
        self.asm.rr(codes[n], to.reg(), b.reg());
        self.asm.bind(end);
        self.release_xmm(b);
        Ok(())
    }

    fn convert_integer(&mut self, int: IntType, w: u8, value: &Expr, to: Xmm) -> Gen {
        let t = self.temp()?;
        let wide = int != IntType::I32;
        match int {
            IntType::U32 => self.zero_extended(value, t)?,
            _ => self.into(value, t)?,
        }
        if int == IntType::U64 {
            // The upper half of the range has no instruction.
            let deopt = self.deopt();
            self.asm.rr(Code::Test_rm64_r64, t.r64(), t.r64());
            self.asm.jcc(Cc::S, deopt);
        }
        self.asm.rr(Code::Xorps_xmm_xmmm128, to.reg(), to.reg());
        let code = match (wide, w) {
            (false, 64) => Code::Cvtsi2sd_xmm_rm32,
            (true, 64) => Code::Cvtsi2sd_xmm_rm64,
            (false, 32) => Code::Cvtsi2ss_xmm_rm32,
            (true, 32) => Code::Cvtsi2ss_xmm_rm64,
            _ => return Err(Unsupported),
        };
        self.asm.rr(code, to.reg(), t.sized(wide));
        self.release(t);
        Ok(())
    }

    /// Builtins with an integer result.
    pub(super) fn call(&mut self, builtin: Builtin, args: &[Expr], dst: Gpr) -> Gen {
        match builtin {
            Builtin::FpToInt(w, int) => self.convert_to_integer(w, int, args, dst),
            Builtin::FpCompare(FpCompare::Eq, w) => {
                let (no, end) = (self.asm.label(), self.asm.label());
                self.branch_on_equal_floats(w, args, false, no)?;
                self.number(dst, 1);
                self.asm.jmp(end);
                self.asm.bind(no);
                self.number(dst, 0);
                self.asm.bind(end);
                Ok(())
            }
            _ if is_atomic(builtin) => self.atomic(builtin, args, dst),
            _ => self.bits_call(builtin, args, dst),
        }
    }

    fn convert_to_integer(&mut self, w: u8, int: IntType, args: &[Expr], dst: Gpr) -> Gen {
        let truncates = constant(&args[1]) == Some(1);
        let a = self.float_operand(&args[0])?;
        let deopt = self.deopt();
        let acc = self.temp()?;
        let n = usize::from(truncates);
        let narrow = w == 32;
        let signed = matches!(int, IntType::I32 | IntType::I64);
        if !signed {
            // In range by the bits: non-negative, not NaN, and below the limit, so that no flag is raised in vain.
            let limit: u64 = match (int, narrow) {
                (IntType::U32, false) => 0x41ef_ffff_ffe0_0000,
                (_, false) => 0x43df_ffff_ffff_ffff,
                (IntType::U32, true) => 0x4f7f_ffff,
                (_, true) => 0x5eff_ffff,
            };
            let t = self.temp()?;
            if narrow {
                self.asm.rr(Code::Movd_rm32_xmm, acc.r32(), a.reg());
            } else {
                self.asm.rr(Code::Movq_rm64_xmm, acc.r64(), a.reg());
            }
            self.number(t, limit);
            self.asm.rr(Code::Cmp_rm64_r64, acc.r64(), t.r64());
            self.asm.jcc(Cc::A, deopt);
            self.release(t);
        }
        let wide = int != IntType::I32;
        let code = match (wide, narrow) {
            (false, false) => [Code::Cvtsd2si_r32_xmmm64, Code::Cvttsd2si_r32_xmmm64][n],
            (true, false) => [Code::Cvtsd2si_r64_xmmm64, Code::Cvttsd2si_r64_xmmm64][n],
            (false, true) => [Code::Cvtss2si_r32_xmmm32, Code::Cvttss2si_r32_xmmm32][n],
            (true, true) => [Code::Cvtss2si_r64_xmmm32, Code::Cvttss2si_r64_xmmm32][n],
        };
        self.asm.rr(code, acc.sized(wide), a.reg());
        self.release_xmm(a);
        if signed {
            // The host's answer to what is out of range; also a number that the interpreter does as well.
            if wide {
                let t = self.temp()?;
                self.number(t, 1 << 63);
                self.asm.rr(Code::Cmp_rm64_r64, acc.r64(), t.r64());
                self.release(t);
            } else {
                self.asm.ri(Code::Cmp_rm32_imm32, acc.r32(), i32::MIN);
            }
            self.asm.jcc(Cc::E, deopt);
        }
        self.asm.rr(Code::Mov_r64_rm64, dst.r64(), acc.r64());
        self.release(acc);
        Ok(())
    }

    /// Compares for less or less-or-equal.
    pub(super) fn compare_floats(&mut self, op: FpCompare, w: u8, args: &[Expr]) -> Gen<Cc> {
        // "b above a" is false for NaNs, as it must be.
        let a = self.float_operand(&args[0])?;
        let b = self.float_operand(&args[1])?;
        let code = if w == 64 { Code::Comisd_xmm_xmmm64 } else { Code::Comiss_xmm_xmmm32 };
        self.asm.rr(code, b.reg(), a.reg());
        self.release_xmm(a);
        self.release_xmm(b);
        match op {
            FpCompare::Lt => Ok(Cc::A),
            FpCompare::Le => Ok(Cc::Ae),
            FpCompare::Eq => Err(Unsupported),
        }
    }

    /// Jumps to `label` if the operands' being equal is `sense`.
    pub(super) fn branch_on_equal_floats(&mut self, w: u8, args: &[Expr], sense: bool, label: Label) -> Gen {
        let a = self.float_operand(&args[0])?;
        let b = self.float_operand(&args[1])?;
        let code = if w == 64 { Code::Ucomisd_xmm_xmmm64 } else { Code::Ucomiss_xmm_xmmm32 };
        self.asm.rr(code, a.reg(), b.reg());
        self.release_xmm(a);
        self.release_xmm(b);
        if sense {
            let skip = self.asm.label();
            self.asm.jcc(Cc::P, skip);
            self.asm.jcc(Cc::E, label);
            self.asm.bind(skip);
        } else {
            self.asm.jcc(Cc::P, label);
            self.asm.jcc(Cc::Ne, label);
        }
        Ok(())
    }
}

/// Whether the expression is a floating-point register, or the single in one.
fn is_float(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::ReadF(_)) || is_boxed_operand(e)
}

/// Whether the expression is the single in a register.
fn is_boxed_operand(e: &Expr) -> bool {
    matches!(&e.kind, ExprKind::Call(Builtin::NanUnbox, args) if matches!(args[0].kind, ExprKind::ReadF(_)))
}

/// The expression without a change of sign, and whether there was one.
fn without_sign(e: &Expr, w: u8) -> (&Expr, bool) {
    match &e.kind {
        ExprKind::Binary(BinOp::Xor, a, c) if constant(c) == Some(1 << (w - 1)) => (a, true),
        _ => (e, false),
    }
}

fn reads_f(e: &Expr, g: u8) -> bool {
    any(e, &|e| e.kind == ExprKind::ReadF(Reg::Fixed(g)))
}
