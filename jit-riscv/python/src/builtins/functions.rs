//! The module `builtins`.

use jit_riscv::object::{Effect, Ref};

use super::{Builtin, Intrinsic, b, prelude};
use crate::access;
use crate::bytecode::BinaryOp;
use crate::modules::NativeModule;
use crate::objects::*;
use crate::runtime::call::{self, Arguments};
use crate::runtime::output::{STDIN, STDOUT};
use crate::runtime::{
    Raised, Res, attributes, bigint, callback, classes, compare, exceptions, format, hash, iter, list,
    numbers, repr, sequence, text,
};
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

pub static MODULE: NativeModule = NativeModule { name: "builtins", functions: FUNCTIONS, value, names: &[] };

fn value(vm: &mut Vm, name: &str) -> Option<Ref> {
    match name {
        "NotImplemented" => Some(vm.not_implemented),
        "Ellipsis" => Some(vm.ellipsis),
        "__debug__" => Some(vm.true_),
        "IOError" | "EnvironmentError" => Some(vm.type_object(OS_ERROR)),
        "quit" => Some(vm.builtin(&super::sys::EXIT)),
        "exit" => Some(vm.builtin(&super::sys::EXIT)),
        _ => match super::matching::FUNCTIONS.iter().find(|f| f.name == name) {
            Some(function) => Some(vm.builtin(function)),
            None => builtin_type(name).map(|id| vm.type_object(id)),
        },
    }
}

pub static FUNCTIONS: &[Builtin] = &[
    b!("print", print, *, 0),
    b!("len", len, 1).intrinsic(Intrinsic::Len),
    b!("abs", abs, 1).intrinsic(Intrinsic::Abs),
    b!("min", min, *, 1).intrinsic(Intrinsic::Min).defers(),
    b!("max", max, *, 1).intrinsic(Intrinsic::Max).defers(),
    b!("sum", sum, 2, 1).names(&["start"]).defers(),
    b!("sorted", sorted, *, 1).defers(),
    b!("any", any, 1).defers(),
    b!("all", all, 1).defers(),
    b!("isinstance", isinstance, 2).intrinsic(Intrinsic::Isinstance).effect(Effect::Reads),
    b!("issubclass", issubclass, 2).effect(Effect::Reads),
    b!("id", id, 1),
    b!("hash", hash_of, 1),
    b!("ord", ord, 1).intrinsic(Intrinsic::Ord).effect(Effect::Elidable),
    b!("chr", chr, 1).intrinsic(Intrinsic::Chr),
    b!("hex", hex, 1),
    b!("bin", bin, 1),
    b!("oct", oct, 1),
    b!("round", round, 2, 1).names(&["number", "ndigits"]),
    b!("divmod", divmod, 2),
    b!("pow", pow, 3, 2).names(&["base", "exp", "mod"]),
    b!("repr", repr::repr_of, 1),
    b!("ascii", repr::ascii_of, 1),
    b!("format", format_, 2, 1),
    b!("getattr", getattr, 3, 2),
    b!("setattr", setattr, 3),
    b!("hasattr", hasattr, 2),
    b!("delattr", delattr, 2),
    b!("iter", iter_, 2, 1).intrinsic(Intrinsic::Iter),
    b!("next", next, 2, 1).intrinsic(Intrinsic::Next),
    b!("callable", callable, 1),
    b!("input", input, 1, 0),
    b!("open", open, 4, 1).names(&["mode", "encoding", "newline"]),
    b!("vars", vars, 1),
    b!("dir", super::object::dir, 1),
];

