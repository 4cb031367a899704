//! The pass: one case per family of operations.

use super::state::{Optimizer, PureKey, Value};
use crate::ir::{Arg, Descr, Op, Opcode};
use crate::object::{Call, Effect};

impl Optimizer<'_> {
    /// A trace that does not close a loop.
    pub fn run_straight(&mut self) {
        // Its last operation flushes, or lists the delayed stores in its exit.
        self.run_pass(0..self.recording.trace.ops.len());
        self.carry_label();
    }

    /// Rewrites operations of the recording.
    pub fn run_pass(&mut self, range: std::ops::Range<usize>) {
        let recording = self.recording;
        if self.out.ops.is_empty() {
            self.enter_typed();
        }
        let unset = Value::Arg(Arg::NONE);
        self.s.map.resize(recording.trace.ops.len(), unset);
        for i in range {
            let op = &recording.trace.ops[i];
            if i == recording.known.at && !recording.known.objects.is_empty() {
                self.import_known();
            }
            if self.label_at > 0 && is_prologue(op) {
                // The label says what the body starts with.
                continue;
            }
            let v = self.rewrite(op);
            if self.s.unreachable {
                return;
            }
            self.s.map[i] = v;
            self.pattern_site(i, v);
        }
    }

    /// One operation; its result.
    fn rewrite(&mut self, op: &Op) -> Value {
        use Opcode::*;
        let nothing = Value::Arg(Arg::NONE);
        match (op.code, op.descr) {
            (FrameLoad, Descr::Number(at)) => self.load_slot(op, at),
            (DeadSlot, Descr::Number(at)) => self.dead_slot(at),
            (Input | FrameAddr, _) => Value::Arg(self.emit(op.clone())),
            (GetfieldI | GetfieldF | GetfieldR, Descr::Field(f)) => self.getfield(op, f),
            (Setfield, Descr::Field(f)) => {
                self.setfield(op, f);
                nothing
            }
            (GetitemI | GetitemF | GetitemR, Descr::Array(a)) => self.getitem(op, a),
            (Setitem, Descr::Array(a)) => {
                self.setitem(op, a);
                nothing
            }
            (SetClass, Descr::Class(c)) => {
                self.set_class(op, c);
                nothing
            }
            (New | NewArray, Descr::New { class, size, items }) => self.new_object(op, class, size, items),
            (CallI | CallF | CallR | CallN, Descr::Call(call)) => self.call(op, call),
            (GuardTrue, _) => {
                self.guard_condition(op, true);
                nothing
            }
            (GuardFalse, _) => {
                self.guard_condition(op, false);
                nothing
            }
            (GuardValue, _) => {
                self.guard_value(op);
                nothing
            }
            (GuardClass | GuardNonnullClass, Descr::Class(c)) => {
                self.guard_class(op, c);
                nothing
            }
            (GuardNonnull, _) => {
                self.guard_null(op, false);
                nothing
            }
            (GuardIsnull, _) => {
                self.guard_null(op, true);
                nothing
            }
            (GuardNoException, _) if self.s.last_call_removed => nothing,
            (GuardNotInvalidated, _) if self.recording.watches.is_empty() => nothing,
            (
                GuardNoException | GuardException | GuardNotInvalidated | GuardNoCollect | GuardFrameSpace,
                _,
            ) => {
                let exit = self.exit(op.exit);
                let result = self.emit_guard(Op { exit: 0, ..op.clone() }, exit);
                if op.code == GuardException {
                    // The call is to raise again.
                    if let Some(key) = self.s.last_call.take() {
                        self.s.pure.remove(&key);
                    }
                }
                if op.code == GuardNoCollect {
                    self.count_down(op);
                }
                Value::Arg(result)
            }
            (IntAddOvf | IntSubOvf | IntMulOvf, _) => Value::Arg(self.overflow(op)),
            (PtrEq | PtrNe, _) => Value::Arg(self.compare_pointers(op)),
            (ClassOf, _) => {
                let a = self.arg(op.args[0]);
                Value::Arg(self.emit_new(ClassOf, op.kind, &[a], Descr::None))
            }
            (FrameStore, Descr::Number(at)) if self.is_in_memory(op, at) => nothing,
            (FrameStore | FrameMove | JumpHead | Return, _) => {
                self.flush();
                let args: Vec<Arg> = op.args.as_slice().iter().map(|&a| self.arg(a)).collect();
                self.emit_new(op.code, None, &args, op.descr);
                nothing
            }
            (Leave, _) => {
                let exit = self.exit(op.exit);
                self.emit_guard(Op { exit: 0, ..op.clone() }, exit);
                nothing
            }
            _ => Value::Arg(self.pure(op)),
        }
    }

    /// ptr_eq / ptr_ne: a virtual is nothing but itself.
    fn compare_pointers(&mut self, op: &Op) -> Arg {
        let (a, b) = (self.value(op.args[0]), self.value(op.args[1]));
        let equal = (op.code == Opcode::PtrEq) as i64;
        match (a, b) {
            (Value::Arg(a), Value::Arg(b)) => self.pure_of(op.code, crate::object::Kind::Int, a, b),
            _ if a == b => self.const_int(equal),
            _ => self.const_int(1 - equal),
        }
    }

    fn call(&mut self, op: &Op, call: &'static Call) -> Value {
        let args: Vec<Arg> = op.args.as_slice().iter().map(|&a| self.arg(a)).collect();
        let key = (call.effect == Effect::Elidable).then(|| PureKey {
            code: op.code,
            extra: call.func.addr(),
            args: [Arg::NONE; 3],
            more: args.clone(),
        });
        if let Some(&known) = key.as_ref().and_then(|k| self.s.pure.get(k)) {
            self.s.last_call_removed = true;
            return self.current(Value::Arg(known));
        }
        self.s.last_call_removed = false;
        if call.effect != Effect::Elidable {
            self.flush();
        }
        let result = self.emit_new(op.code, op.kind, &args, op.descr);
        if call.effect == Effect::Any {
            self.forget_mutable();
        }
        self.s.last_call = key.clone();
        if let Some(key) = key {
            self.s.pure.insert(key, result);
        }
        Value::Arg(result)
    }
}

/// Operations that fetch what the trace starts with.
fn is_prologue(op: &Op) -> bool {
    matches!(op.code, Opcode::FrameLoad | Opcode::Input)
}
