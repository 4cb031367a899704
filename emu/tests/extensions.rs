//! Instructions beyond RV64GC: against plain Rust functions, and against QEMU where it is installed and has the
//! extension.

mod common;

use common::{CODE, Random, assemble, elf, hart_with_page, write_program};
use emu::Hart;
use emu::interp::{decode, execute};
use isa_spec::{FieldKind, Insn, Isa, MAX_FIELDS, Values};
use std::process::Command;

const PAGE: u64 = 0x10000;
const PC: u64 = PAGE;

fn sext32(x: u64) -> u64 {
    x as i32 as u64
}

/// Bit by bit, from the definition.
fn clmul(a: u64, b: u64) -> u128 {
    (0..64).filter(|n| b >> n & 1 == 1).fold(0, |p, n| p ^ u128::from(a) << n)
}

fn bytes(x: u64, f: impl Fn(u8) -> u8) -> u64 {
    u64::from_le_bytes(x.to_le_bytes().map(f))
}

type Function = fn(u64, u64) -> u64;

/// Integer instructions of two sources (or one and an immediate), by name.
const INTEGER: &[(&str, Function)] = &[
    ("add.uw", |a, b| (a & 0xffff_ffff).wrapping_add(b)),
    ("sh1add", |a, b| a.wrapping_mul(2).wrapping_add(b)),
    ("sh2add", |a, b| a.wrapping_mul(4).wrapping_add(b)),
    ("sh3add", |a, b| a.wrapping_mul(8).wrapping_add(b)),
    ("sh1add.uw", |a, b| ((a & 0xffff_ffff) * 2).wrapping_add(b)),
    ("sh2add.uw", |a, b| ((a & 0xffff_ffff) * 4).wrapping_add(b)),
    ("sh3add.uw", |a, b| ((a & 0xffff_ffff) * 8).wrapping_add(b)),
    ("slli.uw", |a, b| (a & 0xffff_ffff) << b),
    ("andn", |a, b| a & !b),
    ("orn", |a, b| a | !b),
    ("xnor", |a, b| !(a ^ b)),
    ("clz", |a, _| u64::from(a.leading_zeros())),
    ("clzw", |a, _| u64::from((a as u32).leading_zeros())),
    ("ctz", |a, _| u64::from(a.trailing_zeros())),
    ("ctzw", |a, _| u64::from((a as u32).trailing_zeros())),
    ("cpop", |a, _| u64::from(a.count_ones())),
    ("cpopw", |a, _| u64::from((a as u32).count_ones())),
    ("min", |a, b| (a as i64).min(b as i64) as u64),
    ("minu", u64::min),
    ("max", |a, b| (a as i64).max(b as i64) as u64),
    ("maxu", u64::max),
    ("sext.b", |a, _| a as i8 as u64),
    ("sext.h", |a, _| a as i16 as u64),
    ("zext.h", |a, _| a & 0xffff),
    ("rol", |a, b| a.rotate_left(b as u32 & 63)),
    ("rolw", |a, b| sext32(u64::from((a as u32).rotate_left(b as u32 & 31)))),
    ("ror", |a, b| a.rotate_right(b as u32 & 63)),
    ("rorw", |a, b| sext32(u64::from((a as u32).rotate_right(b as u32 & 31)))),
    ("rori", |a, b| a.rotate_right(b as u32)),
    ("roriw", |a, b| sext32(u64::from((a as u32).rotate_right(b as u32)))),
    ("orc.b", |a, _| bytes(a, |x| if x == 0 { 0 } else { 0xff })),
    ("rev8", |a, _| a.swap_bytes()),
    ("brev8", |a, _| bytes(a, u8::reverse_bits)),
    ("pack", |a, b| a & 0xffff_ffff | b << 32),
    ("packh", |a, b| a & 0xff | (b & 0xff) << 8),
    ("packw", |a, b| sext32(a & 0xffff | (b & 0xffff) << 16)),
    ("xperm4", |a, b| (0..16).fold(0, |all, n| all | (a >> (4 * (b >> (4 * n) & 15)) & 15) << (4 * n))),
    ("xperm8", |a, b| bytes(b, |n| if n < 8 { a.to_le_bytes()[usize::from(n)] } else { 0 })),
    ("bclr", |a, b| a & !(1 << (b & 63))),
    ("bclri", |a, b| a & !(1 << b)),
    ("bext", |a, b| a >> (b & 63) & 1),
    ("bexti", |a, b| a >> b & 1),
    ("binv", |a, b| a ^ 1 << (b & 63)),
    ("binvi", |a, b| a ^ 1 << b),
    ("bset", |a, b| a | 1 << (b & 63)),
    ("bseti", |a, b| a | 1 << b),
    ("clmul", |a, b| clmul(a, b) as u64),
    ("clmulh", |a, b| (clmul(a, b) >> 64) as u64),
    ("clmulr", |a, b| (clmul(a, b) >> 63) as u64),
    ("czero.eqz", |a, b| if b == 0 { 0 } else { a }),
    ("czero.nez", |a, b| if b != 0 { 0 } else { a }),
    ("mop.r.0", |_, _| 0),
    ("mop.r.31", |_, _| 0),
    ("mop.rr.7", |_, _| 0),
    ("fleq.d", |a, b| u64::from(f64::from_bits(a) <= f64::from_bits(b))),
    ("fltq.d", |a, b| u64::from(f64::from_bits(a) < f64::from_bits(b))),
    ("fleq.s", |a, b| u64::from(single(a) <= single(b))),
    ("fltq.s", |a, b| u64::from(single(a) < single(b))),
    ("fminm.d", |a, b| double(f64::from_bits(a), f64::from_bits(b), false)),
    ("fmaxm.d", |a, b| double(f64::from_bits(a), f64::from_bits(b), true)),
    ("fcvtmod.w.d", |a, _| sext32(modular(f64::from_bits(a)))),
    ("c.not", |a, _| !a),
    ("c.mul", u64::wrapping_mul),
    ("c.zext.b", |a, _| a & 0xff),
    ("c.sext.b", |a, _| a as i8 as u64),
    ("c.zext.h", |a, _| a & 0xffff),
    ("c.sext.h", |a, _| a as i16 as u64),
    ("c.zext.w", |a, _| a & 0xffff_ffff),
];

