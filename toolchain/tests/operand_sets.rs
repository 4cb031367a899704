//! Every way to write every instruction with random operands: our bytes and relocations are GNU as's, compressed
//! forms included; and what is assembled, listed and assembled again is the same.
//!
//! `MJ_OPERAND_SETS=N` sets how many operand sets each form gets (12 if not given; 200 takes a few minutes).

mod common;
#[path = "common/object.rs"]
mod object;

use std::path::Path;
use std::process::Command;

use common::{scratch, tool};
use isa_spec::{FREGS, Field, FieldKind, Form, Insn, Isa, Piece, ROUNDING_MODES, XREGS};
use object::Object;
use toolchain::asm::{Options, Output, assemble};

const AS: &str = "riscv64-linux-gnu-as";
/// Lines between which GNU as is asked.
const BATCH: usize = 4000;
/// Each line begins at a multiple of this, so that one difference does not move the rest.
const SLOT: usize = 16;

struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len() as u64) as usize]
    }
}

/// A value that fits the field: often one of those at which forms change.
fn value(field: &Field, random: &mut Random) -> Option<i64> {
    for _ in 0..40 {
        let v = match field.kind {
            FieldKind::XReg if !field.is_creg() => match random.below(3) {
                0 => random.pick(&[0, 1, 2, 8, 10]),
                1 => 8 + random.below(8) as i64,
                _ => random.below(32) as i64,
            },
            FieldKind::XReg | FieldKind::FReg if field.is_creg() => 8 + random.below(8) as i64,
            FieldKind::FReg => random.below(32) as i64,
            FieldKind::Rm => random.pick(&[7, 0, 1, 2, 3, 4]),
            FieldKind::FenceSet => 1 + random.below(15) as i64,
            FieldKind::Csr => random.pick(&[1, 2, 3, 0xc00, 0xc01, 0x300, 0x7c0, 0x8ff]),
            FieldKind::Target => (random.below(200) as i64 - 100) << field.left_shift,
            _ => {
                let unit = 1i64 << field.left_shift;
                let span = ((field.max() - field.min()) / unit + 1) as u64;
                match random.below(4) {
                    0 => random.pick(&[field.min(), field.max(), 0, unit]),
                    1 => (random.below(80) as i64 - 40) * unit,
                    2 => random.below(64) as i64 * unit * 8,
                    _ => field.min() + random.below(span) as i64 * unit,
                }
            }
        };
        if field.insert(v).is_ok() {
            return Some(v);
        }
    }
    None
}

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

/// One line that uses `form`.
fn line(insn: &Insn, form: &Form, random: &mut Random) -> Option<String> {
    let mut text = String::new();
    let mut values = vec![None; insn.fields.len()];
    for piece in &form.template.pieces {
        match piece {
            Piece::Text(t) => text.push_str(t),
            Piece::Field(n) => {
                let v = match values[*n] {
                    Some(v) => v,
                    // Two registers are often the same one, as compressed forms want them.
                    None if insn.fields[*n].is_reg() && random.below(3) == 0 => {
                        let same = insn.fields.iter().zip(&values);
                        let same = same.filter(|(f, _)| f.kind == insn.fields[*n].kind).find_map(|(_, v)| *v);
                        let same = same.filter(|v| insn.fields[*n].insert(*v).is_ok());
                        same.or_else(|| value(&insn.fields[*n], random))?
                    }
                    None => value(&insn.fields[*n], random)?,
                };
                values[*n] = Some(v);
                text.push_str(&operand(&insn.fields[*n], v));
            }
        }
    }
    Some(format!("{} {text}", form.mnemonic))
}

