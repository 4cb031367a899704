//! The table in which translated code looks up the targets of indirect jumps.
//!
//! Direct-mapped by the address; an entry is the guest address and the host address of the superblock's entry. An
//! entry whose guest address is 1 is empty: no instruction is at an odd address.

/// Entries of a table, a power of two.
pub const LEN: usize = 4096;

/// One table, for one slot.
pub struct Table {
    at: *mut [u64; 2],
}

// SAFETY: the memory belongs to the code memory of the same engine, which owns the table.
unsafe impl Send for Table {}

impl Table {
    /// A table of [`LEN`] entries at this address, cleared.
    ///
    /// Safety: the memory is writable, aligned, used by this table alone, and outlives it.
    pub unsafe fn new(at: u64) -> Table {
        let mut table = Table { at: at as *mut [u64; 2] };
        table.clear();
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
        let entry = self.entry(pc);
        // SAFETY: inside the table.
        unsafe {
            if (*entry)[0] == pc {
                entry.write([1, 0]);
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        for n in 0..LEN {
            // SAFETY: inside the table.
            unsafe { self.at.add(n).write([1, 0]) };
        }
    }
}
