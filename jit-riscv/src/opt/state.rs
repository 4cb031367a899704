//! What the pass knows of every value.

use rustc_hash::FxHashMap;

use super::Oracle;
use super::patterns::Plan;
use crate::domain::trace::Recording;
use crate::frame::HEADER;
use crate::ir::{Arg, Const, Descr, Exit, Op, Opcode, Trace};
use crate::object::{Array, ClassId, Field, Kind, Ref};

/// An operation that is the value of no slot.
const NO_SLOT: u32 = u32::MAX;

/// Bit `slot` of a set of slots.
pub fn is_stale(stale: u64, slot: usize) -> bool {
    slot < 64 && stale & 1 << slot != 0
}

/// A value of the recording, as the rewritten trace has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Value {
    Arg(Arg),
    /// An object that is not allocated (yet): an index into [`State::virtuals`].
    Virtual(u32),
}

/// Facts about the result of an operation.
#[derive(Clone, Debug)]
pub struct Info {
    /// The class word, and the epoch in which it was established: facts of classes that may change lapse with the epoch.
    pub class: Option<(ClassId, u32)>,
    pub nonnull: bool,
    /// The guard that established `nonnull`, and the epoch then: it can be widened to check the class as well.
    pub nonnull_guard: Option<(u32, u32)>,
    /// Allocated in this trace since the last safe point.
    pub fresh: bool,
    /// Bounds of an integer, both included.
    pub lo: i64,
    pub hi: i64,
    /// Known to equal this constant.
    pub constant: Option<Arg>,
}

impl Default for Info {
    fn default() -> Info {
        Info {
            class: None,
            nonnull: false,
            nonnull_guard: None,
            fresh: false,
            lo: i64::MIN,
            hi: i64::MAX,
            constant: None,
        }
    }
}

/// An object that is not allocated (yet).
#[derive(Clone, Debug)]
pub struct Virtual {
    pub class: ClassId,
    pub size: u32,
    /// Made by `new_array`, with this many items.
    pub items: Option<u32>,
    /// Sorted by offset. Words that are missing are zero.
    pub fields: Vec<VirtualWord>,
    /// The allocation, once it could not be avoided.
    pub forced: Option<Arg>,
}

/// A word of a virtual.
#[derive(Clone, Copy, Debug)]
pub struct VirtualWord {
    /// Bytes from the start of the object.
    pub offset: u32,
    pub descr: PlaceDescr,
    pub value: Value,
}

/// A place in the heap: a field of an object, or an item of an array.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    Field(Arg, u16),
    Item(Arg, u16, Arg),
}

/// What a place is known to hold.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    pub value: Value,
    pub descr: PlaceDescr,
    /// Assumed at the label; see [`super::peel`].
    pub imported: bool,
}

#[derive(Clone, Copy, Debug)]
pub enum PlaceDescr {
    Field(Field),
    Array(Array),
}

impl PlaceDescr {
    pub fn immutable(&self) -> bool {
        match self {
            PlaceDescr::Field(f) => f.immutable,
            PlaceDescr::Array(a) => a.immutable,
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            PlaceDescr::Field(f) => f.kind,
            PlaceDescr::Array(a) => a.kind,
        }
    }
}

/// A store that has not been done yet.
#[derive(Clone, Debug)]
pub struct Pending {
    pub object: Arg,
    pub field: Field,
    pub value: Value,
}

/// Key of a pure operation. `extra` tells apart what the operands do not: a call's address.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct PureKey {
    pub code: Opcode,
    pub extra: usize,
    pub args: [Arg; 3],
    pub more: Vec<Arg>,
}

/// Something that was found out of an object and stays true.
#[derive(Clone, Copy, Debug)]
pub struct Learned {
    /// Number of operations before it was known.
    pub at: u32,
    /// The operation that gives the object.
    pub object: u32,
    pub fact: LearnedFact,
}

#[derive(Clone, Copy, Debug)]
pub enum LearnedFact {
    /// A class whose objects keep it.
    Class(ClassId),
    /// A field that never changes.
    Word(Field, Arg),
}

