//! Rejects malformed traces, so that a fault of an earlier pass is an error with its place and not wrong code.

use super::CompileError;
use crate::ir::{Arg, Descr, NO_EXIT, Op, Opcode, Trace};
use crate::object::Kind;

/// Kind letters of an opcode's operands (i, f, r, x = int or ref, * = any number of any) and of its result (- = none).
pub fn signature(code: Opcode) -> (&'static str, &'static str) {
    use Opcode::*;
    match code {
        Input | LabelArg => ("", "*"),
        FrameLoad | DeadSlot => ("", "r"),
        FrameAddr => ("", "i"),
        FrameStore => ("x", "-"),
        IntAdd | IntSub | IntMul | IntAnd | IntOr | IntXor | IntLshift | IntRshift | UintRshift
        | IntFloorDiv | IntFloorMod | IntLt | IntLe | IntEq | IntNe | UintLt | IntAddOvf | IntSubOvf
        | IntMulOvf => ("ii", "i"),
        IntNeg | IntInvert => ("i", "i"),
        FloatAdd | FloatSub | FloatMul | FloatDiv => ("ff", "f"),
        FloatNeg | FloatAbs | FloatSqrt => ("f", "f"),
        FloatLt | FloatLe | FloatEq | FloatNe => ("ff", "i"),
        IntToFloat | BitsToFloat => ("i", "f"),
        FloatToInt | FloatToBits => ("f", "i"),
        PtrEq | PtrNe => ("rr", "i"),
        ClassOf => ("r", "i"),
        GetfieldI => ("r", "i"),
        GetfieldF => ("r", "f"),
        GetfieldR => ("r", "r"),
        Setfield => ("r.", "-"),
        SetClass => ("r", "-"),
        GetitemI => ("ri", "i"),
        GetitemF => ("ri", "f"),
        GetitemR => ("ri", "r"),
        Setitem => ("ri.", "-"),
        New | NewArray => ("", "r"),
        CallI => ("*", "i"),
        CallF => ("*", "f"),
        CallR => ("*", "r"),
        CallN => ("*", "-"),
        GuardTrue | GuardFalse => ("i", "-"),
        GuardValue => ("xx", "-"),
        GuardClass | GuardNonnullClass | GuardNonnull | GuardIsnull => ("r", "-"),
        GuardNoException | GuardNotInvalidated | GuardNoCollect | GuardFrameSpace | GuardCountdown => {
            ("", "-")
        }
        GuardException => ("", "r"),
        Observe => (".", "-"),
        Label | Jump | JumpEntry => ("*", "-"),
        FrameMove | JumpHead | Leave => ("", "-"),
        Return => ("*", "-"),
    }
}

fn is_kind(letter: u8, kind: Kind) -> bool {
    match letter {
        b'i' => kind == Kind::Int,
        b'f' => kind == Kind::Float,
        b'r' => kind == Kind::Ref,
        b'x' => kind != Kind::Float,
        _ => true,
    }
}

fn wants_exit(code: Opcode) -> bool {
    use Opcode::*;
    matches!(
        code,
        GuardTrue
            | GuardFalse
            | GuardValue
            | GuardClass
            | GuardNonnullClass
            | GuardNonnull
            | GuardIsnull
            | GuardNoException
            | GuardException
            | GuardNotInvalidated
            | GuardNoCollect
            | GuardFrameSpace
            | GuardCountdown
            | IntAddOvf
            | IntSubOvf
            | IntMulOvf
            | Leave
    )
}

fn ends_trace(code: Opcode) -> bool {
    matches!(code, Opcode::Jump | Opcode::JumpEntry | Opcode::JumpHead | Opcode::Return | Opcode::Leave)
}

fn descr_fits(op: &Op) -> bool {
    use Opcode::*;
    match op.code {
        FrameLoad | FrameStore | FrameAddr | GuardFrameSpace | GuardCountdown | FrameMove | JumpHead
        | Input | LabelArg | Jump | JumpEntry => {
            matches!(op.descr, Descr::Number(_))
        }
        GetfieldI | GetfieldF | GetfieldR => matches!(op.descr, Descr::Field(_)),
        Setfield => matches!(op.descr, Descr::Field(_) | Descr::FreshField(_)),
        GetitemI | GetitemF | GetitemR => matches!(op.descr, Descr::Array(_)),
        Setitem => matches!(op.descr, Descr::Array(_) | Descr::FreshArray(_)),
        SetClass | GuardClass | GuardNonnullClass => matches!(op.descr, Descr::Class(_)),
        New | NewArray => matches!(op.descr, Descr::New { .. }),
        CallI | CallF | CallR | CallN => {
            matches!(op.descr, Descr::Call(c) if c.args.len() <= 7 && c.args.len() == op.args.as_slice().len())
        }
        Observe => matches!(op.descr, Descr::Site { .. }),
        _ => true,
    }
}

