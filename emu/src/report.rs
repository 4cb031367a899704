//! The report of a guest that was killed by a signal: where, by what instruction, with which registers.

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
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.signal_name, self.reason)?;
        write!(f, "  at pc {:#x}", self.pc)?;
        if let Some(symbol) = &self.symbol {
            write!(f, " <{symbol}>")?;
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
        Ok(())
    }
}
