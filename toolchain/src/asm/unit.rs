//! What assembling a file builds up: sections of fragments, symbols, and the fix-ups between them.

use std::collections::HashMap;

use super::diag::{Diagnostic, Line, Span};
use super::expr::{Base, Expr, Names, Op, SymId, Value, eval};
use super::frag::{Fixup, Frag, FragId, Kind, Tail, Target};
use super::section::{Attributes, Content, Section};
use super::symbol::{Def, Role, Symbol};

/// Nesting of symbols set to symbols that is followed.
pub const MAX_EQU_DEPTH: u32 = 64;

/// A place in the output: section and subsection.
pub type Place = (u32, i64);

/// Everything known about one assembly.
#[derive(Debug)]
pub struct Unit {
    pub lines: Vec<Line>,
    pub sections: Vec<Section>,
    pub frags: Vec<Frag>,
    pub symbols: Vec<Symbol>,
    names: HashMap<String, SymId>,
    section_names: HashMap<String, Vec<u32>>,
    /// Last definition of each numeric label, and the symbol waiting for the next one.
    last_local: HashMap<u64, SymId>,
    next_local: HashMap<u64, SymId>,
    /// How often each numeric label was defined.
    local_count: HashMap<u64, u64>,
    pub current: Place,
    pub previous: Place,
    /// The statement being read.
    pub span: Span,
    /// The canonical name of the architecture in force (see [`super::arch`]).
    pub arch: String,
    pub errors: Vec<Diagnostic>,
    /// Bytes emitted so far, in all sections.
    pub emitted: u64,
    next_chain: u32,
}

impl Unit {
    pub fn new() -> Self {
        let mut unit = Unit {
            lines: Vec::new(),
            sections: Vec::new(),
            frags: Vec::new(),
            symbols: Vec::new(),
            names: HashMap::new(),
            section_names: HashMap::new(),
            last_local: HashMap::new(),
            next_local: HashMap::new(),
            local_count: HashMap::new(),
            current: (0, 0),
            previous: (0, 0),
            span: Span { line: 0, col: 0 },
            arch: String::new(),
            errors: Vec::new(),
            emitted: 0,
            next_chain: 0,
        };
        for name in [".text", ".data", ".bss"] {
            unit.section_index(name, &Attributes::default());
        }
        unit
    }

    /// The next place in the order of the symbol table.
    pub fn chain(&mut self) -> Option<u32> {
        self.next_chain += 1;
        Some(self.next_chain)
    }

    /// The section of this name (and group), created with `attributes` or with what its name implies.
    pub fn section_index(&mut self, name: &str, attributes: &Attributes) -> u32 {
        let same = self.section_names.entry(name.to_string()).or_default();
        let hit = same.iter().find(|i| {
            let s = &self.sections[**i as usize];
            s.group == attributes.group && s.link == attributes.link
        });
        // Without attributes the first section of the name is meant, whatever its group.
        let bare = (*attributes == Attributes::default()).then(|| same.first()).flatten();
        if let Some(index) = hit.or(bare) {
            return *index;
        }
        let index = self.sections.len() as u32;
        same.push(index);
        let mut section = Section::new(name, attributes);
        section.chain = self.chain();
        self.sections.push(section);
        index
    }

    /// Names that are not defined but are those of sections stand for these, as in compilers' `.word .debug_abbrev`.
    pub fn name_sections(&mut self) {
        for id in 0..self.symbols.len() {
            let symbol = &self.symbols[id];
            if symbol.role != Role::Named || symbol.def != Def::None || symbol.is_external() {
                continue;
            }
            let Some(&section) = self.section_names.get(&symbol.name).and_then(|same| same.first()) else {
                continue;
            };
            let first = self.sections[section as usize].frags().next();
            let frag = first.unwrap_or_else(|| {
                self.current = (section, 0);
                self.new_frag()
            });
            // Relocations then refer to the section itself.
            self.symbols[id].role = Role::Expression;
            self.symbols[id].def = Def::Label(frag, 0);
        }
    }