/// The single in a register.
fn single(bits: u64) -> f32 {
    if bits >> 32 == 0xffff_ffff { f32::from_bits(bits as u32) } else { f32::NAN }
}

/// minimum or maximum of IEEE 754-2019, as bits.
fn double(a: f64, b: f64, max: bool) -> u64 {
    if a.is_nan() || b.is_nan() {
        return f64::NAN.to_bits() & !(1 << 63);
    }
    let first = (a.total_cmp(&b).is_lt()) != max;
    if first { a.to_bits() } else { b.to_bits() }
}

/// The low 32 bits of a truncated double.
fn modular(x: f64) -> u64 {
    if !x.is_finite() {
        return 0;
    }
    x.trunc().rem_euclid(4_294_967_296.0) as u64
}

/// Field values with the operands in these registers: rd a0 or fa0, sources a1, a2 or fa1, fa2. `imm` fills what is no
/// register and has no default.
fn values(insn: &Insn, imm: i64) -> Values {
    let mut values = [0; MAX_FIELDS];
    for (v, f) in values.iter_mut().zip(&insn.fields) {
        *v = match (f.name.as_str(), f.kind) {
            ("xd" | "fd", _) => 10,
            ("xs1" | "fs1", _) => 11,
            ("xs2" | "fs2", _) => 12,
            ("fs3", _) => 13,
            (_, FieldKind::Rm | FieldKind::Hex | FieldKind::Imm | FieldKind::FpConstant) => {
                if f.not.contains(&imm) || imm > f.max() { 1 } else { imm }
            }
            _ => 0,
        };
    }
    values
}

/// Executes an instruction that must not trap, with operands in both register files.
fn run(hart: &mut Hart, word: u32, [a, b, c]: [u64; 3]) -> (u64, u64, u32) {
    // Two-address forms have their first operand where the result goes.
    for (n, v) in [(10, a), (11, a), (12, b), (13, c)] {
        hart.x[n] = v;
        hart.f[n] = v;
    }
    hart.fflags = 0;
    let op = decode(word).expect("an instruction");
    execute(hart, &op, PC).expect("no trap");
    (hart.x[10], hart.f[10], hart.fflags)
}

