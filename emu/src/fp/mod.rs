//! Floating-point operations with RISC-V results and accrued exception flags.
//!
//! Values are bit patterns in the low bits of a `u64` (single precision: 32 bits, not boxed); `mode` is a
//! valid rounding mode 0..=4 (rne, rtz, rdn, rup, rmm); `flags` is `fflags`. Every NaN result is the
//! canonical one; tininess is detected after rounding (unprivileged ISA manual, chapters "F" and "D").
//!
//! Two paths with one meaning: [`fast`] (and `first`) use host arithmetic where that is enough; everything else is
//! done exactly, here, mostly by `rustc_apfloat`.

use rustc_apfloat::ieee::{Double, Single};
use rustc_apfloat::{Category, Float, FloatConvert, Round, Status, StatusAnd};

/// Invalid operation.
pub const NV: u32 = 16;
/// Division by zero.
pub const DZ: u32 = 8;
/// Overflow.
pub const OF: u32 = 4;
/// Underflow.
pub const UF: u32 = 2;
/// Inexact.
pub const NX: u32 = 1;

/// Canonical NaN, double precision.
pub const NAN64: u64 = 0x7ff8_0000_0000_0000;
/// Canonical NaN, single precision.
pub const NAN32: u64 = 0x7fc0_0000;

const RNE: u64 = 0;
const RTZ: u64 = 1;
const RDN: u64 = 2;
const RUP: u64 = 3;

/// Binary exponent by which an operation at the edge of the exponent range is scaled to see its result
/// without the edge; no operand leaves its own range by it.
const LIFT: i32 = 60;

fn round(mode: u64) -> Round {
    match mode {
        RNE => Round::NearestTiesToEven,
        RTZ => Round::TowardZero,
        RDN => Round::TowardNegative,
        RUP => Round::TowardPositive,
        _ => Round::NearestTiesToAway,
    }
}

/// The single in a register: its low half if properly boxed, else the canonical NaN.
#[inline(always)]
pub fn unbox(value: u64) -> u64 {
    if value >> 32 == 0xffff_ffff { value & 0xffff_ffff } else { NAN32 }
}

/// A binary format: host type, exact type and constants.
trait Format {
    type Exact: Float;
    const NAN: u64;
    const SIGN: u64;
    const INF: u64;
    const QUIET: u64;
    const MIN_NORMAL: u64;

    fn is_nan(bits: u64) -> bool {
        bits & !Self::SIGN > Self::INF
    }

    fn is_signaling(bits: u64) -> bool {
        Self::is_nan(bits) && bits & Self::QUIET == 0
    }

    fn exact(bits: u64) -> Self::Exact {
        Self::Exact::from_bits(u128::from(bits))
    }
}

struct F32;
struct F64;

impl Format for F32 {
    type Exact = Single;
    const NAN: u64 = NAN32;
    const SIGN: u64 = 1 << 31;
    const INF: u64 = 0x7f80_0000;
    const QUIET: u64 = 1 << 22;
    const MIN_NORMAL: u64 = 1 << 23;
}

impl Format for F64 {
    type Exact = Double;
    const NAN: u64 = NAN64;
    const SIGN: u64 = 1 << 63;
    const INF: u64 = 0x7ff0_0000_0000_0000;
    const QUIET: u64 = 1 << 51;
    const MIN_NORMAL: u64 = 1 << 52;
}

/// NaN operands decide the result: `Some(canonical NaN)`, invalid if one is signalling.
fn nans<F: Format>(operands: &[u64], flags: &mut u32) -> Option<u64> {
    if operands.iter().any(|o| F::is_signaling(*o)) {
        *flags |= NV;
    }
    operands.iter().any(|o| F::is_nan(*o)).then_some(F::NAN)
}

