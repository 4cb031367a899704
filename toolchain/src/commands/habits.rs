//! Other emulators' ways of saying things: the spellings of options, and the environment variables.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use anyhow::{Result, anyhow, bail};

/// Options of `mj run` that take a value in the next argument.
const WITH_VALUE: [&str; 17] = [
    "-L",
    "-E",
    "-U",
    "-0",
    "-s",
    "-g",
    "--gdb",
    "--trace",
    "--log",
    "-cpu",
    "--cpu",
    "--isa",
    "--stats-file",
    "--hw",
    "--engine",
    "--max-instructions",
    "--isa-file",
];

/// The name under which `mj` is `mj run`, for the kernel's registration of program formats and for tools that
/// expect a command without arguments.
pub const RUNNER: &str = "mj-run";

/// The arguments as the command line's parser wants them: `mj-run PROG` becomes `mj run PROG`, and the options of
/// `mj run` before the program may be spelled as QEMU has them (`-strace`, `-cpu`).
pub fn rewrite(args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.collect();
    let name = args.first().and_then(|first| Path::new(first).file_name());
    if name == Some(OsStr::new(RUNNER)) {
        args.insert(1, "run".into());
    }
    if args.get(1).is_none_or(|command| command != "run") {
        return args;
    }
    let mut at = 2;
    while let Some(arg) = args.get_mut(at) {
        if arg == "--" || !arg.as_encoded_bytes().starts_with(b"-") {
            break;
        }
        if arg == "-strace" {
            *arg = "--strace".into();
        } else if arg == "-cpu" {
            *arg = "--cpu".into();
        }
        at += if WITH_VALUE.iter().any(|o| arg == o) { 2 } else { 1 };
    }
    args
}

/// The value of the first of the variables that is set and not empty.
pub fn variable(names: &[&str]) -> Option<OsString> {
    names.iter().filter_map(std::env::var_os).find(|value| !value.is_empty())
}

/// Checks what is asked of the processor: `--isa=rv64gc_zba` as Spike has it. Error: what the emulator has not.
pub fn check_isa(text: &str) -> Result<()> {
    match emu::isa_string::lacks(text) {
        Ok(lacking) if lacking.is_empty() => Ok(()),
        Ok(lacking) => bail!(
            "--isa={text}: the emulator has not {}; it has {}",
            lacking.join(", "),
            emu::isa_string::isa_string()
        ),
        Err(why) => bail!("--isa={text}: {why}"),
    }
}

/// Checks a processor model in QEMU's form: `rv64`, `max` or `any`, then `,NAME=on` or `=off`. What is there cannot
/// be turned off.
pub fn check_cpu(text: &str) -> Result<()> {
    let mut parts = text.split(',');
    let model = parts.next().unwrap_or_default();
    if !matches!(model, "rv64" | "max" | "any" | "rv64i" | "base") {
        return Err(anyhow!(
            "-cpu {model}: there is no such model; there are rv64, max and any, which are the same"
        ));
    }
    for part in parts {
        let (name, value) = part.split_once('=').unwrap_or((part, "on"));
        if matches!(value, "on" | "true") {
            check_isa(&format!("rv64i_{name}")).map_err(|e| anyhow!("-cpu {text}: {e}"))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(args: &[&str]) -> Vec<String> {
        let args = rewrite(args.iter().map(OsString::from));
        args.into_iter().map(|a| a.into_string().expect("text")).collect()
    }

    #[test]
    fn options_before_the_program_may_be_qemus() {
        assert_eq!(
            rewritten(&["mj", "run", "-L", "-strace", "-strace", "-cpu", "max", "prog", "-strace"]),
            ["mj", "run", "-L", "-strace", "--strace", "--cpu", "max", "prog", "-strace"]
        );
        assert_eq!(rewritten(&["mj", "as", "-strace"]), ["mj", "as", "-strace"]);
        assert_eq!(rewritten(&["/usr/bin/mj-run", "prog"]), ["/usr/bin/mj-run", "run", "prog"]);
        assert_eq!(rewritten(&["mj", "run", "--", "-strace"]), ["mj", "run", "--", "-strace"]);
    }

    #[test]
    fn processors_are_checked() {
        assert!(check_isa("rv64gc").is_ok());
        assert!(check_isa("RV64IMAFDC_Zicsr_zifencei").is_ok());
        assert!(check_isa("rv64gcv").is_err_and(|e| e.to_string().contains("has not v")));
        assert!(check_isa("rv32gc").is_err());
        assert!(check_cpu("rv64").is_ok());
        assert!(check_cpu("max,f=on").is_ok());
        assert!(check_cpu("rv64,v=true").is_err());
        assert!(check_cpu("sifive-u54").is_err());
    }
}
