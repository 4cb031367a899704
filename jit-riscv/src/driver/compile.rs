//! Recording → optimiser → back end → head or exit.

use super::patterns::Source;
use super::tracing::Place;
use super::{ExitRecord, Jit, TraceRecord, log_line, phases};
use crate::domain::trace::{Ending, Recording};
use crate::ir::{Const, Descr, Exit, Opcode, Trace, Val};
use std::rc::Rc;

use crate::language::{Head, Language, Vm};
use crate::object::{ClassId, Kind, Ref};
use crate::opt::label::Label;
use crate::opt::patterns::Plan;
use crate::opt::{Optimised, Oracle, optimise};

/// The optimiser's questions, answered by the VM.
pub(crate) struct Answers<'a, V: Vm>(pub &'a mut V);

impl<V: Vm> Oracle for Answers<'_, V> {
    fn class_is_final(&mut self, class: ClassId) -> bool {
        self.0.class_is_final(class)
    }
    fn is_value_class(&mut self, class: ClassId) -> bool {
        self.0.is_value_class(class)
    }
    fn class_of(&mut self, object: Ref) -> ClassId {
        // SAFETY: constants of a recording are live objects.
        unsafe { object.class() }
    }
    fn word(&mut self, object: Ref, offset: usize) -> u64 {
        // SAFETY: a field that the trace read of this object.
        unsafe { object.word(offset) }
    }
}

impl<L: Language> Jit<L> {
    /// Compiles a recording: the trace of `head`, or a bridge. The frames are in memory. False: it was given up.
    pub(crate) fn compile(&mut self, recording: Recording, head: Option<&Head>, place: Place) -> bool {
        self.phase(phases::OPTIMISING);
        let (plan, countdown) = self.young_plan(&recording);
        self.compile_planned(recording, plan, countdown, head, place)
    }

    /// As `compile`, by a certain plan.
    pub(crate) fn compile_with(
        &mut self,
        recording: Recording,
        plan: Plan,
        head: Option<&Head>,
        place: Place,
    ) -> bool {
        self.compile_planned(recording, plan, Box::new(0), head, place)
    }

    pub(crate) fn compile_planned(
        &mut self,
        mut recording: Recording,
        mut plan: Plan,
        countdown: Box<u64>,
        head: Option<&Head>,
        place: Place,
    ) -> bool {
        // What the recording itself has changed is not what it assumed.
        // SAFETY: watches belong to objects of the language that are never freed.
        if !recording.watches.iter().all(|a| unsafe { a.holds() }) {
            log_line(&mut self.options, &format!("# {} broke its assumptions", recording.trace.name));
            self.broken = true;
            return false;
        }
        let target = match &recording.end {
            Ending::Head(to) | Ending::Label(_, to) => Some(to.head),
            _ => None,
        };
        plan.target = target.and_then(|head| self.entries.get(&head).cloned());
        // SAFETY: the VM outlives the JIT.
        let optimised = optimise(&recording, &plan, &mut Answers(unsafe { &mut *self.vm }));
        let Optimised { mut trace, label, carried, sites } = match optimised {
            Ok(optimised) => optimised,
            Err(why) => {
                let line = format!("# {} rejected: {why:?}", recording.trace.name);
                log_line(&mut self.options, &line);
                return false;
            }
        };
        if plan.observe.is_some() && sites.is_empty() {
            return self.compile_with(recording, Plan::default(), head, place);
        }
        trace.first_exit = self.exits.len() as u32;
        self.settle_constants(&mut trace);
        // The trace's constants begin with the recording's.
        let n = recording.trace.consts.len();
        recording.trace.consts.copy_from_slice(&trace.consts[..n]);
        if self.options.trace_log.is_some() {
            let text = trace.to_string();
            log_line(&mut self.options, &text);
        }
        let compiled = match self.backend.as_mut().map(|b| b.compile(&trace)) {
            Some(Ok(compiled)) => compiled,
            Some(Err(e)) => {
                log_line(&mut self.options, &format!("# {} not compiled: {e}", trace.name));
                return false;
            }
            None => return false,
        };
        if self.options.trace_log.is_some() {
            let line =
                format!("# trace {} is at {:#x}..{:#x}", trace.id, compiled.code.start, compiled.code.end);
            log_line(&mut self.options, &line);
        }
        let label = match (label, &recording.label) {
            (Some(own), _) => Some(Rc::new(Label { consts: trace.consts.clone(), ..own })),
            (None, Some((of_loop, _))) => Some(of_loop.clone()),
            (None, None) => None,
        };
        let id = trace.id;
        let mut consts = Vec::new();
        visit_refs(&mut trace, &mut |r| consts.push(*r));
        self.register_exits(&mut trace, label.as_ref(), carried);
        for assumption in &recording.watches {
            // SAFETY: watches belong to objects of the language that are never freed.
            unsafe { (*assumption.watch).depend(id) };
        }
        debug_assert_eq!(self.traces.len(), id as usize);
        let bridge_of = trace.bridge_of;
        if let Some(target) = target
            && self.options.patterns
            && trace.ops.last().is_some_and(|op| op.code == Opcode::JumpHead)
        {
            self.jumpers.entry(target).or_default().push(id);
        }
        // (The machine code of a young trace writes to its countdown.)
        let keep = self.options.patterns && (plan.rewrites() || target.is_some());
        let frame = recording.snapshots.first().and_then(|s| s.frames.first().cloned());
        let typed = plan.entry(id);
        let source = keep.then_some(Source { recording, sites, countdown, prolonged: 0, plan });
        let depth = frame.as_ref().map_or((0, 0), |f| (f.pc, f.slots.len()));
        self.traces.push(TraceRecord { consts, head: head.map(|h| h as *const Head), place, depth, source });
        match (head, bridge_of) {
            (Some(head), _) => {
                let entry = match (typed, frame) {
                    (Some(typed), Some(frame)) => self.enter_typed(head, typed, &frame),
                    _ => None,
                };
                head.entry.set(entry.unwrap_or(compiled.entry));
                head.count.set(Head::COMPILED);
                self.counts.traces += 1;
            }
            (None, Some(exit)) => {
                let attached = self.backend.as_mut().map(|b| b.attach_bridge(exit, compiled.entry));
                if let Some(Err(e)) = attached {
                    log_line(&mut self.options, &format!("# bridge of exit {exit} not attached: {e}"));
                    return false;
                }
                self.counts.bridges += 1;
            }
            (None, None) => {}
        }
        true
    }

