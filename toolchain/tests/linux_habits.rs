//! What people who know other emulators try: options, variables, statuses, and signals passed through.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Command;

use common::{mj, scratch, stderr, stdout, tool};

const GCC: &str = "riscv64-linux-gnu-gcc";

/// Compiles a program; `None` where there is no compiler, or what is linked is missing.
fn compile(dir: &std::path::Path, name: &str, source: &str, flags: &[&str]) -> Option<PathBuf> {
    tool(&[GCC])?;
    let (file, program) = (dir.join(format!("{name}.c")), dir.join(name));
    std::fs::write(&file, source).expect("written");
    let out = Command::new(GCC)
        .args(flags)
        .arg("-O1")
        .arg("-o")
        .arg(&program)
        .arg(&file)
        .output()
        .expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    Some(program)
}

const SHOW: &str = r#"
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <signal.h>
    int main(int argc, char **argv) {
        if (argc > 1 && !strcmp(argv[1], "die")) raise(atoi(argv[2]));
        printf("%s", argv[0]);
        for (int i = 1; i < argc; i++) printf(" [%s]", argv[i]);
        char *a = getenv("A"), *b = getenv("B");
        printf(" A=%s B=%s\n", a ? a : "-", b ? b : "-");
        return 3;
    }"#;

/// The cross compiler's libraries, as a sysroot for dynamically linked programs.
fn cross_sysroot() -> Option<PathBuf> {
    let root = PathBuf::from("/usr/riscv64-linux-gnu");
    root.join("lib/ld-linux-riscv64-lp64d.so.1").exists().then_some(root)
}

#[test]
fn options_and_variables_of_qemu() {
    let dir = scratch("qemu-habits");
    let Some(program) = compile(&dir, "show", SHOW, &["-static"]) else { return };
    let out = mj()
        .args(["run", "-0", "zero", "-E", "A=1", "-U", "B", "-s", "1M", "-cpu", "max"])
        .arg(&program)
        .args(["-strace", "x"])
        .env("B", "2")
        .output()
        .expect("started");
    assert_eq!(stdout(&out), "zero [-strace] [x] A=1 B=-\n", "{}", stderr(&out));
    assert_eq!(out.status.code(), Some(3));
    let out = mj()
        .arg("run")
        .arg(&program)
        .env("QEMU_SET_ENV", "A=5,B=6")
        .env("QEMU_STRACE", "1")
        .output()
        .expect("started");
    assert!(stdout(&out).ends_with(" A=5 B=6\n"), "{}", stdout(&out));
    assert!(stderr(&out).contains("exit_group(3) = ?"), "{}", stderr(&out));
    let out = mj().args(["run", "-strace", "--isa=rv64gc"]).arg(&program).output().expect("started");
    assert!(stderr(&out).contains("write(1, "), "{}", stderr(&out));
    let out = mj().args(["run", "--isa=rv64gcv"]).arg(&program).output().expect("started");
    assert_eq!(out.status.code(), Some(125));
    assert!(stderr(&out).contains("has not v"), "{}", stderr(&out));
}

#[test]
fn signals_are_passed_through() {
    let dir = scratch("signals-pass");
    let Some(program) = compile(&dir, "show", SHOW, &["-static"]) else { return };
    for signal in [6, 11, 15, 9, 13, 10] {
        let out = mj()
            .args(["run", "--stats"])
            .arg(&program)
            .args(["die", &signal.to_string()])
            .output()
            .expect("started");
        assert_eq!(out.status.signal(), Some(signal), "{}", stderr(&out));
        // SIGKILL leaves no time for reports.
        assert!(signal == 9 || stderr(&out).contains("instructions"), "{signal}: {}", stderr(&out));
    }
}

#[test]
fn dynamic_programs_and_scripts_of_a_sysroot() {
    let dir = scratch("dynamic");
    let Some(root) = cross_sysroot() else { return };
    for flags in [&["-pie", "-fPIE"][..], &["-no-pie"]] {
        let Some(program) = compile(&dir, "show", SHOW, flags) else { return };
        let out = mj().args(["run", "-L"]).arg(&root).arg(&program).arg("a b").output().expect("started");
        assert!(stdout(&out).ends_with("[a b] A=- B=-\n"), "{}{}", stdout(&out), stderr(&out));
        let out = mj().arg("run").arg(&program).env("QEMU_LD_PREFIX", &root).output().expect("started");
        assert_eq!(out.status.code(), Some(3), "{}", stderr(&out));
        let script = dir.join("script");
        std::fs::write(&script, format!("#!{} one arg\n", program.display())).expect("written");
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("allowed");
        let out = mj().args(["run", "-L"]).arg(&root).arg(&script).arg("last").output().expect("started");
        let expected = format!("{} [one arg] [{}] [last] A=- B=-\n", program.display(), script.display());
        assert_eq!(stdout(&out), expected, "{}", stderr(&out));
    }
    let Some(program) = compile(&dir, "show", SHOW, &[]) else { return };
    let empty = dir.join("empty");
    std::fs::create_dir_all(&empty).expect("made");
    let out = mj().args(["run", "-L"]).arg(&empty).arg(&program).output().expect("started");
    assert_eq!(out.status.code(), Some(125));
    assert!(
        stderr(&out).contains("program interpreter") && stderr(&out).contains("-L DIR"),
        "{}",
        stderr(&out)
    );
}

#[test]
fn threads_are_counted_together() {
    let source = r#"
        #include <pthread.h>
        static void *run(void *p) {
            for (long i = 0; i < 1000000; i++) asm volatile("czero.eqz a0, a0, a0" ::: "a0");
            return p;
        }
        int main() {
            pthread_t t[4];
            for (int i = 0; i < 4; i++) pthread_create(&t[i], 0, run, 0);
            for (int i = 0; i < 4; i++) pthread_join(t[i], 0);
            return 0;
        }"#
    .replace("czero.eqz a0, a0, a0", ".insn r 0x33, 4, 1, a0, a0, a0");
    let dir = scratch("thread-counts");
    let Some(program) = compile(&dir, "count", &source, &["-static", "-pthread"]) else { return };
    let out = mj().args(["run", "--stats=json"]).arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let json: serde_json::Value = serde_json::from_str(&stderr(&out)).expect("JSON");
    let divisions = &json["by_mnemonic"]["div"];
    // The C library divides a few times as well.
    assert!(divisions.as_u64().is_some_and(|n| (4_000_000..4_001_000).contains(&n)), "{divisions}");
}

#[test]
fn binfmt_prints_a_registration() {
    let out = mj().args(["binfmt", "--interpreter", "/usr/bin/mj-run"]).output().expect("started");
    assert!(out.status.success());
    let line = stdout(&out);
    assert!(
        line.starts_with(r":mj-riscv64:M::\x7fELF\x02\x01") && line.ends_with(":/usr/bin/mj-run:F\n"),
        "{line}"
    );
    assert_eq!(line.lines().count(), 1);
    let out = mj().args(["binfmt", "--interpreter", "/usr/bin/mj"]).output().expect("started");
    assert_eq!(out.status.code(), Some(1));
}