fn print(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let mut args = Arguments::new("print", args, names);
    args.check(vm, &["sep", "end", "file", "flush"])?;
    let mut part = |vm: &mut Vm, name: &str, default: &'static str| -> Res<&'static str> {
        match args.take(vm, name) {
            None => Ok(default),
            Some(v) if access::is(v, STR) => Ok(access::text(v)),
            Some(v) => {
                let message = format!("{name} must be None or a string, not {}", vm.type_name(v));
                Err(vm.type_error(&message))
            }
        }
    };
    let sep = part(vm, "sep", " ")?;
    let end = part(vm, "end", "\n")?;
    let file = args.take(vm, "file");
    let index = match file {
        None => STDOUT,
        Some(f) if access::is(f, FILE) => access::get_int(f, FILE_INDEX) as usize,
        Some(f) => return print_to(vm, f, args.positional, sep, end),
    };
    if !vm.files.is_open(index) {
        return Err(vm.value_error("I/O operation on closed file."));
    }
    let mut failed = Ok(());
    for (i, arg) in args.positional.iter().enumerate() {
        if i > 0 {
            failed = failed.and(vm.files.write(index, sep.as_bytes()));
        }
        let result = match access::class(*arg) {
            STR => vm.files.write(index, access::bytes(*arg)),
            _ => {
                let shown = text::str_of(vm, *arg)?;
                vm.files.write(index, access::bytes(shown))
            }
        };
        failed = failed.and(result);
    }
    failed = failed.and(vm.files.write(index, end.as_bytes()));
    if let Some(flush) = args.take(vm, "flush")
        && compare::truth(vm, flush)?
    {
        failed = failed.and(vm.files.flush(index));
    }
    match failed {
        Ok(()) => Ok(vm.none),
        Err(e) => Err(exceptions::os_error(vm, &e, Ref::NULL)),
    }
}

/// `print` to an object that has a method `write`.
fn print_to(vm: &mut Vm, file: Ref, args: &[Ref], sep: &str, end: &str) -> Res<Ref> {
    let write = attributes::get(vm, file, symbols::WRITE)?;
    for (i, arg) in args.iter().enumerate() {
        if i > 0 {
            let sep = vm.str(sep);
            callback(vm, write, &[sep])?;
        }
        let shown = text::str_of(vm, *arg)?;
        callback(vm, write, &[shown])?;
    }
    let end = vm.str(end);
    callback(vm, write, &[end])?;
    Ok(vm.none)
}

fn len(vm: &mut Vm, r: Ref) -> Res<Ref> {
    sequence::len(vm, r).map(|n| vm.int(n))
}

fn abs(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        INT | BOOL => {
            let v = (access::int_value(r) as i128).abs();
            Ok(bigint::from_i128(vm, v))
        }
        FLOAT => Ok(vm.float(access::float_value(r).abs())),
        BIGINT if access::get_int(r, BIGINT_SIGN) > 0 => Ok(r),
        BIGINT => numbers::unary(vm, crate::bytecode::UnaryOp::Neg, r),
        _ => {
            let method = attributes::special(vm, r, symbols::ABS);
            if method.is_null() {
                let message = format!("bad operand type for abs(): '{}'", vm.type_name(r));
                return Err(vm.type_error(&message));
            }
            callback(vm, method, &[r])
        }
    }
}

fn extreme(vm: &mut Vm, name: &'static str, args: Ref, names: Ref, want_less: bool) -> Res<Ref> {
    let mut args = Arguments::new(name, args, names);
    args.check(vm, &["key", "default"])?;
    let key = args.take(vm, "key");
    let has_default = args.pairs().any(|(n, _)| access::text(n) == "default");
    let default = args.take(vm, "default");
    if let [iterable] = args.positional
        && (key.is_some_and(prelude::is_guest) || prelude::is_lazy(vm, *iterable))
    {
        let none = vm.none;
        let has_default = vm.bool(has_default);
        let call = [*iterable, key.unwrap_or(none), has_default, default.unwrap_or(none)];
        return prelude::defer(vm, name, &call);
    }
    let mut best: Option<(Ref, Ref)> = None;
    let mut consider = |vm: &mut Vm, item: Ref| -> Res<()> {
        let k = match key {
            Some(key) => callback(vm, key, &[item])?,
            None => item,
        };
        let better = match best {
            None => true,
            Some((_, b)) if want_less => compare::less(vm, k, b)?,
            Some((_, b)) => compare::rich_truth(vm, crate::bytecode::CompareOp::Gt, k, b)?,
        };
        if better {
            best = Some((item, k));
        }
        Ok(())
    };
    if let [iterable] = args.positional {
        let iterator = iter::iter(vm, *iterable)?;
        while let Some(item) = iter::next(vm, iterator)? {
            consider(vm, item)?;
        }
    } else {
        for item in args.positional {
            consider(vm, *item)?;
        }
    }
    match best {
        Some((item, _)) => Ok(item),
        None if has_default => Ok(default.unwrap_or(vm.none)),
        None => {
            let message = format!("{name}() iterable argument is empty");
            Err(vm.value_error(&message))
        }
    }
}

