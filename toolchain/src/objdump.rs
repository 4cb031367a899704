//! The disassembly listing of a RISC-V ELF file, in the form of GNU objdump.

use std::fmt::Write;

use anyhow::{Result, bail};
use goblin::elf::{Elf, header, program_header, section_header, sym};
use isa_spec::{Disasm, Isa};

/// What to list, and how.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Names of sections; all executable ones if empty.
    pub sections: Vec<String>,
    /// Instructions by their own names instead of aliases.
    pub plain: bool,
}

/// A run of bytes to list.
struct Region<'a> {
    name: String,
    addr: u64,
    bytes: &'a [u8],
}

/// A symbol of the program.
struct Symbol<'a> {
    addr: u64,
    name: &'a str,
    /// Order among symbols at one address: functions, other globals, local ones, as objdump prefers them.
    rank: u8,
}

/// A mapping symbol (psABI): from here on data or code.
struct Mapping {
    addr: u64,
    data: bool,
}

/// The listing of `bytes`, the contents of the file `name`.
pub fn disassemble(isa: &Isa, name: &str, bytes: &[u8], options: &Options) -> Result<String> {
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
    let (symbols, mappings) = symbols(&elf);
    let regions = regions(name, &elf, bytes, options)?;
    let mut out = String::new();
    let bits = if elf.is_64 { 64 } else { 32 };
    writeln!(out, "\n{name}:     file format elf{bits}-littleriscv\n")?;
    for region in &regions {
        writeln!(out, "\nDisassembly of section {}:", region.name)?;
        let mut listing =
            Listing { isa, symbols: &symbols, mappings: &mappings, plain: options.plain, upper: [None; 32] };
        listing.region(&mut out, region)?;
    }
    Ok(out)
}

fn symbols<'a>(elf: &Elf<'a>) -> (Vec<Symbol<'a>>, Vec<Mapping>) {
    let mut symbols = Vec::new();
    let mut mappings = Vec::new();
    let tables = [(&elf.syms, &elf.strtab), (&elf.dynsyms, &elf.dynstrtab)];
    for (table, names) in tables {
        for s in table.iter() {
            let Some(name) = names.get_at(s.st_name) else { continue };
            let kind = s.st_type();
            if name.starts_with("$x") || name.starts_with("$d") {
                mappings.push(Mapping { addr: s.st_value, data: name.starts_with("$d") });
                continue;
            }
            let defined = s.st_shndx != 0 && s.st_shndx < section_header::SHN_LORESERVE as usize;
            if name.is_empty() || !defined || matches!(kind, sym::STT_SECTION | sym::STT_FILE) {
                continue;
            }
            let rank = match (kind, s.st_bind()) {
                (sym::STT_FUNC, sym::STB_LOCAL) => 1,
                (sym::STT_FUNC, _) => 0,
                (_, sym::STB_LOCAL) => 3,
                _ => 2,
            };
            symbols.push(Symbol { addr: s.st_value, name, rank });
        }
    }
    symbols.sort_by_key(|s| (s.addr, s.rank));
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
    for s in &elf.section_headers {
        let section = elf.shdr_strtab.get_at(s.sh_name).unwrap_or("");
        let wanted = if options.sections.is_empty() {
            s.sh_flags & u64::from(section_header::SHF_EXECINSTR) != 0
        } else {
            options.sections.iter().any(|n| n == section)
        };
        if wanted && s.sh_type != section_header::SHT_NOBITS && s.sh_size > 0 {
            let bytes = slice(s.sh_offset, s.sh_size, &format!("section {section}"))?;
            out.push(Region { name: section.to_string(), addr: s.sh_addr, bytes });
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
                out.push(Region { name: format!("(segment at {:#x})", p.p_vaddr), addr: p.p_vaddr, bytes });
            }
        }
    }
    Ok(out)
}

struct Listing<'a> {
    isa: &'a Isa,
    symbols: &'a [Symbol<'a>],
    mappings: &'a [Mapping],
    plain: bool,
    /// What an `auipc` or `lui` just put into each register, to name the address it is part of.
    upper: [Option<u64>; 32],
}

