//! Allocation and garbage collection: a moving nursery and an old generation that does not move.
//!
//! | module | what |
//! |---|---|
//! | [`layout`] | what the collector knows of a class: size and places of references |
//! | [`header`] | the gc word |
//! | [`os`], [`pages`] | address space, below 2 GiB where possible, and runs of pages in it |
//! | [`old`] | size-class segregated blocks, and large objects |
//! | [`barrier`] | the write barrier, the remembered set, cards of large arrays |
//! | [`minor`], [`major`] | the two collections |
//! | [`phase`] | phase marks around collections |
//! | [`verify`] | a walk that checks every invariant, for tests |
//!
//! **Allocation never collects.** The nursery's first part (`Config::nursery` bytes) is what is meant to be used between two
//! collections: `Thread::limit` is its end. Behind it lies an overflow area that allocations from Rust run on into until
//! the next safe point; when that is used up too they go to the old generation. `Thread::end` never changes, and at least
//! [`RESERVE`] bytes stay free below it, so that machine code may allocate that much between two safe points without a check.
//!
//! **A [`Ref`] is trusted** by every function here: it is null where that is said, and otherwise a live object of this heap.
//! A reference that is held in a Rust variable over a collection and was not visited as a root is dead afterwards.
//!
//! Objects that survive one minor collection are promoted at once. A class word may be replaced by another one whose
//! objects have the same size (a shape transition), and a length word by a smaller one.

use std::collections::HashMap;
use std::io;

use crate::object::{ClassId, LENGTH, Ref};
use crate::thread::Thread;

pub mod barrier;
pub mod header;
pub mod layout;
mod major;
mod minor;
mod old;
mod os;
mod pages;
pub mod phase;
#[cfg(test)]
mod tests;
pub mod verify;

pub use layout::{Items, Layout};

use barrier::Remembered;
use layout::{ClassInfo, MIN_SIZE};
use old::Old;
use os::Mapping;

/// Bytes that machine code may allocate inline between two safe points without a check.
pub const RESERVE: usize = 64 << 10;

/// Objects of more bytes than this never are in the nursery.
pub const LARGE: usize = 32 << 10;

/// The overflow area is this many times the nursery proper, at least [`MIN_OVERFLOW`] bytes.
const OVERFLOW: usize = 15;
const MIN_OVERFLOW: usize = 1 << 20;

/// Sizes and thresholds of a heap, in bytes.
#[derive(Clone, Debug)]
pub struct Config {
    /// The nursery. Tests use small ones so that every safe point collects.
    pub nursery: usize,
    /// The old generation is not collected before it has grown to this …
    pub major_min: usize,
    /// … nor before it has grown to this many percent of what the last major collection left.
    pub major_growth_percent: usize,
    /// Large objects allocated since the last collection that ask for the next one.
    pub young_large: usize,
    /// Overwrite the nursery after every collection, so that a stale reference is found out soon.
    pub poison: bool,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            nursery: 4 << 20,
            major_min: 16 << 20,
            major_growth_percent: 180,
            young_large: 16 << 20,
            poison: false,
        }
    }
}

/// What the collector did so far.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    pub minor: u64,
    pub major: u64,
    /// Bytes taken from the nursery up to the last collection.
    pub nursery_bytes: u64,
    /// Bytes of cells that minor collections copied objects to, and their number. (Objects of more than 16 KiB are not
    /// in cells.)
    pub promoted_bytes: u64,
    pub promoted_objects: u64,
    /// Bytes (whole pages) of large objects ever allocated.
    pub large_bytes: u64,
    /// Bytes that went directly to the old generation because the nursery and its overflow area were full.
    pub overflow_bytes: u64,
    /// Bytes of the old generation and of young large objects that collections freed.
    pub freed_bytes: u64,
    /// Old objects that minor collections scanned because something had been stored into them.
    pub remembered_objects: u64,
}

/// The operating system gives no more memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutOfMemory {
    /// Bytes that were asked for.
    pub bytes: usize,
}

