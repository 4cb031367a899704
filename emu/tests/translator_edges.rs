//! Programs at the edges of what the translator does: they leave superblocks in unusual places, or use instructions of
//! ISA files whose operations are unusual. Both engines must do the same, count the same, and end.
#![cfg(target_arch = "x86_64")]

mod common;

use common::{Way, assemble, hart_with_page};
use emu::engine::{Event, counts};
use emu::memory::{AddressSpace, Backing, EXEC, Placement, READ, SPACE, WRITE};
use emu::{Hart, InsnSet, Trap};
use isa_spec::Isa;
use std::sync::Arc;

/// Where the code is.
const PAGE: u64 = 0x10000;
/// A page of data, in s1 when a program begins.
const DATA: u64 = 0x20000;

/// The built-in instructions and `my.one xd, xs1, xs2` with this operation.
fn with(class: &str, operation: &str) -> InsnSet {
    let variables = "- { name: xs2, location: 24-20 }
    - { name: xs1, location: 19-15 }
    - { name: xd, location: 11-7 }";
    defined("xd, xs1, xs2", "0000000----------000-----1011011", variables, class, operation)
}

/// The built-in instructions and `my.one` with these operands, bits, variables, and this operation.
fn defined(operands: &str, bits: &str, variables: &str, class: &str, operation: &str) -> InsnSet {
    let text = format!(
        "kind: instruction
name: my.one
long_name: An instruction of a test
description: It does what the test says.
definedBy: Xmy
assembly: {operands}
encoding:
  match: \"{bits}\"
  variables:
    {variables}
custom_class: {class}
operation(): |
  {}
",
        operation.replace('\n', "\n  ")
    );
    let isa = Isa::builtin().extended(&[("my.yaml", &text)]).unwrap_or_else(|e| panic!("{e:?}"));
    InsnSet::new(Arc::new(isa))
}

/// The word of `my.one` with these registers.
fn my(xd: u32, xs1: u32, xs2: u32) -> String {
    format!(".word {:#x}", 0x5b | xd << 7 | xs1 << 15 | xs2 << 20)
}

/// `body` 2,000 times; it keeps s0.
fn looped(body: &str) -> String {
    format!("addi s0, zero, 2000\nagain:\n{body}\n addi s0, s0, -1\n bne s0, zero, again\n ecall\n")
}

/// A hart at the beginning of the program, and its memory.
fn hart(code: &str, set: &InsnSet) -> Hart {
    let mut hart = hart_with_page(PAGE);
    let mut space = AddressSpace::new(hart.ram.clone(), 1 << 30);
    space
        .map(Placement::Fixed(DATA), 0x1000, READ | WRITE, false, Backing::Anonymous, "data")
        .expect("room for a page");
    hart.set_isa(set.clone());
    hart.ram.write(PAGE, &assemble(code, PAGE).bytes).expect("mapped");
    hart.x[..32].fill(0);
    hart.x[9] = DATA;
    hart.pc = PAGE;
    hart
}

/// Runs the program in both engines, in slices, and compares events, registers, pc and counts.
fn same(code: &str, set: InsnSet) {
    let [reference, others @ ..] = Way::ALL.map(|way| {
        let mut hart = hart(code, &set);
        let mut engine = way.engine(set.clone());
        let event = (0..200).find_map(|_| {
            hart.stop_at = hart.instret + 5000;
            Some(engine.run(&mut hart)).filter(|event| *event != Event::Slice)
        });
        let tally = format!("{:?}", counts::tally(&set, true, |f| engine.for_each_count(f)));
        let registers = hart.x[..32].iter().chain(&hart.f).copied().collect::<Vec<u64>>();
        (event, registers, hart.pc, tally)
    });
    let a = &reference;
    for (b, way) in others.iter().zip(&Way::ALL[1..]) {
        assert_eq!((a.0, &a.1, a.2), (b.0, &b.1, b.2), "{way:?}");
        assert_eq!(a.3, b.3, "{way:?}");
    }
}

