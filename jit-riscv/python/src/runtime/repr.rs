//! `repr()` of everything.

use std::fmt::Write;

use jit_riscv::object::Ref;

use super::{Res, bigint, call, callback, calls, dict, float_text, list, set, text};
use crate::access;
use crate::builtins::Builtin;
use crate::code::Code;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// `repr(object)`
    REPR: Any, repr_of(object: Ref) -> Res<Ref>;
    /// `ascii(object)`
    ASCII: Any, ascii_of(object: Ref) -> Res<Ref>;
}

/// `repr(object)` as a STR.
pub fn repr_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        INT => Ok(text::int_text(vm, access::int_value(r))),
        class if is_shape(class) => {
            let method = text::own_method(vm, r, symbols::REPR);
            if !method.is_null() {
                return own_repr(vm, r, method);
            }
            let mut out = String::new();
            write_repr(vm, r, &mut out)?;
            Ok(vm.str(&out))
        }
        _ => {
            let mut out = String::new();
            write_repr(vm, r, &mut out)?;
            Ok(vm.str(&out))
        }
    }
}

fn own_repr(vm: &mut Vm, r: Ref, method: Ref) -> Res<Ref> {
    let v = callback(vm, method, &[r])?;
    if access::is(v, STR) {
        return Ok(v);
    }
    let message = format!("__repr__ returned non-string (type {})", vm.type_name(v));
    Err(vm.type_error(&message))
}

/// `ascii(object)`
pub fn ascii_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let shown = repr_of(vm, r)?;
    if access::is_ascii(shown) {
        return Ok(shown);
    }
    let mut out = String::new();
    for c in access::text(shown).chars() {
        match c as u32 {
            0..=127 => out.push(c),
            n @ 128..=255 => {
                let _ = write!(out, "\\x{n:02x}");
            }
            n @ 256..=0xffff => {
                let _ = write!(out, "\\u{n:04x}");
            }
            n => {
                let _ = write!(out, "\\U{n:08x}");
            }
        }
    }
    Ok(vm.str(&out))
}

