//! A machine with a program in it: how the rest of the tool uses the emulator.
//!
//! ```no_run
//! # fn main() -> Result<(), emu::Error> {
//! let mut machine = emu::Machine::builder("hello").args(["world"]).env("LANG", "C").build()?;
//! let outcome = machine.run();
//! if let Some(crash) = &outcome.crash {
//!     eprintln!("{crash}");
//! }
//! println!("{}", outcome.stats);
//! std::process::exit(outcome.exit.status());
//! # }
//! ```

use crate::debug::gdb::Debugger;
use crate::debug::log::Log;
use crate::engine::{Engine, Mode, Thresholds, counts};
use crate::error::Error;
use crate::hardware::{Hardware, HwParams};
use crate::hart::{Clock, Hart};
use crate::isa::InsnSet;
use crate::isa_string;
use crate::linux::sandbox::Sandbox;
use crate::linux::sysroot::{self, Kind, Sysroot};
use crate::linux::{self, ProcessConfig, ProgramInfo, SplitMix, Task};
use crate::loader::{self, Names, Role, Source, StackInput};
use crate::memory::{AddressSpace, Backing, EXEC, PAGE, Placement, READ, Ram, SPACE, WRITE};
use crate::report::CrashReport;
use crate::runner::{self, Runner};
use crate::stats::{CycleEstimate, HardwareStats, Places, Stats};
use isa_spec::Isa;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

/// How a guest program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// `exit` or `exit_group` with this status (0..=255).
    Code(i32),
    /// Killed by this signal (Linux number).
    Signal(i32),
    /// Stopped because it reached [`Builder::max_instructions`].
    InstructionLimit,
    /// Stopped because the translator did something else than the interpreter ([`Builder::lockstep`]).
    Difference,
}

impl Exit {
    /// The exit status as a shell gives it: the code, 128 + signal, 124 for the instruction limit (as
    /// `timeout` has it), or 125 for a fault of the emulator.
    pub fn status(self) -> i32 {
        match self {
            Exit::Code(code) => code,
            Exit::Signal(signal) => 128 + signal,
            Exit::InstructionLimit => 124,
            Exit::Difference => 125,
        }
    }
}

/// What a run gives back.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub exit: Exit,
    /// The counts.
    pub stats: Stats,
    /// Set when a signal that nobody handled came from an instruction (SIGSEGV, SIGILL, …) or from `abort`.
    pub crash: Option<CrashReport>,
    /// What the engines differ in, if they do ([`Builder::lockstep`]).
    pub difference: Option<String>,
}

/// Settings of a machine. Made by [`Machine::builder`].
#[derive(Clone, Debug)]
pub struct Builder {
    pub(crate) program: PathBuf,
    pub(crate) argv0: Option<OsString>,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) hardware: HwParams,
    pub(crate) strace: bool,
    pub(crate) deterministic: bool,
    pub(crate) stack_size: u64,
    pub(crate) sysroot: Option<PathBuf>,
    pub(crate) max_instructions: Option<u64>,
    pub(crate) stats: bool,
    pub(crate) pc_counts: bool,
    pub(crate) isa: InsnSet,
    pub(crate) mode: Mode,
    pub(crate) thresholds: Thresholds,
    pub(crate) sandbox: Option<Arc<Sandbox>>,
    pub(crate) debugger: Option<Arc<Debugger>>,
    pub(crate) profile: bool,
    pub(crate) lockstep: Option<u64>,
    pub(crate) log: Option<Log>,
    pub(crate) perf_map: bool,
}

impl Builder {
    pub(crate) fn new(program: PathBuf) -> Builder {
        Builder {
            program,
            argv0: None,
            args: Vec::new(),
            env: Vec::new(),
            hardware: HwParams::default(),
            strace: false,
            deterministic: false,
            stack_size: 8 << 20,
            sysroot: None,
            max_instructions: None,
            stats: true,
            pc_counts: false,
            isa: InsnSet::default(),
            mode: Mode::default(),
            thresholds: Thresholds::default(),
            sandbox: None,
            debugger: None,
            profile: false,
            lockstep: None,
            log: None,
            perf_map: false,
        }
    }

