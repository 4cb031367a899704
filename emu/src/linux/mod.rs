//! Linux for riscv64 guests: system calls, signals, and the process and threads that they act on.
//!
//! A [`Process`] is what all threads of a guest share, a [`Task`] is one thread's view of it. There is one file for
//! each family of calls. A call's handler is a method of [`Task`] that gets the six argument registers and returns
//! the value for `a0`, or an [`Errno`]. Descriptors, process and thread numbers are the host's own. Anything not
//! implemented is `ENOSYS`, logged once.
//!
//! Locks are taken in this order, and none is held during a call that can wait: address space, actions, the small
//! ones of [`Process::quiesce`], threads, the books on translated code.

mod exec;
mod file;
mod futex;
pub mod host;
mod ipc;
mod mem;
mod net;
mod notify;
mod numbers;
pub(crate) mod path;
mod pipe;
mod poll;
mod process;
pub mod sandbox;
pub mod signal;
mod strace;
pub mod sysroot;
pub mod thread;
mod time;
mod timers;
mod user;
pub mod vdso;
mod vfork;
mod xattr;

use crate::debug::gdb::{Debugger, Session};
use crate::engine::Translations;
use crate::errno::Errno;
use crate::hart::Hart;
use crate::machine::Exit;
use crate::memory::{AddressSpace, Ram};
use crate::runner::Totals;
use numbers as nr;
use sandbox::{Access, Sandbox};
use signal::{Actions, SignalState};
use std::collections::HashSet;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use sysroot::Sysroot;
use thread::{Thread, Threads};
use timers::Timers;

pub use signal::SIGNAL_FRAME_SIZE;

/// Settings of a process that stay as they are.
#[derive(Clone, Debug, Default)]
pub struct ProcessConfig {
    /// Where absolute paths are looked for first.
    pub sysroot: Sysroot,
    /// Fixed process ids and random numbers; see `Builder::deterministic`.
    pub deterministic: bool,
    /// Print system calls to standard error.
    pub strace: bool,
    /// Size of the main stack in bytes: what `RLIMIT_STACK` says.
    pub stack_size: u64,
    /// What the guest may ask of the host; `None`: everything that the user may.
    pub sandbox: Option<Arc<Sandbox>>,
    /// The debugger of the process; see [`Process::session`].
    pub debugger: Option<Arc<Debugger>>,
}

/// The program that a process runs; `execve` replaces it.
#[derive(Clone, Debug, Default)]
pub struct ProgramInfo {
    /// Host path of the ELF file.
    pub exe: PathBuf,
    /// `argv`.
    pub args: Vec<OsString>,
    /// Environment at the start.
    pub env: Vec<(OsString, OsString)>,
    /// The auxiliary vector.
    pub auxv: Vec<u8>,
    /// Stack pointer at the program's start.
    pub stack: u64,
    /// Address of the code that signal handlers return to.
    pub trampoline: u64,
}

/// What the threads of a guest process share.
pub struct Process {
    config: ProcessConfig,
    space: Mutex<AddressSpace>,
    actions: Mutex<Box<Actions>>,
    threads: Mutex<Threads>,
    /// A thread has left.
    gone: Condvar,
    /// Non-zero while `Threads` says that threads must end.
    ending: AtomicU32,
    program: Mutex<Arc<ProgramInfo>>,
    trampoline: AtomicU64,
    /// Nanoseconds that deterministic sleeps have added to the clock.
    slept: AtomicU64,
    timers: Mutex<Timers>,
    random: Mutex<SplitMix>,
    /// Numbers of calls that were logged as not implemented.
    unknown: Mutex<HashSet<u64>>,
    /// Counts of the threads that have ended.
    pub totals: Mutex<Totals>,
    /// What its threads have translated.
    pub(crate) translations: Translations,
    /// This process was forked by the guest: the emulator's own epilogue must not run in it.
    forked: AtomicBool,
}

/// One thread of a guest process.
pub struct Task {
    /// What it shares with the others.
    pub process: Arc<Process>,
    pub(crate) ram: Ram,
    pub(crate) thread: Arc<Thread>,
    signals: SignalState,
    /// A signal that the debugger sends, which it need not be told of; 0 = none.
    from_debugger: i32,
    /// What `prctl(PR_SET_NAME)` says.
    name: [u8; 16],
    /// Address that is cleared when the thread ends; 0 = none.
    clear_tid: u64,
    /// Address of the list of robust mutexes; 0 = none.
    robust_list: u64,
    /// What a child of `vfork` owes its parent.
    debt: Option<vfork::Debt>,
    /// What the sandbox lets the current call do with paths.
    access: Access,
}

