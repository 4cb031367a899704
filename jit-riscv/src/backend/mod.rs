//! Machine code for traces: register allocation and RV64GC code in three guard styles.
//!
//! [`Backend::compile`] turns an optimised [`Trace`] into code in the [`arena`]; [`Backend::enter`] runs it until an exit is
//! taken, whose number, registers and spill slots it leaves in the [`Thread`]. Code generation works on every host (and
//! is tested there); only [`Backend::enter`] needs RV64, see [`Backend::available`].
//!
//! | module | what |
//! |---|---|
//! | [`check`] | rejects malformed traces |
//! | [`analysis`] | dead and fused operations, live intervals |
//! | [`regalloc`] | linear scan: one location for a value's whole life |
//! | [`moves`] | parallel moves |
//! | [`asm`] | instructions with labels, constants and roles into bytes |
//! | [`emit`] | operations to instructions |
//! | [`guards`] | the three guard styles |
//! | [`runtime`] | entry, exits and the slow paths, made once per arena |
//! | [`arena`] | executable memory |
//! | [`codemap`] | what each instruction is for |

pub mod analysis;
pub mod arena;
pub mod asm;
pub mod check;
pub mod codemap;
pub mod emit;
mod encoders;
pub mod guards;
pub mod moves;
pub mod regalloc;
pub mod regs;
pub mod runtime;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use std::fmt;
use std::io;
use std::ops::Range;
use std::rc::Rc;

use crate::ir::{Arg, Descr, Opcode, Trace};
use crate::object::Kind;
use crate::thread::Thread;
use analysis::Analysis;
use arena::Arena;
use codemap::CodeMap;
use regalloc::Allocation;
use runtime::Runtime;

/// How guards are compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As PyPy's RISC-V back end does it: taken branches over a jump, constants from memory.
    Naive,
    /// The best RV64GC software can do.
    Soft,
    /// With the Xmjguard instructions.
    Hw,
}

/// Choices made once.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    pub style: Style,
    /// Address of `extern "C" fn(*mut Thread, Ref)`: the object is about to hold a reference and has its TRACK flag set.
    pub barrier_slow: usize,
    /// Test aid: every guard leaves at its n-th execution (counted from 1) though its condition holds, once.
    pub force_fail: Option<u64>,
    /// Size of the code arena. Fixed: compilation fails with [`CompileError::NoSpace`] when it is full.
    pub code_bytes: usize,
}

/// Where a value is, at an exit and everywhere else in the trace.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub enum Location {
    /// Integer register; at an exit in `Thread::saved_x[n]`.
    X(u8),
    /// Floating-point register; at an exit in `Thread::saved_f[n]`.
    F(u8),
    /// `Thread::spill[n]`.
    Spill(u16),
}

impl Location {
    /// The 64 bits of a value at an exit that was just taken.
    pub fn read(self, thread: &Thread) -> u64 {
        match self {
            Location::X(n) => thread.saved_x[n as usize],
            Location::F(n) => thread.saved_f[n as usize],
            Location::Spill(n) => thread.spill[n as usize],
        }
    }

    /// Changes a value at an exit, before a bridge is entered from outside.
    pub fn write(self, thread: &mut Thread, bits: u64) {
        match self {
            Location::X(n) => thread.saved_x[n as usize] = bits,
            Location::F(n) => thread.saved_f[n as usize] = bits,
            Location::Spill(n) => thread.spill[n as usize] = bits,
        }
    }
}

/// A compiled trace.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// Address to enter at. Of a bridge: to be attached to its exit, not entered from the interpreter.
    pub entry: u64,
    /// Address of the label's code, if the trace has a label.
    pub label_entry: Option<u64>,
    /// Addresses of the trace's code, constants and stubs included.
    pub code: Range<u64>,
}

/// How machine code was left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Left {
    /// Number of the exit in the numbering of all exits of the run, or [`EXIT_INTERPRETER`].
    pub exit: u32,
}

/// [`Left::exit`] of the code at [`Backend::exit_to_interpreter`].
pub const EXIT_INTERPRETER: u32 = u32::MAX;

