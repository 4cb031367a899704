//! The interpreter's loop: from block to block.

use super::Event;
use super::blocks::{BlockCache, BlockId};
use crate::hart::Hart;
use crate::interp::Leave;
use crate::trap::Trap;

/// Runs from the hart's pc until an instruction traps or `Hart::stop_at` instructions have been retired
/// (checked between blocks).
pub fn run(cache: &mut BlockCache, hart: &mut Hart) -> Event {
    if hart.ram.has_dirty_code() {
        cache.drop_written(&hart.ram);
    }
    let mut id = match enter(cache, hart) {
        Ok(id) => id,
        Err(event) => return event,
    };
    loop {
        match one(cache, hart, id) {
            None => {}
            Some(Event::CodeWritten) => {
                cache.drop_written(&hart.ram);
            }
            Some(event) => return event,
        }
        if hart.instret >= hart.stop_at {
            return Event::Slice;
        }
        id = match next(cache, hart, id) {
            Ok(id) => id,
            Err(event) => return event,
        };
    }
}

/// The block at the hart's pc. Error: what is wrong with the pc.
#[inline(always)]
pub fn enter(cache: &mut BlockCache, hart: &mut Hart) -> Result<BlockId, Event> {
    cache.at(hart.pc, &hart.ram).map_err(|(trap, addr)| fetch_trap(hart, trap, addr))
}

/// The block at the hart's pc, which was just reached from the block `from`. Error: what is wrong with the pc.
#[inline(always)]
pub fn next(cache: &mut BlockCache, hart: &mut Hart, from: BlockId) -> Result<BlockId, Event> {
    cache.after(from, hart.pc, &hart.ram).map_err(|(trap, addr)| fetch_trap(hart, trap, addr))
}

/// Executes the block `id`, which begins at the hart's pc. `None`: execution goes on at the hart's pc.
#[inline(always)]
pub fn one(cache: &mut BlockCache, hart: &mut Hart, id: BlockId) -> Option<Event> {
    let slot = hart.slot;
    let block = cache.get(id);
    block.begin(slot);
    hart.instret += block.code.len() as u64;
    // How many instructions were completed is worked out from the pc, in the rare case that it matters.
    let (pc, left) = block.code.run(hart, block.start);
    match left {
        None => None,
        Some(leave) => leave_early(cache, id, hart, slot, pc, leave),
    }
}

/// Accounts for a block that ended with the instruction before `next`. `None`: execution goes on at the
/// hart's pc.
#[inline(never)]
fn leave_early(
    cache: &mut BlockCache,
    id: u32,
    hart: &mut Hart,
    slot: u8,
    next: u64,
    leave: Leave<Trap>,
) -> Option<Event> {
    let block = cache.get(id);
    let mut at = block.start;
    let mut last = 0;
    for (n, (op, _)) in block.code.ops().enumerate() {
        last = n;
        let len = u64::from(op.len);
        if at + len == next {
            break;
        }
        at += len;
    }
    let completed = match leave {
        Leave::Redirected => last + 1,
        Leave::Trap(trap) if trap.retires() => {
            hart.pc = next;
            last + 1
        }
        Leave::Trap(_) => {
            hart.pc = at;
            last
        }
    };
    let len = block.code.len();
    hart.instret -= (len - completed) as u64;
    let guard_failed = leave == Leave::Redirected;
    if completed < len || guard_failed {
        block.note_early(completed, slot, guard_failed);
    }
    match leave {
        Leave::Redirected => None,
        Leave::Trap(Trap::CodeWrite) => Some(Event::CodeWritten),
        Leave::Trap(trap) => Some(Event::Trap(trap)),
    }
}

#[cold]
fn fetch_trap(hart: &mut Hart, trap: Trap, addr: u64) -> Event {
    hart.fault_addr = addr;
    Event::Trap(trap)
}
