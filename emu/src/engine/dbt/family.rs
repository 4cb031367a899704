//! Host code for instructions that differ in one number only.
//!
//! What an instruction does depends on its registers and on its immediate operand, and on the latter nearly always in
//! one way: the number is a number in the host's code as well. So the code for all instructions with the same
//! registers, a *family*, is made once, with holes for what depends on the immediate operand or on the pc. To
//! translate an instruction whose family is known is to copy its code and to fill the holes. [`super::baseline`]
//! lives on that.
//!
//! Whether a number may be left open is decided on the specification's expressions ([`Opened`]): with the field and the
//! pc as unknowns, all that may be left of them is their sum with constants. What else an instruction does with
//! its immediate operand (shift by it, compare it) makes a family for each value.
//!
//! Where addresses are checked ([`Runtime::confine`]), the check is not in a family's code: it comes before the copy, for the
//! register that all its addresses are relative to ([`base`]).

use super::emit::{Emitter, Gen, Place};
use super::meaning::{instantiate_open, may_begin_again};
use super::memory::base_register;
use super::nature::Natures;
use super::regs::RAX;
use super::runtime::Runtime;
use super::simplify::{constant, even, mask, sign_extend};
use super::template::{any_jump, translatable};
use super::walk::{
    Written, any, any_stmts, for_each_address, for_each_load, for_each_write, is_atomic_call, is_jump,
};
use super::x86::{self, Cc, Open};
use crate::interp::Decoded;
use crate::isa::InsnSet;
use isa_spec::Slot;
use isa_spec::sem::{BinOp, Expr, ExprKind, Stmt};
use rustc_hash::FxHashMap;

/// A number that depends on the instruction: the sum of a constant and, perhaps, the pc and the immediate operand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Number {
    pc: bool,
    imm: bool,
    plus: i32,
}

impl Number {
    /// Its value for an instruction at `pc` with this immediate operand.
    pub fn at(self, pc: u64, imm: i64) -> u64 {
        let pc = if self.pc { pc } else { 0 };
        let imm = if self.imm { imm } else { 0 };
        pc.wrapping_add_signed(imm).wrapping_add_signed(i64::from(self.plus))
    }

    fn sum(self, other: Number) -> Option<Number> {
        let twice = self.pc && other.pc || self.imm && other.imm;
        let plus = self.plus.checked_add(other.plus)?;
        (!twice).then_some(Number { pc: self.pc || other.pc, imm: self.imm || other.imm, plus })
    }
}

/// Code that can be anywhere, with holes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Piece {
    at: u32,
    len: u8,
    /// Where there is a number to fill in, and how wide it is.
    holes: [Option<(u8, Open)>; 2],
    /// Where guest memory is accessed.
    accesses: [Option<u8>; 2],
}

/// Where an instruction of a family goes.
#[derive(Clone, Copy, Debug)]
pub enum Next {
    /// To the next instruction.
    Fall,
    /// There.
    To(Number),
    /// There if, after the piece, the condition holds.
    If { test: Piece, cc: Cc, taken: Number },
    /// To the address that the family's code puts in rax.
    Computed,
}

/// What is known of a family, in one line of the host's cache.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub struct Family {
    /// Code for everything but the jump.
    pub body: Piece,
    pub next: Next,
    /// The integer registers that it may write.
    pub writes: u32,
    /// Where addresses are checked: the integer register that must hold one in the guest's space before the code runs.
    pub base: Option<u8>,
    /// What to fill in where 64 bits are open; where 32 are, it is the immediate operand.
    wide: Number,
    extension: Option<Extension>,
}

impl Family {
    /// Fills the holes of a copy of a piece of its code, for an instruction at `pc` with this immediate operand.
    pub fn fill(&self, piece: &Piece, code: &mut [u8], pc: u64, imm: i64) {
        for (at, open) in piece.holes.into_iter().flatten() {
            let at = usize::from(at);
            match open {
                Open::Narrow => {
                    code[at..at + 4].copy_from_slice(&(imm as u32).to_le_bytes());
                }
                Open::Wide => code[at..at + 8].copy_from_slice(&self.wide.at(pc, imm).to_le_bytes()),
            }
        }
    }

