//! Printing system calls in strace's form.

use super::{Args, Flow, Ret, Task, numbers as nr};
use crate::memory::Ram;
use libc::c_int;
use std::fmt::Write as _;

/// Longest string that is shown, in bytes.
const STRING_MAX: usize = 32;

/// How an argument is shown.
#[derive(Clone, Copy)]
enum Show {
    /// Signed 32-bit number.
    Int,
    /// Unsigned number.
    Size,
    /// Address or mask.
    Hex,
    /// Octal file mode.
    Octal,
    /// Directory descriptor.
    At,
    /// Path or other C string.
    Str,
    /// Bytes whose length is the next argument (input) or the result (output).
    In,
    Out,
    /// Signal number.
    Signal,
    /// Flags of `open`, protection, kind of mapping.
    Open,
    Prot,
    Map,
}

use Show::{At, Hex, In, Int, Map, Octal, Open, Out, Prot, Signal, Size, Str};

fn shape(number: u64, args: &Args) -> &'static [Show] {
    match number {
        // The mode counts only when a file may be made.
        nr::OPENAT if args[2] & libc::O_CREAT as u64 == 0 => &[At, Str, Open],
        nr::READ => &[Int, Out, Size],
        nr::WRITE => &[Int, In, Size],
        nr::PREAD64 => &[Int, Out, Size, Size],
        nr::PWRITE64 => &[Int, In, Size, Size],
        nr::READV | nr::WRITEV => &[Int, Hex, Size],
        nr::OPENAT => &[At, Str, Open, Octal],
        nr::CLOSE | nr::DUP | nr::FCHDIR | nr::FSYNC | nr::EXIT | nr::EXIT_GROUP | nr::UMASK => &[Int],
        nr::FSTAT => &[Int, Hex],
        nr::NEWFSTATAT => &[At, Str, Hex, Hex],
        nr::STATX => &[At, Str, Hex, Hex, Hex],
        nr::LSEEK => &[Int, Size, Int],
        nr::IOCTL | nr::FCNTL => &[Int, Hex, Hex],
        nr::MKDIRAT | nr::FCHMODAT => &[At, Str, Octal],
        nr::UNLINKAT | nr::FACCESSAT => &[At, Str, Hex],
        nr::READLINKAT => &[At, Str, Out, Size],
        nr::RENAMEAT | nr::RENAMEAT2 | nr::LINKAT => &[At, Str, At, Str, Hex],
        nr::CHDIR => &[Str],
        nr::BRK => &[Hex],
        nr::MMAP => &[Hex, Size, Prot, Map, Int, Hex],
        nr::MUNMAP => &[Hex, Size],
        nr::MPROTECT => &[Hex, Size, Prot],
        nr::MREMAP => &[Hex, Size, Size, Hex, Hex],
        nr::MADVISE => &[Hex, Size, Int],
        nr::SHMGET | nr::SEMGET => &[Hex, Size, Hex],
        nr::SHMAT => &[Int, Hex, Hex],
        nr::SHMDT => &[Hex],
        nr::SHMCTL | nr::MSGCTL => &[Int, Int, Hex],
        nr::SEMCTL => &[Int, Int, Int, Hex],
        nr::SEMOP => &[Int, Hex, Size],
        nr::SEMTIMEDOP => &[Int, Hex, Size, Hex],
        nr::MSGGET => &[Hex, Hex],
        nr::MSGSND => &[Int, Hex, Size, Hex],
        nr::MSGRCV => &[Int, Hex, Size, Int, Hex],
        nr::MQ_OPEN => &[Str, Open, Octal, Hex],
        nr::MQ_UNLINK => &[Str],
        nr::MQ_TIMEDSEND | nr::MQ_TIMEDRECEIVE => &[Int, Hex, Size, Hex, Hex],
        nr::KILL | nr::TKILL => &[Int, Signal],
        nr::TGKILL => &[Int, Int, Signal],
        nr::RT_SIGACTION => &[Signal, Hex, Hex, Size],
        nr::RT_SIGPROCMASK => &[Int, Hex, Hex, Size],
        nr::SIGALTSTACK => &[Hex, Hex],
        nr::GETRANDOM => &[Hex, Size, Hex],
        nr::FUTEX => &[Hex, Hex, Size, Hex],
        nr::CLOCK_GETTIME | nr::CLOCK_GETRES => &[Int, Hex],
        nr::PRLIMIT64 => &[Int, Int, Hex, Hex],
        nr::SET_TID_ADDRESS | nr::UNAME => &[Hex],
        nr::SET_ROBUST_LIST => &[Hex, Size],
        nr::EXECVE => &[Str, Hex, Hex],
        nr::GETPID | nr::GETPPID | nr::GETTID | nr::GETUID | nr::GETEUID | nr::GETGID | nr::GETEGID => &[],
        _ => &[Hex, Hex, Hex, Hex, Hex, Hex],
    }
}

