//! The interpreter loop, its heads and safe points.

use super::deopt::Then;
use super::{Jit, phases};
use crate::backend::EXIT_INTERPRETER;
use crate::domain::concrete::Concrete;
use crate::domain::replay::Replay;
use crate::domain::{Domain, Next};
use crate::frame::Frame;
use crate::language::{GuestCode, Head, Language, Vm};
use crate::object::Ref;

/// A domain whose frames the driver can leave and move in.
pub(crate) trait Frames: Domain {
    /// Leaves the frame for its caller. False: it has none here.
    fn leave(&mut self) -> bool;
    fn set_pc(&mut self, pc: u32);
}

impl<L: Language> Frames for Concrete<L> {
    fn leave(&mut self) -> bool {
        self.pop_frame()
    }
    fn set_pc(&mut self, pc: u32) {
        self.pc = pc;
    }
}

impl<L: Language> Frames for Replay<L> {
    fn leave(&mut self) -> bool {
        self.pop_frame()
    }
    fn set_pc(&mut self, pc: u32) {
        self.inner.pc = pc;
    }
}

/// Finds the handler of an exception: frames without one are left. False: nobody handles it.
pub(crate) fn unwind<D: Frames>(d: &mut D, exception: D::R) -> bool {
    loop {
        if let Some(pc) = <D::Lang as Language>::unwind(d, exception) {
            d.set_pc(pc);
            return true;
        }
        if !d.leave() {
            return false;
        }
        // A caller's pc is behind the call.
        let pc = d.pc() - 1;
        d.set_pc(pc);
    }
}

/// Where the interpreter is after a bytecode.
enum Flow {
    /// On with the next one.
    On,
    /// At a head that machine code may start at.
    Head { function: bool },
    /// The run is over.
    Done(Result<Ref, Ref>),
}

impl<L: Language> Jit<L> {
    /// Interprets until the frame above `sentinel` is left.
    pub(crate) fn interpret(&mut self, sentinel: *mut Frame) -> Result<Ref, Ref> {
        // SAFETY: the VM outlives the JIT and has a frame.
        let mut d = unsafe { Concrete::<L>::new(self.vm) };
        loop {
            let op = d.code.op(d.pc);
            let next = L::step(&mut d, op);
            match self.advance(&mut d, next) {
                Flow::On => {}
                Flow::Head { function } => {
                    if let Some(result) = self.at_head(&mut d, function, sentinel) {
                        return result;
                    }
                }
                Flow::Done(result) => return result,
            }
        }
    }

    #[inline(always)]
    fn advance(&mut self, d: &mut Concrete<L>, next: Result<Next<Ref>, Ref>) -> Flow {
        match next {
            Ok(Next::Fall) => {
                d.pc += 1;
                Flow::On
            }
            Ok(Next::Jump(target)) => {
                let back = target <= d.pc;
                d.pc = target;
                if back { Flow::Head { function: false } } else { Flow::On }
            }
            Ok(Next::Call) => Flow::Head { function: true },
            Ok(Next::Return(v)) => {
                if !d.pop_frame() {
                    return Flow::Done(Ok(v.unwrap_or(Ref::NULL)));
                }
                if let Some(v) = v {
                    d.push(v);
                }
                Flow::Head { function: true }
            }
            Err(e) => {
                if unwind(d, e) {
                    Flow::On
                } else {
                    Flow::Done(Err(e))
                }
            }
        }
    }

    /// Counts a head, and starts its machine code or traces it. Some: that ended the run.
    #[inline(always)]
    fn at_head(
        &mut self,
        d: &mut Concrete<L>,
        function: bool,
        sentinel: *mut Frame,
    ) -> Option<Result<Ref, Ref>> {
        self.safe_point(d);
        let head = &d.code.heads()[d.pc as usize];
        let count = head.count.get();
        let threshold = if function { self.options.function_threshold } else { self.options.loop_threshold };
        if count < threshold {
            if count == 0 && !function {
                self.loops.insert(head);
            }
            head.count.set(count + 1);
            return None;
        }
        if count == Head::NEVER || self.nested > 0 || self.backend.is_none() {
            return None;
        }
        self.hot(d, function, sentinel)
    }

