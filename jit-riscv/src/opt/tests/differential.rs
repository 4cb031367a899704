//! Random recordings are executed as they were recorded and as they were optimised: where the optimised trace leaves, the recording
//! must come to the same snapshot in the same iteration, with the same frames, log and heap.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use super::generate::Generator;
use super::inputs::{Rng, SLOTS, input, objects, vary};
use super::machine::{Machine, Next, kind_of_word, value};
use super::world::{Answers, BYTES, INTS, LIST, TUPLE, is_value, size_of};
use crate::domain::trace::{Ending, Recording, ToHead, ToLabel};
use crate::frame::HEADER;
use crate::ir::{Arg, Const, NO_EXIT, Opcode};
use crate::object::Kind;
use crate::opt::label::Label;
use crate::opt::patterns::Plan;
use crate::opt::{Optimised, optimise};

/// A trace: what was recorded, and what became of it.
struct Piece {
    recording: Recording,
    optimised: Optimised,
    /// The number of its first snapshot.
    first: u32,
    /// The loop's label, of the loop and its bridges.
    label: Option<Rc<Label>>,
}

/// A loop (or straight trace) and its bridges, by the trace and exit that they continue.
struct Program {
    pieces: Vec<Piece>,
    bridges: HashMap<(usize, u32), usize>,
}

/// Where an optimised trace was left.
struct Left {
    piece: usize,
    exit: u32,
    live: Vec<(Kind, u64)>,
    /// Of the loop, since it was entered or come back to.
    iteration: usize,
}

const STEPS: usize = 20_000;

impl Program {
    /// Executes the optimised traces from trace `at` until an exit, which has no bridge or is one more than `hops`.
    fn run(
        &self,
        machine: &mut Machine,
        mut at: usize,
        envs: &mut HashMap<usize, Vec<u64>>,
    ) -> Result<Left, String> {
        let mut iteration = 0;
        let mut pc = 0;
        let mut steps = 0;
        envs.entry(at).or_insert_with(|| vec![0; self.pieces[at].optimised.trace.ops.len()]);
        loop {
            let trace = &self.pieces[at].optimised.trace;
            let env = envs.get_mut(&at).ok_or("a trace that was not entered")?;
            let op = trace.ops.get(pc).ok_or("the end of the trace")?;
            steps += 1;
            if steps > STEPS {
                return Err("the optimised loop does not end".into());
            }
            if op.code == Opcode::Label {
                let first: Vec<u64> = op.args.as_slice().iter().map(|&a| value(trace, env, a)).collect();
                env[pc + 1..pc + 1 + first.len()].copy_from_slice(&first);
                iteration += 1;
            }
            if op.code == Opcode::JumpHead {
                (at, pc, iteration) = (0, 0, 0);
                continue;
            }
            match machine.step(trace, pc, env) {
                Next::On => pc += 1,
                Next::Jump(_) => {
                    let next: Vec<u64> = op.args.as_slice().iter().map(|&a| value(trace, env, a)).collect();
                    iteration = if at == 0 { iteration + 1 } else { 0 };
                    at = 0;
                    let target = &self.pieces[0].optimised.trace;
                    let label = target.ops.iter().position(|o| o.code == Opcode::Label).ok_or("no label")?;
                    if target.ops[label].args.as_slice().len() != next.len() {
                        return Err("the jump passes other values than the label takes".into());
                    }
                    let env = envs.get_mut(&0).ok_or("a loop that was not entered")?;
                    env[label + 1..label + 1 + next.len()].copy_from_slice(&next);
                    pc = label + 1;
                }
                Next::Exit(exit) => {
                    if !machine.memory.is_whole() {
                        return Err(format!("exit {exit} of trace {at} sees garbage"));
                    }
                    let live = trace.exits[exit as usize].live.iter();
                    let live = live
                        .map(|&a| (trace.kind_of(a).unwrap_or(Kind::Int), value(trace, env, a)))
                        .collect();
                    return Ok(Left { piece: at, exit, live, iteration });
                }
            }
        }
    }

