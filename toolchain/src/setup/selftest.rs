//! Proof that an installation works: a program with std, threads and unwinding is built and run in the emulator.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail};

use super::{GuestRust, TARGET};

const MANIFEST: &str = "[package]\nname = \"probe\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
/// The host half of cargo must work, too.
const BUILD_SCRIPT: &str = "fn main() {}\n";
const PROGRAM: &str = r#"fn main() {
    let caught = std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(1))).is_err();
    let words: Vec<String> = std::env::args().skip(1).collect();
    if caught && words == ["guest"] && std::env::consts::ARCH == "riscv64" {
        std::process::exit(42);
    }
}
"#;

/// Builds and runs the program in a directory under `prefix`, which is removed if all is well.
pub fn run(rust: &GuestRust, prefix: &Path) -> Result<()> {
    let dir = prefix.join("selftest");
    fs::create_dir_all(dir.join("src")).with_context(|| format!("cannot make {}", dir.display()))?;
    for (file, text) in [("Cargo.toml", MANIFEST), ("build.rs", BUILD_SCRIPT), ("src/main.rs", PROGRAM)] {
        fs::write(dir.join(file), text)
            .with_context(|| format!("cannot write {file} in {}", dir.display()))?;
    }
    let built = rust
        .cargo()
        .current_dir(&dir)
        .args(["build", "--release", "--offline", "--quiet", "--target-dir", "target"])
        .output()
        .context("cannot start cargo")?;
    if !built.status.success() {
        bail!("a test program does not build:\n{}", String::from_utf8_lossy(&built.stderr).trim());
    }
    let program = dir.join("target").join(TARGET).join("release/probe");
    let mut machine = emu::Machine::builder(&program)
        .args(["guest"])
        .build()
        .map_err(|e| anyhow!("the test program: {e}"))?;
    let status = machine.run().exit.status();
    if status != 42 {
        bail!("the test program ended with status {status}, not 42");
    }
    fs::remove_dir_all(&dir).with_context(|| format!("cannot remove {}", dir.display()))
}
