//! The vDSO: a small shared object that the kernel puts into every process, whose functions programs call in place of some system
//! calls (`AT_SYSINFO_EHDR`; Linux, `arch/riscv/kernel/vdso`), and which signal handlers return to.
//!
//! Its functions make the system call: in an emulator that is no slower than reading a shared page, and programs count as they
//! would with any other C library. There is one loadable segment and, as in the kernel's, a dynamic section with symbols of version
//! `LINUX_4.15`; section headers are left out, for nobody reads them in memory.

use super::numbers as nr;

/// The functions and the numbers of their system calls.
const FUNCTIONS: [(&str, u64); 7] = [
    ("__vdso_rt_sigreturn", nr::RT_SIGRETURN),
    ("__vdso_gettimeofday", nr::GETTIMEOFDAY),
    ("__vdso_clock_gettime", nr::CLOCK_GETTIME),
    ("__vdso_clock_getres", nr::CLOCK_GETRES),
    ("__vdso_getcpu", nr::GETCPU),
    ("__vdso_flush_icache", nr::RISCV_FLUSH_ICACHE),
    ("__vdso_riscv_hwprobe", nr::RISCV_HWPROBE),
];

const SONAME: &str = "linux-vdso.so.1";
/// Version of every symbol.
const VERSION: &str = "LINUX_4.15";

const EHDR: u64 = 64;
const PHDR: u64 = 56;
const SYM: u64 = 24;
/// Bytes of a version definition with its one name.
const VERDEF: u64 = 20 + 8;
/// Bytes from one function to the next.
const FUNCTION: u64 = 16;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PF_X: u32 = 1;
const PF_R: u32 = 4;

const DT_NULL: u64 = 0;
const DT_HASH: u64 = 4;
const DT_STRTAB: u64 = 5;
const DT_SYMTAB: u64 = 6;
const DT_STRSZ: u64 = 10;
const DT_SYMENT: u64 = 11;
const DT_SONAME: u64 = 14;
const DT_VERSYM: u64 = 0x6fff_fff0;
const DT_VERDEF: u64 = 0x6fff_fffc;
const DT_VERDEFNUM: u64 = 0x6fff_fffd;

/// Version definition that names the object itself.
const VER_FLG_BASE: u16 = 1;
/// Index of [`VERSION`] among the definitions.
const OUR_VERSION: u16 = 2;

/// The image of the shared object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vdso {
    /// Its bytes, less than a page; address 0 is the first.
    pub image: Vec<u8>,
    /// Offset of the code that signal handlers return to.
    pub sigreturn: u64,
}

/// The string table.
struct Strings(Vec<u8>);

impl Strings {
    fn add(&mut self, text: &str) -> u64 {
        let at = self.0.len() as u64;
        self.0.extend_from_slice(text.as_bytes());
        self.0.push(0);
        at
    }
}

/// Hash of a symbol's or a version's name (System V ABI, "Hash Table").
fn hash(name: &str) -> u32 {
    name.bytes().fold(0u32, |h, byte| {
        let h = (h << 4).wrapping_add(u32::from(byte));
        let high = h & 0xf000_0000;
        (h ^ high >> 24) & !high
    })
}

/// Appends little-endian integers.
macro_rules! put {
    ($out:ident, $($value:expr),* $(,)?) => { $($out.extend(($value).to_le_bytes());)* };
}

