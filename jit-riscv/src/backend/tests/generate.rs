//! Random traces. Operations are evaluated as they are generated, so that guards hold the first time and items exist.

use super::Rng;
use super::evaluate::{Env, Next, label_of, step, value};
use super::world::{self, World};
use crate::ir::{Arg, Const, Descr, Exit, NO_EXIT, Op, Opcode, Opcode::*, Trace};
use crate::object::{Array, ClassId, Kind, Ref};

/// How a generated trace ends.
#[derive(Clone, Copy, PartialEq)]
pub enum End {
    Leave,
    /// With a label and a jump to it.
    Loop,
    /// A jump to the label of another trace.
    JumpTo,
}

/// What to generate.
pub struct Shape<'a> {
    pub id: u32,
    pub first_exit: u32,
    /// Operations before the label, and after it.
    pub sizes: (usize, usize),
    pub end: End,
    /// Percentage of guards that the operations are to have.
    pub guards: usize,
    /// The parent's trace and exit, with the values there: the trace is a bridge.
    pub parent: Option<(&'a Trace, &'a Exit, u32, &'a [u64])>,
    pub target: Option<&'a Trace>,
}

struct Gen<'a> {
    rng: &'a mut Rng,
    world: &'a mut World,
    trace: Trace,
    env: Env,
    ints: Vec<Arg>,
    floats: Vec<Arg>,
    refs: Vec<Arg>,
    /// References that may be null.
    maybe: Vec<Arg>,
    guards: usize,
}

/// Generates a trace; the world is left as a first pass over it leaves it.
pub fn generate(shape: &Shape, rng: &mut Rng, world: &mut World) -> Trace {
    let trace = Trace { id: shape.id, first_exit: shape.first_exit, ..Trace::default() };
    let mut g = Gen {
        rng,
        world,
        trace,
        env: Vec::new(),
        ints: Vec::new(),
        floats: Vec::new(),
        refs: Vec::new(),
        maybe: Vec::new(),
        guards: shape.guards,
    };
    match shape.parent {
        Some((parent, exit, number, values)) => g.inputs(parent, exit, number, values),
        None => g.loads(),
    }
    g.constants();
    for _ in 0..shape.sizes.0 {
        g.operation();
    }
    if shape.end == End::Loop {
        g.label();
        for _ in 0..shape.sizes.1 {
            g.operation();
        }
    }
    match (shape.end, shape.target) {
        (End::Loop, _) => {
            g.burn();
            let own = g.trace.clone();
            g.jump(&own);
        }
        (End::JumpTo, Some(target)) => {
            g.burn();
            g.jump(target);
        }
        _ => {
            let exit = g.exit();
            g.trace.ops.push(Op { exit, ..Op::new(Leave, None, &[], Descr::None) });
        }
    }
    g.trace
}

