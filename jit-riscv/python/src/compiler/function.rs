//! Functions, lambdas, classes and generator expressions: code with a frame of its own.

use std::rc::Rc;

use ruff_python_ast::{self as ast, Decorator, Expr, Stmt};
use ruff_text_size::{Ranged, TextSize};

use super::scope::{ScopeId, ScopeKind};
use super::unit::Unit;
use super::{Compiler, Result, docstring};
use crate::bytecode::{Op, function_flags};
use crate::code::{CodeKind, Constant, Parameters, Spec};

/// What is suspended while a nested frame is compiled.
struct Outer<'a> {
    unit: Unit,
    scope: ScopeId,
    blocks: Vec<super::Block<'a>>,
    qualname: String,
}

impl<'a> Compiler<'a> {
    /// Begins the code of `scope`, a function's or a class's.
    fn enter_unit(&mut self, kind: CodeKind, scope: ScopeId, name: &str, at: TextSize) -> Outer<'a> {
        let qualname = format!("{}{name}", self.qualname);
        let inner = match kind {
            CodeKind::Class => format!("{qualname}."),
            _ => format!("{qualname}.<locals>."),
        };
        let line = self.source.line(at);
        let unit = Unit::new(kind, scope, name, qualname, self.source.file.clone(), line);
        Outer {
            unit: std::mem::replace(&mut self.unit, unit),
            scope: std::mem::replace(&mut self.scope, scope),
            blocks: std::mem::take(&mut self.blocks),
            qualname: std::mem::replace(&mut self.qualname, inner),
        }
    }

    /// Ends it and goes on with the frame around.
    fn leave_unit(&mut self, outer: Outer<'a>, at: TextSize) -> Result<Spec> {
        let unit = std::mem::replace(&mut self.unit, outer.unit);
        self.scope = outer.scope;
        self.blocks = outer.blocks;
        self.qualname = outer.qualname;
        if unit.overflow {
            return self.unsupported(at, "a function with more than 65535 names or constants is");
        }
        Ok(unit.finish())
    }

    /// Slots of free variables follow the parameters.
    fn free_slots(&mut self) {
        let symbols = self.symbols;
        let free = &symbols.scopes[self.scope].free;
        self.unit.spec.free_start = self.unit.spec.locals.len();
        self.unit.spec.free_count = free.len();
        for (scope, name) in free {
            self.unit.add_slot(*scope, name);
        }
    }

    /// Makes cells for this scope's variables that inner functions use.
    pub fn make_cells(&mut self, scope: ScopeId) {
        let symbols = self.symbols;
        for name in symbols.scopes[scope].captured() {
            let slot = self.unit.slot(scope, name);
            if symbols.scopes[scope].kind == ScopeKind::Comprehension {
                self.unit.emit(Op::ClearFast(slot));
            }
            self.unit.emit(Op::MakeCell(slot));
        }
    }

    /// Pushes the tuple of cells that `code` needs; answers the flag for it.
    fn closure(&mut self, scope: ScopeId) -> u8 {
        let symbols = self.symbols;
        let free = &symbols.scopes[scope].free;
        if free.is_empty() {
            return 0;
        }
        for (binder, name) in free {
            let slot = self.unit.slot(*binder, name);
            self.unit.emit(Op::LoadFast(slot));
        }
        self.unit.emit(Op::BuildTuple(free.len() as u32));
        function_flags::CLOSURE
    }

    /// Pushes the default values; answers the flags for them.
    fn defaults(&mut self, parameters: &'a ast::Parameters) -> Result<u8> {
        let mut flags = 0;
        let positional = parameters.posonlyargs.iter().chain(&parameters.args);
        let defaults: Vec<&Expr> = positional.filter_map(|p| p.default()).collect();
        if !defaults.is_empty() {
            for default in &defaults {
                self.expression(default)?;
            }
            self.unit.emit(Op::BuildTuple(defaults.len() as u32));
            flags |= function_flags::DEFAULTS;
        }
        let mut keyword_defaults = 0;
        for parameter in &parameters.kwonlyargs {
            if let Some(default) = parameter.default() {
                let name = self.symbols.mangle(self.scope, &parameter.parameter.name);
                self.unit.load_constant(Constant::Str(name));
                self.expression(default)?;
                keyword_defaults += 1;
            }
        }
        if keyword_defaults > 0 {
            self.unit.emit(Op::BuildMap(keyword_defaults));
            flags |= function_flags::KW_DEFAULTS;
        }
        Ok(flags)
    }

    /// Slots of the parameters, then of the free variables; the beginning of a function.
    fn prologue(&mut self, parameters: Option<&ast::Parameters>) {
        if let Some(parameters) = parameters {
            let named = parameters.posonlyargs.iter().chain(&parameters.args).chain(&parameters.kwonlyargs);
            let names: Vec<&ast::Identifier> = named
                .map(|p| &p.parameter.name)
                .chain(parameters.vararg.iter().map(|p| &p.name))
                .chain(parameters.kwarg.iter().map(|p| &p.name))
                .collect();
            for name in names {
                let name = self.symbols.mangle(self.scope, name);
                self.unit.add_slot(self.scope, &name);
            }
            self.unit.spec.parameters = Parameters {
                positional: (parameters.posonlyargs.len() + parameters.args.len()) as u32,
                positional_only: parameters.posonlyargs.len() as u32,
                keyword_only: parameters.kwonlyargs.len() as u32,
                var_positional: parameters.vararg.is_some(),
                var_keyword: parameters.kwarg.is_some(),
            };
        }
        self.body_start();
    }

    fn body_start(&mut self) {
        self.free_slots();
        if self.unit.spec.kind == CodeKind::Generator {
            let name: Rc<str> = ".generator".into();
            let slot = self.unit.add_slot(self.scope, &name);
            if slot == 0 {
                // A frame that resumes a generator begins with two locals.
                self.unit.add_slot(self.scope, &".sent".into());
            }
            self.unit.emit(Op::StartGenerator(slot));
        }
        self.make_cells(self.scope);
    }

    /// The slot of the generator object in a generator's frame.
    pub fn generator_slot(&mut self) -> u32 {
        let name: Rc<str> = ".generator".into();
        let owner = self.unit.owner;
        self.unit.slot(owner, &name)
    }

    fn function_kind(&self, scope: ScopeId) -> CodeKind {
        if self.symbols.scopes[scope].is_generator { CodeKind::Generator } else { CodeKind::Function }
    }

    /// The body of a function, and what happens where it runs off its end. A StopIteration may not leave a generator's body.
    fn function_body(&mut self, body: impl FnOnce(&mut Self) -> Result) -> Result {
        if self.unit.spec.kind != CodeKind::Generator {
            body(self)?;
            if self.unit.reachable {
                self.unit.load_constant(Constant::None);
                self.emit_return();
            }
            return Ok(());
        }
        let failed = self.unit.label();
        let region = self.unit.open_region(failed);
        self.blocks.push(super::Block::Try { region });
        body(self)?;
        self.blocks.pop();
        self.unit.close_region(region);
        if self.unit.reachable {
            self.unit.load_constant(Constant::None);
            self.emit_return();
        }
        self.unit.depth = 0;
        self.unit.place(failed);
        self.unit.emit(Op::StopIterationError);
        self.unit.emit(Op::Reraise);
        Ok(())
    }

    /// `[value] → …`
    pub fn emit_return(&mut self) {
        if self.unit.spec.kind == CodeKind::Generator {
            let slot = self.generator_slot();
            self.unit.emit(Op::ReturnGenerator(slot));
        } else {
            self.unit.emit(Op::Return);
        }
    }

    fn decorators(&mut self, list: &'a [Decorator]) -> Result {
        for decorator in list {
            self.at(decorator);
            self.expression(&decorator.expression)?;
            self.unit.emit(Op::PushNull);
        }
        Ok(())
    }

    fn decorate(&mut self, list: &[Decorator]) {
        for decorator in list.iter().rev() {
            self.at(decorator);
            self.unit.emit(Op::Call(1));
        }
    }

    pub fn function_definition(&mut self, def: &'a ast::StmtFunctionDef) -> Result {
        if def.is_async {
            return self.unsupported(def.start(), "async functions are");
        }
        if let Some(types) = &def.type_params {
            return self.unsupported(types.start(), "type parameters are");
        }
        self.decorators(&def.decorator_list)?;
        let flags = self.defaults(&def.parameters)?;
        let scope = self.symbols.scope_of(def);
        let start = def.decorator_list.first().map_or(def.start(), Ranged::start);
        let flags = flags | self.closure(scope);
        let kind = self.function_kind(scope);
        let outer = self.enter_unit(kind, scope, &def.name, def.name.start());
        self.prologue(Some(&def.parameters));
        let (doc, _) = docstring(&def.body);
        self.unit.spec.doc = doc;
        self.function_body(|c| c.body(&def.body))?;
        let code = self.leave_unit(outer, start)?;
        self.unit.make_function(code, flags);
        self.decorate(&def.decorator_list);
        self.store_name(&def.name)
    }

    pub fn lambda(&mut self, lambda: &'a ast::ExprLambda) -> Result {
        let parameters = lambda.parameters.as_deref();
        let flags = match parameters {
            Some(parameters) => self.defaults(parameters)?,
            None => 0,
        };
        let scope = self.symbols.scope_of(lambda);
        let flags = flags | self.closure(scope);
        let kind = self.function_kind(scope);
        let outer = self.enter_unit(kind, scope, "<lambda>", lambda.start());
        self.prologue(parameters);
        self.function_body(|c| {
            c.expression(&lambda.body)?;
            c.leave_function()
        })?;
        let code = self.leave_unit(outer, lambda.start())?;
        self.unit.make_function(code, flags);
        Ok(())
    }

    pub fn class_definition(&mut self, def: &'a ast::StmtClassDef) -> Result {
        if let Some(types) = &def.type_params {
            return self.unsupported(types.start(), "type parameters are");
        }
        if let Some(keyword) = def.keywords().first() {
            return self.unsupported(keyword.start(), "keyword arguments in a class definition are");
        }
        if let Some(star) = def.bases().iter().find(|b| b.is_starred_expr()) {
            return self.unsupported(star.start(), "a starred base class is");
        }
        self.decorators(&def.decorator_list)?;
        let scope = self.symbols.scope_of(def);
        let flags = self.closure(scope);
        let outer = self.enter_unit(CodeKind::Class, scope, &def.name, def.name.start());
        for name in [".namespace", ".name", ".bases"] {
            self.unit.add_slot(scope, &name.into());
        }
        self.unit.spec.parameters = Parameters { positional: 3, ..Parameters::default() };
        self.body_start();
        self.class_body(&def.body)?;
        let cell = if self.symbols.scopes[scope].captured().next().is_some() {
            self.unit.slot(scope, &"__class__".into())
        } else {
            u32::MAX
        };
        self.unit.emit(Op::FinishClass { cell });
        self.unit.emit(Op::Return);
        self.unit.spec.self_attributes = self.symbols.scopes[scope].self_attributes.clone();
        let code = self.leave_unit(outer, def.start())?;
        self.unit.make_function(code, flags);
        self.at(&def.name);
        self.unit.load_constant(Constant::Str(def.name.as_str().into()));
        for base in def.bases() {
            self.expression(base)?;
        }
        self.unit.emit(Op::BuildTuple(def.bases().len() as u32));
        self.unit.emit(Op::BuildClass);
        self.decorate(&def.decorator_list);
        self.store_name(&def.name)
    }

    fn class_body(&mut self, body: &'a [Stmt]) -> Result {
        if let (Some(doc), _) = docstring(body) {
            self.unit.spec.doc = Some(doc.clone());
            self.unit.load_constant(Constant::Str(doc));
            self.store_name("__doc__")?;
        }
        self.body(body)
    }

    /// A generator expression: a generator function of one argument, the iterator, called at once.
    pub fn generator_expression(&mut self, node: &'a ast::ExprGenerator) -> Result {
        let scope = self.symbols.scope_of(node);
        let flags = self.closure(scope);
        let outer = self.enter_unit(CodeKind::Generator, scope, "<genexpr>", node.start());
        let iterator: Rc<str> = ".0".into();
        let slot = self.unit.add_slot(scope, &iterator);
        self.unit.spec.parameters = Parameters { positional: 1, ..Parameters::default() };
        self.body_start();
        self.function_body(|c| {
            c.unit.emit(Op::LoadFast(slot));
            c.comprehension_loops(&node.generators, &mut |c| {
                c.expression(&node.elt)?;
                let slot = c.generator_slot();
                c.unit.emit(Op::Yield(slot));
                c.unit.emit(Op::Pop);
                Ok(())
            })
        })?;
        let code = self.leave_unit(outer, node.start())?;
        self.unit.make_function(code, flags);
        self.unit.emit(Op::PushNull);
        let Some(first) = node.generators.first() else { return Ok(()) };
        self.expression(&first.iter)?;
        self.unit.emit(Op::GetIter);
        self.unit.emit(Op::Call(1));
        Ok(())
    }
}