    /// Executes the recordings from recording `at` to the place where the optimised traces were left. Gives the state there:
    /// slots and log.
    fn follow(
        &self,
        machine: &mut Machine,
        mut at: usize,
        inputs: &[(Kind, u64)],
        left: &Left,
        speculates: bool,
    ) -> Result<Vec<(Kind, u64)>, String> {
        let exit = &self.pieces[left.piece].optimised.trace.exits[left.exit as usize];
        let snapshot = exit.frames.first().ok_or("an exit without frames")?.pc;
        // The loop's iteration 0 begins at its head; before that a bridge may have run.
        let mut iteration = 0;
        let mut inputs = inputs;
        loop {
            let Piece { recording, first, .. } = &self.pieces[at];
            let here = at == left.piece && (at != 0 || iteration == left.iteration);
            let mut env = vec![0; recording.trace.ops.len()];
            for (e, &(_, bits)) in env.iter_mut().zip(inputs) {
                *e = bits;
            }
            inputs = &[];
            let memory = match &recording.end {
                Ending::Label(_, head) => head.tail,
                _ => recording.trace.ops.len(),
            };
            let mut state = None;
            let mut went = false;
            for pc in 0..recording.trace.ops.len() {
                let op = &recording.trace.ops[pc];
                if op.code == Opcode::JumpHead {
                    went = true;
                    break;
                }
                let site = recording.sites.get(&pc).is_some_and(|s| s + first == snapshot);
                let at_label = match &recording.end {
                    Ending::Label(to, _) => pc == memory && to.snapshot + first == snapshot,
                    _ => false,
                };
                let exit_here = op.exit != NO_EXIT && op.exit + first == snapshot;
                if here && state.is_none() && (site || at_label || exit_here) {
                    state = Some((machine.clone(), self.state_of(at, snapshot - first, &env, machine)));
                    if site || at_label {
                        break;
                    }
                }
                match machine.step(&recording.trace, pc, &mut env) {
                    Next::On => {}
                    Next::Exit(_) if state.is_some() => {
                        went = true;
                        break;
                    }
                    _ => {
                        let pc = first + op.exit;
                        return Err(format!(
                            "left at snapshot {snapshot} in iteration {}; the recording at {pc} in {iteration}",
                            left.iteration
                        ));
                    }
                }
            }
            if let Some((reached, state)) = state {
                let straight = matches!(recording.end, Ending::Straight);
                if !went && !straight && !speculates && !matches!(recording.end, Ending::Label(..)) {
                    return Err(format!("left at snapshot {snapshot} in iteration {iteration} without need"));
                }
                *machine = reached;
                return Ok(state);
            }
            if here {
                return Err(format!("left at snapshot {snapshot}, which the recording does not come to"));
            }
            let slots = match &recording.end {
                Ending::Loop(slots) => slots,
                Ending::Label(to, _) => &to.slots,
                Ending::Head(_) => return Err("not generated".into()),
                Ending::Straight if went => &vec![],
                Ending::Straight => return Err("the recording ends before".into()),
            };
            if !slots.is_empty() {
                machine.slots = slots.iter().map(|&a| value(&recording.trace, &env, a)).collect();
            }
            iteration = if at == 0 { iteration + 1 } else { 0 };
            at = 0;
        }
    }

    fn state_of(&self, at: usize, snapshot: u32, env: &[u64], machine: &Machine) -> Vec<(Kind, u64)> {
        let recording = &self.pieces[at].recording;
        let snapshot = &recording.snapshots[snapshot as usize];
        let mut state: Vec<(Kind, u64)> = Vec::new();
        let slots = snapshot.frames.iter().flat_map(|f| &f.slots);
        for &arg in slots.chain(&snapshot.log) {
            let kind = recording.trace.kind_of(arg).unwrap_or(Kind::Int);
            state.push((kind, value(&recording.trace, env, arg)));
        }
        state.push((Kind::Ref, machine.exception));
        state
    }
}