    /// The immediate operand of an instruction of the family.
    pub fn operand(&self, op: &Decoded) -> i64 {
        let raw = op.imm as u32;
        match self.extension {
            Some(Extension { width, signed: false }) => (u64::from(raw) & mask(width) as u64) as i64,
            Some(Extension { width, signed: true }) => sign_extend(u64::from(raw), width),
            None => 0,
        }
    }
}

/// How the immediate operand comes to its full width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extension {
    width: u8,
    signed: bool,
}

/// Index of a family.
pub type FamilyId = u32;

/// The registers and other small operands of an instruction, with its id.
type Shape = u64;

/// The families met so far.
#[derive(Default)]
pub struct Families {
    /// By shape; `None`: one for each value.
    open: FxHashMap<Shape, Option<FamilyId>>,
    /// By shape and value; `None`: there is no such code.
    closed: FxHashMap<(Shape, i32), Option<FamilyId>>,
    /// Instructions whose number cannot be left open.
    fixed: Vec<bool>,
    families: Vec<Family>,
    code: Vec<u8>,
    natures: Natures,
    /// What generates the code.
    emitter: Option<Emitter>,
}

impl Families {
    /// The family of an instruction. `None`: its code depends on more.
    pub fn find(&mut self, isa: &InsnSet, (op, word): (&Decoded, u32), runtime: Runtime) -> Option<FamilyId> {
        let shape = [op.rd, op.rs1, op.rs2, op.rs3, op.aux]
            .into_iter()
            .fold(u64::from(op.id), |shape, part| shape << 8 | u64::from(part));
        let id = usize::from(op.id);
        let mut refused = false;
        if !self.fixed.get(id).is_some_and(|fixed| *fixed) {
            if let Some(found) = self.open.get(&shape) {
                if found.is_some() {
                    return *found;
                }
            } else {
                let made = self.make(isa, (op, word), true, runtime);
                self.open.insert(shape, made);
                if made.is_some() {
                    return made;
                }
                refused = true;
            }
        }
        if let Some(found) = self.closed.get(&(shape, op.imm)) {
            return *found;
        }
        let made = self.make(isa, (op, word), false, runtime);
        // It was the open number, then, and not something else about this instruction.
        if refused && made.is_some() {
            if self.fixed.len() <= id {
                self.fixed.resize(id + 1, false);
            }
            self.fixed[id] = true;
        }
        self.closed.insert((shape, op.imm), made);
        made
    }

    /// A family.
    pub fn get(&self, id: FamilyId) -> &Family {
        &self.families[id as usize]
    }

    /// The bytes of a piece, and where guest memory is accessed in it.
    pub fn code(&self, piece: &Piece) -> (&[u8], impl Iterator<Item = usize> + use<>) {
        let at = piece.at as usize;
        let accesses = piece.accesses.into_iter().flatten().map(usize::from);
        (&self.code[at..at + usize::from(piece.len)], accesses)
    }

    fn make(
        &mut self,
        isa: &InsnSet,
        (op, word): (&Decoded, u32),
        leave_open: bool,
        runtime: Runtime,
    ) -> Option<FamilyId> {
        let insn = isa.insn(op.id)?;
        let inst = insn.operands(word);
        let simple = self.natures.of(insn).simple;
        let field = insn.fields.iter().position(|f| f.slot == Slot::Imm);
        let fits = |n: usize| {
            let f = &insn.fields[n];
            f.value_width() < 32 || f.value_width() == 32 && f.sign_extend
        };
        if leave_open && !field.is_none_or(fits) {
            return None;
        }
        let field = field.filter(|_| leave_open);
        let mut opened = Opened::default();
        let mut body = instantiate_open(insn, &inst, field)?;
        let goes = opened.goes(&mut body)?;
        let in_jump = opened.holes;
        body.iter_mut().try_for_each(|s| opened.statement(s))?;
        let in_body = opened.holes - in_jump;
        let cond = if let Goes::If { cond, .. } = &goes { Some(cond) } else { None };
        let fit = || translatable(&body) && may_begin_again(&body, cond) && !any_jump(&body);
        if !simple && !fit() {
            return None;
        }
        let mut writes = 0u32;
        for_each_write(&body, &mut |r, _| {
            if let Written::X(n) = r {
                writes |= 1 << n;
            }
        });
        let base = if runtime.confine { base(&body, goes.expression())? } else { None };
        let mut maker = Maker { families: self, runtime: Runtime { confine: false, ..runtime } };
        let (body, next) = match goes {
            Goes::Fall => (maker.piece(in_body, |e| e.body(&body))?, Next::Fall),
            Goes::To(to) => (maker.piece(in_body, |e| e.body(&body))?, Next::To(to)),
            Goes::Computed(target) => {
                let with_target = |e: &mut Emitter| {
                    let t = e.take(RAX)?;
                    e.into(&target, t)?;
                    e.body(&body)?;
                    e.release(t);
                    Ok(())
                };
                (maker.piece(in_body + in_jump, with_target)?, Next::Computed)
            }
            Goes::If { cond, taken } => {
                let body = maker.piece(in_body, |e| e.body(&body))?;
                let mut cc = None;
                let test = maker.piece(in_jump, |e| {
                    let label = e.asm.label();
                    e.branch(&cond, true, label)?;
                    cc = e.asm.take_jump();
                    Ok(())
                })?;
                (body, Next::If { test, cc: cc?, taken })
            }
        };
        let (wide, extension) = (opened.wide.unwrap_or_default(), opened.extension);
        self.families.push(Family { body, next, writes, base, wide, extension });
        Some((self.families.len() - 1) as FamilyId)
    }
}

