//! The Rust target that guest programs are built for: finding it, or installing it privately.
//!
//! Two ways lead to a compiler for [`TARGET`]:
//! 1. rustup's own target is installed for the current toolchain, and a riscv64 C compiler can link for it;
//! 2. Debian's rustc, riscv64 standard library, lld and static libc are unpacked into a prefix of our own
//!    ([`debian`]). That rustc runs with its own suite's libc, so the machine's libc does not matter.

mod apt;
mod debian;
mod progress;
mod selftest;
mod tools;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

pub use progress::Progress;

/// The Rust target triple of guests.
pub const TARGET: &str = "riscv64gc-unknown-linux-gnu";

/// A cross linker that goes with rustup's target.
const CROSS_GCC: &str = "riscv64-linux-gnu-gcc";

/// A usable compiler for guests.
#[derive(Debug, Clone)]
pub struct GuestRust {
    /// The compiler; cargo's own choice if `None` (rustup's target).
    rustc: Option<PathBuf>,
    linker: PathBuf,
    /// Flags for rustc besides static linking.
    flags: Vec<String>,
    /// What it is, in words.
    origin: String,
}

impl fmt::Display for GuestRust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{TARGET}: {}, linked by {}", self.origin, self.linker.display())
    }
}

impl GuestRust {
    /// A `cargo` command that builds for [`TARGET`], statically linked, with nothing inherited from a cargo
    /// that may have started mj.
    pub fn cargo(&self) -> Command {
        let mut command = Command::new("cargo");
        for name in [
            "RUSTFLAGS",
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "LD_LIBRARY_PATH",
        ] {
            command.env_remove(name);
        }
        let mut flags = vec!["-C".to_string(), "target-feature=+crt-static".to_string()];
        flags.extend(self.flags.iter().cloned());
        command
            .env("CARGO_BUILD_TARGET", TARGET)
            .env("CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_LINKER", &self.linker)
            .env("CARGO_TARGET_RISCV64GC_UNKNOWN_LINUX_GNU_RUSTFLAGS", flags.join(" "))
            // Dependencies are chosen that this compiler, maybe another than the host's, can build.
            .env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback");
        if let Some(rustc) = &self.rustc {
            command.env("RUSTC", rustc);
        }
        command
    }
}

/// Where a private installation lives: `MJ_GUEST_RUST`, or `mj/guest-rust` in the user's cache directory.
pub fn prefix() -> Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    if let Some(dir) = set("MJ_GUEST_RUST") {
        return std::path::absolute(&dir).with_context(|| format!("MJ_GUEST_RUST={}", dir.display()));
    }
    let cache = set("XDG_CACHE_HOME")
        .filter(|d| d.is_absolute())
        .or_else(|| set("HOME").map(|h| h.join(".cache")))
        .context("neither MJ_GUEST_RUST nor HOME says where to install the guest's compiler")?;
    Ok(cache.join("mj/guest-rust"))
}

/// What is installed already, if it is usable.
pub fn find() -> Result<Option<GuestRust>> {
    if let Some(found) = rustup_target() {
        return Ok(Some(found));
    }
    debian::installed(&prefix()?)
}

/// What is installed, after installing it if need be (or in any case, with `force`).
pub fn ensure(force: bool) -> Result<GuestRust> {
    if let Some(found) = rustup_target() {
        return Ok(found);
    }
    let prefix = prefix()?;
    if !force && let Some(found) = debian::installed(&prefix)? {
        return Ok(found);
    }
    claim(&prefix)?;
    let lock_file = prefix.join(".lock");
    let lock =
        fs::File::create(&lock_file).with_context(|| format!("cannot write {}", lock_file.display()))?;
    lock.lock().with_context(|| format!("cannot lock {}", lock_file.display()))?;
    // Another mj may have finished the job while this one waited.
    if !force && let Some(found) = debian::installed(&prefix)? {
        return Ok(found);
    }
    debian::install(&prefix)
}

/// Makes sure that `prefix` is a directory of ours: new, empty, or marked by an earlier installation.
fn claim(prefix: &Path) -> Result<()> {
    const MARK: &str = ".mj-guest-rust";
    fs::create_dir_all(prefix).with_context(|| format!("cannot make {}", prefix.display()))?;
    let mark = prefix.join(MARK);
    let occupied =
        fs::read_dir(prefix).with_context(|| format!("cannot read {}", prefix.display()))?.next().is_some();
    if occupied && !mark.exists() {
        bail!("{} holds something else; set MJ_GUEST_RUST to an empty directory", prefix.display());
    }
    fs::write(&mark, "mj keeps the compiler of its guest programs here; it may be deleted\n")
        .with_context(|| format!("cannot write {}", mark.display()))
}

/// rustup's target, if it is installed for the current toolchain and there is a linker for it.
fn rustup_target() -> Option<GuestRust> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    let library = Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).join("lib");
    if !library.is_dir() {
        return None;
    }
    // It must be able to link statically: its libc.a is a real path, not just the name given back.
    let libc = output(Command::new(CROSS_GCC).arg("-print-file-name=libc.a"))?;
    if !Path::new(libc.trim()).is_absolute() {
        return None;
    }
    Some(GuestRust {
        rustc: None,
        linker: CROSS_GCC.into(),
        flags: Vec::new(),
        origin: format!("rustup's target in {}", sysroot.trim()),
    })
}

/// The standard output of a command that succeeds.
fn output(command: &mut Command) -> Option<String> {
    let out = command.output().ok()?;
    out.status.success().then(|| String::from_utf8_lossy(&out.stdout).into_owned())
}
