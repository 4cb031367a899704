//! What the interpreter needs where a guard fails: the recording's snapshots in terms of the rewritten trace.

use super::state::{Optimizer, Value, is_stale};
use crate::domain::trace::Snapshot;
use crate::ir::{Arg, Exit, FrameState, PendingStore, Val, VirtualState};

/// Live values that there is room for at once.
const LIVE: usize = 12;

/// An exit under construction.
#[derive(Default)]
struct Builder {
    exit: Exit,
    /// Virtuals that have a number in the exit.
    numbered: Vec<u32>,
}

impl Optimizer<'_> {
    /// The exit for a snapshot of the recording, here.
    pub fn exit(&mut self, snapshot: u32) -> Exit {
        let recording = self.recording;
        self.exit_of(&recording.snapshots[snapshot as usize])
    }

    pub fn exit_of(&mut self, snapshot: &Snapshot) -> Exit {
        let mut b = Builder::default();
        b.exit.live.reserve(LIVE);
        b.exit.frames.reserve_exact(snapshot.frames.len());
        b.exit.stale = self.stale;
        if self.stale != 0
            && let Some(root) = snapshot.frames.first()
        {
            for (i, &raw) in root.slots.iter().enumerate().take(64) {
                let kept = is_stale(self.stale, i)
                    && (self.begins_slot(raw, i) || self.recording.kept.contains(&(i, raw)));
                b.exit.kept |= u64::from(kept) << i;
            }
        }
        for (depth, frame) in snapshot.frames.iter().enumerate() {
            let slots = frame
                .slots
                .iter()
                .enumerate()
                .map(|(i, &raw)| {
                    if depth == 0 && self.is_unchanged(raw, i) {
                        Val::Unchanged
                    } else {
                        self.val(&mut b, raw)
                    }
                })
                .collect();
            b.exit.frames.push(FrameState { code: frame.code, pc: frame.pc, tag: frame.tag, slots });
        }
        b.exit.log = snapshot.log.iter().map(|&raw| self.val(&mut b, raw)).collect();
        b.exit.ordinal = snapshot.ordinal;
        for i in 0..self.s.pending.len() {
            let p = self.s.pending[i].clone();
            let store = PendingStore {
                object: self.val_of(&mut b, Value::Arg(p.object)),
                field: p.field,
                value: self.val_of(&mut b, p.value),
            };
            b.exit.pending.push(store);
        }
        b.exit
    }

    /// The root frame's slot `i` still holds `raw` in memory.
    pub(super) fn is_unchanged(&self, raw: Arg, i: usize) -> bool {
        self.begins_slot(raw, i) && self.unchanged[i]
    }

    /// `raw` is what slot `i` of the root frame held when the recording began.
    pub(super) fn begins_slot(&self, raw: Arg, i: usize) -> bool {
        raw.as_op().is_some_and(|op| self.slot_of[op] == i as u32)
    }

    fn val(&mut self, b: &mut Builder, raw: Arg) -> Val {
        let v = self.value(raw);
        self.val_of(b, v)
    }

    fn val_of(&mut self, b: &mut Builder, v: Value) -> Val {
        match self.current(v) {
            Value::Arg(a) => match self.out.const_of(a) {
                Some(c) => Val::Const(c),
                None => {
                    let at = b.exit.live.iter().position(|&x| x == a).unwrap_or_else(|| {
                        b.exit.live.push(a);
                        b.exit.live.len() - 1
                    });
                    Val::Live(at as u32)
                }
            },
            Value::Virtual(k) => {
                if let Some(at) = b.numbered.iter().position(|&x| x == k) {
                    return Val::Virtual(at as u32);
                }
                let at = b.numbered.len();
                b.numbered.push(k);
                let v = &self.s.virtuals[k as usize];
                let (class, size, array) = (v.class, v.size, v.items.is_some());
                let items = v.items.unwrap_or(0);
                b.exit.virtuals.push(VirtualState { class, size, array, items, fields: Vec::new() });
                for i in 0..self.s.virtuals[k as usize].fields.len() {
                    let word = self.s.virtuals[k as usize].fields[i];
                    let val = self.val_of(b, word.value);
                    b.exit.virtuals[at].fields.push((word.offset, word.descr.kind(), val));
                }
                Val::Virtual(at as u32)
            }
        }
    }
}
