//! Interned strings: names of attributes, variables and modules. Equal names are one [`Sym`] and one object.

use jit_riscv::object::Ref;

use crate::access;
use crate::bytecode::BinaryOp;
use crate::objects::{STR_HASH, STR_SYMBOL};
use crate::vm::Vm;

/// Number of an interned string. 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Sym(pub u32);

macro_rules! known {
    ($($name:ident = $text:literal;)*) => {
        #[repr(u32)]
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { _None, $($name),* }
        $(pub const $name: Sym = Sym(Number::$name as u32);)*
        /// Texts of the symbols that are known by number, from 1 on.
        static KNOWN: &[&str] = &[$($text),*];
    };
}

known! {
    INIT = "__init__";
    NEW = "__new__";
    REPR = "__repr__";
    STR = "__str__";
    EQ = "__eq__";
    NE = "__ne__";
    LT = "__lt__";
    LE = "__le__";
    GT = "__gt__";
    GE = "__ge__";
    HASH = "__hash__";
    BOOL = "__bool__";
    LEN = "__len__";
    ITER = "__iter__";
    NEXT = "__next__";
    CONTAINS = "__contains__";
    GETITEM = "__getitem__";
    SETITEM = "__setitem__";
    DELITEM = "__delitem__";
    CALL = "__call__";
    GETATTR = "__getattr__";
    GETATTRIBUTE = "__getattribute__";
    SETATTR = "__setattr__";
    DELATTR = "__delattr__";
    GET = "__get__";
    SET = "__set__";
    DELETE = "__delete__";
    NEG = "__neg__";
    POS = "__pos__";
    INVERT = "__invert__";
    ABS = "__abs__";
    INT = "__int__";
    FLOAT = "__float__";
    INDEX = "__index__";
    ROUND = "__round__";
    TRUNC = "__trunc__";
    FLOOR = "__floor__";
    CEIL = "__ceil__";
    DIVMOD = "__divmod__";
    RDIVMOD = "__rdivmod__";
    FORMAT = "__format__";
    REVERSED = "__reversed__";
    ENTER = "__enter__";
    EXIT = "__exit__";
    MISSING = "__missing__";
    SET_NAME = "__set_name__";
    INIT_SUBCLASS = "__init_subclass__";
    CLASS = "__class__";
    DICT = "__dict__";
    NAME = "__name__";
    QUALNAME = "__qualname__";
    MODULE = "__module__";
    DOC = "__doc__";
    BASES = "__bases__";
    MRO = "__mro__";
    SLOTS = "__slots__";
    ARGS = "args";
    TRACEBACK = "__traceback__";
    CAUSE = "__cause__";
    CONTEXT = "__context__";
    SUPPRESS_CONTEXT = "__suppress_context__";
    ANNOTATIONS = "__annotations__";
    DEFAULTS = "__defaults__";
    KEYS = "keys";
    MAIN = "__main__";
    BUILTINS = "builtins";
    FILE = "__file__";
    BUILD_CLASS = "__build_class__";
    IMPORT = "__import__";
    DEBUG = "__debug__";
    EMPTY = "";
    WRITE = "write";
    FLUSH = "flush";
    KEY = "key";
    REVERSE = "reverse";
    DEFAULT = "default";
    SEP = "sep";
    END = "end";
    MATCH_ARGS = "__match_args__";
    ADD = "__add__";
    RADD = "__radd__";
    IADD = "__iadd__";
    SUB = "__sub__";
    RSUB = "__rsub__";
    ISUB = "__isub__";
    MUL = "__mul__";
    RMUL = "__rmul__";
    IMUL = "__imul__";
    MATMUL = "__matmul__";
    RMATMUL = "__rmatmul__";
    IMATMUL = "__imatmul__";
    TRUEDIV = "__truediv__";
    RTRUEDIV = "__rtruediv__";
    ITRUEDIV = "__itruediv__";
    FLOORDIV = "__floordiv__";
    RFLOORDIV = "__rfloordiv__";
    IFLOORDIV = "__ifloordiv__";
    MOD = "__mod__";
    RMOD = "__rmod__";
    IMOD = "__imod__";
    POW = "__pow__";
    RPOW = "__rpow__";
    IPOW = "__ipow__";
    LSHIFT = "__lshift__";
    RLSHIFT = "__rlshift__";
    ILSHIFT = "__ilshift__";
    RSHIFT = "__rshift__";
    RRSHIFT = "__rrshift__";
    IRSHIFT = "__irshift__";
    AND = "__and__";
    RAND = "__rand__";
    IAND = "__iand__";
    OR = "__or__";
    ROR = "__ror__";
    IOR = "__ior__";
    XOR = "__xor__";
    RXOR = "__rxor__";
    IXOR = "__ixor__";
}

