//! The module `math`.

use jit_riscv::object::{Effect, Ref};
use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive};

use super::{Builtin, Intrinsic, b};
use crate::access;
use crate::bytecode::BinaryOp;
use crate::modules::NativeModule;
use crate::objects::*;
use crate::runtime::call::Arguments;
use crate::runtime::{Raised, Res, attributes, bigint, callback, iter, list, numbers};
use crate::symbols;
use crate::vm::Vm;

pub static MODULE: NativeModule =
    NativeModule { name: "math", functions: FUNCTIONS, value, names: &["pi", "e", "tau", "inf", "nan"] };

fn value(vm: &mut Vm, name: &str) -> Option<Ref> {
    let v = match name {
        "pi" => std::f64::consts::PI,
        "e" => std::f64::consts::E,
        "tau" => std::f64::consts::TAU,
        "inf" => f64::INFINITY,
        "nan" => f64::NAN,
        _ => return None,
    };
    Some(vm.float(v))
}

unsafe extern "C" {
    fn tgamma(x: f64) -> f64;
    fn lgamma(x: f64) -> f64;
    fn erf(x: f64) -> f64;
    fn erfc(x: f64) -> f64;
    fn remainder(x: f64, y: f64) -> f64;
    fn nextafter(x: f64, y: f64) -> f64;
}

/// Functions of one double: their name, the function, and the test for a ValueError.
macro_rules! of_one {
    ($($name:ident = $f:expr;)*) => {
        $(fn $name(vm: &mut Vm, x: Ref) -> Res<Ref> {
            let f: fn(f64) -> f64 = $f;
            one(vm, x, f)
        })*
    };
}

of_one! {
    sin = f64::sin;
    cos = f64::cos;
    tan = f64::tan;
    asin = f64::asin;
    acos = f64::acos;
    atan = f64::atan;
    sinh = f64::sinh;
    cosh = f64::cosh;
    tanh = f64::tanh;
    asinh = f64::asinh;
    acosh = f64::acosh;
    atanh = |x| if x.abs() == 1.0 { f64::NAN } else { f64::atanh(x) };
    exp = f64::exp;
    exp2 = f64::exp2;
    expm1 = f64::exp_m1;
    log1p = |x| if x <= -1.0 { f64::NAN } else { f64::ln_1p(x) };
    cbrt = f64::cbrt;
    fabs = f64::abs;
    degrees = |x| x * (180.0 / std::f64::consts::PI);
    radians = |x| x * (std::f64::consts::PI / 180.0);
    // SAFETY: functions of the C library on doubles.
    erf_of = |x| unsafe { erf(x) };
    // SAFETY: as above.
    erfc_of = |x| unsafe { erfc(x) };
    // SAFETY: as above.
    gamma = |x| if x <= 0.0 && x.trunc() == x { f64::NAN } else { unsafe { tgamma(x) } };
    // SAFETY: as above.
    lgamma_of = |x| if x <= 0.0 && x.trunc() == x { f64::NAN } else { unsafe { lgamma(x) } };
}

