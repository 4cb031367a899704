//! Sums, products, quotients, shifts, rotations: expressions with two operands whose result is a number.

use super::condition::condition;
use super::emit::{Emitter, Gen, Unsupported, immediate, register};
use super::int::{Operand, is_simple, low_register};
use super::regs::{Gpr, RAX, RCX, RDX, TEMPS};
use super::simplify::constant;
use super::x86::Cc;
use iced_x86::{Code, MemoryOperand, Register};
use isa_spec::sem::{BinOp, Expr, ExprKind, UnOp};

/// The encodings of an operation with two operands.
pub struct Alu {
    pub rr: [Code; 2],
    pub rm: [Code; 2],
    pub imm8: [Code; 2],
    pub imm32: [Code; 2],
    pub mr: [Code; 2],
}

macro_rules! alu {
    ($rm32:ident $rm64:ident $i8_32:ident $i8_64:ident $i32_32:ident $i32_64:ident $mr32:ident $mr64:ident) => {
        Alu {
            rr: [Code::$rm32, Code::$rm64],
            rm: [Code::$rm32, Code::$rm64],
            imm8: [Code::$i8_32, Code::$i8_64],
            imm32: [Code::$i32_32, Code::$i32_64],
            mr: [Code::$mr32, Code::$mr64],
        }
    };
}

pub fn alu(op: BinOp) -> Option<Alu> {
    Some(match op {
        BinOp::Add => {
            alu!(Add_r32_rm32 Add_r64_rm64 Add_rm32_imm8 Add_rm64_imm8 Add_rm32_imm32 Add_rm64_imm32 Add_rm32_r32 Add_rm64_r64)
        }
        BinOp::Sub => {
            alu!(Sub_r32_rm32 Sub_r64_rm64 Sub_rm32_imm8 Sub_rm64_imm8 Sub_rm32_imm32 Sub_rm64_imm32 Sub_rm32_r32 Sub_rm64_r64)
        }
        BinOp::And => {
            alu!(And_r32_rm32 And_r64_rm64 And_rm32_imm8 And_rm64_imm8 And_rm32_imm32 And_rm64_imm32 And_rm32_r32 And_rm64_r64)
        }
        BinOp::Or => {
            alu!(Or_r32_rm32 Or_r64_rm64 Or_rm32_imm8 Or_rm64_imm8 Or_rm32_imm32 Or_rm64_imm32 Or_rm32_r32 Or_rm64_r64)
        }
        BinOp::Xor => {
            alu!(Xor_r32_rm32 Xor_r64_rm64 Xor_rm32_imm8 Xor_rm64_imm8 Xor_rm32_imm32 Xor_rm64_imm32 Xor_rm32_r32 Xor_rm64_r64)
        }
        _ => return None,
    })
}

pub fn cmp() -> Alu {
    alu!(Cmp_r32_rm32 Cmp_r64_rm64 Cmp_rm32_imm8 Cmp_rm64_imm8 Cmp_rm32_imm32 Cmp_rm64_imm32 Cmp_rm32_r32 Cmp_rm64_r64)
}

impl Alu {
    /// The form with this immediate, for a register or memory.
    pub fn imm(&self, wide: usize, value: i32) -> Code {
        if i8::try_from(value).is_ok() { self.imm8[wide] } else { self.imm32[wide] }
    }
}

/// A rotation to the right (`left`: to the left) of `value`.
pub struct Rotation<'a> {
    value: &'a Expr,
    by: &'a Expr,
    left: bool,
}

