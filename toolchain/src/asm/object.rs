//! Writes a relocatable ELF object (System V ABI; RISC-V ELF psABI), with sections and symbols in the order that
//! GNU as gives them.

use object::elf;
use object::write::StringId;
use object::write::elf::{FileHeader, Rel, SectionHeader, SectionIndex, Sym, SymbolIndex, Writer};

use super::Abi;
use super::expr::{Base, Expr, SymId, Value};
use super::resolve::{Contents, Referent};
use super::section::{Group, SHF_GNU_RETAIN, SHF_GROUP, SHF_MERGE, SHT_NOBITS};
use super::symbol::{Def, Role, STT_GNU_IFUNC, STT_NOTYPE, STT_TLS};
use super::unit::Unit;

/// What the file says about itself.
#[derive(Debug)]
pub struct Header {
    /// Compressed instructions may occur.
    pub rvc: bool,
    pub abi: Abi,
    /// The source's name, for the symbol table.
    pub file: Option<String>,
}

/// An entry of the symbol table.
#[derive(Debug, Clone)]
enum Entry {
    File(String),
    Section(u32),
    /// A symbol, perhaps under a further name.
    Symbol(SymId, Option<String>),
    /// A group that no symbol of this file is named after.
    Signature(usize),
    /// The section of a group.
    GroupSection(usize),
}

/// A section group and its members by index.
struct Members {
    group: Group,
    sections: Vec<u32>,
}

