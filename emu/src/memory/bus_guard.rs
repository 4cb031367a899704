//! Keeps the emulator alive when a mapped file shrinks under the guest.
//!
//! An access past the end of a mapped file is a SIGBUS on the host. The handler here puts a zero page
//! there, so that the access completes, and notes the address, so that the guest gets the SIGBUS at the
//! next chance. It is installed with the first file mapping.

use super::ram::{PAGE, SPACE};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Host addresses of the guest memories that have file mappings; 0 = free place.
static WATCHED: [AtomicUsize; 64] = [const { AtomicUsize::new(0) }; 64];

/// Guest address of the last such access, plus one; 0 = none.
static BUS_ERROR: AtomicU64 = AtomicU64::new(0);

static INSTALL: Once = Once::new();

/// Watches the guest memory at host address `base`. With all places taken the host's default action stays.
pub(super) fn watch(base: usize) {
    INSTALL.call_once(|| {
        // SAFETY: an all-zero sigaction is valid; the handler uses only atomics, mmap and sigaction, which
        // may be used in handlers.
        unsafe {
            let mut sa: libc::sigaction = std::mem::zeroed();
            sa.sa_sigaction = on_sigbus as *const () as libc::sighandler_t;
            sa.sa_flags = libc::SA_SIGINFO;
            libc::sigaction(libc::SIGBUS, &raw const sa, std::ptr::null_mut());
        }
    });
    if WATCHED.iter().any(|w| w.load(Ordering::Relaxed) == base) {
        return;
    }
    let _ = WATCHED.iter().any(|w| w.compare_exchange(0, base, Ordering::Relaxed, Ordering::Relaxed).is_ok());
}

/// Stops watching a guest memory that goes away.
pub(super) fn forget(base: usize) {
    for w in &WATCHED {
        let _ = w.compare_exchange(base, 0, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// The guest address of an access past the end of a mapped file since the last call.
pub fn take_bus_error() -> Option<u64> {
    // Nearly always there is none: look before writing.
    if BUS_ERROR.load(Ordering::Relaxed) == 0 {
        return None;
    }
    BUS_ERROR.swap(0, Ordering::Relaxed).checked_sub(1)
}

extern "C" fn on_sigbus(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo.
    let addr = unsafe { (*info).si_addr() } as usize;
    let inside = |w: &&AtomicUsize| {
        let base = w.load(Ordering::Relaxed);
        base != 0 && addr >= base && ((addr - base) as u64) < SPACE
    };
    if let Some(w) = WATCHED.iter().find(inside) {
        let offset = (addr - w.load(Ordering::Relaxed)) as u64;
        let page = addr & !(PAGE as usize - 1);
        // SAFETY: the page is inside a guest memory, where only the guest's data can be replaced.
        let p = unsafe {
            let prot = libc::PROT_READ | libc::PROT_WRITE;
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
            libc::mmap(page as *mut libc::c_void, PAGE as usize, prot, flags, -1, 0)
        };
        if p != libc::MAP_FAILED {
            BUS_ERROR.store(offset + 1, Ordering::Relaxed);
            return;
        }
    }
    // Not the guest's: let the access fault again with the default action.
    // SAFETY: resets one signal's action.
    unsafe { libc::signal(signal, libc::SIG_DFL) };
}
