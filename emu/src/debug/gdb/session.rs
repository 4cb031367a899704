//! What the guest's threads and the debugger's thread share, and how guest threads stop and go on.
//!
//! A guest thread that stops waits inside [`Session`] with its hart, and does for the debugger what must be done to that.
//! The debugger's thread is told over a socket pair, so that it can wait for that and for the connection at once.

use super::super::observe::Access;
use crate::hart::Hart;
use crate::linux::Process;
use crate::linux::thread::Thread;
use crate::machine::Exit;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a stopped thread sleeps before it looks whether the process has ended meanwhile.
const LOOK: Duration = Duration::from_millis(100);

/// Which accesses a watchpoint is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Stores.
    Write,
    /// Loads.
    Read,
    /// Both.
    Access,
}

/// A watched range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watchpoint {
    /// First byte.
    pub addr: u64,
    /// Bytes.
    pub len: u64,
    /// Which accesses.
    pub kind: Watch,
}

/// Why a thread stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It is at a breakpoint.
    Break,
    /// It has accessed what this watchpoint watches.
    Watch(Watchpoint),
    /// It has done its step.
    Step,
    /// A signal (Linux number) is about to be delivered to it.
    Signal(i32),
    /// The process has another program.
    Exec,
    /// The debugger asked.
    Interrupted,
}

/// What a thread is to do when the others go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Action {
    /// Run.
    #[default]
    Continue,
    /// Run one instruction.
    Step,
    /// Run until the pc is outside this range.
    StepRange(u64, u64),
    /// Stay where it is.
    Stay,
}

/// Registers of a thread that is in a system call.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// Integer registers.
    pub x: [u64; 32],
    /// Floating-point registers.
    pub f: [u64; 32],
    /// The instruction after the call.
    pub pc: u64,
    /// `fcsr`.
    pub fcsr: u32,
}

impl Snapshot {
    fn of(hart: &Hart) -> Snapshot {
        let mut x = [0; 32];
        x.copy_from_slice(&hart.x[..32]);
        Snapshot { x, f: hart.f, pc: hart.pc, fcsr: hart.frm << 5 | hart.fflags }
    }
}

/// Something to do to the hart of a stopped thread.
type Job = Box<dyn FnOnce(&mut Hart) + Send>;

/// Where a thread is.
enum Place {
    /// In guest code, or on its way there.
    Guest,
    /// In a system call.
    Call(Box<Snapshot>),
    /// Stopped.
    Parked,
}

/// A guest thread, as the session knows it.
struct Slot {
    thread: Arc<Thread>,
    place: Place,
    action: Action,
    /// The signal that the debugger wants delivered when the thread goes on; 0 = none.
    signal: i32,
    /// A stop that is still to be reported, since another thread's came first.
    pending: Option<Stop>,
    job: Option<Job>,
}

/// A thread's view of a stop that the debugger is to be told of.
pub type Report = (i32, Stop);

#[derive(Default)]
struct State {
    process: Option<Arc<Process>>,
    slots: Vec<Slot>,
    /// All threads are to stop.
    stopping: bool,
    /// Why, once it is known.
    report: Option<Report>,
    watchpoints: Vec<Watchpoint>,
    /// The debugger has gone, or is not heard any more.
    detached: bool,
    /// The process has ended.
    exited: Option<Exit>,
}

/// The state of a debugging session.
pub struct Session {
    state: Mutex<State>,
    /// The state has changed.
    changed: Condvar,
    /// Wakes the debugger's thread.
    bell: UnixStream,
    /// Nothing is to be done for a debugger any more.
    over: AtomicBool,
}

/// What a thread finds when it comes to run guest code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orders {
    /// How to run. [`Action::Stay`]: the process ends, there is nothing to run.
    pub action: Action,
    /// A signal that the debugger sends to the thread; 0 = none.
    pub signal: i32,
    /// Accesses to memory are to be looked at.
    pub watched: bool,
}

impl State {
    fn slot(&mut self, tid: i32) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|s| s.thread.tid() == tid)
    }

    fn own(&mut self, thread: &Thread) -> Option<&mut Slot> {
        self.slots.iter_mut().find(|s| std::ptr::eq(&*s.thread, thread))
    }

    /// Has all threads stop. Those in translated code see it within a slice.
    fn stop_all(&mut self, report: Option<Report>) {
        self.stopping = true;
        self.report = report;
        for slot in &self.slots {
            slot.thread.interrupt().request();
        }
    }

    /// Whether no thread runs guest code.
    fn quiet(&self) -> bool {
        self.slots.iter().all(|s| !matches!(s.place, Place::Guest))
    }
}

