//! Guest programs: building them from this repository's sources, and the options of the Python guest.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::ValueEnum;

use crate::setup::{self, Progress, TARGET};

/// How the JIT compiles guards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Guards {
    /// As PyPy's RISC-V back end does: a taken branch over a jump, constants from memory
    Naive,
    /// The best that RV64GC software can do
    Soft,
    /// The guard extension
    Hw,
}

/// A switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OnOff {
    On,
    Off,
}

/// Options of the guest program `mj-python`, before the Python file in its argument list.
#[derive(Debug, Clone)]
pub struct PythonOptions {
    pub guards: Guards,
    pub jit: OnOff,
    pub patterns: OnOff,
    pub trace_log: Option<PathBuf>,
    /// Where the guest writes what each machine instruction of its traces is (see [`crate::bench::codemap`]).
    pub code_map: Option<PathBuf>,
    /// Further options of the guest, `name=value`.
    pub extra: Vec<String>,
}

impl PythonOptions {
    /// The guest's arguments for these options.
    pub fn argv(&self) -> Vec<OsString> {
        let name =
            |v: Option<clap::builder::PossibleValue>| v.map_or(String::new(), |v| v.get_name().to_string());
        let mut argv: Vec<OsString> = vec![
            format!("--guards={}", name(self.guards.to_possible_value())).into(),
            format!("--jit={}", name(self.jit.to_possible_value())).into(),
            format!("--patterns={}", name(self.patterns.to_possible_value())).into(),
        ];
        argv.extend(self.extra.iter().map(|x| format!("--{x}").into()));
        for (option, file) in [("--trace-log=", &self.trace_log), ("--code-map=", &self.code_map)] {
            if let Some(file) = file {
                let mut arg = OsString::from(option);
                arg.push(file);
                argv.push(arg);
            }
        }
        argv
    }
}

/// The directory of this repository: `MJ_SOURCE`, or where mj was built.
pub fn source_root() -> Result<PathBuf> {
    let root = match std::env::var_os("MJ_SOURCE") {
        Some(dir) => PathBuf::from(dir),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join(".."),
    };
    if !root.join("jit-riscv/Cargo.toml").is_file() {
        bail!(
            "{} does not hold mj's sources, which guests are built from; set MJ_SOURCE to the directory that does",
            root.display()
        );
    }
    root.canonicalize().with_context(|| format!("cannot open {}", root.display()))
}

/// Builds the guest `package` (a crate of this workspace with a binary of the same name) if its sources
/// have changed, setting up the compiler first if need be. Returns the ELF file.
pub fn build(package: &str) -> Result<PathBuf> {
    let root = source_root()?;
    let rust = setup::ensure(false)?;
    let target_dir = root.join("target/guest");
    let mut command = rust.cargo();
    command
        .current_dir(&root)
        .args(["build", "--release", "--quiet", "--package", package])
        .arg("--target-dir")
        .arg(&target_dir);
    let built = watched(&mut command, &format!("building the guest {package}"))
        .context("cannot start cargo, which builds the guest")?;
    if !built.status.success() {
        bail!("the guest {package} does not build:\n{}", String::from_utf8_lossy(&built.stderr).trim());
    }
    let elf = target_dir.join(TARGET).join("release").join(package);
    if !elf.is_file() {
        bail!("cargo built no {}", elf.display());
    }
    Ok(elf)
}

/// Runs `command` to its end; shows that it runs if it takes longer than cargo needs to find nothing to do.
fn watched(command: &mut Command, what: &str) -> std::io::Result<Output> {
    std::thread::scope(|scope| {
        let job = scope.spawn(|| command.output());
        let started = Instant::now();
        let mut progress = None;
        while !job.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
            if progress.is_none() && started.elapsed() > Duration::from_secs(1) {
                let shown = Progress::new("mj");
                shown.step(what.to_string());
                progress = Some(shown);
            }
        }
        job.join().unwrap_or_else(|_| Err(std::io::Error::other("the build was cut short")))
    })
}
