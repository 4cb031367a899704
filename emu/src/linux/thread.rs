//! Threads of the guest, which are threads of the host: making them, stopping them, ending them; and `fork`.

use super::host::{self, HostSide, SIGINFO};
use super::signal::Queued;
use super::{Args, Process, Ret, Task, futex, vfork};
use crate::errno::Errno;
use crate::hart::Hart;
use crate::interrupt::Interrupt;
use crate::machine::Exit;
use libc::c_int;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicI32, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Entries of a robust list that are looked at (`ROBUST_LIST_LIMIT`).
const ROBUST_LIMIT: usize = 2048;

const FUTEX_OWNER_DIED: u32 = 0x4000_0000;
const FUTEX_TID_MASK: u32 = 0x3fff_ffff;
const FUTEX_WAITERS: u32 = 0x8000_0000;

/// What other threads may know of a thread, and do to it.
pub struct Thread {
    /// The guest's number.
    tid: AtomicI32,
    /// The host's; the same but for a process whose numbers are fixed, and after `execve`.
    host_tid: AtomicI32,
    pub(super) interrupt: Arc<Interrupt>,
    pub(super) side: HostSide,
    /// Odd while the thread runs guest code; changes whenever it begins or ends to.
    turns: AtomicU32,
    /// Signals that the host does not carry.
    posted: Mutex<VecDeque<Queued>>,
    /// A bit for each posted signal.
    posted_bits: AtomicU64,
}

impl Thread {
    pub(super) fn new(tid: i32) -> Thread {
        let interrupt = Arc::new(Interrupt::default());
        Thread {
            tid: AtomicI32::new(tid),
            host_tid: AtomicI32::new(0),
            side: HostSide::new(interrupt.clone()),
            interrupt,
            turns: AtomicU32::new(0),
            posted: Mutex::default(),
            posted_bits: AtomicU64::new(0),
        }
    }

    /// The guest's number of the thread.
    pub fn tid(&self) -> i32 {
        self.tid.load(Ordering::Relaxed)
    }

    /// How to ask the thread's hart to come out of guest code.
    pub(crate) fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    pub(super) fn host_tid(&self) -> i32 {
        self.host_tid.load(Ordering::Relaxed)
    }

    /// Makes a signal pending. The thread must be [kicked](Thread::kick) if it is not the calling one.
    pub(super) fn post(&self, queued: Queued) {
        let mut posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        // Standard signals do not queue.
        if queued.0 >= 32 || !posted.iter().any(|(s, _)| *s == queued.0) {
            posted.push_back(queued);
        }
        self.posted_bits.fetch_or(host::bit(queued.0), Ordering::Relaxed);
        drop(posted);
        self.interrupt.request();
    }

    /// The signals that are posted, as a mask.
    pub(super) fn posted(&self) -> u64 {
        self.posted_bits.load(Ordering::Relaxed)
    }

    /// Takes the first posted signal that `wants` says yes to.
    pub(super) fn take_posted(&self, wants: impl Fn(c_int) -> bool) -> Option<(c_int, [u8; SIGINFO])> {
        if self.posted() == 0 {
            return None;
        }
        let mut posted = self.posted.lock().unwrap_or_else(PoisonError::into_inner);
        let at = posted.iter().position(|(s, _)| wants(*s))?;
        let taken = posted.remove(at);
        let bits = posted.iter().fold(0, |bits, (s, _)| bits | host::bit(*s));
        self.posted_bits.store(bits, Ordering::Relaxed);
        taken
    }

    /// The thread begins to run guest code, or has ended to. An engine looks at writes to code when it begins.
    pub(crate) fn turn(&self) {
        self.turns.fetch_add(1, Ordering::SeqCst);
    }

    /// Makes the thread come out of guest code and out of waits, soon.
    pub fn kick(&self) {
        self.interrupt.request();
        let host_tid = self.host_tid();
        if host_tid != 0 {
            host::kick(host_tid);
        }
    }
}

/// How a process ends, and who said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// It goes on.
    No,
    /// All threads end.
    Exit,
    /// All threads but this one (the guest's number) end, for `execve`.
    Exec(i32),
}

/// The threads of a process.
pub(super) struct Threads {
    list: Vec<Arc<Thread>>,
    ending: Ending,
    /// How the process ended; the main thread's status until something ends it as a whole.
    exit: Exit,
}

