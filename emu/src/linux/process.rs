//! The process: identity, limits, children, and what it can learn of the machine.

use super::host::SIGINFO;
use super::{Args, Ret, Task, host_call, lock};
use crate::errno::Errno;
use crate::hart::{Clock, Hart};
use crate::isa_string;
use crate::memory::WRITE;
use libc::c_int;

const RISCV_HWPROBE_MISALIGNED_FAST: u64 = 3;

impl Task {
    pub(super) fn set_tid_address(&mut self, a: Args) -> Ret {
        self.clear_tid = a[0];
        Ok(self.thread.tid() as u64)
    }

    /// The list is walked when the thread ends. It has the structure's fixed size, 24 bytes.
    pub(super) fn set_robust_list(&mut self, a: Args) -> Ret {
        if a[1] != 24 {
            return Err(Errno::INVAL);
        }
        self.robust_list = a[0];
        Ok(0)
    }

    pub(super) fn get_robust_list(&self, a: Args) -> Ret {
        if a[0] != 0 && a[0] as c_int != self.thread.tid() {
            return Err(Errno::PERM);
        }
        self.put_words(a[1], &[self.robust_list])?;
        self.put_words(a[2], &[24])?;
        Ok(0)
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
    pub(super) fn host_pid(&self, pid: u64) -> c_int {
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
        let node = if self.is_deterministic() {
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
            old.rlim_cur = self.process.config.stack_size;
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
                let mut name = match self.ram.read_cstr(a[1], 16) {
                    Ok(name) => name,
                    // Longer names are cut.
                    Err(bad) if bad == a[1].wrapping_add(16) => {
                        let mut name = vec![0; 15];
                        self.ram.read(a[1], &mut name)?;
                        name
                    }
                    Err(_) => return Err(Errno::FAULT),
                };
                name.resize(16, 0);
                self.name.copy_from_slice(&name);
                host_call!(SYS_prctl, libc::PR_SET_NAME, self.name.as_ptr())
            }
            libc::PR_GET_NAME => {
                self.put(a[1], &self.name)?;
                Ok(0)
            }
            libc::PR_GET_DUMPABLE => Ok(1),
            libc::PR_SET_DUMPABLE | libc::PR_SET_PTRACER | libc::PR_SET_VMA => Ok(0),
            libc::PR_SET_PDEATHSIG
            | libc::PR_SET_NO_NEW_PRIVS
            | libc::PR_GET_NO_NEW_PRIVS
            | libc::PR_SET_CHILD_SUBREAPER
            | libc::PR_SET_KEEPCAPS
            | libc::PR_GET_KEEPCAPS
            | libc::PR_CAPBSET_READ
            | libc::PR_SET_TIMERSLACK
            | libc::PR_GET_TIMERSLACK
            | libc::PR_GET_SECUREBITS => host_call!(SYS_prctl, a[0], a[1], a[2], a[3], a[4]),
            libc::PR_GET_PDEATHSIG | libc::PR_GET_CHILD_SUBREAPER => {
                let n = host_call!(SYS_prctl, a[0], self.output(a[1], 4)?)?;
                self.wrote(a[1], 4);
                Ok(n)
            }
            _ => Err(Errno::INVAL),
        }
    }

    /// Processor and node. One processor in deterministic mode.
    pub(super) fn getcpu(&self, a: Args) -> Ret {
        let mut numbers = [0u32; 2];
        if !self.is_deterministic() {
            host_call!(SYS_getcpu, &raw mut numbers[0], &raw mut numbers[1], 0)?;
        }
        for (addr, number) in a.into_iter().zip(numbers).filter(|(addr, _)| *addr != 0) {
            self.put(addr, &number.to_le_bytes())?;
        }
        Ok(0)
    }

    /// The structures have the same form on all machines: a header of 8 bytes, sets of 12 bytes.
    pub(super) fn capget(&self, a: Args) -> Ret {
        host_call!(SYS_capget, self.output(a[0], 8)?, self.optional_output(a[1], 24)?)
    }

    pub(super) fn capset(&self, a: Args) -> Ret {
        host_call!(SYS_capset, self.output(a[0], 8)?, self.input(a[1], 24)?)
    }

