//! Linear-scan register allocation without splitting: a value has one location for its whole life, so that labels, jumps and exits
//! agree on it everywhere.
//!
//! Values are visited by the start of their life. One that finds no free register takes that of the least worthwhile value that
//! is live with it (or has none itself), worth being estimated executions of its readers and writers per length of life. What calls would
//! change is kept from values that live across one.

use super::analysis::{Analysis, Interval, Value, is_call};
use super::regs::*;
use super::{CompileError, LabelInfo, Location, Style};
use crate::ir::{Arg, Descr, Exit, Opcode, Trace};
use crate::thread::SPILL_SLOTS;

/// Places that values come from or go to.
pub struct Hints<'a> {
    /// Of a bridge's inputs, by index.
    pub inputs: &'a [Location],
    /// Of its hidden inputs.
    pub hidden: &'a [Location],
    /// Where the trace jumps to, if to another trace.
    pub(crate) label: Option<&'a LabelInfo>,
    /// Where the typed entry that the trace jumps to wants its values.
    pub entered: &'a [Location],
}

/// The location of every value.
#[derive(Debug)]
pub struct Allocation {
    places: Vec<Option<Location>>,
    /// Constants in registers from the label on: bits, whether a double, register.
    pub constants: Vec<(u64, bool, Location)>,
}

/// A place that a value would like to have.
#[derive(Clone, Copy)]
enum Wish {
    Place(Location),
    /// That of another value, if it has one by then.
    Same(Value),
}

struct Scan<'a> {
    analysis: &'a Analysis,
    wishes: Vec<Vec<Wish>>,
    places: Vec<Option<Location>>,
    spilled: Vec<Value>,
    /// Values with a register, live at the current position.
    active: Vec<Value>,
}

const fn x_registers<const N: usize>(numbers: [Reg; N]) -> [Location; N] {
    let mut out = [Location::X(0); N];
    let mut i = 0;
    while i < N {
        out[i] = Location::X(numbers[i] as u8);
        i += 1;
    }
    out
}

const fn f_registers<const N: usize>(numbers: [Reg; N]) -> [Location; N] {
    let mut out = [Location::F(0); N];
    let mut i = 0;
    while i < N {
        out[i] = Location::F(numbers[i] as u8);
        i += 1;
    }
    out
}

const X_CALLER: [Location; 13] = x_registers(X_CALLER_SAVED);
const X_CALLEE: [Location; 8] = x_registers(X_CALLEE_SAVED);
const F_CALLER: [Location; 18] = f_registers(F_CALLER_SAVED);
const F_CALLEE: [Location; 12] = f_registers(F_CALLEE_SAVED);

/// A set of registers: x0..x31, f0..f31 from bit 0.
type Registers = u64;

const fn bit(register: Location) -> Registers {
    match register {
        Location::X(n) => 1 << n,
        Location::F(n) => 1 << (32 + n),
        Location::Spill(_) => 0,
    }
}

const fn set(registers: &[Location]) -> Registers {
    let mut out = 0;
    let mut i = 0;
    while i < registers.len() {
        out |= bit(registers[i]);
        i += 1;
    }
    out
}

/// The registers that a value may have, best first.
fn registers(float: bool, crosses_call: bool) -> impl Iterator<Item = Location> {
    let (caller, callee): (&[Location], &[Location]) =
        if float { (&F_CALLER, &F_CALLEE) } else { (&X_CALLER, &X_CALLEE) };
    let caller = if crosses_call { &[] } else { caller };
    caller.iter().chain(callee).copied()
}

/// The same, as a set.
fn allowed(interval: &Interval) -> Registers {
    match (interval.float, interval.crosses_call) {
        (false, false) => const { set(&X_CALLER) | set(&X_CALLEE) },
        (false, true) => const { set(&X_CALLEE) },
        (true, false) => const { set(&F_CALLER) | set(&F_CALLEE) },
        (true, true) => const { set(&F_CALLEE) },
    }
}

fn overlap(a: &Interval, b: &Interval) -> bool {
    a.start < b.end && b.start < a.end
}

