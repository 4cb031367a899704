//! The commands of a private installation: its rustc, run with its own libc, and a static linker.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::GuestRust;

/// The installation in `prefix` as a compiler.
pub fn guest_rust(prefix: &Path, origin: &str) -> GuestRust {
    GuestRust {
        rustc: Some(prefix.join("bin/rustc-riscv")),
        linker: prefix.join("bin/riscv-static-ld"),
        flags: vec!["-C".to_string(), "linker-flavor=ld.lld".to_string()],
        origin: origin.to_string(),
    }
}

/// Writes both commands. They are shell scripts because cargo takes programs, not command lines.
pub fn write(prefix: &Path) -> Result<()> {
    let usr = prefix.join("root/usr");
    let host_libs = usr.join("lib/x86_64-linux-gnu");
    let lld = only(&usr.join("lib"), |n| n.starts_with("llvm-"))?.join("bin/lld");
    let libgcc = only(&usr.join("lib/gcc-cross/riscv64-linux-gnu"), |_| true)?;
    let bin = prefix.join("bin");
    fs::create_dir_all(&bin).with_context(|| format!("cannot make {}", bin.display()))?;
    let start = format!(
        "exec {} --library-path {}",
        quoted(&host_libs.join("ld-linux-x86-64.so.2")),
        quoted(&host_libs)
    );
    script(
        &bin.join("rustc-riscv"),
        &format!("{start} {} --sysroot {} \"$@\"\n", quoted(&usr.join("bin/rustc")), quoted(&usr)),
    )?;
    // rustc asks for a bare lld; what a C compiler would add (start files, libc) is added here, unless the
    // program says that it wants none. `-flavor gnu`, which rustc passes first, is set once below.
    let linker = format!(
        r#"libc={libc} libgcc={libgcc} bare=
n=$#
while [ "$n" -gt 0 ]; do
  arg=$1; shift; n=$((n - 1))
  case $arg in
    -nostartfiles|-nostdlib) bare=1 ;;
    -flavor|gnu) ;;
    *) set -- "$@" "$arg" ;;
  esac
done
if [ -z "$bare" ]; then
  set -- -L"$libc" -L"$libgcc" "$libc/crt1.o" "$libc/crti.o" "$libgcc/crtbeginT.o" "$@" \
    --start-group -lc -lgcc -lgcc_eh --end-group "$libgcc/crtend.o" "$libc/crtn.o"
fi
{start} {lld} -flavor gnu -m elf64lriscv -X "$@"
"#,
        libc = quoted(&usr.join("riscv64-linux-gnu/lib")),
        libgcc = quoted(&libgcc),
        lld = quoted(&lld),
    );
    script(&bin.join("riscv-static-ld"), &linker)
}

/// The one entry of `dir` whose name fits.
fn only(dir: &Path, fits: impl Fn(&str) -> bool) -> Result<PathBuf> {
    let listing = fs::read_dir(dir).with_context(|| format!("the packages brought no {}", dir.display()))?;
    let mut found: Vec<PathBuf> =
        listing.flatten().filter(|e| fits(&e.file_name().to_string_lossy())).map(|e| e.path()).collect();
    found.sort();
    found.pop().with_context(|| format!("{} lacks what was expected in it", dir.display()))
}

fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', "'\\''"))
}

fn script(path: &Path, body: &str) -> Result<()> {
    fs::write(path, format!("#!/bin/sh\n{body}"))
        .with_context(|| format!("cannot write {}", path.display()))?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("cannot make {} executable", path.display()))
}