/// The architecture with all extensions of ours that the installed GNU as knows, and which those are.
fn arch(isa: &Isa, dir: &Path) -> (String, Vec<String>) {
    let mut names: Vec<&str> =
        isa.insns.iter().map(|i| i.extension.as_str()).filter(|e| e.starts_with('Z')).collect();
    names.sort_unstable();
    names.dedup();
    let (empty, out) = (dir.join("empty.s"), dir.join("empty.o"));
    std::fs::write(&empty, "").expect("a writable scratch directory");
    let mut known = vec!["Zca".to_string(), "Zcd".to_string(), "Zicsr".to_string(), "Zifencei".to_string()];
    let mut arch = "rv64gc".to_string();
    for name in names {
        let lower = name.to_ascii_lowercase();
        if known.iter().any(|k| k == name) {
            continue;
        }
        let march = format!("-march=rv64gc_{lower}");
        let ran = Command::new(AS).arg(march).arg("-o").args([&out, &empty]).output().expect("GNU as starts");
        if ran.status.success() {
            known.push(name.to_string());
            arch.push('_');
            arch.push_str(&lower);
        }
    }
    (arch, known)
}

fn source(lines: &[String]) -> String {
    let mut text = ".option norelax\n".to_string();
    for l in lines {
        text.push_str(&format!("{l}\n.balign {SLOT}\n"));
    }
    text
}

fn ours(isa: &Isa, arch: &str, text: &str) -> Result<Object, Vec<usize>> {
    let options = Options { output: Output::Object, arch: arch.to_string(), ..Options::default() };
    match assemble(isa, "t.s", text, &options) {
        Ok(bytes) => Ok(Object::parse(&bytes)),
        Err(errors) => Err(errors.iter().map(|e| e.line as usize).collect()),
    }
}

/// GNU as's object, or the lines that it refuses.
fn gnu(dir: &Path, arch: &str, text: &str) -> Result<Object, Vec<usize>> {
    let (input, object) = (dir.join("in.s"), dir.join("out.o"));
    std::fs::write(&input, text).expect("a writable scratch directory");
    let out = Command::new(AS)
        .arg(format!("-march={arch}"))
        .arg("-misa-spec=20191213")
        .arg("-o")
        .args([&object, &input])
        .output()
        .expect("GNU as starts");
    if out.status.success() {
        return Ok(Object::parse(&std::fs::read(&object).expect("an object")));
    }
    let said = String::from_utf8_lossy(&out.stderr).into_owned();
    let mut lines: Vec<usize> = said
        .lines()
        .filter(|l| l.contains("Error:"))
        .filter_map(|l| l.split(':').nth(1).and_then(|n| n.parse().ok()))
        .collect();
    lines.dedup();
    assert!(!lines.is_empty(), "GNU as: {said}");
    Err(lines)
}

/// Forms that GNU as 2.40 does not take: rounding modes of conversions that are always exact, compressed shifts
/// by 0 and other HINTs by their own names, instructions newer than it.
fn may_be_refused(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or("");
    let rounding = ROUNDING_MODES.iter().any(|m| line.ends_with(&format!(",{m}")));
    word.starts_with("c.") || rounding && word.starts_with("fcvt.") || matches!(word, "fence.tso" | "pause")
}

