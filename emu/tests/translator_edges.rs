//! Programs at the edges of what the translator does: they leave superblocks in unusual places, or use instructions of
//! ISA files whose operations are unusual. Both engines must agree, and end.
#![cfg(target_arch = "x86_64")]

mod common;
use common::{assemble, hart_with_page};
use emu::engine::{Engine, Event, Mode, counts};
use emu::{Hart, InsnSet, Trap};
use isa_spec::Isa;
use std::sync::Arc;
const PAGE: u64 = 0x10000;

fn doc(name: &str, bits: &str, vars: &str, class: &str, op: &str) -> String {
    let variables: String = vars
        .split(',')
        .map(|v| {
            let (n, l) = v.split_once('@').unwrap();
            format!("    - {{ name: {n}, location: {l} }}\n")
        })
        .collect();
    let names: Vec<&str> = vars.split(',').map(|v| v.split_once('@').unwrap().0).collect();
    let body: String = op.lines().map(|l| format!("  {}\n", l.trim())).collect();
    format!(
        "kind: instruction\nname: {name}\nlong_name: A\ndescription: A.\ndefinedBy: Xmy\nassembly: {}\nencoding:\n  match: \"{bits}\"\n  variables:\n{variables}custom_class: {class}\noperation(): |\n{body}",
        names.join(", ")
    )
}
fn set(op: &str, class: &str) -> InsnSet {
    let text = doc("my.one", "0000000----------000-----1011011", "xd@11-7,xs1@19-15,xs2@24-20", class, op);
    let isa = Isa::builtin().extended(&[("a.yaml", &text)]).unwrap_or_else(|e| panic!("{e:?}"));
    InsnSet::new(Arc::new(isa))
}
fn my(xd: u32, xs1: u32, xs2: u32) -> String {
    format!(".word {:#x}", 0x5b | xd << 7 | xs1 << 15 | xs2 << 20)
}

fn run(code: &str, set: InsnSet, mode: Mode) -> (Event, Vec<u64>, u64, String) {
    let mut hart: Hart = hart_with_page(PAGE);
    hart.set_isa(set.clone());
    hart.ram.write(PAGE, &assemble(code, PAGE).bytes).expect("mapped");
    hart.pc = PAGE;
    let mut space = emu::memory::AddressSpace::new(hart.ram.clone(), 1 << 30);
    space
        .map(
            emu::memory::Placement::Fixed(0x20000),
            0x1000,
            3,
            false,
            emu::memory::Backing::Anonymous,
            "data",
        )
        .unwrap();
    hart.x[..32].fill(0);
    let mut engine = Engine::new(mode, set.clone());
    let mut n = 0;
    loop {
        hart.stop_at = hart.instret + 5000;
        match engine.run(&mut hart) {
            Event::Slice if n < 200 => n += 1,
            e => {
                let t = format!("{:?}", counts::tally(&set, true, |f| engine.for_each_count(f)));
                eprintln!("{:?}", engine.statistics());
                return (e, hart.x[..32].to_vec(), hart.pc, t);
            }
        }
    }
}
fn same(code: &str, set: InsnSet) {
    let a = run(code, set.clone(), Mode::Interpret);
    let b = run(code, set, Mode::Translate);
    assert_eq!((a.0, &a.1, a.2), (b.0, &b.1, b.2));
    assert_eq!(a.3, b.3);
}
fn looped(body: &str) -> String {
    format!("addi s0, zero, 2000\nagain:\n{body}\naddi s0, s0, -1\nbne s0, zero, again\necall\n")
}

