//! Syntax tree of a body, before types.

use super::lexer::Span;

#[derive(Clone, Debug)]
pub enum Type {
    Bits(u8),
    Boolean,
}

#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub kind: Expr,
}

#[derive(Clone, Debug)]
pub enum Expr {
    Int(u128, Option<u8>),
    Bool(bool),
    Name(String),
    /// `X[i]`, `f[i]`, `CSR[i]`
    Index(String, Box<Node>),
    Slice(Box<Node>, u8, u8),
    Unary(&'static str, Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
    Select(Box<Node>, Box<Node>, Box<Node>),
    Concat(Vec<Node>),
    Repeat(u8, Box<Node>),
    /// Name, `<N>`, arguments
    Call(String, Option<u8>, Vec<Node>),
}

#[derive(Clone, Debug)]
pub enum Stmt {
    Declare { span: Span, ty: Type, name: String, value: Node },
    Assign { place: Node, value: Node },
    Call(Node),
    If { cond: Node, then: Vec<Stmt>, otherwise: Vec<Stmt> },
}
