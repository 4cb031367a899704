//! `--isa-file` on every command that has it.

mod common;

use common::{mj, root, scratch, stderr, stdout};

fn example(name: &str) -> String {
    root().join("isa-spec/examples").join(name).display().to_string()
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let out = mj().args(args).output().expect("mj starts");
    (out.status.code(), stdout(&out), stderr(&out))
}

#[test]
fn an_instruction_is_assembled_listed_run_and_counted() {
    let dir = scratch("isa-file");
    let source = dir.join("prog.s").display().to_string();
    let program = dir.join("prog").display().to_string();
    let text = "_start: li a0, 6\n li a1, 7\n my.madd a0, a0, a1, x0\n my.mark 3\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("writable");
    let (madd, mark) = (example("madd.yaml"), example("mark.yaml"));
    let files = ["--isa-file", &madd, "--isa-file", &mark];
    let with = |args: &[&str]| run(&[&args[..1], &files, &args[1..]].concat());

    assert_eq!(with(&["as", &source, "-o", &program]).0, Some(0));
    let (_, listing, _) = with(&["objdump", "-d", &program]);
    assert!(listing.contains("00b5055b") && listing.contains("my.madd\ta0,a0,a1,zero"), "{listing}");
    assert!(listing.contains("my.mark\t3"), "{listing}");
    let (status, _, report) = with(&["run", "--stats", &program]);
    assert_eq!(status, Some(42), "{report}");
    for row in ["my.madd", "Xmymadd", "my.mark", "Xmymark"] {
        assert!(report.contains(row), "{row} is not in:\n{report}");
    }
    // Without the files the instruction is illegal, and the HINT is one.
    assert!(run(&["as", &source, "-o", &program]).2.contains("unknown instruction `my.madd`"));
    let (status, _, said) = run(&["run", &program]);
    assert_eq!(status, Some(132));
    assert!(said.contains("(not an instruction)"), "{said}");
    assert!(run(&["objdump", "-d", &program]).1.contains("xori\tzero,zero,3"));
}

#[test]
fn spec_shows_and_checks() {
    let madd = example("madd.yaml");
    let (status, text, _) = run(&["spec", "--isa-file", &madd, "show", "my.madd"]);
    assert_eq!(status, Some(0));
    assert!(text.contains("my.madd xd, xs1, xs2, xs3") && text.contains("class mul"), "{text}");
    assert!(run(&["spec", "--isa-file", &madd, "list", "Xmymadd"]).1.starts_with("Xmymadd: 1 instructions"));
    assert_eq!(run(&["spec", "check", &madd]).0, Some(0));
    // Two files that define the same cannot be used together.
    let copy = scratch("isa-file").join("copy.yaml").display().to_string();
    std::fs::copy(&madd, &copy).expect("copied");
    let (status, _, said) = run(&["spec", "check", &madd, &copy]);
    assert_eq!(status, Some(1));
    assert!(said.contains("copy.yaml:3:7: error: `my.madd` is already defined at"), "{said}");
    let broken = root().join("isa-spec/tests/broken/unknown-name.yaml").display().to_string();
    let (status, _, said) = run(&["run", "--isa-file", &broken, "whatever"]);
    assert_eq!(status, Some(125));
    assert!(said.contains("did you mean `total`?") && said.contains("^^^^"), "{said}");
}
