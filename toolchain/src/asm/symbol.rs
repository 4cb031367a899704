//! Symbols: where they are, and how they appear in the symbol table.

use super::diag::Span;
use super::expr::Expr;
use super::frag::FragId;

/// Where a symbol comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Def {
    /// Not defined (yet).
    None,
    /// A place: fragment, and byte offset in it (which may be its end, before the tail).
    Label(FragId, u64),
    /// `.set`, `.equ` or `=`, or an expression that no relocation can hold.
    Equ(Expr),
    /// `.comm`: size and alignment in bytes.
    Common(u64, u64),
}

/// ELF symbol types (System V ABI, "Symbol Table").
pub const STT_NOTYPE: u8 = 0;
pub const STT_OBJECT: u8 = 1;
pub const STT_FUNC: u8 = 2;
pub const STT_TLS: u8 = 6;
pub const STT_GNU_IFUNC: u8 = 10;

/// How a symbol takes part in the symbol table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// By its name.
    Named,
    /// A place the assembler made for itself; in the table only if a relocation needs it.
    Temporary,
    /// A numeric label or a reference to one; like [`Role::Temporary`].
    Numeric,
    /// A mapping symbol (`$x`, `$d`).
    Mapping,
    /// An expression; never in the table.
    Expression,
    /// An old value of a name that was set again; never in the table.
    Replaced,
}

/// A symbol.
#[derive(Debug, Clone)]
pub struct Symbol {
    pub name: String,
    pub role: Role,
    pub def: Def,
    pub global: bool,
    pub weak: bool,
    /// One for all objects loaded, whatever their scopes (`gnu_unique_object`).
    pub unique: bool,
    /// `.local`: stays local although it is a common one.
    pub local: bool,
    /// `STV_*`: 0 default, 1 internal, 2 hidden, 3 protected.
    pub visibility: u8,
    /// ELF symbol type (`STT_*`), from `.type`.
    pub kind: u8,
    pub size: Option<Expr>,
    /// First use or definition, for messages.
    pub span: Span,
    /// Place in the order of the symbol table; names that begin with `.L` get one when a relocation uses them.
    pub chain: Option<u32>,
    /// A relocation refers to it.
    pub used: bool,
    /// It stands for another symbol, and is weak if only references to that come from here (`.weakref`).
    pub weakref: bool,
    /// Whether it was named other than by `.weakref`.
    pub referenced: bool,
    /// Further names with versions (`.symver`).
    pub versions: Vec<String>,
}

impl Symbol {
    pub fn new(name: &str, role: Role, def: Def, span: Span) -> Self {
        Symbol {
            name: name.to_string(),
            role,
            def,
            global: false,
            weak: false,
            unique: false,
            local: false,
            visibility: 0,
            kind: STT_NOTYPE,
            size: None,
            span,
            chain: None,
            used: false,
            weakref: false,
            referenced: false,
            versions: Vec::new(),
        }
    }

    /// Whether the name says that it is the assembler's own business.
    pub fn is_local_name(&self) -> bool {
        match self.role {
            Role::Named => self.name.starts_with(".L") || self.name.starts_with(".."),
            Role::Mapping => false,
            _ => true,
        }
    }

    /// Whether it is global or weak in the table.
    pub fn is_external(&self) -> bool {
        self.global || self.weak
    }
}
