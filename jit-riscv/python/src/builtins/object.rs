//! `object`, `type`, functions, properties, `super`: the classes that the object model is made of.

use jit_riscv::object::Ref;

use super::{Builtin, BuiltinKind, Intrinsic, b};
use crate::access;
use crate::code::Code;
use crate::objects::*;
use crate::runtime::{Res, attributes, classes, compare, dict, exceptions, format, hash, list, repr, text};
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

const G: BuiltinKind = BuiltinKind::Getter;

pub static NEW: Builtin = b!("object", object_new, *, 0);

fn object_new(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    if access::length(args) > 0 {
        return Err(vm.type_error("object() takes no arguments"));
    }
    Ok(vm.new_instance(T_OBJECT))
}

pub static METHODS: &[Builtin] = &[
    b!("__class__", class_of, 1).kind(G),
    b!("__dict__", dict_of, 1).kind(G),
    b!("__doc__", doc_of, 1).kind(G),
    b!("__module__", module_of, 1).kind(G),
    b!("__init__", init, *, 1),
    b!("__new__", new, *, 1).kind(BuiltinKind::Static),
    b!("__repr__", default_repr, 1),
    b!("__str__", str_of, 1),
    b!("__eq__", eq, 2),
    b!("__ne__", ne, 2),
    b!("__hash__", hash_of, 1),
    b!("__format__", format_of, 2),
    b!("__setattr__", setattr, 3),
    b!("__getattribute__", getattribute, 2),
    b!("__delattr__", delattr, 2),
    b!("__init_subclass__", init_subclass, *, 0).kind(BuiltinKind::Class),
    b!("__sizeof__", sizeof, 1),
    b!("__dir__", dir, 1),
];

fn class_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.type_object(vm.type_of(r)))
}

fn dict_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match access::class(r) {
        class if is_shape(class) => attributes::instance_dict(vm, r),
        TYPE => {
            let d = dict::new(vm);
            let info = vm.type_info(vm.type_id(r));
            let pairs: Vec<_> =
                info.attrs.keys.iter().copied().zip(info.attrs.values.iter().copied()).collect();
            for (sym, value) in pairs {
                if !value.is_null() {
                    let name = vm.symbol_object(sym);
                    dict::set_item(vm, d, name, value)?;
                }
            }
            Ok(d)
        }
        MODULE => {
            let d = dict::new(vm);
            let info = vm.module_info(r);
            let pairs: Vec<_> =
                info.globals.keys.iter().copied().zip(info.globals.values.iter().copied()).collect();
            for (sym, global) in pairs {
                let value = access::get_ref(global.cell.get(), CELL_VALUE);
                if !value.is_null() {
                    let name = vm.symbol_object(sym);
                    dict::set_item(vm, d, name, value)?;
                }
            }
            Ok(d)
        }
        FUNCTION => {
            if access::get_ref(r, FUNC_DICT).is_null() {
                let d = dict::new(vm);
                vm.put(r, FUNC_DICT, d);
            }
            Ok(access::get_ref(r, FUNC_DICT))
        }
        _ => {
            let name = vm.symbol_object(symbols::DICT);
            Err(exceptions::no_attribute(vm, r, name))
        }
    }
}

fn doc_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if access::is(r, TYPE) {
        let info = vm.type_info(vm.type_id(r));
        if let Some(doc) = info.attrs.get(symbols::DOC)
            && !doc.is_null()
            && !access::is(*doc, PROPERTY)
        {
            return Ok(*doc);
        }
    }
    if access::is(r, MODULE) {
        let doc = vm.module_get(r, symbols::DOC);
        if !doc.is_null() {
            return Ok(doc);
        }
    }
    Ok(vm.none)
}

fn module_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let id = if access::is(r, TYPE) { vm.type_id(r) } else { vm.type_of(r) };
    Ok(vm.symbol_object(vm.type_info(id).module))
}

fn init(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    if access::length(args) > 1 {
        let message = format!(
            "{}.__init__() takes exactly one argument (the instance to initialize)",
            vm.type_name(access::item(args, 0))
        );
        return Err(vm.type_error(&message));
    }
    Ok(vm.none)
}

fn new(vm: &mut Vm, args: Ref, _: Ref) -> Res<Ref> {
    let class = access::item(args, 0);
    if !access::is(class, TYPE) {
        return Err(vm.type_error("object.__new__(X): X is not a type object"));
    }
    let id = vm.type_id(class);
    match vm.type_info(id).native {
        Native::Fixed => {
            let name = vm.class_name(id);
            let message = format!("object.__new__({name}) is not safe, use {name}.__new__()");
            Err(vm.type_error(&message))
        }
        Native::Exception => {
            let rest = vm.tuple(&access::refs(args)[1..]);
            Ok(vm.exception_with(id, rest))
        }
        Native::Instance => Ok(vm.new_instance(id)),
    }
}

