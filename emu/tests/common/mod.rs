//! What the emulator's integration tests share: a small assembler over `isa-spec`, an ELF writer, and
//! running programs.
#![allow(dead_code, clippy::unwrap_used)]

use emu::engine::{Engine, Mode, Thresholds};

use emu::{Builder, InsnSet, Machine, Outcome};
use isa_spec::{FieldKind, Isa, MAX_FIELDS, freg, xreg};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Address at which test programs begin.
pub const BASE: u64 = 0x10000;
/// Offset of the code in the file and in memory: behind the ELF header and one program header.
pub const CODE: u64 = BASE + 0x78;

/// A temporary file that goes away with this value.
pub struct TempFile(pub PathBuf);

impl Drop for TempFile {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

pub fn temp_path(what: &str) -> TempFile {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    TempFile(std::env::temp_dir().join(format!("mj-emu-test-{}-{n}-{what}", std::process::id())))
}

/// Assembled bytes and label addresses.
pub struct Assembled {
    pub bytes: Vec<u8>,
    pub labels: HashMap<String, u64>,
}

/// Assembles one instruction, `.word` or label a line, `#` comments. Mnemonics and aliases of `isa-spec`;
/// branch targets are labels, and a number may be the difference of two labels.
pub fn assemble(text: &str, base: u64) -> Assembled {
    let lines: Vec<&str> =
        text.lines().map(|l| l.split('#').next().unwrap().trim()).filter(|l| !l.is_empty()).collect();
    let mut labels = HashMap::new();
    let mut bytes = Vec::new();
    // The first pass finds the labels: no instruction's length depends on them.
    for pass in 0..2 {
        bytes.clear();
        for line in &lines {
            let pc = base + bytes.len() as u64;
            if let Some(label) = line.strip_suffix(':') {
                labels.insert(label.to_owned(), pc);
            } else if let Some(value) = line.strip_prefix(".word ") {
                bytes.extend((number(value, &labels, pass).unwrap() as u32).to_le_bytes());
            } else {
                let (word, len) = instruction(line, pc, &labels, pass);
                bytes.extend(&word.to_le_bytes()[..len]);
            }
        }
    }
    Assembled { bytes, labels }
}

fn number(text: &str, labels: &HashMap<String, u64>, pass: u32) -> Option<i64> {
    let text = text.trim();
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |d| (-1, d));
    if let Some(hex) = digits.strip_prefix("0x") {
        return i64::from_str_radix(hex, 16).ok().map(|n| sign * n);
    }
    if let Ok(n) = digits.parse::<i64>() {
        return Some(sign * n);
    }
    if pass == 0 {
        return Some(0);
    }
    let label = |name: &str| labels.get(name.trim()).map(|&at| at as i64);
    match text.split_once('-') {
        Some((a, b)) => Some(label(a)? - label(b)?),
        None => label(text),
    }
}

fn instruction(line: &str, pc: u64, labels: &HashMap<String, u64>, pass: u32) -> (u32, usize) {
    let isa = Isa::builtin();
    let (mnemonic, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let operands: Vec<&str> = rest.split([',', '(', ')']).map(str::trim).filter(|o| !o.is_empty()).collect();
    for form in isa.forms(mnemonic) {
        let insn = isa.insn(form.insn);
        let fields = form.template.fields();
        let required = fields.iter().filter(|&&f| insn.fields[f].default.is_none()).count();
        if operands.len() < required || operands.len() > fields.len() {
            continue;
        }
        let mut parsed = [None; MAX_FIELDS];
        let ok = fields.iter().zip(&operands).all(|(&f, op)| {
            let kind = insn.fields[f].kind;
            parsed[f] = match kind {
                FieldKind::XReg => xreg(op).map(i64::from),
                FieldKind::FReg => freg(op).map(i64::from),
                FieldKind::Csr => {
                    isa.csr_by_name(op).map(|c| i64::from(c.address)).or_else(|| number(op, labels, pass))
                }
                FieldKind::Target if pass == 0 => Some(0),
                FieldKind::Target => number(op, labels, pass).map(|at| at - pc as i64),
                FieldKind::Upper => number(op, labels, pass).map(|n| i64::from((n << 12) as i32)),
                _ => number(op, labels, pass),
            };
            parsed[f].is_some()
        });
        if !ok {
            continue;
        }
        if let Ok(values) = form.complete(isa, &parsed)
            && let Ok(word) = isa.encode(form.insn, &values)
        {
            return (word, usize::from(insn.len));
        }
    }
    panic!("cannot assemble {line:?}");
}

/// A static ELF file with one segment (readable, writable, executable) that holds the headers and then
/// `code`.
pub fn elf(code: &[u8]) -> Vec<u8> {
    let size = 0x78 + code.len() as u64;
    let mut out = elf_header(CODE, [0, BASE, BASE, size, size + 0x2000, 0x1000]);
    out.extend(code);
    out
}

/// The headers of a static ELF file, 0x78 bytes: its entry, and of its one segment the place in the file, the two
/// addresses, the sizes in the file and in memory, and the alignment.
pub fn elf_header(entry: u64, segment: [u64; 6]) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    for half in [2u16, 243] {
        out.extend(half.to_le_bytes());
    }
    out.extend(1u32.to_le_bytes());
    for word in [entry, 64, 0] {
        out.extend(word.to_le_bytes());
    }
    out.extend(5u32.to_le_bytes());
    for half in [64u16, 56, 1, 64, 0, 0] {
        out.extend(half.to_le_bytes());
    }
    for word in [1u32, 7] {
        out.extend(word.to_le_bytes());
    }
    for word in segment {
        out.extend(word.to_le_bytes());
    }
    out
}

