//! Where translated code lives: one file in memory, mapped twice.
//!
//! Code is executed through one mapping and written through the other, so that no page is ever both writable
//! and executable. Beside the code lies a table of counters, near enough for `[rip + disp32]`.

use std::io;
use std::ptr;

/// Bytes of code before everything is thrown away and translated anew.
const CODE: usize = 64 << 20;
/// Bytes of counters and tables.
const DATA: usize = 64 << 20;

/// The two views of the code, and the counters.
pub struct CodeMemory {
    /// Executable view; the counters follow it.
    exec: *mut u8,
    /// Writable view of the code.
    write: *mut u8,
    used: usize,
    counters: usize,
    /// Counters that have ever been used.
    counters_used: usize,
}

// SAFETY: the mappings belong to this value alone.
unsafe impl Send for CodeMemory {}

impl CodeMemory {
    /// Reserves the space; pages are taken from the host as they are used.
    pub fn new() -> io::Result<CodeMemory> {
        // SAFETY: a fresh file in memory, two fresh mappings of it and one of anonymous memory inside a
        // fresh reservation; nothing else has these addresses.
        unsafe {
            let fd = libc::memfd_create(c"mj-code".as_ptr(), libc::MFD_CLOEXEC);
            if fd < 0 {
                return Err(io::Error::last_os_error());
            }
            let result = Self::map(fd);
            libc::close(fd);
            result
        }
    }

    /// Safety: `fd` is a fresh file in memory.
    unsafe fn map(fd: i32) -> io::Result<CodeMemory> {
        let check = |p: *mut libc::c_void| {
            if p == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(p.cast::<u8>()) }
        };
        // SAFETY: as in `new`.
        unsafe {
            if libc::ftruncate(fd, CODE as i64) != 0 {
                return Err(io::Error::last_os_error());
            }
            let none = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
            let exec = check(libc::mmap(ptr::null_mut(), CODE + DATA, libc::PROT_NONE, none, -1, 0))?;
            let rx = libc::PROT_READ | libc::PROT_EXEC;
            let rw = libc::PROT_READ | libc::PROT_WRITE;
            check(libc::mmap(exec.cast(), CODE, rx, libc::MAP_SHARED | libc::MAP_FIXED, fd, 0))?;
            check(libc::mmap(exec.add(CODE).cast(), DATA, rw, none | libc::MAP_FIXED, -1, 0))?;
            let write = check(libc::mmap(ptr::null_mut(), CODE, rw, libc::MAP_SHARED, fd, 0))?;
            Ok(CodeMemory { exec, write, used: 0, counters: 0, counters_used: 0 })
        }
    }

    /// Address at which the next code will run.
    pub fn here(&self) -> u64 {
        self.exec as u64 + self.used as u64
    }

    /// Puts code at [`CodeMemory::here`]; false when it is full.
    pub fn push(&mut self, bytes: &[u8]) -> bool {
        if self.used + bytes.len() > CODE {
            return false;
        }
        // SAFETY: inside the writable view, which nobody executes; checked above.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.write.add(self.used), bytes.len()) };
        self.used += bytes.len().next_multiple_of(16);
        true
    }

    /// Writes the displacement of the branch whose last four bytes end at `end`, so that it goes to `target`.
    pub fn patch_branch(&mut self, end: u64, target: u64) {
        let offset = (end - self.exec as u64) as usize;
        assert!((4..=self.used).contains(&offset), "patch inside the code");
        let displacement = (target.wrapping_sub(end) as u32).to_le_bytes();
        // SAFETY: inside the writable view, as just checked.
        unsafe { ptr::copy_nonoverlapping(displacement.as_ptr(), self.write.add(offset - 4), 4) };
    }

    /// Room for `n` counters of 64 bits, zeroed; `None` when there is none left.
    pub fn counters(&mut self, n: usize) -> Option<Counters> {
        let first = self.counters;
        if (first + n) * 8 > DATA {
            return None;
        }
        self.counters += n;
        // SAFETY: inside the counters' mapping, as just checked.
        let at = unsafe { self.exec.add(CODE + first * 8).cast::<u64>() };
        // What was never used is zero as it comes from the host.
        let used = self.counters_used.saturating_sub(first).min(n);
        // SAFETY: as above, no more than `n` words.
        unsafe { ptr::write_bytes(at, 0, used) };
        self.counters_used = self.counters_used.max(self.counters);
        Some(Counters { at, len: n, start: 0 })
    }

    /// Forgets everything. Nothing may run, link to, or count in what was there.
    pub fn clear(&mut self, keep: usize) {
        self.used = keep;
        self.counters = 0;
    }

    /// Bytes used.
    pub fn used(&self) -> usize {
        self.used
    }
}

impl Drop for CodeMemory {
    fn drop(&mut self) {
        // SAFETY: made by `map` with these sizes; the engine that runs the code owns this value.
        unsafe {
            libc::munmap(self.exec.cast(), CODE + DATA);
            libc::munmap(self.write.cast(), CODE);
        }
    }
}

/// Counters of one superblock, incremented by translated code.
pub struct Counters {
    at: *mut u64,
    len: usize,
    /// What they began with.
    start: u64,
}

// SAFETY: as for `CodeMemory`, which the memory belongs to.
unsafe impl Send for Counters {}

impl Counters {
    /// Address of a counter.
    pub fn address(&self, n: usize) -> u64 {
        assert!(n < self.len, "counter {n} of {}", self.len);
        self.at as u64 + n as u64 * 8
    }

    /// Number of counters.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Has the counters, which are fresh, come to zero when they have counted so much.
    pub fn count_down(&mut self, from: u64) {
        self.start = from.wrapping_neg();
        for n in 0..self.len {
            // SAFETY: inside the counters' mapping, and no code uses them yet.
            unsafe { self.at.add(n).write(self.start) };
        }
    }

    /// How much was counted.
    pub fn get(&self, n: usize) -> u64 {
        assert!(n < self.len, "counter {n} of {}", self.len);
        // SAFETY: inside the counters' mapping; only this thread's translated code writes it, and it is not
        // running now.
        unsafe { self.at.add(n).read() }.wrapping_sub(self.start)
    }

    /// Whether a counter has counted as much as was said to [`Counters::count_down`].
    pub fn is_down(&self, n: usize) -> bool {
        self.get(n) >= self.start.wrapping_neg()
    }
}
