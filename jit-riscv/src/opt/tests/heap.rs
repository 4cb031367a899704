//! Field and item cache, delayed stores.

use super::check;

#[test]
fn a_trace_that_leaves_lists_its_delayed_stores() {
    check(
        "p0 = frame_load(40)
         setfield_gc(p0, 1, count)
         leave() [0]",
        "p0 = frame_load(40)
         leave() [0]
         exit 0: live(p0)
           pending p0.count = 1",
    );
}

#[test]
fn a_store_to_another_object_may_be_to_the_same() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = getfield_gc_i(p0, count)
         i3 = getfield_gc_i(p0, count)
         setfield_gc(p1, 7, count)
         i4 = getfield_gc_i(p1, count)
         i5 = getfield_gc_i(p0, count)
         leave() [0]
         exit 0: live(i2, i3, i4, i5) ordinal 1 log(i2, i3, i4, i5)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = getfield_gc_i(p0, count)
         setfield_gc(p1, 7, count)
         i4 = getfield_gc_i(p0, count)
         leave() [0]
         exit 0: live(i2, i4) ordinal 1 log(i2, i2, 7, i4)",
    );
}

#[test]
fn objects_of_different_classes_are_different() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [1]
         guard_class(p1, class 11) [1]
         i2 = getfield_gc_i(p0, count)
         setfield_gc(p1, 7, count)
         i5 = getfield_gc_i(p0, count)
         leave() [0]
         exit 0: live(i2, i5) ordinal 1 log(i2, i5)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 11) [1]
         i4 = getfield_gc_i(p0, count)
         leave() [2]
         exit 2: live(i4, p1) ordinal 1 log(i4, i4)
           pending p1.count = 7",
    );
}

#[test]
fn only_the_last_of_several_stores_is_done() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         setfield_gc(p0, 1, count)
         setfield_gc(p0, 2.5, weight)
         setfield_gc(p0, 2, count)
         guard_nonnull(p1) [0]
         call_n(poke, p0, 0)
         i2 = getfield_gc_i(p0, count)
         leave() [1]
         exit 1: live(i2) ordinal 1 log(i2)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_nonnull(p1) [0]
         setfield_gc(p0, 2, count)
         setfield_gc(p0, 2.5, weight)
         call_n(poke, p0, 0)
         i6 = getfield_gc_i(p0, count)
         leave() [1]
         exit 0: live(p0)
           pending p0.count = 2
           pending p0.weight = 2.5
         exit 1: live(i6) ordinal 1 log(i6)",
    );
}

#[test]
fn items_of_different_constant_indices() {
    check(
        "p0 = frame_load(40)
         p1 = getarrayitem_gc_r(p0, 0, items)
         p2 = getarrayitem_gc_r(p0, 1, items)
         setarrayitem_gc(p0, 0, null, items)
         p3 = getarrayitem_gc_r(p0, 0, items)
         p4 = getarrayitem_gc_r(p0, 1, items)
         leave() [0]
         exit 0: live(p1, p2, p3, p4) ordinal 1 log(p1, p2, p3, p4)",
        "p0 = frame_load(40)
         p1 = getarrayitem_gc_r(p0, 0, items)
         p2 = getarrayitem_gc_r(p0, 1, items)
         setarrayitem_gc(p0, 0, null, fresh items)
         leave() [0]
         exit 0: live(p1, p2) ordinal 1 log(p1, p2, null, p2)",
    );
}

#[test]
fn items_of_variable_indices_may_be_the_same() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i1 = input(0)
         i2 = input(1)
         p3 = getarrayitem_gc_r(p0, i1, items)
         p4 = getarrayitem_gc_r(p0, i1, items)
         setarrayitem_gc(p0, i2, p1, items)
         p5 = getarrayitem_gc_r(p0, i2, items)
         p6 = getarrayitem_gc_r(p0, i1, items)
         leave() [0]
         exit 0: live(p3, p4, p5, p6) ordinal 1 log(p3, p4, p5, p6)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = input(0)
         i3 = input(1)
         p4 = getarrayitem_gc_r(p0, i2, items)
         setarrayitem_gc(p0, i3, p1, items)
         p6 = getarrayitem_gc_r(p0, i2, items)
         leave() [0]
         exit 0: live(p4, p1, p6) ordinal 1 log(p4, p4, p1, p6)",
    );
}

#[test]
fn items_of_disjoint_ranges() {
    check(
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = int_and(i1, 3)
         i3 = int_add(i2, 4)
         i4 = getarrayitem_gc_i(p0, i2, numbers)
         setarrayitem_gc(p0, i3, 0, numbers)
         i5 = getarrayitem_gc_i(p0, i2, numbers)
         leave() [0]
         exit 0: live(i4, i5) ordinal 1 log(i4, i5)",
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = int_and(i1, 3)
         i3 = int_add(i2, 4)
         i4 = getarrayitem_gc_i(p0, i2, numbers)
         setarrayitem_gc(p0, i3, 0, numbers)
         leave() [0]
         exit 0: live(i4) ordinal 1 log(i4, i4)",
    );
}

