//! The translator against the interpreter, while a program runs.
//!
//! The *shadow* ([`shadow`]) interprets the next instructions first, with its stores in an overlay of guest memory, and
//! notes the state after each. Then the engine executes them in earnest. Where it stops, between two blocks or at a trap,
//! its registers, its flags and the pages that the shadow has stored to must be what the shadow had there.
//!
//! System calls happen once: the shadow stops in front of them, the operating system is the engine's. So it does where
//! an outcome cannot be foreseen ([`Refusal::Blind`]): reading the host's time, memory that is shared with other
//! processes, the watch table. The few instructions up to the engine's next stop are not compared then. Nor is a program
//! as long as it has several threads, for what one loads depends on when the others store.
//!
//! Not seen: a store of translated code to a page that the program does not store to at that time.

mod difference;
mod shadow;

pub use difference::Difference;

use crate::engine::{Engine, Event};
use crate::hart::Hart;
use crate::interp::{self, Decoded, Leave, generated};
use crate::linux::SplitMix;
use crate::trap::Trap;
use shadow::{Refusal, Shadow};

/// How far past its limit the engine may go before it stops: more than a superblock and a block.
const MARGIN: usize = 512;

/// How far the shadow looks ahead at least.
const AHEAD: usize = 4096;

/// Registers and CSRs after an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    x: [u64; 32],
    f: [u64; 32],
    pc: u64,
    fflags: u32,
    frm: u32,
    slot: u8,
    /// `mj.gvec`, `mj.gepc`, `mj.gval`.
    guard: [u64; 3],
}

impl State {
    fn of(hart: &Hart) -> State {
        let mut x = [0; 32];
        x.copy_from_slice(&hart.x[..32]);
        State {
            x,
            f: hart.f,
            pc: hart.pc,
            fflags: hart.fflags,
            frm: hart.frm,
            slot: hart.slot,
            guard: [hart.hw.gvec, hart.hw.gepc, hart.hw.gval],
        }
    }
}

/// How the shadow's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// Far enough.
    Enough,
    /// With this trap; the address that faulted.
    Trap(Trap, u64),
    /// It cannot see what comes.
    Blind,
}

/// What the shadow has foreseen.
pub struct Foreseen {
    /// States before the first instruction, after it, and so on.
    states: Vec<State>,
    /// Address and word of each instruction.
    code: Vec<(u64, u32)>,
    end: End,
}

/// The comparison, for one hart.
pub struct Lockstep {
    shadow: Option<Shadow>,
    /// What has been foreseen, and how much of it the engine has done.
    ahead: Option<(Foreseen, usize)>,
    /// Most instructions from one comparison to the next.
    most: u64,
    random: SplitMix,
    /// Instructions that were compared.
    pub compared: u64,
    /// Instructions that were not.
    pub skipped: u64,
}

impl Lockstep {
    /// Compares after at most about `most` instructions; 1: after every block.
    pub fn new(most: u64) -> Lockstep {
        Lockstep {
            shadow: None,
            ahead: None,
            most: most.max(1),
            random: SplitMix(0x6d6a),
            compared: 0,
            skipped: 0,
        }
    }

    /// As [`Engine::run`], for a short while. Error: the engine did something else than the interpreter.
    pub fn run(&mut self, engine: &mut Engine, hart: &mut Hart) -> Result<Event, Box<Difference>> {
        let shadow = self.shadow.get_or_insert_with(|| Shadow::new(hart));
        let wanted = (1 + self.random.next_u64() % self.most) as usize;
        let enough = |seen: &Foreseen, from: usize| {
            seen.end != End::Enough || seen.code.len() >= from + wanted + MARGIN
        };
        // A signal that was delivered meanwhile changes registers, and its handler is another program.
        let kept = self.ahead.take().filter(|(seen, from)| {
            *from < seen.code.len() && enough(seen, *from) && seen.states[*from] == State::of(hart)
        });
        let (seen, from) = kept.unwrap_or_else(|| {
            shadow.follow(hart);
            (foresee(shadow, AHEAD.max(wanted + MARGIN)), 0)
        });
        let last = seen.code.len();
        let length = if seen.end == End::Blind { wanted.min(last - from).max(1) } else { wanted };
        let begin = hart.instret;
        hart.stop_at = hart.stop_at.min(begin + length as u64);
        let event = engine.run(hart);
        let count = hart.instret - begin;
        let done = from + count as usize;
        if seen.end == End::Blind && done > last {
            self.skipped += count;
            return Ok(event);
        }
        self.compared += count;
        let wrong_event = match (seen.end, event) {
            _ if done >= seen.states.len() => Some(format!("the interpreter stops before: {:?}", seen.end)),
            (End::Trap(trap, _), Event::Trap(found)) if trap == found && done == last => None,
            // What the shadow did not dare has trapped.
            (End::Blind, Event::Trap(_)) if done == last => None,
            (_, Event::Trap(found)) => {
                Some(format!("the translator traps ({found:?}), the interpreter does not"))
            }
            (End::Trap(Trap::Ecall, _), _) if done == last => {
                Some("the translator went past a system call".to_owned())
            }
            _ => None,
        };
        let has_address =
            |trap| matches!(trap, Trap::FetchFault | Trap::LoadFault | Trap::StoreFault | Trap::Misaligned);
        let fault = match (seen.end, event) {
            (End::Trap(_, addr), Event::Trap(trap)) if has_address(trap) && addr != hart.fault_addr => {
                Some((addr, hart.fault_addr))
            }
            _ => None,
        };
        let found = State::of(hart);
        let same = wrong_event.is_none() && fault.is_none() && seen.states[done] == found;
        let bytes = shadow.memory.compare(&hart.ram, done);
        if same && bytes.is_none() {
            if event == Event::Slice {
                self.ahead = Some((seen, done));
            }
            return Ok(event);
        }
        Err(Box::new(Difference::new(hart.isa(), &seen, from..done, found, wrong_event, fault, bytes)))
    }
}

