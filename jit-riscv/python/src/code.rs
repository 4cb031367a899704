//! Code objects: what the compiler makes ([`Spec`]) and what the interpreter executes ([`Code`]).
//!
//! A [`Spec`] is plain data. [`Code::link`] turns it into a `Code`, which is never freed and never moves, with the help of [`Link`]: the runtime
//! makes the constants and finds the global variables.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use jit_riscv::language::{GuestCode, Head, Watch};
use jit_riscv::object::Ref;

use crate::bytecode::Op;

/// A constant, as the compiler sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    None,
    True,
    False,
    Ellipsis,
    NotImplemented,
    Int(i64),
    /// Outside the range of an i64: decimal digits, perhaps after a minus.
    BigInt(String),
    /// Bits of the double, so that −0.0 and NaN are constants of their own.
    Float(u64),
    Str(Rc<str>),
    Bytes(Rc<[u8]>),
    Tuple(Vec<Constant>),
}

/// A part of a code that handles exceptions: bytecodes `start..end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handler {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    /// Operands that stay on the stack below the exception.
    pub depth: u32,
}

/// How a code takes its arguments; parameters are the first locals in the order positional, keyword-only, `*args`, `**kwargs`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Parameters {
    /// Positional parameters, positional-only ones included.
    pub positional: u32,
    /// The first of them, which cannot be given by name.
    pub positional_only: u32,
    pub keyword_only: u32,
    /// There is a `*args`.
    pub var_positional: bool,
    /// There is a `**kwargs`.
    pub var_keyword: bool,
}

impl Parameters {
    /// Number of locals that are parameters.
    pub fn count(&self) -> usize {
        (self.positional + self.keyword_only) as usize
            + usize::from(self.var_positional)
            + usize::from(self.var_keyword)
    }

    /// Arguments bind one to one to positional parameters.
    pub fn is_simple(&self) -> bool {
        self.keyword_only == 0 && !self.var_positional && !self.var_keyword
    }
}

/// What kind of source a code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeKind {
    Module,
    Function,
    /// A generator function: begins with [`Op::StartGenerator`].
    Generator,
    Class,
}

/// What the compiler makes of a module, function or class body.
#[derive(Clone, Debug)]
pub struct Spec {
    pub kind: CodeKind,
    /// e.g. `fib`, `<module>`, `<lambda>`.
    pub name: String,
    /// e.g. `C.method`, `f.<locals>.g`.
    pub qualname: String,
    pub file: Rc<str>,
    /// Line of the `def`, 1 for a module.
    pub first_line: u32,
    pub ops: Vec<Op>,
    /// Source line of each bytecode.
    pub lines: Vec<u32>,
    pub constants: Vec<Constant>,
    pub names: Vec<Rc<str>>,
    /// Names of the global variables, by index.
    pub globals: Vec<Rc<str>>,
    pub codes: Vec<Spec>,
    /// Inline caches that the operations refer to.
    pub caches: usize,
    /// Names of locals by slot (free variables included), for messages.
    pub locals: Vec<Rc<str>>,
    /// The first slot of the free variables, and how many there are. They follow the parameters.
    pub free_start: usize,
    pub free_count: usize,
    /// Deepest operand stack.
    pub stack: usize,
    pub parameters: Parameters,
    /// Innermost handlers first.
    pub handlers: Vec<Handler>,
    pub has_loop: bool,
    pub doc: Option<Rc<str>>,
    /// In a class body: how many attributes its methods assign to `self`, as a hint for the size of instances.
    pub self_attributes: Vec<Rc<str>>,
    /// For each bytecode the locals that may still be read, bit n for local n; those from 64 on may always. Empty: all may.
    pub live: Vec<u64>,
}

/// Has the variable been assigned once only?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GlobalState {
    /// Never assigned.
    Unbound,
    /// Assigned once: traces take the value as a constant, under [`Global::watch`].
    Once,
    /// Assigned again or deleted: an ordinary cell.
    Variable,
}

/// A global variable of a module: a CELL object and what is known about it.
pub struct Global {
    pub name: Box<str>,
    /// The CELL that holds the value. It does not move.
    pub cell: Cell<Ref>,
    pub state: Cell<GlobalState>,
    /// Fires when `state` changes.
    pub watch: Watch,
}

impl Global {
    /// `cell`: an empty CELL object that does not move.
    pub fn new(name: &str, cell: Ref) -> Global {
        Global {
            name: name.into(),
            cell: Cell::new(cell),
            state: Cell::new(GlobalState::Unbound),
            watch: Watch::new(),
        }
    }

    /// To be called when the variable is about to be assigned or deleted.
    pub fn changes(&self) {
        match self.state.get() {
            GlobalState::Unbound => self.state.set(GlobalState::Once),
            GlobalState::Once => self.state.set(GlobalState::Variable),
            GlobalState::Variable => return,
        }
        self.watch.fire();
    }
}

