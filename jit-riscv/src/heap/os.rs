//! Address space from the operating system, below 2 GiB where possible: machine code then builds addresses with `lui` and
//! `addi`.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Granule of mappings.
pub const PAGE: usize = 4096;

/// Where low mappings are looked for. `lui` + `addi` reach up to 0x7fff_f7ff.
const LOW_START: usize = 0x1000_0000;
const LOW_END: usize = 0x7f00_0000;
const STEP: usize = 1 << 20;
/// Hints that are tried before any address is taken.
const TRIES: usize = 256;

/// Where the last low mapping ended: the first hint for the next one.
static NEXT: AtomicUsize = AtomicUsize::new(LOW_START);

/// Zeroed private memory, readable and writable, unmapped when dropped. Costs nothing until it is touched.
#[derive(Debug)]
pub struct Mapping {
    start: usize,
    bytes: usize,
}

fn map(hint: usize, bytes: usize, flags: libc::c_int) -> io::Result<usize> {
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | flags;
    // SAFETY: without MAP_FIXED a new mapping takes no memory from anyone; with it, see `Mapping::renew`.
    let at = unsafe {
        libc::mmap(hint as *mut libc::c_void, bytes, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0)
    };
    if at == libc::MAP_FAILED { Err(io::Error::last_os_error()) } else { Ok(at as usize) }
}

fn unmap(start: usize, bytes: usize) {
    // SAFETY: callers own the range. A failure leaves it mapped, which harms nobody.
    unsafe { libc::munmap(start as *mut libc::c_void, bytes) };
}

impl Mapping {
    /// `bytes` bytes (rounded up to whole pages) below 2 GiB, or anywhere when there is no room.
    ///
    /// # Errors
    /// The operating system's.
    pub fn low(bytes: usize) -> io::Result<Mapping> {
        let bytes = bytes.checked_next_multiple_of(PAGE).ok_or(io::ErrorKind::OutOfMemory)?;
        let mut hint = NEXT.load(Ordering::Relaxed);
        for _ in 0..TRIES {
            if bytes > LOW_END - LOW_START {
                break;
            }
            if hint + bytes > LOW_END {
                hint = LOW_START;
            }
            let start = map(hint, bytes, 0)?;
            if start + bytes <= LOW_END {
                NEXT.store((start + bytes).next_multiple_of(STEP), Ordering::Relaxed);
                return Ok(Mapping { start, bytes });
            }
            unmap(start, bytes);
            hint += STEP.max(bytes.next_multiple_of(STEP) / 4);
        }
        Ok(Mapping { start: map(0, bytes, 0)?, bytes })
    }

    pub fn start(&self) -> usize {
        self.start
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gives the pages that lie wholly in the range back to the operating system: they are zero afterwards. True if it did.
    pub fn renew(&self, start: usize, bytes: usize) -> bool {
        debug_assert!(start >= self.start && start + bytes <= self.start + self.bytes);
        let from = start.next_multiple_of(PAGE);
        let to = (start + bytes) & !(PAGE - 1);
        from < to && map(from, to - from, libc::MAP_FIXED).is_ok()
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        unmap(self.start, self.bytes);
    }
}
