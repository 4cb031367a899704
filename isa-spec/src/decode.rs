//! Table-driven decoder over 16- and 32-bit words.
//!
//! Candidates are bucketed by the bits that every encoding of their length fixes most often (major opcode
//! and funct3; quadrant and funct3 for compressed words). Inside a bucket the encoding with more fixed bits
//! comes first, so a special case (`ebreak`, a hint in a base instruction's space) wins over the general
//! one; excluded field values (`not:`) make the search go on.

use crate::model::{Insn, InsnId, Inst};

const BUCKETS32: usize = 256;
const BUCKETS16: usize = 32;

#[derive(Clone, Copy, Debug)]
struct Candidate {
    mask: u32,
    bits: u32,
    id: InsnId,
}

/// The decoder's tables.
#[derive(Debug, Default)]
pub struct Decoder {
    wide: Vec<Vec<Candidate>>,
    narrow: Vec<Vec<Candidate>>,
}

/// Bucket of a 32-bit word: `opcode[6:2]` and funct3.
pub(crate) fn bucket32(word: u32) -> usize {
    ((word >> 2 & 0x1f) << 3 | word >> 12 & 7) as usize
}

/// Bucket of a 16-bit word: quadrant and funct3.
pub(crate) fn bucket16(word: u32) -> usize {
    ((word & 3) << 3 | word >> 13 & 7) as usize
}

const KEY32: u32 = 0x1f << 2 | 7 << 12;
const KEY16: u32 = 3 | 7 << 13;

impl Decoder {
    pub fn new(insns: &[Insn]) -> Decoder {
        let mut wide = vec![Vec::new(); BUCKETS32];
        let mut narrow = vec![Vec::new(); BUCKETS16];
        for (bucket, list) in order(insns, false, BUCKETS32).into_iter().enumerate() {
            wide[bucket] = list.into_iter().map(candidate).collect();
        }
        for (bucket, list) in order(insns, true, BUCKETS16).into_iter().enumerate() {
            narrow[bucket] = list.into_iter().map(candidate).collect();
        }
        Decoder { wide, narrow }
    }

    pub fn decode(&self, insns: &[Insn], word: u32) -> Option<Inst> {
        let (word, list) = if word & 3 == 3 {
            (word, self.wide.get(bucket32(word))?)
        } else {
            let word = word & 0xffff;
            (word, self.narrow.get(bucket16(word))?)
        };
        let found =
            list.iter().find(|c| word & c.mask == c.bits && insns[usize::from(c.id.0)].matches(word))?;
        Some(insns[usize::from(found.id.0)].operands(word))
    }
}

fn candidate(insn: &Insn) -> Candidate {
    Candidate { mask: insn.mask, bits: insn.bits, id: insn.id }
}

/// The instructions of one length by bucket, most fixed bits first.
pub(crate) fn order(insns: &[Insn], compressed: bool, buckets: usize) -> Vec<Vec<&Insn>> {
    let mut table = vec![Vec::new(); buckets];
    for insn in insns.iter().filter(|i| i.compressed() == compressed) {
        for (bucket, list) in table.iter_mut().enumerate() {
            let b = bucket as u32;
            let (key, word) = if compressed {
                (KEY16, b >> 3 | (b & 7) << 13)
            } else {
                (KEY32, b >> 3 << 2 | (b & 7) << 12)
            };
            if insn.mask & key & (word ^ insn.bits) == 0 {
                list.push(insn);
            }
        }
    }
    for list in &mut table {
        list.sort_by_key(|i: &&Insn| (std::cmp::Reverse(i.mask.count_ones()), i.id));
    }
    table
}
