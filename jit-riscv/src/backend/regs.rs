//! Register numbers and what machine code uses each register for.
//!
//! | register | use |
//! |---|---|
//! | s11 | `*Thread` |
//! | s10, s9 | `Thread::bump`, `Thread::limit` |
//! | s8 | root frame |
//! | t5, t6, ra | scratch of one operation; never live between operations |
//! | ft10, ft11 | floating-point scratch |
//! | sp, gp, tp | the host language's, never written |
//! | the rest | allocated |

use super::Location;
use crate::object::Kind;

/// An x or f register, 0..=31.
pub type Reg = u32;

pub const ZERO: Reg = 0;
pub const RA: Reg = 1;
pub const SP: Reg = 2;
pub const A0: Reg = 10;
pub const A1: Reg = 11;
pub const T5: Reg = 30;
pub const T6: Reg = 31;
pub const FRAME: Reg = 24;
pub const LIMIT: Reg = 25;
pub const BUMP: Reg = 26;
pub const THREAD: Reg = 27;
pub const FT10: Reg = 30;
pub const FT11: Reg = 31;

/// Allocatable x registers that a call may change, in order of preference.
pub const X_CALLER_SAVED: [Reg; 13] = [5, 6, 7, 28, 29, 17, 16, 15, 14, 13, 12, 11, 10];
/// Allocatable x registers that calls preserve.
pub const X_CALLEE_SAVED: [Reg; 8] = [8, 9, 18, 19, 20, 21, 22, 23];
/// Allocatable f registers that a call may change.
pub const F_CALLER_SAVED: [Reg; 18] = [0, 1, 2, 3, 4, 5, 6, 7, 28, 29, 17, 16, 15, 14, 13, 12, 11, 10];
/// Allocatable f registers that calls preserve.
pub const F_CALLEE_SAVED: [Reg; 12] = [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];
/// s0..s11, as the C ABI numbers them.
pub const SAVED_X: [Reg; 12] = [8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27];

/// Where a typed entry expects its values, by their kinds: registers in order, then spill slots.
pub fn entry_places(kinds: &[Kind]) -> Box<[Location]> {
    let x = X_CALLER_SAVED.into_iter().chain(X_CALLEE_SAVED);
    let mut x = x.map(|n| Location::X(n as u8));
    let mut f = F_CALLER_SAVED.into_iter().map(|n| Location::F(n as u8));
    let mut spill = 0;
    kinds
        .iter()
        .map(|kind| {
            let register = if *kind == Kind::Float { f.next() } else { x.next() };
            register.unwrap_or_else(|| {
                spill += 1;
                Location::Spill(spill - 1)
            })
        })
        .collect()
}
