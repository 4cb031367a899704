//! `int`, `bool`, `float`.

use jit_riscv::object::Ref;

use super::{Builtin, BuiltinKind, Intrinsic, b};
use crate::access;
use crate::objects::*;
use crate::runtime::{Res, attributes, bigint, callback, compare, numbers};
use crate::symbols;
use crate::vm::Vm;

const G: BuiltinKind = BuiltinKind::Getter;

pub static INT_NEW: Builtin = b!("int", int_new, 2, 0).names(&["base"]).intrinsic(Intrinsic::Int);
pub static BOOL_NEW: Builtin = b!("bool", bool_new, 1, 0).intrinsic(Intrinsic::Bool);
pub static FLOAT_NEW: Builtin = b!("float", float_new, 1, 0).intrinsic(Intrinsic::Float);

fn bool_new(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let v = !r.is_null() && compare::truth(vm, r)?;
    Ok(vm.bool(v))
}

/// `int(object)`
pub fn to_int(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        INT | BIGINT => Ok(r),
        BOOL => Ok(vm.int(access::int_value(r))),
        FLOAT => bigint::from_float(vm, access::float_value(r)),
        STR => parse_int(vm, r, access::text(r), 10),
        BYTES => {
            let text = String::from_utf8_lossy(access::bytes_contents(r)).into_owned();
            parse_int(vm, r, &text, 10)
        }
        _ => {
            for sym in [symbols::INT, symbols::INDEX, symbols::TRUNC] {
                let method = attributes::special(vm, r, sym);
                if !method.is_null() {
                    let v = callback(vm, method, &[r])?;
                    if bigint::is_integer(v) {
                        return Ok(v);
                    }
                    let message = format!("__int__ returned non-int (type {})", vm.type_name(v));
                    return Err(vm.type_error(&message));
                }
            }
            let message = format!(
                "int() argument must be a string, a bytes-like object or a real number, not '{}'",
                vm.type_name(r)
            );
            Err(vm.type_error(&message))
        }
    }
}

fn int_new(vm: &mut Vm, r: Ref, base: Ref) -> Res<Ref> {
    if r.is_null() {
        return Ok(vm.int(0));
    }
    if base.is_null() {
        return to_int(vm, r);
    }
    let base = numbers::index(vm, base)?;
    if base != 0 && !(2..=36).contains(&base) {
        return Err(vm.value_error("int() base must be >= 2 and <= 36, or 0"));
    }
    if !access::is(r, STR) {
        return Err(vm.type_error("int() can't convert non-string with explicit base"));
    }
    parse_int(vm, r, access::text(r), base as u32)
}

/// Takes underscores between digits away. None: they are elsewhere.
fn without_underscores(text: &str) -> Option<std::borrow::Cow<'_, str>> {
    if !text.contains('_') {
        return Some(text.into());
    }
    let wrong = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!wrong).then(|| text.replace('_', "").into())
}

fn parse_int(vm: &mut Vm, r: Ref, text: &str, base: u32) -> Res<Ref> {
    let trimmed = text.trim();
    let (negative, mut digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    let mut used = base;
    let prefix = digits.get(..2).unwrap_or("");
    let named = match prefix {
        "0x" | "0X" => 16,
        "0o" | "0O" => 8,
        "0b" | "0B" => 2,
        _ => 0,
    };
    if named != 0 && (base == named || base == 0) {
        digits = &digits[2..];
        digits = digits.strip_prefix('_').unwrap_or(digits);
        used = named;
    } else if base == 0 {
        used = 10;
    }
    let parsed = match without_underscores(digits) {
        Some(clean) if clean.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric()) => {
            let signed = if negative { format!("-{clean}") } else { clean.into_owned() };
            bigint::parse(vm, &signed, used)
        }
        _ => None,
    };
    match parsed {
        Some(v) => Ok(v),
        None => {
            let shown = crate::runtime::repr::repr_of(vm, r)?;
            let message = format!("invalid literal for int() with base {base}: {}", access::text(shown));
            Err(vm.value_error(&message))
        }
    }
}

fn float_new(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if r.is_null() {
        return Ok(vm.float(0.0));
    }
    match access::class(r) {
        FLOAT => Ok(r),
        INT | BOOL => Ok(vm.float(access::int_value(r) as f64)),
        STR => {
            let text = access::text(r).trim();
            let lower = text.to_ascii_lowercase();
            let bare = lower.trim_start_matches(['+', '-']);
            let word = bare.chars().any(|c| c.is_ascii_alphabetic() && c != 'e');
            let allowed = !word || matches!(bare, "inf" | "infinity" | "nan");
            let parsed = without_underscores(text).and_then(|t| t.parse::<f64>().ok());
            match parsed {
                Some(v) if allowed => Ok(vm.float(v)),
                _ => {
                    let shown = crate::runtime::repr::repr_of(vm, r)?;
                    let message = format!("could not convert string to float: {}", access::text(shown));
                    Err(vm.value_error(&message))
                }
            }
        }
        _ => match numbers::to_float(vm, r) {
            Ok(v) => Ok(vm.float(v)),
            Err(e) => {
                if vm.clear_if(crate::types::TYPE_ERROR) {
                    let message = format!(
                        "float() argument must be a string or a real number, not '{}'",
                        vm.type_name(r)
                    );
                    return Err(vm.type_error(&message));
                }
                Err(e)
            }
        },
    }
}