impl std::fmt::Display for OutOfMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "out of memory: no room for an object of {} bytes", self.bytes)
    }
}

impl std::error::Error for OutOfMemory {}

/// All roots: calls its argument for every reference outside the heap (null or an object), which may change it.
pub type Roots<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&mut Ref));

/// The heap of one guest thread. See the module.
pub struct Heap {
    /// Dense; index 0 is no class.
    infos: Vec<ClassInfo>,
    layouts: Vec<Layout>,
    config: Config,
    /// First byte of the nursery.
    start: usize,
    /// `Thread::limit` when no collection is wanted.
    limit: usize,
    /// Allocations from Rust end here: [`RESERVE`] bytes before `end`.
    rust_end: usize,
    /// `Thread::end`. The [`Remembered`] lists lie here.
    end: usize,
    /// Also holds the overflow area and the page of the remembered lists.
    nursery: Mapping,
    old: Old,
    /// Large objects that no collection has seen yet, and their bytes.
    young_large: Vec<Ref>,
    young_large_bytes: usize,
    /// Young objects whose identity was asked for: where they will be promoted to, which is their identity.
    identities: HashMap<u64, u64>,
    /// Mark stack of both collections, kept for its capacity.
    gray: Vec<Ref>,
    stats: Stats,
}

impl Heap {
    /// A heap with the default sizes, and `thread` set up to allocate from it.
    ///
    /// # Errors
    /// The operating system's, when there is no address space.
    pub fn new(thread: &mut Thread) -> io::Result<Heap> {
        Heap::with_config(thread, Config::default())
    }

    /// As [`Heap::new`]. The nursery is rounded up to whole pages.
    pub fn with_config(thread: &mut Thread, config: Config) -> io::Result<Heap> {
        let proper = config.nursery.max(1).next_multiple_of(os::PAGE);
        let room = proper + (proper * OVERFLOW).max(MIN_OVERFLOW) + RESERVE;
        let nursery = Mapping::low(room + os::PAGE)?;
        let (start, end) = (nursery.start(), nursery.start() + room);
        // SAFETY: the mapping's last page, which nothing else uses.
        unsafe { barrier::init(end) };
        let heap = Heap {
            infos: vec![ClassInfo::NONE],
            layouts: vec![Layout::fixed("none", MIN_SIZE, 0)],
            config,
            start,
            limit: start + proper,
            rust_end: end - RESERVE,
            end,
            nursery,
            old: Old::new(),
            young_large: Vec::new(),
            young_large_bytes: 0,
            identities: HashMap::new(),
            gray: Vec::new(),
            stats: Stats::default(),
        };
        thread.bump = start as u64;
        thread.limit = heap.limit as u64;
        thread.end = end as u64;
        Ok(heap)
    }

    /// Registers a class. Ids are dense, the first one is 1.
    ///
    /// # Panics
    /// The layout contradicts itself (see [`Layout`]): a mistake in the language, not in its input.
    pub fn add_class(&mut self, layout: Layout) -> ClassId {
        let id = ClassId(self.infos.len() as u32);
        self.infos.push(ClassInfo::new(&layout));
        self.layouts.push(layout);
        id
    }

    /// The layout of a class that was registered.
    pub fn layout(&self, class: ClassId) -> &Layout {
        &self.layouts[class.0 as usize]
    }

    /// Number of registered classes; the next one gets this number plus 1.
    pub fn classes(&self) -> usize {
        self.infos.len() - 1
    }

    pub fn stats(&self) -> Stats {
        self.stats
    }

    /// Bytes of the old generation, large objects included: at least those of its live objects.
    pub fn old_bytes(&self) -> usize {
        self.old.bytes()
    }

    /// The object has moved to where it stays (old, or large). False for null.
    #[inline(always)]
    pub fn is_old(&self, object: Ref) -> bool {
        !object.is_null() && !self.in_nursery(object)
    }

    #[inline(always)]
    fn in_nursery(&self, object: Ref) -> bool {
        (object.0 as usize).wrapping_sub(self.start) < self.end - self.start
    }

