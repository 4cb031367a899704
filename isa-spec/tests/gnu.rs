//! Our disassembler against GNU objdump, word by word. Skipped, with a message, where it is not installed.
//!
//! [`ACCEPTED`] is the list of differences, with the section of the manual that decides each; `--nocapture` shows how many words
//! each is about.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use isa_spec::{Field, FieldKind, Insn, Isa, Values};

const OBJDUMP: &str = "riscv64-linux-gnu-objdump";
const AS: &str = "riscv64-linux-gnu-as";
const OBJCOPY: &str = "riscv64-linux-gnu-objcopy";

/// A directory of this test's own, made anew.
fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("isa-spec-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("scratch directory");
    dir
}

fn installed(tool: &str) -> bool {
    let found = Command::new(tool)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success());
    if !found {
        eprintln!("skipped: {tool} is not installed (package binutils-riscv64-linux-gnu)");
    }
    found
}

/// The extensions, beyond RV64GC, that the installed GNU tools know.
fn known_extensions() -> &'static Vec<String> {
    static KNOWN: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
    KNOWN.get_or_init(|| {
        let mut names: Vec<String> = Isa::builtin()
            .insns
            .iter()
            .map(|i| i.extension.to_lowercase())
            .filter(|e| e.starts_with('z') && e != "zca" && e != "zcd")
            .collect();
        names.sort_unstable();
        names.dedup();
        let dir = scratch("extensions");
        let (input, object) = (dir.join("in.s"), dir.join("out.o"));
        std::fs::write(&input, "").expect("source");
        names.retain(|e| {
            let mut command = Command::new(AS);
            command.arg(format!("-march=rv64gc_{e}")).arg("-o").args([&object, &input]);
            command.stderr(Stdio::null()).status().is_ok_and(|s| s.success())
        });
        std::fs::remove_dir_all(&dir).ok();
        names
    })
}

fn march() -> String {
    known_extensions().iter().fold("-march=rv64gc".to_string(), |m, e| m + "_" + e)
}

/// Whether the installed GNU tools know the instruction that `word` is.
fn gnu_knows(isa: &Isa, word: u32) -> bool {
    isa.decode(word).is_none_or(|i| {
        let extension = isa.insn(i.id).extension.to_lowercase();
        !extension.starts_with(['x', 'z'])
            || matches!(extension.as_str(), "zca" | "zcd")
            || known_extensions().contains(&extension)
    })
}