impl Session {
    /// A session in which every thread stops before its first instruction. Something is written to `bell` when the
    /// debugger's thread should look.
    pub fn new(bell: UnixStream) -> Session {
        let state = State { stopping: true, ..State::default() };
        Session { state: Mutex::new(state), changed: Condvar::new(), bell, over: AtomicBool::new(false) }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        self.changed.notify_all();
        let _ = (&self.bell).write(&[0]);
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Whether there is no debugger any more. Threads that see this need nothing else of the session.
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }
}

/// For guest threads.
impl Session {
    /// A thread begins.
    pub(crate) fn enter(&self, process: &Arc<Process>, thread: &Arc<Thread>) {
        let mut state = self.lock();
        state.process.get_or_insert_with(|| process.clone());
        state.slots.push(Slot {
            thread: thread.clone(),
            place: Place::Guest,
            action: Action::Continue,
            signal: 0,
            pending: None,
            job: None,
        });
        self.changed.notify_all();
    }

    /// A thread has ended. If nobody else may run, everything stops.
    pub(crate) fn leave(&self, thread: &Thread) {
        let mut state = self.lock();
        state.slots.retain(|s| !std::ptr::eq(&*s.thread, thread));
        let first = state.slots.first().map(|s| s.thread.tid());
        if let Some(tid) = first
            && !state.stopping
            && state.slots.iter().all(|s| s.action == Action::Stay)
        {
            state.stop_all(Some((tid, Stop::Step)));
        }
        self.ring();
    }

    /// The process has ended.
    pub(crate) fn end(&self, exit: Exit) {
        self.lock().exited = Some(exit);
        self.ring();
    }

    /// The thread is about to run guest code: stops if it has to, and says how to run.
    pub(crate) fn orders(&self, process: &Process, thread: &Thread, hart: &mut Hart) -> Orders {
        let (mut state, signal) = self.park(self.lock(), process, thread, hart);
        let detached = state.detached;
        let watched = !state.watchpoints.is_empty() && !detached;
        let action = match state.own(thread) {
            _ if process.wants_gone(thread) => Action::Stay,
            Some(slot) if !detached => slot.action,
            _ => Action::Continue,
        };
        Orders { action, signal, watched }
    }

    /// The thread stops for this reason, and waits until the debugger lets it go on. Returns the signal that is then to
    /// be delivered; 0 = none.
    pub(crate) fn stop(&self, process: &Process, thread: &Thread, hart: &mut Hart, why: Stop) -> i32 {
        let mut state = self.lock();
        if state.detached {
            return if let Stop::Signal(signal) = why { signal } else { 0 };
        }
        if !state.stopping {
            state.stop_all(Some((thread.tid(), why)));
        } else if let Some(slot) = state.own(thread)
            // A breakpoint is met again.
            && why != Stop::Break
        {
            slot.pending = Some(why);
        }
        self.park(state, process, thread, hart).1
    }

    /// The first watchpoint that an access concerns.
    pub(crate) fn watchpoint(&self, accesses: &[Access]) -> Option<Watchpoint> {
        let state = self.lock();
        let concerned = |w: &&Watchpoint| {
            let kind = |a: &&Access| match w.kind {
                Watch::Write => a.store,
                Watch::Read => !a.store,
                Watch::Access => true,
            };
            accesses.iter().filter(kind).any(|a| a.touches(w.addr, w.len))
        };
        state.watchpoints.iter().find(concerned).copied()
    }

    /// The thread makes a system call.
    pub(crate) fn call_begins(&self, thread: &Thread, hart: &Hart) {
        let snapshot = Box::new(Snapshot::of(hart));
        let mut state = self.lock();
        if let Some(slot) = state.own(thread) {
            slot.place = Place::Call(snapshot);
        }
        if state.stopping {
            self.ring();
        }
    }

    /// The system call is over. Returns the signal that the debugger sends to the thread; 0 = none.
    pub(crate) fn call_ends(&self, process: &Process, thread: &Thread, hart: &mut Hart) -> i32 {
        self.park(self.lock(), process, thread, hart).1
    }

    /// Waits as long as the thread is to be stopped. Gives the signal that it gets when it goes on.
    fn park<'a>(
        &'a self,
        mut state: MutexGuard<'a, State>,
        process: &Process,
        thread: &Thread,
        hart: &mut Hart,
    ) -> (MutexGuard<'a, State>, i32) {
        let mut rung = false;
        loop {
            let (stopping, detached) = (state.stopping, state.detached);
            let Some(slot) = state.own(thread) else { return (state, 0) };
            let stays = stopping || slot.action == Action::Stay;
            if detached || !stays || process.wants_gone(thread) {
                slot.place = Place::Guest;
                let signal = std::mem::take(&mut slot.signal);
                return (state, signal);
            }
            slot.place = Place::Parked;
            if let Some(job) = slot.job.take() {
                job(hart);
                self.changed.notify_all();
                continue;
            }
            if stopping && !rung {
                self.ring();
            }
            rung = stopping;
            state = self.wait(state);
        }
    }
}

