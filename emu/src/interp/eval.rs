//! Executes an instruction by walking its [`Body`](isa_spec::sem::Body): how instructions that are defined at run time are
//! interpreted, and the reference for the generated code, which must do the same for every built-in one.
//!
//! A value is a `u128` with zeros above its width.

use super::{Amo, Decoded, Leave, Machine, carryless_multiply, guard_failed, rounding_mode};
use crate::fp;
use isa_spec::sem::{
    AmoOp, BinOp, Builtin, Expr, ExprKind, FpArith, FpCompare, IntType, Reg, Stmt, UnOp, fp_constant,
};
use isa_spec::{Field, Insn, Slot};

/// Executes `insn`, decoded to `op`, at `pc`; with the rules of the interpreter module for the pc and traps.
pub fn run<M: Machine>(m: &mut M, insn: &Insn, op: &Decoded, pc: u64) -> Result<(), Leave<M::Trap>> {
    let next = pc.wrapping_add(u64::from(op.len));
    let jumps = insn.body.jumps();
    if !jumps && insn.body.serializes() {
        m.set_pc(next);
    }
    let locals = vec![0; insn.body.locals.len()];
    let mut e = Evaluator { m, insn, op, pc, next, locals, stored: None };
    e.stmts(&insn.body.stmts)?;
    let (next, stored) = (e.next, e.stored);
    if jumps {
        m.set_pc(next);
    }
    stored.map_or(Ok(()), Err)
}

/// The architectural value of a field of a decoded instruction: a register number, or the immediate, scaled and
/// sign-extended.
pub fn field_value(field: &Field, op: &Decoded) -> i64 {
    match field.slot {
        Slot::Imm if field.sign_extend => i64::from(op.imm),
        Slot::Imm => i64::from(op.imm as u32),
        // Decode redirects x0 as destination to place 32.
        Slot::Rd => i64::from(op.rd & 31),
        Slot::Rs1 => i64::from(op.rs1),
        Slot::Rs2 => i64::from(op.rs2),
        Slot::Rs3 => i64::from(op.rs3),
        Slot::Aux => i64::from(op.aux),
    }
}

struct Evaluator<'a, M: Machine> {
    m: &'a mut M,
    insn: &'a Insn,
    op: &'a Decoded,
    pc: u64,
    next: u64,
    locals: Vec<u128>,
    /// What a store that happened has to say to the engine, once the instruction is done.
    stored: Option<Leave<M::Trap>>,
}

type Step<M, T> = Result<T, Leave<<M as Machine>::Trap>>;

fn ones(width: u8) -> u128 {
    if width >= 128 { u128::MAX } else { (1 << width) - 1 }
}

fn signed(value: u128, width: u8) -> i128 {
    let unused = 128 - u32::from(width);
    (value << unused) as i128 >> unused
}

fn bit(b: bool) -> u128 {
    u128::from(b)
}

