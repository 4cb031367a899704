//! What `mj objdump` prints of a RISC-V ELF file, in the form of GNU objdump: instructions, relocations, symbols,
//! section headers.

mod code;
mod lines;
mod tables;
mod trace;

use std::fmt::Write;

use anyhow::{Result, bail};
use goblin::elf::{Elf, Sym, header, program_header, section_header, sym};
use isa_spec::Isa;

use code::Listing;
use lines::SourceLines;
pub use trace::Trace;

/// What to list, and how. Instructions are listed if nothing else is asked for.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of sections; all executable ones (of instructions) or all (of tables) if empty.
    pub sections: Vec<String>,
    /// Instructions by their own names instead of aliases.
    pub plain: bool,
    /// Registers as x0 to x31 and f0 to f31.
    pub numeric: bool,
    pub disassemble: bool,
    /// Only the instructions of this symbol.
    pub symbol: Option<String>,
    /// The text of source lines before the instructions made of them.
    pub source: bool,
    /// The file and line of these.
    pub line_numbers: bool,
    /// What a run executed: only that is listed, with counts.
    pub trace: Option<Trace>,
    /// Relocations: with the instructions if those are listed, else as tables.
    pub relocations: bool,
    pub symbols: bool,
    pub headers: bool,
}

/// A run of bytes to list.
struct Region<'a> {
    name: String,
    /// Index of the section; `None` for a segment.
    section: Option<usize>,
    addr: u64,
    bytes: &'a [u8],
}

/// A symbol of the program.
struct Symbol<'a> {
    addr: u64,
    name: &'a str,
    section: usize,
    /// Order among symbols at one address: functions, other globals, local ones, as objdump prefers them.
    rank: u8,
}

/// A mapping symbol (psABI): from here on data or code.
struct Mapping {
    addr: u64,
    section: usize,
    data: bool,
}

/// A relocation: place, type, and what it refers to.
struct Relocation {
    offset: u64,
    kind: u32,
    name: String,
    addend: i64,
}

impl Relocation {
    /// The symbol and the addend, which takes `digits` characters at least.
    fn value(&self, digits: usize) -> String {
        let n = self.addend.unsigned_abs();
        match self.addend {
            0 => self.name.clone(),
            a if a < 0 => format!("{}-{n:#0digits$x}", self.name),
            _ => format!("{}+{n:#0digits$x}", self.name),
        }
    }
}

/// What `options` ask for of `bytes`, the contents of the file `name`.
pub fn disassemble(isa: &Isa, name: &str, bytes: &[u8], options: &Options) -> Result<String> {
    if !bytes.starts_with(b"\x7fELF") {
        bail!("{name}: not an ELF file");
    }
    let elf = match Elf::parse(bytes) {
        Ok(elf) => elf,
        Err(e) => bail!("{name}: not a usable ELF file: {e}"),
    };
    if elf.header.e_machine != header::EM_RISCV {
        let machine = header::machine_to_str(elf.header.e_machine);
        bail!("{name}: an ELF file for {machine}, not for RISC-V");
    }
    if !elf.little_endian {
        bail!("{name}: a big-endian RISC-V file, which mj does not know");
    }
    let mut out = String::new();
    let bits = if elf.is_64 { 64 } else { 32 };
    writeln!(out, "\n{name}:     file format elf{bits}-littleriscv\n")?;
    if options.headers {
        tables::headers(&mut out, &elf)?;
    }
    if options.symbols {
        tables::symbols(&mut out, &elf)?;
    }
    let tables_only = options.relocations || options.symbols || options.headers;
    let code = options.disassemble || options.source || options.line_numbers || options.trace.is_some();
    if code || !tables_only {
        instructions(isa, &mut out, name, &elf, bytes, options)?;
    } else if options.relocations {
        tables::relocations(&mut out, &elf, options)?;
    }
    Ok(out)
}

fn instructions(
    isa: &Isa,
    out: &mut String,
    name: &str,
    elf: &Elf,
    bytes: &[u8],
    options: &Options,
) -> Result<()> {
    // In a relocatable file every section begins at 0, so that symbols belong to sections.
    let relocatable = elf.header.e_type == header::ET_REL;
    let mut lines = match options.source || options.line_numbers {
        true => Some(SourceLines::read(name, elf, bytes)?),
        false => None,
    };
    let mut trace = options.trace.clone();
    if let Some(trace) = &mut trace {
        trace.relocate(bias(elf));
    }
    let mut listed = false;
    for region in &regions(name, elf, bytes, options)? {
        writeln!(out, "\nDisassembly of section {}:", region.name)?;
        let (symbols, mappings) = symbols(elf, region.section.filter(|_| relocatable));
        let relocations = match region.section {
            Some(section) if options.relocations => relocations(elf, section),
            _ => Vec::new(),
        };
        let mut listing = Listing {
            isa,
            symbols: &symbols,
            mappings: &mappings,
            relocations: &relocations,
            options,
            width: width(region),
            upper: [None; 32],
            lines: lines.as_mut(),
            section: region.section.filter(|_| relocatable),
            trace: trace.as_mut(),
        };
        listed |= listing.region(out, region)?;
    }
    if let Some(symbol) = options.symbol.as_ref().filter(|_| !listed) {
        bail!("{name}: no instructions of a symbol `{symbol}`");
    }
    match trace {
        Some(trace) if options.symbol.is_none() => trace.rest(out, isa, options.plain),
        _ => Ok(()),
    }
}

