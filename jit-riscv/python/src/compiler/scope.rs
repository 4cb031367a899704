//! Which variable a name means: the first pass over a module.
//!
//! Functions, lambdas, generator expressions and class bodies have scopes and frames of their own. Other comprehensions have a scope, but
//! live in the frame of the function around them (their *owner*), as in CPython since 3.12.

use std::rc::Rc;

use ruff_python_ast::visitor::{self, Visitor};
use ruff_python_ast::{self as ast, Comprehension, ExceptHandler, Expr, Parameters, Pattern, Stmt};
use ruff_text_size::{Ranged, TextSize};
use rustc_hash::FxHashMap;

use super::diagnostic::{Diagnostic, Source};

pub type ScopeId = usize;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScopeKind {
    Module,
    Function,
    Class,
    /// Shares the frame of its owner.
    Comprehension,
}

#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    bound: bool,
    parameter: bool,
    global: bool,
    nonlocal: bool,
    deleted: bool,
    /// A function with a frame of its own refers to the variable of this scope.
    captured: bool,
}

/// What a name means in a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A local of the frame that belongs to `scope`.
    Local {
        scope: ScopeId,
        always_bound: bool,
    },
    /// In a cell: a local of `scope` that an inner function uses, or a free variable.
    Cell {
        scope: ScopeId,
    },
    Global,
    /// In the namespace of a class body, or else global.
    ClassName,
}

#[derive(Debug)]
pub struct Scope {
    pub kind: ScopeKind,
    pub parent: Option<ScopeId>,
    /// The scope whose frame this one uses: itself but for comprehensions.
    pub owner: ScopeId,
    pub is_generator: bool,
    names: FxHashMap<Rc<str>, Flags>,
    /// In order of first appearance, so that slots do not depend on hashes.
    order: Vec<Rc<str>>,
    /// Variables of enclosing functions that this frame needs, with the scope that binds them.
    pub free: Vec<(ScopeId, Rc<str>)>,
    /// Innermost class around, for private names.
    class_name: Option<Rc<str>>,
    /// The class this function is defined in directly.
    in_class: Option<ScopeId>,
    first_parameter: Option<Rc<str>>,
    /// In a class: attributes that its methods assign to their first parameter.
    pub self_attributes: Vec<Rc<str>>,
}

impl Scope {
    fn flags(&self, name: &str) -> Flags {
        self.names.get(name).copied().unwrap_or_default()
    }

    /// Parameters and variables that this scope itself keeps in cells.
    pub fn captured(&self) -> impl Iterator<Item = &Rc<str>> {
        self.order.iter().filter(|name| {
            let flags = self.flags(name);
            flags.captured && flags.bound
        })
    }
}

/// All scopes of a module.
pub struct Symbols {
    pub scopes: Vec<Scope>,
    by_node: FxHashMap<usize, ScopeId>,
}

/// The address of a node: its identity while the tree lives.
pub fn identity<T>(node: &T) -> usize {
    std::ptr::from_ref(node) as usize
}

impl Symbols {
    pub const MODULE: ScopeId = 0;

    /// The scope that the node (function, lambda, class, comprehension) makes.
    pub fn scope_of<T>(&self, node: &T) -> ScopeId {
        self.by_node[&identity(node)]
    }

    /// `__x` in a class `C` is `_C__x`.
    pub fn mangle(&self, scope: ScopeId, name: &str) -> Rc<str> {
        mangle(self.scopes[scope].class_name.as_deref(), name)
    }

    /// What `name`, mangled, means in `scope`.
    pub fn meaning(&self, scope: ScopeId, name: &str) -> Meaning {
        let here = &self.scopes[scope];
        let flags = here.flags(name);
        if flags.global {
            return Meaning::Global;
        }
        if flags.bound && !flags.nonlocal {
            return match here.kind {
                ScopeKind::Module => Meaning::Global,
                ScopeKind::Class if name == "__class__" => Meaning::Cell { scope },
                ScopeKind::Class => Meaning::ClassName,
                _ if flags.captured => Meaning::Cell { scope },
                _ => Meaning::Local { scope, always_bound: flags.parameter && !flags.deleted },
            };
        }
        match self.enclosing(scope, name) {
            Some(found) => {
                let captured = self.scopes[found].flags(name).captured;
                if captured || self.scopes[found].owner != here.owner {
                    Meaning::Cell { scope: found }
                } else {
                    let flags = self.scopes[found].flags(name);
                    Meaning::Local { scope: found, always_bound: flags.parameter && !flags.deleted }
                }
            }
            None if here.kind == ScopeKind::Class => Meaning::ClassName,
            None => Meaning::Global,
        }
    }

