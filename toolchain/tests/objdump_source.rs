//! `mj objdump` with source text, with what a run executed, and of one symbol.

mod common;

use std::path::PathBuf;
use std::process::Command;

use common::{mj, scratch, stderr, stdout, tool};

const OBJDUMP: &str = "riscv64-linux-gnu-objdump";
const GCC: &str = "riscv64-linux-gnu-gcc";

#[track_caller]
fn run(command: &mut Command) -> String {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}: {}", stderr(&out));
    stdout(&out)
}

/// Runs a loop of four rounds, a function that is never called, and two instructions that it writes onto the stack first.
const PROGRAM: &str = "\
        .globl  _start
_start: li      t0, 4
again:  addi    t0, t0, -1
        bnez    t0, again
        # mprotect of the stack's page; then a call of the function that is made there: nop; ret
        li      a0, -4096
        and     a0, a0, sp
        li      a1, 4096
        li      a2, 7
        li      a7, 226
        ecall
        addi    sp, sp, -16
        li      t1, 0x80820001
        sw      t1, 0(sp)
        fence.i
        jalr    ra, 0(sp)
        li      a7, 93
        li      a0, 0
        ecall
        .type   never, @function
never:  nop
        ret
";

fn program(name: &str) -> (PathBuf, PathBuf) {
    let dir = scratch(name);
    let (source, program) = (dir.join("prog.s"), dir.join("prog"));
    std::fs::write(&source, PROGRAM).expect("writable");
    run(mj().args(["as", "-g", "-o"]).args([&program, &source]));
    (dir, program)
}

#[test]
fn what_a_run_executed() {
    let (dir, program) = program("objdump-trace");
    let report = dir.join("run.json");
    run(mj().args(["run", "--stats=json", "--pc-counts", "--stats-file"]).args([&report, &program]));
    let counts = format!("--counts={}", report.display());
    let text = run(mj().args(["objdump", "--source=trace", &counts]).arg(&program));
    let line = |part: &str| {
        text.lines().find(|l| l.contains(part)).unwrap_or_else(|| panic!("no {part} in\n{text}"))
    };
    let count = |part: &str| line(part).split_whitespace().next().expect("a count").to_string();
    assert_eq!(count("\taddi\tt0,t0,-1"), "4");
    assert_eq!(count("\tbnez\tt0,"), "4");
    assert_eq!(count("\tli\tt0,4"), "1");
    assert_eq!(count("\tecall"), "1");
    assert!(line("<again>:").contains("executed, "), "{text}");
    assert!(!text.contains("never"), "{text}");
    // Code that is not in the file.
    let (_, rest) =
        text.split_once("Disassembly of what was executed and is not in the file:").expect("the rest");
    let rest: Vec<&str> = rest.lines().filter(|l| l.contains('\t')).collect();
    assert!(rest.len() == 2 && rest[0].ends_with("\tnop") && rest[1].ends_with("\tret"), "{text}");
    // All executions are listed once.
    let json: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&report).expect("the report")).expect("JSON");
    let counts = text
        .lines()
        .filter(|l| l.contains(":\t"))
        .filter_map(|l| l.split_whitespace().next()?.parse::<u64>().ok());
    assert_eq!(Some(counts.sum::<u64>()), json["instructions"].as_u64(), "{text}");
    // One symbol alone.
    let one = run(mj().args(["objdump", "--disassemble=again"]).arg(&program));
    assert!(one.contains("<again>:") && !one.contains("<_start>:") && !one.contains("<never>:"), "{one}");
}

#[test]
fn what_is_missing_is_said() {
    let (dir, program) = program("objdump-trace-errors");
    let report = dir.join("run.json");
    let said = |args: &[&str]| {
        let out = mj().arg("objdump").args(args).arg(&program).output().expect("mj starts");
        assert!(!out.status.success(), "{args:?}");
        stderr(&out)
    };
    assert!(said(&["--source=trace"]).contains("needs --counts FILE"));
    run(mj().args(["run", "--stats=json", "--stats-file"]).args([&report, &program]));
    let counts = format!("--counts={}", report.display());
    assert!(said(&["--source=trace", &counts]).contains("add --pc-counts"));
    assert!(said(&["-S", &counts]).contains("--counts goes with --source=trace"));
    assert!(said(&["--source=trace", "--counts=/nowhere"]).contains("cannot read /nowhere"));
    assert!(said(&["--disassemble=nothing"]).contains("no instructions of a symbol `nothing`"));
}

/// The listing with source of our own program and of gcc's object, as GNU objdump gives it.
#[test]
fn source_lines() {
    let (dir, program) = program("objdump-source");
    let text = run(mj().args(["objdump", "-S", "-l"]).arg(&program));
    assert!(text.contains("prog.s:4\n        bnez    t0, again\n"), "{text}");
    if tool(&[OBJDUMP]).is_none() || tool(&[GCC]).is_none() {
        return;
    }
    let source = common::root().join("test-programs/c/memory.c");
    for flags in [["-O1", "-gdwarf-5"], ["-O1", "-gdwarf-4"], ["-O0", "-gdwarf-3"]] {
        let object = dir.join("memory.o");
        run(Command::new(GCC).args(flags).args(["-w", "-c", "-o"]).args([&object, &source]));
        let ours = run(mj().args(["objdump", "-S"]).arg(&object));
        let theirs = run(Command::new(OBJDUMP).arg("-S").arg(&object));
        // Lines of source only: how instructions are written is compared elsewhere.
        let lines = |text: &str| -> Vec<String> {
            let code =
                |l: &&str| !l.split('\t').next().is_some_and(|a| a.ends_with(':') && a.starts_with(' '));
            text.lines().filter(code).map(String::from).collect()
        };
        let (a, b) = (lines(&ours), lines(&theirs));
        let at = a.iter().zip(&b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
        assert!(a == b, "{flags:?}, line {at}: mj {:?}, GNU {:?}", a.get(at..at + 3), b.get(at..at + 3));
    }
}
