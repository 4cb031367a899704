//! Engines execute guest code: the [`interpreter`] runs basic blocks of threaded code ([`threaded`]), which are kept in
//! [`blocks`]; the translator ([`dbt`]) makes host code of those that are run often. [`Engine`] is both, for one hart.
//!
//! Counting ([`counts`]) is free: a block counts its executions once, for each phase and region apart, and what happened
//! to its instructions is worked out afterwards. A block that is left early (trap, failed guard, write to
//! its own code) notes where, so that the counts stay exact.

pub mod blocks;
pub mod counts;
#[cfg(target_arch = "x86_64")]
pub mod dbt;
pub mod interpreter;
pub mod threaded;

use crate::hart::Hart;
use crate::isa::InsnSet;
use crate::stats::EngineStats;
use crate::trap::Trap;
use blocks::BlockCache;

/// Why an engine gave control back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An instruction trapped. The hart's pc is at it, or past it when the trap [retires](Trap::retires).
    Trap(Trap),
    /// `Hart::stop_at` was reached, or `Hart::interrupt` requested; the pc is at the next instruction.
    Slice,
    /// The guest wrote to code that has been decoded. Stays inside the engine.
    CodeWritten,
}

/// How guest code is to be executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By the interpreter, and by translated code where it runs often.
    #[default]
    Translate,
    /// By the interpreter alone: the reference.
    Interpret,
}

/// When code is translated. It changes no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Runs of a block in the interpreter after which it is translated; 0: before it runs.
    pub translate_after: u64,
    /// Executions of an exit of a translated block after which a superblock is made of what follows from the block; 0:
    /// superblocks are made at once, as good as they can be, and no blocks are translated.
    pub optimize_after: u64,
}

impl Thresholds {
    /// Superblocks of everything, before it runs.
    pub const EAGER: Thresholds = Thresholds { translate_after: 0, optimize_after: 0 };
    /// Blocks alone, before they run.
    pub const BLOCKS: Thresholds = Thresholds { translate_after: 0, optimize_after: u64::MAX };
}

impl Default for Thresholds {
    /// What is best for most programs.
    fn default() -> Thresholds {
        Thresholds { translate_after: 16, optimize_after: 4000 }
    }
}

/// What the engines of a process's harts have translated together. Clones are the same.
#[derive(Clone, Default)]
pub struct Translations {
    #[cfg(target_arch = "x86_64")]
    shared: std::sync::Arc<dbt::shared::Shared>,
}

impl Translations {
    /// Keeps other threads from joining and leaving while the guard lives: for `fork`.
    pub(crate) fn quiesce(&self) -> impl Drop + '_ {
        #[cfg(target_arch = "x86_64")]
        return self.shared.quiesce();
        #[cfg(not(target_arch = "x86_64"))]
        return std::sync::Arc::new(());
    }

    /// Calls `f(pc, word, slot, executed, failed)` for what translated code has executed.
    pub(crate) fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        #[cfg(target_arch = "x86_64")]
        self.shared.for_each_count(f);
        #[cfg(not(target_arch = "x86_64"))]
        let _ = f;
    }

    /// Calls `f(guest pc, host address, bytes)` for all code.
    pub(crate) fn for_each_code(&self, f: &mut dyn FnMut(u64, u64, u64)) {
        #[cfg(target_arch = "x86_64")]
        self.shared.for_each_code(f);
        #[cfg(not(target_arch = "x86_64"))]
        let _ = f;
    }

    /// What was translated so far.
    pub(crate) fn statistics(&self) -> EngineStats {
        #[cfg(target_arch = "x86_64")]
        return self.shared.statistics();
        #[cfg(not(target_arch = "x86_64"))]
        return EngineStats::default();
    }
}

/// What executes the code of one hart.
pub struct Engine {
    cache: BlockCache,
    /// What the hart, alone or with others, has translated.
    translations: Translations,
    #[cfg(target_arch = "x86_64")]
    dbt: Option<dbt::Dbt>,
}

impl Engine {
    /// An engine for programs of these instructions.
    pub fn new(mode: Mode, isa: InsnSet) -> Engine {
        Engine::sharing(mode, isa, Translations::default())
    }

    /// An engine for one of the harts of a process, which run the same code in the same memory.
    pub fn sharing(mode: Mode, isa: InsnSet, translations: Translations) -> Engine {
        #[cfg(not(target_arch = "x86_64"))]
        let _ = mode;
        Engine {
            cache: BlockCache::new(isa),
            #[cfg(target_arch = "x86_64")]
            dbt: (mode == Mode::Translate).then(|| dbt::Dbt::new(translations.shared.clone())),
            translations,
        }
    }

    /// Sets when code is translated from now on.
    pub fn set_thresholds(&mut self, thresholds: Thresholds) {
        #[cfg(target_arch = "x86_64")]
        if let Some(dbt) = &mut self.dbt {
            dbt.set_thresholds(thresholds);
        }
        #[cfg(not(target_arch = "x86_64"))]
        let _ = thresholds;
    }

    /// Has translated code check every address, so that none reaches memory outside the guest's space. The interpreter does so anyway.
    pub fn confine(&mut self) {
        #[cfg(target_arch = "x86_64")]
        if let Some(dbt) = &mut self.dbt {
            dbt.confine();
        }
    }

    /// Runs from the hart's pc until an instruction traps, `Hart::stop_at` instructions have been retired or
    /// `Hart::interrupt` is requested.
    pub fn run(&mut self, hart: &mut Hart) -> Event {
        #[cfg(target_arch = "x86_64")]
        if let Some(dbt) = &mut self.dbt {
            return dbt.run(&mut self.cache, hart);
        }
        interpreter::run(&mut self.cache, hart)
    }

    /// Forgets all code: the address space is a new one. The counts stay.
    pub fn drop_all(&mut self) {
        #[cfg(target_arch = "x86_64")]
        if let Some(dbt) = &mut self.dbt {
            dbt.drop_all();
        }
        self.cache.drop_all();
    }

    /// Counts an instruction that was executed without the engine.
    pub(crate) fn count(&mut self, pc: u64, word: u32, slot: u8, failed: bool) {
        self.cache.retired.add(pc, word, slot, 1, u64::from(failed));
    }

    /// Calls `f(pc, word, slot, executed, failed)` for everything that was executed by this engine alone: all but what
    /// translated code has executed.
    pub(crate) fn for_each_own_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        self.cache.for_each_count(f);
    }

    /// Calls `f(pc, word, slot, executed, failed)` for everything that was executed, for [`counts::tally`], with what
    /// other engines have executed of the translations that this one shares with them.
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        self.for_each_own_count(f);
        self.translations.for_each_count(f);
    }

    /// What the engine alone did: all but translate.
    pub(crate) fn own_statistics(&self) -> EngineStats {
        #[cfg(target_arch = "x86_64")]
        let translated_instructions = self.dbt.as_ref().map_or(0, dbt::Dbt::executed);
        #[cfg(not(target_arch = "x86_64"))]
        let translated_instructions = 0;
        EngineStats {
            blocks_decoded: self.cache.translated,
            blocks_dropped: self.cache.dropped,
            code_writes: self.cache.code_writes,
            translated_instructions,
            ..EngineStats::default()
        }
    }

    /// What the engine did, and what it has translated together with others.
    pub fn statistics(&self) -> EngineStats {
        let mut all = self.own_statistics();
        all.add(&self.translations.statistics());
        all
    }
}
