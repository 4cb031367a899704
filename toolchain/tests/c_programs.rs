//! Compiles the programs of `test-programs/c` with the machine's cross compiler and runs them in the emulator.

mod common;

use std::path::Path;
use std::process::Command;

use common::{mj, root, scratch, stderr, stdout, tool};

/// The values of the header lines `// key: value`.
fn header<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let prefix = format!("{key}: ");
    text.lines().map_while(|l| l.strip_prefix("// ")).find_map(|l| l.strip_prefix(&prefix))
}

/// Splits at blanks outside double quotes.
fn words(text: &str) -> Vec<String> {
    let quoted = text.split('"').enumerate();
    let parts = quoted.flat_map(|(n, part)| {
        if n % 2 == 1 { vec![part.to_string()] } else { part.split_whitespace().map(String::from).collect() }
    });
    parts.collect()
}

fn run(source: &Path, compiler: &str, dir: &Path) {
    let name = source.display();
    let program = dir.join(source.file_stem().expect("a name"));
    let out = Command::new(compiler)
        .args(["-O2", "-static", "-o"])
        .arg(&program)
        .arg(source)
        .arg("-lm")
        .output()
        .expect("the compiler starts");
    assert!(out.status.success(), "{name}: {}", stderr(&out));
    let text = std::fs::read_to_string(source).expect("a readable program");
    let expected = std::fs::read_to_string(source.with_extension("expected")).expect("an .expected file");
    let args = words(header(&text, "run").unwrap_or(""));
    let status: i32 = header(&text, "status").map_or(0, |s| s.parse().expect("a status"));
    let out = mj().arg("run").arg(&program).args(&args).output().expect("mj starts");
    assert_eq!(stdout(&out), expected, "{name}: {}", stderr(&out));
    assert_eq!(out.status.code(), Some(status), "{name}: {}", stderr(&out));
    if let Some(part) = header(&text, "stderr") {
        assert!(stderr(&out).contains(part), "{name}: {} lacks {part}", stderr(&out));
    }
}

fn run_all(extension: &str, compiler: &str) {
    if tool(&[compiler]).is_none() {
        return;
    }
    let dir = scratch(&format!("c-programs-{extension}"));
    let folder = root().join("test-programs/c");
    let mut sources: Vec<_> =
        std::fs::read_dir(&folder).expect("the folder is there").flatten().map(|e| e.path()).collect();
    sources.retain(|p| p.extension().is_some_and(|e| e == extension));
    sources.sort();
    assert!(!sources.is_empty(), "no programs in {}", folder.display());
    for source in &sources {
        run(source, compiler, &dir);
    }
}

#[test]
fn c_programs() {
    run_all("c", "riscv64-linux-gnu-gcc");
}

#[test]
fn cpp_programs() {
    run_all("cc", "riscv64-linux-gnu-g++");
}
