//! Semantic IR → Rust statements.
//!
//! A value of up to 64 bits is a `u64`, a wider one a `u128`; bits above its width are zero. Arithmetic is an
//! inline expression; everything that touches the machine is bound to a `let` first, which keeps the order of
//! evaluation and never borrows the machine twice.

use std::fmt::Write;

use crate::model::{Field, Insn, Slot};
use crate::sem::{
    AmoOp, BinOp, Builtin, Expr, ExprKind, FpArith, FpCompare, IntType, LocalId, Reg, Stmt, UnOp,
};

/// The statements of an instruction's body, indented by four spaces.
pub(super) fn body(insn: &Insn) -> String {
    let mut e = Emitter { insn, temps: 0, jumps: insn.body.jumps() };
    let mut out = String::new();
    let next = format!("pc.wrapping_add({})", insn.len);
    if e.jumps {
        let _ = writeln!(out, "    let mut next = {next};");
    } else if insn.body.serializes() {
        let _ = writeln!(out, "    m.set_pc({next});");
    }
    for local in &insn.body.locals {
        let ty = ty(local.width);
        let n = insn.body.locals.iter().position(|l| std::ptr::eq(l, local)).unwrap_or(0);
        let _ = writeln!(out, "    let mut {}: {ty};", e.local(LocalId(n)));
    }
    e.stmts(&insn.body.stmts, "    ", &mut out);
    if e.jumps {
        out.push_str("    m.set_pc(next);\n");
    }
    out
}

fn ty(width: u8) -> &'static str {
    if width > 64 { "u128" } else { "u64" }
}

struct Emitter<'a> {
    insn: &'a Insn,
    temps: usize,
    jumps: bool,
}

/// `x` with the bits from `width` up cleared.
fn mask(x: &str, width: u8) -> String {
    match width {
        64 | 128 => x.to_string(),
        w if w > 64 => format!("(({x}) & {:#x})", (1u128 << w) - 1),
        w => format!("(({x}) & {:#x})", (1u64 << w) - 1),
    }
}

/// `x` of `width` bits as a signed number of type i64 or, from a wider one, i128.
fn signed(x: &str, width: u8) -> String {
    match width {
        64 => format!("(({x}) as i64)"),
        32 => format!("(({x}) as i32 as i64)"),
        16 => format!("(({x}) as i16 as i64)"),
        8 => format!("(({x}) as i8 as i64)"),
        128 => format!("(({x}) as i128)"),
        w if w > 64 => format!("((({x}) << {0}) as i128 >> {0})", 128 - w),
        w => format!("((({x}) << {0}) as i64 >> {0})", 64 - w),
    }
}

