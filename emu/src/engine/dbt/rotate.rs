//! Finds rotations that are put together from two shifts, as programs without Zbb do (`slliw`, `srliw`, `or`): the host has
//! instructions for them.

use super::emit::register;
use super::int::low_register;
use super::simplify::{constant, x};
use super::template::{Lone, Templates};
use super::trace::{Flow, Step, What};
use super::walk::{Written, for_each_write, reads_x};
use isa_spec::sem::{BinOp, Expr, ExprKind, Reg, Stmt};
use std::sync::Arc;

/// A shifted register.
#[derive(Clone, Copy, Debug)]
struct Half {
    of: u8,
    /// Which of the values that the register has had.
    value: u32,
    width: u8,
    left: bool,
    amount: u8,
    /// The step that shifts it. `None`: the one that is looked at, which uses the result too.
    step: Option<usize>,
}

/// What registers hold, as far as it matters.
#[derive(Default)]
struct Registers {
    /// Which of its values a register has.
    values: [u32; 32],
    /// The last one that any of them had.
    last: u32,
    halves: [Option<Half>; 32],
}

/// Steps that a shift may be put off by.
const MAX_DELAY: usize = 24;

/// Makes rotations of what ors, xors or adds two shifts of the same value. The shifts stay, as long as somebody sees them
/// ([`super::unseen`]).
pub fn join(steps: &mut [Step], templates: &Templates) {
    let mut registers = Registers::default();
    // Where instructions that may have been skipped end.
    let mut meeting = None;
    for n in 0..steps.len() {
        let step = &steps[n];
        if meeting.take_if(|at| *at <= step.first).is_some() {
            registers.forget();
        }
        if let Flow::Skip { count, .. } = step.flow {
            meeting = Some(step.first + step.count + count);
        }
        let Some((rd, e)) = computed(step, templates) else {
            registers.note(step.what.body(templates));
            continue;
        };
        let half = registers.half_of(e, Some(n));
        if let Some((a, b)) = registers.halves(e) {
            let rotated: Arc<[Stmt]> = Arc::new([Stmt::WriteX(Reg::Fixed(rd), together(a, b))]);
            let rotate = |step: &mut Step| {
                step.lone = Lone::of(&rotated);
                step.what = What::Body(Arc::clone(&rotated));
            };
            if registers.values[usize::from(a.of)] == a.value {
                rotate(&mut steps[n]);
            } else if let Some(from) = registers.overwriting(a, b)
                && put_off(steps, from, n, a.of, templates)
            {
                registers.put_off(from, n);
                rotate(&mut steps[n - 1]);
                if rd == a.of {
                    (steps[n].what, steps[n].lone) = (What::Body(Arc::new([])), None);
                }
            }
        }
        registers.write(rd);
        registers.halves[usize::from(rd)] = half;
    }
}

/// The register and its value if that is all that a step computes.
fn computed<'a>(step: &'a Step, templates: &'a Templates) -> Option<(u8, &'a Expr)> {
    match step.what.body(templates) {
        [Stmt::WriteX(Reg::Fixed(rd), e)] if step.flow == Flow::Fall => Some((*rd, e)),
        _ => None,
    }
}

/// Moves what step `from` does behind what step `to` does. False: that would make a difference, in registers but `of`, or where the
/// superblock is left.
fn put_off(steps: &mut [Step], from: usize, to: usize, of: u8, templates: &Templates) -> bool {
    let pure = |step: &Step| step.flow == Flow::Fall && step.lone.is_some_and(|lone| lone.movable);
    let touches = |step: &Step| computed(step, templates).is_none_or(|(rd, e)| rd == of || reads_x(e, of));
    if to - from > MAX_DELAY || !steps[from..=to].iter().all(pure) || steps[from + 1..to].iter().any(touches)
    {
        return false;
    }
    // Only what is done moves: the steps stand for the same instructions as before.
    for n in from..to {
        let [a, b] = &mut steps[n..n + 2] else { return false };
        std::mem::swap(&mut a.what, &mut b.what);
        std::mem::swap(&mut a.lone, &mut b.lone);
    }
    true
}

