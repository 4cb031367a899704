//! Text files: the standard streams and what `open` gives.

use std::fs::OpenOptions;

use jit_riscv::object::Ref;

use super::{Builtin, BuiltinKind, b};
use crate::access;
use crate::objects::*;
use crate::runtime::output::STDERR;
use crate::runtime::{Res, exceptions, iter, list, text};
use crate::vm::Vm;

pub static METHODS: &[Builtin] = &[
    b!("write", write, 2),
    b!("writelines", writelines, 2),
    b!("flush", flush, 1),
    b!("close", close, 1),
    b!("read", read, 1),
    b!("readline", readline, 1),
    b!("readlines", readlines, 1),
    b!("fileno", fileno, 1),
    b!("isatty", isatty, 1),
    b!("closed", closed, 1).kind(BuiltinKind::Getter),
    b!("name", name, 1).kind(BuiltinKind::Getter),
    b!("__enter__", same, 1),
    b!("__exit__", exit, 4, 1),
    b!("__iter__", same, 1),
    b!("__next__", next, 1),
];

/// The FILE object of an open stream.
pub fn object(vm: &mut Vm, index: usize, name: &str) -> Ref {
    let name = vm.str(name);
    let r = vm.new_object(FILE);
    access::set_int(r, FILE_INDEX, index as i64);
    access::init_ref(r, FILE_NAME, name);
    r
}

/// `open(file, mode)`
pub fn open(vm: &mut Vm, file: Ref, mode: Ref) -> Res<Ref> {
    let path = text::expect_str(vm, file, "open() argument 1")?;
    let mode = if mode.is_null() { "r" } else { text::expect_str(vm, mode, "open() argument 2")? };
    let mut options = OpenOptions::new();
    match mode.trim_end_matches('t') {
        "r" => options.read(true),
        "w" => options.write(true).create(true).truncate(true),
        "a" => options.append(true).create(true),
        "x" => options.write(true).create_new(true),
        other => {
            let message = format!("open() mode '{other}' is not supported");
            return Err(vm.not_implemented_error(&message));
        }
    };
    match options.open(path) {
        Ok(opened) => {
            let index = vm.files.add(opened);
            Ok(object(vm, index, path))
        }
        Err(e) => Err(exceptions::os_error(vm, &e, file)),
    }
}

fn index(vm: &mut Vm, r: Ref) -> Res<usize> {
    let index = access::get_int(r, FILE_INDEX) as usize;
    if vm.files.is_open(index) {
        return Ok(index);
    }
    Err(vm.value_error("I/O operation on closed file."))
}

/// Turns a host error into an exception.
fn checked<T>(vm: &mut Vm, result: std::io::Result<T>) -> Res<T> {
    result.map_err(|e| exceptions::os_error(vm, &e, Ref::NULL))
}

/// Writes text to a FILE.
pub fn write_text(vm: &mut Vm, r: Ref, s: &str) -> Res<()> {
    let index = index(vm, r)?;
    let result = vm.files.write(index, s.as_bytes());
    checked(vm, result)
}

fn write(vm: &mut Vm, r: Ref, s: Ref) -> Res<Ref> {
    let text = text::expect_str(vm, s, "write() argument")?;
    write_text(vm, r, text)?;
    Ok(vm.int(access::get_int(s, STR_CHARS)))
}

fn writelines(vm: &mut Vm, r: Ref, lines: Ref) -> Res<Ref> {
    let iterator = iter::iter(vm, lines)?;
    while let Some(line) = iter::next(vm, iterator)? {
        let line = text::expect_str(vm, line, "write() argument")?;
        write_text(vm, r, line)?;
    }
    Ok(vm.none)
}

pub fn flush(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let index = index(vm, r)?;
    let result = vm.files.flush(index);
    checked(vm, result)?;
    Ok(vm.none)
}

fn close(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let result = vm.files.close(access::get_int(r, FILE_INDEX) as usize);
    checked(vm, result)?;
    Ok(vm.none)
}

fn to_text(vm: &mut Vm, bytes: Vec<u8>) -> Res<Ref> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(vm.str(&text)),
        Err(e) => {
            let contents = vm.bytes(e.as_bytes());
            super::bytes::decode_utf8(vm, contents)
        }
    }
}

fn read(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let index = index(vm, r)?;
    let result = vm.files.read_all(index);
    let all = checked(vm, result)?;
    to_text(vm, all)
}

fn readline(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let index = index(vm, r)?;
    let result = vm.files.read_line(index);
    let line = checked(vm, result)?;
    to_text(vm, line)
}

/// The next line of a FILE; None at its end.
pub fn next_line(vm: &mut Vm, r: Ref) -> Res<Option<Ref>> {
    let line = readline(vm, r)?;
    Ok((access::length(line) > 0).then_some(line))
}

fn readlines(vm: &mut Vm, r: Ref) -> Res<Ref> {
    list::from_iterable(vm, r)
}

fn next(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match next_line(vm, r)? {
        Some(line) => Ok(line),
        None => {
            let e = vm.exception_with(crate::types::STOP_ITERATION, vm.empty_tuple);
            Err(vm.raise_object(e))
        }
    }
}

fn fileno(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.int(access::get_int(r, FILE_INDEX)))
}

fn isatty(vm: &mut Vm, r: Ref) -> Res<Ref> {
    use std::io::IsTerminal;
    let v = match access::get_int(r, FILE_INDEX) {
        0 => std::io::stdin().is_terminal(),
        1 => std::io::stdout().is_terminal(),
        2 => std::io::stderr().is_terminal(),
        _ => false,
    };
    Ok(vm.bool(v))
}

fn closed(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let open = vm.files.is_open(access::get_int(r, FILE_INDEX) as usize);
    Ok(vm.bool(!open))
}

fn name(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, FILE_NAME))
}

fn same(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(r)
}

fn exit(vm: &mut Vm, r: Ref, _: Ref, _: Ref, _: Ref) -> Res<Ref> {
    if access::get_int(r, FILE_INDEX) as usize > STDERR {
        close(vm, r)?;
    }
    Ok(vm.none)
}
