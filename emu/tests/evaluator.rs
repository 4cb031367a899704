//! Every built-in instruction through the evaluator of bodies, through the generated code, and through the steps that
//! instructions of ISA files become: registers, flags, memory, pc and traps are the same.

mod common;

use common::{Random, hart_with_page};
use emu::engine::threaded::Code;
use emu::interp::{Leave, decode, eval, execute};
use emu::{Hart, InsnSet};
use isa_spec::{FieldKind, Insn, Isa};

/// The page that both harts have.
const PAGE: u64 = 0x10000;

/// A word of the instruction; branches and jumps may go anywhere.
fn word(insn: &Insn, random: &mut Random) -> u32 {
    for _ in 0..1000 {
        let mut word = insn.bits | random.next() as u32 & !insn.mask;
        // Most CSR numbers are illegal.
        if let Some(field) = insn.fields.iter().find(|f| f.kind == FieldKind::Csr)
            && !random.next().is_multiple_of(8)
        {
            let csrs = &Isa::builtin().csrs;
            let csr = &csrs[random.next() as usize % csrs.len()];
            word = word & !field.mask() | field.insert(i64::from(csr.address)).expect("a CSR number");
        }
        if insn.matches(word) {
            return word;
        }
    }
    panic!("no word of {} found", insn.name)
}

/// The architectural state that an instruction can change.
fn state(hart: &mut Hart) -> (Vec<u64>, Vec<u64>, [u64; 9], Vec<u8>) {
    let mut memory = vec![0; 4096];
    hart.ram.read(PAGE, &mut memory).expect("mapped");
    let hw = &hart.hw;
    let rest = [
        hart.pc,
        u64::from(hart.fflags),
        u64::from(hart.frm),
        hart.fault_addr,
        u64::from(hart.slot),
        hw.gvec,
        hw.gepc,
        hw.gval,
        hw.patterns.counts.observed,
    ];
    (hart.x[..32].to_vec(), hart.f.to_vec(), rest, memory)
}

#[test]
fn every_instruction_means_the_same_evaluated_and_generated() {
    let isa = Isa::builtin();
    let mut random = Random(0x1234_5678_9abc_def1);
    let (mut a, mut b) = (hart_with_page(PAGE), hart_with_page(PAGE));
    let set = InsnSet::default();
    for insn in &isa.insns {
        for n in 0..250 {
            let word = word(insn, &mut random);
            let op = decode(word).expect("an instruction");
            assert_eq!(Some(op), set.decode(word));
            let insn = isa.insn(isa_spec::InsnId(op.id));
            for r in 1..32 {
                a.x[r] = random.operand(PAGE);
                b.x[r] = a.x[r];
                a.f[r] = random.operand(PAGE);
                b.f[r] = a.f[r];
            }
            a.frm = (random.next() % 6) as u32;
            a.fflags = (random.next() % 32) as u32;
            (b.frm, b.fflags) = (a.frm, a.fflags);
            let pc = PAGE + random.next() % 1024 * 2;
            (a.pc, b.pc) = (pc, pc);
            let (left, right) = (execute(&mut a, &op, pc), eval::run(&mut b, insn, &op, pc));
            assert_eq!(left, right, "#{n} {} {word:#010x}", insn.name);
            assert_eq!(state(&mut a), state(&mut b), "#{n} {} {word:#010x}", insn.name);
        }
    }
}

#[test]
fn every_instruction_means_the_same_evaluated_and_in_steps() {
    let isa = Isa::builtin();
    let mut random = Random(0x0fed_cba9_8765_4321);
    let (mut a, mut b) = (hart_with_page(PAGE), hart_with_page(PAGE));
    let mut in_steps = Vec::new();
    for insn in &isa.insns {
        for n in 0..250 {
            let word = word(insn, &mut random);
            let op = decode(word).expect("an instruction");
            let insn = isa.insn(isa_spec::InsnId(op.id));
            let Some(code) = Code::of_definition(insn, op, word) else { break };
            if in_steps.last() != Some(&insn.name.as_str()) {
                in_steps.push(insn.name.as_str());
            }
            for r in 1..32 {
                a.x[r] = random.operand(PAGE);
                b.x[r] = a.x[r];
                a.f[r] = random.operand(PAGE);
                b.f[r] = a.f[r];
            }
            let pc = PAGE + random.next() % 1024 * 2;
            (a.pc, b.pc) = (pc, pc);
            let (end, left) = code.run(&mut a, pc);
            let right = eval::run(&mut b, insn, &op, pc);
            let at = format!("#{n} {} {word:#010x}", insn.name);
            assert_eq!((end, left), (pc + u64::from(op.len), right.err()), "{at}");
            match left {
                // The engine sets the pc of a trap, and code that of instructions that do not.
                Some(Leave::Trap(_)) => a.pc = b.pc,
                None if !insn.body.jumps() => b.pc += u64::from(op.len),
                _ => {}
            }
            assert_eq!(state(&mut a), state(&mut b), "{at}");
            assert_eq!(a.x[0], 0, "{at}");
        }
    }
    for name in [
        "add", "mulw", "divw", "remu", "lb", "sd", "beq", "jalr", "c.jalr", "clz", "rev8", "sraiw", "mj.cld",
        "mj.addo",
    ] {
        assert!(in_steps.contains(&name), "{name} is not in {in_steps:?}");
    }
}
