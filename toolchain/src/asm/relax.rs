//! Layout: the offsets of fragments, and the sizes of what depends on distances.
//!
//! The steps are those of GNU as, because they decide which of several stable results is reached: sizes are
//! estimated from the beginning with what is known so far, then every section is gone through until nothing changes,
//! each place moving on with what grew before it.

use isa_spec::Isa;

use super::data::leb128;
use super::diag::{Diagnostic, Span};
use super::expr::{Base, Value};
use super::frag::{Branch, Frag, FragId, Tail};
use super::frame::advance_bytes;
use super::line::row_bytes;
use super::section::SHT_NOBITS;
use super::unit::Unit;

/// Largest section this assembler makes, and the most that the contents of all take together, in bytes.
pub const MAX_SIZE: u64 = 1 << 30;
/// Passes after which sizes that depend on each other are given up.
const MAX_PASSES: u32 = 2000;

/// Places all fragments.
pub fn place(isa: &Isa, unit: &mut Unit) -> Result<(), Vec<Diagnostic>> {
    let orders: Vec<Vec<FragId>> = unit.sections.iter().map(|s| s.frags().collect()).collect();
    for order in &orders {
        let mut addr = 0u64;
        for &id in order {
            unit.frags[id as usize].addr = addr;
            let size = size(isa, unit, id, addr + unit.frags[id as usize].data.len() as u64).unwrap_or(0);
            let frag = &mut unit.frags[id as usize];
            frag.size = size;
            addr = (addr + frag.data.len() as u64).saturating_add(size);
        }
    }
    for pass in 0.. {
        let mut changed = false;
        for (section, order) in orders.iter().enumerate() {
            changed |= settle(isa, unit, section, order)?;
        }
        if !changed {
            break;
        }
        if pass > MAX_PASSES {
            return Err(endless(unit));
        }
    }
    for (section, order) in unit.sections.iter_mut().zip(&orders) {
        let last = order.last().map(|id| &unit.frags[*id as usize]);
        section.size = last.map_or(0, |f| f.tail_addr() + f.size);
    }
    let contents = unit.sections.iter().filter(|s| s.kind != SHT_NOBITS).map(|s| s.size);
    if contents.sum::<u64>() > MAX_SIZE {
        return Err(whole(unit, "the contents of the sections grow past 1 GiB"));
    }
    Ok(())
}

fn endless(unit: &Unit) -> Vec<Diagnostic> {
    whole(unit, "the sizes of `.skip` and `.org` depend on each other without end")
}

fn whole(unit: &Unit, message: &str) -> Vec<Diagnostic> {
    let file = unit.lines.first().map_or("<input>", |l| &l.file);
    vec![Diagnostic::file(file, message)]
}

/// Goes through one section until nothing in it moves; whether anything did.
fn settle(isa: &Isa, unit: &mut Unit, section: usize, order: &[FragId]) -> Result<bool, Vec<Diagnostic>> {
    let mut any = false;
    for pass in 0.. {
        let mut changed = false;
        let mut stretch = 0i64;
        let mut errors = Vec::new();
        for &id in order {
            let frag = &mut unit.frags[id as usize];
            frag.addr = frag.addr.wrapping_add(stretch as u64);
            if matches!(frag.tail, Tail::None) {
                continue;
            }
            let at = frag.tail_addr();
            if at > MAX_SIZE {
                let span = span(&frag.tail);
                let message = format!("the section {} grows past 1 GiB", unit.sections[section].name);
                return Err(vec![Diagnostic::at(&unit.lines, span, message)]);
            }
            let old = frag.size;
            match size(isa, unit, id, at) {
                Ok(new) if new > MAX_SIZE => {
                    let span = span(&unit.frags[id as usize].tail);
                    let message = format!("the section {} grows past 1 GiB", unit.sections[section].name);
                    return Err(vec![Diagnostic::at(&unit.lines, span, message)]);
                }
                Ok(new) => {
                    unit.frags[id as usize].size = new;
                    stretch += new as i64 - old as i64;
                    changed |= new != old;
                }
                Err(message) => {
                    let span = span(&unit.frags[id as usize].tail);
                    errors.push(Diagnostic::at(&unit.lines, span, message));
                }
            }
        }
        // What cannot be known does not become known by going on; but it may be out of range only for now.
        if !changed {
            if !errors.is_empty() {
                return Err(errors);
            }
            return Ok(any);
        }
        any = true;
        if pass > MAX_PASSES {
            return Err(endless(unit));
        }
    }
    Ok(any)
}

