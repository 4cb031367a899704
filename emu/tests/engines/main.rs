//! Random programs in both engines: events, registers, flags, memory and counts are the same.
//!
//! A program is a loop of random instructions of all extensions, which runs often enough to be translated.
//! `MJ_PROGRAMS=N` runs N programs instead of a few. [`qemu`] compares with QEMU.

#[path = "../common/mod.rs"]
mod common;
mod qemu;

use common::{Random, Way, hart_with_page};
use emu::engine::{Event, counts};
use emu::memory::{AddressSpace, Backing, EXEC, Placement, READ, WRITE};
use emu::{Hart, InsnSet};
use isa_spec::{Class, FieldKind, Insn, Isa};

/// Data page, and the page of the code behind it.
const PAGE: u64 = 0x10000;
/// Rounds of the loop.
const ROUNDS: u64 = 300;
/// Holds the address of the data; no instruction writes it.
const DATA: i64 = 30;
/// Counts the rounds; no instruction writes it.
const COUNTER: i64 = 31;

/// Whether the instruction may be in a random program: not if it leaves the loop or asks for time.
fn is_suitable(insn: &Insn) -> bool {
    !matches!(insn.class, Class::Csr | Class::System | Class::Jump | Class::Guard | Class::Fence)
        && !insn.fields.iter().any(|f| f.kind == FieldKind::Target)
        && !insn.name.starts_with("lr.")
        && !insn.name.starts_with("cbo.")
        && insn.name != "mj.phase"
        && insn.name != "mj.roi"
        // Their registers are implied.
        && !insn.name.contains("sp")
}

/// A word of the instruction that keeps away from the two registers, and accesses the data.
fn word(insn: &Insn, random: &mut Random) -> Option<u32> {
    let memory =
        matches!(insn.class, Class::Load | Class::Store | Class::FpLoad | Class::FpStore | Class::Atomic);
    for _ in 0..200 {
        let mut word = insn.bits | random.next() as u32 & !insn.mask;
        if memory {
            let base = insn.fields.iter().find(|f| f.name == "xs1")?;
            word = word & !base.mask() | base.insert(DATA).ok()?;
        }
        let fine = |f: &&isa_spec::Field| f.kind == FieldKind::XReg && f.name.starts_with("xd");
        let destination = insn.fields.iter().find(fine).map_or(0, |f| f.extract(word));
        let compressed_pair = insn.compressed() && insn.fields.iter().any(|f| f.name == "xsd");
        if insn.matches(word) && destination != DATA && destination != COUNTER && !compressed_pair {
            return Some(word);
        }
    }
    None
}

/// The bytes of a program of these instructions.
fn program(isa: &Isa, suitable: &[&Insn], random: &mut Random) -> Vec<u8> {
    let mut code: Vec<u8> = Vec::new();
    let mut branches: Vec<usize> = Vec::new();
    let mut starts = Vec::new();
    let n = 5 + random.next() as usize % 60;
    for _ in 0..n {
        starts.push(code.len());
        if random.next().is_multiple_of(8) {
            branches.push(code.len());
            code.extend([0; 4]);
            continue;
        }
        let insn = suitable[random.next() as usize % suitable.len()];
        if let Some(word) = word(insn, random) {
            code.extend(&word.to_le_bytes()[..usize::from(insn.len)]);
        }
    }
    starts.push(code.len());
    let conditions = ["beq", "bne", "blt", "bge", "bltu", "bgeu"];
    for at in branches {
        // Forward, over a few instructions.
        let later: Vec<usize> = starts.iter().copied().filter(|&s| s > at).take(6).collect();
        let target = later[random.next() as usize % later.len()] as i64 - at as i64;
        let insn = isa.by_name(conditions[random.next() as usize % 6]).expect("a branch");
        let mut values = [0; isa_spec::MAX_FIELDS];
        for (value, field) in values.iter_mut().zip(&insn.fields) {
            *value = if field.kind == FieldKind::Target { target } else { (random.next() % 30) as i64 };
        }
        let word = isa.encode(insn.id, &values).expect("in range");
        code[at..at + 4].copy_from_slice(&word.to_le_bytes());
    }
    let back = -(code.len() as i64 + 4);
    let mut push = |name: &str, set: &[(&str, i64)]| {
        let insn = isa.by_name(name).expect("an instruction");
        let mut values = [0; isa_spec::MAX_FIELDS];
        for (field, value) in set {
            values[insn.field(field).expect("a field")] = *value;
        }
        code.extend(isa.encode(insn.id, &values).expect("in range").to_le_bytes());
    };
    push("addi", &[("xd", COUNTER), ("xs1", COUNTER), ("imm", -1)]);
    push("bne", &[("xs1", COUNTER), ("xs2", 0), ("imm", back)]);
    push("ecall", &[]);
    code
}

