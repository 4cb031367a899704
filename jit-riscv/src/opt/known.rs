//! What is known of objects at an exit, so that its bridge need not find it out again.
//!
//! Classes that objects keep, and fields that never change, stay true once they are established: it is enough to note when. A field's value is
//! noted only where it is alive at the exit anyway.

use super::state::{Learned, LearnedFact, Optimizer};
use crate::frame::HEADER;
use crate::ir::{Arg, Descr, KnownObject, NO_EXIT, Opcode, Subject, Trace, Val};
use crate::object::{ClassId, Field, Kind};

/// What was learned of the result of one operation.
#[derive(Clone, Default)]
struct Facts {
    class: Option<(ClassId, u32)>,
    words: Vec<(Field, Arg, u32)>,
}

impl Optimizer<'_> {
    /// A bridge begins with what its exit knew.
    pub(super) fn import_known(&mut self) {
        let recording = self.recording;
        for (raw, class, words) in &recording.known.objects {
            let super::state::Value::Arg(a) = self.value(*raw) else { continue };
            self.learn_class(a, *class);
            for (field, word) in words {
                if let super::state::Value::Arg(word) = self.value(*word) {
                    self.know_field(a, *field, word);
                }
            }
        }
    }
}

/// Notes in every exit what is known there.
pub(super) fn note(trace: &mut Trace, learned: &[Learned]) {
    if learned.is_empty() {
        return;
    }
    let n = trace.ops.len();
    // By operation: 1 + its place in `facts`.
    let mut index = vec![0u32; n];
    let mut facts: Vec<Facts> = Vec::new();
    for l in learned {
        let slot = &mut index[l.object as usize];
        if *slot == 0 {
            facts.push(Facts::default());
            *slot = facts.len() as u32;
        }
        let known = &mut facts[*slot as usize - 1];
        match l.fact {
            LearnedFact::Class(class) if known.class.is_none() => known.class = Some((class, l.at)),
            LearnedFact::Class(_) => {}
            LearnedFact::Word(field, value) => known.words.push((field, value, l.at)),
        }
    }
    let last = last_uses(trace);
    let mut of_slot: Vec<u32> = Vec::new();
    for (i, op) in trace.ops.iter().enumerate() {
        if let (Opcode::FrameLoad, Descr::Number(at), Some(Kind::Ref)) = (op.code, op.descr, op.kind)
            && index[i] != 0
        {
            let slot = (at as usize - HEADER) / 8;
            if of_slot.len() <= slot {
                of_slot.resize(slot + 1, u32::MAX);
            }
            of_slot[slot] = i as u32;
        }
    }
    for (at, op) in trace.ops.iter().enumerate() {
        if op.exit == NO_EXIT {
            continue;
        }
        let exit = &mut trace.exits[op.exit as usize];
        let mut known = Vec::new();
        let here = at as u32;
        let mut add = |subject: Subject, object: usize, live: &mut Vec<Arg>| {
            let Some(of) = index[object].checked_sub(1) else { return };
            let facts = &facts[of as usize];
            let Some((class, _)) = facts.class.filter(|&(_, since)| since <= here) else { return };
            let words = facts
                .words
                .iter()
                .filter(|&&(_, value, since)| since <= here && value.as_op().is_some_and(|v| last[v] >= here))
                .map(|&(field, value, _)| {
                    let at = live.iter().position(|&a| a == value).unwrap_or_else(|| {
                        live.push(value);
                        live.len() - 1
                    });
                    (field, at as u32)
                })
                .collect();
            known.push(KnownObject { subject, class, words });
        };
        for i in 0..exit.live.len() {
            if let Some(object) = exit.live[i].as_op() {
                add(Subject::Live(i as u32), object, &mut exit.live);
            }
        }
        if let Some(root) = exit.frames.first() {
            for (slot, v) in root.slots.iter().enumerate().take(of_slot.len()) {
                if *v == Val::Unchanged && of_slot[slot] != u32::MAX {
                    add(Subject::Slot(slot as u32), of_slot[slot] as usize, &mut exit.live);
                }
            }
        }
        exit.known = known;
    }
}

/// For each operation the last one that reads its result; a comparison reads when its guard does.
fn last_uses(trace: &Trace) -> Vec<u32> {
    let mut last = vec![0u32; trace.ops.len()];
    let looping = trace.ops.last().is_some_and(|op| op.code == Opcode::Jump);
    let label = trace.ops.iter().position(|op| op.code == Opcode::Label);
    let mut read = |a: Arg, at: u32| {
        if let Some(i) = a.as_op() {
            // What the loop reads of before it is alive until its end.
            let at = match label {
                Some(l) if looping && i <= l && at as usize > l => trace.ops.len() as u32,
                _ => at,
            };
            last[i] = last[i].max(at);
        }
    };
    for (i, op) in trace.ops.iter().enumerate() {
        let at = i as u32;
        op.args.as_slice().iter().for_each(|&a| read(a, at));
        if op.exit == NO_EXIT {
            continue;
        }
        trace.exits[op.exit as usize].live.iter().for_each(|&a| read(a, at));
        if matches!(op.code, Opcode::GuardTrue | Opcode::GuardFalse)
            && let Some(c) = op.args[0].as_op()
            && super::guards::is_boolean(trace.ops[c].code)
        {
            trace.ops[c].args.as_slice().iter().for_each(|&a| read(a, at));
        }
    }
    last
}