/// Why a trace was not compiled. Nothing of it remains then.
#[derive(Debug)]
pub enum CompileError {
    /// The arena is full.
    NoSpace,
    /// More values live at once than there are registers and spill slots.
    NoSpillSlots,
    /// The trace is a bridge of an exit that was never compiled.
    UnknownExit(u32),
    /// The trace jumps to a trace without a label, or one that was never compiled.
    UnknownLabel(u32),
    /// The trace jumps to a label whose loop uses values from before the label, and they are not known to the trace: see
    /// [`Backend::can_jump`].
    LabelOutOfReach(u32),
    /// The trace's code is longer than a jump reaches (1 MiB).
    TooLong,
    /// Operation `op` is malformed.
    BadTrace { trace: u32, op: usize, what: &'static str },
    /// The arena could not be mapped or protected.
    Memory(io::Error),
}

impl fmt::Display for CompileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CompileError::NoSpace => write!(f, "the code arena is full"),
            CompileError::NoSpillSlots => write!(f, "too many live values"),
            CompileError::UnknownExit(n) => write!(f, "bridge of exit {n}, which does not exist"),
            CompileError::UnknownLabel(n) => write!(f, "jump to trace {n}, which has no label"),
            CompileError::LabelOutOfReach(n) => {
                write!(f, "jump to the label of trace {n} from where its loop invariants are not known")
            }
            CompileError::TooLong => write!(f, "the trace is too long"),
            CompileError::BadTrace { trace, op, what } => write!(f, "trace {trace}, operation {op}: {what}"),
            CompileError::Memory(e) => write!(f, "code arena: {e}"),
        }
    }
}

impl std::error::Error for CompileError {}

/// Values that the loop after a label uses and that were made before it: not arguments of the label, so whoever jumps there
/// must have them in their places.
#[derive(Clone, Debug, Default)]
pub(crate) struct LabelInfo {
    pub entry: u64,
    /// Places of the label's results; None for a result that is never used.
    pub args: Vec<Option<Location>>,
    /// Places of the loop's invariants.
    pub invariants: Vec<Location>,
    /// Constants that the loop keeps in registers.
    pub constants: Vec<(u64, Location)>,
}

/// How an exit is reached, and so how a bridge is attached to it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ExitCode {
    /// A stub (8 bytes or more) at this address, and branches and jumps to it in the code from `base` on. They are sent to the
    /// bridge themselves where they reach it; a jump to the bridge in the stub serves the others.
    Stub { stub: u64, base: u64, sites: [Option<asm::Site>; 2] },
    /// A hardware guard at this address; a stub as well when failures are forced.
    Guard { pc: u64, stub: Option<u64> },
}

/// What is known of an exit of a compiled trace.
#[derive(Clone, Debug)]
pub(crate) struct ExitInfo {
    pub live: Box<[Location]>,
    /// The label whose loop the exit is in, and the places of its invariants there.
    pub inside: Option<(u32, Rc<[Location]>)>,
    /// None: no code leaves by this exit.
    pub code: Option<ExitCode>,
}

/// The address of a typed entry, and where it wants its values.
type EntryPlaces = (u64, Box<[Location]>);

/// The code generator and the code that it made. See the module.
pub struct Backend {
    config: Config,
    arena: Arena,
    runtime: Runtime,
    labels: FxHashMap<u32, LabelInfo>,
    /// Typed entries, by trace: address, and kinds of what they take.
    entries: FxHashMap<u32, (u64, Vec<Kind>)>,
    /// By exit number; None for numbers that no code leaves by.
    exits: Vec<Option<ExitInfo>>,
    /// By trace: (address of a `GuardNotInvalidated`'s nop, address of its stub).
    assumptions: FxHashMap<u32, Vec<(u64, u64)>>,
    map: CodeMap,
    /// Guards that the hardware knows a bridge for.
    in_bridge_table: Vec<u64>,
    /// Countdown cells of forced failures; their addresses are in code.
    countdowns: Vec<Box<[u64]>>,
}

