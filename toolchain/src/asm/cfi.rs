//! `.cfi_*` directives: the frames of functions, as they are described while code is read.

use isa_spec::{freg, xreg};

use super::Assembler;
use super::diag::{Fault, Parsed};
use super::expr::{Cursor, Expr, SymId};
use super::frag::{FragId, Target};
use super::lex::Tok;
use super::unit::Place;

/// Bytes that offsets of saved registers count in (psABI: a data alignment factor of -4).
pub const DATA_ALIGN: i64 = -4;
/// DWARF number of the return address register and of the stack pointer.
const RA: u64 = 1;
const SP: u64 = 2;

/// One call frame instruction.
#[derive(Debug, Clone, PartialEq)]
pub enum Cfi {
    Advance(SymId, SymId),
    DefCfa(u64, i64),
    DefCfaRegister(u64),
    DefCfaOffset(i64),
    Offset(u64, i64),
    ValOffset(u64, i64),
    Restore(u64),
    Register(u64, u64),
    SameValue(u64),
    Undefined(u64),
    Remember,
    RestoreState,
    WindowSave,
    Escape(Vec<u8>),
}

/// An encoded pointer: DWARF pointer encoding and the symbol.
pub type Pointer = (u8, Target);

/// A function's frame description.
#[derive(Debug, Clone)]
pub struct Frame {
    pub start: SymId,
    pub end: Option<SymId>,
    pub list: Vec<Cfi>,
    pub return_column: u64,
    pub signal: bool,
    pub personality: Option<Pointer>,
    pub lsda: Option<Pointer>,
    /// Where the last instruction applies: its symbol and place.
    last: (SymId, FragId, u64),
    cfa_offset: i64,
    saved: Vec<i64>,
}

/// All frames of a file, and which tables they go to.
#[derive(Debug)]
pub struct Frames {
    pub list: Vec<Frame>,
    /// The frame open in each section.
    open: Vec<(Place, usize)>,
    pub eh_frame: bool,
    pub debug_frame: bool,
}

impl Frames {
    pub fn new() -> Self {
        Frames { list: Vec::new(), open: Vec::new(), eh_frame: true, debug_frame: false }
    }

    /// The start of a frame that was never closed.
    pub fn unfinished(&self) -> Option<SymId> {
        self.open.first().map(|(_, n)| self.list[*n].start)
    }
}

