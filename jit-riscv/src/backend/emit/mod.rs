//! Operations to instructions.
//!
//! Emission is repeatable: when branches turn out to be too far for their short form, the whole trace is emitted again with
//! those in long form.

mod arithmetic;
mod control;
mod memory;
mod operands;

use rustc_hash::FxHashSet;

use super::analysis::Analysis;
use super::asm::{Asm, Cond, Label, Site, Unfinished};
use super::codemap::{Role, Span};
use super::encoders as enc;
use super::guards::{self, GuardStyle};
use super::regalloc::Allocation;
use super::regs::*;
use super::runtime::Runtime;
use super::{CompileError, Config, ExitCode, LabelInfo, Location};
use crate::ir::{Arg, NO_EXIT, Opcode, Trace};

/// All that code is made from.
pub struct Unit<'a> {
    pub trace: &'a Trace,
    pub analysis: &'a Analysis,
    pub alloc: &'a Allocation,
    pub config: &'a Config,
    pub runtime: &'a Runtime,
    /// Places of a bridge's inputs.
    pub inputs: &'a [Location],
    /// Places of its hidden inputs.
    pub hidden: &'a [Location],
    /// The label of another trace that this one jumps to.
    pub(crate) target: Option<&'a LabelInfo>,
    /// Address and places of the typed entry that it jumps to.
    pub entered: Option<(u64, &'a [Location])>,
    /// A cell for each operation, where guard failures are forced.
    pub countdown: Option<&'a [u64]>,
}

/// The code of a trace; offsets are from its start.
pub struct Code {
    pub bytes: Vec<u8>,
    pub spans: Vec<Span>,
    pub entry: u32,
    pub label: Option<u32>,
    /// How the exits of operations are reached.
    pub exits: Vec<ExitPlace>,
    /// Offsets of nops to patch, with those of the stubs they then jump to.
    pub nops: Vec<(u32, u32)>,
}

/// Offsets of the code of an exit.
#[derive(Clone, Copy, Debug)]
pub struct ExitPlace {
    /// The operation.
    pub at: usize,
    pub guard: Option<u32>,
    pub stub: Option<u32>,
    /// The first two branches and jumps to the stub.
    pub sites: [Option<Site>; 2],
}

impl ExitPlace {
    pub(crate) fn code(&self, base: u64) -> Option<ExitCode> {
        let stub = self.stub.map(|at| base + u64::from(at));
        match self.guard {
            Some(pc) => Some(ExitCode::Guard { pc: base + u64::from(pc), stub }),
            None => stub.map(|stub| ExitCode::Stub { stub, base, sites: self.sites }),
        }
    }
}

/// The state of emission.
pub struct Emitter<'a> {
    pub unit: &'a Unit<'a>,
    pub asm: Asm<'a>,
    style: &'static dyn GuardStyle,
    /// Stubs to emit, by operation.
    stubs: Vec<(usize, Label)>,
    hw_guards: Vec<(usize, u32)>,
    /// The trace's `Leave`, and where its code is.
    left_inline: Option<(usize, u32)>,
    nops: Vec<(u32, Label)>,
    barriers: Vec<memory::SlowBarrier>,
    /// Objects that have been through a write barrier since the last call or label.
    remembered: Vec<Arg>,
    label: Option<Label>,
    /// Past the label: the loop's constants are in their registers.
    in_loop: bool,
}

/// Emits a trace for address `base`.
pub fn emit(unit: &Unit, base: u64) -> Result<Code, CompileError> {
    let mut long = FxHashSet::default();
    loop {
        let emitter = Emitter {
            unit,
            asm: Asm::new(base, &long),
            style: guards::style(unit.config.style),
            stubs: Vec::new(),
            hw_guards: Vec::new(),
            left_inline: None,
            nops: Vec::new(),
            barriers: Vec::new(),
            remembered: Vec::new(),
            label: None,
            in_loop: false,
        };
        match emitter.run() {
            Ok(code) => return Ok(code),
            Err(Unfinished::TooLong) => return Err(CompileError::TooLong),
            // Each round adds at least one branch to the finite set.
            Err(Unfinished::Far(more)) => long.extend(more),
        }
    }
}