fn default_repr(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if !is_shape(access::class(r)) {
        return repr::repr_of(vm, r);
    }
    let shown = format!(
        "<{}.{} object at {:#x}>",
        vm.symbol_text(vm.type_info(vm.type_of(r)).module),
        access::text(vm.type_info(vm.type_of(r)).qualname),
        vm.heap.identity(r)
    );
    Ok(vm.str(&shown))
}

fn str_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if is_shape(access::class(r)) {
        return repr::repr_of(vm, r);
    }
    text::str_of(vm, r)
}

fn eq(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    if is_shape(access::class(a)) {
        return Ok(if a == b { vm.true_ } else { vm.not_implemented });
    }
    compare::equal(vm, a, b).map(|v| vm.bool(v))
}

fn ne(vm: &mut Vm, a: Ref, b: Ref) -> Res<Ref> {
    if is_shape(access::class(a)) {
        let equal = compare::equal(vm, a, b)?;
        return Ok(vm.bool(!equal));
    }
    compare::equal(vm, a, b).map(|v| vm.bool(!v))
}

fn hash_of(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let h = if is_shape(access::class(r)) { vm.heap.identity(r) >> 4 } else { hash::hash(vm, r)? };
    Ok(vm.int(h))
}

fn format_of(vm: &mut Vm, r: Ref, spec: Ref) -> Res<Ref> {
    if is_shape(access::class(r)) {
        if access::length(spec) == 0 {
            return text::str_of(vm, r);
        }
        let message = format!("unsupported format string passed to {}.__format__", vm.type_name(r));
        return Err(vm.type_error(&message));
    }
    format::format(vm, r, spec)
}

fn setattr(vm: &mut Vm, r: Ref, name: Ref, value: Ref) -> Res<Ref> {
    text::expect_str(vm, name, "attribute name")?;
    let sym = vm.intern_object(name);
    if is_shape(access::class(r)) {
        attributes::set_plain(vm, r, sym, value)?;
    } else {
        attributes::set(vm, r, sym, value)?;
    }
    Ok(vm.none)
}

fn getattribute(vm: &mut Vm, r: Ref, name: Ref) -> Res<Ref> {
    text::expect_str(vm, name, "attribute name")?;
    let sym = vm.intern_object(name);
    let v = attributes::find(vm, r, sym)?;
    if v.is_null() { Err(exceptions::no_attribute(vm, r, name)) } else { Ok(v) }
}

fn delattr(vm: &mut Vm, r: Ref, name: Ref) -> Res<Ref> {
    text::expect_str(vm, name, "attribute name")?;
    let sym = vm.intern_object(name);
    if is_shape(access::class(r)) {
        if !vm.instance_delete(r, sym) {
            return Err(exceptions::no_attribute(vm, r, name));
        }
    } else {
        attributes::delete(vm, r, sym)?;
    }
    Ok(vm.none)
}

fn init_subclass(vm: &mut Vm, _: Ref, _: Ref) -> Res<Ref> {
    Ok(vm.none)
}

fn sizeof(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let bytes = vm.heap.size_of(r);
    Ok(vm.usize(bytes))
}

/// Names of an object's attributes, sorted.
pub fn dir(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let mut names: Vec<String> = Vec::new();
    if access::is(r, MODULE) {
        let info = vm.module_info(r);
        names.extend(info.globals.keys.iter().map(|s| vm.symbol_text(*s).to_string()));
        if let Some(native) = info.native {
            names.extend(native.functions.iter().map(|f| f.name.to_string()));
            names.extend(native.names.iter().map(|n| n.to_string()));
        }
    } else {
        let id = if access::is(r, TYPE) { vm.type_id(r) } else { vm.type_of(r) };
        for class in vm.type_info(id).mro.clone() {
            let info = vm.type_info(class);
            for (sym, value) in info.attrs.keys.iter().zip(&info.attrs.values) {
                if !value.is_null() {
                    names.push(vm.symbol_text(*sym).to_string());
                }
            }
            let native = info.methods.iter().flat_map(|t| t.iter());
            names.extend(native.map(|m| m.name.to_string()));
        }
        if is_shape(access::class(r)) {
            let shape = vm.shape(access::class(r));
            names.extend(shape.names.iter().map(|s| vm.symbol_text(*s).to_string()));
        }
    }
    names.sort();
    names.dedup();
    let names: Vec<Ref> = names.iter().map(|n| vm.str(n)).collect();
    Ok(list::from_items(vm, &names))
}

pub static TYPE_NEW: Builtin = b!("type", type_new, 3, 1).intrinsic(Intrinsic::Type);

