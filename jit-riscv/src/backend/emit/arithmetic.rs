//! Integer and floating-point operations, and comparisons as values and as conditions.

use super::*;
use crate::backend::asm::fits12;
use crate::ir::{Arg, Opcode::*};

impl Emitter<'_> {
    pub fn int_op(&mut self, at: usize) {
        let op = &self.unit.trace.ops[at];
        let a = op.args[0];
        match op.code {
            IntNeg | IntInvert => {
                let x = self.int(a, T5);
                let rd = self.int_result(at, T5);
                self.asm.put(if op.code == IntNeg { enc::sub(rd, ZERO, x) } else { enc::xori(rd, x, -1) });
                self.done(at, rd);
            }
            IntFloorDiv | IntFloorMod => self.floor_division(at, a, op.args[1]),
            _ => {
                let rd = self.int_result(at, T5);
                self.int_binary(op.code, rd, a, op.args[1]);
                self.done(at, rd);
            }
        }
    }

    fn int_binary(&mut self, code: Opcode, rd: Reg, a: Arg, b: Arg) {
        // Commutative operations have their constant second.
        let commutes =
            matches!(code, IntAdd | IntMul | IntAnd | IntOr | IntXor | IntEq | IntNe | PtrEq | PtrNe);
        let (a, b) = if commutes && self.int_const(a).is_some() { (b, a) } else { (a, b) };
        let value = self.int_const(b);
        let small = value.filter(|&v| fits12(v)).map(|v| v as i32);
        let x = self.int(a, T5);
        let word = match (code, small, value) {
            (IntAdd, Some(v), _) => enc::addi(rd, x, v),
            (IntSub, _, Some(v)) if fits12(v.wrapping_neg()) => enc::addi(rd, x, -v as i32),
            (IntAnd, Some(v), _) => enc::andi(rd, x, v),
            (IntOr, Some(v), _) => enc::ori(rd, x, v),
            (IntXor, Some(v), _) => enc::xori(rd, x, v),
            (IntLt, Some(v), _) => enc::slti(rd, x, v),
            (UintLt, Some(v), _) => enc::sltiu(rd, x, v),
            (IntLe, _, Some(v)) if v != i64::MAX && fits12(v + 1) => enc::slti(rd, x, v as i32 + 1),
            (IntLshift, _, Some(v)) => enc::slli(rd, x, v as u32 & 63),
            (IntRshift, _, Some(v)) => enc::srai(rd, x, v as u32 & 63),
            (UintRshift, _, Some(v)) => enc::srli(rd, x, v as u32 & 63),
            (IntMul, _, Some(v)) if v > 0 && v.count_ones() == 1 => enc::slli(rd, x, v.trailing_zeros()),
            (IntEq | PtrEq | IntNe | PtrNe, Some(v), _) => {
                let difference = if v == 0 {
                    x
                } else {
                    self.asm.put(enc::xori(rd, x, v));
                    rd
                };
                is_zero(matches!(code, IntEq | PtrEq), rd, difference)
            }
            _ => {
                let y = self.int(b, T6);
                match code {
                    IntAdd => enc::add(rd, x, y),
                    IntSub => enc::sub(rd, x, y),
                    IntMul => enc::mul(rd, x, y),
                    IntAnd => enc::and(rd, x, y),
                    IntOr => enc::or(rd, x, y),
                    IntXor => enc::xor(rd, x, y),
                    IntLshift => enc::sll(rd, x, y),
                    IntRshift => enc::sra(rd, x, y),
                    UintRshift => enc::srl(rd, x, y),
                    IntLt => enc::slt(rd, x, y),
                    UintLt => enc::sltu(rd, x, y),
                    IntLe => {
                        self.asm.put(enc::slt(rd, y, x));
                        enc::xori(rd, rd, 1)
                    }
                    _ => {
                        self.asm.put(enc::xor(rd, x, y));
                        is_zero(matches!(code, IntEq | PtrEq), rd, rd)
                    }
                }
            }
        };
        self.asm.put(word);
    }

    /// `div` and `rem` round towards zero: where the remainder's sign is not the divisor's, the quotient is one less and the remainder one
    /// divisor more.
    fn floor_division(&mut self, at: usize, a: Arg, b: Arg) {
        let quotient = self.unit.trace.ops[at].code == IntFloorDiv;
        let divisor = self.int_const(b);
        let x = self.int(a, T5);
        let rd = self.int_result(at, RA);
        if let Some(c) = divisor.filter(|&c| c > 0 && c.count_ones() == 1) {
            if quotient {
                self.asm.put(enc::srai(rd, x, c.trailing_zeros()));
            } else if fits12(c - 1) {
                self.asm.put(enc::andi(rd, x, c as i32 - 1));
            } else {
                let mask = self.int_constant(c - 1, T6);
                self.asm.put(enc::and(rd, x, mask));
            }
            return self.done(at, rd);
        }
        let y = self.int(b, T6);
        let end = self.asm.label();
        // After the first two instructions the dividend is not needed, and t5 is free.
        let remainder = if quotient {
            self.asm.put(enc::div(rd, x, y));
            self.asm.put(enc::rem(T5, x, y));
            T5
        } else {
            self.asm.put(enc::rem(rd, x, y));
            rd
        };
        if divisor.is_some_and(|c| c > 0) {
            self.asm.branch(Cond::Ge, remainder, ZERO, end);
        } else {
            self.asm.branch(Cond::Eq, remainder, ZERO, end);
            self.asm.put(enc::xor(T5, remainder, y));
            self.asm.branch(Cond::Ge, T5, ZERO, end);
        }
        self.asm.put(if quotient { enc::addi(rd, rd, -1) } else { enc::add(rd, rd, y) });
        self.asm.bind(end);
        self.done(at, rd);
    }

    pub fn float_op(&mut self, at: usize) {
        let op = &self.unit.trace.ops[at];
        let a = op.args[0];
        match op.code {
            FloatAdd | FloatSub | FloatMul | FloatDiv => {
                let x = self.float(a, FT10);
                let y = self.float(op.args[1], FT11);
                let rd = self.float_result(at);
                self.asm.put(match op.code {
                    FloatAdd => enc::fadd_d(rd, x, y, enc::DYN),
                    FloatSub => enc::fsub_d(rd, x, y, enc::DYN),
                    FloatMul => enc::fmul_d(rd, x, y, enc::DYN),
                    _ => enc::fdiv_d(rd, x, y, enc::DYN),
                });
                self.float_done(at, rd);
            }
            FloatNeg | FloatAbs | FloatSqrt => {
                let x = self.float(a, FT10);
                let rd = self.float_result(at);
                self.asm.put(match op.code {
                    FloatNeg => enc::fsgnjn_d(rd, x, x),
                    FloatAbs => enc::fsgnjx_d(rd, x, x),
                    _ => enc::fsqrt_d(rd, x, enc::DYN),
                });
                self.float_done(at, rd);
            }
            FloatLt | FloatLe | FloatEq | FloatNe => {
                let rd = self.int_result(at, T5);
                if !self.float_compare(op.code, rd, a, op.args[1]) {
                    self.asm.put(enc::xori(rd, rd, 1));
                }
                self.done(at, rd);
            }
            IntToFloat | BitsToFloat => {
                let x = self.int(a, T5);
                let rd = self.float_result(at);
                self.asm.put(if op.code == IntToFloat {
                    enc::fcvt_d_l(rd, x, enc::DYN)
                } else {
                    enc::fmv_d_x(rd, x)
                });
                self.float_done(at, rd);
            }
            _ => {
                let x = self.float(a, FT10);
                let rd = self.int_result(at, T5);
                self.asm.put(if op.code == FloatToInt {
                    enc::fcvt_l_d(rd, x, enc::RTZ)
                } else {
                    enc::fmv_x_d(rd, x)
                });
                self.done(at, rd);
            }
        }
    }

    /// Compares to 0 or 1 in `rd`; returns the value of `rd` that means true.
    fn float_compare(&mut self, code: Opcode, rd: Reg, a: Arg, b: Arg) -> bool {
        let x = self.float(a, FT10);
        let y = self.float(b, FT11);
        self.asm.put(match code {
            FloatLt => enc::flt_d(rd, x, y),
            FloatLe => enc::fle_d(rd, x, y),
            _ => enc::feq_d(rd, x, y),
        });
        code != FloatNe
    }

    /// The condition under which a comparison is true, over registers that its operands were brought to.
    pub fn condition(&mut self, comparison: usize) -> (Cond, Reg, Reg) {
        let op = &self.unit.trace.ops[comparison];
        let (a, b) = (op.args[0], op.args[1]);
        if matches!(op.code, FloatLt | FloatLe | FloatEq | FloatNe) {
            let straight = self.float_compare(op.code, T6, a, b);
            return (if straight { Cond::Ne } else { Cond::Eq }, T6, ZERO);
        }
        let x = self.int(a, T5);
        let y = self.int(b, T6);
        match op.code {
            IntLt => (Cond::Lt, x, y),
            UintLt => (Cond::Ltu, x, y),
            IntLe => (Cond::Ge, y, x),
            IntEq | PtrEq => (Cond::Eq, x, y),
            _ => (Cond::Ne, x, y),
        }
    }
}

/// `rd` = whether `x` is zero, or is not.
fn is_zero(zero: bool, rd: Reg, x: Reg) -> u32 {
    if zero { enc::sltiu(rd, x, 1) } else { enc::sltu(rd, ZERO, x) }
}
