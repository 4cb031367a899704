//! The tracer's domain: every value is an operand of the trace together with its concrete value; every operation is executed and
//! recorded.
//!
//! Frames are shadows of the interpreter's: the root frame and the frames of inlined calls. A guard's snapshot is the frames at the
//! start of the current bytecode, the results of its impure operations so far, and the guard's ordinal in it: what
//! [`super::replay`] needs. Where the bytecode has had no effect yet, the snapshot carries neither: the bytecode just runs again.

mod operations;

use std::collections::VecDeque;
use std::rc::Rc;

use rustc_hash::FxHashMap;

use super::concrete::invoke;
use super::{Domain, Fallible, Operand};
use crate::frame::{Frame, HEADER};
use crate::ir::{Arg, Const, Descr, NO_EXIT, Op, Opcode, Trace};
use crate::language::{Assumption, GuestCode, Language, Vm, Watch};
use crate::object::{Array, Call, ClassId, Effect, Field, Kind, LENGTH, Ref};
use crate::thread::Thread;

/// A value of the trace and what it is now.
#[derive(Clone, Copy, Debug)]
pub struct Traced<V> {
    pub arg: Arg,
    pub v: V,
}

/// The frames where a guard's bytecode starts, and what has happened in it.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Root first.
    pub frames: Rc<[Rc<FrameSnapshot>]>,
    pub log: Vec<Arg>,
    pub ordinal: u32,
}

#[derive(Clone, Debug)]
pub struct FrameSnapshot {
    pub code: u64,
    pub pc: u32,
    pub tag: u64,
    pub slots: Vec<Arg>,
}

/// What was recorded: a trace whose operations name snapshots as their exits.
pub struct Recording {
    pub trace: Trace,
    pub snapshots: Vec<Snapshot>,
    /// Assumptions to register when the trace is compiled.
    pub watches: Vec<Assumption>,
    pub end: Ending,
    /// Loads whose results may be promoted → a snapshot to go back to.
    pub sites: FxHashMap<usize, u32>,
    /// A bridge inside a loop: the loop's label, and the bridge's names of what it carries.
    pub label: Option<(Rc<crate::opt::label::Label>, Vec<Arg>)>,
    /// What a bridge knows when it begins.
    pub known: Known,
    /// Slots of the root frame that hold boxed numbers now.
    pub boxes: Vec<BoxedSlot>,
    /// A bridge: root-frame slots whose memory may hold something that is not alive (see [`Exit::stale`](crate::ir::Exit::stale)).
    pub stale: u64,
    /// A bridge: of those, the ones that hold what they held when the trace began, and the bridge's names of that.
    pub kept: Vec<(usize, Arg)>,
}

/// A slot of the root frame that holds a boxed number when the recording begins.
#[derive(Clone, Copy)]
pub struct BoxedSlot {
    pub slot: usize,
    /// The FrameLoad.
    pub load: usize,
    pub class: ClassId,
    pub field: Field,
}

/// What a bridge knows of objects when it begins.
#[derive(Default)]
pub struct Known {
    /// Number of the operation before which it holds.
    pub at: usize,
    pub objects: Vec<KnownInput>,
}

/// An object, its class, and fields that never change with what they hold.
pub type KnownInput = (Arg, ClassId, Vec<(Field, Arg)>);

/// How a recording ends.
pub enum Ending {
    /// As its last operations say.
    Straight,
    /// At the head where it began; the root frame's slots there.
    Loop(Vec<Arg>),
    /// At another head.
    Head(ToHead),
    /// At the head of the loop that it is a bridge of.
    Label(ToLabel, ToHead),
}

/// A recording that goes on at a head.
pub struct ToHead {
    pub head: *const crate::language::Head,
    /// The slots of the frame there …
    pub slots: Vec<Arg>,
    /// … and its distance from the root frame in bytes.
    pub base: usize,
    /// The state at the head, for guards there.
    pub snapshot: u32,
    /// Number of the first of the operations that write the frames to memory and go there.
    pub tail: usize,
}

/// A bridge that is back at the head of its loop.
pub struct ToLabel {
    /// The root frame's slots there.
    pub slots: Vec<Arg>,
    /// What the label of the loop's trace wants.
    pub label: Rc<crate::opt::label::Label>,
    /// The bridge's names of [`crate::opt::label::Label::carried`].
    pub carried: Vec<Arg>,
    /// The state at the head, for guards there.
    pub snapshot: u32,
}

