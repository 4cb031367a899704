//! Linux for riscv64 guests: system calls, signals and the process that they act on.
//!
//! One file for each family of calls. A call's handler is a method of [`Process`] that gets the six
//! argument registers and returns the value for
//! `a0`, or an [`Errno`]. Descriptors are the host's own. Anything not implemented is `ENOSYS`, logged once.

mod file;
mod futex;
mod mem;
mod numbers;
mod path;
mod poll;
mod process;
pub mod signal;
mod strace;
mod time;
mod user;

use crate::errno::Errno;
use crate::hart::Hart;
use crate::machine::Exit;
use crate::memory::AddressSpace;
use numbers as nr;
use signal::Signals;
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;

pub use signal::SIGNAL_FRAME_SIZE;

/// Settings of a process that stay as they are.
#[derive(Clone, Debug)]
pub struct ProcessConfig {
    /// Absolute path of the program.
    pub exe: PathBuf,
    /// `argv`.
    pub args: Vec<OsString>,
    /// Absolute paths are looked for under this directory first.
    pub sysroot: Option<PathBuf>,
    /// Fixed process ids and random numbers; see `Builder::deterministic`.
    pub deterministic: bool,
    /// Print system calls to standard error.
    pub strace: bool,
    /// Size of the main stack in bytes: what `RLIMIT_STACK` says.
    pub stack_size: u64,
}

/// One guest process.
pub struct Process {
    /// Its mappings.
    pub space: AddressSpace,
    /// Its signal state.
    pub signals: Signals,
    config: ProcessConfig,
    /// What `prctl(PR_SET_NAME)` says.
    name: [u8; 16],
    /// Nanoseconds that deterministic sleeps have added to the clock.
    slept: u64,
    random: SplitMix,
    /// Numbers of calls that were logged as not implemented.
    unknown: HashSet<u64>,
    /// This process was forked by the guest: the emulator's own epilogue must not run in it.
    pub forked: bool,
}

/// What goes on after a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The guest goes on.
    Continue,
    /// The process is over.
    Exit(Exit),
    /// `execve` of a program that the emulator runs: file, arguments, environment.
    Exec(PathBuf, Vec<OsString>, Vec<(OsString, OsString)>),
}

/// Arguments of a system call: `a0..a5`.
pub(crate) type Args = [u64; 6];

/// Value for `a0`, or the error number.
pub(crate) type Ret = Result<u64, Errno>;

impl Process {
    /// A process with nothing open but what the host has open, default signal actions, and the mappings in
    /// `space`.
    pub fn new(space: AddressSpace, trampoline: u64, config: ProcessConfig) -> Process {
        let mut name = [0; 16];
        if let Some(file) = config.exe.file_name() {
            let bytes = file.as_encoded_bytes();
            let n = bytes.len().min(15);
            name[..n].copy_from_slice(&bytes[..n]);
        }
        Process {
            space,
            signals: Signals::new(trampoline),
            config,
            name,
            slept: 0,
            random: SplitMix(0x6d6a),
            unknown: HashSet::new(),
            forked: false,
        }
    }

    /// The state after `execve`: a new program in a new space; descriptors that are not close-on-exec stay
    /// open.
    pub fn after_exec(&mut self, space: AddressSpace, trampoline: u64, exe: PathBuf, args: Vec<OsString>) {
        file::close_on_exec();
        self.signals.after_exec(trampoline);
        let config = ProcessConfig { exe, args, ..self.config.clone() };
        let fresh = Process::new(space, trampoline, config);
        self.space = fresh.space;
        self.config = fresh.config;
        self.name = fresh.name;
    }

    /// Serves the `ecall` that the hart is just past.
    pub fn syscall(&mut self, hart: &mut Hart) -> Flow {
        let number = hart.x[17];
        let args: Args = [hart.x[10], hart.x[11], hart.x[12], hart.x[13], hart.x[14], hart.x[15]];
        let mut flow = Flow::Continue;
        let result = match number {
            nr::EXIT | nr::EXIT_GROUP => {
                flow = Flow::Exit(Exit::Code((args[0] & 0xff) as i32));
                Ok(0)
            }
            nr::RT_SIGRETURN => {
                // The whole register file comes from the frame; nothing is written to a0 afterwards.
                let flow = match self.sigreturn(hart) {
                    Ok(()) => Flow::Continue,
                    Err(_) => Flow::Exit(Exit::Signal(libc::SIGSEGV)),
                };
                if self.config.strace {
                    strace::print_sigreturn();
                }
                return flow;
            }
            nr::EXECVE => match self.execve(args) {
                Ok(exec) => {
                    flow = exec;
                    Ok(0)
                }
                Err(e) => Err(e),
            },
            _ => self.dispatch(number, args, hart),
        };
        if self.config.strace {
            strace::print(self.space.ram(), number, args, &result, &flow);
        }
        if result == Err(Errno(libc::EPIPE))
            && matches!(number, nr::WRITE | nr::WRITEV | nr::PWRITE64 | nr::PWRITEV)
        {
            self.signals.raise_self(libc::SIGPIPE, self.pid());
        }
        match result {
            Ok(value) => hart.x[10] = value,
            Err(e) => {
                if e == Errno::INTR && flow == Flow::Continue {
                    self.signals.interrupted = Some((hart.pc - 4, args[0]));
                }
                hart.x[10] = (-i64::from(e.0)) as u64;
            }
        }
        flow
    }

