//! Instance shapes: a class and the names of an instance's attributes in slot order, as one class word.
//!
//! Shapes of a class form a tree of transitions; adding an attribute moves an instance to a child. All shapes of a tree have the same size:
//! the class's capacity when the root was made. Attributes beyond it go to the instance's overflow array, and the class's
//! next root gets more slots.

use std::cell::RefCell;

use jit_riscv::heap::{Items as HeapItems, Layout};
use jit_riscv::object::{ClassId, Field, Ref};

use crate::access;
use crate::objects::*;
use crate::symbols::Sym;
use crate::types::{Native, TypeId};
use crate::vm::Vm;

/// Where an attribute of an instance is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Slot {
    Field(Field),
    /// Index in the array at [`INSTANCE_OVERFLOW`].
    Overflow(usize),
}

/// See the module. Immutable but for its transitions.
pub struct Shape {
    pub class: ClassId,
    pub owner: TypeId,
    /// Attributes in slot order.
    pub names: Vec<Sym>,
    /// Bytes before slot 0.
    pub header: usize,
    /// Slots in the object.
    pub capacity: usize,
    pub root: ClassId,
    transitions: RefCell<Vec<(Sym, ClassId)>>,
}

/// Most slots in an object: the collector's bit map has 64 bits.
const MAX_CAPACITY: usize = 48;

/// Entry of the cache of [`Vm::shape_lookup`]. `slot` is −1 where there is no such attribute.
#[derive(Clone, Copy, Default)]
struct SlotEntry {
    class: u32,
    sym: u32,
    slot: i32,
}

const SLOT_CACHE: usize = 1024;

/// All shapes.
pub struct Shapes {
    /// Index: class word − [`FIRST_SHAPE`].
    list: Vec<&'static Shape>,
    cache: Vec<SlotEntry>,
}

impl Shapes {
    pub(crate) fn new() -> Shapes {
        Shapes { list: Vec::new(), cache: vec![SlotEntry::default(); SLOT_CACHE] }
    }
}

impl Shape {
    /// Place of the attribute with number `slot`.
    pub fn place(&self, slot: usize) -> Slot {
        if slot < self.capacity {
            Slot::Field(slot_field(self.header + 8 * slot))
        } else {
            Slot::Overflow(slot - self.capacity)
        }
    }
}

