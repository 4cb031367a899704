//! Frames, fields, items, allocation, and the write barrier.

use super::*;
use crate::backend::Style;
use crate::backend::asm::fits12;
use crate::backend::runtime::FRAME_AT;
use crate::frame;
use crate::ir::{Arg, Const, Descr};
use crate::language::Head;
use crate::object::{Kind, LENGTH};

/// Byte of the header whose being nonzero asks for the barrier's slow path (see [`crate::heap`]).
const TRACK_AT: i64 = 4;

/// The out-of-line part of a write barrier.
pub struct SlowBarrier {
    from: Label,
    back: Label,
    object: Arg,
    in_loop: bool,
}

impl Emitter<'_> {
    pub fn memory(&mut self, at: usize) {
        use Opcode::*;
        let op = &self.unit.trace.ops[at];
        let args = op.args.as_slice();
        match (op.code, op.descr) {
            (FrameLoad, Descr::Number(offset)) => {
                let rd = self.int_result(at, T5);
                let (base, offset) = self.offset(FRAME, offset, rd);
                self.asm.put(enc::ld(rd, offset, base));
                self.done(at, rd);
            }
            (FrameStore, Descr::Number(offset)) => {
                let value = self.int(args[0], T5);
                let (base, offset) = self.offset(FRAME, offset, RA);
                self.asm.put(enc::sd(value, offset, base));
            }
            // The root frame's own address is in its register.
            (FrameAddr, Descr::Number(0)) => {}
            (FrameAddr, Descr::Number(offset)) => {
                let rd = self.int_result(at, T5);
                let (base, offset) = self.offset(FRAME, offset, rd);
                self.asm.put(enc::addi(rd, base, offset));
                self.done(at, rd);
            }
            (ClassOf, _) => {
                let (base, offset) = self.field(args[0], 0, T5);
                let rd = self.int_result(at, T5);
                self.asm.put(enc::lwu(rd, offset, base));
                self.done(at, rd);
            }
            (GetfieldI | GetfieldF | GetfieldR, Descr::Field(field)) => {
                let (base, offset) = self.field(args[0], field.offset.into(), T5);
                self.load(at, field.kind, 3, base, offset);
            }
            (Setfield, Descr::Field(field) | Descr::FreshField(field)) => {
                let (base, offset) = self.field(args[0], field.offset.into(), T5);
                self.store(args[1], field.kind, 3, base, offset);
                if matches!(op.descr, Descr::Field(_)) && field.kind == Kind::Ref {
                    self.barrier(args[0], args[1]);
                }
            }
            (SetClass, Descr::Class(class)) => {
                let (base, offset) = self.field(args[0], 0, T5);
                let class = self.int_constant(class.0.into(), T6);
                self.asm.put(enc::sw(class, offset, base));
            }
            (GetitemI | GetitemF | GetitemR, Descr::Array(array)) => {
                let (base, offset) = self.item(args[0], args[1], array.base.into(), array.shift);
                self.load(at, array.kind, array.shift, base, offset);
            }
            (Setitem, Descr::Array(array) | Descr::FreshArray(array)) => {
                let (base, offset) = self.item(args[0], args[1], array.base.into(), array.shift);
                self.store(args[2], array.kind, array.shift, base, offset);
                if matches!(op.descr, Descr::Array(_)) && array.kind == Kind::Ref {
                    self.barrier(args[0], args[2]);
                }
            }
            (New | NewArray, Descr::New { class, size, items }) => {
                let rd = self.int_result(at, T5);
                if rd != BUMP {
                    self.asm.put(enc::addi(rd, BUMP, 0));
                    self.bump(size);
                }
                let header = self.int_constant(class.0.into(), T6);
                self.asm.put(enc::sd(header, 0, rd));
                if op.code == NewArray {
                    let length = self.int_constant(items.into(), T6);
                    self.asm.put(enc::sd(length, LENGTH.offset.into(), rd));
                }
                self.done(at, rd);
            }
            _ => debug_assert!(false, "checked: {op:?}"),
        }
    }

    /// Moves the nursery's pointer.
    pub fn bump(&mut self, size: u32) {
        if fits12(size.into()) {
            self.asm.put(enc::addi(BUMP, BUMP, size as i32));
        } else {
            let bytes = self.int_constant(size.into(), T6);
            self.asm.put(enc::add(BUMP, BUMP, bytes));
        }
    }

    /// Base and offset of byte `offset` of an object; what must be computed goes to `scratch`.
    pub fn field(&mut self, object: Arg, offset: i64, scratch: Reg) -> (Reg, i32) {
        if let Some(address) = self.int_const(object)
            && self.unit.config.style != Style::Naive
            && self.const_place(address as u64, false).is_none()
            && let Some(lower) = self.asm.upper(scratch, (address + offset) as u64)
        {
            return (scratch, lower);
        }
        let base = self.int(object, scratch);
        // `offset` writes the scratch register before it reads the base.
        self.offset(base, offset, if base == T5 { T6 } else { T5 })
    }

    /// Base and offset of an item; t5 and t6 may be changed.
    fn item(&mut self, array: Arg, index: Arg, start: i64, shift: u8) -> (Reg, i32) {
        if let Some(i) = self.int_const(index) {
            return self.field(array, start.wrapping_add(i << shift), T5);
        }
        let index = self.int(index, T6);
        let scaled = if shift == 0 {
            index
        } else {
            self.asm.put(enc::slli(T6, index, shift.into()));
            T6
        };
        let base = self.int(array, T5);
        self.asm.put(enc::add(T6, base, scaled));
        self.offset(T6, start, T5)
    }

    fn load(&mut self, at: usize, kind: Kind, shift: u8, base: Reg, offset: i32) {
        if kind == Kind::Float {
            let rd = self.float_result(at);
            self.asm.put(enc::fld(rd, offset, base));
            self.float_done(at, rd);
        } else {
            let rd = self.int_result(at, T5);
            self.asm.put(if shift == 0 { enc::lbu(rd, offset, base) } else { enc::ld(rd, offset, base) });
            self.done(at, rd);
        }
    }

    fn store(&mut self, value: Arg, kind: Kind, shift: u8, base: Reg, offset: i32) {
        let constant = self.const_of(value);
        if kind == Kind::Float && !constant.is_some_and(|c| self.store_as_int(c)) {
            let value = self.float(value, FT10);
            self.asm.put(enc::fsd(value, offset, base));
            return;
        }
        // The base may be t5 or t6.
        let value = match constant {
            Some(c) => self.int_constant(c.bits() as i64, RA),
            None => self.int(value, RA),
        };
        self.asm.put(if shift == 0 { enc::sb(value, offset, base) } else { enc::sd(value, offset, base) });
    }

    /// Whether a double constant is cheaper in an integer register.
    fn store_as_int(&self, c: Const) -> bool {
        c.bits() == 0 || self.const_place(c.bits(), true).is_none()
    }

    /// A reference was stored to the object: old objects that hold young ones are to be remembered. Null and constants (which no
    /// collection moves) need no remembering, nor does an object that has been through here since the last call: its flag is clear.
    fn barrier(&mut self, object: Arg, value: Arg) {
        if self.const_of(value).is_some() || self.remembered.contains(&object) {
            return;
        }
        self.remembered.push(object);
        let (base, offset) = self.field(object, TRACK_AT, T5);
        self.asm.put(enc::lbu(T6, offset, base));
        let (from, back) = (self.asm.label(), self.asm.label());
        self.asm.branch(Cond::Ne, T6, ZERO, from);
        self.asm.bind(back);
        self.barriers.push(SlowBarrier { from, back, object, in_loop: self.in_loop });
    }

    pub fn slow_barrier(&mut self, barrier: SlowBarrier) {
        self.in_loop = barrier.in_loop;
        self.asm.bind(barrier.from);
        let object = self.int(barrier.object, T5);
        if object != T5 {
            self.asm.put(enc::addi(T5, object, 0));
        }
        self.asm.call_address(self.unit.runtime.barrier);
        self.asm.jump(barrier.back);
    }

    /// Makes the caller's frame the root frame, pushes the value on its operand stack, and jumps through the head of its return point.
    pub fn return_value(&mut self, value: Option<Arg>) {
        use std::mem::offset_of;
        const SP_AT: i32 = offset_of!(frame::Frame, sp) as i32;
        let value = value.map(|v| self.int(v, T5));
        self.asm.put(enc::ld(FRAME, offset_of!(frame::Frame, prev) as i32, FRAME));
        self.asm.put(enc::sd(FRAME, FRAME_AT, THREAD));
        if let Some(value) = value {
            self.asm.put(enc::lwu(RA, SP_AT, FRAME));
            self.asm.put(enc::addi(T6, RA, 1));
            self.asm.put(enc::sw(T6, SP_AT, FRAME));
            self.asm.put(enc::slli(RA, RA, 3));
            self.asm.put(enc::add(RA, RA, FRAME));
            self.asm.put(enc::sd(value, frame::HEADER as i32, RA));
        }
        self.asm.put(enc::ld(T6, offset_of!(frame::Frame, resume) as i32, FRAME));
        self.asm.put(enc::ld(T6, offset_of!(Head, entry) as i32, T6));
        self.asm.put(enc::jalr(ZERO, 0, T6));
    }
}
