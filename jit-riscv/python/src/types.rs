//! Classes: what the runtime knows of each ([`TypeInfo`]), the search along the MRO, and the built-in ones.
//!
//! A class is a TYPE object with a number, its [`TypeId`]. Classes are never freed. Facts about a class that traces may rely
//! on are covered by [`TypeInfo::watch`]; [`Vm::epoch`] counts every change of any class, for caches outside traces.

use std::cell::Cell;

use jit_riscv::language::Watch;
use jit_riscv::object::{ClassId, Ref};

use crate::access;
use crate::builtins::{self, Builtin};
use crate::objects::*;
use crate::symbols::Sym;
use crate::vm::Vm;

/// Number of a class.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct TypeId(pub u32);

/// How instances of a class look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Native {
    /// By shape, slots from [`INSTANCE_HEADER`].
    Instance,
    /// By shape, slots from [`EXCEPTION_HEADER`].
    Exception,
    /// A built-in layout; cannot be a base class.
    Fixed,
}

/// A built-in class as a constant.
pub struct BuiltinType {
    pub name: &'static str,
    pub base: TypeId,
    pub native: Native,
    pub methods: &'static [&'static [Builtin]],
    /// What calling the class does; gets the arguments without the class.
    pub new: Option<&'static Builtin>,
}

/// Symbols and what belongs to them, in the order of insertion.
#[derive(Default)]
pub struct SymTable<T> {
    pub keys: Vec<Sym>,
    pub values: Vec<T>,
    /// Open addressing on the symbol; 0 = free, otherwise index + 1. Empty in small tables.
    index: Vec<u32>,
}

impl<T> SymTable<T> {
    pub const fn new() -> SymTable<T> {
        SymTable { keys: Vec::new(), values: Vec::new(), index: Vec::new() }
    }

    #[inline]
    pub fn find(&self, sym: Sym) -> Option<usize> {
        if self.index.is_empty() {
            return self.keys.iter().position(|k| *k == sym);
        }
        let mask = self.index.len() - 1;
        let mut at = sym.0 as usize & mask;
        loop {
            match self.index[at] {
                0 => return None,
                n if self.keys[n as usize - 1] == sym => return Some(n as usize - 1),
                _ => at = (at + 1) & mask,
            }
        }
    }

    pub fn get(&self, sym: Sym) -> Option<&T> {
        self.find(sym).map(|i| &self.values[i])
    }

    /// Adds a symbol that is not in the table.
    pub fn add(&mut self, sym: Sym, value: T) -> usize {
        self.keys.push(sym);
        self.values.push(value);
        let n = self.keys.len();
        if n > 8 && n * 2 > self.index.len() {
            let mask = (n * 4).next_power_of_two() - 1;
            self.index.clear();
            self.index.resize(mask + 1, 0);
            for (i, key) in self.keys.iter().enumerate() {
                let mut at = key.0 as usize & mask;
                while self.index[at] != 0 {
                    at = (at + 1) & mask;
                }
                self.index[at] = i as u32 + 1;
            }
        } else if !self.index.is_empty() {
            let mask = self.index.len() - 1;
            let mut at = sym.0 as usize & mask;
            while self.index[at] != 0 {
                at = (at + 1) & mask;
            }
            self.index[at] = n as u32;
        }
        n - 1
    }
}

/// What the runtime knows of a class.
pub struct TypeInfo {
    pub id: TypeId,
    pub name: Sym,
    pub qualname: Ref,
    /// Name of the module that defines it.
    pub module: Sym,
    /// The TYPE object.
    pub object: Ref,
    pub bases: Vec<TypeId>,
    /// The class itself first, `object` last.
    pub mro: Vec<TypeId>,
    pub native: Native,
    /// The class's own attributes; null = deleted. Built-in methods are added when they are first asked for.
    pub attrs: SymTable<Ref>,
    pub methods: &'static [&'static [Builtin]],
    /// What calling a built-in class does; inherited by exceptions only.
    pub new: Option<&'static Builtin>,
    /// Shape of an instance without attributes; None until the first one.
    pub root_shape: Cell<Option<ClassId>>,
    /// Slots of a new instance.
    pub capacity: Cell<usize>,
    /// Written in Python.
    pub heap_type: bool,
    /// Fires when an attribute of the class or of one of its bases, or `root_shape`, changes.
    pub watch: &'static Watch,
    /// Direct subclasses.
    pub subclasses: Vec<TypeId>,
}

