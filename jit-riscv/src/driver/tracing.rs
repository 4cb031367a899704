//! Recording a trace from a head or an exit, and how traces end.

use super::deopt::Then;
use super::interpret::{Frames, unwind};
use super::{Jit, log_line, phases};
use crate::domain::trace::{Ending, ToHead, ToLabel, Traced, Tracer};
use crate::domain::{Domain, Next};
use crate::frame::{Frame, HEADER};
use crate::ir::{Arg, Const, Descr, Opcode};
use crate::language::{GuestCode, Head, Language};
use crate::object::{Kind, Ref};

impl<L: Language> Frames for Tracer<L> {
    fn leave(&mut self) -> bool {
        self.pop_frame()
    }
    fn set_pc(&mut self, pc: u32) {
        if let Some(f) = self.frames.last_mut() {
            f.pc = pc;
        }
    }
}

/// How a recording ended.
enum End {
    /// It is complete.
    Complete(Ending),
    /// It cannot be a trace.
    Aborted(&'static str),
}

/// Recordings of a loop that leave it before one is accepted.
const LOOP_TRIES: u32 = 4;

/// Heads of outer loops that a bridge goes through at the most.
const HEADS_PASSED: usize = 3;

/// A place in a program: the address of the code object, and the bytecode.
pub(crate) type Place = (u64, u32);

/// The head to which a recording may come back.
#[derive(Clone, Copy)]
enum Start {
    /// Its own.
    Loop(Place),
    /// That of the loop which a bridge belongs to.
    Label(Place),
    Nowhere,
}

impl<L: Language> Jit<L> {
    /// Traces from the head that the thread's frame is at (a function's or a return point's, or else a loop's); the thread's frame is
    /// then where the recording ended.
    pub(crate) fn trace_head(&mut self, function: bool) -> Then {
        self.phase(phases::TRACING);
        let id = self.traces.len() as u32;
        // SAFETY: the VM outlives the JIT and has a frame.
        let mut t = unsafe { Tracer::<L>::at_head(self.vm, id) };
        t.patterns = self.options.patterns;
        let (code, pc) = (t.frames[0].code, t.frames[0].pc);
        t.trace.name = format!("{}:{} pc {pc}", code.name(), code.line(pc));
        // Return points are entered by whoever returns there, through memory.
        if !self.options.patterns || function && pc != 0 {
            t.boxes.clear();
        }
        let head = &code.heads()[pc as usize];
        t.enter_trace();
        let place = (code as *const L::Code as u64, pc);
        let (end, then) = self.record(&mut t, Start::Loop(place));
        t.write_back();
        self.held = then;
        let compiled = match end {
            // This was the loop's last iteration: a later one is better.
            End::Complete(ending)
                if !function && !matches!(ending, Ending::Loop(_)) && self.tries_again(head) =>
            {
                return self.give_back();
            }
            End::Complete(ending) => self.compile(t.finish(ending), Some(head), place),
            End::Aborted(why) => {
                log_line(&mut self.options, &format!("# {} aborted: {why}", t.trace.name));
                false
            }
        };
        if !compiled {
            self.counts.aborted += 1;
            // What changed while it was recorded may be stable from now on.
            if !std::mem::take(&mut self.broken) || !self.tries_again(head) {
                head.count.set(Head::NEVER);
            }
        }
        self.give_back()
    }

    /// What the interpreter has to do after a recording.
    fn give_back(&mut self) -> Then {
        self.phase(phases::INTERPRETER);
        std::mem::replace(&mut self.held, Then::On)
    }

    /// Whether a head whose recording was of no use is to be traced again, after a few more rounds.
    fn tries_again(&mut self, head: &Head) -> bool {
        let tries = self.tries.entry(head as *const Head).or_insert(0);
        *tries += 1;
        let again = *tries <= LOOP_TRIES;
        if again {
            // Not a multiple of what loops often run for.
            head.count.set(self.options.loop_threshold.saturating_sub(7 * *tries));
        }
        again
    }

