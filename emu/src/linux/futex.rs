//! Futexes: the host's, on the host addresses of the guest's words.
//!
//! In deterministic mode waits with a timeout do not wait: the clock moves on instead.

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use crate::hart::Hart;
use crate::memory::{READ, Ram, WRITE};
use std::sync::atomic::AtomicU32;

const WAIT: u64 = 0;
const WAKE: u64 = 1;
const REQUEUE: u64 = 3;
const CMP_REQUEUE: u64 = 4;
const WAKE_OP: u64 = 5;
const LOCK_PI: u64 = 6;
const UNLOCK_PI: u64 = 7;
const TRYLOCK_PI: u64 = 8;
const WAIT_BITSET: u64 = 9;
const WAKE_BITSET: u64 = 10;
const WAIT_REQUEUE_PI: u64 = 11;
const CMP_REQUEUE_PI: u64 = 12;
const LOCK_PI2: u64 = 13;
/// The command without `FUTEX_PRIVATE_FLAG` and `FUTEX_CLOCK_REALTIME`.
const COMMAND: u64 = 0x7f;
const CLOCK_REALTIME: u64 = 0x100;

/// The aligned guest word at `addr` as an atomic, if it may be read and written.
pub(super) fn word(ram: &Ram, addr: u64) -> Option<&AtomicU32> {
    if !addr.is_multiple_of(4) {
        return None;
    }
    let ptr = ram.host_ptr(addr, 4, READ | WRITE)?;
    // SAFETY: four mapped, aligned guest bytes.
    Some(unsafe { AtomicU32::from_ptr(ptr.cast()) })
}

/// Wakes one waiter of the word at `addr`, whichever process it is in.
pub(super) fn wake_one(ram: &Ram, addr: u64) {
    if let Some(word) = word(ram, addr) {
        // SAFETY: the address is mapped; waking does not touch it.
        unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), WAKE, 1, 0, 0, 0) };
    }
}

impl Task {
    pub(super) fn futex(&mut self, a: Args, hart: &Hart) -> Ret {
        let [addr, op, value, timeout, addr2, value3] = a;
        if !addr.is_multiple_of(4) {
            return Err(Errno::INVAL);
        }
        let host = self.input(addr, 4)?;
        let op = u64::from(op as u32);
        let value = u64::from(value as u32);
        match op & COMMAND {
            command @ (WAIT | WAIT_BITSET) => {
                let time = if timeout == 0 { None } else { Some(self.get_words::<2>(timeout)?) };
                if let Some(time) = time
                    && self.is_deterministic()
                {
                    if self.ram.read_u32(addr)? != value as u32 {
                        return Err(Errno::AGAIN);
                    }
                    // WAIT_BITSET has a deadline, WAIT an interval.
                    let realtime = op & CLOCK_REALTIME != 0;
                    let clock = if realtime { libc::CLOCK_REALTIME } else { libc::CLOCK_MONOTONIC };
                    let left = if command == WAIT_BITSET { self.until(time, clock, hart)? } else { time };
                    if self.process.thread_count() == 1 {
                        self.sleep(left);
                        return Err(Errno::TIMEDOUT);
                    }
                    let left = left.as_ptr();
                    let op = op & !CLOCK_REALTIME & !COMMAND | WAIT;
                    return host_call!(SYS_futex, host, op, value, left, 0, 0);
                }
                let time = time.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
                host_call!(SYS_futex, host, op, value, time, 0, value3 as u32)
            }
            WAKE | WAKE_BITSET => host_call!(SYS_futex, host, op, value, 0, 0, value3 as u32),
            REQUEUE | CMP_REQUEUE | WAKE_OP | CMP_REQUEUE_PI => {
                if !addr2.is_multiple_of(4) {
                    return Err(Errno::INVAL);
                }
                // The timeout's place holds a number here.
                host_call!(SYS_futex, host, op, value, timeout, self.output(addr2, 4)?, value3 as u32)
            }
            // The word holds the owner's number, which is the host's only if the guest's are.
            LOCK_PI | TRYLOCK_PI | UNLOCK_PI | LOCK_PI2 | WAIT_REQUEUE_PI if self.is_deterministic() => {
                Err(Errno::NOSYS)
            }
            LOCK_PI | TRYLOCK_PI | UNLOCK_PI | LOCK_PI2 | WAIT_REQUEUE_PI => {
                let time = if timeout == 0 || matches!(op & COMMAND, UNLOCK_PI | TRYLOCK_PI) {
                    None
                } else {
                    Some(self.get_words::<2>(timeout)?)
                };
                let time = time.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
                let second = self.optional_output(addr2, 4)?;
                host_call!(SYS_futex, self.output(addr, 4)?, op, value, time, second, value3 as u32)
            }
            _ => Err(Errno::NOSYS),
        }
    }

    pub(super) fn membarrier(&self, a: Args) -> Ret {
        // All commands but the restartable sequences' mean something on the host as well.
        match a[0] {
            0 => Ok(host_call!(SYS_membarrier, 0, 0, 0)? & 0x1f),
            1..0x20 => host_call!(SYS_membarrier, a[0], a[1], a[2]),
            _ => Err(Errno::INVAL),
        }
    }
}