/// How far above its own addresses `mj run` loads the file.
fn bias(elf: &Elf) -> u64 {
    let loads = elf.program_headers.iter().filter(|p| p.p_type == program_header::PT_LOAD && p.p_memsz != 0);
    let lowest = loads.map(|p| p.p_vaddr).min().unwrap_or(0) & !4095;
    if elf.header.e_type == header::ET_DYN { emu::loader::PIE_BASE.wrapping_sub(lowest) } else { 0 }
}

/// Width of a region's addresses: with a blank before them, a multiple of four.
fn width(region: &Region) -> usize {
    let end = region.addr.wrapping_add(region.bytes.len() as u64).max(1);
    (end.ilog2() as usize / 4 + 2).next_multiple_of(4)
}

/// The relocations of a section, by place.
fn relocations(elf: &Elf, section: usize) -> Vec<Relocation> {
    let mut out = Vec::new();
    for (index, table) in &elf.shdr_relocs {
        let applies = elf.section_headers.get(*index).is_some_and(|s| s.sh_info as usize == section);
        if !applies {
            continue;
        }
        for r in table.iter() {
            let name = match elf.syms.get(r.r_sym) {
                Some(s) if r.r_sym != 0 => symbol_name(elf, &s).to_string(),
                _ => "*ABS*".to_string(),
            };
            let addend = r.r_addend.unwrap_or(0);
            out.push(Relocation { offset: r.r_offset, kind: r.r_type, name, addend });
        }
    }
    out.sort_by_key(|r| r.offset);
    out
}

/// A symbol's name; that of a section's symbol is the section's.
fn symbol_name<'a>(elf: &Elf<'a>, s: &Sym) -> &'a str {
    let name = elf.strtab.get_at(s.st_name).unwrap_or("");
    if name.is_empty() && s.st_type() == sym::STT_SECTION {
        let section = elf.section_headers.get(s.st_shndx);
        return section.and_then(|s| elf.shdr_strtab.get_at(s.sh_name)).unwrap_or("");
    }
    name
}

/// The symbols that name places, of one section or of all.
fn symbols<'a>(elf: &Elf<'a>, section: Option<usize>) -> (Vec<Symbol<'a>>, Vec<Mapping>) {
    let mut symbols = Vec::new();
    let mut mappings = Vec::new();
    let tables = [(&elf.syms, &elf.strtab), (&elf.dynsyms, &elf.dynstrtab)];
    for (table, names) in tables {
        for s in table.iter() {
            let Some(name) = names.get_at(s.st_name) else { continue };
            let kind = s.st_type();
            if name.starts_with("$x") || name.starts_with("$d") {
                mappings.push(Mapping {
                    addr: s.st_value,
                    section: s.st_shndx,
                    data: name.starts_with("$d"),
                });
                continue;
            }
            let defined = s.st_shndx != 0 && s.st_shndx < section_header::SHN_LORESERVE as usize;
            // The assembler's own labels have a name that no other has.
            if name.is_empty()
                || name == ".L0 "
                || !defined
                || matches!(kind, sym::STT_SECTION | sym::STT_FILE)
            {
                continue;
            }
            let rank = match (kind, s.st_bind()) {
                (sym::STT_FUNC, sym::STB_LOCAL) => 1,
                (sym::STT_FUNC, _) => 0,
                (_, sym::STB_LOCAL) => 3,
                _ => 2,
            };
            symbols.push(Symbol { addr: s.st_value, name, section: s.st_shndx, rank });
        }
    }
    symbols.retain(|s| section.is_none_or(|n| n == s.section));
    mappings.retain(|m| section.is_none_or(|n| n == m.section));
    symbols.sort_by_key(|s| (s.addr, s.rank, s.name));
    symbols.dedup_by_key(|s| s.addr);
    mappings.sort_by_key(|m| m.addr);
    (symbols, mappings)
}

fn regions<'a>(name: &str, elf: &Elf, bytes: &'a [u8], options: &Options) -> Result<Vec<Region<'a>>> {
    let slice = |offset: u64, size: u64, what: &str| {
        let range =
            usize::try_from(offset).ok().zip(offset.checked_add(size).and_then(|e| usize::try_from(e).ok()));
        match range.and_then(|(from, to)| bytes.get(from..to)) {
            Some(b) => Ok(b),
            None => bail!("{name}: the file ends before its {what} does"),
        }
    };
    let mut out = Vec::new();
    for (index, s) in elf.section_headers.iter().enumerate() {
        let section = elf.shdr_strtab.get_at(s.sh_name).unwrap_or("");
        let wanted = if options.sections.is_empty() {
            s.sh_flags & u64::from(section_header::SHF_EXECINSTR) != 0
        } else {
            options.sections.iter().any(|n| n == section)
        };
        if wanted && s.sh_type != section_header::SHT_NOBITS && s.sh_size > 0 {
            let bytes = slice(s.sh_offset, s.sh_size, &format!("section {section}"))?;
            out.push(Region { name: section.to_string(), section: Some(index), addr: s.sh_addr, bytes });
        }
    }
    for wanted in &options.sections {
        if !out.iter().any(|r| r.name == *wanted) {
            bail!("{name}: there is no section {wanted} with contents");
        }
    }
    if out.is_empty() && elf.section_headers.is_empty() {
        // A stripped file without section headers: its executable segments.
        for p in &elf.program_headers {
            if p.p_type == program_header::PT_LOAD && p.p_flags & program_header::PF_X != 0 {
                let bytes = slice(p.p_offset, p.p_filesz, "executable segment")?;
                let name = format!("(segment at {:#x})", p.p_vaddr);
                out.push(Region { name, section: None, addr: p.p_vaddr, bytes });
            }
        }
    }
    Ok(out)
}
