//! The listing of instructions: one section, its symbols and relocations.

use std::fmt::Write;

use anyhow::Result;
use isa_spec::{Disasm, FREGS, Isa, XREGS};

use super::lines::SourceLines;
use super::trace::{Trace, column};
use super::{Mapping, Options, Region, Relocation, Symbol};
use crate::asm::reloc;

/// The listing of one section, being written.
pub(super) struct Listing<'a> {
    pub isa: &'a Isa,
    pub symbols: &'a [Symbol<'a>],
    pub mappings: &'a [Mapping],
    /// By address, in order.
    pub relocations: &'a [Relocation],
    pub options: &'a Options,
    /// Hexadecimal digits of addresses: a multiple of four.
    pub width: usize,
    /// What an `auipc` or `lui` just put into each register, to name the address it is part of.
    pub upper: [Option<u64>; 32],
    pub lines: Option<&'a mut SourceLines>,
    /// The section, if addresses are its own.
    pub section: Option<usize>,
    pub trace: Option<&'a mut Trace>,
}

impl Listing<'_> {
    /// Lists the region, or what the options ask for of it; whether that was anything.
    pub fn region(&mut self, out: &mut String, region: &Region) -> Result<bool> {
        let mut at = 0usize;
        let mut listed = false;
        while at < region.bytes.len() {
            let pc = region.addr.wrapping_add(at as u64);
            let symbol = self.symbols.binary_search_by_key(&pc, |s| s.addr).ok();
            if symbol.is_some() || at == 0 {
                let room = usize::try_from(self.room(pc)).unwrap_or(usize::MAX).min(region.bytes.len() - at);
                let executed = self.executed(pc, &region.bytes[at..at + room]);
                if executed == Some(0) || !self.is_wanted(symbol) {
                    at += room;
                    continue;
                }
                self.heading(out, pc, symbol, executed)?;
            }
            listed = true;
            let bytes = &region.bytes[at..];
            let zeros = self.zeros(pc, bytes);
            let len = if zeros > 0 {
                writeln!(out, "\t...")?;
                zeros
            } else {
                if let Some(lines) = &mut self.lines {
                    lines.at(out, pc, self.section, self.options.line_numbers, self.options.source)?;
                }
                if let Some(trace) = &mut self.trace {
                    let (word, _) = unit(bytes);
                    out.push_str(&column(word.and_then(|word| trace.take(pc, word))));
                }
                self.line(out, pc, bytes)?
            };
            at += len;
            self.relocations_of(out, pc, len as u64)?;
        }
        Ok(listed)
    }

    /// The line before a symbol's instructions.
    fn heading(
        &mut self,
        out: &mut String,
        pc: u64,
        symbol: Option<usize>,
        executed: Option<u64>,
    ) -> Result<()> {
        self.upper = [None; 32];
        writeln!(out)?;
        let share = match (&self.trace, executed) {
            (Some(trace), Some(n)) => format!(" ({})", trace.share(n)),
            _ => String::new(),
        };
        match symbol {
            Some(n) => writeln!(out, "{pc:016x} <{}>:{share}", self.symbols[n].name)?,
            None if !share.is_empty() => writeln!(out, "{pc:016x}:{share}")?,
            None => {}
        }
        Ok(())
    }

    /// How often the run executed instructions of these bytes, as they are in the file; `None` without a trace.
    fn executed(&self, pc: u64, bytes: &[u8]) -> Option<u64> {
        let trace = self.trace.as_ref()?;
        let is_there = |at: u64, word: u32| {
            let from = usize::try_from(at - pc).ok();
            from.and_then(|from| bytes.get(from..)).is_some_and(|b| unit(b).0 == Some(word))
        };
        Some(trace.executed(pc..pc.saturating_add(bytes.len() as u64), is_there))
    }

    fn is_wanted(&self, symbol: Option<usize>) -> bool {
        let wanted = self.options.symbol.as_deref();
        wanted.is_none_or(|name| symbol.is_some_and(|n| self.symbols[n].name == name))
    }

    /// The relocations of the bytes just listed.
    fn relocations_of(&self, out: &mut String, pc: u64, len: u64) -> Result<()> {
        let from = self.relocations.partition_point(|r| r.offset < pc);
        for r in self.relocations[from..].iter().take_while(|r| r.offset - pc < len) {
            writeln!(out, "\t\t\t{:x}: {}\t{}", r.offset, reloc::name(r.kind), r.value(0))?;
        }
        Ok(())
    }

    /// Length of a run of zero bytes at `pc` that is left out of the listing: 8 bytes at least, in whole
    /// words, up to the next symbol.
    fn zeros(&self, pc: u64, bytes: &[u8]) -> usize {
        let room = self.room(pc);
        let run =
            bytes.iter().take_while(|b| **b == 0).count().min(usize::try_from(room).unwrap_or(usize::MAX));
        if run < 8 { 0 } else { run & !3 }
    }

    /// Bytes up to the next symbol.
    fn room(&self, pc: u64) -> u64 {
        let next = self.symbols.partition_point(|s| s.addr <= pc);
        self.symbols.get(next).map_or(u64::MAX, |s| s.addr - pc)
    }

    fn is_data(&self, pc: u64) -> bool {
        let n = self.mappings.partition_point(|m| m.addr <= pc);
        n > 0 && self.mappings[n - 1].data
    }

    /// Lists what is at `pc` and returns its length in bytes.
    fn line(&mut self, out: &mut String, pc: u64, bytes: &[u8]) -> Result<usize> {
        let (word, len) = unit(bytes);
        let Some(word) = word.filter(|_| !self.is_data(pc)) else {
            // Data goes by words, as far as the next symbol leaves room.
            let room = usize::try_from(self.room(pc)).unwrap_or(usize::MAX).min(bytes.len());
            let n = match room {
                0 | 1 => 1,
                2 | 3 => 2,
                _ => 4,
            };
            let value = bytes[..n].iter().rev().fold(0u32, |v, b| v << 8 | u32::from(*b));
            return self.data(out, pc, value, n);
        };
        let text = if self.options.plain {
            self.isa.disassemble_plain(word, pc)
        } else {
            self.isa.disassemble(word, pc)
        };
        if word & 0xffff == 0 {
            // Illegal in every version of the instruction set, and written so on purpose.
            let name = if self.options.plain { "c.unimp" } else { "unimp" };
            writeln!(out, "{}\t{name}", self.place(pc, 0, len))?;
            return Ok(len);
        }
        let Some(text) = text.filter(|t| usize::from(t.len) == len) else {
            let value = if len == 4 { word } else { word & 0xffff };
            return self.data(out, pc, value, len);
        };
        write!(out, "{}\t{}", self.place(pc, word, len), text.mnemonic)?;
        if !text.operands.is_empty() {
            let numeric = self.options.numeric.then(|| numbered(&text.operands, text.target.is_some()));
            write!(out, "\t{}", numeric.as_ref().unwrap_or(&text.operands))?;
        }
        if let Some(target) = text.target {
            write!(out, " <{}>", self.name(target))?;
        } else if let Some(address) = self.address(word, pc, &text)
            && text.mnemonic != "mv"
        {
            write!(out, " # {address:x} <{}>", self.name(address))?;
        }
        writeln!(out)?;
        Ok(len)
    }

    /// The address and the bytes, in columns as wide as objdump makes them for units of this length.
    fn place(&self, pc: u64, value: u32, len: usize) -> String {
        let (digits, column) = match len {
            4 => (8, 18),
            2 | 3 => (4, 20),
            _ => (2, 24),
        };
        let value = if len == 4 { value } else { value & ((1 << (8 * len.min(2))) - 1) };
        let hex = format!("{value:0digits$x}");
        format!("{pc:width$x}:\t{hex:<column$}", width = self.width)
    }

    fn data(&self, out: &mut String, pc: u64, value: u32, len: usize) -> Result<usize> {
        let (name, digits) = match len {
            4 => (".word", 10),
            2 | 3 => (".short", 6),
            _ => (".byte", 4),
        };
        let shown = if self.is_data(pc) { format!("{value:#0digits$x}") } else { format!("{value:#x}") };
        writeln!(out, "{}\t{name}\t{shown}", self.place(pc, value, len))?;
        Ok(len)
    }

    /// The symbol at or before `addr`, with the distance.
    fn name(&self, addr: u64) -> String {
        let n = self.symbols.partition_point(|s| s.addr <= addr);
        match n.checked_sub(1).map(|n| &self.symbols[n]) {
            Some(s) if s.addr == addr => s.name.to_string(),
            Some(s) => format!("{}+{:#x}", s.name, addr - s.addr),
            None => format!("{addr:#x}"),
        }
    }

    /// The address that this instruction completes, if an `auipc` or `lui` before it holds the upper part.
    fn address(&mut self, word: u32, pc: u64, text: &Disasm) -> Option<u64> {
        let insn = self.isa.insn(text.id);
        let value = |name: &str| insn.field(name).map(|f| insn.fields[f].extract(word));
        let rd = value("xd").map(|r| r as usize & 31);
        let found = match (insn.name.as_str(), value("xs1"), value("imm")) {
            ("auipc", _, Some(imm)) | ("lui", _, Some(imm)) => {
                let base = if insn.name == "auipc" { pc } else { 0 };
                if let Some(rd) = rd {
                    self.upper[rd] = Some(base.wrapping_add(imm as u64));
                }
                return None;
            }
            (_, Some(rs1), Some(imm)) => self.upper[rs1 as usize & 31].map(|u| u.wrapping_add(imm as u64)),
            _ => None,
        };
        if let Some(rd) = rd {
            self.upper[rd] = None;
        }
        // Sums that are plain numbers (from `lui`) name nothing unless a symbol is there.
        found.filter(|a| self.symbols.binary_search_by_key(a, |s| s.addr).is_ok() || self.near(*a))
    }

    /// Whether `addr` lies between symbols of the program.
    fn near(&self, addr: u64) -> bool {
        let inside = |first: &Symbol, last: &Symbol| (first.addr..=last.addr).contains(&addr);
        self.symbols.first().zip(self.symbols.last()).is_some_and(|(f, l)| inside(f, l))
    }
}

