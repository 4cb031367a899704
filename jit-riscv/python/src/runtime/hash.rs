//! Hashes, with CPython's values for numbers and tuples of them. Those of strings are our own, the same in every run.

use jit_riscv::object::Ref;

use super::{Res, attributes, call, callback, calls, compare};
use crate::access;
use crate::objects::*;
use crate::symbols;
use crate::vm::Vm;

calls! {
    /// `hash(object)`, as an integer.
    HASH: Any, hash(object: Ref) -> Res<i64>;
}

const SEED: u64 = 0x2545_f491_4f6c_dd1d;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline(always)]
fn mix(h: u64, word: u64) -> u64 {
    let h = (h ^ word).wrapping_mul(FACTOR);
    h ^ (h >> 32)
}

#[inline(always)]
fn finish(h: u64) -> i64 {
    let h = (h.wrapping_mul(FACTOR) >> 1) as i64;
    if h == 0 { 1 } else { h }
}

/// Hash of UTF-8 text; what [`str_hash`] gives for a STR of it. Not 0.
pub fn text_hash(text: &[u8]) -> i64 {
    let mut h = SEED ^ text.len() as u64;
    for chunk in text.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        h = mix(h, u64::from_le_bytes(word));
    }
    finish(h)
}

/// Hash of a STR, kept in it.
#[inline]
pub fn str_hash(r: Ref) -> i64 {
    let known = access::get_int(r, STR_HASH);
    if known != 0 {
        return known;
    }
    let mut h = SEED ^ access::length(r) as u64;
    for word in access::str_words(r) {
        h = mix(h, *word);
    }
    let h = finish(h);
    access::set_int(r, STR_HASH, h);
    h
}

/// 2^61 − 1: numbers' hashes are their values modulo this prime.
const PRIME: i64 = (1 << 61) - 1;

#[inline]
pub fn int_hash(v: i64) -> i64 {
    let h = if (-PRIME < v) && (v < PRIME) { v } else { v % PRIME };
    if h == -1 { -2 } else { h }
}

fn bigint_hash(r: Ref) -> i64 {
    let mut h: u128 = 0;
    for word in access::bigint_words(r).iter().rev() {
        h = ((h << 64) | *word as u128) % PRIME as u128;
    }
    let h = h as i64 * access::get_int(r, BIGINT_SIGN);
    if h == -1 { -2 } else { h }
}

pub fn float_hash(v: f64) -> i64 {
    if v.is_infinite() {
        return if v > 0.0 { 314159 } else { -314159 };
    }
    if v.is_nan() {
        return 0;
    }
    if v.trunc() == v && v.abs() < 9e18 {
        return int_hash(v as i64);
    }
    // The value is m · 2^e with an integer m; multiplying by a power of 2 is a rotation modulo the prime.
    let bits = v.abs().to_bits();
    let biased = (bits >> 52) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (m, e) = if biased == 0 { (fraction, -1074) } else { (fraction | 1 << 52, biased - 1075) };
    let e = e.rem_euclid(61) as u32;
    let m = m as u128;
    let h = ((m << e) % PRIME as u128) as i64;
    let h = if v < 0.0 { -h } else { h };
    if h == -1 { -2 } else { h }
}

const P1: u64 = 11_400_714_785_074_694_791;
const P2: u64 = 14_029_467_366_897_019_727;
const P5: u64 = 2_870_177_450_012_600_261;

fn tuple_hash(vm: &mut Vm, r: Ref) -> Res<i64> {
    let items = access::refs(r);
    let mut acc = P5;
    for item in items {
        let lane = if access::is(*item, TUPLE) {
            call::enter_nested(vm)?;
            let h = tuple_hash(vm, *item);
            vm.nesting -= 1;
            h?
        } else {
            hash(vm, *item)?
        } as u64;
        acc = acc.wrapping_add(lane.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1);
    }
    acc = acc.wrapping_add(items.len() as u64 ^ (P5 ^ 3_527_539));
    Ok(if acc == u64::MAX { 1_546_275_796 } else { acc as i64 })
}

fn bytes_hash(r: Ref) -> i64 {
    let known = access::get_int(r, BYTES_HASH);
    if known != 0 {
        return known;
    }
    let h = text_hash(access::bytes_contents(r)) ^ 0x55;
    access::set_int(r, BYTES_HASH, h);
    h
}

