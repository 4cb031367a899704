//! try, with and raise; and how `return`, `break` and `continue` leave them.
//!
//! A handler finds the exception on the stack, and it stays there while the handler's body runs. So the exception being handled is
//! known by its place on the stack; what the body raises gets it as context where it leaves the handler.

use ruff_python_ast::{self as ast, ExceptHandler, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::unit::{Label, RegionId};
use super::{Compiler, Result};
use crate::bytecode::Op;
use crate::code::{CodeKind, Constant};

/// Something around a statement that has to be left in an orderly way.
#[derive(Clone, Copy)]
pub enum Block<'a> {
    Loop {
        start: Label,
        end: Label,
        start_depth: u32,
        end_depth: u32,
    },
    /// A protected body without anything to do when it is left.
    Try {
        region: RegionId,
    },
    /// The body of try … finally.
    Finally {
        region: RegionId,
        body: &'a [Stmt],
    },
    /// The body of an except clause, or of finally while an exception is on its way. `exception` is its place on the stack.
    Handler {
        region: RegionId,
        exception: u32,
        name: Option<&'a str>,
    },
    /// The body of with. `exit` is the place of the exit method on the stack.
    With {
        region: RegionId,
        exit: u32,
    },
}

impl Block<'_> {
    fn region(&self) -> Option<RegionId> {
        match self {
            Block::Loop { .. } => None,
            Block::Try { region }
            | Block::Finally { region, .. }
            | Block::Handler { region, .. }
            | Block::With { region, .. } => Some(*region),
        }
    }
}

impl<'a> Compiler<'a> {
    /// Emits what has to happen when control leaves the innermost `blocks.len() - keep` blocks. `finish` emits the jump or return
    /// that follows. The blocks are open again afterwards, for the code that follows in the source.
    fn leave(&mut self, keep: usize, finish: impl FnOnce(&mut Self)) -> Result {
        let left: Vec<Block<'a>> = self.blocks[keep..].to_vec();
        for block in left.iter().rev() {
            self.blocks.pop();
            if let Some(region) = block.region() {
                self.unit.suspend_region(region);
            }
            match *block {
                Block::Loop { .. } | Block::Try { .. } => {}
                Block::Finally { body, .. } => self.body(body)?,
                Block::Handler { name, .. } => {
                    if let Some(name) = name {
                        self.forget_name(name)?;
                    }
                }
                Block::With { exit, .. } => {
                    self.unit.emit(Op::Copy(self.unit.depth - 1 - exit));
                    self.unit.emit(Op::PushNull);
                    self.load_none(3);
                    self.unit.emit(Op::Call(3));
                    self.unit.emit(Op::Pop);
                }
            }
        }
        let depth = self.unit.depth;
        finish(self);
        self.unit.depth = depth;
        for block in &left {
            if let Some(region) = block.region() {
                self.unit.resume_region(region);
            }
        }
        self.blocks.extend(left);
        Ok(())
    }

    pub fn return_statement(&mut self, node: &'a ast::StmtReturn) -> Result {
        match self.unit.spec.kind {
            CodeKind::Function | CodeKind::Generator => {}
            _ => return self.syntax_error(node.start(), "'return' outside function"),
        }
        let before = self.unit.depth;
        match &node.value {
            Some(value) => self.expression(value)?,
            None => self.load_none(1),
        }
        self.leave_function()?;
        self.unit.depth = before;
        Ok(())
    }

    /// Returns what is on the stack.
    pub fn leave_function(&mut self) -> Result {
        self.leave(0, |c| c.emit_return())
    }

    /// `break`, or with `again` `continue`.
    pub fn leave_loop(&mut self, at: TextSize, again: bool) -> Result {
        let innermost = self.blocks.iter().rposition(|b| matches!(b, Block::Loop { .. }));
        let Some(index) = innermost else {
            let message = if again { "'continue' not properly in loop" } else { "'break' outside loop" };
            return self.syntax_error(at, message);
        };
        let Block::Loop { start, end, start_depth, end_depth } = self.blocks[index] else {
            return Ok(());
        };
        let (target, depth) = if again { (start, start_depth) } else { (end, end_depth) };
        let before = self.unit.depth;
        self.leave(index + 1, |c| {
            while c.unit.reachable && c.unit.depth > depth {
                c.unit.emit(Op::Pop);
            }
            c.unit.jump(Op::Jump, target);
        })?;
        self.unit.depth = before;
        Ok(())
    }

    pub fn raise(&mut self, node: &'a ast::StmtRaise) -> Result {
        let Some(exception) = &node.exc else {
            let handler = self.blocks.iter().rev().find_map(|block| match block {
                Block::Handler { exception, .. } => Some(*exception),
                _ => None,
            });
            let Some(place) = handler else {
                return self.unsupported(
                    node.start(),
                    "'raise' without an exception outside of an except clause is",
                );
            };
            self.unit.emit(Op::Copy(self.unit.depth - 1 - place));
            self.unit.emit(Op::Reraise);
            return Ok(());
        };
        self.expression(exception)?;
        if let Some(cause) = &node.cause {
            self.expression(cause)?;
        }
        self.at(node);
        self.unit.emit(Op::Raise(1 + u32::from(node.cause.is_some())));
        Ok(())
    }

