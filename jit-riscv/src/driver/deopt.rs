//! From an exit of machine code back to frames in memory, and on in the interpreter, or into the recording of a bridge.

use super::interpret::unwind;
use super::{Jit, phases};
use crate::domain::Next;
use crate::domain::concrete::Concrete;
use crate::domain::replay::Replay;
use crate::domain::trace::{Traced, Tracer};
use crate::frame::{Frame, HEADER};
use crate::heap::Heap;
use crate::ir::{Const, Descr, Exit, Opcode, Subject, Val};
use crate::language::{GuestCode, Language, Vm};
use crate::object::{Field, Kind, Ref};
use crate::opt::heap::raw_field;
use crate::thread::Thread;

/// What the values of an exit are now.
struct Values<'a> {
    exit: &'a Exit,
    live: Vec<u64>,
    /// The exit's virtual objects, allocated.
    objects: Vec<Ref>,
}

impl Values<'_> {
    fn bits(&self, v: Val) -> u64 {
        match v {
            Val::Live(n) => self.live[n as usize],
            Val::Const(c) => c.bits(),
            Val::Virtual(n) => self.objects[n as usize].0,
            Val::Unchanged => 0,
        }
    }
}

/// What the interpreter has to do with the innermost frame after an exit or a recording.
pub(crate) enum Then {
    /// Go on with it as it is.
    On,
    /// Its current bytecode is done, and answered this.
    Next(Next<Ref>),
    /// Leave it with this exception, which it does not handle.
    Leave(Ref),
}

impl Then {
    pub fn visit(&mut self, visit: &mut dyn FnMut(&mut Ref)) {
        match self {
            Then::Next(Next::Return(Some(r))) | Then::Leave(r) if !r.is_null() => visit(r),
            _ => {}
        }
    }
}

impl<L: Language> Jit<L> {
    /// Machine code was left by `exit`: the frames in memory are made what they should be, the bytecode is replayed if it has to be.
    /// A hot exit gets a bridge.
    pub(crate) fn leave_by(&mut self, exit: u32) -> Then {
        self.counts.deoptimisations += 1;
        let vm = self.vm;
        let record = &mut self.exits[exit as usize];
        record.failures += 1;
        let locations = self.backend.as_ref().and_then(|b| b.exit_locations(exit)).unwrap_or(&[]);
        // SAFETY: the VM outlives the JIT; thread and heap are disjoint parts of it.
        let (thread, heap): (&mut Thread, &mut Heap) = unsafe {
            let thread: *mut Thread = (*vm).thread();
            let heap: *mut Heap = (*vm).heap();
            (&mut *thread, &mut *heap)
        };
        let live: Vec<u64> = locations.iter().map(|l| l.read(thread)).collect();
        let mut values = Values { exit: &record.exit, live, objects: Vec::new() };
        allocate_virtuals(&mut values, thread, heap);
        for p in &values.exit.pending {
            let object = Ref(values.bits(p.object));
            store(heap, object, &p.field, values.bits(p.value));
        }
        let root = thread.frame;
        // SAFETY: the exit describes the frames above the root frame, whose code made the trace.
        unsafe { write_frames::<L>(&values, thread) };

        let speculative = record.speculative;
        let bridge = self.options.bridges
            && !speculative
            && !record.closed
            && record.failures >= self.options.bridge_threshold
            && self.nested == 0
            && can_have_bridge(record.guard);
        if bridge {
            // Other types come to the head as well, after all.
            self.patterns.failed += u64::from(record.to_entry);
            let Values { live, objects, .. } = values;
            let tracer = self.bridge_tracer(exit, root, &live, &objects);
            self.phase(phases::TRACING);
            let done = self.trace_bridge(exit, tracer);
            self.phase(phases::DEOPT);
            return done;
        }
        let ordinal = values.exit.ordinal;
        if ordinal == 0 {
            self.learn_from(exit);
            return Then::On;
        }
        let log: Vec<u64> = values.exit.log.iter().map(|&v| values.bits(v)).collect();
        self.replay(log, ordinal)
    }

    /// What an exit means beyond its frames: a young trace has come of age, or a promotion has failed.
    fn learn_from(&mut self, exit: u32) {
        let record = &self.exits[exit as usize];
        if record.guard == Opcode::GuardCountdown {
            let trace = record.trace;
            self.mature(trace);
        } else if record.speculative {
            self.speculation_failed(exit);
        }
    }

    /// Runs the innermost frame's bytecode again, up to its guard number `ordinal` without effects.
    fn replay(&mut self, log: Vec<u64>, ordinal: u32) -> Then {
        // SAFETY: the VM outlives the JIT and has a frame.
        let d = unsafe { Concrete::<L>::new(self.vm) };
        let op = d.code.op(d.pc);
        let mut r = Replay::new(d, log, ordinal);
        // An exception leaves frames in the replay's way: what it recorded on its way is in the log.
        let then = match L::step(&mut r, op) {
            Ok(next) => Then::Next(next),
            Err(e) if unwind(&mut r, e) => Then::On,
            Err(e) => Then::Leave(e),
        };
        r.finish().flush();
        then
    }