impl Gen<'_> {
    fn inputs(&mut self, parent: &Trace, exit: &Exit, number: u32, values: &[u64]) {
        self.trace.bridge_of = Some(number);
        for (i, &arg) in exit.live.iter().enumerate() {
            let kind = parent.kind_of(arg);
            self.trace.ops.push(Op::new(Input, kind, &[], Descr::Number(i as i64)));
            self.env.push(values[i]);
            let arg = Arg::op(i);
            match kind {
                Some(Kind::Int) => self.ints.push(arg),
                Some(Kind::Float) => self.floats.push(arg),
                // Whether it may be null is not known here.
                _ => self.maybe.push(arg),
            }
        }
    }

    fn loads(&mut self) {
        for slot in 0..3 {
            self.add(FrameLoad, &[], Descr::Number(World::slot(slot)));
        }
    }

    fn constants(&mut self) {
        for v in [0, 1, -1, 7, 2047, 2048, -2049, 1 << 20, i64::MAX, i64::MIN, 0x1234_5678_9abc] {
            let c = self.trace.constant(Const::Int(v));
            self.ints.push(c);
        }
        for v in [0.0f64, 1.0, -2.5, 1e300] {
            let c = self.trace.constant(Const::Float(v.to_bits()));
            self.floats.push(c);
        }
        for i in [0, 1] {
            let c = self.trace.constant(Const::Ref(self.world.object(i)));
            self.refs.push(c);
        }
        let null = self.trace.constant(Const::Ref(Ref::NULL));
        self.maybe.push(null);
        if self.floats.len() < 6 {
            let object = self.refs[0];
            self.add(GetfieldF, &[object], Descr::Field(world::WEIGHT));
        }
    }

    fn pick(&mut self, kind: Kind) -> Arg {
        let from = match kind {
            Kind::Int => &self.ints,
            Kind::Float => &self.floats,
            Kind::Ref => &self.refs,
        };
        // Recent values more often, constants less.
        let n = from.len();
        let at = if self.rng.chance(60) { n - 1 - self.rng.below(n.min(8)) } else { self.rng.below(n) };
        from[at]
    }

    fn value(&self, arg: Arg) -> u64 {
        value(&self.trace, &self.env, arg)
    }

    fn int(&mut self, v: i64) -> Arg {
        self.trace.constant(Const::Int(v))
    }

    /// An exit with some of the values live.
    fn exit(&mut self) -> u32 {
        let mut live: Vec<Arg> = Vec::new();
        for _ in 0..self.rng.below(14) {
            let arg = match self.rng.below(4) {
                0 => self.pick(Kind::Int),
                1 => self.pick(Kind::Float),
                2 => self.pick(Kind::Ref),
                _ => self.rng.pick(&self.maybe),
            };
            if arg.as_op().is_some() && !live.contains(&arg) {
                live.push(arg);
            }
        }
        self.trace.exits.push(Exit { live, ..Exit::default() });
        self.trace.exits.len() as u32 - 1
    }

    /// Appends an operation and executes it; its result.
    fn add(&mut self, code: Opcode, args: &[Arg], descr: Descr) -> Option<Arg> {
        self.add_with(code, args, descr, NO_EXIT)
    }

    /// The same, for guards. One that fails is taken back; whether it held.
    fn guard(&mut self, code: Opcode, args: &[Arg], descr: Descr) -> bool {
        let exit = self.exit();
        let before = self.trace.ops.len();
        self.add_with(code, args, descr, exit);
        self.trace.ops.len() > before
    }

    fn add_with(&mut self, code: Opcode, args: &[Arg], descr: Descr, exit: u32) -> Option<Arg> {
        let kind = match super::super::check::signature(code).1 {
            "i" => Some(Kind::Int),
            "f" => Some(Kind::Float),
            "r" => Some(Kind::Ref),
            _ => None,
        };
        let at = self.trace.ops.len();
        self.trace.ops.push(Op { exit, ..Op::new(code, kind, args, descr) });
        self.env.push(0);
        if step(&self.trace, at, &mut self.env, self.world) != Next::On {
            self.trace.ops.pop();
            self.env.pop();
            return None;
        }
        let result = Arg::op(at);
        match kind {
            Some(Kind::Int) => self.ints.push(result),
            Some(Kind::Float) => self.floats.push(result),
            Some(Kind::Ref) if matches!(descr, Descr::Field(f) if f == world::OTHER) => {
                self.maybe.push(result)
            }
            Some(Kind::Ref) => self.refs.push(result),
            None => {}
        }
        Some(result)
    }

    fn operation(&mut self) {
        if self.rng.chance(self.guards) {
            return self.random_guard();
        }
        match self.rng.below(20) {
            0..=5 => self.int_operation(),
            6..=8 => self.float_operation(),
            9..=11 => self.field(),
            12..=14 => self.item(),
            15 => self.allocate(),
            16 => self.call(),
            17 => self.comparison().map_or((), |_| ()),
            18 => {
                let slot = Descr::Number(World::slot(self.rng.below(world::SLOTS)));
                let value = self.pick(Kind::Ref);
                self.add(FrameStore, &[value], slot);
                let slot = if self.rng.chance(50) { Descr::Number(0) } else { slot };
                self.add(FrameAddr, &[], slot);
            }
            _ => {
                let (a, b) = (self.pick(Kind::Int), self.pick(Kind::Ref));
                let site = self.rng.below(4096) as u16;
                self.add(Observe, &[a], Descr::Site { site, class: false });
                self.add(Observe, &[b], Descr::Site { site, class: true });
            }
        }
    }

    fn int_operation(&mut self) {
        let (a, b) = (self.pick(Kind::Int), self.pick(Kind::Int));
        match self.rng.below(14) {
            0..=5 => {
                let code = self.rng.pick(&[IntAdd, IntSub, IntMul, IntAnd, IntOr, IntXor]);
                self.add(code, &[a, b], Descr::None);
            }
            6 | 7 => {
                let code = self.rng.pick(&[IntLshift, IntRshift, UintRshift]);
                let mask = self.int(63);
                let constant = self.rng.below(64) as i64;
                let amount = if self.rng.chance(50) {
                    self.int(constant)
                } else {
                    self.add(IntAnd, &[b, mask], Descr::None).unwrap_or(mask)
                };
                self.add(code, &[a, amount], Descr::None);
            }
            8 | 9 => {
                let code = self.rng.pick(&[IntFloorDiv, IntFloorMod]);
                let one = self.int(1);
                let constant = self.rng.pick(&[1i64, 2, 8, 4096, 10, 7, -3, 1_000_000]);
                let divisor = if self.rng.chance(60) {
                    self.int(constant)
                } else {
                    self.add(IntOr, &[b, one], Descr::None).unwrap_or(one)
                };
                self.add(code, &[a, divisor], Descr::None);
            }
            10 => {
                let code = self.rng.pick(&[IntNeg, IntInvert]);
                self.add(code, &[a], Descr::None);
            }
            11 => {
                let f = self.pick(Kind::Float);
                let code = self.rng.pick(&[FloatToInt, FloatToBits]);
                self.add(code, &[f], Descr::None);
            }
            12 => {
                let object = self.pick(Kind::Ref);
                self.add(ClassOf, &[object], Descr::None);
            }
            _ => {
                let code = self.rng.pick(&[IntAddOvf, IntSubOvf, IntMulOvf]);
                let shift = self.int(33);
                let (Some(a), Some(b)) = (
                    self.add(IntRshift, &[a, shift], Descr::None),
                    self.add(IntRshift, &[b, shift], Descr::None),
                ) else {
                    return;
                };
                self.guard(code, &[a, b], Descr::None);
                let c = self.rng.pick(&[0i64, 1, -1, 100, -2048, 2047, 5000]);
                let c = self.int(c);
                let args = if self.rng.chance(50) { [a, c] } else { [c, b] };
                self.guard(code, &args, Descr::None);
            }
        }
    }

    fn float_operation(&mut self) {
        let (a, b) = (self.pick(Kind::Float), self.pick(Kind::Float));
        match self.rng.below(4) {
            0 | 1 => {
                let code = self.rng.pick(&[FloatAdd, FloatSub, FloatMul, FloatDiv]);
                self.add(code, &[a, b], Descr::None);
            }
            2 => {
                let code = self.rng.pick(&[FloatNeg, FloatAbs, FloatSqrt]);
                self.add(code, &[a], Descr::None);
            }
            _ => {
                let i = self.pick(Kind::Int);
                let code = self.rng.pick(&[IntToFloat, BitsToFloat]);
                self.add(code, &[i], Descr::None);
            }
        }
    }

    fn comparison(&mut self) -> Option<Arg> {
        match self.rng.below(3) {
            0 => {
                let code = self.rng.pick(&[IntLt, IntLe, IntEq, IntNe, UintLt]);
                let (a, b) = (self.pick(Kind::Int), self.pick(Kind::Int));
                self.add(code, &[a, b], Descr::None)
            }
            1 => {
                let code = self.rng.pick(&[FloatLt, FloatLe, FloatEq, FloatNe]);
                let (a, b) = (self.pick(Kind::Float), self.pick(Kind::Float));
                self.add(code, &[a, b], Descr::None)
            }
            _ => {
                let code = self.rng.pick(&[PtrEq, PtrNe]);
                let (a, b) = (self.pick(Kind::Ref), self.rng.pick(&self.maybe));
                self.add(code, &[a, b], Descr::None)
            }
        }
    }

    fn field(&mut self) {
        let object = self.pick(Kind::Ref);
        let field = self.rng.pick(&world::FIELDS);
        let load = match field.kind {
            Kind::Int => GetfieldI,
            Kind::Float => GetfieldF,
            Kind::Ref => GetfieldR,
        };
        match self.rng.below(5) {
            0 | 1 => {
                self.add(load, &[object], Descr::Field(field));
            }
            2 | 3 => {
                let value = self.pick(field.kind);
                self.add(Setfield, &[object, value], Descr::Field(field));
            }
            _ => {
                let class = ClassId(self.rng.pick(&world::CLASSES));
                self.add(SetClass, &[object], Descr::Class(class));
            }
        }
    }

    fn item(&mut self) {
        let array = self.trace.constant(Const::Ref(self.world.array));
        let items: Array = self.rng.pick(&world::ARRAYS);
        let index = if self.rng.chance(40) {
            let i = self.rng.below(8) as i64;
            self.int(i)
        } else {
            let (i, seven) = (self.pick(Kind::Int), self.int(7));
            self.add(IntAnd, &[i, seven], Descr::None).unwrap_or(seven)
        };
        if self.rng.chance(50) {
            let load = match items.kind {
                Kind::Int => GetitemI,
                Kind::Float => GetitemF,
                Kind::Ref => GetitemR,
            };
            self.add(load, &[array, index], Descr::Array(items));
        } else {
            let value = self.pick(items.kind);
            self.add(Setitem, &[array, index, value], Descr::Array(items));
        }
    }

    fn allocate(&mut self) {
        let class = ClassId(self.rng.pick(&world::CLASSES));
        if !self.guard(GuardNoCollect, &[], Descr::None) {
            return;
        }
        let (code, items) = if self.rng.chance(70) { (New, 0) } else { (NewArray, 5) };
        // The same layout for both: what is the length of an array is a field of an object.
        let Some(object) = self.add(code, &[], Descr::New { class, size: world::OBJECT_BYTES, items }) else {
            return;
        };
        for field in world::FIELDS {
            let value = self.pick(field.kind);
            let null = self.maybe[0];
            let value = if field.id == world::OTHER.id && self.rng.chance(50) { null } else { value };
            self.add(Setfield, &[object, value], Descr::FreshField(field));
        }
    }

    fn call(&mut self) {
        let mut pick = |kind| self.pick(kind);
        let (a, b, c) = (pick(Kind::Int), pick(Kind::Float), pick(Kind::Ref));
        match self.rng.below(4) {
            0 => {
                self.add(CallI, &[a, b, c], Descr::Call(&world::MIX));
            }
            1 => {
                self.add(CallF, &[b, a], Descr::Call(&world::SCALE));
            }
            2 => {
                let more: Vec<Arg> = (0..4).map(|_| self.pick(Kind::Int)).collect();
                let other = self.pick(Kind::Ref);
                let args = [c, other, a, more[0], more[1], more[2], more[3]];
                if !self.guard(GuardNoCollect, &[], Descr::None) {
                    return;
                }
                self.add(CallR, &args, Descr::Call(&world::CHOOSE));
            }
            _ => {
                self.add(CallN, &[a, c], Descr::Call(&world::RAISE));
                if self.world.thread.exception.is_null() {
                    self.guard(GuardNoException, &[], Descr::None);
                } else {
                    self.guard(GuardException, &[], Descr::None);
                }
            }
        }
    }

    fn random_guard(&mut self) {
        match self.rng.below(11) {
            0..=3 => {
                let Some(condition) = self.comparison() else { return };
                // Sometimes the condition has another use, and is not fused with the guard.
                if self.rng.chance(80) {
                    self.ints.retain(|&a| a != condition);
                }
                let code = if self.value(condition) != 0 { GuardTrue } else { GuardFalse };
                self.guard(code, &[condition], Descr::None);
            }
            4 => {
                let i = self.pick(Kind::Int);
                let expected = self.int(self.value(i) as i64);
                self.guard(GuardValue, &[i, expected], Descr::None);
            }
            5 | 6 => {
                let object = self.pick(Kind::Ref);
                // SAFETY: an object of the world.
                let class = unsafe { Ref(self.value(object)).class() };
                let code = self.rng.pick(&[GuardClass, GuardNonnullClass]);
                self.guard(code, &[object], Descr::Class(class));
                if self.rng.chance(60) {
                    let field = self.rng.pick(&world::FIELDS);
                    let load = match field.kind {
                        Kind::Int => GetfieldI,
                        Kind::Float => GetfieldF,
                        Kind::Ref => GetfieldR,
                    };
                    self.add(load, &[object], Descr::Field(field));
                }
            }
            7 => {
                let object = self.rng.pick(&self.maybe);
                if self.value(object) == 0 {
                    self.guard(GuardIsnull, &[object], Descr::None);
                } else if self.guard(GuardNonnull, &[object], Descr::None) {
                    self.refs.push(object);
                }
            }
            8 => {
                let bytes = self.rng.below(900) as i64;
                self.guard(GuardFrameSpace, &[], Descr::Number(bytes));
            }
            9 => {
                let cell = self.world.object(0).0 + 8 * self.rng.below(2) as u64 * 3 + 8;
                self.guard(GuardCountdown, &[], Descr::Number(cell as i64));
            }
            _ => {
                self.guard(GuardNotInvalidated, &[], Descr::None);
            }
        }
    }

    fn label(&mut self) {
        let mut args = Vec::new();
        for _ in 0..1 + self.rng.below(8) {
            let kind = self.rng.pick(&[Kind::Int, Kind::Float, Kind::Ref]);
            args.push(self.pick(kind));
        }
        let label = self.trace.ops.len();
        self.trace.ops.push(Op::new(Label, None, &args, Descr::None));
        self.env.push(0);
        for (i, &arg) in args.iter().enumerate() {
            let kind = self.trace.kind_of(arg);
            let v = self.value(arg);
            self.trace.ops.push(Op::new(LabelArg, kind, &[], Descr::Number(i as i64)));
            self.env.push(v);
            let result = Arg::op(label + 1 + i);
            match kind {
                Some(Kind::Int) => self.ints.push(result),
                Some(Kind::Float) => self.floats.push(result),
                _ => self.refs.push(result),
            }
        }
    }

    /// Counts the array's length down and leaves at 0, so that every loop ends.
    fn burn(&mut self) {
        let array = self.trace.constant(Const::Ref(self.world.array));
        let one = self.int(1);
        let zero = self.int(0);
        let Some(fuel) = self.add(GetfieldI, &[array], Descr::Field(world::FUEL)) else { return };
        let Some(less) = self.add(IntSub, &[fuel, one], Descr::None) else { return };
        self.add(Setfield, &[array, less], Descr::Field(world::FUEL));
        let exit = self.exit();
        let Some(more) = self.add(IntLt, &[zero, less], Descr::None) else { return };
        let at = self.trace.ops.len();
        self.trace.ops.push(Op { exit, ..Op::new(GuardTrue, None, &[more], Descr::None) });
        self.env.push(0);
        debug_assert_eq!(at + 1, self.env.len());
    }

    fn jump(&mut self, target: &Trace) {
        let label = &target.ops[label_of(target)];
        let args: Vec<Arg> = label
            .args
            .as_slice()
            .iter()
            .map(|&a| match target.kind_of(a) {
                Some(kind) => self.pick(kind),
                None => unreachable!("a label's argument has a kind"),
            })
            .collect();
        let to = Descr::Number(target.id.into());
        self.trace.ops.push(Op::new(Jump, None, &args, to));
    }
}