/// What objdump says about a code image at address 0: address → text, with one space for the tab.
fn objdump(name: &str, image: &[u8]) -> BTreeMap<u64, String> {
    let dir = scratch(name);
    let (bytes, source, object, bare) =
        (dir.join("image.bin"), dir.join("in.s"), dir.join("in.o"), dir.join("bare.o"));
    std::fs::write(&bytes, image).expect("image");
    std::fs::write(&source, format!(".text\n.incbin \"{}\"\n", bytes.display())).expect("source");
    let run = |command: &mut Command| {
        let out = command.output().expect("runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    run(Command::new(AS).arg(march()).arg("-o").args([&object, &source]));
    // Without the mapping symbol that says that it is data.
    run(Command::new(OBJCOPY).arg("--strip-all").args([&object, &bare]));
    let text = run(Command::new(OBJDUMP).args(["-d", "-z"]).arg(&bare));
    std::fs::remove_dir_all(&dir).ok();
    let mut lines = BTreeMap::new();
    for line in text.lines() {
        let Some((addr, rest)) = line.split_once(':') else { continue };
        let Ok(addr) = u64::from_str_radix(addr.trim(), 16) else { continue };
        let text: Vec<&str> = rest.split('\t').skip(2).collect();
        lines.insert(addr, clean(&text.join(" ")));
    }
    lines
}

/// Without comments and symbol annotations.
fn clean(text: &str) -> String {
    let text = text.split(" #").next().unwrap_or("").trim();
    text.split(" <").next().unwrap_or("").trim().to_string()
}

fn illegal(gnu: &str) -> bool {
    [".", "unimp", "0x"].iter().any(|p| gnu.starts_with(p))
}

fn ours(isa: &Isa, word: u32, pc: u64) -> Option<String> {
    isa.disassemble(word, pc).map(|d| d.to_string().replace('\t', " "))
}

/// Whether GNU's text is ours; targets in raw binaries have a `0x`.
fn same(isa: &Isa, word: u32, pc: u64, gnu: &str) -> bool {
    let Some(d) = isa.disassemble(word, pc) else { return illegal(gnu) };
    let hex = |t: u64| gnu.strip_suffix(&format!("0x{t:x}")).map(|head| format!("{head}{t:x}"));
    d.to_string().replace('\t', " ") == d.target.and_then(hex).unwrap_or(gnu.to_string())
}

/// A word that both were asked about.
struct Case<'a> {
    word: u32,
    /// What it is to us.
    insn: Option<(&'a Insn, Values)>,
    ours: &'a str,
    gnu: &'a str,
    isa: &'a Isa,
}

impl Case<'_> {
    fn is(&self, names: &[&str]) -> bool {
        self.insn.is_some_and(|(insn, _)| names.contains(&insn.name.as_str()))
    }

    fn any_field(&self, f: impl Fn(&Field, i64) -> bool) -> bool {
        self.insn.is_some_and(|(insn, values)| insn.fields.iter().zip(values).any(|(field, v)| f(field, v)))
    }

    /// GNU writes `short` where we write `long`, and the same operands.
    fn spelled(&self, long: &str, short: &str) -> bool {
        let ours = self.ours.strip_prefix(long).and_then(|rest| rest.strip_prefix(' '));
        ours.is_some() && ours == self.gnu.strip_prefix(short).and_then(|rest| rest.strip_prefix(' '))
    }
}

/// A difference that is right: what it is, and the section of the manual that decides it.
struct Accepted {
    what: &'static str,
    section: &'static str,
    holds: fn(&Case) -> bool,
}

/// All differences to GNU objdump that are accepted. Sections are of the unprivileged manual (20240411) unless said otherwise.
const ACCEPTED: [Accepted; 11] = [
    Accepted {
        what: "an extension that the installed GNU tools do not know",
        section: "the extension's own chapter",
        holds: |c| !gnu_knows(c.isa, c.word),
    },
    Accepted {
        what: "an immediate form under its own name; older versions write the register form's",
        section: "RV32I, Integer Register-Immediate Instructions; RV64I, same; Zbb and Zbs, instruction pages (ADDI, RORI, BEXTI, …)",
        holds: |c| {
            const I: [&str; 13] = [
                "add", "and", "or", "xor", "slt", "sll", "srl", "sra", "ror", "bclr", "bext", "binv", "bset",
            ];
            let words = I.iter().any(|m| c.spelled(&format!("{m}i"), m));
            let narrow = ["add", "sll", "srl", "sra", "ror"];
            words
                || c.spelled("sltiu", "sltu")
                || narrow.iter().any(|m| c.spelled(&format!("{m}iw"), &format!("{m}w")))
        },
    },
    Accepted {
        what: "a CSR instruction with an immediate under its own name; older versions leave the `i` out",
        section: "Zicsr, CSR Instructions (CSRRWI, CSRRSI, CSRRCI and the pseudo-instructions CSRWI, CSRSI, CSRCI)",
        holds: |c| {
            ["csrw", "csrs", "csrc", "csrrw", "csrrs", "csrrc"].iter().any(|m| c.spelled(&format!("{m}i"), m))
        },
    },
    Accepted {
        what: "a compressed shift by 0 is a HINT under the shift's name; GNU calls it c.slli64, c.srli64, c.srai64",
        section: "C, RVC HINT Instructions (the shifts by 64 are those of RV128)",
        holds: |c| {
            let named = ["c.slli64 ", "c.srli64 ", "c.srai64 "].iter().any(|m| c.gnu.starts_with(m));
            named && c.ours.ends_with(",0x0")
        },
    },
    Accepted {
        what: "c.addi16sp with the immediate 0 is reserved; GNU reads it",
        section: "C, Integer Register-Immediate Operations (C.ADDI16SP: the code point with nzimm = 0 is reserved)",
        holds: |c| c.word & 0xffff == 0x6101 && c.insn.is_none(),
    },
    Accepted {
        what: "the number of a CSR that is not the user's; GNU has a name for it",
        section: "privileged manual, CSR Listing (user-level numbers that the spec has are named alike)",
        holds: |c| {
            c.any_field(|f, v| {
                f.kind == FieldKind::Csr && c.isa.csr(v as u16).is_none_or(|csr| csr.name.starts_with("mj."))
            })
        },
    },
    Accepted {
        what: "a fence whose rd, rs1 or fm is not 0 is a fence; GNU shows data",
        section: "RV32I, Memory Ordering Instructions (\"base implementations shall ignore these fields\")",
        holds: |c| c.is(&["fence"]) && hidden(c),
    },
    Accepted {
        what: "fence.i whose immediate, rs1 or rd is not 0 is fence.i; GNU shows data",
        section: "Zifencei (\"base implementations shall ignore these fields\")",
        holds: |c| c.is(&["fence.i"]) && hidden(c),
    },
    Accepted {
        what: "rounding modes 5 and 6 decode, and are illegal when executed; GNU shows data or `unknown`",
        section: "F, Floating-Point Control and Status Register (reserved rounding modes)",
        holds: |c| {
            let reserved = c.any_field(|f, v| f.kind == FieldKind::Rm && (v == 5 || v == 6));
            reserved && (illegal(c.gnu) || c.gnu.ends_with("unknown"))
        },
    },
    Accepted {
        what: "a conversion that is always exact takes every rounding mode; older versions know it with rne only",
        section: "D, Double-Precision Floating-Point Conversion and Move Instructions (\"unaffected by rounding mode\"); \
                  Zfh and Zfhmin, Half-Precision Convert and Move Instructions",
        holds: |c| c.is(&["fcvt.d.w", "fcvt.d.wu", "fcvt.d.s", "fcvt.s.h", "fcvt.d.h"]) && illegal(c.gnu),
    },
    Accepted {
        what: "a privileged instruction, which a user-mode machine does not have",
        section: "privileged manual, Machine- and Supervisor-Level ISA (MRET, SRET, WFI, SFENCE.VMA), Svinval, Hypervisor; \
                  debug manual (DRET)",
        holds: |c| c.insn.is_none() && privileged(c.gnu),
    },
];

/// Whether a field that hardware ignores has not its usual value.
fn hidden(c: &Case) -> bool {
    c.any_field(|f, v| f.kind == FieldKind::Hidden && f.default != Some(v))
}

/// What a comparison has found: differences, and how often each accepted one was met.
#[derive(Default)]
struct Comparison {
    words: usize,
    differences: Vec<String>,
    accepted: [usize; ACCEPTED.len()],
}

impl Comparison {
    /// Compares one word with GNU's text for it.
    fn word(&mut self, isa: &Isa, word: u32, pc: u64, gnu: &str) {
        self.words += 1;
        if same(isa, word, pc, gnu) {
            return;
        }
        let ours = ours(isa, word, pc).unwrap_or_default();
        let insn = isa.decode(word).map(|i| (isa.insn(i.id), i.values));
        let case = Case { word, insn, ours: &ours, gnu, isa };
        match ACCEPTED.iter().position(|a| (a.holds)(&case)) {
            Some(n) => self.accepted[n] += 1,
            None => self.differences.push(format!("{word:#010x}: ours {ours:?}, GNU {gnu:?}")),
        }
    }

    /// Says what was accepted, and fails if there is anything else.
    fn done(self, what: &str) {
        eprintln!("{what}: {} words, of which differ", self.words);
        for (accepted, n) in ACCEPTED.iter().zip(self.accepted).filter(|(_, n)| *n > 0) {
            eprintln!("{n:8}  {} [{}]", accepted.what, accepted.section);
        }
        report(self.differences, self.words);
    }
}

fn report(differences: Vec<String>, total: usize) {
    let shown: Vec<&str> = differences.iter().take(60).map(String::as_str).collect();
    assert!(differences.is_empty(), "{} of {total} words differ:\n{}", differences.len(), shown.join("\n"));
}

#[test]
fn all_compressed_words_read_as_gnu_reads_them() {
    if !installed(OBJDUMP) {
        return;
    }
    let isa = Isa::builtin();
    let words: Vec<u16> = (0..=u16::MAX).filter(|w| w & 3 != 3).collect();
    let image: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let gnu = objdump("compressed", &image);
    let mut comparison = Comparison::default();
    for (n, word) in words.iter().enumerate() {
        let pc = 2 * n as u64;
        comparison.word(isa, u32::from(*word), pc, gnu.get(&pc).map_or("", String::as_str));
    }
    comparison.done("compressed");
}

/// Words of an instruction: every field at its edges and at some values between, others at a middle one.
fn samples(insn: &Insn) -> Vec<u32> {
    let mut words = Vec::new();
    let mut seed = 0x9e37_79b9_u64 ^ u64::from(insn.bits);
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as u32
    };
    for f in &insn.fields {
        for value in [f.min(), f.max(), 0, 1 << f.left_shift, -(1 << f.left_shift)] {
            if let Ok(bits) = f.insert(value) {
                words.push(insn.bits | (random() & !insn.mask & !f.mask()) | bits);
            }
        }
    }
    for _ in 0..200 {
        words.push(insn.bits | random() & !insn.mask);
    }
    words.push(insn.bits);
    words.retain(|w| insn.matches(*w));
    words
}