/// The part of the pass's knowledge that peeling saves and restores.
#[derive(Clone, Default)]
pub struct State {
    /// Per operation of the recording.
    pub map: Vec<Value>,
    /// Per operation of the rewritten trace.
    pub info: Vec<Info>,
    pub virtuals: Vec<Virtual>,
    pub pure: FxHashMap<PureKey, Arg>,
    pub heap: FxHashMap<Place, Known>,
    pub pending: Vec<Pending>,
    /// Classes of constants that may change.
    pub const_class: FxHashMap<Arg, (ClassId, u32)>,
    pub epoch: u32,
    /// For the exits: see [`super::known`].
    pub learned: Vec<Learned>,
    /// The last call was a repetition and is gone: its guard_no_exception goes too.
    pub last_call_removed: bool,
    /// The last call, if its repetition is to be removed.
    pub last_call: Option<PureKey>,
    /// A guard that always fails was passed: no operation from here on is ever reached.
    pub unreachable: bool,
}

impl State {
    /// Room for what a recording of `ops` operations gives.
    fn with_room(ops: usize) -> State {
        State {
            map: Vec::with_capacity(ops),
            info: Vec::with_capacity(2 * ops),
            pure: FxHashMap::with_capacity_and_hasher(ops / 4, Default::default()),
            heap: FxHashMap::with_capacity_and_hasher(ops / 4, Default::default()),
            ..State::default()
        }
    }
}

/// See the module.
pub struct Optimizer<'a> {
    pub oracle: &'a mut dyn Oracle,
    pub recording: &'a Recording,
    pub plan: &'a Plan,
    /// Load of the recording → number of its pattern site.
    pub site_numbers: FxHashMap<usize, u16>,
    pub out: Trace,
    pub s: State,
    /// Root-frame slots whose memory still holds the value of their FrameLoad.
    pub unchanged: Vec<bool>,
    /// Root-frame slots whose memory may hold something that is not alive, bit n for slot n.
    pub stale: u64,
    /// For each operation of the recording the slot whose value it is at the start, or [`NO_SLOT`].
    pub slot_of: Vec<u32>,
    /// Places assumed at the label that were relied on.
    pub used_facts: Vec<(Place, Known)>,
    /// Classes assumed at the label that were relied on.
    pub used_classes: Vec<(Arg, ClassId)>,
    /// Bytes allocated inline.
    pub allocated: usize,
    /// The epoch before the label, whose facts of classes that may change are assumed in the body …
    pub label_epoch: Option<u32>,
    /// … as long as its own first epoch lasts.
    pub body_epoch: u32,
    /// Number of operations before the label (0: no label yet).
    pub label_at: usize,
    /// The label of the loop, or of the loop that the bridge belongs to, with its operands of this trace.
    pub label: Option<super::label::Carried>,
}

impl<'a> Optimizer<'a> {
    pub fn new(recording: &'a Recording, plan: &'a Plan, oracle: &'a mut dyn Oracle) -> Self {
        let raw = &recording.trace;
        let mut slot_of = vec![NO_SLOT; raw.ops.len()];
        let mut slots = 0;
        for (i, op) in raw.ops.iter().enumerate() {
            if let (Opcode::FrameLoad | Opcode::DeadSlot, Descr::Number(at)) = (op.code, op.descr) {
                let slot = (at as usize - HEADER) / 8;
                slot_of[i] = slot as u32;
                slots = slots.max(slot + 1);
            }
        }
        let out = Trace {
            id: raw.id,
            name: raw.name.clone(),
            bridge_of: raw.bridge_of,
            consts: raw.consts.clone(),
            ops: Vec::with_capacity(raw.ops.len()),
            exits: Vec::with_capacity(recording.snapshots.len()),
            ..Trace::default()
        };
        let stale = recording.stale | plan.stale;
        Optimizer {
            oracle,
            recording,
            plan,
            site_numbers: FxHashMap::default(),
            out,
            s: State::with_room(raw.ops.len()),
            unchanged: (0..slots).map(|i| !is_stale(stale, i)).collect(),
            stale,
            slot_of,
            used_facts: Vec::new(),
            used_classes: Vec::new(),
            allocated: 0,
            label_epoch: None,
            body_epoch: 0,
            label_at: 0,
            label: None,
        }
    }

    /// Appends an operation.
    pub fn emit(&mut self, op: Op) -> Arg {
        self.out.ops.push(op);
        self.s.info.push(Info::default());
        Arg::op(self.out.ops.len() - 1)
    }

