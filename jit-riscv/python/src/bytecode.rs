//! The stack bytecode that Python source is compiled to.
//!
//! A frame's slots are `[parameters…, free variables…, other locals…]` and then the operand stack. Parameters are in the order
//! positional, keyword-only, `*args`, `**kwargs`. A slot that a nested function uses holds a *cell* object; a free variable's slot holds
//! the cell of the enclosing function. A null local is unbound. Targets are absolute bytecode indices.
//!
//! Stack effects are written `[before] → [after]`, the top of the stack last. `NULL` is a null reference.
//!
//! Some operations may have to run guest code (a user's `__lt__`): they push a frame, and its result is pushed when it returns, as if
//! the operation had computed it. Operations that do more than push one result ([`Op::CompareJump`], [`Op::UnpackSequence`]) are
//! therefore followed by the operation that finishes the work from that result, and skip it when they did everything themselves.

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    Pow,
    LShift,
    RShift,
    And,
    Or,
    Xor,
}

impl BinaryOp {
    pub const ALL: [BinaryOp; 13] = [
        BinaryOp::Add,
        BinaryOp::Sub,
        BinaryOp::Mul,
        BinaryOp::MatMul,
        BinaryOp::TrueDiv,
        BinaryOp::FloorDiv,
        BinaryOp::Mod,
        BinaryOp::Pow,
        BinaryOp::LShift,
        BinaryOp::RShift,
        BinaryOp::And,
        BinaryOp::Or,
        BinaryOp::Xor,
    ];

    /// As written in source, for error messages.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::MatMul => "@",
            BinaryOp::TrueDiv => "/",
            BinaryOp::FloorDiv => "//",
            BinaryOp::Mod => "%",
            BinaryOp::Pow => "** or pow()",
            BinaryOp::LShift => "<<",
            BinaryOp::RShift => ">>",
            BinaryOp::And => "&",
            BinaryOp::Or => "|",
            BinaryOp::Xor => "^",
        }
    }

    /// Method names: plain, reflected, in-place.
    pub fn methods(self) -> (&'static str, &'static str, &'static str) {
        match self {
            BinaryOp::Add => ("__add__", "__radd__", "__iadd__"),
            BinaryOp::Sub => ("__sub__", "__rsub__", "__isub__"),
            BinaryOp::Mul => ("__mul__", "__rmul__", "__imul__"),
            BinaryOp::MatMul => ("__matmul__", "__rmatmul__", "__imatmul__"),
            BinaryOp::TrueDiv => ("__truediv__", "__rtruediv__", "__itruediv__"),
            BinaryOp::FloorDiv => ("__floordiv__", "__rfloordiv__", "__ifloordiv__"),
            BinaryOp::Mod => ("__mod__", "__rmod__", "__imod__"),
            BinaryOp::Pow => ("__pow__", "__rpow__", "__ipow__"),
            BinaryOp::LShift => ("__lshift__", "__rlshift__", "__ilshift__"),
            BinaryOp::RShift => ("__rshift__", "__rrshift__", "__irshift__"),
            BinaryOp::And => ("__and__", "__rand__", "__iand__"),
            BinaryOp::Or => ("__or__", "__ror__", "__ior__"),
            BinaryOp::Xor => ("__xor__", "__rxor__", "__ixor__"),
        }
    }
}

/// Unary operators that may call a method; `not` is [`Op::Not`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum UnaryOp {
    Neg,
    Pos,
    Invert,
}

impl UnaryOp {
    /// The operator and its method.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            UnaryOp::Neg => ("-", "__neg__"),
            UnaryOp::Pos => ("+", "__pos__"),
            UnaryOp::Invert => ("~", "__invert__"),
        }
    }
}

/// Rich comparisons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    pub const ALL: [CompareOp; 6] =
        [CompareOp::Lt, CompareOp::Le, CompareOp::Eq, CompareOp::Ne, CompareOp::Gt, CompareOp::Ge];

    pub fn symbol(self) -> &'static str {
        match self {
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Eq => "==",
            CompareOp::Ne => "!=",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
        }
    }

    /// The method, and the one tried on the right operand with the operands exchanged.
    pub fn methods(self) -> (&'static str, &'static str) {
        match self {
            CompareOp::Lt => ("__lt__", "__gt__"),
            CompareOp::Le => ("__le__", "__ge__"),
            CompareOp::Eq => ("__eq__", "__eq__"),
            CompareOp::Ne => ("__ne__", "__ne__"),
            CompareOp::Gt => ("__gt__", "__lt__"),
            CompareOp::Ge => ("__ge__", "__le__"),
        }
    }
}

