//! Built-in functions, methods and modules: static tables of [`Builtin`]s.

use jit_riscv::object::{Call, CodePtr, Effect, Kind, Ref};

use crate::access;
use crate::modules::NativeModule;
use crate::objects::*;
use crate::vm::Vm;

pub mod bytes;
pub mod collections;
pub mod deque;
pub mod dict;
pub mod exceptions;
pub mod file;
pub mod functions;
pub mod generator;
pub mod iter;
pub mod list;
pub mod matching;
pub mod math;
pub mod numbers;
pub mod object;
pub mod prelude;
pub mod random;
pub mod sequence;
pub mod set;
pub mod str;
pub mod sys;
pub mod time;

/// The modules that `import` finds in the runtime.
pub static MODULES: &[&NativeModule] = &[
    &functions::MODULE,
    &sys::MODULE,
    &time::MODULE,
    &math::MODULE,
    &random::MODULE,
    &collections::MODULE,
    &collections::FUNCTOOLS,
    &collections::OPERATOR,
    &collections::TYPING,
    &collections::FUTURE,
    &prelude::MODULE,
];

/// The source of a module of the standard library that is written in Python.
pub fn library(name: &str) -> Option<&'static str> {
    Some(match name {
        "bisect" => include_str!("../../lib/bisect.py"),
        "collections" => include_str!("../../lib/collections.py"),
        "functools" => include_str!("../../lib/functools.py"),
        "heapq" => include_str!("../../lib/heapq.py"),
        "itertools" => include_str!("../../lib/itertools.py"),
        "string" => include_str!("../../lib/string.py"),
        _ => return None,
    })
}

/// What an attribute of a built-in class is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BuiltinKind {
    /// A function of a module, or a method whose first parameter is `self`.
    Function,
    /// Read as an attribute: called with `self`.
    Getter,
    /// Not bound to an instance.
    Static,
    /// Bound to the class.
    Class,
}

/// Functions that `step` has its own code for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Intrinsic {
    None,
    Len,
    Abs,
    /// `min` and `max` of two numbers.
    Min,
    Max,
    Ord,
    Chr,
    Isinstance,
    Type,
    Range,
    Int,
    Float,
    Bool,
    ListAppend,
    ListPop,
    MathSqrt,
    MathFabs,
    Iter,
    Next,
}

/// A function of the runtime that Python code can call.
///
/// With `max` = [`VARIADIC`] its [`Call`] takes a tuple of all arguments and a tuple of the names of the last of them (null: no
/// names). Otherwise it takes exactly `max` references, null for what was not given. The result is a reference.
#[derive(Clone, Copy, Debug)]
pub struct Builtin {
    pub name: &'static str,
    pub kind: BuiltinKind,
    pub call: Call,
    /// Least and most arguments, `self` included.
    pub min: u8,
    pub max: u8,
    /// Names of the parameters that can be given by name; the last ones, so many as there are names. "" = not by name.
    pub names: &'static [&'static str],
    pub intrinsic: Intrinsic,
    /// The result may be a DEFERRED object: a call to be made in its place.
    pub defers: bool,
}

/// See [`Builtin::max`].
pub const VARIADIC: u8 = u8::MAX;

impl Builtin {
    pub const fn new(
        name: &'static str,
        func: *const (),
        args: &'static [Kind],
        min: u8,
        max: u8,
    ) -> Builtin {
        Builtin {
            name,
            kind: BuiltinKind::Function,
            call: Call {
                name,
                func: CodePtr(func),
                args,
                result: Some(Kind::Ref),
                effect: Effect::Any,
                can_raise: true,
            },
            min,
            max,
            names: &[],
            intrinsic: Intrinsic::None,
            defers: false,
        }
    }

    pub const fn kind(mut self, kind: BuiltinKind) -> Builtin {
        self.kind = kind;
        self
    }

    pub const fn names(mut self, names: &'static [&'static str]) -> Builtin {
        self.names = names;
        self
    }

    pub const fn intrinsic(mut self, intrinsic: Intrinsic) -> Builtin {
        self.intrinsic = intrinsic;
        self
    }

    pub const fn effect(mut self, effect: Effect) -> Builtin {
        self.call.effect = effect;
        self
    }

    pub const fn defers(mut self) -> Builtin {
        self.defers = true;
        self
    }

    /// The entry of a BUILTIN object.
    pub fn of(object: Ref) -> &'static Builtin {
        // SAFETY: the field holds the address of a static entry (see `Vm::builtin`).
        unsafe { &*(access::get_int(object, BUILTIN_ENTRY) as *const Builtin) }
    }
}

