//! The machine that the generated instruction semantics run on: [`Machine`] for [`Hart`].

use crate::hart::{Hart, Reservation, phase_slot, roi_slot};
use crate::interp::{Amo, Machine};
use crate::trap::Trap;
use isa_spec::sem::CACHE_BLOCK;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

const SEQ: Ordering = Ordering::SeqCst;

impl Hart {
    fn check_aligned(&mut self, addr: u64, size: u64) -> Result<(), Trap> {
        if addr & (size - 1) == 0 {
            return Ok(());
        }
        self.fault_addr = addr;
        Err(Trap::Misaligned)
    }

    /// Host pointer to `size` aligned guest bytes that may be read and written.
    fn atomic_target(&mut self, addr: u64, size: u64) -> Result<*mut u8, Trap> {
        self.check_aligned(addr, size)?;
        match self.ram.writable_ptr(addr, size) {
            Some(ptr) => Ok(ptr),
            None => {
                self.fault_addr = addr;
                Err(Trap::StoreFault)
            }
        }
    }

    /// An atomic may write translated code: unlike a store it has a result to write, so the engine is
    /// stopped at the end of the block instead.
    fn note_atomic(&mut self, addr: u64, size: u64) {
        if self.ram.note_write(addr, size) {
            self.stop_at = 0;
        }
    }

    fn atomic32(&mut self, addr: u64) -> Result<&AtomicU32, Trap> {
        let ptr = self.atomic_target(addr, 4)?;
        self.note_atomic(addr, 4);
        // SAFETY: `atomic_target` gave four mapped, aligned guest bytes, which stay mapped while `self` is
        // borrowed.
        Ok(unsafe { AtomicU32::from_ptr(ptr.cast()) })
    }

    fn atomic64(&mut self, addr: u64) -> Result<&AtomicU64, Trap> {
        let ptr = self.atomic_target(addr, 8)?;
        self.note_atomic(addr, 8);
        // SAFETY: `atomic_target` gave eight mapped, aligned guest bytes, which stay mapped while `self` is
        // borrowed.
        Ok(unsafe { AtomicU64::from_ptr(ptr.cast()) })
    }

    /// The reservation, which every SC gives up, if it is for this access.
    fn take_reservation(&mut self, addr: u64, width: u64) -> Option<Reservation> {
        let reservation = std::mem::take(&mut self.reservation);
        (reservation.addr == addr && reservation.width == width).then_some(reservation)
    }
}

/// Compare-and-swap of sixteen bytes; returns the old value.
///
/// Every x86-64 processor but the very first has `cmpxchg16b`; on one without, the exchange is not atomic.
///
/// # Safety
/// `cell` is aligned to 16 bytes and may be read and written.
unsafe fn compare_exchange128(cell: *mut u128, expected: u128, value: u128) -> u128 {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("cmpxchg16b") {
        let (mut low, mut high) = (expected as u64, (expected >> 64) as u64);
        // SAFETY: the processor has the instruction, and the caller answers for the pointer. rbx, which the
        // compiler keeps for itself, is as before in the end.
        unsafe {
            std::arch::asm!(
                "xchg rbx, {new}",
                "lock cmpxchg16b [{cell}]",
                "mov rbx, {new}",
                new = inout(reg) value as u64 => _,
                cell = in(reg) cell,
                inout("rax") low,
                inout("rdx") high,
                in("rcx") (value >> 64) as u64,
                options(nostack),
            );
        }
        return u128::from(high) << 64 | u128::from(low);
    }
    // SAFETY: the caller answers for the pointer.
    unsafe {
        let old = cell.read_volatile();
        if old == expected {
            cell.write_volatile(value);
        }
        old
    }
}

impl Machine for Hart {
    type Trap = Trap;

    #[inline(always)]
    fn x(&mut self) -> &mut [u64; 64] {
        &mut self.x
    }

    #[inline(always)]
    fn f(&mut self) -> &mut [u64; 32] {
        &mut self.f
    }

    #[inline(always)]
    fn pc(&self) -> u64 {
        self.pc
    }

