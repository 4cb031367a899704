//! Integer expressions.
//!
//! A value of fewer than 64 bits may have anything above them in its host register; what needs clean upper bits
//! cleans them ([`Emitter::clean`]).

use super::emit::{Emitter, Gen, Unsupported, immediate, register, x_slot};
use super::meaning::{any, constant, reads_x, sign_extend};
use super::regs::{Gpr, RAX, RCX, RDX, TEMPS};
use super::x86::Cc;
use iced_x86::{Code, MemoryOperand, Register};
use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, Reg, UnOp};

/// An operand of an instruction.
#[derive(Clone, Copy)]
pub enum Operand {
    Imm(i32),
    Reg(Gpr),
    Mem(MemoryOperand),
}

/// The encodings of an operation with two operands.
struct Alu {
    rr: [Code; 2],
    rm: [Code; 2],
    imm8: [Code; 2],
    imm32: [Code; 2],
    mr: [Code; 2],
    mi8: [Code; 2],
    mi32: [Code; 2],
}

macro_rules! alu {
    ($rm32:ident $rm64:ident $i8_32:ident $i8_64:ident $i32_32:ident $i32_64:ident $mr32:ident $mr64:ident) => {
        Alu {
            rr: [Code::$rm32, Code::$rm64],
            rm: [Code::$rm32, Code::$rm64],
            imm8: [Code::$i8_32, Code::$i8_64],
            imm32: [Code::$i32_32, Code::$i32_64],
            mr: [Code::$mr32, Code::$mr64],
            mi8: [Code::$i8_32, Code::$i8_64],
            mi32: [Code::$i32_32, Code::$i32_64],
        }
    };
}

