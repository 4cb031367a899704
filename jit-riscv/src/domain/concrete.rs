//! The interpreter's domain: raw values, frames in memory.

use super::{Domain, Fallible, Operand};
use crate::frame::{Frame, HEADER};
use crate::language::{GuestCode, Language, Vm, Watch};
use crate::object::{Array, Call, ClassId, Field, LENGTH, Ref};
use crate::thread::Thread;

/// See the module. The innermost frame's `pc` and `sp` live here and are written back by [`Concrete::flush`].
pub struct Concrete<L: Language> {
    vm: *mut L::Vm,
    thread: *mut Thread,
    pub(crate) frame: *mut Frame,
    /// Slot 0 of `frame`.
    slots: *mut Ref,
    /// Slots in use.
    sp: usize,
    pub(crate) pc: u32,
    pub(crate) code: &'static L::Code,
}

impl<L: Language> Concrete<L> {
    /// Continues the innermost frame of the VM's thread.
    ///
    /// # Safety
    /// `vm` outlives the domain, has a frame, and nothing else uses it except through runtime calls of this domain.
    pub unsafe fn new(vm: *mut L::Vm) -> Self {
        // SAFETY: by the contract above; a frame's `code` is an `&'static L::Code`.
        unsafe {
            let thread: *mut Thread = (*vm).thread();
            let frame = (*thread).frame;
            let code = &*((*frame).code as *const L::Code);
            let (sp, pc) = ((*frame).sp as usize, (*frame).pc);
            Concrete { vm, thread, frame, slots: Frame::slot(frame, 0), sp, pc, code }
        }
    }

    /// Loads the innermost frame again, after machine code or a collection changed it.
    pub fn reload(&mut self) {
        // SAFETY: the thread's frame is one that `enter` made or the VM had at the start.
        unsafe {
            self.frame = (*self.thread).frame;
            self.code = &*((*self.frame).code as *const L::Code);
            self.slots = Frame::slot(self.frame, 0);
            self.sp = (*self.frame).sp as usize;
            self.pc = (*self.frame).pc;
        }
    }

    /// Writes `pc`, `sp` and the frame pointer back to memory.
    pub fn flush(&mut self) {
        // SAFETY: `frame` is the innermost frame.
        unsafe {
            (*self.frame).pc = self.pc;
            (*self.frame).sp = self.sp as u32;
            (*self.thread).frame = self.frame;
        }
    }

    /// A frame for `code` above the current one, which continues at `self.pc + 1`. Slots beyond `locals` are null up to the operand stack.
    #[inline]
    fn push_frame(&mut self, code: &'static L::Code, locals: &[Ref], tag: u64) -> Result<(), ()> {
        // SAFETY: frames are contiguous: the next one begins where the current one's slots end; the limit is checked first.
        unsafe {
            let next = (self.frame as *mut u8).add(Frame::size(self.code.slots())) as *mut Frame;
            if next as u64 + Frame::size(code.slots()) as u64 > (*self.thread).frame_limit {
                return Err(());
            }
            (*self.frame).pc = self.pc + 1;
            (*self.frame).sp = self.sp as u32;
            (*self.frame).resume = self.code.heads().as_ptr().add(self.pc as usize + 1);
            (*next).code = code as *const L::Code as u64;
            (*next).prev = self.frame;
            (*next).tag = tag;
            let slots = (next as *mut u8).add(HEADER) as *mut Ref;
            let n = code.locals();
            for (i, &r) in locals.iter().enumerate() {
                *slots.add(i) = r;
            }
            for i in locals.len()..n {
                *slots.add(i) = Ref::NULL;
            }
            self.frame = next;
            (*self.thread).frame = next;
            self.slots = slots;
            self.sp = n;
            self.pc = 0;
            self.code = code;
        }
        Ok(())
    }

