//! The table in which translated code looks up the targets of indirect jumps.
//!
//! Direct-mapped by the address; an entry is the guest address and the host address of the superblock's entry. An
//! empty entry is zero, which is the right guest address in the first one only; that one, while empty, has address 1: no
//! instruction is at an odd address.

/// Entries of a table, a power of two: a compiler has tens of thousands of call sites in use. Memory is only taken for
/// those that are.
pub const LEN: usize = 1 << 16;

/// One table, for one slot.
pub struct Table {
    at: *mut [u64; 2],
}

// SAFETY: the memory belongs to the code memory of the same engine, which owns the table.
unsafe impl Send for Table {}

impl Table {
    /// A table of [`LEN`] entries at this address.
    ///
    /// Safety: the memory is zeroed, writable, aligned, used by this table alone, and outlives it.
    pub unsafe fn new(at: u64) -> Table {
        let mut table = Table { at: at as *mut [u64; 2] };
        table.empty(0);
        table
    }

    /// Its address, for code.
    pub fn address(&self) -> u64 {
        self.at as u64
    }

    fn entry(&mut self, pc: u64) -> *mut [u64; 2] {
        // SAFETY: below `LEN`.
        unsafe { self.at.add((pc >> 1) as usize % LEN) }
    }

    /// Sends `pc` to `target`.
    pub fn set(&mut self, pc: u64, target: u64) {
        let entry = self.entry(pc);
        // SAFETY: inside the table.
        unsafe { entry.write([pc, target]) };
    }

    /// Forgets `pc`.
    pub fn remove(&mut self, pc: u64) {
        // SAFETY: inside the table.
        if unsafe { (*self.entry(pc))[0] } == pc {
            self.empty(pc);
        }
    }

    fn empty(&mut self, pc: u64) {
        let entry = self.entry(pc);
        let first = std::ptr::eq(entry, self.at);
        // SAFETY: inside the table.
        unsafe { entry.write([u64::from(first), 0]) };
    }
}