/// `b!("name", function, arity)`, `b!("name", function, arity, least)`, or `b!("name", function, *, least)` for
/// any number of arguments: a [`Builtin`]. `function` takes `&mut Vm` and so many `Ref`s.
macro_rules! b {
    ($name:literal, $f:path, $n:tt) => {
        $crate::builtins::b!($name, $f, $n, $n)
    };
    ($name:literal, $f:path, 0, $least:literal) => {{
        extern "C" fn entry(vm: &mut $crate::vm::Vm) -> u64 {
            $crate::runtime::Answer::into_word($f(vm))
        }
        $crate::builtins::Builtin::new($name, entry as *const (), &[], 0, 0)
    }};
    ($name:literal, $f:path, 1, $least:literal) => {{
        extern "C" fn entry(vm: &mut $crate::vm::Vm, a: jit_riscv::object::Ref) -> u64 {
            $crate::runtime::Answer::into_word($f(vm, a))
        }
        $crate::builtins::Builtin::new(
            $name,
            entry as *const (),
            &[jit_riscv::object::Kind::Ref; 1],
            $least,
            1,
        )
    }};
    ($name:literal, $f:path, 2, $least:literal) => {{
        extern "C" fn entry(
            vm: &mut $crate::vm::Vm,
            a: jit_riscv::object::Ref,
            b: jit_riscv::object::Ref,
        ) -> u64 {
            $crate::runtime::Answer::into_word($f(vm, a, b))
        }
        $crate::builtins::Builtin::new(
            $name,
            entry as *const (),
            &[jit_riscv::object::Kind::Ref; 2],
            $least,
            2,
        )
    }};
    ($name:literal, $f:path, 3, $least:literal) => {{
        extern "C" fn entry(
            vm: &mut $crate::vm::Vm,
            a: jit_riscv::object::Ref,
            b: jit_riscv::object::Ref,
            c: jit_riscv::object::Ref,
        ) -> u64 {
            $crate::runtime::Answer::into_word($f(vm, a, b, c))
        }
        $crate::builtins::Builtin::new(
            $name,
            entry as *const (),
            &[jit_riscv::object::Kind::Ref; 3],
            $least,
            3,
        )
    }};
    ($name:literal, $f:path, 4, $least:literal) => {{
        extern "C" fn entry(
            vm: &mut $crate::vm::Vm,
            a: jit_riscv::object::Ref,
            b: jit_riscv::object::Ref,
            c: jit_riscv::object::Ref,
            d: jit_riscv::object::Ref,
        ) -> u64 {
            $crate::runtime::Answer::into_word($f(vm, a, b, c, d))
        }
        $crate::builtins::Builtin::new(
            $name,
            entry as *const (),
            &[jit_riscv::object::Kind::Ref; 4],
            $least,
            4,
        )
    }};
    ($name:literal, $f:path, *, $least:literal) => {{
        extern "C" fn entry(
            vm: &mut $crate::vm::Vm,
            args: jit_riscv::object::Ref,
            names: jit_riscv::object::Ref,
        ) -> u64 {
            $crate::runtime::Answer::into_word($f(vm, args, names))
        }
        $crate::builtins::Builtin::new(
            $name,
            entry as *const (),
            &[jit_riscv::object::Kind::Ref; 2],
            $least,
            $crate::builtins::VARIADIC,
        )
    }};
}
pub(crate) use b;

/// The object that stands for an entry in a class: a BUILTIN, or a property, staticmethod or classmethod of one.
pub(crate) fn materialise(vm: &mut Vm, entry: &'static Builtin) -> Ref {
    let function = vm.builtin(entry);
    let (class, field) = match entry.kind {
        BuiltinKind::Function => return function,
        BuiltinKind::Getter => (PROPERTY, PROPERTY_GET),
        BuiltinKind::Static => (STATICMETHOD, STATICMETHOD_FUNC),
        BuiltinKind::Class => (CLASSMETHOD, CLASSMETHOD_FUNC),
    };
    let object = vm.new_object(class);
    access::init_ref(object, field, function);
    if class == PROPERTY {
        access::init_ref(object, PROPERTY_SET, vm.none);
        access::init_ref(object, PROPERTY_DEL, vm.none);
    }
    object
}