    /// The function or comprehension around `scope` that binds `name`.
    fn enclosing(&self, scope: ScopeId, name: &str) -> Option<ScopeId> {
        let mut at = self.scopes[scope].parent;
        while let Some(id) = at {
            let outer = &self.scopes[id];
            let flags = outer.flags(name);
            match outer.kind {
                ScopeKind::Module => return None,
                ScopeKind::Class if name != "__class__" => {}
                _ if flags.global => return None,
                _ if flags.bound && !flags.nonlocal => return Some(id),
                _ => {}
            }
            at = outer.parent;
        }
        None
    }

    /// Settles which variables are captured and which frames pass them on.
    fn resolve(&mut self) {
        for scope in 0..self.scopes.len() {
            for name in self.scopes[scope].order.clone() {
                let flags = self.scopes[scope].flags(&name);
                if flags.global || (flags.bound && !flags.nonlocal) {
                    continue;
                }
                let Some(found) = self.enclosing(scope, &name) else { continue };
                let binder = self.scopes[found].owner;
                let mut owner = self.scopes[scope].owner;
                if owner == binder {
                    continue;
                }
                if let Some(flags) = self.scopes[found].names.get_mut(&name) {
                    flags.captured = true;
                }
                while owner != binder {
                    let free = &mut self.scopes[owner].free;
                    let entry = (found, name.clone());
                    if !free.contains(&entry) {
                        free.push(entry);
                    }
                    match self.scopes[owner].parent {
                        Some(parent) => owner = self.scopes[parent].owner,
                        None => break,
                    }
                }
            }
        }
    }
}

fn mangle(class: Option<&str>, name: &str) -> Rc<str> {
    if let Some(class) = class
        && name.starts_with("__")
        && !name.ends_with("__")
        && !name.contains('.')
    {
        let class = class.trim_start_matches('_');
        if !class.is_empty() {
            return format!("_{class}{name}").into();
        }
    }
    name.into()
}

/// Collects the scopes of a module.
pub fn analyse(body: &[Stmt], source: &Source) -> Result<Symbols, Diagnostic> {
    let mut collector = Collector {
        symbols: Symbols { scopes: Vec::new(), by_node: FxHashMap::default() },
        current: 0,
        source,
        error: None,
        nonlocals: Vec::new(),
    };
    collector.open(ScopeKind::Module, None);
    collector.visit_body(body);
    if let Some(error) = collector.error {
        return Err(error);
    }
    let mut symbols = collector.symbols;
    for (scope, name, at) in collector.nonlocals {
        if symbols.enclosing(scope, &symbols.mangle(scope, &name)).is_none() {
            let message = format!("no binding for nonlocal '{name}' found");
            return Err(source.error(at, "SyntaxError", message));
        }
    }
    symbols.resolve();
    Ok(symbols)
}

struct Collector<'s> {
    symbols: Symbols,
    current: ScopeId,
    source: &'s Source<'s>,
    error: Option<Diagnostic>,
    /// Checked when all bindings are known.
    nonlocals: Vec<(ScopeId, Rc<str>, TextSize)>,
}

