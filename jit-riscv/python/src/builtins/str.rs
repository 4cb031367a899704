//! `str`.

use jit_riscv::object::{Effect, Ref};

use super::{Builtin, BuiltinKind, b, prelude};
use crate::access;
use crate::objects::*;
use crate::runtime::call::Arguments;
use crate::runtime::{Res, compare, dict, format, iter, list, numbers, sequence, text};
use crate::vm::Vm;

pub static NEW: Builtin = b!("str", str_new, 3, 0).names(&["object", "encoding", "errors"]);

fn str_new(vm: &mut Vm, r: Ref, encoding: Ref, _errors: Ref) -> Res<Ref> {
    if r.is_null() {
        return Ok(vm.empty_str);
    }
    if !encoding.is_null() && access::is(r, BYTES) {
        return super::bytes::decode_utf8(vm, r);
    }
    text::str_of(vm, r)
}

pub static METHODS: &[Builtin] = &[
    b!("join", join, 2).defers(),
    b!("split", split, 3, 1).names(&["sep", "maxsplit"]),
    b!("rsplit", rsplit, 3, 1).names(&["sep", "maxsplit"]),
    b!("splitlines", splitlines, 2, 1).names(&["keepends"]),
    b!("replace", replace, 4, 3).names(&["count"]),
    b!("strip", strip, 2, 1).effect(Effect::Elidable),
    b!("lstrip", lstrip, 2, 1).effect(Effect::Elidable),
    b!("rstrip", rstrip, 2, 1).effect(Effect::Elidable),
    b!("find", find, 4, 2),
    b!("rfind", rfind, 4, 2),
    b!("index", index, 4, 2),
    b!("rindex", rindex, 4, 2),
    b!("count", count, 4, 2),
    b!("startswith", startswith, 4, 2),
    b!("endswith", endswith, 4, 2),
    b!("removeprefix", removeprefix, 2),
    b!("removesuffix", removesuffix, 2),
    b!("upper", upper, 1),
    b!("lower", lower, 1),
    b!("casefold", lower, 1),
    b!("capitalize", capitalize, 1),
    b!("title", title, 1),
    b!("swapcase", swapcase, 1),
    b!("isdigit", isdigit, 1),
    b!("isdecimal", isdecimal, 1),
    b!("isnumeric", isnumeric, 1),
    b!("isalpha", isalpha, 1),
    b!("isalnum", isalnum, 1),
    b!("isspace", isspace, 1),
    b!("isupper", isupper, 1),
    b!("islower", islower, 1),
    b!("istitle", istitle, 1),
    b!("isascii", isascii, 1),
    b!("isidentifier", isidentifier, 1),
    b!("isprintable", isprintable, 1),
    b!("center", center, 3, 2),
    b!("ljust", ljust, 3, 2),
    b!("rjust", rjust, 3, 2),
    b!("zfill", zfill, 2),
    b!("expandtabs", expandtabs, 2, 1).names(&["tabsize"]),
    b!("partition", partition, 2),
    b!("rpartition", rpartition, 2),
    b!("format", format_, *, 1),
    b!("format_map", format_map, 2),
    b!("encode", encode, 3, 1).names(&["encoding", "errors"]),
    b!("translate", translate, 2),
    b!("maketrans", maketrans, 3, 1).kind(BuiltinKind::Static),
    b!("__len__", len, 1),
    b!("__contains__", contains, 2),
    b!("__getitem__", sequence::get_item, 2),
    b!("__iter__", iter::iter, 1),
    b!("__add__", numbers::add, 2),
    b!("__mul__", numbers::mul, 2),
    b!("__mod__", numbers::modulo, 2),
];

