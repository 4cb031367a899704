//! What is in memory and in a register as well: a guest register that has just been written to its place in the hart need
//! not be read from there, which would take as long as the write takes to arrive.

use super::regs::Gpr;
use iced_x86::{Code, Instruction, MemoryOperand, Mnemonic, OpKind, Register};

/// Bytes of a place in the hart that is written as a whole.
const PLACE: i64 = 8;

/// Places in the hart, and the registers that hold the same. It holds from one instruction to the next, and must be
/// forgotten where control comes from elsewhere.
#[derive(Default)]
pub struct Held(Vec<(i64, Gpr)>);

impl Held {
    /// Nothing is known.
    pub fn forget(&mut self) {
        self.0.clear();
    }

    /// Instead of the memory operand number `n` of an instruction with this code: the register with the same value.
    pub fn instead(&self, code: Code, n: u32, operand: &MemoryOperand) -> Option<Register> {
        let place = place(operand.base, operand.index, operand.displacement)?;
        let register = self.0.iter().find(|held| held.0 == place)?.1;
        // What is written must be written to memory.
        if n == 0 && !only_reads(code.mnemonic()) {
            return None;
        }
        use Code as C;
        Some(match code {
            C::Mov_r64_rm64 | C::Add_r64_rm64 | C::Sub_r64_rm64 | C::And_r64_rm64 => register.r64(),
            C::Or_r64_rm64 | C::Xor_r64_rm64 | C::Imul_r64_rm64 | C::Cmp_r64_rm64 => register.r64(),
            C::Cmp_rm64_r64 | C::Cmp_rm64_imm8 | C::Cmp_rm64_imm32 => register.r64(),
            C::Movsxd_r64_rm32 | C::Mov_r32_rm32 | C::Add_r32_rm32 | C::Sub_r32_rm32 => register.r32(),
            C::And_r32_rm32 | C::Or_r32_rm32 | C::Xor_r32_rm32 | C::Imul_r32_rm32 => register.r32(),
            C::Cmp_r32_rm32 | C::Cmp_rm32_r32 | C::Cmp_rm32_imm8 | C::Cmp_rm32_imm32 => register.r32(),
            C::Movzx_r32_rm16 | C::Movsx_r64_rm16 => register.r16(),
            C::Movzx_r32_rm8 | C::Movsx_r64_rm8 => register.r8(),
            _ => return None,
        })
    }

    /// Takes note of an instruction that is executed now.
    pub fn note(&mut self, i: &Instruction) {
        let stores = i.code() == Code::Mov_rm64_r64 && i.op0_kind() == OpKind::Memory;
        if self.0.is_empty() && !stores {
            return;
        }
        if !writes_one_place(i) {
            return self.forget();
        }
        if only_reads(i.mnemonic()) {
            return;
        }
        match i.op0_kind() {
            OpKind::Register => {
                let written = Gpr::of(i.op0_register());
                self.0.retain(|held| Some(held.1) != written);
            }
            OpKind::Memory => {
                let displacement = i.memory_displacement64() as i64;
                let Some(at) = place(i.memory_base(), i.memory_index(), displacement) else { return };
                self.0.retain(|held| (held.0 - at).abs() >= PLACE);
                if let Some(register) = Gpr::of(i.op1_register()).filter(|_| stores) {
                    self.0.push((at, register));
                }
            }
            _ => {}
        }
    }
}

/// Displacement of a place in the hart.
fn place(base: Register, index: Register, displacement: i64) -> Option<i64> {
    (base == Register::RBP && index == Register::None).then_some(displacement)
}

/// Whether an instruction changes none of its operands.
fn only_reads(mnemonic: Mnemonic) -> bool {
    matches!(mnemonic, Mnemonic::Cmp | Mnemonic::Test)
}

