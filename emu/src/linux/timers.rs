//! Timers that send signals. The guest's are the host's, with the same numbers, and the host's signals are passed on to the
//! guest. But the host's process goes on when the guest's program has ended, or has become another one: so it is known
//! which timers there are.

use super::{Args, Process, Ret, Task, host_call, lock};
use libc::c_int;

/// Bytes of `struct itimerspec`, and of `struct itimerval`: four 64-bit words on all 64-bit machines.
const ITIMERSPEC: u64 = 32;

/// The timers that a process has.
#[derive(Default)]
pub struct Timers {
    /// Those of `timer_create`.
    created: Vec<c_int>,
    /// Those of `setitimer`, by their numbers, as bits.
    interval: u32,
}

impl Timers {
    /// In a process that was forked: it has none.
    pub fn forget(&mut self) {
        *self = Timers::default();
    }

    fn delete_created(&mut self) {
        for timer in self.created.drain(..) {
            // Not a call of the guest's, which a signal may put off.
            // SAFETY: it takes a number alone; the timer is the guest's.
            unsafe { libc::syscall(libc::SYS_timer_delete, timer) };
        }
    }
}

impl Process {
    /// Another program has been started: only interval timers go on (`execve(2)`).
    pub(super) fn keep_interval_timers(&self) {
        lock(&self.timers).delete_created();
    }

    /// The program has ended.
    pub(crate) fn end_timers(&self) {
        let mut timers = lock(&self.timers);
        timers.delete_created();
        for which in (0..u32::BITS).filter(|n| timers.interval & 1 << n != 0) {
            let off = [0u64; 4];
            // SAFETY: the structure is as large as four words; the timer is the guest's.
            unsafe { libc::syscall(libc::SYS_setitimer, which, off.as_ptr(), std::ptr::null_mut::<u64>()) };
        }
        timers.interval = 0;
    }
}

impl Task {
    pub(super) fn setitimer(&mut self, a: Args) -> Ret {
        let new = self.optional_input(a[1], ITIMERSPEC)?;
        let old = self.optional_output(a[2], ITIMERSPEC)?;
        let mut timers = lock(&self.process.timers);
        let n = host_call!(SYS_setitimer, a[0], new, old)?;
        timers.interval |= 1 << (a[0] % u64::from(u32::BITS));
        Ok(n)
    }

    pub(super) fn getitimer(&mut self, a: Args) -> Ret {
        host_call!(SYS_getitimer, a[0], self.output(a[1], ITIMERSPEC)?)
    }

    /// `struct sigevent` is the same on all 64-bit machines, the thread that it may name included.
    pub(super) fn timer_create(&mut self, a: Args) -> Ret {
        let event = self.optional_input(a[1], 64)?;
        self.output(a[2], 4)?;
        let mut number: c_int = 0;
        let mut timers = lock(&self.process.timers);
        let n = host_call!(SYS_timer_create, a[0] as c_int, event, &raw mut number)?;
        timers.created.push(number);
        drop(timers);
        self.put(a[2], &number.to_le_bytes())?;
        Ok(n)
    }

    pub(super) fn timer_delete(&mut self, a: Args) -> Ret {
        let timer = a[0] as c_int;
        let mut timers = lock(&self.process.timers);
        let n = host_call!(SYS_timer_delete, timer)?;
        timers.created.retain(|other| *other != timer);
        Ok(n)
    }

    pub(super) fn timer_settime(&mut self, a: Args) -> Ret {
        let old = self.optional_output(a[3], ITIMERSPEC)?;
        let n = host_call!(SYS_timer_settime, a[0] as c_int, a[1], self.input(a[2], ITIMERSPEC)?, old)?;
        if a[3] != 0 {
            self.wrote(a[3], ITIMERSPEC);
        }
        Ok(n)
    }

    pub(super) fn timer_gettime(&mut self, a: Args) -> Ret {
        let n = host_call!(SYS_timer_gettime, a[0] as c_int, self.output(a[1], ITIMERSPEC)?)?;
        self.wrote(a[1], ITIMERSPEC);
        Ok(n)
    }
}