    pub fn emit_new(&mut self, code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Arg {
        self.emit(Op::new(code, kind, args, descr))
    }

    /// Appends an operation with an exit.
    pub fn emit_guard(&mut self, mut op: Op, exit: Exit) -> Arg {
        self.out.exits.push(exit);
        op.exit = self.out.exits.len() as u32 - 1;
        self.emit(op)
    }

    /// The value of an operand of the recording.
    pub fn value(&self, raw: Arg) -> Value {
        match raw.as_op() {
            Some(i) => self.current(self.s.map[i]),
            None => Value::Arg(raw),
        }
    }

    /// A value, by what is known of it now: a forced virtual is its allocation, a known integer a constant.
    pub fn current(&self, v: Value) -> Value {
        match v {
            Value::Virtual(k) => match self.s.virtuals[k as usize].forced {
                Some(a) => Value::Arg(a),
                None => v,
            },
            Value::Arg(a) => match a.as_op().and_then(|i| self.s.info[i].constant) {
                Some(c) => Value::Arg(c),
                None => v,
            },
        }
    }

    /// The value of an operand that must exist: virtuals are allocated.
    pub fn arg(&mut self, raw: Arg) -> Arg {
        let v = self.value(raw);
        self.force(v)
    }

    pub fn const_int(&mut self, v: i64) -> Arg {
        self.out.constant(Const::Int(v))
    }

    pub fn int_of(&self, a: Arg) -> Option<i64> {
        match self.out.const_of(a) {
            Some(Const::Int(v)) => Some(v),
            _ => None,
        }
    }

    pub fn ref_of(&self, a: Arg) -> Option<Ref> {
        match self.out.const_of(a) {
            Some(Const::Ref(r)) => Some(r),
            _ => None,
        }
    }

    pub fn info(&self, a: Arg) -> Option<&Info> {
        a.as_op().map(|i| &self.s.info[i])
    }

    pub fn info_mut(&mut self, a: Arg) -> Option<&mut Info> {
        a.as_op().map(|i| &mut self.s.info[i])
    }

    /// The class of a value, if known now.
    pub fn class_known(&mut self, v: Value) -> Option<ClassId> {
        let a = match v {
            Value::Virtual(k) => return Some(self.s.virtuals[k as usize].class),
            Value::Arg(a) => a,
        };
        if let Some(r) = self.ref_of(a) {
            if r.is_null() {
                return None;
            }
            let class = self.oracle.class_of(r);
            if self.oracle.class_is_final(class) {
                return Some(class);
            }
            let (class, epoch) = *self.s.const_class.get(&a)?;
            return self.class_in_force(a, class, epoch);
        }
        let (class, epoch) = self.info(a)?.class?;
        self.class_in_force(a, class, epoch)
    }

    fn class_in_force(&mut self, a: Arg, class: ClassId, epoch: u32) -> Option<ClassId> {
        if self.oracle.class_is_final(class) {
            return Some(class);
        }
        if epoch == self.s.epoch {
            return Some(class);
        }
        if self.label_epoch == Some(epoch) && self.s.epoch == self.body_epoch {
            if !self.used_classes.contains(&(a, class)) {
                self.used_classes.push((a, class));
            }
            return Some(class);
        }
        None
    }

    /// The object has this class from here on.
    pub fn learn_class(&mut self, a: Arg, class: ClassId) {
        let epoch = self.s.epoch;
        if let Some(i) = a.as_op()
            && self.oracle.class_is_final(class)
        {
            self.learn(i, LearnedFact::Class(class));
        }
        match self.info_mut(a) {
            Some(info) => {
                info.class = Some((class, epoch));
                info.nonnull = true;
            }
            None => {
                self.s.const_class.insert(a, (class, epoch));
            }
        }
    }

    /// Notes for exits that the object of operation `object` has this from here on.
    pub fn learn(&mut self, object: usize, fact: LearnedFact) {
        let at = self.out.ops.len() as u32;
        self.s.learned.push(Learned { at, object: object as u32, fact });
    }

    pub fn is_nonnull(&self, v: Value) -> bool {
        match v {
            Value::Virtual(_) => true,
            Value::Arg(a) => match self.ref_of(a) {
                Some(r) => !r.is_null(),
                None => self.info(a).is_some_and(|i| i.nonnull),
            },
        }
    }

    /// Bounds of an integer.
    pub fn bounds(&self, a: Arg) -> (i64, i64) {
        match (self.int_of(a), self.info(a)) {
            (Some(v), _) => (v, v),
            (None, Some(i)) => (i.lo, i.hi),
            _ => (i64::MIN, i64::MAX),
        }
    }
}
