//! The operations a language is written in.
//!
//! A language's `step` is generic over [`Domain`]; everything it does to guest values goes through `d`. Rules that make
//! tracing and replay sound:
//! - no branch of the host language on anything but constants of the bytecode, and the results of *promoting* operations
//!   ([`Domain::branch`], [`Domain::class_of`], [`Domain::promote`], …), which become guards in a trace;
//! - no guest-visible state but through `d`;
//! - within one bytecode, guards come before effects where possible: a guard after an effect works, but its exit has to keep a log.

use crate::language::{Language, Watch};
use crate::object::{Array, Call, ClassId, Field, Ref};

pub mod concrete;
pub mod replay;
pub mod trace;

/// An argument of a runtime call.
pub enum Operand<D: Domain + ?Sized> {
    I(D::I),
    F(D::F),
    R(D::R),
}

/// A runtime call or operation that raised: the exception object.
pub type Fallible<D, T> = Result<T, <D as Domain>::R>;

/// See the module. `I` values are 64-bit integers (booleans are 0 and 1), `F` doubles, `R` references.
///
/// Names are RPython's; where an operation promotes, its result is a host value and a trace gets the guard named.
pub trait Domain {
    type Lang: Language;
    type I: Copy;
    type F: Copy;
    type R: Copy;

    /// The language's VM, for facts that never change (or that [`Domain::assume`] covers).
    fn vm(&mut self) -> &mut <Self::Lang as Language>::Vm;

    // Constants.
    fn int(&mut self, v: i64) -> Self::I;
    fn float(&mut self, v: f64) -> Self::F;
    /// A reference that stays alive by itself: a constant of the code, a class, a singleton.
    fn constant(&mut self, r: Ref) -> Self::R;
    fn null(&mut self) -> Self::R {
        self.constant(Ref::NULL)
    }

