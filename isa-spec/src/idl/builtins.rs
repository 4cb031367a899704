//! Names and signatures of the IDL's functions.

use crate::sem::{AmoOp, Builtin, FpArith, FpCompare, IntType};

/// Parameter of a builtin function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Param {
    /// A value of this width.
    Bits(u8),
    /// An ordering bit (`aq`, `rl`): written, but it does not reach the IR, whose atomics are all
    /// sequentially consistent.
    Order,
    /// `AmoOperation::…`
    Amo,
    /// `$encoding`
    Encoding,
}

/// A function of the IDL.
pub struct Function {
    pub params: Vec<Param>,
    /// Width of the result; 0 if it is called for its effect; `None` for a Boolean.
    pub result: Option<u8>,
    pub builtin: Builtin,
    /// May end the instruction early.
    pub traps: bool,
}

/// Names of functions, for messages: the commonest ones of the families `f32_…`.
pub const NAMES: [&str; 34] = [
    "load_reserved",
    "store_conditional",
    "amo",
    "compare_and_swap",
    "count_leading_zeros",
    "count_trailing_zeros",
    "population_count",
    "byte_reverse",
    "carryless_multiply",
    "read_memory",
    "write_memory",
    "jump",
    "guard_fail",
    "rm_to_mode",
    "nan_box",
    "nan_unbox",
    "ecall",
    "ebreak",
    "fence",
    "fence_i",
    "illegal_instruction",
    "observe_value",
    "observe_type",
    "phase",
    "region_of_interest",
    "zero_block",
    "watch_valid",
    "f64_add",
    "f64_sub",
    "f64_mul",
    "f64_div",
    "f64_sqrt",
    "f64_mulAdd",
    "creg2reg",
];

/// Looks a function up by name and `<N>`; `amo` is the operation if one was given.
pub fn function(name: &str, width: Option<u8>, amo: Option<AmoOp>) -> Option<Function> {
    use Param::{Amo, Bits, Encoding, Order};
    let make = |params: &[Param], result: Option<u8>, builtin: Builtin, traps: bool| {
        Some(Function { params: params.to_vec(), result, builtin, traps })
    };
    match (name, width) {
        ("load_reserved", Some(w @ (32 | 64))) => {
            let params = [Bits(64), Order, Order, Encoding];
            return make(&params, Some(w), Builtin::LoadReserved(w), true);
        }
        ("store_conditional", Some(w @ (32 | 64))) => {
            let params = [Bits(64), Bits(w), Order, Order, Encoding];
            return make(&params, None, Builtin::StoreConditional(w), true);
        }
        ("amo", Some(w @ (32 | 64))) => {
            let params = [Bits(64), Bits(w), Amo, Order, Order, Encoding];
            return make(&params, Some(w), Builtin::Amo(amo?, w), true);
        }
        ("compare_and_swap", Some(w @ (32 | 64 | 128))) => {
            let params = [Bits(64), Bits(w), Bits(w), Order, Order, Encoding];
            return make(&params, Some(w), Builtin::CompareSwap(w), true);
        }
        ("count_leading_zeros", Some(w @ (32 | 64))) => {
            return make(&[Bits(w)], Some(w), Builtin::CountLeadingZeros(w), false);
        }
        ("count_trailing_zeros", Some(w @ (32 | 64))) => {
            return make(&[Bits(w)], Some(w), Builtin::CountTrailingZeros(w), false);
        }
        ("population_count", Some(w @ (32 | 64))) => {
            return make(&[Bits(w)], Some(w), Builtin::PopCount(w), false);
        }
        (_, Some(_)) => return None,
        (_, None) => {}
    }
    match name {
        "rm_to_mode" => make(&[Bits(3), Encoding], Some(3), Builtin::RoundingMode, true),
        "nan_box" => make(&[Bits(32)], Some(64), Builtin::NanBox, false),
        "nan_unbox" => make(&[Bits(64)], Some(32), Builtin::NanUnbox, false),
        "ecall" => make(&[], Some(0), Builtin::Ecall, true),
        "ebreak" => make(&[], Some(0), Builtin::Ebreak, true),
        "fence" => make(&[Bits(4), Bits(4)], Some(0), Builtin::Fence, false),
        "fence_i" => make(&[], Some(0), Builtin::FenceI, false),
        "illegal_instruction" => make(&[Encoding], Some(0), Builtin::Illegal, true),
        "observe_value" => make(&[Bits(12), Bits(64)], Some(0), Builtin::ObserveValue, false),
        "observe_type" => make(&[Bits(12), Bits(64)], Some(0), Builtin::ObserveType, false),
        "phase" => make(&[Bits(12)], Some(0), Builtin::Phase, false),
        "region_of_interest" => make(&[Bits(12)], Some(0), Builtin::Roi, false),
        "byte_reverse" => make(&[Bits(64)], Some(64), Builtin::ByteReverse, false),
        "carryless_multiply" => make(&[Bits(64), Bits(64)], Some(128), Builtin::CarrylessMultiply, false),
        "zero_block" => make(&[Bits(64), Encoding], Some(0), Builtin::ZeroBlock, true),
        "watch_valid" => make(&[Bits(12)], None, Builtin::WatchValid, false),
        "f32_to_f64" => make(&[Bits(32), Bits(3)], Some(64), Builtin::FpWiden, false),
        "f64_to_f32" => make(&[Bits(64), Bits(3)], Some(32), Builtin::FpNarrow, false),
        _ => float(name),
    }
}