impl Listing<'_> {
    fn region(&mut self, out: &mut String, region: &Region) -> Result<()> {
        let mut at = 0usize;
        while at < region.bytes.len() {
            let pc = region.addr.wrapping_add(at as u64);
            if let Ok(n) = self.symbols.binary_search_by_key(&pc, |s| s.addr) {
                writeln!(out, "\n{pc:016x} <{}>:", self.symbols[n].name)?;
                self.upper = [None; 32];
            } else if at == 0 {
                writeln!(out)?;
            }
            let zeros = self.zeros(pc, &region.bytes[at..]);
            if zeros > 0 {
                writeln!(out, "\t...")?;
                at += zeros;
            } else {
                at += self.line(out, pc, &region.bytes[at..])?;
            }
        }
        Ok(())
    }

    /// Length of a run of zero bytes at `pc` that is left out of the listing: 8 bytes at least, in whole
    /// words, up to the next symbol.
    fn zeros(&self, pc: u64, bytes: &[u8]) -> usize {
        let next = self.symbols.partition_point(|s| s.addr <= pc);
        let room = self.symbols.get(next).map_or(u64::MAX, |s| s.addr - pc);
        let run =
            bytes.iter().take_while(|b| **b == 0).count().min(usize::try_from(room).unwrap_or(usize::MAX));
        if run < 8 { 0 } else { run & !3 }
    }

    fn is_data(&self, pc: u64) -> bool {
        let n = self.mappings.partition_point(|m| m.addr <= pc);
        n > 0 && self.mappings[n - 1].data
    }

    /// Lists what is at `pc` and returns its length in bytes.
    fn line(&mut self, out: &mut String, pc: u64, bytes: &[u8]) -> Result<usize> {
        let half = |n: usize| bytes.get(n..n + 2).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]])));
        let word = half(0).map(|low| low | half(2).unwrap_or(0) << 16);
        let len = match (half(0), half(2)) {
            (None, _) => 1,
            (Some(low), Some(_)) if low & 3 == 3 => 4,
            _ => 2,
        };
        let Some(word) = word.filter(|_| !self.is_data(pc)) else {
            // Data goes by words, as far as they are aligned.
            let n = if pc.is_multiple_of(4) { 4 } else { 2 - pc as usize % 2 }.min(bytes.len());
            let value = bytes[..n].iter().rev().fold(0u32, |v, b| v << 8 | u32::from(*b));
            return data(out, pc, value, n);
        };
        let text =
            if self.plain { self.isa.disassemble_plain(word, pc) } else { self.isa.disassemble(word, pc) };
        let Some(text) = text.filter(|t| usize::from(t.len) == len) else {
            let value = if len == 4 { word } else { word & 0xffff };
            return data(out, pc, value, len);
        };
        let hex = if len == 4 { format!("{word:08x}") } else { format!("{:04x}", word & 0xffff) };
        write!(out, "{pc:8x}:\t{hex:<18}\t{}", text.mnemonic)?;
        if !text.operands.is_empty() {
            write!(out, "\t{}", text.operands)?;
        }
        if let Some(target) = text.target {
            write!(out, " <{}>", self.name(target))?;
        } else if let Some(address) = self.address(word, pc, &text) {
            write!(out, " # {address:x} <{}>", self.name(address))?;
        }
        writeln!(out)?;
        Ok(len)
    }

    /// The symbol at or before `addr`, with the distance.
    fn name(&self, addr: u64) -> String {
        let n = self.symbols.partition_point(|s| s.addr <= addr);
        match n.checked_sub(1).map(|n| &self.symbols[n]) {
            Some(s) if s.addr == addr => s.name.to_string(),
            Some(s) => format!("{}+{:#x}", s.name, addr - s.addr),
            None => format!("{addr:#x}"),
        }
    }

    /// The address that this instruction completes, if an `auipc` or `lui` before it holds the upper part.
    fn address(&mut self, word: u32, pc: u64, text: &Disasm) -> Option<u64> {
        let insn = self.isa.insn(text.id);
        let value = |name: &str| insn.field(name).map(|f| insn.fields[f].extract(word));
        let rd = value("xd").map(|r| r as usize & 31);
        let found = match (insn.name.as_str(), value("xs1"), value("imm")) {
            ("auipc", _, Some(imm)) | ("lui", _, Some(imm)) => {
                let base = if insn.name == "auipc" { pc } else { 0 };
                if let Some(rd) = rd {
                    self.upper[rd] = Some(base.wrapping_add(imm as u64));
                }
                return None;
            }
            (_, Some(rs1), Some(imm)) => self.upper[rs1 as usize & 31].map(|u| u.wrapping_add(imm as u64)),
            _ => None,
        };
        if let Some(rd) = rd {
            self.upper[rd] = None;
        }
        // Sums that are plain numbers (from `lui`) name nothing unless a symbol is there.
        found.filter(|a| self.symbols.binary_search_by_key(a, |s| s.addr).is_ok() || self.near(*a))
    }

    /// Whether `addr` lies between symbols of the program.
    fn near(&self, addr: u64) -> bool {
        let inside = |first: &Symbol, last: &Symbol| (first.addr..=last.addr).contains(&addr);
        self.symbols.first().zip(self.symbols.last()).is_some_and(|(f, l)| inside(f, l))
    }
}

fn data(out: &mut String, pc: u64, value: u32, len: usize) -> Result<usize> {
    let (hex, name) = match len {
        4 => (format!("{value:08x}"), ".word"),
        2 | 3 => (format!("{value:04x}"), ".half"),
        _ => (format!("{value:02x}"), ".byte"),
    };
    writeln!(out, "{pc:8x}:\t{hex:<18}\t{name}\t{value:#x}")?;
    Ok(len)
}