    // Integers: wrapping.
    fn int_add(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_sub(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_mul(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_and(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_or(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_xor(&mut self, a: Self::I, b: Self::I) -> Self::I;
    /// Shift amounts are 0..=63.
    fn int_lshift(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_rshift(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn uint_rshift(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_neg(&mut self, a: Self::I) -> Self::I;
    fn int_invert(&mut self, a: Self::I) -> Self::I;
    /// Rounds towards minus infinity. `b` is not 0, and not −1 where `a` is `i64::MIN`.
    fn int_floordiv(&mut self, a: Self::I, b: Self::I) -> Self::I;
    /// Has the sign of `b`, which is not 0.
    fn int_floormod(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_lt(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_le(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_eq(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn int_ne(&mut self, a: Self::I, b: Self::I) -> Self::I;
    fn uint_lt(&mut self, a: Self::I, b: Self::I) -> Self::I;
    /// The sum, or None where it overflows (guard_no_overflow).
    fn int_add_ovf(&mut self, a: Self::I, b: Self::I) -> Option<Self::I>;
    fn int_sub_ovf(&mut self, a: Self::I, b: Self::I) -> Option<Self::I>;
    fn int_mul_ovf(&mut self, a: Self::I, b: Self::I) -> Option<Self::I>;

    // Doubles. Comparisons give 0 where an operand is NaN, `float_ne` 1.
    fn float_add(&mut self, a: Self::F, b: Self::F) -> Self::F;
    fn float_sub(&mut self, a: Self::F, b: Self::F) -> Self::F;
    fn float_mul(&mut self, a: Self::F, b: Self::F) -> Self::F;
    fn float_div(&mut self, a: Self::F, b: Self::F) -> Self::F;
    fn float_neg(&mut self, a: Self::F) -> Self::F;
    fn float_abs(&mut self, a: Self::F) -> Self::F;
    fn float_sqrt(&mut self, a: Self::F) -> Self::F;
    fn float_lt(&mut self, a: Self::F, b: Self::F) -> Self::I;
    fn float_le(&mut self, a: Self::F, b: Self::F) -> Self::I;
    fn float_eq(&mut self, a: Self::F, b: Self::F) -> Self::I;
    fn float_ne(&mut self, a: Self::F, b: Self::F) -> Self::I;
    fn int_to_float(&mut self, a: Self::I) -> Self::F;
    /// Truncates; the value is in the range of an i64.
    fn float_to_int(&mut self, a: Self::F) -> Self::I;

    // Promotion: the result is known from here on.
    /// guard_true / guard_false.
    fn branch(&mut self, condition: Self::I) -> bool;
    /// guard_value on an integer.
    fn promote(&mut self, v: Self::I) -> i64;
    /// guard_value on a reference. Only for objects that live long (functions, classes).
    fn promote_ref(&mut self, r: Self::R) -> Ref;
    /// guard_class. `r` may not be null.
    fn class_of(&mut self, r: Self::R) -> ClassId;
    /// guard_isnull / guard_nonnull.
    fn is_null(&mut self, r: Self::R) -> bool;
    /// ptr_eq, as an integer.
    fn ptr_eq(&mut self, a: Self::R, b: Self::R) -> Self::I;

    // Heap. The object's class has been established before.
    fn getfield_i(&mut self, obj: Self::R, field: &Field) -> Self::I;
    fn getfield_f(&mut self, obj: Self::R, field: &Field) -> Self::F;
    fn getfield_r(&mut self, obj: Self::R, field: &Field) -> Self::R;
    fn setfield_i(&mut self, obj: Self::R, field: &Field, v: Self::I);
    fn setfield_f(&mut self, obj: Self::R, field: &Field, v: Self::F);
    fn setfield_r(&mut self, obj: Self::R, field: &Field, v: Self::R);
    /// `index` is within bounds.
    fn getitem_i(&mut self, array: Self::R, index: Self::I, items: &Array) -> Self::I;
    fn getitem_f(&mut self, array: Self::R, index: Self::I, items: &Array) -> Self::F;
    fn getitem_r(&mut self, array: Self::R, index: Self::I, items: &Array) -> Self::R;
    fn setitem_i(&mut self, array: Self::R, index: Self::I, items: &Array, v: Self::I);
    fn setitem_f(&mut self, array: Self::R, index: Self::I, items: &Array, v: Self::F);
    fn setitem_r(&mut self, array: Self::R, index: Self::I, items: &Array, v: Self::R);
    /// The number of items of a variable-sized object.
    fn array_len(&mut self, array: Self::R) -> Self::I;
    /// A zeroed fixed-size object.
    #[expect(clippy::wrong_self_convention, reason = "the operation's usual name")]
    fn new(&mut self, class: ClassId) -> Self::R;
    /// A zeroed variable-sized object with a constant number of items (at most a few hundred).
    fn new_array(&mut self, class: ClassId, items: usize) -> Self::R;
    /// A shape transition: same size, other class word.
    fn set_class(&mut self, obj: Self::R, class: ClassId);

    // Runtime calls. Err: it raised.
    fn call_i(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Self::I>;
    fn call_f(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Self::F>;
    fn call_r(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Self::R>;
    fn call_n(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, ()>;

    /// What `step` concludes from here on holds until `watch` fires (guard_not_invalidated): for data that hardly ever changes.
    fn assume(&mut self, watch: &Watch);

    // The current frame.
    fn code(&mut self) -> &'static <Self::Lang as Language>::Code;
    /// Index of the current bytecode.
    fn pc(&mut self) -> u32;
    /// What the caller gave to [`Domain::enter`].
    fn tag(&mut self) -> u64;
    fn local(&mut self, i: usize) -> Self::R;
    fn set_local(&mut self, i: usize, v: Self::R);
    fn push(&mut self, v: Self::R);
    fn pop(&mut self) -> Self::R;
    /// The operand `n` below the top; `peek(0)` is the top.
    fn peek(&mut self, n: usize) -> Self::R;
    fn set_peek(&mut self, n: usize, v: Self::R);
    /// Number of slots in use: locals and operands.
    fn depth(&mut self) -> usize;
    /// Drops operands until `depth` slots are in use.
    fn truncate(&mut self, depth: usize);
    /// Makes a frame of `code` with `locals` as its first locals, the others null. `step` must answer [`Next::Call`] then; the caller
    /// has popped what it should, and finds the result pushed when it goes on. Err(()) = the stack is full (raise RecursionError).
    #[expect(clippy::result_unit_err, reason = "there is one way to fail")]
    fn enter(
        &mut self,
        code: &'static <Self::Lang as Language>::Code,
        locals: &[Self::R],
        tag: u64,
    ) -> Result<(), ()>;
}

/// What a bytecode did to the flow of control.
pub enum Next<R> {
    /// On to the following bytecode.
    Fall,
    /// To a bytecode of the same code. A jump backwards is a loop.
    Jump(u32),
    /// [`Domain::enter`] made a new frame.
    Call,
    /// The frame is done; push the value on the caller's operand stack if there is one.
    Return(Option<R>),
}
