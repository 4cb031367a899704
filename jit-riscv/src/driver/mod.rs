//! The loop that interprets, counts, traces, enters machine code and deoptimises.
//!
//! | module | what |
//! |---|---|
//! | [`interpret`] | the interpreter loop, its heads and safe points |
//! | [`tracing`] | recording a trace from a head or an exit, and how traces end |
//! | [`deopt`] | from an exit of machine code back to frames in memory |
//! | [`compile`] | recording → optimiser → back end → head or exit |
//! | [`entries`] | typed entries of heads, and the traces that jump to them |
//! | [`patterns`] | young traces, and what the pattern table says of them |
//!
//! *Heads* are where machine code may start: the first bytecode of a loop, of a function, and the one after a call. The interpreter counts how
//! often it comes to a head; a hot one is traced. Traces go from head to head: a loop's trace comes back to its own, others
//! end with a jump through the next head's entry word, which leads to its trace, or back to the interpreter while there is none.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::backend::{Backend, Config, Style};
use crate::frame::{Frame, HEADER};
use crate::heap::phase;
use crate::language::{GuestCode, Head, Language, TO_INTERPRETER, Vm};
use crate::object::{Kind, Ref};
use crate::opt::label::Label;
use crate::opt::patterns::Entry;

pub mod compile;
pub mod deopt;
pub mod entries;
pub mod interpret;
pub mod patterns;
pub mod tracing;

/// The phase marks of the interpreter's side; machine code has 3 and 4, the collector 5.
pub mod phases {
    pub const INTERPRETER: u32 = 0;
    pub const TRACING: u32 = 1;
    pub const OPTIMISING: u32 = 2;
    pub const JIT_CODE: u32 = 3;
    pub const JIT_CALL: u32 = 4;
    pub const DEOPT: u32 = 6;
}

/// How to run.
pub struct Options {
    /// Trace and compile. Without it everything is interpreted.
    pub jit: bool,
    pub style: Style,
    /// Times a loop's head is interpreted before it is traced.
    pub loop_threshold: u32,
    /// The same for functions and return points.
    pub function_threshold: u32,
    /// Times a guard fails before its exit gets a bridge.
    pub bridge_threshold: u32,
    /// Test aid: never compile bridges.
    pub bridges: bool,
    /// Operations of a recording at which it ends where it is.
    pub trace_limit: usize,
    /// Frames of inlined calls at the most.
    pub inline_depth: usize,
    /// Frames of the same code at the most, in one trace.
    pub inline_recursion: usize,
    /// Use the hardware's pattern table.
    pub patterns: bool,
    /// Test aid: see [`Config::force_fail`].
    pub force_fail: Option<u64>,
    /// Receives the text of every trace.
    pub trace_log: Option<Box<dyn Write>>,
    /// Bytes of the frame region: what limits recursion.
    pub stack_bytes: usize,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            jit: true,
            style: Style::Soft,
            loop_threshold: 60,
            function_threshold: 120,
            bridge_threshold: 20,
            bridges: true,
            trace_limit: 4000,
            inline_depth: 8,
            inline_recursion: 1,
            patterns: false,
            force_fail: None,
            trace_log: None,
            stack_bytes: 64 << 20,
        }
    }
}

/// Size of the code arena.
const CODE_BYTES: usize = 32 << 20;

/// Room for the frames that an exit may write past [`crate::thread::Thread::frame_limit`].
const FRAME_SLACK: usize = 256 << 10;

/// What a run did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    pub traces: u64,
    pub bridges: u64,
    pub aborted: u64,
    pub deoptimisations: u64,
    pub invalidated: u64,
}

/// An exit of a compiled trace.
pub(crate) struct ExitRecord {
    pub exit: crate::ir::Exit,
    pub kinds: Vec<Kind>,
    /// The guard's opcode.
    pub guard: crate::ir::Opcode,
    /// Its trace.
    pub trace: u32,
    /// The guard of a promotion.
    pub speculative: bool,
    /// On the way from memory to a typed entry.
    pub to_entry: bool,
    /// Times it was taken to the interpreter.
    pub failures: u32,
    /// Gets no bridge (any more).
    pub closed: bool,
    /// Inside a loop: its label, and which live values are the label's carried ones.
    pub label: Option<(Rc<Label>, Vec<u32>)>,
}

/// A compiled trace.
pub(crate) struct TraceRecord {
    pub consts: Vec<Ref>,
    /// The head that it is the trace of.
    pub head: Option<*const Head>,
    /// Where it starts.
    pub place: tracing::Place,
    /// There, for a trace with a typed entry: the bytecode's index and the depth of the frame.
    pub depth: (u32, usize),
    /// To rewrite it.
    pub source: Option<patterns::Source>,
}

