//! What the register allocator must know of a trace: which operations make no instruction of their own, and from where to where each
//! value is live.
//!
//! Positions: operation `i` reads its operands at `2i` and writes its result at `2i+1`. Where the result is written before the last
//! operand is read (software overflow checks, floor division), operands are live at `2i+1` too, and so differ from the result.

use rustc_hash::FxHashMap;

use super::asm::fits12;
use super::regs::{BUMP, FRAME};
use super::{Location, Style};
use crate::ir::{Arg, Descr, NO_EXIT, Op, Opcode, Trace};
use crate::object::Kind;

/// A value: the index of the operation that makes it, or the number of operations plus the index of a hidden input.
pub type Value = usize;

/// How much more often code after a label runs than code before it.
const LOOP_WEIGHT: f32 = 16.0;

/// Where a value is live: from `start` to before `end`.
#[derive(Clone, Copy, Debug)]
pub struct Interval {
    pub start: u32,
    pub end: u32,
    pub float: bool,
    /// Live after a call that it was defined before.
    pub crosses_call: bool,
    /// Estimated executions of instructions that read or write it.
    pub weight: f32,
    /// Number of operations that read it, exits not counted.
    pub uses: u32,
}

/// A constant that the loop would like to have in a register.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct LoopConst {
    pub bits: u64,
    pub float: bool,
    /// Instructions that a register saves in one iteration.
    pub saved: u32,
}

/// See the module.
#[derive(Debug)]
pub struct Analysis {
    /// Operations without instructions of their own: dead, or done by the guard that they belong to.
    pub skip: Vec<bool>,
    /// By operation. Guards that do the comparison whose result they test.
    comparison: Vec<u32>,
    /// By operation. Class guards that do the field load after them (hardware style).
    load: Vec<u32>,
    /// Values that need no location of their own: they are in a dedicated register for all their life.
    pub fixed: FxHashMap<Value, Location>,
    /// By operation: the bytes by which the nursery's pointer moves after it. Until then it is the new object's address, and the last
    /// use of the object is behind.
    pub bump_after: Vec<u32>,
    /// By value; None for values that nothing reads.
    pub intervals: Vec<Option<Interval>>,
    pub label: Option<usize>,
    /// Values of before the label that the loop reads, in order.
    pub invariants: Vec<Value>,
    /// Most profitable first.
    pub loop_consts: Vec<LoopConst>,
    pub calls_in_loop: bool,
    /// Hidden inputs are the values from this one on.
    pub hidden: Value,
}

/// No effect but its result.
fn pure(code: Opcode) -> bool {
    use Opcode::*;
    matches!(
        code,
        Input
            | FrameLoad
            | FrameAddr
            | LabelArg
            | IntAdd
            | IntSub
            | IntMul
            | IntAnd
            | IntOr
            | IntXor
            | IntLshift
            | IntRshift
            | UintRshift
            | IntNeg
            | IntInvert
            | IntFloorDiv
            | IntFloorMod
            | IntLt
            | IntLe
            | IntEq
            | IntNe
            | UintLt
            | FloatAdd
            | FloatSub
            | FloatMul
            | FloatDiv
            | FloatNeg
            | FloatAbs
            | FloatSqrt
            | FloatLt
            | FloatLe
            | FloatEq
            | FloatNe
            | IntToFloat
            | FloatToInt
            | FloatToBits
            | BitsToFloat
            | PtrEq
            | PtrNe
            | ClassOf
            | GetfieldI
            | GetfieldF
            | GetfieldR
            | GetitemI
            | GetitemF
            | GetitemR
    )
}

pub fn is_comparison(code: Opcode) -> bool {
    use Opcode::*;
    matches!(
        code,
        IntLt | IntLe | IntEq | IntNe | UintLt | FloatLt | FloatLe | FloatEq | FloatNe | PtrEq | PtrNe
    )
}

pub fn is_call(code: Opcode) -> bool {
    matches!(code, Opcode::CallI | Opcode::CallF | Opcode::CallR | Opcode::CallN)
}

/// No operation.
const NONE: u32 = u32::MAX;

/// How far after a class guard a load may be that it does.
const EARLY_LOADS: usize = 24;

