//! What assembling a file builds up: sections of fragments, symbols, and the fix-ups between them.

use std::collections::HashMap;

use super::diag::{Diagnostic, Line, Span};
use super::expr::{Base, Expr, Names, SymId, Value, eval};

/// Where a symbol comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum Def {
    /// Not defined (yet).
    None,
    /// A place: section, fragment, byte offset in the fragment.
    Label(u32, u32, u64),
    /// `.set`, `.equ` or `=`.
    Equ(Expr),
}

/// A symbol. Numeric labels and `.` are symbols with an empty name.
#[derive(Debug, Clone)]
pub struct Symbol {
    pub name: String,
    pub def: Def,
    pub global: bool,
    pub weak: bool,
    /// ELF symbol type (`STT_*`), from `.type`.
    pub kind: u8,
    pub size: Option<Expr>,
    /// First use or definition, for messages.
    pub span: Span,
}

/// How a fix-up's expression becomes the number that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The value itself.
    Value,
    /// The value minus the place.
    PcRel,
    /// Bits 31:12 of an absolute value, rounded for a sign-extended low part.
    Hi,
    /// Bits 11:0, sign-extended.
    Lo,
    /// As [`How::Hi`], of value minus place.
    PcrelHi,
    /// The low part that belongs to the `%pcrel_hi` at the label which is the expression.
    PcrelLo,
    /// The low part of the expression relative to the place this many bytes earlier.
    PcrelLoBack(u8),
}

/// What is patched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// A little-endian integer of so many bytes.
    Data(u8),
    /// An instruction of the table, by index, and which of its variables.
    Insn { insn: usize, var: usize },
    /// A field of an instruction written by `.insn`.
    Raw(Field),
}

/// Immediate fields of the base formats, for `.insn` with a symbol as target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    I,
    S,
    B,
    J,
    Cb,
    Cj,
}

/// A number to be stored once addresses are known.
#[derive(Debug, Clone)]
pub struct Fixup {
    /// Byte offset in the fragment.
    pub at: usize,
    pub target: Target,
    pub how: How,
    pub expr: Expr,
    pub span: Span,
}

/// A piece of a section. Only [`Frag::Bytes`] has a size that is known while reading.
#[derive(Debug, Clone)]
pub enum Frag {
    Bytes {
        data: Vec<u8>,
        fixups: Vec<Fixup>,
    },
    /// A conditional branch; when its target is out of range it becomes the inverted branch over a `jal`.
    Branch(Box<Branch>),
    /// Padding up to a multiple of `to` (a power of two), unless that takes more than `max` bytes.
    Align {
        to: u64,
        fill: Option<u8>,
        max: u64,
    },
    /// `count` copies of the low `size` bytes of `value`.
    Fill {
        count: Expr,
        size: u8,
        value: i64,
        span: Span,
    },
    /// Padding up to an offset from the section's beginning (`.org`).
    Org {
        to: Expr,
        fill: u8,
        span: Span,
    },
}

/// A conditional branch whose distance decides its form.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Index in the instruction table, and of the offset variable.
    pub insn: usize,
    pub var: usize,
    /// Encoding with a zero offset, as written and with the condition inverted.
    pub word: u32,
    pub inverse: u32,
    /// Index of `jal`, its offset variable and its encoding with rd = x0, offset 0.
    pub jal: (usize, usize, u32),
    pub target: Expr,
    pub span: Span,
    /// Chosen by layout; once long, a branch stays long, so that layout ends.
    pub long: bool,
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
    pub frags: Vec<Frag>,
    /// What the last bytes of an executable section are: data or code.
    data: Option<bool>,
}

/// ELF constants used here (System V ABI, chapter 4).
pub const SHF_WRITE: u64 = 1;
pub const SHF_ALLOC: u64 = 2;
pub const SHF_EXECINSTR: u64 = 4;
pub const SHT_PROGBITS: u32 = 1;
pub const SHT_NOTE: u32 = 7;
pub const SHT_NOBITS: u32 = 8;

/// Everything known about one assembly.
#[derive(Debug)]
pub struct Unit {
    pub lines: Vec<Line>,
    pub sections: Vec<Section>,
    pub symbols: Vec<Symbol>,
    names: HashMap<String, SymId>,
    /// Last definition of each numeric label, and the symbol waiting for the next one.
    last_local: HashMap<u64, SymId>,
    next_local: HashMap<u64, SymId>,
    pub current: u32,
    pub previous: u32,
    /// The statement being read.
    pub span: Span,
    pub errors: Vec<Diagnostic>,
}