#[test]
fn random_operands() {
    if tool(&[AS]).is_none() {
        return;
    }
    let isa = Isa::builtin();
    let dir = scratch("operand-sets");
    let sets: usize = std::env::var("MJ_OPERAND_SETS").ok().and_then(|n| n.parse().ok()).unwrap_or(12);
    let (arch, known) = arch(isa, &dir);
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut mnemonics: Vec<&str> = isa.mnemonics().collect();
    mnemonics.sort_unstable();
    let mut all = Vec::new();
    for form in mnemonics.iter().flat_map(|m| isa.forms(m)) {
        let insn = isa.insn(form.insn);
        let has = !insn.extension.starts_with(['X', 'Z']) || known.contains(&insn.extension);
        if !has {
            continue;
        }
        let n = if form.template.fields().is_empty() { 1 } else { sets };
        let mut lines: Vec<String> = (0..n).filter_map(|_| line(insn, form, &mut random)).collect();
        lines.sort();
        lines.dedup();
        all.extend(lines);
    }
    assert!(all.len() > 200 * sets, "only {} lines", all.len());
    let (mut compared, mut short) = (0, 0);
    for batch in all.chunks(BATCH) {
        let mut kept = batch.to_vec();
        // Some values exclude each other, such as `c.lui sp`: both assemblers refuse those.
        let mine = loop {
            match ours(isa, &arch, &source(&kept)) {
                Ok(object) => break object,
                Err(lines) => remove(&mut kept, &lines),
            }
        };
        let before = kept.clone();
        let theirs = loop {
            match gnu(&dir, &arch, &source(&kept)) {
                Ok(object) => break object,
                Err(lines) => {
                    let refused: Vec<String> = lines.iter().map(|n| kept[(n - 2) / 2].clone()).collect();
                    let wrong: Vec<&String> = refused.iter().filter(|l| !may_be_refused(l)).collect();
                    assert!(wrong.is_empty(), "GNU as refuses {wrong:#?}");
                    remove(&mut kept, &lines);
                }
            }
        };
        let mine = if kept == before { mine } else { ours(isa, &arch, &source(&kept)).expect("a part") };
        let (a, b) = (&mine.contents[".text"], &theirs.contents[".text"]);
        for (n, l) in kept.iter().enumerate() {
            let slot = n * SLOT..(n + 1) * SLOT;
            if is_hint(l) {
                continue;
            }
            assert_eq!(a.get(slot.clone()), b.get(slot), "`{l}`: mj, then GNU as");
        }
        assert_eq!(mine.relocations, theirs.relocations);
        round_trip(isa, &arch, &kept, a);
        compared += kept.len();
        short += (0..kept.len()).filter(|n| a[n * SLOT] & 3 != 3).count();
    }
    eprintln!("{compared} lines are the same, {short} of them compressed");
    assert!(short > 20 * sets);
}

/// `add rd, rd, 0`, for which GNU as writes a HINT (`c.addi rd, 0`); here it stays an addi.
fn is_hint(line: &str) -> bool {
    let operands = line.strip_prefix("add ").and_then(|o| o.strip_suffix(",0"));
    operands.and_then(|o| o.split_once(',')).is_some_and(|(a, b)| a == b)
}

/// Takes out the lines with these numbers in the source.
fn remove(lines: &mut Vec<String>, numbers: &[usize]) {
    let gone: Vec<usize> = numbers.iter().filter(|n| **n >= 2).map(|n| (n - 2) / 2).collect();
    assert!(!gone.is_empty(), "an error without a line");
    let mut n = 0;
    lines.retain(|_| {
        n += 1;
        !gone.contains(&(n - 1))
    });
}

/// The first instruction of each slot, listed and assembled again, is what it was.
fn round_trip(isa: &Isa, arch: &str, lines: &[String], bytes: &[u8]) {
    let mut again = ".option norelax\n.option norvc\n".to_string();
    let mut words = Vec::new();
    for (n, line) in lines.iter().enumerate() {
        let at = n * SLOT;
        let word = u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        // What is not written at all, such as the mode of `fence.tso`, only an alias can say.
        let hidden = isa.decode(word).is_some_and(|i| {
            let fields = isa.insn(i.id).fields.iter().zip(i.values);
            fields.into_iter().any(|(f, v)| f.kind == FieldKind::Hidden && f.default != Some(v))
        });
        let text = if hidden { isa.disassemble(word, 0) } else { isa.disassemble_plain(word, 0) };
        let Some(text) = text else { continue };
        let operands = match text.target {
            Some(target) => {
                let head = text.operands.strip_suffix(&format!("{target:x}")).expect("a target");
                format!("{head}.+({})", target as i64)
            }
            None => text.operands.clone(),
        };
        again.push_str(&format!("{} {operands}\n.balign {SLOT}\n", text.mnemonic));
        words.push((word, usize::from(text.len), line));
    }
    let object = match ours(isa, arch, &again) {
        Ok(object) => object,
        Err(numbers) => {
            let bad: Vec<&str> = numbers.iter().filter_map(|n| again.lines().nth(n - 1)).collect();
            panic!("what was listed is refused: {bad:#?}")
        }
    };
    let text = &object.contents[".text"];
    for (n, (word, len, line)) in words.iter().enumerate() {
        let expected = &word.to_le_bytes()[..*len];
        assert_eq!(&text[n * SLOT..n * SLOT + len], expected, "`{line}` comes back otherwise");
    }
}
