//! What is mapped where: the kernel's side of `mmap`, `munmap`, `mprotect`, `mremap` and `brk`.
//!
//! Invariants: mappings never overlap; a page is in a mapping exactly when its `MAPPED` bit is set; host
//! memory behind a mapped page is always readable and writable, guest permissions being enforced by the
//! page table alone.

use super::bus_guard;
use super::ram::{EXEC, MAPPED, PAGE, READ, Ram, SHARED, SPACE, WRITE};
use crate::errno::Errno;
use std::collections::BTreeMap;
use std::os::fd::RawFd;

/// Lowest address that is ever mapped (Linux's default `vm.mmap_min_addr`).
pub const MIN_ADDR: u64 = 0x10000;

/// What stands behind a new mapping.
#[derive(Clone, Copy, Debug)]
pub enum Backing {
    /// Zero pages.
    Anonymous,
    /// A host file from a page-aligned offset.
    File {
        /// Host descriptor.
        fd: RawFd,
        /// Offset in bytes.
        offset: u64,
    },
    /// A System V shared memory segment of the host, all of it.
    Segment {
        /// Its number.
        id: i32,
    },
}

/// Where a new mapping may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// At the given address if that is free, else anywhere.
    Hint(u64),
    /// Exactly there, replacing what is there.
    Fixed(u64),
    /// Exactly there, or `EEXIST`.
    FixedNoReplace(u64),
}

/// One mapping. Its start is the key in [`AddressSpace::mappings`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vma {
    /// First address past the mapping.
    pub end: u64,
    /// `READ | WRITE | EXEC` bits.
    pub prot: u8,
    /// Writes go to the file or to other processes.
    pub shared: bool,
    /// What `/proc/self/maps` calls it; empty for anonymous memory.
    pub name: String,
    /// Offset in the file of the first byte; 0 for anonymous memory.
    pub offset: u64,
}

impl Vma {
    /// Whether it is of a System V shared memory segment.
    pub fn is_segment(&self) -> bool {
        self.name.starts_with("/SYSV") && self.name.ends_with(" (deleted)")
    }

    fn joins(&self, next_start: u64, next: &Vma) -> bool {
        self.end == next_start
            && self.prot == next.prot
            && self.shared == next.shared
            && self.name == next.name
            && !self.name.starts_with('/')
    }
}

/// The mappings of one process.
pub struct AddressSpace {
    ram: Ram,
    vmas: BTreeMap<u64, Vma>,
    /// Free ranges are looked for below this address, from the top.
    mmap_top: u64,
    /// A lower bound of `mmap_top`'s successor: everything between it and `mmap_top` is known to be taken.
    /// Reset by `unmap`.
    search_from: u64,
    brk_start: u64,
    brk: u64,
}

/// The host's protection for the guest's: what may be executed is read by the engines.
fn host_prot(prot: u8) -> i32 {
    if prot & WRITE != 0 {
        libc::PROT_READ | libc::PROT_WRITE
    } else if prot != 0 {
        libc::PROT_READ
    } else {
        libc::PROT_NONE
    }
}

impl AddressSpace {
    /// An empty space over `ram`, with mappings placed below `mmap_top`.
    pub fn new(ram: Ram, mmap_top: u64) -> AddressSpace {
        AddressSpace { ram, vmas: BTreeMap::new(), mmap_top, search_from: mmap_top, brk_start: 0, brk: 0 }
    }

    /// The memory itself.
    pub fn ram(&self) -> &Ram {
        &self.ram
    }

    /// All mappings in address order, as (start, mapping).
    pub fn mappings(&self) -> impl Iterator<Item = (u64, &Vma)> {
        self.vmas.iter().map(|(&start, vma)| (start, vma))
    }

    /// The mapping that holds `addr`, with its start.
    pub fn find(&self, addr: u64) -> Option<(u64, &Vma)> {
        self.vmas.range(..=addr).next_back().filter(|(_, v)| v.end > addr).map(|(&s, v)| (s, v))
    }

