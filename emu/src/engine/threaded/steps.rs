//! Instructions that ISA files define, as threaded code: each becomes a few steps, which are entries like those of built-in
//! instructions, with the operands of this occurrence already in them.
//!
//! What is between the steps is in those places of `x` that are no registers. The steps of an instruction leave the pc
//! alone but for the last one, which every way through them ends with; so whatever stops in the middle is at the instruction.
//! A body that asks for more than integers of 64 bits, memory, jumps and guards has no steps: the evaluator executes it.

mod run;

use super::{Entry, Run};
use crate::interp::{Decoded, eval};
use isa_spec::Insn;
use isa_spec::sem::{BinOp, Builtin, Expr, ExprKind, Reg, Stmt, UnOp};
use run::operation;

/// Most steps of an instruction. Unoptimised builds need host stack for each.
const MAX_STEPS: usize = 32;

/// The place of `x` that is always 0.
const ZERO: u8 = 0;

/// The places of `x` for what is between the steps.
const TEMPORARIES: std::ops::Range<u8> = 33..64;

/// The steps of an instruction that is decoded to `op`; `None` if its body asks for something that there are no steps for.
pub(super) fn steps(insn: &Insn, op: &Decoded) -> Option<Vec<Entry>> {
    if insn.body.serializes() {
        return None;
    }
    let first = TEMPORARIES.start;
    let locals = u8::try_from(insn.body.locals.len()).ok()?;
    let free = first.checked_add(locals).filter(|free| *free <= TEMPORARIES.end)?;
    let mut maker = Maker { insn, op, steps: Vec::new(), free, joined: 0 };
    if insn.body.jumps() {
        maker.step(run::next_pc, 0, 0, 0, 0)?;
    }
    maker.stmts(&insn.body.stmts, true)?;
    // The last step has to be on every way.
    if maker.joined == maker.steps.len() {
        maker.step(run::nothing, 0, 0, 0, 0)?;
    }
    maker.steps.last_mut()?.op.len = op.len;
    Some(maker.steps)
}

/// Where the value of an expression is, without zeros above its width.
#[derive(Clone, Copy)]
enum Value {
    Place(u8),
    Constant(u64),
}

struct Maker<'a> {
    insn: &'a Insn,
    op: &'a Decoded,
    steps: Vec<Entry>,
    /// The first temporary that is free.
    free: u8,
    /// Where the furthest of the skips so far goes.
    joined: usize,
}

