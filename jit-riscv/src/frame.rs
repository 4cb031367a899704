//! Guest frames in memory.
//!
//! Frames of a thread lie one after the other in one region, innermost last. A frame's size is fixed by its code, so that from the
//! root frame of a trace every inlined frame is at a constant distance. `slots[0..sp]` are live references (or null):
//! the locals first, then the operand stack. They are the garbage collector's roots, and there are no others on the stack:
//! collections happen only at safe points, where all live references are in frames.

use crate::language::Head;
use crate::object::Ref;

/// Header of a frame; `slots` follow it. Offsets are part of the code generator's contract.
#[repr(C)]
pub struct Frame {
    /// The language's code object (`*const L::Code`). Offset 0.
    pub code: u64,
    /// Offset 8. The bytecode to execute next. In a frame that has called another: the one after the call.
    pub pc: u32,
    /// Offset 12. Number of live slots.
    pub sp: u32,
    /// Offset 16. The caller's frame, or null in the first frame.
    pub prev: *mut Frame,
    /// Offset 24. In a frame that has called another: the head of its return point, whose entry machine code jumps to when it
    /// returns to this frame.
    pub resume: *const Head,
    /// Offset 32. Free for the language (e.g. a flag to discard the return value of `__init__`).
    pub tag: u64,
}

/// Bytes before slot 0.
pub const HEADER: usize = std::mem::size_of::<Frame>();

impl Frame {
    /// Bytes of a frame with `slots` slots.
    pub const fn size(slots: usize) -> usize {
        HEADER + 8 * slots
    }

    /// Address of slot `i`.
    ///
    /// # Safety
    /// `frame` points to a frame of more than `i` slots.
    #[inline(always)]
    pub unsafe fn slot(frame: *mut Frame, i: usize) -> *mut Ref {
        // SAFETY: by the contract above.
        unsafe { (frame as *mut u8).add(HEADER + 8 * i) as *mut Ref }
    }
}
