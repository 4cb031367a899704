//! Guards that are known to hold disappear; the others teach.

use super::state::{Optimizer, Value};
use crate::ir::{Arg, Const, Descr, Op, Opcode};
use crate::object::ClassId;

impl Optimizer<'_> {
    /// What is known says that the guard fails. That is so in the body of a loop whose first iteration was special, and after
    /// a promotion of a value that the recording did not see. The rest is never reached.
    pub fn always_fails(&mut self, op: &Op) {
        let exit = self.exit(op.exit);
        if self.label_at > 0 {
            // The body still ends with its jump.
            let never = self.const_int(0);
            self.emit_guard(Op::new(Opcode::GuardTrue, None, &[never], Descr::None), exit);
        } else {
            self.emit_guard(Op::new(Opcode::Leave, None, &[], Descr::None), exit);
        }
        self.s.unreachable = true;
    }

    /// guard_true / guard_false.
    pub fn guard_condition(&mut self, op: &Op, expected: bool) {
        let c = self.arg(op.args[0]);
        let (lo, hi) = self.bounds(c);
        let known = match (lo, hi) {
            (0, 0) => Some(false),
            _ if lo > 0 || hi < 0 => Some(true),
            _ => None,
        };
        match known {
            Some(holds) if holds == expected => return,
            Some(_) => return self.always_fails(op),
            None => {}
        }
        let exit = self.exit(op.exit);
        let code = if expected { Opcode::GuardTrue } else { Opcode::GuardFalse };
        self.emit_guard(Op::new(code, None, &[c], Descr::None), exit);
        let Some(i) = c.as_op() else { return };
        let is_comparison = is_boolean(self.out.ops[i].code);
        if is_comparison || !expected {
            let known = self.const_int(expected as i64);
            self.s.info[i].constant = Some(known);
        }
        if is_comparison {
            self.learn_comparison(i, expected);
        }
    }

    /// A comparison's outcome bounds its operands.
    fn learn_comparison(&mut self, i: usize, outcome: bool) {
        let op = &self.out.ops[i];
        let (code, args) = (op.code, op.args.as_slice().to_vec());
        let (Some(&a), Some(&b)) = (args.first(), args.get(1)) else { return };
        match (code, outcome) {
            (Opcode::IntLt, true) => self.learn_less(a, b, 1),
            (Opcode::IntLt, false) => self.learn_less(b, a, 0),
            (Opcode::IntLe, true) => self.learn_less(a, b, 0),
            (Opcode::IntLe, false) => self.learn_less(b, a, 1),
            (Opcode::IntEq, true) | (Opcode::IntNe, false) => {
                self.learn_less(a, b, 0);
                self.learn_less(b, a, 0);
                match (self.int_of(a), self.int_of(b)) {
                    (None, Some(_)) => self.learn_constant(a, b),
                    (Some(_), None) => self.learn_constant(b, a),
                    _ => {}
                }
            }
            // a < b unsigned, where b is a length: a is neither negative nor large.
            (Opcode::UintLt, true) => {
                let (blo, bhi) = self.bounds(b);
                if blo >= 0
                    && let Some(info) = self.info_mut(a)
                {
                    info.lo = info.lo.max(0);
                    info.hi = info.hi.min(bhi.saturating_sub(1));
                }
            }
            _ => {}
        }
    }

    /// a + distance <= b.
    fn learn_less(&mut self, a: Arg, b: Arg, distance: i64) {
        let (alo, _) = self.bounds(a);
        let (_, bhi) = self.bounds(b);
        if let Some(info) = self.info_mut(a) {
            info.hi = info.hi.min(bhi.saturating_sub(distance));
        }
        if let Some(info) = self.info_mut(b) {
            info.lo = info.lo.max(alo.saturating_add(distance));
        }
    }

    pub fn learn_constant(&mut self, a: Arg, c: Arg) {
        if let Some(info) = self.info_mut(a) {
            info.constant = Some(c);
        }
    }

    /// guard_value.
    pub fn guard_value(&mut self, op: &Op) {
        let a = self.arg(op.args[0]);
        let expected = op.args[1];
        if a == expected {
            return;
        }
        if a.as_const().is_some() {
            return self.always_fails(op);
        }
        let exit = self.exit(op.exit);
        self.emit_guard(Op::new(Opcode::GuardValue, None, &[a, expected], Descr::None), exit);
        self.learn_constant(a, expected);
    }

    /// guard_class, of an object that the language knows not to be null.
    pub fn guard_class(&mut self, op: &Op, class: ClassId) {
        let v = self.value(op.args[0]);
        match self.class_known(v) {
            Some(known) if known == class => return,
            Some(_) => return self.always_fails(op),
            None if self.cannot_be(v, class) => return self.always_fails(op),
            None => {}
        }
        let a = self.force(v);
        // With an earlier guard_nonnull the two become one, at the earlier place, if the class cannot have changed since.
        if let Some((at, epoch)) = self.info(a).and_then(|i| i.nonnull_guard) {
            let at = at as usize;
            let same = self.oracle.class_is_final(class) || epoch == self.s.epoch;
            if same && at >= self.label_at && self.out.ops[at].code == Opcode::GuardNonnull {
                let guard = &mut self.out.ops[at];
                guard.code = Opcode::GuardNonnullClass;
                guard.descr = Descr::Class(class);
                self.learn_class(a, class);
                return;
            }
        }
        let exit = self.exit(op.exit);
        self.emit_guard(Op::new(Opcode::GuardClass, None, &[a], Descr::Class(class)), exit);
        self.learn_class(a, class);
    }

    /// A constant that is no object of a final class, and so never will be. What is immutable in objects of that class must not
    /// be read of it.
    pub fn cannot_be(&mut self, v: Value, class: ClassId) -> bool {
        let Value::Arg(a) = v else { return false };
        match self.ref_of(a) {
            Some(r) if r.is_null() => true,
            Some(r) => self.oracle.class_is_final(class) && self.oracle.class_of(r) != class,
            None => false,
        }
    }

    /// guard_nonnull / guard_isnull.
    pub fn guard_null(&mut self, op: &Op, null: bool) {
        let v = self.value(op.args[0]);
        let known = match v {
            _ if self.is_nonnull(v) => Some(false),
            Value::Arg(a) if a.as_const().is_some() => Some(true),
            _ => None,
        };
        match known {
            Some(is_null) if is_null == null => return,
            Some(_) => return self.always_fails(op),
            None => {}
        }
        let Value::Arg(a) = v else { return };
        let exit = self.exit(op.exit);
        let code = if null { Opcode::GuardIsnull } else { Opcode::GuardNonnull };
        self.emit_guard(Op::new(code, None, &[a], Descr::None), exit);
        let (at, epoch) = (self.out.ops.len() as u32 - 1, self.s.epoch);
        if null {
            let c = self.out.constant(Const::Ref(crate::object::Ref::NULL));
            self.learn_constant(a, c);
        } else if let Some(info) = self.info_mut(a) {
            info.nonnull = true;
            info.nonnull_guard = Some((at, epoch));
        }
    }
}

/// The operation gives 0 or 1.
pub fn is_boolean(code: Opcode) -> bool {
    use Opcode::*;
    matches!(
        code,
        IntLt | IntLe | IntEq | IntNe | UintLt | FloatLt | FloatLe | FloatEq | FloatNe | PtrEq | PtrNe
    )
}