    #[inline(always)]
    fn set_pc(&mut self, pc: u64) {
        // Instructions are at even addresses, which the engine relies on.
        self.pc = pc & !1;
    }

    #[inline(always)]
    fn fflags(&mut self) -> &mut u32 {
        &mut self.fflags
    }

    #[inline(always)]
    fn frm(&self) -> u32 {
        self.frm
    }

    #[inline(always)]
    fn load_u8(&mut self, addr: u64) -> Result<u64, Trap> {
        Hart::load_u8(self, addr)
    }

    #[inline(always)]
    fn load_u16(&mut self, addr: u64) -> Result<u64, Trap> {
        Hart::load_u16(self, addr)
    }

    #[inline(always)]
    fn load_u32(&mut self, addr: u64) -> Result<u64, Trap> {
        Hart::load_u32(self, addr)
    }

    #[inline(always)]
    fn load_u64(&mut self, addr: u64) -> Result<u64, Trap> {
        Hart::load_u64(self, addr)
    }

    #[inline(always)]
    fn store_u8(&mut self, addr: u64, value: u64) -> Result<(), Trap> {
        Hart::store_u8(self, addr, value)
    }

    #[inline(always)]
    fn store_u16(&mut self, addr: u64, value: u64) -> Result<(), Trap> {
        Hart::store_u16(self, addr, value)
    }

    #[inline(always)]
    fn store_u32(&mut self, addr: u64, value: u64) -> Result<(), Trap> {
        Hart::store_u32(self, addr, value)
    }

    #[inline(always)]
    fn store_u64(&mut self, addr: u64, value: u64) -> Result<(), Trap> {
        Hart::store_u64(self, addr, value)
    }

    fn load_reserved32(&mut self, addr: u64) -> Result<u64, Trap> {
        self.check_aligned(addr, 4)?;
        let value = Hart::load_u32(self, addr)?;
        self.reservation = Reservation { addr, width: 4, value };
        Ok(value)
    }

    fn load_reserved64(&mut self, addr: u64) -> Result<u64, Trap> {
        self.check_aligned(addr, 8)?;
        let value = Hart::load_u64(self, addr)?;
        self.reservation = Reservation { addr, width: 8, value };
        Ok(value)
    }

    fn store_conditional32(&mut self, addr: u64, value: u64) -> Result<bool, Trap> {
        let reserved = self.take_reservation(addr, 4);
        let cell = self.atomic32(addr)?;
        Ok(reserved.is_some_and(|r| cell.compare_exchange(r.value as u32, value as u32, SEQ, SEQ).is_ok()))
    }

    fn store_conditional64(&mut self, addr: u64, value: u64) -> Result<bool, Trap> {
        let reserved = self.take_reservation(addr, 8);
        let cell = self.atomic64(addr)?;
        Ok(reserved.is_some_and(|r| cell.compare_exchange(r.value, value, SEQ, SEQ).is_ok()))
    }

