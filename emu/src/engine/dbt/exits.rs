//! How a superblock is left: exits, and the code behind it that leads to them.

use super::area::{CounterId, displacement};
use super::emit::{Emitter, Gen, transition};
use super::regs::{Assignment, BUDGET, Gpr, RAX, RCX};
use super::runtime::{hart_displacement, hart_member, in_area};
use super::superblock::{NONE, SbId};
use super::table;
use super::trace::End;
use super::x86::{Cc, Label};
use crate::hart::Hart;
use iced_x86::Code;
use isa_spec::sem::Expr;
use std::mem::offset_of;
use std::num::NonZeroU32;

/// Where the hart's pc is, from its register.
const HART_PC: i32 = hart_displacement(offset_of!(Hart, pc)) as i32;

/// Why a superblock is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// For other code at [`Exit::pc`].
    Goto,
    /// For the address in `Hart::pc`.
    Indirect,
    /// The interpreter shall go on before this instruction.
    Interpret,
    /// This instruction is a guard that failed with the value in `Hart::scratch`.
    Guard,
    /// The loop went round as often as allowed.
    LoopSlice,
}

/// An exit of a superblock. There are many: numbers are as small as they may be.
#[derive(Clone, Debug)]
pub struct Exit {
    /// The superblock.
    pub of: SbId,
    /// Where the guest goes on, for [`Why::Goto`], [`Why::Interpret`] and [`Why::Guard`].
    pub pc: u64,
    /// How often it was taken, as far as the code has not counted it.
    pub counted_here: u64,
    /// Instructions completed since the superblock's start.
    pub completed: u32,
    /// The branch to send elsewhere when the target is translated: its end, in bytes from the start of the code; 0: there
    /// is none. While there is no target it goes to where it ends.
    pub patch: u32,
    /// As `patch`, for targets that expect the convention.
    pub far_patch: u32,
    /// The exit that was linked before it to the superblock that it is linked to; `None`: it is not linked.
    pub before: Option<Incoming>,
    /// The counter that the code increments; `None` when the engine counts.
    pub counter: Option<CounterId>,
    /// Whether that is one which counts down.
    pub trips: bool,
    pub why: Why,
}

/// An exit (by number) that is linked to a superblock, and whether through its far branch; or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming(NonZeroU32);

impl Incoming {
    pub const NONE: Incoming = Incoming(NonZeroU32::MAX);
    const FAR: u32 = 1;

    /// That exit. There are fewer than 2^30.
    pub fn new(exit: u32, far: bool) -> Incoming {
        Incoming(NonZeroU32::MIN.saturating_add(exit << 1 | u32::from(far)))
    }

    /// The exit, and whether it is linked through its far branch.
    pub fn exit(self) -> Option<(u32, bool)> {
        let bits = self.0.get() - 1;
        (self != Incoming::NONE).then_some((bits >> 1, bits & Incoming::FAR != 0))
    }
}

/// A branch over instructions of the superblock.
#[derive(Clone, Copy, Debug)]
pub struct Skip {
    /// The first of them.
    pub first: usize,
    /// How many.
    pub count: usize,
    /// The counter of the times that they were skipped.
    pub counter: usize,
}

/// Code behind a superblock.
pub enum Cold {
    /// A side exit.
    Exit { label: Label, exit: u32, indirect: bool },
    /// To the interpreter.
    Deopt { label: Label, exit: u32 },
    /// To the instruction after those that are skipped.
    Skip { label: Label, skip: Skip, to: Label },
    /// A failed guard, with this value.
    Guard { label: Label, exit: u32, value: Expr, kept: Option<Gpr> },
}

impl Emitter {
    /// Adds an exit after so many instructions, and returns its number. `counted`: by its code.
    pub(super) fn new_exit(&mut self, why: Why, completed: usize, counted: bool) -> u32 {
        self.exit_to(0, why, completed, counted)
    }

