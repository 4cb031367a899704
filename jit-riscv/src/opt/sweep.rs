//! Dead operations, final numbering.

use super::Optimised;
use super::heap::INIT_FIELD;
use super::label::keep_carried;
use super::state::Optimizer;
use crate::ir::{Arg, Descr, NO_EXIT, Op, Opcode, Trace, Val};

impl Optimizer<'_> {
    /// The finished trace.
    pub fn sweep(self) -> Optimised {
        let first_site = self.plan.observe.map_or(0, |o| o.first_site);
        let sites = self.site_numbers.iter().map(|(&raw, &n)| (raw, first_site + n)).collect();
        let mut trace = self.out;
        let (description, mut carried, own) = match self.label {
            Some(c) => (Some(c.label), c.args, c.own),
            None => (None, Vec::new(), false),
        };
        super::known::note(&mut trace, &self.s.learned);
        let label = trace.ops.iter().position(|op| op.code == Opcode::Label);
        if let Some(label) = label {
            drop_needless_poll(&mut trace, label, &mut carried);
        }
        let live = live_operations(&trace, label, &carried);
        let used = label.map(|at| used_results(&trace, at, &live));
        let (trace, numbers) = renumber(trace, &live);
        for a in &mut carried {
            if let Some(i) = a.as_op() {
                *a = numbers[i];
            }
        }
        let mut trace = trace;
        let indices = match &description {
            Some(_) => {
                let inside = trace.ops.iter().position(|op| op.code == Opcode::Label).unwrap_or(0);
                keep_carried(&mut trace, &carried, inside)
            }
            None => vec![None; trace.exits.len()],
        };
        let label = description.filter(|_| own).map(|mut d| {
            d.used = used.unwrap_or_default();
            d
        });
        Optimised { trace, label, carried: indices, sites }
    }
}

/// A loop that does not allocate needs no safe point.
fn drop_needless_poll(trace: &mut Trace, label: usize, carried: &mut [Arg]) {
    use Opcode::*;
    let allocates =
        trace.ops[label..].iter().any(|op| matches!(op.code, New | NewArray | CallI | CallF | CallR | CallN));
    if !allocates && let Some(at) = trace.ops[label..].iter().position(|op| op.code == GuardNoCollect) {
        trace.ops.remove(label + at);
        shift_operands(trace, label + at, carried);
    }
}

/// Operation `removed` is gone: later ones have moved down.
fn shift_operands(trace: &mut Trace, removed: usize, carried: &mut [Arg]) {
    let shift = |a: &mut Arg| {
        if let Some(i) = a.as_op()
            && i > removed
        {
            *a = Arg::op(i - 1);
        }
    };
    for op in &mut trace.ops {
        op.args.as_mut_slice().iter_mut().for_each(shift);
    }
    for exit in &mut trace.exits {
        exit.live.iter_mut().for_each(shift);
    }
    carried.iter_mut().for_each(shift);
}

/// Which results of the label are live.
fn used_results(trace: &Trace, label: usize, live: &[bool]) -> Vec<bool> {
    let n = trace.ops[label].args.as_slice().len();
    (0..n).map(|i| live[label + 1 + i]).collect()
}

/// An initialising store of a new object: needed if the object is.
fn initialises(op: &Op) -> bool {
    matches!(op.descr, Descr::FreshField(f) if f.id == INIT_FIELD) && op.code == Opcode::Setfield
}

fn has_effect(op: &Op) -> bool {
    use Opcode::*;
    if op.exit != NO_EXIT {
        return true;
    }
    match op.code {
        Setfield => !initialises(op),
        Setitem | SetClass | FrameStore | FrameMove | JumpHead | JumpEntry | Return | Leave | Observe
        | Label => true,
        CallI | CallF | CallR | CallN => {
            !matches!(op.descr, Descr::Call(c) if c.effect != crate::object::Effect::Any && !c.can_raise)
        }
        _ => false,
    }
}