static FUNCTIONS: &[Builtin] = &[
    b!("sqrt", sqrt, 1).intrinsic(Intrinsic::MathSqrt),
    b!("sin", sin, 1),
    b!("cos", cos, 1),
    b!("tan", tan, 1),
    b!("asin", asin, 1),
    b!("acos", acos, 1),
    b!("atan", atan, 1),
    b!("atan2", atan2, 2),
    b!("sinh", sinh, 1),
    b!("cosh", cosh, 1),
    b!("tanh", tanh, 1),
    b!("asinh", asinh, 1),
    b!("acosh", acosh, 1),
    b!("atanh", atanh, 1),
    b!("exp", exp, 1),
    b!("exp2", exp2, 1),
    b!("expm1", expm1, 1),
    b!("log", log, 2, 1),
    b!("log2", log2, 1),
    b!("log10", log10, 1),
    b!("log1p", log1p, 1),
    b!("cbrt", cbrt, 1),
    b!("fabs", fabs, 1).intrinsic(Intrinsic::MathFabs),
    b!("degrees", degrees, 1),
    b!("radians", radians, 1),
    b!("erf", erf_of, 1),
    b!("erfc", erfc_of, 1),
    b!("gamma", gamma, 1),
    b!("lgamma", lgamma_of, 1),
    b!("pow", pow, 2),
    b!("fmod", fmod, 2),
    b!("remainder", remainder_of, 2),
    b!("copysign", copysign, 2),
    b!("nextafter", nextafter_of, 2),
    b!("ulp", ulp, 1),
    b!("hypot", hypot, *, 0),
    b!("dist", dist, 2),
    b!("floor", floor, 1),
    b!("ceil", ceil, 1),
    b!("trunc", trunc, 1),
    b!("modf", modf, 1),
    b!("frexp", frexp, 1),
    b!("ldexp", ldexp, 2),
    b!("isnan", isnan, 1).effect(Effect::Reads),
    b!("isinf", isinf, 1).effect(Effect::Reads),
    b!("isfinite", isfinite, 1).effect(Effect::Reads),
    b!("isclose", isclose, *, 2),
    b!("fsum", fsum, 1),
    b!("prod", prod, *, 1),
    b!("gcd", gcd, *, 0),
    b!("lcm", lcm, *, 0),
    b!("factorial", factorial, 1),
    b!("comb", comb, 2),
    b!("perm", perm, 2, 1),
    b!("isqrt", isqrt, 1),
];

#[inline]
fn real(vm: &mut Vm, x: Ref) -> Res<f64> {
    if access::is(x, FLOAT) { Ok(access::float_value(x)) } else { numbers::to_float(vm, x) }
}

#[cold]
fn domain(vm: &mut Vm) -> Raised {
    vm.value_error("math domain error")
}

/// NaN from a number is a domain error, infinity from a finite one a range error.
#[inline]
fn checked(vm: &mut Vm, finite: bool, nan: bool, v: f64) -> Res<Ref> {
    if v.is_nan() && !nan {
        return Err(domain(vm));
    }
    if v.is_infinite() && finite {
        return Err(vm.overflow_error("math range error"));
    }
    Ok(vm.float(v))
}

#[inline]
fn one(vm: &mut Vm, x: Ref, f: fn(f64) -> f64) -> Res<Ref> {
    let x = real(vm, x)?;
    checked(vm, x.is_finite(), x.is_nan(), f(x))
}

fn sqrt(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    if x < 0.0 {
        return Err(domain(vm));
    }
    Ok(vm.float(x.sqrt()))
}

fn two(vm: &mut Vm, x: Ref, y: Ref, f: fn(f64, f64) -> f64) -> Res<Ref> {
    let (x, y) = (real(vm, x)?, real(vm, y)?);
    let v = f(x, y);
    checked(vm, x.is_finite() && y.is_finite(), x.is_nan() || y.is_nan(), v)
}

fn atan2(vm: &mut Vm, y: Ref, x: Ref) -> Res<Ref> {
    two(vm, y, x, f64::atan2)
}

fn pow(vm: &mut Vm, x: Ref, y: Ref) -> Res<Ref> {
    let (a, b) = (real(vm, x)?, real(vm, y)?);
    if a == 0.0 && b < 0.0 && b.is_finite() {
        return Err(domain(vm));
    }
    two(vm, x, y, f64::powf)
}

fn fmod(vm: &mut Vm, x: Ref, y: Ref) -> Res<Ref> {
    two(vm, x, y, |x, y| x % y)
}

fn remainder_of(vm: &mut Vm, x: Ref, y: Ref) -> Res<Ref> {
    // SAFETY: a function of the C library on doubles.
    two(vm, x, y, |x, y| unsafe { remainder(x, y) })
}

fn copysign(vm: &mut Vm, x: Ref, y: Ref) -> Res<Ref> {
    let (x, y) = (real(vm, x)?, real(vm, y)?);
    Ok(vm.float(x.copysign(y)))
}