/// Loads cannot be moved over it: it may store to a field, or is the loop's beginning.
fn stores(code: Opcode) -> bool {
    use Opcode::*;
    is_call(code)
        || matches!(
            code,
            Setfield | Setitem | SetClass | FrameStore | GuardCountdown | GuardException | Label
        )
}

/// Neither looks at the nursery's pointer nor leaves.
fn keeps_bump(op: &Op) -> bool {
    use Opcode::*;
    op.exit == NO_EXIT
        && (pure(op.code) || matches!(op.code, Setfield | Setitem | SetClass | FrameStore | Observe))
}

/// The result is written before the last operand is read.
fn late_operands(code: Opcode, style: Style) -> bool {
    match code {
        Opcode::IntFloorDiv | Opcode::IntFloorMod => true,
        Opcode::IntAddOvf | Opcode::IntSubOvf | Opcode::IntMulOvf => style != Style::Hw,
        _ => false,
    }
}

/// The result is written before the exit is taken.
fn late_exit(code: Opcode, style: Style) -> bool {
    code == Opcode::GuardException || late_operands(code, style)
}

impl Analysis {
    /// Analyses a trace with hidden inputs in these places.
    pub fn new(trace: &Trace, style: Style, hidden: &[Location]) -> Analysis {
        let n = trace.ops.len();
        let label = trace.ops.iter().position(|op| op.code == Opcode::Label);
        let mut analysis = Analysis {
            skip: vec![false; n],
            comparison: vec![NONE; n],
            load: vec![NONE; n],
            fixed: FxHashMap::default(),
            bump_after: vec![0; n],
            intervals: vec![None; n + hidden.len()],
            label,
            invariants: Vec::new(),
            loop_consts: Vec::new(),
            calls_in_loop: trace.ops[label.unwrap_or(n)..].iter().any(|op| is_call(op.code)),
            hidden: n,
        };
        let counts = analysis.mark_dead(trace);
        analysis.fuse_comparisons(trace, &counts);
        if style == Style::Hw {
            analysis.fuse_loads(trace);
        }
        analysis.find_fixed(trace, &counts);
        analysis.live_intervals(trace, style, hidden);
        if style != Style::Naive {
            analysis.find_loop_consts(trace, style);
        }
        analysis
    }

    /// Marks pure operations that nothing reads; the number of readers (operations and exits) of each result.
    fn mark_dead(&mut self, trace: &Trace) -> Vec<u32> {
        let mut counts = vec![0u32; trace.ops.len()];
        for (at, op) in trace.ops.iter().enumerate().rev() {
            if counts[at] == 0 && pure(op.code) {
                self.skip[at] = true;
                continue;
            }
            for arg in op.args.as_slice().iter().chain(live_at(trace, op)) {
                if let Some(v) = arg.as_op() {
                    counts[v] += 1;
                }
            }
        }
        counts
    }

    fn fuse_comparisons(&mut self, trace: &Trace, counts: &[u32]) {
        for (at, op) in trace.ops.iter().enumerate() {
            if !matches!(op.code, Opcode::GuardTrue | Opcode::GuardFalse) {
                continue;
            }
            if let Some(v) = op.args[0].as_op()
                && counts[v] == 1
                && is_comparison(trace.ops[v].code)
            {
                self.skip[v] = true;
                self.comparison[at] = v as u32;
            }
        }
    }

    /// A class guard can do the first load of a field of its object, though other operations lie between, if none of them can store to
    /// the field: the load is then only early.
    fn fuse_loads(&mut self, trace: &Trace) {
        for (at, op) in trace.ops.iter().enumerate() {
            let Descr::Class(class) = op.descr else { continue };
            let fits = matches!(op.code, Opcode::GuardClass | Opcode::GuardNonnullClass) && class.0 < 128;
            if !fits || op.args[0].as_op().is_none() {
                continue;
            }
            let until = trace.ops[at + 1..].iter().take(EARLY_LOADS).position(|o| stores(o.code));
            let end = at + 1 + until.unwrap_or(EARLY_LOADS.min(trace.ops.len() - at - 1));
            let load = (at + 1..end).find(|&i| {
                let load = &trace.ops[i];
                matches!(load.code, Opcode::GetfieldI | Opcode::GetfieldF | Opcode::GetfieldR)
                    && !self.skip[i]
                    && load.args[0] == op.args[0]
                    && matches!(load.descr, Descr::Field(f) if f.offset <= 248 && f.offset % 8 == 0)
            });
            if let Some(load) = load {
                self.skip[load] = true;
                self.load[at] = load as u32;
            }
        }
    }

