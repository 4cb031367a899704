//! Names and encodings that are taken already.

use super::Added;
use crate::diag::Diagnostic;
use crate::model::{Class, Csr, Insn};
use crate::sem::{Builtin, ExprKind, Stmt};

/// Errors among all instructions and CSRs, of which the last ones were added.
///
/// Two encodings that both match some word must be nested: one is a special case of the other.
pub(super) fn among(insns: &[Insn], csrs: &[Csr], added: &Added) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let first = insns.len() - added.insns.len();
    for (b, (source, pos)) in insns[first..].iter().zip(&added.insns) {
        for a in &insns[..usize::from(b.id.0)] {
            let place = format!("{}:{}", a.file, a.line);
            if a.name == b.name {
                errors.push(source.error(*pos, format!("`{}` is already defined at {place}", b.name)));
                break;
            }
            let nested = a.mask != b.mask && (a.mask & b.mask == a.mask || a.mask & b.mask == b.mask);
            if let Some(word) = common_word(a, b).filter(|_| !nested) {
                errors.push(source.error(
                    *pos,
                    format!(
                        "the encoding of `{}` overlaps that of `{}` ({place}); one must be a special case of the other; {} is both",
                        b.name, a.name, shown(b, word)
                    ),
                ));
                break;
            }
        }
    }
    let first = csrs.len() - added.csrs.len();
    for (n, (source, places)) in (first..).zip(&added.csrs) {
        let b = &csrs[n];
        let taken = csrs[..n].iter().find(|a| a.name == b.name || a.address == b.address);
        if let Some(a) = taken {
            let (what, at) =
                if a.name == b.name { ("the name", places.name) } else { ("the address", places.address) };
            let free = (0x800..=0x8ff).find(|n| csrs.iter().all(|c| c.address != *n));
            let free = match free.filter(|_| a.address == b.address) {
                Some(n) => format!("; {n:#x} is free"),
                None => String::new(),
            };
            let message = format!("`{}` has {what} of CSR `{}` ({:#x}){free}", b.name, a.name, a.address);
            errors.push(source.error(at, message));
        }
    }
    errors
}

/// Errors of instructions that were added to a complete set of `built_in` ones: they may not take its encodings, HINTs
/// apart, nor its mnemonics.
pub(super) fn with_built_in(insns: &[Insn], built_in: usize, added: &Added) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    for (b, (source, pos)) in insns[built_in..].iter().zip(&added.insns) {
        for a in &insns[..built_in] {
            if let Some(alias) = a.aliases.iter().find(|alias| alias.assemble && alias.mnemonic == b.name) {
                let message = format!("`{}` is already a way to write `{}`", alias.mnemonic, a.name);
                errors.push(source.error(*pos, message));
                break;
            }
            let Some(word) = common_word(a, b) else { continue };
            let why = match not_a_hint(a, b) {
                Some(why) => why,
                None => continue,
            };
            errors.push(source.error(
                *pos,
                format!(
                    "the encoding of `{}` overlaps that of `{}`: {} is both; {why}",
                    b.name,
                    a.name,
                    shown(b, word)
                ),
            ));
            break;
        }
    }
    errors
}

/// Errors of added CSRs that are not in the ranges for custom user-mode CSRs (privileged manual, "CSR Address Mapping
/// Conventions"), whose bits 11:10 say whether they can be written.
pub(super) fn user_csrs(csrs: &[Csr], added: &Added) -> Vec<Diagnostic> {
    let first = csrs.len() - added.csrs.len();
    let wrong = |csr: &Csr| match csr.address {
        0x800..=0x8ff => None,
        0xcc0..=0xcff if csr.writable => Some("is in the read-only range, but `writable` is true"),
        0xcc0..=0xcff => None,
        _ => Some("is not for custom CSRs: those are 0x800 to 0x8ff and, read-only, 0xcc0 to 0xcff"),
    };
    csrs[first..]
        .iter()
        .zip(&added.csrs)
        .filter_map(|(csr, (source, places))| {
            let why = wrong(csr)?;
            Some(
                source
                    .error(places.address, format!("the address {:#x} of `{}` {why}", csr.address, csr.name)),
            )
        })
        .collect()
}

/// The NOP that is no HINT: `addi x0, x0, 0`.
const NOP: u32 = 0x13;

/// Why `b` is not a HINT form of the built-in `a`; `None` if it is. A HINT is an instruction that does nothing but write
/// to x0 (unprivileged manual, "HINT Instructions").
fn not_a_hint(a: &Insn, b: &Insn) -> Option<String> {
    let to_x0 = a.field("xd").is_some_and(|n| {
        let bits = a.fields[n].mask();
        b.mask & bits == bits && b.bits & bits == 0 && !a.fields[n].is_creg()
    });
    if a.mask & b.mask != a.mask || a.class != Class::Alu || !to_x0 {
        return Some("only a HINT form (xd = x0) of a built-in instruction may be defined again".to_string());
    }
    if b.matches(NOP) {
        return Some("that is the canonical NOP, which is no HINT".to_string());
    }
    (!only_observes(&b.body.stmts) || reads_what_may_trap(b))
        .then(|| "a HINT may not change anything or trap, but its operation() does".to_string())
}

fn only_observes(stmts: &[Stmt]) -> bool {
    stmts.iter().all(|s| match s {
        Stmt::Set(..) => true,
        Stmt::If { then, otherwise, .. } => only_observes(then) && only_observes(otherwise),
        Stmt::Effect(builtin, _) => {
            matches!(builtin, Builtin::ObserveValue | Builtin::ObserveType | Builtin::Phase | Builtin::Roi)
        }
        _ => false,
    })
}

fn reads_what_may_trap(insn: &Insn) -> bool {
    insn.body.any_expr(&mut |e| {
        matches!(
            e.kind,
            ExprKind::Load(_)
                | ExprKind::ReadCsr(_)
                | ExprKind::Call(
                    Builtin::LoadReserved(_)
                        | Builtin::StoreConditional(_)
                        | Builtin::Amo(..)
                        | Builtin::CompareSwap(_)
                        | Builtin::RoundingMode,
                    _
                )
        )
    })
}

fn shown(insn: &Insn, word: u32) -> String {
    if insn.compressed() { format!("{word:#06x}") } else { format!("{word:#010x}") }
}

/// A word that both match, excluded field values considered.
fn common_word(a: &Insn, b: &Insn) -> Option<u32> {
    if a.len != b.len || (a.bits ^ b.bits) & a.mask & b.mask != 0 {
        return None;
    }
    let fixed = a.mask | b.mask;
    let all = if a.compressed() { 0xffff } else { u32::MAX };
    let free = all & !fixed;
    // Excluded values are few: some filling of the free bits is allowed, if any is.
    let fillings = 1u32 << free.count_ones().min(12);
    (0..fillings)
        .flat_map(|n| [n, !n])
        .map(|n| a.bits | b.bits | deposit(n, free))
        .find(|word| a.matches(*word) && b.matches(*word))
}

/// The low bits of `value` in the places of the set bits of `mask`, the lowest into the highest.
fn deposit(value: u32, mask: u32) -> u32 {
    let places = (0..32).rev().filter(|place| mask >> place & 1 == 1);
    places.enumerate().fold(0, |word, (n, place)| word | (value >> n & 1) << place)
}
