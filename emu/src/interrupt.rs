//! Asking a hart to come out of guest code.
//!
//! Others (a thread that ends the process, a signal handler of the host) set the request; the engine looks at it
//! where it looks at `Hart::stop_at` and gives control back with `Event::Slice`. Whoever runs the engine clears it
//! before it looks at what there is to do.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

/// The request, and a budget for engines that would rather count down than look.
#[derive(Debug, Default)]
#[repr(C)]
pub struct Interrupt {
    requested: AtomicU32,
    /// Free for the engine to count down in while it runs guest code. A request makes it [`Interrupt::NONE_LEFT`].
    /// It is written by the hart's own thread only (signal handlers on it included), so that a plain
    /// read-modify-write instruction of the host is good enough.
    pub budget: AtomicI64,
}

impl Interrupt {
    /// A budget below every threshold.
    pub const NONE_LEFT: i64 = i64::MIN / 2;

    /// Asks. May be used in signal handlers. Only on the hart's own thread is `budget` changed as well, with
    /// [`Interrupt::spend_budget`].
    #[inline]
    pub fn request(&self) {
        self.requested.store(1, Ordering::Release);
    }

    /// For a signal handler on the hart's own thread.
    #[inline]
    pub fn spend_budget(&self) {
        self.budget.store(Interrupt::NONE_LEFT, Ordering::Relaxed);
    }

    /// Whether there is a request.
    #[inline(always)]
    pub fn requested(&self) -> bool {
        self.requested.load(Ordering::Relaxed) != 0
    }

    /// Takes the request back; what it was about is looked at afterwards.
    #[inline]
    pub fn clear(&self) {
        self.requested.store(0, Ordering::SeqCst);
    }

    /// The request's word, for code that looks at it without Rust: non-zero when there is one.
    pub fn word(&self) -> *const u32 {
        self.requested.as_ptr()
    }
}