fn live_operations(trace: &Trace, label: Option<usize>, carried: &[Arg]) -> Vec<bool> {
    let ops = &trace.ops;
    let mut live = vec![false; ops.len()];
    let mut work: Vec<usize> = Vec::new();
    // Initialising stores by object: the last of each, and the one before each.
    let mut last_store = vec![u32::MAX; ops.len()];
    let mut store_before = vec![u32::MAX; ops.len()];
    for (i, op) in ops.iter().enumerate() {
        if initialises(op) {
            if let Some(o) = op.args[0].as_op() {
                store_before[i] = std::mem::replace(&mut last_store[o], i as u32);
            }
        } else if has_effect(op) || op.code == Opcode::Jump {
            live[i] = true;
            work.push(i);
        }
    }
    for a in carried.iter().filter_map(|a| a.as_op()) {
        if !live[a] {
            live[a] = true;
            work.push(a);
        }
    }
    let jump = ops.last().filter(|op| op.code == Opcode::Jump);
    while let Some(i) = work.pop() {
        let mut mark = |a: Arg| {
            if let Some(j) = a.as_op()
                && !live[j]
            {
                live[j] = true;
                work.push(j);
            }
        };
        let op = &ops[i];
        // Operands of the label and its jump are needed only where the label's result is.
        if !matches!(op.code, Opcode::Label | Opcode::Jump) {
            op.args.as_slice().iter().for_each(|&a| mark(a));
        }
        if op.exit != NO_EXIT {
            trace.exits[op.exit as usize].live.iter().for_each(|&a| mark(a));
        }
        // (The jump of a bridge is to another trace's label, and passes what that one uses.)
        if label.is_none() && op.code == Opcode::Jump {
            op.args.as_slice().iter().for_each(|&a| mark(a));
        }
        if let (Opcode::LabelArg, Descr::Number(n), Some(label), Some(jump)) =
            (op.code, op.descr, label, jump)
        {
            mark(ops[label].args[n as usize]);
            mark(jump.args[n as usize]);
        }
        let mut store = last_store[i];
        while store != u32::MAX {
            if !live[store as usize] {
                live[store as usize] = true;
                work.push(store as usize);
            }
            store = store_before[store as usize];
        }
    }
    live
}

/// Drops what is dead: operations, results of the label with their operands, exits of dropped guards.
fn renumber(trace: Trace, live: &[bool]) -> (Trace, Vec<Arg>) {
    let own_label = trace.ops.iter().any(|op| op.code == Opcode::Label);
    let mut numbers = vec![Arg::NONE; trace.ops.len()];
    let (ops, exits) = (Vec::with_capacity(trace.ops.len()), Vec::with_capacity(trace.exits.len()));
    let mut out = Trace { ops, exits, consts: trace.consts, ..trace };
    let label_args: Vec<usize> = trace
        .ops
        .iter()
        .enumerate()
        .filter(|(i, op)| live[*i] && op.code == Opcode::LabelArg)
        .map(|(_, op)| match op.descr {
            Descr::Number(n) => n as usize,
            _ => 0,
        })
        .collect();
    let mut exits: Vec<Option<crate::ir::Exit>> = trace.exits.into_iter().map(Some).collect();
    for (i, mut op) in trace.ops.into_iter().enumerate() {
        if !live[i] {
            continue;
        }
        numbers[i] = Arg::op(out.ops.len());
        let renamed = |a: Arg| match a.as_op() {
            Some(j) => numbers[j],
            None => a,
        };
        match op.code {
            Opcode::Label | Opcode::Jump if own_label => {
                let args: Vec<Arg> = label_args.iter().map(|&n| renamed(op.args[n])).collect();
                op.args = crate::ir::Args::new(&args);
            }
            Opcode::LabelArg => {
                if let Descr::Number(n) = op.descr {
                    let at = label_args.iter().position(|&m| m == n as usize).unwrap_or(0);
                    op.descr = Descr::Number(at as i64);
                }
            }
            _ => op.args.as_mut_slice().iter_mut().for_each(|a| *a = renamed(*a)),
        }
        if op.exit != NO_EXIT
            && let Some(mut exit) = exits[op.exit as usize].take()
        {
            exit.live.iter_mut().for_each(|a| *a = renamed(*a));
            out.exits.push(exit);
            op.exit = out.exits.len() as u32 - 1;
        }
        out.ops.push(op);
    }
    debug_assert!(out.exits.iter().all(|e| {
        e.frames.iter().flat_map(|f| &f.slots).all(|v| match v {
            Val::Live(n) => (*n as usize) < e.live.len(),
            _ => true,
        })
    }));
    (out, numbers)
}
