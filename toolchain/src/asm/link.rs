//! The small linker behind `mj as` without `-c`: places sections in a static program and applies relocations
//! (RISC-V ELF psABI, "Static Relocations").

use std::collections::HashMap;

use super::diag::Diagnostic;
use super::expr::{Base, SymId};
use super::frag::Field;
use super::operand::{high, low};
use super::raw;
use super::reloc;
use super::resolve::{Contents, Referent, Relocation, undefined};
use super::section::{SHF_ALLOC, SHF_EXECINSTR, SHF_TLS, SHF_WRITE, SHT_NOBITS};
use super::symbol::Def;
use super::unit::Unit;

/// Where the program's first segment (with the ELF header) is loaded.
pub const IMAGE_BASE: u64 = 0x10000;
/// Page size of the target: segments with different rights begin on pages of their own.
pub const PAGE: u64 = 4096;
/// Offset of `__global_pointer$` in the data segment, the reach of a 12-bit offset (psABI).
const GP_OFFSET: u64 = 0x800;
/// Bias of dynamic thread-local offsets (psABI, "Thread Local Storage").
const DTP_OFFSET: i64 = 0x800;
/// Module number of the program itself.
const PROGRAM_MODULE: i64 = 1;

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

/// The thread-local segment: start, size in the file, size in memory, alignment.
pub type Tls = (u64, u64, u64, u64);

/// The unit's sections in place, by section index, and the addresses of its symbols.
#[derive(Debug)]
pub struct Program {
    pub sections: Vec<Placed>,
    pub symbols: Vec<Option<u64>>,
    /// The global offset table behind the other data, if there is one: address and contents.
    pub got: Option<(u64, Vec<u8>)>,
    pub tls: Option<Tls>,
    /// Where the common symbols lie, behind everything else; the end of memory if there are none.
    pub common_start: Option<u64>,
    pub common_end: u64,
}

/// What an entry of the global offset table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Address,
    /// Offset from the thread pointer.
    ThreadOffset,
    /// Module and offset in its block.
    ThreadIndex,
}

/// Bytes at the beginning of the image that the ELF and program headers take.
pub fn header_size(tls: bool) -> u64 {
    // ELF header, and program headers: three PT_LOAD, PT_GNU_STACK, PT_TLS where it is needed.
    64 + (4 + u64::from(tls)) * 56
}

/// Places everything and applies all relocations.
pub fn link(unit: &Unit, contents: Vec<Contents>) -> Result<Program, Vec<Diagnostic>> {
    let relocations: Vec<Vec<Relocation>> = contents.iter().map(|c| c.relocations.clone()).collect();
    let sections = contents
        .into_iter()
        .zip(&unit.sections)
        .map(|(c, s)| Placed { addr: 0, size: s.size, data: c.data, segment: segment(s.flags) })
        .collect();
    let mut linker = Linker { unit, sections, symbols: Vec::new(), got: Vec::new(), got_addr: 0, tls: None };
    linker.entries(&relocations);
    let (common_start, common_end) = linker.place();
    let mut errors = Vec::new();
    for (section, list) in relocations.iter().enumerate() {
        let highs = linker.high_parts(section, list);
        for r in list {
            if let Err(m) = linker.apply(section, r, &highs) {
                errors.push(Diagnostic::at(&unit.lines, r.span, m));
            }
        }
    }
    let got = linker.got_contents();
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Program {
        sections: linker.sections,
        symbols: linker.symbols,
        got,
        tls: linker.tls,
        common_start,
        common_end,
    })
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

/// The order in which sections lie in memory: by segment, thread-local ones first, those without contents last.
pub fn order(unit: &Unit) -> Vec<usize> {
    let mut order: Vec<usize> = (0..unit.sections.len()).collect();
    order.sort_by_key(|&i| {
        let s = &unit.sections[i];
        let tls = s.flags & SHF_TLS != 0;
        (segment(s.flags), !tls, s.kind == SHT_NOBITS)
    });
    order
}