/// `f16_…`, `f32_…`, `f64_…` and the conversions from integers.
fn float(name: &str) -> Option<Function> {
    use Param::Bits;
    let (head, tail) = name.split_once('_')?;
    let make = |params: Vec<Param>, result: Option<u8>, builtin: Builtin| {
        Some(Function { params, result, builtin, traps: false })
    };
    let float_width = |s: &str| match s {
        "f16" => Some(16),
        "f32" => Some(32),
        "f64" => Some(64),
        _ => None,
    };
    if let Some(int) = int_type(head) {
        let w = float_width(tail.strip_prefix("to_")?)?;
        return make(vec![Bits(int.width()), Bits(3)], Some(w), Builtin::IntToFp(int, w));
    }
    let w = float_width(head)?;
    if let Some(int) = tail.strip_prefix("to_").and_then(int_type) {
        return make(vec![Bits(w), Bits(3)], Some(int.width()), Builtin::FpToInt(w, int));
    }
    if let Some(to) = tail.strip_prefix("to_").and_then(float_width) {
        let half = (w == 16) != (to == 16);
        return half.then(|| make(vec![Bits(w), Bits(3)], Some(to), Builtin::FpConvert(w, to))).flatten();
    }
    let arith = |op| make(vec![Bits(w), Bits(w), Bits(3)], Some(w), Builtin::Fp(op, w));
    let compare = |op| make(vec![Bits(w), Bits(w)], None, Builtin::FpCompare(op, w));
    match tail {
        "add" => arith(FpArith::Add),
        "sub" => arith(FpArith::Sub),
        "mul" => arith(FpArith::Mul),
        "div" => arith(FpArith::Div),
        "sqrt" => make(vec![Bits(w), Bits(3)], Some(w), Builtin::FpSqrt(w)),
        "mulAdd" => make(vec![Bits(w), Bits(w), Bits(w), Bits(3)], Some(w), Builtin::FpMulAdd(w)),
        "min" => make(vec![Bits(w), Bits(w)], Some(w), Builtin::FpMin(w)),
        "max" => make(vec![Bits(w), Bits(w)], Some(w), Builtin::FpMax(w)),
        "eq" => compare(FpCompare::Eq),
        "lt" => compare(FpCompare::Lt),
        "le" => compare(FpCompare::Le),
        "round" => make(vec![Bits(w), Bits(3)], Some(w), Builtin::FpRound(w, false)),
        "round_exact" => make(vec![Bits(w), Bits(3)], Some(w), Builtin::FpRound(w, true)),
        "constant" => make(vec![Bits(5)], Some(w), Builtin::FpConstant(w)),
        "classify" => make(vec![Bits(w)], Some(10), Builtin::FpClass(w)),
        _ => None,
    }
}

fn int_type(name: &str) -> Option<IntType> {
    Some(match name {
        "i32" => IntType::I32,
        "ui32" => IntType::U32,
        "i64" => IntType::I64,
        "ui64" => IntType::U64,
        _ => return None,
    })
}

/// The operation that `AmoOperation::…` names.
pub fn amo_operation(name: &str) -> Option<AmoOp> {
    Some(match name.strip_prefix("AmoOperation::")? {
        "Swap" => AmoOp::Swap,
        "Add" => AmoOp::Add,
        "Xor" => AmoOp::Xor,
        "And" => AmoOp::And,
        "Or" => AmoOp::Or,
        "Min" => AmoOp::Min,
        "Max" => AmoOp::Max,
        "Minu" => AmoOp::Minu,
        "Maxu" => AmoOp::Maxu,
        _ => return None,
    })
}
