//! The benchmark of `mj bench`: every program in every guard style, output checked, counts compared.
//!
//! Each run is a process of its own (`mj run` with a JSON report), so that two can run side by side and a
//! crash of one is a line in the table.

pub mod codemap;
pub mod emulator;
mod measure;
mod programs;
mod table;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result};
use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::guest::{self, Guards, OnOff};
pub use measure::Measurement;
pub use programs::Program;

/// How large a program's input is; each program says in its header what that means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Size {
    Small,
    Large,
}

/// A guard style, with or without patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    Naive,
    Soft,
    Hw,
    #[value(name = "hw+patterns")]
    #[serde(rename = "hw+patterns")]
    HwPatterns,
}

impl Style {
    /// The name on the command line and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Style::Naive => "naive",
            Style::Soft => "soft",
            Style::Hw => "hw",
            Style::HwPatterns => "hw+patterns",
        }
    }

    /// What the guest is told.
    pub fn options(self) -> (Guards, OnOff) {
        match self {
            Style::Naive => (Guards::Naive, OnOff::Off),
            Style::Soft => (Guards::Soft, OnOff::Off),
            Style::Hw => (Guards::Hw, OnOff::Off),
            Style::HwPatterns => (Guards::Hw, OnOff::On),
        }
    }
}

/// What to run.
#[derive(Debug, Clone)]
pub struct Options {
    /// Program names; all if empty.
    pub names: Vec<String>,
    pub size: Size,
    pub styles: Vec<Style>,
    /// Hardware parameters (TOML).
    pub hw: Option<PathBuf>,
    /// Runs at a time.
    pub jobs: usize,
    /// A guest program to run instead of building one.
    pub guest: Option<PathBuf>,
    /// Further options of the guest, `name=value`.
    pub extra: Vec<String>,
}

/// Everything measured; displays as the table.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Name and version of this layout.
    pub schema: &'static str,
    pub size: Size,
    pub programs: Vec<ProgramReport>,
}

/// The runs of one program.
#[derive(Debug, Serialize)]
pub struct ProgramReport {
    pub name: String,
    pub args: Vec<String>,
    pub runs: Vec<Run>,
}

/// One program in one style.
#[derive(Debug, Serialize)]
pub struct Run {
    pub style: Style,
    #[serde(flatten)]
    pub result: RunResult,
}

/// What came of a run.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunResult {
    Measured(Box<Measurement>),
    /// The run failed, in words.
    Failed(String),
}

impl Run {
    /// The measurement, if the run succeeded.
    pub fn measured(&self) -> Option<&Measurement> {
        match &self.result {
            RunResult::Measured(m) => Some(m),
            RunResult::Failed(_) => None,
        }
    }
}

impl Report {
    /// Whether every run ended well with the right output.
    pub fn all_good(&self) -> bool {
        self.programs.iter().flat_map(|p| &p.runs).all(|r| r.measured().is_some())
    }
}

/// Builds the guest if need be and runs everything.
pub fn run(options: &Options) -> Result<Report> {
    let root = guest::source_root()?;
    let programs = programs::find(&root.join("test-programs/python"), &options.names, options.size)?;
    let elf = match &options.guest {
        Some(elf) => elf.clone(),
        None => guest::build("mj-python")?,
    };
    let scratch = Scratch::new()?;
    let cases: Vec<(usize, Style)> =
        (0..programs.len()).flat_map(|p| options.styles.iter().map(move |s| (p, *s))).collect();
    let bar = ProgressBar::new(cases.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    let next = AtomicUsize::new(0);
    let results: Mutex<Vec<(usize, Run)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.jobs.min(cases.len()) {
            scope.spawn(|| {
                while let Some((n, (p, style))) = {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(n).map(|c| (n, *c))
                } {
                    let program = &programs[p];
                    bar.set_message(format!("{} {}", program.name, style.name()));
                    let outcome = measure::run(&elf, program, style, options, &scratch.0, n);
                    let result = match outcome {
                        Ok(m) => RunResult::Measured(Box::new(m)),
                        Err(e) => RunResult::Failed(format!("{e:#}")),
                    };
                    bar.inc(1);
                    if bar.is_hidden() {
                        eprintln!("{}/{} {} {}", bar.position(), cases.len(), program.name, style.name());
                    }
                    if let Ok(mut all) = results.lock() {
                        all.push((n, Run { style, result }));
                    }
                }
            });
        }
    });
    bar.finish_and_clear();
    let mut results = results.into_inner().unwrap_or_else(|e| e.into_inner());
    results.sort_by_key(|(n, _)| *n);
    let mut reports: Vec<ProgramReport> = programs
        .into_iter()
        .map(|p| ProgramReport { name: p.name, args: p.args, runs: Vec::new() })
        .collect();
    for (n, run) in results {
        reports[cases[n].0].runs.push(run);
    }
    Ok(Report { schema: "mj-bench/1", size: options.size, programs: reports })
}

/// A directory for the reports of the runs, removed in the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Result<Scratch> {
        let dir = std::env::temp_dir().join(format!("mj-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(Scratch(dir))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing depends on its removal.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
