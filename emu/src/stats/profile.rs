//! Counts by function, and the blocks that were executed most.

use super::BlockCount;
use super::FunctionCount;
use super::places::{Executed, Places};
use crate::isa::InsnSet;
use crate::loader::{Function, Names};
use crate::report::Line;
use rustc_hash::FxHashMap;
use std::cmp::Reverse;

/// Blocks that are kept.
const MOST_BLOCKS: usize = 20;

/// Counts by place, of one program after another: `execve` puts other code at the same addresses.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    functions: FxHashMap<Function, u64>,
    blocks: Vec<BlockCount>,
    /// What has been given to functions, by address and word, in order.
    given: Vec<Executed>,
}

/// What is more than it was before; both are in order.
fn since(before: &[Executed], now: &[Executed]) -> Vec<Executed> {
    let mut before = before.iter().peekable();
    let mut more = Vec::with_capacity(now.len());
    for &(pc, word, count) in now {
        while before.next_if(|b| (b.0, b.1) < (pc, word)).is_some() {}
        let known = before.next_if(|b| (b.0, b.1) == (pc, word)).map_or(0, |b| b.2);
        if count > known {
            more.push((pc, word, count - known));
        }
    }
    more
}

impl Profile {
    /// Gives what was executed, and not given before, to the functions that are there now. `more`: this is not the last
    /// time.
    pub(crate) fn add(&mut self, isa: &InsnSet, counts: Places, names: &mut Names, more: bool) {
        let counts = counts.sum_up();
        let fresh = if self.given.is_empty() && !more { counts } else { self.fresh(counts) };
        let mut rest = &fresh[..];
        while let Some(&(pc, ..)) = rest.first() {
            let (function, end) = names.function(pc);
            let (inside, after) = rest.split_at(rest.partition_point(|&(at, ..)| at < end).max(1));
            *self.functions.entry(function).or_default() += inside.iter().map(|i| i.2).sum::<u64>();
            rest = after;
        }
        self.blocks.extend(hottest(isa, &fresh, names));
        self.blocks.sort_by_key(|b| (Reverse(b.instructions), b.pc));
        self.blocks.truncate(MOST_BLOCKS);
    }

    /// What was not given before. From now on it was.
    fn fresh(&mut self, counts: Vec<Executed>) -> Vec<Executed> {
        let fresh = since(&self.given, &counts);
        self.given = counts;
        fresh
    }

    /// The functions, most executed first.
    pub(crate) fn functions(&self) -> Vec<FunctionCount> {
        let mut list: Vec<FunctionCount> = self
            .functions
            .iter()
            .map(|(f, &instructions)| FunctionCount {
                name: f.name.clone(),
                object: f.object.clone(),
                instructions,
            })
            .collect();
        list.sort_by(|a, b| (b.instructions, &a.object, &a.name).cmp(&(a.instructions, &b.object, &b.name)));
        list
    }

    /// The blocks, most executed first.
    pub(crate) fn blocks(&self) -> Vec<BlockCount> {
        self.blocks.clone()
    }
}

/// Instructions one behind the other that were executed equally often are a block, up to one that ends blocks.
fn hottest(isa: &InsnSet, counts: &[Executed], names: &mut Names) -> Vec<BlockCount> {
    let mut runs: Vec<(Reverse<u64>, &[Executed])> = Vec::new();
    let mut start = 0;
    for n in 0..counts.len() {
        let (pc, word, count) = counts[n];
        let next = pc + if word & 3 == 3 { 4 } else { 2 };
        let ends = isa.decode(word).is_none_or(|op| isa.ends_block(&op));
        let goes_on = counts.get(n + 1).is_some_and(|&(at, _, times)| at == next && times == count);
        if ends || !goes_on {
            let run = &counts[start..=n];
            runs.push((Reverse(count * run.len() as u64), run));
            start = n + 1;
        }
    }
    // Most are of no interest: only the others are put in order.
    if runs.len() > MOST_BLOCKS {
        runs.select_nth_unstable_by_key(MOST_BLOCKS, |&(instructions, run)| (instructions, run[0].0));
        runs.truncate(MOST_BLOCKS);
    }
    runs.sort_by_key(|&(instructions, run)| (instructions, run[0].0));
    let block = |&(Reverse(instructions), run): &(Reverse<u64>, &[Executed])| BlockCount {
        pc: run[0].0,
        symbol: names.describe(run[0].0),
        object: names.place(run[0].0),
        executions: run[0].2,
        instructions,
        code: run.iter().map(|&(pc, word, _)| Line::new(isa, pc, word)).collect(),
    };
    runs.iter().map(block).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_is_not_given_again() {
        let before = [(2, 1, 5), (4, 1, 3)];
        let now = [(1, 1, 1), (2, 1, 6), (4, 1, 3), (4, 2, 7)];
        assert_eq!(since(&before, &now), [(1, 1, 1), (2, 1, 1), (4, 2, 7)]);
        assert_eq!(since(&[], &now), now);
    }
}
