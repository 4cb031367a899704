//! The assembler: GNU syntax in, a static RISC-V Linux ELF program out.
//!
//! Instructions, operands and aliases come from [`isa_spec`]; this module adds the language around them:
//! expressions, sections, symbols, macros, directives, and pseudo-instructions of several instructions.
//! Reading builds a [`unit::Unit`]; [`layout`] places its fragments and applies its fix-ups; [`elf`] writes the file.

pub mod diag;
mod directive;
mod elf;
mod expr;
mod insn;
mod layout;
mod lex;
mod pseudo;
mod raw;
mod read;
mod unit;

use std::path::{Path, PathBuf};

use isa_spec::Isa;

pub use diag::Diagnostic;
use diag::{Fault, Parsed, Span};
use expr::{Cursor, Expr};
use lex::Tok;
use unit::Unit;

/// Errors after which reading stops.
const MAX_ERRORS: usize = 50;

/// What the command line may set.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Directories in which `.include` looks, in order, before the current one.
    pub include_dirs: Vec<PathBuf>,
    /// Symbols defined before the first line.
    pub defines: Vec<(String, i64)>,
    /// The symbol at which the program begins; `_start`, else the beginning of `.text`, if not given.
    pub entry: Option<String>,
}

/// The assembler at work on one file.
struct Assembler<'a> {
    isa: &'a Isa,
    unit: Unit,
    /// `.option rvc`: whether alignment may be filled with two-byte instructions.
    rvc: bool,
    option_stack: Vec<bool>,
    section_stack: Vec<(u32, u32)>,
    ended: bool,
}

/// Assembles the file at `path` into an executable ELF image, or says everything that is wrong with it.
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
    let mut asm = Assembler {
        isa,
        unit: Unit::new(),
        rvc: true,
        option_stack: Vec::new(),
        section_stack: Vec::new(),
        ended: false,
    };
    for (name, value) in &options.defines {
        if let Err(m) = asm.unit.set(name, Expr::Num(*value), true) {
            asm.unit.errors.push(Diagnostic::file(file, m));
        }
    }
    let mut reader = read::Reader::new(options.include_dirs.clone());
    if let Err(d) = reader.push_file(file, text, None) {
        return Err(vec![d]);
    }
    while let Some(line) = reader.next(&mut asm.unit) {
        let id = asm.unit.span.line;
        if let Err(fault) = asm.statement(&line) {
            asm.unit.error(Span { line: id, col: fault.col as u32 }, fault.message);
        }
        if asm.ended || asm.unit.errors.len() >= MAX_ERRORS {
            break;
        }
    }
    if !asm.unit.errors.is_empty() {
        return Err(asm.unit.errors);
    }
    let placed = layout::place(isa, &mut asm.unit)?;
    elf::write(&asm.unit, &placed, options.entry.as_deref()).map_err(|m| vec![Diagnostic::file(file, m)])
}

impl Assembler<'_> {
    fn statement(&mut self, text: &str) -> Parsed<()> {
        let toks = lex::tokens(text)?;
        let mut cur = Cursor::new(&toks, text.trim_end().len());
        // Labels.
        while let Some(Tok::Punct(":")) = cur.toks.get(cur.at + 1).map(|t| &t.tok) {
            let col = cur.col();
            self.align_code();
            match cur.peek() {
                Some(Tok::Ident(name)) => {
                    self.unit.span.col = col as u32;
                    self.unit.label(name).map_err(|m| Fault::new(col, m))?;
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

    /// Marks a code section as holding instructions: two-byte alignment at least.
    fn align_code(&mut self) {
        if self.unit.is_text() {
            let align = if self.rvc { 2 } else { 4 };
            let section = self.unit.section();
            section.align = section.align.max(align);
        }
    }
}

#[cfg(test)]
mod tests;
