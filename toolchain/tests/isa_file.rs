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

/// A hot loop of instructions of ISA files: translated and interpreted alike.
#[test]
fn both_engines_agree() {
    let dir = scratch("isa-file");
    let source = dir.join("hot.s").display().to_string();
    let program = dir.join("hot").display().to_string();
    let text = "_start: li a0, 0\n li a1, 0x9e3779b97f4a7c15\n li a2, 0x0f0f0f0f0f0f0f0f\n li a4, 200000\n\
                1: my.madd a0, a0, a1, a4\n my.dswap a0, a0, a2, 4\n my.dswap a1, a1, a2, 3\n my.mark 1\n\
                addi a4, a4, -1\n bnez a4, 1b\n xor a0, a0, a1\n srli a1, a0, 32\n xor a0, a0, a1\n\
                srli a1, a0, 16\n xor a0, a0, a1\n srli a1, a0, 8\n xor a0, a0, a1\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("writable");
    let files: Vec<String> = ["madd.yaml", "dswap.yaml", "mark.yaml"]
        .iter()
        .map(|f| format!("--isa-file={}", example(f)))
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    assert_eq!(run(&[&["as"], &files[..], &[&source, "-o", &program]].concat()).0, Some(0));
    let results: Vec<(Option<i32>, String)> = ["translate", "interpret"]
        .iter()
        .map(|engine| {
            let options = ["run", "--deterministic", "--stats", "--engine", engine];
            let (status, _, report) = run(&[&options[..], &files[..], &[&program]].concat());
            let counts: String =
                report.lines().filter(|l| l.contains("my.")).map(|l| format!("{l}\n")).collect();
            (status, counts)
        })
        .collect();
    assert_eq!(results[0], results[1]);
    assert!(results[0].1.contains("400,000") && results[0].1.contains("200,000"), "{}", results[0].1);
    // The same in plain Rust.
    let (mut a, mut b) = (0u64, 0x9e37_79b9_7f4a_7c15_u64);
    let swap = |x: u64, mask: u64, by: u32| {
        let differ = (x >> by ^ x) & mask;
        x ^ differ ^ differ << by
    };
    for n in (1..=200_000u64).rev() {
        a = swap(a.wrapping_mul(b).wrapping_add(n), 0x0f0f_0f0f_0f0f_0f0f, 4);
        b = swap(b, 0x0f0f_0f0f_0f0f_0f0f, 3);
    }
    a ^= b;
    a ^= a >> 32;
    a ^= a >> 16;
    a ^= a >> 8;
    assert_eq!(results[0].0, Some((a & 0xff) as i32));
}
