//! What translated code writes besides the hart, and each thread has for itself: the counters, and the tables of
//! indirect targets ([`super::table`]).
//!
//! All threads run the same code, which reaches its thread's *area* through the stack pointer: while translated code runs,
//! `rsp` points to the first counter. Translated code does not use the stack; below `rsp` there is room for one
//! nevertheless, for handlers of signals.

use super::table;
use crate::engine::counts::SLOTS;
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes below the stack pointer.
const STACK: usize = 256 << 10;
/// Bytes of counters.
const COUNTERS: usize = 64 << 20;
/// Bytes of all tables.
const TABLES: usize = SLOTS * table::BYTES;

/// One thread's counters and tables. Pages are taken from the host as they are used.
pub struct Area {
    /// Lowest address of the mapping.
    base: *mut u8,
}

// SAFETY: the mapping belongs to this value; its words are accessed as atomics, by everyone but translated code, which
// runs in the thread that the area is for.
unsafe impl Send for Area {}

impl Area {
    /// An area with all counters zero and no targets.
    pub fn new() -> io::Result<Area> {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: a fresh anonymous mapping at an address the kernel chooses.
        let base = unsafe {
            let rw = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(ptr::null_mut(), STACK + COUNTERS + TABLES, rw, flags, -1, 0)
        };
        if base == libc::MAP_FAILED {
            Err(io::Error::last_os_error())
        } else {
            Ok(Area { base: base.cast() })
        }
    }

    /// What the stack pointer is to be.
    pub fn address(&self) -> u64 {
        self.base as u64 + STACK as u64
    }

    /// The word at this many bytes from the stack pointer.
    fn word(&self, at: usize) -> &AtomicU64 {
        assert!(at.is_multiple_of(8) && at < COUNTERS + TABLES, "a word of the area");
        // SAFETY: inside the mapping, as just checked, and aligned.
        unsafe { &*self.base.add(STACK + at).cast::<AtomicU64>() }
    }

    /// Sets fresh counters to what they begin with.
    pub fn begin(&self, counters: Counters) {
        if counters.start != 0 {
            for n in 0..counters.len() {
                self.word(counters.displacement(n) as usize).store(counters.start, Ordering::Relaxed);
            }
        }
    }

    fn value(&self, counter: CounterId) -> u64 {
        self.word(counter as usize * 8).load(Ordering::Relaxed)
    }

    /// Whether a counter has counted as much as was said to [`Counters::count_down`].
    pub fn is_down(&self, counter: CounterId) -> bool {
        self.value(counter) as i64 >= 0
    }

    /// The address and the target of an entry of the table for a slot.
    pub fn entry(&self, slot: u8, n: usize) -> [&AtomicU64; 2] {
        let at = table_displacement(slot) as usize + 16 * (n % table::LEN);
        [self.word(at), self.word(at + 8)]
    }
}

impl Drop for Area {
    fn drop(&mut self) {
        // SAFETY: made by `new` with this size; nobody runs in it any more.
        unsafe { libc::munmap(self.base.cast(), STACK + COUNTERS + TABLES) };
    }
}

/// Bytes from the stack pointer to a counter.
pub fn displacement(counter: CounterId) -> i32 {
    counter as i32 * 8
}

/// Bytes from the stack pointer to the table for a slot.
pub fn table_displacement(slot: u8) -> i32 {
    (COUNTERS + usize::from(slot) * table::BYTES) as i32
}

/// Index of a counter among all.
pub type CounterId = u32;

/// Counters of one superblock, in every area at the same place. Translated code counts in its thread's.
#[derive(Clone, Copy, Debug)]
pub struct Counters {
    first: u32,
    len: u32,
    /// What they begin with.
    start: u64,
}

impl Counters {
    /// No counters, for code that has no exits.
    pub const NONE: Counters = Counters { first: 0, len: 0, start: 0 };

    /// The counter number `n` of them.
    pub fn id(&self, n: usize) -> CounterId {
        assert!(n < self.len(), "counter {n} of {}", self.len);
        self.first + n as CounterId
    }

    /// Bytes from the stack pointer to a counter.
    pub fn displacement(&self, n: usize) -> i32 {
        displacement(self.id(n))
    }

    /// Number of counters.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Has the counters come to zero when they have counted so much, which is below 2^63: until then they are negative.
    pub fn count_down(&mut self, from: u64) {
        self.start = from.min(i64::MAX as u64).wrapping_neg();
    }
}

/// The areas of all threads.
#[derive(Default)]
pub struct Areas {
    list: Vec<Area>,
    /// Those whose threads have ended.
    free: Vec<usize>,
    /// Counters given out.
    used: u32,
}

impl Areas {
    /// Room for `n` counters; `None` when there is none left. They count from zero.
    pub fn counters(&mut self, n: usize) -> Option<Counters> {
        let (first, len) = (self.used, n as u32);
        if (first + len) as usize * 8 > COUNTERS {
            return None;
        }
        self.used += len;
        Some(Counters { first, len, start: 0 })
    }

    /// Gives counters their first values, in the areas that there are.
    pub fn begin(&self, counters: Counters) {
        self.list.iter().for_each(|area| area.begin(counters));
    }

    /// An area for a thread: its number, and whether it is a new one.
    pub fn take(&mut self) -> io::Result<(usize, bool)> {
        if let Some(free) = self.free.pop() {
            return Ok((free, false));
        }
        self.list.push(Area::new()?);
        Ok((self.list.len() - 1, true))
    }

    /// The thread has ended. What it counted stays.
    pub fn give_back(&mut self, number: usize) {
        self.free.push(number);
    }

    /// An area.
    pub fn get(&self, number: usize) -> &Area {
        &self.list[number]
    }

    /// All areas.
    pub fn iter(&self) -> impl Iterator<Item = &Area> {
        self.list.iter()
    }

    /// How much counter `n` has counted in all threads.
    pub fn sum(&self, counters: Counters, n: usize) -> u64 {
        self.sum_of(counters, counters.id(n))
    }

    /// As [`Areas::sum`], for one of them that is known by its index.
    pub fn sum_of(&self, counters: Counters, counter: CounterId) -> u64 {
        self.list.iter().map(|area| area.value(counter).wrapping_sub(counters.start)).sum()
    }
}
