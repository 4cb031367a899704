//! What is done to a code when all of it is there: locals that are certainly bound are loaded without a check, and frequent pairs of
//! bytecodes become one.

use crate::bytecode::Op;
use crate::code::Spec;

/// The jump target in a bytecode.
pub fn target(op: &mut Op) -> Option<&mut u32> {
    match op {
        Op::Jump(t)
        | Op::PopJumpIfFalse(t)
        | Op::PopJumpIfTrue(t)
        | Op::JumpIfFalseOrPop(t)
        | Op::JumpIfTrueOrPop(t)
        | Op::PopJumpIfNone(t)
        | Op::PopJumpIfNotNone(t)
        | Op::ForIter(t)
        | Op::JumpIfNoMatch(t)
        | Op::Delegate(t)
        | Op::CompareJump { target: t, .. } => Some(t),
        _ => None,
    }
}

/// Does control never go on to the next bytecode?
pub fn ends(op: Op) -> bool {
    matches!(op, Op::Jump(_) | Op::Return | Op::Raise(_) | Op::Reraise | Op::ReturnGenerator(_))
}

/// Replaces [`Op::LoadFastCheck`] where every way to it binds the local. Codes of more than 64 locals stay as they are.
pub fn drop_checks(spec: &mut Spec) {
    if spec.locals.len() > 64 || !spec.ops.iter().any(|op| matches!(op, Op::LoadFastCheck(_))) {
        return;
    }
    let count = spec.ops.len();
    let bound_at_entry = spec.free_start + spec.free_count;
    // Bit n: local n is bound when the bytecode begins.
    let mut bound = vec![u64::MAX; count];
    bound[0] = if bound_at_entry >= 64 { u64::MAX } else { (1 << bound_at_entry) - 1 };
    loop {
        let mut changed = false;
        for i in 0..count {
            let here = bound[i];
            let mut op = spec.ops[i];
            let after = match op {
                Op::StoreFast(slot) | Op::MakeCell(slot) | Op::StartGenerator(slot) => here | 1 << slot,
                Op::DeleteFast(slot) | Op::ClearFast(slot) => here & !(1 << slot),
                // What was loaded was bound.
                Op::LoadFastCheck(slot) => here | 1 << slot,
                _ => here,
            };
            let mut flow = |to: usize, state: u64| {
                if to < count && bound[to] & state != bound[to] {
                    bound[to] &= state;
                    changed = true;
                }
            };
            if let Some(target) = target(&mut op) {
                flow(*target as usize, after);
            }
            if !ends(op) {
                flow(i + 1, after);
                // These skip the next bytecode where they did all the work.
                if finishes(op) {
                    flow(i + 2, after);
                }
            }
            for handler in &spec.handlers {
                if handler.start as usize <= i && i < handler.end as usize {
                    flow(handler.target as usize, here & after);
                }
            }
        }
        if !changed {
            break;
        }
    }
    for (op, bound) in spec.ops.iter_mut().zip(bound) {
        if let Op::LoadFastCheck(slot) = *op
            && bound & 1 << slot != 0
        {
            *op = Op::LoadFast(slot);
        }
    }
}

/// One bytecode for two that follow each other.
fn pair(first: Op, second: Op) -> Option<Op> {
    Some(match (first, second) {
        (Op::LoadGlobal(global), Op::PushNull) => Op::LoadGlobalNull(global),
        (Op::LoadFast(a), Op::LoadFast(b)) => {
            Op::LoadFastFast { first: u16::try_from(a).ok()?, second: u16::try_from(b).ok()? }
        }
        (Op::LoadFast(slot), Op::LoadConst(constant)) => {
            Op::LoadFastConst { slot: u16::try_from(slot).ok()?, constant: u16::try_from(constant).ok()? }
        }
        (Op::LoadFast(slot), Op::LoadAttr { name, cache }) => {
            Op::LoadFastAttr { slot: u8::try_from(slot).ok()?, name, cache }
        }
        (Op::LoadFast(slot), Op::LoadMethod { name, cache }) => {
            Op::LoadFastMethod { slot: u8::try_from(slot).ok()?, name, cache }
        }
        _ => return None,
    })
}

/// Joins pairs. Positions change: targets and handlers with them.
pub fn join_pairs(spec: &mut Spec) {
    let count = spec.ops.len();
    // Bytecodes that may be reached otherwise than from the one before, or that are bounds of handlers.
    let mut entered = vec![false; count + 1];
    for op in &mut spec.ops {
        if let Some(target) = target(op) {
            entered[*target as usize] = true;
        }
    }
    for handler in &spec.handlers {
        for at in [handler.start, handler.end, handler.target] {
            entered[at as usize] = true;
        }
    }
    let mut moved = vec![0u32; count + 1];
    let mut ops = Vec::with_capacity(count);
    let mut lines = Vec::with_capacity(count);
    let mut i = 0;
    while i < count {
        moved[i] = ops.len() as u32;
        lines.push(spec.lines[i]);
        let joined = match spec.ops.get(i + 1) {
            Some(second) if !entered[i + 1] && (i == 0 || !finishes(spec.ops[i - 1])) => {
                pair(spec.ops[i], *second)
            }
            _ => None,
        };
        match joined {
            Some(op) => {
                // An attribute's error belongs to the attribute's line.
                if let Some(line) = lines.last_mut() {
                    *line = spec.lines[i + 1];
                }
                ops.push(op);
                i += 1;
                moved[i] = ops.len() as u32 - 1;
            }
            None => ops.push(spec.ops[i]),
        }
        i += 1;
    }
    moved[count] = ops.len() as u32;
    for op in &mut ops {
        if let Some(target) = target(op) {
            *target = moved[*target as usize];
        }
    }
    for handler in &mut spec.handlers {
        for at in [&mut handler.start, &mut handler.end, &mut handler.target] {
            *at = moved[*at as usize];
        }
    }
    spec.ops = ops;
    spec.lines = lines;
}

/// Is the next bytecode part of this one, which may skip it?
pub fn finishes(op: Op) -> bool {
    matches!(op, Op::CompareJump { .. } | Op::UnpackSequence(_) | Op::UnpackEx { .. } | Op::ListExtend)
}
