//! Dictionaries: an index of hashed positions into an array of entries in the order of insertion.
//!
//! An index word is 0 where free, otherwise `hash bits << 32 | entry + 1`; [`DELETED`] in the low half marks an entry that
//! is gone. The hash bits are the upper half of the hash's product with [`FACTOR`], their low bits the position where probing
//! (linear) begins; so a table is rebuilt from its index alone, and most misses do not touch the entries. Entries are
//! `key, value`; a deleted one's key is null.

use jit_riscv::object::Ref;

use super::{Res, callback, calls, compare, hash, iter, list, sequence};
use crate::access;
use crate::objects::*;
use crate::symbols;
use crate::types::*;
use crate::vm::Vm;

calls! {
    /// A new, empty dictionary.
    DICT_NEW: Any, new_call() -> Ref;
    /// `dict[key]`: KeyError where it is missing (or what `__missing__` says).
    DICT_GET: Any, get_item(dict: Ref, key: Ref) -> Res<Ref>;
    /// As DICT_GET for STR keys; null where the key is missing.
    DICT_FIND_STR: Reads, find_str(dict: Ref, key: Ref) -> Ref;
    /// The value of an INT key, or null.
    DICT_FIND_INT: Reads, find_int(dict: Ref, key: Ref) -> Ref;
    /// The value of a key, or null.
    DICT_FIND: Any, find(dict: Ref, key: Ref) -> Res<Ref>;
    /// `dict[key] = value`
    DICT_SET: Any, set_item(dict: Ref, key: Ref, value: Ref) -> Res<()>;
    /// As DICT_SET for STR keys: cannot raise.
    DICT_SET_STR: Any, set_str(dict: Ref, key: Ref, value: Ref) -> ();
    /// As DICT_SET for INT keys: cannot raise.
    DICT_SET_INT: Any, set_int(dict: Ref, key: Ref, value: Ref) -> ();
    /// `del dict[key]`
    DICT_DELETE: Any, delete_item(dict: Ref, key: Ref) -> Res<()>;
    /// `key in dict` for STR and INT keys.
    DICT_HAS_STR: Reads, has_str(dict: Ref, key: Ref) -> bool;
    DICT_HAS_INT: Reads, has_int(dict: Ref, key: Ref) -> bool;
    /// Copies a mapping's items into a dictionary: `{**mapping}`.
    DICT_UPDATE: Any, update(dict: Ref, mapping: Ref) -> Res<()>;
    /// As DICT_UPDATE for `f(**mapping)`: TypeError for a key that is there already or is no str.
    DICT_MERGE: Any, merge(dict: Ref, mapping: Ref, function: Ref) -> Res<()>;
}

/// Low half of the index word of a deleted entry.
const DELETED: u32 = u32::MAX;
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Index words of the smallest table, and of how many keys it holds.
const FIRST: usize = 8;

/// Keys that an index of `n` words holds.
const fn room(n: usize) -> usize {
    n * 2 / 3
}

pub fn new(vm: &mut Vm) -> Ref {
    vm.new_object(DICT)
}

fn new_call(vm: &mut Vm) -> Ref {
    new(vm)
}

#[inline(always)]
fn mix(h: i64) -> u64 {
    let h = h as u64;
    (h ^ (h >> 32)).wrapping_mul(FACTOR)
}

/// Position in an index of `n` words, a power of 2.
#[inline(always)]
fn position(mixed: u64, n: usize) -> usize {
    (mixed >> 32) as usize & (n - 1)
}

/// Number of keys.
#[inline(always)]
pub fn size(d: Ref) -> usize {
    access::get_int(d, DICT_SIZE) as usize
}

#[inline(always)]
fn used(d: Ref) -> usize {
    access::get_int(d, DICT_USED) as usize
}

#[inline(always)]
fn entries(d: Ref) -> Ref {
    access::get_ref(d, DICT_ENTRIES)
}

/// Finds the entry of a key whose equality `same` decides. Gives the place in the index and the entry.
#[inline(always)]
fn probe(d: Ref, h: i64, mut same: impl FnMut(Ref) -> bool) -> Option<(usize, usize)> {
    let index = access::get_ref(d, DICT_INDEX);
    if index.is_null() {
        return None;
    }
    let n = access::length(index);
    let mixed = mix(h);
    let mut at = position(mixed, n);
    let bits = mixed >> 32;
    let table = entries(d);
    loop {
        let word = access::word(index, at);
        if word == 0 {
            return None;
        }
        if word >> 32 == bits && word as u32 != DELETED {
            let entry = (word as u32 - 1) as usize;
            if same(access::item(table, 2 * entry)) {
                return Some((at, entry));
            }
        }
        at = (at + 1) & (n - 1);
    }
}

