//! Signals: actions, masks, delivery with riscv64 frames, and return.
//!
//! Signals come from three places: instructions that trapped ([`Process::fault`]), the guest itself
//! (`kill`, `tgkill`), and the host (a handler that only notes the number, installed for signals that the
//! guest handles). They are delivered between blocks, after system calls and after faults.

use super::{Args, Process, Ret, host_call};
use crate::errno::Errno;
use crate::hart::Hart;
use crate::memory;
use crate::trap::Trap;
use libc::c_int;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};

/// Highest signal number.
const NSIG: usize = 64;

/// Bytes of `struct rt_sigframe`: `siginfo_t`, then `ucontext_t`.
pub const SIGNAL_FRAME_SIZE: u64 = UCONTEXT + UC_MCONTEXT + MCONTEXT_SIZE;

// Offsets of arch/riscv's `struct rt_sigframe` and `struct ucontext`.
const UCONTEXT: u64 = 128;
const UC_STACK: u64 = 16;
const UC_SIGMASK: u64 = 40;
const UC_MCONTEXT: u64 = 176;
/// In `struct sigcontext`: pc and x1..x31, then 32 doubles, then `fcsr`.
const SC_FPREGS: u64 = 256;
const SC_FCSR: u64 = SC_FPREGS + 256;
const MCONTEXT_SIZE: u64 = 256 + 528;

const SA_ONSTACK: u64 = 0x0800_0000;
const SA_RESTART: u64 = 0x1000_0000;
const SA_NODEFER: u64 = 0x4000_0000;
const SA_RESETHAND: u64 = 0x8000_0000;
const SIG_DFL: u64 = 0;
const SIG_IGN: u64 = 1;

const SS_ONSTACK: u64 = 1;
const SS_DISABLE: u64 = 2;
/// `MINSIGSTKSZ` of riscv64.
const MIN_STACK: u64 = 2048;

const SI_USER: i32 = 0;
const SI_TKILL: i32 = -6;
const SI_KERNEL: i32 = 0x80;

/// Code of the page that signal handlers return to: `li a7, 139; ecall`, which unwinders recognise.
pub const TRAMPOLINE: [u8; 8] = [0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00];

/// Signals that the host has sent and the guest has not seen, bit `n - 1` for signal `n`.
static FROM_HOST: AtomicU64 = AtomicU64::new(0);

/// What the guest wants done about a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Action {
    handler: u64,
    flags: u64,
    mask: u64,
}

/// What is known about a pending signal: the start of `siginfo_t`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Info {
    code: i32,
    /// The word at offset 16: the faulting address, or the sender's pid (low) and uid (high).
    data: u64,
}

/// What `rt_sigsuspend` and the waits with a mask put aside.
#[derive(Clone, Copy, Debug)]
struct SavedMask(u64);

/// Signal state of a process with one thread.
pub struct Signals {
    actions: [Action; NSIG + 1],
    mask: u64,
    saved_mask: Option<SavedMask>,
    pending: u64,
    info: [Info; NSIG + 1],
    stack: AltStack,
    trampoline: u64,
    /// The system call that was just interrupted: address of its `ecall`, and its first argument.
    pub(super) interrupted: Option<(u64, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct AltStack {
    base: u64,
    size: u64,
    enabled: bool,
}

/// What delivering signals came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The guest goes on, perhaps in a handler.
    Continue,
    /// The default action of this signal ends the process.
    Killed(c_int),
}

fn bit(signal: c_int) -> u64 {
    1 << (signal - 1)
}

/// SIGKILL and SIGSTOP cannot be blocked.
fn blockable(mask: u64) -> u64 {
    mask & !(bit(libc::SIGKILL) | bit(libc::SIGSTOP))
}

/// Host thread that runs the guest, where waits must be interrupted; 0 = none.
static GUEST_THREAD: AtomicI32 = AtomicI32::new(0);

/// Says that the calling thread runs the guest from now on.
pub fn this_thread_runs_guest() {
    // SAFETY: no arguments, cannot fail.
    GUEST_THREAD.store(unsafe { libc::gettid() }, Ordering::Relaxed);
}

extern "C" fn note_host_signal(signal: c_int) {
    let guest = GUEST_THREAD.load(Ordering::Relaxed);
    // SAFETY: gettid, getpid and tgkill may be used in handlers.
    unsafe {
        // The host gives a signal to any thread. Only in the guest's does it end a wait.
        if guest != 0 && libc::gettid() != guest {
            libc::syscall(libc::SYS_tgkill, libc::getpid(), guest, signal);
            return;
        }
    }
    FROM_HOST.fetch_or(bit(signal), Ordering::Relaxed);
}

impl Signals {
    /// Everything at its default; handlers return to `trampoline`.
    pub fn new(trampoline: u64) -> Signals {
        Signals {
            actions: [Action::default(); NSIG + 1],
            mask: 0,
            saved_mask: None,
            pending: 0,
            info: [Info::default(); NSIG + 1],
            stack: AltStack { base: 0, size: 0, enabled: false },
            trampoline,
            interrupted: None,
        }
    }