    /// Leaves the current frame for its caller. False: it was the first one (of this run).
    #[inline]
    pub fn pop_frame(&mut self) -> bool {
        // SAFETY: `prev` is null or the frame below.
        unsafe {
            let prev = (*self.frame).prev;
            if prev.is_null() || (*prev).code == 0 {
                return false;
            }
            (*self.thread).frame = prev;
            self.frame = prev;
            self.code = &*((*prev).code as *const L::Code);
            self.slots = (prev as *mut u8).add(HEADER) as *mut Ref;
            self.sp = (*prev).sp as usize;
            self.pc = (*prev).pc;
        }
        true
    }

    /// `bump > limit`: a collection is wanted.
    #[inline(always)]
    pub fn wants_collection(&self) -> bool {
        // SAFETY: the thread outlives the domain.
        unsafe { (*self.thread).bump > (*self.thread).limit }
    }

    /// The pending exception, taken.
    #[inline(always)]
    pub fn take_exception(&mut self) -> Option<Ref> {
        // SAFETY: as above.
        unsafe {
            let e = (*self.thread).exception;
            if e.is_null() {
                None
            } else {
                (*self.thread).exception = Ref::NULL;
                Some(e)
            }
        }
    }

    /// Runs a runtime function.
    #[inline(always)]
    pub(crate) fn invoke(&mut self, call: &'static Call, args: &[u64]) -> u64 {
        // The callee may look at the innermost frame (nested runs start above it).
        // SAFETY: the thread outlives the domain; `invoke` matches the descriptor.
        unsafe { invoke(call, self.vm as u64, args) }
    }