impl<M: Machine> Evaluator<'_, M> {
    fn stmts(&mut self, stmts: &[Stmt]) -> Step<M, ()> {
        stmts.iter().try_for_each(|s| self.stmt(s))
    }

    fn stmt(&mut self, stmt: &Stmt) -> Step<M, ()> {
        match stmt {
            Stmt::Set(id, value) => self.locals[id.0] = self.expr(value)?,
            Stmt::WriteX(reg, value) => {
                let value = self.expr(value)? as u64;
                let place = match self.reg(*reg) {
                    0 => 32,
                    n => n,
                };
                self.m.x()[place] = value;
            }
            Stmt::WriteF(reg, value) => {
                let value = self.expr(value)? as u64;
                let place = self.reg(*reg);
                self.m.f()[place] = value;
            }
            Stmt::WriteCsr(csr, value) => {
                let (csr, value) = (self.expr(csr)? as u32, self.expr(value)? as u64);
                self.m.csr_write(self.pc, csr, value)?;
            }
            Stmt::Store { addr, value } => {
                let (width, addr) = (value.width, self.expr(addr)? as u64);
                let value = self.expr(value)? as u64;
                let result = match width {
                    8 => self.m.store_u8(addr, value),
                    16 => self.m.store_u16(addr, value),
                    32 => self.m.store_u32(addr, value),
                    _ => self.m.store_u64(addr, value),
                };
                self.stored(result)?;
            }
            Stmt::Jump(target) => self.next = self.expr(target)? as u64,
            Stmt::GuardFail(value) => {
                let value = self.expr(value)? as u64;
                return Err(guard_failed(self.m, self.pc, value));
            }
            Stmt::If { cond, then, otherwise } => {
                let chosen = if self.expr(cond)? != 0 { then } else { otherwise };
                self.stmts(chosen)?;
            }
            Stmt::Effect(builtin, args) => {
                let args = self.args(args)?;
                self.effect(*builtin, &args)?;
            }
        }
        Ok(())
    }

    /// Puts off what a completed store reports, so that the rest of the instruction is not lost.
    fn stored(&mut self, result: Result<(), M::Trap>) -> Step<M, ()> {
        match result {
            Err(trap) if M::store_done(&trap) => self.stored = Some(Leave::Trap(trap)),
            other => other?,
        }
        Ok(())
    }

    fn effect(&mut self, builtin: Builtin, args: &[u128]) -> Step<M, ()> {
        let arg = |n: usize| args.get(n).copied().unwrap_or(0);
        match builtin {
            Builtin::Ecall => self.m.ecall(self.pc)?,
            Builtin::Ebreak => self.m.ebreak(self.pc)?,
            Builtin::Fence => self.m.fence(arg(0) as u32, arg(1) as u32),
            Builtin::FenceI => self.m.fence_i(),
            Builtin::Illegal => return Err(Leave::Trap(self.m.illegal(self.pc))),
            Builtin::ObserveValue => self.m.observe_value(arg(0) as u32, arg(1) as u64),
            Builtin::ObserveType => self.m.observe_type(arg(0) as u32, arg(1) as u64),
            Builtin::Phase => self.m.phase(arg(0) as u32),
            Builtin::Roi => self.m.roi(arg(0) as u32),
            Builtin::ZeroBlock => {
                let result = self.m.zero_block(arg(0) as u64);
                self.stored(result)?;
            }
            other => {
                self.call(other, args)?;
            }
        }
        Ok(())
    }

    fn reg(&self, reg: Reg) -> usize {
        let number = |n: usize| field_value(&self.insn.fields[n], self.op) as usize & 31;
        match reg {
            Reg::Fixed(n) => usize::from(n),
            Reg::Field(n) => number(n),
            Reg::Next(n) => number(n) + 1,
        }
    }

    fn args(&mut self, args: &[Expr]) -> Step<M, Vec<u128>> {
        args.iter().map(|a| self.expr(a)).collect()
    }

    fn expr(&mut self, e: &Expr) -> Step<M, u128> {
        let w = e.width;
        Ok(match &e.kind {
            ExprKind::Const(v) => *v,
            ExprKind::Local(id) => self.locals[id.0],
            ExprKind::Field(n) => field_value(&self.insn.fields[*n], self.op) as u128 & ones(w),
            ExprKind::ReadX(reg) => {
                let place = self.reg(*reg);
                u128::from(self.m.x()[place])
            }
            ExprKind::ReadF(reg) => {
                let place = self.reg(*reg);
                u128::from(self.m.f()[place])
            }
            ExprKind::ReadCsr(csr) => {
                let csr = self.expr(csr)? as u32;
                u128::from(self.m.csr_read(self.pc, csr)?)
            }
            ExprKind::Pc => u128::from(self.pc),
            ExprKind::Load(addr) => {
                let addr = self.expr(addr)? as u64;
                u128::from(match w {
                    8 => self.m.load_u8(addr)?,
                    16 => self.m.load_u16(addr)?,
                    32 => self.m.load_u32(addr)?,
                    _ => self.m.load_u64(addr)?,
                })
            }
            ExprKind::Unary(op, a) => {
                let a = self.expr(a)?;
                (match op {
                    UnOp::Neg => a.wrapping_neg(),
                    UnOp::Not => !a,
                }) & ones(w)
            }
            ExprKind::Binary(BinOp::AndAlso, a, b) => bit(self.expr(a)? != 0 && self.expr(b)? != 0),
            ExprKind::Binary(BinOp::OrElse, a, b) => bit(self.expr(a)? != 0 || self.expr(b)? != 0),
            ExprKind::Binary(op, a, b) => {
                let (left, right) = (self.expr(a)?, self.expr(b)?);
                binary(*op, left, right, a.width, w)
            }
            ExprKind::Select(c, a, b) => {
                if self.expr(c)? != 0 {
                    self.expr(a)?
                } else {
                    self.expr(b)?
                }
            }
            ExprKind::Slice(a, _, lo) => self.expr(a)? >> lo & ones(w),
            ExprKind::Concat(parts) => {
                let mut joined = 0;
                for part in parts {
                    let value = self.expr(part)?;
                    joined = if part.width >= 128 { value } else { joined << part.width | value };
                }
                joined
            }
            ExprKind::ZeroExtend(a) => self.expr(a)?,
            ExprKind::SignExtend(a) => signed(self.expr(a)?, a.width) as u128 & ones(w),
            ExprKind::Call(builtin, args) => {
                let args = self.args(args)?;
                self.call(*builtin, &args)?
            }
        })
    }

    fn call(&mut self, builtin: Builtin, args: &[u128]) -> Step<M, u128> {
        let wide = |n: usize| args.get(n).copied().unwrap_or(0);
        let arg = |n: usize| wide(n) as u64;
        let (a, b, c) = (arg(0), arg(1), arg(2));
        Ok(u128::from(match builtin {
            Builtin::RoundingMode => rounding_mode(self.m, self.pc, a)?,
            Builtin::NanBox => a | 0xffff_ffff_0000_0000,
            Builtin::NanUnbox => fp::unbox(a),
            Builtin::LoadReserved(32) => self.m.load_reserved32(a)?,
            Builtin::LoadReserved(_) => self.m.load_reserved64(a)?,
            Builtin::StoreConditional(32) => u64::from(self.m.store_conditional32(a, b)?),
            Builtin::StoreConditional(_) => u64::from(self.m.store_conditional64(a, b)?),
            Builtin::Amo(op, 32) => self.m.amo32(amo(op), a, b)?,
            Builtin::Amo(op, _) => self.m.amo64(amo(op), a, b)?,
            Builtin::CompareSwap(32) => self.m.compare_swap32(a, b, c)?,
            Builtin::CompareSwap(64) => self.m.compare_swap64(a, b, c)?,
            Builtin::CompareSwap(_) => return Ok(self.m.compare_swap128(a, wide(1), wide(2))?),
            Builtin::CountLeadingZeros(32) => u64::from((a as u32).leading_zeros()),
            Builtin::CountLeadingZeros(_) => u64::from(a.leading_zeros()),
            Builtin::CountTrailingZeros(32) => u64::from((a as u32).trailing_zeros()),
            Builtin::CountTrailingZeros(_) => u64::from(a.trailing_zeros()),
            Builtin::PopCount(_) => u64::from(a.count_ones()),
            Builtin::ByteReverse => a.swap_bytes(),
            Builtin::CarrylessMultiply => return Ok(carryless_multiply(a, b)),
            Builtin::WatchValid => u64::from(self.m.watch_valid(a as u32)),
            Builtin::FpConstant(w) => fp_constant(w, a as u8),
            Builtin::FpClass(16) => fp::f16_classify(a),
            Builtin::FpClass(32) => fp::f32_classify(a),
            Builtin::FpClass(_) => fp::f64_classify(a),
            // Effects have no value; see `effect`.
            Builtin::Ecall
            | Builtin::Ebreak
            | Builtin::Fence
            | Builtin::FenceI
            | Builtin::Illegal
            | Builtin::ObserveValue
            | Builtin::ObserveType
            | Builtin::Phase
            | Builtin::Roi
            | Builtin::ZeroBlock => 0,
            _ => float(builtin, [a, b, c], arg(3), self.m.fflags()),
        }))
    }
}