fn type_new(vm: &mut Vm, r: Ref, bases: Ref, namespace: Ref) -> Res<Ref> {
    if bases.is_null() {
        return Ok(vm.type_object(vm.type_of(r)));
    }
    if namespace.is_null()
        || !access::is(r, STR)
        || !access::is(bases, TUPLE)
        || !matches!(access::class(namespace), DICT | DEFAULTDICT)
    {
        return Err(vm.type_error("type() takes 1 or 3 arguments: name, bases, namespace"));
    }
    let main = vm.modules.main();
    classes::class_new(vm, r, bases, namespace, main, 0)
}

pub static TYPE_METHODS: &[Builtin] = &[
    b!("__name__", type_name, 1).kind(G),
    b!("__qualname__", type_qualname, 1).kind(G),
    b!("__bases__", type_bases, 1).kind(G),
    b!("__base__", type_base, 1).kind(G),
    b!("__mro__", type_mro, 1).kind(G),
    b!("__subclasses__", type_subclasses, 1),
    b!("mro", type_mro_list, 1),
    b!("__instancecheck__", instancecheck, 2),
];

fn type_name(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.symbol_object(vm.type_info(vm.type_id(r)).name))
}

fn type_qualname(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.type_info(vm.type_id(r)).qualname)
}

fn objects(vm: &Vm, ids: &[TypeId]) -> Vec<Ref> {
    ids.iter().map(|id| vm.type_object(*id)).collect()
}

fn type_bases(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let bases = objects(vm, &vm.type_info(vm.type_id(r)).bases);
    Ok(vm.tuple(&bases))
}

fn type_base(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let first = vm.type_info(vm.type_id(r)).bases.first();
    Ok(first.map_or(vm.none, |id| vm.type_object(*id)))
}

fn type_mro(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let mro = objects(vm, &vm.type_info(vm.type_id(r)).mro);
    Ok(vm.tuple(&mro))
}

fn type_mro_list(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let mro = objects(vm, &vm.type_info(vm.type_id(r)).mro);
    Ok(list::from_items(vm, &mro))
}

fn type_subclasses(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let all = objects(vm, &vm.type_info(vm.type_id(r)).subclasses);
    Ok(list::from_items(vm, &all))
}

fn instancecheck(vm: &mut Vm, class: Ref, r: Ref) -> Res<Ref> {
    classes::isinstance(vm, r, class).map(|v| vm.bool(v))
}

pub static FUNCTION_METHODS: &[Builtin] = &[
    b!("__name__", function_name, 1).kind(G),
    b!("__qualname__", function_qualname, 1).kind(G),
    b!("__doc__", function_doc, 1).kind(G),
    b!("__module__", function_module, 1).kind(G),
    b!("__defaults__", function_defaults, 1).kind(G),
    b!("__kwdefaults__", function_kwdefaults, 1).kind(G),
    b!("__annotations__", function_annotations, 1).kind(G),
    b!("__get__", function_get, 3, 2),
];

fn function_name(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let d = access::get_ref(r, FUNC_DICT);
    if !d.is_null() {
        let name = vm.symbol_object(symbols::NAME);
        let v = dict::find_str(vm, d, name);
        if !v.is_null() {
            return Ok(v);
        }
    }
    // SAFETY: the field holds the address of a code object, which is never freed.
    let code = unsafe { &*(access::get_int(r, FUNC_CODE) as *const Code) };
    Ok(vm.str(&code.spec.name))
}

fn function_qualname(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, FUNC_QUALNAME))
}

fn or_none(vm: &Vm, r: Ref) -> Ref {
    if r.is_null() { vm.none } else { r }
}

fn function_doc(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(or_none(vm, access::get_ref(r, FUNC_DOC)))
}

fn function_module(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let module = access::get_ref(r, FUNC_MODULE);
    Ok(vm.symbol_object(vm.module_info(module).name))
}

fn function_defaults(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(or_none(vm, access::get_ref(r, FUNC_DEFAULTS)))
}

fn function_kwdefaults(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(or_none(vm, access::get_ref(r, FUNC_KWDEFAULTS)))
}

fn function_annotations(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(dict::new(vm))
}

fn function_get(vm: &mut Vm, r: Ref, object: Ref, _: Ref) -> Res<Ref> {
    Ok(if object == vm.none { r } else { attributes::bound_method(vm, r, object) })
}

pub static BUILTIN_METHODS: &[Builtin] = &[
    b!("__name__", builtin_name, 1).kind(G),
    b!("__qualname__", builtin_name, 1).kind(G),
    b!("__module__", builtin_module, 1).kind(G),
];

fn builtin_name(vm: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(vm.str(Builtin::of(r).name))
}

fn builtin_module(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(vm.symbol_object(symbols::BUILTINS))
}