    /// The state after `execve`: handlers and the alternate stack are gone, the mask and ignored signals
    /// stay.
    pub fn after_exec(&mut self, trampoline: u64) {
        self.trampoline = trampoline;
        for (signal, action) in self.actions.iter_mut().enumerate().skip(1) {
            if action.handler != SIG_IGN {
                *action = Action::default();
                set_host_action(signal as c_int, SIG_DFL);
            }
        }
        self.stack.enabled = false;
        self.interrupted = None;
    }

    pub(super) fn forget_pending(&mut self) {
        self.pending = 0;
    }

    /// Makes a signal pending as if the process had sent it to itself.
    pub(super) fn raise_self(&mut self, signal: c_int, pid: i32) {
        self.raise(signal, Info { code: SI_USER, data: u64::from(pid as u32) });
    }

    fn raise(&mut self, signal: c_int, info: Info) {
        self.pending |= bit(signal);
        self.info[signal as usize] = info;
    }

    /// Takes over what the host has sent.
    pub(super) fn take_host(&mut self) {
        if let Some(addr) = memory::take_bus_error() {
            // BUS_ADRERR
            self.raise(libc::SIGBUS, Info { code: 2, data: addr });
        }
        let sent = FROM_HOST.swap(0, Ordering::Relaxed);
        for signal in (1..=NSIG as c_int).filter(|&s| sent & bit(s) != 0) {
            self.raise(signal, Info { code: SI_KERNEL, data: 0 });
        }
    }

    /// A pending signal that is not blocked and not ignored.
    pub(super) fn deliverable(&self) -> bool {
        (1..=NSIG as c_int).any(|s| (self.pending & !self.mask) & bit(s) != 0 && !self.ignored(s))
    }

    fn ignored(&self, signal: c_int) -> bool {
        match self.actions[signal as usize].handler {
            SIG_IGN => true,
            SIG_DFL => {
                matches!(signal, libc::SIGCHLD | libc::SIGCONT | libc::SIGURG | libc::SIGWINCH)
                    || matches!(signal, libc::SIGTSTP | libc::SIGTTIN | libc::SIGTTOU)
            }
            _ => false,
        }
    }

    /// Blocks `mask` instead of the current mask until the next delivery.
    pub(super) fn mask_during_wait(&mut self, mask: u64) {
        self.saved_mask.get_or_insert(SavedMask(self.mask));
        self.mask = blockable(mask);
    }
}

/// Tells the host what to do about a signal: note it for the guest, ignore it, or its default.
fn set_host_action(signal: c_int, handler: u64) {
    // Faults of the emulator itself must stay what they are. SIGPIPE is raised from EPIPE.
    let own = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP, libc::SIGPIPE];
    if own.contains(&signal) || matches!(signal, libc::SIGKILL | libc::SIGSTOP | 32 | 33) {
        return;
    }
    let action = match handler {
        SIG_DFL => libc::SIG_DFL,
        SIG_IGN => libc::SIG_IGN,
        _ => note_host_signal as *const () as libc::sighandler_t,
    };
    // SAFETY: an all-zero sigaction is valid; the handler only touches an atomic. No SA_RESTART: waits must
    // end.
    unsafe {
        let mut sa: libc::sigaction = std::mem::zeroed();
        sa.sa_sigaction = action;
        libc::sigaction(signal, &raw const sa, std::ptr::null_mut());
    }
}

