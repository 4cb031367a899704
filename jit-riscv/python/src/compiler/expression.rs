//! Expressions and conditions.

use std::rc::Rc;

use ruff_python_ast::{self as ast, BoolOp, CmpOp, Expr, Operator};
use ruff_text_size::Ranged;

use super::unit::Label;
use super::{Compiler, Result};
use crate::bytecode::{BinaryOp, CompareOp, Op, UnaryOp};
use crate::code::Constant;

pub fn operator(op: Operator) -> BinaryOp {
    match op {
        Operator::Add => BinaryOp::Add,
        Operator::Sub => BinaryOp::Sub,
        Operator::Mult => BinaryOp::Mul,
        Operator::MatMult => BinaryOp::MatMul,
        Operator::Div => BinaryOp::TrueDiv,
        Operator::Mod => BinaryOp::Mod,
        Operator::Pow => BinaryOp::Pow,
        Operator::LShift => BinaryOp::LShift,
        Operator::RShift => BinaryOp::RShift,
        Operator::BitOr => BinaryOp::Or,
        Operator::BitXor => BinaryOp::Xor,
        Operator::BitAnd => BinaryOp::And,
        Operator::FloorDiv => BinaryOp::FloorDiv,
    }
}

fn comparison(op: CmpOp) -> Op {
    match op {
        CmpOp::Eq => Op::Compare(CompareOp::Eq),
        CmpOp::NotEq => Op::Compare(CompareOp::Ne),
        CmpOp::Lt => Op::Compare(CompareOp::Lt),
        CmpOp::LtE => Op::Compare(CompareOp::Le),
        CmpOp::Gt => Op::Compare(CompareOp::Gt),
        CmpOp::GtE => Op::Compare(CompareOp::Ge),
        CmpOp::Is => Op::Is(false),
        CmpOp::IsNot => Op::Is(true),
        CmpOp::In => Op::In(false),
        CmpOp::NotIn => Op::In(true),
    }
}

/// A jump to a bytecode that is filled in later.
type JumpOp = fn(u32) -> Op;

impl<'a> Compiler<'a> {
    /// Pushes the value. The line of the code that follows is that of the statement again.
    pub fn expression(&mut self, expression: &'a Expr) -> Result {
        if let Some(constant) = self.constant(expression)? {
            self.unit.load_constant(constant);
            return Ok(());
        }
        let outer = self.at(expression);
        let line = self.source.line(expression.start());
        self.value(expression, line)?;
        self.unit.at_line(outer);
        Ok(())
    }