impl Assembler<'_> {
    /// Handles `.cfi_WORD`.
    pub(super) fn cfi_directive(&mut self, word: &str, start: usize, cur: &mut Cursor) -> Parsed<()> {
        match word {
            "sections" => return self.cfi_sections(cur),
            "startproc" => return self.cfi_start(start, cur),
            "inline_lsda" | "fde_data" | "personality_id" => {
                return Err(Fault::new(
                    start,
                    format!("`.cfi_{word}` belongs to a format that is not written"),
                ));
            }
            _ => {}
        }
        let place = self.unit.current;
        let Some(open) = self.frames.open.iter().position(|(p, _)| *p == place) else {
            return Err(Fault::new(start, format!("`.cfi_{word}` without `.cfi_startproc`")));
        };
        let n = self.frames.open[open].1;
        match word {
            "endproc" => {
                let end = self.unit.mark_here();
                self.frames.list[n].end = Some(end);
                self.frames.open.remove(open);
            }
            "return_column" => self.frames.list[n].return_column = self.dwarf_register(cur)?,
            "signal_frame" => self.frames.list[n].signal = true,
            "b_key_frame" | "mte_tagged_frame" => {}
            "personality" => self.frames.list[n].personality = self.pointer(cur)?,
            "lsda" => self.frames.list[n].lsda = self.pointer(cur)?,
            "label" => {
                let name = self.symbol_name(cur)?;
                let col = cur.col();
                self.unit.label(&name).map_err(|m| Fault::new(col, m))?;
            }
            _ => {
                let instruction = self.cfi_instruction(word, start, n, cur)?;
                self.cfi_advance(n);
                self.cfi_add(n, instruction);
                while word != "escape" && word != "register" && cur.eat(",") {
                    // `.cfi_restore a, b` and its kin take lists.
                    let more = self.cfi_instruction(word, start, n, cur)?;
                    self.cfi_add(n, more);
                }
            }
        }
        Ok(())
    }

    fn cfi_start(&mut self, start: usize, cur: &mut Cursor) -> Parsed<()> {
        let place = self.unit.current;
        if self.frames.open.iter().any(|(p, _)| *p == place) {
            return Err(Fault::new(start, "the `.cfi_startproc` before has no `.cfi_endproc`"));
        }
        let simple = matches!(cur.peek(), Some(Tok::Ident(s)) if s == "simple");
        cur.at += usize::from(simple);
        let (frag, at) = self.unit.here_now();
        let label = self.unit.mark_here();
        let list = if simple { Vec::new() } else { vec![Cfi::DefCfaRegister(SP)] };
        self.frames.open.push((place, self.frames.list.len()));
        self.frames.list.push(Frame {
            start: label,
            end: None,
            list,
            return_column: RA,
            signal: false,
            personality: None,
            lsda: None,
            last: (label, frag, at),
            cfa_offset: 0,
            saved: Vec::new(),
        });
        Ok(())
    }

    fn cfi_sections(&mut self, cur: &mut Cursor) -> Parsed<()> {
        self.frames.eh_frame = false;
        self.frames.debug_frame = false;
        while !cur.done() {
            let col = cur.col();
            match cur.ident()? {
                ".eh_frame" => self.frames.eh_frame = true,
                ".debug_frame" => self.frames.debug_frame = true,
                other => return Err(Fault::new(col, format!("`{other}` is not a frame section"))),
            }
            if !cur.eat(",") {
                break;
            }
        }
        Ok(())
    }

    /// Moves frame `n` on to the current place, if code was assembled since its last instruction.
    fn cfi_advance(&mut self, n: usize) {
        let (frag, at) = self.unit.here_now();
        let (from, last_frag, last_at) = self.frames.list[n].last;
        if (frag, at) != (last_frag, last_at) {
            let to = self.unit.mark_here();
            let frame = &mut self.frames.list[n];
            frame.list.push(Cfi::Advance(from, to));
            frame.last = (to, frag, at);
        }
    }

    fn cfi_add(&mut self, n: usize, instruction: Cfi) {
        let frame = &mut self.frames.list[n];
        match instruction {
            Cfi::DefCfa(_, offset) | Cfi::DefCfaOffset(offset) => frame.cfa_offset = offset,
            Cfi::Remember => frame.saved.push(frame.cfa_offset),
            Cfi::RestoreState => frame.cfa_offset = frame.saved.pop().unwrap_or(frame.cfa_offset),
            _ => {}
        }
        frame.list.push(instruction);
    }

    fn cfi_instruction(&mut self, word: &str, start: usize, n: usize, cur: &mut Cursor) -> Parsed<Cfi> {
        let cfa_offset = self.frames.list[n].cfa_offset;
        Ok(match word {
            "def_cfa" => {
                let (r, offset) = self.register_and_offset(cur)?;
                Cfi::DefCfa(r, offset)
            }
            "def_cfa_register" => Cfi::DefCfaRegister(self.dwarf_register(cur)?),
            "def_cfa_offset" => Cfi::DefCfaOffset(self.known(cur)?),
            "adjust_cfa_offset" => Cfi::DefCfaOffset(cfa_offset.wrapping_add(self.known(cur)?)),
            "offset" | "rel_offset" | "val_offset" => {
                let col = cur.col();
                let (r, offset) = self.register_and_offset(cur)?;
                let offset = if word == "rel_offset" { offset.wrapping_sub(cfa_offset) } else { offset };
                if offset % DATA_ALIGN != 0 {
                    return Err(Fault::new(col, "the offset must be a multiple of 4"));
                }
                if word == "val_offset" { Cfi::ValOffset(r, offset) } else { Cfi::Offset(r, offset) }
            }
            "restore" => Cfi::Restore(self.dwarf_register(cur)?),
            "register" => {
                let a = self.dwarf_register(cur)?;
                cur.expect(",")?;
                Cfi::Register(a, self.dwarf_register(cur)?)
            }
            "same_value" => Cfi::SameValue(self.dwarf_register(cur)?),
            "undefined" => Cfi::Undefined(self.dwarf_register(cur)?),
            "remember_state" => Cfi::Remember,
            "restore_state" => Cfi::RestoreState,
            "window_save" | "negate_ra_state" => Cfi::WindowSave,
            "gnu_args_size" => {
                let mut bytes = vec![0x2e];
                bytes.extend(super::data::leb128(self.known(cur)?, false));
                Cfi::Escape(bytes)
            }
            "escape" => {
                let mut bytes = Vec::new();
                loop {
                    bytes.push(self.known(cur)? as u8);
                    if !cur.eat(",") {
                        break;
                    }
                }
                Cfi::Escape(bytes)
            }
            _ => return Err(Fault::new(start, format!("unknown directive `.cfi_{word}`"))),
        })
    }

    fn register_and_offset(&mut self, cur: &mut Cursor) -> Parsed<(u64, i64)> {
        let r = self.dwarf_register(cur)?;
        cur.expect(",")?;
        Ok((r, self.known(cur)?))
    }

    /// A register by name or DWARF number (psABI, "DWARF Register Numbers").
    fn dwarf_register(&mut self, cur: &mut Cursor) -> Parsed<u64> {
        if let Some(Tok::Ident(name)) = cur.peek() {
            let found = xreg(name).map(u64::from).or_else(|| freg(name).map(|n| 32 + u64::from(n)));
            let csr = || {
                let own = self.isa.csr_by_name(name).map(|c| c.address);
                own.or_else(|| super::csr::number(name)).map(|n| 4096 + u64::from(n))
            };
            if let Some(n) = found.or_else(csr) {
                cur.at += 1;
                return Ok(n);
            }
        }
        let col = cur.col();
        u64::try_from(self.known(cur)?).map_err(|_| Fault::new(col, "expected a register"))
    }

    /// `encoding[, symbol]`; encoding 0xff means that there is none.
    fn pointer(&mut self, cur: &mut Cursor) -> Parsed<Option<Pointer>> {
        let col = cur.col();
        let encoding = self.known(cur)?;
        if encoding == 0xff {
            return Ok(None);
        }
        let known_size = matches!(encoding & 7, 0 | 2 | 3 | 4);
        if !(0..0x100).contains(&encoding) || !known_size {
            return Err(Fault::new(col, "unknown pointer encoding"));
        }
        cur.expect(",")?;
        let e: Expr = self.expression(cur)?;
        Ok(Some((encoding as u8, self.unit.target(&e))))
    }
}
