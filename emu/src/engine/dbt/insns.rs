//! The guest instructions of a superblock, in little room: there are many superblocks.

use crate::memory::{PAGE_SHIFT, granule_mask};

/// Instructions, in the order in which they are executed: straight runs, one after the other.
pub struct Insns {
    /// Address of the first one.
    start: u64,
    words: Box<[u32]>,
    /// Where the other runs begin: number and address of their first instructions.
    runs: Box<[(u32, u64)]>,
}

/// An instruction's address, word and length in bytes.
pub type Insn = (u64, u32, u8);

/// Bytes of the instruction with this word.
fn len(word: u32) -> u8 {
    if word & 3 == 3 { 4 } else { 2 }
}

impl Insns {
    /// Those with these words, one behind the other in memory.
    pub fn straight(start: u64, words: &[u32]) -> Insns {
        Insns { start, words: words.into(), runs: Box::default() }
    }

    /// These, of which there is one at least.
    pub fn new(insns: &[Insn]) -> Insns {
        let start = insns.first().map_or(0, |i| i.0);
        let mut runs = Vec::new();
        let mut next = start;
        for (n, &(pc, word, _)) in insns.iter().enumerate() {
            if pc != next {
                runs.push((n as u32, pc));
            }
            next = pc + u64::from(len(word));
        }
        Insns { start, words: insns.iter().map(|i| i.1).collect(), runs: runs.into() }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = Insn> {
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
    pub fn extents(&self) -> impl Iterator<Item = (u64, u64)> {
        let starts = std::iter::once((0, self.start)).chain(self.runs.iter().copied());
        let ends = self.runs.iter().map(|&(n, _)| n as usize).chain([self.words.len()]);
        starts.zip(ends).map(|((first, start), end)| {
            let bytes: u64 = self.words[first as usize..end].iter().map(|&word| u64::from(len(word))).sum();
            (start, start + bytes)
        })
    }

    /// The numbers of the pages that they touch, ascending.
    pub fn pages(&self) -> Vec<u64> {
        let of = |(start, end): (u64, u64)| start >> PAGE_SHIFT..=(end - 1) >> PAGE_SHIFT;
        let mut pages: Vec<u64> = self.extents().flat_map(of).collect();
        pages.sort_unstable();
        pages.dedup();
        pages
    }

    /// The granules of a page that hold some ([`granule_mask`]).
    pub fn granules(&self, page: u64) -> u64 {
        let (first, last) = (page << PAGE_SHIFT, (page + 1) << PAGE_SHIFT);
        let inside = self.extents().map(|(start, end)| (start.max(first), end.min(last)));
        inside
            .filter(|(start, end)| start < end)
            .fold(0, |bits, (start, end)| bits | granule_mask(page, start, end))
    }

    /// Whether one lies in the range, in part at least.
    pub fn overlap(&self, start: u64, end: u64) -> bool {
        self.extents().any(|(first, last)| first < end && start < last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two runs: three instructions up to the end of a page, and one on the next but one.
    const SOME: [Insn; 4] = [(0x1ff6, 0x0001, 2), (0x1ff8, 0x13, 4), (0x1ffc, 0x13, 4), (0x3040, 0x8082, 2)];

    #[test]
    fn what_goes_in_comes_out() {
        let insns = Insns::new(&SOME);
        assert_eq!(insns.iter().collect::<Vec<_>>(), SOME);
        assert_eq!(insns.len(), 4);
        assert_eq!(insns.runs.len(), 1);
        let words = SOME.map(|i| i.1);
        let straight = Insns::straight(0x1ff6, &words[..3]);
        assert_eq!(straight.iter().collect::<Vec<_>>(), SOME[..3]);
    }

    #[test]
    fn an_instruction_that_is_executed_again_is_there_twice() {
        let again: Vec<Insn> = [&SOME[..3], &SOME[..1]].concat();
        assert_eq!(Insns::new(&again).iter().collect::<Vec<_>>(), again);
    }

    #[test]
    fn places() {
        let insns = Insns::new(&SOME);
        assert_eq!(insns.pages(), [1, 3]);
        assert_eq!(insns.granules(1), 1 << 63);
        assert_eq!(insns.granules(2), 0);
        assert_eq!(insns.granules(3), 1 << 1);
        assert!(insns.overlap(0x1fff, 0x2000) && insns.overlap(0, 0x1ff7) && insns.overlap(0x3041, 0x3042));
        assert!(
            !insns.overlap(0x2000, 0x3040) && !insns.overlap(0x3042, 0x4000) && !insns.overlap(0, 0x1ff6)
        );
    }
}
