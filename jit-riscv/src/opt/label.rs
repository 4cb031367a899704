//! What a loop's label carries and assumes, and how a bridge of the loop gets back to it.
//!
//! A bridge that comes to the head of its loop could go there through memory and the preamble; but then it would have to allocate
//! what the loop keeps virtual, and check again what the loop knows. Instead it makes the label's values and checks only the
//! assumptions that it cannot prove. For that, every exit inside the loop keeps alive what the assumptions are about.

use super::peel::{Next, has_all_words};
use super::state::{Known, Optimizer, Place, PlaceDescr, Value};
use crate::domain::trace::{ToHead, ToLabel};
use crate::ir::{Arg, Descr, Exit, NO_EXIT, Op, Opcode, Trace};
use crate::language::Assumption;
use crate::object::{ClassId, Kind};

/// What carries a value over the label.
#[derive(Clone, Debug)]
pub enum Export {
    Arg {
        /// Tells exports apart where one has to be changed.
        key: u64,
        /// Assumed class of the object.
        class: Option<ClassId>,
        /// Immutable fields of the object that are carried as well.
        fields: Vec<PlaceDescr>,
    },
    /// An object that is not allocated: its words are carried.
    Virtual { key: u64, class: ClassId, size: u32, items: Option<u32>, words: Vec<(u32, PlaceDescr, Export)> },
}

/// A label as bridges see it. Operands in places and facts are constants of the loop's trace or stand for `carried` values: operation
/// `n` is number `n` of those.
#[derive(Clone, Debug, Default)]
pub struct Label {
    /// The loop's trace.
    pub trace: u32,
    /// Constants that the operands name: those of the compiled trace.
    pub consts: Vec<crate::ir::Const>,
    /// What the loop assumes.
    pub watches: Vec<Assumption>,
    /// Root-frame slots that change, and how they are carried.
    pub slots: Vec<(usize, Export)>,
    /// Places in the heap that change, and how what they hold is carried.
    pub places: Vec<(Place, PlaceDescr, Export)>,
    /// Places that hold a certain value.
    pub facts: Vec<(Place, PlaceDescr, Arg)>,
    /// Objects that have a certain class.
    pub classes: Vec<(Arg, ClassId)>,
    /// Number of values that exits inside the loop keep alive.
    pub carried: usize,
    /// Results of the label that are used: the others are not passed.
    pub used: Vec<bool>,
}

/// A label, and the operands of the trace at hand that are its carried values.
#[derive(Clone, Debug)]
pub struct Carried {
    pub label: Label,
    pub args: Vec<Arg>,
    /// The label is this trace's own.
    pub own: bool,
}