/// Accrues an exact operation's status and gives its result.
///
/// RISC-V judges overflow and tininess after rounding as if the exponent had no bounds, `rustc_apfloat` by
/// the bounded result. They differ where the result is the largest finite or the smallest normal number;
/// there `scaled(e)` is asked, which computes the operation times 2^e.
fn finish<F: Format>(result: StatusAnd<F::Exact>, scaled: impl Fn(i32) -> F::Exact, flags: &mut u32) -> u64 {
    let StatusAnd { status, value } = result;
    for (bit, flag) in [
        (Status::INVALID_OP, NV),
        (Status::DIV_BY_ZERO, DZ),
        (Status::OVERFLOW, OF | NX),
        (Status::UNDERFLOW, UF | NX),
        (Status::INEXACT, NX),
    ] {
        if status.contains(bit) {
            *flags |= flag;
        }
    }
    if value.category() == Category::NaN {
        return F::NAN;
    }
    let bits = value.to_bits() as u64;
    if status.contains(Status::INEXACT) {
        let magnitude = bits & !F::SIGN;
        if magnitude == F::MIN_NORMAL && scaled(LIFT).abs() < F::exact(F::MIN_NORMAL).scalbn(LIFT) {
            *flags |= UF;
        } else if magnitude == F::INF - 1 && scaled(-LIFT).abs() > F::exact(F::INF - 1).scalbn(-LIFT) {
            *flags |= OF;
        }
    }
    bits
}

/// `v` times 2^e; what gets too small to represent stays on its side of zero.
fn scale<E: Float>(v: E, e: i32) -> E {
    v.scalbn_r(e, if v.is_negative() { Round::TowardNegative } else { Round::TowardPositive })
}

/// Two factors, one of them scaled by 2^e: the one that has room for it.
fn scale_product<E: Float>(a: E, b: E, e: i32) -> (E, E) {
    if (a.abs() < b.abs()) == (e > 0) { (a.scalbn(e), b) } else { (a, b.scalbn(e)) }
}

fn exact_add<F: Format>(a: u64, b: u64, mode: u64, flags: &mut u32) -> u64 {
    if let Some(nan) = nans::<F>(&[a, b], flags) {
        return nan;
    }
    let (a, b) = (F::exact(a), F::exact(b));
    let scaled = |e| scale(a, e).add_r(scale(b, e), round(mode)).value;
    finish::<F>(a.add_r(b, round(mode)), scaled, flags)
}

fn exact_mul<F: Format>(a: u64, b: u64, mode: u64, flags: &mut u32) -> u64 {
    if let Some(nan) = nans::<F>(&[a, b], flags) {
        return nan;
    }
    let (a, b) = (F::exact(a), F::exact(b));
    let scaled = |e| {
        let (a, b) = scale_product(a, b, e);
        a.mul_r(b, round(mode)).value
    };
    finish::<F>(a.mul_r(b, round(mode)), scaled, flags)
}

fn exact_div<F: Format>(a: u64, b: u64, mode: u64, flags: &mut u32) -> u64 {
    if let Some(nan) = nans::<F>(&[a, b], flags) {
        return nan;
    }
    let (a, b) = (F::exact(a), F::exact(b));
    let scaled = |e| a.scalbn(e).div_r(b, round(mode)).value;
    finish::<F>(a.div_r(b, round(mode)), scaled, flags)
}

fn exact_mul_add<F: Format>(a: u64, b: u64, c: u64, mode: u64, flags: &mut u32) -> u64 {
    let magnitude = |v: u64| v & !F::SIGN;
    let infinite_zero =
        (magnitude(a) == F::INF && magnitude(b) == 0) || (magnitude(a) == 0 && magnitude(b) == F::INF);
    if infinite_zero {
        // Invalid even if the addend is a quiet NaN.
        *flags |= NV;
        return F::NAN;
    }
    if let Some(nan) = nans::<F>(&[a, b, c], flags) {
        return nan;
    }
    let (a, b, c) = (F::exact(a), F::exact(b), F::exact(c));
    let scaled = |e| {
        let (a, b) = scale_product(a, b, e);
        a.mul_add_r(b, scale(c, e), round(mode)).value
    };
    finish::<F>(a.mul_add_r(b, c, round(mode)), scaled, flags)
}

