//! The IDL of `operation()` bodies: lexer, parser, type checker.
//!
//! A small subset of the RISC-V Unified DB's IDL. Grammar (`*` repetition, `?` option):
//!
//! ```text
//! body   := stmt*
//! stmt   := type NAME '=' expr ';' | place '=' expr ';' | call ';' | if
//! if     := 'if' '(' expr ')' block ('else' (block | if))?
//! block  := '{' stmt* '}'
//! type   := 'Bits' '<' INT '>' | 'XReg' | 'Boolean'
//! place  := NAME | 'X' '[' reg ']' | 'f' '[' reg ']' | 'CSR' '[' expr ']'
//! reg    := NAME | 'creg2reg' '(' NAME ')' | INT
//! expr   := ternary over || && | ^ & (== !=) (< <= > >=) (<< >> >>>) (+ -) (* `* / %), unary ! ~ -
//! post   := prim ('[' INT (':' INT)? ']')*
//! prim   := INT | N'[hdb]DIGITS | 'true' | 'false' | NAME | '$pc' | '$signed' '(' expr ')' | call | place
//!         | '{' expr (',' expr)* '}' | '{' INT '{' expr '}' '}' | '(' expr ')'
//! call   := NAME ('<' INT '>')? '(' (arg (',' arg)*)? ')'
//! ```
//!
//! Widths are checked. A narrower operand is extended by its own signedness (a field with `sign_extend`
//! and `$signed(x)` are signed); nothing is ever truncated silently: slice it. An unsized literal takes the
//! width of the other operand and must fit. `` `* `` is the widening product. `>>` is logical, `>>>`
//! arithmetic. An operation may not trap after it has written a register: the checker refuses it.

mod ast;
mod builtins;
mod check;
mod lexer;
mod parser;

pub use check::compile;
pub use lexer::Span;
