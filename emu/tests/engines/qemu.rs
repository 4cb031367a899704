//! The same random programs in QEMU, as far as it has their instructions: registers, flags and memory at the end are the same.
//!
//! `MJ_QEMU` names the QEMU; otherwise it is the one in the `PATH`. `MJ_PROGRAMS=N` runs N programs.

use super::common::{Random, Way, assemble, elf_header, write_program};
use super::{COUNTER, PAGE, hart, is_suitable, listing, prepare, program};
use emu::engine::Event;
use emu::{InsnSet, Trap};
use isa_spec::{FieldKind, Insn, Isa};
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output};

/// Where a program for QEMU begins: behind the pages of data and code.
const START: u64 = PAGE + 0x2000;
/// Where it finds the registers, and leaves them: integer, floating point, `fcsr`.
const REGISTERS: u64 = PAGE + 0x3000;
/// Bytes of registers.
const SIZE: usize = 65 * 8;

/// Processor models with as many extensions as there are, in the spelling of newer and older versions.
const MODELS: [&str; 3] = [
    "max",
    "rv64,zba=true,zbb=true,zbs=true,zbc=true,zbkb=true,zfh=true",
    "rv64,zba=true,zbb=true,zbs=true,zbc=true,zbkb=true,Zfh=true",
];

/// A QEMU with the options that it takes.
struct Qemu {
    command: String,
    model: &'static str,
}

impl Qemu {
    /// `None` when there is none.
    fn find() -> Option<Qemu> {
        let names = match std::env::var("MJ_QEMU") {
            Ok(name) => vec![name],
            Err(_) => ["qemu-riscv64-static", "qemu-riscv64"].map(str::to_owned).to_vec(),
        };
        let command = names.into_iter().find(|q| Command::new(q).arg("--version").output().is_ok())?;
        let nothing = assemble("ecall", PAGE).bytes;
        MODELS
            .into_iter()
            .map(|model| Qemu { command: command.clone(), model })
            .find(|q| q.run(&nothing, 1).is_ok())
    }

    /// Runs a program's code, which ends with `ecall`: the data page, and the registers. Error: how it ended.
    fn run(&self, code: &[u8], seed: u64) -> Result<(Vec<u8>, Vec<u64>), Output> {
        let file = write_program(&image(code, seed));
        std::fs::set_permissions(&file.0, PermissionsExt::from_mode(0o755)).expect("permissions");
        let out =
            Command::new(&self.command).args(["-cpu", self.model]).arg(&file.0).output().expect("started");
        if !out.status.success() || out.stdout.len() != 4096 + SIZE {
            return Err(out);
        }
        let words =
            out.stdout[4096..].chunks(8).map(|w| u64::from_le_bytes(w.try_into().expect("eight bytes")));
        Ok((out.stdout[..4096].to_vec(), words.collect()))
    }
}

/// An ELF file with a page of data, a page of code, one of what comes before and after it, and one of registers.
fn image(code: &[u8], seed: u64) -> Vec<u8> {
    let (mut hart, _space) = hart(code);
    prepare(&mut hart, seed);
    let mut pages = vec![0u8; 0x4000];
    hart.ram.read(PAGE, &mut pages[..0x1000]).expect("mapped");
    let body = &code[..code.len() - 4];
    pages[0x1000..0x1000 + body.len()].copy_from_slice(body);
    let end = PAGE + 0x1000 + body.len() as u64;
    let high = |address: u64| address >> 12;
    let mut text = format!("lui x31, {}\n", high(REGISTERS));
    text += &(0..32).map(|n| format!("fld f{n}, {}(x31)\n", 256 + 8 * n)).collect::<String>();
    text += &(1..32).map(|n| format!("ld x{n}, {}(x31)\n", 8 * n)).collect::<String>();
    text += &format!("jal x0, {}\nleave:\n", PAGE + 0x1000);
    // The counter is zero at the end, so its register is free.
    text += &format!("lui x31, {}\n", high(REGISTERS));
    text += &(0..31).map(|n| format!("sd x{n}, {}(x31)\n", 8 * n)).collect::<String>();
    text += "sd x0, 248(x31)\n";
    text += &(0..32).map(|n| format!("fsd f{n}, {}(x31)\n", 256 + 8 * n)).collect::<String>();
    text += &format!(
        "csrrs x1, fcsr, x0\nsd x1, 512(x31)\naddi a0, zero, 1\nlui a1, {}\nlui a2, 1\naddi a7, zero, 64\necall\n\
         addi a0, zero, 1\naddi a1, x31, 0\naddi a2, zero, {SIZE}\necall\naddi a0, zero, 0\naddi a7, zero, 93\necall",
        high(PAGE)
    );
    let around = assemble(&text, START);
    pages[0x2000..0x2000 + around.bytes.len()].copy_from_slice(&around.bytes);
    let jump = Isa::builtin().by_name("jal").expect("jal");
    let mut values = [0; isa_spec::MAX_FIELDS];
    values[jump.field("imm").expect("a field")] = around.labels["leave"] as i64 - end as i64;
    let word = Isa::builtin().encode(jump.id, &values).expect("in range");
    pages[0x1000 + body.len()..0x1004 + body.len()].copy_from_slice(&word.to_le_bytes());
    for (n, value) in hart.x[..32].iter().chain(&hart.f).enumerate() {
        pages[0x3000 + 8 * n..0x3008 + 8 * n].copy_from_slice(&value.to_le_bytes());
    }
    elf(&pages)
}