impl Process {
    /// Delivers what is pending and not blocked. Called with the hart between instructions.
    pub fn deliver_signals(&mut self, hart: &mut Hart) -> Delivery {
        self.signals.take_host();
        loop {
            let ready = self.signals.pending & !self.signals.mask;
            if ready == 0 {
                break;
            }
            let signal = ready.trailing_zeros() as c_int + 1;
            self.signals.pending &= !bit(signal);
            if self.signals.ignored(signal) {
                continue;
            }
            if self.signals.actions[signal as usize].handler == SIG_DFL {
                return Delivery::Killed(signal);
            }
            let info = self.signals.info[signal as usize];
            if self.enter_handler(hart, signal, info).is_err() {
                return Delivery::Killed(libc::SIGSEGV);
            }
        }
        self.signals.interrupted = None;
        if let Some(SavedMask(mask)) = self.signals.saved_mask.take() {
            self.signals.mask = mask;
        }
        Delivery::Continue
    }

    /// Delivers the signal of an instruction that trapped. If it is blocked, ignored or has no handler, it
    /// kills.
    pub fn fault(&mut self, hart: &mut Hart, trap: Trap) -> Delivery {
        let (signal, code, addr) = fault_signal(trap, hart);
        let action = self.signals.actions[signal as usize];
        let blocked = self.signals.mask & bit(signal) != 0;
        if blocked || matches!(action.handler, SIG_DFL | SIG_IGN) {
            return Delivery::Killed(signal);
        }
        match self.enter_handler(hart, signal, Info { code, data: addr }) {
            Ok(()) => Delivery::Continue,
            Err(_) => Delivery::Killed(libc::SIGSEGV),
        }
    }

    /// Builds the frame and sends the hart to the handler. Error: the stack cannot be written.
    fn enter_handler(&mut self, hart: &mut Hart, signal: c_int, info: Info) -> Result<(), Errno> {
        let action = self.signals.actions[signal as usize];
        if let Some((ecall, a0)) = self.signals.interrupted.take()
            && action.flags & SA_RESTART != 0
        {
            hart.pc = ecall;
            hart.x[10] = a0;
        }
        let stack = self.signals.stack;
        let mut sp = hart.x[2];
        if action.flags & SA_ONSTACK != 0 && stack.enabled && !stack.holds(sp) {
            sp = stack.base.wrapping_add(stack.size);
        }
        let frame = sp.wrapping_sub(SIGNAL_FRAME_SIZE) & !15;
        let uc = frame.wrapping_add(UCONTEXT);
        let mc = uc.wrapping_add(UC_MCONTEXT);

        self.put(frame, &[0; SIGNAL_FRAME_SIZE as usize])?;
        self.put(frame, &signal.to_le_bytes())?;
        self.put(frame + 8, &info.code.to_le_bytes())?;
        self.put_words(frame + 16, &[info.data])?;
        self.put_words(uc + UC_STACK, &stack.words(hart.x[2]))?;
        let old_mask = self.signals.saved_mask.take().map_or(self.signals.mask, |saved| saved.0);
        self.put_words(uc + UC_SIGMASK, &[old_mask])?;
        let mut regs = [0; 32];
        regs[0] = hart.pc;
        regs[1..].copy_from_slice(&hart.x[1..32]);
        self.put_words(mc, &regs)?;
        self.put_words(mc + SC_FPREGS, &hart.f)?;
        self.put(mc + SC_FCSR, &(hart.frm << 5 | hart.fflags).to_le_bytes())?;

        let own = if action.flags & SA_NODEFER != 0 { 0 } else { bit(signal) };
        self.signals.mask |= blockable(action.mask | own);
        if action.flags & SA_RESETHAND != 0 {
            self.signals.actions[signal as usize] = Action::default();
        }
        hart.x[1] = self.signals.trampoline;
        hart.x[2] = frame;
        hart.x[10] = signal as u64;
        hart.x[11] = frame;
        hart.x[12] = uc;
        hart.pc = action.handler;
        hart.reservation = None;
        Ok(())
    }

