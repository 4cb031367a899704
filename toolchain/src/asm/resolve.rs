//! After layout: the bytes of each section, with what is known filled in and relocations for the rest.

use isa_spec::Isa;

use super::data::{leb128, nops};
use super::diag::{Diagnostic, Span};
use super::expr::{Base, SymId, Value};
use super::frag::{Branch, Fixup, Frag, FragId, Kind, Patch, Tail, Target};
use super::frame::advance_bytes;
use super::line::row_bytes;
use super::operand::{high, low};
use super::raw;
use super::relax::distance;
use super::reloc;
use super::section::SHT_NOBITS;
use super::symbol::{Def, Role, STT_TLS, Symbol};
use super::unit::Unit;

/// What a relocation refers to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Referent {
    None,
    Symbol(SymId),
    Section(u32),
}

/// A relocation of the output.
#[derive(Debug, Clone)]
pub struct Relocation {
    pub offset: u64,
    /// `R_RISCV_*`
    pub kind: u32,
    pub to: Referent,
    pub addend: i64,
    pub span: Span,
}

/// A section's contents (empty if it has none in the file) and relocations, by offset.
#[derive(Debug, Default)]
pub struct Contents {
    pub data: Vec<u8>,
    pub relocations: Vec<Relocation>,
}

/// Fills in everything; symbols that relocations need are listed on the way, in the order of their use.
pub fn resolve(isa: &Isa, unit: &mut Unit, relax_at_end: bool) -> Result<Vec<Contents>, Vec<Diagnostic>> {
    let mut errors = Vec::new();
    let mut tails: Vec<Vec<Fixup>> = Vec::with_capacity(unit.sections.len());
    let mut out: Vec<Contents> = Vec::with_capacity(unit.sections.len());
    // Every tail becomes bytes first: their relocations come behind those of the text in the order of symbols.
    for section in 0..unit.sections.len() {
        let mut contents = Contents::default();
        let mut made = Vec::new();
        let ids: Vec<FragId> = unit.sections[section].frags().collect();
        let has_bytes = unit.sections[section].kind != SHT_NOBITS;
        for id in ids {
            let frag = &unit.frags[id as usize];
            if has_bytes {
                contents.data.extend_from_slice(&frag.data);
                let code = unit.sections[section].is_code();
                match tail_bytes(isa, unit, frag, id, code && !relax_at_end, &mut made) {
                    Ok(bytes) => contents.data.extend(bytes),
                    Err((span, m)) => errors.push(Diagnostic::at(&unit.lines, span, m)),
                }
            }
        }
        tails.push(made);
        out.push(contents);
    }
    for (section, made) in tails.into_iter().enumerate() {
        let fixups = std::mem::take(&mut unit.sections[section].fixups);
        for fixup in fixups.iter().chain(&made) {
            let mut resolver = Resolver { isa, unit, out: &mut out[section] };
            if let Err(m) = resolver.fixup(fixup) {
                errors.push(Diagnostic::at(&unit.lines, fixup.span, m));
            }
        }
        out[section].relocations.sort_by_key(|r| r.offset);
    }
    if errors.is_empty() { Ok(out) } else { Err(errors) }
}