    #[inline(always)]
    fn info(&self, class: ClassId) -> &ClassInfo {
        &self.infos[class.0 as usize]
    }

    /// Bytes of an object, rounded up to whole words.
    pub fn size_of(&self, object: Ref) -> usize {
        // SAFETY: references are trusted.
        unsafe { self.info(object.class()).object_size(object) }
    }

    /// A fixed-size object, its body zeroed. Memory exhaustion ends the process, as it does for `Box`.
    #[inline(always)]
    pub fn alloc(&mut self, thread: &mut Thread, class: ClassId) -> Ref {
        let bytes = self.info(class).fixed_bytes();
        self.alloc_zeroed(thread, class, bytes)
    }

    /// As [`Heap::alloc_raw`], with every byte but the header's zero: for callers that know the size and store only some fields.
    #[inline(always)]
    pub fn alloc_zeroed(&mut self, thread: &mut Thread, class: ClassId, bytes: usize) -> Ref {
        let object = self.alloc_raw(thread, class, bytes);
        // SAFETY: the object has `bytes` bytes, a multiple of 8.
        unsafe { zero_words(object.0 as usize + 8, object.0 as usize + bytes) };
        object
    }

    /// An object of `bytes` bytes in all whose header is set and whose body is garbage: for callers that know the size of a class
    /// as a constant and store every field at once, before anything else is done with the heap. `bytes` is a
    /// multiple of 8, at most [`RESERVE`], and what `class` says.
    #[inline(always)]
    pub fn alloc_raw(&mut self, thread: &mut Thread, class: ClassId, bytes: usize) -> Ref {
        let at = thread.bump as usize;
        let next = at + bytes;
        if next > self.rust_end {
            return self.alloc_overflow(class, bytes);
        }
        thread.bump = next as u64;
        // SAFETY: the nursery's bytes between bump and end belong to nobody.
        unsafe { *(at as *mut u64) = class.0 as u64 };
        Ref(at as u64)
    }

    /// An object with `n` items, all zero, and its other fields zero. Memory exhaustion ends the process.
    #[inline]
    pub fn alloc_items(&mut self, thread: &mut Thread, class: ClassId, n: usize) -> Ref {
        match self.try_alloc_items(thread, class, n) {
            Ok(object) => object,
            Err(e) => out_of_memory(e),
        }
    }

    /// As [`Heap::alloc_items`].
    ///
    /// # Errors
    /// There is no memory for so many items.
    #[inline]
    pub fn try_alloc_items(
        &mut self,
        thread: &mut Thread,
        class: ClassId,
        n: usize,
    ) -> Result<Ref, OutOfMemory> {
        let bytes = self.info(class).size_with(n);
        if bytes > LARGE {
            return self.alloc_large(thread, class, bytes, n);
        }
        let object = self.alloc_raw(thread, class, bytes);
        // SAFETY: the object has `bytes` bytes, at least 16.
        unsafe {
            object.set_word(LENGTH.offset as usize, n as u64);
            zero_words(object.0 as usize + 16, object.0 as usize + bytes);
        }
        Ok(object)
    }

    /// A large object: it never moves, but is freed by the next collection if that does not reach it.
    #[cold]
    #[inline(never)]
    fn alloc_large(
        &mut self,
        thread: &mut Thread,
        class: ClassId,
        bytes: usize,
        n: usize,
    ) -> Result<Ref, OutOfMemory> {
        let object = self.old.alloc_large(bytes, true)?;
        // SAFETY: the run of pages is as large as the object, and nobody else's.
        unsafe {
            object.set_word(0, header::young_large(class));
            object.set_word(LENGTH.offset as usize, n as u64);
        }
        self.young_large.push(object);
        let pages = old::large_bytes(object);
        self.young_large_bytes += pages;
        self.stats.large_bytes += pages as u64;
        if self.young_large_bytes > self.config.young_large {
            thread.limit = 0;
        }
        Ok(object)
    }

