//! Files: descriptors are the host's, paths go through the sysroot, structures are translated where
//! riscv64's differ from the host's.

use super::path::ProcFile;
use super::{Args, Process, Ret, host_call};
use crate::errno::Errno;
use crate::memory::{READ, WRITE};
use libc::c_int;
use std::os::unix::ffi::OsStrExt;

/// Size of the kernel's `struct termios`.
const TERMIOS: u64 = 36;
/// Size of `struct statfs` and `struct statx`.
const STATFS: u64 = 120;
const STATX: u64 = 256;

/// A descriptor argument: the low 32 bits, signed (`AT_FDCWD` is -100).
fn fd(arg: u64) -> c_int {
    arg as c_int
}

/// Closes the descriptors that are marked close-on-exec. The emulator's own are above standard error only
/// while it loads a program.
pub(super) fn close_on_exec() {
    let Ok(dir) = std::fs::read_dir("/proc/self/fd") else { return };
    let open: Vec<c_int> = dir.flatten().filter_map(|e| e.file_name().to_str()?.parse().ok()).collect();
    for fd in open {
        if host_call!(SYS_fcntl, fd, libc::F_GETFD).is_ok_and(|flags| flags & libc::FD_CLOEXEC as u64 != 0) {
            // A descriptor that is gone already (the directory's own) gives an error that does not matter.
            let _ = host_call!(SYS_close, fd);
        }
    }
}