impl Unit {
    pub fn new() -> Self {
        let mut unit = Unit {
            lines: Vec::new(),
            sections: Vec::new(),
            symbols: Vec::new(),
            names: HashMap::new(),
            last_local: HashMap::new(),
            next_local: HashMap::new(),
            current: 0,
            previous: 0,
            span: Span { line: 0, col: 0 },
            errors: Vec::new(),
        };
        unit.switch(".text", None, None);
        unit
    }

    /// Makes the section `name` current, creating it with `flags` and `kind` or those its name implies.
    pub fn switch(&mut self, name: &str, flags: Option<u64>, kind: Option<u32>) {
        let found = self.sections.iter().position(|s| s.name == name);
        let index = found.unwrap_or_else(|| {
            let (f, k) = default_section(name);
            self.sections.push(Section {
                name: name.to_string(),
                flags: flags.unwrap_or(f),
                kind: kind.unwrap_or(k),
                align: 1,
                frags: Vec::new(),
                data: None,
            });
            self.sections.len() - 1
        });
        self.previous = self.current;
        self.current = index as u32;
    }

    pub fn section(&mut self) -> &mut Section {
        &mut self.sections[self.current as usize]
    }

    pub fn is_text(&self) -> bool {
        self.sections[self.current as usize].flags & SHF_EXECINSTR != 0
    }

    /// The open byte fragment of the current section.
    pub fn bytes(&mut self) -> (&mut Vec<u8>, &mut Vec<Fixup>) {
        let frags = &mut self.section().frags;
        if !matches!(frags.last(), Some(Frag::Bytes { .. })) {
            frags.push(Frag::Bytes { data: Vec::new(), fixups: Vec::new() });
        }
        match frags.last_mut() {
            Some(Frag::Bytes { data, fixups }) => (data, fixups),
            _ => unreachable!("a byte fragment was just pushed"),
        }
    }

    /// Says that data or code follows. In executable sections a change is marked by a mapping symbol,
    /// `$d` or `$x` (RISC-V ELF psABI, "Mapping Symbol"), so that disassemblers do not guess.
    pub fn mark(&mut self, data: bool) {
        if self.is_text() && self.section().data != Some(data) {
            self.section().data = Some(data);
            let place = self.place();
            let id = self.anonymous(place);
            self.symbols[id as usize].name = if data { "$d" } else { "$x" }.to_string();
        }
    }

    pub fn emit(&mut self, bytes: &[u8]) {
        self.bytes().0.extend_from_slice(bytes);
    }

    /// Records a fix-up of `size` bytes at the current place and emits `word` there.
    pub fn emit_fixed(&mut self, word: u64, size: u8, target: Target, how: How, expr: Expr) {
        let span = self.span;
        let (data, fixups) = self.bytes();
        fixups.push(Fixup { at: data.len(), target, how, expr, span });
        data.extend_from_slice(&word.to_le_bytes()[..usize::from(size)]);
    }

    pub fn push_frag(&mut self, frag: Frag) {
        self.section().frags.push(frag);
    }

    /// The current place: section, fragment, offset.
    fn place(&mut self) -> Def {
        let offset = self.bytes().0.len() as u64;
        let section = self.current;
        let frag = self.section().frags.len() as u32 - 1;
        Def::Label(section, frag, offset)
    }

    fn anonymous(&mut self, def: Def) -> SymId {
        self.symbols.push(Symbol {
            name: String::new(),
            def,
            global: false,
            weak: false,
            kind: 0,
            size: None,
            span: self.span,
        });
        self.symbols.len() as SymId - 1
    }

    /// The symbol called `name`, created if need be.
    pub fn symbol(&mut self, name: &str) -> SymId {
        if let Some(&id) = self.names.get(name) {
            return id;
        }
        let id = self.anonymous(Def::None);
        self.symbols[id as usize].name = name.to_string();
        self.names.insert(name.to_string(), id);
        id
    }

    /// The symbol called `name`, if there is one.
    pub fn lookup(&self, name: &str) -> Option<SymId> {
        self.names.get(name).copied()
    }

