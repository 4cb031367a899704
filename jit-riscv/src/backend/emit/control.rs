//! Calls, labels, jumps, and the ends of traces.

use super::*;
use crate::backend::moves::{Move, Source};
use crate::backend::runtime::{BUMP_AT, FRAME_AT, LIMIT_AT, PHASE_CALL, PHASE_CODE};
use crate::ir::Descr;
use crate::object::Kind;

impl Emitter<'_> {
    pub fn call(&mut self, at: usize) {
        let op = &self.unit.trace.ops[at];
        let Descr::Call(call) = op.descr else { return };
        self.remembered.clear();
        let mut moves = vec![Move { from: Source::At(Location::X(THREAD as u8)), to: Location::X(A0 as u8) }];
        for (i, &arg) in op.args.as_slice().iter().enumerate() {
            if let Some(from) = self.source(arg) {
                moves.push(Move { from, to: Location::X((A1 as usize + i) as u8) });
            }
        }
        self.moves(&moves);
        self.asm.put(enc::sd(BUMP, BUMP_AT, THREAD));
        self.asm.put(enc::mj_phase(PHASE_CALL));
        self.asm.call_address(call.func.addr() as u64);
        self.asm.put(enc::mj_phase(PHASE_CODE));
        self.asm.put(enc::ld(BUMP, BUMP_AT, THREAD));
        self.asm.put(enc::ld(LIMIT, LIMIT_AT, THREAD));
        if op.kind.is_some()
            && let Some(to) = self.unit.alloc.place(at)
        {
            self.moves(&[Move { from: Source::At(Location::X(A0 as u8)), to }]);
        }
    }

    pub fn control(&mut self, at: usize) {
        let op = &self.unit.trace.ops[at];
        let args = op.args.as_slice();
        match (op.code, op.descr) {
            (Opcode::Observe, Descr::Site { site, class }) => {
                // A double is observed by its bits; a constant is known.
                if self.const_of(args[0]).is_some() {
                    return;
                }
                let value = if self.unit.trace.kind_of(args[0]) == Some(Kind::Float) {
                    let f = self.float(args[0], FT10);
                    self.asm.put(enc::fmv_x_d(T5, f));
                    T5
                } else {
                    self.int(args[0], T5)
                };
                let site = u32::from(site);
                self.asm.put(if class { enc::mj_obst(value, site) } else { enc::mj_obsv(value, site) });
            }
            (Opcode::Label, _) => {
                let results: Vec<Option<Location>> =
                    (0..args.len()).map(|i| self.unit.alloc.place(at + 1 + i)).collect();
                let mut moves = self.arguments(at, &results);
                moves.extend(
                    self.unit.alloc.constants.iter().map(|c| Move { from: Source::Const(c.0), to: c.2 }),
                );
                self.moves(&moves);
                let label = self.asm.label();
                self.asm.bind(label);
                self.label = Some(label);
                self.in_loop = true;
                self.remembered.clear();
            }
            (Opcode::Jump, Descr::Number(_)) => self.jump(at),
            (Opcode::JumpEntry, _) => {
                if let Some((entry, places)) = self.unit.entered {
                    let places: Vec<Option<Location>> = places.iter().copied().map(Some).collect();
                    let moves = self.arguments(at, &places);
                    self.moves(&moves);
                    self.asm.jump_address(entry, T6);
                }
            }
            (Opcode::FrameMove, Descr::Number(offset)) => {
                let (base, offset) = self.offset(FRAME, offset, T5);
                self.asm.put(enc::addi(FRAME, base, offset));
                self.asm.put(enc::sd(FRAME, FRAME_AT, THREAD));
            }
            (Opcode::JumpHead, Descr::Number(address)) => {
                self.asm.load_absolute(T6, address as u64);
                self.asm.put(enc::jalr(ZERO, 0, T6));
            }
            (Opcode::Return, _) => self.return_value(args.first().copied()),
            (Opcode::Leave, _) => {
                self.left_inline = Some((at, self.asm.here()));
                self.leave(at);
            }
            _ => debug_assert!(false, "checked: {op:?}"),
        }
    }

    /// The operands of operation `at` to these places.
    fn arguments(&self, at: usize, places: &[Option<Location>]) -> Vec<Move> {
        let args = self.unit.trace.ops[at].args.as_slice();
        args.iter()
            .zip(places)
            .filter_map(|(&arg, to)| Some(Move { from: self.source(arg)?, to: (*to)? }))
            .collect()
    }

    fn jump(&mut self, at: usize) {
        match (self.unit.target, self.unit.analysis.label) {
            (Some(target), _) => {
                let mut moves = self.arguments(at, &target.args);
                let hidden = self.unit.alloc.hidden(self.unit.analysis);
                moves.extend(
                    hidden
                        .iter()
                        .zip(&target.invariants)
                        .map(|(&from, &to)| Move { from: Source::At(from), to }),
                );
                moves.extend(
                    target.constants.iter().map(|&(bits, to)| Move { from: Source::Const(bits), to }),
                );
                self.moves(&moves);
                self.asm.jump_address(target.entry, T6);
            }
            (None, Some(label)) => {
                let count = self.unit.trace.ops[at].args.as_slice().len();
                let places: Vec<Option<Location>> =
                    (0..count).map(|i| self.unit.alloc.place(label + 1 + i)).collect();
                let moves = self.arguments(at, &places);
                self.moves(&moves);
                if let Some(label) = self.label {
                    self.asm.jump(label);
                }
            }
            (None, None) => debug_assert!(false, "checked: jump without a label"),
        }
    }
}
