//! The meaning of every bytecode, written once over [`Domain`]: this is the interpreter, what is traced, and what is replayed.
//!
//! | module | bytecodes |
//! |---|---|
//! | [`stack`] | operands, constants, locals, cells |
//! | [`globals`] | global variables, names in class bodies, imports |
//! | [`arithmetic`] | binary and unary operators |
//! | [`compare`] | comparisons, truth, identity, membership, conditional jumps |
//! | [`attributes`] | attributes and methods |
//! | [`items`] | subscripts |
//! | [`containers`] | displays, comprehensions' appends, unpacking, formatting |
//! | [`iteration`] | iterators and `for` |
//! | [`calls`] | calls and returns |
//! | [`binding`] | arguments to parameters |
//! | [`builtins`] | calls of the runtime's functions that have a short way |
//! | [`classes`] | making instances and classes |
//! | [`exceptions`] | raising and handling |
//! | [`generators`] | generators |
//! | [`support`] | runtime functions that only `step` needs |
//!
//! Two rules besides those of [`jit_riscv::domain`]. What is looked up on the host — attributes by class word and name, built-ins by
//! number — is either the same for ever or covered by [`Domain::assume`]. And short ways come first: what they do
//! not cover goes to the runtime, which covers everything.

use jit_riscv::domain::{Domain, Fallible, Next};
use jit_riscv::language::Language;
use jit_riscv::object::Ref;

use crate::bytecode::Op;
use crate::code::Code;
use crate::objects::*;
use crate::vm::Vm;

mod arithmetic;
mod attributes;
mod binding;
mod builtins;
mod calls;
mod classes;
mod compare;
mod containers;
mod exceptions;
mod generators;
mod globals;
mod items;
mod iteration;
mod stack;
mod support;

pub use calls::nested_call;

/// Python as a language of the framework.
pub struct Python;

/// A domain that Python's bytecodes execute in.
pub trait Py: Domain<Lang = Python> {}
impl<D: Domain<Lang = Python>> Py for D {}

/// What a bytecode answers.
type Step<D> = Fallible<D, Next<<D as Domain>::R>>;

/// What is to be done with a frame's result; the tag of its code's twin ([`Code::twin`]).
mod tag {
    /// Push it on the caller's stack.
    pub const PLAIN: u64 = 0;
    /// `__init__`: it is to be None, and the new object is on the stack already.
    pub const INIT: u64 = 1;
    /// The frame resumes a generator.
    pub const RESUME: u64 = 2;
    /// `__contains__`: its truth.
    pub const CONTAINS: u64 = 3;
    /// As CONTAINS, negated: `not in`; `!=` by means of `__eq__`.
    pub const NEGATED: u64 = 4;
    /// `__len__`: an integer that is not negative.
    pub const LENGTH: u64 = 5;
    /// A module's body, a property's setter: nothing.
    pub const DISCARD: u64 = 6;
    /// Number of the first: a comparison's method, with the operator's number added. NotImplemented leads to the other operand's.
    pub const COMPARE: u64 = 16;
    /// A binary operator's method, with the operator's number added.
    pub const BINARY: u64 = 32;
    /// The same where the operands are exchanged: NotImplemented is an error.
    pub const REFLECTED: u64 = 48;
    /// An augmented assignment's method: NotImplemented leads to the binary operator.
    pub const INPLACE: u64 = 64;
    /// The end of the numbers.
    pub const LIMIT: u64 = 80;
}

impl Language for Python {
    type Code = Code;
    type Op = Op;
    type Vm = Vm;

    #[inline(always)]
    fn step<D: Domain<Lang = Python>>(d: &mut D, op: Op) -> Step<D> {
        step(d, op)
    }

    fn unwind<D: Domain<Lang = Python>>(d: &mut D, exception: D::R) -> Option<u32> {
        exceptions::unwind(d, exception)
    }
}

