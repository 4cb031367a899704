//! `mj objdump` against GNU objdump: the same tables, and the same listing but for what older versions name otherwise.

mod common;

use std::path::Path;
use std::process::Command;

use common::{mj, root, scratch, stderr, stdout, tool};

const OBJDUMP: &str = "riscv64-linux-gnu-objdump";
const GCC: &str = "riscv64-linux-gnu-gcc";

fn both(file: &Path, options: &[&str]) -> (String, String) {
    let ours = mj().arg("objdump").args(options).arg(file).output().expect("mj starts");
    assert!(ours.status.success(), "{options:?}: {}", stderr(&ours));
    let theirs = Command::new(OBJDUMP).args(options).arg(file).output().expect("GNU objdump starts");
    (stdout(&ours), stdout(&theirs))
}

/// A listing line without the guess at an address behind `#`, and with immediate forms called by their names:
/// older versions write `add` for `addi`.
fn plain(line: &str) -> String {
    let line = line.split(" #").next().unwrap_or("").trim_end();
    let Some((head, operands)) = line.rsplit_once('\t') else { return line.to_string() };
    let Some((place, name)) = head.rsplit_once('\t') else { return line.to_string() };
    let last = operands.rsplit(',').next().unwrap_or("");
    let number =
        last.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit()) && !last.contains('(');
    let name = match name {
        "add" | "and" | "or" | "xor" | "slt" | "sll" | "srl" | "sra" if number => format!("{name}i"),
        "addw" | "sllw" | "srlw" | "sraw" if number => format!("{}iw", name.trim_end_matches('w')),
        "sltu" if number => "sltiu".to_string(),
        _ => name.to_string(),
    };
    format!("{place}\t{name}\t{operands}")
}

#[test]
fn tables_and_listings() {
    if tool(&[OBJDUMP]).is_none() || tool(&[GCC]).is_none() {
        return;
    }
    let dir = scratch("gnu-objdump");
    for name in ["memory", "floats", "files"] {
        let source = root().join(format!("test-programs/c/{name}.c"));
        let file = dir.join(format!("{name}.o"));
        let out = Command::new(GCC).args(["-w", "-O2", "-c", "-o"]).args([&file, &source]).output();
        assert!(out.expect("the compiler starts").status.success(), "{name}");
        for options in [&["-h"][..], &["-t"], &["-r"], &["-h", "-t"]] {
            let (ours, theirs) = both(&file, options);
            assert_eq!(ours, theirs, "{name} {options:?}");
        }
        for options in [&["-d"][..], &["-d", "-r"], &["-d", "-M", "numeric"]] {
            let (ours, theirs) = both(&file, options);
            for (a, b) in ours.lines().zip(theirs.lines()) {
                assert_eq!(plain(a), plain(b), "{name} {options:?}");
            }
            assert_eq!(ours.lines().count(), theirs.lines().count(), "{name} {options:?}");
        }
    }
}
