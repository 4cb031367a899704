//! The host's side of signals: handlers, masks, and system calls that signals interrupt without a gap.
//!
//! Guest signals are host signals. A signal that the guest handles has [`on_signal`] as its handler here, which
//! only notes it in the thread's [`HostSide`] and blocks everything until the thread has looked. While a thread runs guest
//! code its host mask is the guest's, so that the kernel does the choosing, queueing and waiting.
//!
//! A signal that comes between the last look and a blocking call must not be missed. [`call`] therefore looks and
//! calls in a few instructions of its own; a handler that finds the thread inside them moves it to their exit, and the
//! call has not happened ([`Errno::RESTART`]).

use crate::errno::Errno;
use crate::interrupt::Interrupt;
use libc::c_int;
use std::cell::{Cell, UnsafeCell};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes of `siginfo_t`, which is the same on all 64-bit machines.
pub const SIGINFO: usize = 128;

/// Host signal that asks a thread to come out of guest code and out of waits. A guest that uses it among its own
/// threads gets it without the host's help.
pub const KICK: c_int = 64;

/// Signals that instructions raise: never blocked on the host, never handled here.
pub const SYNCHRONOUS: u64 =
    bit(libc::SIGSEGV) | bit(libc::SIGBUS) | bit(libc::SIGILL) | bit(libc::SIGFPE) | bit(libc::SIGTRAP);

/// The bit of a signal in a mask.
pub const fn bit(signal: c_int) -> u64 {
    1 << (signal - 1)
}

/// What handlers on a guest thread work with.
pub struct HostSide {
    interrupt: Arc<Interrupt>,
    /// Signal that was noted; 0 = none.
    noted: AtomicI32,
    info: UnsafeCell<[u8; SIGINFO]>,
    /// Every signal is blocked on the host until the thread has looked.
    all_blocked: AtomicBool,
}

// SAFETY: `info` is written by a handler on the thread and read by the thread itself, with all signals blocked in
// between.
unsafe impl Sync for HostSide {}

thread_local! {
    static CURRENT: Cell<*const HostSide> = const { Cell::new(std::ptr::null()) };
}

/// Interrupt word of threads that have none.
static NEVER: u32 = 0;

/// Host thread that runs a guest, for signals that come to a thread that runs none; 0 = none.
static ANY_GUEST: AtomicI32 = AtomicI32::new(0);

/// Restores the host's actions when the last user goes.
static USERS: AtomicUsize = AtomicUsize::new(0);

/// Actions that were there before, by signal number.
static BEFORE: Mutex<Vec<(c_int, KernelAction)>> = Mutex::new(Vec::new());

impl HostSide {
    /// For a thread with this interrupt.
    pub fn new(interrupt: Arc<Interrupt>) -> HostSide {
        HostSide {
            interrupt,
            noted: AtomicI32::new(0),
            info: UnsafeCell::new([0; SIGINFO]),
            all_blocked: AtomicBool::new(false),
        }
    }

    /// Takes the signal that was noted, with its `siginfo_t`. For the thread itself.
    pub fn take(&self) -> Option<(c_int, [u8; SIGINFO])> {
        let signal = self.noted.load(Ordering::Acquire);
        if signal == 0 {
            return None;
        }
        // SAFETY: this thread is the only one that touches `info`, and the handler that wrote it blocked all signals.
        let info = unsafe { *self.info.get() };
        self.noted.store(0, Ordering::Release);
        Some((signal, info))
    }

    /// True when a signal has been noted.
    pub fn has_noted(&self) -> bool {
        self.noted.load(Ordering::Relaxed) != 0
    }

    /// Blocks every signal on the calling thread until [`HostSide::unblock`].
    pub fn block_all(&self) {
        if !self.all_blocked.swap(true, Ordering::Relaxed) {
            set_mask(u64::MAX);
        }
    }

