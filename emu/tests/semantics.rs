//! Integer and floating-point instructions over edge operands, results and flags, against an independent
//! implementation.
//!
//! `data/semantics.txt` has one line for each instruction with its immediate or rounding mode, and a hash
//! over all operand combinations. `MJ_SEMANTICS=fadd.d` in the environment prints the single results of one
//! instruction.

use emu::hardware::Hardware;
use emu::hart::Clock;
use emu::interp::{decode, execute};
use emu::memory::Ram;
use emu::{Hart, HwParams};
use isa_spec::{FieldKind, Isa, MAX_FIELDS, ROUNDING_MODES};

const INTEGERS: &[u64] = &[
    0,
    1,
    2,
    3,
    !0,
    !1,
    0x7fffffff,
    0x80000000,
    0xffffffff,
    0x100000000,
    0x7fffffffffffffff,
    0x8000000000000000,
    0x8000000000000001,
    0x123456789abcdef0,
    0xfedcba9876543210,
    63,
    64,
    31,
    32,
    0xffffffff80000000,
    0xffffffff7fffffff,
    5,
    0xfffffffffffffff9,
    0x5555555555555555,
    0xaaaaaaaaaaaaaaaa,
    10,
    100000,
    0x20000000000001,
    0x20000000000003,
    0x1000001,
    0x1000003,
];

/// Zeros, infinities, NaNs, subnormals, the limits of the formats and of the integer types, ties.
const DOUBLES: &[u64] = &[
    0,
    0x8000000000000000,
    0x3ff0000000000000,
    0xbff0000000000000,
    0x7ff0000000000000,
    0xfff0000000000000,
    0x7ff8000000000000,
    0x7ff0000000000001,
    0xfff8000000000001,
    1,
    0x8000000000000001,
    0xfffffffffffff,
    0x10000000000000,
    0x10000000000001,
    0x7fefffffffffffff,
    0xffefffffffffffff,
    0x3ff0000000000001,
    0x3fefffffffffffff,
    0x4008000000000000,
    0x3fd5555555555555,
    0x41dfffffffc00000,
    0x41e0000000000000,
    0xc1e0000000000000,
    0x43dfffffffffffff,
    0x43e0000000000000,
    0xc3e0000000000000,
    0x41efffffffe00000,
    0x3fe0000000000000,
    0x3ff8000000000000,
    0xbfe0000000000000,
    0x36a0000000000000,
    0x3690000000000000,
    0x380fffffffffffff,
    0x3810000000000000,
    0x47efffffe0000000,
    0x47efffffefffffff,
    0x47effffff0000000,
    0x3ca0000000000000,
    0x3cb0000000000000,
    0x400921fb54442d18,
    0x4330000000000001,
    0xc024000000000000,
    0x1e60000000000000,
    0x1e6a09e667f3bcd,
    0x20000000000000,
    0x7fe0000000000000,
];

/// As [`DOUBLES`] for boxed singles; two are not boxed.
const SINGLES: &[u64] = &[
    0xffffffff00000000,
    0xffffffff80000000,
    0xffffffff3f800000,
    0xffffffffbf800000,
    0xffffffff7f800000,
    0xffffffffff800000,
    0xffffffff7fc00000,
    0xffffffff7f800001,
    0xffffffffffc00001,
    0xffffffff00000001,
    0xffffffff80000001,
    0xffffffff007fffff,
    0xffffffff00800000,
    0xffffffff00800001,
    0xffffffff7f7fffff,
    0xffffffffff7fffff,
    0xffffffff3f800001,
    0xffffffff3f7fffff,
    0xffffffff40400000,
    0xffffffff3eaaaaab,
    0xffffffff4effffff,
    0xffffffff4f000000,
    0xffffffffcf000000,
    0xffffffff5effffff,
    0xffffffff5f000000,
    0xffffffffdf000000,
    0xffffffff4f7fffff,
    0xffffffff3f000000,
    0xffffffff3fc00000,
    0xffffffffbf000000,
    0xffffffff33800000,
    0xffffffff34000000,
    0xffffffff40490fdb,
    0xffffffff4b000001,
    0xffffffffc1200000,
    0x3f800000,
    0x7fffffff3f800000,
    0xffffffff1a800000,
    0xffffffff7f000000,
    0xffffffff01000000,
];

const DEST: i64 = 12;
const SOURCES: [i64; 3] = [10, 11, 13];