    /// `rt_sigreturn`: takes the state back from the frame at sp. Error: the frame cannot be read.
    pub(super) fn sigreturn(&mut self, hart: &mut Hart) -> Result<(), Errno> {
        let uc = hart.x[2].wrapping_add(UCONTEXT);
        let mc = uc.wrapping_add(UC_MCONTEXT);
        let [mask] = self.get_words(uc.wrapping_add(UC_SIGMASK))?;
        let [base, flags, size] = self.get_words(uc.wrapping_add(UC_STACK))?;
        let regs: [u64; 32] = self.get_words(mc)?;
        let f: [u64; 32] = self.get_words(mc.wrapping_add(SC_FPREGS))?;
        let fcsr = self.space.ram().read_u32(mc.wrapping_add(SC_FCSR))?;
        self.signals.mask = blockable(mask);
        self.signals.stack = AltStack { base, size, enabled: flags & SS_DISABLE == 0 && size != 0 };
        hart.pc = regs[0] & !1;
        hart.x[1..32].copy_from_slice(&regs[1..]);
        hart.f = f;
        hart.fflags = fcsr & 31;
        hart.frm = fcsr >> 5 & 7;
        hart.reservation = None;
        Ok(())
    }

    /// The kernel's `struct sigaction` of riscv64: handler, flags, mask.
    pub(super) fn rt_sigaction(&mut self, a: Args) -> Ret {
        let signal = signal_number(a[0])?;
        if a[3] != 8 {
            return Err(Errno::INVAL);
        }
        let new = if a[1] == 0 { None } else { Some(self.get_words::<3>(a[1])?) };
        if new.is_some() && matches!(signal, libc::SIGKILL | libc::SIGSTOP) {
            return Err(Errno::INVAL);
        }
        let old = self.signals.actions[signal as usize];
        if a[2] != 0 {
            self.put_words(a[2], &[old.handler, old.flags, old.mask])?;
        }
        if let Some([handler, flags, mask]) = new {
            self.signals.actions[signal as usize] = Action { handler, flags, mask };
            set_host_action(signal, handler);
            if self.signals.ignored(signal) {
                self.signals.pending &= !bit(signal);
            }
        }
        Ok(0)
    }

    pub(super) fn rt_sigprocmask(&mut self, a: Args) -> Ret {
        if a[3] != 8 {
            return Err(Errno::INVAL);
        }
        let old = self.signals.mask;
        if a[1] != 0 {
            let [set] = self.get_words(a[1])?;
            self.signals.mask = blockable(match a[0] as c_int {
                libc::SIG_BLOCK => old | set,
                libc::SIG_UNBLOCK => old & !set,
                libc::SIG_SETMASK => set,
                _ => return Err(Errno::INVAL),
            });
        }
        if a[2] != 0 {
            self.put_words(a[2], &[old])?;
        }
        Ok(0)
    }

    pub(super) fn rt_sigpending(&mut self, a: Args) -> Ret {
        self.signals.take_host();
        self.put_words(a[0], &[self.signals.pending & self.signals.mask])?;
        Ok(0)
    }

    pub(super) fn rt_sigsuspend(&mut self, a: Args) -> Ret {
        let [mask] = self.get_words(a[0])?;
        self.signals.mask_during_wait(mask);
        self.signals.take_host();
        if !self.signals.deliverable() {
            // A host signal that arrives just before this call would be missed until the next; the wait is
            // cut into pieces for that.
            let piece = [0u64, 50_000_000];
            while !self.signals.deliverable() {
                let _ = host_call!(SYS_ppoll, 0, 0, piece.as_ptr(), 0, 8);
                self.signals.take_host();
            }
        }
        Err(Errno::INTR)
    }

    pub(super) fn sigaltstack(&mut self, a: Args, hart: &Hart) -> Ret {
        let old = self.signals.stack.words(hart.x[2]);
        if a[0] != 0 {
            let [base, flags, size] = self.get_words(a[0])?;
            if self.signals.stack.holds(hart.x[2]) {
                return Err(Errno::PERM);
            }
            // The flags are 32 bits; what is above is padding.
            match flags & 0xffff_ffff & !(1 << 31) {
                SS_DISABLE => self.signals.stack = AltStack { base: 0, size: 0, enabled: false },
                0 | SS_ONSTACK if size < MIN_STACK => return Err(Errno::NOMEM),
                0 | SS_ONSTACK => self.signals.stack = AltStack { base, size, enabled: true },
                _ => return Err(Errno::INVAL),
            }
        }
        if a[1] != 0 {
            self.put_words(a[1], &old)?;
        }
        Ok(0)
    }

    pub(super) fn kill(&mut self, a: Args) -> Ret {
        let (pid, signal) = (a[0] as c_int, a[1] as c_int);
        if pid == self.pid() {
            return self.send_self(a[1], SI_USER);
        }
        // The guest cannot tell the emulator's relatives from its own: groups are refused, but for its own
        // group, which is itself.
        match pid {
            0 => return self.send_self(a[1], SI_USER),
            -1 => return Err(Errno::PERM),
            _ => {}
        }
        host_call!(SYS_kill, pid, signal)
    }

