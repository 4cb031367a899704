//! Recursive-descent parser of the IDL.

use super::ast::{Expr, Node, Stmt, Type};
use super::lexer::{LexError, Span, Tok, lex};

/// Nesting beyond this is refused, so that hostile input cannot exhaust the stack.
const MAX_DEPTH: usize = 24;

/// Longest body, in tokens; bounds the depth of left-leaning trees such as `a + a + …`.
const MAX_TOKENS: usize = 2000;

/// Binary operators by rising precedence.
const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<", "<=", ">", ">="],
    &["<<", ">>", ">>>"],
    &["+", "-"],
    &["*", "`*", "/", "%"],
];

struct Parser {
    toks: Vec<(Tok, Span)>,
    at: usize,
    depth: usize,
}

pub fn parse(body: &str) -> Result<Vec<Stmt>, LexError> {
    let toks = lex(body)?;
    if let Some((_, span)) = toks.get(MAX_TOKENS) {
        return Err((*span, format!("the body has more than {MAX_TOKENS} tokens")));
    }
    let mut p = Parser { toks, at: 0, depth: 0 };
    let mut stmts = Vec::new();
    while *p.peek() != Tok::End {
        stmts.push(p.stmt()?);
    }
    Ok(stmts)
}

impl Parser {
    fn peek(&self) -> &Tok {
        &self.toks[self.at].0
    }

    fn peek_at(&self, n: usize) -> &Tok {
        &self.toks[(self.at + n).min(self.toks.len() - 1)].0
    }

    fn span(&self) -> Span {
        self.toks[self.at].1
    }

    fn bump(&mut self) -> (Tok, Span) {
        let t = self.toks[self.at].clone();
        if self.at + 1 < self.toks.len() {
            self.at += 1;
        }
        t
    }

    fn is(&self, op: &str) -> bool {
        matches!(self.peek(), Tok::Op(o) if *o == op)
    }

    fn eat(&mut self, op: &str) -> bool {
        let found = self.is(op);
        if found {
            self.bump();
        }
        found
    }

    fn unexpected<T>(&self, expected: &str) -> Result<T, LexError> {
        Err((self.span(), format!("expected {expected}, found {}", self.peek().describe())))
    }

    fn expect(&mut self, op: &str) -> Result<(), LexError> {
        if self.eat(op) { Ok(()) } else { self.unexpected(&format!("`{op}`")) }
    }

    fn name(&mut self, expected: &str) -> Result<String, LexError> {
        match self.peek() {
            Tok::Name(n) => {
                let n = n.clone();
                self.bump();
                Ok(n)
            }
            _ => self.unexpected(expected),
        }
    }

    /// A width in bits, 1 to 128.
    fn width(&mut self) -> Result<u8, LexError> {
        match self.peek() {
            Tok::Int(1..=128, None) => self.small("a width", 128),
            Tok::Name(n) if n.ends_with("XLEN") => self.unexpected("a width (XLEN is 64 here)"),
            _ => self.unexpected("a width (1..=128)"),
        }
    }

    fn small(&mut self, expected: &str, max: u128) -> Result<u8, LexError> {
        match *self.peek() {
            Tok::Int(v, None) if v <= max => {
                self.bump();
                Ok(v as u8)
            }
            _ => self.unexpected(&format!("{expected} (0..={max})")),
        }
    }

    fn deeper<T>(&mut self, f: impl FnOnce(&mut Parser) -> Result<T, LexError>) -> Result<T, LexError> {
        if self.depth == MAX_DEPTH {
            return Err((self.span(), "nested too deeply".to_string()));
        }
        self.depth += 1;
        let result = f(self);
        self.depth -= 1;
        result
    }

    fn block(&mut self) -> Result<Vec<Stmt>, LexError> {
        self.expect("{")?;
        let mut stmts = Vec::new();
        while !self.eat("}") {
            if *self.peek() == Tok::End {
                return self.unexpected("`}`");
            }
            stmts.push(self.stmt()?);
        }
        Ok(stmts)
    }

    fn stmt(&mut self) -> Result<Stmt, LexError> {
        self.deeper(Parser::stmt_inner)
    }

    fn stmt_inner(&mut self) -> Result<Stmt, LexError> {
        let keyword = match self.peek() {
            Tok::Name(n) => n.clone(),
            _ => return self.unexpected("a statement"),
        };
        if matches!(keyword.as_str(), "for" | "while" | "do" | "return" | "switch") {
            let why = format!(
                "`{keyword}` is not part of this IDL: an instruction has no loops and ends at its end"
            );
            return Err((self.span(), why));
        }
        if keyword == "if" {
            self.bump();
            self.expect("(")?;
            let cond = self.expr()?;
            self.expect(")")?;
            let then = self.block()?;
            let mut otherwise = Vec::new();
            if *self.peek() == Tok::Name("else".into()) {
                self.bump();
                otherwise = match self.peek() {
                    Tok::Name(n) if n == "if" => vec![self.stmt()?],
                    _ => self.block()?,
                };
            }
            return Ok(Stmt::If { cond, then, otherwise });
        }
        if let Some(ty) = self.type_name(&keyword)? {
            let span = self.span();
            let name = self.name("a variable name")?;
            if self.is(";") {
                let why = format!("`{name}` needs a value: a variable is assigned where it is declared");
                return Err((span, why));
            }
            self.expect("=")?;
            let value = self.expr()?;
            self.expect(";")?;
            return Ok(Stmt::Declare { span, ty, name, value });
        }
        if let (Tok::Name(_), Tok::Name(_)) = (self.peek(), self.peek_at(1)) {
            let why = format!("`{keyword}` is not a type; expected XReg, Bits<N> or Boolean");
            return Err((self.span(), why));
        }
        let place = self.postfix()?;
        if let (Tok::Op(op), Tok::Op("=")) = (self.peek(), self.peek_at(1))
            && LEVELS.iter().flat_map(|level| *level).any(|known| known == op)
        {
            let why = format!("there is no `{op}=` in this IDL; write the place again: a = a {op} b");
            return Err((self.span(), why));
        }
        if self.eat("=") {
            let value = self.expr()?;
            self.expect(";")?;
            return Ok(Stmt::Assign { place, value });
        }
        if !matches!(place.kind, Expr::Call(..)) {
            return self.unexpected("`=`");
        }
        self.expect(";")?;
        Ok(Stmt::Call(place))
    }

