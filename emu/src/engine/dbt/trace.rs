//! Chooses the instructions of a superblock: the path that the interpreter has seen most, from its start until it
//! comes back there, ends in an unknown place, or meets code that is translated already.

use super::habits::Habits;
use super::meaning::Known;
use super::simplify::{constant, substitute, x};
use super::template::{Goes, Lone, Meaning, TemplateId, Templates};
use super::walk::{Written, for_each_write, for_each_x};
use crate::engine::blocks::{BlockCache, fetch_word};
use crate::hart::{phase_slot, roi_slot};
use crate::isa::InsnSet;
use crate::memory::{PAGE_SHIFT, Ram};
use isa_spec::sem::{Builtin, Expr, Reg, Stmt};
use std::sync::Arc;

/// How far a superblock goes.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Most instructions.
    steps: usize,
    /// Whether what is called becomes a part of it even where it is translated already.
    inlines: bool,
}

/// For code that runs often.
pub const WARM: Extent = Extent { steps: 120, inlines: false };
/// For code that runs all the time.
pub const HOT: Extent = Extent { steps: 600, inlines: true };

/// Most instructions that a branch inside of a superblock may skip.
const MAX_SKIP: usize = 8;
/// How unlikely a place may be for a superblock to go on there: most executions have left it.
const UNLIKELY: f32 = 0.1;
/// Calls that are followed into at a time.
const MAX_DEPTH: usize = 6;

/// How a superblock goes on after a step.
#[derive(Clone, Debug, PartialEq)]
pub enum Flow {
    /// With the next step.
    Fall,
    /// With the next step, if the condition is `expect`; elsewhere otherwise.
    Branch { cond: Arc<Expr>, expect: bool, other: u64 },
    /// With the next step, or, if the condition holds, with the step after the next `count` instructions.
    Skip { cond: Arc<Expr>, count: usize },
    /// With the next step, if the target is `guess`.
    Guess { target: Arc<Expr>, guess: u64 },
    /// Leaves the superblock for this target.
    Indirect { target: Arc<Expr> },
}

/// Instructions that are translated as one: the first `count - 1` of them only compute what the last uses and
/// overwrites.
#[derive(Clone, Debug)]
pub struct Step {
    /// Number of the first instruction in the superblock.
    pub first: usize,
    /// Number of instructions.
    pub count: usize,
    /// What is done.
    pub what: What,
    /// What follows.
    pub flow: Flow,
    /// What the body is, if it only computes a register.
    pub lone: Option<Lone>,
    /// Nobody sees what it computes, see [`super::unseen`].
    pub unseen: bool,
}

/// What a step does.
#[derive(Clone, Debug)]
pub enum What {
    /// What a word always does.
    Plain(TemplateId),
    /// These statements.
    Body(Arc<[Stmt]>),
}

impl What {
    /// The statements.
    pub fn body<'a>(&'a self, templates: &'a Templates) -> &'a [Stmt] {
        match self {
            What::Plain(id) => templates.get(*id).body(),
            What::Body(body) => body,
        }
    }
}

/// How a superblock ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// At its own start.
    Loop,
    /// Elsewhere.
    Goto(u64),
    /// With the last step's [`Flow::Indirect`].
    Indirect,
    /// Elsewhere, where executions count in another phase or region.
    Mark { pc: u64, slot: u8 },
    /// At an instruction for the interpreter.
    Interpret(u64),
}

impl End {
    /// Where the guest is at the end of a superblock that begins at `start`, if it stays on the path.
    pub fn next_pc(self, start: u64) -> u64 {
        match self {
            End::Goto(pc) | End::Interpret(pc) | End::Mark { pc, .. } => pc,
            End::Loop | End::Indirect => start,
        }
    }
}

/// The instructions of a superblock.
pub struct Trace {
    pub start: u64,
    pub steps: Vec<Step>,
    /// Address and word of each instruction.
    pub insns: Vec<(u64, u32, u8)>,
    pub end: End,
}

/// What the choice depends on besides the code.
pub trait Guide {
    /// How often the block that begins here was run, as far as is known.
    fn runs(&self, pc: u64) -> u64;
    /// How often the branch at the end of this block went to each of the two addresses, if that is known.
    fn edges(&self, block: u64, to: [u64; 2]) -> Option<[u64; 2]>;
    /// How often each of the two addresses was reached, from the end of this block if that is known.
    fn choice(&self, block: u64, to: [u64; 2]) -> [u64; 2] {
        self.edges(block, to).unwrap_or_else(|| to.map(|pc| self.runs(pc)))
    }
    /// Where an indirect jump at the end of this block went last.
    fn last_target(&self, block: u64) -> Option<u64>;
    /// Whether a superblock begins here already.
    fn translated(&self, pc: u64) -> bool;
    /// Whether the access of the instruction here has faulted often.
    fn faults(&self, pc: u64) -> bool;
    /// Whether the code here is changed often.
    fn changes(&self, pc: u64) -> bool;
}

