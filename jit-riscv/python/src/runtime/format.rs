//! `format()`, format specifications, `%` formatting and `str.format`.

use jit_riscv::object::Ref;

use super::{
    Raised, Res, attributes, bigint, callback, calls, dict, float_text, numbers, repr, sequence, text,
};
use crate::access;
use crate::objects::*;
use crate::symbols;
use crate::vm::Vm;

calls! {
    /// `format(value, spec)`; a null spec is an empty one.
    FORMAT: Any, format(value: Ref, spec: Ref) -> Res<Ref>;
    /// `string % arguments`
    PERCENT: Any, percent(string: Ref, arguments: Ref) -> Res<Ref>;
}

/// Largest width and precision.
const MAX_WIDTH: usize = 1 << 24;

/// A parsed format specification.
#[derive(Clone, Copy, Default)]
struct Spec {
    fill: Option<char>,
    align: Option<char>,
    sign: Option<char>,
    alternate: bool,
    zero: bool,
    width: usize,
    grouping: Option<char>,
    precision: Option<usize>,
    style: Option<char>,
}

fn is_align(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '^')
}

/// None: not a specification.
fn parse(text: &str) -> Option<Spec> {
    let mut spec = Spec::default();
    let mut rest = text;
    let mut chars = rest.chars();
    if let Some(first) = chars.next() {
        if chars.next().is_some_and(is_align) {
            spec.fill = Some(first);
            spec.align = rest[first.len_utf8()..].chars().next();
            rest = &rest[first.len_utf8() + 1..];
        } else if is_align(first) {
            spec.align = Some(first);
            rest = &rest[1..];
        }
    }
    let mut take = |set: &[char]| -> Option<char> {
        let c = rest.chars().next().filter(|c| set.contains(c))?;
        rest = &rest[c.len_utf8()..];
        Some(c)
    };
    spec.sign = take(&['+', '-', ' ']);
    spec.alternate = take(&['#']).is_some();
    if take(&['0']).is_some() {
        spec.zero = true;
    }
    let number = |rest: &mut &str| -> Option<Option<usize>> {
        let n = rest.bytes().take_while(u8::is_ascii_digit).count();
        if n == 0 {
            return Some(None);
        }
        let v: usize = rest[..n].parse().ok()?;
        *rest = &rest[n..];
        (v <= MAX_WIDTH).then_some(Some(v))
    };
    spec.width = number(&mut rest)?.unwrap_or(0);
    if rest.starts_with([',', '_']) {
        spec.grouping = rest.chars().next();
        rest = &rest[1..];
    }
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        spec.precision = Some(number(&mut rest)??);
    }
    let mut chars = rest.chars();
    spec.style = chars.next();
    chars.next().is_none().then_some(spec)
}

/// Pads `body` (with its sign or prefix apart) to the width. `default` is the alignment where none is given.
fn pad(spec: &Spec, prefix: &str, body: &str, default: char) -> String {
    let fill = spec.fill.unwrap_or(if spec.zero { '0' } else { ' ' });
    let align = spec.align.unwrap_or(if spec.zero { '=' } else { default });
    let len = prefix.chars().count() + body.chars().count();
    let missing = spec.width.saturating_sub(len);
    let mut out = String::with_capacity(body.len() + prefix.len() + missing);
    let (before, after) = match align {
        '<' => (0, missing),
        '^' => (missing / 2, missing - missing / 2),
        _ => (missing, 0),
    };
    if align == '=' {
        out.push_str(prefix);
        out.extend(std::iter::repeat_n(fill, missing));
    } else {
        out.extend(std::iter::repeat_n(fill, before));
        out.push_str(prefix);
    }
    out.push_str(body);
    out.extend(std::iter::repeat_n(fill, after));
    out
}

/// Puts separators between groups of digits; with zero padding, so many zeros in front that the width is reached.
fn group(digits: &str, separator: char, every: usize, min_width: usize) -> String {
    let mut digits = digits.to_string();
    let width = |n: usize| n + n.saturating_sub(1) / every;
    while width(digits.len()) < min_width {
        digits.insert(0, '0');
    }
    let mut out = String::new();
    for (i, d) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(every) {
            out.push(separator);
        }
        out.push(d);
    }
    out
}

fn sign_of(spec: &Spec, negative: bool) -> &'static str {
    match (negative, spec.sign) {
        (true, _) => "-",
        (false, Some('+')) => "+",
        (false, Some(' ')) => " ",
        _ => "",
    }
}

