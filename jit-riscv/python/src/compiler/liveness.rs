//! Which locals may still be read: those that are not need not be kept by traces.

use super::peephole::{ends, finishes, target};
use crate::bytecode::Op;
use crate::code::{CodeKind, Spec};

/// Locals that a bytecode reads and those that it assigns, as bits.
fn effect(op: Op) -> (u64, u64) {
    let bit = |slot: u32| if slot < 64 { 1 << slot } else { 0 };
    match op {
        Op::LoadFast(slot) | Op::LoadFastCheck(slot) | Op::LoadDeref(slot) | Op::StoreDeref(slot) => {
            (bit(slot), 0)
        }
        Op::DeleteFast(slot) | Op::DeleteDeref(slot) | Op::MakeCell(slot) => (bit(slot), 0),
        Op::StoreFast(slot) | Op::ClearFast(slot) => (0, bit(slot)),
        Op::LoadFastFast { first, second } => (bit(first.into()) | bit(second.into()), 0),
        Op::LoadFastConst { slot, .. } => (bit(slot.into()), 0),
        Op::LoadFastAttr { slot, .. } | Op::LoadFastMethod { slot, .. } => (bit(slot.into()), 0),
        _ => (0, 0),
    }
}

/// For each bytecode the locals that are live when it begins: bit n for local n. Locals from 64 on have no bit and are always live.
/// Empty where the code is none of a function.
pub fn analyse(spec: &Spec) -> Vec<u64> {
    if spec.kind != CodeKind::Function {
        return Vec::new();
    }
    let count = spec.ops.len();
    let mut live = vec![0u64; count + 2];
    loop {
        let mut changed = false;
        for i in (0..count).rev() {
            let mut op = spec.ops[i];
            let (reads, assigns) = effect(op);
            let mut after = 0;
            if let Some(target) = target(&mut op) {
                after |= live[*target as usize];
            }
            if !ends(op) {
                after |= live[i + 1];
                if finishes(op) {
                    after |= live[i + 2];
                }
            }
            let mut before = reads | after & !assigns;
            for handler in &spec.handlers {
                if handler.start as usize <= i && i < handler.end as usize {
                    before |= live[handler.target as usize];
                }
            }
            if before != live[i] {
                live[i] = before;
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    live.truncate(count);
    live
}
