//! Waiting for descriptors: `ppoll`, `pselect6`, `epoll`.
//!
//! The signal mask arguments are honoured as the mask during the wait: a signal that they unblock is
//! delivered when the call returns.

use super::{Args, Process, Ret, host_call};
use crate::errno::Errno;
use libc::c_int;

/// Most descriptors in one `ppoll` and events in one `epoll_pwait`.
const MANY: u64 = 65536;

impl Process {
    pub(super) fn ppoll(&mut self, a: Args) -> Ret {
        if a[1] > MANY {
            return Err(Errno::INVAL);
        }
        let fds = self.output(a[0], a[1] * 8)?;
        let timeout = if a[2] == 0 { None } else { Some(self.get_words::<2>(a[2])?) };
        let timeout = timeout.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
        self.with_wait_mask(a[3], |_| host_call!(SYS_ppoll, fds, a[1], timeout, 0, 8))
    }

    pub(super) fn pselect6(&mut self, a: Args) -> Ret {
        let bytes = a[0].min(1 << 20).div_ceil(64) * 8;
        let sets = [
            self.optional_output(a[1], bytes)?,
            self.optional_output(a[2], bytes)?,
            self.optional_output(a[3], bytes)?,
        ];
        let timeout = if a[4] == 0 { None } else { Some(self.get_words::<2>(a[4])?) };
        let timeout = timeout.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
        // The last argument points to the mask's address and size.
        let mask = if a[5] == 0 { 0 } else { self.get_words::<2>(a[5])?[0] };
        self.with_wait_mask(mask, |_| {
            host_call!(SYS_pselect6, a[0] as c_int, sets[0], sets[1], sets[2], timeout, 0)
        })
    }

    pub(super) fn epoll_create1(&mut self, a: Args) -> Ret {
        host_call!(SYS_epoll_create1, a[0])
    }

    /// The guest's `struct epoll_event` is 16 bytes: events, padding, data. x86-64's is packed.
    pub(super) fn epoll_ctl(&mut self, a: Args) -> Ret {
        let mut event = libc::epoll_event { events: 0, u64: 0 };
        let ptr = if a[3] == 0 {
            std::ptr::null_mut()
        } else {
            let [events, data] = self.get_words(a[3])?;
            event.events = events as u32;
            event.u64 = data;
            &raw mut event
        };
        host_call!(SYS_epoll_ctl, a[0] as c_int, a[1] as c_int, a[2] as c_int, ptr)
    }

    pub(super) fn epoll_pwait(&mut self, a: Args) -> Ret {
        if a[2] == 0 || a[2] > MANY {
            return Err(Errno::INVAL);
        }
        self.output(a[1], a[2] * 16)?;
        let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; a[2] as usize];
        let n = self.with_wait_mask(a[4], |_| {
            host_call!(SYS_epoll_pwait, a[0] as c_int, events.as_mut_ptr(), events.len(), a[3] as c_int, 0, 8)
        })?;
        for (i, event) in events.iter().take(n as usize).enumerate() {
            self.put_words(a[1] + 16 * i as u64, &[u64::from(event.events), event.u64])?;
        }
        Ok(n)
    }

    /// Runs a wait under the signal mask at `addr` (0 = the current one). With a deliverable signal pending
    /// it does not wait at all.
    fn with_wait_mask(&mut self, addr: u64, wait: impl FnOnce(&Process) -> Ret) -> Ret {
        if addr != 0 {
            let [mask] = self.get_words(addr)?;
            self.signals.mask_during_wait(mask);
        }
        self.signals.take_host();
        if self.signals.deliverable() { Err(Errno::INTR) } else { wait(self) }
    }
}
