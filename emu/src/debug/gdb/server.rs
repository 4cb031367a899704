//! The debugger's thread: waits for the connection, then for the debugger and the guest at once.

use super::registers;
use super::session::{Session, Stop, Watch};
use super::signals;
use super::target::Target;
use crate::error::Error;
use crate::isa::InsnSet;
use crate::machine::Exit;
use gdbstub::common::{Signal, Tid};
use gdbstub::conn::Connection;
use gdbstub::stub::state_machine::GdbStubStateMachine;
use gdbstub::stub::{DisconnectReason, GdbStub, MultiThreadStopReason};
use gdbstub::target::ext::breakpoints::WatchKind;
use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// Where a debugger connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// A TCP port of this machine; 0: one that is free.
    Port(u16),
    /// A socket in the file system.
    Path(PathBuf),
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Port(port) => write!(f, "localhost:{port}"),
            Address::Path(path) => write!(f, "{}", path.display()),
        }
    }
}

/// The descriptors of the session are moved to numbers from here on, where the guest's own do not meet them.
const LOWEST_FD: RawFd = 400;

/// A debugger that has connected, or will when the guest runs.
pub struct Debugger {
    session: Arc<Session>,
    /// Everything that the debugger's thread needs, until it runs.
    ready: Mutex<Option<(Connected, UnixStream)>>,
    /// Descriptors that a forked child has no use for.
    descriptors: [RawFd; 3],
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl fmt::Debug for Debugger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Debugger")
    }
}

/// The connection. TCP and Unix sockets are read and written alike.
struct Connected(UnixStream);

impl Connection for Connected {
    type Error = io::Error;

    fn write(&mut self, byte: u8) -> io::Result<()> {
        Write::write_all(&mut self.0, &[byte])
    }

    fn write_all(&mut self, buf: &[u8]) -> io::Result<()> {
        Write::write_all(&mut self.0, buf)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Moves a descriptor out of the guest's way.
fn away(fd: impl Into<OwnedFd>) -> io::Result<UnixStream> {
    let fd = fd.into();
    // SAFETY: duplicates a descriptor that is open.
    let moved = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, LOWEST_FD) };
    if moved < 0 {
        // The limit of descriptors is low.
        return Ok(fd.into());
    }
    // SAFETY: the descriptor is new and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) }.into())
}

impl Debugger {
    /// Waits at `address` until a debugger connects. `tell` is told where that is. Error: nobody can connect there.
    pub fn wait(address: &Address, tell: impl FnOnce(&Address)) -> Result<Arc<Debugger>, Error> {
        let fail = |e: io::Error| Error::new(format!("-g {address}"), e.to_string());
        let connection = match address {
            Address::Port(port) => {
                let listener = TcpListener::bind(("127.0.0.1", *port)).map_err(fail)?;
                tell(&Address::Port(listener.local_addr().map_err(fail)?.port()));
                let (stream, _) = listener.accept().map_err(fail)?;
                stream.set_nodelay(true).map_err(fail)?;
                away(stream)
            }
            Address::Path(path) => {
                // One that an earlier run has left.
                if std::fs::symlink_metadata(path).is_ok_and(|m| m.file_type().is_socket()) {
                    let _ = std::fs::remove_file(path);
                }
                let listener = UnixListener::bind(path).map_err(fail)?;
                tell(address);
                let accepted = listener.accept();
                let _ = std::fs::remove_file(path);
                away(accepted.map_err(fail)?.0)
            }
        }
        .map_err(fail)?;
        let (bell, ear) = UnixStream::pair().map_err(fail)?;
        let (bell, ear) = (away(bell).map_err(fail)?, away(ear).map_err(fail)?);
        // A bell that rings already need not ring more.
        bell.set_nonblocking(true).map_err(fail)?;
        let descriptors = [connection.as_raw_fd(), bell.as_raw_fd(), ear.as_raw_fd()];
        Ok(Arc::new(Debugger {
            session: Arc::new(Session::new(bell)),
            ready: Mutex::new(Some((Connected(connection), ear))),
            descriptors,
            thread: Mutex::default(),
        }))
    }

    /// What the guest's threads deal with; `None` when there is no debugger any more.
    pub fn session(&self) -> Option<&Arc<Session>> {
        (!self.session.is_over()).then_some(&self.session)
    }

    /// Starts the debugger's thread, for a guest with these instructions.
    pub(crate) fn start(&self, isa: InsnSet) {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some((connection, ear)) = ready else { return };
        let session = self.session.clone();
        let serve = move || {
            block_signals();
            let target = Target::new(session.clone(), session.process(), registers::description(isa.spec()));
            serve(connection, ear, target);
        };
        match std::thread::Builder::new().name("debugger".into()).spawn(serve) {
            Ok(thread) => *self.thread.lock().unwrap_or_else(PoisonError::into_inner) = Some(thread),
            Err(e) => {
                log::error!("-g: {e}; the program runs without a debugger");
                self.session.detach(None);
            }
        }
    }

    /// The process has ended: tells the debugger, and waits until it knows.
    pub(crate) fn end(&self, exit: Exit) {
        self.session.end(exit);
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }

    /// In a child that the guest has forked: the debugger stays with the parent.
    pub(crate) fn leave_child(&self) {
        for fd in self.descriptors {
            // SAFETY: the descriptors are this process's copies; the thread that uses them is not in this process.
            unsafe { libc::close(fd) };
        }
    }
}

