//! Executable memory: one mapping, filled from its start, writable or executable but never both.
//!
//! Code is written with the mapping readable and writable; then it is made readable and executable, and the instruction stream is
//! synchronised with `fence.i`. Beside it lies the *shadow table*, one word for every two bytes of code: what the guard-fail
//! handler does for the hardware guard at that address (see [`super::runtime`]).

use std::io;
use std::ops::Range;
use std::ptr;

use super::CompileError;

/// Where to ask for the arena: low addresses are short constants.
const PREFERRED: usize = 0x5000_0000;

/// See the module.
pub struct Arena {
    base: *mut u8,
    size: usize,
    used: usize,
    /// `size / 2` words.
    shadow: *mut u64,
    protection: libc::c_int,
}

const WRITABLE: libc::c_int = libc::PROT_READ | libc::PROT_WRITE;
const EXECUTABLE: libc::c_int = libc::PROT_READ | libc::PROT_EXEC;

fn map(hint: usize, size: usize) -> io::Result<*mut u8> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: an anonymous mapping at no fixed address disturbs nothing.
    let at = unsafe { libc::mmap(hint as *mut libc::c_void, size, WRITABLE, flags, -1, 0) };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at.cast()) }
}

impl Arena {
    /// Maps `size` bytes, rounded up to 64 KiB, and the shadow table. Memory is only used as code is written.
    pub fn new(size: usize) -> io::Result<Arena> {
        let size = size.max(1).next_multiple_of(1 << 16);
        let base = map(PREFERRED, size)?;
        let shadow = map(PREFERRED + size, size * 4)?.cast();
        Ok(Arena { base, size, used: 0, shadow, protection: WRITABLE })
    }

    /// Address of the next code to be written; a multiple of 8.
    pub fn cursor(&self) -> u64 {
        self.base as u64 + self.used as u64
    }

    pub fn shadow_base(&self) -> u64 {
        self.shadow as u64
    }

    fn protect(&mut self, protection: libc::c_int) -> io::Result<()> {
        if self.protection != protection {
            // SAFETY: the arena's own mapping; no Rust reference into it is alive (`bytes` borrows `self`), and the one thread
            // that executes it is here.
            if unsafe { libc::mprotect(self.base.cast(), self.size, protection) } != 0 {
                return Err(io::Error::last_os_error());
            }
            self.protection = protection;
        }
        Ok(())
    }

    /// Appends code and makes it executable; its address.
    pub fn write(&mut self, code: &[u8]) -> Result<u64, CompileError> {
        let end = self.used + code.len();
        if end > self.size {
            return Err(CompileError::NoSpace);
        }
        let at = self.cursor();
        self.protect(WRITABLE).map_err(CompileError::Memory)?;
        // SAFETY: within the mapping by the check above, writable by `protect`.
        unsafe { ptr::copy_nonoverlapping(code.as_ptr(), self.base.add(self.used), code.len()) };
        self.used = end.next_multiple_of(8).min(self.size);
        self.seal().map_err(CompileError::Memory)?;
        Ok(at)
    }

    /// Replaces pieces of code that was written before, given with their addresses.
    pub fn patch(&mut self, patches: &[(u64, Vec<u8>)]) -> io::Result<()> {
        if patches.is_empty() {
            return Ok(());
        }
        self.protect(WRITABLE)?;
        for (at, code) in patches {
            let offset = (at - self.base as u64) as usize;
            assert!(offset + code.len() <= self.used, "patch outside the code");
            // SAFETY: within the mapping by the assertion, writable by `protect`.
            unsafe { ptr::copy_nonoverlapping(code.as_ptr(), self.base.add(offset), code.len()) };
        }
        self.seal()
    }

    fn seal(&mut self) -> io::Result<()> {
        self.protect(EXECUTABLE)?;
        // SAFETY: orders instruction fetches after the stores above; touches no register or memory.
        #[cfg(target_arch = "riscv64")]
        unsafe {
            std::arch::asm!("fence.i")
        };
        Ok(())
    }

    /// Sets the shadow word of the instruction at `pc`.
    pub fn set_shadow(&mut self, pc: u64, word: u64) {
        let index = (pc - self.base as u64) as usize / 2;
        assert!(index < self.size / 2, "shadow word outside the code");
        // SAFETY: within the shadow mapping by the assertion.
        unsafe { *self.shadow.add(index) = word };
    }

    /// The bytes at a range of addresses that was written.
    pub fn bytes(&self, range: Range<u64>) -> &[u8] {
        let start = (range.start - self.base as u64) as usize;
        let end = (range.end - self.base as u64) as usize;
        assert!(start <= end && end <= self.used, "bytes outside the code");
        // SAFETY: written before, readable, and only changed through `&mut self`.
        unsafe { std::slice::from_raw_parts(self.base.add(start), end - start) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: the mappings made in `new`; code in them is entered only through the backend that owns the arena.
        unsafe {
            libc::munmap(self.base.cast(), self.size);
            libc::munmap(self.shadow.cast(), self.size * 4);
        }
    }
}
