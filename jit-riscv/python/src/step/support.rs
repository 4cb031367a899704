//! What only `step` needs of the runtime: look-ups on the host, binding of arguments, errors of single bytecodes.

use std::cell::Cell;
use std::path::PathBuf;

use jit_riscv::object::{ClassId, Ref};

use super::Py;
use crate::access;
use crate::bytecode::{BinaryOp, CompareOp, UnaryOp};
use crate::code::{Code, Global};
use crate::objects::*;
use crate::runtime::{Raised, Res, attributes, callback, calls, compare, dict, numbers, sequence};
use crate::symbols::{self, Sym};
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// UnboundLocalError or NameError for a slot of a code object.
    UNBOUND_LOCAL: Any, unbound_local(code: i64, slot: i64) -> Res<()>;
    /// NameError for the global variable at an address.
    UNDEFINED_NAME: Any, undefined_name(global: i64) -> Res<()>;
    /// Assigns to the global variable at an address; null unbinds it.
    STORE_GLOBAL: Any, store_global(global: i64, value: Ref) -> ();
    /// The value of a STR key in a DICT, or null.
    NAMESPACE_GET: Reads, namespace_get(namespace: Ref, name: Ref) -> Ref;
    NAMESPACE_SET: Any, namespace_set(namespace: Ref, name: Ref, value: Ref) -> ();
    /// NameError where it is missing.
    NAMESPACE_DELETE: Any, namespace_delete(namespace: Ref, name: Ref) -> Res<()>;
    /// Sets `__qualname__` in a class body's namespace unless the body did.
    SET_QUALNAME: Any, set_qualname(namespace: Ref, qualname: Ref) -> ();
    /// The MODULE of a name.
    IMPORT: Any, import(name: Ref) -> Res<Ref>;
    /// The address of the code of a module that IMPORT has just read and that has to be executed; otherwise 0.
    MODULE_BODY: Any, module_body(module: Ref) -> i64;
    /// `from module import name`
    IMPORT_FROM: Any, import_from(module: Ref, name: Ref) -> Res<Ref>;
    /// The docstring of a code object that has one.
    DOC: Any, doc(code: i64) -> Ref;
    /// RecursionError.
    RECURSION: Any, recursion() -> Res<()>;
    /// TypeError: `__init__` gave something.
    INIT_RESULT: Any, init_result(value: Ref) -> Res<()>;
    /// What `__len__` gave, as an INT that is not negative.
    CHECK_LENGTH: Any, check_length(value: Ref) -> Res<Ref>;
    /// A comparison, when the left operand's method has answered NotImplemented.
    COMPARE_OTHER: Any, compare_other(op: i64, left: Ref, right: Ref) -> Res<Ref>;
    /// A binary operator, when the left operand's method has answered NotImplemented.
    BINARY_OTHER: Any, binary_other(op: i64, left: Ref, right: Ref) -> Res<Ref>;
    /// TypeError for a binary operator whose operands are exchanged.
    BINARY_NEITHER: Any, binary_neither(op: i64, right: Ref, left: Ref) -> Res<Ref>;
    /// An augmented assignment, when its method has answered NotImplemented.
    INPLACE_OTHER: Any, inplace_other(op: i64, left: Ref, right: Ref) -> Res<Ref>;
    /// The values of a FUNCTION's parameters, as a TUPLE, from a TUPLE of arguments of which the last belong to a TUPLE, or
    /// null, of names.
    BIND: Any, bind(function: Ref, args: Ref, names: Ref) -> Res<Ref>;
    BIND_DISAGREES: Any, bind_disagrees() -> Res<()>;
    /// A TUPLE of an object (or null), a list's or tuple's items, and a DICT's (or null) values.
    ALL_ARGUMENTS: Any, all_arguments(this: Ref, items: Ref, keywords: Ref) -> Ref;
    /// A TUPLE of a DICT's keys, or null where there are none.
    KEYWORD_NAMES: Any, keyword_names(keywords: Ref) -> Ref;
    /// A TUPLE with an object before its items.
    PREPEND: Any, prepend(object: Ref, tuple: Ref) -> Ref;
    /// A TUPLE of the items of an iterable: so many, a list of those between, so many.
    UNPACK_STARRED: Any, unpack_starred(iterable: Ref, before: i64, after: i64) -> Res<Ref>;
    /// The value that a StopIteration carries.
    STOP_VALUE: Any, stop_value(exception: Ref) -> Ref;
    /// RuntimeError in the place of a StopIteration; other exceptions as they are.
    STOP_ITERATION_ERROR: Any, stop_iteration_error(exception: Ref) -> Ref;
    /// The exception for a generator that cannot be resumed.
    NOT_RESUMABLE: Any, not_resumable(generator: Ref) -> Res<()>;
    /// `iterator.send(value)`
    SEND: Any, send(iterator: Ref, value: Ref) -> Res<Ref>;
}

