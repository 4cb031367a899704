//! The ISA model: what the YAML files say, checked and indexed.
//!
//! An [`Insn`] is one encoding with its fields, its assembly [`Template`], its aliases and its typed
//! semantics ([`crate::sem::Body`]). Field *values* are always architectural: a register field holds the
//! register number (8..15 for a three-bit compressed field), an immediate is already scaled and
//! sign-extended, so `addi a0,a0,-1` has `imm == -1` and `lui a0,0x12345` has `imm == 0x12345000`.

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

use crate::decode::Decoder;
use crate::sem;

/// More fields than any instruction of the profile may have.
pub const MAX_FIELDS: usize = 6;

/// Index of an instruction in [`Isa::insns`]; the same numbers are used by generated code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct InsnId(pub u16);

/// Field values of one instruction, in the order of [`Insn::fields`]; unused places are 0.
pub type Values = [i64; MAX_FIELDS];

/// A decoded instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inst {
    pub id: InsnId,
    /// Length in bytes: 2 or 4.
    pub len: u8,
    pub values: Values,
}

/// Counter class of an instruction (`custom_class`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Class {
    Alu,
    Mul,
    Div,
    Load,
    Store,
    Branch,
    Jump,
    Fp,
    FpDiv,
    FpLoad,
    FpStore,
    Atomic,
    Csr,
    Fence,
    System,
    Guard,
    Hint,
}

impl Class {
    pub const ALL: [Class; 17] = [
        Class::Alu,
        Class::Mul,
        Class::Div,
        Class::Load,
        Class::Store,
        Class::Branch,
        Class::Jump,
        Class::Fp,
        Class::FpDiv,
        Class::FpLoad,
        Class::FpStore,
        Class::Atomic,
        Class::Csr,
        Class::Fence,
        Class::System,
        Class::Guard,
        Class::Hint,
    ];

    /// The name used in the YAML files and in reports.
    pub fn name(self) -> &'static str {
        match self {
            Class::Alu => "alu",
            Class::Mul => "mul",
            Class::Div => "div",
            Class::Load => "load",
            Class::Store => "store",
            Class::Branch => "branch",
            Class::Jump => "jump",
            Class::Fp => "fp",
            Class::FpDiv => "fpdiv",
            Class::FpLoad => "fpload",
            Class::FpStore => "fpstore",
            Class::Atomic => "atomic",
            Class::Csr => "csr",
            Class::Fence => "fence",
            Class::System => "system",
            Class::Guard => "guard",
            Class::Hint => "hint",
        }
    }

    pub fn from_name(name: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// A run of instruction bits, both ends inclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BitRange {
    pub hi: u8,
    pub lo: u8,
}

impl BitRange {
    pub fn width(self) -> u8 {
        self.hi - self.lo + 1
    }
}

/// What a field means to an assembler or a disassembler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FieldKind {
    /// Integer register; a three-bit field names x8..x15.
    XReg,
    /// Floating-point register; a three-bit field names f8..f15.
    FReg,
    /// A number, written in decimal.
    Imm,
    /// A number, written in hexadecimal (shift amounts).
    Hex,
    /// Upper immediate: the value is a multiple of 4096 and is written as its upper 20 bits (0..0xfffff).
    Upper,
    /// Branch or jump target: the value is `target - pc`, the text is the target.
    Target,
    /// CSR number, written by name where it has one.
    Csr,
    /// Rounding mode `rne rtz rdn rup rmm dyn`.
    Rm,
    /// Fence set, a subset of `iorw` (i = 8, o = 4, r = 2, w = 1) or 0.
    FenceSet,
    /// The `aq` or `rl` bit: shown as a suffix of the mnemonic.
    AqRl,
    /// Index of a constant of `fli`, written as the number ([`crate::fp_constant_name`]).
    FpConstant,
    /// Not part of the assembly text (reserved fields that hardware ignores); the default is encoded.
    Hidden,
}

/// Where [`Decoded`](crate::codegen) keeps a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Slot {
    Rd,
    Rs1,
    Rs2,
    Rs3,
    Aux,
    Imm,
}

impl Slot {
    /// The member of the generated `Decoded` structure.
    pub fn member(self) -> &'static str {
        match self {
            Slot::Rd => "rd",
            Slot::Rs1 => "rs1",
            Slot::Rs2 => "rs2",
            Slot::Rs3 => "rs3",
            Slot::Aux => "aux",
            Slot::Imm => "imm",
        }
    }
}

