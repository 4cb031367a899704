//! The report as text: one row a run, then guards by kind, then what failed.

use std::collections::BTreeSet;
use std::fmt;

use super::{Measurement, ProgramReport, Report, RunResult, Style};

/// A count of a kind in a measurement.
type Count<'a> = dyn Fn(&Measurement, &str) -> Option<u64> + 'a;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![
            [
                "program",
                "style",
                "total",
                "in JIT",
                "interp",
                "trace+opt",
                "JIT code",
                "JIT call",
                "GC",
                "deopt",
                "other",
                "vs naive",
                "vs soft",
                "guards",
                "in hw",
                "traces",
            ]
            .map(String::from)
            .to_vec(),
        ];
        for program in &self.programs {
            for (n, run) in program.runs.iter().enumerate() {
                let name = if n == 0 { program.name.clone() } else { String::new() };
                let mut row = vec![name, run.style.name().to_string()];
                match run.measured() {
                    Some(m) => row.extend(cells(program, m)),
                    None => row.push("failed".to_string()),
                }
                rows.push(row);
            }
        }
        writeln!(
            f,
            "Guest instructions in millions, exact; \"vs\" is the ratio of instructions in JIT code.\n"
        )?;
        write_table(f, &rows, 2)?;
        self.ratios(f)?;
        self.guards(f)?;
        self.roles(f)?;
        self.patterns(f)?;
        self.hardware(f)?;
        self.failures(f)
    }
}

fn cells(program: &ProgramReport, m: &Measurement) -> Vec<String> {
    let p = &m.phases;
    let against = |style: Style| {
        let base = jit_code(program, style)?;
        (base > 0).then(|| format!("{:.3}", p.jit_code as f64 / base as f64))
    };
    let ratio = |style| against(style).unwrap_or_else(|| "-".to_string());
    let executed = m.split.as_ref().map(|s| s.kinds.values().map(|k| k.executed).sum());
    let offloaded: u64 = m.offloaded.values().map(|g| g.executed).sum();
    vec![
        millions(m.total),
        format!("{:.1} %", 100.0 * (p.jit_code + p.jit_call) as f64 / m.total.max(1) as f64),
        millions(p.interpreter),
        millions(p.tracing + p.optimising),
        millions(p.jit_code),
        millions(p.jit_call),
        millions(p.gc),
        millions(p.deoptimisation),
        millions(p.other),
        ratio(Style::Naive),
        ratio(Style::Soft),
        executed.map_or("-".to_string(), millions),
        millions(offloaded),
        m.guest.get("traces").map_or("-".to_string(), u64::to_string),
    ]
}

fn jit_code(program: &ProgramReport, style: Style) -> Option<u64> {
    let run = program.runs.iter().find(|r| r.style == style)?;
    run.measured().map(|m| m.phases.jit_code)
}

fn millions(n: u64) -> String {
    let m = n as f64 / 1e6;
    if m >= 1000.0 { format!("{m:.0}") } else { format!("{m:.2}") }
}

impl Report {
    /// Geometric means of the instructions in JIT code against naive and soft.
    fn ratios(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows =
            vec![vec!["geometric mean".to_string(), "vs naive".into(), "vs soft".into(), "programs".into()]];
        for style in [Style::Naive, Style::Soft, Style::Hw, Style::HwPatterns] {
            let mean = |base: Style| {
                let logs: Vec<f64> = self
                    .programs
                    .iter()
                    .filter_map(|p| Some((jit_code(p, style)?, jit_code(p, base)?)))
                    .filter(|(a, b)| *a > 0 && *b > 0)
                    .map(|(a, b)| (a as f64 / b as f64).ln())
                    .collect();
                (!logs.is_empty()).then(|| ((logs.iter().sum::<f64>() / logs.len() as f64).exp(), logs.len()))
            };
            let (naive, soft) = (mean(Style::Naive), mean(Style::Soft));
            if naive.is_none() && soft.is_none() {
                continue;
            }
            let show = |m: Option<(f64, usize)>| m.map_or("-".to_string(), |(m, _)| format!("{m:.3}"));
            let count = naive.or(soft).map_or(0, |(_, n)| n);
            rows.push(vec![style.name().to_string(), show(naive), show(soft), count.to_string()]);
        }
        if rows.len() > 1 {
            writeln!(f)?;
            write_table(f, &rows, 1)?;
        }
        Ok(())
    }

    /// Guards executed by kind: in traces by RPython's names, in hardware by mnemonic.
    fn guards(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let each = || self.programs.iter().flat_map(|p| p.runs.iter().map(move |r| (p, r)));
        let kinds: BTreeSet<&str> = each()
            .filter_map(|(_, r)| r.measured()?.split.as_ref())
            .flat_map(|s| s.kinds.keys().map(String::as_str))
            .collect();
        let title = "Guards executed in traces, by kind (millions), and how many of them hardware checked";
        let executed = |m: &Measurement, kind: &str| m.split.as_ref()?.kinds.get(kind).map(|k| k.executed);
        let offloaded = |m: &Measurement, kind: &str| m.split.as_ref()?.kinds.get(kind).map(|k| k.offloaded);
        self.kind_table(f, title, &kinds, &[("", &executed), (" in hw", &offloaded)])?;
        let mnemonics: BTreeSet<&str> = each()
            .filter_map(|(_, r)| r.measured())
            .flat_map(|m| m.offloaded.keys().map(String::as_str))
            .collect();
        let count = |m: &Measurement, name: &str| m.offloaded.get(name).map(|g| g.executed);
        self.kind_table(f, "Guard instructions executed in JIT code (millions)", &mnemonics, &[("", &count)])
    }

