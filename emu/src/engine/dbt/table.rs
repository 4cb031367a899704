//! The table in which translated code looks up the targets of indirect jumps: one for each slot in each thread's
//! [`Area`].
//!
//! Direct-mapped by the address; an entry is the guest address and the host address of the superblock's entry. An
//! empty entry is zero, which is the right guest address in the first one only; that one, while empty, has address 1: no
//! instruction is at an odd address.
//!
//! Only the thread that an area is for writes targets, while it is not in translated code. Others may make an entry
//! empty at any time, by its address alone: who has just compared the address may still use the target.

use super::area::Area;
use std::sync::atomic::Ordering;

/// Entries of a table, a power of two: a compiler has tens of thousands of call sites in use. Memory is only taken for
/// those that are.
pub const LEN: usize = 1 << 16;
/// Bytes of a table.
pub const BYTES: usize = 16 * LEN;

impl Area {
    /// Prepares the table for a slot, whose memory is fresh.
    pub fn begin_table(&self, slot: u8) {
        self.entry(slot, 0)[0].store(1, Ordering::Relaxed);
    }

    /// Sends `pc` to `target`. For the area's own thread.
    pub fn set_target(&self, slot: u8, pc: u64, target: u64) {
        let [address, to] = self.entry(slot, place(pc));
        to.store(target, Ordering::Relaxed);
        address.store(pc, Ordering::Relaxed);
    }

    /// Forgets the target of `pc`.
    pub fn forget_target(&self, slot: u8, pc: u64) {
        let [address, _] = self.entry(slot, place(pc));
        if address.load(Ordering::Relaxed) == pc {
            address.store(u64::from(place(pc) == 0), Ordering::Relaxed);
        }
    }
}

/// The entry for a guest address.
fn place(pc: u64) -> usize {
    (pc >> 1) as usize % LEN
}
