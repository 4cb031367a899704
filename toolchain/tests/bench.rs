//! `mj bench` and `mj python` with a stand-in guest, so that their reading and reporting is tested apart from the JIT.

mod common;

use std::path::{Path, PathBuf};

use common::{mj, scratch, stderr, stdout};

/// A guest that marks phases, executes guards of which it writes a code map, and prints `done`. The class guard is
/// executed 10 times by hardware, or as a load and a branch if the first argument says `naive` or `soft`.
const GUEST: &str = r#"
_start: ld      s0, 16(sp)              # --guards=STYLE
        ld      s4, 40(sp)              # --code-map=FILE
        addi    s4, s4, 11
        lbu     s1, 9(s0)               # its first letter
        la      s2, object
        mj.phase 7
        nop
        mj.phase 1
        nop
        nop
        mj.phase 3
        li      s3, 10
        li      t0, 'h'
        beq     s1, t0, hardware
soft:
work:   addi    s3, s3, -1
load:   lwu     t0, 0(s2)
feed:   li      t1, 5
check:  bne     t0, t1, failed
loop:   bnez    s3, work
        j       finished
hardware:
hwork:  addi    s3, s3, -1
hcheck: mj.gclass s2, 5
hloop:  bnez    s3, hwork
finished:
        mj.phase 5
        nop
        mj.phase 0
        li      a0, -100                # openat(AT_FDCWD, FILE, O_WRONLY|O_CREAT|O_TRUNC, 0644)
        mv      a1, s4
        li      a2, 0x241
        li      a3, 0x1a4
        li      a7, 56
        ecall
        la      a1, map
        li      a2, map_end - map
        li      a7, 64
        ecall
        li      a0, 1
        la      a1, done
        li      a2, 5
        li      a7, 64
        ecall
        li      a0, 0
        li      a7, 93
        ecall
failed: unimp
        .data
        .balign 8
object: .word   5, 0
done:   .ascii  "done\n"
map:    .ascii  "MAP"
map_end:
"#;

/// Where the labels of the guest are: assembled once without a map, listed, then with it.
fn guest(dir: &Path) -> PathBuf {
    let assemble = |text: &str| {
        let source = dir.join("guest.s");
        std::fs::write(&source, text).expect("a writable scratch directory");
        let elf = dir.join("guest");
        let out = mj().arg("as").arg(&source).arg("-o").arg(&elf).output().expect("mj starts");
        assert!(out.status.success(), "{}", stderr(&out));
        elf
    };
    let elf = assemble(GUEST);
    let image = std::fs::read(&elf).expect("the guest");
    let parsed = goblin::elf::Elf::parse(&image).expect("an ELF file");
    let address = |name: &str| {
        let symbol = parsed.syms.iter().find(|s| parsed.strtab.get_at(s.st_name) == Some(name));
        symbol.unwrap_or_else(|| panic!("no label {name}")).st_value
    };
    let mut map = String::from("# traces 3\\n");
    for (label, role, kind) in [
        ("work", "exec", "-"),
        ("load", "guard", "guard_class"),
        ("feed", "feeder", "guard_class"),
        ("check", "guard", "guard_class"),
        ("loop", "guard", "guard_true"),
        ("hwork", "exec", "-"),
        ("hcheck", "guard", "guard_class"),
        ("hloop", "guard", "guard_true"),
    ] {
        map.push_str(&format!("{:x} 4 {role} {kind}\\n", address(label)));
    }
    assemble(&GUEST.replace("\"MAP\"", &format!("\"{map}\"")))
}

/// A repository with one benchmark program, whose expected output is `expected`.
fn repository(dir: &Path, expected: &str) -> PathBuf {
    let root = dir.join("source");
    let programs = root.join("test-programs/python");
    std::fs::create_dir_all(&programs).expect("a writable scratch directory");
    std::fs::create_dir_all(root.join("jit-riscv")).expect("a writable scratch directory");
    for (file, text) in [
        ("jit-riscv/Cargo.toml", ""),
        ("test-programs/python/probe.py", "# A probe.\n# bench-args: small=1 large=2\nprint('done')\n"),
        ("test-programs/python/language_test.py", "print('no header: not a benchmark')\n"),
        ("test-programs/python/probe.expected", expected),
    ] {
        std::fs::write(root.join(file), text).expect("a writable scratch directory");
    }
    root
}

