//! Where translated code lives: shared memory, mapped twice.
//!
//! Code is executed through one mapping and written through the other, so that no page is ever both writable
//! and executable. The memory has no name: to the host's `perf` it is memory for which there may be a map of
//! names ([`crate::debug::perf`]).

use std::io;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of code before everything is thrown away and translated anew.
const CODE: usize = 64 << 20;

/// Bytes that are taken from the host at a time: one by one, pages cost more than what is written to them.
const STEP: usize = 128 << 10;

/// The two views of the code.
pub struct CodeMemory {
    /// Executable view.
    exec: *mut u8,
    /// Writable view.
    write: *mut u8,
    used: usize,
    /// Bytes for which pages have been taken.
    taken: usize,
}

// SAFETY: the mappings belong to this value alone.
unsafe impl Send for CodeMemory {}

impl CodeMemory {
    /// Reserves the space; pages are taken from the host as they are used.
    pub fn new() -> io::Result<CodeMemory> {
        let check = |p: *mut libc::c_void| {
            if p == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(p.cast::<u8>()) }
        };
        // SAFETY: a fresh mapping of fresh memory, and another one of the same: that is what a length of 0 asks for
        // (mremap(2)). Nothing else has these addresses.
        unsafe {
            let (rw, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
            let write = check(libc::mmap(ptr::null_mut(), CODE, rw, flags | libc::MAP_NORESERVE, -1, 0))?;
            let exec = check(libc::mremap(write.cast(), 0, CODE, libc::MREMAP_MAYMOVE))?;
            let memory = CodeMemory { exec, write, used: 0, taken: 0 };
            if libc::mprotect(exec.cast(), CODE, libc::PROT_READ | libc::PROT_EXEC) != 0 {
                return Err(io::Error::last_os_error());
            }
            Ok(memory)
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
        if self.used + bytes.len() > self.taken {
            self.take_pages(self.used + bytes.len());
        }
        // SAFETY: inside the writable view, which nobody executes; checked above.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.write.add(self.used), bytes.len()) };
        self.used += bytes.len().next_multiple_of(16);
        true
    }

    /// Takes pages for so many bytes from the host. Where it does not know the request (Linux before 5.14), they come with the
    /// first use.
    #[cold]
    fn take_pages(&mut self, bytes: usize) {
        let end = bytes.next_multiple_of(STEP).min(CODE);
        let (from, len) = (self.taken, end - self.taken);
        // SAFETY: inside the views; it changes no contents.
        unsafe {
            libc::madvise(self.write.add(from).cast(), len, libc::MADV_POPULATE_WRITE);
            libc::madvise(self.exec.add(from).cast(), len, libc::MADV_POPULATE_READ);
        }
        self.taken = end;
    }

    /// Writes the displacement of the branch whose last four bytes end at `end`, so that it goes to `target`. Other
    /// threads may be executing the branch: the bytes change in one step, for they lie within an aligned word
    /// ([`may_change_in_one_step`]).
    pub fn patch_branch(&mut self, end: u64, target: u64) {
        let offset = (end - self.exec as u64) as usize;
        assert!((4..=self.used).contains(&offset), "patch inside the code");
        let (word, byte) = ((offset - 4) & !7, (offset - 4) % 8);
        assert!(byte <= 4, "the displacement lies within a word");
        let displacement = u64::from(target.wrapping_sub(end) as u32);
        // SAFETY: an aligned word inside the writable view, as just checked: what is used is a multiple of 16.
        let word = unsafe { &*self.write.add(word).cast::<AtomicU64>() };
        let others = word.load(Ordering::Relaxed) & !(0xffff_ffff << (8 * byte));
        word.store(others | displacement << (8 * byte), Ordering::Release);
    }

    /// Bytes used.
    pub fn used(&self) -> usize {
        self.used
    }
}

/// Whether four bytes at this address can be written in one step, as every processor sees it: they lie within an aligned
/// word of eight.
pub fn may_change_in_one_step(address: u64) -> bool {
    address % 8 <= 4
}

impl Drop for CodeMemory {
    fn drop(&mut self) {
        // SAFETY: made by `map` with these sizes; who runs the code owns this value, or a share of it.
        unsafe {
            libc::munmap(self.exec.cast(), CODE);
            libc::munmap(self.write.cast(), CODE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn perf_takes_the_code_for_memory_with_a_map() {
        let memory = CodeMemory::new().expect("memory");
        let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux");
        let start = format!("{:x}-", memory.here());
        let line = maps.lines().find(|line| line.starts_with(&start)).expect("the executable view");
        assert!(line.contains(" r-xs ") && line.contains("/dev/zero"), "{line}");
    }

    #[test]
    fn a_branch_goes_where_it_is_sent() {
        let mut memory = CodeMemory::new().expect("memory");
        assert!(memory.push(&[0x90, 0x90, 0x90, 0xe9, 0, 0, 0, 0, 0xcc]));
        let start = memory.here() - 16;
        memory.patch_branch(start + 8, start + 0x1234);
        // SAFETY: what was just written.
        let code = unsafe { std::slice::from_raw_parts(start as *const u8, 9) };
        assert_eq!(code, [0x90, 0x90, 0x90, 0xe9, 0x2c, 0x12, 0, 0, 0xcc]);
    }
}
