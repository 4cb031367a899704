//! Patterns for QEMU's decodetree. One file decodes one instruction size, so compressed instructions are left out
//! unless there is nothing else.

use super::{Part, Selection, manual_name, parts};
use crate::codegen::ident;
use crate::model::{Field, Insn};
use std::fmt::Write;

/// A decodetree file. Excluded field values (`not:`) are for the translator to refuse, and are in comments; special cases
/// of other patterns are in overlapping groups.
pub fn export(selection: &Selection) -> String {
    let size = if selection.insns.iter().any(|i| i.len == 4) { 4 } else { 2 };
    let insns: Vec<&Insn> = selection.insns.iter().copied().filter(|i| i.len == size).collect();
    let mut fields = String::new();
    let mut patterns = String::new();
    let mut done = vec![false; insns.len()];
    for (n, insn) in insns.iter().enumerate() {
        if done[n] {
            continue;
        }
        // Everything that matches words of this one, the special cases first.
        let mut group: Vec<usize> = vec![n];
        let mut at = 0;
        while at < group.len() {
            let a = insns[group[at]];
            for (m, b) in insns.iter().enumerate() {
                let overlap = (a.bits ^ b.bits) & a.mask & b.mask == 0;
                if overlap && !group.contains(&m) && !done[m] {
                    group.push(m);
                }
            }
            at += 1;
        }
        group.sort_by_key(|m| (std::cmp::Reverse(insns[*m].mask.count_ones()), *m));
        for m in &group {
            done[*m] = true;
        }
        if let [one] = group.as_slice() {
            pattern(insns[*one], "", &mut fields, &mut patterns);
            continue;
        }
        let _ = writeln!(patterns, "# {} and special cases\n{{", insn.name);
        for m in group {
            pattern(insns[m], "  ", &mut fields, &mut patterns);
        }
        patterns.push_str("}\n");
    }
    format!("# Exported by mj. Instructions of {} bits.\n\n{fields}\n{patterns}", size * 8)
}

fn simple(field: &Field) -> bool {
    field.location.len() == 1 && field.left_shift == 0 && !field.sign_extend && !field.is_creg()
}

fn pattern(insn: &Insn, indent: &str, fields: &mut String, out: &mut String) {
    let name = ident(&insn.name);
    let mut bits = Vec::new();
    for part in parts(insn) {
        bits.push(match part {
            Part::Fixed { value, .. } => format!("{value:0width$b}", width = usize::from(part.width())),
            Part::Field { field, .. } if simple(field) => format!("{}:{}", manual_name(field), part.width()),
            Part::Field { .. } => ".".repeat(usize::from(part.width())),
        });
    }
    let mut named = String::new();
    for field in insn.fields.iter().filter(|f| !simple(f)) {
        let places: Vec<String> = field
            .location
            .iter()
            .enumerate()
            .map(|(n, r)| {
                let sign = if n == 0 && field.sign_extend { "s" } else { "" };
                format!("{}:{sign}{}", r.lo, r.width())
            })
            .collect();
        let function = match (field.is_creg(), field.left_shift) {
            (true, _) => " !function=ex_rvc_register".to_string(),
            (_, 0) => String::new(),
            (_, n) => format!(" !function=ex_shift_{n}"),
        };
        let own = format!("{name}_{}", manual_name(field));
        let _ = writeln!(fields, "%{own} {}{function}", places.join(" "));
        let _ = write!(named, " {}=%{own}", manual_name(field));
    }
    for field in insn.fields.iter().filter(|f| !f.not.is_empty()) {
        let _ =
            writeln!(out, "{indent}# {}: {} is not one of {:?}", insn.name, manual_name(field), field.not);
    }
    let _ = writeln!(out, "{indent}{name} {}{named}", bits.join(" "));
}
