//! Instructions of small traces, and where they are not random: frames, patches, forced failures.

use super::world::{self, barrier_slow};
use crate::backend::codemap::Role;
use crate::backend::{Backend, Config, Style};
use crate::ir::Trace;
use crate::ir::text::{Names, parse};
use isa_spec::Isa;

pub const NAMES: Names = Names {
    fields: &world::FIELDS,
    arrays: &world::ARRAYS,
    calls: &[&world::MIX, &world::SCALE, &world::CHOOSE, &world::RAISE],
};

fn backend(style: Style, force_fail: Option<u64>) -> Backend {
    let config =
        Config { style, barrier_slow: barrier_slow as *const () as usize, force_fail, code_bytes: 1 << 16 };
    Backend::new(config, std::ptr::null()).expect("arena")
}

pub fn trace(text: &str) -> Trace {
    parse(text, NAMES).unwrap_or_else(|e| panic!("{e}"))
}

/// The instructions of a trace up to its last guard, as `role: instruction` (work: without the role). Targets out of the guard are
/// `exit`, offsets of pooled constants `const`.
fn listing(style: Style, text: &str) -> Vec<String> {
    let mut backend = backend(style, None);
    let compiled = backend.compile(&trace(text)).expect("compiles");
    let base = compiled.code.start;
    let bytes = backend.code(compiled.code.clone());
    let end =
        backend.code_map().iter().filter(|(_, s)| s.kind != "-").map(|(pc, _)| pc + 4).max().unwrap_or(base);
    let mut lines: Vec<String> = Vec::new();
    for (pc, span) in backend.code_map().iter().take_while(|(pc, _)| *pc < end) {
        let at = (pc - base) as usize;
        let word = u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let mut text =
            Isa::builtin().disassemble(word, 0).expect("an instruction").to_string().replace('\t', " ");
        if span.role == Role::Guard && text.starts_with(['b', 'j']) && !text.ends_with(",8") {
            let target = text.rfind([',', ' ']).expect("an operand");
            text.replace_range(target + 1.., "exit");
        }
        if lines.last().is_some_and(|l| l.contains("auipc")) {
            let (from, to) = (text.find(',').expect("an offset"), text.find('(').expect("a base"));
            text.replace_range(from + 1..to, "const");
        }
        lines.push(match span.role {
            Role::Exec => text,
            role => format!("{}: {text}", role.name()),
        });
    }
    lines
}

const HEAD: &str = "trace 1 \"\"\np0 = frame_load(48)\n";

/// The guard's instructions in each style, after the load of the object from the frame.
fn guard(text: &str) -> [Vec<String>; 3] {
    // On RV64 a hardware back end sets CSRs, which only a machine with the extension has.
    let styles =
        [Style::Naive, Style::Soft, if cfg!(target_arch = "riscv64") { Style::Soft } else { Style::Hw }];
    styles.map(|style| {
        let mut lines = listing(style, &format!("{HEAD}{text}\nleave() [1]"));
        if lines[0] == "ld t0,48(s8)" {
            lines.remove(0);
        }
        lines
    })
}

fn check(text: &str, naive: &[&str], soft: &[&str], hw: &[&str]) {
    let [n, s, h] = guard(text);
    assert_eq!(n, naive, "naive: {text}");
    assert_eq!(s, soft, "soft: {text}");
    if !cfg!(target_arch = "riscv64") {
        assert_eq!(h, hw, "hw: {text}");
    }
}

#[test]
fn class_guards() {
    check(
        "guard_class(p0, class 3) [0]",
        &[
            "feeder: lwu t6,0(t0)",
            "feeder: lui t5,0x0",
            "feeder: addiw t5,t5,3",
            "guard: beq t6,t5,8",
            "guard: j exit",
        ],
        &["feeder: lwu t6,0(t0)", "feeder: li t5,3", "guard: bne t6,t5,exit"],
        &["guard: mj.gclass t0,3"],
    );
    check(
        "guard_nonnull_class(p0, class 200000) [0]",
        &[
            "guard: bnez t0,8",
            "guard: j exit",
            "feeder: lwu t6,0(t0)",
            "feeder: lui t5,0x31",
            "feeder: addiw t5,t5,-704",
            "guard: beq t6,t5,8",
            "guard: j exit",
        ],
        &[
            "guard: beqz t0,exit",
            "feeder: lwu t6,0(t0)",
            "feeder: lui t5,0x31",
            "feeder: addiw t5,t5,-704",
            "guard: bne t6,t5,exit",
        ],
        &["feeder: lui t6,0x31", "feeder: addiw t6,t6,-704", "guard: mj.gclassr t0,t6"],
    );
}

#[test]
fn checked_loads() {
    check(
        "guard_nonnull_class(p0, class 100) [0]\nf2 = getfield_gc_f(p0, weight)\nguard_nonnull(p0) [1]\nexit 1: live(f2)",
        &[
            "guard: bnez t0,8",
            "guard: j exit",
            "feeder: lwu t6,0(t0)",
            "feeder: lui t5,0x0",
            "feeder: addiw t5,t5,100",
            "guard: beq t6,t5,8",
            "guard: j exit",
            "fld ft0,16(t0)",
            "guard: bnez t0,8",
            "guard: j exit",
        ],
        &[
            "guard: beqz t0,exit",
            "feeder: lwu t6,0(t0)",
            "feeder: li t5,100",
            "guard: bne t6,t5,exit",
            "fld ft0,16(t0)",
            "guard: beqz t0,exit",
        ],
        &["both: mj.cfld ft0,16(t0),100", "guard: mj.gne0 t0"],
    );
}

