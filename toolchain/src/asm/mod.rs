//! The assembler: GNU syntax in, a RISC-V ELF object or a static Linux program out.
//!
//! Instructions, operands and aliases come from [`isa_spec`]; this module adds the language around them. A file is
//! read statement by statement ([`read`]) into a [`unit::Unit`] of sections, fragments, symbols and fix-ups;
//! [`relax`] places the fragments; [`resolve`] makes bytes and relocations of them, as GNU as would. Then either
//! [`object`] writes a relocatable file, or [`link`] applies the relocations and [`exec`] writes a program.

pub mod arch;
mod cfi;
mod compress;
mod csr;
mod data;
mod debug;
pub mod diag;
mod directive;
mod exec;
mod expr;
mod frag;
mod frame;
mod insn;
mod lex;
mod line;
mod link;
mod macros;
mod object;
mod operand;
mod option;
mod pseudo;
mod raw;
mod read;
mod relax;
pub mod reloc;
mod resolve;
mod section;
mod section_directive;
mod symbol;
mod symbol_directive;
mod unit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use isa_spec::Isa;

use arch::{Arch, IsaSpec};
pub use diag::Diagnostic;
use diag::{Fault, Parsed, Span};
use expr::{Cursor, Expr};
use lex::Tok;
use option::{AttributeValue, CodeOptions};
use section::{SHF_MERGE, SHF_STRINGS, SHT_RISCV_ATTRIBUTES};
use unit::Unit;

/// Errors after which reading stops.
const MAX_ERRORS: usize = 50;

/// What is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Output {
    /// A static Linux program; its relocations are resolved.
    #[default]
    Program,
    /// A relocatable object for a linker.
    Object,
}

/// Calling convention, as far as the file's flags say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Abi {
    Lp64,
    Lp64f,
    #[default]
    Lp64d,
}

impl Abi {
    pub fn from_name(name: &str) -> Option<Abi> {
        match name {
            "lp64" => Some(Abi::Lp64),
            "lp64f" => Some(Abi::Lp64f),
            "lp64d" => Some(Abi::Lp64d),
            _ => None,
        }
    }
}

/// What the command line may set.
#[derive(Debug, Clone)]
pub struct Options {
    pub output: Output,
    /// Directories in which `.include` looks, in order, before the current one.
    pub include_dirs: Vec<PathBuf>,
    /// Symbols defined before the first line.
    pub defines: Vec<(String, i64)>,
    /// The symbol at which the program begins; `_start`, else the beginning of `.text`, if not given.
    pub entry: Option<String>,
    /// Architecture, e.g. `rv64gc`.
    pub arch: String,
    pub isa_spec: IsaSpec,
    pub abi: Abi,
    /// Whether the linker may relax (objects only).
    pub relax: bool,
    /// Position-independent code: `la` goes through the global offset table.
    pub pic: bool,
    /// DWARF version of `.debug_line` where the source does not ask for a newer one.
    pub dwarf: u16,
    /// DWARF version of the debugging information that is made of the source's own lines; none if `None` (`-g`).
    pub debug: Option<u16>,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            output: Output::Program,
            include_dirs: Vec::new(),
            defines: Vec::new(),
            entry: None,
            arch: "rv64gc".to_string(),
            isa_spec: IsaSpec::default(),
            abi: Abi::default(),
            relax: true,
            pic: false,
            dwarf: 3,
            debug: None,
        }
    }
}

/// The assembler at work on one file.
struct Assembler<'a> {
    isa: &'a Isa,
    compressor: compress::Compressor,
    unit: Unit,
    options: CodeOptions,
    option_stack: Vec<CodeOptions>,
    section_stack: Vec<(unit::Place, unit::Place)>,
    include_dirs: Vec<PathBuf>,
    isa_spec: IsaSpec,
    /// Whether `.option relax` may turn relaxation on.
    may_relax: bool,
    /// Whether branches to plain numbers are taken to reach.
    near: bool,
    /// Whether compressed instructions were ever allowed.
    rvc_flag: bool,
    /// Whether an instruction named a CSR or is a privileged one, which the object then says.
    csr_operand: bool,
    attributes: BTreeMap<u64, AttributeValue>,
    frames: cfi::Frames,
    lines: line::Lines,
    debug: debug::Debug,
    /// What `.file "name"` said first.
    file_symbol: Option<String>,
    /// What `.ident` has collected.
    comment: Vec<u8>,
    ended: bool,
}

