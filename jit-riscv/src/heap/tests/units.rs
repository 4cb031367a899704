//! Single mechanisms of the heap.

use super::*;
use crate::heap::{Items, LARGE, Layout, RESERVE, header, old};
use crate::object::ClassId;

struct Fixture {
    thread: Box<Thread>,
    heap: Heap,
    pair: ClassId,
    number: ClassId,
    bytes: ClassId,
    refs: ClassId,
}

fn fixture() -> Fixture {
    let mut thread = thread();
    let mut heap = small_heap(&mut thread);
    let number = heap.add_class(Layout::fixed("number", 16, 0));
    let pair = heap.add_class(Layout::fixed("pair", 24, 0b110));
    let bytes = heap.add_class(Layout::array("bytes", Items::Bytes));
    let refs = heap.add_class(Layout::array("refs", Items::Refs));
    Fixture { thread, heap, pair, number, bytes, refs }
}

impl Fixture {
    fn number(&mut self, value: u64) -> Ref {
        let object = self.heap.alloc_raw(&mut self.thread, self.number, 16);
        // SAFETY: the object's second word.
        unsafe { object.set_word(8, value) };
        object
    }

    fn refs(&mut self, n: usize) -> Ref {
        self.heap.alloc_items(&mut self.thread, self.refs, n)
    }

    fn collect(&mut self, roots: &mut [Ref], major: bool) {
        collect(&mut self.heap, &mut self.thread, roots, major);
        verify(&mut self.heap, &self.thread, roots);
    }
}

fn word(object: Ref, offset: usize) -> u64 {
    // SAFETY: tests pass live objects and offsets in them.
    unsafe { object.word(offset) }
}

#[test]
fn class_ids_are_dense_from_one() {
    let mut f = fixture();
    assert_eq!(f.number, ClassId(1));
    assert_eq!(f.refs, ClassId(4));
    for i in 0..200_000 {
        assert_eq!(f.heap.add_class(Layout::fixed("shape", 32, 0b1110)), ClassId(5 + i));
    }
    let last = ClassId(200_004);
    let object = f.heap.alloc(&mut f.thread, last);
    let number = f.number(9);
    f.heap.store_ref(object, 24, number);
    let mut roots = [object];
    f.collect(&mut roots, true);
    // SAFETY: a root.
    assert_eq!(unsafe { roots[0].class() }, last);
    assert_eq!(word(Ref(word(roots[0], 24)), 8), 9);
}

#[test]
#[should_panic(expected = "references outside the fixed part")]
fn a_layout_that_contradicts_itself() {
    fixture().heap.add_class(Layout::fixed("bad", 16, 0b100));
}

#[test]
fn memory_is_below_two_gib() {
    let mut f = fixture();
    let mut roots = vec![f.refs(10), f.refs(100_000)];
    f.collect(&mut roots, false);
    let young = f.number(1);
    for object in roots.into_iter().chain([young]) {
        assert!(object.0 + (1 << 20) < 1 << 31, "{object:?}");
    }
}

/// Without a safe point any amount can be allocated, and the reserve stays free.
#[test]
fn allocation_never_collects() {
    let mut f = fixture();
    let mut list = Ref::NULL;
    let n = 200_000;
    for i in 0..n {
        let number = f.number(i);
        let pair = f.heap.alloc(&mut f.thread, f.pair);
        // SAFETY: a fresh object: no barrier.
        unsafe {
            pair.set_word(8, number.0);
            pair.set_word(16, list.0);
        }
        list = pair;
        assert!(f.thread.end - f.thread.bump >= RESERVE as u64);
    }
    assert_eq!(f.heap.stats().minor, 0);
    assert!(f.thread.bump > f.thread.limit, "a collection is wanted");
    let mut roots = [list];
    f.collect(&mut roots, false);
    assert!(f.heap.stats().overflow_bytes > 0);
    let mut at = roots[0];
    for i in (0..n).rev() {
        assert_eq!(word(Ref(word(at, 8)), 8), i);
        at = Ref(word(at, 16));
    }
    assert!(at.is_null());
    assert!(f.thread.bump <= f.thread.limit);
}

