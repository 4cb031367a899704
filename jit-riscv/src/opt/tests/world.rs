//! The classes, fields, functions and constant objects that test traces use, and the optimiser's view of them.
//!
//! | class | layout |
//! |---|---|
//! | 1 int, 2 float, 4 complex | final value classes: `value`; `real`; `re`, `im` |
//! | 13 cell | final value class of a reference: `inner` |
//! | 3 pair | final, with identity: `first`, `second` |
//! | 10, 11, 12 shapes | may change into each other: `count`, `weight`, `next` |
//! | 5 list, 6 ints, 7 bytes, 8 tuple | final arrays of references, integers, bytes, references that never change |

use super::memory::Memory;
use crate::ir::text::Names;
use crate::object::{Array, Call, ClassId, CodePtr, Effect, Field, Kind, LENGTH, Ref};
use crate::opt::Oracle;

pub const INT: u32 = 1;
pub const FLOAT: u32 = 2;
pub const PAIR: u32 = 3;
pub const COMPLEX: u32 = 4;
pub const LIST: u32 = 5;
pub const INTS: u32 = 6;
pub const BYTES: u32 = 7;
pub const TUPLE: u32 = 8;
pub const SHAPES: [u32; 3] = [10, 11, 12];
pub const CELL: u32 = 13;

const fn field(id: u16, offset: u16, kind: Kind, immutable: bool, name: &'static str) -> Field {
    Field { id, offset, kind, immutable, name }
}

pub const VALUE: Field = field(1, 8, Kind::Int, true, "value");
pub const REAL: Field = field(2, 8, Kind::Float, true, "real");
pub const FIRST: Field = field(3, 8, Kind::Ref, false, "first");
pub const SECOND: Field = field(4, 16, Kind::Ref, false, "second");
pub const COUNT: Field = field(5, 8, Kind::Int, false, "count");
pub const WEIGHT: Field = field(6, 16, Kind::Float, false, "weight");
pub const NEXT: Field = field(7, 24, Kind::Ref, false, "next");
pub const RE: Field = field(8, 8, Kind::Float, true, "re");
pub const IM: Field = field(9, 16, Kind::Float, true, "im");
pub const INNER: Field = field(10, 8, Kind::Ref, true, "inner");

const fn array(id: u16, kind: Kind, shift: u8, immutable: bool, name: &'static str) -> Array {
    Array { id, base: 16, kind, shift, immutable, name }
}

pub const ITEMS: Array = array(20, Kind::Ref, 3, false, "items");
pub const NUMBERS: Array = array(21, Kind::Int, 3, false, "numbers");
pub const OCTETS: Array = array(22, Kind::Int, 0, false, "octets");
pub const FIXED: Array = array(23, Kind::Ref, 3, true, "fixed");

/// Bytes of an object of a class that is no array.
pub fn size_of(class: u32) -> u32 {
    match class {
        INT | FLOAT | CELL => 16,
        PAIR | COMPLEX => 24,
        _ => 32,
    }
}

macro_rules! call {
    ($name:ident, $text:literal, $address:literal, [$($arg:ident),*], $result:expr, $effect:ident, $can_raise:expr) => {
        /// Its meaning is in [`super::machine`].
        pub static $name: Call = Call {
            name: $text,
            func: CodePtr($address as *const ()),
            args: &[$(Kind::$arg),*],
            result: $result,
            effect: Effect::$effect,
            can_raise: $can_raise,
        };
    };
}
call!(HASH, "hash", 0x10, [Int, Int], Some(Kind::Int), Elidable, false);
call!(PARSE, "parse", 0x20, [Int], Some(Kind::Int), Elidable, true);
call!(UNBOX, "unbox", 0x30, [Ref], Some(Kind::Int), Elidable, false);
call!(SUM, "sum", 0x40, [Ref], Some(Kind::Int), Reads, false);
call!(POKE, "poke", 0x50, [Ref, Int], None, Any, false);
call!(RISKY, "risky", 0x60, [Ref, Int], Some(Kind::Int), Any, true);
call!(WRAP, "wrap", 0x70, [Ref], Some(Kind::Ref), Any, false);

pub const NAMES: Names = Names {
    fields: &[VALUE, REAL, FIRST, SECOND, COUNT, WEIGHT, NEXT, RE, IM, INNER, LENGTH],
    arrays: &[ITEMS, NUMBERS, OCTETS, FIXED],
    calls: &[&HASH, &PARSE, &UNBOX, &SUM, &POKE, &RISKY, &WRAP],
};

/// What the optimiser may ask: constant objects are in `memory`.
pub struct Answers<'a>(pub &'a Memory);

impl Oracle for Answers<'_> {
    fn class_is_final(&mut self, class: ClassId) -> bool {
        !SHAPES.contains(&class.0)
    }
    fn is_value_class(&mut self, class: ClassId) -> bool {
        is_value(class.0)
    }
    fn class_of(&mut self, object: Ref) -> ClassId {
        ClassId(self.0.class(object.0))
    }
    fn word(&mut self, object: Ref, offset: usize) -> u64 {
        self.0.load(object.0 + offset as u64)
    }
}

pub fn is_value(class: u32) -> bool {
    matches!(class, INT | FLOAT | COMPLEX | CELL)
}

/// Constant objects of the textual tests: `ptr(0x1000)` is an int 5, `ptr(0x1010)` a float 2.5, `ptr(0x1020)` and `ptr(0x1040)` shapes 10,
/// `ptr(0x1060)` a tuple of that int and null, `ptr(0x1080)` a list of two.
pub fn constants() -> Memory {
    let mut m = Memory::default();
    let int = m.allocate(INT, 16);
    m.store(int + 8, 5);
    let float = m.allocate(FLOAT, 16);
    m.store(float + 8, 2.5f64.to_bits());
    for _ in 0..2 {
        let shape = m.allocate(10, 32);
        m.fill(shape, 8, 32, 0);
    }
    for class in [TUPLE, LIST] {
        let array = m.allocate(class, 32);
        m.store(array + 8, 2);
        m.store(array + 16, int);
        m.store(array + 24, 0);
    }
    m
}
