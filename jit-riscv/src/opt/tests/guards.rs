//! Guards that are known to hold, and what the others teach.

use super::check;

#[test]
fn nonnull_and_class_become_one_at_the_earlier_place() {
    check(
        "p0 = frame_load(40)
         guard_nonnull(p0) [0]
         i2 = ptr_eq(p0, null)
         guard_false(i2) [1]
         guard_class(p0, class 3) [1]
         guard_nonnull_class(p0, class 3) [1]
         leave() [1]
         exit 0: live(p0)
           frame code 0x10 pc 0 tag 0: p0
         exit 1: live(p0)
           frame code 0x10 pc 1 tag 0: p0",
        "p0 = frame_load(40)
         guard_nonnull_class(p0, class 3) [0]
         leave() [1]
         exit 0:
           frame code 0x10 pc 0 tag 0: _
         exit 1:
           frame code 0x10 pc 1 tag 0: _",
    );
}

#[test]
fn null_is_a_constant() {
    check(
        "p0 = frame_load(40)
         guard_isnull(p0) [0]
         i1 = ptr_eq(p0, null)
         guard_true(i1) [0]
         guard_isnull(p0) [0]
         leave() [1]
         exit 1: live(p0) ordinal 1 log(p0)",
        "p0 = frame_load(40)
         guard_isnull(p0) [0]
         leave() [1]
         exit 1: ordinal 1 log(null)",
    );
}

#[test]
fn constants_have_known_classes_and_differ() {
    check(
        "guard_nonnull(ptr(0x1000)) [0]
         guard_class(ptr(0x1000), class 1) [0]
         i4 = ptr_ne(ptr(0x1000), ptr(0x1010))
         guard_true(i4) [0]
         guard_class(ptr(0x1020), class 10) [0]
         guard_class(ptr(0x1020), class 10) [0]
         leave() [0]",
        "guard_class(ptr(0x1020), class 10) [0]
         leave() [1]",
    );
}

#[test]
fn a_call_with_effects_may_change_classes_but_not_final_ones() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 3) [0]
         i1 = call_i(sum, p0)
         guard_class(p0, class 10) [0]
         call_n(poke, p0, i1)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 3) [0]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 3) [1]
         i4 = call_i(sum, p0)
         call_n(poke, p0, i4)
         guard_class(p0, class 10) [2]",
    );
}

#[test]
fn setclass_changes_the_classes_of_what_may_be_the_same_object() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 10) [0]
         setclass(p0, class 11)
         guard_class(p1, class 10) [0]
         guard_class(p0, class 11) [0]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 10) [1]
         setclass(p0, class 11)
         guard_class(p1, class 10) [2]",
    );
}

#[test]
fn setclass_of_a_new_object_may_be_seen_through_what_was_loaded_since() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = new_with_vtable(class 10, 32)
         guard_class(p1, class 10) [0]
         setfield_gc(p0, p2, next)
         p3 = getfield_gc_r(p1, next)
         guard_class(p3, class 10) [0]
         setclass(p2, class 11)
         guard_class(p1, class 10) [0]
         guard_class(p3, class 10) [0]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p1, class 10) [0]
         p3 = new_with_vtable(class 10, 32)
         setfield_gc(p3, 0, fresh init)
         setfield_gc(p3, 0, fresh init)
         setfield_gc(p3, 0, fresh init)
         setfield_gc(p0, p3, next)
         p8 = getfield_gc_r(p1, next)
         guard_class(p8, class 10) [1]
         setclass(p3, class 11)
         guard_class(p8, class 10) [2]",
    );
}

#[test]
fn a_class_that_may_have_changed_is_checked_where_it_was() {
    check(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_nonnull(p0) [0]
         guard_nonnull(p1) [0]
         call_n(poke, p0, 1)
         guard_class(p0, class 10) [0]
         guard_class(p1, class 1) [0]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_nonnull(p0) [0]
         guard_nonnull_class(p1, class 1) [1]
         call_n(poke, p0, 1)
         guard_class(p0, class 10) [2]",
    );
}

#[test]
fn a_value_is_promoted_once() {
    check(
        "i0 = input(0)
         guard_value(i0, 5) [0]
         i1 = int_add(i0, 1)
         guard_value(i0, 5) [0]
         leave() [1]
         exit 1: live(i0, i1) ordinal 1 log(i0, i1)",
        "i0 = input(0)
         guard_value(i0, 5) [0]
         leave() [1]
         exit 1: ordinal 1 log(5, 6)",
    );
}

#[test]
fn immutable_contents_of_a_promoted_object_are_constants() {
    check(
        "p0 = frame_load(40)
         guard_value(p0, ptr(0x1060)) [0]
         p1 = getarrayitem_gc_r(p0, 0, fixed)
         guard_class(p1, class 1) [0]
         i2 = getfield_gc_i(p1, value)
         i3 = getfield_gc_i(p0, length)
         leave() [1]
         exit 1: live(i2, i3) ordinal 1 log(i2, i3)",
        "p0 = frame_load(40)
         guard_value(p0, ptr(0x1060)) [0]
         leave() [1]
         exit 1: ordinal 1 log(5, 2)",
    );
}

#[test]
fn nothing_is_read_of_a_constant_that_has_another_class() {
    check(
        "p0 = frame_load(40)
         p1 = getfield_gc_r(p0, next)
         guard_class(p1, class 13) [0]
         p2 = getfield_gc_r(p1, inner)
         guard_class(p2, class 3) [0]
         setfield_gc(p0, ptr(0x1020), next)
         jump(p0, trace 0)",
        "p0 = frame_load(40)
         p1 = getfield_gc_r(p0, next)
         guard_class(p1, class 13) [0]
         p3 = getfield_gc_r(p1, inner)
         guard_class(p3, class 3) [1]
         setfield_gc(p0, ptr(0x1020), fresh next)
         label()
         guard_true(0) [2]
         jump(trace 0)
         exit 2: live(p0)",
    );
}
