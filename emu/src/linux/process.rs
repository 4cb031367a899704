//! The process: identity, limits, children, and what it can learn of the machine.

use super::path::ProcFile;
use super::{Args, Flow, Process, Ret, host_call};
use crate::errno::Errno;
use crate::hart::{Clock, Hart};
use crate::machine::Exit;
use crate::memory::WRITE;
use libc::c_int;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// Most bytes of arguments and environment that `execve` takes.
const ARG_MAX: usize = 2 << 20;

const RISCV_HWPROBE_MISALIGNED_FAST: u64 = 3;

impl Process {
    /// The address is for waking joiners when a thread ends; the only thread has none.
    pub(super) fn set_tid_address(&self) -> Ret {
        Ok(self.pid() as u64)
    }

    pub(super) fn getresid(&self, a: Args, first: usize) -> Ret {
        let [real, effective] = [self.ids()[first] as u32, self.ids()[first + 1] as u32];
        for (addr, id) in [(a[0], real), (a[1], effective), (a[2], effective)] {
            self.put(addr, &id.to_le_bytes())?;
        }
        Ok(0)
    }

    pub(super) fn getgroups(&self, a: Args) -> Ret {
        if a[0] > 65536 {
            return Err(Errno::INVAL);
        }
        host_call!(SYS_getgroups, a[0], self.optional_output(a[1], a[0] * 4)?)
    }

    /// The host's number for a guest process id.
    fn host_pid(&self, pid: u64) -> c_int {
        if pid as c_int == self.pid() { 0 } else { pid as c_int }
    }

    pub(super) fn getpgid(&self, a: Args) -> Ret {
        host_call!(SYS_getpgid, self.host_pid(a[0]))
    }

    pub(super) fn setpgid(&self, a: Args) -> Ret {
        host_call!(SYS_setpgid, self.host_pid(a[0]), self.host_pid(a[1]))
    }

    pub(super) fn getsid(&self, a: Args) -> Ret {
        host_call!(SYS_getsid, self.host_pid(a[0]))
    }

    pub(super) fn setsid(&self) -> Ret {
        host_call!(SYS_setsid)
    }

    /// Six fields of 65 bytes. The release is a fixed one, new enough for every C library.
    pub(super) fn uname(&self, a: Args) -> Ret {
        let node = if self.config.deterministic {
            Vec::new()
        } else {
            std::fs::read("/proc/sys/kernel/hostname").unwrap_or_default()
        };
        let node = if node.is_empty() { b"mj".as_slice() } else { node.trim_ascii() };
        let fields: [&[u8]; 6] = [b"Linux", node, b"6.12.0", b"#1 SMP mj", b"riscv64", b"(none)"];
        let mut out = [0; 65 * 6];
        for (slot, field) in out.chunks_mut(65).zip(fields) {
            let n = field.len().min(64);
            slot[..n].copy_from_slice(&field[..n]);
        }
        self.put(a[0], &out)?;
        Ok(0)
    }

    /// `struct sysinfo` is the same on all 64-bit machines: 112 bytes.
    pub(super) fn sysinfo(&self, a: Args, hart: &Hart) -> Ret {
        if let Clock::Instret = hart.clock {
            let gib = 1 << 30;
            let mut words = [0; 14];
            words[4] = 4 * gib;
            words[5] = 4 * gib;
            words[10] = 1;
            words[13] = 1;
            self.put_words(a[0], &words)?;
            return Ok(0);
        }
        let n = host_call!(SYS_sysinfo, self.output(a[0], 112)?)?;
        self.wrote(a[0], 112);
        Ok(n)
    }

    pub(super) fn prlimit64(&mut self, a: Args) -> Ret {
        if a[0] != 0 && a[0] as c_int != self.pid() {
            return Err(Errno::PERM);
        }
        let resource = a[1] as u32;
        let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: `old` has room for the result.
        if unsafe { libc::getrlimit(resource, &raw mut old) } != 0 {
            return Err(Errno::last());
        }
        if resource == libc::RLIMIT_STACK {
            old.rlim_cur = self.config.stack_size;
        }
        if a[3] != 0 {
            self.put_words(a[3], &[old.rlim_cur, old.rlim_max])?;
        }
        if a[2] != 0 {
            let [soft, hard] = self.get_words(a[2])?;
            if soft > hard {
                return Err(Errno::INVAL);
            }
            // Limits on memory are the guest's own affair: on the host they would hit the emulator.
            if matches!(resource, libc::RLIMIT_NOFILE | libc::RLIMIT_FSIZE | libc::RLIMIT_CPU) {
                let new = [soft, hard];
                return host_call!(SYS_prlimit64, 0, resource, new.as_ptr(), 0);
            }
        }
        Ok(0)
    }

