//! Watched ranges of guest memory: the watch table ([`WatchTable`]) of an address space.
//!
//! Pages with a watched range are locked as those with translated code are: their stores take the slow path, which looks
//! here. Where nothing is watched nothing is looked at.

use super::{CodeMap, PAGE_SHIFT, Ram, Region, SPACE};
use crate::hardware::{WatchCounts, WatchTable, WatchTableParams};
use std::ops::Range;
use std::sync::atomic::{AtomicU8, Ordering};

impl Ram {
    /// Watches `len` bytes at `start` under a token. False: refused, see [`WatchCounts::refused`].
    pub fn watch(&self, params: &WatchTableParams, token: u16, start: u64, len: u64) -> bool {
        let mut code = self.code();
        if start.checked_add(len).and_then(|end| end.checked_next_multiple_of(params.granule)) > Some(SPACE) {
            code.watch.counts.refused += 1;
            return false;
        }
        if !code.watch.insert(params, token, start, len) {
            return false;
        }
        let (first, past) = (start & !(params.granule - 1), (start + len).next_multiple_of(params.granule));
        for page in first >> PAGE_SHIFT..=(past - 1) >> PAGE_SHIFT {
            self.region().lock(page);
        }
        self.region().valid[usize::from(token)].store(1, Ordering::Release);
        true
    }

    /// Ends the watch of a token, which is not valid after that.
    pub fn unwatch(&self, token: u16) {
        forget(self.region(), &mut self.code(), token);
    }

    /// Empties the watch table.
    pub fn clear_watches(&self) {
        let mut code = self.code();
        for token in code.watch.tokens() {
            forget(self.region(), &mut code, token);
        }
        code.watch.clear_queue();
    }

    /// Whether something is watched under the token (0..=4095) and no store has hit it.
    #[inline]
    pub fn watch_valid(&self, token: u32) -> bool {
        self.watch_bytes()[token as usize % self.watch_bytes().len()].load(Ordering::Acquire) != 0
    }

    /// One byte for each token, 1 while it is valid; for engines that look without a call. They stay where they are
    /// as long as the memory lives.
    #[inline]
    pub fn watch_bytes(&self) -> &[AtomicU8] {
        &self.region().valid
    }

    /// What the watch table holds and counted.
    pub fn watch_table<T>(&self, look: impl FnOnce(&mut WatchTable) -> T) -> T {
        look(&mut self.code().watch)
    }

    /// Event counts of the watch table.
    pub fn watch_counts(&self) -> WatchCounts {
        self.code().watch.counts
    }

    #[inline]
    fn region(&self) -> &Region {
        &self.engine.region
    }
}

/// Invalidates the tokens under which `start..end`, which was written or mapped anew, is watched.
pub(super) fn written(region: &Region, code: &mut CodeMap, start: u64, end: u64) {
    if code.watch.is_empty() {
        return;
    }
    for token in code.watch.written(start..end, start..end) {
        forget(region, code, token);
    }
}

/// Invalidates all tokens under which something on an opened `page` is watched: who writes `wanted` through a pointer
/// of the host cannot be watched any more.
pub(super) fn opened(region: &Region, code: &mut CodeMap, page: Range<u64>, wanted: Range<u64>) {
    for token in code.watch.written(page, wanted) {
        forget(region, code, token);
    }
}

fn forget(region: &Region, code: &mut CodeMap, token: u16) {
    let ranges = code.watch.compared(token);
    code.watch.remove(token);
    region.valid[usize::from(token)].store(0, Ordering::Release);
    for page in ranges.into_iter().flat_map(|(first, past)| first >> PAGE_SHIFT..=(past - 1) >> PAGE_SHIFT) {
        if !code.has(page) {
            region.unlock(page);
            code.stores.remove(&page);
        }
    }
}
