//! Signals: actions, masks, delivery with riscv64 frames, and return.
//!
//! Signals come from three places: instructions that trapped ([`Task::fault`]), the host, which queues and
//! chooses for the guest (`host`), and for the few that the host cannot carry, the guest itself: those are
//! [`Thread::post`]ed. They are delivered between blocks, after system calls and after faults.

use super::host::{self, HostAction, KICK, SIGINFO, SYNCHRONOUS, bit};
use super::thread::Thread;
use super::{Args, Process, Ret, Task, host_call};
use crate::debug::gdb::session::Stop;
use crate::errno::Errno;
use crate::hart::Hart;
use crate::memory;
use crate::trap::Trap;
use libc::c_int;

/// Highest signal number.
const NSIG: usize = 64;

/// Bytes of `struct rt_sigframe`: `siginfo_t`, then `ucontext_t`.
pub const SIGNAL_FRAME_SIZE: u64 = UCONTEXT + UC_MCONTEXT + MCONTEXT_SIZE;

// Offsets of arch/riscv's `struct rt_sigframe` and `struct ucontext`.
const UCONTEXT: u64 = SIGINFO as u64;
const UC_STACK: u64 = 16;
const UC_SIGMASK: u64 = 40;
const UC_MCONTEXT: u64 = 176;
/// In `struct sigcontext`: pc and x1..x31, then 32 doubles, then `fcsr`.
const SC_FPREGS: u64 = 256;
const SC_FCSR: u64 = SC_FPREGS + 256;
const MCONTEXT_SIZE: u64 = 256 + 528;

const SA_NOCLDSTOP: u64 = 1;
const SA_NOCLDWAIT: u64 = 2;
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

/// What the guest wants done about a signal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Action {
    handler: u64,
    flags: u64,
    mask: u64,
}

/// The actions of a process, by signal number.
pub(super) type Actions = [Action; NSIG + 1];

/// A signal with its `siginfo_t`.
pub type Queued = (c_int, [u8; SIGINFO]);

/// Mask and alternate stack of a thread.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct SignalState {
    /// Blocked signals.
    pub(super) mask: u64,
    /// The mask to go back to, while a wait has put another in its place.
    saved: Option<u64>,
    /// What the host's mask was last set to.
    on_host: Option<u64>,
    pub(super) stack: AltStack,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AltStack {
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
    /// Another thread ends the process, or replaces its program: this one is over.
    Gone,
}

/// SIGKILL and SIGSTOP cannot be blocked.
fn blockable(mask: u64) -> u64 {
    mask & !(bit(libc::SIGKILL) | bit(libc::SIGSTOP))
}

/// A `siginfo_t` with the words at offsets 16 and 24.
pub(super) fn siginfo(signal: c_int, code: i32, data: u64, more: u64) -> [u8; SIGINFO] {
    let mut info = [0; SIGINFO];
    info[..4].copy_from_slice(&signal.to_le_bytes());
    info[8..12].copy_from_slice(&code.to_le_bytes());
    info[16..24].copy_from_slice(&data.to_le_bytes());
    info[24..32].copy_from_slice(&more.to_le_bytes());
    info
}

/// True when the kernel does nothing about the signal, or stops the process, unless there is a handler.
fn harmless(signal: c_int) -> bool {
    matches!(
        signal,
        libc::SIGCHLD
            | libc::SIGCONT
            | libc::SIGURG
            | libc::SIGWINCH
            | libc::SIGSTOP
            | libc::SIGTSTP
            | libc::SIGTTIN
            | libc::SIGTTOU
    )
}

/// What the host is to do for a guest's action; `None`: the host's action stays as it is.
fn host_action(signal: c_int, action: Action) -> Option<HostAction> {
    if bit(signal) & SYNCHRONOUS != 0 || matches!(signal, libc::SIGKILL | libc::SIGSTOP | KICK) {
        return None;
    }
    Some(match action.handler {
        SIG_IGN => HostAction::Ignore,
        // Raised from EPIPE, so that the reports are written before the end.
        SIG_DFL if signal == libc::SIGPIPE => HostAction::Ignore,
        SIG_DFL if harmless(signal) || signal == libc::SIGABRT || signal >= 32 => HostAction::Default,
        SIG_DFL => HostAction::Note(SA_RESTART),
        _ => HostAction::Note(action.flags & (SA_RESTART | SA_NOCLDSTOP | SA_NOCLDWAIT)),
    })
}