/// What goes on after a system call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// The guest goes on.
    Continue,
    /// The thread is over, with this status.
    ExitThread(i32),
    /// The process is over.
    Exit(Exit),
    /// `execve` of a program that the emulator runs.
    Exec(Box<Exec>),
}

/// A program that `execve` asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exec {
    /// Host path of the ELF file.
    pub file: PathBuf,
    /// `AT_EXECFN`.
    pub name: OsString,
    /// `argv`.
    pub args: Vec<OsString>,
    /// Environment.
    pub env: Vec<(OsString, OsString)>,
}

/// Arguments of a system call: `a0..a5`.
pub(crate) type Args = [u64; 6];

/// Value for `a0`, or the error number.
pub(crate) type Ret = Result<u64, Errno>;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Process {
    pub(crate) fn lock_space(&self) -> MutexGuard<'_, AddressSpace> {
        lock(&self.space)
    }

    fn lock_actions(&self) -> MutexGuard<'_, Box<Actions>> {
        lock(&self.actions)
    }

    fn lock_threads(&self) -> MutexGuard<'_, Threads> {
        lock(&self.threads)
    }

    /// Holds every other lock of the process: for `fork`.
    fn quiesce(&self) -> Quiet<'_> {
        Quiet {
            timers: lock(&self.timers),
            _random: lock(&self.random),
            _unknown: lock(&self.unknown),
            _totals: lock(&self.totals),
            _program: lock(&self.program),
        }
    }

    /// The program that runs.
    pub fn program(&self) -> Arc<ProgramInfo> {
        lock(&self.program).clone()
    }

    fn trampoline(&self) -> u64 {
        self.trampoline.load(Ordering::Relaxed)
    }

    /// Settings.
    pub fn config(&self) -> &ProcessConfig {
        &self.config
    }

    /// The debugging session that this process is in, as long as there is one.
    #[inline]
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        match &self.config.debugger {
            Some(debugger) if !self.is_forked() => debugger.session(),
            _ => None,
        }
    }

    /// Whether this process was forked by the guest.
    pub fn is_forked(&self) -> bool {
        self.forked.load(Ordering::Relaxed)
    }
}

/// Locks that are held while this lives.
struct Quiet<'a> {
    timers: MutexGuard<'a, Timers>,
    _random: MutexGuard<'a, SplitMix>,
    _unknown: MutexGuard<'a, HashSet<u64>>,
    _totals: MutexGuard<'a, Totals>,
    _program: MutexGuard<'a, Arc<ProgramInfo>>,
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {}
}

/// What the kernel calls a program's threads: the file's name, at most 15 bytes.
fn thread_name(program: &ProgramInfo) -> [u8; 16] {
    let mut name = [0; 16];
    if let Some(file) = program.exe.file_name() {
        let bytes = file.as_encoded_bytes();
        let n = bytes.len().min(15);
        name[..n].copy_from_slice(&bytes[..n]);
    }
    name
}

impl Task {
    /// The main thread of a process with nothing open but what the host has open, default signal actions, and
    /// the mappings in `space`.
    pub fn new(space: AddressSpace, program: ProgramInfo, config: ProcessConfig) -> Task {
        let ram = space.ram().clone();
        let tid = if config.deterministic { 1000 } else { std::process::id() as i32 };
        let thread = Arc::new(Thread::new(tid));
        let name = thread_name(&program);
        let process = Process {
            config,
            space: Mutex::new(space),
            actions: Mutex::new(Box::new([Default::default(); 65])),
            threads: Mutex::new(Threads::new(thread.clone())),
            gone: Condvar::new(),
            ending: AtomicU32::new(0),
            trampoline: AtomicU64::new(program.trampoline),
            program: Mutex::new(Arc::new(program)),
            slept: AtomicU64::new(0),
            timers: Mutex::default(),
            random: Mutex::new(SplitMix(0x6d6a)),
            unknown: Mutex::default(),
            totals: Mutex::default(),
            translations: Translations::default(),
            forked: AtomicBool::new(false),
        };
        Task {
            process: Arc::new(process),
            ram,
            thread,
            signals: SignalState::default(),
            from_debugger: 0,
            name,
            clear_tid: 0,
            robust_list: 0,
            debt: None,
            access: Access::Read,
        }
    }