    fn value(&mut self, expression: &'a Expr, line: u32) -> Result {
        match expression {
            Expr::BoolOp(node) => {
                let end = self.unit.label();
                let jump = match node.op {
                    BoolOp::And => Op::JumpIfFalseOrPop,
                    BoolOp::Or => Op::JumpIfTrueOrPop,
                };
                let last = node.values.len() - 1;
                for (i, value) in node.values.iter().enumerate() {
                    self.expression(value)?;
                    if i < last {
                        self.unit.jump(jump, end);
                    }
                }
                self.unit.place(end);
                Ok(())
            }
            Expr::Named(node) => {
                self.expression(&node.value)?;
                self.unit.emit(Op::Dup);
                self.store(&node.target)
            }
            Expr::BinOp(node) => {
                self.expression(&node.left)?;
                self.expression(&node.right)?;
                self.unit.at_line(line);
                self.unit.emit(Op::Binary(operator(node.op)));
                Ok(())
            }
            Expr::UnaryOp(node) => {
                self.expression(&node.operand)?;
                self.unit.at_line(line);
                self.unit.emit(match node.op {
                    ast::UnaryOp::Invert => Op::Unary(UnaryOp::Invert),
                    ast::UnaryOp::Not => Op::Not,
                    ast::UnaryOp::UAdd => Op::Unary(UnaryOp::Pos),
                    ast::UnaryOp::USub => Op::Unary(UnaryOp::Neg),
                });
                Ok(())
            }
            Expr::Lambda(node) => self.lambda(node),
            Expr::If(node) => {
                let otherwise = self.unit.label();
                let end = self.unit.label();
                self.jump_unless(&node.test, otherwise)?;
                let depth = self.unit.depth;
                self.expression(&node.body)?;
                self.unit.jump(Op::Jump, end);
                self.unit.depth = depth;
                self.unit.place(otherwise);
                self.expression(&node.orelse)?;
                self.unit.place(end);
                Ok(())
            }
            Expr::Dict(node) => self.dict(node),
            Expr::Set(node) => self.set(node),
            Expr::ListComp(node) => self.list_comprehension(node),
            Expr::SetComp(node) => self.set_comprehension(node),
            Expr::DictComp(node) => self.dict_comprehension(node),
            Expr::Generator(node) => self.generator_expression(node),
            Expr::Await(node) => self.unsupported(node.start(), "await is"),
            Expr::Yield(node) => {
                match &node.value {
                    Some(value) => self.expression(value)?,
                    None => self.load_none(1),
                }
                let slot = self.generator_slot();
                self.unit.emit(Op::Yield(slot));
                Ok(())
            }
            Expr::YieldFrom(node) => {
                self.expression(&node.value)?;
                self.unit.emit(Op::GetIter);
                self.load_none(1);
                let end = self.unit.label();
                let start = self.unit.loop_label();
                self.unit.jump(Op::Delegate, end);
                let slot = self.generator_slot();
                self.unit.emit(Op::Yield(slot));
                self.unit.jump(Op::Jump, start);
                self.unit.place(end);
                Ok(())
            }
            Expr::Compare(node) => self.compare(node, line),
            Expr::Call(node) => self.call(node, line),
            Expr::FString(node) => self.f_string(node),
            Expr::TString(node) => self.unsupported(node.start(), "template strings are"),
            Expr::Attribute(node) => {
                if let Some(name) = self.super_attribute(node)? {
                    self.unit.emit(Op::LoadSuperAttr { name });
                    return Ok(());
                }
                self.expression(&node.value)?;
                let name = self.symbols.mangle(self.scope, &node.attr);
                self.unit.at_line(line);
                self.unit.load_attr(&name);
                Ok(())
            }
            Expr::Subscript(node) => {
                self.expression(&node.value)?;
                self.expression(&node.slice)?;
                self.unit.at_line(line);
                self.unit.emit(Op::Subscr);
                Ok(())
            }
            Expr::Starred(node) => self.syntax_error(node.start(), "can't use starred expression here"),
            Expr::Name(node) => self.load_name(&node.id),
            Expr::List(node) => {
                if node.elts.iter().any(Expr::is_starred_expr) {
                    return self.extended_list(&node.elts);
                }
                for element in &node.elts {
                    self.expression(element)?;
                }
                self.unit.emit(Op::BuildList(node.elts.len() as u32));
                Ok(())
            }
            Expr::Tuple(node) => {
                if node.elts.iter().any(Expr::is_starred_expr) {
                    self.extended_list(&node.elts)?;
                    self.unit.emit(Op::ListToTuple);
                    return Ok(());
                }
                for element in &node.elts {
                    self.expression(element)?;
                }
                self.unit.emit(Op::BuildTuple(node.elts.len() as u32));
                Ok(())
            }
            Expr::Slice(node) => {
                for part in [&node.lower, &node.upper] {
                    match part {
                        Some(part) => self.expression(part)?,
                        None => self.load_none(1),
                    }
                }
                if let Some(step) = &node.step {
                    self.expression(step)?;
                }
                self.unit.emit(Op::BuildSlice(2 + u32::from(node.step.is_some())));
                Ok(())
            }
            Expr::StringLiteral(_)
            | Expr::BytesLiteral(_)
            | Expr::NumberLiteral(_)
            | Expr::BooleanLiteral(_)
            | Expr::NoneLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => self.syntax_error(expression.start(), "invalid syntax"),
        }
    }

    /// A list of elements of which some are starred.
    pub fn extended_list(&mut self, elements: &'a [Expr]) -> Result {
        let plain = elements.iter().take_while(|e| !e.is_starred_expr()).count();
        for element in &elements[..plain] {
            self.expression(element)?;
        }
        self.unit.emit(Op::BuildList(plain as u32));
        for element in &elements[plain..] {
            match element {
                Expr::Starred(starred) => {
                    self.expression(&starred.value)?;
                    self.unit.twice(Op::ListExtend);
                }
                _ => {
                    self.expression(element)?;
                    self.unit.emit(Op::ListAppend(0));
                }
            }
        }
        Ok(())
    }

