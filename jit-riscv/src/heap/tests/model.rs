//! Random programs that run on the heap and on a plain graph at once; the graphs must stay equal.

use std::collections::HashMap;

use super::*;
use crate::heap::barrier::{barrier_slow, barrier_slow_at};
use crate::heap::{Items, LARGE, Layout, header};
use crate::object::{ClassId, LENGTH};

/// Every way to lay out an object. Words that are not references hold a pattern made of the object's number.
const LAYOUTS: [Layout; 14] = [
    Layout::fixed("header", 8, 0),
    Layout::fixed("leaf", 16, 0),
    Layout::fixed("leaf3", 32, 0),
    Layout::fixed("pair", 24, 0b110),
    Layout::fixed("number+pair", 32, 0b1100),
    Layout::fixed("scattered", 48, 0b101010),
    Layout::fixed("last of 64", 512, 1 << 63 | 2),
    Layout::fixed("wide", 700, 0b1000),
    Layout::array("bytes", Items::Bytes),
    Layout { name: "hashed bytes", size: 24, refs: 0, items: Items::Bytes },
    Layout::array("words", Items::Words),
    Layout { name: "words with owner", size: 24, refs: 0b100, items: Items::Words },
    Layout::array("refs", Items::Refs),
    Layout { name: "refs with owner", size: 32, refs: 0b100, items: Items::Refs },
];

struct Node {
    class: ClassId,
    items: usize,
    /// By word: None for a word that is no reference, Some(None) for null.
    refs: Vec<Option<Option<usize>>>,
    identity: Option<i64>,
}

struct World {
    thread: Box<Thread>,
    heap: Heap,
    classes: Vec<ClassId>,
    nodes: Vec<Node>,
    /// The same roots in both worlds.
    roots: Vec<Ref>,
    model_roots: Vec<usize>,
    rng: Rng,
}

fn layout_bytes(layout: &Layout, items: usize) -> usize {
    layout.size + if layout.items == Items::Bytes { items } else { items * 8 }
}

/// Byte offsets of the references of an object.
fn ref_offsets(layout: &Layout, items: usize) -> Vec<usize> {
    let fixed = (0..64).filter(|w| layout.refs >> w & 1 != 0).map(|w| w * 8);
    let n = if layout.items == Items::Refs { items } else { 0 };
    fixed.chain((0..n).map(|i| layout.size + i * 8)).collect()
}

impl World {
    fn new(seed: u64) -> World {
        let mut thread = thread();
        let mut heap = small_heap(&mut thread);
        let classes = LAYOUTS
            .iter()
            .map(|&l| heap.add_class(Layout { size: l.size.next_multiple_of(8), ..l }))
            .collect();
        World {
            thread,
            heap,
            classes,
            nodes: Vec::new(),
            roots: Vec::new(),
            model_roots: Vec::new(),
            rng: Rng(seed),
        }
    }

    fn layout(&self, class: ClassId) -> Layout {
        *self.heap.layout(class)
    }

    /// What the word at `offset` of node `id` holds if it is no reference.
    fn pattern(id: usize, offset: usize) -> u64 {
        (id as u64) << 20 ^ offset as u64
    }

    fn alloc(&mut self) {
        let class = self.classes[self.rng.below(LAYOUTS.len())];
        let layout = self.layout(class);
        let items = match (layout.items, self.rng.below(60)) {
            (Items::None, _) => 0,
            (_, 0) => LARGE / 8 + self.rng.below(4000),
            (_, 1) => 1000 + self.rng.below(3000),
            (_, n) => n % 12,
        };
        let object = match layout.items {
            Items::None => self.heap.alloc(&mut self.thread, class),
            _ => self.heap.alloc_items(&mut self.thread, class, items),
        };
        let id = self.nodes.len();
        let offsets = ref_offsets(&layout, items);
        let bytes = layout_bytes(&layout, items).next_multiple_of(8);
        let mut refs = vec![None; bytes / 8];
        offsets.iter().for_each(|o| refs[o / 8] = Some(None));
        for offset in (8..bytes).step_by(8) {
            // SAFETY: within the object that was just allocated.
            unsafe {
                if layout.items != Items::None && offset == 8 {
                    assert_eq!(object.word(8), items as u64);
                } else {
                    assert_eq!(object.word(offset), 0, "a fresh object is zero");
                    if refs[offset / 8].is_none() {
                        object.set_word(offset, World::pattern(id, offset));
                    }
                }
            }
        }
        self.nodes.push(Node { class, items, refs, identity: None });
        self.roots.push(object);
        self.model_roots.push(id);
    }

    fn some_root(&mut self) -> Option<usize> {
        (!self.roots.is_empty()).then(|| self.rng.below(self.roots.len()))
    }

    /// Stores some root (or null) into some reference of another, with each of the barriers.
    fn store(&mut self) {
        let (Some(a), Some(b)) = (self.some_root(), self.some_root()) else { return };
        let (object, id) = (self.roots[a], self.model_roots[a]);
        let layout = self.layout(self.nodes[id].class);
        let offsets = ref_offsets(&layout, self.nodes[id].items);
        if offsets.is_empty() {
            return;
        }
        let offset = offsets[self.rng.below(offsets.len())];
        let null = self.rng.below(8) == 0;
        let value = if null { Ref::NULL } else { self.roots[b] };
        match self.rng.below(3) {
            0 => self.heap.store_ref(object, offset, value),
            // SAFETY: a store and its barrier as machine code does them.
            1 => unsafe {
                object.set_word(offset, value.0);
                if header::barrier(object) != 0 {
                    barrier_slow(&mut *self.thread, object);
                }
            },
            // SAFETY: as above.
            _ => unsafe {
                object.set_word(offset, value.0);
                if header::barrier(object) != 0 {
                    barrier_slow_at(&mut *self.thread, object, object.0 + offset as u64);
                }
            },
        }
        self.nodes[id].refs[offset / 8] = Some((!null).then_some(self.model_roots[b]));
    }