/// Forms the superblock of this extent that begins at `start`. `None`: its first instruction is not for translation.
pub fn form(
    isa: &InsnSet,
    templates: &mut Templates,
    ram: &Ram,
    start: u64,
    slot: u8,
    extent: Extent,
    guide: &dyn Guide,
) -> Option<Trace> {
    let mut known = Knowledge::default();
    let mut steps: Vec<Step> = Vec::new();
    let mut insns: Vec<(u64, u32, u8)> = Vec::new();
    let mut pc = start;
    let mut block = start;
    // Where the path has been: it is there again only inside.
    let (mut lowest, mut highest) = (start, start);
    // Where the calls that were followed return to.
    let mut returns: Vec<u64> = Vec::new();
    // How likely it is that the path is followed to here.
    let mut likely = 1.0f32;
    let mut skip: Option<Skip> = None;
    // Whether the next instruction is reached on two ways.
    let mut meeting = false;
    let end = loop {
        if let Some(over) = skip.take_if(|skip| skip.to == pc) {
            let written = known.written;
            known = over.known;
            known.forget(written);
            block = pc;
            meeting = true;
        }
        if !insns.is_empty() && skip.is_none() {
            if pc == start {
                break End::Loop;
            }
            // Only where control came by a branch: a path that runs into itself otherwise does so at the next one.
            let ends = || {
                let again = (lowest..=highest).contains(&pc) && insns.iter().any(|&(at, _, _)| at == pc);
                let joins = (returns.is_empty() || !extent.inlines) && guide.translated(pc);
                let leaves = pc >> PAGE_SHIFT != start >> PAGE_SHIFT && guide.changes(pc);
                again || joins || leaves || likely < UNLIKELY
            };
            if insns.len() >= extent.steps || pc == block && ends() {
                break End::Goto(pc);
            }
        }
        if guide.faults(pc) {
            break End::Interpret(pc);
        }
        let Ok(word) = fetch_word(ram, pc) else { break End::Goto(pc) };
        let Some(id) = templates.find(isa, word) else { break End::Goto(pc) };
        let template = templates.get(id);
        let next = pc.wrapping_add(u64::from(template.len));
        if template.is_plain(known.which) {
            let first = insns.len();
            insns.push((pc, word, template.len));
            (lowest, highest) = (lowest.min(pc), highest.max(pc));
            let lone = template.lone;
            let extends = lone.filter(|lone| known.is_extended(lone));
            let narrow = lone.filter(|lone| known.makes_narrow(lone));
            known.forget(template.writes);
            if let (Some(lone), Some(value)) = (template.lone, template.constant) {
                known.set(lone.rd, value);
            }
            if let Some(lone) = narrow {
                known.set_narrow(lone.rd);
            }
            if template.ends_block {
                block = next;
            }
            let step = match extends.and_then(|lone| Some((lone.rd, lone.extends?))) {
                // The register is what it would be extended to.
                Some((rd, from)) => {
                    let copy = Stmt::WriteX(Reg::Fixed(rd), x(from));
                    let body: Arc<[Stmt]> = if rd == from { Arc::new([]) } else { Arc::new([copy]) };
                    let lone = Lone::of(&body);
                    Step { first, count: 1, what: What::Body(body), flow: Flow::Fall, lone, unseen: false }
                }
                None => {
                    Step { first, count: 1, what: What::Plain(id), flow: Flow::Fall, lone, unseen: false }
                }
            };
            push(&mut steps, templates, step, std::mem::take(&mut meeting));
            pc = next;
            continue;
        }
        let Some(Meaning { body, goes: jump, lone }) = template.at(isa, pc, &known.values, known.which)
        else {
            break End::Interpret(pc);
        };
        let first = insns.len();
        let ends_block = template.ends_block;
        insns.push((pc, word, template.len));
        (lowest, highest) = (lowest.min(pc), highest.max(pc));
        let calls = !matches!(jump, Goes::Next | Goes::If { .. })
            && body.iter().any(|s| matches!(s, Stmt::WriteX(Reg::Fixed(1 | 5), _)));
        let mut flow = Flow::Fall;
        let mut goes = next;
        let mut over = None;
        match jump {
            Goes::Next => {}
            Goes::Mark(builtin, number) => {
                let slot =
                    if builtin == Builtin::Phase { phase_slot(slot, number) } else { roi_slot(slot, number) };
                break End::Mark { pc: next, slot };
            }
            Goes::To(to) => goes = to,
            Goes::Computed(target) => match guess(&target, calls, &returns)
                .or_else(|| guide.last_target(block))
                .filter(|_| insns.len() < extent.steps)
            {
                Some(guess) if returns.len() < MAX_DEPTH => {
                    goes = guess;
                    flow = Flow::Guess { target, guess };
                }
                _ => {
                    flow = Flow::Indirect { target };
                    over = Some(End::Indirect);
                }
            },
            Goes::If { cond, taken }
                if skip.is_none()
                    && taken != start
                    && insns.len() + MAX_SKIP < extent.steps
                    && let Some(count) =
                        skipped(isa, templates, ram, block, (next, taken), &insns, guide) =>
            {
                known.written = 0;
                skip = Some(Skip { to: taken, step: steps.len(), known: known.clone() });
                flow = Flow::Skip { cond, count };
            }
            Goes::If { cond, taken } => {
                let [a, b] = guide.choice(block, [taken, next]);
                let of_two = |n: u64| (n + 1) as f32 / (a + b + 2) as f32;
                let follow = taken == start || a > b || (a == b && taken < pc);
                let follow = follow && next != start || taken == start;
                flow = Flow::Branch { cond, expect: follow, other: if follow { next } else { taken } };
                goes = if follow { taken } else { next };
                likely *= of_two(if follow { a } else { b });
            }
        }
        if calls {
            returns.push(next);
        } else if matches!(flow, Flow::Guess { .. }) {
            returns.pop();
        }
        if ends_block {
            block = goes;
        }
        known.learn(&body);
        let step = Step { first, count: 1, what: What::Body(body), flow, lone, unseen: false };
        push(&mut steps, templates, step, std::mem::take(&mut meeting));
        if let Some(end) = over {
            break end;
        }
        pc = goes;
    };
    if insns.is_empty() {
        return None;
    }
    let mut trace = Trace { start, steps, insns, end };
    match skip {
        // What is skipped cannot be translated after all.
        Some(skip) if !trace.truncate(skip.step) => None,
        _ => Some(trace),
    }
}