fn min(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    extreme(vm, "min", args, names, true)
}

fn max(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    extreme(vm, "max", args, names, false)
}

/// A sum of doubles that keeps what is lost in rounding, as CPython has it since 3.12.
#[derive(Clone, Copy)]
struct Compensated {
    high: f64,
    low: f64,
}

impl Compensated {
    fn add(&mut self, x: f64) {
        let t = self.high + x;
        if self.high.abs() >= x.abs() {
            self.low += (self.high - t) + x;
        } else {
            self.low += (x - t) + self.high;
        }
        self.high = t;
    }

    fn value(self) -> f64 {
        if self.low != 0.0 && self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

fn sum(vm: &mut Vm, iterable: Ref, start: Ref) -> Res<Ref> {
    let mut total = if start.is_null() { vm.int(0) } else { start };
    if access::is(total, STR) {
        return Err(vm.type_error("sum() can't sum strings [use ''.join(seq) instead]"));
    }
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "sum", &[iterable, total]);
    }
    let iterator = iter::iter(vm, iterable)?;
    let mut item = iter::next(vm, iterator)?;
    // Integers that fit, as long as there are only those.
    if access::is(total, INT) {
        let mut sum = access::int_value(total);
        while let Some(x) = item {
            if !matches!(access::class(x), INT | BOOL) {
                break;
            }
            match sum.checked_add(access::int_value(x)) {
                Some(s) => sum = s,
                None => break,
            }
            item = iter::next(vm, iterator)?;
        }
        total = vm.int(sum);
    }
    if access::is(total, FLOAT) || access::is(total, INT) && item.is_some_and(|x| access::is(x, FLOAT)) {
        let mut sum = Compensated { high: numbers::to_float(vm, total)?, low: 0.0 };
        while let Some(x) = item {
            match access::class(x) {
                FLOAT => sum.add(access::float_value(x)),
                INT | BOOL => sum.add(access::int_value(x) as f64),
                _ => break,
            }
            item = iter::next(vm, iterator)?;
        }
        total = vm.float(sum.value());
    }
    while let Some(x) = item {
        total = numbers::binary(vm, BinaryOp::Add, total, x)?;
        item = iter::next(vm, iterator)?;
    }
    Ok(total)
}

fn sorted(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let mut args = Arguments::new("sorted", args, names);
    let [iterable] = args.positional else {
        let message = format!("sorted expected 1 argument, got {}", args.positional.len());
        return Err(vm.type_error(&message));
    };
    args.check(vm, &["key", "reverse"])?;
    let none = vm.none;
    let key = args.get("key").unwrap_or(none);
    if prelude::is_guest(key) || prelude::is_lazy(vm, *iterable) {
        let reverse = args.get("reverse").unwrap_or(vm.false_);
        return prelude::defer(vm, "sorted", &[*iterable, key, reverse]);
    }
    let r = list::from_iterable(vm, *iterable)?;
    super::list::sort_with(vm, r, &mut args)?;
    Ok(r)
}

fn any(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "any", &[iterable]);
    }
    let iterator = iter::iter(vm, iterable)?;
    while let Some(item) = iter::next(vm, iterator)? {
        if compare::truth(vm, item)? {
            return Ok(vm.true_);
        }
    }
    Ok(vm.false_)
}

