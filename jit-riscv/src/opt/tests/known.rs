//! What exits know, and bridges that rely on it.

use super::{optimised, recording, same};
use crate::ir::{Arg, Subject};
use crate::object::ClassId;

#[test]
fn an_exit_knows_classes_and_words_that_are_alive() {
    let trace = optimised(&recording(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 1) [0]
         i3 = getfield_gc_i(p0, value)
         i4 = getfield_gc_i(p1, count)
         i5 = int_lt(i3, i4)
         guard_true(i5) [1]
         finish(p0)
         exit 0: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1
         exit 1: live(p0, p1)
           frame code 0x10 pc 5 tag 0: p0, p1, p0",
    ))
    .trace;
    assert!(trace.exits[0].known.is_empty(), "the guard itself has not told yet");
    let [slot, ..] = &trace.exits[1].known[..] else { panic!("{:?}", trace.exits[1]) };
    assert_eq!(slot.class, ClassId(1));
    let of_slot =
        trace.exits[1].known.iter().find(|k| k.subject == Subject::Slot(0)).expect("the slot's object");
    let (field, at) = of_slot.words[0];
    assert_eq!((field.name, trace.exits[1].live[at as usize]), ("value", Arg::op(3)));
}

#[test]
fn a_bridge_checks_nothing_again() {
    let mut bridge = recording(
        "p0 = input(0)
         i1 = input(1)
         guard_class(p0, class 1) [0]
         i3 = getfield_gc_i(p0, value)
         i4 = int_add_ovf(i3, 1) [0]
         p5 = new_with_vtable(class 1, 16)
         setfield_gc(p5, i4, value)
         finish(p5)
         exit 0: live(p0)
           frame code 0x10 pc 4 tag 0: p0",
    );
    bridge.known.at = 2;
    let value = super::world::VALUE;
    bridge.known.objects.push((Arg::op(0), ClassId(1), vec![(value, Arg::op(1))]));
    same(
        &optimised(&bridge).trace,
        "p0 = input(0)
         i1 = input(1)
         i2 = int_add_ovf(i1, 1) [0]
         p3 = new_with_vtable(class 1, 16)
         setfield_gc(p3, i2, fresh init)
         finish(p3)
         exit 0: live(p0, i1)
           frame code 0x10 pc 4 tag 0: p0",
    );
}