#[test]
fn base_instructions_read_as_gnu_reads_them() {
    if !installed(OBJDUMP) {
        return;
    }
    let isa = Isa::builtin();
    let words: Vec<u32> = isa
        .insns
        .iter()
        .filter(|i| i.len == 4 && !i.extension.starts_with("Xmj"))
        .flat_map(samples)
        .filter(|w| isa.decode(*w).is_some())
        .collect();
    let image: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let gnu = objdump("base", &image);
    let mut comparison = Comparison::default();
    for (n, word) in words.iter().enumerate() {
        let pc = 4 * n as u64;
        comparison.word(isa, *word, pc, gnu.get(&pc).map_or("", String::as_str));
    }
    comparison.done("instructions");
}

/// Words over all opcodes, funct3, funct7 and rs2, each with several registers: 5.5 million. Every `step`-th is taken.
/// The opcodes that end in 111 are those of longer instructions.
fn structured(step: usize) -> impl Iterator<Item = u32> {
    const REGISTERS: [(u32, u32); 6] = [(0, 0), (10, 11), (1, 0), (0, 5), (2, 2), (31, 31)];
    let opcodes: Vec<u32> = (0..32).filter(|o| o & 7 != 7).collect();
    (0..28 * 8 * 128 * 32 * 6).step_by(step).map(move |n| {
        let (rd, rs1) = REGISTERS[(n % 6) as usize];
        let (opcode, n) = (opcodes[(n / 6 % 28) as usize], n / 6 / 28);
        let (funct3, rs2, funct7) = (n & 7, n >> 3 & 31, n >> 8);
        funct7 << 25 | rs2 << 20 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode << 2 | 3
    })
}

