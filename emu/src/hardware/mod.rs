//! The hardware that the project proposes: guard vector, bridge table, pattern table, watch table, and their parameters.

mod bridges;
mod params;
mod patterns;
mod watch;

pub use bridges::BridgeTable;
pub use params::WatchTableParams;
pub use params::{BridgeTableParams, GuardParams, HwParams, HwParamsError, PatternFault, PatternTableParams};
pub use patterns::{PatternCounts, PatternTable, Verdict};
pub use watch::{TOKENS, WatchCounts, WatchTable};

/// The custom hardware of one hart.
#[derive(Clone, Debug)]
pub struct Hardware {
    /// CSR `mj.gvec`: where a guard without bridge goes when it fails; 0 = nowhere (SIGILL).
    pub gvec: u64,
    /// CSR `mj.gepc`: pc of the guard that failed last through the vector.
    pub gepc: u64,
    /// CSR `mj.gval`: the value that failed that guard.
    pub gval: u64,
    /// Guard exits that go straight to their bridge.
    pub bridges: BridgeTable,
    /// What has been seen at hinted sites.
    pub patterns: PatternTable,
    /// The hart's side of the watch table, which belongs to the memory.
    pub watch: WatchState,
    /// What the parameters were.
    pub params: HwParams,
    /// Guard failures that the bridge table sent on.
    pub bridge_hits: u64,
    /// Guard failures that went through the vector.
    pub vector_entries: u64,
}

/// CSRs of a hart for the watch table, which is shared by the harts of an address space.
#[derive(Clone, Copy, Debug, Default)]
pub struct WatchState {
    /// CSR `mj.wtok`: the token that the next range is for.
    pub token: u16,
    /// CSR `mj.waddr`: where the next range begins.
    pub start: u64,
    /// CSR `mj.wstat`: the last range was accepted.
    pub accepted: bool,
    /// Counts of address spaces that are gone (`execve`).
    pub before: WatchCounts,
}

impl Hardware {
    /// Empty tables of the sizes in `params`.
    pub fn new(params: HwParams) -> Hardware {
        Hardware {
            gvec: 0,
            gepc: 0,
            gval: 0,
            bridges: BridgeTable::new(params.bridge_table.entries),
            patterns: PatternTable::new(params.pattern_table.clone()),
            watch: WatchState::default(),
            params,
            bridge_hits: 0,
            vector_entries: 0,
        }
    }

    /// The hardware of a new thread's hart: the same contents, nothing counted.
    pub fn for_thread(&self) -> Hardware {
        let mut hw = self.clone();
        hw.bridge_hits = 0;
        hw.vector_entries = 0;
        hw.bridges.inserted = 0;
        hw.bridges.refused = 0;
        hw.patterns.counts = PatternCounts::default();
        hw
    }

    /// Adds the counts of another hart's hardware.
    pub fn add_counts(&mut self, other: &Hardware) {
        self.bridge_hits += other.bridge_hits;
        self.vector_entries += other.vector_entries;
        self.bridges.inserted += other.bridges.inserted;
        self.bridges.refused += other.bridges.refused;
        let (all, more) = (&mut self.patterns.counts, &other.patterns.counts);
        all.observed += more.observed;
        all.refused += more.refused;
        all.confirmed_values += more.confirmed_values;
        all.confirmed_types += more.confirmed_types;
        all.varying += more.varying;
        all.wrong += more.wrong;
    }

    /// The guard at `pc` failed with `value`: where it continues, or `None` when there is neither bridge
    /// nor vector.
    pub fn guard_fail(&mut self, pc: u64, value: u64) -> Option<u64> {
        if let Some(target) = self.bridges.lookup(pc) {
            self.bridge_hits += 1;
            return Some(target);
        }
        if self.gvec == 0 {
            return None;
        }
        self.vector_entries += 1;
        self.gepc = pc;
        self.gval = value;
        Some(self.gvec)
    }
}
