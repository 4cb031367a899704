//! The memory that test traces work on: objects of one layout, an array, frames, a nursery, and runtime functions.

use std::cell::RefCell;

use crate::object::{Array, Call, CodePtr, Effect, Field, Kind, Ref};
use crate::thread::Thread;

const fn field(id: u16, kind: Kind, name: &'static str) -> Field {
    Field { id, offset: 8 * id, kind, immutable: false, name }
}

/// Fields of every object. `OTHER` may be null, `NEXT` never is.
pub const COUNT: Field = field(1, Kind::Int, "count");
pub const WEIGHT: Field = field(2, Kind::Float, "weight");
pub const NEXT: Field = field(3, Kind::Ref, "next");
pub const TOTAL: Field = field(4, Kind::Int, "total");
pub const OTHER: Field = field(5, Kind::Ref, "other");
/// The array's length word, which generated loops count down.
pub const FUEL: Field = Field { id: 9, ..COUNT };
pub const FIELDS: [Field; 5] = [COUNT, WEIGHT, NEXT, TOTAL, OTHER];
pub const OBJECT_WORDS: usize = 6;
pub const OBJECT_BYTES: u32 = 8 * OBJECT_WORDS as u32;

const fn array(id: u16, base: u16, kind: Kind, shift: u8, name: &'static str) -> Array {
    Array { id, base, kind, shift, immutable: false, name }
}

/// Parts of the one array object: eight items each.
pub const INTS: Array = array(11, 16, Kind::Int, 3, "ints");
pub const FLOATS: Array = array(12, 80, Kind::Float, 3, "floats");
pub const REFS: Array = array(13, 144, Kind::Ref, 3, "refs");
pub const BYTES: Array = array(14, 208, Kind::Int, 0, "bytes");
pub const ARRAYS: [Array; 4] = [INTS, FLOATS, REFS, BYTES];
const ARRAY_WORDS: usize = 27;

/// Small, medium (no 12-bit immediate), large (no `mj.gclass`).
pub const CLASSES: [u32; 5] = [3, 100, 2047, 5000, 200_000];
pub const OBJECTS: usize = 8;
pub const SLOTS: usize = 12;
const NURSERY_WORDS: usize = 512;

thread_local! {
    static BARRIERS: RefCell<Vec<Ref>> = const { RefCell::new(Vec::new()) };
}

pub extern "C" fn barrier_slow(_thread: *mut Thread, object: Ref) {
    BARRIERS.with_borrow_mut(|b| b.push(object));
    // SAFETY: an object of the world; clears its TRACK flag.
    unsafe { *((object.0 + 4) as *mut u8) = 0 };
}

extern "C" fn mix(_vm: *mut Thread, a: i64, b: f64bits, c: Ref) -> u64 {
    a.wrapping_mul(31).wrapping_add(f64::from_bits(b) as i64).wrapping_add((c.0 & 8) as i64) as u64
}

#[allow(non_camel_case_types)]
type f64bits = u64;

extern "C" fn scale(_vm: *mut Thread, a: f64bits, b: i64) -> u64 {
    (f64::from_bits(a) * 0.5 + (b & 1023) as f64).to_bits()
}

/// Takes 16 bytes of the nursery and returns one of two objects.
extern "C" fn choose(vm: *mut Thread, a: Ref, b: Ref, c: i64, d: i64, e: i64, f: i64, g: i64) -> u64 {
    // SAFETY: the world's thread.
    unsafe { (*vm).bump += 16 };
    if (c ^ d ^ e ^ f ^ g) & 1 == 0 { a.0 } else { b.0 }
}

/// Raises the object if the number is even.
extern "C" fn raise(vm: *mut Thread, a: i64, b: Ref) -> u64 {
    if a & 1 == 0 {
        // SAFETY: the world's thread.
        unsafe { (*vm).exception = b };
    }
    0
}

macro_rules! call {
    ($name:ident, $f:ident, [$($arg:ident),*], $result:expr, $can_raise:expr) => {
        pub static $name: Call = Call {
            name: stringify!($f),
            func: CodePtr($f as *const ()),
            args: &[$(Kind::$arg),*],
            result: $result,
            effect: Effect::Any,
            can_raise: $can_raise,
        };
    };
}
call!(MIX, mix, [Int, Float, Ref], Some(Kind::Int), false);
call!(SCALE, scale, [Float, Int], Some(Kind::Float), false);
call!(CHOOSE, choose, [Ref, Ref, Int, Int, Int, Int, Int], Some(Kind::Ref), false);
call!(RAISE, raise, [Int, Ref], None, true);

