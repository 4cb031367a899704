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

use crate::error::Error;
use crate::hardware::HwParams;
use crate::report::CrashReport;
use crate::stats::Stats;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

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
    /// The exit status as a shell gives it: the code, 128 + signal, or 124 for the instruction limit (as `timeout` has it).
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

    /// Makes runs repeatable: fixed random numbers and process ids, and clocks that follow the instruction count.
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

    /// Loads the program. Errors: the file cannot be read or is not a static RV64 Linux ELF, or the host has no room for the guest.
    pub fn build(self) -> Result<Machine, Error> {
        Machine::new(self)
    }
}

/// A guest program, loaded and ready to run.
pub struct Machine {
    builder: Builder,
}

impl Machine {
    /// Settings for running `program`.
    pub fn builder(program: impl Into<PathBuf>) -> Builder {
        Builder::new(program.into())
    }

    fn new(builder: Builder) -> Result<Machine, Error> {
        Ok(Machine { builder })
    }

    /// Runs the program to its end.
    pub fn run(&mut self) -> Outcome {
        let program = self.builder.program.display().to_string();
        let stats = Stats { schema: crate::stats::SCHEMA.into(), program, ..Default::default() };
        Outcome { exit: Exit::InstructionLimit, stats, crash: None }
    }
}