/// The JIT of one run.
pub struct Jit<L: Language> {
    pub(crate) options: Options,
    pub(crate) vm: *mut L::Vm,
    pub(crate) backend: Option<Backend>,
    pub(crate) traces: Vec<TraceRecord>,
    pub(crate) exits: Vec<ExitRecord>,
    pub counts: Counts,
    pub patterns: patterns::PatternCounts,
    /// Heads of loops, as far as the interpreter has jumped back to them.
    pub(crate) loops: FxHashSet<*const Head>,
    /// Recordings that left the loop of a head.
    pub(crate) tries: FxHashMap<*const Head, u32>,
    /// The last recording was given up because it changed what it had assumed.
    pub(crate) broken: bool,
    /// What the interpreter has to do after the recording that is being compiled: compiling may collect.
    pub(crate) held: deopt::Then,
    /// Typed entries, by head.
    pub(crate) entries: FxHashMap<*const Head, Rc<Entry>>,
    /// Traces that go on at a head through memory.
    pub(crate) jumpers: FxHashMap<*const Head, Vec<u32>>,
    /// The next pattern site to use.
    pub(crate) next_site: u16,
    /// Runs that runtime functions started and that have not ended.
    pub(crate) nested: usize,
    region: Vec<u64>,
    /// Where frames without a caller return to.
    sentinel: Box<Head>,
}

thread_local! {
    /// The run that is under way, for [`Watch::fire`](crate::language::Watch::fire) and [`call`].
    static CURRENT: Cell<Option<Current>> = const { Cell::new(None) };
}

#[derive(Clone, Copy)]
struct Current {
    jit: *mut (),
    invalidate: fn(*mut (), &[u32]),
}

impl<L: Language> Jit<L> {
    /// A JIT for `vm`, whose frames it sets up. Code objects must be made after it.
    ///
    /// # Safety
    /// `vm` outlives the JIT and does not move.
    pub unsafe fn new(vm: *mut L::Vm, options: Options) -> Result<Box<Self>, crate::backend::CompileError> {
        let backend = if options.jit && Backend::available() {
            let config = Config {
                style: options.style,
                barrier_slow: crate::heap::barrier::barrier_slow as *const () as usize,
                force_fail: options.force_fail,
                code_bytes: CODE_BYTES,
            };
            // SAFETY: the caller's VM.
            Some(Backend::new(config, unsafe { (*vm).thread() })?)
        } else {
            None
        };
        if let Some(b) = &backend {
            TO_INTERPRETER.store(b.exit_to_interpreter(), std::sync::atomic::Ordering::Relaxed);
        }
        let words = (options.stack_bytes + FRAME_SLACK) / 8;
        let mut region = Vec::with_capacity(words);
        let base: *mut u64 = region.as_mut_ptr();
        let jit = Box::new(Jit {
            vm,
            backend,
            traces: Vec::new(),
            exits: Vec::new(),
            counts: Counts::default(),
            patterns: patterns::PatternCounts::default(),
            loops: FxHashSet::default(),
            tries: FxHashMap::default(),
            broken: false,
            held: deopt::Then::On,
            entries: FxHashMap::default(),
            jumpers: FxHashMap::default(),
            next_site: 0,
            nested: 0,
            region,
            sentinel: Box::new(Head::new()),
            options,
        });
        // SAFETY: the VM outlives the JIT; the region is owned by it.
        unsafe {
            let thread = (*vm).thread();
            thread.frame = std::ptr::null_mut();
            thread.frame_limit = base as u64 + jit.options.stack_bytes as u64;
        }
        Ok(jit)
    }

    /// Runs `code` to its end. Err: the exception that nobody caught.
    pub fn run(&mut self, code: &'static L::Code, locals: &[Ref], tag: u64) -> Result<Ref, Ref> {
        let outer = CURRENT.get();
        CURRENT.set(Some(Current {
            jit: self as *mut Self as *mut (),
            invalidate: |jit, traces| {
                // SAFETY: `jit` is the run under way: it is set for the time of `run` only.
                unsafe { (*(jit as *mut Self)).invalidate(traces) }
            },
        }));
        let result = self.run_frame(code, locals, tag);
        CURRENT.set(outer);
        result
    }