/// For the debugger's thread.
impl Session {
    /// The process that is debugged; waits for its first thread.
    pub(super) fn process(&self) -> Arc<Process> {
        let mut state = self.lock();
        loop {
            if let Some(process) = &state.process {
                return process.clone();
            }
            state = self.wait(state);
        }
    }

    /// Why everything has stopped, once it has; or that the process has ended.
    pub(super) fn news(&self) -> Option<Result<Report, Exit>> {
        let mut state = self.lock();
        if let Some(exit) = state.exited {
            return Some(Err(exit));
        }
        // Without threads the end is near.
        if !state.stopping || !state.quiet() || state.slots.is_empty() {
            return None;
        }
        state.report.take().map(Ok)
    }

    /// Stops all threads for this reason. The report comes when they have stopped.
    pub(super) fn interrupt(&self) {
        let mut state = self.lock();
        if !state.stopping {
            let tid = state.slots.first().map_or(1, |s| s.thread.tid());
            state.stop_all(Some((tid, Stop::Interrupted)));
        }
        self.ring();
    }

    /// The guest's numbers of all threads.
    pub(super) fn threads(&self) -> Vec<i32> {
        self.lock().slots.iter().map(|s| s.thread.tid()).collect()
    }

    /// Whether a thread is in a system call.
    pub(super) fn is_in_call(&self, tid: i32) -> bool {
        self.lock().slot(tid).is_some_and(|s| matches!(s.place, Place::Call(_)))
    }

    /// The first thread for the number 1, which the protocol's library uses until the debugger has chosen one.
    fn known(&self, tid: i32) -> i32 {
        let state = self.lock();
        let threads = || state.slots.iter().map(|s| s.thread.tid());
        if tid == 1 && threads().all(|t| t != 1) { threads().next().unwrap_or(1) } else { tid }
    }

    /// What `look` says of a stopped thread's hart; `in_call` says it of the registers of one that is in a system call.
    /// `None`: there is no such thread.
    pub(super) fn with_hart<T: Send + 'static>(
        &self,
        tid: i32,
        look: impl FnOnce(&mut Hart) -> T + Send + 'static,
        in_call: impl FnOnce(&Snapshot) -> T,
    ) -> Option<T> {
        let (send, receive) = std::sync::mpsc::channel();
        let tid = self.known(tid);
        let mut job: Option<Job> = Some(Box::new(move |hart| {
            let _ = send.send(look(hart));
        }));
        let mut state = self.lock();
        loop {
            let stopping = state.stopping;
            let slot = state.slot(tid)?;
            match &slot.place {
                Place::Call(snapshot) => return Some(in_call(snapshot)),
                Place::Parked if job.is_some() => slot.job = job.take(),
                Place::Guest if !stopping => return None,
                _ => {}
            }
            self.changed.notify_all();
            state = self.wait(state);
            if let Ok(found) = receive.try_recv() {
                return Some(found);
            }
        }
    }

    /// Says what the threads are to do when they go on: `default` is for those that are told nothing else.
    pub(super) fn set_actions(&self, default: Action) {
        for slot in &mut self.lock().slots {
            slot.action = default;
        }
    }

    /// Says what one thread is to do, and which signal it gets; 0 = none. False: there is no such thread.
    pub(super) fn set_action(&self, tid: i32, action: Action, signal: i32) -> bool {
        let mut state = self.lock();
        let Some(slot) = state.slot(tid) else { return false };
        slot.action = action;
        slot.signal = signal;
        true
    }

    /// Lets the threads go on. A stop that was not reported yet comes at once.
    pub(super) fn resume(&self) {
        let mut state = self.lock();
        let runs = |s: &&mut Slot| s.action != Action::Stay;
        let pending =
            state.slots.iter_mut().filter(runs).find_map(|s| Some((s.thread.tid(), s.pending.take()?)));
        state.report = pending;
        state.stopping = pending.is_some();
        self.ring();
    }

    /// Adds a watchpoint.
    pub(super) fn watch(&self, watchpoint: Watchpoint) {
        self.lock().watchpoints.push(watchpoint);
    }

    /// Removes one. False: there is none like it.
    pub(super) fn unwatch(&self, watchpoint: Watchpoint) -> bool {
        let list = &mut self.lock().watchpoints;
        let at = list.iter().position(|w| *w == watchpoint);
        at.map(|at| list.swap_remove(at)).is_some()
    }

    /// The debugger leaves: everything goes on without it. `exit`: the process ends like this.
    pub(super) fn detach(&self, exit: Option<Exit>) {
        let process = {
            let mut state = self.lock();
            state.detached = true;
            state.stopping = false;
            state.process.clone()
        };
        self.over.store(true, Ordering::Release);
        if let Some(process) = process {
            process.lock_space().ram().clear_breakpoints();
            if let Some(exit) = exit {
                process.end(exit);
            }
        }
        self.changed.notify_all();
    }
}