/// Square root by integer arithmetic, correctly rounded; the result is never subnormal.
fn exact_sqrt<F: Format>(a: u64, mode: u64, flags: &mut u32) -> u64 {
    if let Some(nan) = nans::<F>(&[a], flags) {
        return nan;
    }
    if a & !F::SIGN == 0 || a == F::INF {
        return a;
    }
    if a & F::SIGN != 0 {
        *flags |= NV;
        return F::NAN;
    }
    let fraction_bits = F::MIN_NORMAL.trailing_zeros() as i32;
    let bias = (F::INF >> fraction_bits >> 1) as i32;
    let biased = (a >> fraction_bits) as i32;
    let fraction = a & (F::MIN_NORMAL - 1);
    let (significand, exponent) = if biased == 0 {
        (fraction, 1 - bias - fraction_bits)
    } else {
        (fraction | F::MIN_NORMAL, biased - bias - fraction_bits)
    };
    // Shift so that the root has at least two bits more than the format, and the exponent is even.
    let mut shift = 2 * (fraction_bits + 3) - (64 - significand.leading_zeros() as i32);
    shift += (exponent - shift) & 1;
    let radicand = u128::from(significand) << shift;
    let root = radicand.isqrt();
    let remainder = root * root != radicand;
    let extra = 128 - root.leading_zeros() as i32 - (fraction_bits + 1);
    let mut kept = (root >> extra) as u64;
    let rest = (root & ((1 << extra) - 1)) * 2 + u128::from(remainder);
    let half = 1u128 << extra;
    let up = match mode {
        RNE => rest > half || (rest == half && kept & 1 == 1),
        RTZ | RDN => false,
        RUP => rest != 0,
        _ => rest >= half,
    };
    if rest != 0 {
        *flags |= NX;
    }
    kept += u64::from(up);
    let exponent = (exponent - shift) / 2 + extra + fraction_bits;
    // A carry out of the significand moves into the exponent, as the formats are made for.
    (((exponent + bias) as u64) << fraction_bits) + (kept - F::MIN_NORMAL)
}

fn min_max<F: Format>(a: u64, b: u64, max: bool, flags: &mut u32) -> u64 {
    if F::is_signaling(a) || F::is_signaling(b) {
        *flags |= NV;
    }
    match (F::is_nan(a), F::is_nan(b)) {
        (true, true) => F::NAN,
        (true, false) => b,
        (false, true) => a,
        (false, false) => {
            if (ordered::<F>(a) < ordered::<F>(b)) != max {
                a
            } else {
                b
            }
        }
    }
}

/// A key that orders numbers as `-inf < … < -0 < +0 < … < inf`.
fn ordered<F: Format>(bits: u64) -> i64 {
    let magnitude = (bits & !F::SIGN) as i64;
    if bits & F::SIGN != 0 { -1 - magnitude } else { magnitude }
}

fn classify<F: Format>(a: u64) -> u64 {
    let negative = a & F::SIGN != 0;
    let magnitude = a & !F::SIGN;
    let class = if F::is_nan(a) {
        return if F::is_signaling(a) { 1 << 8 } else { 1 << 9 };
    } else if magnitude == F::INF {
        0
    } else if magnitude >= F::MIN_NORMAL {
        1
    } else if magnitude != 0 {
        2
    } else {
        3
    };
    1 << if negative { class } else { 7 - class }
}

