//! `mj as`: assembles a program.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::isa_files::{IsaFiles, or_builtin};
use crate::asm::{self, Options};

/// Assemble a RISC-V program into a static Linux executable
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Assembles one file in GNU syntax into a static riscv64 Linux executable: labels, data, macros, \
        conditionals, `.insn`, the usual pseudo-instructions, and every instruction that the specification \
        defines, custom ones included. Conditional branches reach as far as they must. The program begins at \
        `_start`, or at the beginning of .text.",
    after_help = "Examples:\n  \
        mj as hello.s -o hello && mj run ./hello\n  \
        mj as --define N=1000 loop.s -o loop\n  \
        mj as --isa-file my.yaml prog.s -o prog    with instructions of your own\n\n\
        A first program:\n  \
        _start: li   a0, 1            # standard output\n          \
                la   a1, text\n          \
                li   a2, 3\n          \
                li   a7, 64           # write\n          \
                ecall\n          \
                li   a0, 0\n          \
                li   a7, 93           # exit\n          \
                ecall\n          \
                .section .rodata\n  \
        text:   .ascii \"hi\\n\""
)]
pub struct Args {
    /// Source file
    file: PathBuf,
    /// Program to write
    #[arg(short, long, value_name = "PROG", default_value = "a.out")]
    output: PathBuf,
    /// Directory in which `.include` looks (may be given several times)
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    include: Vec<PathBuf>,
    /// Define a symbol before the first line
    #[arg(short = 'D', long = "define", value_name = "NAME=VALUE", value_parser = define)]
    defines: Vec<(String, i64)>,
    /// Symbol at which the program begins [default: _start, else the beginning of .text]
    #[arg(short = 'e', long, value_name = "SYMBOL")]
    entry: Option<String>,
    #[command(flatten)]
    isa: IsaFiles,
}

/// `NAME` (= 1) or `NAME=VALUE`, decimal or 0x hexadecimal, perhaps negative.
fn define(text: &str) -> Result<(String, i64), String> {
    let (name, value) = text.split_once('=').unwrap_or((text, "1"));
    let (negative, digits) = match value.strip_prefix('-') {
        Some(d) => (true, d),
        None => (false, value),
    };
    let parsed = match digits.strip_prefix("0x") {
        Some(hex) => u64::from_str_radix(hex, 16),
        None => digits.parse(),
    };
    let n = parsed.map_err(|_| format!("`{value}` is not a number"))? as i64;
    Ok((name.to_string(), if negative { n.wrapping_neg() } else { n }))
}

pub fn main(args: &Args) -> Result<u8> {
    let options = Options {
        include_dirs: args.include.clone(),
        defines: args.defines.clone(),
        entry: args.entry.clone(),
    };
    let isa = args.isa.load()?;
    match asm::assemble_file(or_builtin(&isa), &args.file, &options) {
        Ok(image) => {
            write_executable(&args.output, &image)
                .with_context(|| format!("cannot write {}", args.output.display()))?;
            Ok(0)
        }
        Err(errors) => {
            for error in &errors {
                eprintln!("{error}");
            }
            if errors.len() > 1 {
                eprintln!("{} errors", errors.len());
            }
            Ok(1)
        }
    }
}

fn write_executable(path: &std::path::Path, image: &[u8]) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, image)?;
    let mut mode = std::fs::metadata(path)?.permissions();
    // Executable by whoever may read it.
    mode.set_mode(mode.mode() | ((mode.mode() & 0o444) >> 2));
    std::fs::set_permissions(path, mode)
}
