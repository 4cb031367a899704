//! Floating point by exact integers of any size, which are rounded once: slow, and simple enough to be believed. Values are bit
//! patterns without boxing; results and flags are those of the RISC-V unprivileged manual, chapters "F", "D", "Zfh" and "Zfa".

use num_bigint::{BigInt, BigUint, Sign};

/// Invalid operation.
const NV: u32 = 16;
/// Division by zero.
const DZ: u32 = 8;
/// Overflow.
const OF: u32 = 4;
/// Underflow.
const UF: u32 = 2;
/// Inexact.
const NX: u32 = 1;

/// A rounding mode, by its RISC-V number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    NearestEven,
    TowardZero,
    Down,
    Up,
    NearestAway,
}

/// A binary interchange format of IEEE 754.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format {
    /// Bits in all.
    pub width: u32,
    /// Bits of the fraction.
    pub fraction: u32,
}

/// Half precision.
pub const HALF: Format = Format { width: 16, fraction: 10 };
/// Single precision.
pub const SINGLE: Format = Format { width: 32, fraction: 23 };
/// Double precision.
pub const DOUBLE: Format = Format { width: 64, fraction: 52 };

/// What a bit pattern stands for.
#[derive(Clone, Debug)]
enum Value {
    Nan {
        signaling: bool,
    },
    Infinity {
        negative: bool,
    },
    /// (-1)^negative × magnitude × 2^exponent
    Finite {
        negative: bool,
        magnitude: BigUint,
        exponent: i64,
    },
}

use Value::{Finite, Infinity, Nan};

/// A result with the flags that it raises.
pub type Flagged = (u64, u32);

impl Format {
    /// What is added to an exponent; also the largest exponent.
    pub fn bias(self) -> i64 {
        (1 << (self.width - self.fraction - 2)) - 1
    }

    /// Exponent of the last bit of subnormal numbers.
    fn least(self) -> i64 {
        1 - self.bias() - i64::from(self.fraction)
    }

    fn sign(self, negative: bool) -> u64 {
        u64::from(negative) << (self.width - 1)
    }

    fn infinity(self, negative: bool) -> u64 {
        (self.bias() as u64 * 2 + 1) << self.fraction | self.sign(negative)
    }

    fn nan(self) -> u64 {
        self.infinity(false) | 1 << (self.fraction - 1)
    }

    fn value(self, bits: u64) -> Value {
        let negative = bits >> (self.width - 1) & 1 != 0;
        let fraction = bits & ((1 << self.fraction) - 1);
        let exponent = (bits & (self.sign(true) - 1)) >> self.fraction;
        if exponent == self.bias() as u64 * 2 + 1 {
            return match fraction {
                0 => Infinity { negative },
                f => Nan { signaling: f >> (self.fraction - 1) == 0 },
            };
        }
        let hidden = u64::from(exponent != 0) << self.fraction;
        let exponent = self.least() + exponent.saturating_sub(1) as i64;
        Finite { negative, magnitude: BigUint::from(fraction | hidden), exponent }
    }

    /// The nearest number by the rounding mode. `more`: the magnitude is a little larger, by less than its last bit; it then has more
    /// bits than the format.
    fn round(
        self,
        mode: Rounding,
        negative: bool,
        magnitude: &BigUint,
        exponent: i64,
        more: bool,
    ) -> Flagged {
        if magnitude.bits() == 0 {
            return (self.sign(negative), 0);
        }
        let unit = exponent + magnitude.bits() as i64 - 1 - i64::from(self.fraction);
        // As if the exponent had no bounds: what overflow and tininess are judged by.
        let (free, _) = to_multiple(mode, negative, magnitude, exponent, more, unit);
        let leading = unit + free.bits() as i64 - 1;
        if leading > self.bias() {
            let away = match mode {
                Rounding::TowardZero => false,
                Rounding::Down => negative,
                Rounding::Up => !negative,
                Rounding::NearestEven | Rounding::NearestAway => true,
            };
            return (self.infinity(negative) - u64::from(!away), OF | NX);
        }
        let tiny = leading < 1 - self.bias();
        let unit = unit.max(self.least());
        let (multiple, inexact) = to_multiple(mode, negative, magnitude, exponent, more, unit);
        let flags = if inexact { NX | if tiny { UF } else { 0 } } else { 0 };
        // The hidden bit counts as one in the exponent's field.
        let bits = small(&multiple) + (((unit - self.least()) as u64) << self.fraction);
        (bits | self.sign(negative), flags)
    }

    /// NaN among the operands: the canonical NaN, invalid if one is signalling.
    fn of_nans(self, operands: &[&Value]) -> Option<Flagged> {
        let invalid = operands.iter().any(|v| matches!(v, Nan { signaling: true }));
        let nan = operands.iter().any(|v| matches!(v, Nan { .. }));
        nan.then(|| (self.nan(), if invalid { NV } else { 0 }))
    }

