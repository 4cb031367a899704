//! The first translation of a block, made in little time: each instruction's code is copied from its family's
//! ([`super::family`]), nothing is known from one instruction to the next, and the block's exits count how often they are
//! taken. When that is often, a superblock is made of what follows from the block ([`super::trace`]).

use super::emit::{Emitted, Emitter, Place, Unsupported};
use super::family::{Families, Next, Piece};
use super::runtime::Runtime;
use super::template::{Goes, Meaning, Templates};
use super::trace::{End, Flow, Step, What};
use crate::engine::blocks::Block;
use crate::hart::{phase_slot, roi_slot};
use crate::isa::InsnSet;
use isa_spec::sem::Builtin;
use std::sync::Arc;

/// Counters that a block needs: it has two exits at most.
pub const COUNTERS: usize = 2;

/// A block's code, with what it is the code of.
pub struct Baseline {
    /// How many of the block's instructions it is for.
    pub len: usize,
    /// Where the guest is after the last of them, if it does not jump.
    pub next_pc: u64,
    pub code: Emitted,
}

/// What is known of instructions, and how they are found.
pub struct Known<'a> {
    pub isa: &'a InsnSet,
    pub families: &'a mut Families,
    pub templates: &'a mut Templates,
    /// Whether the access of the instruction here has faulted often; such a one is for the interpreter.
    pub faults: &'a dyn Fn(u64) -> bool,
}

/// Translates a block for execution in a slot. `None`: its first instruction is for the interpreter.
pub fn emit(
    e: &mut Emitter,
    block: &Block,
    slot: u8,
    known: &mut Known,
    runtime: Runtime,
    place: Place,
) -> Option<Baseline> {
    let mut limit = block.code.len();
    loop {
        e.begin(place, None, runtime);
        match first(block, limit, slot, known, e) {
            Ok(made) => return made,
            // The generator does not have code for it.
            Err((n, Unsupported)) => limit = n,
        }
    }
}

/// Translates the first `limit` instructions. Error: the number of the one that cannot be.
fn first(
    block: &Block,
    limit: usize,
    slot: u8,
    known: &mut Known,
    e: &mut Emitter,
) -> Result<Option<Baseline>, (usize, Unsupported)> {
    let entry = e.asm.here();
    // All of them are looked up first: the host's processor waits for several at a time then.
    let mut families = Vec::with_capacity(limit);
    let mut bytes = 0;
    for (op, word) in block.code.ops().take(limit) {
        let family = known.families.find(known.isa, (op, word), e.runtime);
        bytes += family.map_or(0, |id| known.families.get(id).body.len());
        families.push(family);
    }
    e.asm.reserve(bytes);
    let mut len = 0;
    let mut pc = block.start;
    let mut end = None;
    for (n, (op, word)) in block.code.ops().enumerate() {
        if n == limit || (known.faults)(pc) {
            end = Some(End::Interpret(pc));
            break;
        }
        let next = pc.wrapping_add(u64::from(op.len));
        if let Some(family) = families.get(n).copied().flatten() {
            let family = known.families.get(family);
            let imm = family.operand(op);
            if let Some(base) = family.base {
                e.confine_base(base, n).map_err(|error| (n, error))?;
            }
            let copy = |e: &mut Emitter, piece: &Piece| {
                let (code, accesses) = known.families.code(piece);
                family.fill(piece, e.paste(code, accesses, n), pc, imm);
            };
            copy(e, &family.body);
            e.forget(family.writes);
            match &family.next {
                Next::Fall => {}
                Next::To(to) => end = Some(End::Goto(to.at(pc, imm) & !1)),
                Next::If { test, cc, taken } => {
                    copy(e, test);
                    e.side_exit(*cc, taken.at(pc, imm) & !1, n + 1);
                }
                Next::Computed => end = Some(End::Indirect),
            }
        } else {
            let meaning = known.templates.find(known.isa, word);
            let meaning = meaning.and_then(|id| known.templates.get(id).at(known.isa, pc, &[None; 32], 0));
            let Some(Meaning { body, goes, lone }) = meaning else {
                end = Some(End::Interpret(pc));
                break;
            };
            let mut flow = Flow::Fall;
            match goes {
                Goes::Next => {}
                Goes::To(to) => end = Some(End::Goto(to)),
                Goes::If { cond, taken } => flow = Flow::Branch { cond, expect: false, other: taken },
                Goes::Computed(target) => {
                    flow = Flow::Indirect { target };
                    end = Some(End::Indirect);
                }
                Goes::Mark(builtin, number) => {
                    let of = if builtin == Builtin::Phase { phase_slot } else { roi_slot };
                    end = Some(End::Mark { pc: next, slot: of(slot, number) });
                }
            }
            let what = What::Body(Arc::clone(&body));
            let step = Step { first: n, count: 1, what, flow, lone, unseen: false };
            e.step(&step, &body).map_err(|error| (n, error))?;
        }
        len = n + 1;
        pc = next;
    }
    if len == 0 {
        return Ok(None);
    }
    let end = end.unwrap_or(End::Goto(pc));
    let last = len - 1;
    e.end(end, len, None);
    let next_pc = end.next_pc(block.start);
    let code = e.finish(entry, entry).map_err(|error| (last, error))?;
    Ok(Some(Baseline { len, next_pc, code }))
}