    /// The nursery and its overflow area are full: the object is born old. It counts as remembered, so that it can be
    /// initialised without barriers like any other fresh object.
    #[cold]
    #[inline(never)]
    fn alloc_overflow(&mut self, class: ClassId, bytes: usize) -> Ref {
        let object = match self.old.alloc(bytes) {
            Ok(object) => object,
            Err(e) => out_of_memory(e),
        };
        let flags = header::get(object) & !header::BARRIER_BITS;
        // SAFETY: the cell is as large as the object, and nobody else's.
        unsafe { object.set_word(0, class.0 as u64 | flags) };
        self.remembered().objects.push(object);
        self.stats.overflow_bytes += bytes as u64;
        object
    }

    /// Asks for a collection at the next safe point.
    pub fn want_collection(&self, thread: &mut Thread) {
        thread.limit = 0;
    }

    /// Collects if that has been asked for. To be called at safe points; `phase` is the phase mark to restore afterwards.
    #[inline(always)]
    pub fn collect_if_wanted(&mut self, thread: &mut Thread, phase: u32, roots: Roots) {
        if thread.bump > thread.limit {
            self.collect(thread, phase, roots);
        }
    }

    /// A minor collection, and a major one if the old generation has grown enough.
    #[cold]
    #[inline(never)]
    pub fn collect(&mut self, thread: &mut Thread, phase: u32, roots: Roots) {
        phase::mark(phase::GC);
        self.minor(thread, roots);
        if self.old.bytes() > self.old.threshold() {
            self.major(roots);
        }
        phase::mark(phase);
    }

    /// A minor and a major collection.
    pub fn collect_all(&mut self, thread: &mut Thread, phase: u32, roots: Roots) {
        phase::mark(phase::GC);
        self.minor(thread, roots);
        self.major(roots);
        phase::mark(phase);
    }

    /// Gives every object that is reachable from `roots` its final address (e.g. before the constants of a trace are compiled into
    /// machine code). The objects stay alive only as long as they are roots.
    pub fn make_old(&mut self, thread: &mut Thread, phase: u32, roots: Roots) {
        phase::mark(phase::GC);
        self.minor(thread, roots);
        phase::mark(phase);
    }

    /// A number that no other live object has, and that stays the same: the object's address once it is old.
    pub fn identity(&mut self, object: Ref) -> i64 {
        if !self.in_nursery(object) {
            return object.0 as i64;
        }
        if let Some(&id) = self.identities.get(&object.0) {
            return id as i64;
        }
        let bytes = self.size_of(object);
        let place = match self.old.alloc(bytes) {
            Ok(place) => place,
            Err(e) => out_of_memory(e),
        };
        // SAFETY: a fresh cell; as long as it is not promoted to, it must not look live.
        unsafe { place.set_word(0, 0) };
        header::set(object, header::IDENTITY);
        self.identities.insert(object.0, place.0);
        place.0 as i64
    }

    #[inline(always)]
    fn remembered(&mut self) -> &mut Remembered {
        // SAFETY: initialised in `with_config`; the mapping lives as long as the heap, which is borrowed.
        unsafe { &mut *(self.end as *mut Remembered) }
    }
}

impl Drop for Heap {
    fn drop(&mut self) {
        // SAFETY: initialised in `with_config`, used by nobody after this.
        unsafe { std::ptr::drop_in_place(self.end as *mut Remembered) };
    }
}

/// Zeroes the words from `at` up to `end`.
///
/// # Safety
/// Both are multiples of 8, and the memory between them is the caller's.
#[inline(always)]
unsafe fn zero_words(mut at: usize, end: usize) {
    if end - at > 128 {
        // SAFETY: by the contract above.
        unsafe { std::ptr::write_bytes(at as *mut u8, 0, end - at) };
        return;
    }
    while at < end {
        // SAFETY: by the contract above. Volatile: the optimiser would make a call of memset out of this short loop.
        unsafe { (at as *mut u64).write_volatile(0) };
        at += 8;
    }
}

#[cold]
fn out_of_memory(e: OutOfMemory) -> ! {
    eprintln!("{e}");
    std::process::exit(70)
}