#[inline(always)]
fn probe_str(d: Ref, key: Ref) -> Option<(usize, usize)> {
    let h = hash::str_hash(key);
    probe(d, h, |k| k == key || access::is(k, STR) && compare::str_eq(k, key))
}

#[inline(always)]
fn probe_int(d: Ref, key: Ref) -> Option<(usize, usize)> {
    let v = access::int_value(key);
    probe(d, hash::int_hash(v), |k| match access::class(k) {
        INT | BOOL => access::int_value(k) == v,
        FLOAT => access::float_value(k) == v as f64,
        _ => false,
    })
}

/// As `probe` for any key: user code may run.
fn probe_any(vm: &mut Vm, d: Ref, key: Ref, h: i64) -> Res<Option<(usize, usize)>> {
    let mut failed = Ok(());
    let found = probe(d, h, |k| match hash::same_key(vm, k, key) {
        Ok(same) => same,
        Err(e) => {
            failed = Err(e);
            true
        }
    });
    failed.map(|()| found)
}

fn locate(vm: &mut Vm, d: Ref, key: Ref) -> Res<Option<(usize, usize)>> {
    match access::class(key) {
        STR => Ok(probe_str(d, key)),
        INT => Ok(probe_int(d, key)),
        _ => {
            let h = hash::hash(vm, key)?;
            probe_any(vm, d, key, h)
        }
    }
}

#[inline(always)]
fn value_of(d: Ref, found: Option<(usize, usize)>) -> Ref {
    match found {
        Some((_, entry)) => access::item(entries(d), 2 * entry + 1),
        None => Ref::NULL,
    }
}

/// The value of a key, or null.
#[inline]
pub fn find(vm: &mut Vm, d: Ref, key: Ref) -> Res<Ref> {
    let found = locate(vm, d, key)?;
    Ok(value_of(d, found))
}

pub fn find_str(_: &mut Vm, d: Ref, key: Ref) -> Ref {
    value_of(d, probe_str(d, key))
}

fn find_int(_: &mut Vm, d: Ref, key: Ref) -> Ref {
    value_of(d, probe_int(d, key))
}

fn has_str(_: &mut Vm, d: Ref, key: Ref) -> bool {
    probe_str(d, key).is_some()
}

fn has_int(_: &mut Vm, d: Ref, key: Ref) -> bool {
    probe_int(d, key).is_some()
}

/// `dict[key]`
pub fn get_item(vm: &mut Vm, d: Ref, key: Ref) -> Res<Ref> {
    let v = find(vm, d, key)?;
    if !v.is_null() {
        return Ok(v);
    }
    if access::is(d, DEFAULTDICT) {
        let factory = access::get_ref(d, DEFAULTDICT_FACTORY);
        if factory != vm.none {
            let v = callback(vm, factory, &[])?;
            set_item(vm, d, key, v)?;
            return Ok(v);
        }
    }
    Err(vm.key_error(key))
}

/// Puts a word for an entry into the first free place of its chain.
fn insert_index(index: Ref, mixed: u64, entry: usize) {
    let n = access::length(index);
    let mut at = position(mixed, n);
    while access::word(index, at) != 0 {
        at = (at + 1) & (n - 1);
    }
    access::set_word(index, at, (mixed >> 32) << 32 | (entry as u64 + 1));
}

/// Makes room for one more entry: drops deleted ones, and grows the table where it is full.
fn make_room(vm: &mut Vm, d: Ref) {
    let live = size(d);
    let mut n = FIRST;
    while room(n) <= live + live / 2 {
        n *= 2;
    }
    let index = vm.new_items(INT_ARRAY, n);
    let table = vm.ref_array(2 * room(n));
    let old_index = access::get_ref(d, DICT_INDEX);
    let old = entries(d);
    if !old_index.is_null() {
        // Where the entries go: deleted ones leave gaps that close up.
        let used = used(d);
        let compact = used != live;
        let mut moved = Vec::new();
        let mut to = 0;
        for entry in 0..used {
            if compact {
                moved.push(to as u32);
            }
            let key = access::item(old, 2 * entry);
            if !key.is_null() {
                access::init_item(table, 2 * to, key);
                access::init_item(table, 2 * to + 1, access::item(old, 2 * entry + 1));
                to += 1;
            }
        }
        for word in access::words(old_index) {
            let word = *word as u64;
            if word != 0 && word as u32 != DELETED {
                let entry = (word as u32 - 1) as usize;
                let entry = if compact { moved[entry] as usize } else { entry };
                insert_index(index, word, entry);
            }
        }
    }
    access::set_int(d, DICT_USED, live as i64);
    vm.put(d, DICT_INDEX, index);
    vm.put(d, DICT_ENTRIES, table);
}