/// A frame of the trace.
pub(crate) struct Shadow<L: Language> {
    pub code: &'static L::Code,
    pub pc: u32,
    pub tag: u64,
    pub slots: Vec<Traced<Ref>>,
    /// Locals that were live when the last bytecode began, and those that were never asked for.
    live: u64,
    /// A caller's state while its callee runs.
    saved: Option<Rc<FrameSnapshot>>,
}

/// See the module.
pub struct Tracer<L: Language> {
    vm: *mut L::Vm,
    thread: *mut Thread,
    pub(crate) frames: Vec<Shadow<L>>,
    /// The root frame in memory, and the slots that were loaded from there.
    root: *mut Frame,
    root_loads: Vec<(usize, Arg)>,
    dead_slots: Vec<(usize, Arg)>,
    /// See [`Recording::kept`] and [`Recording::stale`].
    pub(crate) kept: Vec<(usize, Arg)>,
    pub(crate) stale_slots: u64,
    /// See [`Recording::boxes`].
    pub(crate) boxes: Vec<BoxedSlot>,
    pub(crate) trace: Trace,
    snapshots: Vec<Snapshot>,
    pub(crate) watches: Vec<Assumption>,
    /// The state at the start of the bytecode: slots of the frame that was innermost, and (made when needed) all frames.
    start_slots: Vec<Arg>,
    start_depth: usize,
    start: Option<Rc<[Rc<FrameSnapshot>]>>,
    log: Vec<Arg>,
    ordinal: u32,
    effects: bool,
    /// Replays the prefix of a bridge's first bytecode: guards left, and the log.
    left: u32,
    prefix: VecDeque<Traced<u64>>,
    /// See [`Recording::sites`]; only filled if `patterns` is set.
    sites: FxHashMap<usize, u32>,
    pub(crate) patterns: bool,
    /// See [`Recording::label`].
    pub(crate) label: Option<(Rc<crate::opt::label::Label>, Vec<Arg>)>,
    /// See [`Recording::known`].
    pub(crate) known: Known,
    /// Operations and snapshots before the current bytecode, and bytecodes so far.
    marks: (usize, usize),
    bytecodes: usize,
    /// A call with effects has happened since the last guard_not_invalidated.
    stale: bool,
    /// Bytes allocated inline so far.
    pub(crate) allocated: usize,
    /// Something happened that cannot be traced.
    pub(crate) failed: bool,
}

/// Operations that there is room for at once.
const OPERATIONS: usize = 128;

impl<L: Language> Tracer<L> {
    /// A tracer whose root frame is the thread's innermost frame: values are loaded from memory.
    ///
    /// # Safety
    /// As for [`super::concrete::Concrete::new`].
    pub(crate) unsafe fn at_head(vm: *mut L::Vm, id: u32) -> Self {
        // SAFETY: by the contract above.
        let mut d = unsafe { Self::empty(vm, (*vm).thread().frame, id) };
        // SAFETY: the innermost frame is live and has `sp` slots.
        unsafe {
            let frame = (*d.thread).frame;
            let code = &*((*frame).code as *const L::Code);
            let slots: Vec<Traced<Ref>> = (0..(*frame).sp as usize).map(|i| d.load_root_slot(i)).collect();
            for (slot, t) in slots.iter().enumerate().take(64) {
                if !t.v.is_null()
                    && let Some(load) = t.arg.as_op()
                    && let Some(field) = (*vm).boxed(t.v.class())
                {
                    d.boxes.push(BoxedSlot { slot, load, class: t.v.class(), field });
                }
            }
            d.frames.push(Shadow {
                code,
                pc: (*frame).pc,
                tag: (*frame).tag,
                slots,
                live: u64::MAX,
                saved: None,
            });
        }
        d
    }

    /// A tracer without frames, for a bridge: the caller adds inputs and frames. `root` is the root frame in memory.
    ///
    /// # Safety
    /// As for [`super::concrete::Concrete::new`].
    pub(crate) unsafe fn empty(vm: *mut L::Vm, root: *mut Frame, id: u32) -> Self {
        // SAFETY: by the contract above.
        let thread: *mut Thread = unsafe { (*vm).thread() };
        Tracer {
            vm,
            thread,
            frames: Vec::new(),
            root,
            root_loads: Vec::new(),
            dead_slots: Vec::new(),
            kept: Vec::new(),
            stale_slots: 0,
            boxes: Vec::new(),
            trace: Trace { id, ops: Vec::with_capacity(OPERATIONS), ..Trace::default() },
            snapshots: Vec::with_capacity(OPERATIONS / 2),
            watches: Vec::new(),
            start_slots: Vec::new(),
            start_depth: 0,
            start: None,
            log: Vec::new(),
            ordinal: 0,
            effects: false,
            left: 0,
            prefix: VecDeque::new(),
            sites: FxHashMap::default(),
            patterns: false,
            label: None,
            known: Known::default(),
            marks: (0, 0),
            bytecodes: 0,
            stale: false,
            allocated: 0,
            failed: false,
        }
    }

