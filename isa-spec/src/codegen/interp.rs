//! The interpreter generator: decoder, tables and `execute`.

use std::fmt::Write;

use super::{body::body, ident};
use crate::decode::order;
use crate::model::{Class, Field, FieldKind, Insn, Isa, Slot};

/// Rust source for the emulator's `interp` module, which documents what it contains.
pub fn interpreter(isa: &Isa) -> String {
    let mut out = String::from("// Generated from isa-spec; changes belong into its YAML files.\n\n");
    out.push_str(DECODED);
    tables(isa, &mut out);
    decoder(isa, &mut out);
    for insn in &isa.insns {
        let _ = write!(
            out,
            "/// `{}`: {}\n#[inline(always)]\npub fn i_{}<M: Machine>(m: &mut M, op: &Decoded, pc: u64) -> Result<(), Leave<M::Trap>> {{\n{}    Ok(())\n}}\n\n",
            insn.name,
            insn.long_name,
            ident(&insn.name),
            body(insn)
        );
    }
    out.push_str(EXECUTE_HEAD);
    for insn in &isa.insns {
        let _ = writeln!(out, "        {} => i_{}(m, op, pc),", insn.id.0, ident(&insn.name));
    }
    out.push_str("        _ => Err(Leave::Trap(m.illegal(pc))),\n    }\n}\n\n");
    out.push_str(FOR_EACH_HEAD);
    for insn in &isa.insns {
        let _ = writeln!(out, "            i_{} {},", ident(&insn.name), insn.len);
    }
    out.push_str("        }\n    };\n}\npub(crate) use for_each_instruction;\n");
    out
}

const DECODED: &str = "\
/// A decoded instruction. Register places hold register numbers, except that `rd` is 32 for a write to x0;
/// immediates are scaled and sign-extended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    pub id: u16,
    /// Length in bytes, 2 or 4.
    pub len: u8,
    pub rd: u8,
    pub rs1: u8,
    pub rs2: u8,
    pub rs3: u8,
    pub aux: u8,
    pub imm: i32,
}

";

