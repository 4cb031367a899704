//! The typed semantic IR: the meaning of one instruction, checked and explicit.
//!
//! This is the only input of the interpreter generator and of any DBT lowering. An instruction's
//! [`Body`] is a list of statements over expression trees and single-typed locals; everything that
//! touches the machine is a node of its own:
//!
//! * register reads and writes name an encoding *field* ([`Reg::Field`]) or a fixed register;
//! * memory is [`ExprKind::Load`] and [`Stmt::Store`] (natural meaning: little endian, width in bits);
//!   they may trap, nothing else about them is hidden;
//! * the program counter is read by [`ExprKind::Pc`] (address of this instruction) and written by
//!   [`Stmt::Jump`]; a body without an executed `Jump` falls through to `pc + len`;
//! * CSRs by [`ExprKind::ReadCsr`] and [`Stmt::WriteCsr`];
//! * a failing guard is [`Stmt::GuardFail`], which ends the instruction;
//! * everything else is a [`Builtin`] with a fixed signature.
//!
//! Order of evaluation is the order of statements, and left to right inside an expression. A trap ends the
//! instruction at that point; bodies are written (and checked by test) so that no register was written before.
//!
//! Types: every expression has a width in bits, 1..=128, and an unsigned bit-pattern value. Signedness is
//! in the operators ([`BinOp::LtS`], [`BinOp::Sra`], [`ExprKind::SignExtend`]). A Boolean is a one-bit value.

use serde::{Deserialize, Serialize};

/// A register operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Reg {
    /// The register that `Insn::fields[n]` names.
    Field(usize),
    /// A register that the encoding implies, e.g. x2 of `c.addi4spn`.
    Fixed(u8),
    /// The register after the one that `Insn::fields[n]` names: the upper half of an even-odd pair. The
    /// encoding excludes x31 and odd numbers; bodies test for x0 themselves.
    Next(usize),
}

/// Index into [`Body::locals`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalId(pub usize);

/// A local variable; assigned before use on every path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Local {
    pub name: String,
    pub width: u8,
}

/// An instruction's meaning.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Body {
    pub locals: Vec<Local>,
    pub stmts: Vec<Stmt>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Stmt {
    /// Assigns a local; widths are equal.
    Set(LocalId, Expr),
    /// Writes an integer register (64 bits); x0 ignores it.
    WriteX(Reg, Expr),
    /// Writes a floating-point register (64 bits).
    WriteF(Reg, Expr),
    /// Writes a CSR: number (12 bits) and value (64 bits). May trap (absent or read-only CSR).
    WriteCsr(Expr, Expr),
    /// Stores `value`, whose width is 8, 16, 32 or 64, at a 64-bit address. May trap.
    Store {
        addr: Expr,
        value: Expr,
    },
    /// Sets the next pc (64 bits; bit 0 is zero).
    Jump(Expr),
    /// A guard fails with this value for `mj.gval`; ends the instruction.
    GuardFail(Expr),
    If {
        cond: Expr,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    /// A builtin called for its effect.
    Effect(Builtin, Vec<Expr>),
}

/// An expression with the width of its value in bits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expr {
    pub kind: ExprKind,
    pub width: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ExprKind {
    Const(u128),
    Local(LocalId),
    /// The value of an encoding field, truncated to `width` (a sign-extended field of n bits has width n).
    Field(usize),
    /// Integer register, 64 bits; x0 reads 0.
    ReadX(Reg),
    /// Floating-point register, 64 bits, raw.
    ReadF(Reg),
    /// CSR by number; 64 bits. May trap.
    ReadCsr(Box<Expr>),
    /// Address of this instruction, 64 bits.
    Pc,
    /// Loads `width` (8, 16, 32, 64) bits from a 64-bit address. May trap.
    Load(Box<Expr>),
    Unary(UnOp, Box<Expr>),
    Binary(BinOp, Box<Expr>, Box<Expr>),
    /// Condition (1 bit), value if set, value if clear. Only the chosen side is evaluated.
    Select(Box<Expr>, Box<Expr>, Box<Expr>),
    /// Bits `hi..=lo` of a value; `width == hi - lo + 1`.
    Slice(Box<Expr>, u8, u8),
    /// Parts, most significant first.
    Concat(Vec<Expr>),
    ZeroExtend(Box<Expr>),
    SignExtend(Box<Expr>),
    Call(Builtin, Vec<Expr>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnOp {
    /// Two's complement negation.
    Neg,
    /// Bitwise not (on one bit: logical not).
    Not,
}

/// Operands have equal widths, except that a shift amount may have any width (its value is below the
/// width of the shifted operand, or the result is 0 (sign fill for [`BinOp::Sra`])).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    /// Full product of unsigned operands; the result has the sum of the widths.
    MulWideU,
    /// Full product of signed operands.
    MulWideS,
    /// Full product, left signed, right unsigned.
    MulWideSU,
    /// Unsigned quotient and remainder; all ones and the dividend for a zero divisor, as `divu` and `remu`.
    DivU,
    RemU,
    /// Signed, rounding to zero; -1 and the dividend for a zero divisor; the most negative value over -1 wraps.
    DivS,
    RemS,
    And,
    Or,
    Xor,
    Shl,
    Shr,
    Sra,
    Eq,
    Ne,
    LtU,
    LeU,
    LtS,
    LeS,
    /// One-bit operands; the right one is evaluated only if needed.
    AndAlso,
    OrElse,
}

/// Read-modify-write operations of the A extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AmoOp {
    Swap,
    Add,
    Xor,
    And,
    Or,
    Min,
    Max,
    Minu,
    Maxu,
}

/// Two-operand floating-point arithmetic that rounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FpArith {
    Add,
    Sub,
    Mul,
    Div,
}