fn join(vm: &mut Vm, r: Ref, iterable: Ref) -> Res<Ref> {
    let class = access::class(iterable);
    let parts: &[Ref] = if class == LIST_OBJECT {
        &access::refs(access::list_storage(iterable))[..access::list_size(iterable)]
    } else if class == TUPLE {
        access::refs(iterable)
    } else {
        if prelude::is_lazy(vm, iterable) {
            return prelude::defer(vm, "join", &[r, iterable]);
        }
        let all = list::from_iterable(vm, iterable)?;
        if access::list_size(all) == 0 {
            return Ok(vm.empty_str);
        }
        if !access::is(all, LIST_OBJECT) {
            list::generalise(vm, all);
        }
        &access::refs(access::list_storage(all))[..access::list_size(all)]
    };
    if let Some(i) = parts.iter().position(|p| !access::is(*p, STR)) {
        let message = format!("sequence item {i}: expected str instance, {} found", vm.type_name(parts[i]));
        return Err(vm.type_error(&message));
    }
    let separator = if access::length(r) == 0 { Ref::NULL } else { r };
    Ok(text::join_parts(vm, parts, separator))
}

/// `maxsplit` as a number of splits, unlimited where negative or missing.
fn limit(vm: &mut Vm, r: Ref) -> Res<usize> {
    if r.is_null() {
        return Ok(usize::MAX);
    }
    let n = numbers::index(vm, r)?;
    Ok(if n < 0 { usize::MAX } else { n as usize })
}

/// The separator's text; None where it is None.
fn separator(vm: &mut Vm, r: Ref) -> Res<Option<&'static [u8]>> {
    if r.is_null() || r == vm.none {
        return Ok(None);
    }
    let sep = text::expect_str(vm, r, "separator")?;
    if sep.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    Ok(Some(sep.as_bytes()))
}

/// A list of the parts between byte offsets.
fn parts(vm: &mut Vm, r: Ref, ranges: &[(usize, usize)]) -> Ref {
    let items: Vec<Ref> = ranges.iter().map(|(from, to)| text::part(vm, r, *from, *to)).collect();
    list::from_items(vm, &items)
}

/// Byte ranges of the words of a text.
fn words(s: &str, mut limit: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut rest = s.trim_start();
    while !rest.is_empty() {
        let from = s.len() - rest.len();
        if limit == 0 {
            found.push((from, s.len()));
            break;
        }
        limit -= 1;
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        found.push((from, from + end));
        rest = rest[end..].trim_start();
    }
    found
}

fn split(vm: &mut Vm, r: Ref, sep: Ref, max: Ref) -> Res<Ref> {
    let mut left = limit(vm, max)?;
    let s = access::text(r);
    let Some(sep) = separator(vm, sep)? else {
        let found = words(s, left);
        return Ok(parts(vm, r, &found));
    };
    let bytes = s.as_bytes();
    let mut found = Vec::new();
    let mut from = 0;
    while left > 0 {
        let Some(at) = text::find_bytes(&bytes[from..], sep) else { break };
        found.push((from, from + at));
        from += at + sep.len();
        left -= 1;
    }
    found.push((from, bytes.len()));
    Ok(parts(vm, r, &found))
}

fn rsplit(vm: &mut Vm, r: Ref, sep: Ref, max: Ref) -> Res<Ref> {
    let mut left = limit(vm, max)?;
    let s = access::text(r);
    let mut found = Vec::new();
    let Some(sep) = separator(vm, sep)? else {
        let mut rest = s.trim_end();
        while !rest.is_empty() {
            if left == 0 {
                found.push((0, rest.len()));
                break;
            }
            left -= 1;
            let start = rest
                .char_indices()
                .rev()
                .find(|(_, c)| c.is_whitespace())
                .map_or(0, |(i, c)| i + c.len_utf8());
            found.push((start, rest.len()));
            rest = rest[..start].trim_end();
        }
        found.reverse();
        return Ok(parts(vm, r, &found));
    };
    let bytes = s.as_bytes();
    let mut to = bytes.len();
    while left > 0 {
        let Some(at) = text::rfind_bytes(&bytes[..to], sep) else { break };
        found.push((at + sep.len(), to));
        to = at;
        left -= 1;
    }
    found.push((0, to));
    found.reverse();
    Ok(parts(vm, r, &found))
}