    /// As [`Emitter::new_exit`], for other code at `pc`, by code that counts.
    pub(super) fn exit_for(&mut self, pc: u64, completed: usize) -> u32 {
        self.exit_to(pc, Why::Goto, completed, true)
    }

    fn exit_to(&mut self, pc: u64, why: Why, completed: usize, counted: bool) -> u32 {
        let counter = counted.then(|| self.place.counters.id(self.next_counter));
        self.next_counter += usize::from(counted);
        self.exits.push(Exit {
            of: NONE,
            pc,
            counted_here: 0,
            completed: completed as u32,
            patch: 0,
            far_patch: 0,
            before: None,
            counter,
            trips: counted && self.place.trips,
            why,
        });
        self.place.exit_base + self.exits.len() as u32 - 1
    }

    /// Ends the path after so many instructions. `head` is where a loop goes back to.
    pub(super) fn end(&mut self, end: End, all: usize, head: Option<Label>) {
        match end {
            End::Loop => {
                if let Some(head) = head {
                    self.asm.ri(Code::Sub_rm64_imm32, BUDGET.r64(), all as i32);
                    self.asm.jcc(Cc::G, head);
                }
                let exit = self.new_exit(Why::LoopSlice, 0, false);
                self.tail(exit);
            }
            End::Goto(pc) => {
                let exit = self.exit_for(pc, all);
                self.exit(exit, false);
            }
            End::Mark { pc, slot } => {
                let exit = self.exit_for(pc, all);
                self.asm.mi(Code::Mov_rm8_imm8, hart_member(offset_of!(Hart, slot)), i32::from(slot));
                self.exit(exit, false);
            }
            End::Interpret(_) => {
                let exit = self.new_exit(Why::Interpret, all, false);
                self.tail(exit);
            }
            End::Indirect => {
                let exit = self.new_exit(Why::Indirect, all, true);
                self.exit(exit, true);
            }
        }
    }

    /// Leaves for `to`, after so many instructions, if the host's flags say so.
    pub(super) fn side_exit(&mut self, cc: Cc, to: u64, completed: usize) {
        let exit = self.exit_for(to, completed);
        let label = self.asm.label();
        self.asm.jcc(cc, label);
        self.cold.push(Cold::Exit { label, exit, indirect: false });
    }

    /// Where to jump for the interpreter to do the current step.
    pub(super) fn deopt(&mut self) -> Label {
        if let Some(label) = self.deopt {
            return label;
        }
        let exit = self.new_exit(Why::Interpret, self.completed, false);
        let label = self.asm.label();
        self.cold.push(Cold::Deopt { label, exit });
        self.deopt = Some(label);
        label
    }

    pub(super) fn cold(&mut self) -> Gen {
        let mut n = 0;
        // A guard's value may add a deoptimisation exit.
        while n < self.cold.len() {
            match &self.cold[n] {
                Cold::Exit { label, exit, indirect } => {
                    let (label, exit, indirect) = (*label, *exit, *indirect);
                    self.asm.bind(label);
                    self.exit(exit, indirect);
                }
                Cold::Skip { label, skip, to } => {
                    let (label, skip, to) = (*label, *skip, *to);
                    self.asm.bind(label);
                    self.asm.count(self.place.counters.displacement(skip.counter));
                    self.asm.ri(Code::Add_rm64_imm8, BUDGET.r64(), skip.count as i32);
                    self.asm.jmp(to);
                }
                Cold::Deopt { label, exit } => {
                    let (label, exit) = (*label, *exit);
                    self.asm.bind(label);
                    self.tail(exit);
                }
                Cold::Guard { label, exit, value, kept } => {
                    let (label, exit, value, kept) = (*label, *exit, value.clone(), *kept);
                    if let Some(r) = kept {
                        self.kept = Some(self.take(r)?);
                    }
                    self.asm.bind(label);
                    self.completed = self.exits[(exit - self.place.exit_base) as usize].completed as usize;
                    self.deopt = None;
                    // What is known at the end was not at the guard.
                    (self.boxed, self.confined) = (0, 0);
                    let t = self.take(RAX)?;
                    self.into(&value, t)?;
                    self.asm.mr(Code::Mov_rm64_r64, hart_member(offset_of!(Hart, scratch)), t.r64());
                    self.release(t);
                    self.give_up_kept();
                    self.tail(exit);
                }
            }
            n += 1;
        }
        Ok(())
    }

