//! Layout: fragment sizes and addresses, long branches where needed, and fix-ups applied.

use std::collections::HashMap;

use isa_spec::Isa;

use super::diag::{Diagnostic, Span};
use super::expr::{Base, Expr, SymId, Value, eval};
use super::insn::{high, low};
use super::raw;
use super::unit::{
    Branch, Def, Fixup, Frag, How, SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, Target, Unit,
};

/// Where the program's first segment (with the ELF header) is loaded.
pub const IMAGE_BASE: u64 = 0x10000;
/// Page size of the target: segments with different rights begin on pages of their own.
pub const PAGE: u64 = 4096;
/// Largest section this assembler makes, in bytes.
const MAX_SECTION: u64 = 1 << 30;
/// Offset of `__global_pointer$` in the data segment, the reach of a 12-bit offset (psABI).
const GP_OFFSET: u64 = 0x800;

/// A section's place and contents.
#[derive(Debug)]
pub struct Placed {
    /// Address; 0 for a section that is not loaded.
    pub addr: u64,
    /// Size in bytes, also of a section without contents.
    pub size: u64,
    /// Contents; empty for `SHT_NOBITS`.
    pub data: Vec<u8>,
    pub segment: Segment,
}

/// Which segment a section goes to, in the order in which they lie in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Read-only data, behind the ELF header.
    Read,
    Execute,
    Write,
    /// Not loaded.
    None,
}

/// The unit's sections in place, by section index, and the values of its symbols.
#[derive(Debug)]
pub struct Program {
    pub sections: Vec<Placed>,
    pub symbols: Vec<Option<u64>>,
}

struct Layout<'a> {
    isa: &'a Isa,
    /// Offset of each fragment in its section.
    offsets: Vec<Vec<u64>>,
    sizes: Vec<u64>,
    addrs: Vec<u64>,
    segments: Vec<Segment>,
    errors: Vec<Diagnostic>,
}

/// Bytes at the beginning of the image that the ELF and program headers take.
pub fn header_size() -> u64 {
    // ELF header, and four program headers (three PT_LOAD, PT_GNU_STACK).
    64 + 4 * 56
}

/// Places everything and fills in all values.
pub fn place(isa: &Isa, unit: &mut Unit) -> Result<Program, Vec<Diagnostic>> {
    let segments = unit.sections.iter().map(|s| segment(s.flags)).collect();
    let n = unit.sections.len();
    let mut layout = Layout {
        isa,
        offsets: unit.sections.iter().map(|s| vec![0; s.frags.len()]).collect(),
        sizes: vec![0; n],
        addrs: vec![0; n],
        segments,
        errors: Vec::new(),
    };
    // Branches only ever grow, so this ends; fills that depend on distances settle on the way.
    let mut rounds = 0;
    loop {
        let moved = layout.measure(unit);
        let grown = layout.grow_branches(unit);
        rounds += 1;
        if !layout.errors.is_empty() {
            return Err(layout.errors);
        }
        if !moved && !grown {
            break;
        }
        if rounds > 1000 {
            return Err(vec![Diagnostic::file(
                unit.lines.first().map_or("<input>", |l| &l.file),
                "the sizes of `.skip` and `.org` depend on each other without end",
            )]);
        }
    }
    layout.define_linker_symbols(unit);
    let mut sections = Vec::with_capacity(n);
    for index in 0..n {
        let data = layout.contents(unit, index);
        sections.push(Placed {
            addr: layout.addrs[index],
            size: layout.sizes[index],
            data,
            segment: layout.segments[index],
        });
    }
    let symbols = (0..unit.symbols.len() as SymId)
        .map(|id| match &unit.symbols[id as usize].def {
            Def::None => None,
            _ => layout.value(unit, &Expr::Sym(id)).ok().map(|v| v as u64),
        })
        .collect();
    if layout.errors.is_empty() { Ok(Program { sections, symbols }) } else { Err(layout.errors) }
}

fn segment(flags: u64) -> Segment {
    if flags & SHF_ALLOC == 0 {
        Segment::None
    } else if flags & SHF_WRITE != 0 {
        Segment::Write
    } else if flags & SHF_EXECINSTR != 0 {
        Segment::Execute
    } else {
        Segment::Read
    }
}

/// The order in which sections lie in memory: by segment, those without contents last.
pub fn order(unit: &Unit) -> Vec<usize> {
    let mut order: Vec<usize> = (0..unit.sections.len()).collect();
    order.sort_by_key(|&i| {
        let s = &unit.sections[i];
        (segment(s.flags), s.kind == SHT_NOBITS)
    });
    order
}