fn splitlines(vm: &mut Vm, r: Ref, keep: Ref) -> Res<Ref> {
    let keep = !keep.is_null() && compare::truth(vm, keep)?;
    let s = access::text(r);
    let mut found = Vec::new();
    let mut from = 0;
    let mut chars = s.char_indices().peekable();
    while let Some((i, c)) = chars.next() {
        if !matches!(
            c,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        ) {
            continue;
        }
        let mut end = i + c.len_utf8();
        if c == '\r' && chars.peek().is_some_and(|(_, c)| *c == '\n') {
            chars.next();
            end += 1;
        }
        found.push((from, if keep { end } else { i }));
        from = end;
    }
    if from < s.len() {
        found.push((from, s.len()));
    }
    Ok(parts(vm, r, &found))
}

fn replace(vm: &mut Vm, r: Ref, old: Ref, new: Ref, max: Ref) -> Res<Ref> {
    let from = text::expect_str(vm, old, "replace() argument 1")?;
    let to = text::expect_str(vm, new, "replace() argument 2")?;
    let left = limit(vm, max)?;
    let s = access::text(r);
    if !from.is_empty() && text::find_bytes(s.as_bytes(), from.as_bytes()).is_none() {
        return Ok(r);
    }
    let out = if left == usize::MAX { s.replace(from, to) } else { s.replacen(from, to, left) };
    Ok(vm.str(&out))
}

fn strip_sides(vm: &mut Vm, r: Ref, set: Ref, left: bool, right: bool) -> Res<Ref> {
    let s = access::text(r);
    let mut kept = s;
    if set.is_null() || set == vm.none {
        if left {
            kept = kept.trim_start();
        }
        if right {
            kept = kept.trim_end();
        }
    } else {
        let set = text::expect_str(vm, set, "strip arg")?;
        if left {
            kept = kept.trim_start_matches(|c| set.contains(c));
        }
        if right {
            kept = kept.trim_end_matches(|c| set.contains(c));
        }
    }
    let start = kept.as_ptr() as usize - s.as_ptr() as usize;
    Ok(text::part(vm, r, start, start + kept.len()))
}

fn strip(vm: &mut Vm, r: Ref, set: Ref) -> Res<Ref> {
    strip_sides(vm, r, set, true, true)
}

fn lstrip(vm: &mut Vm, r: Ref, set: Ref) -> Res<Ref> {
    strip_sides(vm, r, set, true, false)
}

fn rstrip(vm: &mut Vm, r: Ref, set: Ref) -> Res<Ref> {
    strip_sides(vm, r, set, false, true)
}

/// The byte range of `string[start:stop]`; None where the start is behind the end.
fn window(vm: &mut Vm, r: Ref, start: Ref, stop: Ref) -> Res<Option<(usize, usize)>> {
    if start.is_null() && stop.is_null() {
        return Ok(Some((0, access::length(r))));
    }
    let n = access::get_int(r, STR_CHARS);
    let mut at = |r: Ref, default: i64| -> Res<i64> {
        if r.is_null() || r == vm.none {
            return Ok(default);
        }
        let v = numbers::index(vm, r)?;
        Ok(if v < 0 { (v + n).max(0) } else { v })
    };
    let (from, to) = (at(start, 0)?, at(stop, n)?.min(n));
    if from > to {
        return Ok(None);
    }
    Ok(Some((text::offset_of(r, from as usize), text::offset_of(r, to as usize))))
}

fn search(
    vm: &mut Vm,
    r: Ref,
    part: Ref,
    start: Ref,
    stop: Ref,
    how: fn(&[u8], &[u8]) -> Option<usize>,
) -> Res<Option<usize>> {
    let part = text::expect_str(vm, part, "argument")?;
    let Some((from, to)) = window(vm, r, start, stop)? else { return Ok(None) };
    let found = how(&access::bytes(r)[from..to], part.as_bytes());
    Ok(found.map(|i| text::chars_before(r, from + i)))
}

fn find(vm: &mut Vm, r: Ref, part: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    let found = search(vm, r, part, start, stop, text::find_bytes)?;
    Ok(vm.int(found.map_or(-1, |i| i as i64)))
}

