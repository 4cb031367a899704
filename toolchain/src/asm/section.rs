//! Sections: names, flags, types, groups, and the defaults that a name implies.

use std::collections::BTreeMap;

use super::frag::{Fixup, FragId};

/// ELF constants used here (System V ABI, chapter 4; RISC-V ELF psABI).
pub const SHF_WRITE: u64 = 1;
pub const SHF_ALLOC: u64 = 2;
pub const SHF_EXECINSTR: u64 = 4;
pub const SHF_MERGE: u64 = 0x10;
pub const SHF_STRINGS: u64 = 0x20;
pub const SHF_LINK_ORDER: u64 = 0x80;
pub const SHF_GROUP: u64 = 0x200;
pub const SHF_TLS: u64 = 0x400;
pub const SHF_GNU_RETAIN: u64 = 0x20_0000;
pub const SHF_EXCLUDE: u64 = 0x8000_0000;
pub const SHT_PROGBITS: u32 = 1;
pub const SHT_NOTE: u32 = 7;
pub const SHT_NOBITS: u32 = 8;
pub const SHT_INIT_ARRAY: u32 = 14;
pub const SHT_FINI_ARRAY: u32 = 15;
pub const SHT_PREINIT_ARRAY: u32 = 16;
pub const SHT_RISCV_ATTRIBUTES: u32 = 0x7000_0003;

/// A section group: sections that a linker keeps or drops together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub signature: String,
    pub comdat: bool,
}

/// What the last bytes of an executable section are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Content {
    #[default]
    Nothing,
    Data,
    Code,
}

/// A section being filled.
#[derive(Debug, Clone)]
pub struct Section {
    pub name: String,
    /// `SHF_*`.
    pub flags: u64,
    /// `SHT_*`.
    pub kind: u32,
    /// Alignment in bytes, a power of two.
    pub align: u64,
    pub entsize: u64,
    pub group: Option<Group>,
    /// The section whose order this one follows (`o` flag).
    pub link: Option<String>,
    /// Fragments by subsection, which are laid out in the order of their numbers.
    pub parts: BTreeMap<i64, Vec<FragId>>,
    pub fixups: Vec<Fixup>,
    pub content: Content,
    /// The architecture that the last `$x` symbol named.
    pub arch: Option<String>,
    /// Place of the section's symbol among the others; `None` puts it behind them.
    pub chain: Option<u32>,
    /// Size in bytes; set by layout.
    pub size: u64,
}

impl Section {
    pub fn new(name: &str, attributes: &Attributes) -> Self {
        let (flags, kind, entsize) = defaults(name);
        Section {
            name: name.to_string(),
            flags: attributes.flags.unwrap_or(flags) | if attributes.group.is_some() { SHF_GROUP } else { 0 },
            kind: attributes.kind.unwrap_or(kind),
            align: 1,
            entsize: attributes.entsize.unwrap_or(entsize),
            group: attributes.group.clone(),
            link: attributes.link.clone(),
            parts: BTreeMap::new(),
            fixups: Vec::new(),
            content: Content::Nothing,
            arch: None,
            chain: None,
            size: 0,
        }
    }

    pub fn is_code(&self) -> bool {
        self.flags & SHF_EXECINSTR != 0
    }

    /// All fragments in the order in which they are laid out.
    pub fn frags(&self) -> impl Iterator<Item = FragId> + '_ {
        self.parts.values().flatten().copied()
    }
}

/// What a `.section` directive says besides the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    pub flags: Option<u64>,
    pub kind: Option<u32>,
    pub entsize: Option<u64>,
    pub group: Option<Group>,
    pub link: Option<String>,
}

/// Flags, type and entry size that a section name implies (ELF ABI's special sections, and GNU's).
pub fn defaults(name: &str) -> (u64, u32, u64) {
    let is = |p: &str| name == p || name.strip_prefix(p).is_some_and(|r| r.starts_with('.'));
    let once = |p: &str| name.strip_prefix(".gnu.linkonce.").is_some_and(|r| r.starts_with(p));
    let plain = |flags| (flags, SHT_PROGBITS, 0);
    if is(".text") || name == ".init" || name == ".fini" || once("t.") {
        plain(SHF_ALLOC | SHF_EXECINSTR)
    } else if is(".tdata") || once("td.") {
        plain(SHF_ALLOC | SHF_WRITE | SHF_TLS)
    } else if is(".tbss") || once("tb.") {
        (SHF_ALLOC | SHF_WRITE | SHF_TLS, SHT_NOBITS, 0)
    } else if is(".data") || is(".sdata") || name == ".data1" || once("d.") || once("s.") {
        plain(SHF_ALLOC | SHF_WRITE)
    } else if is(".bss") || is(".sbss") || once("b.") || once("sb.") {
        (SHF_ALLOC | SHF_WRITE, SHT_NOBITS, 0)
    } else if is(".rodata") || is(".srodata") || name == ".rodata1" || once("r.") {
        plain(SHF_ALLOC)
    } else if is(".init_array") {
        (SHF_ALLOC | SHF_WRITE, SHT_INIT_ARRAY, 8)
    } else if is(".fini_array") {
        (SHF_ALLOC | SHF_WRITE, SHT_FINI_ARRAY, 8)
    } else if is(".preinit_array") {
        (SHF_ALLOC | SHF_WRITE, SHT_PREINIT_ARRAY, 8)
    } else if name == ".note.GNU-stack" {
        plain(0)
    } else if name.starts_with(".note") {
        (0, SHT_NOTE, 0)
    } else {
        plain(0)
    }
}