    /// Defines the label `name` here.
    pub fn label(&mut self, name: &str) -> Result<(), String> {
        let id = self.symbol(name);
        if self.symbols[id as usize].def != Def::None {
            return Err(format!("`{name}` is defined already"));
        }
        let place = self.place();
        let span = self.span;
        let symbol = &mut self.symbols[id as usize];
        symbol.def = place;
        symbol.span = span;
        Ok(())
    }

    /// Defines the numeric label `number` here.
    pub fn local_label(&mut self, number: u64) {
        let place = self.place();
        let id = match self.next_local.remove(&number) {
            Some(id) => id,
            None => self.anonymous(Def::None),
        };
        self.symbols[id as usize].def = place;
        self.last_local.insert(number, id);
    }

    /// Sets `name` to `expr`; `again` allows a symbol that was set before.
    pub fn set(&mut self, name: &str, expr: Expr, again: bool) -> Result<(), String> {
        let id = self.symbol(name);
        let span = self.span;
        let symbol = &mut self.symbols[id as usize];
        match symbol.def {
            Def::None => {}
            Def::Equ(_) if again => {}
            _ => return Err(format!("`{name}` is defined already")),
        }
        symbol.def = Def::Equ(expr);
        symbol.span = span;
        Ok(())
    }

    /// The value of `expr` as far as it is known while reading.
    pub fn early(&self, expr: &Expr) -> Result<Value, String> {
        self.early_at(expr, 0)
    }

    fn early_at(&self, expr: &Expr, depth: u32) -> Result<Value, String> {
        if depth > 64 {
            return Err("the symbol is defined by itself".into());
        }
        eval(expr, &mut |id| {
            let symbol = &self.symbols[id as usize];
            match &symbol.def {
                Def::None => Ok(Value { base: Base::Undefined(id), n: 0 }),
                Def::Label(section, frag, offset) => {
                    Ok(Value { base: Base::Run(*section, *frag), n: *offset as i64 })
                }
                Def::Equ(inner) => self.early_at(inner, depth + 1),
            }
        })
    }

    /// The constant `expr` stands for now, if it stands for one.
    pub fn constant(&self, expr: &Expr) -> Option<i64> {
        match self.early(expr) {
            Ok(Value { base: Base::Abs, n }) => Some(n),
            _ => None,
        }
    }

    pub fn error(&mut self, span: Span, message: impl Into<String>) {
        let d = Diagnostic::at(&self.lines, span, message);
        self.errors.push(d);
    }
}

impl Names for Unit {
    fn name(&mut self, name: &str) -> Expr {
        let id = self.symbol(name);
        // A constant is taken at its value here and now, so that `.set x, x + 1` counts.
        match &self.symbols[id as usize].def {
            Def::Equ(Expr::Num(n)) => Expr::Num(*n),
            _ => Expr::Sym(id),
        }
    }

    fn local(&mut self, number: u64, forward: bool) -> Result<Expr, String> {
        if !forward {
            return match self.last_local.get(&number) {
                Some(&id) => Ok(Expr::Sym(id)),
                None => Err(format!("there is no label `{number}:` before this")),
            };
        }
        if let Some(&id) = self.next_local.get(&number) {
            return Ok(Expr::Sym(id));
        }
        let id = self.anonymous(Def::None);
        self.symbols[id as usize].name = format!("{number}f");
        self.next_local.insert(number, id);
        Ok(Expr::Sym(id))
    }

    fn here(&mut self) -> Expr {
        let place = self.place();
        Expr::Sym(self.anonymous(place))
    }
}

/// Flags and type that a section name implies (GNU as, and the ELF ABI's special sections).
pub fn default_section(name: &str) -> (u64, u32) {
    let is = |p: &str| name == p || name.strip_prefix(p).is_some_and(|r| r.starts_with('.'));
    if is(".text") || is(".init") || is(".fini") {
        (SHF_ALLOC | SHF_EXECINSTR, SHT_PROGBITS)
    } else if is(".data") || is(".sdata") {
        (SHF_ALLOC | SHF_WRITE, SHT_PROGBITS)
    } else if is(".bss") || is(".sbss") {
        (SHF_ALLOC | SHF_WRITE, SHT_NOBITS)
    } else if is(".rodata") || is(".srodata") {
        (SHF_ALLOC, SHT_PROGBITS)
    } else if is(".note") {
        (0, SHT_NOTE)
    } else {
        (0, SHT_PROGBITS)
    }
}
