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
