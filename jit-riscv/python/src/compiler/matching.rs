//! match statements.

use ruff_python_ast as ast;
use ruff_text_size::Ranged;

use super::{Compiler, Result};

impl<'a> Compiler<'a> {
    pub fn match_statement(&mut self, node: &'a ast::StmtMatch) -> Result {
        self.unsupported(node.start(), "the match statement is")
    }
}