    fn sum(self, mode: Rounding, a: &Value, b: &Value) -> Flagged {
        if let Some(nan) = self.of_nans(&[a, b]) {
            return nan;
        }
        match (a, b) {
            (Infinity { negative: x }, Infinity { negative: y }) if x != y => (self.nan(), NV),
            (Infinity { negative }, _) | (_, Infinity { negative }) => (self.infinity(*negative), 0),
            (
                Finite { negative: x, magnitude: m, exponent: e },
                Finite { negative: y, magnitude: n, exponent: f },
            ) => {
                let exponent = *e.min(f);
                let signed = |negative: bool, m: &BigUint, e: i64| {
                    BigInt::from_biguint(if negative { Sign::Minus } else { Sign::Plus }, m << (e - exponent))
                };
                let total = signed(*x, m, *e) + signed(*y, n, *f);
                let negative = match total.sign() {
                    Sign::Minus => true,
                    Sign::Plus => false,
                    Sign::NoSign if x == y => *x,
                    Sign::NoSign => mode == Rounding::Down,
                };
                self.round(mode, negative, total.magnitude(), exponent, false)
            }
            _ => unreachable!("NaNs are done"),
        }
    }

    /// a + b
    pub fn add(self, mode: Rounding, a: u64, b: u64) -> Flagged {
        self.sum(mode, &self.value(a), &self.value(b))
    }

    /// a - b
    pub fn sub(self, mode: Rounding, a: u64, b: u64) -> Flagged {
        self.add(mode, a, b ^ self.sign(true))
    }

    /// a × b, exactly. `None`: infinity times zero.
    fn product(a: &Value, b: &Value) -> Option<Value> {
        Some(match (a, b) {
            (Nan { .. }, _) | (_, Nan { .. }) => Nan { signaling: false },
            (Infinity { negative: x }, Infinity { negative: y }) => Infinity { negative: x != y },
            (Infinity { negative: x }, Finite { negative: y, magnitude, .. })
            | (Finite { negative: y, magnitude, .. }, Infinity { negative: x }) => {
                if magnitude.bits() == 0 {
                    return None;
                }
                Infinity { negative: x != y }
            }
            (
                Finite { negative: x, magnitude: m, exponent: e },
                Finite { negative: y, magnitude: n, exponent: f },
            ) => Finite { negative: x != y, magnitude: m * n, exponent: e + f },
        })
    }

    /// a × b
    pub fn mul(self, mode: Rounding, a: u64, b: u64) -> Flagged {
        let (a, b) = (self.value(a), self.value(b));
        if let Some(nan) = self.of_nans(&[&a, &b]) {
            return nan;
        }
        match Format::product(&a, &b) {
            Some(Finite { negative, magnitude, exponent }) => {
                self.round(mode, negative, &magnitude, exponent, false)
            }
            Some(Infinity { negative }) => (self.infinity(negative), 0),
            _ => (self.nan(), NV),
        }
    }

    /// a × b + c, rounded once
    pub fn fused(self, mode: Rounding, a: u64, b: u64, c: u64) -> Flagged {
        let (a, b, c) = (self.value(a), self.value(b), self.value(c));
        // Infinity times zero is invalid whatever is added.
        let Some(product) = Format::product(&a, &b) else { return (self.nan(), NV) };
        self.of_nans(&[&a, &b, &c]).unwrap_or_else(|| self.sum(mode, &product, &c))
    }

    /// a ÷ b
    pub fn div(self, mode: Rounding, a: u64, b: u64) -> Flagged {
        let (a, b) = (self.value(a), self.value(b));
        if let Some(nan) = self.of_nans(&[&a, &b]) {
            return nan;
        }
        match (&a, &b) {
            (Infinity { .. }, Infinity { .. }) => (self.nan(), NV),
            (Infinity { negative: x }, Finite { negative: y, .. }) => (self.infinity(x != y), 0),
            (Finite { negative: x, .. }, Infinity { negative: y }) => (self.sign(x != y), 0),
            (
                Finite { negative: x, magnitude: m, exponent: e },
                Finite { negative: y, magnitude: n, exponent: f },
            ) => match (m.bits(), n.bits()) {
                (0, 0) => (self.nan(), NV),
                (_, 0) => (self.infinity(x != y), DZ),
                _ => {
                    const MORE_BITS: i64 = 130;
                    let dividend = m << MORE_BITS;
                    let (quotient, rest) = (&dividend / n, &dividend % n);
                    self.round(mode, x != y, &quotient, e - f - MORE_BITS, rest.bits() != 0)
                }
            },
            _ => unreachable!("NaNs are done"),
        }
    }

