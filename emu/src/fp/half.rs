//! Half precision (Zfh): by way of double precision, in which sums and products of halves are exact.
//!
//! What is not exact there is rounded to odd, which keeps every later rounding to half precision right: the
//! double has more than two bits to spare.

use super::{F64, Format, NAN64, NV, NX, OF, RDN, RNE, RTZ, RUP, UF};
use super::{classify, min_max, ordered};
use rustc_apfloat::ieee::Half;

/// Canonical NaN, half precision.
pub const NAN16: u64 = 0x7e00;

struct F16;

impl Format for F16 {
    type Exact = Half;
    const NAN: u64 = NAN16;
    const SIGN: u64 = 1 << 15;
    const INF: u64 = 0x7c00;
    const QUIET: u64 = 1 << 9;
    const MIN_NORMAL: u64 = 1 << 10;
}

/// Exponent of the smallest normal number.
const LEAST: i32 = -14;

/// The double that equals a half. NaNs stay NaNs, signalling ones too.
fn widen(a: u64) -> u64 {
    let sign = (a & F16::SIGN) << 48;
    let (exponent, fraction) = (a >> 10 & 31, a & 0x3ff);
    sign | match (exponent, fraction) {
        (31, _) => F64::INF | fraction << 42,
        (0, _) => (fraction as f64 / 16_777_216.0).to_bits(),
        _ => (exponent + 1023 - 15) << 52 | fraction << 42,
    }
}

/// Whether a number between two neighbours goes to the one away from zero. `rest` is its distance from the
/// lower one in units of which `half` are the middle; `odd`: the lower one is odd.
fn goes_up(rest: u64, half: u64, odd: bool, negative: bool, mode: u64) -> bool {
    match mode {
        RNE => rest > half || (rest == half && odd),
        RTZ => false,
        RDN => rest != 0 && negative,
        RUP => rest != 0 && !negative,
        _ => rest >= half,
    }
}

/// A double that is no NaN, rounded to half precision. Overflow and tininess are judged after rounding with an
/// unbounded exponent.
fn narrow(a: u64, mode: u64, flags: &mut u32) -> u64 {
    let negative = a & F64::SIGN != 0;
    let sign = if negative { F16::SIGN } else { 0 };
    let magnitude = a & !F64::SIGN;
    if magnitude == 0 || magnitude == F64::INF {
        return sign | if magnitude == 0 { 0 } else { F16::INF };
    }
    // Below the normal doubles only "not zero" matters.
    let significand = magnitude & ((1 << 52) - 1) | 1 << 52;
    let exponent = ((magnitude >> 52) as i32).max(1) - 1023;
    let round = |shift: u32| {
        if shift > 54 {
            return (u64::from(goes_up(1, 2, false, negative, mode)), true);
        }
        let (kept, rest) = (significand >> shift, significand & ((1 << shift) - 1));
        let up = goes_up(rest, 1 << (shift - 1), kept & 1 == 1, negative, mode);
        (kept + u64::from(up), rest != 0)
    };
    let lost = (LEAST - exponent).max(0) as u32;
    let (kept, inexact) = round(42 + lost);
    let bits = if exponent < LEAST {
        kept
    } else {
        // A carry out of the significand moves into the exponent.
        (((exponent + 15) as u64) << 10) + kept - F16::MIN_NORMAL
    };
    if exponent > 15 || bits >= F16::INF {
        *flags |= OF | NX;
        let to_infinity = goes_up(3, 2, false, negative, mode);
        return sign | if to_infinity { F16::INF } else { F16::INF - 1 };
    }
    if inexact {
        *flags |= NX;
        let tiny = exponent < LEAST - 1 || (exponent == LEAST - 1 && round(42).0 < 2048);
        if tiny {
            *flags |= UF;
        }
    }
    sign | bits
}

/// An operation in double precision, as a half.
fn by_double(op: impl Fn(u64, &mut u32) -> u64, mode: u64, flags: &mut u32) -> u64 {
    let mut seen = 0;
    let mut result = op(RTZ, &mut seen);
    if seen & NX != 0 {
        result |= 1;
    } else {
        // Exact but for the sign of a zero.
        result = op(mode, &mut 0);
    }
    *flags |= seen & !NX;
    if result == NAN64 { NAN16 } else { narrow(result, mode, flags) }
}

