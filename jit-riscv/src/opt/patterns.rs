//! Speculation on values that the hardware's pattern table has seen.
//!
//! A young trace carries hints: it shows the results of its loads to the pattern table. When it has run for a while the
//! recording is rewritten again, with the results that were constant promoted: one guard_value, and all that follows from the constant is
//! folded. The promotion is kept only if the trace gets cheaper.

use rustc_hash::FxHashMap;

use super::state::{Optimizer, Value};
use crate::ir::{Arg, Const, Descr, Op, Opcode, Trace};
use crate::object::{ClassId, Field, Kind};

/// What to do at the loads of a recording.
#[derive(Clone, Default)]
pub struct Plan {
    /// Show results to the pattern table, sites numbered from here; leave for good after `countdown`.
    pub observe: Option<Observe>,
    /// Loads, by their number in the recording, whose result is promoted.
    pub promote: FxHashMap<usize, Const>,
    /// The trace begins at a typed entry that takes these slots' values.
    pub typed: Vec<TypedSlot>,
    /// Root-frame slots, bit n for slot n, whose memory does not count at that entry: typed ones, and dead ones.
    pub stale: u64,
    /// The head where the recording ends has a typed entry.
    pub target: Option<std::rc::Rc<Entry>>,
}

impl Plan {
    /// The trace is to be rewritten some time, or was rewritten.
    pub fn rewrites(&self) -> bool {
        self.observe.is_some() || !self.promote.is_empty() || !self.typed.is_empty()
    }

    /// The typed entry of a trace that was compiled by this plan.
    pub fn entry(&self, trace: u32) -> Option<Entry> {
        (!self.typed.is_empty()).then(|| Entry { trace, typed: self.typed.clone(), stale: self.stale })
    }
}

/// A slot whose boxed number is passed by its value. Its memory holds the box as well, unless it is stale.
#[derive(Clone, Copy, Debug)]
pub struct TypedSlot {
    pub slot: usize,
    pub class: ClassId,
    pub field: Field,
}

/// A trace's typed entry.
#[derive(Clone, Debug)]
pub struct Entry {
    pub trace: u32,
    pub typed: Vec<TypedSlot>,
    /// Slots that need not be in memory.
    pub stale: u64,
}

#[derive(Clone, Copy)]
pub struct Observe {
    pub first_site: u16,
    /// Sites at the most.
    pub sites: usize,
    /// Address of a 64-bit cell: executions that are left.
    pub countdown: u64,
}

impl Optimizer<'_> {
    /// Load number `raw` of the recording gave `v`.
    pub(super) fn pattern_site(&mut self, raw: usize, v: Value) {
        if self.recording.sites.is_empty() && self.recording.boxes.is_empty() {
            return;
        }
        let Value::Arg(a) = self.current(v) else { return };
        let Some(at) = a.as_op() else { return };
        if self.plan.observe.is_some() && self.recording.boxes.iter().any(|b| b.load == raw) {
            self.observe(raw, a, true);
            return;
        }
        let Some(&snapshot) = self.recording.sites.get(&raw) else { return };
        if let Some(&expected) = self.plan.promote.get(&raw) {
            if self.out.kind_of(a) != Some(expected.kind()) {
                return;
            }
            let expected = self.out.constant(expected);
            let exit = self.exit(snapshot);
            let descr = Descr::Number(raw as i64);
            self.emit_guard(Op::new(Opcode::GuardValue, None, &[a, expected], descr), exit);
            self.learn_constant(a, expected);
            return;
        }
        // Only what is loaded again in every iteration.
        if at + 1 == self.out.ops.len() && self.in_hot_part() {
            self.observe(raw, a, false);
        }
    }

    /// Shows `a`, load number `raw` of the recording, to the pattern table: its value or its class.
    fn observe(&mut self, raw: usize, a: Arg, class: bool) {
        let Some(observe) = self.plan.observe else { return };
        let n = match self.site_numbers.get(&raw) {
            Some(&n) => n,
            None if self.site_numbers.len() < observe.sites => {
                let n = self.site_numbers.len() as u16;
                self.site_numbers.insert(raw, n);
                n
            }
            None => return,
        };
        let site = observe.first_site + n;
        self.emit_new(Opcode::Observe, None, &[a], Descr::Site { site, class });
    }

    /// A young trace leaves for good after a number of rounds.
    pub(super) fn count_down(&mut self, op: &Op) {
        if let (Some(observe), true) = (self.plan.observe, self.in_hot_part()) {
            let exit = self.exit(op.exit);
            let cell = Descr::Number(observe.countdown as i64);
            self.emit_guard(Op::new(Opcode::GuardCountdown, None, &[], cell), exit);
        }
    }

    /// The body of a loop, or all of a trace that is none.
    fn in_hot_part(&self) -> bool {
        self.label_at > 0 || !matches!(self.recording.end, crate::domain::trace::Ending::Loop(_))
    }
}

/// Instructions that the hot part of a trace executes, estimated for the `hw` guard style.
pub fn cost(trace: &Trace) -> u32 {
    use Opcode::*;
    let from = trace.ops.iter().position(|op| op.code == Label).unwrap_or(0);
    trace.ops[from..]
        .iter()
        .map(|op| {
            let has_const = op.args.as_slice().iter().any(|a| a.as_const().is_some());
            match op.code {
                Input | LabelArg | Label | Jump | Observe | GuardCountdown => 0,
                // A comparison is fused with its guard.
                GuardTrue | GuardFalse => 1,
                IntLt | IntLe | IntEq | IntNe | UintLt | PtrEq | PtrNe => has_const as u32,
                FloatLt | FloatLe | FloatEq | FloatNe => 1,
                IntFloorDiv => 6,
                IntFloorMod => 5,
                IntMul | IntMulOvf => 1 + has_const as u32,
                // A reference to compare with takes two instructions to make.
                GuardValue
                    if op.args.as_slice().get(1).is_some_and(|&a| trace.kind_of(a) == Some(Kind::Ref)) =>
                {
                    3
                }
                GuardNoException => 1,
                CallI | CallF | CallR | CallN => 8 + op.args.as_slice().len() as u32,
                New | NewArray => 3,
                GetitemI | GetitemF | GetitemR | Setitem => 3 - has_const as u32,
                _ => 1,
            }
        })
        .sum()
}
