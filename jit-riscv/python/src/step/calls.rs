//! Calls and returns.
//!
//! A call finds `[callable, self|NULL, arguments…]` on the stack. `self` is there only where `callable` is a FUNCTION or a BUILTIN.

use std::mem::MaybeUninit;

use jit_riscv::domain::{Next, Operand};
use jit_riscv::object::{ClassId, Ref};

use super::{Py, Python, Step, binding, builtins, classes, compare, generators, none, support, tag};
use crate::access;
use crate::bytecode::{BinaryOp, CompareOp, function_flags};
use crate::code::Code;
use crate::objects::*;
use crate::runtime::call as runtime;
use crate::symbols;
use crate::vm::Vm;

/// The locals of a frame to be made, on the host's stack as long as they are few.
pub struct Locals<R> {
    few: [MaybeUninit<R>; FEW],
    len: usize,
    many: Vec<R>,
}

const FEW: usize = 16;

impl<R: Copy> Locals<R> {
    #[inline(always)]
    pub fn new() -> Locals<R> {
        Locals { few: [const { MaybeUninit::uninit() }; FEW], len: 0, many: Vec::new() }
    }

    #[inline(always)]
    pub fn push(&mut self, value: R) {
        if self.len < FEW {
            self.few[self.len].write(value);
            self.len += 1;
        } else {
            self.push_many(value);
        }
    }

    #[cold]
    #[inline(never)]
    fn push_many(&mut self, value: R) {
        if self.many.is_empty() {
            self.many = self.few().to_vec();
        }
        self.many.push(value);
    }

    #[inline(always)]
    fn few(&self) -> &[R] {
        // SAFETY: the first `len` elements have been written.
        unsafe { std::slice::from_raw_parts(self.few.as_ptr() as *const R, self.len) }
    }

    #[inline(always)]
    pub fn as_slice(&self) -> &[R] {
        if self.many.is_empty() { self.few() } else { &self.many }
    }
}

/// Pushes a frame.
#[inline(always)]
pub fn enter<D: Py>(d: &mut D, code: &'static Code, locals: &[D::R], tag: u64) -> Step<D> {
    let code = if tag == tag::PLAIN { code } else { code.twin(tag, d.vm()) };
    match d.enter(code, locals, tag) {
        Ok(()) => Ok(Next::Call),
        Err(()) => too_deep(d),
    }
}

#[cold]
#[inline(never)]
fn too_deep<D: Py>(d: &mut D) -> Step<D> {
    d.call_n(&support::RECURSION, &[])?;
    Ok(Next::Fall)
}

/// The code of a FUNCTION.
#[inline(always)]
pub fn code_of<D: Py>(d: &mut D, function: D::R) -> &'static Code {
    let address = d.getfield_i(function, &FUNC_CODE);
    let address = d.promote(address);
    // SAFETY: the field holds the address of a code object, which is never freed.
    unsafe { &*(address as *const Code) }
}

/// The code of a FUNCTION that is known.
pub fn code_of_object(function: Ref) -> &'static Code {
    // SAFETY: as for `code_of`.
    unsafe { &*(access::get_int(function, FUNC_CODE) as *const Code) }
}

/// Adds the free variables of a function to its locals.
#[inline(always)]
pub fn push_free<D: Py>(d: &mut D, function: D::R, code: &'static Code, locals: &mut Locals<D::R>) {
    if code.free > 0 {
        let closure = d.getfield_r(function, &FUNC_CLOSURE);
        for i in 0..code.free {
            let index = d.int(i as i64);
            let cell = d.getitem_r(closure, index, &TUPLE_ITEMS);
            locals.push(cell);
        }
    }
}

#[inline(always)]
pub fn call<D: Py>(d: &mut D, n: usize) -> Step<D> {
    let callable = d.peek(n + 1);
    let class = d.class_of(callable);
    if class == FUNCTION {
        return call_function(d, callable, n, None, tag::PLAIN);
    }
    if class == BUILTIN {
        return builtins::call(d, callable, n);
    }
    call_other(d, callable, class, n)
}

