//! The assembler against GNU as: the same bytes for every instruction form and for the pseudo-instructions.

mod common;

use std::path::Path;
use std::process::Command;

use common::{scratch, tool};
use goblin::elf::Elf;
use isa_spec::{FREGS, Field, FieldKind, Form, Insn, Isa, Piece, ROUNDING_MODES, XREGS};

const AS: &str = "riscv64-linux-gnu-as";
const LD: &str = "riscv64-linux-gnu-ld";
/// Where mj puts .text when there is no read-only data.
const TEXT: &str = "0x11000";

/// The contents of `.text` (and `.data`) of an executable.
fn contents(elf: &[u8], section: &str) -> Vec<u8> {
    let parsed = Elf::parse(elf).expect("an ELF file");
    let found = parsed.section_headers.iter().find(|s| parsed.shdr_strtab.get_at(s.sh_name) == Some(section));
    let Some(header) = found else { return Vec::new() };
    elf[header.sh_offset as usize..(header.sh_offset + header.sh_size) as usize].to_vec()
}

fn ours(text: &str) -> Vec<u8> {
    match toolchain::asm::assemble(Isa::builtin(), "t.s", text, &Default::default()) {
        Ok(elf) => elf,
        Err(errors) => {
            let all: Vec<String> = errors.iter().map(ToString::to_string).collect();
            panic!("mj as:\n{}", all.join("\n"))
        }
    }
}

/// GNU as and ld on `text`; line numbers that GNU as refuses, if it refuses any.
fn gnu(dir: &Path, name: &str, text: &str, data: &str) -> Result<Vec<u8>, Vec<usize>> {
    let path = |ext: &str| dir.join(format!("{name}.{ext}"));
    std::fs::write(path("s"), text).expect("a writable scratch directory");
    let out = Command::new(AS)
        .args(["-march=rv64gc", "-mno-relax", "-o"])
        .arg(path("o"))
        .arg(path("s"))
        .output()
        .expect("GNU as starts");
    if !out.status.success() {
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        let mut lines: Vec<usize> = said
            .lines()
            .filter(|l| l.contains("Error:"))
            .filter_map(|l| l.split(':').nth(1).and_then(|n| n.parse().ok()))
            .collect();
        lines.dedup();
        assert!(!lines.is_empty(), "GNU as: {said}");
        return Err(lines);
    }
    let out = Command::new(LD)
        .args(["--no-relax", "-e", "0", "-Ttext", TEXT, "-Tdata", data, "-o"])
        .arg(path("elf"))
        .arg(path("o"))
        .output()
        .expect("GNU ld starts");
    assert!(out.status.success(), "GNU ld: {}", String::from_utf8_lossy(&out.stderr));
    Ok(std::fs::read(path("elf")).expect("GNU ld wrote a file"))
}

/// Values to try for a field, so that each fits.
fn samples(field: &Field) -> Vec<i64> {
    let values: Vec<i64> = match field.kind {
        FieldKind::XReg | FieldKind::FReg if field.is_creg() => vec![8, 13, 15],
        FieldKind::XReg => vec![10, 1, 31, 0, 2],
        FieldKind::FReg => vec![10, 0, 31],
        FieldKind::Rm => vec![7, 0, 1, 2, 3, 4],
        FieldKind::FenceSet => vec![15, 1, 2, 3, 10],
        FieldKind::Csr => vec![0x001, 0xc00, 0x342, 0x7c0],
        _ => {
            let unit = 1i64 << field.left_shift;
            vec![field.min(), field.max(), unit, 5 * unit, -3 * unit, 0]
        }
    };
    values.into_iter().filter(|v| field.insert(*v).is_ok()).collect()
}

/// An operand as text; targets are relative to the instruction.
fn operand(field: &Field, value: i64) -> String {
    match field.kind {
        FieldKind::XReg => XREGS[value as usize].to_string(),
        FieldKind::FReg => FREGS[value as usize].to_string(),
        FieldKind::Rm => ROUNDING_MODES[value as usize].to_string(),
        FieldKind::FenceSet => {
            "iorw".chars().zip([8, 4, 2, 1]).filter(|(_, b)| value & b != 0).map(|(c, _)| c).collect()
        }
        FieldKind::Upper => format!("{:#x}", value >> 12 & 0xf_ffff),
        FieldKind::Target => format!(".+({value})"),
        FieldKind::Csr => format!("{value:#x}"),
        _ => value.to_string(),
    }
}

/// Lines that use `form`, each of its fields through all its samples.
fn lines(isa: &Isa, form: &Form) -> Vec<String> {
    let insn: &Insn = isa.insn(form.insn);
    let fields = form.template.fields();
    let rounds = fields.iter().map(|f| samples(&insn.fields[*f]).len()).max().unwrap_or(1).max(1);
    let mut out = Vec::new();
    for round in 0..rounds {
        let text: Option<String> = form
            .template
            .pieces
            .iter()
            .map(|p| match p {
                Piece::Text(t) => Some(t.clone()),
                Piece::Field(n) => {
                    let values = samples(&insn.fields[*n]);
                    // Registers move against each other, so that fields cannot be mixed up unseen.
                    let at = round + fields.iter().position(|f| f == n).unwrap_or(0);
                    values.get(at % values.len().max(1)).map(|v| operand(&insn.fields[*n], *v))
                }
            })
            .collect();
        if let Some(text) = text {
            out.push(format!("{} {text}", form.mnemonic));
        }
    }
    out.dedup();
    out
}

