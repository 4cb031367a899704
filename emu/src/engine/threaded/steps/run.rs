//! What the steps do. Each is an [`Entry`] whose `op` has the places of `x` that the step uses in `rd`, `rs1` and `rs2`, a constant in
//! `imm`, the length of the instruction in `aux`, and in `len` what the pc advances by.

use super::super::{Entry, Fast, Run, Stop};
use crate::hart::Hart;
use crate::interp::{Decoded, Leave, Machine};
use isa_spec::sem::BinOp;

/// An operation on two 64-bit values.
#[derive(Clone, Copy)]
pub struct Operation {
    /// rd = rs1 op rs2
    pub places: Run,
    /// rd = rs1 op imm
    pub constant: Run,
    /// Passes over imm steps unless rs1 op rs2.
    pub skip_unless: Run,
    pub apply: fn(u64, u64) -> u64,
}

/// The entry after a step's, and the pc there.
///
/// Safety: as for [`Run`], and `entry` is a step.
#[inline(always)]
unsafe fn go_on(fast: &mut Fast, entry: *const Entry, over: usize, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`, and another one is where a step goes on.
    unsafe {
        let next = entry.add(1 + over);
        ((*next).run)(fast, next, pc.wrapping_add(u64::from((*entry).op.len)))
    }
}

/// Where the block is left if the instruction of this step is its last.
fn past(op: &Decoded, pc: u64) -> u64 {
    pc.wrapping_add(u64::from(op.aux))
}

fn x(fast: &Fast, place: u8) -> u64 {
    fast.0.x[usize::from(place & 63)]
}

fn set(fast: &mut Fast, place: u8, value: u64) {
    fast.0.x[usize::from(place & 63)] = value;
}

fn signed_imm(op: &Decoded) -> u64 {
    i64::from(op.imm) as u64
}

fn address(fast: &Fast, op: &Decoded) -> u64 {
    x(fast, op.rs1).wrapping_add(signed_imm(op))
}

/// Steps that compute `rd` from `op` and go on.
macro_rules! steps {
    ($($(#[$doc:meta])* $name:ident($fast:ident, $op:ident, $entry:ident, $pc:ident) = $value:expr;)*) => {
        $(
            $(#[$doc])*
            ///
            /// Safety: as for [`Run`], and `entry` is a step.
            pub unsafe fn $name($fast: &mut Fast, $entry: *const Entry, $pc: u64) -> Stop {
                // SAFETY: by the contract the entry is in a live `Code`.
                let $op = unsafe { &(*$entry).op };
                let value = $value;
                set($fast, $op.rd, value);
                // SAFETY: as for this function.
                unsafe { go_on($fast, $entry, 0, $pc) }
            }
        )*
    };
}

steps! {
    /// rd = the 64 bits of word and imm
    // SAFETY: the macro's.
    constant(fast, op, entry, pc) = u64::from(unsafe { (*entry).word }) << 32 | u64::from(op.imm as u32);
    /// rd = the low 64 - imm bits of rs1
    low(fast, op, entry, pc) = x(fast, op.rs1) << (op.imm & 63) >> (op.imm & 63);
    /// rd = the low 64 - imm bits of rs1, sign-extended
    sign_extend(fast, op, entry, pc) = ((x(fast, op.rs1) << (op.imm & 63)) as i64 >> (op.imm & 63)) as u64;
    /// `rd = f[rs1]`
    from_f(fast, op, entry, pc) = fast.0.f[usize::from(op.rs1 & 31)];
    /// rd = the address of the instruction
    pc_of(fast, op, entry, pc) = pc;
    /// rd = the zeros above the highest bit of rs1 that is set, of 32
    leading_zeros_32(fast, op, entry, pc) = u64::from((x(fast, op.rs1) as u32).leading_zeros());
    /// rd = the zeros above the highest bit of rs1 that is set
    leading_zeros_64(fast, op, entry, pc) = u64::from(x(fast, op.rs1).leading_zeros());
    /// rd = the zeros below the lowest bit of rs1 that is set, of 32
    trailing_zeros_32(fast, op, entry, pc) = u64::from((x(fast, op.rs1) as u32).trailing_zeros());
    /// rd = the zeros below the lowest bit of rs1 that is set
    trailing_zeros_64(fast, op, entry, pc) = u64::from(x(fast, op.rs1).trailing_zeros());
    /// rd = the number of bits of rs1 that are set
    count_ones(fast, op, entry, pc) = u64::from(x(fast, op.rs1).count_ones());
    /// rd = the bytes of rs1 in the opposite order
    swap_bytes(fast, op, entry, pc) = x(fast, op.rs1).swap_bytes();
}

/// Does nothing but going on.
///
/// Safety: as for [`Run`], and `entry` is a step.
pub unsafe fn nothing(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: as for this function.
    unsafe { go_on(fast, entry, 0, pc) }
}

/// Passes over imm steps.
///
/// Safety: as for [`Run`], and `entry` is a step with that many after it.
pub unsafe fn skip(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: as for this function.
    unsafe { go_on(fast, entry, (*entry).op.imm as usize, pc) }
}

/// `f[rd] = rs1`
///
/// Safety: as for [`Run`], and `entry` is a step.
pub unsafe fn to_f(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`.
    let op = unsafe { &(*entry).op };
    fast.0.f[usize::from(op.rd & 31)] = x(fast, op.rs1);
    // SAFETY: as for this function.
    unsafe { go_on(fast, entry, 0, pc) }
}

