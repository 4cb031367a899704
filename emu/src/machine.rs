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

use crate::engine::{Engine, Event, Mode, counts};
use crate::error::Error;
use crate::hardware::{Hardware, HwParams};
use crate::hart::{Clock, Hart};
use crate::isa::InsnSet;
use crate::linux::signal::Delivery;
use crate::linux::{self, Flow, Process, ProcessConfig, SplitMix};
use crate::loader::{self, StackInput, Symbols};
use crate::memory::{AddressSpace, Backing, EXEC, PAGE, Placement, READ, Ram, SPACE, WRITE};
use crate::report::CrashReport;
use crate::stats::{CycleEstimate, HardwareStats, Stats};
use crate::trap::Trap;
use isa_spec::Isa;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;
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
}

impl Exit {
    /// The exit status as a shell gives it: the code, 128 + signal, or 124 for the instruction limit (as
    /// `timeout` has it).
    pub fn status(self) -> i32 {
        match self {
            Exit::Code(code) => code,
            Exit::Signal(signal) => 128 + signal,
            Exit::InstructionLimit => 124,
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
    pub(crate) pc_counts: bool,
    pub(crate) isa: InsnSet,
    pub(crate) mode: Mode,
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
            pc_counts: false,
            isa: InsnSet::default(),
            mode: Mode::default(),
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

    /// Absolute paths that the guest opens are looked for under this directory first.
    pub fn sysroot(mut self, dir: impl Into<PathBuf>) -> Builder {
        self.sysroot = Some(dir.into());
        self
    }

    /// Stops the guest at the first block boundary after this many instructions.
    pub fn max_instructions(mut self, n: u64) -> Builder {
        self.max_instructions = Some(n);
        self
    }

    /// Fills [`Stats::pc_counts`].
    pub fn pc_counts(mut self, on: bool) -> Builder {
        self.pc_counts = on;
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

    /// Loads the program. Errors: the file cannot be read or is not a static RV64 Linux ELF, or the host
    /// has no room for the guest.
    pub fn build(self) -> Result<Machine, Error> {
        Machine::new(self)
    }
}

/// A guest program, loaded and ready to run.
pub struct Machine {
    builder: Builder,
    hart: Hart,
    process: Process,
    engine: Engine,
    symbols: Symbols,
}

/// How often the host's signals are looked for, in instructions.
const SLICE: u64 = 1 << 20;
/// Address past the stack's last byte: the last page of the space stays unmapped.
const STACK_TOP: u64 = SPACE - PAGE;
/// Room between the stack and the first mapping below it.
const STACK_GAP: u64 = 1 << 20;

impl Machine {
    /// Settings for running `program`.
    pub fn builder(program: impl Into<PathBuf>) -> Builder {
        Builder::new(program.into())
    }

    fn new(builder: Builder) -> Result<Machine, Error> {
        let clock = if builder.deterministic { Clock::Instret } else { Clock::Host(Instant::now()) };
        let mut args = vec![builder.argv0.clone().unwrap_or_else(|| builder.program.clone().into())];
        args.extend(builder.args.iter().cloned());
        let loaded = load_program(&builder, &args, &builder.env)?;
        let mut hart = Hart::new(loaded.space.ram().clone(), Hardware::new(builder.hardware.clone()), clock);
        hart.set_isa(builder.isa.clone());
        hart.pc = loaded.entry;
        hart.x[2] = loaded.sp;
        let config = ProcessConfig {
            exe: std::path::absolute(&builder.program).unwrap_or_else(|_| builder.program.clone()),
            args,
            sysroot: builder.sysroot.clone(),
            deterministic: builder.deterministic,
            strace: builder.strace,
            stack_size: builder.stack_size,
        };
        let process = Process::new(loaded.space, loaded.trampoline, config);
        let engine = Engine::new(builder.mode, builder.isa.clone());
        Ok(Machine { builder, hart, process, engine, symbols: loaded.symbols })
    }

    /// Runs the program to its end. A child that the guest forks ends inside this call.
    pub fn run(&mut self) -> Outcome {
        let start = Instant::now();
        linux::signal::this_thread_runs_guest();
        let (exit, crash) = self.run_to_exit();
        if self.process.forked {
            if let Some(crash) = crash {
                eprint!("{crash}");
            }
            Process::end_forked(exit);
        }
        Outcome { exit, stats: self.stats(start.elapsed().as_secs_f64()), crash }
    }

    fn run_to_exit(&mut self) -> (Exit, Option<CrashReport>) {
        let limit = self.builder.max_instructions.unwrap_or(u64::MAX);
        loop {
            self.hart.stop_at = self.hart.instret.saturating_add(SLICE).min(limit);
            let delivery = match self.engine.run(&mut self.hart) {
                Event::CodeWritten => continue,
                Event::Slice if self.hart.instret >= limit => return (Exit::InstructionLimit, None),
                Event::Slice => self.process.deliver_signals(&mut self.hart),
                Event::Trap(Trap::Ecall) => {
                    match self.process.syscall(&mut self.hart) {
                        Flow::Continue => {}
                        Flow::Exit(exit) => {
                            let crash = match exit {
                                Exit::Signal(signal) => Some(self.crash(signal, None)),
                                _ => None,
                            };
                            return (exit, crash);
                        }
                        Flow::Exec(file, args, env) => {
                            if let Err(e) = self.exec(file, args, env) {
                                // The old program is gone by now, as in Linux.
                                log::error!("execve: {e}");
                                return (Exit::Signal(libc::SIGKILL), None);
                            }
                        }
                    }
                    self.process.deliver_signals(&mut self.hart)
                }
                Event::Trap(trap) => {
                    let delivery = self.process.fault(&mut self.hart, trap);
                    if let Delivery::Killed(signal) = delivery {
                        return (Exit::Signal(signal), Some(self.crash(signal, Some(trap))));
                    }
                    delivery
                }
            };
            if let Delivery::Killed(signal) = delivery {
                let crash = matches!(signal, libc::SIGABRT | libc::SIGSEGV).then(|| self.crash(signal, None));
                return (Exit::Signal(signal), crash);
            }
        }
    }

    /// Replaces the program. The counts go on.
    fn exec(
        &mut self,
        file: PathBuf,
        args: Vec<OsString>,
        env: Vec<(OsString, OsString)>,
    ) -> Result<(), Error> {
        let builder = Builder { program: file, ..self.builder.clone() };
        let loaded = load_program(&builder, &args, &env)?;
        self.engine.drop_all();
        let ram = loaded.space.ram().clone();
        let mut hart = Hart::new(ram, self.hart.hw.clone(), self.hart.clock);
        hart.hw.watch.before = hart.hw.watch.before.plus(self.hart.ram.watch_counts());
        hart.set_isa(self.builder.isa.clone());
        hart.pc = loaded.entry;
        hart.x[2] = loaded.sp;
        hart.instret = self.hart.instret;
        hart.slot = self.hart.slot;
        self.hart = hart;
        let exe = std::path::absolute(&builder.program).unwrap_or(builder.program);
        self.process.after_exec(loaded.space, loaded.trampoline, exe, args);
        self.symbols = loaded.symbols;
        Ok(())
    }

    /// The counts so far; `wall_seconds` is what they say the run took.
    pub fn stats(&self, wall_seconds: f64) -> Stats {
        let tallies =
            counts::tally(&self.builder.isa, self.builder.pc_counts, |f| self.engine.for_each_count(f));
        debug_assert_eq!(tallies.total.instructions, self.hart.instret, "block counts and instret agree");
        let hw = &self.hart.hw;
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
                watch: hw.watch.before.plus(self.hart.ram.watch_counts()),
            },
            hw_params: hw.params.clone(),
            engine: self.engine.statistics(),
            wall_seconds,
            pc_counts: tallies.pc_counts,
        }
    }

    /// The report of a fatal signal at the current pc.
    fn crash(&self, signal: i32, trap: Option<Trap>) -> CrashReport {
        let hart = &self.hart;
        let pc = hart.pc;
        let mut bytes = [0; 4];
        let word = match (hart.ram.read(pc, &mut bytes), hart.ram.read(pc, &mut bytes[..2])) {
            (Ok(()), _) => Some(u32::from_le_bytes(bytes)),
            (_, Ok(())) if bytes[0] & 3 != 3 => Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]]))),
            _ => None,
        }
        .map(|w| if w & 3 == 3 { w } else { w & 0xffff });
        let fault = trap.map(|trap| linux::signal::fault_signal(trap, hart));
        let reason = match trap {
            Some(Trap::FetchFault) => "jump to memory that is not executable".to_owned(),
            Some(Trap::LoadFault) => "load from memory that cannot be read".to_owned(),
            Some(Trap::StoreFault) => "store to memory that cannot be written".to_owned(),
            Some(Trap::Illegal) if word.is_some_and(|w| is_guard(hart.isa().spec(), w)) => {
                "a guard failed and there is no vector for it (mj.gvec is 0)".to_owned()
            }
            _ => linux::signal::description(signal).to_owned(),
        };
        let reason = match fault {
            Some((_, code, _)) if signal == libc::SIGSEGV => {
                format!("{reason} ({})", if code == 1 { "nothing is mapped there" } else { "no permission" })
            }
            _ => reason,
        };
        let mut x = [0; 32];
        x.copy_from_slice(&hart.x[..32]);
        CrashReport {
            signal,
            signal_name: linux::signal::name(signal),
            reason,
            pc,
            symbol: self.symbols.describe(pc),
            word,
            disassembly: word.and_then(|w| hart.isa().spec().disassemble(w, pc)).map(|d| d.to_string()),
            fault_addr: fault
                .filter(|_| matches!(signal, libc::SIGSEGV | libc::SIGBUS))
                .map(|(_, _, addr)| addr),
            x,
        }
    }
}