/// The states are the same but for the addresses of objects that were allocated.
fn same_state(
    raw: &Machine,
    optimised: &Machine,
    raw_state: &[(Kind, u64)],
    optimised_state: &[u64],
    initial: &[u64],
) -> Result<(), String> {
    if raw_state.len() != optimised_state.len() {
        return Err("states of different length".into());
    }
    let mut there = HashMap::new();
    let mut back = HashMap::new();
    let mut work: Vec<(String, Kind, u64, u64)> = Vec::new();
    for (i, (&(kind, x), &y)) in raw_state.iter().zip(optimised_state).enumerate() {
        work.push((format!("state {i}"), kind, x, y));
    }
    for &object in initial {
        work.push((format!("{object:#x}"), Kind::Ref, object, object));
    }
    while let Some((place, kind, x, y)) = work.pop() {
        let nan = |bits| f64::from_bits(bits).is_nan();
        if kind != Kind::Ref || x == 0 || y == 0 {
            if x != y && !(kind == Kind::Float && nan(x) && nan(y)) {
                return Err(format!("{place} is {y:#x} and should be {x:#x}"));
            }
            continue;
        }
        let class = raw.memory.class(x);
        if class != optimised.memory.class(y) {
            return Err(format!("{place} has class {} and should have {class}", optimised.memory.class(y)));
        }
        if !is_value(class) {
            match (there.insert(x, y), back.insert(y, x)) {
                (None, None) => {}
                (Some(v), Some(w)) if (v, w) == (y, x) => continue,
                _ => return Err(format!("{place} is another object ({y:#x} for {x:#x})")),
            }
        }
        let words = match class {
            LIST | INTS | TUPLE => 2 + raw.memory.load(x + 8) as u32,
            BYTES => 3,
            _ => size_of(class) / 8,
        };
        for i in 1..words {
            let at = u64::from(8 * i);
            let place = format!("{place}[{at}]");
            work.push((
                place,
                kind_of_word(class, i),
                raw.memory.load(x + at),
                optimised.memory.load(y + at),
            ));
        }
    }
    Ok(())
}

/// How far the cases got.
#[derive(Default, Debug)]
struct Reached {
    runs: usize,
    /// Exits in the preamble, or in a straight trace.
    early: usize,
    /// Exits in the first iteration of the body.
    second: usize,
    /// Exits after at least two iterations of the body.
    late: usize,
    bridges: usize,
    /// Bridges that go to the label, and jumps to it.
    to_label: usize,
    back: usize,
}

/// Executes both, and goes on over bridges; gives the machine at the last exit.
fn compare(
    program: &Program,
    start: &Machine,
    speculates: bool,
    reached: &mut Reached,
) -> Result<(Machine, Left), String> {
    let initial = objects();
    let mut optimised = Machine { raw: false, ..start.clone() };
    let mut raw = start.clone();
    let mut envs = HashMap::new();
    let (mut at, mut inputs) = (0, Vec::new());
    for hop in 0.. {
        reached.runs += 1;
        let left = program.run(&mut optimised, at, &mut envs)?;
        match left.iteration {
            _ if hop > 0 => {}
            0 => reached.early += 1,
            1 => reached.second += 1,
            _ => reached.late += 1,
        }
        if at != 0 && left.piece == 0 {
            reached.back += 1;
        }
        let state = program.follow(&mut raw, at, &inputs, &left, speculates)?;
        let exit = &program.pieces[left.piece].optimised.trace.exits[left.exit as usize];
        let mut after = optimised.clone();
        let live: Vec<u64> = left.live.iter().map(|l| l.1).collect();
        let mut slots = after.leave(exit, &live);
        slots.push(after.exception);
        let place = format!("exit {} of trace {} in iteration {}", left.exit, left.piece, left.iteration);
        same_state(&raw, &after, &state, &slots, &initial).map_err(|e| format!("{place}: {e}"))?;
        match program.bridges.get(&(left.piece, left.exit)) {
            Some(&bridge) if hop < 3 => {
                // From here on both have the memory of the optimised one.
                raw = Machine { raw: true, ..optimised.clone() };
                (at, inputs) = (bridge, left.live);
                let mut env = vec![0; program.pieces[at].optimised.trace.ops.len()];
                for (i, op) in program.pieces[at].optimised.trace.ops.iter().enumerate() {
                    if let (Opcode::Input, crate::ir::Descr::Number(n)) = (op.code, op.descr) {
                        env[i] = inputs[n as usize].1;
                    }
                }
                envs.insert(at, env);
            }
            _ => return Ok((optimised, left)),
        }
    }
    unreachable!("the number of hops is limited")
}