fn nextafter_of(vm: &mut Vm, x: Ref, y: Ref) -> Res<Ref> {
    let (x, y) = (real(vm, x)?, real(vm, y)?);
    // SAFETY: a function of the C library on doubles.
    Ok(vm.float(unsafe { nextafter(x, y) }))
}

fn ulp(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?.abs();
    let v = if x.is_finite() { f64::from_bits(x.to_bits() + 1) - x } else { x };
    let v = if v.is_infinite() && x.is_finite() { x - f64::from_bits(x.to_bits() - 1) } else { v };
    Ok(vm.float(v))
}

/// The logarithm of a number of any size: doubles do not reach as far as integers.
fn log_of(vm: &mut Vm, x: Ref, f: fn(f64) -> f64) -> Res<f64> {
    if access::is(x, BIGINT) {
        let v = bigint::value(x);
        if v.is_negative() {
            return Err(domain(vm));
        }
        let bits = v.bits();
        let shift = bits.saturating_sub(64);
        let top = (v >> shift).to_f64().unwrap_or(f64::MAX);
        let fraction = numbers::ldexp(top, shift as i64 - bits as i64);
        return Ok(f(fraction) + f(2.0) * bits as f64);
    }
    let v = real(vm, x)?;
    if v <= 0.0 {
        return Err(domain(vm));
    }
    Ok(f(v))
}

fn log(vm: &mut Vm, x: Ref, base: Ref) -> Res<Ref> {
    let v = log_of(vm, x, f64::ln)?;
    if base.is_null() {
        return Ok(vm.float(v));
    }
    let b = log_of(vm, base, f64::ln)?;
    if b == 0.0 {
        return Err(vm.zero_division("division by zero"));
    }
    Ok(vm.float(v / b))
}

fn log2(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let v = log_of(vm, x, f64::log2)?;
    Ok(vm.float(v))
}

fn log10(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let v = log_of(vm, x, f64::log10)?;
    Ok(vm.float(v))
}

/// The norm of a vector, scaled so that squares do not overflow.
fn norm(all: &[f64]) -> f64 {
    let largest = all.iter().fold(0.0f64, |m, x| m.max(x.abs()));
    if all.iter().any(|x| x.is_infinite()) {
        return f64::INFINITY;
    }
    if all.iter().any(|x| x.is_nan()) {
        return f64::NAN;
    }
    if let [x, y] = all {
        return x.hypot(*y);
    }
    if largest == 0.0 {
        return 0.0;
    }
    let sum: f64 = all.iter().map(|x| (x / largest) * (x / largest)).sum();
    largest * sum.sqrt()
}

fn hypot(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let mut all = Vec::new();
    for x in access::refs(args) {
        all.push(real(vm, *x)?);
    }
    Ok(vm.float(norm(&all)))
}

fn dist(vm: &mut Vm, p: Ref, q: Ref) -> Res<Ref> {
    let (p, q) = (list::from_iterable(vm, p)?, list::from_iterable(vm, q)?);
    let (p, q) = (list::items(vm, p), list::items(vm, q));
    if p.len() != q.len() {
        return Err(vm.value_error("both points must have the same number of dimensions"));
    }
    let mut all = Vec::new();
    for (x, y) in p.into_iter().zip(q) {
        all.push(real(vm, x)? - real(vm, y)?);
    }
    Ok(vm.float(norm(&all)))
}

fn rounded(vm: &mut Vm, x: Ref, sym: symbols::Sym, f: fn(f64) -> f64) -> Res<Ref> {
    match access::class(x) {
        FLOAT => bigint::from_float(vm, f(access::float_value(x))),
        INT | BOOL | BIGINT => numbers::integer(vm, x),
        _ => {
            let method = attributes::special(vm, x, sym);
            if !method.is_null() {
                return callback(vm, method, &[x]);
            }
            let v = numbers::to_float(vm, x)?;
            bigint::from_float(vm, f(v))
        }
    }
}

fn floor(vm: &mut Vm, x: Ref) -> Res<Ref> {
    rounded(vm, x, symbols::FLOOR, f64::floor)
}

