//! How a guest thread runs while there is a debugger.

use super::super::observe::Access;
use super::super::step::step;
use super::session::{Action, Orders, Session, Stop};
use crate::engine::{Engine, Event};
use crate::hart::Hart;
use crate::linux::Task;
use crate::report::word_at;
use crate::trap::Trap;

const EBREAK: u32 = 0x0010_0073;
const C_EBREAK: u32 = 0x9002;

/// What a thread keeps in mind from one run to the next.
#[derive(Default)]
pub(crate) struct Debugged {
    /// The stop that is due when what the last instruction began (a system call, a fault) is over.
    due: Option<Stop>,
    /// The breakpoint where the thread stopped last: it is passed when the thread goes on.
    passing: Option<u64>,
    accesses: Vec<Access>,
}

impl Debugged {
    /// As [`Engine::run`], with the stops that the debugger wants. Also gives a signal that the debugger sends to the
    /// thread; 0 = none. `None`: the process ends.
    pub(crate) fn run(
        &mut self,
        session: &Session,
        task: &Task,
        engine: &mut Engine,
        hart: &mut Hart,
    ) -> Option<(Event, i32)> {
        if let Some(stop) = self.due.take() {
            self.passing = None;
            return Some((Event::Slice, session.stop(&task.process, &task.thread, hart, stop)));
        }
        let orders = session.orders(&task.process, &task.thread, hart);
        if orders.signal != 0 {
            return Some((Event::Slice, orders.signal));
        }
        let passed = self.passing;
        let event = match orders {
            Orders { action: Action::Stay, .. } => return None,
            Orders { action: Action::Continue, watched: false, .. } if self.passing != Some(hart.pc) => {
                self.passing = None;
                task.thread.turn();
                let event = engine.run(hart);
                task.thread.turn();
                event
            }
            orders => self.steps(session, orders, engine, hart),
        };
        match event {
            Event::Trap(Trap::Breakpoint) => {}
            // A breakpoint is met before what is there is fetched.
            Event::Trap(Trap::FetchFault) if hart.ram.is_breakpoint(hart.pc) && passed != Some(hart.pc) => {}
            _ => return Some((event, 0)),
        }
        if !hart.ram.is_breakpoint(hart.pc) {
            // The guest's own, or one that went away with the debugger in this moment.
            let own = matches!(word_at(&hart.ram, hart.pc), Some(EBREAK | C_EBREAK));
            return Some((if own { event } else { Event::Slice }, 0));
        }
        self.passing = Some(hart.pc);
        Some((Event::Slice, session.stop(&task.process, &task.thread, hart, Stop::Break)))
    }

    /// Runs one instruction at a time, until there is something to do.
    fn steps(&mut self, session: &Session, orders: Orders, engine: &mut Engine, hart: &mut Hart) -> Event {
        loop {
            let pc = hart.pc;
            let passing = self.passing.take() == Some(pc);
            if !passing && hart.ram.is_breakpoint(pc) {
                return Event::Trap(Trap::Breakpoint);
            }
            self.accesses.clear();
            let (_, event) = step(engine, hart, &mut self.accesses);
            self.due = match orders.action {
                Action::Step => Some(Stop::Step),
                Action::StepRange(start, end) if !(start..end).contains(&hart.pc) => Some(Stop::Step),
                _ => None,
            };
            if orders.watched
                && let Some(hit) = session.watchpoint(&self.accesses)
            {
                self.due = Some(Stop::Watch(hit));
            }
            if event != Event::Slice {
                // A fault is a stop of its own.
                if !matches!(event, Event::Trap(trap) if trap.retires()) {
                    self.due = None;
                }
                return event;
            }
            let plain = orders.action == Action::Continue && !orders.watched;
            if self.due.is_some() || plain || hart.instret >= hart.stop_at || hart.interrupt.requested() {
                return Event::Slice;
            }
        }
    }
}