    /// Makes a section current.
    pub fn switch(&mut self, index: u32, sub: i64) {
        self.previous = self.current;
        self.current = (index, sub);
    }

    pub fn section(&mut self) -> &mut Section {
        &mut self.sections[self.current.0 as usize]
    }

    pub fn is_code(&self) -> bool {
        self.sections[self.current.0 as usize].is_code()
    }

    /// The open fragment of the current section.
    pub fn frag(&mut self) -> FragId {
        let (section, sub) = self.current;
        let part = self.sections[section as usize].parts.entry(sub).or_default();
        match part.last() {
            Some(&id) if matches!(self.frags[id as usize].tail, Tail::None) => id,
            _ => self.new_frag(),
        }
    }

    /// Begins a new fragment.
    pub fn new_frag(&mut self) -> FragId {
        let (section, sub) = self.current;
        let id = self.frags.len() as FragId;
        self.frags.push(Frag::new(section));
        self.sections[section as usize].parts.entry(sub).or_default().push(id);
        id
    }

    /// Ends the open fragment with `tail`.
    pub fn tail(&mut self, tail: Tail) {
        let id = self.frag();
        self.frags[id as usize].tail = tail;
    }

    /// The place that the next byte goes to.
    pub fn here_now(&mut self) -> (FragId, u64) {
        let id = self.frag();
        (id, self.frags[id as usize].data.len() as u64)
    }

    /// Says that data or code follows. In executable sections a change is marked by a mapping symbol, `$d` or `$x`
    /// (RISC-V ELF psABI, "Mapping Symbol"); the first `$x` of a section, and one after a change, names the
    /// architecture.
    pub fn mark(&mut self, content: Content) {
        if !self.is_code() {
            return;
        }
        let arch = std::mem::take(&mut self.arch);
        let section = self.section();
        let renamed = content == Content::Code && section.arch.as_ref() != Some(&arch);
        let changed = section.content != content;
        if changed || renamed {
            section.content = content;
            if renamed {
                section.arch = Some(arch.clone());
            }
            let name = match (content, renamed) {
                (Content::Code, true) => format!("$x{arch}"),
                (Content::Code, false) => "$x".to_string(),
                _ => "$d".to_string(),
            };
            let (frag, at) = self.here_now();
            // Of two at one place only the later one counts.
            let def = Def::Label(frag, at);
            for old in self.symbols.iter_mut().rev().take(8) {
                if old.role == Role::Mapping && old.def == def {
                    old.role = Role::Replaced;
                }
            }
            let id = self.add(&name, Role::Mapping, def);
            self.symbols[id as usize].chain = self.chain();
        }
        self.arch = arch;
    }

    pub fn emit(&mut self, bytes: &[u8]) {
        let id = self.frag();
        self.emitted += bytes.len() as u64;
        self.frags[id as usize].data.extend_from_slice(bytes);
    }

    /// Records a fix-up at the current place and emits `bytes` there.
    pub fn emit_fixed(&mut self, bytes: &[u8], kind: Kind, target: Target, relax: bool) {
        let (frag, at) = self.here_now();
        let span = self.span;
        self.section().fixups.push(Fixup { frag, at: at as u32, kind, target, span, relax });
        self.emit(bytes);
    }

    fn add(&mut self, name: &str, role: Role, def: Def) -> SymId {
        self.symbols.push(Symbol::new(name, role, def, self.span));
        self.symbols.len() as SymId - 1
    }

    /// A symbol at the current place that takes its place in the symbol table now (should it be needed).
    pub fn mark_here(&mut self) -> SymId {
        let id = self.unlisted_here();
        self.symbols[id as usize].chain = self.chain();
        id
    }

    /// A symbol at the current place that is listed where a relocation first needs it.
    pub fn unlisted_here(&mut self) -> SymId {
        let (frag, at) = self.here_now();
        self.add(".L0 ", Role::Temporary, Def::Label(frag, at))
    }

    /// The symbol called `name`, created if need be.
    pub fn symbol(&mut self, name: &str) -> SymId {
        if let Some(&id) = self.names.get(name) {
            return id;
        }
        let id = self.add(name, Role::Named, Def::None);
        if !self.symbols[id as usize].is_local_name() {
            self.symbols[id as usize].chain = self.chain();
        }
        self.names.insert(name.to_string(), id);
        id
    }

