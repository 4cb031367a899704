//! match statements.
//!
//! The subject and the parts of it that patterns look at are kept in hidden locals, so that a pattern that fails jumps with an empty stack.
//! Names are bound when all of a pattern has matched, as CPython does. What is more than comparing is done by the functions of
//! [`crate::builtins::matching`].

use std::rc::Rc;

use ruff_python_ast::{self as ast, Pattern};
use ruff_text_size::Ranged;

use super::unit::Label;
use super::{Compiler, Result};
use crate::bytecode::{CompareOp, Op};
use crate::code::Constant;

/// Names that a pattern binds, and the hidden locals that hold what they will be.
type Captures<'a> = Vec<(&'a str, u32)>;

impl<'a> Compiler<'a> {
    pub fn match_statement(&mut self, node: &'a ast::StmtMatch) -> Result {
        self.expression(&node.subject)?;
        let subject = self.hidden_slot();
        self.unit.emit(Op::StoreFast(subject));
        let end = self.unit.label();
        for case in &node.cases {
            let next = self.unit.label();
            let mut captures = Captures::new();
            self.at(&case.pattern);
            self.pattern(&case.pattern, subject, next, &mut captures)?;
            for (name, slot) in captures {
                self.unit.emit(Op::LoadFast(slot));
                self.store_name(name)?;
            }
            if let Some(guard) = &case.guard {
                self.at(&**guard);
                self.jump_unless(guard, next)?;
            }
            self.body(&case.body)?;
            self.unit.jump(Op::Jump, end);
            self.unit.place(next);
        }
        self.unit.place(end);
        Ok(())
    }

    /// A local that the program has no name for.
    fn hidden_slot(&mut self) -> u32 {
        let name: Rc<str> = format!(".match{}", self.unit.spec.locals.len()).into();
        self.unit.add_slot(self.scope, &name)
    }

    /// Jumps to `fails` where the value in `slot` does not match.
    fn pattern(
        &mut self,
        pattern: &'a Pattern,
        slot: u32,
        fails: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        match pattern {
            Pattern::MatchValue(node) => {
                self.unit.emit(Op::LoadFast(slot));
                self.expression(&node.value)?;
                self.unit.emit(Op::Compare(CompareOp::Eq));
                self.unit.jump(Op::PopJumpIfFalse, fails);
            }
            Pattern::MatchSingleton(node) => {
                self.unit.emit(Op::LoadFast(slot));
                self.unit.load_constant(match node.value {
                    ast::Singleton::None => Constant::None,
                    ast::Singleton::True => Constant::True,
                    ast::Singleton::False => Constant::False,
                });
                self.unit.emit(Op::Is(false));
                self.unit.jump(Op::PopJumpIfFalse, fails);
            }
            Pattern::MatchAs(node) => {
                if let Some(inner) = &node.pattern {
                    self.pattern(inner, slot, fails, captures)?;
                }
                if let Some(name) = &node.name {
                    self.capture(name, slot, captures)?;
                }
            }
            Pattern::MatchOr(node) => self.alternatives(&node.patterns, slot, fails, captures)?,
            Pattern::MatchSequence(node) => self.sequence_pattern(node, slot, fails, captures)?,
            Pattern::MatchMapping(node) => self.mapping_pattern(node, slot, fails, captures)?,
            Pattern::MatchClass(node) => self.class_pattern(node, slot, fails, captures)?,
            Pattern::MatchStar(node) => {
                return self.syntax_error(node.start(), "a starred pattern must be in a sequence");
            }
        }
        Ok(())
    }

    /// The name will be bound to the value in `slot`.
    fn capture(&mut self, name: &'a ast::Identifier, slot: u32, captures: &mut Captures<'a>) -> Result {
        if captures.iter().any(|(known, _)| *known == name.as_str()) {
            let message = format!("multiple assignments to name '{name}' in pattern");
            return self.syntax_error(name.start(), &message);
        }
        captures.push((name, slot));
        Ok(())
    }

    fn alternatives(
        &mut self,
        patterns: &'a [Pattern],
        slot: u32,
        fails: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        let matched = self.unit.label();
        // Each alternative leaves what it binds in the same places.
        let mut common: Option<Captures<'a>> = None;
        for (i, pattern) in patterns.iter().enumerate() {
            let last = i + 1 == patterns.len();
            let next = if last { fails } else { self.unit.label() };
            let mut own = Captures::new();
            self.pattern(pattern, slot, next, &mut own)?;
            own.sort_unstable();
            let places = match &common {
                Some(places) => places.clone(),
                None => {
                    let places: Captures<'a> =
                        own.iter().map(|&(name, _)| (name, self.hidden_slot())).collect();
                    common = Some(places.clone());
                    places
                }
            };
            if places.len() != own.len() || places.iter().zip(&own).any(|(a, b)| a.0 != b.0) {
                return self.syntax_error(pattern.start(), "alternative patterns bind different names");
            }
            for (&(_, to), &(_, from)) in places.iter().zip(&own) {
                self.unit.emit(Op::LoadFast(from));
                self.unit.emit(Op::StoreFast(to));
            }
            if !last {
                self.unit.jump(Op::Jump, matched);
                self.unit.place(next);
            }
        }
        self.unit.place(matched);
        for (name, slot) in common.unwrap_or_default() {
            if captures.iter().any(|(known, _)| *known == name) {
                let message = format!("multiple assignments to name '{name}' in pattern");
                return self.syntax_error(patterns[0].start(), &message);
            }
            captures.push((name, slot));
        }
        Ok(())
    }