    fn dict(&mut self, node: &'a ast::ExprDict) -> Result {
        let plain = node.items.iter().take_while(|item| item.key.is_some()).count();
        for item in &node.items[..plain] {
            if let Some(key) = &item.key {
                self.expression(key)?;
            }
            self.expression(&item.value)?;
        }
        self.unit.emit(Op::BuildMap(plain as u32));
        for item in &node.items[plain..] {
            match &item.key {
                Some(key) => {
                    self.expression(key)?;
                    self.expression(&item.value)?;
                    self.unit.emit(Op::MapAdd(0));
                }
                None => {
                    self.expression(&item.value)?;
                    self.unit.emit(Op::DictUpdate);
                }
            }
        }
        Ok(())
    }

    fn set(&mut self, node: &'a ast::ExprSet) -> Result {
        let plain = node.elts.iter().take_while(|e| !e.is_starred_expr()).count();
        for element in &node.elts[..plain] {
            self.expression(element)?;
        }
        self.unit.emit(Op::BuildSet(plain as u32));
        for element in &node.elts[plain..] {
            match element {
                Expr::Starred(starred) => {
                    self.expression(&starred.value)?;
                    self.unit.emit(Op::GetIter);
                    let end = self.unit.label();
                    let start = self.unit.loop_label();
                    self.unit.jump(Op::ForIter, end);
                    self.unit.emit(Op::SetAdd(1));
                    self.unit.jump(Op::Jump, start);
                    self.unit.place(end);
                }
                _ => {
                    self.expression(element)?;
                    self.unit.emit(Op::SetAdd(0));
                }
            }
        }
        Ok(())
    }

    fn compare(&mut self, node: &'a ast::ExprCompare, line: u32) -> Result {
        self.expression(&node.left)?;
        let last = node.ops.len() - 1;
        if last == 0 {
            self.expression(&node.comparators[0])?;
            self.unit.at_line(line);
            self.unit.emit(comparison(node.ops[0]));
            return Ok(());
        }
        let cleanup = self.unit.label();
        let end = self.unit.label();
        for (i, (op, right)) in node.ops.iter().zip(&node.comparators).enumerate() {
            self.expression(right)?;
            self.unit.at_line(line);
            if i < last {
                // [left, right] → [right, left, right] → [right, result]
                self.unit.emit(Op::Swap(1));
                self.unit.emit(Op::Copy(1));
                self.unit.emit(comparison(*op));
                self.unit.jump(Op::JumpIfFalseOrPop, cleanup);
            } else {
                self.unit.emit(comparison(*op));
                self.unit.jump(Op::Jump, end);
            }
        }
        self.unit.place(cleanup);
        self.unit.emit(Op::Swap(1));
        self.unit.emit(Op::Pop);
        self.unit.place(end);
        Ok(())
    }

    /// Evaluates a condition and jumps where it is false.
    pub fn jump_unless(&mut self, test: &'a Expr, target: Label) -> Result {
        match test {
            Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.jump_if(&node.operand, target),
            Expr::BoolOp(node) if node.op == BoolOp::And => {
                node.values.iter().try_for_each(|value| self.jump_unless(value, target))
            }
            Expr::BoolOp(node) => {
                let holds = self.unit.label();
                let (last, others) = node.values.split_last().unwrap_or((test, &[]));
                for value in others {
                    self.jump_if(value, holds)?;
                }
                self.jump_unless(last, target)?;
                self.unit.place(holds);
                Ok(())
            }
            Expr::Compare(node) if node.ops.len() == 1 => {
                let line = self.source.line(node.start());
                if let Some(jump) = self.compare_with_none(node, true)? {
                    self.unit.jump(jump, target);
                    return Ok(());
                }
                self.expression(&node.left)?;
                self.expression(&node.comparators[0])?;
                let outer = self.unit.at_line(line);
                match comparison(node.ops[0]) {
                    Op::Compare(op) => self.unit.compare_jump(op, target),
                    other => {
                        self.unit.emit(other);
                        self.unit.jump(Op::PopJumpIfFalse, target);
                    }
                }
                self.unit.at_line(outer);
                Ok(())
            }
            Expr::BooleanLiteral(node) if node.value => Ok(()),
            Expr::NumberLiteral(node) if matches!(&node.value, ast::Number::Int(v) if v.as_i64().is_some_and(|v| v != 0)) => {
                Ok(())
            }
            _ => {
                self.expression(test)?;
                self.unit.jump(Op::PopJumpIfFalse, target);
                Ok(())
            }
        }
    }

