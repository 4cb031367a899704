//! Counts are exact: by mnemonic, phase and region, at traps, faults, failed guards and writes to code.

mod common;

use common::{CODE, assemble, elf, run_asm, run_asm_with, write_program};
use emu::{Exit, Machine};

fn count(outcome: &emu::Outcome, mnemonic: &str) -> u64 {
    outcome.stats.total.by_mnemonic.get(mnemonic).copied().unwrap_or(0)
}

const EXIT0: &str = "
    addi a0, zero, 0
    addi a7, zero, 93
    ecall";

#[test]
fn loop_counts() {
    let o = run_asm(&format!(
        "
        addi t0, zero, 100
    loop:
        addi t0, t0, -1
        add t1, t1, t0
        bne t0, zero, loop
        {EXIT0}"
    ));
    assert_eq!(o.exit, Exit::Code(0));
    assert_eq!(
        (count(&o, "addi"), count(&o, "add"), count(&o, "bne"), count(&o, "ecall")),
        (103, 100, 100, 1)
    );
    assert_eq!(o.stats.total.instructions, 304);
    for division in [&o.stats.total.by_class, &o.stats.total.by_extension, &o.stats.total.by_mnemonic] {
        assert_eq!(division.values().sum::<u64>(), 304);
    }
}

#[test]
fn instret_is_exact_in_the_middle_of_code() {
    // Between the two reads: the first csrrs itself and three more.
    let o = run_asm(
        "
        addi t0, zero, 1
        csrrs a1, 0xc02, zero
        addi t0, zero, 1
        addi t0, zero, 1
        bne t0, zero, next
    next:
        csrrs a2, 0xc02, zero
        sub a0, a2, a1
        slli a1, a1, 4
        add a0, a0, a1
        addi a7, zero, 93
        ecall",
    );
    assert_eq!(o.exit, Exit::Code(1 << 4 | 4));
}

#[test]
fn a_fault_in_the_middle_of_a_block_counts_what_ran() {
    let o = run_asm(
        "
        addi t0, zero, 1
        addi t0, zero, 2
        ld t1, 0(zero)
        addi t0, zero, 3
        addi t0, zero, 4
        ecall",
    );
    assert_eq!(o.exit, Exit::Signal(11));
    assert_eq!((o.stats.total.instructions, count(&o, "addi"), count(&o, "ld")), (2, 2, 0));
    let crash = o.crash.expect("a report");
    assert_eq!((crash.pc, crash.fault_addr, crash.x[5]), (CODE + 8, Some(0), 2));
    assert_eq!(crash.disassembly.as_deref(), Some("ld\tt1,0(zero)"));
    assert!(crash.to_string().contains("SIGSEGV"), "{crash}");
}

#[test]
fn phases_and_region_begin_after_their_marks() {
    let o = run_asm(&format!(
        "
        addi t0, zero, 0
        mj.phase 3
        addi t0, zero, 1
        addi t0, zero, 1
        mj.roi 1
        addi t0, zero, 2
        mj.phase 5
        addi t0, zero, 3
        mj.roi 0
        addi t0, zero, 4
        mj.phase 0
        {EXIT0}"
    ));
    let phase = |n| o.stats.phase(n).map_or(0, |t| t.instructions);
    assert_eq!((phase(0), phase(3), phase(5)), (5, 5, 4));
    let roi = o.stats.roi.as_ref().expect("a region");
    assert_eq!(roi.tally.instructions, 4);
    let parts: Vec<(u8, u64)> = roi.phases.iter().map(|p| (p.phase, p.tally.instructions)).collect();
    assert_eq!(parts, [(3, 2), (5, 2)]);
    assert_eq!(o.stats.total.hints.values().sum::<u64>(), 5);
}

#[test]
fn a_guard_without_vector_is_an_illegal_instruction() {
    let o = run_asm("addi t0, zero, 1\nmj.geqi t0, 1\nmj.geqi t0, 2\naddi t0, zero, 3\necall");
    assert_eq!(o.exit, Exit::Signal(4));
    let crash = o.crash.expect("a report");
    assert_eq!(crash.pc, CODE + 8);
    assert!(crash.reason.contains("guard"), "{crash}");
    assert_eq!((count_in(&o.stats, "mj.geqi"), o.stats.total.instructions), ((1, 0), 2));
}

fn count_in(stats: &emu::Stats, guard: &str) -> (u64, u64) {
    stats.total.guards.get(guard).map_or((0, 0), |g| (g.executed, g.failed))
}

