//! Writes the laid-out program as a static ELF executable (System V ABI; RISC-V ELF psABI).

use object::elf;
use object::write::elf::{FileHeader, ProgramHeader, SectionHeader, Sym, Writer};

use super::expr::Base;
use super::link::{IMAGE_BASE, PAGE, Program, Segment, header_size, order};
use super::section::SHT_NOBITS;
use super::symbol::Role;
use super::unit::Unit;

/// The executable as a file image. `entry` is the symbol to begin at.
pub fn write(unit: &Unit, program: &Program, entry: Option<&str>) -> Result<Vec<u8>, String> {
    let start = entry_address(unit, program, entry)?;
    let loaded: Vec<usize> = order(unit)
        .into_iter()
        .filter(|&s| program.sections[s].size > 0 || unit.sections[s].name == ".text")
        .collect();
    let mut image = Vec::new();
    let mut w = Writer::new(object::Endianness::Little, true, &mut image);
    w.reserve_file_header();
    w.reserve_program_headers(4 + u32::from(program.tls.is_some()));
    w.reserve_null_section_index();
    let mut names = Vec::new();
    let mut indices = vec![None; unit.sections.len()];
    let mut offsets = vec![0u64; unit.sections.len()];
    for &s in &loaded {
        names.push(w.add_section_name(unit.sections[s].name.as_bytes()));
        indices[s] = Some(w.reserve_section_index());
    }
    let symbols = symbols(unit, program);
    w.reserve_null_symbol_index();
    let mut symbol_names = Vec::new();
    for (id, _) in &symbols {
        let symbol = &unit.symbols[*id];
        symbol_names.push(w.add_string(symbol.name.as_bytes()));
        w.reserve_symbol_index(None);
    }
    w.reserve_symtab_section_index();
    w.reserve_strtab_section_index();
    w.reserve_shstrtab_section_index();
    // Contents: at the offset that is the address's distance from the image's base, so that pages agree.
    for &s in &loaded {
        let section = &program.sections[s];
        if section.segment == Segment::None {
            continue;
        }
        let offset = section.addr - IMAGE_BASE;
        offsets[s] = offset;
        if unit.sections[s].kind != SHT_NOBITS {
            w.reserve_until(offset);
            w.reserve(section.data.len() as u64, 1);
        }
    }
    if let Some((addr, data)) = &program.got {
        w.reserve_until(addr - IMAGE_BASE);
        w.reserve(data.len() as u64, 1);
    }
    for &s in loaded.iter().filter(|&&s| program.sections[s].segment == Segment::None) {
        offsets[s] = w.reserve(program.sections[s].data.len() as u64, unit.sections[s].align);
    }
    w.reserve_symtab();
    w.reserve_strtab().map_err(|e| e.to_string())?;
    w.reserve_shstrtab().map_err(|e| e.to_string())?;
    w.reserve_section_headers();

    w.write_file_header(&FileHeader {
        os_abi: elf::ELFOSABI_NONE,
        abi_version: 0,
        e_type: elf::ET_EXEC,
        e_machine: elf::EM_RISCV,
        e_entry: start,
        // Compressed instructions may occur; floating-point arguments are passed in double registers.
        e_flags: elf::EF_RISCV_RVC | elf::EF_RISCV_FLOAT_ABI_DOUBLE,
    })
    .map_err(|e| e.to_string())?;
    for (segment, flags) in [
        (Segment::Read, elf::PF_R),
        (Segment::Execute, elf::PF_R | elf::PF_X),
        (Segment::Write, elf::PF_R | elf::PF_W),
    ] {
        w.write_program_header(&load(unit, program, segment, flags));
    }
    w.write_program_header(&ProgramHeader {
        p_type: elf::PT_GNU_STACK,
        p_flags: elf::PF_R | elf::PF_W,
        p_offset: 0,
        p_vaddr: 0,
        p_paddr: 0,
        p_filesz: 0,
        p_memsz: 0,
        p_align: 16,
    });
    if let Some((start, file, memory, align)) = program.tls {
        w.write_program_header(&ProgramHeader {
            p_type: elf::PT_TLS,
            p_flags: elf::PF_R,
            p_offset: start - IMAGE_BASE,
            p_vaddr: start,
            p_paddr: start,
            p_filesz: file,
            p_memsz: memory,
            p_align: align,
        });
    }
    for &s in &loaded {
        let section = &program.sections[s];
        if unit.sections[s].kind != SHT_NOBITS && section.segment != Segment::None {
            w.pad_until(offsets[s]);
            w.write(&section.data);
        }
    }
    if let Some((addr, data)) = &program.got {
        w.pad_until(addr - IMAGE_BASE);
        w.write(data);
    }
    for &s in loaded.iter().filter(|&&s| program.sections[s].segment == Segment::None) {
        w.pad_until(offsets[s]);
        w.write(&program.sections[s].data);
    }
    w.write_null_symbol();
    for ((id, value), name) in symbols.iter().zip(symbol_names) {
        let symbol = &unit.symbols[*id];
        let st_name = w.string_offset(Some(name));
        let section = match unit.symbol_value(*id as u32).map(|v| v.base) {
            Ok(Base::Section(s)) => indices[s as usize],
            _ => None,
        };
        let bind = match (symbol.weak, symbol.global) {
            (true, _) => elf::STB_WEAK,
            (_, true) => elf::STB_GLOBAL,
            _ => elf::STB_LOCAL,
        };
        let size = symbol.size.as_ref().and_then(|e| unit.late(e).ok()).filter(|v| v.base == Base::Abs);
        w.write_symbol(&Sym {
            section: section.map(|s| s.0),
            st_name,
            st_info: elf::SymbolInfo::new(bind, elf::SymbolType(symbol.kind)),
            st_other: Default::default(),
            st_shndx: if section.is_some() { elf::SHN_UNDEF } else { elf::SHN_ABS },
            st_value: *value,
            st_size: size.map_or(0, |v| v.n as u64),
        });
    }
    w.write_strtab();
    w.write_shstrtab();
    w.write_null_section_header();
    for (&s, name) in loaded.iter().zip(names) {
        let (section, placed) = (&unit.sections[s], &program.sections[s]);
        let sh_name = w.section_name_offset(Some(name));
        w.write_section_header(&SectionHeader {
            sh_name,
            sh_type: elf::SectionType(section.kind),
            sh_flags: elf::SectionFlags(section.flags),
            sh_addr: placed.addr,
            sh_offset: offsets[s],
            sh_size: placed.size,
            sh_link: 0,
            sh_info: 0,
            sh_addralign: section.align,
            sh_entsize: 0,
        });
    }
    let locals = symbols.iter().take_while(|(id, _)| {
        let symbol = &unit.symbols[*id];
        !symbol.global && !symbol.weak
    });
    let first_global = locals.count() as u32 + 1;
    w.write_symtab_section_header(first_global);
    w.write_strtab_section_header();
    w.write_shstrtab_section_header();
    Ok(image)
}

