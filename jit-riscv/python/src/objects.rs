//! What Python objects look like in memory: class words, fields, items.
//!
//! Class words below 128 are the built-in layouts listed here, registered in this order when the VM starts. Every class word from
//! [`FIRST_SHAPE`] up is an *instance shape* (see [`crate::shapes`]): a class together with the names of the attributes in slot order,
//! so that one `guard_class` settles both. A list's class word is its storage strategy.
//!
//! All fields are 8 bytes wide. Instances are `header, overflow, slots…`; exceptions have [`EXC_ARGS`] … before their slots.

use jit_riscv::object::{Array, ClassId, Field, Kind, Ref};

/// What follows the fixed part of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Items {
    /// Nothing: a fixed-size object.
    None,
    /// 64-bit words that are no references; their number is at offset 8.
    Words,
    /// References; their number is at offset 8.
    Refs,
    /// Bytes; their number is at offset 8.
    Bytes,
}

/// Layout of a built-in class word.
#[derive(Clone, Copy, Debug)]
pub struct BuiltinLayout {
    pub class: ClassId,
    pub name: &'static str,
    /// 64-bit words of the fixed part, header included.
    pub words: usize,
    /// Bit n: word n of the fixed part is a reference.
    pub refs: u64,
    pub items: Items,
}

