//! Which thread came to a block last: code that a second thread comes to is worth translating at once.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering};

/// Blocks that are told apart. That some are not costs a translation too early.
const PLACES: usize = 1 << 16;

/// The last visitors; made when they are first asked about, for most programs have one thread.
#[derive(Default)]
pub struct Visits(OnceLock<Box<[AtomicU8]>>);

impl Visits {
    /// Notes that a thread has come to the block here; true when it was another one's place.
    pub fn note(&self, pc: u64, thread: usize) -> bool {
        let tag = (thread % usize::from(u8::MAX)) as u8 + 1;
        let places = self.0.get_or_init(|| (0..PLACES).map(|_| AtomicU8::new(0)).collect());
        let before = places[(pc >> 1) as usize % PLACES].swap(tag, Ordering::Relaxed);
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
