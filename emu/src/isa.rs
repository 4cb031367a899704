//! The instructions and CSRs that a machine knows: the built-in ones, and those that ISA files define.
//!
//! The built-in ones are known from generated code ([`crate::interp`]), for which nothing is read or parsed when a
//! program starts. Instructions of ISA files have ids from [`generated::COUNT`] on and the same [`Decoded`] form.

use crate::interp::{Decoded, decode, generated};
use crate::stats::InsnInfo;
use isa_spec::{Class, Csr, FieldKind, Insn, InsnId, Isa, Slot};
use std::sync::Arc;

/// A handle on the instruction set of a machine. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct InsnSet {
    /// Present if there is anything that is not built in.
    custom: Option<Arc<Isa>>,
}

impl InsnSet {
    /// The built-in instructions and those that `isa` has beyond them.
    pub fn new(isa: Arc<Isa>) -> InsnSet {
        let any = !isa.custom_insns().is_empty() || !isa.custom_csrs().is_empty();
        InsnSet { custom: any.then_some(isa) }
    }

    /// The whole specification. For the built-in instructions alone it is read from its text at the first call,
    /// which takes some milliseconds.
    pub fn spec(&self) -> &Isa {
        self.custom.as_deref().unwrap_or_else(|| Isa::builtin())
    }

    /// Decodes the instruction in the low bits of `word`. `None`: illegal or reserved.
    ///
    /// An instruction of an ISA file and a built-in one match the same word only where the former is a HINT form of
    /// the latter, so the former come first.
    #[inline]
    pub fn decode(&self, word: u32) -> Option<Decoded> {
        match &self.custom {
            Some(isa) => custom(isa, word).or_else(|| decode(word)),
            None => decode(word),
        }
    }

    /// Whether the instruction must be the last of a block: it may set the pc, or serializes.
    pub fn ends_block(&self, op: &Decoded) -> bool {
        match generated::ENDS_BLOCK.get(usize::from(op.id)) {
            Some(ends) => *ends,
            None => self.insn(op.id).is_none_or(|i| i.body.jumps() || i.body.serializes()),
        }
    }

    /// The definition of an instruction; `None` if there is none with this id. Field values of a decoded
    /// instruction are [`eval::field_value`](crate::interp::eval::field_value).
    pub fn insn(&self, id: u16) -> Option<&Insn> {
        self.spec().insns.get(usize::from(id))
    }

    /// Number of instruction ids.
    pub fn count(&self) -> usize {
        self.custom.as_ref().map_or(generated::COUNT, |isa| isa.insns.len())
    }

    /// The CSRs of ISA files.
    pub fn custom_csrs(&self) -> &[Csr] {
        self.custom.as_ref().map_or(&[], |isa| isa.custom_csrs())
    }

    /// What counting needs to know of an instruction.
    pub(crate) fn info(&self, id: usize) -> InsnInfo<'_> {
        if id < generated::COUNT {
            let guard = generated::GUARD[id];
            return InsnInfo {
                mnemonic: generated::MNEMONIC[id],
                class: generated::CLASS_NAMES[usize::from(generated::CLASS[id])],
                extension: generated::EXTENSION[id],
                guard: (guard != generated::NO_GUARD).then(|| generated::GUARD_NAMES[usize::from(guard)]),
            };
        }
        match self.insn(id as u16) {
            Some(i) => InsnInfo {
                mnemonic: &i.name,
                class: i.class.name(),
                extension: &i.extension,
                guard: i.guard.as_deref(),
            },
            None => InsnInfo { mnemonic: "?", class: Class::System.name(), extension: "?", guard: None },
        }
    }
}

/// Decodes an instruction of an ISA file; of several that match, the one with most fixed bits.
fn custom(isa: &Isa, word: u32) -> Option<Decoded> {
    let word = if word & 3 == 3 { word } else { word & 0xffff };
    let len = if word & 3 == 3 { 4 } else { 2 };
    let found = isa
        .custom_insns()
        .iter()
        .filter(|i| i.len == len && i.matches(word))
        .max_by_key(|i| i.mask.count_ones())?;
    Some(decoded(found, word))
}

/// The decoded form of a word that is this instruction, as the generated decoder makes it.
fn decoded(insn: &Insn, word: u32) -> Decoded {
    let InsnId(id) = insn.id;
    let mut op = Decoded { id, len: insn.len, ..Decoded::default() };
    for field in &insn.fields {
        let value = field.extract(word);
        match field.slot {
            // A write to x0 goes to place 32.
            Slot::Rd if field.kind == FieldKind::XReg && value == 0 => op.rd = 32,
            Slot::Rd => op.rd = value as u8,
            Slot::Rs1 => op.rs1 = value as u8,
            Slot::Rs2 => op.rs2 = value as u8,
            Slot::Rs3 => op.rs3 = value as u8,
            Slot::Aux => op.aux = value as u8,
            Slot::Imm => op.imm = value as i32,
        }
    }
    op
}
