//! `mj run`: runs a riscv64 Linux program in the emulator.

use std::ffi::OsString;
use std::mem::ManuallyDrop;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use clap::ValueEnum;
use emu::debug::gdb::{Address, Debugger};
use emu::debug::log::{Log, Part};
use emu::engine::{Mode, Thresholds};
use emu::{HwParams, Machine, Outcome, Sandbox};

use super::habits;
use super::isa_files::IsaFiles;
use super::tell;

/// Run a riscv64 Linux program and count what it executes
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Runs a riscv64 Linux program in the emulator: an ELF file or a script for one, static or dynamically \
        linked, with threads and child processes. The exit status is the program's own; if a signal kills it, the same \
        signal ends mj (a shell shows 128 + signal). 125: mj itself fails. Reports go to standard error.\n\n\
        A dynamically linked program needs the root of a riscv64 system: -L DIR, or MJ_LD_PREFIX or QEMU_LD_PREFIX in \
        the environment. Absolute paths that exist under DIR mean the files there; PROG may then be a path as the \
        program would see it, or a name to be found in the PATH under DIR. Riscv64 programs that the program starts \
        run in the emulator as well; others run on the host.",
    after_help = "Examples:\n  \
        mj run ./hello world\n  \
        mj run -L /srv/riscv64 bash -c 'uname -m'   a program of a riscv64 system that is unpacked there\n  \
        mj run --stats ./hello                      instructions by class, phase and mnemonic, of all threads\n  \
        mj run --stats=json --stats-file s.json ./hello\n  \
        mj run --deterministic --stats ./hello      the same counts at every run\n  \
        mj run --sandbox --allow-read data ./prog   a program that is not trusted\n  \
        mj run --isa-file my.yaml --stats ./prog    with instructions of your own\n  \
        mj run --strace -E LANG=C -U HOME ./hello\n  \
        mj run --log-commits --log commits.txt ./hello\n  \
        mj run --trace main ./hello                 what is executed in a function, disassembled\n  \
        mj run --lockstep ./hello                   is translated code right?\n  \
        perf record mj run --perf-map ./hello       host profile with the guest's functions\n  \
        mj run -g 1234 ./hello                      then: gdb-multiarch ./hello -ex 'target remote :1234'\n\n\
        With -g the program waits for GDB before its first instruction. Registers include the CSRs, mj.gvec as $mj_gvec. \
        Breakpoints are met in translated code at full speed; while something is watched or a thread steps, \
        instructions are executed one by one. A thread in a system call counts as stopped. When the debugger \
        detaches or is lost, the program goes on.\n\n\
        As cargo's runner (in .cargo/config.toml):\n  \
        [target.riscv64gc-unknown-linux-gnu]\n  \
        runner = \"mj run\"\n\n\
        QEMU's options -L -E -U -0 -s -g -strace -cpu and variables QEMU_LD_PREFIX, QEMU_SET_ENV, QEMU_UNSET_ENV, \
        QEMU_STRACE, QEMU_GDB and QEMU_STACK_SIZE mean the same here, and so does Spike's --isa. Under the name mj-run, mj is \
        `mj run`; `mj binfmt` shows how to have the kernel use that."
)]
pub struct Args {
    #[command(flatten)]
    machine: MachineArgs,
    /// Root of a riscv64 system: absolute paths are looked for under DIR first
    #[arg(short = 'L', value_name = "DIR")]
    sysroot: Option<PathBuf>,
    /// Set an environment variable of the program
    #[arg(short = 'E', value_name = "VAR=VALUE")]
    set: Vec<OsString>,
    /// Remove an environment variable of the program
    #[arg(short = 'U', value_name = "VAR")]
    unset: Vec<OsString>,
    /// The program's own name for itself (argv[0])
    #[arg(short = '0', value_name = "ARGV0")]
    argv0: Option<OsString>,
    /// Size of the stack in bytes; K, M and G may follow
    #[arg(short = 's', value_name = "SIZE", value_parser = size)]
    stack: Option<u64>,
    /// Wait for GDB at a TCP port of this machine (0: any), or at a Unix socket if ADDRESS is a path
    #[arg(
        short = 'g',
        long = "gdb",
        value_name = "ADDRESS",
        conflicts_with_all = ["lockstep", "log_commits", "trace"]
    )]
    gdb: Option<String>,
    /// Check that the emulator has these extensions, e.g. rv64gc_zba (the others stay)
    #[arg(long = "isa", value_name = "STRING")]
    isa_string: Option<String>,
    /// Check a processor model: rv64, max or any, and extensions, e.g. rv64,zba=on
    #[arg(long, value_name = "MODEL")]
    cpu: Option<String>,
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROG ARGS")]
    command: Vec<OsString>,
}

