//! `mj objdump`: lists a program's instructions.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::isa_files::{IsaFiles, or_builtin};
use crate::objdump;

/// List the instructions of a RISC-V ELF file
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    mj objdump -d ./hello\n  \
    mj objdump -d --section .text ./hello\n  \
    mj objdump -d --plain ./hello      base instructions instead of aliases such as `mv`")]
pub struct Args {
    /// Disassemble the executable sections (what this command does in any case)
    #[arg(short, long)]
    disassemble: bool,
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
}

pub fn main(args: &Args) -> Result<u8> {
    let name = args.file.display().to_string();
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read {name}"))?;
    let options = objdump::Options { sections: args.sections.clone(), plain: args.plain };
    let isa = args.isa.load()?;
    let listing = objdump::disassemble(or_builtin(&isa), &name, &bytes, &options)?;
    super::print(&listing)?;
    Ok(0)
}