/// Defines a public operation from its fast form, which gives `None` where the exact one is needed.
macro_rules! two_paths {
    ($($(#[$doc:meta])* $name:ident($($arg:ident),*) or $exact:expr;)*) => {$(
        $(#[$doc])*
        #[inline]
        pub fn $name($($arg: u64),*, flags: &mut u32) -> u64 {
            match fast::$name($($arg),*, flags) {
                Some(result) => result,
                None => $exact($($arg),*, flags),
            }
        }
    )*};
}

two_paths! {
    /// `a + b`
    f64_add(a, b, mode) or exact_add::<F64>;
    /// `a - b`
    f64_sub(a, b, mode) or |a, b, mode, flags| exact_add::<F64>(a, b ^ F64::SIGN, mode, flags);
    /// `a * b`
    f64_mul(a, b, mode) or first::f64_mul;
    /// `a / b`
    f64_div(a, b, mode) or first::f64_div;
    /// Square root.
    f64_sqrt(a, mode) or first::f64_sqrt;
    /// `a * b + c`, rounded once.
    f64_mul_add(a, b, c, mode) or exact_mul_add::<F64>;
    /// `a + b`
    f32_add(a, b, mode) or exact_add::<F32>;
    /// `a - b`
    f32_sub(a, b, mode) or |a, b, mode, flags| exact_add::<F32>(a, b ^ F32::SIGN, mode, flags);
    /// `a * b`
    f32_mul(a, b, mode) or first::f32_mul;
    /// `a / b`
    f32_div(a, b, mode) or first::f32_div;
    /// Square root.
    f32_sqrt(a, mode) or first::f32_sqrt;
    /// `a * b + c`, rounded once.
    f32_mul_add(a, b, c, mode) or exact_mul_add::<F32>;
    /// Rounds to an integer; what does not fit is invalid and saturates, NaN to the largest.
    f64_to_i32(a, mode) or exact_f64_to_i32;
    /// As [`f64_to_i32`].
    f64_to_u32(a, mode) or exact_f64_to_u32;
    /// As [`f64_to_i32`].
    f64_to_i64(a, mode) or exact_f64_to_i64;
    /// As [`f64_to_i32`].
    f64_to_u64(a, mode) or exact_f64_to_u64;
    /// As [`f64_to_i32`].
    f32_to_i32(a, mode) or |a, mode, flags| exact_f64_to_i32(widen(a), mode, flags);
    /// As [`f64_to_i32`].
    f32_to_u32(a, mode) or |a, mode, flags| exact_f64_to_u32(widen(a), mode, flags);
    /// As [`f64_to_i32`].
    f32_to_i64(a, mode) or |a, mode, flags| exact_f64_to_i64(widen(a), mode, flags);
    /// As [`f64_to_i32`].
    f32_to_u64(a, mode) or |a, mode, flags| exact_f64_to_u64(widen(a), mode, flags);
    /// Converts the integer in the low bits of `a`.
    i32_to_f64(a, mode) or exact_i32_to_f64;
    /// As [`i32_to_f64`].
    u32_to_f64(a, mode) or exact_u32_to_f64;
    /// As [`i32_to_f64`].
    i64_to_f64(a, mode) or exact_i64_to_f64;
    /// As [`i32_to_f64`].
    u64_to_f64(a, mode) or exact_u64_to_f64;
    /// As [`i32_to_f64`].
    i32_to_f32(a, mode) or exact_i32_to_f32;
    /// As [`i32_to_f64`].
    u32_to_f32(a, mode) or exact_u32_to_f32;
    /// As [`i32_to_f64`].
    i64_to_f32(a, mode) or exact_i64_to_f32;
    /// As [`i32_to_f64`].
    u64_to_f32(a, mode) or exact_u64_to_f32;
    /// Single to double, exact.
    f32_to_f64(a, mode) or |a, _, flags| exact_widen(a, flags);
    /// Double to single.
    f64_to_f32(a, mode) or exact_narrow;
}

macro_rules! plain_ops {
    ($format:ty, $float:ty, $bits:ty, $min:ident, $max:ident, $eq:ident, $lt:ident, $le:ident, $classify:ident) => {
        /// minimumNumber
        #[inline]
        pub fn $min(a: u64, b: u64, flags: &mut u32) -> u64 {
            min_max::<$format>(a, b, false, flags)
        }

        /// maximumNumber
        #[inline]
        pub fn $max(a: u64, b: u64, flags: &mut u32) -> u64 {
            min_max::<$format>(a, b, true, flags)
        }

        /// Quiet comparison.
        #[inline]
        pub fn $eq(a: u64, b: u64, flags: &mut u32) -> bool {
            if <$format>::is_signaling(a) || <$format>::is_signaling(b) {
                *flags |= NV;
            }
            <$float>::from_bits(a as $bits) == <$float>::from_bits(b as $bits)
        }

        /// Signalling comparison.
        #[inline]
        pub fn $lt(a: u64, b: u64, flags: &mut u32) -> bool {
            if <$format>::is_nan(a) || <$format>::is_nan(b) {
                *flags |= NV;
            }
            <$float>::from_bits(a as $bits) < <$float>::from_bits(b as $bits)
        }

        /// Signalling comparison.
        #[inline]
        pub fn $le(a: u64, b: u64, flags: &mut u32) -> bool {
            if <$format>::is_nan(a) || <$format>::is_nan(b) {
                *flags |= NV;
            }
            <$float>::from_bits(a as $bits) <= <$float>::from_bits(b as $bits)
        }

        /// Class mask of `fclass`.
        #[inline]
        pub fn $classify(a: u64) -> u64 {
            classify::<$format>(a)
        }
    };
}

plain_ops!(F64, f64, u64, f64_min, f64_max, f64_eq, f64_lt, f64_le, f64_classify);
plain_ops!(F32, f32, u32, f32_min, f32_max, f32_eq, f32_lt, f32_le, f32_classify);

/// Rounds to an integral value; exact for every double.
#[inline]
fn integral(x: f64, mode: u64) -> f64 {
    match mode {
        RNE => x.round_ties_even(),
        RTZ => x.trunc(),
        RDN => x.floor(),
        RUP => x.ceil(),
        _ => x.round(),
    }
}

/// Rounds to an integral value of `min..limit` (both exactly representable), or is invalid.
#[inline]
fn to_int(x: f64, mode: u64, flags: &mut u32, min: f64, limit: f64) -> Option<f64> {
    let r = integral(x, mode);
    if r >= min && r < limit {
        if r != x {
            *flags |= NX;
        }
        return Some(r);
    }
    *flags |= NV;
    None
}

macro_rules! to_ints {
    ($($name:ident $int:ty, $mask:expr, $min:expr, $limit:expr;)*) => {$(
        fn $name(a: u64, mode: u64, flags: &mut u32) -> u64 {
            let x = f64::from_bits(a);
            let value = match to_int(x, mode, flags, $min, $limit) {
                Some(r) => r as $int,
                None if x < 0.0 => <$int>::MIN,
                None => <$int>::MAX,
            };
            value as u64 & $mask
        }
    )*};
}

const P31: f64 = 2_147_483_648.0;
const P32: f64 = 4_294_967_296.0;
const P63: f64 = 9_223_372_036_854_775_808.0;
const P64: f64 = 18_446_744_073_709_551_616.0;

to_ints! {
    exact_f64_to_i32 i32, 0xffff_ffff, -P31, P31;
    exact_f64_to_u32 u32, 0xffff_ffff, 0.0, P32;
    exact_f64_to_i64 i64, u64::MAX, -P63, P63;
    exact_f64_to_u64 u64, u64::MAX, 0.0, P64;
}

/// An integer rounded to a format by the host (nearest-even), corrected for `mode`. `nearest` is that
/// result, `down` and `up` are its neighbours, all as integers.
fn directed(v: i128, nearest: i128, down: i128, up: i128, mode: u64) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let (low, high) = if nearest < v { (nearest, up) } else { (down, nearest) };
    let want_high = match mode {
        RNE => return Equal,
        RTZ => v < 0,
        RDN => false,
        RUP => true,
        _ if v - low == high - v => v > 0,
        _ => return Equal,
    };
    match (want_high, nearest == high) {
        (true, false) => Greater,
        (false, true) => Less,
        _ => Equal,
    }
}

macro_rules! from_ints {
    ($($name:ident $int:ty => $float:ty;)*) => {$(
        fn $name(a: u64, mode: u64, flags: &mut u32) -> u64 {
            let v = a as $int;
            let r = v as $float;
            // Through i128, as the largest values round up to one past the type.
            if r as i128 == i128::from(v) {
                return u64::from(r.to_bits());
            }
            *flags |= NX;
            let (down, up) = (r.next_down(), r.next_up());
            let r = match directed(i128::from(v), r as i128, down as i128, up as i128, mode) {
                std::cmp::Ordering::Less => down,
                std::cmp::Ordering::Equal => r,
                std::cmp::Ordering::Greater => up,
            };
            u64::from(r.to_bits())
        }
    )*};
}

from_ints! {
    exact_i32_to_f64 i32 => f64;
    exact_u32_to_f64 u32 => f64;
    exact_i64_to_f64 i64 => f64;
    exact_u64_to_f64 u64 => f64;
    exact_i32_to_f32 i32 => f32;
    exact_u32_to_f32 u32 => f32;
    exact_i64_to_f32 i64 => f32;
    exact_u64_to_f32 u64 => f32;
}

/// The double that equals a single; NaNs stay NaNs.
#[inline(always)]
fn widen(a: u64) -> u64 {
    f64::from(f32::from_bits(a as u32)).to_bits()
}

fn exact_widen(a: u64, flags: &mut u32) -> u64 {
    match nans::<F32>(&[a], flags) {
        Some(_) => NAN64,
        None => widen(a),
    }
}

fn exact_narrow(a: u64, mode: u64, flags: &mut u32) -> u64 {
    if nans::<F64>(&[a], flags).is_some() {
        return NAN32;
    }
    let narrow = |x: Double| -> StatusAnd<Single> { x.convert_r(round(mode), &mut false) };
    let exact = F64::exact(a);
    finish::<F32>(narrow(exact), |e| narrow(exact.scalbn(e)).value, flags)
}

macro_rules! rounds {
    ($($name:ident $exact:ident $format:ty, |$a:ident| $wide:expr, |$r:ident| $narrow:expr;)*) => {$(
        /// Rounds to an integral value.
        pub fn $name($a: u64, mode: u64, flags: &mut u32) -> u64 {
            match nans::<$format>(&[$a], flags) {
                Some(nan) => nan,
                None => {
                    let $r = integral($wide, mode);
                    $narrow
                }
            }
        }

        /// The same; a changed value is inexact.
        pub fn $exact(a: u64, mode: u64, flags: &mut u32) -> u64 {
            let r = $name(a, mode, flags);
            if r != a && !<$format>::is_nan(a) {
                *flags |= NX;
            }
            r
        }
    )*};
}

rounds! {
    f64_round f64_round_exact F64, |a| f64::from_bits(a), |r| r.to_bits();
    f32_round f32_round_exact F32, |a| f64::from_bits(widen(a)), |r| u64::from((r as f32).to_bits());
}

/// The number that `fli` loads, in the format of `width` bits.
pub fn constant(width: u8, index: u64) -> u64 {
    isa_spec::sem::fp_constant(width, index as u8)
}

pub mod fast;
mod first;
mod half;

pub use half::{
    NAN16, f16_add, f16_classify, f16_div, f16_eq, f16_le, f16_lt, f16_max, f16_min, f16_mul, f16_mul_add,
    f16_round, f16_round_exact, f16_sqrt, f16_sub, f16_to_f32, f16_to_f64, f16_to_i32, f16_to_i64,
    f16_to_u32, f16_to_u64, f32_to_f16, f64_to_f16, i32_to_f16, i64_to_f16, u32_to_f16, u64_to_f16,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Operands where formats have their edges, and random ones of every magnitude.
    struct Operands(u64);

    impl Operands {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn of<F: Format>(&mut self) -> u64 {
            let edges =
                [0, 1, F::MIN_NORMAL - 1, F::MIN_NORMAL, F::MIN_NORMAL + 1, F::INF - 1, F::INF, F::NAN];
            let one = (F::INF / 2) & !(F::MIN_NORMAL - 1);
            let all = F::SIGN | (F::SIGN - 1);
            let r = self.next();
            match r % 4 {
                0 => edges[(r >> 8) as usize % edges.len()] | r & F::SIGN,
                // Small integers and short fractions: often exact.
                1 => {
                    (one + (r >> 8) % 9 * F::MIN_NORMAL + ((r >> 20) % 8) * (F::MIN_NORMAL / 8)) | r & F::SIGN
                }
                // Around 1.
                2 => (r & (F::MIN_NORMAL - 1) | one) | r & F::SIGN,
                _ => r & all,
            }
        }
    }

    type Op = fn(u64, u64, u64, &mut u32) -> u64;

    fn same_on_both_paths<F: Format>(pairs: &[(&str, Op, Op)]) {
        let mut operands = Operands(0x2545_f491_4f6c_dd1d);
        for n in 0..5_000 {
            let (a, b) = (operands.of::<F>(), operands.of::<F>());
            for (name, fast, exact) in pairs {
                for before in [0, NX] {
                    for mode in 0..5 {
                        let (mut f, mut g) = (before, before);
                        let (r, s) = (fast(a, b, mode, &mut f), exact(a, b, mode, &mut g));
                        assert_eq!((r, f), (s, g), "#{n} {name} {a:#x} {b:#x} mode {mode} flags {before}");
                    }
                }
            }
        }
    }

    #[test]
    fn double_fast_path_equals_exact_path() {
        same_on_both_paths::<F64>(&[
            ("add", f64_add, exact_add::<F64>),
            ("mul", f64_mul, exact_mul::<F64>),
            ("div", f64_div, exact_div::<F64>),
            ("sqrt", |a, _, m, f| f64_sqrt(a, m, f), |a, _, m, f| exact_sqrt::<F64>(a, m, f)),
            (
                "fma",
                |a, b, m, f| f64_mul_add(a, b, a ^ F64::SIGN, m, f),
                |a, b, m, f| exact_mul_add::<F64>(a, b, a ^ F64::SIGN, m, f),
            ),
        ]);
    }

    #[test]
    fn single_fast_path_equals_exact_path() {
        same_on_both_paths::<F32>(&[
            ("add", f32_add, exact_add::<F32>),
            ("mul", f32_mul, exact_mul::<F32>),
            ("div", f32_div, exact_div::<F32>),
            ("sqrt", |a, _, m, f| f32_sqrt(a, m, f), |a, _, m, f| exact_sqrt::<F32>(a, m, f)),
            (
                "fma",
                |a, b, m, f| f32_mul_add(a, b, a ^ F32::SIGN, m, f),
                |a, b, m, f| exact_mul_add::<F32>(a, b, a ^ F32::SIGN, m, f),
            ),
        ]);
    }

    fn check(name: &str, expected: (u64, u32), op: impl Fn(&mut u32) -> u64) {
        let mut flags = 0;
        let result = op(&mut flags);
        assert_eq!((result, flags), expected, "{name}: got {result:#x}, flags {flags:#x}");
    }

    /// The largest finite double, and the smallest normal one.
    const MAX: u64 = 0x7fef_ffff_ffff_ffff;
    const MIN: u64 = 0x0010_0000_0000_0000;
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    const INF: u64 = F64::INF;

    #[test]
    fn overflow_is_judged_without_exponent_bounds() {
        check("max+max rne", (INF, OF | NX), |f| f64_add(MAX, MAX, RNE, f));
        check("max+max rtz", (MAX, OF | NX), |f| f64_add(MAX, MAX, RTZ, f));
        check("max+1 rtz", (MAX, NX), |f| f64_add(MAX, ONE, RTZ, f));
        check("max+1 rup", (INF, OF | NX), |f| f64_add(MAX, ONE, RUP, f));
        check("max*2-1 rdn", (MAX, OF | NX), |f| {
            f64_mul_add(MAX, 0x4000_0000_0000_0000, ONE | F64::SIGN, RDN, f)
        });
        check("narrow max rtz", (0x7f7f_ffff, OF | NX), |f| f64_to_f32(MAX, RTZ, f));
    }

    #[test]
    fn tininess_is_detected_after_rounding() {
        // (1 - 2^-53) times the smallest normal rounds up to it, but not with 53 bits and no bounds.
        check("tiny before", (MIN, UF | NX), |f| f64_mul(MIN, 0x3fef_ffff_ffff_ffff, RNE, f));
        // 2^-1022 - 2^-1076 + ...: rounds up to the smallest normal with 53 bits too.
        let (a, b) = (0x3ff0_0000_0000_0001, 0x000f_ffff_ffff_ffff);
        check("not tiny", (MIN, NX), |f| f64_mul(a, b, RUP, f));
        check("subnormal, exact", (1, 0), |f| f64_mul(2, 0x3fe0_0000_0000_0000, RNE, f));
        check("to zero", (0, UF | NX), |f| f64_mul(1, 0x3fd0_0000_0000_0000, RNE, f));
    }

    #[test]
    fn nans_and_invalid_operations() {
        let signaling = 0x7ff0_0000_0000_0001;
        check("snan+1", (NAN64, NV), |f| f64_add(signaling, ONE, RNE, f));
        check("qnan+1", (NAN64, 0), |f| f64_add(NAN64 | 5 | F64::SIGN, ONE, RNE, f));
        check("inf-inf", (NAN64, NV), |f| f64_sub(INF, INF, RNE, f));
        check("0*inf+qnan", (NAN64, NV), |f| f64_mul_add(0, INF, NAN64, RNE, f));
        check("1/0", (INF, DZ), |f| f64_div(ONE, 0, RNE, f));
        check("0/0", (NAN64, NV), |f| f64_div(0, 0, RNE, f));
        check("sqrt -1", (NAN64, NV), |f| f64_sqrt(ONE | F64::SIGN, RNE, f));
        check("sqrt -0", (F64::SIGN, 0), |f| f64_sqrt(F64::SIGN, RNE, f));
        check("min snan", (ONE, NV), |f| f64_min(signaling, ONE, f));
        check("min -0 +0", (F64::SIGN, 0), |f| f64_min(0, F64::SIGN, f));
        check("max -0 +0", (0, 0), |f| f64_max(F64::SIGN, 0, f));
        check("max nan nan", (NAN64, 0), |f| f64_max(NAN64 | 1, NAN64 | 2, f));
        check("eq qnan", (0, 0), |f| u64::from(f64_eq(NAN64, ONE, f)));
        check("lt qnan", (0, NV), |f| u64::from(f64_lt(NAN64, ONE, f)));
        assert_eq!(unbox(0x3f80_0000), NAN32);
        assert_eq!(unbox(0xffff_ffff_3f80_0000), 0x3f80_0000);
    }

    #[test]
    fn conversions_saturate_and_round() {
        let half = |n: f64| n.to_bits();
        for (mode, expected) in [(0, 2), (1, 2), (2, 2), (3, 3), (4, 3)] {
            check("2.5", (expected, NX), |f| f64_to_i64(half(2.5), mode, f));
        }
        check("-0.5 to u32 rtz", (0, NX), |f| f64_to_u32(half(-0.5), RTZ, f));
        check("-1 to u32", (0, NV), |f| f64_to_u32(half(-1.0), RTZ, f));
        check("nan to i32", (0x7fff_ffff, NV), |f| f64_to_i32(NAN64, RTZ, f));
        check("2^31 to i32", (0x7fff_ffff, NV), |f| f64_to_i32(half(P31), RTZ, f));
        check("-2^31-0.5 to i32", (0x8000_0000, NX), |f| f64_to_i32(half(-P31 - 0.5), RTZ, f));
        check("-inf to i64", (1 << 63, NV), |f| f64_to_i64(INF | F64::SIGN, RTZ, f));
        check("2^64 to u64", (u64::MAX, NV), |f| f64_to_u64(half(P64), RTZ, f));
        check("u64 max rne", (half(P64), NX), |f| u64_to_f64(u64::MAX, RNE, f));
        check("u64 max rtz", (half(P64) - 1, NX), |f| u64_to_f64(u64::MAX, RTZ, f));
        check("tie rmm", (half(P63) + 1, NX), |f| u64_to_f64((1 << 63) + (1 << 10), 4, f));
        check("tie rne", (half(P63), NX), |f| u64_to_f64((1 << 63) + (1 << 10), RNE, f));
        check("i64 -1", (half(-1.0), 0), |f| i64_to_f64(u64::MAX, RNE, f));
        check("i32 to f32 rdn", (0xcb80_0001, NX), |f| i32_to_f32(-16_777_217_i32 as u32 as u64, RDN, f));
    }

    #[test]
    fn classes() {
        let all =
            [INF | F64::SIGN, ONE | F64::SIGN, 1 | F64::SIGN, F64::SIGN, 0, 1, ONE, INF, INF | 1, NAN64];
        for (n, bits) in all.into_iter().enumerate() {
            assert_eq!(f64_classify(bits), 1 << n);
        }
    }
}