    /// Finds the objects whose uses all come before anything can leave, call or allocate, and the addresses that are the root frame's.
    fn find_fixed(&mut self, trace: &Trace, counts: &[u32]) {
        for (at, op) in trace.ops.iter().enumerate() {
            match (op.code, op.descr) {
                (Opcode::FrameAddr, Descr::Number(0)) => {
                    self.fixed.insert(at, Location::X(FRAME as u8));
                }
                (Opcode::New | Opcode::NewArray, Descr::New { size, .. }) => {
                    let mut last = at;
                    let mut found = 0;
                    for next in at + 1..trace.ops.len() {
                        if self.skip[next] {
                            continue;
                        }
                        if !keeps_bump(&trace.ops[next]) {
                            break;
                        }
                        let uses =
                            trace.ops[next].args.as_slice().iter().filter(|a| a.as_op() == Some(at)).count();
                        if uses != 0 {
                            found += uses as u32;
                            last = next;
                        }
                    }
                    if found == counts[at] {
                        self.fixed.insert(at, Location::X(BUMP as u8));
                        self.bump_after[last] = size;
                    }
                }
                _ => {}
            }
        }
    }

    /// The comparison that guard `at` does itself.
    pub fn comparison(&self, at: usize) -> Option<usize> {
        Some(self.comparison[at]).filter(|&c| c != NONE).map(|c| c as usize)
    }

    /// The load that class guard `at` does as well.
    pub fn load(&self, at: usize) -> Option<usize> {
        Some(self.load[at]).filter(|&l| l != NONE).map(|l| l as usize)
    }

