//! Operands and results in registers, and moves between places.
//!
//! Scratch registers: operand 0 of an operation may be in t5, operand 1 in t6, a third in ra; a result goes to t5, or to ra where it is
//! written before the last operand is read.

use super::*;
use crate::backend::Style;
use crate::backend::asm::{fits12, split};
use crate::backend::moves::{Move, Source, sequence};
use crate::backend::runtime::SPILL_AT;
use crate::ir::{Arg, Const, Descr};
use crate::object::Kind;

fn slot_offset(slot: u16) -> i64 {
    i64::from(SPILL_AT) + 8 * i64::from(slot)
}

impl Emitter<'_> {
    pub fn place(&self, arg: Arg) -> Option<Location> {
        arg.as_op().and_then(|v| self.unit.alloc.place(v))
    }

    pub fn const_of(&self, arg: Arg) -> Option<Const> {
        self.unit.trace.const_of(arg)
    }

    /// The value of an operand that is a constant Int or Ref.
    pub fn int_const(&self, arg: Arg) -> Option<i64> {
        self.const_of(arg).filter(|c| c.kind() != Kind::Float).map(|c| c.bits() as i64)
    }

    /// The register that holds a constant in the loop.
    pub fn const_place(&self, bits: u64, float: bool) -> Option<Reg> {
        let constants = if self.in_loop { self.unit.alloc.constants.as_slice() } else { &[] };
        constants.iter().find(|c| c.0 == bits && c.1 == float).and_then(|c| match c.2 {
            Location::X(n) | Location::F(n) => Some(Reg::from(n)),
            Location::Spill(_) => None,
        })
    }

    /// A constant in an x register: one that holds it, or `scratch`.
    pub fn int_constant(&mut self, v: i64, scratch: Reg) -> Reg {
        if v == 0 {
            return ZERO;
        }
        if let Some(register) = self.const_place(v as u64, false) {
            return register;
        }
        if self.unit.config.style == Style::Naive && !fits12(v) {
            self.asm.pool_x(scratch, v as u64);
        } else {
            self.asm.li(scratch, v);
        }
        scratch
    }

    /// An Int or Ref operand in a register: its own, or `scratch`.
    pub fn int(&mut self, arg: Arg, scratch: Reg) -> Reg {
        if let Some(v) = self.int_const(arg) {
            return self.int_constant(v, scratch);
        }
        match self.place(arg) {
            Some(Location::X(n)) => n.into(),
            Some(from) => {
                self.move_one(Move { from: Source::At(from), to: Location::X(scratch as u8) });
                scratch
            }
            None => ZERO,
        }
    }

    /// A Float operand in a register: its own, or `scratch`.
    pub fn float(&mut self, arg: Arg, scratch: Reg) -> Reg {
        if let Some(c) = self.const_of(arg) {
            if let Some(register) = self.const_place(c.bits(), true) {
                return register;
            }
            self.load_float(scratch, c.bits());
            return scratch;
        }
        match self.place(arg) {
            Some(Location::F(n)) => n.into(),
            Some(from) => {
                self.move_one(Move { from: Source::At(from), to: Location::F(scratch as u8) });
                scratch
            }
            None => scratch,
        }
    }

    fn load_float(&mut self, rd: Reg, bits: u64) {
        if bits == 0 && self.unit.config.style != Style::Naive {
            self.asm.put(enc::fmv_d_x(rd, ZERO));
        } else {
            self.asm.pool_f(rd, bits, RA);
        }
    }

    /// The register to write the Int or Ref result of operation `at` to, `scratch` if it has none; [`Emitter::done`] follows.
    pub fn int_result(&self, at: usize, scratch: Reg) -> Reg {
        match self.unit.alloc.place(at) {
            Some(Location::X(n)) => n.into(),
            _ => scratch,
        }
    }

    pub fn float_result(&self, at: usize) -> Reg {
        match self.unit.alloc.place(at) {
            Some(Location::F(n)) => n.into(),
            _ => FT10,
        }
    }

    /// Stores the result of operation `at` from the register that [`Emitter::int_result`] gave, if it lives in memory.
    pub fn done(&mut self, at: usize, register: Reg) {
        if let Some(Location::Spill(slot)) = self.unit.alloc.place(at) {
            self.store_slot(register, slot);
        }
    }

    pub fn float_done(&mut self, at: usize, register: Reg) {
        if let Some(Location::Spill(slot)) = self.unit.alloc.place(at) {
            self.store_slot_float(register, slot);
        }
    }

    /// The base register and offset of a byte offset from a register; far ones change `scratch`.
    pub fn offset(&mut self, base: Reg, offset: i64, scratch: Reg) -> (Reg, i32) {
        if fits12(offset) {
            return (base, offset as i32);
        }
        let (upper, lower) = split(offset);
        self.asm.put(enc::lui(scratch, upper));
        self.asm.put(enc::add(scratch, scratch, base));
        (scratch, lower)
    }

    fn store_slot(&mut self, register: Reg, slot: u16) {
        let scratch = if register == RA { T5 } else { RA };
        let (base, offset) = self.offset(THREAD, slot_offset(slot), scratch);
        self.asm.put(enc::sd(register, offset, base));
    }

    fn store_slot_float(&mut self, register: Reg, slot: u16) {
        let (base, offset) = self.offset(THREAD, slot_offset(slot), RA);
        self.asm.put(enc::fsd(register, offset, base));
    }

    /// Copies 64 bits; constants and memory to memory go through t5, far slots change ra.
    fn move_one(&mut self, m: Move) {
        match (m.from, m.to) {
            (Source::Const(bits), Location::X(n)) => {
                let rd = n.into();
                let r = self.int_constant(bits as i64, rd);
                if r != rd {
                    self.asm.put(enc::addi(rd, r, 0));
                }
            }
            (Source::Const(bits), Location::F(n)) => match self.const_place(bits, true) {
                Some(r) if r != Reg::from(n) => self.asm.put(enc::fsgnj_d(n.into(), r, r)),
                Some(_) => {}
                None => self.load_float(n.into(), bits),
            },
            (Source::Const(bits), Location::Spill(slot)) => {
                let r = self.int_constant(bits as i64, T5);
                self.store_slot(r, slot);
            }
            (Source::At(Location::X(from)), Location::X(to)) => {
                self.asm.put(enc::addi(to.into(), from.into(), 0));
            }
            (Source::At(Location::X(from)), Location::F(to)) => {
                self.asm.put(enc::fmv_d_x(to.into(), from.into()));
            }
            (Source::At(Location::X(from)), Location::Spill(slot)) => self.store_slot(from.into(), slot),
            (Source::At(Location::F(from)), Location::X(to)) => {
                self.asm.put(enc::fmv_x_d(to.into(), from.into()));
            }
            (Source::At(Location::F(from)), Location::F(to)) => {
                self.asm.put(enc::fsgnj_d(to.into(), from.into(), from.into()));
            }
            (Source::At(Location::F(from)), Location::Spill(slot)) => {
                self.store_slot_float(from.into(), slot)
            }
            (Source::At(Location::Spill(slot)), Location::X(to)) => {
                let (base, offset) = self.offset(THREAD, slot_offset(slot), to.into());
                self.asm.put(enc::ld(to.into(), offset, base));
            }
            (Source::At(Location::Spill(slot)), Location::F(to)) => {
                let (base, offset) = self.offset(THREAD, slot_offset(slot), RA);
                self.asm.put(enc::fld(to.into(), offset, base));
            }
            (Source::At(from @ Location::Spill(_)), to @ Location::Spill(_)) => {
                let through = Location::X(T5 as u8);
                self.move_one(Move { from: Source::At(from), to: through });
                self.move_one(Move { from: Source::At(through), to });
            }
        }
    }

    /// Moves in parallel.
    pub fn moves(&mut self, moves: &[Move]) {
        for m in sequence(moves, Location::X(T6 as u8)) {
            self.move_one(m);
        }
    }

    /// What an operand is moved from.
    pub fn source(&self, arg: Arg) -> Option<Source> {
        match self.const_of(arg) {
            Some(c) => Some(Source::Const(c.bits())),
            None => self.place(arg).map(Source::At),
        }
    }

    /// A bridge's inputs from the places of its exit to their own.
    pub fn bridge_entry(&mut self) {
        let mut moves = Vec::new();
        for (at, op) in self.unit.trace.ops.iter().enumerate() {
            if let (Opcode::Input, Descr::Number(n)) = (op.code, op.descr)
                && let (Some(&from), Some(to)) = (self.unit.inputs.get(n as usize), self.unit.alloc.place(at))
            {
                moves.push(Move { from: Source::At(from), to });
            }
        }
        let hidden = self.unit.alloc.hidden(self.unit.analysis);
        moves.extend(
            self.unit.hidden.iter().zip(hidden).map(|(&from, to)| Move { from: Source::At(from), to }),
        );
        self.moves(&moves);
    }
}
