//! Names of code, for reports: function symbols of the program and of the libraries that are mapped with it.

use crate::linux::Process;
use crate::memory::{EXEC, PAGE};
use goblin::container::{Container, Ctx, Endian};
use goblin::elf::Elf;
use goblin::elf::header::header64;
use goblin::elf::program_header::PT_LOAD;
use goblin::elf::section_header::{
    SHT_DYNAMIC, SHT_DYNSYM, SHT_GNU_HASH, SHT_HASH, SHT_STRTAB, SHT_SYMTAB, SectionHeader,
};
use rustc_hash::FxHashMap;
use std::cell::OnceCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::rc::Rc;

/// Symbols before an address that are looked at: sized ones may overlap.
const NEAR: usize = 8;

/// How far a symbol without a size reaches at most, in bytes.
const UNSIZED_REACH: u64 = 1 << 20;

/// Symbols by address.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// (address, size, name as it is in the file), sorted by address.
    list: Vec<(u64, u64, String)>,
}

impl Symbols {
    /// The function symbols of an ELF file, at their link-time addresses. None when it has none or its tables are
    /// damaged.
    fn read(elf: &Elf<'_>) -> Symbols {
        let dynamic = elf.dynsyms.iter().map(|s| (s, &elf.dynstrtab));
        let mut list: Vec<(u64, u64, String)> = elf
            .syms
            .iter()
            .map(|s| (s, &elf.strtab))
            .chain(dynamic)
            .filter(|(s, _)| matches!(s.st_type(), 0 | 2) && s.st_shndx != 0 && s.st_value != 0)
            .filter_map(|(s, strings)| {
                let name = strings.get_at(s.st_name)?;
                // `$x` and `.L` names mark the state of the code for tools.
                let named = !name.is_empty() && !name.starts_with('$') && !name.starts_with(".L");
                named.then(|| (s.st_value, s.st_size, name.to_owned()))
            })
            .collect();
        list.sort();
        list.dedup();
        Symbols { list }
    }

    /// The symbol that holds `addr`: its name and its address.
    fn find(&self, addr: u64) -> Option<(String, u64)> {
        let n = self.list.partition_point(|(start, _, _)| *start <= addr);
        let near = self.list[..n].iter().rev().take(NEAR);
        // Sized symbols are exact; an unsized one (hand-written assembly) reaches up to the next symbol.
        let (start, _, name) = near.clone().find(|(start, size, _)| addr - start < *size).or_else(|| {
            let (start, size, _) = self.list[..n].last()?;
            (*size == 0 && addr - start < UNSIZED_REACH).then(|| &self.list[n - 1])
        })?;
        Some((format!("{:#}", rustc_demangle::demangle(name)), *start))
    }

    /// The first address above `addr` for which [`Symbols::find`] may say something else.
    fn end_of(&self, addr: u64) -> Option<u64> {
        let n = self.list.partition_point(|(start, _, _)| *start <= addr);
        let next = self.list.get(n).map(|(start, _, _)| *start);
        let end = |(start, size, _): &(u64, u64, String)| {
            start.saturating_add(if *size == 0 { UNSIZED_REACH } else { *size })
        };
        self.list[..n].iter().rev().take(NEAR).map(end).filter(|end| *end > addr).chain(next).min()
    }
}

/// An ELF file of which something is mapped.
pub(crate) struct Object {
    file: File,
    symbols: Symbols,
    /// Loadable segments: file offset, bytes in the file, address.
    segments: Vec<(u64, u64, u64)>,
    /// Of `.eh_frame`: address, file offset, bytes.
    eh_frame: Option<(u64, u64, u64)>,
    /// What is in it, once somebody has asked.
    frames: OnceCell<Option<Vec<u8>>>,
}

/// Most bytes of a file that are looked at.
const MOST: u64 = 4 << 30;