    pub fn try_statement(&mut self, node: &'a ast::StmtTry) -> Result {
        if node.is_star {
            return self.unsupported(node.start(), "except* is");
        }
        if node.finalbody.is_empty() {
            return self.try_except(node);
        }
        let depth = self.unit.depth;
        let handler = self.unit.label();
        let end = self.unit.label();
        let region = self.unit.open_region(handler);
        self.blocks.push(Block::Finally { region, body: &node.finalbody });
        if node.handlers.is_empty() {
            self.body(&node.body)?;
        } else {
            self.try_except(node)?;
        }
        self.blocks.pop();
        self.unit.close_region(region);
        self.body(&node.finalbody)?;
        self.unit.jump(Op::Jump, end);
        // [exception]
        self.unit.place(handler);
        self.handling(depth, None, |c| c.body(&node.finalbody))?;
        self.unit.emit(Op::Reraise);
        self.unit.depth = depth;
        self.unit.place(end);
        Ok(())
    }

    /// The body of a handler; the exception is on the stack at place `exception` and stays there. Exceptions that leave the body get it as
    /// their context.
    fn handling(
        &mut self,
        exception: u32,
        name: Option<&'a str>,
        body: impl FnOnce(&mut Self) -> Result,
    ) -> Result {
        let failed = self.unit.label();
        let after = self.unit.label();
        let region = self.unit.open_region(failed);
        self.blocks.push(Block::Handler { region, exception, name });
        body(self)?;
        self.blocks.pop();
        self.unit.close_region(region);
        self.unit.jump(Op::Jump, after);
        // [handled, exception]
        self.unit.place(failed);
        if let Some(name) = name {
            self.forget_name(name)?;
        }
        self.unit.emit(Op::SetContext);
        self.unit.emit(Op::Reraise);
        self.unit.depth = exception + 1;
        self.unit.place(after);
        Ok(())
    }

    fn try_except(&mut self, node: &'a ast::StmtTry) -> Result {
        let depth = self.unit.depth;
        let handlers = self.unit.label();
        let end = self.unit.label();
        let region = self.unit.open_region(handlers);
        self.blocks.push(Block::Try { region });
        self.body(&node.body)?;
        self.blocks.pop();
        self.unit.close_region(region);
        self.body(&node.orelse)?;
        self.unit.jump(Op::Jump, end);
        // [exception]
        self.unit.place(handlers);
        let count = node.handlers.len();
        for (i, ExceptHandler::ExceptHandler(handler)) in node.handlers.iter().enumerate() {
            let next = self.unit.label();
            self.at(handler);
            match handler.type_.as_deref() {
                Some(class) => {
                    // What goes wrong here happens while the exception is handled, too.
                    self.handling(depth, None, |c| {
                        c.expression(class)?;
                        c.unit.jump(Op::JumpIfNoMatch, next);
                        Ok(())
                    })?;
                }
                None if i + 1 < count => {
                    return self.syntax_error(handler.start(), "default 'except:' must be last");
                }
                None => {}
            }
            let name = handler.name.as_ref().map(|n| n.as_str());
            if let Some(name) = name {
                self.unit.emit(Op::Dup);
                self.store_name(name)?;
            }
            self.handling(depth, name, |c| c.body(&handler.body))?;
            if let Some(name) = name
                && self.unit.reachable
            {
                self.forget_name(name)?;
            }
            self.unit.emit(Op::Pop);
            self.unit.jump(Op::Jump, end);
            self.unit.depth = depth + 1;
            self.unit.place(next);
        }
        self.unit.emit(Op::Reraise);
        self.unit.depth = depth;
        self.unit.place(end);
        Ok(())
    }

    pub fn with_statement(&mut self, node: &'a ast::StmtWith) -> Result {
        if node.is_async {
            return self.unsupported(node.start(), "async with is");
        }
        self.with_items(&node.items, &node.body)
    }

    fn with_items(&mut self, items: &'a [ast::WithItem], body: &'a [Stmt]) -> Result {
        let Some((item, rest)) = items.split_first() else { return self.body(body) };
        let exit = self.unit.depth;
        self.expression(&item.context_expr)?;
        let line = self.at(item);
        self.unit.emit(Op::Dup);
        self.unit.load_attr(&"__exit__".into());
        self.unit.emit(Op::Swap(1));
        self.unit.load_method(&"__enter__".into());
        self.unit.emit(Op::Call(0));
        self.unit.at_line(line);
        // [exit, value]
        let failed = self.unit.label();
        let end = self.unit.label();
        // The value is no operand of the body.
        self.unit.depth -= 1;
        let region = self.unit.open_region(failed);
        self.unit.depth += 1;
        self.blocks.push(Block::With { region, exit });
        match item.optional_vars.as_deref() {
            Some(target) => self.store(target)?,
            None => self.unit.emit(Op::Pop),
        }
        self.with_items(rest, body)?;
        self.blocks.pop();
        self.unit.close_region(region);
        self.unit.emit(Op::PushNull);
        self.load_none(3);
        self.unit.emit(Op::Call(3));
        self.unit.emit(Op::Pop);
        self.unit.jump(Op::Jump, end);
        // [exit, exception]
        self.unit.place(failed);
        let suppressed = self.unit.label();
        self.handling(exit + 1, None, |c| {
            c.unit.emit(Op::Copy(1));
            c.unit.emit(Op::PushNull);
            c.unit.emit(Op::Copy(2));
            c.unit.emit(Op::ExceptionClass);
            c.unit.emit(Op::Swap(1));
            c.unit.load_constant(Constant::None);
            c.unit.emit(Op::Call(3));
            c.unit.jump(Op::PopJumpIfTrue, suppressed);
            Ok(())
        })?;
        self.unit.emit(Op::Reraise);
        self.unit.depth = exit + 2;
        self.unit.place(suppressed);
        self.unit.emit(Op::Pop);
        self.unit.emit(Op::Pop);
        self.unit.place(end);
        Ok(())
    }
}
