//! The pattern table: what values and object types were seen at hinted sites, and which of them turned out
//! constant.
//!
//! Sites are numbers 0..=4095 from the hint's immediate. Each has at most one entry; a full table leaves
//! new sites unobserved until entries are freed.

use super::params::{PatternFault, PatternTableParams};
use std::collections::VecDeque;

/// Number of sites that a hint can name.
pub const SITES: usize = 4096;

/// What the table knows of a site; the value is bits 1:0 of CSR `mj.hstat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Unknown, or not seen often enough.
    Learning = 0,
    /// The same value for at least `confirm` observations in a row.
    Constant = 1,
    /// Seen to change too often, or after having been confirmed.
    Varying = 2,
}

#[derive(Clone, Debug)]
struct Entry {
    is_type: bool,
    verdict: Verdict,
    last: u64,
    /// Equal observations in a row, the first included.
    run: u32,
    /// Changes seen while learning.
    changes: u32,
    count: u64,
}

/// Counts of what happened in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct PatternCounts {
    /// Observations that reached an entry.
    pub observed: u64,
    /// Observations of sites that found the table full or absent.
    pub refused: u64,
    /// Sites confirmed as constant values.
    pub confirmed_values: u64,
    /// Sites confirmed as constant types.
    pub confirmed_types: u64,
    /// Sites found varying while learning.
    pub varying: u64,
    /// Confirmed sites at which a different value was seen later.
    pub wrong: u64,
}

/// The table, and the CSR state around it.
#[derive(Clone, Debug)]
pub struct PatternTable {
    params: PatternTableParams,
    entries: Vec<Option<Entry>>,
    used: usize,
    confirmed: VecDeque<u16>,
    /// CSR `mj.hsel`.
    pub selected: u64,
    /// Event counts.
    pub counts: PatternCounts,
}

impl PatternTable {
    /// An empty table.
    pub fn new(params: PatternTableParams) -> PatternTable {
        PatternTable {
            params,
            entries: vec![None; SITES],
            used: 0,
            confirmed: VecDeque::new(),
            selected: 0,
            counts: PatternCounts::default(),
        }
    }

    /// One observation of `value` at `site` (taken modulo [`SITES`]). A site that changes between value and
    /// type starts afresh.
    pub fn observe(&mut self, site: u16, is_type: bool, value: u64) {
        let site = site % SITES as u16;
        let slot = &mut self.entries[usize::from(site)];
        let entry = match slot {
            Some(entry) if entry.is_type == is_type => entry,
            _ => {
                if slot.is_none() {
                    if self.used >= self.params.entries as usize {
                        self.counts.refused += 1;
                        return;
                    }
                    self.used += 1;
                }
                slot.insert(Entry {
                    is_type,
                    verdict: Verdict::Learning,
                    last: value,
                    run: 0,
                    changes: 0,
                    count: 0,
                })
            }
        };
        self.counts.observed += 1;
        entry.count += 1;
        let same = entry.last == value;
        match entry.verdict {
            Verdict::Learning if same => {
                entry.run += 1;
                if entry.run >= self.params.confirm {
                    entry.verdict = Verdict::Constant;
                    *(if is_type {
                        &mut self.counts.confirmed_types
                    } else {
                        &mut self.counts.confirmed_values
                    }) += 1;
                    self.confirmed.push_back(site);
                }
            }
            Verdict::Learning => {
                entry.last = value;
                entry.run = 1;
                entry.changes += 1;
                if entry.changes >= self.params.varying_after {
                    entry.verdict = Verdict::Varying;
                    self.counts.varying += 1;
                }
            }
            Verdict::Constant if same => {}
            Verdict::Constant => {
                entry.verdict = Verdict::Varying;
                entry.last = value;
                self.counts.wrong += 1;
            }
            Verdict::Varying => entry.last = value,
        }
    }

    fn selected_entry(&self) -> Option<&Entry> {
        self.entries.get(usize::try_from(self.selected).ok()?)?.as_ref()
    }

    /// CSR `mj.hstat` of the selected site: verdict in bits 1:0, kind (1 = type) in bit 2, observations in
    /// bits 63:8.
    pub fn status(&self) -> u64 {
        self.selected_entry().map_or(0, |e| e.count << 8 | u64::from(e.is_type) << 2 | e.verdict as u64)
    }

