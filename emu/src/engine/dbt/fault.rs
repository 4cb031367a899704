//! Faults of guest accesses in translated code.
//!
//! The host's SIGSEGV handler finds the access by the host's instruction pointer and goes on at its superblock's exit
//! for the interpreter, which then meets the fault itself, in guest terms.

use super::store::Store;
use crate::linux::{host, lock};
use crate::memory;
use std::cell::Cell;
use std::sync::{Mutex, Once};

thread_local! {
    /// The store whose code this thread is in.
    static RUNNING: Cell<*const Mutex<Store>> = const { Cell::new(std::ptr::null()) };
}

/// While it lives, this thread is in translated code.
pub struct Running(());

/// Says that this thread enters the store's code.
pub fn running(store: &Mutex<Store>) -> Running {
    RUNNING.set(store);
    Running(())
}

impl Drop for Running {
    fn drop(&mut self) {
        RUNNING.set(std::ptr::null());
    }
}

static INSTALL: Once = Once::new();

/// Installs the handler, once in a process.
pub fn install() {
    INSTALL.call_once(|| {
        // SAFETY: an all-zero sigaction is valid; the handler only reads the store, for which it waits, and writes the
        // interrupted context.
        unsafe {
            let mut sa: libc::sigaction = std::mem::zeroed();
            sa.sa_sigaction = on_fault as *const () as libc::sighandler_t;
            sa.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(libc::SIGSEGV, &raw const sa, std::ptr::null_mut());
        }
    });
}

extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let store = RUNNING.get();
    // SAFETY: the kernel passes a valid context.
    let registers = unsafe { &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs };
    if !store.is_null() {
        let rip = registers[libc::REG_RIP as usize] as u64;
        // A thread in translated code has nothing locked, so the lock will be free.
        // SAFETY: set by `running` in this thread, which is inside the call that the guard spans.
        let found = lock(unsafe { &*store }).fault_at(rip);
        if let Some((left, leave)) = found {
            registers[libc::REG_RAX as usize] = left as i64;
            registers[libc::REG_RIP as usize] = leave as i64;
            return;
        }
    }
    // SAFETY: the arguments are the kernel's.
    if unsafe { host::note_sent(signal, info, context) || memory::survive((*info).si_addr() as usize) } {
        return;
    }
    // Not the guest's: let it happen again with the default action.
    // SAFETY: resets one signal's action.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}
