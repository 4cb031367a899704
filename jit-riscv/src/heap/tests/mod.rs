//! Tests of the heap: against a shadow model ([`model`]), and of single mechanisms ([`units`]).

mod model;
mod units;

use super::{Config, Heap};
use crate::object::Ref;
use crate::thread::Thread;

/// A thread as the heap needs it: every field is plain data, for which zero is a value.
pub fn thread() -> Box<Thread> {
    // SAFETY: see above.
    unsafe { Box::new(std::mem::zeroed()) }
}

/// A heap in which everything happens soon.
pub fn small_heap(thread: &mut Thread) -> Heap {
    let config = Config {
        nursery: 16 << 10,
        major_min: 128 << 10,
        young_large: 256 << 10,
        poison: true,
        ..Config::default()
    };
    Heap::with_config(thread, config).unwrap()
}

/// Collects with the given roots; `major` for both collections.
pub fn collect(heap: &mut Heap, thread: &mut Thread, roots: &mut [Ref], major: bool) {
    let mut visit = |f: &mut dyn FnMut(&mut Ref)| roots.iter_mut().for_each(f);
    if major {
        heap.collect_all(thread, 0, &mut visit);
    } else {
        heap.make_old(thread, 0, &mut visit);
    }
}

/// The heap's own check.
pub fn verify(heap: &mut Heap, thread: &Thread, roots: &[Ref]) -> super::verify::Census {
    let mut roots = roots.to_vec();
    heap.verify(thread, &mut |f| roots.iter_mut().for_each(f)).unwrap()
}

/// Random numbers (xorshift64*).
pub struct Rng(pub u64);

impl Rng {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}