impl Threads {
    pub(super) fn new(main: Arc<Thread>) -> Threads {
        Threads { list: vec![main], ending: Ending::No, exit: Exit::Code(0) }
    }
}

impl Process {
    /// The thread with the guest's number `tid`.
    pub(super) fn thread(&self, tid: i32) -> Option<Arc<Thread>> {
        self.lock_threads().list.iter().find(|t| t.tid() == tid).cloned()
    }

    /// Number of threads.
    pub fn thread_count(&self) -> usize {
        self.lock_threads().list.len()
    }

    /// True when the thread must end because the process does, or gets another program.
    pub(crate) fn wants_gone(&self, thread: &Thread) -> bool {
        // Nearly always nothing ends: look without the lock.
        if self.ending.load(Ordering::Acquire) == 0 {
            return false;
        }
        match self.lock_threads().ending {
            Ending::No => false,
            Ending::Exit => true,
            Ending::Exec(tid) => tid != thread.tid(),
        }
    }

    /// Ends the process: tells all other threads. False when another thread was first.
    pub fn end(&self, exit: Exit) -> bool {
        let mut threads = self.lock_threads();
        if threads.ending == Ending::Exit {
            return false;
        }
        threads.ending = Ending::Exit;
        threads.exit = exit;
        self.ending.store(1, Ordering::Release);
        let own = host::gettid();
        for thread in threads.list.iter().filter(|t| t.host_tid() != own) {
            thread.kick();
        }
        true
    }

    /// Waits until every other thread that runs guest code has come out of it once, and so has looked at writes to
    /// code. That is at most a slice of instructions away; a thread that the host does not run is not waited for long.
    pub(super) fn wait_for_turns(&self, own: &Thread) {
        let running: Vec<(Arc<Thread>, u32)> = {
            let threads = self.lock_threads();
            let others = threads.list.iter().filter(|t| !std::ptr::eq(&***t, own));
            others
                .map(|t| (t.clone(), t.turns.load(Ordering::SeqCst)))
                .filter(|(_, turns)| turns % 2 == 1)
                .collect()
        };
        for (thread, _) in &running {
            thread.interrupt.request();
        }
        let deadline = Instant::now() + Duration::from_millis(100);
        for (thread, turns) in &running {
            while thread.turns.load(Ordering::SeqCst) == *turns && Instant::now() < deadline {
                std::thread::sleep(Duration::from_micros(20));
            }
        }
    }

    /// How the process ended.
    pub fn exit(&self) -> Exit {
        self.lock_threads().exit
    }

