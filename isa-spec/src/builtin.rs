//! The built-in instruction set, as the build script stored it.

use crate::model::{Csr, Insn, Isa};
use std::sync::OnceLock;

/// Instructions and CSRs of `spec/*.yaml`, read and checked at build time; see `build.rs`.
const STORED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/builtin.bin"));

/// The files of the built-in extensions, as (name from the package's folder, text), in the order of instruction ids: every file
/// of `spec`.
pub const BUILTIN_FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/builtin_files.rs"));

impl Isa {
    /// The built-in ISA: RV64GC, more ratified extensions, and the `Xmj` ones. Made at the first call, which takes
    /// about two milliseconds.
    pub fn builtin() -> &'static Isa {
        static ISA: OnceLock<Isa> = OnceLock::new();
        ISA.get_or_init(|| {
            // The bytes are what the same version of the library wrote; reading them cannot fail.
            let (insns, csrs): (Vec<Insn>, Vec<Csr>) = postcard::from_bytes(STORED).unwrap_or_default();
            debug_assert!(!insns.is_empty());
            Isa::new(insns, csrs)
        })
    }
}
