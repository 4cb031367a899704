//! A direct evaluator of the IR on real memory: what machine code must agree with.

use std::collections::{HashMap, HashSet};

use super::world::{World, barrier_slow};
use crate::ir::{Arg, Descr, NO_EXIT, Op, Opcode, Trace};
use crate::object::{Kind, Ref};
use crate::thread::Thread;

/// What an operation leads to.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Next {
    On,
    /// By the exit of this operation.
    Exit(u32),
    /// To the label of a trace.
    Jump(u32),
}

/// The values of one trace.
pub type Env = Vec<u64>;

pub fn value(trace: &Trace, env: &[u64], arg: Arg) -> u64 {
    match trace.const_of(arg) {
        Some(c) => c.bits(),
        None => env[arg.as_op().expect("operand")],
    }
}

fn load(address: u64) -> u64 {
    // SAFETY: generated traces touch the world's memory only.
    unsafe { *(address as *const u64) }
}

fn store(address: u64, v: u64) {
    // SAFETY: as above.
    unsafe { *(address as *mut u64) = v }
}

fn class(object: u64) -> u64 {
    load(object) & 0xffff_ffff
}

/// As RV64 converts.
fn to_int(f: f64) -> u64 {
    if f.is_nan() { i64::MAX as u64 } else { f as i64 as u64 }
}

fn call(op: &Op, thread: &mut Thread, args: &[u64]) -> u64 {
    let Descr::Call(call) = op.descr else { panic!("call without descriptor") };
    let f = call.func.addr();
    type F2 = extern "C" fn(*mut Thread, u64, u64) -> u64;
    type F3 = extern "C" fn(*mut Thread, u64, u64, u64) -> u64;
    type F7 = extern "C" fn(*mut Thread, u64, u64, u64, u64, u64, u64, u64) -> u64;
    // SAFETY: the world's functions have these signatures.
    unsafe {
        match *args {
            [a, b] => std::mem::transmute::<usize, F2>(f)(thread, a, b),
            [a, b, c] => std::mem::transmute::<usize, F3>(f)(thread, a, b, c),
            [a, b, c, d, e, g, h] => std::mem::transmute::<usize, F7>(f)(thread, a, b, c, d, e, g, h),
            _ => panic!("no function of the world has {} arguments", args.len()),
        }
    }
}

fn write_barrier(world: &mut World, object: u64, stored: Arg) {
    // SAFETY: an object's header.
    let track = unsafe { *((object + 4) as *const u8) };
    if track != 0 && stored.as_const().is_none() {
        barrier_slow(&mut *world.thread, Ref(object));
    }
}

