//! Objects that are not allocated, or only where something needs them.

use super::check;

#[test]
fn a_box_is_never_made_but_at_exits() {
    check(
        "p0 = frame_load(40)
         guard_class(p0, class 1) [0]
         i1 = getfield_gc_i(p0, value)
         i2 = int_add_ovf(i1, 1) [0]
         p3 = new_with_vtable(class 1, 16)
         setfield_gc(p3, i2, value)
         guard_nonnull(p3) [0]
         guard_class(p3, class 1) [0]
         i4 = getfield_gc_i(p3, value)
         i5 = int_lt(i4, 10)
         guard_true(i5) [1]
         leave() [1]
         exit 1: live(p3)
           frame code 0x10 pc 1 tag 0: p3",
        "p0 = frame_load(40)
         guard_class(p0, class 1) [0]
         i2 = getfield_gc_i(p0, value)
         i3 = int_add_ovf(i2, 1) [1]
         i4 = int_lt(i3, 10)
         guard_true(i4) [2]
         leave() [3]
         exit 2: live(i3)
           frame code 0x10 pc 1 tag 0: v0
           virtual v0: class 1 size 16 { 8:i = i3 }
         exit 3: live(i3)
           frame code 0x10 pc 1 tag 0: v0
           virtual v0: class 1 size 16 { 8:i = i3 }",
    );
}

#[test]
fn a_call_makes_its_arguments_and_what_they_refer_to() {
    check(
        "p1 = new_with_vtable(class 3, 24)
         p2 = new_with_vtable(class 1, 16)
         setfield_gc(p2, 7, value)
         setfield_gc(p1, p2, first)
         call_n(poke, p1, 0)
         i3 = getfield_gc_i(p2, value)
         p4 = getfield_gc_r(p1, first)
         leave() [0]
         exit 0: live(p1, p2, i3, p4) ordinal 1 log(p1, p2, i3, p4)",
        "p0 = new_with_vtable(class 3, 24)
         p1 = new_with_vtable(class 1, 16)
         setfield_gc(p1, 7, fresh init)
         setfield_gc(p0, p1, fresh init)
         setfield_gc(p0, 0, fresh init)
         call_n(poke, p0, 0)
         p6 = getfield_gc_r(p0, first)
         leave() [0]
         exit 0: live(p0, p1, p6) ordinal 1 log(p0, p1, 7, p6)",
    );
}

#[test]
fn cyclic_objects() {
    check(
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 3, 24)
         p2 = new_with_vtable(class 3, 24)
         setfield_gc(p1, p2, first)
         setfield_gc(p2, p1, second)
         guard_nonnull(p0) [0]
         setfield_gc(p0, p1, next)
         call_n(poke, p0, 0)
         exit 0: live(p2)
           frame code 0x10 pc 0 tag 0: p2",
        "p0 = frame_load(40)
         guard_nonnull(p0) [0]
         p2 = new_with_vtable(class 3, 24)
         p3 = new_with_vtable(class 3, 24)
         setfield_gc(p3, 0, fresh init)
         setfield_gc(p3, p2, fresh init)
         setfield_gc(p2, p3, fresh init)
         setfield_gc(p2, 0, fresh init)
         setfield_gc(p0, p2, next)
         call_n(poke, p0, 0)
         exit 0:
           frame code 0x10 pc 0 tag 0: v0
           virtual v0: class 3 size 24 { 16:p = v1 }
           virtual v1: class 3 size 24 { 8:p = v0 }",
    );
}

#[test]
fn an_array_until_it_is_indexed_by_a_variable() {
    check(
        "p0 = frame_load(40)
         i1 = input(0)
         p2 = new_array(class 5, 32, 2)
         setarrayitem_gc(p2, 1, p0, items)
         i3 = getfield_gc_i(p2, length)
         i4 = uint_lt(1, i3)
         guard_true(i4) [0]
         p5 = getarrayitem_gc_r(p2, 1, items)
         p6 = getarrayitem_gc_r(p2, 0, items)
         guard_nonnull(p5) [0]
         guard_isnull(p6) [0]
         p7 = getarrayitem_gc_r(p2, i1, items)
         leave() [1]
         exit 0: live(p2) ordinal 1 log(p2)
         exit 1: live(p7) ordinal 1 log(p7)",
        "p0 = frame_load(40)
         i1 = input(0)
         guard_nonnull(p0) [0]
         p3 = new_array(class 5, 32, 2)
         setfield_gc(p3, 0, fresh init)
         setfield_gc(p3, p0, fresh init)
         p6 = getarrayitem_gc_r(p3, i1, items)
         leave() [1]
         exit 0: live(p0) ordinal 1 log(v0)
           virtual v0: class 5 size 32 items 2 { 8:i = 2, 24:p = p0 }
         exit 1: live(p6) ordinal 1 log(p6)",
    );
}

#[test]
fn an_object_that_was_not_made_is_only_itself() {
    check(
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 3, 24)
         p2 = new_with_vtable(class 3, 24)
         i3 = ptr_eq(p1, p2)
         guard_false(i3) [0]
         i4 = ptr_ne(p1, p0)
         guard_true(i4) [0]
         i5 = ptr_eq(p1, p1)
         guard_true(i5) [0]
         i6 = ptr_eq(null, p1)
         guard_false(i6) [0]
         leave() [0]",
        "leave() [0]",
    );
}

#[test]
fn setclass_of_an_object_that_was_not_made() {
    check(
        "p1 = new_with_vtable(class 10, 32)
         setfield_gc(p1, 1, count)
         setclass(p1, class 11)
         guard_class(p1, class 11) [0]
         setfield_gc(p1, null, next)
         leave() [0]
         exit 0: live(p1) ordinal 1 log(p1)",
        "leave() [0]
         exit 0: ordinal 1 log(v0)
           virtual v0: class 11 size 32 { 8:i = 1, 24:p = null }",
    );
}

#[test]
fn an_object_stored_and_overwritten_is_never_made() {
    check(
        "p0 = frame_load(40)
         p1 = new_with_vtable(class 1, 16)
         setfield_gc(p1, 3, value)
         setfield_gc(p0, p1, next)
         i2 = int_lt(1, 2)
         p3 = getfield_gc_r(p0, next)
         guard_class(p3, class 1) [0]
         p4 = frame_load(48)
         guard_nonnull(p4) [0]
         setfield_gc(p0, null, next)
         leave() [1]",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_nonnull(p1) [0]
         leave() [1]
         exit 0: live(p0)
           virtual v0: class 1 size 16 { 8:i = 3 }
           pending p0.next = v0
         exit 1: live(p0)
           pending p0.next = null",
    );
}