/// A global variable as a code refers to it: the module's own, and the built-in of the same name that it hides when it is bound.
#[derive(Clone, Copy)]
pub struct GlobalRef {
    pub module: &'static Global,
    pub builtin: &'static Global,
}

/// A name as an object.
pub struct Name {
    pub text: Box<str>,
    /// The interned str. Does not move.
    pub object: Cell<Ref>,
    /// The str's symbol ([`crate::objects::STR_SYMBOL`]).
    pub symbol: u32,
}

/// What the last lookup at a place gave; see `step::attributes`. Only a memo: it never changes what a lookup answers.
pub struct Cache {
    /// The class word that was looked up, 0 = nothing yet.
    pub class: Cell<u32>,
    /// The VM's count of changes of classes at that time.
    pub epoch: Cell<u32>,
    /// What was found.
    pub found: Cell<Found>,
    /// An object that belongs to it, or null.
    pub object: Cell<Ref>,
    /// The class or module whose attribute it is, where that is what was asked; otherwise null.
    pub receiver: Cell<Ref>,
    /// What it depends on.
    pub watch: Cell<Option<&'static Watch>>,
}

/// How an attribute is to be loaded or stored.
#[derive(Clone, Copy)]
pub enum Found {
    /// Not at all in a quick way: the runtime does it.
    Slow,
    /// In a slot of the instance, at so many bytes.
    Slot(u16),
    /// In the instance's overflow array.
    Overflow(u16),
    /// Stored to a slot at so many bytes, and the instance gets the class word.
    Transition(u16, u32),
    /// A function or built-in of the class ([`Cache::object`]), to be bound.
    Method,
    /// [`Cache::object`] itself.
    Value,
    /// [`Cache::object`] is a property's getter or setter, a function.
    Property,
    /// The module's variable.
    Variable(&'static Global),
}

impl Default for Cache {
    fn default() -> Cache {
        Cache {
            class: Cell::new(0),
            epoch: Cell::new(0),
            found: Cell::new(Found::Slow),
            object: Cell::new(Ref::NULL),
            receiver: Cell::new(Ref::NULL),
            watch: Cell::new(None),
        }
    }
}

/// What [`Code::link`] needs of the runtime. Everything it makes does not move and is kept alive by [`Code::roots`].
pub trait Link {
    fn constant(&mut self, constant: &Constant) -> Ref;
    /// The interned str and its symbol.
    fn name(&mut self, text: &str) -> (Ref, u32);
    /// The variable of the module whose code is linked (MODULE object), made when there is none.
    fn global(&mut self, module: Ref, name: &str) -> &'static Global;
    /// The variable of the module `builtins`, made when there is none.
    fn builtin_global(&mut self, name: &str) -> &'static Global;
    /// The code is complete: its [`Code::roots`] have to be visited from now on.
    fn register(&mut self, code: &'static Code);
}

/// Does the bytecode change slot 0 or 1?
fn assigns_operand(op: &Op) -> bool {
    match op {
        Op::StoreFast(slot) | Op::DeleteFast(slot) | Op::ClearFast(slot) | Op::MakeCell(slot) => *slot < 2,
        Op::StartGenerator(_) => true,
        _ => false,
    }
}

/// Code that can be executed.
pub struct Code {
    pub ops: Box<[Op]>,
    pub heads: Box<[Head]>,
    /// Indexed as [`Spec::constants`].
    pub constants: Box<[Cell<Ref>]>,
    pub names: Box<[Name]>,
    pub globals: Box<[GlobalRef]>,
    pub codes: Box<[&'static Code]>,
    pub caches: Box<[Cache]>,
    pub slots: usize,
    pub locals: usize,
    pub spec: Spec,
    /// The MODULE whose globals the code sees.
    pub module: Cell<Ref>,
    /// `spec.qualname` as a str.
    pub qualname: Cell<Ref>,
    /// Number of positional parameters where arguments bind to them one to one; otherwise `usize::MAX`.
    pub arity: usize,
    /// Number of free variables, which follow the parameters.
    pub free: usize,
    /// The first two locals are never assigned: they are the arguments as they came.
    pub keeps_operands: bool,
    /// The slot that holds the generator in a generator function's frames.
    pub generator: Option<usize>,
    /// What is done with the result: 0, or for a twin what it was made for ([`Code::twin`]).
    pub tag: u64,
    twins: RefCell<Vec<&'static Code>>,
}

impl Code {
    /// Makes executable code of what the compiler made, nested codes included.
    pub fn link(spec: Spec, module: Ref, link: &mut dyn Link) -> &'static Code {
        let mut spec = spec;
        let codes: Box<[&'static Code]> = std::mem::take(&mut spec.codes)
            .into_iter()
            .map(|nested| Code::link(nested, module, link))
            .collect();
        let names = spec
            .names
            .iter()
            .map(|text| {
                let (object, symbol) = link.name(text);
                Name { text: (&**text).into(), object: Cell::new(object), symbol }
            })
            .collect();
        let globals = spec
            .globals
            .iter()
            .map(|name| GlobalRef { module: link.global(module, name), builtin: link.builtin_global(name) })
            .collect();
        let constants = spec.constants.iter().map(|c| Cell::new(link.constant(c))).collect();
        let qualname = link.name(&spec.qualname).0;
        let locals = spec.locals.len();
        let ops: Box<[Op]> = std::mem::take(&mut spec.ops).into();
        let code: &'static Code = Box::leak(Box::new(Code {
            heads: spec.lines.iter().map(|_| Head::new()).collect(),
            constants,
            names,
            globals,
            codes,
            caches: (0..spec.caches).map(|_| Cache::default()).collect(),
            slots: locals + spec.stack,
            locals,
            module: Cell::new(module),
            qualname: Cell::new(qualname),
            arity: if spec.parameters.is_simple() { spec.parameters.positional as usize } else { usize::MAX },
            free: spec.free_count,
            keeps_operands: !ops.iter().any(assigns_operand),
            generator: match ops.first() {
                Some(Op::StartGenerator(slot)) => Some(*slot as usize),
                _ => None,
            },
            tag: 0,
            twins: RefCell::new(Vec::new()),
            ops,
            spec,
        }));
        link.register(code);
        code
    }

