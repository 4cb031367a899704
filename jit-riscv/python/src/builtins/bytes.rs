//! `bytes`, as far as programs need it for conversions.

use jit_riscv::object::Ref;

use super::{Builtin, b};
use crate::access;
use crate::objects::*;
use crate::runtime::{Res, iter, numbers, sequence};
use crate::types::UNICODE_DECODE_ERROR;
use crate::vm::Vm;

pub static NEW: Builtin = b!("bytes", bytes_new, 3, 0).names(&["source", "encoding", "errors"]);

fn bytes_new(vm: &mut Vm, source: Ref, encoding: Ref, _errors: Ref) -> Res<Ref> {
    if source.is_null() {
        return Ok(vm.bytes(&[]));
    }
    match access::class(source) {
        BYTES => Ok(source),
        STR if encoding.is_null() => Err(vm.type_error("string argument without an encoding")),
        STR => Ok(vm.bytes(access::bytes(source))),
        INT => {
            let n = access::int_value(source);
            if n < 0 {
                return Err(vm.value_error("negative count"));
            }
            if n > 1 << 36 {
                return Err(vm.memory_error());
            }
            Ok(vm.new_items(BYTES, n as usize))
        }
        _ => {
            let mut out = Vec::new();
            let iterator = iter::iter(vm, source)?;
            while let Some(item) = iter::next(vm, iterator)? {
                match u8::try_from(numbers::index(vm, item)?) {
                    Ok(byte) => out.push(byte),
                    Err(_) => return Err(vm.value_error("bytes must be in range(0, 256)")),
                }
            }
            Ok(vm.bytes(&out))
        }
    }
}

pub static METHODS: &[Builtin] = &[
    b!("decode", decode, 3, 1).names(&["encoding", "errors"]),
    b!("hex", hex, 1),
    b!("__len__", len, 1),
    b!("__getitem__", sequence::get_item, 2),
];

/// The text of a BYTES object.
pub fn decode_utf8(vm: &mut Vm, r: Ref) -> Res<Ref> {
    match std::str::from_utf8(access::bytes_contents(r)) {
        Ok(text) => Ok(vm.str(text)),
        Err(e) => {
            let at = e.valid_up_to();
            let byte = access::bytes_contents(r)[at];
            let message =
                format!("'utf-8' codec can't decode byte {byte:#04x} in position {at}: invalid start byte");
            Err(vm.raise(UNICODE_DECODE_ERROR, &message))
        }
    }
}

fn decode(vm: &mut Vm, r: Ref, encoding: Ref, _errors: Ref) -> Res<Ref> {
    if !encoding.is_null() && access::is(encoding, STR) {
        let name = access::text(encoding).to_ascii_lowercase();
        if name.starts_with("latin") || name.starts_with("iso-8859-1") {
            let text: String = access::bytes_contents(r).iter().map(|b| *b as char).collect();
            return Ok(vm.str(&text));
        }
    }
    decode_utf8(vm, r)
}

fn hex(vm: &mut Vm, r: Ref) -> Res<Ref> {
    let text: String = access::bytes_contents(r).iter().map(|b| format!("{b:02x}")).collect();
    Ok(vm.str(&text))
}

fn len(vm: &mut Vm, r: Ref) -> Res<Ref> {
    sequence::len(vm, r).map(|n| vm.int(n))
}