/// The object file.
pub fn write(unit: &Unit, contents: &[Contents], header: &Header) -> Result<Vec<u8>, String> {
    let groups = groups(unit);
    let (entries, locals) = entries(unit, &groups, header);
    let mut image = Vec::new();
    let mut w = Writer::new(object::Endianness::Little, true, &mut image);
    w.reserve_file_header();
    w.reserve_null_section_index();

    let mut group_names = Vec::new();
    let mut group_indices = Vec::new();
    for _ in &groups {
        group_names.push(w.add_section_name(b".group"));
        group_indices.push(w.reserve_section_index());
    }
    // The writer keeps names by reference, so those of relocation sections are made first.
    let rela_names: Vec<String> = unit.sections.iter().map(|s| format!(".rela{}", s.name)).collect();
    let mut names: Vec<(StringId, Option<StringId>)> = Vec::new();
    let mut indices: Vec<(SectionIndex, Option<SectionIndex>)> = Vec::new();
    for (s, section) in unit.sections.iter().enumerate() {
        let name = w.add_section_name(section.name.as_bytes());
        let index = w.reserve_section_index();
        let (mut rela, mut rela_name) = (None, None);
        if !contents[s].relocations.is_empty() {
            rela_name = Some(w.add_section_name(rela_names[s].as_bytes()));
            rela = Some(w.reserve_section_index());
        }
        names.push((name, rela_name));
        indices.push((index, rela));
    }
    let symtab_index = w.reserve_symtab_section_index();
    w.reserve_strtab_section_index();
    w.reserve_shstrtab_section_index();

    w.reserve_null_symbol_index();
    let mut symbol_names: Vec<Option<StringId>> = Vec::new();
    let mut by_symbol: Vec<Option<SymbolIndex>> = vec![None; unit.symbols.len()];
    let mut by_section: Vec<Option<SymbolIndex>> = vec![None; unit.sections.len()];
    let mut by_group: Vec<Option<SymbolIndex>> = vec![None; groups.len()];
    for entry in &entries {
        let text: Option<&str> = match entry {
            Entry::File(name) => Some(name),
            Entry::Symbol(_, Some(name)) => Some(name),
            Entry::Symbol(id, None) => Some(&unit.symbols[*id as usize].name),
            Entry::Signature(g) => Some(&groups[*g].group.signature),
            Entry::Section(_) | Entry::GroupSection(_) => None,
        };
        symbol_names.push(text.map(|t| w.add_string(t.as_bytes())));
        let index = w.reserve_symbol_index(None);
        match entry {
            Entry::Symbol(id, None) => by_symbol[*id as usize] = Some(index),
            Entry::Section(s) => by_section[*s as usize] = Some(index),
            Entry::Signature(g) => by_group[*g] = Some(index),
            _ => {}
        }
    }
    for (g, members) in groups.iter().enumerate() {
        if by_group[g].is_none() {
            by_group[g] = unit.lookup(&members.group.signature).and_then(|id| by_symbol[id as usize]);
        }
    }

    // Places in the file.
    let group_sizes: Vec<u64> = groups.iter().map(|m| 4 + 4 * member_count(m, &indices)).collect();
    let group_offsets: Vec<u64> = group_sizes.iter().map(|size| w.reserve(*size, 4)).collect();
    let offsets: Vec<u64> = unit
        .sections
        .iter()
        .zip(contents)
        .map(|(section, c)| {
            let size = if section.kind == SHT_NOBITS { 0 } else { c.data.len() as u64 };
            w.reserve(size, section.align)
        })
        .collect();
    w.reserve_symtab();
    w.reserve_strtab().map_err(|e| e.to_string())?;
    let rela_offsets: Vec<u64> = contents
        .iter()
        .map(|c| if c.relocations.is_empty() { 0 } else { w.reserve_relocations(c.relocations.len(), true) })
        .collect();
    w.reserve_shstrtab().map_err(|e| e.to_string())?;
    w.reserve_section_headers();

    // Unique and indirect symbols are extensions of GNU's.
    let gnu = unit.symbols.iter().any(|s| s.unique || s.kind == STT_GNU_IFUNC)
        || unit.sections.iter().any(|s| s.flags & SHF_GNU_RETAIN != 0);
    w.write_file_header(&FileHeader {
        os_abi: if gnu { elf::ELFOSABI_GNU } else { elf::ELFOSABI_NONE },
        abi_version: 0,
        e_type: elf::ET_REL,
        e_machine: elf::EM_RISCV,
        e_entry: 0,
        e_flags: flags(header),
    })
    .map_err(|e| e.to_string())?;
    for (members, offset) in groups.iter().zip(&group_offsets) {
        w.pad_until(*offset);
        let comdat = u32::from(members.group.comdat);
        w.write(&comdat.to_le_bytes());
        for s in &members.sections {
            let (own, rela) = indices[*s as usize];
            for index in [Some(own), rela].into_iter().flatten() {
                w.write(&index.0.to_le_bytes());
            }
        }
    }
    for ((section, c), offset) in unit.sections.iter().zip(contents).zip(&offsets) {
        w.pad_until(*offset);
        if section.kind != SHT_NOBITS {
            w.write(&c.data);
        }
    }
    w.write_null_symbol();
    for (entry, name) in entries.iter().zip(&symbol_names) {
        let symbol = symbol(unit, entry, &indices, &group_indices);
        let st_name = w.string_offset(*name);
        w.write_symbol(&Sym { st_name, ..symbol });
    }
    w.write_strtab();
    for c in contents.iter().filter(|c| !c.relocations.is_empty()) {
        w.write_align_relocation();
        for r in &c.relocations {
            let to = match r.to {
                Referent::None => None,
                Referent::Symbol(id) => by_symbol[id as usize],
                Referent::Section(s) => by_section[s as usize],
            };
            w.write_relocation(
                true,
                &Rel {
                    r_offset: r.offset,
                    r_sym: to.map_or(0, |i| i.0),
                    r_type: elf::RelocationType(r.kind),
                    r_addend: r.addend,
                },
            );
        }
    }
    w.write_shstrtab();

    w.write_null_section_header();
    for g in 0..groups.len() {
        let sh_name = w.section_name_offset(Some(group_names[g]));
        w.write_section_header(&SectionHeader {
            sh_name,
            sh_type: elf::SHT_GROUP,
            sh_flags: Default::default(),
            sh_addr: 0,
            sh_offset: group_offsets[g],
            sh_size: group_sizes[g],
            sh_link: symtab_index.0,
            sh_info: by_group[g].map_or(0, |i| i.0),
            sh_addralign: 4,
            sh_entsize: 4,
        });
    }
    for (s, section) in unit.sections.iter().enumerate() {
        let link = section.link.as_ref().and_then(|name| unit.sections.iter().position(|x| x.name == *name));
        let sh_name = w.section_name_offset(Some(names[s].0));
        w.write_section_header(&SectionHeader {
            sh_name,
            sh_type: elf::SectionType(section.kind),
            sh_flags: elf::SectionFlags(section.flags),
            sh_addr: 0,
            sh_offset: offsets[s],
            sh_size: section.size,
            sh_link: link.map_or(0, |l| indices[l].0.0),
            sh_info: 0,
            sh_addralign: section.align,
            // Only mergeable sections and arrays of pointers have entries.
            sh_entsize: if section.flags & SHF_MERGE != 0 || section.entsize == 8 {
                section.entsize
            } else {
                0
            },
        });
        if let (Some(_), Some(name)) = (indices[s].1, names[s].1) {
            let flags = elf::SHF_INFO_LINK.0 | section.flags & SHF_GROUP;
            let sh_name = w.section_name_offset(Some(name));
            w.write_section_header(&SectionHeader {
                sh_name,
                sh_type: elf::SHT_RELA,
                sh_flags: elf::SectionFlags(flags),
                sh_addr: 0,
                sh_offset: rela_offsets[s],
                sh_size: contents[s].relocations.len() as u64 * 24,
                sh_link: symtab_index.0,
                sh_info: indices[s].0.0,
                sh_addralign: 8,
                sh_entsize: 24,
            });
        }
    }
    w.write_symtab_section_header(locals as u32 + 1);
    w.write_strtab_section_header();
    w.write_shstrtab_section_header();
    Ok(image)
}

