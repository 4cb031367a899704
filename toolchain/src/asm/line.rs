//! `.file` and `.loc`: the line number program of `.debug_line` (DWARF 5, section 6.2).
//!
//! Addresses advance by `DW_LNS_fixed_advance_pc` with a pair of relocations, because a linker that relaxes changes
//! distances.

use super::Assembler;
use super::data::leb128;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, SymId};
use super::frag::{Kind, Tail, Target};
use super::lex::Tok;
use super::section::{SHF_MERGE, SHF_STRINGS};
use super::symbol::Def;

/// Parameters of special opcodes.
const LINE_BASE: i64 = -5;
const LINE_RANGE: i64 = 14;
const OPCODE_BASE: i64 = 13;
/// Operand counts of the standard opcodes 1 to 12.
const OPCODE_LENGTHS: [u8; 12] = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
/// Largest file number.
const MAX_FILE: i64 = 1 << 16;

/// A row's state besides the address.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Location {
    file: u64,
    line: i64,
    column: u64,
    isa: u64,
    discriminator: u64,
    is_stmt: bool,
    basic_block: bool,
    prologue_end: bool,
    epilogue_begin: bool,
}

impl Location {
    /// The initial state of the line number machine.
    fn initial() -> Self {
        Location {
            file: 1,
            line: 1,
            column: 0,
            isa: 0,
            discriminator: 0,
            is_stmt: true,
            basic_block: false,
            prologue_end: false,
            epilogue_begin: false,
        }
    }
}

/// A source file of the table.
#[derive(Debug, Clone)]
struct Source {
    directory: u64,
    name: String,
    md5: Option<[u8; 16]>,
}

/// What `.file` and `.loc` have said.
#[derive(Debug)]
pub struct Lines {
    location: Location,
    pending: bool,
    /// Rows of each section, in the order of the sections' first rows.
    rows: Vec<(u32, Vec<(SymId, Location)>)>,
    directories: Vec<String>,
    files: Vec<Option<Source>>,
    pub version: u16,
}

impl Lines {
    pub fn new(version: u16) -> Self {
        Lines {
            location: Location::initial(),
            pending: false,
            rows: Vec::new(),
            directories: Vec::new(),
            files: Vec::new(),
            version,
        }
    }
}

