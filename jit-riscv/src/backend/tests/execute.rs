//! Random traces run as machine code and by the evaluator: the same exits, live values and memory.
//!
//! The styles that need no extension run everywhere; `MJ_TEST_STYLES=naive,soft,hw` chooses.

use super::Rng;
use super::evaluate::{Outcome, Program};
use super::generate::{End, Shape, generate};
use super::world::{World, barrier_slow};
use crate::backend::{Backend, Compiled, Config, EXIT_INTERPRETER, Style};
use crate::ir::Trace;

/// The styles to test; none where machine code cannot run.
fn styles() -> Vec<Style> {
    if !Backend::available() {
        return Vec::new();
    }
    let chosen = std::env::var("MJ_TEST_STYLES").unwrap_or_else(|_| "naive,soft".into());
    chosen
        .split(',')
        .map(|s| match s {
            "naive" => Style::Naive,
            "soft" => Style::Soft,
            "hw" => Style::Hw,
            _ => panic!("MJ_TEST_STYLES: no style {s}"),
        })
        .collect()
}

/// Machine code and evaluator side by side.
struct Pair {
    world: World,
    program: Program,
    backend: Backend,
    next_exit: u32,
    next_id: u32,
    what: String,
}

impl Pair {
    fn new(style: Style, seed: u64, rng: &mut Rng, force_fail: Option<u64>) -> Pair {
        let world = World::new(rng);
        let config = Config {
            style,
            barrier_slow: barrier_slow as *const () as usize,
            force_fail,
            code_bytes: 1 << 18,
        };
        let backend = Backend::new(config, &*world.thread).expect("arena");
        let what = format!("{style:?} seed {seed}");
        Pair { world, program: Program::default(), backend, next_exit: 0, next_id: 1, what }
    }

    fn add(&mut self, trace: Trace) -> Compiled {
        let compiled =
            self.backend.compile(&trace).unwrap_or_else(|e| panic!("{}: {e}\n{trace:?}", self.what));
        self.next_exit += trace.exits.len() as u32;
        self.next_id += 1;
        self.program.traces.insert(trace.id, trace);
        compiled
    }

    /// Runs both from the same state and compares; the state is then as the run left it.
    fn run(&mut self, start: u32, entry: u64) -> Outcome {
        let before = self.world.state();
        let expected = self.program.run(start, &mut self.world);
        let after = self.world.state();
        self.world.restore(&before);
        // SAFETY: a compiled loop; the world is what it was generated for.
        let left = unsafe { self.backend.enter(entry, &mut *self.world.thread) };
        assert_eq!(left.exit, expected.exit, "{}: exit", self.what);
        let places = self.backend.exit_locations(left.exit).expect("a known exit");
        let live: Vec<u64> = places.iter().map(|p| p.read(&self.world.thread)).collect();
        assert_eq!(live, expected.live, "{}: live values at exit {}: {places:?}", self.what, left.exit);
        assert_eq!(self.world.state(), after, "{}: memory", self.what);
        expected
    }
}

fn trace_of_exit(program: &Program, exit: u32) -> (&Trace, usize) {
    let trace = program
        .traces
        .values()
        .find(|t| (t.first_exit..t.first_exit + t.exits.len() as u32).contains(&exit))
        .expect("the exit's trace");
    (trace, (exit - trace.first_exit) as usize)
}

fn one_round(style: Style, seed: u64) {
    let mut rng = Rng::new(seed);
    let mut pair = Pair::new(style, seed, &mut rng, None);
    let initial = pair.world.state();
    let sizes = (rng.below(40), rng.below(80));
    let guards = rng.below(35);
    let end = if rng.chance(90) { End::Loop } else { End::Leave };
    let shape = Shape { id: 1, first_exit: 0, sizes, end, guards, parent: None, target: None };
    let trace = generate(&shape, &mut rng, &mut pair.world);
    pair.world.restore(&initial);
    let entry = pair.add(trace).entry;
    for _ in 0..6 {
        pair.world.restore(&initial);
        let outcome = pair.run(1, entry);
        // Go on where it left, in a bridge.
        let (parent, index) = trace_of_exit(&pair.program, outcome.exit);
        let exit = parent.exits[index].clone();
        let (id, first_exit) = (pair.next_id, pair.next_exit);
        let root = &pair.program.traces[&1];
        let can_jump = end == End::Loop && pair.backend.can_jump(outcome.exit, 1);
        let shape = Shape {
            id,
            first_exit,
            sizes: (rng.below(40), 0),
            end: if can_jump && rng.chance(80) { End::JumpTo } else { End::Leave },
            guards: rng.below(35),
            parent: Some((parent, &exit, outcome.exit, &outcome.live)),
            target: Some(root),
        };
        let state = pair.world.state();
        let bridge = generate(&shape, &mut rng, &mut pair.world);
        pair.world.restore(&state);
        let compiled = pair.add(bridge);
        pair.backend.attach_bridge(outcome.exit, compiled.entry).expect("attach");
        pair.program.bridges.insert(outcome.exit, id);
    }
}

#[test]
fn random_traces_and_bridges() {
    for style in styles() {
        for seed in 0..120 {
            one_round(style, seed);
        }
    }
}

#[test]
fn back_to_the_interpreter() {
    for style in styles() {
        let pair = &mut Pair::new(style, 0, &mut Rng::new(0), None);
        let bump = pair.world.thread.bump;
        // SAFETY: the code that only leaves.
        let left = unsafe { pair.backend.enter(pair.backend.exit_to_interpreter(), &mut *pair.world.thread) };
        assert_eq!(left.exit, EXIT_INTERPRETER);
        assert_eq!(pair.world.thread.bump, bump);
    }
}