/// Calls a FUNCTION with the operands. With `made`, that is pushed below the new frame (for constructors).
#[inline(always)]
pub fn call_function<D: Py>(d: &mut D, function: D::R, n: usize, made: Option<D::R>, tag: u64) -> Step<D> {
    let this = match made {
        Some(object) => object,
        None => d.peek(n),
    };
    let bound = made.is_some() || !d.is_null(this);
    let code = code_of(d, function);
    let mut locals = Locals::new();
    if code.arity == n + usize::from(bound) {
        if bound {
            locals.push(this);
        }
        for i in (0..n).rev() {
            let argument = d.peek(i);
            locals.push(argument);
        }
    } else {
        let mut given = Locals::new();
        if bound {
            given.push(this);
        }
        for i in (0..n).rev() {
            let argument = d.peek(i);
            given.push(argument);
        }
        binding::bind(d, function, code, given.as_slice(), &[], &mut locals)?;
    }
    push_free(d, function, code, &mut locals);
    let depth = d.depth();
    d.truncate(depth - n - 2);
    if let Some(object) = made {
        d.push(object);
    }
    enter(d, code, locals.as_slice(), tag)
}

#[inline(never)]
fn call_other<D: Py>(d: &mut D, callable: D::R, class: ClassId, n: usize) -> Step<D> {
    match class {
        TYPE => return classes::call(d, callable, n),
        BOUND_METHOD => {
            let function = d.getfield_r(callable, &METHOD_FUNC);
            let this = d.getfield_r(callable, &METHOD_SELF);
            let class = d.class_of(function);
            if class == FUNCTION || class == BUILTIN {
                d.set_peek(n + 1, function);
                d.set_peek(n, this);
                return call(d, n);
            }
        }
        _ if is_shape(class) => {
            if let Some(method) = support::method(d, class, symbols::CALL) {
                let method = d.constant(method);
                d.set_peek(n + 1, method);
                d.set_peek(n, callable);
                return call_function(d, method, n, None, tag::PLAIN);
            }
        }
        _ => {}
    }
    let args = tuple_of_operands(d, n);
    let null = d.null();
    let args = [Operand::R(callable), Operand::R(args), Operand::R(null)];
    let result = d.call_r(&runtime::CALL, &args)?;
    finish(d, n, result)
}

/// Replaces callable, self and `n` arguments by the result.
#[inline(always)]
pub fn finish<D: Py>(d: &mut D, n: usize, result: D::R) -> Step<D> {
    let depth = d.depth();
    d.truncate(depth - n - 2);
    d.push(result);
    Ok(Next::Fall)
}

/// A tuple of the arguments on the stack, `self` not included.
pub fn tuple_of_operands<D: Py>(d: &mut D, n: usize) -> D::R {
    if n == 0 {
        let empty = d.vm().empty_tuple;
        return d.constant(empty);
    }
    let tuple = d.new_array(TUPLE, n);
    for i in 0..n {
        let item = d.peek(n - 1 - i);
        let index = d.int(i as i64);
        d.setitem_r(tuple, index, &TUPLE_ITEMS, item);
    }
    tuple
}

/// A tuple of these objects.
pub fn tuple_of<D: Py>(d: &mut D, items: &[D::R]) -> D::R {
    if items.is_empty() {
        let empty = d.vm().empty_tuple;
        return d.constant(empty);
    }
    let tuple = d.new_array(TUPLE, items.len());
    for (i, item) in items.iter().enumerate() {
        let index = d.int(i as i64);
        d.setitem_r(tuple, index, &TUPLE_ITEMS, *item);
    }
    tuple
}

