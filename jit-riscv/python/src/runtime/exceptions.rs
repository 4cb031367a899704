//! Raising, matching and showing exceptions.

use std::fmt::Write;

use jit_riscv::language::GuestCode;
use jit_riscv::object::Ref;

use super::{Raised, Res, attributes, calls, repr, text};
use crate::access;
use crate::code::Code;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// A new exception of a class (TYPE) with a tuple of arguments. Does not call `__init__`.
    EXCEPTION_NEW: Any, exception_new(class: Ref, args: Ref) -> Ref;
    /// Prepends a line to an exception's traceback: the address of the code and the source line.
    TRACEBACK_ADD: Any, traceback_add(exception: Ref, code: i64, line: i64) -> ();
    /// Does an exception match what follows `except` (a class or a tuple)?
    EXCEPTION_MATCHES: Reads, exception_matches(exception: Ref, classes: Ref) -> Res<bool>;
    /// What `raise x` raises: x itself, or a new instance of the class x. TypeError for anything else.
    RAISE_OPERAND: Any, raise_operand(operand: Ref) -> Res<Ref>;
    /// `raise exception from cause`; both have passed RAISE_OPERAND, the cause may be None.
    SET_CAUSE: Any, set_cause(exception: Ref, cause: Ref) -> ();
    /// `exception` was raised while `handled` was being handled: makes that the end of its context chain.
    SET_CONTEXT: Any, set_context(exception: Ref, handled: Ref) -> ();
    /// A new exception of a built-in class, by number, with a str as its argument.
    EXCEPTION_MESSAGE: Any, exception_message(class: i64, message: Ref) -> Ref;
    /// StopIteration with a value (None: no arguments).
    STOP_ITERATION_NEW: Any, stop_iteration(value: Ref) -> Ref;
}

pub fn exception_new(vm: &mut Vm, class: Ref, args: Ref) -> Ref {
    let id = vm.type_id(class);
    vm.exception_with(id, args)
}

fn exception_message(vm: &mut Vm, class: i64, message: Ref) -> Ref {
    let args = vm.tuple(&[message]);
    vm.exception_with(TypeId(class as u32), args)
}

pub fn stop_iteration(vm: &mut Vm, value: Ref) -> Ref {
    let args = if value == vm.none || value.is_null() { vm.empty_tuple } else { vm.tuple(&[value]) };
    vm.exception_with(STOP_ITERATION, args)
}

fn traceback_add(vm: &mut Vm, exception: Ref, code: i64, line: i64) {
    if !is_shape(access::class(exception)) {
        return;
    }
    // SAFETY: callers pass the addresses of code objects, which are never freed.
    let file = unsafe { &(*(code as *const Code)).spec.file };
    if **file == *crate::builtins::prelude::FILE {
        return;
    }
    let tb = vm.new_object(TRACEBACK);
    access::set_int(tb, TB_CODE, code);
    access::set_int(tb, TB_LINE, line);
    access::init_ref(tb, TB_NEXT, access::get_ref(exception, EXC_TRACEBACK));
    vm.put(exception, EXC_TRACEBACK, tb);
}

pub fn exception_matches(vm: &mut Vm, exception: Ref, classes: Ref) -> Res<bool> {
    match access::class(classes) {
        TYPE => {
            let class = vm.type_id(classes);
            if vm.is_subclass(class, BASE_EXCEPTION) {
                return Ok(vm.is_instance(exception, class));
            }
        }
        TUPLE => {
            for class in access::refs(classes) {
                if exception_matches(vm, exception, *class)? {
                    return Ok(true);
                }
            }
            return Ok(false);
        }
        _ => {}
    }
    Err(vm.type_error("catching classes that do not inherit from BaseException is not allowed"))
}

pub fn raise_operand(vm: &mut Vm, operand: Ref) -> Res<Ref> {
    if vm.is_instance(operand, BASE_EXCEPTION) {
        return Ok(operand);
    }
    if access::is(operand, TYPE) {
        let id = vm.type_id(operand);
        if vm.is_subclass(id, BASE_EXCEPTION) {
            return super::callback(vm, operand, &[]);
        }
    }
    Err(vm.type_error("exceptions must derive from BaseException"))
}

fn set_cause(vm: &mut Vm, exception: Ref, cause: Ref) {
    let cause = if cause == vm.none { Ref::NULL } else { cause };
    vm.put(exception, EXC_CAUSE, cause);
    access::set_int(exception, EXC_SUPPRESS, 1);
}

pub fn set_context(vm: &mut Vm, exception: Ref, handled: Ref) {
    if exception == handled {
        return;
    }
    // The chain must not become a ring: cut it where it already contains the new exception.
    let mut at = handled;
    while !at.is_null() {
        let next = access::get_ref(at, EXC_CONTEXT);
        if next == exception {
            vm.put(at, EXC_CONTEXT, Ref::NULL);
            break;
        }
        at = next;
    }
    vm.put(exception, EXC_CONTEXT, handled);
}