    /// Waits until no thread is left. Called on a thread that runs no guest code any more.
    pub fn wait_for_threads(&self) {
        let mut threads = self.lock_threads();
        while !threads.list.is_empty() {
            threads = self.gone.wait(threads).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends all threads but `own` and waits for that. Error: the process is ending already.
    fn end_others(&self, own: &Thread) -> Result<(), Errno> {
        let mut threads = self.lock_threads();
        if threads.ending != Ending::No {
            return Err(Errno::INTR);
        }
        if threads.list.len() == 1 {
            return Ok(());
        }
        threads.ending = Ending::Exec(own.tid());
        self.ending.store(1, Ordering::Release);
        for thread in threads.list.iter().filter(|t| !std::ptr::eq(&***t, own)) {
            thread.kick();
        }
        while threads.list.len() > 1 {
            threads = self.gone.wait(threads).unwrap_or_else(PoisonError::into_inner);
        }
        threads.ending = Ending::No;
        self.ending.store(0, Ordering::Release);
        Ok(())
    }
}

impl Task {
    /// Says that the calling host thread runs this task, until the result is dropped.
    pub fn enter(&self) -> host::Registered {
        self.thread.host_tid.store(host::gettid(), Ordering::Release);
        host::register(&self.thread.side)
    }

    /// The thread's interrupt, for its hart.
    pub fn interrupt(&self) -> Arc<Interrupt> {
        self.thread.interrupt.clone()
    }

    /// The thread is over: tells whoever waits for it. `status` is what `exit` said, if it was that.
    ///
    /// True when it was the last of its process.
    pub fn leave(&mut self, status: Option<i32>) -> bool {
        self.pay_debt();
        self.release_robust();
        let clear = std::mem::take(&mut self.clear_tid);
        if clear != 0 && self.put(clear, &[0; 4]).is_ok() {
            futex::wake_one(&self.ram, clear);
        }
        let mut threads = self.process.lock_threads();
        if let Some(code) = status
            && threads.ending != Ending::Exit
            && self.thread.tid() == self.pid()
        {
            threads.exit = Exit::Code(code);
        }
        threads.list.retain(|t| !Arc::ptr_eq(t, &self.thread));
        self.process.gone.notify_all();
        threads.list.is_empty()
    }

    /// Marks the robust mutexes that the thread holds, and wakes a waiter of each (set_robust_list(2)).
    fn release_robust(&mut self) {
        let head = std::mem::take(&mut self.robust_list);
        if head == 0 {
            return;
        }
        let Ok([first, offset, pending]) = self.get_words(head) else { return };
        let mut at = first;
        for _ in 0..ROBUST_LIMIT {
            // The lowest bit marks a priority-inheritance mutex.
            if at & !1 == head {
                break;
            }
            let Ok([next]) = self.get_words(at & !1) else { break };
            if at != pending {
                self.owner_died((at & !1).wrapping_add(offset));
            }
            at = next;
        }
        if pending & !1 != 0 {
            self.owner_died((pending & !1).wrapping_add(offset));
        }
    }

    fn owner_died(&self, addr: u64) {
        let Some(word) = futex::word(&self.ram, addr) else { return };
        let tid = self.thread.host_tid() as u32;
        let mine = |v: u32| (v & FUTEX_TID_MASK == tid).then_some(v & FUTEX_WAITERS | FUTEX_OWNER_DIED);
        let old = word.fetch_update(Ordering::SeqCst, Ordering::SeqCst, mine);
        if old.is_ok_and(|v| v & FUTEX_WAITERS != 0) {
            futex::wake_one(&self.ram, addr);
        }
    }

    /// `clone`: threads, and processes by `fork`; see `vfork` for that.
    pub(super) fn clone(&mut self, a: Args, hart: &mut Hart) -> Ret {
        let [flags, stack, parent_tid, tls, child_tid, _] = a;
        let has = |flag: c_int| flags as c_int & flag != 0;
        if has(libc::CLONE_THREAD) {
            if !has(libc::CLONE_VM) || !has(libc::CLONE_SIGHAND) {
                return Err(Errno::INVAL);
            }
            return self.new_thread(a, hart);
        }
        let namespaces = libc::CLONE_NEWNS
            | libc::CLONE_NEWUSER
            | libc::CLONE_NEWPID
            | libc::CLONE_NEWNET
            | libc::CLONE_NEWIPC
            | libc::CLONE_NEWUTS
            | libc::CLONE_NEWCGROUP;
        if has(namespaces) {
            return Err(Errno::PERM);
        }
        if has(libc::CLONE_VM) && !has(libc::CLONE_VFORK) {
            // Processes that share memory but are no threads.
            return Err(Errno::INVAL);
        }
        self.thread.side.block_all();
        if self.thread.side.has_noted() {
            return Err(Errno::RESTART);
        }
        let sp = hart.x[2];
        let vfork = if has(libc::CLONE_VFORK) { Some(vfork::open(self, sp)?) } else { None };
        let pid = self.fork_host()?;
        if pid == 0 {
            if let Some(debugger) = &self.process.config.debugger {
                debugger.leave_child();
                self.ram.clear_breakpoints();
            }
            self.debt = vfork.map(|(_, debt)| debt);
            if stack != 0 {
                hart.x[2] = stack;
            }
            if has(libc::CLONE_SETTLS) {
                hart.x[4] = tls;
            }
            if has(libc::CLONE_CHILD_SETTID) {
                self.put(child_tid, &(self.thread.tid() as u32).to_le_bytes())?;
            }
            self.clear_tid = if has(libc::CLONE_CHILD_CLEARTID) { child_tid } else { 0 };
            self.robust_list = 0;
        } else {
            if has(libc::CLONE_PARENT_SETTID) {
                self.put(parent_tid, &(pid as u32).to_le_bytes())?;
            }
            if let Some((from, debt)) = vfork {
                drop(debt);
                self.wait_for_child(from, sp);
            }
        }
        Ok(pid as u64)
    }

    /// Forks the emulator with no lock held by another thread. In the child, this thread is the only one.
    fn fork_host(&mut self) -> Result<i32, Errno> {
        let process = self.process.clone();
        let _space = process.lock_space();
        let _actions = process.lock_actions();
        let mut others = process.quiesce();
        let _translations = process.translations.quiesce();
        let mut threads = process.lock_threads();
        let _code = self.ram.quiesce();
        // SAFETY: every lock that a thread of the guest can hold is held by this one, so the child, in which only
        // this thread goes on, finds them free; all signals are blocked.
        let pid = unsafe { libc::fork() };
        if pid < 0 {
            return Err(Errno::last());
        }
        if pid == 0 {
            process.forked.store(true, Ordering::Relaxed);
            others.timers.forget();
            let own = std::process::id() as i32;
            self.thread.tid.store(own, Ordering::Relaxed);
            self.thread.host_tid.store(host::gettid(), Ordering::Relaxed);
            host::this_thread_is_any_guest();
            self.thread.posted.lock().unwrap_or_else(PoisonError::into_inner).clear();
            self.thread.posted_bits.store(0, Ordering::Relaxed);
            threads.list = vec![self.thread.clone()];
            threads.ending = Ending::No;
            process.ending.store(0, Ordering::Relaxed);
        }
        Ok(pid)
    }

    fn new_thread(&mut self, a: Args, hart: &Hart) -> Ret {
        let [flags, stack, parent_tid, tls, child_tid, _] = a;
        let has = |flag: c_int| flags as c_int & flag != 0;
        let thread = Arc::new(Thread::new(0));
        let ram = self.ram.for_engine();
        let mut child = Task {
            process: self.process.clone(),
            ram: ram.clone(),
            thread: thread.clone(),
            signals: self.signals.for_new_thread(),
            from_debugger: 0,
            name: self.name,
            clear_tid: if has(libc::CLONE_CHILD_CLEARTID) { child_tid } else { 0 },
            robust_list: 0,
            debt: None,
            access: Default::default(),
        };
        let mut child_hart = hart.for_thread(ram, thread.interrupt.clone());
        child_hart.x[10] = 0;
        if stack != 0 {
            child_hart.x[2] = stack;
        }
        if has(libc::CLONE_SETTLS) {
            child_hart.x[4] = tls;
        }
        // All signals are blocked while the thread is made, so that it begins with all blocked; a signal that was
        // noted before is for this thread and stays noted.
        self.thread.side.block_all();
        let process = self.process.clone();
        let (send, receive) = std::sync::mpsc::sync_channel(1);
        let begin = move || {
            let tid = host::gettid();
            thread.tid.store(tid, Ordering::Relaxed);
            let written = [(libc::CLONE_PARENT_SETTID, parent_tid), (libc::CLONE_CHILD_SETTID, child_tid)]
                .into_iter()
                .filter(|(flag, _)| flags as c_int & flag != 0)
                .try_for_each(|(_, addr)| child.put(addr, &(tid as u32).to_le_bytes()));
            if let Err(e) = written {
                let _ = send.send(Err(e));
                return;
            }
            let registered = child.enter();
            let mut threads = process.lock_threads();
            if threads.ending != Ending::No {
                let _ = send.send(Err(Errno::AGAIN));
                return;
            }
            threads.list.push(thread.clone());
            drop(threads);
            let _ = send.send(Ok(tid));
            drop(process);
            crate::runner::run_thread(child_hart, &mut child);
            drop(registered);
        };
        let spawned = std::thread::Builder::new().stack_size(HOST_STACK).name("guest".into()).spawn(begin);
        if spawned.is_err() {
            return Err(Errno::AGAIN);
        }
        receive.recv().unwrap_or(Err(Errno::AGAIN)).map(|tid| tid as u64)
    }

    /// Ends all other threads before `execve`, after which this one is the main thread.
    pub fn become_only_thread(&mut self) -> Result<(), Errno> {
        self.process.end_others(&self.thread)?;
        self.thread.tid.store(self.pid(), Ordering::Relaxed);
        Ok(())
    }
}

/// Stack of a host thread that runs a guest thread: the emulator's own frames, no guest data.
const HOST_STACK: usize = 2 << 20;