/// Writes an executable file.
pub fn write_program(bytes: &[u8]) -> TempFile {
    let file = temp_path("prog");
    std::fs::write(&file.0, bytes).unwrap();
    file
}

/// Assembles and runs a program, with the settings that `set` makes.
pub fn run_asm_with(text: &str, set: impl FnOnce(Builder) -> Builder) -> Outcome {
    let program = write_program(&elf(&assemble(text, CODE).bytes));
    let builder = Machine::builder(&program.0).deterministic(true).max_instructions(10_000_000);
    set(builder).build().unwrap().run()
}

/// Assembles and runs a program.
pub fn run_asm(text: &str) -> Outcome {
    run_asm_with(text, |b| b)
}

/// Compiles a C or C++ program for riscv64 with the options, statically. `None` when there is no cross
/// compiler.
pub fn compile(source: &str, language: &str, options: &[&str]) -> Option<TempFile> {
    let compiler = if language == "c" { "riscv64-linux-gnu-gcc" } else { "riscv64-linux-gnu-g++" };
    let src = temp_path(&format!("src.{language}"));
    std::fs::write(&src.0, source).unwrap();
    let out = temp_path("bin");
    let mut command = std::process::Command::new(compiler);
    command.args(["-static", "-w"]).args(options).arg(&src.0).arg("-o").arg(&out.0);
    let status = match command.status() {
        Ok(status) => status,
        Err(e) => {
            eprintln!("skipped: {compiler}: {e}");
            return None;
        }
    };
    assert!(status.success(), "{compiler} failed");
    Some(out)
}

/// Runs this test binary's `guest_runner` test in a child process with a guest program, so that the guest's
/// output can be captured.
pub fn run_captured(program: &Path, args: &[&str], options: &str) -> std::process::Output {
    std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "guest_runner", "--nocapture", "--quiet", "--test-threads=1"])
        .env("MJ_TEST_GUEST", program)
        .env("MJ_TEST_ARGS", args.join("\u{1}"))
        .env("MJ_TEST_OPTIONS", options)
        .output()
        .unwrap()
}

/// A small generator of repeatable numbers.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// An operand at an edge, of any magnitude, or an address in the page that begins at `page`.
    pub fn operand(&mut self, page: u64) -> u64 {
        let (kind, r) = (self.next(), self.next());
        match kind % 10 {
            0 => [0, 1, !0, 1 << 63, (1 << 63) - 1, 1 << 31, (1 << 31) - 1, 1 << 32][r as usize % 8],
            1 => r >> (kind >> 8 & 63),
            2 => !(r >> (kind >> 8 & 63)),
            3..=5 => page + r % 4064 / 16 * 16,
            6 => page + r % 4096,
            // Boxed halves and singles, edges among them.
            7 => {
                !0xffff
                    | [0, 1, 0x3ff, 0x400, 0x7bff, 0x7c00, 0x7c01, 0x7e00, r & 0x7fff][r as usize % 9]
                    | r & 0x8000
            }
            8 => {
                !0xffff_ffff
                    | [0, 1, 0x80_0000, 0x7f7f_ffff, 0x7f80_0000, 0x7f80_0001, 0x3f80_0000 + (r & 0xf_ffff)]
                        [r as usize % 7]
                    | r & 0x8000_0000
            }
            _ => r,
        }
    }
}

/// A hart with one page of memory, readable, writable and executable, filled with repeatable numbers.
pub fn hart_with_page(page: u64) -> emu::Hart {
    use emu::memory::{AddressSpace, Backing, EXEC, Placement, READ, Ram, WRITE};
    let mut space = AddressSpace::new(Ram::new().unwrap(), 1 << 30);
    space.map(Placement::Fixed(page), 4096, READ | WRITE | EXEC, false, Backing::Anonymous, "").unwrap();
    let mut random = Random(0xfeed_beef_dead_0001);
    let bytes: Vec<u8> = (0..512).flat_map(|_| random.operand(page).to_le_bytes()).collect();
    space.ram().write(page, &bytes).unwrap();
    let hw = emu::hardware::Hardware::new(emu::HwParams::default());
    let mut hart = emu::Hart::new(space.ram().clone(), hw, emu::hart::Clock::Instret);
    hart.hw.gvec = page;
    hart
}

/// A way in which code is executed.
#[derive(Clone, Copy, Debug)]
pub enum Way {
    /// By the reference interpreter.
    Interpreted,
    /// By translated blocks, as soon as possible.
    Blocks,
    /// By superblocks, as soon as possible.
    Superblocks,
    /// By everything in turn, each soon.
    Climbing,
}

impl Way {
    /// All ways, the reference first.
    pub const ALL: [Way; 4] = [Way::Interpreted, Way::Blocks, Way::Superblocks, Way::Climbing];

    /// By which engine.
    pub fn mode(self) -> Mode {
        if let Way::Interpreted = self { Mode::Interpret } else { Mode::Translate }
    }

    /// An engine that executes code in this way.
    pub fn engine(self, isa: InsnSet) -> Engine {
        let mut engine = Engine::new(self.mode(), isa);
        engine.set_thresholds(self.thresholds());
        engine
    }

    /// When code is translated.
    pub fn thresholds(self) -> Thresholds {
        match self {
            Way::Interpreted => Thresholds::default(),
            Way::Blocks => Thresholds::BLOCKS,
            Way::Superblocks => Thresholds::EAGER,
            Way::Climbing => Thresholds { translate_after: 1, optimize_after: 3 },
        }
    }
}
