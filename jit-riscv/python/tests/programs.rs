//! Runs the programs of `test-programs/python` in the interpreter and compares what they print with the `.expected` files, which
//! CPython made.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../test-programs/python")
}

fn interpret(args: &[&str], dir: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mj-python"));
    command.arg("--jit=off").args(args).current_dir(dir);
    command.output().expect("the interpreter starts")
}

fn programs(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("the programs are there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a directory entry").path())
        .filter(|path| path.extension().is_some_and(|e| e == "py"))
        .collect();
    files.sort();
    files
}

/// The arguments after `small=` in the program's head, which commas separate.
fn small_size(program: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(program).expect("a readable program");
    let line = text.lines().find(|l| l.starts_with("# bench-args:")).expect("a line of sizes");
    let sizes = line.split("small=").nth(1).expect("a small size");
    let small = sizes.split_whitespace().next().expect("a small size");
    small.split(',').map(str::to_owned).collect()
}

fn compare(program: &Path, output: &Output, failures: &mut Vec<String>) {
    let expected = std::fs::read_to_string(program.with_extension("expected")).expect("an output");
    let printed = String::from_utf8_lossy(&output.stdout);
    if printed == expected {
        return;
    }
    let different = printed.lines().zip(expected.lines()).find(|(a, b)| a != b);
    let (printed, expected) = different.unwrap_or(("(end)", "(end)"));
    failures.push(format!(
        "{}: {printed:?} instead of {expected:?}\n{}",
        program.display(),
        String::from_utf8_lossy(&output.stderr)
    ));
}

#[test]
fn benchmarks_print_what_cpython_prints() {
    let mut failures = Vec::new();
    let programs = programs(&directory());
    assert!(programs.len() >= 12, "benchmarks are missing");
    for program in programs {
        let sizes = small_size(&program);
        let name = program.file_name().and_then(|n| n.to_str()).expect("a name");
        let arguments: Vec<&str> = std::iter::once(name).chain(sizes.iter().map(String::as_str)).collect();
        let output = interpret(&arguments, &directory());
        compare(&program, &output, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn language_features_behave_as_in_cpython() {
    let dir = directory().join("conformance");
    let mut failures = Vec::new();
    let programs = programs(&dir);
    assert!(programs.len() >= 12, "programs are missing");
    for program in programs {
        let name = program.file_name().and_then(|n| n.to_str()).expect("a name");
        let output = interpret(&[name], &dir);
        compare(&program, &output, &mut failures);
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn an_uncaught_exception_is_reported_with_its_lines() {
    let output = interpret(&["traceback.py"], &directory().join("conformance"));
    assert_eq!(output.status.code(), Some(1));
    let report = String::from_utf8_lossy(&output.stderr);
    for part in [
        "Traceback (most recent call last):\n  File \"traceback.py\", line 12, in <module>\n",
        "  File \"traceback.py\", line 7, in outer\n",
        "  File \"traceback.py\", line 3, in inner\n",
        "ZeroDivisionError: integer division or modulo by zero\n",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
}

#[test]
fn a_syntax_error_ends_with_status_1_before_anything_runs() {
    let code = "print('started')\nx = (1,\n";
    let output = interpret(&["-c", code], &directory());
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(output.stdout, b"");
    let report = String::from_utf8_lossy(&output.stderr);
    assert!(report.contains("line 2\n"), "{report}");
    assert!(report.ends_with("SyntaxError: '(' was never closed\n"), "{report}");
}
