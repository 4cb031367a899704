//! Typed entries of heads (see [`crate::opt::entry`]): which slots they take, the way to them from memory, and the traces that jump to them.

use std::rc::Rc;

use super::patterns::Source;
use super::tracing::Place;
use super::{Jit, TraceRecord, log_line};
use crate::domain::trace::{Ending, FrameSnapshot, Recording};
use crate::frame::HEADER;
use crate::ir::{Arg, Const, Descr, Exit, FrameState, Op, Opcode, Trace, Val};
use crate::language::{Head, Language, Vm};
use crate::object::{ClassId, Kind, Ref};
use crate::opt::entry::BOX_SIZE;
use crate::opt::heap::raw_field;
use crate::opt::patterns::{Entry, Plan, TypedSlot};

/// Slots of one typed entry at the most: registers are few.
const SLOTS: usize = 10;

/// Slots of the root frame at the end of a recording; None: there is no such frame any more.
fn last_slots(recording: &Recording) -> Option<&[Arg]> {
    match &recording.end {
        Ending::Loop(slots) => Some(slots),
        Ending::Head(to) | Ending::Label(_, to) => {
            recording.snapshots[to.snapshot as usize].frames.first().map(|f| &f.slots[..])
        }
        Ending::Straight => None,
    }
}

impl<L: Language> Jit<L> {
    /// The slots that a typed entry of the recording's trace takes, by what the table says of their types, and the set of slots
    /// whose memory need not be written for it.
    pub(crate) fn typed_slots(
        &mut self,
        recording: &Recording,
        types: &[(usize, ClassId)],
    ) -> (Vec<TypedSlot>, u64) {
        let mut typed = Vec::new();
        let mut stale = 0;
        let last = last_slots(recording);
        let ops = &recording.trace.ops;
        // At the head, before the first bytecode.
        let mut dead = 0u64;
        if let Some(root) = recording.snapshots.first().and_then(|s| s.frames.first()) {
            for (slot, raw) in root.slots.iter().enumerate().take(64) {
                let is_dead = raw.as_op().is_some_and(|i| ops[i].code == Opcode::DeadSlot);
                dead |= u64::from(is_dead) << slot;
            }
        }
        for &(load, class) in types {
            let Some(slot) = recording.boxes.iter().find(|b| b.load == load).map(|b| b.slot) else {
                continue;
            };
            // SAFETY: the VM outlives the JIT.
            let Some(field) = (unsafe { (*self.vm).boxed(class) }) else { continue };
            let checked = |op: &Op| op.code == Opcode::GuardClass && op.args[0] == Arg::op(load);
            let unchanged = last.is_some_and(|slots| slots.get(slot) == Some(&Arg::op(load)));
            if dead & 1 << slot != 0 || (unchanged && !ops.iter().any(checked)) || typed.len() == SLOTS {
                continue;
            }
            typed.push(TypedSlot { slot, class, field });
            // What it only reads stays in memory as well: it may have to be there at the next call.
            if !unchanged {
                stale |= 1 << slot;
            }
        }
        if typed.is_empty() { (typed, 0) } else { (typed, stale | dead) }
    }

    /// The trace of `head` was compiled with a typed entry: makes the entry from memory, whose address is the result, and sends others that go on
    /// at the head to the typed one.
    pub(crate) fn enter_typed(&mut self, head: &Head, entry: Entry, frame: &FrameSnapshot) -> Option<u64> {
        let entry = Rc::new(entry);
        let from_memory = self.compile_from_memory(&entry, frame)?;
        self.patterns.typed_entries += 1;
        head.entry.set(from_memory);
        self.entries.insert(head, entry);
        self.relink(head);
        Some(head.entry.get())
    }

    /// The entry from memory: checks the types and unboxes.
    fn compile_from_memory(&mut self, entry: &Entry, frame: &FrameSnapshot) -> Option<u64> {
        let mut trace = self.empty_trace(entry, "typed entry");
        let mut args = Vec::new();
        for typed in &entry.typed {
            let object = push(&mut trace, Opcode::FrameLoad, Some(Kind::Ref), &[], slot_at(typed.slot));
            let exit = Exit {
                frames: vec![FrameState {
                    code: frame.code,
                    pc: frame.pc,
                    tag: frame.tag,
                    slots: vec![Val::Unchanged; frame.slots.len()],
                }],
                ..Exit::default()
            };
            trace.exits.push(exit);
            let class = Descr::Class(typed.class);
            push(&mut trace, Opcode::GuardNonnullClass, None, &[object], class);
            if let Some(op) = trace.ops.last_mut() {
                op.exit = trace.exits.len() as u32 - 1;
            }
            let (code, kind) = match typed.field.kind {
                Kind::Float => (Opcode::GetfieldF, Kind::Float),
                kind => (Opcode::GetfieldI, kind),
            };
            args.push(push(&mut trace, code, Some(kind), &[object], Descr::Field(typed.field)));
        }
        push(&mut trace, Opcode::JumpEntry, None, &args, Descr::Number(entry.trace.into()));
        self.compile_made(trace, entry)
    }

