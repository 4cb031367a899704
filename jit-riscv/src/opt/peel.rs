//! Loops: the recording is rewritten twice. The first time gives the *preamble*; then comes the label, whose results are what changes from
//! iteration to iteration; the second time gives the *body*, which knows all that the preamble found out. So what does not
//! change is computed, loaded and guarded once, before the label.
//!
//! What may change is assumed at the label and checked at the end of the body: heap facts (a place still holds the same value), classes
//! that may change, virtuals that stay virtual. An assumption that was used and does not hold is withdrawn, and the body is
//! rewritten again.

use rustc_hash::FxHashSet;

use super::label::Export;
use super::state::{Known, Optimizer, Place, PlaceDescr, State, Value, Virtual, VirtualWord, is_stale};
use crate::ir::{Arg, Descr, Opcode};
use crate::object::{ClassId, Kind};

/// Rewrites of the body before all assumptions are given up.
const ATTEMPTS: usize = 12;

/// Assumptions that were withdrawn.
#[derive(Default)]
struct Withdrawn {
    /// Exports that may not be virtual.
    virtuals: FxHashSet<u64>,
    /// Exports whose class is not known.
    classes: FxHashSet<u64>,
    /// Classes of values from before the label.
    known_classes: FxHashSet<Arg>,
    /// Places that change: carried over the label …
    varying: Vec<Place>,
    /// … or forgotten.
    dropped: FxHashSet<Place>,
    /// Everything that can be.
    all: bool,
}

pub(super) struct Checkpoint {
    state: State,
    ops: usize,
    exits: usize,
    allocated: usize,
}

/// What is passed to a label.
#[derive(Default)]
pub(super) struct Next {
    pub args: Vec<Arg>,
    /// Objects with an identity whose words are passed, and the keys of their exports.
    virtuals: Vec<(u32, u64)>,
}

impl Next {
    /// The words of virtual `k` are passed.
    pub fn give(&mut self, o: &mut Optimizer<'_>, k: u32, class: ClassId, key: u64) {
        if !o.oracle.is_value_class(class) {
            self.virtuals.push((k, key));
        }
    }
}

/// The export has every word of the object, as a field: an object in memory can be passed as well.
pub(super) fn has_all_words(words: &[(u32, PlaceDescr, Export)], size: u32) -> bool {
    words.len() as u32 == size / 8 - 1
        && words.iter().all(|(_, descr, _)| matches!(descr, PlaceDescr::Field(_)))
}