/// Symbols for the table with their values, local ones first; `.L` names and numeric labels stay out.
fn symbols(unit: &Unit, program: &Program) -> Vec<(usize, u64)> {
    let mut out: Vec<_> = program
        .symbols
        .iter()
        .enumerate()
        .filter_map(|(id, value)| value.map(|v| (id, v)))
        .filter(|(id, _)| {
            let symbol = &unit.symbols[*id];
            let mapping = symbol.role == Role::Mapping;
            mapping || symbol.role == Role::Named && !symbol.is_local_name() && !symbol.weakref
        })
        .collect();
    out.sort_by_key(|(id, _)| unit.symbols[*id].global || unit.symbols[*id].weak);
    out
}

fn entry_address(unit: &Unit, program: &Program, entry: Option<&str>) -> Result<u64, String> {
    let named = |name: &str| unit.lookup(name).and_then(|id| program.symbols[id as usize]);
    if let Some(name) = entry {
        return named(name).ok_or_else(|| format!("the entry symbol `{name}` is not defined"));
    }
    if let Some(addr) = named("_start") {
        return Ok(addr);
    }
    let text = unit.sections.iter().position(|s| s.name == ".text");
    match text.map(|s| &program.sections[s]).filter(|s| s.size > 0) {
        Some(s) => Ok(s.addr),
        None => Err("the program has no instructions in .text and no `_start`".to_string()),
    }
}

/// The PT_LOAD of a segment; one without sections has size 0 and is skipped by loaders.
fn load(unit: &Unit, program: &Program, segment: Segment, flags: elf::ProgramFlags) -> ProgramHeader {
    let parts = || {
        (0..program.sections.len())
            .filter(|&s| program.sections[s].segment == segment && program.sections[s].size > 0)
    };
    let start = match segment {
        // The headers are at the beginning of the read-only segment.
        Segment::Read => IMAGE_BASE,
        _ => parts().map(|s| program.sections[s].addr).min().unwrap_or(IMAGE_BASE),
    };
    let end = |s: usize| program.sections[s].addr + program.sections[s].size;
    let headers =
        if segment == Segment::Read { IMAGE_BASE + header_size(program.tls.is_some()) } else { start };
    let got = program.got.as_ref().filter(|_| segment == Segment::Write);
    let got_end = got.map(|(addr, data)| addr + data.len() as u64);
    let common_end =
        (segment == Segment::Write && program.common_start.is_some()).then_some(program.common_end);
    let start = if segment == Segment::Write && start == IMAGE_BASE {
        got.map(|(addr, _)| *addr).or(program.common_start).unwrap_or(start)
    } else {
        start
    };
    let headers = headers.max(start);
    let ends = parts().filter(|&s| !is_tls_bss(unit, s)).map(end);
    let memory_end = ends.chain(got_end).chain(common_end).max().unwrap_or(headers).max(headers);
    let in_file = parts().filter(|&s| unit.sections[s].kind != SHT_NOBITS).map(end);
    let file_end = in_file.chain(got_end).max().unwrap_or(headers);
    ProgramHeader {
        p_type: if memory_end > start { elf::PT_LOAD } else { elf::PT_NULL },
        p_flags: flags,
        p_offset: start - IMAGE_BASE,
        p_vaddr: start,
        p_paddr: start,
        p_filesz: file_end - start,
        p_memsz: memory_end - start,
        p_align: PAGE,
    }
}

/// Whether a section is only a part of each thread's block.
fn is_tls_bss(unit: &Unit, s: usize) -> bool {
    unit.sections[s].kind == SHT_NOBITS && unit.sections[s].flags & super::section::SHF_TLS != 0
}
