//! One hardware thread: registers, reservation, hardware tables, and its loads and stores.
//!
//! What the generated instruction semantics need beyond that is in `builtins`. Inside a block `pc` is not
//! kept up to date; it is exact between blocks and after every trap.

use crate::hardware::Hardware;
use crate::interp::{self, Decoded, Leave};
use crate::interrupt::Interrupt;
use crate::isa::InsnSet;
use crate::memory::Ram;
use crate::trap::Trap;
use std::sync::Arc;
use std::time::Instant;

/// Number of program phases that `mj.phase` can name (0..=15).
pub const PHASES: usize = 16;

/// Bit of [`Hart::slot`] that is set in the region of interest.
pub const ROI: u8 = PHASES as u8;

/// The slot after `mj.phase` with this number.
pub fn phase_slot(slot: u8, number: u32) -> u8 {
    slot & ROI | (number & 15) as u8
}

/// The slot after `mj.roi` with this number.
pub fn roi_slot(slot: u8, number: u32) -> u8 {
    slot & !ROI | if number & 1 == 1 { ROI } else { 0 }
}

/// Ticks of the `time` CSR in a second (the RISC-V timebase that Linux reports on common machines: 10 MHz).
pub const TIMEBASE_HZ: u64 = 10_000_000;

/// An LR reservation.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Reservation {
    pub(crate) addr: u64,
    /// In bytes; 0: there is none.
    pub(crate) width: u64,
    /// What was loaded; zeros above the width.
    pub(crate) value: u64,
}

/// Where the `time` CSR and the guest's clocks come from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The host's clocks.
    Host(Instant),
    /// One nanosecond an instruction, from a fixed start: the same at every run.
    Instret,
}

/// The architectural state of one hart, and the hardware that is private to it.
pub struct Hart {
    /// Integer registers 0..=31; `x[0]` is always zero. Place 32 takes writes to `x0`; the others are for
    /// what an engine needs between the steps of an instruction.
    pub x: [u64; 64],
    /// Floating-point registers, raw bits; singles are NaN-boxed (unprivileged manual, "NaN Boxing of
    /// Narrower Values").
    pub f: [u64; 32],
    /// Address of the current instruction (see the module docs for when it is exact).
    pub pc: u64,
    /// Accrued exceptions, `fcsr[4:0]`: NV=16, DZ=8, OF=4, UF=2, NX=1.
    pub fflags: u32,
    /// Dynamic rounding mode, `fcsr[7:5]` (0..=7; 5..=7 are invalid when used).
    pub frm: u32,
    /// Instructions retired. Inside a block it includes the whole block, so that the last instruction of a
    /// block, which every CSR access is, sees one more than were retired before it.
    pub instret: u64,
    /// The engine gives control back at the first block boundary at which `instret` has reached this.
    pub stop_at: u64,
    /// As for `stop_at`, when there is a request.
    pub interrupt: Arc<Interrupt>,
    /// Address that faulted, for the fault traps.
    pub fault_addr: u64,
    /// Where executions count now: the phase (0..=15) as set by `mj.phase`, and [`ROI`] inside the region of interest (`mj.roi`).
    pub slot: u8,
    /// What is left until `stop_at` while translated code runs.
    pub(crate) budget: i64,
    /// The budget with which the loop that runs was entered.
    pub(crate) loop_budget: i64,
    /// A value that translated code hands to the engine.
    pub(crate) scratch: u64,
    /// The host's stack pointer while translated code runs, which uses the register otherwise.
    pub(crate) host_stack: u64,
    /// Guest memory.
    pub ram: Ram,
    /// Guard vector CSRs, bridge table and pattern table.
    pub hw: Hardware,
    /// Source of `time` and of the operating system's clocks.
    pub clock: Clock,
    pub(crate) reservation: Reservation,
    /// The instructions that this hart knows. Set with [`Hart::set_isa`].
    isa: InsnSet,
    /// Values of the CSRs that ISA files define, in the order of [`InsnSet::custom_csrs`].
    pub(crate) custom_csrs: Vec<u64>,
}

impl Hart {
    /// A hart with all registers zero, over `ram`.
    pub fn new(ram: Ram, hw: Hardware, clock: Clock) -> Hart {
        Hart {
            x: [0; 64],
            f: [0; 32],
            pc: 0,
            fflags: 0,
            frm: 0,
            instret: 0,
            stop_at: u64::MAX,
            interrupt: Arc::default(),
            fault_addr: 0,
            slot: 0,
            budget: 0,
            loop_budget: 0,
            scratch: 0,
            host_stack: 0,
            ram,
            hw,
            clock,
            reservation: Reservation::default(),
            isa: InsnSet::default(),
            custom_csrs: Vec::new(),
        }
    }

    /// The instructions that this hart knows.
    pub fn isa(&self) -> &InsnSet {
        &self.isa
    }

    /// Gives the hart other instructions than the built-in ones. The CSRs that come with them are 0.
    pub fn set_isa(&mut self, isa: InsnSet) {
        self.custom_csrs = vec![0; isa.custom_csrs().len()];
        self.isa = isa;
    }

