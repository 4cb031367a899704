//! The guest instructions of a superblock, in little room: there are many superblocks.

use crate::memory::{PAGE_SHIFT, granule_mask};

/// Instructions, in the order in which they are executed: straight runs, one after the other.
#[derive(Clone, Copy)]
pub struct Insns<'a> {
    /// Address of the first one.
    pub start: u64,
    pub words: &'a [u32],
    /// Where the other runs begin.
    pub runs: &'a [Run],
}

/// Number and address of the first instruction of a run.
pub type Run = (u32, u64);

/// An instruction's address, word and length in bytes.
pub type Insn = (u64, u32, u8);

/// Bytes of the instruction with this word.
fn len(word: u32) -> u8 {
    if word & 3 == 3 { 4 } else { 2 }
}

/// The runs of these instructions but the first.
pub fn runs(insns: &[Insn]) -> Vec<Run> {
    let mut runs = Vec::new();
    let mut next = insns.first().map_or(0, |i| i.0);
    for (n, &(pc, word, _)) in insns.iter().enumerate() {
        if pc != next {
            runs.push((n as u32, pc));
        }
        next = pc + u64::from(len(word));
    }
    runs
}

impl<'a> Insns<'a> {
    /// How many there are.
    pub fn len(self) -> usize {
        self.words.len()
    }

    /// All of them.
    pub fn iter(self) -> impl Iterator<Item = Insn> + 'a {
        let mut runs = self.runs.iter().peekable();
        let mut pc = self.start;
        self.words.iter().enumerate().map(move |(n, &word)| {
            if let Some(&(_, start)) = runs.next_if(|(at, _)| *at as usize == n) {
                pc = start;
            }
            let this = (pc, word, len(word));
            pc += u64::from(this.2);
            this
        })
    }

    /// The addresses that they take: start and end of each run.
    pub fn extents(self) -> impl Iterator<Item = (u64, u64)> + 'a {
        let starts = std::iter::once((0, self.start)).chain(self.runs.iter().copied());
        let ends = self.runs.iter().map(|&(n, _)| n as usize).chain([self.words.len()]);
        starts.zip(ends).map(move |((first, start), end)| {
            let bytes: u64 = self.words[first as usize..end].iter().map(|&word| u64::from(len(word))).sum();
            (start, start + bytes)
        })
    }

    /// The numbers of the pages that they touch. One that is come back to is there again.
    pub fn pages(self) -> impl Iterator<Item = u64> + 'a {
        let of = |(start, end): (u64, u64)| start >> PAGE_SHIFT..=(end - 1) >> PAGE_SHIFT;
        let mut last = None;
        self.extents().flat_map(of).filter(move |&page| last.replace(page) != Some(page))
    }

    /// The granules of a page that hold some ([`granule_mask`]).
    pub fn granules(self, page: u64) -> u64 {
        let (first, last) = (page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
        let inside = self.extents().map(|(start, end)| (start.max(first), end.min(last)));
        inside
            .filter(|(start, end)| start < end)
            .fold(0, |bits, (start, end)| bits | granule_mask(page, start, end))
    }

    /// Whether one lies in the range, in part at least.
    pub fn overlap(self, start: u64, end: u64) -> bool {
        self.extents().any(|(first, last)| first < end && start < last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs: three instructions up to the end of a page, and one on the next but one.
    const SOME: [Insn; 4] = [(0x1ff6, 0x0001, 2), (0x1ff8, 0x13, 4), (0x1ffc, 0x13, 4), (0x3040, 0x8082, 2)];

    /// What goes in comes out; returns the number of runs.
    fn check(all: &[Insn]) -> usize {
        let words: Vec<u32> = all.iter().map(|i| i.1).collect();
        let runs = runs(all);
        let insns = Insns { start: all[0].0, words: &words, runs: &runs };
        assert_eq!(insns.iter().collect::<Vec<_>>(), all);
        assert_eq!(insns.len(), all.len());
        1 + runs.len()
    }

    #[test]
    fn what_goes_in_comes_out() {
        assert_eq!(check(&SOME), 2);
        assert_eq!(check(&SOME[..3]), 1);
        let again: Vec<Insn> = [&SOME[..3], &SOME[..1]].concat();
        assert_eq!(check(&again), 2);
    }

    #[test]
    fn places() {
        let (words, runs) = (SOME.map(|i| i.1), runs(&SOME));
        let insns = Insns { start: SOME[0].0, words: &words, runs: &runs };
        assert_eq!(insns.pages().collect::<Vec<_>>(), [1, 3]);
        assert_eq!(insns.granules(1), 1 << 63);
        assert_eq!(insns.granules(2), 0);
        assert_eq!(insns.granules(3), 1 << 1);
        assert!(insns.overlap(0x1fff, 0x2000) && insns.overlap(0, 0x1ff7) && insns.overlap(0x3041, 0x3042));
        assert!(
            !insns.overlap(0x2000, 0x3040) && !insns.overlap(0x3042, 0x4000) && !insns.overlap(0, 0x1ff6)
        );
    }
}
