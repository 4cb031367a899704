//! Bridges that come back to the label of their loop: they make what the label carries, and check what it assumes.

use super::Loop;

/// Counts a boxed integer up to another one.
fn counter() -> Loop {
    Loop::new(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 1) [0]
         i2 = getfield_gc_i(p0, value)
         i3 = getfield_gc_i(p1, count)
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
         i4 = getfield_gc_i(p1, count)
         i5 = int_lt(i3, i4)
         guard_true(i5) [1]
         i7 = int_add(i3, 1)
         label(i7)
         i9 = label_arg(0)
         i10 = int_lt(i9, i4)
         guard_true(i10) [2]
         i12 = int_add(i9, 1)
         jump(i12, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1: live(i3)
           frame code 0x10 pc 4 tag 0: _, _
         exit 2: live(i9, p1, i4)
           frame code 0x10 pc 4 tag 0: v0, _
           virtual v0: class 1 size 16 { 8:i = i9 }",
    )
}

#[test]
fn a_box_is_passed_by_its_value_and_facts_are_checked() {
    counter().check_bridge(
        2,
        "i0 = input(0)
         p1 = input(1)
         i2 = input(2)
         i3 = int_sub_ovf(i0, 3) [0]
         p4 = new_with_vtable(class 1, 16)
         setfield_gc(p4, i3, value)
         jump(p4, p1, trace 0) [1]
         memory:
         frame_store(p4, 40)
         jump_head(4096)
         exit 1: live(p4)
           frame code 0x10 pc 2 tag 0: p4",
        "i0 = input(0)
         p1 = input(1)
         i2 = input(2)
         i3 = int_sub_ovf(i0, 3) [0]
         i4 = getfield_gc_i(p1, count)
         i5 = int_eq(i4, i2)
         guard_true(i5) [1]
         jump(i3, trace 0)
         exit 0: live(p1, i2)
         exit 1: live(i3, p1, i2)
           frame code 0x10 pc 2 tag 0: v0
           virtual v0: class 1 size 16 { 8:i = i3 }",
    );
}

#[test]
fn a_fact_that_the_bridge_makes_true_needs_no_check() {
    counter().check_bridge(
        2,
        "i0 = input(0)
         p1 = input(1)
         i2 = input(2)
         p4 = new_with_vtable(class 1, 16)
         setfield_gc(p4, 0, value)
         setfield_gc(p1, i2, count)
         jump(p4, p1, trace 0) [0]
         memory:
         jump_head(4096)",
        "p0 = input(1)
         i1 = input(2)
         setfield_gc(p0, i1, count)
         jump(0, trace 0)",
    );
}

#[test]
fn an_object_from_memory_is_checked_and_unboxed() {
    counter().check_bridge(
        2,
        "i0 = input(0)
         p1 = input(1)
         i2 = input(2)
         guard_value(i2, 7) [0]
         setfield_gc(p1, 7, count)
         p4 = getfield_gc_r(p1, next)
         jump(p4, p1, trace 0) [1]
         memory:
         frame_store(p4, 40)
         jump_head(4096)
         exit 1: live(p4)
           frame code 0x10 pc 2 tag 0: p4",
        "p0 = input(1)
         i1 = input(2)
         guard_value(i1, 7) [0]
         p3 = getfield_gc_r(p0, next)
         setfield_gc(p0, 7, count)
         guard_nonnull_class(p3, class 1) [1]
         i6 = getfield_gc_i(p3, value)
         jump(i6, trace 0)
         exit 0: live(p0, i1)
         exit 1: live(p3, p0, i1)
           frame code 0x10 pc 2 tag 0: p3",
    );
}

#[test]
fn an_object_of_another_class_goes_through_memory() {
    counter().check_bridge(
        2,
        "i0 = input(0)
         p1 = input(1)
         i2 = input(2)
         p4 = new_with_vtable(class 2, 16)
         setfield_gc(p4, 1.5, real)
         jump(p4, p1, trace 0) [0]
         memory:
         frame_store(p4, 40)
         jump_head(4096)",
        "p0 = input(1)
         i1 = input(2)
         p2 = new_with_vtable(class 2, 16)
         setfield_gc(p2, 1.5, fresh init)
         frame_store(p2, 40)
         jump_head(4096)",
    );
}

#[test]
fn a_fact_that_the_bridge_makes_false_goes_through_memory() {
    counter().check_bridge(
        2,
        "i0 = input(0)
         p1 = input(1)
         i2 = input(2)
         guard_value(i2, 7) [1]
         p4 = new_with_vtable(class 1, 16)
         setfield_gc(p4, 0, value)
         setfield_gc(p1, 8, count)
         jump(p4, p1, trace 0) [0]
         memory:
         jump_head(4096)",
        "p0 = input(1)
         i1 = input(2)
         guard_value(i1, 7) [0]
         setfield_gc(p0, 8, count)
         jump_head(4096)
         exit 0: live(p0, i1)",
    );
}