    /// Records and attaches a bridge for `exit`. The thread's frame is then where the recording ended.
    pub(crate) fn trace_bridge(&mut self, exit: u32, mut t: Tracer<L>) -> Then {
        let Some((code, pc)) = t.frames.last().map(|f| (f.code, f.pc)) else { return Then::On };
        t.trace.name = format!("bridge of exit {exit}, {}:{} pc {pc}", code.name(), code.line(pc));
        t.trace.bridge_of = Some(exit);
        t.enter_trace();
        let start = match &t.label {
            Some((label, _)) if self.backend.as_ref().is_some_and(|b| b.can_jump(exit, label.trace)) => {
                Start::Label(self.traces[label.trace as usize].place)
            }
            _ => Start::Nowhere,
        };
        let (end, then) = self.record(&mut t, start);
        t.write_back();
        self.held = then;
        let compiled = match end {
            End::Complete(ending) => {
                self.compile(t.finish(ending), None, (code as *const L::Code as u64, pc))
            }
            End::Aborted(why) => {
                log_line(&mut self.options, &format!("# {} aborted: {why}", t.trace.name));
                false
            }
        };
        if !compiled {
            self.counts.aborted += 1;
            self.exits[exit as usize].closed = true;
        }
        std::mem::replace(&mut self.held, Then::On)
    }

    /// Executes and records bytecodes until the trace ends.
    fn record(&mut self, t: &mut Tracer<L>, start: Start) -> (End, Then) {
        // Loop heads so far.
        let mut passed = 0;
        loop {
            let top = match t.frames.last() {
                Some(f) => f,
                None => return (End::Aborted("no frame"), Then::On),
            };
            let op = top.code.op(top.pc);
            t.begin();
            if t.trace.ops.len() >= self.options.trace_limit && !t.replays() {
                t.guard(Opcode::Leave, None, &[], Descr::None);
                return (End::Complete(Ending::Straight), Then::On);
            }
            let next = L::step(t, op);
            t.end();
            match next {
                Ok(Next::Fall) => {
                    if let Some(f) = t.frames.last_mut() {
                        f.pc += 1;
                    }
                }
                Ok(Next::Jump(target)) => {
                    let back = target <= t.pc();
                    t.set_pc(target);
                    if back && !t.failed {
                        passed += 1;
                        if !self.passes_through(t, start, passed) {
                            return (self.end_at_head(t, start), Then::On);
                        }
                    }
                }
                Ok(Next::Call) => {
                    if !t.failed && !self.inlines(t) {
                        return (self.end_at_head(t, Start::Nowhere), Then::On);
                    }
                }
                Ok(Next::Return(v)) => {
                    if t.frames.len() == 1 {
                        let args: &[Arg] = match &v {
                            Some(v) => &[v.arg],
                            None => &[],
                        };
                        t.record(Opcode::Return, None, args, Descr::None);
                        let end =
                            if t.failed { End::Aborted("failed") } else { End::Complete(Ending::Straight) };
                        return (end, Then::Next(Next::Return(v.map(|v| v.v))));
                    }
                    t.pop_frame();
                    if let Some(v) = v {
                        t.push(v);
                    }
                }
                Err(e) => {
                    if !unwind(t, e) {
                        // It leaves the root frame: the interpreter's business, from this bytecode on.
                        return (self.end_before(t, "an exception leaves the trace"), Then::Leave(e.v));
                    }
                }
            }
            if t.failed {
                return (self.end_before(t, "an operation cannot be traced"), Then::On);
            }
        }
    }

    /// The current bytecode cannot be part of the trace: it leaves before it.
    fn end_before(&self, t: &mut Tracer<L>, why: &'static str) -> End {
        if t.leave_before() { End::Complete(Ending::Straight) } else { End::Aborted(why) }
    }

    /// Whether a bridge goes on through the head of another loop: an outer loop's iteration becomes part of the bridge, which comes
    /// back to its own loop's label.
    fn passes_through(&self, t: &Tracer<L>, start: Start, passed: usize) -> bool {
        let (Start::Label(of), [root]) = (start, &t.frames[..]) else { return false };
        let place = (root.code as *const L::Code as u64, root.pc);
        let head = &root.code.heads()[root.pc as usize];
        place != of && place.0 == of.0 && passed <= HEADS_PASSED && head.count.get() != Head::COMPILED
    }

    /// Whether the call that was just entered becomes part of the trace.
    fn inlines(&self, t: &Tracer<L>) -> bool {
        let Some(callee) = t.frames.last() else { return false };
        let same = t.frames.iter().filter(|f| std::ptr::eq(f.code, callee.code)).count();
        !callee.code.has_loop()
            && t.frames.len() <= self.options.inline_depth + 1
            && same <= self.options.inline_recursion
    }

