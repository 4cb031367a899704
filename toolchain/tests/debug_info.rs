//! `mj as -g`: line table, units, functions and ranges as GNU as writes them, in every DWARF version; and what is linked has them.

mod common;

use std::path::Path;
use std::process::Command;

use common::{mj, root, scratch, stderr, stdout, tool};

const AS: &str = "riscv64-linux-gnu-as";
const READELF: &str = "riscv64-linux-gnu-readelf";
const ADDR2LINE: &str = "riscv64-linux-gnu-addr2line";
const SOURCES: [&str; 3] = ["sections.s", "functions.s", "preprocessed.s"];

#[track_caller]
fn run(command: &mut Command) -> String {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}: {}", stderr(&out));
    stdout(&out)
}

/// readelf's reading of a table, without who wrote it and where strings lie.
fn table(option: &str, object: &Path) -> String {
    let text = run(Command::new(READELF).arg(option).arg(object));
    let lines = text.lines().filter(|l| !l.contains("DW_AT_producer"));
    let plain = |l: &str| match l.split_once("offset: 0x") {
        Some((head, tail)) => format!("{head}{}", tail.trim_start_matches(|c: char| c.is_ascii_hexdigit())),
        None => l.to_string(),
    };
    lines.map(plain).collect::<Vec<_>>().join("\n")
}

#[test]
fn tables_are_those_of_gnu_as() {
    if tool(&[AS]).is_none() || tool(&[READELF]).is_none() {
        return;
    }
    let dir = scratch("debug-info");
    // Relative names, so that directories come in.
    for (folder, place) in [("toolchain/tests/data/debug", "."), ("toolchain/tests", "data/debug")] {
        for name in SOURCES {
            for version in 2..=5 {
                let (ours, theirs) = (dir.join("mj.o"), dir.join("gnu.o"));
                let source = if place == "." { name.to_string() } else { format!("{place}/{name}") };
                let version = format!("--gdwarf-{version}");
                let assemble = |command: &mut Command, output: &Path| {
                    command.current_dir(root().join(folder)).args(["-I", place]);
                    run(command
                        .arg(&version)
                        .args(["-march=rv64gc", "-misa-spec=20191213", "-o"])
                        .arg(output)
                        .arg(&source));
                };
                assemble(Command::new(AS).arg("--warn"), &theirs);
                assemble(mj().args(["as", "-c"]), &ours);
                for option in ["-wl", "-wL", "-wi", "-wa", "-wr", "-wR"] {
                    let (a, b) = (table(option, &ours), table(option, &theirs));
                    let differs = a.lines().zip(b.lines()).find(|(a, b)| a != b);
                    assert_eq!(
                        a, b,
                        "{source} {version} {option}: mj and GNU as differ first in {differs:?}"
                    );
                }
            }
        }
    }
}

/// A program made without a linker has its lines, and a compiler's own description is left alone.
#[test]
fn programs_have_lines() {
    if tool(&[ADDR2LINE]).is_none() {
        return;
    }
    let dir = scratch("debug-program");
    let (source, program) = (dir.join("prog.s"), dir.join("prog"));
    std::fs::write(&source, "_start:\n\tli a0, 7\n\n\tli a7, 93\n\tecall\n").expect("writable");
    run(mj().args(["as", "-g", "-o"]).args([&program, &source]));
    let listing = run(mj().args(["objdump", "-d"]).arg(&program));
    let call = listing.lines().find(|l| l.ends_with("ecall")).expect("the call is listed");
    let address = call.trim().split(':').next().expect("an address");
    let line = run(Command::new(ADDR2LINE).arg("-e").arg(&program).arg(address));
    assert!(line.trim().ends_with("prog.s:5"), "{line}");
    assert_eq!(common::status(&mj().arg("run").arg(&program).output().expect("mj starts")), Some(7));

    let text = ".file 1 \"a.c\"\n.text\nf: .loc 1 9\nnop\nret\n";
    std::fs::write(&source, text).expect("writable");
    run(mj().args(["as", "-c", "-g", "-o"]).args([&program, &source]));
    let sections = run(mj().args(["objdump", "-h"]).arg(&program));
    assert!(sections.contains(".debug_line") && !sections.contains(".debug_info"), "{sections}");
}

/// Messages about preprocessed text name the place before preprocessing.
#[test]
fn messages_follow_the_preprocessor() {
    let source = scratch("debug-info").join("broken.s");
    std::fs::write(&source, "# 1 \"first.S\"\n nop\n# 40 \"second.h\" 1\n nop\n bad a0\n").expect("writable");
    let out = mj().args(["as", "-c", "-o", "/dev/null"]).arg(&source).output().expect("mj starts");
    assert!(stderr(&out).starts_with("second.h:41:2: error: unknown instruction `bad`"), "{}", stderr(&out));
}