    /// Gives the calling thread the guest's mask.
    pub fn unblock(&self, mask: u64) {
        self.all_blocked.store(false, Ordering::Relaxed);
        set_mask(mask);
    }

    /// Whether [`HostSide::unblock`] is due.
    pub fn blocked(&self) -> bool {
        self.all_blocked.load(Ordering::Relaxed)
    }
}

/// The calling thread runs a guest while this lives. It starts with every signal blocked.
pub struct Registered {
    side: *const HostSide,
    mask: u64,
}

/// Makes `side` the calling thread's.
pub fn register(side: &HostSide) -> Registered {
    let mask = get_mask();
    side.all_blocked.store(true, Ordering::Relaxed);
    set_mask(u64::MAX);
    USERS.fetch_add(1, Ordering::Relaxed);
    CURRENT.with(|c| c.set(side));
    this_thread_is_any_guest();
    Registered { side, mask }
}

/// Says that the calling thread takes signals that come to threads without a guest.
pub fn this_thread_is_any_guest() {
    ANY_GUEST.store(gettid(), Ordering::Relaxed);
}

impl Drop for Registered {
    fn drop(&mut self) {
        set_mask(u64::MAX);
        let _ = ANY_GUEST.compare_exchange(gettid(), 0, Ordering::Relaxed, Ordering::Relaxed);
        debug_assert!(CURRENT.get() == self.side);
        CURRENT.set(std::ptr::null());
        if USERS.fetch_sub(1, Ordering::Relaxed) == 1 {
            let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
            for (signal, action) in before.drain(..) {
                // One that is pending was for the guest: the kernel discards it when it is ignored.
                let _ = kernel_action(signal, Some(&KernelAction::IGNORE));
                let _ = kernel_action(signal, Some(&action));
            }
        }
        set_mask(self.mask);
    }
}

/// The calling host thread's number.
pub fn gettid() -> i32 {
    // SAFETY: no arguments, cannot fail.
    unsafe { libc::gettid() }
}

/// Sends [`KICK`] to a thread of this process.
pub fn kick(host_tid: i32) {
    // SAFETY: sends a signal whose handler is ours; a thread that is gone gives an error that does not matter.
    unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), host_tid, KICK) };
}

fn set_mask(mask: u64) {
    let mask = mask & !SYNCHRONOUS & if mask == u64::MAX { u64::MAX } else { !bit(KICK) };
    // SAFETY: the kernel reads eight bytes.
    unsafe { libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const mask, 0, 8) };
}

fn get_mask() -> u64 {
    let mut mask = 0u64;
    // SAFETY: the kernel writes eight bytes.
    unsafe { libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_BLOCK, 0, &raw mut mask, 8) };
    mask
}

/// A guest's mask as the host may use it during a wait.
pub fn wait_mask(mask: u64) -> u64 {
    mask & !SYNCHRONOUS & !bit(KICK)
}

/// What is done about a signal on the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostAction {
    /// The kernel's default.
    Default,
    /// Nothing.
    Ignore,
    /// [`on_signal`] notes it. The flags are `SA_RESTART`, `SA_NOCLDSTOP` and `SA_NOCLDWAIT`, as the guest asked.
    Note(u64),
}

/// The kernel's `struct sigaction` of x86-64 (AArch64's is the same).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
struct KernelAction {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: u64,
}

impl KernelAction {
    const IGNORE: KernelAction = KernelAction { handler: libc::SIG_IGN, flags: 0, restorer: 0, mask: 0 };
}