fn add(vm: &mut Vm, d: Ref, h: i64, key: Ref, value: Ref) {
    let table = entries(d);
    if 2 * used(d) >= access::length_or_zero(table) {
        make_room(vm, d);
    }
    let entry = used(d);
    let table = entries(d);
    vm.put_item(table, 2 * entry, key);
    vm.put_item(table, 2 * entry + 1, value);
    insert_index(access::get_ref(d, DICT_INDEX), mix(h), entry);
    access::set_int(d, DICT_USED, entry as i64 + 1);
    access::set_int(d, DICT_SIZE, size(d) as i64 + 1);
    access::set_int(d, DICT_VERSION, access::get_int(d, DICT_VERSION) + 1);
}

#[inline]
fn put(vm: &mut Vm, d: Ref, found: Option<(usize, usize)>, h: i64, key: Ref, value: Ref) {
    match found {
        Some((_, entry)) => vm.put_item(entries(d), 2 * entry + 1, value),
        None => add(vm, d, h, key, value),
    }
}

fn set_str(vm: &mut Vm, d: Ref, key: Ref, value: Ref) {
    put(vm, d, probe_str(d, key), hash::str_hash(key), key, value);
}

fn set_int(vm: &mut Vm, d: Ref, key: Ref, value: Ref) {
    put(vm, d, probe_int(d, key), hash::int_hash(access::int_value(key)), key, value);
}

/// `dict[key] = value`
pub fn set_item(vm: &mut Vm, d: Ref, key: Ref, value: Ref) -> Res<()> {
    match access::class(key) {
        STR => set_str(vm, d, key, value),
        INT => set_int(vm, d, key, value),
        _ => {
            let h = hash::hash(vm, key)?;
            let found = probe_any(vm, d, key, h)?;
            put(vm, d, found, h, key, value);
        }
    }
    Ok(())
}

/// Removes a key and gives its value; null where it is missing.
pub fn remove(vm: &mut Vm, d: Ref, key: Ref) -> Res<Ref> {
    let Some((at, entry)) = locate(vm, d, key)? else { return Ok(Ref::NULL) };
    Ok(remove_entry(d, at, entry))
}

fn remove_entry(d: Ref, at: usize, entry: usize) -> Ref {
    let (index, table) = (access::get_ref(d, DICT_INDEX), entries(d));
    let value = access::item(table, 2 * entry + 1);
    access::set_word(index, at, access::word(index, at) | DELETED as u64);
    access::init_item(table, 2 * entry, Ref::NULL);
    access::init_item(table, 2 * entry + 1, Ref::NULL);
    access::set_int(d, DICT_SIZE, size(d) as i64 - 1);
    access::set_int(d, DICT_VERSION, access::get_int(d, DICT_VERSION) + 1);
    // Only a rebuilt or cleared index takes entries back: every index word that was ever used still counts.
    if size(d) == 0 && access::length(index) <= 64 {
        access::words(index).fill(0);
        access::set_int(d, DICT_USED, 0);
    }
    value
}

/// Removes and gives the last key and value.
pub fn pop_last(vm: &mut Vm, d: Ref) -> Res<Option<(Ref, Ref)>> {
    let Some((key, value)) = (0..used(d)).rev().find_map(|e| entry_at(d, e)) else {
        return Ok(None);
    };
    remove(vm, d, key)?;
    Ok(Some((key, value)))
}

fn delete_item(vm: &mut Vm, d: Ref, key: Ref) -> Res<()> {
    if remove(vm, d, key)?.is_null() { Err(vm.key_error(key)) } else { Ok(()) }
}

pub fn clear(vm: &mut Vm, d: Ref) {
    access::set_int(d, DICT_SIZE, 0);
    access::set_int(d, DICT_USED, 0);
    access::set_int(d, DICT_VERSION, access::get_int(d, DICT_VERSION) + 1);
    vm.put(d, DICT_INDEX, Ref::NULL);
    vm.put(d, DICT_ENTRIES, Ref::NULL);
}

/// Key and value of entry `e`, unless it is deleted.
#[inline]
pub fn entry_at(d: Ref, e: usize) -> Option<(Ref, Ref)> {
    let table = entries(d);
    let key = access::item(table, 2 * e);
    (!key.is_null()).then(|| (key, access::item(table, 2 * e + 1)))
}

/// The next live entry from `e` on, and its number.
#[inline]
pub fn next_entry(d: Ref, e: usize) -> Option<(usize, Ref, Ref)> {
    (e..used(d)).find_map(|e| entry_at(d, e).map(|(k, v)| (e, k, v)))
}

/// All keys and values.
pub fn pairs(d: Ref) -> Vec<(Ref, Ref)> {
    (0..used(d)).filter_map(|e| entry_at(d, e)).collect()
}

