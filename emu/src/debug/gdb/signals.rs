//! GDB's numbers of signals, which are the same for all systems, and Linux's.

use gdbstub::common::Signal;

/// GDB's numbers of Linux's signals 1 to 31; 143 is GDB's "unknown signal".
const STANDARD: [u8; 32] = [
    0, 1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, 143, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27,
    28, 23, 32, 12,
];

/// GDB's number of a Linux signal.
pub fn to_gdb(linux: i32) -> Signal {
    Signal(match linux {
        0..32 => STANDARD[linux as usize],
        32 => 77,
        33..64 => (linux - 33 + 45) as u8,
        64 => 78,
        _ => 143,
    })
}

/// The Linux signal with this number of GDB's; 0 when there is none.
pub fn to_linux(gdb: Signal) -> i32 {
    (1..=64).find(|&linux| to_gdb(linux) == gdb && gdb.0 != 143).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree() {
        let pairs = [
            (libc::SIGBUS, Signal::SIGBUS),
            (libc::SIGSEGV, Signal::SIGSEGV),
            (libc::SIGUSR1, Signal::SIGUSR1),
            (libc::SIGUSR2, Signal::SIGUSR2),
            (libc::SIGCHLD, Signal::SIGCHLD),
            (libc::SIGCONT, Signal::SIGCONT),
            (libc::SIGURG, Signal::SIGURG),
            (libc::SIGSYS, Signal::SIGSYS),
            (libc::SIGIO, Signal::SIGIO),
            (libc::SIGPWR, Signal::SIGPWR),
            (libc::SIGWINCH, Signal::SIGWINCH),
            (34, Signal::SIG34),
            (63, Signal::SIG63),
            (64, Signal::SIG64),
        ];
        for (linux, gdb) in pairs {
            assert_eq!(to_gdb(linux), gdb);
            assert_eq!(to_linux(gdb), linux);
        }
        assert_eq!(to_linux(Signal(143)), 0);
    }
}
