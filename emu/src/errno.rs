//! Linux error numbers. The riscv64 numbers are the asm-generic ones, which x86-64 and AArch64 hosts share,
//! so `libc`'s constants serve.

use std::io;

/// A Linux error number (positive).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub i32);

impl Errno {
    /// Bad address.
    pub const FAULT: Errno = Errno(libc::EFAULT);
    /// Invalid argument.
    pub const INVAL: Errno = Errno(libc::EINVAL);
    /// Out of memory.
    pub const NOMEM: Errno = Errno(libc::ENOMEM);
    /// File exists; also "mapping exists" for `MAP_FIXED_NOREPLACE`.
    pub const EXIST: Errno = Errno(libc::EEXIST);
    /// Bad file descriptor.
    pub const BADF: Errno = Errno(libc::EBADF);
    /// Function not implemented.
    pub const NOSYS: Errno = Errno(libc::ENOSYS);
    /// Try again.
    pub const AGAIN: Errno = Errno(libc::EAGAIN);
    /// No such process.
    pub const SRCH: Errno = Errno(libc::ESRCH);
    /// Operation not permitted.
    pub const PERM: Errno = Errno(libc::EPERM);
    /// Interrupted by a signal.
    pub const INTR: Errno = Errno(libc::EINTR);
    /// No such file or directory.
    pub const NOENT: Errno = Errno(libc::ENOENT);
    /// Numerical result out of range.
    pub const RANGE: Errno = Errno(libc::ERANGE);
    /// Connection timed out.
    pub const TIMEDOUT: Errno = Errno(libc::ETIMEDOUT);
    /// Inappropriate ioctl for device.
    pub const NOTTY: Errno = Errno(libc::ENOTTY);
    /// File name too long.
    pub const NAMETOOLONG: Errno = Errno(libc::ENAMETOOLONG);

    /// The call was not made, because a signal comes first; the kernel's own number for that. Never seen by a guest.
    pub const RESTART: Errno = Errno(512);

    /// The error of the host call that just failed.
    pub fn last() -> Errno {
        Errno::from(io::Error::last_os_error())
    }
}

impl From<io::Error> for Errno {
    fn from(e: io::Error) -> Errno {
        Errno(e.raw_os_error().unwrap_or(libc::EIO))
    }
}

impl From<u64> for Errno {
    /// Guest-memory accessors fail with the address; as a system-call result that is always `EFAULT`.
    fn from(_address: u64) -> Errno {
        Errno::FAULT
    }
}

impl std::fmt::Display for Errno {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        io::Error::from_raw_os_error(self.0).fmt(f)
    }
}