/// Ten rounds; the guard in the middle of a block fails in rounds 5..=9. The handler counts in s1 and goes
/// on at `after`.
const GUARD_LOOP: &str = "
    start:
        auipc t0, 0
        addi t0, t0, handler-start
        csrrw zero, 0x800, t0
        addi s0, zero, 0
    loop:
        slti t1, s0, 5
        addi t2, zero, 7
        mj.geqi t1, 1
        addi s2, s2, 1
    after:
        addi s0, s0, 1
        addi t3, zero, 10
        bne s0, t3, loop
        slli a0, s1, 4
        add a0, a0, s2
        addi a7, zero, 93
        ecall
    handler:
        addi s1, s1, 1
        csrrs s3, 0x801, zero
        csrrs s4, 0x802, zero
        jal zero, after";

fn guard_loop(bridges: bool) -> emu::Outcome {
    if !bridges {
        return run_asm(GUARD_LOOP);
    }
    // The first failure attaches a bridge to the guard.
    let attach = "csrrw zero, 0x803, s3\n addi s5, s3, 8\n csrrw zero, 0x804, s5";
    run_asm(&GUARD_LOOP.replace("csrrs s4, 0x802, zero", attach))
}

#[test]
fn failing_guards_go_to_the_vector_and_are_counted() {
    let o = guard_loop(false);
    assert_eq!(o.exit, Exit::Code(5 << 4 | 5));
    assert_eq!(count_in(&o.stats, "mj.geqi"), (10, 5));
    let hw = &o.stats.hardware;
    assert_eq!((hw.vector_entries, hw.bridge_hits), (5, 0));
    // 4 before, 10 rounds of 6, one more where the guard held, handlers of 4, 4 to exit.
    assert_eq!(o.stats.total.instructions, 4 + 10 * 6 + 5 + 5 * 4 + 4);
    assert_eq!(o.stats.estimate.cycles, o.stats.total.instructions + 5 * 4);
}

#[test]
fn a_bridge_skips_the_vector() {
    let o = guard_loop(true);
    assert_eq!(o.exit, Exit::Code(1 << 4 | 5));
    let hw = &o.stats.hardware;
    assert_eq!((hw.vector_entries, hw.bridge_hits, hw.bridges_inserted), (1, 4, 1));
    assert_eq!(count_in(&o.stats, "mj.geqi"), (10, 5));
    assert_eq!(o.stats.total.instructions, 4 + 10 * 6 + 5 + 6 + 4);
}

#[test]
fn a_store_to_the_next_instruction_takes_effect_at_once() {
    // The store replaces `addi a0, zero, 1` by `addi a0, zero, 9` in its own block, without fence.i.
    let nine = u32::from_le_bytes(assemble("addi a0, zero, 9", 0).bytes.try_into().expect("one word"));
    let text = format!(
        "
    start:
        auipc t0, 0
        lw t1, nine-start(t0)
        sw t1, patched-start(t0)
    patched:
        addi a0, zero, 1
        addi a7, zero, 93
        ecall
    nine:
        .word {nine}"
    );
    let o = run_asm_with(&text, |b| b.pc_counts(true));
    assert_eq!(o.exit, Exit::Code(9));
    assert_eq!(o.stats.total.instructions, 6);
    assert_eq!((o.stats.engine.blocks_dropped, o.stats.engine.code_writes), (1, 1));
    let words: Vec<u32> = o.stats.pc_counts.iter().filter(|c| c.pc == CODE + 12).map(|c| c.word).collect();
    assert_eq!(words, [nine]);
    assert_eq!(o.stats.pc_counts.iter().map(|c| c.count).sum::<u64>(), 6);
}

#[test]
fn patched_code_keeps_counts_of_each_version() {
    // A function is called 100 times and patched after each call: `addi a0,a0,1` and `addi a0,a0,2` in turn.
    let insn =
        |n| u32::from_le_bytes(assemble(&format!("addi a0, a0, {n}"), 0).bytes.try_into().expect("one word"));
    let (one, two) = (insn(1), insn(2));
    let text = format!(
        "
    start:
        auipc s0, 0
        addi s1, zero, 100
        addi a0, zero, 0
        lw s2, one-start(s0)
        lw s3, two-start(s0)
    loop:
        jal ra, function
        sw s3, function-start(s0)
        addi t0, s2, 0
        addi s2, s3, 0
        addi s3, t0, 0
        addi s1, s1, -1
        bne s1, zero, loop
        addi a7, zero, 93
        ecall
    function:
        addi a0, a0, 1
        jalr zero, 0(ra)
    one:
        .word {one}
    two:
        .word {two}"
    );
    let function = assemble(&text, CODE).labels["function"];
    let o = run_asm_with(&text, |b| b.pc_counts(true));
    assert_eq!(o.exit, Exit::Code(150));
    let at =
        |word| o.stats.pc_counts.iter().find(|c| c.pc == function && c.word == word).map_or(0, |c| c.count);
    assert_eq!((at(one), at(two)), (50, 50));
    assert!(o.stats.engine.blocks_dropped >= 16, "{:?}", o.stats.engine);
    assert_eq!(o.stats.total.instructions, 5 + 100 * 9 + 2);
}