    /// `struct rusage` is the same on all 64-bit machines: 144 bytes.
    pub(super) fn getrusage(&self, a: Args, hart: &Hart) -> Ret {
        if let Clock::Instret = hart.clock {
            let mut words = [0; 18];
            words[0] = hart.instret / 1_000_000_000;
            words[1] = hart.instret % 1_000_000_000 / 1000;
            self.put_words(a[1], &words)?;
            return Ok(0);
        }
        host_call!(SYS_getrusage, a[0] as c_int, self.output(a[1], 144)?)
    }

    pub(super) fn prctl(&mut self, a: Args) -> Ret {
        match a[0] as c_int {
            libc::PR_SET_NAME => {
                let mut name = self.space.ram().read_cstr(a[1], 16).unwrap_or_default();
                name.resize(16, 0);
                self.name.copy_from_slice(&name);
                Ok(0)
            }
            libc::PR_GET_NAME => {
                self.put(a[1], &self.name)?;
                Ok(0)
            }
            libc::PR_GET_DUMPABLE => Ok(1),
            libc::PR_SET_DUMPABLE | libc::PR_SET_PDEATHSIG | libc::PR_SET_NO_NEW_PRIVS => Ok(0),
            _ => Err(Errno::INVAL),
        }
    }

    pub(super) fn getcpu(&self, a: Args) -> Ret {
        for addr in [a[0], a[1]].into_iter().filter(|&addr| addr != 0) {
            self.put(addr, &[0; 4])?;
        }
        Ok(0)
    }

