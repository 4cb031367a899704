//! The major collection: marks what is reachable in the old generation. Sweeping is left to allocation (see [`super::old`]).

use super::layout::{ClassInfo, Scan};
use super::{Heap, Roots, header};
use crate::object::{LENGTH, Ref};

struct Marker<'h> {
    infos: &'h [ClassInfo],
    epoch: u8,
    /// Objects with references that are marked and not scanned.
    gray: Vec<Ref>,
    /// Of marked objects.
    bytes: usize,
}

impl Marker<'_> {
    #[inline(always)]
    fn info(&self, object: Ref) -> ClassInfo {
        // SAFETY: references are trusted, and class words are ids of registered classes.
        unsafe { *self.infos.get_unchecked(object.class().0 as usize) }
    }

    #[inline(always)]
    fn visit(&mut self, object: Ref) {
        if object.is_null() || header::epoch(object.0 as usize) == self.epoch {
            return;
        }
        header::set_epoch(object.0 as usize, self.epoch);
        let info = self.info(object);
        // SAFETY: references are trusted.
        self.bytes += unsafe { info.object_size(object) };
        if info.scan != Scan::Leaf {
            self.gray.push(object);
        }
    }

    #[inline(always)]
    fn words(&mut self, object: Ref, first: usize, count: usize) {
        let mut at = object.0 as usize + first * 8;
        let end = at + count * 8;
        while at < end {
            // SAFETY: words `first..first + count` of the object are references.
            self.visit(unsafe { *(at as *const Ref) });
            at += 8;
        }
    }

    fn drain(&mut self) {
        while let Some(object) = self.gray.pop() {
            let info = self.info(object);
            match info.scan {
                Scan::Leaf => {}
                Scan::Run => self.words(object, info.first as usize, info.count as usize),
                Scan::Bits | Scan::Items => {
                    let mut bits = info.bits;
                    let mut at = object.0 as usize;
                    while bits != 0 {
                        at += 8;
                        if bits & 1 != 0 {
                            // SAFETY: the layout says that the word is a reference.
                            self.visit(unsafe { *(at as *const Ref) });
                        }
                        bits >>= 1;
                    }
                    if info.scan == Scan::Items {
                        // SAFETY: objects with items have a length word.
                        let n = unsafe { object.word(LENGTH.offset as usize) } as usize;
                        self.words(object, info.size as usize / 8, n);
                    }
                }
            }
        }
    }
}

impl Heap {
    /// Directly after a minor collection: the nursery is empty and nothing is remembered.
    pub(super) fn major(&mut self, roots: Roots) {
        self.old.begin_mark();
        let gray = std::mem::take(&mut self.gray);
        let mut marker = Marker { infos: &self.infos, epoch: self.old.epoch(), gray, bytes: 0 };
        roots(&mut |root| {
            marker.visit(*root);
            marker.drain();
        });
        let live = marker.bytes;
        self.gray = marker.gray;
        self.stats.major += 1;
        self.stats.freed_bytes += self.old.bytes().saturating_sub(live) as u64;
        self.old.end_mark(live);
        let grown = live.saturating_mul(self.config.major_growth_percent) / 100;
        self.old.set_threshold(grown.max(self.config.major_min));
    }
}