    /// `[value] → []`, which `pattern` is matched with.
    fn part(&mut self, pattern: &'a Pattern, fails: Label, captures: &mut Captures<'a>) -> Result {
        let slot = self.hidden_slot();
        self.unit.emit(Op::StoreFast(slot));
        self.pattern(pattern, slot, fails, captures)
    }

    /// Begins a call of a function of [`crate::builtins::matching`] with the value in `slot`.
    fn begin_helper(&mut self, name: &str, slot: u32) {
        let global = self.unit.global(&name.into());
        self.unit.emit(Op::LoadGlobal(global));
        self.unit.emit(Op::PushNull);
        self.unit.emit(Op::LoadFast(slot));
    }

    fn load_int(&mut self, v: i64) {
        self.unit.load_constant(Constant::Int(v));
    }

    fn sequence_pattern(
        &mut self,
        node: &'a ast::PatternMatchSequence,
        slot: u32,
        fails: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        let patterns = &node.patterns;
        let is_star = |p: &&Pattern| matches!(p, Pattern::MatchStar(_));
        let star = patterns.iter().position(|p| is_star(&p));
        if patterns.iter().filter(is_star).count() > 1 {
            return self.syntax_error(node.start(), "multiple starred expressions in sequence pattern");
        }
        let fixed = patterns.len() - usize::from(star.is_some());
        self.begin_helper("__match_sequence__", slot);
        self.load_int(fixed as i64);
        self.unit.load_constant(if star.is_some() { Constant::True } else { Constant::False });
        self.unit.emit(Op::Call(3));
        self.unit.jump(Op::PopJumpIfFalse, fails);
        for (i, pattern) in patterns.iter().enumerate() {
            // Positions behind the star count from the end.
            let from_end = i as i64 - patterns.len() as i64;
            match (pattern, star) {
                (Pattern::MatchStar(rest), _) => {
                    let Some(name) = &rest.name else { continue };
                    self.unit.emit(Op::BuildList(0));
                    self.unit.emit(Op::LoadFast(slot));
                    self.load_int(i as i64);
                    if from_end == -1 {
                        self.unit.load_constant(Constant::None);
                    } else {
                        self.load_int(from_end + 1);
                    }
                    self.unit.emit(Op::BuildSlice(2));
                    self.unit.emit(Op::Subscr);
                    self.unit.twice(Op::ListExtend);
                    let items = self.hidden_slot();
                    self.unit.emit(Op::StoreFast(items));
                    self.capture(name, items, captures)?;
                }
                (Pattern::MatchAs(any), _) if any.pattern.is_none() && any.name.is_none() => {}
                (pattern, star) => {
                    self.unit.emit(Op::LoadFast(slot));
                    self.load_int(if star.is_some_and(|at| at < i) { from_end } else { i as i64 });
                    self.unit.emit(Op::Subscr);
                    self.part(pattern, fails, captures)?;
                }
            }
        }
        Ok(())
    }

    /// Matches the items of the tuple in `values`.
    fn parts(
        &mut self,
        patterns: impl Iterator<Item = &'a Pattern>,
        values: u32,
        fails: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        for (i, pattern) in patterns.enumerate() {
            self.unit.emit(Op::LoadFast(values));
            self.load_int(i as i64);
            self.unit.emit(Op::Subscr);
            self.part(pattern, fails, captures)?;
        }
        Ok(())
    }

    /// `[tuple or None] → []`: the tuple's local; jumps where it is None.
    fn values_or(&mut self, fails: Label) -> u32 {
        let values = self.hidden_slot();
        self.unit.emit(Op::StoreFast(values));
        self.unit.emit(Op::LoadFast(values));
        self.unit.jump(Op::PopJumpIfNone, fails);
        values
    }

    fn mapping_pattern(
        &mut self,
        node: &'a ast::PatternMatchMapping,
        slot: u32,
        fails: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        for key in &node.keys {
            self.expression(key)?;
        }
        self.unit.emit(Op::BuildTuple(node.keys.len() as u32));
        let keys = self.hidden_slot();
        self.unit.emit(Op::StoreFast(keys));
        self.begin_helper("__match_keys__", slot);
        self.unit.emit(Op::LoadFast(keys));
        self.unit.emit(Op::Call(2));
        let values = self.values_or(fails);
        self.parts(node.patterns.iter(), values, fails, captures)?;
        if let Some(name) = &node.rest {
            self.begin_helper("__match_rest__", slot);
            self.unit.emit(Op::LoadFast(keys));
            self.unit.emit(Op::Call(2));
            let rest = self.hidden_slot();
            self.unit.emit(Op::StoreFast(rest));
            self.capture(name, rest, captures)?;
        }
        Ok(())
    }

    fn class_pattern(
        &mut self,
        node: &'a ast::PatternMatchClass,
        slot: u32,
        fails: Label,
        captures: &mut Captures<'a>,
    ) -> Result {
        let (patterns, keywords) = (&node.arguments.patterns, &node.arguments.keywords);
        self.begin_helper("__match_class__", slot);
        self.expression(&node.cls)?;
        self.load_int(patterns.len() as i64);
        for keyword in keywords {
            self.unit.load_constant(Constant::Str(keyword.attr.as_str().into()));
        }
        self.unit.emit(Op::BuildTuple(keywords.len() as u32));
        self.unit.emit(Op::Call(4));
        let values = self.values_or(fails);
        let all = patterns.iter().chain(keywords.iter().map(|k| &k.pattern));
        self.parts(all, values, fails, captures)
    }
}
