//! Threaded code: a block as a list of functions, each of which does one instruction and then calls the next.
//!
//! The call is the last thing that a function does, so that optimised builds make it a jump; without that, the host stack is as deep as
//! a block is long, which is bounded. Loads and stores first try the page table's fast path alone ([`Fast`]). When that refuses
//! (misaligned, a page with translated code, a fault), the instruction is executed again with all care ([`Hart`]'s own accesses):
//! until then it has changed nothing. An instruction that an ISA file defines is several functions ([`steps`]).

mod steps;

use crate::hart::Hart;
use crate::interp::{Amo, Decoded, Leave, Machine, execute, generated};
use crate::isa::InsnSet;
use crate::trap::Trap;
use isa_spec::Insn;

/// How a run of a block ended: the address past the last instruction that was tried, and why it was left if it was not done.
pub type Stop = (u64, Option<Leave<Trap>>);

/// Does the instruction of the entry at the pointer, which is at the given pc, and those after it.
///
/// Safety: the pointer is to an entry of a [`Code`] that outlives the call.
type Run = unsafe fn(&mut Fast, *const Entry, u64) -> Stop;

/// One instruction of threaded code, or a step of one.
#[derive(Clone, Copy)]
struct Entry {
    run: Run,
    op: Decoded,
    word: u32,
}

/// The instructions of a block. Invariant: the last entry, and no other, is [`end`] or [`end_falling`].
pub struct Code {
    entries: Box<[Entry]>,
    /// The instructions, if they are not what the entries are.
    stepped: Option<Box<Stepped>>,
}

struct Stepped {
    ops: Box<[(Decoded, u32)]>,
}

impl Code {
    /// Code for the instructions of `isa` (each with its word), in order. `falls_through`: the last one does not write the
    /// pc, the code does it then.
    pub fn new(isa: &InsnSet, ops: &[(Decoded, u32)], falls_through: bool) -> Code {
        let mut entries = Vec::with_capacity(ops.len() + 1);
        let mut stepped = false;
        for &(op, word) in ops {
            let built_in = RUN.get(usize::from(op.id)).copied();
            let insn = if built_in.is_none() { isa.insn(op.id) } else { None };
            match insn.and_then(|insn| steps::steps(insn, &op)) {
                Some(steps) => {
                    entries.extend(steps);
                    stepped = true;
                }
                None => entries.push(Entry { run: built_in.unwrap_or(custom), op, word }),
            }
        }
        let stepped = stepped.then(|| Box::new(Stepped { ops: ops.into() }));
        Code::ending(entries, stepped, falls_through)
    }

    /// Code for one instruction, made from its definition even if it is built in. `None` if only the evaluator can do it.
    pub fn of_definition(insn: &Insn, op: Decoded, word: u32) -> Option<Code> {
        let stepped = Some(Box::new(Stepped { ops: [(op, word)].into() }));
        Some(Code::ending(steps::steps(insn, &op)?, stepped, !insn.body.jumps()))
    }

    fn ending(mut entries: Vec<Entry>, stepped: Option<Box<Stepped>>, falls_through: bool) -> Code {
        let last = if falls_through { end_falling } else { end };
        entries.push(Entry { run: last, op: Decoded::default(), word: 0 });
        Code { entries: entries.into_boxed_slice(), stepped }
    }

    /// Number of instructions.
    #[inline(always)]
    pub fn len(&self) -> usize {
        match &self.stepped {
            None => self.entries.len() - 1,
            Some(stepped) => stepped.ops.len(),
        }
    }

    /// True when there is no instruction.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The instructions, with their words.
    pub fn ops(&self) -> impl Iterator<Item = (&Decoded, u32)> {
        let stepped = self.stepped.iter().flat_map(|stepped| &stepped.ops).map(|(op, word)| (op, *word));
        let entries = if self.stepped.is_none() { &self.entries[..self.len()] } else { &[] };
        entries.iter().map(|e| (&e.op, e.word)).chain(stepped)
    }

    /// Executes the instructions, the first of which is at `pc`.
    #[inline(always)]
    pub fn run(&self, hart: &mut Hart, pc: u64) -> Stop {
        let first = self.entries.as_ptr();
        // SAFETY: there is at least the last entry, and `self` is borrowed for the whole call.
        unsafe { ((*first).run)(Fast::from_hart(hart), first, pc) }
    }
}

/// The last entry: everything before it was done.
///
/// Safety: as for [`Run`].
unsafe fn end(_hart: &mut Fast, _entry: *const Entry, pc: u64) -> Stop {
    (pc, None)
}

/// As [`end`], after an instruction that does not write the pc.
///
/// Safety: as for [`Run`].
unsafe fn end_falling(hart: &mut Fast, _entry: *const Entry, pc: u64) -> Stop {
    hart.0.pc = pc;
    (pc, None)
}