impl Optimizer<'_> {
    /// The label of the loop that was just closed.
    pub(super) fn describe_label(
        &mut self,
        slots: Vec<(usize, Export)>,
        places: Vec<(Place, PlaceDescr, Export)>,
        facts: &[(Place, Known)],
        classes: &[(Arg, ClassId)],
    ) {
        let mut args = Vec::new();
        let mut name = |a: Arg| match a.as_op() {
            None => a,
            Some(_) => Arg::op(args.iter().position(|&x| x == a).unwrap_or_else(|| {
                args.push(a);
                args.len() - 1
            })),
        };
        let name_place = |p: Place, name: &mut dyn FnMut(Arg) -> Arg| match p {
            Place::Field(a, id) => Place::Field(name(a), id),
            Place::Item(a, id, i) => Place::Item(name(a), id, name(i)),
        };
        let places: Vec<_> = places.into_iter().map(|(p, d, e)| (name_place(p, &mut name), d, e)).collect();
        let mut named_facts = Vec::new();
        for (p, known) in facts {
            // Not the constant that the body may have found it to be: a bridge can come from before that guard.
            let v = match known.value {
                Value::Arg(v) => v,
                Value::Virtual(_) => match self.current(known.value) {
                    Value::Arg(v) => v,
                    Value::Virtual(_) => continue,
                },
            };
            named_facts.push((name_place(*p, &mut name), known.descr, name(v)));
        }
        let classes = classes.iter().map(|&(a, c)| (name(a), c)).collect();
        let label = Label {
            trace: self.out.id,
            consts: Vec::new(),
            watches: self.recording.watches.clone(),
            slots,
            places,
            facts: named_facts,
            classes,
            carried: args.len(),
            used: Vec::new(),
        };
        self.label = Some(Carried { label, args, own: true });
    }

    /// A bridge inside a loop keeps the loop's carried values alive at its own exits.
    pub(super) fn carry_label(&mut self) {
        if let Some((label, raw)) = &self.recording.label {
            let (label, raw) = (label.clone(), raw.clone());
            // Inputs stay operands of exits where they are known to be constants.
            let args = raw.iter().filter_map(|a| self.input(*a)).collect();
            self.label = Some(Carried { label: (*label).clone(), args, own: false });
        }
    }

    /// The input of the trace that an input of the recording is.
    fn input(&self, raw: Arg) -> Option<Arg> {
        match self.s.map[raw.as_op()?] {
            Value::Arg(a) => Some(a),
            Value::Virtual(_) => None,
        }
    }

    /// A bridge that is back at its loop's head: it goes to the label, or through memory where it cannot.
    pub fn run_to_label(&mut self, to: &ToLabel, head: &ToHead) {
        self.run_pass(0..head.tail);
        self.carry_label();
        if self.s.unreachable {
            return;
        }
        let checkpoint = self.checkpoint();
        self.flush();
        let mut next = Next::default();
        if self.reaches(to, &mut next) {
            let used = &to.label.used;
            let next: Vec<Arg> = next.args.iter().zip(used).filter(|(_, u)| **u).map(|(a, _)| *a).collect();
            self.emit_new(Opcode::Jump, None, &next, Descr::Number(to.label.trace as i64));
            return;
        }
        self.restore(&checkpoint);
        self.go_to_head(head);
    }

    /// Makes the label's values and checks its assumptions. False: it cannot.
    fn reaches(&mut self, to: &ToLabel, next: &mut Next) -> bool {
        let label = to.label.clone();
        let carried: Vec<Arg> = to.carried.iter().map(|&a| self.arg(a)).collect();
        let here = |o: &mut Self, a: Arg| match (a.as_op(), a.as_const()) {
            (Some(n), _) => carried[n],
            (None, Some(c)) => o.out.constant(label.consts[c]),
            _ => a,
        };
        for (slot, export) in &label.slots {
            let v = self.value(to.slots[*slot]);
            if !self.reach(export, v, to.snapshot, next) {
                return false;
            }
        }
        for (place, descr, export) in &label.places {
            let v = match (*place, descr) {
                (Place::Field(a, _), PlaceDescr::Field(f)) => {
                    let a = here(self, a);
                    self.getfield_of(a, *f)
                }
                _ => return false,
            };
            if !self.reach(export, v, to.snapshot, next) {
                return false;
            }
        }
        for &(a, class) in &label.classes {
            let a = here(self, a);
            if !self.ensure_class(a, class, to.snapshot) {
                return false;
            }
        }
        for (place, descr, expected) in &label.facts {
            let v = match (*place, descr) {
                (Place::Field(a, _), PlaceDescr::Field(f)) => {
                    let a = here(self, a);
                    self.getfield_of(a, *f)
                }
                (Place::Item(a, _, i), PlaceDescr::Array(items)) => {
                    let (a, i) = (here(self, a), here(self, i));
                    self.getitem_of(a, i, *items)
                }
                _ => return false,
            };
            let v = self.force(v);
            let expected = here(self, *expected);
            if v == expected {
                continue;
            }
            let code = match descr.kind() {
                Kind::Int => Opcode::IntEq,
                Kind::Ref => Opcode::PtrEq,
                // Equal doubles need not be the same.
                Kind::Float => return false,
            };
            let same = self.pure_of(code, Kind::Int, v, expected);
            match self.int_of(same) {
                Some(0) => return false,
                Some(_) => continue,
                None => {}
            }
            let exit = self.exit(to.snapshot);
            self.emit_guard(Op::new(Opcode::GuardTrue, None, &[same], Descr::None), exit);
        }
        self.duplicated(next).is_none()
    }

    /// False: the object has another class.
    pub(super) fn ensure_class(&mut self, a: Arg, class: ClassId, snapshot: u32) -> bool {
        match self.class_known(Value::Arg(a)) {
            Some(known) => return known == class,
            None if self.cannot_be(Value::Arg(a), class) => return false,
            None => {}
        }
        let exit = self.exit(snapshot);
        self.emit_guard(Op::new(Opcode::GuardNonnullClass, None, &[a], Descr::Class(class)), exit);
        self.learn_class(a, class);
        true
    }

    /// Adds the values of an export whose value is `v`. False: it cannot have the exported form.
    fn reach(&mut self, export: &Export, v: Value, snapshot: u32, next: &mut Next) -> bool {
        let v = self.current(v);
        match export {
            Export::Arg { class, fields, .. } => {
                if let Some(c) = class {
                    let has = match v {
                        Value::Virtual(_) => self.class_known(v) == Some(*c),
                        Value::Arg(a) => self.ensure_class(a, *c, snapshot),
                    };
                    if !has {
                        return false;
                    }
                }
                let a = self.force(v);
                next.args.push(a);
                for descr in fields {
                    let PlaceDescr::Field(f) = descr else { return false };
                    let w = self.getfield_of(a, *f);
                    let w = self.force(w);
                    next.args.push(w);
                }
                true
            }
            Export::Virtual { key, class, items, words, size } => match v {
                Value::Virtual(k) => {
                    next.give(self, k, *class, *key);
                    let now = self.s.virtuals[k as usize].clone();
                    now.class == *class
                        && now.items == *items
                        && now.fields.len() == words.len()
                        && now.fields.iter().zip(words).all(|(w, (offset, ..))| w.offset == *offset)
                        && now
                            .fields
                            .iter()
                            .zip(words)
                            .all(|(w, (_, _, e))| self.reach(e, w.value, snapshot, next))
                }
                Value::Arg(a) => {
                    if !self.oracle.is_value_class(*class)
                        || !has_all_words(words, *size)
                        || !self.ensure_class(a, *class, snapshot)
                    {
                        return false;
                    }
                    words.iter().all(|(_, descr, e)| {
                        let PlaceDescr::Field(f) = descr else { return false };
                        let w = self.getfield_of(a, *f);
                        self.reach(e, w, snapshot, next)
                    })
                }
            },
        }
    }
}

/// Adds the carried values to the live values of the exits from operation `inside` on; says which they are, per exit.
pub(super) fn keep_carried(trace: &mut Trace, carried: &[Arg], inside: usize) -> Vec<Option<Vec<u32>>> {
    let mut indices: Vec<Option<Vec<u32>>> = vec![None; trace.exits.len()];
    for i in inside..trace.ops.len() {
        let exit = trace.ops[i].exit;
        if exit != NO_EXIT {
            indices[exit as usize] = Some(keep_alive(&mut trace.exits[exit as usize], carried));
        }
    }
    indices
}

fn keep_alive(exit: &mut Exit, carried: &[Arg]) -> Vec<u32> {
    carried
        .iter()
        .map(|&a| {
            let at = exit.live.iter().position(|&x| x == a).unwrap_or_else(|| {
                exit.live.push(a);
                exit.live.len() - 1
            });
            at as u32
        })
        .collect()
}