#[test]
fn a_mark_behind_a_skipped_instruction() {
    same(
        &looped("andi a0, s0, 1\n beq a0, zero, over\n addi a1, a1, 1\nover:\n mj.phase 1\n mj.phase 0"),
        InsnSet::default(),
    );
}

#[test]
fn a_long_loop_keeps_to_its_budget() {
    // Longer than a superblock; the halves use different registers. It never ends by itself.
    let mut code = String::from("again:\n");
    for registers in [["a6", "a7", "s2", "t0"], ["a6", "a7", "s2", "t0"], ["t3", "t4", "s4", "s5"]] {
        for _ in 0..75 {
            registers.iter().for_each(|r| code += &format!("addi {r}, {r}, 1\n"));
        }
    }
    code += "jal zero, again\n";
    let set = InsnSet::default();
    let mut hart = hart(&code, &set);
    let mut engine = Way::Superblocks.engine(set);
    for _ in 0..400 {
        hart.stop_at = hart.instret + 10_000;
        assert_eq!(engine.run(&mut hart), Event::Slice);
        assert!(hart.instret < hart.stop_at + 2000, "{} of {}", hart.instret, hart.stop_at);
    }
}

#[test]
fn exits_for_the_interpreter_after_a_skip() {
    // By a store that has no reservation, and by divisions by zero, in the first round of the loop and in later ones.
    same(
        "
        lui s0, 1
    again:
        beq a4, zero, over
        addi a1, a1, 1
        addi a1, a1, 1
    over:
        xori a4, a4, 1
        sc.d a3, a1, (s1)
        addi s0, s0, -1
        bne s0, zero, again
        ecall",
        InsnSet::default(),
    );
    for flag in ["andi a4, s0, 1", "xori a4, a4, 1"] {
        same(
            &format!(
                "
            lui s3, 1
        outer:
            addi s0, zero, 3
        again:
            beq a4, zero, over
            addi a1, a1, 1
            addi a1, a1, 1
        over:
            {flag}
            addi s2, s0, -3
            div a3, a1, s2
            addi s0, s0, -1
            bne s0, zero, again
            addi s3, s3, -1
            bne s3, zero, outer
            ecall"
            ),
            InsnSet::default(),
        );
    }
}

#[test]
fn an_operation_that_writes_before_it_divides_by_zero() {
    same(
        &looped(&format!(
            "addi a1, zero, 100\n andi a2, s0, 7\n {}\n add a4, a4, a0\n add a4, a4, t3",
            my(10, 11, 12)
        )),
        with("alu", "X[xd] = X[xd] + 1;\nX[28] = X[xs1] / X[xs2];"),
    );
    same(
        &looped(&format!("andi a2, s0, 7\n {}\n add a4, a4, t3\n ld a5, 0(s1)", my(10, 9, 12))),
        with(
            "atomic",
            "X[xd] = amo<64>(X[xs1], 64'd1, AmoOperation::Add, 1'b0, 1'b0, $encoding);\nX[28] = X[xs1] / X[xs2];",
        ),
    );
}