/// What is needed to make the code of a family.
struct Maker<'a> {
    families: &'a mut Families,
    runtime: Runtime,
}

impl Piece {
    /// Bytes of code.
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }
}

impl Maker<'_> {
    /// Makes code with so many holes. `None`: it depends on its place, or has exits, or hides a number.
    fn piece(&mut self, expected: usize, generate: impl FnOnce(&mut Emitter) -> Gen) -> Option<Piece> {
        let Families { emitter, code: all, .. } = &mut *self.families;
        let e = emitter.get_or_insert_with(|| Emitter::new(self.runtime));
        e.begin(Place::unknown(self.runtime), None, self.runtime);
        e.asm.begin_movable();
        generate(e).ok()?;
        let accesses = e.accesses_without_exits()?.to_vec();
        let x86::Piece { code, holes } = e.asm.movable()?;
        let mut piece =
            Piece { at: all.len() as u32, len: u8::try_from(code.len()).ok()?, ..Piece::default() };
        if holes.len() != expected || expected > piece.holes.len() || accesses.len() > piece.accesses.len() {
            return None;
        }
        for (to, &(at, open)) in piece.holes.iter_mut().zip(holes) {
            *to = Some((u8::try_from(at).ok()?, open));
        }
        for (to, (at, _)) in piece.accesses.iter_mut().zip(accesses) {
            *to = Some(u8::try_from(at).ok()?);
        }
        all.extend_from_slice(code);
        Some(piece)
    }
}

/// [`Next`] before there is code.
enum Goes {
    Fall,
    To(Number),
    Computed(Expr),
    If { cond: Expr, taken: Number },
}

impl Goes {
    /// What is computed to know where.
    fn expression(&self) -> Option<&Expr> {
        match self {
            Goes::Computed(e) | Goes::If { cond: e, .. } => Some(e),
            Goes::Fall | Goes::To(_) => None,
        }
    }
}

/// The integer register that all addresses in a body, and in the expression after it, are relative to, so that one check
/// before all of it serves: accesses do not come after writes to registers ([`may_begin_again`]). `Some(None)`: memory is
/// not accessed. `None`: there is no such register, or there are accesses of another kind.
fn base(body: &[Stmt], after: Option<&Expr>) -> Option<Option<u8>> {
    if any_effect(body) || any_stmts(body, &is_atomic_call) || after.is_some_and(|e| any(e, &is_atomic_call))
    {
        return None;
    }
    let mut bases: Vec<Option<u8>> = Vec::new();
    let mut note = |addr: &Expr| bases.push(base_register(addr));
    for_each_address(body, &mut note);
    if let Some(e) = after {
        for_each_load(e, &mut note);
    }
    let Some(&first) = bases.first() else { return Some(None) };
    let one = first.is_some() && bases.iter().all(|base| *base == first);
    one.then_some(first)
}

/// Whether a statement does something by a builtin.
fn any_effect(body: &[Stmt]) -> bool {
    body.iter().any(|s| match s {
        Stmt::Effect(..) => true,
        Stmt::If { then, otherwise, .. } => any_effect(then) || any_effect(otherwise),
        _ => false,
    })
}

