//! Documents of the RISC-V Unified DB: one for each instruction and CSR.

use super::Selection;
use crate::model::{Csr, Insn, Piece};
use std::fmt::Write;

/// The documents of the selection, separated by `---`.
pub fn export(selection: &Selection) -> String {
    let mut documents: Vec<String> = selection.insns.iter().map(|i| instruction(i)).collect();
    documents.extend(selection.csrs.iter().map(|c| csr(c)));
    documents.join("---\n")
}

fn block(key: &str, text: &str) -> String {
    let lines: String = text.lines().map(|l| format!("  {l}").trim_end().to_string() + "\n").collect();
    format!("{key}: |\n{lines}")
}

/// A plain scalar, quoted where YAML would read something else.
fn scalar(text: &str) -> String {
    let plain = text.chars().next().is_some_and(|c| c.is_ascii_alphanumeric())
        && !text.contains(": ")
        && !text.contains(" #")
        && text.parse::<f64>().is_err();
    if plain { text.to_string() } else { format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")) }
}

fn instruction(insn: &Insn) -> String {
    let mut out = String::from("$schema: \"inst_schema.json#\"\nkind: instruction\n");
    let _ = writeln!(out, "name: {}", scalar(&insn.name));
    let _ = writeln!(out, "long_name: {}", scalar(&insn.long_name));
    out.push_str(&block("description", insn.description.trim()));
    let _ = writeln!(out, "definedBy:\n  extension:\n    name: {}", scalar(&insn.extension));
    let assembly: String = insn
        .template
        .pieces
        .iter()
        .map(|p| match p {
            Piece::Text(t) if t == "," => ", ".to_string(),
            Piece::Text(t) => t.clone(),
            Piece::Field(n) => insn.fields[*n].name.clone(),
        })
        .collect();
    let _ = writeln!(out, "assembly: {}", scalar(&assembly));
    let bits: String = (0..u32::from(insn.len) * 8)
        .rev()
        .map(|b| match (insn.mask >> b & 1, insn.bits >> b & 1) {
            (0, _) => '-',
            (_, 0) => '0',
            _ => '1',
        })
        .collect();
    let _ = writeln!(
        out,
        "encoding:\n  match: \"{bits}\"\n  variables:{}",
        if insn.fields.is_empty() { " []" } else { "" }
    );
    for field in &insn.fields {
        let places: Vec<String> = field
            .location
            .iter()
            .map(|r| if r.hi == r.lo { r.hi.to_string() } else { format!("{}-{}", r.hi, r.lo) })
            .collect();
        let _ = writeln!(out, "    - name: {}\n      location: {}", field.name, places.join("|"));
        if field.left_shift != 0 {
            let _ = writeln!(out, "      left_shift: {}", field.left_shift);
        }
        if field.sign_extend {
            out.push_str("      sign_extend: true\n");
        }
        match field.not.as_slice() {
            [] => {}
            [one] => {
                let _ = writeln!(out, "      not: {one}");
            }
            many => {
                let list: Vec<String> = many.iter().map(ToString::to_string).collect();
                let _ = writeln!(out, "      not: [{}]", list.join(", "));
            }
        }
    }
    out.push_str(
        "access:\n  s: always\n  u: always\n  vs: always\n  vu: always\ndata_independent_timing: false\n",
    );
    out.push_str(&block("operation()", &insn.operation));
    out
}

fn csr(csr: &Csr) -> String {
    let mut out = String::from("$schema: \"csr_schema.json#\"\nkind: csr\n");
    let _ = writeln!(out, "name: {}", scalar(&csr.name));
    let _ = writeln!(out, "long_name: {}", scalar(&csr.long_name));
    let _ =
        writeln!(out, "address: {:#x}\nwritable: {}\npriv_mode: U\nlength: 64", csr.address, csr.writable);
    out.push_str(&block("description", csr.description.trim()));
    let _ = writeln!(out, "definedBy:\n  extension:\n    name: {}", scalar(&csr.extension));
    let kind = if csr.writable { "RW" } else { "RO" };
    let _ = write!(
        out,
        "fields:\n  VALUE:\n    location: 63-0\n    description: The whole register.\n    type: {kind}\n    reset_value: 0\n"
    );
    out
}
