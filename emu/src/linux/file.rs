//! Files: descriptors are the host's, paths go through the sysroot, structures are translated where
//! riscv64's differ from the host's.

use super::path::ProcFile;
use super::sandbox::HostPath;
use super::{Args, Ret, Task, host_call};
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

impl Task {
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

    pub(super) fn lseek(&mut self, a: Args) -> Ret {
        host_call!(SYS_lseek, fd(a[0]), a[1], a[2])
    }

    /// Open flags have the asm-generic values, which the host shares but for `O_LARGEFILE`, which means nothing.
    pub(super) fn openat(&mut self, a: Args) -> Ret {
        let path = self.guest_path(a[1])?;
        match self.proc_file(&path) {
            Some(ProcFile::Exe | ProcFile::Denied) | None => {}
            Some(file) => return self.open_contents(&self.proc_contents(file), a[2]),
        }
        let flags = a[2] as c_int;
        let create = flags & (libc::O_CREAT | libc::O_EXCL) == libc::O_CREAT | libc::O_EXCL;
        let path = self.host_path(a[0], &path, flags & libc::O_NOFOLLOW == 0 && !create)?;
        host_call!(SYS_openat, fd(a[0]), path.as_ptr(), a[2], a[3])
    }

    /// `struct open_how`: flags, mode, ways of resolving. Those that confine the path do so on the host as well.
    pub(super) fn openat2(&mut self, a: Args) -> Ret {
        if a[3] < 24 {
            return Err(Errno::INVAL);
        }
        let how: [u64; 3] = self.get_words(a[2])?;
        if how[2] != 0 {
            return Err(Errno::NOSYS);
        }
        self.openat([a[0], a[1], how[0], how[1], 0, 0])
    }

    /// A descriptor on fixed contents.
    fn open_contents(&self, contents: &[u8], flags: u64) -> Ret {
        use std::io::{Seek, Write};
        use std::os::fd::{FromRawFd, IntoRawFd};
        let cloexec = if flags & libc::O_CLOEXEC as u64 != 0 { libc::MFD_CLOEXEC } else { 0 };
        let fd = host_call!(SYS_memfd_create, c"proc".as_ptr(), cloexec)?;
        // SAFETY: the descriptor is new, and nobody else's.
        let mut file = unsafe { std::fs::File::from_raw_fd(fd as c_int) };
        file.write_all(contents)?;
        file.rewind()?;
        Ok(file.into_raw_fd() as u64)
    }

    pub(super) fn close(&mut self, a: Args) -> Ret {
        if self.debt.as_ref().is_some_and(|debt| debt.fd() == fd(a[0])) {
            return Err(Errno::BADF);
        }
        host_call!(SYS_close, fd(a[0]))
    }

    pub(super) fn close_range(&mut self, a: Args) -> Ret {
        let (first, last) = (u64::from(a[0] as u32), u64::from(a[1] as u32));
        // The emulator's own descriptor stays.
        if let Some(own) = self.debt.as_ref().map(|debt| debt.fd() as u64)
            && (first..=last).contains(&own)
        {
            if first < own {
                host_call!(SYS_close_range, first, own - 1, a[2])?;
            }
            return if own < last { host_call!(SYS_close_range, own + 1, last, a[2]) } else { Ok(0) };
        }
        host_call!(SYS_close_range, first, last, a[2])
    }

    pub(super) fn dup(&mut self, a: Args) -> Ret {
        host_call!(SYS_dup, fd(a[0]))
    }

    pub(super) fn dup3(&mut self, a: Args) -> Ret {
        host_call!(SYS_dup3, fd(a[0]), fd(a[1]), a[2])
    }

    pub(super) fn pipe2(&mut self, a: Args) -> Ret {
        let n = host_call!(SYS_pipe2, self.output(a[0], 8)?, a[1])?;
        self.wrote(a[0], 8);
        Ok(n)
    }

    pub(super) fn eventfd2(&mut self, a: Args) -> Ret {
        host_call!(SYS_eventfd2, a[0], a[1])
    }

    pub(super) fn memfd_create(&mut self, a: Args) -> Ret {
        let name = std::ffi::CString::new(self.guest_path(a[0])?).map_err(|_| Errno::INVAL)?;
        host_call!(SYS_memfd_create, name.as_ptr(), a[1])
    }