    /// As [`Unit::symbol`], for directives that make a local name a symbol like others.
    pub fn listed_symbol(&mut self, name: &str) -> SymId {
        let id = self.symbol(name);
        self.list(id);
        id
    }

    /// Gives a symbol its place in the symbol table, if it has none yet.
    pub fn list(&mut self, id: SymId) {
        if self.symbols[id as usize].chain.is_none() {
            self.symbols[id as usize].chain = self.chain();
        }
    }

    /// The symbol called `name`, if there is one.
    pub fn lookup(&self, name: &str) -> Option<SymId> {
        self.names.get(name).copied()
    }

    /// Defines the label `name` here.
    pub fn label(&mut self, name: &str) -> Result<(), String> {
        let (frag, at) = self.here_now();
        self.define_at(name, Def::Label(frag, at))
    }

    /// Defines `name`, which must not be defined yet.
    pub fn define_at(&mut self, name: &str, def: Def) -> Result<(), String> {
        let id = self.symbol(name);
        let span = self.span;
        let symbol = &mut self.symbols[id as usize];
        if !matches!(symbol.def, Def::None) {
            return Err(format!("`{name}` is defined already"));
        }
        symbol.def = def;
        symbol.span = span;
        Ok(())
    }

    /// Defines the numeric label `number` here.
    pub fn local_label(&mut self, number: u64) {
        let (frag, at) = self.here_now();
        let def = Def::Label(frag, at);
        let id = match self.next_local.remove(&number) {
            Some(id) => id,
            None => self.add("", Role::Numeric, Def::None),
        };
        let count = self.local_count.entry(number).or_default();
        *count += 1;
        let symbol = &mut self.symbols[id as usize];
        // The name such labels have in GNU as's symbol tables.
        symbol.name = format!(".L{number}\u{2}{count}");
        symbol.def = def;
        self.last_local.insert(number, id);
    }

    /// Sets `name` to `expr`; `again` allows a symbol that was set before.
    pub fn set(&mut self, name: &str, expr: Expr, again: bool) -> Result<(), String> {
        let mut id = self.listed_symbol(name);
        // So is what it stands for, with or without an offset.
        let mut target = Target::default();
        if self.linear(&expr, false, &mut target, 0)
            && let Target { add: Some(of), sub: None, .. } = target
        {
            self.list(of);
        }
        let span = self.span;
        match self.symbols[id as usize].def {
            Def::None => {}
            Def::Equ(Expr::Num(_)) if again => {}
            Def::Equ(_) if again => {
                // What was said with the old value keeps it.
                let mut fresh = self.symbols[id as usize].clone();
                fresh.chain = self.chain();
                self.symbols[id as usize].role = Role::Replaced;
                self.symbols.push(fresh);
                id = self.symbols.len() as SymId - 1;
                self.names.insert(name.to_string(), id);
            }
            _ => return Err(format!("`{name}` is defined already")),
        }
        let symbol = &mut self.symbols[id as usize];
        symbol.def = Def::Equ(expr);
        symbol.span = span;
        Ok(())
    }

    /// The value of `expr` as far as it is known while reading.
    pub fn early(&self, expr: &Expr) -> Result<Value, String> {
        self.early_at(expr, 0)
    }

    fn early_at(&self, expr: &Expr, depth: u32) -> Result<Value, String> {
        if depth > MAX_EQU_DEPTH {
            return Err("the symbol is defined by itself".into());
        }
        eval(expr, &mut |id| {
            let symbol = &self.symbols[id as usize];
            match &symbol.def {
                Def::None | Def::Common(..) => Ok(Value { base: Base::Undefined(id), n: 0 }),
                Def::Label(frag, at) => Ok(Value { base: Base::Frag(*frag), n: *at as i64 }),
                Def::Equ(inner) => self.early_at(inner, depth + 1),
            }
        })
    }