    /// Maps `len` bytes (rounded up to pages) and returns the address. `prot` is a set of `READ | WRITE |
    /// EXEC`.
    ///
    /// Errors: `EINVAL` (length 0, unaligned fixed address), `ENOMEM` (does not fit), `EEXIST`, or what the
    /// host says of the file.
    pub fn map(
        &mut self,
        place: Placement,
        len: u64,
        prot: u8,
        shared: bool,
        backing: Backing,
        name: &str,
    ) -> Result<u64, Errno> {
        if len == 0 {
            return Err(Errno::INVAL);
        }
        let len = page_up(len).ok_or(Errno::NOMEM)?;
        let start = match place {
            Placement::Hint(want) => {
                let want = want & !(PAGE - 1);
                let fits = want >= MIN_ADDR && want.checked_add(len).is_some_and(|end| end <= SPACE - PAGE);
                if fits && self.is_free(want, want + len) {
                    want
                } else {
                    self.find_free(len).ok_or(Errno::NOMEM)?
                }
            }
            Placement::Fixed(at) | Placement::FixedNoReplace(at) => {
                check_range(at, len)?;
                if at < MIN_ADDR {
                    return Err(Errno::PERM);
                }
                if matches!(place, Placement::FixedNoReplace(_)) && !self.is_free(at, at + len) {
                    return Err(Errno::EXIST);
                }
                at
            }
        };
        let share = if shared { libc::MAP_SHARED } else { libc::MAP_PRIVATE };
        let flags = share | libc::MAP_NORESERVE;
        let offset = match backing {
            Backing::Anonymous => {
                self.host_map(start, len, host_prot(prot), flags | libc::MAP_ANONYMOUS, -1, 0)?;
                0
            }
            Backing::File { fd, offset } => {
                bus_guard::watch(self.ram.base() as usize);
                self.host_map(start, len, host_prot(prot), flags, fd, offset)?;
                offset
            }
            Backing::Segment { id } => {
                self.host_attach(start, id, prot)?;
                0
            }
        };
        self.forget(start, start + len);
        self.ram.drop_code(start, start + len);
        self.ram.set_perms(start, start + len, page_bits(prot, shared));
        self.insert(start, Vma { end: start + len, prot, shared, name: name.to_owned(), offset });
        Ok(start)
    }

    /// Removes every mapping in the range. Error: `EINVAL` for an unaligned or absurd range.
    pub fn unmap(&mut self, start: u64, len: u64) -> Result<(), Errno> {
        let len = page_up(len).filter(|&l| l != 0).ok_or(Errno::INVAL)?;
        check_range(start, len).map_err(|_| Errno::INVAL)?;
        let end = start + len;
        if self.is_free(start, end) {
            return Ok(());
        }
        self.ram.set_perms(start, end, 0);
        self.host_map(
            start,
            len,
            libc::PROT_NONE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )?;
        self.forget(start, end);
        self.search_from = self.mmap_top;
        Ok(())
    }

    /// Changes permissions. Errors: `EINVAL` (unaligned), `ENOMEM` (part of the range is not mapped),
    /// `EACCES` (a shared file that is read-only).
    pub fn protect(&mut self, start: u64, len: u64, prot: u8) -> Result<(), Errno> {
        if !start.is_multiple_of(PAGE) {
            return Err(Errno::INVAL);
        }
        let len = page_up(len).ok_or(Errno::NOMEM)?;
        if len == 0 {
            return Ok(());
        }
        check_range(start, len).map_err(|_| Errno::NOMEM)?;
        let end = start + len;
        if !self.is_mapped(start, end) {
            return Err(Errno::NOMEM);
        }
        // The host decides whether a shared file may be written.
        // SAFETY: the range is inside the reservation and mapped.
        if unsafe { libc::mprotect(self.host(start), len as usize, host_prot(prot)) } != 0 {
            return Err(Errno::last());
        }
        self.split(start);
        self.split(end);
        for (&at, vma) in self.vmas.range_mut(start..end) {
            vma.prot = prot;
            self.ram.set_perms(at, vma.end, page_bits(prot, vma.shared));
        }
        self.join_around(start, end);
        Ok(())
    }

