//! Every floating-point instruction that rounds, converts or compares, in every rounding mode, interpreted and translated: values and
//! exception flags are those of exact arithmetic ([`exact`]).
//!
//! Operands are chosen where formats have their edges: exponents next to the ends of the range, to one and to the precision, and
//! fractions of few ones or few zeros. `MJ_FLOATS=N` runs N operands, pairs and triples of each instruction and rounding mode
//! instead of some hundreds.

#[path = "../common/mod.rs"]
mod common;
mod exact;

use common::{Random, Way, assemble};
use emu::engine::Event;
use emu::memory::{AddressSpace, Backing, EXEC, Placement, READ, Ram, WRITE};
use emu::{Hart, InsnSet};
use exact::{DOUBLE, Flagged, Format, HALF, Rounding, SINGLE};

/// Where operands are, three of eight bytes each time.
const OPERANDS: u64 = 0x100_0000;
/// Where results are put: value and flags, eight bytes each.
const RESULTS: u64 = 0x200_0000;
/// Where the code is.
const CODE: u64 = 0x10000;
/// Operands, pairs or triples in one run.
const BATCH: usize = 1 << 16;

/// Rounding modes in the order of their RISC-V numbers.
const MODES: [Rounding; 5] =
    [Rounding::NearestEven, Rounding::TowardZero, Rounding::Down, Rounding::Up, Rounding::NearestAway];

/// What an operand or a result is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Fp(Format),
    /// An integer of this many bits; 32-bit ones are sign-extended, signed or not.
    Int(u32),
}

/// Computes a result from the operands' bits without boxing.
type Oracle = Box<dyn Fn(&[u64], Rounding) -> Flagged>;

/// An instruction, and what must come of it.
struct Op {
    /// The mnemonic.
    insn: String,
    operands: Vec<Kind>,
    result: Kind,
    /// Whether it has a rounding mode.
    rounds: bool,
    oracle: Oracle,
}

/// The instructions of one format, which the letter stands for in mnemonics.
fn ops_of(f: Format, letter: &str) -> Vec<Op> {
    let mut ops = Vec::new();
    let fp = Kind::Fp(f);
    let sign = 1u64 << (f.width - 1);
    let mut add = |insn: String, operands: Vec<Kind>, result: Kind, rounds: bool, oracle: Oracle| {
        ops.push(Op { insn, operands, result, rounds, oracle });
    };
    let mut arithmetic = |name: &str, operands: usize, oracle: Oracle| {
        add(format!("{name}.{letter}"), vec![fp; operands], fp, true, oracle);
    };
    arithmetic("fadd", 2, Box::new(move |v, mode| f.add(mode, v[0], v[1])));
    arithmetic("fsub", 2, Box::new(move |v, mode| f.sub(mode, v[0], v[1])));
    arithmetic("fmul", 2, Box::new(move |v, mode| f.mul(mode, v[0], v[1])));
    arithmetic("fdiv", 2, Box::new(move |v, mode| f.div(mode, v[0], v[1])));
    arithmetic("fsqrt", 1, Box::new(move |v, mode| f.sqrt(mode, v[0])));
    arithmetic("fround", 1, Box::new(move |v, mode| f.round_to_integer(mode, v[0], false)));
    arithmetic("froundnx", 1, Box::new(move |v, mode| f.round_to_integer(mode, v[0], true)));
    for (name, product, sum) in
        [("fmadd", 0, 0), ("fmsub", 0, sign), ("fnmsub", sign, 0), ("fnmadd", sign, sign)]
    {
        arithmetic(name, 3, Box::new(move |v, mode| f.fused(mode, v[0] ^ product, v[1], v[2] ^ sum)));
    }
    let comparisons: [(&str, &[i32], bool); 5] = [
        ("feq", &[0], true),
        ("flt", &[-1], false),
        ("fle", &[-1, 0], false),
        ("fltq", &[-1], true),
        ("fleq", &[-1, 0], true),
    ];
    for (name, wanted, quiet) in comparisons {
        let oracle = move |v: &[u64], _| f.compare(v[0], v[1], wanted, quiet);
        add(format!("{name}.{letter}"), vec![fp; 2], Kind::Int(64), false, Box::new(oracle));
    }
    for (name, width, signed) in [("w", 32, true), ("wu", 32, false), ("l", 64, true), ("lu", 64, false)] {
        let int = Kind::Int(width);
        let to = move |v: &[u64], mode| f.to_integer(mode, v[0], width, signed);
        add(format!("fcvt.{name}.{letter}"), vec![fp], int, true, Box::new(to));
        let from = move |v: &[u64], mode| {
            let n = match (width, signed) {
                (32, true) => i128::from(v[0] as i32),
                (32, false) => i128::from(v[0] as u32),
                (_, true) => i128::from(v[0] as i64),
                (_, false) => i128::from(v[0]),
            };
            f.of_integer(mode, n)
        };
        add(format!("fcvt.{letter}.{name}"), vec![int], fp, true, Box::new(from));
    }
    for (other, name) in FORMATS {
        if other != f {
            let to = move |v: &[u64], mode| other.of_format(mode, v[0], f);
            add(format!("fcvt.{name}.{letter}"), vec![fp], Kind::Fp(other), true, Box::new(to));
        }
    }
    ops
}