impl Maker<'_> {
    fn step(&mut self, run: Run, rd: u8, rs1: u8, rs2: u8, imm: i32) -> Option<()> {
        if self.steps.len() == MAX_STEPS {
            return None;
        }
        let op = Decoded { id: self.op.id, len: 0, rd, rs1, rs2, rs3: 0, aux: self.op.len, imm };
        self.steps.push(Entry { run, op, word: 0 });
        Some(())
    }

    fn temporary(&mut self) -> Option<u8> {
        let place = self.free;
        self.free += 1;
        TEMPORARIES.contains(&place).then_some(place)
    }

    /// Has the skip `at` go to the next step that is made.
    fn land(&mut self, at: usize) {
        self.joined = self.steps.len();
        self.steps[at].op.imm = (self.steps.len() - at - 1) as i32;
    }

    /// `last`: nothing of the instruction comes after these statements.
    fn stmts(&mut self, stmts: &[Stmt], last: bool) -> Option<()> {
        for (n, stmt) in stmts.iter().enumerate() {
            let free = self.free;
            self.stmt(stmt, last && n + 1 == stmts.len())?;
            self.free = free;
        }
        Some(())
    }

    fn stmt(&mut self, stmt: &Stmt, last: bool) -> Option<()> {
        match stmt {
            Stmt::Set(id, value) => {
                let place = TEMPORARIES.start + id.0 as u8;
                self.into(value, place)
            }
            Stmt::WriteX(reg, value) => {
                let place = match self.register(*reg) {
                    0 => 32,
                    n => n,
                };
                self.into(value, place)
            }
            Stmt::WriteF(reg, value) => {
                let from = self.place(value)?;
                let to = self.register(*reg);
                self.step(run::to_f, to, from, 0, 0)
            }
            // A store that was done may have something to report, which ends the instruction.
            Stmt::Store { addr, value } if last => {
                let (addr, offset) = self.address(addr)?;
                let run = match value.width {
                    8 => run::store_u8,
                    16 => run::store_u16,
                    32 => run::store_u32,
                    _ => run::store_u64,
                };
                let value = self.place(value)?;
                self.step(run, 0, addr, value, offset)
            }
            Stmt::Jump(target) => {
                let target = self.place(target)?;
                self.step(run::set_pc, 0, target, 0, 0)
            }
            Stmt::GuardFail(value) => {
                let value = self.place(value)?;
                self.step(run::guard_fail, 0, value, 0, 0)
            }
            Stmt::If { cond, then, otherwise } => {
                let to_otherwise = self.skip_unless(cond)?;
                self.stmts(then, last)?;
                if otherwise.is_empty() {
                    self.land(to_otherwise);
                } else if let Some(Stmt::GuardFail(_)) = then.last() {
                    self.land(to_otherwise);
                    self.stmts(otherwise, last)?;
                } else {
                    let over = self.steps.len();
                    self.step(run::skip, 0, 0, 0, 0)?;
                    self.land(to_otherwise);
                    self.stmts(otherwise, last)?;
                    self.land(over);
                }
                Some(())
            }
            Stmt::Store { .. } | Stmt::WriteCsr(..) | Stmt::Effect(..) => None,
        }
    }

    /// Makes a skip for when the condition is false; [`Maker::land`] says where to.
    fn skip_unless(&mut self, cond: &Expr) -> Option<usize> {
        let (run, a, b) = match &cond.kind {
            ExprKind::Binary(op, a, b) if fits(*op, 1) && operation(*op).is_some() => {
                let run = operation(*op)?.skip_unless;
                let signed = matches!(op, BinOp::LtS | BinOp::LeS);
                let mut operand = |e| {
                    let value = self.value(e, None)?;
                    let value = if signed { self.extended(value, e.width)? } else { value };
                    self.placed(value)
                };
                (run, operand(a)?, operand(b)?)
            }
            _ => (operation(BinOp::Ne)?.skip_unless, self.place(cond)?, ZERO),
        };
        self.step(run, 0, a, b, 0)?;
        Some(self.steps.len() - 1)
    }

    fn register(&self, reg: Reg) -> u8 {
        let number = |n: usize| self.field(n) as u8 & 31;
        match reg {
            Reg::Fixed(n) => n,
            Reg::Field(n) => number(n),
            Reg::Next(n) => number(n) + 1,
        }
    }

    fn field(&self, n: usize) -> i64 {
        eval::field_value(&self.insn.fields[n], self.op)
    }

    /// Leaves the value at the place, which may be one that the expression reads.
    fn into(&mut self, e: &Expr, to: u8) -> Option<()> {
        match self.value(e, Some(to))? {
            Value::Place(place) if place == to => Some(()),
            Value::Place(place) => self.step(operation(BinOp::Add)?.constant, to, place, 0, 0),
            Value::Constant(value) => self.constant(value, to),
        }
    }

    fn constant(&mut self, value: u64, to: u8) -> Option<()> {
        self.step(run::constant, to, 0, 0, value as i32)?;
        self.steps.last_mut()?.word = (value >> 32) as u32;
        Some(())
    }

    fn place(&mut self, e: &Expr) -> Option<u8> {
        let value = self.value(e, None)?;
        self.placed(value)
    }

    fn placed(&mut self, value: Value) -> Option<u8> {
        match value {
            Value::Place(place) => Some(place),
            Value::Constant(0) => Some(ZERO),
            Value::Constant(value) => {
                let to = self.temporary()?;
                self.constant(value, to)?;
                Some(to)
            }
        }
    }

    /// A place and an offset to add to it.
    fn address(&mut self, e: &Expr) -> Option<(u8, i32)> {
        if let ExprKind::Binary(BinOp::Add, a, b) = &e.kind
            && let (a, b) = (self.value(a, None)?, self.value(b, None)?)
        {
            return match (a, b) {
                (Value::Place(a), Value::Constant(b)) if i32::try_from(b as i64).is_ok() => {
                    Some((a, b as i32))
                }
                _ => {
                    let sum = self.apply(BinOp::Add, a, b, None)?;
                    Some((self.placed(sum)?, 0))
                }
            };
        }
        Some((self.place(e)?, 0))
    }

    /// The value of an expression of at most 64 bits. The last step that makes it puts it `to` that place, if it is given and
    /// the value is not in one already; no other writes there.
    fn value(&mut self, e: &Expr, to: Option<u8>) -> Option<Value> {
        let w = e.width;
        if w > 64 {
            return None;
        }
        match &e.kind {
            ExprKind::Const(v) => Some(Value::Constant(*v as u64)),
            ExprKind::Local(id) => Some(Value::Place(TEMPORARIES.start + id.0 as u8)),
            ExprKind::Field(n) => Some(Value::Constant(self.field(*n) as u64 & ones(w))),
            ExprKind::ReadX(reg) => Some(Value::Place(self.register(*reg))),
            ExprKind::ReadF(reg) => {
                let from = self.register(*reg);
                self.unary(run::from_f, from, 0, to)
            }
            ExprKind::Pc => self.unary(run::pc_of, 0, 0, to),
            ExprKind::Load(addr) => {
                let (addr, offset) = self.address(addr)?;
                let run = match w {
                    8 => run::load_u8,
                    16 => run::load_u16,
                    32 => run::load_u32,
                    _ => run::load_u64,
                };
                self.unary(run, addr, offset, to)
            }
            ExprKind::Unary(op, a) => {
                let a = self.value(a, None)?;
                let result = match op {
                    UnOp::Neg => self.apply(BinOp::Sub, Value::Constant(0), a, to),
                    UnOp::Not => self.apply(BinOp::Xor, a, Value::Constant(u64::MAX), to),
                };
                self.low(result?, w, to)
            }
            ExprKind::Binary(BinOp::AndAlso, a, b) => {
                let result = self.temporary()?;
                self.into(a, result)?;
                self.step(operation(BinOp::Ne)?.skip_unless, 0, result, ZERO, 0)?;
                self.right(b, result)
            }
            ExprKind::Binary(BinOp::OrElse, a, b) => {
                let result = self.temporary()?;
                self.into(a, result)?;
                self.step(operation(BinOp::Eq)?.skip_unless, 0, result, ZERO, 0)?;
                self.right(b, result)
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, w, to),
            ExprKind::Select(c, a, b) => {
                let result = self.temporary()?;
                let to_other = self.skip_unless(c)?;
                self.into(a, result)?;
                let over = self.steps.len();
                self.step(run::skip, 0, 0, 0, 0)?;
                self.land(to_other);
                self.into(b, result)?;
                self.land(over);
                Some(Value::Place(result))
            }
            ExprKind::Slice(a, hi, lo) => {
                let (value, above) = (self.value(a, None)?, a.width - 1 - hi);
                let value = match lo {
                    0 => value,
                    lo => self.apply(BinOp::Shr, value, Value::Constant(u64::from(*lo)), to)?,
                };
                if above == 0 { Some(value) } else { self.low(value, w, to) }
            }
            ExprKind::Concat(parts) => {
                let (first, rest) = parts.split_first()?;
                let mut joined = self.value(first, None)?;
                for part in rest {
                    let by = Value::Constant(u64::from(part.width));
                    let value = self.value(part, None)?;
                    joined = self.apply(BinOp::Shl, joined, by, None)?;
                    joined = self.apply(BinOp::Or, joined, value, None)?;
                }
                Some(joined)
            }
            ExprKind::ZeroExtend(a) => self.value(a, to),
            ExprKind::SignExtend(a) => {
                let value = self.value(a, None)?;
                let value = self.extended(value, a.width)?;
                self.low(value, w, to)
            }
            ExprKind::Call(builtin, args) => {
                let run = match builtin {
                    Builtin::CountLeadingZeros(32) => run::leading_zeros_32,
                    Builtin::CountLeadingZeros(_) => run::leading_zeros_64,
                    Builtin::CountTrailingZeros(32) => run::trailing_zeros_32,
                    Builtin::CountTrailingZeros(_) => run::trailing_zeros_64,
                    Builtin::PopCount(_) => run::count_ones,
                    Builtin::ByteReverse => run::swap_bytes,
                    _ => return None,
                };
                let from = self.place(args.first()?)?;
                self.unary(run, from, 0, to)
            }
            ExprKind::ReadCsr(_) => None,
        }
    }

    /// The right side of an operator whose skip, the last step, passes over it.
    fn right(&mut self, e: &Expr, result: u8) -> Option<Value> {
        let over = self.steps.len() - 1;
        self.into(e, result)?;
        self.land(over);
        Some(Value::Place(result))
    }

    fn unary(&mut self, run: Run, from: u8, imm: i32, to: Option<u8>) -> Option<Value> {
        let to = to.map_or_else(|| self.temporary(), Some)?;
        self.step(run, to, from, 0, imm)?;
        Some(Value::Place(to))
    }

    fn binary(&mut self, op: BinOp, a: &Expr, b: &Expr, w: u8, to: Option<u8>) -> Option<Value> {
        let (left, right) = (self.value(a, None)?, self.value(b, None)?);
        let (left, right) = match op {
            BinOp::DivS | BinOp::RemS | BinOp::LtS | BinOp::LeS | BinOp::MulWideS => {
                (self.extended(left, a.width)?, self.extended(right, b.width)?)
            }
            BinOp::Sra | BinOp::MulWideSU => (self.extended(left, a.width)?, right),
            _ => (left, right),
        };
        let result = self.apply(op, left, right, to)?;
        if fits(op, w) { Some(result) } else { self.low(result, w, to) }
    }

    /// The operation on 64-bit values.
    fn apply(&mut self, op: BinOp, a: Value, b: Value, to: Option<u8>) -> Option<Value> {
        let operation = operation(op)?;
        let (a, b) = match (a, b) {
            (Value::Constant(a), Value::Constant(b)) => {
                return Some(Value::Constant((operation.apply)(a, b)));
            }
            (a, Value::Constant(b)) if i32::try_from(b as i64).is_ok() => {
                let a = self.placed(a)?;
                return self.unary(operation.constant, a, b as i32, to);
            }
            (a, b) => (self.placed(a)?, self.placed(b)?),
        };
        let to = to.map_or_else(|| self.temporary(), Some)?;
        self.step(operation.places, to, a, b, 0)?;
        Some(Value::Place(to))
    }

    /// The low `width` bits of a value.
    fn low(&mut self, value: Value, width: u8, to: Option<u8>) -> Option<Value> {
        match value {
            value if width == 64 => Some(value),
            Value::Constant(v) => Some(Value::Constant(v & ones(width))),
            Value::Place(place) => self.unary(run::low, place, 64 - i32::from(width), to),
        }
    }

    /// A value of `width` bits sign-extended to 64.
    fn extended(&mut self, value: Value, width: u8) -> Option<Value> {
        let unused = 64 - i32::from(width);
        match value {
            value if width == 64 => Some(value),
            Value::Constant(v) => Some(Value::Constant(((v << unused) as i64 >> unused) as u64)),
            Value::Place(place) => self.unary(run::sign_extend, place, unused, None),
        }
    }
}

fn ones(width: u8) -> u64 {
    u64::MAX >> (64 - width)
}

/// Whether the operation of 64-bit values gives no more than `width` bits for operands with zeros above their width.
fn fits(op: BinOp, width: u8) -> bool {
    match op {
        BinOp::And | BinOp::Or | BinOp::Xor => true,
        BinOp::Eq | BinOp::Ne | BinOp::LtU | BinOp::LeU | BinOp::LtS | BinOp::LeS => true,
        BinOp::Shr | BinOp::RemU | BinOp::MulWideU => width > 1,
        _ => width == 64,
    }
}