    /// √a
    pub fn sqrt(self, mode: Rounding, a: u64) -> Flagged {
        match self.value(a) {
            Nan { signaling } => (self.nan(), if signaling { NV } else { 0 }),
            Finite { magnitude, .. } if magnitude.bits() == 0 => (a, 0),
            Infinity { negative: false } => (a, 0),
            Finite { negative: false, magnitude, exponent } => {
                // An even exponent, and more bits than any format has.
                let shift = 260 + exponent.rem_euclid(2);
                let square = magnitude << shift;
                let root = square.sqrt();
                let more = &root * &root != square;
                self.round(mode, false, &root, (exponent - shift) / 2, more)
            }
            _ => (self.nan(), NV),
        }
    }

    /// The nearest integer as a floating-point number. `exactly`: raises inexact when it is another number.
    pub fn round_to_integer(self, mode: Rounding, a: u64, exactly: bool) -> Flagged {
        match self.value(a) {
            Nan { signaling } => (self.nan(), if signaling { NV } else { 0 }),
            Finite { negative, magnitude, exponent } if exponent < 0 => {
                let (integer, inexact) = to_multiple(mode, negative, &magnitude, exponent, false, 0);
                let (bits, _) = self.round(mode, negative, &integer, 0, false);
                (bits, if inexact && exactly { NX } else { 0 })
            }
            _ => (a, 0),
        }
    }

    /// The nearest integer of `width` bits, sign-extended; what is out of range is invalid and becomes the nearest limit, NaN the
    /// upper one.
    pub fn to_integer(self, mode: Rounding, a: u64, width: u32, signed: bool) -> Flagged {
        let (low, high) = if signed {
            (-(1i128 << (width - 1)), (1i128 << (width - 1)) - 1)
        } else {
            (0, (1i128 << width) - 1)
        };
        let extended = |n: i128| if width == 32 { n as i32 as u64 } else { n as u64 };
        match self.value(a) {
            Nan { .. } => (extended(high), NV),
            Infinity { negative } => (extended(if negative { low } else { high }), NV),
            Finite { negative, magnitude, exponent } => {
                let (integer, inexact) = to_multiple(mode, negative, &magnitude, exponent, false, 0);
                let magnitude = i128::try_from(integer).unwrap_or(i128::MAX);
                let integer = if negative { -magnitude } else { magnitude };
                if integer < low || integer > high {
                    return (extended(integer.clamp(low, high)), NV);
                }
                (extended(integer), if inexact { NX } else { 0 })
            }
        }
    }

    /// An integer as a floating-point number.
    pub fn of_integer(self, mode: Rounding, n: i128) -> Flagged {
        self.round(mode, n < 0, &BigUint::from(n.unsigned_abs()), 0, false)
    }

    /// A number of another format.
    pub fn of_format(self, mode: Rounding, a: u64, from: Format) -> Flagged {
        match from.value(a) {
            Nan { signaling } => (self.nan(), if signaling { NV } else { 0 }),
            Infinity { negative } => (self.infinity(negative), 0),
            Finite { negative, magnitude, exponent } => {
                self.round(mode, negative, &magnitude, exponent, false)
            }
        }
    }

    /// Whether a and b are in the order: -1, 0 or 1 for less, equal, greater. `quiet`: only a signalling NaN is invalid.
    pub fn compare(self, a: u64, b: u64, wanted: &[i32], quiet: bool) -> Flagged {
        let (x, y) = (self.value(a), self.value(b));
        if let Some((_, flags)) = self.of_nans(&[&x, &y]) {
            return (0, if quiet { flags } else { NV });
        }
        // Without its sign, a bit pattern is ordered as the number is.
        let order = |bits: u64| {
            let magnitude = (bits & (self.sign(true) - 1)) as i128;
            if bits & self.sign(true) != 0 { -magnitude } else { magnitude }
        };
        let found = (order(a) - order(b)).signum() as i32;
        (u64::from(wanted.contains(&found)), 0)
    }
}

/// A number that has at most 64 bits.
fn small(n: &BigUint) -> u64 {
    n.iter_u64_digits().next().unwrap_or(0)
}

/// The number as a multiple of 2^unit, rounded, and whether that is another number. See [`Format::round`] for `more`.
fn to_multiple(
    mode: Rounding,
    negative: bool,
    magnitude: &BigUint,
    exponent: i64,
    more: bool,
    unit: i64,
) -> (BigUint, bool) {
    if exponent >= unit {
        assert!(!more, "enough bits to round");
        return (magnitude << (exponent - unit), false);
    }
    // Past the number's own bits and one more, how far does not matter.
    let shift = (unit - exponent).min(magnitude.bits() as i64 + 2);
    let down = magnitude >> shift;
    let rest = magnitude - (&down << shift);
    let inexact = more || rest.bits() != 0;
    let half = BigUint::from(1u32) << (shift - 1);
    let up = match mode {
        Rounding::TowardZero => false,
        Rounding::Down => negative && inexact,
        Rounding::Up => !negative && inexact,
        Rounding::NearestAway => rest >= half,
        Rounding::NearestEven => rest > half || rest == half && (more || down.bit(0)),
    };
    (down + u32::from(up), inexact)
}