/// Sets the pc to rs1, without bit 0.
///
/// Safety: as for [`Run`], and `entry` is a step.
pub unsafe fn set_pc(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`.
    let target = x(fast, unsafe { (*entry).op.rs1 });
    fast.set_pc(target);
    // SAFETY: as for this function.
    unsafe { go_on(fast, entry, 0, pc) }
}

/// Sets the pc to the instruction after this one.
///
/// Safety: as for [`Run`], and `entry` is a step.
pub unsafe fn next_pc(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`.
    fast.0.pc = past(unsafe { &(*entry).op }, pc);
    // SAFETY: as for this function.
    unsafe { go_on(fast, entry, 0, pc) }
}

/// A guard fails with rs1.
///
/// Safety: as for [`Run`], and `entry` is a step.
#[cold]
pub unsafe fn guard_fail(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`.
    let op = unsafe { &(*entry).op };
    let value = x(fast, op.rs1);
    let leave = match Machine::guard_fail(&mut fast.0, pc, value) {
        Ok(()) => Leave::Redirected,
        Err(trap) => Leave::Trap(trap),
    };
    (past(op, pc), Some(leave))
}

/// Steps that access memory at rs1 + imm: first by the fast path, then, if that refuses, with all care.
macro_rules! accesses {
    ($($load:ident $store:ident $careful_load:ident $careful_store:ident,)*) => {
        $(
            /// rd = what is in memory
            ///
            /// Safety: as for [`Run`], and `entry` is a step.
            pub unsafe fn $load(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                // SAFETY: by the contract the entry is in a live `Code`.
                let op = unsafe { &(*entry).op };
                let addr = address(fast, op);
                match Machine::$load(fast, addr) {
                    Ok(value) => {
                        set(fast, op.rd, value);
                        // SAFETY: as for this function.
                        unsafe { go_on(fast, entry, 0, pc) }
                    }
                    // SAFETY: as for this function.
                    Err(_) => unsafe { $careful_load(fast, entry, pc) },
                }
            }

            /// Safety: as for [`Run`], and `entry` is a step.
            #[cold]
            #[inline(never)]
            unsafe fn $careful_load(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                // SAFETY: by the contract the entry is in a live `Code`.
                let op = unsafe { &(*entry).op };
                let addr = address(fast, op);
                match Hart::$load(&mut fast.0, addr) {
                    Ok(value) => {
                        set(fast, op.rd, value);
                        // SAFETY: as for this function.
                        unsafe { go_on(fast, entry, 0, pc) }
                    }
                    Err(trap) => (past(op, pc), Some(Leave::Trap(trap))),
                }
            }

            /// Memory = rs2. No other step has an effect after it.
            ///
            /// Safety: as for [`Run`], and `entry` is a step.
            pub unsafe fn $store(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                // SAFETY: by the contract the entry is in a live `Code`.
                let op = unsafe { &(*entry).op };
                let (addr, value) = (address(fast, op), x(fast, op.rs2));
                match Machine::$store(fast, addr, value) {
                    // SAFETY: as for this function.
                    Ok(()) => unsafe { go_on(fast, entry, 0, pc) },
                    // SAFETY: as for this function.
                    Err(_) => unsafe { $careful_store(fast, entry, pc) },
                }
            }

            /// Safety: as for [`Run`], and `entry` is a step.
            #[cold]
            #[inline(never)]
            unsafe fn $careful_store(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                // SAFETY: by the contract the entry is in a live `Code`.
                let op = unsafe { &(*entry).op };
                let (addr, value) = (address(fast, op), x(fast, op.rs2));
                match Hart::$store(&mut fast.0, addr, value) {
                    // SAFETY: as for this function.
                    Ok(()) => unsafe { go_on(fast, entry, 0, pc) },
                    Err(trap) => (past(op, pc), Some(Leave::Trap(trap))),
                }
            }
        )*
    };
}

accesses! {
    load_u8 store_u8 careful_load_u8 careful_store_u8,
    load_u16 store_u16 careful_load_u16 careful_store_u16,
    load_u32 store_u32 careful_load_u32 careful_store_u32,
    load_u64 store_u64 careful_load_u64 careful_store_u64,
}

/// The operators: as functions of two 64-bit values, and as steps.
macro_rules! operations {
    ($($name:ident $op:pat => |$a:ident, $b:ident| $value:expr;)*) => {
        $(
            mod $name {
                use super::{Entry, Fast, Stop, go_on, set, signed_imm, x};

                pub fn apply($a: u64, $b: u64) -> u64 {
                    $value
                }

                /// Safety: as for `Run`, and `entry` is a step.
                pub unsafe fn places(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                    // SAFETY: by the contract the entry is in a live `Code`.
                    let op = unsafe { &(*entry).op };
                    let value = apply(x(fast, op.rs1), x(fast, op.rs2));
                    set(fast, op.rd, value);
                    // SAFETY: as for this function.
                    unsafe { go_on(fast, entry, 0, pc) }
                }

                /// Safety: as for `Run`, and `entry` is a step.
                pub unsafe fn constant(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                    // SAFETY: by the contract the entry is in a live `Code`.
                    let op = unsafe { &(*entry).op };
                    let value = apply(x(fast, op.rs1), signed_imm(op));
                    set(fast, op.rd, value);
                    // SAFETY: as for this function.
                    unsafe { go_on(fast, entry, 0, pc) }
                }

                /// Safety: as for `Run`, and `entry` is a step with imm others after it.
                pub unsafe fn skip_unless(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                    // SAFETY: by the contract the entry is in a live `Code`.
                    let op = unsafe { &(*entry).op };
                    let over = if apply(x(fast, op.rs1), x(fast, op.rs2)) != 0 { 0 } else { op.imm as usize };
                    // SAFETY: as for this function.
                    unsafe { go_on(fast, entry, over, pc) }
                }
            }
        )*

        /// The operation of an operator that evaluates both operands.
        pub fn operation(op: BinOp) -> Option<Operation> {
            Some(match op {
                $(
                    $op => Operation {
                        places: $name::places,
                        constant: $name::constant,
                        skip_unless: $name::skip_unless,
                        apply: $name::apply,
                    },
                )*
                BinOp::AndAlso | BinOp::OrElse => return None,
            })
        }
    };
}

// Of zero divisors and large shift amounts as the manual has it for the built-in instructions, and `eval` for bodies.
operations! {
    add BinOp::Add => |a, b| a.wrapping_add(b);
    sub BinOp::Sub => |a, b| a.wrapping_sub(b);
    mul BinOp::Mul | BinOp::MulWideU | BinOp::MulWideS | BinOp::MulWideSU => |a, b| a.wrapping_mul(b);
    divu BinOp::DivU => |a, b| a.checked_div(b).unwrap_or(u64::MAX);
    remu BinOp::RemU => |a, b| a.checked_rem(b).unwrap_or(a);
    divs BinOp::DivS => |a, b| if b == 0 { u64::MAX } else { (a as i64).wrapping_div(b as i64) as u64 };
    rems BinOp::RemS => |a, b| if b == 0 { a } else { (a as i64).wrapping_rem(b as i64) as u64 };
    and BinOp::And => |a, b| a & b;
    or BinOp::Or => |a, b| a | b;
    xor BinOp::Xor => |a, b| a ^ b;
    shl BinOp::Shl => |a, b| if b < 64 { a << b } else { 0 };
    shr BinOp::Shr => |a, b| if b < 64 { a >> b } else { 0 };
    sra BinOp::Sra => |a, b| (a as i64 >> b.min(63)) as u64;
    eq BinOp::Eq => |a, b| u64::from(a == b);
    ne BinOp::Ne => |a, b| u64::from(a != b);
    ltu BinOp::LtU => |a, b| u64::from(a < b);
    leu BinOp::LeU => |a, b| u64::from(a <= b);
    lts BinOp::LtS => |a, b| u64::from((a as i64) < b as i64);
    les BinOp::LeS => |a, b| u64::from(a as i64 <= b as i64);
}
