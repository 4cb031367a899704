//! Typed entries: what a trace makes of the values that it takes, and jumps to it.

use std::rc::Rc;

use super::world::VALUE;
use super::{optimised_by, recording, same};
use crate::domain::trace::{Ending, Recording, ToHead};
use crate::ir::{Arg, Opcode};
use crate::object::ClassId;
use crate::opt::patterns::{Entry, Plan, TypedSlot};

const COUNTER: TypedSlot = TypedSlot { slot: 0, class: ClassId(1), field: VALUE };

/// Counts slot 0 and goes on at a head with slots 0 and 1.
fn counting() -> Recording {
    let mut recording = recording(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_no_collect() [0]
         guard_class(p0, class 1) [0]
         i4 = getfield_gc_i(p0, value)
         i5 = int_add_ovf(i4, 1) [0]
         p6 = new_with_vtable(class 1, 16)
         setfield_gc(p6, i5, value)
         frame_store(p6, 40)
         frame_store(p1, 48)
         frame_store(77, 8)
         jump_head(4096)
         exit 0: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
    );
    let slots = vec![Arg::op(6), Arg::op(1)];
    recording.end = Ending::Head(ToHead { head: std::ptr::null(), slots, base: 0, snapshot: 0, tail: 8 });
    recording
}

fn check(plan: Plan, after: &str) {
    same(&optimised_by(&counting(), &plan).unwrap_or_else(|e| panic!("rejected: {e:?}")).trace, after);
}

#[test]
fn a_slot_that_did_not_change_is_not_stored() {
    check(
        Plan::default(),
        "p0 = frame_load(40)
         guard_no_collect() [0]
         guard_class(p0, class 1) [1]
         i3 = getfield_gc_i(p0, value)
         i4 = int_add_ovf(i3, 1) [2]
         p5 = new_with_vtable(class 1, 16)
         setfield_gc(p5, i4, fresh init)
         frame_store(p5, 40)
         frame_store(77, 8)
         jump_head(4096)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1:
           frame code 0x10 pc 4 tag 0: _, _
         exit 2: live(i3)
           frame code 0x10 pc 4 tag 0: _, _",
    );
}

#[test]
fn a_stale_slot_is_its_value_until_something_needs_the_box() {
    check(
        Plan { typed: vec![COUNTER], stale: 1, ..Plan::default() },
        "i0 = input(0)
         guard_no_collect() [0]
         i2 = int_add_ovf(i0, 1) [1]
         p3 = new_with_vtable(class 1, 16)
         setfield_gc(p3, i2, fresh init)
         frame_store(p3, 40)
         frame_store(77, 8)
         jump_head(4096)
         exit 0: live(i0)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 1 size 16 { 8:i = i0 }
         exit 1: live(i0)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 1 size 16 { 8:i = i0 }",
    );
}

#[test]
fn a_jump_to_a_typed_entry_passes_the_value_and_writes_no_stale_slot() {
    let entry = Entry { trace: 9, typed: vec![COUNTER], stale: 1 };
    check(
        Plan { typed: vec![COUNTER], stale: 1, target: Some(Rc::new(entry)), ..Plan::default() },
        "i0 = input(0)
         guard_no_collect() [0]
         i2 = int_add_ovf(i0, 1) [1]
         jump_entry(i2, trace 9)
         exit 0: live(i0)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 1 size 16 { 8:i = i0 }
         exit 1: live(i0)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 1 size 16 { 8:i = i0 }",
    );
}

#[test]
fn a_slot_that_stays_in_memory_is_passed_as_well() {
    let entry = Entry { trace: 9, typed: vec![COUNTER], stale: 0 };
    check(
        Plan { typed: vec![COUNTER], target: Some(Rc::new(entry)), ..Plan::default() },
        "i0 = input(0)
         guard_no_collect() [0]
         i2 = int_add_ovf(i0, 1) [1]
         p3 = new_with_vtable(class 1, 16)
         setfield_gc(p3, i2, fresh init)
         frame_store(p3, 40)
         jump_entry(i2, trace 9)
         exit 0: live(i0)
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(i0)
           frame code 0x10 pc 4 tag 0: _, _",
    );
}

#[test]
fn an_object_from_memory_is_checked_before_the_jump() {
    let other = TypedSlot { slot: 1, ..COUNTER };
    let entry = Entry { trace: 9, typed: vec![other], stale: 0 };
    let plan = Plan { target: Some(Rc::new(entry)), ..Plan::default() };
    let trace = optimised_by(&counting(), &plan).unwrap_or_else(|e| panic!("rejected: {e:?}")).trace;
    let codes: Vec<Opcode> = trace.ops.iter().map(|op| op.code).collect();
    let at = codes.iter().position(|&c| c == Opcode::GuardNonnullClass).expect("a check of slot 1");
    let store = codes.iter().position(|&c| c == Opcode::FrameStore).expect("slot 0 goes to memory");
    assert!(at < store, "the check leaves with the frame as it was");
    assert_eq!(codes.last(), Some(&Opcode::JumpEntry));
}

#[test]
fn other_types_go_through_memory() {
    let float = TypedSlot { class: ClassId(2), field: super::world::REAL, ..COUNTER };
    let entry = Entry { trace: 9, typed: vec![float], stale: 1 };
    let plan = Plan { target: Some(Rc::new(entry)), ..Plan::default() };
    let trace = optimised_by(&counting(), &plan).unwrap_or_else(|e| panic!("rejected: {e:?}")).trace;
    assert_eq!(trace.ops.last().map(|op| op.code), Some(Opcode::JumpHead));
}

#[test]
fn a_type_that_the_recording_cannot_have_is_rejected() {
    let float = TypedSlot { class: ClassId(2), field: super::world::REAL, ..COUNTER };
    let plan = Plan { typed: vec![float], stale: 1, ..Plan::default() };
    assert!(optimised_by(&counting(), &plan).is_err());
}