/// Zero padding that has to be grouped is part of the digits.
fn padded_digits(spec: &Spec, sign_len: usize, digits: &str, tail: usize, every: usize) -> String {
    match spec.grouping {
        None => digits.to_string(),
        Some(separator) => {
            let zeros =
                spec.align == Some('=') && spec.fill == Some('0') || spec.zero && spec.align.is_none();
            let room = if zeros { spec.width.saturating_sub(sign_len + tail) } else { 0 };
            group(digits, separator, every, room)
        }
    }
}

fn format_integer(vm: &mut Vm, r: Ref, spec: &Spec) -> Res<String> {
    let style = spec.style.unwrap_or('d');
    match style {
        'd' | 'n' | 'b' | 'o' | 'x' | 'X' => {}
        'c' => {
            let v = numbers::index(vm, r)?;
            let Some(c) = u32::try_from(v).ok().and_then(char::from_u32) else {
                return Err(vm.overflow_error("%c arg not in range(0x110000)"));
            };
            return Ok(pad(spec, "", &c.to_string(), '<'));
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => {
            let v = numbers::to_float(vm, r)?;
            return format_float(vm, v, spec);
        }
        _ => return Err(unknown_code(vm, style, r)),
    }
    if spec.precision.is_some() {
        return Err(vm.value_error("Precision not allowed in integer format specifier"));
    }
    let base = match style {
        'b' => 2,
        'o' => 8,
        'x' | 'X' => 16,
        _ => 10,
    };
    let all = bigint::digits(r, base);
    let digits = all.trim_start_matches('-');
    let negative = digits.len() < all.len();
    let mut prefix = sign_of(spec, negative).to_string();
    if spec.alternate {
        prefix.push_str(match style {
            'b' => "0b",
            'o' => "0o",
            'x' => "0x",
            'X' => "0X",
            _ => "",
        });
    }
    let digits = if style == 'X' { digits.to_uppercase() } else { digits.to_string() };
    let every = if base == 10 { 3 } else { 4 };
    let digits = padded_digits(spec, prefix.len(), &digits, 0, every);
    Ok(pad(spec, &prefix, &digits, '>'))
}

fn format_float(vm: &mut Vm, v: f64, spec: &Spec) -> Res<String> {
    let body = match (spec.style, spec.precision) {
        (None, None) => {
            let mut text = String::new();
            float_text::repr(v.abs(), &mut text);
            text
        }
        (None, Some(precision)) => float_text::general(v, precision),
        (Some('%'), precision) => {
            float_text::styled(v * 100.0, 'f', precision.unwrap_or(6), spec.alternate) + "%"
        }
        (Some(style @ ('e' | 'E' | 'f' | 'F' | 'g' | 'G')), precision) => {
            float_text::styled(v, style, precision.unwrap_or(6), spec.alternate)
        }
        (Some('n'), precision) => float_text::styled(v, 'g', precision.unwrap_or(6), spec.alternate),
        (Some(style), _) => {
            let f = vm.float(v);
            return Err(unknown_code(vm, style, f));
        }
    };
    let prefix = sign_of(spec, v.is_sign_negative() && !v.is_nan());
    let whole = body.bytes().take_while(u8::is_ascii_digit).count();
    let tail = body.len() - whole;
    let digits = padded_digits(spec, prefix.len(), &body[..whole], tail, 3) + &body[whole..];
    Ok(pad(spec, prefix, &digits, '>'))
}

#[cold]
fn unknown_code(vm: &mut Vm, style: char, r: Ref) -> Raised {
    let message = format!("Unknown format code '{style}' for object of type '{}'", vm.type_name(r));
    vm.value_error(&message)
}

fn format_str(vm: &mut Vm, s: &str, spec: &Spec, r: Ref) -> Res<String> {
    match spec.style {
        None | Some('s') => {}
        Some(style) => return Err(unknown_code(vm, style, r)),
    }
    if spec.sign.is_some() {
        return Err(vm.value_error("Sign not allowed in string format specifier"));
    }
    if spec.align == Some('=') {
        return Err(vm.value_error("'=' alignment not allowed in string format specifier"));
    }
    let cut = match spec.precision {
        Some(n) => s.char_indices().nth(n).map_or(s, |(i, _)| &s[..i]),
        None => s,
    };
    // A zero before the width fills on the right of strings.
    let spec = Spec { align: spec.align.or(Some('<')), ..*spec };
    Ok(pad(&spec, "", cut, '<'))
}

/// `format(value, spec)` as a STR.
pub fn format(vm: &mut Vm, value: Ref, spec: Ref) -> Res<Ref> {
    let empty = spec.is_null() || access::is(spec, STR) && access::length(spec) == 0;
    let class = access::class(value);
    if empty && matches!(class, STR | INT) {
        return text::str_of(vm, value);
    }
    let method = text::own_method(vm, value, symbols::FORMAT);
    if !method.is_null() {
        let spec = if spec.is_null() { vm.empty_str } else { spec };
        let v = callback(vm, method, &[value, spec])?;
        if access::is(v, STR) {
            return Ok(v);
        }
        let message = format!("__format__ must return a str, not {}", vm.type_name(v));
        return Err(vm.type_error(&message));
    }
    if empty {
        return text::str_of(vm, value);
    }
    let text = text::expect_str(vm, spec, "format() argument 2")?;
    let Some(parsed) = parse(text) else {
        let message =
            format!("Invalid format specifier '{text}' for object of type '{}'", vm.type_name(value));
        return Err(vm.value_error(&message));
    };
    let out = match class {
        INT | BIGINT => format_integer(vm, value, &parsed)?,
        BOOL if parsed.style.is_some_and(|s| s != 's') => format_integer(vm, value, &parsed)?,
        BOOL => {
            let shown = if value == vm.true_ { "True" } else { "False" };
            format_str(vm, shown, &parsed, value)?
        }
        FLOAT => format_float(vm, access::float_value(value), &parsed)?,
        STR => format_str(vm, access::text(value), &parsed, value)?,
        _ => {
            let message = format!("unsupported format string passed to {}.__format__", vm.type_name(value));
            return Err(vm.type_error(&message));
        }
    };
    Ok(vm.str(&out))
}

/// The arguments of a `%` operator.
struct PercentArguments<'a> {
    all: &'a [Ref],
    next: usize,
    mapping: Option<Ref>,
}