    /// Pushes a frame without a caller above the innermost one, and interprets it to its end.
    fn run_frame(&mut self, code: &'static L::Code, locals: &[Ref], tag: u64) -> Result<Ref, Ref> {
        // SAFETY: the VM outlives the JIT, and frames lie in the region.
        unsafe {
            let thread: *mut crate::thread::Thread = (*self.vm).thread();
            let outer = (*thread).frame;
            // A frame's `code` is null only in sentinels, which have one slot.
            let sentinel = if outer.is_null() {
                self.region.as_mut_ptr() as *mut Frame
            } else {
                let slots = match (*outer).code {
                    0 => 1,
                    c => (*(c as *const L::Code)).slots(),
                };
                (outer as *mut u8).add(Frame::size(slots)) as *mut Frame
            };
            *sentinel =
                Frame { code: 0, pc: 0, sp: 0, prev: outer, resume: &*self.sentinel as *const Head, tag: 0 };
            let frame = (sentinel as *mut u8).add(Frame::size(1)) as *mut Frame;
            *frame = Frame {
                code: code as *const L::Code as u64,
                pc: 0,
                sp: code.locals() as u32,
                prev: sentinel,
                resume: std::ptr::null(),
                tag,
            };
            let slots = (frame as *mut u8).add(HEADER) as *mut Ref;
            for i in 0..code.locals() {
                *slots.add(i) = locals.get(i).copied().unwrap_or(Ref::NULL);
            }
            (*thread).frame = frame;
            let result = self.interpret(sentinel);
            (*thread).frame = outer;
            result
        }
    }

    /// Calls `visit` for every reference in frames.
    ///
    /// # Safety
    /// `thread` is the VM's; its innermost frame is written back.
    pub(crate) unsafe fn frame_roots(thread: *mut crate::thread::Thread, visit: &mut dyn FnMut(&mut Ref)) {
        // SAFETY: frames form a list, innermost first; `sp` slots of each are references.
        unsafe {
            let mut frame = (*thread).frame;
            while !frame.is_null() {
                for i in 0..(*frame).sp as usize {
                    let slot = &mut *Frame::slot(frame, i);
                    if !slot.is_null() {
                        visit(slot);
                    }
                }
                frame = (*frame).prev;
            }
        }
    }

    /// Traces that relied on something that changed.
    fn invalidate(&mut self, traces: &[u32]) {
        for &id in traces {
            self.retire_entry(id);
            if let Some(source) = self.traces[id as usize].source.take() {
                // The machine code may still count it down.
                Box::leak(source.countdown);
            }
            if let Some(head) = self.traces[id as usize].head.take() {
                // SAFETY: heads belong to code, which is never freed.
                unsafe { (*head).reset() };
            }
            self.counts.invalidated += 1;
            if let Some(b) = &mut self.backend
                && let Err(e) = b.invalidate(id)
            {
                log_line(&mut self.options, &format!("# invalidation of trace {id} failed: {e}"));
            }
        }
    }

    pub(crate) fn phase(&self, n: u32) {
        phase::mark(n);
    }

    /// Writes what each instruction of the traces is, and the run's own counters as lines `# name value`.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_code_map(&self, out: &mut dyn Write) -> std::io::Result<()> {
        if let Some(backend) = &self.backend {
            backend.code_map().write(out)?;
        }
        let (counts, patterns) = (self.counts, self.patterns);
        for (name, value) in [
            ("traces", counts.traces),
            ("bridges", counts.bridges),
            ("aborted", counts.aborted),
            ("deoptimisations", counts.deoptimisations),
            ("invalidated", counts.invalidated),
            ("pattern_sites", patterns.sites),
            ("patterns_confirmed_value", patterns.confirmed_values),
            ("patterns_confirmed_type", patterns.confirmed_types),
            ("respecialised", patterns.respecialised),
            ("typed_entries", patterns.typed_entries),
            ("relinked", patterns.relinked),
            ("speculations_failed", patterns.failed),
        ] {
            writeln!(out, "# {name} {value}")?;
        }
        Ok(())
    }
}

/// A line of the trace log.
pub(crate) fn log_line(options: &mut Options, line: &str) {
    if let Some(log) = &mut options.trace_log {
        // A log that cannot be written must not stop the program.
        let _ = writeln!(log, "{line}");
    }
}

/// Invalidates traces: see [`crate::language::Watch::fire`].
pub(crate) fn invalidate(traces: &[u32]) {
    if let Some(c) = CURRENT.get() {
        (c.invalidate)(c.jit, traces);
    }
}

/// Runs `code` from inside a runtime function, to its end, interpreted. No collection happens in it: the caller's references stay
/// valid. Err: the exception that left it.
///
/// # Safety
/// A [`Jit::run`] of the same language is under way on this thread, and the caller is a runtime function that it called.
pub unsafe fn call<L: Language>(code: &'static L::Code, locals: &[Ref], tag: u64) -> Result<Ref, Ref> {
    let Some(current) = CURRENT.get() else {
        return Err(Ref::NULL);
    };
    // SAFETY: by the contract above.
    let jit = unsafe { &mut *(current.jit as *mut Jit<L>) };
    jit.nested += 1;
    let result = jit.run_frame(code, locals, tag);
    jit.nested -= 1;
    result
}
