//! The VM: what the runtime keeps outside the heap.

use std::path::PathBuf;
use std::time::Instant;

use jit_riscv::heap::{Config, Heap, Items as HeapItems, LARGE, Layout};
use jit_riscv::language;
use jit_riscv::object::{ClassId, Field, LENGTH, Ref};
use jit_riscv::thread::Thread;

use crate::access;
use crate::code::{Code, Constant, Global, GlobalState, Link};
use crate::modules::Modules;
use crate::objects::*;
use crate::runtime::output::Files;
use crate::runtime::{bigint, hash};
use crate::shapes::Shapes;
use crate::symbols::{Sym, Symbols};
use crate::types::Types;

/// Runs a callable that is not a function of the runtime; no collection happens meanwhile. Err: the exception.
pub type NestedCall = fn(&mut Vm, Ref, &[Ref]) -> Result<Ref, Ref>;

/// See the module. The framework finds the [`Thread`] at its start.
#[repr(C)]
pub struct Vm {
    pub thread: Thread,
    pub heap: Heap,
    pub none: Ref,
    pub true_: Ref,
    pub false_: Ref,
    pub not_implemented: Ref,
    pub ellipsis: Ref,
    pub empty_tuple: Ref,
    pub empty_str: Ref,
    /// Counts changes of classes: what was looked up in an earlier epoch may not hold any more.
    pub epoch: u32,
    pub symbols: Symbols,
    pub types: Types,
    pub shapes: Shapes,
    pub modules: Modules,
    pub files: Files,
    /// The strings of one ASCII character, made when needed.
    chars: [Ref; 128],
    codes: Vec<&'static Code>,
    /// How [`crate::runtime::callback`] runs Python functions.
    pub nested_call: NestedCall,
    /// Depth of nested runs and of recursion in the runtime (repr, comparison).
    pub nesting: u32,
    /// Address on the native stack where that recursion began.
    pub stack_base: usize,
    /// Objects whose repr is being made.
    pub(crate) in_repr: Vec<Ref>,
    /// What `sys.setrecursionlimit` was told; the interpreter's stack has its own size.
    pub recursion_limit: i64,
    /// `sys.argv`.
    pub args: Vec<String>,
    /// Where `import` looks for modules.
    pub script_dir: PathBuf,
    /// Source that was given with `-c`, for tracebacks.
    pub command: Option<String>,
    pub started: Instant,
}

fn no_nested_call(vm: &mut Vm, _callable: Ref, _args: &[Ref]) -> Result<Ref, Ref> {
    let message = "the runtime cannot call Python functions here";
    Err(vm.new_exception(crate::types::RUNTIME_ERROR, message))
}

impl Vm {
    /// A VM with the default heap.
    ///
    /// # Errors
    /// The operating system's, when there is no address space for the heap.
    pub fn new() -> std::io::Result<Box<Vm>> {
        Vm::with_heap(Config::default())
    }

    /// # Errors
    /// As [`Vm::new`].
    pub fn with_heap(config: Config) -> std::io::Result<Box<Vm>> {
        // SAFETY: a thread consists of integers and raw pointers, for which zero is a value.
        let mut thread: Thread = unsafe { std::mem::zeroed() };
        let heap = Heap::with_config(&mut thread, config)?;
        let mut vm = Box::new(Vm {
            thread,
            heap,
            none: Ref::NULL,
            true_: Ref::NULL,
            false_: Ref::NULL,
            not_implemented: Ref::NULL,
            ellipsis: Ref::NULL,
            empty_tuple: Ref::NULL,
            empty_str: Ref::NULL,
            epoch: 1,
            symbols: Symbols::new(),
            types: Types::new(),
            shapes: Shapes::new(),
            modules: Modules::new(),
            files: Files::new(),
            chars: [Ref::NULL; 128],
            codes: Vec::new(),
            nested_call: no_nested_call,
            nesting: 0,
            stack_base: 0,
            in_repr: Vec::new(),
            recursion_limit: 1000,
            args: Vec::new(),
            script_dir: PathBuf::new(),
            command: None,
            started: Instant::now(),
        });
        for l in LAYOUTS {
            let items = match l.items {
                Items::None => HeapItems::None,
                Items::Words => HeapItems::Words,
                Items::Refs => HeapItems::Refs,
                Items::Bytes => HeapItems::Bytes,
            };
            let id = vm.heap.add_class(Layout { name: l.name, size: l.words * 8, refs: l.refs, items });
            debug_assert_eq!(id, l.class);
        }
        vm.none = vm.new_object(NONE);
        vm.true_ = vm.new_object(BOOL);
        access::set_int(vm.true_, BOOL_VALUE, 1);
        vm.false_ = vm.new_object(BOOL);
        vm.not_implemented = vm.new_object(NOT_IMPLEMENTED);
        vm.ellipsis = vm.new_object(ELLIPSIS);
        vm.empty_tuple = vm.new_items(TUPLE, 0);
        vm.intern_known();
        vm.empty_str = vm.symbol_object(crate::symbols::EMPTY);
        vm.make_builtin_types();
        vm.make_first_modules();
        Ok(vm)
    }