#[test]
fn skip_to_mark() {
    same(
        &looped("andi a0, s0, 1\nbeq a0, zero, over\naddi a1, a1, 1\nover:\nmj.phase 1\nmj.phase 0"),
        InsnSet::default(),
    );
}
#[test]
fn budget_far() {
    // A loop longer than a superblock, whose halves use different registers; it never ends by itself.
    let mut code = String::from("again:\n");
    for _ in 0..150 {
        code += "addi a6, a6, 1\naddi a7, a7, 1\naddi s2, s2, 1\naddi t0, t0, 1\n";
    }
    for _ in 0..75 {
        code += "addi t3, t3, 1\naddi t4, t4, 1\naddi s4, s4, 1\naddi s5, s5, 1\n";
    }
    code += "jal zero, again\n";
    let set = InsnSet::default();
    let mut hart: Hart = hart_with_page(PAGE);
    hart.ram.write(PAGE, &assemble(&code, PAGE).bytes).expect("mapped");
    hart.pc = PAGE;
    let mut engine = Engine::new(Mode::Translate, set);
    hart.x[..32].fill(0);
    for _ in 0..400 {
        hart.stop_at = hart.instret + 10000;
        assert_eq!(engine.run(&mut hart), Event::Slice);
        assert!(hart.instret < hart.stop_at + 2000, "{} {}", hart.instret, hart.stop_at);
    }
}
#[test]
fn deopt_after_write() {
    same(
        &looped(&format!(
            "addi a1, zero, 100\nandi a2, s0, 7\n{}\nadd a4, a4, a0\nadd a4, a4, t3",
            my(10, 11, 12)
        )),
        set("X[xd] = X[xd] + 1;\nX[28] = X[xs1] / X[xs2];", "alu"),
    );
}
#[test]
fn pc_bits() {
    same(
        &looped(
            &format!("{}\nadd a4, a4, a0\nnop2:\n{}\nadd a4, a4, a0", my(10, 0, 0), my(10, 0, 0))
                .replace("nop2:\n", ""),
        ),
        set("X[xd] = $pc & 31;", "alu"),
    );
}
#[test]
fn learn_constant_then_if() {
    same(
        &looped(&format!("addi a1, zero, 7\n{}\nadd a4, a4, a0", my(10, 11, 8))),
        set("X[xd] = 0;\nif (X[xs1] < X[xs2]) {\nX[xd] = X[xs1];\n}", "alu"),
    );
}
#[test]
fn known_after_if() {
    same(
        &looped(&format!(
            "addi a0, zero, 7\nandi a1, s0, 1\n{}\nadd a4, a4, a0\nadd a5, a5, t3",
            my(10, 11, 8)
        )),
        set("if (X[xs1] == 0) {\nX[xd] = X[xs2];\n}\nX[28] = X[xd] + 1;", "alu"),
    );
}
#[test]
fn link_then_jump() {
    same(&looped(&format!("auipc a0, 0\naddi a0, a0, 24\nsd a0, -8(sp)\nld a0, -8(sp)\n{}\naddi a3, a3, 1\naddi a4, a4, 1", my(10, 10, 0)).replace("sp", "s1")).replace("addi s0, zero, 2000", "addi s0, zero, 2000\nlui s1, 0x20\naddi s1, s1, 2040"),
        set("X[xd] = $pc + 4;\njump(X[xs1]);", "jump"));
}
#[test]
fn amo_then_divide() {
    same(
        &looped(&format!(
            "lui s1, 0x20\naddi s1, s1, 2040\nandi a2, s0, 7\n{}\nadd a4, a4, a0\nadd a4, a4, t3\nld a5, 0(s1)",
            my(10, 9, 12)
        )),
        set(
            "X[xd] = amo<64>(X[xs1], 64'd1, AmoOperation::Add, 1'b0, 1'b0, $encoding);\nX[28] = X[xs1] / X[xs2];",
            "atomic",
        ),
    );
}
#[test]
fn negative_sum() {
    same(
        "lui s0, 0x1\naddi s2, zero, 0\naddi a4, zero, 0\nagain:\nbeq a4, zero, over\naddi a1, a1, 1\naddi a1, a1, 1\nover:\nxori a4, a4, 1\nlui s1, 0x20\nsc.d a3, a1, (s1)\naddi s0, s0, -1\nbne s0, zero, again\necall\n",
        InsnSet::default(),
    );
}
#[test]
fn local_load_after_amo() {
    same(
        &looped(&format!(
            "lui s1, 0x20\naddi s1, s1, 2040\n{}\nadd a4, a4, a0\nadd a4, a4, t3\nld a5, 0(s1)",
            my(10, 9, 12)
        )),
        set(
            "XReg old = read_memory<64>(X[xs1], $encoding);\nXReg sum = amo<64>(X[xs1], 64'd1, AmoOperation::Add, 1'b0, 1'b0, $encoding);\nX[xd] = sum;\nX[28] = old;",
            "atomic",
        ),
    );
}
#[test]
fn negative_looped() {
    // Divisions by zero leave the loop in its first round, after a skip.
    same(
        "lui s1, 0x1\nouter:\naddi s0, zero, 3\nagain:\nandi a0, s0, 1\nbeq a0, zero, over\naddi a1, a1, 1\naddi a1, a1, 1\nover:\naddi s2, s0, -3\ndiv a3, a1, s2\naddi s0, s0, -1\nbne s0, zero, again\naddi s1, s1, -1\nbne s1, zero, outer\necall\n",
        InsnSet::default(),
    );
}
#[test]
fn negative_looped_first_round() {
    same(
        "lui s1, 0x1\naddi a4, zero, 0\nouter:\naddi s0, zero, 3\nagain:\nbeq a4, zero, over\naddi a1, a1, 1\naddi a1, a1, 1\nover:\nxori a4, a4, 1\naddi s2, s0, -3\ndiv a3, a1, s2\naddi s0, s0, -1\nbne s0, zero, again\naddi s1, s1, -1\nbne s1, zero, outer\necall\n",
        InsnSet::default(),
    );
}
/// A block over two pages is dropped for a write to the second one; a superblock on the first one stays, and is written then.
#[test]
fn granules_of_superblocks() {
    use emu::memory::{AddressSpace, Backing, EXEC, Placement, READ, WRITE};
    for mode in [Mode::Interpret, Mode::Translate] {
        let template = hart_with_page(PAGE);
        let mut space = AddressSpace::new(template.ram.clone(), 1 << 30);
        space
            .map(Placement::Fixed(PAGE), 0x2000, READ | WRITE | EXEC, false, Backing::Anonymous, "code")
            .unwrap();
        let mut hart = template;
        // From PAGE + 0xf80: the superblock; csrr at 0xfc0; on the next page the rest.
        let mut code = String::from("again:\naddi a0, a0, 1\n");
        for _ in 0..15 {
            code += "addi a1, a1, 1\n";
        }
        code += "fadd.h fa0, fa1, fa2, 0\n";
        for _ in 0..15 {
            code += "addi a3, a3, 1\n";
        }
        code += "addi a4, a4, 1\naddi s0, s0, -1\nbne s0, zero, again\necall\n";
        hart.ram.write(PAGE + 0xf80, &assemble(&code, PAGE + 0xf80).bytes).unwrap();
        hart.x[..32].fill(0);
        let set = InsnSet::default();
        let mut engine = Engine::new(mode, set.clone());
        let go = |hart: &mut Hart, engine: &mut Engine| {
            hart.x[8] = 1000;
            hart.pc = PAGE + 0xf80;
            loop {
                hart.stop_at = hart.instret + 100_000;
                match engine.run(hart) {
                    Event::Slice => {}
                    e => {
                        assert_eq!(e, Event::Trap(Trap::Ecall));
                        break;
                    }
                }
            }
        };
        go(&mut hart, &mut engine);
        eprintln!("{:?}", engine.statistics());
        // `addi a4, a4, 2` on the second page, by the guest's store as the engine sees it.
        let w = |hart: &mut Hart, at: u64, text: &str| {
            let b = assemble(text, at).bytes;
            let word = u32::from_le_bytes(b[..4].try_into().unwrap());
            let _ = hart.ram.write(at, &word.to_le_bytes());
        };
        w(&mut hart, PAGE + 0x1000, "addi a4, a4, 2");
        hart.pc = PAGE + 0x100;
        w(&mut hart, PAGE + 0x100, "ecall");
        hart.stop_at = hart.instret + 1000;
        assert_eq!(engine.run(&mut hart), Event::Trap(Trap::Ecall));
        w(&mut hart, PAGE + 0xf80, "addi a0, a0, 2");
        go(&mut hart, &mut engine);
        eprintln!("{mode:?} {:?}", engine.statistics());
        assert_eq!((hart.x[10], hart.x[14]), (3000, 3000), "{mode:?}");
    }
}
#[test]
fn select_confines() {
    // The load's address is checked on one way only.
    use emu::memory::SPACE;
    let canary = vec![0x5au64; 512];
    let set = set("X[xd] = (X[xs2] == 0) ? 0 : read_memory<64>(X[xs1], $encoding);", "load");
    let code = looped(&format!("{}\nld a4, 0(a1)", my(10, 11, 12)));
    let mut hart: Hart = hart_with_page(PAGE);
    hart.set_isa(set.clone());
    hart.ram.write(PAGE, &assemble(&code, PAGE).bytes).expect("mapped");
    let mut engine = Engine::new(Mode::Translate, set.clone());
    engine.translate_after(0);
    engine.confine();
    let base = hart.ram.base_address();
    let wild = (canary.as_ptr() as u64).wrapping_sub(base);
    assert!(wild >= SPACE);
    hart.pc = PAGE;
    hart.x[11] = wild;
    hart.x[12] = 0;
    hart.x[14] = 0;
    hart.stop_at = 100_000;
    let e = engine.run(&mut hart);
    eprintln!("{e:?} {:x}", hart.x[14]);
    assert!(hart.x[14] != 0x5a, "reached the host");
}