/// Legal or not, and the text, for words of every opcode. Words of extensions that the spec does not have (those of
/// other vendors, vectors, the hypervisor, …) are left out by their GNU mnemonic.
fn compare_structured(step: usize) {
    if !installed(OBJDUMP) {
        return;
    }
    let isa = Isa::builtin();
    let mut comparison = Comparison::default();
    let mut words = structured(step).peekable();
    while words.peek().is_some() {
        let chunk: Vec<u32> = words.by_ref().take(400_000).collect();
        let image: Vec<u8> = chunk.iter().flat_map(|w| w.to_le_bytes()).collect();
        let gnu = objdump("structured", &image);
        for (n, word) in chunk.iter().enumerate() {
            let pc = 4 * n as u64;
            comparison.word(isa, *word, pc, gnu.get(&pc).map_or("", String::as_str));
        }
    }
    comparison.done("all opcodes");
}

/// Instructions of the privileged manual, which the spec does not have: a user-mode machine has none of them.
fn privileged(gnu: &str) -> bool {
    let mnemonic = gnu.split(' ').next().unwrap_or("");
    ["uret", "sret", "hret", "mret", "dret", "wfi"].contains(&mnemonic)
        || ["sfence.", "hfence.", "sinval.", "hinval."].iter().any(|p| mnemonic.starts_with(p))
}

