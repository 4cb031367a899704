//! Loop peeling: the first iteration becomes the preamble, the body knows what it found out.

use super::check;

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
fn a_boxed_counter_is_carried_unboxed() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 1) [0]
         i2 = getfield_gc_i(p0, value)
         guard_class(p1, class 1) [0]
         i3 = getfield_gc_i(p1, value)
         i4 = int_lt(i2, i3)
         guard_true(i4) [0]
         i5 = int_add_ovf(i2, 1) [0]
         p6 = new_with_vtable(class 1, 16)
         setfield_gc(p6, i5, value)
         jump(p6, p1, trace 0)
         exit 0: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 1) [0]
         i3 = getfield_gc_i(p0, value)
         guard_class(p1, class 1) [1]
         i5 = getfield_gc_i(p1, value)
         i6 = int_lt(i3, i5)
         guard_true(i6) [2]
         i8 = int_add(i3, 1)
         label(i8)
         i10 = label_arg(0)
         i11 = int_lt(i10, i5)
         guard_true(i11) [3]
         i13 = int_add(i10, 1)
         jump(i13, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(i3)
           frame code 0x10 pc 4 tag 0: _, _
         exit 2: live(i3, i5)
           frame code 0x10 pc 4 tag 0: _, _
         exit 3: live(i10, i5)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 1 size 16 { 8:i = i10 }",
    );
}

#[test]
fn what_does_not_change_is_computed_before_the_label() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         i2 = getfield_gc_i(p0, count)
         i3 = call_i(hash, i2, 1)
         guard_class(p1, class 11) [0]
         setfield_gc(p1, i3, count)
         jump(p0, p1, trace 0)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         i3 = getfield_gc_i(p0, count)
         i4 = call_i(hash, i3, 1)
         guard_class(p1, class 11) [1]
         setfield_gc(p1, i4, count)
         label()
         setfield_gc(p1, i4, count)
         jump(trace 0)",
    );
}

#[test]
fn a_field_that_changes_is_carried() {
    check(
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         i2 = int_lt(i1, 10)
         guard_true(i2) [0]
         i3 = int_add(i1, 1)
         setfield_gc(p0, i3, count)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         i2 = int_lt(i1, 10)
         guard_true(i2) [0]
         i4 = int_add(i1, 1)
         setfield_gc(p0, i4, count)
         label(i4)
         i7 = label_arg(0)
         i8 = int_lt(i7, 10)
         guard_true(i8) [1]
         i10 = int_add(i7, 1)
         setfield_gc(p0, i10, count)
         jump(i10, trace 0)
         exit 1: live(p0)",
    );
}

#[test]
fn a_fact_that_does_not_hold_is_withdrawn() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = getfield_gc_i(p0, count)
         i3 = int_lt(i2, 10)
         guard_true(i3) [0]
         setfield_gc(p1, 4, count)
         jump(p0, p1, trace 0)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = getfield_gc_i(p0, count)
         i3 = int_lt(i2, 10)
         guard_true(i3) [0]
         setfield_gc(p1, 4, count)
         label()
         i7 = getfield_gc_i(p0, count)
         i8 = int_lt(i7, 10)
         guard_true(i8) [1]
         setfield_gc(p1, 4, count)
         jump(trace 0)",
    );
}

#[test]
fn a_call_in_the_loop_takes_back_what_can_change() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 1) [0]
         i2 = getfield_gc_i(p0, count)
         i3 = getfield_gc_i(p1, value)
         call_n(poke, p0, i3)
         i4 = int_lt(i2, i3)
         guard_true(i4) [0]
         jump(p0, p1, trace 0)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 1) [1]
         i4 = getfield_gc_i(p0, count)
         i5 = getfield_gc_i(p1, value)
         call_n(poke, p0, i5)
         i7 = int_lt(i4, i5)
         guard_true(i7) [2]
         label()
         guard_class(p0, class 10) [3]
         i11 = getfield_gc_i(p0, count)
         call_n(poke, p0, i5)
         i13 = int_lt(i11, i5)
         guard_true(i13) [4]
         jump(trace 0)",
    );
}