impl Scan<'_> {
    fn interval(&self, v: Value) -> &Interval {
        self.analysis.intervals[v].as_ref().expect("only live values are visited")
    }

    fn worth(&self, v: Value) -> f32 {
        let i = self.interval(v);
        i.weight / (i.end - i.start) as f32
    }

    fn wished(&self, v: Value) -> impl Iterator<Item = Location> + '_ {
        self.wishes[v].iter().filter_map(|w| match *w {
            Wish::Place(place) => Some(place),
            Wish::Same(other) => self.places[other],
        })
    }

    fn visit(&mut self, v: Value) {
        let interval = *self.interval(v);
        let mut taken = 0;
        let (places, analysis) = (&self.places, self.analysis);
        self.active.retain(|&a| {
            let lives = analysis.intervals[a].as_ref().is_some_and(|i| i.end > interval.start);
            match places[a] {
                Some(place) if lives => {
                    taken |= bit(place);
                    true
                }
                _ => false,
            }
        });
        // Not worth a load: it lies in memory already and is read once at most.
        let in_memory = matches!(self.wishes[v].first(), Some(Wish::Place(Location::Spill(_))));
        if in_memory && interval.start == 0 && interval.uses <= 1 {
            self.spilled.push(v);
            return;
        }
        let free = allowed(&interval) & !taken;
        let is_free = |r: &Location| bit(*r) & free != 0;
        let choice = if free == 0 {
            None
        } else {
            let wished = self.wished(v).find(is_free);
            wished.or_else(|| registers(interval.float, interval.crosses_call).find(is_free))
        };
        if let Some(register) = choice {
            self.places[v] = Some(register);
            self.active.push(v);
            return;
        }
        let victim = self
            .active
            .iter()
            .copied()
            .filter(|&a| self.places[a].is_some_and(|r| bit(r) & allowed(&interval) != 0))
            .min_by(|&a, &b| self.worth(a).total_cmp(&self.worth(b)));
        match victim {
            Some(victim) if self.worth(victim) < self.worth(v) => {
                self.places[v] = self.places[victim].take();
                self.spilled.push(victim);
                self.active.retain(|&a| a != victim);
                self.active.push(v);
            }
            _ => self.spilled.push(v),
        }
    }

    /// Gives spilled values their slots, the wished one if it is free.
    fn assign_slots(&mut self) -> Result<(), CompileError> {
        let mut slots: Vec<Vec<Value>> = Vec::new();
        let mut spilled = std::mem::take(&mut self.spilled);
        spilled.sort_by_key(|&v| self.interval(v).start);
        for v in spilled {
            let free = |slot: usize, slots: &[Vec<Value>]| {
                slots
                    .get(slot)
                    .is_none_or(|held| held.iter().all(|&h| !overlap(self.interval(h), self.interval(v))))
            };
            let wished = self.wished(v).find_map(|place| match place {
                Location::Spill(n) if free(n as usize, &slots) => Some(n as usize),
                _ => None,
            });
            let slot = wished
                .or_else(|| (0..SPILL_SLOTS).find(|&n| free(n, &slots)))
                .ok_or(CompileError::NoSpillSlots)?;
            if slots.len() <= slot {
                slots.resize(slot + 1, Vec::new());
            }
            slots[slot].push(v);
            self.places[v] = Some(Location::Spill(slot as u16));
        }
        Ok(())
    }
}

