//! The report of a guest that was killed by a signal: where, by what instruction, with which registers.

use crate::hart::Hart;
use crate::linux::signal;
use crate::trap::Trap;
use isa_spec::Isa;
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

impl CrashReport {
    /// The report of a fatal signal at the hart's pc. `trap`: what the instruction there did, if that was the reason. `symbol` names
    /// addresses.
    pub(crate) fn new(
        hart: &Hart,
        signal: i32,
        trap: Option<Trap>,
        symbol: impl Fn(u64) -> Option<String>,
    ) -> CrashReport {
        let pc = hart.pc;
        let mut bytes = [0; 4];
        let word = match (hart.ram.read(pc, &mut bytes), hart.ram.read(pc, &mut bytes[..2])) {
            (Ok(()), _) => Some(u32::from_le_bytes(bytes)),
            (_, Ok(())) if bytes[0] & 3 != 3 => Some(u32::from(u16::from_le_bytes([bytes[0], bytes[1]]))),
            _ => None,
        }
        .map(|w| if w & 3 == 3 { w } else { w & 0xffff });
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
            symbol: symbol(pc),
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
