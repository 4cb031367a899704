//! A machine that executes traces operation by operation, and what its state is where they leave.

use super::memory::{GARBAGE, Memory};
use super::world::{self, SHAPES, size_of};
use crate::frame::HEADER;
use crate::ir::{Arg, Descr, Exit, Op, Opcode, Trace, Val};
use crate::object::Kind;

/// Memory, the root frame's slots, and a pending exception (0: none).
#[derive(Clone)]
pub struct Machine {
    pub memory: Memory,
    pub slots: Vec<u64>,
    pub exception: u64,
    /// Executes recordings: new objects are zeroed. In optimised traces they are garbage until stored.
    pub raw: bool,
    /// Objects from this address on were allocated by the trace.
    pub young: u64,
}

/// What an operation leads to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Next {
    On,
    /// A guard failed, or `leave`: operation, exit.
    Exit(u32),
    /// `jump` to the label of a trace.
    Jump(u32),
}

pub fn value(trace: &Trace, env: &[u64], arg: Arg) -> u64 {
    match trace.const_of(arg) {
        Some(c) => c.bits(),
        None => env[arg.as_op().expect("an operand")],
    }
}

pub fn is_python_div(code: Opcode, a: i64, b: i64) -> i64 {
    let (q, r) = (a.wrapping_div(b), a.wrapping_rem(b));
    let adjust = r != 0 && (r < 0) != (b < 0);
    match code {
        Opcode::IntFloorDiv => q - i64::from(adjust),
        _ => r + if adjust { b } else { 0 },
    }
}

/// The result of an operation on integers and doubles.
pub fn pure(code: Opcode, args: &[u64]) -> u64 {
    use Opcode::*;
    let (a, b) = (args[0], args.get(1).copied().unwrap_or(0));
    let (ia, ib) = (a as i64, b as i64);
    let (fa, fb) = (f64::from_bits(a), f64::from_bits(b));
    // Which NaN a calculation gives is not the optimiser's business.
    let float = |f: f64| if f.is_nan() { f64::NAN.to_bits() } else { f.to_bits() };
    match code {
        IntAdd | IntAddOvf => ia.wrapping_add(ib) as u64,
        IntSub | IntSubOvf => ia.wrapping_sub(ib) as u64,
        IntMul | IntMulOvf => ia.wrapping_mul(ib) as u64,
        IntAnd => a & b,
        IntOr => a | b,
        IntXor => a ^ b,
        IntLshift => a << (b & 63),
        IntRshift => (ia >> (b & 63)) as u64,
        UintRshift => a >> (b & 63),
        IntNeg => ia.wrapping_neg() as u64,
        IntInvert => !a,
        IntFloorDiv | IntFloorMod => is_python_div(code, ia, ib) as u64,
        IntLt => (ia < ib).into(),
        IntLe => (ia <= ib).into(),
        IntEq | PtrEq => (a == b).into(),
        IntNe | PtrNe => (a != b).into(),
        UintLt => (a < b).into(),
        FloatAdd => float(fa + fb),
        FloatSub => float(fa - fb),
        FloatMul => float(fa * fb),
        FloatDiv => float(fa / fb),
        FloatNeg => float(-fa),
        FloatAbs => float(fa.abs()),
        FloatSqrt => float(fa.sqrt()),
        FloatLt => (fa < fb).into(),
        FloatLe => (fa <= fb).into(),
        FloatEq => (fa == fb).into(),
        FloatNe => (fa != fb).into(),
        IntToFloat => (ia as f64).to_bits(),
        FloatToInt => fa as i64 as u64,
        FloatToBits | BitsToFloat => a,
        _ => panic!("{} is not pure", code.name()),
    }
}

pub fn overflows(code: Opcode, a: u64, b: u64) -> bool {
    let (a, b) = (a as i64, b as i64);
    match code {
        Opcode::IntAddOvf => a.checked_add(b).is_none(),
        Opcode::IntSubOvf => a.checked_sub(b).is_none(),
        Opcode::IntMulOvf => a.checked_mul(b).is_none(),
        _ => false,
    }
}

impl Machine {
    pub fn new_object(&mut self, class: u32, size: u32, fill: u64) -> u64 {
        let at = self.memory.allocate(class, size);
        self.memory.fill(at, 8, size, fill);
        at
    }

