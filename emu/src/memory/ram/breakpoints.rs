//! Where a debugger wants the guest to stop.
//!
//! Guest memory stays as it is: the instruction at a breakpoint is decoded as a `c.ebreak`
//! ([`fetch_word`](crate::engine::blocks::fetch_word)), so every engine stops there, translated code too, and none is slower
//! anywhere else.

use super::{CodeMap, PAGE_SHIFT, Ram, granule_mask};
use std::sync::atomic::Ordering;

/// Bytes that are decoded again when a breakpoint comes or goes: the shortest instruction. A longer one is in the same
/// blocks.
const LENGTH: u64 = 2;

impl Ram {
    /// Whether there is a breakpoint at `pc`.
    #[inline]
    pub fn is_breakpoint(&self, pc: u64) -> bool {
        self.engine.region.breakpoints.load(Ordering::Acquire) != 0 && self.code().breakpoints.contains(&pc)
    }

    /// Sets a breakpoint. Threads that run guest code meet it when they have come out of that once.
    pub fn add_breakpoint(&self, pc: u64) {
        let mut code = self.code();
        if code.breakpoints.insert(pc) {
            self.changed(&mut code, pc);
        }
    }

    /// Takes a breakpoint away. False: there is none.
    pub fn remove_breakpoint(&self, pc: u64) -> bool {
        let mut code = self.code();
        let there = code.breakpoints.remove(&pc);
        if there {
            self.changed(&mut code, pc);
        }
        there
    }

    /// Takes all breakpoints away.
    pub fn clear_breakpoints(&self) {
        let mut code = self.code();
        for pc in std::mem::take(&mut code.breakpoints) {
            self.changed(&mut code, pc);
        }
    }

    fn changed(&self, code: &mut CodeMap, pc: u64) {
        self.engine.region.breakpoints.store(code.breakpoints.len(), Ordering::Release);
        let page = pc >> PAGE_SHIFT;
        let mask = granule_mask(page, pc, pc.saturating_add(LENGTH));
        code.report(pc, LENGTH, |t| t.granules.get(&page).is_some_and(|bits| bits & mask != 0));
    }
}