    #[inline(always)]
    fn call(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, u64> {
        let mut words = [0u64; 7];
        for (w, a) in words.iter_mut().zip(args) {
            *w = match *a {
                Operand::I(v) => v as u64,
                Operand::F(v) => v.to_bits(),
                Operand::R(v) => v.0,
            };
        }
        let result = self.invoke(call, &words[..args.len()]);
        if call.can_raise
            && let Some(e) = self.take_exception()
        {
            return Err(e);
        }
        Ok(result)
    }
}

/// Calls `call.func(vm, args…)`.
///
/// # Safety
/// `call.func` is the address of an `extern "C"` function of `args.len() + 1` 64-bit arguments.
#[inline(always)]
pub(crate) unsafe fn invoke(call: &Call, vm: u64, args: &[u64]) -> u64 {
    use std::mem::transmute;
    let f = call.func.addr();
    // SAFETY: by the contract above.
    unsafe {
        match *args {
            [] => transmute::<usize, extern "C" fn(u64) -> u64>(f)(vm),
            [a] => transmute::<usize, extern "C" fn(u64, u64) -> u64>(f)(vm, a),
            [a, b] => transmute::<usize, extern "C" fn(u64, u64, u64) -> u64>(f)(vm, a, b),
            [a, b, c] => transmute::<usize, extern "C" fn(u64, u64, u64, u64) -> u64>(f)(vm, a, b, c),
            [a, b, c, d] => {
                transmute::<usize, extern "C" fn(u64, u64, u64, u64, u64) -> u64>(f)(vm, a, b, c, d)
            }
            [a, b, c, d, e] => {
                transmute::<usize, extern "C" fn(u64, u64, u64, u64, u64, u64) -> u64>(f)(vm, a, b, c, d, e)
            }
            [a, b, c, d, e, g] => {
                transmute::<usize, extern "C" fn(u64, u64, u64, u64, u64, u64, u64) -> u64>(f)(
                    vm, a, b, c, d, e, g,
                )
            }
            [a, b, c, d, e, g, h] => transmute::<
                usize,
                extern "C" fn(u64, u64, u64, u64, u64, u64, u64, u64) -> u64,
            >(f)(vm, a, b, c, d, e, g, h),
            _ => unreachable!("runtime calls have at most 7 arguments: {}", call.name),
        }
    }
}

/// Address of item `i`.
#[inline(always)]
fn item<T>(array: Ref, i: i64, items: &Array) -> *mut T {
    (array.0 as usize + items.base as usize + ((i as usize) << items.shift)) as *mut T
}

macro_rules! binary_i {
    ($($name:ident($a:ident, $b:ident) = $e:expr;)*) => {
        $(#[inline(always)] fn $name(&mut self, $a: i64, $b: i64) -> i64 { $e })*
    };
}
macro_rules! binary_f {
    ($($name:ident($a:ident, $b:ident) -> $t:ty = $e:expr;)*) => {
        $(#[inline(always)] fn $name(&mut self, $a: f64, $b: f64) -> $t { $e })*
    };
}

impl<L: Language> Domain for Concrete<L> {
    type Lang = L;
    type I = i64;
    type F = f64;
    type R = Ref;

    #[inline(always)]
    fn vm(&mut self) -> &mut L::Vm {
        // SAFETY: the VM outlives the domain (see `new`).
        unsafe { &mut *self.vm }
    }

    #[inline(always)]
    fn int(&mut self, v: i64) -> i64 {
        v
    }
    #[inline(always)]
    fn float(&mut self, v: f64) -> f64 {
        v
    }
    #[inline(always)]
    fn constant(&mut self, r: Ref) -> Ref {
        r
    }

    binary_i! {
        int_add(a, b) = a.wrapping_add(b);
        int_sub(a, b) = a.wrapping_sub(b);
        int_mul(a, b) = a.wrapping_mul(b);
        int_and(a, b) = a & b;
        int_or(a, b) = a | b;
        int_xor(a, b) = a ^ b;
        int_lshift(a, b) = a.wrapping_shl(b as u32);
        int_rshift(a, b) = a.wrapping_shr(b as u32);
        uint_rshift(a, b) = (a as u64).wrapping_shr(b as u32) as i64;
        int_floordiv(a, b) = floordiv(a, b);
        int_floormod(a, b) = floormod(a, b);
        int_lt(a, b) = (a < b) as i64;
        int_le(a, b) = (a <= b) as i64;
        int_eq(a, b) = (a == b) as i64;
        int_ne(a, b) = (a != b) as i64;
        uint_lt(a, b) = ((a as u64) < b as u64) as i64;
    }
    #[inline(always)]
    fn int_neg(&mut self, a: i64) -> i64 {
        a.wrapping_neg()
    }
    #[inline(always)]
    fn int_invert(&mut self, a: i64) -> i64 {
        !a
    }
    #[inline(always)]
    fn int_add_ovf(&mut self, a: i64, b: i64) -> Option<i64> {
        a.checked_add(b)
    }
    #[inline(always)]
    fn int_sub_ovf(&mut self, a: i64, b: i64) -> Option<i64> {
        a.checked_sub(b)
    }
    #[inline(always)]
    fn int_mul_ovf(&mut self, a: i64, b: i64) -> Option<i64> {
        a.checked_mul(b)
    }

    binary_f! {
        float_add(a, b) -> f64 = a + b;
        float_sub(a, b) -> f64 = a - b;
        float_mul(a, b) -> f64 = a * b;
        float_div(a, b) -> f64 = a / b;
        float_lt(a, b) -> i64 = (a < b) as i64;
        float_le(a, b) -> i64 = (a <= b) as i64;
        float_eq(a, b) -> i64 = (a == b) as i64;
        float_ne(a, b) -> i64 = (a != b) as i64;
    }
    #[inline(always)]
    fn float_neg(&mut self, a: f64) -> f64 {
        -a
    }
    #[inline(always)]
    fn float_abs(&mut self, a: f64) -> f64 {
        a.abs()
    }
    #[inline(always)]
    fn float_sqrt(&mut self, a: f64) -> f64 {
        a.sqrt()
    }
    #[inline(always)]
    fn int_to_float(&mut self, a: i64) -> f64 {
        a as f64
    }
    #[inline(always)]
    fn float_to_int(&mut self, a: f64) -> i64 {
        a as i64
    }

    #[inline(always)]
    fn branch(&mut self, condition: i64) -> bool {
        condition != 0
    }
    #[inline(always)]
    fn promote(&mut self, v: i64) -> i64 {
        v
    }
    #[inline(always)]
    fn promote_ref(&mut self, r: Ref) -> Ref {
        r
    }
    #[inline(always)]
    fn class_of(&mut self, r: Ref) -> ClassId {
        debug_assert!(!r.is_null());
        // SAFETY: references in frames and fields are live objects.
        unsafe { r.class() }
    }
    #[inline(always)]
    fn is_null(&mut self, r: Ref) -> bool {
        r.is_null()
    }
    #[inline(always)]
    fn ptr_eq(&mut self, a: Ref, b: Ref) -> i64 {
        (a == b) as i64
    }

    #[inline(always)]
    fn getfield_i(&mut self, obj: Ref, field: &Field) -> i64 {
        // SAFETY: the language has established the object's class, and so that it has the field.
        unsafe { obj.word(field.offset as usize) as i64 }
    }
    #[inline(always)]
    fn getfield_f(&mut self, obj: Ref, field: &Field) -> f64 {
        // SAFETY: as for getfield_i.
        f64::from_bits(unsafe { obj.word(field.offset as usize) })
    }
    #[inline(always)]
    fn getfield_r(&mut self, obj: Ref, field: &Field) -> Ref {
        // SAFETY: as for getfield_i.
        Ref(unsafe { obj.word(field.offset as usize) })
    }
    #[inline(always)]
    fn setfield_i(&mut self, obj: Ref, field: &Field, v: i64) {
        // SAFETY: as for getfield_i.
        unsafe { obj.set_word(field.offset as usize, v as u64) }
    }
    #[inline(always)]
    fn setfield_f(&mut self, obj: Ref, field: &Field, v: f64) {
        // SAFETY: as for getfield_i.
        unsafe { obj.set_word(field.offset as usize, v.to_bits()) }
    }
    #[inline(always)]
    fn setfield_r(&mut self, obj: Ref, field: &Field, v: Ref) {
        self.vm().heap().store_ref(obj, field.offset as usize, v);
    }
    #[inline(always)]
    fn getitem_i(&mut self, array: Ref, index: i64, items: &Array) -> i64 {
        // SAFETY: the language has checked the index against the array's length.
        unsafe {
            if items.shift == 0 {
                *item::<u8>(array, index, items) as i64
            } else {
                *item::<i64>(array, index, items)
            }
        }
    }
    #[inline(always)]
    fn getitem_f(&mut self, array: Ref, index: i64, items: &Array) -> f64 {
        // SAFETY: as for getitem_i.
        unsafe { *item::<f64>(array, index, items) }
    }
    #[inline(always)]
    fn getitem_r(&mut self, array: Ref, index: i64, items: &Array) -> Ref {
        // SAFETY: as for getitem_i.
        unsafe { *item::<Ref>(array, index, items) }
    }
    #[inline(always)]
    fn setitem_i(&mut self, array: Ref, index: i64, items: &Array, v: i64) {
        // SAFETY: as for getitem_i.
        unsafe {
            if items.shift == 0 {
                *item::<u8>(array, index, items) = v as u8
            } else {
                *item::<i64>(array, index, items) = v
            }
        }
    }
    #[inline(always)]
    fn setitem_f(&mut self, array: Ref, index: i64, items: &Array, v: f64) {
        // SAFETY: as for getitem_i.
        unsafe { *item::<f64>(array, index, items) = v }
    }
    #[inline(always)]
    fn setitem_r(&mut self, array: Ref, index: i64, items: &Array, v: Ref) {
        self.vm().heap().store_ref(array, items.base as usize + ((index as usize) << 3), v);
    }
    #[inline(always)]
    fn array_len(&mut self, array: Ref) -> i64 {
        self.getfield_i(array, &LENGTH)
    }
    #[inline(always)]
    fn new(&mut self, class: ClassId) -> Ref {
        // SAFETY: VM and thread outlive the domain.
        unsafe { (*self.vm).heap().alloc(&mut *self.thread, class) }
    }
    #[inline(always)]
    fn new_array(&mut self, class: ClassId, items: usize) -> Ref {
        // SAFETY: VM and thread outlive the domain.
        unsafe { (*self.vm).heap().alloc_items(&mut *self.thread, class, items) }
    }
    #[inline(always)]
    fn set_class(&mut self, obj: Ref, class: ClassId) {
        // SAFETY: a live object starts with its class word.
        unsafe { *(obj.0 as *mut u32) = class.0 }
    }

    #[inline(always)]
    fn call_i(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, i64> {
        self.call(call, args).map(|v| v as i64)
    }
    #[inline(always)]
    fn call_f(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, f64> {
        self.call(call, args).map(f64::from_bits)
    }
    #[inline(always)]
    fn call_r(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Ref> {
        self.call(call, args).map(Ref)
    }
    #[inline(always)]
    fn call_n(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, ()> {
        self.call(call, args).map(|_| ())
    }

    #[inline(always)]
    fn assume(&mut self, _watch: &Watch) {}

    #[inline(always)]
    fn code(&mut self) -> &'static L::Code {
        self.code
    }
    #[inline(always)]
    fn pc(&mut self) -> u32 {
        self.pc
    }
    #[inline(always)]
    fn tag(&mut self) -> u64 {
        // SAFETY: `frame` is the innermost frame.
        unsafe { (*self.frame).tag }
    }
    #[inline(always)]
    fn local(&mut self, i: usize) -> Ref {
        // SAFETY: the compiler numbers locals below `Code::locals`.
        unsafe { *self.slots.add(i) }
    }
    #[inline(always)]
    fn set_local(&mut self, i: usize, v: Ref) {
        // SAFETY: as for local.
        unsafe { *self.slots.add(i) = v }
    }
    #[inline(always)]
    fn push(&mut self, v: Ref) {
        debug_assert!(self.sp < self.code.slots());
        // SAFETY: the compiler gives the deepest operand stack to `Code::slots`.
        unsafe { *self.slots.add(self.sp) = v }
        self.sp += 1;
    }
    #[inline(always)]
    fn pop(&mut self) -> Ref {
        debug_assert!(self.sp > self.code.locals());
        self.sp -= 1;
        // SAFETY: code never pops more than it pushed.
        unsafe { *self.slots.add(self.sp) }
    }
    #[inline(always)]
    fn peek(&mut self, n: usize) -> Ref {
        // SAFETY: as for pop.
        unsafe { *self.slots.add(self.sp - 1 - n) }
    }
    #[inline(always)]
    fn set_peek(&mut self, n: usize, v: Ref) {
        // SAFETY: as for pop.
        unsafe { *self.slots.add(self.sp - 1 - n) = v }
    }
    #[inline(always)]
    fn depth(&mut self) -> usize {
        self.sp
    }
    #[inline(always)]
    fn truncate(&mut self, depth: usize) {
        self.sp = depth;
    }
    #[inline(always)]
    fn enter(&mut self, code: &'static L::Code, locals: &[Ref], tag: u64) -> Result<(), ()> {
        self.push_frame(code, locals, tag)
    }
}

/// Quotient rounded towards minus infinity; `b` is not 0.
#[inline(always)]
pub fn floordiv(a: i64, b: i64) -> i64 {
    let q = a.wrapping_div(b);
    if a.wrapping_rem(b) != 0 && (a < 0) != (b < 0) { q - 1 } else { q }
}

/// Remainder with the sign of `b`, which is not 0.
#[inline(always)]
pub fn floormod(a: i64, b: i64) -> i64 {
    let r = a.wrapping_rem(b);
    if r != 0 && (r < 0) != (b < 0) { r + b } else { r }
}