impl Emitter<'_> {
    fn field(&self, n: usize) -> &Field {
        &self.insn.fields[n]
    }

    fn local(&self, id: LocalId) -> String {
        format!("v{}_{}", id.0, self.insn.body.locals[id.0].name)
    }

    /// Binds `value` to a new name.
    fn bind(&mut self, value: &str, pad: &str, out: &mut String) -> String {
        self.temps += 1;
        let name = format!("t{}", self.temps);
        let _ = writeln!(out, "{pad}let {name} = {value};");
        name
    }

    fn stmts(&mut self, stmts: &[Stmt], pad: &str, out: &mut String) {
        for s in stmts {
            self.stmt(s, pad, out);
        }
    }

    fn stmt(&mut self, stmt: &Stmt, pad: &str, out: &mut String) {
        match stmt {
            Stmt::Set(id, value) => {
                let value = self.expr(value, pad, out);
                let _ = writeln!(out, "{pad}{} = {value};", self.local(*id));
            }
            Stmt::WriteX(reg, value) => {
                let value = self.expr(value, pad, out);
                let index = match reg {
                    Reg::Fixed(0) => "32".to_string(),
                    Reg::Fixed(n) => n.to_string(),
                    Reg::Field(n) => format!("(op.{} & 63) as usize", self.field(*n).slot.member()),
                    Reg::Next(_) => self.reg(*reg),
                };
                let _ = writeln!(out, "{pad}m.x()[{index}] = {value};");
            }
            Stmt::WriteF(reg, value) => {
                let value = self.expr(value, pad, out);
                let _ = writeln!(out, "{pad}m.f()[{}] = {value};", self.reg(*reg));
            }
            Stmt::WriteCsr(csr, value) => {
                let csr = self.expr(csr, pad, out);
                let value = self.expr(value, pad, out);
                let _ = writeln!(out, "{pad}m.csr_write(pc, ({csr}) as u32, {value})?;");
            }
            Stmt::Store { addr, value } => {
                let width = value.width;
                let addr = self.expr(addr, pad, out);
                let value = self.expr(value, pad, out);
                let _ = writeln!(out, "{pad}m.store_u{width}({addr}, {value})?;");
            }
            Stmt::Jump(target) => {
                let target = self.expr(target, pad, out);
                let _ = writeln!(out, "{pad}next = {target};");
            }
            Stmt::GuardFail(value) => {
                let value = self.expr(value, pad, out);
                let _ = writeln!(out, "{pad}return Err(guard_failed(m, pc, {value}));");
            }
            Stmt::If { cond, then, otherwise } => {
                let cond = self.cond(cond, pad, out);
                let deeper = format!("{pad}    ");
                let _ = writeln!(out, "{pad}if {cond} {{");
                self.stmts(then, &deeper, out);
                if !otherwise.is_empty() {
                    let _ = writeln!(out, "{pad}}} else {{");
                    self.stmts(otherwise, &deeper, out);
                }
                let _ = writeln!(out, "{pad}}}");
            }
            Stmt::Effect(builtin, args) => {
                let args: Vec<String> = args.iter().map(|a| self.expr(a, pad, out)).collect();
                let call = match builtin {
                    Builtin::Ecall => "m.ecall(pc)?".to_string(),
                    Builtin::Ebreak => "m.ebreak(pc)?".to_string(),
                    Builtin::FenceI => "m.fence_i()".to_string(),
                    Builtin::Illegal => "return Err(Leave::Trap(m.illegal(pc)))".to_string(),
                    Builtin::Fence => format!("m.fence(({}) as u32, ({}) as u32)", args[0], args[1]),
                    Builtin::ObserveValue => {
                        format!("m.observe_value(({}) as u32, {})", args[0], args[1])
                    }
                    Builtin::ObserveType => format!("m.observe_type(({}) as u32, {})", args[0], args[1]),
                    Builtin::Phase => format!("m.phase(({}) as u32)", args[0]),
                    Builtin::Roi => format!("m.roi(({}) as u32)", args[0]),
                    Builtin::ZeroBlock => format!("m.zero_block({})?", args[0]),
                    other => format!("let _ = {}", self.call(*other, &args)),
                };
                let _ = writeln!(out, "{pad}{call};");
            }
        }
    }

    /// Index expression of a register that is read, or of an f register.
    fn reg(&self, reg: Reg) -> String {
        match reg {
            Reg::Fixed(n) => n.to_string(),
            Reg::Field(n) => format!("(op.{} & 31) as usize", self.field(n).slot.member()),
            Reg::Next(n) => format!("(op.{} & 31) as usize + 1", self.field(n).slot.member()),
        }
    }

    /// A one-bit value as a Rust `bool`.
    fn cond(&mut self, e: &Expr, pad: &str, out: &mut String) -> String {
        match &e.kind {
            ExprKind::Const(v) => (*v != 0).to_string(),
            ExprKind::Unary(UnOp::Not, inner) => format!("!({})", self.cond(inner, pad, out)),
            ExprKind::Binary(op @ (BinOp::AndAlso | BinOp::OrElse), a, b) => {
                let a = self.cond(a, pad, out);
                let mut inner = String::new();
                let b = self.cond(b, pad, &mut inner);
                let sign = if *op == BinOp::AndAlso { "&&" } else { "||" };
                if inner.is_empty() {
                    format!("({a} {sign} {b})")
                } else {
                    format!("({a} {sign} {{ {inner} {b} }})")
                }
            }
            ExprKind::Binary(op, a, b) if compare(*op).is_some() => {
                let (sign, is_signed) = compare(*op).unwrap_or(("==", false));
                let width = a.width;
                let (a, b) = (self.expr(a, pad, out), self.expr(b, pad, out));
                if is_signed {
                    format!("({} {sign} {})", signed(&a, width), signed(&b, width))
                } else {
                    format!("(({a}) {sign} ({b}))")
                }
            }
            ExprKind::Call(
                builtin @ (Builtin::FpCompare(..) | Builtin::StoreConditional(_) | Builtin::WatchValid),
                args,
            ) => {
                let args: Vec<String> = args.iter().map(|a| self.expr(a, pad, out)).collect();
                let call = self.call(*builtin, &args);
                self.bind(&call, pad, out)
            }
            _ => format!("({} != 0)", self.expr(e, pad, out)),
        }
    }

    fn expr(&mut self, e: &Expr, pad: &str, out: &mut String) -> String {
        let w = e.width;
        match &e.kind {
            ExprKind::Const(v) => format!("{v:#x}_{}", ty(w)),
            ExprKind::Local(id) => self.local(*id),
            ExprKind::Field(n) => mask(&self.field_value(*n), w),
            ExprKind::ReadX(Reg::Fixed(0)) => "0_u64".to_string(),
            ExprKind::ReadX(reg) => {
                let value = format!("m.x()[{}]", self.reg(*reg));
                self.bind(&value, pad, out)
            }
            ExprKind::ReadF(reg) => {
                let value = format!("m.f()[{}]", self.reg(*reg));
                self.bind(&value, pad, out)
            }
            ExprKind::ReadCsr(csr) => {
                let csr = self.expr(csr, pad, out);
                self.bind(&format!("m.csr_read(pc, ({csr}) as u32)?"), pad, out)
            }
            ExprKind::Pc => "pc".to_string(),
            ExprKind::Load(addr) => {
                let addr = self.expr(addr, pad, out);
                self.bind(&format!("m.load_u{w}({addr})?"), pad, out)
            }
            ExprKind::Unary(UnOp::Neg, a) => {
                let a = self.expr(a, pad, out);
                mask(&format!("({a}).wrapping_neg()"), w)
            }
            ExprKind::Unary(UnOp::Not, a) => {
                let a = self.expr(a, pad, out);
                mask(&format!("!({a})"), w)
            }
            ExprKind::Binary(op, a, b) => self.binary(*op, a, b, w, pad, out, e),
            ExprKind::Select(c, a, b) => {
                let c = self.cond(c, pad, out);
                let (mut left, mut right) = (String::new(), String::new());
                let a = self.expr(a, "", &mut left);
                let b = self.expr(b, "", &mut right);
                let value = format!("if {c} {{ {left}{a} }} else {{ {right}{b} }}");
                self.bind(&value, pad, out)
            }
            ExprKind::Slice(a, _, lo) => {
                let wide = a.width > 64;
                let a = self.expr(a, pad, out);
                let shifted = if *lo == 0 { a } else { format!("(({a}) >> {lo})") };
                let cast = if wide && w <= 64 { format!("(({shifted}) as u64)") } else { shifted };
                mask(&cast, w)
            }
            ExprKind::Concat(parts) => {
                let t = ty(w);
                let mut below = w;
                let mut terms = Vec::new();
                for part in parts {
                    below -= part.width;
                    let value = self.expr(part, pad, out);
                    terms.push(format!("((({value}) as {t}) << {below})"));
                }
                format!("({})", terms.join(" | "))
            }
            ExprKind::ZeroExtend(a) => {
                if let ExprKind::Field(n) = a.kind
                    && !self.field(n).sign_extend
                    && w <= 64
                {
                    return self.field_value(n);
                }
                let (from, value) = (a.width, self.expr(a, pad, out));
                if ty(from) == ty(w) { value } else { format!("(({value}) as {})", ty(w)) }
            }
            ExprKind::SignExtend(a) => {
                if let ExprKind::Field(n) = a.kind
                    && self.field(n).sign_extend
                    && a.width == self.field(n).value_width()
                    && w <= 64
                {
                    return mask(&self.field_value(n), w);
                }
                let (from, value) = (a.width, self.expr(a, pad, out));
                let number = signed(&value, from);
                if w > 64 {
                    mask(&format!("({number} as i128 as u128)"), w)
                } else {
                    mask(&format!("({number} as u64)"), w)
                }
            }
            ExprKind::Call(
                Builtin::FpCompare(..) | Builtin::StoreConditional(_) | Builtin::WatchValid,
                _,
            ) => {
                format!("({} as u64)", self.cond(e, pad, out))
            }
            ExprKind::Call(builtin, args) => {
                let args: Vec<String> = args.iter().map(|a| self.expr(a, pad, out)).collect();
                let call = self.call(*builtin, &args);
                self.bind(&call, pad, out)
            }
        }
    }

    /// A field's architectural value as a `u64`: sign-extended if the field is.
    fn field_value(&self, n: usize) -> String {
        let field = self.field(n);
        match field.slot {
            Slot::Imm if field.sign_extend => "(op.imm as i64 as u64)".to_string(),
            Slot::Imm => "(op.imm as u32 as u64)".to_string(),
            // Decode redirects x0 as destination to place 32.
            Slot::Rd => "((op.rd & 31) as u64)".to_string(),
            slot => format!("(op.{} as u64)", slot.member()),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn binary(
        &mut self,
        op: BinOp,
        a: &Expr,
        b: &Expr,
        w: u8,
        pad: &str,
        out: &mut String,
        whole: &Expr,
    ) -> String {
        if compare(op).is_some() || matches!(op, BinOp::AndAlso | BinOp::OrElse) {
            return format!("({} as u64)", self.cond(whole, pad, out));
        }
        let (from, amount_width) = (a.width, b.width);
        let constant = match b.kind {
            ExprKind::Const(v) => Some(v),
            _ => None,
        };
        let (a, b) = (self.expr(a, pad, out), self.expr(b, pad, out));
        let method = |name: &str| mask(&format!("({a}).{name}({b})"), w);
        let signs = |name: &str| {
            let t = ty(w);
            mask(&format!("({}.{name}({}) as {t})", signed(&a, from), signed(&b, from)), w)
        };
        match op {
            BinOp::Add => method("wrapping_add"),
            BinOp::Sub => method("wrapping_sub"),
            BinOp::Mul => method("wrapping_mul"),
            BinOp::DivU => mask(&format!("({a}).checked_div({b}).unwrap_or(!0)"), w),
            BinOp::RemU => format!("({a}).checked_rem({b}).unwrap_or({a})"),
            BinOp::DivS => {
                format!("(if ({b}) == 0 {{ {} }} else {{ {} }})", mask("!0", w), signs("wrapping_div"))
            }
            BinOp::RemS => format!("(if ({b}) == 0 {{ {a} }} else {{ {} }})", signs("wrapping_rem")),
            BinOp::And => format!("(({a}) & ({b}))"),
            BinOp::Or => format!("(({a}) | ({b}))"),
            BinOp::Xor => format!("(({a}) ^ ({b}))"),
            BinOp::Shl | BinOp::Shr | BinOp::Sra => {
                let shifted = match op {
                    BinOp::Shl => mask(&format!("({a}).wrapping_shl(({b}) as u32)"), w),
                    BinOp::Shr => format!("({a}).wrapping_shr(({b}) as u32)"),
                    _ => {
                        let t = ty(w);
                        mask(&format!("({}.wrapping_shr(({b}) as u32) as {t})", signed(&a, w)), w)
                    }
                };
                let below = constant.is_some_and(|v| v < u128::from(w))
                    || (amount_width < 8 && 1u16 << amount_width <= u16::from(w));
                if below {
                    return shifted;
                }
                let past = if op == BinOp::Sra {
                    mask(&format!("(({} < 0) as {1}).wrapping_neg()", signed(&a, w), ty(w)), w)
                } else {
                    "0".to_string()
                };
                format!("(if ({b}) >= {w} {{ {past} }} else {{ {shifted} }})")
            }
            BinOp::MulWideU => {
                let t = ty(w);
                format!("((({a}) as {t}).wrapping_mul(({b}) as {t}))")
            }
            BinOp::MulWideS | BinOp::MulWideSU => {
                let (t, i) = if w > 64 { ("u128", "i128") } else { ("u64", "i64") };
                let right = if op == BinOp::MulWideS { signed(&b, from) } else { format!("({b})") };
                mask(&format!("(({} as {i}).wrapping_mul({right} as {i}) as {t})", signed(&a, from)), w)
            }
            // Comparisons and lazy operators were handled above.
            _ => "0".to_string(),
        }
    }

    /// A builtin as a Rust expression; comparisons and store-conditional give a `bool`.
    ///
    /// Roundings try `fp::fast` first, which makes no calls; a machine that wants none in its common case turns
    /// back at `retry`.
    fn call(&self, builtin: Builtin, args: &[String]) -> String {
        let general = self.general_call(builtin, args);
        match general.strip_prefix("fp::") {
            Some(call) if has_fast_form(builtin) => {
                format!("match fp::fast::{call} {{ Some(v) => v, None => {{ m.retry()?; {general} }} }}")
            }
            _ if is_long(builtin) => format!("{{ m.retry()?; {general} }}"),
            _ => general,
        }
    }

    fn general_call(&self, builtin: Builtin, args: &[String]) -> String {
        let list = args.join(", ");
        match builtin {
            Builtin::RoundingMode => format!("rounding_mode(m, pc, {list})?"),
            Builtin::NanBox => format!("(({list}) | 0xffff_ffff_0000_0000)"),
            Builtin::NanUnbox => format!("fp::unbox({list})"),
            Builtin::Fp(op, w) => {
                let name = match op {
                    FpArith::Add => "add",
                    FpArith::Sub => "sub",
                    FpArith::Mul => "mul",
                    FpArith::Div => "div",
                };
                format!("fp::f{w}_{name}({list}, m.fflags())")
            }
            Builtin::FpSqrt(w) => format!("fp::f{w}_sqrt({list}, m.fflags())"),
            Builtin::FpMulAdd(w) => format!("fp::f{w}_mul_add({list}, m.fflags())"),
            Builtin::FpMin(w) => format!("fp::f{w}_min({list}, m.fflags())"),
            Builtin::FpMax(w) => format!("fp::f{w}_max({list}, m.fflags())"),
            Builtin::FpCompare(op, w) => {
                let name = match op {
                    FpCompare::Eq => "eq",
                    FpCompare::Lt => "lt",
                    FpCompare::Le => "le",
                };
                format!("fp::f{w}_{name}({list}, m.fflags())")
            }
            Builtin::FpClass(w) => format!("fp::f{w}_classify({list})"),
            Builtin::FpToInt(w, int) => format!("fp::f{w}_to_{}({list}, m.fflags())", int_name(int)),
            Builtin::IntToFp(int, w) => format!("fp::{}_to_f{w}({list}, m.fflags())", int_name(int)),
            Builtin::FpWiden => format!("fp::f32_to_f64({list}, m.fflags())"),
            Builtin::FpNarrow => format!("fp::f64_to_f32({list}, m.fflags())"),
            Builtin::FpConvert(from, to) => format!("fp::f{from}_to_f{to}({list}, m.fflags())"),
            Builtin::FpRound(w, exact) => {
                let name = if exact { "round_exact" } else { "round" };
                format!("fp::f{w}_{name}({list}, m.fflags())")
            }
            Builtin::FpConstant(w) => format!("fp::constant({w}, {list})"),
            Builtin::CountLeadingZeros(w) => format!("(({list}) as u{w}).leading_zeros() as u64"),
            Builtin::CountTrailingZeros(w) => format!("(({list}) as u{w}).trailing_zeros() as u64"),
            Builtin::PopCount(_) => format!("({list}).count_ones() as u64"),
            Builtin::ByteReverse => format!("({list}).swap_bytes()"),
            Builtin::CarrylessMultiply => format!("carryless_multiply({list})"),
            Builtin::CompareSwap(w) => format!("m.compare_swap{w}({list})?"),
            Builtin::WatchValid => format!("m.watch_valid(({list}) as u32)"),
            Builtin::LoadReserved(w) => format!("m.load_reserved{w}({list})?"),
            Builtin::StoreConditional(w) => format!("m.store_conditional{w}({list})?"),
            Builtin::Amo(op, w) => format!("m.amo{w}(Amo::{}, {list})?", amo_name(op)),
            // Called for their effect only; see `stmt`.
            _ => "()".to_string(),
        }
    }
}

/// Builtins that `fp::fast` has too.
fn has_fast_form(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::Fp(_, 32 | 64)
            | Builtin::FpSqrt(32 | 64)
            | Builtin::FpMulAdd(32 | 64)
            | Builtin::FpToInt(32 | 64, _)
            | Builtin::IntToFp(_, 32 | 64)
            | Builtin::FpWiden
            | Builtin::FpNarrow
    )
}

