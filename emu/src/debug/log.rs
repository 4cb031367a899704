//! Logs of what is executed: every instruction with what it changed, in Spike's form; or the instructions of a part of the
//! program, disassembled.
//!
//! A thread that is logged executes one instruction at a time.

use super::observe::Access;
use super::step::{Stepped, step};
use crate::engine::{Engine, Event};
use crate::error::Error;
use crate::hart::Hart;
use crate::interp::{Decoded, eval};
use crate::isa::InsnSet;
use crate::linux::Process;
use crate::loader::Names;
use crate::report::Line;
use isa_spec::sem::{Expr, ExprKind, Reg, Stmt};
use rustc_hash::FxHashMap;
use std::fmt::{self, Write as _};
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

/// The part of a program that is traced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// From the first address up to, not including, the second.
    Range(u64, u64),
    /// A function, by its symbol; of the program, or of a library.
    Function(String),
}

impl FromStr for Part {
    type Err = String;

    /// `START-END`, in hexadecimal with or without `0x`; anything else is a symbol.
    fn from_str(text: &str) -> Result<Part, String> {
        let number = |text: &str| u64::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok();
        let range = text.split_once('-').and_then(|(a, b)| Some((number(a)?, number(b)?)));
        match range {
            Some((start, end)) if start < end => Ok(Part::Range(start, end)),
            Some(_) => Err(format!("`{text}`: the range is empty; the first address must be the lower one")),
            None if text.is_empty() || text.contains(char::is_whitespace) => {
                Err(format!("`{text}`: expected START-END in hexadecimal, or a symbol"))
            }
            None => Ok(Part::Function(text.to_owned())),
        }
    }
}

/// Where logs go, and what is logged.
#[derive(Clone)]
pub struct Log {
    /// Every instruction, in Spike's form.
    pub commits: bool,
    /// The instructions of this part, disassembled.
    pub trace: Option<Part>,
    out: Arc<Mutex<Box<dyn Write + Send>>>,
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log").field("commits", &self.commits).field("trace", &self.trace).finish()
    }
}

impl Log {
    /// A log that goes to `file`, or to standard error. Error: the file cannot be made.
    pub fn new(commits: bool, trace: Option<Part>, file: Option<&Path>) -> Result<Log, Error> {
        let out: Box<dyn Write + Send> = match file {
            Some(path) => {
                let file = File::create(path);
                Box::new(file.map_err(|e| Error::new(path.display().to_string(), e.to_string()))?)
            }
            None => Box::new(io::stderr()),
        };
        Ok(Log { commits, trace, out: Arc::new(Mutex::new(out)) })
    }
}

/// The log of one thread.
pub(crate) struct Logger {
    log: Log,
    /// Number of the hart.
    core: usize,
    text: String,
    accesses: Vec<Access>,
    /// What instructions write, by id.
    written: FxHashMap<u16, Written>,
    /// For addresses that were met: whether they are in the part that is traced.
    traced: FxHashMap<u64, bool>,
    names: Option<Names>,
}

/// Lines are written when there are as many bytes, and before every system call.
const ENOUGH: usize = 1 << 16;

impl Logger {
    /// The log of hart number `core`.
    pub(crate) fn new(log: Log, core: usize) -> Logger {
        Logger {
            log,
            core,
            text: String::new(),
            accesses: Vec::new(),
            written: FxHashMap::default(),
            traced: FxHashMap::default(),
            names: None,
        }
    }

    /// As [`Engine::run`].
    pub(crate) fn run(&mut self, process: &Process, engine: &mut Engine, hart: &mut Hart) -> Event {
        let event = loop {
            self.accesses.clear();
            let before = (hart.fflags, hart.frm);
            let (stepped, event) = step(engine, hart, &mut self.accesses);
            if let Some(stepped) = stepped.filter(|s| s.retired) {
                if self.log.commits {
                    self.commit(hart, stepped, before);
                }
                if self.log.trace.is_some() && self.is_traced(process, stepped.pc) {
                    self.trace(hart.isa(), stepped);
                }
            }
            if self.text.len() >= ENOUGH {
                self.flush();
            }
            if event != Event::Slice || hart.instret >= hart.stop_at || hart.interrupt.requested() {
                break event;
            }
        };
        self.flush();
        event
    }

    /// The program is another one.
    pub(crate) fn forget(&mut self) {
        self.traced.clear();
        self.names = None;
    }

    fn flush(&mut self) {
        let mut out = self.log.out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(e) = out.write_all(self.text.as_bytes()).and_then(|()| out.flush()) {
            log::warn!("the log cannot be written: {e}");
        }
        self.text.clear();
    }

