//! Assembles and runs the self-checking programs of `test-programs/asm`.
//!
//! A program's header comment says what must come of it: `# stdout: TEXT` (a line), `# status: N`
//! (0 if not given), `# stderr: TEXT` (must occur), `# phase N: COUNT` and `# roi: COUNT` (instructions
//! that the report must count there). Those under `rv64/` are plain RV64GC and run under QEMU too. Those under
//! `custom/` use instructions of `# isa-file: FILE`; `# count MNEMONIC: N`, `# class NAME: N`, `# extension NAME: N` and
//! `# guard MNEMONIC: N failed` say what the report must have (`N+`: at least).

mod common;

use std::path::{Path, PathBuf};
use std::process::Output;

use common::{mj, root, scratch, stderr, stdout, tool};

struct Header {
    stdout: String,
    status: i32,
    stderr: Option<String>,
    phases: Vec<(u64, u64)>,
    roi: Option<u64>,
    isa_file: Option<String>,
    /// Table of the report, row, and what stands there.
    counts: Vec<(&'static str, String, String)>,
}

fn header(text: &str) -> Header {
    let mut header = Header {
        stdout: String::new(),
        status: 0,
        stderr: None,
        phases: Vec::new(),
        roi: None,
        isa_file: None,
        counts: Vec::new(),
    };
    let tables = [
        ("count ", "by_mnemonic"),
        ("class ", "by_class"),
        ("extension ", "by_extension"),
        ("guard ", "guards"),
    ];
    for line in text.lines().map_while(|l| l.strip_prefix('#')) {
        let Some((key, value)) = line.trim().split_once(": ") else { continue };
        match key {
            "stdout" => header.stdout = format!("{value}\n"),
            "status" => header.status = value.parse().expect("a status"),
            "stderr" => header.stderr = Some(value.to_string()),
            "roi" => header.roi = Some(value.parse().expect("a count")),
            "isa-file" => header.isa_file = Some(root().join(value).display().to_string()),
            _ => {
                if let Some(Ok(n)) = key.strip_prefix("phase ").map(str::parse) {
                    header.phases.push((n, value.parse().expect("a count")));
                }
                for (prefix, table) in tables {
                    if let Some(row) = key.strip_prefix(prefix) {
                        header.counts.push((table, row.to_string(), value.to_string()));
                    }
                }
            }
        }
    }
    header
}

fn sources(folder: &str) -> Vec<PathBuf> {
    let dir = root().join("test-programs/asm").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(&dir)
        .expect("the folder is there")
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "s"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no programs in {}", dir.display());
    files
}

fn assemble(source: &Path, dir: &Path, isa_file: Option<&str>) -> PathBuf {
    let program = dir.join(source.file_stem().expect("a name"));
    let include = root().join("test-programs/asm");
    let out = mj()
        .args(["as", "-I"])
        .arg(include)
        .arg(source)
        .args(isa_file.map(|f| format!("--isa-file={f}")))
        .arg("-o")
        .arg(&program)
        .output()
        .expect("mj starts");
    assert!(out.status.success(), "{}: {}", source.display(), stderr(&out));
    program
}

fn check(source: &Path, header: &Header, out: &Output, by: &str) {
    let name = source.display();
    assert_eq!(stdout(out), header.stdout, "{name} by {by}: {}", stderr(out));
    assert_eq!(common::status(out), Some(header.status), "{name} by {by}: {}", stderr(out));
    if let Some(text) = &header.stderr {
        assert!(stderr(out).contains(text), "{name} by {by} did not say {text}: {}", stderr(out));
    }
}

fn run_folder(folder: &str) {
    let dir = scratch(&format!("programs-{folder}"));
    for source in sources(folder) {
        let text = std::fs::read_to_string(&source).expect("a readable program");
        let header = header(&text);
        let program = assemble(&source, &dir, header.isa_file.as_deref());
        let report = dir.join("report.json");
        let out = mj()
            .args(["run", "--stats=json", "--stats-file"])
            .arg(&report)
            .args(header.isa_file.iter().map(|f| format!("--isa-file={f}")))
            .arg(&program)
            .output()
            .expect("mj starts");
        check(&source, &header, &out, "mj run");
        let out = mj()
            .args(["run", "--lockstep=64"])
            .args(header.isa_file.iter().map(|f| format!("--isa-file={f}")))
            .arg(&program)
            .output()
            .expect("mj starts");
        check(&source, &header, &out, "mj run --lockstep");
        let report: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(&report).expect("a report")).expect("JSON");
        for (phase, count) in &header.phases {
            let phases = report["phases"].as_array().expect("phases");
            let found = phases.iter().find(|p| p["phase"] == *phase).map(|p| &p["instructions"]);
            assert_eq!(found, Some(&(*count).into()), "{}: phase {phase}", source.display());
        }
        for (table, row, expected) in &header.counts {
            let found = &report[table][row];
            let right = match (expected.strip_suffix('+'), expected.strip_suffix(" failed")) {
                (Some(least), _) => found.as_u64() >= least.parse().ok(),
                (_, Some(failed)) => found["failed"].as_u64() == failed.parse().ok(),
                _ => found.as_u64() == expected.parse().ok(),
            };
            assert!(right, "{}: {table} {row} is {found}, expected {expected}", source.display());
        }
        if let Some(count) = header.roi {
            assert_eq!(report["roi"]["instructions"], count, "{}: roi", source.display());
        }
    }
}