    /// `mremap`: resizes the mapping at `old`, moving it when `may_move` allows (to `fixed` when given).
    /// Returns its address.
    ///
    /// Errors: `EINVAL` (unaligned, overlapping target), `EFAULT` (not one mapping), `ENOMEM` (no room).
    pub fn remap(
        &mut self,
        old: u64,
        old_len: u64,
        new_len: u64,
        may_move: bool,
        fixed: Option<u64>,
    ) -> Result<u64, Errno> {
        let old_len = page_up(old_len).ok_or(Errno::INVAL)?;
        let new_len = page_up(new_len).filter(|&l| l != 0).ok_or(Errno::INVAL)?;
        if old_len == 0 || !old.is_multiple_of(PAGE) {
            return Err(Errno::INVAL);
        }
        check_range(old, old_len).map_err(|_| Errno::FAULT)?;
        let vma = match self.find(old) {
            Some((_, v)) if v.end >= old + old_len => v.clone(),
            _ => return Err(Errno::FAULT),
        };
        if let Some(to) = fixed {
            check_range(to, new_len)?;
            if to < old + old_len && old < to + new_len {
                return Err(Errno::INVAL);
            }
            if to < MIN_ADDR {
                return Err(Errno::PERM);
            }
            self.unmap(to, new_len)?;
            return self.move_mapping(old, old_len, to, new_len, &vma);
        }
        if new_len <= old_len {
            if new_len < old_len {
                self.unmap(old + new_len, old_len - new_len)?;
            }
            return Ok(old);
        }
        let grow = (old + old_len, old + new_len);
        let in_place =
            old.checked_add(new_len).is_some_and(|end| end < SPACE) && self.is_free(grow.0, grow.1);
        if in_place && vma.name.is_empty() && !vma.shared {
            return self
                .map(Placement::Fixed(grow.0), new_len - old_len, vma.prot, false, Backing::Anonymous, "")
                .map(|_| old);
        }
        if !may_move {
            return Err(Errno::NOMEM);
        }
        let to = self.find_free(new_len).ok_or(Errno::NOMEM)?;
        self.move_mapping(old, old_len, to, new_len, &vma)
    }

    fn move_mapping(
        &mut self,
        old: u64,
        old_len: u64,
        to: u64,
        new_len: u64,
        vma: &Vma,
    ) -> Result<u64, Errno> {
        // The host's `mremap` moves the pages, files included. The place they left becomes a hole, which is
        // closed at once.
        self.ram.set_perms(old, old + old_len, 0);
        // SAFETY: both ranges are inside the reservation, page-aligned and disjoint.
        let moved = unsafe {
            libc::mremap(
                self.host(old),
                old_len as usize,
                new_len as usize,
                libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED,
                self.host(to),
            )
        };
        if moved == libc::MAP_FAILED {
            // The range consists of several host mappings: copy instead, which is right for private memory
            // only.
            if vma.shared {
                self.ram.set_perms(old, old + old_len, page_bits(vma.prot, vma.shared));
                return Err(Errno::FAULT);
            }
            self.map(Placement::Fixed(to), new_len, vma.prot, false, Backing::Anonymous, &vma.name)?;
            // SAFETY: both ranges are mapped, the new one writable (it is fresh) and the old one made readable here,
            // and they do not overlap.
            unsafe {
                libc::mprotect(self.host(old), old_len as usize, libc::PROT_READ);
                libc::mprotect(self.host(to), new_len as usize, libc::PROT_READ | libc::PROT_WRITE);
                std::ptr::copy_nonoverlapping(
                    self.host(old).cast::<u8>(),
                    self.host(to).cast::<u8>(),
                    old_len.min(new_len) as usize,
                );
                libc::mprotect(self.host(to), new_len as usize, host_prot(vma.prot));
            }
        } else {
            self.ram.set_perms(to, to + new_len, page_bits(vma.prot, vma.shared));
        }
        self.host_map(
            old,
            old_len,
            libc::PROT_NONE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )?;
        self.forget(old, old + old_len);
        self.forget(to, to + new_len);
        self.ram.drop_code(old, old + old_len);
        self.insert(to, Vma { end: to + new_len, ..vma.clone() });
        self.search_from = self.mmap_top;
        Ok(to)
    }