impl Process {
    /// Takes over from the host what a program inherits, and has it note what would kill the process.
    pub(super) fn inherit_actions(&self) {
        host::set_action(KICK, HostAction::Note(SA_RESTART));
        let mut actions = self.lock_actions();
        for signal in 1..32 {
            let action = &mut actions[signal as usize];
            // The host's own runtime ignores SIGPIPE.
            if signal != libc::SIGPIPE && bit(signal) & SYNCHRONOUS == 0 && host::is_ignored(signal) {
                action.handler = SIG_IGN;
            } else if let Some(wanted) = host_action(signal, *action)
                && wanted != HostAction::Default
            {
                host::set_action(signal, wanted);
            }
        }
    }

    /// The actions after `execve`: handlers are gone, ignored signals stay.
    pub(super) fn reset_actions(&self) {
        for (signal, action) in self.lock_actions().iter_mut().enumerate().skip(1) {
            if action.handler > SIG_IGN {
                *action = Action::default();
                if let Some(wanted) = host_action(signal as c_int, *action) {
                    host::set_action(signal as c_int, wanted);
                }
            }
        }
    }

    fn action(&self, signal: c_int) -> Action {
        self.lock_actions()[signal as usize]
    }
}

impl Action {
    fn ignores(&self, signal: c_int) -> bool {
        self.handler == SIG_IGN || self.handler == SIG_DFL && harmless(signal)
    }
}

impl SignalState {
    /// What a new thread begins with.
    pub(super) fn for_new_thread(&self) -> SignalState {
        SignalState { mask: self.mask, ..SignalState::default() }
    }

    /// Blocks `mask` instead of the current mask until the next delivery.
    pub(super) fn mask_during_wait(&mut self, mask: u64) {
        self.saved.get_or_insert(self.mask);
        self.mask = blockable(mask);
    }

    /// The wait was not begun, or ended without a signal.
    pub(super) fn end_wait(&mut self) {
        if let Some(mask) = self.saved.take() {
            self.mask = mask;
        }
    }
}

impl Task {
    /// Delivers what is pending and not blocked. Called with the hart between instructions.
    pub fn deliver_signals(&mut self, hart: &mut Hart) -> Delivery {
        memory::settle();
        loop {
            self.thread.interrupt.clear();
            if self.process.wants_gone(&self.thread) {
                return Delivery::Gone;
            }
            if let Some(addr) = memory::take_bus_error() {
                // BUS_ADRERR
                self.thread.post((libc::SIGBUS, siginfo(libc::SIGBUS, 2, addr, 0)));
            }
            let mask = self.signals.mask;
            let next = self.thread.side.take().or_else(|| self.thread.take_posted(|s| mask & bit(s) == 0));
            if let Some((signal, info)) = next {
                let action = self.process.action(signal);
                if action.ignores(signal) {
                    continue;
                }
                let Some((signal, info)) = self.debugger_wants(hart, signal, info) else { continue };
                let action = self.process.action(signal);
                if action.ignores(signal) {
                    continue;
                }
                if action.handler == SIG_DFL {
                    return Delivery::Killed(signal);
                }
                if self.enter_handler(hart, signal, &info).is_err() {
                    return Delivery::Killed(libc::SIGSEGV);
                }
                continue;
            }
            self.signals.end_wait();
            self.set_host_mask();
            if !self.thread.interrupt.requested() {
                return Delivery::Continue;
            }
        }
    }

    /// Gives the host the guest's mask, if it has another.
    fn set_host_mask(&mut self) {
        let mask = self.signals.mask;
        if self.thread.side.blocked() || self.signals.on_host != Some(mask) {
            self.signals.on_host = Some(mask);
            self.thread.side.unblock(mask);
        }
    }

    /// Delivers the signal of an instruction that trapped. If it is blocked, ignored or has no handler, it
    /// kills.
    pub fn fault(&mut self, hart: &mut Hart, trap: Trap) -> Delivery {
        memory::settle();
        let (signal, code, addr) = fault_signal(trap, hart);
        let info = siginfo(signal, code, addr, 0);
        let Some((signal, info)) = self.debugger_wants(hart, signal, info) else {
            return Delivery::Continue;
        };
        let action = self.process.action(signal);
        let blocked = self.signals.mask & bit(signal) != 0;
        if blocked || matches!(action.handler, SIG_DFL | SIG_IGN) {
            return Delivery::Killed(signal);
        }
        match self.enter_handler(hart, signal, &info) {
            Ok(()) => {
                self.set_host_mask();
                Delivery::Continue
            }
            Err(_) => Delivery::Killed(libc::SIGSEGV),
        }
    }