    /// The functions of [`world`]: their results depend on the contents of memory, never on addresses.
    pub fn call(&mut self, name: &str, args: &[u64]) -> u64 {
        let m = &mut self.memory;
        match name {
            "hash" => args[0].wrapping_mul(31) ^ args[1].rotate_left(7),
            "parse" => {
                if args[0] % 4 == 3 {
                    self.raise(args[0]);
                }
                args[0] / 2
            }
            "unbox" => m.load(args[0] + 8) ^ 1,
            "sum" => self.sum(args[0], 4),
            "poke" => {
                self.poke(args[0], args[1]);
                0
            }
            "risky" => {
                self.poke(args[0], 1);
                if args[1] % 8 == 5 {
                    self.raise(args[1]);
                }
                self.sum(args[0], 2)
            }
            "wrap" => {
                let pair = self.new_object(world::PAIR, 24, 0);
                self.memory.store(pair + 8, args[0]);
                pair
            }
            _ => panic!("{name}"),
        }
    }

    fn raise(&mut self, number: u64) {
        let error = self.new_object(world::INT, 16, 0);
        self.memory.store(error + 8, number);
        self.exception = error;
    }

    /// Of the integers that can be reached over a few references.
    fn sum(&self, object: u64, depth: u32) -> u64 {
        if object == 0 || depth == 0 {
            return 7;
        }
        let m = &self.memory;
        let class = m.class(object);
        let words = match class {
            world::LIST | world::TUPLE | world::INTS => 1 + m.load(object + 8) as u32,
            world::BYTES => 1,
            _ => size_of(class) / 8 - 1,
        };
        (1..=words).fold(u64::from(class), |sum, i| {
            let word = m.load(object + 8 * u64::from(i));
            let part = match kind_of_word(class, i) {
                Kind::Ref => self.sum(word, depth - 1),
                _ => word,
            };
            sum.wrapping_mul(3).wrapping_add(part)
        })
    }

    /// Changes what can change in an object, its class as well, and in the next ones.
    fn poke(&mut self, object: u64, number: u64) {
        if object == 0 {
            return;
        }
        let m = &mut self.memory;
        let class = m.class(object);
        match class {
            c if SHAPES.contains(&c) => {
                let count = m.load(object + 8).wrapping_add(number);
                m.store(object + 8, count);
                if number % 4 == 3 {
                    let class = SHAPES[(c as usize + 1) % 3];
                    m.store(object, class.into());
                    m.store(object + 24, object);
                } else if number % 4 == 2 {
                    let next = m.load(object + 24);
                    if next != object {
                        self.poke(next, number / 2);
                    }
                }
            }
            world::PAIR => {
                let (first, second) = (m.load(object + 8), m.load(object + 16));
                m.store(object + 8, second);
                m.store(object + 16, first);
            }
            world::LIST | world::INTS => {
                let n = m.load(object + 8);
                if n > 1 {
                    let (first, last) = (m.load(object + 16), m.load(object + 8 + 8 * n));
                    m.store(object + 16, last);
                    m.store(object + 8 + 8 * n, first);
                }
            }
            _ => {}
        }
    }

