//! The encoder generator: one `const fn` for each instruction.

use std::fmt::Write;

use super::ident;
use crate::model::{Field, FieldKind, Insn, Isa, Piece};

/// Rust source with a function for each instruction, named after the mnemonic (`mj_gclass`, `c_addi`, `fadd_d`).
///
/// Parameters come in the order of the assembly operands, then `aq` and `rl` if there are any. Registers are
/// numbers (`c_` functions with three-bit fields take 8..=15), immediates are values: a branch offset in
/// bytes, for `lui` a multiple of 4096. Ranges are checked by `debug_assert`.
pub fn encoders(isa: &Isa) -> String {
    let mut out = String::from("// Generated from isa-spec; changes belong into its YAML files.\n\n");
    for insn in &isa.insns {
        encoder(insn, &mut out);
    }
    for csr in &isa.csrs {
        let name = csr.name.replace('.', "_").to_uppercase();
        let _ = writeln!(out, "/// {}\npub const CSR_{name}: u32 = {:#x};", csr.long_name, csr.address);
    }
    out
}

fn encoder(insn: &Insn, out: &mut String) {
    let mut order = insn.template.fields();
    order.extend((0..insn.fields.len()).filter(|n| insn.fields[*n].kind == FieldKind::AqRl));
    let params: Vec<String> = order
        .iter()
        .map(|n| format!("{}: {}", param(&insn.fields[*n]), param_type(&insn.fields[*n])))
        .collect();
    let result = if insn.compressed() { "u16" } else { "u32" };
    let mut text = String::new();
    for piece in &insn.template.pieces {
        match piece {
            Piece::Field(n) => text.push_str(&insn.fields[*n].name),
            Piece::Text(t) if t == "," => text.push_str(", "),
            Piece::Text(t) => text.push_str(t),
        }
    }
    let _ = writeln!(out, "/// `{} {text}`: {}", insn.name, insn.long_name);
    let _ = writeln!(
        out,
        "#[inline]\n#[allow(clippy::all)]\npub const fn {}({}) -> {result} {{",
        ident(&insn.name),
        params.join(", ")
    );
    let mut terms = vec![format!("{:#x}", insn.bits)];
    for (n, f) in insn.fields.iter().enumerate() {
        if order.contains(&n) {
            checks(insn, f, out);
            terms.extend(bits(f));
        } else if let Some(fixed) = f.default.and_then(|v| f.insert(v).ok()).filter(|b| *b != 0) {
            terms.push(format!("{fixed:#x}"));
        }
    }
    let word = terms.join(" | ");
    let cast = if insn.compressed() { format!("({word}) as u16") } else { word };
    let _ = writeln!(out, "    {cast}\n}}\n");
}

/// Parameter name: `rd`, `rs1` for registers of both files, else the field's own.
fn param(f: &Field) -> String {
    match f.name.strip_prefix(['x', 'f']) {
        Some(rest) if f.is_reg() => format!("r{rest}"),
        _ => ident(&f.name),
    }
}

fn param_type(f: &Field) -> &'static str {
    if f.sign_extend { "i32" } else { "u32" }
}

fn checks(insn: &Insn, f: &Field, out: &mut String) {
    let name = param(f);
    let mut conds = Vec::new();
    if f.sign_extend {
        // A value of 32 bits always fits an i32.
        if f.value_width() < 32 {
            conds.push(format!("{name} >= {} && {name} <= {}", f.min(), f.max()));
        }
    } else if f.is_creg() {
        conds.push(format!("{name} >= 8 && {name} <= 15"));
    } else {
        conds.push(format!("{name} <= {}", f.max()));
    }
    if f.left_shift > 0 {
        conds.push(format!("{name} & {:#x} == 0", (1u32 << f.left_shift) - 1));
    }
    for value in &f.not {
        conds.push(format!("{name} != {value}"));
    }
    for cond in conds {
        let _ = writeln!(out, "    debug_assert!({cond}, \"{}: {name}\");", insn.name);
    }
}

/// The field's contribution to the word, one term for each run of bits.
fn bits(f: &Field) -> Vec<String> {
    let value = if f.is_creg() {
        format!("({} - 8)", param(f))
    } else if f.sign_extend {
        format!("({} as u32)", param(f))
    } else {
        param(f)
    };
    let mut below = f.width();
    f.location
        .iter()
        .map(|r| {
            below -= r.width();
            let mask = ((1u64 << r.width()) - 1) as u32;
            format!("({value} >> {} & {mask:#x}) << {}", below + f.left_shift, r.lo)
        })
        .collect()
}
