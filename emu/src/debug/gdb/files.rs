//! Files that the debugger reads through the connection, as the guest would find them: its program and libraries, and what
//! `/proc` says of it.

use super::target::Target;
use crate::linux::path::ProcFile;
use gdbstub::target::ext::host_io::{
    FsKind, HostIo, HostIoClose, HostIoCloseOps, HostIoErrno, HostIoError, HostIoFstat, HostIoFstatOps,
    HostIoOpen, HostIoOpenFlags, HostIoOpenMode, HostIoOpenOps, HostIoPread, HostIoPreadOps, HostIoReadlink,
    HostIoReadlinkOps, HostIoResult, HostIoSetfs, HostIoSetfsOps, HostIoStat,
};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, MetadataExt};

/// Most files that are open at a time.
const MOST: usize = 256;

/// Files that the debugger has open; its descriptors are places in here.
#[derive(Default)]
pub struct Files {
    open: Vec<Option<Open>>,
}

enum Open {
    File(File),
    /// What an emulated file says.
    Contents(Vec<u8>),
}

impl Files {
    fn add(&mut self, file: Open) -> Option<u32> {
        let at = match self.open.iter().position(Option::is_none) {
            Some(at) => at,
            None if self.open.len() < MOST => {
                self.open.push(None);
                self.open.len() - 1
            }
            None => return None,
        };
        self.open[at] = Some(file);
        Some(at as u32)
    }

    fn get(&self, fd: u32) -> Result<&Open, HostIoError<&'static str>> {
        self.open.get(fd as usize).and_then(Option::as_ref).ok_or(HostIoError::Errno(HostIoErrno::EBADF))
    }
}

impl HostIo for Target {
    fn support_open(&mut self) -> Option<HostIoOpenOps<'_, Self>> {
        Some(self)
    }

    fn support_close(&mut self) -> Option<HostIoCloseOps<'_, Self>> {
        Some(self)
    }

    fn support_pread(&mut self) -> Option<HostIoPreadOps<'_, Self>> {
        Some(self)
    }

    fn support_fstat(&mut self) -> Option<HostIoFstatOps<'_, Self>> {
        Some(self)
    }

    fn support_readlink(&mut self) -> Option<HostIoReadlinkOps<'_, Self>> {
        Some(self)
    }

    fn support_setfs(&mut self) -> Option<HostIoSetfsOps<'_, Self>> {
        Some(self)
    }
}

impl HostIoOpen for Target {
    fn open(
        &mut self,
        filename: &[u8],
        flags: HostIoOpenFlags,
        _mode: HostIoOpenMode,
    ) -> HostIoResult<u32, Self> {
        let writes = HostIoOpenFlags::O_WRONLY
            | HostIoOpenFlags::O_RDWR
            | HostIoOpenFlags::O_CREAT
            | HostIoOpenFlags::O_TRUNC;
        if flags.intersects(writes) {
            return Err(HostIoError::Errno(HostIoErrno::EROFS));
        }
        let opened = if filename.starts_with(b"/proc/") {
            let contents = proc_file(filename).and_then(|file| self.process.proc_contents(file));
            Open::Contents(contents.ok_or(HostIoError::Errno(HostIoErrno::ENOENT))?)
        } else {
            let path = self.process.config().sysroot.host(filename, true);
            let file = File::open(path)?;
            // Anything else might keep the debugger waiting.
            if !file.metadata()?.is_file() {
                return Err(HostIoError::Errno(HostIoErrno::EACCES));
            }
            Open::File(file)
        };
        self.files.add(opened).ok_or(HostIoError::Errno(HostIoErrno::EMFILE))
    }
}

impl HostIoClose for Target {
    fn close(&mut self, fd: u32) -> HostIoResult<(), Self> {
        self.files.get(fd)?;
        self.files.open[fd as usize] = None;
        Ok(())
    }
}

impl HostIoPread for Target {
    fn pread(&mut self, fd: u32, count: usize, offset: u64, buf: &mut [u8]) -> HostIoResult<usize, Self> {
        let n = count.min(buf.len());
        match self.files.get(fd)? {
            Open::File(file) => Ok(file.read_at(&mut buf[..n], offset)?),
            Open::Contents(bytes) => {
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                let n = n.min(bytes.len() - from);
                buf[..n].copy_from_slice(&bytes[from..from + n]);
                Ok(n)
            }
        }
    }
}

impl HostIoFstat for Target {
    fn fstat(&mut self, fd: u32) -> HostIoResult<HostIoStat, Self> {
        let m = match self.files.get(fd)? {
            Open::File(file) => file.metadata()?,
            // As the kernel does for its files: they are as long as they turn out to be.
            Open::Contents(_) => std::fs::metadata("/proc/self/maps")?,
        };
        Ok(HostIoStat {
            st_dev: m.dev() as u32,
            st_ino: m.ino() as u32,
            st_mode: HostIoOpenMode::from_bits_truncate(m.mode()),
            st_nlink: m.nlink() as u32,
            st_uid: m.uid(),
            st_gid: m.gid(),
            st_rdev: m.rdev() as u32,
            st_size: m.size(),
            st_blksize: m.blksize(),
            st_blocks: m.blocks(),
            st_atime: m.atime() as u32,
            st_mtime: m.mtime() as u32,
            st_ctime: m.ctime() as u32,
        })
    }
}

/// The file of the guest's that a path under `/proc` means. The debugger knows one process, whatever its number.
fn proc_file(path: &[u8]) -> Option<ProcFile> {
    let mut parts = path.strip_prefix(b"/proc/")?.split(|&b| b == b'/');
    let is_number = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let name = match [(); 4].map(|()| parts.next()) {
        [Some(pid), Some(name), None, None] if is_number(pid) => name,
        [Some(pid), Some(b"task"), Some(tid), Some(name)] if is_number(pid) && is_number(tid) => name,
        _ => return None,
    };
    ProcFile::of_process(name)
}

impl HostIoReadlink for Target {
    fn readlink(&mut self, filename: &[u8], buf: &mut [u8]) -> HostIoResult<usize, Self> {
        let link = if filename.starts_with(b"/proc/") {
            match proc_file(filename) {
                Some(ProcFile::Exe) => self.process.program().exe.clone(),
                _ => return Err(HostIoError::Errno(HostIoErrno::ENOENT)),
            }
        } else {
            std::fs::read_link(self.process.config().sysroot.host(filename, false))?
        };
        let bytes = link.as_os_str().as_bytes();
        let n = bytes.len().min(buf.len());
        buf[..n].copy_from_slice(&bytes[..n]);
        Ok(n)
    }
}

impl HostIoSetfs for Target {
    fn setfs(&mut self, _fs: FsKind) -> HostIoResult<(), Self> {
        Ok(())
    }
}