/// What is open in the expressions of an instruction.
#[derive(Default)]
struct Opened {
    extension: Option<Extension>,
    /// The number of 64 bits: one is enough. The number of 32 bits is the operand itself.
    wide: Option<Number>,
    /// How many placeholders there are.
    holes: usize,
}

impl Opened {
    /// Takes the jump at the end of an instruction's statements out, with placeholders. `None`: that is not possible.
    fn goes(&mut self, body: &mut Vec<Stmt>) -> Option<Goes> {
        match body.pop_if(|s| is_jump(s)) {
            Some(Stmt::Jump(target)) => match self.number(&target) {
                Some(to) => Some(Goes::To(to)),
                None => {
                    let mut target = even(target);
                    self.open(&mut target)?;
                    Some(Goes::Computed(target))
                }
            },
            Some(Stmt::If { mut cond, then, .. }) => {
                let [Stmt::Jump(target)] = &then[..] else { return None };
                let taken = self.number(target)?;
                self.open(&mut cond)?;
                Some(Goes::If { cond, taken })
            }
            _ => Some(Goes::Fall),
        }
    }

    /// The number that an expression is, if it is one.
    fn number(&mut self, e: &Expr) -> Option<Number> {
        use ExprKind as K;
        match &e.kind {
            K::Const(_) => {
                let plus = i32::try_from(constant(e)? as i64).ok()?;
                Some(Number { plus, ..Number::default() })
            }
            K::Pc => Some(Number { pc: true, ..Number::default() }),
            K::Field(_) if matches!(e.width, 32 | 64) => self.operand(e.width.min(32), true),
            K::SignExtend(a) if matches!(a.kind, K::Field(_)) => self.operand(a.width, true),
            K::ZeroExtend(a) if matches!(a.kind, K::Field(_)) => self.operand(a.width, false),
            K::Slice(a, 31, 0) => self.number(a).filter(|n| !n.pc),
            K::Binary(BinOp::Add, a, b) if e.width == 64 => {
                let a = self.number(a)?;
                a.sum(self.number(b)?)
            }
            _ => None,
        }
    }

    fn operand(&mut self, width: u8, signed: bool) -> Option<Number> {
        let this = Extension { width, signed };
        // The host extends 32 bits by their sign.
        let fits = width < 32 || width == 32 && signed;
        (fits && *self.extension.get_or_insert(this) == this)
            .then_some(Number { imm: true, ..Number::default() })
    }

    /// Puts placeholders for what is open into the expression. `None`: that is not possible.
    fn open(&mut self, e: &mut Expr) -> Option<()> {
        use ExprKind as K;
        if !any(e, &is_open) {
            return Some(());
        }
        if let Some(number) = self.number(e) {
            let value = if number.pc {
                if e.width != 64 || *self.wide.get_or_insert(number) != number {
                    return None;
                }
                Open::WIDE
            } else {
                // Only the operand itself is sure to fit in 32 bits.
                if number.plus != 0 {
                    return None;
                }
                Open::NARROW as i64 as u64
            };
            e.kind = K::Const(u128::from(value) & mask(e.width));
            self.holes += 1;
            return Some(());
        }
        match &mut e.kind {
            K::ReadCsr(a)
            | K::Load(a)
            | K::Unary(_, a)
            | K::Slice(a, ..)
            | K::ZeroExtend(a)
            | K::SignExtend(a) => self.open(a),
            K::Binary(_, a, b) => self.open(a).and_then(|()| self.open(b)),
            K::Select(a, b, c) => [a, b, c].into_iter().try_for_each(|e| self.open(e)),
            _ => None,
        }
    }

    /// As [`Opened::open`], a statement.
    fn statement(&mut self, s: &mut Stmt) -> Option<()> {
        match s {
            Stmt::Set(_, e) | Stmt::WriteX(_, e) | Stmt::WriteF(_, e) => self.open(e),
            Stmt::Store { addr, value } => self.open(addr).and_then(|()| self.open(value)),
            other => (!any_stmts(std::slice::from_ref(other), &is_open)).then_some(()),
        }
    }
}

/// Whether it is something that may be left open.
fn is_open(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Field(_) | ExprKind::Pc)
}

#[cfg(test)]
mod tests {
    use super::super::code::CodeMemory;
    use super::super::runtime::Host;
    use super::*;

    fn runtime(confine: bool) -> Runtime {
        let leave = CodeMemory::new().expect("memory").here();
        Runtime { leave, table: 0, constants: leave, watch: 0, host: Host::detect(), confine }
    }