/// Prints a call and its result to standard error.
pub(super) fn print(task: &Task, number: u64, args: Args, result: &Ret, flow: &Flow) {
    emit(task, &line(&task.ram, number, args, result, flow));
}

/// Prints an `rt_sigreturn`, which has neither arguments nor a result.
pub(super) fn print_sigreturn(task: &Task) {
    emit(task, "rt_sigreturn() = ?");
}

/// One write for the whole line, past the buffers and locks of the standard library, which a fork may find taken.
/// With several threads, or in a process that the guest forked, the thread's number is in front.
fn emit(task: &Task, text: &str) {
    let alone = !task.process.is_forked() && task.process.thread_count() <= 1;
    let line = if alone { format!("{text}\n") } else { format!("[pid {}] {text}\n", task.thread.tid()) };
    // SAFETY: the buffer lives through the call. Tracing must not fail the guest: a closed standard error is ignored.
    unsafe { libc::write(libc::STDERR_FILENO, line.as_ptr().cast(), line.len()) };
}

fn line(ram: &Ram, number: u64, args: Args, result: &Ret, flow: &Flow) -> String {
    let mut out = match nr::name(number) {
        Some(name) => format!("{name}("),
        None => format!("syscall_{number}("),
    };
    for (i, (show, &arg)) in shape(number, &args).iter().zip(&args).enumerate() {
        if i != 0 {
            out.push_str(", ");
        }
        let next = args.get(i + 1).copied().unwrap_or(0);
        out.push_str(&argument(ram, *show, arg, next, result));
    }
    // Writing to a string cannot fail.
    let _ = match (result, flow) {
        (_, Flow::Exit(_) | Flow::ExitThread(_)) => write!(out, ") = ?"),
        (Ok(value), _) if matches!(number, nr::BRK | nr::MMAP | nr::MREMAP | nr::SHMAT) => {
            write!(out, ") = {value:#x}")
        }
        (Ok(value), _) => write!(out, ") = {}", *value as i64),
        (Err(e), _) => write!(out, ") = -1 {} ({})", errno_name(e.0), strip_os_error(&e.to_string())),
    };
    out
}

fn argument(ram: &Ram, show: Show, arg: u64, next: u64, result: &Ret) -> String {
    match show {
        Int => (arg as c_int).to_string(),
        Size => arg.to_string(),
        Hex if arg == 0 => "NULL".into(),
        Hex => format!("{arg:#x}"),
        Octal => format!("0{:03o}", arg & 0o7777),
        At if arg as c_int == libc::AT_FDCWD => "AT_FDCWD".into(),
        At => (arg as c_int).to_string(),
        Str => match ram.read_cstr(arg, 4096) {
            Ok(bytes) => quote(&bytes, bytes.len()),
            Err(_) => format!("{arg:#x}"),
        },
        In => bytes(ram, arg, next),
        Out => match result {
            Ok(n) => bytes(ram, arg, *n),
            Err(_) => format!("{arg:#x}"),
        },
        Signal => super::signal::name(arg as c_int).into(),
        Open => open_flags(arg as c_int),
        Prot => flags(arg as c_int, "PROT_NONE", &[(1, "PROT_READ"), (2, "PROT_WRITE"), (4, "PROT_EXEC")]),
        Map => flags(
            arg as c_int,
            "0",
            &[
                (libc::MAP_SHARED, "MAP_SHARED"),
                (libc::MAP_PRIVATE, "MAP_PRIVATE"),
                (libc::MAP_FIXED, "MAP_FIXED"),
                (libc::MAP_ANONYMOUS, "MAP_ANONYMOUS"),
                (libc::MAP_NORESERVE, "MAP_NORESERVE"),
                (libc::MAP_STACK, "MAP_STACK"),
            ],
        ),
    }
}

