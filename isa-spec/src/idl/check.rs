//! Type checker: syntax tree → [`Body`](crate::sem::Body).

use super::ast::{self, Expr as Ast, Node, Type};
use super::builtins::{self, Param};
use super::lexer::{LexError, Span};
use super::parser;
use crate::diag::did_you_mean;
use crate::model::Field;
use crate::sem::{AmoOp, BinOp, Body, Builtin, Expr, ExprKind, Local, LocalId, Reg, Stmt, UnOp};

/// Compiles a body for an instruction with these fields.
pub fn compile(body: &str, fields: &[Field]) -> Result<Body> {
    let stmts = parser::parse(body)?;
    let mut checker = Checker { fields, locals: Vec::new(), scope: Vec::new(), wrote: false, depth: 0 };
    let stmts = checker.stmts(&stmts)?;
    let locals = checker.locals.into_iter().map(|l| l.local).collect();
    Ok(Body { locals, stmts })
}

/// A checked value and its IDL type.
enum Value {
    /// An unsized literal, waiting for a width.
    Literal(i128),
    Bits(Expr, bool),
    Boolean(Expr),
}

struct Variable {
    local: Local,
    boolean: bool,
}

struct Checker<'a> {
    fields: &'a [Field],
    locals: Vec<Variable>,
    /// Visible names, innermost last.
    scope: Vec<(String, LocalId)>,
    /// A register or CSR was already written on this path, so traps are no longer allowed.
    wrote: bool,
    /// Nesting of the expression at hand.
    depth: usize,
}

/// Deepest expression; bounds the recursion of everything that walks one.
const MAX_DEPTH: usize = 100;

type Result<T> = std::result::Result<T, LexError>;

fn err<T>(span: Span, message: impl Into<String>) -> Result<T> {
    Err((span, message.into()))
}

fn expr(kind: ExprKind, width: u8) -> Expr {
    Expr { kind, width }
}

fn constant(value: u128, width: u8) -> Expr {
    expr(ExprKind::Const(value & ones(width)), width)
}

fn ones(width: u8) -> u128 {
    if width >= 128 { u128::MAX } else { (1 << width) - 1 }
}

/// `e` extended to `width` bits.
fn extend(e: Expr, signed: bool, width: u8) -> Expr {
    if e.width == width {
        return e;
    }
    if let ExprKind::Const(v) = e.kind {
        let unused = 128 - u32::from(e.width);
        let v = if signed { ((v << unused) as i128 >> unused) as u128 } else { v };
        return constant(v, width);
    }
    let kind = if signed { ExprKind::SignExtend(Box::new(e)) } else { ExprKind::ZeroExtend(Box::new(e)) };
    expr(kind, width)
}

impl Value {
    fn describe(&self) -> String {
        match self {
            Value::Literal(_) => "a literal without width".to_string(),
            Value::Bits(e, _) => format!("Bits<{}>", e.width),
            Value::Boolean(_) => "a Boolean".to_string(),
        }
    }

    fn signed(&self) -> bool {
        match self {
            Value::Literal(_) => true,
            Value::Bits(_, signed) => *signed,
            Value::Boolean(_) => false,
        }
    }

    /// The value as exactly `width` bits.
    fn fit(self, width: u8, span: Span) -> Result<Expr> {
        match self {
            Value::Literal(v) => {
                let fits =
                    if v < 0 { v >= -(1i128 << (width - 1).min(126)) } else { v as u128 <= ones(width) };
                if fits {
                    Ok(constant(v as u128, width))
                } else {
                    err(span, format!("{v} does not fit {width} bits"))
                }
            }
            Value::Bits(e, signed) if e.width <= width => Ok(extend(e, signed, width)),
            Value::Bits(e, _) => err(
                span,
                format!(
                    "Bits<{}> does not fit Bits<{width}>; take a slice such as x[{}:0]",
                    e.width,
                    width - 1
                ),
            ),
            Value::Boolean(_) => err(
                span,
                format!(
                    "expected Bits<{width}>, found a Boolean; choose numbers, e.g. x ? {width}'d1 : {width}'d0"
                ),
            ),
        }
    }
}

