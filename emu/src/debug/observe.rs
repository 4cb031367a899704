//! A hart that notes the memory that its instructions touch.

use crate::hart::Hart;
use crate::interp::{Amo, Machine};
use crate::trap::Trap;
use isa_spec::sem::CACHE_BLOCK;

/// An access of an instruction to memory, which was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// Address of the first byte.
    pub addr: u64,
    /// Bytes: 1, 2, 4 or 8.
    pub size: u8,
    /// What was read, or written, in the low bytes.
    pub value: u64,
    /// It was written.
    pub store: bool,
}

impl Access {
    /// Whether the access and `len` bytes at `start` have a byte in common.
    pub fn touches(&self, start: u64, len: u64) -> bool {
        let (end, other) = (self.addr.wrapping_add(u64::from(self.size)), start.wrapping_add(len));
        self.addr < other && start < end
    }
}

/// [`Machine`] for a [`Hart`], with every access noted in order. An atomic operation is a load and, if it writes, a
/// store.
pub struct Observed<'a> {
    hart: &'a mut Hart,
    accesses: &'a mut Vec<Access>,
}

impl<'a> Observed<'a> {
    /// Notes into `accesses`, behind what is there.
    pub fn new(hart: &'a mut Hart, accesses: &'a mut Vec<Access>) -> Observed<'a> {
        Observed { hart, accesses }
    }

    fn note(&mut self, addr: u64, size: u8, value: u64, store: bool) {
        self.accesses.push(Access { addr, size, value, store });
    }

    /// Notes a store that was done, even if it hit translated code.
    fn stored(&mut self, addr: u64, size: u8, value: u64, result: Result<(), Trap>) -> Result<(), Trap> {
        if result.as_ref().err().is_none_or(Hart::store_done) {
            self.note(addr, size, value, true);
        }
        result
    }

    fn note_wide(&mut self, addr: u64, value: u128, store: bool) {
        self.note(addr, 8, value as u64, store);
        self.note(addr.wrapping_add(8), 8, (value >> 64) as u64, store);
    }
}

macro_rules! accesses {
    ($($load:ident $store:ident $size:literal,)*) => {
        $(
            fn $load(&mut self, addr: u64) -> Result<u64, Trap> {
                let value = self.hart.$load(addr)?;
                self.note(addr, $size, value, false);
                Ok(value)
            }

            fn $store(&mut self, addr: u64, value: u64) -> Result<(), Trap> {
                let result = self.hart.$store(addr, value);
                self.stored(addr, $size, value, result)
            }
        )*
    };
}

macro_rules! atomics {
    ($($reserved:ident $conditional:ident $amo:ident $swap:ident $apply:ident $ty:ty, $size:literal,)*) => {
        $(
            fn $reserved(&mut self, addr: u64) -> Result<u64, Trap> {
                let value = self.hart.$reserved(addr)?;
                self.note(addr, $size, value, false);
                Ok(value)
            }

            fn $conditional(&mut self, addr: u64, value: u64) -> Result<bool, Trap> {
                let done = self.hart.$conditional(addr, value)?;
                if done {
                    self.note(addr, $size, value, true);
                }
                Ok(done)
            }

            fn $amo(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Trap> {
                let old = self.hart.$amo(op, addr, value)?;
                self.note(addr, $size, old, false);
                self.note(addr, $size, u64::from(op.$apply(old as $ty, value as $ty)), true);
                Ok(old)
            }

            fn $swap(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Trap> {
                let old = self.hart.$swap(addr, expected, value)?;
                self.note(addr, $size, old, false);
                if old as $ty == expected as $ty {
                    self.note(addr, $size, value, true);
                }
                Ok(old)
            }
        )*
    };
}

macro_rules! same_as_hart {
    ($(fn $name:ident(&mut self $(, $arg:ident: $ty:ty)*) $(-> $ret:ty)?;)*) => {
        $(
            fn $name(&mut self $(, $arg: $ty)*) $(-> $ret)? {
                Machine::$name(self.hart $(, $arg)*)
            }
        )*
    };
}

impl Machine for Observed<'_> {
    type Trap = Trap;

    accesses! {
        load_u8 store_u8 1,
        load_u16 store_u16 2,
        load_u32 store_u32 4,
        load_u64 store_u64 8,
    }

    atomics! {
        load_reserved32 store_conditional32 amo32 compare_swap32 apply32 u32, 4,
        load_reserved64 store_conditional64 amo64 compare_swap64 apply64 u64, 8,
    }

    fn compare_swap128(&mut self, addr: u64, expected: u128, value: u128) -> Result<u128, Trap> {
        let old = self.hart.compare_swap128(addr, expected, value)?;
        self.note_wide(addr, old, false);
        if old == expected {
            self.note_wide(addr, value, true);
        }
        Ok(old)
    }

    fn zero_block(&mut self, addr: u64) -> Result<(), Trap> {
        let result = self.hart.zero_block(addr);
        if result.as_ref().err().is_none_or(Hart::store_done) {
            let block = addr & !(CACHE_BLOCK - 1);
            (0..CACHE_BLOCK / 8).for_each(|n| self.note(block + 8 * n, 8, 0, true));
        }
        result
    }

    fn store_done(trap: &Trap) -> bool {
        Hart::store_done(trap)
    }

    fn pc(&self) -> u64 {
        self.hart.pc
    }

    fn frm(&self) -> u32 {
        self.hart.frm
    }

    same_as_hart! {
        fn x(&mut self) -> &mut [u64; 64];
        fn f(&mut self) -> &mut [u64; 32];
        fn set_pc(&mut self, pc: u64);
        fn fflags(&mut self) -> &mut u32;
        fn csr_read(&mut self, pc: u64, csr: u32) -> Result<u64, Trap>;
        fn csr_write(&mut self, pc: u64, csr: u32, value: u64) -> Result<(), Trap>;
        fn illegal(&mut self, pc: u64) -> Trap;
        fn ecall(&mut self, pc: u64) -> Result<(), Trap>;
        fn ebreak(&mut self, pc: u64) -> Result<(), Trap>;
        fn fence(&mut self, pred: u32, succ: u32);
        fn fence_i(&mut self);
        fn guard_fail(&mut self, pc: u64, value: u64) -> Result<(), Trap>;
        fn observe_value(&mut self, site: u32, value: u64);
        fn observe_type(&mut self, site: u32, object: u64);
        fn phase(&mut self, number: u32);
        fn roi(&mut self, number: u32);
        fn watch_valid(&mut self, token: u32) -> bool;
    }
}
