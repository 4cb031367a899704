//! The command line: one file a subcommand, each with its options and its entry point.

mod assemble;
mod bench;
mod binfmt;
mod disassemble;
mod habits;
mod isa_files;
mod python;
mod run;
mod setup;
mod spec;
mod stats;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

pub use run::MachineArgs;

/// Exit status when mj itself fails in a command whose status is otherwise the guest's.
const OWN_FAILURE: u8 = 125;

#[derive(Debug, Parser)]
#[command(
    name = "mj",
    version,
    about = "A workbench for RISC-V instructions that help just-in-time compilers",
    long_about = "A workbench for RISC-V instructions that help just-in-time compilers.\n\n\
        mj runs riscv64 Linux programs in an emulator that counts exactly, knows instructions that are \
        defined in text files, and models guard and pattern hardware. A meta-tracing JIT with Python on it \
        runs inside as a guest, so that guards in software and in hardware can be compared.",
    after_help = "Start here:\n  \
        mj bench nbody richards          Python programs in every guard style, as one table\n  \
        mj as hello.s -o hello           assemble a program, custom instructions included\n  \
        mj run --stats ./hello           run it and count its instructions\n  \
        mj objdump -d hello              see what was assembled\n  \
        mj spec show mj.gclass           how an instruction is defined\n\n\
        `mj COMMAND --help` explains each command, with examples."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Run(run::Args),
    As(assemble::Args),
    Objdump(disassemble::Args),
    Spec(spec::Args),
    Python(python::Args),
    Bench(bench::Args),
    Setup(setup::Args),
    Binfmt(binfmt::Args),
    Stats(stats::Args),
}

/// Runs `mj` with the process's arguments.
pub fn main() -> ExitCode {
    crate::heap::prepare();
    let cli = Cli::parse_from(habits::rewrite(std::env::args_os()));
    let own_failure = match cli.command {
        Command::Run(_) | Command::Python(_) => OWN_FAILURE,
        _ => 1,
    };
    let status = match cli.command {
        Command::Run(args) => run::main(&args),
        Command::As(args) => assemble::main(&args),
        Command::Objdump(args) => disassemble::main(&args),
        Command::Spec(args) => spec::main(&args),
        Command::Python(args) => python::main(&args),
        Command::Bench(args) => bench::main(&args),
        Command::Setup(args) => setup::main(&args),
        Command::Binfmt(args) => binfmt::main(&args),
        Command::Stats(args) => stats::main(&args),
    };
    match status {
        Ok(status) => ExitCode::from(status),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            tell(format_args!("mj: error: {error:#}\n"));
            ExitCode::from(own_failure)
        }
    }
}

/// Whether output failed because its reader has left, as in `mj objdump … | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
}

/// Writes `text` to standard error. Nothing else depends on anybody reading it.
fn tell(text: impl std::fmt::Display) {
    use std::io::Write;
    let _ = write!(std::io::stderr().lock(), "{text}");
}

/// Writes `text` to standard output.
fn print(text: &str) -> Result<()> {
    use std::io::Write;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()?;
    Ok(())
}
