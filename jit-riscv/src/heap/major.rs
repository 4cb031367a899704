//! The major collection: marks what is reachable in the old generation. Sweeping is left to allocation (see [`super::old`]).

use super::layout::{ClassInfo, Scan};
use super::{Heap, Roots, header};
use crate::object::{LENGTH, Ref};

/// All plain values, so that the loop of [`Marker::drain`] can hold them in registers.
#[derive(Clone, Copy)]
struct Marker {
    infos: *const ClassInfo,
    epoch: u8,
    /// Objects with references that are marked and not scanned: `stack..top`, with room up to `limit`. They lie in `gray`.
    stack: *mut Ref,
    top: *mut Ref,
    limit: *mut Ref,
    gray: *mut Vec<Ref>,
    /// Words of marked objects.
    words: usize,
}

impl Marker {
    #[inline(always)]
    fn info(&self, object: Ref) -> &'static ClassInfo {
        // SAFETY: references are trusted, and class words are ids of registered classes. The table does not change during
        // a collection, and the reference is not kept.
        unsafe { &*self.infos.add(object.class().0 as usize) }
    }

    #[inline(always)]
    fn visit(&mut self, object: Ref) {
        if object.is_null() || header::epoch(object.0 as usize) == self.epoch {
            return;
        }
        header::set_epoch(object.0 as usize, self.epoch);
        let info = self.info(object);
        self.words += if info.quick != 0 {
            info.quick as usize
        } else {
            // SAFETY: references are trusted.
            unsafe { info.object_size(object) / 8 }
        };
        if info.scan() != Scan::Leaf {
            if self.top == self.limit {
                (self.stack, self.top, self.limit) = grow(self.gray, self.top);
            }
            // SAFETY: below the limit.
            unsafe {
                *self.top = object;
                self.top = self.top.add(1);
            }
        }
    }

    /// Visits the words at addresses `at..end`, all of them references.
    #[inline(always)]
    fn range(&mut self, mut at: usize, end: usize) {
        while at < end {
            // SAFETY: callers pass the references of a live object.
            self.visit(unsafe { *(at as *const Ref) });
            at += 8;
        }
    }

    /// Scans marked objects until there are no more.
    #[inline(never)]
    fn drain(&mut self) {
        let mut m = *self;
        while m.top != m.stack {
            // SAFETY: what lies above `stack` has been pushed.
            let object = unsafe {
                m.top = m.top.sub(1);
                *m.top
            };
            let at = object.0 as usize;
            let info = m.info(object);
            if info.scan() == Scan::Run {
                m.range(at + info.run_start as usize, at + info.run_end as usize);
                continue;
            }
            let mut bits = info.bits;
            let mut word = at;
            while bits != 0 {
                word += 8;
                if bits & 1 != 0 {
                    m.range(word, word + 8);
                }
                bits >>= 1;
            }
            if info.scan() == Scan::Items {
                let items = at + info.fixed_bytes();
                // SAFETY: objects with items have a length word.
                m.range(items, items + unsafe { object.word(LENGTH.offset as usize) } as usize * 8);
            }
        }
        *self = m;
    }
}

/// A larger stack with the same content: its bottom, top and limit.
#[cold]
#[inline(never)]
fn grow(gray: *mut Vec<Ref>, top: *mut Ref) -> (*mut Ref, *mut Ref, *mut Ref) {
    // SAFETY: the marker's stack, which nobody else has a reference to; it is initialised up to `top`.
    unsafe {
        let gray = &mut *gray;
        let length = top.offset_from_unsigned(gray.as_ptr());
        gray.set_len(length);
        gray.reserve(length.max(1024));
        let stack = gray.as_mut_ptr();
        (stack, stack.add(length), stack.add(gray.capacity()))
    }
}

impl Heap {
    /// Directly after a minor collection: the nursery is empty and nothing is remembered.
    pub(super) fn major(&mut self, roots: Roots) {
        self.old.begin_mark();
        self.gray.clear();
        let stack = self.gray.as_mut_ptr();
        let mut marker = Marker {
            infos: self.infos.as_ptr(),
            epoch: self.old.epoch(),
            stack,
            top: stack,
            // SAFETY: the end of the allocation.
            limit: unsafe { stack.add(self.gray.capacity()) },
            gray: &raw mut self.gray,
            words: 0,
        };
        roots(&mut |root| marker.visit(*root));
        marker.drain();
        let live = marker.words * 8;
        self.gray.clear();
        self.stats.major += 1;
        self.stats.freed_bytes += self.old.bytes().saturating_sub(live) as u64;
        self.old.end_mark(live);
        let grown = live.saturating_mul(self.config.major_growth_percent) / 100;
        self.old.set_threshold(grown.max(self.config.major_min));
    }
}
