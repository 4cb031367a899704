//! Lines of `riscv-opcodes`: a mnemonic, its arguments, and its fixed bits.
//!
//! Arguments are named by their place, as in that project's `arg_lut.csv`. What has no name there gets one, and the
//! lines to add to `arg_lut.csv` are in a comment.

use super::{Part, Selection, usual_parts};
use crate::model::{Field, FieldKind, Insn};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Name of the file, which the lines of special cases mention.
const FILE: &str = "rv_mj";

/// The instruction that this one is a special case of: of several, the most general, which is none of another.
fn general<'a>(selection: &Selection<'a>, insn: &Insn) -> Option<&'a Insn> {
    let covers = |a: &&Insn| {
        a.len == insn.len
            && a.mask != insn.mask
            && a.mask & insn.mask == a.mask
            && insn.bits & a.mask == a.bits
    };
    selection.isa.insns.iter().filter(covers).min_by_key(|a| a.mask.count_ones())
}

/// The text of a file for `riscv-opcodes/extensions`.
pub fn export(selection: &Selection) -> String {
    let mut added: BTreeMap<String, (u8, u8)> = BTreeMap::new();
    let mut lines = String::new();
    for extension in selection.extensions() {
        let _ = writeln!(lines, "\n# {extension}");
        for insn in selection.insns.iter().filter(|i| i.extension == extension) {
            if let Some(base) = general(selection, insn) {
                let here = selection.insns.iter().any(|i| i.id == base.id);
                let file =
                    if here { FILE.to_string() } else { format!("rv_{}", base.extension.to_lowercase()) };
                let _ = write!(lines, "$pseudo_op {file}::{} ", base.name);
            }
            line(insn, &mut lines, &mut added);
        }
    }
    let mut out = format!("# Exported by mj, to be extensions/{FILE}.\n");
    for (name, (hi, lo)) in added {
        let _ = writeln!(out, "# arg_lut.csv: \"{name}\", {hi}, {lo}");
    }
    out + &lines
}

fn line(insn: &Insn, out: &mut String, added: &mut BTreeMap<String, (u8, u8)>) {
    let mut arguments = Vec::new();
    let mut fixed = Vec::new();
    let mut whole: Vec<&str> = Vec::new();
    for part in usual_parts(insn) {
        if let Part::Field { field, .. } = part
            && let Some(names) = scattered(field, insn.compressed())
        {
            if !whole.contains(&field.name.as_str()) {
                arguments.extend(names.iter().map(ToString::to_string));
                whole.push(&field.name);
            }
            continue;
        }
        match part {
            // Of a 32-bit opcode the lowest two bits stand apart, by custom.
            Part::Fixed { hi: 6, lo: 0, value } => {
                fixed.push(format!("6..2={:#04x} 1..0=3", value >> 2));
            }
            Part::Fixed { hi, lo, value } if hi == lo => fixed.push(format!("{hi}={value}")),
            Part::Fixed { hi, lo, value } => fixed.push(format!("{hi}..{lo}={value:#x}")),
            Part::Field { hi, lo, field, from } => {
                let name = known(field, hi, lo, insn.compressed()).map_or_else(
                    || {
                        let part = if field.location.len() > 1 { format!("_{from}") } else { String::new() };
                        let name = format!("{}_{hi}_{lo}{part}", field.name.replace('.', "_"));
                        added.insert(name.clone(), (hi, lo));
                        name
                    },
                    str::to_string,
                );
                arguments.push(name);
            }
        }
    }
    let _ = writeln!(out, "{} {}", insn.name, [arguments, fixed].concat().join(" "));
}

/// Immediates whose parts are one argument, or two.
fn scattered(field: &Field, compressed: bool) -> Option<&'static [&'static str]> {
    match (compressed, field.kind == FieldKind::Target, field.width()) {
        (false, true, 12) => Some(&["bimm12hi", "bimm12lo"]),
        (false, true, 20) => Some(&["jimm20"]),
        _ => None,
    }
}

/// The name in `arg_lut.csv` of a field part at these bits.
fn known(field: &Field, hi: u8, lo: u8, compressed: bool) -> Option<&'static str> {
    Some(match (compressed, field.is_reg(), hi, lo) {
        (false, false, 19, 15) if field.kind == FieldKind::Hidden => "rs1",
        (false, false, 11, 7) if field.kind == FieldKind::Hidden => "rd",
        (false, true, 11, 7) => "rd",
        (false, true, 19, 15) => "rs1",
        (false, true, 24, 20) => "rs2",
        (false, true, 31, 27) => "rs3",
        (false, false, 31, 20) if field.kind == FieldKind::Csr => "csr",
        (false, false, 31, 20) if field.location.len() == 1 => "imm12",
        (false, false, 31, 12) if field.location.len() == 1 => "imm20",
        (false, false, 31, 25) if field.location.len() == 2 => "imm12hi",
        (false, false, 11, 7) if field.location.len() == 2 && field.location[0].lo == 25 => "imm12lo",
        (false, false, 25, 20) if field.kind == FieldKind::Hex => "shamtd",
        (false, false, 24, 20) if field.kind == FieldKind::Hex => "shamtw",
        (false, false, 19, 15) if field.width() == 5 && field.kind == FieldKind::Imm => "zimm5",
        (false, false, 14, 12) if field.kind == FieldKind::Rm => "rm",
        (false, false, 26, 26) if field.kind == FieldKind::AqRl => "aq",
        (false, false, 25, 25) if field.kind == FieldKind::AqRl => "rl",
        (false, false, 31, 28) if field.name == "fm" => "fm",
        (false, false, 27, 24) if field.kind == FieldKind::FenceSet => "pred",
        (false, false, 23, 20) if field.kind == FieldKind::FenceSet => "succ",
        (true, true, 4, 2) if field.name.ends_with('d') => "rd_p",
        (true, true, 4, 2) => "rs2_p",
        (true, true, 9, 7) if field.name.ends_with('d') => "rd_rs1_p",
        (true, true, 9, 7) => "rs1_p",
        (true, true, 11, 7) if field.name.ends_with('d') => "rd",
        (true, true, 6, 2) => "c_rs2",
        _ => return None,
    })
}