/// Builtins that are never done in a few host instructions.
fn is_long(builtin: Builtin) -> bool {
    matches!(
        builtin,
        Builtin::Fp(_, 16)
            | Builtin::FpSqrt(16)
            | Builtin::FpMulAdd(16)
            | Builtin::FpToInt(16, _)
            | Builtin::IntToFp(_, 16)
            | Builtin::FpConvert(..)
            | Builtin::FpRound(..)
            | Builtin::FpConstant(_)
    )
}

/// Rust operator of a comparison and whether it is signed.
fn compare(op: BinOp) -> Option<(&'static str, bool)> {
    Some(match op {
        BinOp::Eq => ("==", false),
        BinOp::Ne => ("!=", false),
        BinOp::LtU => ("<", false),
        BinOp::LeU => ("<=", false),
        BinOp::LtS => ("<", true),
        BinOp::LeS => ("<=", true),
        _ => return None,
    })
}

fn int_name(int: IntType) -> &'static str {
    match int {
        IntType::I32 => "i32",
        IntType::U32 => "u32",
        IntType::I64 => "i64",
        IntType::U64 => "u64",
    }
}

fn amo_name(op: AmoOp) -> &'static str {
    match op {
        AmoOp::Swap => "Swap",
        AmoOp::Add => "Add",
        AmoOp::Xor => "Xor",
        AmoOp::And => "And",
        AmoOp::Or => "Or",
        AmoOp::Min => "Min",
        AmoOp::Max => "Max",
        AmoOp::Minu => "Minu",
        AmoOp::Maxu => "Maxu",
    }
}
