//! The map that tells the host's `perf` which guest code translated code is: `/tmp/perf-PID.map`, a line for each piece
//! of code with its address and size in hexadecimal and its name (Linux, tools/perf/Documentation/jit-interface.txt).

use crate::engine::Translations;
use crate::loader::Names;
use std::fmt::Write as _;
use std::path::PathBuf;

/// The map of this process.
fn path() -> PathBuf {
    format!("/tmp/perf-{}.map", std::process::id()).into()
}

/// Writes the map of what is translated now: `function+offset@pc`. Code that was thrown away before is not in it.
pub(crate) fn write(translations: &Translations, names: &mut Names) {
    let mut text = String::new();
    translations.for_each_code(&mut |pc, host, len| {
        let symbol = names.describe(pc).unwrap_or_else(|| names.place(pc));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{host:x} {len:x} {symbol}@{pc:x}");
    });
    if let Err(e) = std::fs::write(path(), text) {
        log::warn!("--perf-map: {}: {e}", path().display());
    }
}
