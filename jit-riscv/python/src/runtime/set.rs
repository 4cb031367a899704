//! Sets: open addressing exactly as CPython does it, because the order in which a set of numbers is iterated shows in output.
//!
//! A table is two arrays, hashes and keys. A null key is free; a deleted one's key is the set object itself.

use jit_riscv::object::{ClassId, Ref};

use super::{Res, calls, hash, iter, numbers};
use crate::access;
use crate::bytecode::{BinaryOp, CompareOp};
use crate::objects::*;
use crate::vm::Vm;

calls! {
    SET_NEW: Any, new_call() -> Ref;
    /// `set.add(item)`
    SET_ADD: Any, add_item(set: Ref, item: Ref) -> Res<()>;
    /// `item in set`
    SET_CONTAINS: Any, contains(set: Ref, item: Ref) -> Res<bool>;
}

const MIN_TABLE: usize = 8;
/// Places that are tried one after the other before a jump.
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

pub fn new(vm: &mut Vm, class: ClassId) -> Ref {
    vm.new_object(class)
}

fn new_call(vm: &mut Vm) -> Ref {
    new(vm, SET)
}

#[inline]
pub fn size(s: Ref) -> usize {
    access::get_int(s, SET_SIZE) as usize
}

fn hashes(s: Ref) -> Ref {
    access::get_ref(s, SET_HASHES)
}

fn keys(s: Ref) -> Ref {
    access::get_ref(s, SET_KEYS)
}

fn table_size(s: Ref) -> usize {
    access::length_or_zero(keys(s)).max(MIN_TABLE)
}

/// Keys and their hashes in table order.
pub fn entries(_: &Vm, s: Ref) -> impl Iterator<Item = (Ref, i64)> + use<> {
    let n = access::length_or_zero(keys(s));
    let (keys, hashes) = (keys(s), hashes(s));
    (0..n).filter_map(move |i| {
        let key = access::item(keys, i);
        (!key.is_null() && key != s).then(|| (key, access::word(hashes, i) as i64))
    })
}

/// The next key from table slot `at` on, and its slot.
pub fn next_entry(s: Ref, at: usize) -> Option<(usize, Ref)> {
    let keys = keys(s);
    (at..access::length_or_zero(keys)).find_map(|i| {
        let key = access::item(keys, i);
        (!key.is_null() && key != s).then_some((i, key))
    })
}

/// The slot of a key; otherwise where to put it.
fn probe(vm: &mut Vm, s: Ref, key: Ref, h: i64) -> Res<Result<usize, usize>> {
    let (keys, hashes) = (keys(s), hashes(s));
    let mask = access::length(keys) - 1;
    let mut perturb = h as u64;
    let mut i = h as usize & mask;
    loop {
        let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        for at in i..=i + probes {
            let k = access::item(keys, at);
            if k.is_null() {
                return Ok(Err(at));
            }
            if access::word(hashes, at) as i64 == h && k != s && hash::same_key(vm, k, key)? {
                return Ok(Ok(at));
            }
        }
        perturb >>= PERTURB_SHIFT;
        i = (i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize)) & mask;
    }
}

/// Puts a key that is not there into a table without deleted keys.
fn insert_clean(keys: Ref, hashes: Ref, key: Ref, h: i64) {
    let mask = access::length(keys) - 1;
    let mut perturb = h as u64;
    let mut i = h as usize & mask;
    loop {
        let probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
        for at in i..=i + probes {
            if access::item(keys, at).is_null() {
                access::init_item(keys, at, key);
                access::set_word(hashes, at, h as u64);
                return;
            }
        }
        perturb >>= PERTURB_SHIFT;
        i = (i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb as usize)) & mask;
    }
}

fn make_table(vm: &mut Vm, s: Ref, n: usize) {
    let new_keys = vm.ref_array(n);
    let new_hashes = vm.new_items(INT_ARRAY, n);
    for (key, h) in entries(vm, s) {
        insert_clean(new_keys, new_hashes, key, h);
    }
    vm.put(s, SET_KEYS, new_keys);
    vm.put(s, SET_HASHES, new_hashes);
    access::set_int(s, SET_FILL, size(s) as i64);
}

