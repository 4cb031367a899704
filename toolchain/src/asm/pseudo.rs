//! Pseudo-instructions of more than one instruction; those of one are aliases in `isa-spec`.

use isa_spec::{freg, xreg};

use super::Assembler;
use super::diag::Parsed;
use super::expr::{Cursor, Expr};
use super::insn::{Operand, low};
use super::lex::Tok;
use super::unit::How;

impl Assembler<'_> {
    /// Assembles `name` if it is a pseudo-instruction that this module expands; false if it is not.
    pub(super) fn pseudo(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        match name {
            "li" => {
                let rd = self.register(cur, xreg)?;
                cur.expect(",")?;
                if cur.is("%") {
                    // `li a0, %lo(x)` is an addi.
                    cur.at -= 2;
                    return Ok(false);
                }
                let e = self.expression(cur)?;
                cur.finish()?;
                self.load_immediate(rd, e)?;
            }
            "la" | "lla" => {
                let rd = self.register(cur, xreg)?;
                cur.expect(",")?;
                let e = self.expression(cur)?;
                cur.finish()?;
                if self.unit.constant(&e).is_some() {
                    self.load_immediate(rd, e)?;
                } else {
                    self.pair(rd, e, "addi", |low| [rd, rd, low])?;
                }
            }
            "call" | "tail" | "jump" => self.far_call(name, cur)?,
            // As for RV64GC, although the specification has them as instructions of Zba and Zbb.
            "sext.b" | "sext.h" | "zext.h" | "zext.w" => {
                let rd = self.register(cur, xreg)?;
                cur.expect(",")?;
                let rs = self.register(cur, xreg)?;
                cur.finish()?;
                let shift = match name {
                    "sext.b" => 56,
                    "zext.w" => 32,
                    _ => 48,
                };
                let right = if name.starts_with('s') { "srai" } else { "srli" };
                self.emit_named("slli", &[known(rd), known(rs), known(shift)])?;
                self.emit_named(right, &[known(rd), known(rd), known(shift)])?;
            }
            _ => return self.symbol_access(name, cur),
        }
        Ok(true)
    }

    fn register(&mut self, cur: &mut Cursor, parse: fn(&str) -> Option<u8>) -> Parsed<i64> {
        if let Some(Tok::Ident(s)) = cur.peek()
            && let Some(n) = parse(s)
        {
            cur.at += 1;
            return Ok(i64::from(n));
        }
        cur.fault("expected a register")
    }

    /// `auipc` to `base`, then `second` with operands in the order of its template; `operands`
    /// is given a place holder for the low part and says where it stands.
    fn pair(
        &mut self,
        base: i64,
        target: Expr,
        second: &str,
        operands: impl Fn(i64) -> [i64; 3],
    ) -> Parsed<()> {
        /// A value that no operand has.
        const LOW: i64 = i64::MIN;
        self.emit_named("auipc", &[known(base), Operand::Later(How::PcrelHi, target.clone())])?;
        let operands = operands(LOW).map(|v| match v {
            LOW => Operand::Later(How::PcrelLoBack(4), target.clone()),
            v => known(v),
        });
        self.emit_named(second, &operands)
    }

    fn far_call(&mut self, name: &str, cur: &mut Cursor) -> Parsed<()> {
        const RA: i64 = 1;
        const T1: i64 = 6;
        let mut base = if name == "call" { RA } else { T1 };
        let link = if name == "call" { RA } else { 0 };
        // `call rd, symbol`
        let explicit = matches!(cur.peek(), Some(Tok::Ident(s)) if xreg(s).is_some())
            && cur.toks.get(cur.at + 1).is_some_and(|t| t.tok == Tok::Punct(","));
        let mut link_to = link;
        if name == "call" && explicit {
            base = self.register(cur, xreg)?;
            link_to = base;
            cur.expect(",")?;
        }
        let target = self.expression(cur)?;
        // A trailing `@plt` changes nothing in a static program.
        if cur.eat("@") {
            cur.ident()?;
        }
        if name == "jump" {
            cur.expect(",")?;
            base = self.register(cur, xreg)?;
        }
        cur.finish()?;
        self.pair(base, target, "jalr", |low| [link_to, low, base])
    }

    /// `lw rd, symbol`, `sw rs, symbol, rt`, `fld fd, symbol, rt`: true if `name` is used so.
    fn symbol_access(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        let load = matches!(name, "lb" | "lh" | "lw" | "ld" | "lbu" | "lhu" | "lwu");
        let store = matches!(name, "sb" | "sh" | "sw" | "sd");
        let float = matches!(name, "flw" | "fld" | "fsw" | "fsd");
        if !(load || store || float) {
            return Ok(false);
        }
        // With a base register in parentheses it is the plain instruction.
        let based = cur
            .toks
            .windows(2)
            .any(|w| w[0].tok == Tok::Punct("(") && matches!(&w[1].tok, Tok::Ident(s) if xreg(s).is_some()));
        if based {
            return Ok(false);
        }
        let mut at = cur.clone();
        let value = self.register(&mut at, if float { freg } else { xreg })?;
        at.expect(",")?;
        let target = self.expression(&mut at)?;
        let base = if load {
            value
        } else {
            at.expect(",")?;
            self.register(&mut at, xreg)?
        };
        at.finish()?;
        *cur = at;
        self.pair(base, target, name, |low| [value, low, base])?;
        Ok(true)
    }

    fn load_immediate(&mut self, rd: i64, e: Expr) -> Parsed<()> {
        if let Some(n) = self.unit.constant(&e) {
            return self.load_constant(rd, n);
        }
        // Not known yet: the widest form for 32 bits, filled in when it is.
        self.emit_named("lui", &[known(rd), Operand::Later(How::Hi, e.clone())])?;
        self.emit_named("addiw", &[known(rd), known(rd), Operand::Later(How::Lo, e)])
    }

    /// `li` with any 64-bit constant: 12 bits, 32 bits, or the upper part, a shift and the low 12 bits.
    fn load_constant(&mut self, rd: i64, n: i64) -> Parsed<()> {
        if n == low(n) {
            return self.emit_named("addi", &[known(rd), known(0), known(n)]);
        }
        self.load_wide(rd, n)
    }

    fn load_wide(&mut self, rd: i64, n: i64) -> Parsed<()> {
        let lo = low(n);
        if n == lo {
            // The innermost step of a wide constant, as GNU as writes it.
            return self.emit_named("addiw", &[known(rd), known(0), known(n)]);
        }
        let upper = n.wrapping_sub(lo);
        if n == i64::from(n as i32) {
            self.emit_named("lui", &[known(rd), known(i64::from(upper as i32))])?;
            if lo != 0 {
                self.emit_named("addiw", &[known(rd), known(rd), known(lo)])?;
            }
            return Ok(());
        }
        let shift = upper.trailing_zeros();
        self.load_wide(rd, upper >> shift)?;
        self.emit_named("slli", &[known(rd), known(rd), known(i64::from(shift))])?;
        if lo != 0 {
            self.emit_named("addi", &[known(rd), known(rd), known(lo)])?;
        }
        Ok(())
    }
}

fn known(v: i64) -> Operand {
    Operand::Known(v)
}