#[test]
fn a_sample_of_all_opcodes_reads_as_gnu_reads_them() {
    compare_structured(31);
}

/// All 5.5 million: `cargo test --release -p isa-spec --test gnu -- --ignored`, about a minute.
#[test]
#[ignore = "takes a minute"]
fn all_opcodes_read_as_gnu_reads_them() {
    compare_structured(1);
}

/// GNU as gives the same words for our text, without compression and relaxation.
#[test]
fn gnu_as_agrees_with_our_text() {
    if !installed(AS) || !installed(OBJCOPY) {
        return;
    }
    let isa = Isa::builtin();
    let mut source = String::from(".option norelax\n.option norvc\n");
    let mut words = Vec::new();
    for insn in isa.insns.iter().filter(|i| i.len == 4 && !i.extension.starts_with("Xmj")) {
        for word in samples(insn) {
            let Some(inst) = isa.decode(word) else { continue };
            // A rounding mode of an exact conversion is not writable in older versions of GNU as; `fm` and
            // reserved fields are not writable at all.
            let open = insn.fields.iter().zip(inst.values).any(|(f, v)| match f.kind {
                FieldKind::Hidden => f.default != Some(v),
                FieldKind::Rm => v == 5 || v == 6 || f.default == Some(0) && v != 0,
                FieldKind::FenceSet => v == 0,
                _ => false,
            });
            let own_csr = isa.disassemble_plain(word, 0).is_some_and(|d| d.operands.contains("mj."));
            if inst.id != insn.id || open || own_csr || !gnu_knows(isa, word) {
                continue;
            }
            for text in [isa.disassemble(word, 0), isa.disassemble_plain(word, 0)].into_iter().flatten() {
                let line = match text.target {
                    Some(target) => {
                        let head = text.operands.strip_suffix(&format!("{target:x}")).unwrap_or("");
                        format!("{} {head}.{:+}\n", text.mnemonic, target as i64)
                    }
                    None => format!("{} {}\n", text.mnemonic, text.operands),
                };
                source.push_str(&line);
                words.push((word, line));
            }
        }
    }
    let dir = scratch("as");
    let (input, object, image) = (dir.join("in.s"), dir.join("out.o"), dir.join("out.bin"));
    std::fs::write(&input, source).expect("source");
    let run = |command: &mut Command| {
        let out = command.output().expect("runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    };
    run(Command::new(AS).arg(march()).arg("-o").args([&object, &input]));
    run(Command::new(OBJCOPY).args(["-O", "binary", "-j", ".text"]).args([&object, &image]));
    let bytes = std::fs::read(&image).expect("image");
    std::fs::remove_dir_all(&dir).ok();
    assert_eq!(bytes.len(), 4 * words.len());
    let differences = words
        .iter()
        .zip(bytes.chunks_exact(4))
        .filter_map(|((word, line), b)| {
            let theirs = u32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            (theirs != *word).then(|| format!("{}: ours {word:#010x}, GNU {theirs:#010x}", line.trim()))
        })
        .collect();
    report(differences, words.len());
}
