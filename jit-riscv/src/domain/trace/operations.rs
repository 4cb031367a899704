//! Every operation of [`Domain`], executed and recorded.

use super::*;

macro_rules! pure_ints {
    ($($name:ident = $code:ident, |$a:ident, $b:ident| $e:expr;)*) => {
        $(fn $name(&mut self, a: Traced<i64>, b: Traced<i64>) -> Traced<i64> {
            let ($a, $b) = (a.v, b.v);
            let v = $e;
            self.pure_i(Opcode::$code, &[a.arg, b.arg], v)
        })*
    };
}
macro_rules! pure_floats {
    ($($name:ident = $method:ident $code:ident -> $t:ty, |$a:ident, $b:ident| $e:expr;)*) => {
        $(fn $name(&mut self, a: Traced<f64>, b: Traced<f64>) -> Traced<$t> {
            let ($a, $b) = (a.v, b.v);
            let v = $e;
            self.$method(Opcode::$code, &[a.arg, b.arg], v)
        })*
    };
}

impl<L: Language> Domain for Tracer<L> {
    type Lang = L;
    type I = Traced<i64>;
    type F = Traced<f64>;
    type R = Traced<Ref>;

    fn vm(&mut self) -> &mut L::Vm {
        // SAFETY: the VM outlives the tracer (see `at_head`).
        unsafe { &mut *self.vm }
    }

    fn int(&mut self, v: i64) -> Traced<i64> {
        Traced { arg: self.const_arg(Const::Int(v)), v }
    }
    fn float(&mut self, v: f64) -> Traced<f64> {
        Traced { arg: self.const_arg(Const::Float(v.to_bits())), v }
    }
    fn constant(&mut self, r: Ref) -> Traced<Ref> {
        Traced { arg: self.const_arg(Const::Ref(r)), v: r }
    }

    pure_ints! {
        int_add = IntAdd, |a, b| a.wrapping_add(b);
        int_sub = IntSub, |a, b| a.wrapping_sub(b);
        int_mul = IntMul, |a, b| a.wrapping_mul(b);
        int_and = IntAnd, |a, b| a & b;
        int_or = IntOr, |a, b| a | b;
        int_xor = IntXor, |a, b| a ^ b;
        int_lshift = IntLshift, |a, b| a.wrapping_shl(b as u32);
        int_rshift = IntRshift, |a, b| a.wrapping_shr(b as u32);
        uint_rshift = UintRshift, |a, b| (a as u64).wrapping_shr(b as u32) as i64;
        int_floordiv = IntFloorDiv, |a, b| crate::domain::concrete::floordiv(a, b);
        int_floormod = IntFloorMod, |a, b| crate::domain::concrete::floormod(a, b);
        int_lt = IntLt, |a, b| (a < b) as i64;
        int_le = IntLe, |a, b| (a <= b) as i64;
        int_eq = IntEq, |a, b| (a == b) as i64;
        int_ne = IntNe, |a, b| (a != b) as i64;
        uint_lt = UintLt, |a, b| ((a as u64) < b as u64) as i64;
    }
    fn int_neg(&mut self, a: Traced<i64>) -> Traced<i64> {
        self.pure_i(Opcode::IntNeg, &[a.arg], a.v.wrapping_neg())
    }
    fn int_invert(&mut self, a: Traced<i64>) -> Traced<i64> {
        self.pure_i(Opcode::IntInvert, &[a.arg], !a.v)
    }
    fn int_add_ovf(&mut self, a: Traced<i64>, b: Traced<i64>) -> Option<Traced<i64>> {
        self.ovf(Opcode::IntAddOvf, Opcode::IntAdd, a, b, a.v.checked_add(b.v), a.v.wrapping_add(b.v))
    }
    fn int_sub_ovf(&mut self, a: Traced<i64>, b: Traced<i64>) -> Option<Traced<i64>> {
        self.ovf(Opcode::IntSubOvf, Opcode::IntSub, a, b, a.v.checked_sub(b.v), a.v.wrapping_sub(b.v))
    }
    fn int_mul_ovf(&mut self, a: Traced<i64>, b: Traced<i64>) -> Option<Traced<i64>> {
        self.ovf(Opcode::IntMulOvf, Opcode::IntMul, a, b, a.v.checked_mul(b.v), a.v.wrapping_mul(b.v))
    }

