//! Statements, but for those of [`super::exception`], [`super::function`] and [`super::matching`].

use std::rc::Rc;

use ruff_python_ast::{self as ast, Expr, Stmt};
use ruff_text_size::Ranged;

use super::exception::Block;
use super::{Compiler, Result};
use crate::bytecode::Op;
use crate::code::Constant;

impl<'a> Compiler<'a> {
    pub fn body(&mut self, body: &'a [Stmt]) -> Result {
        body.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &'a Stmt) -> Result {
        self.at(statement);
        match statement {
            Stmt::FunctionDef(def) => self.function_definition(def),
            Stmt::ClassDef(def) => self.class_definition(def),
            Stmt::Return(ret) => self.return_statement(ret),
            Stmt::Delete(delete) => delete.targets.iter().try_for_each(|t| self.delete(t)),
            Stmt::Assign(assign) => self.assign(assign),
            Stmt::AugAssign(assign) => self.augmented_assign(assign),
            Stmt::AnnAssign(assign) => match &assign.value {
                Some(value) => {
                    self.expression(value)?;
                    self.store(&assign.target)
                }
                None => Ok(()),
            },
            Stmt::For(node) => self.for_loop(node),
            Stmt::While(node) => self.while_loop(node),
            Stmt::If(node) => self.if_statement(node),
            Stmt::With(node) => self.with_statement(node),
            Stmt::Match(node) => self.match_statement(node),
            Stmt::Raise(node) => self.raise(node),
            Stmt::Try(node) => self.try_statement(node),
            Stmt::Assert(node) => self.assert(node),
            Stmt::Import(node) => self.import(node),
            Stmt::ImportFrom(node) => self.import_from(node),
            Stmt::Global(_) | Stmt::Nonlocal(_) | Stmt::Pass(_) => Ok(()),
            Stmt::Expr(node) => {
                if matches!(&*node.value, Expr::StringLiteral(_) | Expr::NumberLiteral(_)) {
                    return Ok(());
                }
                self.expression(&node.value)?;
                self.unit.emit(Op::Pop);
                Ok(())
            }
            Stmt::Break(node) => self.leave_loop(node.start(), false),
            Stmt::Continue(node) => self.leave_loop(node.start(), true),
            Stmt::TypeAlias(node) => self.unsupported(node.start(), "type aliases are"),
            Stmt::IpyEscapeCommand(node) => self.syntax_error(node.start(), "invalid syntax"),
        }
    }

    fn assign(&mut self, assign: &'a ast::StmtAssign) -> Result {
        if let [Expr::Tuple(targets)] = &assign.targets[..]
            && let Expr::Tuple(values) = &*assign.value
            && self.assign_in_parallel(&targets.elts, &values.elts)?
        {
            return Ok(());
        }
        self.expression(&assign.value)?;
        let last = assign.targets.len() - 1;
        for (i, target) in assign.targets.iter().enumerate() {
            if i < last {
                self.unit.emit(Op::Dup);
            }
            self.store(target)?;
        }
        Ok(())
    }

    /// `a, b = b, a` without a tuple; false where this form does not fit.
    fn assign_in_parallel(&mut self, targets: &'a [Expr], values: &'a [Expr]) -> Result<bool> {
        let n = targets.len();
        if n != values.len() || n < 2 || targets.iter().chain(values).any(Expr::is_starred_expr) {
            return Ok(false);
        }
        let mut names: Vec<&str> =
            targets.iter().filter_map(|t| t.as_name_expr().map(|name| name.id.as_str())).collect();
        names.sort_unstable();
        names.dedup();
        let distinct_names = names.len() == n;
        if n > 3 && !distinct_names {
            return Ok(false);
        }
        for value in values {
            self.expression(value)?;
        }
        if distinct_names {
            // The order of stores to different names cannot be seen.
            for target in targets.iter().rev() {
                self.store(target)?;
            }
        } else {
            self.unit.emit(Op::Swap(n as u32 - 1));
            for target in targets {
                self.store(target)?;
            }
        }
        Ok(true)
    }

