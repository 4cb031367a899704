//! The assembler buffer: instructions with labels, pooled constants and roles, into bytes for a known address.
//!
//! Branches to labels that turn out to be too far are not patched up in place: [`Asm::finish`] names them, and the same code
//! is emitted again with those as an inverted branch over a jump.

use rustc_hash::FxHashSet;

use super::codemap::{Role, Span};
use super::encoders as enc;
use super::regs::*;

/// The condition of a conditional branch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cond {
    Eq,
    Ne,
    Lt,
    Ge,
    Ltu,
    Geu,
}

impl Cond {
    pub fn inverted(self) -> Cond {
        match self {
            Cond::Eq => Cond::Ne,
            Cond::Ne => Cond::Eq,
            Cond::Lt => Cond::Ge,
            Cond::Ge => Cond::Lt,
            Cond::Ltu => Cond::Geu,
            Cond::Geu => Cond::Ltu,
        }
    }

    fn encode(self, rs1: Reg, rs2: Reg, offset: i32) -> u32 {
        match self {
            Cond::Eq => enc::beq(rs1, rs2, offset),
            Cond::Ne => enc::bne(rs1, rs2, offset),
            Cond::Lt => enc::blt(rs1, rs2, offset),
            Cond::Ge => enc::bge(rs1, rs2, offset),
            Cond::Ltu => enc::bltu(rs1, rs2, offset),
            Cond::Geu => enc::bgeu(rs1, rs2, offset),
        }
    }
}

/// A place in the code, bound or still to be.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Label(u32);

impl Label {
    /// Labels are numbered in the order that they are made in.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

#[derive(Clone, Copy, Debug)]
enum Fixup {
    /// Conditional branch number `n` of the code, to be encoded again with its offset.
    Branch {
        n: u32,
        cond: Cond,
        rs1: Reg,
        rs2: Reg,
    },
    Jump,
    /// `auipc` + load of pool word `index`; the load is an `fld` to `f` where that is given.
    Pool {
        index: u32,
        base: Reg,
        load: Loaded,
    },
}

#[derive(Clone, Copy, Debug)]
enum Loaded {
    X(Reg),
    F(Reg),
}

/// Finished code.
#[derive(Debug)]
pub struct Bytes {
    pub bytes: Vec<u8>,
    pub spans: Vec<Span>,
    /// The branches and jumps to labels.
    pub sites: Vec<(Label, Site)>,
}

/// A branch or jump that can be sent elsewhere.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Site {
    /// Offset from the start of the code.
    pub at: u32,
    /// Condition and registers of a branch; None for a jump.
    condition: Option<(Cond, u8, u8)>,
}

impl Site {
    /// The instruction for a site at address `from` to go to `to` instead, if it reaches.
    pub fn retarget(self, from: u64, to: u64) -> Option<[u8; 4]> {
        let offset = to.wrapping_sub(from) as i64;
        let reach = if self.condition.is_some() { 1 << 12 } else { 1 << 20 };
        if !(-reach..reach).contains(&offset) {
            return None;
        }
        let offset = offset as i32;
        let word = match self.condition {
            Some((cond, rs1, rs2)) => cond.encode(rs1.into(), rs2.into(), offset),
            None => enc::jal(ZERO, offset),
        };
        Some(word.to_le_bytes())
    }
}

/// Why code is not finished.
#[derive(Debug)]
pub enum Unfinished {
    /// These branches (by number) need the long form.
    Far(Vec<u32>),
    /// More than a `jal` reaches.
    TooLong,
}

/// See the module.
pub struct Asm<'a> {
    base: u64,
    code: Vec<u8>,
    spans: Vec<Span>,
    labels: Vec<Option<u32>>,
    fixups: Vec<(u32, Label, Fixup)>,
    pool: Vec<u64>,
    branches: u32,
    long: &'a FxHashSet<u32>,
    role: (Role, &'static str),
}

/// Whether `v` fits a signed 12-bit immediate.
pub fn fits12(v: i64) -> bool {
    (-2048..2048).contains(&v)
}

/// The low 32 bits of `v` as `upper + lower`, for `lui`/`auipc` and a signed 12-bit immediate.
pub fn split(v: i64) -> (i32, i32) {
    let low = ((v << 52) >> 52) as i32;
    ((v as i32).wrapping_sub(low), low)
}

/// Whether `lui` and a signed 12-bit immediate make `v`.
fn fits_lui(v: i64) -> bool {
    (i64::from(i32::MIN)..=0x7fff_f7ff).contains(&v)
}

/// A jump between two addresses; 4 bytes if they are within 1 MiB, else 8 bytes, and then it changes `temp`.
pub fn far_jump(from: u64, to: u64, temp: Reg) -> Vec<u8> {
    let (first, second) = jump_words(from, to, temp);
    let mut code = first.to_le_bytes().to_vec();
    code.extend(second.into_iter().flat_map(u32::to_le_bytes));
    code
}

