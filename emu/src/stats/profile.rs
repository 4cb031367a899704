//! Counts by function, and the blocks that were executed most.

use super::BlockCount;
use super::FunctionCount;
use crate::isa::InsnSet;
use crate::loader::{Function, Names};
use crate::report::Line;
use rustc_hash::FxHashMap;

/// Blocks that are kept.
const MOST_BLOCKS: usize = 20;

/// Counts by place, of one program after another: `execve` puts other code at the same addresses.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    functions: FxHashMap<Function, u64>,
    blocks: Vec<BlockCount>,
    /// What has been given to functions, by address and word.
    given: FxHashMap<(u64, u32), u64>,
}

impl Profile {
    /// Gives what was executed, and not given before, to the functions that are there now. `counts`: executions by
    /// address and word.
    pub(crate) fn add(&mut self, isa: &InsnSet, counts: &FxHashMap<(u64, u32), u64>, names: &mut Names) {
        let mut fresh = Vec::with_capacity(counts.len());
        self.given.reserve(counts.len());
        for (&(pc, word), &count) in counts {
            let given = self.given.entry((pc, word)).or_default();
            let count = count.saturating_sub(std::mem::replace(given, count));
            if count != 0 {
                fresh.push((pc, word, count));
            }
        }
        fresh.sort_unstable();
        let mut rest = &fresh[..];
        while let Some(&(pc, ..)) = rest.first() {
            let (function, end) = names.function(pc);
            let (inside, after) = rest.split_at(rest.partition_point(|&(at, ..)| at < end).max(1));
            *self.functions.entry(function).or_default() += inside.iter().map(|i| i.2).sum::<u64>();
            rest = after;
        }
        self.blocks.extend(hottest(isa, &fresh, names));
        self.blocks.sort_by_key(|b| (std::cmp::Reverse(b.instructions), b.pc));
        self.blocks.truncate(MOST_BLOCKS);
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
fn hottest(isa: &InsnSet, counts: &[(u64, u32, u64)], names: &mut Names) -> Vec<BlockCount> {
    let mut runs: Vec<&[(u64, u32, u64)]> = Vec::new();
    let mut start = 0;
    for n in 0..counts.len() {
        let (pc, word, count) = counts[n];
        let next = pc + if word & 3 == 3 { 4 } else { 2 };
        let ends = isa.decode(word).is_none_or(|op| isa.ends_block(&op));
        let goes_on = counts.get(n + 1).is_some_and(|&(at, _, times)| at == next && times == count);
        if ends || !goes_on {
            runs.push(&counts[start..=n]);
            start = n + 1;
        }
    }
    let instructions = |run: &[(u64, u32, u64)]| run.iter().map(|r| r.2).sum::<u64>();
    runs.sort_by_key(|run| (std::cmp::Reverse(instructions(run)), run[0].0));
    runs.truncate(MOST_BLOCKS);
    let block = |run: &&[(u64, u32, u64)]| BlockCount {
        pc: run[0].0,
        symbol: names.describe(run[0].0),
        object: names.place(run[0].0),
        executions: run[0].2,
        instructions: instructions(run),
        code: run.iter().map(|&(pc, word, _)| Line::new(isa, pc, word)).collect(),
    };
    runs.iter().map(block).collect()
}