/// The FUNCTION that the class of a shape has for a special method. The answer, also none, is covered by the class's watch.
pub fn method<D: Py>(d: &mut D, class: ClassId, symbol: Sym) -> Option<Ref> {
    let found = look_up(d, class, symbol);
    (!found.is_null() && access::is(found, FUNCTION)).then_some(found)
}

/// Does the class of a shape have the attribute?
pub fn has_attribute<D: Py>(d: &mut D, class: ClassId, symbol: Sym) -> bool {
    !look_up(d, class, symbol).is_null()
}

fn look_up<D: Py>(d: &mut D, class: ClassId, symbol: Sym) -> Ref {
    let vm = d.vm();
    let type_ = vm.class_of_word(class);
    let found = vm.type_lookup(type_, symbol);
    let watch = vm.type_info(type_).watch;
    d.assume(watch);
    found
}

/// Is the attribute of a shape's class the one that `object` has, or missing?
pub fn is_objects_own<D: Py>(d: &mut D, class: ClassId, symbol: Sym) -> bool {
    let vm = d.vm();
    let type_ = vm.class_of_word(class);
    let owner = vm.type_lookup_owner(type_, symbol).map(|found| found.0);
    let watch = vm.type_info(type_).watch;
    d.assume(watch);
    owner.is_none_or(|owner| owner == T_OBJECT)
}

/// Does a class have a method that is no function of the runtime?
pub fn has_user_method(vm: &mut Vm, type_: TypeId, symbol: Sym) -> bool {
    let mut found = vm.type_lookup(type_, symbol);
    if !found.is_null() && access::is(found, STATICMETHOD) {
        found = access::get_ref(found, STATICMETHOD_FUNC);
    }
    !found.is_null() && !access::is(found, BUILTIN)
}

/// Attributes of exceptions that are no slots.
pub fn is_exception_attribute(symbol: Sym) -> bool {
    [symbols::ARGS, symbols::TRACEBACK, symbols::CAUSE, symbols::CONTEXT, symbols::SUPPRESS_CONTEXT]
        .contains(&symbol)
}

pub fn compare_symbol(op: CompareOp) -> Sym {
    compare::method_symbols(op).0
}

pub fn operator_symbols(op: BinaryOp) -> (Sym, Sym, Sym) {
    symbols::of_operator(op)
}

pub fn unary_symbol(op: UnaryOp) -> Sym {
    match op {
        UnaryOp::Neg => symbols::NEG,
        UnaryOp::Pos => symbols::POS,
        UnaryOp::Invert => symbols::INVERT,
    }
}

/// The name of a local as an interned str.
pub fn local_name<D: Py>(d: &mut D, code: &'static Code, slot: usize) -> Ref {
    let vm = d.vm();
    let symbol = vm.intern(&code.spec.locals[slot]);
    vm.symbol_object(symbol)
}