impl Vm {
    /// The shape with a class word, which is one.
    #[inline(always)]
    pub fn shape(&self, class: ClassId) -> &'static Shape {
        self.shapes.list[(class.0 - FIRST_SHAPE) as usize]
    }

    fn add_shape(
        &mut self,
        owner: TypeId,
        names: Vec<Sym>,
        header: usize,
        capacity: usize,
        root: Option<ClassId>,
    ) -> ClassId {
        let words = header / 8 + capacity;
        let mut refs = ((1u64 << words) - 1) & !1;
        if header == EXCEPTION_HEADER {
            refs &= !(1 << (EXC_SUPPRESS.offset / 8));
        }
        let layout = Layout { name: "instance", size: words * 8, refs, items: HeapItems::None };
        let class = self.heap.add_class(layout);
        self.shapes.list.push(Box::leak(Box::new(Shape {
            class,
            owner,
            names,
            header,
            capacity,
            root: root.unwrap_or(class),
            transitions: RefCell::new(Vec::new()),
        })));
        class
    }

    /// The shape of a new instance of a class. Holds until the class's watch fires.
    pub fn root_shape(&mut self, id: TypeId) -> ClassId {
        let info = self.type_info(id);
        if let Some(shape) = info.root_shape.get() {
            return shape;
        }
        let header = if info.native == Native::Exception { EXCEPTION_HEADER } else { INSTANCE_HEADER };
        let capacity = info.capacity.get().min(MAX_CAPACITY);
        let shape = self.add_shape(id, Vec::new(), header, capacity, None);
        self.type_info(id).root_shape.set(Some(shape));
        shape
    }

    /// Where the instances of a shape have an attribute. The same answer for ever.
    pub fn shape_lookup(&mut self, class: ClassId, sym: Sym) -> Option<Slot> {
        let at = (class.0.wrapping_mul(61) ^ sym.0) as usize % SLOT_CACHE;
        let shape = self.shape(class);
        let e = self.shapes.cache[at];
        let slot = if e.class == class.0 && e.sym == sym.0 {
            e.slot
        } else {
            let slot = shape.names.iter().position(|n| *n == sym).map_or(-1, |i| i as i32);
            self.shapes.cache[at] = SlotEntry { class: class.0, sym: sym.0, slot };
            slot
        };
        (slot >= 0).then(|| shape.place(slot as usize))
    }

    /// The shape after adding an attribute that the shape does not have, and where that is. The same answer for ever.
    pub fn shape_add(&mut self, class: ClassId, sym: Sym) -> (ClassId, Slot) {
        let shape = self.shape(class);
        let place = shape.place(shape.names.len());
        let known = shape.transitions.borrow().iter().find(|t| t.0 == sym).map(|t| t.1);
        if let Some(next) = known {
            return (next, place);
        }
        let mut names = shape.names.clone();
        names.push(sym);
        let count = names.len();
        let next = self.add_shape(shape.owner, names, shape.header, shape.capacity, Some(shape.root));
        shape.transitions.borrow_mut().push((sym, next));
        // Instances outgrow their slots: later ones get more.
        let info = self.type_info(shape.owner);
        if count > shape.capacity
            && shape.capacity < MAX_CAPACITY
            && info.root_shape.get() == Some(shape.root)
        {
            info.capacity.set((shape.capacity * 2).clamp(4, MAX_CAPACITY));
            info.root_shape.set(None);
            self.class_changed(shape.owner);
        }
        (next, place)
    }

    /// An instance without attributes.
    pub fn new_instance(&mut self, id: TypeId) -> Ref {
        let shape = self.root_shape(id);
        self.heap.alloc(&mut self.thread, shape)
    }

    /// The instance's own attribute, or null.
    pub fn instance_get(&mut self, object: Ref, sym: Sym) -> Ref {
        match self.shape_lookup(access::class(object), sym) {
            Some(slot) => self.slot_get(object, slot),
            None => Ref::NULL,
        }
    }

    pub fn slot_get(&self, object: Ref, slot: Slot) -> Ref {
        match slot {
            Slot::Field(field) => access::get_ref(object, field),
            Slot::Overflow(i) => access::item(access::get_ref(object, INSTANCE_OVERFLOW), i),
        }
    }

    fn slot_set(&mut self, object: Ref, slot: Slot, value: Ref) {
        match slot {
            Slot::Field(field) => self.put(object, field, value),
            Slot::Overflow(i) => {
                let overflow = access::get_ref(object, INSTANCE_OVERFLOW);
                let old = if overflow.is_null() { 0 } else { access::length(overflow) };
                if i < old {
                    self.put_item(overflow, i, value);
                    return;
                }
                let larger = self.ref_array((i + 1).next_power_of_two().max(4));
                for k in 0..old {
                    access::init_item(larger, k, access::item(overflow, k));
                }
                access::init_item(larger, i, value);
                self.put(object, INSTANCE_OVERFLOW, larger);
            }
        }
    }

    /// Sets an instance's own attribute; a new one changes its shape.
    pub fn instance_set(&mut self, object: Ref, sym: Sym, value: Ref) {
        let class = access::class(object);
        match self.shape_lookup(class, sym) {
            Some(slot) => self.slot_set(object, slot, value),
            None => {
                let (next, slot) = self.shape_add(class, sym);
                self.slot_set(object, slot, value);
                access::set_class(object, next);
            }
        }
    }

    /// Removes an instance's own attribute. False where there is none.
    pub fn instance_delete(&mut self, object: Ref, sym: Sym) -> bool {
        let shape = self.shape(access::class(object));
        let Some(gone) = shape.names.iter().position(|n| *n == sym) else { return false };
        let values: Vec<Ref> =
            (0..shape.names.len()).map(|i| self.slot_get(object, shape.place(i))).collect();
        access::set_class(object, shape.root);
        for (i, name) in shape.names.iter().enumerate() {
            if i != gone {
                self.instance_set(object, *name, values[i]);
            }
        }
        // The last slot is free again; a stale reference in it would only keep its object alive.
        self.slot_set(object, shape.place(shape.names.len() - 1), Ref::NULL);
        true
    }
}
