//! Pseudo-instructions of more than one instruction, and those whose expansion depends on options; those of one
//! are aliases in `isa-spec` (RISC-V Assembly Programmer's Manual, "pseudoinstructions").

use isa_spec::{freg, xreg};

use super::Assembler;
use super::diag::Parsed;
use super::expr::{Cursor, Expr};
use super::frag::{Kind, Target};
use super::lex::Tok;
use super::operand::{How, Operand, low};
use super::reloc;

/// Numbers of registers that expansions use by themselves.
const RA: i64 = 1;
const T1: i64 = 6;

impl Assembler<'_> {
    /// Assembles `name` if it is a pseudo-instruction that this module expands; false if it is not.
    pub(super) fn pseudo(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        match name {
            "li" => {
                let start = cur.at;
                let rd = self.register(cur, xreg)?;
                cur.expect(",")?;
                if cur.is("%") {
                    // `li a0, %lo(x)` is an addi.
                    cur.at = start;
                    return Ok(false);
                }
                let e = self.expression(cur)?;
                cur.finish()?;
                self.load_immediate(rd, e)?;
            }
            "la" | "lla" | "lga" | "la.tls.ie" | "la.tls.gd" => self.load_address(name, cur)?,
            "call" | "tail" | "jump" => self.far_call(name, cur)?,
            "sext.b" | "sext.h" | "zext.h" | "zext.w" if !self.enabled(name) => self.extend(name, cur)?,
            "unimp" | "c.unimp" if name == "c.unimp" || self.options.rvc => {
                cur.finish()?;
                self.line_row_here();
                self.unit.emit(&[0, 0]);
            }
            "move" | "scall" | "sbreak" | "frsr" | "fssr" => {
                let now = match name {
                    "move" => "mv",
                    "scall" => "ecall",
                    "frsr" => "frcsr",
                    "fssr" => "fscsr",
                    _ => "ebreak",
                };
                let col = self.unit.span.col as usize;
                self.instruction(now, col, cur)?;
            }
            "add" => return self.tls_add(cur),
            "jr" | "jalr" => return self.jump_register(name, cur),
            "wfi" | "mret" | "sret" | "dret" | "sfence.vma" if self.isa.forms(name).is_empty() => {
                self.privileged(name, cur)?;
            }
            _ => return self.symbol_access(name, cur),
        }
        Ok(true)
    }

    /// Whether an instruction or alias `name` is of an extension that the architecture has.
    fn enabled(&self, name: &str) -> bool {
        let base = |e: &str| matches!(e, "I" | "M" | "A" | "F" | "D");
        self.isa.forms(name).iter().any(|f| {
            let extension = &self.isa.insn(f.insn).extension;
            base(extension) || self.options.arch.enables(extension)
        })
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

    fn load_address(&mut self, name: &str, cur: &mut Cursor) -> Parsed<()> {
        let rd = self.register(cur, xreg)?;
        cur.expect(",")?;
        let e = self.expression(cur)?;
        cur.finish()?;
        if matches!(name, "la" | "lla") && self.unit.constant(&e).is_some() {
            return self.load_immediate(rd, e);
        }
        let how = match name {
            "lla" => How::PcrelHi,
            "la" if !self.options.pic => How::PcrelHi,
            "la.tls.ie" => How::TlsIeHi,
            "la.tls.gd" => How::TlsGdHi,
            _ => How::GotHi,
        };
        let second = if matches!(how, How::GotHi | How::TlsIeHi) { "ld" } else { "addi" };
        if second == "ld" {
            self.pair(rd, how, e, second, |low| [known(rd), low, known(rd)])
        } else {
            self.pair(rd, how, e, second, |low| [known(rd), known(rd), low])
        }
    }

    /// `auipc` to `base`, then `second` with the operands that `operands` makes of the low part.
    fn pair(
        &mut self,
        base: i64,
        how: How,
        target: Expr,
        second: &str,
        operands: impl Fn(Operand) -> [Operand; 3],
    ) -> Parsed<()> {
        let label = Expr::Sym(self.unit.unlisted_here());
        self.emit_named("auipc", &[known(base), Operand::Later(how, target)])?;
        self.emit_named(second, &operands(Operand::Later(How::PcrelLo, label)))
    }

    fn far_call(&mut self, name: &str, cur: &mut Cursor) -> Parsed<()> {
        let (mut base, mut link) = if name == "call" { (RA, RA) } else { (T1, 0) };
        // `call rd, symbol`
        let explicit = matches!(cur.peek(), Some(Tok::Ident(s)) if xreg(s).is_some())
            && cur.toks.get(cur.at + 1).is_some_and(|t| t.tok == Tok::Punct(","));
        if name == "call" && explicit {
            base = T1;
            link = self.register(cur, xreg)?;
            cur.expect(",")?;
        }
        let target = self.expression(cur)?;
        // Every call may go through a procedure linkage table; `@plt` says nothing more.
        if cur.eat("@") {
            cur.ident()?;
        }
        if name == "jump" {
            cur.expect(",")?;
            base = self.register(cur, xreg)?;
        }
        cur.finish()?;
        let target = self.unit.target(&target);
        let first = self.word("auipc", &[base, 0])?;
        let second = self.word("jalr", &[link, 0, base])?;
        let bytes = [first.to_le_bytes(), second.to_le_bytes()].concat();
        self.emit_insn_fixed(&bytes, Kind::Insn { reloc: reloc::CALL_PLT, patch: None }, target);
        Ok(())
    }

    /// The encoding of instruction `name` with operands in the order of its template.
    fn word(&self, name: &str, operands: &[i64]) -> Parsed<u32> {
        let col = self.unit.span.col as usize;
        let fault = |m: String| super::diag::Fault::new(col, m);
        let insn =
            self.isa.by_name(name).ok_or_else(|| fault(format!("the specification has no `{name}`")))?;
        let mut word = insn.bits;
        for (field, value) in insn.template.fields().iter().zip(operands) {
            word |= insn.fields[*field].insert(*value).map_err(|e| fault(e.to_string()))?;
        }
        Ok(word)
    }

    /// `jr rs, offset` and `jalr rs, offset`: true if `name` is used so.
    fn jump_register(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        let [first, comma, rest @ ..] = &cur.toks[cur.at..] else { return Ok(false) };
        let register = |tok: &Tok| matches!(tok, Tok::Ident(s) if xreg(s).is_some());
        let number = matches!(rest, [t] if !register(&t.tok))
            || matches!(rest, [sign, _] if sign.tok == Tok::Punct("-"));
        if !register(&first.tok) || comma.tok != Tok::Punct(",") || !number {
            return Ok(false);
        }
        let rs = self.register(cur, xreg)?;
        cur.expect(",")?;
        let offset = self.known(cur)?;
        cur.finish()?;
        let link = if name == "jr" { 0 } else { RA };
        self.emit_named("jalr", &[known(link), Operand::Half(offset), known(rs)])?;
        Ok(true)
    }

    /// Instructions of higher privilege levels, which the specification of this machine does not have but code for
    /// others may (privileged manual, "Instruction Set Listings").
    fn privileged(&mut self, name: &str, cur: &mut Cursor) -> Parsed<()> {
        let mut word: u32 = match name {
            "wfi" => 0x1050_0073,
            "mret" => 0x3020_0073,
            "sret" => 0x1020_0073,
            "dret" => 0x7b20_0073,
            _ => 0x1200_0073,
        };
        if name == "sfence.vma" && !cur.done() {
            word |= (self.register(cur, xreg)? as u32) << 15;
            if cur.eat(",") {
                word |= (self.register(cur, xreg)? as u32) << 20;
            }
        }
        cur.finish()?;
        self.csr_operand = true;
        self.line_row_here();
        self.unit.emit(&word.to_le_bytes());
        Ok(())
    }

    /// `add rd, rs1, tp, %tprel_add(symbol)`, which tells the linker what the addition is for.
    fn tls_add(&mut self, cur: &mut Cursor) -> Parsed<bool> {
        let Some(at) = cur.toks.iter().position(|t| t.tok == Tok::Punct("%")) else { return Ok(false) };
        if !matches!(cur.toks.get(at + 1).map(|t| &t.tok), Some(Tok::Ident(s)) if s == "tprel_add") {
            return Ok(false);
        }
        let rd = self.register(cur, xreg)?;
        cur.expect(",")?;
        let rs1 = self.register(cur, xreg)?;
        cur.expect(",")?;
        let rs2 = self.register(cur, xreg)?;
        cur.expect(",")?;
        cur.expect("%")?;
        cur.ident()?;
        cur.expect("(")?;
        let e = self.expression(cur)?;
        cur.expect(")")?;
        cur.finish()?;
        let target = self.unit.target(&e);
        let word = self.word("add", &[rd, rs1, rs2])?;
        self.emit_insn_fixed(
            &word.to_le_bytes(),
            Kind::Insn { reloc: reloc::TPREL_ADD, patch: None },
            target,
        );
        Ok(true)
    }

    /// Sign and zero extension by two shifts.
    fn extend(&mut self, name: &str, cur: &mut Cursor) -> Parsed<()> {
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
        self.emit_named(right, &[known(rd), known(rd), known(shift)])
    }

    /// `lw rd, symbol`, `sw rs, symbol, rt`, `fld fd, symbol, rt`: true if `name` is used so.
    fn symbol_access(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        let load = matches!(name, "lb" | "lh" | "lw" | "ld" | "lbu" | "lhu" | "lwu");
        let store = matches!(name, "sb" | "sh" | "sw" | "sd");
        let float = matches!(name, "flh" | "flw" | "fld" | "fsh" | "fsw" | "fsd");
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
        self.pair(base, How::PcrelHi, target, name, |low| [known(value), low, known(base)])?;
        Ok(true)
    }

    fn load_immediate(&mut self, rd: i64, e: Expr) -> Parsed<()> {
        if let Some(n) = self.unit.constant(&e) {
            if n == low(n) {
                // To x0 it does nothing, and GNU as does not make it a `c.nop`.
                let number = if rd == 0 { Operand::Half(n) } else { known(n) };
                return self.emit_named("addi", &[known(rd), known(0), number]);
            }
            return self.load_wide(rd, n);
        }
        // Not known yet: the widest form for 32 bits, filled in when it is.
        self.emit_named("lui", &[known(rd), Operand::Later(How::Hi, e.clone())])?;
        self.emit_named("addiw", &[known(rd), known(rd), Operand::Later(How::Lo, e)])
    }

    /// `li` with a constant of up to 64 bits: lui and addiw for 32 bits, else the upper part, a shift, and the low
    /// 12 bits.
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

    /// Emits `target` as an instruction's relocation of type `reloc` on `word`.
    pub(super) fn emit_word_fixed(&mut self, word: u32, kind: Kind, target: Target) {
        self.emit_insn_fixed(&word.to_le_bytes(), kind, target);
    }
}

fn known(v: i64) -> Operand {
    Operand::Known(v)
}
