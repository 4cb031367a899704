//! Constant expressions: syntax tree, parser (GNU as's operators and precedence), evaluation.

use super::diag::{Fault, Parsed};
use super::lex::{Tok, Token};

/// Index of a symbol in the unit's table.
pub type SymId = u32;

/// An expression over 64-bit integers and symbols.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    Num(i64),
    Sym(SymId),
    Un(Op, Box<Expr>),
    Bin(Op, Box<Expr>, Box<Expr>),
}

/// Operators; the names of the binary ones are those of the signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Neg,
    Not,
    LogNot,
    Mul,
    Div,
    Rem,
    Shl,
    Shr,
    Or,
    And,
    Xor,
    Add,
    Sub,
    Eq,
    Ne,
    Lt,
    Gt,
    Le,
    Ge,
    LogAnd,
    LogOr,
}

/// What a value is relative to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    /// Nothing: an absolute number.
    Abs,
    /// The beginning of a fragment, whose place is not yet known.
    Frag(u32),
    /// The beginning of a section.
    Section(u32),
    /// A symbol that this unit does not define.
    Undefined(SymId),
}

/// A value: a base and a 64-bit offset, which wraps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    pub base: Base,
    pub n: i64,
}

impl Value {
    pub fn abs(n: i64) -> Self {
        Value { base: Base::Abs, n }
    }
}

/// Evaluates `expr`; `symbol` gives the value of each symbol in it.
pub fn eval(expr: &Expr, symbol: &mut dyn FnMut(SymId) -> Result<Value, String>) -> Result<Value, String> {
    match expr {
        Expr::Num(n) => Ok(Value::abs(*n)),
        Expr::Sym(s) => symbol(*s),
        Expr::Un(op, inner) => {
            let v = eval(inner, symbol)?;
            if v.base != Base::Abs {
                return Err("this operator needs an absolute value".into());
            }
            Ok(Value::abs(match op {
                Op::Neg => v.n.wrapping_neg(),
                Op::Not => !v.n,
                _ => i64::from(v.n == 0),
            }))
        }
        Expr::Bin(op, l, r) => {
            let (l, r) = (eval(l, symbol)?, eval(r, symbol)?);
            binary(*op, l, r)
        }
    }
}

fn binary(op: Op, l: Value, r: Value) -> Result<Value, String> {
    match (op, l.base, r.base) {
        (Op::Add, base, Base::Abs) | (Op::Add, Base::Abs, base) => {
            return Ok(Value { base, n: l.n.wrapping_add(r.n) });
        }
        (Op::Sub, base, Base::Abs) => return Ok(Value { base, n: l.n.wrapping_sub(r.n) }),
        (Op::Sub | Op::Eq | Op::Ne | Op::Lt | Op::Gt | Op::Le | Op::Ge, a, b) if a == b => {}
        (_, Base::Abs, Base::Abs) => {}
        _ => return Err("the operands of this operator must be absolute, or in one place".into()),
    }
    let (a, b) = (l.n, r.n);
    let truth = |t: bool| if t { -1 } else { 0 };
    Ok(Value::abs(match op {
        Op::Mul => a.wrapping_mul(b),
        Op::Div | Op::Rem if b == 0 => return Err("division by zero".into()),
        Op::Div => a.wrapping_div(b),
        Op::Rem => a.wrapping_rem(b),
        Op::Shl => u32::try_from(b).ok().and_then(|s| a.checked_shl(s)).unwrap_or(0),
        Op::Shr => u32::try_from(b).ok().and_then(|s| (a as u64).checked_shr(s)).unwrap_or(0) as i64,
        Op::Or => a | b,
        Op::And => a & b,
        Op::Xor => a ^ b,
        Op::Add => a.wrapping_add(b),
        Op::Sub => a.wrapping_sub(b),
        Op::Eq => truth(a == b),
        Op::Ne => truth(a != b),
        Op::Lt => truth(a < b),
        Op::Gt => truth(a > b),
        Op::Le => truth(a <= b),
        Op::Ge => truth(a >= b),
        Op::LogAnd => i64::from(a != 0 && b != 0),
        Op::LogOr => i64::from(a != 0 || b != 0),
        Op::Neg | Op::Not | Op::LogNot => return Err("not a binary operator".into()),
    }))
}