    /// Stops for a debugger that wants to know of a signal before it is delivered. Returns what is to be delivered
    /// after that: the signal, another one, or none.
    fn debugger_wants(&mut self, hart: &mut Hart, signal: c_int, info: [u8; SIGINFO]) -> Option<Queued> {
        let Some(session) = self.process.session() else { return Some((signal, info)) };
        if std::mem::take(&mut self.from_debugger) == signal {
            return Some((signal, info));
        }
        let wanted = session.stop(&self.process, &self.thread, hart, Stop::Signal(signal));
        match wanted {
            0 => None,
            _ if wanted == signal => Some((signal, info)),
            _ => Some((wanted, siginfo(wanted, SI_USER, self.sender(), 0))),
        }
    }

    /// Makes a signal pending that the debugger sends to this thread; 0 = none.
    pub(crate) fn take_from_debugger(&mut self, signal: c_int) {
        if signal != 0 {
            self.from_debugger = signal;
            let _ = self.post_self(signal, SI_USER);
        }
    }

    /// Builds the frame and sends the hart to the handler. Error: the stack cannot be written.
    fn enter_handler(&mut self, hart: &mut Hart, signal: c_int, info: &[u8; SIGINFO]) -> Result<(), Errno> {
        let action = self.process.action(signal);
        let stack = self.signals.stack;
        let mut sp = hart.x[2];
        if action.flags & SA_ONSTACK != 0 && stack.enabled && !stack.holds(sp) {
            sp = stack.base.wrapping_add(stack.size);
        }
        let frame = sp.wrapping_sub(SIGNAL_FRAME_SIZE) & !15;
        // An overflow of the alternate stack must not go on below it.
        if stack.holds(hart.x[2]) && !stack.holds(frame) {
            return Err(Errno::FAULT);
        }
        let uc = frame.wrapping_add(UCONTEXT);
        let mc = uc.wrapping_add(UC_MCONTEXT);

        self.put(frame, &[0; SIGNAL_FRAME_SIZE as usize])?;
        self.put(frame, info)?;
        self.put_words(uc + UC_STACK, &stack.words(hart.x[2]))?;
        let old_mask = self.signals.saved.take().unwrap_or(self.signals.mask);
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
            self.set_action(signal, Action::default());
        }
        hart.x[1] = self.process.trampoline();
        hart.x[2] = frame;
        hart.x[10] = signal as u64;
        hart.x[11] = frame;
        hart.x[12] = uc;
        // As in `sepc`, from which Linux enters the handler, bit 0 is always clear.
        hart.pc = action.handler & !1;
        hart.reservation = Default::default();
        Ok(())
    }

    fn set_action(&self, signal: c_int, action: Action) {
        self.process.lock_actions()[signal as usize] = action;
        if let Some(wanted) = host_action(signal, action) {
            host::set_action(signal, wanted);
        }
    }

    /// `rt_sigreturn`: takes the state back from the frame at sp. Error: the frame cannot be read.
    pub(super) fn sigreturn(&mut self, hart: &mut Hart) -> Result<(), Errno> {
        let uc = hart.x[2].wrapping_add(UCONTEXT);
        let mc = uc.wrapping_add(UC_MCONTEXT);
        let [mask] = self.get_words(uc.wrapping_add(UC_SIGMASK))?;
        let [base, flags, size] = self.get_words(uc.wrapping_add(UC_STACK))?;
        let regs: [u64; 32] = self.get_words(mc)?;
        let f: [u64; 32] = self.get_words(mc.wrapping_add(SC_FPREGS))?;
        let fcsr = self.ram.read_u32(mc.wrapping_add(SC_FCSR))?;
        self.signals.mask = blockable(mask);
        self.signals.stack = AltStack { base, size, enabled: flags & SS_DISABLE == 0 && size != 0 };
        hart.pc = regs[0] & !1;
        hart.x[1..32].copy_from_slice(&regs[1..]);
        hart.f = f;
        hart.fflags = fcsr & 31;
        hart.frm = fcsr >> 5 & 7;
        hart.reservation = Default::default();
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
        let old = self.process.action(signal);
        if a[2] != 0 {
            self.put_words(a[2], &[old.handler, old.flags, old.mask])?;
        }
        if let Some([handler, flags, mask]) = new {
            self.set_action(signal, Action { handler, flags, mask });
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
            let new = blockable(match a[0] as c_int {
                libc::SIG_BLOCK => old | set,
                libc::SIG_UNBLOCK => old & !set,
                libc::SIG_SETMASK => set,
                _ => return Err(Errno::INVAL),
            });
            if new != old {
                // A signal that was noted before comes before the change.
                self.thread.side.block_all();
                if self.thread.side.has_noted() {
                    return Err(Errno::RESTART);
                }
                self.signals.mask = new;
            }
        }
        if a[2] != 0 {
            self.put_words(a[2], &[old])?;
        }
        // What was posted and is unblocked now comes at once: every call is followed by a delivery.
        Ok(0)
    }

    pub(super) fn rt_sigpending(&mut self, a: Args) -> Ret {
        let mut pending = 0u64;
        host_call!(SYS_rt_sigpending, &raw mut pending, 8)?;
        let posted = self.thread.posted();
        self.put_words(a[0], &[(pending | posted) & self.signals.mask])?;
        Ok(0)
    }

    pub(super) fn rt_sigsuspend(&mut self, a: Args) -> Ret {
        let [mask] = self.get_words(a[0])?;
        self.with_mask(mask, |_, mask| host_call!(SYS_rt_sigsuspend, &raw const mask, 8))
    }

    /// Makes a wait under another mask. `wait` gets the mask for the host.
    pub(super) fn with_mask(&mut self, mask: u64, wait: impl FnOnce(&mut Task, u64) -> Ret) -> Ret {
        let posted = self.thread.posted() & !mask;
        self.signals.mask_during_wait(mask);
        let result = if posted != 0 { Err(Errno::INTR) } else { wait(self, host::wait_mask(mask)) };
        // With EINTR the mask holds until the delivery.
        if result != Err(Errno::INTR) {
            self.signals.end_wait();
        }
        result
    }

    pub(super) fn rt_sigtimedwait(&mut self, a: Args) -> Ret {
        let [set] = self.get_words(a[0])?;
        let timeout = if a[2] == 0 { None } else { Some(self.get_words::<2>(a[2])?) };
        let (signal, info) = match self.thread.take_posted(|s| set & bit(s) != 0) {
            Some(queued) => queued,
            None => {
                let mut info = [0; SIGINFO];
                let set = host::wait_mask(set);
                let timeout = timeout.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
                let signal = host_call!(SYS_rt_sigtimedwait, &raw const set, info.as_mut_ptr(), timeout, 8)?;
                (signal as c_int, info)
            }
        };
        if a[1] != 0 {
            self.put(a[1], &info)?;
        }
        Ok(signal as u64)
    }

    pub(super) fn signalfd4(&mut self, a: Args) -> Ret {
        let [set] = self.get_words(a[1])?;
        let set = host::wait_mask(set);
        host_call!(SYS_signalfd4, a[0] as c_int, &raw const set, 8, a[3])
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
                SS_DISABLE => self.signals.stack = AltStack::default(),
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

    /// True when the host cannot carry a signal to this process as the guest means it.
    fn is_own(&self, signal: c_int) -> bool {
        bit(signal) & SYNCHRONOUS != 0
            || signal == KICK
            || matches!(signal, libc::SIGABRT | libc::SIGPIPE)
                && self.process.action(signal).handler == SIG_DFL
    }

    pub(super) fn kill(&mut self, a: Args) -> Ret {
        let (pid, signal) = (a[0] as c_int, a[1] as c_int);
        if pid == self.pid() {
            if signal != 0 && self.is_own(signal_number(a[1])?) {
                return self.post_self(signal, SI_USER);
            }
            // The only thread gets it itself: in a process that has other threads than the guest's, the kernel might
            // choose one of those.
            if signal != 0 && self.process.thread_count() == 1 {
                let info = siginfo(signal, SI_USER, self.sender(), 0);
                let own = self.thread.host_tid();
                return host_call!(SYS_rt_tgsigqueueinfo, std::process::id(), own, signal, info.as_ptr());
            }
            return host_call!(SYS_kill, std::process::id(), signal);
        }
        // Everything that the user may signal is more than the guest's own.
        if pid == -1 {
            return Err(Errno::PERM);
        }
        host_call!(SYS_kill, pid, signal)
    }

    pub(super) fn tgkill(&mut self, a: Args) -> Ret {
        let (group, tid, signal) = (a[0] as c_int, a[1] as c_int, a[2] as c_int);
        if group <= 0 && group != -1 || tid <= 0 {
            return Err(Errno::INVAL);
        }
        let Some(thread) = self.process.thread(tid) else {
            return if group == self.pid() || group == -1 {
                Err(Errno::SRCH)
            } else {
                host_call!(SYS_tgkill, group, tid, signal)
            };
        };
        if group != -1 && group != self.pid() {
            return Err(Errno::SRCH);
        }
        if signal == 0 {
            return Ok(0);
        }
        if self.is_own(signal_number(a[2])?) {
            let info = siginfo(signal, SI_TKILL, self.sender(), 0);
            return self.post(&thread, (signal, info));
        }
        host_call!(SYS_tgkill, std::process::id(), thread.host_tid(), signal)
    }

    /// `rt_sigqueueinfo` and `rt_tgsigqueueinfo`; `tid`: the thread, for the second.
    pub(super) fn sigqueueinfo(&mut self, pid: u64, tid: Option<u64>, signal: u64, info: u64) -> Ret {
        let number = signal_number(signal)?;
        let mut bytes = [0; SIGINFO];
        self.ram.read(info, &mut bytes)?;
        bytes[..4].copy_from_slice(&number.to_le_bytes());
        let own = pid as c_int == self.pid();
        let thread = match tid {
            Some(tid) if own => Some(self.process.thread(tid as c_int).ok_or(Errno::SRCH)?),
            _ => None,
        };
        if own && self.is_own(number) {
            let thread = thread.unwrap_or_else(|| self.thread.clone());
            return self.post(&thread, (number, bytes));
        }
        let pid = if own { std::process::id() as c_int } else { pid as c_int };
        match tid {
            None => host_call!(SYS_rt_sigqueueinfo, pid, number, bytes.as_ptr()),
            Some(tid) => {
                let tid = thread.map_or(tid as c_int, |t| t.host_tid());
                host_call!(SYS_rt_tgsigqueueinfo, pid, tid, number, bytes.as_ptr())
            }
        }
    }

    /// The sender's process id (low) and user id (high) as `siginfo_t` has them.
    fn sender(&self) -> u64 {
        u64::from(self.pid() as u32) | self.ids()[0] << 32
    }

    /// Posts a signal to this thread as if the process had sent it to itself.
    pub(super) fn post_self(&self, signal: c_int, code: i32) -> Ret {
        let info = siginfo(signal, code, self.sender(), 0);
        self.thread.post((signal, info));
        Ok(0)
    }

    fn post(&self, thread: &Thread, queued: Queued) -> Ret {
        thread.post(queued);
        if !std::ptr::eq(thread, &raw const *self.thread) {
            thread.kick();
        }
        Ok(0)
    }

    /// Whether the guest ignores or handles SIGPIPE, so that the host's action is the guest's.
    pub(super) fn host_ignores_pipe(&self) -> bool {
        self.process.action(libc::SIGPIPE).handler != SIG_DFL
    }

    /// A write failed because its reader has left: SIGPIPE, unless the host has sent it to the guest's handler.
    pub(super) fn broken_pipe(&self) {
        if self.process.action(libc::SIGPIPE).handler == SIG_DFL {
            let _ = self.post_self(libc::SIGPIPE, SI_USER);
        }
    }
}

