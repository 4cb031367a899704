//! Tables of a file: section headers, symbols, relocations.

use std::fmt::Write;

use anyhow::Result;
use goblin::elf::{Elf, section_header as sh, sym};

use super::{Options, relocations as relocations_of, symbol_name};
use crate::asm::reloc;

/// Section types that are the file's own affair: none, symbols, strings, relocations.
const INNER: [u32; 4] = [sh::SHT_NULL, sh::SHT_SYMTAB, sh::SHT_STRTAB, sh::SHT_RELA];

/// The sections with sizes, addresses and what their flags mean.
pub(super) fn headers(out: &mut String, elf: &Elf) -> Result<()> {
    writeln!(out, "Sections:")?;
    writeln!(out, "Idx Name          Size      VMA               LMA               File off  Algn")?;
    let listed = elf.section_headers.iter().enumerate().filter(|(_, s)| !INNER.contains(&s.sh_type));
    for (n, (index, s)) in listed.enumerate() {
        let name = elf.shdr_strtab.get_at(s.sh_name).unwrap_or("");
        // The load address is where the segment puts it.
        let load = elf
            .program_headers
            .iter()
            .find(|p| p.p_type == 1 && s.sh_addr >= p.p_vaddr && s.sh_addr - p.p_vaddr < p.p_memsz.max(1));
        let lma = load.map_or(s.sh_addr, |p| p.p_paddr.wrapping_add(s.sh_addr - p.p_vaddr));
        writeln!(
            out,
            "{n:3} {name:<13} {:08x}  {:016x}  {lma:016x}  {:08x}  2**{}",
            s.sh_size,
            s.sh_addr,
            s.sh_offset,
            s.sh_addralign.max(1).ilog2()
        )?;
        writeln!(out, "                  {}", flags(elf, index).join(", "))?;
    }
    Ok(())
}

fn flags(elf: &Elf, index: usize) -> Vec<&'static str> {
    let s = &elf.section_headers[index];
    let name = elf.shdr_strtab.get_at(s.sh_name).unwrap_or("");
    let has = |bit: u32| s.sh_flags & u64::from(bit) != 0;
    let contents = s.sh_type != sh::SHT_NOBITS;
    let load = has(sh::SHF_ALLOC) && contents;
    let relocated = elf
        .shdr_relocs
        .iter()
        .any(|(n, _)| elf.section_headers.get(*n).is_some_and(|r| r.sh_info as usize == index));
    let debug = name.starts_with(".debug_") || name.starts_with(".gnu.debug");
    [
        (contents, "CONTENTS"),
        (has(sh::SHF_ALLOC), "ALLOC"),
        (load, "LOAD"),
        (relocated, "RELOC"),
        (contents && !has(sh::SHF_WRITE), "READONLY"),
        (has(sh::SHF_EXECINSTR), "CODE"),
        (load && !has(sh::SHF_EXECINSTR), "DATA"),
        (debug, "DEBUGGING"),
        (debug, "OCTETS"),
        (has(sh::SHF_TLS), "THREAD_LOCAL"),
        (has(sh::SHF_GROUP), "GROUP"),
    ]
    .into_iter()
    .filter_map(|(holds, word)| holds.then_some(word))
    .collect()
}

/// The symbol table, without labels that are only the assembler's.
pub(super) fn symbols(out: &mut String, elf: &Elf) -> Result<()> {
    writeln!(out, "SYMBOL TABLE:")?;
    let mut any = false;
    for s in elf.syms.iter().skip(1) {
        let name = symbol_name(elf, &s);
        if name.starts_with(".L") || name.starts_with("$x") || name.starts_with("$d") {
            continue;
        }
        any = true;
        let section = match s.st_shndx as u32 {
            sh::SHN_UNDEF => "*UND*",
            sh::SHN_ABS => "*ABS*",
            sh::SHN_COMMON => "*COM*",
            n => {
                let header = elf.section_headers.get(n as usize);
                header.and_then(|h| elf.shdr_strtab.get_at(h.sh_name)).unwrap_or("?")
            }
        };
        let common = section == "*COM*";
        let scope = match s.st_bind() {
            sym::STB_LOCAL => 'l',
            sym::STB_GLOBAL if s.st_shndx != 0 && !common => 'g',
            // STB_GNU_UNIQUE
            10 => 'u',
            _ => ' ',
        };
        let weak = if s.st_bind() == sym::STB_WEAK { 'w' } else { ' ' };
        let indirect = if s.st_type() == sym::STT_GNU_IFUNC { 'i' } else { ' ' };
        let debug = if matches!(s.st_type(), sym::STT_SECTION | sym::STT_FILE) { 'd' } else { ' ' };
        let kind = match s.st_type() {
            sym::STT_FUNC | sym::STT_GNU_IFUNC => 'F',
            sym::STT_FILE => 'f',
            sym::STT_OBJECT => 'O',
            _ => ' ',
        };
        let visibility = match s.st_other & 3 {
            1 => ".internal ",
            2 => ".hidden ",
            3 => ".protected ",
            _ => "",
        };
        // Of a common symbol the value is the alignment.
        let (value, size) = if common { (s.st_size, s.st_value) } else { (s.st_value, s.st_size) };
        writeln!(
            out,
            "{value:016x} {scope}{weak}  {indirect}{debug}{kind} {section}\t{size:016x} {visibility}{name}"
        )?;
    }
    if !any {
        writeln!(out, "no symbols")?;
    }
    writeln!(out, "\n")?;
    Ok(())
}

/// The relocations of every section that has any, or of those asked for.
pub(super) fn relocations(out: &mut String, elf: &Elf, options: &Options) -> Result<()> {
    for (index, s) in elf.section_headers.iter().enumerate() {
        let name = elf.shdr_strtab.get_at(s.sh_name).unwrap_or("");
        let wanted = options.sections.is_empty() || options.sections.iter().any(|n| n == name);
        let list = relocations_of(elf, index);
        if !wanted || list.is_empty() || INNER.contains(&s.sh_type) {
            continue;
        }
        writeln!(out, "RELOCATION RECORDS FOR [{name}]:")?;
        writeln!(out, "OFFSET           TYPE              VALUE")?;
        for r in list {
            writeln!(out, "{:016x} {:<16}  {}", r.offset, reloc::name(r.kind), r.value(18))?;
        }
        writeln!(out, "\n")?;
    }
    Ok(())
}