/// The tables of an ELF file, at their places; zeros are where the code and the data are, which may be large. `None`: it
/// cannot be read, or has no tables.
fn tables(file: &File) -> Option<Vec<u8>> {
    let len = file.metadata().ok()?.len();
    if len > MOST {
        return None;
    }
    // Memory that nothing is read into is never touched.
    let mut bytes = vec![0; len as usize];
    let read = |bytes: &mut Vec<u8>, start: u64, len: u64| {
        let range = start as usize..usize::try_from(start.checked_add(len)?).ok()?;
        file.read_exact_at(bytes.get_mut(range)?, start).ok()
    };
    read(&mut bytes, 0, size_of::<header64::Header>() as u64)?;
    let header = Elf::parse_header(&bytes).ok()?;
    let table = |n: u16, size: u16| u64::from(n) * u64::from(size);
    read(&mut bytes, header.e_phoff, table(header.e_phnum, header.e_phentsize))?;
    read(&mut bytes, header.e_shoff, table(header.e_shnum, header.e_shentsize))?;
    let context = Ctx::new(Container::Big, Endian::Little);
    let sections =
        SectionHeader::parse(&bytes, header.e_shoff as usize, header.e_shnum.into(), context).ok()?;
    if sections.is_empty() {
        // The tables are where the program headers say.
        read(&mut bytes, 0, len)?;
    }
    let kinds = [SHT_SYMTAB, SHT_DYNSYM, SHT_STRTAB, SHT_DYNAMIC, SHT_HASH, SHT_GNU_HASH];
    for section in sections.iter().filter(|section| kinds.contains(&section.sh_type)) {
        read(&mut bytes, section.sh_offset, section.sh_size)?;
    }
    Some(bytes)
}

impl Object {
    fn read(path: &Path) -> Option<Object> {
        let file = File::open(path).ok()?;
        let bytes = tables(&file)?;
        let elf = Elf::parse(&bytes).ok()?;
        let loads = elf.program_headers.iter().filter(|p| p.p_type == PT_LOAD);
        let segments = loads.map(|p| (p.p_offset, p.p_filesz, p.p_vaddr)).collect();
        let named = |s: &&SectionHeader| elf.shdr_strtab.get_at(s.sh_name) == Some(".eh_frame");
        let eh_frame = elf.section_headers.iter().find(named);
        let eh_frame = eh_frame.map(|s| (s.sh_addr, s.sh_offset, s.sh_size));
        let symbols = Symbols::read(&elf);
        Some(Object { file, symbols, segments, eh_frame, frames: OnceCell::new() })
    }

    /// The call frame information, with its link-time address.
    pub(crate) fn eh_frame(&self) -> Option<(u64, &[u8])> {
        let (addr, offset, len) = self.eh_frame?;
        let read = || {
            let inside = offset.checked_add(len)? <= self.file.metadata().ok()?.len();
            let mut bytes = vec![0; usize::try_from(len).ok().filter(|_| inside)?];
            self.file.read_exact_at(&mut bytes, offset).ok().map(|()| bytes)
        };
        Some((addr, self.frames.get_or_init(read).as_deref()?))
    }

    /// What is to be subtracted from addresses in a mapping that begins at `start` with the file's byte at `offset`.
    fn bias(&self, start: u64, offset: u64) -> Option<u64> {
        let page = |n: u64| n & !(PAGE - 1);
        // The file offset of the page is in one segment, which says where the page was meant to be.
        let segment = self.segments.iter();
        let (at, _, addr) =
            segment.copied().find(|&(at, len, _)| page(at) <= offset && offset < at.saturating_add(len))?;
        Some(start.wrapping_sub(page(addr).wrapping_add(offset - page(at))))
    }
}

/// A mapping, as far as names of code need it.
struct Mapped {
    start: u64,
    end: u64,
    offset: u64,
    /// As in `/proc/self/maps`; empty for anonymous memory.
    name: String,
}

/// A function, or what is known of code that is in none.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Function {
    /// The symbol; a name in brackets for code without one.
    pub(crate) name: String,
    /// The file (its last part) or kind of memory that it is in.
    pub(crate) object: String,
}

/// Names of the code of a process, as it is mapped now. Files are read when they are asked about.
pub(crate) struct Names {
    maps: Vec<Mapped>,
    sysroot: crate::linux::sysroot::Sysroot,
    objects: FxHashMap<String, Option<Rc<Object>>>,
}

impl Names {
    /// Takes the mappings of a process.
    pub(crate) fn of(process: &Process) -> Names {
        let space = process.lock_space();
        // Gaps between executable segments do not matter; data is never asked about.
        let maps = space.mappings().filter(|(_, vma)| vma.prot & EXEC != 0).map(|(start, vma)| Mapped {
            start,
            end: vma.end,
            offset: vma.offset,
            name: vma.name.clone(),
        });
        let maps = maps.collect();
        Names { maps, sysroot: process.config().sysroot.clone(), objects: FxHashMap::default() }
    }

    fn mapped(&self, addr: u64) -> Option<&Mapped> {
        let n = self.maps.partition_point(|m| m.start <= addr);
        self.maps[..n].last().filter(|m| addr < m.end)
    }

    /// Whether code may be at the address.
    pub(crate) fn is_code(&self, addr: u64) -> bool {
        self.mapped(addr).is_some()
    }