fn jump_words(from: u64, to: u64, temp: Reg) -> (u32, Option<u32>) {
    let offset = to.wrapping_sub(from) as i64;
    if (-(1 << 20)..1 << 20).contains(&offset) {
        return (enc::jal(ZERO, offset as i32), None);
    }
    let (upper, lower) = split(offset);
    (enc::auipc(temp, upper), Some(enc::jalr(ZERO, lower, temp)))
}

/// A jump to an address within 1 MiB.
pub fn near_jump(from: u64, to: u64) -> [u8; 4] {
    enc::jal(ZERO, to.wrapping_sub(from) as i32).to_le_bytes()
}

impl<'a> Asm<'a> {
    /// Starts code at address `base` (a multiple of 8), with the branches in `long` in long form.
    pub fn new(base: u64, long: &'a FxHashSet<u32>) -> Asm<'a> {
        const INSTRUCTIONS: usize = 512;
        Asm {
            base,
            code: Vec::with_capacity(4 * INSTRUCTIONS),
            spans: Vec::with_capacity(INSTRUCTIONS),
            labels: Vec::new(),
            fixups: Vec::new(),
            pool: Vec::new(),
            branches: 0,
            long,
            role: (Role::Exec, "-"),
        }
    }

    /// How many labels were made.
    pub fn labels(&self) -> usize {
        self.labels.len()
    }

    /// Offset of the next instruction.
    pub fn here(&self) -> u32 {
        self.code.len() as u32
    }

    pub fn address(&self) -> u64 {
        self.base + self.code.len() as u64
    }

    /// The purpose of the instructions that follow.
    pub fn role(&mut self, role: Role, kind: &'static str) {
        self.role = (role, kind);
    }

    /// Appends an instruction.
    pub fn put(&mut self, word: u32) {
        self.spans.push(Span { at: self.here(), len: 4, role: self.role.0, kind: self.role.1 });
        self.code.extend(word.to_le_bytes());
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }

    pub fn bind(&mut self, label: Label) {
        self.labels[label.0 as usize] = Some(self.here());
    }

    /// The offset of a bound label.
    pub fn offset(&self, label: Label) -> Option<u32> {
        self.labels[label.0 as usize]
    }

    /// Branches to the label if the condition holds; executes one instruction if it does not, two at most if it does.
    pub fn branch(&mut self, cond: Cond, rs1: Reg, rs2: Reg, to: Label) {
        let n = self.branches;
        self.branches += 1;
        if self.long.contains(&n) {
            self.put(cond.inverted().encode(rs1, rs2, 8));
            self.jump(to);
        } else {
            self.fixups.push((self.here(), to, Fixup::Branch { n, cond, rs1, rs2 }));
            self.put(cond.encode(rs1, rs2, 0));
        }
    }

    /// Branches over a jump to the label, always: the form that [`super::Style::Naive`] gives its guards.
    pub fn branch_over_jump(&mut self, cond: Cond, rs1: Reg, rs2: Reg, to: Label) {
        self.put(cond.inverted().encode(rs1, rs2, 8));
        self.jump(to);
    }

    pub fn jump(&mut self, to: Label) {
        self.fixups.push((self.here(), to, Fixup::Jump));
        self.put(enc::jal(ZERO, 0));
    }

    /// Jumps to an address anywhere; may change `temp`.
    pub fn jump_address(&mut self, to: u64, temp: Reg) {
        let (first, second) = jump_words(self.address(), to, temp);
        self.put(first);
        if let Some(second) = second {
            self.put(second);
        }
    }

    /// Calls code at an address anywhere; changes ra.
    pub fn call_address(&mut self, to: u64) {
        let offset = to.wrapping_sub(self.address()) as i64;
        if (-(1 << 20)..1 << 20).contains(&offset) {
            self.put(enc::jal(RA, offset as i32));
        } else if fits_lui(to as i64) {
            let (upper, lower) = split(to as i64);
            self.put(enc::lui(RA, upper));
            self.put(enc::jalr(RA, lower, RA));
        } else if fits_lui(offset) {
            let (upper, lower) = split(offset);
            self.put(enc::auipc(RA, upper));
            self.put(enc::jalr(RA, lower, RA));
        } else {
            self.pool_x(RA, to);
            self.put(enc::jalr(RA, 0, RA));
        }
    }

    /// Loads the upper part of a low address; the lower part, to be the offset of a load or store. None: not a low address.
    pub fn upper(&mut self, rd: Reg, address: u64) -> Option<i32> {
        if !fits_lui(address as i64) {
            return None;
        }
        let (upper, lower) = split(address as i64);
        self.put(enc::lui(rd, upper));
        Some(lower)
    }

    /// Loads the word at an address anywhere.
    pub fn load_absolute(&mut self, rd: Reg, address: u64) {
        let lower = self.upper(rd, address).unwrap_or_else(|| {
            self.pool_x(rd, address);
            0
        });
        self.put(enc::ld(rd, lower, rd));
    }

    /// Loads a constant, in as few instructions as there are: at most two.
    pub fn li(&mut self, rd: Reg, value: i64) {
        if fits12(value) {
            return self.put(enc::addi(rd, ZERO, value as i32));
        }
        let zeros = value.trailing_zeros();
        let (upper, lower) = split(value);
        if value == i64::from(value as i32) && lower == 0 {
            self.put(enc::lui(rd, upper));
        } else if value == i64::from(value as i32) {
            // Sign-extends from 32 bits, which `lui` of 0x80000 needs.
            self.put(enc::lui(rd, upper));
            self.put(enc::addiw(rd, rd, lower));
        } else if fits12(value >> zeros) {
            self.put(enc::addi(rd, ZERO, (value >> zeros) as i32));
            self.put(enc::slli(rd, rd, zeros));
        } else if zeros >= 12 && i64::from((value >> (zeros - 12)) as i32) == value >> (zeros - 12) {
            self.put(enc::lui(rd, (value >> (zeros - 12)) as i32));
            self.put(enc::slli(rd, rd, zeros - 12));
        } else if (value as u64).wrapping_add(1).is_power_of_two() {
            self.put(enc::addi(rd, ZERO, -1));
            self.put(enc::srli(rd, rd, value.leading_zeros()));
        } else {
            self.pool_x(rd, value as u64);
        }
    }

    fn pool_index(&mut self, bits: u64) -> u32 {
        let at = self.pool.iter().position(|&p| p == bits).unwrap_or_else(|| {
            self.pool.push(bits);
            self.pool.len() - 1
        });
        at as u32
    }

    fn pool_load(&mut self, base: Reg, load: Loaded, bits: u64) {
        let index = self.pool_index(bits);
        // The label is not used: a pool word's place follows from its index.
        self.fixups.push((self.here(), Label(u32::MAX), Fixup::Pool { index, base, load }));
        self.put(enc::auipc(base, 0));
        self.put(match load {
            Loaded::X(rd) => enc::ld(rd, 0, base),
            Loaded::F(rd) => enc::fld(rd, 0, base),
        });
    }

    /// Loads a constant from the trace's constants: `auipc` and `ld`.
    pub fn pool_x(&mut self, rd: Reg, bits: u64) {
        self.pool_load(rd, Loaded::X(rd), bits);
    }

    /// Loads a constant to an f register: `auipc` and `fld`, the address in `temp`.
    pub fn pool_f(&mut self, rd: Reg, bits: u64, temp: Reg) {
        self.pool_load(temp, Loaded::F(rd), bits);
    }

    /// Resolves labels and appends the constants.
    pub fn finish(mut self) -> Result<Bytes, Unfinished> {
        self.code.resize(self.code.len().next_multiple_of(8), 0);
        let pool_at = self.here();
        for i in 0..self.pool.len() {
            let bits = self.pool[i].to_le_bytes();
            self.code.extend(bits);
        }
        let mut far = Vec::new();
        let mut sites = Vec::with_capacity(self.fixups.len());
        for i in 0..self.fixups.len() {
            let (at, label, fixup) = self.fixups[i];
            match fixup {
                Fixup::Branch { n, cond, rs1, rs2 } => {
                    let offset = self.distance(at, label);
                    sites.push((label, Site { at, condition: Some((cond, rs1 as u8, rs2 as u8)) }));
                    if (-4096..4096).contains(&offset) {
                        self.replace(at, cond.encode(rs1, rs2, offset));
                    } else {
                        far.push(n);
                    }
                }
                Fixup::Jump => {
                    let offset = self.distance(at, label);
                    if !(-(1 << 20)..1 << 20).contains(&offset) {
                        return Err(Unfinished::TooLong);
                    }
                    sites.push((label, Site { at, condition: None }));
                    self.replace(at, enc::jal(ZERO, offset));
                }
                Fixup::Pool { index, base, load } => {
                    let (upper, lower) = split(i64::from(pool_at + 8 * index) - i64::from(at));
                    self.replace(at, enc::auipc(base, upper));
                    self.replace(
                        at + 4,
                        match load {
                            Loaded::X(rd) => enc::ld(rd, lower, base),
                            Loaded::F(rd) => enc::fld(rd, lower, base),
                        },
                    );
                }
            }
        }
        if far.is_empty() {
            Ok(Bytes { bytes: self.code, spans: self.spans, sites })
        } else {
            Err(Unfinished::Far(far))
        }
    }

    /// # Panics
    /// If the label was never bound: a fault in the emitter that every test of the operation meets.
    fn distance(&self, at: u32, label: Label) -> i32 {
        let to = self.offset(label).expect("label bound");
        to as i32 - at as i32
    }

    fn replace(&mut self, at: u32, word: u32) {
        self.code[at as usize..at as usize + 4].copy_from_slice(&word.to_le_bytes());
    }
}