/// Whether the code at `pc` is what handlers return to, in the vDSO or in a C library: `li a7, 139; ecall`.
pub(crate) fn is_trampoline(ram: &memory::Ram, pc: u64) -> bool {
    const CODE: [u8; 8] = [0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00];
    let mut code = [0; CODE.len()];
    ram.fetch(pc, &mut code).is_ok() && code == CODE
}

/// The pc and the registers that the signal frame at `sp` keeps. `None`: it cannot be read.
pub(crate) fn interrupted(ram: &memory::Ram, sp: u64) -> Option<(u64, [u64; 32])> {
    let context = sp.wrapping_add(UCONTEXT).wrapping_add(UC_MCONTEXT);
    let mut x = [0; 32];
    for (n, place) in x.iter_mut().enumerate() {
        *place = ram.read_u64(context.wrapping_add(8 * n as u64)).ok()?;
    }
    let pc = std::mem::take(&mut x[0]);
    Some((pc, x))
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

pub(super) fn signal_number(arg: u64) -> Result<c_int, Errno> {
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
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "arithmetic exception",
        libc::SIGKILL => "killed",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGPIPE => "broken pipe",
        libc::SIGALRM => "alarm clock",
        libc::SIGTERM => "terminated",
        _ => "killed by a signal",
    }
}
