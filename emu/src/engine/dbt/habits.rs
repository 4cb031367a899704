//! What the guest was seen to do again and again, and what is therefore translated otherwise.

use crate::memory::PAGE_SHIFT;
use rustc_hash::FxHashMap;

/// Faults of an access after which it is left to the interpreter, which does such an access in a fraction of the time
/// of a signal: it is to memory that shares its page with code, or the guest uses the fault as a check.
const OFTEN: u32 = 64;

/// Writes to code on a page after which superblocks that begin elsewhere do not go on there: they would be
/// dropped with that code.
const CHANGING: u32 = 16;

/// Longest written range, in pages, that says something about single pages.
const SHORT: u64 = 4;

/// What was seen.
#[derive(Default)]
pub struct Habits {
    faults: FxHashMap<u64, u32>,
    writes: FxHashMap<u64, u32>,
}

impl Habits {
    /// The access of the instruction at `pc` faulted. True when that has just become often.
    pub fn note_fault(&mut self, pc: u64) -> bool {
        let count = self.faults.entry(pc).or_default();
        *count = count.saturating_add(1);
        *count == OFTEN
    }

    /// Code in the range was written.
    pub fn note_write(&mut self, start: u64, end: u64) {
        let (first, last) = (start >> PAGE_SHIFT, end.saturating_sub(1) >> PAGE_SHIFT);
        if last - first < SHORT {
            for page in first..=last {
                let count = self.writes.entry(page).or_default();
                *count = count.saturating_add(1);
            }
        }
    }

    /// Whether the access of the instruction at `pc` has faulted often.
    pub fn faults(&self, pc: u64) -> bool {
        !self.faults.is_empty() && self.faults.get(&pc).is_some_and(|&count| count >= OFTEN)
    }

    /// Whether code at `pc` is changed often.
    pub fn changes(&self, pc: u64) -> bool {
        self.writes.get(&(pc >> PAGE_SHIFT)).is_some_and(|&count| count >= CHANGING)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happens_often_is_told_once() {
        let mut habits = Habits::default();
        let told = (0..3 * OFTEN).filter(|_| habits.note_fault(0x1000)).count();
        assert_eq!(told, 1);
        assert!(habits.faults(0x1000) && !habits.faults(0x1002));
    }

    #[test]
    fn pages_whose_code_changes() {
        let mut habits = Habits::default();
        for _ in 0..CHANGING {
            habits.note_write(0x1ffe, 0x2002);
            habits.note_write(0x10_0000, 0x20_0000);
        }
        assert!(habits.changes(0x1000) && habits.changes(0x2ffe));
        assert!(!habits.changes(0x3000) && !habits.changes(0x10_0000));
    }
}
