//! The map that tells the host's `perf` which guest code translated code is: `/tmp/perf-PID.map`, a line for each piece
//! of code with its address and size in hexadecimal and its name (Linux, tools/perf/Documentation/jit-interface.txt).

use crate::engine::Engine;
use crate::loader::Names;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

/// The map of this process.
fn path() -> PathBuf {
    format!("/tmp/perf-{}.map", std::process::id()).into()
}

/// Begins an empty map.
pub(crate) fn begin() {
    if let Err(e) = std::fs::write(path(), "") {
        log::warn!("--perf-map: {}: {e}", path().display());
    }
}

/// Adds what an engine has translated: `function+offset@pc`. Code that was thrown away before is not in the map.
pub(crate) fn add(engine: &Engine, names: &mut Names) {
    let mut text = String::new();
    engine.for_each_code(&mut |pc, host, len| {
        let symbol = names.describe(pc).unwrap_or_else(|| names.place(pc));
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{host:x} {len:x} {symbol}@{pc:x}");
    });
    let file = OpenOptions::new().append(true).create(true).open(path());
    if let Err(e) = file.and_then(|mut file| file.write_all(text.as_bytes())) {
        log::warn!("--perf-map: {}: {e}", path().display());
    }
}