/// The instruction word that the bytes begin with, as far as they go, and its length in bytes.
fn unit(bytes: &[u8]) -> (Option<u32>, usize) {
    let half = |n: usize| bytes.get(n..n + 2).map(|b| u32::from(u16::from_le_bytes([b[0], b[1]])));
    match (half(0), half(2)) {
        (None, _) => (None, 1),
        (Some(low), Some(high)) if low & 3 == 3 => (Some(low | high << 16), 4),
        (Some(low), _) => (Some(low), 2),
    }
}

/// Operands with registers by their numbers instead of their names in the ABI; the last operand may be an address
/// that reads like a register.
fn numbered(operands: &str, target: bool) -> String {
    let name = |word: &str| {
        let x = XREGS.iter().position(|r| *r == word).map(|n| format!("x{n}"));
        x.or_else(|| FREGS.iter().position(|r| *r == word).map(|n| format!("f{n}")))
    };
    let mut out = String::new();
    let keep = if target { operands.rfind(',').map_or(0, |at| at + 1) } else { operands.len() };
    let (operands, rest) = operands.split_at(keep);
    for part in operands.split_inclusive([',', '(', ')']) {
        let word = part.trim_end_matches([',', '(', ')']);
        match name(word) {
            Some(n) => {
                out.push_str(&n);
                out.push_str(&part[word.len()..]);
            }
            None => out.push_str(part),
        }
    }
    out.push_str(rest);
    out
}