#[test]
fn integer_instructions_equal_plain_functions() {
    let isa = Isa::builtin();
    let mut hart = hart_with_page(PAGE);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for (name, function) in INTEGER {
        let insn = isa.by_name(name).unwrap_or_else(|| panic!("{name} is not known"));
        let immediate = insn.fields.iter().any(|f| f.kind == FieldKind::Hex);
        let two_address = insn.compressed();
        for n in 0..1000 {
            let (a, b) = (random.operand(PAGE), random.operand(PAGE));
            // Most doubles at random are huge; these have a fraction to lose.
            let a = if name.starts_with("fcvtmod") && n % 2 == 0 {
                (b as i64 as f64 / 1_000_003.0).to_bits()
            } else {
                a
            };
            let imm =
                (n % if name.ends_with('w') && immediate && *name != "slli.uw" { 32 } else { 64 }) as i64;
            let word = isa.encode(insn.id, &values(insn, imm)).expect("encodes");
            let b = if immediate { imm as u64 } else { b };
            let (x, f, _) = run(&mut hart, word, [a, b, 0]);
            let result = if insn.field("fd").is_some() { f } else { x };
            assert_eq!(
                result,
                function(a, b),
                "{name} {a:#x} {b:#x}{}",
                if two_address { " in place" } else { "" }
            );
        }
    }
}

#[test]
fn fli_loads_its_table() {
    let isa = Isa::builtin();
    let mut hart = hart_with_page(PAGE);
    let expected = [
        -1.0,
        f64::MIN_POSITIVE,
        2f64.powi(-16),
        2f64.powi(-15),
        2f64.powi(-8),
        2f64.powi(-7),
        0.0625,
        0.125,
        0.25,
        0.3125,
        0.375,
        0.4375,
        0.5,
        0.625,
        0.75,
        0.875,
        1.0,
        1.25,
        1.5,
        1.75,
        2.0,
        2.5,
        3.0,
        4.0,
        8.0,
        16.0,
        128.0,
        256.0,
        32768.0,
        65536.0,
        f64::INFINITY,
        f64::NAN,
    ];
    let mut load = |name: &str, n: usize| {
        let insn = isa.by_name(name).expect("known");
        let mut values = [0; MAX_FIELDS];
        values[insn.field("constant").expect("field")] = n as i64;
        values[insn.field("fd").expect("field")] = 10;
        run(&mut hart, isa.encode(insn.id, &values).expect("encodes"), [0; 3]).1
    };
    for (n, value) in expected.into_iter().enumerate() {
        assert_eq!(load("fli.d", n), value.to_bits(), "fli.d {n}");
        let single = if n == 1 { f32::MIN_POSITIVE } else { value as f32 };
        assert_eq!(load("fli.s", n), !0xffff_ffff | u64::from(single.to_bits()), "fli.s {n}");
        let half = load("fli.h", n);
        let mut flags = 0;
        let same = if n == 1 { 0x400 } else { emu::fp::f64_to_f16(value.to_bits(), 0, &mut flags) };
        assert_eq!(half, !0xffff | same, "fli.h {n}");
    }
    assert_eq!(isa_spec::fp_constant_name(0), "-0x1p+0");
    assert_eq!(isa_spec::fp_constant_name(9), "0x1.4p-2");
    for n in 0..32 {
        assert_eq!(isa_spec::fp_constant_index(&isa_spec::fp_constant_name(n)), Some(n));
    }
    assert_eq!(isa_spec::fp_constant_index("2.5"), Some(21));
    assert_eq!(isa_spec::fp_constant_index("2.75"), None);
}

