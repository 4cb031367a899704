//! The memory of test traces: words from address 0x1000 on. What lies outside of it, or was never stored, is an error to read.

/// What a new object holds until it is stored.
pub const GARBAGE: u64 = 0xdddd_dddd_dddd_dddd;

const BASE: u64 = 0x1000;

/// See the module.
#[derive(Clone, Default, PartialEq)]
pub struct Memory {
    words: Vec<u64>,
}

impl Memory {
    /// An object whose words are garbage.
    pub fn allocate(&mut self, class: u32, size: u32) -> u64 {
        let at = self.end();
        self.words.push(class.into());
        self.words.resize(self.words.len() + size as usize / 8 - 1, GARBAGE);
        at
    }

    /// Stores `value` to the words of an object from byte `from` up to byte `to`.
    pub fn fill(&mut self, object: u64, from: u32, to: u32, value: u64) {
        for offset in (from..to).step_by(8) {
            self.store(object + u64::from(offset), value);
        }
    }

    fn index(&self, address: u64) -> usize {
        assert!(
            address.is_multiple_of(8) && address >= BASE && ((address - BASE) / 8) < self.words.len() as u64,
            "access to {address:#x}"
        );
        ((address - BASE) / 8) as usize
    }

    /// The address of the next object.
    pub fn end(&self) -> u64 {
        BASE + 8 * self.words.len() as u64
    }

    /// Every word of every object has been stored.
    pub fn is_whole(&self) -> bool {
        !self.words.contains(&GARBAGE)
    }

    pub fn load(&self, address: u64) -> u64 {
        let word = self.words[self.index(address)];
        assert!(word != GARBAGE, "garbage at {address:#x}");
        word
    }

    pub fn store(&mut self, address: u64, value: u64) {
        let at = self.index(address);
        self.words[at] = value;
    }

    pub fn load_byte(&self, address: u64) -> u64 {
        self.load(address & !7) >> (8 * (address & 7)) & 0xff
    }

    pub fn store_byte(&mut self, address: u64, value: u64) {
        let (at, shift) = (address & !7, 8 * (address & 7));
        let word = self.load(at) & !(0xff << shift) | (value & 0xff) << shift;
        self.store(at, word);
    }

    pub fn class(&self, object: u64) -> u32 {
        self.load(object) as u32
    }
}
