//! The guest's memory as a hart sees it: bytes, page permissions, and nothing of the host.
//!
//! One host reservation of [`SPACE`] bytes (no access, no memory behind it) stands for the whole guest
//! address space, between as many addresses as a displacement reaches ([`AROUND`]); guest address `a` lives at host address
//! `base + a`. A table with one byte for each page
//! says what the guest may do there. A page's bit is set only while the host has readable and writable
//! memory behind it, so **a checked access never leaves the reservation and never faults on the host**.
//! Shared file mappings whose file shrinks are the one exception; `memory::bus_guard` turns those into zero
//! pages.
//!
//! Each hart's engine has a handle of its own ([`Ram::for_engine`]): what that engine has decoded is kept for
//! it alone, and each engine is told of every write to what it has decoded, whichever hart wrote. So it is with what
//! engines have translated together ([`Ram::for_engines`]); of writes there all engines are told.

mod breakpoints;
pub(super) mod raced;
mod watched;

use super::bus_guard;
use super::forced;
use crate::hardware::{TOKENS, WatchTable};
use rustc_hash::{FxHashMap, FxHashSet};
use std::io;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// log2 of the page size.
pub const PAGE_SHIFT: u32 = 12;
/// Bytes in a page.
pub const PAGE: u64 = 1 << PAGE_SHIFT;
/// log2 of the size of the guest address space: the user half of Sv39.
pub const SPACE_SHIFT: u32 = 38;
/// Size of the guest address space in bytes; addresses at or past it never exist.
pub const SPACE: u64 = 1 << SPACE_SHIFT;

/// Bytes without access before and behind the space: an access at a displacement from an address in it faults.
const AROUND: usize = (1 << 31) + (1 << PAGE_SHIFT);

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
    code: Mutex<CodeMap>,
    /// For each token of the watch table, 1 while it is valid.
    valid: Box<[AtomicU8]>,
    /// Number of breakpoints; see `breakpoints`.
    breakpoints: AtomicUsize,
}

// SAFETY: the pointers are to mappings that live as long as the region; what is behind them is guest
// memory, accessed only as raw bytes.
unsafe impl Send for Region {}
// SAFETY: as above; concurrent guest accesses race only with each other, as they would on hardware.
unsafe impl Sync for Region {}

/// What the engines on this memory have translated.
#[derive(Default)]
struct CodeMap {
    engines: Vec<Registered>,
    /// Stores to pages that hold translated code, since the page has held any.
    stores: FxHashMap<u64, u32>,
    /// What is watched; see `watched`.
    watch: WatchTable,
    /// Where a debugger wants the guest to stop; see `breakpoints`.
    breakpoints: FxHashSet<u64>,
}

/// An engine, or what engines share.
struct Registered {
    notice: Arc<Notice>,
    shared: bool,
    translated: Translated,
}

/// Stores to a page with translated code after which the translation is given up: the guest is writing there.
const MANY_STORES: u32 = 16;

/// Tells an engine that something is in its list of writes.
#[derive(Default)]
struct Notice(AtomicBool);

/// Which parts of which pages an engine has translated, and which of those have been written since.
#[derive(Default)]
struct Translated {
    /// For a page (number), one bit for each 64-byte granule that holds translated bytes.
    granules: FxHashMap<u64, u64>,
    /// Written ranges (start, length) that touched such granules.
    dirty: Vec<(u64, u64)>,
    /// Pages (numbers) of shared mappings that have been translated from: only `fence.i` tells of writes
    /// there.
    shared: FxHashSet<u64>,
}

impl CodeMap {
    /// What the engine with this notice has translated. An engine is registered as long as it has a handle.
    fn of(&mut self, notice: &Arc<Notice>) -> Option<&mut Translated> {
        self.engines.iter_mut().find(|e| Arc::ptr_eq(&e.notice, notice)).map(|e| &mut e.translated)
    }

    /// Has each engine look to whose list of writes `add` adds something, which it says; and every engine, when that was
    /// to the list of what they share. True when there was something.
    fn tell(&mut self, add: impl Fn(&mut Registered) -> bool) -> bool {
        let (mut any, mut shared) = (false, false);
        for engine in &mut self.engines {
            if add(engine) {
                engine.notice.0.store(true, Ordering::Release);
                any = true;
                shared |= engine.shared;
            }
        }
        if shared {
            self.engines.iter().for_each(|e| e.notice.0.store(true, Ordering::Release));
        }
        any
    }

