//! How translated code is entered and left.

use super::code::CodeMemory;
use super::regs::{Assignment, BUDGET, Gpr, HART};
use super::runtime::{CONSTANTS, FLAGS, hart_member};
use super::store::Store;
use super::x86::Asm;
use super::{emit, fault};
use crate::hart::Hart;
use iced_x86::{Code, Register};
use std::arch::asm;
use std::cell::Cell;
use std::mem::offset_of;
use std::sync::Mutex;

/// Code that every superblock needs.
#[derive(Clone, Copy)]
pub struct Gate {
    /// `extern "sysv64" fn(hart: *mut u64, code: u64, area: u64) -> u64`
    enter: u64,
    /// Where code goes with the number of its exit in rax.
    pub leave: u64,
    /// [`CONSTANTS`].
    pub constants: u64,
}

/// The host's registers that a function must preserve.
const SAVED: [Gpr; 6] = [Gpr(3), HART, Gpr(12), Gpr(13), Gpr(14), BUDGET];

impl Gate {
    /// Writes the gate at the start of empty code memory.
    pub fn write(memory: &mut CodeMemory) -> Option<Gate> {
        let constants = memory.here();
        let bytes: Vec<u8> = CONSTANTS
            .iter()
            .flatten()
            .flat_map(|word| word.to_le_bytes())
            .chain(FLAGS)
            .chain(MXCSR.to_le_bytes())
            .collect();
        memory.push(&bytes).then_some(())?;
        let mut a = Asm::new(memory.here());
        let (in_hart, convention) = (Assignment::in_hart(), Assignment::convention());
        let enter = a.here();
        for r in SAVED {
            a.r(Code::Push_r64, r.r64());
        }
        a.rr(Code::Mov_r64_rm64, Register::RAX, Register::RSI);
        a.rr(Code::Mov_r64_rm64, HART.r64(), Register::RDI);
        a.mr(Code::Mov_rm64_r64, hart_member(offset_of!(Hart, host_stack)), Register::RSP);
        a.rr(Code::Mov_r64_rm64, Register::RSP, Register::RDX);
        emit::transition(&mut a, &in_hart, convention);
        a.rm(Code::Mov_r64_rm64, BUDGET.r64(), hart_member(offset_of!(Hart, budget)));
        a.r(Code::Jmp_rm64, Register::RAX);
        let leave = a.here();
        emit::transition(&mut a, convention, &in_hart);
        a.mr(Code::Mov_rm64_r64, hart_member(offset_of!(Hart, budget)), BUDGET.r64());
        a.rm(Code::Mov_r64_rm64, Register::RSP, hart_member(offset_of!(Hart, host_stack)));
        for r in SAVED.into_iter().rev() {
            a.r(Code::Pop_r64, r.r64());
        }
        a.op(Code::Retnq);
        let bytes = a.finish().ok()?;
        memory.push(bytes).then_some(())?;
        Some(Gate { enter, leave, constants })
    }
}

/// The state in which translated code begins.
static MXCSR: u32 = super::runtime::MXCSR;

impl Gate {
    /// Runs code of the store at `entry`, until it is left; returns how ([`super::store::Left`]). `area` is the address
    /// of the thread's own ([`super::area`]). The store is not locked.
    pub fn enter(&self, store: &Mutex<Store>, hart: &mut Hart, entry: u64, area: u64) -> u64 {
        enter(self.enter, store, hart, entry, area)
    }
}

fn enter(gate: u64, store: &Mutex<Store>, hart: &mut Hart, entry: u64, area: u64) -> u64 {
    set_base(hart.ram.base_address());
    let mut mxcsr = 0u32;
    // SAFETY: reads and sets the control register of the vector unit, to its default state.
    unsafe {
        asm!("stmxcsr [{}]", in(reg) &raw mut mxcsr, options(nostack));
        if mxcsr != MXCSR {
            asm!("ldmxcsr [{}]", in(reg) &raw const MXCSR, options(nostack, readonly));
        }
    }
    let middle = &raw mut hart.x[16];
    let exit;
    {
        let _running = fault::running(store);
        // SAFETY: the gate's code keeps to the calling convention. What it runs accesses the hart through the
        // pointer, which covers it, the area, and guest memory, whose faults are caught.
        exit = unsafe {
            let enter: extern "sysv64" fn(*mut u64, u64, u64) -> u64 = std::mem::transmute(gate);
            enter(middle, entry, area)
        };
    }
    // SAFETY: as above.
    unsafe { asm!("stmxcsr [{}]", in(reg) &raw mut mxcsr, options(nostack)) };
    if mxcsr != MXCSR {
        hart.fflags |= u32::from(FLAGS[mxcsr as usize % 64]);
        // SAFETY: as above.
        unsafe { asm!("ldmxcsr [{}]", in(reg) &raw const MXCSR, options(nostack, readonly)) };
    }
    exit
}

thread_local! {
    /// What the segment base is in this thread.
    static BASE: Cell<u64> = const { Cell::new(0) };
}

/// Makes gs point to the guest's address 0. Nothing else on x86-64 Linux uses gs.
fn set_base(base: u64) {
    if BASE.get() != base {
        const ARCH_SET_GS: i32 = 0x1001;
        // SAFETY: sets a register that nobody else uses.
        unsafe { libc::syscall(libc::SYS_arch_prctl, ARCH_SET_GS, base) };
        BASE.set(base);
    }
}

/// The host process that this is.
pub fn process() -> i32 {
    // SAFETY: asks for a number.
    unsafe { libc::getpid() }
}