    /// The operands that the instructions of operation `at` read.
    pub fn operands<'t>(&self, trace: &'t Trace, at: usize) -> &'t [Arg] {
        match self.comparison(at) {
            Some(c) => trace.ops[c].args.as_slice(),
            None => trace.ops[at].args.as_slice(),
        }
    }

    fn weight(&self, at: usize) -> f32 {
        if self.label.is_some_and(|l| at > l) { LOOP_WEIGHT } else { 1.0 }
    }

    fn live_intervals(&mut self, trace: &Trace, style: Style, hidden: &[Location]) {
        let n = trace.ops.len();
        let end_of_trace = 2 * n as u32 + 1;
        let mut calls = Vec::new();
        // Values that have their place before they have a reader: results of operations that are not skipped.
        for (at, op) in trace.ops.iter().enumerate() {
            if self.skip[at] {
                continue;
            }
            if is_call(op.code) {
                calls.push(at as u32);
            }
            let start = match op.code {
                Opcode::Input => 0,
                Opcode::LabelArg => self.label.map_or(0, |l| 2 * l as u32 + 1),
                _ => 2 * at as u32 + 1,
            };
            self.define(at, op.kind, start, at);
            if let Some(load) = self.load(at) {
                self.define(load, trace.ops[load].kind, start, at);
            }
            let weight = self.weight(at);
            for arg in self.operands(trace, at) {
                if let Some(v) = arg.as_op() {
                    let late = late_operands(op.code, style);
                    self.read(v, 2 * at as u32 + 1 + u32::from(late));
                    if let Some(interval) = &mut self.intervals[v] {
                        interval.weight += weight;
                        interval.uses += 1;
                    }
                }
            }
            for arg in live_at(trace, op) {
                if let Some(v) = arg.as_op() {
                    self.read(v, 2 * at as u32 + 1 + u32::from(late_exit(op.code, style)));
                }
            }
        }
        for (i, place) in hidden.iter().enumerate() {
            self.intervals[self.hidden + i] = Some(Interval {
                start: 0,
                end: end_of_trace,
                float: matches!(place, Location::F(_)),
                crosses_call: false,
                weight: 0.0,
                uses: 0,
            });
        }
        if let Some(label) = self.label {
            let label_at = 2 * label as u32;
            for (v, interval) in self.intervals.iter_mut().enumerate() {
                if let Some(i) = interval
                    && i.start <= label_at
                    && i.end > label_at + 1
                {
                    i.end = end_of_trace;
                    self.invariants.push(v);
                }
            }
        }
        for i in self.intervals.iter_mut().flatten() {
            // The first call after the definition.
            let next = calls.partition_point(|&c| 2 * c <= i.start);
            i.crosses_call = calls.get(next).is_some_and(|&c| i.end > 2 * c + 1);
        }
    }

    fn define(&mut self, value: Value, kind: Option<Kind>, start: u32, at: usize) {
        if let (Some(kind), false) = (kind, self.fixed.contains_key(&value)) {
            let weight = self.weight(at);
            let float = kind == Kind::Float;
            self.intervals[value] =
                Some(Interval { start, end: start + 1, float, crosses_call: false, weight, uses: 0 });
        }
    }

    fn read(&mut self, value: Value, end: u32) {
        if let Some(i) = &mut self.intervals[value] {
            i.end = i.end.max(end);
        }
    }

    /// Finds the constants that operations of the loop need in a register.
    fn find_loop_consts(&mut self, trace: &Trace, style: Style) {
        let Some(label) = self.label else { return };
        let mut found: Vec<LoopConst> = Vec::new();
        let mut add = |bits: u64, float: bool, saved: u32| {
            if bits == 0 || saved == 0 {
                return;
            }
            match found.iter_mut().find(|c| c.bits == bits && c.float == float) {
                Some(c) => c.saved += saved,
                None => found.push(LoopConst { bits, float, saved }),
            }
        };
        for at in label + 1..trace.ops.len() {
            if self.skip[at] {
                continue;
            }
            let op = &trace.ops[at];
            match (op.code, op.descr) {
                (Opcode::GuardClass | Opcode::GuardNonnullClass, Descr::Class(c)) if style == Style::Soft => {
                    add(u64::from(c.0), false, 1);
                }
                (Opcode::New | Opcode::NewArray, Descr::New { class, .. }) => {
                    add(u64::from(class.0), false, 1)
                }
                _ => {}
            }
            let code = self.comparison(at).map_or(op.code, |c| trace.ops[c].code);
            for (i, &arg) in self.operands(trace, at).iter().enumerate() {
                let Some(c) = trace.const_of(arg) else { continue };
                let float = c.kind() == Kind::Float;
                // A move from a register is what a call or a jump needs at least.
                if is_call(code) || code == Opcode::Jump {
                    let cost = u32::from(float || !fits12(c.bits() as i64));
                    // Calls take doubles as bits.
                    add(c.bits(), float && !is_call(code), cost);
                } else if float || !immediate(code, i, c.bits() as i64, self.comparison(at).is_some(), style)
                {
                    let cost = if float || !fits12(c.bits() as i64) { 2 } else { 1 };
                    add(c.bits(), float, cost);
                }
            }
        }
        found.sort_by_key(|c| std::cmp::Reverse(c.saved));
        self.loop_consts = found;
    }
}

/// Whether operand `i` with constant value `v` is part of the instruction.
fn immediate(code: Opcode, i: usize, v: i64, fused: bool, style: Style) -> bool {
    use Opcode::*;
    match code {
        IntAdd | IntAnd | IntOr | IntXor => fits12(v),
        IntSub => i == 1 && fits12(v.wrapping_neg()),
        IntLt | UintLt => !fused && i == 1 && fits12(v),
        IntLe => !fused && i == 1 && fits12(v.wrapping_add(1)),
        IntEq | IntNe | PtrEq | PtrNe => !fused && fits12(v),
        IntLshift | IntRshift | UintRshift => i == 1,
        IntAddOvf => fits12(v) && style != Style::Naive,
        IntSubOvf => i == 1 && fits12(v.wrapping_neg()) && style != Style::Naive,
        IntFloorDiv | IntFloorMod => i == 1 && v > 0 && v.count_ones() == 1,
        GuardValue => style == Style::Hw && (-(1 << 16)..1 << 16).contains(&v),
        GetitemI | GetitemF | GetitemR | Setitem => i == 1,
        _ => false,
    }
}

/// The operands that must be known if the operation leaves.
fn live_at<'t>(trace: &'t Trace, op: &Op) -> impl Iterator<Item = &'t Arg> {
    let exit = if op.exit == NO_EXIT { None } else { trace.exits.get(op.exit as usize) };
    exit.into_iter().flat_map(|e| &e.live)
}
