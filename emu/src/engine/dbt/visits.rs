//! Which thread came to a block last: code that a second thread comes to is worth translating at once.

use std::sync::atomic::{AtomicU8, Ordering};

/// Blocks that are told apart. That some are not costs a translation too early.
const PLACES: usize = 1 << 16;

/// The last visitors.
pub struct Visits(Box<[AtomicU8]>);

impl Default for Visits {
    /// Nobody has been anywhere.
    fn default() -> Visits {
        Visits((0..PLACES).map(|_| AtomicU8::new(0)).collect())
    }
}

impl Visits {
    /// Notes that a thread has come to the block here; true when it was another one's place.
    pub fn note(&self, pc: u64, thread: usize) -> bool {
        let tag = (thread % usize::from(u8::MAX)) as u8 + 1;
        let before = self.0[(pc >> 1) as usize % PLACES].swap(tag, Ordering::Relaxed);
        before != 0 && before != tag
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_thread_is_told() {
        let visits = Visits::default();
        assert!(!visits.note(0x1000, 0) && !visits.note(0x1000, 0));
        assert!(visits.note(0x1000, 1));
        assert!(!visits.note(0x2000, 1));
    }
}