fn optimised_piece(
    recording: Recording,
    plan: &Plan,
    machine: &Machine,
    first: u32,
    of: Option<Rc<Label>>,
) -> Result<Piece, String> {
    let run = || optimise(&recording, plan, &mut Answers(&machine.memory));
    let optimised = catch_unwind(AssertUnwindSafe(run))
        .map_err(|_| format!("the optimiser panics\n{}{:?}", recording.trace, plan.promote))?
        .map_err(|e| format!("{e:?}"))?;
    crate::backend::check::check(&optimised.trace).map_err(|e| format!("{e}\n{}", optimised.trace))?;
    if optimised.trace.exits.iter().flat_map(|e| &e.live).any(|a| a.as_op().is_none()) {
        return Err(format!("an exit has a constant among its operands\n{}", optimised.trace));
    }
    let label = match &optimised.label {
        Some(own) => Some(Rc::new(Label { consts: optimised.trace.consts.clone(), ..own.clone() })),
        None => of,
    };
    Ok(Piece { recording, optimised, first, label })
}

/// A bridge for where the program was left.
fn bridge(
    rng: &mut Rng,
    program: &mut Program,
    machine: &Machine,
    left: &Left,
    reached: &mut Reached,
) -> Result<(), String> {
    let piece = &program.pieces[left.piece];
    let exit = piece.optimised.trace.exits[left.exit as usize].clone();
    let inside = piece.optimised.carried[left.exit as usize].clone();
    let label = piece.label.clone().zip(inside);
    let first = 1000 * program.pieces.len() as u32;
    let memory = machine.clone();
    let mut g = Generator::bridge(rng, machine.clone(), &exit, &left.live, first);
    if g.machine.exception != 0 {
        return Ok(());
    }
    if let Some((label, _)) = &label {
        for (i, keep) in g.keep.iter_mut().enumerate() {
            *keep = !label.slots.iter().any(|(slot, _)| *slot == i);
        }
    }
    let n = g.rng.below(12);
    g.operations(n);
    let mut of_loop = None;
    let end = match label {
        Some((label, inside)) => {
            let carried: Vec<Arg> = inside.iter().map(|&i| Arg::op(i as usize)).collect();
            of_loop = Some((label.clone(), carried.clone()));
            let whole = (0..SLOTS).all(|i| !g.keep[i] || is_load(&g, i));
            if whole && g.rng.chance(85) {
                let (slots, snapshot, tail) = (g.slots.clone(), g.snapshot(), g.trace.ops.len());
                let head = ToHead { head: std::ptr::null(), slots: slots.clone(), base: 0, snapshot, tail };
                g.jump_head();
                Ending::Label(ToLabel { slots, label, carried, snapshot }, head)
            } else {
                g.leave();
                Ending::Straight
            }
        }
        None => {
            g.jump_head();
            Ending::Straight
        }
    };
    let mut recording = g.finish(end);
    recording.trace.id = program.pieces.len() as u32;
    recording.trace.bridge_of = Some(left.exit);
    recording.label = of_loop;
    let of = piece.label.clone();
    let piece = optimised_piece(recording, &Plan::default(), &memory, first, of)?;
    reached.bridges += 1;
    reached.to_label += usize::from(piece.optimised.trace.ops.last().is_some_and(|o| o.code == Opcode::Jump));
    program.bridges.insert((left.piece, left.exit), program.pieces.len());
    program.pieces.push(piece);
    Ok(())
}