/// Assembles the file at `path`, or says everything that is wrong with it.
pub fn assemble_file(isa: &Isa, path: &Path, options: &Options) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let name = path.display().to_string();
    match read::read_source(path) {
        Ok(text) => {
            let mut options = options.clone();
            if let Some(dir) = path.parent() {
                options.include_dirs.push(dir.to_path_buf());
            }
            assemble(isa, &name, &text, &options)
        }
        Err(message) => Err(vec![Diagnostic::file(&name, message)]),
    }
}

/// Assembles `text`; `file` is the name used in messages.
pub fn assemble(isa: &Isa, file: &str, text: &str, options: &Options) -> Result<Vec<u8>, Vec<Diagnostic>> {
    let whole = |m: String| vec![Diagnostic::file(file, m)];
    let arch = Arch::parse(&options.arch, options.isa_spec).map_err(whole)?;
    let relax = options.relax && options.output == Output::Object;
    let rvc = arch.has("c") || arch.has("zca");
    let code = CodeOptions { rvc, relax, pic: options.pic, arch };
    let mut unit = Unit::new();
    unit.arch = code.arch.name();
    unit.section().align = if rvc { 2 } else { 4 };
    let mut asm = Assembler {
        isa,
        compressor: compress::Compressor::new(isa),
        unit,
        options: code,
        option_stack: Vec::new(),
        section_stack: Vec::new(),
        include_dirs: options.include_dirs.clone(),
        isa_spec: options.isa_spec,
        may_relax: relax,
        near: options.output == Output::Program,
        rvc_flag: rvc,
        csr_operand: false,
        attributes: BTreeMap::new(),
        frames: cfi::Frames::new(),
        lines: line::Lines::new(options.dwarf),
        debug: debug::Debug::new(options.debug),
        file_symbol: None,
        comment: Vec::new(),
        ended: false,
    };
    for (name, value) in &options.defines {
        if let Err(m) = asm.unit.set(name, Expr::Num(*value), true) {
            asm.unit.errors.push(Diagnostic::file(file, m));
        }
    }
    asm.read(file, text, options)?;
    asm.finish();
    if !asm.unit.errors.is_empty() {
        return Err(asm.unit.errors);
    }
    relax::place(isa, &mut asm.unit)?;
    let contents = resolve::resolve(isa, &mut asm.unit, asm.options.relax)?;
    match options.output {
        Output::Object => {
            let missing = resolve::missing_labels(&asm.unit, &contents);
            if !missing.is_empty() {
                return Err(missing);
            }
            let header = object::Header { rvc: asm.rvc_flag, abi: options.abi, file: asm.file_symbol };
            object::write(&asm.unit, &contents, &header).map_err(whole)
        }
        Output::Program => {
            let program = link::link(&asm.unit, contents)?;
            exec::write(&asm.unit, &program, options.entry.as_deref()).map_err(whole)
        }
    }
}

