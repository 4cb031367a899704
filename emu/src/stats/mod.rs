//! Exact counts of a run: what is reported, as data. [`table`] prints it for people; serde gives JSON.
//!
//! Every figure but [`Stats::wall_seconds`], [`CycleEstimate`] and [`EngineStats`] is an exact property of
//! the guest's execution.

mod places;
mod profile;
mod table;

pub(crate) use places::Places;
pub use profile::Profile;

use crate::hardware::{HwParams, PatternCounts, WatchCounts};
use crate::report::Line;
use serde::Serialize;
use std::collections::BTreeMap;

/// Name and version of the JSON layout. The number grows when a field changes meaning or goes away.
pub const SCHEMA: &str = "mj-stats/1";

/// Names of the phases that `mj.phase` marks; the others have none.
pub const PHASE_NAMES: [&str; 8] =
    ["interpreter", "tracing", "optimising", "jit-code", "jit-call", "gc", "deoptimisation", "start-up"];

/// The name of a phase; `phase-N` for the unnamed.
pub fn phase_name(phase: u8) -> String {
    PHASE_NAMES.get(usize::from(phase)).map_or_else(|| format!("phase-{phase}"), |name| (*name).to_owned())
}

/// Instructions executed, divided in several ways; each division sums to `instructions`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Instructions executed. One that traps (fault, illegal, `ebreak`) is not; `ecall` and failing guards
    /// are.
    pub instructions: u64,
    /// By counter class (`alu`, `load`, `branch`, `guard`, …).
    pub by_class: BTreeMap<String, u64>,
    /// By extension (`I`, `C`, `Xmjguard`, …).
    pub by_extension: BTreeMap<String, u64>,
    /// By mnemonic.
    pub by_mnemonic: BTreeMap<String, u64>,
    /// Guard instructions by mnemonic.
    pub guards: BTreeMap<String, GuardTally>,
    /// Hint instructions (pattern observations and marks) by mnemonic.
    pub hints: BTreeMap<String, u64>,
}

/// Counts of one guard instruction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct GuardTally {
    /// Guard kind (`class`, `value`, `overflow`, …).
    pub kind: String,
    /// Executed, failed ones included.
    pub executed: u64,
    /// Failed, to a bridge or to the vector.
    pub failed: u64,
}

/// Counts of one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PhaseTally {
    /// Number, 0..=15.
    pub phase: u8,
    /// Name, see [`PHASE_NAMES`].
    pub name: String,
    /// Its counts.
    #[serde(flatten)]
    pub tally: Tally,
}

/// Counts of the region of interest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct RoiStats {
    /// All of it.
    #[serde(flatten)]
    pub tally: Tally,
    /// By phase; phases without instructions are left out.
    pub phases: Vec<PhaseTally>,
}

/// Events in the proposed hardware.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HardwareStats {
    /// Guard failures that the bridge table sent on.
    pub bridge_hits: u64,
    /// Guard failures that went through the vector.
    pub vector_entries: u64,
    /// Bridge insertions accepted.
    pub bridges_inserted: u64,
    /// Bridge insertions refused because the table was full.
    pub bridges_refused: u64,
    /// The pattern table.
    pub patterns: PatternCounts,
    /// The watch table.
    pub watch: WatchCounts,
}

/// Cycles of an imagined core: apart from the counts because it is a model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CycleEstimate {
    /// The estimate.
    pub cycles: u64,
    /// The part of it that guard failures cost.
    pub guard_failure_cycles: u64,
    /// What is assumed, in words.
    pub assumes: String,
}

/// What the emulator itself did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct EngineStats {
    /// Basic blocks decoded.
    pub blocks_decoded: u64,
    /// Blocks dropped because the guest wrote to their code or unmapped it.
    pub blocks_dropped: u64,
    /// Guest writes that hit decoded code.
    pub code_writes: u64,
    /// Basic blocks translated to host code.
    pub blocks_translated: u64,
    /// Superblocks made of what runs often.
    pub superblocks: u64,
    /// Bytes of host code made of them.
    pub code_bytes: u64,
    /// Guest instructions that translated code executed; the interpreter executed the others.
    pub translated_instructions: u64,
}