/// The rotation that two halves are.
fn together(a: Half, b: Half) -> Expr {
    use ExprKind as K;
    let width = a.width;
    let value = match width {
        32 => Expr { kind: K::Slice(Box::new(x(a.of)), 31, 0), width },
        _ => x(a.of),
    };
    let shifted = |half: Half| {
        let by = Expr { kind: K::Const(half.amount.into()), width: 6 };
        let op = if half.left { BinOp::Shl } else { BinOp::Shr };
        Box::new(Expr { kind: K::Binary(op, Box::new(value.clone()), Box::new(by)), width })
    };
    let rotated = Expr { kind: K::Binary(BinOp::Or, shifted(a), shifted(b)), width };
    match width {
        32 => Expr { kind: K::SignExtend(Box::new(rotated)), width: 64 },
        _ => rotated,
    }
}

impl Registers {
    fn forget(&mut self) {
        (0..32).for_each(|n| self.write(n));
    }

    /// Notes what the statements write.
    fn note(&mut self, body: &[Stmt]) {
        for_each_write(body, &mut |r, _| {
            if let Written::X(n) = r {
                self.write(n);
            }
        });
    }

    fn write(&mut self, n: u8) {
        self.last += 1;
        self.values[usize::from(n)] = self.last;
        self.halves[usize::from(n)] = None;
    }

    /// Follows [`put_off`].
    fn put_off(&mut self, from: usize, to: usize) {
        for step in self.halves.iter_mut().flatten().filter_map(|half| half.step.as_mut()) {
            if *step == from {
                *step = to;
            } else if (from..=to).contains(step) {
                *step -= 1;
            }
        }
    }

    /// What the expression is half of: 64 bits, or 32 which are extended so that both halves together are.
    fn half_of(&self, e: &Expr, step: Option<usize>) -> Option<Half> {
        match &e.kind {
            ExprKind::SignExtend(inner) if inner.width == 32 => self.half_of(inner, step),
            ExprKind::ZeroExtend(inner) if inner.width == 32 => {
                self.half_of(inner, step).filter(|half| !half.left)
            }
            ExprKind::Binary(op @ (BinOp::Shl | BinOp::Shr), value, by) if matches!(e.width, 32 | 64) => {
                let of = if e.width == 64 { register(value) } else { low_register(value) }?;
                let amount = constant(by).filter(|by| (1..u64::from(e.width)).contains(by))? as u8;
                let value = self.values[usize::from(of)];
                Some(Half { of, value, width: e.width, left: *op == BinOp::Shl, amount, step })
            }
            _ => None,
        }
    }

    /// What the operand of 64 or 32 bits is a half of.
    fn half(&self, e: &Expr) -> Option<Half> {
        match &e.kind {
            ExprKind::ReadX(Reg::Fixed(n)) => self.halves[usize::from(*n)],
            ExprKind::Slice(a, 31, 0) => self.half(a).filter(|half| half.width == 32),
            _ => self.half_of(e, None),
        }
    }

    /// The halves of the rotation that the expression is, if it is one.
    fn halves(&self, e: &Expr) -> Option<(Half, Half)> {
        use BinOp as B;
        use ExprKind as K;
        let (a, b, low) = match &e.kind {
            K::Binary(B::Or | B::Xor | B::Add, a, b) if e.width == 64 => (a, b, false),
            K::SignExtend(low) if low.width == 32 => match &low.kind {
                K::Binary(B::Or | B::Xor | B::Add, a, b) => (a, b, true),
                _ => return None,
            },
            _ => return None,
        };
        let (a, b) = (self.half(a)?, self.half(b)?);
        let fit = a.value == b.value
            && a.of == b.of
            && a.width == b.width
            && a.left != b.left
            && a.amount + b.amount == a.width
            && (a.width == 32 || !low);
        fit.then_some((a, b))
    }

    /// The step that shifted the value in place, if nothing has been written to its register since.
    fn overwriting(&self, a: Half, b: Half) -> Option<usize> {
        let now = self.halves[usize::from(a.of)]?;
        now.step.filter(|_| [a.step, b.step].contains(&now.step))
    }
}

#[cfg(test)]
mod tests {
    use super::super::arithmetic::rotation;
    use super::*;

    fn step(rd: u8, e: Expr) -> Step {
        let body: Arc<[Stmt]> = Arc::new([Stmt::WriteX(Reg::Fixed(rd), e)]);
        let lone = Lone::of(&body);
        Step { first: 0, count: 1, what: What::Body(body), flow: Flow::Fall, lone, unseen: false }
    }

    fn binary(op: BinOp, a: Expr, b: Expr) -> Expr {
        let width = a.width;
        Expr { kind: ExprKind::Binary(op, a.into(), b.into()), width }
    }