    pub(super) fn getrandom(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[0], a[1], WRITE)?;
        if self.config.deterministic {
            let mut bytes = vec![0; len.min(1 << 25) as usize];
            self.random.fill(&mut bytes);
            self.put(a[0], &bytes)?;
            return Ok(bytes.len() as u64);
        }
        let n = host_call!(SYS_getrandom, self.output(a[0], len)?, len, a[2])?;
        self.wrote(a[0], n);
        Ok(n)
    }

    /// One processor in deterministic mode, else those that the host gives.
    pub(super) fn sched_getaffinity(&self, a: Args) -> Ret {
        if a[1] < 8 || !a[1].is_multiple_of(8) {
            return Err(Errno::INVAL);
        }
        if self.config.deterministic {
            self.put_words(a[2], &[1])?;
            return Ok(8);
        }
        let len = a[1].min(1024);
        host_call!(SYS_sched_getaffinity, 0, len, self.output(a[2], len)?)
    }

    pub(super) fn sched_getparam(&self, a: Args) -> Ret {
        self.put(a[1], &[0; 4])?;
        Ok(0)
    }

    /// Pairs of 64-bit key and value; an unknown key becomes -1 (Documentation/arch/riscv/hwprobe.rst).
    pub(super) fn riscv_hwprobe(&self, a: Args) -> Ret {
        let [pairs, count, _, _, flags, _] = a;
        if flags != 0 || count > 4096 {
            return Err(Errno::INVAL);
        }
        for i in 0..count {
            let at = pairs.wrapping_add(16 * i);
            let [key] = self.get_words(at)?;
            let (key, value) = match key as i64 {
                0..=2 => (key, 0),
                // Base behaviour: IMA.
                3 => (key, 1),
                // Extensions: F and D, C.
                4 => (key, 0b11),
                5 => (key, RISCV_HWPROBE_MISALIGNED_FAST),
                _ => (u64::MAX, 0),
            };
            self.put_words(at, &[key, value])?;
        }
        Ok(0)
    }

    /// `fork` and `vfork` are the host's fork; threads are not there yet.
    pub(super) fn clone(&mut self, a: Args, hart: &mut Hart) -> Ret {
        let flags = a[0] as c_int;
        if flags & libc::CLONE_THREAD != 0 {
            log::warn!("the guest asked for a thread; threads are not supported, it gets EAGAIN");
            return Err(Errno::AGAIN);
        }
        let [_, stack, parent_tid, tls, child_tid, _] = a;
        // SAFETY: the emulator has one thread that holds no lock here, so the child can go on as the parent
        // does.
        let pid = unsafe { libc::fork() };
        if pid < 0 {
            return Err(Errno::last());
        }
        if pid == 0 {
            self.forked = true;
            super::signal::this_thread_runs_guest();
            if stack != 0 {
                hart.x[2] = stack;
            }
            if flags & libc::CLONE_SETTLS != 0 {
                hart.x[4] = tls;
            }
            if flags & libc::CLONE_CHILD_SETTID != 0 {
                self.put(child_tid, &(self.pid() as u32).to_le_bytes())?;
            }
            self.signals.forget_pending();
        } else if flags & libc::CLONE_PARENT_SETTID != 0 {
            self.put(parent_tid, &(pid as u32).to_le_bytes())?;
        }
        Ok(pid as u64)
    }

    /// Ends a process that the guest forked, without the emulator's epilogue, so that its parent sees the
    /// right status.
    pub fn end_forked(exit: Exit) -> ! {
        // SAFETY: nothing runs in this process after these calls; the default action of a fatal signal ends
        // it.
        unsafe {
            if let Exit::Signal(signal) = exit {
                libc::signal(signal, libc::SIG_DFL);
                let mut all: libc::sigset_t = std::mem::zeroed();
                libc::sigemptyset(&raw mut all);
                libc::sigprocmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
                libc::raise(signal);
            }
            libc::_exit(exit.status())
        }
    }

    pub(super) fn wait4(&mut self, a: Args) -> Ret {
        let (status, usage) = (self.optional_output(a[1], 4)?, self.optional_output(a[3], 144)?);
        host_call!(SYS_wait4, a[0] as c_int, status, a[2], usage)
    }

    /// A riscv64 program stays in the emulator; anything else is the host's.
    pub(super) fn execve(&mut self, a: Args) -> Result<Flow, Errno> {
        let guest_path = self.guest_path(a[0])?;
        let path = self.host_path(&guest_path)?;
        let args = self.string_array(a[1])?;
        let env = self.string_array(a[2])?;
        let file = if self.proc_file(&guest_path) == Some(ProcFile::Exe) {
            self.config.exe.clone()
        } else {
            PathBuf::from(OsStr::from_bytes(path.as_bytes()))
        };
        let mut head = [0; 20];
        {
            use std::io::Read;
            let mut f = std::fs::File::open(&file)?;
            let n = f.read(&mut head)?;
            head[n..].fill(0);
        }
        host_call!(SYS_faccessat, libc::AT_FDCWD, path.as_ptr(), libc::X_OK)?;
        let riscv = head[..6] == *b"\x7fELF\x02\x01" && head[18..20] == 243u16.to_le_bytes();
        if riscv {
            let pair = |v: OsString| {
                let bytes = v.as_bytes();
                let eq = bytes.iter().position(|&b| b == b'=').unwrap_or(bytes.len());
                let value = bytes.get(eq + 1..).unwrap_or_default();
                (OsStr::from_bytes(&bytes[..eq]).to_owned(), OsStr::from_bytes(value).to_owned())
            };
            return Ok(Flow::Exec(file, args, env.into_iter().map(pair).collect()));
        }
        let c = |list: &[OsString]| -> Result<Vec<std::ffi::CString>, Errno> {
            list.iter().map(|s| std::ffi::CString::new(s.as_bytes()).map_err(|_| Errno::INVAL)).collect()
        };
        let (args, env) = (c(&args)?, c(&env)?);
        let pointers = |list: &[std::ffi::CString]| -> Vec<*const libc::c_char> {
            list.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
        };
        host_call!(SYS_execve, path.as_ptr(), pointers(&args).as_ptr(), pointers(&env).as_ptr())?;
        Err(Errno::NOENT)
    }

    /// A null-terminated array of strings. Errors: `EFAULT`, `E2BIG`.
    fn string_array(&self, addr: u64) -> Result<Vec<OsString>, Errno> {
        let mut list = Vec::new();
        let mut total = 0;
        if addr == 0 {
            return Ok(list);
        }
        loop {
            let [ptr] = self.get_words(addr.wrapping_add(8 * list.len() as u64))?;
            if ptr == 0 {
                return Ok(list);
            }
            let text = self.space.ram().read_cstr(ptr, ARG_MAX as u64)?;
            total += text.len() + 9;
            if total > ARG_MAX {
                return Err(Errno(libc::E2BIG));
            }
            list.push(OsString::from_vec(text));
        }
    }
}