/// Floating-point comparisons; `Eq` is quiet, `Lt` and `Le` signal on any NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FpCompare {
    Eq,
    Lt,
    Le,
}

/// Integer types of floating-point conversions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum IntType {
    I32,
    U32,
    I64,
    U64,
}

impl IntType {
    pub fn width(self) -> u8 {
        match self {
            IntType::I32 | IntType::U32 => 32,
            IntType::I64 | IntType::U64 => 64,
        }
    }
}

/// Operations with a name. `w` is the width of the operand: 16, 32 or 64 for floating-point numbers, 32 or 64
/// for the rest unless said otherwise. Floating-point ones set the accrued exception flags; a rounding mode is a 3-bit value 0..=4 that
/// [`Builtin::RoundingMode`] made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Builtin {
    /// rm field (3 bits) → mode; 7 reads `frm`; an invalid mode is an illegal instruction.
    RoundingMode,
    /// 32 → 64 bits, upper half all ones.
    NanBox,
    /// 64 → 32 bits; the canonical NaN if the upper half is not all ones.
    NanUnbox,
    /// (a, b, mode) → w
    Fp(FpArith, u8),
    /// (a, mode) → w
    FpSqrt(u8),
    /// (a, b, c, mode) → a*b+c, rounded once
    FpMulAdd(u8),
    /// (a, b) → w, minimumNumber / maximumNumber
    FpMin(u8),
    FpMax(u8),
    /// (a, b) → 1 bit
    FpCompare(FpCompare, u8),
    /// (a) → 10-bit class mask
    FpClass(u8),
    /// (a, mode) → integer, saturating
    FpToInt(u8, IntType),
    /// (integer, mode) → w
    IntToFp(IntType, u8),
    /// (a, mode): 32 → 64
    FpWiden,
    /// (a, mode): 64 → 32
    FpNarrow,
    /// (a, mode): conversions from the first width to the second, one of which is 16.
    FpConvert(u8, u8),
    /// (a, mode) → w: rounded to an integral value. With `true` a changed value is inexact.
    FpRound(u8, bool),
    /// (index: 5 bits) → w: the constant of `fli`, see [`fp_constant`].
    FpConstant(u8),
    /// (a: w) → w: zeros above the highest set bit; w for 0.
    CountLeadingZeros(u8),
    /// (a: w) → w: zeros below the lowest set bit; w for 0.
    CountTrailingZeros(u8),
    /// (a: w) → w: number of set bits.
    PopCount(u8),
    /// (a: 64) → 64: bytes in the opposite order.
    ByteReverse,
    /// (a: 64, b: 64) → 128: product of polynomials over GF(2).
    CarrylessMultiply,
    /// (addr) → w: load and make a reservation
    LoadReserved(u8),
    /// (addr, value) → 1 bit, 1 = stored. May trap.
    StoreConditional(u8),
    /// (addr, value) → old value. May trap.
    Amo(AmoOp, u8),
    /// (addr, expected, value) → old value; stores `value` if the old value is the expected one. w is 32, 64
    /// or 128. May trap.
    CompareSwap(u8),
    /// (addr): writes zeros to the aligned block of [`CACHE_BLOCK`] bytes around the address, all of it or
    /// nothing; effect. May trap.
    ZeroBlock,
    /// (token: 12 bits) → 1 bit: something is watched under the token, and no store has hit it.
    WatchValid,
    /// Environment call; effect.
    Ecall,
    /// Breakpoint; effect.
    Ebreak,
    /// (pred, succ): memory ordering; effect.
    Fence,
    /// Instruction fetches after it see earlier stores; effect.
    FenceI,
    /// Illegal instruction; effect; ends the instruction.
    Illegal,
    /// (site: 12 bits, value: 64 bits): pattern observation; effect, never traps.
    ObserveValue,
    /// (site: 12 bits, object address: 64 bits): pattern observation; effect, never traps.
    ObserveType,
    /// (number: 12 bits): phase mark; effect.
    Phase,
    /// (number: 12 bits): region of interest; effect.
    Roi,
}