    /// Leaves through exit number `exit`: counts, takes the budget, goes on to the target if that is known.
    fn exit(&mut self, exit: u32, indirect: bool) {
        let n = (exit - self.place.exit_base) as usize;
        if indirect {
            self.asm.store_rax(HART_PC);
        }
        if let Some(counter) = self.exits[n].counter {
            self.asm.count(displacement(counter));
        }
        if self.loops {
            // What the loop took so far, by the budget.
            let saved = hart_member(offset_of!(Hart, loop_budget));
            self.asm.rm(Code::Mov_r64_rm64, RCX.r64(), saved);
            self.asm.rr(Code::Sub_r64_rm64, RCX.r64(), BUDGET.r64());
            let total = in_area(self.place.counters.displacement(self.loop_counter()));
            self.asm.mr(Code::Add_rm64_r64, total, RCX.r64());
        }
        let completed = self.exits[n].completed;
        let tail = self.asm.label();
        if self.place.trips {
            // The flags are still those of the counter.
            self.asm.take_from_budget(completed as i32);
            self.jump_to_tail(Cc::E, tail);
            self.asm.test_budget();
        } else {
            let small = i8::try_from(completed).is_ok();
            let sub = if small { Code::Sub_rm64_imm8 } else { Code::Sub_rm64_imm32 };
            self.asm.ri(sub, BUDGET.r64(), completed as i32);
        }
        self.jump_to_tail(Cc::Le, tail);
        if indirect {
            // Look the target up; see `super::table`.
            if let Some(own) = &self.own {
                transition(&mut self.asm, own, Assignment::convention());
            }
            self.asm.look_up(self.runtime.table, (table::LEN as i32 - 1) << 1);
            self.asm.eax(exit);
            self.asm.jmp_to(self.runtime.leave);
            self.asm.bind(tail);
            self.tail(exit);
            return;
        }
        self.exits[n].patch = self.asm.jmp_to_patch() as u32;
        let Some(own) = &self.own else {
            self.asm.bind(tail);
            self.asm.eax(exit);
            self.asm.jmp_to(self.runtime.leave);
            return;
        };
        transition(&mut self.asm, own, Assignment::convention());
        self.exits[n].far_patch = self.asm.jmp_to_patch() as u32;
        self.asm.eax(exit);
        self.asm.jmp_to(self.runtime.leave);
        // Not through the far branch, which may be linked: the budget is used up.
        self.asm.bind(tail);
        self.tail(exit);
    }

    /// Jumps to the tail of an exit, which is near where no registers are moved.
    fn jump_to_tail(&mut self, cc: Cc, tail: Label) {
        if self.own.is_none() {
            self.asm.jcc_short(cc, tail);
        } else {
            self.asm.jcc(cc, tail);
        }
    }

    /// Leaves for the engine, which does the accounting.
    fn tail(&mut self, exit: u32) {
        self.asm.eax(exit);
        if self.own.is_some() {
            self.asm.jmp(self.leave);
        } else {
            self.asm.jmp_to(self.runtime.leave);
        }
    }

    fn loop_counter(&self) -> usize {
        self.place.counters.len() - 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_many_exits() {
        // Each branch of a program that is translated has one.
        assert!(size_of::<Exit>() <= 48);
    }

    #[test]
    fn incoming() {
        for exit in [(0, false), (0, true), ((1 << 30) - 1, true)] {
            assert_eq!(Incoming::new(exit.0, exit.1).exit(), Some(exit));
        }
        assert_eq!(Incoming::NONE.exit(), None);
    }
}
