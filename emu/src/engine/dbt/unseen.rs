//! Finds what nobody sees: the computation of a register that is overwritten before it is read, and before the superblock
//! can be left.
//!
//! Compilers' sequences for large constants are full of it: once each result is known to be a constant, nothing reads
//! those before the last.

use super::template::Templates;
use super::trace::{Flow, Step};
use super::walk::{any_stmts, for_each_expression, for_each_x, may_leave};

/// Sets [`Step::unseen`].
pub fn mark(steps: &mut [Step], templates: &Templates) {
    // The registers that are overwritten before anyone sees them, from the step on that was looked at last.
    let mut overwritten = 0u32;
    for step in steps.iter_mut().rev() {
        step.unseen = false;
        let body = step.what.body(templates);
        // Where control leaves, or meets what skipped something, everything is seen.
        if step.flow != Flow::Fall {
            overwritten = 0;
        } else if let Some(lone) = step.lone.filter(|lone| lone.movable && !any_stmts(body, &may_leave)) {
            if overwritten >> lone.rd & 1 == 1 {
                step.unseen = true;
                continue;
            }
            overwritten |= 1 << lone.rd;
            for_each_expression(body, &mut |e| for_each_x(e, &mut |n| overwritten &= !(1 << n)));
        } else if !body.is_empty() {
            overwritten = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::dbt::simplify::x;
    use crate::engine::dbt::template::Lone;
    use crate::engine::dbt::trace::What;
    use isa_spec::sem::{BinOp, Expr, ExprKind, Reg, Stmt};
    use std::sync::Arc;

    fn constant(value: u64) -> Expr {
        Expr { kind: ExprKind::Const(value.into()), width: 64 }
    }

    fn step(body: Stmt, flow: Flow) -> Step {
        let body: Arc<[Stmt]> = Arc::new([body]);
        let lone = Lone::of(&body);
        Step { first: 0, count: 1, what: What::Body(body), flow, lone, unseen: false }
    }

    fn write(rd: u8, value: Expr) -> Step {
        step(Stmt::WriteX(Reg::Fixed(rd), value), Flow::Fall)
    }

    fn binary(op: BinOp, a: Expr, b: Expr) -> Expr {
        Expr { kind: ExprKind::Binary(op, a.into(), b.into()), width: 64 }
    }

    fn unseen(mut steps: Vec<Step>) -> Vec<bool> {
        mark(&mut steps, &Templates::default());
        steps.iter().map(|step| step.unseen).collect()
    }

    #[test]
    fn all_but_the_last_of_a_sequence() {
        let steps =
            vec![write(10, constant(1)), write(11, x(12)), write(10, constant(2)), write(10, constant(3))];
        assert_eq!(unseen(steps), [true, false, true, false]);
    }

    #[test]
    fn what_is_read_is_seen() {
        let steps = vec![write(10, constant(1)), write(11, x(10)), write(10, constant(2))];
        assert_eq!(unseen(steps), [false, false, false]);
        let steps = vec![write(10, constant(1)), write(10, binary(BinOp::Add, x(10), x(11)))];
        assert_eq!(unseen(steps), [false, false]);
        // What only something unseen reads is not.
        let steps =
            vec![write(10, constant(1)), write(11, x(10)), write(11, constant(2)), write(10, constant(3))];
        assert_eq!(unseen(steps), [true, true, false, false]);
    }

    #[test]
    fn everything_is_seen_where_control_may_leave() {
        let leaves = [
            step(Stmt::Store { addr: x(12), value: x(13) }, Flow::Fall),
            write(11, Expr { kind: ExprKind::Load(x(12).into()), width: 64 }),
            write(11, binary(BinOp::DivU, x(12), x(13))),
            step(
                Stmt::WriteX(Reg::Fixed(11), x(12)),
                Flow::Branch { cond: Arc::new(x(13)), expect: true, other: 0 },
            ),
            step(Stmt::WriteX(Reg::Fixed(11), x(12)), Flow::Skip { cond: Arc::new(x(13)), count: 1 }),
        ];
        for between in leaves {
            let what = format!("{between:?}");
            let steps = vec![write(10, constant(1)), between, write(10, constant(2))];
            assert_eq!(unseen(steps), [false, false, false], "{what}");
        }
    }
}