/// A position in a statement's tokens.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    pub toks: &'a [Token],
    pub at: usize,
    /// Column past the statement's last character.
    pub end: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(toks: &'a [Token], end: usize) -> Self {
        Cursor { toks, at: 0, end }
    }

    pub fn peek(&self) -> Option<&'a Tok> {
        self.toks.get(self.at).map(|t| &t.tok)
    }

    pub fn advance(&mut self) -> Option<&'a Tok> {
        let t = self.toks.get(self.at)?;
        self.at += 1;
        Some(&t.tok)
    }

    /// Column of the next token, or of the statement's end.
    pub fn col(&self) -> usize {
        self.toks.get(self.at).map_or(self.end, |t| t.col)
    }

    pub fn fault<T>(&self, message: impl Into<String>) -> Parsed<T> {
        Err(Fault::new(self.col(), message))
    }

    pub fn is(&self, p: &str) -> bool {
        matches!(self.peek(), Some(Tok::Punct(q)) if *q == p)
    }

    /// Takes the punctuation `p` if it is next.
    pub fn eat(&mut self, p: &str) -> bool {
        let hit = self.is(p);
        self.at += usize::from(hit);
        hit
    }

    pub fn expect(&mut self, p: &str) -> Parsed<()> {
        if self.eat(p) {
            Ok(())
        } else if self.done() {
            self.fault(format!("expected `{p}` before the end of the line"))
        } else {
            self.fault(format!("expected `{p}`"))
        }
    }

    pub fn ident(&mut self) -> Parsed<&'a str> {
        match self.peek() {
            Some(Tok::Ident(s)) => {
                self.at += 1;
                Ok(s)
            }
            _ => self.fault("expected a name"),
        }
    }

    pub fn done(&self) -> bool {
        self.at >= self.toks.len()
    }

    pub fn finish(&self) -> Parsed<()> {
        if self.done() { Ok(()) } else { self.fault("unexpected text after the operands") }
    }
}

/// What the expression parser asks its owner for.
pub trait Names {
    /// The expression a name stands for: its symbol, or its constant if it has one already.
    fn name(&mut self, name: &str) -> Expr;
    /// The symbol of a numeric label reference.
    fn local(&mut self, number: u64, forward: bool) -> Result<Expr, String>;
    /// A symbol at the current place.
    fn here(&mut self) -> Expr;
}

/// Binding strength of a binary operator, higher binds tighter (GNU as manual, "Infix Operators").
fn precedence(p: &str) -> Option<(u8, Op)> {
    Some(match p {
        "*" => (5, Op::Mul),
        "/" => (5, Op::Div),
        "%" => (5, Op::Rem),
        "<<" => (5, Op::Shl),
        ">>" => (5, Op::Shr),
        "|" => (4, Op::Or),
        "&" => (4, Op::And),
        "^" => (4, Op::Xor),
        "+" => (3, Op::Add),
        "-" => (3, Op::Sub),
        "==" => (3, Op::Eq),
        "!=" | "<>" => (3, Op::Ne),
        "<" => (3, Op::Lt),
        ">" => (3, Op::Gt),
        "<=" => (3, Op::Le),
        ">=" => (3, Op::Ge),
        "&&" => (2, Op::LogAnd),
        "||" => (1, Op::LogOr),
        _ => return None,
    })
}

/// Nesting allowed in one expression, so that hostile input cannot exhaust the stack.
const MAX_DEPTH: u32 = 100;

/// Parses an expression at the cursor.
pub fn parse(cur: &mut Cursor, names: &mut dyn Names) -> Parsed<Expr> {
    infix(cur, names, 0, 0)
}

fn infix(cur: &mut Cursor, names: &mut dyn Names, min: u8, depth: u32) -> Parsed<Expr> {
    let mut left = prefix(cur, names, depth)?;
    while let Some(Tok::Punct(p)) = cur.peek() {
        let Some((level, op)) = precedence(p) else { break };
        if level < min {
            break;
        }
        cur.at += 1;
        let right = infix(cur, names, level + 1, depth + 1)?;
        left = fold(Expr::Bin(op, Box::new(left), Box::new(right)));
    }
    Ok(left)
}

