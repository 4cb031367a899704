//! A private installation from Debian's packages: which packages, what of them, and where.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};

use super::apt::{self, Suite};
use super::{GuestRust, Progress, output, selftest, tools};

/// Suites and compiler packages, in the order in which they are tried. `rustc-web` is the newer compiler
/// that a stable suite carries for its browsers.
const ROUTES: [(&str, &str); 3] = [("trixie", "rustc-web"), ("trixie", "rustc"), ("forky", "rustc")];

/// Holds the description of a finished installation; its absence means that there is none.
const COMPLETE: &str = ".complete";

/// Layout of the installation; another number means that it must be made anew.
const LAYOUT: &str = "mj-guest-rust 1";

/// The installation in `prefix`, if it is complete and its compiler runs.
pub fn installed(prefix: &Path) -> Result<Option<GuestRust>> {
    let Ok(text) = fs::read_to_string(prefix.join(COMPLETE)) else { return Ok(None) };
    let Some((layout, origin)) = text.split_once('\n') else { return Ok(None) };
    let rust = tools::guest_rust(prefix, origin.trim());
    let runs = rust.rustc.as_deref().is_some_and(|r| output(Command::new(r).arg("-V")).is_some());
    Ok((layout == LAYOUT && runs).then_some(rust))
}

/// Installs into `prefix`, which is ours.
pub fn install(prefix: &Path) -> Result<GuestRust> {
    missing_tools()?;
    let mirror = apt::mirror().context(
        "no Debian mirror in this machine's apt sources. Install rustup's target instead: \
         `rustup target add riscv64gc-unknown-linux-gnu`, and a riscv64-linux-gnu-gcc",
    )?;
    let _ = fs::remove_file(prefix.join(COMPLETE));
    let mut failures = Vec::new();
    for (suite, package) in ROUTES {
        match route(prefix, &mirror, suite, package) {
            Ok(rust) => return Ok(rust),
            Err(error) => {
                eprintln!("mj setup: {suite}, {package}: {error:#}");
                failures.push(format!("{suite}/{package}: {error:#}"));
            }
        }
    }
    bail!("the guest's compiler could not be installed:\n  {}", failures.join("\n  "))
}

/// Says plainly what this way of installing needs and the machine lacks.
fn missing_tools() -> Result<()> {
    if !cfg!(target_arch = "x86_64") {
        bail!(
            "the private installation is for x86-64 machines; install rustup's target \
             riscv64gc-unknown-linux-gnu and riscv64-linux-gnu-gcc instead"
        );
    }
    let lacking: Vec<&str> = ["apt-get", "apt-cache", "dpkg-deb", "tar", "cargo", "cc"]
        .into_iter()
        .filter(|tool| !on_path(tool))
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    bail!(
        "installing the guest's compiler needs {}, which this machine lacks; without apt, install rustup's target \
         riscv64gc-unknown-linux-gnu and riscv64-linux-gnu-gcc instead",
        lacking.join(", ")
    )
}

fn on_path(tool: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| std::env::split_paths(&path).any(|d| d.join(tool).is_file()))
}

fn route(prefix: &Path, mirror: &str, suite: &str, package: &str) -> Result<GuestRust> {
    let progress = Progress::new("mj setup");
    progress.step(format!("package lists of {suite}"));
    let apt_dir = prefix.join("apt");
    let opened = Suite::open(&apt_dir.join(suite), mirror, suite)?;
    let wanted = packages(&opened, package)?;
    progress
        .step(format!("downloading {} {} and the riscv64 library, about 130 MB", package, wanted.version));
    let archives = opened.archives();
    clear_archives(&archives)?;
    watch(&progress, &archives, &wanted.version, || {
        opened.download_with_dependencies(&wanted.closure)?;
        opened.download_alone(&wanted.alone)
    })?;
    progress.step("unpacking".to_string());
    let new_root = prefix.join("root.new");
    remove(&new_root)?;
    fs::create_dir_all(&new_root).with_context(|| format!("cannot make {}", new_root.display()))?;
    for deb in debs(&archives)? {
        unpack(&deb, &new_root)?;
    }
    let root = prefix.join("root");
    remove(&root)?;
    fs::rename(&new_root, &root).with_context(|| format!("cannot rename to {}", root.display()))?;
    remove(&apt_dir)?;
    let origin = format!("Debian's {package} {} in {}", wanted.version, prefix.display());
    tools::write(prefix)?;
    let rust = tools::guest_rust(prefix, &origin);
    progress.step("testing: a program is built and run".to_string());
    selftest::run(&rust, prefix)?;
    fs::write(prefix.join(COMPLETE), format!("{LAYOUT}\n{origin}\n"))
        .context("cannot finish the installation")?;
    Ok(rust)
}

/// What a route downloads.
struct Packages {
    version: String,
    /// With all their dependencies: the compiler's shared libraries down to libc, and lld.
    closure: Vec<String>,
    /// Alone, for they depend on more than is wanted here.
    alone: Vec<String>,
}

