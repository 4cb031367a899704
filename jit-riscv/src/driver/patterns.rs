//! Young traces, the verdicts of the pattern table on them, and what is made of those.
//!
//! A trace that starts at a head begins *young*: it shows the results of its loads to the hardware's pattern table, and the types of the boxed
//! numbers in its frame, and counts its rounds. When the count is down, the verdicts are read and the sites freed; the recording is
//! rewritten without the hints, with constant results promoted where that makes the trace cheaper, and with a typed entry (see
//! [`super::entries`]) where types are constant. A promotion that fails again and again is taken back.

use rustc_hash::FxHashMap;

use super::compile::Answers;
use super::{Jit, log_line, phases};
use crate::domain::trace::Recording;
use crate::ir::Const;
use crate::language::{Head, Language};
use crate::object::{ClassId, Kind, Ref};
use crate::opt::optimise;
use crate::opt::patterns::{Observe, Plan, cost};

/// Rounds of a young trace.
const ROUNDS: u64 = 100;

/// Times that a young trace gets more rounds, twice as many each time, because the types at its head are not certain yet.
const PROLONGED: u32 = 5;

/// Sites of one young trace at the most: several traces share the table.
const SITES: usize = 24;

/// Promotions that are tried in one trace.
const PROMOTIONS: usize = 8;

/// Failures after which a promotion is taken back.
const PATIENCE: u32 = 3;

/// Site numbers have 12 bits.
const ALL_SITES: u16 = 4096;

/// What a trace keeps to be rewritten.
pub(crate) struct Source {
    pub recording: Recording,
    /// What it was compiled by.
    pub plan: Plan,
    /// Load of the recording → site number, while the trace is young.
    pub sites: FxHashMap<usize, u16>,
    /// Rounds left; machine code counts it down.
    pub countdown: Box<u64>,
    /// Times that it was set again.
    pub prolonged: u32,
}

/// What the patterns were good for.
#[derive(Clone, Copy, Debug, Default)]
pub struct PatternCounts {
    /// Sites at which a young trace planted a hint.
    pub sites: u64,
    /// Sites at which the hardware found constant values …
    pub confirmed_values: u64,
    /// … and constant types.
    pub confirmed_types: u64,
    /// Traces that were rewritten with promotions or typed entries.
    pub respecialised: u64,
    /// Typed entries of heads.
    pub typed_entries: u64,
    /// Traces that were compiled again to jump to a typed entry.
    pub relinked: u64,
    /// Traces whose promotions were taken back.
    pub failed: u64,
}

impl<L: Language> Jit<L> {
    /// The plan for a trace that is compiled for the first time.
    pub(crate) fn young_plan(&mut self, recording: &Recording) -> (Plan, Box<u64>) {
        let countdown = Box::new(ROUNDS);
        if !self.options.patterns
            || recording.trace.bridge_of.is_some()
            || (recording.sites.is_empty() && recording.boxes.is_empty())
        {
            return (Plan::default(), countdown);
        }
        if self.next_site as usize + SITES > ALL_SITES as usize {
            self.next_site = 0;
        }
        let observe =
            Observe { first_site: self.next_site, sites: SITES, countdown: &*countdown as *const u64 as u64 };
        self.next_site += SITES as u16;
        (Plan { observe: Some(observe), ..Plan::default() }, countdown)
    }

    /// A young trace's rounds are over: it is replaced.
    pub(crate) fn mature(&mut self, trace: u32) {
        self.phase(phases::OPTIMISING);
        let record = &mut self.traces[trace as usize];
        if let Some(source) = &mut record.source
            && source.prolonged < PROLONGED
            && source
                .recording
                .boxes
                .iter()
                .any(|b| source.sites.get(&b.load).is_some_and(|&site| hardware::learning(site)))
        {
            // A loop is entered less often than it goes round.
            source.prolonged += 1;
            *source.countdown = ROUNDS << source.prolonged;
            return;
        }
        let (Some(source), Some(head)) = (record.source.take(), record.head.take()) else { return };
        let place = record.place;
        let Source { recording, sites, countdown, .. } = source;
        // The cell is the machine code's as long as that may run: for ever.
        Box::leak(countdown);
        let mut promote = FxHashMap::default();
        let mut types = Vec::new();
        self.patterns.sites += sites.len() as u64;
        let mut raws: Vec<(usize, u16)> = sites.into_iter().collect();
        raws.sort_unstable();
        for (raw, site) in raws {
            let is_type = recording.boxes.iter().any(|b| b.load == raw);
            if let Some(bits) = hardware::constant_at(site) {
                if is_type {
                    self.patterns.confirmed_types += 1;
                    types.push((raw, ClassId(bits as u32)));
                } else {
                    self.patterns.confirmed_values += 1;
                    if let Some(c) = self.promotable(&recording, raw, bits)
                        && promote.len() < PROMOTIONS
                    {
                        promote.insert(raw, c);
                    }
                }
            }
            hardware::free(site);
        }
        let mut plan = self.best_plan(&recording, promote);
        (plan.typed, plan.stale) = self.typed_slots(&recording, &types);
        if !plan.typed.is_empty() && self.cost_of(&recording, &plan).is_none() {
            // The recording cannot have these types: the table lies, or the program has changed its ways.
            (plan.typed, plan.stale) = (Vec::new(), 0);
        }
        if plan.rewrites() {
            self.patterns.respecialised += 1;
            let (results, slots) = (plan.promote.len(), plan.typed.len());
            let line = format!("# {}: {results} results promoted, {slots} slots typed", recording.trace.name);
            log_line(&mut self.options, &line);
        }
        self.recompile(recording, plan, head, place);
    }

