//! Comprehensions, in the frame around them.

use ruff_python_ast::{self as ast, Comprehension};
use ruff_text_size::Ranged;

use super::scope::ScopeId;
use super::{Compiler, Result};
use crate::bytecode::Op;

impl<'a> Compiler<'a> {
    pub fn list_comprehension(&mut self, node: &'a ast::ExprListComp) -> Result {
        let depth = node.generators.len() as u32;
        self.inline(self.symbols.scope_of(node), Op::BuildList(0), &node.generators, &mut |c| {
            c.expression(&node.elt)?;
            c.unit.emit(Op::ListAppend(depth));
            Ok(())
        })
    }

    pub fn set_comprehension(&mut self, node: &'a ast::ExprSetComp) -> Result {
        let depth = node.generators.len() as u32;
        self.inline(self.symbols.scope_of(node), Op::BuildSet(0), &node.generators, &mut |c| {
            c.expression(&node.elt)?;
            c.unit.emit(Op::SetAdd(depth));
            Ok(())
        })
    }

    pub fn dict_comprehension(&mut self, node: &'a ast::ExprDictComp) -> Result {
        let depth = node.generators.len() as u32;
        let Some(key) = &node.key else {
            return self.unsupported(node.start(), "unpacking in a dict comprehension is");
        };
        self.inline(self.symbols.scope_of(node), Op::BuildMap(0), &node.generators, &mut |c| {
            c.expression(key)?;
            c.expression(&node.value)?;
            c.unit.emit(Op::MapAdd(depth));
            Ok(())
        })
    }

    fn inline(
        &mut self,
        scope: ScopeId,
        container: Op,
        generators: &'a [Comprehension],
        element: &mut dyn FnMut(&mut Self) -> Result,
    ) -> Result {
        let Some(first) = generators.first() else { return Ok(()) };
        self.expression(&first.iter)?;
        self.unit.emit(Op::GetIter);
        self.unit.emit(container);
        self.unit.emit(Op::Swap(1));
        let outer = std::mem::replace(&mut self.scope, scope);
        self.make_cells(scope);
        self.comprehension_loops(generators, element)?;
        self.scope = outer;
        Ok(())
    }

    /// The loops of a comprehension whose first iterator is on the stack.
    pub fn comprehension_loops(
        &mut self,
        generators: &'a [Comprehension],
        element: &mut dyn FnMut(&mut Self) -> Result,
    ) -> Result {
        let Some((generator, inner)) = generators.split_first() else { return Ok(()) };
        if generator.is_async {
            return self.unsupported(generator.start(), "asynchronous comprehensions are");
        }
        let end = self.unit.label();
        let start = self.unit.loop_label();
        self.unit.jump(Op::ForIter, end);
        self.store(&generator.target)?;
        for condition in &generator.ifs {
            self.jump_unless(condition, start)?;
        }
        match inner.first() {
            Some(next) => {
                self.expression(&next.iter)?;
                self.unit.emit(Op::GetIter);
                self.comprehension_loops(inner, element)?;
            }
            None => element(self)?,
        }
        self.unit.jump(Op::Jump, start);
        self.unit.place(end);
        Ok(())
    }
}