    fn is_traced(&mut self, process: &Process, pc: u64) -> bool {
        let wanted = match &self.log.trace {
            Some(Part::Range(start, end)) => return (*start..*end).contains(&pc),
            Some(Part::Function(name)) => name,
            None => return false,
        };
        if let Some(known) = self.traced.get(&pc) {
            return *known;
        }
        // A library may have been mapped since.
        if !self.names.as_ref().is_some_and(|names| names.is_code(pc)) {
            self.names = Some(Names::of(process));
        }
        let symbol = self.names.as_mut().and_then(|names| names.symbol(pc));
        let traced = symbol.is_some_and(|(name, _)| name == *wanted);
        self.traced.insert(pc, traced);
        traced
    }

    fn trace(&mut self, isa: &InsnSet, stepped: Stepped) {
        let line = Line::new(isa, stepped.pc, stepped.word);
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{}: {line}", self.core);
    }

    /// One line: hart, privilege (0 for a user), pc, word, then registers and CSRs with what was written to them, then
    /// addresses that were loaded from, then those stored to with what was stored. Of `fflags` and `frm` changes are
    /// shown.
    fn commit(&mut self, hart: &mut Hart, stepped: Stepped, before: (u32, u32)) {
        let Stepped { pc, word, .. } = stepped;
        let width = if word & 3 == 3 { 8 } else { 4 };
        let text = &mut self.text;
        // Writing to a String cannot fail, here and below.
        let _ = write!(text, "core {:>3}: 0 {pc:#018x} (0x{word:0width$x})", self.core);
        let Some(op) = hart.isa().decode(word) else { return };
        let isa = hart.isa().clone();
        let written = self.written.entry(op.id).or_insert_with(|| Written::of(&isa, op.id));
        let insn = isa.insn(op.id);
        let number = |reg: Reg| match (reg, insn) {
            (Reg::Fixed(n), _) => usize::from(n),
            (Reg::Field(f), Some(insn)) => eval::field_value(&insn.fields[f], &op) as usize,
            (Reg::Next(f), Some(insn)) => eval::field_value(&insn.fields[f], &op) as usize + 1,
            (_, None) => 0,
        };
        for n in written.x.iter().map(|&reg| number(reg)).filter(|n| (1..32).contains(n)) {
            let _ = write!(text, " x{n:<2} {:#018x}", hart.x[n]);
        }
        for n in written.f.iter().map(|&reg| number(reg)).filter(|&n| n < 32) {
            let _ = write!(text, " f{n:<2} {:#018x}", hart.f[n]);
        }
        if hart.fflags != before.0 {
            let _ = write!(text, " c1_fflags {:#018x}", hart.fflags);
        }
        if hart.frm != before.1 {
            let _ = write!(text, " c2_frm {:#018x}", hart.frm);
        }
        if let Some(csr) = written.csr(insn, &op)
            && let Some(known) = isa.spec().csr(csr)
            && csr > 3
            && known.writable
        {
            let value = hart.csr_read(csr.into()).unwrap_or(0);
            let _ = write!(text, " c{csr}_{} {value:#018x}", known.name);
        }
        for access in self.accesses.iter().filter(|a| !a.store) {
            let _ = write!(text, " mem {:#018x}", access.addr);
        }
        for Access { addr, size, value, .. } in self.accesses.iter().filter(|a| a.store) {
            let (digits, bits) = (2 * usize::from(*size), 8 * u32::from(*size));
            let value = value & u64::MAX >> (64 - bits);
            let _ = write!(text, " mem {addr:#018x} 0x{value:0digits$x}");
        }
        text.push('\n');
    }
}

/// What an instruction writes, whichever way it goes.
#[derive(Default)]
struct Written {
    x: Vec<Reg>,
    f: Vec<Reg>,
    csr: Option<Expr>,
}

impl Written {
    fn of(isa: &InsnSet, id: u16) -> Written {
        let mut written = Written::default();
        if let Some(insn) = isa.insn(id) {
            written.add(&insn.body.stmts);
        }
        written
    }

    fn add(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            match stmt {
                Stmt::WriteX(reg, _) if !self.x.contains(reg) => self.x.push(*reg),
                Stmt::WriteF(reg, _) if !self.f.contains(reg) => self.f.push(*reg),
                Stmt::WriteCsr(number, _) => self.csr = Some(number.clone()),
                Stmt::If { then, otherwise, .. } => {
                    self.add(then);
                    self.add(otherwise);
                }
                _ => {}
            }
        }
    }

    /// Number of the CSR.
    fn csr(&self, insn: Option<&isa_spec::Insn>, op: &Decoded) -> Option<u16> {
        match &self.csr.as_ref()?.kind {
            ExprKind::Const(n) => Some(*n as u16),
            ExprKind::Field(f) => Some(eval::field_value(&insn?.fields[*f], op) as u16 & 0xfff),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_ranges_or_symbols() {
        assert_eq!("0x100-2f0".parse(), Ok(Part::Range(0x100, 0x2f0)));
        assert_eq!("main".parse(), Ok(Part::Function("main".into())));
        assert_eq!("operator-".parse(), Ok(Part::Function("operator-".into())));
        assert!("200-100".parse::<Part>().is_err());
        assert!("".parse::<Part>().is_err());
    }
}
