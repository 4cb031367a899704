//! Random traces run as machine code and by the evaluator: the same exits, live values and memory.
//!
//! They need RV64: `cargo test --target riscv64gc-unknown-linux-gnu -- --test-threads=1` with qemu-user or `mj run` as the runner; on
//! other hosts there is nothing to run. `MJ_TEST_STYLES=naive,soft,hw` chooses the styles; `hw` needs `mj run`.

use super::Rng;
use super::code::trace;
use super::evaluate::{Outcome, Program};
use super::generate::{End, Shape, generate};
use super::world::{World, barrier_slow};
use crate::backend::{Backend, Compiled, Config, EXIT_INTERPRETER, Style};
use crate::frame::{self, Frame};
use crate::ir::Trace;
use crate::language::Head;

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
        let program = Program { force_fail, ..Program::default() };
        Pair { world, program, backend, next_exit: 0, next_id: 1, what }
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

/// A random trace, run six times, each time with a bridge more.
fn one_round(style: Style, seed: u64, force_fail: Option<u64>) {
    let mut rng = Rng::new(seed);
    let mut pair = Pair::new(style, seed, &mut rng, force_fail);
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
        if rng.chance(15) {
            let trace = 1 + rng.below(id as usize) as u32;
            pair.backend.invalidate(trace).expect("patch");
            pair.program.invalid.insert(trace);
        }
    }
}

#[test]
fn random_traces_and_bridges() {
    for style in styles() {
        for seed in 0..60 {
            one_round(style, seed, None);
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

#[test]
fn forced_failures() {
    for style in styles() {
        for seed in 0..20 {
            one_round(style, 1000 + seed, Some(1 + seed % 3));
        }
    }
}

/// Two frames of four slots, and heads that lead back to the interpreter.
struct Frames {
    words: Box<[u64]>,
    head: Box<Head>,
}

const FRAME_BYTES: usize = Frame::size(4);

impl Frames {
    /// The caller's frame has one live slot; the callee's is the root.
    fn new(pair: &mut Pair) -> Frames {
        let mut words = vec![0u64; 2 * FRAME_BYTES / 8].into_boxed_slice();
        let head = Box::new(Head::new());
        head.entry.set(pair.backend.exit_to_interpreter());
        let caller: *mut Frame = words.as_mut_ptr().cast();
        let callee = (caller as usize + FRAME_BYTES) as *mut Frame;
        // SAFETY: both lie in `words`.
        unsafe {
            (*caller).sp = 1;
            (*caller).resume = &*head;
            (*callee).prev = caller;
            *Frame::slot(callee, 2) = pair.world.object(3);
        }
        pair.world.thread.frame = callee;
        Frames { words, head }
    }

    fn caller(&self) -> *const Frame {
        self.words.as_ptr().cast()
    }
}

#[test]
fn returns_to_the_caller() {
    for style in styles() {
        let pair = &mut Pair::new(style, 0, &mut Rng::new(0), None);
        let frames = Frames::new(pair);
        let slot = frame::HEADER + 16;
        let text = format!("trace 1\np0 = frame_load({slot})\nfinish(p0)");
        let entry = pair.add(trace(&text)).entry;
        // SAFETY: a trace of the frame that is set up.
        let left = unsafe { pair.backend.enter(entry, &mut *pair.world.thread) };
        assert_eq!(left.exit, EXIT_INTERPRETER);
        assert_eq!(pair.world.thread.frame as *const Frame, frames.caller());
        // SAFETY: the caller's frame is alive.
        let (sp, top) = unsafe { ((*frames.caller()).sp, *Frame::slot(frames.caller() as *mut Frame, 1)) };
        assert_eq!((sp, top), (2, pair.world.object(3)));
    }
}

#[test]
fn calls_through_a_head() {
    for style in styles() {
        let pair = &mut Pair::new(style, 0, &mut Rng::new(0), None);
        let frames = Frames::new(pair);
        pair.world.thread.frame = frames.caller() as *mut Frame;
        let inner = pair.add(trace("trace 1\nleave() [0]")).entry;
        frames.head.entry.set(inner);
        let head = &raw const *frames.head as u64;
        let (store, resume) = (FRAME_BYTES + frame::HEADER, std::mem::offset_of!(Frame, resume));
        let text = format!(
            "trace 2 first exit 1\nframe_store({resume}, {resume})\nframe_store(null, {store})\n\
             frame_move({FRAME_BYTES})\njump_head({head})"
        );
        let entry = pair.add(trace(&text)).entry;
        // SAFETY: a trace of the frame that is set up.
        let left = unsafe { pair.backend.enter(entry, &mut *pair.world.thread) };
        assert_eq!(left.exit, 0);
        assert_eq!(pair.world.thread.frame as usize, frames.caller() as usize + FRAME_BYTES);
        assert_eq!(frames.words[resume / 8], resume as u64);
    }
}

#[test]
fn far_slots_of_the_frame_and_of_objects() {
    for style in styles() {
        let pair = &mut Pair::new(style, 0, &mut Rng::new(0), None);
        let mut words = vec![0u64; 2000].into_boxed_slice();
        pair.world.thread.frame = words.as_mut_ptr().cast();
        words[1500] = pair.world.object(2).0;
        let entry = pair
            .add(trace("trace 1\np0 = frame_load(12000)\nframe_store(p0, 12008)\ni1 = frame_address(12016)\nleave() [0]\nexit 0: live(p0, i1)"))
            .entry;
        // SAFETY: a trace of the frame that is set up.
        let left = unsafe { pair.backend.enter(entry, &mut *pair.world.thread) };
        assert_eq!(left.exit, 0);
        assert_eq!(words[1501], words[1500]);
        let places = pair.backend.exit_locations(0).expect("a known exit");
        assert_eq!(places[0].read(&pair.world.thread), words[1500]);
        assert_eq!(places[1].read(&pair.world.thread), &raw const words[1502] as u64);
    }
}