/// Sets a signal's action on the host, past the C library, which keeps two signals to itself.
pub fn set_action(signal: c_int, action: HostAction) {
    const SA_SIGINFO: u64 = 4;
    let (handler, flags) = match action {
        HostAction::Default => (libc::SIG_DFL, 0),
        HostAction::Ignore => (libc::SIG_IGN, 0),
        HostAction::Note(flags) => (on_signal as *const () as usize, flags | SA_SIGINFO),
    };
    let new =
        KernelAction { handler, flags: flags | RESTORER_FLAG, restorer: restorer(), mask: !SYNCHRONOUS };
    let Ok(old) = kernel_action(signal, Some(&new)) else { return };
    // A thread that has left may still be asked: that stays harmless for good.
    if signal == KICK {
        return;
    }
    let mut before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner);
    if !before.iter().any(|(s, _)| *s == signal) {
        before.push((signal, old));
    }
}

/// Whether the host ignores a signal, as a program inherits it.
pub fn is_ignored(signal: c_int) -> bool {
    kernel_action(signal, None).is_ok_and(|a| a.handler == libc::SIG_IGN)
}

fn kernel_action(signal: c_int, new: Option<&KernelAction>) -> Result<KernelAction, Errno> {
    let mut old = KernelAction { handler: 0, flags: 0, restorer: 0, mask: 0 };
    let new = new.map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: both structures are the kernel's; the handler that is set uses only what a handler may use.
    let ret = unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, new, &raw mut old, 8) };
    if ret == 0 { Ok(old) } else { Err(Errno::last()) }
}

/// Notes a signal for the guest.
extern "C" fn on_signal(signal: c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    let current = CURRENT.get();
    if current.is_null() {
        let guest = ANY_GUEST.load(Ordering::Relaxed);
        if guest != 0 && guest != gettid() && signal != KICK {
            // The kernel lets no thread pass the signal's information on.
            // SAFETY: sends a signal to a thread of this process.
            unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), guest, signal) };
        }
        return;
    }
    // SAFETY: a registered side lives until it is unregistered, on this thread.
    let side = unsafe { &*current };
    if signal != KICK {
        // SAFETY: the kernel passes a whole `siginfo_t`; no other handler runs, for all signals are blocked in this
        // one and stay so until the thread has taken the information.
        unsafe { std::ptr::copy_nonoverlapping(info.cast::<u8>(), side.info.get().cast(), SIGINFO) };
        side.noted.store(signal, Ordering::Release);
        side.all_blocked.store(true, Ordering::Relaxed);
        // SAFETY: the kernel passes a `ucontext_t`, whose mask has eight bytes of the kernel's.
        unsafe {
            let uc = context.cast::<libc::ucontext_t>();
            (&raw mut (*uc).uc_sigmask).cast::<u64>().write(!SYNCHRONOUS);
        }
    }
    side.interrupt.request();
    side.interrupt.spend_budget();
    // SAFETY: as above.
    unsafe { leave_call(context.cast()) };
}

/// Makes a raw host system call, unless the thread has an interrupt request. `Err(RESTART)`: it was not made.
///
/// # Safety
/// Pointers among the arguments are good for what the call does with them.
pub unsafe fn call(number: libc::c_long, args: [u64; 6]) -> Result<u64, Errno> {
    let current = CURRENT.get();
    let word = if current.is_null() {
        &raw const NEVER
    } else {
        // SAFETY: a registered side lives until it is unregistered, on this thread.
        unsafe { (*current).interrupt.word() }
    };
    // SAFETY: by the caller's contract.
    let ret = unsafe { raw_call(word, number, &args) };
    if (-4095..0).contains(&ret) { Err(Errno(-ret as i32)) } else { Ok(ret as u64) }
}

#[cfg(target_arch = "x86_64")]
mod arch {
    //! The call itself, for x86-64.

