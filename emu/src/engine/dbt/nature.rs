//! What holds of an instruction whatever its operands are, worked out once.

use super::walk::{any_stmts, is_jump};
use isa_spec::Insn;
use isa_spec::sem::{Body, Builtin, Expr, ExprKind, Stmt};

/// What holds of an instruction whatever its operands are.
#[derive(Clone, Copy, Debug)]
pub struct Nature {
    /// It does one thing, by arithmetic, and perhaps jumps: there is code for it
    /// ([`translatable`](super::template::translatable)), which can be begun again
    /// ([`may_begin_again`](super::meaning::may_begin_again)).
    pub simple: bool,
    /// The pc is in its operation.
    pub mentions_pc: bool,
}

/// What is known of instructions so far, by id.
#[derive(Default)]
pub struct Natures(Vec<Option<Nature>>);

impl Natures {
    /// What holds of this instruction.
    pub fn of(&mut self, insn: &Insn) -> Nature {
        let id = usize::from(insn.id.0);
        if self.0.len() <= id {
            self.0.resize(id + 1, None);
        }
        *self.0[id].get_or_insert_with(|| Nature {
            simple: is_simple(&insn.body),
            mentions_pc: any_stmts(&insn.body.stmts, &|e: &Expr| matches!(e.kind, ExprKind::Pc)),
        })
    }
}

fn is_simple(body: &Body) -> bool {
    let does = |s: &Stmt| matches!(s, Stmt::WriteX(..) | Stmt::WriteF(..) | Stmt::Store { .. });
    let form = match &body.stmts[..] {
        [s] => does(s) || is_jump(s),
        [s, Stmt::Jump(_)] => does(s),
        _ => false,
    };
    let more_than_arithmetic = |e: &Expr| match e.kind {
        ExprKind::Call(b, _) => !matches!(b, Builtin::NanBox | Builtin::NanUnbox),
        ExprKind::ReadCsr(_) => true,
        _ => e.width > 64,
    };
    form && body.locals.is_empty() && !any_stmts(&body.stmts, &more_than_arithmetic)
}

#[cfg(test)]
mod tests {
    use super::super::meaning::{instantiate, may_begin_again};
    use super::super::template::{any_jump, translatable};
    use super::*;
    use crate::isa::InsnSet;

    #[test]
    fn what_is_simple_passes_every_test() {
        let isa = InsnSet::default();
        let spec = isa.spec();
        let mut simple = 0;
        for insn in spec.insns.iter().filter(|insn| is_simple(&insn.body)) {
            // All fields ones, and other registers.
            for ones in [u32::MAX, 0x5ad6_b5ad] {
                let inst = insn.operands(insn.bits | !insn.mask & ones);
                let Some(mut body) = instantiate(insn, &inst, Some(0x1000), &[None; 32]) else {
                    panic!("{} has no locals", insn.name);
                };
                let jump = body.pop_if(|s| is_jump(s));
                let cond = match &jump {
                    Some(Stmt::If { cond, .. }) => Some(cond),
                    _ => None,
                };
                assert!(translatable(&body), "{}", insn.name);
                assert!(may_begin_again(&body, cond), "{}", insn.name);
                assert!(!any_jump(&body), "{}", insn.name);
                simple += 1;
            }
        }
        // Most of what compilers emit.
        assert!(simple > 200, "{simple}");
    }
}