    pub(super) fn getrandom(&mut self, a: Args) -> Ret {
        let len = self.accessible(a[0], a[1], WRITE)?;
        if self.is_deterministic() {
            let mut bytes = vec![0; len.min(1 << 25) as usize];
            lock(&self.process.random).fill(&mut bytes);
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
        if self.is_deterministic() {
            self.put_words(a[2], &[1])?;
            return Ok(8);
        }
        let len = a[1].min(1024);
        host_call!(SYS_sched_getaffinity, self.host_tid(a[0]), len, self.output(a[2], len)?)
    }

    /// One processor in deterministic mode, whatever is asked for.
    pub(super) fn sched_setaffinity(&self, a: Args) -> Ret {
        let len = a[1].min(1024);
        let set = self.input(a[2], len)?;
        if self.is_deterministic() {
            return Ok(0);
        }
        host_call!(SYS_sched_setaffinity, self.host_tid(a[0]), len, set)
    }

    /// The normal policy in deterministic mode.
    pub(super) fn sched_getscheduler(&self, a: Args) -> Ret {
        if self.is_deterministic() {
            return Ok(0);
        }
        host_call!(SYS_sched_getscheduler, self.host_tid(a[0]))
    }

    pub(super) fn sched_setscheduler(&self, a: Args) -> Ret {
        let param = self.input(a[2], 4)?;
        if self.is_deterministic() {
            return Ok(0);
        }
        host_call!(SYS_sched_setscheduler, self.host_tid(a[0]), a[1] as c_int, param)
    }

    pub(super) fn sched_setparam(&self, a: Args) -> Ret {
        let param = self.input(a[1], 4)?;
        if self.is_deterministic() {
            return Ok(0);
        }
        host_call!(SYS_sched_setparam, self.host_tid(a[0]), param)
    }

    pub(super) fn sched_getparam(&self, a: Args) -> Ret {
        let mut priority = 0u32;
        if !self.is_deterministic() {
            host_call!(SYS_sched_getparam, self.host_tid(a[0]), &raw mut priority)?;
        }
        self.put(a[1], &priority.to_le_bytes())?;
        Ok(0)
    }

    pub(super) fn sched_rr_get_interval(&self, a: Args) -> Ret {
        let mut time = [0u64, 100_000_000];
        if !self.is_deterministic() {
            host_call!(SYS_sched_rr_get_interval, self.host_tid(a[0]), time.as_mut_ptr())?;
        }
        self.put_words(a[1], &time)?;
        Ok(0)
    }

    /// The host's number for a guest thread's; 0 is the calling one.
    fn host_tid(&self, tid: u64) -> c_int {
        self.process.thread(tid as c_int).map_or(tid as c_int, |t| t.host_tid())
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
                4 => (key, isa_string::hwprobe_extensions()),
                5 => (key, RISCV_HWPROBE_MISALIGNED_FAST),
                // Block size of Zicboz.
                6 => (key, 0),
                // Highest user address.
                7 => (key, crate::memory::SPACE - 1),
                8 => (key, crate::hart::TIMEBASE_HZ),
                9 => (key, RISCV_HWPROBE_MISALIGNED_FAST),
                _ => (u64::MAX, 0),
            };
            self.put_words(at, &[key, value])?;
        }
        Ok(0)
    }

    pub(super) fn wait4(&mut self, a: Args) -> Ret {
        let (status, usage) = (self.optional_output(a[1], 4)?, self.optional_output(a[3], 144)?);
        host_call!(SYS_wait4, a[0] as c_int, status, a[2], usage)
    }

    /// `siginfo_t` and `struct rusage` are the same on all 64-bit machines.
    pub(super) fn waitid(&mut self, a: Args) -> Ret {
        let (info, usage) = (self.optional_output(a[2], SIGINFO as u64)?, self.optional_output(a[4], 144)?);
        host_call!(SYS_waitid, a[0] as c_int, a[1] as c_int, info, a[3], usage)
    }

    pub(super) fn pidfd_send_signal(&mut self, a: Args) -> Ret {
        let info = self.optional_input(a[2], SIGINFO as u64)?;
        host_call!(SYS_pidfd_send_signal, a[0] as c_int, a[1] as c_int, info, a[3])
    }
}
