//! Who called whom: the frames of a guest thread's stack.
//!
//! By the call frame information of the files that are mapped (`.eh_frame`; RISC-V ELF psABI, "DWARF Register Numbers"),
//! through signal handlers too. Code without that is passed by its frame pointer, if it keeps one.

use crate::hart::Hart;
use crate::linux::signal;
use crate::loader::Names;
use crate::memory::Ram;
use gimli::{
    BaseAddresses, CfaRule, EhFrame, LittleEndian, Register, RegisterRule, UnwindContext, UnwindSection,
};

/// A frame, the innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Where it is: the instruction that runs, or where the call will return to.
    pub pc: u64,
    /// `symbol+0xoffset`, if there is a symbol.
    pub symbol: Option<String>,
    /// The file or kind of memory.
    pub object: String,
}

/// Most frames that are followed.
const MOST: usize = 64;

const RA: usize = 1;
const SP: usize = 2;
const FP: usize = 8;

/// Registers of a frame.
#[derive(Clone, Copy)]
struct State {
    pc: u64,
    x: [u64; 32],
    /// The pc is that of an instruction that has not been executed, not one after a call.
    exact: bool,
}

/// The frames of a hart's stack.
pub(crate) fn backtrace(hart: &Hart, names: &mut Names) -> Vec<Frame> {
    let mut x = [0; 32];
    x.copy_from_slice(&hart.x[..32]);
    let mut state = State { pc: hart.pc, x, exact: true };
    let mut frames: Vec<Frame> = Vec::new();
    loop {
        // What a handler returns to has been called by nobody.
        state.exact |= signal::is_trampoline(&hart.ram, state.pc);
        // A call may be the last instruction of its function.
        let inside = if state.exact { state.pc } else { state.pc.wrapping_sub(1) };
        let symbol = names.symbol(inside);
        let symbol = symbol.map(|(name, start)| match state.pc - start {
            0 => name,
            offset => format!("{name}+{offset:#x}"),
        });
        frames.push(Frame { pc: state.pc, symbol, object: names.place(inside) });
        if frames.len() == MOST {
            return frames;
        }
        let before = (state.pc, state.x[SP]);
        state = match caller(&hart.ram, names, &state, frames.len() == 1) {
            Some(caller) => caller,
            None => return frames,
        };
        let stuck = (state.pc, state.x[SP]) == before;
        if stuck || state.pc == 0 || !names.is_code(state.pc) {
            return frames;
        }
    }
}

/// The frame that called this one. `None`: there is none, or it cannot be found.
fn caller(ram: &Ram, names: &mut Names, state: &State, innermost: bool) -> Option<State> {
    if signal::is_trampoline(ram, state.pc) {
        let (pc, x) = signal::interrupted(ram, state.x[SP])?;
        return Some(State { pc, x, exact: true });
    }
    let inside = if state.exact { state.pc } else { state.pc.wrapping_sub(1) };
    match by_frame_information(ram, names, state, inside) {
        Found::Caller(caller) => return Some(*caller),
        Found::Outermost => return None,
        Found::Nothing => {}
    }
    let by_pointer = by_frame_pointer(ram, names, state);
    // Code that does not say otherwise may not have saved its return address yet.
    let leaf = || State { pc: state.x[RA], exact: false, ..*state };
    by_pointer.or_else(|| (innermost && names.is_code(state.x[RA])).then(leaf))
}

/// What call frame information says.
enum Found {
    Caller(Box<State>),
    /// This is where the thread began.
    Outermost,
    /// There is none.
    Nothing,
}

fn by_frame_information(ram: &Ram, names: &mut Names, state: &State, inside: u64) -> Found {
    let Some((object, bias)) = names.object(inside) else { return Found::Nothing };
    let Some((at, bytes)) = object.eh_frame() else { return Found::Nothing };
    let section = EhFrame::new(bytes, LittleEndian);
    let bases = BaseAddresses::default().set_eh_frame(at);
    let mut context = UnwindContext::new();
    let address = inside.wrapping_sub(bias);
    let Ok(entry) = section.fde_for_address(&bases, address, EhFrame::cie_from_offset) else {
        return Found::Nothing;
    };
    let Ok(row) = entry.unwind_info_for_address(&section, &bases, &mut context, address) else {
        return Found::Nothing;
    };
    let CfaRule::RegisterAndOffset { register, offset } = *row.cfa() else { return Found::Nothing };
    let Some(&base) = state.x.get(usize::from(register.0)) else { return Found::Nothing };
    let cfa = base.wrapping_add_signed(offset);
    let mut x = state.x;
    x[SP] = cfa;
    let mut outermost = false;
    for n in (1..32u16).filter(|&n| usize::from(n) != SP) {
        let place = usize::from(n);
        x[place] = match row.register(Register(n)) {
            Some(RegisterRule::Offset(offset)) => match ram.read_u64(cfa.wrapping_add_signed(offset)) {
                Ok(value) => value,
                Err(_) => return Found::Nothing,
            },
            Some(RegisterRule::ValOffset(offset)) => cfa.wrapping_add_signed(offset),
            Some(RegisterRule::Register(Register(other))) if usize::from(other) < 32 => {
                state.x[usize::from(other)]
            }
            Some(RegisterRule::Undefined) => {
                outermost |= place == RA;
                state.x[place]
            }
            _ => state.x[place],
        };
    }
    if outermost {
        return Found::Outermost;
    }
    let back = usize::from(entry.cie().return_address_register().0);
    Found::Caller(Box::new(State { pc: x.get(back).copied().unwrap_or(0), x, exact: false }))
}

/// As compilers lay frames out: below the address in `s0` are the return address and the caller's `s0`.
fn by_frame_pointer(ram: &Ram, names: &Names, state: &State) -> Option<State> {
    let fp = state.x[FP];
    if !fp.is_multiple_of(16) || fp < state.x[SP] || fp == 0 {
        return None;
    }
    let pc = ram.read_u64(fp.wrapping_sub(8)).ok()?;
    let mut x = state.x;
    x[FP] = ram.read_u64(fp.wrapping_sub(16)).ok()?;
    x[SP] = fp;
    x[RA] = pc;
    names.is_code(pc).then_some(State { pc, x, exact: false })
}