    pure_floats! {
        float_add = pure_f FloatAdd -> f64, |a, b| a + b;
        float_sub = pure_f FloatSub -> f64, |a, b| a - b;
        float_mul = pure_f FloatMul -> f64, |a, b| a * b;
        float_div = pure_f FloatDiv -> f64, |a, b| a / b;
        float_lt = pure_i FloatLt -> i64, |a, b| (a < b) as i64;
        float_le = pure_i FloatLe -> i64, |a, b| (a <= b) as i64;
        float_eq = pure_i FloatEq -> i64, |a, b| (a == b) as i64;
        float_ne = pure_i FloatNe -> i64, |a, b| (a != b) as i64;
    }
    fn float_neg(&mut self, a: Traced<f64>) -> Traced<f64> {
        self.pure_f(Opcode::FloatNeg, &[a.arg], -a.v)
    }
    fn float_abs(&mut self, a: Traced<f64>) -> Traced<f64> {
        self.pure_f(Opcode::FloatAbs, &[a.arg], a.v.abs())
    }
    fn float_sqrt(&mut self, a: Traced<f64>) -> Traced<f64> {
        self.pure_f(Opcode::FloatSqrt, &[a.arg], a.v.sqrt())
    }
    fn int_to_float(&mut self, a: Traced<i64>) -> Traced<f64> {
        self.pure_f(Opcode::IntToFloat, &[a.arg], a.v as f64)
    }
    fn float_to_int(&mut self, a: Traced<f64>) -> Traced<i64> {
        self.pure_i(Opcode::FloatToInt, &[a.arg], a.v as i64)
    }

    fn branch(&mut self, condition: Traced<i64>) -> bool {
        let taken = condition.v != 0;
        if self.next_guard() && condition.arg.as_const().is_none() {
            let code = if taken { Opcode::GuardTrue } else { Opcode::GuardFalse };
            self.guard(code, None, &[condition.arg], Descr::None);
        }
        taken
    }
    fn promote(&mut self, v: Traced<i64>) -> i64 {
        if self.next_guard() && v.arg.as_const().is_none() {
            let expected = self.const_arg(Const::Int(v.v));
            self.guard(Opcode::GuardValue, None, &[v.arg, expected], Descr::None);
        }
        v.v
    }
    fn promote_ref(&mut self, r: Traced<Ref>) -> Ref {
        if self.next_guard() && r.arg.as_const().is_none() {
            let expected = self.const_arg(Const::Ref(r.v));
            self.guard(Opcode::GuardValue, None, &[r.arg, expected], Descr::None);
        }
        r.v
    }
    fn class_of(&mut self, r: Traced<Ref>) -> ClassId {
        if !self.next_guard() {
            return ClassId(self.logged().v as u32);
        }
        // SAFETY: references in shadow frames and fields are live objects.
        let class = unsafe { r.v.class() };
        self.guard(Opcode::GuardClass, None, &[r.arg], Descr::Class(class));
        let logged = self.const_arg(Const::Int(class.0 as i64));
        self.log.push(logged);
        class
    }
    fn is_null(&mut self, r: Traced<Ref>) -> bool {
        let null = r.v.is_null();
        if self.next_guard() && r.arg.as_const().is_none() {
            let code = if null { Opcode::GuardIsnull } else { Opcode::GuardNonnull };
            self.guard(code, None, &[r.arg], Descr::None);
        }
        null
    }
    fn ptr_eq(&mut self, a: Traced<Ref>, b: Traced<Ref>) -> Traced<i64> {
        self.pure_i(Opcode::PtrEq, &[a.arg, b.arg], (a.v == b.v) as i64)
    }