    /// Executes one instruction, which is at `pc`, built in or not, with all care; see [`interp`] for the rules.
    pub fn execute(&mut self, op: &Decoded, pc: u64) -> Result<(), Leave<Trap>> {
        if usize::from(op.id) < interp::generated::COUNT {
            return interp::execute(self, op, pc);
        }
        let isa = self.isa.clone();
        match isa.insn(op.id) {
            Some(insn) => interp::eval::run(self, insn, op, pc),
            None => Err(Leave::Trap(Trap::Illegal)),
        }
    }

    /// A hart for a new thread of the same program: the same registers, nothing counted.
    pub fn for_thread(&self, ram: Ram, interrupt: Arc<Interrupt>) -> Hart {
        let mut hart = Hart::new(ram, self.hw.for_thread(), self.clock);
        hart.set_isa(self.isa.clone());
        hart.custom_csrs.clone_from(&self.custom_csrs);
        hart.x = self.x;
        hart.f = self.f;
        hart.pc = self.pc;
        hart.fflags = self.fflags;
        hart.frm = self.frm;
        hart.slot = self.slot;
        hart.interrupt = interrupt;
        hart
    }

    /// Zero-extended byte at `addr`.
    #[inline(always)]
    pub fn load_u8(&mut self, addr: u64) -> Result<u64, Trap> {
        match self.ram.load_u8(addr) {
            Some(v) => Ok(u64::from(v)),
            None => self.load_fault(addr, 1),
        }
    }

    /// Zero-extended 16-bit value at `addr`; any alignment.
    #[inline(always)]
    pub fn load_u16(&mut self, addr: u64) -> Result<u64, Trap> {
        match self.ram.load_u16(addr) {
            Some(v) => Ok(u64::from(v)),
            None => self.load_fault(addr, 2),
        }
    }

    /// Zero-extended 32-bit value at `addr`; any alignment.
    #[inline(always)]
    pub fn load_u32(&mut self, addr: u64) -> Result<u64, Trap> {
        match self.ram.load_u32(addr) {
            Some(v) => Ok(u64::from(v)),
            None => self.load_fault(addr, 4),
        }
    }

    /// 64-bit value at `addr`; any alignment.
    #[inline(always)]
    pub fn load_u64(&mut self, addr: u64) -> Result<u64, Trap> {
        match self.ram.load_u64(addr) {
            Some(v) => Ok(v),
            None => self.load_fault(addr, 8),
        }
    }

    /// Stores the low byte of `val`.
    #[inline(always)]
    pub fn store_u8(&mut self, addr: u64, val: u64) -> Result<(), Trap> {
        if self.ram.store_u8(addr, val as u8) { Ok(()) } else { self.store_slow(addr, val, 1) }
    }

    /// Stores the low 16 bits of `val`; any alignment.
    #[inline(always)]
    pub fn store_u16(&mut self, addr: u64, val: u64) -> Result<(), Trap> {
        if self.ram.store_u16(addr, val as u16) { Ok(()) } else { self.store_slow(addr, val, 2) }
    }

    /// Stores the low 32 bits of `val`; any alignment.
    #[inline(always)]
    pub fn store_u32(&mut self, addr: u64, val: u64) -> Result<(), Trap> {
        if self.ram.store_u32(addr, val as u32) { Ok(()) } else { self.store_slow(addr, val, 4) }
    }

    /// Stores `val`; any alignment.
    #[inline(always)]
    pub fn store_u64(&mut self, addr: u64, val: u64) -> Result<(), Trap> {
        if self.ram.store_u64(addr, val) { Ok(()) } else { self.store_slow(addr, val, 8) }
    }

    /// Loads that the fast path refused: misaligned ones, and faults.
    #[cold]
    #[inline(never)]
    fn load_fault(&mut self, addr: u64, size: u64) -> Result<u64, Trap> {
        let mut bytes = [0; 8];
        match self.ram.read(addr, &mut bytes[..size as usize]) {
            Ok(()) => Ok(u64::from_le_bytes(bytes)),
            Err(bad) => {
                self.fault_addr = bad;
                Err(Trap::LoadFault)
            }
        }
    }

    /// Stores that the fast path refused: misaligned ones, those to pages that hold translated code, and
    /// faults.
    #[cold]
    #[inline(never)]
    fn store_slow(&mut self, addr: u64, val: u64, size: u64) -> Result<(), Trap> {
        let bytes = val.to_le_bytes();
        match self.ram.write(addr, &bytes[..size as usize]) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Trap::CodeWrite),
            Err(bad) => {
                self.fault_addr = bad;
                Err(Trap::StoreFault)
            }
        }
    }

    /// Ticks of the `time` CSR ([`TIMEBASE_HZ`]).
    pub fn time_ticks(&self) -> u64 {
        self.clock_nanos() / (1_000_000_000 / TIMEBASE_HZ)
    }

    /// Nanoseconds since the machine was made.
    pub fn clock_nanos(&self) -> u64 {
        match self.clock {
            Clock::Host(start) => start.elapsed().as_nanos() as u64,
            Clock::Instret => self.instret,
        }
    }
}
