//! `mj python`: runs a Python program in the JIT guest.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Result, anyhow};

use super::run::MachineArgs;
use crate::guest::{self, Guards, OnOff};

/// Run a Python program in the meta-tracing JIT, inside the emulator
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Runs a Python program in mj's meta-tracing JIT, itself a riscv64 program that runs in the \
        emulator. The guest is built first if need be. The exit status is the Python program's.",
    after_help = "Examples:\n  \
        mj python test-programs/python/nbody.py 1000\n  \
        mj python --guards soft --stats test-programs/python/nbody.py 1000\n  \
        mj python --jit off prog.py                    interpreter alone\n  \
        mj python --trace-log traces.txt prog.py       the traces that were compiled\n  \
        mj python -c \"print(6 * 7)\""
)]
pub struct Args {
    /// How guards are compiled: as PyPy's RISC-V back end does, the best software can do, or the extension
    #[arg(long, value_enum, default_value = "hw", value_name = "STYLE")]
    guards: Guards,
    /// Compile hot loops
    #[arg(long, value_enum, default_value = "on")]
    jit: OnOff,
    /// Let the pattern table find constants to specialise on
    #[arg(long, value_enum, default_value = "off")]
    patterns: OnOff,
    /// Write the compiled traces to FILE
    #[arg(long, value_name = "FILE")]
    trace_log: Option<PathBuf>,
    /// Write what each instruction of the traces is for to FILE
    #[arg(long, value_name = "FILE")]
    code_map: Option<PathBuf>,
    /// Pass a further option to the guest: bridges=off, jit-threshold=N, bridge-threshold=N, force-fail=N, …
    #[arg(short = 'X', value_name = "NAME=VALUE")]
    extra: Vec<String>,
    /// Run this guest program instead of building one
    #[arg(long, value_name = "ELF")]
    guest: Option<PathBuf>,
    #[command(flatten)]
    machine: MachineArgs,
    /// The Python file, or `-c` and a program, and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true, value_name = "PROG.PY ARGS")]
    command: Vec<OsString>,
}

pub fn main(args: &Args) -> Result<u8> {
    let program = PathBuf::from(&args.command[0]);
    // `-c CODE` runs a program from the command line, as in CPython.
    if args.command[0] != "-c" && !program.is_file() {
        return Err(anyhow!("cannot read {}: no such file", program.display()));
    }
    let elf = match &args.guest {
        Some(elf) => elf.clone(),
        None => guest::build("mj-python")?,
    };
    let options = guest::PythonOptions {
        guards: args.guards,
        jit: args.jit,
        patterns: args.patterns,
        trace_log: args.trace_log.clone(),
        code_map: args.code_map.clone(),
        extra: args.extra.clone(),
    };
    let builder = args.machine.builder(&elf)?.argv0("mj-python").args(options.argv()).args(&args.command);
    let outcome = builder.build().map_err(|e| anyhow!("{e}"))?.run();
    args.machine.report(&outcome)
}
