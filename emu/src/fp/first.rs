//! Host arithmetic while the inexact flag is not yet set: the same common cases as in [`super::fast`], and whether
//! the result is exact, by comparing significands. What is left goes to the exact functions.

use super::{F32, F64, Format, NX, RNE, exact_div, exact_mul, exact_sqrt};

/// Odd part of a finite non-zero double's significand.
fn odd64(a: f64) -> u128 {
    let bits = a.to_bits();
    let fraction = bits & (F64::MIN_NORMAL - 1);
    let significand = if bits & F64::INF == 0 { fraction } else { fraction | F64::MIN_NORMAL };
    u128::from(significand >> significand.trailing_zeros())
}

macro_rules! arithmetic {
    ($format:ty, $float:ty, $bits:ty, $mul:ident $exact_product:expr, $div:ident $exact_quotient:expr,
     $sqrt:ident $exact_root:expr) => {
        pub fn $mul(a: u64, b: u64, mode: u64, flags: &mut u32) -> u64 {
            let (x, y) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let r = x * y;
            if mode != RNE || !(r.is_finite() && r.abs() > <$float>::MIN_POSITIVE) {
                return exact_mul::<$format>(a, b, mode, flags);
            }
            if !$exact_product(x, y, r) {
                *flags |= NX;
            }
            u64::from(r.to_bits())
        }

        pub fn $div(a: u64, b: u64, mode: u64, flags: &mut u32) -> u64 {
            let (x, y) = (<$float>::from_bits(a as $bits), <$float>::from_bits(b as $bits));
            let r = x / y;
            if mode != RNE || !(r.is_finite() && r.abs() > <$float>::MIN_POSITIVE) {
                return exact_div::<$format>(a, b, mode, flags);
            }
            if !$exact_quotient(x, y, r) {
                *flags |= NX;
            }
            u64::from(r.to_bits())
        }

        pub fn $sqrt(a: u64, mode: u64, flags: &mut u32) -> u64 {
            let x = <$float>::from_bits(a as $bits);
            if mode != RNE || !(x > 0.0 && x.is_finite()) {
                return exact_sqrt::<$format>(a, mode, flags);
            }
            let r = x.sqrt();
            if !$exact_root(x, r) {
                *flags |= NX;
            }
            u64::from(r.to_bits())
        }
    };
}

arithmetic!(
    F64, f64, u64,
    f64_mul |x: f64, y: f64, _: f64| odd64(x) * odd64(y) < 1 << 53,
    f64_div |x: f64, y: f64, r: f64| odd64(r) * odd64(y) == odd64(x),
    f64_sqrt |x: f64, r: f64| odd64(r) * odd64(r) == odd64(x)
);

// Products of two singles are exact in double precision.
arithmetic!(
    F32, f32, u32,
    f32_mul |x: f32, y: f32, r: f32| f64::from(x) * f64::from(y) == f64::from(r),
    f32_div |x: f32, y: f32, r: f32| f64::from(r) * f64::from(y) == f64::from(x),
    f32_sqrt |x: f32, r: f32| f64::from(r) * f64::from(r) == f64::from(x)
);
