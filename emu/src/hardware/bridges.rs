//! The bridge table: a finite associative memory from the pc of a guard to the address where its failure
//! continues.

use rustc_hash::FxHashMap;

/// The table, and the CSR state around it.
#[derive(Clone, Debug)]
pub struct BridgeTable {
    targets: FxHashMap<u64, u64>,
    capacity: usize,
    /// CSR `mj.bkey`.
    pub key: u64,
    /// CSR `mj.bstat`: the last insertion was accepted.
    pub accepted: bool,
    /// Insertions accepted (replacements included).
    pub inserted: u64,
    /// Insertions refused because the table was full.
    pub refused: u64,
}

impl BridgeTable {
    /// An empty table of `entries`.
    pub fn new(entries: u32) -> BridgeTable {
        BridgeTable {
            targets: FxHashMap::default(),
            capacity: entries as usize,
            key: 0,
            accepted: false,
            inserted: 0,
            refused: 0,
        }
    }

    /// Where the guard at `pc` continues when it fails.
    pub fn lookup(&self, pc: u64) -> Option<u64> {
        self.targets.get(&pc).copied()
    }

    /// Reading CSR `mj.btgt`: the target of the current key, 0 when it has none.
    pub fn target_of_key(&self) -> u64 {
        self.lookup(self.key).unwrap_or(0)
    }

    /// Writing CSR `mj.btgt`: inserts or replaces (`target` ≠ 0) or removes (0) the bridge of the current
    /// key.
    pub fn write_target(&mut self, target: u64) {
        if target == 0 {
            self.targets.remove(&self.key);
            return;
        }
        self.accepted = self.targets.len() < self.capacity || self.targets.contains_key(&self.key);
        if self.accepted {
            self.targets.insert(self.key, target);
            self.inserted += 1;
        } else {
            self.refused += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_refuses_new_keys_but_replaces_old_ones() {
        let mut t = BridgeTable::new(2);
        for key in [0x100, 0x200, 0x300] {
            t.key = key;
            t.write_target(key + 1);
        }
        assert!(!t.accepted);
        assert_eq!((t.inserted, t.refused), (2, 1));
        assert_eq!(t.lookup(0x300), None);
        t.key = 0x100;
        t.write_target(0x999);
        assert!(t.accepted);
        assert_eq!(t.lookup(0x100), Some(0x999));
        t.write_target(0);
        assert_eq!(t.lookup(0x100), None);
        t.key = 0x300;
        t.write_target(0x301);
        assert_eq!(t.lookup(0x300), Some(0x301));
    }

    #[test]
    fn an_absent_table_refuses_everything() {
        let mut t = BridgeTable::new(0);
        t.key = 4;
        t.write_target(8);
        assert!(!t.accepted);
        assert_eq!(t.lookup(4), None);
    }
}
