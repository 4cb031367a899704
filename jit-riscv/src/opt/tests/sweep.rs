//! Dead operations, results of the label that nothing uses, final numbering.

use super::check;

#[test]
fn loads_calls_without_effect_and_objects_that_nothing_uses() {
    check(
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         i2 = int_add(i1, 1)
         p3 = new_with_vtable(class 3, 24)
         p4 = new_with_vtable(class 3, 24)
         setfield_gc(p3, p4, first)
         i5 = call_i(sum, p3)
         i6 = call_i(hash, i1, i2)
         i7 = int_mul_ovf(i2, 3) [0]
         leave() [0]",
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         i2 = int_add(i1, 1)
         i3 = int_mul_ovf(i2, 3) [0]
         leave() [1]",
    );
}

#[test]
fn a_result_of_the_label_that_nothing_uses_is_not_passed() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = frame_load(56)
         i3 = call_i(sum, p2)
         p4 = new_with_vtable(class 1, 16)
         setfield_gc(p4, i3, value)
         guard_true(i3) [0]
         jump(p4, p1, p2, trace 0)
         exit 0: live(p1, p2)
           frame code 0x10 pc 4 tag 0: p1, p2",
        "p0 = frame_load(48)
         p1 = frame_load(56)
         i2 = call_i(sum, p1)
         guard_true(i2) [0]
         label()
         i5 = call_i(sum, p1)
         guard_true(i5) [1]
         jump(trace 0)
         exit 0: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1
         exit 1: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
    );
}

#[test]
fn operands_are_numbered_anew() {
    check(
        "p0 = frame_load(40)
         i1 = int_add(1, 2)
         i2 = getfield_gc_i(p0, count)
         i3 = int_add(i2, 1)
         i4 = getfield_gc_i(p0, count)
         i5 = int_add(i4, 1)
         f6 = cast_int_to_float(i5)
         guard_true(i5) [0]
         leave() [1]
         exit 0: live(i5) ordinal 1 log(i5)
         exit 1: live(f6) ordinal 1 log(f6)",
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         i2 = int_add(i1, 1)
         f3 = cast_int_to_float(i2)
         guard_true(i2) [0]
         leave() [1]
         exit 0: live(i2) ordinal 1 log(i2)
         exit 1: live(f3) ordinal 1 log(f3)",
    );
}

#[test]
fn an_object_whose_only_uses_are_its_initialising_stores() {
    check(
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 3, 24)
         setfield_gc(p1, p0, first)
         i2 = call_i(unbox, p1)
         p3 = new_with_vtable(class 3, 24)
         setfield_gc(p3, p0, first)
         i4 = call_i(unbox, p3)
         leave() [0]
         exit 0: live(i2) ordinal 1 log(i2)",
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 3, 24)
         setfield_gc(p1, p0, fresh init)
         setfield_gc(p1, 0, fresh init)
         i4 = call_i(unbox, p1)
         leave() [0]
         exit 0: live(i4) ordinal 1 log(i4)",
    );
}
