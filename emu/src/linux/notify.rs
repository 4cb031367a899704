//! Descriptors that tell of events: `inotify`, `timerfd`. (`eventfd` and `epoll` are in `file` and `poll`.)

use super::{Args, Ret, Task, host_call};
use libc::c_int;

/// Bytes of `struct itimerspec`.
const ITIMERSPEC: u64 = 32;

impl Task {
    pub(super) fn inotify_add_watch(&mut self, a: Args) -> Ret {
        let path = self.path_at(libc::AT_FDCWD as u64, a[1], a[2] & u64::from(libc::IN_DONT_FOLLOW) == 0)?;
        host_call!(SYS_inotify_add_watch, a[0] as c_int, path.as_ptr(), a[2])
    }

    pub(super) fn timerfd_settime(&mut self, a: Args) -> Ret {
        let old = self.optional_output(a[3], ITIMERSPEC)?;
        let n = host_call!(SYS_timerfd_settime, a[0] as c_int, a[1], self.input(a[2], ITIMERSPEC)?, old)?;
        if a[3] != 0 {
            self.wrote(a[3], ITIMERSPEC);
        }
        Ok(n)
    }

    pub(super) fn timerfd_gettime(&mut self, a: Args) -> Ret {
        let n = host_call!(SYS_timerfd_gettime, a[0] as c_int, self.output(a[1], ITIMERSPEC)?)?;
        self.wrote(a[1], ITIMERSPEC);
        Ok(n)
    }
}
