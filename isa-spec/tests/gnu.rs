//! Our disassembler against GNU objdump, word by word. Skipped, with a message, where it is not installed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use isa_spec::{FieldKind, Insn, Isa};

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

/// Whether GNU's text means the same: targets in raw binaries have a `0x`, and older versions print immediate
/// forms without their `i` and a compressed shift by 0 as `c.slli64`.
fn same(isa: &Isa, word: u32, pc: u64, gnu: &str) -> bool {
    let Some(d) = isa.disassemble(word, pc) else { return illegal(gnu) };
    let mine = d.to_string().replace('\t', " ");
    let hex = |t: u64| gnu.strip_suffix(&format!("0x{t:x}")).map(|head| format!("{head}{t:x}"));
    let gnu = d.target.and_then(hex).unwrap_or(gnu.to_string());
    let older =
        |long: &str, short: &str| mine.strip_prefix(long).is_some_and(|rest| gnu == format!("{short}{rest}"));
    let shift64 = ["c.slli64 ", "c.srli64 ", "c.srai64 "].iter().any(|m| gnu.starts_with(m));
    let no_shift = d.len == 2 && shift64 && mine.ends_with(",0x0");
    mine == gnu
        || no_shift
        || ["addw", "sllw", "srlw", "sraw"]
            .iter()
            .any(|m| older(&format!("{}iw ", &m[..3]), &format!("{m} ")))
        || ["ror", "bclr", "bext", "binv", "bset"].iter().any(|m| older(&format!("{m}i "), &format!("{m} ")))
        || older("roriw ", "rorw ")
        || older("csrwi ", "csrw ")
        || older("csrsi ", "csrs ")
        || older("csrci ", "csrc ")
        || older("sltiu ", "sltu ")
        || older("csrrsi ", "csrrs ")
        || older("csrrci ", "csrrc ")
        || older("csrrwi ", "csrrw ")
        || ["add", "and", "or", "xor", "sll", "srl", "sra", "slt"]
            .iter()
            .any(|m| older(&format!("{m}i "), &format!("{m} ")))
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
    let mut differences = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let pc = 2 * n as u64;
        let theirs = gnu.get(&pc).cloned().unwrap_or_default();
        // `c.addi16sp` with a zero immediate is reserved (manual, table of C instructions); GNU reads it.
        let reserved = *word == 0x6101 && isa.decode(u32::from(*word)).is_none();
        if !reserved && gnu_knows(isa, u32::from(*word)) && !same(isa, u32::from(*word), pc, &theirs) {
            let mine = ours(isa, u32::from(*word), pc);
            differences.push(format!("{word:#06x}: ours {mine:?}, GNU {theirs:?}"));
        }
    }
    report(differences, words.len());
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
        .filter(|w| isa.decode(*w).is_some() && gnu_knows(isa, *w))
        .collect();
    let image: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let gnu = objdump("base", &image);
    let mut differences = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let pc = 4 * n as u64;
        let theirs = gnu.get(&pc).cloned().unwrap_or_default();
        let mine = ours(isa, *word, pc).unwrap_or_default();
        if !same(isa, *word, pc, &theirs) && !known_difference(isa, *word, &theirs) {
            differences.push(format!("{word:#010x}: ours {mine:?}, GNU {theirs:?}"));
        }
    }
    report(differences, words.len());
}

/// Where GNU's reading is not ours on purpose.
fn known_difference(isa: &Isa, word: u32, gnu: &str) -> bool {
    let Some(inst) = isa.decode(word) else { return false };
    let insn = isa.insn(inst.id);
    // CSRs that are not ours have names in GNU's tables.
    let foreign_csr = insn.fields.iter().zip(inst.values).any(|(f, v)| {
        f.kind == FieldKind::Csr && isa.csr(v as u16).is_none_or(|c| c.name.starts_with("mj."))
    });
    // Reserved fields that hardware ignores: GNU shows raw data, or another mnemonic.
    let reserved =
        insn.fields.iter().zip(inst.values).any(|(f, v)| f.kind == FieldKind::Hidden && f.default != Some(v));
    // Reserved rounding modes decode, and trap when executed.
    let bad_rm =
        insn.fields.iter().zip(inst.values).any(|(f, v)| f.kind == FieldKind::Rm && (v == 5 || v == 6));
    // Conversions that are always exact: older versions know them with rounding mode 000 only.
    let exact = matches!(insn.name.as_str(), "fcvt.d.w" | "fcvt.d.wu" | "fcvt.d.s" | "fcvt.s.h" | "fcvt.d.h");
    exact && illegal(gnu) || foreign_csr || reserved || bad_rm && (illegal(gnu) || gnu.ends_with("unknown"))
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
    let mut differences = Vec::new();
    let mut total = 0;
    let mut words = structured(step).peekable();
    while words.peek().is_some() {
        let chunk: Vec<u32> = words.by_ref().take(400_000).collect();
        let image: Vec<u8> = chunk.iter().flat_map(|w| w.to_le_bytes()).collect();
        let gnu = objdump("structured", &image);
        for (n, word) in chunk.iter().enumerate() {
            let pc = 4 * n as u64;
            let theirs = gnu.get(&pc).cloned().unwrap_or_default();
            if !same(isa, *word, pc, &theirs)
                && gnu_knows(isa, *word)
                && !known_difference(isa, *word, &theirs)
                && !privileged(&theirs)
            {
                let mine = ours(isa, *word, pc);
                differences.push(format!("{word:#010x}: ours {mine:?}, GNU {theirs:?}"));
            }
        }
        total += chunk.len();
    }
    report(differences, total);
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
