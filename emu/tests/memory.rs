//! The address space against a model that keeps every page apart.

use emu::memory::{AddressSpace, Backing, EXEC, MIN_ADDR, PAGE, Placement, READ, Ram, SPACE, WRITE};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Pages that the test plays with, from `ARENA` on.
const PAGES: u64 = 24;
const ARENA: u64 = 0x10_0000;
/// Mappings without a fixed place go below this.
const TOP: u64 = ARENA + PAGES * PAGE;

#[derive(Clone, Debug)]
enum Op {
    Map { place: u64, len: u64, prot: u8, fixed: u8 },
    Unmap { page: u64, len: u64 },
    Protect { page: u64, len: u64, prot: u8 },
    Remap { page: u64, len: u64, new: u64, may_move: bool },
    Discard { page: u64, len: u64 },
    Write { page: u64, value: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let prot = prop_oneof![Just(0), Just(READ), Just(READ | WRITE), Just(READ | EXEC)];
    let page = 0..PAGES;
    let len = 1..6u64;
    prop_oneof![
        3 => (page.clone(), len.clone(), prot.clone(), 0..3u8)
            .prop_map(|(place, len, prot, fixed)| Op::Map { place, len, prot, fixed }),
        2 => (page.clone(), len.clone()).prop_map(|(page, len)| Op::Unmap { page, len }),
        2 => (page.clone(), len.clone(), prot).prop_map(|(page, len, prot)| Op::Protect { page, len, prot }),
        2 => (page.clone(), len.clone(), len.clone(), any::<bool>())
            .prop_map(|(page, len, new, may_move)| Op::Remap { page, len, new, may_move }),
        1 => (page.clone(), len).prop_map(|(page, len)| Op::Discard { page, len }),
        4 => (page, any::<u8>()).prop_map(|(page, value)| Op::Write { page, value }),
    ]
}

/// Page number → (permissions, first byte).
type Model = BTreeMap<u64, (u8, u8)>;

fn free(model: &Model, page: u64, len: u64) -> bool {
    model.range(page..page + len).next().is_none()
}

/// The highest free range below the arena's end.
fn highest_free(model: &Model, len: u64) -> u64 {
    (MIN_ADDR / PAGE..=TOP / PAGE - len)
        .rev()
        .find(|&p| free(model, p, len))
        .expect("there is room below the arena")
}

/// True when the range lies in one mapping: the model cannot know that, so it asks for equal permissions
/// without gaps and leaves the rest to the space.
fn uniform(model: &Model, page: u64, len: u64) -> bool {
    let first = model.get(&page).map(|p| p.0);
    first.is_some() && (page..page + len).all(|p| model.get(&p).map(|p| p.0) == first)
}

fn apply(space: &mut AddressSpace, model: &mut Model, op: &Op) {
    let base = ARENA / PAGE;
    match *op {
        Op::Map { place, len, prot, fixed } => {
            let page = base + place;
            let addr = page * PAGE;
            let placement = [Placement::Hint(addr), Placement::Fixed(addr), Placement::FixedNoReplace(addr)]
                [usize::from(fixed)];
            let expected = match placement {
                Placement::Hint(_) if free(model, page, len) => Some(page),
                Placement::Hint(_) => Some(highest_free(model, len)),
                Placement::Fixed(_) => Some(page),
                Placement::FixedNoReplace(_) => free(model, page, len).then_some(page),
            };
            let got = space.map(placement, len * PAGE, prot, false, Backing::Anonymous, "").ok();
            assert_eq!(got, expected.map(|p| p * PAGE));
            if let Some(page) = expected {
                model.extend((page..page + len).map(|p| (p, (prot, 0))));
            }
        }
        Op::Unmap { page, len } => {
            space.unmap((base + page) * PAGE, len * PAGE).expect("a good range");
            model.retain(|&p, _| !(base + page..base + page + len).contains(&p));
        }
        Op::Protect { page, len, prot } => {
            let range = base + page..base + page + len;
            let all = range.clone().all(|p| model.contains_key(&p));
            let done = space.protect((base + page) * PAGE, len * PAGE, prot).is_ok();
            assert_eq!(done, all);
            if all {
                for p in range {
                    model.get_mut(&p).expect("mapped").0 = prot;
                }
            }
        }
        Op::Remap { page, len, new, may_move } => {
            let page = base + page;
            if !uniform(model, page, len) {
                return;
            }
            let result = space.remap(page * PAGE, len * PAGE, new * PAGE, may_move, None);
            let in_place = new <= len || free(model, page + len, new - len);
            if in_place {
                assert_eq!(result, Ok(page * PAGE));
            } else if !may_move {
                assert!(result.is_err());
            }
            let Ok(at) = result else { return };
            let old: Vec<(u8, u8)> = (page..page + len).map(|p| model[&p]).collect();
            if !in_place {
                assert_eq!(at, highest_free(model, new) * PAGE);
            }
            model.retain(|&p, _| !(page..page + len).contains(&p));
            for i in 0..new {
                let state = old.get(i as usize).copied().unwrap_or((old[0].0, 0));
                model.insert(at / PAGE + i, state);
            }
        }
        Op::Discard { page, len } => {
            let range = base + page..base + page + len;
            let all = range.clone().all(|p| model.contains_key(&p));
            assert_eq!(space.discard((base + page) * PAGE, len * PAGE).is_ok(), all);
            if all {
                for p in range {
                    model.get_mut(&p).expect("mapped").1 = 0;
                }
            }
        }
        Op::Write { page, value } => {
            let page = base + page;
            let may = model.get(&page).is_some_and(|p| p.0 & WRITE != 0);
            assert_eq!(space.ram().write(page * PAGE, &[value]).is_ok(), may);
            assert_eq!(space.ram().store_u8(page * PAGE + 1, value), may);
            if may {
                model.get_mut(&page).expect("mapped").1 = value;
            }
        }
    }
}

fn compare(space: &AddressSpace, model: &Model) {
    for page in MIN_ADDR / PAGE..TOP / PAGE + 8 {
        let addr = page * PAGE;
        let expected = model.get(&page);
        let readable = expected.filter(|p| p.0 & READ != 0).map(|p| p.1);
        assert_eq!(space.ram().load_u8(addr), readable, "page {page:#x}");
        let mut byte = [0];
        assert_eq!(space.ram().read(addr, &mut byte).ok().map(|()| byte[0]), readable);
        assert_eq!(space.find(addr).map(|(_, vma)| vma.prot), expected.map(|p| p.0), "page {page:#x}");
    }
    let mut last_end = 0;
    for (start, vma) in space.mappings() {
        assert!(start >= last_end && vma.end > start, "mappings are in order and not empty");
        last_end = vma.end;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn space_behaves_as_the_model(ops in prop::collection::vec(op(), 1..60)) {
        let mut space = AddressSpace::new(Ram::new().expect("host memory"), TOP);
        let mut model = Model::new();
        for op in &ops {
            apply(&mut space, &mut model, op);
        }
        compare(&space, &model);
    }

    /// Accesses of every width and alignment around a page border give what bytes give.
    #[test]
    fn wide_accesses_are_made_of_bytes(offset in 0..16u64, value: u64) {
        let mut space = AddressSpace::new(Ram::new().expect("host memory"), TOP);
        space.map(Placement::Fixed(ARENA), 2 * PAGE, READ | WRITE, false, Backing::Anonymous, "").expect("room");
        let at = ARENA + PAGE - 8 + offset;
        space.ram().write(at, &value.to_le_bytes()).expect("mapped");
        let bytes: Vec<u8> = (0..8).map(|i| space.ram().load_u8(at + i).expect("mapped")).collect();
        prop_assert_eq!(&bytes[..], &value.to_le_bytes());
        prop_assert_eq!(space.ram().read_u64(at), Ok(value));
        if at.is_multiple_of(8) {
            prop_assert_eq!(space.ram().load_u64(at), Some(value));
        } else {
            prop_assert_eq!(space.ram().load_u64(at), None);
        }
    }
}

#[test]
fn the_heap_grows_and_shrinks() {
    let mut space = AddressSpace::new(Ram::new().expect("host memory"), TOP);
    space.set_brk_start(ARENA);
    assert_eq!(space.brk(0), ARENA);
    assert_eq!(space.brk(ARENA + 10), ARENA + 10);
    assert!(space.ram().store_u8(ARENA + PAGE - 1, 7));
    assert_eq!(space.brk(ARENA + 3 * PAGE), ARENA + 3 * PAGE);
    assert_eq!(space.ram().load_u8(ARENA + PAGE - 1), Some(7));
    assert_eq!(space.brk(ARENA + PAGE), ARENA + PAGE);
    assert_eq!(space.ram().load_u8(ARENA + PAGE), None);
    assert_eq!(space.brk(ARENA - 1), ARENA + PAGE, "below the start");
    assert_eq!(space.brk(SPACE * 2), ARENA + PAGE, "past the space");
}

#[test]
fn absurd_ranges_are_refused() {
    let mut space = AddressSpace::new(Ram::new().expect("host memory"), TOP);
    let mut map = |place, len| space.map(place, len, READ, false, Backing::Anonymous, "");
    assert!(map(Placement::Hint(0), 0).is_err());
    assert!(map(Placement::Hint(0), SPACE).is_err());
    assert!(map(Placement::Hint(0), u64::MAX).is_err());
    assert!(map(Placement::Fixed(0), PAGE).is_err());
    assert!(map(Placement::Fixed(ARENA + 1), PAGE).is_err());
    assert!(map(Placement::Fixed(SPACE - PAGE), PAGE).is_err());
    assert!(map(Placement::Fixed(u64::MAX - PAGE + 1), PAGE).is_err());
    assert!(space.unmap(SPACE, PAGE).is_err());
    assert!(space.unmap(1, PAGE).is_err());
    assert!(space.protect(u64::MAX - PAGE + 1, u64::MAX, READ).is_err());
    assert!(space.remap(u64::MAX - PAGE + 1, PAGE, PAGE, true, None).is_err());
    assert!(space.ram().read(u64::MAX - 3, &mut [0; 8]).is_err());
    assert!(space.ram().read(SPACE - 4, &mut [0; 8]).is_err());
    assert!(space.ram().host_ptr(u64::MAX, 0, READ).is_none());
}
