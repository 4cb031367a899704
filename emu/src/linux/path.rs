//! Path names: the sysroot, and the few files of `/proc` that must tell of the guest instead of the emulator.

use super::Process;
use crate::errno::Errno;
use crate::memory::{EXEC, READ, WRITE};
use std::ffi::{CString, OsStr};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Longest path in bytes, the terminating zero included (`PATH_MAX`).
const PATH_MAX: u64 = 4096;

/// What a path under `/proc/self` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProcFile {
    /// The program.
    Exe,
    /// The mappings.
    Maps,
    /// The arguments.
    Cmdline,
}

impl Process {
    /// The path at `addr`, as the guest wrote it. Errors: `EFAULT`, `ENAMETOOLONG`.
    pub(super) fn guest_path(&self, addr: u64) -> Result<Vec<u8>, Errno> {
        match self.space.ram().read_cstr(addr, PATH_MAX) {
            Ok(path) => Ok(path),
            Err(bad) if bad == addr.wrapping_add(PATH_MAX) => Err(Errno::NAMETOOLONG),
            Err(_) => Err(Errno::FAULT),
        }
    }

    /// The host path for the path at `addr`.
    pub(super) fn path(&self, addr: u64) -> Result<CString, Errno> {
        let path = self.guest_path(addr)?;
        self.host_path(&path)
    }

    /// The host path for a guest path: under the sysroot if it exists there, the program for
    /// `/proc/self/exe`.
    pub(super) fn host_path(&self, path: &[u8]) -> Result<CString, Errno> {
        let c = |bytes: &[u8]| CString::new(bytes).map_err(|_| Errno::INVAL);
        if self.proc_file(path) == Some(ProcFile::Exe) {
            return c(self.config.exe.as_os_str().as_bytes());
        }
        if let (Some(root), Some(relative)) = (&self.config.sysroot, path.strip_prefix(b"/")) {
            let inside = root.join(Path::new(OsStr::from_bytes(relative)));
            if inside.symlink_metadata().is_ok() {
                return c(inside.as_os_str().as_bytes());
            }
        }
        c(path)
    }

    /// Whether a path is one of the emulated files of `/proc`.
    pub(super) fn proc_file(&self, path: &[u8]) -> Option<ProcFile> {
        let rest = path.strip_prefix(b"/proc/")?;
        let pid = self.pid().to_string();
        let rest = rest
            .strip_prefix(b"self/")
            .or_else(|| rest.strip_prefix(b"thread-self/"))
            .or_else(|| rest.strip_prefix(pid.as_bytes())?.strip_prefix(b"/"))?;
        match rest {
            b"exe" => Some(ProcFile::Exe),
            b"maps" => Some(ProcFile::Maps),
            b"cmdline" => Some(ProcFile::Cmdline),
            _ => None,
        }
    }

    /// Contents of an emulated file.
    pub(super) fn proc_contents(&self, file: ProcFile) -> Vec<u8> {
        match file {
            ProcFile::Exe => Vec::new(),
            ProcFile::Maps => self.maps().into_bytes(),
            ProcFile::Cmdline => {
                self.config.args.iter().flat_map(|a| [a.as_bytes(), b"\0"].concat()).collect()
            }
        }
    }

    /// `/proc/self/maps` (proc(5)).
    fn maps(&self) -> String {
        let mut out = String::new();
        for (start, vma) in self.space.mappings() {
            let flag = |bit, c| if vma.prot & bit != 0 { c } else { '-' };
            let (r, w, x) = (flag(READ, 'r'), flag(WRITE, 'w'), flag(EXEC, 'x'));
            let share = if vma.shared { 's' } else { 'p' };
            let line = format!("{start:08x}-{:08x} {r}{w}{x}{share} {:08x} 00:00 0", vma.end, vma.offset);
            // Writing to a string cannot fail.
            let _ = if vma.name.is_empty() {
                writeln!(out, "{line}")
            } else {
                writeln!(out, "{line:<72} {}", vma.name)
            };
        }
        out
    }
}
