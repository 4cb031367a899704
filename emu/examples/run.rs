//! Runs a guest program: `run [--stats|--json|--strace|--det]… PROGRAM [ARG]…`. The tool `mj run` does this with all its options.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1).peekable();
    let mut flags = Vec::new();
    while let Some(flag) = args.next_if(|a| a.to_string_lossy().starts_with("--")) {
        flags.push(flag.to_string_lossy().into_owned());
    }
    let Some(program) = args.next() else {
        eprintln!("usage: run [--stats|--json|--strace|--det]... PROGRAM [ARG]...");
        return ExitCode::from(2);
    };
    let on = |name: &str| flags.iter().any(|f| f == name);
    let machine = emu::Machine::builder(program)
        .args(args)
        .envs(std::env::vars_os())
        .strace(on("--strace"))
        .deterministic(on("--det"))
        .build();
    let mut machine = match machine {
        Ok(machine) => machine,
        Err(e) => {
            eprintln!("{e}");
            return ExitCode::from(126);
        }
    };
    let outcome = machine.run();
    if let Some(crash) = &outcome.crash {
        eprint!("{crash}");
    }
    if on("--stats") {
        eprint!("{}", outcome.stats);
    }
    if on("--json") {
        eprintln!("{}", outcome.stats.to_json());
    }
    ExitCode::from(outcome.exit.status() as u8)
}