    /// Executes operation `at`.
    pub fn step(&mut self, trace: &Trace, at: usize, env: &mut [u64]) -> Next {
        use Opcode::*;
        let op = &trace.ops[at];
        let args: Vec<u64> = op.args.as_slice().iter().map(|&a| value(trace, env, a)).collect();
        let mut fails = false;
        let m = &mut self.memory;
        let result = match (op.code, op.descr) {
            (Input | Label | LabelArg | Observe, _) => return Next::On,
            (FrameLoad, _) => self.slots[slot(op)],
            (FrameStore, _) => {
                self.slots[slot(op)] = args[0];
                0
            }
            (GetfieldI | GetfieldF | GetfieldR, Descr::Field(f)) => m.load(args[0] + u64::from(f.offset)),
            (Setfield, Descr::Field(f) | Descr::FreshField(f)) => {
                let fresh = matches!(op.descr, Descr::FreshField(_));
                assert!(
                    !fresh || op.args[1].as_const().is_some() || args[0] >= self.young,
                    "a barrier is missing"
                );
                m.store(args[0] + u64::from(f.offset), args[1]);
                0
            }
            (GetitemI | GetitemF | GetitemR, Descr::Array(a)) => {
                assert!(args[1] < m.load(args[0] + 8), "item {} of {:#x}", args[1], args[0]);
                let address = args[0] + u64::from(a.base) + (args[1] << a.shift);
                if a.shift == 0 { m.load_byte(address) } else { m.load(address) }
            }
            (Setitem, Descr::Array(a) | Descr::FreshArray(a)) => {
                let fresh = matches!(op.descr, Descr::FreshArray(_));
                assert!(
                    !fresh || op.args[2].as_const().is_some() || args[0] >= self.young,
                    "a barrier is missing"
                );
                assert!(args[1] < m.load(args[0] + 8), "item {} of {:#x}", args[1], args[0]);
                let address = args[0] + u64::from(a.base) + (args[1] << a.shift);
                if a.shift == 0 {
                    m.store_byte(address, args[2])
                } else {
                    m.store(address, args[2])
                }
                0
            }
            (SetClass, Descr::Class(c)) => {
                m.store(args[0], c.0.into());
                0
            }
            (ClassOf, _) => m.class(args[0]).into(),
            (New | NewArray, Descr::New { class, size, items }) => {
                let object = self.new_object(class.0, size, if self.raw { 0 } else { GARBAGE });
                if op.code == NewArray {
                    self.memory.store(object + 8, items.into());
                }
                object
            }
            (CallI | CallF | CallR | CallN, Descr::Call(call)) => {
                assert!(m.is_whole(), "a call sees garbage");
                self.call(call.name, &args)
            }
            (GuardTrue, _) => {
                fails = args[0] == 0;
                0
            }
            (GuardFalse, _) => {
                fails = args[0] != 0;
                0
            }
            (GuardValue, _) => {
                fails = args[0] != args[1];
                0
            }
            (GuardClass, Descr::Class(c)) => {
                fails = m.class(args[0]) != c.0;
                0
            }
            (GuardNonnullClass, Descr::Class(c)) => {
                fails = args[0] == 0 || m.class(args[0]) != c.0;
                0
            }
            (GuardNonnull, _) => {
                fails = args[0] == 0;
                0
            }
            (GuardIsnull, _) => {
                fails = args[0] != 0;
                0
            }
            (GuardNoException, _) => {
                fails = self.exception != 0;
                0
            }
            (GuardException, _) => {
                fails = self.exception == 0;
                std::mem::take(&mut self.exception)
            }
            (IntAddOvf | IntSubOvf | IntMulOvf, _) => {
                fails = overflows(op.code, args[0], args[1]);
                pure(op.code, &args)
            }
            (GuardNotInvalidated | GuardNoCollect, _) => {
                assert!(m.is_whole(), "a safe point sees garbage");
                0
            }
            (Jump, Descr::Number(target)) => return Next::Jump(target as u32),
            (Leave, _) => return Next::Exit(op.exit),
            _ => pure(op.code, &args),
        };
        if fails {
            return Next::Exit(op.exit);
        }
        env[at] = result;
        Next::On
    }

    /// The state that an exit describes: delayed stores and allocations are done. Gives the slots of all frames and the log.
    pub fn leave(&mut self, exit: &Exit, live: &[u64]) -> Vec<u64> {
        let objects: Vec<u64> = exit.virtuals.iter().map(|v| self.new_object(v.class.0, v.size, 0)).collect();
        let bits = |v: &Val| match *v {
            Val::Live(n) => live[n as usize],
            Val::Const(c) => c.bits(),
            Val::Virtual(n) => objects[n as usize],
            Val::Unchanged => panic!("an unchanged slot"),
        };
        for (v, &object) in exit.virtuals.iter().zip(&objects) {
            for (offset, _, val) in &v.fields {
                self.memory.store(object + u64::from(*offset), bits(val));
            }
        }
        for p in &exit.pending {
            self.memory.store(bits(&p.object) + u64::from(p.field.offset), bits(&p.value));
        }
        let mut state = Vec::new();
        for (depth, frame) in exit.frames.iter().enumerate() {
            for (i, v) in frame.slots.iter().enumerate() {
                let unchanged = depth == 0 && *v == Val::Unchanged;
                state.push(if unchanged { self.slots[i] } else { bits(v) });
            }
        }
        state.extend(exit.log.iter().map(bits));
        state
    }
}

fn slot(op: &Op) -> usize {
    let Descr::Number(at) = op.descr else { panic!("a frame operation without offset") };
    (at as usize - HEADER) / 8
}

/// The kind of word `i` of an object.
pub fn kind_of_word(class: u32, i: u32) -> Kind {
    match (class, i) {
        (world::FLOAT | world::COMPLEX, _) => Kind::Float,
        (world::PAIR | world::CELL, _) => Kind::Ref,
        (world::LIST | world::TUPLE, 2..) => Kind::Ref,
        (10..=12, 2) => Kind::Float,
        (10..=12, 3) => Kind::Ref,
        _ => Kind::Int,
    }
}
