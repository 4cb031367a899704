//! Tests of the optimiser. Most are pairs of traces in the textual form of [`crate::ir::text`], before and after; they live in one file
//! per subject of the optimiser. [`differential`] runs random recordings before and after in a small [`machine`].

mod bridges;
mod calls;
mod differential;
mod entries;
mod fold;
mod generate;
mod guards;
mod heap;
mod inputs;
mod known;
mod loops;
mod machine;
mod memory;
mod patterns;
mod sweep;
mod virtuals;
mod world;

use crate::domain::trace::{Ending, FrameSnapshot, Recording, Snapshot, ToHead, ToLabel};
use crate::ir::text::parse;
use crate::ir::{Arg, Exit, Opcode, Trace, Val};
use crate::opt::label::Label;
use crate::opt::patterns::Plan;
use crate::opt::{Optimised, Rejected, optimise};
use std::rc::Rc;

/// A recording from its textual form: exits are snapshots, and a `jump` closes the loop with these slots. Fixed: `jump` is the last operation.
fn recording(text: &str) -> Recording {
    let mut trace = parse(text, world::NAMES).unwrap_or_else(|e| panic!("line {}: {}", e.line, e.what));
    let snapshots = std::mem::take(&mut trace.exits).iter().map(|e| snapshot(&mut trace, e)).collect();
    let mut end = Ending::Straight;
    if trace.ops.last().is_some_and(|op| op.code == Opcode::Jump) {
        let jump = trace.ops.pop().expect("a last operation");
        end = Ending::Loop(jump.args.as_slice().to_vec());
    }
    Recording {
        trace,
        snapshots,
        watches: Vec::new(),
        end,
        sites: Default::default(),
        label: None,
        known: Default::default(),
        boxes: Vec::new(),
        stale: 0,
        kept: Vec::new(),
    }
}

fn snapshot(trace: &mut Trace, exit: &Exit) -> Snapshot {
    let mut arg = |v: &Val| match *v {
        Val::Live(n) => exit.live[n as usize],
        Val::Const(c) => trace.constant(c),
        Val::Virtual(_) | Val::Unchanged => panic!("recordings have neither virtuals nor unchanged slots"),
    };
    let frames = exit
        .frames
        .iter()
        .map(|f| {
            let slots = f.slots.iter().map(&mut arg).collect();
            Rc::new(FrameSnapshot { code: f.code, pc: f.pc, tag: f.tag, slots })
        })
        .collect();
    Snapshot { frames, log: exit.log.iter().map(&mut arg).collect(), ordinal: exit.ordinal }
}

fn optimised_by(recording: &Recording, plan: &Plan) -> Result<Optimised, Rejected> {
    let memory = world::constants();
    optimise(recording, plan, &mut world::Answers(&memory))
}

fn optimised(recording: &Recording) -> Optimised {
    optimised_by(recording, &Plan::default()).unwrap_or_else(|e| panic!("rejected: {e:?}"))
}

/// Lines without indentation, comments, and the trace's header.
fn lines(text: &str) -> String {
    let lines = text.lines().map(|l| l.split('#').next().unwrap_or("").trim());
    lines.filter(|l| !l.is_empty() && !l.starts_with("trace ")).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn same(trace: &Trace, after: &str) {
    let (is, should) = (lines(&trace.to_string()), lines(after));
    assert!(is == should, "the optimiser gives\n{is}\nand should give\n{should}");
}

/// `before` is rewritten to `after`.
#[track_caller]
fn check(before: &str, after: &str) {
    same(&optimised(&recording(before)).trace, after);
}

/// A loop that was optimised, and recordings of bridges from its exits.
struct Loop {
    optimised: Optimised,
}

impl Loop {
    #[track_caller]
    fn new(before: &str, after: &str) -> Loop {
        let mut optimised = optimised(&recording(before));
        same(&optimised.trace, after);
        if let Some(label) = &mut optimised.label {
            label.consts = optimised.trace.consts.clone();
        }
        Loop { optimised }
    }

    /// The bridge of `exit`, a recording whose first operations are its inputs. It ends with `jump(…)`, the slots at the loop's
    /// head, with the exit that is the state there, and after that with operations that go there through memory.
    fn bridge(&self, exit: usize, before: &str) -> Recording {
        let (before, memory) = before.split_once("memory:").expect("a bridge says how to go through memory");
        let (exits, memory): (Vec<&str>, Vec<&str>) =
            memory.lines().partition(|l| ["exit ", "frame "].iter().any(|p| l.trim().starts_with(p)));
        let text = format!("{}\n{}\n{}", before.trim_end(), memory.join("\n"), exits.join("\n"));
        let mut bridge = recording(&text);
        let at = bridge.trace.ops.iter().position(|op| op.code == Opcode::Jump).expect("a jump");
        let jump = bridge.trace.ops.remove(at);
        let label: Rc<Label> = Rc::new(self.optimised.label.clone().expect("the loop has a label"));
        let inside = self.optimised.carried[exit].as_ref().expect("the exit is inside the loop");
        let carried: Vec<Arg> = inside.iter().map(|&i| Arg::op(i as usize)).collect();
        bridge.trace.bridge_of = Some(exit as u32);
        bridge.label = Some((label.clone(), carried.clone()));
        let slots = jump.args.as_slice().to_vec();
        let head =
            ToHead { head: std::ptr::null(), slots: slots.clone(), base: 0, snapshot: jump.exit, tail: at };
        bridge.end = Ending::Label(ToLabel { slots, label, carried, snapshot: jump.exit }, head);
        bridge
    }

    #[track_caller]
    fn check_bridge(&self, exit: usize, before: &str, after: &str) {
        same(&optimised(&self.bridge(exit, before)).trace, after);
    }
}