impl Backend {
    /// Maps the arena and makes the entry and exit code. With [`Style::Hw`] on RV64 it also sets the guard-fail vector of the
    /// calling thread, the only one that may enter. `thread` is what [`Backend::enter`] will be called with; nothing is read from it here.
    pub fn new(config: Config, thread: *const Thread) -> Result<Backend, CompileError> {
        let mut arena = Arena::new(config.code_bytes).map_err(CompileError::Memory)?;
        let runtime = Runtime::new(&mut arena, &config, thread as u64)?;
        let backend = Backend {
            config,
            arena,
            runtime,
            labels: FxHashMap::default(),
            entries: FxHashMap::default(),
            exits: Vec::new(),
            assumptions: FxHashMap::default(),
            map: CodeMap::default(),
            in_bridge_table: Vec::new(),
            countdowns: Vec::new(),
        };
        if config.style == Style::Hw {
            backend.runtime.set_vector();
        }
        Ok(backend)
    }

    /// Whether machine code can be entered on this machine.
    pub fn available() -> bool {
        cfg!(target_arch = "riscv64")
    }

    pub fn style(&self) -> Style {
        self.config.style
    }

    /// Compiles a trace. A bridge (`bridge_of`) starts with its `Input`s in the places of the exit's live values; it is reached
    /// only after [`Backend::attach_bridge`].
    pub fn compile(&mut self, trace: &Trace) -> Result<Compiled, CompileError> {
        check::check(trace)?;
        let parent = match trace.bridge_of {
            Some(n) => Some(self.exit(n).ok_or(CompileError::UnknownExit(n))?),
            None => None,
        };
        let target = self.jump_target(trace)?;
        // The invariants of a foreign label are hidden inputs of a bridge and hidden arguments of its jump.
        let hidden = match &target {
            Some((id, label)) if !label.invariants.is_empty() => match parent.and_then(|p| p.inside.as_ref())
            {
                Some((inside, places)) if inside == id => places.clone(),
                _ => return Err(CompileError::LabelOutOfReach(*id)),
            },
            _ => Rc::from([]),
        };
        let inputs = match parent {
            Some(parent) => parent.live.clone(),
            None => regs::entry_places(&trace.entry),
        };
        let entered = self.entry_target(trace)?;
        for (at, op) in trace.ops.iter().enumerate().filter(|(_, op)| op.code == Opcode::Input) {
            if !matches!(op.descr, Descr::Number(n) if (n as usize) < inputs.len()) {
                return Err(CompileError::BadTrace {
                    trace: trace.id,
                    op: at,
                    what: "the exit has no such value",
                });
            }
        }
        let analysis = Analysis::new(trace, self.config.style, &hidden);
        let hints = regalloc::Hints {
            inputs: &inputs,
            hidden: &hidden,
            label: target.as_ref().map(|t| t.1),
            entered: entered.as_ref().map_or(&[], |e| &e.1),
        };
        let alloc = Allocation::new(trace, &analysis, &hints, self.config.style)?;
        let countdown = self.config.force_fail.map(|n| vec![n; trace.ops.len()].into_boxed_slice());
        let unit = emit::Unit {
            trace,
            analysis: &analysis,
            alloc: &alloc,
            config: &self.config,
            runtime: &self.runtime,
            inputs: &inputs,
            hidden: &hidden,
            target: target.map(|t| t.1),
            entered: entered.as_ref().map(|(entry, places)| (*entry, &**places)),
            countdown: countdown.as_deref(),
        };
        let code = emit::emit(&unit, self.arena.cursor())?;
        let base = self.arena.write(&code.bytes)?;
        self.countdowns.extend(countdown);

        if !trace.entry.is_empty() {
            self.entries.insert(trace.id, (base + u64::from(code.entry), trace.entry.clone()));
        }
        let label_entry = code.label.map(|at| base + at as u64);
        let inside: Option<(u32, Rc<[Location]>)> = if let Some(entry) = label_entry {
            let info = alloc.label_info(trace, &analysis, entry);
            let places = info.invariants.as_slice().into();
            self.labels.insert(trace.id, info);
            Some((trace.id, places))
        } else {
            self.jump_target(trace)?.map(|(id, _)| (id, alloc.hidden(&analysis).into()))
        };
        for exit in &code.exits {
            let index = trace.ops[exit.at].exit;
            let number = trace.first_exit + index;
            // Before the label the loop's invariants are still being made.
            let inside = inside.clone().filter(|_| analysis.label.is_none_or(|l| exit.at > l));
            let reached = exit.code(base);
            if let Some(ExitCode::Guard { pc, .. }) = reached {
                self.arena.set_shadow(pc, u64::from(number) << 1 | 1);
            }
            let live = alloc.live(&trace.exits[index as usize]);
            let slot = number as usize;
            if self.exits.len() <= slot {
                self.exits.resize_with(slot + 1, || None);
            }
            self.exits[slot] = Some(ExitInfo { live, inside, code: reached });
        }
        let nops = code.nops.iter().map(|&(nop, stub)| (base + nop as u64, base + stub as u64)).collect();
        self.assumptions.insert(trace.id, nops);
        self.map.add(base, code.spans);
        Ok(Compiled {
            entry: base + code.entry as u64,
            label_entry,
            code: base..base + code.bytes.len() as u64,
        })
    }

