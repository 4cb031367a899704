//! From a superblock to host code: control flow, exits, entries. [`super::int`], [`super::float`] and [`super::memory`]
//! have the parts of the same code generator that compute.
//!
//! Guest registers are up to date in their places after every step, so that any step can be left: a fault, a failed
//! guard or a rare case goes to an exit that says before which instruction the guest stands.

use super::area::Counters;
use super::exits::{Cold, Exit, Skip, Why};
use super::regs::{Assignment, BUDGET, Gpr, RAX, RCX, RDX, TEMPS, XMM_TEMPS, Xmm};
use super::runtime::{Runtime, f_slot, hart_member, x_slot};
use super::simplify::constant;
use super::template::{TemplateId, Templates};
use super::trace::{End, Flow, Step, Trace, What};
use super::x86::{Asm, Cc, Label};
use crate::hart::Hart;
use iced_x86::Code;
use isa_spec::sem::{Builtin, Expr, ExprKind, Reg, Stmt};
use std::mem::offset_of;

/// Something that the code generator has no code for.
#[derive(Debug)]
pub struct Unsupported;

/// Result of generating code.
pub type Gen<T = ()> = Result<T, Unsupported>;

/// What the engine must know of generated code, besides the exits and faults, which the generator has.
pub struct Emitted {
    /// For entries with the registers as by the convention, and as by the superblock's own assignment.
    pub entry: u64,
    pub local_entry: u64,
    /// Puts the registers where the convention has them, and leaves with the exit's number in eax.
    pub leave: u64,
    pub skips: Vec<Skip>,
    /// An assignment of its own. `None`: the one of the convention.
    pub own: Option<Box<Assignment>>,
}

/// Moves guest registers from where one assignment has them to where another has them.
pub fn transition(asm: &mut Asm, from: &Assignment, to: &Assignment) {
    for g in 0..32u8 {
        let n = usize::from(g);
        if let Some(h) = from.x[n].filter(|h| to.x[n] != Some(*h)) {
            asm.mr(Code::Mov_rm64_r64, x_slot(g), h.r64());
        }
        if let Some(h) = from.f[n].filter(|h| to.f[n] != Some(*h)) {
            asm.mr(Code::Movsd_xmmm64_xmm, f_slot(g), h.reg());
        }
    }
    for g in 0..32u8 {
        let n = usize::from(g);
        if let Some(h) = to.x[n].filter(|h| from.x[n] != Some(*h)) {
            asm.rm(Code::Mov_r64_rm64, h.r64(), x_slot(g));
        }
        if let Some(h) = to.f[n].filter(|h| from.f[n] != Some(*h)) {
            asm.rm(Code::Movsd_xmm_xmmm64, h.reg(), f_slot(g));
        }
    }
}

/// The code generator.
pub struct Emitter {
    pub(super) asm: Asm,
    pub(super) runtime: Runtime,
    /// An assignment of the superblock's own. `None`: the one of the convention.
    pub(super) own: Option<Box<Assignment>>,
    pub(super) free: Vec<Gpr>,
    pub(super) free_xmm: Vec<Xmm>,
    /// Floating-point registers known to hold NaN-boxed singles.
    pub(super) boxed: u32,
    /// Integer registers known to hold addresses in the guest's space, where that is checked.
    pub(super) confined: u32,
    pub(super) place: Place,
    pub(super) next_counter: usize,
    pub(super) exits: Vec<Exit>,
    skips: Vec<Skip>,
    /// Where the last of them goes: before this instruction, with these registers known to hold NaN-boxed singles, and
    /// these to hold addresses in the guest's space.
    meeting: Option<(usize, Label, u32, u32)>,
    /// Where the memory accesses are, in bytes from the entry, and how many instructions are completed before them;
    /// ascending.
    pub(super) faults: Vec<(u32, u32)>,
    /// Code to put behind the superblock.
    pub(super) cold: Vec<Cold>,
    /// The exit before the current step, once something needed it.
    pub(super) deopt: Option<Label>,
    /// Instructions completed before the current step.
    pub(super) completed: usize,
    pub(super) loops: bool,
    /// The register of the instruction's local, see [`super::meaning`].
    pub(super) kept: Option<Gpr>,
    /// Puts the registers where the convention has them, and leaves.
    pub(super) leave: Label,
}

/// Where code is to be, and what belongs to it.
#[derive(Clone, Copy)]
pub struct Place {
    /// Its address.
    pub base: u64,
    /// The number of its first exit.
    pub exit_base: u32,
    pub counters: Counters,
    /// Whether an exit also goes to the engine when its counter comes to zero.
    pub trips: bool,
}