fn rfind(vm: &mut Vm, r: Ref, part: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    let found = search(vm, r, part, start, stop, text::rfind_bytes)?;
    Ok(vm.int(found.map_or(-1, |i| i as i64)))
}

fn index(vm: &mut Vm, r: Ref, part: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    match search(vm, r, part, start, stop, text::find_bytes)? {
        Some(i) => Ok(vm.usize(i)),
        None => Err(vm.value_error("substring not found")),
    }
}

fn rindex(vm: &mut Vm, r: Ref, part: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    match search(vm, r, part, start, stop, text::rfind_bytes)? {
        Some(i) => Ok(vm.usize(i)),
        None => Err(vm.value_error("substring not found")),
    }
}

fn count(vm: &mut Vm, r: Ref, part: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    let part = text::expect_str(vm, part, "argument")?.as_bytes();
    let Some((from, to)) = window(vm, r, start, stop)? else { return Ok(vm.int(0)) };
    let bytes = &access::bytes(r)[from..to];
    if part.is_empty() {
        let chars = access::text(r)[from..to].chars().count();
        return Ok(vm.usize(chars + 1));
    }
    let (mut n, mut at) = (0, 0);
    while let Some(i) = text::find_bytes(&bytes[at..], part) {
        n += 1;
        at += i + part.len();
    }
    Ok(vm.int(n))
}

fn affix(
    vm: &mut Vm,
    r: Ref,
    what: Ref,
    start: Ref,
    stop: Ref,
    name: &str,
    test: fn(&[u8], &[u8]) -> bool,
) -> Res<Ref> {
    let Some((from, to)) = window(vm, r, start, stop)? else { return Ok(vm.false_) };
    let bytes = &access::bytes(r)[from..to];
    let single = [what];
    let all = if access::is(what, TUPLE) { access::refs(what) } else { &single };
    for one in all {
        if !access::is(*one, STR) {
            let message =
                format!("{name} first arg must be str or a tuple of str, not {}", vm.type_name(*one));
            return Err(vm.type_error(&message));
        }
        if test(bytes, access::bytes(*one)) {
            return Ok(vm.true_);
        }
    }
    Ok(vm.false_)
}

fn startswith(vm: &mut Vm, r: Ref, what: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    affix(vm, r, what, start, stop, "startswith", |s, p| s.starts_with(p))
}

fn endswith(vm: &mut Vm, r: Ref, what: Ref, start: Ref, stop: Ref) -> Res<Ref> {
    affix(vm, r, what, start, stop, "endswith", |s, p| s.ends_with(p))
}

fn removeprefix(vm: &mut Vm, r: Ref, prefix: Ref) -> Res<Ref> {
    let prefix = text::expect_str(vm, prefix, "removeprefix() argument")?;
    let n = access::length(r);
    let skip = if access::text(r).starts_with(prefix) { prefix.len() } else { 0 };
    Ok(text::part(vm, r, skip, n))
}

fn removesuffix(vm: &mut Vm, r: Ref, suffix: Ref) -> Res<Ref> {
    let suffix = text::expect_str(vm, suffix, "removesuffix() argument")?;
    let n = access::length(r);
    let cut = if access::text(r).ends_with(suffix) { suffix.len() } else { 0 };
    Ok(text::part(vm, r, 0, n - cut))
}

/// Maps ASCII text byte by byte, other text by a function.
fn map_case(vm: &mut Vm, r: Ref, byte: fn(&u8) -> u8, other: fn(&str) -> String) -> Res<Ref> {
    if access::is_ascii(r) {
        let n = access::length(r);
        let result = vm.new_str(n, n);
        for (to, from) in access::bytes_mut(result).iter_mut().zip(access::bytes(r)) {
            *to = byte(from);
        }
        return Ok(result);
    }
    let out = other(access::text(r));
    Ok(vm.str(&out))
}

fn upper(vm: &mut Vm, r: Ref) -> Res<Ref> {
    map_case(vm, r, u8::to_ascii_uppercase, str::to_uppercase)
}