    /// A tracer in the state of an exit that was just left.
    fn bridge_tracer(&mut self, exit: u32, root: *mut Frame, live: &[u64], objects: &[Ref]) -> Tracer<L> {
        let id = self.traces.len() as u32;
        // SAFETY: the VM outlives the JIT.
        let mut t = unsafe { Tracer::<L>::empty(self.vm, root, id) };
        let record = &self.exits[exit as usize];
        let inputs: Vec<Traced<u64>> = live
            .iter()
            .zip(&record.kinds)
            .enumerate()
            .map(|(i, (&v, &kind))| Traced {
                arg: t.record(Opcode::Input, Some(kind), &[], Descr::Number(i as i64)),
                v,
            })
            .collect();
        t.label = record
            .label
            .as_ref()
            .map(|(label, at)| (label.clone(), at.iter().map(|&i| inputs[i as usize].arg).collect()));
        if let Some((label, _)) = &t.label {
            // Back at the label, the bridge relies on what the loop does.
            t.watches = label.watches.clone();
        }
        let exit = record.exit.clone();
        let virtuals: Vec<Traced<u64>> = exit
            .virtuals
            .iter()
            .zip(objects)
            .map(|(v, &o)| {
                let code = if v.array { Opcode::NewArray } else { Opcode::New };
                let descr = Descr::New { class: v.class, size: v.size, items: v.items };
                t.allocated += v.size as usize;
                Traced { arg: t.record(code, Some(Kind::Ref), &[], descr), v: o.0 }
            })
            .collect();
        let value = |t: &mut Tracer<L>, v: Val| match v {
            Val::Live(n) => inputs[n as usize],
            Val::Virtual(n) => virtuals[n as usize],
            Val::Const(c) => Traced { arg: t.const_arg(c), v: c.bits() },
            Val::Unchanged => Traced { arg: t.const_arg(Const::Int(0)), v: 0 },
        };
        for (v, o) in exit.virtuals.iter().zip(&virtuals) {
            for &(offset, kind, val) in &v.fields {
                let val = value(&mut t, val);
                let descr = Descr::Field(raw_field(offset, kind));
                t.record(Opcode::Setfield, None, &[o.arg, val.arg], descr);
            }
        }
        for p in &exit.pending {
            let object = value(&mut t, p.object);
            let v = value(&mut t, p.value);
            t.record(Opcode::Setfield, None, &[object.arg, v.arg], Descr::Field(p.field));
        }
        for (depth, f) in exit.frames.iter().enumerate() {
            // SAFETY: frames name the code that made them.
            let code = unsafe { &*(f.code as *const L::Code) };
            let slots = f
                .slots
                .iter()
                .enumerate()
                .map(|(i, &v)| {
                    if v == Val::Unchanged {
                        debug_assert_eq!(depth, 0);
                        t.load_root_slot(i)
                    } else {
                        let v = value(&mut t, v);
                        Traced { arg: v.arg, v: Ref(v.v) }
                    }
                })
                .collect();
            t.add_frame(code, f.pc, f.tag, slots);
        }
        t.known.objects = exit
            .known
            .iter()
            .map(|k| {
                let object = match k.subject {
                    Subject::Live(n) => inputs[n as usize].arg,
                    Subject::Slot(n) => t.frames[0].slots[n as usize].arg,
                };
                let words = k.words.iter().map(|&(field, n)| (field, inputs[n as usize].arg)).collect();
                (object, k.class, words)
            })
            .collect();
        t.stale_slots = exit.stale;
        let root = t.frames.first().map_or(&[][..], |f| &f.slots);
        t.kept =
            (0..root.len().min(64)).filter(|i| exit.kept & 1 << i != 0).map(|i| (i, root[i].arg)).collect();
        let log = exit.log.iter().map(|&v| value(&mut t, v)).collect();
        t.known.at = t.trace.ops.len();
        t.replay_prefix(exit.ordinal, log);
        t
    }
}

/// Exits that are not on the way of hot code.
fn can_have_bridge(guard: Opcode) -> bool {
    !matches!(
        guard,
        Opcode::GuardNoCollect
            | Opcode::GuardNotInvalidated
            | Opcode::GuardFrameSpace
            | Opcode::GuardCountdown
    )
}

fn allocate_virtuals(values: &mut Values<'_>, thread: &mut Thread, heap: &mut Heap) {
    for v in &values.exit.virtuals {
        let object = heap.alloc_zeroed(thread, v.class, v.size as usize);
        values.objects.push(object);
    }
    for (v, &object) in values.exit.virtuals.iter().zip(&values.objects) {
        for &(offset, kind, val) in &v.fields {
            store(heap, object, &raw_field(offset, kind), values.bits(val));
        }
    }
}

fn store(heap: &mut Heap, object: Ref, field: &Field, bits: u64) {
    if field.kind == Kind::Ref {
        heap.store_ref(object, field.offset as usize, Ref(bits));
    } else {
        // SAFETY: the trace knew the object's class, or has just made it.
        unsafe { object.set_word(field.offset as usize, bits) };
    }
}

/// Writes the frames of an exit above (and into) the root frame, which is the thread's.
///
/// # Safety
/// The thread's frame is the root frame of the trace that was left; frames name code of `L`.
unsafe fn write_frames<L: Language>(values: &Values<'_>, thread: &mut Thread) {
    let mut frame = thread.frame;
    let frames = &values.exit.frames;
    // SAFETY: inlined frames lie above the root frame, where the frame region has room: `enter` checked it.
    unsafe {
        for (i, f) in frames.iter().enumerate() {
            if i > 0 {
                let below = &frames[i - 1];
                let code = &*(below.code as *const L::Code);
                let next = (frame as *mut u8).add(Frame::size(code.slots())) as *mut Frame;
                (*frame).resume = code.heads().as_ptr().add(below.pc as usize);
                (*next).prev = frame;
                (*next).code = f.code;
                (*next).tag = f.tag;
                frame = next;
            }
            (*frame).pc = f.pc;
            (*frame).sp = f.slots.len() as u32;
            let slots = (frame as *mut u8).add(HEADER) as *mut Ref;
            for (j, &v) in f.slots.iter().enumerate() {
                if v != Val::Unchanged {
                    *slots.add(j) = Ref(values.bits(v));
                }
            }
        }
    }
    thread.frame = frame;
}
