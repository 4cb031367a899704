//! Random recordings, made as the tracer makes them: operations are executed when they are recorded, classes, indices and
//! null are guarded before they are relied on.

use std::collections::HashSet;
use std::rc::Rc;

use super::inputs::{Rng, SLOTS, is_array, objects};
use super::machine::{Machine, Next, overflows, value};
use super::world::*;
use crate::domain::trace::{Ending, FrameSnapshot, Recording, Snapshot};
use crate::frame::HEADER;
use crate::ir::{Arg, Const, Descr, Exit, Op, Opcode, Trace, Val};
use crate::object::{Array, Call, ClassId, Field, Kind, LENGTH, Ref};
use crate::opt::heap::raw_field;

/// See the module.
pub struct Generator<'a> {
    pub rng: &'a mut Rng,
    /// The state after the operations so far.
    pub machine: Machine,
    pub trace: Trace,
    env: Vec<u64>,
    pub snapshots: Vec<Snapshot>,
    pub sites: Vec<(usize, u32)>,
    /// What the root frame's slots are now.
    pub slots: Vec<Arg>,
    ints: Vec<Arg>,
    floats: Vec<Arg>,
    refs: Vec<Arg>,
    /// New objects whose class is known.
    known: HashSet<Arg>,
    /// Slots that must keep what they have.
    pub keep: Vec<bool>,
    /// Number of the first snapshot: it is the pc of its frame, and tells snapshots of several recordings apart.
    first: u32,
    initial: Vec<u64>,
}

impl<'a> Generator<'a> {
    fn empty(rng: &'a mut Rng, machine: Machine, first: u32) -> Self {
        Generator {
            rng,
            machine: Machine { raw: true, ..machine },
            trace: Trace::default(),
            env: Vec::new(),
            snapshots: Vec::new(),
            sites: Vec::new(),
            slots: Vec::new(),
            ints: Vec::new(),
            floats: Vec::new(),
            refs: Vec::new(),
            known: HashSet::new(),
            keep: vec![false; SLOTS],
            first,
            initial: objects(),
        }
    }

    /// The recording of a trace from a head.
    pub fn at_head(rng: &'a mut Rng, machine: Machine) -> Self {
        let mut g = Self::empty(rng, machine, 0);
        for i in 0..SLOTS {
            let slot = g.load_slot(i);
            g.slots.push(slot);
        }
        g.refs = g.slots.clone();
        g.guard(Opcode::GuardNoCollect, None, &[], Descr::None);
        g
    }

    /// The recording of a bridge, from an exit with these values.
    pub fn bridge(rng: &'a mut Rng, machine: Machine, exit: &Exit, live: &[(Kind, u64)], first: u32) -> Self {
        let mut g = Self::empty(rng, machine, first);
        for (i, &(kind, bits)) in live.iter().enumerate() {
            g.trace.ops.push(Op::new(Opcode::Input, Some(kind), &[], Descr::Number(i as i64)));
            g.env.push(bits);
            g.offer(Arg::op(i), kind);
        }
        let objects: Vec<Arg> = exit
            .virtuals
            .iter()
            .map(|v| {
                let code = if v.array { Opcode::NewArray } else { Opcode::New };
                g.op(code, Some(Kind::Ref), &[], Descr::New { class: v.class, size: v.size, items: v.items })
            })
            .collect();
        g.refs.extend(&objects);
        let val = |g: &mut Self, v: &Val| match *v {
            Val::Live(n) => Arg::op(n as usize),
            Val::Const(c) => g.trace.constant(c),
            Val::Virtual(n) => objects[n as usize],
            Val::Unchanged => panic!("an unchanged slot"),
        };
        for (v, &object) in exit.virtuals.iter().zip(&objects) {
            for (offset, kind, word) in &v.fields {
                let word = val(&mut g, word);
                g.op(Opcode::Setfield, None, &[object, word], Descr::Field(raw_field(*offset, *kind)));
            }
        }
        for p in &exit.pending {
            let (object, word) = (val(&mut g, &p.object), val(&mut g, &p.value));
            g.op(Opcode::Setfield, None, &[object, word], Descr::Field(p.field));
        }
        for (i, v) in exit.frames[0].slots.iter().enumerate() {
            let slot = if *v == Val::Unchanged { g.load_slot(i) } else { val(&mut g, v) };
            g.slots.push(slot);
            g.refs.push(slot);
        }
        g.guard(Opcode::GuardNoCollect, None, &[], Descr::None);
        g.guard(Opcode::GuardNotInvalidated, None, &[], Descr::None);
        g
    }