    /// The guest's `argv[0]`; the program's path when not set.
    pub fn argv0(mut self, argv0: impl Into<OsString>) -> Builder {
        self.argv0 = Some(argv0.into());
        self
    }

    /// Appends arguments (`argv[1]` and on).
    pub fn args<I, S>(mut self, args: I) -> Builder
    where
        I: IntoIterator<Item = S>,
        S: Into<OsString>,
    {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets one environment variable; the environment starts empty.
    pub fn env(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Builder {
        let name = name.into();
        self.env.retain(|(n, _)| *n != name);
        self.env.push((name, value.into()));
        self
    }

    /// Sets many environment variables, e.g. `std::env::vars_os()`.
    pub fn envs<I: IntoIterator<Item = (OsString, OsString)>>(self, vars: I) -> Builder {
        vars.into_iter().fold(self, |b, (name, value)| b.env(name, value))
    }

    /// Removes an environment variable.
    pub fn env_remove(mut self, name: &OsStr) -> Builder {
        self.env.retain(|(n, _)| n != name);
        self
    }

    /// Parameters of the proposed hardware.
    pub fn hardware(mut self, params: HwParams) -> Builder {
        self.hardware = params;
        self
    }

    /// Prints each system call to standard error, in strace's form.
    pub fn strace(mut self, on: bool) -> Builder {
        self.strace = on;
        self
    }

    /// Makes runs repeatable: fixed random numbers and process ids, and clocks that follow the instruction
    /// count.
    pub fn deterministic(mut self, on: bool) -> Builder {
        self.deterministic = on;
        self
    }

    /// Size of the main thread's stack in bytes (rounded up to pages); 8 MiB when not set.
    pub fn stack_size(mut self, bytes: u64) -> Builder {
        self.stack_size = bytes;
        self
    }

    /// Absolute paths that the guest opens, and the program itself, are looked for under this directory first.
    pub fn sysroot(mut self, dir: impl Into<PathBuf>) -> Builder {
        self.sysroot = Some(dir.into());
        self
    }

    /// Stops the guest at the first block boundary after this many instructions.
    pub fn max_instructions(mut self, n: u64) -> Builder {
        self.max_instructions = Some(n);
        self
    }

    /// Whether [`Outcome::stats`] holds the counts, as it does when not set. They are counted in any case; this is
    /// about adding them up at the end, which short runs of large programs notice.
    pub fn stats(mut self, on: bool) -> Builder {
        self.stats = on;
        self
    }

    /// Fills [`Stats::pc_counts`].
    pub fn pc_counts(mut self, on: bool) -> Builder {
        self.pc_counts = on;
        self
    }

    /// Logs what is executed, one instruction at a time.
    pub fn log(mut self, log: Log) -> Builder {
        self.log = Some(log);
        self
    }

    /// Writes `/tmp/perf-PID.map`, in which the host's `perf` finds names for translated code.
    pub fn perf_map(mut self, on: bool) -> Builder {
        self.perf_map = on;
        self
    }

    /// Compares the translator with the interpreter after at most about `most` instructions at a time, as long as the
    /// program has one thread. A difference ends it with [`Exit::Difference`] and a report in [`Outcome::difference`].
    pub fn lockstep(mut self, most: u64) -> Builder {
        self.lockstep = Some(most);
        self
    }

    /// Fills [`Stats::functions`] and [`Stats::hot_blocks`].
    pub fn profile(mut self, on: bool) -> Builder {
        self.profile = on;
        self
    }

    /// Instructions and CSRs beyond the built-in ones ([`Isa::extended`]).
    pub fn isa(mut self, isa: Arc<Isa>) -> Builder {
        self.isa = InsnSet::new(isa);
        self
    }

    /// How guest code is executed; [`Mode::Translate`] when not set.
    pub fn mode(mut self, mode: Mode) -> Builder {
        self.mode = mode;
        self
    }

    /// When code is translated.
    pub fn thresholds(mut self, thresholds: Thresholds) -> Builder {
        self.thresholds = thresholds;
        self
    }

    /// Confines the guest: its accesses to its own memory, and what it asks of the host to what the sandbox allows, and to reading
    /// what is under the sysroot.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Builder {
        self.sandbox = Some(Arc::new(sandbox));
        self
    }

    /// The program does nothing until this debugger lets it.
    pub fn debugger(mut self, debugger: Arc<Debugger>) -> Builder {
        self.debugger = Some(debugger);
        self
    }

    /// Loads the program. Errors: the file cannot be read or is no RV64 Linux ELF file or script for one, its program
    /// interpreter is not there, or the host has no room for the guest.
    pub fn build(self) -> Result<Machine, Error> {
        Machine::new(self)
    }
}

/// A guest program, loaded and ready to run.
pub struct Machine {
    builder: Builder,
    /// Taken when the program runs.
    hart: Option<Hart>,
    task: Task,
    /// What executed the main thread. It goes with the machine, for there is much of it.
    engine: Option<Engine>,
}

/// Address past the stack's last byte: the last page of the space stays unmapped.
const STACK_TOP: u64 = SPACE - PAGE;
/// Room between the stack and the first mapping below it.
const STACK_GAP: u64 = 1 << 20;

impl Machine {
    /// Settings for running `program`.
    pub fn builder(program: impl Into<PathBuf>) -> Builder {
        Builder::new(program.into())
    }