fn all(vm: &mut Vm, iterable: Ref) -> Res<Ref> {
    if prelude::is_lazy(vm, iterable) {
        return prelude::defer(vm, "all", &[iterable]);
    }
    let iterator = iter::iter(vm, iterable)?;
    while let Some(item) = iter::next(vm, iterator)? {
        if !compare::truth(vm, item)? {
            return Ok(vm.false_);
        }
    }
    Ok(vm.true_)
}

fn isinstance(vm: &mut Vm, r: Ref, of: Ref) -> Res<Ref> {
    classes::isinstance(vm, r, of).map(|v| vm.bool(v))
}

fn issubclass(vm: &mut Vm, class: Ref, of: Ref) -> Res<Ref> {
    classes::issubclass(vm, class, of).map(|v| vm.bool(v))
}

fn id(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let id = vm.heap.identity(r);
    Ok(vm.int(id))
}

fn hash_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    hash::hash(vm, r).map(|h| vm.int(h))
}

fn ord(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if access::is(r, BYTES) && access::length(r) == 1 {
        return Ok(vm.int(access::bytes_contents(r)[0] as i64));
    }
    if !access::is(r, STR) {
        let message = format!("ord() expected string of length 1, but {} found", vm.type_name(r));
        return Err(vm.type_error(&message));
    }
    let mut chars = access::text(r).chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(vm.int(c as i64)),
        _ => {
            let message = format!(
                "ord() expected a character, but string of length {} found",
                access::get_int(r, STR_CHARS)
            );
            Err(vm.type_error(&message))
        }
    }
}

fn chr(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let v = numbers::index(vm, r)?;
    match u32::try_from(v).ok().and_then(char::from_u32) {
        Some(c) => Ok(vm.char(c)),
        None => Err(vm.value_error("chr() arg not in range(0x110000)")),
    }
}

fn with_prefix(vm: &mut Vm, r: Ref, base: u32, prefix: &str) -> Res<Ref> {
    let v = numbers::integer(vm, r)?;
    let digits = bigint::digits(v, base);
    let shown = match digits.strip_prefix('-') {
        Some(digits) => format!("-{prefix}{digits}"),
        None => format!("{prefix}{digits}"),
    };
    Ok(vm.str(&shown))
}

fn hex(vm: &mut Vm, r: Ref) -> Res<Ref> {
    with_prefix(vm, r, 16, "0x")
}

fn bin(vm: &mut Vm, r: Ref) -> Res<Ref> {
    with_prefix(vm, r, 2, "0b")
}

fn oct(vm: &mut Vm, r: Ref) -> Res<Ref> {
    with_prefix(vm, r, 8, "0o")
}

