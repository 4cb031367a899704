//! The Python guest in the emulator: every benchmark program, at its small size, in every way that must not change
//! what it prints. The guest is built first, and its compiler installed, if need be.

mod common;

use std::path::Path;
use std::process::Output;

use common::{mj, root, scratch, stderr, stdout};

/// Runs `mj bench --size small` with further arguments.
fn bench(args: &[&str]) -> Output {
    mj().args(["bench", "--size", "small"]).args(args).output().expect("mj starts")
}

/// Every program prints what CPython prints.
fn all_right(args: &[&str]) {
    let out = bench(args);
    assert!(out.status.success(), "mj bench {args:?}:\n{}{}", stdout(&out), stderr(&out));
}

fn hardware(dir: &Path, name: &str, toml: &str) -> String {
    let file = dir.join(name);
    std::fs::write(&file, toml).expect("a writable scratch directory");
    file.display().to_string()
}

/// All programs in all styles: right output, traces compiled, each style better than the one before it.
#[test]
fn every_program_in_every_style() {
    let json = scratch("python-styles").join("report.json");
    all_right(&["--json", &json.display().to_string()]);
    let text = std::fs::read_to_string(&json).expect("the report");
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let programs = report["programs"].as_array().expect("programs");
    assert!(programs.len() >= 10, "only {} programs", programs.len());
    let mut respecialised = 0;
    for program in programs {
        let name = &program["name"];
        let jit_code = |style: usize| {
            let run = &program["runs"][style]["measured"];
            let count = |v: &serde_json::Value| v.as_u64().unwrap_or(0);
            assert!(count(&run["guest"]["traces"]) > 0, "{name}: no traces");
            count(&run["phases"]["jit_code"])
        };
        let (naive, soft, hw) = (jit_code(0), jit_code(1), jit_code(2));
        assert!(
            hw < soft && soft < naive,
            "{name}: hw {hw}, soft {soft}, naive {naive} instructions in JIT code"
        );
        respecialised += u32::from(jit_code(3) * 100 < hw * 95);
    }
    assert!(respecialised >= 2, "patterns make {respecialised} programs clearly faster");
}

/// Every guard fails at its first, second or thousandth execution, with bridges and without.
#[test]
fn forced_failures() {
    for n in ["1", "2", "1000"] {
        for bridges in ["on", "off"] {
            let (fail, bridges) = (format!("force-fail={n}"), format!("bridges={bridges}"));
            all_right(&["--style", "soft", "--style", "hw+patterns", "-X", &fail, "-X", &bridges]);
        }
    }
}

/// A pattern table that is absent, too small or wrong costs speed, never results.
#[test]
fn pattern_tables() {
    let dir = scratch("python-patterns");
    for (name, toml) in [
        ("absent.toml", "[pattern_table]\nentries = 0\n"),
        ("one.toml", "[pattern_table]\nentries = 1\n"),
        ("wrong.toml", "[pattern_table]\nfault = \"wrong-verdicts\"\n"),
        ("hasty.toml", "[pattern_table]\nconfirm = 1\n"),
        ("no-bridges.toml", "[bridge_table]\nentries = 0\n"),
    ] {
        all_right(&["--style", "hw+patterns", "--hw", &hardware(&dir, name, toml)]);
    }
}

/// The programs of `conformance` in the JIT, so hasty that nearly all of their code is compiled, and with failing guards.
#[test]
fn language_features_when_compiled() {
    let dir = root().join("test-programs/python/conformance");
    let hasty = ["jit-threshold=3", "function-threshold=3", "bridge-threshold=2"];
    let ways: [(&str, &str, &[&str]); 4] = [
        ("hw", "on", &[]),
        ("soft", "off", &hasty),
        ("hw", "on", &hasty),
        ("hw", "on", &["jit-threshold=3", "function-threshold=3", "bridge-threshold=2", "force-fail=2"]),
    ];
    let mut programs = 0;
    for entry in std::fs::read_dir(&dir).expect("the programs are there") {
        let program = entry.expect("a directory entry").path();
        if program.extension().is_none_or(|e| e != "py") {
            continue;
        }
        programs += 1;
        let expected = std::fs::read(program.with_extension("expected")).expect("an output");
        for (guards, patterns, options) in &ways {
            let mut command = mj();
            command.current_dir(&dir).args(["python", "--guards", guards, "--patterns", patterns]);
            for option in *options {
                command.args(["-X", option]);
            }
            let out = command.arg(program.file_name().expect("a name")).output().expect("mj starts");
            assert!(
                out.stdout == expected,
                "{} with {guards} guards, patterns {patterns}, {options:?}:\n{}{}",
                program.display(),
                stdout(&out),
                stderr(&out)
            );
        }
    }
    assert!(programs >= 20, "only {programs} programs");
}

#[test]
fn interpreter_alone() {
    all_right(&["--style", "soft", "-X", "jit=off"]);
}

/// What a person sees of errors in their program.
#[test]
fn errors_of_programs() {
    let dir = scratch("python-errors");
    let python = |name: &str, text: &str| {
        let file = dir.join(name);
        std::fs::write(&file, text).expect("a writable scratch directory");
        mj().arg("python").arg(&file).output().expect("mj starts")
    };
    let out = python("syntax.py", "x = 1\nif x\n    pass\n");
    assert_eq!(out.status.code(), Some(1), "{}", stderr(&out));
    assert!(
        stderr(&out).contains("syntax.py\", line 2") && stderr(&out).contains("SyntaxError"),
        "{}",
        stderr(&out)
    );
    let out = python("raise.py", "def f():\n    raise ValueError('no')\nf()\n");
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("raise.py\", line 2, in f\n"), "{}", stderr(&out));
    assert!(stderr(&out).ends_with("ValueError: no\n"), "{}", stderr(&out));
    let out = python("exit.py", "import sys\nprint('out')\nsys.exit(3)\n");
    assert_eq!((stdout(&out).as_str(), out.status.code()), ("out\n", Some(3)));
    let out = mj().args(["python", "-c", "print(6 * 7)"]).output().expect("mj starts");
    assert_eq!(stdout(&out), "42\n", "{}", stderr(&out));
    let nbody = root().join("test-programs/python/nbody.py");
    let log = dir.join("traces.txt");
    let out =
        mj().args(["python", "--trace-log"]).arg(&log).arg(nbody).arg("100").output().expect("mj starts");
    assert!(out.status.success(), "{}", stderr(&out));
    let traces = std::fs::read_to_string(log).expect("a trace log");
    assert!(traces.contains("guard_"), "{traces}");
}
