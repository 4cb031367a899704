//! `--sandbox`: what a guest may ask of the host when it is not trusted.
//!
//! Of the host's files it sees those under directories that were allowed, of the network nothing unless that was allowed, of other
//! processes only its own children. A call that is not known to be harmless is refused with `EPERM`, a path with `EACCES`. The files
//! of `/proc` that the emulator makes itself, and a few devices that everyone may use, stay.
//!
//! Paths are opened by the host kernel beneath an allowed directory (`openat2`, `RESOLVE_BENEATH`): links that are absolute or lead
//! out are not followed, whoever moves files about meanwhile. Calls that take a path are given that descriptor's name in
//! `/proc/self/fd`, so they mean the file that was checked. Memory is confined apart from that, see `engine`.

use super::numbers as nr;
use super::path::ProcFile;
use super::{Args, Ret, Task, host_call};
use crate::errno::Errno;
use libc::c_int;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::io;
use std::ops::Deref;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Devices that can be opened without an allowed directory.
const DEVICES: [&str; 5] = ["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

const RESOLVE_NO_MAGICLINKS: u64 = 2;
const RESOLVE_BENEATH: u64 = 8;

/// What a sandboxed guest may use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sandbox {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    network: bool,
}

impl Sandbox {
    /// A sandbox that allows nothing.
    pub fn new() -> Sandbox {
        Sandbox::default()
    }

    /// Allows files under the directory to be read and executed. Error: there is no such file or directory.
    pub fn allow_read(mut self, dir: &Path) -> io::Result<Sandbox> {
        self.read.push(dir.canonicalize()?);
        Ok(self)
    }

    /// Allows files under the directory to be read, executed, made, changed and removed. Error: there is no such file or directory.
    pub fn allow_write(mut self, dir: &Path) -> io::Result<Sandbox> {
        self.write.push(dir.canonicalize()?);
        Ok(self)
    }

    /// Allows sockets.
    pub fn allow_network(mut self) -> Sandbox {
        self.network = true;
        self
    }

    /// The allowed directory that the path, without `..` and links, is under.
    fn root_of(&self, path: &Path, access: Access) -> Option<&Path> {
        let reading = if access == Access::Read { &self.read[..] } else { &[] };
        self.write.iter().chain(reading).map(PathBuf::as_path).find(|root| path.starts_with(root))
    }

    /// Whether the file that the path leads to may be read: for what the emulator itself opens on the guest's behalf.
    pub fn may_read(&self, path: &Path) -> bool {
        path.canonicalize().is_ok_and(|path| self.root_of(&path, Access::Read).is_some())
    }
}

/// What a call does with the path that it is given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Access {
    #[default]
    Read,
    Write,
}

/// A path for a call to the host, and the descriptor that keeps its meaning.
pub(super) struct HostPath {
    path: CString,
    _held: Option<OwnedFd>,
}

impl From<CString> for HostPath {
    fn from(path: CString) -> HostPath {
        HostPath { path, _held: None }
    }
}

impl Deref for HostPath {
    type Target = CStr;

    fn deref(&self) -> &CStr {
        &self.path
    }
}

/// An absolute path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::from("/");
    for part in path.components() {
        match part {
            Component::Normal(name) => out.push(name),
            Component::ParentDir => {
                out.pop();
            }
            _ => {}
        }
    }
    out
}

fn c_path(path: &OsStr) -> Result<CString, Errno> {
    CString::new(path.as_bytes()).map_err(|_| Errno::INVAL)
}

/// What the kernel calls an open descriptor.
fn name_of(fd: c_int) -> Result<PathBuf, Errno> {
    std::fs::read_link(format!("/proc/self/fd/{fd}")).map_err(|_| Errno::BADF)
}