#[test]
fn the_class_of_a_shape_leaves_the_loop() {
    check(
        "p0 = frame_load(40)
         guard_class(p0, class 10) [0]
         setfield_gc(p0, 3, count)
         guard_class(p0, class 10) [0]
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         guard_class(p0, class 10) [0]
         setfield_gc(p0, 3, count)
         label()
         setfield_gc(p0, 3, count)
         jump(trace 0)",
    );
}

#[test]
fn a_class_that_the_loop_changes() {
    check(
        "p0 = frame_load(40)
         guard_class(p0, class 10) [0]
         setclass(p0, class 11)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         guard_class(p0, class 10) [0]
         setclass(p0, class 11)
         label()
         guard_true(0) [1]
         jump(trace 0)
         exit 1: live(p0)",
    );
}

#[test]
fn an_object_that_is_stored_to_in_the_next_iteration() {
    check(
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 10, 32)
         setfield_gc(p0, p1, next)
         jump(p1, trace 0)",
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 10, 32)
         setfield_gc(p1, 0, fresh init)
         setfield_gc(p1, 0, fresh init)
         setfield_gc(p1, 0, fresh init)
         setfield_gc(p0, p1, next)
         label(p1)
         p7 = label_arg(0)
         p8 = new_with_vtable(class 10, 32)
         setfield_gc(p8, 0, fresh init)
         setfield_gc(p8, 0, fresh init)
         setfield_gc(p8, 0, fresh init)
         setfield_gc(p7, p8, next)
         jump(p8, trace 0)",
    );
}

#[test]
fn an_object_in_two_slots_is_made() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = new_with_vtable(class 3, 24)
         setfield_gc(p0, 1, count)
         i3 = getfield_gc_i(p1, count)
         guard_true(i3) [1]
         jump(p2, p2, trace 0)
         exit 1: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         setfield_gc(p0, 1, count)
         i3 = getfield_gc_i(p1, count)
         guard_true(i3) [0]
         p5 = new_with_vtable(class 3, 24)
         setfield_gc(p5, 0, fresh init)
         setfield_gc(p5, 0, fresh init)
         label(p5, p5)
         p9 = label_arg(0)
         p10 = label_arg(1)
         setfield_gc(p9, 1, count)
         i12 = getfield_gc_i(p10, count)
         guard_true(i12) [1]
         p14 = new_with_vtable(class 3, 24)
         setfield_gc(p14, 0, fresh init)
         setfield_gc(p14, 0, fresh init)
         jump(p14, p14, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(p9, p10)
           frame code 0x10 pc 4 tag 0: p9, p10",
    );
}

#[test]
fn an_object_in_a_slot_and_in_a_value_is_made() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = frame_load(56)
         p3 = new_with_vtable(class 3, 24)
         p4 = new_with_vtable(class 13, 16)
         setfield_gc(p4, p3, inner)
         i5 = call_i(sum, p2)
         guard_true(i5) [1]
         jump(p3, p4, p2, trace 0)
         exit 1: live(p0, p1, p2)
           frame code 0x10 pc 4 tag 0: p0, p1, p2",
        "p0 = frame_load(56)
         i1 = call_i(sum, p0)
         guard_true(i1) [0]
         p3 = new_with_vtable(class 3, 24)
         setfield_gc(p3, 0, fresh init)
         setfield_gc(p3, 0, fresh init)
         label(p3, p3)
         p7 = label_arg(0)
         p8 = label_arg(1)
         i9 = call_i(sum, p0)
         guard_true(i9) [1]
         p11 = new_with_vtable(class 3, 24)
         setfield_gc(p11, 0, fresh init)
         setfield_gc(p11, 0, fresh init)
         jump(p11, p11, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _, _
         exit 1: live(p7, p8)
           frame code 0x10 pc 4 tag 0: p7, v0, _
           virtual v0: class 13 size 16 { 8:p = p8 }",
    );
}

#[test]
fn a_box_in_two_slots_is_not_made() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = new_with_vtable(class 1, 16)
         setfield_gc(p2, 4, value)
         i3 = getfield_gc_i(p1, value)
         i4 = int_lt(i3, 9)
         guard_true(i4) [1]
         jump(p2, p2, trace 0)
         exit 1: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
        "p0 = frame_load(48)
         i1 = getfield_gc_i(p0, value)
         i2 = int_lt(i1, 9)
         guard_true(i2) [0]
         label(4, 4)
         i5 = label_arg(0)
         i6 = label_arg(1)
         i7 = int_lt(i6, 9)
         guard_true(i7) [1]
         jump(4, 4, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(i5, i6)
           frame code 0x10 pc 4 tag 0: v0, v1
           virtual v0: class 1 size 16 { 8:i = i5 }
           virtual v1: class 1 size 16 { 8:i = i6 }",
    );
}