    /// Takes over the host's signal actions, as a program does that the host starts.
    pub fn inherit(&self) {
        self.process.inherit_actions();
    }

    /// The state after `execve`: a new program in a new space; descriptors that are not close-on-exec stay
    /// open. The thread is the only one.
    pub fn after_exec(&mut self, space: AddressSpace, program: ProgramInfo) {
        self.debt = None;
        file::close_on_exec();
        self.process.keep_interval_timers();
        self.process.reset_actions();
        self.process.trampoline.store(program.trampoline, Ordering::Relaxed);
        self.ram = space.ram().clone();
        self.name = thread_name(&program);
        *lock(&self.process.program) = Arc::new(program);
        *self.process.lock_space() = space;
        self.signals.stack = Default::default();
        self.clear_tid = 0;
        self.robust_list = 0;
    }

    fn is_deterministic(&self) -> bool {
        self.process.config.deterministic
    }

    /// Serves the `ecall` that the hart is just past.
    pub fn syscall(&mut self, hart: &mut Hart) -> Flow {
        let number = hart.x[17];
        let args: Args = [hart.x[10], hart.x[11], hart.x[12], hart.x[13], hart.x[14], hart.x[15]];
        let mut flow = Flow::Continue;
        let result = match number {
            nr::EXIT => {
                flow = Flow::ExitThread((args[0] & 0xff) as i32);
                Ok(0)
            }
            nr::EXIT_GROUP => {
                flow = Flow::Exit(Exit::Code((args[0] & 0xff) as i32));
                Ok(0)
            }
            nr::RT_SIGRETURN => {
                // The whole register file comes from the frame; nothing is written to a0 afterwards.
                let flow = match self.sigreturn(hart) {
                    Ok(()) => Flow::Continue,
                    Err(_) => Flow::Exit(Exit::Signal(libc::SIGSEGV)),
                };
                if self.process.config.strace {
                    strace::print_sigreturn(self);
                }
                return flow;
            }
            nr::EXECVE => self.execve([libc::AT_FDCWD as u64, args[0], args[1], args[2], 0, 0]).map(|exec| {
                flow = exec;
                0
            }),
            nr::EXECVEAT => self.execve(args).map(|exec| {
                flow = exec;
                0
            }),
            _ => match self.sandbox(number, args) {
                Some(result) => result,
                None => self.dispatch(number, args, hart),
            },
        };
        if result == Err(Errno::RESTART) {
            // The call was not made: it is made after the signal's handler.
            hart.pc = hart.pc.wrapping_sub(4);
            self.signals.end_wait();
            return Flow::Continue;
        }
        if self.process.config.strace {
            strace::print(self, number, args, &result, &flow);
        }
        let writes =
            matches!(number, nr::WRITE | nr::WRITEV | nr::PWRITE64 | nr::PWRITEV | nr::SENDFILE | nr::SPLICE);
        let sends = matches!(number, nr::SENDTO | nr::SENDMSG | nr::SENDMMSG);
        if result == Err(Errno(libc::EPIPE))
            && (writes
                || sends && args[if number == nr::SENDMSG { 2 } else { 3 }] & libc::MSG_NOSIGNAL as u64 == 0)
        {
            self.broken_pipe();
        }
        match result {
            Ok(value) => hart.x[10] = value,
            Err(e) => hart.x[10] = (-i64::from(e.0)) as u64,
        }
        flow
    }

