//! Writes x86-64 instructions: iced-x86 encodes them, this keeps the bytes and the labels.

use super::code::may_change_in_one_step;
use super::held::Held;
use super::regs::{BUDGET, HART};
use iced_x86::{Code, Encoder, IcedError, Instruction, MemoryOperand, Register};

/// A place in the code, perhaps not known yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label(usize);

/// Condition of a jump, as in the low four bits of its opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Cc {
    O = 0,
    No = 1,
    B = 2,
    Ae = 3,
    E = 4,
    Ne = 5,
    Be = 6,
    A = 7,
    S = 8,
    Ns = 9,
    P = 10,
    Np = 11,
    L = 12,
    Ge = 13,
    Le = 14,
    G = 15,
}

impl Cc {
    /// The opposite condition.
    pub fn not(self) -> Cc {
        Cc::from_bits(self as u8 ^ 1)
    }

    /// The condition that holds when the operands of the comparison are exchanged.
    pub fn swapped(self) -> Cc {
        match self {
            Cc::B => Cc::A,
            Cc::A => Cc::B,
            Cc::Ae => Cc::Be,
            Cc::Be => Cc::Ae,
            Cc::L => Cc::G,
            Cc::G => Cc::L,
            Cc::Le => Cc::Ge,
            Cc::Ge => Cc::Le,
            same => same,
        }
    }

    fn from_bits(bits: u8) -> Cc {
        use Cc::*;
        [O, No, B, Ae, E, Ne, Be, A, S, Ns, P, Np, L, Ge, Le, G][usize::from(bits & 15)]
    }
}

/// A number that code has a hole for, where the placeholder for it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Open {
    /// 32 bits, sign-extended where the host's instruction does so.
    Narrow,
    /// 64 bits.
    Wide,
}

impl Open {
    /// Placeholder for a number of 32 bits: negative and long, so that no shorter or zero-extending form is chosen.
    pub const NARROW: i32 = -0x5a71_9c3b;
    /// Placeholder for a number of 64 bits, which has no shorter form.
    pub const WIDE: u64 = 0x3a5c_e1b7_90d2_4f86;
}

/// The displacement of a jump to a label, to fill in.
struct Fixup {
    /// Offset past the displacement, which ends the jump.
    end: usize,
    to: Label,
    /// Whether it is one byte, and not four.
    short: bool,
}

/// Code that can be anywhere.
pub struct Piece<'a> {
    pub code: &'a [u8],
    /// Where the placeholders in it are.
    pub holes: &'a [(usize, Open)],
}

/// Code under construction, to run at a known address.
pub struct Asm {
    encoder: Encoder,
    base: u64,
    bytes: Vec<u8>,
    /// Offset of each label, once placed.
    labels: Vec<Option<usize>>,
    fixups: Vec<Fixup>,
    /// Whether nothing since [`Asm::begin_movable`] depends on where the code is, labels apart.
    movable: bool,
    /// Where placeholders were written since then.
    holes: Vec<(usize, Open)>,
    held: Held,
    /// The first instruction that could not be encoded.
    error: Option<IcedError>,
}

impl Asm {
    /// Empty code that will run at `base`.
    pub fn new(base: u64) -> Asm {
        Asm {
            encoder: Encoder::new(64),
            base,
            bytes: Vec::with_capacity(1024),
            labels: Vec::new(),
            fixups: Vec::new(),
            movable: false,
            holes: Vec::new(),
            held: Held::default(),
            error: None,
        }
    }

    /// Begins other code, which will run at `base`.
    pub fn begin(&mut self, base: u64) {
        self.base = base;
        self.bytes.clear();
        self.labels.clear();
        self.fixups.clear();
        self.movable = false;
        self.holes.clear();
        self.held.forget();
        self.error = None;
    }

    /// From here on it is watched whether the code depends on its place.
    pub fn begin_movable(&mut self) {
        self.movable = true;
        self.holes.clear();
        // What comes before will be something else.
        self.held.forget();
    }

    /// The code from the offset on, where [`Asm::begin_movable`] was called, if it can be anywhere: no jumps, no addresses
    /// relative to it.
    pub fn movable_since(&self, start: usize) -> Option<&[u8]> {
        let jumps = self.fixups.last().is_some_and(|fixup| fixup.end > start);
        (self.movable && !jumps).then(|| &self.bytes[start..])
    }