/// A hart with the data page and a page of code behind it, which is executable.
fn hart(code: &[u8]) -> (Hart, AddressSpace) {
    let template = hart_with_page(PAGE);
    let mut space = AddressSpace::new(template.ram.clone(), 1 << 30);
    let at = Placement::Fixed(PAGE);
    space.map(at, 0x1000, READ | WRITE, false, Backing::Anonymous, "data").expect("room");
    let at = Placement::Fixed(PAGE + 0x1000);
    space.map(at, 0x1000, READ | WRITE | EXEC, false, Backing::Anonymous, "code").expect("room");
    template.ram.write(PAGE + 0x1000, code).expect("mapped");
    (template, space)
}

/// The instructions with their addresses.
fn listing(code: &[u8]) -> String {
    let mut listing = String::new();
    let mut at = 0;
    while at < code.len() {
        let mut bytes = [0; 4];
        let left = (code.len() - at).min(4);
        bytes[..left].copy_from_slice(&code[at..at + left]);
        let word = u32::from_le_bytes(bytes);
        let pc = PAGE + 0x1000 + at as u64;
        let text = Isa::builtin().disassemble(word, pc).map(|d| d.to_string());
        listing += &format!("{pc:x}: {}\n", text.unwrap_or_default());
        at += if word & 3 == 3 { 4 } else { 2 };
    }
    listing
}

/// Sets memory and registers to what the seed says.
fn prepare(hart: &mut Hart, seed: u64) {
    let mut random = Random(seed | 1);
    let mut data = vec![0; 4096];
    data.iter_mut().for_each(|b| *b = random.next() as u8);
    hart.ram.write(PAGE, &data).expect("mapped");
    for r in 1..30 {
        hart.x[r] = random.operand(PAGE);
        // Most singles in registers are boxed, as in real programs.
        let boxed = if random.next().is_multiple_of(2) { 0xffff_ffff << 32 } else { 0 };
        hart.f[r] = random.operand(PAGE) | boxed;
    }
    hart.x[DATA as usize] = PAGE + 2048;
    hart.x[COUNTER as usize] = ROUNDS;
    hart.pc = PAGE + 0x1000;
}

fn run(code: &[u8], seed: u64, way: Way) -> Vec<String> {
    let (mut hart, _space) = hart(code);
    prepare(&mut hart, seed);
    let set = InsnSet::default();
    let mut engine = way.engine(set.clone());
    let mut log = Vec::new();
    loop {
        hart.stop_at = hart.instret + 5000;
        let event = engine.run(&mut hart);
        log.push(format!(
            "{event:?} pc {:x} instret {} flags {:x} x {:x?} f {:x?}",
            hart.pc,
            hart.instret,
            hart.fflags,
            &hart.x[..32],
            hart.f
        ));
        match event {
            Event::Trap(emu::Trap::Ecall) => break,
            Event::Trap(_) if log.len() < 1500 => {
                let mut low = [0; 1];
                hart.ram.read(hart.pc, &mut low).expect("code");
                hart.pc += if low[0] & 3 == 3 { 4 } else { 2 };
            }
            Event::Slice if log.len() < 1500 => {}
            _ => break,
        }
    }
    let mut data = vec![0; 4096];
    hart.ram.read(PAGE, &mut data).expect("mapped");
    log.push(format!("{data:x?}"));
    log.push(format!("{:?}", counts::tally(&set, true, |f| engine.for_each_count(f))));
    log
}

#[test]
fn random_programs_do_the_same_interpreted_and_translated() {
    let isa = Isa::builtin();
    let programs = std::env::var("MJ_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(150);
    let suitable: Vec<&Insn> = isa.insns.iter().filter(|i| is_suitable(i)).collect();
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for n in 0..programs {
        let code = program(isa, &suitable, &mut random);
        let seed = random.next();
        let way = Way::ALL[1 + n % 3];
        let (a, b) = (run(&code, seed, Way::Interpreted), run(&code, seed, way));
        // Where a slice ends between blocks is the engine's own affair.
        let steps =
            |log: &[String]| log.iter().filter(|l| !l.starts_with("Slice")).cloned().collect::<Vec<_>>();
        let (a, b) = (steps(&a), steps(&b));
        if a != b {
            let at = a.iter().zip(&b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
            let listing = listing(&code);
            panic!(
                "program {n}, {way:?}, event {at}:\ninterpreted {}\ntranslated  {}\n{listing}",
                a.get(at).map_or("-", |s| s),
                b.get(at).map_or("-", |s| s)
            );
        }
    }
}
