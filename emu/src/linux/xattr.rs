//! Extended attributes.

use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use libc::c_int;
use std::ffi::CString;

/// Longest value (`XATTR_SIZE_MAX`), and longest list.
const SIZE_MAX: u64 = 65536;

impl Task {
    fn attribute(&self, addr: u64) -> Result<CString, Errno> {
        CString::new(self.guest_path(addr)?).map_err(|_| Errno::INVAL)
    }

    pub(super) fn setxattr(&mut self, a: Args, follow: bool) -> Ret {
        if a[3] > SIZE_MAX {
            return Err(Errno(libc::E2BIG));
        }
        let (path, name) = (self.path_at(libc::AT_FDCWD as u64, a[0], follow)?, self.attribute(a[1])?);
        let value = self.optional_input(a[2], a[3])?;
        if follow {
            host_call!(SYS_setxattr, path.as_ptr(), name.as_ptr(), value, a[3], a[4])
        } else {
            host_call!(SYS_lsetxattr, path.as_ptr(), name.as_ptr(), value, a[3], a[4])
        }
    }

    pub(super) fn fsetxattr(&mut self, a: Args) -> Ret {
        if a[3] > SIZE_MAX {
            return Err(Errno(libc::E2BIG));
        }
        let (name, value) = (self.attribute(a[1])?, self.optional_input(a[2], a[3])?);
        host_call!(SYS_fsetxattr, a[0] as c_int, name.as_ptr(), value, a[3], a[4])
    }

    pub(super) fn getxattr(&mut self, a: Args, follow: bool) -> Ret {
        let size = a[3].min(SIZE_MAX);
        let (path, name) = (self.path_at(libc::AT_FDCWD as u64, a[0], follow)?, self.attribute(a[1])?);
        let value = self.optional_output(a[2], size)?;
        let n = if follow {
            host_call!(SYS_getxattr, path.as_ptr(), name.as_ptr(), value, size)?
        } else {
            host_call!(SYS_lgetxattr, path.as_ptr(), name.as_ptr(), value, size)?
        };
        self.wrote(a[2], n.min(size));
        Ok(n)
    }

    pub(super) fn fgetxattr(&mut self, a: Args) -> Ret {
        let size = a[3].min(SIZE_MAX);
        let name = self.attribute(a[1])?;
        let value = self.optional_output(a[2], size)?;
        let n = host_call!(SYS_fgetxattr, a[0] as c_int, name.as_ptr(), value, size)?;
        self.wrote(a[2], n.min(size));
        Ok(n)
    }

    pub(super) fn listxattr(&mut self, a: Args, follow: bool) -> Ret {
        let size = a[2].min(SIZE_MAX);
        let path = self.path_at(libc::AT_FDCWD as u64, a[0], follow)?;
        let list = self.optional_output(a[1], size)?;
        let n = if follow {
            host_call!(SYS_listxattr, path.as_ptr(), list, size)?
        } else {
            host_call!(SYS_llistxattr, path.as_ptr(), list, size)?
        };
        self.wrote(a[1], n.min(size));
        Ok(n)
    }

    pub(super) fn flistxattr(&mut self, a: Args) -> Ret {
        let size = a[2].min(SIZE_MAX);
        let n = host_call!(SYS_flistxattr, a[0] as c_int, self.optional_output(a[1], size)?, size)?;
        self.wrote(a[1], n.min(size));
        Ok(n)
    }

    pub(super) fn removexattr(&mut self, a: Args, follow: bool) -> Ret {
        let (path, name) = (self.path_at(libc::AT_FDCWD as u64, a[0], follow)?, self.attribute(a[1])?);
        if follow {
            host_call!(SYS_removexattr, path.as_ptr(), name.as_ptr())
        } else {
            host_call!(SYS_lremovexattr, path.as_ptr(), name.as_ptr())
        }
    }

    pub(super) fn fremovexattr(&mut self, a: Args) -> Ret {
        let name = self.attribute(a[1])?;
        host_call!(SYS_fremovexattr, a[0] as c_int, name.as_ptr())
    }
}