fn code_at(address: i64) -> &'static Code {
    // SAFETY: `step` passes addresses of code objects, which are never freed.
    unsafe { &*(address as *const Code) }
}

fn global_at(address: i64) -> &'static Global {
    // SAFETY: `step` passes addresses of global variables, which are never freed.
    unsafe { &*(address as *const Global) }
}

fn unbound_local(vm: &mut Vm, code: i64, slot: i64) -> Res<()> {
    let code = code_at(code);
    let slot = slot as usize;
    let name = &code.spec.locals[slot];
    let free = code.spec.free_start..code.spec.free_start + code.spec.free_count;
    Err(if free.contains(&slot) {
        let message = format!(
            "cannot access free variable '{name}' where it is not associated with a value in enclosing scope"
        );
        vm.raise(NAME_ERROR, &message)
    } else {
        let message =
            format!("cannot access local variable '{name}' where it is not associated with a value");
        vm.raise(UNBOUND_LOCAL_ERROR, &message)
    })
}

fn undefined_name(vm: &mut Vm, global: i64) -> Res<()> {
    let message = format!("name '{}' is not defined", global_at(global).name);
    Err(vm.raise(NAME_ERROR, &message))
}

fn store_global(vm: &mut Vm, global: i64, value: Ref) {
    vm.set_global(global_at(global), value);
}

fn namespace_get(vm: &mut Vm, namespace: Ref, name: Ref) -> Ref {
    dict::find_str(vm, namespace, name)
}

fn namespace_set(vm: &mut Vm, namespace: Ref, name: Ref, value: Ref) {
    // A str key raises nothing.
    let _ = dict::set_item(vm, namespace, name, value);
}

fn namespace_delete(vm: &mut Vm, namespace: Ref, name: Ref) -> Res<()> {
    if dict::find_str(vm, namespace, name).is_null() {
        let message = format!("name '{}' is not defined", access::text(name));
        return Err(vm.raise(NAME_ERROR, &message));
    }
    dict::remove(vm, namespace, name).map(|_| ())
}

fn set_qualname(vm: &mut Vm, namespace: Ref, qualname: Ref) {
    let key = vm.symbol_object(symbols::QUALNAME);
    if dict::find_str(vm, namespace, key).is_null() {
        let _ = dict::set_item(vm, namespace, key, qualname);
    }
}