    fn new(mut builder: Builder) -> Result<Machine, Error> {
        // The guest may go to another directory before it starts another program.
        builder.sysroot = builder.sysroot.map(|root| root.canonicalize().unwrap_or(root));
        if let (Some(sandbox), Some(root)) = (&mut builder.sandbox, &builder.sysroot) {
            let more = sandbox.as_ref().clone().allow_read(root);
            *sandbox = Arc::new(more.map_err(|e| Error::new(root.display().to_string(), e.to_string()))?);
        }
        let clock = if builder.deterministic { Clock::Instret } else { Clock::Host(Instant::now()) };
        let mut args = vec![builder.argv0.clone().unwrap_or_else(|| builder.program.clone().into())];
        args.extend(builder.args.iter().cloned());
        let sysroot = Sysroot::new(builder.sysroot.as_deref());
        let search = builder.env.iter().find(|(name, _)| name == "PATH").map(|(_, value)| value.as_os_str());
        let file = sysroot.program(&builder.program, search);
        let name = if file == builder.program { builder.program.clone() } else { sysroot.guest_name(&file) };
        let fail = |e: std::io::Error| Error::new(file.display().to_string(), e.to_string());
        // What is no script is left to the loader, which says best what is wrong with it.
        let program = sysroot.resolve(&file, name.as_os_str(), &args).map_err(fail)?;
        if program.is_none()
            && let Ok(Kind::Script(interpreter, _)) = sysroot::kind(&file)
        {
            let interpreter = interpreter.display();
            return Err(Error::new(
                file.display().to_string(),
                format!(
                    "a script whose interpreter {interpreter} is not a riscv64 program; -L DIR names the root of a \
                     riscv64 system to find it in"
                ),
            ));
        }
        let (file, args) = program.map_or((file, args), |p| (p.file, p.args));
        let loaded = load_program(&builder, &file, name.as_os_str(), &args, &builder.env)?;
        let mut hart = Hart::new(loaded.space.ram().clone(), Hardware::new(builder.hardware.clone()), clock);
        hart.set_isa(builder.isa.clone());
        hart.pc = loaded.entry;
        hart.x[2] = loaded.info.stack;
        let config = ProcessConfig {
            sysroot,
            deterministic: builder.deterministic,
            strace: builder.strace,
            stack_size: builder.stack_size,
            sandbox: builder.sandbox.clone(),
            debugger: builder.debugger.clone(),
        };
        let task = Task::new(loaded.space, loaded.info, config);
        hart.interrupt = task.interrupt();
        Ok(Machine { builder, hart: Some(hart), task, engine: None })
    }

