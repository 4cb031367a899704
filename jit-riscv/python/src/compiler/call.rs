//! Calls.

use ruff_python_ast::{self as ast, Expr, Keyword};
use ruff_text_size::Ranged;

use super::scope::{Meaning, ScopeKind};
use super::{Compiler, Result};
use crate::bytecode::Op;
use crate::code::{CodeKind, Constant};

impl<'a> Compiler<'a> {
    /// Is it `super()` in a method, by the built-in's name and without arguments?
    pub fn is_plain_super(&self, call: &ast::ExprCall) -> bool {
        let Expr::Name(name) = &*call.func else { return false };
        name.id.as_str() == "super"
            && call.arguments.is_empty()
            && self.symbols.meaning(self.scope, "super") == Meaning::Global
            && matches!(self.symbols.meaning(self.scope, "__class__"), Meaning::Cell { .. })
            && self.symbols.scopes[self.scope].kind == ScopeKind::Function
            && self.unit.spec.kind == CodeKind::Function
            && self.unit.spec.parameters.positional > 0
    }

    /// Pushes what `super()` means: the class around the method, and the method's first argument.
    pub fn super_arguments(&mut self) -> Result {
        self.load_mangled(&"__class__".into())?;
        let first = self.unit.spec.locals[0].clone();
        self.load_mangled(&first)
    }

    pub fn call(&mut self, node: &'a ast::ExprCall, line: u32) -> Result {
        let arguments = &node.arguments;
        if self.is_plain_super(node) {
            self.load_name("super")?;
            self.unit.emit(Op::PushNull);
            self.super_arguments()?;
            self.unit.at_line(line);
            self.unit.emit(Op::Call(2));
            return Ok(());
        }
        match &*node.func {
            Expr::Attribute(attribute) => {
                if let Some(name) = self.super_attribute(attribute)? {
                    self.unit.emit(Op::LoadSuperMethod { name });
                } else {
                    self.expression(&attribute.value)?;
                    let name = self.symbols.mangle(self.scope, &attribute.attr);
                    self.unit.at_line(line);
                    self.unit.load_method(&name);
                }
            }
            func => {
                self.expression(func)?;
                self.unit.emit(Op::PushNull);
            }
        }
        let spread = arguments.args.iter().any(Expr::is_starred_expr)
            || arguments.keywords.iter().any(|k| k.arg.is_none());
        if spread {
            self.extended_list(&arguments.args)?;
            self.keyword_dict(&arguments.keywords)?;
            self.unit.at_line(line);
            self.unit.emit(Op::CallEx);
            return Ok(());
        }
        for argument in &arguments.args {
            self.expression(argument)?;
        }
        if arguments.keywords.is_empty() {
            self.unit.at_line(line);
            self.unit.emit(Op::Call(arguments.args.len() as u32));
            return Ok(());
        }
        let mut names = Vec::new();
        for keyword in &arguments.keywords {
            let Some(name) = &keyword.arg else { continue };
            let name = Constant::Str(name.as_str().into());
            if names.contains(&name) {
                let message = format!("keyword argument repeated: {}", keyword.arg.as_deref().unwrap_or(""));
                return self.syntax_error(keyword.start(), message);
            }
            names.push(name);
            self.expression(&keyword.value)?;
        }
        let count = self.unit.count(arguments.args.len() + names.len());
        let names = self.unit.small_constant(Constant::Tuple(names));
        self.unit.at_line(line);
        self.unit.emit(Op::CallKw { arguments: count, names });
        Ok(())
    }

    /// Pushes a dict of keyword arguments, or NULL when there are none.
    fn keyword_dict(&mut self, keywords: &'a [Keyword]) -> Result {
        if keywords.is_empty() {
            self.unit.emit(Op::PushNull);
            return Ok(());
        }
        let plain = keywords.iter().take_while(|k| k.arg.is_some()).count();
        for keyword in &keywords[..plain] {
            let name = keyword.arg.as_ref().map_or("", |name| name.as_str());
            self.unit.load_constant(Constant::Str(name.into()));
            self.expression(&keyword.value)?;
        }
        self.unit.emit(Op::BuildMap(plain as u32));
        for keyword in &keywords[plain..] {
            if let Some(name) = &keyword.arg {
                self.unit.load_constant(Constant::Str(name.as_str().into()));
                self.expression(&keyword.value)?;
                self.unit.emit(Op::BuildMap(1));
            } else {
                self.expression(&keyword.value)?;
            }
            self.unit.emit(Op::DictMerge);
        }
        Ok(())
    }
}