/// Lines that mj itself takes (some sample values are excluded together, such as `c.lui sp`).
fn accepted(lines: Vec<String>) -> Vec<String> {
    let takes = |l: &String| {
        let text = format!("_start: nop\n{l}\n");
        toolchain::asm::assemble(Isa::builtin(), "t.s", &text, &Default::default()).is_ok()
    };
    lines.into_iter().filter(takes).collect()
}

#[test]
fn every_form_as_gnu_has_it() {
    if tool(&[AS]).is_none() || tool(&[LD]).is_none() {
        return;
    }
    let isa = Isa::builtin();
    let mut mnemonics: Vec<&str> = isa.mnemonics().filter(|m| !m.starts_with("mj.")).collect();
    mnemonics.sort_unstable();
    assert!(mnemonics.len() > 300, "the specification has only {} mnemonics", mnemonics.len());
    let dir = scratch("gnu-as-forms");
    for compressed in [false, true] {
        let all: Vec<String> = mnemonics
            .iter()
            .filter(|m| m.starts_with("c.") == compressed)
            .flat_map(|m| isa.forms(m))
            // RV64GC; the extensions beyond it are compared in isa-spec, as far as the installed GNU as has them.
            .filter(|f| {
                let extension = isa.insn(f.insn).extension.as_str();
                matches!(extension, "Zca" | "Zcd" | "Zicsr" | "Zifencei")
                    || !extension.starts_with(['X', 'Z'])
            })
            .flat_map(|f| lines(isa, f))
            .collect();
        let mut kept = accepted(all);
        let option = if compressed { "rvc" } else { "norvc" };
        let text = |lines: &[String]| {
            let body: String = lines.iter().map(|l| format!("{l}\n")).collect();
            // GNU as compresses what it can where rvc is on, so the others are kept apart.
            format!(".option {option}\n_start:\n{body}")
        };
        let theirs = loop {
            match gnu(&dir, option, &text(&kept), "0x10000000") {
                Ok(elf) => break elf,
                Err(refused) => {
                    let lines: Vec<String> = refused.into_iter().rev().map(|n| kept.remove(n - 3)).collect();
                    let unexpected: Vec<&String> = lines.iter().filter(|l| !may_differ(l)).collect();
                    assert!(unexpected.is_empty(), "GNU as refuses {unexpected:#?}");
                }
            }
        };
        let (a, b) = (contents(&ours(&text(&kept)), ".text"), contents(&theirs, ".text"));
        compare(&kept, &a, &b, if compressed { 2 } else { 4 });
        assert!(kept.len() > if compressed { 100 } else { 800 }, "only {} lines were compared", kept.len());
    }
}

/// Forms that older GNU as (2.40) does not take: a rounding mode on conversions to double
/// that are exact; compressed shifts by 0, which are hints; `pause` without its extension.
fn may_differ(line: &str) -> bool {
    let exact = ["fcvt.d.w ", "fcvt.d.wu ", "fcvt.d.s "].iter().any(|m| line.starts_with(m));
    let no_shift = ["c.slli ", "c.srli ", "c.srai "].iter().any(|m| line.starts_with(m));
    exact && line.matches(',').count() == 2
        || no_shift && line.ends_with(",0")
        || matches!(line.trim(), "pause" | "c.nop 0")
}

fn compare(lines: &[String], ours: &[u8], theirs: &[u8], size: usize) {
    for (n, line) in lines.iter().enumerate() {
        let at = n * size..(n + 1) * size;
        let (a, b) = (ours.get(at.clone()), theirs.get(at));
        assert_eq!(a, b, "`{line}` (mj, then GNU as)");
    }
    assert_eq!(ours.len(), theirs.len());
}

#[test]
fn a_whole_program_as_gnu_has_it() {
    if tool(&[AS]).is_none() || tool(&[LD]).is_none() {
        return;
    }
    let text = include_str!("data/everything.s");
    let dir = scratch("gnu-as-program");
    let mine = ours(text);
    let parsed = Elf::parse(&mine).expect("an ELF file");
    let data = parsed.section_headers.iter().find(|s| parsed.shdr_strtab.get_at(s.sh_name) == Some(".data"));
    let data = format!("{:#x}", data.expect("a data section").sh_addr);
    let theirs = match gnu(&dir, "everything", text, &data) {
        Ok(elf) => elf,
        Err(lines) => panic!("GNU as refuses lines {lines:?}"),
    };
    let (a, b) = (contents(&mine, ".text"), contents(&theirs, ".text"));
    let first = a.iter().zip(&b).position(|(x, y)| x != y);
    assert_eq!(first, None, "the first difference is at .text+{:#x}", first.unwrap_or(0));
    // GNU as fills a section up to its own alignment, 16 here.
    assert_eq!(a.len().next_multiple_of(16), b.len());
    assert_eq!(contents(&mine, ".data"), contents(&theirs, ".data"));
}