/// Has the shadow execute up to `most` instructions.
fn foresee(shadow: &mut Shadow, most: usize) -> Foreseen {
    let mut seen =
        Foreseen { states: Vec::with_capacity(most + 1), code: Vec::with_capacity(most), end: End::Enough };
    seen.states.push(State::of(&shadow.hart));
    while seen.code.len() < most {
        shadow.now = seen.code.len();
        let pc = shadow.hart.pc;
        let ended = match fetch(shadow, pc) {
            Ok((word, op)) => match execute(shadow, &op, pc) {
                Ok(()) => {
                    seen.code.push((pc, word));
                    None
                }
                Err(Refusal::Trap(trap)) => {
                    if trap.retires() {
                        seen.code.push((pc, word));
                        shadow.hart.pc = pc.wrapping_add(u64::from(op.len));
                    }
                    Some((End::Trap(trap, shadow.hart.fault_addr), trap.retires()))
                }
                Err(Refusal::Blind) => Some((End::Blind, false)),
            },
            Err(trap) => Some((End::Trap(trap, shadow.hart.fault_addr), false)),
        };
        match ended {
            None => seen.states.push(State::of(&shadow.hart)),
            Some((end, retired)) => {
                if retired {
                    seen.states.push(State::of(&shadow.hart));
                }
                seen.end = end;
                break;
            }
        }
    }
    seen
}

fn fetch(shadow: &mut Shadow, pc: u64) -> Result<(u32, Decoded), Trap> {
    let mut bytes = [0; 4];
    let fetched = shadow.fetch(pc, &mut bytes[..2]).and_then(|()| {
        if bytes[0] & 3 == 3 { shadow.fetch(pc.wrapping_add(2), &mut bytes[2..]) } else { Ok(()) }
    });
    if let Err(bad) = fetched {
        shadow.hart.fault_addr = bad;
        return Err(Trap::FetchFault);
    }
    let word = u32::from_le_bytes(bytes);
    shadow.hart.isa().decode(word).map(|op| (word, op)).ok_or_else(|| {
        shadow.hart.fault_addr = pc;
        Trap::Illegal
    })
}

/// Executes one instruction. With an error nothing has changed.
fn execute(shadow: &mut Shadow, op: &Decoded, pc: u64) -> Result<(), Refusal> {
    let isa = shadow.hart.isa().clone();
    shadow.hart.instret += 1;
    let stores = shadow.memory.stores.len();
    let result = if usize::from(op.id) < generated::COUNT {
        interp::execute(shadow, op, pc)
    } else {
        match isa.insn(op.id) {
            Some(insn) => interp::eval::run(shadow, insn, op, pc),
            None => Err(Leave::Trap(Refusal::Trap(Trap::Illegal))),
        }
    };
    match result {
        Ok(()) => {
            if !isa.ends_block(op) {
                shadow.hart.pc = pc.wrapping_add(u64::from(op.len));
            }
            Ok(())
        }
        Err(Leave::Redirected) => Ok(()),
        Err(Leave::Trap(refusal)) => {
            shadow.hart.pc = pc;
            shadow.memory.stores.truncate(stores);
            if refusal != Refusal::Trap(Trap::Ecall) {
                shadow.hart.instret -= 1;
            }
            Err(refusal)
        }
    }
}