    /// A zeroed fixed-size object.
    #[inline(always)]
    pub fn new_object(&mut self, class: ClassId) -> Ref {
        self.heap.alloc(&mut self.thread, class)
    }

    /// A zeroed object with `n` items. Memory exhaustion ends the process: use [`try_alloc_items`](Heap::try_alloc_items) for numbers a program chooses.
    #[inline(always)]
    pub fn new_items(&mut self, class: ClassId, n: usize) -> Ref {
        self.heap.alloc_items(&mut self.thread, class, n)
    }

    /// An INT_ARRAY, FLOAT_ARRAY or REF_ARRAY of `n` items, of which the first `filled` are garbage: to be stored before anything
    /// else happens.
    #[inline]
    pub fn new_array(&mut self, class: ClassId, n: usize, filled: usize) -> Ref {
        let bytes = ARRAY_REFS.base as usize + 8 * n;
        if bytes > LARGE {
            return self.new_items(class, n);
        }
        let r = self.heap.alloc_raw(&mut self.thread, class, bytes);
        access::set_int(r, LENGTH, n as i64);
        for i in filled..n {
            access::set_word(r, i, 0);
        }
        r
    }

    /// Stores a reference into a field, with the write barrier.
    #[inline(always)]
    pub fn put(&mut self, object: Ref, field: Field, value: Ref) {
        self.heap.store_ref(object, field.offset as usize, value);
    }

    /// Stores a reference as item of a REF_ARRAY or TUPLE, with the write barrier.
    #[inline(always)]
    pub fn put_item(&mut self, array: Ref, index: usize, value: Ref) {
        debug_assert!(index < access::length(array));
        self.heap.store_item_ref(array, 16, index, value);
    }

    #[inline(always)]
    pub fn bool(&self, v: bool) -> Ref {
        if v { self.true_ } else { self.false_ }
    }

    #[inline(always)]
    pub fn int(&mut self, v: i64) -> Ref {
        let r = self.heap.alloc_raw(&mut self.thread, INT, 16);
        access::set_int(r, INT_VALUE, v);
        r
    }

    #[inline(always)]
    pub fn float(&mut self, v: f64) -> Ref {
        let r = self.heap.alloc_raw(&mut self.thread, FLOAT, 16);
        access::set_int(r, FLOAT_VALUE, v.to_bits() as i64);
        r
    }

    pub fn usize(&mut self, v: usize) -> Ref {
        self.int(v as i64)
    }

    /// A STR of `len` bytes and `chars` code points whose text is garbage: to be filled with UTF-8 before anything else happens.
    #[inline]
    pub fn new_str(&mut self, len: usize, chars: usize) -> Ref {
        let bytes = STR_BYTES.base as usize + len.next_multiple_of(8);
        if bytes > LARGE {
            let r = self.new_items(STR, len);
            access::set_int(r, STR_CHARS, chars as i64);
            return r;
        }
        let r = self.heap.alloc_raw(&mut self.thread, STR, bytes);
        access::set_int(r, LENGTH, len as i64);
        access::set_int(r, STR_HASH, 0);
        access::set_int(r, STR_CHARS, chars as i64);
        access::set_int(r, STR_SYMBOL, 0);
        // What follows the text in the last word is zero. In an empty string this is the symbol once more.
        access::set_last_word(r, bytes, 0);
        r
    }

    pub fn str(&mut self, text: &str) -> Ref {
        let chars = if text.is_ascii() { text.len() } else { text.chars().count() };
        self.str_counted(text.as_bytes(), chars)
    }

    /// A STR from UTF-8 with a known number of code points.
    #[inline]
    pub fn str_counted(&mut self, utf8: &[u8], chars: usize) -> Ref {
        let r = self.new_str(utf8.len(), chars);
        access::copy_text(access::bytes_mut(r), utf8);
        r
    }

    /// The STR of one character; those of ASCII are shared.
    pub fn char(&mut self, c: char) -> Ref {
        if c.is_ascii() {
            return self.ascii_char(c as u8);
        }
        let mut buffer = [0; 4];
        let utf8 = c.encode_utf8(&mut buffer);
        self.str_counted(utf8.as_bytes(), 1)
    }

    /// `c` is below 128.
    #[inline]
    pub fn ascii_char(&mut self, c: u8) -> Ref {
        let known = self.chars[c as usize & 127];
        if !known.is_null() {
            return known;
        }
        let r = self.str_counted(&[c], 1);
        self.chars[c as usize & 127] = r;
        r
    }

    pub fn bytes(&mut self, contents: &[u8]) -> Ref {
        let r = self.new_items(BYTES, contents.len());
        // SAFETY: a fresh object of that many bytes.
        unsafe {
            std::ptr::copy_nonoverlapping(
                contents.as_ptr(),
                (r.0 + BYTES_BYTES.base as u64) as *mut u8,
                contents.len(),
            );
        }
        r
    }