#[test]
fn rounding_to_integral_values() {
    let isa = Isa::builtin();
    let mut hart = hart_with_page(PAGE);
    let mut round = |name: &str, mode: i64, x: u64| {
        let insn = isa.by_name(name).expect("known");
        let (_, f, flags) =
            run(&mut hart, isa.encode(insn.id, &values(insn, mode)).expect("encodes"), [x, 0, 0]);
        (f, flags)
    };
    for x in [0.0, -0.0, 0.5, 1.5, 2.5, -0.5, -2.5, 1e300, 4503599627370497.5, f64::INFINITY, 3.0] {
        let modes = [x.round_ties_even(), x.trunc(), x.floor(), x.ceil(), x.round()];
        for (mode, expected) in modes.into_iter().enumerate() {
            let inexact = u32::from(expected != x);
            assert_eq!(
                round("fround.d", mode as i64, x.to_bits()),
                (expected.to_bits(), 0),
                "{x} mode {mode}"
            );
            assert_eq!(
                round("froundnx.d", mode as i64, x.to_bits()),
                (expected.to_bits(), inexact),
                "{x} {mode}"
            );
            let boxed = |v: f64| !0xffff_ffff | u64::from((v as f32).to_bits());
            if f64::from(x as f32) == x {
                assert_eq!(
                    round("froundnx.s", mode as i64, boxed(x)),
                    (boxed(expected), inexact),
                    "{x} {mode}"
                );
            }
        }
    }
    // Signalling and quiet NaNs; a half that is not boxed.
    assert_eq!(round("fround.d", 0, 0x7ff0_0000_0000_0001), (0x7ff8_0000_0000_0000, 16));
    assert_eq!(round("froundnx.d", 0, 0xfff8_0000_0000_0001), (0x7ff8_0000_0000_0000, 0));
    assert_eq!(round("fround.h", 0, 0x3c00), (!0xffff | 0x7e00, 0));
    assert_eq!(round("froundnx.h", 0, !0xffff | 0x3e00), (!0xffff | 0x4000, 1));
}

#[test]
fn compare_and_swap() {
    let isa = Isa::builtin();
    let mut hart = hart_with_page(PAGE);
    let addr = PAGE + 0x40;
    let mut swap = |name: &str, expected: [u64; 2], value: [u64; 2], before: [u64; 2], at: u64| {
        let insn = isa.by_name(name).expect("known");
        let mut v = [0; MAX_FIELDS];
        for (field, reg) in [("xd", 10), ("xs1", 14), ("xs2", 12)] {
            v[insn.field(field).expect("field")] = reg;
        }
        let op = decode(isa.encode(insn.id, &v).expect("encodes")).expect("decodes");
        let bytes: Vec<u8> = before.iter().flat_map(|w| w.to_le_bytes()).collect();
        hart.ram.write(addr, &bytes).expect("mapped");
        (hart.x[10], hart.x[11]) = (expected[0], expected[1]);
        (hart.x[12], hart.x[13]) = (value[0], value[1]);
        hart.x[14] = at;
        let result = execute(&mut hart, &op, PC);
        let memory = [hart.ram.read_u64(addr).expect("mapped"), hart.ram.read_u64(addr + 8).expect("mapped")];
        (result.is_ok(), [hart.x[10], hart.x[11]], memory)
    };
    let old = [0x8765_4321_89ab_cdef, 0x1111_2222_3333_4444];
    // Only the low word of the register is compared.
    let (ok, regs, memory) =
        swap("amocas.w", [0x5555_0000_89ab_cdef, 7], [0xffff_ffff_0000_0001, 9], old, addr);
    assert!(ok);
    assert_eq!((regs, memory), ([0xffff_ffff_89ab_cdef, 7], [0x8765_4321_0000_0001, old[1]]));
    let (_, regs, memory) = swap("amocas.w", [1, 7], [2, 9], old, addr);
    assert_eq!((regs, memory), ([0xffff_ffff_89ab_cdef, 7], old));
    let (_, regs, memory) = swap("amocas.d", [old[0], 7], [2, 9], old, addr);
    assert_eq!((regs, memory), ([old[0], 7], [2, old[1]]));
    let (_, regs, memory) = swap("amocas.d", [1, 7], [2, 9], old, addr);
    assert_eq!((regs, memory), ([old[0], 7], old));
    let (_, regs, memory) = swap("amocas.q", old, [2, 9], old, addr);
    assert_eq!((regs, memory), (old, [2, 9]));
    let (_, regs, memory) = swap("amocas.q", [old[0], 1], [2, 9], old, addr);
    assert_eq!((regs, memory), (old, old));
    // A misaligned address traps and changes nothing.
    for (name, off) in [("amocas.w", 2), ("amocas.d", 4), ("amocas.q", 8)] {
        let (ok, regs, memory) = swap(name, [5, 6], [2, 9], old, addr + off);
        assert_eq!((ok, regs, memory), (false, [5, 6], old), "{name}");
    }
}

