//! The report of a program that a signal killed: where it was, and who called.

mod common;

use std::path::Path;
use std::process::Command;

use common::{mj, scratch, status, stderr, tool};

fn assembled(dir: &Path, text: &str) -> String {
    let (source, program) = (dir.join("prog.s"), dir.join("prog"));
    std::fs::write(&source, text).expect("written");
    let out = mj().arg("as").arg(&source).arg("-o").arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let out = mj().arg("run").arg(&program).output().expect("started");
    assert_eq!(status(&out), Some(139), "{}", stderr(&out));
    stderr(&out)
}

/// The names in the list of callers.
fn callers(report: &str) -> Vec<&str> {
    let list = report.lines().skip_while(|l| *l != "called by").skip(1);
    let names = list.map_while(|l| l.strip_prefix("  0x"));
    names.map(|l| l.split(['<', '+', '>']).nth(1).unwrap_or("?")).collect()
}

#[test]
fn frames_by_pointer() {
    let text = "
        .globl _start
_start: call outer
        ebreak
outer:  addi sp, sp, -16
        sd   ra, 8(sp)
        sd   s0, 0(sp)
        addi s0, sp, 16
        call inner
        ebreak
inner:  addi sp, sp, -16
        sd   ra, 8(sp)
        sd   s0, 0(sp)
        addi s0, sp, 16
        li   a0, 0
        ld   a1, 24(a0)
        ebreak
    ";
    let report = assembled(&scratch("crash-pointer"), text);
    assert_eq!(callers(&report), ["outer", "_start"], "{report}");
    let line = report.lines().find(|l| l.contains("=>")).expect("a line for the pc");
    assert!(line.ends_with("ld a1,24(a0)"), "{report}");
    let code: Vec<&str> = report.lines().skip_while(|l| *l != "code").skip(1).take(7).collect();
    assert!(code[0].ends_with("addi sp,sp,-16") && code[4].ends_with("li a0,0"), "{report}");
}

#[test]
fn frames_by_call_frame_information() {
    // No frame pointer, and s0 is no address.
    let text = "
        .globl _start
        .cfi_startproc
        .cfi_undefined ra
_start: li   s0, 77
        call outer
        ebreak
        .cfi_endproc
        .cfi_startproc
outer:  addi sp, sp, -48
        .cfi_def_cfa_offset 48
        sd   ra, 8(sp)
        .cfi_offset ra, -40
        call inner
        ebreak
        .cfi_endproc
inner:  ld   a1, 0(zero)
    ";
    let report = assembled(&scratch("crash-cfi"), text);
    assert_eq!(callers(&report), ["outer", "_start"], "{report}");
}

#[test]
fn a_jump_into_nothing_names_the_caller() {
    let text = "
        .globl _start
_start: call outer
        ebreak
outer:  li   t0, 0x1000
        jalr t0
        ebreak
    ";
    let report = assembled(&scratch("crash-jump"), text);
    assert!(report.contains("jump to memory that is not executable"), "{report}");
    assert_eq!(callers(&report), ["outer"], "{report}");
}

const SIGNALS: &str = r#"
    #include <signal.h>
    #include <stdlib.h>
    static int compare(const void *a, const void *b) { raise(SIGUSR1); return 1; }
    void handler(int s) { *(volatile int *)8 = s; }
    int main(void) { int list[2] = { 2, 1 }; signal(SIGUSR1, handler); qsort(list, 2, 4, compare); return 0; }
"#;

/// Through a handler, the C library and its callback.
#[test]
fn frames_of_c_programs_lead_through_handlers_and_libraries() {
    let Some(gcc) = tool(&["riscv64-linux-gnu-gcc"]) else { return };
    let dir = scratch("crash-c");
    let source = dir.join("signals.c");
    std::fs::write(&source, SIGNALS).expect("written");
    let root = Path::new("/usr/riscv64-linux-gnu");
    let dynamic = root.join("lib/ld-linux-riscv64-lp64d.so.1").exists();
    for flags in [&["-static"][..], &[]].into_iter().take(if dynamic { 2 } else { 1 }) {
        let program = dir.join(format!("signals{}", flags.len()));
        let built = Command::new(&gcc).args(flags).arg("-O1").arg(&source).arg("-o").arg(&program).output();
        let built = built.expect("started");
        assert!(built.status.success(), "{}", stderr(&built));
        let out = mj().args(["run", "-L"]).arg(root).arg(&program).output().expect("started");
        let report = stderr(&out);
        assert_eq!(status(&out), Some(139), "{report}");
        assert!(report.contains("<handler"), "{report}");
        let names = callers(&report);
        let after = |name: &str| names.iter().position(|n| *n == name).unwrap_or(0);
        assert!(after("compare") > 0 && after("main") > after("compare"), "{report}");
        assert!(flags.len() == 1 || report.contains("in libc.so.6"), "{report}");
    }
}

#[test]
fn nobody_reads_the_report() {
    let dir = scratch("crash-unread");
    let (source, program, stats) = (dir.join("prog.s"), dir.join("prog"), dir.join("stats.json"));
    std::fs::write(&source, ".globl _start\n_start: ld a1, 24(zero)\n").expect("written");
    let out = mj().arg("as").arg(&source).arg("-o").arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let mut run = mj();
    run.args(["run", "--stats=json", "--stats-file"]).arg(&stats).arg(&program).stderr(writer);
    assert_eq!(status(&run.output().expect("started")), Some(139));
    assert!(std::fs::read_to_string(&stats).expect("statistics").contains("\"instructions\""));
}