#[test]
fn value_and_null_guards() {
    check(
        "guard_nonnull(p0) [0]",
        &["guard: bnez t0,8", "guard: j exit"],
        &["guard: beqz t0,exit"],
        &["guard: mj.gne0 t0"],
    );
    check(
        "guard_isnull(p0) [0]",
        &["guard: beqz t0,8", "guard: j exit"],
        &["guard: bnez t0,exit"],
        &["guard: mj.geqi t0,0"],
    );
    check(
        "i1 = getfield_gc_i(p0, count)\nguard_value(i1, 5000) [0]",
        &[
            "ld t0,8(t0)",
            "feeder: auipc t6,0x0",
            "feeder: ld t6,const(t6)",
            "guard: beq t0,t6,8",
            "guard: j exit",
        ],
        &["ld t0,8(t0)", "feeder: lui t6,0x1", "feeder: addiw t6,t6,904", "guard: bne t0,t6,exit"],
        &["ld t0,8(t0)", "guard: mj.geqi t0,5000"],
    );
    check(
        "guard_value(p0, ptr(0x20000010)) [0]",
        &["feeder: auipc t6,0x0", "feeder: ld t6,const(t6)", "guard: beq t0,t6,8", "guard: j exit"],
        &["feeder: lui t6,0x20000", "feeder: addiw t6,t6,16", "guard: bne t0,t6,exit"],
        &["feeder: lui t6,0x20000", "feeder: addiw t6,t6,16", "guard: mj.geq t0,t6"],
    );
}

#[test]
fn comparisons_are_done_by_their_guards() {
    check(
        "i1 = getfield_gc_i(p0, count)\ni2 = int_lt(i1, 10)\nguard_true(i2) [0]",
        &["ld t0,8(t0)", "feeder: li t6,10", "guard: blt t0,t6,8", "guard: j exit"],
        &["ld t0,8(t0)", "feeder: li t6,10", "guard: bge t0,t6,exit"],
        &["ld t0,8(t0)", "feeder: li t6,10", "guard: bge t0,t6,exit"],
    );
    check(
        "f1 = getfield_gc_f(p0, weight)\ni2 = float_ne(f1, f1)\nguard_false(i2) [0]",
        &["fld ft0,16(t0)", "feeder: feq.d t6,ft0,ft0", "guard: bnez t6,8", "guard: j exit"],
        &["fld ft0,16(t0)", "feeder: feq.d t6,ft0,ft0", "guard: beqz t6,exit"],
        &["fld ft0,16(t0)", "feeder: feq.d t6,ft0,ft0", "guard: beqz t6,exit"],
    );
}

#[test]
fn overflow_guards() {
    let load = "i1 = getfield_gc_i(p0, count)";
    check(
        &format!("{load}\ni2 = int_add_ovf(i1, 5) [0]"),
        &[
            "ld t0,8(t0)",
            "li t6,5",
            "add t1,t0,t6",
            "guard: slt t5,t1,t0",
            "guard: slti t6,t6,0",
            "guard: beq t5,t6,8",
            "guard: j exit",
        ],
        &["ld t0,8(t0)", "addi t1,t0,5", "guard: blt t1,t0,exit"],
        &["ld t0,8(t0)", "both: mj.addio t0,t0,5"],
    );
    check(
        &format!("{load}\ni2 = int_mul_ovf(i1, i1) [0]"),
        &[
            "ld t0,8(t0)",
            "mul t1,t0,t0",
            "guard: mulh t5,t0,t0",
            "guard: srai t6,t1,0x3f",
            "guard: beq t5,t6,8",
            "guard: j exit",
        ],
        &[
            "ld t0,8(t0)",
            "mul t1,t0,t0",
            "guard: mulh t5,t0,t0",
            "guard: srai t6,t1,0x3f",
            "guard: bne t5,t6,exit",
        ],
        &["ld t0,8(t0)", "both: mj.mulo t0,t0,t0"],
    );
    check(
        &format!("{load}\ni2 = int_sub_ovf(i1, -2048) [0]"),
        &[
            "ld t0,8(t0)",
            "li t6,-2048",
            "sub t1,t0,t6",
            "guard: slt t5,t1,t0",
            "guard: sgtz t6,t6",
            "guard: beq t5,t6,8",
            "guard: j exit",
        ],
        &[
            "ld t0,8(t0)",
            "li t6,-2048",
            "sub t1,t0,t6",
            "guard: slt t5,t1,t0",
            "guard: sgtz t6,t6",
            "guard: bne t5,t6,exit",
        ],
        &["ld t0,8(t0)", "li t6,-2048", "both: mj.subo t0,t0,t6"],
    );
}

#[test]
fn other_guards() {
    check(
        "guard_no_exception() [0]",
        &[
            "feeder: auipc t6,0x0",
            "feeder: ld t6,const(t6)",
            "feeder: ld t6,0(t6)",
            "guard: beqz t6,8",
            "guard: j exit",
        ],
        &["feeder: ld t6,24(s11)", "guard: bnez t6,exit"],
        &["guard: mj.gnoexc 24(s11)"],
    );
    check(
        "guard_no_collect() [0]",
        &["guard: bgeu s9,s10,8", "guard: j exit"],
        &["guard: bltu s9,s10,exit"],
        &["guard: bltu s9,s10,exit"],
    );
    check("guard_not_invalidated() [0]", &["guard: nop"], &["guard: nop"], &["guard: nop"]);
}