/// How statistics are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StatsFormat {
    Text,
    Json,
}

/// What executes guest code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum EngineKind {
    Translate,
    Interpret,
}

/// Options of every command that runs a guest.
#[derive(Debug, Clone, clap::Args)]
pub struct MachineArgs {
    /// Report what was executed: by class, mnemonic, phase, function; guards and hints; hottest blocks (docs/stats.md)
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub stats: Option<StatsFormat>,
    /// Write the report to FILE instead of standard error
    #[arg(long, value_name = "FILE")]
    pub stats_file: Option<PathBuf>,
    /// Parameters of the guard and pattern hardware (TOML; emu/hw.toml holds the defaults)
    #[arg(long, value_name = "FILE")]
    pub hw: Option<PathBuf>,
    /// Print each system call
    #[arg(long)]
    pub strace: bool,
    /// Make runs repeatable: fixed random numbers, clocks that follow the instruction count, no environment but -E
    #[arg(long)]
    pub deterministic: bool,
    /// Add the executions of each address to the JSON report
    #[arg(long)]
    pub pc_counts: bool,
    /// What executes the program: translated code where it runs often, or the reference interpreter alone
    #[arg(long, value_name = "ENGINE", default_value = "translate")]
    pub engine: EngineKind,
    /// Translate blocks of code that have run N times, instead of when it is worth while; 0: before they run
    #[arg(long, value_name = "N")]
    pub translate_after: Option<u64>,
    /// Make superblocks of what follows from a translated block when it has gone on there N times; 0: at once, without
    /// translating blocks before
    #[arg(long, value_name = "N")]
    pub optimize_after: Option<u64>,
    /// Confine the program: no memory but its own, none of the host's files, programs, processes and network but what is allowed
    #[arg(long)]
    pub sandbox: bool,
    /// In the sandbox, allow files under DIR (or one file) to be read and executed; a -L DIR is allowed anyway
    #[arg(long, value_name = "DIR", requires = "sandbox")]
    pub allow_read: Vec<PathBuf>,
    /// In the sandbox, allow files under DIR to be read, executed and changed
    #[arg(long, value_name = "DIR", requires = "sandbox")]
    pub allow_write: Vec<PathBuf>,
    /// In the sandbox, allow sockets
    #[arg(long, requires = "sandbox")]
    pub allow_net: bool,
    /// Compare translated code with the interpreter after at most about N instructions [default: 1000]; 1: every block
    #[arg(
        long,
        value_name = "N",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1000",
        conflicts_with_all = ["log_commits", "trace"]
    )]
    pub lockstep: Option<u64>,
    /// Log every instruction with what it changes, in the form of Spike's --log-commits
    #[arg(long)]
    pub log_commits: bool,
    /// Log the instructions executed in PART: START-END in hexadecimal, or a function's symbol
    #[arg(long, value_name = "PART")]
    pub trace: Option<Part>,
    /// Write what --log-commits and --trace log to FILE instead of standard error
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Write /tmp/perf-PID.map, in which the host's perf finds names for translated code
    #[arg(long)]
    pub perf_map: bool,
    /// Stop after N instructions, with status 124
    #[arg(long, value_name = "N")]
    pub max_instructions: Option<u64>,
    #[command(flatten)]
    pub isa: IsaFiles,
}

