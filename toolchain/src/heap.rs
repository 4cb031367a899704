//! Where `mj` has its own memory from.

/// Has the C library's heap grow in one large step, of huge pages where the host has them ("transparent": they serve who asks).
///
/// A translator's books are large and are written once: with pages of 4 KiB, taking these from the host one by one is up to a
/// tenth of the time of a program that runs for less than a second. Where any of it fails, memory comes as it always does.
#[cfg(target_env = "gnu")]
pub fn prepare() {
    use std::ffi::c_int;

    /// Bytes of the step, of which only what is used takes memory.
    const STEP: usize = 64 << 20;
    /// Blocks as large as this come from elsewhere: the largest value that the C library takes.
    const APART: usize = 32 << 20;
    /// Enough for the heap to have to grow.
    const MORE: usize = 1 << 20;
    const HUGE_PAGE: usize = 2 << 20;

    // SAFETY: parameters of the allocator, and a block that is given back at once.
    let end = unsafe {
        libc::mallopt(libc::M_TOP_PAD, STEP as c_int);
        libc::mallopt(libc::M_TRIM_THRESHOLD, c_int::MAX);
        libc::mallopt(libc::M_MMAP_THRESHOLD, APART as c_int);
        libc::free(std::hint::black_box(libc::malloc(MORE)));
        // Not for the heaps of threads, which are made later.
        libc::mallopt(libc::M_TOP_PAD, MORE as c_int);
        libc::sbrk(0) as usize
    };
    let (start, end) = (end.saturating_sub(STEP).next_multiple_of(HUGE_PAGE), end & !(HUGE_PAGE - 1));
    if start < end {
        // SAFETY: advice about pages changes no contents; if they are not the heap, it does not matter either.
        unsafe { libc::madvise(start as *mut _, end - start, libc::MADV_HUGEPAGE) };
    }
}

/// Elsewhere the allocator is left alone.
#[cfg(not(target_env = "gnu"))]
pub fn prepare() {}