    /// Commands have the asm-generic numbers.
    pub(super) fn fcntl(&mut self, a: Args) -> Ret {
        /// Commands that are newer than the C library's list or internal to it.
        const F_GETOWN_EX: c_int = 16;
        const F_SETOWN_EX: c_int = 15;
        match a[1] as c_int {
            libc::F_DUPFD
            | libc::F_DUPFD_CLOEXEC
            | libc::F_GETFD
            | libc::F_SETFD
            | libc::F_GETFL
            | libc::F_SETFL
            | libc::F_GETOWN
            | libc::F_SETOWN
            | libc::F_SETLEASE
            | libc::F_GETLEASE
            | libc::F_NOTIFY
            | libc::F_SETPIPE_SZ
            | libc::F_GETPIPE_SZ
            | libc::F_ADD_SEALS
            | libc::F_GET_SEALS
            | 10
            | 11 => host_call!(SYS_fcntl, fd(a[0]), a[1], a[2]),
            // `struct flock` is the same on all 64-bit machines.
            libc::F_GETLK
            | libc::F_SETLK
            | libc::F_SETLKW
            | libc::F_OFD_GETLK
            | libc::F_OFD_SETLK
            | libc::F_OFD_SETLKW => {
                let n = host_call!(SYS_fcntl, fd(a[0]), a[1], self.output(a[2], 32)?)?;
                self.wrote(a[2], 32);
                Ok(n)
            }
            F_GETOWN_EX | F_SETOWN_EX => host_call!(SYS_fcntl, fd(a[0]), a[1], self.output(a[2], 8)?),
            _ => Err(Errno::INVAL),
        }
    }

    /// Requests whose numbers and structures are the asm-generic ones.
    pub(super) fn ioctl(&mut self, a: Args) -> Ret {
        /// Requests that take a number, or nothing.
        const NUMBERS: [u64; 9] = [
            libc::FIOCLEX,
            libc::FIONCLEX,
            libc::TCSBRK,
            libc::TCXONC,
            libc::TCFLSH,
            libc::TIOCSCTTY,
            libc::TIOCNOTTY,
            libc::TIOCEXCL,
            libc::TIOCNXCL,
        ];
        const FICLONE: u64 = 0x4004_9409;
        const SIOCATMARK: u64 = 0x8905;
        let request = u64::from(a[1] as u32);
        if NUMBERS.contains(&request) || request == FICLONE {
            return host_call!(SYS_ioctl, fd(a[0]), request, a[2]);
        }
        let size = match request {
            libc::TCGETS | libc::TCSETS | libc::TCSETSW | libc::TCSETSF => TERMIOS,
            libc::TIOCGWINSZ | libc::TIOCSWINSZ => 8,
            libc::TIOCGPGRP
            | libc::TIOCSPGRP
            | libc::TIOCGSID
            | libc::TIOCOUTQ
            | libc::TIOCGPTN
            | libc::TIOCSPTLCK
            | libc::FIONREAD
            | libc::FIONBIO
            | libc::FIOASYNC
            | SIOCATMARK => 4,
            // Extended terminal settings.
            libc::TCGETS2 | libc::TCSETS2 | libc::TCSETSW2 | libc::TCSETSF2 => 44,
            // Network interfaces: a list, of which the address is a pointer, is refused.
            0x8910 | 0x8913..=0x891f | 0x8921 | 0x8927 | 0x8933 => 40,
            _ => {
                // A bad descriptor comes before an unknown request.
                host_call!(SYS_fcntl, fd(a[0]), libc::F_GETFD)?;
                return Err(Errno::NOTTY);
            }
        };
        let n = host_call!(SYS_ioctl, fd(a[0]), request, self.output(a[2], size)?)?;
        self.wrote(a[2], size);
        Ok(n)
    }

    pub(super) fn flock(&mut self, a: Args) -> Ret {
        host_call!(SYS_flock, fd(a[0]), a[1])
    }

    pub(super) fn getcwd(&mut self, a: Args) -> Ret {
        let cwd = std::env::current_dir()?;
        let mut bytes = self.guest_name(cwd.as_os_str().as_bytes());
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
        let path = self.path_at(a[0], a[1], false)?;
        host_call!(SYS_mkdirat, fd(a[0]), path.as_ptr(), a[2])
    }

    pub(super) fn unlinkat(&mut self, a: Args) -> Ret {
        let path = self.path_at(a[0], a[1], false)?;
        host_call!(SYS_unlinkat, fd(a[0]), path.as_ptr(), a[2])
    }