/// The bytes of a fragment's tail; fix-ups that it needs are added to `made`.
fn tail_bytes(
    isa: &Isa,
    unit: &Unit,
    frag: &Frag,
    id: FragId,
    fill_code: bool,
    made: &mut Vec<Fixup>,
) -> Result<Vec<u8>, (Span, String)> {
    let at = frag.data.len() as u32;
    let size = frag.size as usize;
    let no_span = Span { line: 0, col: 0 };
    let mut fix = |at: u32, kind: Kind, target: Target, span: Span, relax: bool| {
        made.push(Fixup { frag: id, at, kind, target, span, relax });
    };
    Ok(match &frag.tail {
        Tail::None => Vec::new(),
        Tail::Branch(b) => {
            let (bytes, jump_at, reloc, patch) = branch_bytes(isa, b, size).map_err(|m| (b.span, m))?;
            let kind = Kind::Insn { reloc, patch: Some(patch) };
            fix(at + jump_at, kind, b.target, b.span, b.relax && reloc::relaxable(reloc));
            bytes
        }
        Tail::Align { fill, .. } => match fill {
            Some(pattern) if !pattern.is_empty() => {
                // The pattern ends at the boundary; what is left before it is zeros.
                let mut bytes = vec![0; size % pattern.len()];
                while bytes.len() < size {
                    bytes.extend(pattern);
                }
                bytes
            }
            _ if fill_code => nops(size),
            _ => vec![0; size],
        },
        Tail::Fill { size: unit_size, value, .. } => {
            let item = value.to_le_bytes();
            let item = &item[..usize::from(*unit_size)];
            if item.iter().all(|b| *b == 0) { vec![0; size] } else { item.repeat(size / item.len().max(1)) }
        }
        Tail::Org { fill, .. } => vec![*fill; size],
        Tail::Leb { value, signed, span } => {
            let n = unit.late(value).map_err(|m| (*span, m))?.n;
            leb128(n, *signed)
        }
        Tail::Advance { from, to } => {
            let delta = distance(unit, *from, *to).map_err(|m| (no_span, m))?;
            let bytes = advance_bytes(delta);
            let target = Target { add: Some(*to), sub: Some(*from), n: 0 };
            match bytes.len() {
                1 => fix(at, Kind::Pair(reloc::SET6, reloc::SUB6), target, no_span, false),
                2 => fix(at + 1, Kind::Pair(reloc::SET8, reloc::SUB8), target, no_span, false),
                3 => fix(at + 1, Kind::Pair(reloc::SET16, reloc::SUB16), target, no_span, false),
                5 => fix(at + 1, Kind::Pair(reloc::SET32, reloc::SUB32), target, no_span, false),
                _ => {}
            }
            bytes
        }
        Tail::Row { lines, from, to } => {
            let delta = distance(unit, *from, *to).map_err(|m| (no_span, m))?;
            let (bytes, offset, width) = row_bytes(*lines, delta);
            let sub = (width == 2).then_some(*from);
            let target = Target { add: Some(*to), sub, n: 0 };
            fix(at + offset as u32, Kind::Data(width), target, no_span, false);
            bytes
        }
    })
}

/// The bytes of a branch in the form that layout chose: where its far-reaching part is, with which relocation.
fn branch_bytes(isa: &Isa, b: &Branch, size: usize) -> Result<(Vec<u8>, u32, u32, Patch), String> {
    let inverse = b.inverse.is_some();
    let patch = |form: (usize, usize, u32)| Patch::Insn { insn: form.0, var: form.1 };
    let plain = (b.insn, b.var, b.word);
    if size == 2
        && let Some(short) = b.short
    {
        let reloc = if inverse { reloc::RVC_BRANCH } else { reloc::RVC_JUMP };
        return Ok((short.2.to_le_bytes()[..2].to_vec(), 0, reloc, patch(short)));
    }
    if size == 4 {
        let reloc = if inverse { reloc::BRANCH } else { reloc::JAL };
        return Ok((plain.2.to_le_bytes().to_vec(), 0, reloc, patch(plain)));
    }
    let over = if size == 6 { b.short_inverse } else { b.inverse };
    let over = over.ok_or("a branch cannot go this far")?;
    let jal = isa.by_name("jal").ok_or("the specification has no `jal`")?;
    let target = jal.fields.iter().position(|f| f.kind == isa_spec::FieldKind::Target);
    let target = target.ok_or("the specification's `jal` has no target")?;
    let around = isa.insns[over.0].fields[over.1].insert(size as i64).map_err(|e| e.to_string())?;
    let mut bytes = (over.2 | around).to_le_bytes()[..size - 4].to_vec();
    bytes.extend(jal.bits.to_le_bytes());
    let jal = Patch::Insn { insn: usize::from(jal.id.0), var: target };
    Ok((bytes, size as u32 - 4, reloc::JAL, jal))
}

struct Resolver<'a> {
    isa: &'a Isa,
    unit: &'a mut Unit,
    out: &'a mut Contents,
}

/// A symbol of a fix-up, looked at: what it is relative to, its value there, and what a relocation names.
struct Term {
    value: Value,
    to: Referent,
    offset: i64,
}