struct Linker<'a> {
    unit: &'a Unit,
    sections: Vec<Placed>,
    symbols: Vec<Option<u64>>,
    /// Entries of the global offset table, in order; each takes 8 bytes, a thread index 16.
    got: Vec<(Entry, Referent, i64)>,
    got_addr: u64,
    tls: Option<Tls>,
}

impl Linker<'_> {
    /// Collects what the global offset table must hold.
    fn entries(&mut self, relocations: &[Vec<Relocation>]) {
        for r in relocations.iter().flatten() {
            if let Some(entry) = got_entry(r.kind) {
                let key = (entry, r.to, r.addend);
                if !self.got.contains(&key) {
                    self.got.push(key);
                }
            }
        }
    }

    /// Gives sections, symbols, common blocks and the table their addresses; the end of the common blocks.
    fn place(&mut self) -> (Option<u64>, u64) {
        let tls = self.unit.sections.iter().any(|s| s.flags & SHF_TLS != 0);
        let mut addr = IMAGE_BASE + header_size(tls);
        let mut last = Segment::Read;
        let mut written_got = self.got.is_empty();
        let size = self.got_size();
        for s in order(self.unit) {
            let segment = self.sections[s].segment;
            if segment == Segment::None {
                continue;
            }
            let section = &self.unit.sections[s];
            if segment != last {
                addr = addr.next_multiple_of(PAGE);
                last = segment;
            }
            // The table stands at the end of the data that is in the file.
            if segment == Segment::Write
                && section.kind == SHT_NOBITS
                && section.flags & SHF_TLS == 0
                && !written_got
            {
                addr = addr.next_multiple_of(8);
                self.got_addr = addr;
                addr += size;
                written_got = true;
            }
            addr = addr.next_multiple_of(section.align);
            self.sections[s].addr = addr;
            if section.flags & SHF_TLS != 0 {
                self.grow_tls(addr, self.sections[s].size, section.kind == SHT_NOBITS, section.align);
            }
            // Thread-local blocks without contents take no place in the program itself.
            if section.flags & SHF_TLS == 0 || section.kind != SHT_NOBITS {
                addr += self.sections[s].size;
            }
        }
        if !written_got {
            if last != Segment::Write {
                addr = addr.next_multiple_of(PAGE);
            }
            addr = addr.next_multiple_of(8);
            self.got_addr = addr;
            addr += size;
        }
        let mut common_start = None;
        self.symbols = (0..self.unit.symbols.len() as SymId).map(|id| self.address(id)).collect();
        for (id, symbol) in self.unit.symbols.iter().enumerate() {
            if let Def::Common(size, align) = symbol.def {
                if last != Segment::Write && self.got.is_empty() {
                    addr = addr.next_multiple_of(PAGE);
                    last = Segment::Write;
                }
                addr = addr.next_multiple_of(align.max(1));
                common_start.get_or_insert(addr);
                self.symbols[id] = Some(addr);
                addr = addr.saturating_add(size);
            }
        }
        for (id, symbol) in self.unit.symbols.iter().enumerate() {
            if self.symbols[id].is_none() {
                let alias = self.unit.alias_of(id as SymId);
                let other = alias.and_then(|(o, n)| Some(self.symbols[o as usize]?.wrapping_add(n as u64)));
                self.symbols[id] = other.or_else(|| self.linker_symbol(&symbol.name, addr));
            }
        }
        (common_start, addr)
    }

    fn grow_tls(&mut self, addr: u64, size: u64, nobits: bool, align: u64) {
        let (start, file, memory, most) = self.tls.unwrap_or((addr, 0, 0, 1));
        let offset = (start + memory).next_multiple_of(align).max(addr) - start;
        let memory = offset + size;
        self.tls = Some((start, if nobits { file } else { memory }, memory, most.max(align)));
    }

    fn address(&self, id: SymId) -> Option<u64> {
        let value = self.unit.symbol_value(id).ok()?;
        match value.base {
            Base::Abs => Some(value.n as u64),
            Base::Section(s) => Some(self.sections[s as usize].addr.wrapping_add(value.n as u64)),
            _ => None,
        }
    }

    /// Symbols that a linker would define.
    fn linker_symbol(&self, name: &str, end: u64) -> Option<u64> {
        let in_segment =
            |segment: Segment| (0..self.sections.len()).filter(move |&s| self.sections[s].segment == segment);
        let ends = |segment: Segment, contents_only: bool| {
            in_segment(segment)
                .filter(|&s| !contents_only || self.unit.sections[s].kind != SHT_NOBITS)
                .map(|s| self.sections[s].addr + self.sections[s].size)
                .max()
        };
        let start = |nobits: bool| {
            in_segment(Segment::Write)
                .filter(|&s| !nobits || self.unit.sections[s].kind == SHT_NOBITS)
                .map(|s| self.sections[s].addr)
                .min()
        };
        Some(match name {
            "__global_pointer$" => start(false).unwrap_or(end) + GP_OFFSET,
            "_etext" | "etext" => ends(Segment::Execute, false).unwrap_or(end),
            "_edata" | "edata" => ends(Segment::Write, true).unwrap_or(end),
            "__bss_start" => start(true).unwrap_or(end),
            "_end" | "end" => end,
            "_GLOBAL_OFFSET_TABLE_" => self.got_addr,
            _ => return None,
        })
    }

    /// The address that a relocation names, without its addend.
    fn referent(&self, to: Referent) -> Result<i64, String> {
        match to {
            Referent::None => Ok(0),
            Referent::Section(s) => Ok(self.sections[s as usize].addr as i64),
            Referent::Symbol(id) => {
                let symbol = &self.unit.symbols[id as usize];
                match self.symbols[id as usize] {
                    Some(addr) => Ok(addr as i64),
                    None => Err(undefined(symbol)),
                }
            }
        }
    }

    /// Values of all relocations for upper parts relative to here, by the address of their instruction.
    fn high_parts(&self, section: usize, list: &[Relocation]) -> HashMap<u64, i64> {
        let mut found = HashMap::new();
        for r in list {
            let pc = self.sections[section].addr + r.offset;
            if matches!(
                r.kind,
                reloc::PCREL_HI20 | reloc::GOT_HI20 | reloc::TLS_GOT_HI20 | reloc::TLS_GD_HI20
            ) && let Ok(value) = self.high_value(r)
            {
                found.insert(pc, value.wrapping_sub(pc as i64));
            }
        }
        found
    }

    /// The address whose distance an upper part holds.
    fn high_value(&self, r: &Relocation) -> Result<i64, String> {
        match got_entry(r.kind) {
            Some(entry) => {
                let mut at = self.got_addr;
                for have in &self.got {
                    if *have == (entry, r.to, r.addend) {
                        return Ok(at as i64);
                    }
                    at += entry_size(have.0);
                }
                Err("the global offset table lacks an entry".to_string())
            }
            None => Ok(self.referent(r.to)?.wrapping_add(r.addend)),
        }
    }

    fn thread_offset(&self, address: i64) -> i64 {
        // The thread pointer points to the beginning of the program's block.
        address.wrapping_sub(self.tls.map_or(0, |(start, ..)| start as i64))
    }

    fn apply(&mut self, section: usize, r: &Relocation, highs: &HashMap<u64, i64>) -> Result<(), String> {
        let pc = (self.sections[section].addr + r.offset) as i64;
        let upper = |n: i64| {
            let n = high(n);
            if n == i64::from(n as i32) {
                Ok(n)
            } else {
                Err("the value does not fit in 32 bits".to_string())
            }
        };
        let value = match r.kind {
            reloc::RELAX | reloc::NONE | reloc::ALIGN | reloc::TPREL_ADD => return Ok(()),
            _ => self.referent(r.to)?.wrapping_add(r.addend),
        };
        let relative = value.wrapping_sub(pc);
        let low_part = |highs: &HashMap<u64, i64>| {
            let distance = highs.get(&(value as u64));
            distance.map(|d| low(*d)).ok_or_else(|| "the label of `%pcrel_lo` has no `%pcrel_hi`".to_string())
        };
        match r.kind {
            reloc::ABS32 => self.store(section, r, value, 4, true),
            reloc::ABS64 => self.store(section, r, value, 8, false),
            reloc::PCREL32 => self.store(section, r, relative, 4, true),
            reloc::ADD8 => self.combine(section, r, value, 1),
            reloc::ADD16 => self.combine(section, r, value, 2),
            reloc::ADD32 => self.combine(section, r, value, 4),
            reloc::ADD64 => self.combine(section, r, value, 8),
            reloc::SUB8 => self.combine(section, r, value.wrapping_neg(), 1),
            reloc::SUB16 => self.combine(section, r, value.wrapping_neg(), 2),
            reloc::SUB32 => self.combine(section, r, value.wrapping_neg(), 4),
            reloc::SUB64 => self.combine(section, r, value.wrapping_neg(), 8),
            // These begin with the whole value, which the subtraction beside them makes a distance.
            reloc::SET8 => self.store(section, r, value & 0xff, 1, false),
            reloc::SET16 => self.store(section, r, value & 0xffff, 2, false),
            reloc::SET32 => self.store(section, r, i64::from(value as u32), 4, false),
            reloc::SET6 => self.six_bits(section, r, |_| value),
            reloc::SUB6 => self.six_bits(section, r, |old| old.wrapping_sub(value)),
            reloc::BRANCH => self.field(section, r, Field::B, relative),
            reloc::JAL => self.field(section, r, Field::J, relative),
            reloc::RVC_BRANCH => self.field(section, r, Field::Cb, relative),
            reloc::RVC_JUMP => self.field(section, r, Field::Cj, relative),
            reloc::HI20 => self.bits(section, r.offset, upper(value)? as u32, 0xffff_f000),
            reloc::LO12_I => self.field(section, r, Field::I, low(value)),
            reloc::LO12_S => self.field(section, r, Field::S, low(value)),
            reloc::TPREL_HI20 => {
                let n = upper(self.thread_offset(value))?;
                self.bits(section, r.offset, n as u32, 0xffff_f000)
            }
            reloc::TPREL_LO12_I => self.field(section, r, Field::I, low(self.thread_offset(value))),
            reloc::TPREL_LO12_S => self.field(section, r, Field::S, low(self.thread_offset(value))),
            reloc::PCREL_HI20 | reloc::GOT_HI20 | reloc::TLS_GOT_HI20 | reloc::TLS_GD_HI20 => {
                let distance = self.high_value(r)?.wrapping_sub(pc);
                self.bits(section, r.offset, upper(distance)? as u32, 0xffff_f000)
            }
            reloc::PCREL_LO12_I => self.field(section, r, Field::I, low_part(highs)?),
            reloc::PCREL_LO12_S => self.field(section, r, Field::S, low_part(highs)?),
            18 | reloc::CALL_PLT => {
                self.bits(section, r.offset, upper(relative)? as u32, 0xffff_f000)?;
                let bits = raw::immediate(Field::I, low(relative))?;
                self.bits(section, r.offset + 4, bits, 0xfff0_0000)
            }
            // Offsets in the thread-local block, for debug information.
            8 => self.store(section, r, self.thread_offset(value) - DTP_OFFSET, 4, false),
            9 => self.store(section, r, self.thread_offset(value) - DTP_OFFSET, 8, false),
            kind => Err(format!("{} is not resolved here; assemble with -c and link", reloc::name(kind))),
        }
    }

    fn bytes(&mut self, section: usize, offset: u64, size: usize) -> Result<&mut [u8], String> {
        let at = usize::try_from(offset).unwrap_or(usize::MAX);
        let end = at.saturating_add(size);
        self.sections[section].data.get_mut(at..end).ok_or_else(|| "out of the section".to_string())
    }

    fn store(
        &mut self,
        section: usize,
        r: &Relocation,
        value: i64,
        size: u8,
        check: bool,
    ) -> Result<(), String> {
        let bits = u32::from(size) * 8;
        if check && (value >= 1 << bits || value < -(1 << (bits - 1))) {
            return Err(format!("{value} does not fit in {bits} bits"));
        }
        let n = usize::from(size);
        self.bytes(section, r.offset, n)?.copy_from_slice(&value.to_le_bytes()[..n]);
        Ok(())
    }

    fn combine(&mut self, section: usize, r: &Relocation, value: i64, size: usize) -> Result<(), String> {
        let place = self.bytes(section, r.offset, size)?;
        let mut old = [0; 8];
        old[..size].copy_from_slice(place);
        let new = i64::from_le_bytes(old).wrapping_add(value);
        place.copy_from_slice(&new.to_le_bytes()[..size]);
        Ok(())
    }

    fn six_bits(&mut self, section: usize, r: &Relocation, f: impl Fn(i64) -> i64) -> Result<(), String> {
        let place = self.bytes(section, r.offset, 1)?;
        place[0] = place[0] & 0xc0 | f(i64::from(place[0] & 0x3f)) as u8 & 0x3f;
        Ok(())
    }

    /// Replaces the bits `mask` of a word.
    fn bits(&mut self, section: usize, offset: u64, bits: u32, mask: u32) -> Result<(), String> {
        let place = self.bytes(section, offset, 4)?;
        let old = u32::from_le_bytes([place[0], place[1], place[2], place[3]]);
        place.copy_from_slice(&(old & !mask | bits & mask).to_le_bytes());
        Ok(())
    }

    /// Puts `value` into an immediate field of the instruction.
    fn field(&mut self, section: usize, r: &Relocation, field: Field, value: i64) -> Result<(), String> {
        let bits = raw::immediate(field, value)?;
        // All ones in the field: -step where the number is signed.
        let step = if matches!(field, Field::I | Field::S) { 1 } else { 2 };
        let mask = raw::immediate(field, -step)?;
        if matches!(field, Field::Cb | Field::Cj) {
            let place = self.bytes(section, r.offset, 2)?;
            let old = u16::from_le_bytes([place[0], place[1]]);
            place.copy_from_slice(&(old & !(mask as u16) | bits as u16).to_le_bytes());
            return Ok(());
        }
        self.bits(section, r.offset, bits, mask)
    }

    fn got_size(&self) -> u64 {
        self.got.iter().map(|(entry, ..)| entry_size(*entry)).sum()
    }

    fn got_contents(&self) -> Option<(u64, Vec<u8>)> {
        if self.got.is_empty() {
            return None;
        }
        let mut data = Vec::new();
        for (entry, to, addend) in &self.got {
            let value = match self.referent(*to) {
                Ok(v) => v.wrapping_add(*addend),
                // Undefined symbols were reported at their use; weak ones are 0.
                Err(_) => 0,
            };
            match entry {
                Entry::Address => data.extend(value.to_le_bytes()),
                Entry::ThreadOffset => data.extend(self.thread_offset(value).to_le_bytes()),
                Entry::ThreadIndex => {
                    data.extend(PROGRAM_MODULE.to_le_bytes());
                    data.extend((self.thread_offset(value) - DTP_OFFSET).to_le_bytes());
                }
            }
        }
        Some((self.got_addr, data))
    }
}

fn got_entry(kind: u32) -> Option<Entry> {
    match kind {
        reloc::GOT_HI20 => Some(Entry::Address),
        reloc::TLS_GOT_HI20 => Some(Entry::ThreadOffset),
        reloc::TLS_GD_HI20 => Some(Entry::ThreadIndex),
        _ => None,
    }
}

fn entry_size(entry: Entry) -> u64 {
    if entry == Entry::ThreadIndex { 16 } else { 8 }
}