impl PercentArguments<'_> {
    fn take(&mut self, vm: &mut Vm) -> Res<Ref> {
        let Some(v) = self.all.get(self.next) else {
            return Err(vm.type_error("not enough arguments for format string"));
        };
        self.next += 1;
        Ok(*v)
    }
}

/// `string % arguments`
pub fn percent(vm: &mut Vm, string: Ref, arguments: Ref) -> Res<Ref> {
    let single = [arguments];
    let is_tuple = access::is(arguments, TUPLE);
    let mapping = match access::class(arguments) {
        DICT | DEFAULTDICT => Some(arguments),
        _ => None,
    };
    let mut args =
        PercentArguments { all: if is_tuple { access::refs(arguments) } else { &single }, next: 0, mapping };
    let format = access::text(string);
    let mut out = String::with_capacity(format.len() + 16);
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        rest = percent_field(vm, rest, &mut args, &mut out)?;
    }
    out.push_str(rest);
    if args.next < args.all.len() && (is_tuple || mapping.is_none()) {
        return Err(vm.type_error("not all arguments converted during string formatting"));
    }
    Ok(vm.str(&out))
}

/// One field of a `%` format, after the `%`; gives what follows it.
fn percent_field<'a>(
    vm: &mut Vm,
    text: &'a str,
    args: &mut PercentArguments,
    out: &mut String,
) -> Res<&'a str> {
    let mut rest = text;
    let mut value = None;
    if rest.starts_with('(') {
        let Some(end) = rest.find(')') else {
            return Err(vm.value_error("incomplete format key"));
        };
        let Some(mapping) = args.mapping else {
            return Err(vm.type_error("format requires a mapping"));
        };
        let key = vm.str(&rest[1..end]);
        value = Some(dict::get_item(vm, mapping, key)?);
        args.next = args.all.len();
        rest = &rest[end + 1..];
    }
    let mut spec = Spec::default();
    let mut left = false;
    loop {
        match rest.as_bytes().first() {
            Some(b'-') => left = true,
            Some(b'+') => spec.sign = Some('+'),
            Some(b' ') if spec.sign.is_none() => spec.sign = Some(' '),
            Some(b' ') => {}
            Some(b'#') => spec.alternate = true,
            Some(b'0') => spec.zero = true,
            _ => break,
        }
        rest = &rest[1..];
    }
    let number = |vm: &mut Vm, rest: &mut &str, args: &mut PercentArguments| -> Res<Option<i64>> {
        if let Some(after) = rest.strip_prefix('*') {
            *rest = after;
            let v = args.take(vm)?;
            return match access::class(v) {
                INT | BOOL => Ok(Some(access::int_value(v))),
                _ => Err(vm.type_error("* wants int")),
            };
        }
        let n = rest.bytes().take_while(u8::is_ascii_digit).count();
        let v = rest[..n].parse().ok();
        *rest = &rest[n..];
        Ok(v)
    };
    if let Some(width) = number(vm, &mut rest, args)? {
        left |= width < 0;
        spec.width = width.unsigned_abs() as usize;
    }
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        spec.precision = Some(number(vm, &mut rest, args)?.unwrap_or(0).max(0) as usize);
    }
    if spec.width > MAX_WIDTH || spec.precision.is_some_and(|p| p > MAX_WIDTH) {
        return Err(vm.overflow_error("Python int too large to convert to C int"));
    }
    rest = rest.strip_prefix(['l', 'h', 'L']).unwrap_or(rest);
    let Some(style) = rest.chars().next() else {
        return Err(vm.value_error("incomplete format"));
    };
    rest = &rest[style.len_utf8()..];
    if style == '%' {
        out.push('%');
        return Ok(rest);
    }
    let value = match value {
        Some(v) => v,
        None => args.take(vm)?,
    };
    let zero = spec.zero && !left;
    spec.zero = false;
    spec.align = Some(if left { '<' } else { '>' });
    if zero && !matches!(style, 's' | 'r' | 'a' | 'c') {
        spec.align = Some('=');
        spec.fill = Some('0');
    }
    match style {
        's' | 'r' | 'a' => {
            let shown = match style {
                's' => text::str_of(vm, value)?,
                'r' => repr::repr_of(vm, value)?,
                _ => repr::ascii_of(vm, value)?,
            };
            let shown = access::text(shown);
            if spec.width == 0 && spec.precision.is_none() {
                out.push_str(shown);
                return Ok(rest);
            }
            spec.sign = None;
            out.push_str(&format_str(vm, shown, &spec, value)?);
        }
        'c' => {
            let shown = match access::class(value) {
                STR if access::get_int(value, STR_CHARS) == 1 => access::text(value).to_string(),
                INT | BOOL => {
                    let v = access::int_value(value);
                    match u32::try_from(v).ok().and_then(char::from_u32) {
                        Some(c) => c.to_string(),
                        None => return Err(vm.overflow_error("%c arg not in range(0x110000)")),
                    }
                }
                _ => return Err(vm.type_error("%c requires int or char")),
            };
            out.push_str(&pad(&spec, "", &shown, '>'));
        }
        'd' | 'i' | 'u' => {
            let v = match access::class(value) {
                FLOAT => bigint::from_float(vm, access::float_value(value))?,
                INT | BOOL | BIGINT => value,
                _ => match numbers::integer(vm, value) {
                    Ok(v) => v,
                    Err(Raised) => {
                        vm.take_exception();
                        let message = format!(
                            "%{style} format: a real number is required, not {}",
                            vm.type_name(value)
                        );
                        return Err(vm.type_error(&message));
                    }
                },
            };
            spec.style = Some('d');
            out.push_str(&percent_integer(vm, v, &spec)?);
        }
        'x' | 'X' | 'o' => {
            let Ok(v) = numbers::integer(vm, value) else {
                vm.take_exception();
                let message = format!("%{style} format: an integer is required, not {}", vm.type_name(value));
                return Err(vm.type_error(&message));
            };
            spec.style = Some(style);
            out.push_str(&percent_integer(vm, v, &spec)?);
        }
        'e' | 'E' | 'f' | 'F' | 'g' | 'G' => {
            let v = numbers::to_float(vm, value)?;
            spec.style = Some(style);
            out.push_str(&format_float(vm, v, &spec)?);
        }
        _ => {
            let at = access::text(vm.empty_str).len() + text.len() - rest.len();
            let message =
                format!("unsupported format character '{style}' ({:#x}) at index {at}", style as u32);
            return Err(vm.value_error(&message));
        }
    }
    Ok(rest)
}