    fn dispatch(&mut self, number: u64, a: Args, hart: &mut Hart) -> Ret {
        match number {
            nr::GETCWD => self.getcwd(a),
            nr::EVENTFD2 => self.eventfd2(a),
            nr::EPOLL_CREATE1 => self.epoll_create1(a),
            nr::EPOLL_CTL => self.epoll_ctl(a),
            nr::EPOLL_PWAIT => self.epoll_pwait(a),
            nr::DUP => self.dup(a),
            nr::DUP3 => self.dup3(a),
            nr::FCNTL => self.fcntl(a),
            nr::IOCTL => self.ioctl(a),
            nr::FLOCK => self.flock(a),
            nr::MKDIRAT => self.mkdirat(a),
            nr::UNLINKAT => self.unlinkat(a),
            nr::SYMLINKAT => self.symlinkat(a),
            nr::LINKAT => self.linkat(a),
            nr::RENAMEAT => self.renameat([a[0], a[1], a[2], a[3], 0, 0]),
            nr::RENAMEAT2 => self.renameat(a),
            nr::STATFS => self.statfs(a),
            nr::FSTATFS => self.fstatfs(a),
            nr::TRUNCATE => self.truncate(a),
            nr::FTRUNCATE => self.ftruncate(a),
            nr::FALLOCATE => self.fallocate(a),
            nr::FACCESSAT => self.faccessat([a[0], a[1], a[2], 0, 0, 0]),
            nr::FACCESSAT2 => self.faccessat(a),
            nr::CHDIR => self.chdir(a),
            nr::FCHDIR => self.fchdir(a),
            nr::FCHMOD => self.fchmod(a),
            nr::FCHMODAT => self.fchmodat(a),
            nr::FCHOWNAT => self.fchownat(a),
            nr::FCHOWN => self.fchown(a),
            nr::OPENAT => self.openat(a),
            nr::CLOSE => self.close(a),
            nr::CLOSE_RANGE => self.close_range(a),
            nr::PIPE2 => self.pipe2(a),
            nr::GETDENTS64 => self.getdents64(a),
            nr::LSEEK => self.lseek(a),
            nr::READ => self.read(a),
            nr::WRITE => self.write(a),
            nr::READV => self.readv(a),
            nr::WRITEV => self.writev(a),
            nr::PREAD64 => self.pread64(a),
            nr::PWRITE64 => self.pwrite64(a),
            nr::PREADV => self.preadv(a),
            nr::PWRITEV => self.pwritev(a),
            nr::SENDFILE => self.sendfile(a),
            nr::COPY_FILE_RANGE => self.copy_file_range(a),
            nr::PSELECT6 => self.pselect6(a),
            nr::PPOLL => self.ppoll(a),
            nr::READLINKAT => self.readlinkat(a),
            nr::NEWFSTATAT => self.newfstatat(a),
            nr::FSTAT => self.fstat(a),
            nr::STATX => self.statx(a),
            nr::SYNC => self.sync(),
            nr::FSYNC => self.fsync(a),
            nr::FDATASYNC => self.fdatasync(a),
            nr::UTIMENSAT => self.utimensat(a),
            nr::FADVISE64 => Ok(0),
            nr::MEMFD_CREATE => self.memfd_create(a),
            nr::UMASK => self.umask(a),

            nr::BRK => Ok(self.space.brk(a[0])),
            nr::MMAP => self.mmap(a),
            nr::MUNMAP => self.munmap(a),
            nr::MREMAP => self.mremap(a),
            nr::MPROTECT => self.mprotect(a),
            nr::MADVISE => self.madvise(a),
            nr::MSYNC => self.msync(a),
            nr::MINCORE => self.mincore(a),
            nr::MLOCK | nr::MUNLOCK | nr::MLOCKALL | nr::MUNLOCKALL => Ok(0),

            nr::CLOCK_GETTIME => self.clock_gettime(a, hart),
            nr::CLOCK_GETRES => self.clock_getres(a),
            nr::CLOCK_NANOSLEEP => self.clock_nanosleep(a, hart),
            nr::NANOSLEEP => self.nanosleep(a, hart),
            nr::GETTIMEOFDAY => self.gettimeofday(a, hart),
            nr::TIMES => self.times(a, hart),
            nr::GETITIMER => self.getitimer(a),
            nr::SETITIMER => self.setitimer(a),

            nr::SET_TID_ADDRESS => self.set_tid_address(),
            nr::SET_ROBUST_LIST => Ok(0),
            nr::FUTEX => self.futex(a, hart),
            nr::RSEQ => Err(Errno::NOSYS),
            nr::MEMBARRIER => self.membarrier(a),

            nr::GETPID => Ok(self.pid() as u64),
            nr::GETPPID => Ok(self.ppid() as u64),
            nr::GETTID => Ok(self.pid() as u64),
            nr::GETUID => Ok(self.ids()[0]),
            nr::GETEUID => Ok(self.ids()[1]),
            nr::GETGID => Ok(self.ids()[2]),
            nr::GETEGID => Ok(self.ids()[3]),
            nr::GETRESUID => self.getresid(a, 0),
            nr::GETRESGID => self.getresid(a, 2),
            nr::GETGROUPS => self.getgroups(a),
            nr::GETPGID => self.getpgid(a),
            nr::SETPGID => self.setpgid(a),
            nr::GETSID => self.getsid(a),
            nr::SETSID => self.setsid(),
            nr::GETPRIORITY => Ok(20),
            nr::SETPRIORITY => Ok(0),
            nr::UNAME => self.uname(a),
            nr::SYSINFO => self.sysinfo(a, hart),
            nr::GETRLIMIT => self.prlimit64([0, a[0], 0, a[1], 0, 0]),
            nr::SETRLIMIT => self.prlimit64([0, a[0], a[1], 0, 0, 0]),
            nr::PRLIMIT64 => self.prlimit64(a),
            nr::GETRUSAGE => self.getrusage(a, hart),
            nr::PRCTL => self.prctl(a),
            nr::GETCPU => self.getcpu(a),
            nr::GETRANDOM => self.getrandom(a),
            nr::SCHED_YIELD => Ok(0),
            nr::SCHED_GETAFFINITY => self.sched_getaffinity(a),
            nr::SCHED_SETAFFINITY => Ok(0),
            nr::SCHED_GETSCHEDULER => Ok(0),
            nr::SCHED_SETSCHEDULER | nr::SCHED_SETPARAM => Ok(0),
            nr::SCHED_GETPARAM => self.sched_getparam(a),
            nr::SCHED_GET_PRIORITY_MAX => Ok(if matches!(a[0], 1 | 2) { 99 } else { 0 }),
            nr::SCHED_GET_PRIORITY_MIN => Ok(u64::from(matches!(a[0], 1 | 2))),
            nr::RISCV_HWPROBE => self.riscv_hwprobe(a),
            nr::RISCV_FLUSH_ICACHE => {
                self.space.ram().synchronise_code();
                Ok(0)
            }
            nr::CLONE => self.clone(a, hart),
            // The C library falls back to `clone`.
            nr::CLONE3 => Err(Errno::NOSYS),
            nr::WAIT4 => self.wait4(a),

            nr::KILL => self.kill(a),
            nr::TKILL => self.tgkill([0, a[0], a[1], 0, 0, 0]),
            nr::TGKILL => self.tgkill(a),
            nr::SIGALTSTACK => self.sigaltstack(a, hart),
            nr::RT_SIGACTION => self.rt_sigaction(a),
            nr::RT_SIGPROCMASK => self.rt_sigprocmask(a),
            nr::RT_SIGPENDING => self.rt_sigpending(a),
            nr::RT_SIGSUSPEND => self.rt_sigsuspend(a),
            _ => {
                if self.unknown.insert(number) {
                    let name = nr::name(number).unwrap_or("unknown");
                    log::warn!("system call {number} ({name}) is not implemented; the guest gets ENOSYS");
                }
                Err(Errno::NOSYS)
            }
        }
    }

