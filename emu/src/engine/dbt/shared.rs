//! What the threads of a process share: the store of translated code, and what is left of stores that were full.
//!
//! A full store is not emptied, for threads may be in its code: the one that finds it full makes a new one, the others
//! follow when they want something translated, and what it counted is taken over when the last has left it.
//!
//! Locks are taken in this order: the [`Shared`], its store, the books of guest memory. A thread in translated code holds
//! none.

use super::store::Store;
use super::visits::Visits;
use crate::engine::Thresholds;
use crate::engine::counts::RetiredCounts;
use crate::linux::lock;
use crate::memory::Ram;
use crate::stats::EngineStats;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, Weak};

/// As [`lock`], if nobody has it locked.
pub fn try_lock<T>(mutex: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match mutex.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

/// What threads share.
#[derive(Default)]
pub struct Shared(Mutex<State>);

#[derive(Default)]
struct State {
    settings: Settings,
    /// Where code is translated to now.
    store: Option<Arc<Mutex<Store>>>,
    /// Stores that are not for others to join, as long as threads have parts in them.
    closed: Vec<Weak<Mutex<Store>>>,
    visits: Arc<Visits>,
    /// Counts of stores that are gone.
    retired: RetiredCounts,
    /// What was translated in them.
    gone: EngineStats,
}

/// How code is translated.
#[derive(Clone, Copy)]
pub struct Settings {
    /// See [`Thresholds::optimize_after`].
    pub optimize_after: u64,
    /// See [`super::runtime::Runtime::confine`].
    pub confine: bool,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings { optimize_after: Thresholds::default().optimize_after, confine: false }
    }
}

/// A thread's part in a store.
pub struct Part {
    pub store: Arc<Mutex<Store>>,
    /// Number of its area.
    pub area: usize,
    /// Address of its area.
    pub stack: u64,
    pub visits: Arc<Visits>,
}

impl Part {
    /// Whether there are other threads.
    pub fn has_others(&self) -> bool {
        Arc::strong_count(&self.store) > 2
    }
}

impl Shared {
    /// Changes how code is translated from now on.
    pub fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut state = lock(&self.0);
        change(&mut state.settings);
        if let Some(store) = &state.store {
            lock(store).settings = state.settings;
        }
    }

    /// Has a thread that runs in this memory take part. Error: the host gives no memory.
    pub fn join(&self, ram: &Ram) -> io::Result<Part> {
        let mut state = lock(&self.0);
        let store = match &state.store {
            Some(store) => store.clone(),
            None => {
                let store = Arc::new(Mutex::new(Store::new(ram, state.settings)?));
                state.store.insert(store).clone()
            }
        };
        let mut locked = lock(&store);
        debug_assert!(locked.is_of(ram), "threads of a process have the same memory");
        let area = locked.join()?;
        let stack = locked.area(area).address();
        drop(locked);
        Ok(Part { store, area, stack, visits: state.visits.clone() })
    }

    /// A thread takes part no more.
    pub fn leave(&self, part: Part) {
        let mut state = lock(&self.0);
        state.leave(part);
    }

    /// As [`Shared::leave`]; the store is not for others to join either.
    pub fn give_up(&self, part: Part) {
        let mut state = lock(&self.0);
        if let Some(store) = state.store.take_if(|store| Arc::ptr_eq(store, &part.store)) {
            state.closed.push(Arc::downgrade(&store));
        }
        state.leave(part);
    }

    /// In a process that was forked, for the thread that goes on in it: the code memory is still shared with the parent, and
    /// what the parent counted is not this process's. `part`: what the thread had.
    pub fn forget_parent(&self, part: Option<Part>) {
        let mut state = lock(&self.0);
        let stores = [state.store.take(), part.map(|part| part.store)];
        // Threads that do not exist here may have locked it, and were in it when it was copied.
        let alone = stores.iter().flatten().all(|store| Arc::strong_count(store) == 2);
        if !alone {
            std::mem::forget(stores);
        }
        state.closed.clear();
        state.retired = RetiredCounts::default();
        state.gone = EngineStats::default();
    }

    /// Keeps other threads from joining and leaving while the guard lives: for `fork`.
    pub fn quiesce(&self) -> impl Drop + '_ {
        lock(&self.0)
    }

    /// Calls `f(pc, word, slot, executed, failed)` for what translated code has executed.
    pub fn for_each_count(&self, f: &mut dyn FnMut(u64, u32, u8, u64, u64)) {
        let state = lock(&self.0);
        state.retired.for_each(f);
        state.for_each_store(&mut |store| store.for_each_count(f));
    }

    /// Calls `f(guest pc, host address, bytes)` for all code.
    pub fn for_each_code(&self, f: &mut dyn FnMut(u64, u64, u64)) {
        lock(&self.0).for_each_store(&mut |store| store.for_each_code(f));
    }

    /// What was translated so far.
    pub fn statistics(&self) -> EngineStats {
        let state = lock(&self.0);
        let mut all = state.gone;
        state.for_each_store(&mut |store| all.add(&store.statistics()));
        all
    }
}

impl State {
    /// Calls `f` for the stores that there are.
    fn for_each_store(&self, f: &mut dyn FnMut(&Store)) {
        let closed = self.closed.iter().filter_map(Weak::upgrade);
        for store in self.store.iter().cloned().chain(closed) {
            f(&lock(&store));
        }
    }

    fn leave(&mut self, part: Part) {
        lock(&part.store).leave(part.area);
        // The last one out of a store that is not for others to join.
        if let Some(store) = Arc::into_inner(part.store) {
            let store = store.into_inner().unwrap_or_else(PoisonError::into_inner);
            store.for_each_count(&mut |pc, word, slot, executed, failed| {
                self.retired.add(pc, word, slot, executed, failed);
            });
            self.gone.add(&store.statistics());
            self.closed.retain(|store| store.strong_count() != 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::blocks::BlockCache;
    use crate::isa::InsnSet;
    use crate::memory::{AddressSpace, Backing, EXEC, Placement, READ, WRITE};

    #[test]
    fn what_a_closed_store_has_counted_is_not_lost() {
        const AT: u64 = 0x10000;
        let mut space = AddressSpace::new(Ram::new().expect("addresses"), 1 << 30);
        let prot = READ | WRITE | EXEC;
        space.map(Placement::Fixed(AT), 0x1000, prot, false, Backing::Anonymous, "").expect("room");
        // `ret`
        space.ram().write(AT, &0x8067u32.to_le_bytes()).expect("mapped");
        let isa = InsnSet::default();
        let mut cache = BlockCache::new(isa.clone());
        let id = cache.at(AT, space.ram()).expect("an instruction");
        let shared = Shared::default();
        let translated = || shared.statistics().blocks_translated;
        let translate = |part: &Part, cache: &mut BlockCache| {
            assert!(lock(&part.store).translate_block(&isa, cache.get(id), 0));
        };
        let join = || shared.join(space.ram()).expect("memory");
        // Two have parts in the first store. One closes it and makes a second one.
        let (stays, goes) = (join(), join());
        translate(&stays, &mut cache);
        shared.give_up(goes);
        assert_eq!(translated(), 1);
        let second = join();
        translate(&second, &mut cache);
        assert_eq!(translated(), 2);
        let mut codes = 0;
        shared.for_each_code(&mut |_, _, _| codes += 1);
        assert_eq!(codes, 2);
        // Nor when the last one has left it.
        shared.leave(stays);
        assert_eq!(translated(), 2);
        shared.leave(second);
        assert_eq!(translated(), 2);
    }
}
