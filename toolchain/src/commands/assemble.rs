//! `mj as`: assembles a program or an object.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::isa_files::{IsaFiles, or_builtin};
use crate::asm::arch::IsaSpec;
use crate::asm::{self, Abi, Options, Output};

/// Assemble a RISC-V program into an object file or a static Linux executable
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Assembles one file in GNU syntax: with -c into a relocatable object for GNU ld or lld, otherwise \
        directly into a static riscv64 Linux executable that begins at `_start`, or at the beginning of .text. \
        It takes what GNU as takes for RISC-V, compiler output included, and every instruction that the \
        specification defines, custom ones too. Objects have the bytes, relocations and symbols that GNU as \
        would write.",
    after_help = "Examples:\n  \
        mj as hello.s -o hello && mj run ./hello\n  \
        mj as -c part.s -o part.o && riscv64-linux-gnu-gcc -static main.c part.o\n  \
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
    /// Write a relocatable object instead of a program
    #[arg(short = 'c', long = "object")]
    object: bool,
    /// File to write [default: a.out]
    #[arg(short, long, value_name = "FILE", default_value = "a.out", hide_default_value = true)]
    output: PathBuf,
    /// Directory in which `.include` and `.incbin` look (may be given several times)
    #[arg(short = 'I', long = "include", value_name = "DIR")]
    include: Vec<PathBuf>,
    /// Define a symbol before the first line
    #[arg(short = 'D', long = "define", alias = "defsym", value_name = "NAME=VALUE", value_parser = define)]
    defines: Vec<(String, i64)>,
    /// Symbol at which the program begins [default: _start, else the beginning of .text]
    #[arg(short = 'e', long, value_name = "SYMBOL")]
    entry: Option<String>,
    /// Machine settings as GNU as has them: arch=ISA, abi=ABI, isa-spec=EDITION, relax, no-relax
    #[arg(short = 'm', value_name = "SETTING")]
    machine: Vec<String>,
    /// Position-independent code: pic, PIC or no-pic
    #[arg(short = 'f', value_name = "SETTING", value_parser = ["pic", "PIC", "no-pic"])]
    code: Vec<String>,
    /// Debugging information: the program's lines of assembly, for gdb, addr2line and objdump -S
    #[arg(short = 'g', long = "gen-debug")]
    debug: bool,
    #[arg(long = "gdwarf-2", hide = true)]
    dwarf2: bool,
    #[arg(long = "gdwarf-3", hide = true)]
    dwarf3: bool,
    #[arg(long = "gdwarf-4", hide = true)]
    dwarf4: bool,
    /// Debugging information of this DWARF version, 2 to 5 (--gdwarf-2 to --gdwarf-5)
    #[arg(long = "gdwarf-5")]
    dwarf5: bool,
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

impl Args {
    fn options(&self) -> Result<Options> {
        let mut options = Options {
            output: if self.object { Output::Object } else { Output::Program },
            include_dirs: self.include.clone(),
            defines: self.defines.clone(),
            entry: self.entry.clone(),
            ..Options::default()
        };
        for setting in &self.machine {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            match name {
                "arch" => options.arch = value.to_string(),
                "abi" => {
                    options.abi = Abi::from_name(value)
                        .with_context(|| format!("-mabi: unknown convention `{value}`"))?;
                }
                "isa-spec" => {
                    options.isa_spec = IsaSpec::from_name(value)
                        .with_context(|| format!("-misa-spec: unknown edition `{value}`"))?;
                }
                "relax" => options.relax = true,
                "no-relax" => options.relax = false,
                // What these choose is so in any case, or says nothing to the file.
                "arch-attr" | "no-csr-check" | "csr-check" | "little-endian" | "priv-spec" => {}
                _ => bail!("-m{setting}: unknown setting"),
            }
        }
        if let Some(last) = self.code.last() {
            options.pic = last != "no-pic";
        }
        let asked = [(self.debug, 2), (self.dwarf2, 2), (self.dwarf3, 3), (self.dwarf4, 4), (self.dwarf5, 5)];
        if let Some((_, version)) = asked.into_iter().rfind(|(asked, _)| *asked) {
            options.debug = Some(version);
            // Line numbers of version 2 are written as those of version 3, as GNU as does.
            options.dwarf = version.max(3);
        }
        Ok(options)
    }
}

pub fn main(args: &Args) -> Result<u8> {
    let options = args.options()?;
    let isa = args.isa.load()?;
    match asm::assemble_file(or_builtin(&isa), &args.file, &options) {
        Ok(image) => {
            write(&args.output, &image, !args.object)
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

fn write(path: &std::path::Path, image: &[u8], executable: bool) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, image)?;
    if !executable {
        return Ok(());
    }
    let mut mode = std::fs::metadata(path)?.permissions();
    // Executable by whoever may read it.
    mode.set_mode(mode.mode() | ((mode.mode() & 0o444) >> 2));
    std::fs::set_permissions(path, mode)
}