/// Executes operation `at`.
pub fn step(trace: &Trace, at: usize, env: &mut Env, world: &mut World) -> Next {
    use Opcode::*;
    let op = &trace.ops[at];
    let args: Vec<u64> = op.args.as_slice().iter().map(|&a| value(trace, env, a)).collect();
    let int = |i: usize| args[i] as i64;
    let float = |i: usize| f64::from_bits(args[i]);
    let frame = world.frame.as_ptr() as u64;
    let mut fails = false;
    let overflowing = |fails: &mut bool, (v, overflow): (i64, bool)| {
        *fails = overflow;
        v as u64
    };
    let result = match op.code {
        Input | LabelArg | Label => return Next::On,
        FrameLoad => load(frame.wrapping_add(number(op) as u64)),
        FrameAddr => frame.wrapping_add(number(op) as u64),
        FrameStore => {
            store(frame.wrapping_add(number(op) as u64), args[0]);
            0
        }
        GuardCountdown => {
            let left = load(number(op) as u64).wrapping_sub(1);
            store(number(op) as u64, left);
            fails = left == 0;
            0
        }
        GuardFrameSpace => {
            fails = frame.wrapping_add(number(op) as u64) > world.thread.frame_limit;
            0
        }
        IntAdd => int(0).wrapping_add(int(1)) as u64,
        IntSub => int(0).wrapping_sub(int(1)) as u64,
        IntMul => int(0).wrapping_mul(int(1)) as u64,
        IntAnd => args[0] & args[1],
        IntOr => args[0] | args[1],
        IntXor => args[0] ^ args[1],
        IntLshift => args[0].wrapping_shl(args[1] as u32),
        IntRshift => int(0).wrapping_shr(args[1] as u32) as u64,
        UintRshift => args[0].wrapping_shr(args[1] as u32),
        IntNeg => int(0).wrapping_neg() as u64,
        IntInvert => !args[0],
        IntFloorDiv => {
            let (a, b) = (int(0), int(1));
            let q = a.wrapping_div(b);
            (if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { q - 1 } else { q }) as u64
        }
        IntFloorMod => {
            let (a, b) = (int(0), int(1));
            let r = a.wrapping_rem(b);
            (if r != 0 && (a < 0) != (b < 0) { r + b } else { r }) as u64
        }
        IntLt => u64::from(int(0) < int(1)),
        IntLe => u64::from(int(0) <= int(1)),
        IntEq | PtrEq => u64::from(args[0] == args[1]),
        IntNe | PtrNe => u64::from(args[0] != args[1]),
        UintLt => u64::from(args[0] < args[1]),
        FloatAdd => (float(0) + float(1)).to_bits(),
        FloatSub => (float(0) - float(1)).to_bits(),
        FloatMul => (float(0) * float(1)).to_bits(),
        FloatDiv => (float(0) / float(1)).to_bits(),
        FloatNeg => args[0] ^ 1 << 63,
        FloatAbs => args[0] & !(1 << 63),
        FloatSqrt => float(0).sqrt().to_bits(),
        FloatLt => u64::from(float(0) < float(1)),
        FloatLe => u64::from(float(0) <= float(1)),
        FloatEq => u64::from(float(0) == float(1)),
        FloatNe => u64::from(float(0) != float(1)),
        IntToFloat => (int(0) as f64).to_bits(),
        FloatToInt => to_int(float(0)),
        FloatToBits | BitsToFloat => args[0],
        ClassOf => class(args[0]),
        GetfieldI | GetfieldF | GetfieldR => {
            let Descr::Field(f) = op.descr else { panic!("field") };
            load(args[0] + u64::from(f.offset))
        }
        Setfield => {
            let (Descr::Field(f) | Descr::FreshField(f)) = op.descr else { panic!("field") };
            store(args[0] + u64::from(f.offset), args[1]);
            if matches!(op.descr, Descr::Field(_)) && f.kind == Kind::Ref {
                write_barrier(world, args[0], op.args[1]);
            }
            0
        }
        SetClass => {
            let Descr::Class(c) = op.descr else { panic!("class") };
            store(args[0], load(args[0]) & !0xffff_ffff | u64::from(c.0));
            0
        }
        GetitemI | GetitemF | GetitemR => {
            let Descr::Array(a) = op.descr else { panic!("array") };
            let address = args[0] + u64::from(a.base) + (args[1] << a.shift);
            // SAFETY: an item of the world's array.
            if a.shift == 0 { unsafe { u64::from(*(address as *const u8)) } } else { load(address) }
        }
        Setitem => {
            let (Descr::Array(a) | Descr::FreshArray(a)) = op.descr else { panic!("array") };
            let address = args[0] + u64::from(a.base) + (args[1] << a.shift);
            if a.shift == 0 {
                // SAFETY: an item of the world's array.
                unsafe { *(address as *mut u8) = args[2] as u8 };
            } else {
                store(address, args[2]);
            }
            if matches!(op.descr, Descr::Array(_)) && a.kind == Kind::Ref {
                write_barrier(world, args[0], op.args[2]);
            }
            0
        }
        New | NewArray => {
            let Descr::New { class, size, items } = op.descr else { panic!("new") };
            let at = world.thread.bump;
            world.thread.bump += u64::from(size);
            store(at, class.0.into());
            if op.code == NewArray {
                store(at + 8, items.into());
            }
            at
        }
        CallI | CallF | CallR | CallN => call(op, &mut world.thread, &args),
        GuardTrue => {
            fails = args[0] == 0;
            0
        }
        GuardFalse => {
            fails = args[0] != 0;
            0
        }
        GuardValue => {
            fails = args[0] != args[1];
            0
        }
        GuardClass | GuardNonnullClass => {
            let Descr::Class(c) = op.descr else { panic!("class") };
            fails = args[0] == 0 || class(args[0]) != u64::from(c.0);
            0
        }
        GuardNonnull => {
            fails = args[0] == 0;
            0
        }
        GuardIsnull => {
            fails = args[0] != 0;
            0
        }
        GuardNoException => {
            fails = !world.thread.exception.is_null();
            0
        }
        GuardException => {
            fails = world.thread.exception.is_null();
            std::mem::take(&mut world.thread.exception).0
        }
        GuardNotInvalidated => 0,
        GuardNoCollect => {
            fails = world.thread.bump > world.thread.limit;
            0
        }
        IntAddOvf => overflowing(&mut fails, int(0).overflowing_add(int(1))),
        IntSubOvf => overflowing(&mut fails, int(0).overflowing_sub(int(1))),
        IntMulOvf => overflowing(&mut fails, int(0).overflowing_mul(int(1))),
        Observe => 0,
        Jump => return Next::Jump(number(op) as u32),
        Leave => return Next::Exit(op.exit),
        FrameMove | DeadSlot | JumpHead | JumpEntry | Return => panic!("not in generated traces"),
    };
    if fails {
        return Next::Exit(op.exit);
    }
    env[at] = result;
    Next::On
}

