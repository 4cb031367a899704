//! `mj setup`: installs what guest programs are built with.

use anyhow::Result;

use crate::setup;

/// Install the Rust target that guest programs are built for
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Guests (the Python of `mj python` and `mj bench`) are Rust programs for \
        riscv64gc-unknown-linux-gnu. If rustup's own target for it and a riscv64 linker are installed, they are \
        used. Otherwise this unpacks Debian's rustc, riscv64 standard library, lld and static libc into a \
        private directory, from the mirror that this machine's apt uses: about 130 MB to download, no root, no \
        change to the system. Commands that need it do this by themselves.",
    after_help = "Examples:\n  \
        mj setup\n  \
        mj setup --check                  only say what there is\n  \
        MJ_GUEST_RUST=/opt/guest mj setup   into a directory of your choice"
)]
pub struct Args {
    /// Only say what is installed; status 1 if nothing usable is
    #[arg(long)]
    check: bool,
    /// Install again although it is complete
    #[arg(long)]
    force: bool,
}

pub fn main(args: &Args) -> Result<u8> {
    if args.check {
        return match setup::find()? {
            Some(found) => {
                super::print(&format!("{found}\n"))?;
                Ok(0)
            }
            None => {
                super::print("no riscv64 Rust target is set up; `mj setup` does it\n")?;
                Ok(1)
            }
        };
    }
    let found = setup::ensure(args.force)?;
    super::print(&format!("{found}\n"))?;
    Ok(0)
}