/// Zeroed words below 2 GiB if there is room, as the heap is mapped: short constants.
fn low_memory(words: usize) -> &'static mut [u64] {
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
    // SAFETY: a new mapping, never unmapped.
    unsafe {
        let at = libc::mmap(0x2000_0000 as *mut libc::c_void, words * 8, protection, flags, -1, 0);
        assert_ne!(at, libc::MAP_FAILED);
        std::slice::from_raw_parts_mut(at.cast(), words)
    }
}

/// See the module.
pub struct World {
    pub thread: Box<Thread>,
    objects: &'static mut [u64],
    pub array: Ref,
    /// A frame header and slots.
    pub frame: Box<[u64]>,
    nursery: Box<[u64]>,
}

/// All that a trace can change.
#[derive(Clone, PartialEq, Debug)]
pub struct State {
    objects: Box<[u64]>,
    frame: Box<[u64]>,
    nursery: Box<[u64]>,
    pub bump: u64,
    exception: Ref,
    barriers: Vec<Ref>,
}

impl World {
    /// A world of random contents.
    pub fn new(rng: &mut super::Rng) -> World {
        // SAFETY: all fields of a thread are numbers or pointers that may be null.
        let mut thread: Box<Thread> = unsafe { Box::new(std::mem::zeroed()) };
        let objects = low_memory(OBJECTS * OBJECT_WORDS + ARRAY_WORDS);
        let base = objects.as_ptr() as u64;
        let object = |i: usize| base + (i * OBJECT_WORDS * 8) as u64;
        for i in 0..OBJECTS {
            let words = &mut objects[i * OBJECT_WORDS..(i + 1) * OBJECT_WORDS];
            let track = u64::from(rng.chance(50)) << 32;
            words[0] = u64::from(rng.pick(&CLASSES)) | track;
            words[1] = rng.next() >> rng.below(64);
            words[2] = (rng.below(4000) as f64 / 16.0 - 100.0).to_bits();
            words[3] = object(rng.below(OBJECTS));
            words[4] = (rng.next() as i64 >> rng.below(64)) as u64;
            words[5] = if rng.chance(50) { 0 } else { object(rng.below(OBJECTS)) };
        }
        let array = Ref(object(OBJECTS));
        let words = &mut objects[OBJECTS * OBJECT_WORDS..];
        words[0] = 7 | 1 << 32;
        words[1] = 3 + rng.below(30) as u64;
        for i in 0..8 {
            words[2 + i] = rng.next() >> rng.below(64);
            words[10 + i] = (rng.below(4000) as f64 / 8.0).to_bits();
            words[18 + i] = object(rng.below(OBJECTS));
        }
        words[26] = rng.next();
        let mut frame = vec![0u64; crate::frame::HEADER / 8 + SLOTS].into_boxed_slice();
        for slot in &mut frame[crate::frame::HEADER / 8..] {
            *slot = object(rng.below(OBJECTS));
        }
        let nursery = vec![0u64; NURSERY_WORDS].into_boxed_slice();
        thread.bump = nursery.as_ptr() as u64;
        thread.end = thread.bump + 8 * NURSERY_WORDS as u64;
        thread.limit = thread.bump + 1024;
        thread.frame = frame.as_mut_ptr().cast();
        thread.frame_limit = thread.frame as u64 + 1000;
        BARRIERS.with_borrow_mut(|b| b.clear());
        World { thread, objects, array, frame, nursery }
    }

    pub fn object(&self, i: usize) -> Ref {
        Ref(self.objects.as_ptr() as u64 + (i * OBJECT_WORDS * 8) as u64)
    }

    /// Byte offset of a slot from the frame.
    pub fn slot(i: usize) -> i64 {
        (crate::frame::HEADER + 8 * i) as i64
    }

    pub fn state(&self) -> State {
        State {
            objects: self.objects.to_vec().into(),
            frame: self.frame.clone(),
            nursery: self.nursery.clone(),
            bump: self.thread.bump,
            exception: self.thread.exception,
            barriers: BARRIERS.with_borrow(|b| b.clone()),
        }
    }

    pub fn restore(&mut self, state: &State) {
        self.objects.copy_from_slice(&state.objects);
        self.frame.copy_from_slice(&state.frame);
        self.nursery.copy_from_slice(&state.nursery);
        self.thread.bump = state.bump;
        self.thread.exception = state.exception;
        BARRIERS.with_borrow_mut(|b| b.clone_from(&state.barriers));
    }
}