/// Checks what the code generator relies on.
pub fn check(trace: &Trace) -> Result<(), CompileError> {
    let mut label_args = 0;
    for (at, op) in trace.ops.iter().enumerate() {
        let bad = |what| Err(CompileError::BadTrace { trace: trace.id, op: at, what });
        let (operands, result) = signature(op.code);
        let args = op.args.as_slice();
        if operands != "*" && operands.len() != args.len() {
            return bad("wrong number of operands");
        }
        for (i, &arg) in args.iter().enumerate() {
            let Some(kind) = earlier(trace, arg, at) else { return bad("operand is not an earlier result") };
            if !is_kind(operands.as_bytes().get(i).copied().unwrap_or(b'.'), kind) {
                return bad("operand of the wrong kind");
            }
        }
        let kind_fits = match result {
            "-" => op.kind.is_none(),
            "*" => op.kind.is_some(),
            letter => op.kind.is_some_and(|k| is_kind(letter.as_bytes()[0], k)),
        };
        if !kind_fits {
            return bad("result of the wrong kind");
        }
        if !descr_fits(op) {
            return bad("wrong descriptor");
        }
        if wants_exit(op.code) != (op.exit != NO_EXIT) {
            return bad("exit missing or not allowed");
        }
        if op.exit != NO_EXIT {
            let Some(exit) = trace.exits.get(op.exit as usize) else { return bad("no such exit") };
            if exit.live.iter().any(|&a| a.as_op().is_none() || earlier(trace, a, at).is_none()) {
                return bad("live value of the exit is not an earlier result");
            }
        }
        if op.code == Opcode::GuardValue && args[1].as_const().is_none() {
            return bad("guard_value without a constant");
        }
        match op.code {
            Opcode::Label if label_args != 0 => return bad("second label"),
            Opcode::Label => {
                label_args = args.len();
                let follow = &trace.ops[at + 1..];
                let whole = follow.len() >= args.len()
                    && follow.iter().zip(args).all(|(f, &a)| {
                        f.code == Opcode::LabelArg && f.kind.map(is_float) == trace.kind_of(a).map(is_float)
                    });
                if !whole {
                    return bad("label arguments do not follow their label");
                }
            }
            Opcode::Jump if matches!(op.descr, Descr::Number(t) if t == i64::from(trace.id)) => {
                match trace.ops.iter().position(|o| o.code == Opcode::Label) {
                    Some(l) if trace.ops[l].args.as_slice().len() == args.len() => {}
                    _ => return bad("jump does not fit the label"),
                }
            }
            Opcode::Input => {
                let fits = (trace.bridge_of.is_some() || !trace.entry.is_empty())
                    && trace.ops[..at].iter().all(|o| o.code == Opcode::Input);
                if !fits {
                    return bad("input not at the start of a bridge or a typed entry");
                }
            }
            Opcode::Return if args.len() > 1 || args.iter().any(|&a| trace.kind_of(a) != Some(Kind::Ref)) => {
                return bad("returns something that is not a reference");
            }
            Opcode::DeadSlot => return bad("only recordings have it"),
            Opcode::FrameMove if at + 2 != trace.ops.len() => return bad("frame_move not last but one"),
            _ => {}
        }
        if ends_trace(op.code) != (at + 1 == trace.ops.len()) {
            return bad("the trace does not end where it should");
        }
    }
    if trace.ops.is_empty() {
        return Err(CompileError::BadTrace { trace: trace.id, op: 0, what: "empty trace" });
    }
    Ok(())
}

fn is_float(kind: Kind) -> bool {
    kind == Kind::Float
}

/// The kind of an operand that is a constant, or the result of an operation before `at`.
fn earlier(trace: &Trace, arg: Arg, at: usize) -> Option<Kind> {
    match arg.as_const() {
        Some(n) => trace.consts.get(n).map(|c| c.kind()),
        None => arg.as_op().filter(|&n| n < at).and_then(|n| trace.ops[n].kind),
    }
}