fn binary(op: BinOp, a: u128, b: u128, from: u8, w: u8) -> u128 {
    let (x, y) = (signed(a, from), signed(b, from));
    let amount = b.min(128) as u32;
    let past = amount >= u32::from(from);
    (match op {
        BinOp::Add => a.wrapping_add(b),
        BinOp::Sub => a.wrapping_sub(b),
        BinOp::Mul | BinOp::MulWideU => a.wrapping_mul(b),
        BinOp::MulWideS => x.wrapping_mul(y) as u128,
        BinOp::MulWideSU => x.wrapping_mul(b as i128) as u128,
        // Bodies test the divisor first; what an untested one gives is the manual's result for it.
        BinOp::DivU => a.checked_div(b).unwrap_or(u128::MAX),
        BinOp::RemU => a.checked_rem(b).unwrap_or(a),
        BinOp::DivS if b == 0 => u128::MAX,
        BinOp::RemS if b == 0 => a,
        BinOp::DivS => x.wrapping_div(y) as u128,
        BinOp::RemS => x.wrapping_rem(y) as u128,
        BinOp::And => a & b,
        BinOp::Or => a | b,
        BinOp::Xor => a ^ b,
        BinOp::Shl => {
            if past {
                0
            } else {
                a << amount
            }
        }
        BinOp::Shr => {
            if past {
                0
            } else {
                a >> amount
            }
        }
        BinOp::Sra => (x >> amount.min(127)) as u128,
        BinOp::Eq => bit(a == b),
        BinOp::Ne => bit(a != b),
        BinOp::LtU => bit(a < b),
        BinOp::LeU => bit(a <= b),
        BinOp::LtS => bit(x < y),
        BinOp::LeS => bit(x <= y),
        BinOp::AndAlso => bit(a != 0 && b != 0),
        BinOp::OrElse => bit(a != 0 || b != 0),
    }) & ones(w)
}