impl Place {
    /// For code that is to be moved, which has no exits.
    pub fn unknown(runtime: Runtime) -> Place {
        Place { base: runtime.leave, exit_base: 0, counters: Counters::NONE, trips: false }
    }
}

/// Generates code for a trace. Errors: the number of the step that is not supported.
pub fn emit(
    e: &mut Emitter,
    trace: &Trace,
    templates: &mut Templates,
    own: Option<Box<Assignment>>,
    runtime: Runtime,
    place: Place,
) -> Result<Emitted, usize> {
    e.begin(place, own, runtime);
    e.loops = trace.end == End::Loop;
    let entry = e.asm.here();
    if let Some(own) = &e.own {
        transition(&mut e.asm, Assignment::convention(), own);
    }
    let local_entry = e.asm.here();
    if e.loops {
        e.asm.mr(Code::Mov_rm64_r64, hart_member(offset_of!(Hart, loop_budget)), BUDGET.r64());
    }
    let head = e.asm.label();
    e.asm.bind(head);
    // Where addresses are checked, code depends on which have been before; and of the last code for a place more is made
    // when its generator knows what comes before.
    let reuses = e.own.is_none() && !runtime.confine && place.trips;
    for (n, step) in trace.steps.iter().enumerate() {
        e.meet(step.first);
        if step.unseen {
            continue;
        }
        match step.what {
            What::Plain(id) if reuses => e.plain(step, id, templates),
            _ => e.step(step, step.what.body(templates)),
        }
        .map_err(|Unsupported| n)?;
    }
    let all = trace.insns.len();
    e.meet(all);
    e.end(trace.end, all, Some(head));
    let last = trace.steps.len().saturating_sub(1);
    e.finish(entry, local_entry).map_err(|Unsupported| last)
}

impl Emitter {
    /// A generator of code that is to be moved, and of other code after [`Emitter::begin`].
    pub(super) fn new(runtime: Runtime) -> Emitter {
        let place = Place::unknown(runtime);
        let mut asm = Asm::new(place.base);
        let leave = asm.label();
        Emitter {
            asm,
            runtime,
            own: None,
            free: TEMPS.to_vec(),
            free_xmm: XMM_TEMPS.to_vec(),
            boxed: 0,
            confined: 0,
            place,
            next_counter: 0,
            exits: Vec::new(),
            skips: Vec::new(),
            meeting: None,
            faults: Vec::new(),
            cold: Vec::new(),
            deopt: None,
            completed: 0,
            loops: false,
            kept: None,
            leave,
        }
    }

    /// Begins other code, for this place. What has been allocated is used again.
    pub(super) fn begin(&mut self, place: Place, own: Option<Box<Assignment>>, runtime: Runtime) {
        self.asm.begin(place.base);
        self.leave = self.asm.label();
        (self.place, self.own, self.runtime) = (place, own, runtime);
        // A step that is not supported keeps what it has taken.
        self.free.clear();
        self.free.extend(TEMPS);
        self.free_xmm.clear();
        self.free_xmm.extend(XMM_TEMPS);
        (self.boxed, self.confined) = (0, 0);
        (self.next_counter, self.completed, self.loops) = (0, 0, false);
        (self.meeting, self.deopt, self.kept) = (None, None, None);
        self.exits.clear();
        self.skips.clear();
        self.faults.clear();
        self.cold.clear();
    }

    /// Where the guest's registers are.
    pub(super) fn assignment(&self) -> &Assignment {
        self.own.as_deref().unwrap_or_else(|| Assignment::convention())
    }

    /// The code, once it is finished.
    pub(super) fn bytes(&self) -> &[u8] {
        self.asm.bytes()
    }

    /// Nothing is known any more of the integer registers of a set, nor of floating-point registers.
    pub(super) fn forget(&mut self, integer: u32) {
        self.boxed = 0;
        self.confined &= !integer;
    }

    /// Where guest memory is accessed, in bytes from the start, if the code cannot be left.
    pub(super) fn accesses_without_exits(&self) -> Option<&[(u32, u32)]> {
        (self.exits.is_empty() && self.cold.is_empty()).then_some(&self.faults)
    }

    /// A copy of code that was made before, for the instruction number `n` of the superblock; it accesses guest memory at
    /// these places. Returns the copy.
    pub(super) fn paste(
        &mut self,
        code: &[u8],
        accesses: impl Iterator<Item = usize>,
        n: usize,
    ) -> &mut [u8] {
        let start = self.asm.len();
        self.faults.extend(accesses.map(|at| ((start + at) as u32, n as u32)));
        self.asm.copy(code)
    }

