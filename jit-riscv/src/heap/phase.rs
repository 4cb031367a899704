//! Phase marks: the hint `mj.phase n` (`slti x0, x0, n`), by which the emulator attributes instructions to phases.

/// Garbage collection.
pub const GC: u32 = 5;

macro_rules! hints {
    ($n:expr, $($k:literal)*) => {
        match $n {
            $($k => {
                #[cfg(target_arch = "riscv64")]
                // SAFETY: writes no register and no memory: a HINT of the base ISA.
                unsafe { std::arch::asm!(concat!("slti x0, x0, ", $k), options(nomem, nostack, preserves_flags)) }
            })*
            _ => {}
        }
    };
}

/// Marks phase `n`, 0..=15 (others mark nothing). Nothing on other machines than RV64.
#[inline(always)]
pub fn mark(n: u32) {
    hints!(n, 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15)
}
