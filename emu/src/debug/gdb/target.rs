//! What the protocol asks of a target.

use super::files::Files;
use super::registers::{self, Core, Reg, Rv64};
use super::session::{Action, Session, Snapshot, Watch, Watchpoint};
use super::signals;
use crate::linux::Process;
use crate::memory::{PAGE, Ram};
use gdbstub::common::{Pid, Signal, Tid};
use gdbstub::target::ext::auxv::{Auxv, AuxvOps};
use gdbstub::target::ext::base::BaseOps;
use gdbstub::target::ext::base::multithread::{
    MultiThreadBase, MultiThreadRangeStepping, MultiThreadRangeSteppingOps, MultiThreadResume,
    MultiThreadResumeOps, MultiThreadSchedulerLocking, MultiThreadSchedulerLockingOps, MultiThreadSingleStep,
    MultiThreadSingleStepOps,
};
use gdbstub::target::ext::base::single_register_access::{SingleRegisterAccess, SingleRegisterAccessOps};
use gdbstub::target::ext::breakpoints::{
    Breakpoints, BreakpointsOps, HwBreakpoint, HwBreakpointOps, HwWatchpoint, HwWatchpointOps, SwBreakpoint,
    SwBreakpointOps, WatchKind,
};
use gdbstub::target::ext::exec_file::{ExecFile, ExecFileOps};
use gdbstub::target::ext::host_io::HostIoOps;
use gdbstub::target::ext::target_description_xml_override::{
    TargetDescriptionXmlOverride, TargetDescriptionXmlOverrideOps,
};
use gdbstub::target::ext::thread_extra_info::{ThreadExtraInfo, ThreadExtraInfoOps};
use gdbstub::target::{TargetError, TargetResult};
use std::os::unix::ffi::OsStrExt;
use std::sync::Arc;

/// The guest, for `gdbstub`.
pub struct Target {
    pub(super) session: Arc<Session>,
    pub(super) process: Arc<Process>,
    pub(super) files: Files,
    description: String,
    /// What the next resumption is to be, thread by thread: the guest's number, action, signal.
    actions: Vec<(i32, Action, i32)>,
    /// What the threads do that are not among them.
    default: Action,
}

const EFAULT: TargetError<&str> = TargetError::Errno(libc::EFAULT as u8);
const ESRCH: TargetError<&str> = TargetError::Errno(libc::ESRCH as u8);

impl Target {
    /// The guest of a session, with registers as in `description`.
    pub fn new(session: Arc<Session>, process: Arc<Process>, description: String) -> Target {
        Target {
            session,
            process,
            files: Files::default(),
            description,
            actions: Vec::new(),
            default: Action::Continue,
        }
    }

    /// The memory of the program that runs now.
    fn ram(&self) -> Ram {
        self.process.lock_space().ram().clone()
    }
}

/// The part of `all` that the protocol asks for, in `buf`.
fn part(all: &[u8], offset: u64, length: usize, buf: &mut [u8]) -> usize {
    let rest = all.get(offset as usize..).unwrap_or_default();
    let n = rest.len().min(length).min(buf.len());
    buf[..n].copy_from_slice(&rest[..n]);
    n
}

fn in_call(snapshot: &Snapshot, reg: Reg) -> Option<u64> {
    match reg {
        Reg::X(n) => Some(snapshot.x[usize::from(n)]),
        Reg::Pc => Some(snapshot.pc),
        Reg::F(n) => Some(snapshot.f[usize::from(n)]),
        Reg::Csr(1) => Some(u64::from(snapshot.fcsr & 31)),
        Reg::Csr(2) => Some(u64::from(snapshot.fcsr >> 5)),
        Reg::Csr(3) => Some(u64::from(snapshot.fcsr)),
        Reg::Csr(_) => None,
    }
}

impl gdbstub::target::Target for Target {
    type Arch = Rv64;
    type Error = &'static str;

    fn base_ops(&mut self) -> BaseOps<'_, Rv64, &'static str> {
        BaseOps::MultiThread(self)
    }

    fn support_breakpoints(&mut self) -> Option<BreakpointsOps<'_, Self>> {
        Some(self)
    }

    fn support_target_description_xml_override(
        &mut self,
    ) -> Option<TargetDescriptionXmlOverrideOps<'_, Self>> {
        Some(self)
    }

    fn support_auxv(&mut self) -> Option<AuxvOps<'_, Self>> {
        Some(self)
    }

    fn support_exec_file(&mut self) -> Option<ExecFileOps<'_, Self>> {
        Some(self)
    }

    fn support_host_io(&mut self) -> Option<HostIoOps<'_, Self>> {
        Some(self)
    }
}

