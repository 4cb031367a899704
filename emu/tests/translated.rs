//! Hot code is not left to the interpreter: exact counts of what translated code executed.
#![cfg(target_arch = "x86_64")]

mod common;

use common::{Way, run_asm_with};
use emu::Exit;

/// A program that does `body` 100,000 times; it must keep t0.
fn hot(body: &str) -> String {
    format!(
        "
        lui t0, 24
        addi t0, t0, 1696
        addi sp, sp, -64
        lui t6, 16
        addi t6, t6, 0
    again:
        {body}
        addi t0, t0, -1
        bne t0, zero, again
        addi a0, zero, 0
        addi a7, zero, 93
        ecall
    function:
        jalr zero, 0(ra)
    "
    )
}

fn assert_translated(what: &str, body: &str) {
    for way in [Way::Blocks, Way::Superblocks, Way::Climbing] {
        let outcome = run_asm_with(&hot(body), |builder| builder.thresholds(way.thresholds()));
        assert_eq!(outcome.exit, Exit::Code(0), "{what}");
        let (all, translated) =
            (outcome.stats.total.instructions, outcome.stats.engine.translated_instructions);
        assert!(all > 200_000, "{what}: the loop ran");
        assert!(translated * 100 > all * 98, "{what}: {translated} of {all} instructions in {way:?}");
    }
}

#[test]
fn calls() {
    assert_translated("call", "jal ra, function");
    assert_translated(
        "through the link register",
        "
        auipc ra, 0
        addi ra, ra, function-again
        jalr ra, 0(ra)",
    );
    // The register's contents are not known here: they come from memory.
    assert_translated(
        "through the link register, from memory",
        "
        auipc ra, 0
        addi ra, ra, function-again
        sd ra, 0(sp)
        ld ra, 0(sp)
        jalr ra, 0(ra)",
    );
    assert_translated(
        "compressed, through the link register",
        "
        auipc ra, 0
        addi ra, ra, function-again
        sd ra, 0(sp)
        ld ra, 0(sp)
        c.jalr ra",
    );
}

#[test]
fn atomics() {
    for width in ["w", "d"] {
        for op in ["swap", "add", "xor", "and", "or", "min", "max", "minu", "maxu"] {
            assert_translated(op, &format!("amo{op}.{width} a0, a1, (sp)"));
            assert_translated(op, &format!("amo{op}.{width} zero, t0, (sp)"));
            assert_translated(op, &format!("amo{op}.{width} s9, s10, (sp)"));
        }
        assert_translated(
            "load reserved, store conditional",
            &format!(
                "
            addi s8, sp, 8
            lr.{width} s9, (s8)
            addi s9, s9, 1
            sc.{width} s10, s9, (s8)"
            ),
        );
    }
}

#[test]
fn arithmetic() {
    for body in [
        "mulh a0, a1, a2",
        "mulhsu s9, s10, s11",
        "div a0, a1, t0",
        "remuw s9, s10, t0",
        "clz a0, t0",
        "rev8 a0, t0",
        "fence 3, 3",
        "fadd.d fa0, fa1, fa2, 0",
        "fmadd.d ft8, ft9, ft10, ft11, 0",
        "fcvt.s.w ft9, zero, 0\n fcvt.s.w ft10, t0, 0\n fmadd.s ft8, ft9, ft10, ft9, 0",
        "fcvt.w.d a0, fa0, 1",
        "csrrs a0, frm, zero",
        "csrrs a0, fcsr, zero",
        "csrrs a1, fflags, zero\n csrrw zero, fflags, a1",
    ] {
        assert_translated(body, body);
    }
}
