//! The report of a guest that was killed by a signal: where, by what instruction, with which registers, called by whom.

mod backtrace;

pub use backtrace::Frame;

use crate::hart::Hart;
use crate::isa::InsnSet;
use crate::linux::signal;
use crate::loader::Names;
use crate::memory::Ram;
use crate::trap::Trap;
use isa_spec::Isa;
use serde::Serialize;
use std::fmt;

/// State of the guest at a fatal signal. Displays as several lines of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrashReport {
    /// Signal number.
    pub signal: i32,
    /// Signal name, e.g. `SIGSEGV`.
    pub signal_name: &'static str,
    /// Why, in words.
    pub reason: String,
    /// Address of the instruction.
    pub pc: u64,
    /// `symbol+0xoffset` of the pc, if the ELF file has symbols there.
    pub symbol: Option<String>,
    /// Instruction word, if it can be read (upper half zero for a compressed one).
    pub word: Option<u32>,
    /// Its disassembly, if it is an instruction.
    pub disassembly: Option<String>,
    /// Address that faulted, for memory faults.
    pub fault_addr: Option<u64>,
    /// Integer registers.
    pub x: [u64; 32],
    /// The file, or kind of memory, that the pc is in.
    pub object: String,
    /// The instructions around the pc.
    pub code: Vec<Line>,
    /// The frames of the stack, the innermost first.
    pub backtrace: Vec<Frame>,
}

/// An instruction in a listing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Its address.
    pub pc: u64,
    /// Its word; the upper half is zero for a compressed one.
    pub word: u32,
    /// Its disassembly; empty when it is none.
    pub text: String,
}

/// Instructions that a report shows before and after the one at the pc.
const AROUND: usize = 5;

/// The instruction word at `pc`, if it can be read.
pub(crate) fn word_at(ram: &Ram, pc: u64) -> Option<u32> {
    let mut bytes = [0; 4];
    let word = match (ram.read(pc, &mut bytes), ram.read(pc, &mut bytes[..2])) {
        (Ok(()), _) => Some(u32::from_le_bytes(bytes)),
        (_, Ok(())) if bytes[0] & 3 != 3 => Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]]))),
        _ => None,
    };
    word.map(|w| if w & 3 == 3 { w } else { w & 0xffff })
}

impl Line {
    /// The instruction with this word.
    pub(crate) fn new(isa: &InsnSet, pc: u64, word: u32) -> Line {
        let text = isa.spec().disassemble(word, pc).map(|d| d.to_string().replace('\t', " "));
        Line { pc, word, text: text.unwrap_or_default() }
    }

    /// Length of the instruction in bytes.
    pub(crate) fn len(&self) -> u64 {
        if self.word & 3 == 3 { 4 } else { 2 }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Line { pc, word, text } = self;
        let text = if text.is_empty() { "(not an instruction)" } else { text };
        if self.len() == 4 {
            write!(f, "{pc:10x}: {word:08x}  {text}")
        } else {
            write!(f, "{pc:10x}: {word:04x}      {text}")
        }
    }
}

/// The instructions around `pc`. `start`: where its function begins, if that is known.
fn around(hart: &Hart, pc: u64, start: Option<u64>) -> Vec<Line> {
    let isa = hart.isa();
    let from = |start: u64| {
        let mut lines = Vec::new();
        let mut at = start;
        while at < pc {
            lines.push(Line::new(isa, at, word_at(&hart.ram, at)?));
            at += lines.last().map_or(2, Line::len);
        }
        (at == pc).then_some(lines)
    };
    // Instructions have two lengths: without a place to begin at, one from which the pc is reached will do.
    let near = start.filter(|&start| pc - start <= 1 << 16).and_then(from);
    let guesses = || (0..=2 * AROUND as u64).rev().find_map(|n| from(pc.checked_sub(2 * n)?));
    let mut lines = near.or_else(guesses).unwrap_or_default();
    lines.drain(..lines.len().saturating_sub(AROUND));
    let mut at = pc;
    for _ in 0..=AROUND {
        let Some(word) = word_at(&hart.ram, at) else { break };
        lines.push(Line::new(isa, at, word));
        at += lines.last().map_or(2, Line::len);
    }
    lines
}

