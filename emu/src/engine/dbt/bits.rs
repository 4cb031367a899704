//! Builtins that count, reverse or look up bits.

use super::emit::{Emitter, Gen, Unsupported};
use super::regs::Gpr;
use super::simplify::constant;
use iced_x86::{Code, MemoryOperand};
use isa_spec::sem::{Builtin, Expr};

/// Whether [`Emitter::bits_call`] knows the call, if the host has the instruction.
pub fn is_bits(builtin: Builtin, args: &[Expr]) -> bool {
    match builtin {
        Builtin::CountLeadingZeros(_)
        | Builtin::CountTrailingZeros(_)
        | Builtin::PopCount(_)
        | Builtin::ByteReverse => true,
        Builtin::WatchValid => args.first().and_then(constant).is_some(),
        _ => false,
    }
}

impl Emitter {
    /// `dst = builtin(args)`, zeros above its width.
    pub(super) fn bits_call(&mut self, builtin: Builtin, args: &[Expr], dst: Gpr) -> Gen {
        let [arg] = args else { return Err(Unsupported) };
        let host = self.runtime.host;
        let code = match builtin {
            Builtin::CountLeadingZeros(32) if host.lzcnt => Code::Lzcnt_r32_rm32,
            Builtin::CountLeadingZeros(64) if host.lzcnt => Code::Lzcnt_r64_rm64,
            Builtin::CountTrailingZeros(32) if host.bmi1 => Code::Tzcnt_r32_rm32,
            Builtin::CountTrailingZeros(64) if host.bmi1 => Code::Tzcnt_r64_rm64,
            Builtin::PopCount(32) if host.popcnt => Code::Popcnt_r32_rm32,
            Builtin::PopCount(64) if host.popcnt => Code::Popcnt_r64_rm64,
            Builtin::ByteReverse => {
                let t = self.temp()?;
                self.into(arg, t)?;
                self.asm.r(Code::Bswap_r64, t.r64());
                self.asm.rr(Code::Mov_r64_rm64, dst.r64(), t.r64());
                self.release(t);
                return Ok(());
            }
            Builtin::WatchValid => {
                let token = constant(arg).ok_or(Unsupported)?;
                let t = self.temp()?;
                self.number(t, self.runtime.watch + token);
                self.asm.rm(Code::Movzx_r32_rm8, dst.r32(), MemoryOperand::with_base(t.r64()));
                self.release(t);
                return Ok(());
            }
            _ => return Err(Unsupported),
        };
        let t = self.temp()?;
        self.into(arg, t)?;
        let wide = arg.width == 64;
        self.asm.rr(code, dst.sized(wide), t.sized(wide));
        self.release(t);
        Ok(())
    }
}