impl MultiThreadBase for Target {
    fn read_registers(&mut self, regs: &mut Core, tid: Tid) -> TargetResult<(), Self> {
        let of_hart = |hart: &mut crate::Hart| {
            let mut core = Core { pc: hart.pc, f: hart.f, ..Core::default() };
            core.x.copy_from_slice(&hart.x[..32]);
            core
        };
        let of_call = |s: &Snapshot| Core { x: s.x, pc: s.pc, f: s.f };
        *regs = self.session.with_hart(tid.get() as i32, of_hart, of_call).ok_or(ESRCH)?;
        Ok(())
    }

    fn write_registers(&mut self, regs: &Core, tid: Tid) -> TargetResult<(), Self> {
        let regs = regs.clone();
        let write = move |hart: &mut crate::Hart| {
            hart.x[1..32].copy_from_slice(&regs.x[1..]);
            hart.pc = regs.pc & !1;
            hart.f = regs.f;
            true
        };
        match self.session.with_hart(tid.get() as i32, write, |_| false) {
            Some(true) => Ok(()),
            // The system call will write them.
            Some(false) => Err(TargetError::Errno(libc::EBUSY as u8)),
            None => Err(ESRCH),
        }
    }

    fn support_single_register_access(&mut self) -> Option<SingleRegisterAccessOps<'_, Tid, Self>> {
        Some(self)
    }

    fn read_addrs(&mut self, start: u64, data: &mut [u8], _tid: Tid) -> TargetResult<usize, Self> {
        let ram = self.ram();
        let readable = |at: u64, out: &mut [u8]| ram.read(at, out).or_else(|_| ram.fetch(at, out)).is_ok();
        if readable(start, data) {
            return Ok(data.len());
        }
        // As much as there is.
        let mut done = 0;
        while done < data.len() {
            let at = start.wrapping_add(done as u64);
            let n = ((PAGE - at % PAGE) as usize).min(data.len() - done);
            if !readable(at, &mut data[done..done + n]) {
                break;
            }
            done += n;
        }
        if done == 0 { Err(EFAULT) } else { Ok(done) }
    }

    fn write_addrs(&mut self, start: u64, data: &[u8], _tid: Tid) -> TargetResult<(), Self> {
        self.ram().poke(start, data).map_err(|_| EFAULT)
    }

    fn list_active_threads(&mut self, each: &mut dyn FnMut(Tid)) -> Result<(), &'static str> {
        self.session.threads().into_iter().filter_map(|tid| Tid::new(tid as usize)).for_each(each);
        Ok(())
    }

    fn support_resume(&mut self) -> Option<MultiThreadResumeOps<'_, Self>> {
        Some(self)
    }

    fn support_thread_extra_info(&mut self) -> Option<ThreadExtraInfoOps<'_, Self>> {
        Some(self)
    }
}

impl ThreadExtraInfo for Target {
    fn thread_extra_info(&self, tid: Tid, buf: &mut [u8]) -> Result<usize, &'static str> {
        let text =
            if self.session.is_in_call(tid.get() as i32) { "in a system call" } else { "in guest code" };
        Ok(part(text.as_bytes(), 0, usize::MAX, buf))
    }
}

impl SingleRegisterAccess<Tid> for Target {
    fn read_register(&mut self, tid: Tid, reg: Reg, buf: &mut [u8]) -> TargetResult<usize, Self> {
        let read = move |hart: &mut crate::Hart| registers::read(hart, reg);
        let value = self.session.with_hart(tid.get() as i32, read, |s| in_call(s, reg)).ok_or(ESRCH)?;
        // No bytes: not available.
        let Some(value) = value else { return Ok(0) };
        Ok(part(&value.to_le_bytes()[..reg.size()], 0, usize::MAX, buf))
    }

    fn write_register(&mut self, tid: Tid, reg: Reg, val: &[u8]) -> TargetResult<(), Self> {
        let mut bytes = [0; 8];
        let n = val.len().min(8);
        bytes[..n].copy_from_slice(&val[..n]);
        let value = u64::from_le_bytes(bytes);
        let write = move |hart: &mut crate::Hart| registers::write(hart, reg, value);
        match self.session.with_hart(tid.get() as i32, write, |_| false) {
            Some(true) => Ok(()),
            Some(false) => Err(TargetError::NonFatal),
            None => Err(ESRCH),
        }
    }
}