#[test]
fn cache_block_operations() {
    let mut hart = hart_with_page(PAGE);
    let word = |name: &str| {
        let insn = Isa::builtin().by_name(name).expect("known");
        Isa::builtin().encode(insn.id, &values(insn, 0)).expect("encodes")
    };
    let mut before = vec![0; 4096];
    hart.ram.read(PAGE, &mut before).expect("mapped");
    for name in ["cbo.clean", "cbo.flush", "cbo.inval", "prefetch.r", "prefetch.w", "prefetch.i"] {
        run(&mut hart, word(name), [PAGE + 77, 0, 0]);
    }
    run(&mut hart, word("cbo.zero"), [PAGE + 77, 0, 0]);
    let mut after = vec![0; 4096];
    hart.ram.read(PAGE, &mut after).expect("mapped");
    before[64..128].fill(0);
    assert!(before == after);
    // Where nothing is mapped, all but the prefetches fault.
    for name in ["cbo.clean", "cbo.flush", "cbo.inval", "cbo.zero"] {
        hart.x[11] = PAGE + 4096;
        let op = decode(word(name)).expect("decodes");
        assert!(execute(&mut hart, &op, PC).is_err(), "{name}");
        assert_eq!(hart.fault_addr, PAGE + 4096, "{name}");
    }
    run(&mut hart, word("prefetch.w"), [PAGE + 4096, 0, 0]);
}

/// The extensions that QEMU 7.2 has, with their switches.
const QEMU_EXTENSIONS: [&str; 8] = ["Zba", "Zbb", "Zbs", "Zbc", "Zbkb", "Zbkx", "Zfhmin", "Zfh"];
const QEMU_CPU: &str = "rv64,zba=true,zbb=true,zbs=true,zbc=true,zbkb=true,zbkx=true";
/// How older and newer versions call the rest.
const QEMU_HALF: [&str; 2] = [",Zfh=true,Zfhmin=true", ",zfh=true,zfhmin=true"];

