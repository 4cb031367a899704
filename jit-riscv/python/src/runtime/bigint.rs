//! Integers outside the range of an i64. An integer in that range is always an INT.

use std::cmp::Ordering;

use jit_riscv::object::Ref;
use num_bigint::{BigInt, BigUint, Sign};
use num_traits::{FromPrimitive, Num, ToPrimitive};

use super::{Raised, Res};
use crate::access;
use crate::objects::*;
use crate::vm::Vm;

/// INT, BOOL or BIGINT?
#[inline]
pub fn is_integer(r: Ref) -> bool {
    matches!(access::class(r), INT | BOOL | BIGINT)
}

/// The value of an INT, BOOL or BIGINT.
pub fn value(r: Ref) -> BigInt {
    if !access::is(r, BIGINT) {
        return BigInt::from(access::int_value(r));
    }
    let words = access::bigint_words(r);
    // SAFETY: a u64 on a little-endian machine is two u32, the lower one first.
    let halves = unsafe { std::slice::from_raw_parts(words.as_ptr() as *const u32, words.len() * 2) };
    let sign = if access::get_int(r, BIGINT_SIGN) < 0 { Sign::Minus } else { Sign::Plus };
    BigInt::from_slice(sign, halves)
}

/// The object of a value.
pub fn object(vm: &mut Vm, v: &BigInt) -> Ref {
    if let Some(small) = v.to_i64() {
        return vm.int(small);
    }
    let digits = v.iter_u64_digits();
    let r = vm.new_items(BIGINT, digits.len());
    for (i, digit) in digits.enumerate() {
        // SAFETY: a fresh object of that many words.
        unsafe { r.set_word(BIGINT_WORDS.base as usize + 8 * i, digit) };
    }
    access::set_int(r, BIGINT_SIGN, if v.sign() == Sign::Minus { -1 } else { 1 });
    r
}

/// The object of a value of 128 bits.
pub fn from_i128(vm: &mut Vm, v: i128) -> Ref {
    if let Ok(small) = i64::try_from(v) {
        return vm.int(small);
    }
    let magnitude = v.unsigned_abs();
    let high = (magnitude >> 64) as u64;
    let r = vm.new_items(BIGINT, if high == 0 { 1 } else { 2 });
    // SAFETY: a fresh object of one or two words.
    unsafe {
        r.set_word(BIGINT_WORDS.base as usize, magnitude as u64);
        if high != 0 {
            r.set_word(BIGINT_WORDS.base as usize + 8, high);
        }
    }
    access::set_int(r, BIGINT_SIGN, if v < 0 { -1 } else { 1 });
    r
}

/// The value of an integer of at most 127 bits.
#[inline]
pub fn to_i128(r: Ref) -> Option<i128> {
    if !access::is(r, BIGINT) {
        return Some(access::int_value(r) as i128);
    }
    let magnitude = match access::bigint_words(r) {
        [a] => *a as i128,
        [a, b] if *b >> 63 == 0 => (*b as i128) << 64 | *a as i128,
        _ => return None,
    };
    Some(if access::get_int(r, BIGINT_SIGN) < 0 { -magnitude } else { magnitude })
}

/// Parses digits in a base from 2 to 36, perhaps after a sign.
pub fn parse(vm: &mut Vm, digits: &str, base: u32) -> Option<Ref> {
    if let Ok(small) = i64::from_str_radix(digits, base) {
        return Some(vm.int(small));
    }
    let v = BigInt::from_str_radix(digits, base).ok()?;
    Some(object(vm, &v))
}

/// Digits of an integer of any size in a base, without prefix.
pub fn digits(r: Ref, base: u32) -> String {
    match access::class(r) {
        BIGINT => value(r).to_str_radix(base),
        _ => {
            let v = access::int_value(r);
            match base {
                10 => v.to_string(),
                _ => {
                    let sign = if v < 0 { "-" } else { "" };
                    let m = v.unsigned_abs();
                    match base {
                        2 => format!("{sign}{m:b}"),
                        8 => format!("{sign}{m:o}"),
                        _ => format!("{sign}{m:x}"),
                    }
                }
            }
        }
    }
}

