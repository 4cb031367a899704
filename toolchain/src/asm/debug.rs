//! Debugging information of assembly source itself (`-g`): a row of `.debug_line` for each line with instructions, a unit in
//! `.debug_info` with the functions, and the address ranges (DWARF 5, sections 3.1, 3.3, 6.1, 6.2; what GNU as writes).
//!
//! A source that brings `.file` with a number comes from a compiler, which describes it itself: then nothing is added.

use std::rc::Rc;

use super::Assembler;
use super::expr::{Expr, Op, SymId};
use super::frag::{Kind, Tail, Target};
use super::section::{SHF_MERGE, SHF_STRINGS};
use super::symbol::{Def, Role, STT_FUNC};

/// `DW_LANG_Mips_Assembler`, which all assemblers use.
const LANGUAGE: u16 = 0x8001;
/// Size of an address in bytes.
const ADDRESS: u8 = 8;

// Attributes (DWARF 5, table 7.5).
const AT_NAME: u8 = 0x03;
const AT_STMT_LIST: u8 = 0x10;
const AT_LOW_PC: u8 = 0x11;
const AT_HIGH_PC: u8 = 0x12;
const AT_LANGUAGE: u8 = 0x13;
const AT_COMP_DIR: u8 = 0x1b;
const AT_PRODUCER: u8 = 0x25;
const AT_EXTERNAL: u8 = 0x3f;
const AT_TYPE: u8 = 0x49;
const AT_RANGES: u8 = 0x55;

// Forms (DWARF 5, table 7.6).
const ADDR: u8 = 0x01;
const DATA2: u8 = 0x05;
const DATA4: u8 = 0x06;
const FLAG: u8 = 0x0c;
const STRP: u8 = 0x0e;
const UDATA: u8 = 0x0f;
const REF_UDATA: u8 = 0x15;
const SEC_OFFSET: u8 = 0x17;
const FLAG_PRESENT: u8 = 0x19;

// Tags (DWARF 5, table 7.3).
const COMPILE_UNIT: u8 = 0x11;
const SUBPROGRAM: u8 = 0x2e;
const UNSPECIFIED_TYPE: u8 = 0x3b;

/// What `-g` has found so far.
#[derive(Debug)]
pub struct Debug {
    /// DWARF version of the unit, 2 to 5; `None` if nothing is to be written.
    version: Option<u16>,
    /// Files by their numbers less 1.
    files: Vec<Rc<str>>,
    /// File and line of the last row: a second instruction of the line gets none.
    last: Option<(Rc<str>, u32)>,
}

impl Debug {
    pub fn new(version: Option<u16>) -> Self {
        Debug { version, files: Vec::new(), last: None }
    }

    /// The source describes itself; whether something had been made for it.
    pub fn give_up(&mut self) -> bool {
        self.version.take().is_some()
    }
}

/// How functions say whether they are known outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum External {
    /// None is.
    Absent,
    /// All are, which takes no byte.
    Always,
    /// By a byte each.
    Flag,
}

/// A function: symbol, size in bytes, known outside.
struct Function {
    id: SymId,
    size: Expr,
    external: bool,
}

/// A section with rows: symbols at its beginning and end.
struct Range {
    start: SymId,
    end: SymId,
}