    pub(super) fn symlinkat(&mut self, a: Args) -> Ret {
        let target = std::ffi::CString::new(self.guest_path(a[0])?).map_err(|_| Errno::INVAL)?;
        let path = self.path_at(a[1], a[2], false)?;
        host_call!(SYS_symlinkat, target.as_ptr(), fd(a[1]), path.as_ptr())
    }

    pub(super) fn linkat(&mut self, a: Args) -> Ret {
        let follow = a[4] & libc::AT_SYMLINK_FOLLOW as u64 != 0;
        let (from, to) = (self.path_at(a[0], a[1], follow)?, self.path_at(a[2], a[3], false)?);
        host_call!(SYS_linkat, fd(a[0]), from.as_ptr(), fd(a[2]), to.as_ptr(), a[4])
    }

    pub(super) fn renameat(&mut self, a: Args) -> Ret {
        let (from, to) = (self.path_at(a[0], a[1], false)?, self.path_at(a[2], a[3], false)?);
        host_call!(SYS_renameat2, fd(a[0]), from.as_ptr(), fd(a[2]), to.as_ptr(), a[4])
    }

    pub(super) fn readlinkat(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[2], a[3], WRITE)?;
        let path = self.guest_path(a[1])?;
        if self.proc_file(&path) == Some(ProcFile::Exe) {
            let exe = self.guest_name(self.process.program().exe.as_os_str().as_bytes());
            let n = exe.len().min(len as usize);
            self.put(a[2], &exe[..n])?;
            return Ok(n as u64);
        }
        let host = self.host_path(a[0], &path, false)?;
        if path.starts_with(b"/proc/") {
            let mut target = vec![0u8; 4096];
            let n = host_call!(SYS_readlinkat, fd(a[0]), host.as_ptr(), target.as_mut_ptr(), target.len())?;
            let target = self.guest_name(&target[..n as usize]);
            let n = target.len().min(len as usize);
            self.put(a[2], &target[..n])?;
            return Ok(n as u64);
        }
        let n = host_call!(SYS_readlinkat, fd(a[0]), host.as_ptr(), self.output(a[2], len)?, len)?;
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
        let path = self.path_at(a[0], a[1], a[3] & libc::AT_SYMLINK_NOFOLLOW as u64 == 0)?;
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

    /// `fchmodat` with flags.
    pub(super) fn fchmodat2(&mut self, a: Args) -> Ret {
        let path = self.path_at(a[0], a[1], a[3] & libc::AT_SYMLINK_NOFOLLOW as u64 == 0)?;
        host_call!(SYS_fchmodat2, fd(a[0]), path.as_ptr(), a[2], a[3])
    }

    pub(super) fn mknodat(&mut self, a: Args) -> Ret {
        let path = self.path_at(a[0], a[1], false)?;
        host_call!(SYS_mknodat, fd(a[0]), path.as_ptr(), a[2], a[3])
    }

    pub(super) fn fchownat(&mut self, a: Args) -> Ret {
        let path = self.path_at(a[0], a[1], a[4] & libc::AT_SYMLINK_NOFOLLOW as u64 == 0)?;
        host_call!(SYS_fchownat, fd(a[0]), path.as_ptr(), a[2], a[3], a[4])
    }

    pub(super) fn utimensat(&mut self, a: Args) -> Ret {
        let times = self.optional_input(a[2], 32)?;
        if a[1] == 0 {
            return host_call!(SYS_utimensat, fd(a[0]), 0, times, a[3]);
        }
        let path = self.path_at(a[0], a[1], a[3] & libc::AT_SYMLINK_NOFOLLOW as u64 == 0)?;
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
        let path = self.stat_path(a[0], a[1], a[2])?;
        let n = host_call!(SYS_statx, fd(a[0]), path.as_ptr(), a[2], a[3], self.output(a[4], STATX)?)?;
        self.wrote(a[4], STATX);
        Ok(n)
    }

    /// The path of a `stat` call: null means the descriptor itself when the flags allow an empty path.
    fn stat_path(&self, dir: u64, addr: u64, flags: u64) -> Result<HostPath, Errno> {
        if addr == 0 && flags & libc::AT_EMPTY_PATH as u64 != 0 {
            return Ok(std::ffi::CString::default().into());
        }
        self.path_at(dir, addr, flags & libc::AT_SYMLINK_NOFOLLOW as u64 == 0)
    }

    pub(super) fn newfstatat(&mut self, a: Args) -> Ret {
        let path = self.stat_path(a[0], a[1], a[3])?;
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