    /// Evaluates a condition and jumps where it is true.
    pub fn jump_if(&mut self, test: &'a Expr, target: Label) -> Result {
        match test {
            Expr::UnaryOp(node) if node.op == ast::UnaryOp::Not => self.jump_unless(&node.operand, target),
            Expr::BoolOp(node) if node.op == BoolOp::Or => {
                node.values.iter().try_for_each(|value| self.jump_if(value, target))
            }
            Expr::BoolOp(node) => {
                let fails = self.unit.label();
                let (last, others) = node.values.split_last().unwrap_or((test, &[]));
                for value in others {
                    self.jump_unless(value, fails)?;
                }
                self.jump_if(last, target)?;
                self.unit.place(fails);
                Ok(())
            }
            Expr::Compare(node) if node.ops.len() == 1 => {
                if let Some(jump) = self.compare_with_none(node, false)? {
                    self.unit.jump(jump, target);
                    return Ok(());
                }
                let fails = self.unit.label();
                if matches!(comparison(node.ops[0]), Op::Compare(_)) {
                    self.jump_unless(test, fails)?;
                    self.unit.jump(Op::Jump, target);
                    self.unit.place(fails);
                    return Ok(());
                }
                self.expression(test)?;
                self.unit.jump(Op::PopJumpIfTrue, target);
                Ok(())
            }
            _ => {
                self.expression(test)?;
                self.unit.jump(Op::PopJumpIfTrue, target);
                Ok(())
            }
        }
    }

    /// `x is None`: pushes x and answers the jump for it, to be taken where the comparison is false (`unless`) or true.
    fn compare_with_none(&mut self, node: &'a ast::ExprCompare, unless: bool) -> Result<Option<JumpOp>> {
        let negated = match node.ops[0] {
            CmpOp::Is => false,
            CmpOp::IsNot => true,
            _ => return Ok(None),
        };
        if !node.comparators[0].is_none_literal_expr() {
            return Ok(None);
        }
        self.expression(&node.left)?;
        Ok(Some(if negated == unless { Op::PopJumpIfNone } else { Op::PopJumpIfNotNone }))
    }

    /// The value of an expression that is a constant.
    pub fn constant(&self, expression: &Expr) -> Result<Option<Constant>> {
        Ok(Some(match expression {
            Expr::NoneLiteral(_) => Constant::None,
            Expr::BooleanLiteral(node) => {
                if node.value {
                    Constant::True
                } else {
                    Constant::False
                }
            }
            Expr::EllipsisLiteral(_) => Constant::Ellipsis,
            Expr::StringLiteral(node) => Constant::Str(node.value.to_str().into()),
            Expr::BytesLiteral(node) => Constant::Bytes(node.value.bytes().collect::<Vec<u8>>().into()),
            Expr::NumberLiteral(node) => self.number(node)?,
            Expr::UnaryOp(node) if node.op == ast::UnaryOp::USub => {
                let Expr::NumberLiteral(number) = &*node.operand else { return Ok(None) };
                match self.number(number)? {
                    Constant::Int(v) => Constant::Int(-v),
                    Constant::Float(bits) => Constant::Float((-f64::from_bits(bits)).to_bits()),
                    Constant::BigInt(digits) if digits == "9223372036854775808" => Constant::Int(i64::MIN),
                    Constant::BigInt(digits) => Constant::BigInt(format!("-{digits}")),
                    _ => return Ok(None),
                }
            }
            Expr::Tuple(node) => {
                let mut items = Vec::with_capacity(node.elts.len());
                for element in &node.elts {
                    match self.constant(element)? {
                        Some(item) => items.push(item),
                        None => return Ok(None),
                    }
                }
                Constant::Tuple(items)
            }
            _ => return Ok(None),
        }))
    }

    /// `super().name` in a method: pushes the class and the object, and answers the name.
    pub fn super_attribute(&mut self, node: &'a ast::ExprAttribute) -> Result<Option<u16>> {
        let Expr::Call(call) = &*node.value else { return Ok(None) };
        if !self.is_plain_super(call) {
            return Ok(None);
        }
        self.super_arguments()?;
        let name: Rc<str> = self.symbols.mangle(self.scope, &node.attr);
        Ok(Some(self.unit.name(&name)))
    }
}