/// Opens `inside`, relative to the directory, without leaving that. Error `EACCES`: a link leads out.
fn open_beneath(root: &Path, inside: &Path, flags: u64, mode: u64) -> Result<OwnedFd, Errno> {
    let own = |fd: u64| {
        // SAFETY: the descriptor is new, and nobody else's.
        unsafe { OwnedFd::from_raw_fd(fd as c_int) }
    };
    let root = c_path(root.as_os_str())?;
    let here = if inside.as_os_str().is_empty() { Path::new(".") } else { inside };
    let path = c_path(here.as_os_str())?;
    let root = own(host_call!(SYS_openat, libc::AT_FDCWD, root.as_ptr(), libc::O_PATH | libc::O_CLOEXEC)?);
    let makes = flags & (libc::O_CREAT as u64 | libc::O_TMPFILE as u64 & !(libc::O_DIRECTORY as u64)) != 0;
    let how: [u64; 3] =
        [flags, if makes { mode & 0o7777 } else { 0 }, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS];
    // A directory's own descriptor opens it; a file that was allowed by itself has nothing beneath.
    let opened = host_call!(SYS_openat2, root.as_raw_fd(), path.as_ptr(), how.as_ptr(), size_of_val(&how));
    match opened {
        Ok(fd) => Ok(own(fd)),
        Err(Errno(libc::EXDEV)) => Err(Errno(libc::EACCES)),
        Err(e) => Err(e),
    }
}

impl Task {
    /// Where the sandboxed guest's path leads: a host path, absolute and without `..`. `follow`: see [`Task::path_at`].
    fn sandboxed_name(&self, dir: u64, path: &[u8], follow: bool) -> Result<PathBuf, Errno> {
        if path.is_empty() {
            return Err(Errno::NOENT);
        }
        if path[0] == b'/' {
            return Ok(normal(&self.process.config.sysroot.host(path, follow)));
        }
        let base =
            if dir as c_int == libc::AT_FDCWD { std::env::current_dir()? } else { name_of(dir as c_int)? };
        Ok(normal(&base.join(OsStr::from_bytes(path))))
    }

    /// The path for a call to the host that does what `self.access` says with it. Error: `EACCES`.
    pub(super) fn sandboxed_path(
        &self,
        sandbox: &Sandbox,
        dir: u64,
        path: &[u8],
        follow: bool,
    ) -> Result<HostPath, Errno> {
        if path.is_empty() && self.access == Access::Read {
            // Nothing, or the descriptor itself.
            return Ok(CString::default().into());
        }
        let name = self.sandboxed_name(dir, path, follow)?;
        if DEVICES.iter().any(|device| name == Path::new(device)) && self.access == Access::Read {
            return Ok(c_path(name.as_os_str())?.into());
        }
        let root = sandbox.root_of(&name, self.access).ok_or(Errno(libc::EACCES))?;
        let inside = name.strip_prefix(root).map_err(|_| Errno(libc::EACCES))?;
        let (parent, last) = match (inside.parent(), inside.file_name()) {
            (Some(parent), Some(last)) if !follow => (parent, Some(last)),
            _ => (inside, None),
        };
        let held = open_beneath(root, parent, (libc::O_PATH | libc::O_CLOEXEC) as u64, 0)?;
        let mut path = OsString::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
        if let Some(last) = last {
            path.push("/");
            path.push(last);
        }
        Ok(HostPath { path: c_path(&path)?, _held: Some(held) })
    }

    /// `openat` in the sandbox.
    fn sandboxed_open(&self, sandbox: &Sandbox, dir: u64, path: &[u8], flags: u64, mode: u64) -> Ret {
        use std::os::fd::IntoRawFd;
        if self.proc_file(path) == Some(ProcFile::Exe) {
            let exe = c_path(self.process.program().exe.as_os_str())?;
            let flags = flags as c_int & libc::O_CLOEXEC;
            return host_call!(SYS_openat, libc::AT_FDCWD, exe.as_ptr(), libc::O_RDONLY | flags);
        }
        let flag = |bit: c_int| flags & bit as u64 != 0;
        let name = self.sandboxed_name(dir, path, !flag(libc::O_NOFOLLOW))?;
        if DEVICES.iter().any(|device| name == Path::new(device)) {
            let device = c_path(name.as_os_str())?;
            return host_call!(SYS_openat, libc::AT_FDCWD, device.as_ptr(), flags & !(libc::O_CREAT as u64));
        }
        // `O_TMPFILE` has a bit of its own beside `O_DIRECTORY`.
        let makes = libc::O_CREAT | libc::O_TRUNC | libc::O_TMPFILE & !libc::O_DIRECTORY;
        let access = if flag(libc::O_ACCMODE) || flag(makes) { Access::Write } else { Access::Read };
        let root = sandbox.root_of(&name, access).ok_or(Errno(libc::EACCES))?;
        let inside = name.strip_prefix(root).map_err(|_| Errno(libc::EACCES))?;
        Ok(open_beneath(root, inside, flags, mode)?.into_raw_fd() as u64)
    }