fn prefix(cur: &mut Cursor, names: &mut dyn Names, depth: u32) -> Parsed<Expr> {
    if depth > MAX_DEPTH {
        return cur.fault("the expression is nested too deeply");
    }
    let col = cur.col();
    let un = |cur: &mut Cursor, names: &mut dyn Names, op| {
        let inner = prefix(cur, names, depth + 1)?;
        Ok(fold(Expr::Un(op, Box::new(inner))))
    };
    match cur.advance() {
        Some(Tok::Int(n)) => Ok(Expr::Num(*n)),
        Some(Tok::Ident(s)) if s == "." => Ok(names.here()),
        Some(Tok::Ident(s)) => Ok(names.name(s)),
        Some(Tok::Local(n, forward)) => names.local(*n, *forward).map_err(|m| Fault::new(col, m)),
        Some(Tok::Punct("-")) => un(cur, names, Op::Neg),
        Some(Tok::Punct("~")) => un(cur, names, Op::Not),
        Some(Tok::Punct("!")) => un(cur, names, Op::LogNot),
        Some(Tok::Punct("+")) => prefix(cur, names, depth + 1),
        Some(Tok::Punct("(")) => {
            let inner = infix(cur, names, 0, depth + 1)?;
            cur.expect(")")?;
            Ok(inner)
        }
        Some(Tok::Wide(n)) => Err(Fault::new(col, format!("`{n:#x}` does not fit in 64 bits"))),
        Some(Tok::Float(_)) => Err(Fault::new(col, "a floating-point constant cannot stand here")),
        Some(_) => Err(Fault::new(col, "expected an expression")),
        None => Err(Fault::new(col, "expected an expression before the end of the line")),
    }
}

/// Folds an operation on constants; one that fails is left for evaluation to report.
fn fold(expr: Expr) -> Expr {
    let constant = match &expr {
        Expr::Un(_, e) => matches!(**e, Expr::Num(_)),
        Expr::Bin(_, l, r) => matches!((&**l, &**r), (Expr::Num(_), Expr::Num(_))),
        _ => false,
    };
    if constant && let Ok(v) = eval(&expr, &mut |_| Err(String::new())) {
        return Expr::Num(v.n);
    }
    expr
}

#[cfg(test)]
mod tests {
    use super::super::lex::tokens;
    use super::*;

    struct NoNames;
    impl Names for NoNames {
        fn name(&mut self, _: &str) -> Expr {
            Expr::Sym(0)
        }
        fn local(&mut self, _: u64, _: bool) -> Result<Expr, String> {
            Err("none".into())
        }
        fn here(&mut self) -> Expr {
            Expr::Num(0)
        }
    }

    fn value(text: &str) -> Result<i64, String> {
        let toks = tokens(text).map_err(|f| f.message)?;
        let mut cur = Cursor::new(&toks, text.len());
        let e = parse(&mut cur, &mut NoNames).map_err(|f| f.message)?;
        cur.finish().map_err(|f| f.message)?;
        eval(&e, &mut |_| Err("symbol".into())).map(|v| v.n)
    }

    #[test]
    fn precedence_is_that_of_gnu_as() {
        assert_eq!(value("1 + 2 * 3"), Ok(7));
        // | binds tighter than + in GNU as.
        assert_eq!(value("3 + 1 | 1"), Ok(4));
        assert_eq!(value("10 - 3 - 2"), Ok(5));
        assert_eq!(value("1 << 4 - 1"), Ok(15));
        assert_eq!(value("-(3 + ~0) & 0xff"), Ok(0xfe));
        assert_eq!(value("3 == 3"), Ok(-1));
        assert_eq!(value("1 && 0 || 1"), Ok(1));
        assert_eq!(value("1 << 64"), Ok(0));
        assert_eq!(value("-1 >> 60"), Ok(15));
    }

    #[test]
    fn errors() {
        assert_eq!(value("1 / 0"), Err("division by zero".into()));
        assert!(value("1 +").is_err());
        assert!(value("(1").is_err());
        assert!(value(&"(".repeat(10_000)).is_err());
        assert!(value("-9223372036854775808 / -1").is_ok());
    }
}