    pub(super) fn tgkill(&mut self, a: Args) -> Ret {
        let me = self.pid();
        let group = a[0] as c_int;
        if (group == me || group == 0 || group == -1) && a[1] as c_int == me {
            return self.send_self(a[2], SI_TKILL);
        }
        Err(Errno::SRCH)
    }

    fn send_self(&mut self, signal: u64, code: i32) -> Ret {
        if signal == 0 {
            return Ok(0);
        }
        let signal = signal_number(signal)?;
        let data = u64::from(self.pid() as u32) | self.ids()[0] << 32;
        self.signals.raise(signal, Info { code, data });
        Ok(0)
    }
}

impl AltStack {
    fn holds(&self, sp: u64) -> bool {
        self.enabled && sp > self.base && sp - self.base <= self.size
    }

    /// `stack_t`: base, flags, size.
    fn words(&self, sp: u64) -> [u64; 3] {
        let flags = match (self.enabled, self.holds(sp)) {
            (false, _) => SS_DISABLE,
            (true, true) => SS_ONSTACK,
            (true, false) => 0,
        };
        [self.base, flags, self.size]
    }
}

fn signal_number(arg: u64) -> Result<c_int, Errno> {
    if (1..=NSIG as u64).contains(&(arg & 0xffff_ffff)) { Ok(arg as c_int) } else { Err(Errno::INVAL) }
}

/// Signal, `si_code` and `si_addr` of a trap.
pub fn fault_signal(trap: Trap, hart: &Hart) -> (c_int, i32, u64) {
    const SEGV_MAPERR: i32 = 1;
    const SEGV_ACCERR: i32 = 2;
    match trap {
        Trap::FetchFault | Trap::LoadFault | Trap::StoreFault => {
            let mapped = hart.ram.page_perms(hart.fault_addr) & crate::memory::MAPPED != 0;
            (libc::SIGSEGV, if mapped { SEGV_ACCERR } else { SEGV_MAPERR }, hart.fault_addr)
        }
        // BUS_ADRALN
        Trap::Misaligned => (libc::SIGBUS, 1, hart.fault_addr),
        // TRAP_BRKPT
        Trap::Breakpoint => (libc::SIGTRAP, 1, hart.pc),
        // ILL_ILLOPC. Calls and code writes are not faults and do not come here.
        Trap::Illegal | Trap::Ecall | Trap::CodeWrite | Trap::Retry => (libc::SIGILL, 1, hart.pc),
    }
}

/// Name of a signal, e.g. `SIGSEGV`.
pub fn name(signal: c_int) -> &'static str {
    const NAMES: [&str; 32] = [
        "SIG0",
        "SIGHUP",
        "SIGINT",
        "SIGQUIT",
        "SIGILL",
        "SIGTRAP",
        "SIGABRT",
        "SIGBUS",
        "SIGFPE",
        "SIGKILL",
        "SIGUSR1",
        "SIGSEGV",
        "SIGUSR2",
        "SIGPIPE",
        "SIGALRM",
        "SIGTERM",
        "SIGSTKFLT",
        "SIGCHLD",
        "SIGCONT",
        "SIGSTOP",
        "SIGTSTP",
        "SIGTTIN",
        "SIGTTOU",
        "SIGURG",
        "SIGXCPU",
        "SIGXFSZ",
        "SIGVTALRM",
        "SIGPROF",
        "SIGWINCH",
        "SIGIO",
        "SIGPWR",
        "SIGSYS",
    ];
    usize::try_from(signal).ok().and_then(|n| NAMES.get(n)).copied().unwrap_or("SIGRT")
}

/// What a signal means, in the words of strsignal(3).
pub fn description(signal: c_int) -> &'static str {
    match signal {
        libc::SIGHUP => "hangup",
        libc::SIGINT => "interrupt",
        libc::SIGILL => "illegal instruction",
        libc::SIGTRAP => "breakpoint",
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "misaligned atomic access",
        libc::SIGFPE => "arithmetic exception",
        libc::SIGKILL => "killed",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGPIPE => "broken pipe",
        libc::SIGALRM => "alarm clock",
        libc::SIGTERM => "terminated",
        _ => "killed by a signal",
    }
}
