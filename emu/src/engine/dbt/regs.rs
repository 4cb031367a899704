//! Which host register holds which guest register.
//!
//! At the edges between superblocks guest registers are where [`Assignment::convention`] says: those that
//! compilers use most are in host registers, the others in the hart. A superblock that loops may use an
//! assignment of its own inside, made from what it uses.

use super::template::Templates;
use super::trace::{Flow, Trace};
use super::walk::{Written, for_each_expression, for_each_part, for_each_write};
use iced_x86::{MemoryOperand, Register};
use isa_spec::sem::{Expr, ExprKind, Reg};
use std::sync::LazyLock;

/// A general register of the host, 0..=15 as in its encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Gpr(pub u8);

/// A vector register of the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Xmm(pub u8);

pub const RAX: Gpr = Gpr(0);
pub const RCX: Gpr = Gpr(1);
pub const RDX: Gpr = Gpr(2);
/// Middle of the hart's integer registers: they are all within a byte's displacement.
pub const HART: Gpr = Gpr(5);
/// Instructions until [`Hart::stop_at`](crate::Hart::stop_at).
pub const BUDGET: Gpr = Gpr(15);

/// Registers for intermediate values.
pub const TEMPS: [Gpr; 3] = [RAX, RCX, RDX];
/// Vector registers for intermediate values.
pub const XMM_TEMPS: [Xmm; 3] = [Xmm(0), Xmm(1), Xmm(2)];

/// Registers that hold guest registers.
const HOMES: [u8; 10] = [3, 6, 7, 8, 9, 10, 11, 12, 13, 14];
/// Vector registers that hold guest registers.
const XMM_HOMES: [u8; 13] = [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

impl Gpr {
    /// The register that this one is, or is the low part of.
    pub fn of(register: Register) -> Option<Gpr> {
        let from = |first: Register, last: Register, number: u8| {
            let inside = (first as u8..=last as u8).contains(&(register as u8));
            inside.then(|| Gpr(number + (register as u8 - first as u8)))
        };
        use Register::*;
        from(RAX, R15, 0)
            .or_else(|| from(EAX, R15D, 0))
            .or_else(|| from(AX, R15W, 0))
            .or_else(|| from(AL, BL, 0))
            .or_else(|| from(SPL, R15L, 4))
    }

    /// The register at full width.
    pub fn r64(self) -> Register {
        use Register::*;
        [RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15][usize::from(self.0)]
    }

    /// Its low 32 bits.
    pub fn r32(self) -> Register {
        use Register::*;
        [EAX, ECX, EDX, EBX, ESP, EBP, ESI, EDI, R8D, R9D, R10D, R11D, R12D, R13D, R14D, R15D]
            [usize::from(self.0)]
    }

    /// Its low 16 bits.
    pub fn r16(self) -> Register {
        use Register::*;
        [AX, CX, DX, BX, SP, BP, SI, DI, R8W, R9W, R10W, R11W, R12W, R13W, R14W, R15W][usize::from(self.0)]
    }

    /// Its low 8 bits.
    pub fn r8(self) -> Register {
        use Register::*;
        [AL, CL, DL, BL, SPL, BPL, SIL, DIL, R8L, R9L, R10L, R11L, R12L, R13L, R14L, R15L]
            [usize::from(self.0)]
    }

    /// 64 bits, or 32.
    pub fn sized(self, wide: bool) -> Register {
        if wide { self.r64() } else { self.r32() }
    }
}

impl Xmm {
    /// The register.
    pub fn reg(self) -> Register {
        use Register::*;
        [XMM0, XMM1, XMM2, XMM3, XMM4, XMM5, XMM6, XMM7, XMM8, XMM9, XMM10, XMM11, XMM12, XMM13, XMM14, XMM15]
            [usize::from(self.0)]
    }
}

/// Where the guest registers are; those without a host register are in the hart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub x: [Option<Gpr>; 32],
    pub f: [Option<Xmm>; 32],
}