/// Whether an instruction word is a guard.
fn is_guard(isa: &Isa, word: u32) -> bool {
    isa.decode(word).is_some_and(|inst| isa.insn(inst.id).guard.is_some())
}

/// A program in an address space of its own.
struct Loaded {
    space: AddressSpace,
    entry: u64,
    sp: u64,
    trampoline: u64,
    symbols: Symbols,
}

fn load_program(builder: &Builder, args: &[OsString], env: &[(OsString, OsString)]) -> Result<Loaded, Error> {
    let name = builder.program.display().to_string();
    let bytes = std::fs::read(&builder.program).map_err(|e| Error::new(&*name, e.to_string()))?;
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
    let trampoline = space
        .map(Placement::Hint(0), PAGE, READ | EXEC, false, Backing::Anonymous, "[vdso]")
        .map_err(no_room("signal trampoline"))?;
    let ram = space.ram().clone();
    ram.poke(trampoline, &linux::signal::TRAMPOLINE)
        .map_err(|_| Error::new("signal trampoline", "not mapped"))?;
    let image = loader::load(&bytes, &name, &mut space)?;
    space.set_brk_start(image.end);
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
        program: builder.program.as_os_str().as_encoded_bytes(),
        random,
        ids: linux::host_ids(),
        signal_frame: linux::SIGNAL_FRAME_SIZE,
    };
    let sp = loader::build_stack(&ram, STACK_TOP, stack_size, &image, &input)?;
    let symbols = Symbols::read(&bytes, image.bias);
    Ok(Loaded { space, entry: image.entry, sp, trampoline, symbols })
}
