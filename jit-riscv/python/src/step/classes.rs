//! Making instances and classes.

use jit_riscv::domain::{Domain, Fallible, Next, Operand};
use jit_riscv::object::{ClassId, Ref};

use super::calls::{self, Locals, tuple_of_operands};
use super::{Py, Step, builtins, support, tag};
use crate::access;
use crate::builtins::Builtin;
use crate::objects::*;
use crate::runtime::{call as runtime, classes, exceptions};
use crate::symbols;
use crate::types::{Native, TypeId};

/// How the instances of a class are made.
enum Maker {
    /// A built-in class: by a function of the runtime.
    Native(&'static Builtin),
    /// By shape; then `__init__`, a FUNCTION or null.
    Instance { shape: ClassId, init: Ref },
    /// An exception; then `__init__`, a FUNCTION or null.
    Exception { init: Ref },
    /// In some other way that the runtime knows.
    Runtime,
}

/// Finds out on the host how to make an instance; what it answers holds while the class does not change.
fn maker<D: Py>(d: &mut D, id: TypeId) -> Maker {
    let vm = d.vm();
    let info = vm.type_info(id);
    if !info.heap_type {
        return match (info.native, info.new) {
            (Native::Exception, _) => Maker::Exception { init: Ref::NULL },
            (_, Some(entry)) => Maker::Native(entry),
            _ => Maker::Runtime,
        };
    }
    let watch = info.watch;
    let native = info.native;
    d.assume(watch);
    let vm = d.vm();
    if support::has_user_method(vm, id, symbols::NEW) {
        return Maker::Runtime;
    }
    let init = vm.type_lookup(id, symbols::INIT);
    let init = match init {
        init if init.is_null() => init,
        init if access::is(init, FUNCTION) => init,
        init if access::is(init, BUILTIN) => Ref::NULL,
        _ => return Maker::Runtime,
    };
    match native {
        Native::Exception => Maker::Exception { init },
        Native::Instance => Maker::Instance { shape: vm.root_shape(id), init },
        Native::Fixed => Maker::Runtime,
    }
}

/// `[class, NULL, arguments…] → [instance]`
pub fn call<D: Py>(d: &mut D, class: D::R, n: usize) -> Step<D> {
    let known = d.promote_ref(class);
    let id = d.vm().type_id(known);
    match maker(d, id) {
        Maker::Native(entry) => {
            let mut args = Locals::new();
            for i in (0..n).rev() {
                let argument = d.peek(i);
                args.push(argument);
            }
            builtins::call_entry(d, class, entry, args.as_slice(), n)
        }
        Maker::Instance { shape, init } => {
            if init.is_null() {
                if n > 0 {
                    return by_runtime(d, class, n);
                }
                let object = d.new(shape);
                return calls::finish(d, n, object);
            }
            let object = d.new(shape);
            let init = d.constant(init);
            calls::call_function(d, init, n, Some(object), tag::INIT)
        }
        Maker::Exception { init } => {
            let args = tuple_of_operands(d, n);
            let class = d.constant(known);
            let object = d.call_r(&exceptions::EXCEPTION_NEW, &[Operand::R(class), Operand::R(args)])?;
            if init.is_null() {
                return calls::finish(d, n, object);
            }
            let init = d.constant(init);
            calls::call_function(d, init, n, Some(object), tag::INIT)
        }
        Maker::Runtime => by_runtime(d, class, n),
    }
}

fn by_runtime<D: Py>(d: &mut D, class: D::R, n: usize) -> Step<D> {
    let args = tuple_of_operands(d, n);
    let null = d.null();
    let args = [Operand::R(class), Operand::R(args), Operand::R(null)];
    let object = d.call_r(&runtime::CALL, &args)?;
    calls::finish(d, n, object)
}

/// As [`call`], where the last arguments belong to the names in a tuple.
pub fn call_kw<D: Py>(d: &mut D, class: D::R, n: usize, names: Ref) -> Step<D> {
    let known = d.promote_ref(class);
    let id = d.vm().type_id(known);
    match maker(d, id) {
        Maker::Native(entry) => {
            let mut args = Locals::new();
            for i in (0..n).rev() {
                let argument = d.peek(i);
                args.push(argument);
            }
            builtins::call_entry_kw(d, class, entry, args.as_slice(), n, names)
        }
        Maker::Instance { shape, init } if !init.is_null() => {
            let object = d.new(shape);
            let init = d.constant(init);
            calls::call_function_kw(d, init, n, names, Some(object), tag::INIT)
        }
        Maker::Exception { init } if !init.is_null() => {
            let positional = n - access::length(names);
            let mut args = Locals::new();
            for i in (n - positional..n).rev() {
                let argument = d.peek(i);
                args.push(argument);
            }
            let args = calls::tuple_of(d, args.as_slice());
            let class = d.constant(known);
            let object = d.call_r(&exceptions::EXCEPTION_NEW, &[Operand::R(class), Operand::R(args)])?;
            let init = d.constant(init);
            calls::call_function_kw(d, init, n, names, Some(object), tag::INIT)
        }
        _ => calls::runtime_kw(d, class, n, names),
    }
}

/// An instance and the function that initialises it.
type Made<D> = (<D as Domain>::R, <D as Domain>::R);

/// A new instance and its `__init__`, where that is a FUNCTION; `args` is a tuple, `names` a tuple or null.
pub fn make<D: Py>(d: &mut D, class: D::R, args: D::R, names: D::R) -> Fallible<D, Option<Made<D>>> {
    let known = d.promote_ref(class);
    let id = d.vm().type_id(known);
    Ok(match maker(d, id) {
        Maker::Instance { shape, init } if !init.is_null() => {
            let object = d.new(shape);
            Some((object, d.constant(init)))
        }
        Maker::Exception { init } if !init.is_null() && d.is_null(names) => {
            let class = d.constant(known);
            let object = d.call_r(&exceptions::EXCEPTION_NEW, &[Operand::R(class), Operand::R(args)])?;
            Some((object, d.constant(init)))
        }
        _ => None,
    })
}

/// `[body, name, bases] → …`: executes a class body.
pub fn build<D: Py>(d: &mut D) -> Step<D> {
    let bases = d.pop();
    let name = d.pop();
    let body = d.pop();
    let namespace = d.call_r(&crate::runtime::dict::DICT_NEW, &[])?;
    let code = calls::code_of(d, body);
    let mut locals = Locals::new();
    for value in [namespace, name, bases] {
        locals.push(value);
    }
    calls::push_free(d, body, code, &mut locals);
    calls::enter(d, code, locals.as_slice(), tag::PLAIN)
}

/// The end of a class body.
pub fn finish<D: Py>(d: &mut D, cell: u32) -> Step<D> {
    let code = d.code();
    let (namespace, name, bases) = (d.local(0), d.local(1), d.local(2));
    let qualname = d.constant(code.qualname.get());
    d.call_n(&support::SET_QUALNAME, &[Operand::R(namespace), Operand::R(qualname)])?;
    let module = d.constant(code.module.get());
    let capacity = d.int(code.spec.self_attributes.len() as i64);
    let args = [
        Operand::R(name),
        Operand::R(bases),
        Operand::R(namespace),
        Operand::R(module),
        Operand::I(capacity),
    ];
    let class = d.call_r(&classes::CLASS_NEW, &args)?;
    if cell != u32::MAX {
        let cell = d.local(cell as usize);
        d.setfield_r(cell, &CELL_VALUE, class);
    }
    d.push(class);
    Ok(Next::Fall)
}