    /// The file that is mapped at an address, and what to subtract from addresses to get its own.
    pub(crate) fn object(&mut self, addr: u64) -> Option<(Rc<Object>, u64)> {
        let mapped = self.mapped(addr)?;
        if !mapped.name.starts_with('/') {
            return None;
        }
        let (start, offset) = (mapped.start, mapped.offset);
        let object = match self.objects.get(&mapped.name) {
            Some(object) => object.clone(),
            None => {
                let name = mapped.name.clone();
                let object = Object::read(&self.sysroot.host(name.as_bytes(), true)).map(Rc::new);
                self.objects.insert(name, object.clone());
                object
            }
        }?;
        let bias = object.bias(start, offset)?;
        Some((object, bias))
    }

    /// The function that an address is in, and its first address.
    pub(crate) fn symbol(&mut self, addr: u64) -> Option<(String, u64)> {
        let (object, bias) = self.object(addr)?;
        let (name, start) = object.symbols.find(addr.wrapping_sub(bias))?;
        Some((name, start.wrapping_add(bias)))
    }

    /// `name+0xoffset` of the symbol that holds `addr`.
    pub(crate) fn describe(&mut self, addr: u64) -> Option<String> {
        let (name, start) = self.symbol(addr)?;
        Some(if addr == start { name } else { format!("{name}+{:#x}", addr - start) })
    }

    /// What the file, or the memory, at an address is called.
    pub(crate) fn place(&self, addr: u64) -> String {
        match self.mapped(addr).map(|m| m.name.as_str()) {
            None => "[unmapped]".to_owned(),
            Some("") => "[anonymous]".to_owned(),
            Some(name) => name.rsplit('/').next().unwrap_or(name).to_owned(),
        }
    }

    /// The function that executed code is counted for, and up to which address.
    pub(crate) fn function(&mut self, addr: u64) -> (Function, u64) {
        let name = self.symbol(addr).map_or_else(|| "[no symbol]".to_owned(), |(name, _)| name);
        let mapped_to = self.mapped(addr).map_or(addr + 1, |m| m.end);
        let of_symbols = self.object(addr).and_then(|(object, bias)| {
            Some(object.symbols.end_of(addr.wrapping_sub(bias))?.wrapping_add(bias))
        });
        let end = of_symbols.map_or(mapped_to, |end| end.min(mapped_to));
        (Function { name, object: self.place(addr) }, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_inside_sized_and_unsized_symbols() {
        let list = vec![
            (0x1000, 0x20, "f".to_owned()),
            (0x1100, 0, "start".to_owned()),
            (0x2000, 8, "g".to_owned()),
        ];
        let symbols = Symbols { list };
        assert_eq!(symbols.find(0x1000), Some(("f".to_owned(), 0x1000)));
        assert_eq!(symbols.find(0x1004), Some(("f".to_owned(), 0x1000)));
        assert_eq!(symbols.find(0x1020), None);
        assert_eq!(symbols.find(0x1108), Some(("start".to_owned(), 0x1100)));
        assert_eq!(symbols.find(0x2008), None);
        assert_eq!(symbols.find(0xfff), None);
        assert_eq!(
            [0xfff, 0x1004, 0x1020].map(|a| symbols.end_of(a)),
            [Some(0x1000), Some(0x1020), Some(0x1100)]
        );
    }

    #[test]
    fn mappings_lead_back_to_addresses_in_the_file() {
        let object = Object {
            file: File::open("/dev/null").expect("there"),
            frames: OnceCell::new(),
            symbols: Symbols::default(),
            segments: vec![(0, 0x1800, 0), (0x1800, 0x400, 0x2800)],
            eh_frame: None,
        };
        assert_eq!(object.bias(0x2a_0000_0000, 0), Some(0x2a_0000_0000));
        assert_eq!(object.bias(0x2a_0000_0000, 0x1000), Some(0x29_ffff_f000));
        assert_eq!(object.bias(0x2a_0000_0000, 0x9000), None);
    }

    #[test]
    fn the_tables_say_what_the_whole_file_says() {
        let path = std::env::current_exe().expect("a path");
        let object = Object::read(&path).expect("an ELF file");
        let whole = std::fs::read(&path).expect("readable");
        let elf = Elf::parse(&whole).expect("an ELF file");
        assert!(object.symbols.list.len() > 1000);
        assert_eq!(object.symbols.list, Symbols::read(&elf).list);
        let (_, offset, len) = object.eh_frame.expect("Rust unwinds");
        let frames = object.eh_frame().expect("readable").1;
        assert!(frames == &whole[offset as usize..][..len as usize]);
        assert!(Object::read(Path::new("/dev/null")).is_none());
    }
}