    /// The value that a site saw, as a constant of the trace.
    fn promotable(&mut self, recording: &Recording, raw: usize, bits: u64) -> Option<Const> {
        match recording.trace.ops[raw].kind? {
            Kind::Int => Some(Const::Int(bits as i64)),
            Kind::Float => None,
            // What the table saw may be dead by now, or have moved: only an object that is still there is one. A table that lies must not
            // make a reference out of nothing, so that references are not promoted.
            Kind::Ref => None,
        }
    }

    /// The promotions that pay.
    fn best_plan(&mut self, recording: &Recording, promote: FxHashMap<usize, Const>) -> Plan {
        let mut plan = Plan::default();
        if promote.is_empty() {
            return plan;
        }
        let Some(plain) = self.cost_of(recording, &plan) else { return plan };
        plan.promote = promote;
        let Some(mut best) = self.cost_of(recording, &plan) else { return Plan::default() };
        // Every guard_value costs one: without any folding fewer promotions would cost less, but never less than none.
        if best >= plain + plan.promote.len() as u32 {
            return Plan::default();
        }
        let raws: Vec<usize> = plan.promote.keys().copied().collect();
        for raw in raws {
            let mut fewer = plan.clone();
            fewer.promote.remove(&raw);
            if let Some(cost) = self.cost_of(recording, &fewer)
                && cost <= best
            {
                best = cost;
                plan = fewer;
            }
        }
        if best < plain { plan } else { Plan::default() }
    }

    fn cost_of(&mut self, recording: &Recording, plan: &Plan) -> Option<u32> {
        // SAFETY: the VM outlives the JIT.
        let vm = unsafe { &mut *self.vm };
        optimise(recording, plan, &mut Answers(vm)).ok().map(|o| cost(&o.trace))
    }

    pub(crate) fn recompile(
        &mut self,
        mut recording: Recording,
        plan: Plan,
        head: *const Head,
        place: super::tracing::Place,
    ) {
        recording.trace.id = self.traces.len() as u32;
        // SAFETY: heads belong to code, which is never freed.
        let head = unsafe { &*head };
        if !self.compile_with(recording, plan, Some(head), place) {
            head.reset();
            head.count.set(Head::NEVER);
        }
    }

    /// A promotion of the trace failed once more.
    pub(crate) fn speculation_failed(&mut self, exit: u32) {
        let record = &self.exits[exit as usize];
        if record.failures < PATIENCE {
            return;
        }
        let trace = record.trace;
        let record = &mut self.traces[trace as usize];
        let (Some(source), Some(head)) = (record.source.take(), record.head.take()) else { return };
        let place = record.place;
        self.patterns.failed += 1;
        let line = format!("# {}: promotions taken back", source.recording.trace.name);
        log_line(&mut self.options, &line);
        self.phase(phases::OPTIMISING);
        let plan = Plan { promote: FxHashMap::default(), ..source.plan };
        self.replace(trace, source.recording, plan, head, place);
    }
}

/// References of a recording that is kept.
pub(crate) fn visit_recording(recording: &mut Recording, visit: &mut dyn FnMut(&mut Ref)) {
    for c in &mut recording.trace.consts {
        if let Const::Ref(r) = c
            && !r.is_null()
        {
            visit(r);
        }
    }
}

/// The pattern table, through its CSRs.
mod hardware {
    /// The constant that a site saw, if the table has confirmed one.
    #[cfg(target_arch = "riscv64")]
    pub fn constant_at(site: u16) -> Option<u64> {
        let (status, value): (u64, u64);
        // SAFETY: hsel, hstat and hval only read the pattern table. Patterns are switched on only where it exists.
        unsafe {
            std::arch::asm!(
                "csrw 0x810, {site}",
                "csrr {status}, 0x811",
                "csrr {value}, 0x812",
                site = in(reg) site as u64,
                status = out(reg) status,
                value = out(reg) value,
                options(nomem, nostack),
            );
        }
        (status & 3 == 1).then_some(value)
    }

    /// The table has seen something at the site, and not enough to tell.
    #[cfg(target_arch = "riscv64")]
    pub fn learning(site: u16) -> bool {
        let status: u64;
        // SAFETY: as for `constant_at`.
        unsafe {
            std::arch::asm!(
                "csrw 0x810, {site}",
                "csrr {status}, 0x811",
                site = in(reg) site as u64,
                status = out(reg) status,
                options(nomem, nostack),
            );
        }
        status & 3 == 0 && status >> 8 != 0
    }

    /// Frees a site's entry.
    #[cfg(target_arch = "riscv64")]
    pub fn free(site: u16) {
        // SAFETY: hclr only changes the pattern table.
        unsafe { std::arch::asm!("csrw 0x814, {site}", site = in(reg) site as u64, options(nomem, nostack)) }
    }

    #[cfg(not(target_arch = "riscv64"))]
    pub fn constant_at(_site: u16) -> Option<u64> {
        None
    }

    #[cfg(not(target_arch = "riscv64"))]
    pub fn learning(_site: u16) -> bool {
        false
    }

    #[cfg(not(target_arch = "riscv64"))]
    pub fn free(_site: u16) {}
}
