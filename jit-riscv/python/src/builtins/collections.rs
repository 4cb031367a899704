//! The native parts of `collections` and `functools`, the module `operator`, and the ones that only matter to type checkers.

use jit_riscv::object::Ref;

use super::{Builtin, b};
use crate::bytecode::CompareOp;
use crate::modules::NativeModule;
use crate::runtime::{Res, callback, compare, iter, numbers, sequence};
use crate::types::{T_DEFAULTDICT, T_DEQUE, T_OBJECT};
use crate::vm::Vm;

pub static MODULE: NativeModule = NativeModule {
    name: "_collections",
    functions: &[],
    value: |vm, name| match name {
        "deque" => Some(vm.type_object(T_DEQUE)),
        "defaultdict" => Some(vm.type_object(T_DEFAULTDICT)),
        _ => None,
    },
    names: &["deque", "defaultdict"],
};

pub static FUNCTOOLS: NativeModule = NativeModule {
    name: "_functools",
    functions: &[b!("reduce", reduce, 3, 2)],
    value: |_, _| None,
    names: &[],
};

fn reduce(vm: &mut Vm, function: Ref, iterable: Ref, initial: Ref) -> Res<Ref> {
    let iterator = iter::iter(vm, iterable)?;
    let mut total = match initial.is_null() {
        false => initial,
        true => match iter::next(vm, iterator)? {
            Some(first) => first,
            None => return Err(vm.type_error("reduce() of empty iterable with no initial value")),
        },
    };
    while let Some(item) = iter::next(vm, iterator)? {
        total = callback(vm, function, &[total, item])?;
    }
    Ok(total)
}

pub static OPERATOR: NativeModule =
    NativeModule { name: "operator", functions: OPERATORS, value: |_, _| None, names: &[] };

static OPERATORS: &[Builtin] = &[
    b!("add", numbers::add, 2),
    b!("sub", numbers::sub, 2),
    b!("mul", numbers::mul, 2),
    b!("truediv", numbers::truediv, 2),
    b!("floordiv", numbers::floordiv, 2),
    b!("mod", numbers::modulo, 2),
    b!("pow", numbers::pow, 2),
    b!("lt", lt, 2),
    b!("le", le, 2),
    b!("eq", eq, 2),
    b!("ne", ne, 2),
    b!("gt", gt, 2),
    b!("ge", ge, 2),
    b!("getitem", sequence::get_item, 2),
    b!("contains", contains, 2),
    b!("neg", neg, 1),
    b!("not_", not, 1),
    b!("truth", truth, 1),
];

fn lt(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::rich(vm, CompareOp::Lt, a, b)
}
fn le(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::rich(vm, CompareOp::Le, a, b)
}
fn eq(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::rich(vm, CompareOp::Eq, a, b)
}
fn ne(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::rich(vm, CompareOp::Ne, a, b)
}
fn gt(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::rich(vm, CompareOp::Gt, a, b)
}
fn ge(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::rich(vm, CompareOp::Ge, a, b)
}
fn neg(vm: &mut Vm, a: Ref) -> Res<Ref> {
    numbers::unary(vm, crate::bytecode::UnaryOp::Neg, a)
}
fn contains(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    compare::contains(vm, a, b).map(|v| vm.bool(v))
}
fn not(vm: &mut Vm, a: Ref) -> Res<Ref> {
    compare::truth(vm, a).map(|v| vm.bool(!v))
}
fn truth(vm: &mut Vm, a: Ref) -> Res<Ref> {
    compare::truth(vm, a).map(|v| vm.bool(v))
}

/// Names that annotations use stand for `object`; `object[…]` is `object`.
pub static TYPING: NativeModule = NativeModule {
    name: "typing",
    functions: &[],
    value: |vm, name| TYPING_NAMES.contains(&name).then(|| vm.type_object(T_OBJECT)),
    names: TYPING_NAMES,
};

static TYPING_NAMES: &[&str] = &[
    "Any",
    "Callable",
    "Dict",
    "Final",
    "FrozenSet",
    "Generator",
    "Iterable",
    "Iterator",
    "List",
    "Mapping",
    "Optional",
    "Sequence",
    "Set",
    "Tuple",
    "Type",
    "Union",
    "ClassVar",
    "Literal",
];

pub static FUTURE: NativeModule = NativeModule {
    name: "__future__",
    functions: &[],
    value: |vm, name| match name {
        "annotations" | "division" | "print_function" => Some(vm.none),
        _ => None,
    },
    names: &["annotations"],
};