impl Layout<'_> {
    /// Computes offsets, sizes and addresses; true if any changed.
    fn measure(&mut self, unit: &Unit) -> bool {
        let mut moved = false;
        for (s, section) in unit.sections.iter().enumerate() {
            let mut at = 0u64;
            for (f, frag) in section.frags.iter().enumerate() {
                moved |= self.offsets[s][f] != at;
                self.offsets[s][f] = at;
                let size = self.frag_size(unit, s, frag, at);
                at = at.saturating_add(size);
                if at > MAX_SECTION {
                    self.error(
                        unit,
                        frag_span(frag),
                        format!("the section {} grows past 1 GiB", section.name),
                    );
                    return false;
                }
            }
            moved |= self.sizes[s] != at;
            self.sizes[s] = at;
        }
        let mut addr = IMAGE_BASE + header_size();
        let mut last = Segment::Read;
        for s in order(unit) {
            let segment = self.segments[s];
            if segment == Segment::None {
                self.addrs[s] = 0;
                continue;
            }
            if segment != last {
                addr = addr.next_multiple_of(PAGE);
                last = segment;
            }
            addr = addr.next_multiple_of(unit.sections[s].align);
            moved |= self.addrs[s] != addr;
            self.addrs[s] = addr;
            addr += self.sizes[s];
        }
        moved
    }

    fn frag_size(&mut self, unit: &Unit, section: usize, frag: &Frag, at: u64) -> u64 {
        match frag {
            Frag::Bytes { data, .. } => data.len() as u64,
            Frag::Branch(b) => 4 + 4 * u64::from(b.long),
            Frag::Align { to, max, .. } => {
                let pad = at.next_multiple_of(*to) - at;
                if pad > *max { 0 } else { pad }
            }
            Frag::Fill { count, size, span, .. } => match self.value(unit, count) {
                Ok(n) => match u64::try_from(n).ok().and_then(|n| n.checked_mul(u64::from(*size))) {
                    Some(n) => n,
                    None => {
                        self.error(unit, Some(*span), format!("the count {n} is negative or too large"));
                        0
                    }
                },
                Err(m) => {
                    self.error(unit, Some(*span), m);
                    0
                }
            },
            Frag::Org { to, span, .. } => match self.value(unit, to) {
                Ok(n) => {
                    // A label names a place in the program, a number one in the section.
                    let n = n as u64;
                    let start = self.addrs[section];
                    let offset = if start != 0 && n >= start { n - start } else { n };
                    offset.checked_sub(at).unwrap_or_else(|| {
                        self.error(unit, Some(*span), "`.org` cannot go back");
                        0
                    })
                }
                Err(m) => {
                    self.error(unit, Some(*span), m);
                    0
                }
            },
        }
    }

    fn error(&mut self, unit: &Unit, span: Option<Span>, message: impl Into<String>) {
        let span = span.unwrap_or(Span { line: 0, col: 0 });
        self.errors.push(Diagnostic::at(&unit.lines, span, message));
    }

    fn grow_branches(&mut self, unit: &mut Unit) -> bool {
        let mut grow = Vec::new();
        for (s, section) in unit.sections.iter().enumerate() {
            for (f, frag) in section.frags.iter().enumerate() {
                if let Frag::Branch(b) = frag
                    && !b.long
                    && let Ok(target) = self.value(unit, &b.target)
                {
                    let pc = self.addrs[s] + self.offsets[s][f];
                    let field = &self.isa.insns[b.insn].fields[b.var];
                    let distance = target.wrapping_sub(pc as i64);
                    if distance < field.min() || distance > field.max() {
                        grow.push((s, f));
                    }
                }
            }
        }
        for &(s, f) in &grow {
            if let Frag::Branch(b) = &mut unit.sections[s].frags[f] {
                b.long = true;
            }
        }
        !grow.is_empty()
    }

    /// The address of a symbol or the value of an expression.
    fn value(&self, unit: &Unit, expr: &Expr) -> Result<i64, String> {
        self.value_at(unit, expr, 0)
    }

    fn value_at(&self, unit: &Unit, expr: &Expr, depth: u32) -> Result<i64, String> {
        if depth > 64 {
            return Err("the symbol is defined by itself".into());
        }
        let value = eval(expr, &mut |id| {
            let symbol = &unit.symbols[id as usize];
            match &symbol.def {
                Def::Label(s, f, offset) => {
                    let (s, f) = (*s as usize, *f as usize);
                    let start = self.offsets[s].get(f).copied().unwrap_or(self.sizes[s]);
                    Ok(Value::abs((self.addrs[s] + start + offset) as i64))
                }
                Def::Equ(inner) => self.value_at(unit, inner, depth + 1).map(Value::abs),
                Def::None => self.linker_symbol(unit, &symbol.name).map(Value::abs).ok_or_else(|| {
                    if symbol.name.starts_with(|c: char| c.is_ascii_digit()) {
                        let number = symbol.name.trim_end_matches('f');
                        format!("there is no label `{number}:` after this")
                    } else if symbol.weak {
                        format!("the weak symbol `{}` is not defined", symbol.name)
                    } else {
                        format!("`{}` is not defined", symbol.name)
                    }
                }),
            }
        })?;
        match value {
            Value { base: Base::Abs, n } => Ok(n),
            _ => Err("the value is not known".into()),
        }
    }

    /// Symbols that a linker would define.
    fn linker_symbol(&self, unit: &Unit, name: &str) -> Option<i64> {
        let ends = |segment: Segment, contents_only: bool| {
            (0..unit.sections.len())
                .filter(|&s| self.segments[s] == segment)
                .filter(|&s| !contents_only || unit.sections[s].kind != SHT_NOBITS)
                .map(|s| self.addrs[s] + self.sizes[s])
                .max()
        };
        let data_start = (0..unit.sections.len())
            .filter(|&s| self.segments[s] == Segment::Write)
            .map(|s| self.addrs[s])
            .min();
        let bss_start = (0..unit.sections.len())
            .filter(|&s| self.segments[s] == Segment::Write && unit.sections[s].kind == SHT_NOBITS)
            .map(|s| self.addrs[s])
            .min();
        let last = [Segment::Write, Segment::Execute, Segment::Read].into_iter().find_map(|s| ends(s, false));
        let addr = match name {
            "__global_pointer$" => data_start.or(last)? + GP_OFFSET,
            "_etext" | "etext" => ends(Segment::Execute, false)?,
            "_edata" | "edata" => ends(Segment::Write, true).or(last)?,
            "__bss_start" => bss_start.or(last)?,
            "_end" | "end" => last?,
            _ => return None,
        };
        Some(addr as i64)
    }

    fn define_linker_symbols(&self, unit: &mut Unit) {
        for id in 0..unit.symbols.len() {
            if unit.symbols[id].def == Def::None
                && let Some(v) = self.linker_symbol(unit, &unit.symbols[id].name)
            {
                unit.symbols[id].def = Def::Equ(Expr::Num(v));
            }
        }
    }

    /// The bytes of section `s`, all fix-ups applied.
    fn contents(&mut self, unit: &Unit, s: usize) -> Vec<u8> {
        let section = &unit.sections[s];
        if section.kind == SHT_NOBITS {
            return Vec::new();
        }
        let mut out: Vec<u8> = Vec::with_capacity(self.sizes[s] as usize);
        let high_parts = self.high_parts(unit);
        for (f, frag) in section.frags.iter().enumerate() {
            let start = out.len();
            let pc = self.addrs[s] + start as u64;
            let size = self.offsets[s].get(f + 1).map_or(self.sizes[s], |o| *o) - self.offsets[s][f];
            match frag {
                Frag::Bytes { data, fixups } => {
                    out.extend_from_slice(data);
                    for fixup in fixups {
                        let at = start + fixup.at;
                        let pc = pc + fixup.at as u64;
                        if let Err(m) = self.apply(unit, fixup, pc, &mut out[at..], &high_parts) {
                            self.error(unit, Some(fixup.span), m);
                        }
                    }
                }
                Frag::Branch(b) => match self.branch(unit, b, pc) {
                    Ok(bytes) => out.extend_from_slice(&bytes),
                    Err(m) => self.error(unit, Some(b.span), m),
                },
                Frag::Align { fill, .. } => {
                    let code = section.flags & SHF_EXECINSTR != 0 && fill.is_none();
                    if code {
                        out.extend(nops(size as usize));
                    } else {
                        out.resize(start + size as usize, fill.unwrap_or(0));
                    }
                }
                Frag::Fill { size: unit_size, value, .. } => {
                    let item = value.to_le_bytes();
                    let item = &item[..usize::from(*unit_size)];
                    while !item.is_empty() && out.len() < start + size as usize {
                        out.extend_from_slice(item);
                    }
                }
                Frag::Org { fill, .. } => out.resize(start + size as usize, *fill),
            }
        }
        out
    }

    /// Targets of all `%pcrel_hi` by the address of their instruction, for `%pcrel_lo`.
    fn high_parts(&self, unit: &Unit) -> HashMap<u64, i64> {
        let mut found = HashMap::new();
        for (s, section) in unit.sections.iter().enumerate() {
            for (f, frag) in section.frags.iter().enumerate() {
                let Frag::Bytes { fixups, .. } = frag else { continue };
                for fixup in fixups.iter().filter(|x| x.how == How::PcrelHi) {
                    if let Ok(target) = self.value(unit, &fixup.expr) {
                        let pc = self.addrs[s] + self.offsets[s][f] + fixup.at as u64;
                        found.insert(pc, target);
                    }
                }
            }
        }
        found
    }

    fn apply(
        &self,
        unit: &Unit,
        fixup: &Fixup,
        pc: u64,
        bytes: &mut [u8],
        high_parts: &HashMap<u64, i64>,
    ) -> Result<(), String> {
        let value = self.value(unit, &fixup.expr)?;
        let relative = value.wrapping_sub(pc as i64);
        let upper = |n: i64| {
            let n = high(n);
            if n == i64::from(n as i32) {
                Ok(n)
            } else {
                Err("the value does not fit in 32 bits".to_string())
            }
        };
        let number = match fixup.how {
            How::Value => value,
            How::PcRel => relative,
            How::Hi => upper(value)?,
            How::Lo => low(value),
            How::PcrelHi => upper(relative)?,
            How::PcrelLo => {
                let target =
                    high_parts.get(&(value as u64)).ok_or("the label of `%pcrel_lo` has no `%pcrel_hi`")?;
                low(target.wrapping_sub(value))
            }
            How::PcrelLoBack(n) => low(relative.wrapping_add(i64::from(n))),
        };
        match fixup.target {
            Target::Data(size) => {
                let bits = u32::from(size) * 8;
                if bits < 64 && (number >= 1 << bits || number < -(1 << (bits - 1))) {
                    return Err(format!("{number} does not fit in {size} bytes"));
                }
                bytes[..usize::from(size)].copy_from_slice(&number.to_le_bytes()[..usize::from(size)]);
            }
            Target::Insn { insn, var } => {
                let insn = &self.isa.insns[insn];
                let bits = insn.fields[var].insert(number).map_err(|e| e.to_string())?;
                patch(bytes, bits, insn.len);
            }
            Target::Raw(field) => {
                let len =
                    if matches!(field, super::unit::Field::Cb | super::unit::Field::Cj) { 2 } else { 4 };
                patch(bytes, raw::immediate(field, number)?, len);
            }
        }
        Ok(())
    }

    fn branch(&self, unit: &Unit, b: &Branch, pc: u64) -> Result<Vec<u8>, String> {
        let target = self.value(unit, &b.target)?;
        let field = &self.isa.insns[b.insn].fields[b.var];
        let insert = |f: &isa_spec::Field, n: i64| f.insert(n).map_err(|e| e.to_string());
        if !b.long {
            let word = b.word | insert(field, target.wrapping_sub(pc as i64))?;
            return Ok(word.to_le_bytes().to_vec());
        }
        let over = b.inverse | insert(field, 8)?;
        let (jal, var, word) = b.jal;
        let jump = word | insert(&self.isa.insns[jal].fields[var], target.wrapping_sub(pc as i64 + 4))?;
        Ok([over.to_le_bytes(), jump.to_le_bytes()].concat())
    }
}

fn frag_span(frag: &Frag) -> Option<Span> {
    match frag {
        Frag::Fill { span, .. } | Frag::Org { span, .. } => Some(*span),
        Frag::Branch(b) => Some(b.span),
        _ => None,
    }
}

fn patch(bytes: &mut [u8], bits: u32, len: u8) {
    for (b, add) in bytes.iter_mut().zip(bits.to_le_bytes()).take(usize::from(len)) {
        *b |= add;
    }
}

/// Padding that executes as nothing: `nop`, and `c.nop` where two bytes are left.
fn nops(size: usize) -> Vec<u8> {
    let mut out = vec![0; size % 2];
    if size % 4 >= 2 {
        out.extend([0x01, 0x00]);
    }
    while out.len() < size {
        out.extend([0x13, 0, 0, 0]);
    }
    out
}