    fn type_name(&mut self, keyword: &str) -> Result<Option<Type>, LexError> {
        let ty = match keyword {
            "XReg" => Type::Bits(64),
            "Boolean" => Type::Boolean,
            "Bits" => {
                self.bump();
                self.expect("<")?;
                let width = self.width()?;
                self.expect(">")?;
                return Ok(Some(Type::Bits(width)));
            }
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(ty))
    }

    fn expr(&mut self) -> Result<Node, LexError> {
        self.deeper(|p| {
            let cond = p.binary(0)?;
            if !p.is("?") {
                return Ok(cond);
            }
            let span = p.span();
            p.bump();
            let then = p.expr()?;
            p.expect(":")?;
            let otherwise = p.expr()?;
            let kind = Expr::Select(Box::new(cond), Box::new(then), Box::new(otherwise));
            Ok(Node { span, kind })
        })
    }

    fn binary(&mut self, level: usize) -> Result<Node, LexError> {
        if level == LEVELS.len() {
            return self.unary();
        }
        let mut left = self.binary(level + 1)?;
        loop {
            let op = match self.peek() {
                Tok::Op(op) if LEVELS[level].contains(op) => *op,
                _ => return Ok(left),
            };
            let (_, span) = self.bump();
            let right = self.binary(level + 1)?;
            left = Node { span, kind: Expr::Binary(op, Box::new(left), Box::new(right)) };
        }
    }

    fn unary(&mut self) -> Result<Node, LexError> {
        let op = match self.peek() {
            Tok::Op(op @ ("!" | "~" | "-")) => *op,
            _ => return self.postfix(),
        };
        let (_, span) = self.bump();
        let operand = self.deeper(Parser::unary)?;
        Ok(Node { span, kind: Expr::Unary(op, Box::new(operand)) })
    }

    fn postfix(&mut self) -> Result<Node, LexError> {
        let mut node = self.primary()?;
        while self.is("[") {
            let (_, span) = self.bump();
            if matches!(self.peek(), Tok::Name(_)) {
                return self.unexpected("a constant bit number (a bit that varies is `(a >> n)[0]`)");
            }
            let hi = self.small("a bit number", 127)?;
            let lo = if self.eat(":") { self.small("a bit number", 127)? } else { hi };
            self.expect("]")?;
            node = Node { span, kind: Expr::Slice(Box::new(node), hi, lo) };
        }
        Ok(node)
    }

    fn primary(&mut self) -> Result<Node, LexError> {
        let (tok, span) = (self.peek().clone(), self.span());
        let kind = match tok {
            Tok::Int(value, width) => {
                self.bump();
                Expr::Int(value, width)
            }
            Tok::Op("(") => {
                self.bump();
                let inner = self.expr()?;
                self.expect(")")?;
                return Ok(inner);
            }
            Tok::Op("{") => {
                self.bump();
                self.braces()?
            }
            Tok::Name(name) => {
                self.bump();
                match name.as_str() {
                    "true" => Expr::Bool(true),
                    "false" => Expr::Bool(false),
                    "X" | "f" | "CSR" if self.is("[") => {
                        self.bump();
                        let index = self.expr()?;
                        self.expect("]")?;
                        Expr::Index(name, Box::new(index))
                    }
                    _ => return self.named(name, span),
                }
            }
            _ => return self.unexpected("an expression"),
        };
        Ok(Node { span, kind })
    }

    /// After `{`: a concatenation or a repetition.
    fn braces(&mut self) -> Result<Expr, LexError> {
        if matches!(self.peek(), Tok::Int(_, None)) && matches!(self.peek_at(1), Tok::Op("{")) {
            let count = self.small("a repetition count", 128)?;
            self.expect("{")?;
            let part = self.expr()?;
            self.expect("}")?;
            self.expect("}")?;
            return Ok(Expr::Repeat(count, Box::new(part)));
        }
        let mut parts = vec![self.expr()?];
        while self.eat(",") {
            parts.push(self.expr()?);
        }
        self.expect("}")?;
        Ok(Expr::Concat(parts))
    }

    /// A variable, or a call with its `<N>` if one follows.
    fn named(&mut self, name: String, span: Span) -> Result<Node, LexError> {
        if name == "implemented" && self.is("?") {
            let why = "`implemented?` is not part of this IDL: every extension of the file is there";
            return Err((span, why.to_string()));
        }
        let sized = self.is("<")
            && matches!(self.peek_at(1), Tok::Int(_, None))
            && matches!(self.peek_at(2), Tok::Op(">"))
            && matches!(self.peek_at(3), Tok::Op("("));
        let mut width = None;
        if sized {
            self.bump();
            width = Some(self.width()?);
            self.bump();
        }
        if !self.eat("(") {
            return Ok(Node { span, kind: Expr::Name(name) });
        }
        let mut args = Vec::new();
        if !self.is(")") {
            args.push(self.expr()?);
            while self.eat(",") {
                args.push(self.expr()?);
            }
        }
        self.expect(")")?;
        Ok(Node { span, kind: Expr::Call(name, width, args) })
    }
}
