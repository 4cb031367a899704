//! A hart that runs ahead without changing anything: its stores go to an overlay of guest memory.

use super::super::observe::Access;
use crate::csr;
use crate::hart::{Clock, Hart, Reservation};
use crate::interp::{Amo, Machine};
use crate::memory::{CODE, PAGE, PAGE_SHIFT, READ, Ram, SHARED, WRITE};
use crate::trap::Trap;
use isa_spec::sem::CACHE_BLOCK;
use rustc_hash::FxHashMap;

/// What an instruction of the shadow ends with instead of being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// As on the hart itself.
    Trap(Trap),
    /// What it does cannot be known without doing it: it asks for the time, or touches what others share.
    Blind,
}

impl From<Trap> for Refusal {
    fn from(trap: Trap) -> Refusal {
        Refusal::Trap(trap)
    }
}

type Result<T> = std::result::Result<T, Refusal>;

/// The contents of a page.
type Page = Box<[u8; PAGE as usize]>;

/// The memory as the shadow sees it.
#[derive(Default)]
pub struct Overlay {
    /// Pages that it has stored to, as it has left them.
    pages: FxHashMap<u64, Page>,
    /// The same pages as the engine should have left them: as they were before, and what it should have stored since.
    image: FxHashMap<u64, Page>,
    /// Its stores, in order, each with the number of the instruction that made it.
    pub stores: Vec<(usize, Access)>,
    /// How many of them are in `image`.
    done: usize,
}

/// A byte of memory that is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrongByte {
    pub addr: u64,
    pub expected: u8,
    pub found: u8,
    /// Number of the instruction that should have stored it last.
    pub by: Option<usize>,
}

impl Overlay {
    /// Compares guest memory with what it should be after the first `count` instructions, which are at least as many
    /// as before.
    pub fn compare(&mut self, ram: &Ram, count: usize) -> Option<WrongByte> {
        while let Some((_, store)) = self.stores.get(self.done).filter(|(n, _)| *n < count) {
            for (at, byte) in (store.addr..).zip(store.value.to_le_bytes()).take(store.size.into()) {
                if let Some(page) = self.image.get_mut(&(at >> PAGE_SHIFT)) {
                    page[(at % PAGE) as usize] = byte;
                }
            }
            self.done += 1;
        }
        let mut found: Page = Box::new([0; PAGE as usize]);
        for (&number, expected) in &self.image {
            let start = number << PAGE_SHIFT;
            if ram.read(start, &mut found[..]).is_err() || found == *expected {
                continue;
            }
            let n = (0..PAGE as usize).find(|&n| expected[n] != found[n])?;
            let addr = start + n as u64;
            let by = self.stores[..self.done].iter().rfind(|(_, s)| s.touches(addr, 1)).map(|(n, _)| *n);
            return Some(WrongByte { addr, expected: expected[n], found: found[n], by });
        }
        None
    }
}

/// A hart with an overlay.
pub struct Shadow {
    /// Its registers; its memory is read only.
    pub hart: Hart,
    pub memory: Overlay,
    /// Number of the instruction that is executed.
    pub now: usize,
}

impl Shadow {
    /// A shadow of a hart like this one.
    pub fn new(hart: &Hart) -> Shadow {
        let shadow = hart.for_thread(hart.ram.clone(), hart.interrupt.clone());
        Shadow { hart: shadow, memory: Overlay::default(), now: 0 }
    }

    /// Begins again where `hart` is.
    pub fn follow(&mut self, hart: &Hart) {
        let own = &mut self.hart;
        (own.x, own.f, own.pc) = (hart.x, hart.f, hart.pc);
        (own.fflags, own.frm, own.slot) = (hart.fflags, hart.frm, hart.slot);
        (own.instret, own.reservation) = (hart.instret, hart.reservation);
        own.custom_csrs.clone_from(&hart.custom_csrs);
        own.hw.clone_from(&hart.hw);
        own.ram = hart.ram.clone();
        own.clock = hart.clock;
        self.memory = Overlay::default();
        self.now = 0;
    }

    /// Reads bytes of which none is refused. `need`: the permission of the pages.
    fn copy(&self, addr: u64, out: &mut [u8], need: u8) -> std::result::Result<(), u64> {
        let ram = &self.hart.ram;
        if need == READ {
            ram.read(addr, out)?
        } else {
            ram.fetch(addr, out)?
        }
        let (mut at, mut rest) = (addr, out);
        while !rest.is_empty() && !self.memory.pages.is_empty() {
            let start = (at % PAGE) as usize;
            let n = rest.len().min(PAGE as usize - start);
            let (here, later) = rest.split_at_mut(n);
            if let Some(page) = self.memory.pages.get(&(at >> PAGE_SHIFT)) {
                here.copy_from_slice(&page[start..start + n]);
            }
            (at, rest) = (at + n as u64, later);
        }
        Ok(())
    }

