//! What random traces start with: objects and the slots of the root frame.

use super::machine::{Machine, kind_of_word};
use super::memory::Memory;
use super::world::*;
use crate::object::Kind;

/// A small deterministic random generator (xorshift64*).
pub struct Rng(u64);

impl Rng {
    pub fn new(seed: u64) -> Rng {
        Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `n`.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() >> 33) as usize % n
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    /// An integer: small, of any size, or at the edge.
    pub fn int(&mut self) -> i64 {
        match self.below(12) {
            0 => self.pick(&[i64::MAX, i64::MIN, i64::MAX - 1, 1 << 31, -1]),
            1 | 2 => self.next() as i64 >> self.below(64),
            _ => self.below(12) as i64 - 2,
        }
    }
}

pub const SLOTS: usize = 6;

/// Objects that exist before a trace runs; the same in all inputs, with other contents.
const OBJECTS: [(u32, u32); 17] = [
    (INT, 16),
    (INT, 16),
    (FLOAT, 16),
    (COMPLEX, 24),
    (CELL, 16),
    (PAIR, 24),
    (PAIR, 24),
    (PAIR, 24),
    (10, 32),
    (10, 32),
    (11, 32),
    (12, 32),
    (LIST, 40),
    (LIST, 32),
    (INTS, 48),
    (BYTES, 24),
    (TUPLE, 32),
];

/// Addresses of [`OBJECTS`].
pub fn objects() -> Vec<u64> {
    let mut at = 0x1000;
    let place = |&(_, size): &(u32, u32)| {
        at += u64::from(size);
        at - u64::from(size)
    };
    OBJECTS.iter().map(place).collect()
}

pub fn is_array(class: u32) -> bool {
    matches!(class, LIST | INTS | BYTES | TUPLE)
}

/// A machine before a trace runs.
pub fn input(rng: &mut Rng) -> Machine {
    let mut memory = Memory::default();
    let all = objects();
    for &(class, size) in &OBJECTS {
        let object = memory.allocate(class, size);
        memory.fill(object, 8, size, 0);
        if is_array(class) {
            memory.store(object + 8, if class == BYTES { 8 } else { u64::from(size - 16) / 8 });
        }
    }
    let young = memory.end();
    let mut m = Machine { memory, slots: Vec::new(), exception: 0, raw: true, young };

    // What never changes is the same in all inputs.
    let mut fixed = Rng::new(5);
    for (&(class, size), &object) in OBJECTS.iter().zip(&all) {
        let constant = is_value(class) || class == TUPLE;
        for word in if is_array(class) { 2 } else { 1 }..size / 8 {
            let rng = if constant { &mut fixed } else { &mut *rng };
            let bits = match kind_of_word(class, word) {
                Kind::Int => rng.int() as u64,
                Kind::Float => (rng.below(64) as f64 / 4.0).to_bits(),
                Kind::Ref if rng.chance(20) => 0,
                Kind::Ref => rng.pick(&all),
            };
            // Cells are no cycles.
            let bits = if class == CELL { all[5] } else { bits };
            m.memory.store(object + 8 * u64::from(word), bits);
        }
        if SHAPES.contains(&class) && rng.chance(10) {
            m.memory.store(object, rng.pick(&SHAPES).into());
        }
    }
    m.slots = (0..SLOTS)
        .map(|i| if rng.chance(6) { 0 } else { all[(3 * i + rng.below(2) * rng.below(9)) % all.len()] })
        .collect();
    m.slots[0] = all[0];
    m.memory.store(all[0] + 8, 0);
    m
}

/// Changes an input, so that some of the guards of a trace that was recorded with it fail.
pub fn vary(input_of: &Machine, rng: &mut Rng) -> Machine {
    let (mut m, other) = (input_of.clone(), input(rng));
    for (&(class, size), object) in OBJECTS.iter().zip(objects()) {
        let same = is_value(class) || class == TUPLE;
        for word in if is_array(class) { 2 } else { 1 }..size / 8 {
            if !same && rng.chance(15) {
                let at = object + 8 * u64::from(word);
                m.memory.store(at, other.memory.load(at));
            }
        }
        if SHAPES.contains(&class) && rng.chance(5) {
            m.memory.store(object, other.memory.load(object));
        }
    }
    for i in 1..SLOTS {
        if rng.chance(10) {
            m.slots[i] = other.slots[i];
        }
    }
    m
}