pub static INT_METHODS: &[Builtin] = &[
    b!("bit_length", bit_length, 1),
    b!("bit_count", bit_count, 1),
    b!("conjugate", same, 1),
    b!("real", same, 1).kind(G),
    b!("numerator", same, 1).kind(G),
    b!("imag", zero, 1).kind(G),
    b!("denominator", one, 1).kind(G),
    b!("is_integer", always, 1),
    b!("to_bytes", to_bytes, 3, 1).names(&["length", "byteorder"]),
    b!("from_bytes", from_bytes, 2).kind(BuiltinKind::Static).names(&["byteorder"]),
    b!("__index__", same, 1),
    b!("__int__", same, 1),
    b!("__float__", float_new, 1),
    b!("__add__", numbers::add, 2),
    b!("__sub__", numbers::sub, 2),
    b!("__mul__", numbers::mul, 2),
];

fn same(vm: &mut Vm, r: Ref) -> Res<Ref> {
    numbers::integer(vm, r)
}

fn zero(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(vm.int(0))
}

fn one(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(vm.int(1))
}

fn always(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(vm.true_)
}

fn bit_length(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let bits = match access::class(r) {
        BIGINT => bigint::value(r).bits() as i64,
        _ => 64 - access::int_value(r).unsigned_abs().leading_zeros() as i64,
    };
    Ok(vm.int(bits))
}

fn bit_count(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let bits = match access::class(r) {
        BIGINT => access::bigint_words(r).iter().map(|w| w.count_ones() as i64).sum(),
        _ => access::int_value(r).unsigned_abs().count_ones() as i64,
    };
    Ok(vm.int(bits))
}

fn is_little(vm: &mut Vm, order: Ref) -> Res<bool> {
    match if access::is(order, STR) { access::text(order) } else { "" } {
        "little" => Ok(true),
        "big" => Ok(false),
        _ => Err(vm.value_error("byteorder must be either 'little' or 'big'")),
    }
}

fn to_bytes(vm: &mut Vm, r: Ref, n: Ref, order: Ref) -> Res<Ref> {
    let n = if n.is_null() { 1 } else { numbers::index(vm, n)? };
    let little = if order.is_null() { false } else { is_little(vm, order)? };
    let (sign, mut bytes) = bigint::value(r).to_bytes_le();
    if sign == num_bigint::Sign::Minus {
        return Err(vm.overflow_error("can't convert negative int to unsigned"));
    }
    if sign == num_bigint::Sign::NoSign {
        bytes.clear();
    }
    if n < bytes.len() as i64 || n > 1 << 30 {
        return Err(vm.overflow_error("int too big to convert"));
    }
    bytes.resize(n as usize, 0);
    if !little {
        bytes.reverse();
    }
    Ok(vm.bytes(&bytes))
}

fn from_bytes(vm: &mut Vm, r: Ref, order: Ref) -> Res<Ref> {
    if !access::is(r, BYTES) {
        return Err(vm.type_error("cannot convert object to bytes"));
    }
    let little = is_little(vm, order)?;
    let contents = access::bytes_contents(r);
    let sign = num_bigint::Sign::Plus;
    let v = if little {
        num_bigint::BigInt::from_bytes_le(sign, contents)
    } else {
        num_bigint::BigInt::from_bytes_be(sign, contents)
    };
    Ok(bigint::object(vm, &v))
}

pub static FLOAT_METHODS: &[Builtin] = &[
    b!("is_integer", is_integer, 1),
    b!("as_integer_ratio", as_integer_ratio, 1),
    b!("hex", hex, 1),
    b!("conjugate", float_same, 1),
    b!("real", float_same, 1).kind(G),
    b!("imag", float_zero, 1).kind(G),
    b!("__float__", float_same, 1),
    b!("__int__", to_int, 1),
    b!("__add__", numbers::add, 2),
    b!("__sub__", numbers::sub, 2),
    b!("__mul__", numbers::mul, 2),
];

fn float_same(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(r)
}

fn float_zero(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(vm.float(0.0))
}

fn is_integer(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let v = access::float_value(r);
    Ok(vm.bool(v.is_finite() && v.trunc() == v))
}

fn as_integer_ratio(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let v = access::float_value(r);
    if !v.is_finite() {
        return Err(vm.overflow_error("cannot convert Infinity or NaN to integer ratio"));
    }
    let mut shift = 0u32;
    let mut m = v;
    while m.trunc() != m {
        m *= 2.0;
        shift += 1;
    }
    let numerator = bigint::from_float(vm, m)?;
    let denominator = bigint::object(vm, &(num_bigint::BigInt::from(1) << shift));
    Ok(vm.tuple(&[numerator, denominator]))
}

fn hex(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let v = access::float_value(r);
    let sign = if v.is_sign_negative() { "-" } else { "" };
    let bits = v.to_bits() & !(1 << 63);
    let (exponent, fraction) = ((bits >> 52) as i64, bits & ((1 << 52) - 1));
    let shown = if v.is_nan() {
        "nan".to_string()
    } else if v.is_infinite() {
        format!("{sign}inf")
    } else if bits == 0 {
        format!("{sign}0x0.0p+0")
    } else if exponent == 0 {
        format!("{sign}0x0.{fraction:013x}p-1022")
    } else {
        format!("{sign}0x1.{fraction:013x}p{:+}", exponent - 1023)
    };
    Ok(vm.str(&shown))
}