impl Trace {
    /// Ends the trace before step `n`, for the interpreter. False when nothing is left.
    pub fn truncate(&mut self, n: usize) -> bool {
        // Not inside of what a branch skips.
        let crossing =
            |s: &Step, first| matches!(s.flow, Flow::Skip { count, .. } if s.first + count >= first);
        let Some(first) = self.steps.get(n).map(|step| step.first) else { return false };
        let n = self.steps[..n].iter().position(|s| crossing(s, first)).unwrap_or(n);
        let first = self.steps[n].first;
        if first == 0 {
            return false;
        }
        let pc = self.insns[first].0;
        self.steps.truncate(n);
        self.insns.truncate(first);
        self.end = End::Interpret(pc);
        true
    }
}

/// Where a jump goes if it returns from the last of the calls.
fn guess(target: &Expr, calls: bool, returns: &[u64]) -> Option<u64> {
    let mut reads = 0u32;
    for_each_x(target, &mut |n| reads |= 1 << n);
    let link = reads == 1 << 1 || reads == 1 << 5;
    returns.last().copied().filter(|_| link && !calls)
}

/// A branch over a few instructions, which are being added.
struct Skip {
    /// Where it goes.
    to: u64,
    /// The step of the branch.
    step: usize,
    /// What was known before the instructions.
    known: Knowledge,
}

/// The number of instructions between the two addresses if a branch over them had better stay in the superblock: they
/// are few, just go on with the next one, and the branch is not taken nearly always.
fn skipped(
    isa: &InsnSet,
    templates: &mut Templates,
    ram: &Ram,
    block: u64,
    (from, to): (u64, u64),
    insns: &[(u64, u32, u8)],
    guide: &dyn Guide,
) -> Option<usize> {
    if !(from + 1..=from + 4 * MAX_SKIP as u64).contains(&to) {
        return None;
    }
    let [skipping, executing] = guide.choice(block, [to, from]);
    if executing == 0 || skipping / 16 > executing {
        return None;
    }
    let (mut pc, mut count) = (from, 0);
    while pc < to {
        let id = templates.find(isa, fetch_word(ram, pc).ok()?)?;
        let template = templates.get(id);
        if count == MAX_SKIP || !template.goes_on() || insns.iter().any(|&(at, _, _)| at == pc) {
            return None;
        }
        pc += u64::from(template.len);
        count += 1;
    }
    (pc == to).then_some(count)
}