impl Optimizer<'_> {
    /// An object whose words are passed, and that something else refers to: it would become two. Its export's key.
    pub(super) fn duplicated(&self, next: &mut Next) -> Option<u64> {
        while let Some((k, key)) = next.virtuals.pop() {
            let again = next.virtuals.iter().any(|&(other, _)| other == k);
            if again || self.s.virtuals[k as usize].forced.is_some() {
                return Some(key);
            }
        }
        None
    }

    /// A trace that closes a loop; `slots` are the root frame's at its end.
    pub fn run_loop(&mut self, slots: &[Arg]) {
        let all = 0..self.recording.trace.ops.len();
        self.run_pass(all);
        if self.s.unreachable {
            return;
        }
        self.flush();
        let checkpoint = self.checkpoint();
        let mut withdrawn = Withdrawn::default();
        for attempt in 0..=ATTEMPTS {
            withdrawn.all = attempt == ATTEMPTS;
            if self.try_body(slots, &mut withdrawn) {
                return;
            }
            self.restore(&checkpoint);
            self.label_at = 0;
            self.label_epoch = None;
        }
        debug_assert!(false, "the body must close without assumptions");
    }

    pub(super) fn checkpoint(&self) -> Checkpoint {
        Checkpoint {
            state: self.s.clone(),
            ops: self.out.ops.len(),
            exits: self.out.exits.len(),
            allocated: self.allocated,
        }
    }

    pub(super) fn restore(&mut self, checkpoint: &Checkpoint) {
        self.s = checkpoint.state.clone();
        self.out.ops.truncate(checkpoint.ops);
        self.out.exits.truncate(checkpoint.exits);
        self.allocated = checkpoint.allocated;
    }

    /// Rewrites the body. False: an assumption did not hold, and has been withdrawn.
    fn try_body(&mut self, slots: &[Arg], withdrawn: &mut Withdrawn) -> bool {
        self.used_facts.clear();
        self.used_classes.clear();
        let changed: Vec<usize> = (0..slots.len()).filter(|&i| !self.begins_slot(slots[i], i)).collect();

        // What the label carries, and its first values.
        let ends: Vec<Value> = changed.iter().map(|&i| self.value(slots[i])).collect();
        let shared = self.shared_virtuals(&ends);
        let mut first = Vec::new();
        let mut exports = Vec::new();
        for (&slot, &v) in changed.iter().zip(&ends) {
            exports.push(self.export(slot as u64, v, withdrawn, &shared, &mut first));
        }
        let varying = if withdrawn.all { Vec::new() } else { withdrawn.varying.clone() };
        let mut places = Vec::new();
        for place in &varying {
            let Some(known) = self.s.heap.get(place).copied() else { continue };
            let v = Value::Arg(self.force(known.value));
            let key = place_key(place);
            places.push((*place, known.descr, self.export(key, v, withdrawn, &shared, &mut first)));
        }

        self.label_at = self.out.ops.len();
        self.emit_new(Opcode::Label, None, &first, Descr::None);
        let results: Vec<Arg> = first
            .iter()
            .enumerate()
            .map(|(i, &a)| {
                let kind = self.out.kind_of(a);
                self.emit_new(Opcode::LabelArg, kind, &[], Descr::Number(i as i64))
            })
            .collect();

        self.import_facts(withdrawn);
        let own_results = results.clone();
        let mut results = results.into_iter();
        for (&slot, export) in changed.iter().zip(&exports) {
            let v = self.import(export, &mut results);
            self.set_slot(slot, v);
        }
        for (place, descr, export) in &places {
            let value = self.import(export, &mut results);
            self.s.heap.insert(*place, Known { value, descr: *descr, imported: false });
        }
        for i in 0..self.unchanged.len() {
            self.unchanged[i] = !changed.contains(&i) && !is_stale(self.stale, i);
        }
        let all = 0..self.recording.trace.ops.len();
        self.run_pass(all);
        for i in 0..self.unchanged.len() {
            self.unchanged[i] = !is_stale(self.stale, i);
        }
        if self.s.unreachable {
            // Bridges make the loop; the label is theirs.
            self.emit_new(Opcode::Jump, None, &own_results, Descr::Number(self.out.id as i64));
            let facts = std::mem::take(&mut self.used_facts);
            let classes = std::mem::take(&mut self.used_classes);
            let slots = changed.into_iter().zip(exports).collect();
            self.describe_label(slots, places, &facts, &classes);
            return true;
        }
        self.flush();

        // The next values.
        let mut next = Next::default();
        let mut holds = true;
        for (&slot, export) in changed.iter().zip(&exports) {
            let v = self.value(slots[slot]);
            holds &= self.close(export, v, withdrawn, &mut next);
        }
        for (place, _, export) in &places {
            match self.s.heap.get(place).copied() {
                Some(known) => {
                    let v = self.current(known.value);
                    holds &= self.close(export, v, withdrawn, &mut next);
                }
                None => {
                    withdrawn.varying.retain(|p| p != place);
                    withdrawn.dropped.insert(*place);
                    holds = false;
                }
            }
        }
        while let Some(key) = self.duplicated(&mut next) {
            withdrawn.virtuals.insert(key);
            holds = false;
        }
        let facts = std::mem::take(&mut self.used_facts);
        let classes = std::mem::take(&mut self.used_classes);
        holds &= self.facts_hold(&facts, &classes, withdrawn);
        if holds {
            self.emit_new(Opcode::Jump, None, &next.args, Descr::Number(self.out.id as i64));
            let slots = changed.into_iter().zip(exports).collect();
            self.describe_label(slots, places, &facts, &classes);
        }
        holds
    }

    fn set_slot(&mut self, slot: usize, v: Value) {
        for (op, &s) in self.slot_of.iter().enumerate() {
            if s == slot as u32 {
                self.s.map[op] = v;
            }
        }
    }

    /// Virtuals with an identity that are reachable twice: they would become two objects.
    fn shared_virtuals(&mut self, ends: &[Value]) -> FxHashSet<u32> {
        let mut seen = FxHashSet::default();
        let mut shared = FxHashSet::default();
        let mut work: Vec<Value> = ends.to_vec();
        while let Some(v) = work.pop() {
            let Value::Virtual(k) = self.current(v) else { continue };
            let class = self.s.virtuals[k as usize].class;
            if !self.oracle.is_value_class(class) && !seen.insert(k) {
                shared.insert(k);
                continue;
            }
            work.extend(self.s.virtuals[k as usize].fields.iter().map(|w| w.value));
        }
        shared
    }

    /// Decides how `v` is carried, and adds its first values.
    fn export(
        &mut self,
        key: u64,
        v: Value,
        withdrawn: &Withdrawn,
        shared: &FxHashSet<u32>,
        first: &mut Vec<Arg>,
    ) -> Export {
        let v = self.current(v);
        if let Value::Virtual(k) = v
            && !withdrawn.all
            && !withdrawn.virtuals.contains(&key)
            && !shared.contains(&k)
        {
            let Virtual { class, size, items, fields, .. } = self.s.virtuals[k as usize].clone();
            let words = fields
                .iter()
                .map(|w| {
                    let nested = key.wrapping_mul(131).wrapping_add(1000 + w.offset as u64);
                    (w.offset, w.descr, self.export(nested, w.value, withdrawn, shared, first))
                })
                .collect();
            return Export::Virtual { key, class, size, items, words };
        }
        let a = self.force(v);
        first.push(a);
        let kind = self.out.kind_of(a).unwrap_or(Kind::Int);
        let mut class = None;
        let mut fields = Vec::new();
        if kind == Kind::Ref && !withdrawn.all && !withdrawn.classes.contains(&key) {
            class = self.class_known(Value::Arg(a)).filter(|&c| self.oracle.class_is_final(c));
        }
        if class.is_some_and(|c| self.oracle.is_value_class(c)) {
            let known: Vec<(PlaceDescr, Value)> = self
                .s
                .heap
                .iter()
                .filter(|(place, known)| {
                    matches!(place, Place::Field(o, _) if *o == a)
                        && known.descr.immutable()
                        && known.descr.kind() != Kind::Ref
                })
                .map(|(_, known)| (known.descr, known.value))
                .collect();
            for (descr, value) in known {
                let value = self.force(value);
                first.push(value);
                fields.push(descr);
            }
        }
        Export::Arg { key, class, fields }
    }

    /// The value that the label's results stand for.
    fn import(&mut self, export: &Export, results: &mut std::vec::IntoIter<Arg>) -> Value {
        match export {
            Export::Arg { class, fields, .. } => {
                let Some(a) = results.next() else { return Value::Arg(Arg::NONE) };
                if let Some(c) = class {
                    self.learn_class(a, *c);
                }
                for descr in fields {
                    let (PlaceDescr::Field(f), Some(w)) = (descr, results.next()) else { continue };
                    self.know_field(a, *f, w);
                }
                Value::Arg(a)
            }
            Export::Virtual { class, size, items, words, .. } => {
                let fields = words
                    .iter()
                    .map(|(offset, descr, e)| VirtualWord {
                        offset: *offset,
                        descr: *descr,
                        value: self.import(e, results),
                    })
                    .collect();
                self.s.virtuals.push(Virtual {
                    class: *class,
                    size: *size,
                    items: *items,
                    fields,
                    forced: None,
                });
                Value::Virtual(self.s.virtuals.len() as u32 - 1)
            }
        }
    }

    /// Adds the next values of an export whose value is now `v`. False: it no longer has the exported form.
    fn close(&mut self, export: &Export, v: Value, withdrawn: &mut Withdrawn, next: &mut Next) -> bool {
        let v = self.current(v);
        match export {
            Export::Arg { key, class, fields, .. } => {
                if let Some(c) = class
                    && self.class_known(v) != Some(*c)
                {
                    withdrawn.classes.insert(*key);
                    return false;
                }
                let a = self.force(v);
                next.args.push(a);
                for descr in fields {
                    let PlaceDescr::Field(f) = descr else { continue };
                    let w = self.getfield_of(a, *f);
                    let w = self.force(w);
                    next.args.push(w);
                }
                true
            }
            Export::Virtual { key, class, words, items, size } => match v {
                Value::Virtual(k) => {
                    let now = self.s.virtuals[k as usize].clone();
                    let same = now.class == *class
                        && now.items == *items
                        && now.fields.len() == words.len()
                        && now.fields.iter().zip(words).all(|(w, (offset, ..))| w.offset == *offset);
                    if !same {
                        withdrawn.virtuals.insert(*key);
                        return false;
                    }
                    next.give(self, k, *class, *key);
                    let mut holds = true;
                    for (w, (_, _, e)) in now.fields.iter().zip(words) {
                        holds &= self.close(e, w.value, withdrawn, next);
                    }
                    holds
                }
                Value::Arg(a) => {
                    let unboxes = self.oracle.is_value_class(*class)
                        && has_all_words(words, *size)
                        && self.class_known(v) == Some(*class);
                    if !unboxes {
                        withdrawn.virtuals.insert(*key);
                        return false;
                    }
                    let mut holds = true;
                    for (_, descr, e) in words {
                        let PlaceDescr::Field(f) = descr else { continue };
                        let w = self.getfield_of(a, *f);
                        holds &= self.close(e, w, withdrawn, next);
                    }
                    holds
                }
            },
        }
    }

    /// What the preamble knows, as far as it is assumed to hold in every iteration.
    fn import_facts(&mut self, withdrawn: &Withdrawn) {
        let label = self.s.epoch;
        self.label_epoch = Some(label);
        self.s.epoch += 1;
        self.body_epoch = self.s.epoch;
        if withdrawn.all {
            self.s.heap.retain(|_, known| known.descr.immutable());
            self.label_epoch = None;
        }
        let virtuals = &self.s.virtuals;
        self.s.heap.retain(|place, known| {
            let unallocated =
                matches!(known.value, Value::Virtual(k) if virtuals[k as usize].forced.is_none());
            if unallocated || withdrawn.dropped.contains(place) {
                return false;
            }
            known.imported = !known.descr.immutable();
            true
        });
        for &a in &withdrawn.known_classes {
            match a.as_op() {
                Some(i) => self.s.info[i].class = None,
                None => {
                    self.s.const_class.remove(&a);
                }
            }
        }
        self.s.last_call_removed = false;
    }

    /// Whether the facts of the label that were used hold at the end of the body as well.
    fn facts_hold(
        &mut self,
        facts: &[(Place, Known)],
        classes: &[(Arg, ClassId)],
        withdrawn: &mut Withdrawn,
    ) -> bool {
        let mut holds = true;
        for (place, assumed) in facts {
            let assumed = self.current(assumed.value);
            match self.s.heap.get(place).map(|known| known.value) {
                Some(v) if self.current(v) == assumed => continue,
                Some(_) => withdrawn.varying.push(*place),
                None => {
                    withdrawn.dropped.insert(*place);
                }
            }
            holds = false;
        }
        for &(a, class) in classes {
            if self.class_known(Value::Arg(a)) != Some(class) {
                withdrawn.known_classes.insert(a);
                holds = false;
            }
        }
        holds
    }
}

fn place_key(place: &Place) -> u64 {
    use std::hash::BuildHasher;

    rustc_hash::FxBuildHasher.hash_one(place) | 1 << 63
}
