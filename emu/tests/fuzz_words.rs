//! Arbitrary words as a program, in both engines: an event or the end of the time, never a panic or a hang.
//!
//! `MJ_FUZZ_SECONDS=N` sets how long new programs are tried (2 if not given).

mod common;

use common::{Random, Way, hart_with_page};
use emu::InsnSet;
use emu::engine::Event;
use emu::memory::{AddressSpace, Backing, EXEC, Placement, READ, WRITE};
use isa_spec::Isa;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// Data page, and the pages of the code behind it.
const PAGE: u64 = 0x10000;
const CODE: u64 = PAGE + 0x1000;
/// Instructions before a program is stopped.
const LIMIT: u64 = 20_000;
/// Longest time that one program may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Words that are instructions, nearly so, or anything; jumps and branches mostly stay in the program.
fn program(isa: &Isa, random: &mut Random) -> Vec<u8> {
    let mut code = Vec::new();
    for _ in 0..2 + random.next() % 80 {
        let insn = &isa.insns[random.next() as usize % isa.insns.len()];
        let mut word = insn.bits | random.next() as u32 & !insn.mask;
        let target = insn.fields.iter().find(|f| f.kind == isa_spec::FieldKind::Target);
        if let Some(bits) =
            target.and_then(|f| Some((f, f.insert(((random.next() % 128) as i64 - 64) & !1).ok()?)))
        {
            word = word & !bits.0.mask() | bits.1;
        }
        match random.next() % 16 {
            0 => word = random.next() as u32,
            1 => word ^= 1 << (random.next() % 32),
            _ => {}
        }
        code.extend(&word.to_le_bytes()[..if word & 3 == 3 { 4 } else { 2 }]);
    }
    // Back to the beginning, so that it becomes hot.
    let jump = isa.by_name("jal").expect("a jump");
    let mut values = [0; isa_spec::MAX_FIELDS];
    values[jump.field("imm").expect("a target")] = -(code.len() as i64);
    code.extend(isa.encode(jump.id, &values).expect("near").to_le_bytes());
    code
}

/// Runs it; traps are stepped over.
fn run(code: &[u8], seed: u64, way: Way) {
    let mut random = Random(seed | 1);
    let mut hart = hart_with_page(PAGE);
    let mut space = AddressSpace::new(hart.ram.clone(), 1 << 30);
    let rwx = READ | WRITE | EXEC;
    space.map(Placement::Fixed(PAGE), 0x1000, READ | WRITE, false, Backing::Anonymous, "data").expect("room");
    space.map(Placement::Fixed(CODE), 0x2000, rwx, false, Backing::Anonymous, "code").expect("room");
    hart.ram.write(CODE, code).expect("mapped");
    for r in 1..32 {
        hart.x[r] = random.operand(PAGE);
        hart.f[r] = random.operand(PAGE);
    }
    hart.pc = CODE;
    let mut engine = way.engine(InsnSet::default());
    for _ in 0..200 {
        if hart.instret >= LIMIT {
            break;
        }
        hart.stop_at = hart.instret + 5000;
        match engine.run(&mut hart) {
            Event::Slice => {}
            _ => hart.pc = if random.next().is_multiple_of(8) { CODE } else { hart.pc.wrapping_add(2) },
        }
    }
}

#[test]
fn arbitrary_words() {
    let seconds: u64 = std::env::var("MJ_FUZZ_SECONDS").ok().and_then(|n| n.parse().ok()).unwrap_or(2);
    let seed = std::env::var("MJ_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(0x9e37_79b9_7f4a_7c15);
    let isa = Isa::builtin();
    let mut random = Random(seed ^ seconds);
    let start = Instant::now();
    let mut tried = 0u64;
    while start.elapsed() < Duration::from_secs(seconds) {
        let (code, seed) = (program(isa, &mut random), random.next());
        for way in Way::ALL {
            let one = Instant::now();
            let back = catch_unwind(AssertUnwindSafe(|| run(&code, seed, way)));
            assert!(back.is_ok(), "a panic in {way:?}, seed {seed:#x}, on {code:02x?}");
            assert!(
                one.elapsed() < PATIENCE,
                "{:?} in {way:?}, seed {seed:#x}, for {code:02x?}",
                one.elapsed()
            );
        }
        tried += 1;
    }
    eprintln!("{tried} programs in {seconds} s");
    assert!(tried > 20, "only {tried} programs in {seconds} s");
}