impl Assembler<'_> {
    /// Before an instruction: a row for its line if that is another one than before. A line of a macro counts as that of the call.
    pub(super) fn source_row(&mut self) {
        if self.debug.version.is_none() {
            return;
        }
        let mut line = &self.unit.lines[self.unit.span.line as usize];
        while let Some(call) = line.from.filter(|_| line.in_macro) {
            line = &self.unit.lines[call as usize];
        }
        let here = (line.file.clone(), line.number);
        if self.debug.last.as_ref() == Some(&here) {
            return;
        }
        let number = match self.debug.files.iter().position(|f| *f == here.0) {
            Some(n) => n + 1,
            None => {
                self.debug.files.push(here.0.clone());
                let number = self.debug.files.len();
                self.number_file(number as i64, None, here.0.to_string(), None);
                number
            }
        };
        self.source_location(number as u64, i64::from(here.1));
        self.debug.last = Some(here);
    }

    /// Writes everything but `.debug_line` at the end of the file; `sections` are those with rows.
    pub(super) fn write_debug(&mut self, sections: &[u32]) {
        let Some(version) = self.debug.version.filter(|_| !sections.is_empty()) else { return };
        let ranges: Vec<Range> = sections.iter().map(|s| self.range(*s)).collect();
        let functions = self.functions();
        let external = match (functions.iter().all(|f| f.external), functions.iter().any(|f| f.external)) {
            (_, false) => External::Absent,
            (true, _) if version >= 4 => External::Always,
            _ => External::Flag,
        };
        self.own_section(".debug_line", 0, 0);
        let line = self.start_of(self.unit.current.0);
        // Sections stand in the order in which they are named first.
        self.own_section(".debug_info", 0, 0);
        let info = self.unit.current;
        let info_start = self.unit.unlisted_here();
        self.own_section(".debug_abbrev", 0, 0);
        let abbreviations = self.unit.unlisted_here();
        self.abbreviations(version, ranges.len() == 1, !functions.is_empty(), external);
        self.own_section(".debug_aranges", 0, 0);
        self.unit.section().align = 16;
        self.address_table(info_start, &ranges);
        let strings = self.debug_strings(&functions);
        let list = if ranges.len() > 1 { Some(self.range_list(version, &ranges)) } else { None };

        self.unit.current = info;
        let (end, after) = (self.unit.unlisted_here(), self.unit.unlisted_here());
        self.difference(end, after, 4);
        self.redefine(after);
        self.unit.emit(&version.to_le_bytes());
        if version >= 5 {
            // DW_UT_compile
            self.unit.emit(&[1, ADDRESS]);
            self.address(abbreviations, 4);
        } else {
            self.address(abbreviations, 4);
            self.unit.emit(&[ADDRESS]);
        }
        self.unit.emit(&[1]);
        self.address(line, 4);
        match list {
            Some(list) => self.address(list, 4),
            None => {
                let Range { start, end } = ranges[0];
                self.address(start, 8);
                if version < 4 { self.address(end, 8) } else { self.uleb(distance(end, start)) }
            }
        }
        let (unit, names) = strings.split_at(3);
        for id in unit {
            self.address(*id, 4);
        }
        self.unit.emit(&LANGUAGE.to_le_bytes());
        let no_type = self.unit.unlisted_here();
        for (f, name) in functions.iter().zip(names) {
            self.unit.emit(&[2]);
            self.address(*name, 4);
            if external == External::Flag {
                self.unit.emit(&[u8::from(f.external)]);
            }
            if version >= 3 {
                self.uleb(distance(no_type, info_start));
            }
            self.address(f.id, 8);
            if version < 4 {
                let end = Expr::Bin(Op::Add, Box::new(Expr::Sym(f.id)), Box::new(f.size.clone()));
                let target = self.unit.target(&end);
                self.unit.emit_fixed(&[0; 8], Kind::Data(8), target, false);
            } else {
                self.uleb(f.size.clone());
            }
        }
        self.redefine(no_type);
        // The type, and the end of the unit's children, if it has any.
        if !functions.is_empty() {
            self.unit.emit(if version >= 3 { &[3, 0] } else { &[0] });
        }
        self.redefine(end);
    }

    /// Functions with a size, in the order of the symbol table.
    fn functions(&mut self) -> Vec<Function> {
        let code = |def: &Def| match def {
            Def::Label(frag, _) => {
                let section = self.unit.frags[*frag as usize].section;
                self.unit.sections[section as usize].is_code()
            }
            _ => false,
        };
        let found = |(id, s): (usize, &super::symbol::Symbol)| {
            let size = s.size.clone().filter(|size| *size != Expr::Num(0))?;
            let is_one = s.kind == STT_FUNC && s.role == Role::Named && code(&s.def);
            is_one.then_some((s.chain, Function { id: id as SymId, size, external: s.global && !s.weak }))
        };
        let mut list: Vec<_> = self.unit.symbols.iter().enumerate().filter_map(found).collect();
        list.sort_by_key(|(chain, _)| *chain);
        list.into_iter().map(|(_, f)| f).collect()
    }

    /// What the entries of `.debug_info` look like: 1 is the unit, 2 a function, 3 the type that functions have.
    fn abbreviations(&mut self, version: u16, one_range: bool, functions: bool, external: External) {
        let offset = if version < 4 { DATA4 } else { SEC_OFFSET };
        let high = if version < 4 { ADDR } else { UDATA };
        let mut out = vec![1, COMPILE_UNIT, u8::from(functions), AT_STMT_LIST, offset];
        if one_range {
            out.extend([AT_LOW_PC, ADDR, AT_HIGH_PC, high]);
        } else {
            out.extend([AT_RANGES, offset]);
        }
        out.extend([AT_NAME, STRP, AT_COMP_DIR, STRP, AT_PRODUCER, STRP, AT_LANGUAGE, DATA2, 0, 0]);
        if functions {
            out.extend([2, SUBPROGRAM, 0, AT_NAME, STRP]);
            match external {
                External::Absent => {}
                External::Always => out.extend([AT_EXTERNAL, FLAG_PRESENT]),
                External::Flag => out.extend([AT_EXTERNAL, FLAG]),
            }
            if version >= 3 {
                out.extend([AT_TYPE, REF_UDATA]);
            }
            out.extend([AT_LOW_PC, ADDR, AT_HIGH_PC, high, 0, 0]);
            if version >= 3 {
                out.extend([3, UNSPECIFIED_TYPE, 0, 0, 0]);
            }
        }
        out.push(0);
        self.unit.emit(&out);
    }

    /// `.debug_aranges`: which addresses are the unit's.
    fn address_table(&mut self, info: SymId, ranges: &[Range]) {
        let size = 12 + 16 * (ranges.len() as u32 + 1);
        self.unit.emit(&size.to_le_bytes());
        self.unit.emit(&2u16.to_le_bytes());
        self.address(info, 4);
        // Sizes of an address and of a segment, and padding up to twice an address.
        self.unit.emit(&[ADDRESS, 0, 0, 0, 0, 0]);
        for Range { start, end } in ranges {
            self.address(*start, 8);
            self.difference(*end, *start, 8);
        }
        self.unit.emit(&[0; 16]);
    }

    /// The ranges of several sections, `.debug_ranges` or from version 5 on `.debug_rnglists`; a symbol at the list.
    fn range_list(&mut self, version: u16, ranges: &[Range]) -> SymId {
        if version < 5 {
            self.own_section(".debug_ranges", 0, 0);
            self.unit.section().align = 16;
            let list = self.unit.unlisted_here();
            // Addresses count from 0.
            self.unit.emit(&u64::MAX.to_le_bytes());
            self.unit.emit(&[0; 8]);
            for Range { start, end } in ranges {
                self.address(*start, 8);
                self.address(*end, 8);
            }
            self.unit.emit(&[0; 16]);
            return list;
        }
        self.own_section(".debug_rnglists", 0, 0);
        let (end, after) = (self.unit.unlisted_here(), self.unit.unlisted_here());
        self.difference(end, after, 4);
        self.redefine(after);
        self.unit.emit(&5u16.to_le_bytes());
        self.unit.emit(&[ADDRESS, 0, 0, 0, 0, 0]);
        let list = self.unit.unlisted_here();
        for Range { start, end } in ranges {
            // DW_RLE_start_length
            self.unit.emit(&[7]);
            self.address(*start, 8);
            self.uleb(distance(*end, *start));
        }
        self.unit.emit(&[0]);
        self.redefine(end);
        list
    }

    /// `.debug_str`: the unit's name, which is that of the first file with an instruction, its directory, who wrote it, and the functions' names; their symbols.
    fn debug_strings(&mut self, functions: &[Function]) -> Vec<SymId> {
        self.own_section(".debug_str", SHF_MERGE | SHF_STRINGS, 1);
        let directory = std::env::current_dir().unwrap_or_default().display().to_string();
        let producer = format!("mj {}", env!("CARGO_PKG_VERSION"));
        let name = self.debug.files.first().map_or(String::new(), |f| f.to_string());
        let mut strings = vec![name, directory, producer];
        strings.extend(functions.iter().map(|f| self.unit.symbols[f.id as usize].name.clone()));
        let write = |text: String| {
            let id = self.unit.mark_here();
            self.unit.emit(text.as_bytes());
            self.unit.emit(&[0]);
            id
        };
        strings.into_iter().map(write).collect()
    }

    fn range(&mut self, section: u32) -> Range {
        let start = self.start_of(section);
        Range { start, end: self.end_of(section) }
    }

    /// A symbol at the beginning of a section.
    fn start_of(&mut self, section: u32) -> SymId {
        let first = self.unit.sections[section as usize].frags().next();
        let id = self.unit.mark_here();
        if let Some(frag) = first {
            self.unit.symbols[id as usize].def = Def::Label(frag, 0);
        }
        id
    }

    fn address(&mut self, id: SymId, size: u8) {
        let target = Target { add: Some(id), sub: None, n: 0 };
        self.unit.emit_fixed(&[0; 8][..usize::from(size)], Kind::Data(size), target, false);
    }

    /// A number that may become known later.
    fn uleb(&mut self, value: Expr) {
        let span = self.unit.span;
        self.unit.tail(Tail::Leb { value, signed: false, span });
    }
}

fn distance(end: SymId, start: SymId) -> Expr {
    Expr::Bin(Op::Sub, Box::new(Expr::Sym(end)), Box::new(Expr::Sym(start)))
}