    /// The constant `expr` stands for now, if it stands for one. Distances inside one fragment are constants.
    pub fn constant(&self, expr: &Expr) -> Option<i64> {
        match self.early(expr) {
            Ok(Value { base: Base::Abs, n }) => Some(n),
            _ => None,
        }
    }

    /// `expr` as relocations can express it; what they cannot becomes a symbol of its own, evaluated at the end.
    pub fn target(&mut self, expr: &Expr) -> Target {
        let mut target = Target::default();
        if self.linear(expr, false, &mut target, 0) {
            return target;
        }
        let id = self.add("", Role::Expression, Def::Equ(expr.clone()));
        Target { add: Some(id), sub: None, n: 0 }
    }

    fn linear(&self, expr: &Expr, negative: bool, target: &mut Target, depth: u32) -> bool {
        if depth > 200 {
            return false;
        }
        match expr {
            Expr::Num(n) => {
                let n = if negative { n.wrapping_neg() } else { *n };
                target.n = target.n.wrapping_add(n);
                true
            }
            Expr::Sym(id) => {
                if let Def::Equ(inner) = &self.symbols[*id as usize].def
                    && (matches!(inner, Expr::Num(_)) || self.symbols[*id as usize].role == Role::Expression)
                {
                    return self.linear(inner, negative, target, depth + 1);
                }
                let (slot, other) = if negative {
                    (&mut target.sub, &mut target.add)
                } else {
                    (&mut target.add, &mut target.sub)
                };
                if *other == Some(*id) {
                    *other = None;
                    return true;
                }
                slot.replace(*id).is_none()
            }
            Expr::Un(Op::Neg, inner) => self.linear(inner, !negative, target, depth + 1),
            Expr::Bin(Op::Add, l, r) => {
                self.linear(l, negative, target, depth + 1) && self.linear(r, negative, target, depth + 1)
            }
            Expr::Bin(Op::Sub, l, r) => {
                self.linear(l, negative, target, depth + 1) && self.linear(r, !negative, target, depth + 1)
            }
            _ => match self.early_at(expr, depth) {
                Ok(Value { base: Base::Abs, n }) => {
                    let n = if negative { n.wrapping_neg() } else { n };
                    target.n = target.n.wrapping_add(n);
                    true
                }
                _ => false,
            },
        }
    }

    /// The value of `expr` once layout has placed the fragments.
    pub fn late(&self, expr: &Expr) -> Result<Value, String> {
        self.late_at(expr, 0)
    }

    /// The value of a symbol once layout has placed the fragments.
    pub fn symbol_value(&self, id: SymId) -> Result<Value, String> {
        self.symbol_at(id, 0)
    }

    fn symbol_at(&self, id: SymId, depth: u32) -> Result<Value, String> {
        match &self.symbols[id as usize].def {
            Def::None | Def::Common(..) => Ok(Value { base: Base::Undefined(id), n: 0 }),
            Def::Label(frag, at) => {
                let frag = &self.frags[*frag as usize];
                Ok(Value { base: Base::Section(frag.section), n: (frag.addr + at) as i64 })
            }
            Def::Equ(inner) => self.late_at(inner, depth + 1),
        }
    }

    fn late_at(&self, expr: &Expr, depth: u32) -> Result<Value, String> {
        if depth > MAX_EQU_DEPTH {
            return Err("the symbol is defined by itself".into());
        }
        eval(expr, &mut |id| self.symbol_at(id, depth))
    }

    /// The symbol that `id` is another name for, if it was set to an undefined one, and the offset from that.
    pub fn alias_of(&self, id: SymId) -> Option<(SymId, i64)> {
        if !matches!(self.symbols[id as usize].def, Def::Equ(_)) {
            return None;
        }
        match self.symbol_value(id) {
            Ok(Value { base: Base::Undefined(other), n }) if other != id => Some((other, n)),
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
        self.symbols[id as usize].referenced = true;
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
        let id = self.add(&format!("{number}f"), Role::Numeric, Def::None);
        self.next_local.insert(number, id);
        Ok(Expr::Sym(id))
    }

    fn here(&mut self) -> Expr {
        Expr::Sym(self.mark_here())
    }
}
