//! `--log-commits`, `--trace`, `--perf-map`, and `--lockstep` on whole programs.

mod common;

use std::path::{Path, PathBuf};

use common::{mj, scratch, status, stderr, stdout, tool};

const PROGRAM: &str = "
        .globl _start
        .type leaf, @function
_start: li      t0, 0x12345678
        la      s1, cell
        sb      t0, 3(s1)
        sh      t0, 4(s1)
        sd      t0, 8(s1)
        lwu     t1, 8(s1)
        c.li    a0, -1
        li      x0, 5
        fmv.d.x fa5, t0
        fcvt.w.s a1, fa5
        csrw    mj.gvec, t0
        csrwi   frm, 1
        call    leaf
        li      a0, 0
        li      a7, 93
        ecall
leaf:   addi    a2, a2, 7
        ret
        .size   leaf, . - leaf
        .data
        .p2align 4
cell:   .skip   16
";

fn assemble(dir: &Path) -> PathBuf {
    let (source, program) = (dir.join("prog.s"), dir.join("prog"));
    std::fs::write(&source, PROGRAM).expect("written");
    let out = mj().arg("as").arg(&source).arg("-o").arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    program
}

#[test]
fn commits_have_spikes_form() {
    let dir = scratch("log-commits");
    let (program, file) = (assemble(&dir), dir.join("commits.txt"));
    let out = mj()
        .args(["run", "--log-commits", "--stats", "--log"])
        .arg(&file)
        .arg(&program)
        .output()
        .expect("started");
    assert_eq!(status(&out), Some(0), "{}", stderr(&out));
    let text = std::fs::read_to_string(&file).expect("a log");
    let lines: Vec<&str> = text.lines().collect();
    assert!(stderr(&out).contains(&format!("prog: {} instructions", lines.len())), "{}", stderr(&out));
    assert!(lines[0].starts_with("core   0: 0 0x0000000000011000 (0x"), "{}", lines[0]);
    let ends = |end: &str| assert!(lines.iter().any(|l| l.ends_with(end)), "no {end} in\n{text}");
    let cell = lines.iter().find_map(|l| l.split_once(" x6  ")).expect("the load of t1").1;
    let cell = u64::from_str_radix(&cell[cell.rfind("0x").expect("an address") + 2..], 16).expect("hex") - 8;
    ends(&format!("x6  0x0000000012345678 mem {:#018x}", cell + 8));
    ends(&format!(" mem {:#018x} 0x78", cell + 3));
    ends(&format!(" mem {:#018x} 0x5678", cell + 4));
    ends(&format!(" mem {:#018x} 0x0000000012345678", cell + 8));
    ends("(0x557d) x10 0xffffffffffffffff");
    // Nothing is written to x0.
    ends("(0x00500013)");
    ends(" f15 0x0000000012345678");
    // Not a boxed single: the largest integer, and the invalid flag.
    ends(" x11 0x000000007fffffff c1_fflags 0x0000000000000010");
    ends(" c2048_mj.gvec 0x0000000012345678");
    ends(" c2_frm 0x0000000000000001");
    ends("(0x00000073)");
}

#[test]
fn a_trace_is_of_a_function_or_a_range() {
    let dir = scratch("log-trace");
    let program = assemble(&dir);
    let out = mj().args(["run", "--trace", "leaf"]).arg(&program).output().expect("started");
    let text = stderr(&out);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(
        lines[0].starts_with("0: ") && lines[0].ends_with("addi a2,a2,7") && lines[1].ends_with("ret"),
        "{text}"
    );
    let at =
        u64::from_str_radix(lines[1][2..].trim().split(':').next().expect("an address"), 16).expect("hex");
    let range = format!("{:#x}-{:#x}", at, at + 2);
    let out = mj().args(["run", "--trace", &range]).arg(&program).output().expect("started");
    assert_eq!(stderr(&out).lines().collect::<Vec<_>>(), [lines[1]]);
    for (arguments, why) in
        [(&["--trace", "20-10"][..], "the range is empty"), (&["--log", "x"], "nothing is logged")]
    {
        let out = mj().arg("run").args(arguments).arg(&program).output().expect("started");
        assert!(!out.status.success() && stderr(&out).contains(why), "{}", stderr(&out));
    }
}

#[test]
fn perf_finds_names_of_translated_code() {
    let dir = scratch("perf-map");
    let (source, program) = (dir.join("loop.s"), dir.join("loop"));
    let text = ".globl _start, hot\n_start: li s0, 100000\nhot: addi s0, s0, -1\n bnez s0, hot\n \
                li a0, 0\n li a7, 93\n ecall\n";
    std::fs::write(&source, text).expect("written");
    let out = mj().arg("as").arg(&source).arg("-o").arg(&program).output().expect("started");
    assert!(out.status.success(), "{}", stderr(&out));
    let child = mj().args(["run", "--perf-map"]).arg(&program).spawn().expect("started");
    let map = PathBuf::from(format!("/tmp/perf-{}.map", child.id()));
    assert!(child.wait_with_output().expect("it ends").status.success());
    let text = std::fs::read_to_string(&map).expect("a map");
    std::fs::remove_file(&map).expect("removed");
    let line = text.lines().find(|l| l.contains(" hot@")).unwrap_or_else(|| panic!("no hot in\n{text}"));
    let size = line.split(' ').nth(1).expect("a size");
    assert!(u64::from_str_radix(size, 16).is_ok_and(|n| n > 0 && n < 4096), "{line}");
}

const WORK: &str = r#"
    #include <stdio.h>
    #include <stdlib.h>
    #include <string.h>
    #include <math.h>
    #include <signal.h>
    #include <setjmp.h>
    static sigjmp_buf back;
    static void fault(int s) { siglongjmp(back, 1); }
    static int compare(const void *a, const void *b) { return *(int *)a - *(int *)b; }
    int main(void) {
        static int list[3000]; double sum = 0; char text[64];
        for (int i = 0; i < 3000; i++) list[i] = (i * 7919) % 3001;
        qsort(list, 3000, sizeof *list, compare);
        for (int i = 0; i < 3000; i++) sum += sqrt(list[i]) / (i + 1);
        signal(SIGSEGV, fault);
        for (int i = 0; i < 20; i++) if (!sigsetjmp(back, 1)) *(volatile int *)8 = i;
        snprintf(text, sizeof text, "%.9f %d", sum, list[1500]);
        puts(text);
        return strlen(text);
    }
"#;

/// Faults, handlers, system calls, floating point: the engines agree all the way.
#[test]
fn a_c_program_runs_in_lockstep() {
    let Some(gcc) = tool(&["riscv64-linux-gnu-gcc"]) else { return };
    let dir = scratch("lockstep");
    let (source, program) = (dir.join("work.c"), dir.join("work"));
    std::fs::write(&source, WORK).expect("written");
    let built = std::process::Command::new(gcc)
        .args(["-O2", "-static"])
        .arg(&source)
        .arg("-o")
        .arg(&program)
        .arg("-lm")
        .output()
        .expect("started");
    assert!(built.status.success(), "{}", stderr(&built));
    let plain = mj().arg("run").arg(&program).output().expect("started");
    for option in ["--lockstep", "--lockstep=30"] {
        let out = mj().args(["run", option]).arg(&program).output().expect("started");
        assert_eq!((status(&out), stdout(&out)), (status(&plain), stdout(&plain)), "{}", stderr(&out));
        assert_eq!(stderr(&out), "");
    }
}