#[test]
fn an_object_with_identity_stays_virtual() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p1, class 1) [0]
         i2 = getfield_gc_i(p1, value)
         p2 = new_with_vtable(class 3, 24)
         setfield_gc(p2, p1, first)
         i4 = int_add_ovf(i2, 1) [0]
         p5 = new_with_vtable(class 1, 16)
         setfield_gc(p5, i4, value)
         jump(p2, p5, trace 0)
         exit 0: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
        "p0 = frame_load(48)
         guard_class(p0, class 1) [0]
         i2 = getfield_gc_i(p0, value)
         i3 = int_add_ovf(i2, 1) [1]
         label(p0, i3)
         p5 = label_arg(0)
         i6 = label_arg(1)
         i7 = int_add_ovf(i6, 1) [2]
         p8 = new_with_vtable(class 1, 16)
         setfield_gc(p8, i6, fresh init)
         jump(p8, i7, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(i2)
           frame code 0x10 pc 4 tag 0: _, _
         exit 2: live(p5, i6)
           frame code 0x10 pc 4 tag 0: v0, v1
           virtual v0: class 3 size 24 { 8:p = p5 }
           virtual v1: class 1 size 16 { 8:i = i6 }",
    );
}

#[test]
fn a_loop_that_does_not_allocate_needs_no_safe_point() {
    check(
        "p0 = frame_load(40)
         guard_no_collect() [0]
         i1 = getfield_gc_i(p0, count)
         i2 = int_lt(i1, 10)
         guard_true(i2) [0]
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         guard_no_collect() [0]
         i2 = getfield_gc_i(p0, count)
         i3 = int_lt(i2, 10)
         guard_true(i3) [1]
         label()
         jump(trace 0)",
    );
}

#[test]
fn a_loop_that_allocates_keeps_its_safe_point() {
    check(
        "p0 = frame_load(40)
         guard_no_collect() [0]
         p1 = new_with_vtable(class 3, 24)
         setfield_gc(p0, p1, next)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         guard_no_collect() [0]
         p2 = new_with_vtable(class 3, 24)
         setfield_gc(p2, 0, fresh init)
         setfield_gc(p2, 0, fresh init)
         setfield_gc(p0, p2, next)
         label()
         guard_no_collect() [1]
         p8 = new_with_vtable(class 3, 24)
         setfield_gc(p8, 0, fresh init)
         setfield_gc(p8, 0, fresh init)
         setfield_gc(p0, p8, next)
         jump(trace 0)",
    );
}

#[test]
fn a_call_that_may_raise_leaves_the_loop_with_its_guard() {
    check(
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, value)
         i2 = call_i(parse, i1)
         guard_no_exception() [0]
         i3 = int_lt(i2, 10)
         guard_true(i3) [0]
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, value)
         i2 = call_i(parse, i1)
         guard_no_exception() [0]
         i4 = int_lt(i2, 10)
         guard_true(i4) [1]
         label()
         jump(trace 0)",
    );
}