#[test]
fn barrier_byte_of_young_and_old() {
    let mut f = fixture();
    let pair = f.heap.alloc(&mut f.thread, f.pair);
    assert_eq!(header::barrier(pair), 0);
    let mut roots = [pair];
    f.collect(&mut roots, false);
    assert_eq!(header::barrier(roots[0]), 1);
    let number = f.number(5);
    f.heap.store_ref(roots[0], 16, number);
    assert_eq!(header::barrier(roots[0]), 0);
    f.heap.store_ref(roots[0], 8, number);
    f.collect(&mut roots, false);
    assert_eq!(f.heap.stats().remembered_objects, 1);
    assert_eq!(header::barrier(roots[0]), 1);
    assert_eq!(word(roots[0], 8), word(roots[0], 16));
    assert_eq!(word(Ref(word(roots[0], 8)), 8), 5);
}

/// The check that a test of barriers can fail: a store without one is found.
#[test]
fn verify_finds_a_missing_barrier() {
    let mut f = fixture();
    let mut roots = [f.heap.alloc(&mut f.thread, f.pair)];
    f.collect(&mut roots, false);
    let number = f.number(5);
    // SAFETY: a word of the pair.
    unsafe { roots[0].set_word(8, number.0) };
    let error = f.heap.verify(&f.thread, &mut |v| roots.iter_mut().for_each(v)).unwrap_err();
    assert!(error.contains("not remembered"), "{error}");
}

#[test]
fn cards_of_a_large_array() {
    let mut f = fixture();
    let n = 50_000;
    let mut roots = [f.refs(n)];
    f.collect(&mut roots, false);
    let array = roots[0];
    assert_eq!(header::barrier(array), 2);
    let places = [0, 1, 125, 126, 127, 20_000, n - 1];
    for &i in &places {
        let number = f.number(i as u64);
        f.heap.store_item_ref(array, 16, i, number);
    }
    assert_eq!(header::barrier(array), 2, "a few stores mark cards");
    f.collect(&mut roots, false);
    assert_eq!(f.heap.stats().remembered_objects, 0);
    for &i in &places {
        assert_eq!(word(Ref(word(array, 16 + i * 8)), 8), i as u64);
    }
    for i in 0..n {
        let number = f.number(7 * i as u64);
        f.heap.store_item_ref(array, 16, i, number);
    }
    assert_eq!(header::barrier(array), 0, "many stores remember the array");
    f.collect(&mut roots, true);
    assert_eq!(header::barrier(array), 2);
    for i in 0..n {
        assert_eq!(word(Ref(word(array, 16 + i * 8)), 8), 7 * i as u64);
    }
}

#[test]
fn large_objects_stay_where_they_are_or_go() {
    let mut f = fixture();
    let kept = f.heap.alloc_items(&mut f.thread, f.bytes, 3 * LARGE);
    let array = f.refs(LARGE);
    let number = f.number(3);
    f.heap.store_item_ref(array, 16, 9, number);
    f.heap.alloc_items(&mut f.thread, f.bytes, 1 << 20);
    let mut roots = [kept, array];
    f.collect(&mut roots, false);
    assert_eq!(roots, [kept, array]);
    assert!(f.heap.stats().freed_bytes >= 1 << 20, "a young large object died");
    assert_eq!(word(Ref(word(array, 16 + 72)), 8), 3);
    let before = f.heap.old_bytes();
    let mut roots = [kept];
    f.collect(&mut roots, true);
    assert!(before - f.heap.old_bytes() > LARGE * 8, "an old large object died");
}

/// The memory of dead large objects is used again, and a program that makes nothing else is asked to collect.
#[test]
fn large_garbage_does_not_pile_up() {
    let mut f = fixture();
    let (mut lowest, mut highest) = (u64::MAX, 0);
    for i in 0..2_000 {
        let object = f.heap.alloc_items(&mut f.thread, f.bytes, 60_000 + i % 50 * 1_000);
        assert_eq!(word(object, 60_000), 0);
        // SAFETY: within the object.
        unsafe { object.set_word(60_000, u64::MAX) };
        lowest = lowest.min(object.0);
        highest = highest.max(object.0);
        f.heap.collect_if_wanted(&mut f.thread, 0, &mut |_| ());
    }
    assert!(highest - lowest < 2 << 20, "{lowest:#x}..{highest:#x}");
}