thread_local! {
    /// The module that was read last and whose body has not been executed, and that.
    static PENDING: Cell<Option<(i64, &'static Code)>> = const { Cell::new(None) };
}

fn import(vm: &mut Vm, name: Ref) -> Res<Ref> {
    let symbol = vm.intern_object(name);
    if let Some(module) = vm.find_module(symbol) {
        return Ok(module);
    }
    let text = access::text(name);
    let path: PathBuf = vm.script_dir.join(format!("{}.py", text.replace('.', "/")));
    let (source, file) = match std::fs::read_to_string(&path) {
        Ok(source) => (source, path.display().to_string()),
        Err(_) => match crate::builtins::library(text) {
            Some(source) => (source.to_owned(), format!("<{text}>")),
            None => {
                let message = format!("No module named '{text}'");
                return Err(vm.raise(MODULE_NOT_FOUND_ERROR, &message));
            }
        },
    };
    let spec = match crate::compiler::compile(&source, &file) {
        Ok(spec) => spec,
        Err(error) => {
            let message = format!("{}: {} ({file}, line {})", error.kind, error.message, error.line);
            return Err(vm.raise(SYNTAX_ERROR, &message));
        }
    };
    let module = vm.add_module(symbol, None);
    vm.module_info_mut(module).file = Some(file);
    let body = Code::link(spec, module, vm);
    PENDING.set(Some((access::get_int(module, MODULE_INDEX), body)));
    Ok(module)
}

fn module_body(_: &mut Vm, module: Ref) -> i64 {
    match PENDING.get() {
        Some((index, body)) if index == access::get_int(module, MODULE_INDEX) => {
            PENDING.set(None);
            body as *const Code as i64
        }
        _ => 0,
    }
}

fn import_from(vm: &mut Vm, module: Ref, name: Ref) -> Res<Ref> {
    let symbol = vm.intern_object(name);
    let value = vm.module_get(module, symbol);
    if !value.is_null() {
        return Ok(value);
    }
    let module = vm.symbol_text(vm.module_info(module).name);
    let message = format!("cannot import name '{}' from '{module}'", access::text(name));
    Err(vm.raise(IMPORT_ERROR, &message))
}

fn doc(vm: &mut Vm, code: i64) -> Ref {
    match &code_at(code).spec.doc {
        Some(text) => vm.str(text),
        None => vm.none,
    }
}

fn recursion(vm: &mut Vm) -> Res<()> {
    Err(vm.raise(RECURSION_ERROR, "maximum recursion depth exceeded"))
}

fn init_result(vm: &mut Vm, value: Ref) -> Res<()> {
    let message = format!("__init__() should return None, not '{}'", vm.type_name(value));
    Err(vm.type_error(&message))
}

fn check_length(vm: &mut Vm, value: Ref) -> Res<Ref> {
    let length = numbers::index(vm, value)?;
    if length < 0 {
        return Err(vm.value_error("__len__() should return >= 0"));
    }
    Ok(vm.int(length))
}

/// Asks the class of `a`. Null: it does not define the method, or answered NotImplemented.
fn ask(vm: &mut Vm, method: Sym, a: Ref, b: Ref) -> Res<Ref> {
    if !is_shape(access::class(a)) {
        return Ok(Ref::NULL);
    }
    let method = attributes::special(vm, a, method);
    if method.is_null() {
        return Ok(Ref::NULL);
    }
    let answer = callback(vm, method, &[a, b])?;
    Ok(if answer == vm.not_implemented { Ref::NULL } else { answer })
}

fn compare_other(vm: &mut Vm, op: i64, a: Ref, b: Ref) -> Res<Ref> {
    let op = CompareOp::ALL[op as usize];
    let answer = ask(vm, compare::method_symbols(op).1, b, a)?;
    if !answer.is_null() {
        return Ok(answer);
    }
    match op {
        CompareOp::Eq => Ok(vm.bool(a == b)),
        CompareOp::Ne => Ok(vm.bool(a != b)),
        _ => Err(compare::unsupported(vm, op, a, b)),
    }
}

fn binary_other(vm: &mut Vm, op: i64, a: Ref, b: Ref) -> Res<Ref> {
    let op = BinaryOp::ALL[op as usize];
    if vm.type_of(a) != vm.type_of(b) {
        let answer = ask(vm, operator_symbols(op).1, b, a)?;
        if !answer.is_null() {
            return Ok(answer);
        }
    }
    Err(numbers::unsupported(vm, op.symbol(), a, b))
}

fn binary_neither(vm: &mut Vm, op: i64, right: Ref, left: Ref) -> Res<Ref> {
    let op = BinaryOp::ALL[op as usize];
    Err(numbers::unsupported(vm, op.symbol(), left, right))
}

fn inplace_other(vm: &mut Vm, op: i64, a: Ref, b: Ref) -> Res<Ref> {
    numbers::binary(vm, BinaryOp::ALL[op as usize], a, b)
}

/// Names in a message: `'a'`, `'a' and 'b'`, `'a', 'b', and 'c'`.
fn enumerate(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
    match &quoted[..] {
        [] => String::new(),
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [others @ .., last] => format!("{}, and {last}", others.join(", ")),
    }
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

/// See [`BIND`].
pub fn bind(vm: &mut Vm, function: Ref, args: Ref, names: Ref) -> Res<Ref> {
    let code = code_at(access::get_int(function, FUNC_CODE));
    let qualname = access::text(access::get_ref(function, FUNC_QUALNAME));
    let parameters = code.spec.parameters;
    let positional = parameters.positional as usize;
    let named = positional + parameters.keyword_only as usize;
    let locals = &code.spec.locals;
    let args = access::refs(args);
    let names: &[Ref] = if names.is_null() { &[] } else { access::refs(names) };
    let given = args.len() - names.len();
    let mut values = vec![Ref::NULL; named];
    let direct = given.min(positional);
    values[..direct].copy_from_slice(&args[..direct]);
    let mut others = Vec::new();
    let mut misplaced = Vec::new();
    for (name, argument) in names.iter().zip(&args[given..]) {
        let text = access::text(*name);
        match locals[..named].iter().position(|local| &**local == text) {
            Some(i) if i < parameters.positional_only as usize && !parameters.var_keyword => {
                misplaced.push(text);
            }
            Some(i) if i >= parameters.positional_only as usize => {
                if !values[i].is_null() {
                    let message = format!("{qualname}() got multiple values for argument '{text}'");
                    return Err(vm.type_error(&message));
                }
                values[i] = *argument;
            }
            _ if parameters.var_keyword => others.push((*name, *argument)),
            _ => {
                let message = format!("{qualname}() got an unexpected keyword argument '{text}'");
                return Err(vm.type_error(&message));
            }
        }
    }
    if !misplaced.is_empty() {
        let message = format!(
            "{qualname}() got some positional-only arguments passed as keyword arguments: '{}'",
            misplaced.join(", ")
        );
        return Err(vm.type_error(&message));
    }
    let defaults = access::get_ref(function, FUNC_DEFAULTS);
    let defaults: &[Ref] = if defaults.is_null() { &[] } else { access::refs(defaults) };
    if given > positional && !parameters.var_positional {
        return Err(too_many(vm, code, qualname, given, defaults.len(), &values));
    }
    let first_default = positional - defaults.len();
    let mut missing = Vec::new();
    for i in 0..positional {
        if values[i].is_null() {
            if i >= first_default {
                values[i] = defaults[i - first_default];
            } else {
                missing.push(&*locals[i]);
            }
        }
    }
    if !missing.is_empty() {
        return Err(missing_arguments(vm, qualname, "positional", &missing));
    }
    let keyword_defaults = access::get_ref(function, FUNC_KWDEFAULTS);
    for i in positional..named {
        if values[i].is_null() && !keyword_defaults.is_null() {
            let name = vm.intern(&locals[i]);
            let name = vm.symbol_object(name);
            values[i] = dict::find_str(vm, keyword_defaults, name);
        }
        if values[i].is_null() {
            missing.push(&*locals[i]);
        }
    }
    if !missing.is_empty() {
        return Err(missing_arguments(vm, qualname, "keyword-only", &missing));
    }
    if parameters.var_positional {
        let rest = vm.tuple(&args[direct..given]);
        values.push(rest);
    }
    if parameters.var_keyword {
        let rest = dict::new(vm);
        for (name, argument) in others {
            dict::set_item(vm, rest, name, argument)?;
        }
        values.push(rest);
    }
    Ok(vm.tuple(&values))
}

fn missing_arguments(vm: &mut Vm, qualname: &str, kind: &str, missing: &[&str]) -> Raised {
    let n = missing.len();
    let s = plural(n);
    let names = enumerate(missing);
    let message = format!("{qualname}() missing {n} required {kind} argument{s}: {names}");
    vm.type_error(&message)
}

fn too_many(
    vm: &mut Vm,
    code: &Code,
    qualname: &str,
    given: usize,
    defaults: usize,
    values: &[Ref],
) -> Raised {
    let positional = code.spec.parameters.positional as usize;
    let takes = if defaults > 0 {
        format!("from {} to {positional} positional arguments", positional - defaults)
    } else {
        format!("{positional} positional argument{}", plural(positional))
    };
    let by_name = values[positional..].iter().filter(|v| !v.is_null()).count();
    let were = if given == 1 && by_name == 0 { "was" } else { "were" };
    let given = if by_name > 0 {
        format!(
            "{given} positional argument{} (and {by_name} keyword-only argument{})",
            plural(given),
            plural(by_name)
        )
    } else {
        format!("{given}")
    };
    let message = format!("{qualname}() takes {takes} but {given} {were} given");
    vm.type_error(&message)
}

fn bind_disagrees(vm: &mut Vm) -> Res<()> {
    Err(vm.raise(SYSTEM_ERROR, "arguments cannot be bound to parameters"))
}

fn all_arguments(vm: &mut Vm, this: Ref, items: Ref, keywords: Ref) -> Ref {
    let mut all = Vec::new();
    if !this.is_null() {
        all.push(this);
    }
    let items = if is_list(access::class(items)) { sequence::tuple_from_list(vm, items) } else { items };
    all.extend_from_slice(access::refs(items));
    if !keywords.is_null() {
        all.extend(dict::pairs(keywords).into_iter().map(|(_, value)| value));
    }
    vm.tuple(&all)
}

fn keyword_names(vm: &mut Vm, keywords: Ref) -> Ref {
    if keywords.is_null() {
        return Ref::NULL;
    }
    let names: Vec<Ref> = dict::pairs(keywords).into_iter().map(|(key, _)| key).collect();
    if names.is_empty() { Ref::NULL } else { vm.tuple(&names) }
}

fn prepend(vm: &mut Vm, object: Ref, tuple: Ref) -> Ref {
    let mut all = vec![object];
    all.extend_from_slice(access::refs(tuple));
    vm.tuple(&all)
}

fn unpack_starred(vm: &mut Vm, iterable: Ref, before: i64, after: i64) -> Res<Ref> {
    let tuple = match access::class(iterable) {
        TUPLE => iterable,
        class if is_list(class) => sequence::tuple_from_list(vm, iterable),
        _ => {
            let list = sequence::unpack_list(vm, iterable)?;
            sequence::tuple_from_list(vm, list)
        }
    };
    let items = access::refs(tuple);
    let (before, after) = (before as usize, after as usize);
    if items.len() < before + after {
        let message = format!(
            "not enough values to unpack (expected at least {}, got {})",
            before + after,
            items.len()
        );
        return Err(vm.value_error(&message));
    }
    let end = items.len() - after;
    let middle = crate::runtime::list::from_items(vm, &items[before..end]);
    let mut parts = items[..before].to_vec();
    parts.push(middle);
    parts.extend_from_slice(&items[end..]);
    Ok(vm.tuple(&parts))
}

fn stop_value(vm: &mut Vm, exception: Ref) -> Ref {
    let args = access::refs(access::get_ref(exception, EXC_ARGS));
    args.first().copied().unwrap_or(vm.none)
}

fn stop_iteration_error(vm: &mut Vm, exception: Ref) -> Ref {
    if !vm.is_instance(exception, STOP_ITERATION) {
        return exception;
    }
    let error = vm.new_exception(RUNTIME_ERROR, "generator raised StopIteration");
    access::init_ref(error, EXC_CAUSE, exception);
    access::init_ref(error, EXC_CONTEXT, exception);
    access::set_int(error, EXC_SUPPRESS, 1);
    error
}

/// See [`NOT_RESUMABLE`].
pub fn not_resumable(vm: &mut Vm, generator: Ref) -> Res<()> {
    if access::get_int(generator, GEN_STATE) == super::generators::FINISHED {
        let none = vm.none;
        let exception = crate::runtime::exceptions::stop_iteration(vm, none);
        return Err(vm.raise_object(exception));
    }
    Err(vm.value_error("generator already executing"))
}

fn send(vm: &mut Vm, iterator: Ref, value: Ref) -> Res<Ref> {
    let name = vm.intern("send");
    let method = attributes::get(vm, iterator, name)?;
    callback(vm, method, &[value])
}