impl Process {
    pub(super) fn read(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], WRITE)?;
        let n = host_call!(SYS_read, fd(a[0]), self.output(a[1], len)?, len)?;
        self.wrote(a[1], n);
        Ok(n)
    }

    pub(super) fn write(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], READ)?;
        host_call!(SYS_write, fd(a[0]), self.input(a[1], len)?, len)
    }

    pub(super) fn pread64(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], WRITE)?;
        let n = host_call!(SYS_pread64, fd(a[0]), self.output(a[1], len)?, len, a[3])?;
        self.wrote(a[1], n);
        Ok(n)
    }

    pub(super) fn pwrite64(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], READ)?;
        host_call!(SYS_pwrite64, fd(a[0]), self.input(a[1], len)?, len, a[3])
    }

    pub(super) fn readv(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], WRITE)?;
        let n = host_call!(SYS_readv, fd(a[0]), buffers.as_ptr(), buffers.len())?;
        self.wrote_buffers(a[1], a[2], n)
    }

    pub(super) fn writev(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], READ)?;
        host_call!(SYS_writev, fd(a[0]), buffers.as_ptr(), buffers.len())
    }

    pub(super) fn preadv(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], WRITE)?;
        let n = host_call!(SYS_preadv, fd(a[0]), buffers.as_ptr(), buffers.len(), a[3], a[4])?;
        self.wrote_buffers(a[1], a[2], n)
    }

    pub(super) fn pwritev(&mut self, a: Args) -> Ret {
        let buffers = self.buffers(a[1], a[2], READ)?;
        host_call!(SYS_pwritev, fd(a[0]), buffers.as_ptr(), buffers.len(), a[3], a[4])
    }

    pub(super) fn sendfile(&mut self, a: Args) -> Ret {
        let offset = self.optional_output(a[2], 8)?;
        host_call!(SYS_sendfile, fd(a[0]), fd(a[1]), offset, a[3])
    }

    pub(super) fn copy_file_range(&mut self, a: Args) -> Ret {
        let (from, to) = (self.optional_output(a[1], 8)?, self.optional_output(a[3], 8)?);
        host_call!(SYS_copy_file_range, fd(a[0]), from, fd(a[2]), to, a[4], a[5])
    }

    pub(super) fn lseek(&mut self, a: Args) -> Ret {
        host_call!(SYS_lseek, fd(a[0]), a[1], a[2])
    }

    /// Open flags have the asm-generic values, which the host shares.
    pub(super) fn openat(&mut self, a: Args) -> Ret {
        let path = self.guest_path(a[1])?;
        match self.proc_file(&path) {
            Some(ProcFile::Exe) | None => {}
            Some(file) => return self.open_contents(&self.proc_contents(file)),
        }
        let path = self.host_path(&path)?;
        host_call!(SYS_openat, fd(a[0]), path.as_ptr(), a[2], a[3])
    }

    /// A descriptor on fixed contents.
    fn open_contents(&self, contents: &[u8]) -> Ret {
        let fd = host_call!(SYS_memfd_create, c"proc".as_ptr(), 0)?;
        let mut at = 0;
        while at < contents.len() {
            at += host_call!(SYS_write, fd, contents[at..].as_ptr(), contents.len() - at)? as usize;
        }
        host_call!(SYS_lseek, fd, 0, libc::SEEK_SET)?;
        Ok(fd)
    }

    pub(super) fn close(&mut self, a: Args) -> Ret {
        host_call!(SYS_close, fd(a[0]))
    }

    pub(super) fn close_range(&mut self, a: Args) -> Ret {
        host_call!(SYS_close_range, a[0], a[1], a[2])
    }

    pub(super) fn dup(&mut self, a: Args) -> Ret {
        host_call!(SYS_dup, fd(a[0]))
    }

    pub(super) fn dup3(&mut self, a: Args) -> Ret {
        host_call!(SYS_dup3, fd(a[0]), fd(a[1]), a[2])
    }

    pub(super) fn pipe2(&mut self, a: Args) -> Ret {
        host_call!(SYS_pipe2, self.output(a[0], 8)?, a[1])
    }

    pub(super) fn eventfd2(&mut self, a: Args) -> Ret {
        host_call!(SYS_eventfd2, a[0], a[1])
    }

    pub(super) fn memfd_create(&mut self, a: Args) -> Ret {
        let name = self.path(a[0])?;
        host_call!(SYS_memfd_create, name.as_ptr(), a[1])
    }

    pub(super) fn fcntl(&mut self, a: Args) -> Ret {
        match a[1] as c_int {
            libc::F_DUPFD
            | libc::F_DUPFD_CLOEXEC
            | libc::F_GETFD
            | libc::F_SETFD
            | libc::F_GETFL
            | libc::F_SETFL
            | libc::F_GETOWN
            | libc::F_SETOWN
            | libc::F_SETPIPE_SZ
            | libc::F_GETPIPE_SZ
            | libc::F_ADD_SEALS
            | libc::F_GET_SEALS => host_call!(SYS_fcntl, fd(a[0]), a[1], a[2]),
            // `struct flock` is the same on all 64-bit machines.
            libc::F_GETLK | libc::F_SETLK | libc::F_SETLKW | libc::F_OFD_GETLK | libc::F_OFD_SETLK => {
                host_call!(SYS_fcntl, fd(a[0]), a[1], self.output(a[2], 32)?)
            }
            _ => Err(Errno::INVAL),
        }
    }

    /// Terminal and pipe requests; their numbers and structures are the asm-generic ones.
    pub(super) fn ioctl(&mut self, a: Args) -> Ret {
        let size = match a[1] {
            libc::TCGETS | libc::TCSETS | libc::TCSETSW | libc::TCSETSF => TERMIOS,
            libc::TIOCGWINSZ | libc::TIOCSWINSZ => 8,
            libc::TIOCGPGRP | libc::TIOCSPGRP | libc::FIONREAD | libc::FIONBIO => 4,
            libc::FIOCLEX | libc::FIONCLEX => 0,
            _ => {
                // A bad descriptor comes before an unknown request.
                host_call!(SYS_fcntl, fd(a[0]), libc::F_GETFD)?;
                return Err(Errno::NOTTY);
            }
        };
        let n = host_call!(SYS_ioctl, fd(a[0]), a[1], self.output(a[2], size)?)?;
        self.wrote(a[2], size);
        Ok(n)
    }

    pub(super) fn flock(&mut self, a: Args) -> Ret {
        host_call!(SYS_flock, fd(a[0]), a[1])
    }

    pub(super) fn getcwd(&mut self, a: Args) -> Ret {
        let cwd = std::env::current_dir()?;
        let mut bytes = cwd.as_os_str().as_bytes().to_vec();
        bytes.push(0);
        if (bytes.len() as u64) > a[1] {
            return Err(Errno::RANGE);
        }
        self.put(a[0], &bytes)?;
        Ok(bytes.len() as u64)
    }

    pub(super) fn chdir(&mut self, a: Args) -> Ret {
        let path = self.path(a[0])?;
        host_call!(SYS_chdir, path.as_ptr())
    }

    pub(super) fn fchdir(&mut self, a: Args) -> Ret {
        host_call!(SYS_fchdir, fd(a[0]))
    }

    pub(super) fn mkdirat(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        host_call!(SYS_mkdirat, fd(a[0]), path.as_ptr(), a[2])
    }

    pub(super) fn unlinkat(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        host_call!(SYS_unlinkat, fd(a[0]), path.as_ptr(), a[2])
    }

    pub(super) fn symlinkat(&mut self, a: Args) -> Ret {
        let target = std::ffi::CString::new(self.guest_path(a[0])?).map_err(|_| Errno::INVAL)?;
        let path = self.path(a[2])?;
        host_call!(SYS_symlinkat, target.as_ptr(), fd(a[1]), path.as_ptr())
    }

    pub(super) fn linkat(&mut self, a: Args) -> Ret {
        let (from, to) = (self.path(a[1])?, self.path(a[3])?);
        host_call!(SYS_linkat, fd(a[0]), from.as_ptr(), fd(a[2]), to.as_ptr(), a[4])
    }

    pub(super) fn renameat(&mut self, a: Args) -> Ret {
        let (from, to) = (self.path(a[1])?, self.path(a[3])?);
        host_call!(SYS_renameat2, fd(a[0]), from.as_ptr(), fd(a[2]), to.as_ptr(), a[4])
    }

    pub(super) fn readlinkat(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[2], a[3], WRITE)?;
        let path = self.guest_path(a[1])?;
        if self.proc_file(&path) == Some(ProcFile::Exe) {
            let exe = self.config.exe.as_os_str().as_bytes();
            let n = exe.len().min(len as usize);
            self.put(a[2], &exe[..n])?;
            return Ok(n as u64);
        }
        let path = self.host_path(&path)?;
        let n = host_call!(SYS_readlinkat, fd(a[0]), path.as_ptr(), self.output(a[2], len)?, len)?;
        self.wrote(a[2], n);
        Ok(n)
    }

    pub(super) fn truncate(&mut self, a: Args) -> Ret {
        let path = self.path(a[0])?;
        host_call!(SYS_truncate, path.as_ptr(), a[1])
    }

    pub(super) fn ftruncate(&mut self, a: Args) -> Ret {
        host_call!(SYS_ftruncate, fd(a[0]), a[1])
    }

    pub(super) fn fallocate(&mut self, a: Args) -> Ret {
        host_call!(SYS_fallocate, fd(a[0]), a[1], a[2], a[3])
    }

    pub(super) fn faccessat(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        if a[3] == 0 {
            return host_call!(SYS_faccessat, fd(a[0]), path.as_ptr(), a[2]);
        }
        host_call!(SYS_faccessat2, fd(a[0]), path.as_ptr(), a[2], a[3])
    }

    pub(super) fn fchmod(&mut self, a: Args) -> Ret {
        host_call!(SYS_fchmod, fd(a[0]), a[1])
    }

    pub(super) fn fchmodat(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        host_call!(SYS_fchmodat, fd(a[0]), path.as_ptr(), a[2])
    }

    pub(super) fn fchown(&mut self, a: Args) -> Ret {
        host_call!(SYS_fchown, fd(a[0]), a[1], a[2])
    }

    pub(super) fn fchownat(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        host_call!(SYS_fchownat, fd(a[0]), path.as_ptr(), a[2], a[3], a[4])
    }

    pub(super) fn utimensat(&mut self, a: Args) -> Ret {
        let times = self.optional_input(a[2], 32)?;
        if a[1] == 0 {
            return host_call!(SYS_utimensat, fd(a[0]), 0, times, a[3]);
        }
        let path = self.path(a[1])?;
        host_call!(SYS_utimensat, fd(a[0]), path.as_ptr(), times, a[3])
    }

    pub(super) fn umask(&mut self, a: Args) -> Ret {
        host_call!(SYS_umask, a[0])
    }

    pub(super) fn sync(&mut self) -> Ret {
        host_call!(SYS_sync)
    }

    pub(super) fn fsync(&mut self, a: Args) -> Ret {
        host_call!(SYS_fsync, fd(a[0]))
    }

    pub(super) fn fdatasync(&mut self, a: Args) -> Ret {
        host_call!(SYS_fdatasync, fd(a[0]))
    }

    /// `struct linux_dirent64` is the same on all machines.
    pub(super) fn getdents64(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[1], a[2], WRITE)?;
        let n = host_call!(SYS_getdents64, fd(a[0]), self.output(a[1], len)?, len)?;
        self.wrote(a[1], n);
        Ok(n)
    }

    /// `struct statfs` is the same on all 64-bit machines.
    pub(super) fn statfs(&mut self, a: Args) -> Ret {
        let path = self.path(a[0])?;
        let n = host_call!(SYS_statfs, path.as_ptr(), self.output(a[1], STATFS)?)?;
        self.wrote(a[1], STATFS);
        Ok(n)
    }

    pub(super) fn fstatfs(&mut self, a: Args) -> Ret {
        let n = host_call!(SYS_fstatfs, fd(a[0]), self.output(a[1], STATFS)?)?;
        self.wrote(a[1], STATFS);
        Ok(n)
    }

    /// `struct statx` is the same on all machines.
    pub(super) fn statx(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        let n = host_call!(SYS_statx, fd(a[0]), path.as_ptr(), a[2], a[3], self.output(a[4], STATX)?)?;
        self.wrote(a[4], STATX);
        Ok(n)
    }

    pub(super) fn newfstatat(&mut self, a: Args) -> Ret {
        let path = self.path(a[1])?;
        let mut stat = std::mem::MaybeUninit::<libc::stat64>::zeroed();
        // SAFETY: the path is a C string and `stat` has room for the result.
        if unsafe { libc::fstatat64(fd(a[0]), path.as_ptr(), stat.as_mut_ptr(), a[3] as c_int) } != 0 {
            return Err(Errno::last());
        }
        // SAFETY: filled by the call; all-zero bytes are a valid value anyway.
        self.put_stat(a[2], &unsafe { stat.assume_init() })
    }

    pub(super) fn fstat(&mut self, a: Args) -> Ret {
        let mut stat = std::mem::MaybeUninit::<libc::stat64>::zeroed();
        // SAFETY: `stat` has room for the result.
        if unsafe { libc::fstat64(fd(a[0]), stat.as_mut_ptr()) } != 0 {
            return Err(Errno::last());
        }
        // SAFETY: filled by the call; all-zero bytes are a valid value anyway.
        self.put_stat(a[1], &unsafe { stat.assume_init() })
    }

    /// Stores the asm-generic 64-bit `struct stat`: 128 bytes, with 32-bit `st_nlink` and `st_blksize`.
    fn put_stat(&self, addr: u64, s: &libc::stat64) -> Ret {
        let mut out = Vec::with_capacity(128);
        let u64s = |out: &mut Vec<u8>, v: u64| out.extend_from_slice(&v.to_le_bytes());
        let u32s = |out: &mut Vec<u8>, v: u32| out.extend_from_slice(&v.to_le_bytes());
        u64s(&mut out, s.st_dev);
        u64s(&mut out, s.st_ino);
        u32s(&mut out, s.st_mode);
        u32s(&mut out, s.st_nlink as u32);
        u32s(&mut out, s.st_uid);
        u32s(&mut out, s.st_gid);
        u64s(&mut out, s.st_rdev);
        u64s(&mut out, 0);
        u64s(&mut out, s.st_size as u64);
        u32s(&mut out, s.st_blksize as u32);
        u32s(&mut out, 0);
        u64s(&mut out, s.st_blocks as u64);
        for (seconds, nanos) in
            [(s.st_atime, s.st_atime_nsec), (s.st_mtime, s.st_mtime_nsec), (s.st_ctime, s.st_ctime_nsec)]
        {
            u64s(&mut out, seconds as u64);
            u64s(&mut out, nanos as u64);
        }
        u64s(&mut out, 0);
        self.put(addr, &out)?;
        Ok(0)
    }
}