macro_rules! builtin_types {
    ($($(#[$doc:meta])* $name:ident: $label:literal, $base:ident, $native:ident, $methods:expr, $new:expr;)*) => {
        #[repr(u32)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { $($name),* }
        $($(#[$doc])* pub const $name: TypeId = TypeId(Number::$name as u32);)*
        /// All built-in classes, by [`TypeId`].
        static BUILTIN_TYPES: &[BuiltinType] = &[
            $(BuiltinType { name: $label, base: $base, native: Native::$native, methods: $methods, new: $new }),*
        ];
    };
}

use builtins as b;

builtin_types! {
    T_OBJECT: "object", T_OBJECT, Instance, &[b::object::METHODS], Some(&b::object::NEW);
    T_TYPE: "type", T_OBJECT, Fixed, &[b::object::TYPE_METHODS], Some(&b::object::TYPE_NEW);
    T_NONE: "NoneType", T_OBJECT, Fixed, &[], None;
    T_INT: "int", T_OBJECT, Fixed, &[b::numbers::INT_METHODS], Some(&b::numbers::INT_NEW);
    T_BOOL: "bool", T_INT, Fixed, &[], Some(&b::numbers::BOOL_NEW);
    T_FLOAT: "float", T_OBJECT, Fixed, &[b::numbers::FLOAT_METHODS], Some(&b::numbers::FLOAT_NEW);
    T_STR: "str", T_OBJECT, Fixed, &[b::str::METHODS], Some(&b::str::NEW);
    T_BYTES: "bytes", T_OBJECT, Fixed, &[b::bytes::METHODS], Some(&b::bytes::NEW);
    T_TUPLE: "tuple", T_OBJECT, Fixed, &[b::sequence::TUPLE_METHODS], Some(&b::sequence::TUPLE_NEW);
    T_LIST: "list", T_OBJECT, Fixed, &[b::list::METHODS], Some(&b::list::NEW);
    T_DICT: "dict", T_OBJECT, Fixed, &[b::dict::METHODS], Some(&b::dict::NEW);
    T_DEFAULTDICT: "collections.defaultdict", T_DICT, Fixed, &[b::dict::DEFAULTDICT_METHODS], Some(&b::dict::DEFAULTDICT_NEW);
    T_SET: "set", T_OBJECT, Fixed, &[b::set::SET_METHODS, b::set::METHODS], Some(&b::set::NEW);
    T_FROZENSET: "frozenset", T_OBJECT, Fixed, &[b::set::METHODS], Some(&b::set::FROZENSET_NEW);
    T_RANGE: "range", T_OBJECT, Fixed, &[b::sequence::RANGE_METHODS], Some(&b::sequence::RANGE_NEW);
    T_SLICE: "slice", T_OBJECT, Fixed, &[b::sequence::SLICE_METHODS], Some(&b::sequence::SLICE_NEW);
    T_FUNCTION: "function", T_OBJECT, Fixed, &[b::object::FUNCTION_METHODS], None;
    T_BUILTIN: "builtin_function_or_method", T_OBJECT, Fixed, &[b::object::BUILTIN_METHODS], None;
    T_METHOD: "method", T_OBJECT, Fixed, &[b::object::METHOD_METHODS], None;
    T_CELL: "cell", T_OBJECT, Fixed, &[], None;
    T_MODULE: "module", T_OBJECT, Fixed, &[b::object::MODULE_METHODS], None;
    T_SUPER: "super", T_OBJECT, Fixed, &[], Some(&b::object::SUPER_NEW);
    T_PROPERTY: "property", T_OBJECT, Fixed, &[b::object::PROPERTY_METHODS], Some(&b::object::PROPERTY_NEW);
    T_STATICMETHOD: "staticmethod", T_OBJECT, Fixed, &[], Some(&b::object::STATICMETHOD_NEW);
    T_CLASSMETHOD: "classmethod", T_OBJECT, Fixed, &[], Some(&b::object::CLASSMETHOD_NEW);
    T_TRACEBACK: "traceback", T_OBJECT, Fixed, &[], None;
    T_GENERATOR: "generator", T_OBJECT, Fixed, &[b::generator::METHODS], None;
    T_NOT_IMPLEMENTED: "NotImplementedType", T_OBJECT, Fixed, &[], None;
    T_ELLIPSIS: "ellipsis", T_OBJECT, Fixed, &[], None;
    T_RANGE_ITER: "range_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_LIST_ITER: "list_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_LIST_REVERSE_ITER: "list_reverseiterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_TUPLE_ITER: "tuple_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_STR_ITER: "str_ascii_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_BYTES_ITER: "bytes_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_DICT_KEY_ITER: "dict_keyiterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_DICT_VALUE_ITER: "dict_valueiterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_DICT_ITEM_ITER: "dict_itemiterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_SET_ITER: "set_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_DICT_KEYS: "dict_keys", T_OBJECT, Fixed, &[b::dict::VIEW_METHODS], None;
    T_DICT_VALUES: "dict_values", T_OBJECT, Fixed, &[b::dict::VIEW_METHODS], None;
    T_DICT_ITEMS: "dict_items", T_OBJECT, Fixed, &[b::dict::VIEW_METHODS], None;
    T_ENUMERATE: "enumerate", T_OBJECT, Fixed, &[b::iter::METHODS], Some(&b::iter::ENUMERATE_NEW);
    T_ZIP: "zip", T_OBJECT, Fixed, &[b::iter::METHODS], Some(&b::iter::ZIP_NEW);
    T_MAP: "map", T_OBJECT, Fixed, &[b::iter::METHODS], Some(&b::iter::MAP_NEW);
    T_FILTER: "filter", T_OBJECT, Fixed, &[b::iter::METHODS], Some(&b::iter::FILTER_NEW);
    T_REVERSED: "reversed", T_OBJECT, Fixed, &[b::iter::METHODS], Some(&b::iter::REVERSED_NEW);
    T_CALL_ITER: "callable_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_SEQUENCE_ITER: "iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_DEQUE: "collections.deque", T_OBJECT, Fixed, &[b::deque::METHODS], Some(&b::deque::NEW);
    T_DEQUE_ITER: "_collections._deque_iterator", T_OBJECT, Fixed, &[b::iter::METHODS], None;
    T_FILE: "_io.TextIOWrapper", T_OBJECT, Fixed, &[b::file::METHODS], None;
    T_RANDOM: "random.Random", T_OBJECT, Fixed, &[b::random::METHODS], Some(&b::random::NEW);
    /// Anything that Python code never sees.
    T_INTERNAL: "internal object", T_OBJECT, Fixed, &[], None;

    BASE_EXCEPTION: "BaseException", T_OBJECT, Exception, &[b::exceptions::METHODS], Some(&b::exceptions::NEW);
    EXCEPTION: "Exception", BASE_EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    GENERATOR_EXIT: "GeneratorExit", BASE_EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    KEYBOARD_INTERRUPT: "KeyboardInterrupt", BASE_EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    SYSTEM_EXIT: "SystemExit", BASE_EXCEPTION, Exception, &[b::exceptions::SYSTEM_EXIT_METHODS], Some(&b::exceptions::NEW);
    ARITHMETIC_ERROR: "ArithmeticError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    FLOATING_POINT_ERROR: "FloatingPointError", ARITHMETIC_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    OVERFLOW_ERROR: "OverflowError", ARITHMETIC_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    ZERO_DIVISION_ERROR: "ZeroDivisionError", ARITHMETIC_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    ASSERTION_ERROR: "AssertionError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    ATTRIBUTE_ERROR: "AttributeError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    BUFFER_ERROR: "BufferError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    EOF_ERROR: "EOFError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    IMPORT_ERROR: "ImportError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    MODULE_NOT_FOUND_ERROR: "ModuleNotFoundError", IMPORT_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    LOOKUP_ERROR: "LookupError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    INDEX_ERROR: "IndexError", LOOKUP_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    KEY_ERROR: "KeyError", LOOKUP_ERROR, Exception, &[b::exceptions::KEY_ERROR_METHODS], Some(&b::exceptions::NEW);
    MEMORY_ERROR: "MemoryError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    NAME_ERROR: "NameError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    UNBOUND_LOCAL_ERROR: "UnboundLocalError", NAME_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    OS_ERROR: "OSError", EXCEPTION, Exception, &[b::exceptions::OS_ERROR_METHODS], Some(&b::exceptions::NEW);
    FILE_EXISTS_ERROR: "FileExistsError", OS_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    FILE_NOT_FOUND_ERROR: "FileNotFoundError", OS_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    IS_A_DIRECTORY_ERROR: "IsADirectoryError", OS_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    NOT_A_DIRECTORY_ERROR: "NotADirectoryError", OS_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    PERMISSION_ERROR: "PermissionError", OS_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    TIMEOUT_ERROR: "TimeoutError", OS_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    RUNTIME_ERROR: "RuntimeError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    NOT_IMPLEMENTED_ERROR: "NotImplementedError", RUNTIME_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    RECURSION_ERROR: "RecursionError", RUNTIME_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    STOP_ITERATION: "StopIteration", EXCEPTION, Exception, &[b::exceptions::STOP_ITERATION_METHODS], Some(&b::exceptions::NEW);
    SYNTAX_ERROR: "SyntaxError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    SYSTEM_ERROR: "SystemError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    TYPE_ERROR: "TypeError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    VALUE_ERROR: "ValueError", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    UNICODE_ERROR: "UnicodeError", VALUE_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    UNICODE_DECODE_ERROR: "UnicodeDecodeError", UNICODE_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    UNICODE_ENCODE_ERROR: "UnicodeEncodeError", UNICODE_ERROR, Exception, &[], Some(&b::exceptions::NEW);
    WARNING: "Warning", EXCEPTION, Exception, &[], Some(&b::exceptions::NEW);
    DEPRECATION_WARNING: "DeprecationWarning", WARNING, Exception, &[], Some(&b::exceptions::NEW);
    RUNTIME_WARNING: "RuntimeWarning", WARNING, Exception, &[], Some(&b::exceptions::NEW);
    USER_WARNING: "UserWarning", WARNING, Exception, &[], Some(&b::exceptions::NEW);
}

/// The classes of the built-in class words, by class word.
static CLASS_TYPES: &[TypeId] = &[
    T_INTERNAL, // no class word
    T_NONE,
    T_BOOL,
    T_INT,
    T_FLOAT,
    T_INT,
    T_STR,
    T_BYTES,
    T_TUPLE,
    T_LIST,
    T_LIST,
    T_LIST,
    T_LIST,
    T_DICT,
    T_DEFAULTDICT,
    T_SET,
    T_FROZENSET,
    T_RANGE,
    T_SLICE,
    T_FUNCTION,
    T_BUILTIN,
    T_METHOD,
    T_CELL,
    T_TYPE,
    T_MODULE,
    T_SUPER,
    T_PROPERTY,
    T_STATICMETHOD,
    T_CLASSMETHOD,
    T_INTERNAL,
    T_INTERNAL,
    T_INTERNAL,
    T_TRACEBACK,
    T_GENERATOR,
    T_INTERNAL,
    T_NOT_IMPLEMENTED,
    T_ELLIPSIS,
    T_RANGE_ITER,
    T_LIST_ITER,
    T_LIST_REVERSE_ITER,
    T_TUPLE_ITER,
    T_STR_ITER,
    T_BYTES_ITER,
    T_DICT_KEY_ITER,
    T_DICT_VALUE_ITER,
    T_DICT_ITEM_ITER,
    T_SET_ITER,
    T_DICT_KEYS,
    T_DICT_VALUES,
    T_DICT_ITEMS,
    T_ENUMERATE,
    T_ZIP,
    T_MAP,
    T_FILTER,
    T_CALL_ITER,
    T_SEQUENCE_ITER,
    T_DEQUE,
    T_DEQUE_ITER,
    T_FILE,
    T_RANDOM,
    T_INTERNAL,
];

const _: () = assert!(CLASS_TYPES.len() == LAYOUTS.len() + 1);

/// The class that a name of the module `builtins` stands for.
pub(crate) fn builtin_type(name: &str) -> Option<TypeId> {
    let i = BUILTIN_TYPES.iter().position(|b| b.new.is_some() && b.name == name)?;
    Some(TypeId(i as u32))
}

/// The name of the class that a function of the runtime is a method of.
pub(crate) fn method_owner(entry: &'static Builtin) -> Option<&'static str> {
    let has = |b: &&BuiltinType| b.methods.iter().any(|t| t.iter().any(|m| std::ptr::eq(m, entry)));
    BUILTIN_TYPES.iter().find(has).map(|b| b.name)
}

/// Entry of the global cache of [`Vm::type_find`]: valid where `epoch` is the VM's.
#[derive(Clone, Copy, Default)]
struct MethodEntry {
    type_: u32,
    sym: u32,
    epoch: u32,
    /// Class that has the attribute; `u32::MAX`: there is none.
    owner: u32,
    index: u32,
}

const METHOD_CACHE: usize = 1024;

/// All classes.
pub struct Types {
    pub(crate) infos: Vec<&'static mut TypeInfo>,
    cache: Vec<MethodEntry>,
}

impl Types {
    pub(crate) fn new() -> Types {
        Types { infos: Vec::new(), cache: vec![MethodEntry::default(); METHOD_CACHE] }
    }

    pub(crate) fn roots(&mut self, visit: &mut dyn FnMut(&mut Ref)) {
        for info in &mut self.infos {
            visit(&mut info.object);
            visit(&mut info.qualname);
            info.attrs.values.iter_mut().for_each(&mut *visit);
        }
    }
}

impl Vm {
    /// Makes the built-in classes; they get the numbers of their constants.
    pub(crate) fn make_builtin_types(&mut self) {
        for b in BUILTIN_TYPES {
            let id = TypeId(self.types.infos.len() as u32);
            let (module, short) = b.name.rsplit_once('.').unwrap_or(("builtins", b.name));
            let name = self.intern(short);
            let module = self.intern(module);
            let mut mro = vec![id];
            let mut bases = Vec::new();
            if id != T_OBJECT {
                mro.extend(&self.types.infos[b.base.0 as usize].mro);
                bases.push(b.base);
            }
            let object = self.heap.alloc(&mut self.thread, TYPE);
            access::set_int(object, TYPE_INDEX, id.0 as i64);
            let qualname = self.symbol_object(name);
            self.types.infos.push(Box::leak(Box::new(TypeInfo {
                id,
                name,
                qualname,
                module,
                object,
                bases,
                mro,
                native: b.native,
                attrs: SymTable::new(),
                methods: b.methods,
                new: b.new,
                root_shape: Cell::new(None),
                capacity: Cell::new(0),
                heap_type: false,
                watch: Box::leak(Box::new(Watch::new())),
                subclasses: Vec::new(),
            })));
        }
    }

    #[inline(always)]
    pub fn type_info(&self, id: TypeId) -> &TypeInfo {
        self.types.infos[id.0 as usize]
    }

    #[inline(always)]
    pub(crate) fn type_info_mut(&mut self, id: TypeId) -> &mut TypeInfo {
        self.types.infos[id.0 as usize]
    }

    /// The class of the objects with a class word.
    #[inline(always)]
    pub fn class_of_word(&self, class: ClassId) -> TypeId {
        if is_shape(class) { self.shape(class).owner } else { CLASS_TYPES[class.0 as usize] }
    }

    /// An object's class.
    #[inline(always)]
    pub fn type_of(&self, object: Ref) -> TypeId {
        self.class_of_word(access::class(object))
    }

    /// The TYPE object of a class.
    #[inline(always)]
    pub fn type_object(&self, id: TypeId) -> Ref {
        self.type_info(id).object
    }

    /// The number of a TYPE object.
    #[inline(always)]
    pub fn type_id(&self, object: Ref) -> TypeId {
        TypeId(access::get_int(object, TYPE_INDEX) as u32)
    }

    /// Name of an object's class, for messages.
    pub fn type_name(&self, object: Ref) -> &'static str {
        self.class_name(self.type_of(object))
    }

    /// Name of a class as CPython shows it in messages: built-in ones outside `builtins` with their module.
    pub fn class_name(&self, id: TypeId) -> &'static str {
        match BUILTIN_TYPES.get(id.0 as usize) {
            Some(b) => b.name,
            None => self.symbol_text(self.type_info(id).name),
        }
    }

    /// Is the class `base` or derived from it?
    pub fn is_subclass(&self, class: TypeId, base: TypeId) -> bool {
        class == base || self.type_info(class).mro.contains(&base)
    }

    pub fn is_instance(&self, object: Ref, class: TypeId) -> bool {
        self.is_subclass(self.type_of(object), class)
    }

    /// The class's own attribute, built-in methods included.
    fn own_find(&mut self, id: TypeId, sym: Sym) -> Option<usize> {
        let info = self.type_info(id);
        if let Some(i) = info.attrs.find(sym) {
            return (!info.attrs.values[i].is_null()).then_some(i);
        }
        if info.methods.is_empty() {
            return None;
        }
        let text = self.symbol_text(sym);
        let found = info.methods.iter().flat_map(|table| table.iter()).find(|m| m.name == text)?;
        let value = builtins::materialise(self, found);
        Some(self.type_info_mut(id).attrs.add(sym, value))
    }

    fn type_find(&mut self, id: TypeId, sym: Sym) -> Option<(TypeId, usize)> {
        let at = (id.0.wrapping_mul(61) ^ sym.0) as usize % METHOD_CACHE;
        let e = self.types.cache[at];
        if e.type_ == id.0 && e.sym == sym.0 && e.epoch == self.epoch {
            return (e.owner != u32::MAX).then_some((TypeId(e.owner), e.index as usize));
        }
        let mut found = None;
        for i in 0..self.type_info(id).mro.len() {
            let class = self.type_info(id).mro[i];
            if let Some(index) = self.own_find(class, sym) {
                found = Some((class, index));
                break;
            }
        }
        let (owner, index) = found.map_or((u32::MAX, 0), |(o, i)| (o.0, i as u32));
        self.types.cache[at] = MethodEntry { type_: id.0, sym: sym.0, epoch: self.epoch, owner, index };
        found
    }

    /// The attribute of a class, searched along its MRO; null where there is none. Holds until [`TypeInfo::watch`] of `id` fires.
    pub fn type_lookup(&mut self, id: TypeId, sym: Sym) -> Ref {
        match self.type_find(id, sym) {
            Some((owner, index)) => self.type_info(owner).attrs.values[index],
            None => Ref::NULL,
        }
    }

    /// As [`Vm::type_lookup`], with the class that has the attribute.
    pub fn type_lookup_owner(&mut self, id: TypeId, sym: Sym) -> Option<(TypeId, Ref)> {
        let (owner, index) = self.type_find(id, sym)?;
        Some((owner, self.type_info(owner).attrs.values[index]))
    }

    /// The attribute of the classes that follow `after` in the MRO of `id`; null where there is none.
    pub fn super_lookup(&mut self, id: TypeId, after: TypeId, sym: Sym) -> Ref {
        let mro = &self.type_info(id).mro;
        let start = mro.iter().position(|c| *c == after).map_or(mro.len(), |i| i + 1);
        for i in start..self.type_info(id).mro.len() {
            let class = self.type_info(id).mro[i];
            if let Some(index) = self.own_find(class, sym) {
                return self.type_info(class).attrs.values[index];
            }
        }
        Ref::NULL
    }

    /// Sets (or with null deletes) an attribute of a class, and fires the watches of it and its subclasses.
    pub fn type_set(&mut self, id: TypeId, sym: Sym, value: Ref) {
        let info = self.type_info_mut(id);
        match info.attrs.find(sym) {
            Some(i) => info.attrs.values[i] = value,
            None => {
                info.attrs.add(sym, value);
            }
        }
        self.class_changed(id);
    }

    /// Everything known about the class and its subclasses is to be found out again.
    pub(crate) fn class_changed(&mut self, id: TypeId) {
        self.epoch += 1;
        let mut todo = vec![id];
        while let Some(id) = todo.pop() {
            let info = self.type_info(id);
            info.watch.fire();
            todo.extend(&info.subclasses);
        }
    }

    /// A new class. `attrs` are its own attributes; `capacity` is a hint how many attributes its instances will have.
    ///
    /// # Errors
    /// A message for a TypeError: the bases do not fit together.
    pub(crate) fn new_type(
        &mut self,
        name: Ref,
        qualname: Ref,
        module: Sym,
        bases: &[TypeId],
        capacity: usize,
    ) -> Result<TypeId, String> {
        let bases = if bases.is_empty() { vec![T_OBJECT] } else { bases.to_vec() };
        let mut native = Native::Instance;
        for base in &bases {
            let info = self.type_info(*base);
            match info.native {
                Native::Fixed => {
                    return Err(format!("type '{}' is not an acceptable base type", self.class_name(*base)));
                }
                Native::Exception => native = Native::Exception,
                Native::Instance => {}
            }
        }
        let id = TypeId(self.types.infos.len() as u32);
        let mut mro = vec![id];
        mro.extend(self.merge_mro(&bases)?);
        let sym = self.intern_object(name);
        let object = self.heap.alloc(&mut self.thread, TYPE);
        access::set_int(object, TYPE_INDEX, id.0 as i64);
        let new = bases.iter().find_map(|b| {
            let info = self.type_info(*b);
            if info.native == Native::Exception { info.new } else { None }
        });
        let inherited = bases.iter().map(|b| self.type_info(*b).capacity.get()).max().unwrap_or(0);
        for base in &bases {
            self.type_info_mut(*base).subclasses.push(id);
        }
        self.types.infos.push(Box::leak(Box::new(TypeInfo {
            id,
            name: sym,
            qualname,
            module,
            object,
            bases,
            mro,
            native,
            attrs: SymTable::new(),
            methods: &[],
            new,
            root_shape: Cell::new(None),
            capacity: Cell::new((inherited + capacity).max(1)),
            heap_type: true,
            watch: Box::leak(Box::new(Watch::new())),
            subclasses: Vec::new(),
        })));
        Ok(id)
    }

    /// C3 linearisation of the bases' MROs.
    fn merge_mro(&self, bases: &[TypeId]) -> Result<Vec<TypeId>, String> {
        let mut lists: Vec<Vec<TypeId>> = bases.iter().map(|b| self.type_info(*b).mro.clone()).collect();
        lists.push(bases.to_vec());
        let mut merged = Vec::new();
        loop {
            lists.retain(|l| !l.is_empty());
            if lists.is_empty() {
                return Ok(merged);
            }
            let head =
                lists.iter().map(|l| l[0]).find(|c| lists.iter().all(|l| !l[1..].contains(c))).ok_or_else(
                    || {
                        let names: Vec<&str> = bases.iter().map(|b| self.class_name(*b)).collect();
                        format!(
                            "Cannot create a consistent method resolution order (MRO) for bases {}",
                            names.join(", ")
                        )
                    },
                )?;
            merged.push(head);
            for list in &mut lists {
                if list[0] == head {
                    list.remove(0);
                }
            }
        }
    }
}
