//! Running one thread of a guest: its hart, its engine, and what the operating system does in between.

use crate::debug::gdb::session::Stop;
use crate::debug::gdb::{Debugged, Session};
use crate::debug::lockstep::{Difference, Lockstep};
use crate::debug::log::Logger;
use crate::debug::perf;
use crate::engine::counts::RetiredCounts;
use crate::engine::{Engine, Event, Translations};
use crate::error::Error;
use crate::hardware::Hardware;
use crate::hart::Hart;
use crate::linux::signal::Delivery;
use crate::linux::{Exec, Flow, Process, Task};
use crate::loader::Names;
use crate::machine::{self, Builder, Exit};
use crate::report::CrashReport;
use crate::stats::{EngineStats, Places, Profile};
use crate::trap::Trap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{MutexGuard, PoisonError};

/// How often a thread looks whether something is asked of it, in instructions: translated code does not look by
/// itself.
const SLICE: u64 = 1 << 20;

/// What is counted for a process: the threads that have ended, and what belongs to all.
#[derive(Default)]
pub struct Totals {
    /// Settings of the machine, for `execve` and for reports; set when it runs.
    pub(crate) builder: Option<Builder>,
    counts: RetiredCounts,
    /// Instructions of the threads that have ended.
    pub(crate) instructions: u64,
    /// Events of the guard and pattern hardware.
    pub(crate) hardware: Option<Hardware>,
    /// Counts by function and block.
    pub(crate) profile: Profile,
    /// What the engines did.
    pub(crate) engine: EngineStats,
    /// The report of the signal that ended the process.
    pub(crate) crash: Option<CrashReport>,
    /// Number of threads so far.
    harts: usize,
    /// What the translator did otherwise than the interpreter.
    pub(crate) difference: Option<String>,
    /// Instructions of all threads up to their last slices, for the limit.
    pub(crate) spent: AtomicU64,
}

impl Totals {
    /// Calls `f(pc, word, slot, executed, failed)` for everything that was executed.
    pub(crate) fn for_each_count(
        &self,
        translations: &Translations,
        f: &mut dyn FnMut(u64, u32, u8, u64, u64),
    ) {
        self.counts.for_each(f);
        translations.for_each_count(f);
    }

    /// Gives what was counted so far to the functions that are mapped now, which will be others soon. `engine`: of the thread
    /// that has not ended.
    pub(crate) fn note_places(&mut self, names: &mut Names, translations: &Translations, engine: &Engine) {
        let mut places = Places::default();
        let mut add = |pc, word, _, executed, _| places.add(pc, word, executed);
        self.for_each_count(translations, &mut add);
        engine.for_each_own_count(&mut add);
        self.add_places(places, names, true);
    }

    /// Gives what was counted to the functions that are mapped now. `more`: this is not the last time.
    pub(crate) fn add_places(&mut self, places: Places, names: &mut Names, more: bool) {
        let isa = self.builder.as_ref().map(|b| b.isa.clone()).unwrap_or_default();
        self.profile.add(&isa, places, names, more);
    }

    /// Adds what a thread's engine has counted by itself.
    fn add(&mut self, engine: &Engine) {
        let counts = &mut self.counts;
        engine.for_each_own_count(&mut |pc, word, slot, executed, failed| {
            counts.add(pc, word, slot, executed, failed);
        });
        self.engine.add(&engine.own_statistics());
    }
}

/// A thread with its engine.
pub(crate) struct Runner<'a> {
    pub(crate) hart: Hart,
    pub(crate) engine: Engine,
    pub(crate) task: &'a mut Task,
    limit: u64,
    debugged: Debugged,
    lockstep: Option<Lockstep>,
    logger: Option<Logger>,
    perf_map: bool,
    /// Instructions of this thread that are in `Totals::spent`.
    reported: u64,
}

/// How a thread's run ended.
enum Over {
    /// `exit` with this status.
    Thread(i32),
    /// The process ends, by this thread or another.
    Process,
}

/// Runs a thread that `clone` made, to its end, and adds its counts to the process's.
pub(crate) fn run_thread(hart: Hart, task: &mut Task) {
    let mut runner = Runner::new(hart, task);
    let last = runner.run();
    let process = runner.task.process.clone();
    drop(runner);
    if last && process.is_forked() {
        end_forked(process.exit());
    }
}

/// Writes to standard error, whether anybody reads it or not.
fn tell(text: std::fmt::Arguments) {
    use std::io::Write;
    let _ = std::io::stderr().lock().write_fmt(text);
}