    /// Whether the process number is the guest's own or one of its children's.
    fn is_own_process(&self, pid: u64) -> bool {
        let pid = pid as c_int;
        if pid == self.pid() || pid == std::process::id() as c_int {
            return true;
        }
        let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
        let flags = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
        pid > 0 && host_call!(SYS_waitid, libc::P_PID, pid, info.as_mut_ptr(), flags, 0).is_ok()
    }

    /// Looks at a call before it is made. `Some`: it is not made, and this is its result.
    pub(super) fn sandbox(&mut self, number: u64, a: Args) -> Option<Ret> {
        let sandbox = self.process.config.sandbox.clone()?;
        let denied = Some(Err(Errno::PERM));
        let if_own = |own: bool| if own { None } else { denied };
        self.access = Access::Read;
        match number {
            nr::OPENAT => {
                let path = match self.guest_path(a[1]) {
                    Ok(path) => path,
                    Err(e) => return Some(Err(e)),
                };
                // What the emulator makes itself is opened as usual.
                match self.proc_file(&path) {
                    None | Some(ProcFile::Exe | ProcFile::Denied) => {}
                    Some(_) => return None,
                }
                Some(self.sandboxed_open(&sandbox, a[0], &path, a[2], a[3]))
            }
            // Ends in `openat` with the flags and the mode from memory.
            nr::OPENAT2 => Some(self.get_words::<2>(a[2]).and_then(|how| {
                let call = [a[0], a[1], how[0], how[1], 0, 0];
                self.sandbox(nr::OPENAT, call).unwrap_or_else(|| self.openat(call))
            })),
            nr::MKDIRAT
            | nr::UNLINKAT
            | nr::SYMLINKAT
            | nr::LINKAT
            | nr::RENAMEAT
            | nr::RENAMEAT2
            | nr::TRUNCATE
            | nr::FCHMODAT
            | nr::FCHMODAT2
            | nr::UTIMENSAT
            | nr::SETXATTR
            | nr::LSETXATTR
            | nr::REMOVEXATTR
            | nr::LREMOVEXATTR => {
                self.access = Access::Write;
                if number == nr::UTIMENSAT && a[1] == 0 {
                    self.changes_descriptor(&sandbox, a[0])
                } else {
                    None
                }
            }
            nr::FCHMOD | nr::FCHOWN | nr::FSETXATTR | nr::FREMOVEXATTR => {
                self.changes_descriptor(&sandbox, a[0])
            }
            nr::SOCKET | nr::BIND | nr::LISTEN | nr::CONNECT | nr::ACCEPT | nr::ACCEPT4 | nr::SENDMMSG
                if !sandbox.network =>
            {
                Some(Err(Errno(libc::EACCES)))
            }
            // Sockets without a connection send to whom they like.
            nr::SOCKETPAIR
                if !sandbox.network
                    && !matches!(a[1] as c_int & 0xf, libc::SOCK_STREAM | libc::SOCK_SEQPACKET) =>
            {
                Some(Err(Errno(libc::EACCES)))
            }
            nr::SENDTO if !sandbox.network && a[4] != 0 => Some(Err(Errno(libc::EACCES))),
            nr::KILL | nr::RT_SIGQUEUEINFO | nr::TGKILL | nr::RT_TGSIGQUEUEINFO | nr::PIDFD_OPEN => {
                if_own(self.is_own_process(a[0]))
            }
            nr::TKILL => if_own(Path::new(&format!("/proc/self/task/{}", a[0] as c_int)).exists()),
            nr::GETPGID
            | nr::GETSID
            | nr::SETPGID
            | nr::PRLIMIT64
            | nr::SCHED_GETAFFINITY
            | nr::SCHED_GETSCHEDULER
            | nr::SCHED_GETPARAM => {
                if_own(a[0] == 0 || a[0] == self.thread.tid() as u64 || self.is_own_process(a[0]))
            }
            // The new owner of a descriptor gets signals.
            nr::FCNTL if matches!(a[1] as c_int, libc::F_SETOWN | 15) => denied,
            nr::IOCTL
                if matches!(u64::from(a[1] as u32), libc::TIOCSCTTY | libc::TIOCNOTTY | libc::TIOCSPGRP) =>
            {
                denied
            }
            _ if is_harmless(number) => None,
            _ => denied,
        }
    }

