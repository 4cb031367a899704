//! `mj objdump`: lists what is in an ELF file.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::isa_files::{IsaFiles, or_builtin};
use crate::objdump;

/// List the instructions, relocations, symbols or sections of a RISC-V ELF file
#[derive(Debug, clap::Args)]
#[command(
    disable_help_flag = true,
    after_help = "Examples:\n  \
    mj objdump -d ./hello\n  \
    mj objdump -d --section .text ./hello\n  \
    mj objdump -d -r part.o            with the relocations of an object file\n  \
    mj objdump -h -t ./hello           sections and symbols\n  \
    mj objdump -d --plain ./hello      base instructions instead of aliases such as `mv`"
)]
pub struct Args {
    /// Disassemble the executable sections (what this command does if nothing is asked for)
    #[arg(short, long)]
    disassemble: bool,
    /// Relocations: with the instructions, or as tables without -d
    #[arg(short, long = "reloc")]
    relocations: bool,
    /// The symbol table
    #[arg(short = 't', long = "syms")]
    symbols: bool,
    /// The sections
    #[arg(short = 'h', long = "headers")]
    headers: bool,
    /// How instructions are written: no-aliases, numeric
    #[arg(short = 'M', value_name = "OPTION", value_delimiter = ',', value_parser = ["no-aliases", "numeric"])]
    style: Vec<String>,
    /// ELF file
    file: PathBuf,
    /// Only this section (may be given several times)
    #[arg(short = 'j', long = "section", value_name = "NAME")]
    sections: Vec<String>,
    /// Write instructions by their own names, no aliases
    #[arg(long)]
    plain: bool,
    #[command(flatten)]
    isa: IsaFiles,
    /// Print help
    #[arg(long, action = clap::ArgAction::Help)]
    help: Option<bool>,
}

pub fn main(args: &Args) -> Result<u8> {
    let name = args.file.display().to_string();
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read {name}"))?;
    let options = objdump::Options {
        sections: args.sections.clone(),
        plain: args.plain || args.style.iter().any(|s| s == "no-aliases"),
        numeric: args.style.iter().any(|s| s == "numeric"),
        disassemble: args.disassemble,
        relocations: args.relocations,
        symbols: args.symbols,
        headers: args.headers,
    };
    let isa = args.isa.load()?;
    let listing = objdump::disassemble(or_builtin(&isa), &name, &bytes, &options)?;
    super::print(&listing)?;
    Ok(0)
}