/// Bytes in a cache block, for the cache-block operations (Zic64b: 64).
pub const CACHE_BLOCK: u64 = 64;

/// The number that `fli` with this index loads, as a bit pattern of the format of `width` bits: 16, 32 or 64
/// (unprivileged manual, \"Zfa\", table of immediates). In half precision 2^-16 and 2^-15 are subnormal and 2^16
/// is infinity.
pub fn fp_constant(width: u8, index: u8) -> u64 {
    // (power of two, quarters added to a significand of one)
    const NORMAL: [(i32, u64); 28] = [
        (-16, 0),
        (-15, 0),
        (-8, 0),
        (-7, 0),
        (-4, 0),
        (-3, 0),
        (-2, 0),
        (-2, 1),
        (-2, 2),
        (-2, 3),
        (-1, 0),
        (-1, 1),
        (-1, 2),
        (-1, 3),
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
        (1, 0),
        (1, 1),
        (1, 2),
        (2, 0),
        (3, 0),
        (4, 0),
        (7, 0),
        (8, 0),
        (15, 0),
        (16, 0),
    ];
    let (fraction, bias): (u32, i32) = match width {
        16 => (10, 15),
        32 => (23, 127),
        _ => (52, 1023),
    };
    let all_ones = (1u64 << (u32::from(width).max(16) - 1 - fraction)) - 1;
    let assemble = |exponent: u64, quarters: u64| exponent << fraction | quarters << (fraction - 2);
    match index & 31 {
        0 => 1 << (width.max(16) - 1) | assemble(bias as u64, 0),
        1 => assemble(1, 0),
        30 => assemble(all_ones, 0),
        31 => assemble(all_ones, 2),
        n => {
            let (power, quarters) = NORMAL[usize::from(n) - 2];
            match power + bias {
                e if e <= 0 => 1 << (fraction as i32 - 1 + e),
                e if e as u64 >= all_ones => assemble(all_ones, 0),
                e => assemble(e as u64, quarters),
            }
        }
    }
}

impl Body {
    /// Whether a `Jump` occurs anywhere: the instruction can leave the straight line on success.
    pub fn jumps(&self) -> bool {
        any_stmt(&self.stmts, &mut |s| matches!(s, Stmt::Jump(_)))
    }

    /// Whether the instruction must see an exact machine state or changes how later ones run (system
    /// calls, traps, CSRs, `fence.i`, phase marks): the last one of a translated block.
    pub fn serializes(&self) -> bool {
        any_stmt(&self.stmts, &mut |s| {
            matches!(
                s,
                Stmt::WriteCsr(..)
                    | Stmt::Effect(
                        Builtin::Ecall
                            | Builtin::Ebreak
                            | Builtin::FenceI
                            | Builtin::Illegal
                            | Builtin::Phase
                            | Builtin::Roi,
                        _
                    )
            )
        }) || self.any_expr(&mut |e| matches!(e.kind, ExprKind::ReadCsr(_)))
    }

    /// Whether any expression satisfies `f`.
    pub fn any_expr(&self, f: &mut dyn FnMut(&Expr) -> bool) -> bool {
        any_stmt(&self.stmts, &mut |s| match s {
            Stmt::Set(_, e)
            | Stmt::WriteX(_, e)
            | Stmt::WriteF(_, e)
            | Stmt::Jump(e)
            | Stmt::GuardFail(e) => any_in(e, f),
            Stmt::WriteCsr(a, b) | Stmt::Store { addr: a, value: b } => any_in(a, f) || any_in(b, f),
            Stmt::If { cond, .. } => any_in(cond, f),
            Stmt::Effect(_, args) => args.iter().any(|a| any_in(a, f)),
        })
    }
}

fn any_stmt(stmts: &[Stmt], f: &mut dyn FnMut(&Stmt) -> bool) -> bool {
    stmts.iter().any(|s| {
        f(s) || match s {
            Stmt::If { then, otherwise, .. } => any_stmt(then, f) || any_stmt(otherwise, f),
            _ => false,
        }
    })
}

fn any_in(e: &Expr, f: &mut dyn FnMut(&Expr) -> bool) -> bool {
    f(e) || match &e.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Field(_)
        | ExprKind::ReadX(_)
        | ExprKind::ReadF(_)
        | ExprKind::Pc => false,
        ExprKind::ReadCsr(a)
        | ExprKind::Load(a)
        | ExprKind::Unary(_, a)
        | ExprKind::Slice(a, _, _)
        | ExprKind::ZeroExtend(a)
        | ExprKind::SignExtend(a) => any_in(a, f),
        ExprKind::Binary(_, a, b) => any_in(a, f) || any_in(b, f),
        ExprKind::Select(a, b, c) => any_in(a, f) || any_in(b, f) || any_in(c, f),
        ExprKind::Concat(list) | ExprKind::Call(_, list) => list.iter().any(|a| any_in(a, f)),
    }
}