/// The rotation of `width` bits that `a | b` is, if it is one: both are shifts of the same, and the amounts are together the width,
/// or each the other's negative modulo the width.
pub fn rotation<'a>(a: &'a Expr, b: &'a Expr, width: u8) -> Option<Rotation<'a>> {
    use ExprKind as K;
    let (K::Binary(op, value, by), K::Binary(other, same, rest)) = (&a.kind, &b.kind) else { return None };
    let left = *op == BinOp::Shl;
    let opposite = matches!((op, other), (BinOp::Shl, BinOp::Shr) | (BinOp::Shr, BinOp::Shl));
    if !opposite || !matches!(width, 32 | 64) || value != same {
        return None;
    }
    let modulo = |e: &Expr| 1u64.checked_shl(e.width.into()) == Some(width.into());
    let negative = |e: &Expr, of: &Expr| modulo(e) && matches!(&e.kind, K::Unary(UnOp::Neg, e) if **e == *of);
    match (constant(by), constant(rest)) {
        (Some(by_bits), Some(rest)) if by_bits != 0 && rest.checked_add(by_bits) == Some(width.into()) => {
            Some(Rotation { value, by, left })
        }
        (None, _) if negative(rest, by) && modulo(by) => Some(Rotation { value, by, left }),
        (_, None) if negative(by, rest) && modulo(rest) => Some(Rotation { value, by: rest, left: !left }),
        _ => None,
    }
}

impl Emitter {
    pub(super) fn binary(&mut self, op: BinOp, a: &Expr, b: &Expr, width: u8, dst: Gpr) -> Gen {
        if condition(op).is_some() || matches!(op, BinOp::AndAlso | BinOp::OrElse) {
            let e = Expr { kind: ExprKind::Binary(op, Box::new(a.clone()), Box::new(b.clone())), width: 1 };
            return self.truth(&e, dst);
        }
        match op {
            BinOp::Add if width == 64 || width == 32 => {
                if self.lea(a, b, width == 64, dst)? {
                    return Ok(());
                }
                self.two_operands(op, a, b, width, dst)
            }
            BinOp::Or if let Some(rotation) = rotation(a, b, width) => self.rotate(&rotation, width, dst),
            BinOp::Add | BinOp::Sub | BinOp::And | BinOp::Or | BinOp::Xor => {
                self.two_operands(op, a, b, width, dst)
            }
            BinOp::Mul => self.multiply(a, b, width, dst),
            BinOp::Shl | BinOp::Shr | BinOp::Sra => self.shift(op, a, b, width, dst),
            BinOp::DivU | BinOp::RemU | BinOp::DivS | BinOp::RemS => self.divide(op, a, b, width, dst),
            _ => Err(Unsupported),
        }
    }

