//! The interpreter's loop: from block to block.

use super::Event;
use super::blocks::BlockCache;
use crate::hart::Hart;
use crate::interp::Leave;
use crate::trap::Trap;

/// Runs from the hart's pc until an instruction traps, `Hart::stop_at` instructions have been retired or
/// `Hart::interrupt` is requested (checked between blocks).
pub fn run(cache: &mut BlockCache, hart: &mut Hart) -> Event {
    if hart.ram.has_dirty_code() {
        cache.drop_written(&hart.ram);
    }
    let mut id = match cache.at(hart.pc, &hart.ram) {
        Ok(id) => id,
        Err((trap, addr)) => return fetch_trap(hart, trap, addr),
    };
    loop {
        let slot = usize::from(hart.slot);
        let block = cache.get(id);
        block.runs[slot] += 1;
        hart.instret += block.code.len() as u64;
        // How many instructions were completed is worked out from the pc, in the rare case that it matters.
        let (pc, left) = block.code.run(hart, block.start);
        if let Some(leave) = left
            && let Some(event) = leave_early(cache, id, hart, slot, pc, leave)
        {
            return event;
        }
        if hart.instret >= hart.stop_at || hart.interrupt.requested() {
            return Event::Slice;
        }
        id = match cache.after(id, hart.pc, &hart.ram) {
            Ok(id) => id,
            Err((trap, addr)) => return fetch_trap(hart, trap, addr),
        };
    }
}

/// Accounts for a block that ended with the instruction before `next`. `None`: execution goes on at the
/// hart's pc.
#[inline(never)]
fn leave_early(
    cache: &mut BlockCache,
    id: u32,
    hart: &mut Hart,
    slot: usize,
    next: u64,
    leave: Leave<Trap>,
) -> Option<Event> {
    let block = cache.get(id);
    let mut at = block.start;
    let mut last = 0;
    for (n, op) in block.code.ops().enumerate() {
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
        Leave::Trap(Trap::CodeWrite) => {
            cache.drop_written(&hart.ram);
            None
        }
        Leave::Trap(trap) => Some(Event::Trap(trap)),
    }
}

#[cold]
fn fetch_trap(hart: &mut Hart, trap: Trap, addr: u64) -> Event {
    hart.fault_addr = addr;
    Event::Trap(trap)
}
