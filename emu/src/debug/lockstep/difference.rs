//! What the two engines differ in, for people.

use super::shadow::WrongByte;
use super::{Foreseen, State};
use crate::isa::InsnSet;
use crate::loader::Names;
use crate::report::Line;
use std::fmt::Write;
use std::ops::Range;

/// Instructions before the difference that a report lists.
const LISTED: usize = 40;

/// A difference between the translator and the interpreter.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Where the instructions that were compared begin.
    pub start: u64,
    /// How many there were.
    pub count: usize,
    /// What differs, in words, each with the address of the instruction that should have made it.
    pub what: Vec<(String, Option<u64>)>,
    /// The last instructions, as the interpreter executed them.
    pub code: Vec<Line>,
}

impl Difference {
    pub(super) fn new(
        isa: &InsnSet,
        seen: &Foreseen,
        done: Range<usize>,
        found: State,
        event: Option<String>,
        fault: Option<(u64, u64)>,
        byte: Option<WrongByte>,
    ) -> Difference {
        let at = done.end.min(seen.states.len() - 1);
        let expected = &seen.states[at];
        let mut what: Vec<(String, Option<u64>)> = event.into_iter().map(|text| (text, None)).collect();
        if let Some((a, b)) = fault {
            what.push((differs("faulting address", a, b), None));
        }
        let mut compare = |name: &str, of: &dyn Fn(&State) -> u64| {
            let (a, b) = (of(expected), of(&found));
            if a == b {
                return;
            }
            // The last instruction after which it was another than before.
            let by = (0..at).rev().find(|&n| of(&seen.states[n]) != of(&seen.states[n + 1]));
            what.push((differs(name, a, b), by.and_then(|n| seen.code.get(n)).map(|c| c.0)));
        };
        compare("pc", &|s| s.pc);
        for (n, name) in isa_spec::XREGS.iter().enumerate() {
            compare(name, &|s| s.x[n]);
        }
        for (n, name) in isa_spec::FREGS.iter().enumerate() {
            compare(name, &|s| s.f[n]);
        }
        compare("fflags", &|s| s.fflags.into());
        compare("frm", &|s| s.frm.into());
        compare("phase and region", &|s| s.slot.into());
        for (n, name) in ["mj.gvec", "mj.gepc", "mj.gval"].into_iter().enumerate() {
            compare(name, &|s| s.guard[n]);
        }
        if let Some(WrongByte { addr, expected: a, found: b, by }) = byte {
            let text = format!("memory at {addr:#x}: interpreter {a:#04x}, translator {b:#04x}");
            what.push((text, by.and_then(|n| seen.code.get(n)).map(|c| c.0)));
        }
        let end = at.min(seen.code.len());
        let code = seen.code[end.saturating_sub(LISTED)..end].iter();
        Difference {
            start: seen.states[done.start].pc,
            count: done.len(),
            what,
            code: code.map(|&(pc, word)| Line::new(isa, pc, word)).collect(),
        }
    }

    /// The report. `names` names addresses.
    pub(crate) fn report(&self, names: &mut Names) -> String {
        let mut place = |pc: u64| match names.describe(pc) {
            Some(symbol) => format!("{pc:#x} <{symbol}>"),
            None => format!("{pc:#x}"),
        };
        let mut out = format!(
            "lockstep: the translator differs from the interpreter after {} instructions from pc {}\n",
            self.count,
            place(self.start)
        );
        for (text, by) in &self.what {
            // Writing to a String cannot fail.
            let _ = match by {
                Some(pc) => writeln!(out, "  {text}; last written at {}", place(*pc)),
                None => writeln!(out, "  {text}"),
            };
        }
        out += "  executed before that:\n";
        for line in &self.code {
            let mark = if self.what.iter().any(|(_, by)| *by == Some(line.pc)) { "=>" } else { "  " };
            let _ = writeln!(out, "  {mark} {line}");
        }
        out
    }
}

fn differs(name: &str, a: u64, b: u64) -> String {
    format!("{name}: interpreter {a:#x}, translator {b:#x}")
}