impl Vdso {
    /// Lays the object out.
    pub fn new() -> Vdso {
        let symbols = FUNCTIONS.len() as u64 + 1;
        let mut strings = Strings(vec![0]);
        let names = FUNCTIONS.map(|(name, _)| strings.add(name));
        let soname = strings.add(SONAME);
        let version = strings.add(VERSION);

        let align = |at: u64| at.next_multiple_of(8);
        let hash_at = EHDR + 2 * PHDR;
        let dynsym_at = align(hash_at + 4 * (2 + 1 + symbols));
        let dynstr_at = dynsym_at + symbols * SYM;
        let versym_at = align(dynstr_at + strings.0.len() as u64);
        let verdef_at = align(versym_at + symbols * 2);
        let dynamic_at = align(verdef_at + 2 * VERDEF);
        let dynamic = [
            (DT_HASH, hash_at),
            (DT_STRTAB, dynstr_at),
            (DT_SYMTAB, dynsym_at),
            (DT_STRSZ, strings.0.len() as u64),
            (DT_SYMENT, SYM),
            (DT_SONAME, soname),
            (DT_VERSYM, versym_at),
            (DT_VERDEF, verdef_at),
            (DT_VERDEFNUM, 2),
            (DT_NULL, 0),
        ];
        let dynamic_len = dynamic.len() as u64 * 16;
        let text_at = (dynamic_at + dynamic_len).next_multiple_of(FUNCTION);
        let end = text_at + FUNCTIONS.len() as u64 * FUNCTION;

        let mut out = Vec::new();
        let pad = |out: &mut Vec<u8>, at: u64| out.resize(at as usize, 0);
        out.extend(b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0");
        // A shared object for RISC-V of version 1: no entry, program headers next, no section headers, double-float ABI with C.
        put!(
            out,
            3u16,
            243u16,
            1u32,
            0u64,
            EHDR,
            0u64,
            5u32,
            EHDR as u16,
            PHDR as u16,
            2u16,
            64u16,
            0u16,
            0u16
        );
        for (kind, flags, at, len, alignment) in
            [(PT_LOAD, PF_R | PF_X, 0, end, 0x1000u64), (PT_DYNAMIC, PF_R, dynamic_at, dynamic_len, 8)]
        {
            put!(out, kind, flags, at, at, at, len, len, alignment);
        }
        // One bucket, whose chain is all symbols in order.
        put!(out, 1u32, symbols as u32, 1u32, 0u32);
        for n in 1..symbols {
            put!(out, if n + 1 < symbols { n as u32 + 1 } else { 0 });
        }
        pad(&mut out, dynsym_at + SYM);
        for (n, name) in names.into_iter().enumerate() {
            // A global function, visible, in whatever section has number 1.
            put!(out, name as u32, 0x12u8, 0u8, 1u16, text_at + n as u64 * FUNCTION, 12u64);
        }
        out.extend(&strings.0);
        pad(&mut out, versym_at + 2);
        for _ in FUNCTIONS {
            put!(out, OUR_VERSION);
        }
        pad(&mut out, verdef_at);
        for (flags, index, name, text, next) in
            [(VER_FLG_BASE, 1u16, soname, SONAME, VERDEF), (0, OUR_VERSION, version, VERSION, 0)]
        {
            put!(out, 1u16, flags, index, 1u16, hash(text), 20u32, next as u32, name as u32, 0u32);
        }
        pad(&mut out, dynamic_at);
        for (tag, value) in dynamic {
            put!(out, tag, value);
        }
        for (n, (_, number)) in FUNCTIONS.into_iter().enumerate() {
            pad(&mut out, text_at + n as u64 * FUNCTION);
            // `li a7, number; ecall; ret`: unwinders know a signal frame by the first two.
            put!(out, 0x893 | (number as u32) << 20, 0x73u32, 0x8067u32);
        }
        pad(&mut out, end);
        Vdso { image: out, sigreturn: text_at }
    }
}

impl Default for Vdso {
    fn default() -> Vdso {
        Vdso::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::PAGE;
    use goblin::elf::Elf;

    #[test]
    fn the_image_is_an_elf_file_with_the_functions() {
        let vdso = Vdso::new();
        assert!(vdso.image.len() as u64 <= PAGE);
        let elf = Elf::parse(&vdso.image).expect("an ELF file");
        assert_eq!(elf.soname, Some(SONAME));
        assert!(elf.is_lib && elf.is_64 && elf.little_endian);
        let names: Vec<&str> =
            elf.dynsyms.iter().skip(1).filter_map(|s| elf.dynstrtab.get_at(s.st_name)).collect();
        assert_eq!(names, FUNCTIONS.map(|(name, _)| name));
        for (symbol, (name, number)) in elf.dynsyms.iter().skip(1).zip(FUNCTIONS) {
            assert!(symbol.is_function() && symbol.st_shndx != 0);
            let at = symbol.st_value as usize;
            let word = u32::from_le_bytes(vdso.image[at..at + 4].try_into().expect("four bytes"));
            assert_eq!(word >> 20, number as u32, "{name}");
        }
        // Without section headers the dynamic section alone says where the versions are.
        let entries = &elf.dynamic.as_ref().expect("a dynamic section").dyns;
        let entry = |tag| entries.iter().find(|d| d.d_tag == tag).expect("the entry").d_val as usize;
        let half = |at: usize| u16::from_le_bytes([vdso.image[at], vdso.image[at + 1]]);
        let word = |at: usize| u32::from(half(at)) | u32::from(half(at + 2)) << 16;
        let versions: Vec<u16> = (1..=FUNCTIONS.len()).map(|n| half(entry(DT_VERSYM) + 2 * n)).collect();
        assert_eq!(versions, [OUR_VERSION; FUNCTIONS.len()]);
        // Version definition: version, flags, index, count, hash, where its names are, where the next one is.
        let mut at = entry(DT_VERDEF);
        for (index, name) in [(1, SONAME), (OUR_VERSION, VERSION)] {
            assert_eq!((half(at), half(at + 4), half(at + 6)), (1, index, 1), "{name}");
            assert_eq!(word(at + 8), hash(name));
            let names = at + word(at + 12) as usize;
            assert_eq!(elf.dynstrtab.get_at(word(names) as usize), Some(name));
            at += word(at + 16) as usize;
        }
        // The known hash of this version's name, which C libraries compare.
        assert_eq!(hash(VERSION), 0x0ae7_7f75);
        assert_eq!(vdso.sigreturn, elf.dynsyms.iter().nth(1).expect("the first").st_value);
    }
}
