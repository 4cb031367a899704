//! The sysroot: a directory that stands in for the root of the guest's file system.
//!
//! An absolute path that exists under it means the file there; any other path means the host's. Symbolic links
//! are followed as if the sysroot were the root, so that an unpacked distribution works with its absolute links.
//! Directories that belong to the running system (`/proc`, `/dev`, …) are always the host's.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

/// Most symbolic links in one path (as Linux has it).
const MAX_LINKS: usize = 40;

/// Directories under the root that are the host's even when the sysroot has one of the name.
const HOSTS_OWN: [&str; 5] = ["proc", "dev", "sys", "tmp", "run"];

/// Directories that are links to the one under `usr` on merged systems; packages that are unpacked without their base lack the link.
const MERGED: [&str; 4] = ["bin", "sbin", "lib", "lib64"];

/// Where absolute guest paths are looked for.
#[derive(Clone, Debug, Default)]
pub struct Sysroot {
    root: Option<PathBuf>,
}

impl Sysroot {
    /// The directory `root`, or none. A root of `/` is none.
    pub fn new(root: Option<&Path>) -> Sysroot {
        let root = root.map(|r| r.canonicalize().unwrap_or_else(|_| r.to_owned()));
        Sysroot { root: root.filter(|r| r != Path::new("/")) }
    }

    /// The host path of an absolute guest path that exists under the sysroot; `None` when it does not, or when the
    /// path is relative. `follow`: whether a symbolic link at the end is followed.
    pub fn find(&self, path: &[u8], follow: bool) -> Option<PathBuf> {
        let root = self.root.as_ref()?;
        if path.first() != Some(&b'/') {
            return None;
        }
        // What is still to be walked, last part first.
        let mut rest: Vec<OsString> = Vec::new();
        push_parts(&mut rest, Path::new(OsStr::from_bytes(path)));
        if rest.last().is_some_and(|first| HOSTS_OWN.iter().any(|own| first == own)) {
            return None;
        }
        let mut at = root.clone();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            if part == ".." {
                if at != *root {
                    at.pop();
                }
                continue;
            }
            let mut next = at.join(&part);
            let mut meta = next.symlink_metadata();
            if meta.is_err() && at == *root && MERGED.iter().any(|m| part == *m) {
                next = at.join("usr").join(&part);
                meta = next.symlink_metadata();
            }
            let meta = meta.ok()?;
            if !meta.is_symlink() || (rest.is_empty() && !follow) {
                at = next;
                continue;
            }
            links += 1;
            if links > MAX_LINKS {
                return None;
            }
            let target = std::fs::read_link(&next).ok()?;
            if target.is_absolute() {
                if target
                    .components()
                    .nth(1)
                    .is_some_and(|c| HOSTS_OWN.iter().any(|own| c.as_os_str() == *own))
                {
                    let tail: PathBuf = rest.iter().rev().collect();
                    return Some(target.join(tail));
                }
                at.clone_from(root);
            }
            push_parts(&mut rest, &target);
        }
        Some(at)
    }

    /// The host path of a guest path: under the sysroot if it exists there, else the path itself. A path that exists
    /// on neither side is where it can be made: under the sysroot if only that has the directory.
    pub fn host(&self, path: &[u8], follow: bool) -> PathBuf {
        if let Some(found) = self.find(path, follow) {
            return found;
        }
        let itself = PathBuf::from(OsStr::from_bytes(path));
        if self.root.is_some()
            && let (Some(parent), Some(name)) = (itself.parent(), itself.file_name())
            && itself.is_absolute()
            && !parent.exists()
            && let Some(inside) = self.find(parent.as_os_str().as_bytes(), true)
        {
            return inside.join(name);
        }
        itself
    }

    /// What the guest calls a host file: without the sysroot.
    pub fn guest_name(&self, host: &Path) -> PathBuf {
        match self.root.as_ref().and_then(|root| host.strip_prefix(root).ok()) {
            Some(inside) => Path::new("/").join(inside),
            None => host.to_owned(),
        }
    }

    /// The host path of a program that a user names: an absolute path as the guest would see it, a path with a
    /// slash as the host has it, and a bare name as the host has it or else in the directories of `search` (the
    /// guest's `PATH`) under the sysroot.
    pub fn program(&self, name: &Path, search: Option<&OsStr>) -> PathBuf {
        if name.is_absolute() {
            return self.host(name.as_os_str().as_bytes(), true);
        }
        let bare =
            name.components().count() == 1 && matches!(name.components().next(), Some(Component::Normal(_)));
        if self.root.is_none() || !bare || name.exists() {
            return name.to_owned();
        }
        let default = OsStr::new("/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin");
        let dirs = [search.unwrap_or(default), default];
        let found = dirs.iter().flat_map(|list| std::env::split_paths(list)).find_map(|dir| {
            self.find(dir.join(name).as_os_str().as_bytes(), true).filter(|file| file.is_file())
        });
        found.unwrap_or_else(|| name.to_owned())
    }
}