impl Collector<'_> {
    fn open(&mut self, kind: ScopeKind, node: Option<usize>) -> ScopeId {
        let id = self.symbols.scopes.len();
        let parent = (id > 0).then_some(self.current);
        let owner = match (kind, parent) {
            (ScopeKind::Comprehension, Some(parent)) => self.symbols.scopes[parent].owner,
            _ => id,
        };
        let class_name = parent.and_then(|p| self.symbols.scopes[p].class_name.clone());
        let in_class = parent
            .filter(|p| kind == ScopeKind::Function && self.symbols.scopes[*p].kind == ScopeKind::Class);
        self.symbols.scopes.push(Scope {
            kind,
            parent,
            owner,
            is_generator: false,
            names: FxHashMap::default(),
            order: Vec::new(),
            free: Vec::new(),
            class_name,
            in_class,
            first_parameter: None,
            self_attributes: Vec::new(),
        });
        if let Some(node) = node {
            self.symbols.by_node.insert(node, id);
        }
        id
    }

    fn fail(&mut self, at: TextSize, message: impl Into<String>) {
        let error = self.source.error(at, "SyntaxError", message);
        self.error.get_or_insert(error);
    }

    fn flags(&mut self, scope: ScopeId, name: &str) -> &mut Flags {
        let scope = &mut self.symbols.scopes[scope];
        let name = mangle(scope.class_name.as_deref(), name);
        if !scope.names.contains_key(&name) {
            scope.order.push(name.clone());
        }
        scope.names.entry(name).or_default()
    }

    fn bind(&mut self, name: &str) {
        self.flags(self.current, name).bound = true;
    }

    fn refer(&mut self, name: &str) {
        self.flags(self.current, name);
    }

    fn declare(&mut self, name: &ast::Identifier, global: bool) {
        let kind = if global { "global" } else { "nonlocal" };
        let known = self.symbols.scopes[self.current].names.contains_key(name.as_str());
        let flags = *self.flags(self.current, name);
        if flags.parameter {
            self.fail(name.start(), format!("name '{name}' is parameter and {kind}"));
        } else if flags.bound && !flags.global && !flags.nonlocal {
            self.fail(name.start(), format!("name '{name}' is assigned to before {kind} declaration"));
        } else if known && !flags.global && !flags.nonlocal {
            self.fail(name.start(), format!("name '{name}' is used prior to {kind} declaration"));
        }
        if !global {
            if self.current == Symbols::MODULE {
                self.fail(name.start(), "nonlocal declaration not allowed at module level");
            }
            self.nonlocals.push((self.current, name.as_str().into(), name.start()));
        }
        let flags = self.flags(self.current, name);
        flags.global |= global;
        flags.nonlocal |= !global;
    }

    fn within(&mut self, kind: ScopeKind, node: usize, inside: impl FnOnce(&mut Self)) {
        let id = self.open(kind, Some(node));
        let outer = std::mem::replace(&mut self.current, id);
        inside(self);
        self.current = outer;
    }

    fn defaults(&mut self, parameters: &Parameters) {
        for parameter in parameters.iter_non_variadic_params() {
            if let Some(default) = parameter.default() {
                self.visit_expr(default);
            }
        }
    }

    fn parameters(&mut self, parameters: &Parameters) {
        for parameter in parameters.iter() {
            let name = parameter.name();
            if self.flags(self.current, name).parameter {
                self.fail(name.start(), format!("duplicate argument '{name}' in function definition"));
            }
            let flags = self.flags(self.current, name);
            flags.bound = true;
            flags.parameter = true;
        }
        let first = parameters.posonlyargs.first().or(parameters.args.first());
        let name = first.map(|p| Rc::from(p.parameter.name.as_str()));
        self.symbols.scopes[self.current].first_parameter = name;
    }

    fn comprehension(
        &mut self,
        node: usize,
        generators: &[Comprehension],
        elements: &[&Expr],
        kind: ScopeKind,
    ) {
        // The first iterable belongs to the scope around.
        if let Some(first) = generators.first() {
            self.visit_expr(&first.iter);
        }
        self.within(kind, node, |c| {
            if kind == ScopeKind::Function {
                c.symbols.scopes[c.current].is_generator = true;
                let flags = c.flags(c.current, ".0");
                flags.bound = true;
                flags.parameter = true;
            }
            for (i, generator) in generators.iter().enumerate() {
                if i > 0 {
                    c.visit_expr(&generator.iter);
                }
                c.visit_expr(&generator.target);
                generator.ifs.iter().for_each(|e| c.visit_expr(e));
            }
            elements.iter().for_each(|e| c.visit_expr(e));
        });
    }

    /// Attributes assigned to `self`, for the size of instances.
    fn note_attribute(&mut self, attribute: &ast::ExprAttribute) {
        let scope = &self.symbols.scopes[self.current];
        if let (Some(class), Some(first), Expr::Name(object)) =
            (scope.in_class, &scope.first_parameter, &*attribute.value)
            && object.id.as_str() == &**first
        {
            let name = mangle(scope.class_name.as_deref(), &attribute.attr);
            let attributes = &mut self.symbols.scopes[class].self_attributes;
            if !attributes.contains(&name) {
                attributes.push(name);
            }
        }
    }

    fn suspend(&mut self, at: TextSize, word: &str) {
        let scope = self.current;
        match self.symbols.scopes[scope].kind {
            ScopeKind::Function => self.symbols.scopes[scope].is_generator = true,
            ScopeKind::Comprehension => self.fail(at, format!("'{word}' inside comprehension")),
            _ => self.fail(at, format!("'{word}' outside function")),
        }
    }
}

