//! The common cases of floating-point operations, by host arithmetic and without calls.
//!
//! Each function gives `None`, with the flags unchanged, where the case is not common. Rounding to nearest-even
//! with a finite result in the normal range can change no flag but inexact, and where that is set already nothing
//! has to be found out at all. Host arithmetic must be in its default state: nearest-even, no flushing of
//! subnormals.

use super::{NX, RNE, RTZ};

/// Finite and larger than the smallest normal number: rounding to it overflowed and underflowed nothing.
#[inline(always)]
fn ordinary64(r: f64) -> bool {
    const LEAST: u64 = (1 << 52) + 1;
    (r.to_bits() & !(1 << 63)).wrapping_sub(LEAST) < (0x7ff << 52) - LEAST
}

/// As [`ordinary64`], in single precision.
#[inline(always)]
fn ordinary32(r: f32) -> bool {
    const LEAST: u32 = (1 << 23) + 1;
    (r.to_bits() & !(1 << 31)).wrapping_sub(LEAST) < (0xff << 23) - LEAST
}

macro_rules! arithmetic {
    ($float:ty, $bits:ty, $ordinary:ident, $add:ident, $sub:ident, $mul:ident, $div:ident, $sqrt:ident, $mul_add:ident) => {
        #[inline(always)]
        pub fn $add(a: u64, b: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            let (x, y) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let r = x + y;
            if mode != RNE || !r.is_finite() {
                return None;
            }
            if *flags & NX == 0 {
                // Knuth's TwoSum is error-free away from overflow.
                if r.abs() > <$float>::MAX / 4.0 {
                    return None;
                }
                let part = r - x;
                if (x - (r - part)) + (y - part) != 0.0 {
                    *flags |= NX;
                }
            }
            Some(u64::from(r.to_bits()))
        }

        #[inline(always)]
        pub fn $sub(a: u64, b: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            // Not `b ^ sign`: a NaN gives up either way.
            $add(a, u64::from((-<$float>::from_bits(b as $bits)).to_bits()), mode, flags)
        }

        #[inline(always)]
        pub fn $mul(a: u64, b: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            let (x, y) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let r = x * y;
            let known = $ordinary(r) && *flags & NX != 0;
            let zero = r == 0.0 && (x == 0.0 || y == 0.0);
            (mode == RNE && (known || zero)).then_some(u64::from(r.to_bits()))
        }

        #[inline(always)]
        pub fn $div(a: u64, b: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            let (x, y) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let r = x / y;
            let known = $ordinary(r) && *flags & NX != 0;
            let zero = r == 0.0 && x == 0.0;
            (mode == RNE && (known || zero)).then_some(u64::from(r.to_bits()))
        }

        #[inline(always)]
        pub fn $sqrt(a: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            let x = <$float>::from_bits(a as $bits);
            let known = x > 0.0 && x.is_finite() && *flags & NX != 0;
            (mode == RNE && known).then(|| u64::from(x.sqrt().to_bits()))
        }

        #[inline(always)]
        pub fn $mul_add(a: u64, b: u64, c: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            if mode != RNE || *flags & NX == 0 {
                return None;
            }
            let (x, y) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let r = x.mul_add(y, <$float>::from_bits(c as $bits));
            $ordinary(r).then_some(u64::from(r.to_bits()))
        }
    };
}

arithmetic!(f64, u64, ordinary64, f64_add, f64_sub, f64_mul, f64_div, f64_sqrt, f64_mul_add);
arithmetic!(f32, u32, ordinary32, f32_add, f32_sub, f32_mul, f32_div, f32_sqrt, f32_mul_add);

/// Conversions to zero of what fits: `x` lies strictly between `below` and `limit`, and then its integral part
/// fits a signed 64-bit integer.
macro_rules! to_ints {
    ($($name:ident $single:ident $mask:expr, $below:expr, $limit:expr;)*) => {$(
        #[inline(always)]
        pub fn $name(a: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            let x = f64::from_bits(a);
            if mode != RTZ || !(x > $below && x < $limit) {
                return None;
            }
            let v = x as i64;
            if v as f64 != x {
                *flags |= NX;
            }
            Some(v as u64 & $mask)
        }

        #[inline(always)]
        pub fn $single(a: u64, mode: u64, flags: &mut u32) -> Option<u64> {
            $name(f64::from(f32::from_bits(a as u32)).to_bits(), mode, flags)
        }
    )*};
}

to_ints! {
    f64_to_i32 f32_to_i32 0xffff_ffff, -2_147_483_649.0, 2_147_483_648.0;
    f64_to_u32 f32_to_u32 0xffff_ffff, -1.0, 4_294_967_296.0;
    f64_to_i64 f32_to_i64 u64::MAX, -9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0;
    f64_to_u64 f32_to_u64 u64::MAX, -1.0, 9_223_372_036_854_775_808.0;
}

/// Conversions of integers that are small enough to be exact.
macro_rules! from_ints {
    ($($name:ident $int:ty => $float:ty, $limit:expr;)*) => {$(
        #[inline(always)]
        pub fn $name(a: u64, _mode: u64, _flags: &mut u32) -> Option<u64> {
            let v = i64::try_from(a as $int).ok()?;
            if v.unsigned_abs() > $limit {
                return None;
            }
            Some(u64::from((v as $float).to_bits()))
        }
    )*};
}

from_ints! {
    i32_to_f64 i32 => f64, 1 << 53;
    u32_to_f64 u32 => f64, 1 << 53;
    i64_to_f64 i64 => f64, 1 << 53;
    u64_to_f64 u64 => f64, 1 << 53;
    i32_to_f32 i32 => f32, 1 << 24;
    u32_to_f32 u32 => f32, 1 << 24;
    i64_to_f32 i64 => f32, 1 << 24;
    u64_to_f32 u64 => f32, 1 << 24;
}

#[inline(always)]
pub fn f32_to_f64(a: u64, _mode: u64, _flags: &mut u32) -> Option<u64> {
    let x = f32::from_bits(a as u32);
    (!x.is_nan()).then_some(f64::from(x).to_bits())
}

#[inline(always)]
pub fn f64_to_f32(a: u64, mode: u64, flags: &mut u32) -> Option<u64> {
    let x = f64::from_bits(a);
    let r = x as f32;
    if mode != RNE || !(r.is_finite() && r.abs() > f32::MIN_POSITIVE) {
        return None;
    }
    if f64::from(r) != x {
        *flags |= NX;
    }
    Some(u64::from(r.to_bits()))
}