impl MultiThreadResume for Target {
    fn resume(&mut self) -> Result<(), &'static str> {
        self.session.set_actions(self.default);
        for (tid, action, signal) in self.actions.drain(..) {
            self.session.set_action(tid, action, signal);
        }
        self.session.resume();
        Ok(())
    }

    fn clear_resume_actions(&mut self) -> Result<(), &'static str> {
        self.actions.clear();
        self.default = Action::Continue;
        Ok(())
    }

    fn set_resume_action_continue(&mut self, tid: Tid, signal: Option<Signal>) -> Result<(), &'static str> {
        self.actions.push((tid.get() as i32, Action::Continue, signal.map_or(0, signals::to_linux)));
        Ok(())
    }

    fn support_single_step(&mut self) -> Option<MultiThreadSingleStepOps<'_, Self>> {
        Some(self)
    }

    fn support_range_step(&mut self) -> Option<MultiThreadRangeSteppingOps<'_, Self>> {
        Some(self)
    }

    fn support_scheduler_locking(&mut self) -> Option<MultiThreadSchedulerLockingOps<'_, Self>> {
        Some(self)
    }
}

impl MultiThreadSingleStep for Target {
    fn set_resume_action_step(&mut self, tid: Tid, signal: Option<Signal>) -> Result<(), &'static str> {
        self.actions.push((tid.get() as i32, Action::Step, signal.map_or(0, signals::to_linux)));
        Ok(())
    }
}

impl MultiThreadRangeStepping for Target {
    fn set_resume_action_range_step(&mut self, tid: Tid, start: u64, end: u64) -> Result<(), &'static str> {
        self.actions.push((tid.get() as i32, Action::StepRange(start, end), 0));
        Ok(())
    }
}

impl MultiThreadSchedulerLocking for Target {
    fn set_resume_action_scheduler_lock(&mut self) -> Result<(), &'static str> {
        self.default = Action::Stay;
        Ok(())
    }
}

impl Breakpoints for Target {
    fn support_sw_breakpoint(&mut self) -> Option<SwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_breakpoint(&mut self) -> Option<HwBreakpointOps<'_, Self>> {
        Some(self)
    }

    fn support_hw_watchpoint(&mut self) -> Option<HwWatchpointOps<'_, Self>> {
        Some(self)
    }
}

impl SwBreakpoint for Target {
    fn add_sw_breakpoint(&mut self, addr: u64, _kind: usize) -> TargetResult<bool, Self> {
        let ram = self.ram();
        // GDB has functions that it calls return to the stack, which need not be executable.
        if ram.read(addr, &mut [0; 2]).is_err() && ram.fetch(addr, &mut [0; 2]).is_err() {
            return Err(EFAULT);
        }
        ram.add_breakpoint(addr);
        Ok(true)
    }

    fn remove_sw_breakpoint(&mut self, addr: u64, _kind: usize) -> TargetResult<bool, Self> {
        // After `execve` it is gone already.
        self.ram().remove_breakpoint(addr);
        Ok(true)
    }
}

impl HwBreakpoint for Target {
    fn add_hw_breakpoint(&mut self, addr: u64, kind: usize) -> TargetResult<bool, Self> {
        self.add_sw_breakpoint(addr, kind)
    }

    fn remove_hw_breakpoint(&mut self, addr: u64, kind: usize) -> TargetResult<bool, Self> {
        self.remove_sw_breakpoint(addr, kind)
    }
}

fn watchpoint(addr: u64, len: u64, kind: WatchKind) -> Watchpoint {
    let kind = match kind {
        WatchKind::Write => Watch::Write,
        WatchKind::Read => Watch::Read,
        WatchKind::ReadWrite => Watch::Access,
    };
    Watchpoint { addr, len: len.max(1), kind }
}

impl HwWatchpoint for Target {
    fn add_hw_watchpoint(&mut self, addr: u64, len: u64, kind: WatchKind) -> TargetResult<bool, Self> {
        self.session.watch(watchpoint(addr, len, kind));
        Ok(true)
    }

    fn remove_hw_watchpoint(&mut self, addr: u64, len: u64, kind: WatchKind) -> TargetResult<bool, Self> {
        Ok(self.session.unwatch(watchpoint(addr, len, kind)))
    }
}

impl TargetDescriptionXmlOverride for Target {
    fn target_description_xml(
        &self,
        annex: &[u8],
        offset: u64,
        length: usize,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        if annex != b"target.xml" {
            return Err(TargetError::Errno(libc::ENOENT as u8));
        }
        Ok(part(self.description.as_bytes(), offset, length, buf))
    }
}

impl Auxv for Target {
    fn get_auxv(&self, offset: u64, length: usize, buf: &mut [u8]) -> TargetResult<usize, Self> {
        Ok(part(&self.process.program().auxv, offset, length, buf))
    }
}

impl ExecFile for Target {
    fn get_exec_file(
        &self,
        _pid: Option<Pid>,
        offset: u64,
        length: usize,
        buf: &mut [u8],
    ) -> TargetResult<usize, Self> {
        Ok(part(self.process.program().exe.as_os_str().as_bytes(), offset, length, buf))
    }
}