    fn exit(&self, number: u32) -> Option<&ExitInfo> {
        self.exits.get(number as usize)?.as_ref()
    }

    /// The label of another trace that the trace ends with a jump to.
    fn jump_target(&self, trace: &Trace) -> Result<Option<(u32, &LabelInfo)>, CompileError> {
        let Some(op) = trace.ops.last().filter(|op| op.code == Opcode::Jump) else { return Ok(None) };
        let Descr::Number(target) = op.descr else { return Ok(None) };
        let id = target as u32;
        if id == trace.id {
            return Ok(None);
        }
        let label = self.labels.get(&id).ok_or(CompileError::UnknownLabel(id))?;
        if label.args.len() != op.args.as_slice().len() {
            return Err(CompileError::BadTrace {
                trace: trace.id,
                op: trace.ops.len() - 1,
                what: "jump with another number of arguments than the label has",
            });
        }
        Ok(Some((id, label)))
    }

    /// The typed entry that the trace ends with a jump to, and the places that it wants.
    fn entry_target(&self, trace: &Trace) -> Result<Option<EntryPlaces>, CompileError> {
        let Some(op) = trace.ops.last().filter(|op| op.code == Opcode::JumpEntry) else { return Ok(None) };
        let Descr::Number(target) = op.descr else { return Ok(None) };
        let id = target as u32;
        let (entry, kinds) = self.entries.get(&id).ok_or(CompileError::UnknownLabel(id))?;
        let args = op.args.as_slice();
        let same =
            |a: &Arg, kind: &Kind| trace.kind_of(*a).map(|k| k == Kind::Float) == Some(*kind == Kind::Float);
        if kinds.len() != args.len() || !args.iter().zip(kinds).all(|(a, kind)| same(a, kind)) {
            return Err(CompileError::BadTrace {
                trace: trace.id,
                op: trace.ops.len() - 1,
                what: "jump with other arguments than the entry takes",
            });
        }
        Ok(Some((*entry, regs::entry_places(kinds))))
    }

    /// Whoever comes to the typed entry of trace `from` goes on at address `to`, which takes the same values in the same places.
    pub fn redirect_entry(&mut self, from: u32, to: u64) -> Result<(), CompileError> {
        let Some(&(at, _)) = self.entries.get(&from) else { return Ok(()) };
        // The first instructions are no call's return address, and no jump goes behind them.
        self.arena.patch(&[(at, asm::far_jump(at, to, regs::T6))]).map_err(CompileError::Memory)
    }

    /// The same, to the typed entry of trace `to`.
    pub fn redirect_entry_to(&mut self, from: u32, to: u32) -> Result<(), CompileError> {
        let &(at, _) = self.entries.get(&to).ok_or(CompileError::UnknownLabel(to))?;
        self.redirect_entry(from, at)
    }