    /// The way from a typed entry back to memory and to the head's ordinary entry, for when its trace is gone.
    fn compile_to_memory(&mut self, entry: &Entry, head: &Head, frame: (u32, usize)) -> Option<u64> {
        let mut trace = self.empty_trace(entry, "retired typed entry");
        trace.entry = entry.typed.iter().map(|t| t.field.kind).collect();
        let inputs: Vec<Arg> = entry
            .typed
            .iter()
            .enumerate()
            .map(|(i, t)| push(&mut trace, Opcode::Input, Some(t.field.kind), &[], Descr::Number(i as i64)))
            .collect();
        let null = trace.constant(Const::Ref(Ref::NULL));
        for slot in (0..64).filter(|slot| entry.stale & 1 << slot != 0) {
            let value = match entry.typed.iter().position(|t| t.slot == slot) {
                Some(i) => {
                    let typed = &entry.typed[i];
                    let new = Descr::New { class: typed.class, size: BOX_SIZE, items: 0 };
                    let object = push(&mut trace, Opcode::New, Some(Kind::Ref), &[], new);
                    let word = Descr::FreshField(raw_field(typed.field.offset.into(), typed.field.kind));
                    push(&mut trace, Opcode::Setfield, None, &[object, inputs[i]], word);
                    object
                }
                None => null,
            };
            push(&mut trace, Opcode::FrameStore, None, &[value], slot_at(slot));
        }
        let (pc, depth) = frame;
        let place = trace.constant(Const::Int(i64::from(pc) | (depth as i64) << 32));
        push(&mut trace, Opcode::FrameStore, None, &[place], Descr::Number(8));
        push(&mut trace, Opcode::JumpHead, None, &[], Descr::Number(&raw const head.entry as i64));
        self.compile_made(trace, entry)
    }

    fn empty_trace(&self, entry: &Entry, what: &str) -> Trace {
        Trace {
            id: self.traces.len() as u32,
            name: format!("{what} of trace {}", entry.trace),
            first_exit: self.exits.len() as u32,
            ..Trace::default()
        }
    }

    /// Compiles a trace that was not recorded; its address.
    fn compile_made(&mut self, mut trace: Trace, entry: &Entry) -> Option<u64> {
        if self.options.trace_log.is_some() {
            let text = trace.to_string();
            log_line(&mut self.options, &text);
        }
        let compiled = match self.backend.as_mut()?.compile(&trace) {
            Ok(compiled) => compiled,
            Err(e) => {
                log_line(&mut self.options, &format!("# {} not compiled: {e}", trace.name));
                return None;
            }
        };
        let carried = vec![None; trace.exits.len()];
        let first = self.exits.len();
        self.register_exits(&mut trace, None, carried);
        self.exits[first..].iter_mut().for_each(|exit| exit.to_entry = true);
        let place = self.traces[entry.trace as usize].place;
        self.traces.push(TraceRecord { consts: Vec::new(), head: None, place, depth: (0, 0), source: None });
        Some(compiled.entry)
    }

    /// Compiles the traces that go on at `head` through memory again, now that it has a typed entry.
    fn relink(&mut self, head: *const Head) {
        for id in self.jumpers.remove(&head).unwrap_or_default() {
            let record = &mut self.traces[id as usize];
            // Young traces will be rewritten anyway; others may be gone.
            let Some(source) = record.source.take_if(|s| s.plan.observe.is_none()) else { continue };
            let (own, place) = (record.head.take(), record.place);
            let Source { mut recording, plan, countdown, .. } = source;
            Box::leak(countdown);
            self.patterns.relinked += 1;
            match own {
                Some(own) => self.replace(id, recording, plan, own, place),
                None if recording.trace.bridge_of.is_some() => {
                    recording.trace.id = self.traces.len() as u32;
                    self.compile_with(recording, plan, None, place);
                }
                None => {}
            }
        }
    }

    /// Trace `old` of `head` is compiled again by `plan`, and who comes to its typed entry goes on at the new one's.
    pub(crate) fn replace(
        &mut self,
        old: u32,
        recording: Recording,
        plan: Plan,
        head: *const Head,
        place: Place,
    ) {
        let had = self.entries.get(&head).filter(|e| e.trace == old).cloned();
        let new = self.traces.len() as u32;
        self.recompile(recording, plan, head, place);
        if had.is_none() {
            return;
        }
        let same = self.entries.get(&head).is_some_and(|e| e.trace == new);
        if let (true, Some(backend)) = (same, &mut self.backend) {
            if let Err(e) = backend.redirect_entry_to(old, new) {
                log_line(&mut self.options, &format!("# typed entry of trace {old} not redirected: {e}"));
            }
        } else {
            self.retire(old, head, had);
        }
    }

    /// Trace `id` is gone: its typed entry leads to the head through memory.
    pub(crate) fn retire_entry(&mut self, id: u32) {
        let Some(head) = self.traces[id as usize].head else { return };
        let entry = self.entries.get(&head).filter(|e| e.trace == id).cloned();
        self.retire(id, head, entry);
    }

    fn retire(&mut self, id: u32, head: *const Head, entry: Option<Rc<Entry>>) {
        let Some(entry) = entry else { return };
        self.entries.remove(&head);
        let frame = self.traces[id as usize].depth;
        // SAFETY: heads belong to code, which is never freed.
        let way = self.compile_to_memory(&entry, unsafe { &*head }, frame);
        if let (Some(way), Some(backend)) = (way, &mut self.backend)
            && let Err(e) = backend.redirect_entry(id, way)
        {
            log_line(&mut self.options, &format!("# typed entry of trace {id} not retired: {e}"));
        }
    }
}

fn slot_at(slot: usize) -> Descr {
    Descr::Number((HEADER + 8 * slot) as i64)
}

fn push(trace: &mut Trace, code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Arg {
    trace.ops.push(Op::new(code, kind, args, descr));
    Arg::op(trace.ops.len() - 1)
}