    /// Writes what lies behind the superblock. `entry` and `local_entry` are as in [`Emitted`].
    pub(super) fn finish(&mut self, entry: u64, local_entry: u64) -> Gen<Emitted> {
        self.cold()?;
        let mut leave = self.runtime.leave;
        if let Some(own) = &self.own {
            self.asm.bind(self.leave);
            leave = self.asm.here();
            transition(&mut self.asm, own, Assignment::convention());
            self.asm.jmp_to(self.runtime.leave);
        }
        self.asm.finish().map_err(|error| {
            log::error!("translator: {error}");
            Unsupported
        })?;
        Ok(Emitted {
            entry,
            local_entry,
            leave,
            skips: std::mem::take(&mut self.skips),
            own: self.own.take(),
        })
    }
}

impl Emitter {
    /// A step with what a word always does: with code that was made before, if it was.
    fn plain(&mut self, step: &Step, id: TemplateId, templates: &mut Templates) -> Gen {
        if let Some((code, accesses)) = templates.code(id) {
            self.paste(code, accesses, step.first);
            return Ok(());
        }
        let (start, faults, exits) = (self.asm.len(), self.faults.len(), self.exits.len());
        self.asm.begin_movable();
        self.step(step, templates.get(id).body())?;
        if templates.wants_code(id) {
            let code = self.asm.movable_since(start).filter(|_| self.exits.len() == exits);
            let accesses: Vec<usize> =
                self.faults[faults..].iter().map(|&(at, _)| at as usize - start).collect();
            templates.keep_code(id, code, &accesses);
        }
        Ok(())
    }

    /// Before instruction `first`: the skipped ones may be over.
    fn meet(&mut self, first: usize) {
        if let Some((_, label, boxed, confined)) = self.meeting.take_if(|(at, ..)| *at <= first) {
            self.asm.bind(label);
            self.boxed &= boxed;
            self.confined &= confined;
        }
    }

    pub(super) fn step(&mut self, step: &Step, body: &[Stmt]) -> Gen {
        self.deopt = None;
        self.completed = step.first;
        // The target of an indirect jump is computed before the instruction writes anything (`jalr ra, ra`).
        let target = match &step.flow {
            Flow::Guess { target, .. } | Flow::Indirect { target } => {
                let t = self.take(RAX)?;
                self.into(target, t)?;
                Some(t)
            }
            _ => None,
        };
        body.iter().try_for_each(|s| self.stmt(s))?;
        let done = step.first + step.count;
        match &step.flow {
            Flow::Fall => {}
            Flow::Branch { cond, expect, other } => {
                let exit = self.exit_for(*other, done);
                let label = self.asm.label();
                self.branch(cond, !expect, label)?;
                self.cold.push(Cold::Exit { label, exit, indirect: false });
            }
            Flow::Skip { cond, count } => {
                let (label, to) = (self.asm.label(), self.asm.label());
                let skip = Skip { first: done, count: *count, counter: self.next_counter };
                self.next_counter += 1;
                self.branch(cond, true, label)?;
                self.cold.push(Cold::Skip { label, skip, to });
                self.skips.push(skip);
                self.meeting = Some((done + count, to, self.boxed, self.confined));
            }
            Flow::Guess { guess, .. } => {
                let exit = self.new_exit(Why::Indirect, done, true);
                let label = self.asm.label();
                match i32::try_from(*guess) {
                    Ok(imm) => self.asm.ri(Code::Cmp_rm64_imm32, RAX.r64(), imm),
                    Err(_) => {
                        let t = self.take(RCX)?;
                        self.asm.ri64(Code::Mov_r64_imm64, t.r64(), *guess);
                        self.asm.rr(Code::Cmp_rm64_r64, RAX.r64(), t.r64());
                        self.release(t);
                    }
                }
                self.asm.jcc(Cc::Ne, label);
                self.cold.push(Cold::Exit { label, exit, indirect: true });
            }
            // The target stays in rax for the exit that follows.
            Flow::Indirect { .. } => {}
        }
        if let Some(t) = target {
            self.release(t);
        }
        self.give_up_kept();
        debug_assert_eq!(self.free.len(), TEMPS.len(), "all registers are back");
        Ok(())
    }