fn resize(vm: &mut Vm, s: Ref, least: usize) {
    let mut n = MIN_TABLE;
    while n <= least {
        n *= 2;
    }
    make_table(vm, s, n);
}

pub fn add_hashed(vm: &mut Vm, s: Ref, key: Ref, h: i64) -> Res<bool> {
    if keys(s).is_null() {
        make_table(vm, s, MIN_TABLE);
    }
    let Err(at) = probe(vm, s, key, h)? else { return Ok(false) };
    let (table, hashes) = (keys(s), hashes(s));
    vm.put_item(table, at, key);
    access::set_word(hashes, at, h as u64);
    let fill = access::get_int(s, SET_FILL) as usize + 1;
    let n = size(s) + 1;
    access::set_int(s, SET_FILL, fill as i64);
    access::set_int(s, SET_SIZE, n as i64);
    if fill * 5 >= (access::length(table) - 1) * 3 {
        resize(vm, s, if n > 50_000 { n * 2 } else { n * 4 });
    }
    Ok(true)
}

/// Adds a key; false where it was there.
pub fn add(vm: &mut Vm, s: Ref, key: Ref) -> Res<bool> {
    let h = hash::hash(vm, key)?;
    add_hashed(vm, s, key, h)
}

fn add_item(vm: &mut Vm, s: Ref, key: Ref) -> Res<()> {
    add(vm, s, key).map(|_| ())
}

/// A set may be looked for in a set: it is hashed as a frozenset.
fn key_hash(vm: &mut Vm, key: Ref) -> Res<(Ref, i64)> {
    if access::is(key, SET) {
        let frozen = from_iterable(vm, key, FROZENSET)?;
        let h = hash::hash(vm, frozen)?;
        return Ok((frozen, h));
    }
    let h = hash::hash(vm, key)?;
    Ok((key, h))
}

pub fn contains(vm: &mut Vm, s: Ref, key: Ref) -> Res<bool> {
    let (key, h) = key_hash(vm, key)?;
    contains_hashed(vm, s, key, h)
}

fn contains_hashed(vm: &mut Vm, s: Ref, key: Ref, h: i64) -> Res<bool> {
    Ok(size(s) > 0 && probe(vm, s, key, h)?.is_ok())
}

/// Removes a key; false where it is missing.
pub fn remove(vm: &mut Vm, s: Ref, key: Ref) -> Res<bool> {
    let (key, h) = key_hash(vm, key)?;
    remove_hashed(vm, s, key, h)
}

fn remove_hashed(vm: &mut Vm, s: Ref, key: Ref, h: i64) -> Res<bool> {
    if size(s) == 0 {
        return Ok(false);
    }
    let Ok(at) = probe(vm, s, key, h)? else { return Ok(false) };
    remove_at(vm, s, at);
    Ok(true)
}

fn remove_at(vm: &mut Vm, s: Ref, at: usize) {
    let (table, hashes) = (keys(s), hashes(s));
    vm.put_item(table, at, s);
    access::set_word(hashes, at, u64::MAX);
    access::set_int(s, SET_SIZE, size(s) as i64 - 1);
}

/// Removes and gives the first key in table order.
pub fn pop(vm: &mut Vm, s: Ref) -> Option<Ref> {
    let (at, key) = next_entry(s, 0)?;
    remove_at(vm, s, at);
    Some(key)
}

pub fn clear(vm: &mut Vm, s: Ref) {
    access::set_int(s, SET_SIZE, 0);
    access::set_int(s, SET_FILL, 0);
    vm.put(s, SET_KEYS, Ref::NULL);
    vm.put(s, SET_HASHES, Ref::NULL);
}

fn is_set(r: Ref) -> bool {
    matches!(access::class(r), SET | FROZENSET)
}