    /// Runs the program to its end, and all its threads to theirs. A child that the guest forks ends inside this call.
    /// A second call gives the first one's outcome.
    pub fn run(&mut self) -> Outcome {
        let start = Instant::now();
        let process = self.task.process.clone();
        if let Some(hart) = self.hart.take() {
            runner::totals(&process).builder = Some(self.builder.clone());
            // With its first thread the C library takes a signal for itself. That must come before the guest's handlers.
            let _ = std::thread::spawn(|| {}).join();
            if let Some(debugger) = &self.builder.debugger {
                debugger.start(self.builder.isa.clone());
            }
            let registered = self.task.enter();
            self.task.inherit();
            let mut runner = Runner::new(hart, &mut self.task);
            let last = runner.run();
            self.engine = Some(runner.engine);
            if last && process.is_forked() {
                runner::end_forked(process.exit());
            }
            process.wait_for_threads();
            process.end_timers();
            if let Some(debugger) = &self.builder.debugger {
                debugger.end(process.exit());
            }
            drop(registered);
        }
        let (crash, difference) = {
            let mut totals = runner::totals(&process);
            (totals.crash.take(), totals.difference.take())
        };
        Outcome { exit: process.exit(), stats: self.stats(start.elapsed().as_secs_f64()), crash, difference }
    }