impl Vm {
    /// An exception with a tuple of arguments.
    pub fn exception_with(&mut self, class: TypeId, args: Ref) -> Ref {
        let e = self.new_instance(class);
        access::init_ref(e, EXC_ARGS, args);
        e
    }

    /// An exception with a message.
    pub fn new_exception(&mut self, class: TypeId, message: &str) -> Ref {
        let message = self.str(message);
        let args = self.tuple(&[message]);
        self.exception_with(class, args)
    }

    /// Makes an exception the pending one.
    pub fn raise_object(&mut self, exception: Ref) -> Raised {
        self.thread.exception = exception;
        Raised
    }

    #[cold]
    pub fn raise(&mut self, class: TypeId, message: &str) -> Raised {
        let e = self.new_exception(class, message);
        self.raise_object(e)
    }

    #[cold]
    pub fn type_error(&mut self, message: &str) -> Raised {
        self.raise(TYPE_ERROR, message)
    }

    #[cold]
    pub fn value_error(&mut self, message: &str) -> Raised {
        self.raise(VALUE_ERROR, message)
    }

    #[cold]
    pub fn index_error(&mut self, message: &str) -> Raised {
        self.raise(INDEX_ERROR, message)
    }

    #[cold]
    pub fn overflow_error(&mut self, message: &str) -> Raised {
        self.raise(OVERFLOW_ERROR, message)
    }

    #[cold]
    pub fn zero_division(&mut self, message: &str) -> Raised {
        self.raise(ZERO_DIVISION_ERROR, message)
    }

    #[cold]
    pub fn not_implemented_error(&mut self, message: &str) -> Raised {
        self.raise(NOT_IMPLEMENTED_ERROR, message)
    }

    #[cold]
    pub fn memory_error(&mut self) -> Raised {
        let e = self.exception_with(MEMORY_ERROR, self.empty_tuple);
        self.raise_object(e)
    }

    #[cold]
    pub fn key_error(&mut self, key: Ref) -> Raised {
        let args = self.tuple(&[key]);
        let e = self.exception_with(KEY_ERROR, args);
        self.raise_object(e)
    }

    /// Takes the pending exception away.
    pub fn take_exception(&mut self) -> Ref {
        std::mem::replace(&mut self.thread.exception, Ref::NULL)
    }

    /// Takes the pending exception away if it is an instance of `class`.
    pub fn clear_if(&mut self, class: TypeId) -> bool {
        let matches = self.is_instance(self.thread.exception, class);
        if matches {
            self.thread.exception = Ref::NULL;
        }
        matches
    }
}

/// The lines that CPython prints for an uncaught exception.
pub fn report(vm: &mut Vm, exception: Ref) -> String {
    let mut out = String::new();
    report_chain(vm, exception, &mut out, 0);
    out
}

fn report_chain(vm: &mut Vm, exception: Ref, out: &mut String, depth: usize) {
    let cause = access::get_ref(exception, EXC_CAUSE);
    let context = access::get_ref(exception, EXC_CONTEXT);
    if depth < 50 {
        if !cause.is_null() {
            report_chain(vm, cause, out, depth + 1);
            out.push_str("\nThe above exception was the direct cause of the following exception:\n\n");
        } else if !context.is_null() && access::get_int(exception, EXC_SUPPRESS) == 0 {
            report_chain(vm, context, out, depth + 1);
            out.push_str("\nDuring handling of the above exception, another exception occurred:\n\n");
        }
    }
    report_one(vm, exception, out);
}

fn report_one(vm: &mut Vm, exception: Ref, out: &mut String) {
    let mut tb = access::get_ref(exception, EXC_TRACEBACK);
    if !tb.is_null() {
        out.push_str("Traceback (most recent call last):\n");
    }
    let mut previous = (0, 0);
    let mut repeated = 0;
    while !tb.is_null() {
        let here = (access::get_int(tb, TB_CODE), access::get_int(tb, TB_LINE));
        repeated = if here == previous { repeated + 1 } else { 0 };
        let next = access::get_ref(tb, TB_NEXT);
        let ends = next.is_null() || (access::get_int(next, TB_CODE), access::get_int(next, TB_LINE)) != here;
        if repeated < 3 {
            // SAFETY: code objects are never freed, and only their addresses are put here.
            let code = unsafe { &*(here.0 as *const Code) };
            let _ = writeln!(out, "  File \"{}\", line {}, in {}", code.spec.file, here.1, code.spec.name);
            if let Some(line) = source_line(vm, &code.spec.file, here.1) {
                let _ = writeln!(out, "    {line}");
            }
        } else if ends {
            let more = repeated - 2;
            let plural = if more == 1 { "" } else { "s" };
            let _ = writeln!(out, "  [Previous line repeated {more} more time{plural}]");
        }
        previous = here;
        tb = next;
    }
    let id = vm.type_of(exception);
    let module = vm.type_info(id).module;
    if module != symbols::BUILTINS && module != symbols::MAIN {
        let _ = write!(out, "{}.", vm.symbol_text(module));
    }
    out.push_str(access::text(vm.type_info(id).qualname));
    let message = match text::str_of(vm, exception) {
        Ok(message) => access::text(message),
        Err(Raised) => {
            vm.take_exception();
            "<exception str() failed>"
        }
    };
    if !message.is_empty() {
        let _ = write!(out, ": {message}");
    }
    out.push('\n');
}