    /// Reads the instruction's bytes. Error: the address that cannot be executed.
    pub fn fetch(&self, addr: u64, out: &mut [u8]) -> std::result::Result<(), u64> {
        self.copy(addr, out, crate::memory::EXEC)
    }

    fn load(&mut self, addr: u64, size: u64) -> Result<u64> {
        let mut bytes = [0; 8];
        if let Err(bad) = self.copy(addr, &mut bytes[..size as usize], READ) {
            self.hart.fault_addr = bad;
            return Err(Trap::LoadFault.into());
        }
        self.alone(addr, size)?;
        Ok(u64::from_le_bytes(bytes))
    }

    /// Others' memory may change at any time.
    fn alone(&self, addr: u64, size: u64) -> Result<()> {
        let shared = |at: u64| self.hart.ram.page_perms(at) & SHARED != 0;
        if shared(addr) || shared(addr.wrapping_add(size - 1)) { Err(Refusal::Blind) } else { Ok(()) }
    }

    /// Checks a store, and that what is stored to is not watched.
    fn check_store(&mut self, addr: u64, size: u64) -> Result<()> {
        let last = addr.wrapping_add(size - 1);
        for at in [addr, last & !(PAGE - 1)] {
            if at >= addr && self.hart.ram.page_perms(at) & WRITE == 0 {
                self.hart.fault_addr = at;
                return Err(Trap::StoreFault.into());
            }
        }
        let code = |at: u64| self.hart.ram.page_perms(at) & CODE != 0;
        let watched = || self.hart.ram.watch_table(|t| t.covers(addr, last + 1));
        if (code(addr) || code(last)) && watched() {
            return Err(Refusal::Blind);
        }
        self.alone(addr, size)
    }

    fn store(&mut self, addr: u64, size: u64, value: u64) -> Result<()> {
        self.check_store(addr, size)?;
        for (at, byte) in (addr..addr + size).zip(value.to_le_bytes()) {
            let number = at >> PAGE_SHIFT;
            if !self.memory.pages.contains_key(&number) {
                let mut page: Page = Box::new([0; PAGE as usize]);
                // A page that can be written but not read is compared by nobody.
                let _ = self.hart.ram.read(number << PAGE_SHIFT, &mut page[..]);
                self.memory.image.insert(number, page.clone());
                self.memory.pages.insert(number, page);
            }
            if let Some(page) = self.memory.pages.get_mut(&number) {
                page[(at % PAGE) as usize] = byte;
            }
        }
        self.memory.stores.push((self.now, Access { addr, size: size as u8, value, store: true }));
        Ok(())
    }

    /// Checks an atomic access, and gives the value there.
    fn atomic(&mut self, addr: u64, size: u64) -> Result<u64> {
        self.aligned(addr, size)?;
        if self.hart.ram.page_perms(addr) & (READ | WRITE) != READ | WRITE {
            self.hart.fault_addr = addr;
            return Err(Trap::StoreFault.into());
        }
        self.check_store(addr, size)?;
        self.load(addr, size)
    }

    fn aligned(&mut self, addr: u64, size: u64) -> Result<()> {
        if addr.is_multiple_of(size) {
            return Ok(());
        }
        self.hart.fault_addr = addr;
        Err(Trap::Misaligned.into())
    }

    fn reserve(&mut self, addr: u64, size: u64) -> Result<u64> {
        self.aligned(addr, size)?;
        let value = self.load(addr, size)?;
        self.hart.reservation = Reservation { addr, width: size, value };
        Ok(value)
    }

    fn conditional(&mut self, addr: u64, size: u64, value: u64) -> Result<bool> {
        let reserved = std::mem::take(&mut self.hart.reservation);
        let now = self.atomic(addr, size)?;
        let done = reserved.addr == addr && reserved.width == size && reserved.value == now;
        if done {
            self.store(addr, size, value)?;
        }
        Ok(done)
    }

    fn exchange(&mut self, addr: u64, size: u64, new: impl FnOnce(u64) -> u64) -> Result<u64> {
        let old = self.atomic(addr, size)?;
        self.store(addr, size, new(old))?;
        Ok(old)
    }
}

/// The CSRs of the watch table, which belongs to the memory.
fn is_shared(n: u32) -> bool {
    (csr::MJ_WTOK..=csr::MJ_WCLR).contains(&n)
}

impl Machine for Shadow {
    type Trap = Refusal;

    fn x(&mut self) -> &mut [u64; 64] {
        &mut self.hart.x
    }

    fn f(&mut self) -> &mut [u64; 32] {
        &mut self.hart.f
    }

    fn pc(&self) -> u64 {
        self.hart.pc
    }

    fn set_pc(&mut self, pc: u64) {
        self.hart.pc = pc & !1;
    }

    fn fflags(&mut self) -> &mut u32 {
        &mut self.hart.fflags
    }

