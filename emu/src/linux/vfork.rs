//! `vfork`, on top of `fork`: the parent waits until the child has another program or has ended.
//!
//! The child works on a copy of the memory. What it wrote to the caller's end of the stack comes back to the parent when it ends
//! without having got another program: there `posix_spawn` leaves the error number.

use super::Task;
use crate::errno::Errno;
use crate::memory::{READ, WRITE};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Bytes above the stack pointer that come back: the caller's frames. They fit the pipe's buffer.
const WINDOW: u64 = 16 << 10;

/// Descriptors from here on are out of the way of the guest's.
const HIGH: i32 = 500;

/// What a child owes its parent.
pub(super) struct Debt {
    to_parent: File,
    start: u64,
    len: u64,
}

impl Debt {
    /// The descriptor that it needs until then.
    pub(super) fn fd(&self) -> i32 {
        self.to_parent.as_raw_fd()
    }
}

/// Both ends: what the parent waits for, and what the child gets. `sp`: the caller's stack pointer.
pub(super) fn open(task: &Task, sp: u64) -> Result<(File, Debt), Errno> {
    let mut ends = [0; 2];
    // SAFETY: there is room for two descriptors.
    if unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) } != 0 {
        return Err(Errno::last());
    }
    // SAFETY: both are new, and nobody else's.
    let (from, to) = unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) };
    // SAFETY: makes another descriptor.
    let high = unsafe { libc::fcntl(to.as_raw_fd(), libc::F_DUPFD_CLOEXEC, HIGH) };
    // SAFETY: it is new, and nobody else's.
    let to = if high < 0 { to } else { unsafe { OwnedFd::from_raw_fd(high) } };
    let len = task.accessible(sp, WINDOW, READ | WRITE).unwrap_or(0);
    Ok((from.into(), Debt { to_parent: to.into(), start: sp, len }))
}

impl Task {
    /// In the parent: waits for the child, and takes what it has written.
    pub(super) fn wait_for_child(&self, mut from: File, start: u64) {
        let mut bytes = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let mut poll = libc::pollfd { fd: from.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            // SAFETY: one descriptor, as said.
            let ready = unsafe { libc::poll(&raw mut poll, 1, 50) };
            if self.process.wants_gone(&self.thread) {
                return;
            }
            if ready <= 0 {
                continue;
            }
            match from.read(&mut chunk) {
                Ok(0) | Err(_) => break,
                Ok(n) => bytes.extend_from_slice(&chunk[..n]),
            }
        }
        // A stack that has gone meanwhile needs nothing.
        let _ = self.put(start, &bytes);
    }

    /// In the child, when it ends: tells the parent what it has written.
    pub(crate) fn pay_debt(&mut self) {
        if let Some(mut debt) = self.debt.take() {
            let mut bytes = vec![0; debt.len as usize];
            if self.ram.read(debt.start, &mut bytes).is_ok() {
                // A parent that has gone meanwhile needs nothing.
                let _ = debt.to_parent.write_all(&bytes);
            }
        }
    }
}