    /// Reports a range to the engines that `wants` picks. True when there was one.
    fn report(&mut self, start: u64, len: u64, wants: impl Fn(&Translated) -> bool) -> bool {
        self.tell(|engine| {
            let wanted = wants(&engine.translated);
            if wanted {
                engine.translated.dirty.push((start, len));
            }
            wanted
        })
    }

    /// Reports what was translated from shared pages as written, for the engines that `wants` picks. True when there is
    /// any.
    fn synchronise(&mut self, wants: impl Fn(&Registered) -> bool) -> bool {
        self.tell(|engine| {
            let wanted = wants(engine) && !engine.translated.shared.is_empty();
            if wanted {
                let pages = engine.translated.shared.drain();
                engine.translated.dirty.extend(pages.map(|page| (page << PAGE_SHIFT, PAGE)));
            }
            wanted
        })
    }

    /// True when an engine has translated something on the page, or something there is watched.
    fn has(&self, page: u64) -> bool {
        self.engines.iter().any(|e| e.translated.granules.contains_key(&page))
            || self.watch.covers(page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT)
    }
}

/// An engine's registration; it ends with the last handle.
struct Engine {
    region: Arc<Region>,
    notice: Arc<Notice>,
}

impl Engine {
    fn register(region: Arc<Region>, shared: bool) -> Arc<Engine> {
        let notice = Arc::new(Notice::default());
        let registered = Registered { notice: notice.clone(), shared, translated: Translated::default() };
        region.code().engines.push(registered);
        Arc::new(Engine { region, notice })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        let mut code = self.region.code();
        let Some(at) = code.engines.iter().position(|e| Arc::ptr_eq(&e.notice, &self.notice)) else { return };
        let gone = code.engines.swap_remove(at).translated;
        for page in gone.granules.into_keys().filter(|&page| page < SPACE >> PAGE_SHIFT) {
            if !code.has(page) {
                self.region.unlock(page);
                code.stores.remove(&page);
            }
        }
    }
}

impl Region {
    fn new() -> io::Result<Region> {
        let all = reserve(SPACE as usize + 2 * AROUND, libc::PROT_NONE)?;
        // SAFETY: inside what was just reserved.
        let base = unsafe { all.add(AROUND) };
        let perms = match reserve((SPACE >> PAGE_SHIFT) as usize, libc::PROT_READ | libc::PROT_WRITE) {
            Ok(p) => p,
            Err(e) => {
                // SAFETY: unmaps what was just mapped; no one has seen it.
                unsafe { libc::munmap(all.cast(), SPACE as usize + 2 * AROUND) };
                return Err(e);
            }
        };
        let valid = (0..TOKENS).map(|_| AtomicU8::new(0)).collect();
        Ok(Region { base, perms, code: Mutex::default(), valid, breakpoints: AtomicUsize::new(0) })
    }

    fn code(&self) -> MutexGuard<'_, CodeMap> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Permission byte of a page, which is inside the space.
    fn perms_of(&self, page: u64) -> &AtomicU8 {
        assert!(page < SPACE >> PAGE_SHIFT, "page {page:#x} inside the space");
        // SAFETY: inside the table, as just checked.
        unsafe { &*self.perms.add(page as usize).cast::<AtomicU8>() }
    }

    /// Marks a page as holding translated code. The host refuses writes there from now on.
    fn lock(&self, page: u64) {
        if self.perms_of(page).load(Ordering::Relaxed) & CODE != 0 {
            return;
        }
        let before = self.perms_of(page).fetch_or(CODE, Ordering::Relaxed);
        if before & (CODE | WRITE) == WRITE {
            self.host_protect(page, libc::PROT_READ);
        }
    }

    /// A page holds no translated code any more.
    fn unlock(&self, page: u64) {
        let before = self.perms_of(page).fetch_and(!CODE, Ordering::Relaxed);
        if before & (CODE | WRITE) == CODE | WRITE {
            self.host_protect(page, libc::PROT_READ | libc::PROT_WRITE);
        }
    }

    fn host_protect(&self, page: u64, prot: i32) {
        // SAFETY: a page of guest memory, whose new protection refuses at most what the callers want refused.
        unsafe { libc::mprotect(self.base.add((page << PAGE_SHIFT) as usize).cast(), PAGE as usize, prot) };
    }
}

