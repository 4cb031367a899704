//! Machine code that every trace shares, made once at the start of the arena: entry, common exit, guard-fail handler, and the
//! slow path of the write barrier.
//!
//! On the host's stack lies one frame of [`FRAME_BYTES`] bytes while machine code runs: the callee-saved registers of whoever
//! entered, and room for [`Runtime::barrier`] to save the caller-saved ones.

use rustc_hash::FxHashSet;
use std::mem::offset_of;

use super::arena::Arena;
use super::asm::{Asm, Cond};
use super::encoders as enc;
use super::regs::*;
use super::{CompileError, Config, EXIT_INTERPRETER, Style};
use crate::thread::Thread;

/// Offsets in [`Thread`] that fit a 12-bit immediate.
pub const BUMP_AT: i32 = offset_of!(Thread, bump) as i32;
pub const LIMIT_AT: i32 = offset_of!(Thread, limit) as i32;
pub const EXCEPTION_AT: i32 = offset_of!(Thread, exception) as i32;
pub const FRAME_AT: i32 = offset_of!(Thread, frame) as i32;
const EXIT_AT: i32 = offset_of!(Thread, exit) as i32;
pub const FRAME_LIMIT_AT: i32 = offset_of!(Thread, frame_limit) as i32;
const SAVED_X_AT: i32 = offset_of!(Thread, saved_x) as i32;
const SAVED_F_AT: i32 = offset_of!(Thread, saved_f) as i32;
pub const SPILL_AT: i32 = offset_of!(Thread, spill) as i32;

/// Phase marks (see Xmjhint).
pub const PHASE_INTERPRETER: u32 = 0;
pub const PHASE_CODE: u32 = 3;
pub const PHASE_CALL: u32 = 4;

/// Room for 31 caller-saved registers, then ra, s0..s11, fs0..fs11; a multiple of 16.
const FRAME_BYTES: i32 = 464;
const ENTRY_SAVES: i32 = 256;

/// Addresses of the shared code.
#[derive(Debug)]
pub struct Runtime {
    /// `extern "C" fn(entry, *mut Thread)`.
    enter: u64,
    /// Leaves; the exit's number is in t6.
    pub exit: u64,
    /// The guard-fail handler, for `mj.gvec`.
    vector: u64,
    /// Leaves with [`EXIT_INTERPRETER`].
    pub exit_to_interpreter: u64,
    /// Calls the barrier's slow path for the object in t5 and returns to ra; changes nothing but t5, t6, ra, ft10 and ft11.
    pub barrier: u64,
    /// `extern "C" fn(vector)`: sets `mj.gvec`.
    set_vector: u64,
    /// `extern "C" fn(key, target) -> accepted`.
    bridge_insert: u64,
    /// Address of `Thread::exception`.
    pub exception_cell: u64,
    has_guards: bool,
}

impl Runtime {
    pub fn new(arena: &mut Arena, config: &Config, thread: u64) -> Result<Runtime, CompileError> {
        let none = FxHashSet::default();
        let base = arena.cursor();
        let mut asm = Asm::new(base, &none);
        let a = &mut asm;
        let enter = a.address();
        entry(a);
        let exit = a.address();
        common_exit(a);
        let exit_to_interpreter = a.address();
        a.li(T6, i64::from(EXIT_INTERPRETER as i32));
        a.jump_address(exit, T5);
        let vector = a.address();
        guard_failed(a, arena, base, exit);
        let barrier = a.address();
        barrier_slow(a, config.barrier_slow as u64);
        let set_vector = a.address();
        a.put(enc::csrrw(ZERO, enc::CSR_MJ_GVEC, A0));
        a.put(enc::jalr(ZERO, 0, RA));
        let bridge_insert = a.address();
        a.put(enc::csrrw(ZERO, enc::CSR_MJ_BKEY, A0));
        a.put(enc::csrrw(ZERO, enc::CSR_MJ_BTGT, A1));
        a.put(enc::csrrs(A0, enc::CSR_MJ_BSTAT, ZERO));
        a.put(enc::jalr(ZERO, 0, RA));
        let code = asm.finish().map_err(|_| CompileError::NoSpace)?;
        arena.write(&code.bytes)?;
        Ok(Runtime {
            enter,
            exit,
            vector,
            exit_to_interpreter,
            barrier,
            set_vector,
            bridge_insert,
            exception_cell: thread + EXCEPTION_AT as u64,
            has_guards: config.style == Style::Hw,
        })
    }

    /// Points the guard-fail vector of this hart at the handler. Nothing on a machine that is not RV64.
    pub fn set_vector(&self) {
        #[cfg(target_arch = "riscv64")]
        {
            // SAFETY: code of that signature, written by `new`.
            let set: extern "C" fn(u64) = unsafe { std::mem::transmute(self.set_vector) };
            set(self.vector);
        }
        #[cfg(not(target_arch = "riscv64"))]
        let _ = (self.set_vector, self.vector);
    }

    /// Offers a pair to the hardware bridge table; whether it was accepted. Bridge 0 takes the guard out of the table.
    pub fn bridge_table_insert(&self, guard: u64, bridge: u64) -> bool {
        #[cfg(target_arch = "riscv64")]
        if self.has_guards {
            // SAFETY: code of that signature, written by `new`.
            let insert: extern "C" fn(u64, u64) -> u64 = unsafe { std::mem::transmute(self.bridge_insert) };
            return insert(guard, bridge) != 0;
        }
        let _ = (self.has_guards, self.bridge_insert, guard, bridge);
        false
    }

