//! The RISC-V ISA as data: each instruction is written once, in `spec/*.yaml`.
//!
//! From that one source come the decoder, the encoder, the disassembler, the assembler's operand
//! templates, the emulator's interpreter ([`codegen::interpreter`]) and the JIT's encoders
//! ([`codegen::encoders`]).
//!
//! ```
//! use isa_spec::{Isa, MAX_FIELDS};
//! let isa = Isa::builtin();
//!
//! // Decode and disassemble (aliases as GNU objdump prints them).
//! let inst = isa.decode(0x00150513).unwrap();
//! let insn = isa.insn(inst.id);
//! assert_eq!((insn.name.as_str(), inst.len), ("addi", 4));
//! assert_eq!(inst.values[insn.field("imm").unwrap()], 1);
//! assert_eq!(isa.disassemble(0x00050513, 0).unwrap().to_string(), "mv\ta0,a0");
//!
//! // Assemble: a mnemonic has one or more forms; parse the operands by the form's template, each field by
//! // its kind, then complete (values that an alias implies, defaults) and encode.
//! let form = &isa.forms("li")[0];
//! let fields = form.template.fields(); // xd, imm: indices into isa.insn(form.insn).fields
//! let mut parsed = [None; MAX_FIELDS];
//! parsed[fields[0]] = Some(10); // a0
//! parsed[fields[1]] = Some(-7);
//! let values = form.complete(isa, &parsed).unwrap();
//! assert_eq!(isa.encode(form.insn, &values).unwrap(), 0xff900513);
//! ```
//!
//! # Meaning
//!
//! For an engine (interpreter, DBT) that executes instructions, built in or not, in one way: [`sem`] is the typed IR
//! of `operation()`. [`Insn::body`](model::Insn::body) is an instruction's meaning, a [`sem::Body`]; its module says what every node does
//! and in which order. Field values come from [`Isa::decode`] ([`Inst::values`](model::Inst::values), in the order of [`Insn::fields`](model::Insn::fields)), or, in the emulator,
//! from a `Decoded` through `emu::interp::eval::field_value`. `emu::interp::eval` executes every node and is the reference.
//! `emu::InsnSet` (of a hart: `Hart::isa`) decodes words of built-in and run-time instructions alike and gives their `Insn`.
//!
//! [`Isa::extended`] reads ISA files at run time: their instructions have ids after those of the built-in ones
//! ([`Isa::custom_insns`]), and their CSRs are plain storage ([`Isa::custom_csrs`]). A body with several stores does all of
//! them even if one hits translated code.
//!
//! # Assembling
//!
//! For an assembler: [`Isa::forms`] gives own mnemonics and aliases (`beqz`, `ret`, `csrr`, `amoadd.w.aqrl`);
//! a [`Form`]'s [`Template`] is a list of [`Piece`]s — punctuation, literal registers, and fields; the
//! [`FieldKind`] says how to parse a field, [`Field::min`], [`Field::max`], [`Field::left_shift`] what fits;
//! a field with [`Field::default`] may be left out together with the comma before it (rounding modes).
//! A [`FieldKind::Target`] value is `target - pc`; a [`FieldKind::Upper`] value is the operand shifted left by
//! 12 and sign-extended from 32 bits. Pseudo-instructions of more than one instruction (`la`, `call`, long
//! `li`) are the assembler's own.

mod builtin;
pub mod codegen;
pub mod decode;
pub mod diag;
pub mod disasm;
pub mod export;
mod idl;
pub mod model;
pub mod reader;
pub mod sem;
mod yaml;

pub use builtin::BUILTIN_FILES;
pub use diag::Diagnostic;
pub use disasm::{Disasm, FREGS, ROUNDING_MODES, XREGS, fp_constant_index, fp_constant_name, freg, xreg};
pub use model::{
    Alias, BitRange, Class, Cond, Csr, EncodeError, Field, FieldKind, Form, Insn, InsnId, Inst, Isa,
    MAX_FIELDS, MissingOperand, Piece, Slot, Template, Values,
};
