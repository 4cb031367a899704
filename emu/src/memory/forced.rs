//! Writing to pages that the host protects: the loader fills read-only segments, and the interpreter stores to pages
//! that are locked because they hold translated code.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::FileExt;
use std::ptr;
use std::sync::OnceLock;

/// The process's memory as a file, which ignores page protection; and the process, for it is another one's after a
/// fork.
static MEMORY: OnceLock<Option<(u32, File)>> = OnceLock::new();

fn open() -> Option<File> {
    OpenOptions::new().write(true).open("/proc/self/mem").ok()
}

/// Copies `data` to `to`.
///
/// Safety: the range is mapped and nothing but raw bytes.
pub unsafe fn write(to: *mut u8, data: &[u8]) {
    let process = std::process::id();
    let known = MEMORY.get_or_init(|| Some((process, open()?)));
    let done = match known {
        Some((owner, file)) if *owner == process => file.write_all_at(data, to as u64).is_ok(),
        _ => open().is_some_and(|file| file.write_all_at(data, to as u64).is_ok()),
    };
    if done {
        return;
    }
    // Without that file (or for memory that is shared): open the pages for the time of the copy.
    let page = super::PAGE as usize;
    let start = to as usize / page * page;
    let len = (to as usize + data.len()).next_multiple_of(page) - start;
    // SAFETY: by the contract the range is mapped; it is made as closed again as the callers need it.
    unsafe {
        libc::mprotect(start as *mut libc::c_void, len, libc::PROT_READ | libc::PROT_WRITE);
        ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
        libc::mprotect(start as *mut libc::c_void, len, libc::PROT_READ);
    }
}
