//! Calls that can be left out.

use super::check;

#[test]
fn elidable_calls_are_made_once() {
    check(
        "i0 = input(0)
         i1 = call_i(hash, i0, 1)
         i2 = call_i(hash, i0, 1)
         i3 = call_i(hash, i0, 2)
         i4 = call_i(parse, i0)
         guard_no_exception() [1]
         i5 = call_i(parse, i0)
         guard_no_exception() [1]
         leave() [0]
         exit 0: live(i1, i2, i3, i4, i5) ordinal 1 log(i1, i2, i3, i4, i5)",
        "i0 = input(0)
         i1 = call_i(hash, i0, 1)
         i2 = call_i(hash, i0, 2)
         i3 = call_i(parse, i0)
         guard_no_exception() [0]
         leave() [1]
         exit 1: live(i1, i2, i3) ordinal 1 log(i1, i1, i2, i3, i3)",
    );
}

#[test]
fn a_call_that_raised_is_made_again() {
    check(
        "i0 = input(0)
         i1 = call_i(parse, i0)
         p2 = guard_exception() [1]
         i3 = call_i(parse, i0)
         p4 = guard_exception() [1]
         leave() [0]
         exit 0: live(p2, p4) ordinal 1 log(p2, p4)",
        "i0 = input(0)
         i1 = call_i(parse, i0)
         p2 = guard_exception() [0]
         i3 = call_i(parse, i0)
         p4 = guard_exception() [1]
         leave() [2]
         exit 2: live(p2, p4) ordinal 1 log(p2, p4)",
    );
}