    /// Gives the constants of a trace their final addresses: machine code contains them.
    fn settle_constants(&mut self, trace: &mut Trace) {
        let mut young = false;
        {
            // SAFETY: the VM outlives the JIT.
            let heap = unsafe { (*self.vm).heap() };
            visit_refs(trace, &mut |r| young |= !heap.is_old(*r));
        }
        if young {
            self.with_roots(|heap, thread, roots| {
                heap.make_old(thread, phases::OPTIMISING, &mut |visit| {
                    roots(visit);
                    visit_refs(trace, visit);
                })
            });
        }
    }

    pub(crate) fn register_exits(
        &mut self,
        trace: &mut Trace,
        label: Option<&Rc<Label>>,
        carried: Vec<Option<Vec<u32>>>,
    ) {
        let first = self.exits.len();
        for (exit, carried) in std::mem::take(&mut trace.exits).into_iter().zip(carried) {
            let kinds = exit.live.iter().map(|&a| trace.kind_of(a).unwrap_or(Kind::Int)).collect();
            self.exits.push(ExitRecord {
                exit,
                kinds,
                guard: crate::ir::Opcode::Leave,
                trace: trace.id,
                speculative: false,
                to_entry: false,
                failures: 0,
                closed: false,
                label: label.cloned().zip(carried),
            });
        }
        for op in &trace.ops {
            if op.exit != crate::ir::NO_EXIT {
                let record = &mut self.exits[first + op.exit as usize];
                record.guard = op.code;
                record.speculative = op.code == Opcode::GuardValue && matches!(op.descr, Descr::Number(_));
            }
        }
    }
}

/// Every reference that is a constant of the trace, null apart.
fn visit_refs(trace: &mut Trace, visit: &mut dyn FnMut(&mut Ref)) {
    for c in &mut trace.consts {
        visit_const(c, visit);
    }
    for exit in &mut trace.exits {
        visit_exit(exit, visit);
    }
}

fn visit_exit(exit: &mut Exit, visit: &mut dyn FnMut(&mut Ref)) {
    let mut val = |v: &mut Val| {
        if let Val::Const(c) = v {
            visit_const(c, visit);
        }
    };
    exit.frames.iter_mut().flat_map(|f| &mut f.slots).for_each(&mut val);
    exit.virtuals.iter_mut().flat_map(|v| &mut v.fields).for_each(|(_, _, v)| val(v));
    for p in &mut exit.pending {
        val(&mut p.object);
        val(&mut p.value);
    }
    exit.log.iter_mut().for_each(val);
}

fn visit_const(c: &mut Const, visit: &mut dyn FnMut(&mut Ref)) {
    if let Const::Ref(r) = c
        && !r.is_null()
    {
        visit(r);
    }
}