fn lower(vm: &mut Vm, r: Ref) -> Res<Ref> {
    map_case(vm, r, u8::to_ascii_lowercase, str::to_lowercase)
}

fn swapcase(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let out: String = access::text(r)
        .chars()
        .flat_map(|c| -> Vec<char> {
            if c.is_uppercase() { c.to_lowercase().collect() } else { c.to_uppercase().collect() }
        })
        .collect();
    Ok(vm.str(&out))
}

fn capitalize(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let s = access::text(r);
    let mut chars = s.chars();
    let mut out: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    out.push_str(&chars.as_str().to_lowercase());
    Ok(vm.str(&out))
}

fn title(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let mut out = String::new();
    let mut inside = false;
    for c in access::text(r).chars() {
        if inside {
            out.extend(c.to_lowercase());
        } else {
            out.extend(c.to_uppercase());
        }
        inside = c.is_alphabetic();
    }
    Ok(vm.str(&out))
}

/// Is the text not empty, and `test` true of all characters?
fn all_chars(vm: &mut Vm, r: Ref, test: impl Fn(char) -> bool) -> Res<Ref> {
    let s = access::text(r);
    Ok(vm.bool(!s.is_empty() && s.chars().all(test)))
}

fn isdigit(vm: &mut Vm, r: Ref) -> Res<Ref> {
    all_chars(vm, r, |c| c.is_ascii_digit() || is_superscript(c))
}

fn isdecimal(vm: &mut Vm, r: Ref) -> Res<Ref> {
    all_chars(vm, r, |c| c.is_ascii_digit())
}

/// Digits that are raised or lowered.
fn is_superscript(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '⁰' | '⁴'..='⁹' | '₀'..='₉')
}

fn isnumeric(vm: &mut Vm, r: Ref) -> Res<Ref> {
    all_chars(vm, r, char::is_numeric)
}

fn isalpha(vm: &mut Vm, r: Ref) -> Res<Ref> {
    all_chars(vm, r, char::is_alphabetic)
}

fn isalnum(vm: &mut Vm, r: Ref) -> Res<Ref> {
    all_chars(vm, r, char::is_alphanumeric)
}

fn isspace(vm: &mut Vm, r: Ref) -> Res<Ref> {
    all_chars(vm, r, |c| c.is_whitespace() || matches!(c, '\x1c'..='\x1f'))
}

fn isascii(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.bool(access::is_ascii(r)))
}

fn cased(vm: &mut Vm, r: Ref, upper: bool) -> Res<Ref> {
    let mut any = false;
    for c in access::text(r).chars() {
        if (upper && c.is_lowercase()) || (!upper && c.is_uppercase()) {
            return Ok(vm.false_);
        }
        any |= c.is_uppercase() || c.is_lowercase();
    }
    Ok(vm.bool(any))
}

fn isupper(vm: &mut Vm, r: Ref) -> Res<Ref> {
    cased(vm, r, true)
}

fn islower(vm: &mut Vm, r: Ref) -> Res<Ref> {
    cased(vm, r, false)
}

fn istitle(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let (mut any, mut inside) = (false, false);
    for c in access::text(r).chars() {
        if c.is_uppercase() && inside || c.is_lowercase() && !inside {
            return Ok(vm.false_);
        }
        inside = c.is_uppercase() || c.is_lowercase();
        any |= inside;
    }
    Ok(vm.bool(any))
}

fn isidentifier(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let s = access::text(r);
    let starts = s.chars().next().is_some_and(|c| c == '_' || c.is_alphabetic());
    Ok(vm.bool(starts && s.chars().all(|c| c == '_' || c.is_alphanumeric())))
}

fn isprintable(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let printable = |c: char| !c.is_control() && (c == ' ' || !c.is_whitespace());
    Ok(vm.bool(access::text(r).chars().all(printable)))
}

