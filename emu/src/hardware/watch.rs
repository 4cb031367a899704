//! The watch table: address ranges, each under a token. A store into a range invalidates its token: the code that
//! relied on what was there stops at its next check (`mj.gwatch`).
//!
//! The table is one for all harts of an address space, as their stores are seen by one another. A token is valid while the
//! table holds a range for it; a hit removes all ranges of the token, so the table is the only state there is.

use super::params::WatchTableParams;
use serde::Serialize;
use std::collections::VecDeque;
use std::ops::Range;

/// Number of tokens that a check can name.
pub const TOKENS: usize = 4096;

#[derive(Clone, Copy, Debug)]
struct Entry {
    token: u16,
    start: u64,
    end: u64,
    /// What is compared: the range, widened to granules.
    first: u64,
    past: u64,
}

/// Counts of what happened in the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WatchCounts {
    /// Ranges accepted.
    pub accepted: u64,
    /// Ranges refused: the table was full or absent, or the range too long.
    pub refused: u64,
    /// Writes that hit a watched range.
    pub hits: u64,
    /// Writes that hit only the rest of a watched granule; they invalidate all the same.
    pub false_conflicts: u64,
    /// Tokens invalidated.
    pub invalidated: u64,
}

impl WatchCounts {
    /// The sum of two counts.
    pub fn plus(self, other: WatchCounts) -> WatchCounts {
        WatchCounts {
            accepted: self.accepted + other.accepted,
            refused: self.refused + other.refused,
            hits: self.hits + other.hits,
            false_conflicts: self.false_conflicts + other.false_conflicts,
            invalidated: self.invalidated + other.invalidated,
        }
    }
}

/// The table.
#[derive(Clone, Debug, Default)]
pub struct WatchTable {
    entries: Vec<Entry>,
    /// Invalidated tokens that were not asked for yet, each once.
    invalidated: VecDeque<u16>,
    /// Event counts.
    pub counts: WatchCounts,
}

impl WatchTable {
    /// Watches `len` bytes from `start` on under `token`. False: refused.
    pub fn insert(&mut self, params: &WatchTableParams, token: u16, start: u64, len: u64) -> bool {
        let granule = params.granule;
        let end = start.checked_add(len).filter(|end| end.checked_next_multiple_of(granule).is_some());
        let fits = len != 0 && len <= params.max_bytes && self.entries.len() < params.entries as usize;
        let Some(end) = end.filter(|_| fits) else {
            self.counts.refused += 1;
            return false;
        };
        self.counts.accepted += 1;
        self.entries.push(Entry {
            token: token % TOKENS as u16,
            start,
            end,
            first: start & !(granule - 1),
            past: end.next_multiple_of(granule),
        });
        true
    }

    /// Number of ranges under `token`; it is valid if there is one.
    pub fn ranges(&self, token: u16) -> usize {
        self.entries.iter().filter(|e| e.token == token).count()
    }

    /// True when nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an entry compares with addresses in `start..end`.
    pub fn covers(&self, start: u64, end: u64) -> bool {
        self.entries.iter().any(|e| e.first < end && start < e.past)
    }

    /// What is compared for `token`: ranges (start, end).
    pub fn compared(&self, token: u16) -> Vec<(u64, u64)> {
        self.entries.iter().filter(|e| e.token == token).map(|e| (e.first, e.past)).collect()
    }

    /// Removes the ranges of `token`, which is not valid after that.
    pub fn remove(&mut self, token: u16) {
        self.entries.retain(|e| e.token != token);
    }

    /// Tokens with ranges, each once.
    pub fn tokens(&self) -> Vec<u16> {
        let mut tokens: Vec<u16> = self.entries.iter().map(|e| e.token).collect();
        tokens.sort_unstable();
        tokens.dedup();
        tokens
    }

    /// Forgets the invalidated tokens that were not asked for.
    pub fn clear_queue(&mut self) {
        self.invalidated.clear();
    }

    /// The tokens that a write to `written` invalidates, if anything in `compared` has to be taken as written; the
    /// caller removes them.
    pub fn written(&mut self, compared: Range<u64>, written: Range<u64>) -> Vec<u16> {
        let hit = |e: &&Entry| e.first < compared.end && compared.start < e.past;
        let mut tokens: Vec<u16> = self.entries.iter().filter(hit).map(|e| e.token).collect();
        if tokens.is_empty() {
            return tokens;
        }
        if self.entries.iter().any(|e| e.start < written.end && written.start < e.end) {
            self.counts.hits += 1;
        } else {
            self.counts.false_conflicts += 1;
        }
        tokens.sort_unstable();
        tokens.dedup();
        for token in &tokens {
            self.counts.invalidated += 1;
            if !self.invalidated.contains(token) {
                self.invalidated.push_back(*token);
            }
        }
        tokens
    }

    /// Reading CSR `mj.wpop`: the next invalidated token, plus one; 0 when there is none.
    pub fn pop(&mut self) -> u64 {
        self.invalidated.pop_front().map_or(0, |t| u64::from(t) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(t: &mut WatchTable, start: u64, end: u64) -> Vec<u16> {
        t.written(start..end, start..end)
    }

    fn params() -> WatchTableParams {
        WatchTableParams { entries: 3, granule: 8, max_bytes: 4096 }
    }

    #[test]
    fn a_write_invalidates_by_granule() {
        let mut t = WatchTable::default();
        assert!(t.insert(&params(), 5, 0x1004, 4));
        assert!(store(&mut t, 0x0ff0, 0x1000).is_empty());
        assert!(store(&mut t, 0x1008, 0x1010).is_empty());
        assert_eq!(store(&mut t, 0x1000, 0x1004), [5]);
        assert_eq!((t.counts.hits, t.counts.false_conflicts), (0, 1));
        assert_eq!(store(&mut t, 0x1007, 0x1100), [5]);
        assert_eq!((t.counts.hits, t.counts.false_conflicts), (1, 1));
        t.remove(5);
        assert!(store(&mut t, 0x1004, 0x1005).is_empty());
        assert_eq!((t.pop(), t.pop()), (6, 0));
        // A page that is written somewhere else.
        assert!(t.insert(&params(), 5, 0x1004, 4));
        assert_eq!(t.written(0x1000..0x2000, 0x1100..0x1108), [5]);
        assert_eq!((t.counts.hits, t.counts.false_conflicts), (1, 2));
    }

    #[test]
    fn a_full_table_refuses() {
        let mut t = WatchTable::default();
        for n in 0..3 {
            assert!(t.insert(&params(), n / 2, 0x1000 + u64::from(n) * 8, 8));
        }
        assert!(!t.insert(&params(), 9, 0x2000, 8));
        assert_eq!((t.ranges(0), t.ranges(1), t.ranges(9)), (2, 1, 0));
        t.remove(0);
        assert!(t.insert(&params(), 9, 0x2000, 4096));
        assert!(!t.insert(&params(), 9, 0x3000, 4097) && !t.insert(&params(), 9, 0x3000, 0));
        assert!(!t.insert(&params(), 9, u64::MAX - 3, 4) && !t.insert(&params(), 9, u64::MAX, 8));
        assert_eq!((t.counts.accepted, t.counts.refused), (4, 5));
    }
}