impl Resolver<'_> {
    fn fixup(&mut self, fixup: &Fixup) -> Result<(), String> {
        let offset = self.unit.frags[fixup.frag as usize].addr + u64::from(fixup.at);
        let mut n = fixup.target.n;
        let mut add = self.term(fixup.target.add)?;
        let mut sub = self.term(fixup.target.sub)?;
        if let Some(t) = &add
            && t.value.base == Base::Abs
        {
            n = n.wrapping_add(t.value.n);
            add = None;
        }
        if let Some(t) = &sub
            && t.value.base == Base::Abs
        {
            n = n.wrapping_sub(t.value.n);
            sub = None;
        }
        if let (Some(a), Some(s)) = (&add, &sub)
            && a.value.base == s.value.base
            && let Base::Section(section) = a.value.base
            && !self.unit.sections[section as usize].is_code()
            && !matches!(fixup.kind, Kind::Pair(..))
        {
            // A linker does not relax data, so this is known.
            n = n.wrapping_add(a.value.n.wrapping_sub(s.value.n));
            (add, sub) = (None, None);
        }
        match fixup.kind {
            Kind::Data(size) => self.data(fixup, offset, size, add, sub, n),
            Kind::Pair(plus, minus) => {
                if let (Some(a), Some(s)) = (add, sub) {
                    self.emit(fixup, offset, plus, a.to, a.offset.wrapping_add(n));
                    self.emit(fixup, offset, minus, s.to, s.offset);
                }
                Ok(())
            }
            _ if sub.is_some() => Err("no relocation holds this difference".to_string()),
            Kind::Insn { reloc, patch } => self.instruction(fixup, offset, reloc, patch, add, n),
            Kind::Number(patch) => match add {
                None => self.patch(patch, offset, n, false),
                Some(t) => Err(self.not_absolute(&t)),
            },
            Kind::Reloc(kind) => {
                let (to, extra) = add.map_or((Referent::None, 0), |t| (t.to, t.offset));
                self.emit(fixup, offset, kind, to, extra.wrapping_add(n));
                Ok(())
            }
        }
    }

    fn not_absolute(&self, term: &Term) -> String {
        match term.to {
            Referent::Symbol(id) if matches!(term.value.base, Base::Undefined(_)) => {
                undefined(&self.unit.symbols[id as usize])
            }
            _ => "needs a value that does not depend on where things are linked".to_string(),
        }
    }

    fn term(&mut self, id: Option<SymId>) -> Result<Option<Term>, String> {
        let Some(id) = id else { return Ok(None) };
        let value = self.unit.symbol_value(id)?;
        let symbol = &self.unit.symbols[id as usize];
        let expression = symbol.role == Role::Expression;
        let (to, offset) = match value.base {
            Base::Undefined(other) if other != id => (Referent::Symbol(other), value.n),
            Base::Section(section) if expression => (Referent::Section(section), value.n),
            _ => (Referent::Symbol(id), 0),
        };
        Ok(Some(Term { value, to, offset }))
    }

    fn data(
        &mut self,
        fixup: &Fixup,
        offset: u64,
        size: u8,
        add: Option<Term>,
        sub: Option<Term>,
        n: i64,
    ) -> Result<(), String> {
        match (add, sub) {
            (None, None) => {
                let bits = u32::from(size) * 8;
                if bits < 64 && (n >= 1 << bits || n < -(1 << bits)) {
                    return Err(format!("{n} does not fit in {bits} bits"));
                }
                let at = offset as usize;
                let place = self.out.data.get_mut(at..at + usize::from(size)).ok_or("out of the section")?;
                place.copy_from_slice(&n.to_le_bytes()[..usize::from(size)]);
            }
            (Some(a), None) => {
                let kind = match size {
                    4 => reloc::ABS32,
                    8 => reloc::ABS64,
                    _ => return Err(format!("no relocation holds an address in {size} bytes")),
                };
                self.emit(fixup, offset, kind, a.to, a.offset.wrapping_add(n));
            }
            (Some(a), Some(s)) => {
                let (plus, minus) = reloc::difference(size);
                self.emit(fixup, offset, plus, a.to, a.offset.wrapping_add(n));
                self.emit(fixup, offset, minus, s.to, s.offset);
            }
            (None, Some(_)) => return Err("no relocation holds a negated address".to_string()),
        }
        Ok(())
    }

    fn instruction(
        &mut self,
        fixup: &Fixup,
        offset: u64,
        kind: u32,
        patch: Option<Patch>,
        add: Option<Term>,
        n: i64,
    ) -> Result<(), String> {
        let Some(term) = add else {
            match (kind, patch) {
                (reloc::HI20, Some(patch)) => {
                    return self.patch(patch, offset, i64::from(high(n) as i32), false);
                }
                (reloc::LO12_I | reloc::LO12_S, Some(patch)) => {
                    return self.patch(patch, offset, low(n), false);
                }
                _ => {}
            }
            self.emit(fixup, offset, kind, Referent::None, n);
            return Ok(());
        };
        if matches!(kind, reloc::BRANCH | reloc::JAL | reloc::RVC_BRANCH | reloc::RVC_JUMP)
            && let Some(patch) = patch
        {
            // A distance that makes listings readable; the linker writes the real one.
            let place = match term.value.base {
                Base::Section(_) => term.value.n,
                _ => term.offset,
            };
            let tentative = place.wrapping_add(n).wrapping_sub(offset as i64);
            self.patch(patch, offset, tentative, true)?;
        }
        // The addend stands in absolute parts too, for listings.
        if let (reloc::HI20 | reloc::LO12_I | reloc::LO12_S, Some(patch)) = (kind, patch) {
            let part = if kind == reloc::HI20 { i64::from(high(n) as i32) } else { low(n) };
            self.patch(patch, offset, part, false)?;
        }
        if reloc::thread_local(kind)
            && let Referent::Symbol(id) = term.to
        {
            self.unit.list(id);
            self.unit.symbols[id as usize].kind = STT_TLS;
        }
        self.emit(fixup, offset, kind, term.to, term.offset.wrapping_add(n));
        Ok(())
    }

    /// Writes `value` into an instruction; `wrap` takes what fits of it.
    fn patch(&mut self, patch: Patch, offset: u64, value: i64, wrap: bool) -> Result<(), String> {
        let (bits, len) = encode(self.isa, patch, value, wrap)?;
        let at = offset as usize;
        let place = self.out.data.get_mut(at..at + len).ok_or("out of the section")?;
        for (b, add) in place.iter_mut().zip(bits.to_le_bytes()) {
            *b |= add;
        }
        Ok(())
    }

    fn emit(&mut self, fixup: &Fixup, offset: u64, kind: u32, to: Referent, addend: i64) {
        if let Referent::Symbol(id) = to {
            self.unit.list(id);
            self.unit.symbols[id as usize].used = true;
        }
        let span = fixup.span;
        self.out.relocations.push(Relocation { offset, kind, to, addend, span });
        if fixup.relax {
            let to = Referent::None;
            self.out.relocations.push(Relocation { offset, kind: reloc::RELAX, to, addend, span });
        }
    }
}

