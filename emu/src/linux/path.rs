//! Path names: the sysroot, and the files of `/proc` that must tell of the guest instead of the emulator.

use super::sandbox::HostPath;
use super::{Process, Task};
use crate::errno::Errno;
use crate::isa_string;
use crate::memory::{EXEC, READ, WRITE};
use std::ffi::{CString, OsStr};
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Longest path in bytes, the terminating zero included (`PATH_MAX`).
const PATH_MAX: u64 = 4096;

/// What a path under `/proc` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcFile {
    /// The program.
    Exe,
    /// The mappings.
    Maps,
    /// The arguments.
    Cmdline,
    /// The environment at the start.
    Environ,
    /// The auxiliary vector.
    Auxv,
    /// Numbers about the process.
    Stat,
    /// The same in words.
    Status,
    /// The processors.
    CpuInfo,
    /// What would show the emulator's own memory.
    Denied,
}

impl ProcFile {
    /// The file with this name in a directory `/proc/PID` of the guest.
    pub(crate) fn of_process(name: &[u8]) -> Option<ProcFile> {
        match name {
            b"exe" => Some(ProcFile::Exe),
            b"maps" => Some(ProcFile::Maps),
            b"cmdline" => Some(ProcFile::Cmdline),
            b"environ" => Some(ProcFile::Environ),
            b"auxv" => Some(ProcFile::Auxv),
            b"stat" => Some(ProcFile::Stat),
            b"status" => Some(ProcFile::Status),
            b"mem" | b"pagemap" | b"smaps" | b"smaps_rollup" | b"numa_maps" => Some(ProcFile::Denied),
            _ => None,
        }
    }
}

