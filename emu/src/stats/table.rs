//! The statistics as text for people.

use super::{Stats, Tally};
use std::collections::BTreeMap;
use std::fmt;

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = &self.total;
        writeln!(f, "{}: {} instructions", self.program, group(total.instructions))?;
        if self.phases.len() > 1 {
            section(f, "phase")?;
            for p in &self.phases {
                row(f, &p.name, p.tally.instructions, total.instructions)?;
            }
        }
        section(f, "class")?;
        counts(f, &total.by_class, total.instructions, usize::MAX)?;
        section(f, "extension")?;
        counts(f, &total.by_extension, total.instructions, usize::MAX)?;
        section(f, "mnemonic (20 most frequent)")?;
        counts(f, &total.by_mnemonic, total.instructions, 20)?;
        guards(f, total)?;
        if !total.hints.is_empty() {
            section(f, "hint")?;
            counts(f, &total.hints, total.instructions, usize::MAX)?;
        }
        if let Some(roi) = &self.roi {
            writeln!(f, "\nregion of interest: {} instructions", group(roi.tally.instructions))?;
            for p in &roi.phases {
                row(f, &p.name, p.tally.instructions, roi.tally.instructions)?;
            }
            counts(f, &roi.tally.by_class, roi.tally.instructions, usize::MAX)?;
        }
        self.places(f)?;
        self.hardware_lines(f)?;
        writeln!(
            f,
            "\nemulator: {:.3} s, {} blocks decoded, {} dropped, {} writes to code; {} blocks and {} superblocks translated",
            self.wall_seconds,
            group(self.engine.blocks_decoded),
            group(self.engine.blocks_dropped),
            group(self.engine.code_writes),
            group(self.engine.blocks_translated),
            group(self.engine.superblocks)
        )
    }
}

/// Functions and blocks that the table shows.
const MOST_FUNCTIONS: usize = 20;
const MOST_BLOCKS: usize = 5;
/// Instructions of a block that it shows.
const MOST_LINES: usize = 24;

impl Stats {
    /// Functions and blocks.
    fn places(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = self.total.instructions;
        if !self.functions.is_empty() {
            section(f, "function (20 most executed)")?;
        }
        for function in self.functions.iter().take(MOST_FUNCTIONS) {
            let name = format!("{} ({})", function.name, function.object);
            row(f, &name, function.instructions, all)?;
        }
        for block in self.hot_blocks.iter().take(MOST_BLOCKS) {
            let name = block.symbol.as_deref().unwrap_or(&block.object);
            let share = 100.0 * block.instructions as f64 / all.max(1) as f64;
            writeln!(
                f,
                "\nblock at {:#x} <{name}>: {} times, {share:.2} %",
                block.pc,
                group(block.executions)
            )?;
            for line in block.code.iter().take(MOST_LINES) {
                writeln!(f, "  {line}")?;
            }
            if block.code.len() > MOST_LINES {
                writeln!(f, "  … {} more", block.code.len() - MOST_LINES)?;
            }
        }
        Ok(())
    }

    fn hardware_lines(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hw = &self.hardware;
        let p = &self.hw_params;
        writeln!(
            f,
            "\nhardware: pattern table {} entries (confirm {}, varying after {}), bridge table {} entries, watch table {} entries (granule {})",
            p.pattern_table.entries,
            p.pattern_table.confirm,
            p.pattern_table.varying_after,
            p.bridge_table.entries,
            p.watch_table.entries,
            p.watch_table.granule
        )?;
        let lines = [
            ("guard failures to bridges", hw.bridge_hits),
            ("guard failures to the vector", hw.vector_entries),
            ("bridges inserted", hw.bridges_inserted),
            ("bridges refused", hw.bridges_refused),
            ("observations taken", hw.patterns.observed),
            ("observations refused", hw.patterns.refused),
            ("constant values confirmed", hw.patterns.confirmed_values),
            ("constant types confirmed", hw.patterns.confirmed_types),
            ("sites found varying", hw.patterns.varying),
            ("verdicts that became wrong", hw.patterns.wrong),
            ("ranges watched", hw.watch.accepted),
            ("ranges refused", hw.watch.refused),
            ("writes to watched ranges", hw.watch.hits),
            ("false conflicts", hw.watch.false_conflicts),
            ("tokens invalidated", hw.watch.invalidated),
        ];
        for (name, n) in lines.into_iter().filter(|(_, n)| *n != 0) {
            writeln!(f, "  {name:<30} {:>20}", group(n))?;
        }
        writeln!(f, "cycle estimate: {} ({})", group(self.estimate.cycles), self.estimate.assumes)
    }
}

fn section(f: &mut fmt::Formatter<'_>, title: &str) -> fmt::Result {
    writeln!(f, "\nby {title}")
}

fn guards(f: &mut fmt::Formatter<'_>, tally: &Tally) -> fmt::Result {
    if tally.guards.is_empty() {
        return Ok(());
    }
    writeln!(f, "\nguards {:<24} {:>20} {:>16}", "", "executed", "failed")?;
    for (name, g) in &tally.guards {
        writeln!(
            f,
            "  {:<29} {:>20} {:>16}",
            format!("{name} ({})", g.kind),
            group(g.executed),
            group(g.failed)
        )?;
    }
    Ok(())
}

/// The `most` largest counts, largest first.
fn counts(f: &mut fmt::Formatter<'_>, map: &BTreeMap<String, u64>, of: u64, most: usize) -> fmt::Result {
    let mut list: Vec<_> = map.iter().collect();
    list.sort_by_key(|(name, n)| (std::cmp::Reverse(**n), *name));
    for (name, n) in list.into_iter().take(most) {
        row(f, name, *n, of)?;
    }
    Ok(())
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, n: u64, of: u64) -> fmt::Result {
    writeln!(f, "  {name:<30} {:>20} {:>6.2} %", group(n), 100.0 * n as f64 / of.max(1) as f64)
}

/// Digits in groups of three, separated by commas.
fn group(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 4 / 3);
    for (i, c) in digits.chars().enumerate() {
        if i != 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::InsnInfo;

    #[test]
    fn digits_are_grouped() {
        assert_eq!(group(0), "0");
        assert_eq!(group(999), "999");
        assert_eq!(group(1000), "1,000");
        assert_eq!(group(1234567), "1,234,567");
    }

    #[test]
    fn table_names_guards_and_failures() {
        let mut stats = Stats { program: "p".into(), ..Default::default() };
        let insn =
            InsnInfo { mnemonic: "mj.gclass", class: "guard", extension: "Xmjguard", guard: Some("class") };
        stats.total.add(&insn, 1200, 3);
        let text = stats.to_string();
        assert!(text.contains("p: 1,200 instructions"), "{text}");
        let line = text.lines().find(|l| l.contains("mj.gclass (class)")).expect("guard line");
        assert_eq!(line.split_whitespace().collect::<Vec<_>>(), ["mj.gclass", "(class)", "1,200", "3"]);
    }
}