fn flags(header: &Header) -> elf::FileFlags {
    let mut flags = match header.abi {
        Abi::Lp64 => elf::FileFlags(0),
        Abi::Lp64f => elf::EF_RISCV_FLOAT_ABI_SINGLE,
        Abi::Lp64d => elf::EF_RISCV_FLOAT_ABI_DOUBLE,
    };
    if header.rvc {
        flags |= elf::EF_RISCV_RVC;
    }
    flags
}

/// The groups in the order of their first sections.
fn groups(unit: &Unit) -> Vec<Members> {
    let mut out: Vec<Members> = Vec::new();
    for (s, section) in unit.sections.iter().enumerate() {
        let Some(group) = &section.group else { continue };
        match out.iter_mut().find(|m| m.group.signature == group.signature) {
            Some(m) => m.sections.push(s as u32),
            None => out.push(Members { group: group.clone(), sections: vec![s as u32] }),
        }
    }
    out
}

fn member_count(members: &Members, indices: &[(SectionIndex, Option<SectionIndex>)]) -> u64 {
    members.sections.iter().map(|s| 1 + u64::from(indices[*s as usize].1.is_some())).sum()
}

/// The symbol table, and how many of its entries are local: the source's name; local symbols and sections in the
/// order in which they came to be listed; sections the assembler added; then the others.
fn entries(unit: &Unit, groups: &[Members], header: &Header) -> (Vec<Entry>, usize) {
    let mut listed: Vec<(u32, Entry)> = Vec::new();
    for (s, section) in unit.sections.iter().enumerate() {
        if let Some(chain) = section.chain {
            listed.push((chain, Entry::Section(s as u32)));
        }
    }
    for (id, symbol) in unit.symbols.iter().enumerate() {
        let Some(chain) = symbol.chain else { continue };
        let id = id as SymId;
        if appears(unit, id) {
            listed.push((chain, Entry::Symbol(id, None)));
            for name in &symbol.versions {
                // Further names come last.
                listed.push((u32::MAX, Entry::Symbol(id, Some(name.clone()))));
            }
        }
    }
    listed.sort_by_key(|(chain, _)| *chain);
    let external = |e: &Entry| match e {
        Entry::Symbol(id, _) => is_external(unit, *id),
        _ => false,
    };
    let mut out: Vec<Entry> = header.file.iter().map(|f| Entry::File(f.clone())).collect();
    out.extend(listed.iter().map(|(_, e)| e.clone()).filter(|e| !external(e)));
    let known = |name: &str| {
        unit.lookup(name).is_some_and(|id| {
            listed.iter().any(|(_, e)| matches!(e, Entry::Symbol(other, None) if *other == id))
        })
    };
    for (g, members) in groups.iter().enumerate() {
        if !known(&members.group.signature) {
            out.push(Entry::Signature(g));
        }
    }
    for (s, section) in unit.sections.iter().enumerate() {
        if section.chain.is_none() {
            out.push(Entry::Section(s as u32));
        }
    }
    out.extend((0..groups.len()).map(Entry::GroupSection));
    let locals = out.len();
    out.extend(listed.into_iter().map(|(_, e)| e).filter(external));
    (out, locals)
}

