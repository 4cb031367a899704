//! `mj bench`: Python programs in every guard style, as one table.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::ValueEnum;

use crate::bench::{self, Size, Style};

/// Run Python programs in every guard style and compare what was executed
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Runs the programs in test-programs/python in the JIT guest, in each guard style, checks their \
        output and prints one table: instructions in all and by phase, instructions in JIT code and their \
        ratios, guards executed and offloaded to hardware by kind. All counts are exact and the same at every \
        run. The guest is built first, and its compiler installed, if need be.",
    after_help = "Styles:\n  \
        naive          guards as PyPy's RISC-V back end compiles them\n  \
        soft           the best that RV64GC software can do\n  \
        hw             the guard extension\n  \
        hw+patterns    and specialisation on what the pattern table finds\n\n\
        Examples:\n  \
        mj bench                              all programs\n  \
        mj bench nbody richards --size small   a quick look\n  \
        mj bench --style soft --style hw --json out.json\n  \
        mj bench --emulator                   the emulator's own speed"
)]
pub struct Args {
    /// Programs by name; all if none is given
    names: Vec<String>,
    /// Instead time C programs (test-programs/c/workloads) in mj, natively, and in QEMU where there is one
    #[arg(long)]
    emulator: bool,
    /// Size of the inputs
    #[arg(long, value_enum, default_value = "large")]
    size: Size,
    /// Only this style (may be given several times)
    #[arg(long = "style", value_enum, value_name = "STYLE")]
    styles: Vec<Style>,
    /// Also write everything measured to FILE
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Parameters of the guard and pattern hardware (TOML)
    #[arg(long, value_name = "FILE")]
    hw: Option<PathBuf>,
    /// Pass a further option to the guest: bridges=off, jit-threshold=N, bridge-threshold=N, force-fail=N, …
    #[arg(short = 'X', value_name = "NAME=VALUE")]
    extra: Vec<String>,
    /// Run this guest program instead of building one
    #[arg(long, value_name = "ELF")]
    guest: Option<PathBuf>,
    /// Programs to run at a time
    #[arg(long, value_name = "N", default_value_t = default_jobs())]
    jobs: usize,
}

fn default_jobs() -> usize {
    std::thread::available_parallelism().map_or(1, |n| n.get())
}

pub fn main(args: &Args) -> Result<u8> {
    if args.emulator {
        let report = bench::emulator::run(&args.names)?;
        super::print(&report.to_string())?;
        write_json(args, &report)?;
        return Ok(u8::from(!report.all_good()));
    }
    let mut styles =
        if args.styles.is_empty() { Style::value_variants().to_vec() } else { args.styles.clone() };
    styles.sort();
    styles.dedup();
    let options = bench::Options {
        names: args.names.clone(),
        size: args.size,
        styles,
        hw: args.hw.clone(),
        jobs: args.jobs.max(1),
        guest: args.guest.clone(),
        extra: args.extra.clone(),
    };
    let report = bench::run(&options)?;
    super::print(&report.to_string())?;
    write_json(args, &report)?;
    Ok(u8::from(!report.all_good()))
}

fn write_json(args: &Args, report: &impl serde::Serialize) -> Result<()> {
    let Some(file) = &args.json else { return Ok(()) };
    let json = serde_json::to_string_pretty(report)? + "\n";
    std::fs::write(file, json).with_context(|| format!("cannot write {}", file.display()))
}