/// A variable part of an encoding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// Instruction bits, most significant part first.
    pub location: Vec<BitRange>,
    /// The value is the field's bits shifted left by this.
    pub left_shift: u8,
    /// The value is sign-extended from the field's top bit.
    pub sign_extend: bool,
    /// Architectural values for which the encoding is not this instruction.
    pub not: Vec<i64>,
    pub kind: FieldKind,
    /// Value when the operand is left out of the text; also what a disassembler leaves out.
    pub default: Option<i64>,
    pub slot: Slot,
}

/// Why a value cannot be put into a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EncodeError {
    /// `value` is outside `min..=max`.
    Range { field: String, value: i64, min: i64, max: i64 },
    /// `value` is not a multiple of `align`.
    Align { field: String, value: i64, align: i64 },
    /// `value` is one that the encoding excludes (`not:`).
    Reserved { field: String, value: i64 },
    /// A register that a three-bit field cannot name (only x8..x15 or f8..f15).
    Register { field: String, value: i64 },
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EncodeError::Range { field, value, min, max } => {
                write!(f, "{field}: {value} is out of range, expected {min}..={max}")
            }
            EncodeError::Align { field, value, align } => {
                write!(f, "{field}: {value} is not a multiple of {align}")
            }
            EncodeError::Reserved { field, value } => {
                write!(f, "{field}: {value} is reserved in this encoding")
            }
            EncodeError::Register { field, value } => {
                write!(f, "{field}: register {value} cannot be named here, expected 8..=15")
            }
        }
    }
}

impl std::error::Error for EncodeError {}

impl Field {
    /// Number of instruction bits.
    pub fn width(&self) -> u8 {
        self.location.iter().map(|r| r.width()).sum()
    }

    /// Number of bits of the value (field bits and the zeros below them).
    pub fn value_width(&self) -> u8 {
        self.width() + self.left_shift
    }

    pub fn is_reg(&self) -> bool {
        matches!(self.kind, FieldKind::XReg | FieldKind::FReg)
    }

    /// A three-bit register field, naming registers 8..=15.
    pub fn is_creg(&self) -> bool {
        self.is_reg() && self.width() == 3
    }

    /// Smallest value that fits, `not` aside.
    pub fn min(&self) -> i64 {
        if self.is_creg() {
            8
        } else if self.sign_extend {
            -(1i64 << (self.value_width() - 1))
        } else {
            0
        }
    }

    /// Largest value that fits, `not` aside.
    pub fn max(&self) -> i64 {
        let unit = 1i64 << self.left_shift;
        if self.is_creg() {
            15
        } else if self.sign_extend {
            (1i64 << (self.value_width() - 1)) - unit
        } else {
            (1i64 << self.value_width()) - unit
        }
    }

    /// The instruction bits of this field.
    pub fn mask(&self) -> u32 {
        self.location.iter().fold(0, |m, r| m | (low_mask(r.width()) << r.lo))
    }

    /// The field's value in `word`.
    pub fn extract(&self, word: u32) -> i64 {
        let mut raw: u64 = 0;
        for r in &self.location {
            raw = raw << r.width() | u64::from(word >> r.lo & low_mask(r.width()));
        }
        let value = (raw << self.left_shift) as i64;
        if self.is_creg() {
            value + 8
        } else if self.sign_extend {
            let unused = 64 - u32::from(self.value_width());
            value << unused >> unused
        } else {
            value
        }
    }

    /// The instruction bits for `value`, or why there are none.
    pub fn insert(&self, value: i64) -> Result<u32, EncodeError> {
        let field = || self.name.clone();
        let (min, max) = (self.min(), self.max());
        if self.is_creg() && !(8..=15).contains(&value) {
            return Err(EncodeError::Register { field: field(), value });
        }
        if value < min || value > max {
            return Err(EncodeError::Range { field: field(), value, min, max });
        }
        let align = 1i64 << self.left_shift;
        if value & (align - 1) != 0 {
            return Err(EncodeError::Align { field: field(), value, align });
        }
        if self.not.contains(&value) {
            return Err(EncodeError::Reserved { field: field(), value });
        }
        let mut raw = (if self.is_creg() { value - 8 } else { value } >> self.left_shift) as u64;
        let mut bits = 0;
        for r in self.location.iter().rev() {
            bits |= (raw as u32 & low_mask(r.width())) << r.lo;
            raw >>= r.width();
        }
        Ok(bits)
    }
}

