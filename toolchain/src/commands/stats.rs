//! `mj stats`: compares reports of `mj run --stats=json`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

/// Name and version of the JSON that `--json` writes.
const SCHEMA: &str = "mj-stats-diff/1";

/// Compare what two runs executed
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Compares reports of `mj run --stats=json --stats-file FILE PROG`.",
    after_help = "Examples:\n  \
        mj run --deterministic --stats=json --stats-file a.json ./before\n  \
        mj run --deterministic --stats=json --stats-file b.json ./after\n  \
        mj stats diff a.json b.json\n  \
        mj stats diff --top 0 --json a.json b.json\n\n\
        The layout of the reports is in docs/stats.md."
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Show where B executes more or less than A, the largest differences first
    Diff(Diff),
}

#[derive(Debug, clap::Args)]
struct Diff {
    /// Show the N largest differences of each kind; 0: all
    #[arg(long, value_name = "N", default_value_t = 15)]
    top: usize,
    /// Write JSON
    #[arg(long)]
    json: bool,
    /// The report to start from
    a: PathBuf,
    /// The report to compare with it
    b: PathBuf,
}

/// The part of a report that is compared.
#[derive(Debug, Default, Deserialize)]
struct Report {
    schema: String,
    program: String,
    #[serde(flatten)]
    total: Tally,
    phases: Vec<Phase>,
    roi: Option<Tally>,
    hardware: serde_json::Value,
    estimate: Estimate,
    #[serde(default)]
    functions: Vec<Function>,
}

#[derive(Debug, Default, Deserialize)]
struct Tally {
    instructions: u64,
    by_class: BTreeMap<String, u64>,
    by_extension: BTreeMap<String, u64>,
    by_mnemonic: BTreeMap<String, u64>,
    guards: BTreeMap<String, Guard>,
}

#[derive(Debug, Deserialize)]
struct Guard {
    executed: u64,
    failed: u64,
}

#[derive(Debug, Deserialize)]
struct Phase {
    name: String,
    instructions: u64,
}

#[derive(Debug, Default, Deserialize)]
struct Estimate {
    cycles: u64,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    object: String,
    instructions: u64,
}

/// Counts of one kind, by name.
type Counts = BTreeMap<String, u64>;

/// A count in both reports.
#[derive(Debug, Serialize)]
struct Row {
    name: String,
    a: u64,
    b: u64,
    /// `b` less `a`.
    difference: i128,
    /// Of `a`; none when that is 0.
    percent: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Section {
    title: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Comparison<'a> {
    schema: &'static str,
    a: &'a Path,
    b: &'a Path,
    sections: Vec<Section>,
}

fn read(file: &Path) -> Result<Report> {
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let report: Report = serde_json::from_str(&text)
        .with_context(|| format!("{} is no report of mj run --stats=json", file.display()))?;
    if report.schema != emu::stats::SCHEMA {
        bail!("{}: its layout is {}, this mj reads {}", file.display(), report.schema, emu::stats::SCHEMA);
    }
    Ok(report)
}

/// Adds the numbers in a JSON object, those of inner objects as `outer.inner`.
fn flatten(value: &serde_json::Value, prefix: &str, out: &mut Counts) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value.as_u64() {
            Some(n) => *out.entry(name).or_default() += n,
            None => flatten(value, &name, out),
        }
    }
}

impl Report {
    /// Everything that is compared, in the order in which it is shown.
    fn sections(&self) -> Vec<(&'static str, Counts)> {
        let mut total = Counts::from([
            ("instructions".to_owned(), self.total.instructions),
            ("cycle estimate".to_owned(), self.estimate.cycles),
        ]);
        if let Some(roi) = &self.roi {
            total.insert("region of interest".to_owned(), roi.instructions);
        }
        let guards = self.total.guards.iter().flat_map(|(name, g)| {
            [(format!("{name} executed"), g.executed), (format!("{name} failed"), g.failed)]
        });
        let mut functions = Counts::new();
        for f in &self.functions {
            *functions.entry(format!("{} ({})", f.name, f.object)).or_default() += f.instructions;
        }
        let mut hardware = Counts::new();
        flatten(&self.hardware, "", &mut hardware);
        vec![
            ("total", total),
            ("phase", self.phases.iter().map(|p| (p.name.clone(), p.instructions)).collect()),
            ("class", self.total.by_class.clone()),
            ("extension", self.total.by_extension.clone()),
            ("mnemonic", self.total.by_mnemonic.clone()),
            ("guard", guards.collect()),
            ("function", functions),
            ("hardware", hardware),
        ]
    }
}

