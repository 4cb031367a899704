//! The trace IR: straight-line SSA with guards, in RPython's vocabulary.
//!
//! A trace is a list of operations; an operation's index is the name of its result. Operands are results of earlier
//! operations or constants. A guard names an *exit*: what must be known to go on in the interpreter when it fails.
//!
//! ```text
//! [head main:12]
//! p0 = frame_load(48)
//! i1 = getfield_gc_i(p0, int.value)
//! i2 = int_add_ovf(i1, 1)  -> exit 0
//! label(i2)
//! ```

pub mod text;

use crate::object::{Array, Call, ClassId, Field, Kind, Ref};

/// An operand: the result of operation `n`, or constant `n` of the trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Arg(u32);

const CONST_BIT: u32 = 1 << 31;

impl Arg {
    /// No operand.
    pub const NONE: Arg = Arg(u32::MAX);

    pub fn op(index: usize) -> Arg {
        debug_assert!((index as u32) < CONST_BIT);
        Arg(index as u32)
    }

    pub fn constant(index: usize) -> Arg {
        Arg(index as u32 | CONST_BIT)
    }

    pub fn is_none(self) -> bool {
        self == Arg::NONE
    }

    /// Index of the operation that makes the value.
    pub fn as_op(self) -> Option<usize> {
        (self.0 & CONST_BIT == 0).then_some(self.0 as usize)
    }

    /// Index of the constant.
    pub fn as_const(self) -> Option<usize> {
        (self.0 & CONST_BIT != 0 && !self.is_none()).then_some((self.0 & !CONST_BIT) as usize)
    }
}

/// A constant. References are kept alive and updated by the collector until the trace is compiled, which happens
/// after a collection that moved them to their final place.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Const {
    Int(i64),
    /// The bits of a double.
    Float(u64),
    Ref(Ref),
}

impl Const {
    pub fn kind(self) -> Kind {
        match self {
            Const::Int(_) => Kind::Int,
            Const::Float(_) => Kind::Float,
            Const::Ref(_) => Kind::Ref,
        }
    }

    /// The 64 bits a register would hold.
    pub fn bits(self) -> u64 {
        match self {
            Const::Int(v) => v as u64,
            Const::Float(v) => v,
            Const::Ref(r) => r.0,
        }
    }
}

macro_rules! opcodes {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// What an operation does. Comparisons give an Int 0 or 1.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Opcode { $($(#[doc = $doc])* $variant,)* }

        impl Opcode {
            /// Every opcode.
            pub const ALL: &'static [Opcode] = &[$(Opcode::$variant,)*];

            /// RPython's name where RPython has the operation.
            pub fn name(self) -> &'static str {
                match self { $(Opcode::$variant => $name,)* }
            }
        }
    };
}