macro_rules! arithmetic {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) by $op:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name($($arg: u64),*, mode: u64, flags: &mut u32) -> u64 {
            by_double(|mode, flags| super::$op($(widen($arg)),*, mode, flags), mode, flags)
        }
    )*};
}

arithmetic! {
    /// `a + b`
    f16_add(a, b) by f64_add;
    /// `a - b`
    f16_sub(a, b) by f64_sub;
    /// `a * b`
    f16_mul(a, b) by f64_mul;
    /// `a / b`
    f16_div(a, b) by f64_div;
    /// Square root.
    f16_sqrt(a) by f64_sqrt;
    /// `a * b + c`, rounded once.
    f16_mul_add(a, b, c) by f64_mul_add;
}

macro_rules! from_ints {
    ($($name:ident by $op:ident;)*) => {$(
        /// Converts the integer in the low bits of `a`.
        pub fn $name(a: u64, mode: u64, flags: &mut u32) -> u64 {
            by_double(|mode, flags| super::$op(a, mode, flags), mode, flags)
        }
    )*};
}

from_ints! {
    i32_to_f16 by i32_to_f64;
    u32_to_f16 by u32_to_f64;
    i64_to_f16 by i64_to_f64;
    u64_to_f16 by u64_to_f64;
}

macro_rules! to_ints {
    ($($name:ident by $op:ident;)*) => {$(
        /// Rounds to an integer; what does not fit is invalid and saturates, NaN to the largest.
        pub fn $name(a: u64, mode: u64, flags: &mut u32) -> u64 {
            super::$op(widen(a), mode, flags)
        }
    )*};
}

to_ints! {
    f16_to_i32 by f64_to_i32;
    f16_to_u32 by f64_to_u32;
    f16_to_i64 by f64_to_i64;
    f16_to_u64 by f64_to_u64;
}

/// Half to double, exact.
pub fn f16_to_f64(a: u64, _mode: u64, flags: &mut u32) -> u64 {
    super::nans::<F16>(&[a], flags).map_or_else(|| widen(a), |_| NAN64)
}

/// Half to single, exact.
pub fn f16_to_f32(a: u64, mode: u64, flags: &mut u32) -> u64 {
    let wide = f16_to_f64(a, mode, flags);
    super::f64_to_f32(wide, mode, flags)
}

/// Double to half.
pub fn f64_to_f16(a: u64, mode: u64, flags: &mut u32) -> u64 {
    super::nans::<F64>(&[a], flags).map_or_else(|| narrow(a, mode, flags), |_| NAN16)
}

/// Single to half.
pub fn f32_to_f16(a: u64, mode: u64, flags: &mut u32) -> u64 {
    let wide = super::f32_to_f64(a, mode, flags);
    f64_to_f16(wide, mode, flags)
}

/// minimumNumber
pub fn f16_min(a: u64, b: u64, flags: &mut u32) -> u64 {
    min_max::<F16>(a, b, false, flags)
}

/// maximumNumber
pub fn f16_max(a: u64, b: u64, flags: &mut u32) -> u64 {
    min_max::<F16>(a, b, true, flags)
}

/// Quiet comparison.
pub fn f16_eq(a: u64, b: u64, flags: &mut u32) -> bool {
    super::nans::<F16>(&[a, b], flags).is_none() && (a == b || (a | b) & !F16::SIGN == 0)
}

/// Signalling comparison.
pub fn f16_lt(a: u64, b: u64, flags: &mut u32) -> bool {
    f16_le(a, b, flags) && (a | b) & !F16::SIGN != 0 && a != b
}

/// Signalling comparison.
pub fn f16_le(a: u64, b: u64, flags: &mut u32) -> bool {
    if F16::is_nan(a) || F16::is_nan(b) {
        *flags |= NV;
        return false;
    }
    (a | b) & !F16::SIGN == 0 || ordered::<F16>(a) <= ordered::<F16>(b)
}

/// Class mask of `fclass`.
pub fn f16_classify(a: u64) -> u64 {
    classify::<F16>(a)
}

/// Rounds to an integral value.
pub fn f16_round(a: u64, mode: u64, flags: &mut u32) -> u64 {
    narrow_integral(super::f64_round(widen(a), mode, flags))
}

/// As [`f16_round`]; a changed value is inexact.
pub fn f16_round_exact(a: u64, mode: u64, flags: &mut u32) -> u64 {
    narrow_integral(super::f64_round_exact(widen(a), mode, flags))
}