    fn amo32(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Trap> {
        let cell = self.atomic32(addr)?;
        let value = value as u32;
        let old = match op {
            Amo::Swap => cell.swap(value, SEQ),
            Amo::Add => cell.fetch_add(value, SEQ),
            Amo::Xor => cell.fetch_xor(value, SEQ),
            Amo::And => cell.fetch_and(value, SEQ),
            Amo::Or => cell.fetch_or(value, SEQ),
            Amo::Minu => cell.fetch_min(value, SEQ),
            Amo::Maxu => cell.fetch_max(value, SEQ),
            Amo::Min | Amo::Max => {
                cell.fetch_update(SEQ, SEQ, |old| Some(op.apply32(old, value))).unwrap_or_else(|old| old)
            }
        };
        Ok(u64::from(old))
    }

    fn amo64(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Trap> {
        let cell = self.atomic64(addr)?;
        Ok(match op {
            Amo::Swap => cell.swap(value, SEQ),
            Amo::Add => cell.fetch_add(value, SEQ),
            Amo::Xor => cell.fetch_xor(value, SEQ),
            Amo::And => cell.fetch_and(value, SEQ),
            Amo::Or => cell.fetch_or(value, SEQ),
            Amo::Minu => cell.fetch_min(value, SEQ),
            Amo::Maxu => cell.fetch_max(value, SEQ),
            Amo::Min | Amo::Max => {
                cell.fetch_update(SEQ, SEQ, |old| Some(op.apply64(old, value))).unwrap_or_else(|old| old)
            }
        })
    }

    fn compare_swap32(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Trap> {
        let cell = self.atomic32(addr)?;
        let (Ok(old) | Err(old)) = cell.compare_exchange(expected as u32, value as u32, SEQ, SEQ);
        Ok(u64::from(old))
    }

    fn compare_swap64(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Trap> {
        let (Ok(old) | Err(old)) = self.atomic64(addr)?.compare_exchange(expected, value, SEQ, SEQ);
        Ok(old)
    }

    fn compare_swap128(&mut self, addr: u64, expected: u128, value: u128) -> Result<u128, Trap> {
        let cell = self.atomic_target(addr, 16)?.cast::<u128>();
        self.note_atomic(addr, 16);
        // SAFETY: `atomic_target` gave sixteen mapped, aligned guest bytes.
        Ok(unsafe { compare_exchange128(cell, expected, value) })
    }

    fn zero_block(&mut self, addr: u64) -> Result<(), Trap> {
        let block = addr & !(CACHE_BLOCK - 1);
        match self.ram.write(block, &[0; CACHE_BLOCK as usize]) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Trap::CodeWrite),
            Err(_) => {
                self.fault_addr = addr;
                Err(Trap::StoreFault)
            }
        }
    }

    fn store_done(trap: &Trap) -> bool {
        *trap == Trap::CodeWrite
    }

    fn csr_read(&mut self, _pc: u64, csr: u32) -> Result<u64, Trap> {
        Hart::csr_read(self, csr)
    }

    fn csr_write(&mut self, _pc: u64, csr: u32, value: u64) -> Result<(), Trap> {
        Hart::csr_write(self, csr, value)
    }

    #[cold]
    fn illegal(&mut self, _pc: u64) -> Trap {
        Trap::Illegal
    }

    fn ecall(&mut self, _pc: u64) -> Result<(), Trap> {
        Err(Trap::Ecall)
    }

    fn ebreak(&mut self, _pc: u64) -> Result<(), Trap> {
        Err(Trap::Breakpoint)
    }

    /// x86-64 keeps all orders but that of a store and a later load.
    #[inline(always)]
    fn fence(&mut self, pred: u32, succ: u32) {
        const READ: u32 = 2;
        const WRITE: u32 = 1;
        if !cfg!(target_arch = "x86_64") || pred & WRITE != 0 && succ & READ != 0 {
            std::sync::atomic::fence(SEQ);
        }
    }

    /// Writes to translated code are noticed when they happen, but for those to shared memory through
    /// another mapping.
    fn fence_i(&mut self) {
        if self.ram.synchronise_code() {
            self.stop_at = 0;
        }
    }

    #[inline(never)]
    fn guard_fail(&mut self, pc: u64, value: u64) -> Result<(), Trap> {
        self.pc = self.hw.guard_fail(pc, value).ok_or(Trap::Illegal)?;
        Ok(())
    }

    fn observe_value(&mut self, site: u32, value: u64) {
        self.hw.patterns.observe(site as u16, false, value);
    }

    fn observe_type(&mut self, site: u32, object: u64) {
        let word = if object == 0 { Ok(0) } else { self.ram.read_u32(object) };
        if let Ok(word) = word {
            self.hw.patterns.observe(site as u16, true, u64::from(word));
        }
    }

    fn phase(&mut self, number: u32) {
        self.slot = phase_slot(self.slot, number);
    }

    #[inline]
    fn watch_valid(&mut self, token: u32) -> bool {
        self.ram.watch_valid(token)
    }

    fn roi(&mut self, number: u32) {
        self.slot = roi_slot(self.slot, number);
    }
}
