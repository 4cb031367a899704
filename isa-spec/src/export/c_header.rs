//! A C header: one macro for each instruction, made of `.insn` with numbers only, so that any assembler that knows
//! `.insn` makes the same bytes, whether it has heard of the extension or not.

use super::{Part, Selection, operands, parts};
use crate::codegen::ident;
use crate::model::{Field, FieldKind, Insn};
use crate::sem::{Builtin, ExprKind, Reg, Stmt};
use std::fmt::Write;

const HEAD: &str = "\
/* Exported by mj: custom RISC-V instructions for GNU C (gcc, clang). Operands that are no registers have to be
   constants. NAME_or(…, label) is for guards: control goes to the label when the guard fails, after
   MJ_GUARDS_FAIL_TO(label) has been executed. */
#ifndef MJ_INSTRUCTIONS_H
#define MJ_INSTRUCTIONS_H

#define MJ_CSR_READ(n) __extension__ ({ unsigned long v_; \\
  __asm__ __volatile__(\"csrr %0, %1\" : \"=r\"(v_) : \"i\"(n) : \"memory\"); v_; })
#define MJ_CSR_WRITE(n, value) \\
  __asm__ __volatile__(\"csrw %0, %1\" : : \"i\"(n), \"r\"((unsigned long)(value)) : \"memory\")
";

/// The header for the 32-bit instructions of the selection.
pub fn export(selection: &Selection) -> String {
    let mut out = String::from(HEAD);
    for csr in &selection.csrs {
        let name = csr.name.replace('.', "_").to_uppercase();
        let _ = writeln!(out, "\n/* {} */\n#define CSR_{name} {:#x}", csr.long_name, csr.address);
    }
    if selection.csrs.iter().any(|c| c.name == "mj.gvec") {
        out.push_str("\n#define MJ_GUARDS_FAIL_TO(label) MJ_CSR_WRITE(CSR_MJ_GVEC, &&label)\n");
    }
    for insn in &selection.insns {
        if insn.compressed() {
            let _ = writeln!(out, "\n/* {}: compressed, left to the assembler */", insn.name);
        } else {
            instruction(insn, &mut out);
        }
    }
    out.push_str("\n#endif\n");
    out
}

/// The operands of `.insn r` (or `r4`) by their bits.
struct Slot {
    name: &'static str,
    hi: u8,
    lo: u8,
    /// Written as a register.
    register: bool,
}

const fn slot(name: &'static str, hi: u8, lo: u8, register: bool) -> Slot {
    Slot { name, hi, lo, register }
}

const R: [Slot; 6] = [
    slot("op", 6, 0, false),
    slot("f3", 14, 12, false),
    slot("f7", 31, 25, false),
    slot("d", 11, 7, true),
    slot("s1", 19, 15, true),
    slot("s2", 24, 20, true),
];
const R4: [Slot; 7] = [
    slot("op", 6, 0, false),
    slot("f3", 14, 12, false),
    slot("f2", 26, 25, false),
    slot("d", 11, 7, true),
    slot("s1", 19, 15, true),
    slot("s2", 24, 20, true),
    slot("s3", 31, 27, true),
];

fn instruction(insn: &Insn, out: &mut String) {
    let four = insn.fields.iter().any(|f| f.is_reg() && f.location[0].lo == 27);
    let slots: &[Slot] = if four { &R4 } else { &R };
    let mut text = format!(".insn {}", if four { "r4" } else { "r" });
    let mut constants = String::new();
    for (n, s) in slots.iter().enumerate() {
        text.push_str(if n == 0 { " " } else { ", " });
        let whole = |f: &&Field| f.is_reg() && f.location[0].hi == s.hi && f.location[0].lo == s.lo;
        if let Some(field) = insn.fields.iter().find(whole) {
            let _ = write!(text, "%[{}]", field.name);
            continue;
        }
        let (fixed, terms) = contents(insn, s);
        let prefix = if s.register { "x" } else { "" };
        if terms.is_empty() {
            let _ = write!(text, "{prefix}{fixed}");
        } else {
            let _ = write!(text, "{prefix}%c[{}]", s.name);
            let sum = terms.join(" | ");
            let sum = if fixed == 0 { sum } else { format!("{fixed} | {sum}") };
            let _ = write!(constants, ", [{}] \"i\"({sum})", s.name);
        }
    }
    let output = insn.fields.iter().find(|f| f.is_reg() && f.name.ends_with('d'));
    let reads = |f: &Field| {
        let n = insn.field(&f.name).unwrap_or(0);
        let read = |r: Reg| r == Reg::Field(n);
        insn.body.any_expr(&mut |e| matches!(e.kind, ExprKind::ReadX(r) | ExprKind::ReadF(r) if read(r)))
    };
    let shown = insn.template.fields();
    let inputs: Vec<&Field> = shown
        .iter()
        .map(|n| &insn.fields[*n])
        .filter(|f| Some(f.name.as_str()) != output.map(|o| o.name.as_str()) || reads(f))
        .collect();
    let registers: String = inputs
        .iter()
        .filter(|f| f.is_reg() && Some(f.name.as_str()) != output.map(|o| o.name.as_str()))
        .map(|f| {
            let (constraint, _) = kind(insn, f);
            let cast = if f.kind == FieldKind::XReg { "(unsigned long)" } else { "" };
            format!(", [{}] \"{constraint}\"({cast}({}))", f.name, parameter(f))
        })
        .collect();
    let ins = format!("{registers}{constants}");
    let ins = ins.strip_prefix(", ").unwrap_or("");
    let (volatile, clobber) = if pure(insn) { ("", "") } else { (" __volatile__", "\"memory\"") };
    let name = ident(&insn.name);
    let params: Vec<String> = inputs.iter().map(|f| parameter(f)).collect();
    let _ = writeln!(out, "\n/* {} {}: {} */", insn.name, operands(insn, &insn.template), insn.long_name);
    let clobbers = if clobber.is_empty() { String::new() } else { format!(" : {clobber}") };
    match output {
        Some(rd) => {
            let (constraint, ty) = kind(insn, rd);
            let (how, start) =
                if reads(rd) { ("+", format!(" = ({ty})({})", parameter(rd))) } else { ("=", String::new()) };
            let _ = writeln!(
                out,
                "#define {name}({}) __extension__ ({{ {ty} out_{start}; \\\n  __asm__{volatile}(\"{text}\" : [{}] \"{how}{constraint}\"(out_) : {ins}{clobbers}); out_; }})",
                params.join(", "),
                rd.name
            );
        }
        None => {
            let _ = writeln!(
                out,
                "#define {name}({}) \\\n  __asm__ __volatile__(\"{text}\" : : {ins} : \"memory\")",
                params.join(", ")
            );
        }
    }
    if insn.guard.is_some() {
        let (result, outputs) = match output {
            Some(rd) => {
                let (constraint, _) = kind(insn, rd);
                ("out, ".to_string(), format!("[{}] \"={constraint}\"(out)", rd.name))
            }
            None => (String::new(), String::new()),
        };
        let list = if params.is_empty() { String::new() } else { params.join(", ") + ", " };
        let _ = writeln!(
            out,
            "#define {name}_or({result}{list}label) \\\n  __asm__ goto (\"{text}\" : {outputs} : {ins} : \"memory\" : label)"
        );
    }
}

/// A macro parameter: never a keyword.
fn parameter(f: &Field) -> String {
    format!("{}_", super::manual_name(f))
}

/// Constraint and C type of a register operand.
fn kind(insn: &Insn, f: &Field) -> (&'static str, &'static str) {
    match f.kind {
        FieldKind::FReg if insn.name.ends_with(".s") => ("f", "float"),
        FieldKind::FReg => ("f", "double"),
        _ => ("r", "unsigned long"),
    }
}

/// The fixed bits of a slot, and C expressions for the rest of it.
fn contents(insn: &Insn, s: &Slot) -> (u32, Vec<String>) {
    let (mut fixed, mut terms) = (0, Vec::new());
    for part in parts(insn) {
        let (hi, lo) = (part.hi().min(s.hi), part.lo().max(s.lo));
        if hi < lo || part.hi() < s.lo || part.lo() > s.hi {
            continue;
        }
        let mask = ((1u64 << (hi - lo + 1)) - 1) as u32;
        match part {
            Part::Fixed { lo: from, value, .. } => fixed |= (value >> (lo - from) & mask) << (lo - s.lo),
            Part::Field { lo: at, field, from, .. } => {
                let shift = field.left_shift + from + (lo - at);
                if let Some(value) = field.default.filter(|_| !insn_shows(insn, field)) {
                    fixed |= ((value >> shift) as u32 & mask) << (lo - s.lo);
                } else {
                    terms.push(format!(
                        "((unsigned long)({}) >> {shift} & {mask:#x}) << {}",
                        parameter(field),
                        lo - s.lo
                    ));
                }
            }
        }
    }
    (fixed, terms.into_iter().map(|t| format!("({t})")).collect())
}

fn insn_shows(insn: &Insn, field: &Field) -> bool {
    insn.template.fields().iter().any(|n| insn.fields[*n].name == field.name)
}

/// Computes registers from registers, and nothing else.
fn pure(insn: &Insn) -> bool {
    fn plain(stmts: &[Stmt]) -> bool {
        stmts.iter().all(|s| match s {
            Stmt::Set(..) | Stmt::WriteX(..) | Stmt::WriteF(..) => true,
            Stmt::If { then, otherwise, .. } => plain(then) && plain(otherwise),
            _ => false,
        })
    }
    let calls = |b: Builtin| {
        !matches!(
            b,
            Builtin::CountLeadingZeros(_)
                | Builtin::CountTrailingZeros(_)
                | Builtin::PopCount(_)
                | Builtin::ByteReverse
                | Builtin::CarrylessMultiply
        )
    };
    plain(&insn.body.stmts)
        && !insn.body.any_expr(&mut |e| match e.kind {
            ExprKind::Load(_) | ExprKind::ReadCsr(_) => true,
            ExprKind::Call(b, _) => calls(b),
            _ => false,
        })
}