#[test]
fn every_iteration_makes_its_own_object() {
    check(
        "p0 = frame_load(40)
         p2 = frame_load(48)
         p1 = new_with_vtable(class 3, 24)
         setfield_gc(p1, p0, first)
         i3 = call_i(sum, p2)
         guard_true(i3) [1]
         jump(p1, p2, trace 0)
         exit 1: live(p0, p2)
           frame code 0x10 pc 4 tag 0: p0, p2",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = call_i(sum, p1)
         guard_true(i2) [0]
         label(p0)
         p5 = label_arg(0)
         i6 = call_i(sum, p1)
         guard_true(i6) [1]
         p8 = new_with_vtable(class 3, 24)
         setfield_gc(p8, p5, fresh init)
         setfield_gc(p8, 0, fresh init)
         jump(p8, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(p5)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 3 size 24 { 8:p = p5 }",
    );
}

#[test]
fn a_class_that_was_checked_again_after_a_call_holds_in_the_next_iteration() {
    check(
        "p0 = frame_load(40)
         guard_class(p0, class 10) [0]
         i1 = getfield_gc_i(p0, count)
         call_n(poke, p0, i1)
         guard_class(p0, class 10) [0]
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         guard_class(p0, class 10) [0]
         i2 = getfield_gc_i(p0, count)
         call_n(poke, p0, i2)
         guard_class(p0, class 10) [1]
         label()
         i6 = getfield_gc_i(p0, count)
         call_n(poke, p0, i6)
         guard_class(p0, class 10) [2]
         jump(trace 0)
         exit 2: live(p0)",
    );
}

#[test]
fn an_item_that_changes_is_carried() {
    check(
        "p0 = frame_load(40)
         i1 = getarrayitem_gc_i(p0, 0, numbers)
         i2 = int_lt(i1, 10)
         guard_true(i2) [0]
         i3 = int_add(i1, 1)
         setarrayitem_gc(p0, 0, i3, numbers)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         i1 = getarrayitem_gc_i(p0, 0, numbers)
         i2 = int_lt(i1, 10)
         guard_true(i2) [0]
         i4 = int_add(i1, 1)
         setarrayitem_gc(p0, 0, i4, numbers)
         label(i4)
         i7 = label_arg(0)
         i8 = int_lt(i7, 10)
         guard_true(i8) [1]
         i10 = int_add(i7, 1)
         setarrayitem_gc(p0, 0, i10, numbers)
         jump(i10, trace 0)
         exit 1: live(p0)",
    );
}

#[test]
fn a_value_is_loop_invariant_only_if_nothing_stores_to_it() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = getfield_gc_i(p0, count)
         guard_true(i2) [0]
         p3 = getfield_gc_r(p0, next)
         guard_nonnull(p3) [0]
         setfield_gc(p0, p3, next)
         p4 = getfield_gc_r(p3, next)
         jump(p0, p4, trace 0)",
        "p0 = frame_load(40)
         i1 = getfield_gc_i(p0, count)
         guard_true(i1) [0]
         p3 = getfield_gc_r(p0, next)
         guard_nonnull(p3) [1]
         setfield_gc(p0, p3, next)
         label()
         guard_true(i1) [2]
         setfield_gc(p0, p3, next)
         jump(trace 0)
         exit 2: live(p0, i1, p3)",
    );
}

#[test]
fn the_class_of_an_object_that_the_last_iteration_made() {
    check(
        "p0 = frame_load(40)
         p1 = getfield_gc_r(p0, next)
         guard_class(p1, class 10) [0]
         setclass(p1, class 11)
         p2 = new_with_vtable(class 10, 32)
         setfield_gc(p0, p2, next)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         p1 = getfield_gc_r(p0, next)
         guard_class(p1, class 10) [0]
         setclass(p1, class 11)
         p4 = new_with_vtable(class 10, 32)
         setfield_gc(p4, 0, fresh init)
         setfield_gc(p4, 0, fresh init)
         setfield_gc(p4, 0, fresh init)
         setfield_gc(p0, p4, next)
         label(p4)
         p10 = label_arg(0)
         guard_class(p10, class 10) [1]
         setclass(p10, class 11)
         p13 = new_with_vtable(class 10, 32)
         setfield_gc(p13, 0, fresh init)
         setfield_gc(p13, 0, fresh init)
         setfield_gc(p13, 0, fresh init)
         setfield_gc(p0, p13, next)
         jump(p13, trace 0)
         exit 1: live(p0)",
    );
}

#[test]
fn facts_of_places_in_objects_that_are_carried() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = getfield_gc_r(p0, next)
         i3 = getfield_gc_i(p2, count)
         guard_value(i3, 3) [1]
         setfield_gc(p1, 2.5, weight)
         jump(p0, p2, trace 0)
         exit 1: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = getfield_gc_r(p0, next)
         i3 = getfield_gc_i(p2, count)
         guard_value(i3, 3) [0]
         setfield_gc(p1, 2.5, weight)
         label(p2)
         p7 = label_arg(0)
         setfield_gc(p7, 2.5, weight)
         jump(p2, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _",
    );
}