/// The numeric labels that relocations need and nobody defines: no other file can.
pub fn missing_labels(unit: &Unit, contents: &[Contents]) -> Vec<Diagnostic> {
    let relocations = contents.iter().flat_map(|c| &c.relocations);
    relocations
        .filter_map(|r| {
            let Referent::Symbol(id) = r.to else { return None };
            let symbol = &unit.symbols[id as usize];
            let missing = symbol.role == Role::Numeric && matches!(symbol.def, Def::None);
            missing.then(|| Diagnostic::at(&unit.lines, r.span, undefined(symbol)))
        })
        .collect()
}

/// What to say of a symbol that nobody defines.
pub fn undefined(symbol: &Symbol) -> String {
    if symbol.role == Role::Numeric {
        let number = symbol.name.trim_end_matches('f');
        format!("there is no label `{number}:` after this")
    } else if symbol.weak {
        format!("the weak symbol `{}` is not defined", symbol.name)
    } else {
        format!("`{}` is not defined", symbol.name)
    }
}

/// The bits of `value` in the field that `patch` names, and the instruction's length.
pub fn encode(isa: &Isa, patch: Patch, value: i64, wrap: bool) -> Result<(u32, usize), String> {
    match patch {
        Patch::Insn { insn, var } => {
            let insn = &isa.insns[insn];
            let field = &insn.fields[var];
            let value = if wrap {
                let unused = 64 - u32::from(field.value_width());
                let unit = (1i64 << field.left_shift) - 1;
                (value << unused >> unused) & !unit
            } else {
                value
            };
            Ok((field.insert(value).map_err(|e| e.to_string())?, usize::from(insn.len)))
        }
        Patch::Raw(field) => {
            let len = if matches!(field, super::frag::Field::Cb | super::frag::Field::Cj) { 2 } else { 4 };
            Ok((raw::immediate(field, value).or_else(|m| if wrap { Ok(0) } else { Err(m) })?, len))
        }
    }
}