impl CrashReport {
    /// The report of a fatal signal at the hart's pc. `trap`: what the instruction there did, if that was the reason.
    pub(crate) fn new(hart: &Hart, signal: i32, trap: Option<Trap>, names: &mut Names) -> CrashReport {
        let pc = hart.pc;
        let word = word_at(&hart.ram, pc);
        let fault = trap.map(|trap| signal::fault_signal(trap, hart));
        let reason = match trap {
            Some(Trap::FetchFault) => "jump to memory that is not executable".to_owned(),
            Some(Trap::LoadFault) => "load from memory that cannot be read".to_owned(),
            Some(Trap::StoreFault) => "store to memory that cannot be written".to_owned(),
            Some(Trap::Misaligned) => "misaligned atomic access".to_owned(),
            Some(Trap::Illegal) if word.is_some_and(|w| is_guard(hart.isa().spec(), w)) => {
                "a guard failed and there is no vector for it (mj.gvec is 0)".to_owned()
            }
            _ => signal::description(signal).to_owned(),
        };
        let reason = match fault {
            Some((_, code, _)) if signal == libc::SIGSEGV => {
                format!("{reason} ({})", if code == 1 { "nothing is mapped there" } else { "no permission" })
            }
            _ => reason,
        };
        let mut x = [0; 32];
        x.copy_from_slice(&hart.x[..32]);
        CrashReport {
            signal,
            signal_name: signal::name(signal),
            reason,
            pc,
            symbol: names.describe(pc),
            object: names.place(pc),
            code: around(hart, pc, names.symbol(pc).map(|(_, start)| start)),
            backtrace: backtrace::backtrace(hart, names),
            word,
            disassembly: word.and_then(|w| hart.isa().spec().disassemble(w, pc)).map(|d| d.to_string()),
            fault_addr: fault
                .filter(|_| matches!(signal, libc::SIGSEGV | libc::SIGBUS))
                .map(|(_, _, addr)| addr),
            x,
        }
    }
}

/// Whether an instruction word is a guard.
fn is_guard(isa: &Isa, word: u32) -> bool {
    isa.decode(word).is_some_and(|inst| isa.insn(inst.id).guard.is_some())
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.signal_name, self.reason)?;
        write!(f, "  at pc {:#x}", self.pc)?;
        if let Some(symbol) = &self.symbol {
            write!(f, " <{symbol}>")?;
        }
        if !self.object.starts_with('[') {
            write!(f, " in {}", self.object)?;
        }
        if let Some(word) = self.word {
            if word & 3 == 3 {
                write!(f, ": {word:08x}")?;
            } else {
                write!(f, ": {word:04x}")?;
            }
            write!(
                f,
                "  {}",
                self.disassembly.as_deref().unwrap_or("(not an instruction)").replace('\t', " ")
            )?;
        }
        writeln!(f)?;
        if let Some(addr) = self.fault_addr {
            writeln!(f, "  faulting address {addr:#x}")?;
        }
        for row in 0..8 {
            for col in 0..4 {
                let n = row * 4 + col;
                write!(f, "  {:>4} {:016x}", isa_spec::XREGS[n], self.x[n])?;
            }
            writeln!(f)?;
        }
        if self.code.len() > 1 {
            writeln!(f, "code")?;
        }
        for line in self.code.iter().filter(|_| self.code.len() > 1) {
            writeln!(f, "  {} {line}", if line.pc == self.pc { "=>" } else { "  " })?;
        }
        if self.backtrace.len() > 1 {
            writeln!(f, "called by")?;
        }
        for frame in self.backtrace.iter().skip(1) {
            write!(f, "  {:#x}", frame.pc)?;
            if let Some(symbol) = &frame.symbol {
                write!(f, " <{symbol}>")?;
            }
            writeln!(f, " in {}", frame.object)?;
        }
        Ok(())
    }
}