pub fn copy(vm: &mut Vm, d: Ref) -> Ref {
    let result = new(vm);
    copy_into(vm, result, d);
    if access::is(d, DEFAULTDICT) {
        let typed = vm.new_object(DEFAULTDICT);
        for field in [DICT_INDEX, DICT_ENTRIES] {
            access::init_ref(typed, field, access::get_ref(result, field));
        }
        access::init_ref(typed, DEFAULTDICT_FACTORY, access::get_ref(d, DEFAULTDICT_FACTORY));
        access::set_int(typed, DICT_SIZE, access::get_int(result, DICT_SIZE));
        access::set_int(typed, DICT_USED, access::get_int(result, DICT_USED));
        return typed;
    }
    result
}

/// Copies the table of `from` into the empty dictionary `to`.
fn copy_into(vm: &mut Vm, to: Ref, from: Ref) {
    if size(from) == 0 {
        return;
    }
    let (index, table) = (access::get_ref(from, DICT_INDEX), entries(from));
    let new_index = vm.new_items(INT_ARRAY, access::length(index));
    let new_table = vm.ref_array(access::length(table));
    access::copy_items(index, 0, new_index, 0, access::length(index));
    access::copy_items(table, 0, new_table, 0, 2 * used(from));
    vm.put(to, DICT_INDEX, new_index);
    vm.put(to, DICT_ENTRIES, new_table);
    access::set_int(to, DICT_SIZE, size(from) as i64);
    access::set_int(to, DICT_USED, used(from) as i64);
}

fn is_dict(r: Ref) -> bool {
    matches!(access::class(r), DICT | DEFAULTDICT)
}

/// `dict.update(other)`: a mapping, or an iterable of pairs.
pub fn update(vm: &mut Vm, d: Ref, other: Ref) -> Res<()> {
    if is_dict(other) {
        if size(d) == 0 && used(d) == 0 {
            copy_into(vm, d, other);
            return Ok(());
        }
        for (key, value) in pairs(other) {
            set_item(vm, d, key, value)?;
        }
        return Ok(());
    }
    let keys = super::attributes::special(vm, other, symbols::KEYS);
    if !keys.is_null() {
        let keys = callback(vm, keys, &[other])?;
        let iterator = iter::iter(vm, keys)?;
        while let Some(key) = iter::next(vm, iterator)? {
            let value = sequence::get_item(vm, other, key)?;
            set_item(vm, d, key, value)?;
        }
        return Ok(());
    }
    let iterator = iter::iter(vm, other)?;
    let mut i = 0;
    while let Some(pair) = iter::next(vm, iterator)? {
        let Ok(items) = list::from_iterable(vm, pair) else {
            if vm.clear_if(TYPE_ERROR) {
                let message = format!("cannot convert dictionary update sequence element #{i} to a sequence");
                return Err(vm.type_error(&message));
            }
            return Err(super::Raised);
        };
        let n = access::list_size(items);
        if n != 2 {
            let message = format!("dictionary update sequence element #{i} has length {n}; 2 is required");
            return Err(vm.value_error(&message));
        }
        let (key, value) = (list::get(vm, items, 0), list::get(vm, items, 1));
        set_item(vm, d, key, value)?;
        i += 1;
    }
    Ok(())
}

fn merge(vm: &mut Vm, d: Ref, mapping: Ref, function: Ref) -> Res<()> {
    let name = match access::class(function) {
        FUNCTION => access::text(access::get_ref(function, FUNC_QUALNAME)).to_string(),
        BUILTIN => crate::builtins::Builtin::of(function).name.to_string(),
        _ => vm.type_name(function).to_string(),
    };
    let given = if is_dict(mapping) {
        mapping
    } else {
        let all = new(vm);
        if update(vm, all, mapping).is_err() {
            vm.take_exception();
            let message =
                format!("{name}() argument after ** must be a mapping, not {}", vm.type_name(mapping));
            return Err(vm.type_error(&message));
        }
        all
    };
    for (key, value) in pairs(given) {
        if !access::is(key, STR) {
            return Err(vm.type_error("keywords must be strings"));
        }
        if probe_str(d, key).is_some() {
            let message =
                format!("{name}() got multiple values for keyword argument '{}'", access::text(key));
            return Err(vm.type_error(&message));
        }
        set_str(vm, d, key, value);
    }
    Ok(())
}

/// Equality of two dictionaries.
pub fn equal(vm: &mut Vm, a: Ref, b: Ref) -> Res<bool> {
    if size(a) != size(b) {
        return Ok(false);
    }
    for (key, value) in pairs(a) {
        let other = find(vm, b, key)?;
        if other.is_null() || !hash::same_key(vm, value, other)? {
            return Ok(false);
        }
    }
    Ok(true)
}
