//! A relocatable ELF object, taken apart so that two of them can be compared.

#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;

use goblin::elf::Elf;

/// Relocations that hold a distance in call frame tables: pairs of SET or ADD with SUB.
const DISTANCES: [u32; 8] = [52, 53, 54, 55, 56, 37, 38, 39];

/// A relocation: offset, type, symbol (name, section, value), addend.
type Relocation = (u64, u32, (String, String, u64), i64);

/// What two assemblers must agree on. Sections of one name are kept apart by a number.
#[derive(Debug, Default)]
pub struct Object {
    pub flags: u32,
    pub order: Vec<String>,
    /// Type, flags, size, alignment, entry size.
    pub headers: BTreeMap<String, [u64; 5]>,
    pub contents: BTreeMap<String, Vec<u8>>,
    pub relocations: BTreeMap<String, Vec<Relocation>>,
    /// Name, binding and type, visibility, section, value, size.
    pub symbols: Vec<(String, u8, u8, String, u64, u64)>,
}

impl Object {
    pub fn parse(bytes: &[u8]) -> Object {
        let elf = Elf::parse(bytes).expect("an ELF file");
        let mut out = Object { flags: elf.header.e_flags, ..Object::default() };
        let name =
            |n: usize| elf.shdr_strtab.get_at(elf.section_headers[n].sh_name).unwrap_or("").to_string();
        let place = |n: usize| if n < elf.section_headers.len() { name(n) } else { format!("{n:#x}") };
        let symbols: Vec<_> = elf
            .syms
            .iter()
            .map(|s| {
                let text = elf.strtab.get_at(s.st_name).unwrap_or("").to_string();
                let text = if s.st_type() == 3 { format!("<{}>", place(s.st_shndx)) } else { text };
                (text, s.st_info, s.st_other, place(s.st_shndx), s.st_value, s.st_size)
            })
            .collect();
        let mut keys: Vec<String> = Vec::new();
        for (n, s) in elf.section_headers.iter().enumerate() {
            let same = out.order.iter().filter(|o| **o == name(n)).count();
            let key = if same == 0 { name(n) } else { format!("{}#{same}", name(n)) };
            keys.push(key.clone());
            // Symbol and string tables, and the groups' member lists by index, are looked at otherwise.
            if matches!(s.sh_type, 0 | 2 | 3) {
                continue;
            }
            out.order.push(name(n));
            if s.sh_type == 4 {
                let (_, table) =
                    elf.shdr_relocs.iter().find(|(index, _)| *index == n).expect("a relocation table");
                let list = table.iter().map(|r| {
                    let (text, _, _, section, value, _) = symbols[r.r_sym].clone();
                    (r.r_offset, r.r_type, (text, section, value), r.r_addend.unwrap_or(0))
                });
                out.relocations.insert(keys[s.sh_info as usize].clone(), list.collect());
                continue;
            }
            let header = [u64::from(s.sh_type), s.sh_flags, s.sh_size, s.sh_addralign, s.sh_entsize];
            out.headers.insert(key.clone(), header);
            if !matches!(s.sh_type, 8 | 17) {
                let range = s.sh_offset as usize..(s.sh_offset + s.sh_size) as usize;
                out.contents.insert(key, bytes[range].to_vec());
            }
        }
        out.symbols = symbols;
        out
    }

    /// Everything in which `self` (ours) differs from `theirs` (GNU as's).
    pub fn differences(&self, theirs: &Object) -> Vec<String> {
        let mut out = Vec::new();
        let mut say = |what: &str, a: &dyn Debug, b: &dyn Debug| {
            out.push(format!("{what}: mj {a:?}, GNU as {b:?}"));
        };
        if self.flags != theirs.flags {
            say("flags", &self.flags, &theirs.flags);
        }
        if self.order != theirs.order {
            say("sections", &self.order, &theirs.order);
        }
        for (name, header) in &self.headers {
            if theirs.headers.get(name).is_some_and(|h| h != header) {
                say(&format!("header of {name}"), header, &theirs.headers[name]);
            }
        }
        for (name, bytes) in &self.contents {
            let Some(other) = theirs.contents.get(name) else { continue };
            if let Some(at) = bytes.iter().zip(other).position(|(a, b)| a != b) {
                let window = |b: &[u8]| b[at..b.len().min(at + 8)].to_vec();
                say(&format!("{name}+{at:#x}"), &window(bytes), &window(other));
            }
        }
        let mut split = false;
        let names: HashSet<&String> = self.relocations.keys().chain(theirs.relocations.keys()).collect();
        let none = Vec::new();
        for name in names {
            let a = self.relocations.get(name).unwrap_or(&none);
            let b = theirs.relocations.get(name).unwrap_or(&none);
            if a == b {
                continue;
            }
            if name.ends_with("_frame") && only_more_distances(a, b) {
                split = true;
                continue;
            }
            let at = a.iter().zip(b).position(|(x, y)| x != y).unwrap_or(a.len().min(b.len()));
            say(&format!("relocation {at} of {name}"), &a.get(at), &b.get(at));
        }
        if !split && self.symbols != theirs.symbols {
            let at = self.symbols.iter().zip(&theirs.symbols).position(|(x, y)| x != y);
            let at = at.unwrap_or(self.symbols.len().min(theirs.symbols.len()));
            say(&format!("symbol {at}"), &self.symbols.get(at), &theirs.symbols.get(at));
        }
        out
    }
}

/// Whether `b` is `a` and further distances. GNU as relocates a distance of frame tables, although nothing in
/// between can change, where a block of its own memory happens to end.
fn only_more_distances(a: &[Relocation], b: &[Relocation]) -> bool {
    let ours: HashSet<String> = a.iter().map(|r| format!("{r:?}")).collect();
    let (kept, more): (Vec<_>, Vec<_>) = b.iter().partition(|r| ours.contains(&format!("{r:?}")));
    kept.into_iter().eq(a) && more.iter().all(|r| DISTANCES.contains(&r.1))
}