    /// The counts of all threads that have ended; `wall_seconds` is what they say the run took.
    pub fn stats(&self, wall_seconds: f64) -> Stats {
        let names = self.builder.profile.then(|| Names::of(&self.task.process));
        let translations = &self.task.process.translations;
        let mut totals = runner::totals(&self.task.process);
        // Both in one pass.
        let mut places = Places::default();
        let tallies = counts::tally(&self.builder.isa, self.builder.pc_counts, |f| {
            if self.builder.stats || names.is_some() {
                totals.for_each_count(translations, &mut |pc, word, slot, executed, failed| {
                    if names.is_some() {
                        places.add(pc, word, executed);
                    }
                    if self.builder.stats {
                        f(pc, word, slot, executed, failed);
                    }
                });
            }
        });
        if let Some(mut names) = names {
            totals.add_places(places, &mut names, false);
        }
        let mut engine = totals.engine;
        engine.add(&translations.statistics());
        debug_assert!(
            !self.builder.stats || tallies.total.instructions == totals.instructions,
            "block counts and instret agree"
        );
        let unused;
        let hw = match &totals.hardware {
            Some(hw) => hw,
            None => {
                unused = Hardware::new(self.builder.hardware.clone());
                &unused
            }
        };
        let failures = hw.bridge_hits + hw.vector_entries;
        let penalty = hw.params.guard.fail_cycles;
        Stats {
            schema: crate::stats::SCHEMA.into(),
            program: self.builder.program.display().to_string(),
            estimate: CycleEstimate {
                cycles: tallies.total.instructions + failures * penalty,
                guard_failure_cycles: failures * penalty,
                assumes: format!(
                    "1 cycle an instruction, {penalty} more for each guard failure, perfect caches"
                ),
            },
            total: tallies.total,
            phases: tallies.phases,
            roi: tallies.roi,
            hardware: HardwareStats {
                bridge_hits: hw.bridge_hits,
                vector_entries: hw.vector_entries,
                bridges_inserted: hw.bridges.inserted,
                bridges_refused: hw.bridges.refused,
                patterns: hw.patterns.counts,
                watch: hw.watch.before.plus(self.task.ram.watch_counts()),
            },
            hw_params: hw.params.clone(),
            engine,
            wall_seconds,
            functions: totals.profile.functions(),
            hot_blocks: totals.profile.blocks(),
            pc_counts: tallies.pc_counts,
        }
    }
}

/// A program in an address space of its own.
pub(crate) struct Loaded {
    pub(crate) space: AddressSpace,
    /// Where it begins: in the program interpreter, if it has one.
    pub(crate) entry: u64,
    pub(crate) info: ProgramInfo,
}

/// Whether a file looks like a program that can be loaded. Error: what is wrong with it.
pub(crate) fn check(file: &Path) -> Result<(), Error> {
    loader::check(&Source::open(file)?)
}

/// Loads the program in `file`, which was asked for by the guest path `name` (its `AT_EXECFN`).
pub(crate) fn load_program(
    builder: &Builder,
    file: &Path,
    name: &OsStr,
    args: &[OsString],
    env: &[(OsString, OsString)],
) -> Result<Loaded, Error> {
    let sysroot = Sysroot::new(builder.sysroot.as_deref());
    let source = Source::open(file)?;
    let page_up = |n: u64| n.next_multiple_of(PAGE);
    // Half the space is more stack than any program can use, and leaves room for everything else.
    let stack_size = page_up(builder.stack_size.clamp(16 * PAGE, SPACE / 2));
    let ram = Ram::new().map_err(|e| {
        Error::new("guest memory", format!("cannot reserve {SPACE:#x} bytes of addresses: {e}"))
    })?;
    let stack_start = STACK_TOP - stack_size;
    let mut space = AddressSpace::new(ram, stack_start - STACK_GAP);
    let no_room = |what: &'static str| move |e: crate::errno::Errno| Error::new(what, e.to_string());
    space
        .map(Placement::Fixed(stack_start), stack_size, READ | WRITE, false, Backing::Anonymous, "[stack]")
        .map_err(no_room("stack"))?;
    let vdso = linux::vdso::Vdso::new();
    let vdso_at = space
        .map(Placement::Hint(0), PAGE, READ | EXEC, false, Backing::Anonymous, "[vdso]")
        .map_err(no_room("vdso"))?;
    let ram = space.ram().clone();
    ram.poke(vdso_at, &vdso.image).map_err(|_| Error::new("vdso", "not mapped"))?;
    let exe = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let shown = |path: &Path| sysroot.guest_name(path).display().to_string();
    let image = loader::load(&source, &shown(&exe), Role::Program, &mut space)?;
    space.set_brk_start(image.end);
    if image.executable_stack {
        space.protect(stack_start, stack_size, READ | WRITE | EXEC).map_err(no_room("stack"))?;
    }
    let mut entry = image.entry;
    let mut interp_base = 0;
    if let Some(path) = &image.interp {
        let interp = sysroot.host(path, true);
        if builder.sandbox.as_ref().is_some_and(|sandbox| !sandbox.may_read(&interp)) {
            let message = "the sandbox does not allow its program interpreter to be read";
            return Err(Error::new(file.display().to_string(), format!("{message}: {}", interp.display())));
        }
        let source = Source::open(&interp).map_err(|e| {
            let wanted = String::from_utf8_lossy(path);
            Error::new(
                file.display().to_string(),
                format!(
                    "it needs the program interpreter {wanted}: {}; -L DIR names the root of a riscv64 system to find \
                     it and the libraries in",
                    e.message
                ),
            )
        })?;
        let interp = loader::load(&source, &shown(&interp), Role::Interpreter, &mut space)?;
        entry = interp.entry;
        interp_base = interp.bias;
    }
    let mut random = [0; 16];
    if builder.deterministic {
        SplitMix(0x6d6a).fill(&mut random);
    } else {
        // SAFETY: `random` has room for 16 bytes. A failure leaves zeros, which are as good to the guest.
        unsafe { libc::getrandom(random.as_mut_ptr().cast(), random.len(), 0) };
    }
    let input = StackInput {
        args,
        env,
        program: name.as_bytes(),
        random,
        ids: linux::host_ids(),
        signal_frame: linux::SIGNAL_FRAME_SIZE,
        hwcap: isa_string::hwcap(),
        interp_base,
        vdso: vdso_at,
    };
    let stack = loader::build_stack(&ram, STACK_TOP, stack_size, &image, &input)?;
    let info = ProgramInfo {
        exe,
        args: args.to_vec(),
        env: env.to_vec(),
        auxv: stack.auxv,
        stack: stack.sp,
        trampoline: vdso_at + vdso.sigreturn,
    };
    Ok(Loaded { space, entry, info })
}
