//! Clocks and sleeping.
//!
//! In deterministic mode a guest nanosecond is an instruction: clocks start at a fixed date, and sleeping
//! moves them on without waiting.

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use crate::hart::{Clock, Hart};
use libc::{c_int, timespec};
use std::sync::atomic::Ordering;

/// Deterministic wall-clock time at the start, in seconds since 1970: 2024-01-01.
const EPOCH: u64 = 1_704_067_200;
const NANOS: u64 = 1_000_000_000;

impl Task {
    /// Deterministic nanoseconds since the start; `None` when the host's clocks are used.
    fn own_nanos(&self, hart: &Hart) -> Option<u64> {
        match hart.clock {
            Clock::Instret => Some(hart.instret.saturating_add(self.process.slept.load(Ordering::Relaxed))),
            Clock::Host(_) => None,
        }
    }

    /// A clock's time in (seconds, nanoseconds). Error: `EINVAL` for an unknown clock.
    fn clock(&self, id: u64, hart: &Hart) -> Result<[u64; 2], Errno> {
        if let Some(nanos) = self.own_nanos(hart) {
            let base = match id as c_int {
                libc::CLOCK_REALTIME | libc::CLOCK_REALTIME_COARSE | libc::CLOCK_TAI => EPOCH,
                _ => 0,
            };
            return Ok([base + nanos / NANOS, nanos % NANOS]);
        }
        let mut t = timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: `t` has room for the result.
        if unsafe { libc::clock_gettime(id as c_int, &raw mut t) } != 0 {
            return Err(Errno::last());
        }
        Ok([t.tv_sec as u64, t.tv_nsec as u64])
    }

    pub(super) fn clock_gettime(&mut self, a: Args, hart: &Hart) -> Ret {
        let now = self.clock(a[0], hart)?;
        self.put_words(a[1], &now)?;
        Ok(0)
    }

    pub(super) fn clock_getres(&mut self, a: Args) -> Ret {
        if a[1] != 0 {
            self.put_words(a[1], &[0, 1])?;
        }
        Ok(0)
    }

    pub(super) fn gettimeofday(&mut self, a: Args, hart: &Hart) -> Ret {
        let [seconds, nanos] = self.clock(libc::CLOCK_REALTIME as u64, hart)?;
        if a[0] != 0 {
            self.put_words(a[0], &[seconds, nanos / 1000])?;
        }
        Ok(0)
    }

    /// Processor times in ticks of 1/100 s; the result is a monotonic tick count.
    pub(super) fn times(&mut self, a: Args, hart: &Hart) -> Ret {
        let [seconds, nanos] = self.clock(libc::CLOCK_PROCESS_CPUTIME_ID as u64, hart)?;
        if a[0] != 0 {
            self.put_words(a[0], &[seconds * 100 + nanos / 10_000_000, 0, 0, 0])?;
        }
        let [seconds, nanos] = self.clock(libc::CLOCK_MONOTONIC as u64, hart)?;
        Ok(seconds * 100 + nanos / 10_000_000)
    }

    pub(super) fn nanosleep(&mut self, a: Args, hart: &Hart) -> Ret {
        self.clock_nanosleep([libc::CLOCK_MONOTONIC as u64, 0, a[0], a[1], 0, 0], hart)
    }

    pub(super) fn clock_nanosleep(&mut self, a: Args, hart: &Hart) -> Ret {
        let [seconds, nanos] = self.get_words(a[2])?;
        if nanos >= NANOS || seconds > i64::MAX as u64 {
            return Err(Errno::INVAL);
        }
        let absolute = a[1] & libc::TIMER_ABSTIME as u64 != 0;
        if self.own_nanos(hart).is_some() {
            let mut wait = seconds.saturating_mul(NANOS).saturating_add(nanos);
            if absolute {
                let [s, n] = self.clock(a[0], hart)?;
                wait = wait.saturating_sub(s * NANOS + n);
            }
            self.process.slept.fetch_add(wait, Ordering::Relaxed);
            return Ok(0);
        }
        let want = [seconds, nanos];
        let rest = if absolute { std::ptr::null_mut() } else { self.optional_output(a[3], 16)? };
        host_call!(SYS_clock_nanosleep, a[0] as c_int, a[1], want.as_ptr(), rest)
    }

    /// Moves the deterministic clock on by (seconds, nanoseconds).
    pub(super) fn sleep(&self, [seconds, nanos]: [u64; 2]) {
        let wait = seconds.saturating_mul(NANOS).saturating_add(nanos);
        self.process.slept.fetch_add(wait, Ordering::Relaxed);
    }

    /// Absolute deadline on a clock as the time that is left, zero if it has passed.
    pub(super) fn until(&self, deadline: [u64; 2], clock: c_int, hart: &Hart) -> Result<[u64; 2], Errno> {
        let [s, n] = self.clock(clock as u64, hart)?;
        let nanos = |s: u64, n: u64| u128::from(s) * u128::from(NANOS) + u128::from(n);
        let left = nanos(deadline[0], deadline[1]).saturating_sub(nanos(s, n));
        let nanos = u128::from(NANOS);
        Ok([u64::try_from(left / nanos).unwrap_or(i64::MAX as u64), (left % nanos) as u64])
    }
}