    /// A table of counts by kind; each run gives a row for each of `rows` (what the style's name is followed by,
    /// and the counts) that is not empty.
    fn kind_table(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        kinds: &BTreeSet<&str>,
        values: &[(&str, &Count<'_>)],
    ) -> fmt::Result {
        if kinds.is_empty() {
            return Ok(());
        }
        let mut head = vec!["program".to_string(), "style".to_string()];
        head.extend(kinds.iter().map(|k| k.trim_start_matches("guard_").to_string()));
        let mut rows = vec![head];
        for program in &self.programs {
            for m in program.runs.iter().filter_map(|r| r.measured().map(|m| (r.style, m))) {
                for (suffix, count) in values {
                    let row: Vec<u64> = kinds.iter().map(|k| count(m.1, k).unwrap_or(0)).collect();
                    if row.iter().all(|n| *n == 0) {
                        continue;
                    }
                    let mut cells = vec![program.name.clone(), format!("{}{suffix}", m.0.name())];
                    cells.extend(row.into_iter().map(|n| if n == 0 { "-".to_string() } else { millions(n) }));
                    rows.push(cells);
                }
            }
        }
        writeln!(f, "\n{title}\n")?;
        write_table(f, &rows, 2)
    }

    /// The split of JIT code into execution, guards and what only feeds guards.
    fn roles(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rows = vec![
            ["program", "style", "execution %", "guard %", "feeder %", "both %", "other %"]
                .map(String::from)
                .to_vec(),
        ];
        for program in &self.programs {
            for run in &program.runs {
                let Some(m) = run.measured() else { continue };
                let (Some(s), all @ 1..) = (&m.split, m.phases.jit_code) else { continue };
                let share = |n: u64| format!("{:.1}", 100.0 * n as f64 / all as f64);
                let other = all.saturating_sub(s.exec + s.guard + s.feeder + s.both);
                rows.push(vec![
                    program.name.clone(),
                    run.style.name().to_string(),
                    share(s.exec),
                    share(s.guard),
                    share(s.feeder),
                    share(s.both),
                    share(other),
                ]);
            }
        }
        if rows.len() == 1 {
            return Ok(());
        }
        writeln!(f, "\nInstructions in JIT code by what they are for\n")?;
        write_table(f, &rows, 2)
    }

    /// What the pattern table found and what came of it, where it was used.
    fn patterns(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const COUNTED: [&str; 7] = [
            "pattern_sites",
            "patterns_confirmed_value",
            "patterns_confirmed_type",
            "respecialised",
            "typed_entries",
            "relinked",
            "speculations_failed",
        ];
        let head = [
            "program",
            "value hints",
            "type hints",
            "sites",
            "values",
            "types",
            "respecialised",
            "entries",
            "relinked",
            "failed",
            "vs hw",
        ];
        let mut rows = vec![head.map(String::from).to_vec()];
        for program in &self.programs {
            for run in program.runs.iter().filter(|r| r.style == Style::HwPatterns) {
                let Some(m) = run.measured() else { continue };
                let hint = |name: &str| m.hints.get(name).copied().unwrap_or(0).to_string();
                let mut row = vec![program.name.clone(), hint("mj.obsv"), hint("mj.obst")];
                row.extend(COUNTED.map(|n| m.guest.get(n).map_or("-".to_string(), u64::to_string)));
                row.push(match jit_code(program, Style::Hw) {
                    Some(hw @ 1..) => format!("{:.3}", m.phases.jit_code as f64 / hw as f64),
                    _ => "-".to_string(),
                });
                rows.push(row);
            }
        }
        if rows.len() == 1 {
            return Ok(());
        }
        writeln!(
            f,
            "\nPatterns: hints executed, constant values and types confirmed, and what the JIT made of them\n"
        )?;
        write_table(f, &rows, 1)
    }

    /// The parameters that the hardware ran with.
    fn hardware(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.programs.iter().flat_map(|p| &p.runs).find_map(|r| r.measured());
        match first {
            Some(m) => writeln!(f, "\nHardware parameters: {}", m.hw_params),
            None => Ok(()),
        }
    }

    fn failures(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for program in &self.programs {
            for run in &program.runs {
                if let RunResult::Failed(why) = &run.result {
                    writeln!(f, "\n{} {}: {why}", program.name, run.style.name())?;
                }
            }
        }
        Ok(())
    }
}

/// Writes rows in columns as wide as they must be; the first `left` columns are aligned to the left.
fn write_table(f: &mut fmt::Formatter<'_>, rows: &[Vec<String>], left: usize) -> fmt::Result {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (c, text) in row.iter().enumerate() {
            if c > 0 {
                line.push_str("  ");
            }
            let pad = " ".repeat(widths[c] - text.chars().count());
            if c < left {
                line.push_str(text);
                line.push_str(&pad);
            } else {
                line.push_str(&pad);
                line.push_str(text);
            }
        }
        writeln!(f, "{}", line.trim_end())?;
    }
    Ok(())
}