    /// Additions of registers, or of a register and a constant, into a third register.
    fn lea(&mut self, a: &Expr, b: &Expr, wide: bool, dst: Gpr) -> Gen<bool> {
        let code = if wide { Code::Lea_r64_m } else { Code::Lea_r32_m };
        let in_place = |r: Option<Gpr>| r == Some(dst);
        let home = |s: &Self, e: &Expr| match &e.kind {
            ExprKind::Slice(inner, _, 0) => register(inner).and_then(|g| s.home(g)),
            _ => register(e).and_then(|g| s.home(g)),
        };
        let ra = home(self, a);
        if let Some(imm) = immediate(b) {
            if let Some(r) = ra.filter(|_| !in_place(ra)) {
                self.asm.rm(code, dst.sized(wide), MemoryOperand::with_base_displ(r.r64(), i64::from(imm)));
                return Ok(true);
            }
            return Ok(false);
        }
        if let (Some(x), Some(y)) = (ra, home(self, b)) {
            if x == dst || y == dst {
                let other = if x == dst { y } else { x };
                let add = if wide { Code::Add_r64_rm64 } else { Code::Add_r32_rm32 };
                self.asm.rr(add, dst.sized(wide), other.sized(wide));
                return Ok(true);
            }
            self.asm.rm(code, dst.sized(wide), MemoryOperand::with_base_index(x.r64(), y.r64()));
            return Ok(true);
        }
        // x + (y << k)
        for (x, y) in [(a, b), (b, a)] {
            if let (Some(base), ExprKind::Binary(BinOp::Shl, inner, k)) = (home(self, x), &y.kind)
                && let Some(k @ 1..=3) = constant(k)
            {
                let index = self.in_register(inner)?;
                let operand = MemoryOperand::with_base_index_scale(base.r64(), index.r64(), 1 << k);
                self.asm.rm(code, dst.sized(wide), operand);
                self.release(index);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `dst = a op b` for operations that are two-operand instructions.
    fn two_operands(&mut self, op: BinOp, a: &Expr, b: &Expr, width: u8, dst: Gpr) -> Gen {
        let code = alu(op).ok_or(Unsupported)?;
        let commutes = op != BinOp::Sub;
        // The more work first: what is simple can be an operand.
        let (a, b) = if commutes && is_simple(a) && !is_simple(b) { (b, a) } else { (a, b) };
        let (a, b) = if commutes && self.is_in(b, dst) && !self.is_in(a, dst) && is_simple(a) {
            (b, a)
        } else {
            (a, b)
        };
        let n = usize::from(width > 32);
        let wide = width > 32;
        let right = self.operand(b)?;
        // Writing `a` to `dst` must not destroy `right`.
        let clash = matches!(right, Operand::Reg(r) if r == dst);
        let acc = if clash { self.temp()? } else { dst };
        self.into(a, acc)?;
        if clash && commutes {
            self.asm.rr(code.rr[n], dst.sized(wide), acc.sized(wide));
            self.release(acc);
            return Ok(());
        }
        match right {
            Operand::Imm(value) => self.asm.ri(code.imm(n, value), acc.sized(wide), value),
            Operand::Reg(r) => self.asm.rr(code.rr[n], acc.sized(wide), r.sized(wide)),
            Operand::Mem(m) => self.asm.rm(code.rm[n], acc.sized(wide), m),
        }
        if clash {
            self.mov(dst, acc);
            self.release(acc);
        } else {
            self.done(right);
        }
        Ok(())
    }

    /// Whether the expression is the register `dst` itself.
    fn is_in(&self, e: &Expr, dst: Gpr) -> bool {
        match &e.kind {
            ExprKind::Slice(a, _, 0) => register(a).and_then(|g| self.home(g)) == Some(dst),
            _ => register(e).and_then(|g| self.home(g)) == Some(dst),
        }
    }

    fn multiply(&mut self, a: &Expr, b: &Expr, width: u8, dst: Gpr) -> Gen {
        let wide = width > 32;
        let n = usize::from(wide);
        if let Some(value) = immediate(b) {
            let source = self.in_register(a)?;
            let code = [Code::Imul_r32_rm32_imm32, Code::Imul_r64_rm64_imm32][n];
            self.asm.rri(code, dst.sized(wide), source.sized(wide), value);
            self.release(source);
            return Ok(());
        }
        let (a, b) = if self.is_in(b, dst) { (b, a) } else { (a, b) };
        let right = self.in_register(b)?;
        let clash = right == dst;
        let acc = if clash { self.temp()? } else { dst };
        self.into(a, acc)?;
        self.asm.rr([Code::Imul_r32_rm32, Code::Imul_r64_rm64][n], acc.sized(wide), right.sized(wide));
        if clash {
            self.mov(dst, acc);
            self.release(acc);
        } else {
            self.release(right);
        }
        Ok(())
    }

    fn shift(&mut self, op: BinOp, a: &Expr, b: &Expr, width: u8, dst: Gpr) -> Gen {
        let wide = width > 32;
        let n = usize::from(wide);
        let bits = if wide { 64 } else { 32 };
        let source = |s: &mut Self, dst: Gpr| match op {
            BinOp::Shl => s.into(a, dst),
            BinOp::Shr if width < bits => s.zero_extended(a, dst),
            BinOp::Sra if width < bits => s.sign_extended(a, dst),
            _ => s.into(a, dst),
        };
        if let Some(amount) = constant(b) {
            let amount = match op {
                BinOp::Sra => amount.min(u64::from(width) - 1),
                _ if amount >= u64::from(width) => {
                    // Its value is nothing, but it may trap.
                    source(self, dst)?;
                    self.number(dst, 0);
                    return Ok(());
                }
                _ => amount,
            };
            // A scaled index does a small shift into another register in one instruction.
            if op == BinOp::Shl
                && wide
                && amount <= 3
                && let Some(r) = register(a).and_then(|g| self.home(g)).filter(|r| *r != dst)
            {
                let operand = MemoryOperand::with_base_index_scale_displ_size(
                    Register::None,
                    r.r64(),
                    1 << amount,
                    0,
                    8,
                );
                self.asm.rm(Code::Lea_r64_m, dst.r64(), operand);
                return Ok(());
            }
            source(self, dst)?;
            let code = match op {
                BinOp::Shl => [Code::Shl_rm32_imm8, Code::Shl_rm64_imm8],
                BinOp::Shr => [Code::Shr_rm32_imm8, Code::Shr_rm64_imm8],
                _ => [Code::Sar_rm32_imm8, Code::Sar_rm64_imm8],
            };
            self.asm.ri(code[n], dst.sized(wide), amount as i32);
            return Ok(());
        }
        // The host takes amounts modulo its own width; that is right if more cannot be said.
        let bounded = b.width < 8 && 1 << b.width <= bits && width == bits;
        if !bounded {
            return Err(Unsupported);
        }
        if self.runtime.host.bmi2 {
            let amount = self.in_register(b)?;
            let clash = amount == dst;
            let acc = if clash { self.temp()? } else { dst };
            let from = match register(a).or_else(|| low_register(a)).and_then(|g| self.home(g)) {
                Some(home) => home,
                None => {
                    source(self, acc)?;
                    acc
                }
            };
            let code = match op {
                BinOp::Shl => [Code::VEX_Shlx_r32_rm32_r32, Code::VEX_Shlx_r64_rm64_r64],
                BinOp::Shr => [Code::VEX_Shrx_r32_rm32_r32, Code::VEX_Shrx_r64_rm64_r64],
                _ => [Code::VEX_Sarx_r32_rm32_r32, Code::VEX_Sarx_r64_rm64_r64],
            };
            self.asm.rrr(code[n], acc.sized(wide), from.sized(wide), amount.sized(wide));
            if clash {
                self.mov(dst, acc);
                self.release(acc);
            } else {
                self.release(amount);
            }
            return Ok(());
        }
        let code = match op {
            BinOp::Shl => [Code::Shl_rm32_CL, Code::Shl_rm64_CL],
            BinOp::Shr => [Code::Shr_rm32_CL, Code::Shr_rm64_CL],
            _ => [Code::Sar_rm32_CL, Code::Sar_rm64_CL],
        };
        self.by_cl(code[n], b, wide, dst, source)
    }

    /// `dst` = the rotation, of so many bits.
    fn rotate(&mut self, rotation: &Rotation, width: u8, dst: Gpr) -> Gen {
        let Rotation { value, by, left } = *rotation;
        let wide = width > 32;
        let n = usize::from(wide);
        let Some(amount) = constant(by) else {
            let code = match left {
                true => [Code::Rol_rm32_CL, Code::Rol_rm64_CL],
                false => [Code::Ror_rm32_CL, Code::Ror_rm64_CL],
            };
            return self.by_cl(code[n], by, wide, dst, |s, dst| s.into(value, dst));
        };
        let right = if left { u64::from(width) - amount } else { amount } as i32;
        if self.runtime.host.bmi2 {
            let code = [Code::VEX_Rorx_r32_rm32_imm8, Code::VEX_Rorx_r64_rm64_imm8][n];
            let from = self.in_register(value)?;
            self.asm.rri(code, dst.sized(wide), from.sized(wide), right);
            self.release(from);
        } else {
            self.into(value, dst)?;
            self.asm.ri([Code::Ror_rm32_imm8, Code::Ror_rm64_imm8][n], dst.sized(wide), right);
        }
        Ok(())
    }

    /// `dst` = what `source` writes to a register, shifted or rotated by an instruction that has the amount in cl.
    fn by_cl(
        &mut self,
        code: Code,
        by: &Expr,
        wide: bool,
        dst: Gpr,
        source: impl FnOnce(&mut Self, Gpr) -> Gen,
    ) -> Gen {
        let clash = dst == RCX;
        let acc = if clash { self.temp()? } else { dst };
        let cl = if clash { RCX } else { self.take(RCX)? };
        // The amount first: it may be in `dst`.
        self.into(by, cl)?;
        source(self, acc)?;
        self.asm.rr(code, acc.sized(wide), Register::CL);
        if clash {
            self.mov(dst, acc);
            self.release(acc);
        } else {
            self.release(cl);
        }
        Ok(())
    }

    /// Division. What the guest defines for a zero divisor is left to the interpreter.
    fn divide(&mut self, op: BinOp, a: &Expr, b: &Expr, width: u8, dst: Gpr) -> Gen {
        if width != 32 && width != 64 {
            return Err(Unsupported);
        }
        let wide = width == 64;
        let n = usize::from(wide);
        let dst_is_free = TEMPS.contains(&dst);
        let mut took = Vec::new();
        for r in [RAX, RCX, RDX] {
            if !(dst_is_free && r == dst) {
                took.push(self.take(r)?);
            }
        }
        // Both operands are read before the fixed registers are written: they are registers or simple.
        if !is_simple(a) || !is_simple(b) {
            return Err(Unsupported);
        }
        self.into(b, RCX)?;
        let deopt = self.deopt();
        self.asm.rr([Code::Test_rm32_r32, Code::Test_rm64_r64][n], RCX.sized(wide), RCX.sized(wide));
        self.asm.jcc(Cc::E, deopt);
        self.into(a, RAX)?;
        let end = self.asm.label();
        match op {
            BinOp::DivU | BinOp::RemU => {
                self.asm.rr(Code::Xor_r32_rm32, RDX.r32(), RDX.r32());
                self.asm.r([Code::Div_rm32, Code::Div_rm64][n], RCX.sized(wide));
            }
            _ => {
                // The host traps on the most negative number by -1.
                let normal = self.asm.label();
                self.asm.ri([Code::Cmp_rm32_imm8, Code::Cmp_rm64_imm8][n], RCX.sized(wide), -1);
                self.asm.jcc(Cc::Ne, normal);
                self.asm.r([Code::Neg_rm32, Code::Neg_rm64][n], RAX.sized(wide));
                self.asm.rr(Code::Xor_r32_rm32, RDX.r32(), RDX.r32());
                self.asm.jmp(end);
                self.asm.bind(normal);
                self.asm.op([Code::Cdq, Code::Cqo][n]);
                self.asm.r([Code::Idiv_rm32, Code::Idiv_rm64][n], RCX.sized(wide));
            }
        }
        self.asm.bind(end);
        let result = if matches!(op, BinOp::DivU | BinOp::DivS) { RAX } else { RDX };
        self.mov(dst, result);
        for r in took {
            self.release(r);
        }
        Ok(())
    }

    /// The upper half of a product of 64-bit numbers.
    pub(super) fn multiply_high(&mut self, op: BinOp, a: &Expr, b: &Expr, dst: Gpr) -> Gen {
        if !is_simple(a) || !is_simple(b) {
            return Err(Unsupported);
        }
        let mut took = Vec::new();
        for r in [RAX, RCX, RDX] {
            if r != dst {
                took.push(self.take(r)?);
            }
        }
        self.into(b, RCX)?;
        self.into(a, RAX)?;
        match op {
            BinOp::MulWideS => self.asm.r(Code::Imul_rm64, RCX.r64()),
            _ => self.asm.r(Code::Mul_rm64, RCX.r64()),
        }
        if op == BinOp::MulWideSU {
            // Less the unsigned operand where the signed one is negative.
            self.into(a, RAX)?;
            self.asm.ri(Code::Sar_rm64_imm8, RAX.r64(), 63);
            self.asm.rr(Code::And_r64_rm64, RAX.r64(), RCX.r64());
            self.asm.rr(Code::Sub_r64_rm64, RDX.r64(), RAX.r64());
        }
        self.mov(dst, RDX);
        for r in took {
            self.release(r);
        }
        Ok(())
    }
}
