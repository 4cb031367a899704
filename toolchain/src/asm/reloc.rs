//! RISC-V relocation types (RISC-V ELF psABI, "Relocations"), and which of them linkers may relax.

pub const NONE: u32 = 0;
pub const ABS32: u32 = 1;
pub const ABS64: u32 = 2;
pub const BRANCH: u32 = 16;
pub const JAL: u32 = 17;
pub const CALL_PLT: u32 = 19;
pub const GOT_HI20: u32 = 20;
pub const TLS_GOT_HI20: u32 = 21;
pub const TLS_GD_HI20: u32 = 22;
pub const PCREL_HI20: u32 = 23;
pub const PCREL_LO12_I: u32 = 24;
pub const PCREL_LO12_S: u32 = 25;
pub const HI20: u32 = 26;
pub const LO12_I: u32 = 27;
pub const LO12_S: u32 = 28;
pub const TPREL_HI20: u32 = 29;
pub const TPREL_LO12_I: u32 = 30;
pub const TPREL_LO12_S: u32 = 31;
pub const TPREL_ADD: u32 = 32;
pub const ADD8: u32 = 33;
pub const ADD16: u32 = 34;
pub const ADD32: u32 = 35;
pub const ADD64: u32 = 36;
pub const SUB8: u32 = 37;
pub const SUB16: u32 = 38;
pub const SUB32: u32 = 39;
pub const SUB64: u32 = 40;
pub const ALIGN: u32 = 43;
pub const RVC_BRANCH: u32 = 44;
pub const RVC_JUMP: u32 = 45;
pub const RELAX: u32 = 51;
pub const SUB6: u32 = 52;
pub const SET6: u32 = 53;
pub const SET8: u32 = 54;
pub const SET16: u32 = 55;
pub const SET32: u32 = 56;
pub const PCREL32: u32 = 57;
pub const SET_ULEB128: u32 = 60;
pub const SUB_ULEB128: u32 = 61;

/// Names that `.reloc` knows, without `R_RISCV_`, and numbers.
pub const NAMES: [(&str, u32); 45] = [
    ("NONE", NONE),
    ("32", ABS32),
    ("64", ABS64),
    ("BRANCH", BRANCH),
    ("JAL", JAL),
    ("CALL", 18),
    ("CALL_PLT", CALL_PLT),
    ("GOT_HI20", GOT_HI20),
    ("TLS_GOT_HI20", TLS_GOT_HI20),
    ("TLS_GD_HI20", TLS_GD_HI20),
    ("PCREL_HI20", PCREL_HI20),
    ("PCREL_LO12_I", PCREL_LO12_I),
    ("PCREL_LO12_S", PCREL_LO12_S),
    ("HI20", HI20),
    ("LO12_I", LO12_I),
    ("LO12_S", LO12_S),
    ("TPREL_HI20", TPREL_HI20),
    ("TPREL_LO12_I", TPREL_LO12_I),
    ("TPREL_LO12_S", TPREL_LO12_S),
    ("TPREL_ADD", TPREL_ADD),
    ("ADD8", ADD8),
    ("ADD16", ADD16),
    ("ADD32", ADD32),
    ("ADD64", ADD64),
    ("SUB8", SUB8),
    ("SUB16", SUB16),
    ("SUB32", SUB32),
    ("SUB64", SUB64),
    ("GNU_VTINHERIT", 41),
    ("GNU_VTENTRY", 42),
    ("ALIGN", ALIGN),
    ("RVC_BRANCH", RVC_BRANCH),
    ("RVC_JUMP", RVC_JUMP),
    ("RVC_LUI", 46),
    ("RELAX", RELAX),
    ("SUB6", SUB6),
    ("SET6", SET6),
    ("SET8", SET8),
    ("SET16", SET16),
    ("SET32", SET32),
    ("32_PCREL", PCREL32),
    ("IRELATIVE", 58),
    ("PLT32", 59),
    ("SET_ULEB128", SET_ULEB128),
    ("SUB_ULEB128", SUB_ULEB128),
];

/// The name of a relocation type, for listings and messages.
pub fn name(kind: u32) -> String {
    match NAMES.iter().find(|(_, n)| *n == kind) {
        Some((name, _)) => format!("R_RISCV_{name}"),
        None => format!("relocation type {kind}"),
    }
}

/// Whether `R_RISCV_RELAX` may stand beside `kind`.
pub fn relaxable(kind: u32) -> bool {
    matches!(
        kind,
        CALL_PLT
            | PCREL_HI20
            | PCREL_LO12_I
            | PCREL_LO12_S
            | HI20
            | LO12_I
            | LO12_S
            | TPREL_HI20
            | TPREL_LO12_I
            | TPREL_LO12_S
            | TPREL_ADD
    )
}

/// Whether a linker may delete the instruction (or one behind it), so that distances across it are not fixed.
pub fn ends_fragment(kind: u32) -> bool {
    matches!(kind, CALL_PLT | PCREL_HI20 | HI20 | TPREL_HI20 | TPREL_ADD)
}

/// Whether the symbol is a thread-local one.
pub fn thread_local(kind: u32) -> bool {
    matches!(kind, TLS_GOT_HI20 | TLS_GD_HI20 | TPREL_HI20 | TPREL_LO12_I | TPREL_LO12_S | TPREL_ADD)
}

/// The relocations that add and subtract an integer of `size` bytes.
pub fn difference(size: u8) -> (u32, u32) {
    match size {
        1 => (ADD8, SUB8),
        2 => (ADD16, SUB16),
        4 => (ADD32, SUB32),
        _ => (ADD64, SUB64),
    }
}
