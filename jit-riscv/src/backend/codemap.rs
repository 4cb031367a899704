//! What each instruction of each trace is for, so that an emulator's counts by address become counts by purpose.

use std::io::{self, Write};

/// The purpose of an instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// The program's work.
    Exec,
    /// A guard's check.
    Guard,
    /// Makes an operand of a guard and nothing else: a constant, a class word, a floating-point comparison's result.
    Feeder,
    /// Work and check in one instruction: overflow arithmetic and checked loads of the hardware style.
    Both,
}

impl Role {
    pub fn name(self) -> &'static str {
        match self {
            Role::Exec => "exec",
            Role::Guard => "guard",
            Role::Feeder => "feeder",
            Role::Both => "both",
        }
    }
}

/// One instruction: offset from the start of its trace's code, and bytes.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Span {
    pub at: u32,
    pub len: u8,
    pub role: Role,
    /// RPython's name of the guard, or `-`.
    pub kind: &'static str,
}

/// The instructions of all traces, in the order of compilation.
#[derive(Default, Debug)]
pub struct CodeMap {
    traces: Vec<(u64, Vec<Span>)>,
}

impl CodeMap {
    pub(crate) fn add(&mut self, base: u64, spans: Vec<Span>) {
        self.traces.push((base, spans));
    }

    /// Every instruction with its address.
    pub fn iter(&self) -> impl Iterator<Item = (u64, Span)> + '_ {
        self.traces.iter().flat_map(|(base, spans)| spans.iter().map(move |s| (base + u64::from(s.at), *s)))
    }

    /// Writes a line for every instruction: address in hexadecimal, length in bytes, role, guard kind.
    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for (pc, span) in self.iter() {
            writeln!(out, "{pc:x} {} {} {}", span.len, span.role.name(), span.kind)?;
        }
        Ok(())
    }
}
