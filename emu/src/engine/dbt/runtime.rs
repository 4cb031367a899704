//! What translated code refers to: the hart, the engine's tables, and constants.

use super::regs::{HART, at};
use crate::hart::Hart;
use crate::memory::SPACE;
use iced_x86::{MemoryOperand, Register};
use std::mem::offset_of;

/// The parts of the hart and of the engine that code refers to.
#[derive(Clone, Copy)]
pub struct Runtime {
    /// Where exits go, with the exit's number in eax.
    pub leave: u64,
    /// The table of indirect targets: bytes from the stack pointer.
    pub table: i32,
    /// Constants, see [`CONSTANTS`].
    pub constants: u64,
    /// One byte for each token of the watch table, 1 while it is valid.
    pub watch: u64,
    /// Host features.
    pub host: Host,
    /// Addresses are checked to be in the guest's space before they are used.
    pub confine: bool,
}

/// What the host's processor can do beyond x86-64's first version.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    pub bmi2: bool,
    pub fma: bool,
    pub lzcnt: bool,
    pub bmi1: bool,
    pub popcnt: bool,
}

impl Host {
    /// Asks the processor.
    pub fn detect() -> Host {
        Host {
            bmi2: is_x86_feature_detected!("bmi2"),
            fma: is_x86_feature_detected!("fma"),
            lzcnt: is_x86_feature_detected!("lzcnt"),
            bmi1: is_x86_feature_detected!("bmi1"),
            popcnt: is_x86_feature_detected!("popcnt"),
        }
    }
}

/// The guest's exception flags (`fflags`) for the low six bits of MXCSR: IE, ZE, OE, UE, PE are bits 0, 2, 3, 4, 5; NV,
/// DZ, OF, UF, NX are 4, 3, 2, 1, 0. Denormal operands (bit 1) are nothing to the guest.
pub const FLAGS: [u8; 64] = {
    let mut table = [0; 64];
    let mut n = 0;
    while n < 64 {
        table[n] = (n & 1) as u8 * 16
            + (n >> 2 & 1) as u8 * 8
            + (n >> 3 & 1) as u8 * 4
            + (n >> 4 & 1) as u8 * 2
            + (n >> 5 & 1) as u8;
        n += 1;
    }
    table
};

/// MXCSR with every exception masked, no flags, rounding to nearest.
pub const MXCSR: u32 = 0x1f80;

/// Offsets of what follows the vector constants: [`FLAGS`] and [`MXCSR`].
pub const FLAGS_AT: u64 = 16 * CONSTANTS.len() as u64;
pub const MXCSR_AT: u64 = FLAGS_AT + 64;

/// Vector constants: sign and magnitude masks of doubles and singles, the upper half of a NaN-boxed single, and, for 64-bit integers,
/// the size of the guest's space.
pub const CONSTANTS: [[u32; 4]; 6] = [
    [0, 0x8000_0000, 0, 0],
    [0xffff_ffff, 0x7fff_ffff, 0xffff_ffff, 0xffff_ffff],
    [0x8000_0000, 0, 0, 0],
    [0x7fff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
    [0, 0xffff_ffff, 0, 0],
    [SPACE as u32, (SPACE >> 32) as u32, 0, 0],
];

/// Offset of the size of the guest's space.
pub const SPACE_AT: u64 = 16 * 5;

/// Displacement of a member of the hart.
pub fn hart_member(offset: usize) -> MemoryOperand {
    at(HART, hart_displacement(offset))
}

/// From the hart's register to a member at this offset.
pub const fn hart_displacement(offset: usize) -> i64 {
    offset as i64 - (offset_of!(Hart, x) as i64 + 128)
}

/// Where integer register `g` is in the hart.
pub fn x_slot(g: u8) -> MemoryOperand {
    at(HART, i64::from(g) * 8 - 128)
}

/// Where floating-point register `g` is in the hart.
pub fn f_slot(g: u8) -> MemoryOperand {
    hart_member(offset_of!(Hart, f) + usize::from(g) * 8)
}

/// What is at this many bytes from the start of the thread's area.
pub fn in_area(displacement: i32) -> MemoryOperand {
    MemoryOperand::with_base_displ(Register::RSP, i64::from(displacement))
}

/// Absolute address in reach of the code.
pub fn rip(address: u64) -> MemoryOperand {
    MemoryOperand::with_base_displ(Register::RIP, address as i64)
}
