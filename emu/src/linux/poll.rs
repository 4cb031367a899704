//! Waiting for descriptors: `ppoll`, `pselect6`, `epoll`.
//!
//! The signal mask arguments are honoured as the mask during the wait: a signal that they unblock is
//! delivered when the call returns.

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use libc::c_int;

/// Most descriptors in one `ppoll` and events in one `epoll_pwait`.
const MANY: u64 = 65536;

impl Task {
    pub(super) fn ppoll(&mut self, a: Args) -> Ret {
        if a[1] > MANY {
            return Err(Errno::INVAL);
        }
        let fds = self.output(a[0], a[1] * 8)?;
        let mut time = if a[2] == 0 { None } else { Some(self.get_words::<2>(a[2])?) };
        let timeout = time.as_mut().map_or(std::ptr::null_mut(), |t| t.as_mut_ptr());
        let n = self.with_wait_mask(a[3], |mask| host_call!(SYS_ppoll, fds, a[1], timeout, mask, 8));
        self.wrote(a[0], a[1] * 8);
        self.time_left(a[2], time)?;
        n
    }

    pub(super) fn pselect6(&mut self, a: Args) -> Ret {
        let bytes = a[0].min(1 << 20).div_ceil(64) * 8;
        let sets = [
            self.optional_output(a[1], bytes)?,
            self.optional_output(a[2], bytes)?,
            self.optional_output(a[3], bytes)?,
        ];
        let mut time = if a[4] == 0 { None } else { Some(self.get_words::<2>(a[4])?) };
        let timeout = time.as_mut().map_or(std::ptr::null_mut(), |t| t.as_mut_ptr());
        // The last argument points to the mask's address and size.
        let mask = if a[5] == 0 { 0 } else { self.get_words::<2>(a[5])?[0] };
        let n = self.with_wait_mask(mask, |mask| {
            let mask = [mask as u64, 8];
            host_call!(SYS_pselect6, a[0] as c_int, sets[0], sets[1], sets[2], timeout, mask.as_ptr())
        });
        self.time_left(a[4], time)?;
        n
    }

    /// The kernel tells how much of a timeout is left.
    fn time_left(&self, addr: u64, time: Option<[u64; 2]>) -> Result<(), Errno> {
        time.map_or(Ok(()), |time| self.put_words(addr, &time))
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
        self.epoll_wait(a[1], a[2], a[4], |events, n, mask| {
            host_call!(SYS_epoll_pwait, a[0] as c_int, events, n, a[3] as c_int, mask, 8)
        })
    }

    /// As `epoll_pwait`, with a `struct timespec`.
    pub(super) fn epoll_pwait2(&mut self, a: Args) -> Ret {
        let time = if a[3] == 0 { None } else { Some(self.get_words::<2>(a[3])?) };
        let timeout = time.as_ref().map_or(std::ptr::null(), |t| t.as_ptr());
        self.epoll_wait(a[1], a[2], a[4], |events, n, mask| {
            host_call!(SYS_epoll_pwait2, a[0] as c_int, events, n, timeout, mask, 8)
        })
    }

    fn epoll_wait(
        &mut self,
        addr: u64,
        count: u64,
        mask: u64,
        wait: impl FnOnce(*mut libc::epoll_event, u64, *const u64) -> Ret,
    ) -> Ret {
        let count = u64::from(count as u32);
        if count == 0 || count > i32::MAX as u64 / 16 {
            return Err(Errno::INVAL);
        }
        let count = count.min(MANY);
        self.output(addr, count * 16)?;
        let mut events = vec![libc::epoll_event { events: 0, u64: 0 }; count as usize];
        let n = self.with_wait_mask(mask, |mask| wait(events.as_mut_ptr(), count, mask))?;
        for (i, event) in events.iter().take(n as usize).enumerate() {
            self.put_words(addr + 16 * i as u64, &[u64::from(event.events), event.u64])?;
        }
        Ok(n)
    }

    /// Runs a wait under the signal mask at `addr` (0 = the current one); the wait gets a pointer for the host.
    fn with_wait_mask(&mut self, addr: u64, wait: impl FnOnce(*const u64) -> Ret) -> Ret {
        if addr == 0 {
            return wait(std::ptr::null());
        }
        let [mask] = self.get_words(addr)?;
        self.with_mask(mask, |_, mask| wait(&raw const mask))
    }
}