impl Assignment {
    /// The assignment at the edges of superblocks: a0–a5, s0, s1, sp, ra; fa0–fa7, ft0–ft4.
    pub fn convention() -> &'static Assignment {
        static CONVENTION: LazyLock<Assignment> = LazyLock::new(|| {
            let x = [10, 15, 14, 13, 8, 11, 12, 2, 9, 1];
            let f = [10, 11, 12, 13, 14, 15, 16, 17, 0, 1, 2, 3, 4];
            Assignment::of(&x, &f)
        });
        &CONVENTION
    }

    /// Everything in the hart, as the rest of the emulator knows it.
    pub fn in_hart() -> Assignment {
        Assignment { x: [None; 32], f: [None; 32] }
    }

    fn of(x: &[usize], f: &[usize]) -> Assignment {
        let mut out = Assignment::in_hart();
        for (&g, &home) in x.iter().zip(&HOMES) {
            out.x[g] = Some(Gpr(home));
        }
        for (&g, &home) in f.iter().zip(&XMM_HOMES) {
            out.f[g] = Some(Xmm(home));
        }
        out
    }

    /// An assignment for code that uses the registers as often as said. Registers that the convention holds
    /// in a host register stay there.
    pub fn for_uses(x: &[u32; 32], f: &[u32; 32]) -> Assignment {
        let base = Assignment::convention();
        Assignment { x: choose(&base.x, x, &HOMES.map(Gpr)), f: choose(&base.f, f, &XMM_HOMES.map(Xmm)) }
    }
}

/// The assignment for a loop: the registers that it uses.
pub fn own(trace: &Trace, templates: &Templates) -> Assignment {
    let (mut x, mut f) = ([0u32; 32], [0u32; 32]);
    let mut count = |e: &Expr| {
        for_each_part(e, &mut |e| match e.kind {
            ExprKind::ReadX(Reg::Fixed(n)) => x[usize::from(n)] += 1,
            ExprKind::ReadF(Reg::Fixed(n)) => f[usize::from(n)] += 1,
            _ => {}
        });
    };
    let seen = || trace.steps.iter().filter(|step| !step.unseen);
    for step in seen() {
        match &step.flow {
            Flow::Branch { cond, .. } | Flow::Skip { cond, .. } => count(cond),
            Flow::Guess { target, .. } | Flow::Indirect { target } => count(target),
            Flow::Fall => {}
        }
        for_each_expression(step.what.body(templates), &mut count);
    }
    for step in seen() {
        for_each_write(step.what.body(templates), &mut |r, _| match r {
            Written::X(n) => x[usize::from(n)] += 1,
            Written::F(n) => f[usize::from(n)] += 1,
        });
    }
    Assignment::for_uses(&x, &f)
}

/// The registers that are used most get a home: their own by the convention if they have one.
fn choose<R: Copy + PartialEq>(base: &[Option<R>; 32], uses: &[u32; 32], homes: &[R]) -> [Option<R>; 32] {
    let mut order: Vec<usize> = (0..32).filter(|&g| uses[g] > 0 || base[g].is_some()).collect();
    // Used ones first; among equals those that need not move.
    order.sort_by_key(|&g| (std::cmp::Reverse(uses[g]), base[g].is_none(), g));
    order.truncate(homes.len());
    let mut out = [None; 32];
    for &g in &order {
        out[g] = base[g];
    }
    let mut free = homes.iter().copied().filter(|h| !out.contains(&Some(*h))).collect::<Vec<_>>();
    for g in order {
        if out[g].is_none() {
            out[g] = free.pop();
        }
    }
    out
}

/// `[base + displacement]`
pub fn at(base: Gpr, displacement: i64) -> MemoryOperand {
    MemoryOperand::with_base_displ(base.r64(), displacement)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_register_by_any_of_its_names() {
        for gpr in (0..16).map(Gpr) {
            for register in [gpr.r64(), gpr.r32(), gpr.r16(), gpr.r8()] {
                assert_eq!(Gpr::of(register), Some(gpr), "{register:?}");
            }
        }
        assert_eq!(Gpr::of(Register::XMM0), None);
    }
}
