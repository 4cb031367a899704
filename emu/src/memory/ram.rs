//! The guest's memory as a hart sees it: bytes, page permissions, and nothing of the host.
//!
//! One host reservation of [`SPACE`] bytes (no access, no memory behind it) stands for the whole guest
//! address space; guest address `a` lives at host address `base + a`. A table with one byte for each page
//! says what the guest may do there. A page's bit is set only while the host has readable and writable
//! memory behind it, so **a checked access never leaves the reservation and never faults on the host**.
//! Shared file mappings whose file shrinks are the one exception; `memory::bus_guard` turns those into zero
//! pages.

use super::bus_guard;
use rustc_hash::{FxHashMap, FxHashSet};
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

/// log2 of the page size.
pub const PAGE_SHIFT: u32 = 12;
/// Bytes in a page.
pub const PAGE: u64 = 1 << PAGE_SHIFT;
/// log2 of the size of the guest address space: the user half of Sv39.
pub const SPACE_SHIFT: u32 = 38;
/// Size of the guest address space in bytes; addresses at or past it never exist.
pub const SPACE: u64 = 1 << SPACE_SHIFT;

/// The guest may read the page.
pub const READ: u8 = 1;
/// The guest may write the page.
pub const WRITE: u8 = 2;
/// The guest may execute the page.
pub const EXEC: u8 = 4;
/// The page holds bytes of translated code: stores take the slow path.
pub const CODE: u8 = 8;
/// The page is mapped (perhaps with no access), and host memory is behind it.
pub const MAPPED: u8 = 16;

/// The page is part of a shared mapping: its bytes can change behind the page table, through another
/// mapping or process.
pub const SHARED: u8 = 32;

/// Bytes of code whose translation is tracked by one bit.
const GRANULE_SHIFT: u32 = 6;

/// The host reservation and the page table.
pub(crate) struct Region {
    base: *mut u8,
    perms: *mut u8,
    /// Set while `CodeMap::dirty` is not empty.
    code_dirty: AtomicBool,
    code: Mutex<CodeMap>,
}

// SAFETY: the pointers are to mappings that live as long as the region; what is behind them is guest
// memory, accessed only as raw bytes.
unsafe impl Send for Region {}
// SAFETY: as above; concurrent guest accesses race only with each other, as they would on hardware.
unsafe impl Sync for Region {}

/// Which parts of which pages have been translated, and which of those have been written since.
#[derive(Default)]
pub(crate) struct CodeMap {
    /// For a page (number), one bit for each 64-byte granule that holds translated bytes.
    granules: FxHashMap<u64, u64>,
    /// Written ranges (start, length) that touched such granules.
    dirty: Vec<(u64, u64)>,
    /// Pages (numbers) of shared mappings that have been translated from: only `fence.i` tells of writes
    /// there.
    shared: FxHashSet<u64>,
}

impl Region {
    fn new() -> io::Result<Region> {
        let base = reserve(SPACE as usize, libc::PROT_NONE)?;
        let perms = match reserve((SPACE >> PAGE_SHIFT) as usize, libc::PROT_READ | libc::PROT_WRITE) {
            Ok(p) => p,
            Err(e) => {
                // SAFETY: unmaps what was just mapped; no one has seen it.
                unsafe { libc::munmap(base.cast(), SPACE as usize) };
                return Err(e);
            }
        };
        Ok(Region { base, perms, code_dirty: AtomicBool::new(false), code: Mutex::default() })
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        bus_guard::forget(self.base as usize);
        // SAFETY: both mappings were made by `new` with these sizes and no pointer to them outlives the
        // region.
        unsafe {
            libc::munmap(self.base.cast(), SPACE as usize);
            libc::munmap(self.perms.cast(), (SPACE >> PAGE_SHIFT) as usize);
        }
    }
}