fn number(op: &Op) -> i64 {
    match op.descr {
        Descr::Number(n) => n,
        _ => panic!("number"),
    }
}

/// Traces, and the values of each that was run.
#[derive(Default)]
pub struct Program {
    pub traces: HashMap<u32, Trace>,
    pub envs: HashMap<u32, Env>,
    /// Bridges by exit.
    pub bridges: HashMap<u32, u32>,
    /// Guards leave at their n-th execution.
    pub force_fail: Option<u64>,
    pub executed: HashMap<(u32, usize), u64>,
    /// Traces whose assumptions do not hold any more.
    pub invalid: HashSet<u32>,
}

/// The exit taken at last, and the values of its live operands.
#[derive(Clone, PartialEq, Debug)]
pub struct Outcome {
    pub exit: u32,
    pub live: Vec<u64>,
}

impl Program {
    /// Runs a trace until an exit without a bridge; `inputs` of a bridge.
    pub fn run(&mut self, start: u32, world: &mut World) -> Outcome {
        let mut id = start;
        let mut at = 0;
        self.envs.insert(id, vec![0; self.traces[&id].ops.len()]);
        loop {
            let trace = &self.traces[&id];
            let env = self.envs.get_mut(&id).expect("every trace that was reached has values");
            if trace.ops[at].code == Opcode::Label {
                enter_label(trace, at, trace.ops[at].args.as_slice().to_vec(), env.clone(), trace, env);
            }
            let op = &trace.ops[at];
            let guard = op.exit != NO_EXIT && op.code != Opcode::Leave;
            let forced = guard
                && self.force_fail.is_some_and(|n| {
                    let count = self.executed.entry((id, at)).or_default();
                    *count += 1;
                    *count == n
                });
            let invalid = op.code == Opcode::GuardNotInvalidated && self.invalid.contains(&id);
            let next = if forced || invalid { Next::Exit(op.exit) } else { step(trace, at, env, world) };
            match next {
                Next::On => at += 1,
                Next::Jump(target) => {
                    let (from, jump) = (&self.traces[&id], at);
                    let values = env.clone();
                    let to = &self.traces[&target];
                    let label = label_of(to);
                    let env = self.envs.get_mut(&target).expect("the target was run");
                    enter_label(to, label, from.ops[jump].args.as_slice().to_vec(), values, from, env);
                    id = target;
                    at = label + 1;
                }
                Next::Exit(exit) => {
                    let number = trace.first_exit + exit;
                    let live: Vec<u64> =
                        trace.exits[exit as usize].live.iter().map(|&a| value(trace, env, a)).collect();
                    let Some(&bridge) = self.bridges.get(&number) else {
                        return Outcome { exit: number, live };
                    };
                    let mut env = vec![0; self.traces[&bridge].ops.len()];
                    env[..live.len()].copy_from_slice(&live);
                    self.envs.insert(bridge, env);
                    id = bridge;
                    at = 0;
                }
            }
        }
    }
}

/// Index of the label.
pub fn label_of(trace: &Trace) -> usize {
    trace.ops.iter().position(|o| o.code == Opcode::Label).expect("a label")
}

/// Sets the results of a label to the values of `args`, which belong to trace `from`.
fn enter_label(to: &Trace, label: usize, args: Vec<Arg>, values: Env, from: &Trace, env: &mut Env) {
    debug_assert_eq!(to.ops[label].args.as_slice().len(), args.len());
    for (i, &arg) in args.iter().enumerate() {
        env[label + 1 + i] = value(from, &values, arg);
    }
}
