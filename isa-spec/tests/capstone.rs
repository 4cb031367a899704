//! Which words are instructions, and which instruction, against the Capstone disassembler.

use capstone::prelude::*;
use isa_spec::{FieldKind, Insn, Isa};

fn engine() -> Capstone {
    Capstone::new()
        .riscv()
        .mode(arch::riscv::ArchMode::RiscV64)
        .extra_mode([arch::riscv::ArchExtraMode::RiscVC].into_iter())
        .build()
        .expect("capstone")
}

/// Capstone's own name (not an alias) of the instruction in the first `len` bytes of `word`.
fn read(cs: &Capstone, word: u32, len: usize) -> Option<String> {
    let bytes = word.to_le_bytes();
    let insns = cs.disasm_count(&bytes[..len], 0x1_0000, 1).ok()?;
    let insn = insns.iter().next()?;
    let name = cs.insn_name(insn.id())?;
    (insn.bytes().len() == len).then_some(name)
}

/// Extensions that this version of Capstone reads: it has RV64GC only.
fn known(extension: &str) -> bool {
    let first = extension.chars().next();
    matches!(extension, "Zicsr" | "Zifencei" | "Zca" | "Zcd") || !matches!(first, Some('X' | 'Z'))
}

fn fail_on(differences: &[String], total: usize) {
    let shown = differences.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(differences.is_empty(), "{} of {total} words differ:\n{shown}", differences.len());
}

#[test]
fn compressed_words() {
    let (isa, cs) = (Isa::builtin(), engine());
    let mut differences = Vec::new();
    for word in (0..=0xffff_u32).filter(|w| w & 3 != 3) {
        let ours = isa.decode(word).map(|i| isa.insn(i.id).name.clone());
        let theirs = read(&cs, word, 2);
        let (quadrant, funct3, rd, imm) =
            (word & 3, word >> 13, word >> 7 & 31, word >> 2 & 31 | word >> 7 & 32);
        // HINTs (legal, destination x0) are not known to Capstone.
        let hint = theirs.is_none() && rd == 0 && ours.is_some();
        // c.lui with a zero immediate is reserved; the all-zero word is the defined illegal one.
        let reserved = ours.is_none() && (word == 0 || quadrant == 1 && funct3 == 3 && imm == 0);
        let newer = isa.decode(word).is_some_and(|i| !known(&isa.insn(i.id).extension));
        if ours != theirs && !hint && !reserved && !newer {
            differences.push(format!("{word:#06x}: ours {ours:?}, Capstone {theirs:?}"));
        }
    }
    fail_on(&differences, 3 << 14);
}

/// Capstone's name for one of our instructions.
fn their_name(insn: &Insn, values: &[i64]) -> String {
    let mut name = insn.name.clone();
    let bit = |field: &str| insn.field(field).is_some_and(|f| values[f] != 0);
    match (bit("aq"), bit("rl")) {
        (true, true) => name.push_str(".aqrl"),
        (true, false) => name.push_str(".aq"),
        (false, true) => name.push_str(".rl"),
        (false, false) => {}
    }
    name
}

#[test]
fn base_instructions() {
    let (isa, cs) = (Isa::builtin(), engine());
    let mut differences = Vec::new();
    let mut total = 0;
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for insn in isa.insns.iter().filter(|i| i.len == 4 && known(&i.extension)) {
        for _ in 0..100 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let word = insn.bits | (seed >> 8) as u32 & !insn.mask;
            let Some(inst) = isa.decode(word).filter(|i| i.id == insn.id) else { continue };
            // Left out: fields that hardware ignores, CSRs (names), reserved rounding modes, and rounding modes
            // of exact conversions, which Capstone knows with 000 only.
            let open = insn.fields.iter().zip(inst.values).any(|(f, v)| match f.kind {
                FieldKind::Hidden => f.default != Some(v),
                FieldKind::Rm => v == 5 || v == 6 || f.default == Some(0) && v != 0,
                FieldKind::Csr => true,
                _ => false,
            });
            if open {
                continue;
            }
            total += 1;
            let (ours, theirs) = (their_name(insn, &inst.values), read(&cs, word, 4));
            if theirs.as_deref() != Some(&ours) {
                differences.push(format!("{word:#010x}: ours {ours:?}, Capstone {theirs:?}"));
            }
        }
    }
    assert!(total > 10_000, "only {total} words compared");
    fail_on(&differences, total);
}
