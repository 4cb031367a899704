//! Instruction semantics generated from `isa-spec`, and what they ask of a machine.
//!
//! `build.rs` writes `interp.rs` to `OUT_DIR` from the YAML; it is included here as [`generated`] and contains
//! - [`Decoded`]: a predecoded instruction, 12 bytes: `id: u16, len: u8, rd, rs1, rs2, rs3, aux: u8, imm: i32`;
//! - `decode(word: u32) -> Option<Decoded>`: low 16 bits of `word` suffice for a compressed instruction;
//! - `i_X(m, op, pc) -> Result<(), Leave<M::Trap>>` for each instruction X, and `execute`, which picks the one
//!   for `op.id`; `for_each_instruction!` lists them with their lengths, for an engine's own dispatch;
//! - per-id tables: `MNEMONIC`, `CLASS` (index into `CLASS_NAMES`), `EXTENSION`, `GUARD` (index into
//!   `GUARD_NAMES`, or `NO_GUARD`), `ENDS_BLOCK`; their length `COUNT`; ids by name in `id`; `CSR_*` numbers.
//!
//! Rules that [`Machine`] implementors rely on:
//! - `x` has 64 places: 0..=31 are the registers, 32 is where writes to x0 go (decode redirects them), so
//!   `x[0]` is always 0 and a register write is one store. Places above 32 are the engine's, for what is
//!   between the steps of an instruction.
//! - `pc` is not written by straight-line instructions. An instruction with `ENDS_BLOCK` must be the last of
//!   its block: a jump or branch sets `pc` to the next instruction as its last act; the others (CSR access,
//!   `ecall`, `ebreak`, `fence.i`, phase and region marks) do so *before* they call the machine.
//! - A trap (`Err(Leave::Trap)`) leaves every register as it was. `Err(Leave::Redirected)`: a guard failed and
//!   the machine has set `pc` to where to go on.

pub mod eval;

use crate::fp;

/// Why a block was left before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Leave<T> {
    /// The instruction completed by sending control elsewhere (failed guard); `pc` is set.
    Redirected,
    /// The instruction did not happen.
    Trap(T),
}

impl<T> From<T> for Leave<T> {
    fn from(trap: T) -> Leave<T> {
        Leave::Trap(trap)
    }
}

/// What generated code needs from a hart. Everything small should be `#[inline]`.
///
/// Addresses are 64 bits; loaded and stored values are in the low bits of a `u64`, zero-extended.
/// `pc` arguments are the address of the instruction that asks.
pub trait Machine {
    /// An event that stops the guest at this instruction: page fault, illegal instruction, exit.
    type Trap;

    /// Integer registers; see the module's rules.
    fn x(&mut self) -> &mut [u64; 64];
    /// Floating-point registers, singles NaN-boxed.
    fn f(&mut self) -> &mut [u64; 32];
    fn pc(&self) -> u64;
    fn set_pc(&mut self, pc: u64);
    /// Accrued exception flags (`fflags`, 5 bits: NV DZ OF UF NX from bit 4 down).
    fn fflags(&mut self) -> &mut u32;
    /// Dynamic rounding mode (`frm`, 3 bits, maybe invalid).
    fn frm(&self) -> u32;