    /// `[value] → []`
    pub fn store(&mut self, target: &'a Expr) -> Result {
        match target {
            Expr::Name(name) => self.store_name(&name.id),
            Expr::Attribute(attribute) => {
                self.expression(&attribute.value)?;
                let name = self.symbols.mangle(self.scope, &attribute.attr);
                self.at(attribute);
                self.unit.store_attr(&name);
                Ok(())
            }
            Expr::Subscript(subscript) => {
                self.expression(&subscript.value)?;
                self.expression(&subscript.slice)?;
                self.at(subscript);
                self.unit.emit(Op::StoreSubscr);
                Ok(())
            }
            Expr::Tuple(tuple) => self.unpack(&tuple.elts, tuple),
            Expr::List(list) => self.unpack(&list.elts, list),
            Expr::Starred(starred) => {
                self.syntax_error(starred.start(), "starred assignment target must be in a list or tuple")
            }
            other => self.syntax_error(other.start(), "cannot assign to expression"),
        }
    }

    fn unpack(&mut self, targets: &'a [Expr], node: &impl Ranged) -> Result {
        let starred: Vec<usize> = (0..targets.len()).filter(|i| targets[*i].is_starred_expr()).collect();
        match starred[..] {
            [] => self.unit.twice(Op::UnpackSequence(targets.len() as u32)),
            [at] => {
                let before = self.unit.count(at);
                let after = self.unit.count(targets.len() - at - 1);
                self.unit.twice(Op::UnpackEx { before, after });
            }
            _ => return self.syntax_error(node.start(), "multiple starred expressions in assignment"),
        }
        for target in targets {
            match target {
                Expr::Starred(starred) => self.store(&starred.value)?,
                _ => self.store(target)?,
            }
        }
        Ok(())
    }

    fn augmented_assign(&mut self, assign: &'a ast::StmtAugAssign) -> Result {
        let op = Op::Inplace(super::expression::operator(assign.op));
        let line = self.source.line(assign.start());
        match &*assign.target {
            Expr::Name(name) => {
                self.load_name(&name.id)?;
                self.expression(&assign.value)?;
                self.unit.at_line(line);
                self.unit.emit(op);
                self.store_name(&name.id)
            }
            Expr::Attribute(attribute) => {
                let name = self.symbols.mangle(self.scope, &attribute.attr);
                self.expression(&attribute.value)?;
                self.unit.emit(Op::Dup);
                self.unit.load_attr(&name);
                self.expression(&assign.value)?;
                self.unit.at_line(line);
                self.unit.emit(op);
                self.unit.emit(Op::Swap(1));
                self.unit.store_attr(&name);
                Ok(())
            }
            Expr::Subscript(subscript) => {
                self.expression(&subscript.value)?;
                self.expression(&subscript.slice)?;
                self.unit.emit(Op::Copy(1));
                self.unit.emit(Op::Copy(1));
                self.unit.emit(Op::Subscr);
                self.expression(&assign.value)?;
                self.unit.at_line(line);
                self.unit.emit(op);
                // [object, index, value] → [value, object, index]
                self.unit.emit(Op::Swap(2));
                self.unit.emit(Op::Swap(1));
                self.unit.emit(Op::StoreSubscr);
                Ok(())
            }
            other => self.syntax_error(other.start(), "illegal expression for augmented assignment"),
        }
    }

    fn delete(&mut self, target: &'a Expr) -> Result {
        match target {
            Expr::Name(name) => self.delete_name(&name.id),
            Expr::Attribute(attribute) => {
                self.expression(&attribute.value)?;
                let name = self.symbols.mangle(self.scope, &attribute.attr);
                let name = self.unit.name(&name);
                self.unit.emit(Op::DeleteAttr { name });
                Ok(())
            }
            Expr::Subscript(subscript) => {
                self.expression(&subscript.value)?;
                self.expression(&subscript.slice)?;
                self.unit.emit(Op::DeleteSubscr);
                Ok(())
            }
            Expr::Tuple(tuple) => tuple.elts.iter().try_for_each(|t| self.delete(t)),
            Expr::List(list) => list.elts.iter().try_for_each(|t| self.delete(t)),
            other => self.syntax_error(other.start(), "cannot delete expression"),
        }
    }

