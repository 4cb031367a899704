//! Function symbols of the program, for reports.

use goblin::elf::Elf;

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
        let mut list: Vec<(u64, u64, String)> = elf
            .syms
            .iter()
            .filter(|s| matches!(s.st_type(), 0 | 2) && s.st_shndx != 0 && s.st_value != 0)
            .filter_map(|s| {
                let name = elf.strtab.get_at(s.st_name)?;
                // `$x` and `.L` names mark the state of the code for tools.
                let named = !name.is_empty() && !name.starts_with('$') && !name.starts_with(".L");
                let name = || format!("{:#}", rustc_demangle::demangle(name));
                named.then(|| (s.st_value.wrapping_add(bias), s.st_size, name()))
            })
            .collect();
        list.sort();
        Symbols { list }
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
