//! Accesses of the emulator's own code that another thread's change of the mapping has overtaken.
//!
//! The checked accesses of [`Ram`](super::Ram) look at the page table and then touch the memory. Between the two another thread may
//! lock the page for its translated code, protect it or unmap it, and the host refuses the access. The guest raced
//! with itself, so either order is right, but the emulator must live: [`survive`] lets the access complete, and [`settle`] puts the
//! page back to what the page table says.

use super::{CODE, EXEC, MAPPED, PAGE, PAGE_SHIFT, READ, Region, SPACE, WRITE, drop_code};
use std::cell::Cell;
use std::ptr;
use std::sync::Once;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The regions that are there; null = free place.
static REGIONS: [AtomicPtr<Region>; 64] = [const { AtomicPtr::new(ptr::null_mut()) }; 64];

static INSTALL: Once = Once::new();

thread_local! {
    /// Host address of a page that was opened for this thread; 0 = none.
    static OPENED: Cell<usize> = const { Cell::new(0) };
}

/// Watches over a region that stays where it is. With all places taken its races are fatal.
pub(super) fn add(region: &Region) {
    INSTALL.call_once(|| {
        // SAFETY: an all-zero sigaction is valid; see `on_fault` for what it does.
        unsafe {
            let mut sa: libc::sigaction = std::mem::zeroed();
            sa.sa_sigaction = on_fault as *const () as libc::sighandler_t;
            sa.sa_flags = libc::SA_SIGINFO | libc::SA_ONSTACK;
            libc::sigaction(libc::SIGSEGV, &raw const sa, ptr::null_mut());
        }
    });
    let at = ptr::from_ref(region).cast_mut();
    let _ = REGIONS
        .iter()
        .any(|r| r.compare_exchange(ptr::null_mut(), at, Ordering::AcqRel, Ordering::Relaxed).is_ok());
}

/// Ends that.
pub(super) fn remove(region: &Region) {
    let at = ptr::from_ref(region).cast_mut();
    for r in &REGIONS {
        let _ = r.compare_exchange(at, ptr::null_mut(), Ordering::AcqRel, Ordering::Relaxed);
    }
}

/// The region that a host address is in, and the page's number.
fn find(addr: usize) -> Option<(&'static Region, u64)> {
    REGIONS.iter().find_map(|r| {
        // SAFETY: a region is taken off the list before it goes, and a thread that accesses its memory keeps it alive.
        let region = unsafe { r.load(Ordering::Acquire).as_ref() }?;
        let offset = addr.checked_sub(region.base as usize)? as u64;
        (offset < SPACE).then_some((region, offset >> PAGE_SHIFT))
    })
}

/// Lets an access of the calling thread to a host address in guest memory complete. False: the address is in no
/// guest memory.
///
/// For handlers of SIGSEGV, when the access was made by a checked access: then the thread holds no lock and is in no
/// allocation, so both may be used.
pub fn survive(addr: usize) -> bool {
    let Some((region, page)) = find(addr) else { return false };
    let mut code = region.code();
    let perms = region.perms_of(page).load(Ordering::Relaxed);
    if perms & (WRITE | CODE) == WRITE | CODE {
        // Locked in between: the code there is given up.
        drop_code(&mut code, page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
        region.unlock(page);
        return true;
    }
    settle();
    let at = addr & !(PAGE as usize - 1);
    let open = libc::PROT_READ | libc::PROT_WRITE;
    // SAFETY: a page of guest memory: only the guest's data is touched.
    let done = unsafe {
        if perms & MAPPED != 0 {
            libc::mprotect(at as *mut libc::c_void, PAGE as usize, open) == 0
        } else {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_FIXED;
            libc::mmap(at as *mut libc::c_void, PAGE as usize, open, flags, -1, 0) != libc::MAP_FAILED
        }
    };
    if done {
        OPENED.set(at);
        crate::linux::host::request_on_this_thread();
    }
    done
}

/// Closes the page that [`survive`] has opened for this thread, if there is one.
#[inline]
pub fn settle() {
    if OPENED.get() != 0 {
        close(OPENED.replace(0));
    }
}

#[cold]
fn close(at: usize) {
    let Some((region, page)) = find(at) else { return };
    let perms = region.perms_of(page).load(Ordering::Relaxed);
    let prot = match perms {
        p if p & (WRITE | CODE) == WRITE => libc::PROT_READ | libc::PROT_WRITE,
        p if p & (READ | WRITE | EXEC) != 0 => libc::PROT_READ,
        _ => libc::PROT_NONE,
    };
    // SAFETY: as in `survive`.
    unsafe { libc::mprotect(at as *mut libc::c_void, PAGE as usize, prot) };
}

extern "C" fn on_fault(signal: libc::c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes valid arguments.
    unsafe {
        if crate::linux::host::note_sent(signal, info, context) || survive((*info).si_addr() as usize) {
            return;
        }
        // Not the guest's: let it happen again with the default action.
        libc::signal(signal, libc::SIG_DFL);
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ram;
    use super::*;

    #[test]
    fn an_overtaken_access_completes_and_the_page_closes_again() {
        let ram = Ram::new().expect("host memory");
        let at = ram.base_address() as usize + 0x5000_0000;
        // SAFETY: the handler opens the page that the reservation refuses.
        let value = unsafe { ptr::read_volatile(at as *const u64) };
        assert_eq!(value, 0);
        assert_eq!(OPENED.get(), at);
        settle();
        assert_eq!(OPENED.get(), 0);
        assert!(ram.read_u64(0x5000_0000).is_err());
        assert!(!survive(&raw const value as usize), "not guest memory");
    }
}
