//! What a run has executed, from the report of `mj run --stats=json --pc-counts`: a count beside each instruction of the file, and
//! the code that was never in the file, such as a JIT compiler's.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use anyhow::{Context, Result, bail};
use isa_spec::Isa;

/// Executions by address and instruction word: code that was replaced has several words at one address.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    counts: BTreeMap<(u64, u32), Count>,
    total: u64,
}

#[derive(Debug, Clone, Copy)]
struct Count {
    executed: u64,
    /// It was listed with the file's own code.
    listed: bool,
}

/// The parts of the report that are looked at.
#[derive(serde::Deserialize)]
struct Report {
    #[serde(default)]
    pc_counts: Vec<Entry>,
}

#[derive(serde::Deserialize)]
struct Entry {
    pc: u64,
    word: u32,
    count: u64,
}

impl Trace {
    /// Reads a report; `name` is for messages.
    pub fn read(name: &str, json: &str) -> Result<Trace> {
        let report: Report = serde_json::from_str(json)
            .with_context(|| format!("{name}: not a report of `mj run --stats=json`"))?;
        if report.pc_counts.is_empty() {
            bail!("{name}: the report has no counts by address; add --pc-counts to `mj run --stats=json`");
        }
        let mut trace = Trace::default();
        for Entry { pc, word, count } in report.pc_counts {
            trace.total = trace.total.saturating_add(count);
            trace.counts.insert((pc, word), Count { executed: count, listed: false });
        }
        Ok(trace)
    }

    /// The program is loaded `bias` bytes above the addresses in its file: from here on those are used.
    pub fn relocate(&mut self, bias: u64) {
        if bias != 0 {
            let counts = std::mem::take(&mut self.counts);
            self.counts =
                counts.into_iter().map(|((pc, word), c)| ((pc.wrapping_sub(bias), word), c)).collect();
        }
    }

    /// Executions of the word at `pc`.
    pub(super) fn take(&mut self, pc: u64, word: u32) -> Option<u64> {
        let count = self.counts.get_mut(&(pc, word))?;
        count.listed = true;
        Some(count.executed)
    }

    /// Executions in a range of addresses of the words that `is_there` knows.
    pub(super) fn executed(&self, range: Range<u64>, is_there: impl Fn(u64, u32) -> bool) -> u64 {
        let all = self.counts.range((range.start, 0)..(range.end, 0));
        all.filter(|((pc, word), _)| is_there(*pc, *word)).map(|(_, c)| c.executed).sum()
    }

    /// A number of executions as it stands behind a name.
    pub(super) fn share(&self, executed: u64) -> String {
        let percent = executed as f64 * 100.0 / self.total.max(1) as f64;
        format!("{executed} executed, {percent:.2} %")
    }

    /// Lists what was executed and is not in the file, in runs without gaps.
    pub(super) fn rest(&self, out: &mut String, isa: &Isa, plain: bool) -> Result<()> {
        let rest: Vec<(u64, u32, u64)> = self
            .counts
            .iter()
            .filter(|(_, c)| !c.listed)
            .map(|((pc, word), c)| (*pc, *word, c.executed))
            .collect();
        if rest.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nDisassembly of what was executed and is not in the file:")?;
        let end = |(pc, word, _): &(u64, u32, u64)| pc.wrapping_add(if word & 3 == 3 { 4 } else { 2 });
        for run in rest.chunk_by(|a, b| end(a) == b.0) {
            let executed = run.iter().map(|(_, _, n)| n).sum();
            writeln!(out, "\n{:016x}: ({})", run[0].0, self.share(executed))?;
            for (pc, word, count) in run {
                let text =
                    if plain { isa.disassemble_plain(*word, *pc) } else { isa.disassemble(*word, *pc) };
                let digits = if word & 3 == 3 { 8 } else { 4 };
                let hex = format!("{word:0digits$x}");
                write!(out, "{}{pc:12x}:\t{hex:<18}\t", column(Some(*count)))?;
                match text {
                    Some(t) => writeln!(out, "{}", t.to_string().trim_end())?,
                    None => writeln!(out, "{word:#x}")?,
                }
            }
        }
        Ok(())
    }
}

/// The count before a line; a point if the instruction never ran.
pub(super) fn column(count: Option<u64>) -> String {
    match count {
        Some(n) => format!("{n:>14} "),
        None => format!("{:>14} ", "."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports() {
        let text = r#"{"instructions": 5, "pc_counts": [{"pc": 4096, "word": 1, "count": 3}, {"pc": 4098, "word": 19, "count": 2}]}"#;
        let mut trace = Trace::read("r.json", text).unwrap();
        assert_eq!(trace.executed(4096..4098, |_, _| true), 3);
        trace.relocate(4096);
        assert_eq!((trace.take(2, 19), trace.take(2, 1)), (Some(2), None));
        let mut rest = String::new();
        trace.rest(&mut rest, Isa::builtin(), false).unwrap();
        assert!(
            rest.contains("(3 executed, 60.00 %)") && rest.contains("nop") && !rest.contains("00000013"),
            "{rest}"
        );
        let said = |text: &str| Trace::read("r.json", text).unwrap_err().to_string();
        assert!(said("{}").contains("--pc-counts") && said("[").contains("not a report"));
    }
}