/// Adds all items of an iterable.
pub fn update(vm: &mut Vm, s: Ref, other: Ref) -> Res<()> {
    if is_set(other) {
        if other == s || size(other) == 0 {
            return Ok(());
        }
        let n = table_size(s);
        if (access::get_int(s, SET_FILL) as usize + size(other)) * 5 >= (n - 1) * 3 {
            resize(vm, s, (size(s) + size(other)) * 2);
        }
        let all: Vec<(Ref, i64)> = entries(vm, other).collect();
        // A copy of a table without deleted keys, of the same size, keeps its order.
        let same_table =
            table_size(s) == table_size(other) && size(other) == access::get_int(other, SET_FILL) as usize;
        if access::get_int(s, SET_FILL) == 0 && same_table {
            if keys(s).is_null() {
                make_table(vm, s, MIN_TABLE);
            }
            let (to, from) = (keys(s), keys(other));
            vm.heap.barrier(to);
            access::copy_items(from, 0, to, 0, access::length(from));
            access::copy_items(hashes(other), 0, hashes(s), 0, access::length(from));
            access::set_int(s, SET_FILL, size(other) as i64);
            access::set_int(s, SET_SIZE, size(other) as i64);
            return Ok(());
        }
        for (key, h) in all {
            add_hashed(vm, s, key, h)?;
        }
        return Ok(());
    }
    let iterator = iter::iter(vm, other)?;
    while let Some(item) = iter::next(vm, iterator)? {
        add(vm, s, item)?;
    }
    Ok(())
}

/// A new set of the items of an iterable.
pub fn from_iterable(vm: &mut Vm, iterable: Ref, class: ClassId) -> Res<Ref> {
    let s = new(vm, class);
    update(vm, s, iterable)?;
    Ok(s)
}

pub fn copy(vm: &mut Vm, s: Ref, class: ClassId) -> Res<Ref> {
    from_iterable(vm, s, class)
}

/// `set(items)` of an iterable unless it is a set already.
fn as_set(vm: &mut Vm, r: Ref) -> Res<Ref> {
    if is_set(r) { Ok(r) } else { from_iterable(vm, r, SET) }
}

pub fn intersection(vm: &mut Vm, a: Ref, b: Ref, class: ClassId) -> Res<Ref> {
    let result = new(vm, class);
    if !is_set(b) {
        let iterator = iter::iter(vm, b)?;
        while let Some(item) = iter::next(vm, iterator)? {
            let h = hash::hash(vm, item)?;
            if contains_hashed(vm, a, item, h)? {
                add_hashed(vm, result, item, h)?;
            }
        }
        return Ok(result);
    }
    let (large, small) = if size(b) > size(a) { (b, a) } else { (a, b) };
    let all: Vec<(Ref, i64)> = entries(vm, small).collect();
    for (key, h) in all {
        if contains_hashed(vm, large, key, h)? {
            add_hashed(vm, result, key, h)?;
        }
    }
    Ok(result)
}

/// Removes the items of an iterable from a set.
pub fn subtract(vm: &mut Vm, s: Ref, other: Ref) -> Res<()> {
    if other == s {
        clear(vm, s);
        return Ok(());
    }
    if is_set(other) {
        let all: Vec<(Ref, i64)> = entries(vm, other).collect();
        for (key, h) in all {
            remove_hashed(vm, s, key, h)?;
        }
    } else {
        let iterator = iter::iter(vm, other)?;
        while let Some(item) = iter::next(vm, iterator)? {
            remove(vm, s, item)?;
        }
    }
    // Deleted keys are dropped when there are many.
    let fill = access::get_int(s, SET_FILL) as usize;
    if (fill - size(s)) * 5 > table_size(s) - 1 {
        resize(vm, s, if size(s) > 50_000 { size(s) * 2 } else { size(s) * 4 });
    }
    Ok(())
}