/// A frame for a FUNCTION that is known, with these arguments. The operands have been popped.
pub fn enter_method<D: Py>(d: &mut D, method: Ref, args: &[D::R], tag: u64) -> Step<D> {
    let code = code_of_object(method);
    let function = d.constant(method);
    let mut locals = Locals::new();
    if code.arity == args.len() {
        args.iter().for_each(|argument| locals.push(*argument));
    } else {
        binding::bind(d, function, code, args, &[], &mut locals)?;
    }
    push_free(d, function, code, &mut locals);
    enter(d, code, locals.as_slice(), tag)
}

/// A frame for an operator's method with the two operands, which are popped. None: what happens when it answers NotImplemented
/// could not be done any more, because it assigns to its parameters.
pub fn enter_operator<D: Py>(d: &mut D, method: Ref, swapped: bool, tag: u64) -> Option<Step<D>> {
    let code = code_of_object(method);
    if code.arity != 2 || !code.keeps_operands {
        return None;
    }
    let b = d.pop();
    let a = d.pop();
    let args = if swapped { [b, a] } else { [a, b] };
    Some(enter_method(d, method, &args, tag))
}

#[inline(always)]
pub fn return_<D: Py>(d: &mut D) -> Step<D> {
    let value = d.pop();
    let tag = d.code().tag;
    if tag == tag::PLAIN {
        return Ok(Next::Return(Some(value)));
    }
    return_tagged(d, value, tag)
}

/// A result that the caller wants in another form.
#[inline(never)]
fn return_tagged<D: Py>(d: &mut D, value: D::R, tag: u64) -> Step<D> {
    let result = match tag {
        tag::INIT => {
            let expected = none(d);
            let same = d.ptr_eq(value, expected);
            if !d.branch(same) {
                d.call_n(&support::INIT_RESULT, &[Operand::R(value)])?;
            }
            return Ok(Next::Return(None));
        }
        tag::DISCARD => return Ok(Next::Return(None)),
        tag::CONTAINS | tag::NEGATED => {
            let class = d.class_of(value);
            if class == NOT_IMPLEMENTED {
                // `!=` by means of an `__eq__` that does not know: identity decides.
                let (a, b) = (d.local(0), d.local(1));
                let same = d.ptr_eq(a, b);
                let same = d.branch(same);
                super::boolean(d, !same)
            } else {
                let truth = compare::truth(d, value, class)?;
                super::boolean(d, truth == (tag == tag::CONTAINS))
            }
        }
        tag::LENGTH => d.call_r(&support::CHECK_LENGTH, &[Operand::R(value)])?,
        tag::COMPARE..tag::LIMIT => {
            let not_implemented = d.vm().not_implemented;
            let not_implemented = d.constant(not_implemented);
            let same = d.ptr_eq(value, not_implemented);
            if d.branch(same) { other_operand(d, tag)? } else { value }
        }
        // A generator that was resumed comes here only by way of its own bytecodes.
        _ => value,
    };
    Ok(Next::Return(Some(result)))
}

/// An operator's method answered NotImplemented.
#[cold]
#[inline(never)]
fn other_operand<D: Py>(d: &mut D, tag: u64) -> Result<D::R, D::R> {
    let (a, b) = (d.local(0), d.local(1));
    let (call, op) = match tag {
        tag::COMPARE..tag::BINARY => (&support::COMPARE_OTHER, tag - tag::COMPARE),
        tag::BINARY..tag::REFLECTED => (&support::BINARY_OTHER, tag - tag::BINARY),
        tag::REFLECTED..tag::INPLACE => (&support::BINARY_NEITHER, tag - tag::REFLECTED),
        _ => (&support::INPLACE_OTHER, tag - tag::INPLACE),
    };
    debug_assert!((op as usize) < BinaryOp::ALL.len().max(CompareOp::ALL.len()));
    let op = d.int(op as i64);
    d.call_r(call, &[Operand::I(op), Operand::R(a), Operand::R(b)])
}