    /// CSR `mj.hval` of the selected site: the constant, or the value seen last; 0 for an unknown site.
    pub fn value(&self) -> u64 {
        let Some(e) = self.selected_entry() else { return 0 };
        match (self.params.fault, e.verdict) {
            // Off by eight keeps a wrong reference aligned, and a wrong type id plausible.
            (PatternFault::WrongVerdicts, Verdict::Constant) => e.last.wrapping_add(8),
            _ => e.last,
        }
    }

    /// CSR `mj.hpop`: the next newly confirmed site that is still constant, plus one; 0 when there is none.
    pub fn pop(&mut self) -> u64 {
        while let Some(site) = self.confirmed.pop_front() {
            let constant = |e: &Entry| e.verdict == Verdict::Constant;
            if self.entries[usize::from(site)].as_ref().is_some_and(constant) {
                return u64::from(site) + 1;
            }
        }
        0
    }

    /// CSR `mj.hclr`: frees the entry of `site`, or all entries with all-ones. Other values do nothing.
    pub fn clear(&mut self, site: u64) {
        if site == u64::MAX {
            self.entries.fill(None);
            self.used = 0;
            self.confirmed.clear();
            return;
        }
        let slot = usize::try_from(site).ok().and_then(|n| self.entries.get_mut(n));
        if slot.and_then(Option::take).is_some() {
            self.used -= 1;
            self.confirmed.retain(|&s| u64::from(s) != site);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(entries: u32) -> PatternTable {
        PatternTable::new(PatternTableParams { entries, ..Default::default() })
    }

    fn verdict(t: &mut PatternTable, site: u64) -> u64 {
        t.selected = site;
        t.status() & 3
    }

    #[test]
    fn confirms_after_exactly_the_set_number() {
        let mut t = table(4);
        for _ in 0..31 {
            t.observe(7, false, 42);
        }
        assert_eq!(verdict(&mut t, 7), 0);
        assert_eq!(t.pop(), 0);
        t.observe(7, false, 42);
        assert_eq!(t.status(), 32 << 8 | 1);
        assert_eq!((t.value(), t.pop(), t.pop()), (42, 8, 0));
        t.observe(7, false, 43);
        assert_eq!(verdict(&mut t, 7), 2);
        assert_eq!(t.counts.wrong, 1);
    }

    #[test]
    fn varies_after_the_set_number_of_changes() {
        let mut t = table(4);
        for v in 0..8 {
            t.observe(1, true, v);
        }
        assert_eq!(t.counts.varying, 0);
        t.observe(1, true, 8);
        assert_eq!(t.counts.varying, 1);
        assert_eq!((verdict(&mut t, 1), t.status() & 4), (2, 4));
    }

    #[test]
    fn full_table_refuses_until_cleared() {
        let mut t = table(1);
        t.observe(1, false, 0);
        t.observe(2, false, 0);
        assert_eq!(t.counts.refused, 1);
        t.clear(2);
        t.observe(2, false, 0);
        assert_eq!(t.counts.refused, 2);
        t.clear(1);
        t.observe(2, false, 9);
        t.selected = 2;
        assert_eq!((t.value(), t.status() >> 8), (9, 1));
        t.clear(u64::MAX);
        assert_eq!(t.status(), 0);
    }

    #[test]
    fn wrong_verdicts_are_wrong_only_once_confirmed() {
        let params =
            PatternTableParams { fault: PatternFault::WrongVerdicts, confirm: 2, ..Default::default() };
        let mut t = PatternTable::new(params);
        t.observe(0, false, 5);
        assert_eq!(t.value(), 5);
        t.observe(0, false, 5);
        assert_ne!(t.value(), 5);
    }

    #[test]
    fn cleared_sites_leave_the_queue() {
        let mut t = PatternTable::new(PatternTableParams { confirm: 1, ..Default::default() });
        t.observe(3, false, 1);
        t.observe(4, false, 1);
        t.clear(3);
        assert_eq!((t.pop(), t.pop()), (5, 0));
    }
}
