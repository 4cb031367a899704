//! Typed entries: slots of the frame at a head that are passed from trace to trace by their values.
//!
//! A trace goes on at a head with its frame in memory, where numbers are boxed. At a head whose slots the pattern table has seen to hold
//! numbers of one type, the trace has a second, *typed* entry, which takes those numbers in registers. Traces that jump there need not
//! allocate the boxes, and the trace need not check, load and unbox. The slots that the trace changes, and those that are dead at the head, are
//! *stale*: their memory is not even written, and every exit of the trace says what they are.
//!
//! Nothing depends on what the table said: whoever jumps to a typed entry has checked the types, or goes through memory.

use super::patterns::{Entry, TypedSlot};
use super::state::{Optimizer, PlaceDescr, Value, Virtual, VirtualWord, is_stale};
use crate::domain::trace::ToHead;
use crate::frame::HEADER;
use crate::ir::{Arg, Const, Descr, Op, Opcode};
use crate::object::{Kind, Ref};

/// Bytes of a box.
pub const BOX_SIZE: u32 = 16;

impl Optimizer<'_> {
    /// The values that the typed entry takes are the first operations: result n is that of the plan's slot n.
    pub(super) fn enter_typed(&mut self) {
        let plan = self.plan;
        for (i, typed) in plan.typed.iter().enumerate() {
            self.emit_new(Opcode::Input, Some(typed.field.kind), &[], Descr::Number(i as i64));
        }
        self.out.entry = plan.typed.iter().map(|t| t.field.kind).collect();
    }

    /// What a slot of the root frame holds when the trace begins.
    pub(super) fn load_slot(&mut self, op: &Op, at: i64) -> Value {
        let slot = (at as usize - HEADER) / 8;
        let plan = self.plan;
        let typed = plan.typed.iter().position(|t| t.slot == slot);
        let Some(n) = typed else {
            if is_stale(self.stale, slot) {
                return Value::Arg(self.out.constant(Const::Ref(Ref::NULL)));
            }
            return Value::Arg(self.emit(op.clone()));
        };
        let TypedSlot { class, field, .. } = plan.typed[n];
        if is_stale(self.stale, slot) {
            let value = Value::Arg(Arg::op(n));
            let word = VirtualWord { offset: field.offset.into(), descr: PlaceDescr::Field(field), value };
            let fields = vec![word];
            self.s.virtuals.push(Virtual { class, size: BOX_SIZE, items: None, fields, forced: None });
            return Value::Virtual(self.s.virtuals.len() as u32 - 1);
        }
        let a = self.emit(op.clone());
        self.learn_class(a, class);
        self.know_field(a, field, Arg::op(n));
        Value::Arg(a)
    }

    /// What a slot of the root frame holds that nobody reads any more.
    pub(super) fn dead_slot(&mut self, at: i64) -> Value {
        let slot = (at as usize - HEADER) / 8;
        Value::Arg(if self.unchanged[slot] {
            self.emit_new(Opcode::FrameLoad, Some(Kind::Ref), &[], Descr::Number(at))
        } else {
            self.out.constant(Const::Ref(Ref::NULL))
        })
    }

    /// A store of what the slot holds in memory already.
    pub(super) fn is_in_memory(&self, op: &Op, at: i64) -> bool {
        let at = at as usize;
        at >= HEADER
            && op.args[0].as_op().is_some_and(|i| self.slot_of[i] == ((at - HEADER) / 8) as u32)
            && self.unchanged[(at - HEADER) / 8]
    }

    /// A trace that ends at a head.
    pub fn run_to_head(&mut self, to: &ToHead) {
        self.run_pass(0..to.tail);
        self.carry_label();
        if !self.s.unreachable {
            self.go_to_head(to);
        }
    }

    /// From the end of the recording's bytecodes on to the head: through its typed entry if it has one and the types fit.
    pub(super) fn go_to_head(&mut self, to: &ToHead) {
        let plan = self.plan;
        let all = self.recording.trace.ops.len();
        match &plan.target {
            Some(entry) if self.fits(entry, to) => self.jump_to_entry(entry, to),
            _ => self.run_pass(to.tail..all),
        }
    }

    fn fits(&mut self, entry: &Entry, to: &ToHead) -> bool {
        entry.typed.iter().all(|typed| {
            let Some(&raw) = to.slots.get(typed.slot) else { return false };
            let v = self.value(raw);
            match self.class_known(v) {
                Some(class) => class == typed.class,
                None => matches!(v, Value::Arg(a) if a.as_const().is_none()),
            }
        })
    }

    fn jump_to_entry(&mut self, entry: &Entry, to: &ToHead) {
        let recording = self.recording;
        self.flush();
        let mut args = Vec::with_capacity(entry.typed.len());
        for typed in &entry.typed {
            let v = self.value(to.slots[typed.slot]);
            let word = match v {
                Value::Virtual(k) => self.virtual_word(k, typed.field.offset.into(), typed.field.kind),
                Value::Arg(a) => {
                    // `fits` has seen that this can hold.
                    self.ensure_class(a, typed.class, to.snapshot);
                    self.getfield_of(a, typed.field)
                }
            };
            args.push(self.force(word));
        }
        let slot_at = |at: usize| at.checked_sub(to.base + HEADER).map(|bytes| bytes / 8);
        for i in to.tail..recording.trace.ops.len() {
            let op = &recording.trace.ops[i];
            match (op.code, op.descr) {
                (Opcode::FrameStore, Descr::Number(at))
                    if slot_at(at as usize).is_some_and(|slot| is_stale(entry.stale, slot))
                        // Every exit of the trace writes the bytecode's index and the depth.
                        || at as usize == to.base + 8 => {}
                (Opcode::JumpHead, _) => {
                    self.emit_new(Opcode::JumpEntry, None, &args, Descr::Number(entry.trace.into()));
                }
                _ => self.run_pass(i..i + 1),
            }
        }
    }
}
