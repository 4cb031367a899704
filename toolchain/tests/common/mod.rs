//! What the tests of the command line share.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The `mj` under test.
pub fn mj() -> Command {
    Command::new(env!("CARGO_BIN_EXE_mj"))
}

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository is there")
}

/// A scratch directory of this test process, by `name`.
pub fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&dir).expect("the scratch directory can be made");
    dir
}

pub fn stdout(out: &Output) -> String {
    String::from_utf8_lossy(&out.stdout).into_owned()
}

pub fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}

/// The first of `names` that can be started; says so and returns `None` if there is none.
pub fn tool(names: &[&str]) -> Option<String> {
    let found = names.iter().find(|n| Command::new(n).arg("--version").output().is_ok());
    if found.is_none() {
        eprintln!("skipped: this machine has none of {}", names.join(", "));
    }
    found.map(ToString::to_string)
}

/// The value of a C program's header line `// key: value`.
pub fn header<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let prefix = format!("{key}: ");
    text.lines().map_while(|l| l.strip_prefix("// ")).find_map(|l| l.strip_prefix(&prefix))
}

/// Splits at blanks outside double quotes.
pub fn words(text: &str) -> Vec<String> {
    let quoted = text.split('"').enumerate();
    let parts = quoted.flat_map(|(n, part)| {
        if n % 2 == 1 { vec![part.to_string()] } else { part.split_whitespace().map(String::from).collect() }
    });
    parts.collect()
}

/// The exit status as a shell shows it: the code, or 128 + the signal that killed the command.
pub fn status(out: &Output) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt;
    out.status.code().or_else(|| out.status.signal().map(|signal| 128 + signal))
}