    std::arch::global_asm!(
        // Looks at *rdi, then makes system call rsi with the six arguments at rdx.
        ".text",
        ".p2align 4",
        ".globl mj_guest_call",
        ".hidden mj_guest_call",
        "mj_guest_call:",
        "mov rax, rsi",
        "mov rcx, rdi",
        "mov r11, rdx",
        "mov rdi, [r11]",
        "mov rsi, [r11 + 8]",
        "mov rdx, [r11 + 16]",
        "mov r10, [r11 + 24]",
        "mov r8, [r11 + 32]",
        "mov r9, [r11 + 40]",
        ".globl mj_guest_call_begin",
        ".hidden mj_guest_call_begin",
        "mj_guest_call_begin:",
        "cmp dword ptr [rcx], 0",
        "jne mj_guest_call_leave",
        "syscall",
        ".globl mj_guest_call_end",
        ".hidden mj_guest_call_end",
        "mj_guest_call_end:",
        "ret",
        ".globl mj_guest_call_leave",
        ".hidden mj_guest_call_leave",
        "mj_guest_call_leave:",
        "mov rax, -512",
        "ret",
        // Where handlers return to.
        ".globl mj_signal_return",
        ".hidden mj_signal_return",
        "mj_signal_return:",
        "mov eax, 15",
        "syscall",
    );

    unsafe extern "C" {
        fn mj_guest_call(word: *const u32, number: libc::c_long, args: *const [u64; 6]) -> i64;
        fn mj_guest_call_begin();
        fn mj_guest_call_end();
        fn mj_guest_call_leave();
        fn mj_signal_return();
    }

    pub const RESTORER_FLAG: u64 = 0x0400_0000;

    pub fn restorer() -> usize {
        mj_signal_return as *const () as usize
    }

    /// # Safety
    /// As for `call`.
    pub unsafe fn raw_call(word: *const u32, number: libc::c_long, args: &[u64; 6]) -> i64 {
        // SAFETY: by the caller's contract.
        unsafe { mj_guest_call(word, number, args) }
    }

    /// Moves a thread that is about to make a call to the exit. A call that the kernel would restart counts as about
    /// to be made.
    ///
    /// # Safety
    /// `context` is what the kernel passed to a handler.
    pub unsafe fn leave_call(context: *mut libc::ucontext_t) {
        // SAFETY: by the caller's contract.
        let pc = unsafe { &mut (*context).uc_mcontext.gregs[libc::REG_RIP as usize] };
        let (begin, end) = (mj_guest_call_begin as *const () as i64, mj_guest_call_end as *const () as i64);
        if (begin..end).contains(pc) {
            *pc = mj_guest_call_leave as *const () as i64;
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod arch {
    //! The call itself, in portable form: a signal that comes between the look and the call is seen after it.

    pub const RESTORER_FLAG: u64 = 0;

    pub fn restorer() -> usize {
        0
    }

    /// # Safety
    /// As for `call`.
    pub unsafe fn raw_call(word: *const u32, number: libc::c_long, a: &[u64; 6]) -> i64 {
        // SAFETY: by the caller's contract; the word is an atomic that lives as long as its thread.
        unsafe {
            if std::ptr::read_volatile(word) != 0 {
                return -512;
            }
            let ret = libc::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
            if ret == -1 { -i64::from(crate::errno::Errno::last().0) } else { ret as i64 }
        }
    }

    /// # Safety
    /// None needed.
    pub unsafe fn leave_call(_context: *mut libc::ucontext_t) {}
}

use arch::{RESTORER_FLAG, leave_call, raw_call, restorer};

/// Asks the calling thread to come out of guest code, if it runs any. For signal handlers.
pub fn request_on_this_thread() {
    let current = CURRENT.get();
    if !current.is_null() {
        // SAFETY: a registered side lives until it is unregistered, on this thread.
        unsafe { (*current).interrupt.request() };
    }
}

/// Lets the handlers for synchronous signals pass on one that was sent, not raised (`si_code` ≤ 0).
/// True when it was noted for the guest.
///
/// # Safety
/// The arguments are those of a handler.
pub unsafe fn note_sent(signal: c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) -> bool {
    // SAFETY: by the caller's contract.
    if unsafe { (*info).si_code } > 0 || CURRENT.get().is_null() {
        return false;
    }
    on_signal(signal, info, context);
    true
}
