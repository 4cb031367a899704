//! Guest memory as system calls use it: structures, buffers for the host, vectors of buffers.

use super::{Ret, Task};
use crate::errno::Errno;
use crate::memory::{PAGE, READ, WRITE};

/// Most entries in a vector of buffers (`UIO_MAXIOV`).
const IOV_MAX: u64 = 1024;

impl Task {
    /// Host pointer for the host to read `len` guest bytes from. Error: `EFAULT`.
    pub(super) fn input(&self, addr: u64, len: u64) -> Result<*const libc::c_void, Errno> {
        self.ram.host_ptr(addr, len, READ).map(|p| p.cast_const().cast()).ok_or(Errno::FAULT)
    }

    /// Host pointer for the host to write `len` guest bytes to; [`Task::wrote`] follows. Error: `EFAULT`.
    pub(super) fn output(&self, addr: u64, len: u64) -> Result<*mut libc::c_void, Errno> {
        self.ram.host_ptr(addr, len, WRITE).map(<*mut u8>::cast).ok_or(Errno::FAULT)
    }

    /// As [`Task::input`], null for a null address.
    pub(super) fn optional_input(&self, addr: u64, len: u64) -> Result<*const libc::c_void, Errno> {
        if addr == 0 { Ok(std::ptr::null()) } else { self.input(addr, len) }
    }

    /// As [`Task::output`], null for a null address.
    pub(super) fn optional_output(&self, addr: u64, len: u64) -> Result<*mut libc::c_void, Errno> {
        if addr == 0 { Ok(std::ptr::null_mut()) } else { self.output(addr, len) }
    }

    /// Tells that the host wrote guest memory.
    pub(super) fn wrote(&self, addr: u64, len: u64) {
        self.ram.note_write(addr, len);
    }

    /// How much of a buffer that may be too long is accessible with `need`. Error: `EFAULT` when not even
    /// its first byte is.
    pub(super) fn accessible(&self, addr: u64, len: u64, need: u8) -> Result<u64, Errno> {
        let ram = &self.ram;
        if ram.host_ptr(addr, len, need).is_some() {
            return Ok(len);
        }
        let mut n = 0;
        while n < len && ram.host_ptr(addr.wrapping_add(n), 1, need).is_some() {
            n += PAGE - addr.wrapping_add(n) % PAGE;
        }
        if n == 0 { Err(Errno::FAULT) } else { Ok(n.min(len)) }
    }

    /// Stores bytes. Error: `EFAULT`.
    pub(super) fn put(&self, addr: u64, bytes: &[u8]) -> Result<(), Errno> {
        self.ram.write(addr, bytes)?;
        Ok(())
    }

    /// Stores 64-bit words. Error: `EFAULT`.
    pub(super) fn put_words(&self, addr: u64, words: &[u64]) -> Result<(), Errno> {
        let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
        self.put(addr, &bytes)
    }

    /// Loads `N` 64-bit words. Error: `EFAULT`.
    pub(super) fn get_words<const N: usize>(&self, addr: u64) -> Result<[u64; N], Errno> {
        let mut words = [0; N];
        for (i, w) in words.iter_mut().enumerate() {
            *w = self.ram.read_u64(addr.wrapping_add(8 * i as u64))?;
        }
        Ok(words)
    }

    /// Reads a vector of `count` buffers for the host; each must be accessible with `need`. Errors:
    /// `EFAULT`, `EINVAL`.
    pub(super) fn buffers(&self, addr: u64, count: u64, need: u8) -> Result<Vec<libc::iovec>, Errno> {
        if count > IOV_MAX {
            return Err(Errno::INVAL);
        }
        let ram = &self.ram;
        (0..count)
            .map(|i| {
                let [base, len] = self.get_words(addr.wrapping_add(16 * i))?;
                let ptr = if len == 0 {
                    std::ptr::null_mut()
                } else {
                    ram.host_ptr(base, len, need).ok_or(Errno::FAULT)?.cast()
                };
                Ok(libc::iovec { iov_base: ptr, iov_len: len as usize })
            })
            .collect()
    }

    /// Tells that the host wrote `total` bytes through the vector at `addr`.
    pub(super) fn wrote_buffers(&self, addr: u64, count: u64, total: u64) -> Ret {
        let mut left = total;
        for i in 0..count {
            let [base, len] = self.get_words(addr.wrapping_add(16 * i))?;
            let n = len.min(left);
            self.wrote(base, n);
            left -= n;
        }
        Ok(total)
    }
}