opcodes! {
    /// A value that a bridge receives from the guard it continues; `index` numbers the exit's live values.
    Input = "input",
    /// The reference at byte `offset` from the root frame.
    FrameLoad = "frame_load",
    /// What the slot at byte `offset` of the root frame holds and nobody reads any more. In recordings only.
    DeadSlot = "dead_slot",
    /// Stores a 64-bit word (a Ref or an Int, constant or not) at byte `offset` from the root frame.
    FrameStore = "frame_store",
    /// The address (an Int) at byte `offset` from the root frame.
    FrameAddr = "frame_address",
    /// The frame region reaches at least `offset` bytes past the root frame (`Thread::frame_limit`).
    GuardFrameSpace = "guard_frame_space",
    /// Result number `index` of the label: a value that changes from iteration to iteration.
    LabelArg = "label_arg",
    IntAdd = "int_add",
    IntSub = "int_sub",
    IntMul = "int_mul",
    IntAnd = "int_and",
    IntOr = "int_or",
    IntXor = "int_xor",
    /// Shift amount 0..=63.
    IntLshift = "int_lshift",
    /// Arithmetic; shift amount 0..=63.
    IntRshift = "int_rshift",
    UintRshift = "uint_rshift",
    IntNeg = "int_neg",
    IntInvert = "int_invert",
    /// Rounds towards minus infinity; the divisor is not 0, the result does not overflow.
    IntFloorDiv = "int_py_div",
    /// Has the sign of the divisor; the divisor is not 0.
    IntFloorMod = "int_py_mod",
    IntLt = "int_lt",
    IntLe = "int_le",
    IntEq = "int_eq",
    IntNe = "int_ne",
    UintLt = "uint_lt",
    FloatAdd = "float_add",
    FloatSub = "float_sub",
    FloatMul = "float_mul",
    FloatDiv = "float_truediv",
    FloatNeg = "float_neg",
    FloatAbs = "float_abs",
    FloatSqrt = "float_sqrt",
    FloatLt = "float_lt",
    FloatLe = "float_le",
    FloatEq = "float_eq",
    FloatNe = "float_ne",
    IntToFloat = "cast_int_to_float",
    /// Truncates; the operand is in the range of an i64.
    FloatToInt = "cast_float_to_int",
    /// The bits of a double, as they are.
    FloatToBits = "convert_float_bytes_to_longlong",
    BitsToFloat = "convert_longlong_bytes_to_float",
    PtrEq = "ptr_eq",
    PtrNe = "ptr_ne",
    /// The class word (zero-extended) of an object that is not null.
    ClassOf = "getclass",
    GetfieldI = "getfield_gc_i",
    GetfieldF = "getfield_gc_f",
    GetfieldR = "getfield_gc_r",
    /// args: object, value.
    Setfield = "setfield_gc",
    /// Changes the class word of an object (a shape transition): `class`.
    SetClass = "setclass",
    /// args: array, index.
    GetitemI = "getarrayitem_gc_i",
    GetitemF = "getarrayitem_gc_f",
    GetitemR = "getarrayitem_gc_r",
    /// args: array, index, value.
    Setitem = "setarrayitem_gc",
    /// A fixed-size object of `class`, `size` bytes with its header. Its fields hold garbage until stored: every one is
    /// stored before the next safe point, exit or call.
    New = "new_with_vtable",
    /// A variable-sized object of `class` with a constant number of items; `size` bytes in all; the length word is stored,
    /// the rest is as for `New`.
    NewArray = "new_array",
    /// args: the call's.
    CallI = "call_i",
    CallF = "call_f",
    CallR = "call_r",
    CallN = "call_n",
    GuardTrue = "guard_true",
    GuardFalse = "guard_false",
    /// args: value (Int or Ref), expected constant.
    GuardValue = "guard_value",
    /// The class word equals `class`; the operand is known not to be null.
    GuardClass = "guard_class",
    /// As `GuardClass`, and the operand may be null (which fails).
    GuardNonnullClass = "guard_nonnull_class",
    GuardNonnull = "guard_nonnull",
    GuardIsnull = "guard_isnull",
    /// No exception is pending after the last call.
    GuardNoException = "guard_no_exception",
    /// An exception is pending: it is the result, and no longer pending.
    GuardException = "guard_exception",
    /// The assumptions of the trace hold: patched to a jump when they cease to.
    GuardNotInvalidated = "guard_not_invalidated",
    /// `bump <= limit`: else leave, for a collection. After it `RESERVE` bytes are free.
    GuardNoCollect = "guard_no_collect",
    /// Counts down the 64-bit cell at address `offset`; fails when that makes it zero.
    GuardCountdown = "guard_countdown",
    /// The sum, and a guard that it did not overflow.
    IntAddOvf = "int_add_ovf",
    IntSubOvf = "int_sub_ovf",
    IntMulOvf = "int_mul_ovf",
    /// Observes operand 0 for the pattern table at `site`: value (`class` 0) or class word (`class` 1).
    Observe = "observe",
    /// The loop starts here; args: first values of the label's results. At most one a trace.
    Label = "label",
    /// Back to the label of trace `target`; args: next values of its results. Ends the trace.
    Jump = "jump",
    /// Moves the root frame by `offset` bytes, in `s8` and in `Thread::frame`. The last operation but one.
    FrameMove = "frame_move",
    /// Continues with the machine code in the 64-bit word at address `offset` (a head's entry). Ends the trace.
    JumpHead = "jump_head",
    /// Continues at the typed entry of trace `target`; args: the values that it takes. Ends the trace.
    JumpEntry = "jump_entry",
    /// Makes the root frame's caller the root frame (in `s8` and `Thread::frame`), pushes operand 0 on its operand stack (nothing where
    /// there is no operand), and jumps to the entry word of the head that its `Frame::resume` points to. Ends the trace.
    Return = "finish",
    /// Leaves by exit `exit`. Ends the trace.
    Leave = "leave",
}