impl Assembler<'_> {
    /// `.file "name"` names the source in the symbol table; `.file n ["directory"] "name" [md5 n]` gives a number.
    pub(super) fn file_directive(&mut self, cur: &mut Cursor) -> Parsed<()> {
        if let Some(Tok::Str(name)) = cur.peek() {
            cur.at += 1;
            self.file_symbol.get_or_insert(String::from_utf8_lossy(name).into_owned());
            return Ok(());
        }
        let col = cur.col();
        let number = self.known(cur)?;
        if !(0..MAX_FILE).contains(&number) {
            return Err(Fault::new(col, "the file number is out of range"));
        }
        let string = |cur: &mut Cursor| match cur.peek() {
            Some(Tok::Str(s)) => {
                cur.at += 1;
                Ok(String::from_utf8_lossy(s).into_owned())
            }
            _ => cur.fault("expected a file name in quotes"),
        };
        let first = string(cur)?;
        let (directory, name) = match cur.peek() {
            Some(Tok::Str(_)) => (Some(first), string(cur)?),
            _ => (None, first),
        };
        let mut md5 = None;
        if matches!(cur.peek(), Some(Tok::Ident(s)) if s == "md5") {
            cur.at += 1;
            md5 = match cur.advance() {
                Some(Tok::Wide(n)) => Some(n.to_be_bytes()),
                Some(Tok::Int(n)) => Some(u128::from(*n as u64).to_be_bytes()),
                _ => return cur.fault("expected a number of 128 bits"),
            };
        }
        if number == 0 || md5.is_some() {
            self.lines.version = self.lines.version.max(5);
        }
        self.compiler_describes();
        self.number_file(number, directory, name, md5);
        Ok(())
    }

    /// The source has debugging information of its own, so that none is made of its lines (`-g`).
    fn compiler_describes(&mut self) {
        if self.debug.give_up() {
            self.lines = Lines::new(self.lines.version);
        }
    }

    /// Enters a file under a number.
    pub(super) fn number_file(
        &mut self,
        number: i64,
        mut directory: Option<String>,
        mut name: String,
        md5: Option<[u8; 16]>,
    ) {
        // A path is split, as tables keep directories apart; the compilation's directory is not the file's.
        let whole = if number == 0 { directory.take() } else { None };
        if let Some(path) = whole {
            self.directory(0, Some(path));
        }
        if directory.is_none()
            && let Some((path, base)) = name.rsplit_once('/')
        {
            directory = Some(if path.is_empty() { "/".to_string() } else { path.to_string() });
            name = base.to_string();
        }
        let directory = self.directory(1, directory);
        let index = number as usize;
        if self.lines.files.len() <= index {
            self.lines.files.resize(index + 1, None);
        }
        self.lines.files[index] = Some(Source { directory, name, md5 });
    }

    /// The rows that follow are of this line.
    pub(super) fn source_location(&mut self, file: u64, line: i64) {
        self.lines.location = Location { file, line, ..Location::initial() };
        self.lines.pending = true;
    }

    /// The number of a directory; 0 is the one of the compilation.
    fn directory(&mut self, file: i64, path: Option<String>) -> u64 {
        let lines = &mut self.lines;
        let Some(path) = path else { return 0 };
        if lines.directories.is_empty() {
            lines.directories.push(if file == 0 { path.clone() } else { String::new() });
        } else if file == 0 {
            lines.directories[0] = path;
            return 0;
        }
        match lines.directories.iter().position(|d| *d == path) {
            Some(n) => n as u64,
            None => {
                lines.directories.push(path);
                lines.directories.len() as u64 - 1
            }
        }
    }

    /// `.loc file line [column] [options]`
    pub(super) fn loc_directive(&mut self, cur: &mut Cursor) -> Parsed<()> {
        self.line_row_here();
        let col = cur.col();
        let file = self.known(cur)?;
        let known =
            usize::try_from(file).ok().and_then(|n| self.lines.files.get(n)).is_some_and(Option::is_some);
        if !known {
            return Err(Fault::new(col, format!("file number {file} was not given by `.file`")));
        }
        let line = self.known(cur)?;
        let mut location = Location { file: file as u64, line, ..self.lines.location.clone() };
        location.discriminator = 0;
        if matches!(cur.peek(), Some(Tok::Int(_))) {
            location.column = self.known(cur)? as u64;
        }
        while !cur.done() {
            let col = cur.col();
            match cur.ident()? {
                "basic_block" => location.basic_block = true,
                "prologue_end" => location.prologue_end = true,
                "epilogue_begin" => location.epilogue_begin = true,
                "is_stmt" => location.is_stmt = self.known(cur)? != 0,
                "isa" => location.isa = self.known(cur)? as u64,
                "discriminator" => location.discriminator = self.known(cur)? as u64,
                // Numbers of views are for location lists; a label given here is set to 0.
                "view" => {
                    cur.eat("-");
                    match cur.advance() {
                        Some(Tok::Ident(name)) => {
                            let name = name.clone();
                            self.define(&name, col, super::expr::Expr::Num(0), false)?;
                        }
                        Some(Tok::Int(_)) => {}
                        _ => return cur.fault("expected a label"),
                    }
                }
                other => return Err(Fault::new(col, format!("unknown option `{other}` of `.loc`"))),
            }
        }
        self.lines.location = location;
        self.lines.pending = true;
        Ok(())
    }

    /// Makes a row of the last `.loc` for the current place, if it has none yet.
    pub(super) fn line_row_here(&mut self) {
        self.source_row();
        if !self.lines.pending {
            return;
        }
        self.lines.pending = false;
        let section = self.unit.current.0;
        let label = self.unit.mark_here();
        let row = (label, self.lines.location.clone());
        let lines = &mut self.lines;
        match lines.rows.iter_mut().find(|(s, _)| *s == section) {
            Some((_, rows)) => rows.push(row),
            None => lines.rows.push((section, vec![row])),
        }
        lines.location.basic_block = false;
        lines.location.prologue_end = false;
        lines.location.epilogue_begin = false;
        lines.location.discriminator = 0;
    }

    /// Writes `.debug_line` at the end of the file; the sections that have rows.
    pub(super) fn write_lines(&mut self) -> Vec<u32> {
        let rows = std::mem::take(&mut self.lines.rows);
        if rows.is_empty() && self.lines.files.is_empty() {
            return Vec::new();
        }
        self.own_section(".debug_line", 0, 0);
        let line_section = self.unit.current;
        let strings = if self.lines.version >= 5 { self.line_strings() } else { Vec::new() };
        self.unit.current = line_section;

        let (end, after) = (self.unit.unlisted_here(), self.unit.unlisted_here());
        self.difference(end, after, 4);
        self.redefine(after);
        self.unit.emit(&self.lines.version.to_le_bytes());
        if self.lines.version >= 5 {
            // Sizes of addresses and of segment selectors.
            self.unit.emit(&[8, 0]);
        }
        let (program, header) = (self.unit.unlisted_here(), self.unit.unlisted_here());
        self.difference(program, header, 4);
        self.redefine(header);
        // Smallest instruction length.
        self.unit.emit(&[1]);
        if self.lines.version >= 4 {
            self.unit.emit(&[1]);
        }
        self.unit.emit(&[1, LINE_BASE as u8, LINE_RANGE as u8, OPCODE_BASE as u8]);
        self.unit.emit(&OPCODE_LENGTHS);
        if self.lines.version >= 5 {
            self.tables5(&strings);
        } else {
            self.tables3();
        }
        self.redefine(program);
        let sections = rows.iter().map(|(section, _)| *section).collect();
        for (section, rows) in rows {
            self.sequence(section, rows);
        }
        self.redefine(end);
        sections
    }

    /// Moves a symbol here.
    pub(super) fn redefine(&mut self, id: SymId) {
        let (frag, at) = self.unit.here_now();
        self.unit.symbols[id as usize].def = Def::Label(frag, at);
    }

    /// A distance between symbols, as a number of `size` bytes.
    pub(super) fn difference(&mut self, add: SymId, sub: SymId, size: u8) {
        let target = Target { add: Some(add), sub: Some(sub), n: 0 };
        self.unit.emit_fixed(&[0; 8][..usize::from(size)], Kind::Data(size), target, false);
    }

    /// Puts directory and file names into `.debug_line_str`; their symbols, directories first.
    fn line_strings(&mut self) -> Vec<SymId> {
        self.own_section(".debug_line_str", SHF_MERGE | SHF_STRINGS, 1);
        if self.lines.directories.is_empty() {
            self.lines.directories.push(String::new());
        }
        if self.lines.directories[0].is_empty() {
            let here = std::env::current_dir().unwrap_or_default();
            self.lines.directories[0] = here.display().to_string();
        }
        // Without a file 0 the first file stands for it, and shares its name.
        let shared = self.lines.files.first().is_none_or(Option::is_none);
        if shared {
            let first = self.lines.files.get(1).cloned().flatten();
            if self.lines.files.is_empty() {
                self.lines.files.push(None);
            }
            self.lines.files[0] = first;
        }
        let names: Vec<String> = self.lines.directories.clone();
        let files: Vec<String> =
            self.lines.files.iter().map(|f| f.as_ref().map_or(String::new(), |f| f.name.clone())).collect();
        let mut ids = Vec::new();
        for (n, name) in names.iter().chain(&files).enumerate() {
            if shared && n == names.len() + 1 {
                ids.push(ids[n - 1]);
                continue;
            }
            ids.push(self.unit.mark_here());
            self.unit.emit(name.as_bytes());
            self.unit.emit(&[0]);
        }
        ids
    }

    fn tables5(&mut self, strings: &[SymId]) {
        let (directories, files) = strings.split_at(self.lines.directories.len());
        let string = |asm: &mut Self, id: SymId| {
            let target = Target { add: Some(id), sub: None, n: 0 };
            asm.unit.emit_fixed(&[0; 4], Kind::Data(4), target, false);
        };
        // One column: path, as an offset in .debug_line_str.
        self.unit.emit(&[1, 1, 0x1f]);
        self.unit.emit(&leb128(directories.len() as i64, false));
        for id in directories {
            string(self, *id);
        }
        // Columns: path; directory index (ULEB128); and the MD5 sum if every file has one.
        let sources = self.lines.files.clone();
        let md5 = sources.iter().flatten().all(|f| f.md5.is_some());
        self.unit.emit(&[if md5 { 3 } else { 2 }, 1, 0x1f, 2, 0x0f]);
        if md5 {
            self.unit.emit(&[5, 0x1e]);
        }
        self.unit.emit(&leb128(files.len() as i64, false));
        for (id, source) in files.iter().zip(&sources) {
            string(self, *id);
            let directory = source.as_ref().map_or(0, |s| s.directory);
            self.unit.emit(&leb128(directory as i64, false));
            if md5 {
                let sum = source.as_ref().and_then(|s| s.md5).unwrap_or_default();
                self.unit.emit(&sum);
            }
        }
    }

    fn tables3(&mut self) {
        for directory in self.lines.directories.clone().iter().skip(1) {
            self.unit.emit(directory.as_bytes());
            self.unit.emit(&[0]);
        }
        self.unit.emit(&[0]);
        for source in self.lines.files.clone().iter().skip(1) {
            let (name, directory) = source.as_ref().map_or(("", 0), |s| (s.name.as_str(), s.directory));
            self.unit.emit(name.as_bytes());
            self.unit.emit(&[0]);
            self.unit.emit(&leb128(directory as i64, false));
            // Time and length, which nobody uses.
            self.unit.emit(&[0, 0]);
        }
        self.unit.emit(&[0]);
    }

    /// The rows of one section.
    fn sequence(&mut self, section: u32, rows: Vec<(SymId, Location)>) {
        let mut state = Location::initial();
        let mut last: Option<SymId> = None;
        for (label, row) in rows {
            let mut out = Vec::new();
            if row.file != state.file {
                out.push(0x04);
                out.extend(leb128(row.file as i64, false));
            }
            if row.column != state.column {
                out.push(0x05);
                out.extend(leb128(row.column as i64, false));
            }
            if row.discriminator != 0 {
                let value = leb128(row.discriminator as i64, false);
                out.extend([0x00, value.len() as u8 + 1, 0x04]);
                out.extend(value);
            }
            if row.isa != state.isa {
                out.push(0x0c);
                out.extend(leb128(row.isa as i64, false));
            }
            if row.is_stmt != state.is_stmt {
                out.push(0x06);
            }
            for (set, opcode) in
                [(row.basic_block, 0x07), (row.prologue_end, 0x0a), (row.epilogue_begin, 0x0b)]
            {
                if set {
                    out.push(opcode);
                }
            }
            let lines = row.line.wrapping_sub(state.line);
            self.unit.emit(&out);
            match last {
                None => {
                    self.unit.emit(&[0x00, 9, 0x02]);
                    let target = Target { add: Some(label), sub: None, n: 0 };
                    self.unit.emit_fixed(&[0; 8], Kind::Data(8), target, false);
                    self.unit.emit(&first_row(lines));
                }
                Some(from) => self.unit.tail(Tail::Row { lines: Some(lines), from, to: label }),
            }
            last = Some(label);
            state = row;
        }
        if let Some(from) = last {
            let to = self.end_of(section);
            self.unit.tail(Tail::Row { lines: None, from, to });
        }
    }

    /// A symbol at the end of a section's last fragment.
    pub(super) fn end_of(&mut self, section: u32) -> SymId {
        let now = self.unit.current;
        let sub = self.unit.sections[section as usize].parts.keys().next_back().copied().unwrap_or(0);
        self.unit.current = (section, sub);
        let id = self.unit.mark_here();
        self.unit.current = now;
        id
    }
}