fn bytes(ram: &Ram, addr: u64, len: u64) -> String {
    let shown = len.min(STRING_MAX as u64) as usize;
    let mut buf = vec![0; shown];
    match ram.read(addr, &mut buf) {
        Ok(()) => quote(&buf, len as usize),
        Err(_) => format!("{addr:#x}"),
    }
}

/// A C string literal of the first bytes; `...` when there are more.
fn quote(data: &[u8], len: usize) -> String {
    let mut out = String::from("\"");
    for &b in data.iter().take(STRING_MAX) {
        match b {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'\r' => out.push_str("\\r"),
            b'"' | b'\\' => out.extend(['\\', char::from(b)]),
            0x20..=0x7e => out.push(char::from(b)),
            _ => out.push_str(&format!("\\{b:o}")),
        }
    }
    out.push('"');
    if len > STRING_MAX {
        out.push_str("...");
    }
    out
}

fn open_flags(arg: c_int) -> String {
    let access = ["O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE"][(arg & 3) as usize];
    let rest = [
        (libc::O_CREAT, "O_CREAT"),
        (libc::O_EXCL, "O_EXCL"),
        (libc::O_TRUNC, "O_TRUNC"),
        (libc::O_APPEND, "O_APPEND"),
        (libc::O_NONBLOCK, "O_NONBLOCK"),
        (libc::O_DIRECTORY, "O_DIRECTORY"),
        (libc::O_NOFOLLOW, "O_NOFOLLOW"),
        (libc::O_CLOEXEC, "O_CLOEXEC"),
    ];
    match flags(arg & !3, "", &rest) {
        rest if rest.is_empty() => access.into(),
        rest => format!("{access}|{rest}"),
    }
}

fn flags(mut value: c_int, none: &str, names: &[(c_int, &str)]) -> String {
    let mut parts = Vec::new();
    for &(bit, name) in names {
        if value & bit != 0 {
            parts.push(name.to_owned());
            value &= !bit;
        }
    }
    if value != 0 {
        parts.push(format!("{value:#x}"));
    }
    if parts.is_empty() { none.to_owned() } else { parts.join("|") }
}

/// The text without Rust's "(os error N)".
fn strip_os_error(text: &str) -> &str {
    text.split(" (os error").next().unwrap_or(text)
}

fn errno_name(n: c_int) -> String {
    let known = match n {
        libc::EPERM => "EPERM",
        libc::ENOENT => "ENOENT",
        libc::ESRCH => "ESRCH",
        libc::EINTR => "EINTR",
        libc::EIO => "EIO",
        libc::E2BIG => "E2BIG",
        libc::EBADF => "EBADF",
        libc::ECHILD => "ECHILD",
        libc::EAGAIN => "EAGAIN",
        libc::ENOMEM => "ENOMEM",
        libc::EACCES => "EACCES",
        libc::EFAULT => "EFAULT",
        libc::EEXIST => "EEXIST",
        libc::ENOTDIR => "ENOTDIR",
        libc::EISDIR => "EISDIR",
        libc::EINVAL => "EINVAL",
        libc::EMFILE => "EMFILE",
        libc::ENOTTY => "ENOTTY",
        libc::ENOSPC => "ENOSPC",
        libc::ESPIPE => "ESPIPE",
        libc::EROFS => "EROFS",
        libc::EPIPE => "EPIPE",
        libc::ERANGE => "ERANGE",
        libc::ENAMETOOLONG => "ENAMETOOLONG",
        libc::ENOSYS => "ENOSYS",
        libc::ENOTEMPTY => "ENOTEMPTY",
        libc::ELOOP => "ELOOP",
        libc::ETIMEDOUT => "ETIMEDOUT",
        _ => return format!("errno {n}"),
    };
    known.to_owned()
}