    /// A call that changes what is told of the file behind a descriptor, which may be open for reading alone.
    fn changes_descriptor(&self, sandbox: &Sandbox, fd: u64) -> Option<Ret> {
        match name_of(fd as c_int) {
            Ok(name) if sandbox.root_of(&name, Access::Write).is_some() => None,
            Ok(_) => Some(Err(Errno::PERM)),
            Err(e) => Some(Err(e)),
        }
    }
}

/// Calls of which nothing is to be feared: they concern only the guest's own memory, threads, children, clocks and open
/// descriptors, or a path that is checked where it is read ([`Task::path_at`]).
fn is_harmless(number: u64) -> bool {
    matches!(
        number,
        nr::GETCWD
            | nr::CHDIR
            | nr::FCHDIR
            | nr::STATFS
            | nr::FSTATFS
            | nr::STATX
            | nr::NEWFSTATAT
            | nr::FSTAT
            | nr::FACCESSAT
            | nr::FACCESSAT2
            | nr::READLINKAT
            | nr::GETXATTR
            | nr::LGETXATTR
            | nr::FGETXATTR
            | nr::LISTXATTR
            | nr::LLISTXATTR
            | nr::FLISTXATTR
            | nr::EXECVE
            | nr::EXECVEAT
            | nr::INOTIFY_INIT1
            | nr::INOTIFY_ADD_WATCH
            | nr::INOTIFY_RM_WATCH
            | nr::READ
            | nr::WRITE
            | nr::READV
            | nr::WRITEV
            | nr::PREAD64
            | nr::PWRITE64
            | nr::PREADV
            | nr::PWRITEV
            | nr::PREADV2
            | nr::PWRITEV2
            | nr::SENDFILE
            | nr::SPLICE
            | nr::TEE
            | nr::VMSPLICE
            | nr::COPY_FILE_RANGE
            | nr::LSEEK
            | nr::GETDENTS64
            | nr::CLOSE
            | nr::CLOSE_RANGE
            | nr::DUP
            | nr::DUP3
            | nr::FCNTL
            | nr::IOCTL
            | nr::FLOCK
            | nr::FTRUNCATE
            | nr::FALLOCATE
            | nr::FSYNC
            | nr::FDATASYNC
            | nr::SYNC_FILE_RANGE
            | nr::FADVISE64
            | nr::READAHEAD
            | nr::PIPE2
            | nr::EVENTFD2
            | nr::MEMFD_CREATE
            | nr::EPOLL_CREATE1
            | nr::EPOLL_CTL
            | nr::EPOLL_PWAIT
            | nr::EPOLL_PWAIT2
            | nr::TIMERFD_CREATE
            | nr::TIMERFD_SETTIME
            | nr::TIMERFD_GETTIME
            | nr::SIGNALFD4
            | nr::PSELECT6
            | nr::PPOLL
            | nr::UMASK
            | nr::BRK
            | nr::MMAP
            | nr::MUNMAP
            | nr::MREMAP
            | nr::MPROTECT
            | nr::MADVISE
            | nr::MSYNC
            | nr::MINCORE
            | nr::MLOCK
            | nr::MLOCK2
            | nr::MUNLOCK
            | nr::MLOCKALL
            | nr::MUNLOCKALL
            | nr::MEMBARRIER
            | nr::RISCV_FLUSH_ICACHE
            | nr::RISCV_HWPROBE
            | nr::CLOCK_GETTIME
            | nr::CLOCK_GETRES
            | nr::CLOCK_NANOSLEEP
            | nr::NANOSLEEP
            | nr::GETTIMEOFDAY
            | nr::TIMES
            | nr::GETITIMER
            | nr::SETITIMER
            | nr::TIMER_CREATE
            | nr::TIMER_SETTIME
            | nr::TIMER_GETTIME
            | nr::TIMER_GETOVERRUN
            | nr::TIMER_DELETE
            | nr::EXIT
            | nr::EXIT_GROUP
            | nr::CLONE
            | nr::CLONE3
            | nr::WAIT4
            | nr::WAITID
            | nr::SET_TID_ADDRESS
            | nr::SET_ROBUST_LIST
            | nr::FUTEX
            | nr::RSEQ
            | nr::GETPID
            | nr::GETPPID
            | nr::GETTID
            | nr::GETUID
            | nr::GETEUID
            | nr::GETGID
            | nr::GETEGID
            | nr::GETRESUID
            | nr::GETRESGID
            | nr::GETGROUPS
            | nr::SETSID
            | nr::PERSONALITY
            | nr::UNAME
            | nr::SYSINFO
            | nr::GETRLIMIT
            | nr::SETRLIMIT
            | nr::GETRUSAGE
            | nr::PRCTL
            | nr::GETCPU
            | nr::GETRANDOM
            | nr::SCHED_YIELD
            | nr::SCHED_GET_PRIORITY_MAX
            | nr::SCHED_GET_PRIORITY_MIN
            | nr::CAPGET
            | nr::IOPRIO_SET
            | nr::IOPRIO_GET
            | nr::SIGALTSTACK
            | nr::RT_SIGACTION
            | nr::RT_SIGPROCMASK
            | nr::RT_SIGPENDING
            | nr::RT_SIGSUSPEND
            | nr::RT_SIGTIMEDWAIT
            | nr::RT_SIGRETURN
            | nr::PIDFD_SEND_SIGNAL
            | nr::SOCKETPAIR
            | nr::SENDTO
            | nr::RECVFROM
            | nr::SENDMSG
            | nr::RECVMSG
            | nr::RECVMMSG
            | nr::SHUTDOWN
            | nr::GETSOCKNAME
            | nr::GETPEERNAME
            | nr::SETSOCKOPT
            | nr::GETSOCKOPT
            | nr::SOCKET
            | nr::BIND
            | nr::LISTEN
            | nr::CONNECT
            | nr::ACCEPT
            | nr::ACCEPT4
            | nr::SENDMMSG
    ) || nr::name(number).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_judged_without_dots() {
        assert_eq!(normal(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(normal(Path::new("/../../etc")), Path::new("/etc"));
        let sandbox = Sandbox { read: vec!["/r".into()], write: vec!["/w".into()], network: false };
        let root = |path: &str, access| sandbox.root_of(Path::new(path), access).is_some();
        assert!(root("/r/x", Access::Read) && !root("/r/x", Access::Write));
        assert!(root("/w/x", Access::Read) && root("/w/x", Access::Write));
        assert!(!root("/rx", Access::Read) && !root("/", Access::Read));
    }

    #[test]
    fn links_do_not_lead_out() {
        let dir = std::env::temp_dir().join(format!("mj-sandbox-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("in/sub")).expect("a directory");
        std::fs::write(dir.join("secret"), "s").expect("a file");
        std::fs::write(dir.join("in/file"), "f").expect("a file");
        std::os::unix::fs::symlink("../secret", dir.join("in/out")).expect("a link");
        std::os::unix::fs::symlink("../file", dir.join("in/sub/stays")).expect("a link");
        std::os::unix::fs::symlink(dir.join("secret"), dir.join("in/absolute")).expect("a link");
        let open =
            |path: &str| open_beneath(&dir.join("in"), Path::new(path), libc::O_CLOEXEC as u64, 0).err();
        assert_eq!(open("file"), None);
        assert_eq!(open("sub/stays"), None);
        assert_eq!(open(""), None);
        assert_eq!(open("out"), Some(Errno(libc::EACCES)));
        assert_eq!(open("absolute"), Some(Errno(libc::EACCES)));
        assert_eq!(open("nothing"), Some(Errno::NOENT));
        std::fs::remove_dir_all(&dir).expect("removed");
    }
}