/// A call whose last arguments belong to names.
pub fn call_kw<D: Py>(d: &mut D, n: usize, names: u16) -> Step<D> {
    let names = d.code().constants[names as usize].get();
    let callable = d.peek(n + 1);
    let class = d.class_of(callable);
    match class {
        FUNCTION => call_function_kw(d, callable, n, names, None, tag::PLAIN),
        TYPE => classes::call_kw(d, callable, n, names),
        BUILTIN => builtins::call_kw(d, callable, n, names),
        BOUND_METHOD => {
            let function = d.getfield_r(callable, &METHOD_FUNC);
            let this = d.getfield_r(callable, &METHOD_SELF);
            let class = d.class_of(function);
            if class == FUNCTION {
                d.set_peek(n + 1, function);
                d.set_peek(n, this);
                return call_function_kw(d, function, n, names, None, tag::PLAIN);
            }
            runtime_kw(d, callable, n, names)
        }
        _ => {
            if is_shape(class)
                && let Some(method) = support::method(d, class, symbols::CALL)
            {
                let method = d.constant(method);
                d.set_peek(n + 1, method);
                d.set_peek(n, callable);
                return call_function_kw(d, method, n, names, None, tag::PLAIN);
            }
            runtime_kw(d, callable, n, names)
        }
    }
}

/// The runtime calls something with names.
pub fn runtime_kw<D: Py>(d: &mut D, callable: D::R, n: usize, names: Ref) -> Step<D> {
    let args = tuple_of_operands(d, n);
    let names = d.constant(names);
    let args = [Operand::R(callable), Operand::R(args), Operand::R(names)];
    let result = d.call_r(&runtime::CALL, &args)?;
    finish(d, n, result)
}

/// As [`call_function`], where the last arguments belong to the names in a tuple.
pub fn call_function_kw<D: Py>(
    d: &mut D,
    function: D::R,
    n: usize,
    names: Ref,
    made: Option<D::R>,
    tag: u64,
) -> Step<D> {
    let this = match made {
        Some(object) => object,
        None => d.peek(n),
    };
    let bound = made.is_some() || !d.is_null(this);
    let code = code_of(d, function);
    let mut given = Locals::new();
    if bound {
        given.push(this);
    }
    for i in (0..n).rev() {
        let argument = d.peek(i);
        given.push(argument);
    }
    let mut locals = Locals::new();
    binding::bind(d, function, code, given.as_slice(), access::refs(names), &mut locals)?;
    push_free(d, function, code, &mut locals);
    let depth = d.depth();
    d.truncate(depth - n - 2);
    if let Some(object) = made {
        d.push(object);
    }
    enter(d, code, locals.as_slice(), tag)
}

/// `[callable, self|NULL, list, dict|NULL]`
pub fn call_ex<D: Py>(d: &mut D) -> Step<D> {
    let keywords = d.peek(0);
    let list = d.peek(1);
    let this = d.peek(2);
    let callable = d.peek(3);
    // One tuple of all arguments, and one of the names of the last of them.
    let operands = [Operand::R(this), Operand::R(list), Operand::R(keywords)];
    let args = d.call_r(&support::ALL_ARGUMENTS, &operands)?;
    let names = d.call_r(&support::KEYWORD_NAMES, &[Operand::R(keywords)])?;
    let class = d.class_of(callable);
    if class == FUNCTION {
        return call_function_ex(d, callable, args, names, None, 4, tag::PLAIN);
    }
    if class == BOUND_METHOD {
        let function = d.getfield_r(callable, &METHOD_FUNC);
        if d.class_of(function) == FUNCTION {
            let this = d.getfield_r(callable, &METHOD_SELF);
            let args = d.call_r(&support::PREPEND, &[Operand::R(this), Operand::R(args)])?;
            return call_function_ex(d, function, args, names, None, 4, tag::PLAIN);
        }
    }
    if class == TYPE
        && let Some((object, init)) = classes::make(d, callable, args, names)?
    {
        let args = d.call_r(&support::PREPEND, &[Operand::R(object), Operand::R(args)])?;
        return call_function_ex(d, init, args, names, Some(object), 4, tag::INIT);
    }
    if is_shape(class)
        && let Some(method) = support::method(d, class, symbols::CALL)
    {
        let args = d.call_r(&support::PREPEND, &[Operand::R(callable), Operand::R(args)])?;
        let method = d.constant(method);
        return call_function_ex(d, method, args, names, None, 4, tag::PLAIN);
    }
    let args = [Operand::R(callable), Operand::R(args), Operand::R(names)];
    let result = d.call_r(&runtime::CALL, &args)?;
    finish(d, 2, result)
}