#[test]
fn one_object_for_two_that_were_not_made_goes_through_memory() {
    let two = Loop::new(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         p2 = frame_load(56)
         p3 = new_with_vtable(class 3, 24)
         p4 = new_with_vtable(class 3, 24)
         i5 = call_i(sum, p2)
         guard_true(i5) [0]
         jump(p3, p4, p2, trace 0)
         exit 0: live(p0, p1)
           frame code 0x10 pc 4 tag 0: p0, p1",
        "p0 = frame_load(56)
         i1 = call_i(sum, p0)
         guard_true(i1) [0]
         label()
         i4 = call_i(sum, p0)
         guard_true(i4) [1]
         jump(trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _, _
         exit 1:
           frame code 0x10 pc 4 tag 0: v0, v1
           virtual v0: class 3 size 24 {  }
           virtual v1: class 3 size 24 {  }",
    );
    let bridge = |slots: &str| {
        format!(
            "p5 = new_with_vtable(class 3, 24)
             p6 = new_with_vtable(class 3, 24)
             p2 = frame_load(56)
             jump({slots}, p2, trace 0) [0]
             memory:
             jump_head(4096)"
        )
    };
    two.check_bridge(1, &bridge("p5, p6"), "jump(trace 0)");
    two.check_bridge(1, &bridge("p5, p5"), "jump_head(4096)");
}

#[test]
fn a_pair_of_doubles_with_a_part_that_the_loop_never_stores_goes_through_memory() {
    let half = Loop::new(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         f2 = getfield_gc_f(p1, re)
         p3 = new_with_vtable(class 4, 24)
         setfield_gc(p3, f2, re)
         i4 = call_i(sum, p1)
         guard_true(i4) [0]
         jump(p3, p1, trace 0)
         exit 0: live(p0)
           frame code 0x10 pc 4 tag 0: p0",
        "p0 = frame_load(48)
         f1 = getfield_gc_f(p0, re)
         i2 = call_i(sum, p0)
         guard_true(i2) [0]
         label(f1)
         f5 = label_arg(0)
         i6 = call_i(sum, p0)
         guard_true(i6) [1]
         jump(f1, trace 0)
         exit 0:
           frame code 0x10 pc 4 tag 0: _
         exit 1: live(f5)
           frame code 0x10 pc 4 tag 0: v0
           virtual v0: class 4 size 24 { 8:f = f5 }",
    );
    half.check_bridge(
        1,
        "f0 = input(0)
         p1 = frame_load(48)
         p3 = getfield_gc_r(p1, next)
         jump(p3, p1, trace 0) [0]
         memory:
         frame_store(p3, 40)
         jump_head(4096)",
        "p0 = frame_load(48)
         p1 = getfield_gc_r(p0, next)
         frame_store(p1, 40)
         jump_head(4096)",
    );
}

#[test]
fn classes_that_may_change_are_checked() {
    let shape = Loop::new(
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         i2 = call_i(sum, p1)
         guard_true(i2) [0]
         jump(p0, p1, trace 0)",
        "p0 = frame_load(40)
         p1 = frame_load(48)
         guard_class(p0, class 10) [0]
         i3 = call_i(sum, p1)
         guard_true(i3) [1]
         label()
         i6 = call_i(sum, p1)
         guard_true(i6) [2]
         jump(trace 0)
         exit 2: live(p0)",
    );
    let bridge = |between: &str| {
        format!(
            "p0 = input(0)
             p1 = frame_load(48)
             {between}
             jump(p0, p1, trace 0) [0]
             memory:
             jump_head(4096)"
        )
    };
    let check = "guard_nonnull_class(p0, class 10) [0]\njump(trace 0)\nexit 0: live(p0)";
    shape.check_bridge(2, &bridge(""), &format!("p0 = input(0)\n{check}"));
    shape.check_bridge(
        2,
        &bridge("setclass(p0, class 10)"),
        "p0 = input(0)\nsetclass(p0, class 10)\njump(trace 0)",
    );
    let other = "p0 = input(0)\nsetclass(p0, class 11)\njump_head(4096)";
    shape.check_bridge(2, &bridge("setclass(p0, class 11)"), other);
}

#[test]
fn a_field_that_changes_is_passed() {
    let field = Loop::new(
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
    field.check_bridge(
        1,
        "p0 = input(0)
         setfield_gc(p0, 0, count)
         jump(p0, trace 0) [0]
         memory:
         jump_head(4096)",
        "p0 = input(0)
         setfield_gc(p0, 0, count)
         jump(0, trace 0)",
    );
}
