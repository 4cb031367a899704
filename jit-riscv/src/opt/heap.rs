//! Field and item cache, virtual objects, delayed stores.

use super::state::{Known, LearnedFact, Optimizer, Pending, Place, PlaceDescr, Value, Virtual, VirtualWord};
use crate::ir::{Arg, Const, Descr, Op, Opcode};
use crate::object::{Array, ClassId, Field, Kind, LENGTH, Ref};

/// Arrays of up to this many items can be virtual.
const VIRTUAL_ITEMS: u32 = 64;

/// More delayed stores than this are done at once: every exit has to list them.
const MAX_PENDING: usize = 6;

impl Optimizer<'_> {
    /// new_with_vtable / new_array.
    pub fn new_object(&mut self, op: &Op, class: ClassId, size: u32, items: u32) -> Value {
        let array = op.code == Opcode::NewArray;
        if array && items > VIRTUAL_ITEMS {
            let a = self.allocate(op.code, class, size, items);
            self.zero_words(a, LENGTH.offset as u32 + 8, size);
            return Value::Arg(a);
        }
        let mut fields = Vec::new();
        if array {
            let value = Value::Arg(self.const_int(items as i64));
            let offset = LENGTH.offset as u32;
            fields.push(VirtualWord { offset, descr: PlaceDescr::Field(LENGTH), value });
        }
        let items = array.then_some(items);
        self.s.virtuals.push(Virtual { class, size, items, fields, forced: None });
        Value::Virtual(self.s.virtuals.len() as u32 - 1)
    }

    fn allocate(&mut self, code: Opcode, class: ClassId, size: u32, items: u32) -> Arg {
        let a = self.emit_new(code, Some(Kind::Ref), &[], Descr::New { class, size, items });
        self.allocated += size as usize;
        self.learn_class(a, class);
        if let Some(info) = self.info_mut(a) {
            info.fresh = true;
        }
        a
    }

    /// Stores zero to the words of a new object from byte `from` up to byte `to`.
    fn zero_words(&mut self, a: Arg, from: u32, to: u32) {
        let zero = self.const_int(0);
        for offset in (from..to).step_by(8) {
            self.emit_new(
                Opcode::Setfield,
                None,
                &[a, zero],
                Descr::FreshField(raw_field(offset, Kind::Int)),
            );
        }
    }

    /// The value as an operand: a virtual is allocated and filled.
    pub fn force(&mut self, v: Value) -> Arg {
        let k = match self.current(v) {
            Value::Arg(a) => return a,
            Value::Virtual(k) => k as usize,
        };
        let Virtual { class, size, items, .. } = self.s.virtuals[k];
        // What it refers to comes first, but for objects that refer back to it.
        let code = if items.is_some() { Opcode::NewArray } else { Opcode::New };
        let a = self.allocate(code, class, size, items.unwrap_or(0));
        self.s.virtuals[k].forced = Some(a);
        let mut next = if items.is_some() { LENGTH.offset as u32 + 8 } else { 8 };
        for word in self.s.virtuals[k].fields.clone() {
            self.know_word(a, &word);
            if word.offset < next {
                continue;
            }
            self.zero_words(a, next, word.offset);
            next = word.offset + 8;
            let value = self.force(word.value);
            let descr = Descr::FreshField(raw_field(word.offset, word.descr.kind()));
            self.emit_new(Opcode::Setfield, None, &[a, value], descr);
        }
        self.zero_words(a, next, size);
        a
    }

    /// What a word of a virtual was stays known of its allocation.
    fn know_word(&mut self, a: Arg, word: &VirtualWord) {
        let place = match word.descr {
            PlaceDescr::Field(f) if f.id == INIT_FIELD => return,
            PlaceDescr::Field(f) => Place::Field(a, f.id),
            PlaceDescr::Array(items) => {
                let index = self.const_int((word.offset as i64 - items.base as i64) / 8);
                Place::Item(a, items.id, index)
            }
        };
        self.s.heap.insert(place, Known { value: word.value, descr: word.descr, imported: false });
    }

    /// getfield_gc.
    pub fn getfield(&mut self, op: &Op, field: Field) -> Value {
        let a = match self.value(op.args[0]) {
            Value::Virtual(k) => return self.virtual_word(k, field.offset as u32, field.kind),
            Value::Arg(a) => a,
        };
        self.getfield_of(a, field)
    }

    pub fn getfield_of(&mut self, a: Arg, field: Field) -> Value {
        let place = Place::Field(a, field.id);
        if let Some(v) = self.known(place) {
            return v;
        }
        if field.immutable
            && let Some(r) = self.ref_of(a).filter(|r| !r.is_null())
        {
            let bits = self.oracle.word(r, field.offset as usize);
            return Value::Arg(self.constant_bits(field.kind, bits));
        }
        self.flush_aliases(a, field);
        let result = self.emit_new(get_code(field.kind, false), Some(field.kind), &[a], Descr::Field(field));
        if field == LENGTH
            && let Some(info) = self.info_mut(result)
        {
            info.lo = 0;
            info.hi = i64::MAX >> 4;
        }
        self.know_field(a, field, result);
        Value::Arg(result)
    }

    /// The object's field holds `value`.
    pub fn know_field(&mut self, a: Arg, field: Field, value: Arg) {
        let descr = PlaceDescr::Field(field);
        self.s
            .heap
            .insert(Place::Field(a, field.id), Known { value: Value::Arg(value), descr, imported: false });
        if let (true, Some(object)) = (field.immutable && field.kind != Kind::Ref, a.as_op()) {
            self.learn(object, LearnedFact::Word(field, value));
        }
    }

    /// What a place holds, if that is known; notes that a fact of the label was used.
    fn known(&mut self, place: Place) -> Option<Value> {
        let known = *self.s.heap.get(&place)?;
        if known.imported && !self.used_facts.iter().any(|(p, _)| *p == place) {
            self.used_facts.push((place, known));
        }
        Some(self.current(known.value))
    }

    fn constant_bits(&mut self, kind: Kind, bits: u64) -> Arg {
        self.out.constant(match kind {
            Kind::Int => Const::Int(bits as i64),
            Kind::Float => Const::Float(bits),
            Kind::Ref => Const::Ref(Ref(bits)),
        })
    }

    /// The word of a virtual: zero if it was never stored.
    pub(super) fn virtual_word(&mut self, k: u32, offset: u32, kind: Kind) -> Value {
        match self.s.virtuals[k as usize].fields.binary_search_by_key(&offset, |f| f.offset) {
            Ok(i) => self.current(self.s.virtuals[k as usize].fields[i].value),
            Err(_) => Value::Arg(self.constant_bits(kind, 0)),
        }
    }

    fn set_virtual_word(&mut self, k: u32, offset: u32, descr: PlaceDescr, value: Value) {
        let fields = &mut self.s.virtuals[k as usize].fields;
        let word = VirtualWord { offset, descr, value };
        match fields.binary_search_by_key(&offset, |f| f.offset) {
            Ok(i) => fields[i] = word,
            Err(i) => fields.insert(i, word),
        }
    }

    /// setfield_gc.
    pub fn setfield(&mut self, op: &Op, field: Field) {
        let v = self.value(op.args[1]);
        let a = match self.value(op.args[0]) {
            Value::Virtual(k) => {
                return self.set_virtual_word(k, field.offset as u32, PlaceDescr::Field(field), v);
            }
            Value::Arg(a) => a,
        };
        self.forget_aliases(a, field);
        self.s.heap.insert(
            Place::Field(a, field.id),
            Known { value: v, descr: PlaceDescr::Field(field), imported: false },
        );
        if let Some(p) = self.s.pending.iter_mut().find(|p| p.object == a && p.field == field) {
            p.value = v;
            return;
        }
        self.flush_aliases(a, field);
        if self.s.pending.len() >= MAX_PENDING {
            self.flush_first();
        }
        self.s.pending.push(Pending { object: a, field, value: v });
    }

    /// Two objects that cannot be the same one.
    fn distinct(&mut self, a: Arg, b: Arg) -> bool {
        if a == b {
            return false;
        }
        let fresh = |o: &Self, x: Arg| o.info(x).is_some_and(|i| i.fresh);
        let is_new = |o: &Self, x: Arg| {
            x.as_op().is_some_and(|i| matches!(o.out.ops[i].code, Opcode::New | Opcode::NewArray))
        };
        if (fresh(self, a) && is_new(self, a) && fresh(self, b) && is_new(self, b))
            || (self.ref_of(a).is_some() && self.ref_of(b).is_some())
        {
            return true;
        }
        match (self.class_known(Value::Arg(a)), self.class_known(Value::Arg(b))) {
            (Some(x), Some(y)) => x != y,
            _ => false,
        }
    }

    /// A store to `a.field`: what other objects' fields hold may have changed.
    fn forget_aliases(&mut self, a: Arg, field: Field) {
        let others: Vec<Place> = self
            .s
            .heap
            .iter()
            .filter_map(|(place, known)| match *place {
                Place::Field(b, id) if id == field.id && b != a && !known.descr.immutable() => Some(*place),
                _ => None,
            })
            .collect();
        for place in others {
            let Place::Field(b, _) = place else { continue };
            if !self.distinct(a, b) {
                self.s.heap.remove(&place);
            }
        }
    }

    /// Does the delayed stores that `a.field` may alias.
    fn flush_aliases(&mut self, a: Arg, field: Field) {
        let mut i = 0;
        while i < self.s.pending.len() {
            let p = self.s.pending[i].clone();
            if p.field == field && p.object != a && !self.distinct(p.object, a) {
                self.s.pending.remove(i);
                self.store(p);
            } else {
                i += 1;
            }
        }
    }

    fn flush_first(&mut self) {
        let p = self.s.pending.remove(0);
        self.store(p);
    }

    fn store(&mut self, p: Pending) {
        // Values are allocated before the store; that may not change the list of delayed ones.
        let value = self.force(p.value);
        let descr = if p.field.kind == Kind::Ref && (self.is_fresh(p.object) || self.never_young(value)) {
            Descr::FreshField(p.field)
        } else {
            Descr::Field(p.field)
        };
        self.emit_new(Opcode::Setfield, None, &[p.object, value], descr);
    }

    fn is_fresh(&self, a: Arg) -> bool {
        self.info(a).is_some_and(|i| i.fresh)
    }

    /// Constants are old by the time the trace is compiled (and null is nothing): storing one needs no barrier.
    fn never_young(&self, a: Arg) -> bool {
        self.ref_of(a).is_some()
    }

    /// Does all delayed stores: something is about to look.
    pub fn flush(&mut self) {
        while !self.s.pending.is_empty() {
            self.flush_first();
        }
    }

    /// A call may have changed anything that can change.
    pub fn forget_mutable(&mut self) {
        self.s.heap.retain(|_, known| known.descr.immutable());
        self.s.epoch += 1;
    }

    /// setclass.
    pub fn set_class(&mut self, op: &Op, class: ClassId) {
        let a = match self.value(op.args[0]) {
            Value::Virtual(k) => {
                self.s.virtuals[k as usize].class = class;
                return;
            }
            Value::Arg(a) => a,
        };
        self.flush();
        self.emit_new(Opcode::SetClass, None, &[a], Descr::Class(class));
        // Other names of the same object.
        match a.as_op().filter(|_| self.is_fresh(a)) {
            Some(at) => self.forget_classes_after(at),
            None => self.s.epoch += 1,
        }
        self.learn_class(a, class);
    }

    /// The object that operation `at` allocated changes its class: what was loaded since may be that object.
    fn forget_classes_after(&mut self, at: usize) {
        for info in &mut self.s.info[at + 1..] {
            if info.class.is_some_and(|(c, _)| !self.oracle.class_is_final(c)) {
                info.class = None;
            }
            info.nonnull_guard = None;
        }
    }

    /// getarrayitem_gc.
    pub fn getitem(&mut self, op: &Op, items: Array) -> Value {
        let index = self.arg(op.args[1]);
        let a = match self.value(op.args[0]) {
            Value::Virtual(k) => match self.virtual_index(k, index, items) {
                Some(offset) => return self.virtual_word(k, offset, items.kind),
                None => self.force(Value::Virtual(k)),
            },
            Value::Arg(a) => a,
        };
        self.getitem_of(a, index, items)
    }

    pub fn getitem_of(&mut self, a: Arg, index: Arg, items: Array) -> Value {
        let place = Place::Item(a, items.id, index);
        if let Some(v) = self.known(place) {
            return v;
        }
        if let (true, Some(r), Some(i), 3) =
            (items.immutable, self.ref_of(a), self.int_of(index), items.shift)
        {
            let bits = self.oracle.word(r, items.base as usize + ((i as usize) << 3));
            return Value::Arg(self.constant_bits(items.kind, bits));
        }
        let result =
            self.emit_new(get_code(items.kind, true), Some(items.kind), &[a, index], Descr::Array(items));
        if items.shift == 0
            && let Some(info) = self.info_mut(result)
        {
            (info.lo, info.hi) = (0, 255);
        }
        let descr = PlaceDescr::Array(items);
        self.s.heap.insert(place, Known { value: Value::Arg(result), descr, imported: false });
        Value::Arg(result)
    }

    /// The byte offset of an item of a virtual array, if the index is a constant.
    fn virtual_index(&self, k: u32, index: Arg, items: Array) -> Option<u32> {
        let i = self.int_of(index)?;
        let v = &self.s.virtuals[k as usize];
        (items.shift == 3 && i >= 0 && i < v.items.unwrap_or(0) as i64)
            .then(|| items.base as u32 + 8 * i as u32)
    }

    /// setarrayitem_gc.
    pub fn setitem(&mut self, op: &Op, items: Array) {
        let index = self.arg(op.args[1]);
        let v = self.value(op.args[2]);
        let a = match self.value(op.args[0]) {
            Value::Virtual(k) => match self.virtual_index(k, index, items) {
                Some(offset) => return self.set_virtual_word(k, offset, PlaceDescr::Array(items), v),
                None => self.force(Value::Virtual(k)),
            },
            Value::Arg(a) => a,
        };
        let value = self.force(v);
        self.forget_items(a, index, items);
        let descr = if items.kind == Kind::Ref && (self.is_fresh(a) || self.never_young(value)) {
            Descr::FreshArray(items)
        } else {
            Descr::Array(items)
        };
        self.emit_new(Opcode::Setitem, None, &[a, index, value], descr);
        // A narrower item does not give back what was stored.
        if items.shift == 3 {
            let known = Known { value: Value::Arg(value), descr: PlaceDescr::Array(items), imported: false };
            self.s.heap.insert(Place::Item(a, items.id, index), known);
        }
    }

    fn forget_items(&mut self, a: Arg, index: Arg, items: Array) {
        let others: Vec<Place> = self
            .s
            .heap
            .keys()
            .filter(|p| matches!(**p, Place::Item(_, id, _) if id == items.id))
            .copied()
            .collect();
        for place in others {
            let Place::Item(b, _, j) = place else { continue };
            let different_index = match (self.int_of(index), self.int_of(j)) {
                (Some(x), Some(y)) => x != y,
                _ => {
                    let ((alo, ahi), (blo, bhi)) = (self.bounds(index), self.bounds(j));
                    ahi < blo || bhi < alo
                }
            };
            if different_index || (a != b && self.distinct(a, b)) {
                continue;
            }
            self.s.heap.remove(&place);
        }
    }
}

/// Id of the fields of initialising stores.
pub const INIT_FIELD: u16 = u16::MAX;

/// A field that only has a place: for initialising stores.
pub fn raw_field(offset: u32, kind: Kind) -> Field {
    Field { id: INIT_FIELD, offset: offset as u16, kind, immutable: false, name: "init" }
}

fn get_code(kind: Kind, item: bool) -> Opcode {
    match (kind, item) {
        (Kind::Int, false) => Opcode::GetfieldI,
        (Kind::Float, false) => Opcode::GetfieldF,
        (Kind::Ref, false) => Opcode::GetfieldR,
        (Kind::Int, true) => Opcode::GetitemI,
        (Kind::Float, true) => Opcode::GetitemF,
        (Kind::Ref, true) => Opcode::GetitemR,
    }
}