    fn frm(&self) -> u32 {
        self.hart.frm
    }

    fn load_u8(&mut self, addr: u64) -> Result<u64> {
        self.load(addr, 1)
    }

    fn load_u16(&mut self, addr: u64) -> Result<u64> {
        self.load(addr, 2)
    }

    fn load_u32(&mut self, addr: u64) -> Result<u64> {
        self.load(addr, 4)
    }

    fn load_u64(&mut self, addr: u64) -> Result<u64> {
        self.load(addr, 8)
    }

    fn store_u8(&mut self, addr: u64, value: u64) -> Result<()> {
        self.store(addr, 1, value)
    }

    fn store_u16(&mut self, addr: u64, value: u64) -> Result<()> {
        self.store(addr, 2, value)
    }

    fn store_u32(&mut self, addr: u64, value: u64) -> Result<()> {
        self.store(addr, 4, value)
    }

    fn store_u64(&mut self, addr: u64, value: u64) -> Result<()> {
        self.store(addr, 8, value)
    }

    fn load_reserved32(&mut self, addr: u64) -> Result<u64> {
        self.reserve(addr, 4)
    }

    fn load_reserved64(&mut self, addr: u64) -> Result<u64> {
        self.reserve(addr, 8)
    }

    fn store_conditional32(&mut self, addr: u64, value: u64) -> Result<bool> {
        self.conditional(addr, 4, value)
    }

    fn store_conditional64(&mut self, addr: u64, value: u64) -> Result<bool> {
        self.conditional(addr, 8, value)
    }

    fn amo32(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64> {
        self.exchange(addr, 4, |old| op.apply32(old as u32, value as u32).into())
    }

    fn amo64(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64> {
        self.exchange(addr, 8, |old| op.apply64(old, value))
    }

    fn compare_swap32(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64> {
        self.exchange(addr, 4, |old| if old as u32 == expected as u32 { value } else { old })
    }

    fn compare_swap64(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64> {
        self.exchange(addr, 8, |old| if old == expected { value } else { old })
    }

    fn compare_swap128(&mut self, addr: u64, expected: u128, value: u128) -> Result<u128> {
        self.aligned(addr, 16)?;
        let low = self.atomic(addr, 8)?;
        let high = self.atomic(addr + 8, 8)?;
        let old = u128::from(high) << 64 | u128::from(low);
        if old == expected {
            self.store(addr, 8, value as u64)?;
            self.store(addr + 8, 8, (value >> 64) as u64)?;
        }
        Ok(old)
    }

    fn zero_block(&mut self, addr: u64) -> Result<()> {
        let block = addr & !(CACHE_BLOCK - 1);
        if let Err(e) = self.check_store(block, CACHE_BLOCK) {
            self.hart.fault_addr = addr;
            return Err(e);
        }
        (0..CACHE_BLOCK / 8).try_for_each(|n| self.store(block + 8 * n, 8, 0))
    }

    fn csr_read(&mut self, _pc: u64, n: u32) -> Result<u64> {
        let time = n == csr::TIME && !matches!(self.hart.clock, Clock::Instret);
        if time || is_shared(n) {
            return Err(Refusal::Blind);
        }
        Ok(self.hart.csr_read(n)?)
    }

    fn csr_write(&mut self, _pc: u64, n: u32, value: u64) -> Result<()> {
        if is_shared(n) {
            return Err(Refusal::Blind);
        }
        Ok(self.hart.csr_write(n, value)?)
    }

    fn illegal(&mut self, _pc: u64) -> Refusal {
        Trap::Illegal.into()
    }

    fn ecall(&mut self, _pc: u64) -> Result<()> {
        Err(Trap::Ecall.into())
    }

    fn ebreak(&mut self, _pc: u64) -> Result<()> {
        Err(Trap::Breakpoint.into())
    }

    fn fence(&mut self, _pred: u32, _succ: u32) {}

    fn fence_i(&mut self) {}

    fn guard_fail(&mut self, pc: u64, value: u64) -> Result<()> {
        Ok(Machine::guard_fail(&mut self.hart, pc, value)?)
    }

    fn observe_value(&mut self, site: u32, value: u64) {
        Machine::observe_value(&mut self.hart, site, value);
    }

    fn observe_type(&mut self, site: u32, object: u64) {
        let mut word = [0; 4];
        if object == 0 || self.copy(object, &mut word, READ).is_ok() {
            let word = u64::from(u32::from_le_bytes(word));
            self.hart.hw.patterns.observe(site as u16, true, word);
        }
    }

    fn phase(&mut self, number: u32) {
        Machine::phase(&mut self.hart, number);
    }

    fn roi(&mut self, number: u32) {
        Machine::roi(&mut self.hart, number);
    }

    fn watch_valid(&mut self, token: u32) -> bool {
        self.hart.ram.watch_valid(token)
    }
}
