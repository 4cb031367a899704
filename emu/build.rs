//! Generates the instruction semantics from the specification (see `src/interp.rs`).

use std::{env, fs, path::Path};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR")?;
    let source = isa_spec::codegen::interpreter(isa_spec::Isa::builtin());
    fs::write(Path::new(&out).join("interp.rs"), source)?;
    Ok(())
}