/// An integral double that came from a half.
fn narrow_integral(a: u64) -> u64 {
    if a == NAN64 { NAN16 } else { narrow(a, RNE, &mut 0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_half_survives_widening() {
        for a in (0..=0xffff).filter(|a| !F16::is_nan(*a)) {
            for mode in 0..5 {
                let mut flags = 0;
                assert_eq!(f64_to_f16(widen(a), mode, &mut flags), a, "{a:#x} mode {mode}");
                assert_eq!(flags, 0, "{a:#x}");
            }
        }
    }

    /// Between two neighbouring halves: the middle, and a little to both sides of it.
    #[test]
    fn every_gap_rounds_by_its_mode() {
        for low in 0..F16::INF - 1 {
            let (x, y) = (f64::from_bits(widen(low)), f64::from_bits(widen(low + 1)));
            let middle = f64::midpoint(x, y);
            let even = low + (low & 1);
            for (value, nearest, away) in [
                (middle.next_down(), low, low),
                (middle, even, low + 1),
                (middle.next_up(), low + 1, low + 1),
            ] {
                for (mode, expected) in [(RNE, nearest), (RTZ, low), (RDN, low), (RUP, low + 1), (4, away)] {
                    let mut flags = 0;
                    assert_eq!(
                        f64_to_f16(value.to_bits(), mode, &mut flags),
                        expected,
                        "{value:e} mode {mode}"
                    );
                    assert!(flags & NX != 0);
                    let negative = match mode {
                        RDN => low + 1,
                        RUP => low,
                        _ => expected,
                    };
                    let result = f64_to_f16((-value).to_bits(), mode, &mut flags);
                    assert_eq!(result, negative | F16::SIGN, "-{value:e} mode {mode}");
                }
            }
        }
    }

    #[test]
    fn overflow_and_underflow() {
        let convert = |x: f64, mode| {
            let mut flags = 0;
            (f64_to_f16(x.to_bits(), mode, &mut flags), flags)
        };
        assert_eq!(convert(65504.0, RNE), (0x7bff, 0));
        assert_eq!(convert(65519.9, RNE), (0x7bff, NX));
        assert_eq!(convert(65520.0, RNE), (0x7c00, OF | NX));
        assert_eq!(convert(65520.0, RTZ), (0x7bff, NX));
        assert_eq!(convert(65536.0, RTZ), (0x7bff, OF | NX));
        assert_eq!(convert(-1e300, RUP), (0xfbff, OF | NX));
        assert_eq!(convert(1e-300, RNE), (0, UF | NX));
        assert_eq!(convert(1e-300, RUP), (1, UF | NX));
        assert_eq!(convert(f64::MIN_POSITIVE / 2.0, RUP), (1, UF | NX));
        // Just under the smallest normal number: tiny unless it rounds up with eleven bits.
        let least = 2f64.powi(-14);
        assert_eq!(convert(least * (1.0 - 2f64.powi(-13)), RNE), (0x400, NX));
        assert_eq!(convert(least * (1.0 - 2f64.powi(-12)), RNE), (0x400, NX));
        assert_eq!(convert(least * (1.0 - 1.5 * 2f64.powi(-12)), RNE), (0x400, UF | NX));
    }

    #[test]
    fn zeros_and_invalid_operations() {
        let run = |op: fn(u64, u64, u64, &mut u32) -> u64, a, b, mode| {
            let mut flags = 0;
            (op(a, b, mode, &mut flags), flags)
        };
        assert_eq!(run(f16_sub, 0x3c00, 0x3c00, RNE), (0, 0));
        assert_eq!(run(f16_sub, 0x3c00, 0x3c00, RDN), (0x8000, 0));
        assert_eq!(run(f16_sub, 0x7c00, 0x7c00, RNE), (NAN16, NV));
        assert_eq!(run(f16_add, 0x7d00, 0x3c00, RNE), (NAN16, NV));
        assert_eq!(run(f16_add, 0x7e01, 0x3c00, RNE), (NAN16, 0));
        assert_eq!(run(f16_div, 0x3c00, 0x8000, RNE), (0xfc00, super::super::DZ));
        assert_eq!(run(f16_div, 0x3c00, 0x4200, RNE), (0x3555, NX));
        assert!(f16_le(0x8000, 0, &mut 0) && !f16_lt(0x8000, 0, &mut 0) && f16_eq(0, 0x8000, &mut 0));
    }
}