    /// # Safety
    /// See [`super::Backend::enter`].
    pub unsafe fn enter(&self, entry: u64, thread: *mut Thread) {
        #[cfg(target_arch = "riscv64")]
        {
            // SAFETY: code of that signature, written by `new`; it preserves what the C ABI asks for.
            let enter: unsafe extern "C" fn(u64, *mut Thread) = unsafe { std::mem::transmute(self.enter) };
            // SAFETY: as the caller promises.
            unsafe { enter(entry, thread) };
        }
        #[cfg(not(target_arch = "riscv64"))]
        {
            let _ = (self.enter, thread);
            panic!("machine code at {entry:#x} needs RV64");
        }
    }
}

fn entry(a: &mut Asm) {
    a.put(enc::addi(SP, SP, -FRAME_BYTES));
    for (at, op) in entry_saves() {
        match op {
            Saved::X(n) => a.put(enc::sd(n, at, SP)),
            Saved::F(n) => a.put(enc::fsd(n, at, SP)),
        }
    }
    a.put(enc::addi(THREAD, A1, 0));
    a.put(enc::ld(BUMP, BUMP_AT, THREAD));
    a.put(enc::ld(LIMIT, LIMIT_AT, THREAD));
    a.put(enc::ld(FRAME, FRAME_AT, THREAD));
    a.put(enc::mj_phase(PHASE_CODE));
    a.put(enc::jalr(ZERO, 0, A0));
}

enum Saved {
    X(Reg),
    F(Reg),
}

/// What the entry saves, and where on the stack.
fn entry_saves() -> impl Iterator<Item = (i32, Saved)> {
    let x = std::iter::once(RA).chain(SAVED_X).map(Saved::X);
    x.chain(F_CALLEE_SAVED.into_iter().map(Saved::F))
        .enumerate()
        .map(|(i, s)| (ENTRY_SAVES + 8 * i as i32, s))
}

fn common_exit(a: &mut Asm) {
    for n in X_CALLER_SAVED.into_iter().chain(X_CALLEE_SAVED) {
        a.put(enc::sd(n, SAVED_X_AT + 8 * n as i32, THREAD));
    }
    for n in F_CALLER_SAVED.into_iter().chain(F_CALLEE_SAVED) {
        a.put(enc::fsd(n, SAVED_F_AT + 8 * n as i32, THREAD));
    }
    // The root frame's address may be a live value.
    a.put(enc::sd(FRAME, SAVED_X_AT + 8 * FRAME as i32, THREAD));
    a.put(enc::sd(T6, EXIT_AT, THREAD));
    a.put(enc::sd(BUMP, BUMP_AT, THREAD));
    a.put(enc::sd(FRAME, FRAME_AT, THREAD));
    a.put(enc::mj_phase(PHASE_INTERPRETER));
    for (at, op) in entry_saves() {
        match op {
            Saved::X(n) => a.put(enc::ld(n, at, SP)),
            Saved::F(n) => a.put(enc::fld(n, at, SP)),
        }
    }
    a.put(enc::addi(SP, SP, FRAME_BYTES));
    a.put(enc::jalr(ZERO, 0, RA));
}

/// A hardware guard at `mj.gepc` failed, and the hardware knows no bridge for it. Its word of the shadow table is the address of a
/// bridge (even), or twice the exit's number plus 1.
fn guard_failed(a: &mut Asm, arena: &Arena, base: u64, exit: u64) {
    let leave = a.label();
    a.put(enc::csrrs(T6, enc::CSR_MJ_GEPC, ZERO));
    a.put(enc::slli(T6, T6, 2));
    // The arena starts at `base`: its first code is this.
    a.li(T5, arena.shadow_base().wrapping_sub(base << 2) as i64);
    a.put(enc::add(T6, T6, T5));
    a.put(enc::ld(T5, 0, T6));
    a.put(enc::andi(T6, T5, 1));
    a.branch(Cond::Ne, T6, ZERO, leave);
    a.put(enc::jalr(ZERO, 0, T5));
    a.bind(leave);
    a.put(enc::srli(T6, T5, 1));
    a.jump_address(exit, T5);
}

fn barrier_slow(a: &mut Asm, function: u64) {
    let x = || std::iter::once(RA).chain(X_CALLER_SAVED).enumerate().map(|(i, n)| (n, 8 * i as i32));
    let f = || {
        F_CALLER_SAVED.into_iter().enumerate().map(|(i, n)| (n, 8 * (i + 1 + X_CALLER_SAVED.len()) as i32))
    };
    debug_assert!(f().all(|(_, at)| at < ENTRY_SAVES));
    x().for_each(|(n, at)| a.put(enc::sd(n, at, SP)));
    f().for_each(|(n, at)| a.put(enc::fsd(n, at, SP)));
    a.put(enc::sd(BUMP, BUMP_AT, THREAD));
    a.put(enc::addi(A0, THREAD, 0));
    a.put(enc::addi(A1, T5, 0));
    a.put(enc::mj_phase(PHASE_CALL));
    a.call_address(function);
    a.put(enc::mj_phase(PHASE_CODE));
    x().for_each(|(n, at)| a.put(enc::ld(n, at, SP)));
    f().for_each(|(n, at)| a.put(enc::fld(n, at, SP)));
    a.put(enc::ld(BUMP, BUMP_AT, THREAD));
    a.put(enc::ld(LIMIT, LIMIT_AT, THREAD));
    a.put(enc::jalr(ZERO, 0, RA));
}