/// What an operation refers to besides its operands.
#[derive(Clone, Copy, Debug)]
pub enum Descr {
    None,
    Field(Field),
    Array(Array),
    /// `Setfield` into an object allocated since the last safe point: no write barrier.
    FreshField(Field),
    /// `Setitem` into such an object.
    FreshArray(Array),
    Call(&'static Call),
    Class(ClassId),
    /// `New`, `NewArray`: class, bytes in all, number of items (0 for `New`).
    New {
        class: ClassId,
        size: u32,
        items: u32,
    },
    /// Byte offset (frame operations), address (`JumpHead`), index (`Input`, `LabelArg`), target trace (`Jump`, `JumpEntry`).
    Number(i64),
    /// `Observe`.
    Site {
        site: u16,
        class: bool,
    },
}

/// One operation.
#[derive(Clone, Debug)]
pub struct Op {
    pub code: Opcode,
    /// Kind of the result; None where there is none.
    pub kind: Option<Kind>,
    pub args: Args,
    pub descr: Descr,
    /// Index into [`Trace::exits`] for guards and `Leave`; [`NO_EXIT`] otherwise.
    pub exit: u32,
}

/// For operations without an exit.
pub const NO_EXIT: u32 = u32::MAX;

/// Operands: up to three in place, more (calls, labels, jumps) on the heap.
#[derive(Clone, Debug)]
pub enum Args {
    Few([Arg; 3]),
    Many(Box<[Arg]>),
}

impl Args {
    pub fn new(args: &[Arg]) -> Args {
        if args.len() <= 3 {
            let mut few = [Arg::NONE; 3];
            few[..args.len()].copy_from_slice(args);
            Args::Few(few)
        } else {
            Args::Many(args.into())
        }
    }

    pub fn as_slice(&self) -> &[Arg] {
        match self {
            Args::Few(few) => {
                let n = few.iter().position(|a| a.is_none()).unwrap_or(3);
                &few[..n]
            }
            Args::Many(many) => many,
        }
    }

    pub fn as_mut_slice(&mut self) -> &mut [Arg] {
        match self {
            Args::Few(few) => {
                let n = few.iter().position(|a| a.is_none()).unwrap_or(3);
                &mut few[..n]
            }
            Args::Many(many) => many,
        }
    }
}

impl std::ops::Index<usize> for Args {
    type Output = Arg;
    fn index(&self, i: usize) -> &Arg {
        &self.as_slice()[i]
    }
}

impl Op {
    pub fn new(code: Opcode, kind: Option<Kind>, args: &[Arg], descr: Descr) -> Op {
        Op { code, kind, args: Args::new(args), descr, exit: NO_EXIT }
    }

