//! Parallel moves: many values to many places at once, as a sequence of single moves.

use super::Location;

/// What is moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    At(Location),
    /// 64 bits.
    Const(u64),
}

/// One move of a parallel move.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    pub from: Source,
    pub to: Location,
}

/// Orders moves so that no source is overwritten before it is read; cycles go through `temp`, which is neither a source nor a destination
/// of any move. The destinations differ from each other.
pub fn sequence(moves: &[Move], temp: Location) -> Vec<Move> {
    let mut out = Vec::with_capacity(moves.len());
    let mut pending: Vec<Move> = moves.iter().copied().filter(|m| m.from != Source::At(m.to)).collect();
    while !pending.is_empty() {
        let free = pending.iter().position(|m| pending.iter().all(|other| other.from != Source::At(m.to)));
        match free {
            Some(i) => out.push(pending.swap_remove(i)),
            None => {
                // Every destination is still to be read: only cycles remain. Open one.
                let Source::At(broken) = pending[0].from else { unreachable!("a constant is in no cycle") };
                out.push(Move { from: Source::At(broken), to: temp });
                for m in &mut pending {
                    if m.from == Source::At(broken) {
                        m.from = Source::At(temp);
                    }
                }
            }
        }
    }
    out
}