    /// Slot `i` of the root frame, which is the thread's, from memory.
    pub(crate) fn load_root_slot(&mut self, i: usize) -> Traced<Ref> {
        let at = (HEADER + 8 * i) as i64;
        let arg = self.record(Opcode::FrameLoad, Some(Kind::Ref), &[], Descr::Number(at));
        self.root_loads.push((i, arg));
        // SAFETY: the root frame has this slot.
        Traced { arg, v: unsafe { *Frame::slot(self.root, i) } }
    }

    /// Slot `i` of the root frame, which is dead: what memory holds, or null if that may not be alive.
    fn dead_slot(&mut self, i: usize) -> Arg {
        if self.stale_slots & 1 << i != 0 {
            return self.const_arg(Const::Ref(Ref::NULL));
        }
        if let Some(&(_, arg)) = self.dead_slots.iter().find(|(slot, _)| *slot == i) {
            return arg;
        }
        let at = (HEADER + 8 * i) as i64;
        let arg = self.record(Opcode::DeadSlot, Some(Kind::Ref), &[], Descr::Number(at));
        self.dead_slots.push((i, arg));
        arg
    }

    /// Slot `i` of the root frame is what it was when the trace began.
    pub(crate) fn is_kept(&self, i: usize, arg: Arg) -> bool {
        let has = |list: &[(usize, Arg)]| list.contains(&(i, arg));
        has(&self.root_loads) || has(&self.dead_slots) || has(&self.kept)
    }

    /// The first operations of a trace: safe point, and of a bridge, which is entered from its parent, the check that its
    /// assumptions hold.
    pub(crate) fn enter_trace(&mut self) {
        self.begin();
        self.guard(Opcode::GuardNoCollect, None, &[], Descr::None);
        if self.trace.bridge_of.is_some() {
            self.guard(Opcode::GuardNotInvalidated, None, &[], Descr::None);
        }
    }

    /// The tracer replays the prefix of its first bytecode.
    pub(crate) fn replays(&self) -> bool {
        self.left > 0
    }

    /// Adds an inlined frame.
    pub(crate) fn add_frame(&mut self, code: &'static L::Code, pc: u32, tag: u64, slots: Vec<Traced<Ref>>) {
        if let Some(i) = self.frames.len().checked_sub(1) {
            self.save(i);
        }
        self.frames.push(Shadow { code, pc, tag, slots, live: u64::MAX, saved: None });
    }

    /// The first bytecode's guards up to `ordinal` have been passed, with these results.
    pub(crate) fn replay_prefix(&mut self, ordinal: u32, log: Vec<Traced<u64>>) {
        self.left = ordinal;
        self.prefix = log.into();
    }

    /// Forgets locals that are not read any more: in the root frame's memory they stay what they are, elsewhere they become null.
    fn forget_dead_locals(&mut self) {
        let root = self.frames.len() == 1;
        let Some(top) = self.frames.last_mut() else { return };
        let live = top.code.live_locals(top.pc);
        let mut dead_now = top.live & !live;
        top.live = live;
        if let Some(unused) = 64usize.checked_sub(top.code.locals()) {
            dead_now &= u64::MAX.checked_shr(unused as u32).unwrap_or(0);
        }
        while dead_now != 0 {
            let i = dead_now.trailing_zeros() as usize;
            dead_now &= dead_now - 1;
            let arg = if root { self.dead_slot(i) } else { self.const_arg(Const::Ref(Ref::NULL)) };
            self.top().slots[i] = Traced { arg, v: Ref::NULL };
        }
    }

    /// A new bytecode begins.
    pub(crate) fn begin(&mut self) {
        self.forget_dead_locals();
        let top = self.frames.last().expect("a trace has a root frame");
        self.start_slots.clear();
        self.start_slots.extend(top.slots.iter().map(|s| s.arg));
        self.start_depth = self.frames.len();
        self.start = None;
        self.log.clear();
        self.ordinal = 0;
        // A bridge's first bytecode resumes after effects: a restart would repeat them.
        self.effects = self.left > 0;
        self.marks = (self.trace.ops.len(), self.snapshots.len());
    }

