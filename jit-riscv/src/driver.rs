//! The loop that interprets, counts, traces, enters machine code and deoptimises.

/// Invalidates traces: see [`crate::language::Watch::fire`].
pub fn invalidate(_traces: &[u32]) {}