#[test]
fn atomics_that_write_code_take_effect_in_the_next_block() {
    let nine = u32::from_le_bytes(assemble("addi a0, zero, 9", 0).bytes.try_into().expect("one word"));
    let text = format!(
        "
    start:
        auipc t0, 0
        lw t1, nine-start(t0)
        addi t2, t0, function-start
        jal ra, function
        amoswap.w t3, t1, (t2)
        jal zero, function
    function:
        addi a0, zero, 1
        bne t3, zero, out
        jalr zero, 0(ra)
    nine:
        .word {nine}
    out:
        addi a7, zero, 93
        ecall"
    );
    assert_eq!(run_asm(&text).exit, Exit::Code(9));
}

#[test]
fn the_instruction_limit_stops_an_endless_loop() {
    let o = run_asm_with("loop:\n jal zero, loop", |b| b.max_instructions(1000));
    assert_eq!(o.exit, Exit::InstructionLimit);
    assert_eq!(o.stats.total.instructions, 1000);
}

#[test]
fn json_has_the_schema_and_the_parameters() {
    let o = run_asm(EXIT0);
    let json: serde_json::Value = serde_json::from_str(&o.stats.to_json()).expect("valid JSON");
    assert_eq!(json["schema"], "mj-stats/1");
    assert_eq!(json["instructions"], 3);
    assert_eq!(json["hw_params"]["pattern_table"]["entries"], 128);
    assert_eq!(json["phases"][0]["name"], "interpreter");
}

#[test]
fn deterministic_runs_are_equal() {
    let text = format!(
        "
        addi sp, sp, -64
        addi a0, sp, 0
        addi a1, zero, 16
        addi a2, zero, 0
        addi a7, zero, 278
        ecall
        addi a0, zero, 1
        addi a1, sp, 16
        addi a7, zero, 113
        ecall
        csrrs t0, 0xc01, zero
        ld t1, 0(sp)
        ld t2, 24(sp)
        andi t1, t1, 63
    loop:
        addi t1, t1, -1
        bge t1, zero, loop
        {EXIT0}"
    );
    let (a, b) = (run_asm(&text), run_asm(&text));
    assert_eq!(a.stats.total, b.stats.total);
}

#[test]
fn observations_confirm_a_constant() {
    let text = "
        addi t0, zero, 40
        addi t1, zero, 77
    loop:
        mj.obsv t1, 9
        addi t0, t0, -1
        bne t0, zero, loop
        addi t2, zero, 9
        csrrw zero, 0x810, t2
        csrrs a1, 0x811, zero
        csrrs a2, 0x812, zero
        csrrs a3, 0x813, zero
        csrrs a4, 0x813, zero
        andi a1, a1, 7
        add a0, a1, a2
        add a0, a0, a3
        add a0, a0, a4
        addi a7, zero, 93
        ecall";
    let o = run_asm(text);
    assert_eq!(o.exit, Exit::Code(1 + 77 + 10));
    assert_eq!(o.stats.hardware.patterns.confirmed_values, 1);
    assert_eq!(o.stats.total.hints["mj.obsv"], 40);
}

#[test]
fn a_misaligned_atomic_is_a_bus_error() {
    let o = run_asm("addi t0, sp, 1\namoadd.w t1, zero, (t0)\necall");
    assert_eq!(o.exit, Exit::Signal(7));
}

#[test]
fn jumps_to_data_and_nowhere_are_reported_at_their_target() {
    let o = run_asm("jalr zero, 0(sp)");
    assert_eq!(o.exit, Exit::Signal(11));
    let crash = o.crash.expect("a report");
    assert_eq!(Some(crash.pc), crash.fault_addr);
    assert!(crash.reason.contains("no permission"), "{crash}");
    let o = run_asm("lui t0, 0x40000\nslli t0, t0, 20\njalr zero, 0(t0)");
    assert_eq!(o.exit, Exit::Signal(11));
}

#[test]
fn a_program_can_be_run_twice() {
    let program = write_program(&elf(&assemble(EXIT0, CODE).bytes));
    for _ in 0..2 {
        let mut machine = Machine::builder(&program.0).build().expect("a machine");
        assert_eq!(machine.run().exit, Exit::Code(0));
    }
}