/// Puts the parts of a path onto the stack `rest`, so that the first is taken first.
fn push_parts(rest: &mut Vec<OsString>, path: &Path) {
    let parts: Vec<OsString> = path
        .components()
        .filter(|c| matches!(c, Component::Normal(_) | Component::ParentDir))
        .map(|c| c.as_os_str().to_owned())
        .collect();
    rest.extend(parts.into_iter().rev());
}

/// What kind of program a file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A 64-bit little-endian RISC-V ELF file.
    Guest,
    /// A script: its interpreter, and the one argument that may follow it.
    Script(OsString, Option<OsString>),
    /// Something else: the host may know it.
    Other,
}

/// Looks at the beginning of a file (execve(2), "Interpreter scripts"). Error: it cannot be read.
pub fn kind(file: &Path) -> io::Result<Kind> {
    use io::Read;
    let mut head = Vec::with_capacity(256);
    std::fs::File::open(file)?.take(256).read_to_end(&mut head)?;
    if head.len() >= 20 && head[..6] == *b"\x7fELF\x02\x01" && head[18..20] == 243u16.to_le_bytes() {
        return Ok(Kind::Guest);
    }
    let Some(line) = head.strip_prefix(b"#!") else { return Ok(Kind::Other) };
    let line = line.split(|&b| b == b'\n').next().unwrap_or_default().trim_ascii();
    let end = line.iter().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(line.len());
    let (interpreter, argument) = (&line[..end], line[end..].trim_ascii());
    if interpreter.is_empty() {
        return Ok(Kind::Other);
    }
    let os = |bytes: &[u8]| OsStr::from_bytes(bytes).to_owned();
    Ok(Kind::Script(os(interpreter), (!argument.is_empty()).then(|| os(argument))))
}

/// A program that the emulator can load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// Host path of the ELF file.
    pub file: PathBuf,
    /// `argv`: with the interpreter's own arguments in front when a script was asked for.
    pub args: Vec<OsString>,
}

