//! `mj binfmt`: how to have the kernel run riscv64 programs in mj.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use super::habits::RUNNER;

/// Print the line that makes the kernel run riscv64 programs in mj
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Prints the line that registers mj with the kernel's binfmt_misc, so that riscv64 programs can be \
        started as any other. Nothing is changed: write the line, as root, to /proc/sys/fs/binfmt_misc/register.",
    after_help = "The kernel starts the interpreter with the program's path and arguments. It must therefore be mj \
        under the name mj-run, which is `mj run`:\n\n  \
        ln -s mj /usr/local/bin/mj-run\n  \
        mj binfmt --interpreter /usr/local/bin/mj-run > /proc/sys/fs/binfmt_misc/register\n  \
        echo -1 > /proc/sys/fs/binfmt_misc/mj-riscv64          take it back\n\n\
        MJ_LD_PREFIX in the environment names the root of a riscv64 system for dynamically linked programs."
)]
pub struct Args {
    /// Absolute path of mj under the name mj-run; beside this mj when not given
    #[arg(long, value_name = "PATH")]
    interpreter: Option<PathBuf>,
}

/// First bytes of a riscv64 ELF program or shared object: 64 bits, little-endian, any system; type 2 or 3; machine 243.
const MAGIC: &str = r"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xf3\x00";
/// The bits of them that count.
const MASK: &str = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff";

pub fn main(args: &Args) -> Result<u8> {
    let interpreter = match &args.interpreter {
        Some(path) => path.clone(),
        None => {
            std::env::current_exe().context("cannot find this program's own path")?.with_file_name(RUNNER)
        }
    };
    if !interpreter.is_absolute() {
        bail!("--interpreter {}: the path must be absolute", interpreter.display());
    }
    if interpreter.file_name().is_none_or(|name| name != RUNNER) {
        bail!(
            "--interpreter {}: the name must be {RUNNER}, by which mj knows what it is to do",
            interpreter.display()
        );
    }
    if !interpreter.exists() {
        eprintln!("mj: note: {} is not there yet; make it a link to mj", interpreter.display());
    }
    // F: the kernel opens the file now, so that it is found in other roots as well.
    super::print(&format!(":mj-riscv64:M::{MAGIC}:{MASK}:{}:F\n", interpreter.display()))?;
    Ok(0)
}