#[test]
fn old_garbage_is_used_again() {
    let mut f = fixture();
    let mut roots = vec![Ref::NULL; 100];
    for round in 0..50 {
        for i in 0..20_000 {
            let mut object = if i % 3 == 0 { f.refs(i % 40) } else { f.heap.alloc(&mut f.thread, f.pair) };
            f.heap.collect_if_wanted(&mut f.thread, 0, &mut |v| {
                v(&mut object);
                roots.iter_mut().for_each(v);
            });
            roots[(i * 7 + round) % 100] = object;
        }
    }
    verify(&mut f.heap, &f.thread, &roots);
    assert!(f.heap.old_bytes() < 1 << 20, "{}", f.heap.old_bytes());
    assert!(f.heap.stats().major > 2);
}

#[test]
fn identities_survive_moves() {
    let mut f = fixture();
    let mut roots: Vec<Ref> =
        (0..200).map(|i| if i % 50 == 0 { f.refs(3_000) } else { f.number(i) }).collect();
    let ids: Vec<i64> = roots.iter().map(|&r| f.heap.identity(r)).collect();
    let before = roots.clone();
    for major in [false, false, true] {
        let again: Vec<i64> = roots.iter().map(|&r| f.heap.identity(r)).collect();
        assert_eq!(ids, again);
        f.collect(&mut roots, major);
    }
    assert!(roots.iter().zip(&before).all(|(a, b)| a != b), "all have moved");
    let mut unique = ids.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    assert!(ids.iter().all(|id| id % 8 == 0 && *id > 0));
}

#[test]
fn make_old_gives_final_addresses() {
    let mut f = fixture();
    let mut roots = [f.number(1), f.refs(20), f.heap.alloc(&mut f.thread, f.pair)];
    assert!(roots.iter().all(|&r| !f.heap.is_old(r)));
    f.collect(&mut roots, false);
    let settled = roots;
    assert!(roots.iter().all(|&r| f.heap.is_old(r)));
    f.collect(&mut roots, true);
    assert_eq!(roots, settled);
    assert!(!f.heap.is_old(Ref::NULL));
}

#[test]
fn too_many_items_are_an_error() {
    let mut f = fixture();
    for n in [usize::MAX, usize::MAX / 8, isize::MAX as usize, 1 << 60] {
        assert!(f.heap.try_alloc_items(&mut f.thread, f.refs, n).is_err());
    }
}

/// Every size up to the largest cell has a bin of cells that are large enough, and not much larger.
#[test]
fn bins_fit() {
    let mut o = old::Old::new();
    for bytes in (8..=old::MAX_CELL).step_by(8) {
        let a = o.alloc(bytes).unwrap();
        let b = o.alloc(bytes).unwrap();
        let cell = (b.0 as usize).abs_diff(a.0 as usize);
        assert!(cell >= bytes, "{bytes}");
    }
}

/// A shorter length is respected by the copy, in the nursery and later.
#[test]
fn a_length_may_shrink() {
    let mut f = fixture();
    let array = f.refs(100);
    let number = f.number(4);
    f.heap.store_item_ref(array, 16, 2, number);
    // SAFETY: the length word; the array stays as large as it was.
    unsafe { array.set_word(8, 3) };
    let mut roots = [array];
    f.collect(&mut roots, true);
    assert_eq!(f.heap.size_of(roots[0]), 40);
    assert_eq!(word(Ref(word(roots[0], 32)), 8), 4);
}

/// Deep structures need no deep stack.
#[test]
fn a_long_list() {
    let mut f = fixture();
    let mut roots = [Ref::NULL];
    let n = 1_000_000;
    for _ in 0..n {
        let mut pair = f.heap.alloc(&mut f.thread, f.pair);
        f.heap.store_ref(pair, 8, roots[0]);
        f.heap.collect_if_wanted(&mut f.thread, 0, &mut |v| v(&mut pair));
        roots[0] = pair;
    }
    f.collect(&mut roots, true);
    let mut length = 0;
    let mut at = roots[0];
    while !at.is_null() {
        at = Ref(word(at, 8));
        length += 1;
    }
    assert_eq!(length, n);
}