/// A register file and where a source operand goes.
#[derive(Clone, Copy, PartialEq)]
enum File {
    X,
    F,
}

struct Case {
    word: u32,
    dest: File,
    /// For each source, the file and its values.
    sources: Vec<(File, &'static [u64])>,
}

/// The instruction of a line: mnemonic, and immediate, rounding mode or nothing.
fn case(mnemonic: &str, detail: Option<&str>) -> Case {
    let isa = Isa::builtin();
    let insn = isa.by_name(mnemonic).unwrap_or_else(|| panic!("{mnemonic} is not known"));
    let mut values = [0; MAX_FIELDS];
    let mut regs = Vec::new();
    for f in insn.template.fields() {
        let file = match insn.fields[f].kind {
            FieldKind::XReg => File::X,
            FieldKind::FReg => File::F,
            FieldKind::Rm => {
                let mode = ROUNDING_MODES.iter().position(|m| Some(*m) == detail);
                values[f] = mode.map_or(0, |n| n as i64);
                continue;
            }
            _ => {
                values[f] =
                    detail.and_then(|d| d.parse().ok()).unwrap_or_else(|| panic!("{mnemonic} {detail:?}"));
                continue;
            }
        };
        values[f] = if regs.is_empty() { DEST } else { SOURCES[regs.len() - 1] };
        regs.push(file);
    }
    // The suffix of a conversion names the source last.
    let floats = if mnemonic.ends_with(".s") { SINGLES } else { DOUBLES };
    let sources = regs[1..].iter().map(|&f| (f, if f == File::X { INTEGERS } else { floats })).collect();
    let word = isa.encode(insn.id, &values).unwrap_or_else(|e| panic!("{mnemonic}: {e}"));
    Case { word, dest: regs[0], sources }
}

/// Runs the case over all combinations (every third value of each when there are three operands).
fn hash(case: &Case, show: bool, hart: &mut Hart) -> u64 {
    let op = decode(case.word).expect("an instruction");
    let step = if case.sources.len() == 3 { 3 } else { 1 };
    let mut hash = 1u64;
    let mut at = vec![0; case.sources.len()];
    loop {
        for ((&(file, values), &i), reg) in case.sources.iter().zip(&at).zip(SOURCES) {
            match file {
                File::X => hart.x[reg as usize] = values[i],
                File::F => hart.f[reg as usize] = values[i],
            }
        }
        hart.fflags = 0;
        execute(hart, &op, 0x1000).expect("no trap");
        let result = if case.dest == File::X { hart.x[DEST as usize] } else { hart.f[DEST as usize] };
        let flags = u64::from(hart.fflags);
        if show {
            let operands: Vec<String> =
                case.sources.iter().zip(&at).map(|((_, v), &i)| format!("{:x}", v[i])).collect();
            eprintln!("{} -> {result:x} flags {flags:x}", operands.join(" "));
        }
        hash = (hash ^ result.wrapping_mul(31).wrapping_add(flags)).wrapping_mul(0x100000001b3);
        hash ^= hash >> 29;
        // Count up, the last operand fastest.
        let mut digit = at.len();
        loop {
            if digit == 0 {
                return hash;
            }
            digit -= 1;
            at[digit] += step;
            if at[digit] < case.sources[digit].1.len() {
                break;
            }
            at[digit] = 0;
        }
    }
}

#[test]
fn results_and_flags_over_edge_operands() {
    let show = std::env::var("MJ_SEMANTICS").ok();
    let mut hart =
        Hart::new(Ram::new().expect("host memory"), Hardware::new(HwParams::default()), Clock::Instret);
    let mut wrong = Vec::new();
    let mut lines = 0;
    for line in include_str!("data/semantics.txt").lines().filter(|l| !l.starts_with('#')) {
        let words: Vec<&str> = line.split(' ').collect();
        let (mnemonic, detail) = (words[0], (words.len() == 3 && words[1] != "-").then(|| words[1]));
        let expected = u64::from_str_radix(words[words.len() - 1], 16).expect("a hash");
        let case = case(mnemonic, detail);
        if hash(&case, show.as_deref() == Some(mnemonic), &mut hart) != expected {
            wrong.push(format!("{mnemonic} {}", detail.unwrap_or_default()));
        }
        lines += 1;
    }
    assert!(lines > 250, "the data file is complete");
    assert!(wrong.is_empty(), "wrong: {wrong:?}");
}