    fn if_statement(&mut self, node: &'a ast::StmtIf) -> Result {
        let end = self.unit.label();
        let mut next = self.unit.label();
        self.jump_unless(&node.test, next)?;
        self.body(&node.body)?;
        for clause in &node.elif_else_clauses {
            self.unit.jump(Op::Jump, end);
            self.unit.place(next);
            next = self.unit.label();
            if let Some(test) = &clause.test {
                self.at(test);
                self.jump_unless(test, next)?;
            }
            self.body(&clause.body)?;
        }
        self.unit.place(next);
        self.unit.place(end);
        Ok(())
    }

    fn while_loop(&mut self, node: &'a ast::StmtWhile) -> Result {
        let otherwise = self.unit.label();
        let end = self.unit.label();
        let start = self.unit.loop_label();
        let depth = self.unit.depth;
        self.jump_unless(&node.test, otherwise)?;
        self.blocks.push(Block::Loop { start, end, start_depth: depth, end_depth: depth });
        self.body(&node.body)?;
        self.blocks.pop();
        self.unit.jump(Op::Jump, start);
        self.unit.place(otherwise);
        self.body(&node.orelse)?;
        self.unit.place(end);
        Ok(())
    }

    fn for_loop(&mut self, node: &'a ast::StmtFor) -> Result {
        if node.is_async {
            return self.unsupported(node.start(), "async for is");
        }
        let line = self.source.line(node.iter.start());
        let otherwise = self.unit.label();
        let end = self.unit.label();
        let depth = self.unit.depth;
        self.expression(&node.iter)?;
        self.unit.at_line(line);
        self.unit.emit(Op::GetIter);
        let start = self.unit.loop_label();
        self.unit.at_line(line);
        self.unit.jump(Op::ForIter, otherwise);
        self.store(&node.target)?;
        self.blocks.push(Block::Loop { start, end, start_depth: depth + 1, end_depth: depth });
        self.body(&node.body)?;
        self.blocks.pop();
        self.unit.at_line(line);
        self.unit.jump(Op::Jump, start);
        self.unit.place(otherwise);
        self.body(&node.orelse)?;
        self.unit.place(end);
        Ok(())
    }

    fn assert(&mut self, node: &'a ast::StmtAssert) -> Result {
        let holds = self.unit.label();
        self.jump_if(&node.test, holds)?;
        self.at(node);
        self.unit.emit(Op::LoadAssertionError);
        if let Some(message) = &node.msg {
            self.unit.emit(Op::PushNull);
            self.expression(message)?;
            self.unit.emit(Op::Call(1));
        }
        self.at(node);
        self.unit.emit(Op::Raise(1));
        self.unit.place(holds);
        Ok(())
    }

    fn import(&mut self, node: &'a ast::StmtImport) -> Result {
        for alias in &node.names {
            let full: Rc<str> = alias.name.as_str().into();
            let first = full.split('.').next().unwrap_or(&full);
            match &alias.asname {
                Some(name) => {
                    let module = self.unit.name(&full);
                    self.unit.emit(Op::Import { name: module });
                    self.store_name(name)?;
                }
                None => {
                    // `import a.b` imports both and binds `a`.
                    let module = self.unit.name(&full);
                    self.unit.emit(Op::Import { name: module });
                    if first.len() < full.len() {
                        self.unit.emit(Op::Pop);
                        let module = self.unit.name(&first.into());
                        self.unit.emit(Op::Import { name: module });
                    }
                    self.store_name(first)?;
                }
            }
        }
        Ok(())
    }

    fn import_from(&mut self, node: &'a ast::StmtImportFrom) -> Result {
        if node.level > 0 {
            return self.unsupported(node.start(), "relative imports are");
        }
        let module = node.module.as_ref().map_or("", |m| m.as_str());
        if module == "__future__" {
            return Ok(());
        }
        let module = self.unit.name(&module.into());
        self.unit.emit(Op::Import { name: module });
        for alias in &node.names {
            if alias.name.as_str() == "*" {
                return self.unsupported(node.start(), "'import *' is");
            }
            let name = self.unit.name(&alias.name.as_str().into());
            self.unit.emit(Op::ImportFrom { name });
            self.store_name(alias.asname.as_ref().unwrap_or(&alias.name))?;
        }
        self.unit.emit(Op::Pop);
        Ok(())
    }

    /// Pushes None `n` times.
    pub fn load_none(&mut self, n: usize) {
        for _ in 0..n {
            self.unit.load_constant(Constant::None);
        }
    }
}
