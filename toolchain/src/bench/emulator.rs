//! The emulator's own benchmark: C programs in mj, natively, and in QEMU where that is installed.
//!
//! Times are user times of whole processes, the least of a few runs; as the machine's other work disturbs them, only the
//! ratios of one table mean something. mj counts every instruction while it runs, as always.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use indicatif::ProgressBar;
use serde::Serialize;

/// Runs of each program, of which the fastest counts.
const RUNS: usize = 3;
/// The cross compiler.
const CROSS: &str = "riscv64-linux-gnu-gcc";

/// Times of one program.
#[derive(Debug, Serialize)]
pub struct Workload {
    pub name: String,
    /// User time of the native program in seconds.
    pub native: f64,
    /// mj's time as a multiple of it.
    pub mj: f64,
    /// QEMU's time as a multiple of it.
    pub qemu: Option<f64>,
    /// Whether all printed the same.
    pub same: bool,
}

/// All programs; displays as the table.
#[derive(Debug, Serialize)]
pub struct Report {
    pub schema: &'static str,
    /// The version that QEMU says it is.
    pub qemu: Option<String>,
    pub workloads: Vec<Workload>,
}

/// Measures the programs of `test-programs/c/workloads` with these names, or all. Errors: no such program, or a
/// compiler is missing or fails.
pub fn run(names: &[String]) -> Result<Report> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-programs/c/workloads");
    let mut sources: Vec<PathBuf> = std::fs::read_dir(&dir)
        .with_context(|| format!("cannot read {}", dir.display()))?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|e| e == "c"))
        .collect();
    sources.sort();
    let name_of = |path: &Path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    if let Some(unknown) = names.iter().find(|n| !sources.iter().any(|s| name_of(s) == **n)) {
        let known: Vec<String> = sources.iter().map(|s| name_of(s)).collect();
        bail!("there is no workload {unknown:?}; there are {}", known.join(", "));
    }
    sources.retain(|s| names.is_empty() || names.contains(&name_of(s)));
    let qemu = ["qemu-riscv64", "qemu-riscv64-static"].into_iter().find_map(|name| {
        let out = Command::new(name).arg("--version").output().ok()?;
        let version = String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or_default().to_owned();
        Some((name, version))
    });
    let work = std::env::temp_dir().join(format!("mj-emulator-{}", std::process::id()));
    std::fs::create_dir_all(&work).with_context(|| format!("cannot make {}", work.display()))?;
    let bar = ProgressBar::new(sources.len() as u64);
    let mut workloads = Vec::new();
    for source in &sources {
        bar.set_message(name_of(source));
        workloads.push(measure(source, &work, name_of(source), qemu.as_ref().map(|q| q.0))?);
        bar.inc(1);
    }
    bar.finish_and_clear();
    // What is left behind there is only our own.
    let _ = std::fs::remove_dir_all(&work);
    Ok(Report { schema: "mj-bench-emulator/1", qemu: qemu.map(|q| q.1), workloads })
}

fn measure(source: &Path, work: &Path, name: String, qemu: Option<&str>) -> Result<Workload> {
    let guest = work.join(format!("{name}.riscv64"));
    let native = work.join(&name);
    compile(CROSS, &["-O2", "-static"], source, &guest)?;
    compile("cc", &["-O2"], source, &native)?;
    let mj = std::env::current_exe().context("cannot find mj's own file")?;
    let (native_time, expected) = fastest(&mut Command::new(&native))?;
    let (mj_time, output) = fastest(Command::new(mj).arg("run").arg(&guest))?;
    let mut same = output == expected;
    let qemu = match qemu {
        Some(qemu) => {
            let (time, output) = fastest(Command::new(qemu).arg(&guest))?;
            same &= output == expected;
            Some(time / native_time)
        }
        None => None,
    };
    Ok(Workload { name, native: native_time, mj: mj_time / native_time, qemu, same })
}

fn compile(compiler: &str, flags: &[&str], source: &Path, to: &Path) -> Result<()> {
    let status = Command::new(compiler).args(flags).arg("-o").arg(to).arg(source).arg("-lm").status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => bail!("{compiler} {} failed ({status})", source.display()),
        Err(e) => bail!(
            "cannot run {compiler}: {e}; the workloads are C programs (Debian: apt install gcc gcc-riscv64-linux-gnu)"
        ),
    }
}

/// The least user time of a few runs in seconds, and the output.
fn fastest(command: &mut Command) -> Result<(f64, Vec<u8>)> {
    let mut best = f64::INFINITY;
    let mut output = Vec::new();
    for _ in 0..RUNS {
        let before = children_time();
        let out = command
            .stdin(Stdio::null())
            .stderr(Stdio::inherit())
            .output()
            .with_context(|| format!("cannot run {:?}", command.get_program()))?;
        if !out.status.success() {
            bail!("{:?} failed ({})", command.get_program(), out.status);
        }
        best = best.min(children_time() - before);
        output = out.stdout;
    }
    Ok((best.max(1e-6), output))
}

/// User time of all children that have ended, in seconds.
fn children_time() -> f64 {
    let usage = children_usage();
    usage.tv_sec as f64 + usage.tv_usec as f64 / 1e6
}

fn children_usage() -> libc::timeval {
    // SAFETY: an all-zero rusage is valid, and the call fills it.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_CHILDREN, &raw mut usage);
        usage.ru_utime
    }
}

impl Report {
    /// Whether every program printed the same everywhere.
    pub fn all_good(&self) -> bool {
        self.workloads.iter().all(|w| w.same)
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let logs: Vec<f64> = values.map(f64::ln).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "User time as a multiple of the native program's; mj counts instructions meanwhile.")?;
        if let Some(version) = &self.qemu {
            writeln!(f, "QEMU is {version}.")?;
        }
        writeln!(f, "\n{:<12} {:>9} {:>7} {:>7}", "workload", "native s", "mj", "QEMU")?;
        let column = |value: Option<f64>| value.map_or_else(|| "-".into(), |v| format!("{v:.2}"));
        for w in &self.workloads {
            let note = if w.same { "" } else { "  OUTPUT DIFFERS" };
            writeln!(f, "{:<12} {:>9.2} {:>7.2} {:>7}{note}", w.name, w.native, w.mj, column(w.qemu))?;
        }
        let mj = mean(self.workloads.iter().map(|w| w.mj));
        let qemu = mean(self.workloads.iter().filter_map(|w| w.qemu));
        writeln!(f, "{:<12} {:>9} {:>7} {:>7}", "geom. mean", "", column(mj), column(qemu))
    }
}