    fn load_u8(&mut self, addr: u64) -> Result<u64, Self::Trap>;
    fn load_u16(&mut self, addr: u64) -> Result<u64, Self::Trap>;
    fn load_u32(&mut self, addr: u64) -> Result<u64, Self::Trap>;
    fn load_u64(&mut self, addr: u64) -> Result<u64, Self::Trap>;
    fn store_u8(&mut self, addr: u64, value: u64) -> Result<(), Self::Trap>;
    fn store_u16(&mut self, addr: u64, value: u64) -> Result<(), Self::Trap>;
    fn store_u32(&mut self, addr: u64, value: u64) -> Result<(), Self::Trap>;
    fn store_u64(&mut self, addr: u64, value: u64) -> Result<(), Self::Trap>;
    fn load_reserved32(&mut self, addr: u64) -> Result<u64, Self::Trap>;
    fn load_reserved64(&mut self, addr: u64) -> Result<u64, Self::Trap>;
    /// Whether the value was stored; the reservation is gone in any case.
    fn store_conditional32(&mut self, addr: u64, value: u64) -> Result<bool, Self::Trap>;
    fn store_conditional64(&mut self, addr: u64, value: u64) -> Result<bool, Self::Trap>;
    /// Atomic read-modify-write; returns the old value. A misaligned address traps.
    fn amo32(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Self::Trap>;
    fn amo64(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Self::Trap>;
    /// Atomic compare-and-swap; returns the old value. A misaligned address traps.
    fn compare_swap32(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Self::Trap>;
    fn compare_swap64(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Self::Trap>;
    fn compare_swap128(&mut self, addr: u64, expected: u128, value: u128) -> Result<u128, Self::Trap>;
    /// Writes zeros to the aligned 64-byte block around `addr`, all of it or nothing.
    fn zero_block(&mut self, addr: u64) -> Result<(), Self::Trap>;

    /// Whether a store that ended with this trap was done, and the trap only tells the engine something.
    fn store_done(_trap: &Self::Trap) -> bool {
        false
    }

    /// Reads a CSR; an absent one is an illegal instruction at `pc`.
    fn csr_read(&mut self, pc: u64, csr: u32) -> Result<u64, Self::Trap>;
    /// Writes a CSR; an absent or read-only one is an illegal instruction at `pc`.
    fn csr_write(&mut self, pc: u64, csr: u32, value: u64) -> Result<(), Self::Trap>;

    /// The trap of an illegal instruction at `pc`.
    fn illegal(&mut self, pc: u64) -> Self::Trap;
    fn ecall(&mut self, pc: u64) -> Result<(), Self::Trap>;
    fn ebreak(&mut self, pc: u64) -> Result<(), Self::Trap>;
    /// Memory ordering; sets as in the instruction (i = 8, o = 4, r = 2, w = 1).
    fn fence(&mut self, pred: u32, succ: u32);
    fn fence_i(&mut self);

    /// Asked before anything that needs more than a few host instructions in the middle of an instruction
    /// that has changed nothing but exception flags yet. An error ends the instruction: for a machine that has
    /// another one execute the rare cases.
    #[inline(always)]
    fn retry(&mut self) -> Result<(), Self::Trap> {
        Ok(())
    }

    /// A guard at `pc` failed with `value` for `mj.gval`: send `pc` to the bridge or to `mj.gvec` and say
    /// `Ok`, or give the trap (no vector).
    fn guard_fail(&mut self, pc: u64, value: u64) -> Result<(), Self::Trap>;
    fn observe_value(&mut self, site: u32, value: u64);
    /// `object` is an address or 0; the machine reads the class word itself and must not trap.
    fn observe_type(&mut self, site: u32, object: u64);
    fn phase(&mut self, number: u32);
    fn roi(&mut self, number: u32);
    /// Whether something is watched under the token (0..=4095) and was not stored to.
    fn watch_valid(&mut self, token: u32) -> bool;
}

/// Read-modify-write operations of the A extension; min and max are signed, `minu` and `maxu` unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amo {
    Swap,
    Add,
    Xor,
    And,
    Or,
    Min,
    Max,
    Minu,
    Maxu,
}

impl Amo {
    /// The new memory value from the old one, for 64-bit operands.
    pub fn apply64(self, old: u64, value: u64) -> u64 {
        match self {
            Amo::Swap => value,
            Amo::Add => old.wrapping_add(value),
            Amo::Xor => old ^ value,
            Amo::And => old & value,
            Amo::Or => old | value,
            Amo::Min => (old as i64).min(value as i64) as u64,
            Amo::Max => (old as i64).max(value as i64) as u64,
            Amo::Minu => old.min(value),
            Amo::Maxu => old.max(value),
        }
    }

    /// The new memory value from the old one, for 32-bit operands.
    pub fn apply32(self, old: u32, value: u32) -> u32 {
        match self {
            Amo::Min => (old as i32).min(value as i32) as u32,
            Amo::Max => (old as i32).max(value as i32) as u32,
            _ => self.apply64(u64::from(old), u64::from(value)) as u32,
        }
    }
}

/// Resolves a rounding-mode field: 0..=4 as they are, 7 from `frm`; others are illegal.
#[inline(always)]
fn rounding_mode<M: Machine>(m: &mut M, pc: u64, rm: u64) -> Result<u64, M::Trap> {
    let mode = if rm == 7 { u64::from(m.frm()) } else { rm };
    if mode > 4 { Err(m.illegal(pc)) } else { Ok(mode) }
}

/// Product of two polynomials over GF(2), 128 bits.
#[inline]
pub fn carryless_multiply(a: u64, b: u64) -> u128 {
    let (wide, mut rest, mut product) = (u128::from(a), b, 0);
    while rest != 0 {
        product ^= wide << rest.trailing_zeros();
        rest &= rest - 1;
    }
    product
}

/// A guard failed: tells the machine, and says how the block is left.
#[inline(always)]
fn guard_failed<M: Machine>(m: &mut M, pc: u64, value: u64) -> Leave<M::Trap> {
    match m.guard_fail(pc, value) {
        Ok(()) => Leave::Redirected,
        Err(trap) => Leave::Trap(trap),
    }
}

/// Generated code.
#[allow(clippy::all, unused_imports, unused_parens, unused_mut, unused_variables, unused_assignments)]
pub mod generated {
    use super::{Amo, Leave, Machine, carryless_multiply, fp, guard_failed, rounding_mode};
    include!(concat!(env!("OUT_DIR"), "/interp.rs"));
}

pub use generated::{Decoded, decode, execute};