    /// Whether a bridge of `exit` may end with a `Jump` to the label of trace `target`: it may if that loop uses nothing from before its
    /// label but the label's arguments, or if the exit lies in that loop or in a bridge that jumps to it.
    pub fn can_jump(&self, exit: u32, target: u32) -> bool {
        let Some(label) = self.labels.get(&target) else { return false };
        label.invariants.is_empty()
            || self.exit(exit).is_some_and(|e| e.inside.as_ref().is_some_and(|i| i.0 == target))
    }

    /// The places of the live values of an exit.
    pub fn exit_locations(&self, exit: u32) -> Option<&[Location]> {
        self.exit(exit).map(|e| &*e.live)
    }

    /// From now on the exit continues with the bridge at `entry`. Hardware guards go there through the bridge table, or, if that
    /// is full, through the vector handler and a software table.
    pub fn attach_bridge(&mut self, exit: u32, entry: u64) -> Result<(), CompileError> {
        let code = self.exit(exit).ok_or(CompileError::UnknownExit(exit))?.code;
        let mut patches = Vec::new();
        let stub = match code {
            None => return Ok(()),
            Some(ExitCode::Stub { stub, base, sites }) => {
                // PyPy's guards keep their way over the stub.
                if self.config.style != Style::Naive {
                    let reach = sites.iter().flatten().filter_map(|s| {
                        let at = base + u64::from(s.at);
                        Some((at, s.retarget(at, entry)?.to_vec()))
                    });
                    patches.extend(reach);
                }
                Some(stub)
            }
            Some(ExitCode::Guard { pc, stub }) => {
                self.arena.set_shadow(pc, entry);
                if self.runtime.bridge_table_insert(pc, entry) {
                    self.in_bridge_table.push(pc);
                }
                stub
            }
        };
        patches.extend(stub.map(|stub| (stub, asm::far_jump(stub, entry, regs::T6))));
        self.arena.patch(&patches).map_err(CompileError::Memory)
    }

    /// Makes every `GuardNotInvalidated` of the trace fail from now on.
    pub fn invalidate(&mut self, trace: u32) -> Result<(), CompileError> {
        let nops = self.assumptions.remove(&trace).unwrap_or_default();
        let patches: Vec<_> =
            nops.iter().map(|&(nop, stub)| (nop, asm::near_jump(nop, stub).to_vec())).collect();
        self.arena.patch(&patches).map_err(CompileError::Memory)
    }

    /// Address of code that leaves with [`EXIT_INTERPRETER`].
    pub fn exit_to_interpreter(&self) -> u64 {
        self.runtime.exit_to_interpreter
    }

    /// Runs machine code until an exit is taken. The thread's `bump`, `limit` and `frame` are loaded before and `bump`, `frame`,
    /// `exit`, `saved_x`, `saved_f` stored after.
    ///
    /// # Safety
    /// `entry` is the entry of a compiled trace that is not a bridge, or [`Backend::exit_to_interpreter`]; the thread's frame is
    /// what that trace was compiled for.
    ///
    /// # Panics
    /// Where [`Backend::available`] is false.
    pub unsafe fn enter(&self, entry: u64, thread: *mut Thread) -> Left {
        // SAFETY: as the caller promises.
        unsafe { self.runtime.enter(entry, thread) };
        // SAFETY: the caller's pointer; machine code has stored the exit's number to it.
        Left { exit: unsafe { (*thread).exit } as u32 }
    }

    /// The purpose of every instruction of every trace.
    pub fn code_map(&self) -> &CodeMap {
        &self.map
    }

    /// The bytes of code at `range` (of a [`Compiled::code`]), for listings.
    pub fn code(&self, range: Range<u64>) -> &[u8] {
        self.arena.bytes(range)
    }
}

impl Drop for Backend {
    /// Takes its guards out of the hardware's bridge table: other code may come to lie at their addresses.
    fn drop(&mut self) {
        for &pc in &self.in_bridge_table {
            self.runtime.bridge_table_insert(pc, 0);
        }
    }
}