impl MachineArgs {
    /// A machine for `program` with these settings; the environment is the host's, unless deterministic.
    pub fn builder(&self, program: impl Into<PathBuf>) -> Result<emu::machine::Builder> {
        let mut builder = Machine::builder(program)
            .strace(self.strace)
            .deterministic(self.deterministic)
            .pc_counts(self.pc_counts)
            .stats(self.stats_format().is_some())
            .profile(self.stats_format().is_some())
            .mode(match self.engine {
                EngineKind::Translate => Mode::Translate,
                EngineKind::Interpret => Mode::Interpret,
            });
        if !self.deterministic {
            builder = builder.envs(std::env::vars_os());
        }
        if let Some(file) = &self.hw {
            builder = builder.hardware(HwParams::from_file(file).map_err(|e| anyhow!("{e}"))?);
        }
        if let Some(isa) = self.isa.load()? {
            builder = builder.isa(isa);
        }
        let usual = Thresholds::default();
        builder = builder.thresholds(Thresholds {
            translate_after: self.translate_after.unwrap_or(usual.translate_after),
            optimize_after: self.optimize_after.unwrap_or(usual.optimize_after),
        });
        if self.sandbox {
            builder = builder.sandbox(self.sandbox()?);
        }
        if self.log_commits || self.trace.is_some() {
            let log = Log::new(self.log_commits, self.trace.clone(), self.log.as_deref());
            builder = builder.log(log.map_err(|e| anyhow!("{e}"))?);
        } else if let Some(file) = &self.log {
            return Err(anyhow!(
                "--log {}: nothing is logged; say what with --log-commits or --trace",
                file.display()
            ));
        }
        builder = builder.perf_map(self.perf_map);
        if let Some(n) = self.lockstep {
            builder = builder.lockstep(n);
        }
        if let Some(n) = self.max_instructions {
            builder = builder.max_instructions(n);
        }
        Ok(builder)
    }

    /// The form of the report that was asked for.
    fn stats_format(&self) -> Option<StatsFormat> {
        self.stats.or(self.stats_file.as_ref().map(|_| StatsFormat::Text))
    }

    /// What the program may use in the sandbox.
    fn sandbox(&self) -> Result<Sandbox> {
        let named = |dir: &PathBuf| format!("cannot allow {}", dir.display());
        let mut sandbox = Sandbox::new();
        for dir in &self.allow_read {
            sandbox = sandbox.allow_read(dir).with_context(|| named(dir))?;
        }
        for dir in &self.allow_write {
            sandbox = sandbox.allow_write(dir).with_context(|| named(dir))?;
        }
        Ok(if self.allow_net { sandbox.allow_network() } else { sandbox })
    }

    /// Writes the reports that were asked for and returns the status to exit with.
    pub fn report(&self, outcome: &Outcome) -> Result<u8> {
        if let Some(crash) = &outcome.crash {
            tell(format_args!("mj: the program was killed by {crash}"));
        }
        if let Some(difference) = &outcome.difference {
            tell(format_args!("mj: {difference}"));
        }
        if matches!(outcome.exit, emu::Exit::InstructionLimit) {
            tell("mj: stopped at the limit of instructions\n");
        }
        if let Some(format) = self.stats_format() {
            let text = match format {
                StatsFormat::Text => outcome.stats.to_string(),
                StatsFormat::Json => outcome.stats.to_json() + "\n",
            };
            match &self.stats_file {
                Some(file) => {
                    std::fs::write(file, text).with_context(|| format!("cannot write {}", file.display()))?
                }
                None => tell(text),
            }
        }
        Ok(outcome.exit.status() as u8)
    }
}

/// A number of bytes, with K, M or G.
fn size(text: &str) -> Result<u64, String> {
    let (digits, unit) = match text.char_indices().last() {
        Some((at, 'K' | 'k')) => (&text[..at], 1 << 10),
        Some((at, 'M' | 'm')) => (&text[..at], 1 << 20),
        Some((at, 'G' | 'g')) => (&text[..at], 1 << 30),
        _ => (text, 1u64),
    };
    let n: u64 = digits.parse().map_err(|_| format!("`{text}` is not a size"))?;
    n.checked_mul(unit).filter(|n| *n > 0 && *n <= 1 << 40).ok_or_else(|| format!("`{text}` is out of range"))
}

