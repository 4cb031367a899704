//! Strings: `str()`, concatenation, indexing, slicing, searching.

use jit_riscv::object::Ref;

use super::{Res, attributes, callback, calls, exceptions, repr};
use crate::access;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// `str(object)`
    STR_OF: Any, str_of(object: Ref) -> Res<Ref>;
    /// `left + right` of STRs.
    STR_CONCAT: Elidable, concat(left: Ref, right: Ref) -> Ref;
    /// `string[index]`; the index has not been checked.
    STR_ITEM: Any, item(string: Ref, index: i64) -> Res<Ref>;
    /// The concatenation of a TUPLE of STRs.
    STR_BUILD: Any, build(parts: Ref) -> Ref;
    /// `str` of an INT's value.
    INT_TO_STR: Elidable, int_to_str(value: i64) -> Ref;
    /// `ord` of the character at a byte offset of an ASCII STR, within bounds.
    STR_FIND_TEXT: Elidable, find_text(string: Ref, part: Ref) -> i64;
}

fn int_to_str(vm: &mut Vm, v: i64) -> Ref {
    int_text(vm, v)
}

/// Decimal digits of an integer.
pub fn int_text(vm: &mut Vm, v: i64) -> Ref {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = v.unsigned_abs();
    loop {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if v < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    vm.str_counted(&buffer[at..], buffer.len() - at)
}

/// `str(object)`.
pub fn str_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        STR => Ok(r),
        INT => Ok(int_text(vm, access::int_value(r))),
        class if is_shape(class) => {
            let id = vm.type_of(r);
            let found = vm.type_lookup_owner(id, symbols::STR);
            if let Some((_, method)) = found
                && !access::is(method, BUILTIN)
            {
                let v = callback(vm, method, &[r])?;
                if !access::is(v, STR) {
                    let message = format!("__str__ returned non-string (type {})", vm.type_name(v));
                    return Err(vm.type_error(&message));
                }
                return Ok(v);
            }
            if vm.is_subclass(id, BASE_EXCEPTION) {
                return exceptions::exception_text(vm, r);
            }
            repr::repr_of(vm, r)
        }
        _ => repr::repr_of(vm, r),
    }
}

/// `left + right`.
pub fn concat(vm: &mut Vm, a: Ref, b: Ref) -> Ref {
    let (n, m) = (access::length(a), access::length(b));
    if n == 0 {
        return b;
    }
    if m == 0 {
        return a;
    }
    let chars = access::get_int(a, STR_CHARS) + access::get_int(b, STR_CHARS);
    let r = vm.new_str(n + m, chars as usize);
    let out = access::bytes_mut(r);
    access::copy_text(&mut out[..n], access::bytes(a));
    access::copy_text(&mut out[n..], access::bytes(b));
    r
}

fn build(vm: &mut Vm, parts: Ref) -> Ref {
    join_parts(vm, access::refs(parts), Ref::NULL)
}

/// The concatenation of STRs with a separator (null: none) between them.
pub fn join_parts(vm: &mut Vm, parts: &[Ref], separator: Ref) -> Ref {
    let (gap, gap_chars) = match separator.is_null() {
        true => (0, 0),
        false => (access::length(separator), access::get_int(separator, STR_CHARS)),
    };
    let (mut len, mut chars) = (0, 0);
    for part in parts {
        len += access::length(*part) + gap;
        chars += access::get_int(*part, STR_CHARS) + gap_chars;
    }
    match parts {
        [] => return vm.empty_str,
        [only] => return *only,
        _ => {}
    }
    let r = vm.new_str(len - gap, (chars - gap_chars) as usize);
    let out = access::bytes_mut(r);
    let mut at = 0;
    for (i, part) in parts.iter().enumerate() {
        if i > 0 && gap > 0 {
            access::copy_text(&mut out[at..at + gap], access::bytes(separator));
            at += gap;
        }
        let text = access::bytes(*part);
        access::copy_text(&mut out[at..at + text.len()], text);
        at += text.len();
    }
    r
}

/// `string * n`
pub fn repeat(vm: &mut Vm, r: Ref, n: usize) -> Res<Ref> {
    let text = access::bytes(r);
    if n == 1 || text.is_empty() {
        return Ok(r);
    }
    let Some(total) = text.len().checked_mul(n).filter(|t| *t < 1 << 40) else {
        return Err(vm.memory_error());
    };
    let chars = access::get_int(r, STR_CHARS) as usize * n;
    let result = vm.new_str(total, chars);
    let out = access::bytes_mut(result);
    if let [byte] = text {
        out.fill(*byte);
    } else {
        out.chunks_exact_mut(text.len()).for_each(|chunk| chunk.copy_from_slice(text));
    }
    Ok(result)
}