impl Drop for Region {
    fn drop(&mut self) {
        raced::remove(self);
        bus_guard::forget(self.base as usize);
        // SAFETY: both mappings were made by `new` with these sizes and no pointer to them outlives the
        // region.
        unsafe {
            libc::munmap(self.base.sub(AROUND).cast(), SPACE as usize + 2 * AROUND);
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

/// A handle on guest memory. Cheap to clone; all clones see the same memory, and belong to the same engine.
#[derive(Clone)]
pub struct Ram {
    base: *mut u8,
    perms: *const AtomicU8,
    engine: Arc<Engine>,
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
        raced::add(&region);
        Ok(Ram {
            base: region.base,
            perms: region.perms.cast_const().cast(),
            engine: Engine::register(region, false),
        })
    }

    /// A handle on the same memory for another engine, that is, for another hart.
    pub fn for_engine(&self) -> Ram {
        self.registered(false)
    }

    /// A handle on the same memory for what the engines of several harts have translated together. Writes to that are
    /// told to all engines.
    pub(crate) fn for_engines(&self) -> Ram {
        self.registered(true)
    }

    fn registered(&self, shared: bool) -> Ram {
        Ram {
            base: self.base,
            perms: self.perms,
            engine: Engine::register(self.engine.region.clone(), shared),
        }
    }

    /// Whether the handle is on the same memory.
    pub(crate) fn is_same_memory(&self, other: &Ram) -> bool {
        Arc::ptr_eq(&self.engine.region, &other.engine.region)
    }

    /// Keeps other threads out of the books on translated code while the guard lives: for `fork`.
    pub(crate) fn quiesce(&self) -> impl Drop + '_ {
        self.code()
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
        if need & WRITE != 0 && len != 0 {
            // Who writes through the pointer must not find the pages locked.
            for page in addr >> PAGE_SHIFT..=(addr + len - 1) >> PAGE_SHIFT {
                if self.perm(page) & CODE != 0 {
                    let mut code = self.code();
                    let (start, end) = (page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
                    drop_code(&mut code, start, end);
                    watched::opened(&self.engine.region, &mut code, start..end, addr..addr + len);
                    self.engine.region.unlock(page);
                }
            }
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
        if data.is_empty() {
            return;
        }
        let pages = addr >> PAGE_SHIFT..=(addr + data.len() as u64 - 1) >> PAGE_SHIFT;
        if pages.clone().all(|page| self.perm(page) & (WRITE | CODE) == WRITE) {
            // SAFETY: callers have checked that all pages of the range are mapped, and the host lets us write to
            // them; `data` never overlaps the reservation.
            unsafe { ptr::copy_nonoverlapping(data.as_ptr(), self.base.add(addr as usize), data.len()) };
            return;
        }
        // SAFETY: the range is inside the reservation and mapped.
        unsafe { forced::write(self.base.add(addr as usize), data) };
        let mut code = self.code();
        for page in pages.filter(|&page| self.perm(page) & CODE != 0) {
            let stores = code.stores.entry(page).or_default();
            *stores += 1;
            if *stores >= MANY_STORES {
                code.stores.remove(&page);
                drop_code(&mut code, page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
            }
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
        watched::written(&self.engine.region, &mut code, addr, addr + len);
        code.report(addr, len, |t| {
            let touched =
                |page| t.granules.get(&page).map(|bits| bits & granule_mask(page, addr, addr + len));
            (first..=last).any(|page| touched(page).is_some_and(|bits| bits != 0))
        })
    }

    fn code(&self) -> MutexGuard<'_, CodeMap> {
        self.engine.region.code()
    }

    /// Records that `start..end` has been translated: later writes there are reported. True when another thread may have
    /// written there since it was read: then that is to be looked at again.
    pub(crate) fn mark_code(&self, start: u64, end: u64) -> bool {
        let mut code = self.code();
        // A thread has an engine, and perhaps a part in what engines share.
        let others = code.engines.iter().filter(|e| !e.shared).count() > 1;
        let Some(code) = code.of(&self.engine.notice) else { return others };
        for page in start >> PAGE_SHIFT..=(end - 1) >> PAGE_SHIFT {
            *code.granules.entry(page).or_default() |= granule_mask(page, start, end);
            if self.perm(page) & SHARED != 0 {
                code.shared.insert(page);
            }
            self.engine.region.lock(page);
        }
        others
    }

    /// `fence.i`: reports what this engine, or what it shares with others, has translated from shared pages as written.
    /// True when there is any.
    pub(crate) fn synchronise_code(&self) -> bool {
        self.code().synchronise(|e| e.shared || Arc::ptr_eq(&e.notice, &self.engine.notice))
    }

    /// True when another engine has not looked yet at writes to what it has translated.
    pub(crate) fn others_are_behind(&self) -> bool {
        let behind = |e: &Registered| {
            !e.shared && !Arc::ptr_eq(&e.notice, &self.engine.notice) && e.notice.0.load(Ordering::Acquire)
        };
        self.code().engines.iter().any(behind)
    }

    /// As [`Ram::synchronise_code`], for every engine.
    pub(crate) fn synchronise_all_code(&self) {
        self.code().synchronise(|_| true);
    }

    /// Records that the granules of `page` in `bits` are all that is still translated there.
    pub(crate) fn set_code_granules(&self, page: u64, bits: u64) {
        let mut code = self.code();
        let Some(own) = code.of(&self.engine.notice) else { return };
        if bits != 0 {
            own.granules.insert(page, bits);
            return;
        }
        own.granules.remove(&page);
        if page < SPACE >> PAGE_SHIFT && !code.has(page) {
            self.engine.region.unlock(page);
            code.stores.remove(&page);
        }
    }

    /// True when [`Ram::take_dirty_code`] has something to give.
    #[inline(always)]
    pub(crate) fn has_dirty_code(&self) -> bool {
        self.engine.notice.0.load(Ordering::Relaxed)
    }

    /// Ranges (start, length) written since the last call that hold, or held, code that this engine translated.
    pub(crate) fn take_dirty_code(&self) -> Vec<(u64, u64)> {
        let mut code = self.code();
        self.engine.notice.0.store(false, Ordering::Relaxed);
        code.of(&self.engine.notice).map(|t| std::mem::take(&mut t.dirty)).unwrap_or_default()
    }

    /// Sets the permission bytes of whole pages; translated code there is reported as written, for its
    /// right to run may have changed.
    pub(super) fn set_perms(&self, start: u64, end: u64, perms: u8) {
        debug_assert!(start.is_multiple_of(PAGE) && end.is_multiple_of(PAGE) && end <= SPACE);
        let (first, last) = (start >> PAGE_SHIFT, end >> PAGE_SHIFT);
        // Held to the end, so that no other engine marks a page between the look and the write.
        let mut code = self.code();
        watched::written(&self.engine.region, &mut code, start, end);
        let code_pages = self.code_pages(&code, first, last);
        // SAFETY: inside the table: `end` is at most SPACE. Other harts read these bytes as atomics; whichever
        // value they see is one that the page had or will have.
        unsafe {
            ptr::write_bytes(
                self.perms.cast_mut().cast::<u8>().add(first as usize),
                perms,
                (last - first) as usize,
            )
        };
        for &page in &code_pages {
            self.engine.region.lock(page);
        }
        if !code_pages.is_empty() && perms & EXEC == 0 {
            drop_code(&mut code, start, end);
        }
    }

    /// The pages of `first..last` that hold translated code, by the shorter way of finding out.
    fn code_pages(&self, code: &CodeMap, first: u64, last: u64) -> Vec<u64> {
        let known = code.engines.iter().map(|e| e.translated.granules.len() as u64).sum();
        if last - first < known {
            return (first..last).filter(|&page| self.perm(page) & CODE != 0).collect();
        }
        let pages = code.engines.iter().flat_map(|e| e.translated.granules.keys());
        pages.copied().filter(|page| (first..last).contains(page)).collect()
    }

    /// Reports all translated code in the range as written.
    pub(super) fn drop_code(&self, start: u64, end: u64) {
        let mut code = self.code();
        watched::written(&self.engine.region, &mut code, start, end);
        drop_code(&mut code, start, end);
    }

    /// Host address of guest address 0.
    pub fn base_address(&self) -> u64 {
        self.base as u64
    }

    /// Host address of the reservation, for `AddressSpace` to map into.
    pub(super) fn base(&self) -> *mut u8 {
        self.base
    }
}

/// Reports the range to the engines that have translated something on its pages.
fn drop_code(code: &mut CodeMap, start: u64, end: u64) {
    let (first, last) = (start >> PAGE_SHIFT, end >> PAGE_SHIFT);
    code.report(start, end - start, |t| {
        if last - first < t.granules.len() as u64 {
            (first..last).any(|page| t.granules.contains_key(&page))
        } else {
            t.granules.keys().any(|page| (first..last).contains(page))
        }
    });
}

/// Bits of the granules of `page` that `start..end` touches.
pub(crate) fn granule_mask(page: u64, start: u64, end: u64) -> u64 {
    let page_start = page << PAGE_SHIFT;
    let lo = start.max(page_start) - page_start;
    let hi = (end.min(page_start + PAGE) - 1) - page_start;
    let (lo, hi) = (lo >> GRANULE_SHIFT, hi >> GRANULE_SHIFT);
    (u64::MAX >> (63 - (hi - lo))) << lo
}