/// Whether an instruction is known to change nothing but its first operand, and the flags.
fn writes_one_place(i: &Instruction) -> bool {
    use Mnemonic as M;
    match i.mnemonic() {
        M::Mov | M::Movzx | M::Movsx | M::Movsxd | M::Lea | M::Cmp | M::Test => true,
        M::Add | M::Sub | M::And | M::Or | M::Xor | M::Not | M::Neg | M::Shl | M::Shr | M::Sar => true,
        M::Shlx | M::Shrx | M::Sarx | M::Movsd | M::Movss | M::Movq | M::Movd => true,
        M::Imul => i.op_count() > 1,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(displacement: i64) -> MemoryOperand {
        MemoryOperand::with_base_displ(Register::RBP, displacement)
    }

    /// After a store of RDX to the place 0x18.
    fn stored() -> Held {
        let mut held = Held::default();
        held.note(&Instruction::with2(Code::Mov_rm64_r64, at(0x18), Register::RDX).expect("fits"));
        held
    }

    #[test]
    fn what_was_stored_is_in_the_register() {
        let held = stored();
        let instead = |code, n, displacement| held.instead(code, n, &at(displacement));
        assert_eq!(instead(Code::Mov_r64_rm64, 1, 0x18), Some(Register::RDX));
        assert_eq!(instead(Code::Movsxd_r64_rm32, 1, 0x18), Some(Register::EDX));
        assert_eq!(instead(Code::Movzx_r32_rm16, 1, 0x18), Some(Register::DX));
        assert_eq!(instead(Code::Movzx_r32_rm8, 1, 0x18), Some(Register::DL));
        assert_eq!(instead(Code::Cmp_rm64_imm8, 0, 0x18), Some(Register::RDX));
        // Another place, a place that is written, and an operand that cannot be a general register.
        assert_eq!(instead(Code::Mov_r64_rm64, 1, 0x20), None);
        assert_eq!(instead(Code::Add_rm64_imm8, 0, 0x18), None);
        assert_eq!(instead(Code::Mov_rm64_r64, 0, 0x18), None);
        assert_eq!(instead(Code::Movsd_xmm_xmmm64, 1, 0x18), None);
        let guest = MemoryOperand::with_base_displ(Register::RBX, 0x18);
        assert_eq!(held.instead(Code::Mov_r64_rm64, 1, &guest), None);
    }

    #[test]
    fn it_is_forgotten_when_either_changes() {
        let keeps = |i: Result<Instruction, _>| {
            let mut held = stored();
            held.note(&i.expect("fits"));
            held.instead(Code::Mov_r64_rm64, 1, &at(0x18)).is_some()
        };
        use Register::*;
        assert!(keeps(Instruction::with2(Code::Mov_r64_rm64, RAX, RDX)));
        assert!(keeps(Instruction::with2(Code::Cmp_rm64_imm8, RDX, 1)));
        assert!(keeps(Instruction::with2(Code::Mov_rm64_imm32, at(0x20), 1)));
        assert!(keeps(Instruction::with2(
            Code::Mov_rm64_r64,
            MemoryOperand::with_base_displ(RDX, 0x18),
            RAX
        )));
        for changes in [
            Instruction::with2(Code::Mov_r32_rm32, EDX, EAX),
            Instruction::with2(Code::Mov_r8_rm8, DL, AL),
            Instruction::with2(Code::Mov_rm64_imm32, at(0x18), 1),
            Instruction::with2(Code::Mov_rm8_imm8, at(0x1c), 1),
            Instruction::with2(Code::Add_rm64_imm8, at(0x18), 1),
            // These write more than their operands say.
            Instruction::with1(Code::Mul_rm64, RCX),
            Instruction::with1(Code::Div_rm64, RCX),
            Ok(Instruction::with(Code::Cqo)),
            Instruction::with2(Code::Xchg_rm64_r64, RAX, RDX),
        ] {
            let what = format!("{changes:?}");
            assert!(!keeps(changes), "{what}");
        }
        // The place is RAX now.
        let mut held = stored();
        held.note(&Instruction::with2(Code::Mov_rm64_r64, at(0x18), RAX).expect("fits"));
        assert_eq!(held.instead(Code::Mov_r64_rm64, 1, &at(0x18)), Some(RAX));
    }
}