fn source_line(vm: &Vm, file: &str, line: i64) -> Option<String> {
    let source = match (&vm.command, file) {
        (Some(command), "<string>") => command.clone(),
        _ => std::fs::read_to_string(file).ok()?,
    };
    let line = source.lines().nth(usize::try_from(line).ok()?.checked_sub(1)?)?.trim();
    (!line.is_empty()).then(|| line.to_string())
}

/// What an exception that nobody caught does to the process: prints what CPython would and gives the exit status.
pub fn uncaught(vm: &mut Vm, exception: Ref) -> i32 {
    vm.thread.exception = Ref::NULL;
    if vm.is_instance(exception, SYSTEM_EXIT) {
        let args = access::get_ref(exception, EXC_ARGS);
        let code = match access::refs(args) {
            [] => vm.none,
            [code] => *code,
            _ => args,
        };
        return match access::class(code) {
            NONE => 0,
            INT | BOOL => access::int_value(code) as i32 & 255,
            _ => {
                let message = text::str_of(vm, code).map(access::text).unwrap_or("");
                vm.files.error(&format!("{message}\n"));
                1
            }
        };
    }
    let lines = report(vm, exception);
    vm.files.error(&lines);
    1
}

/// `str(exception)`: nothing, the argument, or all arguments as a tuple.
pub fn exception_text(vm: &mut Vm, exception: Ref) -> Res<Ref> {
    let args = access::get_ref(exception, EXC_ARGS);
    match access::refs(args) {
        [] => Ok(vm.empty_str),
        [only] if vm.is_instance(exception, KEY_ERROR) => repr::repr_of(vm, *only),
        [only] => text::str_of(vm, *only),
        [errno, message, rest @ ..] if vm.is_instance(exception, OS_ERROR) => {
            let errno = text::str_of(vm, *errno)?;
            let message = text::str_of(vm, *message)?;
            let mut shown = format!("[Errno {}] {}", access::text(errno), access::text(message));
            if let [file, ..] = rest {
                let file = repr::repr_of(vm, *file)?;
                let _ = write!(shown, ": {}", access::text(file));
            }
            Ok(vm.str(&shown))
        }
        _ => repr::repr_of(vm, args),
    }
}

/// An OSError (of the subclass that fits) for an error of the host.
pub fn os_error(vm: &mut Vm, error: &std::io::Error, file: Ref) -> Raised {
    let errno = error.raw_os_error().unwrap_or(5);
    let (class, message) = match errno {
        1 => (PERMISSION_ERROR, "Operation not permitted"),
        2 => (FILE_NOT_FOUND_ERROR, "No such file or directory"),
        13 => (PERMISSION_ERROR, "Permission denied"),
        17 => (FILE_EXISTS_ERROR, "File exists"),
        20 => (NOT_A_DIRECTORY_ERROR, "Not a directory"),
        21 => (IS_A_DIRECTORY_ERROR, "Is a directory"),
        _ => (OS_ERROR, "Input/output error"),
    };
    let errno = vm.int(errno as i64);
    let message = vm.str(message);
    let args = if file.is_null() { vm.tuple(&[errno, message]) } else { vm.tuple(&[errno, message, file]) };
    let e = vm.exception_with(class, args);
    vm.raise_object(e)
}

/// The line of a code's bytecode, as [`TRACEBACK_ADD`] wants it.
pub fn line_of(code: &Code, pc: u32) -> i64 {
    code.line(pc) as i64
}

/// Sets one of the special attributes of exceptions. False: it is not one.
pub(crate) fn set_special(vm: &mut Vm, exception: Ref, sym: symbols::Sym, value: Ref) -> Res<bool> {
    let or_null = if value == vm.none { Ref::NULL } else { value };
    match sym {
        symbols::ARGS => {
            let args = super::sequence::tuple_from(vm, value)?;
            vm.put(exception, EXC_ARGS, args);
        }
        symbols::TRACEBACK => vm.put(exception, EXC_TRACEBACK, or_null),
        symbols::CAUSE => set_cause(vm, exception, value),
        symbols::CONTEXT => vm.put(exception, EXC_CONTEXT, or_null),
        symbols::SUPPRESS_CONTEXT => {
            let v = super::compare::truth(vm, value)?;
            access::set_int(exception, EXC_SUPPRESS, v as i64);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// `AttributeError` for a missing attribute.
#[cold]
pub fn no_attribute(vm: &mut Vm, object: Ref, name: Ref) -> Raised {
    let message = attributes::missing_message(vm, object, name);
    vm.raise(ATTRIBUTE_ERROR, &message)
}