fn pad(vm: &mut Vm, r: Ref, width: Ref, fill: Ref, split: fn(usize, usize) -> usize) -> Res<Ref> {
    let width = numbers::index(vm, width)?.max(0) as usize;
    let fill = if fill.is_null() { " " } else { text::expect_str(vm, fill, "The fill character")? };
    if fill.chars().count() != 1 {
        return Err(vm.type_error("The fill character must be exactly one character long"));
    }
    let chars = access::get_int(r, STR_CHARS) as usize;
    if width <= chars {
        return Ok(r);
    }
    if width > 1 << 32 {
        return Err(vm.memory_error());
    }
    let missing = width - chars;
    let before = split(missing, width);
    let mut out = fill.repeat(before);
    out.push_str(access::text(r));
    out.push_str(&fill.repeat(missing - before));
    Ok(vm.str_counted(out.as_bytes(), width))
}

fn center(vm: &mut Vm, r: Ref, width: Ref, fill: Ref) -> Res<Ref> {
    pad(vm, r, width, fill, |missing, width| missing / 2 + (missing & width & 1))
}

fn ljust(vm: &mut Vm, r: Ref, width: Ref, fill: Ref) -> Res<Ref> {
    pad(vm, r, width, fill, |_, _| 0)
}

fn rjust(vm: &mut Vm, r: Ref, width: Ref, fill: Ref) -> Res<Ref> {
    pad(vm, r, width, fill, |missing, _| missing)
}

fn zfill(vm: &mut Vm, r: Ref, width: Ref) -> Res<Ref> {
    let width = numbers::index(vm, width)?.clamp(0, 1 << 32) as usize;
    let s = access::text(r);
    let missing = width.saturating_sub(access::get_int(r, STR_CHARS) as usize);
    if missing == 0 {
        return Ok(r);
    }
    let sign = if s.starts_with(['-', '+']) { 1 } else { 0 };
    let out = [&s[..sign], &"0".repeat(missing), &s[sign..]].concat();
    Ok(vm.str(&out))
}

fn expandtabs(vm: &mut Vm, r: Ref, size: Ref) -> Res<Ref> {
    let size = if size.is_null() { 8 } else { numbers::index(vm, size)?.clamp(0, 1 << 16) } as usize;
    let mut out = String::new();
    let mut column = 0;
    for c in access::text(r).chars() {
        match c {
            '\t' if size > 0 => {
                let n = size - column % size;
                out.extend(std::iter::repeat_n(' ', n));
                column += n;
            }
            '\t' => {}
            '\n' | '\r' => {
                out.push(c);
                column = 0;
            }
            _ => {
                out.push(c);
                column += 1;
            }
        }
    }
    Ok(vm.str(&out))
}

fn cut(vm: &mut Vm, r: Ref, sep: Ref, last: bool) -> Res<Ref> {
    let s = text::expect_str(vm, sep, "separator")?;
    if s.is_empty() {
        return Err(vm.value_error("empty separator"));
    }
    let bytes = access::bytes(r);
    let found =
        if last { text::rfind_bytes(bytes, s.as_bytes()) } else { text::find_bytes(bytes, s.as_bytes()) };
    let empty = vm.empty_str;
    let parts = match found {
        Some(at) => {
            let before = text::part(vm, r, 0, at);
            let after = text::part(vm, r, at + s.len(), bytes.len());
            [before, sep, after]
        }
        None if last => [empty, empty, r],
        None => [r, empty, empty],
    };
    Ok(vm.tuple(&parts))
}

fn partition(vm: &mut Vm, r: Ref, sep: Ref) -> Res<Ref> {
    cut(vm, r, sep, false)
}

fn rpartition(vm: &mut Vm, r: Ref, sep: Ref) -> Res<Ref> {
    cut(vm, r, sep, true)
}

fn format_(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let args = Arguments::new("format", args, names);
    let named: Vec<(Ref, Ref)> = args.pairs().collect();
    format::format_method(vm, access::text(args.positional[0]), &args.positional[1..], &named)
}