/// The formats, and how mnemonics name them.
const FORMATS: [(Format, &str); 3] = [(HALF, "h"), (SINGLE, "s"), (DOUBLE, "d")];

fn ops() -> impl Iterator<Item = Op> {
    FORMATS.into_iter().flat_map(|(format, letter)| ops_of(format, letter))
}

/// The value as a 64-bit register holds it.
fn in_register(value: u64, kind: Kind) -> u64 {
    match kind {
        Kind::Fp(DOUBLE) | Kind::Int(64) => value,
        Kind::Fp(format) => value | !0 << format.width,
        Kind::Int(_) => value as i32 as u64,
    }
}

/// Bits of a number near an edge of its kind, or of any.
fn operand(random: &mut Random, kind: Kind) -> u64 {
    let (choice, r) = (random.next(), random.next());
    let pick = |list: &[i64]| list[(choice >> 32) as usize % list.len()];
    match kind {
        Kind::Fp(format) => {
            let (bias, p) = (format.bias(), i64::from(format.fraction));
            let top = 2 * bias + 1;
            let exponent = match choice % 4 {
                0 => pick(&[0, 0, 1, 2, p, p + 1, top - p - 1, top - 2, top - 1, top]),
                1 => {
                    bias + pick(&[
                        -p - 2,
                        -p - 1,
                        -p,
                        -2,
                        -1,
                        0,
                        1,
                        2,
                        p - 1,
                        p,
                        p + 1,
                        15,
                        31,
                        32,
                        62,
                        63,
                        64,
                    ])
                }
                2 => bias + (r >> 40) as i64 % 20 - 10,
                _ => (r >> 40) as i64,
            };
            let all = (1u64 << p) - 1;
            let ones = all >> (r % p as u64);
            let fraction = match choice >> 8 & 7 {
                0 => 0,
                1 => ones,
                2 => all - ones,
                3 => (ones + 1) & all,
                4 => 1 << (r % p as u64),
                5 => r >> 8 & all & (all << ((choice >> 16) % p as u64)),
                _ => r >> 8 & all,
            };
            (exponent as u64 % (top as u64 + 1)) << p | fraction | (r >> 63) << (format.width - 1)
        }
        Kind::Int(width) => {
            let value = match choice % 4 {
                0 => pick(&[
                    0,
                    1,
                    -1,
                    i64::MIN,
                    i64::MAX,
                    i64::from(i32::MIN),
                    i64::from(i32::MAX),
                    1 << 53,
                    65504,
                    65520,
                ]) as u64,
                1 => (r >> (choice >> 8 & 63)) ^ 0u64.wrapping_sub(choice >> 16 & 1),
                2 => (1u64 << (choice >> 8 & 63)).wrapping_add(r % 5).wrapping_sub(2),
                _ => r,
            };
            if width == 32 { value as i32 as u64 } else { value }
        }
    }
}