impl Checker<'_> {
    fn stmts(&mut self, stmts: &[ast::Stmt]) -> Result<Vec<Stmt>> {
        let depth = self.scope.len();
        let mut out = Vec::new();
        for s in stmts {
            out.push(self.stmt(s)?);
        }
        self.scope.truncate(depth);
        Ok(out)
    }

    fn stmt(&mut self, stmt: &ast::Stmt) -> Result<Stmt> {
        match stmt {
            ast::Stmt::Declare { span, ty, name, value } => {
                let known = self.scope.iter().any(|(n, _)| n == name);
                if known || self.fields.iter().any(|f| f.name == *name) {
                    return err(*span, format!("`{name}` is already declared"));
                }
                let (value, boolean) = match ty {
                    Type::Bits(width) => (self.bits(value, *width)?, false),
                    Type::Boolean => (self.boolean(value)?, true),
                };
                let id = LocalId(self.locals.len());
                let local = Local { name: name.clone(), width: value.width };
                self.locals.push(Variable { local, boolean });
                self.scope.push((name.clone(), id));
                Ok(Stmt::Set(id, value))
            }
            ast::Stmt::Assign { place, value } => self.assign(place, value),
            ast::Stmt::Call(call) => self.effect(call),
            ast::Stmt::If { cond, then, otherwise } => {
                let cond = self.boolean(cond)?;
                let before = self.wrote;
                let then = self.stmts(then)?;
                let after_then = std::mem::replace(&mut self.wrote, before);
                let otherwise = self.stmts(otherwise)?;
                // A branch that ends the instruction does not reach what follows.
                self.wrote |= after_then && !ends(&then);
                Ok(Stmt::If { cond, then, otherwise })
            }
        }
    }

    fn assign(&mut self, place: &Node, value: &Node) -> Result<Stmt> {
        match &place.kind {
            Ast::Name(name) => {
                let Some(id) = self.lookup(name) else {
                    return err(place.span, format!("`{name}` is not a declared variable"));
                };
                let Variable { local, boolean } = &self.locals[id.0];
                let (width, boolean) = (local.width, *boolean);
                let value = if boolean { self.boolean(value)? } else { self.bits(value, width)? };
                Ok(Stmt::Set(id, value))
            }
            Ast::Index(file, index) => {
                if file == "CSR" {
                    let number = self.bits(index, 12)?;
                    let value = self.bits(value, 64)?;
                    self.may_trap(place.span)?;
                    self.wrote = true;
                    return Ok(Stmt::WriteCsr(number, value));
                }
                let value = self.bits(value, 64)?;
                let reg = self.reg(file, index)?;
                self.wrote = true;
                Ok(if file == "X" { Stmt::WriteX(reg, value) } else { Stmt::WriteF(reg, value) })
            }
            _ => err(place.span, "expected a variable or X[…], f[…], CSR[…] before `=`"),
        }
    }

    fn effect(&mut self, call: &Node) -> Result<Stmt> {
        let Ast::Call(name, width, args) = &call.kind else {
            return err(call.span, "expected a call");
        };
        match (name.as_str(), width) {
            ("jump" | "jump_halfword", None) => {
                let [target] = self.args(call.span, args)?;
                Ok(Stmt::Jump(self.bits(target, 64)?))
            }
            ("guard_fail", None) => {
                let [value] = self.args(call.span, args)?;
                let value = self.bits(value, 64)?;
                self.may_trap(call.span)?;
                Ok(Stmt::GuardFail(value))
            }
            ("write_memory", Some(width @ (8 | 16 | 32 | 64))) => {
                let [addr, value, encoding] = self.args(call.span, args)?;
                self.encoding(encoding)?;
                let addr = self.bits(addr, 64)?;
                let value = self.bits(value, *width)?;
                self.may_trap(call.span)?;
                Ok(Stmt::Store { addr, value })
            }
            _ => {
                let (builtin, args, result) = self.call(call)?;
                if result == Some(0) {
                    Ok(Stmt::Effect(builtin, args))
                } else {
                    err(call.span, format!("the result of `{name}` is not used"))
                }
            }
        }
    }

    fn args<'n, const N: usize>(&self, span: Span, args: &'n [Node]) -> Result<[&'n Node; N]> {
        let refs: Vec<&Node> = args.iter().collect();
        let found = refs.len();
        refs.try_into().or_else(|_| err(span, format!("expected {N} arguments, found {found}")))
    }

    fn encoding(&self, arg: &Node) -> Result<()> {
        match &arg.kind {
            Ast::Name(n) if n == "$encoding" => Ok(()),
            _ => err(arg.span, "expected `$encoding` here"),
        }
    }

    fn may_trap(&self, span: Span) -> Result<()> {
        if self.wrote {
            err(span, "this may trap, but a register was already written; compute first, then write")
        } else {
            Ok(())
        }
    }

    fn lookup(&self, name: &str) -> Option<LocalId> {
        self.scope.iter().rev().find(|(n, _)| n == name).map(|(_, id)| *id)
    }

    /// A register operand of file `X` or `f`.
    fn reg(&self, file: &str, index: &Node) -> Result<Reg> {
        let find = |name: &str, span: Span| match self.fields.iter().position(|f| f.name == name) {
            Some(n) if self.fields[n].is_reg() => Ok(n),
            _ => {
                let fields = self.fields.iter().filter(|f| f.is_reg());
                let known: Vec<&str> = fields.map(|f| f.name.as_str()).collect();
                let which = if known.is_empty() {
                    "it has none".to_string()
                } else {
                    format!("its registers are {}", known.join(", "))
                };
                err(span, format!("`{name}` is not a register field of this instruction; {which}"))
            }
        };
        let right_file = |n: usize, span: Span| {
            let x = self.fields[n].kind == crate::model::FieldKind::XReg;
            if x == (file == "X") {
                Ok(Reg::Field(n))
            } else {
                err(span, format!("`{}` is not a register of {file}[]", self.fields[n].name))
            }
        };
        match &index.kind {
            Ast::Int(v, None) if *v < 32 => Ok(Reg::Fixed(*v as u8)),
            Ast::Name(name) => {
                let n = find(name, index.span)?;
                if self.fields[n].is_creg() {
                    return err(index.span, format!("`{name}` is a three-bit field: write creg2reg({name})"));
                }
                right_file(n, index.span)
            }
            Ast::Call(call, None, args) if call == "creg2reg" => {
                let [arg] = self.args(index.span, args)?;
                match &arg.kind {
                    Ast::Name(name) if self.fields[find(name, arg.span)?].is_creg() => {
                        right_file(find(name, arg.span)?, arg.span)
                    }
                    _ => err(arg.span, "creg2reg takes a three-bit register field"),
                }
            }
            Ast::Binary("+", base, one) if matches!(one.kind, Ast::Int(1, None)) => match &base.kind {
                Ast::Name(name) => {
                    let n = find(name, base.span)?;
                    let field = &self.fields[n];
                    let even = (0..32).all(|r| r % 2 == 0 || field.not.contains(&r));
                    if field.is_creg() || !even {
                        let why =
                            format!("`{name}` is not always even: exclude the odd registers with `not`");
                        return err(base.span, why);
                    }
                    right_file(n, base.span).map(|_| Reg::Next(n))
                }
                _ => err(base.span, "expected a register field before `+ 1`"),
            },
            _ => err(index.span, "expected a register field or a register number 0..=31"),
        }
    }

    fn bits(&mut self, node: &Node, width: u8) -> Result<Expr> {
        self.value(node)?.fit(width, node.span)
    }

    fn sized(&mut self, node: &Node) -> Result<(Expr, bool)> {
        match self.value(node)? {
            Value::Bits(e, signed) => Ok((e, signed)),
            other => err(node.span, format!("expected a value with a width, found {}", other.describe())),
        }
    }

    fn boolean(&mut self, node: &Node) -> Result<Expr> {
        match self.value(node)? {
            Value::Boolean(e) => Ok(e),
            other => err(
                node.span,
                format!("expected a Boolean, found {}; compare it, e.g. x != 0", other.describe()),
            ),
        }
    }

    fn value(&mut self, node: &Node) -> Result<Value> {
        if self.depth == MAX_DEPTH {
            return err(node.span, "this expression is too deep");
        }
        self.depth += 1;
        let value = self.value_of(node);
        self.depth -= 1;
        value
    }

    fn value_of(&mut self, node: &Node) -> Result<Value> {
        let span = node.span;
        Ok(match &node.kind {
            Ast::Int(v, Some(width)) => Value::Bits(constant(*v, *width), false),
            Ast::Int(v, None) => match i128::try_from(*v) {
                Ok(v) => Value::Literal(v),
                Err(_) => return err(span, "this literal needs a width, e.g. 128'h…"),
            },
            Ast::Bool(b) => Value::Boolean(constant(u128::from(*b), 1)),
            Ast::Name(name) => self.name(name, span)?,
            Ast::Index(file, index) if file == "CSR" => {
                let number = self.bits(index, 12)?;
                self.may_trap(span)?;
                Value::Bits(expr(ExprKind::ReadCsr(Box::new(number)), 64), false)
            }
            Ast::Index(file, index) => {
                let reg = self.reg(file, index)?;
                let kind = if file == "X" { ExprKind::ReadX(reg) } else { ExprKind::ReadF(reg) };
                Value::Bits(expr(kind, 64), false)
            }
            Ast::Slice(inner, hi, lo) => {
                let (e, _) = self.sized(inner)?;
                if hi < lo || *hi >= e.width {
                    return err(span, format!("bits {hi}:{lo} are not in Bits<{}>", e.width));
                }
                if *lo == 0 && hi + 1 == e.width {
                    Value::Bits(e, false)
                } else {
                    Value::Bits(expr(ExprKind::Slice(Box::new(e), *hi, *lo), hi - lo + 1), false)
                }
            }
            Ast::Unary(op, inner) => self.unary(op, inner, span)?,
            Ast::Binary(op, a, b) => self.binary(op, a, b, span)?,
            Ast::Select(cond, a, b) => {
                let cond = Box::new(self.boolean(cond)?);
                let (left, right) = (self.value(a)?, self.value(b)?);
                if let (Value::Boolean(_), Value::Boolean(_)) = (&left, &right) {
                    let (Value::Boolean(x), Value::Boolean(y)) = (left, right) else {
                        return err(span, "both sides of `?:` need the same type");
                    };
                    return Ok(Value::Boolean(expr(ExprKind::Select(cond, Box::new(x), Box::new(y)), 1)));
                }
                let (x, y, signed) = self.same_width(left, right, span)?;
                let width = x.width;
                Value::Bits(expr(ExprKind::Select(cond, Box::new(x), Box::new(y)), width), signed)
            }
            Ast::Concat(parts) => {
                let mut out = Vec::new();
                for part in parts {
                    out.push(self.sized(part)?.0);
                }
                self.concat(out, span)?
            }
            Ast::Repeat(count, part) => {
                let (e, _) = self.sized(part)?;
                if *count == 0 {
                    return err(span, "a repetition count of at least 1 is expected");
                }
                self.concat(vec![e; usize::from(*count)], span)?
            }
            Ast::Call(name, width, args) => match (name.as_str(), width) {
                ("$signed", None) => {
                    let [arg] = self.args(span, args)?;
                    Value::Bits(self.sized(arg)?.0, true)
                }
                ("nan_box", Some(16)) => {
                    let [arg] = self.args(span, args)?;
                    let value = self.bits(arg, 16)?;
                    self.concat(vec![constant(ones(48), 48), value], span)?
                }
                ("nan_unbox", Some(16)) => {
                    let [arg] = self.args(span, args)?;
                    let value = self.bits(arg, 64)?;
                    Value::Bits(unbox_half(value), false)
                }
                ("read_memory", Some(width @ (8 | 16 | 32 | 64))) => {
                    let [addr, encoding] = self.args(span, args)?;
                    self.encoding(encoding)?;
                    let addr = self.bits(addr, 64)?;
                    self.may_trap(span)?;
                    Value::Bits(expr(ExprKind::Load(Box::new(addr)), *width), false)
                }
                _ => {
                    let (builtin, args, result) = self.call(node)?;
                    match result {
                        None => Value::Boolean(expr(ExprKind::Call(builtin, args), 1)),
                        Some(0) => return err(span, format!("`{name}` has no value")),
                        Some(w) => Value::Bits(expr(ExprKind::Call(builtin, args), w), false),
                    }
                }
            },
        })
    }

    fn concat(&self, parts: Vec<Expr>, span: Span) -> Result<Value> {
        let width: u32 = parts.iter().map(|p| u32::from(p.width)).sum();
        if width > 128 {
            return err(span, format!("{width} bits are more than the 128 supported"));
        }
        Ok(Value::Bits(expr(ExprKind::Concat(parts), width as u8), false))
    }

    fn name(&mut self, name: &str, span: Span) -> Result<Value> {
        if name == "$pc" {
            return Ok(Value::Bits(expr(ExprKind::Pc, 64), false));
        }
        if let Some(id) = self.lookup(name) {
            let Variable { local, boolean } = &self.locals[id.0];
            let e = expr(ExprKind::Local(id), local.width);
            return Ok(if *boolean { Value::Boolean(e) } else { Value::Bits(e, false) });
        }
        match self.fields.iter().position(|f| f.name == name) {
            Some(n) => {
                let field = &self.fields[n];
                let width = if field.is_reg() { 5 } else { field.value_width() };
                Ok(Value::Bits(expr(ExprKind::Field(n), width), field.sign_extend))
            }
            None => {
                let known = self.scope.iter().map(|(n, _)| n.as_str());
                let near = did_you_mean(name, known.chain(self.fields.iter().map(|f| f.name.as_str())));
                err(span, format!("`{name}` is neither a variable nor a field of this encoding{near}"))
            }
        }
    }

    fn unary(&mut self, op: &str, inner: &Node, span: Span) -> Result<Value> {
        if op == "!" {
            let e = self.boolean(inner)?;
            return Ok(Value::Boolean(expr(ExprKind::Unary(UnOp::Not, Box::new(e)), 1)));
        }
        match self.value(inner)? {
            Value::Literal(v) if op == "-" => Ok(Value::Literal(-v)),
            Value::Literal(_) => err(span, "`~` needs a value with a width"),
            Value::Boolean(_) => err(span, format!("`{op}` does not take a Boolean")),
            Value::Bits(e, signed) => {
                let (op, width) = (if op == "-" { UnOp::Neg } else { UnOp::Not }, e.width);
                Ok(Value::Bits(expr(ExprKind::Unary(op, Box::new(e)), width), signed))
            }
        }
    }

    fn same_width(&self, a: Value, b: Value, span: Span) -> Result<(Expr, Expr, bool)> {
        let width = match (&a, &b) {
            (Value::Bits(x, _), Value::Bits(y, _)) => x.width.max(y.width),
            (Value::Bits(x, _), Value::Literal(_)) => x.width,
            (Value::Literal(_), Value::Bits(y, _)) => y.width,
            (Value::Literal(_), Value::Literal(_)) => {
                return err(span, "one of the literals needs a width, e.g. 64'd1");
            }
            _ => {
                let (a, b) = (a.describe(), b.describe());
                return err(span, format!("operands do not go together: {a} and {b}"));
            }
        };
        let signed = a.signed() && b.signed();
        Ok((a.fit(width, span)?, b.fit(width, span)?, signed))
    }

    fn binary(&mut self, op: &str, a: &Node, b: &Node, span: Span) -> Result<Value> {
        let make = |op: BinOp, a: Expr, b: Expr, width: u8| {
            expr(ExprKind::Binary(op, Box::new(a), Box::new(b)), width)
        };
        if op == "&&" || op == "||" {
            let (x, y) = (self.boolean(a)?, self.boolean(b)?);
            let op = if op == "&&" { BinOp::AndAlso } else { BinOp::OrElse };
            return Ok(Value::Boolean(make(op, x, y, 1)));
        }
        if matches!(op, "<<" | ">>" | ">>>") {
            let (x, signed) = self.sized(a)?;
            let amount = match self.value(b)? {
                Value::Literal(v) if v < 0 || v >= i128::from(x.width) => {
                    return err(b.span, format!("a shift of Bits<{}> by {v}", x.width));
                }
                Value::Literal(v) => constant(v as u128, 7),
                Value::Bits(e, _) => e,
                other => return err(b.span, format!("cannot shift by {}", other.describe())),
            };
            let op = match op {
                "<<" => BinOp::Shl,
                ">>" => BinOp::Shr,
                _ => BinOp::Sra,
            };
            let width = x.width;
            return Ok(Value::Bits(make(op, x, amount, width), signed));
        }
        let (left, right) = (self.value(a)?, self.value(b)?);
        if op == "`*" {
            let (Value::Bits(x, sx), Value::Bits(y, sy)) = (left, right) else {
                return err(span, "`* needs two values with a width");
            };
            let width = u32::from(x.width) + u32::from(y.width);
            if width > 128 || x.width != y.width {
                return err(span, "`* needs two values of equal width, 64 bits at most");
            }
            return Ok(match (sx, sy) {
                (false, false) => Value::Bits(make(BinOp::MulWideU, x, y, width as u8), false),
                (true, true) => Value::Bits(make(BinOp::MulWideS, x, y, width as u8), true),
                (true, false) => Value::Bits(make(BinOp::MulWideSU, x, y, width as u8), true),
                (false, true) => Value::Bits(make(BinOp::MulWideSU, y, x, width as u8), true),
            });
        }
        let (x, y, signed) = self.same_width(left, right, span)?;
        let width = x.width;
        let compare = |op, x, y| Ok(Value::Boolean(make(op, x, y, 1)));
        let arith = |op| Ok::<BinOp, LexError>(op);
        let op = match op {
            "==" => return compare(BinOp::Eq, x, y),
            "!=" => return compare(BinOp::Ne, x, y),
            "<" => return compare(if signed { BinOp::LtS } else { BinOp::LtU }, x, y),
            "<=" => return compare(if signed { BinOp::LeS } else { BinOp::LeU }, x, y),
            ">" => return compare(if signed { BinOp::LtS } else { BinOp::LtU }, y, x),
            ">=" => return compare(if signed { BinOp::LeS } else { BinOp::LeU }, y, x),
            "+" => arith(BinOp::Add)?,
            "-" => arith(BinOp::Sub)?,
            "*" => arith(BinOp::Mul)?,
            "/" => arith(if signed { BinOp::DivS } else { BinOp::DivU })?,
            "%" => arith(if signed { BinOp::RemS } else { BinOp::RemU })?,
            "&" => arith(BinOp::And)?,
            "|" => arith(BinOp::Or)?,
            "^" => arith(BinOp::Xor)?,
            other => return err(span, format!("unknown operator `{other}`")),
        };
        Ok(Value::Bits(make(op, x, y, width), signed))
    }

    /// A builtin with its checked arguments and its result (see [`builtins::Function::result`]).
    fn call(&mut self, node: &Node) -> Result<(Builtin, Vec<Expr>, Option<u8>)> {
        let span = node.span;
        let Ast::Call(name, width, args) = &node.kind else {
            return err(span, "expected a call");
        };
        let amo: Option<AmoOp> = args.iter().find_map(|a| match &a.kind {
            Ast::Name(n) => builtins::amo_operation(n),
            _ => None,
        });
        let Some(function) = builtins::function(name, *width, amo) else {
            let shown = width.map_or(name.clone(), |w| format!("{name}<{w}>"));
            return err(
                span,
                format!("`{shown}` is not a function of this IDL{}", wrong_function(name, *width)),
            );
        };
        if args.len() != function.params.len() {
            let expected = function.params.len();
            let s = if expected == 1 { "" } else { "s" };
            return err(span, format!("`{name}` takes {expected} argument{s}, found {}", args.len()));
        }
        let mut out = Vec::new();
        for (param, arg) in function.params.iter().zip(args) {
            match param {
                Param::Bits(width) => out.push(self.bits(arg, *width)?),
                Param::Order => {
                    self.bits(arg, 1)?;
                }
                Param::Amo => match &arg.kind {
                    Ast::Name(n) if builtins::amo_operation(n).is_some() => {}
                    _ => return err(arg.span, "expected AmoOperation::…"),
                },
                Param::Encoding => self.encoding(arg)?,
            }
        }
        if function.traps {
            self.may_trap(span)?;
        }
        Ok((function.builtin, out, function.result))
    }
}

/// What may have been meant by a call that is none.
fn wrong_function(name: &str, width: Option<u8>) -> String {
    let known = builtins::NAMES.contains(&name);
    match width {
        Some(_) if known => "; that width is not among those it has".to_string(),
        None if known => "; it takes a width, e.g. `<64>`".to_string(),
        _ => did_you_mean(name, builtins::NAMES),
    }
}

/// The half-precision number in a register: its low 16 bits if the rest is all ones, else the canonical NaN.
fn unbox_half(register: Expr) -> Expr {
    let part = |hi: u8, lo: u8| expr(ExprKind::Slice(Box::new(register.clone()), hi, lo), hi - lo + 1);
    let boxed = ExprKind::Binary(BinOp::Eq, Box::new(part(63, 16)), Box::new(constant(ones(48), 48)));
    let nan = constant(0x7e00, 16);
    expr(ExprKind::Select(Box::new(expr(boxed, 1)), Box::new(part(15, 0)), Box::new(nan)), 16)
}

/// Whether a list of statements always ends the instruction.
fn ends(stmts: &[Stmt]) -> bool {
    matches!(stmts.last(), Some(Stmt::GuardFail(_) | Stmt::Effect(Builtin::Illegal, _)))
}