    /// Makes what a root refers to a root.
    fn load(&mut self) {
        let Some(a) = self.some_root() else { return };
        let (object, id) = (self.roots[a], self.model_roots[a]);
        let refs = &self.nodes[id].refs;
        let from = self.rng.below(refs.len());
        let Some((word, to)) = (from..refs.len()).find_map(|w| refs[w].flatten().map(|to| (w, to))) else {
            return;
        };
        // SAFETY: a reference of the object.
        self.roots.push(Ref(unsafe { object.word(word * 8) }));
        self.model_roots.push(to);
    }

    fn drop_root(&mut self) {
        if let Some(a) = self.some_root() {
            self.roots.swap_remove(a);
            self.model_roots.swap_remove(a);
        }
    }

    fn identity(&mut self) {
        let Some(a) = self.some_root() else { return };
        let id = self.heap.identity(self.roots[a]);
        let known = self.nodes[self.model_roots[a]].identity.get_or_insert(id);
        assert_eq!(*known, id, "an identity changed");
    }

    /// Both graphs are equal as far as they can be reached.
    fn compare(&mut self) {
        let mut seen: HashMap<usize, Ref> = HashMap::new();
        let mut back: HashMap<Ref, usize> = HashMap::new();
        let mut ids: HashMap<i64, usize> = HashMap::new();
        let mut todo: Vec<(usize, Ref)> = Vec::new();
        todo.extend(self.model_roots.iter().copied().zip(self.roots.iter().copied()));
        while let Some((id, object)) = todo.pop() {
            let known = *seen.entry(id).or_insert(object);
            assert_eq!(known, object, "node {id} is two objects");
            if back.insert(object, id).is_some_and(|other| other == id) {
                continue;
            }
            assert_eq!(back[&object], id);
            let node = &self.nodes[id];
            let layout = *self.heap.layout(node.class);
            // SAFETY: a live object of the node's class.
            unsafe {
                assert_eq!(object.class(), node.class);
                let bytes = layout_bytes(&layout, node.items).next_multiple_of(8);
                assert_eq!(self.heap.size_of(object), bytes);
                for offset in (8..bytes).step_by(8) {
                    let word = object.word(offset);
                    match &node.refs[offset / 8] {
                        Some(None) => assert_eq!(word, 0),
                        Some(Some(to)) => {
                            assert_ne!(word, 0, "{} lost a reference", layout.name);
                            todo.push((*to, Ref(word)));
                        }
                        None if offset == LENGTH.offset as usize && layout.items != Items::None => {
                            assert_eq!(word, node.items as u64)
                        }
                        None => assert_eq!(word, World::pattern(id, offset), "{} at {offset}", layout.name),
                    }
                }
            }
            if let Some(identity) = node.identity {
                assert_eq!(self.heap.identity(object), identity);
                assert!(ids.insert(identity, id).is_none(), "two live objects of one identity");
            }
        }
    }

    fn verify(&mut self) {
        verify(&mut self.heap, &self.thread, &self.roots);
    }

    fn run(&mut self, steps: usize, keep: usize) {
        for step in 0..steps {
            match self.rng.below(100) {
                0..35 => self.alloc(),
                35..65 => self.store(),
                65..75 => self.load(),
                75..77 => self.identity(),
                _ => {
                    if self.roots.len() > keep || self.rng.below(4) == 0 {
                        self.drop_root()
                    }
                }
            }
            let roots = &mut self.roots;
            let mut visit = |f: &mut dyn FnMut(&mut Ref)| roots.iter_mut().for_each(f);
            match self.rng.below(400) {
                0 => self.heap.collect_all(&mut self.thread, 0, &mut visit),
                1..5 => self.heap.make_old(&mut self.thread, 0, &mut visit),
                5..100 => self.heap.collect_if_wanted(&mut self.thread, 0, &mut visit),
                _ => continue,
            }
            if step % 23 == 0 {
                self.compare();
                self.verify();
            }
        }
    }
}

#[test]
fn random_programs_keep_their_graphs() {
    for seed in 1..=12 {
        let mut world = World::new(seed * 0x9e37_79b9);
        world.run(4_000, 20 * seed as usize);
        world.compare();
        world.verify();
        let stats = world.heap.stats();
        assert!(stats.minor > 20 && stats.major > 1, "{stats:?}");
        assert!(stats.promoted_objects > 100 && stats.freed_bytes > 0, "{stats:?}");
        assert!(stats.remembered_objects > 10 && stats.large_bytes > 0, "{stats:?}");
    }
}

/// More than 255 major collections: the epoch starts again.
#[test]
fn many_major_collections() {
    let mut world = World::new(77);
    for round in 0..600 {
        world.run(20, 60);
        if round % 20 == 0 {
            world.compare();
            world.verify();
        }
        let roots = &mut world.roots;
        world.heap.collect_all(&mut world.thread, 0, &mut |f| roots.iter_mut().for_each(f));
    }
    world.compare();
    assert!(world.heap.stats().major >= 600);
}
