//! Function symbols of the program, for reports.

use crate::linux::Process;
use goblin::elf::Elf;
use goblin::elf::program_header::PT_LOAD;

/// Symbols by address.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    /// (address, size, name), sorted by address.
    list: Vec<(u64, u64, String)>,
}

impl Symbols {
    /// The function symbols in the ELF file `bytes`, moved by `bias`. None when the file has none or its
    /// tables are damaged.
    pub fn read(bytes: &[u8], bias: u64) -> Symbols {
        let Ok(elf) = Elf::parse(bytes) else { return Symbols::default() };
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
                let name = || format!("{:#}", rustc_demangle::demangle(name));
                named.then(|| (s.st_value.wrapping_add(bias), s.st_size, name()))
            })
            .collect();
        list.sort();
        list.dedup();
        Symbols { list }
    }

    /// The symbols of the file that is mapped at `addr`: of the program, or of a library. None when there is no such
    /// file or it cannot be read.
    pub fn at(addr: u64, process: &Process) -> Symbols {
        Symbols::find(addr, process).unwrap_or_default()
    }

    fn find(addr: u64, process: &Process) -> Option<Symbols> {
        let (start, offset, name) = {
            let space = process.lock_space();
            let (start, vma) = space.find(addr)?;
            (start, vma.offset, vma.name.clone())
        };
        let bytes = std::fs::read(process.config().sysroot.host(name.as_bytes(), true)).ok()?;
        let elf = Elf::parse(&bytes).ok()?;
        // The file offset of the page is in one segment, which says where the page was meant to be.
        let page = |n: u64| n & !(crate::memory::PAGE - 1);
        let segment = elf.program_headers.iter().find(|p| {
            p.p_type == PT_LOAD
                && page(p.p_offset) <= offset
                && offset < p.p_offset.saturating_add(p.p_filesz)
        })?;
        let meant = page(segment.p_vaddr).wrapping_add(offset - page(segment.p_offset));
        Some(Symbols::read(&bytes, start.wrapping_sub(meant)))
    }

    /// `name+0xoffset` of the symbol that holds `addr`.
    pub fn describe(&self, addr: u64) -> Option<String> {
        let n = self.list.partition_point(|(start, _, _)| *start <= addr);
        let near = self.list[..n].iter().rev().take(8);
        // Sized symbols are exact; an unsized one (hand-written assembly) reaches up to the next symbol.
        let (start, _, name) = near.clone().find(|(start, size, _)| addr - start < *size).or_else(|| {
            let (start, size, _) = self.list[..n].last()?;
            (*size == 0 && addr - start < 1 << 20).then(|| &self.list[n - 1])
        })?;
        Some(if addr == *start { name.clone() } else { format!("{name}+{:#x}", addr - start) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn describes_inside_sized_and_unsized_symbols() {
        let list = vec![
            (0x1000, 0x20, "f".to_owned()),
            (0x1100, 0, "start".to_owned()),
            (0x2000, 8, "g".to_owned()),
        ];
        let symbols = Symbols { list };
        assert_eq!(symbols.describe(0x1000).as_deref(), Some("f"));
        assert_eq!(symbols.describe(0x1004).as_deref(), Some("f+0x4"));
        assert_eq!(symbols.describe(0x1020), None);
        assert_eq!(symbols.describe(0x1108).as_deref(), Some("start+0x8"));
        assert_eq!(symbols.describe(0x2008), None);
        assert_eq!(symbols.describe(0xfff), None);
    }
}
