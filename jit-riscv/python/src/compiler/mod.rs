//! From Python source to bytecode.
//!
//! | module | what |
//! |---|---|
//! | [`diagnostic`] | errors with their place |
//! | [`scope`] | which variable a name means |
//! | [`mod@unit`] | emitting the code of one frame |
//! | [`variable`] | loading and storing names |
//! | [`function`] | functions, lambdas, classes, generator expressions |
//! | [`statement`] | statements but for those below |
//! | [`exception`] | try, with, raise, and leaving them |
//! | [`matching`] | match statements |
//! | [`expression`] | expressions |
//! | [`call`] | calls |
//! | [`comprehension`] | comprehensions |
//! | [`text`] | numbers, strings, f-strings |
//! | [`peephole`] | shorter code |
//! | [`liveness`] | which locals may still be read |
//!
//! The source is parsed by `ruff_python_parser`. What this compiler does not support is an error with its place, never something else.

mod call;
mod comprehension;
pub mod diagnostic;
mod exception;
mod expression;
mod function;
mod liveness;
mod matching;
mod peephole;
mod scope;
mod statement;
mod text;
mod unit;
mod variable;

use std::rc::Rc;

use ruff_python_ast::{Expr, Stmt};
use ruff_python_parser::parse_module;
use ruff_text_size::{Ranged, TextSize};

use crate::code::{CodeKind, Spec};
pub use diagnostic::Diagnostic;
use diagnostic::Source;
use exception::Block;
use scope::{ScopeId, Symbols};
use unit::Unit;

type Result<T = ()> = std::result::Result<T, Diagnostic>;

/// Compiles a module. `file` is its name for messages and tracebacks.
pub fn compile(text: &str, file: &str) -> Result<Spec> {
    let source = Source::new(text, file);
    let parsed = parse_module(text).map_err(|e| diagnostic::from_parser(&source, &e))?;
    let body: &[Stmt] = &parsed.syntax().body;
    let symbols = scope::analyse(body, &source)?;
    let unit =
        Unit::new(CodeKind::Module, Symbols::MODULE, "<module>", "<module>".to_owned(), file.into(), 1);
    let mut compiler = Compiler {
        source: &source,
        symbols: &symbols,
        unit,
        scope: Symbols::MODULE,
        blocks: Vec::new(),
        qualname: String::new(),
    };
    compiler.module(body)?;
    compiler.finish_unit(body.first().map_or(TextSize::new(0), Ranged::start))
}

/// State of the second pass.
struct Compiler<'a> {
    source: &'a Source<'a>,
    symbols: &'a Symbols,
    /// The frame whose code is being emitted.
    unit: Unit,
    scope: ScopeId,
    /// What `return`, `break` and `continue` have to leave, outermost first.
    blocks: Vec<Block<'a>>,
    /// Prefix of the qualified names of what is defined here: empty, `C.` or `f.<locals>.`.
    qualname: String,
}

impl<'a> Compiler<'a> {
    fn module(&mut self, body: &'a [Stmt]) -> Result {
        let (doc, _) = docstring(body);
        if let Some(doc) = doc {
            self.unit.spec.doc = Some(doc.clone());
            self.unit.load_constant(crate::code::Constant::Str(doc));
            self.store_name("__doc__")?;
        }
        self.body(body)
    }

    fn finish_unit(self, at: TextSize) -> Result<Spec> {
        if self.unit.overflow {
            let message = "a code object with more than 65535 names or constants is not supported";
            return Err(self.source.error(at, "NotImplementedError", message));
        }
        Ok(self.unit.finish())
    }

    fn syntax_error<T>(&self, at: TextSize, message: impl Into<String>) -> Result<T> {
        Err(self.source.error(at, "SyntaxError", message))
    }

    fn unsupported<T>(&self, at: TextSize, what: &str) -> Result<T> {
        Err(self.source.error(at, "NotImplementedError", format!("{what} not supported")))
    }

    /// Sets the line of the following bytecodes; answers the one before.
    fn at(&mut self, node: &impl Ranged) -> u32 {
        let line = self.source.line(node.start());
        self.unit.at_line(line)
    }
}

/// A body's docstring, and whether the first statement is one.
fn docstring(body: &[Stmt]) -> (Option<Rc<str>>, bool) {
    if let Some(Stmt::Expr(first)) = body.first()
        && let Expr::StringLiteral(string) = &*first.value
    {
        return (Some(string.value.to_str().into()), true);
    }
    (None, false)
}
