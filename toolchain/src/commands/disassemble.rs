//! `mj objdump`: lists what is in an ELF file.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::isa_files::{IsaFiles, or_builtin};
use crate::objdump::{self, Trace};

/// List the instructions, relocations, symbols or sections of a RISC-V ELF file
#[derive(Debug, clap::Args)]
#[command(
    disable_help_flag = true,
    after_help = "Examples:\n  \
    mj objdump -d ./hello\n  \
    mj objdump -d --section .text ./hello\n  \
    mj objdump -d -r part.o            with the relocations of an object file\n  \
    mj objdump -h -t ./hello           sections and symbols\n  \
    mj objdump -S ./hello              with the source (of a program made with -g)\n  \
    mj objdump --disassemble=main ./hello\n  \
    mj objdump -d --plain ./hello      base instructions instead of aliases such as `mv`\n\n\
    What a run executed, how often each instruction, JIT-compiled code included:\n  \
    mj run --stats=json --stats-file run.json --pc-counts ./prog\n  \
    mj objdump --source=trace --counts run.json ./prog"
)]
pub struct Args {
    /// Disassemble the executable sections, or one symbol of them (what this command does if nothing is asked for)
    #[arg(short, long, value_name = "SYMBOL", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    disassemble: Option<String>,
    /// With the source: the lines that instructions were made of, or what a run executed
    #[arg(short = 'S', long, value_name = "WHAT", num_args = 0..=1, require_equals = true, default_missing_value = "lines")]
    source: Option<Source>,
    /// The report of a run for --source=trace: of `mj run --stats=json --pc-counts`
    #[arg(long, value_name = "FILE", requires = "source")]
    counts: Option<PathBuf>,
    /// Files and lines that instructions were made of
    #[arg(short = 'l', long)]
    line_numbers: bool,
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

/// What stands beside the instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Source {
    /// Source text, by the debugging information
    Lines,
    /// How often each instruction was executed; what never ran is left out
    Trace,
}

/// The report that goes with `--source=trace`.
fn trace(args: &Args) -> Result<Option<Trace>> {
    match (args.source, &args.counts) {
        (Some(Source::Trace), Some(file)) => {
            let name = file.display().to_string();
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
            Trace::read(&name, &text).map(Some)
        }
        (Some(Source::Trace), None) => bail!(
            "--source=trace needs --counts FILE, a report of `mj run --stats=json --stats-file FILE --pc-counts`"
        ),
        (_, Some(_)) => bail!("--counts goes with --source=trace"),
        _ => Ok(None),
    }
}

pub fn main(args: &Args) -> Result<u8> {
    let name = args.file.display().to_string();
    let bytes = std::fs::read(&args.file).with_context(|| format!("cannot read {name}"))?;
    let options = objdump::Options {
        sections: args.sections.clone(),
        plain: args.plain || args.style.iter().any(|s| s == "no-aliases"),
        numeric: args.style.iter().any(|s| s == "numeric"),
        disassemble: args.disassemble.is_some(),
        symbol: args.disassemble.clone().filter(|s| !s.is_empty()),
        source: args.source == Some(Source::Lines),
        line_numbers: args.line_numbers,
        trace: trace(args)?,
        relocations: args.relocations,
        symbols: args.symbols,
        headers: args.headers,
    };
    let isa = args.isa.load()?;
    let listing = objdump::disassemble(or_builtin(&isa), &name, &bytes, &options)?;
    super::print(&listing)?;
    Ok(0)
}