/// In `%` formats the precision of an integer is its least number of digits.
fn percent_integer(vm: &mut Vm, v: Ref, spec: &Spec) -> Res<String> {
    let Some(least) = spec.precision else { return format_integer(vm, v, spec) };
    let bare = Spec { precision: None, width: 0, align: None, fill: None, ..*spec };
    let shown = format_integer(vm, v, &bare)?;
    let start = shown.len() - shown.bytes().rev().take_while(|b| b.is_ascii_hexdigit()).count();
    let (prefix, digits) = shown.split_at(start);
    let missing = least.saturating_sub(digits.len());
    let digits = "0".repeat(missing) + digits;
    Ok(pad(spec, prefix, &digits, '>'))
}

/// `string.format(…)`: names belong to the last arguments.
pub fn format_method(vm: &mut Vm, string: &str, positional: &[Ref], named: &[(Ref, Ref)]) -> Res<Ref> {
    let mut next = 0;
    let out = format_fields(vm, string, positional, named, &mut next, 0)?;
    Ok(vm.str(&out))
}

fn format_fields(
    vm: &mut Vm,
    string: &str,
    positional: &[Ref],
    named: &[(Ref, Ref)],
    next: &mut usize,
    depth: usize,
) -> Res<String> {
    if depth > 2 {
        return Err(vm.value_error("Max string recursion exceeded"));
    }
    let mut out = String::with_capacity(string.len() + 16);
    let mut rest = string;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let brace = &rest[at..at + 1];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(brace) {
            out.push_str(brace);
            rest = after;
            continue;
        }
        if brace == "}" {
            return Err(vm.value_error("Single '}' encountered in format string"));
        }
        let mut level = 1;
        let Some(end) = rest.find(|c| {
            level += match c {
                '{' => 1,
                '}' => -1,
                _ => 0,
            };
            level == 0
        }) else {
            let message = if rest.is_empty() {
                "Single '{' encountered in format string"
            } else {
                "expected '}' before end of string"
            };
            return Err(vm.value_error(message));
        };
        let field = &rest[..end];
        rest = &rest[end + 1..];
        let split = field.find([':', '!']).unwrap_or(field.len());
        let (name, tail) = field.split_at(split);
        let (conversion, spec) = match tail.strip_prefix('!') {
            Some(after) => match after.split_once(':') {
                Some((conversion, spec)) => (conversion, spec),
                None => (after, ""),
            },
            None => ("", tail.strip_prefix(':').unwrap_or("")),
        };
        let mut value = field_value(vm, name, positional, named, next)?;
        value = match conversion {
            "" => value,
            "s" => text::str_of(vm, value)?,
            "r" => repr::repr_of(vm, value)?,
            "a" => repr::ascii_of(vm, value)?,
            other => {
                let message = format!("Unknown conversion specifier {other}");
                return Err(vm.value_error(&message));
            }
        };
        let spec = if spec.contains('{') {
            format_fields(vm, spec, positional, named, next, depth + 1)?
        } else {
            spec.to_string()
        };
        let spec = vm.str(&spec);
        let shown = format(vm, value, spec)?;
        out.push_str(access::text(shown));
    }
    out.push_str(rest);
    Ok(out)
}