#[test]
fn guards() {
    run_folder("guard");
}

#[test]
fn watches() {
    run_folder("watch");
}

#[test]
fn hints() {
    run_folder("hint");
}

/// Instructions and CSRs of ISA files: assembled, run, counted.
#[test]
fn instructions_of_isa_files() {
    run_folder("custom");
}

#[test]
fn base_instructions() {
    run_folder("rv64");
}

/// The expected values of the tables are right for another implementation, too.
#[test]
fn base_instructions_under_qemu() {
    let Some(qemu) = tool(&["qemu-riscv64-static", "qemu-riscv64"]) else { return };
    let dir = scratch("programs-qemu");
    for source in sources("rv64") {
        let text = std::fs::read_to_string(&source).expect("a readable program");
        let program = assemble(&source, &dir, None);
        let out = std::process::Command::new(&qemu).arg(&program).output().expect("qemu starts");
        check(&source, &header(&text), &out, "qemu");
    }
}

/// The checks can fail: a program with one wrong expectation says which.
#[test]
fn a_wrong_result_is_reported() {
    let dir = scratch("programs-wrong");
    let source = dir.join("wrong.s");
    let text = "\t.include \"check.inc\"\n\tbegin\n\tcheck\n\tli a0, 1\n\texpect a0, 1\n\t.rept 11\n\tcheck\n\t.endr\n\texpect a0, 2\n\tfinish\n";
    std::fs::write(&source, text).expect("a writable scratch directory");
    let program = assemble(&source, &dir, None);
    let out = mj().arg("run").arg(&program).output().expect("mj starts");
    assert_eq!(stdout(&out), "case 12\n");
    assert_eq!(out.status.code(), Some(1));
}

/// Every custom instruction is executed by some program here.
#[test]
fn every_custom_instruction_has_a_program() {
    let texts: Vec<String> = ["guard", "hint", "watch"]
        .iter()
        .flat_map(|f| sources(f))
        .map(|p| std::fs::read_to_string(p).expect("a readable program"))
        .collect();
    for insn in &isa_spec::Isa::builtin().insns {
        if insn.extension.starts_with("Xmj") {
            let used = texts.iter().any(|t| t.split([' ', '\t', ',', '\n']).any(|w| w == insn.name));
            assert!(used, "no program in test-programs/asm uses {}", insn.name);
        }
    }
}