/// Which integer registers hold constants, and which constants.
#[derive(Clone, Default)]
struct Knowledge {
    values: Known,
    /// The registers as a set. x0 is not among them: that it is zero is part of every meaning.
    which: u32,
    /// The registers that hold sign-extended 32-bit numbers.
    narrow: u32,
    /// The registers that were forgotten, as every written one is, since this was cleared.
    written: u32,
}

impl Knowledge {
    fn set(&mut self, n: u8, value: u64) {
        if n != 0 {
            self.values[usize::from(n)] = Some(value);
            self.which |= 1 << n;
        }
    }

    /// Whether what is computed is a sign-extended 32-bit number.
    fn makes_narrow(&self, lone: &Lone) -> bool {
        lone.narrow_if.is_some_and(|set| set & !self.narrow == 0)
    }

    /// Whether it sign-extends what is sign-extended.
    fn is_extended(&self, lone: &Lone) -> bool {
        lone.extends.is_some_and(|from| self.narrow >> from & 1 == 1)
    }

    fn set_narrow(&mut self, n: u8) {
        self.narrow |= 1 << n;
    }

    /// Forgets what is in the registers of a set.
    fn forget(&mut self, mut set: u32) {
        self.written |= set;
        self.narrow &= !set;
        set &= self.which;
        self.which &= !set;
        while set != 0 {
            self.values[set.trailing_zeros() as usize] = None;
            set &= set - 1;
        }
    }

    /// Notes which registers hold constants after the statements.
    fn learn(&mut self, body: &[Stmt]) {
        for s in body {
            for_each_write(std::slice::from_ref(s), &mut |r, _| {
                if let Written::X(n) = r {
                    self.forget(1 << n);
                }
            });
            if let Stmt::WriteX(Reg::Fixed(n), e) = s
                && let Some(value) = constant(e)
            {
                self.set(*n, value);
            }
        }
    }
}

/// Appends a step, joined with the one before if that computes just what this one uses and overwrites. `meeting`: the
/// step is not reached by that one only.
fn push(steps: &mut Vec<Step>, templates: &Templates, step: Step, meeting: bool) {
    if let (Some(last), Some(this)) = (steps.last_mut(), step.lone)
        && !meeting
        && last.lone.is_some_and(|before| before.rd == this.rd && before.movable)
        && this.rereads
        && last.flow == Flow::Fall
        && step.flow == Flow::Fall
        && let ([Stmt::WriteX(_, value)], [Stmt::WriteX(rd, e)]) =
            (last.what.body(templates), step.what.body(templates))
    {
        let joined: Arc<[Stmt]> = Arc::new([Stmt::WriteX(*rd, substitute(e, this.rd, value))]);
        last.lone = Lone::of(&joined);
        last.what = What::Body(joined);
        last.count += 1;
        return;
    }
    steps.push(step);
}

/// The interpreter's experience as a guide.
pub struct Seen<'a> {
    pub cache: &'a BlockCache,
    pub slot: u8,
    /// Whether there is a superblock here.
    pub translated: &'a dyn Fn(u64) -> bool,
    /// How often the baseline code of the block here was run.
    pub runs: &'a dyn Fn(u64) -> u64,
    /// See [`Guide::edges`].
    pub edges: &'a dyn Fn(u64, [u64; 2]) -> Option<[u64; 2]>,
    pub habits: &'a Habits,
}

impl Guide for Seen<'_> {
    fn runs(&self, pc: u64) -> u64 {
        self.cache.find(pc).map_or(0, |b| b.runs(self.slot)) + (self.runs)(pc)
    }

    fn edges(&self, block: u64, to: [u64; 2]) -> Option<[u64; 2]> {
        (self.edges)(block, to)
    }

    fn last_target(&self, block: u64) -> Option<u64> {
        let b = self.cache.find(block)?;
        self.cache.successors(b, self.slot).max_by_key(|t| t.1 + (self.runs)(t.0)).map(|t| t.0)
    }

    fn translated(&self, pc: u64) -> bool {
        (self.translated)(pc)
    }

    fn faults(&self, pc: u64) -> bool {
        self.habits.faults(pc)
    }

    fn changes(&self, pc: u64) -> bool {
        self.habits.changes(pc)
    }
}
