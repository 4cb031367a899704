//! `execve`: riscv64 programs and scripts for them stay in the emulator, anything else is the host's.

use super::path::ProcFile;
use super::sandbox::Access;
use super::{Args, Exec, Flow, Task, host, host_call};
use crate::errno::Errno;
use libc::c_int;
use std::ffi::{CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// Most bytes of arguments and environment.
const ARG_MAX: usize = 2 << 20;

impl Task {
    /// `execveat`: directory, path, arguments, environment, flags.
    pub(super) fn execve(&mut self, a: Args) -> Result<Flow, Errno> {
        let [dir, path, args, env, flags, _] = a;
        self.access = Access::Read;
        let name = self.guest_path(path)?;
        let args = self.string_array(args)?;
        let env = self.string_array(env)?;
        let file = self.executable(dir as c_int, &name, flags as c_int)?;
        let c_file = CString::new(file.as_os_str().as_bytes()).map_err(|_| Errno::INVAL)?;
        host_call!(SYS_faccessat, libc::AT_FDCWD, c_file.as_ptr(), libc::X_OK)?;
        if std::fs::metadata(&file)?.is_dir() {
            return Err(Errno(libc::EACCES));
        }
        let name = OsString::from_vec(name);
        let sandbox = self.process.config.sandbox.clone();
        if let Some(program) = self.process.config.sysroot.resolve(&file, &name, &args)? {
            if sandbox.is_some_and(|sandbox| !sandbox.may_read(&program.file)) {
                return Err(Errno(libc::EACCES));
            }
            crate::machine::check(&program.file).map_err(|_| Errno(libc::ENOEXEC))?;
            let pair = |v: OsString| {
                let bytes = v.as_bytes();
                let eq = bytes.iter().position(|&b| b == b'=').unwrap_or(bytes.len());
                let value = bytes.get(eq + 1..).unwrap_or_default();
                (OsStr::from_bytes(&bytes[..eq]).to_owned(), OsStr::from_bytes(value).to_owned())
            };
            let env = env.into_iter().map(pair).collect();
            return Ok(Flow::Exec(Box::new(Exec { file: program.file, name, args: program.args, env })));
        }
        if sandbox.is_some() {
            return Err(Errno(libc::EACCES));
        }
        Err(self.exec_on_host(&c_file, &args, &env))
    }

    /// Host path of the program.
    fn executable(&self, dir: c_int, name: &[u8], flags: c_int) -> Result<PathBuf, Errno> {
        if name.is_empty() && flags & libc::AT_EMPTY_PATH != 0 {
            return Ok(std::fs::read_link(format!("/proc/self/fd/{dir}"))?);
        }
        if name.is_empty() {
            return Err(Errno::NOENT);
        }
        if self.process.config.sandbox.is_some() && self.proc_file(name).is_none() {
            // A path in `/proc/self/fd`: it says where the file is.
            let path = self.host_path(dir as u64, name, true)?;
            return Ok(std::fs::read_link(OsStr::from_bytes(path.to_bytes()))?);
        }
        if self.proc_file(name) == Some(ProcFile::Exe) {
            return Ok(self.process.program().exe.clone());
        }
        if dir != libc::AT_FDCWD && name[0] != b'/' {
            return Ok(Path::new(&format!("/proc/self/fd/{dir}")).join(OsStr::from_bytes(name)));
        }
        Ok(self.process.config.sysroot.host(name, true))
    }

    /// Hands the process over to a program of the host. Comes back only with an error.
    fn exec_on_host(&mut self, file: &CString, args: &[OsString], env: &[OsString]) -> Errno {
        let c = |list: &[OsString]| -> Result<Vec<CString>, Errno> {
            list.iter().map(|s| CString::new(s.as_bytes()).map_err(|_| Errno::INVAL)).collect()
        };
        let (args, env) = match (c(args), c(env)) {
            (Ok(args), Ok(env)) => (args, env),
            _ => return Errno::INVAL,
        };
        let pointers = |list: &[CString]| -> Vec<*const libc::c_char> {
            list.iter().map(|s| s.as_ptr()).chain([std::ptr::null()]).collect()
        };
        let (args, env) = (pointers(&args), pointers(&env));
        // What the emulator does about SIGPIPE is its own affair.
        let pipe = self.host_ignores_pipe();
        if !pipe {
            host::set_action(libc::SIGPIPE, host::HostAction::Default);
        }
        let result = host_call!(SYS_execve, file.as_ptr(), args.as_ptr(), env.as_ptr());
        if !pipe {
            host::set_action(libc::SIGPIPE, host::HostAction::Ignore);
        }
        result.err().unwrap_or(Errno::NOENT)
    }

    /// A null-terminated array of strings. Errors: `EFAULT`, `E2BIG`.
    fn string_array(&self, addr: u64) -> Result<Vec<OsString>, Errno> {
        let mut list = Vec::new();
        let mut total = 0;
        if addr == 0 {
            return Ok(list);
        }
        loop {
            let [ptr] = self.get_words(addr.wrapping_add(8 * list.len() as u64))?;
            if ptr == 0 {
                return Ok(list);
            }
            let text = self.ram.read_cstr(ptr, ARG_MAX as u64)?;
            total += text.len() + 9;
            if total > ARG_MAX {
                return Err(Errno(libc::E2BIG));
            }
            list.push(OsString::from_vec(text));
        }
    }
}