/// Does an instruction again with all care, and then those after it.
///
/// Safety: as for [`Run`], and `entry` is not the last.
#[cold]
#[inline(never)]
unsafe fn retry(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`, with another one after it.
    let (op, next) = unsafe { (&(*entry).op, entry.add(1)) };
    let after = pc.wrapping_add(u64::from(op.len));
    match execute(&mut fast.0, op, pc) {
        // SAFETY: `next` is in the same `Code`.
        Ok(()) => unsafe { ((*next).run)(fast, next, after) },
        Err(leave) => (after, Some(leave)),
    }
}

/// Does an instruction that an ISA file defines and that has no steps, and then those after it.
///
/// Safety: as for [`Run`], and `entry` is not the last.
#[inline(never)]
unsafe fn custom(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
    // SAFETY: by the contract the entry is in a live `Code`, with another one after it.
    let (op, next) = unsafe { (&(*entry).op, entry.add(1)) };
    let after = pc.wrapping_add(u64::from(op.len));
    match fast.0.execute(op, pc) {
        // SAFETY: `next` is in the same `Code`.
        Ok(()) => unsafe { ((*next).run)(fast, next, after) },
        Err(leave) => (after, Some(leave)),
    }
}

macro_rules! handlers {
    ($($name:ident $len:literal,)*) => {
        /// One function for each instruction.
        mod handlers {
            use super::{Entry, Fast, Leave, Stop, Trap, generated, retry};
            $(
                /// Safety: as for `Run`, and `entry` is not the last.
                pub unsafe fn $name(fast: &mut Fast, entry: *const Entry, pc: u64) -> Stop {
                    // SAFETY: by the contract the entry is in a live `Code`, with another one after it.
                    let (op, next) = unsafe { (&(*entry).op, entry.add(1)) };
                    match generated::$name(fast, op, pc) {
                        // SAFETY: `next` is in the same `Code`.
                        Ok(()) => unsafe { ((*next).run)(fast, next, pc.wrapping_add($len)) },
                        // SAFETY: as for this function.
                        Err(Leave::Trap(Trap::Retry)) => unsafe { retry(fast, entry, pc) },
                        Err(leave) => (pc.wrapping_add($len), Some(leave)),
                    }
                }
            )*
        }

        /// The functions by instruction id.
        static RUN: [Run; generated::COUNT] = [$(handlers::$name,)*];
    };
}

generated::for_each_instruction!(handlers);

/// A hart whose loads and stores, guards and floating point give up with [`Trap::Retry`] where the fast path does not serve, so that
/// no handler needs a stack frame. Everything else is the hart's.
#[repr(transparent)]
struct Fast(Hart);

impl Fast {
    #[inline(always)]
    fn from_hart(hart: &mut Hart) -> &mut Fast {
        // SAFETY: `Fast` is a transparent wrapper of `Hart`.
        unsafe { &mut *std::ptr::from_mut(hart).cast() }
    }
}

macro_rules! accesses {
    ($($load:ident $store:ident $ty:ty,)*) => {
        $(
            #[inline(always)]
            fn $load(&mut self, addr: u64) -> Result<u64, Trap> {
                self.0.ram.$load(addr).map(u64::from).ok_or(Trap::Retry)
            }

            #[inline(always)]
            fn $store(&mut self, addr: u64, value: u64) -> Result<(), Trap> {
                if self.0.ram.$store(addr, value as $ty) { Ok(()) } else { Err(Trap::Retry) }
            }
        )*
    };
}

macro_rules! same_as_hart {
    ($(fn $name:ident(&mut self $(, $arg:ident: $ty:ty)*) $(-> $ret:ty)?;)*) => {
        $(
            #[inline(always)]
            fn $name(&mut self $(, $arg: $ty)*) $(-> $ret)? {
                Machine::$name(&mut self.0 $(, $arg)*)
            }
        )*
    };
}

impl Machine for Fast {
    type Trap = Trap;

    accesses! {
        load_u8 store_u8 u8,
        load_u16 store_u16 u16,
        load_u32 store_u32 u32,
        load_u64 store_u64 u64,
    }

    #[inline(always)]
    fn pc(&self) -> u64 {
        self.0.pc
    }

    #[inline(always)]
    fn illegal(&mut self, _pc: u64) -> Trap {
        Trap::Retry
    }

    #[inline(always)]
    fn guard_fail(&mut self, _pc: u64, _value: u64) -> Result<(), Trap> {
        Err(Trap::Retry)
    }

    #[inline(always)]
    fn retry(&mut self) -> Result<(), Trap> {
        Err(Trap::Retry)
    }

    #[inline(always)]
    fn frm(&self) -> u32 {
        self.0.frm
    }

    same_as_hart! {
        fn x(&mut self) -> &mut [u64; 64];
        fn f(&mut self) -> &mut [u64; 32];
        fn set_pc(&mut self, pc: u64);
        fn fflags(&mut self) -> &mut u32;
        fn load_reserved32(&mut self, addr: u64) -> Result<u64, Trap>;
        fn load_reserved64(&mut self, addr: u64) -> Result<u64, Trap>;
        fn store_conditional32(&mut self, addr: u64, value: u64) -> Result<bool, Trap>;
        fn store_conditional64(&mut self, addr: u64, value: u64) -> Result<bool, Trap>;
        fn amo32(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Trap>;
        fn amo64(&mut self, op: Amo, addr: u64, value: u64) -> Result<u64, Trap>;
        fn compare_swap32(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Trap>;
        fn compare_swap64(&mut self, addr: u64, expected: u64, value: u64) -> Result<u64, Trap>;
        fn compare_swap128(&mut self, addr: u64, expected: u128, value: u128) -> Result<u128, Trap>;
        fn zero_block(&mut self, addr: u64) -> Result<(), Trap>;
        fn csr_read(&mut self, pc: u64, csr: u32) -> Result<u64, Trap>;
        fn csr_write(&mut self, pc: u64, csr: u32, value: u64) -> Result<(), Trap>;
        fn ecall(&mut self, pc: u64) -> Result<(), Trap>;
        fn ebreak(&mut self, pc: u64) -> Result<(), Trap>;
        fn fence(&mut self, pred: u32, succ: u32);
        fn fence_i(&mut self);
        fn observe_value(&mut self, site: u32, value: u64);
        fn observe_type(&mut self, site: u32, object: u64);
        fn phase(&mut self, number: u32);
        fn roi(&mut self, number: u32);
        fn watch_valid(&mut self, token: u32) -> bool;
    }
}
