//! The guest's allocator for the framework's own data: size classes with free lists, on memory that is never given back.
//!
//! Tracing and compiling make and drop many small vectors, and every instruction of the guest is counted: this one needs about a dozen
//! instructions for an allocation and as many for a release, where the C library needs sixty.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::UnsafeCell;

/// Sizes up to this are served here, in steps of 16 bytes; larger ones by the system's allocator.
const LARGEST: usize = 1024;
const STEP: usize = 16;
const CLASSES: usize = LARGEST / STEP;

/// Bytes that are taken from the system at a time.
const CHUNK: usize = 1 << 18;

/// For single-threaded programs only: see [`SizeClasses::new`].
pub struct SizeClasses {
    state: UnsafeCell<State>,
}

struct State {
    /// Heads of the free lists; a free cell's first word is the next one.
    free: [*mut u8; CLASSES],
    next: *mut u8,
    left: usize,
}

// SAFETY: by the contract of `new` there is only one thread.
unsafe impl Sync for SizeClasses {}

impl SizeClasses {
    /// # Safety
    /// The program in which this is the global allocator has one thread.
    pub const unsafe fn new() -> SizeClasses {
        let free = [std::ptr::null_mut(); CLASSES];
        SizeClasses { state: UnsafeCell::new(State { free, next: std::ptr::null_mut(), left: 0 }) }
    }
}

/// The size class of a layout, if it has one.
#[inline(always)]
fn class_of(layout: Layout) -> Option<usize> {
    let size = layout.size();
    (size <= LARGEST && layout.align() <= STEP && size > 0).then(|| (size - 1) / STEP)
}

// SAFETY: cells of a class are as large as the class says, 16-byte aligned, and on at most one free list or in use by one owner.
unsafe impl GlobalAlloc for SizeClasses {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = class_of(layout) else {
            // SAFETY: the caller's contract.
            return unsafe { System.alloc(layout) };
        };
        // SAFETY: one thread, and no reference to the state outlives a call.
        unsafe {
            let state = &mut *self.state.get();
            let cell = state.free[class];
            if !cell.is_null() {
                state.free[class] = *(cell as *mut *mut u8);
                return cell;
            }
            carve(state, (class + 1) * STEP)
        }
    }

    #[inline]
    unsafe fn dealloc(&self, cell: *mut u8, layout: Layout) {
        let Some(class) = class_of(layout) else {
            // SAFETY: `alloc` got it there.
            return unsafe { System.dealloc(cell, layout) };
        };
        // SAFETY: the cell is at least 16 bytes and no longer in use.
        unsafe {
            let state = &mut *self.state.get();
            *(cell as *mut *mut u8) = state.free[class];
            state.free[class] = cell;
        }
    }

    unsafe fn realloc(&self, cell: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller's contract; the new layout has the old alignment.
        unsafe {
            let wanted = Layout::from_size_align_unchecked(size, layout.align());
            let (from, to) = (class_of(layout), class_of(wanted));
            if from.is_none() && to.is_none() {
                return System.realloc(cell, layout, size);
            }
            if from == to {
                return cell;
            }
            let new = self.alloc(wanted);
            if !new.is_null() {
                std::ptr::copy_nonoverlapping(cell, new, layout.size().min(size));
                self.dealloc(cell, layout);
            }
            new
        }
    }
}

/// A cell of fresh memory.
#[cold]
#[inline(never)]
unsafe fn carve(state: &mut State, bytes: usize) -> *mut u8 {
    if state.left < bytes {
        // What is left of the old chunk is given up: at most a cell's size.
        // SAFETY: a valid layout.
        let chunk = unsafe { System.alloc(Layout::from_size_align_unchecked(CHUNK, STEP)) };
        if chunk.is_null() {
            return chunk;
        }
        (state.next, state.left) = (chunk, CHUNK);
    }
    let cell = state.next;
    // SAFETY: `left` bytes lie behind `next`.
    state.next = unsafe { cell.add(bytes) };
    state.left -= bytes;
    cell
}