impl Sysroot {
    /// Follows interpreter lines from `file` (a host path), which was asked for by the guest path `name`, to a riscv64 program.
    /// `None` when it ends at something else. Errors: a file cannot be read; `ELOOP`.
    pub fn resolve(&self, file: &Path, name: &OsStr, args: &[OsString]) -> io::Result<Option<Program>> {
        let mut program = Program { file: file.to_owned(), args: args.to_vec() };
        let mut name = name.to_owned();
        for _ in 0..5 {
            match kind(&program.file)? {
                Kind::Guest => return Ok(Some(program)),
                Kind::Other => return Ok(None),
                Kind::Script(interpreter, argument) => {
                    program.file = self.host(interpreter.as_bytes(), true);
                    let tail = program.args.split_off(program.args.len().min(1));
                    program.args = std::iter::once(interpreter.clone()).chain(argument).collect();
                    program.args.push(std::mem::replace(&mut name, interpreter));
                    program.args.extend(tail);
                }
            }
        }
        Err(io::Error::from_raw_os_error(libc::ELOOP))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn tree(name: &str) -> PathBuf {
        let dir = std::env::temp_dir().join(format!("mj-sysroot-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(dir.join("usr/bin")).expect("a directory");
        std::fs::create_dir_all(dir.join("etc/alternatives")).expect("a directory");
        std::fs::create_dir_all(dir.join("tmp")).expect("a directory");
        dir.canonicalize().expect("it is there")
    }

    #[test]
    fn links_stay_inside() {
        let dir = tree("links");
        std::fs::write(dir.join("usr/bin/mawk"), "x").expect("a file");
        symlink("/usr/bin/mawk", dir.join("etc/alternatives/awk")).expect("a link");
        symlink("/etc/alternatives/awk", dir.join("usr/bin/awk")).expect("a link");
        symlink("loop", dir.join("usr/bin/loop")).expect("a link");
        symlink("../../../../../usr", dir.join("etc/up")).expect("a link");
        let root = Sysroot::new(Some(&dir));
        let find = |path: &str, follow| root.find(path.as_bytes(), follow);
        assert_eq!(find("/usr/bin/awk", true), Some(dir.join("usr/bin/mawk")));
        assert_eq!(find("/usr/bin/awk", false), Some(dir.join("usr/bin/awk")));
        // No base package: `/bin` is found under `usr`.
        assert_eq!(find("/bin/awk", true), Some(dir.join("usr/bin/mawk")));
        assert_eq!(find("/etc/up/bin/mawk", true), Some(dir.join("usr/bin/mawk")));
        assert_eq!(find("/../usr/./bin/mawk", true), Some(dir.join("usr/bin/mawk")));
        assert_eq!(find("/usr/bin/loop", true), None);
        assert_eq!(find("/tmp", true), None, "the host's own");
        assert_eq!(find("usr/bin/mawk", true), None, "relative");
        std::fs::create_dir(dir.join("usr/only-here")).expect("a directory");
        assert_eq!(root.host(b"/usr/only-here/new", true), dir.join("usr/only-here/new"));
        assert_eq!(root.host(b"/usr/new", true), Path::new("/usr/new"));
        assert_eq!(root.guest_name(&dir.join("usr/bin/mawk")), Path::new("/usr/bin/mawk"));
        assert_eq!(root.program(Path::new("awk"), None), dir.join("usr/bin/mawk"));
        std::fs::remove_dir_all(&dir).expect("removed");
    }

    #[test]
    fn interpreter_lines() {
        let dir = tree("scripts");
        let mut elf = b"\x7fELF\x02\x01".to_vec();
        elf.resize(64, 0);
        elf[18] = 243;
        std::fs::write(dir.join("usr/bin/awk"), &elf).expect("a file");
        std::fs::write(dir.join("usr/bin/s"), "#! /usr/bin/awk  -f \nBEGIN {}\n").expect("a file");
        std::fs::write(dir.join("usr/bin/self"), "#!/usr/bin/self\n").expect("a file");
        let root = Sysroot::new(Some(&dir));
        let args: Vec<OsString> = ["me", "a", "b"].map(OsString::from).to_vec();
        let got = root.resolve(&dir.join("usr/bin/s"), OsStr::new("/usr/bin/s"), &args).expect("readable");
        let got = got.expect("a program");
        assert_eq!(got.file, dir.join("usr/bin/awk"));
        assert_eq!(got.args, ["/usr/bin/awk", "-f", "/usr/bin/s", "a", "b"]);
        assert!(root.resolve(&dir.join("usr/bin/self"), OsStr::new("x"), &args).is_err());
        std::fs::write(dir.join("usr/bin/text"), "hello").expect("a file");
        assert_eq!(root.resolve(&dir.join("usr/bin/text"), OsStr::new("x"), &args).expect("readable"), None);
        std::fs::remove_dir_all(&dir).expect("removed");
    }
}