    pub fn is_guard(&self) -> bool {
        self.exit != NO_EXIT && self.code != Opcode::Leave
    }
}

/// Where a guard leaves to, and what the interpreter needs there: the frames at the *start* of the bytecode whose guard it is, the
/// results of its impure operations so far, and how many guards it had passed (see [`crate::domain::replay`]).
#[derive(Clone, Debug, Default)]
pub struct Exit {
    /// The operands (never constants) that the rest refers to as [`Val::Live`]; the back end says where each one is.
    pub live: Vec<Arg>,
    /// Root frame first. Empty: memory already holds the frames (nothing but `GuardNoCollect` at an entry, and `Leave`).
    pub frames: Vec<FrameState>,
    /// Objects that the optimiser did not allocate.
    pub virtuals: Vec<VirtualState>,
    /// Stores that the optimiser delayed past this point, in order.
    pub pending: Vec<PendingStore>,
    /// Results of impure operations of the current bytecode before the guard.
    pub log: Vec<Val>,
    /// Root-frame slots, bit n for slot n, whose memory may hold something that is not alive any more.
    pub stale: u64,
    /// Of those, the ones that hold what they held when the trace began.
    pub kept: u64,
    /// What is known of objects here: a bridge need not check it again.
    pub known: Vec<KnownObject>,
    /// Guards of the current bytecode before this one that replay passes over; 0 with an empty log means "just run the bytecode again".
    pub ordinal: u32,
}

/// A value at an exit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Val {
    /// `Exit::live[n]`.
    Live(u32),
    Const(Const),
    /// `Exit::virtuals[n]`.
    Virtual(u32),
    /// A root-frame slot that still holds in memory what it should.
    Unchanged,
}

/// What is known of an object at an exit.
#[derive(Clone, Debug)]
pub struct KnownObject {
    pub subject: Subject,
    pub class: ClassId,
    /// Fields that never change, and the `Exit::live` that they hold.
    pub words: Vec<(Field, u32)>,
}

/// Which object something is known of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Subject {
    /// `Exit::live[n]`.
    Live(u32),
    /// That in slot `n` of the root frame, which is [`Val::Unchanged`].
    Slot(u32),
}

/// A frame at an exit; slots beyond `slots.len()` are dead.
#[derive(Clone, Debug)]
pub struct FrameState {
    pub code: u64,
    pub pc: u32,
    pub tag: u64,
    pub slots: Vec<Val>,
}

/// An object to allocate at an exit.
#[derive(Clone, Debug)]
pub struct VirtualState {
    pub class: ClassId,
    pub size: u32,
    /// Made by `new_array`, with `items` items (its length word is among the fields).
    pub array: bool,
    pub items: u32,
    /// Byte offset, kind and value of every field that is not zero.
    pub fields: Vec<(u32, Kind, Val)>,
}

/// A store to do at an exit.
#[derive(Clone, Debug)]
pub struct PendingStore {
    pub object: Val,
    pub field: Field,
    pub value: Val,
}

/// A trace, before or after optimisation.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Unique in a run.
    pub id: u32,
    /// Where it starts, for logs: `function:line` or `bridge of exit 12`.
    pub name: String,
    /// A bridge: its first operations are `Input`s whose places are those of `Exit::live` of the exit that it continues.
    pub bridge_of: Option<u32>,
    /// Kinds of the values that a typed entry takes: its first operations are `Input`s whose places are a convention.
    pub entry: Vec<Kind>,
    pub ops: Vec<Op>,
    pub consts: Vec<Const>,
    pub exits: Vec<Exit>,
    /// Number of exit 0 in the numbering of all exits of a run.
    pub first_exit: u32,
}

impl Trace {
    /// The constant's index, added if it is new.
    pub fn constant(&mut self, c: Const) -> Arg {
        let at = self.consts.iter().position(|&x| x == c).unwrap_or_else(|| {
            self.consts.push(c);
            self.consts.len() - 1
        });
        Arg::constant(at)
    }

    /// The value of a constant operand.
    pub fn const_of(&self, arg: Arg) -> Option<Const> {
        arg.as_const().map(|i| self.consts[i])
    }

    /// The kind of an operand.
    pub fn kind_of(&self, arg: Arg) -> Option<Kind> {
        match arg.as_const() {
            Some(i) => Some(self.consts[i].kind()),
            None => arg.as_op().and_then(|i| self.ops[i].kind),
        }
    }
}