#[test]
fn a_byte_does_not_keep_all_that_was_stored_to_it() {
    check(
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = getarrayitem_gc_i(p0, 0, octets)
         i3 = getarrayitem_gc_i(p0, 0, octets)
         setarrayitem_gc(p0, 0, i1, octets)
         i4 = getarrayitem_gc_i(p0, 0, octets)
         i5 = int_lt(i4, 256)
         guard_true(i5) [1]
         leave() [0]
         exit 0: live(i2, i3, i4) ordinal 1 log(i2, i3, i4)",
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = getarrayitem_gc_i(p0, 0, octets)
         setarrayitem_gc(p0, 0, i1, octets)
         i4 = getarrayitem_gc_i(p0, 0, octets)
         leave() [0]
         exit 0: live(i2, i4) ordinal 1 log(i2, i2, i4)",
    );
}

#[test]
fn a_call_with_effects_changes_what_can_change() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i1 = getfield_gc_i(p0, count)
         i2 = getfield_gc_i(p1, value)
         i3 = call_i(sum, p0)
         i4 = getfield_gc_i(p0, count)
         call_n(poke, p0, i3)
         i5 = getfield_gc_i(p0, count)
         i6 = getfield_gc_i(p1, value)
         leave() [0]
         exit 0: live(i1, i2, i4, i5, i6) ordinal 1 log(i1, i2, i4, i5, i6)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         i2 = getfield_gc_i(p0, count)
         i3 = getfield_gc_i(p1, value)
         i4 = call_i(sum, p0)
         call_n(poke, p0, i4)
         i6 = getfield_gc_i(p0, count)
         leave() [0]
         exit 0: live(i2, i3, i6) ordinal 1 log(i2, i3, i2, i6, i3)",
    );
}

#[test]
fn a_delayed_store_is_done_before_a_load_that_may_see_it() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         setfield_gc(p0, p1, next)
         setfield_gc(p0, 5, count)
         p2 = getfield_gc_r(p1, next)
         leave() [0]
         exit 0: live(p2) ordinal 1 log(p2)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         setfield_gc(p0, p1, next)
         p3 = getfield_gc_r(p1, next)
         leave() [0]
         exit 0: live(p3, p0) ordinal 1 log(p3)
           pending p0.count = 5",
    );
}

#[test]
fn stores_that_may_be_to_the_same_object_stay_in_order() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         setfield_gc(p0, 1, count)
         setfield_gc(p1, 2, count)
         guard_nonnull(p0) [0]
         setfield_gc(p0, 3, count)
         leave() [0]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         setfield_gc(p0, 1, count)
         guard_nonnull(p0) [0]
         setfield_gc(p1, 2, count)
         leave() [1]
         exit 0: live(p1)
           pending p1.count = 2
         exit 1: live(p0)
           pending p0.count = 3",
    );
}

#[test]
fn stores_are_done_before_calls_that_read() {
    check(
        "p0 = frame_load(40)
         i1 = input(0)
         setfield_gc(p0, i1, count)
         i2 = call_i(hash, i1, 3)
         i3 = call_i(sum, p0)
         setfield_gc(p0, i2, count)
         leave() [0]
         exit 0: live(i3) ordinal 1 log(i3)",
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = call_i(hash, i1, 3)
         setfield_gc(p0, i1, count)
         i4 = call_i(sum, p0)
         leave() [0]
         exit 0: live(i4, p0, i2) ordinal 1 log(i4)
           pending p0.count = i2",
    );
}

#[test]
fn only_so_many_stores_are_delayed() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = frame_load(56)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 11) [0]
         guard_class(p2, class 12) [0]
         setfield_gc(p0, 1, count)
         setfield_gc(p0, 1.0, weight)
         setfield_gc(p0, null, next)
         setfield_gc(p1, 2, count)
         setfield_gc(p1, 2.0, weight)
         setfield_gc(p1, null, next)
         setfield_gc(p2, 3, count)
         leave() [0]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = frame_load(56)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 11) [1]
         guard_class(p2, class 12) [2]
         setfield_gc(p0, 1, count)
         leave() [3]
         exit 3: live(p0, p1, p2)
           pending p0.weight = 1.0
           pending p0.next = null
           pending p1.count = 2
           pending p1.weight = 2.0
           pending p1.next = null
           pending p2.count = 3",
    );
}

#[test]
fn new_objects_are_different_from_each_other_and_need_no_barrier() {
    check(
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 10, 32)
         p2 = new_with_vtable(class 10, 32)
         call_n(poke, p1, 0)
         call_n(poke, p2, 0)
         setfield_gc(p1, 1, count)
         setfield_gc(p2, 2, count)
         i3 = getfield_gc_i(p1, count)
         setfield_gc(p2, p0, next)
         setfield_gc(p0, p1, next)
         call_n(poke, p1, i3)",
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 10, 32)
         setfield_gc(p1, 0, fresh init)
         setfield_gc(p1, 0, fresh init)
         setfield_gc(p1, 0, fresh init)
         call_n(poke, p1, 0)
         p6 = new_with_vtable(class 10, 32)
         setfield_gc(p6, 0, fresh init)
         setfield_gc(p6, 0, fresh init)
         setfield_gc(p6, 0, fresh init)
         call_n(poke, p6, 0)
         setfield_gc(p6, p0, fresh next)
         setfield_gc(p1, 1, count)
         setfield_gc(p6, 2, count)
         setfield_gc(p0, p1, next)
         call_n(poke, p1, 1)",
    );
}