    /// A collection, if one is wanted and nobody in the runtime holds references.
    #[inline(always)]
    pub(crate) fn safe_point(&mut self, d: &mut Concrete<L>) {
        if d.wants_collection() && self.nested == 0 {
            self.collect(d);
        }
    }

    #[cold]
    #[inline(never)]
    fn collect(&mut self, d: &mut Concrete<L>) {
        d.flush();
        self.with_roots(|heap, thread, roots| heap.collect(thread, phases::INTERPRETER, roots));
        d.reload();
    }

    /// Calls `f` with the heap and all roots: frames, the runtime's, and constants of machine code.
    pub(crate) fn with_roots(
        &mut self,
        f: impl FnOnce(
            &mut crate::heap::Heap,
            &mut crate::thread::Thread,
            &mut dyn FnMut(&mut dyn FnMut(&mut Ref)),
        ),
    ) {
        let vm = self.vm;
        let traces = &mut self.traces;
        let held = &mut self.held;
        // SAFETY: the VM outlives the JIT. Heap, thread and the rest of the VM are disjoint; `roots` of a language's VM visits neither
        // of the former two.
        unsafe {
            let heap: *mut crate::heap::Heap = (*vm).heap();
            let thread: *mut crate::thread::Thread = (*vm).thread();
            f(&mut *heap, &mut *thread, &mut |visit| {
                Self::frame_roots(thread, visit);
                held.visit(visit);
                (*vm).roots(visit);
                for t in traces.iter_mut() {
                    t.consts.iter_mut().for_each(&mut *visit);
                    if let Some(source) = &mut t.source {
                        super::patterns::visit_recording(&mut source.recording, visit);
                    }
                }
            });
        }
    }

    /// A hot head: runs its machine code, or traces it. Some: the run is over.
    #[cold]
    #[inline(never)]
    fn hot(
        &mut self,
        d: &mut Concrete<L>,
        mut function: bool,
        sentinel: *mut Frame,
    ) -> Option<Result<Ref, Ref>> {
        loop {
            let head = &d.code.heads()[d.pc as usize];
            match head.count.get() {
                Head::NEVER => return None,
                Head::COMPILED => {}
                count if function && count < self.options.function_threshold => {
                    head.count.set(count + 1);
                    return None;
                }
                _ => {
                    d.flush();
                    let then = self.trace_head(function);
                    return self.go_on(d, then);
                }
            }
            d.flush();
            // SAFETY: the entry is that of the trace for the innermost frame's place.
            let left = unsafe { self.backend.as_ref()?.enter(head.entry.get(), (*self.vm).thread()) };
            if left.exit != EXIT_INTERPRETER {
                return self.go_on_from(d, left.exit);
            }
            // It jumped to a head that has no trace (yet), or returned from the run's first frame.
            // SAFETY: the thread's frame is what machine code left.
            unsafe {
                let frame = (*self.vm).thread().frame;
                if frame == sentinel {
                    let sp = (*frame).sp as usize;
                    return Some(Ok(if sp > 0 { *Frame::slot(frame, sp - 1) } else { Ref::NULL }));
                }
            }
            d.reload();
            self.safe_point(d);
            function = !self.loops.contains(&(&d.code.heads()[d.pc as usize] as *const Head));
        }
    }

    /// The interpreter goes on from an exit of machine code. Some: the run is over.
    fn go_on_from(&mut self, d: &mut Concrete<L>, exit: u32) -> Option<Result<Ref, Ref>> {
        self.phase(phases::DEOPT);
        let then = self.leave_by(exit);
        self.phase(phases::INTERPRETER);
        self.go_on(d, then)
    }

    /// The interpreter takes over the thread's frame. Some: the run is over.
    fn go_on(&mut self, d: &mut Concrete<L>, then: Then) -> Option<Result<Ref, Ref>> {
        d.reload();
        let flow = match then {
            Then::On => Flow::On,
            Then::Next(next) => self.advance(d, Ok(next)),
            Then::Leave(e) => {
                if d.pop_frame() {
                    // A caller's pc is behind the call.
                    d.pc -= 1;
                    self.advance(d, Err(e))
                } else {
                    Flow::Done(Err(e))
                }
            }
        };
        match flow {
            Flow::Done(result) => Some(result),
            Flow::On | Flow::Head { .. } => {
                self.safe_point(d);
                None
            }
        }
    }
}