/// A static ELF file with these bytes at [`PAGE`], entered at [`START`].
fn elf(pages: &[u8]) -> Vec<u8> {
    let size = pages.len() as u64;
    let mut out = elf_header(START, [0x1000, PAGE, PAGE, size, size, 0x1000]);
    out.resize(0x1000, 0);
    out.extend(pages);
    out
}

/// Whether QEMU and the manual agree on the instruction.
fn is_shared(insn: &Insn) -> bool {
    // Version 7.2 looks past the low word for `ctzw` when that is 0.
    !insn.extension.starts_with("Xmj") && insn.name != "ctzw" && is_suitable(insn)
}

/// The rounding mode is a valid one, and a compare-and-swap has a result: some versions of QEMU write `x0` there.
fn is_agreed(word: u32, insn: &Insn) -> bool {
    insn.fields.iter().all(|f| match f.kind {
        FieldKind::Rm => !(5..=6).contains(&f.extract(word)),
        FieldKind::XReg if insn.name.starts_with("amocas") && f.name.starts_with("xd") => {
            f.extract(word) != 0
        }
        _ => true,
    })
}

#[test]
fn random_programs_do_the_same_in_qemu() {
    let Some(qemu) = Qemu::find() else {
        eprintln!("skipped: no qemu-riscv64");
        return;
    };
    let isa = Isa::builtin();
    let programs: u64 = std::env::var("MJ_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(25);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    // One instruction tells of its extension.
    let all: Vec<&Insn> = isa.insns.iter().filter(|i| is_shared(i)).collect();
    let mut known: BTreeSet<&str> = all.iter().map(|i| i.extension.as_str()).collect();
    known.retain(|extension| {
        let of_it = all.iter().filter(|i| i.extension == *extension);
        let mut words = of_it.flat_map(|insn| (0..20).map(move |_| *insn));
        let code = words.find_map(|insn| {
            let word = super::word(insn, &mut random).filter(|w| is_agreed(*w, insn))?;
            Some((word, usize::from(insn.len)))
        });
        code.is_some_and(|(word, len)| {
            let mut code = word.to_le_bytes()[..len].to_vec();
            code.extend(assemble(&format!("addi x{COUNTER}, x0, 0\necall"), PAGE).bytes);
            qemu.run(&code, 1).is_ok()
        })
    });
    let suitable: Vec<&Insn> = all.into_iter().filter(|i| known.contains(i.extension.as_str())).collect();
    assert!(known.contains("I"), "QEMU runs programs: {known:?}");
    let (mut compared, mut executed, mut tried) = (0, 0u64, 0);
    while compared < programs {
        tried += 1;
        assert!(tried < 20 * programs + 100, "most programs end without a trap");
        let code = program(isa, &suitable, &mut random);
        let seed = random.next();
        let agreed = words(&code[..code.len() - 12])
            .into_iter()
            .all(|word| isa.decode(word).is_none_or(|i| is_agreed(word, isa.insn(i.id))));
        if !agreed {
            continue;
        }
        let mut ends = Vec::new();
        for way in [Way::Interpreted, Way::ALL[1 + tried as usize % 3]] {
            let (mut hart, _space) = hart(&code);
            prepare(&mut hart, seed);
            hart.stop_at = u64::MAX / 2;
            let mut engine = way.engine(InsnSet::default());
            let event = engine.run(&mut hart);
            let mut data = vec![0; 4096];
            hart.ram.read(PAGE, &mut data).expect("mapped");
            let mut registers: Vec<u64> = hart.x[..32].iter().chain(&hart.f).copied().collect();
            registers.push(u64::from(hart.fflags));
            executed += hart.instret;
            ends.push((event, data, registers));
        }
        assert!(ends[0] == ends[1], "seed {seed:#x}: the engines differ\n{}", listing(&code));
        let (event, data, registers) = &ends[0];
        // Programs that trap are compared between the engines only.
        if *event != Event::Trap(Trap::Ecall) {
            continue;
        }
        compared += 1;
        let (their_data, their_registers) = match qemu.run(&code, seed) {
            Ok(end) => end,
            Err(out) => panic!("seed {seed:#x}: QEMU ended with {:?}\n{}", out.status, listing(&code)),
        };
        let names = |n: usize| match n {
            0..32 => format!("x{n}"),
            32..64 => format!("f{}", n - 32),
            _ => "fcsr".into(),
        };
        let differences: Vec<String> = (0..65)
            .filter(|&n| registers[n] != their_registers[n])
            .map(|n| format!("{}: {:#x}, QEMU {:#x}", names(n), registers[n], their_registers[n]))
            .collect();
        assert!(differences.is_empty(), "seed {seed:#x}: {}\n{}", differences.join("\n"), listing(&code));
        assert!(*data == their_data, "seed {seed:#x}: memory differs\n{}", listing(&code));
    }
    println!("{compared} programs of {known:?} compared, {executed} instructions executed");
}

/// The instruction words of straight code.
fn words(code: &[u8]) -> Vec<u32> {
    let mut words = Vec::new();
    let mut at = 0;
    while at + 2 <= code.len() {
        let len = if code[at] & 3 == 3 { 4 } else { 2 };
        let mut bytes = [0; 4];
        bytes[..len].copy_from_slice(&code[at..at + len]);
        words.push(u32::from_le_bytes(bytes));
        at += len;
    }
    words
}