const EXECUTE_HEAD: &str = "\
/// Executes one instruction, which is at `pc`.
#[inline(always)]
pub fn execute<M: Machine>(m: &mut M, op: &Decoded, pc: u64) -> Result<(), Leave<M::Trap>> {
    match op.id {
";

const FOR_EACH_HEAD: &str = "\
/// Calls a macro with the function and the length in bytes of every instruction, in the order of ids.
macro_rules! for_each_instruction {
    ($callback:ident) => {
        $callback! {
";

fn tables(isa: &Isa, out: &mut String) {
    let insns = &isa.insns;
    let _ = writeln!(out, "/// Number of instruction ids.\npub const COUNT: usize = {};\n", insns.len());
    let mut table = |doc: &str, name: &str, ty: &str, value: &dyn Fn(&Insn) -> String| {
        let _ = writeln!(out, "/// {doc}\npub static {name}: [{ty}; COUNT] = [");
        for insn in insns {
            let _ = writeln!(out, "    {},", value(insn));
        }
        out.push_str("];\n\n");
    };
    let mut guards: Vec<&str> = insns.iter().filter_map(|i| i.guard.as_deref()).collect();
    guards.sort_unstable();
    guards.dedup();
    table("Mnemonic by id.", "MNEMONIC", "&str", &|i| format!("{:?}", i.name));
    table("Index into `CLASS_NAMES` by id.", "CLASS", "u8", &|i| {
        Class::ALL.iter().position(|c| *c == i.class).unwrap_or(0).to_string()
    });
    table("Extension by id.", "EXTENSION", "&str", &|i| format!("{:?}", i.extension));
    table("Index into `GUARD_NAMES` by id, or `NO_GUARD`.", "GUARD", "u8", &|i| {
        let kind = i.guard.as_deref().and_then(|g| guards.iter().position(|k| *k == g));
        kind.unwrap_or(255).to_string()
    });
    table("Whether the instruction must be the last of a block, by id.", "ENDS_BLOCK", "bool", &|i| {
        (i.body.jumps() || i.body.serializes()).to_string()
    });
    let classes: Vec<&str> = Class::ALL.iter().map(|c| c.name()).collect();
    let _ = write!(
        out,
        "/// Counter classes.\npub static CLASS_NAMES: [&str; {}] = {classes:?};\n\n\
         /// Guard kinds.\npub static GUARD_NAMES: [&str; {}] = {guards:?};\n\n\
         /// Not a guard.\npub const NO_GUARD: u8 = 255;\n\n",
        classes.len(),
        guards.len()
    );
    out.push_str("/// Ids by name.\npub mod id {\n");
    for insn in insns {
        let name = insn.name.replace('.', "_").to_uppercase();
        let _ = writeln!(out, "    pub const {name}: u16 = {};", insn.id.0);
    }
    out.push_str("}\n\n");
    for csr in &isa.csrs {
        let name = csr.name.replace('.', "_").to_uppercase();
        let _ = writeln!(out, "/// {}\npub const CSR_{name}: u32 = {:#x};", csr.long_name, csr.address);
    }
    out.push('\n');
}

fn decoder(isa: &Isa, out: &mut String) {
    out.push_str(
        "/// Decodes the instruction in the low bits of `word`: 16 of them unless the lowest two are set.\n\
         /// `None`: illegal or reserved.\n\
         pub fn decode(word: u32) -> Option<Decoded> {\n    if word & 3 == 3 {\n",
    );
    buckets(&order(&isa.insns, false, 256), "(word >> 2 & 0x1f) << 3 | word >> 12 & 7", out);
    out.push_str("    } else {\n        let word = word & 0xffff;\n");
    buckets(&order(&isa.insns, true, 32), "(word & 3) << 3 | word >> 13 & 7", out);
    out.push_str("    }\n    None\n}\n\n");
}

fn buckets(table: &[Vec<&Insn>], key: &str, out: &mut String) {
    let _ = writeln!(out, "        match {key} {{");
    let ids = |list: &[&Insn]| list.iter().map(|i| i.id).collect::<Vec<_>>();
    let mut done = vec![false; table.len()];
    for (n, list) in table.iter().enumerate() {
        if list.is_empty() || done[n] {
            continue;
        }
        let same: Vec<String> = (n..table.len())
            .filter(|m| ids(&table[*m]) == ids(list))
            .map(|m| {
                done[m] = true;
                m.to_string()
            })
            .collect();
        let _ = writeln!(out, "            {} => {{", same.join(" | "));
        for insn in list {
            candidate(insn, out);
        }
        out.push_str("            }\n");
    }
    out.push_str("            _ => {}\n        }\n");
}

fn candidate(insn: &Insn, out: &mut String) {
    let mut cond = format!("word & {:#x} == {:#x}", insn.mask, insn.bits);
    for f in &insn.fields {
        for value in &f.not {
            let _ = write!(cond, " && {} != {value}", value_of(f));
        }
    }
    let _ = writeln!(out, "                if {cond} {{");
    let _ = write!(out, "                    return Some(Decoded {{ id: {}, len: {}", insn.id.0, insn.len);
    for f in &insn.fields {
        let value = value_of(f);
        let cast = if f.slot == Slot::Imm { "" } else { " as u8" };
        if f.slot == Slot::Rd && f.kind == FieldKind::XReg && !f.is_creg() {
            let _ = write!(out, ", rd: if {value} == 0 {{ 32 }} else {{ {value} as u8 }}");
        } else {
            let _ = write!(out, ", {}: {value}{cast}", f.slot.member());
        }
    }
    out.push_str(", ..Default::default() });\n                }\n");
}

/// A field's architectural value in `word`, an `i32`.
fn value_of(f: &Field) -> String {
    let mut below = f.width();
    let mut parts = Vec::new();
    for r in &f.location {
        below -= r.width();
        let mask = ((1u64 << r.width()) - 1) as u32;
        let shift = below + f.left_shift;
        parts.push(format!("(word >> {} & {mask:#x}) << {shift}", r.lo));
    }
    let joined = parts.join(" | ");
    if f.is_creg() {
        format!("(({joined}) as i32 + 8)")
    } else if f.sign_extend && f.value_width() < 32 {
        let unused = 32 - f.value_width();
        format!("((({joined}) << {unused}) as i32 >> {unused})")
    } else {
        format!("(({joined}) as i32)")
    }
}
