//! One run: the guest in a process of its own, its output checked, its counts read back.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::codemap::{CodeMap, Executed, Split};
use super::{Options, Program, Style};
use crate::guest::{OnOff, PythonOptions};

/// The phase in which the guest writes the code map.
const REPORT: u8 = 8;

/// The phase that holds compiled code (see the phase marks of `Xmjhint`).
const JIT_CODE: u8 = 3;

/// The counts of one run.
#[derive(Debug, Clone, Serialize)]
pub struct Measurement {
    /// Instructions in all.
    pub total: u64,
    pub phases: Phases,
    /// Guards that hardware checked while in JIT code, by mnemonic.
    pub offloaded: BTreeMap<String, Guard>,
    /// Hint instructions by mnemonic.
    pub hints: BTreeMap<String, u64>,
    /// JIT code by role, from the code map; absent if the guest wrote none.
    pub split: Option<Split>,
    /// Numbers that the guest counted itself (traces, bridges, …).
    pub guest: BTreeMap<String, u64>,
    /// Events in the hardware, as the emulator reports them.
    pub hardware: serde_json::Value,
    /// Parameters that the hardware ran with.
    pub hw_params: serde_json::Value,
    /// Host time in seconds.
    pub seconds: f64,
}

/// Instructions by phase; `other` is start-up and what is not named.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Phases {
    pub interpreter: u64,
    pub tracing: u64,
    pub optimising: u64,
    pub jit_code: u64,
    pub jit_call: u64,
    pub gc: u64,
    pub deoptimisation: u64,
    pub other: u64,
}

/// The part of the emulator's JSON report (schema `mj-stats/1`) that is used here.
#[derive(Debug, Deserialize)]
struct Stats {
    instructions: u64,
    hints: BTreeMap<String, u64>,
    phases: Vec<PhaseStats>,
    hardware: serde_json::Value,
    hw_params: serde_json::Value,
    wall_seconds: f64,
    #[serde(default)]
    pc_counts: Vec<Executed>,
}

#[derive(Debug, Deserialize)]
struct PhaseStats {
    phase: u8,
    instructions: u64,
    guards: BTreeMap<String, Guard>,
}

/// A hardware guard's counts.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Guard {
    /// `class`, `value`, `overflow`, …
    pub kind: String,
    pub executed: u64,
    pub failed: u64,
}

/// Runs `program` in `style`; `n` makes file names in `scratch` unique.
pub fn run(
    elf: &Path,
    program: &Program,
    style: Style,
    options: &Options,
    scratch: &Path,
    n: usize,
) -> Result<Measurement> {
    let stats_file = scratch.join(format!("{n}.json"));
    let map_file = scratch.join(format!("{n}.map"));
    let (guards, patterns) = style.options();
    let guest = PythonOptions {
        guards,
        jit: OnOff::On,
        patterns,
        trace_log: None,
        code_map: Some(map_file.clone()),
        extra: options.extra.clone(),
    };
    let mut command = Command::new(std::env::current_exe().context("cannot find mj itself")?);
    command.args(["run", "--deterministic", "--pc-counts", "--stats=json", "--stats-file"]).arg(&stats_file);
    if let Some(hw) = &options.hw {
        command.arg("--hw").arg(hw);
    }
    command.args(["-0", "mj-python"]).arg(elf).args(guest.argv()).arg(&program.path).args(&program.args);
    let out = command.stdin(Stdio::null()).output().context("cannot start mj run")?;
    if !out.status.success() {
        bail!("ended with {}{}", out.status, complaint(&String::from_utf8_lossy(&out.stderr)));
    }
    if out.stdout != program.expected {
        bail!("{}", difference(&out.stdout, &program.expected));
    }
    let text = std::fs::read_to_string(&stats_file).context("mj run wrote no report")?;
    let stats: Stats = serde_json::from_str(&text).context("the report of mj run is not as expected")?;
    let map = match std::fs::read_to_string(&map_file) {
        Ok(text) => Some(CodeMap::parse("the code map", &text)?),
        Err(_) => None,
    };
    Ok(summary(stats, map))
}

fn summary(stats: Stats, map: Option<CodeMap>) -> Measurement {
    let mut phases = Phases::default();
    let mut total = stats.instructions;
    for p in &stats.phases {
        let slot = match p.phase {
            // Writing the code map is the measurement's own doing.
            REPORT => {
                total -= p.instructions;
                continue;
            }
            0 => &mut phases.interpreter,
            1 => &mut phases.tracing,
            2 => &mut phases.optimising,
            JIT_CODE => &mut phases.jit_code,
            4 => &mut phases.jit_call,
            5 => &mut phases.gc,
            6 => &mut phases.deoptimisation,
            _ => &mut phases.other,
        };
        *slot += p.instructions;
    }
    let in_jit = stats.phases.into_iter().find(|p| p.phase == JIT_CODE);
    let split = map.as_ref().map(|m| m.split(isa_spec::Isa::builtin(), stats.pc_counts));
    Measurement {
        total,
        phases,
        offloaded: in_jit.map(|p| p.guards).unwrap_or_default(),
        hints: stats.hints,
        split,
        guest: map.map(|m| m.counters).unwrap_or_default(),
        hardware: stats.hardware,
        hw_params: stats.hw_params,
        seconds: stats.wall_seconds,
    }
}

/// The beginning of what was said, without the registers of a crash report.
fn complaint(said: &str) -> String {
    let is_register =
        |l: &str| l.starts_with("  ") && l.split_whitespace().nth(1).is_some_and(|v| v.len() == 16);
    let lines = said.lines().filter(|l| !l.trim().is_empty() && !is_register(l));
    lines.take(8).map(|l| format!("\n    {l}")).collect()
}

/// Where two outputs differ first.
fn difference(got: &[u8], expected: &[u8]) -> String {
    let (got, expected) = (String::from_utf8_lossy(got), String::from_utf8_lossy(expected));
    let (mut g, mut e) = (got.lines(), expected.lines());
    let mut line = 0;
    loop {
        line += 1;
        match (g.next(), e.next()) {
            (Some(a), Some(b)) if a == b => {}
            (None, None) => return "the output differs in its last end of line".to_string(),
            (a, b) => {
                let show = |t: Option<&str>| t.map_or("the end".to_string(), |t| format!("`{t}`"));
                return format!("wrong output in line {line}: {}, expected {}", show(a), show(b));
            }
        }
    }
}
