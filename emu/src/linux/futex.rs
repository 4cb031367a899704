//! Futexes of a process with one thread: there is nobody to wake, and whoever waits waits for a timeout or
//! a signal.

use super::{Args, Process, Ret};
use crate::errno::Errno;
use crate::hart::Hart;

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
/// The command without `FUTEX_PRIVATE_FLAG` and `FUTEX_CLOCK_REALTIME`.
const COMMAND: u64 = 0x7f;
const CLOCK_REALTIME: u64 = 0x100;

impl Process {
    pub(super) fn futex(&mut self, a: Args, hart: &Hart) -> Ret {
        let [addr, op, value, timeout, _, _] = a;
        if !addr.is_multiple_of(4) {
            return Err(Errno::INVAL);
        }
        let word = self.space.ram().read_u32(addr)?;
        match op & COMMAND {
            command @ (WAIT | WAIT_BITSET) => {
                if word != value as u32 {
                    return Err(Errno::AGAIN);
                }
                let timeout = if timeout == 0 { None } else { Some(self.get_words::<2>(timeout)?) };
                let timeout = match timeout {
                    // WAIT_BITSET has a deadline, WAIT an interval.
                    Some(t) if command == WAIT_BITSET => {
                        let realtime = op & CLOCK_REALTIME != 0;
                        let clock = if realtime { libc::CLOCK_REALTIME } else { libc::CLOCK_MONOTONIC };
                        Some(self.until(t, clock, hart)?)
                    }
                    other => other,
                };
                if timeout.is_none() {
                    log::warn!(
                        "the guest waits for a futex at {addr:#x} without a timeout, and has no other thread"
                    );
                }
                self.signals.take_host();
                if self.signals.deliverable() {
                    return Err(Errno::INTR);
                }
                self.wait_host(timeout, hart)?;
                Err(Errno::TIMEDOUT)
            }
            WAKE | WAKE_BITSET | REQUEUE | CMP_REQUEUE | WAKE_OP => Ok(0),
            LOCK_PI | TRYLOCK_PI => {
                if word != 0 {
                    return Err(Errno(libc::EDEADLK));
                }
                self.put(addr, &(self.pid() as u32).to_le_bytes())?;
                Ok(0)
            }
            UNLOCK_PI => {
                self.put(addr, &[0; 4])?;
                Ok(0)
            }
            _ => Err(Errno::NOSYS),
        }
    }

    /// One thread needs no barriers: all of them are there and cost nothing.
    pub(super) fn membarrier(&self, a: Args) -> Ret {
        // MEMBARRIER_CMD_QUERY: global, private expedited and its registration.
        Ok(if a[0] == 0 { 1 | 1 << 3 | 1 << 4 } else { 0 })
    }
}