    /// Puts the start of the heap at `start` (page-aligned).
    pub fn set_brk_start(&mut self, start: u64) {
        self.brk_start = start;
        self.brk = start;
    }

    /// `brk`: moves the end of the heap and returns the end that holds now; a request that cannot be met
    /// changes nothing.
    pub fn brk(&mut self, want: u64) -> u64 {
        if want < self.brk_start || want >= SPACE {
            return self.brk;
        }
        let (Some(old_end), Some(new_end)) = (page_up(self.brk), page_up(want)) else { return self.brk };
        if new_end > old_end {
            let place = Placement::FixedNoReplace(old_end);
            if self.map(place, new_end - old_end, READ | WRITE, false, Backing::Anonymous, "[heap]").is_err()
            {
                return self.brk;
            }
        } else if new_end < old_end && self.unmap(new_end, old_end - new_end).is_err() {
            return self.brk;
        }
        self.brk = want;
        want
    }

    /// `madvise(MADV_DONTNEED)`: private anonymous pages read as zero again. Errors: as for [`AddressSpace::advise`].
    pub fn discard(&mut self, start: u64, len: u64) -> Result<(), Errno> {
        self.advise(start, len, libc::MADV_DONTNEED)?;
        if len != 0 {
            // Afterwards, so that nobody translates the old contents again. The range is within the space: the advice was taken.
            self.ram.drop_code(start, start + len.next_multiple_of(PAGE));
        }
        Ok(())
    }

    /// Gives the host what the guest advises; but for [`AddressSpace::discard`], that leaves contents alone, or changes those
    /// of forked children only. Errors: `ENOMEM` when part of the range is not mapped, or what the host says.
    pub fn advise(&mut self, start: u64, len: u64, advice: i32) -> Result<(), Errno> {
        let len = page_up(len).ok_or(Errno::INVAL)?;
        if len == 0 {
            return Ok(());
        }
        check_range(start, len)?;
        if !self.is_mapped(start, start + len) {
            return Err(Errno::NOMEM);
        }
        let advise = || {
            // SAFETY: the range is inside the reservation and mapped; no Rust reference points into it.
            let failed = unsafe { libc::madvise(self.host(start), len as usize, advice) } != 0;
            if failed { Err(Errno::last()) } else { Ok(()) }
        };
        match advise() {
            // The host locks pages with translated code, which the guest may write to; this unlocks them.
            Err(Errno::FAULT) if self.ram.host_ptr(start, len, WRITE).is_some() => advise(),
            result => result,
        }
    }

    /// True when every page of the page-aligned range is mapped.
    pub fn is_mapped(&self, start: u64, end: u64) -> bool {
        let mut at = start;
        while at < end {
            match self.find(at) {
                Some((_, vma)) => at = vma.end,
                None => return false,
            }
        }
        true
    }

    fn is_free(&self, start: u64, end: u64) -> bool {
        self.pieces(start, end).next().is_none()
    }

    /// Mappings that overlap the range.
    fn pieces(&self, start: u64, end: u64) -> impl Iterator<Item = &Vma> {
        let first = self.vmas.range(..start).next_back().filter(|(_, v)| v.end > start).map(|(_, v)| v);
        first.into_iter().chain(self.vmas.range(start..end).map(|(_, v)| v))
    }

    /// The highest free range of `len` bytes below `mmap_top`.
    fn find_free(&mut self, len: u64) -> Option<u64> {
        let mut end = self.search_from;
        let mut first_gap = true;
        for (&start, vma) in self.vmas.range(..self.search_from).rev() {
            if vma.end < end {
                if end - vma.end >= len {
                    break;
                }
                first_gap = false;
            }
            end = end.min(start);
        }
        let at = end.checked_sub(len).filter(|&at| at >= MIN_ADDR)?;
        if first_gap {
            self.search_from = at;
        }
        Some(at)
    }

    fn insert(&mut self, start: u64, vma: Vma) {
        let end = vma.end;
        self.vmas.insert(start, vma);
        self.join_around(start, end);
    }