fn amo(op: AmoOp) -> Amo {
    match op {
        AmoOp::Swap => Amo::Swap,
        AmoOp::Add => Amo::Add,
        AmoOp::Xor => Amo::Xor,
        AmoOp::And => Amo::And,
        AmoOp::Or => Amo::Or,
        AmoOp::Min => Amo::Min,
        AmoOp::Max => Amo::Max,
        AmoOp::Minu => Amo::Minu,
        AmoOp::Maxu => Amo::Maxu,
    }
}

/// Floating-point operations. The rounding mode is the last argument: `d` after three operands.
fn float(builtin: Builtin, [a, b, c]: [u64; 3], d: u64, flags: &mut u32) -> u64 {
    macro_rules! by_width {
        ($w:expr, $half:ident, $single:ident, $double:ident, ($($arg:expr),*)) => {
            match $w {
                16 => fp::$half($($arg,)* flags),
                32 => fp::$single($($arg,)* flags),
                _ => fp::$double($($arg,)* flags),
            }
        };
    }
    match builtin {
        Builtin::Fp(FpArith::Add, w) => by_width!(w, f16_add, f32_add, f64_add, (a, b, c)),
        Builtin::Fp(FpArith::Sub, w) => by_width!(w, f16_sub, f32_sub, f64_sub, (a, b, c)),
        Builtin::Fp(FpArith::Mul, w) => by_width!(w, f16_mul, f32_mul, f64_mul, (a, b, c)),
        Builtin::Fp(FpArith::Div, w) => by_width!(w, f16_div, f32_div, f64_div, (a, b, c)),
        Builtin::FpSqrt(w) => by_width!(w, f16_sqrt, f32_sqrt, f64_sqrt, (a, b)),
        Builtin::FpMulAdd(w) => by_width!(w, f16_mul_add, f32_mul_add, f64_mul_add, (a, b, c, d)),
        Builtin::FpMin(w) => by_width!(w, f16_min, f32_min, f64_min, (a, b)),
        Builtin::FpMax(w) => by_width!(w, f16_max, f32_max, f64_max, (a, b)),
        Builtin::FpCompare(op, w) => u64::from(match op {
            FpCompare::Eq => by_width!(w, f16_eq, f32_eq, f64_eq, (a, b)),
            FpCompare::Lt => by_width!(w, f16_lt, f32_lt, f64_lt, (a, b)),
            FpCompare::Le => by_width!(w, f16_le, f32_le, f64_le, (a, b)),
        }),
        Builtin::FpToInt(w, int) => match int {
            IntType::I32 => by_width!(w, f16_to_i32, f32_to_i32, f64_to_i32, (a, b)),
            IntType::U32 => by_width!(w, f16_to_u32, f32_to_u32, f64_to_u32, (a, b)),
            IntType::I64 => by_width!(w, f16_to_i64, f32_to_i64, f64_to_i64, (a, b)),
            IntType::U64 => by_width!(w, f16_to_u64, f32_to_u64, f64_to_u64, (a, b)),
        },
        Builtin::IntToFp(int, w) => match int {
            IntType::I32 => by_width!(w, i32_to_f16, i32_to_f32, i32_to_f64, (a, b)),
            IntType::U32 => by_width!(w, u32_to_f16, u32_to_f32, u32_to_f64, (a, b)),
            IntType::I64 => by_width!(w, i64_to_f16, i64_to_f32, i64_to_f64, (a, b)),
            IntType::U64 => by_width!(w, u64_to_f16, u64_to_f32, u64_to_f64, (a, b)),
        },
        Builtin::FpRound(w, false) => by_width!(w, f16_round, f32_round, f64_round, (a, b)),
        Builtin::FpRound(w, true) => {
            by_width!(w, f16_round_exact, f32_round_exact, f64_round_exact, (a, b))
        }
        Builtin::FpWiden => fp::f32_to_f64(a, b, flags),
        Builtin::FpNarrow => fp::f64_to_f32(a, b, flags),
        Builtin::FpConvert(16, 32) => fp::f16_to_f32(a, b, flags),
        Builtin::FpConvert(16, _) => fp::f16_to_f64(a, b, flags),
        Builtin::FpConvert(32, _) => fp::f32_to_f16(a, b, flags),
        Builtin::FpConvert(..) => fp::f64_to_f16(a, b, flags),
        _ => 0,
    }
}
