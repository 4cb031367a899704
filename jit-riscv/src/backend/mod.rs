//! Machine code for traces: register allocation and RV64GC code in three guard styles. Public types first.

use std::fmt;
use std::io;
use std::ops::Range;

use crate::ir::Trace;
use crate::thread::Thread;

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
    /// For each exit of the trace, the places of [`crate::ir::Exit::live`].
    pub exits: Vec<Vec<Location>>,
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
            CompileError::BadTrace { trace, op, what } => write!(f, "trace {trace}, operation {op}: {what}"),
            CompileError::Memory(e) => write!(f, "code arena: {e}"),
        }
    }
}

impl std::error::Error for CompileError {}

/// The code generator and the code that it made.
pub struct Backend {
    config: Config,
}

impl Backend {
    pub fn new(config: Config) -> Result<Backend, CompileError> {
        Ok(Backend { config })
    }
    /// Whether machine code can be entered on this machine.
    pub fn available() -> bool {
        false
    }
    pub fn style(&self) -> Style {
        self.config.style
    }
    pub fn compile(&mut self, _trace: &Trace) -> Result<Compiled, CompileError> {
        Err(CompileError::NoSpace)
    }
    /// Whether a bridge of `exit` may end with a `Jump` to the label of trace `target`.
    pub fn can_jump(&self, _exit: u32, _target: u32) -> bool {
        false
    }
    pub fn exit_locations(&self, _exit: u32) -> Option<&[Location]> {
        None
    }
    pub fn attach_bridge(&mut self, exit: u32, _entry: u64) -> Result<(), CompileError> {
        Err(CompileError::UnknownExit(exit))
    }
    pub fn invalidate(&mut self, _trace: u32) -> Result<(), CompileError> {
        Ok(())
    }
    pub fn exit_to_interpreter(&self) -> u64 {
        0
    }
    /// # Safety
    /// `entry` is the entry of a compiled trace that is not a bridge, or [`Backend::exit_to_interpreter`]; the thread's frame is
    /// what that trace was compiled for.
    pub unsafe fn enter(&self, _entry: u64, _thread: *mut Thread) -> Left {
        Left { exit: EXIT_INTERPRETER }
    }
}