/// The methods of a binary operator: plain, reflected, in-place. They are known in the order of [`BinaryOp`].
pub const fn of_operator(op: BinaryOp) -> (Sym, Sym, Sym) {
    let first = ADD.0 + 3 * op as u32;
    (Sym(first), Sym(first + 1), Sym(first + 2))
}

/// The table of interned strings.
pub struct Symbols {
    /// The str of each symbol; index 0 is unused.
    pub(crate) objects: Vec<Ref>,
    /// Open addressing by hash; 0 = free.
    table: Vec<u32>,
}

impl Symbols {
    pub(crate) fn new() -> Symbols {
        Symbols { objects: vec![Ref::NULL], table: vec![0; 1024] }
    }

    fn grow(&mut self) {
        let mask = self.table.len() * 2 - 1;
        let mut table = vec![0u32; mask + 1];
        for (i, object) in self.objects.iter().enumerate().skip(1) {
            let mut at = access::get_int(*object, STR_HASH) as usize & mask;
            while table[at] != 0 {
                at = (at + 1) & mask;
            }
            table[at] = i as u32;
        }
        self.table = table;
    }

    /// Finds the place of a text, or the free place where it belongs.
    fn find(&self, hash: i64, text: &[u8]) -> (usize, Option<Sym>) {
        let mask = self.table.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let n = self.table[at];
            if n == 0 {
                return (at, None);
            }
            let object = self.objects[n as usize];
            if access::get_int(object, STR_HASH) == hash && access::bytes(object) == text {
                return (at, Some(Sym(n)));
            }
            at = (at + 1) & mask;
        }
    }

    fn add(&mut self, at: usize, object: Ref) -> Sym {
        let sym = Sym(self.objects.len() as u32);
        access::set_int(object, STR_SYMBOL, sym.0 as i64);
        self.objects.push(object);
        self.table[at] = sym.0;
        if self.objects.len() * 2 > self.table.len() {
            self.grow();
        }
        sym
    }
}

impl Vm {
    /// Interns the known symbols; they get the numbers of their constants.
    pub(crate) fn intern_known(&mut self) {
        for text in KNOWN {
            self.intern(text);
        }
    }

    /// The symbol of a text.
    pub fn intern(&mut self, text: &str) -> Sym {
        let hash = crate::runtime::hash::text_hash(text.as_bytes());
        match self.symbols.find(hash, text.as_bytes()) {
            (_, Some(sym)) => sym,
            (at, None) => {
                let object = self.str(text);
                access::set_int(object, STR_HASH, hash);
                self.symbols.add(at, object)
            }
        }
    }

    /// The symbol of a STR; where there was none, the object itself becomes the interned one.
    pub fn intern_object(&mut self, object: Ref) -> Sym {
        let known = access::get_int(object, STR_SYMBOL);
        if known != 0 {
            return Sym(known as u32);
        }
        let hash = crate::runtime::hash::str_hash(object);
        match self.symbols.find(hash, access::bytes(object)) {
            (_, Some(sym)) => sym,
            (at, None) => self.symbols.add(at, object),
        }
    }

    /// The interned str.
    #[inline(always)]
    pub fn symbol_object(&self, sym: Sym) -> Ref {
        self.symbols.objects[sym.0 as usize]
    }

    pub fn symbol_text(&self, sym: Sym) -> &'static str {
        access::text(self.symbol_object(sym))
    }
}