#[test]
fn a_value_that_was_loaded_before_it_is_changed() {
    same(
        &looped(&format!("{}\n add a4, a4, a0\n add a4, a4, t3\n ld a5, 0(s1)", my(10, 9, 12))),
        with(
            "atomic",
            "XReg old = read_memory<64>(X[xs1], $encoding);
XReg sum = amo<64>(X[xs1], 64'd1, AmoOperation::Add, 1'b0, 1'b0, $encoding);
X[xd] = sum;
X[28] = old;",
        ),
    );
}

#[test]
fn bits_of_the_pc() {
    let twice = format!("{}\n add a4, a4, a0\n {}\n add a4, a4, a0", my(10, 0, 0), my(10, 0, 0));
    same(&looped(&twice), with("alu", "X[xd] = $pc & 31;"));
}

#[test]
fn constants_that_a_condition_may_change() {
    same(
        &looped(&format!("addi a1, zero, 7\n {}\n add a4, a4, a0", my(10, 11, 8))),
        with("alu", "X[xd] = 0;\nif (X[xs1] < X[xs2]) {\n  X[xd] = X[xs1];\n}"),
    );
    same(
        &looped(&format!(
            "addi a0, zero, 7\n andi a1, s0, 1\n {}\n add a4, a4, a0\n add a5, a5, t3",
            my(10, 11, 8)
        )),
        with("alu", "if (X[xs1] == 0) {\n  X[xd] = X[xs2];\n}\nX[28] = X[xd] + 1;"),
    );
}

/// Jumps over an instruction, to an address that comes from memory; `odd` is added to it.
fn jump_from_memory(odd: u32) -> String {
    looped(&format!(
        "auipc a0, 0\n addi a0, a0, {}\n sd a0, 0(s1)\n ld a0, 0(s1)\n {}\n addi a3, a3, 1\n addi a4, a4, 1",
        24 + odd,
        my(10, 10, 0)
    ))
}

#[test]
fn a_jump_to_what_the_same_instruction_wrote() {
    same(&jump_from_memory(0), with("jump", "X[xd] = $pc + 4;\njump(X[xs1]);"));
}

#[test]
fn jumps_to_odd_addresses() {
    let set = with("jump", "jump(X[xs1]);");
    same(&jump_from_memory(1), set.clone());
    // 1 is what the engine calls a dropped block.
    same(&format!("addi a0, zero, 1\n {}", my(0, 10, 0)), set.clone());
    same(
        &looped(&format!(
            "addi s3, zero, 5\n beq s0, s3, out\n jal zero, on\nout:\n addi a0, zero, 1\n {}\non:",
            my(0, 10, 0)
        )),
        set,
    );
}

/// A block over two pages is dropped for a write to the second one; a superblock on the first one stays, and its code is
/// written then.
#[test]
fn code_on_two_pages_that_is_written_page_by_page() {
    const START: u64 = PAGE + 0xf80;
    // The superblock ends on the first page, at an instruction that is not translated.
    let code = format!(
        "again:\n addi a0, a0, 1\n{} fadd.h fa0, fa1, fa2, 0\n{} addi a4, a4, 1\n addi s0, s0, -1\n bne s0, zero, again\n ecall\n",
        " addi a1, a1, 1\n".repeat(15),
        " addi a3, a3, 1\n".repeat(15)
    );
    let word = |text: &str, at: u64| assemble(text, at).bytes[..4].to_vec();
    for way in Way::ALL {
        let set = InsnSet::default();
        let mut hart = hart_with_page(PAGE);
        let mut space = AddressSpace::new(hart.ram.clone(), 1 << 30);
        space
            .map(Placement::Fixed(PAGE), 0x2000, READ | WRITE | EXEC, false, Backing::Anonymous, "code")
            .expect("room for two pages");
        hart.ram.write(START, &assemble(&code, START).bytes).expect("mapped");
        hart.ram.write(PAGE + 0x100, &word("ecall", PAGE + 0x100)).expect("mapped");
        hart.x[..32].fill(0);
        let mut engine = way.engine(set);
        let mut run = |hart: &mut Hart, pc: u64| {
            hart.x[8] = 1000;
            hart.pc = pc;
            hart.stop_at = hart.instret + 100_000;
            assert_eq!(engine.run(hart), Event::Trap(Trap::Ecall));
        };
        run(&mut hart, START);
        hart.ram.write(PAGE + 0x1000, &word("addi a4, a4, 2", PAGE + 0x1000)).expect("mapped");
        run(&mut hart, PAGE + 0x100);
        hart.ram.write(START, &word("addi a0, a0, 2", START)).expect("mapped");
        run(&mut hart, START);
        assert_eq!((hart.x[10], hart.x[14]), (3000, 3000), "{way:?}");
    }
}

#[test]
fn an_address_with_other_high_bits_is_another() {
    for way in Way::ALL {
        let set = InsnSet::default();
        let mut hart = hart(&looped("addi a4, a4, 1"), &set);
        let (start, mut engine) = (hart.pc, way.engine(set));
        engine.run(&mut hart);
        let before = hart.instret;
        for bit in 38..64 {
            hart.pc = start | 1 << bit;
            assert_eq!(engine.run(&mut hart), Event::Trap(Trap::FetchFault), "{way:?}, bit {bit}");
        }
        assert_eq!(hart.instret, before, "{way:?}");
    }
}

/// The last of the accesses through a2 faults.
fn last_faults(set: InsnSet, word: &str) {
    let bad = "sltiu a3, s0, 2\n slli a3, a3, 37\n add a2, s1, a3";
    same(
        &looped(&format!(
            "sd s0, 0(s1)\n addi a0, zero, 55\n addi a1, s0, 1\n fcvt.d.l fa0, s0\n fcvt.d.l fa1, a1\n {bad}\n {word}"
        )),
        set,
    );
}

#[test]
fn a_fault_within_an_operation_leaves_registers_alone() {
    for operation in [
        "X[xd] = {read_memory<32>(X[xs1], $encoding), read_memory<32>(X[xs2], $encoding)};",
        "X[xd] = (X[xs1] ^ 5) + (read_memory<64>(X[xs2], $encoding) ^ X[xd]);",
        "X[xd] = (X[xs1] - 5) * read_memory<64>(X[xs2], $encoding);",
        "X[xd] = X[xs1] >> read_memory<8>(X[xs2], $encoding);",
        "X[xd] = (X[xs1] < read_memory<64>(X[xs2], $encoding)) ? X[xs2] : X[xd];",
        "X[xd] = $signed(X[xs1]) / $signed(read_memory<64>(X[xs2], $encoding));",
    ] {
        last_faults(with("load", operation), &my(10, 9, 12));
    }
    let (bits, variables) = (
        "0000000----------000-----1011011",
        "- { name: xs2, location: 24-20 }
    - { name: fs1, location: 19-15 }
    - { name: fd, location: 11-7 }",
    );
    let operation = "f[fd] = f64_mulAdd(f[fs1], read_memory<64>(X[xs2], $encoding), f[fs1], 3'd0);";
    last_faults(defined("fd, fs1, xs2", bits, variables, "fp", operation), &my(10, 11, 12));
}

#[test]
fn a_load_whose_value_does_not_matter_faults() {
    for operation in [
        "X[xd] = read_memory<64>(X[xs2], $encoding) & 0;",
        "X[xd] = 0 & read_memory<64>(X[xs2], $encoding);",
        "X[xd] = read_memory<64>(X[xs2], $encoding) * 0;",
        "X[xd] = read_memory<64>(X[xs2], $encoding) << 7'd64;",
        "X[xd] = read_memory<64>(X[xs2], $encoding) >> 7'd64;",
        "X[xd] = (read_memory<64>(X[xs2], $encoding) & 0) + X[xs1];",
    ] {
        last_faults(with("load", operation), &my(10, 9, 12));
    }
}

#[test]
fn an_immediate_operand_of_32_bits_that_is_not_signed() {
    let variables = "- { name: imm, location: 31-12, left_shift: 12, sign_extend: true }
    - { name: xd, location: 11-7 }";
    let bits = "-------------------------1011011";
    for operation in ["Bits<32> t = imm;\nX[xd] = t;", "Bits<32> t = imm;\nX[xd] = t + X[xd];"] {
        let set = defined("xd, imm", bits, variables, "alu", operation);
        same(&looped(".word 0x8000055b\n .word 0x7ffff5db\n .word 0xfffff5db\n .word 0x0000165b"), set);
    }
}

#[test]
fn stores_in_branches_are_checked_too() {
    let canary = vec![0x5au64; 512];
    for (operation, trap) in [
        ("if (X[xs2] != 0) { write_memory<64>(X[xs2], X[xs1], $encoding); }", Trap::StoreFault),
        (
            "if (X[xs2] != 0) { write_memory<64>(X[xs2], X[xs1], $encoding); }
X[xd] = read_memory<64>(X[xs1], $encoding) << 7'd64;",
            Trap::StoreFault,
        ),
        (
            "if ((read_memory<64>(X[xs1], $encoding) << 7'd64) == 0) { }
jump(read_memory<64>(X[xs2], $encoding));",
            Trap::LoadFault,
        ),
    ] {
        for way in Way::ALL {
            let set = with("store", operation);
            let mut hart = hart(&looped(&my(10, 9, 12)), &set);
            let mut engine = way.engine(set);
            engine.confine();
            hart.x[12] = (canary.as_ptr() as u64).wrapping_sub(hart.ram.base_address());
            hart.stop_at = 100_000;
            assert_eq!(engine.run(&mut hart), Event::Trap(trap), "{way:?}: {operation}");
            assert!(canary.iter().all(|word| *word == 0x5a), "{way:?}: {operation}");
        }
    }
}

#[test]
fn an_address_that_is_checked_on_one_way_only() {
    let canary = vec![0x5au64; 512];
    let set = with("load", "X[xd] = (X[xs2] == 0) ? 0 : read_memory<64>(X[xs1], $encoding);");
    let mut hart = hart(&looped(&format!("{}\n ld a4, 0(a1)", my(10, 11, 12))), &set);
    let mut engine = Way::Superblocks.engine(set);
    engine.confine();
    let wild = (canary.as_ptr() as u64).wrapping_sub(hart.ram.base_address());
    assert!(wild >= SPACE);
    hart.x[11] = wild;
    hart.stop_at = 100_000;
    assert_eq!(engine.run(&mut hart), Event::Trap(Trap::LoadFault));
    assert_eq!(hart.x[14], 0, "reached the host");
}

/// A program of shifts that are often halves of rotations, of what puts them together, and of a few other things.
fn rotations(mut seed: u64) -> String {
    let mut draw = |n: u64| {
        // Knuth's generator for 64 bits.
        seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (seed >> 33) % n
    };
    let (word, double) = (1 + draw(31), 1 + draw(63));
    let mut body = String::new();
    let mut label = 0;
    for _ in 0..48 {
        let [a, b, c] = [(); 3].map(|()| 10 + draw(4));
        body += &match draw(20) {
            0..3 => format!("slliw x{a}, x{b}, {word}\n"),
            3..6 => format!("srliw x{a}, x{b}, {}\n", 32 - word),
            6..8 => format!("slli x{a}, x{b}, {double}\n"),
            8..10 => format!("srli x{a}, x{b}, {}\n", 64 - double),
            10..14 => format!("or x{a}, x{b}, x{c}\n"),
            14 => format!("xor x{a}, x{b}, x{c}\n"),
            15 => format!("addw x{a}, x{b}, x{c}\n"),
            16 => format!("add x{a}, x{b}, s0\n"),
            17 => format!("sd x{a}, 8(s1)\nld x{b}, 8(s1)\n"),
            18 => format!("ror x{a}, x{b}, x{c}\nrolw x{b}, x{a}, x{c}\n"),
            _ => {
                label += 1;
                format!("bgeu x{a}, x{b}, past{label}\nslliw x{c}, x{b}, {word}\npast{label}:\n")
            }
        };
    }
    looped(&(body + "add a4, a4, a0\nadd a4, a4, a1\nxor a4, a4, a2\nadd a4, a4, a3\nadd a0, a4, s0\n"))
}

#[test]
fn rotations_that_are_put_together() {
    for seed in 0..150 {
        same(&rotations(seed), InsnSet::default());
    }
}
