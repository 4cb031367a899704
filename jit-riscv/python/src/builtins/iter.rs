//! Iterators as built-in classes: `enumerate`, `zip`, `map`, `filter`, `reversed`.

use jit_riscv::object::Ref;

use super::{Builtin, b, prelude};
use crate::access;
use crate::objects::*;
use crate::runtime::call::Arguments;
use crate::runtime::{Res, attributes, callback, compare, iter, list, numbers, sequence};
use crate::symbols;
use crate::types::STOP_ITERATION;
use crate::vm::Vm;

pub static METHODS: &[Builtin] = &[b!("__iter__", same, 1), b!("__next__", next, 1)];

fn same(_: &mut Vm, it: Ref) -> Res<Ref> {
    Ok(it)
}

fn next(vm: &mut Vm, it: Ref) -> Res<Ref> {
    match iter::next(vm, it)? {
        Some(item) => Ok(item),
        None => {
            let e = vm.exception_with(STOP_ITERATION, vm.empty_tuple);
            Err(vm.raise_object(e))
        }
    }
}

pub static ENUMERATE_NEW: Builtin = b!("enumerate", enumerate_new, 2, 1).names(&["iterable", "start"]);

fn enumerate_new(vm: &mut Vm, iterable: Ref, start: Ref) -> Res<Ref> {
    let source = iter::iter(vm, iterable)?;
    let start = if start.is_null() { 0 } else { numbers::index(vm, start)? };
    let r = vm.new_object(ENUMERATE);
    access::init_ref(r, ITER_SOURCE, source);
    access::set_int(r, ITER_INDEX, start);
    Ok(r)
}

fn iterators(vm: &mut Vm, iterables: &[Ref]) -> Res<Ref> {
    let mut all = Vec::with_capacity(iterables.len());
    for iterable in iterables {
        all.push(iter::iter(vm, *iterable)?);
    }
    Ok(vm.tuple(&all))
}

pub static ZIP_NEW: Builtin = b!("zip", zip_new, *, 0);

fn zip_new(vm: &mut Vm, args: Ref, names: Ref) -> Res<Ref> {
    let mut args = Arguments::new("zip", args, names);
    args.check(vm, &["strict"])?;
    if let Some(strict) = args.take(vm, "strict")
        && compare::truth(vm, strict)?
    {
        return zip_strict(vm, args.positional);
    }
    let sources = iterators(vm, args.positional)?;
    let r = vm.new_object(ZIP);
    access::init_ref(r, ITER_SOURCE, sources);
    Ok(r)
}

/// `zip(strict=True)` compares the lengths at once.
fn zip_strict(vm: &mut Vm, iterables: &[Ref]) -> Res<Ref> {
    let mut lists = Vec::new();
    for iterable in iterables {
        lists.push(list::from_iterable(vm, *iterable)?);
    }
    for (i, l) in lists.iter().enumerate().skip(1) {
        let (n, first) = (access::list_size(*l), access::list_size(lists[0]));
        if n != first {
            let which = if n < first { "shorter" } else { "longer" };
            let than = if i == 1 { "argument 1".to_string() } else { format!("arguments 1-{i}") };
            let message = format!("zip() argument {} is {which} than {than}", i + 1);
            return Err(vm.value_error(&message));
        }
    }
    let sources = iterators(vm, &lists)?;
    let r = vm.new_object(ZIP);
    access::init_ref(r, ITER_SOURCE, sources);
    Ok(r)
}

pub static MAP_NEW: Builtin = b!("map", map_new, *, 2).defers();

fn map_new(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let all = access::refs(args);
    if let [function, iterable] = all
        && prelude::is_guest(*function)
        && iter::is_iterable(vm, *iterable)
    {
        return prelude::defer(vm, "map", &[*function, *iterable]);
    }
    let sources = iterators(vm, &all[1..])?;
    let r = vm.new_object(MAP);
    access::init_ref(r, ITER_SOURCE, sources);
    access::init_ref(r, ITER_FUNC, all[0]);
    Ok(r)
}

pub static FILTER_NEW: Builtin = b!("filter", filter_new, 2).defers();

fn filter_new(vm: &mut Vm, func: Ref, iterable: Ref) -> Res<Ref> {
    if prelude::is_guest(func) && iter::is_iterable(vm, iterable) {
        return prelude::defer(vm, "filter", &[func, iterable]);
    }
    let source = iter::iter(vm, iterable)?;
    let r = vm.new_object(FILTER);
    access::init_ref(r, ITER_SOURCE, source);
    access::init_ref(r, ITER_FUNC, func);
    Ok(r)
}

pub static REVERSED_NEW: Builtin = b!("reversed", reversed, 1);

/// `reversed(object)`
pub fn reversed(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        class if is_list(class) => {
            let it = vm.new_object(LIST_REVERSE_ITER);
            access::init_ref(it, ITER_SOURCE, r);
            access::set_int(it, ITER_INDEX, access::get_int(r, LIST_SIZE) - 1);
            Ok(it)
        }
        RANGE => {
            let (start, step) = (access::get_int(r, RANGE_START), access::get_int(r, RANGE_STEP));
            let n = access::get_int(r, RANGE_LENGTH);
            let last = start.wrapping_add((n - 1).wrapping_mul(step));
            Ok(iter::range_iter(vm, last, step.wrapping_neg(), n))
        }
        DICT | DEFAULTDICT | DICT_KEYS | DICT_VALUES | DICT_ITEMS => {
            let all = list::from_iterable(vm, r)?;
            list::reverse(vm, all);
            iter::iter(vm, all)
        }
        TUPLE | STR | DEQUE | BYTES => backwards(vm, r),
        class if is_shape(class) => {
            let method = attributes::special(vm, r, symbols::REVERSED);
            if !method.is_null() {
                return callback(vm, method, &[r]);
            }
            if attributes::special(vm, r, symbols::GETITEM).is_null()
                || attributes::special(vm, r, symbols::LEN).is_null()
            {
                return Err(not_reversible(vm, r));
            }
            backwards(vm, r)
        }
        _ => Err(not_reversible(vm, r)),
    }
}

fn not_reversible(vm: &mut Vm, r: Ref) -> crate::runtime::Raised {
    let message = format!("'{}' object is not reversible", vm.type_name(r));
    vm.type_error(&message)
}

fn backwards(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let n = sequence::len(vm, r)?;
    let it = vm.new_object(SEQUENCE_ITER);
    access::init_ref(it, ITER_SOURCE, r);
    access::set_int(it, ITER_INDEX, n - 1);
    access::set_int(it, ITER_STEP, -1);
    Ok(it)
}