    /// The families of words, in order.
    fn families_of(words: impl IntoIterator<Item = u32>) -> (Families, Vec<Option<FamilyId>>) {
        let runtime = runtime(false);
        let isa = InsnSet::default();
        let mut families = Families::default();
        let find = |word: u32| {
            let op = isa.decode(word).expect("legal");
            families.find(&isa, (&op, word), runtime)
        };
        let found = words.into_iter().map(find).collect();
        (families, found)
    }

    #[test]
    fn one_family_for_all_numbers() {
        let forms: [fn(u32) -> u32; 8] = [
            |n| n << 20 | 11 << 15 | 10 << 7 | 0x13,
            |n| n << 20 | 11 << 15 | 3 << 12 | 10 << 7 | 0x03,
            |n| n << 25 | 11 << 20 | 12 << 15 | 2 << 12 | 0x23,
            |n| n << 12 | 10 << 7 | 0x37,
            |n| n << 12 | 10 << 7 | 0x17,
            |n| n << 25 | 11 << 20 | 12 << 15 | 0x63,
            |n| n << 21 | 1 << 7 | 0x6f,
            |n| n << 20 | 11 << 15 | 1 << 7 | 0x67,
        ];
        for (form, word) in forms.into_iter().enumerate() {
            let (families, found) = families_of((0..100).map(word));
            assert!(found[0].is_some() && found.iter().all(|id| *id == found[0]), "form {form}: {found:?}");
            assert_eq!(families.families.len(), 1);
        }
    }

    #[test]
    fn what_compilers_emit_has_families() {
        let isa = InsnSet::default();
        let spec = isa.spec();
        // Others have code with exits, or are for the interpreter.
        let without = |mnemonic: &str| {
            let starts = |prefixes: &[&str]| prefixes.iter().any(|p| mnemonic.starts_with(p));
            starts(&["csr", "fence", "amo", "lr.", "sc.", "div", "rem", "mj.", "cbo.", "clmul", "cm."])
                || matches!(mnemonic, "ecall" | "ebreak" | "c.ebreak" | "pause")
                // Its code is long.
                || mnemonic == "orc.b"
        };
        let mut missing = Vec::new();
        for insn in spec.insns.iter().filter(|insn| !without(&insn.name)) {
            let integer = ["I", "M", "A", "Zca", "Zba", "Zbb", "Zbs", "Zicond", "Zcb"];
            if !integer.iter().any(|name| insn.extension == *name) {
                continue;
            }
            // Registers that are not x0, and numbers that are not zero.
            let word = insn.bits | !insn.mask & if insn.len == 2 { 0x5ad5 } else { 0x5ad6_b5ad };
            let Some(op) = isa.decode(word).filter(|op| op.id == insn.id.0) else { continue };
            for confine in [false, true] {
                let mut families = Families::default();
                let Some(found) = families.find(&isa, (&op, word), runtime(confine)) else {
                    missing.push((insn.name.clone(), confine));
                    continue;
                };
                let family = families.get(found);
                let accesses = family.body.accesses.iter().any(Option::is_some);
                assert_eq!(family.base.is_some(), accesses && confine, "{}: {family:?}", insn.name);
            }
        }
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn a_family_is_in_one_line() {
        assert_eq!(size_of::<Family>(), 64);
    }

    #[test]
    fn a_family_for_each_amount_of_a_shift() {
        let (_, found) = families_of((1..50).map(|n| n << 20 | 11 << 15 | 1 << 12 | 10 << 7 | 0x13));
        assert!(found.iter().all(Option::is_some) && found.windows(2).all(|w| w[0] != w[1]), "{found:?}");
    }

    #[test]
    fn numbers_are_filled_in() {
        let word = |n: u32| n << 20 | 11 << 15 | 10 << 7 | 0x13;
        let (families, found) = families_of([word(5)]);
        let family = families.get(found[0].expect("a family"));
        let op = InsnSet::default().decode(word(0xfff)).expect("legal");
        assert_eq!(family.operand(&op), -1);
        let mut code = families.code(&family.body).0.to_vec();
        family.fill(&family.body, &mut code, 0x1000, -1);
        assert_eq!(code[code.len() - 4..], (-1i32).to_le_bytes(), "{code:02x?}");
    }
}