fn ceil(vm: &mut Vm, x: Ref) -> Res<Ref> {
    rounded(vm, x, symbols::CEIL, f64::ceil)
}

fn trunc(vm: &mut Vm, x: Ref) -> Res<Ref> {
    rounded(vm, x, symbols::TRUNC, f64::trunc)
}

fn modf(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    let whole = x.trunc();
    let fraction = if x.is_infinite() { 0.0 } else { x - whole };
    let parts = [vm.float(fraction.copysign(x)), vm.float(whole)];
    Ok(vm.tuple(&parts))
}

fn frexp(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    let (m, e) = if x == 0.0 || !x.is_finite() {
        (x, 0)
    } else {
        // Subnormal numbers are scaled up first.
        let (y, shift) = if x.abs() < f64::MIN_POSITIVE { (x * 2f64.powi(54), 54) } else { (x, 0) };
        let bits = y.to_bits();
        let e = ((bits >> 52) & 0x7ff) as i64 - 1022;
        (f64::from_bits(bits & !(0x7ff << 52) | 1022 << 52), e - shift)
    };
    let parts = [vm.float(m), vm.int(e)];
    Ok(vm.tuple(&parts))
}

fn ldexp(vm: &mut Vm, x: Ref, e: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    let e = numbers::index(vm, e)?;
    let v = numbers::ldexp(x, e);
    checked(vm, x.is_finite(), x.is_nan(), v)
}

fn isnan(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    Ok(vm.bool(x.is_nan()))
}

fn isinf(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    Ok(vm.bool(x.is_infinite()))
}

fn isfinite(vm: &mut Vm, x: Ref) -> Res<Ref> {
    let x = real(vm, x)?;
    Ok(vm.bool(x.is_finite()))
}

fn isclose(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let mut args = Arguments::new("isclose", args, names);
    args.check(vm, &["rel_tol", "abs_tol"])?;
    let mut tolerance = |vm: &mut Vm, name: &str, default: f64| match args.take(vm, name) {
        Some(v) => real(vm, v),
        None => Ok(default),
    };
    let relative = tolerance(vm, "rel_tol", 1e-9)?;
    let absolute = tolerance(vm, "abs_tol", 0.0)?;
    let &[a, b] = args.positional else {
        return Err(vm.type_error("isclose() takes exactly 2 positional arguments"));
    };
    let (a, b) = (real(vm, a)?, real(vm, b)?);
    let d = (a - b).abs();
    let close =
        a == b || a.is_finite() && b.is_finite() && (d <= relative * a.abs().max(b.abs()) || d <= absolute);
    Ok(vm.bool(close))
}

/// The exactly rounded sum: the partial sums do not overlap (Shewchuk).
fn fsum(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    let mut partials: Vec<f64> = Vec::new();
    let mut special = 0.0;
    let iterator = iter::iter(vm, iterable)?;
    while let Some(item) = iter::next(vm, iterator)? {
        let mut x = real(vm, item)?;
        if !x.is_finite() {
            special += x;
            continue;
        }
        let mut kept = 0;
        for i in 0..partials.len() {
            let mut y = partials[i];
            if x.abs() < y.abs() {
                std::mem::swap(&mut x, &mut y);
            }
            let high = x + y;
            let low = y - (high - x);
            if low != 0.0 {
                partials[kept] = low;
                kept += 1;
            }
            x = high;
        }
        partials.truncate(kept);
        partials.push(x);
    }
    if special != 0.0 || special.is_nan() {
        return Ok(vm.float(special));
    }
    let mut high = 0.0;
    let mut low = 0.0;
    while let Some(x) = partials.pop() {
        let y = x;
        let x = high;
        high = x + y;
        low = y - (high - x);
        if low != 0.0 {
            break;
        }
    }
    // Half-way cases: the next partial sum decides.
    if let Some(next) = partials.last()
        && ((low < 0.0 && *next < 0.0) || (low > 0.0 && *next > 0.0))
    {
        let y = low * 2.0;
        let x = high + y;
        if y == x - high {
            high = x;
        }
    }
    Ok(vm.float(high))
}