    /// Forgets the current bytecode, which has had its effects: the trace leaves before it. False: nothing would be left.
    pub(crate) fn leave_before(&mut self) -> bool {
        let (ops, snapshots) = self.marks;
        if self.bytecodes <= 1 {
            return false;
        }
        let state = self.start_state();
        self.trace.ops.truncate(ops);
        self.snapshots.truncate(snapshots);
        self.snapshots.push(Snapshot { frames: state, log: Vec::new(), ordinal: 0 });
        self.record(Opcode::Leave, None, &[], Descr::None);
        if let Some(op) = self.trace.ops.last_mut() {
            op.exit = snapshots as u32;
        }
        true
    }

    /// The bytecode is over, its prefix with it.
    pub(crate) fn end(&mut self) {
        debug_assert!(self.left == 0, "a bridge's first bytecode has fewer guards than its exit says");
        self.failed |= self.left != 0;
        self.bytecodes += 1;
    }

    /// Keeps the state of frame `i`, a caller, for the snapshots of its callee.
    fn save(&mut self, i: usize) {
        let f = &mut self.frames[i];
        f.saved = Some(Rc::new(FrameSnapshot {
            code: f.code as *const L::Code as u64,
            pc: f.pc,
            tag: f.tag,
            slots: f.slots.iter().map(|s| s.arg).collect(),
        }));
    }

    /// The frames at the start of the bytecode. Called before they change shape.
    fn start_state(&mut self) -> Rc<[Rc<FrameSnapshot>]> {
        if let Some(s) = &self.start {
            return s.clone();
        }
        let depth = self.start_depth;
        let top = &self.frames[depth - 1];
        let top = Rc::new(FrameSnapshot {
            code: top.code as *const L::Code as u64,
            pc: top.pc,
            tag: top.tag,
            slots: self.start_slots.clone(),
        });
        let state: Rc<[Rc<FrameSnapshot>]> = self.frames[..depth - 1]
            .iter()
            .map(|f| f.saved.clone().expect("callers are saved"))
            .chain([top])
            .collect();
        self.start = Some(state.clone());
        state
    }

    /// A snapshot here.
    pub(crate) fn snapshot(&mut self) -> u32 {
        let frames = self.start_state();
        let (log, ordinal) = if self.left > 0 {
            // Before the first operation of a bridge: where its parent's exit was.
            (self.prefix.iter().map(|t| t.arg).collect(), self.left)
        } else if self.effects {
            (self.log.clone(), self.ordinal)
        } else {
            (Vec::new(), 0)
        };
        self.snapshots.push(Snapshot { frames, log, ordinal });
        self.snapshots.len() as u32 - 1
    }