fn format_map(vm: &mut Vm, r: Ref, mapping: Ref) -> Res<Ref> {
    if !matches!(access::class(mapping), DICT | DEFAULTDICT) {
        return Err(vm.type_error("format_map() argument must be a dict"));
    }
    let named = dict::pairs(mapping);
    format::format_method(vm, access::text(r), &[], &named)
}

fn encode(vm: &mut Vm, r: Ref, encoding: Ref, _errors: Ref) -> Res<Ref> {
    let name = if encoding.is_null() { "utf-8" } else { text::expect_str(vm, encoding, "encoding")? };
    match name.to_ascii_lowercase().replace('_', "-").as_str() {
        "utf-8" | "utf8" => Ok(vm.bytes(access::bytes(r))),
        "ascii" | "us-ascii" if access::is_ascii(r) => Ok(vm.bytes(access::bytes(r))),
        "latin-1" | "latin1" | "iso-8859-1" | "ascii" | "us-ascii" => {
            let mut out = Vec::new();
            for (i, c) in access::text(r).chars().enumerate() {
                let limit = if name.contains("ascii") { 128 } else { 256 };
                if c as u32 >= limit {
                    let message = format!(
                        "'{name}' codec can't encode character '\\u{:04x}' in position {i}: ordinal not in range({limit})",
                        c as u32
                    );
                    return Err(vm.raise(crate::types::UNICODE_ENCODE_ERROR, &message));
                }
                out.push(c as u8);
            }
            Ok(vm.bytes(&out))
        }
        _ => {
            let message = format!("unknown encoding: {name}");
            Err(vm.raise(crate::types::LOOKUP_ERROR, &message))
        }
    }
}

fn maketrans(vm: &mut Vm, a: Ref, b: Ref, c: Ref) -> Res<Ref> {
    let d = dict::new(vm);
    if b.is_null() {
        if !matches!(access::class(a), DICT | DEFAULTDICT) {
            return Err(vm.type_error("if you give only one argument to maketrans it must be a dict"));
        }
        for (key, value) in dict::pairs(a) {
            let key = match access::class(key) {
                STR => {
                    let c = access::text(key).chars().next().unwrap_or('\0');
                    vm.int(c as i64)
                }
                _ => key,
            };
            dict::set_item(vm, d, key, value)?;
        }
        return Ok(d);
    }
    let (from, to) = (
        text::expect_str(vm, a, "maketrans() argument 1")?,
        text::expect_str(vm, b, "maketrans() argument 2")?,
    );
    if from.chars().count() != to.chars().count() {
        return Err(vm.value_error("the first two maketrans arguments must have equal length"));
    }
    for (x, y) in from.chars().zip(to.chars()) {
        let (x, y) = (vm.int(x as i64), vm.int(y as i64));
        dict::set_item(vm, d, x, y)?;
    }
    if !c.is_null() {
        for x in text::expect_str(vm, c, "maketrans() argument 3")?.chars() {
            let (x, none) = (vm.int(x as i64), vm.none);
            dict::set_item(vm, d, x, none)?;
        }
    }
    Ok(d)
}

fn translate(vm: &mut Vm, r: Ref, table: Ref) -> Res<Ref> {
    let mut out = String::new();
    for c in access::text(r).chars() {
        let key = vm.int(c as i64);
        let v = match access::class(table) {
            DICT | DEFAULTDICT => dict::find(vm, table, key)?,
            _ => match sequence::get_item(vm, table, key) {
                Ok(v) => v,
                Err(_) if vm.clear_if(crate::types::LOOKUP_ERROR) => Ref::NULL,
                Err(e) => return Err(e),
            },
        };
        if v.is_null() {
            out.push(c);
        } else if access::is(v, STR) {
            out.push_str(access::text(v));
        } else if access::is(v, INT) {
            out.push(char::from_u32(access::int_value(v) as u32).unwrap_or('\u{fffd}'));
        }
    }
    Ok(vm.str(&out))
}

fn len(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.int(access::get_int(r, STR_CHARS)))
}

fn contains(vm: &mut Vm, r: Ref, item: Ref) -> Res<Ref> {
    compare::contains(vm, r, item).map(|v| vm.bool(v))
}