fn round(vm: &mut Vm, r: Ref, digits: Ref) -> Res<Ref> {
    let whole = digits.is_null() || digits == vm.none;
    match access::class(r) {
        FLOAT if whole => {
            let v = access::float_value(r).round_ties_even();
            bigint::from_float(vm, v)
        }
        FLOAT => {
            let v = access::float_value(r);
            let n = numbers::index(vm, digits)?;
            if !v.is_finite() || n > 323 {
                return Ok(r);
            }
            if n < -308 {
                return Ok(vm.float(0.0f64.copysign(v)));
            }
            // Rounding in decimal: the text has the correctly rounded digits.
            let rounded = if n >= 0 {
                format!("{v:.*}", n as usize).parse().unwrap_or(v)
            } else {
                round_tens(v, -n as usize)
            };
            if rounded.is_infinite() {
                return Err(vm.overflow_error("rounded value too large to represent"));
            }
            Ok(vm.float(rounded))
        }
        INT | BOOL | BIGINT => {
            if whole {
                return numbers::integer(vm, r);
            }
            let n = numbers::index(vm, digits)?;
            if n >= 0 {
                return numbers::integer(vm, r);
            }
            let ten = vm.int(10);
            let n = vm.int(-n);
            let unit = numbers::binary(vm, BinaryOp::Pow, ten, n)?;
            let rest = numbers::binary(vm, BinaryOp::Mod, r, unit)?;
            let low = numbers::binary(vm, BinaryOp::Sub, r, rest)?;
            let twice = numbers::binary(vm, BinaryOp::Add, rest, rest)?;
            let up = match bigint::order(twice, unit) {
                std::cmp::Ordering::Less => false,
                std::cmp::Ordering::Greater => true,
                std::cmp::Ordering::Equal => {
                    let q = numbers::binary(vm, BinaryOp::FloorDiv, low, unit)?;
                    let two = vm.int(2);
                    let odd = numbers::binary(vm, BinaryOp::Mod, q, two)?;
                    compare::truth(vm, odd)?
                }
            };
            if up { numbers::binary(vm, BinaryOp::Add, low, unit) } else { Ok(low) }
        }
        _ => {
            let method = attributes::special(vm, r, symbols::ROUND);
            if method.is_null() {
                let message = format!("type {} doesn't define __round__ method", vm.type_name(r));
                return Err(vm.type_error(&message));
            }
            if whole { callback(vm, method, &[r]) } else { callback(vm, method, &[r, digits]) }
        }
    }
}

/// Rounds to a multiple of 10^n, ties to even.
fn round_tens(v: f64, n: usize) -> f64 {
    let exact = format!("{:.0}", v.abs().trunc());
    if exact.len() < n {
        return 0.0f64.copysign(v);
    }
    let (kept, cut) = exact.split_at(exact.len() - n);
    let half = format!("5{}", "0".repeat(n - 1));
    let odd = kept.bytes().last().is_some_and(|d| d % 2 == 1);
    let up = match cut.cmp(&half) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => odd || v.abs().fract() != 0.0,
    };
    let kept: f64 = if kept.is_empty() { 0.0 } else { kept.parse().unwrap_or(0.0) };
    let text = format!("{:.0}e{n}", kept + if up { 1.0 } else { 0.0 });
    text.parse::<f64>().unwrap_or(v).copysign(v)
}

fn divmod(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    if is_shape(access::class(a)) || is_shape(access::class(b)) {
        let method = attributes::special(vm, a, symbols::DIVMOD);
        if !method.is_null() {
            let v = callback(vm, method, &[a, b])?;
            if v != vm.not_implemented {
                return Ok(v);
            }
        }
        let method = attributes::special(vm, b, symbols::RDIVMOD);
        if !method.is_null() {
            let v = callback(vm, method, &[b, a])?;
            if v != vm.not_implemented {
                return Ok(v);
            }
        }
        return Err(numbers::unsupported(vm, "divmod()", a, b));
    }
    let number = |r| matches!(access::class(r), INT | BOOL | BIGINT | FLOAT);
    if !number(a) || !number(b) {
        return Err(numbers::unsupported(vm, "divmod()", a, b));
    }
    let q = numbers::floordiv(vm, a, b)?;
    let r = numbers::modulo(vm, a, b)?;
    Ok(vm.tuple(&[q, r]))
}

fn pow(vm: &mut Vm, base: Ref, exponent: Ref, modulus: Ref) -> Res<Ref> {
    if modulus.is_null() || modulus == vm.none {
        return numbers::pow(vm, base, exponent);
    }
    if ![base, exponent, modulus].iter().all(|r| bigint::is_integer(*r)) {
        return Err(vm.type_error("pow() 3rd argument not allowed unless all arguments are integers"));
    }
    let (mut b, e, m) = (bigint::value(base), bigint::value(exponent), bigint::value(modulus));
    let zero = num_bigint::BigInt::from(0);
    if m == zero {
        return Err(vm.value_error("pow() 3rd argument cannot be 0"));
    }
    let mut e = e;
    if e < zero {
        match b.modinv(&m) {
            Some(inverse) => b = inverse,
            None => return Err(vm.value_error("base is not invertible for the given modulus")),
        }
        e = -e;
    }
    let v = b.modpow(&e, &m);
    Ok(bigint::object(vm, &v))
}

