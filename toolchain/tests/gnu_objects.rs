//! Objects of `mj as -c` against those of GNU as: the same sections, bytes, relocations and symbols for compiler
//! output and for a file of directives; and what is linked from them runs.
//!
//! `MJ_AS_CORPUS=DIR` compares every `.c`, `.cc` and `.s` file of a directory as well (`MJ_AS_FLAGS` for the compiler).

mod common;
#[path = "common/object.rs"]
mod object;

use std::path::{Path, PathBuf};
use std::process::Command;

use common::{header, mj, root, scratch, stderr, stdout, tool, words};
use object::Object;

const AS: &str = "riscv64-linux-gnu-as";
const GCC: &str = "riscv64-linux-gnu-gcc";
const GXX: &str = "riscv64-linux-gnu-g++";
const MARCH: [&str; 2] = ["-march=rv64gc", "-misa-spec=20191213"];

/// What the compiler is asked for: everything that changes the directives it writes.
const FLAGS: [&[&str]; 6] = [
    &["-O2"],
    &["-Os"],
    &["-O0", "-g"],
    &["-O2", "-g", "-gdwarf-4", "-fno-section-anchors"],
    &["-O2", "-g", "-fPIC", "-ffunction-sections", "-funwind-tables"],
    &["-O2", "-fno-pic", "-mcmodel=medlow", "-fdata-sections"],
];

/// Our object and GNU as's; `None` if GNU as does not take the file.
fn both(source: &Path, dir: &Path, more: &[&str]) -> Option<(PathBuf, PathBuf)> {
    let stem = source.file_stem().expect("a name").to_string_lossy().into_owned();
    let (a, b) = (dir.join(format!("{stem}.mj.o")), dir.join(format!("{stem}.gnu.o")));
    let out =
        Command::new(AS).args(MARCH).args(more).arg("-o").args([&b, source]).output().expect("GNU as starts");
    if !out.status.success() {
        eprintln!("skipped: GNU as does not take {}", source.display());
        return None;
    }
    let out = mj().args(["as", "-c"]).args(more).arg("-o").args([&a, source]).output().expect("mj starts");
    assert!(out.status.success(), "{}: {}", source.display(), stderr(&out));
    Some((a, b))
}

/// Compares the two objects of an assembly file; ours is returned.
fn compare(source: &Path, dir: &Path, more: &[&str]) -> Option<PathBuf> {
    let (a, b) = both(source, dir, more)?;
    let read = |p: &Path| Object::parse(&std::fs::read(p).expect("an object"));
    let differences = read(&a).differences(&read(&b));
    assert!(differences.is_empty(), "{}:\n{}", source.display(), differences.join("\n"));
    Some(a)
}

/// The compiler's assembly text; `None` if it does not compile.
fn compile(source: &Path, dir: &Path, flags: &[&str]) -> Option<PathBuf> {
    let compiler = if source.extension().is_some_and(|e| e == "c") { GCC } else { GXX };
    let stem = source.file_stem().expect("a name").to_string_lossy().into_owned();
    let text = dir.join(format!("{stem}.s"));
    let mut command = Command::new(compiler);
    command.args(["-w", "-S", "-I"]).arg(dir).args(flags).arg("-o").args([&text, source]);
    let out = command.output();
    out.ok().filter(|o| o.status.success()).map(|_| text)
}

fn files(dir: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> =
        std::fs::read_dir(dir).expect("the folder is there").flatten().map(|e| e.path()).collect();
    list.retain(|p| p.extension().is_some_and(|e| extensions.iter().any(|x| e == *x)));
    list.sort();
    list
}

#[test]
fn compiler_output() {
    if tool(&[AS]).is_none() || tool(&[GCC]).is_none() || tool(&[GXX]).is_none() {
        return;
    }
    let programs = files(&root().join("test-programs/c"), &["c", "cc"]);
    let more = files(&root().join("test-programs/c/workloads"), &["c"]);
    assert!(programs.len() >= 8, "only {} programs", programs.len());
    for (n, flags) in FLAGS.iter().enumerate() {
        let dir = scratch(&format!("gnu-objects-{n}"));
        let header = dir.join("mj.h");
        let out = mj().args(["spec", "export", "--format", "c-header", "-o"]).arg(header).output();
        assert!(out.is_ok_and(|o| o.status.success()), "the C header");
        let mut compiled = 0;
        for source in &programs {
            // Inline assembly with constants needs the optimiser.
            let Some(text) = compile(source, &dir, flags) else { continue };
            compiled += 1;
            let object = compare(&text, &dir, &[]).expect("GNU as takes compiler output");
            if n == 0 {
                runs(source, &object, &dir);
            }
        }
        assert!(compiled + 1 >= programs.len(), "only {compiled} programs compile with {flags:?}");
        for text in more.iter().filter_map(|source| compile(source, &dir, flags)) {
            compare(&text, &dir, &[]).expect("GNU as takes compiler output");
        }
    }
}

/// Links our object with GNU ld and runs the program in the emulator.
fn runs(source: &Path, object: &Path, dir: &Path) {
    let name = source.display();
    let compiler = if source.extension().is_some_and(|e| e == "c") { GCC } else { GXX };
    let program = dir.join(source.file_stem().expect("a name"));
    let out = Command::new(compiler)
        .args(["-static", "-o"])
        .args([&program, object])
        .args(["-lm", "-pthread", "-latomic"])
        .output()
        .expect("the compiler starts");
    assert!(out.status.success(), "{name}: {}", stderr(&out));
    let text = std::fs::read_to_string(source).expect("a readable program");
    let expected = std::fs::read_to_string(source.with_extension("expected")).expect("an .expected file");
    let args = words(header(&text, "run").unwrap_or(""));
    let out = mj().arg("run").arg(&program).args(&args).output().expect("mj starts");
    assert_eq!(stdout(&out), expected, "{name}: {}", stderr(&out));
}

#[test]
fn directives() {
    if tool(&[AS]).is_none() {
        return;
    }
    let dir = scratch("gnu-objects-directives");
    for source in files(&root().join("toolchain/tests/data/objects"), &["s"]) {
        for more in [&[][..], &["-mno-relax"], &["-fpic"]] {
            compare(&source, &dir, more).expect("GNU as takes the file");
        }
    }
}

/// For measuring over programs that are not part of the repository.
#[test]
fn corpus() {
    let Some(folder) = std::env::var_os("MJ_AS_CORPUS") else {
        eprintln!("skipped: MJ_AS_CORPUS names no directory");
        return;
    };
    let flags = std::env::var("MJ_AS_FLAGS").unwrap_or_else(|_| "-O2".to_string());
    let flags = words(&flags);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let dir = scratch("gnu-objects-corpus");
    let mut compared = 0;
    for source in files(Path::new(&folder), &["c", "cc", "s"]) {
        let text = if source.extension().is_some_and(|e| e == "s") {
            Some(source)
        } else {
            compile(&source, &dir, &flags)
        };
        compared += usize::from(text.and_then(|t| compare(&t, &dir, &[])).is_some());
    }
    eprintln!("{compared} files are the same");
    assert!(compared > 0, "nothing was compared");
}