    fn getfield_i(&mut self, obj: Traced<Ref>, field: &Field) -> Traced<i64> {
        if !field.immutable && self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: t.v as i64 };
        }
        let v = Self::load(obj.v, field.offset as usize) as i64;
        self.get(Opcode::GetfieldI, Kind::Int, &[obj.arg], Descr::Field(*field), v, field.immutable)
    }
    fn getfield_f(&mut self, obj: Traced<Ref>, field: &Field) -> Traced<f64> {
        if !field.immutable && self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: f64::from_bits(t.v) };
        }
        let v = f64::from_bits(Self::load(obj.v, field.offset as usize));
        self.get(Opcode::GetfieldF, Kind::Float, &[obj.arg], Descr::Field(*field), v, field.immutable)
    }
    fn getfield_r(&mut self, obj: Traced<Ref>, field: &Field) -> Traced<Ref> {
        if !field.immutable && self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: Ref(t.v) };
        }
        let v = Ref(Self::load(obj.v, field.offset as usize));
        self.get(Opcode::GetfieldR, Kind::Ref, &[obj.arg], Descr::Field(*field), v, field.immutable)
    }
    fn setfield_i(&mut self, obj: Traced<Ref>, field: &Field, v: Traced<i64>) {
        if self.replaying() {
            return;
        }
        // SAFETY: the language has established the object's class.
        unsafe { obj.v.set_word(field.offset as usize, v.v as u64) };
        self.set(Opcode::Setfield, &[obj.arg, v.arg], Descr::Field(*field));
    }
    fn setfield_f(&mut self, obj: Traced<Ref>, field: &Field, v: Traced<f64>) {
        if self.replaying() {
            return;
        }
        // SAFETY: as for setfield_i.
        unsafe { obj.v.set_word(field.offset as usize, v.v.to_bits()) };
        self.set(Opcode::Setfield, &[obj.arg, v.arg], Descr::Field(*field));
    }
    fn setfield_r(&mut self, obj: Traced<Ref>, field: &Field, v: Traced<Ref>) {
        if self.replaying() {
            return;
        }
        self.vm().heap().store_ref(obj.v, field.offset as usize, v.v);
        self.set(Opcode::Setfield, &[obj.arg, v.arg], Descr::Field(*field));
    }
    fn getitem_i(&mut self, array: Traced<Ref>, index: Traced<i64>, items: &Array) -> Traced<i64> {
        if !items.immutable && self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: t.v as i64 };
        }
        let v = Self::load_item(array.v, index.v, items) as i64;
        let args = [array.arg, index.arg];
        self.get(Opcode::GetitemI, Kind::Int, &args, Descr::Array(*items), v, items.immutable)
    }
    fn getitem_f(&mut self, array: Traced<Ref>, index: Traced<i64>, items: &Array) -> Traced<f64> {
        if !items.immutable && self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: f64::from_bits(t.v) };
        }
        let v = f64::from_bits(Self::load_item(array.v, index.v, items));
        let args = [array.arg, index.arg];
        self.get(Opcode::GetitemF, Kind::Float, &args, Descr::Array(*items), v, items.immutable)
    }
    fn getitem_r(&mut self, array: Traced<Ref>, index: Traced<i64>, items: &Array) -> Traced<Ref> {
        if !items.immutable && self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: Ref(t.v) };
        }
        let v = Ref(Self::load_item(array.v, index.v, items));
        let args = [array.arg, index.arg];
        self.get(Opcode::GetitemR, Kind::Ref, &args, Descr::Array(*items), v, items.immutable)
    }
    fn setitem_i(&mut self, array: Traced<Ref>, index: Traced<i64>, items: &Array, v: Traced<i64>) {
        if self.replaying() {
            return;
        }
        let at = array.v.0 as usize + items.base as usize + ((index.v as usize) << items.shift);
        // SAFETY: the language has checked the index against the array's length.
        unsafe { if items.shift == 0 { *(at as *mut u8) = v.v as u8 } else { *(at as *mut i64) = v.v } };
        self.set(Opcode::Setitem, &[array.arg, index.arg, v.arg], Descr::Array(*items));
    }
    fn setitem_f(&mut self, array: Traced<Ref>, index: Traced<i64>, items: &Array, v: Traced<f64>) {
        if self.replaying() {
            return;
        }
        let at = array.v.0 as usize + items.base as usize + ((index.v as usize) << items.shift);
        // SAFETY: as for setitem_i.
        unsafe { *(at as *mut f64) = v.v };
        self.set(Opcode::Setitem, &[array.arg, index.arg, v.arg], Descr::Array(*items));
    }
    fn setitem_r(&mut self, array: Traced<Ref>, index: Traced<i64>, items: &Array, v: Traced<Ref>) {
        if self.replaying() {
            return;
        }
        let at = items.base as usize + ((index.v as usize) << items.shift);
        self.vm().heap().store_ref(array.v, at, v.v);
        self.set(Opcode::Setitem, &[array.arg, index.arg, v.arg], Descr::Array(*items));
    }
    fn array_len(&mut self, array: Traced<Ref>) -> Traced<i64> {
        self.getfield_i(array, &LENGTH)
    }
    fn new(&mut self, class: ClassId) -> Traced<Ref> {
        if self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: Ref(t.v) };
        }
        // SAFETY: VM and thread outlive the tracer.
        let v = unsafe { (*self.vm).heap().alloc(&mut *self.thread, class) };
        let size = self.vm().heap().size_of(v) as u32;
        self.allocated += size as usize;
        let descr = Descr::New { class, size, items: 0 };
        self.get(Opcode::New, Kind::Ref, &[], descr, v, false)
    }
    fn new_array(&mut self, class: ClassId, items: usize) -> Traced<Ref> {
        if self.replaying() {
            let t = self.logged();
            return Traced { arg: t.arg, v: Ref(t.v) };
        }
        // SAFETY: VM and thread outlive the tracer.
        let v = unsafe { (*self.vm).heap().alloc_items(&mut *self.thread, class, items) };
        let size = self.vm().heap().size_of(v) as u32;
        self.allocated += size as usize;
        let descr = Descr::New { class, size, items: items as u32 };
        self.get(Opcode::NewArray, Kind::Ref, &[], descr, v, false)
    }
    fn set_class(&mut self, obj: Traced<Ref>, class: ClassId) {
        if self.replaying() {
            return;
        }
        // SAFETY: a live object starts with its class word.
        unsafe { *(obj.v.0 as *mut u32) = class.0 };
        self.set(Opcode::SetClass, &[obj.arg], Descr::Class(class));
    }

    fn call_i(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Traced<i64>> {
        self.call(Opcode::CallI, call, args).map(|t| Traced { arg: t.arg, v: t.v as i64 })
    }
    fn call_f(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Traced<f64>> {
        self.call(Opcode::CallF, call, args).map(|t| Traced { arg: t.arg, v: f64::from_bits(t.v) })
    }
    fn call_r(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, Traced<Ref>> {
        self.call(Opcode::CallR, call, args).map(|t| Traced { arg: t.arg, v: Ref(t.v) })
    }
    fn call_n(&mut self, call: &'static Call, args: &[Operand<Self>]) -> Fallible<Self, ()> {
        self.call(Opcode::CallN, call, args).map(|_| ())
    }

    fn assume(&mut self, watch: &Watch) {
        let record = self.next_guard();
        if !self.watches.iter().any(|a| std::ptr::eq(a.watch, watch)) {
            self.watches.push(Assumption::new(watch));
        }
        if record {
            self.check_assumptions();
        }
    }

    fn code(&mut self) -> &'static L::Code {
        self.top().code
    }
    fn pc(&mut self) -> u32 {
        self.top().pc
    }
    fn tag(&mut self) -> u64 {
        self.top().tag
    }
    fn local(&mut self, i: usize) -> Traced<Ref> {
        self.top().slots[i]
    }
    fn set_local(&mut self, i: usize, v: Traced<Ref>) {
        self.top().slots[i] = v;
    }
    fn push(&mut self, v: Traced<Ref>) {
        self.top().slots.push(v);
    }
    fn pop(&mut self) -> Traced<Ref> {
        self.top().slots.pop().expect("code never pops more than it pushed")
    }
    fn peek(&mut self, n: usize) -> Traced<Ref> {
        let slots = &self.top().slots;
        slots[slots.len() - 1 - n]
    }
    fn set_peek(&mut self, n: usize, v: Traced<Ref>) {
        let slots = &mut self.top().slots;
        let at = slots.len() - 1 - n;
        slots[at] = v;
    }
    fn depth(&mut self) -> usize {
        self.top().slots.len()
    }
    fn truncate(&mut self, depth: usize) {
        self.top().slots.truncate(depth);
    }
    fn enter(&mut self, code: &'static L::Code, locals: &[Traced<Ref>], tag: u64) -> Result<(), ()> {
        self.start_state();
        let above: usize = self.frames.iter().map(|f| Frame::size(f.code.slots())).sum();
        // SAFETY: the thread outlives the tracer.
        let full = unsafe {
            self.root as u64 + (above + Frame::size(code.slots())) as u64 > (*self.thread).frame_limit
        };
        if full {
            self.failed = true;
            return Err(());
        }
        self.top().pc += 1;
        let i = self.frames.len() - 1;
        self.save(i);
        let null = self.null();
        let mut slots = locals.to_vec();
        slots.resize(code.locals(), null);
        self.frames.push(Shadow { code, pc: 0, tag, slots, live: u64::MAX, saved: None });
        Ok(())
    }
}
