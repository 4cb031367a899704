//! Moving bytes between descriptors: `sendfile`, `splice` and their like.

use super::{Args, Ret, Task, host_call};
use crate::memory::{READ, WRITE};
use libc::c_int;

impl Task {
    /// The offset at `addr` after a call that moves it.
    fn moved(&self, addr: u64) {
        if addr != 0 {
            self.wrote(addr, 8);
        }
    }

    pub(super) fn sendfile(&mut self, a: Args) -> Ret {
        let offset = self.optional_output(a[2], 8)?;
        let n = host_call!(SYS_sendfile, a[0] as c_int, a[1] as c_int, offset, a[3])?;
        self.moved(a[2]);
        Ok(n)
    }

    pub(super) fn copy_file_range(&mut self, a: Args) -> Ret {
        let (from, to) = (self.optional_output(a[1], 8)?, self.optional_output(a[3], 8)?);
        let n = host_call!(SYS_copy_file_range, a[0] as c_int, from, a[2] as c_int, to, a[4], a[5])?;
        self.moved(a[1]);
        self.moved(a[3]);
        Ok(n)
    }

    pub(super) fn splice(&mut self, a: Args) -> Ret {
        let (from, to) = (self.optional_output(a[1], 8)?, self.optional_output(a[3], 8)?);
        let n = host_call!(SYS_splice, a[0] as c_int, from, a[2] as c_int, to, a[4], a[5])?;
        self.moved(a[1]);
        self.moved(a[3]);
        Ok(n)
    }

    /// As `writev`: the bytes are copied, which the guest cannot tell.
    pub(super) fn vmsplice(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], READ)?;
        host_call!(SYS_writev, a[0] as c_int, buffers.as_ptr(), buffers.len())
    }

    pub(super) fn preadv2(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], WRITE)?;
        let n = host_call!(SYS_preadv2, a[0] as c_int, buffers.as_ptr(), buffers.len(), a[3], a[4], a[5])?;
        self.wrote_buffers(a[1], a[2], n)
    }

    pub(super) fn pwritev2(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], READ)?;
        host_call!(SYS_pwritev2, a[0] as c_int, buffers.as_ptr(), buffers.len(), a[3], a[4], a[5])
    }
}