impl Process {
    /// Contents of an emulated file, if they are the same whoever reads it.
    pub(crate) fn proc_contents(&self, file: ProcFile) -> Option<Vec<u8>> {
        let program = self.program();
        match file {
            ProcFile::Maps => Some(self.maps().into_bytes()),
            ProcFile::Cmdline => {
                Some(program.args.iter().flat_map(|a| [a.as_bytes(), b"\0"].concat()).collect())
            }
            ProcFile::Environ => {
                let pair = |(name, value): &(std::ffi::OsString, std::ffi::OsString)| {
                    [name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat()
                };
                Some(program.env.iter().flat_map(pair).collect())
            }
            ProcFile::Auxv => Some(program.auxv.clone()),
            ProcFile::Exe | ProcFile::Denied | ProcFile::Stat | ProcFile::Status | ProcFile::CpuInfo => None,
        }
    }

    /// `/proc/self/maps` (proc(5)).
    fn maps(&self) -> String {
        let mut out = String::new();
        for (start, vma) in self.lock_space().mappings() {
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

impl Task {
    /// The path at `addr`, as the guest wrote it. Errors: `EFAULT`, `ENAMETOOLONG`.
    pub(super) fn guest_path(&self, addr: u64) -> Result<Vec<u8>, Errno> {
        match self.ram.read_cstr(addr, PATH_MAX) {
            Ok(path) => Ok(path),
            Err(bad) if bad == addr.wrapping_add(PATH_MAX) => Err(Errno::NAMETOOLONG),
            Err(_) => Err(Errno::FAULT),
        }
    }

    /// The host path for the path at `addr`, whose last part is followed if it is a symbolic link.
    pub(super) fn path(&self, addr: u64) -> Result<HostPath, Errno> {
        self.path_at(libc::AT_FDCWD as u64, addr, true)
    }

    /// As [`Task::path`], for a call that takes the path to be relative to the descriptor `dir`; `follow`: whether a symbolic link at
    /// the end is followed.
    pub(super) fn path_at(&self, dir: u64, addr: u64, follow: bool) -> Result<HostPath, Errno> {
        let path = self.guest_path(addr)?;
        self.host_path(dir, &path, follow)
    }

    /// The host path for a guest path: under the sysroot if it exists there, the program for
    /// `/proc/self/exe`. Error `EACCES`: the sandbox does not allow it.
    pub(super) fn host_path(&self, dir: u64, path: &[u8], follow: bool) -> Result<HostPath, Errno> {
        let host = match (self.proc_file(path), &self.process.config.sandbox) {
            (Some(ProcFile::Exe), _) => self.process.program().exe.clone(),
            (Some(ProcFile::Denied), _) => return Err(Errno(libc::EACCES)),
            (_, Some(sandbox)) => return self.sandboxed_path(sandbox, dir, path, follow),
            (_, None) => self.process.config.sysroot.host(path, follow),
        };
        Ok(CString::new(host.as_os_str().as_bytes()).map_err(|_| Errno::INVAL)?.into())
    }

    /// Whether a path is one of the emulated files of `/proc`.
    pub(super) fn proc_file(&self, path: &[u8]) -> Option<ProcFile> {
        let rest = path.strip_prefix(b"/proc/")?;
        if rest == b"cpuinfo" {
            return Some(ProcFile::CpuInfo);
        }
        let (who, rest) = rest.split_at(rest.iter().position(|&b| b == b'/')?);
        let own = matches!(who, b"self" | b"thread-self") || {
            let number = std::str::from_utf8(who).ok().and_then(|n| n.parse::<i32>().ok());
            number.is_some_and(|n| n == self.pid() || n == std::process::id() as i32)
        };
        if !own {
            return None;
        }
        ProcFile::of_process(&rest[1..])
    }

    /// Contents of an emulated file.
    pub(super) fn proc_contents(&self, file: ProcFile) -> Vec<u8> {
        match file {
            ProcFile::Stat => self.stat_line(self.process.program().stack).into_bytes(),
            ProcFile::Status => self.status().into_bytes(),
            ProcFile::CpuInfo => self.cpu_info().into_bytes(),
            _ => self.process.proc_contents(file).unwrap_or_default(),
        }
    }

    /// Size of all mappings in bytes.
    fn mapped_size(&self) -> u64 {
        self.process.lock_space().mappings().map(|(start, vma)| vma.end - start).sum()
    }

    /// The name as `/proc` shows it.
    fn comm(&self) -> String {
        let end = self.name.iter().position(|&b| b == 0).unwrap_or(self.name.len());
        String::from_utf8_lossy(&self.name[..end]).into_owned()
    }

    /// `/proc/self/stat`: the host's, with the guest's numbers where they differ (proc(5), "/proc/pid/stat").
    fn stat_line(&self, stack: u64) -> String {
        let host = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
        let fields = host.rsplit_once(") ").map_or("", |(_, fields)| fields).trim_end();
        // The first of these is field 3.
        let mut fields: Vec<String> = fields.split(' ').map(str::to_owned).collect();
        fields.resize(50, "0".into());
        fields[23 - 3] = self.mapped_size().to_string();
        for unknown in [26, 27, 29, 30, 45, 46, 47, 48, 49, 50, 51] {
            fields[unknown - 3] = "0".into();
        }
        fields[28 - 3] = stack.to_string();
        format!("{} ({}) {}\n", self.pid(), self.comm(), fields.join(" "))
    }

    /// `/proc/self/status`: the host's, with the guest's name and size.
    fn status(&self) -> String {
        let host = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let size = self.mapped_size() >> 10;
        let mut out = String::new();
        for line in host.lines() {
            let (key, value) = line.split_once(':').unwrap_or((line, ""));
            // Writing to a string cannot fail.
            let _ = match key {
                "Name" => writeln!(out, "Name:\t{}", self.comm()),
                "Tgid" | "Pid" => writeln!(out, "{key}:\t{}", self.pid()),
                "VmPeak" | "VmSize" => writeln!(out, "{key}:\t{size:>8} kB"),
                _ => writeln!(out, "{key}:{value}"),
            };
        }
        out
    }

    /// `/proc/cpuinfo` as riscv64 Linux writes it.
    fn cpu_info(&self) -> String {
        let cpus = if self.is_deterministic() {
            1
        } else {
            std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
        };
        let isa = isa_string::isa_string();
        let mut out = String::new();
        for n in 0..cpus {
            // Writing to a string cannot fail.
            let _ = write!(
                out,
                "processor\t: {n}\nhart\t\t: {n}\nisa\t\t: {isa}\nmmu\t\t: sv39\nuarch\t\t: mj\nmvendorid\t: 0x0\nmarchid\t\t: 0x0\nmimpid\t\t: 0x0\nhart isa\t: {isa}\n\n"
            );
        }
        out
    }

    /// What the guest calls a host path that the kernel gave.
    pub(super) fn guest_name(&self, host: &[u8]) -> Vec<u8> {
        let name = self.process.config.sysroot.guest_name(Path::new(OsStr::from_bytes(host)));
        name.as_os_str().as_bytes().to_vec()
    }
}