    fn shift(op: BinOp, of: u8, by: u8) -> Expr {
        binary(op, x(of), Expr { kind: ExprKind::Const(by.into()), width: 6 })
    }

    fn low(n: u8) -> Expr {
        Expr { kind: ExprKind::Slice(x(n).into(), 31, 0), width: 32 }
    }

    /// `slliw` and `srliw`.
    fn shift_word(op: BinOp, of: u8, by: u8) -> Expr {
        let e = binary(op, low(of), Expr { kind: ExprKind::Const(by.into()), width: 5 });
        Expr { kind: ExprKind::SignExtend(e.into()), width: 64 }
    }

    fn or(a: u8, b: u8) -> Expr {
        binary(BinOp::Or, x(a), x(b))
    }

    /// What the steps do after [`join`]: registers and values.
    fn joined(list: impl IntoIterator<Item = (u8, Expr)>) -> Vec<(u8, Expr)> {
        let mut steps: Vec<Step> = list.into_iter().map(|(rd, e)| step(rd, e)).collect();
        steps.iter_mut().enumerate().for_each(|(n, step)| step.first = n);
        let templates = Templates::default();
        join(&mut steps, &templates);
        assert!(steps.iter().enumerate().all(|(n, step)| step.first == n));
        steps.iter().filter_map(|s| computed(s, &templates)).map(|(rd, e)| (rd, e.clone())).collect()
    }

    fn is_rotation(e: &Expr, of: u8) -> bool {
        match &e.kind {
            ExprKind::SignExtend(low) => is_rotation(low, of),
            ExprKind::Binary(BinOp::Or, a, b) => {
                rotation(a, b, e.width).is_some() && reads_x(a, of) && reads_x(b, of)
            }
            _ => false,
        }
    }

    #[test]
    fn of_a_value_that_is_still_there() {
        for words in [false, true] {
            let shift = if words { shift_word } else { shift };
            let width = if words { 32 } else { 64 };
            let list =
                [(10, shift(BinOp::Shl, 12, 7)), (11, shift(BinOp::Shr, 12, width - 7)), (10, or(10, 11))];
            let done = joined(list.clone());
            assert!(is_rotation(&done[2].1, 12), "{done:?}");
            assert_eq!(done[..2], list[..2]);
        }
    }

    #[test]
    fn of_a_value_that_is_shifted_in_place() {
        use BinOp::{Shl, Shr};
        let list = [
            (10, shift_word(Shr, 12, 8)),
            (11, shift_word(Shr, 13, 9)),
            (12, shift_word(Shl, 12, 24)),
            (13, shift_word(Shl, 13, 23)),
            (10, or(10, 12)),
            (13, or(11, 13)),
        ];
        let done = joined(list);
        // The shift of 13 is gone, and that of 12 comes after the rotation.
        assert_eq!(done.iter().map(|(rd, _)| *rd).collect::<Vec<_>>(), [10, 11, 10, 12, 13]);
        assert!(is_rotation(&done[2].1, 12) && is_rotation(&done[4].1, 13), "{done:?}");
        assert_eq!(done[3].1, shift_word(Shl, 12, 24));
    }

    #[test]
    fn not_of_other_things() {
        use BinOp::{Shl, Shr};
        let lists = [
            // Other amounts.
            vec![(10, shift(Shl, 12, 7)), (11, shift(Shr, 12, 56)), (10, or(10, 11))],
            // Another value.
            vec![(10, shift(Shl, 12, 7)), (12, x(13)), (11, shift(Shr, 12, 57)), (10, or(10, 11))],
            // The value is gone.
            vec![(10, shift(Shl, 12, 7)), (11, shift(Shr, 12, 57)), (12, x(13)), (10, or(10, 11))],
            // A word and a double word.
            vec![(10, shift_word(Shl, 12, 7)), (11, shift(Shr, 12, 25)), (10, or(10, 11))],
            // Shifted in place, and somebody sees that.
            vec![
                (10, shift(Shl, 12, 7)),
                (12, shift(Shr, 12, 57)),
                (14, binary(BinOp::Add, x(12), x(12))),
                (10, or(10, 12)),
            ],
            // Shifted in place twice.
            vec![
                (10, shift(Shl, 12, 7)),
                (12, shift(Shr, 12, 57)),
                (12, shift(Shr, 12, 57)),
                (10, or(10, 12)),
            ],
        ];
        for list in lists {
            assert_eq!(joined(list.clone()), list);
        }
    }
}