    /// The guest's process id.
    pub(crate) fn pid(&self) -> i32 {
        if self.config.deterministic && !self.forked {
            return 1000;
        }
        std::process::id() as i32
    }

    fn ppid(&self) -> i32 {
        if self.config.deterministic && !self.forked {
            return 1;
        }
        // SAFETY: no arguments, cannot fail.
        unsafe { libc::getppid() }
    }

    /// uid, euid, gid, egid.
    pub fn ids(&self) -> [u64; 4] {
        host_ids()
    }
}

/// The host user's uid, euid, gid, egid.
pub fn host_ids() -> [u64; 4] {
    // SAFETY: no arguments, cannot fail.
    unsafe { [libc::getuid(), libc::geteuid(), libc::getgid(), libc::getegid()].map(u64::from) }
}

/// Makes a raw host system call; the value is a [`Ret`].
///
/// Arguments are integers, or pointers from `Process::input`, `Process::output` (of the length that the
/// call is told) or host values that outlive the call.
macro_rules! host_call {
    ($number:ident $(, $arg:expr)* $(,)?) => {{
        // SAFETY: by the macro's contract every pointer is good for what the call does with it.
        let ret = unsafe { libc::syscall(libc::$number $(, $arg as libc::c_long)*) };
        if ret == -1 { Err($crate::errno::Errno::last()) } else { Ok(ret as u64) }
    }};
}
pub(crate) use host_call;

/// A small generator for repeatable "random" bytes (SplitMix64, Steele et al. 2014).
#[derive(Clone, Debug)]
pub struct SplitMix(pub u64);

impl SplitMix {
    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }

    /// Fills `out`.
    pub fn fill(&mut self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.next_u64().to_le_bytes()[..chunk.len()]);
        }
    }
}