fn low_mask(width: u8) -> u32 {
    if width >= 32 { u32::MAX } else { (1 << width) - 1 }
}

/// One piece of an operand list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Piece {
    /// The operand held by field `Insn::fields[n]`.
    Field(usize),
    /// `,`, `(`, `)`, or a literal register name or number that must be written as it is.
    Text(String),
}

/// An operand list such as `xd, imm(xs1)`, without the mnemonic.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    pub pieces: Vec<Piece>,
}

impl Template {
    /// The fields that appear, in order, repeated ones once.
    pub fn fields(&self) -> Vec<usize> {
        let mut seen = Vec::new();
        for p in &self.pieces {
            if let Piece::Field(n) = p
                && !seen.contains(n)
            {
                seen.push(*n);
            }
        }
        seen
    }
}

/// A condition under which an alias stands for its instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Cond {
    /// Field has this value.
    Is(usize, i64),
    /// Two fields have the same value.
    Same(usize, usize),
}

/// A pseudo-instruction: another way to write one instruction (`pseudoinstructions:`).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Alias {
    pub mnemonic: String,
    pub template: Template,
    pub when: Vec<Cond>,
    /// A disassembler uses it.
    pub print: bool,
    /// An assembler accepts it.
    pub assemble: bool,
}

/// One instruction encoding.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Insn {
    pub id: InsnId,
    /// Mnemonic, `addi`, `c.addi`, `mj.gclass`.
    pub name: String,
    pub long_name: String,
    pub description: String,
    /// Extension name, e.g. `I`, `Zicsr`, `Xmjguard`.
    pub extension: String,
    pub class: Class,
    /// Guard kind (`custom_guard`), e.g. `class`, `value`, `overflow`.
    pub guard: Option<String>,
    /// Length in bytes, 2 or 4.
    pub len: u8,
    /// Fixed bits: `word & mask == bits`.
    pub mask: u32,
    pub bits: u32,
    pub fields: Vec<Field>,
    pub template: Template,
    pub aliases: Vec<Alias>,
    pub body: sem::Body,
    /// Text of `operation()`.
    pub operation: String,
    /// What software without the instruction executes in its place (`custom_software`), one instruction a line.
    pub software: Option<String>,
    /// Where the document starts.
    pub file: String,
    pub line: usize,
}

impl Insn {
    /// Index of the field called `name`.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|f| f.name == name)
    }

    pub fn compressed(&self) -> bool {
        self.len == 2
    }

    /// Whether `word` is this instruction: fixed bits and no excluded field value.
    pub fn matches(&self, word: u32) -> bool {
        word & self.mask == self.bits
            && self.fields.iter().all(|f| f.not.is_empty() || !f.not.contains(&f.extract(word)))
    }

    /// The operands of `word`, which is this instruction.
    pub fn operands(&self, word: u32) -> Inst {
        let mut values = [0; MAX_FIELDS];
        for (value, field) in values.iter_mut().zip(&self.fields) {
            *value = field.extract(word);
        }
        Inst { id: self.id, len: self.len, values }
    }

    /// Whether the mnemonic takes the suffixes `.aq`, `.rl`, `.aqrl`.
    pub fn has_aqrl(&self) -> bool {
        self.fields.iter().any(|f| f.kind == FieldKind::AqRl)
    }
}

/// A control and status register.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Csr {
    pub name: String,
    pub long_name: String,
    pub description: String,
    pub extension: String,
    /// CSR number, 0..=0xfff.
    pub address: u16,
    pub writable: bool,
    /// The file that defines it.
    pub file: String,
}

/// One way to write an instruction in assembly: its own mnemonic or an alias, with the fields that the
/// mnemonic fixes.
#[derive(Clone, Debug)]
pub struct Form {
    pub mnemonic: String,
    pub insn: InsnId,
    pub template: Template,
    /// Field values and equalities that the mnemonic implies.
    pub when: Vec<Cond>,
}

/// What is missing when a [`Form`] is completed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MissingOperand(pub String);

/// A set of extensions, ready for use.
#[derive(Debug)]
pub struct Isa {
    /// All instructions; `insns[n].id == InsnId(n)`.
    pub insns: Vec<Insn>,
    pub csrs: Vec<Csr>,
    /// Instructions from here on come from files that were read at run time ([`Isa::extended`]).
    pub(crate) first_custom: usize,
    pub(crate) first_custom_csr: usize,
    pub(crate) decoder: Decoder,
    pub(crate) forms: HashMap<String, Vec<Form>>,
}

