//! Deoptimisation by replay: finishes the bytecode of a guard that failed.
//!
//! A guard's exit describes the frames at the start of its bytecode, and that bytecode is run again. Where the bytecode had no effect
//! before the guard it is simply interpreted. Otherwise it runs in this domain first: until its n-th guard, results of impure operations come
//! from the exit's log, and effects are suppressed, as they have happened already; from that guard on everything is live.
//!
//! What counts as a guard, and what is logged, must agree with [`super::trace`] operation by operation.

use super::concrete::Concrete;
use super::{Domain, Fallible, Operand};
use crate::language::{Language, Watch};
use crate::object::{Array, Call, ClassId, Field, Ref};

/// See the module.
pub struct Replay<L: Language> {
    pub(crate) inner: Concrete<L>,
    log: std::vec::IntoIter<u64>,
    /// Guards until everything is live.
    left: u32,
}

impl<L: Language> Replay<L> {
    /// Replays the current bytecode of `inner` up to its guard number `ordinal` (from 1).
    pub fn new(inner: Concrete<L>, log: Vec<u64>, ordinal: u32) -> Self {
        Replay { inner, log: log.into_iter(), left: ordinal }
    }

    /// The interpreter's domain, in the state after the bytecode.
    pub fn finish(self) -> Concrete<L> {
        self.inner
    }

    /// Leaves a frame while an exception unwinds.
    pub fn pop_frame(&mut self) -> bool {
        self.inner.pop_frame()
    }

    #[inline]
    fn guard(&mut self) {
        self.left = self.left.saturating_sub(1);
    }

    #[inline]
    fn live(&self) -> bool {
        self.left == 0
    }

    /// The next logged result. The tracer logged one for every impure operation before the guard, in this order.
    fn logged(&mut self) -> u64 {
        debug_assert!(self.log.len() > 0, "replay log exhausted");
        self.log.next().unwrap_or(0)
    }

    fn call(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, u64> {
        let result = if self.live() {
            let mut words = [0u64; 7];
            for (w, a) in words.iter_mut().zip(args) {
                *w = match *a {
                    Operand::I(v) => v as u64,
                    Operand::F(v) => v.to_bits(),
                    Operand::R(v) => v.0,
                };
            }
            self.inner.invoke(call, &words[..args.len()])
        } else {
            self.logged()
        };
        if call.can_raise {
            self.guard();
            if self.live() {
                // Live before the call, or the guard that failed: what is pending now is what the call raised.
                if let Some(e) = self.inner.take_exception() {
                    return Err(e);
                }
            } else {
                let raised = self.logged();
                if raised != 0 {
                    return Err(Ref(raised));
                }
            }
        }
        Ok(result)
    }
}

macro_rules! pure {
    ($($name:ident($($a:ident: $t:ty),*) -> $r:ty;)*) => {
        $(fn $name(&mut self, $($a: $t),*) -> $r { self.inner.$name($($a),*) })*
    };
}
macro_rules! guards {
    ($($name:ident($($a:ident: $t:ty),*) -> $r:ty;)*) => {
        $(fn $name(&mut self, $($a: $t),*) -> $r { self.guard(); self.inner.$name($($a),*) })*
    };
}
macro_rules! effects {
    ($($name:ident($($a:ident: $t:ty),*);)*) => {
        $(fn $name(&mut self, $($a: $t),*) { if self.live() { self.inner.$name($($a),*) } })*
    };
}

impl<L: Language> Domain for Replay<L> {
    type Lang = L;
    type I = i64;
    type F = f64;
    type R = Ref;

    fn vm(&mut self) -> &mut L::Vm {
        self.inner.vm()
    }