    /// The statements of an instruction that goes on with the next one.
    pub(super) fn body(&mut self, body: &[Stmt]) -> Gen {
        body.iter().try_for_each(|s| self.stmt(s))?;
        self.give_up_kept();
        Ok(())
    }

    fn stmt(&mut self, s: &Stmt) -> Gen {
        match s {
            Stmt::WriteX(Reg::Fixed(g), e) => {
                self.write_x(*g, e)?;
                self.confined &= !(1 << g);
                Ok(())
            }
            Stmt::WriteF(Reg::Fixed(g), e) => self.write_f(*g, e),
            Stmt::Store { addr, value } => self.store(addr, value),
            Stmt::If { cond, then, otherwise } => {
                if let [Stmt::GuardFail(value)] = &then[..] {
                    let exit = self.new_exit(Why::Guard, self.completed, false);
                    let label = self.asm.label();
                    self.branch(cond, true, label)?;
                    self.cold.push(Cold::Guard { label, exit, value: value.clone(), kept: self.kept });
                    return otherwise.iter().try_for_each(|s| self.stmt(s));
                }
                let (other, end) = (self.asm.label(), self.asm.label());
                self.branch(cond, false, other)?;
                let (boxed, confined) = (self.boxed, self.confined);
                then.iter().try_for_each(|s| self.stmt(s))?;
                if !otherwise.is_empty() {
                    self.asm.jmp(end);
                }
                self.asm.bind(other);
                self.boxed &= boxed;
                self.confined &= confined;
                otherwise.iter().try_for_each(|s| self.stmt(s))?;
                self.boxed &= boxed;
                self.confined &= confined;
                self.asm.bind(end);
                Ok(())
            }
            Stmt::WriteCsr(_, value) => self.write_flags(value),
            Stmt::Set(_, e) => {
                let t = self.take(RDX)?;
                self.zero_extended(e, t)?;
                self.kept = Some(t);
                Ok(())
            }
            Stmt::Effect(Builtin::Fence, args) => {
                // The host keeps every other order by itself: only a write may be passed by a later read.
                let has =
                    |n: usize, bit: u64| args.get(n).and_then(constant).is_some_and(|set| set & bit != 0);
                if has(0, 1) && has(1, 2) {
                    // Orders all that `mfence` orders of ordinary memory, and takes a fraction of its time.
                    self.asm.locked_imm(Code::Or_rm32_imm8, hart_member(offset_of!(Hart, scratch)), 0);
                }
                Ok(())
            }
            Stmt::Effect(builtin, args) => {
                let t = self.temp()?;
                self.atomic(*builtin, args, t)?;
                self.release(t);
                Ok(())
            }
            _ => Err(Unsupported),
        }
    }

    /// Notes that the instruction which is written next accesses guest memory.
    pub(super) fn may_fault(&mut self) {
        self.faults.push((self.asm.len() as u32, self.completed as u32));
    }

    /// Takes a temporary register; `rax` and `rcx`, which some instructions need, as the last ones.
    pub(super) fn temp(&mut self) -> Gen<Gpr> {
        let preferred = TEMPS.into_iter().rev().find(|t| self.free.contains(t));
        self.take(preferred.ok_or(Unsupported)?)
    }

    /// Takes this temporary register.
    pub(super) fn take(&mut self, r: Gpr) -> Gen<Gpr> {
        let n = self.free.iter().position(|f| *f == r).ok_or(Unsupported)?;
        Ok(self.free.remove(n))
    }

    /// Gives a temporary register back; other registers are ignored.
    pub(super) fn release(&mut self, r: Gpr) {
        if self.kept != Some(r) && TEMPS.contains(&r) && !self.free.contains(&r) {
            self.free.push(r);
        }
    }

    pub(super) fn give_up_kept(&mut self) {
        if let Some(r) = self.kept.take() {
            self.release(r);
        }
    }

    /// The host register of an integer register.
    pub(super) fn home(&self, g: u8) -> Option<Gpr> {
        self.assignment().x[usize::from(g)]
    }
}

/// The register that an expression reads, if it is just that.
pub fn register(e: &Expr) -> Option<u8> {
    match e.kind {
        ExprKind::ReadX(Reg::Fixed(g)) => Some(g),
        _ => None,
    }
}

/// A constant that fits in a sign-extended 32-bit immediate of an operation of `width` bits.
pub fn immediate(e: &Expr) -> Option<i32> {
    let c = constant(e)?;
    if e.width <= 32 {
        return Some(super::simplify::sign_extend(c, e.width.max(1)) as i32);
    }
    i32::try_from(c as i64).ok()
}