/// The totals of a process.
pub(crate) fn totals(process: &Process) -> MutexGuard<'_, Totals> {
    process.totals.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<'a> Runner<'a> {
    pub(crate) fn new(hart: Hart, task: &'a mut Task) -> Runner<'a> {
        let mut totals = totals(&task.process);
        let core = totals.harts;
        totals.harts += 1;
        let none = Builder::new(PathBuf::new());
        let builder = totals.builder.as_ref().unwrap_or(&none);
        let limit = builder.max_instructions.unwrap_or(u64::MAX);
        let translations = task.process.translations.clone();
        let mut engine = Engine::sharing(builder.mode, hart.isa().clone(), translations);
        engine.set_thresholds(builder.thresholds);
        if builder.sandbox.is_some() {
            engine.confine();
        }
        let lockstep = builder.lockstep.map(Lockstep::new);
        let logger = builder.log.clone().map(|log| Logger::new(log, core));
        let perf_map = builder.perf_map;
        drop(totals);
        Runner {
            hart,
            engine,
            task,
            limit,
            debugged: Debugged::default(),
            lockstep,
            logger,
            perf_map,
            reported: 0,
        }
    }

    /// Runs the thread to its end, and takes it off the process. True when it was the last one.
    pub(crate) fn run(&mut self) -> bool {
        if let Some(session) = self.task.process.session() {
            session.enter(&self.task.process, &self.task.thread);
        }
        let over = self.run_guest();
        if let Some(session) = self.task.process.session() {
            session.leave(&self.task.thread);
        }
        self.retire();
        let status = match over {
            Over::Thread(status) => Some(status),
            Over::Process => None,
        };
        self.task.leave(status)
    }

    /// As the engine's `run`, for a debugger. `None`: the process is over.
    fn run_debugged(&mut self, session: &Session) -> Option<Event> {
        let (event, signal) = self.debugged.run(session, self.task, &mut self.engine, &mut self.hart)?;
        self.task.take_from_debugger(signal);
        Some(event)
    }

    /// Adds the counts to the process's.
    fn retire(&mut self) {
        if let Some(lockstep) = &self.lockstep {
            let Lockstep { compared, skipped, .. } = lockstep;
            log::info!("lockstep: {compared} instructions compared, {skipped} not");
        }
        if self.perf_map {
            perf::write(&self.task.process.translations, &mut Names::of(&self.task.process));
        }
        let mut totals = totals(&self.task.process);
        if totals.builder.as_ref().is_none_or(|builder| builder.stats) {
            totals.add(&self.engine);
        }
        totals.instructions += self.hart.instret;
        match &mut totals.hardware {
            Some(all) => all.add_counts(&self.hart.hw),
            None => totals.hardware = Some(self.hart.hw.clone()),
        }
    }

    fn run_guest(&mut self) -> Over {
        // Signals that were there before are delivered before the first instruction.
        let mut delivery = self.task.deliver_signals(&mut self.hart);
        loop {
            match delivery {
                Delivery::Continue => {}
                Delivery::Gone => return Over::Process,
                Delivery::Killed(signal) => {
                    let crash =
                        matches!(signal, libc::SIGABRT | libc::SIGSEGV).then(|| self.crash(signal, None));
                    return self.end(Exit::Signal(signal), crash);
                }
            }
            let Some(stop_at) = self.next_stop() else { return self.end(Exit::InstructionLimit, None) };
            self.hart.stop_at = stop_at;
            let session = self.task.process.session().cloned();
            let event = if let Some(session) = session {
                match self.run_debugged(&session) {
                    Some(event) => event,
                    None => return Over::Process,
                }
            } else {
                self.task.thread.turn();
                let process = &self.task.process;
                let event = match (&mut self.logger, &mut self.lockstep) {
                    (Some(logger), _) if !process.is_forked() => {
                        Ok(logger.run(process, &mut self.engine, &mut self.hart))
                    }
                    (_, Some(lockstep)) if process.thread_count() == 1 => {
                        lockstep.run(&mut self.engine, &mut self.hart)
                    }
                    _ => Ok(self.engine.run(&mut self.hart)),
                };
                self.task.thread.turn();
                match event {
                    Ok(event) => event,
                    Err(difference) => return self.end_different(&difference),
                }
            };
            delivery = match event {
                Event::CodeWritten => Delivery::Continue,
                Event::Slice => self.task.deliver_signals(&mut self.hart),
                Event::Trap(Trap::Ecall) => {
                    match self.syscall() {
                        Flow::Continue => {}
                        Flow::ExitThread(status) => return Over::Thread(status),
                        Flow::Exit(exit) => {
                            let crash = match exit {
                                Exit::Signal(signal) => Some(self.crash(signal, None)),
                                _ => None,
                            };
                            return self.end(exit, crash);
                        }
                        Flow::Exec(exec) => {
                            if let Err(e) = self.exec(*exec) {
                                // The old program is gone by now, as in Linux.
                                log::error!("execve: {e}");
                                return self.end(Exit::Signal(libc::SIGKILL), None);
                            }
                        }
                    }
                    self.task.deliver_signals(&mut self.hart)
                }
                Event::Trap(trap) => {
                    let delivery = self.task.fault(&mut self.hart, trap);
                    if let Delivery::Killed(signal) = delivery {
                        let crash = self.crash(signal, Some(trap));
                        return self.end(Exit::Signal(signal), Some(crash));
                    }
                    delivery
                }
            };
        }
    }

    /// Serves a system call. A debugger sees the thread as stopped meanwhile.
    fn syscall(&mut self) -> Flow {
        let Some(session) = self.task.process.session().cloned() else {
            return self.task.syscall(&mut self.hart);
        };
        session.call_begins(&self.task.thread, &self.hart);
        let flow = self.task.syscall(&mut self.hart);
        if !self.task.process.is_forked() {
            let signal = session.call_ends(&self.task.process, &self.task.thread, &mut self.hart);
            self.task.take_from_debugger(signal);
        }
        flow
    }

    /// Where the engine is to stop next; `None` when the process has reached its limit.
    fn next_stop(&mut self) -> Option<u64> {
        if self.limit == u64::MAX {
            return Some(self.hart.instret.saturating_add(SLICE));
        }
        let new = self.hart.instret - self.reported;
        self.reported = self.hart.instret;
        let spent = totals(&self.task.process).spent.fetch_add(new, Ordering::Relaxed) + new;
        let left = self.limit.checked_sub(spent).filter(|&left| left != 0)?;
        Some(self.hart.instret.saturating_add(left.min(SLICE)))
    }

    /// Ends the process because the engines differ.
    fn end_different(&mut self, difference: &Difference) -> Over {
        let text = difference.report(&mut Names::of(&self.task.process));
        if self.task.process.is_forked() {
            tell(format_args!("mj: {text}"));
        }
        totals(&self.task.process).difference = Some(text);
        self.end(Exit::Difference, None)
    }

    /// Ends the process, unless another thread has been first.
    fn end(&mut self, exit: Exit, crash: Option<CrashReport>) -> Over {
        if self.task.process.is_forked() {
            if let Some(crash) = crash {
                tell(format_args!("mj: the program was killed by {crash}"));
            }
            self.task.pay_debt();
            end_forked(exit);
        }
        if self.task.process.end(exit) {
            totals(&self.task.process).crash = crash;
        }
        Over::Process
    }

    /// Replaces the program. The counts go on.
    fn exec(&mut self, exec: Exec) -> Result<(), Error> {
        if self.task.become_only_thread().is_err() {
            // The process is ending; the next look at signals says so.
            return Ok(());
        }
        let builder =
            totals(&self.task.process).builder.clone().unwrap_or_else(|| Builder::new(PathBuf::new()));
        if builder.profile {
            let mut names = Names::of(&self.task.process);
            let process = &self.task.process;
            totals(process).note_places(&mut names, &process.translations, &self.engine);
        }
        let loaded = machine::load_program(&builder, &exec.file, &exec.name, &exec.args, &exec.env)?;
        self.engine.drop_all();
        let ram = loaded.space.ram().clone();
        let mut hart = Hart::new(ram, self.hart.hw.clone(), self.hart.clock);
        hart.hw.watch.before = hart.hw.watch.before.plus(self.hart.ram.watch_counts());
        hart.set_isa(self.hart.isa().clone());
        hart.pc = loaded.entry;
        hart.x[2] = loaded.info.stack;
        hart.instret = self.hart.instret;
        hart.slot = self.hart.slot;
        hart.interrupt = self.task.interrupt();
        self.hart = hart;
        if let Some(logger) = &mut self.logger {
            logger.forget();
        }
        self.task.after_exec(loaded.space, loaded.info);
        if let Some(session) = self.task.process.session().cloned() {
            let signal = session.stop(&self.task.process, &self.task.thread, &mut self.hart, Stop::Exec);
            self.task.take_from_debugger(signal);
        }
        Ok(())
    }

    fn crash(&self, signal: i32, trap: Option<Trap>) -> CrashReport {
        CrashReport::new(&self.hart, signal, trap, &mut Names::of(&self.task.process))
    }
}

/// Ends a process that the guest forked, without the emulator's epilogue, so that its parent sees the
/// right status.
pub(crate) fn end_forked(exit: Exit) -> ! {
    if let Exit::Signal(signal) = exit {
        die_of(signal);
    }
    // SAFETY: nothing runs in this process after the call.
    unsafe { libc::_exit(exit.status()) }
}

/// Ends this process as the signal would, without a core file. Comes back when the signal does not end processes.
pub fn die_of(signal: i32) {
    // SAFETY: the default action of a fatal signal ends the process; the structures are valid.
    unsafe {
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        libc::setrlimit(libc::RLIMIT_CORE, &raw const none);
        libc::signal(signal, libc::SIG_DFL);
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut all);
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
        libc::syscall(libc::SYS_tgkill, libc::getpid(), libc::gettid(), signal);
    }
}
