//! Hints for the pattern table, and promotion of what it found. (A promoting `guard_value` also names its load of the recording.)

use super::{optimised_by, recording, same};
use crate::domain::trace::Recording;
use crate::ir::Const;
use crate::opt::Rejected;
use crate::opt::patterns::{Observe, Plan, cost};

/// Loads a field (operation 2) that a call may change.
fn loop_with_a_load() -> Recording {
    let mut loaded = recording(
        "p0 = frame_load(40)
         guard_no_collect() [0]
         i2 = getfield_gc_i(p0, count)
         i3 = int_py_mod(7, i2)
         guard_true(i3) [0]
         call_n(poke, p0, i3)
         jump(p0, trace 0)",
    );
    loaded.sites.insert(2, 0);
    loaded
}

#[test]
fn a_young_loop_shows_what_its_body_loads_and_counts_down() {
    let observe = Observe { first_site: 20, sites: 4, countdown: 0x2000 };
    let young = optimised_by(&loop_with_a_load(), &Plan { observe: Some(observe), ..Plan::default() });
    let young = young.unwrap_or_else(|e| panic!("{e:?}"));
    assert_eq!(young.sites.get(&2), Some(&20));
    same(
        &young.trace,
        "p0 = frame_load(40)
         guard_no_collect() [0]
         i2 = getfield_gc_i(p0, count)
         i3 = int_py_mod(7, i2)
         guard_true(i3) [1]
         call_n(poke, p0, i3)
         label()
         guard_no_collect() [2]
         guard_countdown(8192) [3]
         i9 = getfield_gc_i(p0, count)
         observe(i9, value 20)
         i11 = int_py_mod(7, i9)
         guard_true(i11) [4]
         call_n(poke, p0, i11)
         jump(trace 0)",
    );
}

#[test]
fn loads_without_a_free_site_are_not_shown() {
    let observe = Observe { first_site: 20, sites: 0, countdown: 0x2000 };
    let young = optimised_by(&loop_with_a_load(), &Plan { observe: Some(observe), ..Plan::default() });
    let young = young.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(young.sites.is_empty() && !young.trace.to_string().contains("observe"));
}

#[test]
fn a_promoted_load_is_one_guard_and_what_follows_is_folded() {
    let promote = [(2, Const::Int(4))].into_iter().collect();
    let promoted = optimised_by(&loop_with_a_load(), &Plan { promote, ..Plan::default() });
    let promoted = promoted.unwrap_or_else(|e| panic!("{e:?}"));
    let plain = optimised_by(&loop_with_a_load(), &Plan::default()).unwrap_or_else(|e| panic!("{e:?}"));
    assert!(cost(&promoted.trace) < cost(&plain.trace));
    same(
        &promoted.trace,
        "p0 = frame_load(40)
         guard_no_collect() [0]
         i2 = getfield_gc_i(p0, count)
         guard_value(i2, 4, 2) [1]
         call_n(poke, p0, 3)
         label()
         guard_no_collect() [2]
         i7 = getfield_gc_i(p0, count)
         guard_value(i7, 4, 2) [3]
         call_n(poke, p0, 3)
         jump(trace 0)",
    );
}

#[test]
fn a_promotion_of_another_kind_is_ignored() {
    let promote = [(2, Const::Float(0))].into_iter().collect();
    let promoted = optimised_by(&loop_with_a_load(), &Plan { promote, ..Plan::default() });
    let promoted = promoted.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(!promoted.trace.to_string().contains("guard_value"));
}

#[test]
fn a_promotion_that_never_lets_the_trace_complete_is_rejected() {
    let mut loaded = recording(
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         i2 = int_lt(i1, 10)
         guard_true(i2) [0]
         jump(p0, trace 0)",
    );
    loaded.sites.insert(1, 0);
    let plan = |v| Plan { promote: [(1, Const::Int(v))].into_iter().collect(), ..Plan::default() };
    assert!(optimised_by(&loaded, &plan(9)).is_ok());
    assert_eq!(optimised_by(&loaded, &plan(10)).err(), Some(Rejected::NeverCompletes));
}