#[test]
fn table_and_json() {
    let dir = scratch("bench");
    let elf = guest(&dir);
    let json = dir.join("out.json");
    let out = mj()
        .env("MJ_SOURCE", repository(&dir, "done\n"))
        .args(["bench", "--size", "small", "--guest"])
        .arg(&elf)
        .arg("--json")
        .arg(&json)
        .output()
        .expect("mj starts");
    assert!(out.status.success(), "{}{}", stdout(&out), stderr(&out));
    let report: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&json).expect("the report")).expect("JSON");
    assert_eq!(report["schema"], "mj-bench/1");
    let programs = report["programs"].as_array().expect("programs");
    assert_eq!((programs.len(), &programs[0]["name"]), (1, &"probe".into()));
    let runs = programs[0]["runs"].as_array().expect("runs");
    let styles: Vec<_> = runs.iter().map(|r| r["style"].as_str().expect("a style")).collect();
    assert_eq!(styles, ["naive", "soft", "hw", "hw+patterns"]);
    let soft = &runs[1]["measured"];
    // li, li, beq; 10 rounds of 5; j; the mark that ends the phase.
    assert_eq!(soft["phases"]["jit_code"], 3 + 50 + 1 + 1);
    assert_eq!((&soft["phases"]["tracing"], &soft["phases"]["gc"]), (&3.into(), &2.into()));
    assert_eq!(soft["guest"]["traces"], 3);
    let class = &soft["split"]["kinds"]["guard_class"];
    assert_eq!(
        (&class["executed"], &class["instructions"], &class["feeders"]),
        (&10.into(), &20.into(), &10.into())
    );
    assert_eq!(soft["offloaded"], serde_json::json!({}));
    let hw = &runs[2]["measured"];
    assert_eq!(hw["phases"]["jit_code"], 3 + 30 + 1);
    assert_eq!(hw["offloaded"]["mj.gclass"]["executed"], 10);
    assert_eq!(hw["split"]["kinds"]["guard_class"]["executed"], 10);
    assert_eq!(hw["split"]["kinds"]["guard_true"]["executed"], 10);
    // 34 of 55 instructions.
    let table = stdout(&out);
    assert!(table.contains("0.618"), "{table}");
    // Every column has its heading.
    let columns = |l: &str| l.split("  ").filter(|c| !c.trim().is_empty()).count();
    let rows: Vec<&str> = table.lines().skip_while(|l| !l.starts_with("program")).take(2).collect();
    assert_eq!(columns(rows[0]), columns(rows[1]), "{table}");
    assert!(table.contains("mj.gclass") && table.contains("geometric mean"), "{table}");
}

#[test]
fn wrong_output_fails() {
    let dir = scratch("bench-wrong");
    let elf = guest(&dir);
    let out = mj()
        .env("MJ_SOURCE", repository(&dir, "done\nand more\n"))
        .args(["bench", "probe", "--size", "small", "--style", "hw", "--guest"])
        .arg(&elf)
        .output()
        .expect("mj starts");
    assert_eq!(out.status.code(), Some(1));
    assert!(
        stdout(&out).contains("wrong output in line 2: the end, expected `and more`"),
        "{}",
        stdout(&out)
    );
}

#[test]
fn bad_names_and_places() {
    let dir = scratch("bench-bad");
    let root = repository(&dir, "done\n");
    let out = mj().env("MJ_SOURCE", &root).args(["bench", "language_test"]).output().expect("mj starts");
    assert_eq!(out.status.code(), Some(1));
    assert!(stderr(&out).contains("no benchmark program `language_test`"), "{}", stderr(&out));
    assert!(stderr(&out).contains("there are probe"), "{}", stderr(&out));
    let out = mj().env("MJ_SOURCE", "/nonexistent").arg("bench").output().expect("mj starts");
    assert!(stderr(&out).contains("MJ_SOURCE"), "{}", stderr(&out));
}

#[test]
fn python_passes_options() {
    let dir = scratch("python");
    let source = dir.join("print.s");
    // Prints argv, each on a line.
    let text = "_start: addi s0, sp, 8\n1: ld a1, 0(s0)\n addi s0, s0, 8\n beqz a1, 3f\n li a2, 0\n\
                2: add a3, a1, a2\n lbu a4, 0(a3)\n addi a2, a2, 1\n bnez a4, 2b\n li a4, 10\n sb a4, 0(a3)\n\
                li a0, 1\n li a7, 64\n ecall\n j 1b\n3: li a0, 7\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("a writable scratch directory");
    let elf = dir.join("print");
    let out = mj().arg("as").arg(&source).arg("-o").arg(&elf).output().expect("mj starts");
    assert!(out.status.success(), "{}", stderr(&out));
    let program = dir.join("p.py");
    std::fs::write(&program, "").expect("a writable scratch directory");
    let out = mj()
        .args([
            "python",
            "--guards",
            "soft",
            "--jit",
            "off",
            "--patterns",
            "on",
            "--trace-log",
            "t.txt",
            "-X",
            "bridges=off",
            "--guest",
        ])
        .arg(&elf)
        .arg(&program)
        .args(["--own", "1", "-c"])
        .output()
        .expect("mj starts");
    let expected = format!(
        "mj-python\n--guards=soft\n--jit=off\n--patterns=on\n--bridges=off\n--trace-log=t.txt\n{}\n--own\n1\n-c\n",
        program.display()
    );
    assert_eq!((stdout(&out), out.status.code()), (expected, Some(7)), "{}", stderr(&out));
}