fn span(tail: &Tail) -> Span {
    match tail {
        Tail::Fill { span, .. } | Tail::Org { span, .. } | Tail::Leb { span, .. } => *span,
        Tail::Branch(b) => b.span,
        _ => Span { line: 0, col: 0 },
    }
}

/// The size of the tail of fragment `id`, which lies at `at`.
fn size(isa: &Isa, unit: &Unit, id: FragId, at: u64) -> Result<u64, String> {
    let frag = &unit.frags[id as usize];
    match &frag.tail {
        Tail::None => Ok(0),
        Tail::Branch(b) => Ok(branch_size(isa, unit, frag, b, at)),
        Tail::Align { to, max, .. } => {
            let pad = at.next_multiple_of(*to) - at;
            Ok(if pad > *max { 0 } else { pad })
        }
        Tail::Fill { count, size, .. } => {
            let n = absolute(unit.late(count)?)?;
            u64::try_from(n)
                .ok()
                .and_then(|n| n.checked_mul(u64::from(*size)))
                .ok_or_else(|| format!("the count {n} is negative or too large"))
        }
        Tail::Org { to, .. } => {
            let n = match unit.late(to)? {
                Value { base: Base::Abs, n } => n,
                Value { base: Base::Section(s), n } if s == frag.section => n,
                _ => return Err("the place of `.org` must be in this section".to_string()),
            };
            (n as u64).checked_sub(at).ok_or_else(|| "`.org` cannot go back".to_string())
        }
        Tail::Leb { value, signed, .. } => Ok(leb128(absolute(unit.late(value)?)?, *signed).len() as u64),
        Tail::Advance { from, to } => Ok(advance_bytes(distance(unit, *from, *to)?).len() as u64),
        Tail::Row { lines, from, to } => Ok(row_bytes(*lines, distance(unit, *from, *to)?).0.len() as u64),
    }
}

fn absolute(value: Value) -> Result<i64, String> {
    match value.base {
        Base::Abs => Ok(value.n),
        _ => Err("needs a value that does not depend on where things are linked".to_string()),
    }
}

/// The bytes between two symbols of one section.
pub fn distance(unit: &Unit, from: u32, to: u32) -> Result<u64, String> {
    let (a, b) = (unit.symbol_value(from)?, unit.symbol_value(to)?);
    if a.base != b.base {
        return Err("the places are in different sections".to_string());
    }
    Ok(b.n.wrapping_sub(a.n).max(0) as u64)
}

/// Two bytes if the compressed form reaches, four if the plain one does; a conditional branch else goes around a
/// jump. Of symbols that are not in this section nothing is known: jumps stay as they are and the linker sees to it.
fn branch_size(isa: &Isa, unit: &Unit, frag: &Frag, b: &Branch, at: u64) -> u64 {
    let fits = |form: (usize, usize, u32), distance: i64| {
        let field = &isa.insns[form.0].fields[form.1];
        (field.min()..=field.max() + 1).contains(&distance)
    };
    let target = b.target.add.filter(|_| b.target.sub.is_none()).and_then(|id| {
        let weak = unit.symbols[id as usize].weak;
        match unit.symbol_value(id) {
            Ok(Value { base: Base::Section(s), n }) if s == frag.section && !weak => {
                Some(n.wrapping_add(b.target.n))
            }
            _ => None,
        }
    });
    let number = b.target.add.is_none() && b.target.sub.is_none();
    let long = if b.inverse.is_some() && !(number && b.near) { 8 } else { 4 };
    let Some(target) = target else { return long };
    let distance = target.wrapping_sub(at as i64);
    if b.short.is_some_and(|s| fits(s, distance)) {
        2
    } else if b.inverse.is_none() || fits((b.insn, b.var, b.word), distance) {
        4
    } else if b.short_inverse.is_some() {
        6
    } else {
        8
    }
}
