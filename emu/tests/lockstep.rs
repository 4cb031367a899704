//! The comparison of the translator with the interpreter finds differences, and only those.

mod common;

use common::{assemble, hart_with_page};
use emu::debug::lockstep::{Difference, Lockstep};
use emu::engine::{Engine, Event, Mode};
use emu::{Hart, InsnSet, Trap};
use isa_spec::Isa;
use std::sync::Arc;

const PAGE: u64 = 0x10000;

/// The instruction `my.one`, which writes this.
fn set(sum: &str) -> InsnSet {
    let text = format!(
        "kind: instruction\nname: my.one\nlong_name: A sum\ndescription: A sum.\ndefinedBy: Xmysum\n\
         assembly: xd, xs1, xs2\nencoding:\n  match: \"0000000----------000-----1011011\"\n  variables:\n    \
         - {{ name: xs2, location: 24-20 }}\n    - {{ name: xs1, location: 19-15 }}\n    \
         - {{ name: xd, location: 11-7 }}\ncustom_class: alu\noperation(): |\n  X[xd] = {sum};\n"
    );
    let isa = Isa::builtin().extended(&[("sums.yaml", &text)]).expect("an instruction set");
    InsnSet::new(Arc::new(isa))
}

/// Runs code at [`PAGE`] until a system call. `0x00b5055b` is `my.one a0, a0, a1`.
fn run(
    code: &str,
    engine: InsnSet,
    hart: InsnSet,
    most: u64,
) -> (Hart, Lockstep, Result<Trap, Box<Difference>>) {
    let mut machine = hart_with_page(PAGE);
    machine.set_isa(hart);
    machine.ram.write(PAGE, &assemble(code, PAGE).bytes).expect("mapped");
    machine.pc = PAGE;
    let mut engine = Engine::new(Mode::Translate, engine);
    let mut lockstep = Lockstep::new(most);
    let end = loop {
        machine.stop_at = u64::MAX;
        match lockstep.run(&mut engine, &mut machine) {
            Ok(Event::Trap(trap)) => break Ok(trap),
            Ok(_) => {}
            Err(difference) => break Err(difference),
        }
    };
    (machine, lockstep, end)
}

/// A loop with loads and stores, long enough to be translated.
const LOOP: &str = "
        lui s1, 0x10
        addi s0, zero, 2000
    again:
        ld a1, 2040(s1)
        add a0, a0, a1
        sd a0, 2032(s1)
        sw s0, 2024(s1)
        lw a2, 2024(s1)
        amoadd.w a3, s0, (s1)
        addi s0, s0, -1
        bne s0, zero, again
        ecall";

#[test]
fn equal_engines_do_not_differ() {
    for most in [1, 100, 5000] {
        let code = LOOP.replace("(s1)\n        addi", "(s2)\n        addi");
        let code = format!("lui s2, 0x10\naddi s2, s2, 2016\n{code}");
        let (hart, lockstep, end) = run(&code, InsnSet::default(), InsnSet::default(), most);
        assert_eq!(end.expect("no difference"), Trap::Ecall);
        assert_eq!(hart.x[8], 0);
        assert_eq!((lockstep.compared, lockstep.skipped), (hart.instret, 0));
    }
}

#[test]
fn a_wrong_register_is_named_with_the_instruction_that_writes_it() {
    let code = "
        addi s0, zero, 300
    again:
        .word 0x00b5055b
        addi s0, s0, -1
        bne s0, zero, again
        ecall";
    // The engine has the instruction do something else.
    let (a, b) = (set("X[xs1] + X[xs2]"), set("X[xs1] + X[xs2] + 1"));
    let (_, _, end) = run(code, a.clone(), a.clone(), 10);
    assert_eq!(end.expect("no difference"), Trap::Ecall);
    let (_, _, end) = run(code, b, a, 10);
    let difference = end.expect_err("a difference");
    let (text, by) = &difference.what[0];
    assert!(text.starts_with("a0: interpreter 0x0, translator 0x"), "{text}");
    assert!(by.is_none() || *by == Some(PAGE + 4), "{by:?}");
    let listing: Vec<&str> = difference.code.iter().map(|l| l.text.as_str()).collect();
    assert!(listing.contains(&"my.one a0,a0,a1"), "{listing:?}");
    assert_eq!(difference.start, PAGE);
}

#[test]
fn a_wrong_store_is_found() {
    let code = "
        lui s1, 0x10
        .word 0x00b5055b
        sd a0, 2040(s1)
        addi a0, zero, 0
        ecall";
    let (a, b) = (set("X[xs1] + X[xs2]"), set("X[xs1] + X[xs2] + 1"));
    let (_, _, end) = run(code, b, a, 1000);
    let difference = end.expect_err("a difference");
    let (text, by) = difference.what.last().expect("something differs");
    assert!(text.starts_with("memory at 0x107f8: interpreter 0x00, translator 0x01"), "{text}");
    assert_eq!(*by, Some(PAGE + 8));
}

#[test]
fn traps_are_compared() {
    let (hart, lockstep, end) =
        run("addi a0, zero, 16\nld a1, 0(a0)\necall", InsnSet::default(), InsnSet::default(), 9);
    assert_eq!(end.expect("no difference"), Trap::LoadFault);
    assert_eq!((hart.pc, hart.fault_addr, lockstep.compared), (PAGE + 4, 16, 1));
}