/// Whether the symbol is in the table at all.
fn appears(unit: &Unit, id: SymId) -> bool {
    let symbol = &unit.symbols[id as usize];
    match symbol.role {
        Role::Mapping => true,
        Role::Expression | Role::Replaced => false,
        Role::Temporary | Role::Numeric => symbol.used,
        Role::Named if symbol.weakref => false,
        Role::Named if symbol.is_local_name() => symbol.used || symbol.is_external(),
        Role::Named => match symbol.def {
            // A name for something elsewhere is the other's.
            Def::Equ(_) => symbol.used || unit.alias_of(id).is_none(),
            // Something to be found elsewhere must be asked for.
            Def::None => symbol.used || symbol.referenced || symbol.is_external(),
            _ => true,
        },
    }
}

/// Whether the symbol is global or weak: what is not defined here must be elsewhere.
fn is_external(unit: &Unit, id: SymId) -> bool {
    let symbol = &unit.symbols[id as usize];
    symbol.is_external() || symbol.unique || matches!(symbol.def, Def::None)
}

fn symbol(
    unit: &Unit,
    entry: &Entry,
    indices: &[(SectionIndex, Option<SectionIndex>)],
    groups: &[SectionIndex],
) -> Sym {
    let base = Sym {
        st_name: Default::default(),
        section: None,
        st_info: elf::SymbolInfo::new(elf::STB_LOCAL, elf::STT_NOTYPE),
        st_other: Default::default(),
        st_shndx: elf::SHN_UNDEF,
        st_value: 0,
        st_size: 0,
    };
    let id = match entry {
        Entry::File(_) => {
            let st_info = elf::SymbolInfo::new(elf::STB_LOCAL, elf::STT_FILE);
            return Sym { st_info, st_shndx: elf::SHN_ABS, ..base };
        }
        Entry::Section(s) => {
            let st_info = elf::SymbolInfo::new(elf::STB_LOCAL, elf::STT_SECTION);
            return Sym { st_info, section: Some(indices[*s as usize].0.0), ..base };
        }
        Entry::GroupSection(g) => {
            let st_info = elf::SymbolInfo::new(elf::STB_LOCAL, elf::STT_SECTION);
            return Sym { st_info, section: Some(groups[*g].0), ..base };
        }
        Entry::Signature(g) => return Sym { section: Some(groups[*g].0), ..base },
        Entry::Symbol(id, _) => *id,
    };
    let symbol = &unit.symbols[id as usize];
    let value = unit.symbol_value(id).unwrap_or(Value::abs(0));
    let (section, st_shndx, st_value) = match (&symbol.def, value.base) {
        (Def::Common(_, align), _) => (None, elf::SHN_COMMON, *align),
        (_, Base::Section(s)) => (Some(indices[s as usize].0.0), elf::SHN_UNDEF, value.n as u64),
        (_, Base::Abs) => (None, elf::SHN_ABS, value.n as u64),
        _ => (None, elf::SHN_UNDEF, 0),
    };
    // One that is only asked for through `.weakref` may be missing.
    let through = matches!(symbol.def, Def::None) && !symbol.referenced && symbol.used;
    let bind = match (symbol.weak || through, is_external(unit, id)) {
        _ if symbol.unique => elf::STB_GNU_UNIQUE,
        (true, _) => elf::STB_WEAK,
        (_, true) => elf::STB_GLOBAL,
        _ => elf::STB_LOCAL,
    };
    // A name set to another symbol is of its type and size.
    let origin = match &symbol.def {
        Def::Equ(Expr::Sym(other)) => &unit.symbols[*other as usize],
        _ => symbol,
    };
    let mut kind = if symbol.kind == STT_NOTYPE { origin.kind } else { symbol.kind };
    let thread_local = matches!(value.base, Base::Section(s) if unit.sections[s as usize].flags & super::section::SHF_TLS != 0);
    if thread_local && symbol.role != Role::Mapping && symbol.kind != STT_NOTYPE {
        kind = STT_TLS;
    }
    let size = symbol.size.as_ref().or(origin.size.as_ref());
    let size = size.and_then(|e| unit.late(e).ok()).filter(|v| v.base == Base::Abs);
    Sym {
        section,
        st_info: elf::SymbolInfo::new(bind, elf::SymbolType(kind)),
        st_other: elf::SymbolOther(symbol.visibility),
        st_shndx,
        st_value,
        st_size: size.map_or(0, |v| v.n as u64),
        ..base
    }
}
