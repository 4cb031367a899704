//! Runs of pages for the old generation, first fit by address.

use std::io;

use super::os::{Mapping, PAGE};

/// Least bytes of address space that are asked from the operating system at a time.
const SEGMENT: usize = 32 << 20;

/// Freed runs of at least this many bytes go back to the operating system, which also zeroes them.
const RENEW: usize = 128 << 10;

/// A run of free pages.
#[derive(Clone, Copy, Debug)]
struct Run {
    start: usize,
    bytes: usize,
    /// All bytes are zero.
    clean: bool,
}

/// All address space of the old generation.
#[derive(Debug, Default)]
pub struct Pages {
    segments: Vec<Mapping>,
    /// By address; neighbours of the same cleanness are one run.
    free: Vec<Run>,
}

impl Pages {
    /// A run of `bytes` bytes, a multiple of [`PAGE`], and whether it is all zero.
    ///
    /// # Errors
    /// The operating system's, when there is no more address space.
    pub fn alloc(&mut self, bytes: usize) -> io::Result<(usize, bool)> {
        debug_assert!(bytes > 0 && bytes.is_multiple_of(PAGE));
        if let Some(run) = self.take(bytes) {
            return Ok(run);
        }
        // Clean and dirty neighbours together may be large enough.
        self.merge(true);
        if let Some(run) = self.take(bytes) {
            return Ok(run);
        }
        let segment = Mapping::low(bytes.max(SEGMENT))?;
        let at = self.free.partition_point(|r| r.start < segment.start());
        self.free.insert(at, Run { start: segment.start(), bytes: segment.bytes(), clean: true });
        self.segments.push(segment);
        self.take(bytes).ok_or_else(|| io::ErrorKind::OutOfMemory.into())
    }

    fn take(&mut self, bytes: usize) -> Option<(usize, bool)> {
        let at = self.free.iter().position(|r| r.bytes >= bytes)?;
        let run = &mut self.free[at];
        let taken = (run.start, run.clean);
        run.start += bytes;
        run.bytes -= bytes;
        if run.bytes == 0 {
            self.free.remove(at);
        }
        Some(taken)
    }

    /// Gives back runs `(start, bytes)`, in any order.
    pub fn free(&mut self, runs: &[(usize, usize)]) {
        for &(start, bytes) in runs {
            let segment =
                self.segments.iter().find(|s| s.start() <= start && start + bytes <= s.start() + s.bytes());
            // Between two segments that happen to be neighbours there may be merged runs; they stay dirty.
            let clean = bytes >= RENEW && segment.is_some_and(|s| s.renew(start, bytes));
            self.free.push(Run { start, bytes, clean });
        }
        self.free.sort_unstable_by_key(|r| r.start);
        self.merge(false);
    }

    /// Joins neighbouring runs: all, or only those of the same cleanness.
    fn merge(&mut self, all: bool) {
        self.free.dedup_by(|next, run| {
            let join = run.start + run.bytes == next.start && (all || run.clean == next.clean);
            if join {
                run.bytes += next.bytes;
                run.clean &= next.clean;
            }
            join
        });
    }
}