    pub fn tuple(&mut self, items: &[Ref]) -> Ref {
        if items.is_empty() {
            return self.empty_tuple;
        }
        let bytes = TUPLE_ITEMS.base as usize + 8 * items.len();
        let r = if bytes > LARGE {
            self.new_items(TUPLE, items.len())
        } else {
            let r = self.heap.alloc_raw(&mut self.thread, TUPLE, bytes);
            access::set_int(r, LENGTH, items.len() as i64);
            r
        };
        for (i, item) in items.iter().enumerate() {
            access::init_item(r, i, *item);
        }
        r
    }

    pub fn ref_array(&mut self, n: usize) -> Ref {
        self.new_items(REF_ARRAY, n)
    }

    /// A builtin function object.
    pub fn builtin(&mut self, entry: &'static crate::builtins::Builtin) -> Ref {
        let r = self.new_object(BUILTIN);
        access::set_int(r, BUILTIN_ENTRY, entry as *const _ as i64);
        r
    }

    /// An empty CELL.
    pub fn cell(&mut self) -> Ref {
        self.new_object(CELL)
    }

    /// Code objects that are alive (all that were ever linked).
    pub fn codes(&self) -> &[&'static Code] {
        &self.codes
    }

    /// Binds a global from the runtime.
    pub fn set_global(&mut self, global: &Global, value: Ref) {
        global.changes();
        self.put(global.cell.get(), CELL_VALUE, value);
    }
}

impl language::Vm for Vm {
    fn thread(&mut self) -> &mut Thread {
        &mut self.thread
    }

    fn heap(&mut self) -> &mut Heap {
        &mut self.heap
    }

    fn class_is_final(&mut self, class: ClassId) -> bool {
        // Lists change their strategy, instances their shape.
        !is_list(class) && !is_shape(class)
    }

    fn is_value_class(&mut self, class: ClassId) -> bool {
        class == INT || class == FLOAT
    }

    fn boxed(&mut self, class: ClassId) -> Option<Field> {
        match class {
            INT => Some(INT_VALUE),
            FLOAT => Some(FLOAT_VALUE),
            _ => None,
        }
    }

    fn roots(&mut self, visit: &mut dyn FnMut(&mut Ref)) {
        for r in [
            &mut self.none,
            &mut self.true_,
            &mut self.false_,
            &mut self.not_implemented,
            &mut self.ellipsis,
            &mut self.empty_tuple,
            &mut self.empty_str,
            &mut self.thread.exception,
        ] {
            visit(r);
        }
        self.chars.iter_mut().for_each(&mut *visit);
        self.symbols.objects.iter_mut().for_each(&mut *visit);
        self.in_repr.iter_mut().for_each(&mut *visit);
        self.types.roots(visit);
        self.modules.roots(visit);
        for code in &self.codes {
            code.roots(visit);
        }
    }
}

impl Link for Vm {
    fn constant(&mut self, constant: &Constant) -> Ref {
        match constant {
            Constant::None => self.none,
            Constant::True => self.true_,
            Constant::False => self.false_,
            Constant::Ellipsis => self.ellipsis,
            Constant::NotImplemented => self.not_implemented,
            Constant::Int(v) => self.int(*v),
            Constant::BigInt(digits) => bigint::parse(self, digits, 10).unwrap_or(self.none),
            Constant::Float(bits) => self.float(f64::from_bits(*bits)),
            Constant::Str(text) => {
                // Short strings may be compared with or used as names and keys: shared ones are found by identity.
                if text.len() <= 32 {
                    let sym = self.intern(text);
                    return self.symbol_object(sym);
                }
                let r = self.str(text);
                hash::str_hash(r);
                r
            }
            Constant::Bytes(contents) => self.bytes(contents),
            Constant::Tuple(items) => {
                let items: Vec<Ref> = items.iter().map(|c| self.constant(c)).collect();
                self.tuple(&items)
            }
        }
    }

    fn name(&mut self, text: &str) -> (Ref, u32) {
        let sym = self.intern(text);
        (self.symbol_object(sym), sym.0)
    }

    fn global(&mut self, module: Ref, name: &str) -> &'static Global {
        let sym = self.intern(name);
        self.module_global(module, sym)
    }

    fn builtin_global(&mut self, name: &str) -> &'static Global {
        let sym = self.intern(name);
        let module = self.modules.builtins();
        self.module_global(module, sym)
    }

    fn register(&mut self, code: &'static Code) {
        self.codes.push(code);
    }
}

/// A global of the runtime's making: bound once.
pub(crate) fn bound_global(vm: &mut Vm, sym: Sym, value: Ref) -> &'static Global {
    let cell = vm.cell();
    let global = Box::leak(Box::new(Global::new(vm.symbol_text(sym), cell)));
    if !value.is_null() {
        access::init_ref(cell, CELL_VALUE, value);
        global.state.set(GlobalState::Once);
    }
    global
}
