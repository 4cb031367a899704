//! What operators, statements and built-in functions do when no fast path in `step` covers it.
//!
//! Functions here take `&mut Vm` and never collect garbage, so they hold [`Ref`]s freely. Those that traces call are listed with
//! [`calls!`], which makes a static [`Call`](jit_riscv::object::Call) for each.
//!
//! | module | families |
//! |---|---|
//! | [`numbers`], [`bigint`] | arithmetic |
//! | [`compare`], [`hash`] | comparison, truth, hash |
//! | [`text`], [`repr`], [`mod@format`], [`float_text`] | strings |
//! | [`list`], [`dict`], [`set`], [`sequence`], [`iter`] | containers |
//! | [`attributes`], [`classes`] | attributes, making classes |
//! | [`exceptions`] | raising, tracebacks |
//! | [`call`] | calling callables from the runtime |
//! | [`output`] | files and standard streams |

use jit_riscv::object::{Kind, Ref};

pub mod attributes;
pub mod bigint;
pub mod call;
pub mod classes;
pub mod compare;
pub mod dict;
pub mod exceptions;
pub mod float_text;
pub mod format;
pub mod hash;
pub mod iter;
pub mod list;
pub mod numbers;
pub mod output;
pub mod repr;
pub mod sequence;
pub mod set;
pub mod text;

pub use call::callback;

/// An exception is pending in [`jit_riscv::thread::Thread::exception`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised;

/// The result of an operation that may raise.
pub type Res<T> = Result<T, Raised>;

/// An argument of a runtime function, as machine code passes it.
pub trait Argument {
    const KIND: Kind;
    fn from_word(word: u64) -> Self;
}

impl Argument for Ref {
    const KIND: Kind = Kind::Ref;
    #[inline(always)]
    fn from_word(word: u64) -> Ref {
        Ref(word)
    }
}

impl Argument for i64 {
    const KIND: Kind = Kind::Int;
    #[inline(always)]
    fn from_word(word: u64) -> i64 {
        word as i64
    }
}

impl Argument for f64 {
    const KIND: Kind = Kind::Float;
    #[inline(always)]
    fn from_word(word: u64) -> f64 {
        f64::from_bits(word)
    }
}

/// The result of a runtime function, as machine code gets it.
pub trait Answer {
    const KIND: Option<Kind>;
    const RAISES: bool;
    fn into_word(self) -> u64;
}

impl Answer for Ref {
    const KIND: Option<Kind> = Some(Kind::Ref);
    const RAISES: bool = false;
    #[inline(always)]
    fn into_word(self) -> u64 {
        self.0
    }
}

impl Answer for i64 {
    const KIND: Option<Kind> = Some(Kind::Int);
    const RAISES: bool = false;
    #[inline(always)]
    fn into_word(self) -> u64 {
        self as u64
    }
}

impl Answer for bool {
    const KIND: Option<Kind> = Some(Kind::Int);
    const RAISES: bool = false;
    #[inline(always)]
    fn into_word(self) -> u64 {
        self as u64
    }
}

impl Answer for f64 {
    const KIND: Option<Kind> = Some(Kind::Float);
    const RAISES: bool = false;
    #[inline(always)]
    fn into_word(self) -> u64 {
        self.to_bits()
    }
}

impl Answer for () {
    const KIND: Option<Kind> = None;
    const RAISES: bool = false;
    #[inline(always)]
    fn into_word(self) -> u64 {
        0
    }
}

impl<T: Answer> Answer for Res<T> {
    const KIND: Option<Kind> = T::KIND;
    const RAISES: bool = true;
    #[inline(always)]
    fn into_word(self) -> u64 {
        match self {
            Ok(v) => v.into_word(),
            Err(Raised) => 0,
        }
    }
}

/// `NAME: Effect, function(argument: Type, …) -> Result;` makes `pub static NAME: Call` for `function`, a function in scope
/// that takes `&mut Vm` first.
macro_rules! calls {
    ($($(#[$doc:meta])* $name:ident: $effect:ident, $function:ident($($arg:ident: $kind:ty),*) -> $result:ty;)*) => {
        $($(#[$doc])*
        pub static $name: jit_riscv::object::Call = {
            extern "C" fn entry(vm: &mut $crate::vm::Vm $(, $arg: u64)*) -> u64 {
                let result: $result =
                    $function(vm $(, <$kind as $crate::runtime::Argument>::from_word($arg))*);
                $crate::runtime::Answer::into_word(result)
            }
            jit_riscv::object::Call {
                name: stringify!($function),
                func: jit_riscv::object::CodePtr(entry as *const ()),
                args: &[$(<$kind as $crate::runtime::Argument>::KIND),*],
                result: <$result as $crate::runtime::Answer>::KIND,
                effect: jit_riscv::object::Effect::$effect,
                can_raise: <$result as $crate::runtime::Answer>::RAISES,
            }
        };)*
    };
}
pub(crate) use calls;