fn packages(suite: &Suite, package: &str) -> Result<Packages> {
    let pick = |of: &str, fits: &dyn Fn(&str) -> bool| -> Result<String> {
        let names = suite.depends(of)?;
        names
            .into_iter()
            .find(|n| fits(n))
            .ok_or_else(|| anyhow!("{of} does not depend on what was expected"))
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    // rustc needs libstd-rust-dev (or -web-dev), that needs the versioned run-time library, that LLVM.
    let dev = pick(&format!("{package}:amd64"), &|n| n.starts_with("libstd-rust") && n.ends_with("-dev"))?;
    let run = pick(&format!("{dev}:amd64"), &|n| {
        n.starts_with("libstd-rust") && n.ends_with(|c: char| c.is_ascii_digit())
    })?;
    let llvm = pick(&format!("{run}:amd64"), &|n| n.strip_prefix("libllvm").is_some_and(digits))?;
    let gcc = pick("gcc-riscv64-linux-gnu:amd64", &|n| {
        n.strip_prefix("gcc-").and_then(|n| n.strip_suffix("-riscv64-linux-gnu")).is_some_and(digits)
    })?;
    let version = suite.field(&format!("{package}:amd64"), "Version")?;
    let guest = suite.field(&format!("{dev}:riscv64"), "Version")?;
    // A rebuild (+b1) keeps the compiler's version; everything else must agree.
    let plain = |v: &str| v.split_once("+b").map_or(v.to_string(), |(head, _)| head.to_string());
    if plain(&version) != plain(&guest) {
        bail!("the compiler is {version}, the riscv64 library {guest}; the mirror lags");
    }
    let llvm_version = llvm.trim_start_matches("libllvm");
    let gcc_version = gcc.trim_start_matches("gcc-").trim_end_matches("-riscv64-linux-gnu");
    Ok(Packages {
        version,
        closure: vec![format!("{run}:amd64"), format!("lld-{llvm_version}:amd64")],
        alone: vec![
            format!("{package}:amd64"),
            format!("{dev}:amd64"),
            format!("{dev}:riscv64"),
            "libc6-dev-riscv64-cross".to_string(),
            format!("libgcc-{gcc_version}-dev-riscv64-cross"),
        ],
    })
}

fn clear_archives(archives: &Path) -> Result<()> {
    remove(archives)?;
    fs::create_dir_all(archives.join("partial"))
        .with_context(|| format!("cannot make {}", archives.display()))
}

/// Runs `work` while showing how much has arrived in `archives`.
fn watch(
    progress: &Progress,
    archives: &Path,
    version: &str,
    work: impl FnOnce() -> Result<()> + Send,
) -> Result<()> {
    std::thread::scope(|scope| {
        let job = scope.spawn(work);
        while !job.is_finished() {
            std::thread::sleep(Duration::from_millis(250));
            let megabytes = (size(archives) + size(&archives.join("partial"))) >> 20;
            progress.detail(format!("downloading {version}, {megabytes} of about 130 MB"));
        }
        job.join().map_err(|_| anyhow!("the download was cut short"))?
    })
}

/// Bytes in the files directly in `dir`.
fn size(dir: &Path) -> u64 {
    let files = fs::read_dir(dir).into_iter().flatten().flatten();
    files.filter_map(|f| f.metadata().ok()).filter(|m| m.is_file()).map(|m| m.len()).sum()
}

fn debs(archives: &Path) -> Result<Vec<PathBuf>> {
    let listing = fs::read_dir(archives).with_context(|| format!("cannot read {}", archives.display()))?;
    let files = listing.flatten().map(|e| e.path());
    Ok(files.filter(|p| p.extension().is_some_and(|e| e == "deb")).collect())
}

/// Unpacks what is needed of one package.
fn unpack(deb: &Path, root: &Path) -> Result<()> {
    let name = deb.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // Of the C libraries only what a static link takes; of the others no documentation.
    let patterns: &[&str] = if name.starts_with("libgcc-") && name.contains("-cross_") {
        &["*/libgcc.a", "*/libgcc_eh.a", "*/libatomic.a", "*/crt*.o"]
    } else if name.starts_with("libc6-dev-") && name.contains("-cross_") {
        &["*/lib/*.a", "*/lib/*crt*.o"]
    } else {
        &["--exclude=./usr/share/*", "--exclude=*/gconv/*"]
    };
    let mut reader = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(deb)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start dpkg-deb")?;
    let stdout = reader.stdout.take().context("dpkg-deb has no output")?;
    let tar = Command::new("tar")
        .args(["-x", "--no-same-owner", "--wildcards", "-C"])
        .arg(root)
        .args(patterns)
        .stdin(stdout)
        .output()
        .context("cannot start tar")?;
    let read = reader.wait().context("dpkg-deb was lost")?;
    if !tar.status.success() || !read.success() {
        bail!("{name} cannot be unpacked: {}", String::from_utf8_lossy(&tar.stderr).trim());
    }
    Ok(())
}

/// Removes a directory and all in it, if it exists.
fn remove(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(e).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}