    fn load_slot(&mut self, i: usize) -> Arg {
        self.op(Opcode::FrameLoad, Some(Kind::Ref), &[], Descr::Number((HEADER + 8 * i) as i64))
    }

    fn v(&self, arg: Arg) -> u64 {
        value(&self.trace, &self.env, arg)
    }

    fn class(&self, arg: Arg) -> Option<u32> {
        match self.v(arg) {
            0 => None,
            object => Some(self.machine.memory.class(object)),
        }
    }

    fn constant(&mut self, c: Const) -> Arg {
        self.trace.constant(c)
    }

    fn int_const(&mut self, v: i64) -> Arg {
        self.constant(Const::Int(v))
    }

    /// Records and executes.
    fn op(&mut self, code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Arg {
        self.trace.ops.push(Op::new(code, kind, args, descr));
        self.execute()
    }

    fn execute(&mut self) -> Arg {
        let at = self.trace.ops.len() - 1;
        self.env.push(0);
        let next = self.machine.step(&self.trace, at, &mut self.env);
        assert_eq!(next, Next::On, "recorded guards hold: {}", self.trace);
        Arg::op(at)
    }

    fn guard(&mut self, code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Arg {
        let exit = self.snapshot();
        let mut op = Op::new(code, kind, args, descr);
        op.exit = exit;
        self.trace.ops.push(op);
        self.execute()
    }

    pub fn snapshot(&mut self) -> u32 {
        let n = self.snapshots.len() as u32;
        let frame =
            |code, pc, slots: &[Arg]| Rc::new(FrameSnapshot { code, pc, tag: 0, slots: slots.to_vec() });
        let mut frames = vec![frame(1, self.first + n, &self.slots)];
        if self.rng.chance(15) {
            let slots: Vec<Arg> = (0..3).map(|_| self.reference()).collect();
            frames.push(frame(2, 0, &slots));
        }
        let mut log = Vec::new();
        while self.rng.chance(25) {
            let arg = match self.rng.below(3) {
                0 => self.int(),
                1 => self.float(),
                _ => self.reference(),
            };
            log.push(arg);
        }
        self.snapshots.push(Snapshot { frames: frames.into(), ordinal: log.len() as u32, log });
        n
    }

    /// A value that later operations may use.
    fn offer(&mut self, arg: Arg, kind: Kind) {
        match kind {
            Kind::Int => self.ints.push(arg),
            Kind::Float => self.floats.push(arg),
            Kind::Ref => self.refs.push(arg),
        }
    }

    fn make(&mut self, code: Opcode, kind: Kind, args: &[Arg], descr: Descr) -> Arg {
        let arg = self.op(code, Some(kind), args, descr);
        self.offer(arg, kind);
        arg
    }

    /// Recent values are the more likely ones.
    fn recent(&mut self, from: fn(&Self) -> &Vec<Arg>) -> Option<Arg> {
        let n = from(self).len();
        if n == 0 {
            return None;
        }
        let back = if self.rng.chance(60) { self.rng.below(n.min(5)) } else { self.rng.below(n) };
        Some(from(self)[n - 1 - back])
    }

    fn int(&mut self) -> Arg {
        match self.recent(|g| &g.ints) {
            Some(arg) if self.rng.chance(80) => arg,
            _ => {
                let v = self.rng.int();
                self.int_const(v)
            }
        }
    }

    fn float(&mut self) -> Arg {
        match self.recent(|g| &g.floats) {
            Some(arg) if self.rng.chance(80) => arg,
            _ => {
                let v = self.rng.below(40) as f64 / 8.0 - 1.0;
                self.constant(Const::Float(v.to_bits()))
            }
        }
    }

    fn reference(&mut self) -> Arg {
        match self.recent(|g| &g.refs) {
            Some(arg) if self.rng.chance(88) => arg,
            _ if self.rng.chance(30) => self.constant(Const::Ref(Ref::NULL)),
            _ => {
                let object = self.rng.pick(&self.initial);
                self.constant(Const::Ref(Ref(object)))
            }
        }
    }

    fn word(&mut self, kind: Kind) -> Arg {
        match kind {
            Kind::Int => self.int(),
            Kind::Float => self.float(),
            Kind::Ref => self.reference(),
        }
    }

    /// An object of one of the classes, which has been guarded.
    fn object(&mut self, wanted: impl Fn(u32) -> bool) -> Option<(Arg, u32)> {
        for _ in 0..6 {
            let arg = self.reference();
            let Some(class) = self.class(arg).filter(|&c| wanted(c)) else { continue };
            let final_class = !SHAPES.contains(&class);
            if self.known.contains(&arg) && final_class && self.rng.chance(70) {
                return Some((arg, class));
            }
            if arg.as_const().is_none() && !self.known.contains(&arg) {
                self.guard(Opcode::GuardNonnull, None, &[arg], Descr::None);
            }
            if self.rng.chance(20) {
                self.one();
                if self.class(arg) != Some(class) {
                    return None;
                }
            }
            self.guard(Opcode::GuardClass, None, &[arg], Descr::Class(ClassId(class)));
            return Some((arg, class));
        }
        None
    }

    /// Records some operations.
    pub fn operations(&mut self, n: usize) {
        for _ in 0..n {
            self.one();
        }
    }

    fn one(&mut self) {
        match self.rng.below(37) {
            0..4 => self.integers(),
            4 => self.overflow(),
            5..7 => self.condition(),
            7 | 8 => self.floats(),
            9..14 => self.load(),
            14..18 => self.store(),
            18..21 => self.new_object(),
            21 => self.new_array(),
            22..24 => self.get_item(),
            24 | 25 => self.set_item(),
            26..29 => self.set_slot(),
            29..31 => self.call(),
            31 => self.set_class(),
            32 => self.pointers(),
            33 => self.nulls(),
            34 => self.promote(),
            35 => self.rename(),
            _ => self.unbox(),
        }
    }

    fn integers(&mut self) {
        use Opcode::*;
        let a = self.int();
        if a.as_const().is_some() {
            return;
        }
        let shift = self.rng.below(64) as i64;
        let divisor = 1 + self.rng.below(9) as i64;
        let code = self.rng.pick(&[
            IntAdd,
            IntSub,
            IntMul,
            IntAnd,
            IntOr,
            IntXor,
            IntLshift,
            IntRshift,
            UintRshift,
            IntNeg,
            IntInvert,
            IntFloorDiv,
            IntFloorMod,
            IntLt,
            IntLe,
            IntEq,
            IntNe,
            UintLt,
        ]);
        match code {
            IntLshift | IntRshift | UintRshift => {
                let b = self.int_const(shift);
                self.make(code, Kind::Int, &[a, b], Descr::None);
            }
            IntFloorDiv | IntFloorMod => {
                let b = self.int_const(divisor);
                self.make(code, Kind::Int, &[a, b], Descr::None);
            }
            IntNeg | IntInvert => {
                self.make(code, Kind::Int, &[a], Descr::None);
            }
            _ => {
                let b = self.int();
                let (a, b) = if self.rng.chance(30) { (b, a) } else { (a, b) };
                self.make(code, Kind::Int, &[a, b], Descr::None);
            }
        }
    }

    fn overflow(&mut self) {
        let (a, b) = (self.int(), self.int());
        let code = self.rng.pick(&[Opcode::IntAddOvf, Opcode::IntSubOvf, Opcode::IntMulOvf]);
        let constant = a.as_const().is_some() && b.as_const().is_some();
        if !constant && !overflows(code, self.v(a), self.v(b)) {
            let sum = self.guard(code, Some(Kind::Int), &[a, b], Descr::None);
            self.offer(sum, Kind::Int);
        }
    }

    fn condition(&mut self) {
        let (a, b) = (self.int(), self.int());
        if a.as_const().is_some() {
            return;
        }
        let code =
            self.rng.pick(&[Opcode::IntLt, Opcode::IntLe, Opcode::IntEq, Opcode::IntNe, Opcode::UintLt]);
        let c = self.make(code, Kind::Int, &[a, b], Descr::None);
        self.branch(c);
    }

    fn branch(&mut self, c: Arg) {
        let code = if self.v(c) != 0 { Opcode::GuardTrue } else { Opcode::GuardFalse };
        self.guard(code, None, &[c], Descr::None);
    }

    fn floats(&mut self) {
        use Opcode::*;
        let a = self.float();
        match self.rng.below(4) {
            0 if a.as_const().is_none() => {
                let b = self.float();
                let code = self.rng.pick(&[FloatLt, FloatLe, FloatEq, FloatNe]);
                let c = self.make(code, Kind::Int, &[a, b], Descr::None);
                if self.rng.chance(30) {
                    self.branch(c);
                }
            }
            1 => {
                let a = self.int();
                if a.as_const().is_none() {
                    self.make(IntToFloat, Kind::Float, &[a], Descr::None);
                }
            }
            2 if a.as_const().is_none() => {
                let code = self.rng.pick(&[FloatNeg, FloatAbs, FloatSqrt]);
                self.make(code, Kind::Float, &[a], Descr::None);
            }
            _ if a.as_const().is_none() => {
                let b = self.float();
                let code = self.rng.pick(&[FloatAdd, FloatSub, FloatMul, FloatDiv]);
                self.make(code, Kind::Float, &[a, b], Descr::None);
            }
            _ => {}
        }
    }

    fn get(&mut self, object: Arg, field: Field) -> Arg {
        let code = match field.kind {
            Kind::Int => Opcode::GetfieldI,
            Kind::Float => Opcode::GetfieldF,
            Kind::Ref => Opcode::GetfieldR,
        };
        let site = (field.kind == Kind::Int && self.rng.chance(20)).then(|| self.snapshot());
        let loaded = self.make(code, field.kind, &[object], Descr::Field(field));
        if let Some(snapshot) = site {
            self.sites.push((self.trace.ops.len() - 1, snapshot));
        }
        loaded
    }

    fn load(&mut self) {
        if let Some((object, class)) = self.object(|c| !is_array(c)) {
            let field = self.rng.pick(fields(class));
            self.get(object, field);
        }
    }

    fn unbox(&mut self) {
        if let Some((object, class)) = self.object(is_value) {
            let field = self.rng.pick(fields(class));
            self.get(object, field);
        }
    }

    fn store(&mut self) {
        if let Some((object, class)) = self.object(|c| c == PAIR || SHAPES.contains(&c)) {
            let field = self.rng.pick(fields(class));
            let word = self.word(field.kind);
            self.op(Opcode::Setfield, None, &[object, word], Descr::Field(field));
        }
    }

    /// Another name of an object: it is stored, and loaded when that has been forgotten.
    fn rename(&mut self) {
        let Some((pair, _)) = self.object(|c| c == PAIR) else { return };
        let object = self.reference();
        self.op(Opcode::Setfield, None, &[pair, object], Descr::Field(FIRST));
        if self.rng.chance(30) {
            let (null, zero) = (self.constant(Const::Ref(Ref::NULL)), self.int_const(0));
            self.op(Opcode::CallN, None, &[null, zero], Descr::Call(&POKE));
        } else if let Some((other, _)) = self.object(|c| c == PAIR) {
            let something = self.reference();
            self.op(Opcode::Setfield, None, &[other, something], Descr::Field(FIRST));
        }
        self.get(pair, FIRST);
        self.refs.push(object);
    }

    fn new_object(&mut self) {
        let class = self.rng.pick(&[INT, INT, FLOAT, COMPLEX, CELL, PAIR, PAIR, 10, 11]);
        self.boxed(class);
    }

    fn boxed(&mut self, class: u32) -> Arg {
        let words: Vec<(Field, Arg)> = fields(class)
            .iter()
            .map(|&f| {
                let word = self.word(f.kind);
                // A cell in a cell in a cell … would never end.
                let deep = class == CELL && self.class(word) == Some(CELL);
                (f, if deep { self.constant(Const::Ref(Ref::NULL)) } else { word })
            })
            .collect();
        let descr = Descr::New { class: ClassId(class), size: size_of(class), items: 0 };
        let object = self.op(Opcode::New, Some(Kind::Ref), &[], descr);
        for (field, word) in words {
            if self.rng.chance(90) {
                self.op(Opcode::Setfield, None, &[object, word], Descr::Field(field));
            }
        }
        self.known.insert(object);
        self.refs.push(object);
        object
    }

    fn new_array(&mut self) {
        let class = self.rng.pick(&[LIST, LIST, INTS, TUPLE, BYTES]);
        let items = if class == BYTES { 8 } else { 1 + self.rng.below(3) as u32 };
        let size = if class == BYTES { 24 } else { 16 + 8 * items };
        let descr = Descr::New { class: ClassId(class), size, items };
        let mut words = Vec::new();
        for _ in 0..items {
            let word = self.word(array_of(class).kind);
            words.push(word);
        }
        let array = self.op(Opcode::NewArray, Some(Kind::Ref), &[], descr);
        for (i, word) in words.into_iter().enumerate() {
            if self.rng.chance(85) {
                let i = self.int_const(i as i64);
                self.op(Opcode::Setitem, None, &[array, i, word], Descr::Array(array_of(class)));
            }
        }
        self.known.insert(array);
        self.refs.push(array);
    }

    /// An index that has been checked.
    fn index(&mut self, array: Arg) -> Arg {
        let length = self.get(array, LENGTH);
        let n = self.v(length);
        let mut index = self.int();
        if self.v(index) >= n {
            index = match self.recent(|g| &g.ints) {
                Some(a) if n > 1 && a.as_const().is_none() && self.rng.chance(50) => {
                    let mask = self.int_const(1);
                    self.make(Opcode::IntAnd, Kind::Int, &[a, mask], Descr::None)
                }
                _ => {
                    let i = self.rng.below(n as usize) as i64;
                    self.int_const(i)
                }
            };
        }
        let c = self.op(Opcode::UintLt, Some(Kind::Int), &[index, length], Descr::None);
        self.guard(Opcode::GuardTrue, None, &[c], Descr::None);
        index
    }

    fn get_item(&mut self) {
        if let Some((array, class)) = self.object(is_array) {
            let items = array_of(class);
            let index = self.index(array);
            let code = if items.kind == Kind::Int { Opcode::GetitemI } else { Opcode::GetitemR };
            self.make(code, items.kind, &[array, index], Descr::Array(items));
        }
    }

    fn set_item(&mut self) {
        if let Some((array, class)) = self.object(|c| is_array(c) && c != TUPLE) {
            let items = array_of(class);
            let index = self.index(array);
            let word = self.word(items.kind);
            self.op(Opcode::Setitem, None, &[array, index, word], Descr::Array(items));
        }
    }

    /// Mostly of the class that the slot has had, so that the next iteration's guards hold.
    fn set_slot(&mut self) {
        let i = 1 + self.rng.below(SLOTS - 1);
        if self.keep[i] {
            return;
        }
        let old = self.class(self.slots[i]);
        for _ in 0..8 {
            let arg = self.reference();
            if self.class(arg) == old || self.rng.chance(4) {
                self.slots[i] = arg;
                return;
            }
        }
        if let Some(class) = old.filter(|&c| !is_array(c) && self.rng.chance(70)) {
            self.slots[i] = self.boxed(class);
        }
    }

    fn call(&mut self) {
        let call: &'static Call =
            self.rng.pick(&[&HASH, &HASH, &PARSE, &UNBOX, &SUM, &SUM, &POKE, &RISKY, &WRAP]);
        let object = match call.name {
            "unbox" => match self.object(|c| c == INT) {
                Some((object, _)) => object,
                None => return,
            },
            _ => self.reference(),
        };
        let args: Vec<Arg> =
            call.args.iter().map(|&kind| if kind == Kind::Ref { object } else { self.int() }).collect();
        let code = match call.result {
            Some(Kind::Int) => Opcode::CallI,
            Some(Kind::Ref) => Opcode::CallR,
            Some(Kind::Float) => Opcode::CallF,
            None => Opcode::CallN,
        };
        let result = self.op(code, call.result, &args, Descr::Call(call));
        if call.can_raise && self.machine.exception != 0 {
            let error = self.guard(Opcode::GuardException, Some(Kind::Ref), &[], Descr::None);
            self.refs.push(error);
            return;
        }
        if call.can_raise {
            self.guard(Opcode::GuardNoException, None, &[], Descr::None);
        }
        if let Some(kind) = call.result {
            self.offer(result, kind);
        }
    }

    fn set_class(&mut self) {
        if let Some((object, _)) = self.object(|c| SHAPES.contains(&c)) {
            let class = self.rng.pick(&SHAPES);
            self.op(Opcode::SetClass, None, &[object], Descr::Class(ClassId(class)));
        }
    }

    /// Compares references; never two value objects, which have no identity.
    fn pointers(&mut self) {
        let (a, b) = (self.reference(), self.reference());
        // No value object in other iterations and inputs either.
        let safe = |x: &Arg| {
            (x.as_const().is_some() || self.known.contains(x)) && !self.class(*x).is_some_and(is_value)
        };
        if a.as_const().is_none() && (safe(&a) || safe(&b)) {
            let code = self.rng.pick(&[Opcode::PtrEq, Opcode::PtrNe]);
            let c = self.op(code, Some(Kind::Int), &[a, b], Descr::None);
            self.branch(c);
        }
    }

    fn nulls(&mut self) {
        let arg = self.reference();
        if arg.as_const().is_none() {
            let code = if self.v(arg) == 0 { Opcode::GuardIsnull } else { Opcode::GuardNonnull };
            self.guard(code, None, &[arg], Descr::None);
        }
    }

    fn promote(&mut self) {
        if self.rng.chance(50) {
            let arg = self.int();
            if arg.as_const().is_none() {
                let expected = self.int_const(self.v(arg) as i64);
                self.guard(Opcode::GuardValue, None, &[arg, expected], Descr::None);
            }
        } else {
            let arg = self.reference();
            let old = self.initial.contains(&self.v(arg)) && !self.class(arg).is_some_and(is_value);
            if arg.as_const().is_none() && old {
                let expected = self.constant(Const::Ref(Ref(self.v(arg))));
                self.guard(Opcode::GuardValue, None, &[arg, expected], Descr::None);
            }
        }
    }

    /// The loop goes on while the integer in slot 0, which is counted up, is less than `n`.
    pub fn count(&mut self, n: i64) {
        let counter = self.slots[0];
        self.guard(Opcode::GuardNonnull, None, &[counter], Descr::None);
        self.guard(Opcode::GuardClass, None, &[counter], Descr::Class(ClassId(INT)));
        let i = self.get(counter, VALUE);
        let n = self.int_const(n);
        let c = self.make(Opcode::IntLt, Kind::Int, &[i, n], Descr::None);
        self.branch(c);
        let one = self.int_const(1);
        let sum = self.guard(Opcode::IntAddOvf, Some(Kind::Int), &[i, one], Descr::None);
        let descr = Descr::New { class: ClassId(INT), size: 16, items: 0 };
        let counter = self.op(Opcode::New, Some(Kind::Ref), &[], descr);
        self.op(Opcode::Setfield, None, &[counter, sum], Descr::Field(VALUE));
        self.known.insert(counter);
        self.slots[0] = counter;
    }

    /// Ends a straight trace.
    pub fn leave(&mut self) {
        let exit = self.snapshot();
        self.trace.ops.push(Op { exit, ..Op::new(Opcode::Leave, None, &[], Descr::None) });
    }

    /// The operations that go to the head through memory.
    pub fn jump_head(&mut self) {
        for i in 0..SLOTS {
            let at = Descr::Number((HEADER + 8 * i) as i64);
            self.trace.ops.push(Op::new(Opcode::FrameStore, None, &[self.slots[i]], at));
        }
        self.trace.ops.push(Op::new(Opcode::JumpHead, None, &[], Descr::Number(0)));
    }

    pub fn finish(self, end: Ending) -> Recording {
        Recording {
            trace: self.trace,
            snapshots: self.snapshots,
            watches: Vec::new(),
            end,
            sites: self.sites.into_iter().collect(),
            label: None,
            known: Default::default(),
            boxes: Vec::new(),
            stale: 0,
            kept: Vec::new(),
        }
    }
}

fn fields(class: u32) -> &'static [Field] {
    match class {
        INT => &[VALUE],
        FLOAT => &[REAL],
        PAIR => &[FIRST, SECOND],
        COMPLEX => &[RE, IM],
        CELL => &[INNER],
        _ => &[COUNT, WEIGHT, NEXT],
    }
}

fn array_of(class: u32) -> Array {
    match class {
        LIST => ITEMS,
        INTS => NUMBERS,
        BYTES => OCTETS,
        _ => FIXED,
    }
}