fn field_value(
    vm: &mut Vm,
    name: &str,
    positional: &[Ref],
    named: &[(Ref, Ref)],
    next: &mut usize,
) -> Res<Ref> {
    let end = name.find(['.', '[']).unwrap_or(name.len());
    let (first, mut rest) = name.split_at(end);
    let position = if first.is_empty() {
        *next += 1;
        Some(*next - 1)
    } else {
        first.parse().ok()
    };
    let mut value = match position {
        Some(i) => match positional.get(i) {
            Some(v) => *v,
            None => {
                let message = format!("Replacement index {i} out of range for positional args tuple");
                return Err(vm.index_error(&message));
            }
        },
        None => match named.iter().find(|(n, _)| access::text(*n) == first) {
            Some((_, v)) => *v,
            None => {
                let key = vm.str(first);
                return Err(vm.key_error(key));
            }
        },
    };
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('.') {
            let end = after.find(['.', '[']).unwrap_or(after.len());
            let sym = vm.intern(&after[..end]);
            value = attributes::get(vm, value, sym)?;
            rest = &after[end..];
        } else {
            let Some(close) = rest.find(']') else {
                return Err(vm.value_error("Missing ']' in format string"));
            };
            let index = &rest[1..close];
            let key = match index.parse() {
                Ok(i) => vm.int(i),
                Err(_) => vm.str(index),
            };
            value = sequence::get_item(vm, value, key)?;
            rest = &rest[close + 1..];
        }
    }
    Ok(value)
}