/// Where a debugger connects: a port, or what has a slash or no digit first.
fn debugger_address(text: &str) -> Result<Address> {
    let port = text.strip_prefix("localhost:").or(text.strip_prefix("127.0.0.1:")).or(text.strip_prefix(':'));
    match port.unwrap_or(text).parse::<u16>() {
        Ok(port) => Ok(Address::Port(port)),
        Err(_) if port.is_none() && !text.starts_with(|c: char| c.is_ascii_digit() || c == '-') => {
            Ok(Address::Path(text.into()))
        }
        Err(_) => Err(anyhow!("-g {text}: expected a port (0 to 65535) or the path of a socket")),
    }
}

/// Values of a variable that holds several, with commas between.
fn listed(name: &str) -> Vec<OsString> {
    let value = habits::variable(&[name]).unwrap_or_default().into_vec();
    let parts = value.split(|&b| b == b',').filter(|part| !part.is_empty());
    parts.map(|part| OsString::from_vec(part.to_vec())).collect()
}

pub fn main(args: &Args) -> Result<u8> {
    let Some((program, rest)) = args.command.split_first() else {
        return Err(anyhow!("no program given"));
    };
    if let Some(isa) = &args.isa_string {
        habits::check_isa(isa)?;
    }
    if let Some(cpu) = &args.cpu {
        habits::check_cpu(cpu)?;
    }
    if args.machine.sandbox {
        // What mj was started with beyond the standard three is not the program's.
        // SAFETY: mj has opened nothing that it still uses.
        unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, 0) };
    }
    let mut machine = args.machine.clone();
    machine.strace |= habits::variable(&["QEMU_STRACE"]).is_some();
    let mut builder = machine.builder(program)?.args(rest);
    for pair in listed("QEMU_SET_ENV").iter().chain(&args.set) {
        let bytes = pair.as_bytes();
        let at = bytes
            .iter()
            .position(|b| *b == b'=')
            .ok_or_else(|| anyhow!("-E {}: expected VAR=VALUE", pair.display()))?;
        let value = OsString::from_vec(bytes[at + 1..].to_vec());
        builder = builder.env(OsString::from_vec(bytes[..at].to_vec()), value);
    }
    for name in listed("QEMU_UNSET_ENV").iter().chain(&args.unset) {
        builder = builder.env_remove(name);
    }
    if let Some(argv0) = &args.argv0 {
        builder = builder.argv0(argv0);
    }
    let stack = match (args.stack, habits::variable(&["QEMU_STACK_SIZE"])) {
        (Some(bytes), _) => Some(bytes),
        (None, Some(text)) => {
            Some(size(&text.to_string_lossy()).map_err(|e| anyhow!("QEMU_STACK_SIZE: {e}"))?)
        }
        (None, None) => None,
    };
    if let Some(bytes) = stack {
        builder = builder.stack_size(bytes);
    }
    let sysroot = args.sysroot.clone();
    if let Some(dir) =
        sysroot.or_else(|| habits::variable(&["MJ_LD_PREFIX", "QEMU_LD_PREFIX"]).map(PathBuf::from))
    {
        if !dir.is_dir() {
            return Err(anyhow!("-L {}: no such directory", dir.display()));
        }
        builder = builder.sysroot(dir);
    }
    let gdb = args
        .gdb
        .clone()
        .or_else(|| habits::variable(&["QEMU_GDB"]).map(|address| address.to_string_lossy().into_owned()));
    if let Some(text) = gdb {
        let address = debugger_address(&text)?;
        let tell = |at: &Address| eprintln!("mj: waiting for a debugger: target remote {at}");
        builder = builder.debugger(Debugger::wait(&address, tell).map_err(|e| anyhow!("{e}"))?);
    }
    // The process ends after it: the host takes the memory back at once, and much faster than piece by piece.
    let mut machine = ManuallyDrop::new(builder.build().map_err(|e| anyhow!("{e}"))?);
    let outcome = machine.run();
    let status = args.machine.report(&outcome)?;
    if let emu::Exit::Signal(signal) = outcome.exit {
        emu::runner::die_of(signal);
    }
    Ok(status)
}