/// Byte offset of the code point with number `n`, at most the number of code points.
pub fn offset_of(r: Ref, n: usize) -> usize {
    if access::is_ascii(r) {
        return n;
    }
    access::text(r).char_indices().nth(n).map_or(access::length(r), |(i, _)| i)
}

/// Number of code points before a byte offset.
pub fn chars_before(r: Ref, offset: usize) -> usize {
    if access::is_ascii(r) {
        return offset;
    }
    access::text(r)[..offset].chars().count()
}

pub fn item(vm: &mut Vm, r: Ref, index: i64) -> Res<Ref> {
    let chars = access::get_int(r, STR_CHARS);
    let i = if index < 0 { index + chars } else { index };
    if i < 0 || i >= chars {
        return Err(vm.index_error("string index out of range"));
    }
    if access::is_ascii(r) {
        let byte = access::bytes(r)[i as usize];
        return Ok(vm.ascii_char(byte));
    }
    let c = access::text(r).chars().nth(i as usize).unwrap_or('\0');
    Ok(vm.char(c))
}

/// The part between two byte offsets.
pub fn part(vm: &mut Vm, r: Ref, start: usize, end: usize) -> Ref {
    if start >= end {
        return vm.empty_str;
    }
    let text = access::bytes(r);
    if start == 0 && end == text.len() {
        return r;
    }
    if access::is_ascii(r) {
        if end - start == 1 {
            return vm.ascii_char(text[start]);
        }
        return vm.str_counted(&text[start..end], end - start);
    }
    let chars = access::text(r)[start..end].chars().count();
    vm.str_counted(&text[start..end], chars)
}

/// `string[start:stop:step]` with indices already within bounds: `count` characters from `start` on.
pub fn slice(vm: &mut Vm, r: Ref, start: i64, step: i64, count: usize) -> Ref {
    if count == 0 {
        return vm.empty_str;
    }
    if step == 1 {
        let from = offset_of(r, start as usize);
        let to = offset_of(r, start as usize + count);
        return part(vm, r, from, to);
    }
    if access::is_ascii(r) {
        let text = access::bytes(r);
        let result = vm.new_str(count, count);
        let out = access::bytes_mut(result);
        let mut at = start;
        for byte in out {
            *byte = text[at as usize];
            at += step;
        }
        return result;
    }
    let all: Vec<char> = access::text(r).chars().collect();
    let picked: String = (0..count as i64).map(|i| all[(start + i * step) as usize]).collect();
    vm.str_counted(picked.as_bytes(), count)
}

/// Byte offset of the first occurrence.
pub fn find_bytes(text: &[u8], part: &[u8]) -> Option<usize> {
    match part {
        [] => Some(0),
        [byte] => text.iter().position(|b| b == byte),
        _ if part.len() > text.len() => None,
        [first, ..] => {
            let last = text.len() - part.len();
            let mut at = 0;
            while at <= last {
                at += text[at..=last].iter().position(|b| b == first)?;
                if &text[at..at + part.len()] == part {
                    return Some(at);
                }
                at += 1;
            }
            None
        }
    }
}

/// Byte offset of the last occurrence.
pub fn rfind_bytes(text: &[u8], part: &[u8]) -> Option<usize> {
    if part.len() > text.len() {
        return None;
    }
    (0..=text.len() - part.len()).rev().find(|i| &text[*i..i + part.len()] == part)
}

fn find_text(_: &mut Vm, r: Ref, part: Ref) -> i64 {
    find_bytes(access::bytes(r), access::bytes(part)).map_or(-1, |i| chars_before(r, i) as i64)
}

/// The text of a STR argument.
///
/// # Errors
/// TypeError, with `what` saying what the argument is.
pub fn expect_str(vm: &mut Vm, r: Ref, what: &str) -> Res<&'static str> {
    if access::is(r, STR) {
        return Ok(access::text(r));
    }
    let message = format!("{what} must be str, not {}", vm.type_name(r));
    Err(vm.type_error(&message))
}

/// `__format__` and friends need it: the class's method unless it is the built-in one. Null: the built-in one.
pub fn own_method(vm: &mut Vm, r: Ref, sym: symbols::Sym) -> Ref {
    if !is_shape(access::class(r)) {
        return Ref::NULL;
    }
    let method = attributes::special(vm, r, sym);
    if method.is_null() || access::is(method, BUILTIN) { Ref::NULL } else { method }
}