    /// The innermost frame is at a head: the trace closes its loop, or goes on to that head's machine code.
    fn end_at_head(&mut self, t: &mut Tracer<L>, start: Start) -> End {
        let top = match t.frames.last() {
            Some(f) => f,
            None => return End::Aborted("no frame"),
        };
        let place = (top.code as *const L::Code as u64, top.pc);
        t.begin();
        let mut to_label = None;
        let head = &top_code(t).heads()[place.1 as usize] as *const Head;
        if t.frames.len() == 1 {
            match start {
                Start::Loop(own) if own == place => {
                    t.check_assumptions();
                    return End::Complete(Ending::Loop(root_slots(t)));
                }
                Start::Label(of) if of == place => to_label = self.to_label(t),
                _ => {}
            }
        }
        let mut offsets = vec![0usize];
        for f in &t.frames {
            let last = offsets[offsets.len() - 1];
            offsets.push(last + Frame::size(f.code.slots()));
        }
        let n = t.frames.len();
        let to_head = ToHead {
            head,
            slots: t.frames[n - 1].slots.iter().map(|s| s.arg).collect(),
            base: offsets[n - 1],
            snapshot: t.snapshot(),
            tail: t.trace.ops.len(),
        };
        if n > 1 {
            let space = Descr::Number(offsets[n] as i64);
            t.guard(Opcode::GuardFrameSpace, None, &[], space);
        }
        for i in 0..n {
            self.store_frame(t, i, &offsets);
        }
        if n > 1 {
            t.record(Opcode::FrameMove, None, &[], Descr::Number(offsets[n - 1] as i64));
        }
        // SAFETY: heads belong to code, which is never freed.
        let address = unsafe { &raw const (*head).entry } as i64;
        t.record(Opcode::JumpHead, None, &[], Descr::Number(address));
        End::Complete(match to_label {
            Some(to_label) => Ending::Label(to_label, to_head),
            None => Ending::Head(to_head),
        })
    }

    /// A bridge is back at its loop's head. None: it has changed a slot that the loop does not carry.
    fn to_label(&self, t: &mut Tracer<L>) -> Option<ToLabel> {
        let (label, carried) = t.label.clone()?;
        let carries = |i: usize| label.slots.iter().any(|(slot, _)| *slot == i);
        if (0..t.frames[0].slots.len()).any(|i| !carries(i) && !t.is_kept(i, t.frames[0].slots[i].arg)) {
            return None;
        }
        t.check_assumptions();
        let snapshot = t.snapshot();
        Some(ToLabel { slots: root_slots(t), label, carried, snapshot })
    }

    /// Records the stores that bring frame `i` to memory; the optimiser drops those of what memory holds already.
    fn store_frame(&mut self, t: &mut Tracer<L>, i: usize, offsets: &[usize]) {
        let n = t.frames.len();
        let base = offsets[i];
        let f = &t.frames[i];
        let (code, pc, tag) = (f.code as *const L::Code as i64, f.pc, f.tag);
        let slots: Vec<Traced<Ref>> = f.slots.clone();
        let resume = f.code.heads().as_ptr().wrapping_add(pc as usize) as i64;
        let word = |t: &mut Tracer<L>, at: usize, v: i64| {
            let c = t.const_arg(Const::Int(v));
            t.record(Opcode::FrameStore, None, &[c], Descr::Number((base + at) as i64));
        };
        // Offsets of the header's words: see `Frame`.
        if i > 0 {
            word(t, 0, code);
            let below = Descr::Number(offsets[i - 1] as i64);
            let prev = t.record(Opcode::FrameAddr, Some(Kind::Int), &[], below);
            t.record(Opcode::FrameStore, None, &[prev], Descr::Number((base + 16) as i64));
            word(t, 32, tag as i64);
        }
        word(t, 8, pc as i64 | (slots.len() as i64) << 32);
        if i + 1 < n {
            word(t, 24, resume);
        }
        for (j, s) in slots.iter().enumerate() {
            t.record(Opcode::FrameStore, None, &[s.arg], Descr::Number((base + HEADER + 8 * j) as i64));
        }
    }
}

fn top_code<L: Language>(t: &Tracer<L>) -> &'static L::Code {
    t.frames[t.frames.len() - 1].code
}

fn root_slots<L: Language>(t: &Tracer<L>) -> Vec<Arg> {
    t.frames[0].slots.iter().map(|s| s.arg).collect()
}