/// Runs the instruction for each of the operands; values and flags, in their order.
fn run(op: &Op, rm: Option<u32>, frm: u32, way: Way, operands: &[[u64; 3]]) -> Vec<(u64, u64)> {
    let mut text = String::from("loop:\n");
    let mut args = vec![if let Kind::Int(_) = op.result { "a0" } else { "ft3" }.to_owned()];
    for (n, kind) in op.operands.iter().enumerate() {
        let (load, register) = if let Kind::Int(_) = kind { ("ld", 't') } else { ("fld", 'f') };
        let register = if register == 't' { format!("t{n}") } else { format!("ft{n}") };
        text += &format!("{load} {register}, {}(s2)\n", 8 * n);
        args.push(register);
    }
    args.extend(rm.map(|rm| rm.to_string()));
    let store = if let Kind::Int(_) = op.result { "sd a0" } else { "fsd ft3" };
    text += &format!(
        "csrrwi x0, fflags, 0\n{} {}\ncsrrs a1, fflags, x0\n{store}, 0(s3)\nsd a1, 8(s3)\naddi s2, s2, 24\naddi s3, s3, 16\n\
         addi s4, s4, -1\nbne s4, x0, loop\necall\n",
        op.insn,
        args.join(", ")
    );
    let mut space = AddressSpace::new(Ram::new().expect("addresses"), 1 << 30);
    for (start, len, prot) in [
        (OPERANDS, 24 * BATCH as u64, READ | WRITE),
        (RESULTS, 16 * BATCH as u64, READ | WRITE),
        (CODE, 0x1000, READ | WRITE | EXEC),
    ] {
        space.map(Placement::Fixed(start), len, prot, false, Backing::Anonymous, "").expect("room");
    }
    space.ram().write(CODE, &assemble(&text, CODE).bytes).expect("mapped");
    let hw = emu::hardware::Hardware::new(emu::HwParams::default());
    let mut hart = Hart::new(space.ram().clone(), hw, emu::hart::Clock::Instret);
    let mut engine = way.engine(InsnSet::default());
    let mut results = Vec::with_capacity(operands.len());
    for batch in operands.chunks(BATCH) {
        let bytes: Vec<u8> = batch.iter().flatten().flat_map(|v| v.to_le_bytes()).collect();
        hart.ram.write(OPERANDS, &bytes).expect("mapped");
        (hart.x[18], hart.x[19], hart.x[20]) = (OPERANDS, RESULTS, batch.len() as u64);
        (hart.pc, hart.frm) = (CODE, frm);
        hart.stop_at = u64::MAX / 2;
        assert_eq!(engine.run(&mut hart), Event::Trap(emu::Trap::Ecall), "{}", op.insn);
        let mut bytes = vec![0; 16 * batch.len()];
        hart.ram.read(RESULTS, &mut bytes).expect("mapped");
        let words: Vec<u64> =
            bytes.chunks(8).map(|c| c.iter().rev().fold(0, |v, &b| v << 8 | u64::from(b))).collect();
        results.extend(words.chunks(2).map(|pair| (pair[0], pair[1])));
    }
    results
}

/// Compares one instruction in one rounding mode with what must come of it, in both engines, with the mode in the instruction and in `frm`.
fn compare(op: &Op, rounding: usize, operands: &[[u64; 3]]) {
    let expected: Vec<(u64, u64)> = operands
        .iter()
        .map(|v| {
            let (value, flags) = (op.oracle)(v, MODES[rounding]);
            (in_register(value, op.result), u64::from(flags))
        })
        .collect();
    let boxed: Vec<[u64; 3]> = operands
        .iter()
        .map(|v| {
            let mut v = *v;
            v.iter_mut().zip(&op.operands).for_each(|(v, &kind)| *v = in_register(*v, kind));
            v
        })
        .collect();
    let in_instruction = (op.rounds.then_some(rounding as u32), 0);
    let in_frm = (Some(7), rounding as u32);
    for way in [Way::Interpreted, Way::Blocks, Way::Superblocks] {
        for (rm, frm) in [in_instruction].into_iter().chain(op.rounds.then_some(in_frm)) {
            let results = run(op, rm, frm, way, &boxed);
            for ((result, expected), operands) in results.iter().zip(&expected).zip(operands) {
                assert!(
                    result == expected,
                    "{} of {:x?}, {:?}, {way:?}, rm {rm:?} frm {frm}: (value, flags) {result:x?}, should be {expected:x?}",
                    op.insn,
                    &operands[..op.operands.len()],
                    MODES[rounding]
                );
            }
        }
    }
}

/// How many operands, pairs or triples of each instruction and rounding mode are asked for; `None`: the usual number.
fn wanted() -> Option<usize> {
    std::env::var("MJ_FLOATS").ok().and_then(|n| n.parse().ok())
}

#[test]
fn floating_point_is_exact_and_rounded_once() {
    let count = wanted().unwrap_or(400);
    let mut random = Random(0x0123_4567_89ab_cdef);
    for op in ops() {
        for rounding in 0..if op.rounds { MODES.len() } else { 1 } {
            let operands: Vec<[u64; 3]> = (0..count)
                .map(|_| {
                    let mut v = [0; 3];
                    v.iter_mut().zip(&op.operands).for_each(|(v, &kind)| *v = operand(&mut random, kind));
                    v
                })
                .collect();
            compare(&op, rounding, &operands);
        }
    }
}

#[test]
fn halves_are_rounded_and_converted() {
    // Every one of them if more than usual is asked for.
    let step = if wanted().is_some() { 1 } else { 7 };
    let all: Vec<[u64; 3]> = (0..=0xffff).step_by(step).map(|half| [half, 0, 0]).collect();
    for op in ops().filter(|op| op.operands == [Kind::Fp(HALF)]) {
        for rounding in 0..if op.rounds { MODES.len() } else { 1 } {
            compare(&op, rounding, &all);
        }
    }
}