impl Isa {
    pub(crate) fn new(insns: Vec<Insn>, csrs: Vec<Csr>) -> Isa {
        let decoder = Decoder::new(&insns);
        let mut forms: HashMap<String, Vec<Form>> = HashMap::new();
        let mut add = |form: Form| forms.entry(form.mnemonic.clone()).or_default().push(form);
        for insn in &insns {
            let own = |suffix: &str, when: Vec<Cond>| Form {
                mnemonic: format!("{}{suffix}", insn.name),
                insn: insn.id,
                template: insn.template.clone(),
                when,
            };
            if let (Some(aq), Some(rl)) = (insn.field("aq"), insn.field("rl")) {
                for (suffix, a, r) in [("", 0, 0), (".aq", 1, 0), (".rl", 0, 1), (".aqrl", 1, 1)] {
                    add(own(suffix, vec![Cond::Is(aq, a), Cond::Is(rl, r)]));
                }
            } else {
                add(own("", Vec::new()));
            }
        }
        for insn in &insns {
            for alias in insn.aliases.iter().filter(|a| a.assemble) {
                add(Form {
                    mnemonic: alias.mnemonic.clone(),
                    insn: insn.id,
                    template: alias.template.clone(),
                    when: alias.when.clone(),
                });
            }
        }
        let (first_custom, first_custom_csr) = (insns.len(), csrs.len());
        Isa { insns, csrs, first_custom, first_custom_csr, decoder, forms }
    }

    /// The instructions that were defined at run time. Their ids follow those of the built-in ones.
    pub fn custom_insns(&self) -> &[Insn] {
        &self.insns[self.first_custom..]
    }

    /// The CSRs that were defined at run time: plain storage, one for each hart.
    pub fn custom_csrs(&self) -> &[Csr] {
        &self.csrs[self.first_custom_csr..]
    }

    pub fn insn(&self, id: InsnId) -> &Insn {
        &self.insns[usize::from(id.0)]
    }

    /// The instruction whose own mnemonic is `name` (no aliases, no `.aq` suffixes).
    pub fn by_name(&self, name: &str) -> Option<&Insn> {
        self.insns.iter().find(|i| i.name == name)
    }

    /// The ways to read `mnemonic` in assembly: own mnemonics first, then aliases. Try them in order.
    pub fn forms(&self, mnemonic: &str) -> &[Form] {
        self.forms.get(mnemonic).map_or(&[], Vec::as_slice)
    }

    /// Every mnemonic that [`Isa::forms`] knows, in no order.
    pub fn mnemonics(&self) -> impl Iterator<Item = &str> {
        self.forms.keys().map(String::as_str)
    }

    pub fn csr_by_name(&self, name: &str) -> Option<&Csr> {
        self.csrs.iter().find(|c| c.name == name)
    }

    pub fn csr(&self, address: u16) -> Option<&Csr> {
        self.csrs.iter().find(|c| c.address == address)
    }

    /// Decodes the instruction in the low bits of `word`: 16 bits are looked at when the two lowest are not
    /// both set, else 32. `None`: illegal or reserved.
    pub fn decode(&self, word: u32) -> Option<Inst> {
        self.decoder.decode(&self.insns, word)
    }

    /// Encodes an instruction; a compressed one is in the low 16 bits.
    pub fn encode(&self, id: InsnId, values: &Values) -> Result<u32, EncodeError> {
        let insn = self.insn(id);
        insn.fields.iter().zip(values).try_fold(insn.bits, |w, (f, v)| Ok(w | f.insert(*v)?))
    }
}

impl Form {
    /// Completes parsed operands to all field values: what the mnemonic implies, then defaults.
    /// `parsed[n]` belongs to `Insn::fields[n]`.
    pub fn complete(&self, isa: &Isa, parsed: &[Option<i64>; MAX_FIELDS]) -> Result<Values, MissingOperand> {
        let insn = isa.insn(self.insn);
        let mut known = *parsed;
        for cond in &self.when {
            match *cond {
                Cond::Is(field, value) => known[field] = Some(value),
                Cond::Same(a, b) => {
                    let value = known[a].or(known[b]);
                    known[a] = value;
                    known[b] = value;
                }
            }
        }
        let mut values = [0; MAX_FIELDS];
        for (n, field) in insn.fields.iter().enumerate() {
            values[n] = known[n].or(field.default).ok_or_else(|| MissingOperand(field.name.clone()))?;
        }
        Ok(values)
    }
}
