//! Loop peeling: the first iteration becomes the preamble, the body knows what it found out.

use super::{check, optimised_by, recording};
use crate::ir::Const;
use crate::opt::Rejected;
use crate::opt::patterns::Plan;

#[test]
fn a_first_iteration_that_changes_a_flag_is_left_by_the_second() {
    check(
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         guard_false(i1) [0]
         setfield_gc(p0, 1, count)
         i4 = call_i(hash, i1, 2)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         guard_false(i1) [0]
         setfield_gc(p0, 1, count)
         label()
         guard_true(0) [1]       # the flag is 1
         jump(trace 0)
         exit 1: live(p0)",
    );
}

#[test]
fn a_slot_that_was_null_is_an_unallocated_object_in_the_second_iteration() {
    check(
        "p0 = frame_load(40)
         guard_isnull(p0) [0]
         p1 = new_with_vtable(class 3, 24)
         jump(p1, trace 0)
         exit 0: live(p0)
           frame code 0x10 pc 4 tag 0: p0",
        "p0 = frame_load(40)
         guard_isnull(p0) [0]
         label()
         guard_true(0) [1]
         jump(trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _
         exit 1:
           frame code 0x10 pc 4 tag 0: v0
           virtual v0: class 3 size 24 {  }",
    );
}

#[test]
fn other_guards_that_the_second_iteration_fails() {
    for (guard, store) in [
        ("guard_value(i1, 0)", "1"),
        ("guard_false(i1)", "1"),
        ("i2 = int_add_ovf(i1, 10)", "9223372036854775807"),
    ] {
        let first = format!(
            "p0 = frame_load(40)
             i1 = getfield_gc_i(p0, count)
             {guard} [0]
             setfield_gc(p0, {store}, count)"
        );
        check(
            &format!("{first}\njump(p0, trace 0)"),
            &format!("{first}\nlabel()\nguard_true(0) [1]\njump(trace 0)\nexit 1: live(p0)"),
        );
    }
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
