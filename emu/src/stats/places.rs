//! Executions by address, put in order without sorting them: there are hundreds of thousands, on a few thousand pages.

use crate::memory::{PAGE, PAGE_SHIFT};
use rustc_hash::FxHashMap;

/// Address, word, and executions of an instruction.
pub(crate) type Executed = (u64, u32, u64);

/// Instructions are at even addresses.
const PLACES: usize = PAGE as usize / 2;

/// What was executed. An instruction may be added several times.
#[derive(Debug, Default)]
pub(crate) struct Places {
    pages: Vec<Page>,
    by_number: FxHashMap<u64, usize>,
    /// The page that was added to last.
    last: usize,
}

#[derive(Debug)]
struct Page {
    number: u64,
    records: Vec<Record>,
}

#[derive(Clone, Copy, Debug)]
struct Record {
    executions: u64,
    word: u32,
    /// In halves of words from the start of the page.
    place: u16,
}

impl Places {
    /// Adds executions of the instruction with this word at this address.
    pub(crate) fn add(&mut self, pc: u64, word: u32, executions: u64) {
        let number = pc >> PAGE_SHIFT;
        if self.pages.get(self.last).is_none_or(|page| page.number != number) {
            let pages = &mut self.pages;
            self.last = *self.by_number.entry(number).or_insert_with(|| {
                pages.push(Page { number, records: Vec::new() });
                pages.len() - 1
            });
        }
        let place = (pc % PAGE / 2) as u16;
        self.pages[self.last].records.push(Record { executions, word, place });
    }

    /// Each instruction once, by address and word.
    pub(crate) fn sum_up(mut self) -> Vec<Executed> {
        self.pages.sort_unstable_by_key(|page| page.number);
        let mut all = Vec::new();
        let mut sums = [(0u32, 0u64); PLACES];
        for Page { number, records } in &self.pages {
            let address = |place: usize| (number << PAGE_SHIFT) + 2 * place as u64;
            let mut changed = false;
            for r in records {
                let sum = &mut sums[usize::from(r.place)];
                changed |= sum.1 != 0 && sum.0 != r.word;
                *sum = (r.word, sum.1 + r.executions);
            }
            if changed {
                // There was other code at the same address before.
                let mut list: Vec<Executed> =
                    records.iter().map(|r| (address(r.place.into()), r.word, r.executions)).collect();
                list.sort_unstable();
                list.dedup_by(|next, sum| {
                    let same = (next.0, next.1) == (sum.0, sum.1);
                    sum.2 += if same { next.2 } else { 0 };
                    same
                });
                all.append(&mut list);
                sums.fill((0, 0));
                continue;
            }
            for (place, (word, sum)) in sums.iter_mut().enumerate().filter(|(_, (_, sum))| *sum != 0) {
                all.push((address(place), *word, std::mem::take(sum)));
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_order_and_once() {
        let mut places = Places::default();
        for (pc, word, n) in [(0x3002, 1, 5), (0x1ffe, 2, 1), (0x3000, 3, 2), (0x1ffe, 2, 4), (0x3002, 1, 1)]
        {
            places.add(pc, word, n);
        }
        assert_eq!(places.sum_up(), [(0x1ffe, 2, 5), (0x3000, 3, 2), (0x3002, 1, 6)]);
    }

    #[test]
    fn code_that_changed_is_counted_by_itself() {
        let mut places = Places::default();
        for (pc, word, n) in [(0x1002, 7, 5), (0x1002, 6, 1), (0x1002, 7, 2), (0x1000, 1, 1), (0x2002, 9, 1)]
        {
            places.add(pc, word, n);
        }
        assert_eq!(places.sum_up(), [(0x1000, 1, 1), (0x1002, 6, 1), (0x1002, 7, 7), (0x2002, 9, 1)]);
    }
}