    /// The same code for frames whose result is wanted in another form. A code of its own, so that no trace of the one is entered by a frame of the other.
    #[inline]
    pub fn twin(&'static self, tag: u64, link: &mut dyn Link) -> &'static Code {
        if tag == self.tag {
            return self;
        }
        let known = self.twins.borrow().iter().find(|twin| twin.tag == tag).copied();
        known.unwrap_or_else(|| self.make_twin(tag, link))
    }

    #[cold]
    fn make_twin(&'static self, tag: u64, link: &mut dyn Link) -> &'static Code {
        let twin: &'static Code = Box::leak(Box::new(Code {
            ops: self.ops.clone(),
            heads: self.ops.iter().map(|_| Head::new()).collect(),
            constants: self.constants.clone(),
            names: self
                .names
                .iter()
                .map(|n| Name { text: n.text.clone(), object: n.object.clone(), symbol: n.symbol })
                .collect(),
            globals: self.globals.clone(),
            codes: self.codes.clone(),
            caches: self.caches.iter().map(|_| Cache::default()).collect(),
            module: self.module.clone(),
            qualname: self.qualname.clone(),
            spec: self.spec.clone(),
            tag,
            twins: RefCell::new(Vec::new()),
            ..*self
        }));
        self.twins.borrow_mut().push(twin);
        link.register(twin);
        twin
    }

    /// Visits every reference the code holds (not those of nested codes, which are registered themselves).
    pub fn roots(&self, visit: &mut dyn FnMut(&mut Ref)) {
        let mut cell = |cell: &Cell<Ref>| {
            let mut r = cell.get();
            if !r.is_null() {
                visit(&mut r);
                cell.set(r);
            }
        };
        for cache in &self.caches {
            cell(&cache.object);
            cell(&cache.receiver);
        }
        self.constants.iter().for_each(&mut cell);
        self.names.iter().for_each(|name| cell(&name.object));
        cell(&self.module);
        cell(&self.qualname);
    }

    /// Is `pc` where a generator goes on that is suspended in `yield from`?
    pub fn delegates(&self, pc: u32) -> bool {
        match self.ops.get(pc as usize) {
            Some(Op::Jump(target)) => matches!(self.ops[*target as usize], Op::Delegate(_)),
            _ => false,
        }
    }

    /// The handler of an exception at `pc`.
    pub fn handler(&self, pc: u32) -> Option<Handler> {
        self.spec.handlers.iter().find(|h| h.start <= pc && pc < h.end).copied()
    }
}

impl GuestCode for Code {
    type Op = Op;

    #[inline(always)]
    fn op(&self, pc: u32) -> Op {
        debug_assert!((pc as usize) < self.ops.len());
        // SAFETY: the compiler ends every code with Return, Raise or Jump, and all targets are bytecodes of the code.
        unsafe { *self.ops.get_unchecked(pc as usize) }
    }

    fn slots(&self) -> usize {
        self.slots
    }

    fn locals(&self) -> usize {
        self.locals
    }

    fn heads(&self) -> &[Head] {
        &self.heads
    }

    #[expect(clippy::misnamed_getters, reason = "logs want the qualified name")]
    fn name(&self) -> &str {
        &self.spec.qualname
    }

    fn line(&self, pc: u32) -> u32 {
        self.spec.lines.get(pc as usize).copied().unwrap_or(self.spec.first_line)
    }

    fn live_locals(&self, pc: u32) -> u64 {
        match self.spec.live.get(pc as usize) {
            // An operator's method may have to be followed by the other operand's: its two arguments are read at the end.
            Some(live) if self.tag != 0 => live | 3,
            Some(live) => *live,
            None => u64::MAX,
        }
    }

    fn has_loop(&self) -> bool {
        self.spec.has_loop
    }
}