fn prod(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let mut args = Arguments::new("prod", args, names);
    args.check(vm, &["start"])?;
    let mut total = match args.take(vm, "start") {
        Some(v) => v,
        None => vm.int(1),
    };
    let iterator = iter::iter(vm, args.positional[0])?;
    while let Some(item) = iter::next(vm, iterator)? {
        total = numbers::binary(vm, BinaryOp::Mul, total, item)?;
    }
    Ok(total)
}

fn gcd_of(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.abs(), b.abs());
    while b.sign() != num_bigint::Sign::NoSign {
        if let (Some(x), Some(y)) = (a.to_u64(), b.to_u64()) {
            let (mut x, mut y) = (x, y);
            while y != 0 {
                (x, y) = (y, x % y);
            }
            return BigInt::from(x);
        }
        (a, b) = (b.clone(), a % b);
    }
    a
}

fn gcd(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let mut total = BigInt::from(0);
    for x in access::refs(args) {
        let x = numbers::integer(vm, *x)?;
        total = gcd_of(&total, &bigint::value(x));
    }
    Ok(bigint::object(vm, &total))
}

fn lcm(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let zero = BigInt::from(0);
    let mut total = BigInt::from(1);
    for x in access::refs(args) {
        let x = numbers::integer(vm, *x)?;
        let x = bigint::value(x).abs();
        if x == zero || total == zero {
            total = zero.clone();
            continue;
        }
        let g = gcd_of(&total, &x);
        total = total / g * x;
    }
    Ok(bigint::object(vm, &total))
}

fn natural(vm: &mut Vm, r: Ref, name: &str) -> Res<i64> {
    if !bigint::is_integer(r) {
        let message = format!("'{}' object cannot be interpreted as an integer", vm.type_name(r));
        return Err(vm.type_error(&message));
    }
    let n = numbers::index(vm, r)?;
    if n < 0 {
        let message = match name {
            "factorial" => "factorial() not defined for negative values".to_string(),
            _ => format!("{name} must be a non-negative integer"),
        };
        return Err(vm.value_error(&message));
    }
    Ok(n)
}

/// The product of low..=high, halves first so that the factors are of like size.
fn product(low: u64, high: u64) -> BigInt {
    if low > high {
        return BigInt::from(1);
    }
    if high - low < 8 {
        return (low..=high).fold(BigInt::from(1), |p, n| p * n);
    }
    let middle = low + (high - low) / 2;
    product(low, middle) * product(middle + 1, high)
}

fn factorial(vm: &mut Vm, n: Ref) -> Res<Ref> {
    let n = natural(vm, n, "factorial")?;
    if n > 1 << 24 {
        return Err(vm.overflow_error("factorial() argument is too large"));
    }
    let v = product(2, n as u64);
    Ok(bigint::object(vm, &v))
}

fn perm(vm: &mut Vm, n: Ref, k: Ref) -> Res<Ref> {
    if k.is_null() || k == vm.none {
        return factorial(vm, n);
    }
    let (n, k) = (natural(vm, n, "n")?, natural(vm, k, "k")?);
    let v = if k > n { BigInt::from(0) } else { product((n - k + 1) as u64, n as u64) };
    Ok(bigint::object(vm, &v))
}

fn comb(vm: &mut Vm, n: Ref, k: Ref) -> Res<Ref> {
    let (n, k) = (natural(vm, n, "n")?, natural(vm, k, "k")?);
    if k > n {
        return Ok(vm.int(0));
    }
    let k = k.min(n - k);
    let v = product((n - k + 1) as u64, n as u64) / product(2, k as u64);
    Ok(bigint::object(vm, &v))
}

fn isqrt(vm: &mut Vm, n: Ref) -> Res<Ref> {
    let n = numbers::integer(vm, n)?;
    let v = bigint::value(n);
    if v.is_negative() {
        return Err(vm.value_error("isqrt() argument must be nonnegative"));
    }
    let v = v.sqrt();
    Ok(bigint::object(vm, &v))
}