    /// Joins equal neighbours inside and at both ends of the range.
    fn join_around(&mut self, start: u64, end: u64) {
        let from = self.vmas.range(..start).next_back().map_or(start, |(&s, _)| s);
        let keys: Vec<u64> = self.vmas.range(from..=end).map(|(&s, _)| s).collect();
        let mut keep = from;
        for key in keys {
            if key == keep || !self.vmas.contains_key(&keep) {
                keep = key;
                continue;
            }
            if self.vmas[&keep].joins(key, &self.vmas[&key])
                && let Some(next) = self.vmas.remove(&key)
                && let Some(vma) = self.vmas.get_mut(&keep)
            {
                vma.end = next.end;
            } else {
                keep = key;
            }
        }
    }

    /// Makes `at` a boundary between mappings if it is inside one.
    fn split(&mut self, at: u64) {
        let Some((&start, vma)) = self.vmas.range_mut(..at).next_back() else { return };
        if vma.end <= at {
            return;
        }
        let mut upper = vma.clone();
        vma.end = at;
        if upper.name.starts_with('/') {
            upper.offset += at - start;
        }
        self.vmas.insert(at, upper);
    }

    /// Removes the range from the books, leaving memory and permissions alone.
    fn forget(&mut self, start: u64, end: u64) {
        self.split(start);
        self.split(end);
        let gone: Vec<u64> = self.vmas.range(start..end).map(|(&s, _)| s).collect();
        for key in gone {
            self.vmas.remove(&key);
        }
    }

    fn host(&self, addr: u64) -> *mut libc::c_void {
        debug_assert!(addr <= SPACE);
        // SAFETY: inside the reservation.
        unsafe { self.ram.base().add(addr as usize).cast() }
    }

    fn host_map(
        &self,
        start: u64,
        len: u64,
        prot: i32,
        flags: i32,
        fd: RawFd,
        offset: u64,
    ) -> Result<(), Errno> {
        debug_assert!(start + len <= SPACE);
        let offset = i64::try_from(offset).map_err(|_| Errno::INVAL)?;
        // SAFETY: MAP_FIXED inside the reservation, which belongs to the guest; no Rust reference points
        // into it.
        let p =
            unsafe { libc::mmap(self.host(start), len as usize, prot, flags | libc::MAP_FIXED, fd, offset) };
        if p == libc::MAP_FAILED { Err(Errno::last()) } else { Ok(()) }
    }

    /// Maps a segment there. It is as long as its mapping: segments do not change their length.
    fn host_attach(&self, start: u64, id: i32, prot: u8) -> Result<(), Errno> {
        let read_only = if prot & WRITE == 0 { libc::SHM_RDONLY } else { 0 };
        // SAFETY: as for `host_map`; the caller has made room for the whole segment inside the reservation.
        let p = unsafe { libc::shmat(id, self.host(start), libc::SHM_REMAP | read_only) };
        if p as isize == -1 { Err(Errno::last()) } else { Ok(()) }
    }
}

/// Guest permission bits of Linux `PROT_*` flags. Writable and executable pages are readable, as on riscv
/// Linux without execute-only.
pub fn prot_bits(prot: u64) -> u8 {
    let mut bits = 0;
    if prot & libc::PROT_READ as u64 != 0 {
        bits |= READ;
    }
    if prot & libc::PROT_WRITE as u64 != 0 {
        bits |= READ | WRITE;
    }
    if prot & libc::PROT_EXEC as u64 != 0 {
        bits |= EXEC;
    }
    bits
}

/// The page table's bits for a page of a mapping.
fn page_bits(prot: u8, shared: bool) -> u8 {
    MAPPED | prot | if shared { SHARED } else { 0 }
}

fn page_up(len: u64) -> Option<u64> {
    Some(len.checked_add(PAGE - 1)? & !(PAGE - 1))
}

fn check_range(start: u64, len: u64) -> Result<(), Errno> {
    if !start.is_multiple_of(PAGE) {
        return Err(Errno::INVAL);
    }
    // The last page stays unmapped, so that no mapping ends where the address space does.
    match start.checked_add(len) {
        Some(end) if end <= SPACE - PAGE => Ok(()),
        _ => Err(Errno::NOMEM),
    }
}
