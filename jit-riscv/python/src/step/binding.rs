//! Arguments to parameters, where they do not simply correspond.

use jit_riscv::domain::Operand;
use jit_riscv::object::Ref;

use super::Py;
use super::calls::{Locals, tuple_of};
use super::support;
use crate::access;
use crate::code::Code;
use crate::objects::*;
use crate::runtime::dict;

/// Appends the values of all parameters to `locals`. The last of the arguments belong to `names`, which are known.
///
/// # Errors
/// TypeError as CPython's.
#[inline(never)]
pub fn bind<D: Py>(
    d: &mut D,
    function: D::R,
    code: &'static Code,
    args: &[D::R],
    names: &[Ref],
    locals: &mut Locals<D::R>,
) -> Result<(), D::R> {
    let parameters = code.spec.parameters;
    let positional = parameters.positional as usize;
    let keyword_only = parameters.keyword_only as usize;
    let given = args.len() - names.len();
    if names.is_empty() && parameters.is_simple() && given < positional {
        return with_defaults(d, function, positional, args, locals);
    }
    if given > positional && !parameters.var_positional {
        return mismatch(d, function, args, names);
    }
    let mut values: Vec<Option<D::R>> = vec![None; positional + keyword_only];
    for (value, argument) in values.iter_mut().zip(&args[..given.min(positional)]) {
        *value = Some(*argument);
    }
    // Arguments by name; those without a parameter go to `**kwargs`.
    let mut others = Vec::new();
    for (name, argument) in names.iter().zip(&args[given..]) {
        let text = access::text(*name);
        let first = parameters.positional_only as usize;
        let known = code.spec.locals[..positional + keyword_only].iter();
        match known.skip(first).position(|local| &**local == text).map(|i| i + first) {
            Some(i) if values[i].is_none() => values[i] = Some(*argument),
            Some(_) => return mismatch(d, function, args, names),
            None if parameters.var_keyword => others.push((*name, *argument)),
            None => return mismatch(d, function, args, names),
        }
    }
    if values[..positional].iter().any(Option::is_none) {
        let defaults = d.getfield_r(function, &FUNC_DEFAULTS);
        if d.is_null(defaults) {
            return mismatch(d, function, args, names);
        }
        let count = d.array_len(defaults);
        let count = d.promote(count) as usize;
        for (i, value) in values[..positional].iter_mut().enumerate() {
            if value.is_none() {
                if i + count < positional {
                    return mismatch(d, function, args, names);
                }
                let index = d.int((i + count - positional) as i64);
                *value = Some(d.getitem_r(defaults, index, &TUPLE_ITEMS));
            }
        }
    }
    if values[positional..].iter().any(Option::is_none) {
        let defaults = d.getfield_r(function, &FUNC_KWDEFAULTS);
        if d.is_null(defaults) {
            return mismatch(d, function, args, names);
        }
        for (i, value) in values.iter_mut().enumerate().skip(positional) {
            if value.is_none() {
                let name = support::local_name(d, code, i);
                let name = d.constant(name);
                let found = d.call_r(&support::NAMESPACE_GET, &[Operand::R(defaults), Operand::R(name)])?;
                if d.is_null(found) {
                    return mismatch(d, function, args, names);
                }
                *value = Some(found);
            }
        }
    }
    for value in values {
        // All are bound here.
        let value = match value {
            Some(value) => value,
            None => d.null(),
        };
        locals.push(value);
    }
    if parameters.var_positional {
        let rest = tuple_of(d, &args[given.min(positional)..given]);
        locals.push(rest);
    }
    if parameters.var_keyword {
        let rest = d.call_r(&dict::DICT_NEW, &[])?;
        for (name, argument) in others {
            let name = d.constant(name);
            let args = [Operand::R(rest), Operand::R(name), Operand::R(argument)];
            d.call_n(&dict::DICT_SET, &args)?;
        }
        locals.push(rest);
    }
    Ok(())
}

/// Positional arguments, fewer than parameters.
fn with_defaults<D: Py>(
    d: &mut D,
    function: D::R,
    positional: usize,
    args: &[D::R],
    locals: &mut Locals<D::R>,
) -> Result<(), D::R> {
    let defaults = d.getfield_r(function, &FUNC_DEFAULTS);
    if d.is_null(defaults) {
        return mismatch(d, function, args, &[]);
    }
    let count = d.array_len(defaults);
    let count = d.promote(count) as usize;
    if args.len() + count < positional {
        return mismatch(d, function, args, &[]);
    }
    args.iter().for_each(|argument| locals.push(*argument));
    for i in args.len()..positional {
        let index = d.int((i + count - positional) as i64);
        let value = d.getitem_r(defaults, index, &TUPLE_ITEMS);
        locals.push(value);
    }
    Ok(())
}

/// The arguments do not fit: the runtime's own binding says how.
#[cold]
#[inline(never)]
fn mismatch<D: Py>(d: &mut D, function: D::R, args: &[D::R], names: &[Ref]) -> Result<(), D::R> {
    let args = tuple_of(d, args);
    let names: Vec<D::R> = names.iter().map(|name| d.constant(*name)).collect();
    let names = tuple_of(d, &names);
    d.call_r(&support::BIND, &[Operand::R(function), Operand::R(args), Operand::R(names)])?;
    // The runtime found no fault after all: it and `bind` disagree.
    d.call_n(&support::BIND_DISAGREES, &[])
}