    fn dispatch(&mut self, number: u64, a: Args, hart: &mut Hart) -> Ret {
        match number {
            nr::GETCWD => self.getcwd(a),
            nr::EVENTFD2 => self.eventfd2(a),
            nr::EPOLL_PWAIT2 => self.epoll_pwait2(a),
            nr::INOTIFY_INIT1 => host_call!(SYS_inotify_init1, a[0]),
            nr::INOTIFY_ADD_WATCH => self.inotify_add_watch(a),
            nr::INOTIFY_RM_WATCH => host_call!(SYS_inotify_rm_watch, a[0] as i32, a[1] as i32),
            nr::TIMERFD_CREATE => host_call!(SYS_timerfd_create, a[0] as i32, a[1]),
            nr::TIMERFD_SETTIME => self.timerfd_settime(a),
            nr::TIMERFD_GETTIME => self.timerfd_gettime(a),
            nr::SETXATTR => self.setxattr(a, true),
            nr::LSETXATTR => self.setxattr(a, false),
            nr::FSETXATTR => self.fsetxattr(a),
            nr::GETXATTR => self.getxattr(a, true),
            nr::LGETXATTR => self.getxattr(a, false),
            nr::FGETXATTR => self.fgetxattr(a),
            nr::LISTXATTR => self.listxattr(a, true),
            nr::LLISTXATTR => self.listxattr(a, false),
            nr::FLISTXATTR => self.flistxattr(a),
            nr::REMOVEXATTR => self.removexattr(a, true),
            nr::LREMOVEXATTR => self.removexattr(a, false),
            nr::FREMOVEXATTR => self.fremovexattr(a),
            nr::MKNODAT => self.mknodat(a),
            nr::OPENAT2 => self.openat2(a),
            nr::PREADV2 => self.preadv2(a),
            nr::PWRITEV2 => self.pwritev2(a),
            nr::SPLICE => self.splice(a),
            nr::TEE => host_call!(SYS_tee, a[0] as i32, a[1] as i32, a[2], a[3]),
            nr::VMSPLICE => self.vmsplice(a),
            nr::SYNC_FILE_RANGE => host_call!(SYS_sync_file_range, a[0] as i32, a[1], a[2], a[3]),
            nr::SYNCFS => host_call!(SYS_syncfs, a[0] as i32),
            nr::FCHMODAT2 => self.fchmodat2(a),
            nr::CHROOT | nr::MOUNT | nr::UMOUNT2 | nr::PIVOT_ROOT | nr::UNSHARE | nr::SETNS => {
                Err(Errno::PERM)
            }
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
            nr::FADVISE64 | nr::READAHEAD => Ok(0),
            nr::MEMFD_CREATE => self.memfd_create(a),
            nr::UMASK => self.umask(a),

            nr::BRK => Ok(self.process.lock_space().brk(a[0])),
            nr::MMAP => self.mmap(a),
            nr::MUNMAP => self.munmap(a),
            nr::MREMAP => self.mremap(a),
            nr::MPROTECT => self.mprotect(a),
            nr::MADVISE => self.madvise(a),
            nr::MSYNC => self.msync(a),
            nr::MINCORE => self.mincore(a),
            nr::MLOCK | nr::MLOCK2 | nr::MUNLOCK | nr::MLOCKALL | nr::MUNLOCKALL => Ok(0),

            nr::CLOCK_GETTIME => self.clock_gettime(a, hart),
            nr::CLOCK_GETRES => self.clock_getres(a),
            nr::CLOCK_NANOSLEEP => self.clock_nanosleep(a, hart),
            nr::NANOSLEEP => self.nanosleep(a, hart),
            nr::GETTIMEOFDAY => self.gettimeofday(a, hart),
            nr::TIMES => self.times(a, hart),
            nr::GETITIMER => self.getitimer(a),
            nr::SETITIMER => self.setitimer(a),
            nr::TIMER_CREATE => self.timer_create(a),
            nr::TIMER_SETTIME => self.timer_settime(a),
            nr::TIMER_GETTIME => self.timer_gettime(a),
            nr::TIMER_GETOVERRUN => host_call!(SYS_timer_getoverrun, a[0] as i32),
            nr::TIMER_DELETE => self.timer_delete(a),
            nr::CLOCK_SETTIME | nr::SETTIMEOFDAY | nr::ADJTIMEX | nr::CLOCK_ADJTIME => Err(Errno::PERM),

            nr::SET_TID_ADDRESS => self.set_tid_address(a),
            nr::SET_ROBUST_LIST => self.set_robust_list(a),
            nr::GET_ROBUST_LIST => self.get_robust_list(a),
            nr::FUTEX => self.futex(a, hart),
            nr::RSEQ => Err(Errno::NOSYS),
            nr::MEMBARRIER => self.membarrier(a),

            nr::GETPID => Ok(self.pid() as u64),
            nr::GETPPID => Ok(self.ppid() as u64),
            nr::GETTID => Ok(self.thread.tid() as u64),
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
            nr::GETPRIORITY => host_call!(SYS_getpriority, a[0], self.host_pid(a[1])),
            nr::SETPRIORITY => host_call!(SYS_setpriority, a[0], self.host_pid(a[1]), a[2]),
            nr::SETUID => host_call!(SYS_setuid, a[0] as u32),
            nr::SETGID => host_call!(SYS_setgid, a[0] as u32),
            nr::SETREUID => host_call!(SYS_setreuid, a[0] as u32, a[1] as u32),
            nr::SETREGID => host_call!(SYS_setregid, a[0] as u32, a[1] as u32),
            nr::SETRESUID => host_call!(SYS_setresuid, a[0] as u32, a[1] as u32, a[2] as u32),
            nr::SETRESGID => host_call!(SYS_setresgid, a[0] as u32, a[1] as u32, a[2] as u32),
            nr::SETFSUID => host_call!(SYS_setfsuid, a[0] as u32),
            nr::SETFSGID => host_call!(SYS_setfsgid, a[0] as u32),
            nr::SETGROUPS => host_call!(SYS_setgroups, a[0], self.optional_input(a[1], a[0].min(65536) * 4)?),
            nr::CAPGET => self.capget(a),
            nr::CAPSET => self.capset(a),
            nr::PERSONALITY => host_call!(SYS_personality, 0xffff_ffffu32),
            nr::PTRACE => Err(Errno::PERM),
            nr::SETHOSTNAME | nr::SETDOMAINNAME | nr::ACCT | nr::SYSLOG => Err(Errno::PERM),
            nr::UNAME => self.uname(a),
            nr::SYSINFO => self.sysinfo(a, hart),
            nr::GETRLIMIT => self.prlimit64([0, a[0], 0, a[1], 0, 0]),
            nr::SETRLIMIT => self.prlimit64([0, a[0], a[1], 0, 0, 0]),
            nr::PRLIMIT64 => self.prlimit64(a),
            nr::GETRUSAGE => self.getrusage(a, hart),
            nr::PRCTL => self.prctl(a),
            nr::GETCPU => self.getcpu(a),
            nr::GETRANDOM => self.getrandom(a),
            nr::SCHED_YIELD => host_call!(SYS_sched_yield),
            nr::IOPRIO_SET | nr::IOPRIO_GET => Ok(0),
            nr::PIDFD_OPEN => host_call!(
                SYS_pidfd_open,
                if a[0] as i32 == self.pid() { std::process::id() as i32 } else { a[0] as i32 },
                a[1]
            ),
            nr::PIDFD_SEND_SIGNAL => self.pidfd_send_signal(a),
            nr::KCMP => host_call!(SYS_kcmp, a[0], a[1], a[2], a[3], a[4]),
            nr::SCHED_GETAFFINITY => self.sched_getaffinity(a),
            nr::SCHED_SETAFFINITY => self.sched_setaffinity(a),
            nr::SCHED_GETSCHEDULER => self.sched_getscheduler(a),
            nr::SCHED_SETSCHEDULER => self.sched_setscheduler(a),
            nr::SCHED_SETPARAM => self.sched_setparam(a),
            nr::SCHED_GETPARAM => self.sched_getparam(a),
            nr::SCHED_RR_GET_INTERVAL => self.sched_rr_get_interval(a),
            nr::SCHED_GET_PRIORITY_MAX => host_call!(SYS_sched_get_priority_max, a[0] as i32),
            nr::SCHED_GET_PRIORITY_MIN => host_call!(SYS_sched_get_priority_min, a[0] as i32),
            nr::RISCV_HWPROBE => self.riscv_hwprobe(a),
            nr::RISCV_FLUSH_ICACHE => {
                self.ram.synchronise_all_code();
                // Flag 1: only this thread's view matters.
                if a[2] & 1 == 0 && self.ram.others_are_behind() {
                    self.process.wait_for_turns(&self.thread);
                }
                Ok(0)
            }
            nr::CLONE => self.clone(a, hart),
            // The C library falls back to `clone`.
            nr::CLONE3 => Err(Errno::NOSYS),
            nr::WAITID => self.waitid(a),
            nr::WAIT4 => self.wait4(a),

            nr::KILL => self.kill(a),
            nr::TKILL => self.tgkill([u64::MAX, a[0], a[1], 0, 0, 0]),
            nr::TGKILL => self.tgkill(a),
            nr::SIGALTSTACK => self.sigaltstack(a, hart),
            nr::RT_SIGACTION => self.rt_sigaction(a),
            nr::RT_SIGPROCMASK => self.rt_sigprocmask(a),
            nr::RT_SIGPENDING => self.rt_sigpending(a),
            nr::RT_SIGSUSPEND => self.rt_sigsuspend(a),
            nr::RT_SIGTIMEDWAIT => self.rt_sigtimedwait(a),
            nr::RT_SIGQUEUEINFO => self.sigqueueinfo(a[0], None, a[1], a[2]),
            nr::RT_TGSIGQUEUEINFO => self.sigqueueinfo(a[0], Some(a[1]), a[2], a[3]),
            nr::SIGNALFD4 => self.signalfd4(a),

            nr::SOCKET => self.socket(a),
            nr::SOCKETPAIR => self.socketpair(a),
            nr::BIND => self.bind(a),
            nr::LISTEN => host_call!(SYS_listen, a[0] as i32, a[1] as i32),
            nr::ACCEPT => self.accept4([a[0], a[1], a[2], 0, 0, 0]),
            nr::ACCEPT4 => self.accept4(a),
            nr::CONNECT => self.connect(a),
            nr::GETSOCKNAME => self.getsockname(a),
            nr::GETPEERNAME => self.getpeername(a),
            nr::SENDTO => self.sendto(a),
            nr::RECVFROM => self.recvfrom(a),
            nr::SETSOCKOPT => self.setsockopt(a),
            nr::GETSOCKOPT => self.getsockopt(a),
            nr::SHUTDOWN => host_call!(SYS_shutdown, a[0] as i32, a[1] as i32),
            nr::SENDMSG => self.sendmsg(a),
            nr::RECVMSG => self.recvmsg(a),
            nr::SENDMMSG => self.sendmmsg(a),
            nr::RECVMMSG => self.recvmmsg(a),

            nr::MQ_OPEN => self.mq_open(a),
            nr::MQ_UNLINK => self.mq_unlink(a),
            nr::MQ_TIMEDSEND => self.mq_timedsend(a),
            nr::MQ_TIMEDRECEIVE => self.mq_timedreceive(a),
            nr::MQ_NOTIFY => self.mq_notify(a),
            nr::MQ_GETSETATTR => self.mq_getsetattr(a),
            nr::MSGGET => host_call!(SYS_msgget, a[0] as i32, a[1] as i32),
            nr::MSGCTL => self.msgctl(a),
            nr::MSGRCV => self.msgrcv(a),
            nr::MSGSND => self.msgsnd(a),
            nr::SEMGET => host_call!(SYS_semget, a[0] as i32, a[1] as i32, a[2] as i32),
            nr::SEMCTL => self.semctl(a),
            nr::SEMTIMEDOP => self.semtimedop(a, a[3]),
            nr::SEMOP => self.semtimedop(a, 0),
            nr::SHMGET => host_call!(SYS_shmget, a[0] as i32, a[1], a[2] as i32),
            nr::SHMCTL => self.shmctl(a),
            nr::SHMAT => self.shmat(a),
            nr::SHMDT => self.shmdt(a),
            _ => {
                if lock(&self.process.unknown).insert(number) {
                    let name = nr::name(number).unwrap_or("unknown");
                    log::warn!("system call {number} ({name}) is not implemented; the guest gets ENOSYS");
                }
                Err(Errno::NOSYS)
            }
        }
    }

    /// The guest's process id.
    pub(crate) fn pid(&self) -> i32 {
        if self.is_deterministic() && !self.process.is_forked() {
            return 1000;
        }
        std::process::id() as i32
    }

    fn ppid(&self) -> i32 {
        if self.is_deterministic() && !self.process.is_forked() {
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

/// Makes a raw host system call; the value is a [`Ret`]. A signal that is there before it begins comes first
/// (`Errno::RESTART`, see [`host::call`]): a handler makes at most one call with effects, and makes it last.
///
/// Arguments are integers, or pointers from `Task::input`, `Task::output` (of the length that the
/// call is told) or host values that outlive the call.
macro_rules! host_call {
    ($number:ident $(, $arg:expr)* $(,)?) => {{
        let mut args = [0u64; 6];
        let given: &[u64] = &[$($arg as u64),*];
        args[..given.len()].copy_from_slice(given);
        // SAFETY: by the macro's contract every pointer is good for what the call does with it.
        unsafe { $crate::linux::host::call(libc::$number, args) }
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