fn frozenset_hash(vm: &mut Vm, r: Ref) -> i64 {
    let known = access::get_int(r, SET_HASH);
    if known != 0 {
        return known;
    }
    let mut h: u64 = 0;
    for (_, item) in super::set::entries(vm, r) {
        let x = item as u64;
        h ^= (x ^ 89_869_747 ^ (x << 16)).wrapping_mul(3_644_798_167);
    }
    h ^= (access::get_int(r, SET_SIZE) as u64).wrapping_add(1).wrapping_mul(1_927_868_237);
    h ^= (h >> 11) ^ (h >> 25);
    h = h.wrapping_mul(69_069).wrapping_add(907_133_923);
    let h = if h == u64::MAX || h == 0 { 590_923_713 } else { h as i64 };
    access::set_int(r, SET_HASH, h);
    h
}

/// `hash(object)`.
#[inline]
pub fn hash(vm: &mut Vm, r: Ref) -> Res<i64> {
    match access::class(r) {
        STR => Ok(str_hash(r)),
        INT | BOOL => Ok(int_hash(access::int_value(r))),
        _ => slow_hash(vm, r),
    }
}

fn identity_hash(vm: &mut Vm, r: Ref) -> i64 {
    vm.heap.identity(r) >> 4
}

#[inline(never)]
fn slow_hash(vm: &mut Vm, r: Ref) -> Res<i64> {
    match access::class(r) {
        FLOAT => {
            let v = access::float_value(r);
            Ok(if v.is_nan() { identity_hash(vm, r) } else { float_hash(v) })
        }
        BIGINT => Ok(bigint_hash(r)),
        TUPLE => tuple_hash(vm, r),
        NONE => Ok(0xfca8_6420),
        BYTES => Ok(bytes_hash(r)),
        FROZENSET => Ok(frozenset_hash(vm, r)),
        RANGE => {
            let length = access::get_int(r, RANGE_LENGTH);
            let mut items = [vm.int(length), vm.none, vm.none];
            if length > 0 {
                items[1] = vm.int(access::get_int(r, RANGE_START));
            }
            if length > 1 {
                items[2] = vm.int(access::get_int(r, RANGE_STEP));
            }
            let t = vm.tuple(&items);
            tuple_hash(vm, t)
        }
        BOUND_METHOD => {
            let f = hash(vm, access::get_ref(r, METHOD_FUNC))?;
            let s = access::get_ref(r, METHOD_SELF);
            Ok(f ^ identity_hash(vm, s))
        }
        LIST_EMPTY | LIST_INT | LIST_FLOAT | LIST_OBJECT | DICT | DEFAULTDICT | SET | SLICE | DEQUE => {
            Err(unhashable(vm, r))
        }
        class if is_shape(class) => instance_hash(vm, r),
        _ => Ok(identity_hash(vm, r)),
    }
}

#[cold]
fn unhashable(vm: &mut Vm, r: Ref) -> super::Raised {
    let message = format!("unhashable type: '{}'", vm.type_name(r));
    vm.type_error(&message)
}

fn instance_hash(vm: &mut Vm, r: Ref) -> Res<i64> {
    let id = vm.type_of(r);
    let found = vm.type_lookup_owner(id, symbols::HASH);
    let eq = vm.type_lookup_owner(id, symbols::EQ);
    // A class that defines __eq__ but not __hash__ has no hash.
    if let Some((eq_owner, eq)) = eq
        && access::is(eq, FUNCTION)
    {
        let rank = |vm: &Vm, c| vm.type_info(id).mro.iter().position(|m| *m == c);
        let hash_rank = found.and_then(|(owner, _)| rank(vm, owner));
        if hash_rank.is_none_or(|h| Some(h) > rank(vm, eq_owner)) {
            return Err(unhashable(vm, r));
        }
    }
    match found {
        Some((_, method)) if access::is(method, NONE) => Err(unhashable(vm, r)),
        Some((_, method)) if !access::is(method, BUILTIN) => {
            let method = attributes::bind(vm, method, r)?;
            let v = callback(vm, method, &[])?;
            match access::class(v) {
                INT | BOOL => Ok(int_hash(access::int_value(v))),
                BIGINT => Ok(bigint_hash(v)),
                _ => Err(vm.type_error("__hash__ method should return an integer")),
            }
        }
        _ => Ok(identity_hash(vm, r)),
    }
}

/// Are two keys equal? Identity first, as containers do.
#[inline]
pub fn same_key(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    if a == b {
        return Ok(true);
    }
    match (access::class(a), access::class(b)) {
        (STR, STR) => Ok(compare::str_eq(a, b)),
        (INT, INT) => Ok(access::int_value(a) == access::int_value(b)),
        _ => compare::equal(vm, a, b),
    }
}
