//! Conditions: jumps, truth values, and choices that depend on them.

use super::arithmetic::cmp;
use super::emit::{Emitter, Gen, Unsupported, immediate, register};
use super::int::Operand;
use super::regs::{Gpr, TEMPS};
use super::simplify::{constant, sign_extend};
use super::walk::any;
use super::x86::{Cc, Label};
use iced_x86::Code;
use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, FpCompare, UnOp};

impl Emitter {
    /// `dst = c ? a : b`
    pub(super) fn select(&mut self, c: &Expr, a: &Expr, b: &Expr, dst: Gpr) -> Gen {
        if (constant(a), constant(b)) == (Some(1), Some(0)) {
            return self.truth(c, dst);
        }
        if (constant(a), constant(b)) == (Some(0), Some(1)) {
            self.truth(c, dst)?;
            self.asm.ri(Code::Xor_rm32_imm8, dst.r32(), 1);
            return Ok(());
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
        // What one side finds out is not known on the other, nor afterwards.
        let known = (self.boxed, self.confined);
        self.zero_extended(a, acc)?;
        (self.boxed, self.confined) = known;
        self.asm.jmp(end);
        self.asm.bind(other);
        self.zero_extended(b, acc)?;
        (self.boxed, self.confined) = known;
        self.asm.bind(end);
        if clash {
            self.mov(dst, acc);
            self.release(acc);
        }
        Ok(())
    }

    /// `dst` = 1 if the condition holds, else 0.
    pub(super) fn truth(&mut self, e: &Expr, dst: Gpr) -> Gen {
        if is_comparison(e) {
            // Not `dst` itself before the comparison: it may be an operand.
            let t = if TEMPS.contains(&dst) { dst } else { self.temp()? };
            let cc = self.compare(e)?;
            self.asm.r(SETCC[cc as usize], t.r8());
            self.asm.rr(Code::Movzx_r32_rm8, dst.r32(), t.r8());
            self.release_unless(t, dst);
            return Ok(());
        }
        if matches!(e.kind, ExprKind::Call(Builtin::StoreConditional(_), _)) {
            return self.into(e, dst);
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

    pub(super) fn release_unless(&mut self, r: Gpr, kept: Gpr) {
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
            (Operand::Mem(m), Operand::Imm(v)) => self.asm.mi(cmp().imm(n, v), m, v),
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
    pub(super) fn branch(&mut self, e: &Expr, sense: bool, label: Label) -> Gen {
        if let Some(c) = constant(e) {
            if (c == 1) == sense {
                self.asm.jmp(label);
            }
            return Ok(());
        }
        match &e.kind {
            ExprKind::Unary(UnOp::Not, a) if e.width == 1 => return self.branch(a, !sense, label),
            ExprKind::Binary(op @ (BinOp::AndAlso | BinOp::OrElse), a, b) => {
                let skip = self.asm.label();
                let decides = (*op == BinOp::OrElse) == sense;
                if decides {
                    self.branch(a, sense, label)?
                } else {
                    self.branch(a, !sense, skip)?
                }
                let known = (self.boxed, self.confined);
                self.branch(b, sense, label)?;
                // The second one may not have been looked at.
                (self.boxed, self.confined) = known;
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

/// The condition under which a comparison holds.
pub fn condition(op: BinOp) -> Option<Cc> {
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

/// Whether one comparison of the host decides the condition.
fn is_comparison(e: &Expr) -> bool {
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

pub const CMOV: [Code; 16] = [
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
