//! Properties of register allocation and parallel moves, on random traces in every style.

use std::collections::HashMap;

use super::Rng;
use super::generate::{End, Shape, generate};
use super::world::{World, barrier_slow};
use crate::backend::analysis::Analysis;
use crate::backend::moves::{Move, Source, sequence};
use crate::backend::regalloc::{Allocation, Hints};
use crate::backend::regs::*;
use crate::backend::{Backend, CompileError, Config, Location, Style};
use crate::ir::Trace;

const STYLES: [Style; 3] = [Style::Naive, Style::Soft, Style::Hw];

fn random_trace(seed: u64) -> Trace {
    let mut rng = Rng::new(seed);
    let mut world = World::new(&mut rng);
    let sizes = (rng.below(60), rng.below(120));
    let end = if rng.chance(80) { End::Loop } else { End::Leave };
    let guards = rng.below(40);
    let shape = Shape { id: 1, first_exit: 0, sizes, end, guards, parent: None, target: None };
    generate(&shape, &mut rng, &mut world)
}

#[test]
fn live_values_have_different_places() {
    for seed in 0..200 {
        let trace = random_trace(seed);
        for style in STYLES {
            let analysis = Analysis::new(&trace, style, &[]);
            let hints = Hints { inputs: &[], hidden: &[], label: None, entered: &[] };
            let allocation = Allocation::new(&trace, &analysis, &hints, style).expect("allocation");
            let live: Vec<_> =
                (0..trace.ops.len()).filter_map(|v| analysis.intervals[v].as_ref().map(|i| (v, i))).collect();
            for (n, &(v, a)) in live.iter().enumerate() {
                let place =
                    allocation.place(v).unwrap_or_else(|| panic!("seed {seed}: value {v} has no place"));
                match place {
                    Location::X(x) => {
                        assert!(
                            !a.float && !a.crosses_call || X_CALLEE_SAVED.contains(&x.into()),
                            "seed {seed}: {v}"
                        )
                    }
                    Location::F(f) => {
                        assert!(
                            a.float && !a.crosses_call || F_CALLEE_SAVED.contains(&f.into()),
                            "seed {seed}: {v}"
                        )
                    }
                    Location::Spill(_) => {}
                }
                for &(w, b) in &live[n + 1..] {
                    let overlap = a.start < b.end && b.start < a.end;
                    assert!(
                        !overlap || allocation.place(w) != Some(place),
                        "seed {seed}: {v} and {w} in {place:?}"
                    );
                }
                for &(_, _, register) in &allocation.constants {
                    let in_loop = analysis.label.is_some_and(|l| a.end > 2 * l as u32 + 1);
                    assert!(!in_loop || place != register, "seed {seed}: {v} and a constant in {place:?}");
                }
            }
        }
    }
}

#[test]
fn registers_are_used_before_memory() {
    let mut spilled = 0;
    let mut all = 0;
    for seed in 0..50 {
        let trace = random_trace(seed);
        let analysis = Analysis::new(&trace, Style::Soft, &[]);
        let hints = Hints { inputs: &[], hidden: &[], label: None, entered: &[] };
        let allocation = Allocation::new(&trace, &analysis, &hints, Style::Soft).expect("allocation");
        let places = (0..trace.ops.len()).filter_map(|v| allocation.place(v));
        for place in places {
            all += 1;
            spilled += usize::from(matches!(place, Location::Spill(_)));
        }
    }
    assert!(spilled * 3 < all, "{spilled} of {all} values are in memory");
}

#[test]
fn parallel_moves() {
    let temp = Location::X(31);
    for seed in 0..2000 {
        let mut rng = Rng::new(seed);
        let n = 2 + rng.below(9);
        let place = |i: usize| match i % 3 {
            0 => Location::X(i as u8),
            1 => Location::F(i as u8),
            _ => Location::Spill(i as u16),
        };
        let mut moves = Vec::new();
        for to in 0..n {
            if rng.chance(80) {
                let from = if rng.chance(10) {
                    Source::Const(1000 + to as u64)
                } else {
                    Source::At(place(rng.below(n)))
                };
                moves.push(Move { from, to: place(to) });
            }
        }
        let mut state: HashMap<Location, u64> = (0..n).map(|i| (place(i), i as u64)).collect();
        let read = |state: &HashMap<Location, u64>, from: Source| match from {
            Source::Const(c) => c,
            Source::At(l) => state[&l],
        };
        let expected: Vec<u64> = moves.iter().map(|m| read(&state, m.from)).collect();
        for m in sequence(&moves, temp) {
            let v = read(&state, m.from);
            state.insert(m.to, v);
        }
        for (m, v) in moves.iter().zip(expected) {
            assert_eq!(state[&m.to], v, "seed {seed}: {moves:?}");
        }
    }
}

#[test]
fn every_style_compiles_on_every_host() {
    for style in STYLES {
        // A hardware back end sets CSRs when it is made.
        if style == Style::Hw && cfg!(target_arch = "riscv64") {
            continue;
        }
        let config = Config {
            style,
            barrier_slow: barrier_slow as *const () as usize,
            force_fail: None,
            code_bytes: 1 << 22,
        };
        let mut backend = Backend::new(config, std::ptr::null()).expect("arena");
        for seed in 0..60 {
            let mut trace = random_trace(seed);
            trace.id = seed as u32;
            trace.first_exit = seed as u32 * 1000;
            let target = i64::from(trace.id);
            if let Some(last) = trace.ops.last_mut()
                && last.code == crate::ir::Opcode::Jump
            {
                last.descr = crate::ir::Descr::Number(target);
            }
            let compiled = backend.compile(&trace).unwrap_or_else(|e| panic!("seed {seed}: {e}"));
            for op in trace.ops.iter().filter(|op| op.exit != crate::ir::NO_EXIT) {
                let live = backend.exit_locations(trace.first_exit + op.exit).expect("a known exit");
                assert_eq!(live.len(), trace.exits[op.exit as usize].live.len());
            }
            let words = backend.code(compiled.code.clone());
            assert!(!words.is_empty());
        }
        assert!(backend.code_map().iter().count() > 1000);
    }
}

#[test]
fn a_full_arena_is_an_error() {
    let config = Config { style: Style::Soft, barrier_slow: 0, force_fail: None, code_bytes: 1 << 16 };
    let mut backend = Backend::new(config, std::ptr::null()).expect("arena");
    let mut trace = random_trace(3);
    for n in 0..10_000 {
        trace.first_exit = n * 1000;
        match backend.compile(&trace) {
            Ok(_) => {}
            Err(CompileError::NoSpace) => return,
            Err(e) => panic!("{e}"),
        }
    }
    panic!("a small arena never filled");
}