fn alu(op: BinOp) -> Option<Alu> {
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

fn cmp() -> Alu {
    alu!(Cmp_r32_rm32 Cmp_r64_rm64 Cmp_rm32_imm8 Cmp_rm64_imm8 Cmp_rm32_imm32 Cmp_rm64_imm32 Cmp_rm32_r32 Cmp_rm64_r64)
}

impl Alu {
    fn imm(&self, wide: usize, value: i32) -> Code {
        if i8::try_from(value).is_ok() { self.imm8[wide] } else { self.imm32[wide] }
    }

    fn mem_imm(&self, wide: usize, value: i32) -> Code {
        if i8::try_from(value).is_ok() { self.mi8[wide] } else { self.mi32[wide] }
    }
}

/// The condition under which a comparison holds.
fn condition(op: BinOp) -> Option<Cc> {
    Some(match op {
        BinOp::Eq => Cc::E,
        BinOp::Ne => Cc::Ne,
        BinOp::LtU => Cc::B,
        BinOp::LeU => Cc::Be,
        BinOp::LtS => Cc::L,
        BinOp::LeS => Cc::Le,
        _ => return None,
    })
}

impl Emitter<'_> {
    /// `X[g] = e`
    pub(super) fn write_x(&mut self, g: u8, e: &Expr) -> Gen {
        if let Some(home) = self.home(g) {
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
                self.asm.mi(code.mem_imm(1, value), slot, value);
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

    fn mov(&mut self, dst: Gpr, src: Gpr) {
        if dst != src {
            self.asm.rr(Code::Mov_r64_rm64, dst.r64(), src.r64());
        }
    }

    /// Whether computing `e` reads what is in `dst`.
    fn uses(&self, e: &Expr, dst: Gpr) -> bool {
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
        // The low part of a register: one instruction.
        if let Some((code, source)) = self.part(e, false)? {
            match source {
                Operand::Reg(r) => {
                    let source = match e.width {
                        8 => r.r8(),
                        16 => r.r16(),
                        _ => r.r32(),
                    };
                    self.asm.rr(code, dst.r32(), source);
                    self.release(r);
                }
                Operand::Mem(m) => self.asm.rm(code, dst.r32(), m),
                Operand::Imm(_) => return Err(Unsupported),
            }
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

    /// The instruction and the operand with which a low part of 8, 16 or 32 bits is extended in one go.
    fn part(&mut self, e: &Expr, signed: bool) -> Gen<Option<(Code, Operand)>> {
        let code = match (e.width, signed) {
            (8, false) => Code::Movzx_r32_rm8,
            (16, false) => Code::Movzx_r32_rm16,
            (32, false) => Code::Mov_r32_rm32,
            (8, true) => Code::Movsx_r64_rm8,
            (16, true) => Code::Movsx_r64_rm16,
            (32, true) => Code::Movsxd_r64_rm32,
            _ => return Ok(None),
        };
        match &e.kind {
            ExprKind::Slice(a, _, 0) if register(a).is_some() => Ok(Some((code, self.operand(a)?))),
            _ => Ok(None),
        }
    }

    /// `dst = e`, copies of its sign above its width.
    fn sign_extended(&mut self, e: &Expr, dst: Gpr) -> Gen {
        if let Some((code, source)) = self.part(e, true)? {
            match source {
                Operand::Reg(r) => {
                    let source = match e.width {
                        8 => r.r8(),
                        16 => r.r16(),
                        _ => r.r32(),
                    };
                    self.asm.rr(code, dst.r64(), source);
                    self.release(r);
                }
                Operand::Mem(m) => self.asm.rm(code, dst.r64(), m),
                Operand::Imm(_) => return Err(Unsupported),
            }
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

    fn binary(&mut self, op: BinOp, a: &Expr, b: &Expr, width: u8, dst: Gpr) -> Gen {
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
        let clash = dst == RCX;
        let acc = if clash { self.temp()? } else { dst };
        let cl = if clash { RCX } else { self.take(RCX)? };
        self.into(b, cl)?;
        source(self, acc)?;
        let code = match op {
            BinOp::Shl => [Code::Shl_rm32_CL, Code::Shl_rm64_CL],
            BinOp::Shr => [Code::Shr_rm32_CL, Code::Shr_rm64_CL],
            _ => [Code::Sar_rm32_CL, Code::Sar_rm64_CL],
        };
        self.asm.rr(code[n], acc.sized(wide), Register::CL);
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
    fn multiply_high(&mut self, op: BinOp, a: &Expr, b: &Expr, dst: Gpr) -> Gen {
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

    /// `dst = c ? a : b`
    fn select(&mut self, c: &Expr, a: &Expr, b: &Expr, dst: Gpr) -> Gen {
        if (constant(a), constant(b)) == (Some(1), Some(0)) {
            return self.truth(c, dst);
        }
        // Both values at hand: a conditional move.
        let plain = |e: &Expr| register(e).is_some() || constant(e).is_some();
        if plain(a) && plain(b) && is_comparison(c) && !any(c, &|e| matches!(e.kind, ExprKind::ReadF(_))) {
            let acc = self.temp()?;
            let cc = self.compare(c)?;
            self.into(b, acc)?;
            let source = self.in_register(a)?;
            let code = CMOV[cc as usize];
            self.asm.rr(code, acc.r64(), source.r64());
            self.release(source);
            self.mov(dst, acc);
            self.release(acc);
            return Ok(());
        }
        let (other, end) = (self.asm.label(), self.asm.label());
        let clash = self.uses(b, dst) || self.uses(a, dst);
        let acc = if clash { self.temp()? } else { dst };
        self.branch(c, false, other)?;
        self.zero_extended(a, acc)?;
        self.asm.jmp(end);
        self.asm.bind(other);
        self.zero_extended(b, acc)?;
        self.asm.bind(end);
        if clash {
            self.mov(dst, acc);
            self.release(acc);
        }
        Ok(())
    }

    /// `dst` = 1 if the condition holds, else 0.
    fn truth(&mut self, e: &Expr, dst: Gpr) -> Gen {
        if is_comparison(e) {
            // Not `dst` itself before the comparison: it may be an operand.
            let t = if TEMPS.contains(&dst) { dst } else { self.temp()? };
            let cc = self.compare(e)?;
            self.asm.r(SETCC[cc as usize], t.r8());
            self.asm.rr(Code::Movzx_r32_rm8, dst.r32(), t.r8());
            self.release_unless(t, dst);
            return Ok(());
        }
        let (no, end) = (self.asm.label(), self.asm.label());
        self.branch(e, false, no)?;
        self.number(dst, 1);
        self.asm.jmp(end);
        self.asm.bind(no);
        self.number(dst, 0);
        self.asm.bind(end);
        Ok(())
    }

    fn release_unless(&mut self, r: Gpr, kept: Gpr) {
        if r != kept {
            self.release(r);
        }
    }

    /// Compares, for the condition that is returned.
    fn compare(&mut self, e: &Expr) -> Gen<Cc> {
        match &e.kind {
            ExprKind::Binary(op, a, b) => {
                let cc = condition(*op).ok_or(Unsupported)?;
                self.compare_integers(cc, a, b)
            }
            ExprKind::Call(Builtin::FpCompare(op, w), args) => self.compare_floats(*op, *w, args),
            _ => Err(Unsupported),
        }
    }

    fn compare_integers(&mut self, cc: Cc, a: &Expr, b: &Expr) -> Gen<Cc> {
        // A comparison of a truth with 0 or 1.
        let width = a.width;
        let signed = matches!(cc, Cc::L | Cc::Le);
        if width != 32 && width != 64 {
            // Extended first, then as 32 or 64 bits.
            let wide = width > 32;
            let extend = |s: &mut Self, e: &Expr| -> Gen<Gpr> {
                let t = s.temp()?;
                if let Some(c) = constant(e) {
                    let value = if signed { sign_extend(c, width) as u64 } else { c };
                    s.number(t, value);
                } else if signed {
                    s.sign_extended(e, t)?;
                } else {
                    s.zero_extended(e, t)?;
                }
                Ok(t)
            };
            let x = extend(self, a)?;
            let y = extend(self, b)?;
            self.asm.rr(cmp().rr[usize::from(wide)], x.sized(wide), y.sized(wide));
            self.release(x);
            self.release(y);
            return Ok(cc);
        }
        let wide = width == 64;
        let n = usize::from(wide);
        // An immediate can only be on the right.
        let (a, b, cc) = if immediate(a).is_some() { (b, a, cc.swapped()) } else { (a, b, cc) };
        let left = self.operand(a)?;
        let right = self.operand(b)?;
        match (left, right) {
            (Operand::Reg(r), Operand::Imm(0)) => {
                self.asm.rr([Code::Test_rm32_r32, Code::Test_rm64_r64][n], r.sized(wide), r.sized(wide));
            }
            (Operand::Reg(r), Operand::Imm(v)) => self.asm.ri(cmp().imm(n, v), r.sized(wide), v),
            (Operand::Reg(r), Operand::Reg(s)) => self.asm.rr(cmp().rr[n], r.sized(wide), s.sized(wide)),
            (Operand::Reg(r), Operand::Mem(m)) => self.asm.rm(cmp().rm[n], r.sized(wide), m),
            (Operand::Mem(m), Operand::Imm(v)) => self.asm.mi(cmp().mem_imm(n, v), m, v),
            (Operand::Mem(m), Operand::Reg(r)) => self.asm.mr(cmp().mr[n], m, r.sized(wide)),
            (Operand::Mem(m), Operand::Mem(k)) => {
                let t = self.temp()?;
                self.asm.rm(Code::Mov_r64_rm64, t.r64(), m);
                self.asm.rm(cmp().rm[n], t.sized(wide), k);
                self.release(t);
            }
            (Operand::Imm(_), _) => return Err(Unsupported),
        }
        self.done(left);
        self.done(right);
        Ok(cc)
    }

    /// Jumps to `label` if the condition is `sense`.
    pub(super) fn branch(&mut self, e: &Expr, sense: bool, label: super::x86::Label) -> Gen {
        if let Some(c) = constant(e) {
            if (c == 1) == sense {
                self.asm.jmp(label);
            }
            return Ok(());
        }
        match &e.kind {
            ExprKind::Unary(UnOp::Not, a) if e.width == 1 => return self.branch(a, !sense, label),
            ExprKind::Binary(op @ (BinOp::AndAlso | BinOp::OrElse), a, b) => {
                if (*op == BinOp::OrElse) == sense {
                    self.branch(a, sense, label)?;
                    return self.branch(b, sense, label);
                }
                let skip = self.asm.label();
                self.branch(a, !sense, skip)?;
                self.branch(b, sense, label)?;
                self.asm.bind(skip);
                return Ok(());
            }
            // A truth compared with a truth value.
            ExprKind::Binary(op @ (BinOp::Eq | BinOp::Ne), a, b) if a.width == 1 && is_truth(a) => {
                if let Some(c) = constant(b) {
                    let same = (*op == BinOp::Eq) == (c == 1);
                    return self.branch(a, sense == same, label);
                }
            }
            // Overflow of an addition or a subtraction, by the host's own flag.
            _ => {}
        }
        if is_comparison(e) {
            let cc = self.compare(e)?;
            self.asm.jcc(if sense { cc } else { cc.not() }, label);
            return Ok(());
        }
        if let ExprKind::Call(Builtin::FpCompare(_, w), args) = &e.kind {
            return self.branch_on_equal_floats(*w, args, sense, label);
        }
        let t = self.temp()?;
        self.into(e, t)?;
        self.asm.ri(Code::Test_rm8_imm8, t.r8(), 1);
        self.asm.jcc(if sense { Cc::Ne } else { Cc::E }, label);
        self.release(t);
        Ok(())
    }
}

/// The register whose low bits the expression is.
fn low_register(e: &Expr) -> Option<u8> {
    match &e.kind {
        ExprKind::Slice(a, _, 0) => register(a),
        _ => None,
    }
}

/// Whether the expression is an operand as it is: a register, its low part, or a small constant.
fn is_simple(e: &Expr) -> bool {
    register(e).is_some() || low_register(e).is_some() || constant(e).is_some()
}

/// Whether one comparison of the host decides the condition.
fn is_comparison(e: &Expr) -> bool {
    use isa_spec::sem::FpCompare;
    match &e.kind {
        ExprKind::Binary(op, a, _) => condition(*op).is_some() && a.width <= 64,
        ExprKind::Call(Builtin::FpCompare(op, _), _) => *op != FpCompare::Eq,
        _ => false,
    }
}

/// Whether a one-bit expression is best used as a condition.
fn is_truth(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Binary(op, ..) => condition(*op).is_some() || matches!(op, BinOp::AndAlso | BinOp::OrElse),
        ExprKind::Call(Builtin::FpCompare(..), _) => true,
        _ => false,
    }
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

const SETCC: [Code; 16] = [
    Code::Seto_rm8,
    Code::Setno_rm8,
    Code::Setb_rm8,
    Code::Setae_rm8,
    Code::Sete_rm8,
    Code::Setne_rm8,
    Code::Setbe_rm8,
    Code::Seta_rm8,
    Code::Sets_rm8,
    Code::Setns_rm8,
    Code::Setp_rm8,
    Code::Setnp_rm8,
    Code::Setl_rm8,
    Code::Setge_rm8,
    Code::Setle_rm8,
    Code::Setg_rm8,
];

const CMOV: [Code; 16] = [
    Code::Cmovo_r64_rm64,
    Code::Cmovno_r64_rm64,
    Code::Cmovb_r64_rm64,
    Code::Cmovae_r64_rm64,
    Code::Cmove_r64_rm64,
    Code::Cmovne_r64_rm64,
    Code::Cmovbe_r64_rm64,
    Code::Cmova_r64_rm64,
    Code::Cmovs_r64_rm64,
    Code::Cmovns_r64_rm64,
    Code::Cmovp_r64_rm64,
    Code::Cmovnp_r64_rm64,
    Code::Cmovl_r64_rm64,
    Code::Cmovge_r64_rm64,
    Code::Cmovle_r64_rm64,
    Code::Cmovg_r64_rm64,
];