impl Assembler<'_> {
    /// Reads everything; what is wrong is in `unit.errors`.
    fn read(&mut self, file: &str, text: &str, options: &Options) -> Result<(), Vec<Diagnostic>> {
        let mut reader = read::Reader::new(options.include_dirs.clone());
        if let Err(d) = reader.push_file(file, text, None) {
            return Err(vec![d]);
        }
        while let Some(line) = reader.next(&mut self.unit) {
            let id = self.unit.span.line;
            if let Err(fault) = self.statement(&line) {
                self.unit.error(Span { line: id, col: fault.col as u32 }, fault.message);
            }
            if self.unit.emitted > relax::MAX_SIZE {
                self.unit.error(self.unit.span, "the file grows past 1 GiB");
                break;
            }
            if self.ended || self.unit.errors.len() >= MAX_ERRORS {
                break;
            }
        }
        if self.unit.errors.is_empty() { Ok(()) } else { Err(std::mem::take(&mut self.unit.errors)) }
    }

    /// Adds what the assembler itself writes at the end.
    fn finish(&mut self) {
        if let Some(start) = self.frames.unfinished() {
            let span = self.unit.symbols[start as usize].span;
            self.unit.error(span, "this `.cfi_startproc` has no `.cfi_endproc`");
        }
        let sections = self.write_lines();
        self.write_debug(&sections);
        self.write_frames();
        self.unit.name_sections();
        self.pad_sections();
        self.own_section(".riscv.attributes", 0, 0);
        self.unit.section().kind = SHT_RISCV_ATTRIBUTES;
        let bytes = self.attribute_bytes();
        self.unit.emit(&bytes);
    }

    /// Fills code sections up to their alignment and mergeable ones up to whole entries.
    fn pad_sections(&mut self) {
        for section in 0..self.unit.sections.len() as u32 {
            let s = &self.unit.sections[section as usize];
            let entries = s.flags & (SHF_MERGE | SHF_STRINGS) != 0 && s.entsize > 1;
            let (to, fill) = match (s.is_code(), entries) {
                (true, _) => (s.align, None),
                (_, true) => (1 << s.entsize.trailing_zeros(), Some(vec![0])),
                _ => continue,
            };
            // Only the last subsection has something behind it that is not its section's.
            let Some(sub) = s.parts.keys().next_back().copied().filter(|_| to > 1) else { continue };
            self.unit.current = (section, sub);
            self.unit.tail(frag::Tail::Align { to, fill, max: u64::MAX });
        }
    }

    /// Adds a string of `.ident` to `.comment`.
    fn ident(&mut self, text: &[u8]) {
        let now = (self.unit.current, self.unit.previous);
        self.own_section(".comment", SHF_MERGE | SHF_STRINGS, 1);
        if self.comment.is_empty() {
            self.unit.emit(&[0]);
        }
        self.comment.extend_from_slice(text);
        self.comment.push(0);
        self.unit.emit(text);
        self.unit.emit(&[0]);
        (self.unit.current, self.unit.previous) = now;
    }

    fn statement(&mut self, text: &str) -> Parsed<()> {
        let toks = lex::tokens(text)?;
        let mut cur = Cursor::new(&toks, text.trim_end().len());
        // Labels.
        while let Some(Tok::Punct(":")) = cur.toks.get(cur.at + 1).map(|t| &t.tok) {
            let col = cur.col();
            match cur.peek() {
                Some(Tok::Ident(name)) => {
                    self.unit.span.col = col as u32;
                    self.unit.label(name).map_err(|m| Fault::new(col, m))?;
                }
                Some(Tok::Str(name)) => {
                    let name = String::from_utf8_lossy(name).into_owned();
                    self.unit.span.col = col as u32;
                    self.unit.label(&name).map_err(|m| Fault::new(col, m))?;
                }
                Some(Tok::Int(n)) => self.unit.local_label(*n as u64),
                _ => return cur.fault("this cannot be a label"),
            }
            cur.at += 2;
        }
        let start = cur.col();
        self.unit.span.col = start as u32;
        match cur.peek() {
            None => Ok(()),
            Some(Tok::Ident(name)) => {
                cur.at += 1;
                if cur.is("=") || cur.is("==") {
                    cur.at += 1;
                    let value = self.expression(&mut cur)?;
                    cur.finish()?;
                    return self.define(name, start, value, true);
                }
                if name.starts_with('.') {
                    self.directive(name, start, &mut cur)
                } else {
                    self.instruction(name, start, &mut cur)?;
                    cur.finish()
                }
            }
            Some(_) => cur.fault("expected an instruction, a directive or a label"),
        }
    }
}

#[cfg(test)]
mod tests;
