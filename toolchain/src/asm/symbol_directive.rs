//! Directives about symbols: binding, visibility, type, size, values, common blocks, versions.

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr};
use super::frag::Tail;
use super::lex::Tok;
use super::section::Attributes;
use super::symbol::*;

impl Assembler<'_> {
    /// Handles the symbol directives; false if `name` is none.
    pub(super) fn symbol_directive(&mut self, name: &str, cur: &mut Cursor) -> Parsed<bool> {
        match name {
            ".globl" | ".global" | ".weak" | ".local" | ".hidden" | ".internal" | ".protected" => {
                self.binding(cur, name)?;
            }
            ".extern" => cur.at = cur.toks.len(),
            ".type" => self.symbol_type(cur)?,
            ".size" => {
                let name = self.symbol_name(cur)?;
                cur.expect(",")?;
                let size = self.expression(cur)?;
                let id = self.unit.listed_symbol(&name);
                self.unit.symbols[id as usize].size = Some(size);
            }
            ".equ" | ".set" | ".equiv" | ".eqv" => {
                let col = cur.col();
                let symbol = self.symbol_name(cur)?;
                cur.expect(",")?;
                let value = self.expression(cur)?;
                self.define(&symbol, col, value, !matches!(name, ".equiv" | ".eqv"))?;
            }
            ".comm" | ".common" => self.common(cur)?,
            ".lcomm" => self.local_common(cur)?,
            ".symver" => self.version(cur)?,
            ".weakref" => self.weak_reference(cur)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A symbol's name, which may stand in quotes.
    pub(super) fn symbol_name(&mut self, cur: &mut Cursor) -> Parsed<String> {
        if let Some(Tok::Str(s)) = cur.peek()
            && !s.is_empty()
        {
            cur.at += 1;
            return Ok(String::from_utf8_lossy(s).into_owned());
        }
        Ok(cur.ident()?.to_string())
    }

    /// Sets a symbol, folding a value that is known already.
    pub(super) fn define(&mut self, name: &str, col: usize, value: Expr, again: bool) -> Parsed<()> {
        if name == "." {
            let span = self.unit.span;
            self.unit.tail(Tail::Org { to: value, fill: 0, span });
            return Ok(());
        }
        let value = self.unit.constant(&value).map_or(value, Expr::Num);
        self.unit.set(name, value, again).map_err(|m| Fault::new(col, m))
    }

    fn binding(&mut self, cur: &mut Cursor, word: &str) -> Parsed<()> {
        loop {
            let name = self.symbol_name(cur)?;
            let id = self.unit.listed_symbol(&name);
            let symbol = &mut self.unit.symbols[id as usize];
            symbol.referenced = true;
            match word {
                ".weak" => symbol.weak = true,
                ".local" => {
                    symbol.local = true;
                    symbol.global = false;
                }
                ".internal" => symbol.visibility = 1,
                ".hidden" => symbol.visibility = 2,
                ".protected" => symbol.visibility = 3,
                _ => symbol.global = true,
            }
            if !cur.eat(",") {
                return Ok(());
            }
        }
    }

    fn symbol_type(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let name = self.symbol_name(cur)?;
        cur.eat(",");
        if !cur.eat("@") && !cur.eat("%") {
            cur.eat("#");
        }
        let col = cur.col();
        let kind = match cur.advance() {
            Some(Tok::Ident(s)) => s.clone(),
            Some(Tok::Str(s)) => String::from_utf8_lossy(s).into_owned(),
            _ => return Err(Fault::new(col, "expected a symbol type")),
        };
        let id = self.unit.listed_symbol(&name);
        let unique = kind == "gnu_unique_object";
        self.unit.symbols[id as usize].unique |= unique;
        self.unit.symbols[id as usize].kind = match kind.as_str() {
            "notype" | "STT_NOTYPE" => STT_NOTYPE,
            "object" | "STT_OBJECT" | "common" | "STT_COMMON" | "gnu_unique_object" => STT_OBJECT,
            "function" | "STT_FUNC" => STT_FUNC,
            "tls_object" | "STT_TLS" => STT_TLS,
            "gnu_indirect_function" | "STT_GNU_IFUNC" => STT_GNU_IFUNC,
            _ => return Err(Fault::new(col, format!("unknown symbol type `{kind}`"))),
        };
        Ok(())
    }

    /// `name, size [, alignment]`, the last in bytes; the default is the size's own, 16 at most.
    fn common_operands(&mut self, cur: &mut Cursor) -> Parsed<(String, usize, u64, Option<u64>)> {
        let col = cur.col();
        let name = self.symbol_name(cur)?;
        cur.expect(",")?;
        let size = self.known(cur)?;
        let align = if cur.eat(",") { Some(self.known(cur)?) } else { None };
        let align = match align.map(u64::try_from) {
            None => Ok(None),
            Some(Ok(a)) if a.is_power_of_two() && a <= 1 << 20 => Ok(Some(a)),
            Some(_) => Err(()),
        };
        match (u64::try_from(size), align) {
            (Ok(size), Ok(align)) => Ok((name, col, size, align)),
            _ => Err(Fault::new(col, "needs a size, and an alignment that is a power of two")),
        }
    }

    fn common(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let (name, col, size, align) = self.common_operands(cur)?;
        let natural = size.checked_next_power_of_two().unwrap_or(16).clamp(1, 16);
        let natural = if natural > size.max(1) { natural / 2 } else { natural };
        let align = align.unwrap_or(natural.max(1));
        let id = self.unit.listed_symbol(&name);
        if self.unit.symbols[id as usize].local {
            return self.allocate(&name, col, size, align);
        }
        let symbol = &mut self.unit.symbols[id as usize];
        match symbol.def {
            Def::None => symbol.def = Def::Common(size, align),
            Def::Common(before, _) if before == size => {}
            _ => return Err(Fault::new(col, format!("`{name}` is defined already"))),
        }
        symbol.kind = STT_OBJECT;
        symbol.global = true;
        symbol.size = Some(Expr::Num(size as i64));
        Ok(())
    }

    fn local_common(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let (name, col, size, align) = self.common_operands(cur)?;
        let align = align.unwrap_or(match size {
            8.. => 8,
            4.. => 4,
            2.. => 2,
            _ => 1,
        });
        self.unit.listed_symbol(&name);
        self.allocate(&name, col, size, align)
    }

    /// Room for a local block in .bss.
    fn allocate(&mut self, name: &str, col: usize, size: u64, align: u64) -> Parsed<()> {
        let now = (self.unit.current, self.unit.previous);
        let index = self.unit.section_index(".bss", &Attributes::default());
        // Behind what `.bss` itself holds.
        self.unit.switch(index, 1);
        self.align_to(align, None, u64::MAX);
        let defined = self.unit.label(name).map_err(|m| Fault::new(col, m));
        let span = self.unit.span;
        self.unit.tail(Tail::Fill { count: Expr::Num(size as i64), size: 1, value: 0, span });
        (self.unit.current, self.unit.previous) = now;
        defined?;
        let id = self.unit.symbol(name);
        let symbol = &mut self.unit.symbols[id as usize];
        symbol.kind = STT_OBJECT;
        symbol.size = Some(Expr::Num(size as i64));
        Ok(())
    }

    /// `.symver name, name@version [, visibility]`
    fn version(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let name = self.symbol_name(cur)?;
        cur.expect(",")?;
        let mut versioned = self.symbol_name(cur)?;
        let col = cur.col();
        while cur.eat("@") {
            versioned.push('@');
        }
        if !versioned.contains('@') {
            return Err(Fault::new(col, "expected `@` and a version"));
        }
        if let Some(Tok::Ident(s)) = cur.peek() {
            versioned.push_str(s);
            cur.at += 1;
        }
        if cur.eat(",") {
            let col = cur.col();
            if !matches!(cur.ident()?, "local" | "hidden" | "remove") {
                return Err(Fault::new(col, "expected local, hidden or remove"));
            }
        }
        let id = self.unit.listed_symbol(&name);
        self.unit.symbols[id as usize].versions.push(versioned);
        Ok(())
    }

    /// `.weakref alias, target`: references through the alias make the target weak.
    fn weak_reference(&mut self, cur: &mut Cursor) -> Parsed<()> {
        let col = cur.col();
        let alias = self.symbol_name(cur)?;
        cur.expect(",")?;
        let target = self.symbol_name(cur)?;
        let to = self.unit.symbol(&target);
        self.unit.set(&alias, Expr::Sym(to), false).map_err(|m| Fault::new(col, m))?;
        let id = self.unit.symbol(&alias);
        self.unit.symbols[id as usize].weakref = true;
        Ok(())
    }
}