macro_rules! layouts {
    ($($(#[$doc:meta])* $name:ident: $label:literal, $words:literal, [$($r:literal),*], $items:ident;)*) => {
        #[repr(u32)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { _Null, $($name),* }
        $($(#[$doc])* pub const $name: ClassId = ClassId(Number::$name as u32);)*
        /// All built-in layouts in the order of their class words, which begin at 1.
        pub static LAYOUTS: &[BuiltinLayout] = &[
            $(BuiltinLayout { class: $name, name: $label, words: $words, refs: 0 $(| 1 << $r)*, items: Items::$items }),*
        ];
    };
}

layouts! {
    /// The type of the one object None.
    NONE: "NoneType", 2, [], None;
    /// True and False: [`BOOL_VALUE`].
    BOOL: "bool", 2, [], None;
    /// An integer in the range of an i64: [`INT_VALUE`].
    INT: "int", 2, [], None;
    /// [`FLOAT_VALUE`].
    FLOAT: "float", 2, [], None;
    /// An integer outside the range of an i64: [`BIGINT_SIGN`], magnitude in [`BIGINT_WORDS`], least significant word first.
    BIGINT: "int", 3, [], Words;
    /// UTF-8 in [`STR_BYTES`]; the length word counts bytes, [`STR_CHARS`] code points.
    STR: "str", 5, [], Bytes;
    BYTES: "bytes", 3, [], Bytes;
    /// Items in [`TUPLE_ITEMS`].
    TUPLE: "tuple", 2, [], Refs;
    /// A list without storage ([`LIST_STORAGE`] may be anything).
    LIST_EMPTY: "list", 3, [2], None;
    /// A list of INT objects' values: storage is an [`INT_ARRAY`].
    LIST_INT: "list", 3, [2], None;
    /// A list of FLOAT objects' values: storage is a [`FLOAT_ARRAY`].
    LIST_FLOAT: "list", 3, [2], None;
    /// A list of anything: storage is a [`REF_ARRAY`].
    LIST_OBJECT: "list", 3, [2], None;
    /// Insertion-ordered hash table: see [`crate::runtime::dict`].
    DICT: "dict", 6, [4, 5], None;
    /// collections.defaultdict: a DICT with [`DEFAULTDICT_FACTORY`].
    DEFAULTDICT: "collections.defaultdict", 7, [4, 5, 6], None;
    /// Open-addressed table: see [`crate::runtime::set`].
    SET: "set", 6, [4, 5], None;
    FROZENSET: "frozenset", 6, [4, 5], None;
    RANGE: "range", 6, [], None;
    SLICE: "slice", 4, [1, 2, 3], None;
    /// A function made by `def` or `lambda`.
    FUNCTION: "function", 9, [2, 3, 4, 5, 6, 7, 8], None;
    /// A function of the runtime: [`BUILTIN_ENTRY`] is the address of its [`crate::builtins::Builtin`].
    BUILTIN: "builtin_function_or_method", 2, [], None;
    /// A function bound to its first argument; `METHOD_FUNC` is a FUNCTION, a BUILTIN, or any callable.
    BOUND_METHOD: "method", 3, [1, 2], None;
    /// A variable shared with an inner function, or a global variable.
    CELL: "cell", 2, [1], None;
    /// A class: [`TYPE_INDEX`] numbers its [`crate::types::TypeInfo`].
    TYPE: "type", 2, [], None;
    /// A module: [`MODULE_INDEX`] numbers its [`crate::modules::ModuleInfo`].
    MODULE: "module", 2, [], None;
    SUPER: "super", 3, [1, 2], None;
    PROPERTY: "property", 4, [1, 2, 3], None;
    STATICMETHOD: "staticmethod", 2, [1], None;
    CLASSMETHOD: "classmethod", 2, [1], None;
    /// Storage: 64-bit integers.
    INT_ARRAY: "int array", 2, [], Words;
    /// Storage: doubles.
    FLOAT_ARRAY: "float array", 2, [], Words;
    /// Storage: references or null.
    REF_ARRAY: "ref array", 2, [], Refs;
    /// One line of a traceback: outermost frame first.
    TRACEBACK: "traceback", 4, [3], None;
    /// A generator: a frame that is not on the stack.
    GENERATOR: "generator", 8, [2, 4, 5], None;
    /// A callable and its arguments: the answer of a runtime function that wants `step` to make this call in its place.
    DEFERRED: "deferred call", 3, [1, 2], None;
    NOT_IMPLEMENTED: "NotImplementedType", 2, [], None;
    ELLIPSIS: "ellipsis", 2, [], None;
    RANGE_ITER: "range_iterator", 4, [], None;
    LIST_ITER: "list_iterator", 3, [1], None;
    LIST_REVERSE_ITER: "list_reverseiterator", 3, [1], None;
    TUPLE_ITER: "tuple_iterator", 3, [1], None;
    /// [`ITER_INDEX`] is an offset in bytes.
    STR_ITER: "str_ascii_iterator", 3, [1], None;
    BYTES_ITER: "bytes_iterator", 3, [1], None;
    DICT_KEY_ITER: "dict_keyiterator", 4, [1], None;
    DICT_VALUE_ITER: "dict_valueiterator", 4, [1], None;
    DICT_ITEM_ITER: "dict_itemiterator", 4, [1], None;
    SET_ITER: "set_iterator", 4, [1], None;
    DICT_KEYS: "dict_keys", 2, [1], None;
    DICT_VALUES: "dict_values", 2, [1], None;
    DICT_ITEMS: "dict_items", 2, [1], None;
    /// [`ITER_SOURCE`] is the inner iterator, [`ITER_INDEX`] the next number.
    ENUMERATE: "enumerate", 3, [1], None;
    /// [`ITER_SOURCE`] is a tuple of iterators.
    ZIP: "zip", 3, [1], None;
    /// [`ITER_SOURCE`] is a tuple of iterators.
    MAP: "map", 4, [1, 3], None;
    FILTER: "filter", 4, [1, 3], None;
    /// `iter(callable, sentinel)`: [`ITER_SOURCE`] and [`ITER_FUNC`] (the sentinel).
    CALL_ITER: "callable_iterator", 4, [1, 3], None;
    /// An object with `__getitem__` alone, or `reversed` of one: [`ITER_STEP`] is 1 or −1.
    SEQUENCE_ITER: "iterator", 4, [1], None;
    DEQUE: "collections.deque", 5, [3], None;
    DEQUE_ITER: "_collections._deque_iterator", 4, [1], None;
    /// A text file: [`FILE_INDEX`] numbers the VM's open file.
    FILE: "_io.TextIOWrapper", 3, [2], None;
    /// A Mersenne Twister: [`RANDOM_STATE`] is an INT_ARRAY of 624 words.
    RANDOM: "random.Random", 4, [1], None;
    /// The dictionary of an instance's attributes, seen as a mapping of its own. Reserved.
    MAPPING_PROXY: "mappingproxy", 2, [1], None;
}

/// The first class word that is an instance shape.
pub const FIRST_SHAPE: u32 = LAYOUTS.len() as u32 + 1;

const _: () = assert!(FIRST_SHAPE <= 128);

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident: $offset:literal, $kind:ident, $immutable:literal, $label:literal;)*) => {
        #[repr(u16)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum FieldNumber { _Length, $($name),* }
        $($(#[$doc])* pub const $name: Field = Field {
            id: FieldNumber::$name as u16, offset: $offset, kind: Kind::$kind, immutable: $immutable, name: $label,
        };)*
    };
}

fields! {
    /// 0 or 1.
    BOOL_VALUE: 8, Int, true, "bool.value";
    INT_VALUE: 8, Int, true, "int.value";
    FLOAT_VALUE: 8, Float, true, "float.value";
    /// 1 or −1.
    BIGINT_SIGN: 16, Int, true, "bigint.sign";
    /// 0 while not computed.
    STR_HASH: 16, Int, false, "str.hash";
    /// Number of code points; equal to the length word in an ASCII string.
    STR_CHARS: 24, Int, true, "str.chars";
    /// The string's [`crate::symbols::Sym`] where it is interned, otherwise 0.
    STR_SYMBOL: 32, Int, false, "str.symbol";
    /// 0 while not computed.
    BYTES_HASH: 16, Int, false, "bytes.hash";
    LIST_SIZE: 8, Int, false, "list.size";
    LIST_STORAGE: 16, Ref, false, "list.storage";
    /// Number of keys.
    DICT_SIZE: 8, Int, false, "dict.size";
    /// Entries in use, deleted ones included.
    DICT_USED: 16, Int, false, "dict.used";
    /// Changes whenever a key is added or removed.
    DICT_VERSION: 24, Int, false, "dict.version";
    /// INT_ARRAY, a power of 2 long, or null in an empty dictionary.
    DICT_INDEX: 32, Ref, false, "dict.index";
    /// REF_ARRAY: key and value in turn; null key = deleted.
    DICT_ENTRIES: 40, Ref, false, "dict.entries";
    DEFAULTDICT_FACTORY: 48, Ref, false, "defaultdict.factory";
    SET_SIZE: 8, Int, false, "set.size";
    /// Slots that are or were in use.
    SET_FILL: 16, Int, false, "set.fill";
    /// A frozenset's hash; 0 while not computed.
    SET_HASH: 24, Int, false, "set.hash";
    /// INT_ARRAY of the keys' hashes.
    SET_HASHES: 32, Ref, false, "set.hashes";
    /// REF_ARRAY, as long as the hashes: null = empty, the set itself = deleted.
    SET_KEYS: 40, Ref, false, "set.keys";
    RANGE_START: 8, Int, true, "range.start";
    RANGE_STOP: 16, Int, true, "range.stop";
    /// Not 0.
    RANGE_STEP: 24, Int, true, "range.step";
    RANGE_LENGTH: 32, Int, true, "range.length";
    SLICE_START: 8, Ref, true, "slice.start";
    SLICE_STOP: 16, Ref, true, "slice.stop";
    SLICE_STEP: 24, Ref, true, "slice.step";
    /// Address of the code object: `*const Code`.
    FUNC_CODE: 8, Int, true, "function.code";
    /// Tuple, or null.
    FUNC_DEFAULTS: 16, Ref, true, "function.defaults";
    /// Dict, or null.
    FUNC_KWDEFAULTS: 24, Ref, true, "function.kwdefaults";
    /// Tuple of CELLs, or null.
    FUNC_CLOSURE: 32, Ref, true, "function.closure";
    /// The MODULE whose globals the function sees.
    FUNC_MODULE: 40, Ref, true, "function.module";
    /// A str; the qualified name, e.g. `C.m` or `f.<locals>.g`.
    FUNC_QUALNAME: 48, Ref, true, "function.qualname";
    /// Dict of the function's attributes, or null.
    FUNC_DICT: 56, Ref, false, "function.dict";
    /// A str, or null.
    FUNC_DOC: 64, Ref, false, "function.doc";
    BUILTIN_ENTRY: 8, Int, true, "builtin.entry";
    METHOD_FUNC: 8, Ref, true, "method.func";
    METHOD_SELF: 16, Ref, true, "method.self";
    /// Null = unbound.
    CELL_VALUE: 8, Ref, false, "cell.value";
    TYPE_INDEX: 8, Int, true, "type.index";
    MODULE_INDEX: 8, Int, true, "module.index";
    /// The class after which the search in the MRO begins.
    SUPER_TYPE: 8, Ref, true, "super.type";
    SUPER_SELF: 16, Ref, true, "super.self";
    PROPERTY_GET: 8, Ref, true, "property.get";
    /// None where there is none, as in the other two.
    PROPERTY_SET: 16, Ref, true, "property.set";
    PROPERTY_DEL: 24, Ref, true, "property.del";
    STATICMETHOD_FUNC: 8, Ref, true, "staticmethod.func";
    CLASSMETHOD_FUNC: 8, Ref, true, "classmethod.func";
    /// `*const Code`.
    TB_CODE: 8, Int, true, "traceback.code";
    TB_LINE: 16, Int, true, "traceback.line";
    /// The next inner frame's, or null.
    TB_NEXT: 24, Ref, true, "traceback.next";
    /// `*const Code`.
    GEN_CODE: 8, Int, true, "generator.code";
    GEN_FUNC: 16, Ref, true, "generator.func";
    /// The bytecode to go on with.
    GEN_PC: 24, Int, false, "generator.pc";
    /// REF_ARRAY: the slots of its frame.
    GEN_SLOTS: 32, Ref, false, "generator.slots";
    /// An exception that is to be raised where it goes on, or null.
    GEN_RESULT: 40, Ref, false, "generator.result";
    /// 0 = not started, 1 = suspended, 2 = running, 3 = finished.
    GEN_STATE: 48, Int, false, "generator.state";
    /// Number of live slots.
    GEN_SP: 56, Int, false, "generator.sp";
    DEFERRED_FUNC: 8, Ref, true, "deferred.func";
    /// Tuple of positional arguments.
    DEFERRED_ARGS: 16, Ref, true, "deferred.args";
    /// The next value.
    RANGE_ITER_NEXT: 8, Int, false, "range_iterator.next";
    /// How many values are left.
    RANGE_ITER_LEFT: 16, Int, false, "range_iterator.left";
    RANGE_ITER_STEP: 24, Int, true, "range_iterator.step";
    /// What an iterator goes through: list, tuple, str, dict, set, iterator or tuple of iterators. A list iterator's
    /// becomes null when it is exhausted.
    ITER_SOURCE: 8, Ref, false, "iterator.source";
    /// The next index (entry number in a dict, table slot in a set, bytes in a str).
    ITER_INDEX: 16, Int, false, "iterator.index";
    /// DICT_SIZE or SET_SIZE when the iteration began.
    ITER_SIZE: 24, Int, true, "iterator.size";
    /// In MAP, FILTER, CALL_ITER.
    ITER_FUNC: 24, Ref, true, "iterator.func";
    ITER_STEP: 24, Int, true, "iterator.step";
    VIEW_DICT: 8, Ref, true, "view.dict";
    DEQUE_SIZE: 8, Int, false, "deque.size";
    /// Index of the leftmost item in the storage, which is a ring.
    DEQUE_START: 16, Int, false, "deque.start";
    /// REF_ARRAY, a power of 2 long.
    DEQUE_STORAGE: 24, Ref, false, "deque.storage";
    /// −1 = unbounded.
    DEQUE_MAXLEN: 32, Int, true, "deque.maxlen";
    FILE_INDEX: 8, Int, true, "file.index";
    /// Its name, a str.
    FILE_NAME: 16, Ref, true, "file.name";
    RANDOM_STATE: 8, Ref, false, "random.state";
    /// Index of the next word of the state.
    RANDOM_INDEX: 16, Int, false, "random.index";
    /// Bits of the double that `gauss` has left over; 0 = none.
    RANDOM_GAUSS: 24, Int, false, "random.gauss";
    PROXY_OBJECT: 8, Ref, true, "mappingproxy.object";
    /// REF_ARRAY of the attributes that do not fit in the slots, or null. In all instances and exceptions.
    INSTANCE_OVERFLOW: 8, Ref, false, "instance.overflow";
    /// Tuple.
    EXC_ARGS: 16, Ref, false, "exception.args";
    /// TRACEBACK, or null.
    EXC_TRACEBACK: 24, Ref, false, "exception.traceback";
    /// What `raise … from` gave: an exception, or null.
    EXC_CAUSE: 32, Ref, false, "exception.cause";
    /// The exception that was being handled, or null.
    EXC_CONTEXT: 40, Ref, false, "exception.context";
    /// 1 after `raise … from None`, or with a cause.
    EXC_SUPPRESS: 48, Int, false, "exception.suppress";
}

/// Bytes before slot 0 of an instance.
pub const INSTANCE_HEADER: usize = 16;
/// Bytes before slot 0 of an exception.
pub const EXCEPTION_HEADER: usize = 56;

/// The slot at `offset` bytes of an instance. Slots at the same offset alias, whatever the shape.
pub const fn slot_field(offset: usize) -> Field {
    Field {
        id: 256 + (offset / 8) as u16,
        offset: offset as u16,
        kind: Kind::Ref,
        immutable: false,
        name: "instance.slot",
    }
}

macro_rules! arrays {
    ($($(#[$doc:meta])* $name:ident: $base:literal, $kind:ident, $shift:literal, $immutable:literal, $label:literal;)*) => {
        #[repr(u16)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum ArrayNumber { _First = 199, $($name),* }
        $($(#[$doc])* pub const $name: Array = Array {
            id: ArrayNumber::$name as u16, base: $base, kind: Kind::$kind, shift: $shift, immutable: $immutable, name: $label,
        };)*
    };
}

arrays! {
    BIGINT_WORDS: 24, Int, 3, true, "bigint.words";
    STR_BYTES: 40, Int, 0, true, "str.bytes";
    BYTES_BYTES: 24, Int, 0, true, "bytes.bytes";
    TUPLE_ITEMS: 16, Ref, 3, true, "tuple.items";
    /// Storage of a LIST_INT.
    LIST_INTS: 16, Int, 3, false, "list.ints";
    /// Storage of a LIST_FLOAT.
    LIST_FLOATS: 16, Float, 3, false, "list.floats";
    /// Storage of a LIST_OBJECT.
    LIST_REFS: 16, Ref, 3, false, "list.refs";
    /// An instance's attributes beyond its slots.
    OVERFLOW_ITEMS: 16, Ref, 3, false, "overflow.items";
    DICT_INDEX_WORDS: 16, Int, 3, false, "dict.index words";
    DICT_ENTRY_REFS: 16, Ref, 3, false, "dict.entry refs";
    SET_HASH_WORDS: 16, Int, 3, false, "set.hash words";
    SET_KEY_REFS: 16, Ref, 3, false, "set.key refs";
    GEN_SLOT_REFS: 16, Ref, 3, false, "generator.slot refs";
    DEQUE_REFS: 16, Ref, 3, false, "deque.refs";
    /// Items of any INT_ARRAY or FLOAT_ARRAY, seen by the runtime.
    ARRAY_WORDS: 16, Int, 3, false, "array.words";
    /// Items of any REF_ARRAY, seen by the runtime.
    ARRAY_REFS: 16, Ref, 3, false, "array.refs";
}

/// Is it one of the four list class words?
#[inline(always)]
pub const fn is_list(class: ClassId) -> bool {
    class.0 >= LIST_EMPTY.0 && class.0 <= LIST_OBJECT.0
}

/// Is it a shape: an instance of a class written in Python, or an exception?
#[inline(always)]
pub const fn is_shape(class: ClassId) -> bool {
    class.0 >= FIRST_SHAPE
}

/// `None`-like absence in runtime calls.
pub const ABSENT: Ref = Ref::NULL;