/// The rows of one kind that differ, the largest differences first; of the totals, all.
fn rows(title: &str, a: &Counts, b: &Counts, top: usize) -> Vec<Row> {
    let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    let row = |name: &String| {
        let [a, b] = [a, b].map(|counts| counts.get(name).copied().unwrap_or(0));
        let difference = i128::from(b) - i128::from(a);
        let percent = (a != 0).then(|| 100.0 * difference as f64 / a as f64);
        Row { name: name.clone(), a, b, difference, percent }
    };
    let mut rows: Vec<Row> = names.into_iter().map(row).collect();
    if title != "total" {
        rows.retain(|r| r.difference != 0);
        rows.sort_by_key(|r| std::cmp::Reverse(r.difference.unsigned_abs()));
        rows.truncate(if top == 0 { usize::MAX } else { top });
    }
    rows
}

impl Row {
    fn percent(&self) -> String {
        match self.percent {
            Some(percent) => format!("{percent:+.2} %"),
            None if self.difference == 0 => "+0.00 %".to_owned(),
            None => "new".to_owned(),
        }
    }
}

fn table(programs: [&str; 2], comparison: &Comparison) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(out, "A: {} ({})", comparison.a.display(), programs[0]);
    let _ = writeln!(out, "B: {} ({})", comparison.b.display(), programs[1]);
    let names = comparison.sections.iter().flat_map(|s| &s.rows).map(|r| r.name.chars().count());
    let width = names.max().unwrap_or(0).clamp(12, 50);
    for section in &comparison.sections {
        let _ = writeln!(
            out,
            "\n{:<width$} {:>16} {:>16} {:>16} {:>10}",
            section.title, "A", "B", "difference", "of A"
        );
        for row in &section.rows {
            let (a, b, difference) = (row.a, row.b, row.difference);
            let _ =
                writeln!(out, "{:<width$} {a:>16} {b:>16} {difference:>+16} {:>10}", row.name, row.percent());
        }
    }
    out
}

pub fn main(args: &Args) -> Result<u8> {
    let Command::Diff(diff) = &args.command;
    let (a, b) = (read(&diff.a)?, read(&diff.b)?);
    let sections = a.sections().into_iter().zip(b.sections());
    let sections = sections
        .map(|((title, a), (_, b))| Section { title, rows: rows(title, &a, &b, diff.top) })
        .filter(|s| !s.rows.is_empty())
        .collect();
    let comparison = Comparison { schema: SCHEMA, a: &diff.a, b: &diff.b, sections };
    if diff.json {
        super::print(&(serde_json::to_string_pretty(&comparison)? + "\n"))?;
    } else {
        super::print(&table([&a.program, &b.program], &comparison))?;
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(list: &[(&str, u64)]) -> Counts {
        list.iter().map(|(name, n)| ((*name).to_owned(), *n)).collect()
    }

    #[test]
    fn the_largest_difference_comes_first_and_equal_counts_are_left_out() {
        let a = counts(&[("add", 100), ("ld", 50), ("same", 7)]);
        let b = counts(&[("add", 101), ("ld", 20), ("same", 7), ("mj.gclass", 5)]);
        let rows = rows("mnemonic", &a, &b, 0);
        let shown: Vec<(&str, i128)> = rows.iter().map(|r| (r.name.as_str(), r.difference)).collect();
        assert_eq!(shown, [("ld", -30), ("mj.gclass", 5), ("add", 1)]);
        let percent: Vec<String> = rows.iter().map(Row::percent).collect();
        assert_eq!(percent, ["-60.00 %", "new", "+1.00 %"]);
        assert_eq!(super::rows("mnemonic", &a, &b, 1).len(), 1);
    }
}
