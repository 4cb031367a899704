//! CoreDSL 2: encodings, assembly, and behaviour from the typed semantics.
//!
//! Floating point, atomics, hints and the like are calls of external functions, which the header of the file declares in a
//! comment: CoreDSL leaves them to the user.

use super::{Part, Selection, manual_name, parts};
use crate::codegen::ident;
use crate::model::{Field, FieldKind, Insn, Piece};
use crate::sem::{BinOp, Builtin, Expr, ExprKind, Reg, Stmt, UnOp};
use std::fmt::Write;

/// One instruction set for each extension.
pub fn export(selection: &Selection) -> String {
    let mut out = String::from(
        "// Exported by mj. Functions that are not of CoreDSL stand for builtins of the specification:\n\
         // see its README. `F` is the floating-point register file, `CSR` the control and status registers.\n",
    );
    for extension in selection.extensions() {
        let insns: Vec<&&Insn> = selection.insns.iter().filter(|i| i.extension == extension).collect();
        if insns.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\nInstructionSet {extension} extends RV64I {{\n  instructions {{");
        for insn in insns {
            instruction(insn, &mut out);
        }
        out.push_str("  }\n}\n");
    }
    out
}

fn instruction(insn: &Insn, out: &mut String) {
    let encoding: Vec<String> = parts(insn)
        .iter()
        .map(|part| match part {
            Part::Fixed { value, .. } => {
                let w = part.width();
                format!("{w}'b{value:0width$b}", width = usize::from(w))
            }
            Part::Field { field, from, .. } => {
                let low = from + field.left_shift;
                format!("{}[{}:{low}]", manual_name(field), low + part.width() - 1)
            }
        })
        .collect();
    let text: String = insn
        .template
        .pieces
        .iter()
        .map(|p| match p {
            Piece::Text(t) if t == "," => ", ".to_string(),
            Piece::Text(t) => t.clone(),
            Piece::Field(n) => match insn.fields[*n].kind {
                FieldKind::XReg => format!("{{name({})}}", manual_name(&insn.fields[*n])),
                FieldKind::FReg => format!("{{fname({})}}", manual_name(&insn.fields[*n])),
                _ => format!("{{{}}}", manual_name(&insn.fields[*n])),
            },
        })
        .collect();
    let _ = writeln!(out, "    {} {{", ident(&insn.name).to_uppercase());
    let _ = writeln!(out, "      encoding: {};", encoding.join(" :: "));
    let _ = writeln!(out, "      assembly: {{\"{}\", \"{text}\"}};", insn.name);
    out.push_str("      behavior: {\n");
    let p = Printer { insn };
    for field in insn.fields.iter().filter(|f| !f.not.is_empty()) {
        for value in &field.not {
            let _ = writeln!(out, "        if ({} == {value}) raise(0, 2);", manual_name(field));
        }
    }
    p.stmts(&insn.body.stmts, "        ", &mut Vec::new(), out);
    out.push_str("      }\n    }\n");
}

struct Printer<'a> {
    insn: &'a Insn,
}

impl Printer<'_> {
    fn stmts(&self, stmts: &[Stmt], pad: &str, declared: &mut Vec<usize>, out: &mut String) {
        let before = declared.len();
        for s in stmts {
            match s {
                Stmt::Set(id, e) => {
                    let local = &self.insn.body.locals[id.0];
                    let ty = if declared.contains(&id.0) {
                        String::new()
                    } else {
                        declared.push(id.0);
                        format!("unsigned<{}> ", local.width)
                    };
                    let _ = writeln!(out, "{pad}{ty}{} = {};", local.name, self.expr(e));
                }
                Stmt::WriteX(reg, e) => {
                    let name = self.reg(*reg);
                    let _ = writeln!(out, "{pad}if ({name} != 0) X[{name}] = {};", self.expr(e));
                }
                Stmt::WriteF(reg, e) => {
                    let _ = writeln!(out, "{pad}F[{}] = {};", self.reg(*reg), self.expr(e));
                }
                Stmt::WriteCsr(n, e) => {
                    let _ = writeln!(out, "{pad}CSR[{}] = {};", self.expr(n), self.expr(e));
                }
                Stmt::Store { addr, value } => {
                    let _ = writeln!(
                        out,
                        "{pad}{} = {};",
                        memory(&self.expr(addr), value.width),
                        self.expr(value)
                    );
                }
                Stmt::Jump(e) => {
                    let _ = writeln!(out, "{pad}PC = {};", self.expr(e));
                }
                Stmt::GuardFail(e) => {
                    let _ = writeln!(out, "{pad}guard_fail({}); return;", self.expr(e));
                }
                Stmt::If { cond, then, otherwise } => {
                    let _ = writeln!(out, "{pad}if ({}) {{", self.expr(cond));
                    self.stmts(then, &format!("{pad}  "), declared, out);
                    if !otherwise.is_empty() {
                        let _ = writeln!(out, "{pad}}} else {{");
                        self.stmts(otherwise, &format!("{pad}  "), declared, out);
                    }
                    let _ = writeln!(out, "{pad}}}");
                }
                Stmt::Effect(builtin, args) => {
                    let _ = writeln!(out, "{pad}{};", self.call(*builtin, args));
                }
            }
        }
        declared.truncate(before);
    }

    fn reg(&self, reg: Reg) -> String {
        let name = |n: usize| {
            let f: &Field = &self.insn.fields[n];
            if f.is_creg() { format!("({} + 8)", manual_name(f)) } else { manual_name(f) }
        };
        match reg {
            Reg::Fixed(n) => n.to_string(),
            Reg::Field(n) => name(n),
            Reg::Next(n) => format!("({} + 1)", name(n)),
        }
    }

    fn expr(&self, e: &Expr) -> String {
        let w = e.width;
        match &e.kind {
            ExprKind::Const(v) => format!("{w}'d{v}"),
            ExprKind::Local(id) => self.insn.body.locals[id.0].name.clone(),
            ExprKind::Field(n) => manual_name(&self.insn.fields[*n]),
            ExprKind::ReadX(Reg::Fixed(0)) => "64'd0".to_string(),
            ExprKind::ReadX(reg) => format!("X[{}]", self.reg(*reg)),
            ExprKind::ReadF(reg) => format!("F[{}]", self.reg(*reg)),
            ExprKind::ReadCsr(n) => format!("CSR[{}]", self.expr(n)),
            ExprKind::Pc => "PC".to_string(),
            ExprKind::Load(addr) => memory(&self.expr(addr), w),
            ExprKind::Unary(op, a) => {
                let sign = match (op, w) {
                    (UnOp::Neg, _) => "-",
                    (UnOp::Not, 1) => "!",
                    (UnOp::Not, _) => "~",
                };
                format!("((unsigned<{w}>) ({sign}{}))", self.expr(a))
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, w),
            ExprKind::Select(c, a, b) => {
                format!("({} ? {} : {})", self.expr(c), self.expr(a), self.expr(b))
            }
            ExprKind::Slice(a, hi, lo) => format!("{}[{hi}:{lo}]", self.expr(a)),
            ExprKind::Concat(list) => {
                let parts: Vec<String> = list.iter().map(|p| self.expr(p)).collect();
                format!("({})", parts.join(" :: "))
            }
            ExprKind::ZeroExtend(a) => format!("((unsigned<{w}>) {})", self.expr(a)),
            ExprKind::SignExtend(a) => {
                format!("((unsigned<{w}>) (signed<{w}>) (signed<{}>) {})", a.width, self.expr(a))
            }
            ExprKind::Call(builtin, args) => self.call(*builtin, args),
        }
    }

    fn binary(&self, op: BinOp, a: &Expr, b: &Expr, w: u8) -> String {
        let (x, y) = (self.expr(a), self.expr(b));
        let (sx, sy) = (format!("(signed<{}>) {x}", a.width), format!("(signed<{}>) {y}", b.width));
        let plain = |sign: &str| format!("((unsigned<{w}>) ({x} {sign} {y}))");
        let signed = |sign: &str| format!("((unsigned<{w}>) ({sx} {sign} {sy}))");
        match op {
            BinOp::Add => plain("+"),
            BinOp::Sub => plain("-"),
            BinOp::Mul | BinOp::MulWideU => plain("*"),
            BinOp::MulWideS => signed("*"),
            BinOp::MulWideSU => format!("((unsigned<{w}>) ({sx} * {y}))"),
            BinOp::DivU => plain("/"),
            BinOp::RemU => plain("%"),
            BinOp::DivS => signed("/"),
            BinOp::RemS => signed("%"),
            BinOp::And => plain("&"),
            BinOp::Or => plain("|"),
            BinOp::Xor => plain("^"),
            BinOp::Shl => plain("<<"),
            BinOp::Shr => plain(">>"),
            BinOp::Sra => format!("((unsigned<{w}>) ({sx} >> {y}))"),
            BinOp::Eq => format!("({x} == {y})"),
            BinOp::Ne => format!("({x} != {y})"),
            BinOp::LtU => format!("({x} < {y})"),
            BinOp::LeU => format!("({x} <= {y})"),
            BinOp::LtS => format!("({sx} < {sy})"),
            BinOp::LeS => format!("({sx} <= {sy})"),
            BinOp::AndAlso => format!("({x} && {y})"),
            BinOp::OrElse => format!("({x} || {y})"),
        }
    }

    fn call(&self, builtin: Builtin, args: &[Expr]) -> String {
        let args: Vec<String> = args.iter().map(|a| self.expr(a)).collect();
        match builtin {
            Builtin::Illegal => "raise(0, 2)".to_string(),
            Builtin::Ecall => "raise(0, 8)".to_string(),
            Builtin::Ebreak => "raise(0, 3)".to_string(),
            _ => format!("{}({})", function(builtin), args.join(", ")),
        }
    }
}

/// The bytes of memory at an address, as a value of `width` bits.
fn memory(addr: &str, width: u8) -> String {
    match width {
        8 => format!("MEM[{addr}]"),
        w => format!("MEM[{addr} + {} : {addr}]", w / 8 - 1),
    }
}

/// A builtin's name in lower case with its parameters: `fp_add_64`, `amo_swap_32`.
fn function(builtin: Builtin) -> String {
    let debug = format!("{builtin:?}");
    let mut out = String::new();
    for (n, c) in debug.chars().enumerate() {
        match c {
            'A'..='Z' => {
                if n > 0 && !out.ends_with('_') {
                    out.push('_');
                }
                out.push(c.to_ascii_lowercase());
            }
            'a'..='z' | '0'..='9' => out.push(c),
            _ if out.ends_with('_') => {}
            _ => out.push('_'),
        }
    }
    out.trim_end_matches('_').to_string()
}