impl EngineStats {
    /// Adds what another engine did.
    pub(crate) fn add(&mut self, more: &EngineStats) {
        self.blocks_decoded += more.blocks_decoded;
        self.blocks_dropped += more.blocks_dropped;
        self.code_writes += more.code_writes;
        self.blocks_translated += more.blocks_translated;
        self.superblocks += more.superblocks;
        self.code_bytes += more.code_bytes;
        self.translated_instructions += more.translated_instructions;
    }
}

/// Executions of one instruction at one address. Code that is replaced keeps its own counts, so a pc can
/// appear with several words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PcCount {
    /// Address.
    pub pc: u64,
    /// Instruction word; the upper half is zero for a compressed one.
    pub word: u32,
    /// Executions.
    pub count: u64,
}

/// Instructions of a guest function, without those that it calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FunctionCount {
    /// Its symbol; `[no symbol]` for code that has none.
    pub name: String,
    /// Name of the file that it is in; in brackets for memory that is no file.
    pub object: String,
    /// Instructions executed.
    pub instructions: u64,
}

/// Executions of a basic block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockCount {
    /// Address of its first instruction.
    pub pc: u64,
    /// `symbol+0xoffset` of that, if there is one.
    pub symbol: Option<String>,
    /// Name of the file that it is in; in brackets for memory that is no file.
    pub object: String,
    /// How often it was executed.
    pub executions: u64,
    /// Instructions executed in it.
    pub instructions: u64,
    /// Its instructions.
    pub code: Vec<Line>,
}

/// The counts of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Stats {
    /// [`SCHEMA`].
    pub schema: String,
    /// Path of the program.
    pub program: String,
    /// Everything executed.
    #[serde(flatten)]
    pub total: Tally,
    /// By phase; phases without instructions are left out.
    pub phases: Vec<PhaseTally>,
    /// The region of interest (`mj.roi`); absent when none was marked.
    pub roi: Option<RoiStats>,
    /// Hardware events.
    pub hardware: HardwareStats,
    /// Parameters that the hardware ran with.
    pub hw_params: HwParams,
    /// A cycle estimate.
    pub estimate: CycleEstimate,
    /// The emulator's own work.
    pub engine: EngineStats,
    /// Time the run took on the host, in seconds.
    pub wall_seconds: f64,
    /// By guest function, most executed first; only when the builder asked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub functions: Vec<FunctionCount>,
    /// The blocks that were executed most; only when the builder asked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hot_blocks: Vec<BlockCount>,
    /// Executions by pc, in address order; only when the builder asked for them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pc_counts: Vec<PcCount>,
}

impl Stats {
    /// JSON text of the layout [`SCHEMA`].
    pub fn to_json(&self) -> String {
        // Maps with string keys and numbers cannot fail to serialise.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The counts of a phase; `None` when nothing ran in it.
    pub fn phase(&self, phase: u8) -> Option<&Tally> {
        self.phases.iter().find(|p| p.phase == phase).map(|p| &p.tally)
    }
}

impl Tally {
    /// Adds `count` executions of an instruction.
    pub(crate) fn add(&mut self, insn: &InsnInfo<'_>, count: u64, failed: u64) {
        self.instructions += count;
        *entry(&mut self.by_class, insn.class) += count;
        *entry(&mut self.by_extension, insn.extension) += count;
        *entry(&mut self.by_mnemonic, insn.mnemonic) += count;
        if let Some(kind) = insn.guard {
            let g = entry(&mut self.guards, insn.mnemonic);
            if g.kind.is_empty() {
                g.kind = kind.to_owned();
            }
            g.executed += count;
            g.failed += failed;
        }
        if insn.class == "hint" {
            *entry(&mut self.hints, insn.mnemonic) += count;
        }
    }
}

/// What the counts need to know of an instruction.
pub(crate) struct InsnInfo<'a> {
    pub mnemonic: &'a str,
    pub class: &'a str,
    pub extension: &'a str,
    pub guard: Option<&'a str>,
}

/// `map[key]`, made if absent, without allocating when present.
fn entry<'m, V: Default>(map: &'m mut BTreeMap<String, V>, key: &str) -> &'m mut V {
    if !map.contains_key(key) {
        map.insert(key.to_owned(), V::default());
    }
    map.entry(key.to_owned()).or_default()
}