/// The first row of a sequence: no address to advance.
fn first_row(lines: i64) -> Vec<u8> {
    let biased = lines.wrapping_sub(LINE_BASE);
    let (mut out, special) = if (0..LINE_RANGE).contains(&biased) {
        (Vec::new(), (lines != 0).then_some(biased))
    } else {
        let mut advance = vec![0x03];
        advance.extend(leb128(lines, true));
        (advance, None)
    };
    match special {
        Some(biased) => out.push((biased + OPCODE_BASE) as u8),
        None => out.push(0x01),
    }
    out
}

/// A row with its address advanced by `delta` bytes; where in it the distance stands, and how wide it is (2 bytes,
/// or 8 for a whole new address). `lines` is `None` at the end of a sequence.
pub(super) fn row_bytes(lines: Option<i64>, delta: u64) -> (Vec<u8>, usize, u8) {
    let mut out = Vec::new();
    if let Some(lines) = lines {
        out.push(0x03);
        out.extend(leb128(lines, true));
    }
    let size = if delta > 50_000 { 8 } else { 2 };
    if size == 8 {
        out.extend([0x00, 9, 0x02]);
    } else {
        out.push(0x09);
    }
    let at = out.len();
    out.extend(&[0; 8][..usize::from(size)]);
    match lines {
        Some(_) => out.push(0x01),
        None => out.extend([0x00, 1, 0x01]),
    }
    (out, at, size)
}
