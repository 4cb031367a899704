//! What a language provides to be interpreted and traced.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::domain::{Domain, Fallible, Next};
use crate::heap::Heap;
use crate::object::{ClassId, Field, Ref};
use crate::thread::Thread;

/// A language on the framework.
pub trait Language: Sized + 'static {
    /// Code of a function. Never freed, never moved.
    type Code: GuestCode<Op = Self::Op>;
    /// One bytecode with its operands; a few bytes.
    type Op: Copy + Debug;
    /// The runtime's state. `#[repr(C)]`, begins with its [`Thread`].
    type Vm: Vm;

    /// Executes one bytecode.
    fn step<D: Domain<Lang = Self>>(d: &mut D, op: Self::Op) -> Fallible<D, Next<D::R>>;

    /// An exception is on its way through the current frame, at `d.pc()`. Where the frame handles it: cut the operand stack, push
    /// what the handler expects and answer where to go on; otherwise None, and the frame is left. Also records tracebacks.
    fn unwind<D: Domain<Lang = Self>>(d: &mut D, exception: D::R) -> Option<u32>;
}

/// Code of a guest function.
pub trait GuestCode {
    type Op: Copy;
    /// The bytecode at `pc`.
    fn op(&self, pc: u32) -> Self::Op;
    /// Slots of a frame: locals and the deepest operand stack.
    fn slots(&self) -> usize;
    /// Number of locals: the operand stack starts there.
    fn locals(&self) -> usize;
    /// A head per bytecode.
    fn heads(&self) -> &[Head];
    /// The function's name, for logs.
    fn name(&self) -> &str;
    /// Source line of a bytecode.
    fn line(&self, pc: u32) -> u32;
    /// The locals that may still be read when the bytecode at `pc` begins: bit n for local n. Locals from 64 on may always be.
    fn live_locals(&self, _pc: u32) -> u64 {
        u64::MAX
    }
    /// Contains a loop: calls of it are not inlined into traces.
    fn has_loop(&self) -> bool;
}

/// The runtime's state, as the framework sees it.
pub trait Vm {
    fn thread(&mut self) -> &mut Thread;
    fn heap(&mut self) -> &mut Heap;
    /// Calls `visit` for every reference that the runtime keeps outside the heap and the frames (constants, interned
    /// strings, modules, …).
    fn roots(&mut self, visit: &mut dyn FnMut(&mut Ref));
    /// Objects of this class never change their class word.
    fn class_is_final(&mut self, _class: ClassId) -> bool {
        false
    }
    /// Objects of this class are immutable and their identity does not matter: traces may copy and unbox them freely.
    fn is_value_class(&mut self, _class: ClassId) -> bool {
        false
    }
    /// The objects of this value class are nothing but this one word (16 bytes with the header), an integer or a double: they can be
    /// passed from trace to trace by it.
    fn boxed(&mut self, _class: ClassId) -> Option<Field> {
        None
    }
}

/// Machine code that returns to the interpreter: set once, before any code object is made.
pub(crate) static TO_INTERPRETER: AtomicU64 = AtomicU64::new(0);

/// A place where machine code may start: a loop's first bytecode, a function's entry, a return point.
/// `entry` is at offset 0: machine code jumps through it.
#[repr(C)]
pub struct Head {
    /// Machine code for this place, or the way back to the interpreter.
    pub entry: Cell<u64>,
    /// How often the interpreter came here; [`Head::COMPILED`] and [`Head::NEVER`] are special.
    pub count: Cell<u32>,
}

impl Head {
    /// `entry` is a trace.
    pub const COMPILED: u32 = u32::MAX;
    /// Not to be traced (again).
    pub const NEVER: u32 = u32::MAX - 1;

    /// A head without a trace: machine code that jumps to it returns to the interpreter.
    pub fn new() -> Head {
        Head { entry: Cell::new(TO_INTERPRETER.load(Ordering::Relaxed)), count: Cell::new(0) }
    }

    /// Takes the head's trace away.
    pub fn reset(&self) {
        self.entry.set(TO_INTERPRETER.load(Ordering::Relaxed));
        self.count.set(0);
    }
}

impl Default for Head {
    fn default() -> Self {
        Head::new()
    }
}

/// Something that traces assume not to change: a global that is assigned once, a class that is complete.
#[derive(Default)]
pub struct Watch {
    /// Traces that assume it.
    traces: RefCell<Vec<u32>>,
    /// Times that it has changed.
    changes: Cell<u32>,
}

/// What a recording assumed: it holds as long as the watch has not fired since.
#[derive(Clone, Copy, Debug)]
pub struct Assumption {
    pub watch: *const Watch,
    changes: u32,
}

impl Assumption {
    pub fn new(watch: &Watch) -> Assumption {
        Assumption { watch, changes: watch.changes.get() }
    }

    /// # Safety
    /// The watch still exists.
    pub unsafe fn holds(&self) -> bool {
        // SAFETY: by the contract above.
        unsafe { (*self.watch).changes.get() == self.changes }
    }
}

impl Watch {
    pub const fn new() -> Watch {
        Watch { traces: RefCell::new(Vec::new()), changes: Cell::new(0) }
    }

    /// The trace relies on it.
    pub fn depend(&self, trace: u32) {
        let mut traces = self.traces.borrow_mut();
        if !traces.contains(&trace) {
            traces.push(trace);
        }
    }

    /// It has changed: no trace that relied on it continues past its next `guard_not_invalidated`, nor is entered again.
    pub fn fire(&self) {
        self.changes.set(self.changes.get().wrapping_add(1));
        let traces = std::mem::take(&mut *self.traces.borrow_mut());
        if !traces.is_empty() {
            crate::driver::invalidate(&traces);
        }
    }
}