/// Conversion of a replacement field in an f-string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Conversion {
    None,
    /// `!s`
    Str,
    /// `!r`
    Repr,
    /// `!a`
    Ascii,
}

/// What [`Op::MakeFunction`] finds on the stack, in this order; a bit set in its `flags`.
pub mod function_flags {
    /// A tuple of default values of the last positional parameters.
    pub const DEFAULTS: u8 = 1;
    /// A dict of default values of keyword-only parameters.
    pub const KW_DEFAULTS: u8 = 2;
    /// A tuple of cells.
    pub const CLOSURE: u8 = 4;
}

/// One bytecode. `name` is an index into [`Code::names`](crate::code::Code::names), `global` into
/// [`Code::globals`](crate::code::Code::globals), `cache` into [`Code::caches`](crate::code::Code::caches), `slot` a slot of the frame.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    Nop,
    /// `[x] → []`
    Pop,
    /// `[x] → [x, x]`
    Dup,
    /// Pushes the operand `n` below the top (0 is the top).
    Copy(u32),
    /// Exchanges the top with the operand `n` below it.
    Swap(u32),
    /// `[] → [NULL]`
    PushNull,

    // Constants and variables.
    LoadConst(u32),
    /// A local that cannot be unbound; also loads a cell itself, for a closure.
    LoadFast(u32),
    /// A local; UnboundLocalError where it is null.
    LoadFastCheck(u32),
    StoreFast(u32),
    /// UnboundLocalError where it is null already.
    DeleteFast(u32),
    /// Makes the local null without a check.
    ClearFast(u32),
    /// Replaces the local (possibly null) by a new cell that contains it.
    MakeCell(u32),
    /// Contents of the cell in a slot; NameError where it is empty.
    LoadDeref(u32),
    StoreDeref(u32),
    DeleteDeref(u32),
    /// A global, else a built-in.
    LoadGlobal(u32),
    StoreGlobal(u32),
    DeleteGlobal(u32),
    /// In a class body: the namespace (slot 0), else a global, else a built-in.
    LoadName {
        name: u16,
        global: u16,
    },
    StoreName {
        name: u16,
    },
    DeleteName {
        name: u16,
    },

    // Attributes and items.
    /// `[object] → [value]`
    LoadAttr {
        name: u16,
        cache: u16,
    },
    /// `[value, object] → []`
    StoreAttr {
        name: u16,
        cache: u16,
    },
    /// `[object] → []`
    DeleteAttr {
        name: u16,
    },
    /// `[object] → [function, object]` where the attribute is a method, else `[value, NULL]`.
    LoadMethod {
        name: u16,
        cache: u16,
    },
    /// `super().name`: `[class, object] → [value]`
    LoadSuperAttr {
        name: u16,
    },
    /// `super().name(…)`: `[class, object] → [function, object]`, or `[value, NULL]`.
    LoadSuperMethod {
        name: u16,
    },
    /// `[object, index] → [value]`
    Subscr,
    /// `[value, object, index] → []`
    StoreSubscr,
    /// `[object, index] → []`
    DeleteSubscr,
    /// `[start, stop] → [slice]` or, with 3, `[start, stop, step] → [slice]`.
    BuildSlice(u32),

    // Operators.
    /// `[left, right] → [result]`
    Binary(BinaryOp),
    /// As `Binary` for an augmented assignment.
    Inplace(BinaryOp),
    /// `[operand] → [result]`
    Unary(UnaryOp),
    /// `[operand] → [bool]`
    Not,
    /// `[left, right] → [result]`
    Compare(CompareOp),
    /// `[left, right] → []` and jumps to `target` where the comparison is false, else skips the next bytecode, which is `PopJumpIfFalse(target)`. Where
    /// guest code has to compare, its result is pushed and the next bytecode is executed.
    CompareJump {
        op: CompareOp,
        target: u32,
    },
    /// `[left, right] → [bool]`; `is not` with `true`.
    Is(bool),
    /// `[item, container] → [bool]`; `not in` with `true`.
    In(bool),

    // Control flow.
    Jump(u32),
    /// `[x] → []`
    PopJumpIfFalse(u32),
    PopJumpIfTrue(u32),
    /// `[x] → []` where it goes on, `[x]` where it jumps.
    JumpIfFalseOrPop(u32),
    JumpIfTrueOrPop(u32),
    /// `[x] → []`
    PopJumpIfNone(u32),
    PopJumpIfNotNone(u32),
    /// `[iterable] → [iterator]`
    GetIter,
    /// `[iterator] → [iterator, item]`, or `[]` and jumps where there is none.
    ForIter(u32),
    /// `[value] → …`
    Return,

    // Calls.
    /// `[callable, self|NULL, arguments…] → [result]`
    Call(u32),
    /// As `Call`; the last arguments belong to the names in the tuple constant `names`.
    CallKw {
        arguments: u16,
        names: u16,
    },
    /// `[callable, self|NULL, tuple or list, dict|NULL] → [result]`
    CallEx,
    /// `[defaults?, kwdefaults?, closure?] → [function]`; `code` is an index into [`Code::codes`](crate::code::Code::codes), see [`function_flags`].
    MakeFunction {
        code: u16,
        flags: u8,
    },
    /// `[body, name, bases] → [class]`: pushes a frame of the body's code with `[namespace dict, name, bases, free variables…]` as its locals.
    BuildClass,
    /// At the end of a class body: `[] → [class]` from slots 0 to 2; fills the `__class__` cell in slot `cell` unless that is `u32::MAX`.
    FinishClass {
        cell: u32,
    },

    // Displays.
    BuildTuple(u32),
    BuildList(u32),
    BuildSet(u32),
    /// `[key, value, key, value, …] → [dict]`, n pairs.
    BuildMap(u32),
    /// `[str, …] → [str]`
    BuildString(u32),
    /// `[list] → [tuple]`
    ListToTuple,
    /// `[list, iterable] → [list]`, and skips the next bytecode, which is the same again, as [`Op::UnpackSequence`] does.
    ListExtend,
    /// `[…, list, …, item] → [list, …]`: the list is `n` below the top after the item is popped (0 is the top).
    ListAppend(u32),
    SetAdd(u32),
    /// `[…, dict, …, key, value] → [dict, …]`
    MapAdd(u32),
    /// `{**mapping}`: `[dict, mapping] → [dict]`
    DictUpdate,
    /// `f(**mapping)`: as DictUpdate; TypeError for a key that is there already. `[callable, self|NULL, arguments, dict, mapping] → [callable, self|NULL, arguments, dict]`
    DictMerge,
    /// `[value] → [str]`, or with a format specification `[value, str] → [str]`.
    FormatValue {
        conversion: Conversion,
        spec: bool,
    },
    /// `[sequence] → [last, …, first]` and skips the next bytecode, which is the same again: where guest code has to make a list of an
    /// iterable first, that list is pushed and the next bytecode unpacks it.
    UnpackSequence(u32),
    /// `[sequence] → [after…, list, before…]` (first on top), and skips as `UnpackSequence`.
    UnpackEx {
        before: u16,
        after: u16,
    },

    // Exceptions. A handler is entered with the exception pushed.
    /// 1: `[exception] → …`; 2: `[exception, cause] → …`.
    Raise(u32),
    /// `[exception] → …`: goes on with the same traceback; also `raise` alone in a handler.
    Reraise,
    /// `[exception, class or tuple] → [exception]`; jumps where it does not match.
    JumpIfNoMatch(u32),
    /// `[handled, exception] → [handled, exception]`: `handled` becomes the end of the context chain of `exception`.
    SetContext,
    /// `[exception] → [exception, class]`
    ExceptionClass,
    LoadAssertionError,

    // Modules.
    /// `[] → [module]`: imports the dotted name.
    Import {
        name: u16,
    },
    /// `[module] → [module, value]`
    ImportFrom {
        name: u16,
    },

    // Frequent pairs as one bytecode.
    /// LoadGlobal, PushNull.
    LoadGlobalNull(u32),
    /// LoadFast, LoadFast.
    LoadFastFast {
        first: u16,
        second: u16,
    },
    /// LoadFast, LoadConst.
    LoadFastConst {
        slot: u16,
        constant: u16,
    },
    /// LoadFast, LoadAttr.
    LoadFastAttr {
        slot: u8,
        name: u16,
        cache: u16,
    },
    /// LoadFast, LoadMethod.
    LoadFastMethod {
        slot: u8,
        name: u16,
        cache: u16,
    },

    // Generators. `slot` is the hidden local that holds the generator object in frames of a generator's code.
    /// First bytecode of a generator function. In a frame that a call made: makes the generator object from the locals and
    /// returns it. In a frame made to resume (`[generator, sent]` as locals): restores locals and operands, pushes what was sent, and
    /// jumps to where the generator stopped.
    StartGenerator(u32),
    /// `[value] → [sent]`: suspends the generator.
    Yield(u32),
    /// `[value] → …`: the generator is exhausted; raises StopIteration(value).
    ReturnGenerator(u32),
    /// `[exception] → [exception]`: a StopIteration that leaves a generator's body becomes a RuntimeError.
    StopIterationError,
    /// `yield from`: `[iterator, sent] → [iterator, value]`, and the value is to be yielded; or `[result]` and jumps.
    Delegate(u32),
}

const _: () = assert!(size_of::<Op>() == 8);