fn is_load(g: &Generator, slot: usize) -> bool {
    let load = g.slots[slot].as_op().map(|at| &g.trace.ops[at]);
    load.is_some_and(|op| {
        op.code == Opcode::FrameLoad
            && matches!(op.descr, crate::ir::Descr::Number(n) if n as usize == HEADER + 8 * slot)
    })
}

/// One random program on several inputs.
fn case(seed: u64, reached: &mut Reached) -> Result<(), (Program, String)> {
    let mut rng = Rng::new(seed);
    let rng = &mut rng;
    let start = input(rng);
    let mut g = Generator::at_head(rng, start.clone());
    let is_loop = g.rng.chance(75);
    let n = 3 + g.rng.below(30);
    if is_loop {
        let before = g.rng.below(4);
        g.operations(before);
        let most = 2 + g.rng.below(5);
        g.count(most as i64);
    }
    g.operations(n);
    let end = if is_loop {
        Ending::Loop(g.slots.clone())
    } else {
        g.leave();
        Ending::Straight
    };
    let mut plan = Plan::default();
    if g.rng.chance(15) {
        for &(raw, _) in &g.sites {
            plan.promote.insert(raw, Const::Int(g.rng.pick(&[0, 1, 5])));
        }
    }
    let speculates = !plan.promote.is_empty();
    let recording = g.finish(end);
    let piece = match optimised_piece(recording, &plan, &start, 0, None) {
        Ok(piece) => piece,
        Err(e) if e == "NeverCompletes" => return Ok(()),
        Err(e) => panic!("{e}"),
    };
    let mut program = Program { pieces: vec![piece], bridges: HashMap::new() };
    for run in 0..8 {
        let m = if run == 0 { start.clone() } else { vary(&start, rng) };
        match compare(&program, &m, speculates, reached) {
            Ok((machine, left)) => {
                if !program.bridges.contains_key(&(left.piece, left.exit))
                    && !speculates
                    && let Err(e) = bridge(rng, &mut program, &machine, &left, reached)
                {
                    return Err((program, e));
                }
            }
            Err(e) => return Err((program, format!("input {run}: {e}"))),
        }
    }
    Ok(())
}

fn show(program: &Program) -> String {
    let mut text = String::new();
    for (at, piece) in program.pieces.iter().enumerate() {
        let from = program.bridges.iter().find(|(_, b)| **b == at).map(|(from, _)| *from);
        let end = match &piece.recording.end {
            Ending::Straight => String::new(),
            Ending::Loop(slots) => format!("loop {slots:?}"),
            Ending::Head(head) => format!("head {:?}", head.slots),
            Ending::Label(to, head) => {
                format!("label {:?} memory {} carried {:?}", to.slots, head.tail, to.carried)
            }
        };
        text += &format!(
            "--- recording {at} {from:?} {end}\n{}--- optimised\n{}--- label {:?}\n",
            piece.recording.trace, piece.optimised.trace, piece.optimised.label
        );
    }
    text
}

/// Cases from seed `from` on; the first that differs fails.
fn cases(from: u64, n: u64) -> Reached {
    let mut reached = Reached::default();
    for seed in from..from + n {
        let result = catch_unwind(AssertUnwindSafe(|| case(seed, &mut reached)));
        match result {
            Ok(Ok(())) => {}
            Ok(Err((program, what))) => panic!("seed {seed}: {what}\n{}", show(&program)),
            Err(_) => panic!("seed {seed}"),
        }
    }
    reached
}

#[test]
fn optimised_traces_do_what_was_recorded() {
    let from = std::env::var("OPT_SEED").ok().and_then(|s| s.parse().ok()).unwrap_or(1);
    let n = std::env::var("OPT_CASES").ok().and_then(|s| s.parse().ok()).unwrap_or(2000);
    let reached = cases(from, n);
    println!("{reached:?}");
}
