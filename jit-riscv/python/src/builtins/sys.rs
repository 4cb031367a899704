//! The module `sys`.

use jit_riscv::object::Ref;

use super::{Builtin, b, file};
use crate::access;
use crate::modules::NativeModule;
use crate::objects::*;
use crate::runtime::output::{STDERR, STDIN, STDOUT};
use crate::runtime::{Res, dict, list, numbers};
use crate::types::SYSTEM_EXIT;
use crate::vm::Vm;

pub static EXIT: Builtin = b!("exit", exit, 1, 0);

pub static MODULE: NativeModule = NativeModule {
    name: "sys",
    functions: &[
        b!("exit", exit, 1, 0),
        b!("setrecursionlimit", setrecursionlimit, 1),
        b!("getrecursionlimit", getrecursionlimit, 0),
        b!("getsizeof", getsizeof, 2, 1),
        b!("intern", intern, 1),
        b!("getrefcount", getrefcount, 1),
    ],
    value,
    names: &[
        "argv",
        "stdin",
        "stdout",
        "stderr",
        "maxsize",
        "version",
        "version_info",
        "platform",
        "byteorder",
        "path",
        "modules",
        "executable",
        "hexversion",
        "maxunicode",
        "float_info",
        "implementation",
    ],
};

fn value(vm: &mut Vm, name: &str) -> Option<Ref> {
    Some(match name {
        "argv" => {
            let args: Vec<String> = vm.args.clone();
            let args: Vec<Ref> = args.iter().map(|a| vm.str(a)).collect();
            list::from_items(vm, &args)
        }
        "stdin" => file::object(vm, STDIN, "<stdin>"),
        "stdout" => file::object(vm, STDOUT, "<stdout>"),
        "stderr" => file::object(vm, STDERR, "<stderr>"),
        "maxsize" => vm.int(i64::MAX),
        "maxunicode" => vm.int(0x10ffff),
        "hexversion" => vm.int(0x030d_00f0),
        "version" => vm.str("3.13.0 (mj)"),
        "version_info" => {
            let parts = [vm.int(3), vm.int(13), vm.int(0), vm.str("final"), vm.int(0)];
            vm.tuple(&parts)
        }
        "platform" => vm.str("linux"),
        "byteorder" => vm.str("little"),
        "executable" => vm.str("mj"),
        "path" => {
            let dir = vm.script_dir.to_string_lossy().into_owned();
            let dir = vm.str(&dir);
            list::from_items(vm, &[dir])
        }
        "modules" => {
            let d = dict::new(vm);
            let all: Vec<_> = vm.modules.iter().map(|m| (m.name, m.object)).collect();
            for (name, object) in all {
                let name = vm.symbol_object(name);
                dict::set_item(vm, d, name, object).ok()?;
            }
            d
        }
        _ => return None,
    })
}

fn exit(vm: &mut Vm, code: Ref) -> Res<Ref> {
    let args = if code.is_null() { vm.empty_tuple } else { vm.tuple(&[code]) };
    let e = vm.exception_with(SYSTEM_EXIT, args);
    Err(vm.raise_object(e))
}

fn setrecursionlimit(vm: &mut Vm, limit: Ref) -> Res<Ref> {
    let limit = numbers::index(vm, limit)?;
    if limit < 1 {
        return Err(vm.value_error("recursion limit must be greater or equal than 1"));
    }
    vm.recursion_limit = limit;
    Ok(vm.none)
}

fn getrecursionlimit(vm: &mut Vm) -> Res<Ref> {
    Ok(vm.int(vm.recursion_limit))
}

fn getsizeof(vm: &mut Vm, r: Ref, _default: Ref) -> Res<Ref> {
    let mut bytes = vm.heap.size_of(r);
    if is_list(access::class(r)) {
        let storage = access::list_storage(r);
        if !storage.is_null() {
            bytes += vm.heap.size_of(storage);
        }
    }
    Ok(vm.usize(bytes))
}

fn intern(vm: &mut Vm, r: Ref) -> Res<Ref> {
    crate::runtime::text::expect_str(vm, r, "intern() argument")?;
    let sym = vm.intern_object(r);
    Ok(vm.symbol_object(sym))
}

fn getrefcount(vm: &mut Vm, _: Ref) -> Res<Ref> {
    Ok(vm.int(1))
}