fn reserve(len: usize, prot: i32) -> io::Result<*mut u8> {
    // SAFETY: a fresh anonymous mapping at an address the kernel chooses.
    let p = unsafe {
        libc::mmap(
            ptr::null_mut(),
            len,
            prot,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if p == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(p.cast()) }
}

/// A handle on guest memory. Cheap to clone; all clones see the same memory.
#[derive(Clone)]
pub struct Ram {
    base: *mut u8,
    perms: *const AtomicU8,
    region: Arc<Region>,
}

// SAFETY: see `Region`, which the pointers belong to and which the handle keeps alive.
unsafe impl Send for Ram {}

/// Defines the load and store of one width.
macro_rules! access {
    ($load:ident, $store:ident, $ty:ty) => {
        /// The value at `addr`, or `None` when it is misaligned or may not be read (the caller then takes
        /// the slow path).
        #[inline(always)]
        pub fn $load(&self, addr: u64) -> Option<$ty> {
            const N: u64 = size_of::<$ty>() as u64;
            if addr & (!(SPACE - 1) | (N - 1)) != 0 || self.perm(addr >> PAGE_SHIFT) & READ == 0 {
                return None;
            }
            // SAFETY: aligned, inside the reservation, and the page's READ bit says that host memory is
            // behind it.
            Some(<$ty>::from_le(unsafe { ptr::read(self.base.add(addr as usize).cast::<$ty>()) }))
        }

        /// Stores `val`; false when `addr` is misaligned, may not be written, or is on a page with
        /// translated code (slow path).
        #[inline(always)]
        #[must_use]
        pub fn $store(&self, addr: u64, val: $ty) -> bool {
            const N: u64 = size_of::<$ty>() as u64;
            if addr & (!(SPACE - 1) | (N - 1)) != 0 || self.perm(addr >> PAGE_SHIFT) & (WRITE | CODE) != WRITE
            {
                return false;
            }
            // SAFETY: aligned, inside the reservation, and the page's WRITE bit says that host memory is
            // behind it.
            unsafe { ptr::write(self.base.add(addr as usize).cast::<$ty>(), val.to_le()) };
            true
        }
    };
}

impl Ram {
    /// A fresh address space with nothing mapped. Error: the host cannot reserve [`SPACE`] bytes of
    /// addresses.
    pub fn new() -> io::Result<Ram> {
        let region = Arc::new(Region::new()?);
        Ok(Ram { base: region.base, perms: region.perms.cast_const().cast(), region })
    }

    /// Permission byte of a page; `page` must be below `SPACE >> PAGE_SHIFT`.
    #[inline(always)]
    fn perm(&self, page: u64) -> u8 {
        debug_assert!(page < SPACE >> PAGE_SHIFT);
        // SAFETY: the table has a byte for every page of the space, and callers check the range.
        unsafe { (*self.perms.add(page as usize)).load(Ordering::Relaxed) }
    }

    /// Permission byte of the page that holds `addr`; 0 outside the address space.
    pub fn page_perms(&self, addr: u64) -> u8 {
        if addr < SPACE { self.perm(addr >> PAGE_SHIFT) } else { 0 }
    }

    access!(load_u8, store_u8, u8);
    access!(load_u16, store_u16, u16);
    access!(load_u32, store_u32, u32);
    access!(load_u64, store_u64, u64);

    /// The first address of `addr..addr+len` that is on a page without all of `need`; `None` when all have
    /// it.
    fn first_lacking(&self, addr: u64, len: u64, need: u8) -> Option<u64> {
        if len == 0 {
            return None;
        }
        let Some(last) = addr.checked_add(len - 1).filter(|&l| l < SPACE) else {
            return Some(if addr < SPACE {
                self.first_lacking(addr, SPACE - addr, need).unwrap_or(SPACE)
            } else {
                addr
            });
        };
        (addr >> PAGE_SHIFT..=last >> PAGE_SHIFT)
            .find(|&page| self.perm(page) & need != need)
            .map(|page| addr.max(page << PAGE_SHIFT))
    }

    /// Host pointer to `len` guest bytes that all have the permissions `need`; `None` otherwise. `len` 0
    /// always succeeds inside the space.
    ///
    /// The pointer is good until the mapping changes. Whoever writes through it calls [`Ram::note_write`].
    pub fn host_ptr(&self, addr: u64, len: u64, need: u8) -> Option<*mut u8> {
        if self.first_lacking(addr, len, need).is_some() || addr > SPACE {
            return None;
        }
        // SAFETY: `addr` is at most the end of the reservation.
        Some(unsafe { self.base.add(addr as usize) })
    }

    /// Host pointer to `len` bytes for an atomic access, which reads and writes.
    pub(crate) fn writable_ptr(&self, addr: u64, len: u64) -> Option<*mut u8> {
        self.host_ptr(addr, len, READ | WRITE)
    }

    /// Copies guest memory out. Error: the first address that may not be read.
    pub fn read(&self, addr: u64, out: &mut [u8]) -> Result<(), u64> {
        self.copy_out(addr, out, READ)
    }

    /// Copies executable guest memory out. Error: the first address that may not be executed.
    pub fn fetch(&self, addr: u64, out: &mut [u8]) -> Result<(), u64> {
        self.copy_out(addr, out, EXEC)
    }

    fn copy_out(&self, addr: u64, out: &mut [u8], need: u8) -> Result<(), u64> {
        let len = out.len() as u64;
        if let Some(bad) = self.first_lacking(addr, len, need) {
            return Err(bad);
        }
        if len != 0 {
            // SAFETY: all pages of the range are mapped; `out` is host memory, which never overlaps the
            // reservation.
            unsafe { ptr::copy_nonoverlapping(self.base.add(addr as usize), out.as_mut_ptr(), out.len()) };
        }
        Ok(())
    }

    /// Copies into guest memory as the guest itself would store. `Ok(true)`: translated code was hit.
    /// Error: the first address that may not be written (nothing is written then).
    pub fn write(&self, addr: u64, data: &[u8]) -> Result<bool, u64> {
        if let Some(bad) = self.first_lacking(addr, data.len() as u64, WRITE) {
            return Err(bad);
        }
        self.write_mapped(addr, data);
        Ok(self.note_write(addr, data.len() as u64))
    }

    /// Copies into mapped memory whatever its permissions (the loader fills read-only segments). Error: the
    /// first unmapped address.
    pub(crate) fn poke(&self, addr: u64, data: &[u8]) -> Result<(), u64> {
        match self.first_lacking(addr, data.len() as u64, MAPPED) {
            Some(bad) => Err(bad),
            None => {
                self.write_mapped(addr, data);
                self.note_write(addr, data.len() as u64);
                Ok(())
            }
        }
    }

    fn write_mapped(&self, addr: u64, data: &[u8]) {
        if !data.is_empty() {
            // SAFETY: callers have checked that all pages of the range are mapped; `data` never overlaps
            // the reservation.
            unsafe { ptr::copy_nonoverlapping(data.as_ptr(), self.base.add(addr as usize), data.len()) };
        }
    }

    /// A 64-bit little-endian value, any alignment. Error: the address that may not be read.
    pub fn read_u64(&self, addr: u64) -> Result<u64, u64> {
        let mut b = [0; 8];
        self.read(addr, &mut b).map(|()| u64::from_le_bytes(b))
    }

    /// A 32-bit little-endian value, any alignment. Error: the address that may not be read.
    pub fn read_u32(&self, addr: u64) -> Result<u32, u64> {
        let mut b = [0; 4];
        self.read(addr, &mut b).map(|()| u32::from_le_bytes(b))
    }

    /// The bytes before the terminating zero at `addr`, at most `max` of them. Errors: the address that may
    /// not be read; `addr + max` when there is no zero in time.
    pub fn read_cstr(&self, addr: u64, max: u64) -> Result<Vec<u8>, u64> {
        let mut out = Vec::new();
        let mut at = addr;
        while out.len() < max as usize {
            let chunk = (PAGE - at % PAGE).min(max - out.len() as u64) as usize;
            let start = out.len();
            out.resize(start + chunk, 0);
            self.read(at, &mut out[start..])?;
            if let Some(n) = out[start..].iter().position(|&b| b == 0) {
                out.truncate(start + n);
                return Ok(out);
            }
            at += chunk as u64;
        }
        Err(addr + max)
    }

    /// Tells that guest memory was written other than by a store instruction. True when translated code was
    /// hit; the engine then finds the range with [`Ram::take_dirty_code`].
    pub fn note_write(&self, addr: u64, len: u64) -> bool {
        if len == 0 {
            return false;
        }
        let (first, last) = (addr >> PAGE_SHIFT, (addr + len - 1) >> PAGE_SHIFT);
        if !(first..=last).any(|page| self.perm(page) & CODE != 0) {
            return false;
        }
        let mut code = self.code();
        let hit = (first..=last).any(|page| {
            code.granules.get(&page).is_some_and(|bits| bits & granule_mask(page, addr, addr + len) != 0)
        });
        if hit {
            code.dirty.push((addr, len));
            self.region.code_dirty.store(true, Ordering::Relaxed);
        }
        hit
    }

    fn code(&self) -> MutexGuard<'_, CodeMap> {
        self.region.code.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// Records that `start..end` has been translated: later writes there are reported.
    pub(crate) fn mark_code(&self, start: u64, end: u64) {
        let mut code = self.code();
        for page in start >> PAGE_SHIFT..=(end - 1) >> PAGE_SHIFT {
            *code.granules.entry(page).or_default() |= granule_mask(page, start, end);
            if self.perm(page) & SHARED != 0 {
                code.shared.insert(page);
            }
            // SAFETY: translated code was fetched from these pages, so they are inside the space.
            unsafe { (*self.perms.add(page as usize)).fetch_or(CODE, Ordering::Relaxed) };
        }
    }

    /// `fence.i`: reports translated code on shared pages as written. True when there is any.
    pub(crate) fn synchronise_code(&self) -> bool {
        let mut code = self.code();
        if code.shared.is_empty() {
            return false;
        }
        let pages: Vec<(u64, u64)> = code.shared.drain().map(|page| (page << PAGE_SHIFT, PAGE)).collect();
        code.dirty.extend(pages);
        self.region.code_dirty.store(true, Ordering::Relaxed);
        true
    }

    /// Records that the granules of `page` in `bits` are all that is still translated there.
    pub(crate) fn set_code_granules(&self, page: u64, bits: u64) {
        let mut code = self.code();
        if bits != 0 {
            code.granules.insert(page, bits);
            return;
        }
        code.granules.remove(&page);
        if page < SPACE >> PAGE_SHIFT {
            // SAFETY: inside the table, as just checked.
            unsafe { (*self.perms.add(page as usize)).fetch_and(!CODE, Ordering::Relaxed) };
        }
    }

    /// True when [`Ram::take_dirty_code`] has something to give.
    #[inline(always)]
    pub(crate) fn has_dirty_code(&self) -> bool {
        self.region.code_dirty.load(Ordering::Relaxed)
    }

    /// Ranges (start, length) written since the last call that hold, or held, translated code.
    pub(crate) fn take_dirty_code(&self) -> Vec<(u64, u64)> {
        self.region.code_dirty.store(false, Ordering::Relaxed);
        std::mem::take(&mut self.code().dirty)
    }

    /// Sets the permission bytes of whole pages; translated code there is reported as written, for its
    /// right to run may have changed.
    pub(super) fn set_perms(&self, start: u64, end: u64, perms: u8) {
        debug_assert!(start.is_multiple_of(PAGE) && end.is_multiple_of(PAGE) && end <= SPACE);
        let (first, last) = (start >> PAGE_SHIFT, end >> PAGE_SHIFT);
        let code_pages = self.code_pages(first, last);
        // SAFETY: inside the table: `end` is at most SPACE. One hart runs, and it is in this call.
        unsafe {
            ptr::write_bytes(
                self.perms.cast_mut().cast::<u8>().add(first as usize),
                perms,
                (last - first) as usize,
            )
        };
        for &page in &code_pages {
            // SAFETY: inside the table, as above.
            unsafe { (*self.perms.add(page as usize)).fetch_or(CODE, Ordering::Relaxed) };
        }
        if !code_pages.is_empty() && perms & EXEC == 0 {
            self.drop_code(start, end);
        }
    }

    /// The pages of `first..last` that hold translated code, by the shorter way of finding out.
    fn code_pages(&self, first: u64, last: u64) -> Vec<u64> {
        let code = self.code();
        if last - first < code.granules.len() as u64 {
            (first..last).filter(|&page| self.perm(page) & CODE != 0).collect()
        } else {
            code.granules.keys().copied().filter(|page| (first..last).contains(page)).collect()
        }
    }

    /// Reports all translated code in the range as written.
    pub(super) fn drop_code(&self, start: u64, end: u64) {
        if !self.code_pages(start >> PAGE_SHIFT, end >> PAGE_SHIFT).is_empty() {
            self.code().dirty.push((start, end - start));
            self.region.code_dirty.store(true, Ordering::Relaxed);
        }
    }

    /// Host address of the reservation, for `AddressSpace` to map into.
    pub(super) fn base(&self) -> *mut u8 {
        self.base
    }
}

/// Bits of the granules of `page` that `start..end` touches.
pub(crate) fn granule_mask(page: u64, start: u64, end: u64) -> u64 {
    let page_start = page << PAGE_SHIFT;
    let lo = start.max(page_start) - page_start;
    let hi = (end.min(page_start + PAGE) - 1) - page_start;
    let (lo, hi) = (lo >> GRANULE_SHIFT, hi >> GRANULE_SHIFT);
    (u64::MAX >> (63 - (hi - lo))) << lo
}
