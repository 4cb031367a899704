//! Names of CSRs that the specification files do not define (privileged manual, "CSR Listing"): code for other
//! machines uses them, so the assembler knows their numbers.

/// Single registers.
const NAMES: [(&str, u16); 62] = [
    ("sstatus", 0x100),
    ("sie", 0x104),
    ("stvec", 0x105),
    ("scounteren", 0x106),
    ("senvcfg", 0x10a),
    ("sscratch", 0x140),
    ("sepc", 0x141),
    ("scause", 0x142),
    ("stval", 0x143),
    ("sbadaddr", 0x143),
    ("sip", 0x144),
    ("stimecmp", 0x14d),
    ("satp", 0x180),
    ("sptbr", 0x180),
    ("scontext", 0x5a8),
    ("hstatus", 0x600),
    ("hedeleg", 0x602),
    ("hideleg", 0x603),
    ("hie", 0x604),
    ("htimedelta", 0x605),
    ("hcounteren", 0x606),
    ("hgeie", 0x607),
    ("htval", 0x643),
    ("hip", 0x644),
    ("hvip", 0x645),
    ("hgatp", 0x680),
    ("vsstatus", 0x200),
    ("vsie", 0x204),
    ("vstvec", 0x205),
    ("vsscratch", 0x240),
    ("vsepc", 0x241),
    ("vscause", 0x242),
    ("vstval", 0x243),
    ("vsip", 0x244),
    ("vsatp", 0x280),
    ("mstatus", 0x300),
    ("misa", 0x301),
    ("medeleg", 0x302),
    ("mideleg", 0x303),
    ("mie", 0x304),
    ("mtvec", 0x305),
    ("mcounteren", 0x306),
    ("menvcfg", 0x30a),
    ("mcountinhibit", 0x320),
    ("mscratch", 0x340),
    ("mepc", 0x341),
    ("mcause", 0x342),
    ("mtval", 0x343),
    ("mbadaddr", 0x343),
    ("mip", 0x344),
    ("mseccfg", 0x747),
    ("tselect", 0x7a0),
    ("tdata1", 0x7a1),
    ("tdata2", 0x7a2),
    ("tdata3", 0x7a3),
    ("dcsr", 0x7b0),
    ("dpc", 0x7b1),
    ("mcycle", 0xb00),
    ("minstret", 0xb02),
    ("mvendorid", 0xf11),
    ("marchid", 0xf12),
    ("mimpid", 0xf13),
];

/// Families of numbered registers: name, number of the register 0, first and last index.
const FAMILIES: [(&str, u16, u16, u16); 5] = [
    ("hpmcounter", 0xc00, 3, 31),
    ("mhpmcounter", 0xb00, 3, 31),
    ("mhpmevent", 0x320, 3, 31),
    ("pmpcfg", 0x3a0, 0, 15),
    ("pmpaddr", 0x3b0, 0, 63),
];

/// The number of the CSR called `name`.
pub fn number(name: &str) -> Option<u16> {
    if let Some((_, n)) = NAMES.iter().find(|(n, _)| *n == name) {
        return Some(*n);
    }
    match name {
        "mhartid" => return Some(0xf14),
        "mconfigptr" => return Some(0xf15),
        "seed" => return Some(0x015),
        _ => {}
    }
    FAMILIES.iter().find_map(|(family, base, first, last)| {
        let index: u16 = name.strip_prefix(family)?.parse().ok()?;
        (index >= *first && index <= *last).then_some(base + index)
    })
}