pub fn order(a: Ref, b: Ref) -> Ordering {
    match (to_i128(a), to_i128(b)) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => value(a).cmp(&value(b)),
    }
}

/// The order of a BIGINT and a double; None for NaN.
pub fn float_order(a: Ref, f: f64) -> Option<Ordering> {
    if f.is_nan() {
        return None;
    }
    if f.is_infinite() {
        return Some(if f > 0.0 { Ordering::Less } else { Ordering::Greater });
    }
    // A double that is not integral is smaller than any BIGINT's magnitude.
    let f = BigInt::from_f64(f.trunc())?;
    Some(value(a).cmp(&f))
}

/// The nearest double.
///
/// # Errors
/// OverflowError.
pub fn to_float(vm: &mut Vm, r: Ref) -> Res<f64> {
    if !access::is(r, BIGINT) {
        return Ok(access::int_value(r) as f64);
    }
    match value(r).to_f64() {
        Some(v) if v.is_finite() => Ok(v),
        _ => Err(vm.overflow_error("int too large to convert to float")),
    }
}

/// The integer that a finite double truncates to.
pub fn from_float(vm: &mut Vm, f: f64) -> Res<Ref> {
    if f.abs() < 9.2e18 {
        return Ok(vm.int(f as i64));
    }
    match BigInt::from_f64(f.trunc()) {
        Some(v) => Ok(object(vm, &v)),
        None => Err(not_finite(vm, f)),
    }
}

#[cold]
fn not_finite(vm: &mut Vm, f: f64) -> Raised {
    if f.is_nan() {
        vm.value_error("cannot convert float NaN to integer")
    } else {
        vm.overflow_error("cannot convert float infinity to integer")
    }
}

/// The correctly rounded quotient of two integers, the divisor not 0; None where it overflows.
pub fn true_quotient(a: &BigInt, b: &BigInt) -> Option<f64> {
    let negative = (a.sign() == Sign::Minus) != (b.sign() == Sign::Minus);
    let (a, b) = (a.magnitude(), b.magnitude());
    if a.bits() == 0 {
        return Some(0.0);
    }
    // A quotient of at least 66 bits, whose last bit says that something was cut off, rounds as the exact one would.
    let shift = b.bits() as i64 - a.bits() as i64 + 66;
    let (n, d): (BigUint, BigUint) =
        if shift >= 0 { (a << shift as usize, b.clone()) } else { (a.clone(), b << -shift as usize) };
    let mut q = &n / &d;
    if &q * &d != n {
        q |= BigUint::from(1u8);
    }
    // Subnormal results: cut so that one rounding happens, at the right place.
    let exponent = q.bits() as i64 - shift;
    let mut shift = shift;
    if exponent < -1021 {
        let keep = (exponent + 1074).max(0) + 2;
        let drop = q.bits() as i64 - keep;
        if drop > 0 {
            let cut = &q >> drop as usize;
            let lost = (&cut << drop as usize) != q;
            q = cut;
            if lost {
                q |= BigUint::from(1u8);
            }
            shift -= drop;
        }
        let low = q.to_u64()?;
        // At most 54 bits, to be rounded to a multiple of 2^(shift − 1074) units: do it in integers.
        let down = shift - 1074;
        let units = if down <= 0 {
            low << -down
        } else if down >= 64 {
            0
        } else {
            let floor = low >> down;
            let rest = low & ((1 << down) - 1);
            let half = 1u64 << (down - 1);
            floor + u64::from(rest > half || (rest == half && floor & 1 == 1))
        };
        let v = f64::from_bits(units);
        return Some(if negative { -v } else { v });
    }
    let v = q.to_f64()?;
    let v = super::numbers::ldexp(v, -shift);
    if v.is_infinite() {
        return None;
    }
    Some(if negative { -v } else { v })
}