/// Calls a FUNCTION with a tuple of arguments and a tuple, or null, of names; the topmost `operands` are popped.
pub fn call_function_ex<D: Py>(
    d: &mut D,
    function: D::R,
    args: D::R,
    names: D::R,
    made: Option<D::R>,
    operands: usize,
    tag: u64,
) -> Step<D> {
    let code = code_of(d, function);
    let bound = d.call_r(&support::BIND, &[Operand::R(function), Operand::R(args), Operand::R(names)])?;
    let mut locals = Locals::new();
    for i in 0..code.spec.parameters.count() {
        let index = d.int(i as i64);
        let value = d.getitem_r(bound, index, &TUPLE_ITEMS);
        locals.push(value);
    }
    push_free(d, function, code, &mut locals);
    let depth = d.depth();
    d.truncate(depth - operands);
    if let Some(object) = made {
        d.push(object);
    }
    enter(d, code, locals.as_slice(), tag)
}

pub fn make_function<D: Py>(d: &mut D, index: u16, flags: u8) {
    let outer = d.code();
    let code = outer.codes[index as usize];
    let function = d.new(FUNCTION);
    if code.spec.doc.is_some() {
        let address = d.int(code as *const Code as i64);
        if let Ok(doc) = d.call_r(&support::DOC, &[Operand::I(address)]) {
            d.setfield_r(function, &FUNC_DOC, doc);
        }
    }
    let address = d.int(code as *const Code as i64);
    d.setfield_i(function, &FUNC_CODE, address);
    for (bit, field) in [
        (function_flags::CLOSURE, &FUNC_CLOSURE),
        (function_flags::KW_DEFAULTS, &FUNC_KWDEFAULTS),
        (function_flags::DEFAULTS, &FUNC_DEFAULTS),
    ] {
        if flags & bit != 0 {
            let value = d.pop();
            d.setfield_r(function, field, value);
        }
    }
    let module = d.constant(outer.module.get());
    d.setfield_r(function, &FUNC_MODULE, module);
    let qualname = d.constant(code.qualname.get());
    d.setfield_r(function, &FUNC_QUALNAME, qualname);
    d.push(function);
}

/// Calls a FUNCTION, or resumes a GENERATOR with what is sent, from inside a runtime function.
///
/// # Errors
/// The exception that left it.
pub fn nested_call(vm: &mut Vm, callable: Ref, args: &[Ref]) -> Result<Ref, Ref> {
    let (code, locals, tag) = if access::is(callable, GENERATOR) {
        let sent = args.first().copied().unwrap_or(vm.none);
        match generators::to_resume(vm, callable) {
            Ok(code) => (code, vec![callable, sent], tag::RESUME),
            Err(_) => return Err(vm.take_exception()),
        }
    } else {
        let args = vm.tuple(args);
        match support::bind(vm, callable, args, Ref::NULL) {
            Ok(bound) => {
                let mut locals = access::refs(bound).to_vec();
                let closure = access::get_ref(callable, FUNC_CLOSURE);
                if !closure.is_null() {
                    locals.extend_from_slice(access::refs(closure));
                }
                (code_of_object(callable), locals, tag::PLAIN)
            }
            Err(_) => return Err(vm.take_exception()),
        }
    };
    // SAFETY: runtime functions call this, during a run.
    unsafe { jit_riscv::driver::call::<Python>(code.twin(tag, vm), &locals, tag) }
}