fn format_(vm: &mut Vm, r: Ref, spec: Ref) -> Res<Ref> {
    format::format(vm, r, spec)
}

fn attribute_name(vm: &mut Vm, name: Ref) -> Res<symbols::Sym> {
    if !access::is(name, STR) {
        let message = format!("attribute name must be string, not '{}'", vm.type_name(name));
        return Err(vm.type_error(&message));
    }
    Ok(vm.intern_object(name))
}

fn getattr(vm: &mut Vm, r: Ref, name: Ref, default: Ref) -> Res<Ref> {
    let sym = attribute_name(vm, name)?;
    match attributes::get(vm, r, sym) {
        Err(Raised) if !default.is_null() && vm.clear_if(ATTRIBUTE_ERROR) => Ok(default),
        other => other,
    }
}

fn setattr(vm: &mut Vm, r: Ref, name: Ref, value: Ref) -> Res<Ref> {
    let sym = attribute_name(vm, name)?;
    attributes::set(vm, r, sym, value)?;
    Ok(vm.none)
}

fn hasattr(vm: &mut Vm, r: Ref, name: Ref) -> Res<Ref> {
    let sym = attribute_name(vm, name)?;
    match attributes::get(vm, r, sym) {
        Ok(_) => Ok(vm.true_),
        Err(Raised) if vm.clear_if(ATTRIBUTE_ERROR) => Ok(vm.false_),
        Err(Raised) => Err(Raised),
    }
}

fn delattr(vm: &mut Vm, r: Ref, name: Ref) -> Res<Ref> {
    let sym = attribute_name(vm, name)?;
    attributes::delete(vm, r, sym)?;
    Ok(vm.none)
}

fn iter_(vm: &mut Vm, r: Ref, sentinel: Ref) -> Res<Ref> {
    if sentinel.is_null() {
        return iter::iter(vm, r);
    }
    if !call::callable(vm, r) {
        return Err(vm.type_error("iter(v, w): v must be callable"));
    }
    let it = vm.new_object(CALL_ITER);
    access::init_ref(it, ITER_SOURCE, r);
    access::init_ref(it, ITER_FUNC, sentinel);
    Ok(it)
}

fn next(vm: &mut Vm, it: Ref, default: Ref) -> Res<Ref> {
    match iter::next(vm, it)? {
        Some(item) => Ok(item),
        None if !default.is_null() => Ok(default),
        None => {
            let e = vm.exception_with(STOP_ITERATION, vm.empty_tuple);
            Err(vm.raise_object(e))
        }
    }
}

fn callable(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let v = call::callable(vm, r);
    Ok(vm.bool(v))
}

fn input(vm: &mut Vm, prompt: Ref) -> Res<Ref> {
    if !prompt.is_null() {
        let shown = text::str_of(vm, prompt)?;
        let _ = vm.files.write(STDOUT, access::bytes(shown));
    }
    let _ = vm.files.flush(STDOUT);
    match vm.files.read_line(STDIN) {
        Ok(line) if line.is_empty() => Err(vm.raise(EOF_ERROR, "EOF when reading a line")),
        Ok(line) => {
            let line = String::from_utf8_lossy(&line).into_owned();
            let line = line.strip_suffix('\n').unwrap_or(&line);
            Ok(vm.str(line))
        }
        Err(e) => Err(exceptions::os_error(vm, &e, Ref::NULL)),
    }
}

fn open(vm: &mut Vm, file: Ref, mode: Ref, _encoding: Ref, _newline: Ref) -> Res<Ref> {
    super::file::open(vm, file, mode)
}

fn vars(vm: &mut Vm, r: Ref) -> Res<Ref> {
    attributes::get(vm, r, symbols::DICT)
}
