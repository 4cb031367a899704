//! Constants, algebra, integer bounds, common subexpressions.

use super::check;

#[test]
fn constants_and_algebra() {
    check(
        "i0 = input(0)
         i1 = int_add(i0, 0)
         i2 = int_mul(i1, 8)
         i3 = int_py_mod(i0, 16)
         i4 = int_sub(i0, i1)
         i5 = int_add(i4, 7)
         i6 = int_mul(i5, 6)
         f7 = cast_int_to_float(i6)
         f8 = float_add(f7, 0.5)
         leave() [0]
         exit 0: live(i1, i2, i3, i6, f8) ordinal 1 log(i1, i2, i3, i6, f8)",
        "i0 = input(0)
         i1 = int_lshift(i0, 3)
         i2 = int_and(i0, 15)
         leave() [0]
         exit 0: live(i0, i1, i2) ordinal 1 log(i0, i1, i2, 42, 42.5)",
    );
}

#[test]
fn a_comparison_and_its_opposite_decide_each_other() {
    check(
        "i0 = input(0)
         i1 = int_lt(i0, 10)
         guard_true(i1) [0]
         i2 = int_eq(i1, 0)
         guard_false(i2) [0]
         i3 = int_le(10, i0)
         guard_false(i3) [0]
         i4 = int_lt(i0, 20)
         guard_true(i4) [0]",
        "i0 = input(0)
         i1 = int_lt(i0, 10)
         guard_true(i1) [0]",
    );
}

#[test]
fn a_compared_integer_is_incremented_without_overflow_check() {
    check(
        "i0 = input(0)
         i1 = input(1)
         i2 = int_lt(i0, i1)
         guard_true(i2) [0]
         i3 = int_add_ovf(i0, 1) [0]
         i4 = int_sub_ovf(i1, 1) [0]
         i5 = int_add_ovf(i3, 1) [0]
         leave() [1]
         exit 1: live(i3, i4, i5) ordinal 1 log(i3, i4, i5)",
        "i0 = input(0)
         i1 = input(1)
         i2 = int_lt(i0, i1)
         guard_true(i2) [0]
         i4 = int_add(i0, 1)
         i5 = int_sub(i1, 1)
         i6 = int_add_ovf(i4, 1) [1]
         leave() [2]
         exit 2: live(i4, i5, i6) ordinal 1 log(i4, i5, i6)",
    );
}

#[test]
fn bounds_of_masks_products_shifts_and_remainders() {
    check(
        "i0 = input(0)
         i1 = int_and(i0, 255)
         i2 = int_mul_ovf(i1, 1000) [0]
         i3 = int_lt(i2, 0)
         guard_false(i3) [0]
         i4 = int_rshift(i2, 4)
         i5 = int_py_mod(i4, 10)
         i6 = uint_lt(i5, 10)
         guard_true(i6) [0]
         leave() [1]
         exit 1: live(i5) ordinal 1 log(i5)",
        "i0 = input(0)
         i1 = int_and(i0, 255)
         i2 = int_mul(i1, 1000)
         i3 = int_rshift(i2, 4)
         i4 = int_py_mod(i3, 10)
         leave() [0]
         exit 0: live(i4) ordinal 1 log(i4)",
    );
}

#[test]
fn an_index_is_checked_once_and_is_not_negative() {
    check(
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = getfield_gc_i(p0, length)
         i3 = uint_lt(i1, i2)
         guard_true(i3) [0]
         i4 = int_lt(i1, 0)
         guard_false(i4) [0]
         i5 = getfield_gc_i(p0, length)
         i6 = uint_lt(i1, i5)
         guard_true(i6) [0]
         i7 = int_add_ovf(i1, 1) [0]
         leave() [1]
         exit 1: live(i7) ordinal 1 log(i7)",
        "p0 = frame_load(40)
         i1 = input(0)
         i2 = getfield_gc_i(p0, length)
         i3 = uint_lt(i1, i2)
         guard_true(i3) [0]
         i5 = int_add(i1, 1)
         leave() [1]
         exit 1: live(i5) ordinal 1 log(i5)",
    );
}

#[test]
fn common_subexpressions() {
    check(
        "i0 = input(0)
         i1 = input(1)
         i2 = int_add(i0, i1)
         i3 = int_add(i0, i1)
         i4 = int_sub(i2, i3)
         i5 = int_add_ovf(i0, 5) [0]
         i6 = int_add_ovf(5, i0) [0]
         i7 = int_add(i0, 5)
         f8 = cast_int_to_float(i0)
         f9 = cast_int_to_float(i0)
         leave() [1]
         exit 1: live(i4, i5, i6, i7, f8, f9) ordinal 1 log(i4, i5, i6, i7, f8, f9)",
        "i0 = input(0)
         i1 = int_add_ovf(i0, 5) [0]
         f2 = cast_int_to_float(i0)
         leave() [1]
         exit 1: live(i1, f2) ordinal 1 log(0, i1, i1, i1, f2, f2)",
    );
}

#[test]
fn nan_is_not_equal_to_itself() {
    check(
        "f0 = input(0)
         i1 = float_eq(f0, f0)
         guard_true(i1) [0]
         f2 = float_sub(f0, f0)
         leave() [1]
         exit 1: live(f2) ordinal 1 log(f2)",
        "f0 = input(0)
         i1 = float_eq(f0, f0)
         guard_true(i1) [0]
         f3 = float_sub(f0, f0)
         leave() [1]
         exit 1: live(f3) ordinal 1 log(f3)",
    );
}

#[test]
fn an_integer_that_equals_a_constant_is_that_constant() {
    check(
        "i0 = input(0)
         i1 = int_eq(i0, 5)
         guard_true(i1) [0]
         i2 = int_add(i0, 1)
         leave() [1]
         exit 1: live(i0, i2) ordinal 1 log(i0, i2)",
        "i0 = input(0)
         i1 = int_eq(i0, 5)
         guard_true(i1) [0]
         leave() [1]
         exit 1: ordinal 1 log(5, 6)",
    );
}