/// One guest program that executes every register-to-register instruction of those extensions over a table of operands, in
/// all rounding modes, and writes results and flags.
#[test]
fn the_same_results_as_qemu() {
    const OPERANDS: usize = 300;
    let qemu = ["qemu-riscv64-static", "qemu-riscv64"];
    let Some(qemu) = qemu.into_iter().find(|q| Command::new(q).arg("--version").output().is_ok()) else {
        eprintln!("skipped: qemu-riscv64 is not installed");
        return;
    };
    let isa = Isa::builtin();
    let mut random = Random(0x51ed_270b_7f4a_7c15);
    let operands: Vec<[u64; 3]> = (0..OPERANDS).map(|_| [0; 3].map(|_| random.operand(PAGE))).collect();
    let words: Vec<(u32, &str)> = isa
        .insns
        .iter()
        .filter(|i| QEMU_EXTENSIONS.contains(&i.extension.as_str()))
        .filter(|i| !["flh", "fsh"].contains(&i.name.as_str()))
        .flat_map(|i| {
            let modes = if i.fields.iter().any(|f| f.kind == FieldKind::Rm) { 0..5 } else { 3..4 };
            // Exact conversions have one mode.
            let exact = i.fields.iter().any(|f| f.kind == FieldKind::Rm && f.default == Some(0));
            let modes = if exact { 0..1 } else { modes };
            modes.map(move |m| (isa.encode(i.id, &values(i, m)).expect("encodes"), i.name.as_str()))
        })
        .collect();
    let mut text = String::from("jal s0, code\n");
    for v in operands.iter().flatten() {
        text += &format!(".word {:#x}\n.word {:#x}\n", v & 0xffff_ffff, v >> 32);
    }
    // s1 is where results go, below the stack pointer.
    let size = words.len() * OPERANDS * 24;
    let pages = size.div_ceil(4096) + 1;
    text += &format!("code:\nlui t0, {pages}\nsub s1, sp, t0\nandi s1, s1, -8\naddi s4, s1, 0\n");
    for (n, (word, _)) in words.iter().enumerate() {
        text += &format!(
            "addi s2, s0, 0\naddi s3, zero, {OPERANDS}\nloop{n}:\n\
             ld a1, 0(s2)\nld a2, 8(s2)\nld a3, 16(s2)\naddi a0, a1, 0\n\
             fmv.d.x fa1, a1\nfmv.d.x fa2, a2\nfmv.d.x fa3, a3\nfmv.d.x fa0, a1\n\
             csrrw zero, fflags, zero\n.word {word:#x}\ncsrrs a4, fflags, zero\n\
             sd a0, 0(s1)\nfsd fa0, 8(s1)\nsd a4, 16(s1)\n\
             addi s1, s1, 24\naddi s2, s2, 24\naddi s3, s3, -1\nbne s3, zero, loop{n}\n"
        );
    }
    // write(1, results, size) until all is written; exit(0).
    text += "write:\naddi a0, zero, 1\naddi a1, s4, 0\nsub a2, s1, s4\naddi a7, zero, 64\necall\n\
             add s4, s4, a0\nbne s4, s1, write\naddi a0, zero, 0\naddi a7, zero, 93\necall\n";
    let program = write_program(&elf(&assemble(&text, CODE).bytes));
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&program.0, executable).expect("permissions");
    let run_qemu = |half: &str| {
        let cpu = format!("{QEMU_CPU}{half}");
        Command::new(qemu).args(["-cpu", &cpu]).arg(&program.0).output().expect("qemu starts")
    };
    let refused = |out: &std::process::Output| String::from_utf8_lossy(&out.stderr).contains("not found");
    let Some(out) = QEMU_HALF.into_iter().map(run_qemu).find(|out| !refused(out)) else {
        eprintln!("skipped: this qemu does not have all of {QEMU_EXTENSIONS:?}");
        return;
    };
    assert!(out.status.success(), "{} {}", out.status, String::from_utf8_lossy(&out.stderr));
    assert_eq!(out.stdout.len(), size);
    let mut theirs = out.stdout.chunks_exact(24);
    let mut hart = hart_with_page(PAGE);
    let mut differences = Vec::new();
    let mut expected = Vec::new();
    for (word, name) in &words {
        for o in &operands {
            let (x, f, flags) = run(&mut hart, *word, *o);
            let bytes = theirs.next().expect("complete");
            let part =
                |n: usize| u64::from_le_bytes(bytes[n * 8..n * 8 + 8].try_into().expect("eight bytes"));
            let (ours, qemu) = ([x, f, u64::from(flags)], [part(0), part(1), part(2)]);
            expected.extend(ours.iter().flat_map(|v| v.to_le_bytes()));
            // Version 7.2 looks past the low word when that is 0; the manual (Zbb, ctzw) says 32.
            let known = *name == "ctzw" && o[0] as u32 == 0;
            if ours != qemu && !known && differences.len() < 40 {
                differences.push(format!("{name} {word:#010x} {o:x?}: ours {ours:x?}, qemu {qemu:x?}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    // The program itself does the same in the emulator.
    let ours = common::run_captured(&program.0, &[], "");
    let begin = ours.stdout.windows(7).position(|w| w == b"<guest>").expect("the mark") + 7;
    assert!(ours.stdout[begin..].starts_with(&expected), "the program's output is another");
}

#[test]
#[ignore = "run by other tests, in a process of its own"]
fn guest_runner() {
    let Some(program) = std::env::var_os("MJ_TEST_GUEST") else { return };
    let mut machine = emu::Machine::builder(program).build().expect("a machine");
    print!("<guest>");
    std::io::Write::flush(&mut std::io::stdout()).expect("flushed");
    let outcome = machine.run();
    std::process::exit(outcome.exit.status());
}
