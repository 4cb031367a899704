//! The initial stack of a Linux process: argument and environment strings, their pointer arrays, and the
//! auxiliary vector.

use super::elf::Image;
use crate::error::Error;
use crate::memory::{PAGE, Ram};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

const AT_PHDR: u64 = 3;
const AT_PHENT: u64 = 4;
const AT_PHNUM: u64 = 5;
const AT_PAGESZ: u64 = 6;
const AT_BASE: u64 = 7;
const AT_FLAGS: u64 = 8;
const AT_ENTRY: u64 = 9;
const AT_UID: u64 = 11;
const AT_EUID: u64 = 12;
const AT_GID: u64 = 13;
const AT_EGID: u64 = 14;
const AT_HWCAP: u64 = 16;
const AT_CLKTCK: u64 = 17;
const AT_SECURE: u64 = 23;
const AT_RANDOM: u64 = 25;
const AT_EXECFN: u64 = 31;
const AT_SYSINFO_EHDR: u64 = 33;
const AT_MINSIGSTKSZ: u64 = 51;

/// What goes onto the stack.
pub struct StackInput<'a> {
    /// `argv`, `argv[0]` first.
    pub args: &'a [OsString],
    /// Environment.
    pub env: &'a [(OsString, OsString)],
    /// `AT_EXECFN`.
    pub program: &'a [u8],
    /// `AT_RANDOM`.
    pub random: [u8; 16],
    /// Real and effective user and group: uid, euid, gid, egid.
    pub ids: [u64; 4],
    /// `AT_MINSIGSTKSZ`: size of a signal frame.
    pub signal_frame: u64,
    /// `AT_HWCAP`: one bit for each single-letter extension.
    pub hwcap: u64,
    /// `AT_BASE`: where the program interpreter is; 0 without one.
    pub interp_base: u64,
    /// `AT_SYSINFO_EHDR`: where the vDSO is.
    pub vdso: u64,
}

/// A finished stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Stack pointer at the program's start.
    pub sp: u64,
    /// The auxiliary vector, as `/proc/self/auxv` shows it.
    pub auxv: Vec<u8>,
}

/// Writes the stack below `top`; its stack pointer is 16-byte aligned. At most a quarter of
/// `size` bytes may be used for it.
///
/// Error: the arguments and the environment do not fit.
pub fn build(ram: &Ram, top: u64, size: u64, image: &Image, input: &StackInput<'_>) -> Result<Stack, Error> {
    let mut strings = Vec::new();
    let mut place = |bytes: &[u8]| {
        let at = strings.len() as u64;
        strings.extend_from_slice(bytes);
        strings.push(0);
        at
    };
    let argv: Vec<u64> = input.args.iter().map(|a| place(a.as_bytes())).collect();
    let envp: Vec<u64> = input
        .env
        .iter()
        .map(|(name, value)| place(&[name.as_bytes(), b"=", value.as_bytes()].concat()))
        .collect();
    let execfn = place(input.program);
    let strings_at = (top - 16 - strings.len() as u64) & !15;
    let random_at = strings_at - 16;

    let auxv = [
        (AT_SYSINFO_EHDR, input.vdso),
        (AT_PHDR, image.phdr),
        (AT_PHENT, image.phentsize),
        (AT_PHNUM, image.phnum),
        (AT_PAGESZ, PAGE),
        (AT_BASE, input.interp_base),
        (AT_FLAGS, 0),
        (AT_ENTRY, image.entry),
        (AT_UID, input.ids[0]),
        (AT_EUID, input.ids[1]),
        (AT_GID, input.ids[2]),
        (AT_EGID, input.ids[3]),
        (AT_HWCAP, input.hwcap),
        (AT_CLKTCK, 100),
        (AT_SECURE, 0),
        (AT_RANDOM, random_at),
        (AT_EXECFN, strings_at + execfn),
        (AT_MINSIGSTKSZ, input.signal_frame),
        (0, 0),
    ];
    let mut words = vec![argv.len() as u64];
    words.extend(argv.iter().map(|at| strings_at + at));
    words.push(0);
    words.extend(envp.iter().map(|at| strings_at + at));
    words.push(0);
    words.extend(auxv.iter().flat_map(|&(key, value)| [key, value]));

    let used = strings.len() as u64 + words.len() as u64 * 8 + 64;
    if used > size / 4 {
        let message = format!("arguments and environment take {used} bytes, the stack has {size}");
        return Err(Error::new("stack", message));
    }
    let sp = (random_at - words.len() as u64 * 8) & !15;
    let words: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let unmapped = |bad: u64| Error::new("stack", format!("no memory at {bad:#x}"));
    ram.poke(strings_at, &strings).map_err(unmapped)?;
    ram.poke(random_at, &input.random).map_err(unmapped)?;
    ram.poke(sp, &words).map_err(unmapped)?;
    let auxv = auxv.iter().flat_map(|&(key, value)| [key, value]).flat_map(u64::to_le_bytes).collect();
    Ok(Stack { sp, auxv })
}