pub static METHOD_METHODS: &[Builtin] = &[
    b!("__name__", method_name, 1).kind(G),
    b!("__qualname__", method_qualname, 1).kind(G),
    b!("__doc__", method_doc, 1).kind(G),
    b!("__func__", method_func, 1).kind(G),
    b!("__self__", method_self, 1).kind(G),
];

fn method_name(vm: &mut Vm, r: Ref) -> Res<Ref> {
    attributes::get(vm, access::get_ref(r, METHOD_FUNC), symbols::NAME)
}

fn method_qualname(vm: &mut Vm, r: Ref) -> Res<Ref> {
    attributes::get(vm, access::get_ref(r, METHOD_FUNC), symbols::QUALNAME)
}

fn method_doc(vm: &mut Vm, r: Ref) -> Res<Ref> {
    attributes::get(vm, access::get_ref(r, METHOD_FUNC), symbols::DOC)
}

fn method_func(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, METHOD_FUNC))
}

fn method_self(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, METHOD_SELF))
}

pub static MODULE_METHODS: &[Builtin] = &[];

pub static SUPER_NEW: Builtin = b!("super", super_new, 2, 0);

fn super_new(vm: &mut Vm, class: Ref, object: Ref) -> Res<Ref> {
    if class.is_null() {
        return Err(vm.raise(RUNTIME_ERROR, "super(): no arguments"));
    }
    if !access::is(class, TYPE) {
        return Err(vm.type_error("super() argument 1 must be a type"));
    }
    if object.is_null() {
        return Err(vm.not_implemented_error("unbound super objects"));
    }
    let id = vm.type_id(class);
    let fits =
        vm.is_instance(object, id) || access::is(object, TYPE) && vm.is_subclass(vm.type_id(object), id);
    if !fits {
        return Err(vm.type_error("super(type, obj): obj must be an instance or subtype of type"));
    }
    let r = vm.new_object(SUPER);
    access::init_ref(r, SUPER_TYPE, class);
    access::init_ref(r, SUPER_SELF, object);
    Ok(r)
}

pub static PROPERTY_NEW: Builtin = b!("property", property_new, 4, 0).names(&["fget", "fset", "fdel", "doc"]);

fn property_new(vm: &mut Vm, get: Ref, set: Ref, delete: Ref, _doc: Ref) -> Res<Ref> {
    let r = vm.new_object(PROPERTY);
    for (field, v) in [(PROPERTY_GET, get), (PROPERTY_SET, set), (PROPERTY_DEL, delete)] {
        let v = or_none(vm, v);
        access::init_ref(r, field, v);
    }
    Ok(r)
}

pub static PROPERTY_METHODS: &[Builtin] = &[
    b!("getter", property_getter, 2),
    b!("setter", property_setter, 2),
    b!("deleter", property_deleter, 2),
    b!("fget", property_fget, 1).kind(G),
    b!("fset", property_fset, 1).kind(G),
];

fn property_with(vm: &mut Vm, r: Ref, changed: jit_riscv::object::Field, f: Ref) -> Ref {
    let copy = vm.new_object(PROPERTY);
    for field in [PROPERTY_GET, PROPERTY_SET, PROPERTY_DEL] {
        let v = if field == changed { f } else { access::get_ref(r, field) };
        access::init_ref(copy, field, v);
    }
    copy
}

fn property_getter(vm: &mut Vm, r: Ref, f: Ref) -> Res<Ref> {
    Ok(property_with(vm, r, PROPERTY_GET, f))
}

fn property_setter(vm: &mut Vm, r: Ref, f: Ref) -> Res<Ref> {
    Ok(property_with(vm, r, PROPERTY_SET, f))
}

fn property_deleter(vm: &mut Vm, r: Ref, f: Ref) -> Res<Ref> {
    Ok(property_with(vm, r, PROPERTY_DEL, f))
}

fn property_fget(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, PROPERTY_GET))
}

fn property_fset(_: &mut Vm, r: Ref) -> Res<Ref> {
    Ok(access::get_ref(r, PROPERTY_SET))
}

pub static STATICMETHOD_NEW: Builtin = b!("staticmethod", staticmethod_new, 1);
pub static CLASSMETHOD_NEW: Builtin = b!("classmethod", classmethod_new, 1);

fn staticmethod_new(vm: &mut Vm, f: Ref) -> Res<Ref> {
    let r = vm.new_object(STATICMETHOD);
    access::init_ref(r, STATICMETHOD_FUNC, f);
    Ok(r)
}

fn classmethod_new(vm: &mut Vm, f: Ref) -> Res<Ref> {
    let r = vm.new_object(CLASSMETHOD);
    access::init_ref(r, CLASSMETHOD_FUNC, f);
    Ok(r)
}
