//! Instruction encoders, generated from the specification: one function an instruction, its operands in assembly order.
#![allow(dead_code, clippy::identity_op, clippy::too_many_arguments, clippy::erasing_op)]

include!(concat!(env!("OUT_DIR"), "/encoders.rs"));

/// Rounding mode of floating-point instructions: as `frm` says.
pub const DYN: u32 = 7;
/// Rounding mode: towards zero.
pub const RTZ: u32 = 1;