pub fn difference(vm: &mut Vm, a: Ref, b: Ref, class: ClassId) -> Res<Ref> {
    if !is_set(b) || size(a) >> 2 > size(b) {
        let result = copy(vm, a, class)?;
        subtract(vm, result, b)?;
        return Ok(result);
    }
    let result = new(vm, class);
    let all: Vec<(Ref, i64)> = entries(vm, a).collect();
    for (key, h) in all {
        if !contains_hashed(vm, b, key, h)? {
            add_hashed(vm, result, key, h)?;
        }
    }
    Ok(result)
}

/// `s ^= other`
pub fn toggle(vm: &mut Vm, s: Ref, other: Ref) -> Res<()> {
    if other == s {
        clear(vm, s);
        return Ok(());
    }
    let other = as_set(vm, other)?;
    let all: Vec<(Ref, i64)> = entries(vm, other).collect();
    for (key, h) in all {
        if !remove_hashed(vm, s, key, h)? {
            add_hashed(vm, s, key, h)?;
        }
    }
    Ok(())
}

pub fn symmetric_difference(vm: &mut Vm, a: Ref, b: Ref, class: ClassId) -> Res<Ref> {
    let result = from_iterable(vm, b, class)?;
    toggle(vm, result, a)?;
    Ok(result)
}

/// `a | b` and so on for sets and key views.
pub fn operator(vm: &mut Vm, op: BinaryOp, a: Ref, b: Ref) -> Res<Ref> {
    let class = if access::is(a, FROZENSET) { FROZENSET } else { SET };
    let (a, b) = (as_set(vm, a)?, as_set(vm, b)?);
    match op {
        BinaryOp::Or => {
            let result = copy(vm, a, class)?;
            update(vm, result, b)?;
            Ok(result)
        }
        BinaryOp::And => intersection(vm, a, b, class),
        BinaryOp::Sub => difference(vm, a, b, class),
        BinaryOp::Xor => symmetric_difference(vm, a, b, class),
        _ => Err(numbers::unsupported(vm, op.symbol(), a, b)),
    }
}

/// `s |= other` and so on.
pub fn update_operator(vm: &mut Vm, op: BinaryOp, s: Ref, other: Ref) -> Res<()> {
    match op {
        BinaryOp::Or => update(vm, s, other),
        BinaryOp::Sub => subtract(vm, s, other),
        BinaryOp::Xor => toggle(vm, s, other),
        _ => {
            let kept = intersection(vm, s, other, SET)?;
            replace(vm, s, kept);
            Ok(())
        }
    }
}

/// Gives a set the contents of another one, which is not used any more.
pub fn replace(vm: &mut Vm, s: Ref, other: Ref) {
    clear(vm, s);
    // The marks of deleted keys are the set object, so copy key by key.
    let all: Vec<(Ref, i64)> = entries(vm, other).collect();
    make_table(vm, s, table_size(other));
    for (key, h) in &all {
        let (to, hashes) = (keys(s), hashes(s));
        vm.heap.barrier(to);
        insert_clean(to, hashes, *key, *h);
    }
    access::set_int(s, SET_SIZE, all.len() as i64);
    access::set_int(s, SET_FILL, all.len() as i64);
}

pub fn is_subset(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    if size(a) > size(b) {
        return Ok(false);
    }
    let all: Vec<(Ref, i64)> = entries(vm, a).collect();
    for (key, h) in all {
        if !contains_hashed(vm, b, key, h)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Subset and superset tests, and equality.
pub fn compare(vm: &mut Vm, op: CompareOp, a: Ref, b: Ref) -> Res<bool> {
    let (n, m) = (size(a), size(b));
    match op {
        CompareOp::Eq => Ok(n == m && is_subset(vm, a, b)?),
        CompareOp::Ne => Ok(!(n == m && is_subset(vm, a, b)?)),
        CompareOp::Le => is_subset(vm, a, b),
        CompareOp::Lt => Ok(n < m && is_subset(vm, a, b)?),
        CompareOp::Ge => is_subset(vm, b, a),
        CompareOp::Gt => Ok(m < n && is_subset(vm, b, a)?),
    }
}

/// Do the two have no item in common?
pub fn is_disjoint(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    let common = intersection(vm, a, b, SET)?;
    Ok(size(common) == 0)
}