impl<'a> Visitor<'a> for Collector<'_> {
    fn visit_annotation(&mut self, _: &'a Expr) {}

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(def) => {
                def.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
                self.defaults(&def.parameters);
                self.bind(&def.name);
                self.within(ScopeKind::Function, identity(def), |c| {
                    c.parameters(&def.parameters);
                    c.visit_body(&def.body);
                });
            }
            Stmt::ClassDef(def) => {
                def.decorator_list.iter().for_each(|d| self.visit_expr(&d.expression));
                if let Some(arguments) = &def.arguments {
                    self.visit_arguments(arguments);
                }
                self.bind(&def.name);
                self.within(ScopeKind::Class, identity(def), |c| {
                    c.symbols.scopes[c.current].class_name = Some(def.name.as_str().into());
                    c.bind("__class__");
                    c.visit_body(&def.body);
                });
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.visit_expr(value);
                    self.visit_expr(&assign.target);
                } else if let Expr::Name(name) = &*assign.target {
                    self.bind(&name.id);
                }
            }
            Stmt::AugAssign(assign) => {
                // The target is read as well.
                if let Expr::Name(name) = &*assign.target {
                    self.refer(&name.id);
                }
                self.visit_expr(&assign.value);
                self.visit_expr(&assign.target);
            }
            Stmt::Global(global) => {
                global.names.iter().for_each(|name| self.declare(name, true));
            }
            Stmt::Nonlocal(nonlocal) => {
                nonlocal.names.iter().for_each(|name| self.declare(name, false));
            }
            Stmt::Import(import) => {
                for alias in &import.names {
                    let name = alias.asname.as_ref().unwrap_or(&alias.name);
                    self.bind(name.split('.').next().unwrap_or(name));
                }
            }
            Stmt::ImportFrom(import) => {
                for alias in &import.names {
                    self.bind(alias.asname.as_ref().unwrap_or(&alias.name));
                }
            }
            _ => visitor::walk_stmt(self, statement),
        }
    }

    fn visit_except_handler(&mut self, handler: &'a ExceptHandler) {
        let ExceptHandler::ExceptHandler(handler) = handler;
        if let Some(name) = &handler.name {
            let flags = self.flags(self.current, name);
            flags.bound = true;
            flags.deleted = true;
        }
        if let Some(class) = &handler.type_ {
            self.visit_expr(class);
        }
        self.visit_body(&handler.body);
    }

    fn visit_pattern(&mut self, pattern: &'a Pattern) {
        match pattern {
            Pattern::MatchStar(star) => {
                if let Some(name) = &star.name {
                    self.bind(name);
                }
            }
            Pattern::MatchAs(capture) => {
                if let Some(name) = &capture.name {
                    self.bind(name);
                }
            }
            Pattern::MatchMapping(mapping) => {
                if let Some(name) = &mapping.rest {
                    self.bind(name);
                }
            }
            _ => {}
        }
        visitor::walk_pattern(self, pattern);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                let known = name.id.as_str();
                match name.ctx {
                    ast::ExprContext::Store => self.bind(known),
                    ast::ExprContext::Del => {
                        let flags = self.flags(self.current, known);
                        flags.bound = true;
                        flags.deleted = true;
                    }
                    _ => {
                        self.refer(known);
                        // `super()` needs the class.
                        if known == "super" {
                            self.refer("__class__");
                        }
                    }
                }
            }
            Expr::Attribute(attribute) => {
                if attribute.ctx == ast::ExprContext::Store {
                    self.note_attribute(attribute);
                }
                self.visit_expr(&attribute.value);
            }
            Expr::Named(named) => {
                self.visit_expr(&named.value);
                if let Expr::Name(name) = &*named.target {
                    let mut scope = self.current;
                    while self.symbols.scopes[scope].kind == ScopeKind::Comprehension {
                        scope = self.symbols.scopes[scope].parent.unwrap_or(Symbols::MODULE);
                    }
                    if self.symbols.scopes[scope].kind == ScopeKind::Class && scope != self.current {
                        let message =
                            "assignment expression within a comprehension cannot be used in a class body";
                        self.fail(named.start(), message);
                    }
                    self.flags(scope, &name.id).bound = true;
                    if scope != self.current {
                        self.refer(&name.id);
                    }
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.defaults(parameters);
                }
                self.within(ScopeKind::Function, identity(lambda), |c| {
                    if let Some(parameters) = &lambda.parameters {
                        c.parameters(parameters);
                    }
                    c.visit_expr(&lambda.body);
                });
            }
            Expr::ListComp(comp) => {
                let kind = ScopeKind::Comprehension;
                self.comprehension(identity(comp), &comp.generators, &[&comp.elt], kind);
            }
            Expr::SetComp(comp) => {
                let kind = ScopeKind::Comprehension;
                self.comprehension(identity(comp), &comp.generators, &[&comp.elt], kind);
            }
            Expr::DictComp(comp) => {
                let mut elements: Vec<&Expr> = comp.key.iter().map(|k| &**k).collect();
                elements.push(&comp.value);
                let kind = ScopeKind::Comprehension;
                self.comprehension(identity(comp), &comp.generators, &elements, kind);
            }
            Expr::Generator(comp) => {
                self.comprehension(identity(comp), &comp.generators, &[&comp.elt], ScopeKind::Function);
            }
            Expr::Yield(node) => {
                self.suspend(node.start(), "yield");
                visitor::walk_expr(self, expression);
            }
            Expr::YieldFrom(node) => {
                self.suspend(node.start(), "yield from");
                visitor::walk_expr(self, expression);
            }
            _ => visitor::walk_expr(self, expression),
        }
    }
}