/// The guest's signals are for its own threads. Those of instructions stay open: an access to guest memory may be
/// overtaken by a thread that changes the mapping.
fn block_signals() {
    // SAFETY: the set is initialised before it is used.
    unsafe {
        let mut all: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&raw mut all);
        for signal in [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGTRAP] {
            libc::sigdelset(&raw mut all, signal);
        }
        libc::pthread_sigmask(libc::SIG_SETMASK, &raw const all, std::ptr::null_mut());
    }
}

type Machine<'a> = GdbStubStateMachine<'a, Target, Connected>;

/// Serves the debugger until it or the guest is gone.
fn serve(connection: Connected, mut ear: UnixStream, mut target: Target) {
    let session = target.session.clone();
    let line = connection.0.try_clone();
    // The buffer bounds the size of packets.
    let mut buffer = vec![0; 1 << 16];
    let stub = match GdbStub::builder(connection).with_packet_buffer(&mut buffer).build() {
        Ok(stub) => stub,
        Err(e) => {
            log::error!("-g: {e}");
            return session.detach(None);
        }
    };
    let reason = stub.run_state_machine(&mut target).map_err(|e| e.to_string()).and_then(|mut machine| {
        loop {
            machine = match turn(machine, &mut ear, &mut target) {
                Ok(Turn::On(machine)) => machine,
                Ok(Turn::Over(reason)) => return Ok(reason),
                Err(why) => return Err(why),
            };
        }
    });
    match reason {
        Ok(DisconnectReason::Kill) => {
            // GDB waits for an answer to `vKill`, and does not mind one to `k`. It may have gone.
            let _ = line.and_then(|mut line| Write::write_all(&mut line, b"$OK#9a"));
            session.detach(Some(Exit::Signal(libc::SIGKILL)));
        }
        Ok(_) => session.detach(None),
        Err(why) => {
            log::warn!("-g: the debugger is gone ({why}); the program goes on without it");
            session.detach(None);
        }
    }
}

enum Turn<'a> {
    On(Machine<'a>),
    Over(DisconnectReason),
}

/// Waits for one thing to happen, and deals with it. Error: the connection is of no use any more.
fn turn<'a>(machine: Machine<'a>, ear: &mut UnixStream, target: &mut Target) -> Result<Turn<'a>, String> {
    let next = match machine {
        GdbStubStateMachine::Disconnected(gone) => return Ok(Turn::Over(gone.get_reason())),
        GdbStubStateMachine::Idle(mut idle) => {
            let mut byte = [0];
            idle.borrow_conn().0.read_exact(&mut byte).map_err(|e| e.to_string())?;
            idle.incoming_data(target, byte[0])
        }
        GdbStubStateMachine::CtrlCInterrupt(machine) => {
            target.session.interrupt();
            machine.interrupt_handled(target, None::<MultiThreadStopReason<u64>>)
        }
        GdbStubStateMachine::Running(mut running) => match target.session.news() {
            Some(news) => running.report_stop(target, reason(news)),
            None => {
                let connection = &mut running.borrow_conn().0;
                let [debugger, bell] = wait(connection.as_raw_fd(), ear.as_raw_fd());
                if bell {
                    let _ = ear.read(&mut [0; 256]);
                }
                if debugger {
                    let mut byte = [0];
                    connection.read_exact(&mut byte).map_err(|e| e.to_string())?;
                    running.incoming_data(target, byte[0])
                } else {
                    Ok(running.into())
                }
            }
        },
    };
    next.map(Turn::On).map_err(|e| e.to_string())
}

/// Waits until one of two descriptors can be read, and says which can.
fn wait(a: RawFd, b: RawFd) -> [bool; 2] {
    let one = |fd| libc::pollfd { fd, events: libc::POLLIN, revents: 0 };
    let mut both = [one(a), one(b)];
    // SAFETY: the array has two entries.
    unsafe { libc::poll(both.as_mut_ptr(), 2, -1) };
    both.map(|p| p.revents != 0)
}

/// What `gdbstub` calls a stop, or the end.
fn reason(news: Result<(i32, Stop), Exit>) -> MultiThreadStopReason<u64> {
    let (tid, stop) = match news {
        Ok(report) => report,
        Err(Exit::Signal(signal)) => return MultiThreadStopReason::Terminated(signals::to_gdb(signal)),
        Err(exit) => return MultiThreadStopReason::Exited(exit.status() as u8),
    };
    let tid = Tid::new(tid as usize).unwrap_or(Tid::MIN);
    let signal = |signal| MultiThreadStopReason::SignalWithThread { tid, signal };
    match stop {
        Stop::Break => MultiThreadStopReason::SwBreak(tid),
        Stop::Watch(w) => {
            let kind = match w.kind {
                Watch::Write => WatchKind::Write,
                Watch::Read => WatchKind::Read,
                Watch::Access => WatchKind::ReadWrite,
            };
            MultiThreadStopReason::Watch { tid, kind, addr: w.addr }
        }
        Stop::Step | Stop::Exec => signal(Signal::SIGTRAP),
        Stop::Signal(number) => signal(signals::to_gdb(number)),
        Stop::Interrupted => signal(Signal::SIGINT),
    }
}