    /// All the code, with its holes, if it can be anywhere: jumps stay inside of it.
    pub fn movable(&mut self) -> Option<Piece<'_>> {
        if self.error.is_some() || !self.movable {
            return None;
        }
        self.resolve().ok()?;
        Some(Piece { code: &self.bytes, holes: &self.holes })
    }

    /// Takes back the last instruction if it is a conditional jump and there is no other jump. Returns its condition.
    pub fn take_jump(&mut self) -> Option<Cc> {
        let [Fixup { end, short: false, .. }] = self.fixups[..] else { return None };
        let start = self.bytes.len().checked_sub(6)?;
        let [0x0f, opcode, ..] = self.bytes[start..] else { return None };
        if end != self.bytes.len() {
            return None;
        }
        self.bytes.truncate(start);
        self.fixups.clear();
        Some(Cc::from_bits(opcode))
    }

    /// Finished code. Returns the copy.
    pub fn copy(&mut self, code: &[u8]) -> &mut [u8] {
        let start = self.bytes.len();
        self.held.forget();
        self.bytes.extend_from_slice(code);
        &mut self.bytes[start..]
    }

    /// Makes room for so many bytes more.
    pub fn reserve(&mut self, bytes: usize) {
        self.bytes.reserve(bytes);
    }

    /// The code so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Address of the next instruction.
    pub fn here(&self) -> u64 {
        self.base + self.bytes.len() as u64
    }

    fn put(&mut self, instruction: Result<Instruction, IcedError>) {
        let (start, at) = (self.bytes.len(), self.here());
        let result = instruction.and_then(|i| {
            self.movable &= !i.is_ip_rel_memory_operand();
            self.held.note(&i);
            self.encoder.set_buffer(std::mem::take(&mut self.bytes));
            let result = self.encoder.encode(&i, at);
            self.bytes = self.encoder.take_buffer();
            if self.movable {
                self.note_holes(start);
            }
            result
        });
        if let Err(e) = result {
            self.error.get_or_insert(e);
        }
    }

    /// Notes the placeholders in the instruction that was written last, from `start` on.
    fn note_holes(&mut self, start: usize) {
        let offsets = self.encoder.get_constant_offsets();
        let parts = [
            (offsets.displacement_offset(), offsets.displacement_size()),
            (offsets.immediate_offset(), offsets.immediate_size()),
        ];
        for (offset, size) in parts.into_iter().filter(|&(_, size)| size != 0) {
            let at = start + offset;
            let bytes = &self.bytes[at..at + size];
            if bytes == Open::NARROW.to_le_bytes() {
                self.holes.push((at, Open::Narrow));
            } else if bytes == Open::WIDE.to_le_bytes() {
                self.holes.push((at, Open::Wide));
            }
        }
    }

    /// An instruction without operands.
    pub fn op(&mut self, code: Code) {
        self.put(Ok(Instruction::with(code)));
    }

    /// One register.
    pub fn r(&mut self, code: Code, a: Register) {
        self.put(Instruction::with1(code, a));
    }

    /// One place in memory.
    pub fn m(&mut self, code: Code, a: MemoryOperand) {
        self.put(Instruction::with1(code, a));
    }

    /// Two registers.
    pub fn rr(&mut self, code: Code, a: Register, b: Register) {
        self.put(Instruction::with2(code, a, b));
    }

    /// Register and memory, or what holds the same as the memory.
    pub fn rm(&mut self, code: Code, a: Register, b: MemoryOperand) {
        match self.held.instead(code, 1, &b) {
            Some(r) if r == a && code == Code::Mov_r64_rm64 => {}
            Some(r) => self.rr(code, a, r),
            None => self.put(Instruction::with2(code, a, b)),
        }
    }

    /// Memory and register.
    pub fn mr(&mut self, code: Code, a: MemoryOperand, b: Register) {
        match self.held.instead(code, 0, &a) {
            Some(r) => self.rr(code, r, b),
            None => self.put(Instruction::with2(code, a, b)),
        }
    }

    /// Memory and register, in one step for everyone who sees the memory.
    pub fn locked(&mut self, code: Code, a: MemoryOperand, b: Register) {
        self.put_locked(Instruction::with2(code, a, b));
    }

    /// As [`Asm::locked`], with a number.
    pub fn locked_imm(&mut self, code: Code, a: MemoryOperand, b: i32) {
        self.put_locked(Instruction::with2(code, a, b));
    }

    fn put_locked(&mut self, instruction: Result<Instruction, IcedError>) {
        self.put(instruction.map(|mut i| {
            i.set_has_lock_prefix(true);
            i
        }));
    }

    /// Register and number.
    pub fn ri(&mut self, code: Code, a: Register, b: i32) {
        self.put(Instruction::with2(code, a, b));
    }

    /// Register and 64-bit number (`mov`).
    pub fn ri64(&mut self, code: Code, a: Register, b: u64) {
        self.put(Instruction::with2(code, a, b));
    }

    /// Memory and number.
    pub fn mi(&mut self, code: Code, a: MemoryOperand, b: i32) {
        match self.held.instead(code, 0, &a) {
            Some(r) => self.ri(code, r, b),
            None => self.put(Instruction::with2(code, a, b)),
        }
    }

    /// Three registers.
    pub fn rrr(&mut self, code: Code, a: Register, b: Register, c: Register) {
        self.put(Instruction::with3(code, a, b, c));
    }

    /// Two registers and a number.
    pub fn rri(&mut self, code: Code, a: Register, b: Register, c: i32) {
        self.put(Instruction::with3(code, a, b, c));
    }

    /// A label that has no place yet.
    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    /// Places a label here.
    pub fn bind(&mut self, label: Label) {
        self.held.forget();
        self.labels[label.0] = Some(self.bytes.len());
    }

    /// `jmp label`
    pub fn jmp(&mut self, to: Label) {
        self.bytes.extend([0xe9, 0, 0, 0, 0]);
        self.fixups.push(Fixup { end: self.bytes.len(), to, short: false });
    }

    /// `jcc label`
    pub fn jcc(&mut self, cc: Cc, to: Label) {
        self.bytes.extend([0x0f, 0x80 | cc as u8, 0, 0, 0, 0]);
        self.fixups.push(Fixup { end: self.bytes.len(), to, short: false });
    }

    /// `jcc label` to a place that is less than 128 bytes further.
    pub fn jcc_short(&mut self, cc: Cc, to: Label) {
        self.bytes.extend([0x70 | cc as u8, 0]);
        self.fixups.push(Fixup { end: self.bytes.len(), to, short: true });
    }

    /// `jmp` to an absolute address in reach.
    pub fn jmp_to(&mut self, target: u64) {
        self.movable = false;
        self.bytes.push(0xe9);
        let end = self.here() + 4;
        self.bytes.extend((target.wrapping_sub(end) as u32).to_le_bytes());
    }

    /// `jmp` to the next instruction, to be sent elsewhere, perhaps while others execute it. Returns the offset past it,
    /// for patching.
    pub fn jmp_to_patch(&mut self) -> usize {
        const NOPS: [&[u8]; 4] = [&[], &[0x90], &[0x66, 0x90], &[0x0f, 0x1f, 0x00]];
        let at = self.here() + 1;
        let pad = (0..4).find(|&n| may_change_in_one_step(at + n)).unwrap_or_default();
        self.movable = false;
        self.bytes.extend(NOPS[pad as usize]);
        self.bytes.extend([0xe9, 0, 0, 0, 0]);
        self.bytes.len()
    }

    /// `add qword ptr [rsp + displacement], 1`
    pub fn count(&mut self, displacement: i32) {
        self.bytes.extend([0x48, 0x83, 0x84, 0x24]);
        self.bytes.extend(displacement.to_le_bytes());
        self.bytes.push(1);
    }

    /// `lea budget, [budget - n]`, which keeps the flags.
    pub fn take_from_budget(&mut self, n: i32) {
        const { assert!(BUDGET.0 == 15) };
        // It may have been stored.
        self.held.forget();
        match i8::try_from(-n) {
            Ok(less) => self.bytes.extend([0x4d, 0x8d, 0x7f, less as u8]),
            Err(_) => {
                self.bytes.extend([0x4d, 0x8d, 0xbf]);
                self.bytes.extend((-n).to_le_bytes());
            }
        }
    }

    /// `test budget, budget`
    pub fn test_budget(&mut self) {
        const { assert!(BUDGET.0 == 15) };
        self.bytes.extend([0x4d, 0x85, 0xff]);
    }

    /// `mov [hart + displacement], rax`
    pub fn store_rax(&mut self, displacement: i32) {
        const { assert!(HART.0 == 5) };
        self.held.forget();
        self.bytes.extend([0x48, 0x89, 0x85]);
        self.bytes.extend(displacement.to_le_bytes());
    }

    /// Goes to where a table says that code for the address in rax is, if it does: its entries are an address and a target,
    /// and `mask` of the address, times 8, is the offset of one. `table` is from the stack pointer.
    pub fn look_up(&mut self, table: i32, mask: i32) {
        self.held.forget();
        // mov ecx, eax; and ecx, mask
        self.bytes.extend([0x89, 0xc1, 0x81, 0xe1]);
        self.bytes.extend(mask.to_le_bytes());
        // cmp rax, [rsp + 8 * rcx + table]
        self.bytes.extend([0x48, 0x3b, 0x84, 0xcc]);
        self.bytes.extend(table.to_le_bytes());
        // jne behind; jmp [rsp + 8 * rcx + table + 8]
        self.bytes.extend([0x75, 7, 0xff, 0xa4, 0xcc]);
        self.bytes.extend((table + 8).to_le_bytes());
    }

    /// `mov eax, number`
    pub fn eax(&mut self, number: u32) {
        self.held.forget();
        self.bytes.push(0xb8);
        self.bytes.extend(number.to_le_bytes());
    }

    /// The finished bytes. Error: an instruction could not be encoded, or a label that is used has no place.
    pub fn finish(&mut self) -> Result<&[u8], String> {
        if let Some(e) = &self.error {
            return Err(e.to_string());
        }
        self.resolve()?;
        Ok(&self.bytes)
    }

    /// Fills the displacements of jumps to labels in.
    fn resolve(&mut self) -> Result<(), String> {
        for Fixup { end, to, short } in self.fixups.drain(..) {
            let target = self.labels[to.0].ok_or_else(|| format!("the jump at {end} goes nowhere"))?;
            let displacement = (target as i64 - end as i64) as i32;
            if short {
                let near =
                    i8::try_from(displacement).map_err(|_| format!("the jump at {end} is not short"))?;
                self.bytes[end - 1] = near as u8;
            } else {
                self.bytes[end - 4..end].copy_from_slice(&displacement.to_le_bytes());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::regs::{HART, RAX, RCX};
    use super::*;

    /// What iced-x86 makes of it.
    fn encoded(write: impl FnOnce(&mut Asm)) -> Vec<u8> {
        let mut asm = Asm::new(0x1000);
        write(&mut asm);
        asm.finish().expect("instructions of the host").to_vec()
    }

    #[test]
    fn what_is_written_by_hand_is_what_it_says() {
        let at = |base, displacement| MemoryOperand::with_base_displ_size(base, displacement, 8);
        let budget = BUDGET.r64();
        let one = encoded(|a| a.mi(Code::Add_rm64_imm8, at(Register::RSP, 0x12340), 1));
        assert_eq!(encoded(|a| a.count(0x12340)), one);
        for n in [5, 500] {
            let lea = encoded(|a| {
                a.rm(Code::Lea_r64_m, budget, MemoryOperand::with_base_displ(budget, -n));
            });
            assert_eq!(encoded(|a| a.take_from_budget(n as i32)), lea);
        }
        assert_eq!(encoded(Asm::test_budget), encoded(|a| a.rr(Code::Test_rm64_r64, budget, budget)));
        assert_eq!(encoded(|a| a.eax(77)), encoded(|a| a.ri(Code::Mov_r32_imm32, RAX.r32(), 77)));
        let store = encoded(|a| a.mr(Code::Mov_rm64_r64, at(HART.r64(), 0x280), RAX.r64()));
        assert_eq!(encoded(|a| a.store_rax(0x280)), store);
        let entry = |displacement| {
            MemoryOperand::with_base_index_scale_displ_size(Register::RSP, RCX.r64(), 8, displacement, 8)
        };
        let look_up = encoded(|a| {
            let miss = a.label();
            a.rr(Code::Mov_rm32_r32, RCX.r32(), RAX.r32());
            a.ri(Code::And_rm32_imm32, RCX.r32(), 0x1fffe);
            a.rm(Code::Cmp_r64_rm64, RAX.r64(), entry(0x400_0000));
            a.jcc_short(Cc::Ne, miss);
            a.m(Code::Jmp_rm64, entry(0x400_0008));
            a.bind(miss);
        });
        assert_eq!(encoded(|a| a.look_up(0x400_0000, 0x1fffe)), look_up);
    }
}
