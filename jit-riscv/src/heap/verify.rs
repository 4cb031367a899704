//! A walk over the heap that checks what the collector relies on. Slow; for tests.

use std::collections::HashSet;

use super::layout::Items;
use super::{Heap, Roots, header};
use crate::object::{LENGTH, Ref};
use crate::thread::Thread;

/// Live objects, counted by a walk.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Census {
    pub young: usize,
    pub old: usize,
    pub large: usize,
    /// Bytes of all.
    pub bytes: usize,
}

impl Heap {
    /// Calls `visit` with the byte offset and the content of every reference in an object.
    pub fn for_each_ref(&self, object: Ref, mut visit: impl FnMut(usize, Ref)) {
        // SAFETY: references are trusted; the layout says which words are references.
        unsafe {
            let layout = self.layout(object.class());
            for word in (1..layout.size.div_ceil(8).min(64)).filter(|w| layout.refs >> w & 1 != 0) {
                visit(word * 8, Ref(object.word(word * 8)));
            }
            if layout.items == Items::Refs {
                for i in 0..object.word(LENGTH.offset as usize) as usize {
                    let offset = layout.size + i * 8;
                    visit(offset, Ref(object.word(offset)));
                }
            }
        }
    }

    /// Checks every object that is reachable from the roots: address, class, size, gc word; and that an old object
    /// with a reference to a young one is remembered.
    ///
    /// # Errors
    /// The first thing that is wrong, in words.
    pub fn verify(&mut self, thread: &Thread, roots: Roots) -> Result<Census, String> {
        let mut todo = Vec::new();
        let mut seen = HashSet::new();
        roots(&mut |r| todo.push((Ref::NULL, 0, *r)));
        let remembered: HashSet<Ref> = self.remembered().objects.iter().copied().collect();
        let carded: HashSet<Ref> = self.remembered().carded.iter().copied().collect();
        let young_large: HashSet<Ref> = self.young_large.iter().copied().collect();
        let mut old = HashSet::new();
        self.old.for_each(|object| {
            old.insert(object);
        });
        let mut census = Census::default();
        while let Some((from, offset, object)) = todo.pop() {
            if object.is_null() || !seen.insert(object) {
                continue;
            }
            let at = object.0 as usize;
            let young = self.in_nursery(object);
            let fail = |what: &str| {
                if from.is_null() {
                    return Err(format!("a root refers to {object:?}: {what}"));
                }
                // SAFETY: `from` was found to be in order.
                let class = self.layout(unsafe { from.class() }).name;
                Err(format!("{class} {from:?} at +{offset} refers to {object:?}: {what}"))
            };
            if !at.is_multiple_of(8) {
                return fail("misaligned");
            }
            if young && at >= thread.bump as usize {
                return fail("beyond the nursery's bump");
            }
            if !young && !old.contains(&object) && !young_large.contains(&object) {
                return fail("no live old object");
            }
            let h = header::get(object);
            let class = h as u32;
            if class == 0 || class as usize > self.classes() {
                return fail("unknown class");
            }
            let bytes = self.size_of(object);
            if young && at + bytes > thread.bump as usize {
                return fail("reaches beyond the nursery's bump");
            }
            if young && h & !header::IDENTITY != class as u64 {
                return fail("gc word of a young object is not 0");
            }
            let mut holds_young = false;
            self.for_each_ref(object, |offset, to| {
                holds_young |= self.in_nursery(to) || young_large.contains(&to);
                if !to.is_null() {
                    todo.push((object, offset, to));
                }
            });
            let listed = remembered.contains(&object);
            let barrier = header::barrier(object);
            if !young && holds_young && !young_large.contains(&object) && !listed && !carded.contains(&object)
            {
                return fail("an old object with a young reference is not remembered");
            }
            if !young && !young_large.contains(&object) && listed != (barrier == 0) {
                return fail("the barrier byte does not agree with the remembered set");
            }
            census.bytes += bytes;
            match (young, h & header::LARGE != 0) {
                (true, _) => census.young += 1,
                (false, true) => census.large += 1,
                (false, false) => census.old += 1,
            }
        }
        Ok(census)
    }
}