    pure! {
        int(v: i64) -> i64;
        float(v: f64) -> f64;
        constant(r: Ref) -> Ref;
        int_add(a: i64, b: i64) -> i64;
        int_sub(a: i64, b: i64) -> i64;
        int_mul(a: i64, b: i64) -> i64;
        int_and(a: i64, b: i64) -> i64;
        int_or(a: i64, b: i64) -> i64;
        int_xor(a: i64, b: i64) -> i64;
        int_lshift(a: i64, b: i64) -> i64;
        int_rshift(a: i64, b: i64) -> i64;
        uint_rshift(a: i64, b: i64) -> i64;
        int_neg(a: i64) -> i64;
        int_invert(a: i64) -> i64;
        int_floordiv(a: i64, b: i64) -> i64;
        int_floormod(a: i64, b: i64) -> i64;
        int_lt(a: i64, b: i64) -> i64;
        int_le(a: i64, b: i64) -> i64;
        int_eq(a: i64, b: i64) -> i64;
        int_ne(a: i64, b: i64) -> i64;
        uint_lt(a: i64, b: i64) -> i64;
        float_add(a: f64, b: f64) -> f64;
        float_sub(a: f64, b: f64) -> f64;
        float_mul(a: f64, b: f64) -> f64;
        float_div(a: f64, b: f64) -> f64;
        float_neg(a: f64) -> f64;
        float_abs(a: f64) -> f64;
        float_sqrt(a: f64) -> f64;
        float_lt(a: f64, b: f64) -> i64;
        float_le(a: f64, b: f64) -> i64;
        float_eq(a: f64, b: f64) -> i64;
        float_ne(a: f64, b: f64) -> i64;
        int_to_float(a: i64) -> f64;
        float_to_int(a: f64) -> i64;
        ptr_eq(a: Ref, b: Ref) -> i64;
        array_len(array: Ref) -> i64;
        code() -> &'static L::Code;
        pc() -> u32;
        tag() -> u64;
        local(i: usize) -> Ref;
        set_local(i: usize, v: Ref) -> ();
        push(v: Ref) -> ();
        pop() -> Ref;
        peek(n: usize) -> Ref;
        set_peek(n: usize, v: Ref) -> ();
        depth() -> usize;
        truncate(depth: usize) -> ();
        enter(code: &'static L::Code, locals: &[Ref], tag: u64) -> Result<(), ()>;
    }

    guards! {
        int_add_ovf(a: i64, b: i64) -> Option<i64>;
        int_sub_ovf(a: i64, b: i64) -> Option<i64>;
        int_mul_ovf(a: i64, b: i64) -> Option<i64>;
        branch(condition: i64) -> bool;
        promote(v: i64) -> i64;
        promote_ref(r: Ref) -> Ref;
        is_null(r: Ref) -> bool;
        assume(watch: &Watch) -> ();
    }

    /// The class may have changed since: it is logged.
    fn class_of(&mut self, r: Ref) -> ClassId {
        self.guard();
        if self.live() { self.inner.class_of(r) } else { ClassId(self.logged() as u32) }
    }

    effects! {
        setfield_i(obj: Ref, field: &Field, v: i64);
        setfield_f(obj: Ref, field: &Field, v: f64);
        setfield_r(obj: Ref, field: &Field, v: Ref);
        setitem_i(array: Ref, index: i64, items: &Array, v: i64);
        setitem_f(array: Ref, index: i64, items: &Array, v: f64);
        setitem_r(array: Ref, index: i64, items: &Array, v: Ref);
        set_class(obj: Ref, class: ClassId);
    }

    fn getfield_i(&mut self, obj: Ref, field: &Field) -> i64 {
        if field.immutable || self.live() { self.inner.getfield_i(obj, field) } else { self.logged() as i64 }
    }
    fn getfield_f(&mut self, obj: Ref, field: &Field) -> f64 {
        if field.immutable || self.live() {
            self.inner.getfield_f(obj, field)
        } else {
            f64::from_bits(self.logged())
        }
    }
    fn getfield_r(&mut self, obj: Ref, field: &Field) -> Ref {
        if field.immutable || self.live() { self.inner.getfield_r(obj, field) } else { Ref(self.logged()) }
    }
    fn getitem_i(&mut self, array: Ref, index: i64, items: &Array) -> i64 {
        if items.immutable || self.live() {
            self.inner.getitem_i(array, index, items)
        } else {
            self.logged() as i64
        }
    }
    fn getitem_f(&mut self, array: Ref, index: i64, items: &Array) -> f64 {
        if items.immutable || self.live() {
            self.inner.getitem_f(array, index, items)
        } else {
            f64::from_bits(self.logged())
        }
    }
    fn getitem_r(&mut self, array: Ref, index: i64, items: &Array) -> Ref {
        if items.immutable || self.live() {
            self.inner.getitem_r(array, index, items)
        } else {
            Ref(self.logged())
        }
    }

    fn new(&mut self, class: ClassId) -> Ref {
        if self.live() { self.inner.new(class) } else { Ref(self.logged()) }
    }
    fn new_array(&mut self, class: ClassId, items: usize) -> Ref {
        if self.live() { self.inner.new_array(class, items) } else { Ref(self.logged()) }
    }

    fn call_i(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, i64> {
        self.call(call, args).map(|v| v as i64)
    }
    fn call_f(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, f64> {
        self.call(call, args).map(f64::from_bits)
    }
    fn call_r(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Ref> {
        self.call(call, args).map(Ref)
    }
    fn call_n(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, ()> {
        self.call(call, args).map(|_| ())
    }
}