/// Appends a string in quotes.
pub fn quoted(s: &str, out: &mut String) {
    let quote = if s.contains('\'') && !s.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for c in s.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            ' '..='~' => out.push(c),
            c if (c as u32) < 0x100 && (c.is_control() || c == '\u{a0}' || c == '\u{ad}') => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c if unprintable(c) => {
                let n = c as u32;
                let _ = if n < 0x10000 { write!(out, "\\u{n:04x}") } else { write!(out, "\\U{n:08x}") };
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}

/// Separators, format characters, private use and unassigned planes.
fn unprintable(c: char) -> bool {
    (c.is_whitespace() && c != ' ')
        || matches!(c as u32,
            0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff | 0xe000..=0xf8ff
            | 0xfff9..=0xfffb | 0xfffe..=0xffff | 0xe0000.. )
}

/// Appends the contents of a bytes object as a literal.
pub fn quoted_bytes(contents: &[u8], out: &mut String) {
    let quote = if contents.contains(&b'\'') && !contents.contains(&b'"') { '"' } else { '\'' };
    out.push('b');
    out.push(quote);
    for b in contents {
        match b {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b if *b as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(*b as char),
            b => {
                let _ = write!(out, "\\x{b:02x}");
            }
        }
    }
    out.push(quote);
}

/// Appends `repr(r)`.
pub fn write_repr(vm: &mut Vm, r: Ref, out: &mut String) -> Res<()> {
    match access::class(r) {
        NONE => out.push_str("None"),
        BOOL => out.push_str(if r == vm.true_ { "True" } else { "False" }),
        INT => float_text::push_int(access::int_value(r), out),
        FLOAT => float_text::repr(access::float_value(r), out),
        BIGINT => out.push_str(&bigint::digits(r, 10)),
        STR => quoted(access::text(r), out),
        BYTES => quoted_bytes(access::bytes_contents(r), out),
        NOT_IMPLEMENTED => out.push_str("NotImplemented"),
        ELLIPSIS => out.push_str("Ellipsis"),
        TUPLE => {
            return guarded(vm, r, "(...)", out, |vm, out| {
                out.push('(');
                write_items(vm, access::refs(r), out)?;
                if access::length(r) == 1 {
                    out.push(',');
                }
                out.push(')');
                Ok(())
            });
        }
        LIST_EMPTY => out.push_str("[]"),
        LIST_INT | LIST_FLOAT | LIST_OBJECT => {
            return guarded(vm, r, "[...]", out, |vm, out| {
                out.push('[');
                let mut i = 0;
                while i < access::list_size(r) {
                    if i > 0 {
                        out.push_str(", ");
                    }
                    let x = list::get(vm, r, i);
                    write_repr(vm, x, out)?;
                    i += 1;
                }
                out.push(']');
                Ok(())
            });
        }
        DICT => return write_dict(vm, r, out),
        DEFAULTDICT => {
            out.push_str("defaultdict(");
            let factory = access::get_ref(r, DEFAULTDICT_FACTORY);
            write_repr(vm, factory, out)?;
            out.push_str(", ");
            write_dict(vm, r, out)?;
            out.push(')');
        }
        class @ (SET | FROZENSET) => {
            let items: Vec<Ref> = set::entries(vm, r).map(|(k, _)| k).collect();
            if items.is_empty() {
                out.push_str(if class == SET { "set()" } else { "frozenset()" });
                return Ok(());
            }
            return guarded(vm, r, "set(...)", out, |vm, out| {
                out.push_str(if class == SET { "{" } else { "frozenset({" });
                write_items(vm, &items, out)?;
                out.push_str(if class == SET { "}" } else { "})" });
                Ok(())
            });
        }
        RANGE => {
            let (start, stop) = (access::get_int(r, RANGE_START), access::get_int(r, RANGE_STOP));
            let _ = match access::get_int(r, RANGE_STEP) {
                1 => write!(out, "range({start}, {stop})"),
                step => write!(out, "range({start}, {stop}, {step})"),
            };
        }
        SLICE => {
            out.push_str("slice(");
            let parts = [SLICE_START, SLICE_STOP, SLICE_STEP].map(|f| access::get_ref(r, f));
            write_items(vm, &parts, out)?;
            out.push(')');
        }
        FUNCTION => {
            let name = access::text(access::get_ref(r, FUNC_QUALNAME));
            let at = vm.heap.identity(r);
            let _ = write!(out, "<function {name} at {at:#x}>");
        }
        BUILTIN => {
            let _ = write!(out, "<built-in function {}>", Builtin::of(r).name);
        }
        BOUND_METHOD => {
            let (func, object) = (access::get_ref(r, METHOD_FUNC), access::get_ref(r, METHOD_SELF));
            let at = vm.heap.identity(object);
            if access::is(func, BUILTIN) {
                let (name, of) = (Builtin::of(func).name, vm.type_name(object));
                let _ = write!(out, "<built-in method {name} of {of} object at {at:#x}>");
            } else if access::is(func, FUNCTION) {
                let name = access::text(access::get_ref(func, FUNC_QUALNAME));
                let _ = write!(out, "<bound method {name} of ");
                write_repr(vm, object, out)?;
                out.push('>');
            } else {
                out.push_str("<bound method>");
            }
        }
        TYPE => {
            let info = vm.type_info(vm.type_id(r));
            let module = vm.symbol_text(info.module);
            let name = access::text(info.qualname);
            let _ = match info.module {
                symbols::BUILTINS => write!(out, "<class '{name}'>"),
                _ => write!(out, "<class '{module}.{name}'>"),
            };
        }
        MODULE => {
            let info = vm.module_info(r);
            let name = vm.symbol_text(info.name);
            let _ = match &info.file {
                Some(file) => write!(out, "<module '{name}' from '{file}'>"),
                None => write!(out, "<module '{name}' (built-in)>"),
            };
        }
        DICT_KEYS | DICT_VALUES | DICT_ITEMS => {
            out.push_str(vm.type_name(r));
            out.push('(');
            let all = list::from_iterable(vm, r)?;
            write_repr(vm, all, out)?;
            out.push(')');
        }
        DEQUE => {
            return guarded(vm, r, "[...]", out, |vm, out| {
                out.push_str("deque(");
                let all = list::from_iterable(vm, r)?;
                write_repr(vm, all, out)?;
                let maxlen = access::get_int(r, DEQUE_MAXLEN);
                if maxlen >= 0 {
                    let _ = write!(out, ", maxlen={maxlen}");
                }
                out.push(')');
                Ok(())
            });
        }
        GENERATOR => {
            // SAFETY: the field holds the address of a code object, which is never freed.
            let code = unsafe { &*(access::get_int(r, GEN_CODE) as *const Code) };
            let at = vm.heap.identity(r);
            let _ = write!(out, "<generator object {} at {at:#x}>", code.spec.qualname);
        }
        FILE => {
            let name = access::text(access::get_ref(r, FILE_NAME)).to_string();
            let _ = write!(out, "<_io.TextIOWrapper name='{name}' mode='r' encoding='utf-8'>");
        }
        class if is_shape(class) => {
            let method = text::own_method(vm, r, symbols::REPR);
            if !method.is_null() {
                call::enter_nested(vm)?;
                let shown = own_repr(vm, r, method);
                vm.nesting -= 1;
                out.push_str(access::text(shown?));
            } else if vm.is_instance(r, BASE_EXCEPTION) {
                out.push_str(vm.symbol_text(vm.type_info(vm.type_of(r)).name));
                out.push('(');
                write_items(vm, access::refs(access::get_ref(r, EXC_ARGS)), out)?;
                out.push(')');
            } else {
                let info = vm.type_info(vm.type_of(r));
                let (module, name) = (info.module, access::text(info.qualname));
                let at = vm.heap.identity(r);
                let _ = match module {
                    symbols::BUILTINS => write!(out, "<{name} object at {at:#x}>"),
                    _ => {
                        let module = vm.symbol_text(module);
                        write!(out, "<{module}.{name} object at {at:#x}>")
                    }
                };
            }
        }
        _ => {
            let (name, at) = (vm.type_name(r), vm.heap.identity(r));
            let _ = write!(out, "<{name} object at {at:#x}>");
        }
    }
    Ok(())
}

fn write_items(vm: &mut Vm, items: &[Ref], out: &mut String) -> Res<()> {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_repr(vm, *item, out)?;
    }
    Ok(())
}

fn write_dict(vm: &mut Vm, r: Ref, out: &mut String) -> Res<()> {
    guarded(vm, r, "{...}", out, |vm, out| {
        out.push('{');
        for (i, (key, value)) in dict::pairs(r).into_iter().enumerate() {
            if i > 0 {
                out.push_str(", ");
            }
            write_repr(vm, key, out)?;
            out.push_str(": ");
            write_repr(vm, value, out)?;
        }
        out.push('}');
        Ok(())
    })
}

/// Writes a container, or `again` where it contains itself.
fn guarded(
    vm: &mut Vm,
    r: Ref,
    again: &str,
    out: &mut String,
    write: impl FnOnce(&mut Vm, &mut String) -> Res<()>,
) -> Res<()> {
    if vm.in_repr.contains(&r) {
        out.push_str(again);
        return Ok(());
    }
    call::enter_nested(vm)?;
    vm.in_repr.push(r);
    let result = write(vm, out);
    vm.in_repr.pop();
    vm.nesting -= 1;
    result
}