/// What each value would like.
fn wishes(trace: &Trace, analysis: &Analysis, hints: &Hints) -> Vec<Vec<Wish>> {
    let mut wishes: Vec<Vec<Wish>> = vec![Vec::new(); analysis.intervals.len()];
    let label = analysis.label;
    for (at, op) in trace.ops.iter().enumerate() {
        match (op.code, op.descr) {
            (Opcode::Input, Descr::Number(n)) => {
                wishes[at].extend(hints.inputs.get(n as usize).map(|&p| Wish::Place(p)));
            }
            (Opcode::Label, _) => {
                for (i, v) in op.args.as_slice().iter().enumerate() {
                    if let Some(v) = v.as_op() {
                        wishes[at + 1 + i].push(Wish::Same(v));
                    }
                }
            }
            (Opcode::Jump, Descr::Number(target)) => {
                for (i, v) in op.args.as_slice().iter().enumerate() {
                    let Some(v) = v.as_op() else { continue };
                    if let (Some(label), true) = (label, target == i64::from(trace.id)) {
                        wishes[v].push(Wish::Same(label + 1 + i));
                    } else if let Some(place) = hints.label.and_then(|l| l.args.get(i).copied().flatten()) {
                        wishes[v].push(Wish::Place(place));
                    }
                }
            }
            (Opcode::JumpEntry, _) => {
                for (v, &place) in op.args.as_slice().iter().zip(hints.entered) {
                    if let Some(v) = v.as_op() {
                        wishes[v].push(Wish::Place(place));
                    }
                }
            }
            (code, Descr::Call(_)) if is_call(code) => {
                for (i, v) in op.args.as_slice().iter().enumerate() {
                    if let Some(v) = v.as_op() {
                        wishes[v].push(Wish::Place(Location::X((A1 as usize + i) as u8)));
                    }
                }
                wishes[at].push(Wish::Place(Location::X(A0 as u8)));
            }
            _ => {}
        }
    }
    for (i, &place) in hints.hidden.iter().enumerate() {
        wishes[analysis.hidden + i].push(Wish::Place(place));
    }
    wishes
}

impl Allocation {
    /// Allocates a trace.
    pub fn new(
        trace: &Trace,
        analysis: &Analysis,
        hints: &Hints,
        style: Style,
    ) -> Result<Allocation, CompileError> {
        let mut scan = Scan {
            analysis,
            wishes: wishes(trace, analysis, hints),
            places: vec![None; analysis.intervals.len()],
            spilled: Vec::new(),
            active: Vec::new(),
        };
        let mut order: Vec<Value> =
            (0..analysis.intervals.len()).filter(|&v| analysis.intervals[v].is_some()).collect();
        order.sort_by_key(|&v| scan.interval(v).start);
        for v in order {
            scan.visit(v);
        }
        scan.assign_slots()?;
        let mut allocation = Allocation { places: scan.places, constants: Vec::new() };
        for (&v, &place) in &analysis.fixed {
            allocation.places[v] = Some(place);
        }
        if style != Style::Naive {
            allocation.place_constants(analysis);
        }
        Ok(allocation)
    }

    /// Gives registers that no value needs in the loop to its constants.
    fn place_constants(&mut self, analysis: &Analysis) {
        let Some(label) = analysis.label else { return };
        let from = 2 * label as u32 + 1;
        let mut used = 0;
        for (interval, place) in analysis.intervals.iter().zip(&self.places) {
            if let (Some(interval), Some(place)) = (interval, place)
                && interval.end > from
            {
                used |= bit(*place);
            }
        }
        for c in &analysis.loop_consts {
            let register = registers(c.float, analysis.calls_in_loop).find(|&r| bit(r) & used == 0);
            if let Some(register) = register {
                used |= bit(register);
                self.constants.push((c.bits, c.float, register));
            }
        }
    }

    /// Where a value is.
    pub fn place(&self, v: Value) -> Option<Location> {
        self.places[v]
    }

    /// Where the hidden inputs are.
    pub fn hidden(&self, analysis: &Analysis) -> Vec<Location> {
        self.places[analysis.hidden..].iter().flatten().copied().collect()
    }

    /// The places of an exit's live values.
    pub fn live(&self, exit: &Exit) -> Box<[Location]> {
        let place = |arg: &Arg| arg.as_op().and_then(|v| self.places[v]).unwrap_or(Location::Spill(0));
        exit.live.iter().map(place).collect()
    }

    /// What a jump to the trace's label must know.
    pub(crate) fn label_info(&self, trace: &Trace, analysis: &Analysis, entry: u64) -> LabelInfo {
        let Some(label) = analysis.label else { return LabelInfo::default() };
        let count = trace.ops[label].args.as_slice().len();
        LabelInfo {
            entry,
            args: self.places[label + 1..=label + count].to_vec(),
            invariants: analysis.invariants.iter().filter_map(|&v| self.places[v]).collect(),
            constants: self.constants.iter().map(|&(bits, _, place)| (bits, place)).collect(),
        }
    }
}