impl Emitter<'_> {
    fn run(mut self) -> Result<Code, Unfinished> {
        self.bridge_entry();
        for at in 0..self.unit.trace.ops.len() {
            if !self.unit.analysis.skip[at] {
                self.asm.role(Role::Exec, "-");
                self.force_failure(at);
                self.operation(at);
                let size = self.unit.analysis.bump_after[at];
                if size != 0 {
                    self.bump(size);
                }
            }
        }
        self.asm.role(Role::Exec, "-");
        for barrier in std::mem::take(&mut self.barriers) {
            self.slow_barrier(barrier);
        }
        for (at, label) in std::mem::take(&mut self.stubs) {
            self.asm.bind(label);
            let stub = self.asm.here();
            self.leave(at);
            debug_assert!(self.asm.here() - stub >= 8);
            self.stubs.push((at, label));
        }
        let offset = |asm: &Asm, label| asm.offset(label).expect("all stubs were bound above");
        let mut exits: Vec<ExitPlace> = Vec::with_capacity(self.stubs.len() + self.hw_guards.len() + 1);
        // By label: the stub that it belongs to.
        let mut stub_of = vec![u32::MAX; self.asm.labels()];
        for &(at, label) in &self.stubs {
            stub_of[label.index()] = exits.len() as u32;
            exits.push(ExitPlace { at, guard: None, stub: Some(offset(&self.asm, label)), sites: [None; 2] });
        }
        let inline = self.left_inline.map(|(at, here)| (at, None, Some(here)));
        for (at, guard, stub) in self.hw_guards.iter().map(|&(at, pc)| (at, Some(pc), None)).chain(inline) {
            // Where failures are forced, a hardware guard has a stub as well.
            match exits.iter_mut().find(|e| self.unit.countdown.is_some() && e.at == at) {
                Some(exit) => exit.guard = guard,
                None => exits.push(ExitPlace { at, guard, stub, sites: [None; 2] }),
            }
        }
        let nops = self.nops.iter().map(|&(nop, label)| (nop, offset(&self.asm, label))).collect();
        let label = self.label.and_then(|l| self.asm.offset(l));
        let code = self.asm.finish()?;
        for &(label, site) in &code.sites {
            // A nop's jump is not there yet, and goes to the stub when it comes.
            if let Some(exit) = exits.get_mut(stub_of[label.index()] as usize)
                && let Some(free) = exit.sites.iter_mut().find(|s| s.is_none())
            {
                *free = Some(site);
            }
        }
        Ok(Code { bytes: code.bytes, spans: code.spans, entry: 0, label, exits, nops })
    }

    fn operation(&mut self, at: usize) {
        use Opcode::*;
        let op = &self.unit.trace.ops[at];
        match op.code {
            Input | LabelArg => {}
            FrameLoad | DeadSlot | FrameStore | FrameAddr | ClassOf | GetfieldI | GetfieldF | GetfieldR
            | Setfield | SetClass | GetitemI | GetitemF | GetitemR | Setitem | New | NewArray => {
                self.memory(at)
            }
            IntAdd | IntSub | IntMul | IntAnd | IntOr | IntXor | IntLshift | IntRshift | UintRshift
            | IntNeg | IntInvert | IntFloorDiv | IntFloorMod | IntLt | IntLe | IntEq | IntNe | UintLt
            | PtrEq | PtrNe => self.int_op(at),
            FloatAdd | FloatSub | FloatMul | FloatDiv | FloatNeg | FloatAbs | FloatSqrt | FloatLt
            | FloatLe | FloatEq | FloatNe | IntToFloat | FloatToInt | FloatToBits | BitsToFloat => {
                self.float_op(at)
            }
            CallI | CallF | CallR | CallN => self.call(at),
            GuardTrue | GuardFalse | GuardValue | GuardClass | GuardNonnullClass | GuardNonnull
            | GuardIsnull | GuardNoException | GuardException | GuardNotInvalidated | GuardNoCollect
            | GuardFrameSpace | GuardCountdown | IntAddOvf | IntSubOvf | IntMulOvf => guards::guard(self, at),
            Observe | Label | Jump | JumpEntry | FrameMove | JumpHead | Return | Leave => self.control(at),
        }
    }

    /// The style of this emission.
    pub fn style(&self) -> &'static dyn GuardStyle {
        self.style
    }

    /// The label of the stub by which operation `at` leaves.
    pub fn stub(&mut self, at: usize) -> Label {
        if let Some(&(_, label)) = self.stubs.iter().rev().find(|s| s.0 == at) {
            return label;
        }
        let label = self.asm.label();
        self.stubs.push((at, label));
        label
    }

    /// Says that the next instruction is a hardware guard, by which operation `at` leaves.
    pub fn hw_guard(&mut self, at: usize) {
        let here = self.asm.here();
        self.hw_guards.push((at, here));
    }

    /// A nop that becomes a jump to the stub of operation `at`.
    pub fn patchable_nop(&mut self, at: usize) {
        let stub = self.stub(at);
        self.nops.push((self.asm.here(), stub));
        self.asm.put(enc::addi(ZERO, ZERO, 0));
    }

    /// Leaves by the exit of operation `at`, in 8 bytes at least.
    fn leave(&mut self, at: usize) {
        let number = self.unit.trace.first_exit + self.unit.trace.ops[at].exit;
        self.asm.li(T6, i64::from(number));
        self.asm.jump_address(self.unit.runtime.exit, T5);
    }

    /// Counts down to the forced failure of the guard.
    fn force_failure(&mut self, at: usize) {
        let op = &self.unit.trace.ops[at];
        if let Some(cells) = self.unit.countdown
            && op.exit != NO_EXIT
            && op.code != Opcode::Leave
        {
            let stub = self.stub(at);
            self.asm.pool_x(T6, &raw const cells[at] as u64);
            self.asm.put(enc::ld(T5, 0, T6));
            self.asm.put(enc::addi(T5, T5, -1));
            self.asm.put(enc::sd(T5, 0, T6));
            self.asm.branch(Cond::Eq, T5, ZERO, stub);
        }
    }
}