#[inline(always)]
fn step<D: Py>(d: &mut D, op: Op) -> Step<D> {
    match op {
        Op::Nop => {}
        Op::Pop => {
            d.pop();
        }
        Op::Dup => {
            let top = d.peek(0);
            d.push(top);
        }
        Op::Copy(n) => {
            let value = d.peek(n as usize);
            d.push(value);
        }
        Op::Swap(n) => {
            let (a, b) = (d.peek(0), d.peek(n as usize));
            d.set_peek(0, b);
            d.set_peek(n as usize, a);
        }
        Op::PushNull => {
            let null = d.null();
            d.push(null);
        }
        Op::LoadConst(index) => stack::load_const(d, index),
        Op::LoadFast(slot) => {
            let value = d.local(slot as usize);
            d.push(value);
        }
        Op::LoadFastCheck(slot) => return stack::load_fast_check(d, slot),
        Op::StoreFast(slot) => {
            let value = d.pop();
            d.set_local(slot as usize, value);
        }
        Op::DeleteFast(slot) => return stack::delete_fast(d, slot),
        Op::ClearFast(slot) => {
            let null = d.null();
            d.set_local(slot as usize, null);
        }
        Op::MakeCell(slot) => stack::make_cell(d, slot),
        Op::LoadDeref(slot) => return stack::load_deref(d, slot),
        Op::StoreDeref(slot) => {
            let value = d.pop();
            let cell = d.local(slot as usize);
            d.setfield_r(cell, &CELL_VALUE, value);
        }
        Op::DeleteDeref(slot) => return stack::delete_deref(d, slot),
        Op::LoadGlobal(index) => return globals::load(d, index),
        Op::StoreGlobal(index) => return globals::store(d, index),
        Op::DeleteGlobal(index) => return globals::delete(d, index),
        Op::LoadName { name, global } => return globals::load_name(d, name, global),
        Op::StoreName { name } => return globals::store_name(d, name),
        Op::DeleteName { name } => return globals::delete_name(d, name),

        Op::LoadAttr { name, cache } => return attributes::load(d, name, cache),
        Op::StoreAttr { name, cache } => return attributes::store(d, name, cache),
        Op::DeleteAttr { name } => return attributes::delete(d, name),
        Op::LoadMethod { name, cache } => return attributes::load_method(d, name, cache),
        Op::LoadSuperAttr { name } => return attributes::load_super(d, name, false),
        Op::LoadSuperMethod { name } => return attributes::load_super(d, name, true),
        Op::Subscr => return items::load(d),
        Op::StoreSubscr => return items::store(d),
        Op::DeleteSubscr => return items::delete(d),
        Op::BuildSlice(n) => containers::build_slice(d, n),

        Op::Binary(op) => return arithmetic::binary(d, op),
        Op::Inplace(op) => return arithmetic::inplace(d, op),
        Op::Unary(op) => return arithmetic::unary(d, op),
        Op::Not => return compare::not(d),
        Op::Compare(op) => return compare::compare(d, op),
        Op::CompareJump { op, target } => return compare::compare_jump(d, op, target),
        Op::Is(negated) => compare::is(d, negated),
        Op::In(negated) => return compare::contains(d, negated),

        Op::Jump(target) => return Ok(Next::Jump(target)),
        Op::PopJumpIfFalse(target) => {
            if !compare::truth_of_top(d)? {
                d.pop();
                return Ok(Next::Jump(target));
            }
            d.pop();
        }
        Op::PopJumpIfTrue(target) => {
            if compare::truth_of_top(d)? {
                d.pop();
                return Ok(Next::Jump(target));
            }
            d.pop();
        }
        Op::JumpIfFalseOrPop(target) => {
            if !compare::truth_of_top(d)? {
                return Ok(Next::Jump(target));
            }
            d.pop();
        }
        Op::JumpIfTrueOrPop(target) => {
            if compare::truth_of_top(d)? {
                return Ok(Next::Jump(target));
            }
            d.pop();
        }
        Op::PopJumpIfNone(target) => {
            if compare::is_none(d) {
                return Ok(Next::Jump(target));
            }
        }
        Op::PopJumpIfNotNone(target) => {
            if !compare::is_none(d) {
                return Ok(Next::Jump(target));
            }
        }
        Op::GetIter => return iteration::get_iter(d),
        Op::ForIter(target) => return iteration::for_iter(d, target),
        Op::Return => return calls::return_(d),

        Op::Call(n) => return calls::call(d, n as usize),
        Op::CallKw { arguments, names } => return calls::call_kw(d, arguments as usize, names),
        Op::CallEx => return calls::call_ex(d),
        Op::MakeFunction { code, flags } => calls::make_function(d, code, flags),
        Op::BuildClass => return classes::build(d),
        Op::FinishClass { cell } => return classes::finish(d, cell),

        Op::BuildTuple(n) => containers::build_tuple(d, n as usize),
        Op::BuildList(n) => return containers::build_list(d, n as usize),
        Op::BuildSet(n) => return containers::build_set(d, n as usize),
        Op::BuildMap(n) => return containers::build_map(d, n as usize),
        Op::BuildString(n) => return containers::build_string(d, n as usize),
        Op::ListToTuple => return containers::list_to_tuple(d),
        Op::ListExtend => return containers::list_extend(d),
        Op::ListAppend(n) => return containers::list_append(d, n as usize),
        Op::SetAdd(n) => return containers::set_add(d, n as usize),
        Op::MapAdd(n) => return containers::map_add(d, n as usize),
        Op::DictUpdate => return containers::dict_update(d),
        Op::DictMerge => return containers::dict_merge(d),
        Op::FormatValue { conversion, spec } => return containers::format_value(d, conversion, spec),
        Op::UnpackSequence(n) => return containers::unpack(d, n as usize),
        Op::UnpackEx { before, after } => {
            return containers::unpack_ex(d, before as usize, after as usize);
        }

        Op::Raise(n) => return exceptions::raise(d, n),
        Op::Reraise => return Err(d.pop()),
        Op::JumpIfNoMatch(target) => return exceptions::jump_if_no_match(d, target),
        Op::SetContext => return exceptions::set_context(d),
        Op::ExceptionClass => exceptions::push_class(d),
        Op::LoadAssertionError => exceptions::load_assertion_error(d),

        Op::Import { name } => return globals::import(d, name),
        Op::ImportFrom { name } => return globals::import_from(d, name),

        Op::LoadGlobalNull(index) => {
            let next = globals::load(d, index)?;
            let null = d.null();
            d.push(null);
            return Ok(next);
        }
        Op::LoadFastFast { first, second } => {
            let value = d.local(first as usize);
            d.push(value);
            let value = d.local(second as usize);
            d.push(value);
        }
        Op::LoadFastConst { slot, constant } => {
            let value = d.local(slot as usize);
            d.push(value);
            stack::load_const(d, u32::from(constant));
        }
        Op::LoadFastAttr { slot, name, cache } => {
            let object = d.local(slot as usize);
            d.push(object);
            return attributes::load(d, name, cache);
        }
        Op::LoadFastMethod { slot, name, cache } => {
            let object = d.local(slot as usize);
            d.push(object);
            return attributes::load_method(d, name, cache);
        }

        Op::StartGenerator(slot) => return generators::start(d, slot as usize),
        Op::Yield(slot) => return generators::suspend(d, slot as usize),
        Op::ReturnGenerator(slot) => return generators::finish(d, slot as usize),
        Op::StopIterationError => return generators::stop_iteration_error(d),
        Op::Delegate(target) => return generators::delegate(d, target),
    }
    Ok(Next::Fall)
}

/// None.
#[inline(always)]
fn none<D: Py>(d: &mut D) -> D::R {
    let none = d.vm().none;
    d.constant(none)
}

/// True or False.
#[inline(always)]
fn boolean<D: Py>(d: &mut D, value: bool) -> D::R {
    let object = d.vm().bool(value);
    d.constant(object)
}

/// An int object.
#[inline(always)]
fn box_int<D: Py>(d: &mut D, value: D::I) -> D::R {
    let object = d.new(INT);
    d.setfield_i(object, &INT_VALUE, value);
    object
}

/// A float object.
#[inline(always)]
fn box_float<D: Py>(d: &mut D, value: D::F) -> D::R {
    let object = d.new(FLOAT);
    d.setfield_f(object, &FLOAT_VALUE, value);
    object
}

/// The bytecode at the place after next: what a bytecode that is followed by its own completion goes on with.
#[inline(always)]
fn skip_next<D: Py>(d: &mut D) -> Step<D> {
    Ok(Next::Jump(d.pc() + 2))
}

/// A name of the current code.
#[inline(always)]
fn name_object<D: Py>(d: &mut D, name: u16) -> Ref {
    d.code().names[name as usize].object.get()
}