    pub(crate) fn record(&mut self, code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Arg {
        self.trace.ops.push(Op::new(code, kind, args, descr));
        Arg::op(self.trace.ops.len() - 1)
    }

    /// Records a guard with a snapshot of here.
    pub(crate) fn guard(&mut self, code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Arg {
        let exit = self.snapshot();
        debug_assert!(exit != NO_EXIT);
        let arg = self.record(code, kind, args, descr);
        self.trace.ops.last_mut().expect("just recorded").exit = exit;
        arg
    }

    pub(crate) fn const_arg(&mut self, c: Const) -> Arg {
        self.trace.constant(c)
    }

    /// Counts a guard of the bytecode. False: it lies in the prefix that a bridge replays, and is not recorded.
    fn next_guard(&mut self) -> bool {
        self.ordinal += 1;
        self.left = self.left.saturating_sub(1);
        self.left == 0
    }

    fn replaying(&self) -> bool {
        self.left > 0
    }

    /// The next logged result of the prefix.
    fn logged(&mut self) -> Traced<u64> {
        match self.prefix.pop_front() {
            Some(t) => {
                self.log.push(t.arg);
                t
            }
            None => {
                self.failed = true;
                Traced { arg: self.const_arg(Const::Int(0)), v: 0 }
            }
        }
    }

    fn pure_i(&mut self, code: Opcode, args: &[Arg], v: i64) -> Traced<i64> {
        if args.iter().all(|a| a.as_const().is_some()) {
            return self.int(v);
        }
        Traced { arg: self.record(code, Some(Kind::Int), args, Descr::None), v }
    }

    fn pure_f(&mut self, code: Opcode, args: &[Arg], v: f64) -> Traced<f64> {
        if args.iter().all(|a| a.as_const().is_some()) {
            return self.float(v);
        }
        Traced { arg: self.record(code, Some(Kind::Float), args, Descr::None), v }
    }

    fn ovf(
        &mut self,
        code: Opcode,
        plain: Opcode,
        a: Traced<i64>,
        b: Traced<i64>,
        v: Option<i64>,
        wrapped: i64,
    ) -> Option<Traced<i64>> {
        let record = self.next_guard();
        if a.arg.as_const().is_some() && b.arg.as_const().is_some() {
            return v.map(|v| self.int(v));
        }
        match v {
            Some(v) if record => {
                Some(Traced { arg: self.guard(code, Some(Kind::Int), &[a.arg, b.arg], Descr::None), v })
            }
            Some(v) => {
                Some(Traced { arg: self.record(plain, Some(Kind::Int), &[a.arg, b.arg], Descr::None), v })
            }
            None => {
                if record {
                    self.guard_overflow(code, a, b, wrapped);
                }
                None
            }
        }
    }

    /// The negation of an overflow guard: there was an overflow.
    fn guard_overflow(&mut self, code: Opcode, a: Traced<i64>, b: Traced<i64>, wrapped: i64) {
        let condition = match code {
            Opcode::IntMulOvf => {
                // The high and low words disagree; rarely wanted, so the product is checked by dividing back.
                let p = self.pure_i(Opcode::IntMul, &[a.arg, b.arg], wrapped);
                let zero = self.int(0);
                let nonzero = self.int_ne(b, zero);
                let nz = self.guard(Opcode::GuardTrue, None, &[nonzero.arg], Descr::None);
                debug_assert!(!nz.is_none());
                let q = Traced {
                    arg: self.record(Opcode::IntFloorDiv, Some(Kind::Int), &[p.arg, b.arg], Descr::None),
                    v: wrapped.wrapping_div(b.v),
                };
                let differs = self.pure_i(Opcode::IntNe, &[q.arg, a.arg], 1);
                // i64::MIN × −1 divides back exactly.
                if differs.v == 0 || q.v == a.v { None } else { Some(differs) }
            }
            _ => {
                let plain = if code == Opcode::IntAddOvf { Opcode::IntAdd } else { Opcode::IntSub };
                let s = self.pure_i(plain, &[a.arg, b.arg], wrapped);
                // The sign of the result differs from what both operands (a and ±b) say.
                let x = self.int_xor(s, a);
                let y = if code == Opcode::IntAddOvf { self.int_xor(s, b) } else { self.int_xor(a, b) };
                let m = self.int_and(x, y);
                let zero = self.int(0);
                Some(self.int_lt(m, zero))
            }
        };
        match condition {
            Some(c) if c.arg.as_const().is_none() => {
                self.guard(Opcode::GuardTrue, None, &[c.arg], Descr::None);
            }
            Some(_) => {}
            None => self.failed = true,
        }
    }

    fn get<V>(
        &mut self,
        code: Opcode,
        kind: Kind,
        args: &[Arg],
        descr: Descr,
        v: V,
        pure: bool,
    ) -> Traced<V> {
        let arg = self.record(code, Some(kind), args, descr);
        if !pure {
            self.log.push(arg);
        }
        // The bytecode can be run again from its start, as long as it has had no effect.
        if self.patterns && kind == Kind::Int && !self.effects && !self.replaying() {
            let snapshot = self.snapshot();
            self.sites.insert(self.trace.ops.len() - 1, snapshot);
        }
        Traced { arg, v }
    }

    fn set(&mut self, code: Opcode, args: &[Arg], descr: Descr) {
        self.record(code, None, args, descr);
        self.effects = true;
    }

    fn call(
        &mut self,
        code: Opcode,
        call: &'static Call,
        args: &[Operand<Self>],
    ) -> Fallible<Self, Traced<u64>> {
        debug_assert_eq!(args.len(), call.args.len(), "{}", call.name);
        let mut words = [0u64; 7];
        let mut names = [Arg::NONE; 7];
        for (i, a) in args.iter().enumerate() {
            (names[i], words[i]) = match *a {
                Operand::I(t) => (t.arg, t.v as u64),
                Operand::F(t) => (t.arg, t.v.to_bits()),
                Operand::R(t) => (t.arg, t.v.0),
            };
        }
        let (words, names) = (&words[..args.len()], &names[..args.len()]);
        if self.replaying() {
            let result = self.logged();
            if call.can_raise {
                if self.next_guard() {
                    return self.after_call(result);
                }
                let raised = self.logged();
                if raised.v != 0 {
                    return Err(Traced { arg: raised.arg, v: Ref(raised.v) });
                }
            }
            return Ok(result);
        }
        // SAFETY: the descriptor describes the function.
        let v = unsafe { invoke(call, self.vm as u64, words) };
        let arg = self.record(code, call.result, names, Descr::Call(call));
        let result = Traced { arg, v };
        if call.effect == Effect::Any {
            self.effects = true;
            self.stale = true;
        }
        if call.result.is_some() {
            self.log.push(arg);
        } else {
            let zero = self.const_arg(Const::Int(0));
            self.log.push(zero);
        }
        if call.can_raise {
            self.ordinal += 1;
            return self.after_call(result);
        }
        Ok(result)
    }

    /// The guard on a call's exception, whose ordinal has been counted.
    fn after_call(&mut self, result: Traced<u64>) -> Fallible<Self, Traced<u64>> {
        // Running the call again would repeat what it did before it raised.
        self.effects = true;
        // SAFETY: the thread outlives the tracer.
        let pending = unsafe { std::mem::replace(&mut (*self.thread).exception, Ref::NULL) };
        if pending.is_null() {
            self.guard(Opcode::GuardNoException, None, &[], Descr::None);
            let none = self.const_arg(Const::Ref(Ref::NULL));
            self.log.push(none);
            Ok(result)
        } else {
            let arg = self.guard(Opcode::GuardException, Some(Kind::Ref), &[], Descr::None);
            self.log.push(arg);
            Err(Traced { arg, v: pending })
        }
    }

    /// The trace's end: what was recorded.
    pub(crate) fn finish(self, end: Ending) -> Recording {
        let label = self.label;
        Recording {
            trace: self.trace,
            snapshots: self.snapshots,
            watches: self.watches,
            end,
            sites: self.sites,
            label,
            known: self.known,
            boxes: self.boxes,
            stale: self.stale_slots,
            kept: self.kept,
        }
    }

    /// A guard_not_invalidated is due: assumptions were used and a call may have broken them.
    pub(crate) fn check_assumptions(&mut self) {
        if self.stale && !self.watches.is_empty() {
            self.stale = false;
            self.guard(Opcode::GuardNotInvalidated, None, &[], Descr::None);
        }
    }

    /// Leaves the innermost frame for its caller. False: it is the root frame.
    pub(crate) fn pop_frame(&mut self) -> bool {
        if self.frames.len() == 1 {
            return false;
        }
        self.start_state();
        self.frames.pop();
        if let Some(f) = self.frames.last_mut() {
            f.saved = None;
        }
        true
    }

    /// Writes the frames' concrete values to memory: the interpreter goes on where the tracer is.
    pub(crate) fn write_back(&mut self) {
        // SAFETY: the root frame is the thread's innermost frame in memory, and `enter` checked that the others fit above it.
        unsafe {
            let mut frame = self.root;
            for (i, f) in self.frames.iter().enumerate() {
                if i > 0 {
                    let below = &self.frames[i - 1];
                    let next = (frame as *mut u8).add(Frame::size(below.code.slots())) as *mut Frame;
                    (*frame).resume = below.code.heads().as_ptr().add(below.pc as usize);
                    (*next).prev = frame;
                    (*next).code = f.code as *const L::Code as u64;
                    (*next).tag = f.tag;
                    frame = next;
                }
                (*frame).pc = f.pc;
                (*frame).sp = f.slots.len() as u32;
                for (j, s) in f.slots.iter().enumerate() {
                    *Frame::slot(frame, j) = s.v;
                }
            }
            (*self.thread).frame = frame;
        }
    }

    fn top(&mut self) -> &mut Shadow<L> {
        self.frames.last_mut().expect("a trace has a root frame")
    }

    /// The concrete domain's result of a load, without its state.
    fn load(obj: Ref, offset: usize) -> u64 {
        // SAFETY: the language has established the object's class, and so that it has the word.
        unsafe { obj.word(offset) }
    }

    fn load_item(array: Ref, index: i64, items: &Array) -> u64 {
        let at = array.0 as usize + items.base as usize + ((index as usize) << items.shift);
        // SAFETY: the language has checked the index against the array's length.
        unsafe { if items.shift == 0 { *(at as *const u8) as u64 } else { *(at as *const u64) } }
    }
}
